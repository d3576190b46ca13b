"""What ``mriocarbon data info`` tells of: an embedded item, or a public data set and its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mriocarbon.datasets.catalogue import Item, catalogue
from mriocarbon.datasets.local import Holding, holdings
from mriocarbon.datasets.public import Dataset, public_datasets
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.brief import brief


@dataclass(frozen=True)
class Info:
    """A public data set and where each of its files stands."""

    dataset: Dataset
    holdings: tuple[Holding, ...]

    __repr__ = brief


def info(name: str, cache: Path | None = None) -> Info | Item:
    """Return what is known of a data set.

    Parameters
    ----------
    name : str
        Of an embedded item or a public data set, in any case, with ``-`` or ``_``.
    cache : Path, optional
        Instead of the cache folder of the settings.

    Returns
    -------
    Info or Item
        An `Item` for what the package ships.

    Raises
    ------
    UnknownNameError
        No such data set.

    Examples
    --------
    >>> from mriocarbon.datasets.commands import info
    >>> info("gtap").dataset.access
    'licence'
    >>> info("oecd-icio-2022").exactness
    'mixed'
    """
    asked = _folded(name)
    for item in catalogue():
        if asked in (_folded(item.name), _folded(item.file)):
            return item
    for dataset in public_datasets():
        if asked == _folded(dataset.name):
            return Info(dataset, holdings(dataset.name, cache))
    known = [*(item.name for item in catalogue()), *(one.name for one in public_datasets())]
    raise UnknownNameError.of("data set", name, known, do="(all: mriocarbon data list)")


def _folded(name: str) -> str:
    return name.strip().casefold().replace("_", "-")
