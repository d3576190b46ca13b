"""From one edition to the next: fetch, say what changed, and only then switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mriocarbon.datasets.cache import (
    cached_editions,
    current,
    described,
    path_of,
    place,
    switch,
)
from mriocarbon.datasets.editions import Comparison, compare_files
from mriocarbon.datasets.fetch import Progress, fetch
from mriocarbon.datasets.public import Dataset, Edition, find
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.model.brief import brief


@dataclass(frozen=True)
class Update:
    """The step between two editions.

    Attributes
    ----------
    name : str
    old, new : str
        Editions; `old` is empty where none was in use.
    comparisons : tuple of Comparison
        One for each file at hand in both.
    not_compared : tuple of str
        Files at hand in one edition only.
    coverage : tuple of str
        What the catalogue says of years, regions and sectors of the two, where they differ.
    switched : bool
        Whether `new` is the edition in use now.
    text : str
    """

    name: str
    old: str
    new: str
    comparisons: tuple[Comparison, ...]
    not_compared: tuple[str, ...]
    coverage: tuple[str, ...]
    switched: bool
    text: str

    __repr__ = brief


def compare(name: str, old: str, new: str, *, cache: Path | None = None, most: int = 10) -> Update:
    """Say what changed between two editions that are both at hand; nothing is switched.

    Parameters
    ----------
    name : str
        Of a public data set.
    old, new : str
        Editions, in the cache or in the folder of source data.
    cache : Path, optional
    most : int
        How many of the largest changes to name for each file.

    Returns
    -------
    Update

    Raises
    ------
    NotAvailableError
        No file of one of them is at hand.
    """
    dataset = find(name)
    if old == new:
        raise InputError(f"{dataset.name} {old} cannot be compared with itself")
    files = [_at_hand(dataset, edition, cache) for edition in (old, new)]
    for edition, found in zip((old, new), files, strict=True):
        if not found:
            raise NotAvailableError(
                f"no file of {dataset.name} {edition} is at hand",
                do=f"mriocarbon data fetch {dataset.name} --edition {edition}",
            )
    before, after = files
    layouts = {
        file.key or file.name: file.layout for edition in dataset.editions for file in edition.files
    }
    comparisons = tuple(
        compare_files(before[key], after[key], layout=layouts.get(key), file=key, most=most)
        for key in after
        if key in before
    )
    return Update(
        dataset.name,
        old,
        new,
        comparisons,
        tuple(sorted(before.keys() ^ after.keys())),
        _coverage(described(dataset, old), described(dataset, new)),
        False,
        f"{dataset.name}: {old} compared with {new}; {current(dataset.name, cache)} is in use",
    )


def update(
    name: str,
    *,
    to: str = "",
    accept: Callable[[Update], bool] | None = None,
    cache: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    most: int = 10,
) -> Update:
    """Bring the next edition, say what changed, and switch only if that is accepted.

    Parameters
    ----------
    name : str
        Of a public data set.
    to : str
        An edition; by default the newest of the catalogue (for a moving address: what the
        server has now).
    accept : callable of Update to bool, optional
        Asked with the comparison. Without it nothing is switched.
    cache : Path, optional
    progress : callable, optional
    most : int

    Returns
    -------
    Update
        The edition before stays beside the new one in any case.

    Raises
    ------
    NotAvailableError
        The new edition is not at hand and cannot be fetched. What is here stays in use.
    DataFileError
        What came is wrong. What is here stays in use.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> try:
    ...     mc.data_update("gcb")
    ... except ValueError as error:
    ...     print(str(error).splitlines()[0])
    unknown public data set 'gcb'
    """
    dataset = find(name)
    old = current(dataset.name, cache)
    new = _arrived(dataset, to, cache, progress)
    if new == old:
        return Update(
            dataset.name, old, new, (), (), (), False, f"{dataset.name} {old}: nothing newer"
        )
    if not old:
        step = Update(
            dataset.name,
            "",
            new,
            (),
            (),
            (),
            False,
            f"{dataset.name}: {new} is the first edition at hand",
        )
    else:
        step = compare(dataset.name, old, new, cache=cache, most=most)
    if accept is None or not accept(step):
        return step
    switch(dataset.name, new, cache)
    return Update(
        step.name,
        step.old,
        step.new,
        step.comparisons,
        step.not_compared,
        step.coverage,
        True,
        f"{dataset.name}: {new} is in use" + (f"; {old} is kept beside it" if old else ""),
    )


def _arrived(
    dataset: Dataset, to: str, cache: Path | None, progress: Callable[[Progress], None] | None
) -> str:
    """Make sure that the edition is at hand, and return the name it is kept under."""
    if to and _at_hand(dataset, to, cache):
        return to
    known = dataset.edition(to)
    if not known.moving and _at_hand(dataset, known.edition, cache):
        return known.edition
    got = fetch(
        dataset.name, edition=known.edition, again=known.moving, cache=cache, progress=progress
    )
    return got[0].edition


def _at_hand(dataset: Dataset, edition: str, cache: Path | None) -> dict[str, Path]:
    """Files of an edition that are at hand, by key or name."""
    found = {}
    for file in described(dataset, edition).files:
        try:
            found[file.key or file.name] = path_of(dataset.name, file.name, edition, cache)
        except NotAvailableError:
            continue
    if edition in cached_editions(dataset.name, cache):
        known = {path.name for path in found.values()}
        keys = {file.name: file.key for one in dataset.editions for file in one.files if file.key}
        for path in _others(dataset.name, edition, cache):
            if path.name not in known:
                found[keys.get(path.name, path.name)] = path
    return found


def _others(name: str, edition: str, cache: Path | None) -> list[Path]:
    folder = place(name, edition, "x", cache).parent
    notes = sorted(folder.glob("*.record"))
    return [path for note in notes if (path := note.with_suffix("")).is_file()]


def _coverage(old: Edition, new: Edition) -> tuple[str, ...]:
    """Where the catalogue says that the two differ."""
    lines = []
    for what in ("years", "regions", "sectors"):
        before, after = getattr(old, what), getattr(new, what)
        if before and after and before != after:
            a, b = ("-".join(map(str, v)) if what == "years" else str(v) for v in (before, after))
            lines.append(f"{what}: {a} -> {b}")
    return tuple(lines)
