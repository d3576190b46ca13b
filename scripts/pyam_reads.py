"""Whether pyam reads what `Result.to_iamc` writes, and finds the same numbers and sums.

    python -m venv build/pyam && build/pyam/bin/pip install pyam-iamc "sqlalchemy<2.1"
    python -m scripts.pyam_reads --pyam build/pyam/bin/python

pyam is no dependency of this project and lives in an environment of its own. Each table is written
as a CSV file, long and wide, marked and not, one number missing; pyam reads it, and all numbers and
sums of parts are compared. Exits with 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import mriocarbon as mc

# Runs in pyam's environment: reads a file, tells its numbers, and asks for the sums.
READER = """
import json, sys, warnings
import pyam
warnings.simplefilter("ignore")
table = pyam.IamDataFrame(sys.argv[1])
rows = table.data[["region", "variable", "unit", "year", "value"]].values.tolist()
off = table.check_aggregate(sys.argv[2], components=sys.argv[3].split(";"), rtol=1e-12)
print(json.dumps({"version": pyam.__version__, "rows": rows, "extra": table.extra_cols,
                  "unequal": 0 if off is None else len(off)}))
"""
WHOLE = "Emissions Footprint|Kyoto Gases"
ROUNDING = 1e-15
"""pandas reads decimals fast, and may miss the last bit."""
PARTS = f"{WHOLE}|Industries;{WHOLE}|Households"


def main() -> int:
    """Return 1 if pyam finds another number than was written."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--pyam", type=Path, required=True, help="python of an environment with it")
    options = asked.parse_args()
    footprint = mc.account(mc.load("oecd-icio-2022"), "consumption", stressor="GHG")
    long = footprint.to_iamc(scenario="history")
    rows = long[["Region", "Variable", "Unit", "Year", "Value"]].to_numpy().tolist()
    wanted = {tuple(row[:4]): row[4] for row in rows}
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for layout in ("long", "wide"):
            for marked in (True, False):
                frame = footprint.to_iamc(scenario="history", layout=layout, marked=marked)
                ends = frame.index[frame["Variable"].str.endswith("[high]")][0]
                frame.loc[ends, frame.columns[-1]] = math.nan  # one is missing
                path = Path(folder) / f"{layout}.csv"
                frame.to_csv(path, index=False)
                told = json.loads(subprocess.run(
                    [str(options.pyam), "-c", READER, str(path), WHOLE, PARTS],
                    check=True, stdout=subprocess.PIPE, text=True,
                ).stdout)  # fmt: skip
                found = {tuple(row[:4]): row[4] for row in told["rows"]}
                known = found.keys() <= wanted.keys() and len(found) == len(wanted) - 1
                gap = max(abs(found[key] / wanted[key] - 1) for key in found) if known else math.nan
                good = known and gap <= ROUNDING and not told["unequal"]
                bad += not good
                print(
                    f"pyam {told['version']}, {layout}, {'marked' if marked else 'not marked'}:"
                    f" {len(found)} numbers of {len(wanted)}, one written as missing, within"
                    f" {gap:.0e}; {told['unequal']} sums differ; further columns"
                    f" {told['extra'] or 'none'}: {'OK' if good else 'WRONG'}"
                )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
