"""Eora26: written in the official layout, read back; the hostile variants; pymrio's word."""

import warnings
import zipfile

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
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.eora26 import READER
from tests.io.writers import eora26 as writer

# Verbatim rows of IndEcol/pymrio, tests/mock_mrios/eora26_mock/labels_T.txt, labels_FD.txt,
# labels_Q.txt and Eora26_2010_bp_VA.txt (first cells), commit
# d72528d4b6efc5cccb11d8c438e6101d2e92343d.
LABEL_T = "Region 1\treg1\tIndustries\tfood"
LABEL_FD = "Region 1\treg1\tFinal Demand\tFinal consumption expenditure by households"
LABEL_Q = "I-GHG-CO2 emissions (kg)\temission_type1"
VA_CELLS = "111490.88\t24314.351"


@pytest.fixture(scope="module")
def table():
    """Four regions of the embedded table, closed; no region of it is called ROW."""
    whole = mc.load("oecd-icio-2022")
    R, n = 4, 4 * len(whole.sectors)
    Y = np.array(whole.final_demand[:n, :R])
    Y[:, 0] += whole.Z[:n, n:].sum(axis=1) + whole.final_demand[:n, R:].sum(axis=1)
    gases = whole.extensions["gases"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        return mc.MRIO.from_arrays(
            Z=whole.Z[:n, :n], Y=Y, regions=whole.regions[:R], sectors=whole.sectors
        ).replace_extensions(
            mc.Extension(
                "gases", gases.stressors, np.array(gases.F[:, :n]), gases.units,
                np.array(gases.F_Y[:, :R]),
            )
        )  # fmt: skip


@pytest.fixture(scope="module")
def members(table):
    return writer.files(table)


def put(files, path):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, body in files.items():
                archive.writestr(name, body)
    else:
        path.mkdir(parents=True)
        for name, body in files.items():
            (path / name).write_text(body, encoding="utf-8")
    return path


def read(path, year=None, **options):
    archive = Archive(path)
    assert READER.recognises(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mc.errors.TableWarning)
        return READER.read(archive, year, **options)


def test_everything_is_carried(table, members, tmp_path):
    p, n, R = writer.parts(table), len(table.index), len(table.regions)
    got = read(put(members, tmp_path / "Eora26_2015_bp.zip"))
    assert got.index == table.index and got.categories == writer.FD
    assert (got.year, got.money_unit, got.price_basis) == (2015, "thousand USD", "basic")
    np.testing.assert_array_equal(got.Z, table.Z)
    np.testing.assert_array_equal(got.Y, p["FD"][:n, : 6 * R])
    np.testing.assert_array_equal(got.value_added, p["VA"][:, :n])
    assert got.value_added_rows == writer.VA
    # the discrepancy is no region; it is carried and named
    assert got.other_inputs.labels == ("ROW TOTAL",)
    np.testing.assert_array_equal(got.other_inputs.values[0], p["T"][n, :n])
    np.testing.assert_array_equal(got.other_inputs.final_demand[0], p["FD"][n, : 6 * R])
    assert got.other_uses.labels == ("ROW TOTAL", *(f"ROW {c}" for c in writer.FD))
    np.testing.assert_array_equal(
        got.other_uses.values, np.vstack([p["T"][:n, n], p["FD"][:n, 6 * R :].T])
    )
    rows = p["T"][:n].sum(axis=1) + p["FD"][:n].sum(axis=1)
    np.testing.assert_allclose(got.x, rows, rtol=1e-12, atol=1e-9)
    # what lies where discrepancies meet is told with its figure, nothing is lost in silence
    told = " ".join(note.text for note in got.notes)
    assert "ROW TOTAL / ROW TOTAL: 7.5" in told and "Compensation of employees D.1" in told
    Q = got.extensions["Q"]
    np.testing.assert_array_equal(Q.F, table.extensions["gases"].F)
    np.testing.assert_array_equal(Q.F_Y, p["QY"][:, : 6 * R])
    assert Q.units[0] == "Mt CO2" and Q.stressors[0] == "I-GHG-CO2 emissions | total"
    assert [note.about for note in Q.notes] == [Q.stressors[1]] and "0.125" in Q.notes[0].text


def test_embedded_table_of_20_regions_reads_back_bit_for_bit(tmp_path):
    """Its rest of the world has the sectors of all others: a region, called ROW or not."""
    whole = mc.load("oecd-icio-2022")
    labels = writer.label_files(whole, rest=False)
    bare = {k: v[..., : -1 if k in "T VA Q" else -6] for k, v in writer.parts(whole).items()}
    bare["T"], bare["FD"] = bare["T"][:-1], bare["FD"][:-1]
    files = {f"Eora26_2015_bp_{k}.txt": writer.numbers(v) for k, v in bare.items()} | labels
    got = read(put(files, tmp_path / "x.zip"))
    assert got.regions == whole.regions and "ROW" in got.regions
    np.testing.assert_array_equal(got.Z, whole.Z)
    np.testing.assert_allclose(got.final_demand, whole.final_demand, rtol=1e-13)
    assert got.other_inputs is None and got.other_uses is None


@pytest.mark.filterwarnings("ignore:dropping on a non-lexsorted:pandas.errors.PerformanceWarning")
def test_same_numbers_as_pymrio(members, tmp_path):
    import pymrio

    theirs = pymrio.parse_eora26(put(members, tmp_path / "raw"), year=2015)
    ours = read(tmp_path / "raw")
    assert list(ours.regions) == list(theirs.get_regions())
    np.testing.assert_array_equal(ours.Z, theirs.Z.to_numpy())
    np.testing.assert_array_equal(ours.Y, theirs.Y.to_numpy())
    np.testing.assert_array_equal(ours.value_added, theirs.VA.F.to_numpy())
    np.testing.assert_array_equal(ours.extensions["Q"].F, theirs.Q.F.to_numpy())
    np.testing.assert_array_equal(ours.extensions["Q"].F_Y, theirs.Q.F_Y.to_numpy())
    assert list(ours.extensions["Q"].units) == theirs.Q.unit["unit"].tolist()


def test_verbatim_labels_of_the_public_file(tmp_path):
    files = {
        "labels_T.txt": LABEL_T + "\n" + LABEL_T.replace("food", "mining") + "\n",
        "labels_FD.txt": LABEL_FD + "\n",
        "labels_Q.txt": LABEL_Q + "\n",
        "labels_VA.txt": "Value Added\ttotal\n",
        "Eora26_2010_bp_T.txt": "1\t2\n3\t4\n",
        "Eora26_2010_bp_FD.txt": "5\n6\n",
        "Eora26_2010_bp_VA.txt": VA_CELLS + "\n",
        "Eora26_2010_bp_Q.txt": "7\t8\n",
        "Eora26_2010_bp_QY.txt": "9\n",
    }
    got = read(put(files, tmp_path / "mock"))
    assert got.index.pairs == (("reg1", "food"), ("reg1", "mining"))
    assert got.value_added.tolist() == [[111490.88, 24314.351]]
    assert got.extensions["Q"].units == ("kg",)
    assert got.extensions["Q"].stressors == ("I-GHG-CO2 emissions | emission_type1",)
    assert any("differ from output" in note.text for note in got.notes)


def test_labels_beside_the_zip_and_files_below_folders(table, members, tmp_path):
    (tmp_path / "data").mkdir()
    deep = "import/miranda/Eoras/Phase199/Loop082/simplified/"
    numbers = {deep + n: b for n, b in members.items() if n.startswith("Eora")}
    labels = {n: b for n, b in members.items() if n.startswith("labels")}
    path = put(numbers, tmp_path / "data" / "Eora26_2015_bp.zip")
    with pytest.raises(DataFileError, match=r"labels_T\.txt"):
        read(path)
    put(labels, tmp_path / "data" / "indices.zip")
    np.testing.assert_array_equal(read(path).Z, table.Z)
    given = put(labels, tmp_path / "elsewhere")
    np.testing.assert_array_equal(read(path, labels=given).Z, table.Z)


def test_reordered_labels_change_no_number(table, tmp_path):
    order = np.random.default_rng(3).permutation(len(table.index))
    got = read(put(writer.files(table, reorder=order), tmp_path / "x.zip"))
    from mriocarbon.model.labels import positions

    p = positions(got.index.pairs, table.index.pairs, "sectors")
    np.testing.assert_array_equal(got.Z[np.ix_(p, p)], table.Z)
    np.testing.assert_array_equal(
        got.value_added[:, p], writer.parts(table)["VA"][:, : len(table.index)]
    )
    plain = read(put(writer.files(table), tmp_path / "y.zip"))
    first = [got.regions.index(r) * 6 for r in plain.regions]
    columns = [k + c for k in first for c in range(6)]
    np.testing.assert_array_equal(got.Y[np.ix_(p, columns)], plain.Y)
    np.testing.assert_array_equal(got.other_inputs.values[:, p], plain.other_inputs.values)


def test_price_and_year_are_chosen(table, members, tmp_path):
    other = writer.files(table, price="pp")
    path = put(members | other, tmp_path / "x.zip")
    assert read(path).price_basis == "basic"
    assert read(path, price="pp").price_basis == "purchasers"
    with pytest.raises(NotAvailableError, match="2014"):
        read(path, 2014)
    only = put(members, tmp_path / "y.zip")
    with pytest.raises(NotAvailableError, match="pp"):
        read(only, price="pp")


def test_decimal_comma(table, tmp_path):
    path = put(writer.files(table, decimal=","), tmp_path / "x.zip")
    np.testing.assert_array_equal(read(path, decimal=",").Z, table.Z)
    np.testing.assert_array_equal(read(path).Z, table.Z)  # it shows in the first rows


@pytest.mark.parametrize("kind", ["FD", "VA", "Q", "QY"])
def test_missing_member(members, tmp_path, kind):
    name = f"Eora26_2015_bp_{kind}.txt"
    path = put({n: b for n, b in members.items() if n != name}, tmp_path / "x.zip")
    with pytest.raises(DataFileError, match=f"{kind} file"):
        read(path)
    if kind.startswith("Q"):
        assert read(path, satellites=False).extensions == {}


@pytest.mark.parametrize(
    ("kind", "change", "error", "says"),
    [
        ("T", lambda t: t.replace("\n", "\t1.0\n"), ShapeError, "extra column"),
        ("T", lambda t: t + t.splitlines()[0] + "\n", ShapeError, "more than"),
        ("T", lambda t: t[: t.rindex("\n", 0, -1) + 1], ShapeError, "200 rows for 201"),
        ("FD", lambda t: t.replace("\n", "\t1.0\n", 1), InputError, "; 31)"),
        ("VA", lambda t: "nothing\t" + t.partition("\t")[2], InputError, "nothing"),
        ("VA", lambda t: "\t" + t.partition("\t")[2], NonFiniteError, "empty"),
    ],
)
def test_broken_numbers_are_named(members, tmp_path, kind, change, error, says):
    name = f"Eora26_2015_bp_{kind}.txt"
    with pytest.raises(error) as caught:
        read(put(members | {name: change(members[name])}, tmp_path / "x.zip"))
    assert says in str(caught.value) and name in str(caught.value)


def test_a_region_with_other_sectors_is_refused(members, tmp_path):
    labels = members["labels_T.txt"].replace("\tUSA\tIndustries\tA01", "\tUSA\tIndustries\tA1", 1)
    with pytest.raises(LabelError, match="A1"):
        read(put(members | {"labels_T.txt": labels}, tmp_path / "x.zip"))


def test_truncated_zip(members, tmp_path):
    path = put(members, tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(DataFileError, match="truncated"):
        READER.recognises(Archive(path))


def test_an_all_zero_sector_stays(table, tmp_path):
    parts = {k: v.copy() for k, v in writer.parts(table).items()}
    parts["T"][7], parts["T"][:, 7], parts["FD"][7] = 0, 0, 0
    parts["VA"][:, 7], parts["Q"][:, 7] = 0, 0
    got = read(put(writer.files(table, arrays=parts), tmp_path / "x.zip"))
    assert got.x[7] == 0 and len(got.index) == len(table.index)
