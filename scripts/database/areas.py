"""Names of areas to codes: ISO 3166 alpha-3 where there is one, else a code that says so."""

from __future__ import annotations

from collections.abc import Iterable

from mriocarbon.errors import UnknownNameError
from scripts.database.schema import Collected
from scripts.embed.countries import KOSOVO, display_name, iso3

SPELT = {
    "Congo (DRC)": "COD",
    "Congo, Democratic Republic of": "COD",
    "Congo, Republic of": "COG",
    "Bonaire and Sint Eustatius and Saba": "BES",
    "Bonaire": "BES",
    "Bosnia Herzegovina": "BIH",
    "China, Hong Kong Special Administrative Region": "HKG",
    "Chinese Taipei": "TWN",
    "Hong Kong (SAR of China)": "HKG",
    "Hong Kong, China": "HKG",
    "Korea": "KOR",
    "UK": "GBR",
    "Macao (SAR of China)": "MAC",
    "Korea (North), Democratic People's Republic of": "PRK",
    "Korea (South), Republic of": "KOR",
    "Micronesia": "FSM",
    "Myanmar/Burma": "MMR",
    "Netherlands (Kingdom of the)": "NLD",
    "North Macedonia, Republic of": "MKD",
    "Palestine (State of)": "PSE",
    "Palestinian Authority": "PSE",
    "Pitcairn Islands": "PCN",
    "Reunion": "REU",
    "Saint Barthelemy": "BLM",
    "Saint Helena and Ascension and Tristan da Cunha": "SHN",
    "Saint Martin": "MAF",
    "Saint Vincent and Grenadines": "VCT",
    "Sao Tomé & Principe": "STP",
    "Sint Martin": "SXM",
    "Taiwan (China)": "TWN",
    "Taiwan (Chinese Taipei)": "TWN",
    "Tanzania (the United Republic of)": "TZA",
    "The Philippines": "PHL",
    "United States Virgin Islands": "VIR",
    "Vanatu": "VUT",
    "Virgin Islands (British)": "VGB",
    "Virgin Islands (U.S.)": "VIR",
    "QTR": "QAT",  # a slip of the CH4 inversion's file for Qatar
}
"""What this family of sources spells in its own way."""

OTHER = {
    "World": ("WLD", "World"),
    "Globe": ("WLD", "World"),
    "Global": ("WLD", "World"),
    "EU": ("EU27", "European Union (27)"),
    "EU27": ("EU27", "European Union (27)"),
    "EU-27": ("EU27", "European Union (27)"),
    "European Union (27)": ("EU27", "European Union (27)"),
    "EU (Ember)": ("EU27", "European Union (27)"),
    "Memo:  EU 27": ("EU27", "European Union (27)"),
    "Region_EU": ("EU27", "European Union (27)"),
    "European Union (Convention)": ("EU_CONVENTION", "European Union (Convention)"),
    "Netherlands Antilles": ("ANT", "Netherlands Antilles (dissolved 2010)"),
    "Curacao/Netherlands Antilles": ("ANT", "Netherlands Antilles (dissolved 2010)"),
    "China (PRC and Hong Kong)": ("CHN_HKG", "China with Hong Kong, one figure"),
    "Azores (Portugal)": ("PRT_AZORES", "Azores"),
    "Madeira (Portugal)": ("PRT_MADEIRA", "Madeira"),
    "Canary Islands (Spain)": ("ESP_CANARIES", "Canary Islands"),
    "Channel Islands (U.K)": ("CHANNEL_ISLANDS", "Channel Islands (Guernsey and Jersey)"),
    "OWID_KOS": ("XKX", "Kosovo"),
    "OWID_WRL": ("WLD", "World"),
    "International Shipping": ("BUNKER_SHIPPING", "International shipping"),
    "International Aviation": ("BUNKER_AVIATION", "International aviation"),
    "Statistical Difference": ("STATISTICAL_DIFFERENCE", "Statistical difference"),
    "OTHER": ("OTHER", "Other territories"),
    "DISPUTED": ("DISPUTED", "Disputed territories"),
    "Other Countries and Territories": ("OTHER_CBAM", "All other countries (CBAM)"),
    "Other Africa": ("OTHER_AFRICA", "Other Africa (Ember)"),
    "Other Latin America": ("OTHER_LATIN_AMERICA", "Other Latin America (Ember)"),
    "Other Oceania": ("OTHER_OCEANIA", "Other Oceania (Ember)"),
}
"""What is no country and is kept under a code of its own."""


def codes(names: Iterable[str], origin: str, collected: Collected) -> dict[str, str]:
    """Map every name of a source to a code; what is on no list is kept and written down.

    Parameters
    ----------
    names : iterable of str
        Names or alpha-3 codes.
    origin : str
        Id of the source.
    collected : Collected
        Where regions and unknown names are written down.

    Returns
    -------
    dict of name to code
        An unknown name becomes ``"<origin>:<name>"``: it is in the store, and in the report.

    Examples
    --------
    >>> from scripts.database.schema import Collected
    >>> codes(["Viet Nam", "Taiwan (China)", "Atlantis"], "ember", Collected())
    {'Viet Nam': 'VNM', 'Taiwan (China)': 'TWN', 'Atlantis': 'ember:Atlantis'}
    """
    out: dict[str, str] = {}
    for name in dict.fromkeys(names):
        if name in OTHER:
            code, label = OTHER[name]
            kind = "country" if code == "XKX" else "other"
        else:
            found = _country(name)
            if found is None:
                code, label, kind = f"{origin}:{name}", f"{name} ({origin})", "unknown"
                collected.unknown.setdefault(origin, set()).add(name)
            else:
                code, label, kind = found, display_name(found), "country"
        out[name] = code
        collected.regions[code] = (label, kind)
    return out


def groups(names: Iterable[str], origin: str, collected: Collected) -> dict[str, str]:
    """Map the groups of countries that a source defines for itself to ``"<origin>:<name>"``."""
    out = {name: f"{origin}:{name}" for name in names}
    collected.regions.update({c: (f"{n} ({origin})", "group") for n, c in out.items()})
    return out


def _country(name: str) -> str | None:
    text = " ".join(name.split())
    if text == KOSOVO:
        return KOSOVO
    for form in (text, text.removesuffix(" (the)"), text.partition(" (")[0]):
        if form in SPELT:
            return SPELT[form]
        try:
            return iso3(form)
        except UnknownNameError:
            continue
    return None
