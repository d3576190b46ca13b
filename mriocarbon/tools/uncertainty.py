"""How sure an account is, whether one is larger than another, and what its error hangs on."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

import mriocarbon as mc
from mriocarbon.compute.drive import Progress
from mriocarbon.errors import InputError, NotAvailableError, quietly
from mriocarbon.tools.compared import sector_items
from mriocarbon.tools.figures import (
    Question,
    about,
    account_of,
    figure,
    households_label,
    position,
)
from mriocarbon.tools.registry import say, tool
from mriocarbon.tools.tables import EMBEDDED, Gas, Limit, Name, Region, Year, accounted, quick
from mriocarbon.tools.trade import Households, Principle
from mriocarbon.tools.types import Figure, ToolResult, described
from mriocarbon.uncertainty import default_errors, first_order, monte_carlo
from mriocarbon.uncertainty.sobol import sobol_of_accounts

MOST = 1000
"""Draws of one call: the larger tables take minutes for as many."""
Draws = Annotated[int, Field(description="draws of the Monte Carlo", ge=100, le=MOST)]
_SHARE = "no interval of the share"


def _served(mrio: mc.MRIO) -> None:
    """Refuse what would keep a machine busy for hours."""
    if not quick(mrio):
        raise NotAvailableError(
            "NOT AVAILABLE: intervals of this large a table are not served",
            where=f"{len(mrio.index)} region-sectors",
            do="ask for the embedded table, or call mc.account in Python",
        )  # fmt: skip


@lru_cache(maxsize=8)
def _drawn(mrio: mc.MRIO, principle: str, gas: str, households: bool, draws: int) -> object:
    _served(mrio)
    with quietly():
        return monte_carlo(
            mrio, default_errors(mrio, gas), principle, stressor=gas, households=households,
            draws=draws, keep=True, progress=_teller("Monte Carlo"),
        )  # fmt: skip


def _teller(what: str) -> Callable[[Progress], None]:
    """Return what tells how far the drawing of tables is."""
    return lambda run: say((f"{what}: {run.done} of {run.total} parts" if run.total > 1 else what)
                           + (f", about {run.eta:.0f} s to go" if run.eta else ""))  # fmt: skip


@lru_cache(maxsize=32)
def _first_order(mrio: mc.MRIO, principle: str, gas: str, households: bool) -> mc.Result:
    _served(mrio)
    with quietly():
        return mc.account(
            mrio, principle, stressor=gas, households=households, uncertainty="first-order"
        )


@tool(
    "uncertainty",
    "Interval of an account under any principle",
    cost="slow",
    examples=({"region": "China", "principle": "consumption"},),
)
def interval(
    region: Region,
    principle: Principle = "consumption",
    gas: Gas = "GHG",
    households: Households = True,
    method: Literal["first-order", "monte-carlo"] = "first-order",
    draws: Draws = 200,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Value and 95 % interval of a region's account under any principle, in Mt.

    Use it for "how sure is X's footprint". First order takes a second for production and
    consumption, up to a minute for others; the Monte Carlo minutes. The errors are assumed, as
    the caveats say.
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    quantity, labels = account_of(principle, households)
    labels = asked.labels(region=code, gas=stressor, **labels)
    title = f"{stressor} of {code}, {quantity}, {asked.year}"
    if method == "first-order":
        found = _first_order(asked.mrio, principle, stressor, households)
        figures = [figure(found, position(found, code), quantity, labels, level=0.95)]
        return ToolResult(
            title=f"{title}, first order",
            read_as=asked.read, figures=tuple(figures), **about(found),
        )  # fmt: skip
    found, _ = accounted(asked.mrio, principle, stressor, households)
    sample = _monte_carlo(asked.mrio, principle, stressor, households, draws)
    k = asked.mrio.regions.index(code)
    spread = sample.account
    figures = [
        Figure(quantity=quantity, value=float(found.value[k]), unit=found.unit,
               low=float(spread.low[k]), high=float(spread.high[k]), level=0.95, labels=labels,
               estimated=found.estimated),
        Figure(quantity="standard deviation over the draws", value=float(spread.sd[k]),
               unit=found.unit, labels=labels, estimated=found.estimated, why="a spread itself"),
    ]  # fmt: skip
    return ToolResult(
        title=f"{title}, {sample.draws} draws",
        read_as=asked.read, figures=tuple(figures), **about(found, more=[
            f"interval: {sample.draws} draws from seed {sample.seed}; {sample.basis}"]),
    )  # fmt: skip


def _monte_carlo(
    mrio: mc.MRIO, principle: str, gas: str, households: bool, draws: int
) -> mc.uncertainty.MonteCarlo:
    found = _drawn(mrio, principle, gas, households, draws)
    assert isinstance(found, mc.uncertainty.MonteCarlo)
    return found


@tool(
    "uncertainty",
    "By how much one accounting principle differs from another for a region, and how surely",
    examples=({"region": "China"}, {"region": "EU", "gas": "CO2", "households": False}),
)
def difference(
    region: Region,
    gas: Gas = "GHG",
    households: Households = True,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Consumption over production of a region in %, paired 95 % interval, and which is larger.

    Use it for "is X surely a net importer of emissions". Both accounts rest on the same
    emissions, so that what errs in both cancels. Direct emissions of households are in both,
    unless they are left out. Other principles: compare_principles.
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    _served(asked.mrio)
    found = _gap(asked.mrio, stressor, households)
    labels = asked.labels(region=code, gas=stressor, **households_label(households))
    at = position(found, code)
    scope = "" if households else ", industries only"
    one = figure(found, at, f"consumption over production{scope}", labels, level=0.95)
    figures = [one]
    if one.low is not None and one.high is not None and one.value is not None:
        figures.append(
            Figure(quantity="probability that consumption is above production",
                   value=_above(one.value, one.low, one.high), unit="1", labels=labels,
                   estimated=found.estimated, why="a probability, normal by first order")
        )  # fmt: skip
    return ToolResult(
        title=f"Consumption over production of {code}, {stressor} {asked.year}{scope}",
        read_as=asked.read, figures=tuple(figures), **about(found, more=[
            "a probability below 0.001 or above 0.999 says no more than that: the tails of a"
            " first-order normal are not known"]),
    )  # fmt: skip


@lru_cache(maxsize=16)
def _gap(mrio: mc.MRIO, gas: str, households: bool) -> mc.Result:
    with quietly():
        return mc.difference(mrio, "consumption", stressor=gas, households=households)


def _above(value: float, low: float, high: float) -> float:
    """Return the probability of a normal difference above zero, from its 95 % interval."""
    from scipy.special import ndtr, ndtri

    sd = (high - low) / (2 * float(ndtri(0.975)))
    return float(ndtr(value / sd)) if sd > 0 else float(value > 0)


@tool(
    "uncertainty",
    "Whether one region's account is larger than another's, with probability",
    cost="slow",
    examples=({"region": "USA", "partner": "EU27", "draws": 100},),
)
def larger(
    region: Region,
    partner: Annotated[Region, Field(description="the region that it is compared with")],
    principle: Literal["production", "consumption"] = "consumption",
    gas: Gas = "GHG",
    draws: Draws = 200,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Probability that a region's account exceeds another's, from draws of the whole table.

    Use it for "does X really emit more than Y". Errors that both share are drawn together. Takes
    a minute or more.
    """
    asked = Question(table_name, year)
    one, other = asked.region(region), asked.region(partner)
    if one == other:
        raise InputError("a region compared with itself", where="partner", do="name another one")
    stressor = asked.gas(gas)
    found, _ = accounted(asked.mrio, principle, stressor)
    sample = _monte_carlo(asked.mrio, principle, stressor, True, draws)
    assert sample.samples is not None
    a, b = (asked.mrio.regions.index(r) for r in (one, other))
    gap = sample.samples["account"][:, a] - sample.samples["account"][:, b]
    low, high = (float(x) for x in np.quantile(gap, [0.025, 0.975]))
    share = float((gap > 0).mean())
    labels = asked.labels(region=one, partner=other, gas=stressor, **account_of(principle, True)[1])
    return ToolResult(
        title=f"{one} against {other}: {stressor}, {principle}, {asked.year}",
        read_as=asked.read,
        figures=(
            Figure(quantity="account of region less that of partner",
                   value=found[one] - found[other], unit=found.unit, low=low, high=high,
                   level=0.95, labels=labels, estimated=found.estimated),
            Figure(quantity="probability that region is above partner", value=share, unit="1",
                   labels=labels, estimated=found.estimated,
                   why=f"standard error {math.sqrt(share * (1 - share) / sample.draws):.3f}"),
        ),
        **about(found, more=[
            f"{sample.draws} draws from seed {sample.seed}; {sample.basis}"]),
    )  # fmt: skip


@tool(
    "uncertainty",
    "What the error of a footprint comes from",
    examples=({"region": "China"}, {"region": "Japan", "gas": "CH4", "limit": 3}),
)
def drivers(
    region: Region,
    gas: Gas = "GHG",
    limit: Limit = 5,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Shares of the variance of a footprint by input, country and industry, in %, first order.

    Use it for "what drives the uncertainty of X", "which data should be improved". Inputs:
    stressor (emissions), flows, demand, households. Countries and industries: of errors that are
    a cell's own, without those that cells share.
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    k = asked.mrio.regions.index(code)
    _served(asked.mrio)
    base, _ = accounted(asked.mrio, "consumption", stressor)
    with quietly():
        found = first_order(asked.mrio, default_errors(asked.mrio, stressor), stressor=stressor)
    total = float(found.variance[k])
    labels = asked.labels(region=code, gas=stressor, principle="consumption")
    figures = [
        Figure(quantity="standard deviation of the footprint", value=float(found.sd[k]),
               unit=base.unit, labels=labels, estimated=base.estimated, why="a spread itself")
    ]  # fmt: skip
    figures += [
        Figure(quantity="share of the variance by input", value=100 * float(v[k]) / total,
               unit="%", labels=labels | {"source": part}, estimated=base.estimated, why=_SHARE)
        for part, v in found.parts.items()
    ]  # fmt: skip
    regions, sectors = asked.mrio.regions, asked.mrio.sectors
    top = np.argsort(-found.by_country[k], kind="stable")[:limit]
    figures += [
        Figure(quantity="share of the variance by country of the data",
               value=100 * float(found.by_country[k, i]) / total, unit="%", why=_SHARE,
               labels=labels | {"partner": regions[int(i)]}, estimated=base.estimated)
        for i in top
    ]  # fmt: skip
    best = [int(i) for i in np.argsort(-found.by_industry[k], kind="stable")[:limit]]
    figures += [
        Figure(quantity="share of the variance by industry", unit="%", why=_SHARE,
               value=100 * float(found.by_industry[k, i]) / total,
               labels=labels | {"sector": sectors[i]}, estimated=base.estimated)
        for i in best
    ]  # fmt: skip
    return ToolResult(
        title=f"Where the error of {code}'s footprint comes from, {stressor} {asked.year}",
        read_as=asked.read, figures=tuple(figures), items=sector_items([sectors[i] for i in best]),
        **about(base, more=[f"{found.basis}"]),
    )  # fmt: skip


@tool(
    "uncertainty",
    "Sobol indices of a footprint's inputs",
    cost="slow",
    examples=({"region": "China", "sample": 16},),
)
def sobol(
    region: Region,
    gas: Gas = "GHG",
    sample: Annotated[
        Literal[16, 32, 64, 128], Field(description="base sample; more is surer and slower")
    ] = 64,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Which inputs explain the variance of a footprint, alone and with interactions (Sobol).

    As `drivers`, without linearisation, by drawing tables: minutes. Each index has the error of
    the sample as its interval.
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    k = asked.mrio.regions.index(code)
    _served(asked.mrio)
    base, _ = accounted(asked.mrio, "consumption", stressor)
    with quietly():
        found = sobol_of_accounts(
            asked.mrio, default_errors(asked.mrio, stressor), stressor=stressor, n=sample,
            progress=_teller("tables drawn"),
        )  # fmt: skip
    labels = asked.labels(region=code, gas=stressor, principle="consumption")
    figures = []
    for name, value, error in (
        ("first-order Sobol index", found.first, found.first_error),
        ("total Sobol index", found.total, found.total_error),
    ):
        for g, group in enumerate(found.groups):
            figures.append(
                Figure(quantity=name, value=float(value[g, k]), unit="1",
                       low=float(value[g, k] - error[g, k]), high=float(value[g, k] + error[g, k]),
                       level=0.95, labels=labels | {"source": group}, estimated=base.estimated)
            )  # fmt: skip
    return ToolResult(
        title=f"Sobol indices of {code}'s footprint, {stressor} {asked.year}",
        read_as=asked.read, figures=tuple(figures),
        **about(base, more=[f"{found.evaluations} tables drawn; {found.basis}"]),
    )  # fmt: skip


@tool(
    "uncertainty",
    "Input coefficients on which a footprint depends most",
    examples=({"region": "USA", "limit": 3}, {"region": "Japan", "origin": "China"}),
)
def important_inputs(
    region: Annotated[Region, Field(description="whose final demand; everybody's if empty")] = "",
    origin: Annotated[Region, Field(description="only what is emitted there")] = "",
    gas: Gas = "GHG",
    limit: Limit = 5,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """The most important input coefficients of a footprint: elasticity in % per %, and tolerance.

    Use it for "which flows matter most for X's footprint". Tolerance: change in % of the
    coefficient that moves the footprint by one per cent. Route: supplier -> user; region emits,
    partner consumes.
    """
    asked = Question(table_name, year)
    who, where = (asked.region(one) if one else None for one in (region, origin))
    stressor = asked.gas(gas)
    found = mc.important_coefficients(
        asked.mrio, stressor=stressor, consumer=who, emitter=where, top=limit
    )
    base = asked.labels(region=where or "WLD", partner=who or "WLD", gas=stressor)
    estimated = any(note.estimated for note in found.notes)
    figures, sectors = [], []
    for rank, one in enumerate(found.top, start=1):
        labels = base | {
            "route": f"{' '.join(one.supplier)} -> {' '.join(one.user)}", "rank": str(rank),
        }  # fmt: skip
        sectors += [one.supplier[1], one.user[1]]
        why = "no interval: an exact derivative of the table"
        for quantity, value, unit in (
            ("elasticity of the footprint", one.elasticity, "% / %"),
            ("tolerance of the coefficient", one.tolerance, "%"),
        ):
            if math.isfinite(value):
                figures.append(
                    Figure(quantity=quantity, value=value, unit=unit, labels=labels,
                           estimated=estimated, why=why)
                )  # fmt: skip
    return ToolResult(
        title=f"Important inputs: {found.account}, {stressor} {asked.year}", read_as=asked.read,
        figures=tuple(figures), items=sector_items(sectors),
        **described(found.provenance, found.notes),
    )  # fmt: skip
