"""``mriocarbon machine``: the speeds by which a method of solving is chosen."""

from __future__ import annotations

from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console


def machine(
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure this machine (a second) and keep it.")
    ] = False,
) -> None:
    """Show the speeds by which a method of solving is chosen."""
    from mriocarbon.report import screen

    speeds = mc.Machine.measure() if measure else mc.machine()
    flops = [
        ("products, double precision", speeds.double), ("products, single", speeds.single),
        ("LU, double precision", speeds.double_lu), ("LU, single", speeds.single_lu),
    ]  # fmt: skip
    rows = [(what, f"{value / 1e9:.0f} Gflop/s") for what, value in flops]
    rows.append(("a table read from memory", f"{speeds.stream / 1e9:.0f} GB/s"))
    for n, sides in ((1000, 1), (4050, 1), (4050, 400), (9800, 500), (19680, 6)):
        plan = speeds.plan(n, sides)
        asked = f"{n:,} sectors, {sides} right-hand side{'s' if sides > 1 else ''}"
        rows.append((asked, f"{plan.method}, {plan.seconds[plan.method]:.2g} s"))
    screen.table(console(), speeds.where, ("what", "speed"), rows, left=2)
    if measure:
        console().print(f"Kept in {speeds.save()}; delete the file to go back to those built in.")
