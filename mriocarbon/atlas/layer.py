"""One layer of the carbon map on a grid: values, standard deviations, and how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.atlas.grid import INVERSE_FLATTENING, SEMI_MAJOR, Grid
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Note, Provenance

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]

STATUS = {
    0: "outside every country (of volcanoes: none is known there)",
    1: "every country of the cell has an account",
    2: "sum of the present countries; another in the cell has no account",
    3: "no country of the cell has an account: missing, not zero",
}
"""Meaning of `Layer.status`."""


@dataclass(frozen=True)
class Parts:
    """The layer before countries are added up: one row for each country and cell.

    Attributes
    ----------
    codes : tuple of str
        Countries with an account, ISO 3166 alpha-3.
    country : array of int, (n,)
        Position in `codes`.
    cell : array of int, (n,)
        Position in the raveled grid.
    value : array, (n,)
        Mt.
    sd_account, sd_place : array, (n,)
        One standard deviation, Mt: from the account, and from not knowing the place.
    off : array, (n, alternatives)
        What other proxies would put there, less `value`, Mt; zero where a country has fewer.
    ways : array of int, (countries,)
        How many alternatives each country has.
    shared : bool
        The rows share out one known sum (volcanoes): `sd_account` is the sum's error in
        proportion, one for all rows; `sd_place` is each row's own error before the rows are
        scaled to the sum, independent of the others.
    """

    codes: tuple[str, ...]
    country: NDArray[np.intp]
    cell: NDArray[np.intp]
    value: Array
    sd_account: Array
    sd_place: Array
    off: Array
    ways: NDArray[np.intp]
    shared: bool = False

    __repr__ = brief

    def shared_sd(self, group: NDArray[np.intp], many: int) -> tuple[Array, Array]:
        """Return the two deviations of sums over groups of rows that share out one sum, Mt.

        With m and s of each row, M the whole and w a group's part of it, errors that are scaled
        so that they sum to zero give::

            account = S w                                       S the deviation of the whole
            place^2 = sum_in s^2 (1 - w)^2 + sum_out s^2 w^2

        (to first order). Over the whole w is one and the second is zero.

        Parameters
        ----------
        group : array of int, (n,)
        many : int
            Number of groups.

        Returns
        -------
        tuple of array, (many,)
        """
        w = np.bincount(group, self.value, many) / self.value.sum()
        inside = np.bincount(group, self.sd_place**2, many)
        rest = (self.sd_place**2).sum() - inside
        place = np.sqrt(inside * (1.0 - w) ** 2 + np.maximum(0.0, rest) * w**2)
        return np.asarray(np.bincount(group, self.sd_account, many), dtype=np.float64), place


@dataclass(frozen=True)
class Layer:
    """One layer of the map.

    Attributes
    ----------
    name : str
        "production", "consumption" or "natural".
    scope : str
        What the account covers; of natural carbon one scope at a time, never added.
    year : int
    gas, unit : str
        Such as "CO2" and "Mt CO2" (a year).
    grid : Grid
    value : array, (rows, columns), read-only
        Mt in the cell in the year, from south to north. NaN where no country lies and where no
        country of the cell has an account; `status` tells the two apart.
    sd : array, (rows, columns)
        One standard deviation, Mt: account and place in quadrature. NaN where the account has
        none. The errors of one country's cells are correlated: its account's standard deviation is
        in `national`, and is not the sum in quadrature of its cells'.
    sd_account, sd_place : array, (rows, columns)
        The two parts of `sd`.
    point : array, (rows, columns)
        The part of `value` that point sources placed.
    status : array of uint8, (rows, columns)
        See `STATUS`.
    national : pandas.DataFrame
        The accounts, index iso3, with columns ``point`` (Mt placed by point sources) and
        ``placed`` (Mt on the map).
    shares : mapping
        ``{"point": ..., "proxy": ...}``: parts of the sum of absolute accounts; they sum to one.
    placement : mapping
        The same by kind of point source and of proxy.
    missing : mapping of iso3 to reason
    parts : Parts
    notes : tuple of Note
    provenance : Provenance
    """

    name: str
    scope: str
    year: int
    gas: str
    unit: str
    grid: Grid
    value: Array
    sd: Array
    sd_account: Array
    sd_place: Array
    point: Array
    status: NDArray[np.uint8]
    national: pd.DataFrame
    shares: Mapping[str, float]
    placement: Mapping[str, float]
    missing: Mapping[str, str]
    parts: Parts
    notes: tuple[Note, ...]
    provenance: Provenance

    @property
    def total(self) -> float:
        """Sum of all cells, Mt."""
        return float(np.nansum(self.value))

    @cached_property
    def density(self) -> Array:
        """Value per area of the whole cell, t per km2 and year."""
        return self.value * 1e6 / self.grid.area

    @property
    def estimated(self) -> bool:
        """Whether estimates are in it: in an account, or in the placement (a proxy is one)."""
        told = any(note.estimated for note in self.notes)
        return told or ("estimated" in self.national and bool(self.national["estimated"].any()))

    @property
    def periods(self) -> list[str]:
        """Years that the national figures speak of, "2015-2020" or "2014", in order."""
        if "period" not in self.national:
            return [str(self.year)]
        return sorted(set(self.national.loc[self.national["value"].notna(), "period"].astype(str)))

    @property
    def when(self) -> str:
        """The years as told: of all figures, or from the oldest to the newest."""
        found = self.periods
        if len(found) == 1:
            return found[0]
        ends = [text.split("-")[k] for text in found for k in (0, -1)]
        return f"figures of {min(ends)} to {max(ends)}"

    def by_country(self) -> dict[str, float]:
        """Return the sum of the cells of each country, Mt: its account, to rounding."""
        sums = np.bincount(self.parts.country, self.parts.value, len(self.parts.codes))
        return dict(zip(self.parts.codes, sums.tolist(), strict=True))

    def of_country(self, iso3: str) -> Array:
        """Return the map of one country alone, Mt, (rows, columns); NaN where it has nothing.

        Raises
        ------
        UnknownNameError
            It has no account in this layer; the reason is in `missing`.
        """
        if iso3 not in self.parts.codes:
            why = self.missing.get(iso3, "")
            raise UnknownNameError.of("country of the layer", iso3, self.parts.codes, do=why)
        own = self.parts.country == self.parts.codes.index(iso3)
        out = np.full(self.grid.area.size, np.nan)
        out[self.parts.cell[own]] = self.parts.value[own]
        return out.reshape(self.grid.shape)

    def within(self, part: ArrayLike) -> tuple[float, float]:
        """Return the sum over a region and its standard deviation, Mt.

        Cells of a country are correlated, so that the deviation is not that of the cells in
        quadrature. With the region's part of each cell p(x), the account's deviation s_c and the
        alternatives a of the placement::

            V   = sum_x p(x) value(x)
            var = sum_c [ (sum_x p(x) sd_account_c(x))^2 + mean_a (sum_x p(x) V_c (w_ca - w_c))^2 ]

        Over a whole country the second term is zero and the first is the account's. A country
        whose account is zero and has no deviation adds none. Of volcanoes, which share out one
        published sum, the first term is that sum's over all countries and the second the errors
        of the shares (`Parts.shared_sd`), zero over the whole.

        Parameters
        ----------
        part : array, (rows, columns)
            0 to 1, such as `mask.overlap(ring, grid) / grid.area` or a condition.

        Raises
        ------
        InputError
            Another shape, or parts outside 0 to 1.

        Examples
        --------
        >>> from mriocarbon.atlas.layers import layer
        >>> made = layer("consumption", 2022, resolution=5.0)
        >>> value, sd = made.within(np.ones(made.grid.shape))
        >>> round(value / made.total, 9)
        1.0
        """
        share = np.asarray(part, dtype=np.float64)
        if share.shape != self.grid.shape or not ((share >= 0) & (share <= 1 + 1e-9)).all():
            raise InputError(
                f"a region of shape {share.shape} or with parts outside 0 to 1",
                where=f"within, grid {self.grid.shape}",
                do="give the part of each cell that lies in the region, 0 to 1",
            )
        own = self.parts
        p = share.ravel()[own.cell]
        many = len(own.codes)
        value = float(p @ own.value)
        account = np.bincount(own.country, p * own.sd_account, many)
        if own.shared:
            part = value / float(own.value.sum())
            place = float((own.sd_place**2 * (p - part) ** 2).sum())
            return value, float(np.sqrt(account.sum() ** 2 + place))
        nothing = np.bincount(own.country, np.abs(own.value), many) == 0
        account[nothing & np.isnan(account)] = 0.0
        used = np.unique(own.country[p > 0])
        variance = float((account[used] ** 2).sum())
        for column in own.off.T:
            moved = np.bincount(own.country, p * column, many)
            variance += float((moved**2 / np.maximum(own.ways, 1)).sum())
        return value, float(np.sqrt(variance))

    def metadata(self) -> dict[str, Any]:
        """Return provenance, notes and shares as text and numbers."""
        return {
            "title": f"{self.name}, {self.scope}, {self.gas}, {self.when}",
            "Conventions": "CF-1.11",
            "institution": "mriocarbon",
            "source": "; ".join(
                dict.fromkeys(s.citation or s.name for s in self.provenance.sources)
            ),
            "licences": "; ".join(sorted({s.licence for s in self.provenance.sources} - {""})),
            "history": "; ".join(self.provenance.steps),
            "method": self.provenance.method,
            "version": self.provenance.version,
            "comment": "; ".join(
                ("[estimated] " if note.estimated else "") + note.text for note in self.notes
            ),
            "period_of_the_figures": ", ".join(self.periods),
            "year_asked_for": self.year,
            "share_placed_by_point_sources": self.shares["point"],
            "share_placed_by_proxies": self.shares["proxy"],
            "missing_countries": "; ".join(f"{k}: {v}" for k, v in sorted(self.missing.items())),
        }

    def to_xarray(self) -> xr.Dataset:
        """Return an xarray.Dataset after the CF conventions 1.11.

        Latitude from south to north, bounds of cells, their area, the grid mapping of WGS84,
        units, cell methods; missing cells are NaN.

        Examples
        --------
        >>> from mriocarbon.atlas.layers import layer
        >>> made = layer("consumption", 2022, resolution=5.0).to_xarray()
        >>> made["emissions"].attrs["units"], made.attrs["Conventions"]
        ('Mt year-1', 'CF-1.11')
        """
        import xarray as xr

        grid = self.grid
        cells = ("lat", "lon")
        common = {"grid_mapping": "crs", "cell_measures": "area: cell_area"}
        sums = {"units": "Mt year-1", "cell_methods": "area: sum time: sum", **common}
        net = "net_" if self.name == "natural" else ""
        long = f"{self.name} of {self.gas} ({self.scope})"
        data: dict[str, Any] = {
            "emissions": (cells, self.value, {
                "long_name": f"{long}, to the atmosphere", **sums,
                "ancillary_variables": " ".join(
                    ("emissions_sd", "emissions_sd_account", "emissions_sd_place", "status")),
            }),
            "emissions_sd": (cells, self.sd, {
                "long_name": f"standard deviation of {long}", **sums,
                "comment": "cells of one country are correlated; see the national accounts",
            }),
            "emissions_sd_account": (cells, self.sd_account, {
                "long_name": "standard deviation from the national account", **sums}),
            "emissions_sd_place": (cells, self.sd_place, {
                "long_name": "standard deviation from the placement", **sums}),
            "emissions_by_point": (cells, self.point, {
                "long_name": f"{long}, part placed by point sources", **sums}),
            "emissions_flux": (cells, self.density, {
                "long_name": f"{net}flux of {self.gas} per area of the cell",
                "units": "t km-2 year-1", "cell_methods": "area: mean time: sum", **common}),
            "status": (cells, self.status, {
                "long_name": "what the cell's value is", "standard_name": "status_flag",
                "flag_values": np.array(list(STATUS), dtype=np.uint8),
                "flag_meanings": "outside whole partial missing",
                "comment": "; ".join(f"{k}: {v}" for k, v in STATUS.items()), **common}),
            "cell_area": (cells, np.array(grid.area), {
                "long_name": "area of the cell on the ellipsoid", "standard_name": "cell_area",
                "units": "km2", "grid_mapping": "crs"}),
            "lat_bnds": (("lat", "bnds"), np.stack([grid.lat_edges[:-1], grid.lat_edges[1:]], 1)),
            "lon_bnds": (("lon", "bnds"), np.stack([grid.lon_edges[:-1], grid.lon_edges[1:]], 1)),
            "crs": ((), np.int32(0), {
                "grid_mapping_name": "latitude_longitude", "long_name": "WGS 84",
                "semi_major_axis": SEMI_MAJOR * 1e3, "inverse_flattening": INVERSE_FLATTENING,
                "longitude_of_prime_meridian": 0.0, "crs_wkt": WKT}),
        }  # fmt: skip
        coords = {
            "lat": ("lat", grid.lat, {
                "units": "degrees_north", "standard_name": "latitude", "axis": "Y",
                "bounds": "lat_bnds"}),
            "lon": ("lon", grid.lon, {
                "units": "degrees_east", "standard_name": "longitude", "axis": "X",
                "bounds": "lon_bnds"}),
        }  # fmt: skip
        return xr.Dataset(data, coords=coords, attrs=self.metadata())

    def __repr__(self) -> str:
        rows, columns = self.grid.shape
        return (
            f"<Layer {self.name} ({self.scope}) {self.year}: {rows} x {columns} cells, total "
            f"{self.total:,.6g} {self.unit}, {self.shares['point']:.1%} by point sources, "
            f"{len(self.missing)} countries missing>"
        )


WKT = (
    'GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,'
    'LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],'
    'CS[ellipsoidal,2],AXIS["geodetic latitude (Lat)",north,ORDER[1],ANGLEUNIT["degree",'
    '0.0174532925199433]],AXIS["geodetic longitude (Lon)",east,ORDER[2],ANGLEUNIT["degree",'
    '0.0174532925199433]],ID["EPSG",4326]]'
)
