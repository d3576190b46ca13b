"""A table in the terminal: what it holds, in which units, from where, and what is estimated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.model import MRIO, Extension, Note, Source
from mriocarbon.model.side import Side
from mriocarbon.report import text as t

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# What most people look for first among a thousand stressors.
_GASES = re.compile(r"\b(GHG|CO2|CH4|N2O|carbon dioxide|methane|nitrous)", re.IGNORECASE)
MOST_STRESSORS = 8
MOST_ROWS = 12


def terminal(mrio: MRIO, console: Console) -> None:
    """Print what a table holds, compactly: it reads well from 100 columns up.

    Parameters
    ----------
    mrio : MRIO
    console : rich.console.Console
        Where to print; its width decides where lists end.

    Examples
    --------
    >>> from rich.console import Console
    >>> import mriocarbon as mc
    >>> from mriocarbon.report import tableview
    >>> tableview.terminal(mc.load("oecd-icio-2022"), Console(width=100, quiet=True))
    """
    from rich.text import Text

    told = mrio.provenance
    edition = f", {told.edition}" if told.edition else ""
    console.print(Text.assemble((told.dataset, "bold"), edition))
    size = f"{len(mrio.regions):,} regions x {len(mrio.sectors):,} sectors: n = {len(mrio.index):,}"
    prices = f", prices of {mrio.price_year}" if mrio.price_year else ""
    for name, text in (
        ("size", size),
        ("year", f"{mrio.year or 'not stated'}{prices}"),
        ("type", mrio.table_type or "not stated (industry or product)"),
        ("valued at", f"{mrio.price_basis} prices" if mrio.price_basis else "not stated"),
        ("money", mrio.money_unit),
        ("regions", _first(mrio.regions, console.width - 13)),
        ("sectors", _first(mrio.sectors, console.width - 13)),
        ("final demand", _first(mrio.categories, console.width - 13)),
        ("sha256", told.sha256 or "none recorded"),
    ):
        console.print(Text(f"{name:12} {text}"), overflow="fold")
    console.print(_arrays(mrio))
    if mrio.extensions:
        console.print(_extensions(mrio))
    else:
        console.print("\nno extensions: no emissions or other stressors\n")
    notes = [*mrio.notes, *(n for e in mrio.extensions.values() for n in e.notes)]
    _block(console, "Notes († on an estimate)", map(_note, dict.fromkeys(notes)))
    sources = [*told.sources, *(s for note in notes for s in note.sources)]
    _block(console, "Sources", map(_source, dict.fromkeys(sources)), none="none recorded")
    _block(console, "Steps", told.steps)
    _block(console, "Found when the table was made", mrio.diagnostics, none="nothing")


def _arrays(mrio: MRIO) -> Table:
    """Shape, sum, negative cells and estimates of each array, and the sum of each row."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title_justify="left",
                  title=f"Arrays, {mrio.money_unit}", title_style="bold")  # fmt: skip
    table.add_column("", overflow="fold")
    for head in ("shape", "sum", "of final demand", "below 0", "estimated cells", "of amount"):
        table.add_column(head, justify="right", no_wrap=True)
    titles = (
        ("Z", "Z, intermediate"), ("Y", "Y, final demand"), ("x", "x, output"),
        ("value_added", "value added"),
    )  # fmt: skip
    # A note may say that cells are estimates without telling which: that is not "none".
    told = any(note.estimated and note.about == "table" for note in mrio.notes)
    for name, title in titles:
        array: NDArray[np.float64] | None = getattr(mrio, name)
        if array is None:
            table.add_row(title, "not in it")
            continue
        table.add_row(title, _shape(array), t.amount(array.sum(), 4), "", _below(array),
                      *_estimated(array, mrio.estimated.get(name), told))  # fmt: skip
        if name == "value_added":
            for row, values in list(zip(mrio.value_added_rows, array, strict=True))[:MOST_ROWS]:
                if mrio.value_added_rows != ("value added",):
                    table.add_row(f"  {row}", "", t.amount(values.sum(), 4), "", _below(values))
            _more(table, len(array))
    for side, title in ((mrio.other_inputs, "other inputs"), (mrio.other_uses, "other uses")):
        if side is None:
            table.add_row(title, "none")
            continue
        table.add_row(title, _shape(side.values), t.amount(side.values.sum(), 4),
                      _of_demand(side, slice(None)), _below(side.values))  # fmt: skip
        for k, label in enumerate(side.labels[:MOST_ROWS]):
            values = side.values[k]
            table.add_row(f"  {label}", "", t.amount(values.sum(), 4), _of_demand(side, k),
                          _below(values))  # fmt: skip
        _more(table, len(side.labels))
    return table


def _extensions(mrio: MRIO) -> Table:
    """World totals of the stressors that are asked for most; households unknown are not zero."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title_justify="left",
                  title="Extensions, sums over the world", title_style="bold")  # fmt: skip
    table.add_column("stressor", overflow="fold")
    for head in ("unit", "by industries", "by households", "range of households"):
        table.add_column(head, justify="right", no_wrap=head != "unit")
    for extension in mrio.extensions.values():
        number, units = len(extension.stressors), len(set(extension.units))
        count = f"{number:,} stressor{'s' * (number != 1)}, {units} unit{'s' * (units != 1)}"
        table.add_row(Text.assemble((extension.name, "bold"), f" ({count})"))
        chosen = _main(extension)
        for k in chosen:
            name = extension.stressors[k]
            mark = " †" if any(n.estimated and n.about == name for n in extension.notes) else ""
            of_households = any(n.estimated and n.about == "households" for n in extension.notes)
            table.add_row(
                f"  {name}{mark}", extension.units[k], t.amount(extension.F[k].sum(), 4),
                *_households(extension, k, " †" if of_households else ""),
            )  # fmt: skip
        if len(chosen) < len(extension.stressors):
            table.add_row(f"  and {len(extension.stressors) - len(chosen):,} more")
    return table


def _households(extension: Extension, k: int, mark: str) -> tuple[str, str]:
    if extension.F_Y is None or np.isnan(extension.F_Y[k]).all():
        return "not known", ""
    row = extension.F_Y[k]
    unknown = int(np.isnan(row).sum())
    text = f"{t.amount(np.nansum(row), 4)}{mark}"
    if unknown:
        text += f" ({unknown} of {len(row)} not known)"
    if extension.F_Y_low is None or extension.F_Y_high is None:
        return text, ""
    low, high = extension.F_Y_low[k], extension.F_Y_high[k]
    if np.isnan(low).any() or np.isnan(high).any():
        return text, "not known for all"
    return text, f"{t.amount(low.sum(), 4)} to {t.amount(high.sum(), 4)}"


def _main(extension: Extension) -> list[int]:
    """Positions of the stressors to show: gases first, then the first ones, in their order."""
    names = extension.stressors
    gases = [k for k, name in enumerate(names) if _GASES.search(name)]
    others = [k for k in range(len(names)) if k not in set(gases)]
    return sorted([*gases, *others][:MOST_STRESSORS])


def _estimated(
    array: NDArray[np.float64], mask: NDArray[np.bool_] | None, told: bool
) -> tuple[str, str]:
    """Share of estimated cells and, of the sum of sizes, the share that they hold."""
    if mask is None or not mask.any():
        return ("unmarked, see †" if told and mask is None else "none"), ""
    # A mask that broadcasts marks the same share of every row or column.
    whole = np.abs(array).sum()
    held = np.abs(array).sum(where=np.broadcast_to(mask, array.shape))
    return f"{mask.mean():.1%} †", f"{held / whole:.1%} †" if whole else "n/a"


def _of_demand(side: Side, which: int | slice) -> str:
    return "" if side.final_demand is None else t.amount(side.final_demand[which].sum(), 4)


def _more(table: Table, count: int) -> None:
    if count > MOST_ROWS:
        table.add_row(f"  and {count - MOST_ROWS:,} more")


def _shape(array: NDArray[np.float64]) -> str:
    return " x ".join(f"{size:,}" for size in array.shape)


def _below(array: NDArray[np.float64]) -> str:
    return f"{int((array < 0).sum()):,}"


def _first(labels: Sequence[str], width: int) -> str:
    """As many labels as fit one line, and how many are left."""
    shown: list[str] = []
    for label in labels:
        if shown and len(", ".join([*shown, label])) > width - 14:
            break
        shown.append(label)
    rest = len(labels) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def _note(note: Note) -> str:
    about = "" if note.about == "table" else f"{note.about}: "
    return f"{'† ESTIMATE, ' if note.estimated else ''}{about}{note.text}"


def _source(source: Source) -> str:
    parts = [source.citation or source.name]
    if source.citation and source.name and source.name not in source.citation:
        parts.insert(0, source.name)
    if source.edition:
        parts.append(f"edition {source.edition}")
    parts.append(f"licence {source.licence or 'not stated'}")
    parts += [source.url] if source.url else []
    parts += [f"sha256 {source.sha256}"] if source.sha256 else []
    return "; ".join(parts)


def _block(
    console: Console, title: str, lines: Iterator[str] | Sequence[str], none: str = ""
) -> None:
    """Print a titled list with hanging indents; without lines, what `none` says."""
    from rich.table import Table
    from rich.text import Text

    told = list(lines) or ([none] if none else [])
    if not told:
        return
    console.print(Text(title, style="bold"))
    grid = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    for line in told:
        grid.add_row("-", Text(line))
    console.print(grid)
