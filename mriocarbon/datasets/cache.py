"""The cache of downloads: every edition beside the others, a record of every file next to it.

::

    <cache>/<data set>/current                      the edition in use
    <cache>/<data set>/<edition>/<file>
    <cache>/<data set>/<edition>/<file>.record      size, hashes, address, when, compared with what
    <cache>/<data set>/.partial/<edition>/          downloads under way
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from mriocarbon.config import cache_folder, data_folder
from mriocarbon.datasets.files import written
from mriocarbon.datasets.public import Dataset, Edition, find, plain_name
from mriocarbon.errors import DataFileError, NotAvailableError, UnknownNameError

RECORDED_NOW = "hash recorded now, not compared with a published one"


@dataclass(frozen=True)
class Record:
    """What was written down when a file came into the cache.

    Attributes
    ----------
    file : str
    size : int
    sha256 : str
    compared_with : str
        Which hash it agreed with, or `RECORDED_NOW`.
    origin : str
        Its address, or where the hand-fetched file lay by name only.
    retrieved : str
        UTC, ISO 8601.
    etag, last_modified : str
        As the server gave them.
    """

    file: str
    size: int
    sha256: str
    compared_with: str
    origin: str
    retrieved: str
    etag: str = ""
    last_modified: str = ""


def now() -> str:
    """This moment in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def place(dataset: str, edition: str, file: str, cache: Path | None = None) -> Path:
    """Return where a file of an edition is kept; it need not be there."""
    root = cache if cache is not None else cache_folder()
    return (
        root
        / plain_name(dataset, "data set")
        / plain_name(edition, "edition")
        / plain_name(file, "file")
    )


def note_of(path: Path) -> Path:
    """Where the record of a cached file lies."""
    return path.with_name(path.name + ".record")


def part_of(path: Path) -> Path:
    """Where the bytes of a download gather, on the same disk as the finished file."""
    return path.parent.parent / ".partial" / path.parent.name / f"{path.name}.part"


def lock_of(path: Path) -> Path:
    """The lock that whoever writes this file holds."""
    return part_of(path).with_suffix(".lock")


def record_of(path: Path) -> Record | None:
    """Return the record of a file in the cache; None if there is none.

    Raises
    ------
    DataFileError
        The record is there but cannot be read: nothing is guessed from it.
    """
    note = note_of(path)
    try:
        return Record(**json.loads(note.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise DataFileError(
            f"the record of a cached file cannot be read: {error}",
            where=str(note),
            do="remove the record and the file, then fetch or add the file again",
        ) from error


def keep_record(path: Path, record: Record) -> None:
    """Write the record of a file in the cache."""
    written(note_of(path), json.dumps(asdict(record), indent=1) + "\n")


def cached_editions(dataset: str, cache: Path | None = None) -> tuple[str, ...]:
    """Return the editions of which the cache holds at least one recorded file, oldest first.

    Oldest by the catalogue; editions it does not know (kept under a date) come in order of name
    after the one they belong to.
    """
    folder = (cache if cache is not None else cache_folder()) / plain_name(dataset, "data set")
    if not folder.is_dir():
        return ()
    found = [
        entry.name
        for entry in folder.iterdir()
        if entry.is_dir() and not entry.name.startswith(".") and any(entry.glob("*.record"))
    ]
    order = [edition.edition for edition in reversed(find(dataset).editions)]

    def rank(name: str) -> tuple[int, str]:
        base = name.partition("@")[0]
        return (order.index(base) if base in order else len(order), name)

    return tuple(sorted(found, key=rank))


def _pointer(dataset: str, cache: Path | None) -> Path:
    root = cache if cache is not None else cache_folder()
    return root / plain_name(dataset, "data set") / "current"


def current(dataset: str, cache: Path | None = None) -> str:
    """Return the edition in use: the one switched to, else the newest at hand; '' for none."""
    editions = cached_editions(dataset, cache)
    try:
        chosen = _pointer(dataset, cache).read_text(encoding="utf-8").strip()
    except OSError:
        chosen = ""
    if chosen and (chosen in editions or in_data_folder(dataset, chosen)):
        return chosen
    if editions:
        return editions[-1]
    listed = (one.edition for one in find(dataset).editions)
    return next((one for one in listed if in_data_folder(dataset, one)), "")


@contextlib.contextmanager
def settled(dataset: str, arriving: str, cache: Path | None = None) -> Iterator[None]:
    """Keep the edition in use in use while another arrives: only `switch` changes it."""
    used = current(dataset, cache)
    yield
    if not _pointer(dataset, cache).is_file():
        written(_pointer(dataset, cache), (used or arriving) + "\n")


def switch(dataset: str, edition: str, cache: Path | None = None) -> None:
    """Make an edition the one in use; the others stay.

    Raises
    ------
    NotAvailableError
        No file of that edition is at hand.
    """
    name = find(dataset).name
    if edition not in cached_editions(name, cache) and not in_data_folder(name, edition):
        raise NotAvailableError(
            f"no file of {name} {edition} is at hand",
            where=f"at hand: {', '.join(cached_editions(name, cache)) or 'none'}",
            do=f"mriocarbon data fetch {name} --edition {edition}",
        )
    written(_pointer(name, cache), edition + "\n")


def described(dataset: Dataset, edition: str) -> Edition:
    """Return the catalogue's edition that a cached one belongs to.

    "latest@2026-11-23" belongs to "latest". One kept under a name of the user's own has no
    files in the catalogue.
    """
    base = edition.partition("@")[0]
    found = (one for one in dataset.editions if one.edition == base)
    own = "kept under a name of its own, not in the catalogue"
    return next(found, Edition(edition, "", notes=(own,)))


def in_data_folder(dataset: str, edition: str) -> bool:
    root = data_folder()
    if root is None:
        return False
    files = described(find(dataset), edition).files
    return any(file.data_path and (root / file.data_path).is_file() for file in files)


def path_of(dataset: str, file: str, edition: str = "", cache: Path | None = None) -> Path:
    """Return the path of a file at hand, from the cache or the folder of source data.

    Parameters
    ----------
    dataset : str
    file : str
        Its name, or its key in the catalogue.
    edition : str
        The one in use by default.
    cache : Path, optional

    Raises
    ------
    NotAvailableError
        It is not at hand; the text says how to get it.
    DataFileError
        Its size is not the one recorded. (The full hash is for `verify`.)
    """
    entry = find(dataset)
    chosen = edition or current(entry.name, cache) or entry.editions[0].edition
    known = described(entry, chosen)
    if not known.address and chosen not in cached_editions(entry.name, cache):
        entry.edition(chosen)  # raises, with the nearest names
    try:
        name = known.file(file).name
    except UnknownNameError:
        name = plain_name(file, "file")  # added by hand under a name the catalogue lacks
    path = place(entry.name, chosen, name, cache)
    record = record_of(path) if path.is_file() else None
    if record is not None:
        if path.stat().st_size != record.size:
            raise DataFileError(
                f"a cached file has {path.stat().st_size:,} bytes, {record.size:,} recorded",
                where=str(path),
                do=f"mriocarbon data fetch {entry.name} --edition {chosen}",
            )
        return path
    root = data_folder()
    for one in known.files:
        if one.name == name and one.data_path and root and (root / one.data_path).is_file():
            return root / one.data_path
    raise NotAvailableError(
        f"{entry.name} {chosen} {name} is not at hand", do=how_to_get(entry, chosen)
    )


def how_to_get(dataset: Dataset, edition: str) -> str:
    """One sentence on how a person or the program gets an edition."""
    if dataset.access != "open" and dataset.by_hand:
        return dataset.by_hand
    return f"mriocarbon data fetch {dataset.name} --edition {edition}"
