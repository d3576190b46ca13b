"""Which processes of a background a study reaches: only they are built, checked and solved.

A background of hundreds of processes holds co-products without a rule, inputs that nobody makes
and loops without a solution somewhere. What a study never takes from cannot be a fault of it, so
the reach is found first, by the very rules that link the system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mriocarbon.errors import InputError, UnknownNameError, listed
from mriocarbon.lca.goal import ProcessSpec
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.link import Producers

__all__ = ["Rule", "check_providers", "makers_of", "within"]

_TABLE = " [table]"

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
    stubs, owner = _stubs(given, allocation)
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
            waiting += [owner[k] for k in producers.of(exchange, but=own, user=process.name)]
    return tuple(p for j, p in enumerate(given) if j in seen)


def makers_of(
    product: str, processes: Iterable[Process], *, allocation: Rule = None
) -> tuple[str, ...]:
    """Return the names of all that make a product, after allocation.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange
    >>> chp = Process("CHP", "power", 10, "kWh", (Exchange("heat", 18, "MJ", direction="out"),))
    >>> makers_of("heat", [chp], allocation="energy")
    ('heat (from CHP)',)
    """
    stubs, _ = _stubs(list(processes), allocation)
    return tuple(stub.name for stub in stubs if stub.product == product)


def check_providers(
    specs: Iterable[ProcessSpec], processes: Iterable[Process], *, allocation: Rule = None
) -> None:
    """Refuse inputs and wastes of a study whose named provider makes something else.

    Parameters
    ----------
    specs : iterable of ProcessSpec
        Of the study itself. Inputs of the table are money, whatever they are called.
    processes : iterable of Process
        All, before allocation.
    allocation
        As for `System.of`.

    Raises
    ------
    InputError, UnknownNameError
        With process and flow.

    Examples
    --------
    >>> from mriocarbon.lca.goal import ProcessSpec
    >>> fuel = {"flow": "fuel", "amount": 1, "unit": "kg", "provider": "kiln"}
    >>> check_providers([ProcessSpec(name="car", product="ride", unit="km", inputs=[fuel])],
    ...                 [Process("kiln", "lime", 1.0, "kg")])
    Traceback (most recent call last):
        ...
    mriocarbon.errors.InputError: provider 'kiln' of 'fuel' makes 'lime'
      where: process 'car', exchange 'fuel'
      what to do: name the process that makes it, or say made_as: 'lime' if that stands for it
    """
    stubs, _ = _stubs(list(processes), allocation)
    makes = {stub.name: stub.product for stub in stubs}
    for spec in specs:
        for one in (*spec.inputs, *spec.waste):
            if not one.provider or one.provider.endswith(_TABLE):
                continue
            where = f"process {spec.name!r}, exchange {one.flow!r}"
            product = makes.get(one.provider)
            if product is None:
                raise UnknownNameError.of("process", one.provider, makes,
                                          do=f"(provider, {where})")  # fmt: skip
            if _same(product) != _same(one.made_as or one.flow):
                others = [name for name, made in makes.items() if _same(made) == _same(one.flow)]
                raise InputError(
                    f"provider {one.provider!r} of {one.made_as or one.flow!r} makes {product!r}",
                    where=where,
                    do=f"name the process that makes it{': ' * bool(others)}{listed(others, 3)}, or"
                    f" say made_as: {product!r} if that stands for it",
                )  # fmt: skip


def _same(name: str) -> str:
    return " ".join(name.casefold().split())


def _stubs(processes: list[Process], allocation: Rule) -> tuple[list[Process], list[int]]:
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
