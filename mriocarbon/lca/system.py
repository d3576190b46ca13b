"""A product system: processes linked into a technology matrix A and an intervention matrix B.

Column j is process j at the size that its source gives, row i of A is what process i makes;
A holds what is made less what is taken, B what is emitted less what is taken from nature
(Heijungs & Suh 2002, doi:10.1007/978-94-015-9900-9, chapter 2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, UnitError, UnknownNameError, listed
from mriocarbon.lca.allocation import RULES, allocate
from mriocarbon.lca.inventory import Exchange, Process, origins
from mriocarbon.lca.link import Producers, Unlinked, reason_of
from mriocarbon.lca.loops import check_loops
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.lca.units import compatible, convert
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    from scipy.sparse import csc_array

__all__ = ["Flow", "System", "Terms"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Flow:
    """A row of B: an elementary flow, "out" for emissions, "in" for resources.

    `carbon` is the origin of its carbon where the source states it beside the name.
    """

    name: str
    compartment: str
    direction: str
    unit: str
    cas: str = ""
    carbon: str = ""


@dataclass(frozen=True, eq=False)
class Terms:
    """Every number of the system on its own, before numbers that share a cell are added.

    Attributes
    ----------
    intervention : ndarray of bool, shape (m,)
        True for B, False for A.
    row, column : ndarray of int, shape (m,)
    value : ndarray, shape (m,)
        Signed, in the unit of the row.
    parameter : ndarray of int, shape (m,)
        Position in `names`: terms of one parameter come from one number of a source.
    names : tuple of str
        ``"<process>: <flow>"``, and ``"<process>: product"`` for what it makes.
    uncertainty : mapping of int to Uncertainty
        Of a parameter, where one is stated.
    """

    intervention: NDArray[np.bool_]
    row: Index
    column: Index
    value: Array
    parameter: Index
    names: tuple[str, ...]
    uncertainty: Mapping[int, Uncertainty]

    __repr__ = brief

    def matrices(
        self, processes: int, flows: int, value: Array | None = None
    ) -> tuple[csc_array, csc_array]:
        """Return A and B of these terms, or of other values of them."""
        from scipy.sparse import coo_array

        v = self.value if value is None else value
        found = []
        for mask, rows in ((~self.intervention, processes), (self.intervention, flows)):
            place = (self.row[mask], self.column[mask])
            found.append(coo_array((v[mask], place), shape=(rows, processes)).tocsc())
        return found[0], found[1]


@dataclass(frozen=True, eq=False)
class System:
    """Linked processes; make one with `System.of`.

    Attributes
    ----------
    processes : tuple of Process
        Each with one product; co-products that are credited stay exchanges.
    flows : tuple of Flow
        Rows of B.
    A : csc_array, shape (n, n)
    B : csc_array, shape (k, n)
    terms : Terms
    unlinked : tuple of Unlinked
        What leads nowhere: never part of a result, always listed with it.
    assumed : tuple of str
        What was decided to build it: allocation that fell back, producers mixed.

    Examples
    --------
    >>> plant = Process("plant", "power", 10, "kWh", (
    ...     Exchange("fuel", 2, "l"),
    ...     Exchange("CO2", 1, "kg", "biosphere", "out", "air")))
    >>> refinery = Process("refinery", "fuel", 100, "l", (
    ...     Exchange("CO2", 10, "kg", "biosphere", "out", "air"),
    ...     Exchange("crude oil", 50, "l", "biosphere", "in", "ground")))
    >>> system = System.of([plant, refinery])
    >>> system.A.toarray().tolist(), system.B.toarray().tolist()
    ([[10.0, 0.0], [-2.0, 100.0]], [[1.0, 10.0], [0.0, -50.0]])
    """

    processes: tuple[Process, ...]
    flows: tuple[Flow, ...]
    A: csc_array
    B: csc_array
    terms: Terms
    unlinked: tuple[Unlinked, ...] = ()
    assumed: tuple[str, ...] = ()

    __repr__ = brief

    @classmethod
    def of(
        cls,
        processes: Iterable[Process],
        *,
        allocation: str | Mapping[str, str | Mapping[str, float]] | None = None,
        fallback: str | None = None,
        several: str = "error",
        missing: str = "error",
        choose: Mapping[str, str] | None = None,
    ) -> System:
        """Allocate, link, check and assemble.

        Parameters
        ----------
        processes : iterable of Process
        allocation : str, or mapping of process name to rule or shares
            How processes with co-products are dealt with: one of `allocation.RULES`. With
            ``"substitution"`` a co-product replaces what its other producer makes.
        fallback : str, optional
            Rule for processes that lack the property; listed in `assumed`.
        several : {"error", "mix", "leave"}
            What to do with an input that several processes may provide: refuse, take equal
            parts of each, or leave it out; the latter two are listed.
        missing : {"error", "leave"}
            What to do with an input that nobody makes: refuse, or leave it out and list it.
        choose : mapping of product to process name
            Decides between several producers of a product.

        Raises
        ------
        InputError
            Co-products without a rule, products nobody makes, doubled producers, a circular
            system without a solution. The text names the processes.
        UnitError
            A unit that does not fit the producer's.
        LabelError
            Two processes of one name.
        """
        _one_of("several", several, ("error", "mix", "leave"))
        _one_of("missing", missing, ("error", "leave"))
        found, assumed = _single(list(processes), allocation, fallback)
        if not found:
            raise InputError("no processes", where="system", do="give at least one")
        builder = _Builder(found, Producers(found, choose), several, missing)
        return builder.build(assumed)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each process."""
        return {process.name: k for k, process in enumerate(self.processes)}

    def demand(self, amounts: Mapping[str, float | tuple[float, str]]) -> Array:
        """Return the final demand vector f, shape (n,).

        Parameters
        ----------
        amounts : mapping of process name to amount, or to (amount, unit)
            Without a unit: in the unit of the process's product.

        Raises
        ------
        UnknownNameError, UnitError, InputError
        """
        f = np.zeros(len(self.processes))
        for name, wanted in amounts.items():
            k = self.position.get(name)
            if k is None:
                raise UnknownNameError.of("process", name, self.position)
            amount, unit = wanted if isinstance(wanted, tuple) else (wanted, self.processes[k].unit)
            if not math.isfinite(amount):
                raise InputError(f"demand is {amount!r}", where=f"process {name!r}",
                                 do="give a finite number")  # fmt: skip
            f[k] += amount * convert(unit, self.processes[k].unit)
        return f

    def find(self, text: str) -> tuple[str, ...]:
        """Return names of the processes whose name or product holds `text`, whatever the case."""
        low = text.casefold()
        return tuple(
            p.name
            for p in self.processes
            if low in p.name.casefold() or low in p.product.casefold()
        )


def _bridge(e: Exchange, provider: Process) -> float | None:
    """Factor from an input's unit to its producer's, by mass or energy per unit if need be."""
    if compatible(e.unit, provider.unit):
        return convert(e.unit, provider.unit)
    for what, base in (("mass", "kg"), ("energy", "MJ")):
        if what in e.properties and compatible(base, provider.unit):
            return float(e.properties[what]) * convert(base, provider.unit)
        if provider.properties.get(what, 0.0) > 0 and compatible(e.unit, base):
            return convert(e.unit, base) / float(provider.properties[what])
    return None


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"{name} is {value!r}", where="system", do=f"one of {known}")


def _single(
    processes: list[Process],
    allocation: str | Mapping[str, str | Mapping[str, float]] | None,
    fallback: str | None,
) -> tuple[list[Process], list[str]]:
    """Processes of one product each."""
    mapped = allocation if isinstance(allocation, Mapping) else {}
    # a misspelt name or rule must not pass for a property that is not known
    names = {process.name for process in processes}
    for name in mapped:
        if name not in names:
            raise UnknownNameError.of("process", name, names, do="(in allocation)")
    for rule in (allocation, fallback, *mapped.values()):
        if isinstance(rule, str) and rule not in RULES:
            raise UnknownNameError.of("rule of allocation", rule, RULES)
    found: list[Process] = []
    assumed: list[str] = []
    for process in processes:
        others = [e.flow for e in process.co_products]
        by = mapped.get(process.name) if isinstance(allocation, Mapping) else allocation
        if not others or by == "substitution":
            found.append(process)
            continue
        if by is None:
            raise InputError(
                f"makes {process.product!r} and {listed(others)}",
                where=f"process {process.name!r}",
                do=f"say how to allocate: {', '.join(RULES)}",
            )
        try:
            found += allocate(process, by)
        except InputError:
            if fallback is None or not isinstance(by, str):
                raise  # shares that were given are wrong, not unknown
            if fallback == "substitution":
                found.append(process)
            else:
                found += allocate(process, fallback)
            assumed.append(f"{process.name}: allocated by {fallback}, not known by {by}")
    return found, assumed


class _Builder:
    """Collects the terms of a system."""

    def __init__(
        self, processes: list[Process], producers: Producers, several: str, missing: str
    ) -> None:
        self.processes, self.producers = processes, producers
        self.several, self.missing = several, missing
        self.flows: dict[tuple[str, ...], list[int]] = {}
        self.rows: list[Flow] = []
        self.terms: list[tuple[bool, int, int, float, int]] = []
        self.parameters: dict[str, int] = {}
        self.names: list[str] = []
        self.spread: dict[int, Uncertainty] = {}
        self.unlinked: list[Unlinked] = []
        self.nobody: list[str] = []
        self.mixed: dict[tuple[str, int], int] = {}

    def build(self, assumed: list[str]) -> System:
        for j, process in enumerate(self.processes):
            made = self._parameter(f"{process.name}/product", f"{process.name}: product")
            self.terms.append((False, j, j, process.amount, made))
            for exchange, origin in zip(process.exchanges, origins(process), strict=True):
                p = self._parameter(origin, f"{process.name}: {exchange.flow}")
                if exchange.spread is not None:
                    self.spread[p] = exchange.spread
                if exchange.kind == "biosphere":
                    self._elementary(j, process, exchange, p)
                else:
                    self._link(j, process, exchange, p)
        if self.nobody:
            raise InputError(
                f"{len(self.nobody)} inputs that no process makes",
                where="; ".join(listed(self.nobody, 8).split(", ")),
                do="add the processes, or build with missing='leave' to list them as left out",
            )
        columns = list(zip(*self.terms, strict=True))
        terms = Terms(
            np.array(columns[0], dtype=np.bool_),
            np.array(columns[1], dtype=np.intp),
            np.array(columns[2], dtype=np.intp),
            np.array(columns[3], dtype=np.float64),
            np.array(columns[4], dtype=np.intp),
            tuple(self.names),
            self.spread,
        )
        A, B = terms.matrices(len(self.processes), len(self.rows))
        for array in (terms.intervention, terms.row, terms.column, terms.value, terms.parameter):
            array.flags.writeable = False
        check_loops(A, [p.name for p in self.processes])
        assumed += [
            f"{flow}: equal parts of {n} producers, for {uses} inputs"
            for (flow, n), uses in self.mixed.items()
        ]
        return System(
            tuple(self.processes), tuple(self.rows), A, B, terms, tuple(self.unlinked),
            tuple(assumed),
        )  # fmt: skip

    def _parameter(self, key: str, name: str) -> int:
        found = self.parameters.setdefault(key, len(self.names))
        if found == len(self.names):
            self.names.append(name)
        return found

    def _elementary(self, j: int, process: Process, e: Exchange, p: int) -> None:
        known = self.flows.setdefault((e.flow, e.compartment, e.direction, e.carbon), [])
        # water by mass and water by volume are rows of their own: no density is assumed
        row = next((k for k in known if compatible(e.unit, self.rows[k].unit)), -1)
        if row < 0:
            row = len(self.rows)
            known.append(row)
            self.rows.append(Flow(e.flow, e.compartment, e.direction, e.unit, e.cas, e.carbon))
        factor = process.convert(e, self.rows[row].unit)
        self.terms.append((True, row, j, e.sign * e.amount * factor, p))

    def _link(self, j: int, process: Process, e: Exchange, p: int) -> None:
        makers = self.producers.of(e, but=j if e.is_product else -1, user=process.name)
        if e.is_product and len(makers) != 1:
            what = "nobody else makes it" if not makers else f"{len(makers)} others make it"
            raise InputError(
                f"co-product {e.flow!r} cannot be credited: {what}",
                where=f"process {process.name!r}",
                do="add a process that makes it alone, name the provider, or allocate",
            )
        if len(makers) > 1 and self.several == "error":
            names = [self.processes[k].name for k in makers]
            raise InputError(
                f"{len(makers)} processes make {e.flow!r}: {listed(names)}",
                where=f"process {process.name!r}, exchange {e.flow!r}",
                do="name the provider, choose one for the product, or build with several='mix'",
            )
        if not makers:
            if self.missing == "error":
                self.nobody.append(f"{e.flow!r} of process {process.name!r}")
            self._leave(j, process, e, reason_of(e))
            return
        if len(makers) > 1 and self.several == "leave":
            self._leave(j, process, e, "several producers")
            return
        if len(makers) > 1:
            key = (e.flow, len(makers))
            self.mixed[key] = self.mixed.get(key, 0) + 1
        factors = [_bridge(e, self.processes[k]) for k in makers]
        if self.missing == "leave" and not e.provider and None in factors:
            self._leave(j, process, e, "other unit")
            return
        for k, factor in zip(makers, factors, strict=True):
            if factor is None:
                unit, name = self.processes[k].unit, self.processes[k].name
                raise UnitError(
                    f"{e.flow!r} is taken in {e.unit!r} and made in {unit!r}",
                    where=f"process {process.name!r}, provider {name!r}",
                    do="correct the unit, or give the flow or its producer the property 'mass'"
                    " (kg per unit) or 'energy' (MJ per unit)",
                )
            self.terms.append((False, k, j, e.sign * e.amount * factor / len(makers), p))

    def _leave(self, j: int, process: Process, e: Exchange, why: str) -> None:
        self.unlinked.append(
            Unlinked(process.name, e.flow, j, e.sign * e.amount, e.unit, e.kind, why)
        )
