"""report.html of exported low-carbon technology: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon import __version__
from mriocarbon.model.provenance import Note, Source
from mriocarbon.report import avoided_figures as drawn
from mriocarbon.report import text as t
from mriocarbon.report.avoided_tables import tables
from mriocarbon.report.avoided_view import (
    MARGIN_WORDS,
    UNIT,
    View,
    figures,
    gigawatts,
    span,
    year_span,
    years,
)
from mriocarbon.report.page import environment
from mriocarbon.studies.green_exports_2024 import GreenExports

__all__ = ["COMPARATIVE", "LIMITS", "command", "facts", "render", "sources", "tiles"]

COMPARATIVE = (
    "Avoided emissions compare two worlds, with and without these exports. They are no part of any"
    " inventory and are never subtracted from one, neither from the exporter's nor from the"
    " importer's (ISO 14064-2; WRI 2019). Manufacture stands beside them; the two are not netted."
)
LIMITS = (
    "Customs know the first destination: what lands in a hub counts there, although it may move"
    " on; none of it is known to be installed.",
    "A grid factor says what a kWh displaces if everything else stays as it is. With tens of"
    " gigawatts in one country it does not: prices, curtailment and plans of others move.",
    "Without these exports some panels and turbines would have come from elsewhere. All is"
    " counted as additional here, which is the most that can be said.",
    "Combined and operating margins are CO2 only and of 2021; average factors are life-cycle"
    " factors by fuel.",
    "Many inputs of manufacture are assumed or could not be checked in the original; the page"
    " lists every one with its status. The chain is one route, monocrystalline silicon.",
    "Intervals hold the spread of the parameters, not errors of the method.",
)


def render(study: GreenExports, files: Sequence[str] = ()) -> str:
    """Return the page of a study.

    Parameters
    ----------
    study : GreenExports
    files : sequence of str
        Names of the files beside the page.
    """
    view = View(study)
    return (
        environment()
        .get_template("avoided.html")
        .render(
            view=view,
            study=study,
            title=view.title,
            facts_=facts(view),
            tiles=tiles(view),
            tables=tables(view),
            comparative=COMPARATIVE,
            scenarios=drawn.scenarios(view),
            manufactures=drawn.manufactures(view),
            paid_back=drawn.paid_back(view),
            destinations=drawn.destinations(view),
            months=drawn.months(view),
            assumptions=_notes(study),
            sources=[_cited(source) for source in sources(study)],
            limits=LIMITS,
            files=files,
            command=command(study),
            version=__version__,
        )
        .lstrip()
    )


def tiles(view: View) -> list[tuple[str, str, str]]:
    """Return (style, number, words) of the numbers at the top."""
    study = view.study
    whose = "" if view.whole else ", exporter's part by value"
    p = view.payback
    made = study.made_main
    return [
        ("same", figures(view.first.value), f"{UNIT} avoided in a first full year, {view.margin}"
         f"{whose} ({span(view.first)})"),
        ("same", figures(view.life.value), f"{UNIT} avoided over the life{whose}"
         f" ({span(view.life)})"),
        ("over", figures(made.value), f"{UNIT} emitted in the making, cradle to gate"
         f" ({span(made)})"),
        ("under", years(p.value), "years of operation to carbon payback"
         f" ({year_span(p)})"),
    ]  # fmt: skip


def facts(view: View) -> list[tuple[str, str]]:
    """Return the head of the page as pairs."""
    study = view.study
    amounts = {c.product: c.mw for c in study.made.capacities}
    gw = ", ".join(f"{p} {gigawatts(mw)}" for p, mw in amounts.items())
    s = next(s for s in study.scenarios if s.margin == study.margin)
    return [
        ("Exporter, time", f"{view.exporter}, {view.period}"),
        ("Exported", gw),
        ("Headline counts", study.scope),
        ("Displaces", f"{MARGIN_WORDS[study.margin]}, factors of {s.grid_years}"),
        ("Decline of the grid", study.decline),
        ("Capacity factors", s.yield_years),
        ("Attribution", study.rule),
        ("Draws, seed", f"{study.draws:,}, {study.seed}"),
    ]


def command(study: GreenExports) -> str:
    """Return the command line that gives this report again."""
    words = [
        f"mriocarbon avoided --exporter {study.exports.exporter}"
        f" --technology {','.join(study.exports.technologies)} --year {study.exports.year}"
    ]
    if study.own:
        words.append("--exports FILE")
    words += [f"--margin {study.margin}", f"--attribution {study.rule}"]
    words += [f"--decline {study.decline_given}", f"--draws {study.draws} --seed {study.seed}"]
    return " ".join([*words, "--out DIR"])


def _notes(study: GreenExports) -> list[str]:
    return [_said(note) for note in study.notes]


def _said(note: Note) -> str:
    text = t.capital(note.text)
    return f"{t.DAGGER} {text}" if note.estimated else text


def sources(study: GreenExports) -> list[Source]:
    """Return every source of the exports, factors, tables and costs, once each."""
    found = {(s.name, s.citation): s for note in study.notes for s in note.sources}
    return list(found.values())


def _cited(source: Source) -> str:
    words = [source.citation or source.name, source.licence, source.url]
    return ". ".join(w.rstrip(".") for w in words if w) + "."
