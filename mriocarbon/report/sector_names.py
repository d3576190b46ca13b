"""Short English names of regions and sectors, for pictures and lists.

A sector's label is told as it is, unless the table is one whose codes are known.
"""

from __future__ import annotations

from mriocarbon.model import Provenance
from mriocarbon.model.labels import country_names
from mriocarbon.report.text import region_name

# OECD ICIO, 2025 edition: 50 industries in ISIC Rev. 4.
_ICIO = {
    "A01": "Crops and animals", "A02": "Forestry", "A03": "Fishing", "B05": "Coal mining",
    "B06": "Oil and gas extraction", "B07": "Metal ores", "B08": "Other mining",
    "B09": "Mining services", "C10T12": "Food and drinks", "C13T15": "Textiles and clothing",
    "C16": "Wood products", "C17_18": "Paper and printing", "C19": "Refineries and coke",
    "C20": "Chemicals", "C21": "Pharmaceuticals", "C22": "Rubber and plastics",
    "C23": "Cement, glass, ceramics", "C24A": "Iron and steel", "C24B": "Non-ferrous metals",
    "C25": "Metal products", "C26": "Electronics", "C27": "Electrical equipment",
    "C28": "Machinery", "C29": "Motor vehicles", "C301": "Ships",
    "C302T309": "Trains, aircraft, bicycles", "C31T33": "Furniture, other goods",
    "D": "Electricity and gas", "E": "Water and waste", "F": "Construction",
    "G": "Wholesale and retail", "H49": "Land transport", "H50": "Shipping", "H51": "Aviation",
    "H52": "Warehousing", "H53": "Post and couriers", "I": "Hotels and restaurants",
    "J58T60": "Publishing and media", "J61": "Telecommunications", "J62_63": "IT services",
    "K": "Finance and insurance", "L": "Real estate", "M": "Professional services",
    "N": "Administrative services", "O": "Public administration", "P": "Education",
    "Q": "Health and social work", "R": "Arts and recreation", "S": "Other services",
    "T": "Household employers",
}  # fmt: skip


def sector_name(code: str, dataset: str) -> str:
    """Return the name of an industry of the OECD table, or the code itself.

    Examples
    --------
    >>> sector_name("C24A", "oecd-icio-2022"), sector_name("C24A", "my table")
    ('Iron and steel', 'C24A')
    """
    return _ICIO.get(code, code) if dataset.startswith("oecd-icio") else code


def place_name(code: str) -> str:
    """Return the English name of a region; the code itself if it has none.

    Examples
    --------
    >>> place_name("EU27"), place_name("DEU"), place_name("north")
    ('European Union (27)', 'Germany', 'north')
    """
    name = region_name(code)
    if name != code or len(code) != 3:
        return name
    return next(iter(country_names([code])), code)


def lower(name: str) -> str:
    """Return a name as it stands inside a sentence; abbreviations stay.

    Examples
    --------
    >>> lower("Iron and steel"), lower("IT services")
    ('iron and steel', 'IT services')
    """
    return name if name[:2].isupper() or len(name) < 2 else name[0].lower() + name[1:]


def extracted_name(what: str, dataset: str) -> str:
    """Return what was extracted, as `Extraction.what` has it in labels, by names.

    Examples
    --------
    >>> extracted_name("CHN C24A", "oecd-icio-2022"), extracted_name("CHN all sectors", "")
    ('iron and steel of China', 'China')
    """
    if what.startswith("all regions "):
        return f"{lower(sector_name(what.removeprefix('all regions '), dataset))} of all regions"
    if what.endswith(" all sectors"):
        return place_name(what.removesuffix(" all sectors"))
    region, _, sector = what.partition(" ")
    return f"{lower(sector_name(sector, dataset))} of {place_name(region)}"


def counted_name(provenance: Provenance) -> str:
    """Return what a result counts and the year of its table.

    Examples
    --------
    >>> counted_name(Provenance(stressor="GHG", year=2022)), counted_name(Provenance())
    ('GHG 2022', '')
    """
    year = "" if provenance.year is None else str(provenance.year)
    return " ".join(word for word in (provenance.stressor, year) if word)
