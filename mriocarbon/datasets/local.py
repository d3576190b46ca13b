"""What is at hand: the cache of downloads, the folder of source data, the embedded items.

One list of all three, its verification, and the way in for files fetched by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mriocarbon.config import cache_folder, data_folder
from mriocarbon.datasets.cache import (
    RECORDED_NOW,
    Record,
    cached_editions,
    current,
    described,
    keep_record,
    lock_of,
    note_of,
    now,
    place,
    record_of,
    settled,
)
from mriocarbon.datasets.catalogue import EMBEDDED, catalogue, verified
from mriocarbon.datasets.files import copied, digests, locked, wrong_inside, wrong_start
from mriocarbon.datasets.public import Dataset, Edition, File, find, plain_name, public_datasets
from mriocarbon.errors import DataFileError, InputError, UnknownNameError


@dataclass(frozen=True)
class Holding:
    """One file or data set and where it stands.

    Attributes
    ----------
    name : str
        Of the embedded item or the public data set.
    edition, file, title, licence : str
    state : {"embedded", "cached", "data folder", "remote", "by hand"}
        "remote" can be fetched by program, "by hand" only by a person.
    path : Path or None
        None for what is not at hand.
    size : int or None
    sha256 : str
        Known or recorded; empty where neither.
    current : bool
        Whether this is the edition in use.
    note : str
    """

    name: str
    edition: str
    file: str
    title: str
    licence: str
    state: str
    path: Path | None
    size: int | None
    sha256: str
    current: bool
    note: str


@dataclass(frozen=True)
class Verdict:
    """What a check of one file found.

    Attributes
    ----------
    name, edition, file : str
    state : {"verified", "recorded", "altered", "missing", "unrecorded"}
        "verified": agrees with a hash of the catalogue; "recorded": agrees with the hash noted
        when it came, which was compared with nothing published; "unrecorded": no note of it.
    text : str
    """

    name: str
    edition: str
    file: str
    state: str
    text: str

    @property
    def sound(self) -> bool:
        """Whether the file may be used."""
        return self.state in ("verified", "recorded")


@dataclass(frozen=True)
class Listed:
    """One line of `mriocarbon data list`: an embedded item or an edition of a public data set."""

    name: str
    edition: str
    title: str
    licence: str
    state: str
    here: int
    files: int
    size: int | None
    current: bool


# -- lists ----------------------------------------------------------------------------------


def _files_held(folder: Path, known: Edition) -> Iterator[File]:
    """The catalogue's files of an edition, then the recorded ones it does not know."""
    yield from known.files
    names = {file.name for file in known.files}
    for note in sorted(folder.glob("*.record")):
        if (name := note.name.removesuffix(".record")) not in names:
            yield File(name, note="not in the catalogue: added or kept under this name")


def holdings(name: str = "", cache: Path | None = None) -> tuple[Holding, ...]:
    """Return every file of the package's own and of public data sets, and where each stands.

    Parameters
    ----------
    name : str
        One embedded item or public data set; all by default.
    cache : Path, optional

    Returns
    -------
    tuple of Holding

    Raises
    ------
    UnknownNameError
        No such item or data set.

    Examples
    --------
    >>> from mriocarbon.datasets.local import holdings
    >>> [h.state for h in holdings("oecd_icio_2022")]
    ['embedded']
    """
    found = [
        Holding(
            name=item.name,
            edition=item.edition,
            file=item.file,
            title=item.title,
            licence=item.licence,
            state="embedded",
            path=EMBEDDED / item.file,
            size=item.bytes,
            sha256=item.sha256,
            current=True,
            note=item.exactness,
        )
        for item in catalogue()
        if name in ("", item.name, item.file)
    ]
    for dataset in public_datasets():
        if name in ("", dataset.name):
            found += _public_holdings(dataset, cache)
    # A data set known only by its address has no files to list, and that is no error.
    known = [item.name for item in catalogue()] + [one.name for one in public_datasets()]
    if name and not found and name not in known:
        raise UnknownNameError.of("data set", name, known)
    return tuple(found)


def _public_holdings(dataset: Dataset, cache: Path | None) -> Iterator[Holding]:
    root, data = cache if cache is not None else cache_folder(), data_folder()
    cached = cached_editions(dataset.name, cache)
    used = current(dataset.name, cache)
    listed = [edition.edition for edition in dataset.editions]
    for edition in [*listed, *(one for one in reversed(cached) if one not in listed)]:
        known = described(dataset, edition)
        for file in _files_held(root / dataset.name / edition, known):
            path = place(dataset.name, edition, file.name, cache)
            record = record_of(path) if path.is_file() else None
            state, where = "remote" if file.url else "by hand", None
            if record is not None:
                state, where = "cached", path
            elif "@" in edition:
                continue  # under a date only what is there exists
            elif data and file.data_path and (data / file.data_path).is_file():
                state, where = "data folder", data / file.data_path
            yield Holding(
                name=dataset.name,
                edition=edition,
                file=file.name,
                title=dataset.title,
                licence=dataset.licence,
                state=state,
                path=where,
                size=record.size if record else file.size,
                sha256=record.sha256 if record else file.sha256,
                current=edition == used,
                note=record.compared_with if record else file.hash_origin,
            )


def listing(cache: Path | None = None) -> tuple[Listed, ...]:
    """Return one line per embedded item and per edition of a public data set.

    The state of an edition is that of its best file at hand; `here` of `files` say how many.
    An edition without listed files is "by hand" until a file is added.

    Parameters
    ----------
    cache : Path, optional
        Instead of the cache folder of the settings.

    Returns
    -------
    tuple of Listed

    Examples
    --------
    >>> from mriocarbon.datasets.local import listing
    >>> {"embedded", "by hand"} <= {line.state for line in listing()}
    True
    """
    groups: dict[tuple[str, str], list[Holding]] = {}
    for holding in holdings(cache=cache):
        groups.setdefault((holding.name, holding.edition), []).append(holding)
    lines = []
    for (name, edition), group in groups.items():
        here = [one for one in group if one.path is not None]
        state = next(
            one
            for one in ("embedded", "cached", "data folder", "remote", "by hand")
            if any(holding.state == one for holding in group)
        )
        lines.append(
            Listed(
                name,
                edition,
                group[0].title,
                group[0].licence,
                state,
                len(here),
                len(group),
                sum(one.size for one in here if one.size is not None) if here else None,
                group[0].current,
            )
        )
    for dataset in public_datasets():
        lines += [
            Listed(
                dataset.name,
                one.edition,
                dataset.title,
                dataset.licence,
                "by hand",
                0,
                0,
                None,
                current(dataset.name, cache) == one.edition,
            )
            for one in dataset.editions
            if (dataset.name, one.edition) not in groups
        ]
    return tuple(lines)


# -- verify ---------------------------------------------------------------------------------


def verify(name: str = "", cache: Path | None = None) -> tuple[Verdict, ...]:
    """Check the hash of everything at hand.

    Parameters
    ----------
    name : str
        One item or data set; all by default.
    cache : Path, optional

    Returns
    -------
    tuple of Verdict
        Of embedded, cached and data-folder files; of recorded files that are gone.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> [verdict.sound for verdict in mc.data_verify("population_gdp")]
    [True]
    """
    found = []
    for one in holdings(name, cache):
        if one.state == "embedded":
            try:
                verified(one.name)
                found.append(Verdict(one.name, one.edition, one.file, "verified", "catalogue"))
            except DataFileError as error:
                found.append(Verdict(one.name, one.edition, one.file, "altered", error.what))
        elif one.path is not None:
            found.append(_judged(one))
        else:
            path = place(one.name, one.edition, one.file, cache)
            if note_of(path).is_file():
                text = "recorded, but the file is gone"
                found.append(Verdict(one.name, one.edition, one.file, "missing", text))
    found += _strays(name, cache)
    return tuple(found)


def _judged(one: Holding) -> Verdict:
    assert one.path is not None
    sums, known = digests(one.path), _known_file(one)
    size = one.path.stat().st_size
    where = (one.name, one.edition, one.file)
    if one.size is not None and size != one.size:
        return Verdict(*where, "altered", f"{size:,} bytes, {one.size:,} known")
    if one.sha256 and sums["sha256"] != one.sha256:
        text = f"sha256 {sums['sha256'][:16]}..., {one.sha256[:16]}... known"
        return Verdict(*where, "altered", text)
    hashes = known.hashes if known and "@" not in one.edition else {}
    wrong = [kind for kind, value in hashes.items() if sums[kind] != value]
    if wrong:
        return Verdict(*where, "altered", f"{wrong[0]} is not that of the catalogue")
    if hashes:
        return Verdict(
            *where, "verified", f"{next(iter(hashes))}: {known.hash_origin if known else ''}"
        )
    return Verdict(*where, "recorded", "as when it came; no published hash to compare with")


def _known_file(one: Holding) -> File | None:
    try:
        return described(find(one.name), one.edition).file(one.file)
    except UnknownNameError:
        return None


def _strays(name: str, cache: Path | None) -> Iterator[Verdict]:
    """Files that lie in the cache without a record: they came past fetch and add."""
    root = cache if cache is not None else cache_folder()
    for dataset in public_datasets():
        if name not in ("", dataset.name) or not (root / dataset.name).is_dir():
            continue
        for path in sorted((root / dataset.name).glob("[!.]*/[!.]*")):
            if path.suffix != ".record" and path.is_file() and not note_of(path).is_file():
                text = "no record of it: mriocarbon data add FILE takes it in"
                yield Verdict(dataset.name, path.parent.name, path.name, "unrecorded", text)


# -- add ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Added:
    """A hand-fetched file that was taken in."""

    name: str
    edition: str
    file: str
    path: Path
    sha256: str
    statement: str


def add(
    file: Path,
    *,
    dataset: str = "",
    edition: str = "",
    as_name: str = "",
    cache: Path | None = None,
) -> Added:
    """Take a file fetched by hand into the cache.

    It is recognised by its hash; where no hash of it is published, by name and size, and
    `Added.statement` says so. Where even that is not known, name the data set and the edition.

    Parameters
    ----------
    file : Path
    dataset, edition : str
        Where it belongs, if it cannot be recognised or must be told from its like.
    as_name : str
        The name to keep it under, if the producer gave it another.
    cache : Path, optional

    Returns
    -------
    Added

    Raises
    ------
    DataFileError
        It cannot be read, it is a web page or a broken archive, its hash or size is not that of
        the file it is named after, or another file is already kept there.
    InputError
        It is not recognised, or it may be one of several.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "notes.txt"
    ...     _ = file.write_text("no table")
    ...     try:
    ...         mc.data_add(file, cache=Path(folder))
    ...     except ValueError as error:
    ...         print(type(error).__name__)
    InputError
    """
    path = Path(file).expanduser()
    sums, name = digests(path), plain_name(as_name or path.name, "file")
    with path.open("rb") as opened:
        why = wrong_start(name, opened.read(512)) or wrong_inside(path, name)
    if why:
        raise DataFileError(
            f"{path.name} is not taken in: {why}", where=str(path), do="fetch it again"
        )
    entry, chosen, known, how = _recognised(path, sums, name, dataset, edition)
    target = place(entry.name, chosen, known.name, cache)
    with locked(lock_of(target)), settled(entry.name, chosen, cache):
        return _taken_in(path, target, sums, entry.name, chosen, how)


def _taken_in(
    path: Path, target: Path, sums: Mapping[str, str], name: str, edition: str, how: str
) -> Added:
    record, sha256 = record_of(target), sums["sha256"]
    if record is not None and record.sha256 != sha256:
        raise DataFileError(
            "another file is already recorded there; it is not replaced in silence",
            where=f"{target}: sha256 {record.sha256[:16]}... since {record.retrieved}, "
            f"this one {sha256[:16]}...",
            do="keep it as an edition of its own: --edition NAME",
        )
    if not (record and target.is_file() and digests(target)["sha256"] == sha256):
        copied(path, target)
        if digests(target)["sha256"] != sha256:  # it changed under our hands
            target.unlink(missing_ok=True)
            raise DataFileError("the file changed while it was copied", where=str(path))
        size = target.stat().st_size
        keep_record(target, Record(target.name, size, sha256, how, path.name, now()))
    return Added(name, edition, target.name, target, sha256, how)


def _recognised(
    path: Path, sums: Mapping[str, str], name: str, dataset: str, edition: str
) -> tuple[Dataset, str, File, str]:
    """Which file of which edition this is, and how that is known."""
    size = path.stat().st_size
    pool = [find(dataset)] if dataset else list(public_datasets())
    every = [
        (entry, one, file)
        for entry in pool
        for one in entry.editions
        if edition in ("", one.edition)
        for file in one.files
    ]
    for entry, one, file in every:
        for kind, value in file.hashes.items():
            if sums[kind] == value:
                return entry, one.edition, file, f"{kind} agrees: {file.hash_origin}"
    named = [found for found in every if found[2].name == name]
    open_ones = [found for found in named if not found[2].hashes]
    if named and not open_ones:
        entry, one, file = named[0]
        kind, value = next(iter(file.hashes.items()))
        raise DataFileError(
            f"{path.name} is named as a file of {entry.name} {one.edition}, but its {kind} is not "
            "the one known",
            where=f"{sums[kind][:16]}..., {value[:16]}... known ({file.hash_origin})",
            do="fetch it again; if the producer replaced it, keep it as an edition of its own: "
            f"--dataset {entry.name} --edition NAME",
        )
    sized = [found for found in open_ones if found[2].size == size]
    fits = sized or [found for found in open_ones if found[2].size is None]
    if len(fits) == 1:
        entry, one, file = fits[0]
        by = "name and size" if file.size is not None else "name alone (no size is published)"
        return entry, one.edition, file, f"recognised by {by}; {RECORDED_NOW}"
    if len(fits) > 1:
        places = ", ".join(f"{entry.name} {one.edition}" for entry, one, _ in fits)
        raise InputError(
            f"{path.name} may be of several: {places}", do="add --dataset NAME --edition EDITION"
        )
    if open_ones:
        entry, one, file = open_ones[0]
        raise DataFileError(
            f"{path.name} has {size:,} bytes, {file.size:,} are known for {entry.name} "
            f"{one.edition}",
            do="fetch it again",
        )
    if dataset and edition:
        how = f"taken in as told, not in the catalogue; {RECORDED_NOW}"
        return pool[0], plain_name(edition, "edition"), File(name), how
    raise InputError(
        f"{path.name} is not recognised: no known hash, no known name",
        where=str(path),
        do="say where it belongs: --dataset NAME --edition EDITION (mriocarbon data list)",
    )
