"""Exported technology on the screen: the answer, scenarios, manufacture, payback."""

from __future__ import annotations

from rich.console import Console

from mriocarbon.report.avoided_page import COMPARATIVE
from mriocarbon.report.avoided_tables import HOLDS
from mriocarbon.report.avoided_view import (
    MARGIN_WORDS,
    UNIT,
    View,
    figures,
    place,
    span,
    year_span,
    years,
)
from mriocarbon.report.screen import say, table
from mriocarbon.studies.green_exports_2024 import GreenExports

__all__ = ["show"]

TOP = 8


def show(study: GreenExports, console: Console) -> None:
    """Print a study."""
    view = View(study)
    say(console, view.title, "bold")
    console.print()
    say(console, view.headline, "bold")
    say(console, COMPARATIVE)
    say(console, "Every figure is an estimate; the report says what each rests on.", "dim")
    console.print()
    claim = study.claim
    sign = HOLDS if (console.encoding or "utf-8").lower().startswith("utf") else "*"
    rows = [
        [s.horizon, s.scope, MARGIN_WORDS[s.margin],
         figures(s.amount.value) + (sign if claim and s.amount.holds(claim.avoided) else ""),
         span(s.amount), "upper bound" if s.bound else ""]
        for s in sorted(study.scenarios, key=lambda s: s.horizon)
    ]  # fmt: skip
    table(console, f"Avoided, {UNIT}", ["horizon", "counted", "displaces", "value", "95 %", ""],
          rows, left=3)  # fmt: skip
    rows = [
        [m.definition,
         figures(m.amount.value) + (sign if claim and m.amount.holds(claim.made) else ""),
         span(m.amount), figures(m.per_kw)]
        for m in study.manufactures if m.scope == study.scope
    ]  # fmt: skip
    table(console, f"Manufacture of {study.scope}, {UNIT}",
          ["definition", "value", "95 %", "kg per kW"], rows)  # fmt: skip
    rows = [
        [f"{name}, by {'stages' if method == 'process' else 'the table'}", years(p.value),
         year_span(p)]
        for (name, method), p in study.paybacks.items()
    ]  # fmt: skip
    table(console, "Carbon payback, years of operation", ["", "years", "95 %"], rows)
    frame = study.avoided.by_destination.head(TOP)
    rows = [
        [place(str(code)), figures(float(r["mw"])), figures(float(r["first_year"])),
         f"{figures(float(r['low']))} to {figures(float(r['high']))}"]
        for code, r in frame.iterrows()
    ]  # fmt: skip
    table(console, f"Largest destinations, first year, {UNIT}",
          ["destination", "MW", "value", "95 %"], rows)  # fmt: skip
    if claim is not None:
        say(console, f"{sign} the interval holds the claim ({claim.source})", "dim")
        console.print()
        for line in study.verdict:
            say(console, line)
    for text in study.missing:
        say(console, f"missing: {text}", "dim")
