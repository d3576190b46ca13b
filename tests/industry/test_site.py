"""Steps joined to sites: the whole closes, circles are solved or refused, units are asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import InputError, UnitError, UnknownNameError
from mriocarbon.industry.chains import ROUTES, route
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import custom_step, step

ELEMENTS = ("C", "Fe", "Ca", "Al", "H", "N", "O", "energy")


def works(*names, **more):
    return site([step(name, **more) for name in names])


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_closes_as_a_whole(name):
    made = works(*ROUTES[name].steps)
    done = made.account({ROUTES[name].good: 7.0}, grid=0.4)
    held = {e for s in made.steps for e in s.process.elements()}
    for element in held & set(ELEMENTS):
        assert made.gap(done, element) < 1e-9, element
    assert made.goods[ROUTES[name].good] == ROUTES[name].unit
    by_scope = [sum(map(float, part.values())) for part in (done.process, done.fuel)]
    assert float(done.direct) == pytest.approx(sum(by_scope), rel=1e-12)
    assert float(done.total) == pytest.approx(float(done.direct + done.indirect), rel=1e-12)


@settings(deadline=None, max_examples=30)
@given(
    coke=st.floats(0.33, 0.45), scrap=st.floats(0.05, 0.3), steel=st.floats(0.1, 1e4),
    sinter=st.floats(0.6, 1.1),
)  # fmt: skip
def test_works_close_whatever_the_parameters(coke, scrap, steel, sinter):
    chosen = {
        "pig-iron.coke_rate": coke, "bf-bof.scrap_share": scrap, "pig-iron.sinter": sinter,
    }  # fmt: skip
    made = works(*route("steel-bf-bof").steps, given=chosen)
    done = made.account({"steel": steel})
    for element in ("C", "Fe", "energy", "O", "H"):
        assert made.gap(done, element) < 1e-9
    # linear: nothing at the size of the works
    assert float(done.total) == pytest.approx(steel * float(made.account({"steel": 1.0}).total))


def test_the_site_is_the_sum_of_its_steps():
    made = works("coke-oven", "sinter", "pellet", "pig-iron")
    done = made.account({"hot metal": 1.0})
    furnace = made.step("pig-iron")
    own = float(furnace.direct)
    for good, name in (("sinter", "sinter"), ("pellets", "pellet")):
        own += float(furnace.takes[good]) * float(made.step(name).direct)
    breeze = float(furnace.takes["sinter"]) * float(made.step("sinter").takes["coke"])
    own += (float(furnace.takes["coke"]) + breeze) * float(made.step("coke-oven").direct)
    assert float(done.direct) == pytest.approx(own, rel=1e-12)


def test_power_made_on_the_site_is_not_bought():
    bare = works("electrolysis-cell", "anode-baking").account({"aluminium": 1.0}, grid=0.7)
    own = works("electrolysis-cell", "anode-baking", "coal-power")
    done = own.account({"aluminium": 1.0}, grid=0.7)
    need = float(bare.bought["electricity"])
    assert float(done.levels["coal-power"]) == pytest.approx(need, rel=1e-12)
    assert float(done.indirect) == 0.0
    more = need * float(own.step("coal-power").direct)
    assert float(done.direct - bare.direct) == pytest.approx(more, rel=1e-12)


def test_a_circle_is_solved_exactly():
    made = site(
        [
            custom_step("mill", product=("pulp", "t"), takes={"steam": (0.5, "GJ")}),
            custom_step("boiler", product=("steam", "GJ"), takes={"pulp": (0.4, "t")}),
        ]
    )
    done = made.account({"pulp": 1.0})
    # x = 1 + 0.4 y, y = 0.5 x
    assert float(done.levels["mill"]) == pytest.approx(1 / 0.8, rel=1e-12)
    assert float(done.levels["boiler"]) == pytest.approx(0.5 / 0.8, rel=1e-12)


@pytest.mark.parametrize("taken", [2.0, 3.0])
def test_a_circle_without_a_solution_names_its_steps(taken):
    made = site(
        [
            custom_step("mill", product=("pulp", "t"), takes={"steam": (0.5, "GJ")}),
            custom_step("boiler", product=("steam", "GJ"), takes={"pulp": (taken, "t")}),
        ]
    )
    with pytest.raises(InputError, match="mill") as caught:
        made.account({"pulp": 1.0})
    assert "boiler" in str(caught.value)


def test_bad_demands_and_splits_are_told():
    made = works("dri-gas", "dri-hydrogen")
    with pytest.raises(UnknownNameError, match="hot metal"):
        made.account({"hot metal": 1.0})
    with pytest.raises(InputError, match="demand for direct reduced iron"):
        made.account({"direct reduced iron": -1.0})
    shop = site([step("bf-bof", label="a"), step("bf-bof", label="b")])
    with pytest.raises(InputError, match=r"add up to 0\.0"):
        shop.account({"steel": 1.0})
    half = shop.account({"steel": 1.0}, split={"a": 0.5, "b": 0.5})
    assert float(half.direct) == pytest.approx(float(step("bf-bof").direct), rel=1e-12)
    with pytest.raises(InputError, match="steps of the same name: bf-bof"):
        works("bf-bof", "bf-bof")


def test_goods_must_be_the_same_in_both_steps():
    with pytest.raises(InputError, match="coke holds"):
        site([step("coke-oven", given={"coke.carbon": 0.9}), step("pig-iron")])
    tonnes = custom_step("still", product=("tar", "GJ"), takes={"coal": (1.0, "GJ")})
    with pytest.raises(UnitError, match="tar is counted in"):
        site([tonnes, step("coke-oven")])


@pytest.mark.parametrize(
    ("takes", "kind", "said"),
    [
        ({"steel": 1.04}, UnitError, "steel has no unit"),
        ({"steel": (1.04, "")}, UnitError, "steel has no unit"),
        ({"steel": (1.04, "kg")}, UnitError, "unit 'kg' of steel is not known"),
        ({"gas": (1.0, "t")}, UnitError, "gas is counted in GJ"),
        ({"steel": (-1.0, "t")}, InputError, "negative or no finite flow: steel"),
        ({"steel": (float("nan"), "t")}, InputError, "negative or no finite flow: steel"),
    ],
)
def test_own_steps_without_units_are_refused_by_name(takes, kind, said):
    with pytest.raises(kind, match=f"mill.*{said}"):
        custom_step("mill", product=("plate", "t"), takes=takes)


def test_own_steps_cannot_make_elements():
    content = {"plate": {"Fe": 0.98}, "slab": {"Fe": 0.95}}
    with pytest.raises(InputError, match="mill gives off more Fe"):
        custom_step("mill", product=("plate", "t"), takes={"slab": (1.0, "t")}, content=content)
    made = custom_step("mill", product=("plate", "t"), takes={"slab": (1.1, "t")}, content=content)
    assert float(made.process.output("losses").content["Fe"]) == pytest.approx(0.065)
    with pytest.raises(InputError, match="cannot hold 'iron'"):
        custom_step(
            "mill", product=("plate", "t"), takes={"slab": (1.1, "t")},
            content={"slab": {"iron": 0.9}},
        )  # fmt: skip


def test_arrays_of_steps_are_the_steps_one_by_one():
    rates = np.array([0.35, 0.40, 0.45])
    many = works("pig-iron", "bf-bof", given={"pig-iron.coke_rate": rates})
    each = [works("pig-iron", "bf-bof", given={"pig-iron.coke_rate": r}) for r in rates]
    wide = many.account({"steel": 2.0}).total
    assert wide == pytest.approx([float(s.account({"steel": 2.0}).total) for s in each], rel=1e-13)
