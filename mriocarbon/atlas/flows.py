"""Who emits for whom, as arcs: bilateral embodied emissions with intervals and end points.

The emissions of region r for the final demand of region s are ``E_rs = sum_(i in r) q_i X_is``
with ``q = F / x`` and ``X = (I - A)^-1 Y`` (Davis & Caldeira 2010, doi:10.1073/pnas.0906974107).
With the stressor of all other regions set to zero, the consumption account of that table is row r
of E; so the first-order variances of accounts give those of flows, row by row, with the table's
errors and the errors that cells share.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve
from mriocarbon.accounts.flows import bilateral
from mriocarbon.atlas.embedded import rows
from mriocarbon.atlas.places import place
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.extension import Extension
from mriocarbon.model.normal import Z95
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.errormodel import ErrorModel
from mriocarbon.uncertainty.firstorder import first_order

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "bilateral_spread", "flows"]

Array = NDArray[np.float64]
COLUMNS = (
    "origin", "destination", "value", "sd", "low", "high", "unit", "origin_lat", "origin_lon",
    "destination_lat", "destination_lon", "source", "estimated", "note",
)  # fmt: skip
SOURCE = "OECD ICIO 2022 (2025 edition), CO2 by industry: mriocarbon"
NOTE = (
    "industries only, without households' direct emissions; interval 95 %, first order, with"
    " assumed errors of the table; origin of imported final demand estimated"
)


def bilateral_spread(
    mrio: MRIO, stressor: str | None = None, *, errors: ErrorModel | None = None
) -> tuple[Array, Array]:
    """Return the bilateral flows and their standard deviations.

    Parameters
    ----------
    mrio : MRIO
        R regions.
    stressor : str, optional
    errors : ErrorModel, optional
        `default_errors` if left out.

    Returns
    -------
    tuple of ndarray, shape (R, R)
        Value and standard deviation of E_rs in the stressor's unit; rows emit, columns consume.

    Raises
    ------
    UnknownNameError, NotProductiveError, NotAvailableError
        As `mriocarbon.uncertainty.first_order`.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> value, sd = bilateral_spread(mc.load("oecd-icio-2022"), "CO2")
    >>> value.shape, bool((sd >= 0).all())
    ((20, 20), True)
    """
    errors = default_errors(mrio, stressor) if errors is None else errors
    extension, row = resolve(mrio, stressor)
    R = len(mrio.regions)
    S = extension.F.shape[1] // R
    value, sd = np.zeros((R, R)), np.zeros((R, R))
    for r in range(R):
        F = np.zeros((1, R * S))
        F[0, r * S : (r + 1) * S] = extension.F[row, r * S : (r + 1) * S]
        alone = mrio.replace_extensions(
            Extension("alone", (extension.stressors[row],), F, (extension.units[row],))
        )
        found = first_order(alone, errors, households=False)
        value[r], sd[r] = found.value, found.sd
    return value, sd


def flows(
    mrio: MRIO | None = None,
    stressor: str = "CO2",
    *,
    top: int | None = 30,
    region: str | None = None,
    errors: ErrorModel | None = None,
) -> pd.DataFrame:
    """Return the largest emissions embodied in trade, with intervals and where the arcs end.

    Parameters
    ----------
    mrio : MRIO, optional
        The embedded result for 81 economies of 2022 (CO2) if left out; else computed from the
        table.
    stressor : str
    top : int, optional
        How many, largest first; None for all.
    region : str, optional
        Only flows from or to this region.
    errors : ErrorModel, optional
        For a table given.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; Mt of the stressor. Flows of a region to itself are left out. A region
        without a place (``ROW``) has NaN coordinates: it cannot be drawn, and stays in the table.

    Raises
    ------
    UnknownNameError
        No such region or stressor.
    NotAvailableError
        Another gas than CO2 without a table.
    InputError
        A `top` that is no positive whole number.

    Examples
    --------
    >>> found = flows(top=3)
    >>> found.loc[0, ["origin", "destination"]].tolist()
    ['CHN', 'USA']
    """
    import pandas as pd

    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise InputError(f"top={top!r}", where="flows", do="give a number such as 30, or None")
    if mrio is None:
        if stressor != "CO2":
            raise NotAvailableError(
                f"no flows of {stressor} are embedded",
                where="flows without a table",
                do='give a table: flows(mc.load("oecd-icio-2022"), "GHG")',
            )
        if errors is not None:
            raise InputError("errors without a table", where="flows", do="give a table with them")
        regions, value, sd = embedded_flows()
        unit, source, note = "Mt CO2", SOURCE, NOTE
    else:
        extension, row = resolve(mrio, stressor)
        value, sd = bilateral_spread(mrio, stressor, errors=errors)
        value = bilateral(mrio, stressor).value[:, : len(mrio.regions)]
        regions, unit = mrio.regions, extension.units[row]
        source = f"{mrio.provenance.dataset or 'table given'}: mriocarbon"
        note = NOTE if mrio.estimated else NOTE.rpartition(";")[0]
    if region is not None and region not in regions:
        raise UnknownNameError.of("region", region, regions)
    R = len(regions)
    pairs = [(i, j) for i in range(R) for j in range(R) if i != j]
    if region is not None:
        k = regions.index(region)
        pairs = [p for p in pairs if k in p]
    pairs.sort(key=lambda p: (-value[p], p))
    made = []
    for i, j in pairs[:top]:
        v, s = float(value[i, j]), float(sd[i, j])
        ends = (*place(regions[i]), *place(regions[j]))
        made.append(
            (regions[i], regions[j], v, s, v - Z95 * s, v + Z95 * s, unit, *ends, source,
             True, note)
        )  # fmt: skip
    return pd.DataFrame(made, columns=list(COLUMNS))


@lru_cache(maxsize=1)
def embedded_flows() -> tuple[tuple[str, ...], Array, Array]:
    """Return economies, flows and standard deviations (81 x 81) of the embedded result."""
    found = rows("flows_2022.csv")
    regions = tuple(dict.fromkeys(row["origin"] for row in found))
    where = {name: k for k, name in enumerate(regions)}
    value = np.zeros((len(regions), len(regions)))
    sd = np.zeros_like(value)
    for row in found:
        at = where[row["origin"]], where[row["destination"]]
        value[at], sd[at] = float(row["value"]), float(row["sd"])
    value.setflags(write=False)
    sd.setflags(write=False)
    return regions, value, sd
