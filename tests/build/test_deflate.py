"""Constant prices: rows and columns balance, uniform prices change nothing but the level."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.build.deflate import cell_deflation, chained, deflate_series, double_deflation
from mriocarbon.errors import InputError, LabelError, TableWarning, UnknownNameError
from mriocarbon.model import Extension
from mriocarbon.model.side import Side


def table(seed=0, R=2, S=3, K=2, negative=False):
    """A balanced table with taxes, stressors and a small discrepancy in value added."""
    rng = np.random.default_rng(seed)
    n = R * S
    Z = rng.uniform(1, 5, (n, n))
    Y = rng.uniform(1, 5, (n, R * K)) * n
    if negative:
        Y[0, 1] = -3.0  # stocks run down
    x = Z.sum(1) + Y.sum(1)
    taxes = rng.uniform(0.5, 1, (1, n))
    added = np.stack([0.6 * (x - Z.sum(0) - taxes[0]), 0.4 * (x - Z.sum(0) - taxes[0])])
    gas = Extension("gas", ("CO2",), rng.uniform(1, 2, (1, n)), ("Mt",))
    return mc.MRIO(
        mc.SectorIndex(tuple("AB"[:R]), tuple(f"s{k}" for k in range(S))), Z, Y, x, added,
        ("C", "I")[:K], ("wages", "surplus"), {"gas": gas}, year=2020, price_year=2020,
        other_inputs=Side(("tax",), taxes, rng.uniform(0.5, 1, (1, R * K))),
    )  # fmt: skip


def balanced(done):
    mrio = done.table
    np.testing.assert_allclose(mrio.Z.sum(1) + mrio.Y.sum(1), mrio.x, rtol=1e-7)
    cost = mrio.Z.sum(0) + mrio.value_added.sum(0) + mrio.other_inputs.total
    np.testing.assert_allclose(cost, mrio.x, rtol=1e-7)


prices = st.lists(st.floats(0.7, 1.4), min_size=6, max_size=6)


@given(st.integers(0, 200), prices)
def test_double_deflation_keeps_both_identities(seed, p):
    mrio = table(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        done = double_deflation(mrio, p, base_year=2010)
    p = np.array(p)
    balanced(done)
    np.testing.assert_allclose(done.table.x * p, mrio.x)
    np.testing.assert_allclose(done.table.Z * p[:, None], mrio.Z)
    # value added by its definition, taxes moving with the volume of inputs
    inputs = (mrio.Z / p[:, None]).sum(0)
    taxes = mrio.other_inputs.values[0] * inputs / mrio.Z.sum(0)
    np.testing.assert_allclose(done.table.value_added[0], mrio.x / p - inputs - taxes)
    assert done.table.extensions["gas"].F is mrio.extensions["gas"].F  # tonnes have no prices
    assert (done.table.price_year, done.table.year) == (2010, 2020)


@given(st.integers(0, 200), st.floats(0.2, 5))
def test_one_price_for_all_is_a_change_of_level(seed, p):
    mrio = table(seed)
    done = double_deflation(mrio, np.full(6, p), base_year=2010)
    for name in ("Z", "Y", "x"):
        np.testing.assert_allclose(getattr(done.table, name) * p, getattr(mrio, name))
    np.testing.assert_allclose(done.table.value_added[0] * p, mrio.value_added.sum(0))
    np.testing.assert_allclose(done.value_added_deflator, p)
    assert done.negative_value_added == ()
    by_cell = cell_deflation(
        mrio, output_deflators=np.full(6, p), Z_deflators=p, Y_deflators=p, base_year=2010
    )
    np.testing.assert_allclose(by_cell.table.Z * p, mrio.Z, rtol=1e-6)
    assert by_cell.margin_factor == pytest.approx(1)


def test_dear_inputs_and_cheap_output_turn_value_added_negative_and_it_is_told():
    mrio = table()
    with pytest.warns(TableWarning, match="A s0"):
        done = double_deflation(mrio, [20, 1, 1, 1, 1, 1], base_year=2010)
    assert done.negative_value_added == ("A s0",)
    assert done.table.value_added[0, 0] < 0 and np.isnan(done.value_added_deflator[0])
    assert any("A s0" in note.text and "kept" in note.text for note in done.table.notes)
    balanced(done)


@pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")
def test_sectors_that_lost_before_are_no_news():
    mrio = mc.MRIO.from_arrays(Z=[[9, 1], [9, 1]], Y=[[5], [5]], regions=["A"], sectors=["1", "2"],
                               value_added=[-3, 13])  # fmt: skip
    assert double_deflation(mrio, [1, 1.0], base_year=2010).negative_value_added == ()


def test_the_residual_of_the_source_is_no_value_added():
    mrio = table()
    short = replace(mrio, value_added=mrio.value_added * 0.9)
    done = double_deflation(short, np.full(6, 2.0), base_year=2010)
    np.testing.assert_allclose(done.table.value_added[0], short.value_added.sum(0) / 2)


def test_other_inputs_with_prices_of_their_own():
    mrio = table()
    done = double_deflation(
        mrio, np.full(6, 2.0), base_year=2010, other_input_deflators=np.full((1, 6), 4.0)
    )
    np.testing.assert_allclose(done.table.other_inputs.values * 4, mrio.other_inputs.values)
    balanced(done)


def test_discrepancies_are_deflated_with_their_row():
    mrio = table()
    uses = Side(("discrepancy",), np.full((1, 6), 0.5))
    with_uses = replace(mrio, x=mrio.x + 0.5, other_uses=uses)
    p = np.linspace(0.8, 1.2, 6)
    done = double_deflation(with_uses, p, base_year=2010)
    np.testing.assert_allclose(done.table.other_uses.values[0] * p, 0.5)
    assert done.table.diagnostics == ()
    cells = cell_deflation(
        with_uses, output_deflators=p, Z_deflators=p[:, None], Y_deflators=1.1, base_year=2010
    )
    sold = cells.table.Z.sum(1) + cells.table.Y.sum(1) + cells.table.other_uses.total
    np.testing.assert_allclose(sold, with_uses.x / p, rtol=1e-7)


@given(st.integers(0, 100), st.booleans())
def test_cell_deflation_meets_output_and_balances(seed, negative):
    rng = np.random.default_rng(seed)
    mrio = table(seed, negative=negative)
    p = rng.uniform(0.8, 1.2, 6)
    Zp = p[:, None] * rng.uniform(0.95, 1.05, (6, 6))
    Yp = p[:, None] * rng.uniform(0.95, 1.05, (6, 4))
    done = cell_deflation(
        mrio, output_deflators=p, Z_deflators=Zp, Y_deflators=Yp, base_year=2010, tol=1e-10
    )
    balanced(done)
    np.testing.assert_allclose(done.table.x, mrio.x / p)
    assert (np.sign(done.table.Y) == np.sign(mrio.Y)).all()
    # totals of final demand are those of the cell deflators, up to the factor that is told
    totals = (mrio.Y / Yp).sum(0)
    np.testing.assert_allclose(done.table.Y.sum(0), totals * done.margin_factor, rtol=1e-8)
    assert f"{done.margin_factor:.9g}" in done.table.provenance.steps[-1]
    assert abs(done.margin_factor - 1) < 0.05
    assert done.table.estimated["Z"].all() and done.table.notes[-1].estimated


def test_cell_deflators_that_agree_are_double_deflation():
    mrio = table()
    p = np.array([0.8, 0.9, 1.0, 1.1, 1.2, 1.3])
    double = double_deflation(mrio, p, base_year=2010)
    cells = cell_deflation(
        mrio, output_deflators=p, Z_deflators=p[:, None], Y_deflators=p[:, None], base_year=2010
    )
    np.testing.assert_allclose(cells.table.Z, double.table.Z, rtol=1e-7)
    np.testing.assert_allclose(cells.table.value_added, double.table.value_added, rtol=1e-6)
    assert cells.margin_factor == pytest.approx(1)


def test_given_value_added_is_met():
    mrio = table()
    p, pv = np.linspace(0.9, 1.1, 6), np.linspace(1.05, 0.95, 6)
    done = cell_deflation(
        mrio, output_deflators=p, Z_deflators=p[:, None], Y_deflators=p[:, None],
        value_added_deflators=pv, base_year=2010, tol=1e-10,
    )  # fmt: skip
    np.testing.assert_allclose(done.table.value_added[0], mrio.value_added.sum(0) / pv, rtol=1e-8)
    balanced(done)
    np.testing.assert_allclose(done.value_added_deflator, pv, rtol=1e-8)


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_impossible_prices_name_the_sector(bad):
    with pytest.raises(InputError, match="B s0"):
        double_deflation(table(), [1, 1, 1, bad, 1, 1], base_year=2010)
    cells = np.ones((6, 6))
    cells[3, 5] = bad
    with pytest.raises(InputError, match="B s0 -> B s2"):
        cell_deflation(table(), output_deflators=np.ones(6), Z_deflators=cells, Y_deflators=1.0,
                       base_year=2010)  # fmt: skip
    with pytest.raises(InputError, match="shape"):
        cell_deflation(table(), output_deflators=np.ones(6), Z_deflators=np.ones(4),
                       Y_deflators=1.0, base_year=2010)  # fmt: skip
    with pytest.raises(InputError, match="no value added"):
        cell_deflation(replace(table(), value_added=None, value_added_rows=()),
                       output_deflators=np.ones(6), Z_deflators=1.0, Y_deflators=1.0,
                       value_added_deflators=np.ones(6), base_year=2010)  # fmt: skip


def test_missing_prices_are_no_ones():
    with pytest.raises(InputError):
        double_deflation(table(), [1, 1, 1, np.nan, 1, 1], base_year=2010)


def test_a_series_is_rebased_and_its_base_year_unchanged():
    tables = {2019: table(1), 2020: table(2)}
    rng = np.random.default_rng(0)
    p = {year: rng.uniform(0.9, 1.1, 6) for year in (2018, 2019, 2020)}
    series = deflate_series(tables, p, base_year=2019)
    np.testing.assert_allclose(series[2019].table.Z, tables[2019].Z)
    np.testing.assert_allclose(series[2020].table.x, tables[2020].x * p[2019] / p[2020])
    assert list(series) == [2019, 2020]
    with pytest.raises(UnknownNameError, match="2017"):
        deflate_series(tables, p, base_year=2017)
    with pytest.raises(LabelError, match="2020"):
        deflate_series({2019: table(), 2020: table(S=2)}, p, base_year=2019)


def test_prices_go_by_label_and_not_by_order():
    first, second = table(1), table(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        p = {2018: np.arange(1.0, 7), 2019: np.arange(2.0, 8), 2020: np.arange(3.0, 9)}
        # the second table with its regions and sectors the other way round
        turned = np.arange(6)[::-1]
        index = mc.SectorIndex(first.regions[::-1], first.sectors[::-1])
        assert index.pairs == tuple(first.index.pairs[k] for k in turned)
        other = mc.MRIO.from_arrays(
            Z=second.Z[np.ix_(turned, turned)], Y=second.Y[turned][:, [2, 3, 0, 1]],
            x=second.x[turned], regions=index.regions, sectors=index.sectors,
            categories=second.categories, year=2020,
        )  # fmt: skip
        for base in (2018, 2019, 2020):
            plain = deflate_series({2019: first, 2020: second}, p, base_year=base)
            again = deflate_series(
                {2019: first, 2020: other}, {**p, 2020: p[2020][turned]}, base_year=base
            )
            np.testing.assert_allclose(again[2020].table.x, plain[2020].table.x[turned])
            np.testing.assert_allclose(again[2019].table.x, plain[2019].table.x)


def test_constant_prices_are_not_deflated_again():
    p = {2018: np.arange(1.0, 7), 2019: np.arange(2.0, 8), 2020: np.arange(3.0, 9)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        current = {2020: table(2)}
        there = deflate_series(current, p, base_year=2019)
        same = deflate_series({2020: there[2020].table}, p, base_year=2019)
        np.testing.assert_allclose(same[2020].table.Z, there[2020].table.Z)
        # over another base year to the same end
        detour = deflate_series({2020: there[2020].table}, p, base_year=2018)
        straight = deflate_series(current, p, base_year=2018)
        np.testing.assert_allclose(detour[2020].table.Z, straight[2020].table.Z)
        with pytest.raises(UnknownNameError, match="2019"):
            deflate_series({2020: there[2020].table}, {2020: p[2020]}, base_year=2020)


def test_chained_prices():
    found = chained({2002: [1.2, 1.0], 2001: [1.1, 0.5]})
    np.testing.assert_allclose(found[2002], [1.32, 0.5])
    assert list(found) == [2000, 2001, 2002]
    with pytest.raises(InputError, match="2002"):
        chained({2001: [1.0], 2003: [1.0]})


@pytest.fixture(scope="module")
def wiod(data_folder):
    """WIOD 2013 release, 2009 and 2011, summed to ten regions to be quick."""
    from mriocarbon.build.aggregate import aggregate

    made = {}
    path = data_folder / "wiod2013" / "wiod2013_1995_2011_int32.npz"
    with np.load(path) as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        countries = [str(c) for c in raw["countries"]]
        keep = {c: c for c in ("USA", "CHN", "JPN", "DEU", "IND", "RUS", "BRA", "GBR", "FRA")}
        for year in (2009, 2011):
            Z, Y = raw[f"Z_{year}"], raw[f"Y_{year}"]
            x = Z.sum(1, dtype=float) + Y.sum(1, dtype=float)
            # stocks run down by rounded figures: two sectors of LUX come out at minus one
            assert x.min() >= -1
            mrio = mc.MRIO.from_arrays(
                Z=Z, Y=Y, x=np.maximum(x, 0), regions=countries, year=year,
                sectors=[str(s) for s in raw["industries"]], categories=list("abcde"),
            )  # fmt: skip
            made[year] = aggregate(mrio, regions=keep, others="rest")
    return made


@pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")
def test_real_series_at_constant_prices(wiod):
    """WIOD holds no prices here: made-up ones by industry test the accounting on real flows."""
    n = len(wiod[2009].index)
    rng = np.random.default_rng(5)
    p = {2009: np.ones(n), 2011: np.tile(rng.uniform(0.95, 1.15, 35), 10)}
    series = deflate_series(wiod, p, base_year=2009)
    assert (series[2009].table.Z == wiod[2009].Z).all()
    real = series[2011].table
    # GDP from both sides at constant prices
    assert real.value_added.sum() == pytest.approx(real.Y.sum(), rel=1e-7)
    ratio = wiod[2011].Y.sum() / real.Y.sum()
    assert p[2011].min() < ratio < p[2011].max()
    # with exports at prices of their own, balanced again: real flows with negative stocks
    region = np.arange(n) // 35
    Zp = p[2011][:, None] * np.where(region[:, None] == region[None, :], 1.0, 1.03)
    done = cell_deflation(
        wiod[2011], output_deflators=p[2011], Z_deflators=Zp, Y_deflators=p[2011][:, None],
        base_year=2009,
    )  # fmt: skip
    assert (wiod[2011].Y < 0).any()
    cells = done.table
    sold = wiod[2011].Z.sum(1) + wiod[2011].Y.sum(1)
    np.testing.assert_allclose(cells.Z.sum(1) + cells.Y.sum(1), sold / p[2011], rtol=1e-7)
    assert 0.97 < done.margin_factor < 1.03


def test_rows_of_value_added_that_become_one_are_named():
    done = double_deflation(table(), np.full(6, 1.1), base_year=2010).table
    assert done.value_added_rows == ("value added (residual; wages, surplus together)",)
    assert any("wages, surplus" in n.text and n.about == "value added" for n in done.notes)
    one = replace(table(), value_added=table().value_added.sum(0)[None], value_added_rows=("GVA",))
    done = double_deflation(one, np.full(6, 1.1), base_year=2010).table
    assert done.value_added_rows == ("value added",)
    assert not any(n.about == "value added" for n in done.notes)
