"""Run every validation script and write what came out, figure by figure, to RESULTS.md.

    python -m validation [--out validation/RESULTS.md] [run_textbook ...]

Each script runs in a process of its own and prints as it goes. The page holds source, published
value, ours, deviation, tolerance and its reason. Exits with 1 if a figure fails or a script ends
without a report; the page is written all the same. Scripts named alone write no page without --out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from validation._check import KEPT_IN, STATUSES, Record, data_folder

HERE = Path(__file__).resolve().parent
PAGE = HERE / "RESULTS.md"
_WORDS = """# Validation, figure by figure

Written by `make validate` (`python -m validation`); `docs/validation.md` tells what was compared
with what, and why it may differ. Version {version}, run {folder}.

- PASS: the figure agrees, within the tolerance, with what "Source" names: a source that was
  opened, a second computation in the run, or, where it says "internal", a check value of the
  project that no outsider can see.
- FAIL: it does not agree.
- NOT MET: a target of the project, or a figure that it set out to reproduce, is missed, and the
  line says by how much and why: no pass, and no error of the code, so that it fails no run.
- UNVERIFIED: the source could not be opened, whether the figure agrees or not; counted as nothing.
- COMPARED: beside a figure that is not of the same thing, or whose way of counting is not known:
  not judged; its column counts how many such lines there are, and none of them as agreeing.
- SKIPPED: the data or the server for it are not at hand; skipped is not passed.

A line without figures is a fact that holds or does not (a warning is given, bytes are the same, an
order is kept): its PASS says no more than its words. {bare} of {passed} PASS are such lines. Where
such a fact rests on a number, "ours" has it and "allowed" what is asked of it.
"""
_COLUMNS = ("", "what", "published", "ours", "deviation", "allowed", "why")


@dataclass(frozen=True)
class Ran:
    """One script: what it is called, how it ended, its comparisons."""

    name: str
    title: str
    code: int
    records: tuple[Record, ...]

    @property
    def broken(self) -> bool:
        """Whether it ended without a report."""
        return not self.title

    def count(self, status: str) -> int:
        """Return how many comparisons came out so."""
        return sum(one.status == status for one in self.records)


def run(script: Path) -> Ran:
    """Run one script in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "records.json"
        code = subprocess.run(
            [sys.executable, str(script)], cwd=HERE.parent,
            env={**os.environ, KEPT_IN: str(kept), "PYTHONPATH": str(HERE.parent)}, check=False,
        ).returncode  # fmt: skip
        if not kept.exists():
            return Ran(script.stem, "", code, ())
        told = json.loads(kept.read_text(encoding="utf-8"))
    return Ran(script.stem, told["title"], code, tuple(Record(**one) for one in told["records"]))


def page(scripts: list[Ran], version: str, folder: str) -> str:
    """Return the page of all scripts.

    >>> one = Record("a book", "PASS", "sum", "1.5", "1.52", "+0.02", "0.05", "printed precision")
    >>> text = page([Ran("run_x", "X", 0, (one,))], "1.0", "no data folder")
    >>> [line for line in text.splitlines() if "1.52" in line]
    ['| PASS | sum | 1.5 | 1.52 | +0.02 | 0.05 | printed precision |']
    """
    every = [one for script in scripts for one in script.records]
    sums = Counter(one.status for one in every)
    bare = sum(one.status == "PASS" and not one.ours for one in every)
    parts = [_WORDS.format(version=version, folder=folder, bare=bare, passed=sums["PASS"])]
    rows = [[f"[{one.name}](#{one.name.replace('_', '-')})", one.title or "ended without a report",
             *(str(one.count(s)) for s in STATUSES)] for one in scripts]  # fmt: skip
    rows.append(["all", "", *(str(sums[s]) for s in STATUSES)])
    parts.append(_table(["script", "compared with", *STATUSES], rows))
    for script in scripts:
        parts.append(f"## {script.name.replace('_', '-')}\n\n{script.title}, `{script.name}.py`.")
        for source, records in groupby(script.records, key=lambda one: one.source):
            if source:
                parts.append(f"Source: {_plain(source)}")
            parts.append(_table(_COLUMNS, [
                [one.status, one.what, one.published, one.ours, one.deviation, one.allowed, one.why]
                for one in records
            ]))  # fmt: skip
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(heads: list[str] | tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """One line without what Markdown would read as its own; no path of the machine it ran on."""
    data = data_folder()
    for path, shown in ((data, "$MRIOCARBON_DATA"), (HERE.parent, "."), (Path.home(), "~")):
        if path is not None:
            text = text.replace(str(path), shown)
    for mark in "|*_<[":
        text = text.replace(mark, f"\\{mark}") if "](" not in text else text
    return " ".join(text.split())


def main(arguments: list[str] | None = None) -> int:
    """Return 1 if a figure failed or a script broke."""
    import mriocarbon

    asked = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    asked.add_argument("scripts", nargs="*", help="names such as run_textbook; all if none")
    asked.add_argument("--out", type=Path, help="the page; validation/RESULTS.md for all scripts")
    options = asked.parse_args(arguments)
    paths = [HERE / f"{name}.py" for name in options.scripts] or sorted(HERE.glob("run_*.py"))
    if lacking := [path.stem for path in paths if not path.is_file()]:
        known = ", ".join(path.stem for path in sorted(HERE.glob("run_*.py")))
        print(f"error: no script {', '.join(lacking)}; there are {known}", file=sys.stderr)
        return 2
    found = []
    for place, path in enumerate(paths, 1):
        print(f"== {path.name} ({place} of {len(paths)})", flush=True)
        began = time.monotonic()
        found.append(run(path))
        print(f"   {time.monotonic() - began:.1f} s", flush=True)
    out = options.out or (None if options.scripts else PAGE)
    if out is not None:
        folder = "with the folder of source data" if data_folder() else "WITHOUT the folder of data"
        out.write_text(page(found, mriocarbon.__version__, folder), encoding="utf-8")
        print(f"wrote {out.name}")
    failed = [one.name for one in found if one.code or one.broken]
    print(f"{len(found)} validation scripts ran"
          + (f"; error: failed: {', '.join(failed)}" if failed else ""))  # fmt: skip
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
