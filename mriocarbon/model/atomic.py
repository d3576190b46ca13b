"""Files that are whole or absent."""

from __future__ import annotations

import os
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


def check_writable(path: Path) -> None:
    """Raise DataFileError if a file cannot be put at `path`, before any work is done for it."""
    if path.is_dir():
        raise _refused(path, "it is a folder")
    if not path.absolute().parent.is_dir():
        raise _refused(path, "its folder does not exist")
    if not os.access(path.absolute().parent, os.W_OK):
        raise _refused(path, "its folder cannot be written to")


def _refused(path: Path, why: str) -> DataFileError:
    return DataFileError(
        f"cannot write the file: {why}", where=str(path), do="name another place; nothing was left"
    )
