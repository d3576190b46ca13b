"""Processes of industry in the terminal, and their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.industry.chains import ROUTES
from mriocarbon.industry.elements import without_electricity
from mriocarbon.industry.processes import made_from, processes
from mriocarbon.industry.simulate import Gradients, Simulation
from mriocarbon.industry.steps import Step
from mriocarbon.industry.tiers import Tier
from mriocarbon.model.told_csv import write_told
from mriocarbon.report.listing import rows

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["compare", "listed", "shown", "simulated", "write_simulation", "write_tiers"]


def _figure(value: float) -> str:
    return "0" if abs(value) < 1e-12 else f"{value:,.4g}"


def listed(console: Console) -> None:
    """Print all routes and processes."""
    rows(
        ("route", "makes", "steps", "what"),
        [(r.name, f"{r.unit} {r.good}", ", ".join(r.steps), r.about) for r in ROUTES.values()],
        console,
    )
    bare = without_electricity()
    told = {name: f"{name}*" if name in bare else name for name in processes()}
    first = [told[name] for name in processes() if not made_from(name)]
    rest = [told[name] for name in processes() if made_from(name)]
    console.print("\nprocesses: " + ", ".join(first), soft_wrap=False)
    console.print("\nfinishing steps: " + ", ".join(rest), soft_wrap=False)
    console.print(
        f"\n{len(told)} processes; show and simulate refuse the {len(bare)} marked *, as the table"
        " has no figure for their electricity: in Python, step(..., electricity=) takes yours"
    )


def shown(one: Step, grid: float | None, console: Console) -> None:
    """Print the balance of a step and its emissions by scope."""
    held = one.process.elements()
    console.print(
        f"{one.name}: {one.unit} {one.product}, by its mass and energy balance (estimated)"
    )
    lines = []
    for side, flows in (("in", one.process.inputs), ("out", one.process.outputs)):
        for flow in flows:
            content = [_figure(float(flow.content.get(e, 0.0))) for e in held]
            amount, unit = float(flow.amount), flow.unit
            if flow.name == "losses":
                amount, unit = float("nan"), ""
            shown_ = "" if np.isnan(amount) else _figure(amount)
            lines.append((side, flow.name, shown_, unit, *content))
    units = [f"{e}, {'GJ' if e == 'energy' else 't'}" for e in held]
    rows(("", "flow", "amount", "unit", *units), lines, console)
    power = float(one.process.electricity)
    parts = [
        f"process {float(one.direct_process):.4g}",
        f"fuel {float(one.direct_fuel):.4g}",
        f"direct {float(one.direct):.4g}",
    ]
    if grid is not None:
        parts.append(f"electricity {power * grid:.4g}")
        parts.append(f"total {float(one.direct) + power * grid:.4g}")
    console.print(f"\nt CO2e per {one.unit} {one.product}: " + ", ".join(parts))
    if grid is None:
        console.print(f"electricity: {power:.4g} MWh; give --grid or --origin for its emissions")
    console.print(
        "At the central values of its parameters, some assumed: `mriocarbon industry simulate`"
        " gives intervals, and with --out each parameter and its source"
    )


def simulated(found: Simulation, slopes: Gradients | None, console: Console) -> None:
    """Print quantiles of every output, what was impossible, and the largest elasticities."""
    low, middle, high = found.quantiles()
    good = found.values[~np.isnan(found.values[:, 0])]
    cut = "*" if found.failed else ""  # of the draws that are left
    rows(
        ("output", "unit", "at medians", f"mean{cut}", f"2.5 %{cut}", f"50 %{cut}", f"97.5 %{cut}"),
        [
            (name, found.units[k], *(_figure(float(v)) for v in
             (found.median[k], good[:, k].mean(), low[k], middle[k], high[k])))
            for k, name in enumerate(found.names)
        ],
        console,
    )  # fmt: skip
    console.print(
        f"\n{found.draws:,} draws of {len(found.factors)} uncertain numbers, seed {found.seed},"
        f" per {found.per}; {found.failed:,} impossible and left out"
    )
    if cut:
        console.print(
            f"* of the {found.draws - found.failed:,} possible draws only:"
            f" {found.failed / found.draws:.1%} are cut away"
        )
    for law, count in sorted(found.impossible.items(), key=lambda kv: -kv[1]):
        console.print(f"  {count:,}: {law}")
    if slopes is not None and not slopes.value:
        hint = "" if "total" in found.names else "; give --grid or --origin for those of the total"
        console.print(f"\nno elasticities: {slopes.output} emissions are zero{hint}")
    elif slopes is not None:
        console.print(f"\nelasticities of {slopes.output}:")
        rows(
            ("parameter", "percent per percent"),
            [(name, f"{value:+.3f}") for name, value in slopes.largest(10)],
            console,
        )
    if found.assumed:
        console.print(f"\n{len(found.assumed)} parameters are assumed; --out lists them")


def compare(tiers: tuple[Tier, ...], console: Console) -> None:
    """Print the models beside the tier 1 factors."""
    rows(
        ("process", "ours", "IPCC", "unit", "deviation", "edition", "status", "why"),
        [
            (
                t.process,
                _figure(t.ours),
                f"{t.ipcc:g}",
                t.unit,
                f"{100 * t.deviation:+.0f} %",
                str(t.edition),
                t.status,
                t.why,
            )
            for t in tiers
        ],
        console,
    )


def write_tiers(tiers: tuple[Tier, ...], path: Path) -> Path:
    """Write the comparison as CSV."""
    columns = ("process", "product", "ours", "ipcc", "unit", "deviation", "edition", "place",
               "status", "boundary", "why")  # fmt: skip
    lines = [tuple(getattr(t, name) for name in columns) for t in tiers]
    return write_told(path, [("name", "process models and IPCC tier 1 factors")], columns, lines)


def write_simulation(found: Simulation, path: Path) -> Path:
    """Write the statistics of every output as CSV, with what was impossible and assumed."""
    low, middle, high = found.quantiles()
    good = found.values[~np.isnan(found.values[:, 0])]
    told: dict[str, object] = {
        "name": f"simulation of {found.target}",
        "per": found.per,
        "draws": found.draws,
        "seed": found.seed,
        "backend": found.backend,
        "impossible_draws": found.failed,
        "impossible": "; ".join(f"{n}: {law}" for law, n in found.impossible.items()) or "none",
        "assumed": "; ".join(found.assumed) or "nothing",
    }
    lines = [
        (name, found.units[k], float(found.median[k]), float(good[:, k].mean()),
         float(good[:, k].std(ddof=1)), float(low[k]), float(middle[k]), float(high[k]))
        for k, name in enumerate(found.names)
    ]  # fmt: skip
    columns = ("output", "unit", "at_medians", "mean", "sd", "q025", "q500", "q975")
    return write_told(path, told.items(), columns, lines)
