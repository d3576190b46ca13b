"""Mass and energy balances: what enters leaves, and the limits come out."""

import csv
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.balance import CO2_PER_C, Flow, close
from mriocarbon.industry.chemicals import MOLAR, SALTS
from mriocarbon.industry.minerals import CO2_PER_CAO
from mriocarbon.industry.parameters import FORMS, Parameters, parameter, parameters
from mriocarbon.industry.processes import process, processes

ORIGINS = ("", "CHN", "IND", "UKR", "IRN", "TUR")


def median(origin="CHN", given=None):
    return Parameters(origin, lambda key: np.zeros(()), given)


def drawn(origin="CHN", draws=500, seed=3):
    rng = np.random.default_rng(seed)
    return Parameters(origin, lambda key: rng.standard_normal(draws))


@pytest.mark.parametrize("name", processes())
def test_carbon_closes_and_losses_are_positive(name):
    for origin in ORIGINS:
        made = process(name, median(origin))
        made.check()
        assert made.gap("C") <= 1e-12
        losses = made.output("losses").content
        assert float(losses.get("energy", 0.0)) >= 0


@pytest.mark.parametrize("name", processes())
def test_carbon_closes_at_every_draw(name):
    made = process(name, drawn())
    assert made.gap("C") <= 1e-12
    assert float(np.min(made.co2)) >= 0


def test_energy_that_is_burnt_is_lost_not_vanished():
    # a furnace has losses; a balance that counts product energy twice would not
    for name in ("pig-iron", "clinker-grey", "hall-heroult", "hydrogen-gas", "ammonia-coal"):
        made = process(name, median())
        lost, entering = made.output("losses").content["energy"], made.total("in", "energy")
        assert 0.02 < float(lost / entering) < 0.7, name


def test_check_refuses_what_is_made_from_nothing():
    coal = Flow("coal", np.array(1.0), "t", {"C": np.array(0.7)})
    steel = Flow("steel", np.array(1.0), "t", {"C": np.array(0.8)})
    with pytest.raises(InputError, match="more C than it takes in"):
        close("dream", "steel", [coal], [steel]).check()


def test_calcination_is_that_of_the_lime():
    p = median()
    kiln = process("clinker-grey", p)
    meal = next(f for f in kiln.inputs if f.name == "raw meal")
    lime = 0.65 * CO2_PER_CAO * 1.02
    assert float(meal.content["C"]) * CO2_PER_C == pytest.approx(lime, rel=1e-12)
    # IPCC 2006, vol. 3, eq. 2.4: 0.52 t CO2/t with dust; limestone holds the CO2 it gives off
    assert lime == pytest.approx(0.52, abs=0.001)
    assert float(meal.amount) * 12.011 / 100.09 == pytest.approx(float(meal.content["C"]), rel=2e-3)
    fuels = sum(float(f.amount) for f in kiln.inputs if f.unit == "GJ")
    assert fuels == pytest.approx(parameter("clinker-grey", "heat", "CHN").value, rel=1e-12)


def test_all_scrap_needs_no_hot_metal():
    shop = process("bf-bof", median(given={"bf-bof.scrap_share": 1.0}))
    assert float(dict(shop.precursors)["pig-iron"]) == 0.0
    none = process("bf-bof", median(given={"bf-bof.scrap_share": 0.0}))
    assert 1.0 < float(dict(none.precursors)["pig-iron"]) < 1.15


def test_cement_without_clinker_has_no_process_co2():
    given = {"portland-grey.clinker": 0.0, "portland-grey.drying": 0.0}
    mill = process("portland-grey", median(given=given))
    assert float(mill.co2) == 0.0
    assert float(dict(mill.precursors)["clinker-grey"]) == 0.0


def test_iron_of_the_burden_is_the_iron_of_the_metal():
    furnace = process("pig-iron", median())
    entering = float(furnace.total("in", "Fe"))
    assert entering * 0.99 == pytest.approx(0.945, rel=1e-9)
    ore = sum(float(f.amount) for f in furnace.inputs if "Fe" in f.content)
    assert 1.5 < ore < 1.75  # t of burden per t, as every works reports


def test_anode_carbon_exceeds_what_alumina_needs():
    cell = process("hall-heroult", median())
    anode = next(f for f in cell.inputs if f.name == "anode")
    least = 3 * 12.011 / (4 * 26.982)
    assert float(anode.content["C"]) > least
    # the same by the IPCC's tier 2 equation, without baking: 1.6 t CO2/t is its default
    assert float(anode.content["C"]) * CO2_PER_C == pytest.approx(1.485, abs=0.01)


def test_hydrogen_takes_more_gas_than_stoichiometry():
    reformer = process("hydrogen-gas", median(""))
    # CH4 + 2 H2O -> CO2 + 4 H2: 5.46 t CO2/t at the least
    assert float(reformer.co2) > 44.01 / (4 * 2.016)
    gasifier = process("hydrogen-coal", median(""))
    assert float(gasifier.co2) > 44.01 / (2 * 2.016)  # C + 2 H2O -> CO2 + 2 H2


@pytest.mark.parametrize("name", SALTS)
def test_nitrogen_of_salts_balances(name):
    formula, ammonia, acid, nitrogen, _ = SALTS[name]
    assert ammonia + acid == nitrogen
    made = process(name, median())
    held = float(made.outputs[0].content["N"])
    assert held == pytest.approx(nitrogen * MOLAR["N"] / MOLAR[formula])
    lost = float(made.output("losses").content["N"])
    assert 0 < lost < 0.05 * held


def test_nitrogen_contents_are_those_of_the_trade():
    contents = {"ammonium-nitrate": 0.35, "ammonium-sulphate": 0.212, "calcium-nitrate": 0.155}
    for name, share in contents.items():
        assert float(process(name, median()).outputs[0].content["N"]) == pytest.approx(
            share, abs=1e-3
        )
    assert abs(0.771 * 0.35 - 0.27) < 1e-3


def test_nitrous_oxide_leaves_as_ipcc_says_when_nothing_is_abated():
    plant = process("nitric-acid", median(given={"nitric-acid.abated": 0.0}))
    assert float(plant.gases["N2O"]) == 0.007
    fitted = process(
        "nitric-acid", median(given={"nitric-acid.abated": 1.0, "nitric-acid.efficiency": 1.0})
    )
    assert float(fitted.gases["N2O"]) == 0.0


def test_every_parameter_has_a_source_or_a_reason():
    for row in parameters():
        assert row.form in FORMS
        assert row.unit and row.source
        assert row.sd > 0 or row.form == "fixed", row
        if row.source == "assumed":
            assert len(row.assumed) > 5, row
        if row.form == "logit":
            assert 0 < row.value < 1, row
        assert row.value > 0


def test_ipcc_rows_agree_with_the_embedded_defaults(data_folder):
    from mriocarbon.datasets.database import database

    table = database().table("emission_factors", source="ipcc-defaults")
    energy = table[table.variable == "carbon content per energy, IPCC default"]
    for ours, theirs in {
        "gas_carbon": "natural_gas",
        "coal_carbon": "other_bituminous_coal",
        "petcoke_carbon": "petroleum_coke",
        "oil_carbon": "residual_fuel_oil",
    }.items():
        found = energy[energy["item"].str.contains(theirs)]
        assert len(found), theirs
        assert parameter("fuel", ours).value * 1000 == pytest.approx(found.value.iloc[0])


def test_worldsteel_shares_are_the_published_ones(data_folder):
    from mriocarbon.industry.routes import route_mix

    with open(data_folder / "cbam" / "worldsteel_route_mix_2024.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 21
    for line in lines:
        shares = route_mix(line["iso3"], "steel").shares
        assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
        total = sum(float(line[k]) for k in ("bof_pct", "eaf_pct", "ohf_pct"))
        for route, column in (("bf-bof", "bof_pct"), ("open-hearth", "ohf_pct")):
            assert shares.get(route, 0.0) == pytest.approx(float(line[column]) / total, abs=2e-5)


def test_mix_keeps_adding_to_one_under_any_draw():
    from mriocarbon.industry.routes import mixes, route_mix

    rng = np.random.default_rng(5)
    for name in mixes():
        for origin in ("CHN", "IND", "EGY", "NZL", "XKX"):
            shares = route_mix(origin, name).at(lambda key: rng.standard_normal(200))
            total = sum(shares.values())
            assert np.allclose(total, 1, atol=1e-12)
            assert all(np.all(s >= -1e-15) for s in shares.values())
    assert set(route_mix("EGY", "steel").shares) == {"scrap-eaf", "dri-eaf"}


@settings(deadline=None, max_examples=50)
@given(coke=st.floats(0.25, 0.6), more=st.floats(0.001, 0.1), coal=st.floats(0.0, 0.2))
def test_pig_iron_rises_with_coke(coke, more, coal):
    def direct(rate):
        given = {"pig-iron.coke_rate": rate, "pig-iron.injection_coal": coal}
        return float(process("pig-iron", median(given=given)).direct)

    assert direct(coke + more) > direct(coke)


def test_bad_names_are_told():
    with pytest.raises(UnknownNameError, match="clinker-grey"):
        process("clinker-gray", median())
    with pytest.raises(UnknownNameError, match="coke_rate"):
        parameter("pig-iron", "coke_ratio")
    with pytest.raises(UnknownNameError):
        median(given={"pig-iron.coke_ratio": 1.0})


def test_tables_are_where_the_package_looks():
    folder = files("mriocarbon.industry") / "tables"
    for name in ("parameters", "routes", "steps", "published", "grid"):
        assert (folder / f"{name}.csv").is_file()
