"""Countries of origin: the 118 that the annex lists, and all others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mriocarbon import embedded
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.labels import fold

OTHER = "OTHER"
OTHER_NAME = "Other Countries and Territories"
TABLES = Path(__file__).parent / "tables"
_ALIASES = {
    "uk": "GBR", "great britain": "GBR", "usa": "USA", "us": "USA", "america": "USA",
    "turkey": "TUR", "tuerkiye": "TUR", "prc": "CHN", "mainland china": "CHN",
    "people's republic of china": "CHN", "korea": "KOR", "republic of korea": "KOR",
    "burma": "MMR", "myanmar": "MMR", "viet nam": "VNM", "ivory coast": "CIV",
    "uae": "ARE", "drc": "COD", "macedonia": "MKD", "swaziland": "SWZ", "chinese taipei": "TWN",
    "russian federation": "RUS", "kosovo": "XKX", "xkx": "XKX", "xk": "XKX",
    "other": OTHER, "other countries": OTHER, "other countries and territories": OTHER,
}  # fmt: skip
_EXTRA = {"XKX": "Kosovo"}


@dataclass(frozen=True, slots=True)
class Origin:
    """A country of origin.

    Attributes
    ----------
    iso3 : str
        ISO 3166-1 alpha-3; ``OTHER`` for the annex's table of all other countries.
    name : str
        As in the annex; of a country not listed there, its ISO name.
    listed : bool
        Whether the annex has a table of its own for it.
    """

    iso3: str
    name: str
    listed: bool

    def __str__(self) -> str:
        return self.name


@lru_cache(maxsize=1)
def _listed() -> dict[str, Origin]:
    return {
        row["iso3"]: Origin(row["iso3"], row["name"], row["iso3"] != OTHER)
        for row in embedded.rows("cbam", "tables", "origins.csv")
    }


def origins() -> tuple[Origin, ...]:
    """Return the 118 countries that the annex lists, in its order.

    Returns
    -------
    tuple of Origin
        Without the table of other countries.

    Examples
    --------
    >>> len(origins()), origins()[0].name
    (118, 'Albania')
    """
    return tuple(o for o in _listed().values() if o.listed)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every folded name and code -> iso3."""
    import pycountry

    found: dict[str, str] = {}
    for country in pycountry.countries:
        for key in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            name = getattr(country, key, None)
            if name:
                found.setdefault(fold(name), country.alpha_3)
    for origin in _listed().values():
        found[fold(origin.name)] = origin.iso3
    return found | {fold(name): code for name, code in _ALIASES.items()}


def origin(name: str | Origin) -> Origin:
    """Return the origin of a name or code.

    Parameters
    ----------
    name : str or Origin
        ISO alpha-2 or alpha-3, a name in English or as in the annex, or ``OTHER``; case and
        accents do not matter.

    Returns
    -------
    Origin
        `listed` is False for a country that the annex does not list: the values of other
        countries and territories apply to it.

    Raises
    ------
    UnknownNameError
        No such country; near names are offered.

    Examples
    --------
    >>> origin("Turkey").name, origin("cn").iso3, origin("Fiji").listed
    ('Türkiye', 'CHN', False)
    """
    if isinstance(name, Origin):
        return name
    code = _names().get(fold(str(name)))
    if code is None:
        raise UnknownNameError.of("country of origin", str(name), _offered())
    listed = _listed().get(code)
    if listed is not None:
        return listed
    return Origin(code, _EXTRA.get(code) or _iso_name(code), False)


def _iso_name(code: str) -> str:
    import pycountry

    return next(str(c.name) for c in pycountry.countries if c.alpha_3 == code)


def _offered() -> list[str]:
    import pycountry

    known = [o.name for o in _listed().values()] + [str(c.name) for c in pycountry.countries]
    return list(dict.fromkeys(known)) + list(_listed())
