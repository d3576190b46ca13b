r"""Processes that make several products: shared out, or credited with what they replace.

With a property :math:`w` (mass, energy or price per unit) the share of product i is
:math:`\phi_i = w_i a_i / \sum_k w_k a_k`; every other exchange is multiplied by it, so what the
parts take and emit adds up to what the whole did (ISO 14044, 4.3.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.lca.inventory import Exchange, Process, origins
from mriocarbon.lca.units import compatible, convert

__all__ = ["RULES", "allocate", "shares"]

RULES = ("mass", "energy", "price", "reference", "substitution")
_MEASURED = {"mass": "kg", "energy": "MJ"}


def shares(process: Process, by: str) -> dict[str, float]:
    """Return the share of each product of a process, its own first; they add up to one.

    Parameters
    ----------
    process : Process
    by : {"mass", "energy", "price", "reference"}
        ``"reference"``: the product carries all, co-products nothing.

    Raises
    ------
    InputError
        The property of a product is not known, negative, or zero for all.

    Examples
    --------
    >>> chp = Process("CHP", "power", 10, "kWh", (Exchange("heat", 18, "MJ", direction="out"),))
    >>> {name: round(share, 3) for name, share in shares(chp, "energy").items()}
    {'power': 0.667, 'heat': 0.333}
    """
    if by not in RULES or by == "substitution":
        raise UnknownNameError.of("rule of allocation", by, RULES[:-1])
    if by == "reference":
        return {process.product: 1.0} | {e.flow: 0.0 for e in process.co_products}
    found = {process.product: 0.0}
    mine = Exchange(
        process.product, process.amount, process.unit, direction="out",
        properties=process.properties,
    )  # fmt: skip
    for one in (mine, *process.co_products):
        found[one.flow] = found.get(one.flow, 0.0) + one.amount * _per_unit(process, one, by)
    whole = sum(found.values())
    if min(found.values()) < 0 or whole <= 0:
        raise InputError(
            f"products weigh {list(found.values())} by {by}", where=f"process {process.name!r}",
            do="give every product a property of at least zero, one of them above",
        )  # fmt: skip
    return {name: value / whole for name, value in found.items()}


def _per_unit(process: Process, product: Exchange, by: str) -> float:
    stated = product.properties.get(by)
    if stated is not None:
        return float(stated)
    if by in _MEASURED and compatible(product.unit, _MEASURED[by]):
        return convert(product.unit, _MEASURED[by])
    raise InputError(
        f"no {by} of product {product.flow!r}, which is in {product.unit!r}",
        where=f"process {process.name!r}",
        do=f"give its properties a {by!r} per unit, or allocate by something else",
    )


def allocate(process: Process, by: str | Mapping[str, float]) -> tuple[Process, ...]:
    """Split a process into one process for each of its products.

    Parameters
    ----------
    process : Process
    by : str or mapping of product to share
        A rule of `shares`, or the shares themselves, which add up to one.

    Returns
    -------
    tuple of Process
        The first keeps name and product; the others are named
        ``"<product> (from <process>)"``. Exchanges keep their origin: they vary together.

    Raises
    ------
    InputError
        A property is missing, or the given shares do not fit the products or one.

    Examples
    --------
    >>> chp = Process("CHP", "power", 10, "kWh", (
    ...     Exchange("heat", 18, "MJ", direction="out"), Exchange("fuel", 2, "l")))
    >>> [(p.name, round(p.exchanges[0].amount, 3)) for p in allocate(chp, "energy")]
    [('CHP', 1.333), ('heat (from CHP)', 0.667)]
    """
    if not process.co_products:
        return (process,)
    part = shares(process, by) if isinstance(by, str) else dict(by)
    names = dict.fromkeys([process.product, *(e.flow for e in process.co_products)])
    if set(part) != set(names) or abs(sum(part.values()) - 1) > 1e-9 or min(part.values()) < 0:
        raise InputError(
            f"shares {part} for the products {list(names)}", where=f"process {process.name!r}",
            do="give one share of at least zero for each product, adding up to one",
        )  # fmt: skip
    rest = [
        (e, origin)
        for e, origin in zip(process.exchanges, origins(process), strict=True)
        if not e.is_product
    ]
    made = []
    for name in names:
        outputs = [e for e in process.co_products if e.flow == name]
        share = part[name]  # what carries nothing has no exchanges
        scaled = tuple(replace(e, amount=e.amount * share, origin=o) for e, o in rest if share)
        if name == process.product:
            amount = process.amount + sum(e.amount * process.convert(e, process.unit)
                                          for e in outputs)  # fmt: skip
            made.append(replace(process, amount=amount, exchanges=scaled))
            continue
        first = outputs[0]
        amount = sum(e.amount * process.convert(e, first.unit) for e in outputs)
        if amount == 0 and part[name] == 0:
            continue  # a co-product of which none is made
        made.append(
            replace(
                process, name=f"{name} (from {process.name})", product=name, amount=amount,
                unit=first.unit, exchanges=scaled, properties=first.properties, code=first.code,
                category=first.category, location=first.location or process.location,
            )
        )  # fmt: skip
    return tuple(made)
