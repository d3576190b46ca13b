"""Bilateral flows: sums, intervals against draws and the account; places; the projection."""

import numpy as np
import pytest
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.atlas.economies import country_names, engine
from mriocarbon.atlas.flows import COLUMNS, bilateral_spread, embedded_flows, flows
from mriocarbon.atlas.places import place, places
from mriocarbon.atlas.projection import equal_earth
from mriocarbon.atlas.shapes import cities, distance_to
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.uncertainty import ErrorModel, first_order, monte_carlo


def test_flows_of_the_embedded_table_add_up_to_the_accounts():
    """Rows are production, columns consumption; what is left are households' own emissions."""
    regions, value, sd = embedded_flows()
    known = engine("CO2")
    rows = np.array([known["production"][r].value for r in regions]) - value.sum(axis=1)
    columns = np.array([known["consumption"][r].value for r in regions]) - value.sum(axis=0)
    assert (rows > 0).all()
    np.testing.assert_allclose(rows, columns, rtol=0, atol=0.02)  # five digits in the file
    assert (value >= 0).all() and (sd >= 0).all() and (sd[value > 0.01] > 0).all()


def test_flows_are_bilateral_and_their_errors_those_of_the_account():
    mrio = mc.load("oecd-icio-2022")
    value, sd = bilateral_spread(mrio, "CO2")
    np.testing.assert_allclose(value, mc.bilateral(mrio, "CO2").value[:, :20], rtol=1e-9)
    errors = mc.uncertainty.default_errors(mrio, "CO2")
    whole = first_order(mrio, errors, stressor="CO2", households=False).sd
    # A column's flows add up to the account: its sd lies between independent and all together.
    assert (np.abs(sd.sum(axis=0)) >= whole).all()
    assert (np.sqrt((sd**2).sum(axis=0)) <= 3 * whole).all()


def test_first_order_of_a_flow_is_that_of_draws():
    """The stressor alone, in one region: a flow is the account of a table that emits there only."""
    errors = ErrorModel(stressor=0.1, flows=0.03, demand=0.02, balance="row balance")
    mrio = toy()
    _, sd = bilateral_spread(mrio, "GHG", errors=errors)
    alone = toy(stressors={"GHG": [240, 50, 0, 0]}, households={"GHG": [0, 0]})
    drawn = monte_carlo(alone, errors, "consumption", stressor="GHG", households=False,
                        draws=4000, seed=3)  # fmt: skip
    half = (drawn.account.high - drawn.account.low) / (2 * 1.96)
    np.testing.assert_allclose(sd[0], half, rtol=0.06)


def test_largest_first_with_interval_and_ends():
    found = flows(top=30)
    assert tuple(found.columns) == COLUMNS and len(found) == 30
    assert found["value"].is_monotonic_decreasing
    assert (found["low"] < found["value"]).all() and (found["value"] < found["high"]).all()
    assert (found["origin"] != found["destination"]).all()
    assert found["estimated"].all() and found["source"].ne("").all()
    rest = (found["origin"] == "ROW") | (found["destination"] == "ROW")
    assert found.loc[rest, ["origin_lat", "destination_lat"]].isna().any(axis=1).all()
    assert found.loc[~rest, ["origin_lat", "destination_lon"]].notna().all().all()


def test_flows_of_a_table_given_and_of_one_region():
    mrio = mc.load("oecd-icio-2022")
    found = flows(mrio, "GHG", top=5)
    assert found["unit"].eq("Mt CO2e").all()
    E = mc.bilateral(mrio, "GHG")
    first = found.iloc[0]
    assert first["value"] == pytest.approx(E[first["origin"], first["destination"]])
    own = flows(region="JPN", top=None)
    assert len(own) == 160 and ((own["origin"] == "JPN") | (own["destination"] == "JPN")).all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: flows(top=0), InputError, "30"),
        (lambda: flows(top=True), InputError, "30"),
        (lambda: flows(region="XYZ"), UnknownNameError, "XYZ"),
        (lambda: flows(stressor="GHG"), NotAvailableError, "give a table"),
        (lambda: flows(errors=ErrorModel()), InputError, "give a table"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error) as told:
        call()
    assert words in str(told.value)


# ---------------------------------------------------------------------------- places


def test_every_country_has_a_place_in_it():
    assert set(places()) == set(country_names())
    far = {code: distance_to(code, *at) for code, at in places().items()}
    assert {code: km for code, km in far.items() if not km < 30} == {}


def test_places_of_groups():
    assert np.isfinite(place("EU27")).all() and np.isnan(place("ROW")).all()
    assert len(cities().lat) > 1000  # the check above stands on these


# ---------------------------------------------------------------------------- projection


def test_projection_keeps_areas():
    """The Jacobian over cos(lat) is one everywhere, by central differences."""
    lat, lon = np.meshgrid(np.linspace(-88, 88, 45), np.linspace(-175, 175, 15))
    h = 1e-4
    x1, y1 = equal_earth(lat, lon + h)
    x0, y0 = equal_earth(lat, lon - h)
    u1, v1 = equal_earth(lat + h, lon)
    u0, v0 = equal_earth(lat - h, lon)
    d = 2 * np.radians(h)
    jacobian = ((x1 - x0) * (v1 - v0) - (u1 - u0) * (y1 - y0)) / d**2
    np.testing.assert_allclose(jacobian / np.cos(np.radians(lat)), 1.0, atol=2e-5)


def test_projection_is_symmetric_and_grows_to_the_east_and_north():
    lat, lon = np.array([10.0, 45.0, 80.0]), np.array([20.0, 90.0, 170.0])
    x, y = equal_earth(lat, lon)
    u, v = equal_earth(-lat, -lon)
    np.testing.assert_allclose([u, v], [-x, -y])
    assert (np.diff(equal_earth(np.linspace(-90, 90, 50), 0.0)[1]) > 0).all()
