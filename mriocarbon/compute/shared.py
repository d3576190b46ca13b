"""Data that all tasks read: sent once to each worker, or opened there from a file."""

from __future__ import annotations

import copyreg
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from mriocarbon.compute.fingerprint import file_sha256
from mriocarbon.errors import DataFileError, InputError

__all__ = ["Handle", "opened"]


def read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """Return a read-only view; what such a view becomes again after a journey."""
    return MappingProxyType(mapping)


# Tables hold their mappings read-only; pickle does not know by itself how such a view travels.
copyreg.pickle(MappingProxyType, lambda view: (read_only, (dict(view),)))

_lock = threading.Lock()
_open: dict[str, Any] = {}  # at most one: the tables are large


@dataclass(frozen=True)
class Handle:
    """A file that every worker opens by itself, once; make it with `Handle.of`.

    What travels is the path and the hash. The file has to be readable under the same path on
    every worker (a shared file system), and is checked there against the hash.

    Attributes
    ----------
    path : str
        Absolute path of an ``.npz`` file, of a zarr group, or of what `opener` reads.
    sha256 : str
        Hash of the file, or of all files of the folder.
    opener : function of a Path, or None
        A function on the top level of a module. None: the arrays of the file by name.
    """

    path: str
    sha256: str
    opener: Callable[[Path], Any] | None = None

    @classmethod
    def of(cls, path: Path | str, opener: Callable[[Path], Any] | None = None) -> Handle:
        """Hash the file and return its handle.

        Raises
        ------
        DataFileError
            There is no such file.
        InputError
            Neither ``.npz`` nor a folder, and no opener.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(Path(folder) / "a.npz", x=np.arange(3))
        ...     opened(Handle.of(Path(folder) / "a.npz"))["x"]
        array([0, 1, 2])
        """
        absolute = Path(path).expanduser().absolute()
        if not absolute.exists():
            raise DataFileError("no such file", where=str(absolute), do="check the path")
        if opener is None and not (absolute.suffix == ".npz" or absolute.is_dir()):
            raise InputError(
                "it is not known how to open this file",
                where=str(absolute),
                do="pass an .npz file or a zarr folder, or name an opener: Handle.of(path, read)",
            )
        return cls(str(absolute), file_sha256(absolute), opener)

    @property
    def fingerprint(self) -> str:
        """What it is, wherever it lies."""
        how = self.opener
        return f"{self.sha256} {how.__module__}:{how.__qualname__}" if how else self.sha256


def opened(shared: Any) -> Any:
    """Return what a task gets: the handle's content, or the data themselves, arrays read-only.

    A process keeps the last handle's content, so that its next task need not open it again.

    Raises
    ------
    DataFileError
        The file is not here, or is another one than the caller's.
    """
    if isinstance(shared, Handle):
        with _lock:
            if shared.fingerprint not in _open:
                _open.clear()
                _open[shared.fingerprint] = _read_only(_read(shared))
            return _open[shared.fingerprint]
    return _read_only(shared)


def _read(handle: Handle) -> Any:
    path = Path(handle.path)
    if not path.exists():
        raise DataFileError(
            "the worker does not find the shared file",
            where=handle.path,
            do="put it on a file system that all workers see under this path, or pass the arrays",
        )
    if file_sha256(path) != handle.sha256:
        raise DataFileError(
            "the file is not the one the run began with",
            where=handle.path,
            do="restore it, or start the run anew",
        )
    if handle.opener is not None:
        return handle.opener(path)
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    import zarr

    group = zarr.open_group(str(path), mode="r")
    return {name: np.asarray(array[...]) for name, array in group.arrays()}


def _read_only(shared: Any) -> Any:
    if not isinstance(shared, Mapping):
        return shared
    views = {}
    for name, value in shared.items():
        if isinstance(value, np.ndarray) and value.flags.writeable:
            value = value.view()
            value.flags.writeable = False
        views[name] = value
    return MappingProxyType(views)
