"""Which single cells a footprint's uncertainty comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mriocarbon.accounts.compute import resolve
from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.model.checked import whole
from mriocarbon.model.labels import find_region
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.distributions import Dirichlet
from mriocarbon.uncertainty.errormodel import ErrorModel, relative
from mriocarbon.uncertainty.firstorder import first_order, require_linear

__all__ = ["Cell", "largest_cells"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and what its error alone contributes.

    Attributes
    ----------
    part : str
        ``stressor``, ``flows`` or ``demand``.
    supplier : tuple of str
        Region and sector that emit or supply.
    user : tuple of str
        Region and sector that use a flow; the region of a final demand; empty for a stressor.
    sd : float
        Standard deviation of the footprint from this cell's whole error, in the stressor's unit.
    share : float
        ``sd^2`` over the footprint's variance. The cell counts as if it shared its error with no
        other, so that shares do not add up to 1, and exceed 1 where shared errors cancel.
    """

    part: str
    supplier: tuple[str, str]
    user: tuple[str, ...]
    sd: float
    share: float


def largest_cells(
    mrio: MRIO,
    errors: ErrorModel,
    region: str,
    *,
    stressor: str | None = None,
    count: int = 20,
) -> tuple[Cell, ...]:
    """Return the cells whose errors move a region's footprint most, largest first.

    Parameters
    ----------
    mrio : MRIO
    errors : ErrorModel
    region : str
        Whose footprint (industries only).
    stressor : str, optional
    count : int

    Returns
    -------
    tuple of Cell

    Raises
    ------
    UnknownNameError, NotAvailableError, NotProductiveError, InputError
        As `first_order`; `count` below 1.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.uncertainty import default_errors, largest_cells
    >>> table = mc.load("oecd-icio-2022")
    >>> largest_cells(table, default_errors(table, "GHG"), "CHN", stressor="GHG", count=1)[0].part
    'stressor'
    """
    count = whole("count", count, least=1, where="largest_cells")
    require_linear(errors)
    r = find_region(region, mrio.regions)
    extension, row = resolve(mrio, stressor)
    economy = TableEconomy(mrio, extension.F[row : row + 1])
    F, Y, Z, system = economy.F[0], economy.Y, economy.Z, economy.system
    errors.check(F, Z, Y, np.zeros(economy.R))
    m = economy.multipliers(economy.q)[0]
    h = np.where(system.zero, 0.0, economy.output(Y[:, r]) / system.output_)
    back = h if errors.balance == "row balance" else np.zeros_like(h)
    own = np.arange(economy.R) == r
    deviations = {
        "flows": m[:, None] * Z * (h - back[:, None]) * relative(errors.flows, Z, "flows"),
        "demand": m[:, None] * Y * (own - back[:, None]) * relative(errors.demand, Y, "demand"),
    }
    if not isinstance(errors.stressor, Dirichlet):
        deviations["stressor"] = F * h * relative(errors.stressor, F, "stressor")
    variance = first_order(mrio, errors, stressor=stressor, households=False).variance[r]
    found = []
    for part, d in deviations.items():
        size = np.abs(d).ravel()
        k = min(count, size.size)
        for place in np.argpartition(-size, k - 1)[:k]:
            if size[place] > 0:
                found.append((float(size[place]), part, np.unravel_index(place, d.shape)))
    found.sort(key=lambda one: -one[0])
    pairs = mrio.index.pairs
    return tuple(
        Cell(part, pairs[at[0]], _user(mrio, part, at), sd, float(sd**2 / variance))
        for sd, part, at in found[:count]
    )


def _user(mrio: MRIO, part: str, at: tuple[np.intp, ...]) -> tuple[str, ...]:
    if part == "flows":
        return mrio.index.pairs[at[1]]
    return (mrio.regions[at[1]],) if part == "demand" else ()
