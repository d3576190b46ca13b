"""The package's own file: every bit kept, the same bytes each time, damage found."""

import hashlib
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from properties.tables import TOY_F, TOY_H, TOY_Y, TOY_Z, cases, toy

import mriocarbon as mc
from mriocarbon.errors import (
    DataFileError,
    InputError,
    MriocarbonError,
    NonFiniteError,
    ShapeError,
    UnknownNameError,
)

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def full() -> mc.MRIO:
    return toy(
        value_added=[80, 60, 50, 100],
        stressors={"GHG": TOY_F, "CO2": TOY_F / 3},
        households={"GHG": TOY_H},
        households_range={"GHG": (TOY_H / 2, TOY_H * 2)},
        units={"GHG": "Mt CO2e", "CO2": "Mt CO2"},
        money_unit="million EUR",
        year=2022,
        price_year=2015,
        notes=[
            mc.Note("imports are estimated", estimated=True),
            mc.Note("fuel is estimated", about="households", estimated=True),
        ],
        provenance=mc.Provenance(
            "toy", "2nd", "", sources=(mc.Source("book", "Author 2001", "CC0"),), steps=("made",)
        ),
    )


def same(a: mc.MRIO, b: mc.MRIO) -> None:
    assert a.index == b.index
    for name in ("categories", "value_added_rows", "money_unit", "year", "price_year", "notes"):
        assert getattr(a, name) == getattr(b, name), name
    for name in ("Z", "Y", "x", "value_added"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert list(a.extensions) == list(b.extensions)
    for name, p in a.extensions.items():
        q = b.extensions[name]
        assert (p.name, p.stressors, p.units, p.notes) == (q.name, q.stressors, q.units, q.notes)
        for part in ("F", "F_Y", "F_Y_low", "F_Y_high"):
            have, want = getattr(p, part), getattr(q, part)
            assert (have is None) == (want is None), part
            if have is not None:
                np.testing.assert_array_equal(have, want, err_msg=part)


def message(error: type[Exception], call) -> str:
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert "\n  where: " in text and "\n  what to do: " in text
    return text


# -- round trips ---------------------------------------------------------------------------------


def test_everything_comes_back(tmp_path):
    table = full()
    path = mc.save(table, tmp_path / "table.npz")
    back = mc.load(path)
    same(back, table)
    assert back.provenance.sources == table.provenance.sources
    assert back.provenance.steps == table.provenance.steps
    assert (back.provenance.dataset, back.provenance.edition) == ("toy", "2nd")
    assert len(back.provenance.sha256) == 64
    assert [p.name for p in tmp_path.iterdir()] == ["table.npz"]


@given(case=cases(max_regions=5, max_sectors=4))
def test_any_table_comes_back(case, tmp_path_factory):
    table = case.mrio()
    path = tmp_path_factory.mktemp("npz") / "t.npz"
    same(mc.load(mc.save(table, path)), table)


def test_the_same_table_gives_the_same_bytes(tmp_path):
    paths = [mc.save(full(), tmp_path / name) for name in ("a.npz", "b.npz")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    twice = mc.save(mc.load(paths[0]), tmp_path / "c.npz")
    thrice = mc.save(mc.load(twice), tmp_path / "d.npz")
    assert twice.read_bytes() == thrice.read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_one_bit_of_difference_gives_another_hash(tmp_path):
    Z = TOY_Z.copy()
    Z[0, 0] = np.nextafter(Z[0, 0], np.inf)
    hashes = {
        mc.load(mc.save(table, tmp_path / "t.npz")).provenance.sha256
        for table in (toy(), toy(Z=Z), toy(regions=["A", "C"]), toy(units="kt CO2e"), toy(year=1))
    }
    assert len(hashes) == 5


def test_accounts_of_the_copy_are_the_same_to_the_last_bit(tmp_path):
    table = full()
    back = mc.load(str(mc.save(table, tmp_path / "t.npz")))
    for principle in ("consumption", "income", "shared"):
        a, b = (mc.account(t, principle, stressor="GHG") for t in (table, back))
        assert a.value.tobytes() == b.value.tobytes()
        assert a.estimated and b.estimated


def test_a_plain_archive_is_read_too(tmp_path):
    path = tmp_path / "plain.npz"
    np.savez(
        path, Z=TOY_Z, Y=TOY_Y, regions=["A", "B"], sectors=["1", "2"], F__GHG=TOY_F, F_Y__GHG=TOY_H
    )
    mrio = mc.load(path)
    np.testing.assert_allclose(
        mc.account(mrio, "consumption", stressor="GHG").value, [154.014721, 247.985279], atol=1e-6
    )
    assert str(path) in mrio.provenance.dataset


# -- damage --------------------------------------------------------------------------------------


def test_a_missing_file(tmp_path):
    assert "no such file" in message(DataFileError, lambda: mc.load(tmp_path / "none.npz"))
    assert "nowhere" in message(DataFileError, lambda: mc.load("nowhere/none.npz"))
    message(DataFileError, lambda: mc.load(tmp_path))  # a folder is no file


def test_the_wrong_suffix(tmp_path):
    (tmp_path / "table.csv").write_text("1,2")
    for name in (tmp_path / "table.csv", str(tmp_path / "table.csv"), "table.xlsx"):
        text = message(DataFileError, lambda name=name: mc.load(name))
        assert "no known layout fits it" in text or "no such file or folder" in text


def test_an_unknown_table():
    text = message(UnknownNameError, lambda: mc.load("oecd-icio-2021"))
    assert "did you mean 'oecd-icio-2022'" in text


@pytest.mark.parametrize("keep", [0, 1, 10, 100, 0.2, 0.5, 0.9, -22, -1])
def test_truncated_files(tmp_path, keep):
    path = mc.save(full(), tmp_path / "t.npz")
    content = path.read_bytes()
    if 0 < keep < 1:
        keep = int(keep * len(content))
    path.write_bytes(content[:keep])
    assert str(path) in message(DataFileError, lambda: mc.load(path))


def test_any_flipped_byte_is_found_or_changes_nothing(tmp_path):
    path = mc.save(full(), tmp_path / "t.npz")
    content = path.read_bytes()
    table = mc.load(path)
    rng = np.random.default_rng(0)
    # all of the directory at the end, which is most brittle, and a sample of the rest
    places = {
        *range(len(content) - 400, len(content)),
        *rng.integers(0, len(content), 400).tolist(),
    }
    found = 0
    for place in sorted(places):
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        try:
            back = mc.load(path)
        except (DataFileError, InputError):
            found += 1
            continue
        except Exception as error:
            pytest.fail(f"byte {place} of {len(content)}: {type(error).__name__}: {error}")
        same(back, table)
    assert found > 0.5 * len(places)


def members_of(path) -> dict[str, np.ndarray]:
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.mark.parametrize("member", ["Z", "Y", "x", "F__emissions", "regions", "meta"])
def test_altered_content_is_found_by_its_hash(tmp_path, member):
    path = mc.save(full(), tmp_path / "t.npz")
    members = members_of(path)
    value = members[member]
    if value.dtype.kind == "U":
        members[member] = np.char.replace(value, "A" if member == "regions" else "2022", "2021")
        assert (members[member] != value).any()
    else:
        members[member] = value * (1 + 1e-15)
    np.savez(path, **members)
    text = message(DataFileError, lambda: mc.load(path))
    assert "hash" in text and str(members["sha256"])[:16] in text


def test_added_and_removed_members_are_found_by_the_hash(tmp_path):
    path = mc.save(full(), tmp_path / "t.npz")
    members = members_of(path)
    np.savez(path, **members, F__extra=np.ones((1, 4)))
    assert "hash" in message(DataFileError, lambda: mc.load(path))
    del members["value_added"]
    np.savez(path, **members)
    assert "hash" in message(DataFileError, lambda: mc.load(path))


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", b"PK\x03\x04" + b"\0" * 40, b"text of\nsome kind"]
)
def test_files_that_are_no_archive(tmp_path, content):
    path = tmp_path / "t.npz"
    path.write_bytes(content)
    message(DataFileError, lambda: mc.load(path))


def test_a_single_array_under_the_name_of_an_archive(tmp_path):
    path = tmp_path / "t.npz"
    with path.open("wb") as file:
        np.save(file, TOY_Z)
    message(DataFileError, lambda: mc.load(path))


def test_an_archive_of_something_else(tmp_path):
    path = tmp_path / "t.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    message(MriocarbonError, lambda: mc.load(path))


def test_pickles_are_never_opened(tmp_path):
    path = tmp_path / "t.npz"
    np.savez(path, Z=np.array([{"a": 1}], dtype=object), Y=TOY_Y)
    message(DataFileError, lambda: mc.load(path))


@pytest.mark.parametrize("absent", ["Z", "Y", "regions", "sectors"])
def test_a_missing_member_is_named(tmp_path, absent):
    path = tmp_path / "t.npz"
    members = {"Z": TOY_Z, "Y": TOY_Y, "regions": ["A", "B"], "sectors": ["1", "2"]}
    np.savez(path, **{k: v for k, v in members.items() if k != absent})
    assert f"lacks {absent}" in message(InputError, lambda: mc.load(path))


@pytest.mark.parametrize(
    ("member", "value", "error"),
    [
        ("Z", TOY_Z[:, :3], ShapeError),
        ("Z", np.where(np.eye(4) > 0, np.nan, TOY_Z), NonFiniteError),
        ("Y", TOY_Y.T, ShapeError),
        ("x", [1, 2, 3], ShapeError),
        ("x", [1, -2, 3, 4], InputError),
        ("F__GHG", [[1, 2, 3]], ShapeError),
        ("F__GHG", [1, 2, 3, np.inf], NonFiniteError),
        ("F__GHG", np.ones((2, 4)), InputError),
        ("F_Y__GHG", [1, 2, 3], ShapeError),
        ("F_Y__GHG", [1, np.inf], NonFiniteError),
        ("F_Y__GHG", [-np.inf, np.nan], NonFiniteError),
        ("regions", ["A", "A"], InputError),
        ("value_added", np.ones((2, 3)), ShapeError),
        ("meta", "{not json", MriocarbonError),
        ("meta", json.dumps({"notes": 3}), MriocarbonError),
        ("meta", json.dumps({"provenance": {"author": "nobody"}}), MriocarbonError),
    ],
    ids=str,
)
def test_members_that_do_not_fit(tmp_path, member, value, error):
    path = tmp_path / "t.npz"
    members = {
        "Z": TOY_Z, "Y": TOY_Y, "regions": ["A", "B"], "sectors": ["1", "2"], "F__GHG": TOY_F,
    }  # fmt: skip
    np.savez(path, **{**members, member: value})
    message(error, lambda: mc.load(path))


# -- writing -------------------------------------------------------------------------------------


def test_nothing_is_left_half_written(tmp_path, monkeypatch):
    import mriocarbon.model.atomic as module

    path = mc.save(toy(), tmp_path / "t.npz")
    before = hashlib.sha256(path.read_bytes()).hexdigest()

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        mc.save(full(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["t.npz"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_what_is_saved_can_be_loaded_by_the_path_that_save_returns(tmp_path):
    path = mc.save(toy(), tmp_path / "table")
    same(mc.load(path), toy())


def test_a_file_of_anything_is_not_advised_to_be_unpickled(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(b"anything")
    with pytest.raises(DataFileError, match="no numpy archive") as caught:
        mc.read(path)
    assert "pickle" not in str(caught.value)
