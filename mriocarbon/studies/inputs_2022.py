"""What the study of 2022 divides by and adds: gases, households, land use, territorial totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.national import by_region, population, region_of, rows
from mriocarbon.datasets.satellites import satellite_data
from mriocarbon.inventory.gwp import gwp
from mriocarbon.model import MRIO
from mriocarbon.model.brief import brief
from mriocarbon.studies.scan import PUBLISHED

Array = NDArray[np.float64]

GASES = ("GHG", "CO2")
UNITS = {"GHG": "Mt CO2e", "CO2": "Mt CO2"}
LAND_MODELS = ("BLUE", "H&C2023", "OSCAR", "LUCE")
OWN = "production, same boundary"
INVENTORY = "territorial inventory (CEDS 2022, CO2+CH4+N2O, AR5)"
INVENTORY_LAND = f"{INVENTORY} + its land use"
TERRITORIAL = "territorial fossil CO2 (GCB 2025)"
INVENTORY_CO2 = "territorial inventory (CEDS 2022, CO2)"
INVENTORY_CO2_LAND = f"{INVENTORY_CO2} + its land use"

ICIO, CEDS, LAND_EDITION = "OECD ICIO 2025 ed.", "CEDS v2024_07_08", "Global Carbon Budget 2024"
BUDGET_EDITION = "Global Carbon Budget 2025"
HOUSEHOLDS_EDITION = "households (UNFCCC 2021 and older, CEDS)"
SATELLITES_EDITION = "CO2 satellites 2022 (estimate)"
SATELLITES = "CO2 by industry (satellites)"
# Rows of the national files that are no country.
NOT_COUNTRIES = frozenset(
    {"BUNKERS", "BUNKER_AVIATION", "BUNKER_SHIPPING", "STATISTICAL_DIFFERENCE", "WLD", "EU27"}
)


@dataclass(frozen=True, eq=False)
class Denominator:
    """What a difference is divided by.

    Attributes
    ----------
    label, with_land : str
        Its name without and with land use; `with_land` is empty where land use is not added.
    base : ndarray, shape (regions,), or None
        None: production over the boundary of the account.
    edition : str
        What it brings in beside the account's own editions.
    """

    label: str
    with_land: str
    base: Array | None = None
    edition: str = ""


@dataclass(frozen=True, eq=False)
class Gas:
    """A gas of the table: by industry, of households, and what it is compared with.

    Attributes
    ----------
    F : ndarray, shape (n,)
        By industry, `unit`.
    households : ndarray, shape (regions, 3)
        Value, low and high of direct emissions.
    denominators : tuple of Denominator
    editions, household_editions, estimated : tuple of str
    """

    name: str
    F: Array
    households: Array
    denominators: tuple[Denominator, ...]
    editions: tuple[str, ...]
    household_editions: tuple[str, ...] = ()
    estimated: tuple[str, ...] = ()

    def by_region(self) -> Array:
        """Return production of industries, shape (regions,)."""
        return np.asarray(self.F.reshape(len(self.households), -1).sum(axis=1))


@dataclass(frozen=True, eq=False)
class NationalCO2:
    """CO2 of the regions, Mt: what the CO2 accounts start from and are divided by.

    Attributes
    ----------
    production, budget, inventory : ndarray, shape (regions,)
        Industries by residence, an estimate; territorial fossil CO2 of the Global Carbon Budget
        2025; territorial CO2 of CEDS.
    households : ndarray, shape (regions, 3)
        Value, low and high, an estimate.
    note : str
        How the estimate of industries was made.
    """

    production: Array
    households: Array
    budget: Array
    inventory: Array
    note: str

    __repr__ = brief

    def of(self, keep: list[int]) -> NationalCO2:
        """Return the figures of some regions."""
        return NationalCO2(
            self.production[keep], self.households[keep], self.budget[keep],
            self.inventory[keep], self.note,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Inputs:
    """National figures, in the order of the table's regions."""

    gases: Mapping[str, Gas]
    land: Mapping[str, Array]  # model -> (R,)
    inventory: Array  # (R,), GHG
    co2: NationalCO2
    population: Array  # (R,)
    submissions: tuple[dict[str, str], ...]
    apart: Mapping[str, float]  # CEDS over UNFCCC submission in 2021, minus 1
    deviation: Mapping[str, float]  # of a country's industrial CO2, one standard deviation, %

    @classmethod
    def read(cls, mrio: MRIO) -> Inputs:
        """Read the embedded figures that go with the embedded table."""
        mapping, regions = region_of(), mrio.regions
        land = {}
        figures = rows("gcb2024_land_use_co2")
        for model in LAND_MODELS:
            national = {
                r["iso3"]: float(r["net_MtCO2"])
                for r in figures
                if r["model"] == model and r["iso3"] not in NOT_COUNTRIES and r["net_MtCO2"]
            }
            land[model] = by_region(national, regions, mapping)
        potentials = gwp("AR5")
        totals: dict[tuple[str, str, str], float] = defaultdict(float)
        co2: dict[str, float] = {}
        submissions = []
        for r in rows("inventory_2022"):
            if r["iso3"] in NOT_COUNTRIES:
                continue
            producer, amount = r["source"].split()[0], float(r["value_Mt"])
            totals[producer, r["year"], r["iso3"]] += amount * potentials[r["gas"]]
            if (producer, r["year"], r["gas"]) == ("CEDS", "2022", "CO2"):
                co2[r["iso3"]] = amount
            if r["iso3"] in PUBLISHED and producer == "UNFCCC":
                submissions.append(r)
        ceds = {c: total for (p, year, c), total in totals.items() if (p, year) == ("CEDS", "2022")}
        apart = {
            c: totals["CEDS", "2021", c] / totals["UNFCCC", "2021", c] - 1
            for c in PUBLISHED
            if ("UNFCCC", "2021", c) in totals
        }
        people = population(2022)
        inventory = by_region(ceds, regions, mapping)
        fossil = {
            r["iso3"]: float(r["territorial_MtCO2"])
            for r in rows("gcb2025_fossil_co2")
            if r["year"] == "2022" and r["iso3"] not in NOT_COUNTRIES and r["territorial_MtCO2"]
        }
        budget, territory = (by_region(v, regions, mapping) for v in (fossil, co2))
        gases = {"GHG": _ghg(mrio, inventory), "CO2": _co2(mrio, budget, territory)}
        estimate = mrio.extensions["gases"]
        note = next(n.text for n in estimate.notes if n.about == "CO2")
        own = NationalCO2(
            gases["CO2"].by_region(), gases["CO2"].households, budget, territory, note
        )
        data = satellite_data()
        national = data.F[0].reshape(len(data.economies), -1).sum(axis=1)
        places = {c: data.economies.index(c) for c in PUBLISHED}
        return cls(
            gases, land, inventory, own, np.array([people[region] for region in regions]),
            tuple(submissions), apart,
            {c: 100 * float(data.national_sd[0, k] / national[k]) for c, k in places.items()},
        )  # fmt: skip


def _ghg(mrio: MRIO, inventory: Array) -> Gas:
    return Gas(
        "GHG",
        mrio.extensions["GHG"].F[0],
        _households(mrio, "GHG", "GHG"),
        (
            Denominator(OWN, OWN),
            Denominator(INVENTORY, INVENTORY_LAND, inventory, CEDS),
        ),
        (ICIO,),
        (HOUSEHOLDS_EDITION,),
    )


def _co2(mrio: MRIO, budget: Array, territory: Array) -> Gas:
    # Land use is of the 2024 edition of the budget: never added to fossil CO2 of 2025.
    extension = mrio.extensions["gases"]
    return Gas(
        "CO2",
        extension.F[extension.stressors.index("CO2")],
        _households(mrio, "gases", "CO2"),
        (
            Denominator(OWN, OWN),
            Denominator(TERRITORIAL, "", budget, BUDGET_EDITION),
            Denominator(INVENTORY_CO2, INVENTORY_CO2_LAND, territory, CEDS),
        ),
        (ICIO, SATELLITES_EDITION),
        estimated=(SATELLITES,),
    )


def _households(mrio: MRIO, name: str, stressor: str) -> Array:
    extension = mrio.extensions[name]
    k = extension.stressors.index(stressor)
    found = (extension.F_Y, extension.F_Y_low, extension.F_Y_high)
    return np.stack([a[k] for a in found if a is not None], axis=1)
