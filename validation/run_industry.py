"""Process models of industry: IPCC tier 1 factors, stoichiometry, and one balance in all forms.

A factor of the guidelines counts as opened only if its table was read; none was. What is shown
for them is the model's value within the same boundary, and why it differs.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np

from mriocarbon.errors import NotAvailableError
from mriocarbon.industry.balance import Process
from mriocarbon.industry.chains import ROUTES
from mriocarbon.industry.elements import full_process, mass_gap
from mriocarbon.industry.intensity import intensity
from mriocarbon.industry.processes import processes
from mriocarbon.industry.published import published
from mriocarbon.industry.simulate import simulate
from mriocarbon.industry.site import Site, site
from mriocarbon.industry.steps import step
from mriocarbon.industry.tiers import compare_tiers
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.industrial import all_to_product, process_of
from mriocarbon.lca.inventory import Exchange
from mriocarbon.lca.inventory import Process as UnitProcess
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from validation._check import Report

GRID = 0.5  # t CO2e/MWh, any
# Tier 1 factors of iron and steel carry 25 % (2006) or 10 % (2019) in the guidelines.
ALLOWED = {2006: 0.25, 2019: 0.10}


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("Industrial processes")
    tiers(report)
    stoichiometry(report)
    balances(report)
    forms(report)
    published_routes(report)
    optimum(report)
    return report.finish()


def tiers(report: Report) -> None:
    report.source(
        "IPCC 2006 and its 2019 refinement, vol. 3, as bonsai_ipcc 0.5.3 transcribes the tables or"
        " from memory (told in each line); the guidelines' own tables were not opened"
    )
    for t in compare_tiers():
        report.printed(
            f"{t.process}, {t.unit}, {t.edition}, {t.place} [{t.status}]",
            t.ours,
            f"{t.ipcc:g}",
            opened=False,
            tolerance=ALLOWED[t.edition] * t.ipcc,
            why=f"{100 * ALLOWED[t.edition]:.0f} %; {100 * t.deviation:+.0f} %: {t.why}",
        )


def stoichiometry(report: Report) -> None:
    report.source("molar masses (IUPAC, abridged): C 12.011, O 15.999, H 1.008, Fe 55.845, ...")
    shaft = full_process("dri-hydrogen", given={"dri-hydrogen.hydrogen_loss": 0.0})
    hydrogen = sum(float(f.amount) for f in shaft.inputs if f.name == "hydrogen")
    iron = float(shaft.outputs[0].content["Fe"]) * 0.94
    report.same("H2 for a tonne of iron, Fe2O3 + 3 H2", [hydrogen / iron],
                [3 * 2 * 1.008 / (2 * 55.845)], rtol=1e-12)  # fmt: skip
    kiln = full_process("clinker-grey", given={"clinker-grey.dust_factor": 1.0})
    meal = next(f for f in kiln.inputs if f.name == "raw meal")
    report.same("CO2 of calcination per CaO", [float(meal.content["C"]) * 44.01 / 12.011 / 0.65],
                [44.01 / 56.077], rtol=2e-3)  # fmt: skip
    water = full_process("hydrogen-electrolysis")
    report.same("water split for a tonne of hydrogen", [float(water.inputs[0].amount)],
                [(2 * 1.008 + 15.999) / (2 * 1.008)], rtol=1e-12)  # fmt: skip
    ammonia = full_process("ammonia-hydrogen", given={"ammonia-hydrogen.hydrogen_loss": 0.0})
    report.same("hydrogen of a tonne of ammonia", [float(ammonia.inputs[0].amount)],
                [3 * 1.008 / 17.031], rtol=1e-12)  # fmt: skip
    cell = step("electrolysis-cell")
    least = 3 * 12.011 / (4 * 26.982)
    anode = float(cell.process.co2 - cell.direct_fuel) * 12 / 44
    report.true("carbon of the anodes, t, above what the reaction takes", anode > least,
                value=anode, bound=f"above {least:.3f}")  # fmt: skip


def balances(report: Report) -> None:
    report.source("identity: what enters leaves, element by element, and energy")
    worst = max(mass_gap(_full(name)) for name in processes())
    report.true(f"{len(processes())} processes close: worst gap", worst < 1e-9,
                value=worst, bound="below 1e-9")  # fmt: skip
    gaps = []
    for route in ROUTES.values():
        made = site([step(name) for name in route.steps])
        done = made.account({route.good: 1.0})
        held = {e for s in made.steps for e in s.process.elements()}
        gaps += [made.gap(done, e) for e in held]
    report.true(f"{len(ROUTES)} routes close: worst gap", max(gaps) < 1e-9,
                value=max(gaps), bound="below 1e-9")  # fmt: skip


def _full(name: str) -> Process:
    try:
        return full_process(name)
    except NotAvailableError:
        return full_process(name, electricity=0.1)


def forms(report: Report) -> None:
    report.source("the same balance as site, life cycle, draws and CBAM reference")
    ours, theirs = [], []
    for route in ROUTES.values():
        steps = [step(name) for name in route.steps]
        ours.append(float(site(steps).account({route.good: 1.0}, grid=GRID).total))
        made = [process_of(one) for one in steps]
        theirs.append(_score(made, steps[-1].name))
    report.same("routes: life cycle score and site account, t CO2e", theirs, ours, rtol=1e-9)
    kiln = float(step("clinker-grey", origin="CHN").direct)
    report.same("clinker: step and CBAM reference", [kiln],
                [intensity("clinker-grey", origin="CHN").direct], rtol=1e-12)  # fmt: skip
    if find_spec("jax") is None:
        report.skip("draws by JAX and NumPy", "JAX is not installed")
        return
    fast = simulate("steel-bf-bof", origin="CHN", draws=2000, seed=1)
    slow = simulate("steel-bf-bof", origin="CHN", draws=2000, seed=1, backend="numpy")
    good = ~np.isnan(fast["total"])
    report.same("2,000 draws of a steelworks, JAX and NumPy", fast["total"][good],
                slow["total"][good], rtol=1e-10)  # fmt: skip
    report.true("the same draws are impossible in both", fast.impossible == slow.impossible)


def _score(made: list[UnitProcess], name: str) -> float:
    emitted = Exchange("Carbon dioxide, fossil", GRID, "t", "biosphere", "out", "emission/air")
    grid = UnitProcess("grid", "electricity", 1.0, "MWh", (emitted,))
    system = System.of([*made, grid], allocation=all_to_product(made), missing="leave",
                       choose={"electricity": "grid"})  # fmt: skip
    return climate(inventory(system, {name: 1.0}), gwp_method(system, "AR5")).total / 1000


def published_routes(report: Report) -> None:
    report.source(
        "worldsteel, Sustainability Indicators 2025 (2024 figures): wider than the model, with"
        " purchased goods; shown, not judged"
    )
    of = {"bf-bof": "steel-bf-bof", "scrap-eaf": "steel-scrap-eaf", "dri-eaf": "steel-dri-eaf"}
    for row in published():
        if "worldsteel" in row.source and row.year == 2024 and row.route in of:
            route = ROUTES[of[row.route]]
            done = site([step(n) for n in route.steps]).account({"steel": 1.0}, grid=GRID)
            report.say(
                f"{row.route}: published {row.value}, model {float(done.total):.2f} t CO2 with"
                f" electricity at {GRID} t/MWh (direct {float(done.direct):.2f}); without alloys,"
                " lime and bought pig iron"
            )


def optimum(report: Report) -> None:
    report.source("identities of the linear program: cap and price are two sides of one thing")
    if find_spec("linopy") is None or find_spec("highspy") is None:
        report.skip("optimisation", "linopy or HiGHS is not installed")
        return
    from mriocarbon.industry.optimise import front, plan, sweep

    names = ("gas-power", "coal-power", "gas-power-ccs", "coal-power-ccs")
    plant: Site = site([step(name) for name in names])
    money = {"prices": {"gas": 8.0, "coal": 3.0},
             "cost": {"gas-power-ccs": 15.0, "coal-power-ccs": 25.0}}  # fmt: skip
    need = {"electricity": 1000.0}
    line = front(plant, need, points=9, **money)  # type: ignore[arg-type]
    slopes = np.diff(line.cost) / np.diff(line.emissions)
    convex = bool((np.diff(slopes) >= -1e-7 * np.abs(slopes).max()).all())
    report.true("the front falls and is convex", convex and bool((np.diff(line.cost) < 0).all()))
    duals, moved = [], []
    for point in line.plans[1:-1]:
        near = [plan(plant, need, cap=point.emissions + d, **money).cost  # type: ignore[arg-type]
                for d in (-0.5, 0.5)]  # fmt: skip
        duals.append(point.abatement_cost)
        moved.append(near[0] - near[1])
    report.same("dual of the cap and the slope of the cost", duals, moved, rtol=1e-6)
    levels = (20.0, 80.0, 400.0)
    swept = sweep(plant, need, carbon_prices=levels, **money)  # type: ignore[arg-type]
    again = [plan(plant, need, cap=p.emissions * (1 + 1e-9), **money)  # type: ignore[arg-type]
             for p in swept]  # fmt: skip
    report.same("a price sweep lies on the front", [p.cost for p in again],
                [p.cost for p in swept], rtol=1e-6)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
