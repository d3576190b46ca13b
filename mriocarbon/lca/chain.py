r"""The supply chain behind a score: a tree with a cut-off, and the links of a Sankey diagram.

With the multipliers :math:`\lambda` (cradle-to-gate scores of one unit of each product) what a
process j carries is what it emits itself and what its inputs bring:

.. math::  \lambda_j A_{jj} s_j = c' b_j s_j + \sum_{i \ne j} \lambda_i (-A_{ij}) s_j

The same holds at every node of the tree, so nothing is lost where it is cut: what a node does not
show in its children is in its own `rest`.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError
from mriocarbon.lca.lci import LCI
from mriocarbon.lca.perturb import multipliers, row_of
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real, whole

__all__ = ["Link", "Links", "Node", "links", "tree"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Node:
    """One delivery in the supply chain.

    Attributes
    ----------
    number, parent : int
        Position in the list; -1 is the parent of what is demanded.
    depth : int
        Steps up from the demand, which is at 0.
    process : str
    amount : float
        Delivered, in the unit of the process's product.
    unit : str
    score : float
        Cradle to gate, of what is delivered.
    direct : float
        What the process emits itself for it.
    rest : float
        Of inputs that are not followed further: `score` less `direct` less the children.
    """

    number: int
    parent: int
    depth: int
    process: str
    amount: float
    unit: str
    score: float
    direct: float
    rest: float


def tree(lci: LCI, c: ArrayLike, *, cutoff: float = 0.01, most: int = 1000) -> tuple[Node, ...]:
    """Return the supply chain as a tree, the largest branches first.

    Parameters
    ----------
    lci : LCI
    c : array, shape (k,)
        Factors of one category.
    cutoff : float
        Branches whose score is less than this share of the whole (in absolute terms) are left in
        the `rest` of their user. At least 0, below 1.
    most : int
        Most nodes; loops never end, they only shrink.

    Returns
    -------
    tuple of Node
        Parents before children. `direct` and `rest` of all add up to the scores of those of
        depth 0, and these to the score of the inventory but for the parts of the demand below the
        cut-off and those that the nodes did not reach (`most`), each smaller than every node.

    Raises
    ------
    InputError

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> mill = Process("mill", "steel", 1.0, "t", (
    ...     Exchange("ore", 1.5, "t"), Exchange("CO2", 2, "t", "biosphere", "out", "air")))
    >>> mine = Process("mine", "ore", 1.0, "t", (
    ...     Exchange("CO2", 0.1, "t", "biosphere", "out", "air"),))
    >>> found = tree(inventory(System.of([mill, mine]), {"mill": 10.0}), [1.0])
    >>> [(n.process, round(n.score, 6), round(n.direct, 6)) for n in found]
    [('mill', 21.5, 20.0), ('mine', 1.5, 1.5)]
    """
    share = _cutoff(cutoff, "tree")
    limit = whole("most", most, least=1, where="tree")
    system = lci.system
    lam = multipliers(lci.factored, c)
    direct = np.asarray(system.B.T @ row_of(c, len(system.flows)))
    A, own = system.A, system.A.diagonal()
    least = share * abs(float(lam @ lci.demand))
    heap: list[tuple[float, int, int, int, int, float]] = []
    count = 0

    def offer(parent: int, depth: int, k: int, amount: float) -> None:
        nonlocal count
        score = abs(float(lam[k]) * amount)
        if score >= least and score > 0:
            heapq.heappush(heap, (-score, count, parent, depth, k, amount))
            count += 1

    for start in np.flatnonzero(lci.demand):
        offer(-1, 0, int(start), float(lci.demand[start]))
    found: list[list[float]] = []  # parent, depth, process, amount, score, direct, rest
    while heap and len(found) < limit:
        _, _, parent, depth, k, amount = heapq.heappop(heap)
        runs, score = amount / float(own[k]), float(lam[k]) * amount
        itself = float(direct[k]) * runs
        if parent >= 0:
            found[parent][6] -= score
        found.append([parent, depth, k, amount, score, itself, score - itself])
        for entry in range(A.indptr[k], A.indptr[k + 1]):
            i = int(A.indices[entry])
            if i != k:
                offer(len(found) - 1, depth + 1, i, -float(A.data[entry]) * runs)
    return tuple(
        Node(number, int(parent), int(depth), system.processes[int(k)].name, amount,
             system.processes[int(k)].unit, score, itself, rest)
        for number, (parent, depth, k, amount, score, itself, rest) in enumerate(found)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """What one process hands to another over the whole system: `score` goes with `amount`."""

    provider: str
    user: str
    amount: float
    unit: str
    score: float


@dataclass(frozen=True, eq=False)
class Links:
    """A score as it flows through a system; for a Sankey diagram.

    Attributes
    ----------
    links : tuple of Link
        Largest first. Processes in a loop hand on more than the score of the whole.
    direct : ndarray, shape (n,)
        What each process emits itself.
    carried : ndarray, shape (n,)
        What each hands on: `direct` plus the links into it, which is what it hands to users and
        to the demand.
    left : float
        Of the links below the cut-off, the sum of the absolute scores.
    """

    links: tuple[Link, ...]
    direct: Array
    carried: Array
    left: float

    __repr__ = brief


def links(lci: LCI, c: ArrayLike, *, cutoff: float = 0.01) -> Links:
    """Return how a score flows from process to process, exact in loops too.

    Parameters
    ----------
    lci : LCI
    c : array, shape (k,)
        Factors of one category.
    cutoff : float
        Links of less than this share of the score (in absolute terms) are summed in `left`.

    Returns
    -------
    Links
        The links, largest first; `direct` and `carried`, shape (n,), and `left`, in the unit of
        the score.

    Raises
    ------
    ShapeError
        `c` has not one factor for each elementary flow.
    InputError
        The cut-off is not from 0 to below 1.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> mill = Process("mill", "steel", 1.0, "t", (Exchange("ore", 1.5, "t"),))
    >>> mine = Process("mine", "ore", 1.0, "t", (
    ...     Exchange("CO2", 0.1, "t", "biosphere", "out", "air"),))
    >>> found = links(inventory(System.of([mill, mine]), {"mill": 10.0}), [1.0])
    >>> one = found.links[0]
    >>> one.provider, one.user, one.amount, round(one.score, 6)
    ('mine', 'mill', 15.0, 1.5)
    """
    share = _cutoff(cutoff, "links")
    system, s = lci.system, lci.scaling
    lam = multipliers(lci.factored, c)
    direct = np.asarray(system.B.T @ row_of(c, len(system.flows))) * s
    entries = system.A.tocoo()
    row, column = entries.coords
    amount = -entries.data * s[column]
    score = lam[row] * amount
    off = (row != column) & (amount != 0)
    least = share * abs(float(lam @ lci.demand))
    order = np.argsort(-np.abs(score), kind="stable")
    kept = [int(k) for k in order if off[k] and abs(score[k]) >= least and score[k] != 0]
    left = float(np.abs(score[off]).sum() - np.abs(score[kept]).sum())
    names = system.processes
    return Links(
        tuple(
            Link(names[row[k]].name, names[column[k]].name, float(amount[k]),
                 names[row[k]].unit, float(score[k]))
            for k in kept
        ),
        direct,
        lam * lci.produced,
        max(left, 0.0),
    )  # fmt: skip


def _cutoff(value: float, where: str) -> float:
    if is_real(value) and 0 <= value < 1:
        return float(value)
    raise InputError(f"cutoff is {value!r}", where=where, do="give a number from 0 to below 1")
