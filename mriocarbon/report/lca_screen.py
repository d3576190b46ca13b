"""A carbon footprint on the screen: the answer, its parts, checks and gaps, from 80 columns up."""

from __future__ import annotations

from rich.console import Console

from mriocarbon.lca.checks import STEPS, counts
from mriocarbon.lca.comparison import Comparison
from mriocarbon.lca.study import Assessment
from mriocarbon.report import text as t
from mriocarbon.report.lca_tables import STEP_NAMES
from mriocarbon.report.lca_view import STATUS, View, named, percent, plain
from mriocarbon.report.lca_words import headline, sentences
from mriocarbon.report.screen import say, table

NOTES = 12


def show(found: Assessment, console: Console) -> None:
    """Print an assessment."""
    view = View(found)
    say(console, found.study.title, "bold")
    say(console, found.study.goal.question, "dim")
    console.print()
    say(console, headline(view), "bold")
    for line in sentences(view):
        say(console, line)
    say(console, "Every figure is an estimate; the report lists assumptions and sources.", "dim")
    console.print()
    parts = found.interpretation.contributions
    rows = [
        [_short(named(p.name)), view.amount(p.value), percent(p.share)]
        for p in (parts.stage if len(parts.stage) > 1 else ())
    ]
    if rows:
        table(console, f"Stages, {view.unit}", ["stage", view.unit, "%"], rows)
    rows = [
        [_short(named(p.name)), view.amount(p.value), percent(p.share)] for p in parts.process[:8]
    ]
    if rows:
        table(console, f"Processes by what they emit themselves, {view.unit}",
              ["process", view.unit, "%"], rows)  # fmt: skip
    rows = [
        [_short(named(p.name)), t.number(p.elasticity, 2) if p.elasticity is not None else "",
         percent(p.sd) if p.sd is not None else "none"]
        for p in found.interpretation.sensitivity.parameters[:6]
    ]  # fmt: skip
    if rows:
        table(console, "Numbers that move it most", ["number", "elasticity", "sd, %"], rows)
    rows = []
    for step in STEPS:
        number = counts(c for c in found.checks if c.step == step)
        rows.append([STEP_NAMES[step], *(str(number[s]) for s in STATUS)])
    table(console, "Checks", ["step", *STATUS.values()], rows)
    notes = [c for c in found.checks if c.status in ("fail", "warn")]
    notes.sort(key=lambda c: c.status != "fail")
    for c in notes[:NOTES]:
        say(console, f"{'NOT MET' if c.status == 'fail' else 'note'}: {c.name}: {c.detail}")
    if len(notes) > NOTES:
        say(console, f"and {len(notes) - NOTES} more notes; the report has all", "dim")
    if found.comparison is not None:
        console.print()
        show_comparison(found.comparison, console)


def show_comparison(found: Comparison, console: Console) -> None:
    """Print a comparison."""
    rows = [
        [name, plain(total), f"{plain(low)} to {plain(high)}"]
        for name, total, (low, high) in zip(("A", "B"), found.totals, found.intervals, strict=True)
    ]
    low, high = found.interval
    rows.append(["A - B", plain(found.difference), f"{plain(low)} to {plain(high)}"])
    say(console, f"A: {found.first}")
    say(console, f"B: {found.second}")
    table(console, "kg CO2e for the functional unit", ["", "result", "95 % interval"], rows)
    same = found.interval == (0.0, 0.0) and found.difference == 0
    lower = "A and B are equal in all" if same else f"A is lower in {percent(found.share_lower)} %"
    say(console, f"{lower} of {len(found.draws.scores):,} paired draws; {found.shared} processes"
                  " are shared.")  # fmt: skip
    if found.unlike:
        say(console, f"Note: the two differ in {'; '.join(found.unlike)}"
                      " (ISO 14044:2006, 4.2.3.7).")  # fmt: skip
    say(console, t.capital(found.verdict) + ".", "bold")


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"
