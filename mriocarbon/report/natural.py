"""Natural accounts and the global budget in the terminal, and their files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriocarbon import __version__
from mriocarbon.natural.account import NaturalAccount
from mriocarbon.natural.budget import Budget
from mriocarbon.natural.flux import SCOPES, TO_AIR, Flux
from mriocarbon.natural.translate import Translation
from mriocarbon.report import natural_figures as draw
from mriocarbon.report import natural_words as w
from mriocarbon.report import text as t
from mriocarbon.report.files import put, write_text

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["NAMES", "show_account", "show_budget", "show_translation", "write"]

NAMES = (
    "account.csv", "budget.csv", "results.json",
    *(f"figure-{name}.{kind}" for name in ("natural", "budget") for kind in ("svg", "png")),
)  # fmt: skip


def _interval(low: float, high: float) -> str:
    return f"{t.amount(low)} to {t.amount(high)}" if math.isfinite(low) else "none given"


def show_account(found: NaturalAccount, console: Console) -> None:
    """Print an account: one table a scope, then what is missing and why."""
    from rich.text import Text

    title = w.place(found.region)
    title = t.capital(title)
    console.print(Text(f"{title}, {found.year}: natural carbon", style="bold"))
    console.print(Text(t.nice("Mt of the gas a year; positive to the air, negative is a sink")))
    for scope in SCOPES:
        _scope(found, scope, console)
    for line in w.legend(found.fluxes):
        console.print(Text(line))
    for note in found.notes:
        console.print(Text(t.nice(note)))
    credits = w.credits(one.source for one in found.fluxes)
    console.print(Text("Sources: " + "; ".join(dict.fromkeys(one.short for one in credits))))


def _scope(found: NaturalAccount, scope: str, console: Console) -> None:
    from rich import box
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    gases = {one.gas for one in found.of(scope)}
    gases |= {one.gas for one in found.missing if one.scope == scope}
    meaning = w.meaning(scope, gases)
    title = t.nice(f"({w.LETTERS[scope]}) {scope}: {meaning}")
    table = Table(title=Text(title, style="bold"), box=box.SIMPLE_HEAD, title_justify="left",
                  padding=(0, 1), pad_edge=False)  # fmt: skip
    for head in ("gas", "flux", "method", "years"):
        table.add_column(head, no_wrap=head in ("gas", "years"))
    for head in ("value", "95 % interval"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in found.of(scope):
        what = one.process + ("" if one.direction == TO_AIR else f" ({one.direction})")
        table.add_row(t.nice(one.gas), what, one.method, one.period,
                      w.mark(t.amount(one.value), one), _interval(one.low, one.high))  # fmt: skip
    if table.row_count:
        console.print(table)
    else:
        console.print(Text(f"\n{title}", style="bold"))
    for basis in dict.fromkeys(t.nice(one.interval) for one in found.of(scope) if one.interval):
        console.print(Padding(Text(f"interval: {basis}", style="dim"), (0, 0, 0, 2)))
    notes: dict[str, dict[str, None]] = {}
    for one in found.of(scope):
        # of which year a figure is stands in its column
        if one.note and one.note != f"latest figure, of {one.period}":
            notes.setdefault(one.note, {})[one.process] = None
    for note, processes in notes.items():
        line = t.nice(f"{', '.join(processes)}: {note}")
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2)))
    for gone in found.missing:
        if gone.scope == scope:
            text = f"missing: {t.nice(gone.gas)}, {gone.process}: {gone.reason}"
            console.print(Padding(Text(text, style="dim"), (0, 0, 0, 2)))
    console.print()


def show_budget(found: Budget, console: Console) -> None:
    """Print the global budget, its imbalance with an interval, and how exactly it closes."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"Global carbon budget {found.year}, {found.unit}", style="bold"),
                  box=box.SIMPLE_HEAD, title_justify="left")  # fmt: skip
    table.add_column("term")
    table.add_column("side")
    for head in ("value", "95 % low", "high"):
        table.add_column(head, justify="right", no_wrap=True)
    digits = t.decimals(max(abs(term.value) for term in found.terms)) + 2
    for term in found.terms:
        shown = [t.number(v, digits) if math.isfinite(v) else "" for v in (term.low, term.high)]
        table.add_row(term.name, term.side, t.number(term.value, digits), *shown)
    console.print(table)
    console.print(
        f"emissions {t.number(found.emissions, digits)} = sinks {t.number(found.sinks, digits)}"
        f" + imbalance {t.number(found['imbalance'].value, digits)}; closes to"
        f" {abs(found.closure):.0e} {found.unit} before rounding"
    )
    for note in found.notes:
        console.print(Text(f"- {note}"))
    console.print(
        Text("Source: Global Carbon Budget 2024, Friedlingstein et al. (2025), CC BY 4.0")
    )


def show_translation(found: Translation, console: Console) -> None:
    """Print how bookkeeping becomes what an inventory would count, and the gap to the inventory."""
    from rich.text import Text

    name = w.place(found.region)
    lines = [
        f"{t.capital(name)}, mean of 2013-2022, Mt CO2 a year (Grassi et al. 2023)",
        f"  bookkeeping models            {t.amount(found.bookkeeping)}",
        f"  natural sink, managed forest  {t.amount(found.sink)}",
        f"  translated{t.DAGGER}                  {t.amount(found.translated)}"
        f"   ({_interval(found.low, found.high)})",
    ]
    if math.isfinite(found.inventory):
        lines.append(f"  inventory, {found.inventory_years:<18} {t.amount(found.inventory)}")
        lines.append(
            f"  gap                           {t.amount(found.gap)}"
            f"   ({_interval(found.gap_low, found.gap_high)}); the interval of the translation "
            + ("holds" if found.holds else "does not hold")
            + " the inventory"
        )
    else:
        lines.append("  inventory                     missing within 2013-2022")
    lines.append(
        f"{t.DAGGER} an estimate: the mean of the bookkeeping models and the sink of vegetation"
        " models on managed forest; its interval is that of one model in one year"
    )
    names = [found.flux.source, *([found.source] if found.source else [])]
    lines.append("Sources: " + "; ".join(dict.fromkeys(one.short for one in w.credits(names))))
    for line in lines:
        console.print(Text(t.nice(line)))


def write(
    found: NaturalAccount | Budget,
    folder: Path | str,
    *,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write an account or a budget into a folder: CSV, JSON and the picture (SVG, PNG).

    All of it appears, or none.

    Parameters
    ----------
    found : NaturalAccount or Budget
    folder : path
    progress : callable, optional

    Returns
    -------
    list of Path

    Raises
    ------
    InputError, DataFileError
        The folder cannot take the files.
    """
    say = progress or (lambda step: None)
    say("picture")
    is_budget = isinstance(found, Budget)
    drawings = [draw.budget(found)] if isinstance(found, Budget) else _drawn(found)
    name = "budget.csv" if is_budget else "account.csv"
    pictures = [f"{one.name}.{kind}" for one in drawings for kind in ("svg", "png")]
    content = _budget_json(found) if isinstance(found, Budget) else _account_json(found)
    if drawings:
        content["caption"] = drawings[0].caption

    def fill(staging: Path) -> None:
        frame = found.to_pandas()
        frame.to_csv(staging / name, index=is_budget, lineterminator="\n")
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_text(staging / "results.json", text)
        for one in drawings:
            write_text(staging / f"{one.name}.svg", one.svg)
            (staging / f"{one.name}.png").write_bytes(one.png)

    return put(Path(folder), (name, "results.json", *pictures), fill, say, former=NAMES)


def _drawn(found: NaturalAccount) -> list[Any]:
    # An account whose figures are of other gases, or lateral alone, has no picture in CO2.
    for gas in ("CO2", "CH4", "N2O"):
        if any(one.gas == gas and one.direction == TO_AIR for one in found.fluxes):
            return [draw.account(found, gas=gas)]
    return []


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _head(kind: str, year: int) -> dict[str, Any]:
    return {
        "schema": f"mriocarbon/natural-{kind}/1",
        "package": {"name": "mriocarbon", "version": __version__},
        "year": year,
    }


def _flux(one: Flux) -> Mapping[str, Any]:
    return {
        "scope": one.scope, "gas": one.gas, "process": one.process, "value": one.value,
        "unit": one.unit, "low": _plain(one.low), "high": _plain(one.high), "sd": _plain(one.sd),
        "sd_independent": _plain(one.sd_independent), "interval": one.interval,
        "year_from": one.year_from, "year_to": one.year_to, "years_differ": one.years_differ,
        "direction": one.direction,
        "method": one.method, "source": one.source, "estimated": one.estimated, "note": one.note,
    }  # fmt: skip


def _account_json(found: NaturalAccount) -> dict[str, Any]:
    return {
        **_head("account", found.year),
        "region": found.region,
        "notes": list(found.notes),
        "fluxes": [_flux(one) for one in found.fluxes],
        "missing": [
            {"scope": m.scope, "gas": m.gas, "process": m.process, "reason": m.reason}
            for m in found.missing
        ],
        "sources": [
            {"source": one.source, "credit": one.full}
            for one in w.credits(flux.source for flux in found.fluxes)
        ],
    }


def _budget_json(found: Budget) -> dict[str, Any]:
    return {
        **_head("budget", found.year),
        "unit": found.unit,
        "source": found.source,
        "terms": [
            {
                "name": term.name, "side": term.side, "value": term.value, "sd": _plain(term.sd),
                "low": _plain(term.low), "high": _plain(term.high), "interval": term.interval,
            }
            for term in found.terms
        ],
        "closure": found.closure,
        "notes": list(found.notes),
    }  # fmt: skip
