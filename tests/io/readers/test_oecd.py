"""OECD ICIO: round trips of the official layout, pymrio as oracle, verbatim headers, bad files."""

import dataclasses
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
    ShapeError,
    TableWarning,
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.oecd import READER, role
from tests.io.writers import PEAK_MEMORY, oecd, sample, text

# The header and the first row's label of a file of the 2018 edition, verbatim, from
# github.com/IndEcol/pymrio, commit d72528d4b6efc5cccb11d8c438e6101d2e92343d,
# tests/mock_mrios/oecd_mock/ICIO2018_2010.CSV (also its last three row labels).
HEADER_2018 = ",AUS_01T03,AUS_05T06,AUS_07T08,AUS_09,AUS_10T12,AUS_13T15,AUS_16,AUS_17T18,BEL_01T03,BEL_05T06,BEL_07T08,BEL_09,BEL_10T12,BEL_13T15,BEL_16,BEL_17T18,MEX_01T03,MEX_05T06,MEX_07T08,MEX_09,MEX_10T12,MEX_13T15,MEX_16,MEX_17T18,MX1_01T03,MX1_05T06,MX1_07T08,MX1_09,MX1_10T12,MX1_13T15,MX1_16,MX1_17T18,BRA_01T03,BRA_05T06,BRA_07T08,BRA_09,BRA_10T12,BRA_13T15,BRA_16,BRA_17T18,COL_01T03,COL_05T06,COL_07T08,COL_09,COL_10T12,COL_13T15,COL_16,COL_17T18,AUS_HFCE,AUS_NPISH,AUS_GGFC,AUS_INVNT,AUS_P33,BEL_HFCE,BEL_NPISH,BEL_GGFC,BEL_INVNT,BEL_P33,MEX_HFCE,MEX_NPISH,MEX_GGFC,MEX_INVNT,MEX_P33,BRA_HFCE,BRA_NPISH,BRA_GGFC,BRA_INVNT,BRA_P33,COL_HFCE,COL_NPISH,COL_GGFC,COL_INVNT,COL_P33,TOTAL"  # noqa: E501
LAST_ROWS_2018 = ("COL_TAXSUB", "VALU", "OUTPUT")
# The same commit, ICIO2016_2003.csv: quoted, categories first, a discrepancy; shortened to the
# labels of two regions.
HEADER_2016 = '"","AUS_C01T05AGR","AUS_C10T14MIN","CHN_C01T05AGR","CHN_C10T14MIN","CN1_C01T05AGR","CN1_C10T14MIN","HFCE_AUS","HFCE_CHN","NPS_AUS","NPS_CHN","GGFC_AUS","GGFC_CHN","GFCF_AUS","GFCF_CHN","INV_AUS","INV_CHN","DIRP_AUS","DIRP_CHN","DISC"'  # noqa: E501
# Of the 2023 edition, as github.com/jalonso1979/puremacro, commit
# cd3a806c6d4feec1b5ed78a9181ed80a2f0e51eb, puremacro/trade/_oecd_icio.py has them: these six,
# rows TLS, VA, OUT and column OUT.
CATEGORIES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")


def read(path, year=None, **options):
    return READER.read(Archive(path), year, **options)


@pytest.fixture
def table():
    return sample()


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error", TableWarning)
        yield


@pytest.mark.parametrize(
    ("first", "total_row", "total_column"),
    [("V1", "OUT", "OUT"), ("", "OUTPUT", "TOTAL"), ("V1", "OUT", "TOTAL"), ("", "TOTAL", "OUT")],
)
def test_the_official_layout_reads_back_to_the_last_bit(
    tmp_path, table, quiet, first, total_row, total_column
):
    path = oecd.write(
        tmp_path / "2020_SML.csv", table, first=first, total_row=total_row,
        total_column=total_column,
    )  # fmt: skip
    assert READER.recognises(Archive(path)) and READER.years(Archive(path)) == (2020,)
    got = read(path)
    assert (got.regions, got.sectors, got.categories) == (table.regions, table.sectors, CATEGORIES)
    assert np.array_equal(got.Z, table.Z) and np.array_equal(got.Y, table.Y)
    assert np.array_equal(got.x, table.x) and np.array_equal(got.value_added, table.VA[None])
    assert got.value_added_rows == ("VA",) and got.other_inputs.labels == ("TLS",)
    assert np.array_equal(got.other_inputs.row("TLS"), table.TLS)
    assert np.array_equal(got.other_inputs.final_demand, table.TLS_Y[None])
    assert got.other_uses is None and got.notes == ()
    assert (got.year, got.money_unit, got.price_basis) == (2020, "million USD", "basic")
    assert got.table_type == "industry-by-industry"
    assert got.provenance.dataset == "oecd-icio-2020" and got.provenance.sources


def test_the_whole_embedded_table_reads_back(tmp_path):
    import mriocarbon as mc

    real = mc.load("oecd-icio-2022")
    regions = [r.replace("EU27", "EUX") for r in real.regions]  # codes have three letters
    full = sample(regions, real.sectors, zero=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        got = read(oecd.write(tmp_path / "2022_SML.csv", full))
    assert np.array_equal(got.Z, real.Z) and np.array_equal(got.value_added[0], full.VA)
    assert np.array_equal(got.Y, full.Y)


def test_several_years_in_one_zip(tmp_path, table):
    arrays = ("Z", "Y", "x", "VA", "TLS", "TLS_Y")
    later = dataclasses.replace(table, **{k: getattr(table, k) * 2 for k in arrays})
    for year, one in ((2019, table), (2020, later)):
        oecd.write(tmp_path / f"{year}_SML.csv", one)
    whole = tmp_path / "ICIO-2016-2020.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for year in (2019, 2020):
            archive.write(tmp_path / f"{year}_SML.csv", f"tables/{year}_SML.csv")
        archive.writestr("ReadMe.txt", "about")
    assert READER.years(Archive(whole)) == (2019, 2020)
    assert np.array_equal(read(whole, 2020).Z, later.Z)
    assert np.array_equal(read(whole, 2019).Z, table.Z)
    with pytest.raises(NotAvailableError, match="several years"):
        read(whole)
    with pytest.raises(NotAvailableError, match="no year 1999"):
        read(whole, 1999)


PARTS = {"CHN": ("CN1", "CN2"), "MEX": ("MX1", "MX2")}


def _extended(tmp_path, table):
    path = tmp_path / "2020.csv"
    path.write_text(text(oecd.extended_rows(table, PARTS)))
    return path


def test_split_rows_are_regions_of_their_own(tmp_path, table, quiet):
    got = read(_extended(tmp_path, table))
    assert got.regions == ("AUS", "ROW", "CN1", "CN2", "MX1", "MX2", "CHN", "MEX")
    S = len(table.sectors)
    china = slice(6 * S, 7 * S)
    assert not got.x[china].any() and not got.Z[china].any() and not got.Z[:, china].any()
    C = len(CATEGORIES)
    assert not got.Y[:, 2 * C : 6 * C].any()  # the parts demand nothing
    # what China demands of Australia is what the regular table says
    assert np.allclose(got.Y[:S, 6 * C : 7 * C], table.Y[:S, C : 2 * C], rtol=1e-14)
    parts = got.x[2 * S : 3 * S] + got.x[3 * S : 4 * S]
    assert np.allclose(parts, table.x[S : 2 * S], rtol=1e-14)
    assert any("CN1, CN2, MX1, MX2" in note.text for note in got.notes)


def test_the_parts_merge_to_the_whole_as_a_named_step(tmp_path, table, quiet):
    got = read(_extended(tmp_path, table), split="merge")
    order = [got.regions.index(r) for r in table.regions]
    S, C = len(table.sectors), len(CATEGORIES)
    rows = np.concatenate([np.arange(r * S, (r + 1) * S) for r in order])
    cols = np.concatenate([np.arange(r * C, (r + 1) * C) for r in order])
    assert sorted(got.regions) == sorted(table.regions)
    assert np.allclose(got.Z[np.ix_(rows, rows)], table.Z, rtol=1e-13)
    assert np.allclose(got.Y[np.ix_(rows, cols)], table.Y, rtol=1e-13)
    assert np.allclose(got.x[rows], table.x) and np.allclose(got.value_added[0, rows], table.VA)
    assert np.allclose(got.other_inputs.final_demand[0, cols], table.TLS_Y)
    assert got.provenance.steps == ("CN1 + CN2 summed to CHN", "MX1 + MX2 summed to MEX")
    with pytest.raises(InputError, match="unknown split"):
        read(_extended(tmp_path, table), split="both")


def test_regular_and_extended_of_one_year_have_to_be_told_apart(tmp_path, table):
    oecd.write(tmp_path / "2020_SML.csv", table)
    _extended(tmp_path, table)
    with pytest.raises(NotAvailableError, match="2 tables of 2020"):
        read(tmp_path)
    assert read(tmp_path, extended=False).regions == table.regions
    assert "CN1" in read(tmp_path, extended=True).regions


def test_pymrio_reads_the_same_numbers(tmp_path, table, quiet):
    import pymrio

    path = tmp_path / "ICIO2023_2020.csv"
    path.write_text(text(oecd.extended_rows(table, PARTS)))
    # pymrio merges only where the wholes have (empty) industries, as in older editions
    regular = oecd.write(tmp_path / "ICIO2021_2018.csv", table)
    theirs, ours = pymrio.parse_oecd(regular), read(regular)
    pairs = list(ours.index.pairs)
    assert np.array_equal(theirs.Z.loc[pairs, pairs].to_numpy(), ours.Z)
    columns = [(r, c) for r in ours.regions for c in ours.categories]
    assert np.array_equal(theirs.Y.loc[pairs, columns].to_numpy(), ours.Y)
    F, F_Y = theirs.factor_inputs.F, theirs.factor_inputs.F_Y
    assert np.array_equal(F.loc["VA", pairs].to_numpy(), ours.value_added[0])
    assert np.array_equal(F.loc["TLS", pairs].to_numpy(), ours.other_inputs.row("TLS"))
    assert np.array_equal(F_Y.loc["TLS", columns].to_numpy(), ours.other_inputs.final_demand[0])
    assert ours.provenance.edition == "2021" and ours.year == 2018


def _verbatim(header, rows_below, last):
    """A file under a verbatim header: ones everywhere, so that totals can be told by hand."""
    labels = [c.strip('"') for c in header.split(",")]
    lines = [header]
    for label in [*rows_below, *last]:
        lines.append(",".join([label, *(["1"] * (len(labels) - 1))]))
    return "\n".join(lines) + "\n", labels


def test_verbatim_header_of_the_2018_edition(tmp_path):
    industries = [k for k in HEADER_2018.split(",")[1:] if role(k).kind == "industry"]
    assert len(industries) == 48
    content, _ = _verbatim(HEADER_2018, industries, LAST_ROWS_2018)
    path = tmp_path / "ICIO2018_2010.CSV"
    path.write_text(content)
    assert READER.recognises(Archive(path))
    with pytest.warns(TableWarning):
        got = read(path)
    assert got.regions == ("AUS", "BEL", "MEX", "MX1", "BRA", "COL")
    assert got.categories == ("HFCE", "NPISH", "GGFC", "INVNT", "P33")
    assert got.other_inputs.labels == ("COL_TAXSUB", "VALU (final demand)")
    assert got.value_added_rows == ("VALU",) and got.provenance.edition == "2018"
    assert got.year == 2010 and got.Y.sum() == 48 * 25  # MX1 demands nothing
    # the file of ones does not add up, and each total that does not is told
    assert any("row OUTPUT" in note.text for note in got.notes)
    assert any("column TOTAL" in note.text for note in got.notes)


def test_verbatim_labels_of_the_2016_edition_with_its_discrepancy(tmp_path):
    labels = [c.strip('"') for c in HEADER_2016.split(",")]
    rows = [k for k in labels[1:] if role(k).kind == "industry"]
    content, _ = _verbatim(HEADER_2016, [f'"{k}"' for k in rows], ['"VA"'])
    path = tmp_path / "ICIO2016_2003.csv"
    path.write_text(content)
    assert READER.recognises(Archive(path))
    with pytest.warns(TableWarning):
        got = read(path)
    assert got.categories == ("HFCE", "NPS", "GGFC", "GFCF", "INV", "DIRP")
    assert got.regions == ("AUS", "CHN", "CN1") and got.other_uses.labels == ("DISC",)
    assert got.other_uses.values.tolist() == [[1.0] * 6]
    assert np.array_equal(got.x, got.Z.sum(1) + got.Y.sum(1) + 1)  # the discrepancy balances rows
    assert any("DISC" in note.text for note in got.notes)  # VA has an entry there: it is told


def _edit(path, old, new, count=1):
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, count))
    return path


def test_a_missing_row_a_missing_column_and_a_doubled_one(tmp_path, table):
    path = oecd.write(tmp_path / "2020_SML.csv", table)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("CHN_B05_06")))
    with pytest.raises(LabelError, match="have no row: CHN_B05_06"):
        read(path)
    path.write_text("\n".join([*lines, lines[3]]))
    with pytest.raises(LabelError, match="stand twice: AUS_C10T12"):
        read(path)
    path.write_text("\n".join(line.rpartition(",")[0] for line in lines))  # no total column: fine
    assert np.allclose(read(path).x, table.x, rtol=1e-12)
    path.write_text("\n".join(lines).replace(",MEX_GFCF,", ",MEX_HFCE,", 1))
    with pytest.raises(LabelError, match="twice: MEX_HFCE"):
        read(path)
    path.write_text("\n".join(lines).replace("ROW_C10T12", "ROW_C13T15"))
    with pytest.raises(LabelError, match="C13T15"):
        read(path)


def test_reordered_rows_and_columns_change_nothing(tmp_path, table, quiet):
    grid = [list(row) for row in oecd.rows(table)]
    rng = np.random.default_rng(3)
    body = [0, *(1 + rng.permutation(len(grid[0]) - 1))]
    shuffled = [grid[0], *(grid[1 + k] for k in rng.permutation(len(grid) - 1))]
    path = tmp_path / "2020_SML.csv"
    path.write_text(text([[row[k] for k in body] for row in shuffled]))
    got = read(path)
    assert sorted(got.regions) == sorted(table.regions)
    at = [got.index.pairs.index(pair) for pair in table.pairs]
    assert np.array_equal(got.Z[np.ix_(at, at)], table.Z)
    assert np.array_equal(got.x[at], table.x)
    assert np.array_equal(got.other_inputs.row("TLS")[at], table.TLS)


def test_a_discrepancy_that_is_no_region_is_carried_and_balances(tmp_path, table, quiet):
    grid = [list(row) for row in oecd.rows(table)]
    gap = np.linspace(1.0, 12.0, len(table.x))
    grid[0].insert(-1, "DISC")
    for k, row in enumerate(grid[1:]):
        inside = k < len(gap)
        row.insert(-1, gap[k] if inside else 0.0)
        if inside:
            row[-1] += gap[k]
    for j in range(len(gap)):  # outlay follows output
        grid[-2][1 + j] += gap[j]
        grid[-1][1 + j] += gap[j]
    grid[-2][-1] += gap.sum()
    path = tmp_path / "2020_SML.csv"
    path.write_text(text(grid))
    got = read(path)
    assert got.other_uses.labels == ("DISC",) and np.array_equal(got.other_uses.values[0], gap)
    assert "DISC" not in got.regions and np.allclose(got.x, table.x + gap)


def test_a_wrong_total_is_told(tmp_path, table):
    grid = [list(row) for row in oecd.rows(table)]
    grid[-1][2] *= 1.01  # OUT of AUS_B05_06
    path = tmp_path / "2020_SML.csv"
    path.write_text(text(grid))
    with pytest.warns(TableWarning, match=r"row OUT of the file .* 1 of 12 .* AUS B05_06 by"):
        got = read(path)
    assert [note.text for note in got.notes if "row OUT" in note.text]
    assert np.array_equal(got.x, table.x)  # the column is the published output


def test_cells_that_are_empty_or_no_number_are_named(tmp_path, table):
    path = oecd.write(tmp_path / "2020_SML.csv", table)
    grid = [row.split(",") for row in path.read_text().splitlines()]
    grid[5][8] = ""
    path.write_text(text(grid))
    with pytest.raises(NonFiniteError, match=r"CHN_B05_06; MEX_B05_06"):
        read(path)
    grid[5][8] = "n.a."
    path.write_text(text(grid))
    with pytest.raises(InputError, match=r"'n.a.' is no number(?s:.*)CHN_B05_06.*MEX_B05_06"):
        read(path)
    grid[5][8] = "1"
    grid[6].append("7")
    path.write_text(text(grid))
    with pytest.raises(ShapeError, match="differ in length"):
        read(path)


def test_decimal_comma(tmp_path, table, quiet):
    path = oecd.write(tmp_path / "2020_SML.csv", table, separator=";", decimal=",")
    assert np.array_equal(read(path).Z, table.Z)


def test_a_truncated_zip_and_a_truncated_csv(tmp_path, table):
    path = oecd.write(tmp_path / "2020_SML.csv", table)
    whole = tmp_path / "icio.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(DataFileError, match="truncated"):
        read(cut)
    content = path.read_text()
    path.write_text(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"row|cells"):
        read(path)


def test_other_formats_are_not_claimed(tmp_path):
    for name, content in (
        ("2020.csv", "year,country,co2\n2020,AUS,1\n"),
        ("matrix_eu-ic-io_ind-by-ind_24ed_2022.csv", "rowLabels,AT_A01,AT_P3_S13\nAT_A01,1,2\n"),
        ("Z.csv", ",,A,A\nregion,sector,1,2\nA,1,1,1\n"),
        ("empty_2020.csv", ""),
    ):
        (tmp_path / name).write_text(content)
    assert not READER.recognises(Archive(tmp_path))


MEASURE = """
    import sys, time, warnings
    from pathlib import Path
    warnings.simplefilter("ignore")
    import numpy as np, pandas as pd
    from mriocarbon.io.archive import Archive
    from mriocarbon.io.readers.oecd import READER
    READER.read(Archive(Path(sys.argv[2])))  # imports and their caches
    base = peak_memory()
    start = time.perf_counter()
    got = READER.read(Archive(Path(sys.argv[1])))
    held = sum(a.nbytes for a in (got.Z, got.Y, got.x, got.value_added)) + sum(
        a.nbytes for a in (got.other_inputs.values, got.other_inputs.final_demand))
    peak = peak_memory()
    print((peak - base) / held, held / 1e6, time.perf_counter() - start)
"""


def write_large(path, n_regions=40, n_sectors=50):
    """A file of a real size class; one line of text serves all rows, so that it is quick."""
    regions = [f"R{k:02d}" for k in range(n_regions)]
    labels = [f"{r}_{s:02d}A" for r in regions for s in range(n_sectors)]
    demand = [f"{r}_{c}" for r in regions for c in CATEGORIES]
    n, m = len(labels), len(demand)
    cells = ",".join(f"{v:.6f}" for v in np.random.default_rng(0).random(n + m) * 100)
    with path.open("w") as file:
        file.write(",".join(["V1", *labels, *demand, "OUT"]) + "\n")
        for label in [*labels, "TLS", "VA", "OUT"]:
            file.write(f"{label},{cells},{(n + m) * 50}\n")
    return path


def test_peak_memory_is_at_most_1_6_times_the_table(tmp_path, table):
    large = write_large(tmp_path / "2021_SML.csv", 50, 50)  # 2,500 sectors
    small = oecd.write(tmp_path / "2020_SML.csv", table)
    done = subprocess.run(
        [sys.executable, "-c", PEAK_MEMORY + textwrap.dedent(MEASURE), str(large), str(small)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    ratio, _, _ = map(float, done.stdout.split())
    assert ratio < 1.6, done.stdout
