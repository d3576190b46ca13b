"""Can a table of these signs have these margins? If not: which rows and columns stand in the way.

Biproportional scaling keeps the sign of every cell and keeps empty cells empty. Margins that no
such table can have make it run for ever; what is wrong is found here and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, NonFiniteError, ShapeError, listed

__all__ = ["InfeasibleError", "Obstacle", "obstacles"]

Array = NDArray[np.float64]
MOST = 8  # labels named in one message


@dataclass(frozen=True)
class Obstacle:
    """One reason why no table of these signs has these margins.

    Attributes
    ----------
    kind : {"totals", "empty", "sign", "pattern", "boundary"}
        "totals": rows and columns do not sum alike. "empty": all cells zero, the margin is not.
        "sign": the cells of a line cannot sum to its margin, whatever their size. "pattern": a
        set of rows and columns that cannot pass on what it has, because of empty cells.
        "boundary": a table exists, but only with further cells at zero, so that scaling
        approaches it without end.
    rows, columns : tuple of str
        Labels of those that stand in the way.
    excess : float
        By how much the margins are apart, in their unit; for "boundary" the number of cells.
    text : str
        In one sentence.
    """

    kind: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    excess: float
    text: str


class InfeasibleError(InputError):
    """No table with the signs of the prior has these margins; `obstacles` says why."""

    def __init__(self, found: Sequence[Obstacle]) -> None:
        self.obstacles = tuple(found)
        shown = [f"- {one.text}" for one in found[:MOST]]
        if len(found) > MOST:
            shown.append(f"- and {len(found) - MOST} more")
        super().__init__(
            "the margins cannot be met by any table with the signs of the prior:\n"
            + "\n".join(shown),
            where="row and column margins",
            do="correct the margins named, or give the prior a cell where one is missing;"
            " nothing is repaired silently",
        )


def checked(
    prior: ArrayLike, row_sums: ArrayLike, column_sums: ArrayLike
) -> tuple[Array, Array, Array]:
    """Return the three as finite float64 arrays of fitting shapes, or raise."""
    A, u, v = (np.ascontiguousarray(a, dtype=np.float64) for a in (prior, row_sums, column_sums))
    if A.ndim != 2 or u.shape != (A.shape[0],) or v.shape != (A.shape[1],) or A.size == 0:
        raise ShapeError(
            f"prior {A.shape}, row sums {u.shape} and column sums {v.shape} do not fit together",
            where="balancing",
            do="give prior (m, n), one sum for each row (m,) and for each column (n,)",
        )
    for name, array in (("prior", A), ("row sums", u), ("column sums", v)):
        if not np.isfinite(array.sum()) and not np.isfinite(array).all():
            bad = np.argwhere(~np.isfinite(array))
            raise NonFiniteError(
                f"{len(bad)} cells of {name} are NaN or infinite",
                where=f"{name} at {listed([tuple(map(int, cell)) for cell in bad])}",
                do="fill or remove them; missing is not zero",
            )
    return A, u, v


def names(labels: Sequence[Any] | None, count: int, kind: str) -> list[str]:
    """Return `count` labels as text; numbered ones if none are given."""
    if labels is None:
        return [f"#{k}" for k in range(count)]
    if len(labels) != count:
        raise ShapeError(
            f"{len(labels)} labels for {count} {kind}s", where="balancing", do="give one for each"
        )
    return [" ".join(map(str, k)) if isinstance(k, tuple) else str(k) for k in labels]


def obstacles(
    prior: ArrayLike,
    row_sums: ArrayLike,
    column_sums: ArrayLike,
    *,
    row_labels: Sequence[Any] | None = None,
    column_labels: Sequence[Any] | None = None,
    rtol: float = 1e-9,
    pattern: bool = True,
) -> tuple[Obstacle, ...]:
    """Return what keeps a table with the signs of `prior` from having these margins.

    Parameters
    ----------
    prior : array_like, shape (m, n)
        Only its signs matter.
    row_sums, column_sums : array_like, shape (m,), (n,)
        Margins, in one unit.
    row_labels, column_labels : sequence, optional
        For the messages; pairs are joined.
    rtol : float
        How far the two totals may be apart, as a share of the gross total.
    pattern : bool
        Also look for sets of rows and columns that empty cells cut off (a maximum flow with its
        minimum cut), where single lines give no reason. Some seconds for 4,000 sectors.

    Returns
    -------
    tuple of Obstacle
        Empty if such a table exists with every cell of the prior in use.

    Raises
    ------
    ShapeError, NonFiniteError

    Notes
    -----
    Rows and columns are nodes of a network, positive cells are pipes from row to column,
    negative cells from column to row, all without limit. The margins can be met exactly if a
    flow brings all supply to its destination (Gale 1957); where it does not, the minimum cut is
    the set that is named.

    References
    ----------
    Gale (1957), A theorem on flows in networks, Pacific J. Math. 7.
    Bacharach (1965), Estimating nonnegative matrices from marginal data, Int. Econ. Rev. 6.

    Examples
    --------
    >>> for one in obstacles([[1, 0], [1, 1]], [5, 1], [4, 2], row_labels="AB", column_labels="xy"):
    ...     print(one.text)
    rows A (margins 5) can reach only columns x (margins 4): 1 too much
    """
    A, u, v = checked(prior, row_sums, column_sums)
    rows = names(row_labels, len(u), "row")
    columns = names(column_labels, len(v), "column")
    found = [*_totals(u, v, rtol), *_lines(A, u, rows, True), *_lines(A.T, v, columns, False)]
    if found or not pattern:
        return tuple(found)
    return tuple(_cut(A, u, v, rows, columns))


def _totals(u: Array, v: Array, rtol: float) -> list[Obstacle]:
    a, b = float(u.sum()), float(v.sum())
    gross = max(float(np.abs(u).sum()), float(np.abs(v).sum()))
    if abs(a - b) <= rtol * gross:
        return []
    text = (
        f"row margins sum to {a:.10g}, column margins to {b:.10g}: {a - b:.4g} apart"
        f" ({(a - b) / gross:.1e} of the total, {rtol:.0e} is allowed)"
    )
    return [Obstacle("totals", (), (), a - b, text)]


def _lines(A: Array, u: Array, labels: list[str], are_rows: bool) -> list[Obstacle]:
    """Lines whose own cells cannot sum to their margin."""
    plus, minus = (A > 0).any(axis=1), (A < 0).any(axis=1)
    kind = "row" if are_rows else "column"
    found = []

    def add(what: str, k: int, text: str) -> None:
        mine = (labels[k],)
        full = f"{kind} {labels[k]}: {text}, its margin is {u[k]:.6g}"
        R, C = (mine, ()) if are_rows else ((), mine)
        found.append(Obstacle(what, R, C, float(abs(u[k])), full))

    for k in np.flatnonzero(~plus & ~minus & (u != 0)).tolist():
        add("empty", k, "all cells of the prior are zero")
    for k in np.flatnonzero(plus & ~minus & (u < 0)).tolist():
        add("sign", k, "no cell is negative")
    for k in np.flatnonzero(~plus & minus & (u > 0)).tolist():
        add("sign", k, "no cell is positive")
    return found


def _cut(A: Array, u: Array, v: Array, rows: list[str], columns: list[str]) -> list[Obstacle]:
    from mriocarbon.build.kernels import flow

    m = len(u)
    sign = np.sign(A).astype(np.int8)
    # What is left of the two totals is spread, so that no line is accused of rounding.
    gross = float(np.abs(v).sum())
    b = np.concatenate([u, -(v + (u.sum() - v.sum()) * np.abs(v) / (gross or 1.0))])
    tiny = 1e-13 * max(float(np.abs(u).sum()), gross)
    left, f = b.copy(), np.zeros(A.shape)
    reached = np.asarray(flow(sign, left, f, tiny))
    if not reached.any():
        return _boundary(sign, u, v, f, tiny, rows, columns)
    inside_rows, inside_columns = np.flatnonzero(reached[:m]), np.flatnonzero(reached[m:])
    small = len(inside_rows) + len(inside_columns) <= len(b) / 2
    # The complement of the cut misses what the cut has too much: the shorter list is named.
    I = inside_rows if small else np.flatnonzero(~reached[:m])
    J = inside_columns if small else np.flatnonzero(~reached[m:])
    found = []
    for part_rows, part_columns in _parts(sign, I, J):
        a, c = float(u[part_rows].sum()), float(v[part_columns].sum())
        excess = (a - c) if small else (c - a)
        if excess <= tiny:
            continue
        R, C = ([t[k] for k in part] for t, part in ((rows, part_rows), (columns, part_columns)))
        have_r = f"rows {listed(R, MOST)} (margins {a:.6g})" if R else "no row"
        have_c = f"columns {listed(C, MOST)} (margins {c:.6g})" if C else "no column"
        if small:
            text = f"{have_r} can reach only {have_c}: {excess:.4g} too much"
        else:
            text = f"{have_c} can be reached only from {have_r}: {excess:.4g} too little"
        found.append(Obstacle("pattern", tuple(R), tuple(C), excess, text))
    return found


def _parts(
    sign: NDArray[np.int8], I: NDArray[np.intp], J: NDArray[np.intp]
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Split rows I and columns J into parts that no cell connects."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = np.nonzero(sign[np.ix_(I, J)])
    size = len(I) + len(J)
    graph = coo_array((np.ones(len(i), np.int8), (i, j + len(I))), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    r, c = label[: len(I)], label[len(I) :]
    return [(I[r == k], J[c == k]) for k in range(count)]


def _boundary(
    sign: NDArray[np.int8], u: Array, v: Array, f: Array, tiny: float,
    rows: list[str], columns: list[str],
) -> list[Obstacle]:  # fmt: skip
    """Cells that are zero in every solution: no circuit of the residual network uses them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    m, n = sign.shape
    i, j = np.nonzero(sign)
    forward = sign[i, j] > 0
    used = f[i, j] > tiny
    to_column, to_row = forward | used, ~forward | used
    a = np.concatenate([i[to_column], j[to_row] + m])
    b = np.concatenate([j[to_column] + m, i[to_row]])
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(m + n, m + n))
    _, label = connected_components(graph, directed=True, connection="strong")
    # A line of margin zero and one sign vanishes as it should: that is no obstacle.
    one_sign_r = ~((sign > 0).any(1) & (sign < 0).any(1))
    one_sign_c = ~((sign > 0).any(0) & (sign < 0).any(0))
    gone_r, gone_c = (u == 0) & one_sign_r, (v == 0) & one_sign_c
    bad = (label[i] != label[j + m]) & ~used & ~gone_r[i] & ~gone_c[j]
    if not bad.any():
        return []
    cells = [f"{rows[a]} -> {columns[b]}" for a, b in zip(i[bad], j[bad], strict=True)]
    R = tuple(dict.fromkeys(rows[k] for k in i[bad]))
    C = tuple(dict.fromkeys(columns[k] for k in j[bad]))
    text = f"{len(cells)} cells of the prior must be zero in every solution: {listed(cells, MOST)}"
    return [Obstacle("boundary", R, C, float(len(cells)), text)]
