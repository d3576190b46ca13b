"""2022 national adjustments: each principle against production, with paired intervals.

python examples/adjust_2022.py --out build/examples
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

import mriocarbon as mc
from mriocarbon.report.sector_names import place_name

REGIONS = ("CHN", "USA", "JPN", "EU27", "IND", "RUS")
PRINCIPLES = ("consumption", "income", "half-half", "value-added")
CLAIMED = {"CHN": -17.7, "USA": 15.2, "JPN": 7.2}  # reported by the press in April 2026


def adjustments(mrio: mc.MRIO) -> pd.DataFrame:
    """Return the difference from production in per cent, with the ends of the 95 % interval."""
    rows = []
    for principle in PRINCIPLES:
        # paired: what errs in the account and in production alike cancels
        found = mc.difference(mrio, principle, stressor="GHG", households=False)
        assert found.low is not None and found.high is not None
        for region in REGIONS:
            k = found.coords["region"].index(region)
            rows.append({"principle": principle, "region": region, "percent": found[region],
                         "low": found.low[k], "high": found.high[k]})  # fmt: skip
    return pd.DataFrame(rows)


def picture(table: pd.DataFrame, path: Path) -> None:
    """Draw the adjustments of each region side by side."""
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    width = 0.8 / len(PRINCIPLES)
    for j, (principle, some) in enumerate(table.groupby("principle", sort=False)):
        at = [i + (j - (len(PRINCIPLES) - 1) / 2) * width for i in range(len(some))]
        errors = [some.percent - some.low, some.high - some.percent]
        axes.bar(at, some.percent, width, yerr=errors, label=principle,
                 error_kw={"lw": 0.8})  # fmt: skip
    for i, region in enumerate(REGIONS):
        if region in CLAIMED:
            axes.plot([i - 0.45, i + 0.45], [CLAIMED[region]] * 2, "k:",
                      label="claim of April 2026" if not i else None)  # fmt: skip
    axes.axhline(0, color="k", lw=0.8)
    axes.set_xticks(range(len(REGIONS)), REGIONS)
    axes.set_ylabel("account less production, %")
    axes.set_title("GHG of industries 2022 †, OECD ICIO: who answers for emissions", loc="left")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Print the table, write it and the picture."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("build/examples"))
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")

    mrio = mc.load("oecd-icio-2022")
    table = adjustments(mrio)
    print("account over production, %, greenhouse gases of industries † 2022:")
    print(table.pivot(index="region", columns="principle", values="percent").loc[list(REGIONS)]
          .rename(index=place_name).map("{:+.1f} %".format).to_string())  # fmt: skip
    for region, claim in CLAIMED.items():
        some = table[table.region == region]
        inside = some[(some.low <= claim) & (claim <= some.high)].principle.tolist()
        print(f"{place_name(region)}: claimed {claim:+.1f} %; inside the 95 % interval of"
              f" {', '.join(inside) or 'none'}")  # fmt: skip

    # Intervals rest on an error model, most of it assumed: show what the assumption does.
    base = mc.uncertainty.default_errors(mrio, "GHG")
    law = base.flows
    assert isinstance(law, mc.uncertainty.SizeLaw)
    for times in (0.5, 1.0, 2.0):
        errors = replace(base, flows=mc.uncertainty.SizeLaw(times * law.a, law.b, ceiling=1.0))
        found = mc.difference(mrio, "consumption", stressor="GHG", households=False, errors=errors)
        assert found.low is not None and found.high is not None
        k = found.coords["region"].index("CHN")
        print(f"China by consumption, errors of trade and inputs times {times}: "
              f"{found.low[k]:+.1f} to {found.high[k]:+.1f} %")  # fmt: skip

    table.to_csv(out / "adjust-2022.csv", index=False)
    picture(table, out / "adjust-2022.png")
    print(f"wrote adjust-2022.csv and adjust-2022.png into {out}")


if __name__ == "__main__":
    main()
