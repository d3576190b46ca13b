"""All years of a layer, from one source and one edition, for a slider or a chart.

Production and consumption come from the Global Carbon Budget 2025 alone, land-use change from the
four bookkeeping models of the 2024 budget. The engine's accounts and the fused production of one
year are other sources: they are never put into these series (`national` gives them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas import economies as e
from mriocarbon.atlas import national as n
from mriocarbon.datasets.database import database
from mriocarbon.datasets.fusion_errors import default_errors as source_errors
from mriocarbon.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LAYERS", "Series", "population", "series"]

Array = NDArray[np.float64]
LAYERS = ("production", "consumption", "transfer", "natural")


@dataclass(frozen=True, eq=False)
class Series:
    """One layer over countries and years.

    Attributes
    ----------
    layer : str
    countries : tuple of str
        ISO 3166 alpha-3, those with any figure.
    years : tuple of int
    value, low, high : ndarray, shape (countries, years)
        Mt a year; ends of the 95 % interval. NaN where there is no figure. Read-only.
    unit, source, method, note : str
    estimated : bool

    Examples
    --------
    >>> found = series("production")
    >>> found.years[0], found.years[-1]
    (1990, 2024)
    """

    layer: str
    countries: tuple[str, ...]
    years: tuple[int, ...]
    value: Array
    low: Array
    high: Array
    unit: str
    source: str
    method: str
    note: str
    estimated: bool

    def __post_init__(self) -> None:
        for array in (self.value, self.low, self.high):
            array.setflags(write=False)

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame: country, year, value, low, high, unit, source; rows with a figure."""
        import pandas as pd

        at = np.argwhere(np.isfinite(self.value))
        return pd.DataFrame(
            {
                "iso3": [self.countries[i] for i, _ in at],
                "year": [self.years[j] for _, j in at],
                "value": self.value[at[:, 0], at[:, 1]],
                "low": self.low[at[:, 0], at[:, 1]],
                "high": self.high[at[:, 0], at[:, 1]],
                "unit": self.unit,
                "source": self.source,
            }
        )


def series(layer: str) -> Series:
    """Return all years of a layer.

    Parameters
    ----------
    layer : {"production", "consumption", "transfer", "natural"}
        ``natural`` is land-use change by bookkeeping models, positive to the air.

    Returns
    -------
    Series
        Production 1990-2024, consumption and transfer 1990-2023, land-use change 2000-2023.

    Raises
    ------
    UnknownNameError
        No such layer.

    Examples
    --------
    >>> found = series("consumption")
    >>> k, j = found.countries.index("CHN"), found.years.index(2022)
    >>> round(float(found.value[k, j]))
    10427
    """
    if layer not in LAYERS:
        raise UnknownNameError.of("layer", str(layer), LAYERS)
    if layer == "natural":
        return _land_use()
    produced, consumed = _budget("territorial"), _budget("consumption")
    # Of the last year only the largest have a consumption account yet.
    consumed = {y: of for y, of in consumed.items() if len(of) >= n.HALF_WORLD}
    if layer == "production":
        made = {
            y: {c: (v, source_errors().of("GCB", c) * abs(v)) for c, v in of.items()}
            for y, of in produced.items()
        }
        return _packed(
            layer, made, n.BUDGET, "territorial fossil CO2, international bunkers in no country",
            "interval: errors of the source after Andres et al. (2014) and NRC (2010)", False,
        )  # fmt: skip
    note = n.consumption_note()
    method = "consumption-based fossil CO2"
    if layer == "consumption":
        made = {
            y: {c: (v, e.budget_error(v) * abs(v)) for c, v in of.items()}
            for y, of in consumed.items()
        }
    else:
        method += ", less territorial"
        made = {
            y: {
                c: (v - produced[y][c], e.budget_error(v) * abs(v))
                for c, v in of.items()
                if c in produced[y]
            }
            for y, of in consumed.items()
        }
    return _packed(layer, made, n.BUDGET, method, note, True)


@lru_cache(maxsize=2)
def _budget(scope: str) -> Mapping[int, Mapping[str, float]]:
    frame = database().table("inventories", source="gcb-2025-fossil", scope=scope, gas="CO2")
    countries = e.country_names()
    out: dict[int, dict[str, float]] = {}
    for region, year, value in zip(frame["region"], frame["year"], frame["value"], strict=True):
        if region in countries and value == value:
            out.setdefault(int(year), {})[str(region)] = float(value)
    return MappingProxyType(out)


def _land_use() -> Series:
    """Mean of the bookkeeping models by country and year, as the database has it."""
    frame = database().table(
        "inventories", source="gcb-2024-land", gas="CO2", item="mean of models"
    )
    countries = e.country_names()
    made: dict[int, dict[str, tuple[float, float]]] = {}
    columns = (frame[c] for c in ("region", "year", "value", "sd"))
    for region, year, value, sd in zip(*columns, strict=True):
        if region in countries and value == value:
            made.setdefault(int(year), {})[str(region)] = (float(value), float(sd))
    return _packed(
        "natural", made, "Global Carbon Budget 2024 v1.0",
        "land-use change, mean of bookkeeping models (BLUE, H&C2023, OSCAR, LUCE)",
        "interval: spread of the models, which share their land-use data", True,
    )  # fmt: skip


def _packed(
    layer: str, made: Mapping[int, Mapping[str, tuple[float, float]]], source: str, method: str,
    note: str, estimated: bool,
) -> Series:  # fmt: skip
    years = tuple(sorted(made))
    countries = tuple(sorted({c for of in made.values() for c in of}))
    value, low, high = (np.full((len(countries), len(years)), np.nan) for _ in range(3))
    row = {c: k for k, c in enumerate(countries)}
    signed = layer in ("transfer", "natural")
    for j, year in enumerate(years):
        for c, (v, s) in made[year].items():
            at = row[c], j
            value[at] = v
            low[at], high[at] = n.interval(v, s, signed=signed)
    return Series(
        layer, countries, years, value, low, high, "Mt CO2", source, method, note, estimated
    )  # fmt: skip


def population(years: tuple[int, ...]) -> dict[str, list[float]]:
    """Return persons by country over the years asked for; NaN where there is no figure.

    Examples
    --------
    >>> 1.40e9 < population((2022,))["CHN"][0] < 1.43e9
    True
    """
    frame = database().table("economy", variable="population", year=list(years))
    countries = e.country_names()
    at = {y: j for j, y in enumerate(years)}
    out: dict[str, list[float]] = {}
    for region, year, value in zip(frame["region"], frame["year"], frame["value"], strict=True):
        if region in countries and value == value:
            out.setdefault(str(region), [float("nan")] * len(years))[at[int(year)]] = float(value)
    return out
