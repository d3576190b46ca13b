"""Uncertainty of a bilateral flow: first order, draws, and what would make it surer.

python examples/bilateral_uncertainty.py --out build/examples
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

import mriocarbon as mc
from mriocarbon.report.sector_names import place_name

ORIGIN, DESTINATION, GAS = "CHN", "USA", "GHG"
DRAWS = 1000


def emitting_alone(mrio: mc.MRIO, origin: str) -> mc.MRIO:
    """Return the table in which one region emits: consumption accounts are then its flows."""
    extension = mrio.extension_of(GAS)
    row, S = extension.row(GAS), len(mrio.sectors)
    k = mrio.regions.index(origin)
    F = np.zeros((1, len(mrio.index)))
    F[0, k * S : (k + 1) * S] = extension.F[row, k * S : (k + 1) * S]
    alone = replace(extension, stressors=(GAS,), units=(extension.units[row],), F=F, F_Y=None,
                    F_Y_low=None, F_Y_high=None)  # fmt: skip
    return mrio.replace_extensions(alone)


def main() -> None:
    """Compute the flow and its interval in two ways, print and draw them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("build/examples"))
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")

    mrio = mc.load("oecd-icio-2022")
    alone = emitting_alone(mrio, ORIGIN)
    errors = mc.uncertainty.default_errors(mrio, GAS)  # of the whole table, cell by cell
    k = mrio.regions.index(DESTINATION)

    first = mc.uncertainty.first_order(alone, errors, households=False)
    flow, sd = float(first.value[k]), float(first.sd[k])
    assert abs(flow / mc.bilateral(mrio, GAS)[ORIGIN, DESTINATION] - 1) < 1e-9
    flow_name = f"{place_name(ORIGIN)} emits for {place_name(DESTINATION)}, 2022"
    print(f"{flow_name}: {flow:.1f} Mt CO2e, first order"
          f" {flow - 1.96 * sd:.1f} to {flow + 1.96 * sd:.1f} Mt CO2e (95 %) †")  # fmt: skip
    parts = {name: float(variance[k]) for name, variance in first.parts.items()}
    for name, variance in sorted(parts.items(), key=lambda one: -one[1]):
        print(f"  {100 * variance / sum(parts.values()):5.1f} % of the variance from {name}")

    drawn = mc.uncertainty.monte_carlo(
        alone, errors, stressor=GAS, households=False, draws=DRAWS, keep=True
    )
    assert drawn.samples is not None
    sample = drawn.samples["account"][:, k]
    low, high = np.quantile(sample, [0.025, 0.975])
    print(f"{DRAWS:,} draws: {low:.1f} to {high:.1f} Mt CO2e (95 %) †; the ends are known to"
          f" {100 * drawn.interval_error:.0f} % of the width at worst")  # fmt: skip

    # What would make it surer? Halve the error of one input at a time.
    law = errors.flows
    assert isinstance(law, mc.uncertainty.SizeLaw)
    half = mc.uncertainty.SizeLaw(law.a / 2, law.b, ceiling=1.0)
    for what, better in (("inputs and trade", replace(errors, flows=half)),
                         ("final demand", replace(errors, demand=half))):  # fmt: skip
        surer = mc.uncertainty.first_order(alone, better, households=False)
        print(
            f"  half the error of {what}: standard deviation {sd:.2f} -> {surer.sd[k]:.2f} Mt CO2e"
        )

    figure, axes = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
    axes.hist(sample, bins=40, density=True, color="#9db4c0", label=f"{DRAWS:,} draws")
    at = np.linspace(flow - 4 * sd, flow + 4 * sd, 200)
    axes.plot(at, np.exp(-(((at - flow) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi)), "k",
              label="first order")  # fmt: skip
    axes.set_yticks([])
    axes.set_xlabel(f"{flow_name}, Mt CO2e")
    axes.set_title("One flow of embodied carbon; errors of the table mostly assumed", loc="left")
    axes.legend(frameon=False)
    figure.savefig(out / "bilateral-uncertainty.png", dpi=150)
    np.savetxt(out / "bilateral-uncertainty.csv", sample, fmt="%.6g", header="Mt CO2e, one draw")
    print(f"wrote bilateral-uncertainty.csv and bilateral-uncertainty.png into {out}")


if __name__ == "__main__":
    main()
