"""report.html of a carbon footprint: one file that needs nothing else and prints on A4."""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon.lca.study import Assessment
from mriocarbon.report import lca_figures as figures
from mriocarbon.report.lca_sankey import sankey
from mriocarbon.report.lca_tables import check_tables, tables
from mriocarbon.report.lca_view import View, named, percent
from mriocarbon.report.lca_words import cover, facts, headline, sentences
from mriocarbon.report.page import environment

__all__ = ["render"]


def render(found: Assessment, files: Sequence[str] = ()) -> str:
    """Return the page of an assessment.

    Parameters
    ----------
    found : Assessment
    files : sequence of str
        Names of the files beside the page.
    """
    view = View(found)
    parts = found.interpretation.contributions
    return (
        environment()
        .get_template("lca.html")
        .render(
            found=found,
            view=view,
            facts_=facts(view),
            headline=headline(view),
            sentences=sentences(view),
            tiles=_tiles(view),
            tables=tables(view),
            checks=check_tables(view),
            sankey=sankey(view),
            stages=figures.bars(view, parts.stage, "Stages of the life cycle",
                                f"{view.unit}; background processes count with the stage that"
                                " asks for them.") if len(parts.stage) > 1 else None,
            gases=figures.bars(view, parts.gas, "Greenhouse gases", f"{view.unit}."),
            hot=figures.bars(view, parts.process, "Processes by what they emit themselves",
                             f"{view.unit}."),
            tornado=figures.tornado(view),
            histogram=figures.histogram(view),
            paired=figures.paired(view),
            cover=cover(view),
            files=files,
        )
        .lstrip()
    )  # fmt: skip


def _tiles(view: View) -> list[tuple[str, str, str]]:
    """Return (style, number, words) of the numbers at the top."""
    found = view.found
    wide = found.interpretation.spread
    tiles = [("over", view.amount(found.total), f"{view.unit} for {view.product}")]
    if wide is None:
        tiles.append(("", "no interval", "no number has a stated distribution"))
    else:
        tiles.append(("", view.between(wide.low, wide.high), f"{view.unit}, 95 % of the draws"))
    hot = found.interpretation.contributions.hotspots
    if hot:
        tiles.append(("under", f"{percent(hot[0].share, 0)} %", f"of it from {named(hot[0].name)}"))
    number, words = cover(view)
    tiles.append(("" if number == "not known" else "same", number, words))
    return tiles
