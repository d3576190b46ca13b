"""report.html of the study of 2022: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mriocarbon import __version__
from mriocarbon.accounts.registry import principles
from mriocarbon.report import adjustments_sections as sections
from mriocarbon.report.adjustments_view import PUBLISHED, PUBLISHED_SOURCE, TABLES, View
from mriocarbon.report.figures import Drawing, inline
from mriocarbon.report.page import environment


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
