"""API keys: long random words, of which only the hash is kept, in a file of its own.

A key is 256 bits from the system's source of randomness, so that one SHA-256 is as hard to turn
back as a slow hash of a chosen password; and it is looked at with every request.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mriocarbon.errors import DataFileError, InputError, UnknownNameError

PREFIX = "mrio_"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""Names of keys: they are written into logs and folders."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is, when it was made, and the hash of it."""

    name: str
    made: str
    sha256: str


def digest(key: str) -> str:
    """Return the SHA-256 of a key, in hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def read(path: Path) -> tuple[Key, ...]:
    """Return the keys of a file; none if it is not there.

    Raises
    ------
    DataFileError
        It cannot be read as a file of keys.
    """
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Key(str(k["name"]), str(k["made"]), str(k["sha256"])) for k in content["keys"])
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataFileError(
            f"the file of API keys cannot be read: {type(error).__name__}", where=str(path),
            do="put it right, or remove it and add the keys again",
        ) from None  # fmt: skip


def add(path: Path, name: str) -> str:
    """Make a key for `name`, keep its hash in the file, and return the key: it is shown once.

    Raises
    ------
    InputError
        The name is taken, or is not plain letters, digits, ``.``, ``_`` and ``-``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "keys.json"
    ...     key = add(file, "analysis")
    ...     owner(read(file), key), owner(read(file), key + "x"), key in file.read_text()
    ('analysis', None, False)
    """
    if not NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name for a key", where="up to 40 letters, digits, '.', '_', '-'",
            do="choose another one",
        )  # fmt: skip
    with _changing(path) as keys:
        if any(one.name == name for one in keys):
            raise InputError(
                f"there is a key named {name!r} already", where=str(path),
                do="remove it first, or choose another name",
            )  # fmt: skip
        key = PREFIX + secrets.token_urlsafe(32)
        keys.append(Key(name, datetime.now(UTC).isoformat(timespec="seconds"), digest(key)))
    return key


def remove(path: Path, name: str) -> None:
    """Take a key off the file; a running server refuses it from then on.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    with _changing(path) as keys:
        kept = [one for one in keys if one.name != name]
        if len(kept) == len(keys):
            raise UnknownNameError.of("key", name, [one.name for one in keys])
        keys[:] = kept


def owner(keys: tuple[Key, ...], key: str) -> str | None:
    """Return whose key it is, or None; the time it takes does not tell how near it was."""
    asked, found = digest(key), None
    for one in keys:
        if hmac.compare_digest(one.sha256, asked):
            found = one.name
    return found


@contextmanager
def _changing(path: Path) -> Iterator[list[Key]]:
    """Yield the keys to change; the file is replaced as a whole, for its owner's eyes alone.

    Raises
    ------
    DataFileError
        The file or its folder cannot be written; the keys are as they were.
    """
    keys = list(read(path))
    yield keys
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            rows = [{"name": k.name, "made": k.made, "sha256": k.sha256} for k in keys]
            json.dump({"keys": rows}, file, indent=1)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise DataFileError(
            f"the file of API keys cannot be written: {error.strerror or error}", where=str(path),
            do="name a folder of yours: --folder, or MRIOCARBON_CACHE",
        ) from error  # fmt: skip


class KeyFile:
    """The keys of a file, read again when it changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def owner(self, key: str) -> str | None:
        """Return whose key it is, or None."""
        return owner(self.all(), key)

    def all(self) -> tuple[Key, ...]:
        """Return the keys as they are now."""
        try:
            state = self.path.stat()
        except OSError:
            return ()
        now = (state.st_mtime_ns, state.st_size)
        if now != self._seen:
            self._keys, self._seen = read(self.path), now
        return self._keys
