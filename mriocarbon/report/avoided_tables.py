"""The tables of the page on exported technology."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mriocarbon.avoided.amount import Amount
from mriocarbon.avoided.attribution import RULES
from mriocarbon.avoided.drawn import parameters
from mriocarbon.avoided.inputs import inputs
from mriocarbon.avoided.manufacture_published import against_published
from mriocarbon.report import text as t
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
from mriocarbon.report.page import Cell, Head, Line, Table, heads
from mriocarbon.studies.green_exports_2024 import HORIZONS
from mriocarbon.studies.green_exports_claim import GATE, OTHERS

__all__ = ["HOLDS", "MOST", "tables"]

MOST = 20
HOLDS = "‡"
DASH = "–"


def tables(view: View) -> dict[str, Table]:
    """Return all tables that have rows, by name."""
    made = {
        "scenarios": _scenarios(view),
        "manufactures": _manufactures(view),
        "others": _others(view),
        "payback": _payback(view),
        "attribution": _attribution(view),
        "destinations": _destinations(view),
        "stages": _stages(view),
        "published": _published(view),
        "parameters": _parameters(view),
        "inputs": _inputs(view),
        "end_of_life": _end_of_life(view),
        "left_out": _left_out(view),
    }
    return {name: table for name, table in made.items() if table.lines}


def _cell(amount: Amount | None, claim: float | None = None) -> Cell:
    if amount is None:
        return Cell("not known")
    mark = HOLDS if claim is not None and amount.holds(claim) else ""
    return Cell(figures(amount.value) + mark, span(amount))


def _scenarios(view: View) -> Table:
    study = view.study
    claim = None if study.claim is None else study.claim.avoided
    by = {(s.scope, s.margin, s.horizon): s for s in study.scenarios}
    margins = [m for m in ("average", "combined", "operating") if any(k[1] == m for k in by)]
    lines = []
    for horizon in HORIZONS:
        for scope in dict.fromkeys(s.scope for s in study.scenarios):
            row = [by[scope, m, horizon] for m in margins]
            style = "rule" if horizon == HORIZONS[0] else ""
            bound = "upper bound: " if "cells" in row[0].bound else ""
            lines.append(
                Line(
                    f"{t.capital(horizon)}: {bound}{scope}",
                    [*(_cell(s.amount, claim) for s in row), _cell(row[1].by_value, claim)],
                    style
                    if scope == list(dict.fromkeys(s.scope for s in study.scenarios))[-1]
                    else "",
                )
            )
    years_ = {m: next(s for s in study.scenarios if s.margin == m) for m in margins}
    told = "; ".join(f"{MARGIN_WORDS[m]} of {s.grid_years}" for m, s in years_.items())
    mark = f" {HOLDS} the interval holds {claim:g} Mt." if claim is not None else ""
    return Table(
        "What is avoided, by what is counted, what a kWh displaces and how long",
        f"{UNIT}, with 95 % intervals. Grid factors: {told}; capacity factors of"
        f" {study.scenarios[0].yield_years}. {view.bounds} Scenarios share most of their inputs and"
        f" are no independent evidence.{mark}",
        [
            [Head("Scenario"), *(Head(MARGIN_WORDS[m]) for m in margins),
             Head("by share of value, combined margin")],
        ],
        lines,
    )  # fmt: skip


def _manufactures(view: View) -> Table:
    study = view.study
    claim = None if study.claim is None else study.claim.made
    scopes = list(dict.fromkeys(m.scope for m in study.manufactures))
    by = {(m.definition, m.scope): m for m in study.manufactures}
    lines = []
    for definition in dict.fromkeys(m.definition for m in study.manufactures):
        main = by[definition, study.scope]
        lines.append(
            Line(
                t.capital(definition),
                [*(_cell(by[definition, s].amount, claim) for s in scopes),
                 Cell(figures(main.per_kw))],
                "over" if definition == GATE else "",
            )
        )  # fmt: skip
    mark = f" {HOLDS} the interval holds {claim:g} Mt." if claim is not None else ""
    table = ""
    if any(m.method == "mrio" for m in study.manufactures):
        name = "" if study.made_table is None else f", {study.made_table.table}"
        table = f" By the table: multipliers of the industries of the exporter{name}."
        moved = [note.text for note in study.notes if note.about == "prices"]
        table += "".join(f" At prices of the export: {text}." for text in moved)
    return Table(
        "What the making emitted, by definition and by what is counted",
        f"{UNIT}, with 95 % intervals; last column kg CO2e per kW of {study.scope}. Ex works:"
        f" no transport to the destination, mounting, inverter or foundation.{table}{mark}",
        heads("Definition", *scopes, f"per kW, {study.scope}"),
        lines,
    )


def _others(view: View) -> Table:
    if view.study.claim is None:
        return Table("", "", heads(""))
    return Table(
        "Another published estimate of exports of that year",
        f"{OTHERS[0].source}: other goods are in it ({OTHERS[0].status}).",
        heads("Estimate", "Mt CO2"),
        [Line(t.capital(o.what), [Cell(figures(o.value))]) for o in OTHERS],
    )


def _payback(view: View) -> Table:
    words = {"process": "by stages", "mrio": "by the table"}
    lines = [
        Line(
            f"{t.capital(name)}, manufacture {words[method]}",
            [Cell(years(p.value)), Cell(year_span(p)),
             Cell(t.number(100 * p.never, 1))],
        )
        for (name, method), p in view.study.paybacks.items()
    ]  # fmt: skip
    return Table(
        "Carbon payback time",
        f"Years of operation until what is avoided equals what the making emitted, at the"
        f" {view.margin}, from paired draws; all that is avoided, whoever it belongs to. Last"
        " column: share of the draws, in per cent, without payback within the lifetime.",
        heads("Products and method", "years", "95 % interval", "never, %"),
        lines,
    )


def _attribution(view: View) -> Table:
    study = view.study
    if "value" not in study.shares:
        return Table("", "", heads(""))
    value = study.shares["value"]
    names = {n.text.split(":", 1)[0]: n.text.split(": ", 1)[1] for n in value.notes}
    lines = [
        Line(t.capital(product),
             [Cell("100"), Cell(t.number(100 * share.value, 1),
                   f"{t.number(100 * share.low, 1)} to {t.number(100 * share.high, 1)}"),
              Cell(names.get(product, DASH), words=True)])
        for product, share in value.shares.items()
    ]  # fmt: skip
    return Table(
        "What part of it belongs to the exporter: two rules",
        f"Per cent of what each product avoids. All: {RULES['all']}. By value: {RULES['value']}."
        " There is no agreed rule. Installed cost: IRENA's world averages of 2024 (read in a report"
        " about them) with assumed ranges.",
        heads("Product", "all", "by value", "how"),
        lines,
    )


def _destinations(view: View) -> Table:
    head = view.study.avoided
    frame = head.by_destination
    rows = head.rows
    lines = []
    for code, r in frame.head(MOST).iterrows():
        own = rows[rows["destination"] == code]
        weight = own["mw"] / own["mw"].sum() if own["mw"].sum() > 0 else own["mw"]
        mark = t.DAGGER if bool(r["factors_estimated"]) else ""
        told = t.DAGGER if bool(r["capacity_estimated"]) else ""
        lines.append(
            Line(
                place(str(code)),
                [Cell(t.number(r["mw"], 0) + told),
                 Cell(t.number(100 * float((weight * own["capacity_factor"]).sum()), 1)),
                 Cell(t.number(float((weight * own["grid_factor"]).sum()), 0)),
                 Cell(figures(r["first_year"]) + mark,
                      f"{figures(r['low'])} to {figures(r['high'])}"),
                 Cell(figures(r["lifetime"]) + mark,
                      f"{figures(r['lifetime_low'])} to {figures(r['lifetime_high'])}")],
            )
        )  # fmt: skip
    rest = len(frame) - len(lines)
    if rest > 0:
        tail = frame.iloc[len(lines) :]
        lines.append(
            Line(f"{rest} others", [Cell(t.number(tail["mw"].sum(), 0)), Cell(DASH), Cell(DASH),
                 Cell(figures(tail["first_year"].sum())), Cell(figures(tail["lifetime"].sum()))],
                 "option")
        )  # fmt: skip
    lines.append(
        Line("Sum", [Cell(t.number(frame["mw"].sum(), 0)), Cell(DASH), Cell(DASH),
             _of(head.first_year), _of(head.lifetime)], "rule")
    )  # fmt: skip
    return Table(
        "By destination",
        f"{t.capital(view.study.scope)}: MW; capacity factor in per cent and"
        f" grid factor ({view.margin}) in g CO2/kWh, means by capacity; avoided in the first full"
        f" year and over the life, {UNIT}. {t.DAGGER} an estimate: beside MW of the"
        " capacity (from customs value, or moved on from a hub), beside what is avoided of a factor"
        " that is not the country's own. The first"
        " destination that customs know: goods landed in a hub count there. All destinations are"
        " in destinations.csv.",
        heads("Destination", "MW", "capacity factor", "grid factor", "first year", "lifetime"),
        lines,
    )


def _of(one: object) -> Cell:
    value, low, high = (float(getattr(one, k)) for k in ("value", "low", "high"))
    return Cell(figures(value), f"{figures(low)} to {figures(high)}")


def _stages(view: View) -> Table:
    made = view.study.made
    kinds = [k for k in ("electricity", "heat", "process", "material")
             if any(p.kind == k for p in made.parts)]  # fmt: skip
    lines = []
    for product in made.products:
        mw = next(c.mw for c in made.capacities if c.product == product)
        if not mw or (product in ("cells", "wafers") and "panels" in made.products):
            continue  # their stages are the first ones of panels
        scale = 1e6 / mw
        for stage in dict.fromkeys(p.stage for p in made.parts if p.product == product):
            cells = [made.of(product=product, stage=stage, kind=k).value * scale for k in kinds]
            whole = made.of(product=product, stage=stage).times(scale)
            lines.append(
                Line(f"{product}: {stage}", [*(Cell(figures(v) if v else DASH) for v in cells),
                     _cell(whole)])
            )  # fmt: skip
        kw = made.per_kw(product)
        sums = [made.of(product=product, kind=k).value * scale for k in kinds]
        lines.append(
            Line(f"{product}: all", [*(Cell(figures(v)) for v in sums), _cell(kw)], "rule")
        )
    return Table(
        "Manufacture stage by stage",
        "kg CO2e per kW, cradle to gate, at the medians of all parameters; last column with 95 %"
        " interval. Cells and wafers take the stages up to their own.",
        heads("Product and stage", *kinds, "all"),
        lines,
    )


def _published(view: View) -> Table:
    frame = against_published(view.study.made)
    lines = [
        Line(
            str(r["what"]),
            [Cell(figures(r["published"]),
                  "" if math.isnan(r["low"]) else f"{figures(r['low'])} to {figures(r['high'])}"),
             Cell(figures(r["chain"]), f"{figures(r['chain_low'])} to {figures(r['chain_high'])}"),
             Cell("yes" if r["inside"] else "no", words=True),
             Cell(f"{r['source']}; {r['status']}" + (f"; {r['note']}" if r["note"] else ""),
                  words=True)],
        )
        for _, r in frame.iterrows()
    ]  # fmt: skip
    return Table(
        "Manufacture per kW beside published figures",
        "kg CO2e per kW. The chain takes the electricity and silicon of works of 2023 and lies"
        " below older studies; the definition by published studies takes their range instead.",
        heads("What", "published", "chain", "in its interval", "source"),
        lines,
    )


def _parameters(view: View) -> Table:
    wanted = {*view.study.exports.technologies, *MARGIN_WORDS, ""}
    lines = []
    for (name, technology), p in parameters().items():
        if technology.split(".")[0] not in wanted:
            continue
        spread = {
            "fixed": "held",
            "uniform": f"{p.low:g} to {p.high:g}",
        }.get(p.form, f"± {100 * p.rsd:.0f} % (sd)")
        why = p.source + ("; " if p.source and p.assumed else "")
        why += f"assumed: {p.assumed}" if p.assumed and "assumed" not in p.assumed else p.assumed
        about = f", {technology.replace('.', ' ')}" if technology else ""
        lines.append(
            Line(f"{name.replace('_', ' ')}{about}",
                 [Cell(f"{p.value:g}"), Cell(spread), Cell(p.unit, words=True),
                  Cell(why or DASH, words=True)])
        )  # fmt: skip
    return Table(
        "Parameters of what is avoided",
        "Centre, spread of the draws, unit, source or reason. Spreads are of one draw that all"
        " destinations share, or of one a country or destination, as named. Factors of countries"
        " are in destinations.csv.",
        heads("Parameter", "centre", "spread", "unit", "source or reason"),
        lines,
    )


def _inputs(view: View) -> Table:
    lines = []
    for r in inputs():
        if r.technology not in view.study.exports.technologies:
            continue
        if r.factor is None:
            factor = Cell("grid" if r.kind == "electricity" else DASH)
        else:
            factor = Cell(f"{r.factor[0]:g}", _ends(r.factor))
        status = r.status + (f"; {r.note}" if r.note else "")
        lines.append(
            Line(f"{r.stage}: {r.item}",
                 [Cell(f"{r.amount[0]:g}", _ends(r.amount)), Cell(r.amount_unit, words=True),
                  factor, Cell(f"{r.source} ({r.year}); {status}" if r.source != "assumed"
                               else status, words=True)])
        )  # fmt: skip
    return Table(
        "Inputs of manufacture",
        "Median and 95 % ends of amounts and factors (kg CO2e per unit of the amount), works of"
        " China. UNVERIFIED: the source could not be opened. All are in inputs.csv.",
        heads("Stage and input", "amount", "unit", "factor", "source and status"),
        lines,
    )


def _ends(three: Iterable[float]) -> str:
    middle, low, high = three
    return "" if low == middle == high else f"{low:g} to {high:g}"


def _end_of_life(view: View) -> Table:
    lines = [
        Line(f"{r['technology']}: {r['line']}",
             [Cell("missing") if math.isnan(r["value"]) else
              Cell(figures(r["value"]), f"{figures(r['low'])} to {figures(r['high'])}"),
              Cell("; ".join(x for x in (r["source"], r["note"]) if isinstance(x, str) and x),
                   words=True)])
        for _, r in view.study.avoided.end_of_life.table.reset_index().iterrows()
    ]  # fmt: skip
    return Table(
        "End of life, beside what is avoided and not netted",
        f"{UNIT}, with 95 % intervals, in the years in which the capacity is taken down. Missing is"
        " not zero.",
        heads("Line", UNIT, "source or reason"),
        lines,
    )


def _left_out(view: View) -> Table:
    frame = view.study.avoided.left_out
    lines = [
        Line(place(str(r["destination"])),
             [Cell(str(r.get("product", "")), words=True), Cell(t.number(r["mw"], 1)),
              Cell(str(r.get("note", "")), words=True)])
        for _, r in frame.iterrows()
    ]  # fmt: skip
    return Table(
        "Left out for want of a factor", "Missing, not zero.",
        heads("Destination", "product", "MW", "why"), lines,
    )  # fmt: skip
