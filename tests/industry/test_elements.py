"""Every process, whole: elements and energy close, nothing beats stoichiometry, scopes add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.industry.balance import Flow, close
from mriocarbon.industry.elements import complete, full_process, mass_gap, scopes
from mriocarbon.industry.lowcarbon import H2_PER_FE, H2_PER_NH3
from mriocarbon.industry.parameters import Parameters, deviates
from mriocarbon.industry.processes import process, processes

WHOLE = (
    "coke-oven", "sinter", "pellet", "pig-iron", "bf-bof", "open-hearth", "dri-gas", "dri-coal",
    "dri-hydrogen", "dri-eaf", "dri-eaf-coal", "dri-eaf-hydrogen", "scrap-eaf", "clinker-grey",
    "portland-grey", "anode-baking", "electrolysis-cell", "hall-heroult", "hydrogen-gas",
    "hydrogen-coal", "hydrogen-electrolysis", "ammonia-gas", "ammonia-coal", "ammonia-hydrogen",
    "gas-power", "gas-power-ccs", "coal-power", "coal-power-ccs",
)  # fmt: skip
"""What the field asks for; hydrogen and oxygen are balanced in all of these."""
O_PER_FE = 1.5 * 15.999 / 55.845


def full(name, **more):
    try:
        return full_process(name, **more)
    except NotAvailableError:
        return full_process(name, electricity=0.1, **more)


def totals(made, what):
    """In and out, added up here and not by the code that closes the balance."""
    sides = []
    for flows in (made.inputs, made.outputs):
        sides.append(sum(np.asarray(f.content.get(what, 0.0), dtype=float) for f in flows))
    return sides


@pytest.mark.parametrize("name", processes())
def test_elements_and_energy_close_at_defaults(name):
    made = full(name)
    for what in made.elements():
        entering, leaving = totals(made, what)
        assert abs(entering - leaving) <= 1e-9 * max(abs(entering), 1e-12), what
    assert mass_gap(made) <= 1e-9
    assert float(made.output("losses").content["energy"]) >= 0


def test_all_that_the_field_asks_for_is_there_and_whole():
    for name in WHOLE:
        assert {"C", "H", "O", "energy"} <= set(full(name).elements()), name
    for name, element in {
        "pig-iron": "Fe", "clinker-grey": "Ca", "hall-heroult": "Al", "ammonia-gas": "N",
    }.items():  # fmt: skip
        assert element in full(name).elements()


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(processes()))
def test_elements_and_energy_close_at_random_draws(seed, name):
    p = Parameters("CHN", deviates(40, seed))
    made = complete(process(name, p), p, electricity=0.1 if name not in WHOLE else None)
    for what in made.elements():
        entering, leaving = totals(made, what)
        assert np.all(np.abs(entering - leaving) <= 1e-9 * np.maximum(np.abs(entering), 1e-12))


@settings(deadline=None, max_examples=60)
@given(
    coke=st.floats(0.0, 0.6), coal=st.floats(0.0, 0.2), pellets=st.floats(0.0, 0.4),
    sinter=st.floats(0.0, 1.2),
)  # fmt: skip
def test_blast_furnace_never_reduces_more_than_its_carbon_can(coke, coal, pellets, sinter):
    chosen = {
        "pig-iron.coke_rate": coke, "pig-iron.injection_coal": coal, "pig-iron.pellets": pellets,
        "pig-iron.sinter": sinter,
    }  # fmt: skip
    try:
        made = full_process("pig-iron", given=chosen)
    except InputError as error:
        assert "pig-iron" in str(error)
        return
    # what the guideline of a chemist says: O of the metal leaves with C (to CO2) and H (to water)
    carbon = float(made.output("CO2").content["C"])
    hydrogen = sum(float(f.content.get("H", 0.0)) for f in made.inputs)
    metal = float(made.outputs[0].content["Fe"])
    assert metal * O_PER_FE <= 32 / 12 * carbon + 15.999 / 2.016 * hydrogen + 1e-9


FLOORS = [
    ("pig-iron", {"pig-iron.coke_rate": 0.12, "pig-iron.injection_coal": 0.0}),
    ("dri-gas", {"dri-gas.gas": 6.0}),
    ("dri-coal", {"dri-coal.coal": 5.0}),
    ("electrolysis-cell", {"hall-heroult.anode": 0.30}),
    ("hydrogen-gas", {"hydrogen-gas.gas": 90.0}),
    ("hydrogen-coal", {"hydrogen-coal.coal": 100.0}),
    ("ammonia-gas", {"ammonia-gas.gas": 15.0}),
    ("gas-power", {"gas-power.efficiency": 1.2}),
    ("hydrogen-electrolysis", {"hydrogen-electrolysis.electricity": 30.0}),
]


@pytest.mark.parametrize(("name", "below"), FLOORS)
def test_what_no_plant_can_do_is_refused_by_name(name, below):
    full_process(name)
    with pytest.raises(InputError, match=name):
        full_process(name, given=below)


def test_floors_are_those_of_the_reactions():
    shaft = full_process("dri-hydrogen")
    hydrogen = sum(float(f.amount) for f in shaft.inputs if f.name == "hydrogen")
    reduced = float(shaft.outputs[0].content["Fe"]) * 0.94
    # Fe2O3 + 3 H2 -> 2 Fe + 3 H2O: 54.1 kg per tonne of iron
    assert pytest.approx(0.0541, abs=1e-4) == H2_PER_FE
    assert hydrogen * 0.98 == pytest.approx(H2_PER_FE * reduced, rel=1e-9)
    synthesis = full_process("ammonia-hydrogen")
    assert float(synthesis.inputs[0].amount) >= H2_PER_NH3 == pytest.approx(0.1776, abs=1e-4)
    # 2 Al2O3 + 3 C -> 4 Al + 3 CO2: three electrons each, 0.334 t C
    cell = full_process("electrolysis-cell")
    carbon = float(cell.co2 - scopes(cell).fuel) * 12 / 44
    assert carbon > 3 * 12.011 / (4 * 26.982)
    power = float(cell.electricity) * 3.6e9  # J per tonne
    moles = 1e6 / 26.982 * 3 * 96485
    assert power / moles > 1.2  # V: reduction with carbon takes 1.2 V at the least
    water = full_process("hydrogen-electrolysis")
    assert float(water.inputs[0].amount) == pytest.approx(18.015 / 2.016, rel=1e-4)
    kiln = full_process("clinker-grey")
    lime = float(kiln.outputs[0].content["Ca"]) * 56.077 / 40.078
    meal = next(f for f in kiln.inputs if f.name == "raw meal")
    assert float(meal.content["C"]) * 44 / 12 >= lime * 44.01 / 56.08 * 0.9995


def test_impossible_compositions_are_told():
    heavy = Flow("ore", np.array(1.0), "t", {"Fe": np.array(0.8), "O": np.array(0.4)})
    metal = Flow("iron", np.array(0.8), "t", {"Fe": np.array(0.8)})
    with pytest.raises(InputError, match="impossible composition in process smelter: ore"):
        close("smelter", "iron", [heavy], [metal], air=True).check()
    with pytest.raises(InputError, match="steel_carbon"):
        full_process("bf-bof", given={"iron.steel_carbon": 1.2})
    with pytest.raises(InputError, match="impossible composition in process bf-bof"):
        full_process("bf-bof", given={"iron.steel_fe": 0.999, "iron.steel_carbon": 0.05})
    with pytest.raises(InputError, match="negative"):
        full_process("pig-iron", given={"pig-iron.coke_rate": -0.1})
    with pytest.raises(InputError, match="more iron than the metal"):
        full_process("pig-iron", given={"pig-iron.sinter": 1.6})
    backwards = Flow("scrap", np.array(-0.1), "t", {})
    with pytest.raises(InputError, match="negative flow: scrap"):
        close("shop", "steel", [backwards], [metal]).check()


@pytest.mark.parametrize("name", WHOLE)
def test_scopes_add_up_to_the_carbon_and_the_power(name):
    made = full_process(name)
    found = scopes(made, grid=0.5)
    weight = {"N2O": 265, "CF4": 6630, "C2F6": 11100}
    other = sum(weight[gas] * float(mass) for gas, mass in made.gases.items())
    emitted = 44 / 12 * float(made.output("CO2").content["C"])
    assert float(found.process + found.fuel) == pytest.approx(emitted + other, rel=1e-12)
    assert float(found.electricity) == pytest.approx(0.5 * float(made.electricity), rel=1e-12)
    assert float(found.total) == pytest.approx(float(found.direct + found.electricity))
    assert float(found.fuel) >= 0


def test_capture_keeps_its_share_from_the_air():
    bare, fitted = full_process("coal-power"), full_process("coal-power-ccs")
    kept = next(f for f in fitted.outputs if f.name == "captured CO2")
    made = float(kept.amount) + float(fitted.co2)
    assert float(kept.amount) / made == pytest.approx(0.90, rel=1e-12)
    assert float(fitted.co2) < 0.2 * float(bare.co2) and made > float(bare.co2)


def test_nitric_acid_takes_its_oxygen_from_the_air():
    made = full_process("nitric-acid", given={"nitric-acid.n2o": 0.0})
    # NH3 + 2 O2 -> HNO3 + H2O; ammonia that is lost burns to nitrogen and water
    air = next(float(f.amount) for f in made.inputs if f.name == "oxygen of air")
    lost = 17.031 / 63.012 * (1 / 0.955 - 1)
    expected = 4 * 15.999 / 63.012 + lost * 1.5 * 15.999 / 17.031
    assert air == pytest.approx(expected, rel=1e-3)
    assert {"H", "N", "O"} <= set(made.elements()) and mass_gap(made) < 1e-9
