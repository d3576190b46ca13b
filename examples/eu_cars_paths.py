"""Path analysis of the cars that the EU buys: chains, tiers, borders, and cleaner steel.

python examples/eu_cars_paths.py --out build/examples
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

import mriocarbon as mc
from mriocarbon.report.sector_names import place_name, sector_name

REGION, CARS, STEEL = "EU27", "C29", "C24A"  # of the OECD's table: motor vehicles, iron and steel
TOP = 1000


def main() -> None:
    """Find the chains, print the largest, and ask what half the steel's carbon would change."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("build/examples"))
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")

    mrio = mc.load("oecd-icio-2022")
    found = mc.paths(mrio, region=REGION, product=CARS, stressor="GHG", top=TOP)
    print(f"{found.total:.1f} {found.unit} behind the cars that the {REGION} buys in 2022,"
          " whoever makes them")  # fmt: skip
    print(f"the {len(found)} largest chains hold {100 * found.coverage:.0f} %; none left out is"
          f" above {found.remainder_bound:.4f} {found.unit}")  # fmt: skip
    dataset = "oecd-icio-2022"
    shown = found.table.head(10)
    print("the largest, from who emits to the car:")
    for chain, value, share in zip(shown["path"], shown["value"], shown["share"], strict=True):
        steps = " > ".join(f"{sector_name(s, dataset)} ({r})" for r, s in reversed(chain))
        print(f"  {value:6.2f} {found.unit}, {100 * share:4.1f} %: {steps}")

    tiers = mc.tiers(mrio, region=REGION, product=CARS, stressor="GHG", depth=8).to_pandas()
    borders = mc.crossings(mrio, region=REGION, product=CARS, stressor="GHG").to_pandas()
    for what, table in (("suppliers before the car maker", tiers), ("borders crossed", borders)):
        print(f"{found.unit} by the number of {what}:")
        print("  " + ", ".join(f"{k}: {v:.1f}" for k, v in table.items()))

    # Chains by the region that emits: which suppliers' carbon is in them?
    names = [f"{sector_name(s, dataset)}, {place_name(r)}" for r, s in
             (chain[-1] for chain in found)]  # fmt: skip
    emitters = pd.Series(found.value).groupby(names).sum()
    largest = emitters.sort_values().tail(12)

    # A first answer, no forecast: prices stay, nobody substitutes.
    cleaner = mc.Change("stressor", 0.5, region="CHN", sector=STEEL)
    change = mc.scenario(mrio, cleaner, stressor="GHG").difference
    print(f"half the emissions of Chinese steel: {REGION}'s whole footprint"
          f" {change[REGION]:+.1f} {change.unit}"
          f" of {change.total:+.1f} {change.unit} world-wide")  # fmt: skip

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.barh(largest.index, largest, color="#33658a")
    axes.set_xlabel(f"{found.unit}, in the {len(found)} largest chains")
    title = f"Who emits for the cars bought in the {REGION}, 2022"
    figure.suptitle(title, x=0.01, ha="left")
    figure.savefig(out / "eu-cars-emitters.png", dpi=150)
    found.table.to_csv(out / "eu-cars-paths.csv", index=False)
    print(f"wrote eu-cars-paths.csv and eu-cars-emitters.png into {out}")


if __name__ == "__main__":
    main()
