"""The report of the study of 2022: which files it has, and how they come about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mriocarbon.report.files import put, write_text
from mriocarbon.studies.adjustments_2022 import Study

PAGE = "report.html"
FIGURES = ("figure-adjustments", "figure-intervals", "figure-bilateral", "figure-scan")
NAMES = (
    PAGE, "adjustments.csv", "accounts.csv", "bilateral.csv", "trade.csv", "per_capita.csv",
    "uncertainty.csv", "results.json",
    *(f"{name}.{kind}" for name in FIGURES for kind in ("svg", "png")),
)  # fmt: skip

# What `natural=True` adds.
NATURAL = ("natural.csv", "figure-full-spectrum.svg", "figure-full-spectrum.png")


def publish(study: Study, folder: Path, say: Callable[[str], None]) -> list[Path]:
    """Write the report of a study: all files beside the folder, then move them in."""
    names = (*NAMES, *NATURAL) if study.natural else NAMES
    return put(folder, names, lambda staging: _fill(study, staging, say), say, former=NATURAL)


def _fill(study: Study, staging: Path, say: Callable[[str], None]) -> None:
    from mriocarbon.report import adjustments_csv as tables
    from mriocarbon.report.adjustments_figures import draw
    from mriocarbon.report.adjustments_json import results
    from mriocarbon.report.adjustments_page import render
    from mriocarbon.report.adjustments_view import View

    view = View(study)
    say("tables: CSV and JSON")
    for name, content in tables.tables(view).items():
        write_text(staging / name, content)
    write_text(staging / "results.json", results(view))
    drawings = draw(view, say)
    for drawing in drawings:
        write_text(staging / f"{drawing.name}.svg", drawing.svg)
        (staging / f"{drawing.name}.png").write_bytes(drawing.png)
    say("page")
    write_text(staging / PAGE, render(view, drawings))
