r"""The inventory of a demand: scaling, elementary flows and impacts.

.. math::  A s = f, \qquad g = B s, \qquad h = C g

(Heijungs & Suh 2002, doi:10.1007/978-94-015-9900-9). A is factored once (sparse LU), and every
solve is refined once and carries an estimate of its forward error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, NonFiniteError, ShapeError
from mriocarbon.lca.loops import reached
from mriocarbon.lca.system import System
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array

__all__ = ["LCI", "Factored", "factor", "inventory", "left_out"]

Array = NDArray[np.float64]
Demand = Mapping[str, float | tuple[float, str]]


@dataclass(frozen=True, eq=False)
class Factored:
    """A system with its LU factors, for as many demands as wanted; make one with `factor`."""

    system: System
    lu: Any

    __repr__ = brief

    def solve(self, right: Array, *, transposed: bool = False) -> tuple[Array, Array]:
        """Solve ``A x = right`` (or ``A' x = right``), refined once.

        Returns
        -------
        x : ndarray, of the shape of `right`
        doubt : ndarray, of the same shape
            What one more refinement would add: an estimate of the error of each entry.
        """
        A = self.system.A.T if transposed else self.system.A
        trans = "T" if transposed else "N"
        x = self.lu.solve(right, trans)
        x = x + self.lu.solve(right - A @ x, trans)
        again = self.lu.solve(right - A @ x, trans)
        if not np.isfinite(x).all():
            raise InputError("the technology matrix is singular", where="system",
                             do="look for processes in proportion to one another")  # fmt: skip
        return x, np.asarray(again)

    def inventory(self, demand: Demand | Array) -> LCI:
        """Return the life cycle inventory of a demand.

        Parameters
        ----------
        demand : mapping of process name to amount or (amount, unit), or ndarray (n,)

        Examples
        --------
        >>> from mriocarbon.lca.inventory import Process
        >>> system = System.of([Process("mine", "ore", 2.0, "t")])
        >>> factor(system).inventory({"mine": (500.0, "kg")}).scaling.tolist()
        [0.25]
        """
        if isinstance(demand, np.ndarray):
            f = np.asarray(demand, dtype=np.float64)
            if f.shape != (len(self.system.processes),):
                raise ShapeError(
                    f"demand has shape {f.shape}", where="demand",
                    do=f"give one amount for each of {len(self.system.processes)} processes",
                )  # fmt: skip
        else:
            f = self.system.demand(demand)
        if not np.isfinite(f).all():
            raise NonFiniteError("the demand is not finite", where="demand", do="give numbers")
        s, doubt = self.solve(f)
        idle = np.ones(len(f), dtype=np.bool_)
        idle[reached(self.system.A, np.flatnonzero(f))] = False
        with np.errstate(over="ignore", invalid="ignore"):
            whole = abs(self.system.B) @ np.abs(s)
        if not (np.isfinite(s).all() and np.isfinite(whole).all()):
            odd = np.flatnonzero(~np.isfinite(whole))
            what = self.system.flows[odd[0]].name if len(odd) else "a product"
            raise NonFiniteError(
                f"the amount of {what!r} is too large to be a number", where="inventory",
                do="look for an amount of an impossible size in the processes that hold it",
            )  # fmt: skip
        s[idle], doubt[idle] = 0.0, 0.0  # rounding, where nothing is taken at all
        return LCI(self, _fixed(f.copy()), _fixed(s), _fixed(doubt))


def factor(system: System) -> Factored:
    """Factor the technology matrix of a system.

    Parameters
    ----------
    system : System
        Of n processes; its A is square, shape (n, n).

    Returns
    -------
    Factored
        Its `inventory` solves for one demand after another with the same LU factors.

    Raises
    ------
    InputError
        A is singular.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Process
    >>> factored = factor(System.of([Process("mine", "ore", 2.0, "t")]))
    >>> [factored.inventory({"mine": t}).scaling.tolist() for t in (1.0, 4.0)]
    [[0.5], [2.0]]
    """
    from scipy.sparse.linalg import splu

    try:
        return Factored(system, splu(system.A))
    except RuntimeError as cause:
        raise InputError(
            "the technology matrix is singular", where="system",
            do="look for processes that make or take the same in proportion",
        ) from cause  # fmt: skip


def inventory(system: System, demand: Demand) -> LCI:
    """Return the life cycle inventory of one demand; `factor` serves many."""
    return factor(system).inventory(demand)


@dataclass(frozen=True, eq=False)
class LCI:
    """A life cycle inventory.

    Attributes
    ----------
    factored : Factored
    demand : ndarray, shape (n,)
        f, in the unit of each product.
    scaling : ndarray, shape (n,)
        s: how often each process runs at the size of its source.
    doubt : ndarray, shape (n,)
        Estimate of the error of each s.
    """

    factored: Factored
    demand: Array
    scaling: Array
    doubt: Array

    __repr__ = brief

    @property
    def system(self) -> System:
        """The system that it is of."""
        return self.factored.system

    @cached_property
    def flows(self) -> Array:
        """g = B s, shape (k,), in the units of ``system.flows``; resources are negative."""
        return _fixed(np.asarray(self.system.B @ self.scaling))

    @cached_property
    def error(self) -> float:
        """Estimate of the relative forward error: the worst of all elementary flows.

        ``max_k (|B| |doubt|)_k / (|B| |s|)_k``, so that the units of the processes, which make
        some entries of s large and others small, have no part in it. Without elementary flows,
        of s.
        """
        B = abs(self.system.B)
        wrong, whole = B @ np.abs(self.doubt), B @ np.abs(self.scaling)
        if not whole.any():
            wrong, whole = (
                np.abs(self.doubt).max(keepdims=True),
                np.abs(self.scaling).max(keepdims=True),
            )
        there = whole > 0
        return float((wrong[there] / whole[there]).max(initial=0.0))

    @cached_property
    def produced(self) -> Array:
        """Gross output of each product, shape (n,): the diagonal of A times s."""
        return _fixed(self.system.A.diagonal() * self.scaling)

    def impact(self, C: csr_array | Array) -> Array:
        """Return h = C g, shape (categories,).

        Parameters
        ----------
        C : array, shape (categories, k)
            Characterisation factors.
        """
        return np.asarray(C @ self.flows)

    def by_process(self, C: csr_array | Array) -> Array:
        """Return what each process emits itself, shape (categories, n); sums to `impact`."""
        return np.asarray(_dense(C @ self.system.B)) * self.scaling

    def by_flow(self, C: csr_array | Array) -> Array:
        """Return what each elementary flow adds, shape (categories, k); sums to `impact`."""
        return np.asarray(_dense(C)) * self.flows

    def by_stage(self, C: csr_array | Array) -> dict[str, Array]:
        """Return what each stage of the life cycle adds; "" holds processes without one."""
        direct = self.by_process(C)
        found: dict[str, Array] = {}
        for k, process in enumerate(self.system.processes):
            found[process.stage] = found.get(process.stage, np.zeros(len(direct))) + direct[:, k]
        return found


def left_out(lci: LCI) -> dict[tuple[str, str, str], float]:
    """Return what was needed and could not be linked, summed over the system.

    Returns
    -------
    dict of (flow, unit, reason) to amount
        Signed: what is taken is negative. The largest of each unit is for the reader to judge;
        its emissions are not in the result.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> mill = Process("mill", "steel", 1.0, "t", (Exchange("ore", 1.6, "t"),))
    >>> left_out(inventory(System.of([mill], missing="leave"), {"mill": 2.0}))
    {('ore', 't', 'no producer'): -3.2}
    """
    found: dict[tuple[str, str, str], float] = {}
    for one in lci.system.unlinked:
        scale = float(lci.scaling[one.column])
        if scale != 0:
            key = (one.flow, one.unit, one.reason)
            found[key] = found.get(key, 0.0) + one.amount * scale
    return found


def _dense(matrix: csc_array | csr_array | Array) -> Array:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


def _fixed(array: Array) -> Array:
    array.flags.writeable = False
    return array
