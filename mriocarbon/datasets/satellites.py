"""CO2, CH4 and N2O by country and industry, as built and shipped: an `Extension` with its errors.

The estimate itself is made elsewhere and shipped as one archive; this module reads it.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.catalogue import EMBEDDED, Item, find, verified
from mriocarbon.errors import DataFileError, UnknownNameError
from mriocarbon.model import Extension, Note
from mriocarbon.model.brief import brief

Array = NDArray[np.float64]

FILES = {"oecd-icio-2022": "satellites_2022"}
DETAILS = ("regions", "full")

OECD_CO2E = {"CO2": 1.0, "CH4": 28.0, "N2O": 265.0}
"""GWP-100 of the IPCC's fifth report: the set in which gases and residual add up to the OECD."""

HOUSEHOLD_RANGE = 2.0
"""The household range is two standard deviations to either side."""

RESIDUAL_NOTE = (
    "fluorinated gases are the residual of the OECD total over CO2, CH4 and N2O where the"
    " chemistry allows them: they carry the errors of all three and are no measurement, and they"
    " are in the OECD's potentials (AR5): a sum with other weights for CH4 and N2O mixes two sets;"
    " households' own are unknown"
)


@dataclass(frozen=True, eq=False)
class SatelliteData:
    """The archive as it stands. All arrays are read-only.

    Attributes
    ----------
    gases, units : tuple of str
        Rows of `F`: CO2, CH4, N2O in Mt of the gas, and a residual in Mt CO2e.
    economies, industries, regions : tuple of str
    F, sd : ndarray, shape (gases, economies * industries)
        Region-major; `sd` is the standard deviation of every cell.
    ghg_sd : ndarray, shape (economies * industries,)
        Of a cell's CO2e. Where a region is one economy the OECD fixes the sum, so the errors of
        the gases cancel: it is far below what independent errors would give.
    mark : ndarray of int, shape (gases, economies * industries)
        Position in `marks`: how a cell is known.
    marks : tuple of str
    households, households_sd : ndarray, shape (3, economies)
        Mt of the gas, direct emissions.
    bridge, bridge_sd : ndarray, shape (rows, 3, economies)
        From residence to territory, Mt; the first five rows add up to the sixth.
    bridge_rows : tuple of str
    national_sd : ndarray, shape (gases, economies)
        Of the sum over industries.
    region_sd : ndarray, shape (gases, regions * industries)
    world_sd : ndarray, shape (gases,)
        The regions' own added up: an upper bound, as if all erred together.
    world_bunkers : ndarray, shape (2, 3)
        Shipping and aviation of the world outside national totals (CEDS), Mt.
    oecd : ndarray, shape (regions, industries)
        Mt CO2e: what the cells add up to.
    region_of : ndarray of int, shape (economies,)
    notes, unplaced : tuple of str
        Cells left empty or without a line, and amounts without an industry.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> data = mc.satellite_data()
    >>> round(float(data.F[0].sum())), data.row(data.bridge_rows[0]).shape
    (31763, (3, 81))
    """

    gases: tuple[str, ...]
    units: tuple[str, ...]
    economies: tuple[str, ...]
    industries: tuple[str, ...]
    regions: tuple[str, ...]
    F: Array
    sd: Array
    ghg_sd: Array
    mark: NDArray[np.int8]
    marks: tuple[str, ...]
    households: Array
    households_sd: Array
    bridge: Array
    bridge_sd: Array
    bridge_rows: tuple[str, ...]
    national_sd: Array
    region_sd: Array
    world_sd: Array
    world_bunkers: Array
    oecd: Array
    region_of: NDArray[np.int16]
    notes: tuple[str, ...]
    unplaced: tuple[str, ...]

    __repr__ = brief

    def row(self, name: str) -> Array:
        """Return a row of the bridge from residence to territory, shape (3, economies).

        Raises
        ------
        UnknownNameError
            No such row.
        """
        if name not in self.bridge_rows:
            raise UnknownNameError.of("bridge row", name, self.bridge_rows)
        out: Array = self.bridge[self.bridge_rows.index(name)]
        return out

    def of_regions(self, values: Array) -> Array:
        """Sum the last axis (economies, or economies x industries) to the regions."""
        per = len(self.industries) if values.shape[-1] != len(self.economies) else 1
        blocks = values.reshape(*values.shape[:-1], len(self.economies), per)
        out = np.zeros((*values.shape[:-1], len(self.regions), per))
        for k, region in enumerate(self.region_of):
            out[..., region, :] += blocks[..., k, :]
        return out.reshape(*values.shape[:-1], -1)


def satellite_data(name: str = "oecd-icio-2022", *, folder: Path = EMBEDDED) -> SatelliteData:
    """Return the whole estimate of a table's satellites.

    Parameters
    ----------
    name : str
        Of the table.
    folder : Path
        Where the embedded data lie.

    Returns
    -------
    SatelliteData

    Raises
    ------
    UnknownNameError
        No satellites were made for this table.
    DataFileError
        The file is missing, truncated or altered.

    Examples
    --------
    >>> data = satellite_data()
    >>> len(data.economies), data.F.shape
    (81, (4, 4050))
    """
    if name not in FILES:
        raise UnknownNameError.of("table with satellites", name, FILES)
    return _read(name, folder)


@lru_cache(maxsize=2)
def _read(name: str, folder: Path) -> SatelliteData:
    path = verified(FILES[name], folder)
    try:
        with np.load(path, allow_pickle=False) as archive:
            members = {key: archive[key] for key in archive.files}
        fields: dict[str, Any] = {}
        for key in SatelliteData.__dataclass_fields__:
            value = members[key]
            if value.dtype.kind == "U":
                fields[key] = tuple(value.tolist())
            else:
                value = value.astype(np.float64) if value.dtype.kind == "f" else value
                value.setflags(write=False)
                fields[key] = value
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataFileError(
            f"the satellites cannot be read: {error}", where=str(path), do="install again"
        ) from error
    return SatelliteData(**fields)


def satellites(
    name: str = "oecd-icio-2022", *, detail: str = "regions", folder: Path = EMBEDDED
) -> Extension:
    """Return CO2, CH4, N2O and the residual of fluorinated gases as an extension of a table.

    Parameters
    ----------
    name : str
        Of the table.
    detail : {"regions", "full"}
        ``"regions"``: 20 regions x 50 industries. ``"full"``: 81 economies x 50, with a stressor
        ``"GHG"`` that is the sum in the OECD's own global warming potentials.
    folder : Path
        Where the embedded data lie.

    Returns
    -------
    Extension
        ``"gases"``: Mt of each gas, Mt CO2e for ``"F-gases"`` and ``"GHG"``; one column of `F_Y`
        for each region or economy, with its range. Fluorinated gases of households are NaN:
        unknown. Build CO2e in another set of potentials from the gases with
        `Extension.characterised`; only AR5 with ``"F-gases"`` adds up to the OECD.

    Raises
    ------
    UnknownNameError
        No such table or detail.
    DataFileError
        The file is missing, truncated or altered.

    Examples
    --------
    >>> gases = satellites("oecd-icio-2022")
    >>> gases.stressors, gases.F.shape
    (('CO2', 'CH4', 'N2O', 'F-gases'), (4, 1000))
    >>> weights = {"CO2": 1, "CH4": 28, "N2O": 265, "F-gases": 1}
    >>> round(float(gases.characterised(weights, "GHG", "Mt CO2e").F.sum()), 1)
    44231.4
    """
    if detail not in DETAILS:
        raise UnknownNameError.of("detail", detail, DETAILS)
    data = satellite_data(name, folder=folder)
    item = find(FILES[name], folder)
    F, home, spread = data.F, data.households, HOUSEHOLD_RANGE * data.households_sd
    low, high = np.maximum(home - spread, 0.0), home + spread
    stressors, units = data.gases, data.units
    if detail == "regions":
        F, home, low, high = (data.of_regions(a) for a in (F, home, low, high))
    weights = np.array([OECD_CO2E[g] for g in data.gases[:3]])
    unknown = np.full((1, home.shape[1]), np.nan)
    home, low, high = (np.vstack([a, unknown]) for a in (home, low, high))
    if detail == "full":
        stressors, units = (*stressors, "GHG"), (*units, "Mt CO2e")
        F = np.vstack([F, weights @ F[:3] + F[3]])
        # The ends add: the gases of a household share their cause.
        home, low, high = (np.vstack([a, (weights @ a[:3])[None]]) for a in (home, low, high))
    return Extension(
        "gases", stressors, np.ascontiguousarray(F), units, home, low, high,
        _notes(data, item, stressors),
    )  # fmt: skip


def _notes(data: SatelliteData, item: Item, stressors: tuple[str, ...]) -> tuple[Note, ...]:
    amounts = np.abs(data.F)
    notes = []
    for k, gas in enumerate(data.gases):
        known = [
            f"{mark}: {100 * amounts[k][data.mark[k] == m].sum() / amounts[k].sum():.0f} %"
            for m, mark in enumerate(data.marks)
            if (data.mark[k] == m).any() and amounts[k][data.mark[k] == m].sum() > 0
        ]
        world = 100 * data.world_sd[k] / data.F[k].sum()
        text = (
            RESIDUAL_NOTE
            if gas == data.gases[-1]
            else f"{gas} by country and industry is an estimate ({'; '.join(known)} of the amount;"
            f" world total of industries +- {world:.1f} %, one standard deviation at most; every"
            f" cell has its own): {item.what_is_estimated}"
        )
        notes.append(Note(text, about=gas, estimated=True, sources=(item.source,)))
    if "GHG" in stressors:
        notes.append(
            Note(
                "GHG = CO2 + 28 CH4 + 265 N2O + F-gases; its sum over the economies of each OECD"
                " region is the OECD's figure, its split among them is an estimate",
                about="GHG",
                estimated=True,
                sources=(item.source,),
            )
        )
    notes.append(
        Note(
            "household direct emissions are a bottom-up estimate from inventories; fluorinated"
            " gases are not in them",
            about="households",
            estimated=True,
            sources=(item.source,),
        )
    )
    return tuple(notes)
