"""Which processes of a background a study reaches: only they are built, checked and solved.

A background of hundreds of processes holds co-products without a rule, inputs that nobody makes
and loops without a solution somewhere. What a study never takes from cannot be a fault of it, so
the reach is found first, by the very rules that link the system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mriocarbon.errors import UnknownNameError
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.link import Producers

__all__ = ["Rule", "makers_of", "within"]

Rule = str | Mapping[str, str | Mapping[str, float]] | None


def within(
    processes: Iterable[Process],
    starts: Iterable[str],
    *,
    allocation: Rule = None,
    fallback: str | None = None,
    choose: Mapping[str, str] | None = None,
) -> tuple[Process, ...]:
    """Return the processes that the starts take from, directly or not; they included.

    Parameters
    ----------
    processes : iterable of Process
        As published: not allocated, not linked.
    starts : iterable of str
        Names of processes, or of the parts that allocation makes: ``"heat (from CHP)"``.
    allocation, fallback, choose
        As for `System.of`.

    Returns
    -------
    tuple of Process
        In the order given. The system of these has the same columns as that of all.

    Raises
    ------
    LabelError
        Two processes of one name.
    UnknownNameError
        A start, a provider or a choice that is no process.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange
    >>> mill = Process("mill", "steel", 1.0, "t", (Exchange("ore", 1.6, "t"),))
    >>> mine, farm = Process("mine", "ore", 1.0, "t"), Process("farm", "wheat", 1.0, "t")
    >>> [p.name for p in within([farm, mill, mine], ["mill"])]
    ['mill', 'mine']
    """
    given = list(processes)
    stubs, owner = _stubs(given, allocation, fallback)
    producers = Producers(stubs, choose)
    seen: set[int] = set()
    waiting: list[int] = []
    for name in starts:
        found = producers.position.get(name)
        if found is None:
            raise UnknownNameError.of("process", name, producers.position)
        waiting.append(owner[found])
    while waiting:
        j = waiting.pop()
        if j in seen:
            continue
        seen.add(j)
        process = given[j]
        credited = _credited(process, allocation, fallback)
        for exchange in process.exchanges:
            if exchange.kind == "biosphere" or (exchange.is_product and not credited):
                continue
            own = producers.position[process.name] if exchange.is_product else -1
            waiting += [owner[k] for k in producers.of(exchange, but=own)]
    return tuple(p for j, p in enumerate(given) if j in seen)


def makers_of(
    product: str, processes: Iterable[Process], *, allocation: Rule = None,
    fallback: str | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Return the names of all that make a product, after allocation.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange
    >>> chp = Process("CHP", "power", 10, "kWh", (Exchange("heat", 18, "MJ", direction="out"),))
    >>> makers_of("heat", [chp], allocation="energy")
    ('heat (from CHP)',)
    """
    stubs, _ = _stubs(list(processes), allocation, fallback)
    return tuple(stub.name for stub in stubs if stub.product == product)


def _stubs(
    processes: list[Process], allocation: Rule, fallback: str | None
) -> tuple[list[Process], list[int]]:
    """What allocation will make of the processes, without exchanges, and which each is part of."""
    stubs: list[Process] = []
    owner: list[int] = []
    for number, process in enumerate(processes):
        stubs.append(replace(process, exchanges=()))
        owner.append(number)
        if _credited(process, allocation, None):
            continue
        others = {e.flow: e for e in reversed(process.co_products) if e.flow != process.product}
        for flow, e in others.items():
            stubs.append(
                replace(
                    process, name=f"{flow} (from {process.name})", product=flow, amount=1.0,
                    unit=e.unit, exchanges=(), code=e.code, category=e.category,
                    location=e.location or process.location,
                )
            )  # fmt: skip
            owner.append(number)
    return stubs, owner


def _credited(process: Process, allocation: Rule, fallback: str | None) -> bool:
    """Whether co-products may stay exchanges that replace what others make."""
    rule = allocation.get(process.name) if isinstance(allocation, Mapping) else allocation
    return "substitution" in (rule, fallback)
