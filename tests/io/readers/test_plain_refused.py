"""A table of one's own that cannot be read: which of the things that can be wrong it is."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.errors import DataFileError
from mriocarbon.io.plain_write import write_plain


def refusal(path: Path, **options: str) -> DataFileError:
    with pytest.raises(DataFileError) as caught:
        mc.read(path, **options)
    text = str(caught.value)
    assert text.count(path.name) == 1, text  # named once
    assert "mriocarbon.io" not in text  # words of the docs, no module
    return caught.value


def book(path: Path, *sheets: str, filled: bool = True) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name in sheets:
        sheet = made.create_sheet(name)
        if filled:
            sheet.append(["region", "sector"])
    made.save(path)
    return path


@pytest.mark.parametrize("options", [{}, {"format": "plain"}])
def test_a_workbook_is_damaged_empty_or_has_other_sheets(tmp_path, options):
    damaged = tmp_path / "odd.xlsx"
    damaged.write_bytes(b"PK\x03\x04 and no more")
    assert "truncated or damaged" in refusal(damaged, **options).what
    nothing = tmp_path / "none.xlsx"
    nothing.write_bytes(b"")
    assert refusal(nothing, **options).what == "the file is empty"
    empty = refusal(book(tmp_path / "empty.xlsx", "Sheet1", filled=False), **options)
    assert "no sheet has a cell" in empty.what and "sheets: Sheet1" in empty.where
    other = refusal(book(tmp_path / "other.xlsx", "Flows", "Demand"), **options)
    assert other.what == "there is no sheet Z (flows) and none Y (final demand)"
    assert other.where.endswith("sheets: Flows, Demand")
    assert "docs/how-to/read.md" in other.do and "--format" in other.do
    cased = refusal(book(tmp_path / "cased.xlsx", "z", "Y"), **options)
    assert cased.what == "there is no sheet Z (flows)" and "'z' is to be Z" in cased.do


def test_a_folder_without_z_names_its_files(tmp_path):
    folder = tmp_path / "mine"
    write_plain(toy(), folder)
    (folder / "Z.csv").rename(folder / "flows.csv")
    found = refusal(folder)
    assert found.what == "there is no file Z (flows)" and "flows.csv" in found.where
    (folder / "flows.csv").rename(folder / "Z.csv")
    (folder / "Z.csv").write_text("1,2\n3,4\n")
    assert "does not begin with region, sector" in refusal(folder).what
    one = tmp_path / "one.csv"
    one.write_text("1,2\n3,4\n")
    assert "no known layout" in refusal(one).what and "docs/how-to/read.md" in refusal(one).do


def test_lines_that_end_twice_are_read(tmp_path):
    """What Python writes on Windows to a file opened without newline=""."""
    write_plain(toy(), tmp_path / "own")
    for path in (tmp_path / "own").glob("*.csv"):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        path.write_bytes(text.replace(b"\n", b"\r\r\n"))
    np.testing.assert_array_equal(mc.read(tmp_path / "own").Z, toy().Z)
