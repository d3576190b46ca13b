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
# one price for the whole script: the one that the audit takes, held constant to 2034
PRICE = "2026-Q1"
GOOD, TONNES = "7208", 1000.0  # hot-rolled flat steel, shipped each year
WORDS = {"over": "overstate", "under": "understate", "not biased": "are right within the band",
         "inconclusive": "cannot be decided"}  # fmt: skip
STEEL = ("72", "73")  # chapters of the combined nomenclature
TICKS = (0, 50, 100, 200, 400, 800)  # per cent; even up to LINEAR, then by powers
LINEAR = 100
RED, GREY = "#b3261e", "#777777"
SOURCE = (
    "Default values: Implementing Regulation (EU) 2025/2621, Annex I, before the correcting"
    " Regulation (EU) 2026/1740.\n† References: process models, for a few with the"
    " input-output table; most of their parameters and spreads are assumed."
)


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


def picture(table: pd.DataFrame, name: str, path: Path) -> None:
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
    axes.set_xscale("symlog", linthresh=LINEAR)
    axes.axvline(LINEAR, color=GREY, lw=0.8, ls=":")
    axes.set_xticks(TICKS, [f"{tick:,}" for tick in TICKS], minor=False)
    axes.set_xlabel(
        "default value above its reference †, % (95 % interval); red: overstates, grey: undecided\n"
        f"scale: even up to {LINEAR} % (dotted), logarithmic beyond"
    )
    axes.set_title(f"CBAM default values of steel from {name}, before the mark-up", loc="left")
    figure.supxlabel(SOURCE, x=0.01, ha="left", fontsize=7)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Audit, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("build/examples"))
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")

    found = mc.cbam.audit(ORIGIN, price=PRICE)
    name = found.origin.name
    table = lines(found)
    counts = ", ".join(f"{n} {WORDS[v]}" for v, n in table.verdict.value_counts().items())
    print(f"{len(table)} steel values of {name} compared, before the mark-up: {counts}")
    print("the most overstated; default value in t CO2e/t, bias over the reference † in %:")
    for row in table.head(8).itertuples():
        print(
            f"  CN {row.cn}: default {row.default:.3f} t CO2e/t, bias {row.bias:+.0f} %"
            f" (95 %: {row.low:+.0f} to {row.high:+.0f} %), against the {row.reference}"
        )
    print(f"the claim that the default values of all goods overstate: {found.claim.overall}")

    # What a consignment costs at the default, and how much of that is the bias.
    line = next(one for one in found.lines if one.cn == GOOD and one.main is not None)
    assert line.main is not None
    reference = line.main.reference
    shipped = mc.cbam.TradeLine(ORIGIN, GOOD, TONNES, None, 2026, "assumed: a consignment")
    # the higher the reference, the smaller the bias: its upper end makes the lower end of the cost
    path, least, most = (
        mc.cbam.cost_path([shipped], origin=ORIGIN, reference={GOOD: value}, price=PRICE)
        for value in (reference.value, reference.high, reference.low)
    )
    cost = pd.DataFrame([
        {"year": row.year, "cost_eur": float(row.net_eur), "by_mark_up_eur": float(row.markup_eur),
         "by_bias_eur": float(row.bias_eur), "by_bias_eur_low": float(low.bias_eur),
         "by_bias_eur_high": float(high.bias_eur), "price_eur": float(row.price.eur),
         "price_period": row.price.period, "price_assumed": row.price.assumed}
        for row, low, high in zip(path.rows, least.rows, most.rows, strict=True)
    ])  # fmt: skip
    price = path.rows[0].price
    print(f"{TONNES:,.0f} t of CN {GOOD} a year, reference † {reference.value:.2f} t CO2e/t (95 %:"
          f" {reference.low:.2f} to {reference.high:.2f} t CO2e/t), at {price}:")  # fmt: skip
    for row in cost.itertuples():
        print(f"  {row.year}: {row.cost_eur:,.0f} EUR, of it {row.by_mark_up_eur:,.0f} EUR by the"
              f" mark-up and {row.by_bias_eur:,.0f} EUR by the bias (95 %:"
              f" {row.by_bias_eur_low:,.0f} to {row.by_bias_eur_high:,.0f} EUR)")  # fmt: skip
    print(SOURCE)
    for note in path.notes:
        print("note:", note)

    table.to_csv(out / "cbam-steel.csv", index=False)
    cost.to_csv(out / "cbam-steel-cost.csv", index=False)
    picture(table, name, out / "cbam-steel.png")
    print(f"wrote cbam-steel.csv, cbam-steel-cost.csv and cbam-steel.png into {out}")


if __name__ == "__main__":
    main()
