"""Files on disk: what they are, whether they are sound, and who may write them.

Nothing here knows of catalogues or networks.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from mriocarbon.errors import DataFileError

_ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")
_MAGIC: dict[str, tuple[bytes, ...]] = {
    ".zip": _ZIPPED,
    ".xlsx": _ZIPPED,
    ".xlsb": _ZIPPED,
    ".npz": _ZIPPED,
    ".xls": (b"\xd0\xcf\x11\xe0",),
    ".gz": (b"\x1f\x8b",),
    ".7z": (b"7z\xbc\xaf",),
    ".pdf": (b"%PDF",),
    ".parquet": (b"PAR1",),
    ".nc": (b"CDF", b"\x89HDF"),
    ".h5": (b"\x89HDF",),
    ".mat": (b"MATLAB", b"\x89HDF"),
}
_PAGES = {".html", ".htm", ".xml", ".xhtml"}


def digests(path: Path) -> dict[str, str]:
    """Return sha256, sha1 and md5 of a file, read once.

    Raises
    ------
    DataFileError
        The file cannot be read.
    """
    sums = [hashlib.new(kind, usedforsecurity=False) for kind in ("sha256", "sha1", "md5")]
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                for one in sums:
                    one.update(block)
    except OSError as error:
        raise DataFileError(f"a file cannot be read: {error}", where=str(path)) from error
    return {one.name: one.hexdigest() for one in sums}


def wrong_start(name: str, head: bytes) -> str:
    """Say why the first bytes of a file cannot be those of one with this name; '' if they can.

    Examples
    --------
    >>> from mriocarbon.datasets.files import wrong_start
    >>> wrong_start("IOT_2011_ixi.zip", b"<!DOCTYPE html><html>")
    'it is a web page (a log-in, bot check or error page), not a .zip file'
    >>> wrong_start("table.csv", b"country,year")
    ''
    """
    suffix = Path(name).suffix.lower()
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if suffix not in _PAGES and text.startswith((b"<!doctype", b"<html", b"<head", b"<script")):
        return f"it is a web page (a log-in, bot check or error page), not a {suffix} file"
    starts = _MAGIC.get(suffix)
    if starts and not head.startswith(starts):
        return f"it does not begin as a {suffix} file does"
    return ""


def sealed(name: str) -> bool:
    """Whether a file of this name carries its own directory and checksums (a zip inside)."""
    return _MAGIC.get(Path(name).suffix.lower()) is _ZIPPED


def wrong_inside(path: Path, name: str) -> str:
    """Say what is broken in a zip, xlsx, xlsb or npz file (every checksum is read); '' if sound."""
    if not sealed(name):
        return ""
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        return f"the archive is broken: {error}"
    except Exception as error:  # zlib.error, lzma.LZMAError: a damaged member
        return f"the archive is broken: {error}"
    return f"the archive is broken at {bad}" if bad else ""


@contextlib.contextmanager
def locked(path: Path, *, wait: float = 60.0) -> Iterator[None]:
    """Hold a lock file while the block runs; it dies with the process that holds it.

    Raises
    ------
    DataFileError
        Another process holds it for longer than `wait` seconds.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DataFileError(
            f"the cache cannot be written: {error}",
            where=str(path.parent),
            do="name a folder of yours in MRIOCARBON_CACHE",
        ) from error
    try:
        until = time.monotonic() + wait
        while not _try_lock(handle):
            if time.monotonic() >= until:
                raise DataFileError(
                    "another process is fetching this file",
                    where=str(path.with_suffix("")),
                    do="wait until it is done, then ask again",
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)  # closing unlocks; the empty file stays, to unlink it would be a race


def _try_lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def written(path: Path, text: str) -> None:
    """Write a small text whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise DataFileError(f"a file cannot be written: {error}", where=str(path)) from error


def copied(source: Path, target: Path) -> None:
    """Copy a file whole or not at all; what stands at `target` stays until the copy is done."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, fresh)
        os.replace(fresh, target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise DataFileError(
            f"a file cannot be copied: {error}",
            where=f"{source} -> {target}",
            do="make room or name another folder in MRIOCARBON_CACHE",
        ) from error
