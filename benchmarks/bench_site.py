"""Industry: a site of 20 processes over a year of hours, and 100,000 draws of a works."""

from __future__ import annotations

import time
from importlib.util import find_spec

import numpy as np

from benchmarks.registry import Figure, Settings, benchmark, timed

STEPS = (
    "coke-oven", "sinter", "pellet", "pig-iron", "bf-bof", "scrap-eaf", "dri-gas", "dri-eaf",
    "dri-hydrogen", "dri-eaf-hydrogen", "hydrogen-electrolysis", "hydrogen-gas",
    "works-gas-power", "gas-power", "gas-power-ccs", "coal-power", "coal-power-ccs",
    "semi-finished", "hot-rolled-flat", "cold-rolled",
)  # fmt: skip
YEAR, DAY = 8760, 24
MINUTE, DRAWS, SECONDS = 60.0, 100_000, 2.0


def year(hours: int) -> tuple[object, dict[str, float], dict[str, object]]:
    """A works with all routes and power of its own; all money is made up for the benchmark."""
    from mriocarbon.industry.site import site
    from mriocarbon.industry.steps import step

    works = site([step(name) for name in STEPS])
    made = {good for one in works.steps for good in (one.product, *one.gives)}
    prices: dict[str, object] = {good: 100.0 for good in works.goods if good not in made}
    prices |= {"gas": 9.0, "coal": 4.0, "coking-coal": 200.0, "scrap": 330.0}
    hour = np.arange(hours)
    day, season = np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 8760)
    prices["electricity"] = 60 + 30 * day + 15 * season
    options = {
        "hours": hours,
        "prices": prices,
        "grid": 0.35 + 0.15 * day,
        "capacity": {"hydrogen-electrolysis": 4.0, "bf-bof": 300.0, "gas-power": 400.0},
        "stock": {"hydrogen": 40.0},
        "sales": {"captured CO2": -40.0},
        "cost": {"gas-power-ccs": 15.0, "coal-power-ccs": 25.0, "hydrogen-electrolysis": 600.0},
    }
    return works, {"cold-rolled": 100.0 * hours, "hot-rolled-flat": 200.0 * hours}, options


@benchmark(
    "site",
    "least cost of 20 processes hour by hour; 100,000 draws of a steelworks",
    size="20 processes, 8,760 hours; 5 processes, 100,000 draws",
    bound="60 s; 2 s",
    smoke=True,
)
def run(settings: Settings) -> list[Figure]:
    """A day in the smoke set, a year else; draws with and without compiling."""
    hours = DAY if settings.smoke else YEAR
    name = f"least cost of {len(STEPS)} processes over {hours:,} hours, under a carbon price"
    figures = []
    missing = [m for m in ("linopy", "highspy") if find_spec(m) is None]
    if missing:
        figures.append(Figure(name, [], "s", MINUTE, f"{', '.join(missing)} not installed"))
    else:
        from mriocarbon.industry.optimise import plan

        works, demand, options = year(hours)
        found = []

        def work() -> None:
            found.append(plan(works, demand, carbon_price=90.0, **options))  # type: ignore[arg-type]

        seconds = timed(work, settings.times(1), warm=0)
        rolled = found[0].left["cold-rolled"]
        note = "linopy and HiGHS, building the program included"
        wrong = abs(rolled - demand["cold-rolled"]) > 1e-6 * rolled
        figures.append(Figure(name, seconds, "s", MINUTE, note, wrong=wrong))
    from mriocarbon.industry.simulate import simulate

    draws = 2_000 if settings.smoke else DRAWS
    what = f"{draws:,} draws of a steelworks of 5 processes"
    start = time.perf_counter()
    simulate("steel-bf-bof", origin="CHN", draws=draws, seed=1)
    first = time.perf_counter() - start
    again = timed(
        lambda: simulate("steel-bf-bof", origin="CHN", draws=draws, seed=1), settings.times(3)
    )
    plain = timed(
        lambda: simulate("steel-bf-bof", origin="CHN", draws=draws, seed=1, backend="numpy"),
        settings.times(3),
    )
    figures.append(Figure(f"{what}, compiled", again, "s", SECONDS, "38 uncertain numbers"))
    note = "no target: compiling included, and the start of JAX"
    figures.append(Figure(f"{what}, first call", [first], "s", None, note))
    figures.append(Figure(f"{what}, NumPy", plain, "s", None, "the same numbers"))
    return figures
