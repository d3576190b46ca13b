"""Files and folders that are whole or absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
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
def replacing_folder(path: Path, *marks: str) -> Iterator[Path]:
    """Yield a new folder beside `path`; on success it takes its place, on failure it goes.

    A folder that stands at `path` is replaced only if it is empty or has one of the files `marks`,
    which says that it is of the same kind.

    Raises
    ------
    DataFileError
        The place cannot be written to, or holds something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing_folder(Path(folder) / "a", "mark") as temporary:
    ...         _ = (temporary / "mark").write_text("whole")
    ...     [file.name for file in (Path(folder) / "a").iterdir()]
    ['mark']
    """
    if path.is_dir():
        if any(path.iterdir()) and not any((path / mark).is_file() for mark in marks):
            raise _refused(path, f"the folder holds something else (no {marks[0]})")
        check_writable(path.absolute().parent / f"{path.name}.part")
    elif path.exists():
        raise _refused(path, "a file stands there")
    else:
        check_writable(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    former = path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            os.replace(path, former)
        try:
            os.replace(temporary, path)
        except BaseException:
            if former.is_dir():
                os.replace(former, path)
            raise
    except OSError as error:
        if isinstance(error, DataFileError):
            raise
        raise _refused(path, str(error.strerror or error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def check_writable(path: Path) -> None:
    """Raise DataFileError if a file cannot be put at `path`, before any work is done for it."""
    if path.is_dir():
        raise _refused(path, "it is a folder")
    if path.exists() and not path.is_file():
        # what is moved to /dev/null by one who may do so is there in its stead
        raise _refused(path, "it is a device or a pipe")
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    try:
        folder = path.absolute().parent
    except FileNotFoundError:  # removed under the feet of the shell
        raise _refused(path, "the current folder is gone") from None
    if not folder.is_dir():
        raise _refused(path, "its folder does not exist")
    if not os.access(folder, os.W_OK):
        raise _refused(path, "its folder cannot be written to")


def _refused(path: Path, why: str) -> DataFileError:
    return DataFileError(
        f"cannot write the file: {why}", where=str(path), do="name another place; nothing was left"
    )
