r"""What a result is made of: by process, flow, gas, stage and path; every list adds up to it.

**Stages.** Background processes belong to no stage of a life cycle; what they emit is booked on
the process with a stage that asked for it. With the processes split into those with a stage (S)
and those without (U), and :math:`\lambda^U` the scores of one unit within U alone,

.. math::
    h = \sum_{j \in S} \Big(d_j + \sum_{i \in U} \lambda^U_i (-A_{ij})\Big) s_j
        + \lambda^{U\prime} f_U, \qquad A_{UU}' \lambda^U = d_U,

which is exact, loops included: :math:`A_{UU} s_U = f_U - A_{US} s_S`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.lca.chain import Link, Node, links, tree
from mriocarbon.lca.gases import EQUIVALENT
from mriocarbon.lca.impact import Climate
from mriocarbon.lca.lci import LCI
from mriocarbon.model.brief import brief

__all__ = ["NO_STAGE", "Contributions", "Part", "by_stage", "contributions"]

Array = NDArray[np.float64]
NO_STAGE = "no stage"
_GIVEN = "given in CO2e by the source"
HOT = 0.8
"""Hotspots are the largest processes that together emit this share."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a result.

    Attributes
    ----------
    name : str
    value : float
        kg CO2e.
    share : float or None
        Of the result; None where the result is zero.
    stage : str
        Of a process.
    """

    name: str
    value: float
    share: float | None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Contributions:
    """All parts of a result, largest first.

    Attributes
    ----------
    total : float
        kg CO2e.
    process : tuple of Part
        What each process emits itself.
    flow, gas, category, stage : tuple of Part
        By elementary flow, by gas, by the categories of ISO 14067, by stage of the life cycle.
    hotspots : tuple of Part
        The fewest processes that emit at least 80 % of what is emitted in all.
    tree : tuple of Node
        The supply chain, largest branches first; what is cut off is in `rest`.
    links : tuple of Link
        What hands on how much to what, for the Sankey diagram.
    links_left : float
        Sum of the sizes of all links too small to be in `links`, kg CO2e.
    """

    total: float
    process: tuple[Part, ...]
    flow: tuple[Part, ...]
    gas: tuple[Part, ...]
    category: tuple[Part, ...]
    stage: tuple[Part, ...]
    hotspots: tuple[Part, ...]
    tree: tuple[Node, ...]
    links: tuple[Link, ...]
    links_left: float

    __repr__ = brief


def contributions(
    lci: LCI, found: Climate, *, tree_cutoff: float = 0.01, link_cutoff: float = 0.005
) -> Contributions:
    """Return the parts of a carbon footprint.

    Parameters
    ----------
    lci : LCI
    found : Climate
        Of the same inventory.
    tree_cutoff, link_cutoff : float
        Branches and links below this share of the result are not listed one by one.

    Examples
    --------
    >>> from mriocarbon.lca.impact import climate
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> air = lambda kg: Exchange("Carbon dioxide, fossil", kg, "kg", "biosphere", "out", "air")
    >>> mill = Process("mill", "steel", 1.0, "t", (Exchange("ore", 1.5, "t"), air(1700.0)))
    >>> lci = inventory(System.of([mill, Process("mine", "ore", 1.0, "t", (air(40.0),))]),
    ...                 {"mill": 1.0})
    >>> [(p.name, p.value) for p in contributions(lci, climate(lci)).process]
    [('mill', 1700.0), ('mine', 60.0)]
    """
    c = found.method.total
    total = found.total
    direct = np.asarray(lci.system.B.T @ c) * lci.scaling
    by_flow = c * lci.flows
    processes = _parts(
        ((p.name, float(v), p.stage) for p, v in zip(lci.system.processes, direct, strict=True)),
        total,
    )
    flows = _parts(
        (
            (f"{f.name} ({f.compartment or 'no compartment'})", float(v), "")
            for f, v in zip(lci.system.flows, by_flow, strict=True)
        ),
        total,
    )
    linked = links(lci, c, cutoff=link_cutoff)
    return Contributions(
        total,
        processes,
        flows,
        _parts(
            ((_GIVEN if gas == EQUIVALENT else gas, v, "") for gas, v in found.by_gas.items()),
            total,
        ),
        _parts(((name, v, "") for name, v in found.parts.items()), total, keep=True),
        _parts(((name, v, "") for name, v in by_stage(lci, c).items()), total),
        _hot(processes),
        tree(lci, c, cutoff=tree_cutoff, most=400),
        linked.links,
        linked.left,
    )


def by_stage(lci: LCI, c: Array) -> dict[str, float]:
    """Return the score of each stage, background included; they add up to the whole.

    Parameters
    ----------
    lci : LCI
    c : ndarray, shape (k,)
        Factors of one category.

    Returns
    -------
    dict of str to float
        `NO_STAGE` holds what is demanded from processes without a stage directly.
    """
    from scipy.sparse.linalg import splu

    system, s = lci.system, lci.scaling
    stages = [p.stage for p in system.processes]
    d = np.asarray(system.B.T @ c)
    named = np.array([bool(stage) for stage in stages])
    u = np.flatnonzero(~named)
    lam = np.zeros(len(stages))
    if len(u):
        lu: Any = splu(system.A[u][:, u].tocsc())
        lam[u] = lu.solve(d[u], "T")
    out: dict[str, float] = {}
    brought = -np.asarray(system.A.T @ lam) * s  # rows of U only, since lam is zero elsewhere
    for j in np.flatnonzero(named):
        out[stages[j]] = out.get(stages[j], 0.0) + float(d[j] * s[j] + brought[j])
    if len(u):
        rest = float(lam[u] @ lci.demand[u])
        if rest or not out:
            out[NO_STAGE] = rest
    return out


def _parts(
    items: Iterable[tuple[str, float, str]], total: float, *, keep: bool = False
) -> tuple[Part, ...]:
    """Parts, largest size first; those of zero only if they are to be kept."""
    made = [
        Part(name, value, value / total if total else None, stage)
        for name, value, stage in items
        if value or keep
    ]
    return tuple(made if keep else sorted(made, key=lambda part: -abs(part.value)))


def _hot(processes: tuple[Part, ...]) -> tuple[Part, ...]:
    wanted = HOT * sum(abs(p.value) for p in processes)
    reached, found = 0.0, []
    for part in processes:
        if reached >= wanted:
            break
        reached += abs(part.value)
        found.append(part)
    return tuple(found)
