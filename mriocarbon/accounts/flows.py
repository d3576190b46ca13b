"""Who emits for whom: bilateral flows, trade balances, footprints by origin and product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve, version
from mriocarbon.accounts.economy import TableEconomy, embodied
from mriocarbon.accounts.trade_based import production
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.extension import Extension
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO

TRADE_ITEMS = ("production", "exports", "imports", "consumption", "balance")


def bilateral(mrio: MRIO, stressor: str | None = None) -> Result:
    """Return E = R diag(q) L Y: emitted in a region (row) for a region (column).

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional

    Returns
    -------
    Result
        Over (``region``, ``region_to``). Rows sum to production, columns to consumption; direct
        emissions of households are not in it.

    References
    ----------
    Davis & Caldeira (2010) doi:10.1073/pnas.0906974107.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> E = mc.bilateral(mc.load("oecd-icio-2022"), "GHG")
    >>> E["CHN", "USA"] > E["USA", "CHN"]
    True
    """
    economy, satellite = _economy(mrio, stressor)
    return _result(
        mrio, economy, satellite, "bilateral", embodied(economy)[0],
        {"region": mrio.regions, "region_to": mrio.regions}, "E = R diag(q) L Y",
    )  # fmt: skip


def trade(mrio: MRIO, stressor: str | None = None) -> Result:
    """Return what each region's trade embodies.

    ``exports_r = sum_{s != r} E_rs``, ``imports_r = sum_{s != r} E_sr``,
    ``balance = exports - imports = production - consumption``; balances sum to zero.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional

    Returns
    -------
    Result
        Over (``region``, ``item``), items production, exports, imports, consumption, balance;
        industries only.

    References
    ----------
    Peters & Hertwich (2008) doi:10.1021/es072023k.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mc.trade(mc.load("oecd-icio-2022"))["CHN", "balance"] > 0
    True
    """
    economy, satellite = _economy(mrio, stressor)
    E = embodied(economy)[0]
    own = np.diag(E)
    exports, imports = E.sum(axis=1) - own, E.sum(axis=0) - own
    columns = [production(economy)[0], exports, imports, E.sum(axis=0), exports - imports]
    return _result(
        mrio, economy, satellite, "trade", np.stack(columns, axis=1),
        {"region": mrio.regions, "item": TRADE_ITEMS}, "sums over E = R diag(q) L Y",
    )  # fmt: skip


def footprint(mrio: MRIO, stressor: str | None = None, *, by: str = "product") -> Result:
    """Return the consumption account of each region in detail.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    by : {"origin", "product", "industry"}
        Where it was emitted (region), in which final product it arrived (sector of the product,
        ``sum over producing regions of m_i Y_ir``), or which industry emitted it
        (``sum over regions of q_i X_ir``).

    Returns
    -------
    Result
        Over (``region_to``, ``region`` or ``sector``); rows sum to consumption, without
        households.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> mc.footprint(mrio, "GHG", by="product").dims
    ('region_to', 'sector')
    """
    economy, satellite = _economy(mrio, stressor)
    R, S = economy.R, economy.S
    if by == "origin":
        value, label, coords = embodied(economy)[0].T, "region", mrio.regions
    elif by == "product":
        m = economy.multipliers(economy.q)[0]
        value = (m[:, None] * economy.Y).reshape(R, S, R).sum(axis=0).T
        label, coords = "sector", mrio.sectors
    elif by == "industry":
        q = economy.q[0]
        value = (q[:, None] * economy.output(economy.Y)).reshape(R, S, R).sum(axis=0).T
        label, coords = "sector", mrio.sectors
    else:
        raise UnknownNameError.of("breakdown", by, ["origin", "product", "industry"])
    return _result(
        mrio, economy, satellite, f"footprint by {by}", np.ascontiguousarray(value),
        {"region_to": mrio.regions, label: coords}, f"consumption by {by}",
    )  # fmt: skip


def _economy(mrio: MRIO, stressor: str | None) -> tuple[TableEconomy, tuple[Extension, int]]:
    extension, row = resolve(mrio, stressor)
    return TableEconomy(mrio, extension.F[row : row + 1]), (extension, row)


def _result(
    mrio: MRIO,
    economy: TableEconomy,
    satellite: tuple[Extension, int],
    name: str,
    value: NDArray[np.float64],
    coords: dict[str, tuple[str, ...]],
    method: str,
) -> Result:
    extension, row = satellite
    about = {extension.stressors[row], extension.name, "table"}
    return Result(
        name=name,
        value=value,
        dims=tuple(coords),
        coords=coords,
        unit=extension.units[row],
        error=economy.error,
        notes=tuple(n for n in (*mrio.notes, *extension.notes) if n.about in about),
        provenance=mrio.provenance.computed(method, version()),
    )
