"""Leakage: identities with the accounts, the technology gap by loops, rates and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import cases, toy

import mriocarbon as mc
from mriocarbon.errors import (
    InputError,
    LabelError,
    NotAvailableError,
    UnitError,
    UnknownNameError,
)
from mriocarbon.model import Provenance
from mriocarbon.structure.leakage import ADJUSTED, ITEMS, leakage, leakage_rate

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
small = cases(max_regions=5, max_sectors=3, min_regions=2)


def close(a, b, case):
    np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9 * np.abs(case.f).sum())


@given(small)
def test_levels_are_those_of_the_accounts(case):
    mrio = case.mrio()
    found = dict(zip((*ITEMS, ADJUSTED), leakage(mrio).value.T, strict=True))
    trade = mc.trade(mrio).value
    close(found["exports"], trade[:, 1], case)
    close(found["imports"], trade[:, 2], case)
    close(found["net imports"], -trade[:, 4], case)
    close(found["net imports"].sum(), 0.0, case)
    tcba = mc.account(mrio, "technology-adjusted", households=False).value[: case.R]
    produced = case.f.reshape(case.R, -1).sum(axis=1)
    close(found[ADJUSTED], tcba - produced, case)


@given(small, st.sampled_from([0.0, 0.1, 1.0]))
def test_gap_by_loops(case, least):
    R, S, x = case.R, case.S, case.x.reshape(case.R, case.S)
    A = np.divide(case.Z, case.x, out=np.zeros_like(case.Z), where=case.x > 0)
    X = np.linalg.solve(np.eye(case.n) - A, case.demand).reshape(R, S, R)
    q = np.divide(case.f, case.x, out=np.zeros(case.n), where=case.x > 0).reshape(R, S)
    gap, without = np.zeros((R, R)), np.zeros((R, R))
    for h in range(R):
        for i in range(S):
            abroad = sum(X[s, i, h] for s in range(R) if s != h)
            # Rounding decides where both sides are the same: such a table says nothing.
            if x[h, i] and abs(x[h, i] - least * abroad) < 1e-9 * x[h, i]:
                return
            has = x[h, i] > 0 and x[h, i] >= least * abroad
            for s in range(R):
                if s != h:
                    gap[h, s] += (q[s, i] - q[h, i]) * X[s, i, h] if has else 0.0
                    without[h, s] += 0.0 if has else q[s, i] * X[s, i, h]
    found = leakage(case.mrio(), level="bilateral", least_output=least)
    get = {name: found.value[:, :, k] for k, name in enumerate(found.coords["item"])}
    close(get["intensity gap"], gap, case)
    close(get["imports without home industry"], without, case)
    # What a buyer loses by buying, the seller adds; and the region level is the sum.
    close(get["avoided by exports"], -gap.T, case)
    whole = leakage(case.mrio(), least_output=least).value[:, : len(ITEMS)]
    close(found.value.sum(axis=1), whole, case)


@given(small)
def test_one_technology_has_no_gap(case):
    q = np.tile(np.arange(1.0, case.S + 1), case.R)
    found = leakage(case.mrio(stressors={"GHG": q * case.x}))
    k = found.coords["item"].index("intensity gap")
    scale = (q * case.x).sum()
    np.testing.assert_allclose(found.value[:, k], 0.0, atol=1e-10 * scale)


def test_a_tiny_industry_does_not_stand_for_all_imports():
    """South Korea's oil and gas wells would make its imports three times as dirty."""
    mrio = mc.load("oecd-icio-2022")
    bare, bound = leakage(mrio, least_output=0), leakage(mrio)
    assert bare["KOR", "imports at home technology"] > 3 * bare["KOR", "imports"]
    assert bound["KOR", "imports at home technology"] < bound["KOR", "imports"]
    assert bound["KOR", "imports without home industry"] > 0
    assert any("the maker's own intensity" in note.text for note in bound.notes)
    assert bound.estimated


def two(f0, f1, **more):
    tables = []
    for year, f in ((2000, f0), (2010, f1)):
        tables.append(
            mc.MRIO.from_arrays(
                Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["A", "B"], sectors=["1"],
                stressors={"GHG": f}, year=year, **more,
            )
        )  # fmt: skip
    return tables


def test_rates_by_hand():
    found = leakage_rate(*two([100, 100], [80, 105]), "A")
    assert found.strong == pytest.approx(0.25)
    assert found.fall == pytest.approx(20) and found.abroad == pytest.approx(5)
    assert found.years == (2000, 2010) and found.home == ("A",)
    # The economy is the same: imports rise with the intensity of B alone.
    before = mc.trade(two([100, 100], [80, 105])[0])["A", "imports"]
    assert found.imports == pytest.approx(0.05 * before)
    assert found.weak == pytest.approx(0.05 * before / 20)
    assert -found.fall == pytest.approx(found.consumption + found.exports - found.imports)
    assert any("whatever caused" in note.text for note in found.notes)


def test_growth_abroad_is_not_called_leakage():
    found = leakage_rate(*two([100, 100], [80, 300]), "A")
    assert found.strong == pytest.approx(10)
    assert any("cannot all have leaked" in note.text for note in found.notes)
    modest = leakage_rate(*two([100, 100], [80, 105]), "A")
    assert not any("cannot all" in note.text for note in modest.notes)


@given(small, st.integers(0, 2**32 - 1))
def test_changes_close(case, seed):
    rng = np.random.default_rng(seed)
    f = case.f * rng.uniform(0.4, 1.4, case.n)
    home = ["r0"] if case.R < 3 else ["r0", "r1"]
    inside = np.arange(case.n) < len(home) * case.S
    before, after = case.mrio(), case.mrio(stressors={"GHG": f})
    fell = case.f[inside].sum() - f[inside].sum()
    if fell < 1e-3 * case.f[inside].sum() or fell <= 0:
        with pytest.raises(InputError, match="NOT MEANINGFUL"):
            leakage_rate(before, after, home)
        return
    found = leakage_rate(before, after, home)
    assert found.fall == pytest.approx(fell)
    close(-found.fall, found.consumption + found.exports - found.imports, case)
    assert found.strong * found.fall == pytest.approx(f[~inside].sum() - case.f[~inside].sum())


def test_meaningless_rates_are_refused():
    for last in ([100, 90], [120, 105], [99.99, 300]):
        with pytest.raises(InputError, match="NOT MEANINGFUL") as caught:
            leakage_rate(*two([100, 100], last), "A")
        assert "change abroad" in str(caught.value)
    with pytest.raises(InputError, match="whole world"):
        leakage_rate(*two([100, 100], [80, 105]), ["A", "B"])
    with pytest.raises(InputError, match="no home"):
        leakage_rate(*two([100, 100], [80, 105]), [])
    with pytest.raises(UnknownNameError, match="region"):
        leakage_rate(*two([100, 100], [80, 105]), "Atlantis")
    with pytest.raises(InputError, match="smallest"):
        leakage_rate(*two([100, 100], [80, 105]), "A", smallest=0)


def test_unequal_tables_are_refused():
    before, _ = two([100, 100], [80, 105])
    other = mc.MRIO.from_arrays(
        Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["A", "C"], sectors=["1"],
        stressors={"GHG": [80, 105]},
    )  # fmt: skip
    with pytest.raises(LabelError) as caught:
        leakage_rate(before, other, "A")
    assert "before: A, B" in str(caught.value) and "after: A, C" in str(caught.value)
    edition = two([100, 100], [80, 105], provenance=Provenance("x", "2025 ed."))[1]
    with pytest.raises(UnitError, match="different editions"):
        leakage_rate(before, edition, "A")
    kilo = two([100, 100], [80, 105], units="kt CO2e")[1]
    with pytest.raises(UnitError, match="units differ"):
        leakage_rate(before, kilo, "A")
    # The order of regions alone changes nothing.
    turned = mc.MRIO.from_arrays(
        Z=[[10, 5], [5, 10]], Y=[[75, 10], [5, 80]], regions=["B", "A"], sectors=["1"],
        stressors={"GHG": [105, 80]}, year=2010,
    )  # fmt: skip
    assert leakage_rate(before, turned, "A").strong == pytest.approx(0.25)


def test_bad_options_are_told():
    with pytest.raises(UnknownNameError, match="level"):
        leakage(toy(), level="sector")
    with pytest.raises(InputError, match="least_output"):
        leakage(toy(), least_output=-1)
    with pytest.raises(InputError, match="least_output"):
        leakage(toy(), least_output=float("nan"))


def test_the_same_stressor_in_both_tables():
    """A rule by which a default is found must not find SO2 here and NOx there."""

    def one(name, f, year):
        return mc.MRIO.from_arrays(
            Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["A", "B"], sectors=["1"],
            stressors={name: f}, units={name: "kt"}, year=year,
        )  # fmt: skip

    before = one("SO2", [100, 100], 2000)
    with pytest.raises(UnknownNameError, match="SO2"):
        leakage_rate(before, one("NOx", [80, 105], 2010), "A")
    found = leakage_rate(before, one("SO2", [80, 105], 2010), "A")
    assert found.stressor == found.provenance.stressor == "SO2"
    assert found.strong == pytest.approx(0.25)


def test_what_cannot_be_compared_is_refused():
    before, after = two([100, 100], [80, 105])
    with pytest.raises(InputError, match="the second table is of 2000"):
        leakage_rate(after, before, "A")
    with pytest.raises(UnitError, match=r"USD.*EUR"):
        leakage_rate(before, two([100, 100], [80, 105], money_unit="million EUR")[1], "A")
    sets = [
        two([100, 100], [80, 105], provenance=Provenance(name, "2016"))[k]
        for k, name in enumerate(("wiod-2000", "gtap-2010"))
    ]
    with pytest.raises(UnitError, match="different editions: 'wiod-2000'"):
        leakage_rate(*sets, "A")
    years = [
        two([100, 100], [80, 105], provenance=Provenance(f"wiod-{year}", "2016"))[k]
        for k, year in enumerate((2000, 2010))
    ]
    found = leakage_rate(*years, "A")
    assert not any("nothing says" in note.text for note in found.notes)
    files = [
        two([100, 100], [80, 105], provenance=Provenance(name))[k]
        for k, name in enumerate(("mine.npz", "yours.npz"))
    ]
    assert any("nothing says" in note.text for note in leakage_rate(*files, "A").notes)
    other = mc.MRIO.from_arrays(
        Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["A", "B"], sectors=["2"],
        stressors={"GHG": [80, 105]}, year=2010,
    )  # fmt: skip
    with pytest.raises(LabelError, match="sectors of the two tables"):
        leakage_rate(before, other, "A")


def test_a_fall_abroad_is_not_called_growth():
    found = leakage_rate(*two([100, 100], [90, 50]), "A")
    assert found.strong == pytest.approx(-5)
    assert not any("growth" in note.text for note in found.notes)


def test_home_is_a_set_of_regions():
    tables = two([100, 100], [80, 105])
    assert leakage_rate(*tables, ["A", "A"]).home == ("A",)
    with pytest.raises(InputError, match="no home region"):
        leakage_rate(*tables, None)
    with pytest.raises(InputError, match="home is"):
        leakage_rate(*tables, [1])


def test_a_name_is_no_table():
    with pytest.raises(InputError, match="'oecd-icio-2022' is no table"):
        leakage("oecd-icio-2022")
    with pytest.raises(InputError, match="'a' is no table"):
        leakage_rate("a", "b", "A")
    with pytest.raises(NotAvailableError, match="no emissions"):
        leakage(toy(stressors={}, households={}))


@given(small)
def test_technology_adjustment_by_definition(case):
    """Exports at the mean intensity of all exported output of the industry, by loops."""
    R, S = case.R, case.S
    A = np.divide(case.Z, case.x, out=np.zeros_like(case.Z), where=case.x > 0)
    X = np.linalg.solve(np.eye(case.n) - A, case.demand).reshape(R, S, R)
    q = np.divide(case.f, case.x, out=np.zeros(case.n), where=case.x > 0).reshape(R, S)
    sold = np.array([[sum(X[h, i, s] for s in range(R) if s != h) for i in range(S)]
                     for h in range(R)])  # fmt: skip
    all_sold = sold.sum(axis=0)
    if (np.abs(all_sold) < 1e-6 * np.abs(sold).sum(axis=0)).any():
        return  # a mean over weights that cancel says nothing
    mean = np.divide((q * sold).sum(axis=0), all_sold, out=np.zeros(S), where=all_sold != 0)
    want = np.zeros(R)
    for h in range(R):
        want[h] -= sum(mean[i] * sold[h, i] for i in range(S))
        want[h] += sum(q[s, i] * X[s, i, h] for s in range(R) if s != h for i in range(S))
    found = leakage(case.mrio())
    close(found.value[:, found.coords["item"].index(ADJUSTED)], want, case)


def test_the_result_says_what_and_when():
    found = leakage(two([100, 100], [80, 105])[0]).metadata()
    assert found["stressor"] == "GHG" and found["year"] == "2000"
