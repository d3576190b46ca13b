"""Files that are whole or absent: what stands at the place is looked at first."""

import os
from pathlib import Path

import pytest

from mriocarbon.errors import DataFileError
from mriocarbon.model.atomic import check_folder, check_writable, replacing, replacing_folder


def test_a_device_or_a_pipe_is_not_replaced(tmp_path):
    """Root may replace /dev/null by a file, and would have: the folder can be written to."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path / "link"):
        if place != pipe:
            place.symlink_to(pipe)
        with pytest.raises(DataFileError, match="a device or a pipe"):
            check_writable(place)
        with pytest.raises(DataFileError), replacing(place):
            pytest.fail("reached")
    assert pipe.is_fifo()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "out.csv", tmp_path / "out.csv"
    target.write_text("old")
    link.symlink_to(target)
    with replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink() and target.read_text() == "new"
    target.unlink()  # it leads nowhere now, but to a place where a file can be
    with replacing(link) as temporary:
        temporary.write_text("newer")
    assert link.is_symlink() and target.read_text() == "newer"
    assert sorted(os.listdir(tmp_path)) == ["far", "out.csv"]


def test_a_current_folder_that_is_gone_is_told(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for check in (check_writable, check_folder):
        with pytest.raises(DataFileError, match="the current folder is gone"):
            check(Path("a.zarr"))
    monkeypatch.chdir(tmp_path)


def test_a_link_into_a_folder_that_is_not_there_is_told(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "none" / "out.csv")
    with pytest.raises(DataFileError, match="its folder does not exist"):
        check_writable(tmp_path / "link")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with replacing(tmp_path / "round") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "round").read_text() == "new"


def test_what_lies_beside_a_folder_does_not_keep_it_from_being_replaced(tmp_path):
    (tmp_path / "part").mkdir()
    for kept in ("old", "new"):
        with replacing_folder(tmp_path / "a", "folder of ours", lambda _: True) as temporary:
            (temporary / kept).touch()
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["new"]
    assert sorted(os.listdir(tmp_path)) == ["a", "part"]
