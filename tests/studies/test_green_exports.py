"""The study of exported technology: scenarios, manufacture, payback, and the claim."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mriocarbon.avoided.amount import Amount
from mriocarbon.avoided.avoided import avoided
from mriocarbon.avoided.exports import exports
from mriocarbon.avoided.own import read_exports
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.studies.green_exports_2024 import (
    HORIZONS,
    by_product,
    green_exports,
    only,
)
from mriocarbon.studies.green_exports_claim import CLAIM, GATE, verdict

DOCS = Path(__file__).resolve().parents[2] / "docs" / "methods"
ALL = "panels, cells, wafers and wind turbines"
MAIN = "panels and wind turbines"


@pytest.fixture(scope="module")
def study():
    return green_exports(2024, draws=400)


def test_every_combination_is_there_once(study):
    keys = [(s.scope, s.margin, s.horizon) for s in study.scenarios]
    assert len(keys) == len(set(keys)) == 4 * 3 * 2
    assert study.main == ("panels", "turbines")
    assert study.scope == MAIN
    definitions = {m.definition for m in study.manufactures}
    assert len(study.manufactures) == len(definitions) * 5
    assert {m.method for m in study.manufactures} == {"process", "published", "mrio"}


def test_both_pages_tell_the_same_first_year(study):
    pages = [(DOCS / name).read_text(encoding="utf-8") for name in ("avoided.md", "avoided-use.md")]
    claim, published = pages
    (first,) = (line for line in claim.splitlines() if line.startswith("| first year, panels |"))
    told = [cell.strip() for cell in first.split("|")[2:5]]
    margins = {"average": "average", "combined": "combined margin", "operating": "operating margin"}
    for (margin, words), cell in zip(margins.items(), told, strict=True):
        value = study.scenario("panels", margin, "first year").amount.value  # of any draws
        assert cell.startswith(f"{value:.0f} (")
        (row,) = (one for one in published.splitlines() if one.startswith(f"| panels, {words} |"))
        assert row.split("|")[3].strip() == cell
    assert all("2,000 draws" in page for page in pages)


def test_wider_scopes_are_sums_of_their_products(study):
    """Sums of separate runs of the same seed, draw by draw."""
    for margin in ("combined", "average"):
        for horizon in HORIZONS:
            one = study.scenario("panels", margin, horizon).amount
            both = study.scenario(MAIN, margin, horizon).amount
            wind = avoided(exports("CHN", "wind", 2024), margin=margin, draws=400)
            alone = by_product(wind, horizon)["turbines"]
            assert both.value == pytest.approx(one.value + alone.value, rel=1e-9)
            assert both.draws == pytest.approx(one.draws + alone.draws, rel=1e-9)


def test_the_order_of_the_margins_and_of_the_scopes(study):
    def value(scope, margin, horizon="first year"):
        return study.scenario(scope, margin, horizon).amount.value

    assert value("panels", "combined") < value("panels", "operating")
    assert value("panels", "combined") < value("panels, cells and wafers", "combined")
    assert value(MAIN, "combined") < value(ALL, "combined")
    assert value(MAIN, "combined", "lifetime") > 10 * value(MAIN, "combined")
    with pytest.raises(UnknownNameError, match="scenario"):
        study.scenario(MAIN, "best", "first year")


def test_upper_bounds_and_years_are_told(study):
    for s in study.scenarios:
        assert ("cells and wafers" in s.bound) == ("cells" in s.scope)
        assert ("operating margin" in s.bound) == (s.margin == "operating")
        assert s.yield_years == "2018 to 2022"
        assert s.grid_years == ("2022 to 2024" if s.margin == "average" else "2021")


def test_the_headline_is_the_scenario_of_its_choices(study):
    for horizon in HORIZONS:
        scenario = study.scenario(MAIN, "combined", horizon).amount
        assert study.headline(horizon).value == pytest.approx(scenario.value, rel=1e-12)
        assert study.headline(horizon).draws == pytest.approx(scenario.draws, rel=1e-12)
    assert study.avoided.first_year.value == pytest.approx(study.headline("first year").value)
    with pytest.raises(UnknownNameError):
        study.headline("a decade")


def test_the_payback_meets_the_running_sum(study):
    p = study.paybacks[MAIN, "process"]
    sums = np.concatenate([[0.0], np.cumsum(study.avoided.by_age["value"])])
    assert np.interp(p.value, np.arange(len(sums)), sums) == pytest.approx(study.made_main.value)
    assert p.low < p.value < p.high < 5
    assert len(p.draws) == 400
    by_table = study.paybacks[MAIN, "mrio"]
    assert by_table.value < p.value
    assert {name for name, _ in study.paybacks} == {MAIN, "panels", "wind turbines"}


def test_what_both_sides_share_cancels_in_the_ratio(study):
    """Spread of the ratio with draws paired, against draws that are shuffled."""
    life = study.headline("lifetime").draws
    shuffled = np.random.default_rng(0).permutation(study.made_main.draws)
    assert np.log(study.returns.draws).std() < np.log(life / shuffled).std()


def test_the_claim_is_placed_and_not_judged(study):
    assert study.claim == CLAIM
    text = " ".join(study.verdict)
    holding = [s for s in study.scenarios if s.amount.holds(350)]
    assert f"in the intervals of {len(holding)} of 24 scenarios" in study.verdict[0]
    assert all(s.horizon == "first year" and "cells" in s.scope for s in holding)
    assert "none of them from cradle to gate" in study.verdict[0]
    assert "8.2 kg CO2e per kW" in text
    assert "175 t avoided for each tonne" in text
    for word in ("wrong", "false", "exaggerat", "mislead", "propaganda", "lie "):
        assert word not in text.casefold()


def test_the_verdict_follows_the_numbers(study):
    """A claim that the cradle-to-gate figure meets is told so, and one that nothing meets."""
    met = replace(CLAIM, made=round(study.made_main.value), avoided=158.0)
    told = verdict(met, study.scenarios, study.manufactures, MAIN, "combined", study.returns,
                   study.avoided)  # fmt: skip
    assert "none of them from cradle to gate" not in told[0]
    assert any("inside the interval" in line for line in told)
    far = replace(CLAIM, made=1e5, avoided=1e7)
    told = verdict(far, study.scenarios, study.manufactures, MAIN, "combined", study.returns,
                   study.avoided)  # fmt: skip
    assert "in the intervals of 0 of 24 scenarios; " in told[0]
    assert "those of 0 of 8 definitions" in told[0]
    assert "above the interval" in " ".join(told)


def test_manufacture_per_kw_is_over_the_whole_capacity(study):
    gate = {m.scope: m for m in study.manufactures if m.definition == GATE}
    kw = (237236.28 + 5193.7) * 1e3
    assert gate[MAIN].per_kw == pytest.approx(gate[MAIN].amount.value * 1e9 / kw)
    assert gate["wind turbines alone"].amount.value == pytest.approx(
        study.made.of(product="turbines").value
    )


def test_value_gives_less_than_all_and_all_is_all():
    by_value = green_exports(2024, rule="value", draws=120)
    every = green_exports(2024, draws=120)
    assert by_value.headline("first year").value < 0.3 * every.headline("first year").value
    scenario = by_value.scenario(MAIN, "combined", "first year")
    assert by_value.headline("first year").value == pytest.approx(scenario.by_value.value)
    # The payback is that of the technology, whoever it belongs to.
    assert by_value.paybacks[MAIN, "process"].value == every.paybacks[MAIN, "process"].value


def test_same_seed_same_numbers(study):
    again = green_exports(2024, draws=400)
    assert (again.made.draws == study.made.draws).all()
    assert (again.headline("lifetime").draws == study.headline("lifetime").draws).all()
    other = green_exports(2024, draws=120, seed=1)
    assert other.made_main.low != study.made_main.low


def test_notes_of_all_parts_travel(study):
    text = " ".join(note.text for note in study.notes)
    for words in ("never subtracted from one", "ex works", "averages of many products",
                  "one price a month", "value added in CHN"):  # fmt: skip
        assert words in text, words
    assert "wind: value in USD" in study.missing


# -- exports of one's own -------------------------------------------------------------------------


def own(**changes):
    rows = pd.DataFrame(
        {"destination": ["BRA", "ZAF"], "technology": "solar", "product": "panels",
         "mw": [100.0, 50.0], "month": [1, 2], "usd": [2e7, 1e7]}
    ).assign(**changes)  # fmt: skip
    return rows


def test_another_exporter_without_a_region_of_its_own():
    """Its making by stages with its grid; by the table it is missing, with the reason."""
    sent = read_exports(own(), exporter="VNM", year=2024)
    found = green_exports(exported=sent, draws=120)
    assert found.claim is None and found.verdict == ()
    assert found.made_table is None and found.table_main is None
    assert any("VNM is no region" in text for text in found.missing)
    assert any("attribution by value" in text for text in found.missing)
    assert all(s.by_value is None for s in found.scenarios)
    assert found.main == ("panels",)
    with pytest.raises(NotAvailableError, match="no region"):
        green_exports(exported=sent, rule="value", draws=120)


def test_cells_alone_are_the_headline_if_there_is_nothing_else():
    sent = read_exports(own(product="cells"), exporter="CHN", year=2024)
    found = green_exports(exported=sent, draws=120)
    assert found.main == ("cells",)
    assert found.claim is None
    assert {s.scope for s in found.scenarios} == {"cells"}


def test_a_value_that_is_not_known_is_missing_by_the_table():
    sent = read_exports(own().drop(columns="usd"), exporter="CHN", year=2024)
    found = green_exports(exported=sent, draws=120)
    assert found.made_table is None
    assert any("the value of the export of panels is not known" in t for t in found.missing)
    assert found.made_main.value > 0


def test_wind_alone_says_nothing_of_the_claim():
    found = green_exports(2024, technology="wind", draws=120)
    assert found.claim is None
    assert found.main == ("turbines",)
    assert len({m.scope for m in found.manufactures}) == 1
    told = " ".join(m.definition for m in found.manufactures)
    assert "module" not in told and "polysilicon" not in told and "published" not in told
    assert len({m.amount.value for m in found.manufactures}) == len(found.manufactures)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"technology": "hydro"}, UnknownNameError),
        ({"exporter": "Atlantis"}, UnknownNameError),
        ({"exporter": "DEU"}, NotAvailableError),
        ({"year": 1990}, NotAvailableError),
        ({"year": 2023}, NotAvailableError),
        ({"margin": "best"}, UnknownNameError),
        ({"rule": "most"}, UnknownNameError),
        ({"decline": "soon"}, UnknownNameError),
        ({"decline": 1.5}, InputError),
        ({"draws": 0}, InputError),
        ({"seed": -1}, InputError),
        ({"grid": -0.5}, InputError),
    ],
)
def test_bad_settings_are_refused(given, error):
    with pytest.raises(error):
        green_exports(**{"draws": 100, **given})


def test_only_keeps_the_products_asked_for():
    sent = exports("CHN", ("solar", "wind"), 2024)
    assert set(only(sent, ["turbines"]).table["product"]) == {"turbines"}


def test_amounts_of_no_spread_hold_their_own_number():
    assert Amount(2.0, np.full(5, 2.0)).holds(2.0)


def test_technology_holds_for_a_table_of_ones_own():
    frame = pd.concat([own(), own(technology="wind", product="turbines", usd=None)])
    sent = read_exports(frame, exporter="CHN", year=2024)
    wind = green_exports(exported=sent, technology="wind", draws=100)
    assert wind.scope == "wind turbines"
    assert wind.exports.technologies == ("wind",)
    assert any("Not asked for and left out" in n.text for n in wind.notes)
    both = green_exports(exported=sent, draws=100)
    assert both.scope == MAIN
    with pytest.raises(InputError, match="no exports of wind"):
        green_exports(exported=read_exports(own(), exporter="CHN", year=2024), technology="wind",
                      draws=100)  # fmt: skip


def test_a_product_without_capacity_is_refused_before_the_work():
    frame = pd.concat([own(), own(technology="wind", product="turbines", mw=0.0, usd=0.0)])
    sent = read_exports(frame, exporter="CHN", year=2024)
    steps = []
    with pytest.raises(InputError, match="0 MW of turbines"):
        green_exports(exported=sent, draws=100, progress=steps.append)
    assert steps == ["exports"]
    assert green_exports(exported=sent, technology="solar", draws=100).made_main.value > 0


def test_a_bound_is_called_one_only_where_it_is():
    wind = green_exports(2024, technology="wind", draws=100)
    assert {s.bound for s in wind.scenarios} == {""}
    assert (
        wind.scenario("wind turbines", "average", "first year").amount.value
        > wind.scenario("wind turbines", "operating", "first year").amount.value
    )


def test_every_run_has_its_sources_in_the_notes(study):
    names = {s.name for n in study.notes for s in n.sources}
    assert names >= {"ember-solar-exports", "cwea-2024", "irena-2024", "ifi-grid-2021",
                     "owid-grid", "irena-costs-2024"}  # fmt: skip
    text = " ".join(n.text for n in study.notes)
    for words in ("combined margin of", "operating margin of", "average intensity of generation"):
        assert words in text
    told = [n.text for n in study.notes if n.about == "capacity factor" and n.estimated]
    assert len(told) == 1, "one note for all runs, not one with 66 and one with 68 destinations"
