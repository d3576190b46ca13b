"""Finished batches on disk: a manifest that says what run they belong to, one file for each.

::

    folder/
      manifest.json                     what the run is, and the sha256 of that
      batch-000000-0f3a....npz          arrays of one batch; the name ends in the sha256 of the run,
                                        the batch's number and the arrays

Every file is written under another name and then renamed, so that whatever ends the process
leaves whole files only.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import platform
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon import __version__
from mriocarbon.compute.batch import Batch
from mriocarbon.compute.failures import CheckpointWarning
from mriocarbon.compute.fingerprint import fingerprint
from mriocarbon.errors import DataFileError, InputError, listed
from mriocarbon.model.atomic import replacing

__all__ = ["Checkpoint", "checkpoint_of", "describe"]

FORMAT = 2
MANIFEST = "manifest.json"
_NAME = re.compile(r"batch-(\d{6,})-([0-9a-f]{32})\.npz")


def describe(
    task: Callable[..., Any],
    batches: Sequence[Batch],
    shared: object,
    key: Mapping[str, object],
    blas_threads: int,
) -> dict[str, object]:
    """Return all that a run's results depend on, as text and numbers.

    The source of the task's module counts, and that of this whole package.

    Raises
    ------
    InputError
        `key` is not plain text and numbers, or `shared` has no fixed bytes.
    """
    import scipy

    try:
        plain = json.loads(json.dumps(dict(key), sort_keys=True, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the key is not plain text and numbers: {error}",
            where="key",
            do="pass a mapping such as {'account': 'consumption', 'table': sha256}",
        ) from None
    source = inspect.getsourcefile(task)
    code = Path(source).read_bytes() if source and Path(source).is_file() else b""
    package = Path(__file__).resolve().parents[1]
    ours = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        ours.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return {
        "task": f"{task.__module__}:{task.__qualname__}",
        "task's source": hashlib.sha256(code).hexdigest(),
        "shared data": fingerprint(shared),
        "number of batches": len(batches),
        "seed": batches[0].seed if batches else None,
        "largest batch": max((one.size for one in batches), default=0),
        "batches": fingerprint(tuple(batches)),
        "BLAS threads": blas_threads,
        "mriocarbon": __version__,
        "mriocarbon's source": ours.hexdigest(),
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        **{f"key: {name}": value for name, value in plain.items()},
    }


def checkpoint_of(
    folder: Path | str | None,
    task: Callable[..., Any],
    batches: Sequence[Batch],
    shared: object,
    key: Mapping[str, object] | None,
    *,
    blas_threads: int,
    resume: bool,
) -> Checkpoint | None:
    """Open the checkpoint of a run, if it has one. Raises as `Checkpoint` and `describe`."""
    if folder is None:
        if resume:
            raise InputError(
                "resume without a checkpoint",
                where="resume",
                do="name the folder: checkpoint=",
            )
        return None
    about = describe(task, batches, shared, key or {}, blas_threads)
    return Checkpoint(folder, about, len(batches), resume=resume)


class Checkpoint:
    """The finished batches of one run in a folder.

    Parameters
    ----------
    folder : Path or str
        Made if it is not there. Empty, or a checkpoint of the same run.
    about : mapping
        What the run is (`describe`).
    batches : int
        How many there are.
    resume : bool
        Go on with what the folder holds. With nothing there, the run begins.

    Attributes
    ----------
    finished : frozenset of int
        Batches found whole when it was opened.

    Raises
    ------
    DataFileError
        The folder cannot be written, holds something else, or has no readable manifest.
    InputError
        It belongs to another run (the message says what differs), or to this one and `resume`
        is False.

    Warns
    -----
    CheckpointWarning
        A batch's file is damaged; the batch is computed again.
    """

    def __init__(
        self, folder: Path | str, about: Mapping[str, object], batches: int, *, resume: bool
    ) -> None:
        self.folder = Path(folder).expanduser()
        self._files: dict[int, Path] = {}
        text = json.dumps(about, sort_keys=True, ensure_ascii=False)
        self.key = hashlib.sha256(text.encode()).hexdigest()
        manifest = self.folder / MANIFEST
        if manifest.is_file():
            self._compare(manifest, about)
            found = [path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]
            if found and not resume:
                raise InputError(
                    f"the folder holds this run already: {len(found)} of {batches} batches",
                    where=str(self.folder),
                    do="resume it (resume=True, --resume), or name another folder",
                )
            self._take(found, batches)
        else:
            self._begin(manifest, about)
        self.finished = frozenset(self._files)

    @property
    def count(self) -> int:
        """Batches in the folder now."""
        return len(self._files)

    def save(self, number: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write one batch, whole or not at all. Threads may call it at the same time."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, array in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
        content = buffer.getvalue()
        digest = self._digest(number, content)
        path = self.folder / f"batch-{number:06d}-{digest}.npz"
        with replacing(path) as temporary:
            temporary.write_bytes(content)
        self._files[number] = path

    def load(self, number: int) -> dict[str, NDArray[Any]]:
        """Read one batch back.

        Raises
        ------
        DataFileError
            It is gone, or was changed after the run began.
        """
        path = self._files[number]
        content = path.read_bytes() if path.is_file() else b""
        if self._digest(number, content) != _parts(path)[1]:
            raise DataFileError(
                f"batch {number} was changed while the run went on",
                where=str(path),
                do="resume once more: damaged batches are computed again",
            )
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}

    def _digest(self, number: int, content: bytes) -> str:
        """Bind a file to its run and its place in it, not only to what it holds."""
        return hashlib.sha256(f"{self.key} {number}\0".encode() + content).hexdigest()[:32]

    def _begin(self, manifest: Path, about: Mapping[str, object]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataFileError(
                f"the checkpoint's folder cannot be made: {error.strerror or error}",
                where=str(self.folder),
                do="name another place",
            ) from error
        if any(not path.name.endswith(".part") for path in self.folder.iterdir()):
            raise DataFileError(
                "the folder holds other files and is no checkpoint",
                where=str(self.folder),
                do="name a new or an empty folder",
            )
        content = {"format": FORMAT, "key": self.key, "about": about}
        with replacing(manifest) as temporary:
            temporary.write_text(
                json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )

    def _compare(self, manifest: Path, about: Mapping[str, object]) -> None:
        try:
            content = json.loads(manifest.read_text(encoding="utf-8"))
            version, key, there = content["format"], content["key"], dict(content["about"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataFileError(
                f"the checkpoint's manifest cannot be read: {error}",
                where=str(manifest),
                do="start the run anew in another folder",
            ) from error
        if version == FORMAT and key == self.key:
            return
        here = dict(about)
        differ = [
            f"{name}: {_short(there.get(name))} there, {_short(here.get(name))} here"
            for name in sorted({*there, *here})
            if there.get(name) != here.get(name)
        ]
        raise InputError(
            "the folder holds another run; " + listed(differ or ["its format"], 6),
            where=str(self.folder),
            do="name another folder, or ask for the run it holds",
        )

    def _take(self, found: Sequence[Path], batches: int) -> None:
        damaged = []
        for path in sorted(found):
            number, digest = _parts(path)
            try:
                if number < batches and self._digest(number, path.read_bytes()) == digest:
                    self._files[number] = path
                else:
                    damaged.append(number)
                    path.unlink()
            except OSError as error:
                raise DataFileError(
                    f"a batch of the checkpoint cannot be read: {error.strerror or error}",
                    where=str(path),
                    do="mend its permissions, or remove it: the batch is then computed again",
                ) from error
        for left in self.folder.glob(".batch-*.part"):
            left.unlink(missing_ok=True)
        if damaged:
            warnings.warn(
                f"the checkpoint's files of batch {listed(damaged, 10)} are damaged or of another"
                f" run; they are computed again ({self.folder})",
                CheckpointWarning,
                stacklevel=6,
            )


def _parts(path: Path) -> tuple[int, str]:
    match = _NAME.fullmatch(path.name)
    assert match is not None
    return int(match[1]), match[2]


def _short(value: object) -> str:
    text = str(value)
    return text[:12] + "…" if re.fullmatch(r"[0-9a-f]{64}", text) else text
