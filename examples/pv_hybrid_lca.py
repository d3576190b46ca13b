"""Hybrid LCA of a photovoltaic module: what a process inventory leaves out, and where it arises.

python examples/pv_hybrid_lca.py --out build/examples
"""

from __future__ import annotations

import argparse
from pathlib import Path
from textwrap import fill

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

import mriocarbon as mc

STUDY = "pv_module"  # 1 kWp of crystalline silicon, made in China 2022, cradle to gate
DRAWS = 500


def main() -> None:
    """Run the study with and without the table behind it; print, write and draw both."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("build/examples"))
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")

    path = mc.lca.examples()[STUDY]
    study = mc.lca.read_study(path)
    assert study.hybrid is not None
    process_only = study.model_copy(
        update={"hybrid": study.hybrid.model_copy(update={"complement": False})}
    )
    found = {
        "processes alone": mc.lca.run(process_only, folder=path.parent, draws=DRAWS),
        "with the table for what they leave out": mc.lca.run(
            study, folder=path.parent, draws=DRAWS
        ),
    }
    totals = {}
    for name, one in found.items():
        low, high = one.interval
        totals[name] = one.total
        print(f"{name}: {one.total:.0f} kg CO2e per kWp (95 %: {low:.0f} to {high:.0f} kg CO2e)")
    short, whole = totals.values()
    print(f"left out by the processes: {100 * (1 - short / whole):.1f} % of the hybrid figure,"
          " an estimate from industry averages")  # fmt: skip
    hybrid = found["with the table for what they leave out"]
    print(f"still left out: {hybrid.left_out}")
    for check in hybrid.checks:
        if check.status in ("warn", "fail"):
            print(f"{check.status}: {check.name}: {check.detail[:160]}")

    spots = hybrid.interpretation.contributions.hotspots
    table = pd.DataFrame([{"process": s.name, "kg CO2e": s.value, "share": s.share} for s in spots])
    print("the largest parts of the hybrid figure:")
    for spot in table.head(10).itertuples(index=False, name=None):
        print(f"  {spot[1]:6.1f} kg CO2e per kWp, {100 * spot[2]:4.1f} %: {spot[0]}")
    table.to_csv(out / "pv-hybrid.csv", index=False)

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    shown = table.head(10).iloc[::-1]
    axes.barh([fill(name, 34) for name in shown.process], shown["kg CO2e"], color="#33658a")
    axes.set_xlabel("kg CO2e per kWp")
    title = "PV module made in China: the largest parts of its footprint"
    figure.suptitle(title, x=0.01, ha="left")
    figure.savefig(out / "pv-hybrid.png", dpi=150)
    print(f"wrote pv-hybrid.csv and pv-hybrid.png into {out}")


if __name__ == "__main__":
    main()
