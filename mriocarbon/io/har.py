"""GEMPACK header array files (.har), as GTAP is published.

A file of records framed as Fortran does (length, bytes, length; 32-bit, little-endian). A header
is a record of its four-letter name, one of type, storage, long name and dimensions, and then
the data: ``1C`` texts, ``2I`` and ``2R`` matrices, ``RE`` reals of up to seven dimensions with the
sets' names and elements, ``RL`` the same without sets, each of them full or sparse.

Written from the layout that GEMPACKsoftware/HARPY 1f2b51584c35f8368dff6c3e9552d1987d864462
``harpy/har_file_io.py`` reads; that package (harpy3) is under the GPL and is not used.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError
from mriocarbon.io.archive import AGAIN

BLANK = b"    "
LARGEST = 1 << 30  # bytes of one record; GEMPACK writes some ten thousand
PIECE = 1 << 20
# Cells of a sparse array: a few, and so many for each number that the file holds of it.
FEW, EACH = 1 << 24, 1000


@dataclass(frozen=True, eq=False)
class Header:
    """One header of a file.

    Attributes
    ----------
    name : str
        Up to four letters.
    long_name : str
    array : ndarray
        Of float32, int32 or texts.
    sets : tuple of (str, tuple of str or None)
        Name and elements of each dimension; elements are None where the file gives none.
    """

    name: str
    long_name: str
    array: NDArray[Any]
    sets: tuple[tuple[str, tuple[str, ...] | None], ...] = ()


class _Records:
    """The records of a file, one after the other, each looked at before it is taken."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self._stream, self.where, self._next = stream, where, b""
        self.more = True
        self._advance()

    def fail(self, what: str) -> DataFileError:
        return DataFileError(
            f"the header array file is damaged: {what}", where=self.where, do=AGAIN
        )

    def _advance(self) -> None:
        head = self._stream.read(4)
        if not head:
            self.more, self._next = False, b""
            return
        if len(head) < 4:
            raise self.fail("it ends within a record")
        (size,) = struct.unpack("<i", head)
        if not 0 <= size <= LARGEST:
            raise self.fail(f"a record of {size} bytes")
        body = b"".join(self._pieces(size))
        if len(body) != size or self._stream.read(4) != head:
            raise self.fail("it is truncated, or the two lengths of a record differ")
        self._next = body

    def _pieces(self, size: int) -> Iterator[bytes]:
        """Yield the bytes that are there: room is not made for all that a length claims."""
        while size > 0 and (piece := self._stream.read(min(size, PIECE))):
            yield piece
            size -= len(piece)

    @property
    def begins_header(self) -> bool:
        return self.more and self._next[:4].strip(b" \0") != b""

    def take(self) -> bytes:
        if not self.more:
            raise self.fail("it ends within a header")
        body = self._next
        self._advance()
        return body

    def data(self) -> bytes:
        """Take a record of data: those begin with four blanks."""
        if self.begins_header:
            raise self.fail("a header begins within another one")
        body = self.take()
        if body[:4] != BLANK:
            raise self.fail("a record of data does not begin with blanks")
        return body[4:]


def read_har(stream: IO[bytes], where: str) -> Iterator[Header]:
    """Yield the headers of a file.

    Parameters
    ----------
    stream : binary file
    where : str
        For messages.

    Raises
    ------
    DataFileError
        The file is truncated, damaged, or of a kind that the format does not have.

    Examples
    --------
    >>> import io, struct
    >>> def record(body):
    ...     return struct.pack("<i", len(body)) + body + struct.pack("<i", len(body))
    >>> told = b"    " + b"1CFULL" + b"regions".ljust(70) + struct.pack("<3i", 2, 2, 3)
    >>> body = b"    " + struct.pack("<3i", 1, 2, 2) + b"USAROW"
    >>> file = io.BytesIO(record(b"REG ") + record(told) + record(body))
    >>> [(h.name, h.array.tolist()) for h in read_har(file, "a.har")]
    [('REG', ['USA', 'ROW'])]
    """
    records = _Records(stream, where)
    while records.more:
        if not records.begins_header:
            records.take()  # what is left of a deleted header
            continue
        name = _text(records.take())
        try:
            yield _header(records, name)
        except (struct.error, ValueError, IndexError) as error:
            raise records.fail(f"header {name!r}: {error}") from error


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").strip(" \0")


def _header(records: _Records, name: str) -> Header:
    told = records.data()
    kind, storage = told[:2].decode("latin-1"), told[2:6].decode("latin-1")
    long_name = _text(told[6:76])
    (rank,) = struct.unpack_from("<i", told, 76)
    if not 0 <= rank <= 14:
        raise ValueError(f"{rank} dimensions")
    sizes = struct.unpack_from(f"<{rank}i", told, 80)
    if min(sizes, default=1) < 0:
        raise ValueError(f"dimensions {sizes}")
    if kind == "1C":
        return Header(name, long_name, np.array(_texts(records, sizes[0], sizes[1]), dtype=str))
    if kind in ("2I", "2R"):
        return Header(name, long_name, _matrix(records, sizes, "<i4" if kind == "2I" else "<f4"))
    if kind not in ("RE", "RL"):
        raise ValueError(f"type {kind!r} is none of 1C, 2I, 2R, RE, RL")
    sets = _sets(records, sizes) if kind == "RE" else ()
    array = _full(records) if storage == "FULL" else _sparse(records, sizes)
    if kind == "RE":
        array = array.reshape(sizes[: len(sets)], order="F")
    return Header(name, long_name, array, sets)


def _texts(records: _Records, count: int, width: int) -> list[str]:
    found: list[str] = []
    left = 2
    while left > 1:
        body = records.data()
        left, total, here = struct.unpack_from("<3i", body)
        if total != count or here < 0 or width < 1 or len(body) < 12 + here * width:
            raise ValueError("texts do not fit their number")
        found += [_text(body[12 + k * width : 12 + (k + 1) * width]) for k in range(here)]
    if len(found) != count:
        raise ValueError(f"{len(found)} of {count} texts")
    return found


def _matrix(records: _Records, sizes: tuple[int, ...], kind: str) -> NDArray[Any]:
    # Blocks first: what they do not fill, no room is made for.
    blocks: list[tuple[slice, slice, NDArray[Any]]] = []
    done, size = 0, sizes[0] * sizes[1]
    while done < size:
        body = records.data()
        _, _, _, top, bottom, first, last = struct.unpack_from("<7i", body)
        shape = (bottom - top + 1, last - first + 1)
        count = shape[0] * shape[1]
        if min(shape) < 1 or min(top, first) < 1:
            raise ValueError("a block lies outside of the matrix")
        part = np.frombuffer(body, kind, count, offset=28).reshape(shape, order="F")
        blocks.append((slice(top - 1, bottom), slice(first - 1, last), part))
        done += count
    if done != size:
        raise ValueError(f"{done} of {size} numbers")
    array = np.zeros(sizes[:2], dtype=kind, order="F")
    for rows, columns, part in blocks:
        array[rows, columns] = part
    return array


def _sets(
    records: _Records, sizes: tuple[int, ...]
) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    body = records.data()
    _, _, count, _, _ = struct.unpack_from("<3i12si", body)
    if not 0 <= count <= len(sizes):
        raise ValueError(f"{count} sets")
    at = 28
    names = [_text(body[at + 12 * k : at + 12 * (k + 1)]) for k in range(count)]
    at += 12 * count
    status = body[at : at + count].decode("latin-1")
    at += count + 4 * count
    (explicit,) = struct.unpack_from("<i", body, at)
    if not 0 <= explicit <= len(body) // 12:
        raise ValueError(f"{explicit} elements named one by one")
    single = [_text(body[at + 4 + 12 * k : at + 16 + 12 * k]) for k in range(explicit)]
    known: dict[str, tuple[str, ...]] = {}
    found: list[tuple[str, tuple[str, ...] | None]] = []
    for name, how, size in zip(names, status, sizes, strict=False):
        if how == "k":
            if name not in known:
                known[name] = tuple(_texts(records, size, 12))
            found.append((name, known[name]))
        elif how == "e":
            found.append((name, (single.pop(0),)))
        else:
            found.append((name, None))
    return tuple(found)


def _full(records: _Records) -> NDArray[Any]:
    body = records.data()
    left, rank = struct.unpack_from("<2i", body)
    shape = struct.unpack_from(f"<{rank}i", body, 8)
    if min(shape, default=1) < 0:
        raise ValueError(f"dimensions {shape}")
    blocks: list[tuple[tuple[slice, ...], NDArray[Any]]] = []
    done = 0
    while left > 1:
        place = records.data()
        bounds = struct.unpack_from(f"<{2 * rank}i", place, 4)
        data = records.data()
        (left,) = struct.unpack_from("<i", data)
        pairs = list(zip(bounds[::2], bounds[1::2], strict=True))
        extent = [b - a + 1 for a, b in pairs]
        inside = all(1 <= a <= b <= n for (a, b), n in zip(pairs, shape, strict=True))
        if not inside or math.prod(extent) * 4 != len(data) - 4:
            raise ValueError("a block does not fit its bounds")
        part = np.frombuffer(data, "<f4", offset=4).reshape(extent, order="F")
        blocks.append((tuple(slice(a - 1, b) for a, b in pairs), part))
        done += part.size
    if done != math.prod(shape):
        raise ValueError(f"{done} of {math.prod(shape)} numbers")
    array = np.zeros(shape, dtype=np.float32, order="F")
    for block, part in blocks:
        array[block] = part
    return array


def _sparse(records: _Records, sizes: tuple[int, ...]) -> NDArray[Any]:
    body = records.data()
    (total,) = struct.unpack_from("<i", body)
    size = math.prod(sizes)
    blocks: list[tuple[NDArray[Any], NDArray[Any]]] = []
    left, done = 2, 0
    while left > 1:
        body = records.data()
        left, _, here = struct.unpack_from("<3i", body)
        if here < 0 or len(body) < 12 + 8 * here:
            raise ValueError("a block of a sparse array is cut off")
        at = np.frombuffer(body, "<i4", here, offset=12)
        if here and (at.min() < 1 or at.max() > size):
            raise ValueError("a place lies outside of the array")
        blocks.append((at - 1, np.frombuffer(body, "<f4", here, offset=12 + 4 * here)))
        done += here
    if done != total:
        raise ValueError(f"{done} of {total} numbers")
    if size > FEW + EACH * done:
        raise ValueError(f"{size} cells for {done} numbers")
    flat = np.zeros(size, dtype=np.float32)
    for at, values in blocks:
        flat[at] = values
    return flat.reshape(sizes, order="F")
