"""report.html: one file that needs nothing else."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mriocarbon import __version__
from mriocarbon.accounts.registry import principles
from mriocarbon.report import sections
from mriocarbon.report import text as t
from mriocarbon.report.figures import Drawing, inline
from mriocarbon.report.view import PUBLISHED, PUBLISHED_SOURCE, TABLES, View

TEMPLATES = Path(__file__).parent / "templates"


def render(view: View, drawings: Sequence[Drawing]) -> str:
    """Return the page of a study."""
    study = view.study
    shown = sections.tables(view)
    natural_sources: list[dict[str, str]] = []
    if study.natural:
        from mriocarbon.report import spectrum_tables, spectrum_view

        shown |= spectrum_tables.tables(view)
        natural_sources = spectrum_view.sources(view)
    return (
        environment()
        .get_template("adjustments_2022.html")
        .render(
            study=study,
            view=view,
            verdict=study.verdict,
            tables=shown,
            natural_sources=natural_sources,
            scan=sections.Scan(view),
            figures={
                d.name: (d.title, d.caption, Markup(inline(d)))  # ours, from matplotlib
                for d in drawings
            },
            published=PUBLISHED,
            published_source=PUBLISHED_SOURCE,
            command=command(view),
            version=__version__,
        )
    )


def command(view: View) -> str:
    """Return the command line that gives this report again."""
    study = view.study
    words = ["mriocarbon reproduce 2022"]
    found = {c.table for c in study.combinations}
    if found != set(TABLES):
        words += [f"--table {name}" for name in TABLES if name in found]
    if len(study.principles) < len(principles()):
        words += [f"--principle {p.name}" for p in study.principles]
    gases = sorted({c.gas for c in study.combinations})
    if len(gases) == 1:
        words.append(f"--gas {gases[0]}")
    if view.narrowed:
        words += [f"--region {region}" for region in study.regions]
    if study.full_recomputed:
        words.append("--full")
    if any(one.method == "monte-carlo" for one in study.intervals):
        words.append("--uncertainty monte-carlo")
    if study.natural:
        words.append("--with-natural")
    return " ".join([*words, "--out DIR"])


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
