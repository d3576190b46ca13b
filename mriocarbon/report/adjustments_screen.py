"""The study in the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import (
    INVENTORY,
    INVENTORY_CO2,
    PUBLISHED,
    PUBLISHED_SOURCE,
    Row,
    View,
    bounds,
    choices,
    edition_text,
    estimate_text,
    figure,
    names_of,
)
from mriocarbon.studies.adjustments_2022 import Study

_PLAIN = str.maketrans({"−": "-", "†": "*", "×": "x", "·": "-", "ü": "u", "…": "~", "–": "-"})
NARROW_NAMES = 21
SURE = ("consumption", "income", "half-half", "value-added")


@dataclass(frozen=True)
class Block:
    """One table: figures are never folded, so its width is known before it is printed."""

    title: str
    header: list[str]
    rows: list[list[str]]
    gap: int = 2
    names: int = 0  # fold names to this width; 0: as wide as they are

    @property
    def width(self) -> int:
        total = self.gap * (len(self.header) - 1)
        for k, head in enumerate(self.header):
            cells = [*head.split("\n"), *(row[k] for row in self.rows if row)]
            widest = max(map(cell_len, cells))
            total += min(widest, self.names) if self.names and not k else widest
        return total


def show(study: Study, console: Console) -> None:
    """Print everything: published, computed, nearest, not available, estimates, sources."""
    view = View(study)

    def say(line: str = "", style: str = "") -> None:
        console.print(_text(line, console), style=style, highlight=False)

    say("National greenhouse-gas accounts of 2022: account against production, percent", "bold")
    triple = ", ".join(f"{t.region_name(r)} {t.percent(v)} %" for r, v in PUBLISHED.items())
    say(f"Published: {triple} ({PUBLISHED_SOURCE}).")
    say()
    for block in _key_tables(view, console.width):
        _print(console, block)
    if view.rows:
        say(
            "Percent: (account − production) / production, both over the same boundary. 20×50:"
            " industries only, no land use, on 20 regions; 81×50: the same on 81 economies. +hh:"
            " with household direct emissions in account and production, and the range of their"
            f" estimate. {names_of(view.shown)}.",
            "dim",
        )
        say()
    _print_other_gases(view, console)
    _print_inventory(view, console)
    _print_intervals(view, console)
    if study.natural:
        from mriocarbon.report.spectrum_screen import lines

        for block, words in lines(view):
            _print(console, block)
            say(words, "dim")
            say()
    _print_nearest(view, console)
    if view.not_available:
        say("NOT AVAILABLE", "bold")
        for reason, names in view.not_available:
            say(f"- {'; '.join(names)}: {reason}")
        say()
    for k, line in enumerate(view.verdict):
        say(line, "" if k else "bold")
    say()
    for remark in study.remarks:
        say(f"- {t.pretty(remark)}", "dim")
    if view.estimates:
        say(estimate_text(view.estimates), "yellow")
    told = edition_text(view.available)
    if study.natural:
        from mriocarbon.report.natural_words import credits
        from mriocarbon.report.spectrum_view import sources

        natural = credits(one["source"] for one in sources(view))
        told += "; natural carbon: " + "; ".join(dict.fromkeys(one.short for one in natural))
    say("Sources: " + told + ".", "dim")


def _text(line: str, console: Console) -> Text:
    """Return text that the terminal's encoding can show."""
    utf = console.encoding.lower().startswith("utf")
    return Text(line if utf else line.translate(_PLAIN))


def _key_tables(view: View, width: int) -> list[Block]:
    """Choose the widest layout that fits: one table, or two, or fewer regions in each."""
    for most in range(len(view.shown), 0, -1):
        if most > 3 and most != len(view.shown) and most % 3:
            continue  # whole threes look better than a rest
        groups = [view.shown[k : k + most] for k in range(0, len(view.shown), most)]
        for kinds in (((True, True),), ((True, False), (False, True))):
            blocks = [b for kind in kinds for b in _fitted(view, groups, kind, width)]
            if all(block.width <= width for block in blocks):
                return blocks
    return blocks  # narrower than one region: the terminal has to wrap


def _fitted(
    view: View, groups: Sequence[Sequence[str]], kind: tuple[bool, bool], width: int
) -> list[Block]:
    """Return the tables of one kind with the widest spacing that fits."""
    for gap, names in ((2, 0), (1, 0), (1, NARROW_NAMES)):
        found = [_block(view, regions, *kind, gap, names) for regions in groups]
        blocks = [block for block in found if block]
        if all(block.width <= width for block in blocks):
            break
    return blocks


def _block(
    view: View, regions: Sequence[str], industries: bool, households: bool, gap: int, names: int
) -> Block | None:
    rows = [r for r in view.rows if industries or r.households]
    if not (rows or industries):
        return None
    full = industries and any(r.full for r in rows)
    households = households and any(r.households for r in rows)
    header = ["principle"]
    for region in regions:
        header += [f"{region}\n20×50" if rows else region] if industries else []
        header += [f"{region}\n81×50"] if full else []
        header += [f"{region}\n+hh", "\nrange"] if households else []
    columns = (len(header) - 1) // len(regions)

    def once(cell: Callable[[str], str]) -> Iterator[str]:
        # Published figures and the carbon budget have no such boundaries: one cell per region.
        for region in regions:
            yield from (cell(region), *[""] * (columns - 1))

    def cells(row: Row) -> Iterator[str]:
        for region in regions:
            if industries:
                yield _aligned(figure(row.industries, region) if row.industries else "")
            if full:
                yield _aligned(figure(row.full, region) if row.full else "")
            if households:
                yield _aligned(figure(row.households, region) if row.households else "")
                yield bounds(row.households, region).replace(" to ", "…")

    body = []
    if industries:
        published = {r: _aligned(t.percent(v)) for r, v in PUBLISHED.items()}
        if set(regions) & set(published):
            body.append(["published", *once(lambda region: published.get(region, ""))])
        if view.budget:
            budget = view.budget
            body.append(["GCB 2025, CO2", *once(lambda region: _aligned(figure(budget, region)))])
        body.append([])
    for row in rows:
        body.append([("· " if row.is_option else "") + row.label, *cells(row)])
    kind = {
        (True, True): "industries only, and with households (+hh)",
        (True, False): "industries only, no land use",
        (False, True): "with households, no land use, 20×50",
    }[industries, households]
    title = f"{view.gas}: {kind}" if rows else kind
    return Block(title, header, body, gap, names)


def _aligned(cell: str) -> str:
    return cell if not cell or cell.endswith(t.DAGGER) else cell + " "


def _print_other_gases(view: View, console: Console) -> None:
    """Print the accounts of the gases beside the first one."""
    for gas in view.other_gases:
        rows = [
            [
                ("· " if row.is_option else "") + row.label,
                *(
                    _aligned(figure(c, r))
                    for r in PUBLISHED
                    for c in (row.industries, row.households)
                ),
            ]
            for row in view.rows_of(gas)
        ]
        head = [name for r in PUBLISHED for name in (f"{r}\n20×50", f"{r}\n+hh")]
        title = f"{gas}, by industry an estimate: (account − production) / production, %"
        _print(console, Block(title, ["principle", *head], rows))


def _print_inventory(view: View, console: Console) -> None:
    """Print the same differences over the territorial inventory, where there are any."""
    rows = []
    over = INVENTORY if view.gas == "GHG" else INVENTORY_CO2
    for row in view.rows:
        c = view.find(row.principle, options=row.options, denominator=over)
        if c:
            name = ("· " if row.is_option else "") + row.label
            rows.append([name, *(_aligned(figure(c, r)) for r in PUBLISHED)])
    if rows:
        title = (
            f"{view.gas}: (account − production) / territorial inventory, CEDS 2022;"
            " households cancel"
        )
        _print(console, Block(title, ["principle", *PUBLISHED], rows))


def _print_intervals(view: View, console: Console) -> None:
    """Print the paired intervals of a few principles; all of them are in the report."""
    regions = view.shown[:3]
    rows = []
    for gas, name in view.sure:
        one = view.interval(gas, name, False)
        if one is None or (name not in SURE and len(view.sure) > 2 * len(SURE)):
            continue
        places = [view.account_regions.index(r) for r in regions]
        cells = [
            f"{t.marked(t.percent(float(one.percent[k])), True)}"
            f" {t.span(float(one.low[k]), float(one.high[k])).replace(' to ', '…')}"
            for k in places
        ]
        rows.append([f"{name}, {gas}", *cells])
    if rows:
        one = view.study.intervals[0]
        title = (
            f"Paired 95 % intervals, industries only, {one.method}, {one.held};"
            " errors of the table assumed"
        )
        _print(console, Block(title, ["principle", *regions], rows))
        console.print(_text(t.pretty(view.held), console), style="bold", highlight=False)
        console.print()


def _print_nearest(view: View, console: Console) -> None:
    rows = [
        [str(c.number), choices(c), *(_aligned(figure(c, r)) for r in PUBLISHED),
         _aligned(t.marked(f"{c.distance:.1f}", c.estimated)), t.pretty(f"({c.signs})")[1:-1]]
        for c in view.nearest
    ]  # fmt: skip
    title = (
        f"Nearest of {t.counted(len(view.available), 'combination')}"
        f" ({t.counted(view.distinct, 'different triple')});"
        " gap: largest, in points"
    )
    _print(console, Block(title, ["no.", "choices", *PUBLISHED, "gap", "signs"], rows), words=1)


def _print(console: Console, block: Block, words: int = 0) -> None:
    """Print a table; column `words` may be folded, figures never."""
    console.print(_text(block.title, console), style="bold", highlight=False)
    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, block.gap - 1, 0, 0), show_edge=False, pad_edge=False,
    )  # fmt: skip
    for k, name in enumerate(block.header):
        free = k == words
        table.add_column(
            _text(name, console),
            justify="left" if free or name.endswith("range") or k < words else "right",
            no_wrap=not free,
            overflow="fold" if free else "crop",
            max_width=block.names if free and block.names else None,
        )
    for row in block.rows:
        if not row:
            table.add_section()
            continue
        style = {"published": "bold"}.get(row[0], "dim" if row[0].startswith("· ") else "")
        first = row[0]
        if block.names:
            first = "\n".join(textwrap.wrap(first, block.names, subsequent_indent="  "))
        table.add_row(*(_text(cell, console) for cell in [first, *row[1:]]), style=style)
    console.print(table)
    console.print()
