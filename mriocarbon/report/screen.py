"""What reports in the terminal share: paragraphs, tables, and signs that it can show."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mriocarbon.report import text as t


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph, wrapped to the console."""
    for line in textwrap.wrap(folded(text, console), max(console.width - 1, 40)) or [""]:
        console.print(Text(line, style=style), soft_wrap=True)


def folded(text: str, console: Console) -> str:
    """Return text as the console can show it; a terminal of few signs gets plain ones."""
    text = t.nice(text)
    try:
        text.encode(console.encoding or "utf-8")
    except UnicodeEncodeError:
        for sign, plain in (
            (t.MINUS, "-"), ("₂", "2"), ("₄", "4"), ("\u00a0", " "), ("±", "+-"), ("–", "-"),
            ("…", "..."), (t.DAGGER, "*"),
        ):  # fmt: skip
            text = text.replace(sign, plain)
        text = text.encode(console.encoding or "ascii", "replace").decode(
            console.encoding or "ascii"
        )
    return text


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
