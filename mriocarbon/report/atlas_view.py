"""One layer of the map in words and densities, for the picture, the screen and the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import listed

if TYPE_CHECKING:
    from mriocarbon.atlas.layers import Layer

__all__ = ["LayerView"]

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
SUBSCRIPT = {"CO2": "CO₂", "CO2e": "CO₂e", "CH4": "CH₄", "N2O": "N₂O"}


@dataclass(frozen=True)
class LayerView:
    """What is told of a layer.

    Attributes
    ----------
    layer : Layer
    """

    layer: Layer

    @property
    def attrs(self) -> Mapping[Any, Any]:
        return self.layer.national.attrs

    @property
    def gas(self) -> str:
        """The gas as it is set: CO₂."""
        unit = str(self.layer.national["unit"].iloc[0])  # "Mt CO2e (AR5)"
        name = unit.partition(" ")[2].split(" ")[0] or str(self.attrs.get("gas", ""))
        return SUBSCRIPT.get(name, name)

    @property
    def scope(self) -> str:
        return str(self.attrs.get("scope", ""))

    @property
    def title(self) -> str:
        text = TITLES.get(self.layer.name, "{layer}, {gas}, {year}")
        return text.format(
            gas=self.gas, year=self.layer.year, scope=self.scope, layer=self.layer.name
        )

    @property
    def subtitle(self) -> str:
        where = WHERE.get(self.layer.name, "")
        return (
            f"Cells of {self.layer.grid.resolution:g}°, {where}. Equal-area projection."
        )

    @cached_property
    def density(self) -> Array:
        """Tonnes per km2 and year."""
        return np.asarray(self.layer.value * 1e6 / self.layer.grid.area)

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
        return bool((self.density < 0).any())

    @property
    def missing(self) -> tuple[str, ...]:
        """Countries without an account, by code."""
        return tuple(self.layer.missing)

    @property
    def point(self) -> float:
        """Share placed by point source, 0 to 1."""
        return float(self.layer.shares["point"])

    @property
    def total(self) -> float:
        """Sum of the national accounts that there are, Mt."""
        return float(self.layer.national["value"].sum())

    @property
    def total_text(self) -> str:
        return f"{self.total:,.0f} Mt {self.gas}".replace("-", "−")

    @property
    def total_note(self) -> str:
        known = int(self.layer.national["value"].notna().sum())
        return f"sum over the {known} countries and territories with data"

    @property
    def names(self) -> Mapping[str, str]:
        return dict(self.layer.national["name"].astype(str))

    @property
    def missing_text(self) -> str:
        if not self.missing:
            return "Every country has data."
        names = [self.names.get(code, code) for code in self.missing]
        return f"No data for {len(names)}: {listed(names, 8)}. Missing is not zero."

    @property
    def proxies_text(self) -> str:
        return "; ".join(
            f"{name} {100 * share:.1f} %"
            for name, share in self.layer.shares.items()
            if name not in ("point", "proxy") and share
        )

    @property
    def sources(self) -> list[str]:
        """Sources of the national accounts, those of most countries first."""
        found = self.layer.national.loc[self.layer.national["value"].notna(), "source"]
        parts = found.astype(str).str.split("; ").explode()
        return [str(name) for name in parts.value_counts().index if name]

    @property
    def foot(self) -> list[str]:
        estimated = int(self.layer.national["estimated"].astype(bool).sum())
        out = [
            f"National accounts: {listed(self.sources, 6)}. Estimated: {estimated} countries.",
            *(f"{text}." if not text.endswith(".") else text for text in self.layer.notes),
            "Borders: Natural Earth 1:110m, public domain; they say nothing on any claim.",
        ]
        return out
