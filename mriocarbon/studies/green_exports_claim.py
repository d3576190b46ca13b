"""A published claim about exported technology, and what the numbers say of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mriocarbon.avoided.amount import Amount
from mriocarbon.avoided.avoided import Avoided
from mriocarbon.model.brief import brief

__all__ = ["CLAIM", "GATE", "OTHERS", "Claim", "Made", "Other", "Scenario", "verdict"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What was published: emitted in manufacture and avoided, Mt CO2."""

    exporter: str
    year: int
    made: float
    avoided: float
    source: str


CLAIM = Claim(
    "CHN", 2024, 2.0, 350.0,
    "press, April 2026: wind and photovoltaic products exported by China in 2024 emitted about 2 Mt"
    " in manufacture and avoid about 350 Mt; no method, scope or data were published",
)  # fmt: skip


GATE = "cradle to gate, stage by stage"
"""Definition of manufacture that the headline uses."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another published estimate of the same exports."""

    what: str
    value: float
    unit: str
    source: str
    status: str


_CREA = (
    "Myllyvirta (Centre for Research on Energy and Clean Air) for Carbon Brief, July 2025: solar"
    " panels, batteries, electric vehicles and wind turbines exported by China in 2024"
)
_READ = "opened in reports about it, not in the original"
OTHERS = (
    Other("avoided in a year", 220.0, "Mt CO2", _CREA, _READ),
    Other("avoided in a year, with China's plants and projects abroad", 350.0, "Mt CO2", _CREA,
          _READ),
    Other("avoided over the life", 4000.0, "Mt CO2", _CREA, _READ),
    Other("emitted in manufacture in China", 110.0, "Mt CO2", _CREA, _READ),
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Scenario:
    """One way to count what is avoided.

    Attributes
    ----------
    scope, margin, horizon : str
    amount : Amount
        All of it, Mt CO2e.
    by_value : Amount or None
        The exporter's part by share of value, Mt CO2e; None where it cannot be told.
    bound : str
        Why it is an upper bound, "" if it is none.
    grid_years, yield_years : str
        Of the grid factors and of the capacity factors.
    """

    scope: str
    margin: str
    horizon: str
    amount: Amount
    by_value: Amount | None
    bound: str
    grid_years: str
    yield_years: str

    __repr__ = brief

    @property
    def name(self) -> str:
        """The scenario in words."""
        return f"{self.scope}, {self.margin} margin, {self.horizon}".replace(
            "average margin", "average factor"
        )


@dataclass(frozen=True, eq=False, slots=True)
class Made:
    """One way to count manufacture; Mt CO2e, and kg CO2e per kW of all capacity in the scope."""

    definition: str
    scope: str
    method: str
    amount: Amount
    per_kw: float

    __repr__ = brief

    @property
    def name(self) -> str:
        """The definition and scope in words."""
        return f"{self.definition} ({self.scope})"


def _distance(value: float, claim: float) -> float:
    return abs(math.log(value / claim)) if value > 0 else math.inf


def _told(amount: Amount) -> str:
    return f"{_number(amount.value)} Mt ({_number(amount.low)} to {_number(amount.high)})"


def _number(value: float) -> str:
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(digits, 2)}f}"


def _beside(claim: float, amount: Amount) -> str:
    """Where the claimed number lies against an interval."""
    if amount.holds(claim):
        return "inside the interval"
    times = claim / amount.value if amount.value else math.inf
    side = "above" if claim > amount.high else "below"
    return f"{side} the interval, at {times:.2g} times the central value"


def verdict(
    claim: Claim,
    scenarios: Sequence[Scenario],
    manufactures: Sequence[Made],
    scope: str,
    margin: str,
    returns: Amount,
    head: Avoided,
) -> tuple[str, ...]:
    """Return what the numbers say of a claim, in sentences computed from them.

    Parameters
    ----------
    claim : Claim
    scenarios, manufactures : sequence of Scenario and of Made
    scope, margin : str
        Of the headline.
    returns : Amount
        Avoided over the life for each tonne emitted, cradle to gate.
    head : Avoided
        Of the headline.

    Returns
    -------
    tuple of str
        About what is avoided, about manufacture, about the ratio.
    """
    holding = [s for s in scenarios if s.amount.holds(claim.avoided)]
    nearest = min(scenarios, key=lambda s: _distance(s.amount.value, claim.avoided))
    by_value = [s for s in scenarios if s.by_value is not None]
    value_holding = [s for s in by_value if s.by_value and s.by_value.holds(claim.avoided)]
    out = [
        f"{claim.avoided:g} Mt avoided: the 95 % intervals of {len(holding)} of {len(scenarios)}"
        f" scenarios hold it{_names([s.name for s in holding])}. The nearest is {nearest.name}:"
        f" {_told(nearest.amount)}."
    ]
    for horizon in ("first year", "lifetime"):
        for one in scenarios:
            if (one.scope, one.margin, one.horizon) == (scope, margin, horizon):
                out.append(
                    f"{scope[0].upper() + scope[1:]} at the {margin} margin, {horizon}:"
                    f" {_told(one.amount)}; {claim.avoided:g} Mt is"
                    f" {_beside(claim.avoided, one.amount)}."
                )
    twh = head.generation.value
    if twh > 0:
        implied = 1e3 * claim.avoided / twh
        own = 1e3 * head.first_year.value / twh
        out.append(
            f"In one year these exports generate {twh:,.0f} TWh; {claim.avoided:g} Mt would be"
            f" {implied:,.0f} g for each kWh, the {margin} margin gives {own:,.0f} g."
        )
    if by_value:
        out.append(
            f"By the exporter's share of the value, {len(value_holding)} of {len(by_value)}"
            f" scenarios hold {claim.avoided:g} Mt{_names([s.name for s in value_holding])}."
        )
    whole = [m for m in manufactures if m.scope == scope and m.amount.value > 0]
    parts = [m for m in manufactures if m.scope != scope and m.definition == GATE]
    made = [m.definition for m in whole if m.amount.holds(claim.made)]
    near = min(whole, key=lambda m: _distance(m.amount.value, claim.made))
    out.append(
        f"{claim.made:g} Mt in manufacture: for {scope}, the intervals of {len(made)} of"
        f" {len(whole)} definitions hold it{_names(made)}. The nearest is {near.definition}:"
        f" {_told(near.amount)}."
    )
    out += [
        f"From cradle to gate, {claim.made:g} Mt is inside the interval of {m.scope}:"
        f" {_told(m.amount)}."
        for m in parts
        if m.amount.holds(claim.made)
    ]
    for gate in manufactures:
        if gate.scope == scope and gate.definition == GATE:
            kw = gate.amount.value * 1e9 / gate.per_kw
            mean = claim.made * 1e9 / kw
            out.append(
                f"From cradle to gate, {scope}: {_told(gate.amount)}; {claim.made:g} Mt is"
                f" {_beside(claim.made, gate.amount)}. Spread over the capacity it would be"
                f" {mean:.1f} kg CO2e per kW, {100 * mean / gate.per_kw:.1f} % of the"
                f" {gate.per_kw:.0f} kg found here."
            )
    out.append(
        f"The claim has {claim.avoided / claim.made:.0f} t avoided for each tonne emitted; over the"
        f" life and from cradle to gate it is {returns.value:.0f} ({returns.low:.0f} to"
        f" {returns.high:.0f}) here."
    )
    return (_summary(claim, holding, scenarios, made, whole), *out)


def _summary(
    claim: Claim,
    holding: Sequence[Scenario],
    scenarios: Sequence[Scenario],
    made: Sequence[str],
    whole: Sequence[Made],
) -> str:
    """Return both numbers in one sentence, with what the scenarios that hold them share."""
    shared = []
    horizons = {s.horizon for s in holding}
    if len(horizons) == 1:
        shared.append(f"of the {horizons.pop()}")
    if holding and all(s.bound for s in holding):
        shared.append("upper bounds")
    common = f", all of them {' and '.join(shared)}" if shared and len(holding) > 1 else ""
    gate = [name for name in made if name.startswith("cradle to gate")]
    told = "" if not made else ", none of them from cradle to gate" if not gate else ""
    return (
        f"The claimed {claim.avoided:g} Mt avoided lies in the intervals of {len(holding)} of"
        f" {len(scenarios)} scenarios{common}; the claimed {claim.made:g} Mt in manufacture in"
        f" those of {len(made)} of {len(whole)} definitions for the same exports{told}."
    )


def _names(names: Sequence[str], most: int = 6) -> str:
    if not names:
        return ""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ": " + "; ".join(names[:most]) + rest
