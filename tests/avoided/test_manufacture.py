"""Manufacture of exported technology: by stages, by the table, beside published figures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.avoided.amount import Amount, spread
from mriocarbon.avoided.exports import exports
from mriocarbon.avoided.inputs import inputs, published
from mriocarbon.avoided.manufacture import (
    BOUNDARIES,
    Capacity,
    capacities,
    grid_of,
    manufacture,
    process,
)
from mriocarbon.avoided.manufacture_mrio import (
    STAGES,
    WIND_PRICE,
    multiplier,
    through_table,
    unit_values,
)
from mriocarbon.avoided.manufacture_published import against_published, as_published
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError

NAN = float("nan")
PANEL = Capacity("panels", 1000.0, 118.0)
ALL = (
    PANEL,
    Capacity("cells", 500.0, 20.0),
    Capacity("wafers", 400.0, 12.0),
    Capacity("turbines", 50.0, NAN),
)


@pytest.fixture(scope="module")
def world():
    return mc.load("oecd-icio-2022")


@given(
    median=st.floats(0.01, 1e6),
    down=st.floats(0.05, 1.0),
    up=st.floats(1.0, 20.0),
)
def test_the_draws_have_the_median_and_the_ends_that_are_given(median, down, up):
    e = np.array([-1.959963984540054, 0.0, 1.959963984540054])
    found = spread(median, median * down, median * up, e)
    assert found.draws == pytest.approx([median * down, median, median * up])
    assert (np.diff(found.draws) >= 0).all()


@pytest.mark.parametrize("three", [(1, 2, 3), (3, 1, 2), (1, 0, 2), (1, NAN, 2), (1, 0.5, np.inf)])
def test_a_median_outside_its_interval_is_refused(three):
    with pytest.raises(InputError, match="no median with its interval"):
        spread(*map(float, three), np.zeros(3))


def test_every_input_is_a_median_with_its_interval_and_a_source():
    units = {row.name: row for row in inputs()}
    assert len(units) == len(inputs()), "draws hang on names"
    for row in inputs():
        for three in (row.amount, row.factor):
            if three is not None:
                assert 0 < three[1] <= three[0] <= three[2], row.name
        assert row.source and row.status, row.name
        if row.kind == "electricity":
            assert row.factor is None and row.factor_unit == "kg CO2e/kWh"
            assert row.amount_unit.startswith("kWh/"), row.name
        elif row.kind != "base":
            assert row.factor is not None and row.factor_unit, row.name
        assert row.base in {"kW", "silicon", "area"}
    for one in published():
        assert one.source and one.status and one.value > 0


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_parts_add_up_and_each_number_is_in_its_interval(boundary):
    made = process(ALL, boundary=boundary, draws=500)
    by_product = Amount.sum(made.of(product=p) for p in made.products)
    assert by_product.value == pytest.approx(made.value, rel=1e-12)
    assert by_product.draws == pytest.approx(made.draws, rel=1e-12)
    assert made.low < made.value < made.high


def test_a_wider_boundary_holds_a_narrower_one_in_every_draw():
    by = {b: process([PANEL], boundary=b, draws=300) for b in BOUNDARIES}
    assert (by["module assembly"].draws <= by["final plant"].draws + 1e-15).all()
    assert (by["final plant"].draws < by["own works"].draws).all()
    assert (by["own works"].draws < by["gate"].draws).all()


def test_the_chain_is_the_sum_of_amount_times_factor():
    """Sum of the table by hand, at the medians, against the function."""
    bases = {r.item: r.amount[0] for r in inputs() if r.kind == "base"} | {"kW": 1.0}
    kg = sum(
        bases[r.base] * r.amount[0] * (0.6 if r.factor is None else r.factor[0])
        for r in inputs()
        if r.technology == "solar" and r.kind != "base"
    )
    made = process([Capacity("panels", 2000.0, NAN)], grid=0.6, draws=10)
    assert made.per_kw("panels").value == pytest.approx(kg, rel=1e-12)
    assert made.value == pytest.approx(kg * 2e6 / 1e9, rel=1e-12)  # kg/kW x kW, in Mt


@settings(max_examples=20)
@given(scale=st.floats(0.1, 100.0))
def test_manufacture_is_linear_in_capacity(scale):
    one = process([PANEL], draws=20)
    more = process([replace(PANEL, mw=PANEL.mw * scale)], draws=20)
    assert more.draws == pytest.approx(one.draws * scale, rel=1e-12)


def test_without_power_plants_electricity_counts_nothing():
    made = process([PANEL], grid=0.0, draws=10)
    assert made.of(kind="electricity").value == 0
    assert made.value > 0
    assembly = process([PANEL], boundary="module assembly", grid=0.0, draws=10)
    assert assembly.value == 0 and assembly.high == 0


def test_stages_of_a_wafer_are_not_those_of_a_panel():
    made = process(ALL, draws=50)
    assert made.of(product="wafers", stage="module").value == 0
    assert made.per_kw("wafers").value < made.per_kw("cells").value < made.per_kw("panels").value
    bare = process(ALL, towers=False, draws=50)
    assert bare.per_kw("turbines").value < made.per_kw("turbines").value
    assert any("left out" in note.text for note in bare.notes)


def test_draws_hang_on_seed_and_name_alone():
    first, again = process([PANEL], draws=100, seed=3), process(ALL, draws=100, seed=3)
    assert (first.draws == again.of(product="panels").draws).all()
    longer = process([PANEL], draws=300, seed=3)
    assert (longer.draws[:100] == first.draws).all()
    assert not (process([PANEL], draws=100, seed=4).draws == first.draws).any()
    with pytest.raises(ValueError, match="read-only"):
        first.draws[0] = 1.0


def test_the_error_of_capacity_is_the_one_that_avoided_emissions_have():
    """Drawn under the same name, so that it cancels in the payback time."""
    from mriocarbon.avoided.drawn import normals, parameter

    made = process([PANEL], draws=50, seed=1)
    row = parameter("capacity", "solar.panels")
    assert made.megawatts["panels"].draws == pytest.approx(
        1000.0 * row.at(normals(50, 1)("capacity.solar.panels"))
    )
    per_kw = made.per_kw("panels")
    assert per_kw.draws * made.megawatts["panels"].draws / 1e6 == pytest.approx(made.draws)


def test_the_grid_is_that_of_the_exporter_and_year():
    value, told, source = grid_of("CHN", 2024)
    assert value == pytest.approx(0.5596, abs=1e-4)  # OWID from Ember, release of 2025
    assert "2024" in told and "Ember" in source.citation
    earlier, *_ = grid_of("CHN", 2015)
    assert earlier > value
    with pytest.raises(NotAvailableError, match="carbon intensity"):
        grid_of("CHN", 1950)
    cleaner = process([PANEL], exporter="FRA", draws=20)
    assert cleaner.value < process([PANEL], draws=20).value
    assert any("stand for the works of FRA" in note.text for note in cleaner.notes)


@pytest.mark.parametrize(
    ("given_", "error", "says"),
    [
        ([], InputError, "nothing is exported"),
        ([Capacity("hats", 1.0, 1.0)], UnknownNameError, "hats"),
        ([Capacity("panels", -1.0, 1.0)], InputError, "-1 MW"),
        ([Capacity("panels", NAN, 1.0)], InputError, "nan MW"),
    ],
)
def test_bad_capacities_are_refused(given_, error, says):
    for way in (process, through_table):
        with pytest.raises(error, match=says):
            way(given_)


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match="draws"):
        process([PANEL], draws=0)
    with pytest.raises(InputError, match="seed"):
        process([PANEL], seed=-1)
    with pytest.raises(UnknownNameError, match="cradle to grave"):
        process([PANEL], boundary="cradle to grave")
    with pytest.raises(UnknownNameError, match="guess"):
        manufacture([PANEL], method="guess")
    with pytest.raises(InputError, match="no median"):
        process([PANEL], grid=(0.5, 0.6, 0.7))
    with pytest.raises(UnknownNameError, match="wafers"):
        process([PANEL], draws=10).of(product="wafers")


# -- by the table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sector", ["C26", "C27", "C28"])
def test_the_parts_of_a_multiplier_add_up_to_it(world, sector):
    """The stages against ``s (I - A)^-1``, which is solved the other way round."""
    made = np.where(world.x > 0, world.x, 1.0)
    s = np.where(world.x > 0, world.extensions["GHG"].F[0] / made, 0.0)
    whole = mc.leontief(world).multipliers(s[None]).value[0]
    j = world.regions.index("CHN") * len(world.sectors) + world.sectors.index(sector)
    found = multiplier(world, "CHN", sector)
    assert found.total == pytest.approx(1e3 * whole[j], rel=1e-9)
    assert min(found.parts.values()) >= 0
    assert 0.5 < found.domestic_value < 1


def test_multiplier_of_a_toy_by_hand():
    """Closed economy of one sector in region A: m = s / (1 - a)."""
    alone = mc.MRIO.from_arrays(
        Z=[[20.0, 0.0], [0.0, 10.0]], Y=[[80.0, 0.0], [0.0, 90.0]], regions=["A", "B"],
        sectors=["1"], stressors={"GHG": [50.0, 10.0]}, households={"GHG": [0.0, 0.0]},
    )  # fmt: skip
    found = multiplier(alone, "A", "1")
    assert found.parts["exporting industry"] == pytest.approx(1e3 * 0.5)
    assert found.total == pytest.approx(1e3 * 0.5 / 0.8)
    assert found.parts["abroad"] == 0
    with pytest.raises(NotAvailableError, match="no region of its own"):
        multiplier(alone, "CHN", "1")
    with pytest.raises(UnknownNameError):
        multiplier(alone, "A", "C27")
    with pytest.raises(UnknownNameError, match="stressor"):
        multiplier(toy(), "A", "1", stressor="SO2")


def test_money_times_multiplier_and_the_price_of_the_year(world):
    asked = [Capacity("panels", 1000.0, 118.0)]
    plain = through_table(asked, mrio=world, corrected=False, draws=100)
    mean = (multiplier(world, "CHN", "C26").total + multiplier(world, "CHN", "C27").total) / 2
    assert plain.value == pytest.approx(118.0 * mean * 1e-3)
    right = through_table(asked, mrio=world, draws=100)
    ratio = unit_values(2022)["panels"] / unit_values(2024)["panels"]
    assert right.draws == pytest.approx(plain.draws * ratio)
    assert any("understates" in note.text for note in plain.notes)
    assert right.of(stage=STAGES[0]).value < 0.1 * right.value
    assert sum(right.of(stage=s).value for s in STAGES) == pytest.approx(right.value)


def test_unit_values_are_those_of_the_customs():
    """Issue and producer: 27,995 million USD for 237.2 GW of panels in 2024."""
    found = unit_values(2024)
    assert found["panels"] == pytest.approx(118.0, abs=0.1)
    assert unit_values(1900) == {}


def test_what_has_no_value_is_refused_and_not_zero(world):
    with pytest.raises(NotAvailableError, match="not known"):
        through_table([Capacity("panels", 1.0, NAN)], mrio=world)
    with pytest.raises(NotAvailableError, match="unit value of panels in 1990"):
        through_table([PANEL], mrio=world, year=1990)
    wind = through_table([Capacity("turbines", 100.0, NAN)], mrio=world, draws=500)
    assert any("assumed price" in note.text for note in wind.notes)
    assert wind.high / wind.low > 3
    told = through_table([Capacity("turbines", 100.0, 40.0)], mrio=world, draws=500)
    assert not any("assumed price" in note.text for note in told.notes)
    assert told.value == pytest.approx(wind.value)


def test_another_exporter_has_its_own_multipliers(world):
    china = through_table([PANEL], mrio=world, corrected=False, draws=50)
    japan = through_table([PANEL], exporter="JPN", mrio=world, corrected=False, draws=50)
    assert japan.value < china.value
    with pytest.raises(NotAvailableError, match="VNM is no region"):
        through_table([PANEL], exporter="VNM", mrio=world, corrected=False)


# -- both, on the exports of 2024 -----------------------------------------------------------------


def test_the_exports_of_2024():
    sent = exports("CHN", ("solar", "wind"), 2024)
    rows = {c.product: c for c in capacities(sent.table)}
    assert list(rows) == ["panels", "turbines"]
    assert rows["panels"].mw == pytest.approx(237236.28)
    assert rows["panels"].usd == pytest.approx(27995.08, rel=1e-4)
    assert np.isnan(rows["turbines"].usd)
    made = manufacture(sent, draws=1000)
    assert made.exporter == "CHN" and made.year == 2024
    assert made.low < 100 < made.high, "of the order of 100 Mt"
    by_table = manufacture(sent, method="mrio", draws=1000)
    assert 20 < by_table.value < made.value


def test_one_row_without_value_makes_the_sum_unknown():
    frame = exports("CHN", "solar", 2024).frame
    frame.loc[0, "usd"] = NAN
    assert np.isnan(capacities(frame)[0].usd)


def test_published_figures_are_named_and_held_against_the_chain():
    made = process(ALL, draws=500)
    beside = against_published(made)
    assert set(beside["product"]) == {"panels", "turbines"}
    inside = beside.set_index("what")["inside"]
    assert not inside["glass-backsheet module made in China, cradle to gate"]
    assert inside["210 mm modules of one maker, cradle to gate"]
    level = as_published(made)
    assert level.per_kw("panels").value == pytest.approx(570.0)
    assert level.per_kw("panels").low == pytest.approx(400.0, rel=0.1)
    assert level.of(product="turbines").value == made.of(product="turbines").value
    share = level.of(product="wafers").value / level.of(product="panels").value
    before = made.of(product="wafers").value / made.of(product="panels").value
    assert share == pytest.approx(before)
    for wrong in (process([PANEL], boundary="own works", draws=10), level):
        with pytest.raises(InputError, match="cradle to gate"):
            as_published(wrong)
        with pytest.raises(InputError, match="cradle to gate"):
            against_published(wrong)


def test_the_share_of_electricity_is_near_that_of_the_fraunhofer_study():
    """Fraunhofer ISE (2021, press release): energy of manufacture is 50 to 63 % for older modules.

    The chain of 2023 takes less power per kW, so that its share lies below.
    """
    made = process([PANEL], draws=1000)
    share = made.of(kind="electricity").draws / made.draws
    assert 0.3 < np.median(share) < 0.55


def test_frames_carry_units_and_intervals():
    frame = process(ALL, draws=50).to_pandas()
    assert set(frame["unit"]) == {"Mt CO2e"}
    assert (frame["low"] <= frame["value"]).all() and (frame["value"] <= frame["high"]).all()
    assert frame["estimated"].all()
    assert WIND_PRICE[1] < WIND_PRICE[0] < WIND_PRICE[2]


def test_the_level_of_the_chain_and_of_its_grid():
    """The figures of docs/methods/avoided.md, and the grid of the works they rest on."""
    average, *_ = grid_of("CHN", 2024)
    made = process(ALL, draws=20)
    assert made.grid == pytest.approx((1.05 * average, 0.75 * average, 1.45 * average))
    kw = {p: round(made.per_kw(p).value) for p in made.products}
    assert kw == {"panels": 426, "cells": 209, "wafers": 161, "turbines": 449}
    power = made.of(product="panels", kind="electricity").value / made.of(product="panels").value
    assert round(426 * power) == 166


def test_works_of_other_years_are_marked():
    def told(year):
        return [n for n in process([PANEL], year=year, draws=5).notes if "stand for the" in n.text]

    assert told(2023) == told(2024) == []
    for year in (2017, 2020, 2022, 2025):
        (note,) = told(year)
        assert note.estimated and f"works of {year}" in note.text


@pytest.mark.parametrize(
    ("year", "says", "never"),
    [
        (2020, "234 USD/kW in 2020 and 272 in 2022, which understates by 14 %", "fell"),
        (2017, "341 USD/kW in 2017 and 272 in 2022, which overstates by 26 %", "understates"),
        (2024, "118 USD/kW in 2024 and 272 in 2022, which understates by 57 %", "overstates"),
    ],
)
def test_what_prices_did_is_computed(world, year, says, never):
    asked = [Capacity("panels", 1000.0, 118.0)]
    plain = through_table(asked, mrio=world, year=year, corrected=False, draws=5)
    (text,) = [n.text for n in plain.notes if n.about == "prices"]
    assert says in text and never not in text


def test_stand_ins_for_another_exporter_and_year_say_so(world):
    from mriocarbon.avoided.attribution import attribution

    turbines = [Capacity("turbines", 10.0, NAN)]
    notes = through_table(turbines, exporter="JPN", mrio=world, draws=5).notes
    assert any("stands for those of JPN" in n.text and n.estimated for n in notes)
    denmark = as_published(process([PANEL], exporter="DNK", draws=5))
    assert "stands for modules made in DNK" in denmark.notes[-1].text
    old = attribution([PANEL], "value", mrio=world, year=2020, draws=5).notes[0]
    assert "costs of 2024, for 2020" in old.text
    assert {s.name for s in old.sources} > {"irena-costs-2024"}
    assert "costs of" not in attribution([PANEL], "value", mrio=world, draws=5).notes[0].text


def test_sources_of_manufacture_are_carried(world):
    table = through_table([PANEL], mrio=world, draws=5)
    names = {s.name for n in table.notes for s in n.sources}
    assert "ember-solar-exports" in names and any("OECD" in name for name in names)
    assert "OECD" in table.table
    chain = process([PANEL], draws=5)
    assert {s.name for n in chain.notes for s in n.sources} == {"owid-grid"}
