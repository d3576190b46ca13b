"""A table carried to a later year from what is known of it: GDP, trade and emission totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build.balance import gras, iterate, margin_error
from mriocarbon.build.feasible import InfeasibleError, obstacles
from mriocarbon.errors import (
    ConvergenceError,
    InputError,
    ShapeError,
    UnknownNameError,
    listed,
)
from mriocarbon.model.arrays import matrix
from mriocarbon.model.checked import need_table
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import positions
from mriocarbon.model.provenance import Note
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

__all__ = ["nowcast"]

Array = NDArray[np.float64]
INNER = 4  # passes over the table between two looks at bilateral trade


def nowcast(
    mrio: MRIO,
    year: int,
    *,
    gdp: Any,
    trade: Any = None,
    emissions: Mapping[str, Any] | None = None,
    households: Mapping[str, Any] | None = None,
    tol: float = 1e-8,
    max_iter: int = 2000,
    notes: Sequence[Note] = (),
) -> MRIO:
    """Carry a table to another year by GRAS on totals of that year.

    With the growth g of value added (by region, or by region and sector), the margins are::

        x'     = g x                                   output: value added shares as before
        Z' 1   column sums g (Z'1)                     inputs likewise
        Y'     column sums of region s: primary inputs + imports - exports of s, split over
               categories as before

    and [Z | Y] is balanced to them by GRAS. Where trade is given, the flows between any two
    regions are balanced too, as a third family of margins.

    Parameters
    ----------
    mrio : MRIO
        The table of the last year known.
    year : int
        The year of the totals.
    gdp : mapping of region to number, or array_like, shape (regions,) or (n,)
        Value added in `mrio.money_unit`, current prices of `year`, by region or by region and
        sector; the concept of `mrio.value_added` (all primary inputs if the table has none).
    trade : mapping or array_like, optional
        In `mrio.money_unit`. ``{"exports": ..., "imports": ...}`` with one total for each region
        (both must have the same sum; one of them is enough), or bilateral, shape (regions,
        regions), rows export, diagonal ignored. Left out, trade between two regions grows like
        the geometric mean of their GDP, and binds only through the trade balance.
    emissions : mapping of stressor to mapping or array_like, (regions,) or (n,), optional
        Emissions of industries in the unit of the stressor. A stressor without an entry keeps
        its intensities, and is marked.
    households : mapping of stressor to mapping or array_like, (regions,), optional
        Direct emissions of households; without an entry they are unknown (NaN), not zero.
    tol : float
        Largest relative miss of a margin.
    max_iter : int
        Most passes over the table.
    notes : sequence of Note
        Sources of the totals, for instance.

    Returns
    -------
    MRIO
        Every cell of Z, Y and x marked as estimated; notes and provenance say from what.

    Raises
    ------
    LabelError, UnknownNameError
        A region or stressor is missing or not known.
    InputError
        Value added cannot grow from zero or change sign; a total is not positive.
    InfeasibleError
        The totals contradict each other; regions are named.
    ConvergenceError

    References
    ----------
    Junius & Oosterhaven (2003), Econ. Syst. Res. 15; Temurshoev et al. (2013), ibid. 25.
    Lenzen et al. (2012), Mapping the structure of the world economy, Env. Sci. Tech. 46.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> old = mc.MRIO.from_arrays(
    ...     Z=[[20, 10], [8, 30]], Y=[[50, 20], [12, 40]], regions=["A", "B"], sectors=["1"],
    ...     stressors={"CO2": [10, 5]}, units="Mt CO2", year=2020)
    >>> new = nowcast(old, 2021, gdp={"A": 80, "B": 55}, trade={"exports": [33, 23]},
    ...               emissions={"CO2": {"A": 11, "B": 5}})
    >>> new.primary_inputs.round(6), new.extensions["emissions"].F.round(6)
    (array([80., 55.]), array([[11.,  5.]]))
    """
    need_table(mrio, "nowcast, mrio")
    index, n = mrio.index, len(mrio.index)
    R, S, K = len(mrio.regions), len(mrio.sectors), len(mrio.categories)
    base = mrio.primary_inputs if mrio.value_added is None else mrio.value_added.sum(axis=0)
    growth, detailed = _growth(gdp, base, mrio)
    x = mrio.x * growth
    inputs = mrio.Z.sum(axis=0) * growth
    other_uses = _grown(mrio.other_uses, growth)
    primary = (x - inputs).reshape(R, S).sum(axis=1)
    wide = np.hstack([mrio.Z, mrio.Y])
    flows = _blocks(wide, R, S, K)
    old_gdp = base.reshape(R, S).sum(axis=1)
    ratio = (base * growth).reshape(R, S).sum(axis=1) / old_gdp
    T, given = _trade(trade, flows, ratio, mrio.regions)
    rows = x.copy()
    left = np.zeros(R)
    if other_uses is not None:
        rows -= other_uses.total
        left = other_uses.total.reshape(R, S).sum(axis=1)
    demand = primary + T.sum(axis=0) - T.sum(axis=1) - left
    old = mrio.Y.sum(axis=0).reshape(R, K)
    _positive(demand, mrio.regions, "final demand (GDP + imports - exports)")
    _positive(old.sum(axis=1), mrio.regions, "final demand of the table")
    columns = np.concatenate([inputs, (old * (demand / old.sum(axis=1))[:, None]).ravel()])
    row_names = [index.name(k) for k in range(n)]
    column_names = [*row_names, *(f"{r} {c}" for r in mrio.regions for c in mrio.categories)]
    labels: dict[str, Any] = {"row_labels": row_names, "column_labels": column_names}
    if given:
        value = _three_ways(wide, rows, columns, T, (R, S, K), tol, max_iter, labels, mrio.regions)
    else:
        value = gras(wide, rows, columns, tol=tol, max_iter=max_iter, **labels).value
    extensions = _emissions(mrio, x, emissions or {}, households or {})
    how = "GDP" + (", trade" if given else "") + (", emissions" if emissions else "")
    text = (
        f"Table of {year} carried from {mrio.year or 'an earlier table'} by GRAS on totals of"
        f" {how}: flows, final demand and output are estimates; value added shares, and the"
        " split of final demand over categories, are those of the earlier year."
        + ("" if given else " Trade is not observed: it follows the GDP of both partners.")
    )
    mask = np.ones((1, 1), bool)
    marks = {"Z": mask, "Y": mask, "x": np.ones(1, bool)}
    if mrio.value_added is not None and not detailed:
        marks["value_added"] = mask
    return replace(
        mrio, Z=np.ascontiguousarray(value[:, :n]), Y=np.ascontiguousarray(value[:, n:]), x=x,
        value_added=None if mrio.value_added is None else mrio.value_added * growth,
        extensions={one.name: one for one in extensions}, year=year,
        price_year=year, notes=(*mrio.notes, *notes, Note(text, estimated=True)),
        provenance=replace(mrio.provenance.after(
            f"carried from {mrio.year or 'an earlier year'} to {year} by GRAS on {how}"),
            edition=f"{mrio.provenance.edition} nowcast {year}".strip(), sha256=""),
        other_inputs=_grown_inputs(mrio, growth, demand / old.sum(axis=1)),
        other_uses=other_uses, estimated=marks,
    )  # fmt: skip


def _by(values: Any, labels: Sequence[str], name: str) -> Array:
    """Numbers by label, from a mapping (each label once) or an array in order."""
    if isinstance(values, Mapping):
        keys = [str(key) for key in values]
        order = positions(keys, list(labels), name)
        values = np.array([float(v) for v in values.values()])[order]
    return matrix(values, (len(labels),), name, list(labels))


def _growth(gdp: Any, base: Array, mrio: MRIO) -> tuple[Array, bool]:
    """Growth factor of every sector, and whether it was given by sector."""
    R, S, index = len(mrio.regions), len(mrio.sectors), mrio.index
    detailed = not isinstance(gdp, Mapping) and np.shape(gdp) == (len(index),) and S > 1
    if not detailed:
        wanted = _by(gdp, mrio.regions, "gdp")
        had = base.reshape(R, S).sum(axis=1)
        _positive(wanted, mrio.regions, "GDP given")
        _positive(had, mrio.regions, "value added of the table")
        return np.repeat(wanted / had, S), False
    wanted = matrix(gdp, (len(index),), "gdp", index.pairs)
    region = wanted.reshape(R, S).sum(axis=1) / base.reshape(R, S).sum(axis=1)
    none = (base == 0) & (wanted == 0)
    factor = np.divide(wanted, base, out=np.repeat(region, S), where=base != 0)
    bad = np.flatnonzero(((factor <= 0) | (base == 0)) & ~none).tolist()
    if bad:
        raise InputError(
            f"value added cannot be carried in {len(bad)} sectors: it comes from zero, falls to"
            " zero, or changes sign",
            where=listed([f"{index.name(k)} ({base[k]:.6g} to {wanted[k]:.6g})" for k in bad]),
            do="give GDP by region, or value added of the same sign in these sectors",
        )
    return np.where(none, np.repeat(region, S), factor), True


def _positive(values: Array, labels: Sequence[str], what: str) -> None:
    bad = np.flatnonzero(~(values > 0)).tolist()
    if bad:
        raise InputError(
            f"{what} is not positive in {len(bad)} regions",
            where=listed([f"{labels[k]} ({values[k]:.6g})" for k in bad]),
            do="check totals, units and regions: all in the money unit of the table",
        )


def _trade(trade: Any, flows: Array, ratio: Array, regions: tuple[str, ...]) -> tuple[Array, bool]:
    """Bilateral trade of the new year, diagonal zero, and whether any of it was given."""
    R = len(regions)
    T = flows.copy()
    np.fill_diagonal(T, 0.0)
    pair = T * np.sqrt(np.outer(ratio, ratio))
    if trade is None:
        return pair, False
    if not isinstance(trade, Mapping):
        if np.shape(trade) != (R, R):
            raise ShapeError(
                f"bilateral trade has shape {np.shape(trade)}, the table {R} regions",
                where="trade",
                do='give (regions, regions), or {"exports": ..., "imports": ...}',
            )
        given = np.array(matrix(trade, (R, R), "trade", regions, regions, missing=True))
        np.fill_diagonal(given, 0.0)
        return matrix(given, (R, R), "trade", regions, regions), True
    for name in trade:
        if name not in ("exports", "imports"):
            raise UnknownNameError.of("trade total", str(name), ("exports", "imports"))
    exports, imports = (
        _by(trade[k], regions, k) if k in trade else None for k in ("exports", "imports")
    )
    if imports is None and exports is not None:
        imports = (pair * (exports / _nonzero(pair.sum(axis=1)))[:, None]).sum(axis=0)
    elif exports is None and imports is not None:
        exports = (pair * (imports / _nonzero(pair.sum(axis=0)))).sum(axis=1)
    if exports is None or imports is None:
        return pair, False
    return gras(
        pair, exports, imports, tol=1e-10, row_labels=[f"exports of {r}" for r in regions],
        column_labels=[f"imports of {r}" for r in regions],
    ).value, True  # fmt: skip


def _nonzero(values: Array) -> Array:
    return np.where(values == 0, 1.0, values)


def _blocks(wide: Array, R: int, S: int, K: int) -> Array:
    """Flows between regions, intermediate and final, shape (R, R)."""
    by_row = np.add.reduceat(wide, np.arange(0, R * S, S), axis=0)
    n = R * S
    Z = by_row[:, :n].reshape(R, R, S).sum(axis=2)
    return np.asarray(Z + by_row[:, n:].reshape(R, R, K).sum(axis=2))


def _three_ways(
    wide: Array, rows: Array, columns: Array, T: Array, shape: tuple[int, int, int], tol: float,
    max_iter: int, labels: Mapping[str, Any], regions: tuple[str, ...],
) -> Array:  # fmt: skip
    """Balance to rows, columns and bilateral totals in turns; each is a GRAS step."""
    R, S, K = shape
    if found := obstacles(wide, rows, columns, pattern=False, **labels):
        raise InfeasibleError(found)
    off = ~np.eye(R, dtype=bool)
    value, worst, miss = wide, "", np.inf
    for _ in range(0, max_iter, INNER):
        plus = _blocks(np.maximum(value, 0.0), R, S, K)
        minus = plus - _blocks(value, R, S, K)
        minus = np.where(minus > 1e-12 * plus, minus, 0.0)
        gap = np.where(off, np.abs(plus - minus - T) / np.where(T > 0, T, plus + minus + 1e-300), 0)
        gap = np.where(plus + minus == 0, np.where(T == 0, 0.0, np.inf), gap) * 1.0
        gap[~off] = 0.0
        r, s = np.unravel_index(int(gap.argmax()), gap.shape)
        miss = float(gap[r, s])
        worst = f"{regions[r]} -> {regions[s]} ({T[r, s]:.6g} wanted)"
        if np.isinf(miss):
            pairs = np.argwhere(np.isinf(gap)).tolist()
            none = [f"{regions[a]} -> {regions[b]} ({T[a, b]:.6g})" for a, b in pairs]
            raise InputError(
                f"trade is given for {len(none)} pairs of regions that have none in the table",
                where=listed(none),
                do="give zero there, or start from a table with a flow between them",
            )
        if miss <= tol and margin_error(value, rows, columns) <= tol:
            return value
        root = np.sqrt(T * T + 4 * plus * minus)
        factor = np.where(off & (plus > 0), (T + root) / (2 * _nonzero(plus)), 1.0)
        wide_factor = np.repeat(
            np.hstack([np.repeat(factor, S, axis=1), np.repeat(factor, K, axis=1)]), S, axis=0
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(value < 0, value / wide_factor, value * wide_factor)
        value = np.where(np.isfinite(value), value, 0.0)
        value = iterate(value, rows, columns, tol / 2, INNER).value
    raise ConvergenceError(
        f"margins and bilateral trade do not meet after {max_iter} passes: trade is off by"
        f" {miss:.1e}, most {worst}",
        where="nowcast",
        do="check that trade fits GDP there (exports below output), or raise max_iter",
    )


def _grown(side: Side | None, growth: Array) -> Side | None:
    return None if side is None else Side(side.labels, side.values * growth, side.final_demand)


def _grown_inputs(mrio: MRIO, growth: Array, demand: Array) -> Side | None:
    """Other inputs grow with output, what they take from final demand grows with it."""
    side = mrio.other_inputs
    if side is None:
        return None
    final = side.final_demand
    if final is not None:
        final = final * np.repeat(demand, len(mrio.categories))
    return Side(side.labels, side.values * growth, final)


def _emissions(
    mrio: MRIO, x: Array, emissions: Mapping[str, Any], households: Mapping[str, Any]
) -> list[Extension]:
    for name in (*emissions, *households):
        mrio.extension_of(name)  # raises where there is none
    R, K = len(mrio.regions), len(mrio.categories)
    step = np.divide(x, mrio.x, out=np.ones_like(x), where=mrio.x > 0)
    out: list[Extension] = []
    for extension in mrio.extensions.values():
        F = extension.F * step
        F_Y = None
        if extension.F_Y is not None or households:
            F_Y = np.full((len(extension.stressors), R * K), np.nan)
        mine: list[Note] = []
        for k, stressor in enumerate(extension.stressors):
            key = next((q for q in (stressor, f"{extension.name}/{stressor}") if q in emissions),
                       None)  # fmt: skip
            text = "emissions at the intensities of the earlier year"
            if key is not None:
                F[k], text = _to_total(F[k], emissions[key], mrio, stressor)
            mine.append(Note(f"{stressor}: {text}.", about=stressor, estimated=True))
            key = next((q for q in (stressor, f"{extension.name}/{stressor}") if q in households),
                       None)  # fmt: skip
            if F_Y is not None and key is not None:
                cells = np.zeros((R, K))
                cells[:, 0] = _by(households[key], mrio.regions, f"households {stressor}")
                F_Y[k] = cells.ravel()
        kept = tuple(note for note in extension.notes if note.about != "households")
        out.append(Extension(extension.name, extension.stressors, F, extension.units, F_Y,
                             notes=(*kept, *mine)))  # fmt: skip
    return out


def _to_total(F: Array, given: Any, mrio: MRIO, stressor: str) -> tuple[Array, str]:
    """Emissions met to regional totals, or as given by sector."""
    R, S = len(mrio.regions), len(mrio.sectors)
    if not isinstance(given, Mapping) and np.shape(given) == (R * S,) and S > 1:
        return matrix(given, (R * S,), f"emissions {stressor}", mrio.index.pairs), "as given"
    total = _by(given, mrio.regions, f"emissions {stressor}")
    had = F.reshape(R, S).sum(axis=1)
    bad = np.flatnonzero((had <= 0) & (total != 0) | (total < 0)).tolist()
    if bad:
        raise InputError(
            f"emissions of {stressor} cannot be carried in {len(bad)} regions",
            where=listed([f"{mrio.regions[k]} ({had[k]:.6g} to {total[k]:.6g})" for k in bad]),
            do="give emissions by region and sector for this stressor",
        )
    factor = np.divide(total, had, out=np.ones(R), where=had > 0)
    text = "regional totals spread by the intensities of the earlier year"
    return np.asarray(F * np.repeat(factor, S)), text
