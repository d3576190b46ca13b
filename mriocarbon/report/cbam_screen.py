"""An audit on the screen: the answer in words, groups, money; readable from 80 columns up."""

from __future__ import annotations

import math
from decimal import Decimal

from rich.console import Console

from mriocarbon.cbam.codes import spaced
from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.obligation import Obligation
from mriocarbon.cbam.results import Audit, AuditAll, Interval
from mriocarbon.report import text as t
from mriocarbon.report.cbam_costs import years
from mriocarbon.report.cbam_sections import BASES
from mriocarbon.report.cbam_view import (
    View,
    between,
    percent,
    rate,
    sector,
    share,
    tonnes,
)
from mriocarbon.report.cbam_words import correction_told, money, price_told, summary
from mriocarbon.report.screen import say, table

_FIRST = ("over", "under", "not biased", "inconclusive")


def show(audit: Audit, console: Console) -> None:
    """Print one origin's audit."""
    view, h = View(audit), audit.header
    say(console, f"CBAM default values of {audit.origin.name}, mark-up year {h.year}", "bold")
    say(console, f"{h.act}, {h.edition}; boundary: {h.boundary}", "dim")
    say(console, f"Correction: {correction_told(h)}", "dim")
    say(console, f"Certificate price: {price_told(h)}", "dim")
    console.print()
    words = summary(view)
    say(console, words.headline, "bold")
    for sentence in words.sentences:
        say(console, sentence)
    console.print()
    for name, text in words.points:
        say(console, f"{name}: {text}")
    console.print()
    rows = [
        [
            "All lines" if a.group.lower() == "all" else sector(a.group), BASES.get(a.basis, ""),
            str(a.lines), _bias(a.median), share(a.share_over.value),
            *(str(a.verdicts.get(name, 0)) for name in _FIRST),
        ]
        for a in audit.aggregates
    ]  # fmt: skip
    if rows:
        table(console, "Bias, % (95 %)",
              ["group", "value", "lines", "median", "above\n%", "over", "under", "not\nbiased",
               "un-\ndecided"], rows, left=2)  # fmt: skip
    costs = [
        [str(y.year), money(y.gross), money(y.net), money(y.bias), money(y.markup)]
        for y in years(audit.money)
    ]
    if costs:
        table(console, "Cost of the imports at hand", ["year", "gross", "net", "of it bias",
               "of it mark-up"], costs)  # fmt: skip
    if audit.assumptions:
        listed = t.counted(len(audit.assumptions), "assumption")
        say(console, f"{listed} and the sources are in the report.", "dim")


def show_all(found: AuditAll, console: Console) -> None:
    """Print all origins."""
    h = found.header
    say(console, f"CBAM default values of all origins, mark-up year {h.year}", "bold")
    say(console, f"{h.act}, {h.edition}; boundary: {h.boundary}", "dim")
    say(console, f"Correction: {correction_told(h)}", "dim")
    say(console, f"Certificate price: {price_told(h)}", "dim")
    rows = [
        [
            str(k), r.origin.name, str(r.lines), _bias(r.median), percent(r.marked_median.value),
            share(r.share_over.value), *(str(r.verdicts.get(name, 0)) for name in _FIRST), r.claim,
        ]
        for k, r in enumerate(found.rows, start=1)
    ]  # fmt: skip
    table(console, "Median bias, % (95 %)",
          ["", "origin", "lines", "median", "marked\nup", "above\n%", "over", "under",
           "not\nbiased", "un-\ndecided", "claim"], rows, left=2)  # fmt: skip
    split = [[s.what, share(s.share, 1)] for s in found.split]
    if split:
        table(console, "Variance of ln(default / reference)", ["component", "share, %"], split)


def show_default(value: DefaultValue, console: Console) -> None:
    """Print one default value."""
    name = f"CN {spaced(value.cn)}" + (f", route {value.route}" if value.route else "")
    say(console, f"{name}, {value.origin.name}, {value.year}", "bold")
    say(console, value.description, "dim")
    rows = [
        ["direct", tonnes(value.direct)],
        ["indirect", tonnes(value.indirect)],
        ["total, before mark-up", tonnes(value.total)],
    ]
    if value.marked_up is not None:
        rows.append([f"with the mark-up of {rate(value.markup)}", tonnes(value.marked_up)])
    table(console, "Default value", ["t CO2e per t", "value"], rows)
    if value.is_fallback:
        say(console, f"Not the country's own: {value.fallback_reason}")
    if value.defect:
        say(console, f"Known defect of this row: {value.defect}")
    say(console, f"Charged: {value.scope.replace('+', ' + ')} emissions")
    say(console, f"Source: {value.source}", "dim")


def show_obligation(found: Obligation, console: Console) -> None:
    """Print one obligation step by step."""
    of = f"from {found.origin}, {found.year}, {found.data} values"
    say(console, f"{_exact(found.tonnes)} t of CN {spaced(found.cn)} {of}", "bold")
    rows = [
        ["embedded emissions", _exact(found.embedded), f"{_exact(found.see)} t CO2e per t"],
        ["less free allocation", _exact(found.free_allocation), f"{_exact(found.sefa)} per t"],
        ["less carbon price paid abroad", _exact(found.paid_abroad_tonnes), ""],
        ["certificates", _exact(found.certificates), "never below zero"],
    ]
    table(console, "Emissions, t CO2e", ["step", "t CO2e", ""], rows)
    costs = [
        ["gross, before free allocation", f"{found.gross_eur:,.2f}"],
        ["net", f"{found.net_eur:,.2f}"],
        ["of it because of the mark-up", f"{found.markup_eur:,.2f}"],
    ]
    price = f"{found.price.eur} EUR per certificate, {found.price.period}"
    table(console, f"Cost ({price})", ["", "EUR"], costs)
    for note in dict.fromkeys((found.price.assumed, *found.notes)):
        if note:
            say(console, f"Note: {note}")
    for source in found.sources:
        say(console, f"Source: {source}", "dim")


def _exact(value: Decimal) -> str:
    """Return an exact amount without idle zeros, at most six decimals."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", t.MINUS)


def _bias(interval: Interval) -> str:
    if not math.isfinite(interval.value):
        return "n/a"
    told = between(interval)
    return percent(interval.value) + (f" ({told})" if told else "")
