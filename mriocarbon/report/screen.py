"""What reports in the terminal share: paragraphs, tables, and signs that it can show."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from mriocarbon.model import Note, Provenance
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import counted_name

LEAST = 12  # characters that a column of words keeps; longer words are folded


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph, wrapped to the console."""
    for line in textwrap.wrap(folded(text, console), max(console.width - 1, 40)) or [""]:
        console.print(Text(line, style=style), soft_wrap=True)


def folded(text: str, console: Console) -> str:
    """Return text as the console can show it; a terminal of few signs gets plain ones."""
    encoding = console.encoding or "utf-8"
    return t.nice(text).encode(encoding, t.PLAINLY).decode(encoding)


def table(
    console: Console, title: str, header: Sequence[str], rows: Sequence[Sequence[str]],
    left: int = 1,
) -> None:  # fmt: skip
    """Print a table below its title; the first `left` columns are words."""
    say(console, title, "bold")
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for k, name in enumerate(header):
        words = k < left or name == "claim"
        made.add_column(folded(name, console), justify="left" if words else "right",
                        overflow="fold")  # fmt: skip
    for row in rows:
        made.add_row(*(Text(folded(cell, console)) for cell in row))
    console.print(made)
    console.print()


def fits(made: Table, console: Console, words: int = LEAST) -> bool:
    """Give each column room for its figures, or for a word to be read; say whether that fits.

    A column of words keeps so many characters.

    Where it does not, rich would cut the table at the edge: "12,3" is a wrong number, and a column
    that is gone is not missed.
    """
    options = console.options.update(width=10_000)
    narrow = Measurement.get(console, options, made).maximum > console.width
    need, narrowest = 0, 0
    for column in made.columns:
        cells = (column.header, *column.cells)
        sizes = [Measurement.get(console, options, cell) for cell in cells]
        word, whole = max(s.minimum for s in sizes), max(s.maximum for s in sizes)
        figures = column.justify == "right"
        least = whole if column.no_wrap else word if figures else min(word, words)
        if not figures:
            column.overflow = "fold"
        column.min_width = max(least, column.min_width or 0)
        if narrow and figures:  # else rich takes from figures what words could spare
            column.width = column.min_width
        need, narrowest = need + column.min_width, narrowest + max(word, column.min_width)
    between = Measurement.get(console, options, made).minimum - narrowest
    if need + between > console.width:
        return False
    lines = Segment.split_lines(console.render(made))
    return all(sum(part.cell_length for part in line) <= console.width for line in lines)


def records(made: Table, console: Console, *, blanks: bool = False) -> None:
    """Print each row of a table by itself, a line for each column: for a screen too narrow for it.

    Nothing is cut: long text is folded. Cells without text are left out, unless `blanks` are told.
    """
    if made.title:
        console.print(made.title)
    heads = [column.header for column in made.columns]
    width = max(1, min(max(cell_len(str(head)) for head in heads), console.width // 2))
    cells = zip(*(column.cells for column in made.columns), strict=True)
    for row, told in zip(made.rows, cells, strict=True):
        record = Table.grid(padding=(0, 2, 0, 0))
        record.add_column(style="bold", width=width, overflow="fold")
        record.add_column(overflow="fold")
        names = []
        for head, cell in zip(heads, told, strict=True):
            if str(head) and (blanks or str(cell)):
                record.add_row(head, cell, style=row.style)
            elif str(cell):  # what the row is called
                names.append(cell)
        if names or record.row_count:
            console.print()
        for name in names:
            console.print(name, style="bold")
        if record.row_count:
            console.print(record)
    console.print()


def states(rows: Sequence[tuple[str, str, Sequence[str]]], console: Console) -> None:
    """Print what was looked at: state (OK, MISSING, WRONG), name, and lines on it.

    A line each in a pipe, to be searched; hanging lines in a terminal, to be read.
    """
    style = {"OK": "green", "MISSING": "yellow", "WRONG": "bold red"}
    width = max((len(name) for _, name, _ in rows), default=0)
    if console.is_terminal and console.width < 60:  # a third column would be too narrow to read
        for state, name, told in rows:
            console.print(Text.assemble((f"{state:8}", style[state]), name))
            for line in told:
                console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
        return
    made = Table.grid(padding=(0, 2, 0, 0))
    for least in (len("MISSING"), width, None):
        made.add_column(width=least, overflow="fold")
    for state, name, told in rows:
        made.add_row(Text(f"{state:7}", style=style[state]), Text(name), Text("\n".join(told)))
        if not console.is_terminal:
            for head, line in zip((f"{state:8}{name:{width}}", *[" " * (8 + width)] * len(told)),
                                  told, strict=False):  # fmt: skip
                console.print(Text(f"{head}  {line}"), soft_wrap=True)
    if console.is_terminal:
        console.print(made)


def titled(title: str, provenance: Provenance) -> str:
    """Return a title with stressor and year after it."""
    of = counted_name(provenance)
    return f"{title}, {of}" if of else title


def foot(console: Console, notes: Sequence[Note], provenance: Provenance) -> None:
    """Print what must be known of a result, estimates marked, and its sources."""
    for note in notes:
        console.print(Text(f"{t.DAGGER if note.estimated else '-'} {note.text}"))
    for source in provenance.sources:
        console.print(Text(f"Source: {source.citation or source.name} ({source.licence})"))
