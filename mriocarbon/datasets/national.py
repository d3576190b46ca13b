"""National figures: carbon budget, land use, population, inventories, households."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.catalogue import EMBEDDED, verified
from mriocarbon.errors import NotAvailableError
from mriocarbon.io.numbers import precise

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


def rows(name: str, folder: Path = EMBEDDED) -> list[dict[str, str]]:
    """Return the rows of an embedded CSV as they stand; its hash is verified."""
    with verified(name, folder).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str) -> pd.DataFrame:
    """Return an embedded table of national figures as a DataFrame.

    Parameters
    ----------
    name : str
        An item of `mc.catalogue()` that is a CSV, such as ``"gcb2025_fossil_co2"``. A missing
        figure is NaN. Citation, licence and edition are in ``frame.attrs``.

    Returns
    -------
    pandas.DataFrame
        The columns and units of the file; a new frame at every call. ``attrs`` also holds title,
        unit, and what is estimated in it.

    Raises
    ------
    UnknownNameError
        With near matches.
    NotAvailableError
        The item is no CSV, such as a whole MRIO table.
    DataFileError
        The file is truncated or altered.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> frame = mc.table("gcb2025_fossil_co2")
    >>> int(frame.year.max())
    2023
    """
    import pandas as pd

    from mriocarbon.datasets.catalogue import find

    item = find(name)
    if not item.file.endswith(".csv"):
        raise NotAvailableError(
            f"{name!r} is not a table of national figures",
            where=item.file,
            do='load it with mc.load("oecd-icio-2022")',
        )
    frame: pd.DataFrame = pd.read_csv(verified(name), **precise())
    frame.attrs = {
        "title": item.title,
        "citation": item.citation,
        "licence": item.licence,
        "edition": item.edition,
        "unit": item.unit,
        "estimated": item.what_is_estimated,
    }
    return frame


def region_of(folder: Path = EMBEDDED) -> dict[str, str]:
    """Return economy -> region of the 20; an economy that is not listed belongs to ROW."""
    return {row["iso3"]: row["region"] for row in rows("regions_20", folder)}


def by_region(
    values: Mapping[str, float], regions: tuple[str, ...], mapping: Mapping[str, str]
) -> Array:
    """Sum national values to the 20 regions; what the mapping does not list goes to ROW."""
    out = dict.fromkeys(regions, 0.0)
    for country, value in values.items():
        out[mapping.get(country, "ROW")] += value
    return np.array([out[region] for region in regions])


def population(year: int = 2022) -> dict[str, float]:
    """Return population by economy and by region of the 20, with ``World``.

    Parameters
    ----------
    year : int
        2015 to 2023.

    Returns
    -------
    dict of ISO 3166 code or region to persons

    Raises
    ------
    NotAvailableError
        No figures of that year are embedded.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> people = mc.population(2022)
    >>> 1.40e9 < people["CHN"] < 1.43e9 and people["EU27"] > people["USA"]
    True
    """
    found = [r for r in rows("population_gdp") if r["year"] == str(year) and r["population"]]
    if not found:
        years = sorted({r["year"] for r in rows("population_gdp")})
        raise NotAvailableError(
            f"no population of {year} is embedded",
            where="population_gdp",
            do=f"choose a year from {years[0]} to {years[-1]}",
        )
    people = {r["iso3"]: float(r["population"]) for r in found}
    world = people.pop("WLD")
    mapping = region_of()
    regions = tuple(dict.fromkeys(mapping.values()))
    sums = dict(zip(regions, by_region(people, regions, mapping).tolist(), strict=True))
    return {**people, **sums, "World": world}
