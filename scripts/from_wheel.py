"""The command line of the scripts that make a csv from an unpacked wheel: write it, or compare."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mriocarbon.errors import MriocarbonError


def write_or_check(
    make: Callable[[Path], str],
    out: Path,
    *,
    name: str,
    doc: str | None,
    arguments: Sequence[str] | None,
) -> int:
    """Write what `make` gives of ``--wheel`` to `out`, or with ``--check`` compare with it.

    Returns 0, 1 where the csv differs, 2 where it cannot be made.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m scripts.{name}", description=(doc or "").split("\n")[0]
    )
    parser.add_argument("--wheel", type=Path, required=True, help="folder of the unpacked wheel")
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    try:
        made = make(options.wheel)
        if not options.check:
            options.out.write_text(made, encoding="utf-8", newline="")
            print(f"wrote {made.count(chr(10)) - 1} rows to {options.out.name}")
            return 0
        same = options.out.read_text(encoding="utf-8") == made
    except (MriocarbonError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print("the csv is as the wheel gives it" if same else "the csv differs: write it again")
    return 0 if same else 1
