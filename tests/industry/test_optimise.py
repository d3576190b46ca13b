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
