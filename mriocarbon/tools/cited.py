"""Sources of the database and of the data folder, as results cite them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import mriocarbon as mc
from mriocarbon.tools.types import Cited


@lru_cache(maxsize=4)
def _known(folder: Path, hashes: tuple[tuple[str, str], ...]) -> dict[str, Cited]:
    """Every source of one store; read once for a store and the state of its files."""
    frame = mc.database(folder).table("sources").fillna("")
    return {
        str(row["source"]): Cited(
            name=f"{row['source']}: {row['title']}", citation=str(row["citation"]),
            licence=str(row["licence"]), url=str(row["address"]), edition=str(row["edition"]),
        )
        for row in frame.to_dict("records")
    }  # fmt: skip


def cited(names: Iterable[str]) -> tuple[Cited, ...]:
    """Return the sources of these names, each once; a name may be several joined by " + ".

    A name with an ending is a file of the user's data folder, which the store does not describe.

    Examples
    --------
    >>> [one.licence for one in cited(["gcb-2024-land"])]
    ['CC BY 4.0']
    """
    store = mc.database()
    known = _known(store.folder, tuple(sorted(store.hashes.items())))
    parts = dict.fromkeys(part for name in names for part in name.split(" + ") if part)
    return tuple(known.get(part) or _file(part) for part in parts)


def shown(name: str) -> str:
    """Return how a page names a source: a file of the data folder by what it holds.

    Examples
    --------
    >>> shown("natural/GFED5_CO2.txt"), shown("gcb-2024-land")
    ('GFED5 beta, no licence stated', 'gcb-2024-land')
    """
    from mriocarbon.natural.sources_local import CITED

    return CITED[name][0] if name in CITED else name


def _file(name: str) -> Cited:
    from mriocarbon.natural.sources_local import CITED

    if name in CITED:
        short, full = CITED[name]
        return Cited(name=short, citation=full)
    local = "read from the folder that MRIOCARBON_DATA names; may not be shipped"
    return Cited(name=name, citation=local if "/" in name else "")
