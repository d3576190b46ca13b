"""The inventory of a study: foreground, background and table, linked to one system.

Everything that a study needs and that is not there is collected and refused at once, in a list:
nothing in a result rests on a missing input unless the study says ``missing: leave``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mriocarbon.errors import (
    InputError,
    NotAvailableError,
    UnitError,
    UnknownNameError,
    listed,
)
from mriocarbon.lca.foreground import background_of, foreground_of
from mriocarbon.lca.goal import ProcessSpec, Study
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.lci import LCI, inventory
from mriocarbon.lca.system import System
from mriocarbon.lca.units import compatible
from mriocarbon.lca.within import check_providers, makers_of, within
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Source
from mriocarbon.model.table import MRIO

__all__ = ["TABLE", "Prepared", "is_money", "prepare", "reference_flow"]

TABLE = " [table]"
"""Names of processes that stand for an industry of the table end so (see `hybrid.money_name`)."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A study ready to be characterised.

    Attributes
    ----------
    study : Study
    processes : tuple of Process
        Within reach, before allocation.
    foreground : frozenset of str
        Names of the processes that the study itself holds.
    specs : mapping of process name to ProcessSpec
        As the study gives them.
    system : System
    lci : LCI
    reference : str
        The process that makes the reference flow.
    table : MRIO or None
        The table that fills gaps.
    assumed : tuple of str
        What was assumed to fill them.
    sources : tuple of Source
    notes : tuple of str
        What was odd in the files.
    """

    study: Study
    processes: tuple[Process, ...]
    foreground: frozenset[str]
    specs: Mapping[str, ProcessSpec]
    system: System
    lci: LCI
    reference: str
    table: MRIO | None
    assumed: tuple[str, ...]
    sources: tuple[Source, ...]
    notes: tuple[str, ...]

    __repr__ = brief


def is_money(process: Process | str) -> bool:
    """Tell whether a process stands for an industry of the table."""
    return (process if isinstance(process, str) else process.name).endswith(TABLE)


def prepare(study: Study, folder: Path, *, say: Callable[[str], None] | None = None) -> Prepared:
    """Read, fill, link and solve the inventory of a study.

    Parameters
    ----------
    study : Study
    folder : Path
        Paths inside the study are relative to it.
    say : callable, optional
        Called with the name of each step.

    Raises
    ------
    NotAvailableError
        Inputs that nothing provides; all of them are named.
    InputError, UnitError, LabelError, DataFileError
    """
    tell = say or (lambda _: None)
    tell("reading the foreground")
    read = foreground_of(study, folder)
    own = read.processes
    tell("reading the background")
    libraries = background_of(study, folder) if study.background else ()
    everything = [*own, *(p for library in libraries for p in library.processes)]
    sources = [library.source for library in libraries]
    notes = [*read.notes, *(note for library in libraries for note in library.notes)]
    scope = study.scope
    choose = dict(study.choose)
    reference = reference_flow(study, everything, {p.name for p in own})
    table: MRIO | None = None
    assumed: tuple[str, ...] = ()
    wanted = _asked_of_the_table(everything)
    if wanted and study.hybrid is None:
        raise NotAvailableError(
            f"{len(wanted)} inputs ask for an industry of a table, and the study names no table",
            where="; ".join(wanted[:8]),
            do="add hybrid: {table: oecd-icio-2022}, or name a process instead of a sector",
        )
    if study.hybrid is not None:
        tell(f"reading the table {study.hybrid.table}")
        table = _table(study)
        from mriocarbon.lca.hybrid import fill

        filled, assumed = fill(tuple(everything), study, table, specs=read.specs)
        everything = list(filled)
        sources += list(table.provenance.sources)
    tell("linking")
    check_providers(read.specs.values(), everything, allocation=scope.allocation)
    _refuse_missing(study, everything, reference, choose)
    allocation = scope.allocation
    kept = within(everything, [reference], allocation=allocation, fallback=scope.fallback,
                  choose=choose)  # fmt: skip
    names = {p.name for p in kept}
    made = {p.product for p in kept} | {e.flow for p in kept for e in p.co_products}
    if isinstance(allocation, dict):
        known = {p.name for p in everything}
        for name in allocation:
            if name not in known:
                raise UnknownNameError.of("process", name, known, do="(in scope.allocation)")
        allocation = {name: rule for name, rule in allocation.items() if name in names}
    system = System.of(
        kept, allocation=allocation, fallback=scope.fallback, several=study.several,
        missing=study.missing,
        choose={product: name for product, name in choose.items()
                if product in made and (name in names or name.endswith(")"))},
    )  # fmt: skip
    tell("solving")
    unit = scope.functional_unit
    made_in = system.processes[system.position[reference]].unit
    if not compatible(unit.unit, made_in):
        raise UnitError(
            f"the functional unit is in {unit.unit!r}, {reference!r} makes {made_in!r}",
            where="scope.functional_unit", do="give it in a unit that measures the same",
        )  # fmt: skip
    lci = inventory(system, {reference: (unit.amount, unit.unit)})
    return Prepared(
        study, kept, frozenset(p.name for p in own), read.specs, system, lci, reference, table,
        tuple(assumed), tuple(dict.fromkeys(sources)), tuple(notes),
    )  # fmt: skip


def reference_flow(study: Study, processes: Iterable[Process], own: Iterable[str] = ()) -> str:
    """Return the process that makes the functional unit.

    Raises
    ------
    UnknownNameError
        No process makes it.
    InputError
        Several make it and none is named, or the named one makes something else.
    """
    unit, rules = study.scope.functional_unit, study.scope
    made = list(processes)
    where = "scope.functional_unit"
    makers = makers_of(unit.product, made, allocation=rules.allocation)
    if unit.process:
        names = [p.name for p in made]
        if unit.process not in makers:
            if unit.process not in names:
                raise UnknownNameError.of("process", unit.process, [*makers, *names],
                                          do=f"({where}.process)")  # fmt: skip
            raise InputError(
                f"{unit.process!r} does not make {unit.product!r}", where=f"{where}.process",
                do=f"one of {listed(list(makers))}" if makers else "correct the product",
            )  # fmt: skip
        return unit.process
    mine = set(own)
    first = [name for name in makers if name in mine] or list(makers)
    if not first:
        known = {p.product for p in made}
        raise UnknownNameError.of("product", unit.product, known, do=f"({where}.product)")
    if len(first) > 1:
        chosen = study.choose.get(unit.product, "")
        if chosen in first:
            return chosen
        raise InputError(
            f"{len(first)} processes make {unit.product!r}: {listed(first)}", where=where,
            do="name one as functional_unit.process",
        )  # fmt: skip
    return first[0]


def _asked_of_the_table(processes: Iterable[Process]) -> list[str]:
    return [
        f"{p.name}: {e.flow}" for p in processes for e in p.exchanges if e.provider.endswith(TABLE)
    ]


def _table(study: Study) -> MRIO:
    from mriocarbon.datasets import load

    assert study.hybrid is not None
    name, _, detail = study.hybrid.table.partition(":")
    return load(name, detail=detail or None)


def _refuse_missing(
    study: Study, processes: list[Process], reference: str, choose: dict[str, str]
) -> None:
    """Name at once everything within reach that nobody makes, and how to mend it."""
    if study.missing == "leave":
        return
    scope = study.scope
    kept = within(processes, [reference], allocation=scope.allocation, fallback=scope.fallback,
                  choose=choose)  # fmt: skip
    made = {p.product for p in processes} | {e.flow for p in processes for e in p.co_products}
    gone: dict[str, list[str]] = {}
    for process in kept:
        for e in process.exchanges:
            if not (e.kind == "biosphere" or e.is_product or e.provider or e.flow in made):
                gone.setdefault(f"{e.flow} ({e.unit})", []).append(process.name)
    if not gone:
        return
    lines = [f"{what}, for {listed(users, 2)}" for what, users in gone.items()]
    more = f"\n  ... and {len(lines) - 20} more" if len(lines) > 20 else ""
    raise NotAvailableError(
        f"{len(lines)} inputs that nothing provides:\n  " + "\n  ".join(lines[:20]) + more,
        where=f"study {study.title!r}",
        do="add a process, name an industry (sector) and a price with a table (hybrid), or set"
        " missing: leave to see the result without them, listed as left out",
    )
