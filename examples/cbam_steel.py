"""CBAM audit of one country's steel: bias of the default values, good by good, and its cost.

python examples/cbam_steel.py --out build/examples
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

import mriocarbon as mc

ORIGIN = "IND"
GOOD, TONNES = "7208", 1000.0  # hot-rolled flat steel, shipped each year
STEEL = ("72", "73")  # chapters of the combined nomenclature
TICKS = (0, 50, 100, 200, 400, 800)  # per cent; even up to 100, then by powers
RED, GREY = "#b3261e", "#777777"


def lines(found: mc.cbam.Audit) -> pd.DataFrame:
    """Return the steel lines that could be compared: bias in per cent, before the mark-up."""
    rows = []
    for line in found.lines:
        if line.cn.startswith(STEEL) and line.main is not None:
            bias = line.main.bias
            rows.append({
                "cn": line.cn, "default": float(line.value.total or 0), "verdict": line.verdict,
                "own row": not line.value.is_fallback, "reference": line.main.reference.name,
                "bias": 100 * bias.value, "low": 100 * bias.low, "high": 100 * bias.high,
            })  # fmt: skip
    return pd.DataFrame(rows).sort_values("bias", ascending=False, ignore_index=True)


def picture(table: pd.DataFrame, path: Path) -> None:
    """Draw the bias of every heading with its interval; red where it is proven."""
    table = table[table.cn.str.len() == 4].sort_values("bias", ignore_index=True)
    figure, axes = plt.subplots(figsize=(7, 0.25 * len(table) + 1.4), layout="constrained")
    for k, row in table.iterrows():
        colour = RED if row.verdict == "over" else GREY
        axes.plot([row.low, row.high], [k, k], color=colour, lw=1.5)
        axes.plot(row.bias, k, "o", color=colour, ms=4)
    axes.axvline(0, color="k", lw=0.8)
    axes.set_yticks(range(len(table)), table.cn)
    axes.set_ylabel("CN heading")
    axes.set_xscale("symlog", linthresh=100)
    axes.set_xticks(TICKS, [f"{tick:,}" for tick in TICKS], minor=False)
    axes.set_xlabel("default value over its reference, % (95 % interval); red: overstates")
    axes.set_title(f"CBAM default values of {ORIGIN}, steel, before the mark-up", loc="left")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Audit, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("build/examples"))
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")

    found = mc.cbam.audit(ORIGIN)
    table = lines(found)
    print(
        f"{len(table)} steel lines of {ORIGIN} compared: {table.verdict.value_counts().to_dict()}"
    )
    print(table.head(8).round(1).to_string(index=False))
    print(f"all goods: {found.claim.overall}")

    # What a consignment costs at the default, and how much of that is the bias.
    line = next(one for one in found.lines if one.cn == GOOD and one.main is not None)
    assert line.main is not None
    reference = line.main.reference
    shipped = mc.cbam.TradeLine(ORIGIN, GOOD, TONNES, None, 2026, "assumed: a consignment")
    # the higher the reference, the smaller the bias: its upper end makes the lower end of the cost
    path, least, most = (
        mc.cbam.cost_path([shipped], origin=ORIGIN, reference={GOOD: value})
        for value in (reference.value, reference.high, reference.low)
    )
    cost = pd.DataFrame([
        {"year": row.year, "cost_eur": float(row.net_eur), "by_mark_up_eur": float(row.markup_eur),
         "by_bias_eur": float(row.bias_eur), "low": float(low.bias_eur),
         "high": float(high.bias_eur), "price_assumed": row.price.assumed}
        for row, low, high in zip(path.rows, least.rows, most.rows, strict=True)
    ])  # fmt: skip
    print(f"{TONNES:,.0f} t of {GOOD} a year, reference {reference.value:.2f} t CO2e/t"
          f" ({reference.low:.2f} to {reference.high:.2f}); ends of by_bias_eur:")  # fmt: skip
    print(cost.round(0).to_string(index=False))
    for note in path.notes:
        print("note:", note)

    table.to_csv(out / "cbam-steel.csv", index=False)
    cost.to_csv(out / "cbam-steel-cost.csv", index=False)
    picture(table, out / "cbam-steel.png")
    print(f"wrote cbam-steel.csv, cbam-steel-cost.csv and cbam-steel.png into {out}")


if __name__ == "__main__":
    main()
