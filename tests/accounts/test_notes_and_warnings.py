"""What an account says about itself: notes, estimates, what could not be placed, warnings."""

import warnings

import numpy as np
import pytest
from properties.tables import TOY_F, TOY_H, TOY_Y, TOY_Z, Case, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import AccountWarning, MriocarbonError, MriocarbonWarning, TableWarning

SOLVED = [p.name for p in mc.principles() if not p.needs and p.name != "production"]
# These start from what a region emits and move only what is traded.
FROM_PRODUCTION = ["eebt", "technology-adjusted", "technology-adjusted-balanced"]


def with_idle_emitter() -> mc.MRIO:
    """B2 makes nothing and still emits 40."""
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[3] = Z[:, 3] = 0
    Y[3] = 0
    with pytest.warns(TableWarning, match="1 sectors of zero output still emit.*B 2"):
        return toy(Z=Z, Y=Y)


@pytest.mark.parametrize("principle", [p for p in SOLVED if p not in FROM_PRODUCTION])
@pytest.mark.parametrize("households", [True, False])
def test_emissions_without_output_stay_visible(principle, households):
    result = mc.account(with_idle_emitter(), principle, households=households)
    assert result.coords["region"] == ("A", "B", "unallocated")
    assert result["unallocated"] == pytest.approx(40, rel=1e-9)
    assert result.total == pytest.approx(390 + households * 12, rel=1e-12)
    assert list(result.to_pandas().index) == ["A", "B", "unallocated"]
    if households:
        np.testing.assert_array_equal(result.parts["households"], [*TOY_H, 0])
    np.testing.assert_allclose(sum(result.parts.values()), result.value, rtol=1e-14)


def test_the_range_covers_the_row_of_what_is_not_placed():
    mrio = with_idle_emitter()
    old = mrio.extensions["emissions"]
    mrio = mrio.replace_extensions(
        mc.Extension("emissions", ("GHG",), old.F, old.units, old.F_Y, old.F_Y * 0.5, old.F_Y * 2.0)
    )
    result = mc.account(mrio, "consumption")
    assert result.low.shape == result.high.shape == (3,)
    assert result.low[2] == result.value[2] == result.high[2]


@pytest.mark.parametrize("principle", ["production", *FROM_PRODUCTION])
def test_what_starts_from_production_leaves_them_where_they_are_emitted(principle):
    mrio = with_idle_emitter()
    result = mc.account(mrio, principle, households=False)
    assert result.coords["region"] == ("A", "B")
    assert result.total == pytest.approx(390, rel=1e-12)
    without = mrio.replace_extensions(
        mc.Extension("e", ("GHG",), np.array([[240.0, 50, 60, 0]]), ("Mt CO2e",))
    )
    placed = mc.account(without, principle, households=False)
    np.testing.assert_allclose(result.value, placed.value + [0, 40], rtol=1e-12)


def test_rows_that_do_not_balance_leave_a_visible_rest():
    x = (TOY_Z.sum(axis=1) + TOY_Y.sum(axis=1)) * [1, 1, 1, 1.1]
    with pytest.warns(TableWarning, match="1 rows do not balance.*B 2 by -20"):
        mrio = toy(x=x)
    result = mc.account(mrio, "consumption", households=False)
    m = (TOY_F / x) @ np.linalg.inv(np.eye(4) - TOY_Z / x)
    np.testing.assert_allclose(result.value[:2], m @ TOY_Y, rtol=1e-12)
    assert result["unallocated"] == pytest.approx(390 - (m @ TOY_Y).sum(), rel=1e-9)
    assert result.total == pytest.approx(390, rel=1e-12)


def test_rounding_is_not_called_unallocated():
    case = random_case(1, 30, 6, negative_demand=True)
    assert "unallocated" not in mc.account(case.mrio(), "eebt", households=False).coords["region"]


def test_value_added_only_is_rescaled_by_a_stated_factor():
    case = random_case(4, 3, 2)
    mrio = case.mrio()
    result = mc.account(mrio, "income", households=False, primary_inputs="value_added")
    x = case.x
    enabled = np.linalg.solve(np.eye(case.n) - case.Z / x[:, None], case.f / x)
    factor = case.f.sum() / (case.value_added @ enabled)
    assert factor > 1.01
    assert any(f"rescaled by {factor:.6f}" in note.text for note in result.notes)


def test_value_added_rows_leave_taxes_out():
    case = random_case(4, 3, 2)
    parts = np.stack([case.value_added, case.x * 0.01])
    mrio = case.mrio()
    both = mc.MRIO(
        mrio.index, mrio.Z, mrio.Y, mrio.x, parts, mrio.categories,
        ("wages and profits", "Taxes less subsidies"), mrio.extensions,
    )  # fmt: skip
    options = {"primary_inputs": "value_added", "households": False}
    np.testing.assert_allclose(
        mc.account(both, "income", **options).value, mc.account(mrio, "income", **options).value
    )


def test_value_added_of_nothing_is_refused_or_visible():
    # All value added zero: no rescaling can close the total; NaN would be an answer without one.
    mrio = toy(value_added=np.zeros(4))
    for principle in ("income", "value-added", "half-half"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MriocarbonWarning)
                result = mc.account(mrio, principle, primary_inputs="value_added")
        except MriocarbonError:
            continue
        assert np.isfinite(result.value).all(), principle


def test_clipped_shares_are_noted_by_name():
    case = random_case(3, 3, 4, negative_value_added=True)
    over = [f"r{k // 4} s{k % 4}" for k in np.flatnonzero(case.Z.sum(axis=0) > case.x)]
    assert over
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        result = mc.account(case.mrio(), "shared", households=False)
    text = next(n.text for n in result.notes if "clipped" in n.text)
    assert f"in {len(over)} sectors" in text
    assert over[0] in text
    clean = mc.account(toy(), "shared")
    assert not any("clipped" in n.text for n in clean.notes)


# -- estimates travel ----------------------------------------------------------------------------


def estimated_table() -> mc.MRIO:
    return toy(
        stressors={"GHG": TOY_F, "CO2": TOY_F / 2},
        households={"GHG": TOY_H, "CO2": TOY_H / 2},
        notes=[
            mc.Note("imports are estimated", estimated=True),
            mc.Note("households are estimated", about="households", estimated=True),
            mc.Note("CO2 is modelled", about="CO2", estimated=True),
            mc.Note("prices are current"),
        ],
    )


@pytest.mark.parametrize(
    ("principle", "stressor", "households", "expected"),
    [
        ("production", "GHG", False, set()),
        ("production", "GHG", True, {"households are estimated"}),
        ("production", "CO2", False, {"CO2 is modelled"}),
        ("consumption", "GHG", False, {"imports are estimated", "prices are current"}),
        (
            "income",
            "CO2",
            True,
            {
                "imports are estimated",
                "prices are current",
                "CO2 is modelled",
                "households are estimated",
            },
        ),
    ],
)
def test_a_result_carries_the_notes_of_its_inputs_only(principle, stressor, households, expected):
    mrio = estimated_table()
    result = mc.account(mrio, principle, stressor=stressor, households=households)
    assert {n.text for n in result.notes} == expected
    assert result.estimated == any("estimated" in t or "modelled" in t for t in expected)
    assert ("rests on estimates" in repr(result)) == result.estimated


def test_flows_carry_notes_too():
    mrio = estimated_table()
    for result in (mc.bilateral(mrio, "CO2"), mc.trade(mrio, "CO2"), mc.footprint(mrio, "CO2")):
        texts = {n.text for n in result.notes}
        assert texts == {"imports are estimated", "prices are current", "CO2 is modelled"}


def test_provenance_says_how():
    result = mc.account(toy(), "consumption")
    assert "consumption" in result.provenance.method
    assert result.metadata()["method"] == result.provenance.method
    assert result.metadata()["units"] == "Mt CO2e"


# -- accounts beyond the region's size -----------------------------------------------------------


def lopsided() -> Case:
    """Region A's stocks are drawn down so far that its final demand is below zero."""
    case = random_case(6, 3, 2)
    Y = case.Y.copy()
    Y[:, 0] -= 0.9 * Y[:, 1]
    Y[:, 0] = -np.abs(Y[:, 0])
    Y[:, 1] += 3 * np.abs(Y[:, 0])
    x = np.linalg.solve(np.eye(case.n) - case.Z / case.x, Y.sum(axis=1))
    assert (x > 0).all()
    return case.changed(Y=Y, Z=case.Z / case.x * x)


def test_an_account_below_zero_is_warned_of():
    with pytest.warns(AccountWarning, match="consumption: accounts far beyond.*r0"):
        mc.account(lopsided().mrio(), "consumption", households=False)


def test_an_account_far_beyond_its_region_is_warned_of():
    # C makes almost nothing, emits almost nothing, and demands huge amounts of one product that
    # it also hands back as negative demand of another: its account is many times its size.
    Z = np.zeros((3, 3))
    Y = np.array([[100.0, 0, 500], [0, 900, -499], [0, 0, 1]])
    mrio = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=["A", "B", "C"], sectors=["1"], stressors={"GHG": [600, 4.01, 0.01]}
    )
    with pytest.warns(AccountWarning, match=r"far beyond.*C .*negative demand") as caught:
        result = mc.account(mrio, "consumption", households=False)
    assert "A " not in str(caught[0].message).split(":", 2)[2]
    assert result["C"] == pytest.approx(500 - 499 * 0.01 + 0.01, rel=1e-9)


def test_an_ordinary_account_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for principle in SOLVED:
            mc.account(toy(), principle)


def test_the_warning_points_at_the_caller():
    with pytest.warns(AccountWarning) as caught:
        mc.account(lopsided().mrio(), "consumption", households=False)
    assert caught[0].filename == __file__


def test_flows_show_what_cannot_be_placed():
    """B 2 makes nothing but emits 7: rows of E still close, in a column of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        mrio = mc.MRIO.from_arrays(
            Z=[[0, 90, 0, 0], [10, 20, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
            Y=[[30, 0], [50, 0], [20, 5], [0, 0]],
            regions=["A", "B"], sectors=["1", "2"], stressors={"GHG": [10, 5, 1, 7]},
        )  # fmt: skip
    E = mc.bilateral(mrio)
    assert E.coords["region_to"] == ("A", "B", "unallocated")
    np.testing.assert_allclose(E.value.sum(axis=1), [15, 8], rtol=1e-12)
    assert E["B", "unallocated"] == pytest.approx(7)
    t = mc.trade(mrio)
    assert t["B", "unallocated"] == pytest.approx(7)
    for r in "AB":
        gap = t[r, "production"] - t[r, "consumption"]
        assert gap == pytest.approx(t[r, "balance"] + t[r, "unallocated"])
    for by in ("origin", "product", "industry"):
        part = mc.footprint(mrio, by=by)
        assert part.total == pytest.approx(16)
        assert any("not placed: 7 of 23" in note.text for note in part.notes)
    assert "unallocated" not in mc.bilateral(mc.load()).coords["region_to"]


def test_a_small_imbalance_is_visible_not_swallowed():
    """One part in a million of one flow is missing: no warning limit hides it in the total."""
    Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]], float)
    Y = np.array([[30, 40], [55, 10], [10, 45], [5, 120]], float)
    x = Z.sum(axis=1) + Y.sum(axis=1)
    mrio = mc.MRIO.from_arrays(
        Z=Z, Y=Y - [[2e-5, 0], [0, 0], [0, 0], [0, 0]], x=x,
        regions=["A", "B"], sectors=["1", "2"], stressors={"GHG": [240, 50, 60, 40]},
    )  # fmt: skip
    result = mc.account(mrio, "consumption", households=False)
    assert result.coords["region"] == ("A", "B", "unallocated")
    assert 1e-5 < result["unallocated"] < 1e-4
    assert result.total == pytest.approx(390, rel=1e-12)


def test_footprint_by_origin_is_bilateral_the_other_way_round():
    E, part = mc.bilateral(mc.load()), mc.footprint(mc.load(), by="origin")
    assert part.dims == ("region_to", "region")
    assert part["USA", "CHN"] == E["CHN", "USA"] != E["USA", "CHN"]
