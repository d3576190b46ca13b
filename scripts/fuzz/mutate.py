"""Change an input a little, and leave it what it is: a table, a workbook, a zip, a JSON text.

Bytes changed at random are turned away at the first check of a format. So a csv is changed by its
cells, rows and columns, a zip or workbook inside its members (and by what its directory claims of
them), JSON by its values, other text by its words and numbers; now and then by plain bytes.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

from scripts.fuzz.bundle import Bundle, packed, plain, unpacked

Raw = Callable[[bytes], bytes]
# What numbers and labels are seldom, and files sometimes hold.
CELLS = (
    "", " ", "nan", "NaN", "inf", "-inf", "1e308", "-1e308", "1e999", "1e-320", "-1", "-0", "0",
    "1", "2", "1_000", "1,5", "1.5", "1.234,5", "0x10", "1e5", "2022", "2022.5", "1e400", "１２",
    "١٢", "\0", "\ufeff", "\u2028", "\x85", "\x1c", "\x0b", '"', "'", "=1+1", "9" * 400, "9" * 5000,
    "True", "None", "null", "TOTAL", "\r", "\n", "\r\n", "A" * 140_000, "é", "\udc80", "#REF!",
    "%", "../x", "CHN", "kg", "[", "{", "&a", "*a", "!!python/x", "2022-02-31", "0001-01-01",
    "12:30:00", "~", "<x/>", "&lt;", "1;1;1;1;1", "-9223372036854775809", "18446744073709551616",
)  # fmt: skip
WHOLES = (0, 1, -1, 2, 3, 7, 127, 255, 256, 65535, 10**6, 10**9, 2**30, 2**31 - 1, -(2**31))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
WORD = re.compile(r"[\w.-]+")
# What ties the arrays of a NetCDF file together: HDF5 itself falls over where it is damaged.
LINKED = {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME"}
LARGEST = 1 << 19  # bytes of an input
BOMB = 1 << 22  # bytes that a small member may unpack to


def mutated(data: bytes, rng: Random, raw: Raw | None = None) -> bytes:
    """Return a changed input of at most `LARGEST` bytes.

    Parameters
    ----------
    data : bytes
        A bundle.
    rng : Random
        Where all choices come from.
    raw : callable, optional
        Changes bytes without knowing what they are (libFuzzer's own way).
    """
    files = unpacked(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        files = _files(files, rng, raw or (lambda body: _bytes(body, rng)))
    made = packed(files)
    return made if len(made) <= LARGEST else data


def _files(files: Bundle, rng: Random, raw: Raw) -> Bundle:
    names = list(files)
    name = rng.choice(names)
    roll = rng.random()
    if roll < 0.02 and len(names) > 1:
        return {k: v for k, v in files.items() if k != name}
    if roll < 0.04:
        new = plain(_text(name, rng)) if rng.random() < 0.7 else plain(rng.choice(names) + ".1")
        return {(new if k == name else k): v for k, v in files.items()}
    if roll < 0.05:
        return {**files, name: files[rng.choice(names)]}
    if roll < 0.06:
        return {**files, plain(f"{rng.choice('ab')}/{name}"): files[name]}
    return {**files, name: content(files[name], rng, raw)}


def content(body: bytes, rng: Random, raw: Raw, depth: int = 0) -> bytes:
    """Return changed bytes of one file, by what it is."""
    if body[:4] == b"\x89HDF" and rng.random() < 0.95:
        return _hdf5(body, rng)
    if body[:4] == b"\x89HDF":  # its bytes are HDF5's own matter, which can hang over them
        return body[: rng.randrange(len(body))]
    if body[:10] == b"MATLAB 5.0":  # SciPy falls over its bytes
        return body[: rng.randrange(len(body))]
    if rng.random() < 0.12:
        return raw(body)
    if body[:2] == b"PK" and depth < 3:
        return _zip(body, rng, raw, depth)
    if b"\0" in body[:4096]:
        return _binary(body, rng)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _binary(body, rng)
    if rng.random() < 0.01:  # another encoding
        return text.encode(rng.choice(("utf-16", "latin-1", "utf-8-sig", "utf-32")), "replace")
    return _text_of_kind(text, rng).encode("utf-8", "surrogateescape")


def _text_of_kind(text: str, rng: Random) -> str:
    start = text.lstrip("\ufeff \n\t")[:1]
    if start in ("{", "[") and rng.random() < 0.85:
        try:
            return json.dumps(_value(json.loads(text), rng), ensure_ascii=rng.random() < 0.5)
        except (ValueError, RecursionError):
            return _text(text, rng)
    first = text.partition("\n")[0]
    mark = max(",;\t|", key=first.count)
    if start != "<" and mark in first and rng.random() < 0.75:
        return _table(text, mark, rng)
    return _text(text, rng)


def _cell(text: str, rng: Random) -> str:
    """Return something to stand in a cell: odd, or from elsewhere in the same file."""
    found = WORD.findall(text[: 1 << 14])
    return rng.choice(found) if found and rng.random() < 0.4 else rng.choice(CELLS)


def _table(text: str, mark: str, rng: Random) -> str:
    lines = text.split("\n")
    k, roll = rng.randrange(len(lines)), rng.random()
    if rng.random() < 0.2:
        k = min(k, rng.randrange(4))  # headers are few and matter most
    if roll < 0.1:
        del lines[k]
    elif roll < 0.18:
        lines.insert(k, lines[rng.randrange(len(lines))])
    elif roll < 0.23:
        other = rng.randrange(len(lines))
        lines[k], lines[other] = lines[other], lines[k]
    elif roll < 0.26:
        del lines[k + 1 :]
    elif roll < 0.34:  # a column goes, comes twice, or is another
        at = rng.randrange(lines[k].count(mark) + 1)
        how = rng.randrange(3)
        for n, line in enumerate(lines):
            cells = line.split(mark)
            if at < len(cells):
                cells[at : at + 1] = (
                    [] if how == 0 else [cells[at]] * 2 if how == 1 else [rng.choice(cells)]
                )
                lines[n] = mark.join(cells)
    elif roll < 0.37:
        return text.replace(mark, rng.choice(",;\t|"))
    elif roll < 0.39:
        return text.replace("\n", rng.choice(("\r\n", "\r", "\n\n")))
    elif roll < 0.41:
        return text.replace(".", ",") if mark != "," else text.replace(".", "")
    else:
        cells = lines[k].split(mark)
        at = rng.randrange(len(cells))
        if roll < 0.46:
            del cells[at]
        elif roll < 0.5:
            cells.insert(at, _cell(text, rng))
        else:
            cells[at] = _cell(text, rng)
        lines[k] = mark.join(cells)
    return "\n".join(lines)


def _text(text: str, rng: Random) -> str:
    """Change a number, a word, a line or a stretch of a text."""
    roll = rng.random()
    if roll < 0.6:
        pattern = NUMBER if roll < 0.3 else WORD
        found = list(pattern.finditer(text))
        if found:
            one = rng.choice(found)
            return text[: one.start()] + _cell(text, rng) + text[one.end() :]
    if roll < 0.75:
        lines = text.split("\n")
        k = rng.randrange(len(lines))
        if roll < 0.66:
            del lines[k]
        elif roll < 0.71:
            lines.insert(k, lines[rng.randrange(len(lines))])
        else:
            lines[k] = rng.choice(("", " ", "  ", "\t", "- ", "# ")) + lines[k]
        return "\n".join(lines)
    a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    b = min(b, a + rng.choice((1, 4, 40, 400)))
    if roll < 0.82:
        return text[:a] + text[b:]
    if roll < 0.88:
        return text[:a] + text[a:b] * rng.choice((2, 3, 50)) + text[b:]
    if roll < 0.9:  # nested deeply
        opening = rng.choice("[{(<")
        return text[:a] + opening * rng.choice((20, 2000, 60_000)) + text[a:]
    if roll < 0.92:
        return text[:a]
    return text[:a] + _cell(text, rng) + text[a:]


def _value(raw: Any, rng: Random) -> Any:
    """Change one value of a JSON text, or the key that it stands under."""
    places: list[tuple[Any, Any]] = []
    stack = [raw]
    while stack and len(places) < 5000:
        one = stack.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            places.append((one, key))
            if isinstance(one[key], (dict, list)):
                stack.append(one[key])
    if not places or rng.random() < 0.02:
        return rng.choice((None, [], {}, "x", 1, [raw], {"a": raw}))
    holder, key = rng.choice(places)
    roll = rng.random()
    if roll < 0.15:
        del holder[key]
    elif roll < 0.25 and isinstance(holder, dict):
        holder[rng.choice((*holder, *CELLS[:30]))] = holder.pop(key)
    elif roll < 0.4:
        other, place = rng.choice(places)
        try:
            holder[key] = json.loads(json.dumps(other[place]))
        except (KeyError, IndexError):
            holder[key] = None
    elif roll < 0.5:
        holder[key] = [holder[key]] * rng.choice((0, 1, 2))
    elif roll < 0.55:
        holder[key] = {"a": holder[key]}
    else:
        holder[key] = rng.choice((
            None, True, False, 0, -1, 1, 2, 10**9, 10**30, 1.5, -1.5, 1e308, 1e-320, float("nan"),
            float("inf"), "", [], {}, [[]], "x" * 5000, rng.choice(CELLS), rng.choice(CELLS),
        ))  # fmt: skip
    return raw


def _bytes(body: bytes, rng: Random) -> bytes:
    """Change bytes, whatever they are."""
    data = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at, roll = rng.randrange(len(data) + 1), rng.random()
        size = min(rng.choice((1, 2, 4, 16, 200)), len(data) - at)
        if roll < 0.35 and at < len(data):
            data[at] = rng.randrange(256)
        elif roll < 0.5 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif roll < 0.65:
            del data[at : at + size]
        elif roll < 0.8:
            data[at:at] = data[at : at + size]
        elif roll < 0.9:
            data[at:at] = rng.randbytes(rng.choice((1, 4, 8)))
        else:
            del data[at:]
    return bytes(data)


def _binary(body: bytes, rng: Random) -> bytes:
    """Write a telling number where one may stand, or change plain bytes."""
    if len(body) < 8 or rng.random() < 0.4:
        return _bytes(body, rng)
    data = bytearray(body)
    form = rng.choice(("<h", "<i", "<i", "<i", "<q", "<d", ">i"))
    at = rng.randrange(len(data) - 7)
    if rng.random() < 0.5:
        at -= at % 4
    if rng.random() < 0.3:
        at = min(at, rng.randrange(200))  # headers are few and matter most
    if form == "<d":
        value: float = rng.choice((float("nan"), float("inf"), -1.0, 1e308, 0.0))
    else:
        bits = 8 * struct.calcsize(form)
        old = struct.unpack_from(form, data, at)[0]
        whole = rng.choice((*WHOLES, old + 1, old - 1, old * 2, old << 16))
        value = (whole + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)
    struct.pack_into(form, data, at, value)
    return bytes(data)


def _zip(body: bytes, rng: Random, raw: Raw, depth: int) -> bytes:
    """Change a member of a zip, its name, or what the directory claims of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = [(i.filename, archive.read(i)) for i in archive.infolist()[:60]]
    except Exception:
        return _bytes(body, rng)
    if not members:
        return _bytes(body, rng)
    roll, k = rng.random(), rng.randrange(len(members))
    name, inside = members[k]
    if roll < 0.04:
        del members[k]
    elif roll < 0.06:
        members[k] = (rng.choice((_text(name, rng), members[0][0], "", "../x", "/x")), inside)
    elif roll < 0.07:
        members.append((name, inside))
    elif roll < 0.073:
        members[k] = (name, inside[:2000] * (BOMB // max(1, min(2000, len(inside)))))
    else:
        members[k] = (name, content(inside, rng, raw, depth + 1))
    out = io.BytesIO()
    way = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(out, "w") as archive:
        for number, (member, text) in enumerate(members):
            entry = zipfile.ZipInfo(member.replace("\0", "_")[:200] or "x")
            entry.compress_type = zipfile.ZIP_DEFLATED if len(text) > 1 << 17 else way
            try:
                archive.writestr(entry, text)
            except (UserWarning, ValueError, UnicodeError):
                continue
            if number == k and roll > 0.95:
                _lie(entry, rng)
    return out.getvalue()


def _lie(entry: zipfile.ZipInfo, rng: Random) -> None:
    """Have the directory say of a member what is not so."""
    which = rng.randrange(5)
    if which == 0:
        entry.file_size = rng.choice((0, 1, entry.file_size + 1, 2**31, 2**40))
    elif which == 1:
        entry.compress_size = rng.choice((0, 1, entry.compress_size + 1, 2**31))
    elif which == 2:
        entry.CRC ^= 1
    elif which == 3:
        entry.flag_bits |= rng.choice((0x1, 0x20, 0x40, 0x2000))
    else:
        entry.compress_type = rng.choice((0, 8, 12, 14, 9, 99))


def _hdf5(body: bytes, rng: Random) -> bytes:
    """Change an array, its shape or type, an attribute, or the name of something in HDF5."""
    import h5py

    file = io.BytesIO(body)
    try:
        with h5py.File(file, "r+") as root:
            names: list[str] = []
            root.visit(names.append)
            name = rng.choice(names)
            item, roll = root[name], rng.random()
            if roll < 0.2:
                _attribute(item.attrs, rng)
            elif LINKED & set(item.attrs):
                if item.dtype.kind in "fiu" and item.size < 10**5:
                    item[...] = _odd(item[()], rng)
            elif roll < 0.26:
                del root[name]
            elif roll < 0.32:
                root.move(name, rng.choice((f"{name}_", rng.choice(names) + "x")))
            elif isinstance(item, h5py.Dataset) and item.size < 10**5:
                made = _array(item[()], rng)
                del root[name]
                if rng.random() < 0.1:  # room that nothing was written to
                    shape = rng.choice(((10**5, 10**5), (10**9,), (4, 10**8), ()))
                    root.create_dataset(name, shape, "f8", chunks=True if shape else None)
                else:
                    root[name] = made
    except Exception:  # not everything can be written: the bytes as far as they are
        pass
    return file.getvalue()


def _attribute(held: Any, rng: Random) -> None:
    names = [
        *sorted(set(held) - LINKED),
        "units",
        "_FillValue",
        "scale_factor",
        "grid_mapping",
        "valid_range",
    ]
    name = rng.choice(names)
    if name in held and rng.random() < 0.3:
        del held[name]
    else:
        held[name] = rng.choice(
            (0, -1, 1e308, float("nan"), "x", "", "degrees_north", [1.0, 2.0], [], 10**9, b"\xff")
        )


def _odd(array: Any, rng: Random) -> Any:
    """Change a cell of an array of numbers."""
    if array.size and array.dtype.kind in "fiu":
        odd = (0, 1, 127) if array.dtype.kind != "f" else (float("nan"), float("inf"), -1.0, 1e30)
        array.reshape(-1)[rng.randrange(array.size)] = rng.choice(odd)
    return array


def _array(array: Any, rng: Random) -> Any:
    """Change an array of HDF5: a cell, the shape, the type."""
    import numpy as np

    made = np.array(array)
    roll = rng.random()
    if roll < 0.4:
        made = _odd(made, rng)
    elif roll < 0.5:
        made = made[: rng.randrange(len(made) + 1)] if made.ndim else made[None]
    elif roll < 0.6:
        made = made.T if rng.random() < 0.5 else made.reshape(-1)
    elif roll < 0.7:
        made = made[None]
    elif roll < 0.8 and made.ndim:
        made = np.concatenate([made, made])
    elif made.dtype.kind in "fiu":
        made = made.astype(rng.choice(("i1", "f4", "c16", "S8", "?")))
    return made
