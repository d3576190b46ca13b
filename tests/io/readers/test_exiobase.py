"""EXIOBASE 3: written in the official layout, read back; the hostile variants; pymrio's word."""

import warnings

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    MriocarbonWarning,
    NonFiniteError,
    NotAvailableError,
    ShapeError,
    UnknownNameError,
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.exiobase import READER
from tests.io.writers import exiobase as writer

# The two header rows of EXIOBASE's F_hh.txt, verbatim (its first region), and the first cells of
# the first row: IndEcol/pymrio, tests/mock_mrios/exio3_mock/satellite/F_hh.txt and F.txt, commit
# 56264e92d9e7ae848bfa08edf34c8da6b03d18a3 (shape and names as of EXIOBASE 3.4).
CATEGORIES = (
    "category\tFinal consumption expenditure by households\tFinal consumption expenditure by"
    " non-profit organisations serving households (NPISH)\tFinal consumption expenditure by"
    " government\tGross fixed capital formation\tChanges in inventories\tChanges in valuables"
    "\tExport"
)
REGIONS = "region\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS"
F_REGIONS = "region\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS"
F_SECTORS = (
    "sector\tfood\tmining\tmanufactoring\telectricity\tconstruction\ttrade\ttransport\tother"
)
F_ROW = (
    "emission_type1\t1848064.8\t986448.09\t23613787\t28139100\t2584141.8\t4132656.3\t21766987"
    "\t7842090.6"
)
F_HH_ROW = "emission_type1\t62335321\t0\t0\t0\t0\t0\t0"


def small():
    """A region-complete part of the embedded table, closed: 4 regions, 50 sectors."""
    whole = mc.load("oecd-icio-2022")
    R, n = 4, 4 * len(whole.sectors)
    Z, Y = np.array(whole.Z[:n, :n]), np.array(whole.final_demand[:n, :R])
    exports = whole.Z[:n, n:].sum(axis=1) + whole.final_demand[:n, R:].sum(axis=1)
    Y = np.stack([Y * 0.7, Y * 0.3], axis=2)
    Y[:, 0, 1] += exports
    gases, ghg = whole.extensions["gases"], whole.extensions["GHG"]

    def of(e):
        F_Y = np.zeros((len(e.stressors), R, 2))
        F_Y[:, :, 0] = np.nan_to_num(e.F_Y[:, :R])
        return mc.Extension(
            e.name, e.stressors, np.array(e.F[:, :n]), e.units, F_Y.reshape(len(e.stressors), -1)
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        return mc.MRIO.from_arrays(
            Z=Z, Y=Y.reshape(n, -1), regions=whole.regions[:R], sectors=whole.sectors,
            categories=("Final consumption expenditure by households", "Changes in inventories"),
        ).replace_extensions(of(gases), of(ghg))  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return small()


@pytest.fixture(scope="module")
def members(table):
    return writer.files(table, extensions=writer.satellites(table))


def read(path, year=None, **options):
    archive = Archive(path)
    assert READER.recognises(archive)
    return READER.read(archive, year, **options)


def test_embedded_table_of_20_regions_reads_back_bit_for_bit(tmp_path):
    whole = mc.load("oecd-icio-2022")
    path = writer.as_zip(
        writer.files(whole, extensions=writer.satellites(whole)), tmp_path / "IOT_2022_ixi.zip"
    )
    got = read(path)
    for name in ("Z", "Y", "x"):
        np.testing.assert_array_equal(getattr(got, name), getattr(whole, name))
    assert got.index == whole.index
    assert (got.table_type, got.price_basis) == ("industry-by-industry", "basic")
    assert (got.money_unit, got.year) == ("million EUR", 2022)


def test_everything_is_carried(table, members, tmp_path):
    got = read(writer.as_zip(members, tmp_path / "x.zip", "IOT_2019_pxp/"))
    assert (got.year, got.table_type) == (2019, "product-by-product")
    labels, _, F, F_Y = writer.primary_inputs(table)
    # kinds apart: taxes on products are no value added; both are also in the extension
    assert got.value_added_rows == labels[1:]
    np.testing.assert_array_equal(got.value_added, F[1:])
    assert got.other_inputs.labels == labels[:1]
    np.testing.assert_array_equal(got.other_inputs.values, F[:1])
    np.testing.assert_array_equal(got.other_inputs.final_demand, F_Y[:1])
    assert set(got.extensions) == {"factor_inputs", "air_emissions", "impacts"}
    np.testing.assert_array_equal(got.extensions["factor_inputs"].F, F)
    gases = table.extensions["gases"]
    np.testing.assert_array_equal(got.extensions["air_emissions"].F, gases.F)
    np.testing.assert_array_equal(got.extensions["air_emissions"].F_Y, gases.F_Y)
    assert got.extensions["air_emissions"].units == gases.units
    assert got.notes == ()  # the columns close
    closed = got.Z.sum(axis=0) + got.value_added.sum(axis=0) + got.other_inputs.total
    np.testing.assert_allclose(closed, got.x, rtol=1e-9, atol=1e-6)


def test_same_numbers_as_pymrio(table, members, tmp_path):
    import pymrio

    parameters = {
        f"{folder}file_parameters.json": body
        for folder, body in (
            ("", _parameters("IOSystem", Z=2, Y=2, x=2, unit=2)),
            ("air_emissions/", _parameters("Extension", F=1, F_Y=1, unit=1)),
        )
    }
    wanted = {n: b for n, b in members.items() if "/" not in n or n.startswith("air_")}
    folder = writer.as_folder(wanted | parameters, tmp_path / "IOT_2022_ixi")
    theirs, ours = pymrio.parse_exiobase3(folder), read(folder)
    np.testing.assert_array_equal(ours.Z, theirs.Z.to_numpy())
    np.testing.assert_array_equal(ours.Y, theirs.Y.to_numpy())
    np.testing.assert_array_equal(ours.x, theirs.x.to_numpy()[:, 0])
    other = next(iter(theirs.get_extensions(data=True)))
    np.testing.assert_array_equal(ours.extensions["air_emissions"].F, other.F.to_numpy())
    np.testing.assert_array_equal(ours.extensions["air_emissions"].F_Y, other.F_Y.to_numpy())


def _parameters(kind, **indexes):
    import json

    header = {"Z": 2, "Y": 2, "F": 2, "F_Y": 2, "x": 1, "unit": 1}
    files = {
        name: {"name": f"{name}.txt", "nr_index_col": str(k), "nr_header": str(header[name])}
        for name, k in indexes.items()
    }
    return json.dumps({"systemtype": kind, "name": "EXIO3", "files": files})


def test_verbatim_header_of_the_public_file(tmp_path):
    units = "region\tsector\tunit\n"
    sectors = F_SECTORS.split("\t")[1:]
    zeros = "\t".join(["0"] * 8)
    header = (
        F_REGIONS.replace("region", "region\t") + "\n" + F_SECTORS.replace("sector", "sector\t")
    )
    demand = (
        REGIONS.replace("region", "region\t") + "\n" + CATEGORIES.replace("category", "category\t")
    )
    files = {
        "A.txt": header + "\n" + "".join(f"AUS\t{s}\t{zeros}\n" for s in sectors),
        "Y.txt": demand + "\n" + "".join(f"AUS\t{s}\t5\t0\t0\t1\t0\t0\t0\n" for s in sectors),
        "unit.txt": units + "".join(f"AUS\t{s}\tM.EUR\n" for s in sectors),
        "satellite/F.txt": f"{F_REGIONS}\n{F_SECTORS}\n{F_ROW}\n",
        "satellite/F_hh.txt": f"{REGIONS}\n{CATEGORIES}\n{F_HH_ROW}\n",
        "satellite/unit.txt": "stressor\tunit\nemission_type1\tkg\n",
    }
    got = read(writer.as_folder(files, tmp_path / "exio"), 2010)
    assert got.sectors[2] == "manufactoring" and got.categories[-1] == "Export"
    satellite = got.extensions["satellite"]
    assert satellite.F[0, :2].tolist() == [1848064.8, 986448.09]
    assert satellite.F_Y[0].tolist() == [62335321, 0, 0, 0, 0, 0, 0]
    assert got.x.tolist() == [6.0] * 8  # A = 0: output is final demand


@pytest.mark.parametrize("with_x", [True, False])
def test_A_in_place_of_Z_is_a_named_step(table, tmp_path, with_x):
    files = writer.files(table, flows="A", with_x=with_x, third=False)
    files |= {k: v for k, v in writer.files(
        table, extensions=writer.satellites(table), third=False, on_demand="F_hh").items()
        if "/" in k}  # fmt: skip
    got = read(writer.as_zip(files, tmp_path / "IOT_2011_ixi.zip", ""))
    np.testing.assert_allclose(got.x, table.x, rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(got.Z, table.Z, rtol=1e-11, atol=1e-6)
    assert "Z = A diag(x), for the archive holds A and not Z" in got.provenance.steps
    assert any("iterated" in s for s in got.provenance.steps) is not with_x
    np.testing.assert_array_equal(
        got.extensions["air_emissions"].F_Y, table.extensions["gases"].F_Y
    )


def test_reordered_labels_change_no_number(table, tmp_path):
    order = np.random.default_rng(1).permutation(len(table.index))
    # full product, other order: still one table
    files = writer.files(table, extensions=writer.satellites(table), order=order)
    got = read(writer.as_zip(files, tmp_path / "x.zip"))
    from mriocarbon.model.labels import positions

    p = positions(got.index.pairs, table.index.pairs, "sectors")
    np.testing.assert_array_equal(got.Z[np.ix_(p, p)], table.Z)
    np.testing.assert_array_equal(got.x[p], table.x)
    np.testing.assert_array_equal(
        got.extensions["air_emissions"].F[:, p], table.extensions["gases"].F
    )


def test_choice_of_extensions(members, tmp_path):
    path = writer.as_zip(members, tmp_path / "x.zip")
    got = read(path, extensions=["impacts"])
    assert set(got.extensions) == {"impacts"} and got.value_added is not None
    assert any("air_emissions" in s for s in got.provenance.steps)
    with pytest.raises(UnknownNameError, match="impacts"):
        read(path, extensions=["impact"])


def test_derived_files_are_named_and_not_read(members, tmp_path):
    path = writer.as_zip(members | {"air_emissions/D_cba.txt": "rubbish"}, tmp_path / "x.zip")
    assert any("air_emissions/D_cba.txt" in s for s in read(path).provenance.steps)


def test_decimal_comma(table, tmp_path):
    files = writer.files(table, extensions=writer.satellites(table), decimal=",")
    path = writer.as_zip(files, tmp_path / "x.zip")
    np.testing.assert_array_equal(read(path, decimal=",").Z, table.Z)


def test_two_systems_need_a_word(members, tmp_path):
    both = {f"IOT_2022_{k}/{n}": b for k in ("ixi", "pxp") for n, b in members.items()}
    path = writer.as_zip(both, tmp_path / "x.zip", "")
    with pytest.raises(NotAvailableError, match="system"):
        read(path)
    assert read(path, system="pxp").table_type == "product-by-product"
    with pytest.raises(NotAvailableError, match="2021"):
        read(path, 2021)


@pytest.mark.parametrize("lost", ["Y.txt", "unit.txt", "air_emissions/unit.txt"])
def test_missing_member(members, tmp_path, lost):
    files = {n: b for n, b in members.items() if n != lost}
    archive = Archive(writer.as_zip(files, tmp_path / "x.zip"))
    with pytest.raises(DataFileError, match=r"Y\.txt|unit"):
        READER.read(archive, 2022)


def _row(members, name, number, change):
    lines = members[name].split("\n")
    lines[number] = change(lines[number])
    return members | {name: "\n".join(lines)}


@pytest.mark.parametrize(
    ("name", "change", "error", "says"),
    [
        ("Z.txt", lambda line: line + "\t1.0", (ShapeError, InputError), "column"),
        ("Z.txt", lambda line: line.replace("EU27", "EU28", 1), LabelError, "EU28"),
        ("Z.txt", lambda line: line.rpartition("\t")[0] + "\t", NonFiniteError, "Z.txt"),
        ("Z.txt", lambda line: line.rpartition("\t")[0] + "\tx", InputError, "no number"),
        ("air_emissions/F.txt", lambda line: "CO3" + line[3:], LabelError, "CO3"),
        ("air_emissions/F.txt", lambda _: "CO2\t1", (ShapeError, InputError), "column"),
    ],
)
def test_a_broken_row_is_named(members, tmp_path, name, change, error, says):
    path = writer.as_zip(_row(members, name, 3, change), tmp_path / "x.zip")
    with pytest.raises(error) as caught:
        read(path)
    assert says in str(caught.value) and name in str(caught.value)


@pytest.mark.parametrize("name", ["Z.txt", "Y.txt", "x.txt", "air_emissions/F.txt"])
def test_a_lost_row_is_named(members, tmp_path, name):
    lines = members[name].splitlines()
    lost = lines.pop()
    files = members | {name: "\n".join(lines) + "\n"}
    with pytest.raises(LabelError) as caught:
        read(writer.as_zip(files, tmp_path / "x.zip"))
    assert name in str(caught.value) and lost.split("\t")[0] in str(caught.value)


def test_a_doubled_region_in_the_header(members, tmp_path):
    path = writer.as_zip(
        _row(members, "Z.txt", 1, lambda line: line.replace("A02", "A01", 1)), tmp_path / "x.zip"
    )
    with pytest.raises(LabelError, match="A01"):
        read(path)


def test_truncated_zip(members, tmp_path):
    path = writer.as_zip(members, tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DataFileError, match="truncated"):
        READER.recognises(Archive(path))


def test_an_all_zero_sector_stays(table, members, tmp_path):
    zero = np.flatnonzero(table.x == 0)
    assert len(zero)
    got = read(writer.as_zip(members, tmp_path / "x.zip"))
    assert (got.x[zero] == 0).all() and len(got.index) == len(table.index)


def test_money_in_another_unit_is_refused(members, tmp_path):
    files = members | {"unit.txt": members["unit.txt"].replace("M.EUR", "kEUR")}
    with pytest.raises(DataFileError, match="kEUR"):
        READER.read(Archive(writer.as_zip(files, tmp_path / "x.zip")), 2022)


def test_columns_that_do_not_close_are_told(table, tmp_path):
    extensions = writer.satellites(table)
    labels, units, F, F_Y = extensions["factor_inputs"]
    F = F.copy()
    F[2, 5] += 1e6
    extensions["factor_inputs"] = (labels, units, F, F_Y)
    got = read(writer.as_zip(writer.files(table, extensions=extensions), tmp_path / "x.zip"))
    assert any(table.index.name(5) in note.text for note in got.notes)


def test_a_folder_saved_by_pymrio_is_not_claimed(tmp_path):
    import pymrio

    pymrio.load_test().save_all(tmp_path / "saved")
    assert not READER.recognises(Archive(tmp_path / "saved"))


def test_an_interrupted_reading_goes_on(table, members, tmp_path, monkeypatch):
    from mriocarbon.io import numbers

    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(numbers, "RESUMABLE", 0)
    monkeypatch.setattr(numbers, "BLOCK", 1 << 16)
    path = writer.as_folder(members, tmp_path / "IOT_2022_ixi")
    whole, real = [], numbers._parsed

    def failing(*arguments):
        for k, block in enumerate(real(*arguments)):
            if k == 2 and not whole:
                raise KeyboardInterrupt
            yield block

    monkeypatch.setattr(numbers, "_parsed", failing)
    with pytest.raises(KeyboardInterrupt):
        read(path)
    assert list((tmp_path / "cache").rglob("*.f64"))
    whole.append(True)
    np.testing.assert_array_equal(read(path).Z, table.Z)
    assert not list((tmp_path / "cache").rglob("*.f64"))


def test_zips_of_several_years_are_a_series(members, tmp_path):
    from mriocarbon.io.read import read_series

    for year in (2020, 2021):
        writer.as_zip(members, tmp_path / f"IOT_{year}_ixi.zip", f"IOT_{year}_ixi/")
    series = read_series(tmp_path)
    assert series.years == (2020, 2021) and series[2021].year == 2021
