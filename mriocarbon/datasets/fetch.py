"""Fetch a public data set into the cache: resumed, verified, never replaced in silence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mriocarbon.config import data_folder
from mriocarbon.datasets.cache import (
    RECORDED_NOW,
    Record,
    cached_editions,
    how_to_get,
    keep_record,
    lock_of,
    now,
    part_of,
    place,
    record_of,
    settled,
)
from mriocarbon.datasets.catalogue import catalogue
from mriocarbon.datasets.files import digests, locked
from mriocarbon.datasets.public import Dataset, Edition, File, find, plain_name, public_datasets
from mriocarbon.datasets.transfer import Download, Expected, Got, Progress
from mriocarbon.errors import DataFileError, NotAvailableError, listed

__all__ = ["Fetched", "Progress", "fetch", "offline_line"]


@dataclass(frozen=True)
class Fetched:
    """A file that is now in the cache, whole and checked.

    Attributes
    ----------
    name, edition, file : str
    path : Path
    size : int
    sha256 : str
    statement : str
        With what the hash was compared, or plainly that it was compared with nothing.
    downloaded : bool
        False if it was there already.
    resumed_from : int
        Bytes that an earlier, broken call had left.
    """

    name: str
    edition: str
    file: str
    path: Path
    size: int
    sha256: str
    statement: str
    downloaded: bool
    resumed_from: int = 0


def fetch(
    name: str,
    *,
    edition: str = "",
    files: Iterable[str] = (),
    store_as: str = "",
    again: bool = False,
    cache: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    retries: int = 5,
    timeout: float = 30.0,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Fetched, ...]:
    """Download the files of one edition into the cache; other editions stay as they are.

    A file whose hash is published must agree with it. Where none is published, the hash is
    recorded when the file first comes (and `Fetched.statement` says that it was compared with
    nothing); a different file is refused from then on. The edition in use does not change: see
    `mriocarbon.datasets.update.update`.

    Parameters
    ----------
    name : str
        Of a public data set.
    edition : str
        The newest by default.
    files : iterable of str
        Names or keys; by default all files of the edition that have an address.
    store_as : str
        Keep them as an edition of this name; the way to keep a file that the producer has
        replaced beside the one recorded.
    again : bool
        Ask the server also for files that are there and sound.
    cache : Path, optional
    progress : callable of Progress, optional
    retries : int
        Attempts in a row that may fail without a new byte.
    timeout : float
        Seconds without a byte until an attempt is given up.
    sleep : callable
        How to wait between attempts.

    Returns
    -------
    tuple of Fetched

    Raises
    ------
    UnknownNameError
        No such data set, edition or file.
    NotAvailableError
        The data set is only to be had by hand, the host cannot be reached (one line, with what
        is at hand), or the server refuses.
    DataFileError
        What comes is wrong, incomplete or not the file recorded; or the disk is full. A file
        that was there before is untouched.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> try:
    ...     mc.fetch("gtap")
    ... except LookupError as error:
    ...     print(type(error).__name__)
    NotAvailableError
    """
    dataset = find(name)
    known = dataset.edition(edition)
    wanted = [known.file(file) for file in files] or [file for file in known.files if file.url]
    if not wanted or any(not file.url for file in wanted):
        by_hand = [file.name for file in wanted if not file.url]
        raise NotAvailableError(
            f"{dataset.name} {known.edition} is not fetched by program"
            + (f": {listed(by_hand)}" if by_hand else f" (access: {dataset.access})"),
            where=known.address,
            do=dataset.by_hand or "mriocarbon data add FILE",
        )
    under = plain_name(store_as, "edition") if store_as else ""
    done = []
    for file in wanted:
        try:
            done.append(
                _one(
                    dataset,
                    known,
                    file,
                    under,
                    again,
                    cache,
                    lambda url, part, expected, name=file.name: Download(  # type: ignore[misc]
                        url,
                        part,
                        name,
                        expected=expected,
                        progress=progress,
                        retries=retries,
                        timeout=timeout,
                        sleep=sleep,
                    ),
                )
            )
        except NotAvailableError as error:
            if error.what.startswith("offline:"):
                raise NotAvailableError(f"{error.what}; {offline_line(cache)}") from error
            raise NotAvailableError(
                error.what,
                where=error.where,
                do=how_to_get(dataset, known.edition) if dataset.by_hand else error.do,
            ) from error
    return tuple(done)


def offline_line(cache: Path | None = None) -> str:
    """Say in part of a line what there is to work with without a network."""
    cached = [
        f"{dataset.name} {edition}"
        for dataset in public_datasets()
        for edition in cached_editions(dataset.name, cache)
    ]
    data = data_folder()
    parts = [f"{len(catalogue())} embedded items"]
    if cached:
        parts.append(f"cached {listed(cached, 8)}")
    if data is not None and data.is_dir():
        parts.append("the folder of source data")
    return "working with what is here: " + ", ".join(parts)


def _one(
    dataset: Dataset,
    known: Edition,
    file: File,
    under: str,
    again: bool,
    cache: Path | None,
    download: Callable[[str, Path, Expected], Download],
) -> Fetched:
    edition = under or known.edition
    # A moving address serves another file tomorrow: the parts gather under the edition's own
    # name, the finished file is kept under the date.
    target = place(dataset.name, edition, file.name, cache)
    part = part_of(target)
    with locked(lock_of(target)):
        dated = _newest_dated(dataset, edition, file, cache) if known.moving and not under else None
        standing = dated or target
        record = record_of(standing)
        if record is not None and not again and _sound(standing, record):
            return _as_fetched(dataset.name, standing, record, downloaded=False)
        expected = Expected(file.size, file.hashes) if not under else Expected()
        fixed = record is not None and not (known.moving and not under)
        if fixed and record is not None and not expected.hashes:
            expected = replace(expected, size=None)  # judged below, with its own words
        job = download(file.url, part, expected)
        got = job.run()
        if record is not None and got.digests["sha256"] == record.sha256:
            return _put(dataset.name, standing, part, got, record, cache, file)
        if fixed and record is not None:
            job.discard()
            raise DataFileError(
                f"{file.name} is not the file recorded on {record.retrieved}: the producer has "
                "replaced it; it was not taken",
                where=f"{file.url}: sha256 {got.digests['sha256'][:16]}..., recorded "
                f"{record.sha256[:16]}...",
                do="keep the new one beside it: mriocarbon data fetch "
                f"{dataset.name} --edition {known.edition} --store-as NAME",
            )
        if known.moving and not under:
            target = place(dataset.name, _dated(dataset, edition, file, cache), file.name, cache)
        return _put(dataset.name, target, part, got, None, cache, file)


def _dated(dataset: Dataset, edition: str, file: File, cache: Path | None) -> str:
    """The edition under today's date, with a letter where that already has this file."""
    stem = f"{edition}@{datetime.now(UTC):%Y-%m-%d}"
    names = [stem, *(f"{stem}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")]
    free = (one for one in names if record_of(place(dataset.name, one, file.name, cache)) is None)
    return next(free, names[-1])


def _newest_dated(dataset: Dataset, edition: str, file: File, cache: Path | None) -> Path | None:
    for one in reversed(cached_editions(dataset.name, cache)):
        path = place(dataset.name, one, file.name, cache)
        if one.startswith(f"{edition}@") and record_of(path) is not None:
            return path
    return None


def _sound(path: Path, record: Record) -> bool:
    if not path.is_file() or path.stat().st_size != record.size:
        return False
    return digests(path)["sha256"] == record.sha256


def _put(
    name: str,
    target: Path,
    part: Path,
    got: Got,
    record: Record | None,
    cache: Path | None,
    file: File,
) -> Fetched:
    """Give a finished part its final name and its record."""
    if record is None:
        kinds = [kind for kind in file.hashes if got.digests[kind] == file.hashes[kind]]
        how = f"{kinds[0]} agrees: {file.hash_origin}" if kinds else RECORDED_NOW
        record = Record(
            target.name,
            got.size,
            got.digests["sha256"],
            how,
            file.url,
            now(),
            got.etag,
            got.last_modified,
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with settled(name, target.parent.name, cache):
            # The record first: a file without one would not count, a record without its file
            # only makes the next fetch insist on the same hash.
            keep_record(target, record)
            os.replace(part, target)
    except OSError as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(
            f"the finished download cannot be put in place: {error}", where=str(target)
        ) from error
    part.with_name(part.name + ".json").unlink(missing_ok=True)
    return _as_fetched(name, target, record, downloaded=True, resumed=got.resumed_from)


def _as_fetched(
    name: str, path: Path, record: Record, *, downloaded: bool, resumed: int = 0
) -> Fetched:
    return Fetched(
        name,
        path.parent.name,
        path.name,
        path,
        record.size,
        record.sha256,
        record.compared_with,
        downloaded,
        resumed,
    )
