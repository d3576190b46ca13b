"""Archive: file, folder and zip as one thing; damage, hidden files, progress."""

import gc
import zipfile

import pytest

from mriocarbon.errors import DataFileError
from mriocarbon.io.archive import Archive, Progress


def _zip(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


MEMBERS = {"b/Y.csv": "1,2\n" * 50_000, "Z.csv": "3\n", "b/c/readme.txt": "about"}
HIDDEN = {".DS_Store": "x", "b/.hidden/Z.csv": "x", "__MACOSX/b/._Z.csv": "x", "b/~$a.xlsx": "x"}


def _folder(path, members):
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content)
    return path


def test_file_folder_and_zip_look_the_same(tmp_path):
    folder = _folder(tmp_path / "f", {**MEMBERS, **HIDDEN})
    whole = _zip(tmp_path / "a.zip", {**MEMBERS, **HIDDEN})
    for path in (folder, whole):
        archive = Archive(path)
        assert archive.names == tuple(sorted(MEMBERS))
        assert archive.sizes["b/Y.csv"] == len(MEMBERS["b/Y.csv"])
        assert archive.find(r"y\.CSV$") == ["b/Y.csv"]
        assert archive.one(r"(^|/)Z\.csv$", "the flows") == "Z.csv"
        assert archive.head("b/Y.csv", 3) == b"1,2"
        with archive.open("Z.csv") as stream:
            assert stream.read() == b"3\n"
        out = archive.local("b/Y.csv", tmp_path)
        assert out.read_text() == MEMBERS["b/Y.csv"]
    single = Archive(folder / "Z.csv")
    assert single.names == ("Z.csv",) and single.head("Z.csv") == b"3\n"
    assert single.local("Z.csv", tmp_path) == folder / "Z.csv"


def test_one_names_what_is_missing_or_ambiguous(tmp_path):
    archive = Archive(_folder(tmp_path / "f", MEMBERS))
    with pytest.raises(DataFileError, match=r"the flows is missing(?s:.*)holds Z.csv"):
        archive.one("T.txt", "the flows")
    with pytest.raises(DataFileError, match=r"2 members could be a table: Z.csv, b/Y.csv"):
        archive.one(r"csv$", "a table")
    with pytest.raises(DataFileError, match="no such file"):
        Archive(tmp_path / "nothing")


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_truncated_zip_is_refused(tmp_path, cut):
    raw = _zip(tmp_path / "a.zip", MEMBERS).read_bytes()
    (tmp_path / "cut.zip").write_bytes(raw[:-cut])
    with pytest.raises(DataFileError, match=r"truncated|damaged"):
        archive = Archive(tmp_path / "cut.zip")
        for name in archive.names:
            with archive.open(name) as stream:
                stream.read()
        assert archive.names == tuple(sorted(MEMBERS))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_flipped_byte_in_a_member_is_found_when_it_is_read(tmp_path, method):
    path = _zip(tmp_path / "a.zip", {"Y.csv": MEMBERS["b/Y.csv"]}, method)
    raw = bytearray(path.read_bytes())
    raw[60] ^= 0xFF
    path.write_bytes(raw)
    archive = Archive(path)
    with (
        pytest.raises(DataFileError, match=r"Y.csv"),
        archive.open("Y.csv") as stream,
    ):
        while stream.read(1 << 16):
            pass


def test_no_zip_under_the_name_of_one(tmp_path):
    (tmp_path / "a.zip").write_text("<html>not found</html>")
    with pytest.raises(DataFileError, match="or is none"):
        _ = Archive(tmp_path / "a.zip").names


def test_progress_never_goes_back_and_ends_at_the_total(tmp_path):
    content = "1,2\n" * 500_000
    told = []
    for path in (
        _zip(tmp_path / "a.zip", {"Y.csv": content}),
        _folder(tmp_path / "f", {"Y.csv": content}),
    ):
        told.clear()
        with Archive(path, told.append).open("Y.csv") as stream:
            while stream.readlines(1 << 18):
                pass
        assert told and all(isinstance(p, Progress) and p.what == "Y.csv" for p in told)
        done = [p.done for p in told]
        assert done == sorted(done) and done[-1] == told[-1].total == len(content)
        assert told[-1].rate > 0 and told[-1].seconds > 0


def test_the_fingerprint_changes_with_the_source(tmp_path):
    path = _folder(tmp_path / "f", {"Y.csv": "1"})
    before = Archive(path).fingerprint
    assert Archive(path).fingerprint == before
    (path / "Y.csv").write_text("12")
    assert Archive(path).fingerprint != before


def test_the_zip_is_closed_with_its_archive(tmp_path):
    """Whoever else holds it: after an error a traceback does."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("a.csv", "1,2")
    archive = Archive(path)
    assert archive.names == ("a.csv",)
    held = archive._zip
    del archive
    gc.collect()
    assert held.fp is None
