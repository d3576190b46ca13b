"""The findings of `mc.check` in the terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.build.finding import CheckReport, Finding
from mriocarbon.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

_STYLE = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red", "SKIPPED": "dim"}
SHOWN = 8  # items of one finding in the terminal; JSON has them all


def terminal(report: CheckReport, console: Console) -> None:
    """Print every finding with its figure; items and reasons below those that are no PASS."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text(report.table, style="bold"))
    width = max((len(f.name) for f in report.findings), default=0)
    for f in report.findings:
        line = Text.assemble((f"{f.status:7}", _STYLE[f.status]), f"  {f.name:{width}}  ")
        line.append(figure(f))
        console.print(line)
        if f.status != "PASS":
            console.print(Padding(Text(f.text), (0, 0, 0, 9)))
            for label, value in f.items[:SHOWN] if _has_values(f) else ():
                console.print(Padding(Text(f"{label}  {value:,.6g}"), (0, 0, 0, 11)))
            rest = len(f.items) - SHOWN
            if rest > 0 and _has_values(f):
                console.print(Padding(Text(f"and {rest} more", style="dim"), (0, 0, 0, 11)))
    console.print(Text(summary(report), style=_STYLE[report.worst]))
    console.print(Text("Nothing was changed in the table.", style="dim"))


def summary(report: CheckReport) -> str:
    """Return the counts in one line; skipped checks are named as not made.

    Examples
    --------
    >>> summary(CheckReport((Finding("a", "PASS", ""), Finding("b", "SKIPPED", "no data"))))
    '2 checks: 0 FAIL, 0 WARN, 1 PASS, 1 SKIPPED (not made, which is no pass)'
    """
    n = report.counts
    skipped = f"{n['SKIPPED']} SKIPPED" + (" (not made, which is no pass)" if n["SKIPPED"] else "")
    head = f"{len(report.findings)} checks: {n['FAIL']} FAIL, {n['WARN']} WARN"
    return f"{head}, {n['PASS']} PASS, {skipped}"


def figure(f: Finding) -> str:
    """Return figure, unit and threshold of a finding as text; empty where there is none.

    Examples
    --------
    >>> figure(Finding("spectral radius", "PASS", "", 0.5864, "of A", 1.0))
    '0.5864 of A (threshold 1)'
    """
    if math.isnan(f.figure):
        return ""
    limit = f" (threshold {f.threshold:g})" if f.threshold and math.isfinite(f.threshold) else ""
    return f"{f.figure:,.4g} {f.unit}{limit}".replace("-", "−") if f.figure < 0 else (
        f"{f.figure:,.4g} {f.unit}{limit}"
    )  # fmt: skip


def markdown(report: CheckReport) -> str:
    """Return the report as a Markdown page with one table and all items below it.

    Examples
    --------
    >>> print(markdown(CheckReport((Finding("labels", "PASS", "every label is plain"),), "t")))
    # Checks: t
    <BLANKLINE>
    1 checks: 0 FAIL, 0 WARN, 1 PASS, 0 SKIPPED
    <BLANKLINE>
    | status | check | figure | finding |
    |---|---|---|---|
    | PASS | labels |  | every label is plain |
    <BLANKLINE>
    Nothing was changed in the table.
    <BLANKLINE>
    """
    lines = [f"# Checks: {_cell(report.table)}", "", summary(report), ""]
    lines += ["| status | check | figure | finding |", "|---|---|---|---|"]
    lines += [f"| {f.status} | {f.name} | {figure(f)} | {_cell(f.text)} |" for f in report.findings]
    for f in report.findings:
        if _has_values(f):
            lines += ["", f"## {f.name}", ""]
            lines += [f"- {_cell(label)}: {value:.6g}" for label, value in f.items]
    if report.sha256:
        lines += ["", f"sha256 of the source: {report.sha256}"]
    return "\n".join([*lines, "", "Nothing was changed in the table.", ""])


def to_json(report: CheckReport) -> str:
    """Return the report as indented JSON; unknown figures are null."""
    return json.dumps(json.loads(report.to_json()), indent=1, ensure_ascii=False) + "\n"


def write(report: CheckReport, path: Path) -> Path:
    """Write the report to a `.json` or `.md` file, whole or not at all.

    Raises
    ------
    InputError
        Another suffix.
    """
    from mriocarbon.model.atomic import replacing

    writers = {".json": to_json, ".md": markdown}
    if path.suffix not in writers:
        raise InputError(
            f"no report of checks is written as {path.suffix or 'a file without suffix'}",
            where=str(path),
            do="name a .json or a .md file",
        )
    text = writers[path.suffix](report)
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def _has_values(f: Finding) -> bool:
    """Whether the items are figures; labels that drifted stand in the text already."""
    return any(math.isfinite(value) for _, value in f.items)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
