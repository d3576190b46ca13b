"""Least cost of a site: cap and price agree, blends are exact, conflicts are named."""

import sys

import numpy as np
import pytest

from mriocarbon.errors import InputError, NotAvailableError, UnitError, UnknownNameError
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import step

pytest.importorskip("linopy")
pytest.importorskip("highspy")

from mriocarbon.industry.optimise import Infeasible, Share, front, plan, sweep

POWER = ("gas-power", "coal-power", "gas-power-ccs", "coal-power-ccs")
MONEY = {"prices": {"gas": 8.0, "coal": 3.0}}
MONEY["cost"] = {"gas-power-ccs": 15.0, "coal-power-ccs": 25.0}
NEED = {"electricity": 1000.0}


@pytest.fixture(scope="module")
def plant():
    return site([step(name) for name in POWER])


@pytest.fixture(scope="module")
def line(plant):
    return front(plant, NEED, points=9, **MONEY)


def test_front_falls_and_is_convex(line):
    assert (np.diff(line.cost) < 0).all() and (np.diff(line.emissions) > 0).all()
    slopes = np.diff(line.cost) / np.diff(line.emissions)
    assert (np.diff(slopes) >= -1e-7 * np.abs(slopes).max()).all()
    assert (np.diff(line.abatement_cost) <= 1e-7).all()


def test_dual_of_the_cap_is_the_slope_of_the_front(plant, line):
    for point in line.plans[1:-1]:
        near = [plan(plant, NEED, cap=point.emissions + d, **MONEY).cost for d in (-0.5, 0.5)]
        assert point.abatement_cost == pytest.approx(near[0] - near[1], rel=1e-6)


def test_price_sweep_reproduces_the_front(plant, line):
    levels = (0.0, 20.0, 80.0, 400.0)
    found = sweep(plant, NEED, carbon_prices=levels, **MONEY)
    for price, at in zip(levels, found, strict=True):
        # no point of the front is cheaper at this price; a cap there costs the same
        assert (line.cost + price * line.emissions >= at.cost + price * at.emissions - 1e-6).all()
        capped = plan(plant, NEED, cap=at.emissions * (1 + 1e-9), **MONEY)
        assert capped.cost == pytest.approx(at.cost, rel=1e-6)
    # either side of the cap's dual lie higher and lower emissions
    middle = line.plans[4]
    low, high = (middle.abatement_cost * k for k in (0.99, 1.01))
    above, below = sweep(plant, NEED, carbon_prices=(low, high), **MONEY)
    assert below.emissions < middle.emissions < above.emissions


def test_plan_agrees_with_the_account_of_its_levels():
    works = site([step(n) for n in ("coke-oven", "sinter", "pellet", "pig-iron")])
    made = {g for s in works.steps for g in (s.product, *s.gives)}
    prices = {g: 10.0 for g in works.goods if g not in made}
    found = plan(works, {"hot metal": 100.0}, prices=prices, grid=0.5)
    done = works.account({"hot metal": 100.0}, grid=0.5)
    assert found.emissions == pytest.approx(float(done.total), rel=1e-9)
    for name, level in done.levels.items():
        assert found.levels[name] == pytest.approx(float(level), rel=1e-9)
    bill = 10 * sum(float(done.bought[g]) for g in prices)
    assert found.cost == pytest.approx(bill, rel=1e-9)
    assert found.marginal_cost["hot metal"] == pytest.approx(found.cost / 100, rel=1e-9)


def _converters():
    ends = {"no scrap": 0.0, "all scrap": 1.0}
    return site([step("bf-bof", label=k, given={"bf-bof.scrap_share": v}) for k, v in ends.items()])


def test_blend_of_two_ends_is_the_step_between_them():
    shop = _converters()
    prices = {g: 1.0 for g in shop.goods if g not in ("steel", "works gas")}
    prices |= {"scrap": 300.0, "hot metal": 350.0}
    blend = Share("scrap", ("scrap", "hot metal"), at_most=0.2)
    found = plan(shop, {"steel": 10.0}, prices=prices, shares=[blend])
    alone = step("bf-bof", given={"bf-bof.scrap_share": 0.2})
    for good in ("scrap", "hot metal"):
        assert found.bought[good] == pytest.approx(10 * float(alone.takes[good]), rel=1e-9)
    assert found.emissions == pytest.approx(10 * float(alone.direct), rel=1e-9)
    assert blend.label in found.binding
    short = plan(shop, {"steel": 10.0}, prices=prices, supply={"scrap": 1.0})
    assert short.bought["scrap"] == pytest.approx(1.0) and "supply of scrap" in short.binding


def test_electrolyser_runs_when_power_is_cheap():
    hours = 24
    price = np.where(np.arange(hours) < 12, 10.0, 100.0)
    cell = site([step("hydrogen-electrolysis")])
    options = {"hours": hours, "prices": {"electricity": price}, "grid": price / 100}
    name = "hydrogen-electrolysis"
    free = plan(cell, {"hydrogen": 12.0}, capacity={name: 1.0}, **options)
    assert np.allclose(free.hourly[name], price < 50)
    need = float(cell.steps[0].takes["electricity"])
    assert free.cost == pytest.approx(12 * need * 10, rel=1e-9)
    assert free.emissions == pytest.approx(12 * need * 0.1, rel=1e-9)
    # an even demand without a store follows the hours; a store brings the cheap ones back
    even = np.full(hours, 0.5)
    held = plan(cell, {"hydrogen": even}, capacity={name: 1.0}, stock={"hydrogen": 10.0}, **options)
    bare = plan(cell, {"hydrogen": even}, capacity={name: 1.0}, **options)
    assert np.allclose(bare.hourly[name], 0.5)
    assert held.cost == pytest.approx(free.cost, rel=1e-9) and held.cost < bare.cost
    assert held.stored["hydrogen"].max() <= 10.0 + 1e-9


def test_conflict_names_only_what_binds(plant):
    limits = {"supply": {"gas": 3000.0}, "capacity": {"coal-power": 1e6}}
    with pytest.raises(Infeasible, match="these cannot hold together") as caught:
        plan(plant, NEED, cap=30.0, **limits, **MONEY)
    assert set(caught.value.conflict) == {"demand for electricity", "CO2 cap"}
    with pytest.raises(Infeasible) as caught:
        plan(plant, NEED, capacity=dict.fromkeys(POWER, 100.0), cap=1e6, **MONEY)
    expected = {f"capacity of {name}" for name in POWER} | {"demand for electricity"}
    assert set(caught.value.conflict) == expected
    # what is said to be enough is enough
    more = {name: 100.0 + caught.value.conflict[f"capacity of {name}"] + 1e-6 for name in POWER}
    less = NEED["electricity"] - caught.value.conflict["demand for electricity"]
    plan(plant, {"electricity": less}, capacity=more, **MONEY)


def test_bad_input_is_told(plant):
    with pytest.raises(InputError, match="no price for coal"):
        plan(plant, NEED, prices={"gas": 1.0})
    with pytest.raises(InputError, match="without end"):
        plan(plant, NEED, sales={"electricity": 500.0}, **MONEY)
    with pytest.raises(UnknownNameError, match="coal-power"):
        plan(plant, NEED, capacity={"coal-pwer": 1.0}, **MONEY)
    with pytest.raises(UnknownNameError, match="option"):
        plan(plant, NEED, price={"gas": 1.0})
    with pytest.raises(InputError, match="capacity of step coal-power"):
        plan(plant, NEED, capacity={"coal-power": -1.0}, **MONEY)
    with pytest.raises(InputError, match="shape"):
        plan(plant, NEED, prices={"gas": [1.0, 2.0], "coal": 1.0}, hours=3)
    with pytest.raises(UnitError, match="mixes units"):
        plan(plant, NEED, shares=[Share("gas", ("gas", "electricity"), at_most=0.5)], **MONEY)


def test_missing_solver_is_told(plant, monkeypatch):
    monkeypatch.setitem(sys.modules, "linopy", None)
    with pytest.raises(NotAvailableError, match=r"mriocarbon\[opt\]"):
        plan(plant, NEED, **MONEY)


def test_many_hours_end_at_the_same_vertex(plant, monkeypatch):
    """An interior point with crossover and the simplex give the same plan and duals."""
    from mriocarbon.industry import program

    hours = 48
    price = 5 + 3 * np.sin(np.arange(hours))
    money = {**MONEY, "prices": {"gas": price, "coal": 3.0}}
    options = {"hours": hours, "capacity": dict.fromkeys(POWER, 20.0), **money}
    need = {"electricity": np.full(hours, 25.0)}
    simplex = plan(plant, need, cap=600.0, **options)
    monkeypatch.setattr(program, "_MANY", 0)
    inner = plan(plant, need, cap=600.0, **options)
    assert inner.cost == pytest.approx(simplex.cost, rel=1e-9)
    assert inner.abatement_cost == pytest.approx(simplex.abatement_cost, rel=1e-7)
    with pytest.raises(Infeasible) as caught:
        plan(plant, need, cap=1.0, **options)
    assert "CO2 cap" in caught.value.conflict


def test_arc_furnace_with_a_stock_of_steel_melts_when_power_is_cheap():
    shop = site([step("scrap-eaf")])
    hours = 24
    prices = {good: 1.0 for good in shop.goods if good not in ("steel", "scrap")}
    prices["electricity"] = np.where(np.arange(hours) % 24 < 8, 20.0, 120.0)  # made up
    options = {"hours": hours, "prices": prices | {"scrap": 300.0}, "grid": 0.4}
    steady = {"steel": np.full(hours, 10.0)}
    bare = plan(shop, steady, capacity={"scrap-eaf": 30.0}, **options)
    kept = plan(shop, steady, capacity={"scrap-eaf": 30.0}, stock={"steel": 200.0}, **options)
    assert np.allclose(kept.hourly["scrap-eaf"][8:], 0.0, atol=1e-6)
    assert np.allclose(kept.hourly["scrap-eaf"][:8], 30.0)
    moved = 160 * float(shop.steps[0].takes["electricity"]) * 100.0
    assert bare.cost - kept.cost == pytest.approx(moved, rel=1e-9)
    # nothing is made from an empty store: what goes in comes out
    assert kept.levels["scrap-eaf"] == pytest.approx(240.0)


def test_fuel_of_a_kiln_is_blended_within_its_bounds():
    ends = {"coal": (1.0, 0.0, 0.0), "petcoke": (0.0, 1.0, 0.0), "waste": (0.0, 0.0, 0.0)}
    names = ("kiln.coal", "kiln.petcoke", "kiln.gas")
    kilns = [
        step("clinker-grey", label=f"kiln on {k}", given=dict(zip(names, v, strict=True)))
        for k, v in ends.items()
    ]
    works = site(kilns)
    fuels = ("coal", "petcoke", "alternative")
    prices = dict.fromkeys(works.goods, 0.0) | {"coal": 4.0, "petcoke": 2.0, "alternative": 3.0}
    prices.pop("clinker")
    limits = [Share("alternative", fuels, at_most=0.3), Share("petcoke", fuels, at_most=0.5)]
    cheap = plan(works, {"clinker": 100.0}, prices=prices, shares=limits)
    heat = sum(cheap.bought[f] for f in fuels)
    assert cheap.bought["petcoke"] == pytest.approx(0.5 * heat, rel=1e-9)
    assert cheap.bought["alternative"] == pytest.approx(0.3 * heat, rel=1e-9)
    # a price of carbon turns from petcoke to waste first, and stops at the bound
    clean = plan(works, {"clinker": 100.0}, prices=prices, shares=limits, carbon_price=1e4)
    assert clean.emissions < cheap.emissions
    assert clean.bought["alternative"] == pytest.approx(0.3 * heat, rel=1e-9)
    assert clean.bought["coal"] == pytest.approx(0.7 * heat, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_front_of_a_random_site_is_convex_and_its_duals_are_its_slopes(seed):
    rng = np.random.default_rng(seed)
    makers = [
        step("gas-power", label=f"gas {k}", given={"gas-power.efficiency": float(e)})
        for k, e in enumerate(rng.uniform(0.3, 0.6, 4))
    ]
    makers += [step("coal-power"), step("coal-power-ccs")]
    works = site(makers)
    money = {
        "prices": {"gas": float(rng.uniform(4, 12)), "coal": float(rng.uniform(2, 4))},
        "cost": {one.name: float(c) for one, c in zip(makers, rng.uniform(0, 40, 6), strict=True)},
        "capacity": {one.name: float(c) for one, c in zip(makers, rng.uniform(20, 60, 6),
                                                          strict=True)},
    }  # fmt: skip
    line = front(works, {"electricity": 90.0}, points=12, **money)
    assert (np.diff(line.cost) <= 1e-6).all()
    slope = -np.diff(line.cost) / np.diff(line.cap)
    assert (np.diff(slope) <= 1e-6 * max(slope.max(), 1)).all()
    # between two points the slope lies between their duals
    inner = line.abatement_cost[1:-1]
    assert (inner <= slope[:-1] + 1e-6).all() and (inner >= slope[1:] - 1e-6).all()
