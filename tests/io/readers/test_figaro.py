"""FIGARO: both forms and types, a public fixture and public headers verbatim, bad files."""

import subprocess
import sys
import textwrap
import warnings
import zipfile

import numpy as np
import pytest

from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    NonFiniteError,
    NotAvailableError,
    TableWarning,
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.figaro import READER, role
from tests.io.writers import PEAK_MEMORY, figaro, sample

# Verbatim, the whole file: github.com/jalonso1979/puremacro,
# commit fc8c65842d48e29a3cf3013026188dc42c178c9c, tests/fixtures/trade/mrio/figaro_2c2s_26ed.csv
PUBLIC = """\
rowLabels,AT_A01,AT_C10T12,FIGW1_A01,FIGW1_C10T12,AT_P3_S13,AT_P3_S14,AT_P3_S15,AT_P51G,AT_P5M,FIGW1_P3_S13,FIGW1_P3_S14,FIGW1_P3_S15,FIGW1_P51G,FIGW1_P5M
AT_A01,10,30,2,0,2,40,1,3,-0.3,0.5,6,0,1,0.2
AT_C10T12,5,20,3,0,4,60,2,8,1,0,0,-0.0005,2,0.5
FIGW1_A01,4,6,15,0,0.2,7,0,0.5,0,3,50,1.5,6,-1.2
FIGW1_C10T12,0,0,0,0,0,0,0,0,0,0,-0.001,0,0,0
W2_D21X31,3,5.5,2,0.001,0.1,4,0.2,0.5,0.05,0.3,5,0.1,0.6,-0.02
W2_OP_RES,0,0,0,0,0,1.5,0,0,0,0,0.8,0,0,0
W2_OP_NRES,0,0,0,0,0,-1.1,0,0,0,0,-1.2,0,0,0
W2_D1,40,30,45,0,0,0,0,0,0,0,0,0,0,0
W2_D29X39,-1.4,1,0.5,0,0,0,0,0,0,0,0,0,0,0
W2_B2A3G,34.8,12.9995,24.5,0,0,0,0,0,0,0,0,0,0,0
"""
# Columns of the flat form, from github.com/it-is-me-mario/MARIO,
# commit 93dc129ac76337cf5cd301598d7de004aa988c32, tests/test_figaro_parser.py
FLAT_INDUSTRY = "icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue"
FLAT_PRODUCT = "iciopRow,iciopCol,refArea,rowPp,counterpartArea,colPp,obsValue"
NAME = "matrix_eu-ic-io_ind-by-ind_24ed_2022.csv"


def read(path, year=None, **options):
    return READER.read(Archive(path), year, **options)


@pytest.fixture
def table():
    return sample(("AT", "CN", "FIGW1", "US"), ("A01", "C10T12", "P85"))


@pytest.fixture
def products():
    return sample(("AT", "CN", "FIGW1", "US"), ("CPA_A01", "CPA_C10T12", "CPA_P85"))


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error", TableWarning)
        yield


def _same(got, table):
    rows, columns, values = figaro.cells(table)
    n = len(table.x)
    assert [f"{r}_{s}" for r, s in got.index.pairs] == rows[:n]
    assert [f"{r}_{c}" for r in got.regions for c in got.categories] == columns[n:]
    assert np.array_equal(got.Z, values[:n, :n]) and np.array_equal(got.Y, values[:n, n:])
    assert got.value_added_rows == ("W2_D1", "W2_D29X39", "W2_B2A3G")
    assert np.array_equal(got.value_added, values[n + 3 :, :n])
    assert got.other_inputs.labels == ("W2_D21X31", "W2_OP_RES", "W2_OP_NRES")
    assert np.array_equal(got.other_inputs.values, values[n : n + 3, :n])
    assert np.array_equal(got.other_inputs.final_demand, values[n : n + 3, n:])
    assert got.other_inputs.final_demand[1].any() and got.other_inputs.final_demand[2].any()
    assert got.other_uses is None and (got.money_unit, got.price_basis) == ("million EUR", "basic")


def test_the_matrix_form_reads_back_to_the_last_bit(tmp_path, table, quiet):
    path = figaro.write_matrix(tmp_path / NAME, table)
    assert READER.recognises(Archive(path)) and READER.years(Archive(path)) == (2022,)
    got = read(path)
    _same(got, table)
    assert got.table_type == "industry-by-industry" and got.notes == ()
    assert (got.provenance.dataset, got.provenance.edition) == ("figaro-2022", "2024")


def test_products(tmp_path, products, quiet):
    got = read(
        figaro.write_matrix(tmp_path / "matrix_eu-ic-io_prod-by-prod_24ed_2022.csv", products)
    )
    _same(got, products)
    assert got.table_type == "product-by-product" and got.sectors[0] == "CPA_A01"


@pytest.mark.parametrize("by", ["industry", "product"])
def test_the_flat_form_holds_the_same(tmp_path, table, products, quiet, by):
    one = table if by == "industry" else products
    kind = "ind-by-ind" if by == "industry" else "prod-by-prod"
    name = f"flatfile_eu-ic-io_{kind}_25ed_2023.csv"
    path = figaro.write_flat(tmp_path / name, one, products=by == "product")
    assert path.read_text().splitlines()[0] == (FLAT_INDUSTRY if by == "industry" else FLAT_PRODUCT)
    with zipfile.ZipFile(tmp_path / "flat.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, name)
    archive = Archive(tmp_path / "flat.zip")
    assert READER.recognises(archive) and READER.years(archive) == (2023,)
    _same(READER.read(archive), one)


def test_a_public_file_verbatim(tmp_path):
    path = tmp_path / "figaro_2c2s_26ed.csv"
    path.write_text(PUBLIC)
    assert READER.recognises(Archive(path))
    with pytest.warns(TableWarning, match="FIGW1 C10T12"):
        got = read(path, 2024)
    # FIGW1_C10T12 has an output of -0.001 from rounding: zero, and said so; the cell stays
    assert got.x[3] == 0 and got.Y[3, 6] == -0.001
    assert "negative by rounding" in got.provenance.steps[0] and got.notes[0].text
    path.write_text(PUBLIC.replace("-0.001,", "-0.1,"))
    with (
        pytest.raises(InputError, match=r"negative gross output(?s:.*)FIGW1 C10T12"),
        pytest.warns(TableWarning),
    ):
        read(path, 2024)
    assert got.regions == ("AT", "FIGW1") and got.sectors == ("A01", "C10T12") and got.year == 2024
    assert got.Z[0].tolist() == [10, 30, 2, 0] and got.Y[2, 9] == -1.2
    assert got.other_inputs.final_demand[2].tolist() == [0, -1.1, 0, 0, 0, 0, -1.2, 0, 0, 0]
    assert got.value_added[:, 1].tolist() == [30, 1, 12.9995]


def test_regions_as_iso3_on_request(tmp_path, table):
    got = read(figaro.write_matrix(tmp_path / NAME, table), codes="iso3")
    assert got.regions == ("AUT", "CHN", "ROW", "USA")
    assert any("ISO 3166" in step for step in got.provenance.steps)


def test_what_has_to_be_chosen(tmp_path, table, products):
    figaro.write_matrix(tmp_path / NAME, table)
    figaro.write_matrix(tmp_path / "matrix_eu-ic-io_prod-by-prod_24ed_2022.csv", products)
    with pytest.raises(NotAvailableError, match="by industry and by product"):
        read(tmp_path)
    assert read(tmp_path, type="product").table_type == "product-by-product"
    assert read(tmp_path, type="industry").table_type == "industry-by-industry"
    figaro.write_matrix(tmp_path / "matrix_eu-ic-io_ind-by-ind_25ed_2022.csv", table)
    with pytest.raises(NotAvailableError, match="2 editions of 2022"):
        read(tmp_path, type="industry")
    with pytest.raises(InputError, match="unknown type"):
        read(tmp_path, type="sector")


def test_cells_of_the_flat_form_that_are_missing_doubled_or_bad(tmp_path, table):
    path = figaro.write_flat(tmp_path / "flatfile_eu-ic-io_ind-by-ind_25ed_2023.csv", table)
    lines = path.read_text().splitlines()
    at = next(k for k, line in enumerate(lines) if line.startswith("CN_A01,US_P51G"))
    path.write_text("\n".join(lines[:at] + lines[at + 1 :]))
    with pytest.raises(NonFiniteError, match=r"1 of 576 cells(?s:.*)CN_A01; US_P51G"):
        read(path)
    with pytest.warns(TableWarning, match="output of the file"):
        got = read(path, absent="zero")
    assert "1 cells have no row" in got.notes[0].text and got.provenance.steps
    path.write_text("\n".join([*lines, lines[at]]))
    with pytest.raises(LabelError, match=r"stands twice(?s:.*)CN_A01; US_P51G"):
        read(path)
    broken = lines[at].rpartition(",")[0]
    path.write_text("\n".join([*lines[:at], f"{broken},x", *lines[at + 1 :]]))
    with pytest.raises(InputError, match="cannot be read"):
        read(path)
    path.write_text("\n".join([*lines[:at], f"{broken},", *lines[at + 1 :]]))
    with pytest.raises(NonFiniteError, match="CN_A01; US_P51G"):
        read(path)
    path.write_text("\n".join(line for line in lines if not line.startswith("CN_A01,")))
    with pytest.raises(LabelError, match="only in columns CN_A01"):
        read(path)


def test_hostile_matrices(tmp_path, table, quiet):
    path = figaro.write_matrix(tmp_path / NAME, table)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("US_P85")))
    with pytest.raises(LabelError, match="no row: US_P85"):
        read(path)
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]))
    got = read(path)  # order changes nothing but the order of the rows that follow
    assert np.array_equal(got.Z, table.Z)
    # an extra column that is no region's is carried, and named
    wide = [lines[0] + ",STAT_DISC".replace("STAT_", ""), *(f"{line},0" for line in lines[1:])]
    path.write_text("\n".join(wide))
    assert read(path).other_uses.labels == ("DISC",)
    path.write_text("\n".join([lines[0] + ",AT_P9", *(f"{line},0" for line in lines[1:])]))
    with pytest.raises(LabelError, match="P9"):
        read(path)
    figaro.write_matrix(path, table, separator=";", decimal=",")
    assert np.array_equal(read(path).Z, table.Z)


def test_truncated_zip(tmp_path, table):
    path = figaro.write_matrix(tmp_path / NAME, table)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, NAME)
    cut = tmp_path / "cut.zip"
    cut.write_bytes((tmp_path / "a.zip").read_bytes()[:-30])
    with pytest.raises(DataFileError, match="truncated"):
        read(cut)


def test_roles_and_other_formats(tmp_path):
    assert role("AT_P85").kind == "industry" and role("AT_P5M").kind == "demand"
    assert role("W2_D1").kind == "value added" and role("FIGW1_CPA_A01").region == "FIGW1"
    (tmp_path / "2020_SML.csv").write_text("V1,AUS_A01,AUS_HFCE,OUT\nAUS_A01,1,1,2\n")
    (tmp_path / "flatfile_eu-ic-use_24ed_2022.csv").write_text("icuseRow,icuseCol,refArea\n")
    assert not READER.recognises(Archive(tmp_path))


MEASURE = """
    import sys, time, warnings
    from pathlib import Path
    warnings.simplefilter("ignore")
    import pandas
    from mriocarbon.io.archive import Archive
    from mriocarbon.io.readers.figaro import READER
    READER.read(Archive(Path(sys.argv[2])))
    base = peak_memory()
    start = time.perf_counter()
    got = READER.read(Archive(Path(sys.argv[1])))
    held = sum(a.nbytes for a in (got.Z, got.Y, got.x, got.value_added)) + sum(
        a.nbytes for a in (got.other_inputs.values, got.other_inputs.final_demand))
    peak = peak_memory()
    print((peak - base) / held, held / 1e6, time.perf_counter() - start)
"""


def write_large(path, n_regions, n_sectors=64, *, flat=False):
    regions = [f"{chr(65 + k // 26)}{chr(65 + k % 26)}" for k in range(n_regions)]
    labels = [f"{r}_A{s:02d}" for r in regions for s in range(n_sectors)]
    demand = [f"{r}_{c}" for r in regions for c in figaro.USES]
    rows = [*labels, *(f"W2_{s}" for s in figaro.SIDES)]
    values = [f"{v:.6f}" for v in np.random.default_rng(0).random(len(labels) + len(demand)) * 100]
    with path.open("w") as file:
        if flat:
            file.write(FLAT_INDUSTRY + "\n")
            tails = [f",{c.replace('_', ',', 1)},{v}\n" for c, v in zip(
                [*labels, *demand], values, strict=True)]  # fmt: skip
            columns = [*labels, *demand]
            for row in rows:
                mid = row.replace("_", ",", 1)
                file.writelines(f"{row},{c},{mid}{t}" for c, t in zip(columns, tails, strict=True))
        else:
            file.write(",".join(["rowLabels", *labels, *demand]) + "\n")
            cells = ",".join(values)
            file.writelines(f"{row},{cells}\n" for row in rows)
    return path


def test_peak_memory_is_at_most_1_6_times_the_table(tmp_path, table):
    large = write_large(tmp_path / NAME, 46)  # 2,944 industries, as FIGARO has
    small = figaro.write_matrix(tmp_path / NAME.replace("2022", "2021"), table)
    done = subprocess.run(
        [sys.executable, "-c", PEAK_MEMORY + textwrap.dedent(MEASURE), str(large), str(small)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert float(done.stdout.split()[0]) < 1.6, done.stdout
