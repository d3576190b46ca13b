"""`read`: each official layout is known for what it is; series of years; what is refused."""

import shutil
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.errors import (
    DataFileError,
    LabelError,
    MriocarbonError,
    MriocarbonWarning,
    NotAvailableError,
    UnknownNameError,
)
from mriocarbon.io.archive import Archive, Progress
from mriocarbon.io.read import recognise
from mriocarbon.io.readers import readers
from tests.io.writers import adb, eora26, exiobase, figaro, gloria, gtap, oecd, plain, sample, wiod
from tests.io.writers import pymrio_folder as saved
from tests.io.writers.books import write_xlsx
from tests.io.writers.emerging import write_emerging

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")

TABLE = sample()
TWO_LETTERS = sample(("AU", "CN", "DE", "FR"))  # as FIGARO names countries
# EXIOBASE is published as pymrio saves a system: both readers can read either.
ALSO = {"exiobase3": {"pymrio"}, "pymrio": {"exiobase3"}}
# pymrio writes no metadata of a year; all others have one in a name or a cell.
WITHOUT_YEAR = ("pymrio",)


def small(R: int = 3, S: int = 4) -> mc.MRIO:
    """A closed part of the embedded table with its gases."""
    whole = mc.load("oecd-icio-2022")
    at = np.array([r * len(whole.sectors) + s for r in range(R) for s in range(S)])
    Z = whole.Z[np.ix_(at, at)]
    Y = np.array(whole.final_demand[at, :R])
    Y[:, 0] += whole.x[at] - Z.sum(axis=1) - Y.sum(axis=1)
    gases, ghg = whole.extensions["gases"], whole.extensions["GHG"]
    table = mc.MRIO.from_arrays(Z=Z, Y=Y, regions=whole.regions[:R], sectors=whole.sectors[:S])
    return table.replace_extensions(
        *(
            mc.Extension(e.name, e.stressors, np.array(e.F[:, at]), e.units, np.array(e.F_Y[:, :R]))
            for e in (gases, ghg)
        )
    )


def zipped(members: dict[str, str], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def as_gloria(folder: Path) -> Path:
    folder = folder / "gloria"
    folder.mkdir()
    for stem, members in zip(
        (gloria.TABLES, gloria.SATELLITES), gloria.files(small(), year=2020), strict=True
    ):
        zipped(members, folder / f"{stem.format(year=2020)}.zip")
    gloria.readme(small(), folder / "GLORIA_ReadMe_059.xlsx")
    return folder


def as_emerging(folder: Path) -> Path:
    t = small()
    return write_emerging(
        folder / "global_mrio_2018.mat", t.Z, np.repeat(t.Y, 3, axis=1) / 3,
        t.x - t.Z.sum(axis=0), t.x, list(t.regions),
        [f"{k:02d} {s}" for k, s in enumerate(t.sectors, 1)],
        ["household", "government", "capital"],
    )  # fmt: skip


WRITTEN = {
    "oecd-icio": lambda f: oecd.write(f / "2020_SML.csv", TABLE),
    "figaro": lambda f: figaro.write_matrix(
        f / "matrix_eu-ic-io_ind-by-ind_24ed_2020.csv", TWO_LETTERS
    ),
    "figaro flat": lambda f: figaro.write_flat(
        f / "flatfile_eu-ic-io_prod-by-prod_24ed_2020.csv", TWO_LETTERS, products=True
    ),
    "exiobase3": lambda f: exiobase.as_zip(
        exiobase.files(small(), extensions=exiobase.satellites(small())), f / "IOT_2022_ixi.zip"
    ),
    "eora26": lambda f: zipped(eora26.files(small()), f / "Eora26_2015_bp.zip"),
    "gloria": as_gloria,
    "wiod": lambda f: write_xlsx(
        f / "wiot11_row_sep12.xlsx",
        {"WIOT_2011": wiod.sheet_2013(wiod.made(["AUS", "CHN", "ROW"], 35))},
    ),
    "adb-mrio": lambda f: write_xlsx(
        f / "ADB-MRIO62-2024.xlsx",
        {"ADB MRIO 2024": adb.sheet_adb(wiod.made(["AUS", "CHN", "RoW"], 35))},
    ),
    "emerging": as_emerging,
    "gtap": lambda f: gtap.write_csv(f / "gtap2017", *gtap.made()),
    "pymrio": lambda f: saved.write(f / "saved", TABLE),
    "plain": lambda f: plain.write(f / "plain", TABLE),
}


def message(error: type[Exception], call) -> str:
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert "\n  where: " in text and "\n  what to do: " in text
    return text


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    paths = {}
    for kind, write in WRITTEN.items():
        (folder / kind).mkdir()
        paths[kind] = write(folder / kind)
    return paths


# -- recognition -----------------------------------------------------------------------------


def test_every_layout_is_written_here():
    assert {kind.split()[0] for kind in WRITTEN} == set(mc.formats())


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_layout_is_claimed_by_its_reader_and_by_no_other(written, kind):
    archive = Archive(written[kind])
    claims = {reader.name for reader in readers() if reader.recognises(archive)}
    assert claims - ALSO.get(kind, set()) == {kind.split()[0]}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_layout_is_read_and_says_what_it_is(written, kind):
    mrio = mc.read(written[kind])
    assert mrio.Z.any() and mrio.provenance.dataset != "arrays"
    assert kind in WITHOUT_YEAR or mrio.year is not None
    same = mc.read(str(written[kind]), format=kind.split()[0])
    np.testing.assert_array_equal(mrio.Z, same.Z)
    by_load = mc.load(written[kind])
    np.testing.assert_array_equal(mrio.Z, by_load.Z)


@pytest.mark.parametrize("kind", ["oecd-icio", "figaro", "plain"])
def test_the_same_numbers_come_out_of_every_layout(written, kind):
    mrio = mc.read(written[kind])
    np.testing.assert_array_equal(mrio.Z, TABLE.Z)
    assert mrio.regions == (TWO_LETTERS if kind == "figaro" else TABLE).regions
    assert mrio.sectors == TABLE.sectors
    np.testing.assert_allclose(mrio.final_demand.sum(), TABLE.Y.sum(), rtol=1e-12)


@pytest.mark.parametrize("suffix", [".npz", ".zarr"])
def test_native_files_are_read_by_their_suffix(tmp_path, suffix):
    path = mc.save(toy(year=2022), tmp_path / f"t{suffix}")
    assert mc.read(path).year == mc.read(str(path)).year == 2022


@pytest.mark.parametrize("kind", ["oecd-icio", "figaro", "plain"])
def test_progress_is_told_for_what_is_read(written, kind):
    told: list[Progress] = []
    mc.read(written[kind], progress=told.append)
    assert told and all(0 <= p.done <= p.total for p in told)
    done = {p.what for p in told if p.done == p.total}
    assert done == {p.what for p in told}


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"to do: everything"),
        ("table.csv", b"a,b\n1,2\n"),
        ("table.bin", bytes(range(256))),
        ("book.xlsx", b"PK\x03\x04 not a workbook"),
        ("data.json", b"{}"),
    ],
)
def test_an_unknown_file_lists_the_known_layouts(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    text = message(DataFileError, lambda: mc.read(path))
    assert str(path) in text
    if name != "book.xlsx":  # which may be told to be damaged instead
        assert all(known in text for known in mc.formats()) and "format=" in text


def test_an_empty_file_is_called_so(tmp_path):
    path = tmp_path / "table.csv"
    path.touch()
    with pytest.raises(DataFileError, match="the file is empty"):
        mc.read(path)


def test_unknown_folders_and_zips(tmp_path):
    (tmp_path / "empty").mkdir()
    message(DataFileError, lambda: mc.read(tmp_path / "empty"))
    path = zipped({"readme.txt": "hello", "a/b.csv": "1,2"}, tmp_path / "some.zip")
    assert "readme.txt" in message(DataFileError, lambda: mc.read(path))
    assert "no such file" in message(DataFileError, lambda: mc.read(tmp_path / "absent"))


@pytest.mark.parametrize("keep", [0, 10, 0.5, -10])
@pytest.mark.parametrize("kind", ["exiobase3", "eora26"])
def test_a_truncated_zip_is_told(written, tmp_path, kind, keep):
    content = written[kind].read_bytes()
    path = tmp_path / written[kind].name
    path.write_bytes(content[: int(keep * len(content)) if 0 < keep < 1 else keep])
    assert "truncated" in message(DataFileError, lambda: mc.read(path))


def test_wrong_formats_options_and_years(written):
    path = written["oecd-icio"]
    assert "'oecd-icio'" in message(UnknownNameError, lambda: mc.read(path, format="oecd-ico"))
    text = message(UnknownNameError, lambda: mc.read(path, splt=True))
    assert "oecd-icio" in text and "'split'" in text
    assert "2020" in message(NotAvailableError, lambda: mc.read(path, year=2019))
    message(UnknownNameError, lambda: mc.read(written["gtap"], anything=1))
    # another layout's reader does not take it, and says so in our words
    message(MriocarbonError, lambda: mc.read(path, format="exiobase3"))


def test_recognising_reads_little(written, monkeypatch):
    read: list[int] = []
    head = Archive.head

    def counted(self, name, size=8192):
        got = head(self, name, size)
        read.append(len(got))
        return got

    def refuse(self, name):
        raise AssertionError(f"{name} is read whole")

    monkeypatch.setattr(Archive, "head", counted)
    monkeypatch.setattr(Archive, "open", refuse)
    assert recognise(Archive(written["figaro"])).name == "figaro"
    assert sum(read) < 1 << 20


# -- series ----------------------------------------------------------------------------------


def test_a_folder_of_files_by_year(tmp_path):
    for k, year in enumerate((2018, 2020, 2019)):
        oecd.write(tmp_path / f"{year}_SML.csv", replace(TABLE, Z=TABLE.Z * (k + 1)))
    (tmp_path / "ReadMe.txt").write_text("about the tables")
    series = mc.read_series(tmp_path)
    assert series.years == tuple(series) == (2018, 2019, 2020) and len(series) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        for year, factor in ((2018, 1), (2019, 3), (2020, 2)):
            np.testing.assert_array_equal(series[year].Z, TABLE.Z * factor)
            assert series[year].year == year
    assert "2021" in message(UnknownNameError, lambda: series[2021])


def test_one_zip_of_several_years(tmp_path):
    names = []
    for year in (2016, 2017):
        names.append(oecd.write(tmp_path / f"{year}.csv", TABLE))
    path = tmp_path / "ICIO_2016-2017_SML.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.write(name, name.name)
            name.unlink()
    assert mc.read_series(path).years == (2016, 2017)
    assert mc.read_series(tmp_path).years == (2016, 2017)
    assert mc.read_series(path)[2017].year == 2017
    text = message(NotAvailableError, lambda: mc.read(path))
    assert "2016" in text and "year=2017" in text


def test_a_year_that_is_there_twice(tmp_path):
    oecd.write(tmp_path / "2020.csv", TABLE)
    shutil.copy(tmp_path / "2020.csv", tmp_path / "2020_SML.csv")
    text = message(MriocarbonError, lambda: mc.read_series(tmp_path)[2020])
    assert "2020.csv" in text and "2020_SML.csv" in text


def test_series_of_native_files(tmp_path):
    mc.save(toy(year=2021), tmp_path / "a.npz")
    mc.save(toy(year=2022), tmp_path / "b.zarr")
    (tmp_path / ".hidden.npz").write_text("left by something")
    series = mc.read_series(tmp_path)
    assert series.years == (2021, 2022) and [series[y].year for y in series] == [2021, 2022]
    mc.save(toy(year=2022), tmp_path / "c.npz")
    text = message(DataFileError, lambda: mc.read_series(tmp_path))
    assert "twice" in text and "b.zarr" in text and "c.npz" in text


def test_a_series_of_one_native_store(tmp_path):
    path = mc.save(toy(year=2022), tmp_path / "a.zarr")
    assert mc.read_series(path).years == (2022,)


def test_a_folder_with_no_table(tmp_path):
    (tmp_path / "readme.txt").write_text("nothing here")
    assert "readme.txt" in message(DataFileError, lambda: mc.read_series(tmp_path))
    message(DataFileError, lambda: mc.read_series(tmp_path / "absent"))


def test_options_of_a_series_reach_every_year(tmp_path):
    oecd.write(tmp_path / "2020.csv", TABLE, separator=";", decimal=",")
    series = mc.read_series(tmp_path, decimal=",")
    np.testing.assert_array_equal(series[2020].Z, TABLE.Z)
    wrong = mc.read_series(tmp_path, dcimal=",")
    message(UnknownNameError, lambda: wrong[2020])


def test_reordered_labels_are_put_in_place_or_refused(tmp_path):
    lines = list(oecd.rows(TABLE))
    lines[1], lines[2] = lines[2], lines[1]
    from tests.io.writers import text

    path = tmp_path / "2020_SML.csv"
    path.write_text(text(lines))
    try:
        np.testing.assert_array_equal(mc.read(path).Z, TABLE.Z)
    except LabelError as error:
        assert "AUS" in str(error)
