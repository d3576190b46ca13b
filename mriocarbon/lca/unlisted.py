"""What the foreground leaves out of its purchases, estimated by the table.

A process with an industry (`sector`) and a price buys what the average of that industry buys; what
its own inputs cover is struck out (`hybrid.complement`). Where the study wants the rest counted
(``hybrid.complement: true``) it is in the result already, and nothing of it is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mriocarbon.errors import InputError
from mriocarbon.lca.allocation import shares
from mriocarbon.lca.completeness import LeftOut
from mriocarbon.lca.goal import Scope
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.prepare import Prepared

__all__ = ["Unlisted", "unlisted"]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What was estimated of unlisted purchases.

    Attributes
    ----------
    left : tuple of LeftOut
        Not in the result.
    tested : tuple of str
        Processes whose purchases were estimated, in the result or not.
    untested : tuple of str
        Processes of the foreground without an industry or a price.
    """

    left: tuple[LeftOut, ...]
    tested: tuple[str, ...]
    untested: tuple[str, ...]


def unlisted(prepared: Prepared) -> Unlisted:
    """Return what the foreground does not list of its purchases.

    Parameters
    ----------
    prepared : Prepared
        Without a table nothing is tested.

    Returns
    -------
    Unlisted
    """
    study, table = prepared.study, prepared.table
    own = [p for p in prepared.processes if p.name in prepared.foreground]
    if table is None or study.hybrid is None:
        return Unlisted((), (), tuple(p.name for p in own))
    priced = {
        name for name, spec in prepared.specs.items() if spec.sector and spec.price is not None
    }
    tested = tuple(p.name for p in own if p.name in priced)
    untested = tuple(p.name for p in own if p.name not in priced)
    if study.hybrid.complement or not tested:
        return Unlisted((), tested, untested)
    from mriocarbon.lca.hybrid import complements

    left = []
    by_name = {p.name: p for p in own}
    for one in complements(own, study, table, specs=prepared.specs):
        k = prepared.system.position.get(one.process)
        runs = 0.0 if k is None else float(prepared.lci.scaling[k])
        if k is None or runs == 0:
            continue
        part = _part(by_name[one.process], study.scope)
        value = one.score(study.scope.gwp, horizon=study.scope.horizon)["added"]
        more = (
            f"; the industry of {', '.join(one.unknown[:4])} is not known, so that it may hold"
            " what is counted already" if one.unknown else ""
        )  # fmt: skip
        money = math.fsum(
            float(v) for name, v in zip(one.industries, one.money, strict=True)
            if name not in one.covered
        )  # fmt: skip
        left.append(
            LeftOut(
                f"purchases that {one.process} does not list", money * runs * part,
                one.gases.currency, "not in the inventory", value * runs * part,
                f"average purchases of {one.sector}, {one.region}, less those of"
                f" {', '.join(one.covered) or 'no industry'}{more}",
                bool(one.unknown),
            )
        )  # fmt: skip
    return Unlisted(tuple(left), tested, untested)


def _part(process: Process, scope: Scope) -> float:
    """Share of a process that its main product carries, by the rule of the scope."""
    rule = scope.allocation
    by = rule if isinstance(rule, (str, type(None))) else rule.get(process.name)
    if not process.co_products or by is None or by == "substitution":
        return 1.0  # a credit takes nothing from what the process buys
    if not isinstance(by, str):
        return float(by[process.product])
    try:
        return shares(process, by)[process.product]
    except InputError:  # as in `System.of`
        if scope.fallback is None or scope.fallback == "substitution":
            return 1.0
        return shares(process, scope.fallback)[process.product]
