"""The native store: every bit kept, every damage found, one region read without the rest."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from properties.stored import full, same, wide
from properties.tables import TOY_H, TOY_Y, TOY_Z, cases, toy

import mriocarbon as mc
from mriocarbon.errors import DataFileError, InputError, UnknownNameError
from mriocarbon.io import store as module
from mriocarbon.io import store_write as writing
from mriocarbon.io.store import load_zarr
from mriocarbon.io.store_write import save_zarr

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def message(error: type[Exception], call) -> str:
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert "\n  where: " in text and "\n  what to do: " in text
    return text


def chunks(path: Path, array: str = "*") -> list[Path]:
    return sorted(p for p in path.glob(f"{array}/c/**/*") if p.is_file()) + sorted(
        p for p in path.glob(f"{array}/c") if p.is_file()
    )


@pytest.fixture
def small_chunks(monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 60)


# -- round trips -----------------------------------------------------------------------------


def test_everything_comes_back(tmp_path):
    table = full()
    path = mc.save(table, tmp_path / "table.zarr")
    for back in (mc.load(path), mc.load(str(path)), mc.read(path)):
        same(back, table)
        assert len(back.provenance.sha256) == 64
        with pytest.raises(ValueError):
            back.Z[0, 0] = 1
    assert [p.name for p in tmp_path.iterdir()] == ["table.zarr"]


@given(case=cases(max_regions=4, max_sectors=3))
@settings(max_examples=15)
def test_any_table_comes_back(case, tmp_path_factory):
    table = case.mrio()
    same(load_zarr(save_zarr(table, tmp_path_factory.mktemp("s") / "t.zarr")), table)


def test_chunks_are_whole_regions_and_come_back(tmp_path, small_chunks):
    table = wide()
    path = mc.save(table, tmp_path / "t.zarr")
    assert len(chunks(path, "Z")) == 9  # the one of zeros is written too
    same(mc.load(path), table)


def test_the_same_table_gives_the_same_hash_and_one_bit_another(tmp_path):
    Z = TOY_Z.copy()
    Z[0, 0] = np.nextafter(Z[0, 0], np.inf)
    tables = (toy(), toy(), toy(Z=Z), toy(regions=["A", "C"]), toy(units="kt CO2e"), toy(year=1))
    hashes = [
        mc.load(mc.save(table, tmp_path / f"{k}.zarr")).provenance.sha256
        for k, table in enumerate(tables)
    ]
    assert hashes[0] == hashes[1] and len(set(hashes)) == 5


def test_single_precision_is_stored_in_half_the_room_and_loses_nothing(tmp_path):
    coarse = np.float64(np.float32(TOY_Z / 3))
    path = mc.save(toy(Z=coarse, Y=TOY_Y / 3), tmp_path / "t.zarr")
    kinds = {n: json.loads((path / n / "zarr.json").read_text())["data_type"] for n in "ZY"}
    assert kinds == {"Z": "float32", "Y": "float64"}
    np.testing.assert_array_equal(mc.load(path).Z, coarse)
    assert mc.load(path).Z.dtype == np.float64
    block = mc.Store(path).block("Z", rows="A")
    assert block.dtype == np.float64
    np.testing.assert_array_equal(block, coarse[:2])


@pytest.mark.parametrize("value", [1e300, 1e-310, 1 + 2**-52, -0.0, np.nan, 0.5])
def test_narrowing_is_exact_or_not_made(value):
    array = np.array([value, 1.0])
    back = writing._narrowed(array).astype(np.float64)
    np.testing.assert_array_equal(back, array)
    np.testing.assert_array_equal(np.signbit(back), np.signbit(array))


# -- damage ----------------------------------------------------------------------------------


def test_every_chunk_that_is_missing_is_found(tmp_path, small_chunks):
    path = mc.save(wide(), tmp_path / "t.zarr")
    found = chunks(path)
    assert len(found) > 12
    for chunk in found:
        content = chunk.read_bytes()
        chunk.unlink()
        text = message(DataFileError, lambda: mc.load(path))
        assert str(path) in text and chunk.relative_to(path).parts[0] in text
        chunk.write_bytes(content)
    mc.load(path)


def test_a_missing_chunk_is_found_by_the_block_that_needs_it(tmp_path, small_chunks):
    path = mc.save(wide(), tmp_path / "t.zarr")
    (path / "Z" / "c" / "0" / "0").unlink()  # all zeros: what zarr would have filled in
    text = message(DataFileError, lambda: mc.Store(path).block("Z", rows="A"))
    assert "chunk 0/0 is missing" in text
    np.testing.assert_array_equal(mc.Store(path).block("Z", rows="C"), wide().Z[60:90])


@pytest.mark.parametrize("how", ["flip", "cut", "empty", "longer", "other"])
def test_every_chunk_that_is_damaged_is_found(tmp_path, how, small_chunks):
    path = mc.save(wide(), tmp_path / "t.zarr")
    rng = np.random.default_rng(1)
    for chunk in chunks(path):
        content = chunk.read_bytes()
        damaged = bytearray(content)
        if how == "flip":
            damaged[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
        new = {
            "flip": bytes(damaged), "cut": content[: len(content) // 2], "empty": b"",
            "longer": content + b"\0", "other": b"\x00" * len(content),
        }[how]  # fmt: skip
        chunk.write_bytes(new)
        assert str(path) in message(DataFileError, lambda: mc.load(path))
        chunk.write_bytes(content)


def test_two_chunks_that_changed_places_are_found(tmp_path, small_chunks):
    path = mc.save(wide(), tmp_path / "t.zarr")
    a, b = path / "Z" / "c" / "1" / "0", path / "Z" / "c" / "1" / "1"
    contents = a.read_bytes(), b.read_bytes()
    a.write_bytes(contents[1])
    b.write_bytes(contents[0])  # both are sound by their own checksum
    assert "hash" in message(DataFileError, lambda: mc.load(path))


def test_any_flipped_byte_of_a_small_store_is_found_or_changes_nothing(tmp_path):
    table = full()
    path = mc.save(table, tmp_path / "t.zarr")
    rng = np.random.default_rng(0)
    files = sorted(p for p in path.rglob("*") if p.is_file())
    found = 0
    for _ in range(60):
        file = files[int(rng.integers(len(files)))]
        content = file.read_bytes()
        damaged = bytearray(content)
        damaged[int(rng.integers(len(content)))] ^= int(rng.integers(1, 256))
        file.write_bytes(bytes(damaged))
        try:
            same(mc.load(path), table)
        except (DataFileError, InputError):
            found += 1
        finally:
            file.write_bytes(content)
    assert found > 50


@pytest.mark.parametrize("keep", [0, 1, 0.3, 0.9, -1])
def test_a_truncated_description_is_found(tmp_path, keep):
    path = mc.save(full(), tmp_path / "t.zarr")
    for name in ("zarr.json", "Z/zarr.json", "x/zarr.json"):
        content = (path / name).read_bytes()
        (path / name).write_bytes(content[: int(keep * len(content)) if 0 < keep < 1 else keep])
        assert str(path) in message(DataFileError, lambda: mc.load(path))
        (path / name).write_bytes(content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"million EUR"', '"million USD"'), ('"Author 2001"', '"Author 2002"'),
        ('"kt CH4"', '"Mt CH4"'), ('"estimated": true', '"estimated": false'),
        ('"wages"', '"taxes"'), ('"A"', '"C"'),
    ],
)  # fmt: skip
def test_an_edited_label_is_found(tmp_path, old, new):
    path = mc.save(full(), tmp_path / "t.zarr")
    text = (path / "zarr.json").read_text()
    assert old in text
    (path / "zarr.json").write_text(text.replace(old, new))
    assert "hash" in message(DataFileError, lambda: mc.load(path))


@pytest.mark.parametrize(
    ("key", "value"), [("data_type", "int32"), ("shape", [4, 3]), ("fill_value", 1.0)]
)
def test_an_edited_description_of_an_array_is_found(tmp_path, key, value):
    path = mc.save(toy(), tmp_path / "t.zarr")
    about = json.loads((path / "Z" / "zarr.json").read_text())
    (path / "Z" / "zarr.json").write_text(json.dumps({**about, key: value}))
    message(DataFileError, lambda: mc.load(path))
    # a block has no hash of the whole to betray it
    assert "description" in message(DataFileError, lambda: mc.Store(path).block("Z", rows="A"))


def test_a_missing_array_and_a_layout_of_the_future(tmp_path, monkeypatch):
    path = mc.save(full(), tmp_path / "t.zarr")
    shutil.rmtree(path / "value_added")
    assert "value_added" in message(DataFileError, lambda: mc.load(path))
    monkeypatch.setattr(writing, "LAYOUT", 99)
    new = mc.save(toy(), tmp_path / "new.zarr")
    monkeypatch.undo()
    assert "layout 99" in message(DataFileError, lambda: mc.load(new))


def test_cells_that_are_not_finite_are_found_though_every_hash_is_right(tmp_path, monkeypatch):
    table = toy()
    bad = table.Z.copy()
    bad[1, 2] = np.inf
    monkeypatch.setattr(writing, "_regrouped", lambda *given: iter([bad]))
    path = mc.save(table, tmp_path / "t.zarr")
    text = message(InputError, lambda: mc.load(path))
    assert "A 2 -> B 1" in text


def test_what_is_no_store(tmp_path):
    assert "no such store" in message(DataFileError, lambda: mc.load(tmp_path / "none.zarr"))
    (tmp_path / "file.zarr").write_text("text")
    message(DataFileError, lambda: mc.load(tmp_path / "file.zarr"))
    (tmp_path / "empty.zarr").mkdir()
    message(DataFileError, lambda: mc.load(tmp_path / "empty.zarr"))
    import zarr

    zarr.create_group(tmp_path / "other.zarr").attrs["title"] = "of somebody else"
    message(DataFileError, lambda: mc.load(tmp_path / "other.zarr"))


# -- blocks ----------------------------------------------------------------------------------


def test_blocks_are_the_parts_of_the_whole(tmp_path, small_chunks):
    table = wide()
    store = mc.Store(mc.save(table, tmp_path / "t.zarr"))
    extension = table.extensions["emissions"]
    for k, region in enumerate(table.regions):
        rows = slice(30 * k, 30 * k + 30)
        np.testing.assert_array_equal(store.block("Z", rows=region), table.Z[rows])
        np.testing.assert_array_equal(store.block("Z", columns=region), table.Z[:, rows])
        np.testing.assert_array_equal(store.block("x", rows=region), table.x[rows])
        np.testing.assert_array_equal(store.block("x", columns=region), table.x[rows])
        np.testing.assert_array_equal(store.block("Y", columns=region), table.Y[:, k : k + 1])
        np.testing.assert_array_equal(
            store.block("F__emissions", columns=region), extension.F[:, rows]
        )
        np.testing.assert_array_equal(
            store.block("F_Y__emissions", columns=region), extension.F_Y[:, k : k + 1]
        )
    np.testing.assert_array_equal(store.block("Z"), table.Z)
    np.testing.assert_array_equal(store.block("Z", rows="B", columns="D"), table.Z[30:60, 90:120])


def test_a_block_reads_no_other_chunk(tmp_path, small_chunks):
    table = wide()
    path = mc.save(table, tmp_path / "t.zarr")
    needed = {path / "Z" / "c" / "1" / "2"}  # C is in the second band, E in the third
    for chunk in chunks(path):
        if chunk not in needed:
            chunk.unlink()
    store = mc.Store(path)
    np.testing.assert_array_equal(store.block("Z", rows="C", columns="E"), table.Z[60:90, 120:150])
    message(DataFileError, lambda: store.block("Z", rows="C", columns="A"))
    message(DataFileError, lambda: store.block("x", rows="A"))


def test_blocks_of_the_other_arrays(tmp_path):
    table = full()
    store = mc.Store(mc.save(table, tmp_path / "t.zarr"))
    np.testing.assert_array_equal(store.block("Y", columns="B"), table.Y[:, 3:])
    np.testing.assert_array_equal(
        store.block("other_inputs_final", columns="A"), table.other_inputs.final_demand[:, :3]
    )
    np.testing.assert_array_equal(store.block("value_added", columns="B"), table.value_added[:, 2:])
    mask = store.block("estimated__Z", rows="B")
    assert mask.dtype == bool and mask.tolist() == [[False], [True]]
    assert store.block("estimated__x").shape == ()


@pytest.mark.parametrize(
    ("array", "rows", "columns", "error"),
    [
        ("Q", None, None, UnknownNameError),
        ("Z", "C", None, UnknownNameError),
        ("Z", None, "Atlantis", UnknownNameError),
        ("x", "A", "A", InputError),
        # two stressors, two rows of value added, two regions: sizes that coincide
        ("value_added", "A", None, InputError),
        ("F__air/CO2, ..%41 é", "A", None, InputError),
        ("other_inputs", "A", None, InputError),
        ("estimated__Z", None, "A", InputError),
        ("estimated__x", "A", None, InputError),
    ],
)
def test_blocks_that_there_are_not(tmp_path, array, rows, columns, error):
    store = mc.Store(mc.save(full(), tmp_path / "t.zarr"))
    message(error, lambda: store.block(array, rows=rows, columns=columns))


def test_a_block_of_the_full_table_opens_its_chunks_only(data_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    table = mc.load("oecd-icio-2022", detail="full")
    path = mc.save(table, tmp_path / "full.zarr")
    same(mc.load(path), table)
    at = table.index.region("CHN")
    store = mc.Store(str(path))
    whole = store.block("Z", rows="China")
    np.testing.assert_array_equal(whole, table.Z[50 * at : 50 * at + 50])
    band = {str(50 * at // 600)}
    for chunk in chunks(path, "Z"):
        if chunk.parent.name not in band:
            chunk.unlink()
    np.testing.assert_array_equal(store.block("Z", rows="CHN"), whole)


# -- writing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("moves", [1, 2])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interrupted_overwrite_leaves_the_old_store(tmp_path, monkeypatch, moves, error):
    old = toy()
    path = mc.save(old, tmp_path / "t.zarr")
    replace, made = os.replace, []

    def fail(*where):
        # the store's own two moves; zarr moves each file that it writes as well
        if str(where[1]) in (str(path), str(path.with_name(f".t.zarr.{os.getpid()}.old"))):
            made.append(where)
            if len(made) == moves:
                raise error("stopped")
        return replace(*where)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((KeyboardInterrupt, DataFileError)):
        mc.save(full(), path)
    monkeypatch.undo()
    same(mc.load(path), old)
    assert [p.name for p in tmp_path.iterdir()] == ["t.zarr"]


def test_an_error_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "verified", fail)
    text = message(DataFileError, lambda: mc.save(toy(), tmp_path / "t.zarr"))
    assert "No space left" in text
    assert list(tmp_path.iterdir()) == []


def test_a_store_takes_the_place_of_another_and_of_nothing_else(tmp_path):
    path = mc.save(full(), tmp_path / "t.zarr")
    mc.save(toy(), path)
    same(mc.load(path), toy())
    assert not (path / "value_added").exists()
    mine = tmp_path / "mine.zarr"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    assert "no store" in message(DataFileError, lambda: mc.save(toy(), mine))
    assert (mine / "thesis.tex").read_text() == "years of work"
    (tmp_path / "file.zarr").write_text("mine")
    message(DataFileError, lambda: mc.save(toy(), tmp_path / "file.zarr"))
    assert (tmp_path / "file.zarr").read_text() == "mine"
    message(DataFileError, lambda: mc.save(toy(), tmp_path / "no" / "such" / "t.zarr"))
    (tmp_path / "empty.zarr").mkdir()
    same(mc.load(mc.save(toy(), tmp_path / "empty.zarr")), toy())
    (tmp_path / "link.zarr").symlink_to(path)
    mc.save(full(), tmp_path / "link.zarr")
    assert (tmp_path / "link.zarr").is_symlink()
    same(mc.load(path), full())


@pytest.mark.parametrize("suffix", [".csv", ".xls", ".h5"])
def test_save_names_the_formats(tmp_path, suffix):
    text = message(DataFileError, lambda: mc.save(toy(), tmp_path / f"t{suffix}"))
    assert ".zarr" in text and ".npz" in text and ".xlsx" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.npz", "t.zarr", "t.xlsx", "t.parquet", "folder"])
def test_every_format_of_save_comes_back(tmp_path, name):
    table = toy(households_range={"GHG": (TOY_H / 2, TOY_H * 2)}, year=2022, price_year=2015)
    path = mc.save(table, tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    same(mc.read(path), table)
    same(mc.load(path), table)
