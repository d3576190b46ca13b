"""One hash for what a run works on, so that a checkpoint knows its own inputs again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from mriocarbon.errors import InputError

__all__ = ["file_sha256", "fingerprint"]


def fingerprint(value: object) -> str:
    """Return the sha256 of plain data: arrays, numbers, text, and mappings or sequences of them.

    The order of a mapping's names does not count; dtype and shape of an array do.

    Raises
    ------
    InputError
        Something that has no fixed bytes (an open file, a lambda).

    Examples
    --------
    >>> import numpy as np
    >>> a = {"x": np.arange(3.0), "seed": 1}
    >>> fingerprint(a) == fingerprint({"seed": 1, "x": np.arange(3.0)})
    True
    >>> fingerprint(a) == fingerprint({"x": np.arange(3), "seed": 1})
    False
    """
    digest = hashlib.sha256()
    _add(digest, value, "value")
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, or of a folder's names and files in sorted order."""
    if path.is_dir():
        digest = hashlib.sha256()
        for one in sorted(p for p in path.rglob("*") if p.is_file()):
            digest.update(f"{one.relative_to(path).as_posix()}\0{file_sha256(one)}\0".encode())
        return digest.hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(digest: Any, value: object, where: str) -> None:
    known = getattr(value, "fingerprint", None)
    if isinstance(known, str):
        digest.update(f"known {known}\0".encode())
    elif value is None or isinstance(value, bool | int | str | Path | Decimal):
        digest.update(f"{type(value).__name__} {value}\0".encode())
    elif isinstance(value, float):
        digest.update(f"float {float(value).hex()}\0".encode())
    elif isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise _refused(value, where)
        digest.update(f"array {array.dtype.str} {array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    elif isinstance(value, Mapping):
        digest.update(f"mapping {len(value)}\0".encode())
        for name in sorted(value, key=str):
            digest.update(f"{type(name).__name__} {name}\0".encode())
            _add(digest, value[name], f"{where}[{name!r}]")
    elif isinstance(value, tuple | list):
        digest.update(f"sequence {len(value)}\0".encode())
        for place, one in enumerate(value):
            _add(digest, one, f"{where}[{place}]")
    elif is_dataclass(value) and not isinstance(value, type):
        digest.update(f"{type(value).__module__}:{type(value).__qualname__}\0".encode())
        for field in fields(value):
            _add(digest, getattr(value, field.name), f"{where}.{field.name}")
    elif "<" not in (name := getattr(value, "__qualname__", "<")):
        digest.update(f"function {value.__module__}:{name}\0".encode())
    else:
        raise _refused(value, where)


def _refused(value: object, where: str) -> InputError:
    return InputError(
        f"a {type(value).__name__} has no fixed bytes to know it again by",
        where=where,
        do="pass arrays, numbers and text, a frozen dataclass of them, or a Handle to a file",
    )
