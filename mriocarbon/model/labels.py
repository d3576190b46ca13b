"""Labels of regions and sectors, and strict alignment to them.

Wrong, missing or doubled labels are errors that print both sides; a different order alone is
put right silently, because it changes no number.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.embedded import rows
from mriocarbon.errors import LabelError, UnknownNameError, listed

if TYPE_CHECKING:
    import pandas as pd

AGGREGATES = {
    "EU27": "European Union (27)", "MEA": "Middle East (4 economies)",
    "AFR": "Africa (11 economies)", "LAM": "Latin America (6 economies)",
    "ROW": "Rest of the world",
}  # fmt: skip
"""Regions of the embedded table that are no countries, and their names."""
EU27 = (
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV",
    "HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN",
    "SWE",
)  # fmt: skip
"""The member states since 2020."""
CODES = "(a country is read by its ISO 3166 code, its English name or what people call it)"


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

    A label itself, in any case, a country's code or name in English (ISO 3166), or a name that
    people call it by, in several languages, is accepted.

    Raises
    ------
    UnknownNameError
        With the nearest labels.

    Examples
    --------
    >>> find_region("China", ["USA", "CHN"])
    1
    >>> find_region("UK", ["USA", "GBR"])
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
    code = called(name)
    if label := region_of_country(code, known):
        return known.index(label)
    if code:
        raise no_region(name, code, known)
    raise UnknownNameError.of(
        "region", name, known, also=every_country() if country_names(known) else (), do=CODES
    )


def region_of_country(code: str, regions: Sequence[str]) -> str:
    """Return the label among `regions` that is a country by itself; '' if none or several are.

    Tables label a country by three letters, by two (EXIOBASE, FIGARO) or by its name. A label that
    is the very code is taken for it. Other labels of provinces, states and zones can look like a
    country's, so that a name is read as one only where half of the labels are countries, a code
    where four in five are, and one of two letters only among ten or more.

    Parameters
    ----------
    code : str
        ISO 3166 alpha-3, ``EU27`` or ``WLD``; '' finds nothing.
    regions : sequence of str

    Examples
    --------
    >>> region_of_country("CHN", ["China", "United States"]), region_of_country("EU27", ["EU"])
    ('China', 'EU')
    >>> region_of_country("CAN", ["CA", "NV", "AZ"])  # California
    ''
    """
    if code in regions:
        return code
    if code in ("EU27", "WLD"):
        continents = {"AS", "OC"} & {one.upper() for one in regions}  # then EU is Europe
        found = [
            one
            for one in regions
            if _called().get(fold(one)) == code and not (continents and len(one) == 2)
        ]
    else:
        found = [one for one, country in _labelled(tuple(regions)).items() if country == code]
    return found[0] if code and len(found) == 1 else ""


@lru_cache(maxsize=16)
def _labelled(regions: tuple[str, ...]) -> dict[str, str]:
    """Label -> country, of a table whose regions are for the most part countries."""
    found = {one: country for one in regions if (country := _country_labelled(one))}
    share = len(found) / max(1, len(regions))
    return {
        one: country
        for one, country in found.items()
        if (share >= 0.5 if len(one) > 3 else share >= 0.8) and (len(one) > 2 or len(regions) >= 10)
    }


def _country_labelled(label: str) -> str:
    # EL is Greece in the EU's tables; EXIOBASE's WF is the rest of Africa, not Wallis and Futuna;
    # America as a region is the continent; pycountry also knows numbers and flags
    special = {"EL": "GRC", "WF": "", "AMERICA": ""}
    if label.upper() in special:
        return special[label.upper()]
    return country_code(label) if any(map(str.isalpha, label)) else ""


def no_region(name: str, code: str, known: Sequence[str]) -> UnknownNameError:
    """Return the error of a country that is no region of a table: in which one it is, and where it
    stands alone.

    Parameters
    ----------
    name, code : str
        As it was typed, and its ISO 3166 code (or ``EU27``, ``WLD``).
    known : sequence of str
        The regions of the table.
    """
    told = repr(name) if name.strip().upper() == code else f"{name!r} ({code})"
    where = f"{len(known)} regions: {listed(known, 25)}"
    within = _region_of()
    if code == "WLD":
        do = "leave the regions out to see all of them"
    elif code == "EU27":
        do = "ask for its members, or for EU27 in the table oecd-icio-2022"
    elif set(known) >= set(within.values()):
        group = within.get(code, "ROW")
        where = f"{code} is within {group}, {AGGREGATES.get(group, group)}; {where}"
        do = f"ask for {group}" + (
            f", or for the table oecd-icio-2022-full, which has {code} by itself (it needs the"
            " folder of source data)"
            if code in within
            else f"; no table at hand has {code} by itself"
        )
    else:
        do = "choose one of them, by its label; a country may be part of an aggregate region"
    return UnknownNameError(f"no region {told} in this table", where=where, do=do)


@lru_cache(maxsize=1)
def _region_of() -> dict[str, str]:
    """Economy -> region of the embedded table of 20; one that is not listed belongs to ROW."""
    listing = rows("datasets", "embedded", "regions_20.csv")
    return {row["iso3"]: row["region"] for row in listing}


def country_code(name: str) -> str:
    """Return the alpha-3 code of a country by a code or a name; '' if none.

    Codes and English names are those of ISO 3166; names that people call it by are listed in
    `country_rows`. Nothing is guessed: adjectives and near misses are for `mriocarbon.tools`.

    Examples
    --------
    >>> country_code("Viet Nam"), country_code("de"), country_code("World")
    ('VNM', 'DEU', '')
    >>> country_code("UK"), country_code("Russia"), country_code("日本"), country_code("Korea")
    ('GBR', 'RUS', 'JPN', '')
    """
    code = called(name)
    return "" if code in ("EU27", "WLD") else code


def called(name: str) -> str:
    """Return the code of a country, as `country_code` does, ``EU27`` or ``WLD``; '' if none.

    Examples
    --------
    >>> called("the EU"), called("world"), called(" Viet Nam ")
    ('EU27', 'WLD', 'VNM')
    """
    import pycountry

    try:
        return str(pycountry.countries.lookup(name.strip()).alpha_3)
    except LookupError:
        return _called().get(fold(name), "")


def country_rows() -> list[dict[str, str]]:
    """Return what people call the countries, the EU and the world: code, names, adjectives."""
    return rows("model", "names", "countries.csv")


@lru_cache(maxsize=1)
def _called() -> dict[str, str]:
    return {fold(one): row["code"] for row in country_rows() for one in row["names"].split("|")}


def country_names(codes: Sequence[str]) -> list[str]:
    """Return the English names of those codes that ISO 3166 knows."""
    import pycountry

    found = (pycountry.countries.get(alpha_3=code) for code in codes)
    return [str(getattr(c, "common_name", c.name)) for c in found if c is not None]


def every_country() -> list[str]:
    """Return the English names of all countries of ISO 3166."""
    import pycountry

    return country_names([country.alpha_3 for country in pycountry.countries])
