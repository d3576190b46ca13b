r"""Scores of uncertain inventories, draw by draw, with all demands sharing every draw.

A draw multiplies every number that has a distribution by its factor and solves again. What two
products share moves together, so that their difference is surer than either (paired draws).
Only processes that the demands reach are drawn and solved; the others cannot matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.lca.loops import reached
from mriocarbon.lca.perturb import row_of
from mriocarbon.lca.system import System
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import MOST_DRAWS, whole

if TYPE_CHECKING:
    from scipy.sparse import csc_array

__all__ = ["Draws", "Work", "simulate"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Demand = Mapping[str, float | tuple[float, str]]
_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of the scores of several demands.

    Attributes
    ----------
    scores : ndarray, shape (draws, demands)
        In the unit of the factors; the same draw of every number in a row.
    point : ndarray, shape (demands,)
        With all numbers as stated.
    uncertain : int
        Numbers that were drawn.
    held : int
        Numbers within reach without a stated distribution: they are held, so the spread is a
        lower bound where there are many.
    failed : int
        Draws without a solution, or in which a process or a loop takes more than it makes; they
        are NaN in `scores` and not in the statistics.
    seed : int
    """

    scores: Array
    point: Array
    uncertain: int
    held: int
    failed: int
    seed: int

    __repr__ = brief

    def quantile(self, p: ArrayLike) -> Array:
        """Quantiles of each demand's score, shape of `p` + (demands,)."""
        return np.asarray(np.nanquantile(self.scores, np.asarray(p, dtype=np.float64), axis=0))

    def difference(self, first: int, second: int) -> Array:
        """First less second, draw by draw, shape (draws,)."""
        return np.asarray(self.scores[:, first] - self.scores[:, second])

    def share_lower(self, first: int, second: int) -> float:
        """Share of the draws in which the first scores less than the second."""
        gap = self.difference(first, second)
        return float((gap[np.isfinite(gap)] < 0).mean())


def simulate(
    system: System,
    demands: Sequence[Demand],
    c: ArrayLike,
    *,
    draws: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Draws:
    """Return draws of the scores of one or several demands.

    Parameters
    ----------
    system : System
    demands : sequence of mapping of process name to amount or (amount, unit)
    c : array, shape (k,)
        Factors of one category.
    draws : int
        Same seed, same draws; the first ones do not depend on how many follow.
    seed : int
    progress : callable, optional
        Told about ten times how many draws are done, of how many.

    Returns
    -------
    Draws

    Raises
    ------
    InputError
        No demand, or numbers that are none.
    NotAvailableError
        Nothing within reach has a distribution, or no draw has a solution.

    Notes
    -----
    Shares of co-products are held while amounts vary. A draw whose solve does not verify, or that
    `loops.check_loops` would refuse as a system, is counted in `failed`: each strongly connected
    part P without credits must have :math:`A_{PP}^{-1} 1 > 0` (Berman & Plemmons 1994, chapter 6,
    I27). A is block triangular by parts, so that one solve with all of A gives it for each.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.uncertainty import Uncertainty
    >>> wide = Uncertainty.of_gsd2(1.5)
    >>> kiln = Process("kiln", "lime", 1.0, "t", (
    ...     Exchange("CO2", 0.8, "t", "biosphere", "out", "air", uncertainty=wide),))
    >>> found = simulate(System.of([kiln]), [{"kiln": 1.0}, {"kiln": 1.1}], [1.0], draws=200)
    >>> found.scores.shape, found.share_lower(0, 1)
    ((200, 2), 1.0)
    """
    count = whole("draws", draws, least=1, where="simulate", most=MOST_DRAWS)
    start = whole("seed", seed, least=0, where="simulate")
    if not len(demands):
        raise InputError("no demand", where="simulate", do="give at least one")
    F = np.column_stack([system.demand(one) for one in demands])
    picked = reached(system.A, np.flatnonzero(F.any(axis=1)))
    work = Work(system, picked, row_of(c, len(system.flows)))
    if not work.parameters:
        raise NotAvailableError(
            "no number within reach has a distribution", where="simulate",
            do="give exchanges an uncertainty or pedigree scores",
        )  # fmt: skip
    point = work.scores(F[picked], np.ones(len(system.terms.names)))
    if point is None:
        raise InputError("the technology matrix is singular", where="simulate",
                         do="look for processes in proportion to one another")  # fmt: skip
    rng = np.random.default_rng(start)
    scores = np.full((count, F.shape[1]), np.nan)
    factors = np.ones(len(system.terms.names))
    failed = 0
    for row in range(count):
        e = rng.standard_normal(len(work.parameters))
        for kind, places, positions in work.groups:
            factors[positions] = kind(e[places])
        found = work.scores(F[picked], factors)
        if found is None:
            failed += 1
        else:
            scores[row] = found
        if progress is not None and (row + 1) % max(1, count // 10) == 0:
            progress(row + 1, count)
    if failed == count:
        raise NotAvailableError("no draw has a solution", where="simulate",
                                do="look for uncertainties that are too wide")  # fmt: skip
    scores.flags.writeable = False
    return Draws(scores, point, len(work.parameters), work.held, failed, start)


class Work:
    """The part of a system that is drawn, with the places of its terms in sparse storage.

    `parameters` are positions in `Terms.names` that have a distribution and are within reach.
    """

    def __init__(self, system: System, picked: Index, c: Array) -> None:
        terms, n = system.terms, len(system.processes)
        self.n = len(picked)
        place = np.full(n, -1, dtype=np.intp)
        place[picked] = np.arange(self.n)
        inside = place[terms.column] >= 0
        in_A, in_B = inside & ~terms.intervention, inside & terms.intervention
        self.A = (place[terms.row[in_A]], place[terms.column[in_A]])
        self.value_A, self.number_A = terms.value[in_A], terms.parameter[in_A]
        # direct scores c'B are all that is needed of B
        self.column_B = place[terms.column[in_B]]
        self.value_B = terms.value[in_B] * (c[terms.row[in_B]] if c.size else 0.0)
        self.number_B = terms.parameter[in_B]
        keys, self.slot = np.unique(self.A[1] * self.n + self.A[0], return_inverse=True)
        self.indices = keys % self.n
        self.indptr = np.searchsorted(keys, np.arange(self.n + 1) * self.n)
        self.diagonal = np.searchsorted(keys, np.arange(self.n) * (self.n + 1))
        self.loops, self.loop_of = self._loops(keys)
        used = np.unique(np.concatenate([self.number_A, self.number_B]))
        self.parameters = [int(k) for k in used if int(k) in terms.uncertainty]
        self.held = len(used) - len(self.parameters)
        self.groups = _grouped(terms.uncertainty, self.parameters)

    def _loops(self, keys: Index) -> tuple[Array, Index]:
        """Ones of each strongly connected part, and the part of each entry off the diagonal."""
        from scipy.sparse import csc_array
        from scipy.sparse.csgraph import connected_components

        shape = (self.n, self.n)
        pattern = csc_array((np.ones(len(keys)), self.indices, self.indptr), shape=shape)
        count, part = connected_components(pattern, directed=True, connection="strong")
        wide = np.flatnonzero(np.bincount(part, minlength=count) > 1)
        ones = (part[:, None] == wide[None, :]).astype(np.float64)
        number = np.full(count, -1, dtype=np.intp)
        number[wide] = np.arange(len(wide))
        column = keys // self.n
        inside = (part[self.indices] == part[column]) & (self.indices != column)
        return ones, np.where(inside, number[part[column]], -1)

    def _productive(self, lu: Any, data: Array) -> bool:
        """Whether each loop without credits makes more than it takes."""
        credited = np.zeros(self.loops.shape[1], dtype=np.bool_)
        credited[self.loop_of[(self.loop_of >= 0) & (data > 0)]] = True
        if credited.all():
            return True
        ones = self.loops[:, ~credited]
        return bool((lu.solve(ones)[ones > 0] > 0).all())

    def matrix(self, factors: Array) -> csc_array:
        from scipy.sparse import csc_array

        data = np.bincount(
            self.slot, self.value_A * factors[self.number_A], minlength=len(self.indices)
        )
        return csc_array((data, self.indices, self.indptr), shape=(self.n, self.n))

    def scores(self, F: Array, factors: Array) -> Array | None:
        """Scores of the demands, or None where there is no solution."""
        from scipy.sparse.linalg import splu

        A = self.matrix(factors)
        if (A.data[self.diagonal] <= 0).any():
            return None
        weights = self.value_B * factors[self.number_B]
        direct = np.bincount(self.column_B, weights, minlength=self.n).astype(np.float64)
        try:
            lu: Any = splu(A)
            lam = lu.solve(direct, "T")
        except RuntimeError:
            return None
        if not self._productive(lu, A.data):
            return None
        left = np.abs(A.T @ lam - direct)
        scale = abs(A).T @ np.abs(lam) + np.abs(direct)
        if not (np.isfinite(lam).all() and (left <= _TOLERANCE * scale).all()):
            return None
        return np.asarray(lam @ F)


def _grouped(known: Mapping[int, Any], parameters: list[int]) -> list[tuple[Any, Index, Index]]:
    """Parameters of one distribution together: (factors, places in the draw, positions)."""
    alike: dict[Any, list[int]] = {}
    for place, number in enumerate(parameters):
        alike.setdefault(known[number], []).append(place)
    numbers = np.array(parameters, dtype=np.intp)
    return [(kind.factors, np.array(places), numbers[places]) for kind, places in alike.items()]
