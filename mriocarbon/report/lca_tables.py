"""The tables of a footprint's page as plain data; the template only sets them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mriocarbon.lca.checks import STEPS, Check
from mriocarbon.lca.contribution import Part
from mriocarbon.report import text as t
from mriocarbon.report.lca_view import DASH, STATUS, UNKNOWN, View, named, percent, plain
from mriocarbon.report.page import Cell, Line, Table, heads

__all__ = ["MOST", "check_tables", "tables"]

MOST = 15
"""Rows of a list on the page; the CSV beside it has all."""
STEP_NAMES = {
    "goal": "Goal and scope", "inventory": "Inventory", "impact": "Impact assessment",
    "interpretation": "Interpretation",
}  # fmt: skip


def tables(view: View) -> dict[str, Table]:
    """Return all tables that have rows, by name."""
    made = {
        "categories": _parts(view, "category", "Parts of the footprint that ISO 14067 tells apart",
                             "They do not overlap and add up to the result."),
        "stages": _parts(view, "stage", "Stages of the life cycle",
                         "Background processes count with the stage that asks for them."),
        "gases": _parts(view, "gas", "Greenhouse gases", ""),
        "processes": _processes(view),
        "flows": _parts(view, "flow", "Elementary flows", ""),
        "tree": _tree(view),
        "left": _left(view),
        "sensitivity": _sensitivity(view),
        "sobol": _sobol(view),
        "scenarios": _scenarios(view),
        "spread": _spread(view),
        "comparison": _comparison(view),
        "assumptions": _assumptions(view),
        "sources": _sources(view),
    }  # fmt: skip
    return {name: table for name, table in made.items() if table.lines}


def check_tables(view: View) -> dict[str, Table]:
    """Return the records of each step."""
    return {
        step: Table(
            f"{STEP_NAMES[step]}: what was checked",
            "Not checked is no pass. Clause: where the requirement stands; without one it is"
            " our own. Clauses are cited from memory, not checked against the standards.",
            heads("Requirement", "Status", "Finding", "Clause"),
            [_check(c) for c in view.found.checks if c.step == step],
        )
        for step in STEPS
    }  # fmt: skip


def _check(check: Check) -> Line:
    return Line(
        t.capital(check.name),
        [Cell(STATUS[check.status], words=True), Cell(check.detail or DASH, words=True),
         Cell(check.clause or DASH, words=True)],
        f"check {check.status}",
    )  # fmt: skip


def _more(count: int, shown: int, file: str) -> str:
    rest = count - shown
    return f" The largest {shown} of {count}; all are in {file}." if rest > 0 else ""


_FIRST = {"category": "Part", "stage": "Stage", "gas": "Gas", "flow": "Flow"}


def _parts(view: View, kind: str, title: str, caption: str) -> Table:
    parts: Sequence[Part] = getattr(view.found.interpretation.contributions, kind)
    shown, small = (parts, ()) if kind == "category" else worth_showing(parts, MOST)
    rows = [
        Line(t.capital(p.name) if kind in ("stage", "category") else p.name,
             [Cell(view.amount(p.value)), Cell(percent(p.share))])
        for p in shown
    ]  # fmt: skip
    if small:
        rest = sum(p.value for p in small)
        total = view.found.total
        rows.append(Line(f"{len(small)} smaller, together",
                         [Cell(view.amount(rest)), Cell(percent(rest / total if total else None))],
                         "option"))  # fmt: skip
    if len(rows) > 1:
        rows[-1] = Line(rows[-1].label, rows[-1].cells, f"{rows[-1].style} rule".strip())
        rows.append(Line("Result", [Cell(view.amount(view.found.total)), Cell("100.0")]))
    more = " All are in contributions.csv." if small else ""
    text = f"{caption} {view.unit}; share of the result in percent.{more}"
    return Table(title, text.strip(), heads(_FIRST[kind], view.unit, "Share, %"), rows)


def worth_showing(parts: Sequence[Part], most: int) -> tuple[Sequence[Part], Sequence[Part]]:
    """Return the parts to list, and those that are too small or too many to be listed."""
    whole = sum(abs(p.value) for p in parts)
    count = sum(abs(p.value) >= 5e-4 * whole for p in parts)
    keep = min(max(count, 1), most)
    if len(parts) - keep == 1:
        keep = len(parts)  # one alone is no "others"
    return parts[:keep], parts[keep:]


def _processes(view: View) -> Table:
    parts = view.found.interpretation.contributions.process
    hot = {p.name for p in view.found.interpretation.contributions.hotspots}
    rows = [
        Line(named(p.name), [Cell(p.stage or DASH, words=True), Cell(view.amount(p.value)),
                      Cell(percent(p.share)), Cell("yes" if p.name in hot else "", words=True)])
        for p in parts[:MOST]
    ]  # fmt: skip
    return Table(
        "Processes by what they emit themselves",
        f"{view.unit}; share of the result in percent. Hotspot: among the fewest processes that"
        " emit at least 80 % of all." + _more(len(parts), len(rows), "contributions.csv"),
        heads("Process", "Stage", view.unit, "Share, %", "Hotspot"),
        rows,
    )  # fmt: skip


def _tree(view: View) -> Table:
    nodes = [n for n in view.found.interpretation.contributions.tree if n.depth <= 4]
    total = view.found.total
    children: dict[int, list[int]] = {}
    for k, node in enumerate(nodes):
        children.setdefault(node.parent, []).append(k)
    rows: list[Line] = []

    def walk(k: int) -> None:
        node = nodes[k]
        rows.append(
            Line(
                "\u00a0\u00a0" * node.depth + named(node.process),
                [Cell(f"{plain(node.amount)} {node.unit}", words=True),
                 Cell(view.amount(node.score)),
                 Cell(percent(node.score / total if total else None)),
                 Cell(view.amount(node.direct)), Cell(view.amount(node.rest))],
            )
        )  # fmt: skip
        for child in children.get(node.number, []):
            walk(child)

    for k in children.get(-1, []):
        walk(k)
    return Table(
        "Paths of supply",
        f"{view.unit}. Cradle to gate: of what is delivered. Own: emitted by the process itself."
        " Further: inputs that are not listed one by one. Branches below 1 % of the result are"
        " not listed; depth up to four.",
        heads("Process", "Delivers", "Cradle to gate", "Share, %", "Own", "Further"),
        rows[:40],
    )


def _left(view: View) -> Table:
    left = view.found.interpretation.completeness.left
    rows = [
        Line(one.what, [
            Cell(DASH if one.amount is None else f"{plain(one.amount)} {one.unit}", words=True),
            Cell(("at most " if one.most else "") + view.amount(one.estimate)
                 if one.estimate is not None else UNKNOWN),
            Cell(one.reason + (f"; {one.how}" if one.how else ""), words=True)])
        for one in left[:MOST]
    ]  # fmt: skip
    return Table(
        "What is not in the result",
        f"What each would add, {view.unit}, estimated from the table where it can be. Unknown is"
        " not zero." + _more(len(left), len(rows), "left_out.csv"),
        heads("What", "Amount", f"Would add, {view.unit}", "Why, and how estimated"),
        rows,
    )


def _sensitivity(view: View) -> Table:
    moved = view.found.interpretation.sensitivity
    rows = [
        Line(named(p.name), [
            Cell(t.number(p.elasticity, 3) if p.elasticity is not None else DASH),
            Cell(view.amount(p.doubling * 0.1, sign=True)),
            Cell(percent(p.sd) if p.sd is not None else "none stated"),
            Cell(percent(p.variance_share) if p.sd is not None else DASH)])
        for p in moved.parameters[:MOST]
    ]  # fmt: skip
    return Table(
        "Numbers that move the result most",
        f"Of {moved.numbers:,} numbers within reach, all by derivatives at once. Elasticity:"
        f" relative change of the result per relative change of the number. +10 %: {view.unit}, to"
        " first order. Standard deviation relative to the number; share of the first-order"
        " variance.",
        heads("Number", "Elasticity", "+10 %", "Standard deviation, %", "Share of variance, %"),
        rows,
    )  # fmt: skip


def _sobol(view: View) -> Table:
    moved = view.found.interpretation.sensitivity
    rows = [
        Line(named(p.name), [
            Cell(percent(p.first), f"±{percent(p.first_error)}"),
            Cell(percent(p.total), f"±{percent(p.total_error)}")])
        for p in moved.sobol
    ]  # fmt: skip
    return Table(
        "Sobol indices of the most important numbers",
        "Share of the variance of the result in percent: of the number alone (first order) and"
        " with all that it acts together with (total). Half a 95 % interval below; a share below"
        f" zero is within its error. {moved.evaluations:,} solves.",
        heads("Number", "First order, %", "Total, %"),
        rows,
    )


def _scenarios(view: View) -> Table:
    rows = [
        Line(f"{t.capital(s.choice)}: {s.value}", [
            Cell(view.amount(s.total) if s.total is not None else DASH),
            Cell(t.percent(100 * s.change) if s.change is not None else DASH),
            Cell(s.why or DASH, words=True)])
        for s in view.found.interpretation.scenarios
    ]  # fmt: skip
    if rows:
        rows.insert(0, Line("As in this study", [Cell(view.amount(view.found.total)), Cell("0.0"),
                                                 Cell(DASH, words=True)], "rule"))  # fmt: skip
    return Table(
        "The same study under other choices",
        f"{view.unit}; change against this study in percent. What could not be computed says why.",
        heads("Choice", view.unit, "Change, %", "Note"),
        rows,
    )


def _spread(view: View) -> Table:
    wide = view.found.interpretation.spread
    if wide is None:
        return Table("", "", heads(""))
    rows = [
        Line("As stated", [Cell(view.amount(wide.point))]),
        Line("Median", [Cell(view.amount(wide.median))]),
        Line("Mean", [Cell(view.amount(wide.mean))]),
        Line("Standard deviation", [Cell(view.amount(wide.sd))]),
        Line("Standard deviation to first order", [Cell(view.amount(wide.first_order_sd))]),
        Line("2.5 % quantile", [Cell(view.amount(wide.low))]),
        Line("97.5 % quantile", [Cell(view.amount(wide.high))]),
    ]
    return Table(
        "Distribution of the result",
        f"{view.unit}. {wide.draws:,} draws of {wide.uncertain:,} numbers with a distribution,"
        f" seed {wide.seed}; {wide.failed:,} draws without a solution; {wide.held:,} numbers are"
        " held, sizes of processes among them.",
        heads("Figure", view.unit),
        rows,
    )


def _comparison(view: View) -> Table:
    c = view.found.comparison
    if c is None:
        return Table("", "", heads(""))
    rows = [
        Line(name, [Cell(view.amount(total), view.between(*interval))])
        for name, total, interval in zip((c.first, c.second), c.totals, c.intervals, strict=True)
    ]
    rows.append(Line("First less second", [Cell(view.amount(c.difference, sign=True),
                                                view.between(*c.interval))]))  # fmt: skip
    rows.append(Line("Draws in which the first is lower, %", [Cell(percent(c.share_lower))]))
    if c.correlation is not None:
        rows.append(Line("Correlation of the two", [Cell(t.number(c.correlation, 2))]))
    rows.append(Line("Processes shared by both", [Cell(str(c.shared))]))
    return Table(
        "Two products in one system",
        f"{view.unit} for the functional unit, with 95 % intervals. Paired draws: what both share"
        f" moves together. They are {len(c.draws.scores):,} draws of both at once, others than"
        " those of the result alone, so the ends of its interval differ a little between the two.",
        heads("", view.unit),
        rows,
    )


def _assumptions(view: View) -> Table:
    rows = [
        Line(str(k), [
            Cell(one.text, words=True),
            Cell(view.amount(one.effect) if one.effect is not None else UNKNOWN),
            Cell(one.meaning or DASH, words=True)])
        for k, one in enumerate(view.found.assumptions, start=1)
    ]  # fmt: skip
    return Table(
        "Assumptions and what they do to the result",
        f"Effect in {view.unit}; unknown is not zero.",
        heads("No.", "Assumption", f"Effect, {view.unit}", "The effect is"),
        rows,
    )


def _sources(view: View) -> Table:
    return Table("Data", "", heads("Source", "Citation", "Licence"), list(_cited(view)))


def _cited(view: View) -> Iterable[Line]:
    for s in view.found.sources:
        text = s.citation or s.name
        more = "; ".join(x for x in (s.edition and f"edition {s.edition}", s.url) if x)
        yield Line(s.name, [Cell(f"{text}; {more}" if more else text, words=True),
                            Cell(s.licence or "not stated", words=True)])  # fmt: skip
