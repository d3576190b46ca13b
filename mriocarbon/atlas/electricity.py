"""CO2 of a country's power plants by fuel, from its generation: what point sources may hold.

    E_f = G_f x c_f x 44/12 x 3.6 / eta_f

with generation G (TWh), the IPCC default carbon content c (kg C/GJ, net calorific value) and a
net efficiency eta. The efficiencies are assumptions with a range; that against inventories
(UNFCCC 1.A.1.a) is measured in ``validation/run_atlas.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.datasets.database import database
from mriocarbon.errors import NotAvailableError

C_TO_CO2 = 44.0 / 12.0


@dataclass(frozen=True)
class Fuel:
    """A fuel of power plants.

    Attributes
    ----------
    item : str
        Its row of the IPCC default carbon contents in the emissions database.
    efficiency, low, high : float
        Net electrical efficiency of a country's fleet, and the range that is thought possible
        (assumed).
    irena, owid : str
        Its names in the two statistics of electricity.
    """

    item: str
    efficiency: float
    low: float
    high: float
    irena: str
    owid: str


FUELS: Mapping[str, Fuel] = {
    "coal": Fuel("other_bituminous_coal", 0.36, 0.30, 0.43, "Coal and peat", "coal"),
    "gas": Fuel("natural_gas", 0.48, 0.35, 0.58, "Natural gas", "gas"),
    "oil": Fuel("residual_fuel_oil", 0.37, 0.30, 0.44, "Oil", "oil"),
}


@lru_cache(maxsize=1)
def carbon_contents() -> Mapping[str, float]:
    """Return the IPCC default carbon content of each fuel, kg C/GJ."""
    found = database().table(
        "emission_factors",
        source="ipcc-defaults",
        variable="carbon content per energy, IPCC default",
        item=[fuel.item for fuel in FUELS.values()],
    )
    by_item = dict(zip(found["item"], found["value"], strict=True))
    return {name: float(by_item[fuel.item]) for name, fuel in FUELS.items()}


def per_twh(fuel: str) -> float:
    """Return Mt CO2 per TWh of net generation.

    Examples
    --------
    >>> round(per_twh("coal"), 3), round(per_twh("gas"), 3)
    (0.946, 0.421)
    """
    return carbon_contents()[fuel] * C_TO_CO2 * 3.6 / FUELS[fuel].efficiency / 1e3


@lru_cache(maxsize=8)
def electricity(year: int) -> Mapping[str, Mapping[str, float]]:
    """Return CO2 of electricity by country and fuel, Mt; an estimate.

    Parameters
    ----------
    year : int
        1990 to 2024.

    Raises
    ------
    NotAvailableError
        No generation of that year.

    Examples
    --------
    >>> 4500 < electricity(2022)["CHN"]["coal"] < 5500
    True
    """
    found = database().table(
        "energy",
        source="owid-energy",
        variable="electricity generation",
        year=year,
        item=[fuel.owid for fuel in FUELS.values()],
    )
    if found.empty:
        raise NotAvailableError(
            f"no electricity generation of {year}",
            where="energy family of the emissions database",
            do="choose a year from 1990 to 2024, or give no point sources",
        )
    out: dict[str, dict[str, float]] = {}
    for region, item, value in zip(found["region"], found["item"], found["value"], strict=True):
        if not math.isnan(value):
            out.setdefault(str(region), {})[str(item)] = float(value) * per_twh(str(item))
    return out


@lru_cache(maxsize=8)
def hours(year: int) -> Mapping[tuple[str, str], float]:
    """Return full-load hours by country and fuel, and by ("WLD", fuel), from IRENA.

    Generation over capacity at the end of the year; the world's is the ratio of sums over the
    countries that report both. IRENA gives fossil capacity for some countries only.

    Examples
    --------
    >>> 4000 < hours(2022)["CHN", "coal"] < 5000, 0 < hours(2022)["WLD", "oil"] < 8760
    (True, True)
    """
    names = {fuel.irena: name for name, fuel in FUELS.items()}
    found = database().table("energy", source="irena-2024", year=year, item=list(names))
    wide: dict[tuple[str, str], dict[str, float]] = {}
    for region, item, variable, value in zip(
        found["region"], found["item"], found["variable"], found["value"], strict=True
    ):
        if value > 0:
            wide.setdefault((str(region), names[item]), {})[str(variable)] = float(value)
    out: dict[tuple[str, str], float] = {}
    sums = {name: [0.0, 0.0] for name in FUELS}
    for key, pair in wide.items():
        if len(pair) == 2:
            made, capacity = pair["electricity generation"] * 1e3, pair["installed capacity"]
            out[key] = min(8760.0, made / capacity)
            sums[key[1]][0] += made
            sums[key[1]][1] += capacity
    for name, (made, capacity) in sums.items():
        if capacity > 0:
            out["WLD", name] = min(8760.0, made / capacity)
    return out
