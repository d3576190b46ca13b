"""Rows of one sheet of an Excel workbook (xlsx or xlsb), one after the other.

A full-size table is one sheet of some million cells. Libraries hold all of them at once, 24 to 32
bytes each, beside the table that is built from them: several times the finished table. Here the
part is decompressed in pieces, and only the row at hand is held.

Follows ECMA-376 part 1, 18.3 (SpreadsheetML sheets) and [MS-XLSB] 2.1.4 and 2.2.1 (records).
"""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.parsers import expat

from mriocarbon.errors import DataFileError, MriocarbonError, UnknownNameError
from mriocarbon.io.archive import AGAIN, Archive, Counted, zip_of
from mriocarbon.io.archive import DAMAGE as zip_damage

Cell = str | float | None
Row = tuple[int, list[Cell]]
PIECE = 1 << 18
WIDEST = 1 << 14  # columns of a sheet, by the format
DAMAGE = (*zip_damage, ValueError, expat.ExpatError, struct.error, KeyError, IndexError)


def is_workbook(archive: Archive, name: str) -> bool:
    """Return whether a member begins as a zip does, as all xlsx and xlsb do."""
    return archive.head(name, 4) == b"PK\x03\x04"


def sheet_names(archive: Archive, name: str) -> list[str]:
    """Return the sheets of a workbook.

    Raises
    ------
    DataFileError
        The workbook is truncated or damaged.
    """
    with _workbook(archive, name) as book:
        return list(_sheets(book))


def rows(archive: Archive, name: str, sheet: str | None = None) -> Generator[Row, None, None]:
    """Yield row number (from 1) and cells of one sheet; empty cells are None, errors text.

    Parameters
    ----------
    archive : Archive
    name : str
        Member: an xlsx or xlsb file.
    sheet : str, optional
        By default the first.

    Raises
    ------
    DataFileError
        The workbook is truncated or damaged.
    UnknownNameError
        No such sheet.

    Examples
    --------
    >>> import openpyxl, tempfile
    >>> book = openpyxl.Workbook()
    >>> book.active.append(["A01", None, 1.5])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book.save(folder + "/a.xlsx")
    ...     list(rows(Archive(Path(folder) / "a.xlsx"), "a.xlsx"))
    [(1, ['A01', None, 1.5])]
    """
    with _workbook(archive, name) as book:
        sheets = _sheets(book)
        if not sheets:
            raise KeyError("it has no sheet of cells")
        chosen = next(iter(sheets)) if sheet is None else sheet
        if chosen not in sheets:
            raise UnknownNameError.of(f"sheet of {name}", chosen, sheets)
        part = sheets[chosen]
        strings = _strings(book)
        with book.open(part) as raw:
            stream: IO[bytes] = raw
            if archive.progress is not None:
                total = book.getinfo(part).file_size
                counted = Counted(raw, f"{name}: {chosen}", total, archive.progress)
                stream = io.BufferedReader(counted, PIECE)
            parse = _binary_rows if part.endswith(".bin") else _xml_rows
            yield from parse(stream, strings)


@contextmanager
def _workbook(archive: Archive, name: str) -> Iterator[zipfile.ZipFile]:
    """Open a workbook, extracted to a temporary folder if it lies in a zip."""
    with tempfile.TemporaryDirectory() as folder:
        path = archive.local(name, Path(folder))
        try:
            with zip_of(path) as book:
                yield book
        except DAMAGE as error:
            if isinstance(error, MriocarbonError):
                raise
            raise DataFileError(
                f"the workbook is truncated or damaged: {error}",
                where=f"{archive.path}" if archive.path.name == name else f"{archive.path}: {name}",
                do=AGAIN,
            ) from error


def _sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts of the sheets by sheet name, in order."""
    targets = {}
    binary = "xl/workbook.bin" in book.namelist()
    rels = f"xl/_rels/workbook.{'bin' if binary else 'xml'}.rels"
    for tag, attributes in _elements(book.read(rels)):
        if tag == "Relationship":
            target = attributes["Target"]
            targets[attributes["Id"]] = target[1:] if target[0] == "/" else f"xl/{target}"
    found = {}
    if binary:
        for kind, body in _records(io.BytesIO(book.read("xl/workbook.bin"))):
            if kind == 156:  # BrtBundleSh
                link, after = _wide(body, 8)
                found[_wide(body, after)[0]] = targets[link]
    else:
        for tag, attributes in _elements(book.read("xl/workbook.xml")):
            if tag == "sheet":
                by_end = {k.rpartition(":")[2]: v for k, v in attributes.items()}
                found[attributes["name"]] = targets[by_end["id"]]
    return {name: part for name, part in found.items() if "worksheets" in part}


def _elements(text: bytes) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, at: found.append((tag.rpartition(":")[2], at))
    parser.Parse(text, True)
    return found


def _strings(book: zipfile.ZipFile) -> list[str]:
    names = set(book.namelist())
    if "xl/sharedStrings.bin" in names:
        with book.open("xl/sharedStrings.bin") as stream:
            return [_wide(body, 1)[0] for kind, body in _records(stream) if kind == 19]
    if "xl/sharedStrings.xml" not in names:
        return []
    found: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "si":
            found.append("")
        elif tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "t":
            state["text"] = False
        elif tag == "rPh":
            state["phonetic"] = False

    def data(text: str) -> None:
        if state["text"]:
            found[-1] += text

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = data
    with book.open("xl/sharedStrings.xml") as stream:
        parser.ParseFile(stream)
    return found


def _xml_rows(stream: IO[bytes], strings: list[str]) -> Iterator[Row]:
    sheet = _Sheet(strings)
    while piece := stream.read(PIECE):
        sheet.parser.Parse(piece, False)
        yield from sheet.ready
        sheet.ready.clear()
    sheet.parser.Parse(b"", True)
    yield from sheet.ready


class _Sheet:
    """What is known between two pieces of a sheet's XML."""

    def __init__(self, strings: list[str]) -> None:
        self.strings = strings
        self.ready: list[Row] = []
        self.number, self.cells = 0, list[Cell]()
        self.at, self.kind, self.text = 0, "n", list[str]()
        self.collects = False
        self.columns: dict[str, int] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            place = attributes.get("r")
            self.at = len(self.cells) if place is None else self.column(place)
            self.kind = attributes.get("t", "n")
            self.text.clear()
        elif tag == "v" or tag == "t":
            self.collects = True
        elif tag == "row":
            self.number = int(attributes.get("r", self.number + 1))
            self.cells = []

    def column(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        at = self.columns.get(letters)
        if at is None:
            at = 0
            for letter in letters[:4]:  # three reach the end of a sheet
                at = 26 * at + ord(letter) - 64
            at -= 1
            if not 0 <= at < WIDEST:
                raise IndexError(f"cell {place[:12]} lies outside of a sheet")
            self.columns[letters] = at
        return at

    def data(self, text: str) -> None:
        if self.collects:
            self.text.append(text)

    def end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "v" or tag == "t":
            self.collects = False
        elif tag == "c":
            if self.text:
                self.put("".join(self.text))
        elif tag == "row":
            self.ready.append((self.number, self.cells))

    def put(self, text: str) -> None:
        value: Cell = text
        if self.kind == "n" or self.kind == "b":
            try:
                value = float(text)
            except ValueError:
                value = text
        elif self.kind == "s":
            value = self.strings[int(text)]
        gap = self.at - len(self.cells)
        if gap == 0:
            self.cells.append(value)
        elif gap > 0:
            self.cells.extend([None] * gap)
            self.cells.append(value)
        else:
            self.cells[self.at] = value


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each record: both lengths are written seven bits to a byte."""
    left = b""
    while piece := stream.read(PIECE):
        left += piece
        at, size = 0, len(left)
        # A header takes six bytes at most; only the last piece may end closer to a body's end.
        while at + 6 <= size:
            kind, body = left[at], at + 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (left[body] & 0x7F) << 7
                body += 1
            length = left[body] & 0x7F
            shift = 7
            while left[body] & 0x80 and shift < 28:
                body += 1
                length |= (left[body] & 0x7F) << shift
                shift += 7
            body += 1
            if body + length > size:
                break
            yield kind, left[body : body + length]
            at = body + length
        left = left[at:]
    yield from _tail(left)


def _tail(left: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(left):
        kind, at = left[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (left[at] & 0x7F) << 7, at + 1
        length, shift = 0, 0
        while True:
            length |= (left[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not left[at - 1] & 0x80 or shift == 28:
                break
        if at + length > len(left):
            raise EOFError("a record is cut off")
        yield kind, left[at : at + length]
        at += length


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """Return a wide string and where it ends."""
    (count,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * count
    if end > len(body):
        raise EOFError("a text is cut off")
    return body[at + 4 : end].decode("utf-16-le"), end


def _packed(raw: int) -> float:
    """Return the number that a 32-bit RK cell stands for."""
    if raw & 2:
        value = float((raw >> 2) - (1 << 30 if raw & 0x80000000 else 0))
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))
    return value / 100 if raw & 1 else value


def _binary_rows(stream: IO[bytes], strings: list[str]) -> Iterator[Row]:
    number, cells, closed = 0, list[Cell](), False
    real, whole = struct.Struct("<d").unpack_from, struct.Struct("<I").unpack_from
    for kind, body in _records(stream):
        if kind == 5 or kind == 9:
            value: Cell = real(body, 8)[0]
        elif kind == 2:
            value = _packed(whole(body, 8)[0])
        elif kind == 7:
            value = strings[whole(body, 8)[0]]
        elif kind == 6 or kind == 8:
            value = _wide(body, 8)[0]
        elif kind == 4 or kind == 10:
            value = float(body[8])
        elif kind == 3 or kind == 11:
            value = "#ERROR"
        else:
            if kind == 0 or kind == 146:  # BrtRowHdr, BrtEndSheetData
                if number:
                    yield number, cells
                closed = kind == 146
                number, cells = (0 if closed else whole(body, 0)[0] + 1), []
            continue
        at = whole(body, 0)[0]
        gap = at - len(cells)
        if not gap:
            cells.append(value)
        elif 0 < gap < WIDEST:
            cells.extend([None] * gap)
            cells.append(value)
        else:
            raise IndexError(f"column {at + 1} is out of order")
    if not closed:
        raise EOFError("the sheet ends within its rows")
