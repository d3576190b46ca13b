"""Figures as a table in the terminal, as JSON, and in the documentation."""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.registry import ROOT, Benchmark, Figure

DOCS = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEAD = """# Results

All figures of `python -m benchmarks --full --write`, or of single benchmarks, by machine. Seconds
are wall time, memory is the peak of a whole process, a ratio is of two contenders in one run.
"""

Results = Sequence[tuple[Benchmark, Sequence[Figure]]]


def text(value: float, unit: str) -> str:
    """Seconds as s or ms, ratios as x, powers bare, MiB whole; a dash where there is nothing."""
    if not math.isfinite(value):
        return "-"
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.3g} ms"
    if unit in ("x", ""):
        return f"{value:.3g} {unit}".rstrip()
    return f"{value:.0f} {unit}"


def target(figure: Figure) -> str:
    """The target, with its direction where more is better."""
    if figure.target is None:
        return ""
    return ("at least " if figure.at_least else "") + text(figure.target, figure.unit)


def spread(figure: Figure) -> tuple[str, str, str, str]:
    """Minimum, median, maximum and number of the values."""
    values = figure.values
    low, high = (min(values), max(values)) if values else (math.nan, math.nan)
    return (
        text(low, figure.unit), text(figure.middle, figure.unit), text(high, figure.unit),
        str(len(values)),
    )  # fmt: skip


def show(results: Results, about: Mapping[str, str]) -> None:
    """Print one table for each benchmark, and the machine."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 130)
    for one, figures in results:
        table = Table(title=f"{one.name}: {described(one)}", title_justify="left")
        table.add_column("what", overflow="fold")
        for heading in ("min", "median", "max", "runs", "target", "of target", "verdict"):
            table.add_column(heading, justify="right")
        notes: list[str] = []
        for figure in figures:
            mark = ""
            if figure.note:
                notes.append(f"[{len(notes) + 1}] {figure.name}: {figure.note}")
                mark = f" [{len(notes)}]"
            share = figure.middle / figure.target if figure.target else math.nan
            table.add_row(
                (figure.name + mark).replace("[", r"\["), *spread(figure), target(figure),
                f"{share:.2f}" if math.isfinite(share) else "", figure.verdict,
            )  # fmt: skip
        console.print(table)
        for note in notes:
            console.print(note, markup=False, highlight=False)
        console.print()
    console.print("; ".join(f"{key} {value}" for key, value in about.items()), markup=False)


def described(one: Benchmark) -> str:
    """What it computes, on what, beside whom, and within what bound."""
    parts = [one.about]
    if one.size:
        parts.append(one.size)
    if one.peers:
        parts.append("beside " + ", ".join(one.peers))
    if one.bound:
        parts.append("bound: " + one.bound)
    return "; ".join(parts)


def save(results: Results, about: Mapping[str, str], path: Path) -> None:
    """Write all figures as JSON, under a temporary name first."""
    content = {
        "machine": dict(about),
        "benchmarks": [
            {
                "name": one.name, "about": one.about, "size": one.size, "peers": list(one.peers),
                "bound": one.bound,
                "figures": [
                    {
                        "name": figure.name, "unit": figure.unit, "values": list(figure.values),
                        "median": median(figure.values) if figure.values else None,
                        "target": figure.target, "at least": figure.at_least,
                        "verdict": figure.verdict, "note": figure.note,
                    }
                    for figure in figures
                ],
            }
            for one, figures in results
        ],
    }  # fmt: skip
    _replace(path, json.dumps(content, indent=1) + "\n")


def write(
    results: Results, about: Mapping[str, str], docs: Path = DOCS, records: Path = RESULTS
) -> None:
    """Put the figures into the documentation and into the record of all machines.

    The record keeps a section for each processor; only the benchmarks that were run are replaced
    in it. The documentation shows, between two marks, what has a target, of the machine measured
    last.

    Raises
    ------
    ValueError
        The documentation has no marks.
    """
    title = f"{about['cpu']}, {about['cores']} cores"
    if about.get("device"):
        title += f", {about['device']}"
    when = time.strftime("%Y-%m-%d", time.gmtime())
    versions = "; ".join(
        f"{k} {v}" for k, v in about.items() if k not in ("cpu", "cores", "device")
    )
    blocks = {
        one.name: f"{described(one)}\n\n{when}; {versions}\n\n{_table(figures)}"
        for one, figures in results
    }
    old = records.read_text(encoding="utf-8") if records.is_file() else HEAD
    head, machines = _split(old, "## ")
    before, known = _split(machines.get(title, ""), "### ")
    machines[title] = _join(before, {**known, **blocks}, "### ")
    _replace(records, _join(head, machines, "## "))

    page = docs.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"{docs.name} needs {BEGIN} and {END}, once each")
    start, rest = page.split(BEGIN)
    middle, end = rest.split(END)
    said, known = _split(middle.strip(), "### ")
    said = said.strip()
    line = f"On {title}; what has a target. The rest is in `benchmarks/RESULTS.md`."
    if said != line:
        known = {}
    for one, figures in results:
        judged = [figure for figure in figures if figure.target is not None]
        known.pop(one.name, None)
        if judged:
            known[one.name] = f"{described(one)} ({when})\n\n{_table(judged, notes=False)}"
    shown = _join(line, dict(sorted(known.items())), "### ")
    _replace(docs, f"{start}{BEGIN}\n\n{shown.strip()}\n\n{END}{end}")


def _table(figures: Sequence[Figure], notes: bool = True) -> str:
    lines = ["| what | min | median | max | runs | target | |", "|---|---|---|---|---|---|---|"]
    said: list[str] = []
    for figure in figures:
        mark = ""
        if figure.note and (notes or not figure.values):
            said.append(f"{len(said) + 1}. {figure.name}: {figure.note}")
            mark = f" [{len(said)}]"
        cells = (figure.name + mark, *spread(figure), target(figure), figure.verdict)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines + ([""] + said if said else []))


def _split(page: str, mark: str) -> tuple[str, dict[str, str]]:
    """What stands before the first heading, and the sections by heading."""
    head, *parts = re.split(rf"^{mark}", page, flags=re.MULTILINE)
    sections = {}
    for part in parts:
        name, _, body = part.partition("\n")
        sections[name.strip()] = body.strip()
    return head.strip(), sections


def _join(head: str, sections: Mapping[str, str], mark: str) -> str:
    parts = [head.strip(), *(f"{mark}{name}\n\n{body.strip()}" for name, body in sections.items())]
    return "\n\n".join(filter(None, parts)) + "\n"


def _replace(path: Path, content: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(content, encoding="utf-8")
    part.replace(path)
