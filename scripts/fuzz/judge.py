"""Run one input through a reader, and say what is wrong with what came of it."""

from __future__ import annotations

import hashlib
import resource
import shutil
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from mriocarbon.errors import MriocarbonError, MriocarbonWarning
from scripts.fuzz.bundle import laid_out, unpacked
from scripts.fuzz.targets import Target

SECONDS = 5.0  # of processor time, for one small input
MEMORY = 1 << 30  # bytes of address space that one small input may ask for
OURS = ("mriocarbon", "scripts")


@dataclass(frozen=True)
class Finding:
    """What is wrong.

    Attributes
    ----------
    key : str
        The same for the same fault: kind, and where in the package it came from.
    text : str
        With the traceback.
    """

    key: str
    text: str


@cache
def _warmed() -> None:
    """Have Arrow set its pool aside, a GiB of addresses, before addresses are counted."""
    if find_spec("pyarrow") is not None:
        import_module("pyarrow").array(["a", None]).is_null()


@contextmanager
def limited(memory: int = MEMORY) -> Iterator[None]:
    """Let this process have so many bytes more than it has: a claim of GiB is then a MemoryError.

    Address space, not resident memory: a reader that asks for an array of the size that a header
    claims must fail, though the system would hand out pages only as they are written to.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as told:
        now = int(told.read().split()[0]) * resource.getpagesize()
    most = now + memory if hard == resource.RLIM_INFINITY else min(now + memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def tried(target: Target, data: bytes, home: Path) -> Finding | None:
    """Return what is wrong with how a target takes an input; None if nothing is.

    Parameters
    ----------
    target : Target
    data : bytes
        A bundle.
    home : Path
        An empty folder. The reader's temporary files go there as well: it must be empty after.
    """
    _warmed()
    place, room = home / "in", home / "tmp"
    for folder in (place, room):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    laid_out(unpacked(data), place)
    before = _listing(place)
    tempfile.tempdir = str(room)
    begun = time.process_time()
    try:
        with warnings.catch_warnings():
            # A foreign warning is a value that nobody looked at: an overflow, a file left open.
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", MriocarbonWarning)
            warnings.simplefilter("ignore", ResourceWarning)
            with limited():
                target.read(place)
    except MriocarbonError as error:
        if not (error.what and (error.where or error.do)):
            return Finding(f"{type(error).__name__} without a place or advice", str(error))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a library in Rust is no Exception
        return Finding(f"{type(error).__name__} at {_origin(error)}", traceback.format_exc())
    finally:
        spent = time.process_time() - begun
        tempfile.tempdir = None
    if spent > SECONDS:
        return Finding("slow", f"{spent:.1f} s of processor time for {len(data)} bytes")
    if _listing(place) != before:
        return Finding("the input was changed", f"{sorted(before)} -> {sorted(_listing(place))}")
    if left := sorted(p.name for p in room.iterdir()):
        return Finding("temporary files were left", ", ".join(left))
    return None


def _listing(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _origin(error: BaseException) -> str:
    """Return the innermost line of the package that an exception passed through."""
    found = "?"
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if "/mriocarbon/" in file and "/site-packages/" not in file:
            found = f"mriocarbon/{file.rpartition('/mriocarbon/')[2]}:{line}"
    return found
