"""Run registered benchmarks and print what came out: ``python -m benchmarks [name ...]``."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.machine import machine
from benchmarks.registry import Benchmark, Figure, Settings, registered


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0, or 2 for a name that is not registered; a missed target is no error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="which ones; all by default")
    parser.add_argument("--list", action="store_true", help="list them and stop")
    parser.add_argument("--repeats", type=int, help="repeats of each measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args(argv)
    known = registered()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        print(f"error: unknown benchmark {unknown[0]!r}; known: {', '.join(known)}",
              file=sys.stderr)  # fmt: skip
        return 2
    chosen = [known[name] for name in asked.names] or list(known.values())
    if asked.list:
        for one in chosen:
            print(f"{one.name:<12} {one.about}")
        return 0
    data = os.environ.get("MRIOCARBON_DATA", "").strip()
    folder = Path(data).expanduser().resolve() if data else None
    settings = Settings(asked.repeats, folder if folder and folder.is_dir() else None)
    about = machine()
    results: list[tuple[Benchmark, list[Figure]]] = []
    for one in chosen:
        print(f"{one.name}: {one.about} ...", file=sys.stderr, flush=True)
        results.append((one, one.run(settings)))
    show(results, about)
    if asked.json:
        write(results, about, asked.json)
    return 0


def show(results: Sequence[tuple[Benchmark, list[Figure]]], about: dict[str, str]) -> None:
    """Print one table for each benchmark, and the machine."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 130)
    for one, figures in results:
        table = Table(title=f"{one.name}: {one.about}", title_justify="left")
        table.add_column("what", overflow="fold")
        for heading in ("min", "median", "max", "runs", "target", "of target", "verdict"):
            table.add_column(heading, justify="right")
        notes: list[str] = []
        for figure in figures:
            mark = ""
            if figure.note:
                notes.append(f"[{len(notes) + 1}] {figure.name}: {figure.note}")
                mark = f" [{len(notes)}]"
            values = figure.values
            low, high = (min(values), max(values)) if values else (math.nan, math.nan)
            share = figure.middle / figure.target if figure.target else math.nan
            table.add_row(
                (figure.name + mark).replace("[", r"\["),
                text(low, figure.unit), text(figure.middle, figure.unit), text(high, figure.unit),
                str(len(values)),
                text(figure.target, figure.unit) if figure.target else "",
                f"{share:.2f}" if math.isfinite(share) else "",
                figure.verdict,
            )  # fmt: skip
        console.print(table)
        for note in notes:
            console.print(note, markup=False, highlight=False)
        console.print()
    console.print("; ".join(f"{key} {value}" for key, value in about.items()), markup=False)


def text(value: float, unit: str) -> str:
    """Seconds as s or ms, MiB as they are; a dash where nothing was measured."""
    if not math.isfinite(value):
        return "-"
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.3g} ms"
    return f"{value:.0f} {unit}"


def write(
    results: Sequence[tuple[Benchmark, list[Figure]]], about: dict[str, str], path: Path
) -> None:
    """Write all figures as JSON, under a temporary name first."""
    content = {
        "machine": about,
        "benchmarks": [
            {
                "name": one.name,
                "about": one.about,
                "figures": [
                    {
                        "name": figure.name, "unit": figure.unit, "values": list(figure.values),
                        "median": median(figure.values) if figure.values else None,
                        "target": figure.target, "verdict": figure.verdict, "note": figure.note,
                    }
                    for figure in figures
                ],
            }
            for one, figures in results
        ],
    }  # fmt: skip
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
