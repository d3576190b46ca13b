"""Capacity factors, grid factors and their decline."""

import numpy as np
import pytest

from mriocarbon.avoided.grids import BOUNDS, decline_at, declines, grid_factors
from mriocarbon.avoided.own import given_grids, given_yields
from mriocarbon.avoided.yields import PLAUSIBLE, capacity_factors
from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, LabelError, NotAvailableError, UnknownNameError


def test_a_capacity_factor_by_hand():
    frame = database().table("energy", source="irena-2024", region="DEU", item="Solar photovoltaic")
    capacity = frame[frame["variable"] == "installed capacity"].set_index("year")["value"]
    generation = frame[frame["variable"] == "electricity generation"].set_index("year")["value"]
    years = range(2018, 2023)
    mean = sum((capacity[y - 1] + capacity[y]) / 2 for y in years)
    expected = sum(generation[y] for y in years) / (8.76 * mean)
    found = capacity_factors("solar").table.loc["DEU"]
    assert found["value"] == pytest.approx(expected, rel=1e-12)
    assert found["years"] == "2018-2022"
    yearly = [generation[y] / (8.76 * (capacity[y - 1] + capacity[y]) / 2) for y in years]
    assert found["rsd"] == pytest.approx(np.std(yearly, ddof=1) / np.mean(yearly), rel=1e-12)


def test_the_year_end_gives_less_for_a_fleet_that_grows():
    mean, end = (capacity_factors("solar", years=[2022], basis=b) for b in ("mean", "year-end"))
    assert end.table.loc["NLD", "value"] < mean.table.loc["NLD", "value"]


@pytest.mark.parametrize("technology", ["solar", "wind"])
def test_every_factor_is_plausible_or_replaced(technology):
    found = capacity_factors(technology)
    least, most = PLAUSIBLE[technology]
    own = found.table.dropna(subset=["value"])
    assert own["value"].between(least, most).all()
    assert found.fallback["value"].between(least, most).all()
    places = list(found.table.index)
    every = found.at(places)
    assert every["value"].notna().all()
    lacking = found.table["value"].isna()
    assert (every["estimated"].to_numpy() == lacking.to_numpy()).all()
    assert every.loc[lacking.to_numpy(), "note"].str.contains("mean of").all()


def test_oman_and_saudi_wind_are_replaced():
    # A fleet that multiplies, and ratios that no fleet has.
    found = capacity_factors("solar")
    assert found.at(["OMN"])["estimated"].item()
    assert found.at(["OMN"])["value"].item() == found.fallback.loc["Middle East", "value"]
    assert capacity_factors("wind").at(["SAU"])["estimated"].item()


def test_a_place_may_come_twice():
    found = capacity_factors("solar").at(["OMN", "DEU", "OMN"])
    assert found["value"].notna().all()
    assert found["value"].iloc[0] == found["value"].iloc[2]


def test_changing_a_result_does_not_change_the_next():
    yields, grids, rates = capacity_factors("solar").table, grid_factors().table, declines()
    yields["value"], grids["value"], rates["rate"] = 0.0, 0.0, 0.0
    assert capacity_factors("solar").table["value"].max() > 0
    assert grid_factors().table["value"].max() > 0
    assert declines()["rate"].max() > 0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: capacity_factors("hydro"), UnknownNameError),
        (lambda: capacity_factors("solar", basis="middle"), UnknownNameError),
        (lambda: capacity_factors("solar", years=[2023]), NotAvailableError),
        (lambda: capacity_factors("solar", years=[2015]), NotAvailableError),
        (lambda: capacity_factors("solar", years=[]), InputError),
        (lambda: grid_factors("marginal"), UnknownNameError),
        (lambda: grid_factors("combined", year=2020), InputError),
        (lambda: grid_factors("average", year=1999), NotAvailableError),
        (lambda: grid_factors().at(["HKG"], missing="zero"), UnknownNameError),
        (lambda: declines(bounds=(0.1, 0.0)), InputError),
        (lambda: declines(years=2), InputError),
        (lambda: given_yields("solar", {"BRA": 1.2}), InputError),
        (lambda: given_yields("solar", {"BRA": 0.0}), InputError),
        (lambda: given_yields("solar", {}), InputError),
        (lambda: given_yields("solar", {"BRA": 0.2}, basis="x"), UnknownNameError),
        (lambda: given_grids({"BRA": -1.0}, year=2024), InputError),
        (lambda: given_grids({"BRA": 1.0, "Brazil": 2.0}, year=2024), LabelError),
    ],
)
def test_refusals(call, error):
    with pytest.raises(error):
        call()


def test_ifi_margins_are_the_published_ones():
    # Algeria: combined 479 for intermittent energy, operating 528 g/kWh.
    assert grid_factors("combined").table.loc["DZA", "value"] == 479
    assert grid_factors("operating").table.loc["DZA", "value"] == 528
    combined, operating = (grid_factors(m).table["value"] for m in ("combined", "operating"))
    assert (operating >= combined - 1e-9).mean() > 0.9  # an upper bound, as it is called


def test_the_average_is_of_the_latest_year_asked_for():
    now, before = grid_factors("average"), grid_factors("average", year=2015)
    assert now.table.loc["DEU", "year"] == 2024
    assert before.table.loc["DEU", "year"] == 2015
    assert before.table.loc["DEU", "value"] > now.table.loc["DEU", "value"]
    assert grid_factors("average", year=2012).table["year"].max() == 2012


def test_a_country_without_a_factor():
    filled = grid_factors().at(["HKG", "DEU"])
    assert filled["estimated"].tolist() == [True, False]
    assert filled["value"].iloc[0] == grid_factors().fallback.loc["Asia", "value"]
    assert grid_factors().at(["HKG"], missing="leave out")["value"].isna().all()


def test_decline_by_hand():
    frame = database().table("grid_factors", source="owid-grid", region="GBR")
    frame = frame[frame["year"].between(2015, 2024)]
    slope = np.polyfit(frame["year"], np.log(frame["value"]), 1)[0]
    found = declines()
    assert found.loc["GBR", "raw"] == pytest.approx(1 - np.exp(slope), rel=1e-9)


def test_declines_lie_within_the_bounds_and_are_told():
    found = declines()
    assert found["rate"].between(*BOUNDS).all()
    moved = found["rate"] != found["raw"]
    assert (found.loc[moved, "note"] == "bounded").all()
    assert (found.loc[~moved, "note"] == "").all()
    used = decline_at(["GBR", "XXX", "GBR"], found)
    assert list(used.index) == ["GBR", "XXX", "GBR"]
    assert used["note"].iloc[1] == "no trend of its own; mean of World"
