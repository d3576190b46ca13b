"""Run registered benchmarks and print what came out.

``--smoke`` runs the small set, in under two minutes on two cores; ``--full`` all of them on all
tables, with the peers (half an hour and more); names run those alone. ``--write`` puts the figures
into docs/benchmarks.md and benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.registry import Benchmark, Figure, Settings, data_folder, positive, registered
from benchmarks.report import described, save, show, write


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0; 1 where results are WRONG; 2 for a bad request. A missed target is no error."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", help="which ones; the full set by default")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--smoke", action="store_true", help="the small set, small tables only")
    kind.add_argument("--full", action="store_true", help="the full set (the default)")
    parser.add_argument("--list", action="store_true", help="list them and stop")
    parser.add_argument("--repeats", type=positive, help="repeats of each measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--write", action="store_true", help="write them into the documentation")
    asked = parser.parse_args(argv)
    known = registered()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        print(f"error: unknown benchmark {unknown[0]!r}; known: {', '.join(known)}",
              file=sys.stderr)  # fmt: skip
        return 2
    if asked.smoke and asked.write:
        print("error: a smoke run is too short to be written down; use --full or names",
              file=sys.stderr)  # fmt: skip
        return 2
    chosen = [known[name] for name in asked.names] or [
        one for one in known.values() if one.smoke or not asked.smoke
    ]
    if asked.list:
        for one in chosen:
            print(f"{one.name:<14} {described(one)}{'  [smoke]' if one.smoke else ''}")
        return 0
    settings = Settings(asked.repeats, data_folder())
    if asked.smoke:
        settings = Settings(asked.repeats or 3, None, smoke=True)
    about = machine()
    results: list[tuple[Benchmark, list[Figure]]] = []
    for one in chosen:
        print(f"{one.name}: {one.about} ...", file=sys.stderr, flush=True)
        begun = time.perf_counter()
        results.append((one, one.run(settings)))
        print(f"  {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
        if asked.write:  # each as soon as it is there: a long run may be broken off
            write(results[-1:], about)
    show(results, about)
    if asked.json:
        save(results, about, asked.json)
    return 1 if any(figure.wrong for _, figures in results for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
