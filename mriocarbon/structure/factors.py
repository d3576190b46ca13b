"""The factors that a consumption-based account is a product of, of two states at once.

    E_rd = sum over i in r, j of  q_i L_ij y_jd,    L = (I - H*T)^-1,
    y_jd = population_d * level_d * destination_d(k) * mix_d,k(s) * origin_d,k,s(j), summed over k

    intensity    q_i = f_i / x_i, emissions per unit of output
    technology   H_sj = sum over r of A_(r,s),j: input of s, from anywhere, per unit of output
    trade        T_(r,s),j = A_(r,s),j / H_sj: where each input comes from
    origin       where each product of final demand comes from
    mix          share of each product in final demand (of a category, where there are several)
    destination  share of each category (households, government, capital formation) in a region's
                 final demand; left out, categories are summed first
    level        final demand of a region, per person where population is given
    population   persons

Both states are split together, because a share that does not exist in one of them needs the other:

* Nothing there (0/0): an input, product or region that is absent in one state has no shares in
  it. It takes the shares of the other state, so that its appearance counts as technology, mix or
  level and not as trade. Absent in both: 0.
* Cells that cancel: where cells of both signs (stocks drawn down) leave a total smaller than half
  of their absolute sum in either state, shares would be huge and mean nothing. That group is not
  split: it moves as a whole with the factor above it, and its own shares have no effect. Groups
  below that limit keep their (partly negative) shares.
* Sectors without output that nobody buys from in one state have neither intensity nor inputs in
  it: they take those of the other state, which changes no account.

In all three the product of the factors is the table's own cell, to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pair = tuple[Array, Array]

BASE = (
    "intensity", "technology", "trade", "origin", "mix", "destination", "level", "population",
)  # fmt: skip
CANCEL = 2.0  # absolute sum over sum, from which shares are given up


@dataclass(frozen=True, eq=False)
class State:
    """One state of an economy in plain arrays; n = R * S, region-major.

    Attributes
    ----------
    Z : ndarray, shape (n, n)
    Y : ndarray, shape (R, S, D, K)
        Final demand: supplying region and sector, destination, category.
    x, f : ndarray, shape (n,)
        Output, emissions.
    people : ndarray, shape (D,), or None
    """

    Z: Array
    Y: Array
    x: Array
    f: Array
    people: Array | None = None

    @property
    def q(self) -> Array:
        """Emissions per unit of output; 0 where there is no output."""
        return np.divide(self.f, self.x, out=np.zeros_like(self.f), where=self.x != 0)

    @property
    def A(self) -> Array:
        """Inputs per unit of output; 0 where there is no output."""
        return np.divide(self.Z, self.x, out=np.zeros_like(self.Z), where=self.x != 0)

    @property
    def idle(self) -> NDArray[np.bool_]:
        """Sectors without output from which nobody buys."""
        n = len(self.x)
        sold = self.Z.any(axis=1) | self.Y.reshape(n, -1).any(axis=1)
        return np.asarray((self.x == 0) & ~sold)


@dataclass(frozen=True, eq=False)
class Chain:
    """The factors of two states, each as (before, after).

    Attributes
    ----------
    pairs : mapping of name to (before, after)
        ``intensity`` has shape (n,), ``technology`` and ``trade`` (n, n), those of final demand
        shapes that broadcast to (R, S, D, K).
    weights : ndarray, shape (n,)
        Output of both states together: 0 for sectors without any.
    remarks : tuple of str
        What was done about zeros and cancelling cells, with counts.
    """

    pairs: Mapping[str, Pair]
    weights: Array
    remarks: tuple[str, ...]

    def changed(self, names: tuple[str, ...]) -> bool:
        """Tell whether any of these factors differs between the states in any bit."""
        return any(not np.array_equal(*self.pairs[name]) for name in names)

    @property
    def demand(self) -> tuple[str, ...]:
        """Names of the factors of final demand."""
        return tuple(name for name in self.pairs if name not in BASE[:3])


def chain(before: State, after: State, *, cancel: float = CANCEL) -> Chain:
    """Split two states into factors whose product is the states again.

    Parameters
    ----------
    before, after : State
        Of the same shape.
    cancel : float
        Groups whose absolute sum is more than `cancel` times their sum are not split.

    Returns
    -------
    Chain

    Examples
    --------
    >>> import numpy as np
    >>> one = State(np.array([[2.0, 1.0], [0.0, 2.0]]), np.array([[[[7.0]]], [[[3.0]]]]),
    ...             np.array([10.0, 5.0]), np.array([5.0, 5.0]))
    >>> made = chain(one, one)
    >>> technology, trade = made.pairs["technology"][0], made.pairs["trade"][0]
    >>> bool(np.allclose(technology * trade, one.A)), made.pairs["level"][0].ravel().tolist()
    (True, [10.0, 10.0])
    """
    R, S, _, K = before.Y.shape
    n = R * S
    states = (before, after)
    q, A = [s.q for s in states], [s.A for s in states]
    idle = [s.idle for s in states]
    filled = [idle[0] & ~idle[1], idle[1] & ~idle[0]]
    for t in (0, 1):
        q[t] = np.where(filled[t], q[1 - t], q[t])
        A[t][:, filled[t]] = A[1 - t][:, filled[t]]
    remarks = []
    if filled[0].any() or filled[1].any():
        remarks.append(
            f"{int(filled[0].sum() + filled[1].sum())} sectors are idle in one of the two states"
            " (no output, nobody buys): intensity and inputs of the other state stand for them"
        )
    shape = (R, S, n)
    shares, technology, (absent, kept, part) = nested(
        A[0].reshape(shape), A[1].reshape(shape), {"trade": (0,)}, cancel
    )
    pairs: dict[str, Pair] = {"intensity": (q[0], q[1])}
    pairs["technology"] = (technology[0].reshape(n, n), technology[1].reshape(n, n))
    pairs["trade"] = (shares["trade"][0].reshape(n, n), shares["trade"][1].reshape(n, n))
    remarks += _told("inputs", absent, kept, part)
    axes: dict[str, tuple[int, ...]] = {"origin": (0,), "mix": (0, 1)}
    if K > 1:
        axes["destination"] = (0, 1, 3)
    shares, level, (absent, kept, part) = nested(before.Y, after.Y, axes, cancel)
    pairs.update(shares)
    remarks += _told("products of final demand", absent, kept, part)
    if before.people is not None and after.people is not None:
        people = before.people[None, None, :, None], after.people[None, None, :, None]
        pairs["level"] = level[0] / people[0], level[1] / people[1]
        pairs["population"] = people
    else:
        pairs["level"] = level
    return Chain(pairs, before.x + after.x, tuple(remarks))


def nested(
    before: Array, after: Array, axes: Mapping[str, tuple[int, ...]], cancel: float = CANCEL
) -> tuple[dict[str, Pair], Pair, tuple[int, int, float]]:
    """Split two arrays into shares within nested groups, inner to outer, and what is left.

    Parameters
    ----------
    before, after : ndarray
        Of the same shape and unit.
    axes : mapping of name to axes
        Each level sums over its axes, which hold those of the levels before.
    cancel : float

    Returns
    -------
    shares : dict of name to (before, after)
        Full shape, no unit.
    rest : (before, after)
        Totals of the outermost groups, in full shape: their product with the shares is the input.
    told : (int, int, float)
        Groups of the innermost level that take the other state's shares; groups of any level
        that cancel and are not split; the larger share of all absolute cells in these.

    Examples
    --------
    >>> import numpy as np
    >>> shares, rest, told = nested(np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]]), {"r": (0,)})
    >>> [s.ravel().tolist() for s in shares["r"]], [r.ravel().tolist() for r in rest]
    ([[0.25, 0.75], [0.25, 0.75]], [[4.0, 4.0], [0.0, 0.0]])
    """
    cells = (before, after)
    upper = [before, after]
    shares: dict[str, Pair] = {}
    absent = kept = 0
    whole_cells = np.zeros(before.shape, dtype=bool)
    for level, (name, axis) in enumerate(axes.items()):
        totals = [c.sum(axis=axis, keepdims=True) for c in cells]
        gross = [np.abs(c).sum(axis=axis, keepdims=True) for c in cells]
        none = [g == 0 for g in gross]
        whole = (gross[0] > cancel * np.abs(totals[0])) | (gross[1] > cancel * np.abs(totals[1]))
        if level == 0:
            absent = int((none[0] ^ none[1]).sum())
        kept += int(whole.sum())
        parts = [
            np.divide(u, t, out=np.zeros(u.shape), where=t != 0)
            for u, t in zip(upper, totals, strict=True)
        ]
        split = tuple(
            np.where(whole, 1.0, np.where(none[t], parts[1 - t], parts[t])) for t in (0, 1)
        )
        if whole.any():
            for inner, pair in shares.items():
                shares[inner] = (np.where(whole, 1.0, pair[0]), np.where(whole, 1.0, pair[1]))
            whole_cells |= whole
        shares[name] = (split[0], split[1])
        upper = [
            np.where(whole, c, np.broadcast_to(t, c.shape))
            for c, t in zip(cells, totals, strict=True)
        ]
    size = [float(np.abs(c).sum()) for c in cells]
    inside = [float(np.abs(c[whole_cells]).sum()) for c in cells]
    part = max((i / s for i, s in zip(inside, size, strict=True) if s > 0), default=0.0)
    return shares, (upper[0], upper[1]), (absent, kept, part)


def _told(what: str, absent: int, kept: int, part: float) -> list[str]:
    """Say what was done about shares that do not exist."""
    told = []
    if absent:
        told.append(
            f"{absent:,} {what} are absent in one of the two states: the origin shares of the"
            " other state stand for them, so that they count above trade"
        )
    if kept:
        told.append(
            f"{kept:,} groups of {what} hold cells of both signs that cancel by more than half"
            f" ({100 * part:.2g} % of all cells by amount): not split into shares, they count in"
            " the factor above"
        )
    return told
