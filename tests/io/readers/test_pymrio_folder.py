"""Systems saved by pymrio: what it writes, a public list of tables verbatim, bad folders."""

import json
import zipfile

import numpy as np
import pymrio
import pytest

from mriocarbon.errors import DataFileError, InputError, LabelError, NotAvailableError
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.pymrio_folder import READER
from tests.io.writers import pymrio_folder, sample

# Verbatim, from github.com/IndEcol/pymrio: pymrio/tests/mock_mrios/exio3_mock/
# file_parameters.json and metadata.json of commit 4ea77a87f4bfb3cfc3362baf6df3214518fc6a9b;
# tests/mock_mrios/exio3_mock/satellite/file_parameters.json of commit
# d72528d4b6efc5cccb11d8c438e6101d2e92343d, F.txt beside it of commit
# 56264e92d9e7ae848bfa08edf34c8da6b03d18a3 (first two lines, cut to one region).
PARAMETERS = """{
    "files": {
        "A": {
            "name": "A.txt",
            "nr_index_col": "2",
            "nr_header": "2"
        },
        "Y": {
            "name": "Y.txt",
            "nr_index_col": "2",
            "nr_header": "2"
        },
        "unit": {
            "name": "unit.txt",
            "nr_index_col": "2",
            "nr_header": "1"
        }
    },
    "systemtype": "IOSystem"
}
"""
METADATA = """{
    "description": "Mock EXIOBASE 3 for 2009",
    "name": "exio3_mock",
    "system": "pxp",
    "version": "v3.4_mock",
    "history": [
        "20180331 15:52:13 - FILEIO -  Created mock mrio"
    ]
}
"""
SATELLITE = """{
    "files": {
        "F": {
            "name": "F.txt",
            "nr_index_col": "1",
            "nr_header": "2"
        },
        "F_hh": {
            "name": "F_hh.txt",
            "nr_index_col": "1",
            "nr_header": "2"
        },
        "unit": {
            "name": "unit.txt",
            "nr_index_col": "2",
            "nr_header": "1"
        }
    },
    "systemtype": "Extension",
    "name": "Satellite Accounts"
}
"""
HEADER_F = (
    "region\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS\tAUS\n"
    "sector\tfood\tmining\tmanufactoring\telectricity\tconstruction\ttrade\ttransport\tother\n"
)


def read(path, year=None, **options):
    return READER.read(Archive(path), year, **options)


@pytest.fixture
def table():
    return sample()


@pytest.mark.parametrize("table_format", ["txt", "parquet"])
@pytest.mark.parametrize("calc", [False, True])
def test_what_pymrio_saves_reads_as_pymrio_reads_it(tmp_path, table, table_format, calc):
    path = pymrio_folder.write(tmp_path / "saved", table, table_format=table_format, calc=calc)
    assert READER.recognises(Archive(path))
    theirs = pymrio.load_all(path)
    got = read(path, 2020)
    pairs = list(got.index.pairs)
    assert got.index.pairs == tuple(table.pairs) and got.year == 2020
    digits = 1e-11 if table_format == "txt" else 0  # pymrio writes twelve digits as text
    assert np.allclose(got.Z, table.Z, rtol=digits, atol=0)
    assert np.allclose(got.Y, table.Y, rtol=digits, atol=0)
    assert np.array_equal(got.Z, theirs.Z.loc[pairs, pairs].to_numpy())
    assert np.array_equal(got.x, theirs.x.loc[pairs].iloc[:, 0].to_numpy())
    emissions = got.extensions["emissions"]
    assert np.array_equal(emissions.F, theirs.emissions.F.loc[:, pairs].to_numpy())
    assert np.array_equal(emissions.F_Y, theirs.emissions.F_Y.to_numpy())
    assert (emissions.stressors, emissions.units) == (("CO2", "CH4"), ("Mt", "kt"))
    assert got.money_unit == "M.EUR"
    derived = [note.text for note in got.notes if "derived" in note.text]
    assert bool(derived) == calc


def test_several_levels_of_stressors_and_everything_else_of_pymrios_test_system(tmp_path):
    theirs = pymrio.load_test()
    theirs.calc_all()
    theirs.save_all(str(tmp_path / "saved"))
    with zipfile.ZipFile(tmp_path / "saved.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((tmp_path / "saved").rglob("*.*")):
            archive.write(file, f"inside/{file.relative_to(tmp_path / 'saved')}")
    for path in (tmp_path / "saved", tmp_path / "saved.zip"):
        got = read(path)
        assert np.array_equal(got.Z, theirs.Z.to_numpy())
        assert np.array_equal(got.Y, theirs.Y.to_numpy())
        assert got.extensions["emissions"].stressors[0] == "emission_type1 | air"
        assert got.extensions["emissions"].units == ("kg", "kg")
        assert np.array_equal(got.extensions["factor_inputs"].F, theirs.factor_inputs.F.to_numpy())
        assert got.table_type == "product-by-product" and got.provenance.edition == "v1"
        assert any("population" in note.text for note in got.notes)


def _mock(folder):
    """A system under the public list of tables: A and Y, no Z; two sectors of one region."""
    folder.mkdir()
    (folder / "file_parameters.json").write_text(PARAMETERS)
    (folder / "metadata.json").write_text(METADATA)
    (folder / "satellite").mkdir()
    (folder / "satellite" / "file_parameters.json").write_text(SATELLITE)
    sectors = HEADER_F.splitlines()[1].split("\t")[1:]
    head = HEADER_F.replace("region", "region\t").replace("sector", "sector\t")
    A = [f"AUS\t{s}\t" + "\t".join(["0.1"] * 8) for s in sectors]
    (folder / "A.txt").write_text(head + "\n".join(A) + "\n")
    Y = [f"AUS\t{s}\t{k + 1}" for k, s in enumerate(sectors)]
    (folder / "Y.txt").write_text(
        "region\t\tAUS\ncategory\t\tFinal demand\nregion\tsector\t\n" + "\n".join(Y)
    )
    unit = "\n".join(f"AUS\t{s}\tM.EUR" for s in sectors)
    (folder / "unit.txt").write_text("region\tsector\tunit\n" + unit)
    below = folder / "satellite"
    (below / "F.txt").write_text(HEADER_F + "emission_type1\t" + "\t".join("12345678"))
    (below / "F_hh.txt").write_text("region\tAUS\ncategory\tFinal demand\nemission_type1\t9\n")
    (below / "unit.txt").write_text("stressor\tcompartment\tunit\nemission_type1\t\tkg\n")
    return folder, sectors


def test_a_public_list_of_tables_verbatim(tmp_path):
    folder, sectors = _mock(tmp_path / "exio3_mock")
    assert READER.recognises(Archive(folder)) and READER.years(Archive(folder)) == (2009,)
    with pytest.raises(DataFileError, match="lacks Z, or A and x"):
        read(folder)  # as listed: flows were never computed
    told = json.loads(PARAMETERS)
    told["files"]["x"] = {"name": "x.txt", "nr_index_col": "2", "nr_header": "1"}
    (folder / "file_parameters.json").write_text(json.dumps(told))
    x = np.linalg.solve(np.eye(8) - 0.1, np.arange(1.0, 9))
    lines = [f"AUS\t{s}\t{v!r}" for s, v in zip(sectors, x.tolist(), strict=True)]
    (folder / "x.txt").write_text("region\tsector\tindout\n" + "\n".join(lines))
    got = read(folder)
    assert got.sectors == tuple(sectors) and got.year == 2009
    assert np.allclose(got.Z, 0.1 * x) and got.provenance.steps == (
        "Z = A diag(x), for Z was not saved",
    )
    assert got.extensions["satellite"].F.tolist() == [[1, 2, 3, 4, 5, 6, 7, 8]]
    assert got.extensions["satellite"].F_Y.tolist() == [[9.0]]
    with pytest.raises(NotAvailableError, match="the system is of 2009"):
        read(folder, 2010)


def test_bad_folders(tmp_path, table):
    path = pymrio_folder.write(tmp_path / "saved", table)
    (path / "Y.txt").rename(path / "Y_.txt")
    with pytest.raises(DataFileError, match="Y is listed in file_parameters"):
        read(path)
    (path / "Y_.txt").rename(path / "Y.txt")
    text = (path / "Z.txt").read_text()
    (path / "Z.txt").write_text(text.replace("CHN\tB05_06\t", "CHN\tB05_07\t"))
    with pytest.raises(LabelError, match="B05_07"):
        read(path)
    cut = text.rstrip("\n").rpartition("\t")[0]
    (path / "Z.txt").write_text(cut)
    with pytest.raises(InputError, match="ROW C10T12"):
        read(path)
    (path / "Z.txt").write_text(text)
    (path / "file_parameters.json").write_text('{"files": {"Z": , "systemtype": "IOSystem"')
    with pytest.raises(DataFileError, match="no JSON"):
        read(path)


def test_pickles_are_read_on_request_only(tmp_path, table):
    path = pymrio_folder.write(tmp_path / "saved", table, table_format="pkl")
    with pytest.raises(InputError, match="pickles"):
        read(path)
    assert np.array_equal(read(path, trust_pickle=True).Z, table.Z)


def test_other_formats_are_not_claimed(tmp_path):
    (tmp_path / "Z.txt").write_text("region\t\tA\nsector\t\t1\nA\t1\t2\n")
    (tmp_path / "file_parameters.json").write_text('{"systemtype": "Extension"}')
    assert not READER.recognises(Archive(tmp_path))
