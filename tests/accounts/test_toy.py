"""The toy table, with all its published figures, through the calls that are the contract."""

import numpy as np
import pandas as pd
import pytest
from properties.tables import TOY_F, TOY_H, TOY_Y, TOY_Z, toy

import mriocarbon as mc
from mriocarbon.errors import NotAvailableError

FIGURES = {
    "production": (290, 100),
    "consumption": (147.014721, 242.985279),
    "eebt": (142.329114, 247.670886),
    "income": (290.893675, 99.106325),
}
E = [[133.916467, 156.083533], [13.098254, 86.901746]]


@pytest.fixture(scope="module")
def mrio() -> mc.MRIO:
    Z, Y, f, h = TOY_Z, TOY_Y, TOY_F, TOY_H
    return mc.MRIO.from_arrays(
        Z=Z,
        Y=Y,
        regions=["A", "B"],
        sectors=["1", "2"],
        stressors={"GHG": f},
        households={"GHG": h},
    )


def test_it_is_clean(mrio):
    assert mrio.diagnostics == ()
    np.testing.assert_array_equal(mrio.x, [120, 100, 100, 200])
    np.testing.assert_array_equal(mrio.primary_inputs, [85, 65, 55, 110])


@pytest.mark.parametrize("principle", FIGURES)
def test_figures_without_households(mrio, principle):
    series = mc.account(mrio, principle, stressor="GHG", households=False).to_pandas()
    assert isinstance(series, pd.Series)
    assert list(series.index) == ["A", "B"]
    assert series.index.name == "region"
    np.testing.assert_allclose(series.to_numpy(), FIGURES[principle], atol=5e-7, rtol=0)


def test_bilateral_figures(mrio):
    result = mc.bilateral(mrio, "GHG")
    assert result.dims == ("region", "region_to")
    np.testing.assert_allclose(result.value, E, atol=5e-7, rtol=0)
    assert result["A", "B"] == pytest.approx(156.083533, abs=5e-7)
    assert mc.bilateral(mrio, stressor="GHG")["B", "A"] == pytest.approx(13.098254, abs=5e-7)


@pytest.mark.parametrize("principle", [p.name for p in mc.principles() if not p.needs])
def test_households_are_added_once_to_every_account_by_default(mrio, principle):
    bare = mc.account(mrio, principle, stressor="GHG", households=False)
    full = mc.account(mrio, principle, stressor="GHG")
    np.testing.assert_allclose(full.value, bare.value + TOY_H, rtol=1e-14)
    np.testing.assert_array_equal(full.parts["households"], TOY_H)
    np.testing.assert_array_equal(full.parts["industries"], bare.value)
    assert set(bare.parts) == {"industries"}
    assert full.total == pytest.approx(402, rel=1e-12)
    assert full.unit == "Mt CO2e"
    assert full.name == principle


@pytest.mark.parametrize("principle", ["ownership", "capital-endogenised"])
def test_principles_that_need_data_say_which(mrio, principle):
    with pytest.raises(NotAvailableError, match=r"not in the table(.|\n)*what to do: pass [WK]="):
        mc.account(mrio, principle)
    assert next(p for p in mc.principles() if p.name == principle).needs


def test_ownership_and_capital_with_households(mrio):
    home = np.kron(np.eye(2), np.ones(2))
    np.testing.assert_allclose(mc.account(mrio, "ownership", W=home).value, [297, 105])
    capital = mc.account(mrio, "capital-endogenised", K=np.zeros((4, 4)))
    np.testing.assert_allclose(capital.value, [154.014721, 247.985279], atol=5e-7)


def test_range_of_households_moves_the_account_and_nothing_else():
    mrio = toy(households_range={"GHG": ([4, 4], [10, 9])})
    result = mc.account(mrio, "consumption")
    bare = mc.account(mrio, "consumption", households=False)
    np.testing.assert_allclose(result.low, bare.value + [4, 4], rtol=1e-14)
    np.testing.assert_allclose(result.high, bare.value + [10, 9], rtol=1e-14)
    assert (result.low <= result.value).all() and (result.value <= result.high).all()
    assert bare.low is None and bare.high is None


def test_unknown_households_are_not_zero():
    mrio = toy(stressors={"GHG": TOY_F, "CO2": TOY_F / 2}, households={"GHG": TOY_H})
    assert mc.account(mrio, "production", stressor="GHG").total == pytest.approx(402)
    for table in (mrio, toy(stressors={"CO2": TOY_F}, households=None)):
        with pytest.raises(
            NotAvailableError, match=r"not known for 'CO2'(.|\n)*unknown is not zero"
        ):
            mc.account(table, "production", stressor="CO2")
        assert mc.account(table, "production", stressor="CO2", households=False).total > 0


def test_half_a_range_of_households_is_no_range_of_the_account():
    extension = mc.Extension(
        "e", ("GHG",), TOY_F[None, :].copy(), ("Mt CO2e",), TOY_H[None, :].copy(),
        F_Y_low=TOY_H[None, :] / 2,
    )  # fmt: skip
    result = mc.account(toy().replace_extensions(extension), "production")
    # either no bound at all, or one of the account as a whole
    assert result.low is None or (result.low > 90).all()


def test_errors_of_solves_are_stated(mrio):
    for principle in FIGURES:
        assert 0 < mc.account(mrio, principle).error < 1e-12


def test_figures_do_not_depend_on_how_the_table_is_given():
    pairs = pd.MultiIndex.from_product([["A", "B"], ["1", "2"]])
    labelled = toy(
        Z=pd.DataFrame(TOY_Z.tolist(), pairs, pairs),
        Y=pd.DataFrame(TOY_Y.tolist(), pairs, ["A", "B"]),
        stressors={"GHG": pd.Series(TOY_F, pairs)},
        households={"GHG": pd.Series(TOY_H, ["A", "B"])},
        regions=None,
        sectors=None,
    )
    listed = toy(Z=TOY_Z.tolist(), Y=TOY_Y.tolist(), stressors={"GHG": TOY_F.tolist()})
    for principle in FIGURES:
        a, b, c = (mc.account(m, principle).value for m in (toy(), labelled, listed))
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_principles_are_documented():
    names = [p.name for p in mc.principles()]
    assert names == [
        "production", "consumption", "eebt", "income", "final-producer", "shared", "half-half",
        "value-added", "technology-adjusted", "technology-adjusted-balanced", "era",
        "capital-endogenised", "ownership", "benefit-shared",
    ]  # fmt: skip
    for p in mc.principles():
        assert p.title and p.formula and p.boundary
        assert any(year in p.reference for year in map(str, range(1990, 2027))), p.name
        assert p.name in repr(p)
    assert [p.name for p in mc.principles() if p.status != "stable"] == ["era"]


def test_experimental_principles_are_marked_on_the_result(mrio):
    assert any("experimental" in n.text for n in mc.account(mrio, "era").notes)
    assert not any("experimental" in n.text for n in mc.account(mrio, "eebt").notes)
