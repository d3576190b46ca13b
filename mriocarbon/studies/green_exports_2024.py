"""What exported solar and wind technology emitted in its making and avoids where it runs.

Every combination of what is counted, what a kWh displaces and how long is looked at, beside every
definition of manufacture, and held against what was published. Avoided emissions compare two
worlds; they are never netted against an inventory (ISO 14064-2; WRI 2019), and nothing here does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mriocarbon.avoided.amount import Amount, Array
from mriocarbon.avoided.attribution import RULES, Attribution, attribution
from mriocarbon.avoided.avoided import Avoided, avoided
from mriocarbon.avoided.exports import Exports, exports
from mriocarbon.avoided.grids import MARGINS
from mriocarbon.avoided.manufacture import Capacity, Manufacture, capacities, process
from mriocarbon.avoided.manufacture_mrio import STAGES, through_table
from mriocarbon.avoided.manufacture_published import as_published
from mriocarbon.avoided.payback import Payback, payback
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief, interval
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO
from mriocarbon.studies.green_exports_claim import CLAIM, GATE, Claim, Made, Scenario, verdict

__all__ = ["HORIZONS", "GreenExports", "green_exports"]

HORIZONS = ("first year", "lifetime")
FURTHER = ("cells", "wafers")
"""What becomes panels abroad, some of which are exported again: told apart, as an upper bound."""
_NAMES = {"panels": "panels", "cells": "cells", "wafers": "wafers", "turbines": "wind turbines"}


@dataclass(frozen=True, eq=False)
class GreenExports:
    """Exports of one year, with what they avoid and what their making emitted.

    Attributes
    ----------
    exports : Exports
        All products.
    main : tuple of str
        Products of the headline: panels and turbines; cells and wafers stand apart.
    margin, decline, rule : str
        Of the headline: what a kWh displaces, how the grid factor falls, and what part of it the
        exporter gets.
    avoided, avoided_all : Avoided
        Of the main products, and of all.
    made, made_table : Manufacture
        Of all products, cradle to gate by stages, and by the table at prices of its year (None
        where it cannot be told; `missing` says why).
    shares : mapping of rule to Attribution
        Of all products; without "value" where it cannot be told.
    scenarios : tuple of Scenario
        Scope x margin x horizon.
    manufactures : tuple of Made
        Definition x scope.
    paybacks : mapping of str to Payback
        For the main products together and by technology, by method of manufacture.
    claim : Claim or None
        Only for the exports that it speaks of.
    verdict : tuple of str
        Sentences computed from the numbers.
    missing : tuple of str
    notes : tuple of Note
    draws, seed : int
    own : bool
        Whether the exports are a table of the user's.
    decline_given : str
        As it was asked for.
    """

    exports: Exports
    main: tuple[str, ...]
    margin: str
    decline: str
    rule: str
    avoided: Avoided
    avoided_all: Avoided
    made: Manufacture
    made_table: Manufacture | None
    shares: Mapping[str, Attribution]
    scenarios: tuple[Scenario, ...]
    manufactures: tuple[Made, ...]
    paybacks: Mapping[tuple[str, str], Payback]
    claim: Claim | None
    verdict: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[Note, ...]
    draws: int
    seed: int
    own: bool = False
    decline_given: str = "trend"

    @property
    def scope(self) -> str:
        """The main products in words."""
        return _words(self.main)

    @property
    def made_main(self) -> Amount:
        """Emissions of making the main products, cradle to gate by stages, Mt CO2e."""
        return self.made.of(product=self.main)

    @property
    def table_main(self) -> Amount | None:
        """The same by the table, Mt CO2e."""
        return None if self.made_table is None else self.made_table.of(product=self.main)

    def headline(self, horizon: str) -> Amount:
        """Return what the main products avoid by the rule of the headline, Mt CO2e.

        Raises
        ------
        UnknownNameError
            A horizon that is none.
        """
        if horizon not in HORIZONS:
            raise UnknownNameError.of("horizon", horizon, HORIZONS)
        return self.shares[self.rule].apply(by_product(self.avoided, horizon))

    @property
    def returns(self) -> Amount:
        """Avoided over the life for each tonne emitted in the making, before any attribution."""
        whole = Amount.sum(by_product(self.avoided, "lifetime").values())
        return Amount(whole.value / self.made_main.value, whole.draws / self.made_main.draws)

    def scenario(self, scope: str, margin: str, horizon: str) -> Scenario:
        """Return one scenario.

        Raises
        ------
        UnknownNameError
            There is none of that name.
        """
        for one in self.scenarios:
            if (one.scope, one.margin, one.horizon) == (scope, margin, horizon):
                return one
        known = [f"{s.scope}, {s.margin}, {s.horizon}" for s in self.scenarios]
        raise UnknownNameError.of("scenario", f"{scope}, {margin}, {horizon}", known)

    def __repr__(self) -> str:
        first, made = self.headline("first year"), self.made_main
        return brief(
            self, f"{self.exports.exporter} {self.exports.year}, {self.scope}",
            f"avoided in the first year {interval(first.value, first.low, first.high, 'Mt CO2e')}",
            f"made with {interval(made.value, made.low, made.high, 'Mt CO2e')}",
        )  # fmt: skip


def by_product(found: Avoided, horizon: str) -> dict[str, Amount]:
    """Return what each product avoids in its first year or over its life, Mt CO2e."""
    column = "first_year" if horizon == "first year" else "lifetime"
    drawn: Array = getattr(found.draws, column)
    products = np.array([row[2] for row in found.draws.rows])
    values = found.rows[column].to_numpy(dtype=float)
    return {
        str(p): Amount(float(values[products == p].sum()), drawn[:, products == p].sum(axis=1))
        for p in dict.fromkeys(products)
    }


def green_exports(
    year: int = 2024,
    *,
    exporter: str = "CHN",
    technology: str | Sequence[str] = ("solar", "wind"),
    exported: Exports | None = None,
    margin: str = "combined",
    rule: str = "all",
    decline: str | float = "trend",
    zero_year: int = 2050,
    grid: float | tuple[float, float, float] | None = None,
    towers: bool = True,
    mrio: MRIO | None = None,
    draws: int = 2000,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> GreenExports:
    """Return the whole study of exported low-carbon technology of one year.

    Parameters
    ----------
    year : int
        Of the export.
    exporter : str
        Code or name.
    technology : str or sequence of str
        "solar", "wind"; at least one of them must be in a table of one's own, and what is not
        asked for is left out of it, with a note.
    exported : Exports, optional
        A table of one's own in place of the embedded one; its exporter and year hold.
    margin : {"combined", "operating", "average"}
        Of the headline; the scenarios have all three.
    rule : {"all", "value"}
        Of the headline, see `mriocarbon.avoided.attribution`; the scenarios have both.
    decline, zero_year
        See `mriocarbon.avoided.avoided.avoided`.
    grid, towers
        See `mriocarbon.avoided.manufacture.process`.
    mrio : MRIO, optional
        Of manufacture by the table; the embedded one of 2022 by default.
    draws, seed : int
        Of everything, paired.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    GreenExports

    Raises
    ------
    UnknownNameError
        A technology, country, margin or rule that is none.
    NotAvailableError
        No exports of that country and year, or the rule "value" without the value of the exports.
    InputError
        Draws or a seed that are none; a product without any capacity; exports of none of the
        technologies.

    References
    ----------
    ISO 14064-2:2019. Russell (2019), Estimating and Reporting the Comparative Emissions Impacts of
    Products, WRI working paper. IFI TWG (2021), default grid factors v3.1.

    Examples
    --------
    >>> found = green_exports(2024, draws=100)
    >>> 0 < found.paybacks["panels and wind turbines", "process"].value < 2
    True
    """
    tell = progress or (lambda step: None)
    if rule not in RULES:
        raise UnknownNameError.of("rule of attribution", rule, RULES)
    if margin not in MARGINS:
        raise UnknownNameError.of("margin", margin, MARGINS)
    tell("exports")
    if exported is None:
        sent = exports(exporter, technology, year, products=("panels", "cells", "wafers"))
    else:
        sent = exported.of([technology] if isinstance(technology, str) else list(technology))
    amounts = capacities(sent.table)
    for one in amounts:
        if one.mw == 0:
            raise InputError(
                f"0 MW of {one.product} in all", where="the table of exports",
                do=f"leave {one.product} out: nothing per kW can be told of no capacity",
            )  # fmt: skip
    main = tuple(c.product for c in amounts if c.product not in FURTHER) or tuple(
        c.product for c in amounts
    )
    options = {"decline": decline, "zero_year": zero_year, "draws": draws, "seed": seed}
    missing = list(sent.missing)

    tell("manufacture")
    make = {"exporter": sent.exporter, "year": sent.year, "draws": draws, "seed": seed}
    made = process(amounts, grid=grid, towers=towers, **make)  # type: ignore[arg-type]
    tables = _tables(amounts, mrio, make, missing)
    shares = {"all": attribution(amounts, "all", draws=draws, seed=seed)}
    try:
        shares["value"] = attribution(
            amounts, "value", exporter=sent.exporter, year=sent.year, mrio=mrio, draws=draws,
            seed=seed,
        )  # fmt: skip
    except NotAvailableError as error:
        if rule == "value":
            raise
        missing.append(f"attribution by value: {error.what}")

    runs = {}
    for name in MARGINS:
        tell(f"avoided, {name} margin")
        runs[name] = avoided(sent, margin=name, **options)  # type: ignore[arg-type]
    scopes = _scopes(amounts, main)
    scenarios = _bounded(
        _scenario(scope, products, main, name, horizon, run, shares)
        for scope, products in scopes.items()
        for name, run in runs.items()
        for horizon in HORIZONS
    )
    tell("headline and payback")
    head = runs[margin] if set(main) == {c.product for c in amounts} else avoided(
        only(sent, main), margin=margin, **options)  # type: ignore[arg-type]  # fmt: skip
    manufactures = tuple(_manufactures(amounts, scopes, made, tables, towers, grid, make))
    paybacks = _paybacks(sent, main, head, made, tables.get(True), margin, options)
    claim = CLAIM if _speaks(sent, amounts, exported) else None
    study = GreenExports(
        sent, main, margin, head.decline, rule, head, runs[margin], made, tables.get(True), shares,
        scenarios, manufactures, paybacks, claim, (), tuple(dict.fromkeys(missing)),
        # Of all products, by every margin: what the headline counts is a part of it.
        tuple(dict.fromkeys(note for notes in (
            *(one.notes for one in runs.values()), made.notes,
            *(one.notes for one in tables.values()), *(one.notes for one in shares.values()),
        ) for note in notes)),
        draws, seed, exported is not None, str(decline),
    )  # fmt: skip
    if claim is None:
        return study
    return replace(
        study,
        verdict=verdict(claim, scenarios, manufactures, study.scope, margin, study.returns, head),
    )


def only(sent: Exports, products: Iterable[str]) -> Exports:
    """Return the exports of some products."""
    wanted = sent.table["product"].isin(tuple(products))
    return replace(sent, table=sent.table[wanted].reset_index(drop=True))


def _words(products: Sequence[str]) -> str:
    names = [_NAMES.get(p, p) for p in products]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _scopes(
    amounts: Sequence[Capacity], main: Sequence[str]
) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """What is counted, from narrow to wide."""
    there = [c.product for c in amounts]
    further = [p for p in there if p in FURTHER and p not in main]
    wind = [p for p in there if p == "turbines"]
    found = []
    if "panels" in there:
        found = [["panels"], ["panels", *further], ["panels", *wind], ["panels", *further, *wind]]
    else:
        found = [list(main), there]
    return {_words(products): tuple(products) for products in found}


def _speaks(sent: Exports, amounts: Sequence[Capacity], own: Exports | None) -> bool:
    """Whether the claim speaks of these exports."""
    there = {c.product for c in amounts}
    return (
        own is None
        and (sent.exporter, sent.year) == (CLAIM.exporter, CLAIM.year)
        and {"panels", "turbines"} <= there
    )


def _tables(
    amounts: Sequence[Capacity],
    mrio: MRIO | None,
    make: Mapping[str, object],
    missing: list[str],
) -> dict[bool, Manufacture]:
    """Manufacture by the table, with and without the correction of prices."""
    found = {}
    for corrected in (False, True):
        try:
            found[corrected] = through_table(
                amounts,
                mrio=mrio,
                corrected=corrected,
                **make,  # type: ignore[arg-type]
            )
        except NotAvailableError as error:
            how = "at prices of its year" if corrected else "at prices of the export"
            missing.append(f"manufacture by the table, {how}: {error.what}")
    return found


def _scenario(
    scope: str,
    products: Sequence[str],
    main: Sequence[str],
    margin: str,
    horizon: str,
    run: Avoided,
    shares: Mapping[str, Attribution],
) -> Scenario:
    # A product that was left out for want of a factor has no rows: it is in the notes of the run.
    all_ = by_product(run, horizon)
    each = {p: all_[p] for p in products if p in all_}
    value = shares["value"].apply(each) if "value" in shares and each else None
    bounds = []
    if set(products) & set(FURTHER) - set(main):
        bounds.append("cells and wafers")
    rows = run.rows[run.rows["product"].isin(products)]
    return Scenario(
        scope, margin, horizon, Amount.sum(each.values()), value,
        f"upper bound: {' and '.join(bounds)}" if bounds else "",
        _years(rows["grid_year"]), _years(rows["cf_years"]),
    )  # fmt: skip


def _bounded(scenarios: Iterable[Scenario]) -> tuple[Scenario, ...]:
    """Say of the operating margin that it is an upper bound, where no other factor lies above.

    It is never below the combined margin, but in some countries the average lies above both.
    """
    found = tuple(scenarios)
    most: dict[tuple[str, str], float] = {}
    for s in found:
        key = s.scope, s.horizon
        most[key] = max(most.get(key, 0.0), s.amount.value)
    return tuple(
        replace(s, bound=f"{s.bound} and operating margin" if s.bound else
                "upper bound: operating margin")
        if s.margin == "operating" and s.amount.value >= most[s.scope, s.horizon] > 0 else s
        for s in found
    )  # fmt: skip


def _years(column: Iterable[object]) -> str:
    """Return the span of the years that are named."""
    found = sorted({int(y) for text in column for y in re.findall(r"\d{4}", str(text))})
    if not found:
        return "not known"
    return f"{found[0]}" if found[0] == found[-1] else f"{found[0]} to {found[-1]}"


def _manufactures(
    amounts: Sequence[Capacity],
    scopes: Mapping[str, tuple[str, ...]],
    gate: Manufacture,
    tables: Mapping[bool, Manufacture],
    towers: bool,
    grid: float | tuple[float, float, float] | None,
    make: Mapping[str, object],
) -> Iterable[Made]:
    """Every definition of manufacture, from narrow to wide, for every scope."""
    wanted = dict(scopes)
    if "turbines" in gate.products and _words(["turbines"]) not in wanted:
        wanted["wind turbines alone"] = ("turbines",)
    found: list[tuple[str, str, Manufacture, str | None]] = []
    # Modules, published studies of them and their fall in price say nothing of turbines alone.
    solar = any(c.technology == "solar" for c in amounts)
    narrow = {
        "module assembly": "electricity of module assembly alone",
        "final plant": "energy of the last works of each product",
        "own works": "scope 1 and 2 of all works from polysilicon on",
    }
    if not solar:
        narrow = {"own works": "scope 1 and 2 of the turbine works"}
    for boundary, name in narrow.items():
        one = process(
            amounts,
            boundary=boundary,
            grid=grid,
            towers=towers,
            **make,  # type: ignore[arg-type]
        )
        found.append((name, "process", one, None))
    found.append((GATE, "process", gate, None))
    if solar:
        found.append(("cradle to gate, range of published studies", "published",
                      as_published(gate), None))  # fmt: skip
    for corrected, table in tables.items():
        if corrected and not solar and len(tables) > 1:
            continue
        prices = "prices of the table's year" if corrected else "prices of the export"
        if not corrected:
            found.append((f"table, exporting industry alone, {prices}", "mrio", table, STAGES[0]))
        found.append((f"table, whole chain, {prices}", "mrio", table, None))
    kw = {c.product: c.mw * 1e3 for c in amounts}
    for name, method, one, stage in found:
        for scope, products in wanted.items():
            amount = one.of(product=products, stage=stage)
            capacity = sum(kw[p] for p in products)
            yield Made(
                name, scope, method, amount,
                amount.value * 1e9 / capacity if capacity else math.nan,
            )  # fmt: skip


def _paybacks(
    sent: Exports,
    main: tuple[str, ...],
    head: Avoided,
    made: Manufacture,
    table: Manufacture | None,
    margin: str,
    options: Mapping[str, object],
) -> dict[tuple[str, str], Payback]:
    """Payback of the main products together and one by one, by each method of manufacture."""
    runs: dict[str, tuple[tuple[str, ...], Avoided]] = {_words(main): (main, head)}
    if len(main) > 1:
        for product in main:
            one = avoided(only(sent, [product]), margin=margin, **options)  # type: ignore[arg-type]
            runs[_words([product])] = ((product,), one)
    found = {}
    for name, (products, run) in runs.items():
        central = run.by_age["value"].to_numpy(dtype=float)
        for method, by in (("process", made), ("mrio", table)):
            if by is not None:
                amount = by.of(product=products)
                found[name, method] = payback(
                    amount.value, central, made_draws=amount.draws, by_year_draws=run.draws.by_age
                )
    return found
