"""Files and folders that are whole or absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mriocarbon.errors import DataFileError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; on success it takes its place, on failure it goes.

    Raises
    ------
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("whole")
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    check_writable(path)
    if path.is_symlink():
        path = Path(os.path.realpath(path))  # the link stays, what it leads to is written anew
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if isinstance(error, DataFileError):
            raise
        raise _refused(path, str(error.strerror or error)) from error
    finally:
        if temporary.parent.is_dir():
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(
    path: Path, kind: str = "", ours: Callable[[Path], bool] = lambda _: False
) -> Iterator[Path]:
    """Yield a new folder beside `path`; on success it takes its place, on failure it goes.

    Parameters
    ----------
    path : Path
        Of a link, what it leads to is replaced.
    kind, ours : str, callable
        What may be replaced, in words, and whether the folder at `path` is such a thing; so may
        an empty one. Without them the place must be free.

    Raises
    ------
    DataFileError
        The place cannot be written to, or holds something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing_folder(Path(folder) / "a") as temporary:
    ...         _ = (temporary / "part").write_text("whole")
    ...     [file.name for file in (Path(folder) / "a").iterdir()]
    ['part']
    """
    check_folder(path, kind, ours)
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    former = path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            os.replace(path, former)
        os.replace(temporary, path)
    except OSError as error:
        if isinstance(error, DataFileError):
            raise
        raise _refused(path, str(error.strerror or error), "folder") from error
    finally:
        if former.is_dir() and not path.exists():  # interrupted between the two moves
            os.replace(former, path)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def check_folder(
    path: Path, kind: str = "", ours: Callable[[Path], bool] = lambda _: False
) -> None:
    """Raise DataFileError if `replacing_folder` would, before any work is done for it."""
    if not path.is_dir():
        if path.exists():
            raise _refused(path, "a file is already there", "folder")
        check_writable(path)
    elif not kind or (any(path.iterdir()) and not ours(path)):
        there = f"something that is no {kind}" if kind else "something"
        raise _refused(path, f"{there} is already there", "folder")
    else:
        _check_room(Path(os.path.realpath(path)), "folder")


def check_writable(path: Path) -> None:
    """Raise DataFileError if a file cannot be put at `path`, before any work is done for it."""
    if path.is_dir():
        raise _refused(path, "it is a folder")
    if path.exists() and not path.is_file():
        # what is moved to /dev/null by one who may do so is there in its stead
        raise _refused(path, "it is a device or a pipe")
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    _check_room(path)


def _check_room(path: Path, what: str = "file") -> None:
    """Raise DataFileError if the folder that `path` lies in takes nothing new."""
    try:
        folder = path.absolute().parent
    except FileNotFoundError:  # removed under the feet of the shell
        raise _refused(path, "the current folder is gone", what) from None
    if not folder.is_dir():
        raise _refused(path, "its folder does not exist", what)
    if not os.access(folder, os.W_OK):
        raise _refused(path, "its folder cannot be written to", what)


def _refused(path: Path, why: str, what: str = "file") -> DataFileError:
    return DataFileError(
        f"cannot write the {what}: {why}", where=str(path),
        do="name another place; nothing was changed",
    )  # fmt: skip
