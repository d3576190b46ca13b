"""Who emits for whom: bilateral flows, trade balances, footprints by origin and product."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, resolve, unallocated_limit
from mriocarbon.accounts.economy import TableEconomy, embodied
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.accounts.trade_based import production
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.checked import need_table
from mriocarbon.model.extension import Extension
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO

EMBODIED = "Davis & Caldeira (2010) doi:10.1073/pnas.0906974107"
BALANCE = "Peters & Hertwich (2008) doi:10.1021/es072023k"
TRADE_ITEMS: tuple[str, ...] = ("production", "exports", "imports", "consumption", "balance")


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
        emissions of households are not in it. Emissions that cannot be placed (see `account`)
        stand in one more column, ``unallocated``.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such stressor.
    NotProductiveError
        The table has no Leontief inverse.

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
    need_table(mrio, "bilateral, mrio")
    economy, satellite = _economy(mrio, stressor)
    E, gap = _placed(economy)
    columns = mrio.regions
    if gap.any():
        E, columns = np.column_stack([E, gap]), (*columns, "unallocated")
    return _result(
        mrio, economy, satellite, "bilateral", E,
        {"region": mrio.regions, "region_to": columns}, "E = R diag(q) L Y", (EMBODIED,),
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
        industries only. ``unallocated`` is one more item where some emissions cannot be placed;
        then ``production - consumption = balance + unallocated``.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such stressor.
    NotProductiveError
        The table has no Leontief inverse.

    References
    ----------
    Peters & Hertwich (2008) doi:10.1021/es072023k.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mc.trade(mc.load("oecd-icio-2022"))["CHN", "balance"] > 0
    True
    """
    need_table(mrio, "trade, mrio")
    economy, satellite = _economy(mrio, stressor)
    E, gap = _placed(economy)
    own = np.diag(E)
    exports, imports = E.sum(axis=1) - own, E.sum(axis=0) - own
    columns = [production(economy)[0], exports, imports, E.sum(axis=0), exports - imports]
    items = TRADE_ITEMS
    if gap.any():
        columns, items = [*columns, gap], (*items, "unallocated")
    return _result(
        mrio, economy, satellite, "trade", np.stack(columns, axis=1),
        {"region": mrio.regions, "item": items}, "sums over E = R diag(q) L Y", (BALANCE,),
    )  # fmt: skip


def footprint(
    mrio: MRIO, stressor: str | None = None, *, by: str = "product", product: str | None = None
) -> Result:
    """Return the consumption account of each region in detail.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    by : {"origin", "product", "industry"}
        Where it was emitted (region), in which final product it arrived (sector of the product,
        ``sum over producing regions of m_i Y_ir``), or which industry emitted it
        (``sum over regions of q_i X_ir``). What cannot be placed is in none of them; a note says
        how much it is.
    product : str, optional
        Only what arrives in this final product (a sector of the table), by origin or by industry.

    Returns
    -------
    Result
        Over (``region_to``, ``region`` or ``sector``); rows sum to consumption, without
        households; with `product` to that product's part of it.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such stressor, breakdown or product; a product is not broken down by product.
    NotProductiveError
        The table has no Leontief inverse.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> mc.footprint(mrio, "GHG", by="product").dims
    ('region_to', 'sector')
    """
    need_table(mrio, "footprint, mrio")
    economy, satellite = _economy(mrio, stressor)
    R, S = economy.R, economy.S
    E, gap = _placed(economy)
    Y = economy.Y
    if product is not None:
        if product not in mrio.sectors:
            raise UnknownNameError.of("sector", product, mrio.sectors)
        if by == "product":
            raise UnknownNameError.of("breakdown of one product", by, ["origin", "industry"])
        one = np.tile(np.asarray(mrio.sectors) == product, R)
        Y = np.where(one[:, None], Y, 0.0)
    if by == "origin" and product is not None:
        made = economy.q[0][:, None] * economy.output(Y)
        value, label, coords = made.reshape(R, S, R).sum(axis=1).T, "region", mrio.regions
    elif by == "origin":
        value, label, coords = E.T, "region", mrio.regions
    elif by == "product":
        m = economy.multipliers(economy.q)[0]
        value = (m[:, None] * economy.Y).reshape(R, S, R).sum(axis=0).T
        label, coords = "sector", mrio.sectors
    elif by == "industry":
        q = economy.q[0]
        value = (q[:, None] * economy.output(Y)).reshape(R, S, R).sum(axis=0).T
        label, coords = "sector", mrio.sectors
    else:
        raise UnknownNameError.of("breakdown", by, ["origin", "product", "industry"])
    text = f"{gap.sum():.6g} of {economy.F.sum():.6g} {satellite[0].units[satellite[1]]}"
    notes = (Note(f"not placed: {text}", about=satellite[0].name),) if gap.any() else ()
    return _result(
        mrio, economy, satellite, f"footprint by {by}", np.ascontiguousarray(value),
        {"region_to": mrio.regions, label: coords}, f"consumption by {by}",
        find_principle("consumption").references, notes,
    )  # fmt: skip


def _economy(mrio: MRIO, stressor: str | None) -> tuple[TableEconomy, tuple[Extension, int]]:
    extension, row = resolve(mrio, stressor)
    return TableEconomy(mrio, extension.F[row : row + 1]), (extension, row)


def _placed(economy: TableEconomy) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return E, and what each region emits beyond its row of E: zero in a valid table."""
    E = embodied(economy)[0]
    gap = production(economy)[0] - E.sum(axis=1)
    return E, np.where(np.abs(gap) > unallocated_limit(economy), gap, 0.0)


def _result(
    mrio: MRIO,
    economy: TableEconomy,
    satellite: tuple[Extension, int],
    name: str,
    value: NDArray[np.float64],
    coords: dict[str, tuple[str, ...]],
    method: str,
    references: Iterable[str],
    notes: tuple[Note, ...] = (),
) -> Result:
    extension, row = satellite
    notes = (*carried(mrio, extension, row), *notes)
    return Result(
        name=name,
        value=value,
        dims=tuple(coords),
        coords=coords,
        unit=extension.units[row],
        error=economy.error,
        notes=notes,
        provenance=mrio.provenance.computed(
            method, notes, stressor=extension.stressors[row], references=references
        ),
    )
