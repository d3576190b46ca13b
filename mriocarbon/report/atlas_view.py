"""One layer of the map in words and densities, for the picture, the screen and the files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.database import database
from mriocarbon.errors import listed
from mriocarbon.report import text as t

if TYPE_CHECKING:
    from mriocarbon.atlas.layer import Layer

__all__ = ["LayerView", "percent"]

Array = NDArray[np.float64]

TITLES = {
    "production": "{gas} emitted in each country, {year}",
    "consumption": "{gas} emitted for what each country consumes, {year}",
    "transfer": "{gas} of consumption less production, {year}",
    "natural": "Natural carbon: {scope}, {gas}, {year}",
}
WHERE = {
    "production": "placed where it is emitted",
    "consumption": "placed where the consumers live, not where it is emitted",
    "transfer": "placed where people live",
    "natural": "placed over the land, positive to the air",
}
MOST = 6  # sources named under a picture
SUBSCRIPT = {"CO2": "CO₂", "CO2e": "CO₂e", "CH4": "CH₄", "N2O": "N₂O"}


def percent(share: float) -> str:
    """Return a share in per cent; one that is not zero is not shown as zero.

    Examples
    --------
    >>> percent(0.1234), percent(0.0), percent(0.00021), percent(0.9999)
    ('12.3 %', '0.0 %', '< 0.1 %', '> 99.9 %')
    """
    rounding = 1e-12
    if rounding < share < 0.0005:
        return "< 0.1 %"
    return "> 99.9 %" if 0.9995 <= share < 1 - rounding else f"{100 * share:.1f} %"


@dataclass(frozen=True)
class LayerView:
    """What is told of a layer.

    Attributes
    ----------
    layer : Layer
    """

    layer: Layer

    @property
    def gas(self) -> str:
        """The gas as it is set: CO₂, or CO₂e where others count as CO₂."""
        name = self.layer.unit.partition(" ")[2].split(" ")[0] or self.layer.gas  # "Mt CO2e (AR5)"
        return SUBSCRIPT.get(name, name)

    @property
    def title(self) -> str:
        text = TITLES.get(self.layer.name, "{layer}, {gas}, {year}")
        return text.format(
            gas=self.gas, year=self.layer.when, scope=self.layer.scope, layer=self.layer.name
        )

    @property
    def period(self) -> str:
        """The years of the figures, where all are of the same ones; else the year of the map."""
        periods = self.layer.periods
        return periods[0] if len(periods) == 1 else str(self.layer.year)

    @property
    def subtitle(self) -> str:
        where = WHERE.get(self.layer.name, "")
        if self.layer.scope == "volcanoes":
            where = "placed at the volcanoes"
        return f"Cells of {self.layer.grid.resolution:g}°, {where}. Equal-area projection."

    @property
    def density_unit(self) -> str:
        return f"t {self.gas} per km² and year"

    @cached_property
    def relative_sd(self) -> Array:
        """Standard deviation over the size of the value; NaN where there is none, or zero."""
        with np.errstate(invalid="ignore", divide="ignore"):
            out = self.layer.sd / np.abs(self.layer.value)
        return np.where(self.layer.value == 0, np.nan, out)

    @property
    def signed(self) -> bool:
        return bool((self.layer.value < 0).any())

    @property
    def missing(self) -> tuple[str, ...]:
        """Countries without an account, by code."""
        return tuple(self.layer.missing)

    @property
    def point(self) -> float:
        """Share placed by point source, 0 to 1."""
        return float(self.layer.shares["point"])

    @property
    def total_text(self) -> str:
        return f"{self.layer.total:,.0f} Mt {self.gas}".replace("-", "−")

    @property
    def total_note(self) -> str:
        known = int(self.layer.national["value"].notna().sum())
        return f"sum over the {known} countries and territories with data"

    def name_of(self, code: str) -> str:
        """The name of a country or territory, that of ISO 3166 where the accounts have no row."""
        if "name" in self.layer.national and code in self.layer.national.index:
            return str(self.layer.national.at[code, "name"])
        import pycountry

        found = pycountry.countries.get(alpha_3=code)
        return str(found.name) if found else code

    @property
    def missing_text(self) -> str:
        if self.layer.scope == "volcanoes":
            return "Only volcanoes whose gas satellites see are in the catalogue."
        if not self.missing:
            return "No country of the map is without data."
        names = sorted(self.name_of(code) for code in self.missing)
        return f"No data for {len(names)}: {listed(names, 8)}. Missing is not zero."

    @property
    def proxies_text(self) -> str:
        parts = sorted(self.layer.placement.items(), key=lambda item: -item[1])
        return "; ".join(f"{name} {percent(share)}" for name, share in parts if share > 0)

    @property
    def sources(self) -> list[str]:
        """Sources of the national accounts, those of most countries first."""
        found = self.layer.national.loc[self.layer.national["value"].notna(), "source"]
        parts = found.astype(str).str.split("; ").explode()
        known = {
            str(row["source"]): f"{row['producer']}, {row['edition']}"
            for row in database().sources.to_dict("records")
        }
        return [known.get(str(name), str(name)) for name in parts.value_counts().index if name]

    @property
    def foot(self) -> list[str]:
        known = self.layer.national[self.layer.national["value"].notna()]
        estimated = int(known["estimated"].astype(bool).sum())
        sources = self.sources
        more = f"; and {len(sources) - MOST} more" if len(sources) > MOST else ""
        out = [
            f"National accounts: {'; '.join(sources[:MOST])}{more}. "
            f"{estimated} of {len(known)} are marked as estimates in the tables.",
            *(t.capital(note.text).rstrip(".") + "." for note in self.layer.notes),
            "Borders: Natural Earth 1:110m, public domain; they say nothing on any claim.",
        ]
        return out
