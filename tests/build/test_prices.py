"""Basic and purchasers' prices: both ways the same, columns and GDP kept."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.build.prices import (
    TAXES,
    Margin,
    Valuation,
    rates_to_margins,
    spread_taxes,
    to_basic,
    to_purchasers,
)
from mriocarbon.errors import (
    InputError,
    MriocarbonWarning,
    NotAvailableError,
    ShapeError,
    UnknownNameError,
)
from mriocarbon.model.side import Side


def table(seed=0, K=2):
    """Two regions x (food, steel, trade, transport) at basic prices, balanced, with taxes."""
    rng = np.random.default_rng(seed)
    n = 8
    Z = rng.uniform(1, 5, (n, n))
    Y = rng.uniform(10, 20, (n, 2 * K))
    for r in range(2):  # trade and transport sell enough to provide the margins
        Z[4 * r + 2 : 4 * r + 4] += 8
        Y[4 * r + 2 : 4 * r + 4] += 40
    x = Z.sum(1) + Y.sum(1)
    taxes = rng.uniform(0.5, 1, (1, n))
    return mc.MRIO(
        mc.SectorIndex(("A", "B"), ("food", "steel", "trade", "transport")), Z, Y, x,
        (x - Z.sum(0) - taxes[0])[None, :], tuple("CI"[:K]), ("value added",), year=2020,
        other_inputs=Side((TAXES,), taxes, rng.uniform(0.5, 1, (1, 2 * K))), price_basis="basic",
    )  # fmt: skip


GOODS = np.array([1, 1, 0, 0] * 2, dtype=float)[:, None]


def valuation(mrio, region="user", seed=0):
    rng = np.random.default_rng(seed)
    trade = rng.uniform(0, 0.2, (8, 1)) * GOODS
    transport = rng.uniform(0, 0.1, (8, 1)) * GOODS
    whole = spread_taxes(mrio)
    return replace(
        whole, estimated="",
        margins=(
            Margin("trade margin", mrio.Z * trade, mrio.Y * trade, {"trade": 1}, region),
            Margin("transport margin", mrio.Z * transport, mrio.Y * transport,
                   {"transport": 3, "trade": 1}, region),
        ),
    )  # fmt: skip


@given(st.integers(0, 500), st.sampled_from(["user", "origin"]))
def test_there_and_back_is_the_same_table(seed, region):
    mrio = table(seed)
    between = valuation(mrio, region, seed)
    sold = to_purchasers(mrio, between)
    back = to_basic(sold, between)
    for name in ("Z", "Y", "x", "value_added"):
        np.testing.assert_allclose(getattr(back, name), getattr(mrio, name), rtol=1e-12)
    np.testing.assert_allclose(back.other_inputs.values, mrio.other_inputs.values, rtol=1e-10)
    np.testing.assert_allclose(
        back.other_inputs.final_demand, mrio.other_inputs.final_demand, rtol=1e-10
    )
    assert back.other_inputs.labels == (TAXES,)
    assert (sold.price_basis, back.price_basis) == ("purchasers", "basic")
    assert back.estimated == {} and sold.estimated == {}


@given(st.integers(0, 500), st.sampled_from(["user", "origin"]))
def test_columns_keep_their_totals_and_balance(seed, region):
    mrio = table(seed)
    sold = to_purchasers(mrio, valuation(mrio, region, seed))
    # a buyer pays at purchasers' prices what it paid at basic prices and in taxes
    np.testing.assert_allclose(sold.Z.sum(0), mrio.Z.sum(0) + mrio.other_inputs.total)
    np.testing.assert_allclose(sold.Y.sum(0), mrio.Y.sum(0) + mrio.other_inputs.final_demand[0])
    # rows: what is sold; columns: what it costs, with margins and taxes on own output
    np.testing.assert_allclose(sold.Z.sum(1) + sold.Y.sum(1), sold.x)
    cost = sold.Z.sum(0) + sold.value_added.sum(0) + sold.other_inputs.total
    np.testing.assert_allclose(cost, sold.x)
    assert TAXES not in sold.other_inputs.labels  # they are inside the flows now
    # GDP: value added and taxes is final demand at purchasers' prices
    taxes = mrio.other_inputs.total.sum() + mrio.other_inputs.final_demand.sum()
    assert mrio.value_added.sum() + taxes == pytest.approx(sold.Y.sum())
    assert sold.diagnostics == ()


def test_margins_go_to_who_provides_them():
    mrio = table()
    amount = np.zeros((8, 8))
    amount[0, 5] = 2.0  # B's steel maker buys A's food
    for region, row in (("user", 6), ("origin", 2)):
        margin = Margin("trade", amount, np.zeros((8, 4)), {"trade": 1}, region)
        change = to_purchasers(mrio, Valuation((margin,))).Z - mrio.Z
        assert change[0, 5] == pytest.approx(2) and change[row, 5] == pytest.approx(-2)
        assert np.abs(change).sum() == pytest.approx(4)


def test_rates_on_either_basis_are_the_same_margins():
    mrio = table()
    rate = 0.25 * GOODS[:, 0]
    Z, Y = rates_to_margins(mrio, rate)
    sold = to_purchasers(mrio, Valuation((Margin("m", Z, Y, {"trade": 1}),)))
    again = rates_to_margins(sold, rate, of="basic")
    np.testing.assert_allclose(again[0], Z)
    np.testing.assert_allclose(again[1], Y)
    by_price = rates_to_margins(mrio, 0.2 * GOODS[:, 0], of="purchasers")  # 0.25 of 1 in 1.25
    np.testing.assert_allclose(by_price[0], Z)
    by_cell = rates_to_margins(mrio, np.tile(rate[:, None], (1, 12)))
    np.testing.assert_allclose(by_cell[1], Y)


def test_spread_taxes_fill_the_row_and_are_marked_as_an_estimate():
    mrio = table()
    taxes = spread_taxes(mrio)
    np.testing.assert_allclose(taxes.tax_Z.sum(0), mrio.other_inputs.total)
    np.testing.assert_allclose(taxes.tax_Y.sum(0), mrio.other_inputs.final_demand[0])
    sold = to_purchasers(mrio, taxes)
    assert sold.estimated["Z"].all() and sold.estimated["Y"].all() and sold.estimated["x"].all()
    assert any(note.estimated and "one rate" in note.text for note in sold.notes)
    assert sold.other_inputs.labels == (f"{TAXES} on own output",)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"Z": np.eye(8)}, InputError, "A trade, A transport"),
        ({"Z": np.ones((8, 3))}, ShapeError, "trade in Z"),
        ({"sectors": {"shop": 1.0}}, UnknownNameError, "shop"),
        ({"Z": np.full((8, 8), 1e6) * GOODS}, InputError, "exceed"),
    ],
)
def test_impossible_margins_are_named(change, error, says):
    given = {"name": "trade", "Z": np.zeros((8, 8)), "Y": np.zeros((8, 4)),
             "sectors": {"trade": 1.0, "transport": 1.0}} | change  # fmt: skip
    with pytest.raises(error, match=says):
        to_purchasers(table(), Valuation((Margin(**given),)))


@pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")
def test_the_price_basis_must_be_known_and_right():
    mrio = table()
    with pytest.raises(InputError, match="not purchasers"):
        to_basic(mrio, Valuation())
    with pytest.raises(InputError, match="unknown prices"):
        to_purchasers(replace(mrio, price_basis=""), Valuation())
    with pytest.raises(NotAvailableError):
        spread_taxes(replace(mrio, other_inputs=None))
    with pytest.raises(UnknownNameError):
        spread_taxes(mrio, "VAT")
    with pytest.raises(InputError, match="A food"):
        rates_to_margins(mrio, [-2, *[0] * 7])
    with pytest.raises(InputError, match="not positive"):
        Margin("m", np.zeros((1, 1)), np.zeros((1, 1)), {"trade": 0})
    idle = replace(
        mrio, other_inputs=Side((TAXES,), np.ones((1, 8))), Z=mrio.Z * (np.arange(8) > 0)
    )
    with pytest.raises(InputError, match="A food"):
        spread_taxes(idle)


def test_real_table_to_purchasers_prices_and_back(data_folder):
    """OECD ICIO 2022 is at basic prices with a row of taxes; GDP holds on both sides."""
    from mriocarbon.build.aggregate import aggregate

    folder = data_folder / "icio2022"
    with np.load(folder / "icio2022_81x50_f32.npz") as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        full = mc.MRIO.from_arrays(
            Z=raw["Z"], Y=raw["Y"], x=raw["x"], value_added=raw["VA"],
            regions=[str(c) for c in raw["countries"]], sectors=[str(s) for s in raw["sectors"]],
            other_inputs=Side((TAXES,), raw["TLS"][None, :].copy()), price_basis="basic",
        )  # fmt: skip
        mrio = aggregate(full, regions=folder / "region_mapping_20R.csv")
        between = spread_taxes(mrio)
        sold = to_purchasers(mrio, between)
        back = to_basic(sold, between)
    np.testing.assert_allclose(back.Z, mrio.Z, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(back.x, mrio.x, rtol=1e-12)
    np.testing.assert_allclose(sold.Z.sum(0), mrio.Z.sum(0) + mrio.other_inputs.total)
