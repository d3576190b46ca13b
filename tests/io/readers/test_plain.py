"""The plain layout: by hand and by `write_plain`, three forms, to the last bit; bad files."""

import os
from dataclasses import replace

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import DataFileError, InputError, LabelError, NonFiniteError
from mriocarbon.io.archive import Archive
from mriocarbon.io.plain_write import write_plain
from mriocarbon.io.readers.plain import READER
from mriocarbon.model.extension import Extension
from mriocarbon.model.meta import to_json
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from tests.io.writers import plain, sample

FORMS = ("csv", "parquet", "xlsx")


def read(path, year=None, **options):
    return READER.read(Archive(path), year, **options)


@pytest.fixture
def table():
    return sample()


@pytest.fixture
def full(table):
    """A table with everything that a table can have."""
    n, m, rng = len(table.x), table.Y.shape[1], np.random.default_rng(0)
    bare = mc.MRIO.from_arrays(
        Z=table.Z, Y=table.Y, x=table.x + 1.0, regions=table.regions, sectors=table.sectors,
        categories=table.categories, value_added=table.VA[None], value_added_rows=["VA"],
        money_unit="million EUR", year=2019, price_year=2015, notes=(Note("a, \"note\";\nof two"),),
        provenance=Provenance("made", "2.1", sources=(Source("S", "cite", "free"),), steps=("a",)),
        other_inputs=Side(("TLS",), table.TLS[None], table.TLS_Y[None]),
        other_uses=Side(("DISC",), np.ones((1, n))), table_type="product-by-product",
        price_basis="basic", estimated={"Y": np.arange(m) < 3, "x": np.arange(n) == 2},
    )  # fmt: skip
    unknown = rng.random((2, m))
    unknown[1] = np.nan
    unknown[0, 3] = np.nan
    extension = Extension(
        "air: CO2/CH4", ("CO2, fossil", "CH4"), rng.random((2, n)) * (table.x > 0),
        ("Mt", "kt"), unknown, unknown * 0.9, unknown * 1.1,
        (Note("guessed", about="CH4", estimated=True),),
    )  # fmt: skip
    return replace(bare, extensions={"air: CO2/CH4": extension})


def _same(got, want, digits=0.0):
    def equal(ours, theirs):
        return np.allclose(ours, theirs, rtol=digits, atol=0, equal_nan=True)

    assert got.index == want.index and got.categories == want.categories
    for name in ("Z", "Y", "x", "value_added"):
        assert equal(getattr(got, name), getattr(want, name)), name
    for name in ("other_inputs", "other_uses"):
        ours, theirs = getattr(got, name), getattr(want, name)
        assert ours.labels == theirs.labels and equal(ours.values, theirs.values)
        if theirs.final_demand is not None:
            assert equal(ours.final_demand, theirs.final_demand)
    for name, theirs in want.extensions.items():
        ours = got.extensions[name]
        for kind in ("F", "F_Y", "F_Y_low", "F_Y_high"):
            assert equal(getattr(ours, kind), getattr(theirs, kind)), kind
    for name, mask in want.estimated.items():
        shape = getattr(want, name).shape
        assert np.array_equal(got.estimated[name], np.broadcast_to(mask, shape))
    assert to_json(got) == to_json(want)


@pytest.mark.parametrize("form", FORMS)
def test_write_plain_loses_nothing(tmp_path, full, form):
    path = write_plain(full, tmp_path / ("out.xlsx" if form == "xlsx" else "out"), format=form)
    archive = Archive(path)
    assert READER.recognises(archive) and READER.years(archive) == (2019,)
    _same(read(path), full, digits=1e-15 if form == "xlsx" else 0.0)  # openpyxl: 16 digits
    assert [p.name for p in tmp_path.iterdir()] == [path.name]  # no temporary file is left


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_whole_embedded_table(tmp_path, form):
    real = mc.load("oecd-icio-2022")
    got = read(write_plain(real, tmp_path / "out", format=form))
    assert np.array_equal(got.Z, real.Z) and np.array_equal(got.Y, real.Y)
    assert to_json(got) == to_json(real)
    for name, extension in real.extensions.items():
        assert np.array_equal(got.extensions[name].F, extension.F)


@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), ("\t", "."), (";", ",")])
def test_a_folder_made_by_hand(tmp_path, table, separator, decimal):
    path = plain.write(tmp_path / "hand", table, separator=separator, decimal=decimal)
    if separator != ",":  # meta has its own separator
        (path / "meta.csv").write_text("key;value\nmoney_unit;million USD\nyear;2022\n")
    assert READER.recognises(Archive(path))
    got = read(path)
    assert np.array_equal(got.Z, table.Z) and np.array_equal(got.x, table.x)
    assert np.array_equal(got.other_inputs.final_demand[0], table.TLS_Y)
    assert (got.year, got.money_unit, got.provenance.dataset) == (2022, "million USD", "hand")
    if separator == ",":
        assert [note.text for note in got.notes] == ["made by hand"]


def test_only_z_and_y_are_needed_and_the_unit_is_asked_for(tmp_path, table):
    path = plain.write(tmp_path / "hand", table)
    for name in ("x", "value_added", "other_inputs", "other_inputs_Y", "meta"):
        (path / f"{name}.csv").unlink()
    with pytest.raises(InputError, match="money unit is not given"):
        read(path)
    got = read(path, 2021, money_unit="M EUR")
    assert got.year == 2021 and got.value_added is None and np.allclose(got.x, table.x)
    (path / "Y.csv").unlink()
    assert not READER.recognises(Archive(path))
    with pytest.raises(DataFileError, match="no file Y"):
        read(path)


def test_reordered_labels_are_put_right_and_wrong_ones_are_named(tmp_path, table):
    path = plain.write(tmp_path / "hand", table)
    lines = (path / "Y.csv").read_text().splitlines()
    (path / "Y.csv").write_text("\n".join([*lines[:2], *reversed(lines[2:])]))
    assert np.array_equal(read(path).Y, table.Y)
    (path / "Y.csv").write_text("\n".join(lines).replace("ROW,B05_06", "ROW,B05"))
    with pytest.raises(LabelError, match=r"rows of Y|B05"):
        read(path)
    (path / "Y.csv").write_text("\n".join(lines[:-1]))
    with pytest.raises(LabelError, match="C10T12"):
        read(path)


def test_bad_cells(tmp_path, table):
    path = plain.write(tmp_path / "hand", table)
    text = (path / "Z.csv").read_text()
    first = text.splitlines()[2]
    cell = first.split(",")[5]
    for bad, error, match in (
        ("", NonFiniteError, "empty"), ("x", InputError, "'x' is no number"),
    ):  # fmt: skip
        (path / "Z.csv").write_text(text.replace(cell, bad, 1))
        with pytest.raises(error, match=f"(?s:{match}.*AUS A01_02|AUS A01_02.*{match})"):
            read(path)
    (path / "Z.csv").write_text(text.replace(first, first + ",1", 1))
    with pytest.raises(InputError, match="columns"):
        read(path)


def test_bad_parquet(tmp_path, table, full):
    import duckdb

    path = write_plain(full, tmp_path / "out", format="parquet")
    place = path / "Z.parquet"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE Z AS SELECT * FROM '{place}'")
        con.execute(f"COPY (SELECT * FROM Z LIMIT 143) TO '{place}' (FORMAT parquet)")
        with pytest.raises(NonFiniteError, match="1 cells are missing"):
            read(path)
        con.execute(
            f"COPY (SELECT * FROM Z UNION ALL SELECT * FROM Z LIMIT 145) TO '{place}'"
            " (FORMAT parquet)"
        )
        with pytest.raises(LabelError, match="stand twice"):
            read(path)
        con.execute(f"COPY (SELECT region, value FROM Z) TO '{place}' (FORMAT parquet)")
    with pytest.raises(DataFileError, match="not of the plain layout"):
        read(path)
    place.write_bytes(place.read_bytes()[:-20])
    with pytest.raises(DataFileError, match="truncated"):
        read(path)


def test_bad_workbook(tmp_path, full):
    path = write_plain(full, tmp_path / "out.xlsx")
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(path.read_bytes()[:-100])
    assert not READER.recognises(Archive(cut))
    with pytest.raises(DataFileError):
        read(cut)


def test_writing_is_whole_or_absent(tmp_path, full, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(DataFileError, match="already"):
        write_plain(full, tmp_path / "there")
    with pytest.raises(DataFileError, match="folder does not exist"):
        write_plain(full, tmp_path / "no" / "out")
    with pytest.raises(InputError, match="unknown format"):
        write_plain(full, tmp_path / "out", format="ods")
    other = replace(full, extensions={"Y_x": next(iter(full.extensions.values()))})
    for form in FORMS:
        with pytest.raises(InputError, match="Y_x"):
            write_plain(other, tmp_path / "out.xlsx", format=form)
    long = replace(full, extensions={"e" * 40: next(iter(full.extensions.values()))})
    with pytest.raises(InputError, match="longer than 31"):
        write_plain(long, tmp_path / "out.xlsx")

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(DataFileError, match="No space left"):
        write_plain(full, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_other_formats_are_not_claimed(tmp_path):
    (tmp_path / "Z.txt").write_text("1\t2\n3\t4\n")
    (tmp_path / "Y.txt").write_text("1\n2\n")
    assert not READER.recognises(Archive(tmp_path))
