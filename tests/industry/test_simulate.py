"""Draws and gradients: the same balances, the same seed, the same numbers."""

import numpy as np
import pytest

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.chains import ROUTES, route
from mriocarbon.industry.drawn import prepared
from mriocarbon.industry.intensity import sample
from mriocarbon.industry.parameters import parameter
from mriocarbon.industry.simulate import gradients, simulate
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import step

pytest.importorskip("jax")


# JAX compiles a program for each of them: the long chains, which share their steps with the short
# ones, are left to `make slow`.
LONG = ("steel-bf-bof", "hot-rolled-bf-bof", "hot-rolled-eaf", "steel-hydrogen", "steel-dri-eaf",
        "aluminium-prebake")  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in LONG else ())
        for name in [*ROUTES, "pig-iron", "hall-heroult", "urea"]
    ],
)
def test_numpy_and_jax_agree_and_a_seed_repeats_itself(name):
    fast = simulate(name, origin="IND", draws=800, seed=7)
    slow = simulate(name, origin="IND", draws=800, seed=7, backend="numpy")
    assert fast.names == slow.names and fast.failed == slow.failed
    assert fast.impossible == slow.impossible
    scale = np.maximum(np.abs(slow.values), 1e-3)
    assert np.nanmax(np.abs(fast.values - slow.values) / scale) < 1e-10
    again = simulate(name, origin="IND", draws=800, seed=7)
    assert np.array_equal(fast.values, again.values, equal_nan=True)
    other = simulate(name, origin="IND", draws=800, seed=8)
    assert not np.array_equal(fast.values, other.values, equal_nan=True)


def test_one_draw_is_the_plant_at_those_parameters():
    rates = simulate("pig-iron", draws=50, seed=3, backend="numpy")
    found = rates["takes: coke"]
    # rebuild the tenth plant from its parameters alone
    from mriocarbon.industry.parameters import deviates

    normal = deviates(50, 3)
    given = {}
    for key in rates.factors:
        name, what = key.split(".")
        given[key] = float(parameter(name, what).at(normal(key))[10])
    alone = step("pig-iron", given=given)
    assert found[10] == pytest.approx(float(alone.takes["coke"]), rel=1e-12)
    assert rates["direct"][10] == pytest.approx(float(alone.direct), rel=1e-12)


def test_medians_are_the_site_and_scopes_add_up():
    made = simulate("steel-bf-bof", grid=(0.5, 0.2), draws=300, seed=1, backend="numpy")
    names = route("steel-bf-bof").steps
    done = site([step(n) for n in names]).account({"steel": 1.0}, grid=0.5)
    assert made.median[made.names.index("total")] == pytest.approx(float(done.total), rel=1e-12)
    for whole, parts in (("direct", ("process", "fuel")), ("total", ("direct", "electricity"))):
        assert np.allclose(made[whole], sum(made[p] for p in parts), rtol=1e-12, equal_nan=True)
    low, middle, high = made.quantiles()[:, made.names.index("total")]
    assert low < middle < high
    frame = made.to_pandas()
    assert frame.loc["direct", "unit"] == "t CO2e" and np.isfinite(frame.loc["direct", "sd"])


def test_the_same_factors_as_everywhere_else():
    ours = simulate("clinker-grey", draws=400, seed=11, backend="numpy")["direct"]
    theirs, _ = sample(["clinker-grey"], "OTHER", 400, 11)["clinker-grey"]
    from mriocarbon.industry.parameters import deviates

    practice = np.exp(0.05 * deviates(400, 11)("practice.OTHER.cement"))
    good = ~np.isnan(ours)
    assert np.allclose((ours * practice)[good], theirs[good], rtol=1e-12)


def test_impossible_draws_are_counted_by_law_and_left_out():
    wild = {"pig-iron.coke_rate": (0.42, 0.3), "pig-iron.injection_coal": 0.05}
    with pytest.raises(InputError, match="pig-iron"):
        simulate("pig-iron", parameters={"pig-iron.coke_rate": (0.1, 0.6)}, draws=10)
    made = simulate("pig-iron", parameters=wild, draws=2000, backend="numpy")
    short = sum(n for law, n in made.impossible.items() if "floor" in law or "energy" in law)
    assert short > 100 and made.failed >= max(made.impossible.values())
    assert np.isnan(made["direct"]).sum() == made.failed
    assert np.all(np.isnan(made.values).all(axis=1) == np.isnan(made["direct"]))
    assert np.isfinite(made.quantiles()).all()
    # less coke than the least of those that are left does not do, nor does the most that failed
    free = simulate(
        "pig-iron", parameters={"pig-iron.coke_rate": (0.42, 0.3)}, draws=2000, backend="numpy"
    )
    assert np.nanmin(made["takes: coke"]) > 0.3 > np.nanmin(free["takes: coke"])


def test_own_distributions_replace_those_of_the_table():
    held = simulate("gas-power", parameters={"gas-power.efficiency": 0.5}, draws=500)
    assert np.allclose(held["takes: gas"], 7.2, rtol=1e-12)
    assert held.factors == ("fuel.gas_carbon",)
    wide = simulate("clinker-grey", parameters={"clinker-grey.heat": (4.0, 0.1)}, draws=20_000)
    heat = sum(wide[f"takes: {f}"] for f in ("coal", "petcoke", "gas", "alternative"))
    assert np.nanstd(np.log(heat)) == pytest.approx(0.1, rel=0.03)
    assert np.nanmedian(heat) == pytest.approx(4.0, rel=0.01)


def test_electricity_without_a_grid_is_left_out_not_zero():
    made = simulate("scrap-eaf", draws=10, backend="numpy")
    assert "total" not in made.names and "takes: electricity" in made.names
    assert "total" in simulate("scrap-eaf", draws=10, origin="CHN", backend="numpy").names


def test_bad_input_is_told():
    with pytest.raises(UnknownNameError, match="pig-iron"):
        simulate("pig-irn", draws=10)
    with pytest.raises(InputError, match="draws is 0"):
        simulate("pig-iron", draws=0)
    with pytest.raises(UnknownNameError, match="backend"):
        simulate("pig-iron", draws=10, backend="fortran")
    with pytest.raises(UnknownNameError, match="coke_rate"):
        simulate("pig-iron", draws=10, parameters={"pig-iron.coke_ratio": 0.4})
    with pytest.raises(InputError, match=r"pig-iron.coke_rate is \(0.3, -1\)"):
        simulate("pig-iron", draws=10, parameters={"pig-iron.coke_rate": (0.3, -1)})
    with pytest.raises(InputError, match="cannot be above one"):
        simulate("bf-bof", draws=10, parameters={"bf-bof.iron_yield": 1.4})
    with pytest.raises(InputError, match="needs a demand"):
        simulate(["pig-iron", "bf-bof"], draws=10)
    with pytest.raises(UnknownNameError, match="output"):
        gradients("pig-iron", of="total")


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("steel-bf-bof", "total"), ("pig-iron", "direct"), ("aluminium-prebake", "direct"),
        ("steel-hydrogen", "electricity"), ("ammonia-gas", "direct"), ("clinker-grey", "fuel"),
    ],
)  # fmt: skip
def test_gradients_are_finite_differences(name, of):
    found = gradients(name, of=of, grid=0.5)
    model, *_ = prepared(name, None, None, "", 0.5, None)
    centre = dict(zip(found.names, found.at, strict=True))

    def value(**moved):
        p = model.parameters(lambda key: np.zeros(()), centre | moved)
        return float(model(p)[0][of])

    assert value() == pytest.approx(found.value, rel=1e-14)
    scale = np.max(np.abs(found.gradient * found.at))
    for key, slope in zip(found.names, found.gradient, strict=True):
        if centre[key] == 1 and "carbon" in key:
            continue  # a content of one has no upper side
        h = 1e-3 * centre[key]
        near = value(**{key: centre[key] + h}) - value(**{key: centre[key] - h})
        far = value(**{key: centre[key] + 2 * h}) - value(**{key: centre[key] - 2 * h})
        # fourth order in h
        assert abs((8 * near - far) / (12 * h) - slope) * centre[key] <= 1e-6 * scale, key


def test_gradients_by_hand():
    found = gradients("gas-power", of="direct")
    place = {n: k for k, n in enumerate(found.names)}
    # e = 44/12 * 3.6 c / eta
    assert found.elasticity[place["fuel.gas_carbon"]] == pytest.approx(1.0, rel=1e-12)
    assert found.elasticity[place["gas-power.efficiency"]] == pytest.approx(-1.0, rel=1e-12)
    assert found.largest(1)[0][0] in ("fuel.gas_carbon", "gas-power.efficiency")


def test_laws_of_every_step_of_a_route_count():
    made = simulate("steel-bf-bof", origin="CHN", draws=2000, seed=1, backend="numpy")
    steps = {law.partition(":")[0] for law in made.impossible}
    assert {"coke-oven", "pig-iron"} <= steps and steps <= set(route("steel-bf-bof").steps)
    burden = next(n for law, n in made.impossible.items() if "more iron than" in law)
    # what the furnace alone gives: the same factors, the same draws
    alone = simulate("pig-iron", origin="CHN", draws=2000, seed=1, backend="numpy")
    assert burden == next(n for law, n in alone.impossible.items() if "more iron than" in law) > 0


def test_a_step_that_would_run_backwards_is_impossible():
    # a cell that sends back more butts than the bakery takes in: told, not hidden
    names = ("anode-baking", "electrolysis-cell")
    made = simulate(names, demand={"aluminium": 1.0}, draws=300, backend="numpy")
    assert made.failed == 0
    wide = {"hall-heroult.baked_anode": (0.45, 0.3)}
    bent = simulate(names, demand={"aluminium": 1.0}, parameters=wide, draws=300, backend="numpy")
    less = np.isnan(bent["direct"]).sum()
    assert less == bent.failed > 0
    assert any("negative flow of anode butts" in law for law in bent.impossible)
