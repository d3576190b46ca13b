"""Tables at constant prices: double deflation, and cell deflators with balancing.

A series at current prices mixes volumes with prices. Double deflation divides every row by the
price index of its product, so that rows stay balanced, and takes value added as what is left of
deflated output. It supposes one price for all buyers; where prices differ by buyer, every cell
has its own index and the result has to be balanced again (cell-specific RAS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, TableWarning, UnknownNameError, listed, warn
from mriocarbon.model import MRIO, Note
from mriocarbon.model.arrays import matrix
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import need_table
from mriocarbon.model.labels import positions
from mriocarbon.model.side import Side

Array = NDArray[np.float64]

RESIDUAL = "value added"


@dataclass(frozen=True, eq=False)
class Deflated:
    """A table at constant prices.

    Attributes
    ----------
    table : MRIO
        At prices of `base_year`; stressors are physical and unchanged.
    base_year : int
    value_added_deflator : ndarray, shape (n,)
        Implicit: current over constant value added; NaN where either is zero, or they differ in
        sign.
    negative_value_added : tuple of str
        Sectors whose value added is negative at constant and not at current prices, most
        negative first.
    margin_factor : float
        What the totals of final demand (and of inputs, where they are no margins) had to be
        multiplied by to meet the total of output; 1 for double deflation.
    iterations : int
        Passes of the balancing; 0 for double deflation.
    """

    table: MRIO
    base_year: int
    value_added_deflator: Array
    negative_value_added: tuple[str, ...]
    margin_factor: float = 1.0
    iterations: int = 0

    __repr__ = brief


def double_deflation(
    mrio: MRIO,
    output_deflators: ArrayLike,
    *,
    base_year: int,
    other_input_deflators: ArrayLike | None = None,
) -> Deflated:
    """Return the table at constant prices, value added being what is left of output.

    ``Z_ij / p_i``, ``Y_ik / p_i``, ``x_i / p_i`` and ``v_j = x_j / p_j - sum_i Z_ij / p_i - o_j``.

    Parameters
    ----------
    mrio : MRIO
        At current prices.
    output_deflators : array_like, shape (n,)
        Price of each seller's output in the table's year, 1 in `base_year`.
    base_year : int
        The year whose prices are used; becomes the table's `price_year`.
    other_input_deflators : array_like, shape (rows, n), optional
        Prices of other inputs (taxes less subsidies and so on). Left out: the implicit deflator
        of the buyer's intermediate inputs, so that the volume of a tax moves with its base; in
        final demand likewise.

    Returns
    -------
    Deflated
        Value added has one row, as its parts have no prices of their own; where the source has
        several, the row names them, "value added (residual; wages, surplus together)", and a note
        says so. Negative value added is kept.

    Raises
    ------
    InputError
        A deflator is missing, zero or negative; the sectors are named.

    Warns
    -----
    TableWarning
        Value added that turns negative, by sector.

    References
    ----------
    United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables, chapter 9.
    Dietzenbacher & Hoen (1998), Review of Income and Wealth 44, 111-122.

    Examples
    --------
    >>> import mriocarbon as mc, numpy as np
    >>> mrio = mc.MRIO.from_arrays(Z=[[2, 4], [2, 2]], Y=[[6], [4]], regions=["A"],
    ...                            sectors=["1", "2"], year=2020)
    >>> done = double_deflation(mrio, [2.0, 1.0], base_year=2010)
    >>> done.table.x.tolist(), done.table.value_added.tolist()
    ([6.0, 8.0], [[3.0, 4.0]])
    """
    need_table(mrio, "double_deflation, mrio")
    p = _deflators(mrio, output_deflators, "output deflators")
    Z, Y = mrio.Z / p[:, None], mrio.Y / p[:, None]
    side = mrio.other_uses
    if side is not None:
        side = Side(side.labels, side.values / p, side.final_demand)
    text = f"double deflation to prices of {base_year}; value added is the residual"
    return _finished(
        mrio, Z, Y, mrio.x / p, base_year, text, other_uses=side,
        other=_other(mrio, Z, Y, other_input_deflators),
    )  # fmt: skip


def cell_deflation(
    mrio: MRIO,
    *,
    output_deflators: ArrayLike,
    Z_deflators: ArrayLike,
    Y_deflators: ArrayLike,
    base_year: int,
    value_added_deflators: ArrayLike | None = None,
    other_input_deflators: ArrayLike | None = None,
    tol: float = 1e-8,
) -> Deflated:
    """Return the table at constant prices from a price for every cell, balanced afterwards.

    Flows are divided cell by cell, then scaled by GRAS to their margins: rows to output at
    constant prices, ``x_i / p_i``; columns of industries to ``x_j / p_j - v_j / p^v_j - o_j`` if
    value added has prices, else to their own deflated totals; columns of final demand to their
    own deflated totals. Those own totals are first multiplied by one common factor so that both
    margins have the same total; it is returned, and stands in the provenance.

    Parameters
    ----------
    mrio : MRIO
        At current prices.
    output_deflators : array_like, shape (n,)
        Price of each seller's output, 1 in `base_year`.
    Z_deflators, Y_deflators : array_like, broadcastable to Z and Y
        Price of each flow, such as different prices of domestic and exported goods.
    base_year : int
    value_added_deflators : array_like, shape (n,), optional
        Then value added at constant prices is given and not a residual; the table must have
        value added.
    other_input_deflators : array_like, shape (rows, n), optional
        As in `double_deflation`; left out, the implicit deflator is that of the flows before
        they are balanced.
    tol : float
        Relative error allowed in a margin.

    Returns
    -------
    Deflated
        All flows are marked as estimated.

    Raises
    ------
    InputError
        A deflator is missing or not positive, by name; value added without a table's own.
    InfeasibleError
        Margins that no table with these empty cells can meet, with rows and columns
        (`mriocarbon.build.feasible`).
    ConvergenceError

    References
    ----------
    Dietzenbacher & Hoen (1998), Review of Income and Wealth 44, 111-122.
    Junius & Oosterhaven (2003), Economic Systems Research 15, 87-96.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.MRIO.from_arrays(Z=[[2, 4], [2, 2]], Y=[[6], [4]], regions=["A"],
    ...                            sectors=["1", "2"], year=2020)
    >>> done = cell_deflation(mrio, output_deflators=[2, 1], Z_deflators=[[2, 2.5], [1, 1]],
    ...                       Y_deflators=[[2], [1]], base_year=2010)
    >>> done.table.Z.sum(axis=1).round(6) + done.table.Y.sum(axis=1).round(6)
    array([6., 8.])
    """
    need_table(mrio, "cell_deflation, mrio")
    from mriocarbon.build.balance import gras

    n, pairs = len(mrio.index), mrio.index.pairs
    columns = [(r, c) for r in mrio.regions for c in mrio.categories]
    p = _deflators(mrio, output_deflators, "output deflators")
    Z = mrio.Z / _cells(Z_deflators, mrio.Z, "Z deflators", pairs, pairs)
    Y = mrio.Y / _cells(Y_deflators, mrio.Y, "Y deflators", pairs, columns)
    x, side = mrio.x / p, mrio.other_uses
    rows = x
    if side is not None:
        side = Side(side.labels, side.values / p, side.final_demand)
        rows = x - side.total
    # Balance errors of the source (rounding, discrepancies) are no changes of volume: the rows
    # keep them in proportion.
    held = mrio.x - (0.0 if mrio.other_uses is None else mrio.other_uses.total)
    sold = mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1)
    rows = rows * np.divide(sold, held, out=np.ones(n), where=held != 0)
    other = _other(mrio, Z, Y, other_input_deflators)
    wanted = np.concatenate([Z.sum(axis=0), Y.sum(axis=0)])
    free = np.ones(len(wanted), dtype=bool)
    if value_added_deflators is not None:
        if mrio.value_added is None:
            raise InputError("the table has no value added to deflate",
                             where="value_added_deflators", do="leave them out")  # fmt: skip
        pv = _deflators(mrio, value_added_deflators, "value added deflators")
        volume = mrio.value_added.sum(axis=0) / pv + _unexplained(mrio, x)
        wanted[:n] = x - volume - (0.0 if other is None else other.total)
        free[:n] = False
    own = float(wanted[free].sum())
    left = float(rows.sum() - wanted[~free].sum())
    if own == 0 or left / own <= 0:
        raise InputError(
            f"output leaves {left:.6g} for flows that add up to {own:.6g}",
            where="totals at constant prices", do="check the deflators of output and value added",
        )  # fmt: skip
    factor = left / own
    wanted[free] *= factor
    done = gras(
        np.hstack([Z, Y]), rows, wanted, tol=tol, row_labels=pairs, column_labels=[*pairs, *columns]
    )
    Z = np.ascontiguousarray(done.value[:, :n])
    Y = np.ascontiguousarray(done.value[:, n:])
    text = (f"cell deflators to prices of {base_year}, balanced by GRAS in {done.iterations}"
            f" passes; totals of columns multiplied by {factor:.9g}")  # fmt: skip
    return _finished(
        mrio, Z, Y, x, base_year, text, other_uses=side, factor=factor, passes=done.iterations,
        other=other, estimated=True,
    )  # fmt: skip


def deflate_series(
    tables: Mapping[int, MRIO], deflators: Mapping[int, ArrayLike], *, base_year: int
) -> dict[int, Deflated]:
    """Return a series of tables at the prices of one year, by double deflation.

    Parameters
    ----------
    tables : mapping of year to MRIO
        Of the same regions and sectors, in any order. A table at the constant prices of another
        year (its `price_year`) goes from those, not from its own year's, to those of `base_year`.
    deflators : mapping of year to array_like, shape (n,)
        Price indices of output on any common base: they are divided by those of `base_year`. In
        the order of the sectors of the year's own table; of years without a table in that of the
        first one.
    base_year : int

    Returns
    -------
    dict of year to Deflated
        In the order of `tables`.

    Raises
    ------
    LabelError
        Tables of different labels (both sides are printed).
    UnknownNameError
        A year, the base year, or the year of a table's constant prices without deflators.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.MRIO.from_arrays(Z=[[2, 4], [2, 2]], Y=[[6], [4]], regions=["A"],
    ...                            sectors=["1", "2"], year=2020)
    >>> series = deflate_series({2020: mrio}, {2019: [0.5, 0.8], 2020: [1, 1]}, base_year=2019)
    >>> series[2020].table.x.round(6).tolist()
    [6.0, 6.4]
    """
    first = next(iter(tables.values()), None)
    for year, table in tables.items():
        if first is not None:
            positions(table.index.pairs, first.index.pairs, f"first table and that of {year}")

    def price(of: int, table: MRIO) -> Array:
        """Return the prices of a year in the order of a table's sectors."""
        if of not in deflators:
            known = [str(year) for year in deflators]
            raise UnknownNameError.of("year", str(of), known, do="(no deflators for it)")
        owner = tables.get(of, first) or table
        p = _deflators(owner, deflators[of], f"deflators of {of}")
        return p[positions(owner.index.pairs, table.index.pairs, "deflators")]

    done = {}
    for year, table in tables.items():
        held = year if table.price_year in (None, table.year) else table.price_year
        ratio = price(held or year, table) / price(base_year, table)
        done[year] = double_deflation(table, ratio, base_year=base_year)
    return done


def chained(links: Mapping[int, ArrayLike]) -> dict[int, Array]:
    """Return price indices from yearly links: prices of a year over those of the year before.

    ``P_t = P_(t-1) * link_t``, with P = 1 in the year before the first link.

    Parameters
    ----------
    links : mapping of year to array_like, shape (n,)
        Consecutive years, such as current-price over previous-year's-price output (WIOD).

    Raises
    ------
    InputError
        A year is missing between the first and the last.

    Examples
    --------
    >>> {year: p.round(4).tolist() for year, p in chained({2001: [1.1], 2002: [1.2]}).items()}
    {2000: [1.0], 2001: [1.1], 2002: [1.32]}
    """
    years = sorted(links)
    missing = sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []
    if missing or not years:
        raise InputError("the chain of prices has holes", where=f"years {listed(missing)}",
                         do="give a link for every year")  # fmt: skip
    level = np.ones(np.shape(links[years[0]]))
    done = {years[0] - 1: level}
    for year in years:
        level = level * np.asarray(links[year], dtype=float)
        done[year] = level
    return done


def _deflators(mrio: MRIO, given: ArrayLike, what: str) -> Array:
    p = matrix(given, (len(mrio.index),), what, mrio.index.pairs)
    bad = np.flatnonzero(p <= 0).tolist()
    if bad:
        raise InputError(
            f"{len(bad)} {what} are not positive",
            where=listed([f"{mrio.index.name(k)} ({p[k]:g})" for k in bad]),
            do="give a price index above zero for every sector, 1 in the base year",
        )
    return p


def _cells(given: ArrayLike, flows: Array, what: str, rows: Any, columns: Any) -> Array:
    array = np.asarray(given, dtype=float)
    try:
        array = np.broadcast_to(array, flows.shape)
    except ValueError as error:
        raise InputError(
            f"{what} have shape {array.shape}", where=f"flows {flows.shape}",
            do="give one price for each cell, or an array that broadcasts",
        ) from error  # fmt: skip
    bad = np.argwhere(~np.isfinite(array) | (array <= 0))
    if len(bad):
        raise InputError(
            f"{len(bad)} {what} are missing or not positive",
            where=listed([f"{' '.join(rows[a])} -> {' '.join(columns[b])} ({array[a, b]:g})"
                          for a, b in bad[:6]]),
            do="give a price index above zero for every cell, 1 in the base year",
        )  # fmt: skip
    return array


def _other(mrio: MRIO, Z: Array, Y: Array, given: ArrayLike | None) -> Side | None:
    """Return other inputs at constant prices."""
    side = mrio.other_inputs
    if side is None:
        return None
    n = len(mrio.index)
    if given is not None:
        shape = (len(side.labels), n)
        p = matrix(given, shape, "other input deflators", side.labels, mrio.index.pairs)
        if (p <= 0).any():
            raise InputError("other input deflators are not positive", where="other_inputs",
                             do="give price indices above zero")  # fmt: skip
        values = side.values / p
    else:
        values = side.values * _ratio(Z, mrio.Z)
    demand = side.final_demand
    return Side(side.labels, values, None if demand is None else demand * _ratio(Y, mrio.Y))


def _ratio(constant: Array, current: Array) -> Array:
    """Volume over value of each buyer's purchases; of all purchases for who buys nothing."""
    new, old = np.abs(constant).sum(axis=0), np.abs(current).sum(axis=0)
    whole = new.sum() / old.sum() if old.sum() else 1.0
    return np.asarray(np.divide(new, old, out=np.full_like(new, whole), where=old != 0))


def _current(mrio: MRIO) -> Array:
    """Value added at current prices, as what inputs leave of output."""
    other = mrio.other_inputs
    return np.asarray(mrio.x - mrio.Z.sum(axis=0) - (0.0 if other is None else other.total))


def _unexplained(mrio: MRIO, x: Array) -> Array:
    """What output, inputs and value added of the source leave unexplained, at constant prices.

    Rounding and discrepancies are no value added: they are kept apart, in proportion to output.
    """
    if mrio.value_added is None:
        return np.zeros_like(x)
    gap = _current(mrio) - mrio.value_added.sum(axis=0)
    return np.asarray(gap * np.divide(x, mrio.x, out=np.zeros_like(x), where=mrio.x > 0))


def _finished(
    mrio: MRIO, Z: Array, Y: Array, x: Array, base_year: int, text: str, *,
    other: Side | None, other_uses: Side | None, factor: float = 1.0, passes: int = 0,
    estimated: bool = False,
) -> Deflated:  # fmt: skip
    """Take value added as the residual, diagnose it, and build the table."""
    taken = 0.0 if other is None else other.total
    added = x - Z.sum(axis=0) - taken - _unexplained(mrio, x)
    before = _current(mrio) if mrio.value_added is None else mrio.value_added.sum(axis=0)
    # Below this a sign is rounding.
    floor = 1e-9 * np.maximum(x, np.finfo(float).tiny)
    bad = np.flatnonzero((added < -floor) & (before >= -1e-9 * mrio.x))
    bad = bad[np.argsort(added[bad])]
    names = tuple(mrio.index.name(int(k)) for k in bad)
    notes = [Note(f"at constant prices of {base_year}: {text}", estimated=estimated)]
    rows, label = mrio.value_added_rows if mrio.value_added is not None else (), RESIDUAL
    if len(rows) > 1:
        label = f"{RESIDUAL} (residual; {listed(rows)} together)"
        notes.insert(0, Note(
            f"value added at constant prices is what is left of output: the rows {', '.join(rows)}"
            " have no prices of their own and are one row together", about="value added",
        ))  # fmt: skip
    if names:
        told = [f"{name} ({added[k]:.6g} of output {x[k]:.6g})"
                for name, k in zip(names, bad.tolist(), strict=True)]  # fmt: skip
        message = (f"{len(names)} sectors have negative value added at constant prices of"
                   f" {base_year}: {listed(told)}; kept")  # fmt: skip
        notes.append(Note(message))
        warn(TableWarning(message), stacklevel=3)
    implicit = np.full_like(x, np.nan)
    np.divide(before, added, out=implicit, where=(added * before > 0))
    masks = dict(mrio.estimated)
    masks.pop("value_added", None)
    if estimated:
        masks |= {"Z": np.ones((1, 1), dtype=bool), "Y": np.ones((1, 1), dtype=bool),
                  "value_added": np.ones((1, 1), dtype=bool)}  # fmt: skip
    elif "value_added" in mrio.estimated and mrio.value_added is not None:
        mask = np.broadcast_to(mrio.estimated["value_added"], mrio.value_added.shape)
        masks["value_added"] = np.asarray(mask.any(axis=0, keepdims=True))
    table = replace(
        mrio, Z=Z, Y=Y, x=x, value_added=added[None, :], value_added_rows=(label,),
        other_inputs=other, other_uses=other_uses, price_year=base_year, estimated=masks,
        notes=(*mrio.notes, *notes), provenance=mrio.provenance.after(text),
    )  # fmt: skip
    implicit.setflags(write=False)
    return Deflated(table, base_year, implicit, names, factor, passes)
