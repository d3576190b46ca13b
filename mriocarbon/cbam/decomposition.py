"""Where the bias varies: between origins or between goods, between routes or within them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.cbam.statistics import codes, vector
from mriocarbon.errors import InputError, LabelError, NonFiniteError, ShapeError, listed

__all__ = ["RouteSplit", "VarianceSplit", "route_split", "variance_split"]

Array = NDArray[np.float64]
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """Components of the variance of ``ln(D / R)`` over origins and CN headings.

    Attributes
    ----------
    origin, cn, residual : float
        Variances; a negative estimate is reported as 0 (see `note`).
    origin_share, cn_share, residual_share : float
        The same as shares, sum 1; NaN where nothing varies.
    cells, origins, cns : int
        Cells with a value; origins and CN headings with at least one.
    note : str
        What a reader must know.
    """

    origin: float
    cn: float
    residual: float
    origin_share: float
    cn_share: float
    residual_share: float
    cells: int
    origins: int
    cns: int
    note: str = ""


def variance_split(
    log_ratio: ArrayLike, origins: Sequence[str], cns: Sequence[str]
) -> VarianceSplit:
    r"""Split the variance of a table of origins by goods into its two-way crossed components.

    Random effects :math:`l_{ij} = \mu + a_i + b_j + e_{ij}` over N cells; cells may be missing.
    Henderson's method 3 with both reductions adjusted for the other factor, each sum of squares
    held against its expectation:

    .. math:: SSE = (N - a - b + c)\,\sigma_e^2, \quad
              R(A|B) = (N - b)\,\sigma_A^2 + (a - c)\,\sigma_e^2, \quad
              R(B|A) = (N - a)\,\sigma_B^2 + (b - c)\,\sigma_e^2

    with a origins, b goods and c unconnected blocks of the table. Unbiased without a normal
    distribution; with origins only (or goods only) varying the other components are exactly 0,
    whatever is missing. The residual holds the interaction and the errors of the references.

    Parameters
    ----------
    log_ratio : array_like, shape (origins, cns) or (n,)
        ``ln(D / R)``: a table, NaN where there is no comparison; or a list of the cells there
        are, then without NaN.
    origins, cns : sequence of str
        Labels of rows and columns, each once; or of each cell of the list, no cell twice.

    Returns
    -------
    VarianceSplit

    Raises
    ------
    InputError
        The shape does not fit the labels, labels are doubled, a cell is infinite, or too few
        cells are filled to tell the components apart.

    References
    ----------
    Henderson (1953), doi:10.2307/3001853; Searle, Casella & McCulloch (1992), *Variance
    Components*, chapter 5.

    Examples
    --------
    >>> split = variance_split([[0.0, 0.1], [1.0, 1.1]], ["AAA", "BBB"], ["7201", "7208"])
    >>> round(split.origin, 3), round(split.cn, 3), round(split.origin_share, 3)
    (0.5, 0.005, 0.99)
    """
    table = _table(log_ratio, origins, cns)
    here = ~np.isnan(table)
    table, here = table[here.any(1)], here[here.any(1)]
    table, here = table[:, here.any(0)], here[:, here.any(0)]
    (a, b), n = here.shape, int(here.sum())
    blocks = _blocks(here)
    free = n - a - b + blocks
    if a < 2 or b < 2 or free < 1:
        raise InputError(
            f"{n} value(s) of {a} origin(s) and {b} good(s) cannot be split into origin, good "
            "and residual",
            where="log ratios",
            do="give at least two of each, with more values than origins and goods together",
        )
    filled = np.where(here, table, 0.0)
    filled = np.where(here, filled - filled.sum() / n, 0.0)
    total = float((filled**2).sum())
    by_origin, within_cn = _reduction(filled, here)
    by_cn, _ = _reduction(filled.T, here.T)
    noise = _ROUNDING * total
    # what is left of rounding is no variance: pure cases are exact
    sse = within_cn - by_origin
    sse, by_origin, by_cn = (x if x > noise else 0.0 for x in (sse, by_origin, by_cn))
    e = sse / free
    found = {
        "origin": (by_origin - (a - blocks) * e) / (n - b),
        "CN": (by_cn - (b - blocks) * e) / (n - a),
        "residual": e,
    }
    notes = [f"negative estimate of {k} ({v:.2g}) reported as 0" for k, v in found.items() if v < 0]
    if blocks > 1:
        notes.append(f"the table falls into {blocks} blocks without a common origin or good")
    var = {k: max(0.0, v) for k, v in found.items()}
    whole = sum(var.values())
    if whole == 0:
        notes.append("nothing varies: there are no shares")
    shares = {k: v / whole if whole > 0 else math.nan for k, v in var.items()}
    return VarianceSplit(
        origin=var["origin"],
        cn=var["CN"],
        residual=var["residual"],
        origin_share=shares["origin"],
        cn_share=shares["CN"],
        residual_share=shares["residual"],
        cells=n,
        origins=a,
        cns=b,
        note="; ".join(notes),
    )


def _table(log_ratio: ArrayLike, origins: Sequence[str], cns: Sequence[str]) -> Array:
    table = np.array(log_ratio, dtype=np.float64)
    if table.ndim == 1:
        return _from_list(table, origins, cns)
    if table.shape != (len(origins), len(cns)):
        raise ShapeError(
            f"the table has shape {table.shape} for {len(origins)} origin(s) and {len(cns)} "
            "good(s)",
            do="give one row per origin and one column per CN heading",
        )
    for what, labels in (("origin", origins), ("CN heading", cns)):
        doubled = sorted({x for x in labels if list(labels).count(x) > 1})
        if doubled:
            raise LabelError(f"doubled {what}", where=listed(doubled), do="give each once")
    if np.isinf(table).any():
        i, j = np.argwhere(np.isinf(table))[0]
        raise NonFiniteError(
            "an infinite log ratio: a default or a reference of 0",
            where=f"{origins[i]} x {cns[j]}",
            do="mark a missing comparison as NaN",
        )
    return table


def _from_list(values: Array, origins: Sequence[str], cns: Sequence[str]) -> Array:
    y = vector(values, "log ratios")
    row, rows = codes(origins, y.size, "origins")
    column, columns = codes(cns, y.size, "CN headings")
    place = row * columns + column
    if len(np.unique(place)) < y.size:
        names, times = np.unique(place, return_counts=True)
        i = int(np.flatnonzero(place == names[times > 1][0])[0])
        raise LabelError(
            "a cell stands twice", where=f"{origins[i]} x {cns[i]}", do="give each cell once"
        )
    table = np.full(rows * columns, np.nan)
    table[place] = y
    return table.reshape(rows, columns)


def _blocks(here: NDArray[np.bool_]) -> int:
    """Return the number of unconnected blocks of the table."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    a, b = here.shape
    i, j = np.nonzero(here)
    graph = coo_matrix((np.ones(i.size), (i, j + a)), shape=(a + b, a + b))
    labels = connected_components(graph, directed=False)[1]
    return int(labels.max(initial=-1)) + 1


def _reduction(filled: Array, here: NDArray[np.bool_]) -> tuple[float, float]:
    """Return R(rows | columns) and the sum of squares within columns.

    With the columns swept out, the normal equations of the rows are C x = q,
    C = diag(n_i.) - N diag(1 / n_.j) N', and the reduction is q' C^+ q.
    """
    seen = here.astype(np.float64)
    per_column = seen.sum(0)
    swept = np.where(here, filled - filled.sum(0) / per_column, 0.0)
    q = swept.sum(1)
    c = np.diag(seen.sum(1)) - (seen / per_column) @ seen.T
    x = np.linalg.lstsq(c, q, rcond=1e-10)[0]
    return float(q @ x), float((swept**2).sum())


@dataclass(frozen=True, slots=True)
class RouteSplit:
    """How far the spread of one good between origins follows from the route.

    Attributes
    ----------
    route, origin : float
        Variance between routes of a good, and between origins of the same route.
    share : float
        ``route / (route + origin)``; NaN where no good has two routes.
    explained : float
        Plain share of the sum of squares (R squared), without correction for the number of
        routes.
    values, goods, goods_with_routes : int
        Values, goods, and goods with at least two routes.
    note : str
        What a reader must know.
    """

    route: float
    origin: float
    share: float
    explained: float
    values: int
    goods: int
    goods_with_routes: int
    note: str = ""


def route_split(log_value: ArrayLike, cns: Sequence[str], routes: Sequence[str]) -> RouteSplit:
    r"""Split the spread of values between origins into route and origin within a route.

    Only goods with at least two routes can tell. Nested analysis of variance over values v of
    routes r of goods c (Searle, Casella & McCulloch 1992, chapter 3), unbiased:

    .. math:: \sigma_o^2 = \frac{SSW}{\sum_{cr} (n_{cr} - 1)}, \qquad
              \sigma_r^2 = \frac{SSB - \sigma_o^2 \sum_c (r_c - 1)}
                                {\sum_c (n_c - \sum_r n_{cr}^2 / n_c)}

    Parameters
    ----------
    log_value : array_like, shape (n,)
        ``ln D`` (or ``ln(D / R)``) of one origin and good each.
    cns, routes : sequence of str, length n
        Good and route of each value; a value without a route needs a name for that, too.

    Returns
    -------
    RouteSplit

    Raises
    ------
    InputError
        Empty, mismatched or non-finite input.

    Examples
    --------
    >>> found = route_split([1.0, 1.1, -1.0, -1.1], ["7601"] * 4, ["K", "K", "L", "L"])
    >>> round(found.share, 3), found.goods_with_routes
    (0.998, 1)
    """
    y = vector(log_value, "log values")
    good, goods = codes(cns, y.size, "CN headings")
    letter, letters = codes(routes, y.size, "routes")
    cell = np.unique(good * letters + letter, return_inverse=True)[1]
    per_cell = np.bincount(cell)
    of_cell = np.zeros(per_cell.size, dtype=np.intp)
    of_cell[cell] = good
    several = np.bincount(of_cell, minlength=goods) > 1
    kept, used = several[good], several[of_cell]
    notes = []
    if not several.any():
        note = "no good has values of two routes"
        return RouteSplit(0.0, math.nan, math.nan, math.nan, y.size, goods, 0, note)
    per_good = np.bincount(good, minlength=goods)
    good_mean = np.bincount(good, weights=y, minlength=goods) / per_good
    cell_mean = np.bincount(cell, weights=y) / per_cell
    within = float(((y - cell_mean[cell])[kept] ** 2).sum())
    between = float((per_cell * (cell_mean - good_mean[of_cell]) ** 2)[used].sum())
    free = int((per_cell[used] - 1).sum())
    weight = float(per_good[several].sum()) - float(
        (per_cell[used] ** 2 / per_good[of_cell[used]]).sum()
    )
    if free == 0:
        origin = math.nan
        notes.append("one value per good and route: routes and origins cannot be told apart")
    else:
        origin = within / free
    route = (between - origin * float(used.sum() - several.sum())) / weight
    if route < 0:
        notes.append(f"negative estimate of route ({route:.2g}) reported as 0")
        route = 0.0
    whole = route + origin
    return RouteSplit(
        route=route,
        origin=origin,
        share=route / whole if whole > 0 else math.nan,
        explained=between / (between + within) if between + within > 0 else math.nan,
        values=y.size,
        goods=goods,
        goods_with_routes=int(several.sum()),
        note="; ".join(notes),
    )
