"""Input that no plant can have, or that nothing would read, is refused and named."""

import warnings

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from mriocarbon.cli.industry import app
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.industry.elements import full_process, scopes, without_electricity
from mriocarbon.industry.optimise import front
from mriocarbon.industry.parameters import parameter
from mriocarbon.industry.processes import processes
from mriocarbon.industry.simulate import gradients, simulate
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import custom_step, step
from mriocarbon.industry.tiers import compare_tiers
from mriocarbon.lca.industrial import all_to_product, process_of


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("origin", ["XXX", "deu", "Germany"])
def test_an_unknown_origin_is_refused(origin):
    # it got the values of all countries and the median grid without a word
    for call in (
        lambda: step("bf-bof", origin=origin),
        lambda: full_process("bf-bof", origin=origin),
        lambda: simulate("bf-bof", origin=origin, draws=10, backend="numpy"),
        lambda: compare_tiers(origin),
        lambda: run("show", "bf-bof", "--origin", origin),
        lambda: run("show", "bf-bof", "--yaml", "--origin", origin),
        lambda: run("compare", "--origin", origin),
    ):
        with pytest.raises(UnknownNameError, match=f"country of origin '{origin}'"):
            call()


def test_a_lower_case_origin_is_told_its_capitals():
    with pytest.raises(UnknownNameError) as caught:
        step("bf-bof", origin="deu")
    assert "'DEU'" in str(caught.value)


@pytest.mark.parametrize("grid", [-1.0, np.nan, np.inf])
def test_a_grid_that_cannot_be_is_refused(grid):
    made = site([step("bf-bof")])
    for call in (
        lambda: made.account({"steel": 1.0}, grid=grid),
        lambda: made.account({"steel": 1.0}, grid=np.array([0.4, grid])),
        lambda: scopes(full_process("bf-bof"), grid=grid),
        lambda: run("show", "bf-bof", "--grid", str(grid)),
    ):
        with pytest.raises(InputError, match="grid is"):
            call()


def test_a_parameter_that_nothing_reads_is_refused():
    # the converter stands alone: the coke of the furnace before it would change nothing
    given = {"pig-iron.coke_rate": (0.4, 0.1)}
    for call in (
        lambda: simulate("bf-bof", parameters=given, draws=10, backend="numpy"),
        lambda: gradients("bf-bof", parameters={"pig-iron.coke_rate": 0.4}),
        lambda: run("show", "bf-bof", "--set", "pig-iron.coke_rate=0.1"),
        lambda: run("show", "bf-bof", "--yaml", "--set", "pig-iron.coke_rate=0.1"),
    ):
        with pytest.raises(InputError, match=r"does not use pig-iron\.coke_rate"):
            call()
    whole = simulate("steel-bf-bof", parameters=given, draws=10, backend="numpy")
    assert "pig-iron.coke_rate" in whole.factors
    run("show", "pig-iron", "--set", "pig-iron.coke_rate=0.4")


@pytest.mark.parametrize("power", [-5.0, np.nan, np.inf])
def test_electricity_that_cannot_be_is_refused(power):
    for call in (step, full_process):
        with pytest.raises(InputError, match="electricity of process bf-bof"):
            call("bf-bof", electricity=power)


def test_an_own_step_gives_no_more_than_it_takes():
    steel, gas = {"steel": (0.5, "t")}, {"gas": (1.3, "GJ")}
    for takes in (steel, steel | gas):
        with pytest.raises(InputError, match=r"gives 1 t of goods and takes 0\.5 t"):
            custom_step("mill", product=("plate", "t"), takes=takes)
    made = custom_step("slaking", product=("slaked", "t"),
                       takes={"lime": (0.757, "t"), "water": (0.243, "t")})  # fmt: skip
    assert made.takes == {"lime": 0.757}
    custom_step("mine", product=("ore", "t"), takes=gas)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("coal-power", "fuel.coal_carbon", 5.0),
        ("hydrogen-electrolysis", "hydrogen.heat", 0.0),
        ("hydrogen-electrolysis", "hydrogen.heat", 300.0),
        ("pig-iron", "coke.heat", 300.0),
        ("coke-oven", "tar.heat", 0.0),
        ("pig-iron", "gas.furnace_gas_carbon", 0.0),
    ],
)
def test_a_fuel_holds_what_a_fuel_can(name, key, value):
    with pytest.raises(InputError, match="of any such substance"):
        step(name, given={key: value})
    step(name, given={key: parameter(*key.split(".")).value})


@pytest.mark.parametrize("name", ["dri-hydrogen", "ammonia-hydrogen"])
def test_a_loss_of_all_is_refused_by_its_name(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match=r"hydrogen_loss = 1\.0 .* cannot be all of it"):
            step(name, given={f"{name}.hydrogen_loss": 1.0})


def test_more_draws_than_memory_are_refused():
    with pytest.raises(InputError, match=r"100,000,000,000 draws of .* GiB"):
        simulate("hydrogen-electrolysis", draws=100_000_000_000)


def test_a_front_has_whole_points():
    made = site([step("gas-power"), step("coal-power")])
    with pytest.raises(InputError, match=r"not 2\.5"):
        front(made, {"electricity": 1.0}, points=2.5, prices={"gas": 8.0, "coal": 3.0})


def test_elasticities_are_of_the_total_where_the_grid_is_known():
    words = ("simulate", "hydrogen-electrolysis", "--draws", "50", "--gradient")
    text = run(*words, "--grid", "0.5")
    assert "elasticities of total" in text and "+1.000" in text
    bare = run(*words)
    assert "no elasticities: direct emissions are zero" in bare and "+0.000" not in bare
    assert gradients("hydrogen-electrolysis").largest() == ()


def test_list_marks_what_show_refuses():
    text = run("list")
    bare = without_electricity()
    assert f"refuse the {len(bare)} marked" in " ".join(text.split())
    assert 0 < len(bare) < len(processes())
    words = {word.rstrip(",") for word in text.split()}
    for name in processes():
        assert (f"{name}*" in words) == (name in bare)
        if name in bare:
            with pytest.raises(NotAvailableError):
                step(name)
        else:
            step(name)


def test_show_tells_a_route_from_a_process():
    with pytest.raises(InputError, match="steel-bf-bof is a route") as caught:
        run("show", "steel-bf-bof")
    assert "pig-iron" in str(caught.value)


def test_yaml_of_by_products_gives_the_rule_of_allocation():
    text = run("show", "coke-oven", "--yaml")
    told = "\n".join(x.removeprefix("#   ") for x in text.splitlines() if x.startswith("#   "))
    assert yaml.safe_load(told)["allocation"] == all_to_product([process_of("coke-oven")])
    assert yaml.safe_load(text)["processes"][0]["name"] == "coke-oven"
    assert "allocation" not in run("show", "gas-power", "--yaml")


def test_a_cut_distribution_is_marked_in_its_table():
    made = simulate("steel-bf-bof", origin="CHN", draws=500, seed=1, backend="numpy")
    assert made.failed
    assert f"{made.failed / 500:.1%} of the draws left out" in made.to_pandas().index.name
    words = ("--draws", "500", "--seed", "1", "--backend", "numpy")
    text = run("simulate", "steel-bf-bof", "--origin", "CHN", *words)
    assert "mean*" in text and f"{500 - made.failed} possible draws only" in text
    whole = run("simulate", "gas-power", *words)
    assert "mean*" not in whole and "mean" in whole
