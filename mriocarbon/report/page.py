"""What all pages share: the templates' environment, and tables as plain data for them to set."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mriocarbon.report import text as t

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Head:
    """A heading cell."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Cell:
    """A figure, with a range under it if there is one."""

    text: str
    range: str = ""
    words: bool = False

    @property
    def style(self) -> str:
        """Class of the cell: words, or a figure with or without a mark after it."""
        return "words" if self.words else "num" if self.text.endswith(t.DAGGER) else "num plain"


@dataclass(frozen=True)
class Line:
    """A row of a table."""

    label: str
    cells: Sequence[Cell]
    style: str = ""


@dataclass(frozen=True)
class Table:
    """A table with what must be said about it.

    Attributes
    ----------
    title, caption : str
        The caption gives source, unit, numerator, denominator and the dagger's meaning.
    heads : sequence of rows of heading cells
    lines : sequence of Line
    """

    title: str
    caption: str
    heads: Sequence[Sequence[Head]]
    lines: Sequence[Line] = field(default_factory=list)


def heads(*names: str) -> list[list[Head]]:
    """Return one row of headings."""
    return [[Head(name) for name in names]]


@cache
def environment() -> Environment:
    """Return the template environment of all pages."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        nice=t.nice, formula=formula, linked=linked, region=t.region_name,
        option=t.option_name, percent=t.percent, number=t.number, listing=t.listing,
        drawn=Markup,  # drawings of this room
    )  # fmt: skip
    return environment


def formula(text: str) -> Markup:
    """Return a formula with sub- and superscripts, from the notation of the registry.

    Examples
    --------
    >>> formula("R diag(q) L Y_r^-1")
    Markup('R diag(q) L Y<sub>r</sub><sup>−1</sup>')
    """
    out = re.sub(r"(?<=[\w)])-(?=[\w(])|(?<= )-(?= )", t.MINUS, text).replace("'", "′")
    out = html.escape(out).replace("*", "∘").replace("!=", "≠").replace("phi", "φ")
    out = out.replace("sum_", "Σ_").replace("qbar", "q̄")
    out = re.sub(r"_\{([^}]*)\}|_\(([^)]*)\)", lambda m: f"<sub>{m[1] or m[2]}</sub>", out)
    out = re.sub(r"_(\w+)", r"<sub>\1</sub>", out)
    return Markup(
        re.sub(
            r"\^\{([^}]*)\}|\^(-?\d+)",
            lambda m: f"<sup>{(m[1] or m[2]).replace('-', t.MINUS)}</sup>",
            out,
        )
    )


def linked(text: str) -> Markup:
    """Return text with its DOIs and web addresses as links.

    Examples
    --------
    >>> linked("Li doi:10.1/x.y")
    Markup('Li <a href="https://doi.org/10.1/x.y">doi:10.1/x.y</a>')
    """
    out = html.escape(t.nice(text))
    out = re.sub(r"doi:(10\.\d+/[\w.()/-]*\w)", r'<a href="https://doi.org/\1">doi:\1</a>', out)
    return Markup(
        re.sub(r"(?<![\"=>])\b(https?://[^\s;,<]*[^\s;,.<)])", r'<a href="\1">\1</a>', out)
    )
