"""The folder of a report: all of it appears at once, or nothing changes."""

from __future__ import annotations

import csv
import errno
import io
import itertools
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mriocarbon.errors import DataFileError, InputError


def check_target(folder: Path, names: Sequence[str]) -> None:
    """Raise an error if `folder` cannot take a report, before any work is done."""
    with _reported(folder):
        above = folder.absolute().parents
    standing = next(place for place in (folder, *above) if place.exists())
    if standing.is_dir() and not os.access(standing, os.W_OK | os.X_OK):
        with _reported(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    for place in (folder, *above):
        if place.exists() and not place.is_dir():
            raise InputError(
                "a folder is needed for the report, this is a file",
                where=str(place),
                do="name another folder; nothing was written",
            )
    blocked = [name for name in names if (folder / name).is_dir()]
    if blocked:
        raise InputError(
            f"a folder stands where the report puts its file {blocked[0]!r}",
            where=str(folder / blocked[0]),
            do="move it or name another folder; nothing was written",
        )
    inside = {folder / parent for name in names for parent in Path(name).parents}
    for place in sorted(inside - {folder}):
        if place.exists() and not place.is_dir():
            raise InputError(
                f"a file stands where the report puts its folder {place.name!r}",
                where=str(place),
                do="move it or name another folder; nothing was written",
            )


def put(
    folder: Path,
    names: Sequence[str],
    fill: Callable[[Path], None],
    say: Callable[[str], None],
    former: Sequence[str] = (),
) -> list[Path]:
    """Let `fill` write the files `names` into a folder beside `folder`, then move them in.

    A name may lie in a folder of its own ("origins/CHN.csv"). Files under the `former` names that
    are not written again go: beside the new ones they would tell of another run.
    """
    check_target(folder, names)
    with _reported(folder), _staging(folder) as staging:
        fill(staging)
        missing = [name for name in names if not (staging / name).is_file()]
        assert not missing, missing  # the list of files is what the docs promise
        say("moving the report into place")
        _move(staging, folder, names, [name for name in former if name not in names])
    return [folder / name for name in names]


def chosen(formats: Sequence[str], files: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the files of the formats that are wanted, in the order of `files`.

    Raises
    ------
    InputError
        A format that `files` does not have, or none at all.
    """
    choose = "choose among " + ", ".join(files)
    for name in formats:
        if name not in files:
            raise InputError(f"unknown format {name!r}", where="formats", do=choose)
    if not formats:
        raise InputError("no format is named", where="formats", do=choose)
    return [name for kind, names in files.items() if kind in formats for name in names]


def write_text(path: Path, content: str) -> None:
    """Write a file of a report: UTF-8, and the same line ends everywhere."""
    path.write_text(content, encoding="utf-8", newline="\n")


def csv_text(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as the CSV that all reports write.

    Examples
    --------
    >>> csv_text(("region", "value"), [("CHN", 1.5), ("USA", None)])
    'region,value\\nCHN,1.5\\nUSA,\\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    """Turn what the file system says into the error that names the folder."""
    try:
        yield
    except OSError as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(
            f"the report cannot be written: {error.strerror or error}",
            where=str(folder),
            do="name a folder that can be written to; nothing there was changed",
        ) from error


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside `folder`; it and folders made for it go on failure."""
    target = Path(os.path.realpath(folder))  # a link stays a link, its folder is filled
    made: list[Path] = []
    staging: Path | None = None
    try:
        for parent in reversed(target.parents):
            if not parent.exists():
                parent.mkdir()
                made.append(parent)
        for attempt in itertools.count():
            place = target.with_name(f".{target.name}.{os.getpid()}-{attempt}.part")
            with suppress(FileExistsError):
                place.mkdir()
                staging = place
                break
        assert staging is not None
        yield staging
    except BaseException:
        if staging:
            shutil.rmtree(staging, ignore_errors=True)
        for parent in reversed(made):
            with suppress(OSError):
                parent.rmdir()  # only if still empty
        raise
    shutil.rmtree(staging, ignore_errors=True)


def _move(staging: Path, folder: Path, names: Sequence[str], stale: Sequence[str] = ()) -> None:
    """Move the files in and stale ones out; on failure put back what was there."""
    target = Path(os.path.realpath(folder))
    if not target.exists():
        os.rename(staging, target)
        return
    old = staging / "old"
    old.mkdir()
    saved: list[str] = []
    placed: list[str] = []
    made: list[Path] = []
    try:
        for name in names:
            for parent in reversed(Path(name).parents[:-1]):
                (old / parent).mkdir(exist_ok=True)
                if not (target / parent).exists():
                    (target / parent).mkdir()
                    made.append(target / parent)
            if (target / name).exists() or (target / name).is_symlink():
                os.rename(target / name, old / name)
                saved.append(name)
            os.rename(staging / name, target / name)
            placed.append(name)
        for name in stale:
            if (target / name).is_file() or (target / name).is_symlink():
                (old / name).parent.mkdir(parents=True, exist_ok=True)
                os.rename(target / name, old / name)
                saved.append(name)
    except BaseException:
        for name in placed:
            with suppress(OSError):
                (target / name).unlink()
        for name in saved:
            os.rename(old / name, target / name)
        for parent in reversed(made):
            with suppress(OSError):
                parent.rmdir()  # only if still empty
        raise
