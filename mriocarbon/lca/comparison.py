"""Two products in one system: what they share moves together, draw by draw.

Each study is linked by its own rules; then the two systems are joined. A process that is the same
in both, with all that it takes from, is one process of the joint system. Of processes that differ
the numbers that are the same in both (process, flow, amount and distribution) are one parameter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.lci import factor
from mriocarbon.lca.link import Unlinked
from mriocarbon.lca.montecarlo import Draws, simulate
from mriocarbon.lca.prepare import Prepared
from mriocarbon.lca.system import Flow, System, Terms
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.lca.units import compatible, convert
from mriocarbon.model.brief import brief

__all__ = ["Comparison", "compared", "joined"]

Array = NDArray[np.float64]
SECOND = " [second study]"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two products held against each other, kg CO2e for one functional unit.

    Attributes
    ----------
    first, second : str
        Titles of the studies.
    totals : tuple of float
    intervals : tuple of (float, float)
        The middle 95 % of each.
    difference : float
        First less second, as stated.
    interval : tuple of float
        The middle 95 % of the difference, draw by draw.
    share_lower : float
        Share of the draws in which the first has the lower footprint.
    shared : int
        Processes that are one and the same in both.
    correlation : float or None
        Of the two results over the draws; None where one does not vary.
    draws : Draws
        Columns: first, second.
    unlike : tuple of str
        Rules and data of the two that differ, to be reported (ISO 14044:2006, 4.2.3.7).
    """

    first: str
    second: str
    totals: tuple[float, float]
    intervals: tuple[tuple[float, float], tuple[float, float]]
    difference: float
    interval: tuple[float, float]
    share_lower: float
    shared: int
    correlation: float | None
    draws: Draws
    unlike: tuple[str, ...] = ()

    __repr__ = brief

    @property
    def verdict(self) -> str:
        """One sentence; "cannot be told" where the interval of the difference holds zero."""
        if self.interval == (0.0, 0.0) and self.difference == 0:
            return "the two have the same footprint in every draw"
        if self.interval[1] < 0:
            return f"{self.first} has the lower footprint"
        if self.interval[0] > 0:
            return f"{self.second} has the lower footprint"
        return "which of the two has the lower footprint cannot be told from these data"


def compared(
    first: Prepared, second: Prepared, *, draws: int = 1000, seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:  # fmt: skip
    """Return the comparison of two inventories with paired draws.

    Parameters
    ----------
    first, second : Prepared
    draws, seed : int
    progress : callable, optional
        Told how many draws are done, of how many.

    Raises
    ------
    InputError
        Functional unit, boundary, potentials, or what the table fills differ.
    NotAvailableError
        Nothing within reach of either has a distribution.
    """
    _same(first, second)
    system, name, shared = joined(first, second)
    scope = first.study.scope
    method = gwp_method(
        system, scope.gwp, horizon=scope.horizon, unspecified=scope.unspecified_carbon
    )
    unit, other = scope.functional_unit, second.study.scope.functional_unit
    demands = [
        {first.reference: (unit.amount, unit.unit)}, {name: (other.amount, other.unit)},
    ]  # fmt: skip
    factored = factor(system)
    totals = [climate(factored.inventory(demand), method).total for demand in demands]
    found = simulate(system, demands, method.total, draws=draws, seed=seed, progress=progress)
    low, high = found.quantile(0.025), found.quantile(0.975)
    gap = found.difference(0, 1)
    gap = gap[np.isfinite(gap)]
    there: Array = found.scores[np.isfinite(found.scores).all(axis=1)]
    varies = len(there) > 2 and bool((there.std(axis=0) > 0).all())
    return Comparison(
        first.study.title,
        second.study.title,
        (totals[0], totals[1]),
        ((float(low[0]), float(high[0])), (float(low[1]), float(high[1]))),
        totals[0] - totals[1],
        (float(np.quantile(gap, 0.025)), float(np.quantile(gap, 0.975))),
        found.share_lower(0, 1),
        shared,
        float(np.atleast_2d(np.corrcoef(there.T))[0, 1]) if varies else None,
        found,
        _unlike(first, second),
    )


def _unlike(first: Prepared, second: Prepared) -> tuple[str, ...]:
    """Name what ISO 14044, 4.2.3.7 wants reported where it differs between the systems."""
    a, b = first.study.scope, second.study.scope
    return tuple(
        f"{what}: {x} and {y}"
        for what, x, y in (
            ("allocation", _rule(first), _rule(second)),
            ("cut-off", f"{100 * a.cutoff:g} %", f"{100 * b.cutoff:g} %"),
            ("year", a.year, b.year),
            ("place", a.place or "none", b.place or "none"),
            ("table for gaps", _table(first), _table(second)),
            ("left out on purpose", _listed(a.excluded), _listed(b.excluded)),
            ("inputs that several make", first.study.several, second.study.several),
            ("inputs that nothing makes", first.study.missing, second.study.missing),
            ("background", _background(first), _background(second)),
        )
        if x != y
    )


def _rule(prepared: Prepared) -> str:
    scope = prepared.study.scope
    rule = scope.allocation
    text = rule if isinstance(rule, str) else _listed(
        [f"{name} {value}" for name, value in sorted((rule or {}).items())]
    )  # fmt: skip
    return f"{text}, else {scope.fallback}" if scope.fallback else text


def _table(prepared: Prepared) -> str:
    return prepared.study.hybrid.table if prepared.study.hybrid is not None else "none"


def _background(prepared: Prepared) -> str:
    return _listed(
        sorted(" ".join(filter(None, (b.kind, b.path, b.project, b.database)))
               for b in prepared.study.background)
    )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _filled(prepared: Prepared) -> str:
    hybrid = prepared.study.hybrid
    return "counted" if hybrid is not None and hybrid.complement else "not counted"


def _same(first: Prepared, second: Prepared) -> None:
    """Refuse what ISO 14044, 4.2.3.7 does not let be compared."""
    a, b = first.study.scope, second.study.scope
    u, v = a.functional_unit, b.functional_unit
    faults = []
    if not compatible(u.unit, v.unit) or not np.isclose(
        u.amount * convert(u.unit, v.unit), v.amount, rtol=1e-9, atol=0
    ):
        faults.append(f"functional units: {u.amount:g} {u.unit} and {v.amount:g} {v.unit}")
    described = bool(u.description) and u.description == v.description
    if u.product != v.product and not described:
        faults.append(
            f"what is measured: {u.product!r} and {v.product!r} (the same description of the"
            " functional unit in both would say that they serve the same end)"
        )
    for what, x, y in (
        ("boundaries", a.boundary, b.boundary),
        ("potentials", f"GWP{a.horizon}, {a.gwp}", f"GWP{b.horizon}, {b.gwp}"),
        ("what processes do not list (hybrid.complement)", _filled(first), _filled(second)),
        ("carbon of unstated origin", a.unspecified_carbon, b.unspecified_carbon),
    ):  # fmt: skip
        if x != y:
            faults.append(f"{what}: {x} and {y}")
    if faults:
        raise InputError(
            "the two studies cannot be compared:\n  " + "\n  ".join(faults),
            where=f"{first.study.title!r} and {second.study.title!r}",
            do="give both the same functional unit and the same rules (ISO 14044:2006, 4.2.3.7)",
        )


def joined(first: Prepared, second: Prepared) -> tuple[System, str, int]:
    """Return both systems as one, the name of the second's reference process, and the shared.

    The scores of either demand are those of its own system.
    """
    one, two = first.system, second.system
    same = _shared(one, two)
    n = len(one.processes)
    place = np.empty(len(two.processes), dtype=np.intp)
    names = {p.name for p in one.processes}
    added: list[Process] = []
    for k, process in enumerate(two.processes):
        if k in same:
            place[k] = same[k]
            continue
        place[k] = n + len(added)
        taken = process.name in names
        added.append(replace(process, name=process.name + SECOND) if taken else process)
    flows = list(one.flows)
    rows, factors = _flows(flows, two.flows)
    a, b = one.terms, two.terms
    keep = np.array([int(k) not in same for k in b.column], dtype=np.bool_)
    names_b, parameter, spread = _parameters(one, two, keep)
    nature = b.intervention[keep]
    row = np.where(nature, rows[np.where(nature, b.row[keep], 0)] if len(rows) else 0,
                   place[np.where(nature, 0, b.row[keep])])  # fmt: skip
    scale = np.where(nature, factors[np.where(nature, b.row[keep], 0)] if len(rows) else 1.0, 1.0)
    terms = Terms(
        np.concatenate([a.intervention, nature]),
        np.concatenate([a.row, row]),
        np.concatenate([a.column, place[b.column[keep]]]),
        np.concatenate([a.value, b.value[keep] * scale]),
        np.concatenate([a.parameter, parameter]),
        (*a.names, *names_b),
        {**a.uncertainty, **spread},
    )
    processes = (*one.processes, *added)
    A, B = terms.matrices(len(processes), len(flows))
    unlinked = [
        Unlinked(u.process, u.flow, int(place[u.column]), u.amount, u.unit, u.kind, u.reason)
        for u in two.unlinked
        if u.column not in same
    ]
    system = System(
        processes, tuple(flows), A, B, terms, (*one.unlinked, *unlinked),
        tuple(dict.fromkeys((*one.assumed, *two.assumed))),
    )  # fmt: skip
    return system, processes[place[two.position[second.reference]]].name, len(same)


def _columns(system: System) -> list[list[tuple[object, ...]]]:
    """What each process makes, takes and emits, by names: the same where the data are."""
    terms = system.terms
    found: list[list[tuple[object, ...]]] = [[] for _ in system.processes]
    for nature, row, column, value, parameter in zip(
        terms.intervention, terms.row, terms.column, terms.value, terms.parameter, strict=True
    ):
        what: object = system.flows[row] if nature else system.processes[row].name
        known = terms.uncertainty.get(int(parameter))
        found[column].append((bool(nature), what, float(value), known))
    return found


def _shared(one: System, two: System) -> dict[int, int]:
    """Processes of the second that are the first's, with everything that they take from."""
    first, second = _columns(one), _columns(two)
    same = {
        k: one.position[p.name]
        for k, p in enumerate(two.processes)
        if p.name in one.position
        and p.unit == one.processes[one.position[p.name]].unit
        and p.tags == one.processes[one.position[p.name]].tags
        and second[k] == first[one.position[p.name]]
    }
    while True:  # a process that takes from one that differs is another process
        gone = [
            k
            for k in same
            if any(int(i) not in same
                   for i in two.A.indices[two.A.indptr[k] : two.A.indptr[k + 1]])
        ]  # fmt: skip
        if not gone:
            return same
        for k in gone:
            del same[k]


def _flows(known: list[Flow], new: tuple[Flow, ...]) -> tuple[NDArray[np.intp], Array]:
    """Rows of the second's flows among the first's, appended where they are not there."""
    rows, factors = np.zeros(len(new), dtype=np.intp), np.ones(len(new))
    at: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k, flow in enumerate(known):
        at[(flow.name, flow.compartment, flow.direction, flow.carbon, flow.cas)].append(k)
    for k, flow in enumerate(new):
        key = (flow.name, flow.compartment, flow.direction, flow.carbon, flow.cas)
        match = next((j for j in at[key] if compatible(flow.unit, known[j].unit)), None)
        if match is None:
            match = len(known)
            known.append(flow)
            at[key].append(match)
        rows[k] = match
        factors[k] = convert(flow.unit, known[match].unit)
    return rows, factors


def _parameters(
    one: System, two: System, keep: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.intp], dict[int, Uncertainty]]:
    """Parameters of the second's own terms: the first's where the number is the same."""
    known: dict[tuple[object, ...], int] = {}
    for key, number in _numbers(one):
        known.setdefault(key, number)
    start = len(one.terms.names)
    names: list[str] = []
    spread: dict[int, Uncertainty] = {}
    of: dict[int, int] = {}
    for key, number in _numbers(two):
        found = known.get(key)
        if found is None:
            found = start + len(names)
            names.append(two.terms.names[number])
            if number in two.terms.uncertainty:
                spread[found] = two.terms.uncertainty[number]
        of[number] = found
    parameter = np.array([of[int(p)] for p in two.terms.parameter[keep]], dtype=np.intp)
    return names, parameter, spread


def _numbers(system: System) -> list[tuple[tuple[object, ...], int]]:
    """Every parameter with what tells it from others: name, turn, first amount, distribution."""
    terms = system.terms
    first: dict[int, float] = {}
    for parameter, value in zip(terms.parameter, terms.value, strict=True):
        first.setdefault(int(parameter), float(value))
    turn: dict[tuple[str, float], int] = defaultdict(int)
    out: list[tuple[tuple[object, ...], int]] = []
    for number, name in enumerate(terms.names):
        value = first.get(number, 0.0)
        turn[(name, value)] += 1
        key = (name, turn[(name, value)], value, terms.uncertainty.get(number))
        out.append((key, number))
    return out
