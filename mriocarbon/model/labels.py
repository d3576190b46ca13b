"""Labels of regions and sectors, and strict alignment to them.

Wrong, missing or doubled labels are errors that print both sides; a different order alone is
put right silently, because it changes no number.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.errors import LabelError, UnknownNameError, listed

if TYPE_CHECKING:
    import pandas as pd


def fold(name: str) -> str:
    """Return a name without case, accents and surplus spaces.

    Examples
    --------
    >>> fold(" TÜRKİYE "), fold("  CÔTE   d’Ivoire ")
    ('turkiye', "cote d'ivoire")
    """
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join(plain.replace("’", "'").split()))


def unique(labels: Iterable[object], kind: str) -> tuple[str, ...]:
    """Return the labels as strings; raise LabelError if one stands twice or is empty.

    Examples
    --------
    >>> unique(["A", "B"], "regions")
    ('A', 'B')
    """
    result = tuple(str(label) for label in labels)
    doubled = [label for label, count in Counter(result).items() if count > 1]
    if doubled:
        raise LabelError(
            f"duplicated labels: {listed(doubled)}",
            where=kind,
            do="give every label once; merge or rename the doubled ones",
        )
    if any("\0" in label for label in result):  # numpy would lose it on the way to a file
        raise LabelError(
            f"labels hold a NUL character: {listed([k for k in result if chr(0) in k])}",
            where=kind,
            do="take it out",
        )
    if not result or any(not label.strip() for label in result):
        raise LabelError("empty label" if result else "no labels", where=kind, do="name each one")
    return result


def positions(
    have: Sequence[Hashable], want: Sequence[Hashable], kind: str
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return `p` with ``have[p[k]] == want[k]``.

    Raises
    ------
    LabelError
        A label is missing, unexpected or doubled; the message prints both sides.
    """
    doubled = [label for label, count in Counter(have).items() if count > 1]
    if doubled:
        raise LabelError(
            f"duplicated labels: {listed(doubled)}", where=kind, do="give every label once"
        )
    place = {label: k for k, label in enumerate(have)}
    missing = [label for label in want if label not in place]
    wanted = set(want)
    extra = [label for label in have if label not in wanted]
    if missing or extra:
        raise LabelError(
            f"labels do not match: missing {listed(missing) or 'none'};"
            f" unexpected {listed(extra) or 'none'}\n"
            f"  expected ({len(want)}): {listed(list(want), 8)}\n"
            f"  found    ({len(have)}): {listed(list(have), 8)}",
            where=kind,
            do="use the same labels on every axis (order does not matter)",
        )
    return np.array([place[label] for label in want], dtype=np.intp)


@dataclass(frozen=True)
class SectorIndex:
    """Region x sector, region-major: position = region * n_sectors + sector.

    Parameters
    ----------
    regions, sectors : tuple of str
        Unique labels.

    Examples
    --------
    >>> index = SectorIndex(("A", "B"), ("1", "2"))
    >>> index.pairs[2], len(index)
    (('B', '1'), 4)
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<SectorIndex: {len(self.regions)} regions x {len(self.sectors)} sectors>"

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", unique(self.regions, "regions"))
        object.__setattr__(self, "sectors", unique(self.sectors, "sectors"))

    def __len__(self) -> int:
        return len(self.regions) * len(self.sectors)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All (region, sector) pairs in order."""
        return tuple((r, s) for r in self.regions for s in self.sectors)

    def name(self, position: int) -> str:
        """Return ``"region sector"`` of one position, for messages."""
        return " ".join(self.pairs[position])

    def region(self, name: str) -> int:
        """Return the position of a region, given its code or, for countries, its name."""
        return find_region(name, self.regions)

    def sector(self, name: str) -> int:
        """Return the position of a sector."""
        if name in self.sectors:
            return self.sectors.index(name)
        raise UnknownNameError.of("sector", name, self.sectors)

    @classmethod
    def from_pairs(cls, pairs: Sequence[tuple[str, str]], kind: str = "index") -> SectorIndex:
        """Build from (region, sector) pairs, which must be a full product of both.

        Raises
        ------
        LabelError
            A pair is doubled or the product has holes.
        """
        regions = tuple(dict.fromkeys(str(r) for r, _ in pairs))
        sectors = tuple(dict.fromkeys(str(s) for _, s in pairs))
        index = cls(regions, sectors)
        positions([(str(r), str(s)) for r, s in pairs], index.pairs, kind)
        return index

    def to_pandas(self) -> pd.MultiIndex:
        """Return a pandas MultiIndex with pymrio's level names, ``region`` and ``sector``."""
        import pandas as pd

        return pd.MultiIndex.from_tuples(self.pairs, names=["region", "sector"])


def find_region(name: str, regions: Sequence[str]) -> int:
    """Return the position of `name` among `regions`.

    A label itself, in any case, or a country's code or name in English (ISO 3166) is accepted.

    Raises
    ------
    UnknownNameError
        With the nearest labels.

    Examples
    --------
    >>> find_region("China", ["USA", "CHN"])
    1
    """
    known = list(regions)
    if not isinstance(name, str):
        raise UnknownNameError.of("region", name, known)
    if name in regions:
        return known.index(name)
    folded = [region.casefold() for region in regions]
    if name.casefold() in folded:
        return folded.index(name.casefold())
    code = country_code(name)
    if code in regions:
        return known.index(code)
    if code:
        told = repr(name) if name.strip().upper() == code else f"{name!r} ({code})"
        raise UnknownNameError(
            f"no region {told} in this table",
            where=f"{len(known)} regions: {listed(known, 25)}",
            do="choose one of them; a country may be part of an aggregate region",
        )
    raise UnknownNameError.of("region", name, [*known, *country_names(known)])


def country_code(name: str) -> str:
    """Return the alpha-3 code of a country by a code or its English name in ISO 3166; '' if none.

    Nothing is guessed: other languages, adjectives and near misses are for `mriocarbon.tools`.

    Examples
    --------
    >>> country_code("Viet Nam"), country_code("de"), country_code("World")
    ('VNM', 'DEU', '')
    """
    import pycountry

    try:
        return str(pycountry.countries.lookup(name).alpha_3)
    except LookupError:
        return ""


def country_names(codes: Sequence[str]) -> list[str]:
    """Return the English names of those codes that ISO 3166 knows."""
    import pycountry

    found = (pycountry.countries.get(alpha_3=code) for code in codes)
    return [str(getattr(c, "common_name", c.name)) for c in found if c is not None]
