"""Industry in a life cycle: the same carbon, the same score, the same types."""

import math

import numpy as np
import pytest

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.chains import ROUTES
from mriocarbon.industry.intensity import intensity
from mriocarbon.industry.parameters import parameter
from mriocarbon.industry.processes import process, processes
from mriocarbon.industry.simulate import simulate
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import step
from mriocarbon.lca.goal import ProcessSpec
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.industrial import all_to_product, process_of, spec_of
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from mriocarbon.lca.units import convert

WITH_POWER = tuple(
    n for n in processes() if n.endswith(("-power", "-ccs")) or n in {
        "coke-oven", "sinter", "pellet", "pig-iron", "bf-bof", "open-hearth", "scrap-eaf",
        "dri-gas", "dri-coal", "dri-hydrogen", "dri-eaf", "dri-eaf-hydrogen", "clinker-grey",
        "portland-grey", "anode-baking", "electrolysis-cell", "hall-heroult", "hydrogen-gas",
        "hydrogen-coal", "hydrogen-electrolysis", "ammonia-gas", "ammonia-coal",
        "ammonia-hydrogen", "nitric-acid", "urea", "hot-rolled-flat",
    }
)  # fmt: skip


def grid(factor):
    emitted = Exchange("Carbon dioxide, fossil", factor, "t", "biosphere", "out", "emission/air")
    return Process("grid", "electricity", 1.0, "MWh", (emitted,))


def score(made, demand, factor):
    producers = [*made, grid(factor)]
    system = System.of(producers, allocation=all_to_product(made), missing="leave",
                       choose={"electricity": "grid"})  # fmt: skip
    return climate(inventory(system, demand), gwp_method(system, "AR5")).total / 1000


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_scores_as_the_site_accounts(name):
    steps = [step(n) for n in ROUTES[name].steps]
    done = site(steps).account({ROUTES[name].good: 1.0}, grid=0.6)
    made = [process_of(one) for one in steps]
    found = score(made, {steps[-1].name: 1.0}, 0.6)
    assert found == pytest.approx(float(done.total), rel=1e-9)


@pytest.mark.parametrize("name", WITH_POWER)
def test_elements_and_energy_close_over_the_exchanges(name):
    made, one = process_of(name), step(name)
    for what in one.process.elements():
        entering = leaving = 0.0
        # what a tonne of product holds
        leaving += made.properties.get(what, 0.0)
        for e in made.exchanges:
            held = e.properties.get(what, 0.0) * e.amount
            entering, leaving = (
                (entering + held, leaving) if e.direction == "in" else (entering, leaving + held)
            )
        assert abs(entering - leaving) <= 1e-9 * max(abs(entering), 1e-9), what
    assert {e.unit for e in made.exchanges} <= {"t", "GJ", "MWh"}
    for e in made.exchanges:
        assert e.source and convert(e.unit, e.unit) == 1.0


def test_other_gases_and_scopes_are_kept():
    cell = process_of("electrolysis-cell")
    gases = {e.flow for e in cell.exchanges if e.kind == "biosphere" and e.direction == "out"}
    assert {"Methane, tetrafluoro-, CFC-14", "Ethane, hexafluoro-, HFC-116"} <= gases
    acid = process_of("nitric-acid")
    (laughing,) = [e for e in acid.exchanges if e.flow == "Dinitrogen monoxide"]
    assert laughing.amount == float(step("nitric-acid").process.gases["N2O"])
    assert not acid.co_products
    kiln = process_of("clinker-grey")
    by_scope = {e.category: e.amount for e in kiln.exchanges if "Carbon dioxide" in e.flow}
    one = step("clinker-grey")
    assert by_scope["fuel"] == pytest.approx(float(one.direct_fuel), rel=1e-12)
    assert by_scope["process"] == pytest.approx(float(one.direct_process), rel=1e-12)


def test_captured_co2_is_waste_to_be_stored():
    plant = process_of("coal-power-ccs")
    (kept,) = [e for e in plant.exchanges if e.kind == "waste"]
    assert kept.flow == "captured CO2" and kept.direction == "out" and not plant.co_products
    assert kept.properties["C"] == pytest.approx(1000 * 12 / 44)


def test_biogenic_carbon_is_told_apart():
    fossil, wood = process_of("coal-power"), process_of("coal-power", biogenic={"coal": 0.25})
    parts = {e.carbon: e.amount for e in wood.exchanges if "Carbon dioxide" in e.flow}
    (whole,) = [e.amount for e in fossil.exchanges if "Carbon dioxide" in e.flow]
    assert parts["biogenic"] == pytest.approx(0.25 * whole) and len(parts) == 2
    assert sum(parts.values()) == pytest.approx(whole, rel=1e-12)
    with pytest.raises(UnknownNameError, match="wood"):
        process_of("coal-power", biogenic={"wood": 1.0})
    with pytest.raises(InputError, match="share of coal is 2"):
        process_of("coal-power", biogenic={"coal": 2})


def test_spread_is_that_of_the_parameters():
    plant = process_of("gas-power")
    (gas,) = [e for e in plant.exchanges if e.flow == "gas"]
    (co2,) = [e for e in plant.exchanges if "Carbon dioxide" in e.flow]
    row, carbon = parameter("gas-power", "efficiency"), parameter("fuel", "gas_carbon")
    z = math.sqrt(3)
    ends = row.at(np.array([z, -z]))
    own = abs(math.log(ends[0] / ends[1])) / (2 * z)
    assert gas.uncertainty.spread == pytest.approx(own, rel=1e-9)
    assert co2.uncertainty.spread == pytest.approx(math.hypot(own, carbon.sd), rel=1e-9)
    # the draws of the balance itself
    drawn = np.log(simulate("gas-power", draws=40_000, seed=5, backend="numpy")["direct"])
    assert np.std(drawn) == pytest.approx(co2.uncertainty.spread, rel=0.03)
    assert all(e.uncertainty is None for e in process_of(step("gas-power")).exchanges)


def test_a_step_goes_into_the_foreground_of_a_study():
    for name in ("bf-bof", "coal-power-ccs", "nitric-acid"):
        spec = ProcessSpec.model_validate(spec_of(process_of(name, location="DEU")))
        made = process_of(name)
        listed = (*spec.inputs, *spec.co_products, *spec.emissions, *spec.resources, *spec.waste)
        assert len(listed) == len(made.exchanges)
        assert sum(x.amount for x in spec.emissions) == pytest.approx(
            sum(e.amount for e in made.exchanges if (e.kind, e.direction) == ("biosphere", "out"))
        )
        assert spec.location == "DEU"


def test_providers_are_named_and_known():
    made = process_of("bf-bof", providers={"scrap": "yard"})
    assert [e.provider for e in made.exchanges if e.flow == "scrap"] == ["yard"]
    with pytest.raises(UnknownNameError, match="tin"):
        process_of("bf-bof", providers={"tin": "mine"})
    with pytest.raises(InputError, match="making of a step"):
        process_of(step("bf-bof"), origin="CHN")


def test_cbam_reference_life_cycle_and_site_rest_on_one_process():
    """One balance behind the reference value of the CBAM, the step and the unit process."""
    from mriocarbon.cbam.reference_process import references_process
    from mriocarbon.industry.balance import Process as Balance
    from mriocarbon.industry.parameters import Parameters

    p = Parameters("CHN", lambda key: np.zeros(()))
    built = process("clinker-grey", p)
    one = step("clinker-grey", origin="CHN")
    assert isinstance(built, Balance) and isinstance(one.process, Balance)
    value = intensity("clinker-grey", origin="CHN").direct
    assert float(built.co2) == pytest.approx(value, rel=1e-12)
    assert float(one.direct) == pytest.approx(value, rel=1e-12)
    lca = process_of("clinker-grey", origin="CHN")
    assert score([lca], {"clinker-grey": 1.0}, 0.0) == pytest.approx(value, rel=1e-9)
    (reference,), missing = references_process(["25231000"], "CHN")
    whole = value + intensity("clinker-grey", origin="CHN").indirect
    wanted = whole if "indirect" in reference.scope else value
    assert not missing and reference.value == pytest.approx(wanted, rel=1e-9)


def test_what_a_flow_does_not_hold_is_told():
    kiln = process_of("clinker-grey")
    assert kiln.properties["C"] == 0.0
    assert [e.properties["C"] for e in kiln.exchanges if e.flow.startswith("Residues")] == [0.0]
    furnace = process_of("pig-iron")
    held = {e.flow: e.properties for e in furnace.exchanges if e.kind == "technosphere"}
    # its CO2 is counted where the gas is made
    assert held["works gas"]["C"] == 0.0 and held["lump ore"]["C"] == 0.0
