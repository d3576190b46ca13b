"""Country names and codes of the sources, turned into ISO 3166 alpha-3.

ISO names come from pycountry; everything the sources spell their own way is written down
here. A name that is on neither list stops the build: a country is never dropped silently.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

import pycountry

from mriocarbon.errors import UnknownNameError

KOSOVO = "XKX"  # user-assigned code, as used by the World Bank and the European Union
"""Code of Kosovo, which ISO 3166 does not list."""

EXCEPTIONS = {
    "Bolivia": "BOL",
    "Bonaire, Saint Eustatius and Saba": "BES",
    "Bonaire Sint Eustatius and Saba": "BES",
    "British Virgin Islands": "VGB",
    "Brunei": "BRN",
    "Cape Verde": "CPV",
    "Cote d'Ivoire": "CIV",
    "Curacao": "CUW",
    "Democratic People's Republic of Korea": "PRK",
    "Democratic Republic of Congo": "COD",
    "Democratic Republic of the Congo": "COD",
    "East Timor": "TLS",
    "Falkland Islands": "FLK",
    "Faroe Islands": "FRO",
    "Faeroe Islands": "FRO",
    "Iran": "IRN",
    "Iran (Islamic Republic of)": "IRN",
    "Kosovo": KOSOVO,
    "Laos": "LAO",
    "Macao": "MAC",
    "Micronesia (Federated States of)": "FSM",
    "Micronesia (country)": "FSM",
    "Moldova": "MDA",
    "North Korea": "PRK",
    "Palestine": "PSE",
    "Republic of Korea": "KOR",
    "Republic of Moldova": "MDA",
    "Russia": "RUS",
    "Saint Helena": "SHN",
    "Sint Maarten (Dutch part)": "SXM",
    "South Korea": "KOR",
    "State of Palestine": "PSE",
    "Syria": "SYR",
    "Taiwan": "TWN",
    "Tanzania": "TZA",
    "Turkey": "TUR",
    "Türkiye": "TUR",
    "United Kingdom of Great Britain and Northern Ireland": "GBR",
    "United Republic of Tanzania": "TZA",
    "United States of America": "USA",
    "USA": "USA",
    "Vatican": "VAT",
    "Vatican City": "VAT",
    "Venezuela": "VEN",
    "Venezuela (Bolivarian Republic of)": "VEN",
    "Bolivia (Plurinational State of)": "BOL",
    "Wallis and Futuna Islands": "WLF",
    "srb (kosovo)": KOSOVO,
}
"""Names that the sources spell differently from ISO 3166."""


@functools.cache
def _iso_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for key in ("name", "official_name", "common_name"):
            value = getattr(country, key, None)
            if value:
                names[value.casefold()] = country.alpha_3
    return names


def iso3(name: str) -> str:
    """Return the alpha-3 code of a country name or of a three-letter code in any case.

    Parameters
    ----------
    name : str
        As a source writes it.

    Returns
    -------
    str
        ISO 3166 alpha-3, or ``XKX`` for Kosovo.

    Raises
    ------
    UnknownNameError
        The name is neither ISO's nor on the list of exceptions.

    Examples
    --------
    >>> iso3("Viet Nam"), iso3("deu"), iso3("USA"), iso3("srb (kosovo)")
    ('VNM', 'DEU', 'USA', 'XKX')
    """
    text = " ".join(name.replace("’", "'").split())
    if text in EXCEPTIONS:
        return EXCEPTIONS[text]
    if len(text) == 3 and pycountry.countries.get(alpha_3=text.upper()):
        return text.upper()
    code = _iso_names().get(text.casefold())
    if code is None:
        raise UnknownNameError.of("country", name, [*EXCEPTIONS, *_iso_names()])
    return code


def iso3_of_all(names: Iterable[str], not_countries: dict[str, str], where: str) -> dict[str, str]:
    """Map every name of a source, or stop with the full list of those that do not match.

    Parameters
    ----------
    names : iterable of str
        All names that the source uses.
    not_countries : dict
        Name -> reason why it is no country. Only these may be left out.
    where : str
        The source, for the message.

    Returns
    -------
    dict
        Name -> alpha-3, without the names in `not_countries`.

    Raises
    ------
    UnknownNameError
        Some names match nothing, or two names mean one country.

    Examples
    --------
    >>> iso3_of_all(["Japan", "World"], {"World": "sum of all"}, "example")
    {'Japan': 'JPN'}
    """
    found: dict[str, str] = {}
    unmatched: list[str] = []
    for name in names:
        if name in not_countries:
            continue
        try:
            found[name] = iso3(name)
        except UnknownNameError:
            unmatched.append(name)
    if unmatched:
        raise UnknownNameError(
            f"{len(unmatched)} country names match no code: {', '.join(sorted(unmatched))}",
            where=where,
            do="add them to EXCEPTIONS, or to the source's list of non-countries with a reason",
        )
    doubled = sorted({c for c in found.values() if list(found.values()).count(c) > 1})
    if doubled:
        raise UnknownNameError(
            f"several names of one source mean the same country: {', '.join(doubled)}",
            where=where,
            do="decide which row is the country and name the others as non-countries",
        )
    return found


def display_name(code: str) -> str:
    """Return a short English name for an alpha-3 code.

    Examples
    --------
    >>> display_name("KOR"), display_name("XKX")
    ('South Korea', 'Kosovo')
    """
    if code == KOSOVO:
        return "Kosovo"
    country = pycountry.countries.get(alpha_3=code)
    if country is None:
        raise UnknownNameError.of("country code", code, [c.alpha_3 for c in pycountry.countries])
    return str(_SHORT.get(code) or getattr(country, "common_name", None) or country.name)


_SHORT = {
    "COD": "DR Congo",
    "HKG": "Hong Kong",
    "KOR": "South Korea",
    "PRK": "North Korea",
    "PSE": "Palestine",
    "RUS": "Russia",
    "SYR": "Syria",
    "TWN": "Taiwan",
}
