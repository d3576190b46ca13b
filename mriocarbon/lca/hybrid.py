"""The table as a background: tiered hybrids, and the way to the others.

`fill` gives every exchange that asks for an industry of the table a process of that industry
(`money_process`), and estimates what foreground processes leave out of their purchases where the
study wants it (`complement`). The integrated hybrid is in `hybrid_integrated`, the exchange of
single paths of the table for process data in `hybrid_paths`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from mriocarbon.errors import InputError, UnitError
from mriocarbon.lca.goal import ProcessSpec, Study
from mriocarbon.lca.hybrid_complement import ESTIMATE, Complement, complement, covered_by
from mriocarbon.lca.hybrid_gases import BIOGENIC, TableGases, potentials, table_gases
from mriocarbon.lca.hybrid_money import (
    bundle_processes,
    is_money,
    money_name,
    money_process,
    place,
    sector_and_region,
)
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.prices import Money
from mriocarbon.lca.uncertainty import Uncertainty, log_sd
from mriocarbon.model.table import MRIO

__all__ = [
    "BIOGENIC",
    "PRODUCT_SPREAD",
    "Complement",
    "TableGases",
    "complement",
    "complements",
    "covered_by",
    "fill",
    "is_money",
    "money_name",
    "money_process",
    "potentials",
    "sector_and_region",
    "table_gases",
]

PRODUCT_SPREAD = 0.40
"""Assumed log standard deviation of one product around the average of its industry.

Supply-chain emissions per USD of the products (NAICS 6) of one industry of the table differ in the
United States by 0.28 to 0.83 (EPA, Supply Chain Greenhouse Gas Emission Factors v1.3; six
industries of materials); 0.40 is the middle of them. Direct emissions of single products differ by
more.
"""
_YEAR = re.compile(r"^prices of (\d{4})$")
_DONE = "money of the table"
_SETTLED = (_DONE, ESTIMATE)


def fill(
    processes: Iterable[Process],
    study: Study,
    mrio: MRIO,
    *,
    specs: Mapping[str, ProcessSpec] | None = None,
    product_spread: float = PRODUCT_SPREAD,
) -> tuple[tuple[Process, ...], tuple[str, ...]]:
    """Return the processes with all that the table provides for them: a tiered hybrid.

    Parameters
    ----------
    processes : iterable of Process
        Exchanges whose provider is `money_name` are bought from the table, in money.
    study : Study
        `hybrid` says which region stands in where none is named, whether unlisted purchases are
        estimated, and which industries inputs cover.
    mrio : MRIO
    specs : mapping of process name to ProcessSpec, optional
        Of all foreground processes; those in the study itself if not given.
    product_spread : float
        Log standard deviation of one product around its industry, added to the uncertainty of
        every exchange bought from the table.

    Returns
    -------
    processes : tuple of Process
        Those given, then one for each industry that is bought from. Filling again changes nothing.
    assumptions : tuple of str

    Raises
    ------
    InputError
        Money of another currency or year without a rate or deflator; an estimate of unlisted
        purchases for a process with inputs of unknown industry.
    UnknownNameError
        A region or sector that the table does not have.

    References
    ----------
    Bullard et al. (1978), Resources and Energy 1, 267; Suh & Huppes (2005), J. Cleaner Prod. 13,
    687 (both UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.lca.goal import study_of
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> study = study_of({"title": "bolt", "goal": {"question": "How much?"},
    ...     "scope": {"boundary": "cradle-to-gate",
    ...               "functional_unit": {"product": "bolt", "amount": 1, "unit": "kg"}},
    ...     "processes": [{"name": "press", "product": "bolt", "unit": "kg"}],
    ...     "hybrid": {"table": "oecd-icio-2022"}})
    >>> press = Process("press", "bolt", 1.0, "kg", (
    ...     Exchange("wire", 0.9, "USD", provider="C24A, CHN [table]"),))
    >>> filled, assumptions = fill([press], study, mc.load("oecd-icio-2022"))
    >>> [p.name for p in filled]
    ['press', 'C24A, CHN [table]']
    >>> round(float(inventory(System.of(filled), {"press": 1.0}).flows[0]), 2)  # kg CO2
    2.16
    """
    if not (isinstance(product_spread, (int, float)) and 0 <= product_spread < 5):
        raise InputError(f"product_spread is {product_spread!r}", where="hybrid",
                         do="give a log standard deviation, such as 0.4")  # fmt: skip
    given = list(processes)
    hybrid = study.hybrid
    money = Money.of_table(
        mrio, hybrid.rates if hybrid else None, hybrid.deflators if hybrid else None
    )
    told: list[str] = []
    bought = [_priced(p, money, product_spread, told) for p in given]
    undated = dict.fromkeys(e.flow for p in given for e in p.exchanges if _undated(e))
    if undated:
        told.append(
            f"table: money without a price year is taken as of {money.year}: {', '.join(undated)}"
        )
    extra: list[Process] = []
    if hybrid is not None and hybrid.complement:
        found = complements(bought, study, mrio, specs=specs, strict=True)
        by_name = {one.process: one for one in found}
        bought = [
            _widened(by_name[p.name].added_to(p), product_spread) if p.name in by_name else p
            for p in bought
        ]
        for one in found:
            extra += one.processes
            told += one.assumed
    have = {p.name for p in bought} | {p.name for p in extra}
    wanted = dict.fromkeys(
        e.provider
        for p in bought
        for e in p.exchanges
        if is_money(e.provider) and e.provider not in have
    )
    users = {
        e.provider: f"process {p.name!r}, exchange {e.flow!r}"
        for p in reversed(bought)
        for e in reversed(p.exchanges)
    }
    extra = [
        *_industries(mrio, study, list(wanted), told, users),
        *{p.name: p for p in extra}.values(),
    ]
    if any(is_money(e.provider) for p in bought for e in p.exchanges):
        told += _of_the_table(mrio, money, product_spread)
    return (*bought, *(p for p in extra if p.name not in {q.name for q in bought})), tuple(
        dict.fromkeys(told)
    )


def complements(
    processes: Iterable[Process],
    study: Study,
    mrio: MRIO,
    *,
    specs: Mapping[str, ProcessSpec] | None = None,
    strict: bool = False,
) -> tuple[Complement, ...]:
    """Estimate the unlisted purchases of every process with a sector and a price.

    Parameters
    ----------
    processes : iterable of Process
    study : Study
    mrio : MRIO
    specs : mapping of process name to ProcessSpec, optional
        Of all foreground processes; those in the study itself if not given.
    strict : bool
        Refuse a process whose inputs have no known industry and of which ``hybrid.covered`` says
        nothing: what they hold could be counted twice.

    Returns
    -------
    tuple of Complement
        Processes whose estimate is among their exchanges already are left out.

    Raises
    ------
    InputError, UnknownNameError
    """
    known = dict(specs) if specs is not None else {s.name: s for s in study.processes}
    hybrid = study.hybrid
    money = Money.of_table(
        mrio, hybrid.rates if hybrid else None, hybrid.deflators if hybrid else None
    )
    sectors = {s.product: s.sector for s in known.values() if s.sector}
    sectors |= {s.name: s.sector for s in known.values() if s.sector}
    covered = hybrid.covered if hybrid else {}
    for name in covered:
        if name not in known:
            raise InputError(
                f"hybrid.covered names {name!r}, which is no foreground process", where="study",
                do=f"one of {', '.join(known)}",
            )  # fmt: skip
    found = []
    for p in processes:
        spec = known.get(p.name)
        if spec is None or not spec.sector or spec.price is None:
            continue
        if any(e.category == ESTIMATE for e in p.exchanges):
            continue
        where = f"process {p.name!r}"
        price, told = money.of(spec.price, spec.currency, spec.price_year, where=where)
        region = _region(study, spec.location, where)
        one = complement(
            mrio, p, sector=spec.sector, region=region, price=price,
            covered=covered.get(p.name, ()), sectors=sectors,
        )  # fmt: skip
        if strict and one.unknown and p.name not in covered:
            raise InputError(
                f"the industry of {', '.join(map(repr, one.unknown))} is not known, so that its"
                " purchases may be counted twice",
                where=where,
                do=f"name the industries of the table that they come from: hybrid.covered:"
                f" {{{p.name}: [...]}}",
            )
        found.append(replace(one, assumed=(*told, *one.assumed)))
    return tuple(found)


def _priced(process: Process, money: Money, spread: float, told: list[str]) -> Process:
    """The process with what it buys from the table in the table's money, marked as done."""
    if not any(is_money(e.provider) and e.category not in _SETTLED for e in process.exchanges):
        return process
    changed = []
    for e in process.exchanges:
        if not is_money(e.provider) or e.category in _SETTLED:
            changed.append(e)
            continue
        where = f"process {process.name!r}, exchange {e.flow!r}"
        year = _YEAR.match(e.category)
        try:
            amount, notes = money.of(
                e.amount, e.unit, int(year[1]) if year else money.year, where=where
            )
        except InputError as error:
            if len(e.unit) == 3 and e.unit.isupper():
                raise
            raise UnitError(
                f"{e.flow!r} is bought from the table in {e.unit!r}, which is no money",
                where=where, do=f"give its amount in {money.currency}, or a price",
            ) from error  # fmt: skip
        told += notes
        scale = amount / e.amount if e.amount else 1.0
        # properties are per unit, and the unit is now another
        changed.append(
            replace(
                e, amount=amount, unit=money.currency, category=_DONE,
                uncertainty=_wider(e, spread, where, told),
                properties={k: v / scale for k, v in e.properties.items()},
            )
        )  # fmt: skip
    return replace(process, exchanges=tuple(changed))


def _undated(e: Exchange) -> bool:
    return is_money(e.provider) and e.category not in _SETTLED and not _YEAR.match(e.category)


def _widened(process: Process, spread: float) -> Process:
    """The process with the spread of single products on the purchases that were estimated."""
    if not spread:
        return process
    wide = Uncertainty("lognormal", spread)
    return replace(
        process,
        exchanges=tuple(
            replace(e, uncertainty=wide)
            if e.category == ESTIMATE and is_money(e.provider) and e.uncertainty is None else e
            for e in process.exchanges
        ),
    )  # fmt: skip


def _wider(e: Exchange, spread: float, where: str, told: list[str]) -> Uncertainty | None:
    """The uncertainty of an exchange, widened by that of one product in its industry."""
    if spread == 0:
        return e.uncertainty
    if e.uncertainty is None:
        return Uncertainty("lognormal", spread)
    if e.uncertainty.kind == "lognormal":
        return Uncertainty("lognormal", log_sd((e.uncertainty.spread, spread)))
    told.append(f"{where}: {e.uncertainty.kind} kept; the spread of products in it is not added")
    return e.uncertainty


def _region(study: Study, location: str, where: str) -> str:
    named = location or (study.hybrid.region if study.hybrid else "") or study.scope.place
    if not named:
        raise InputError("no region of the table", where=where,
                         do="give a location, hybrid.region or scope.place")  # fmt: skip
    return named


def _industries(
    mrio: MRIO, study: Study, names: list[str], told: list[str], users: Mapping[str, str]
) -> list[Process]:
    """Processes of the table by the names that exchanges ask for; users are told in errors."""
    if not names:
        return []
    columns = np.zeros((len(mrio.index), len(names)))
    comments = []
    for k, name in enumerate(names):
        try:
            sector, region = sector_and_region(name)
            at, how = place(mrio, region or _region(study, "", f"provider {name!r}"), sector)
        except InputError as error:
            user = users.get(name, "")
            raise type(error)(
                error.what, where=f"{user}, {error.where}" if user else error.where, do=error.do
            ) from None
        columns[at, k] = 1.0
        comments.append(how)
        if how:
            told.append(how)
    return list(bundle_processes(mrio, columns, names, comments=comments))


def _of_the_table(mrio: MRIO, money: Money, spread: float) -> list[str]:
    gases = table_gases(mrio)
    told = [
        f"table: {mrio.provenance.dataset}, basic prices of {money.year}: money is taken to be at"
        " basic prices; at purchasers' prices margins and taxes are counted as the industry's",
        f"table: averages of {len(mrio.sectors)} industries stand for single products",
        *gases.assumed,
        *(f"table, estimated: {text}" for text in gases.estimated),
    ]
    if spread:
        told.append(
            f"table: one product differs from the average of its industry by a factor of"
            f" {math.exp(spread):.2f} (one standard deviation, assumed)"
        )
    return told
