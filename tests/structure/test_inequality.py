"""Inequality: definitions as double sums, limits, invariances, exact decomposition."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.errors import InputError, LabelError, NonFiniteError, ShapeError, TableWarning
from mriocarbon.model import Note, Result, Source
from mriocarbon.structure.inequality import inequality


@st.composite
def worlds(draw, *, positive: bool = True, most: int = 12):
    n = draw(st.integers(1, most))
    people = draw(st.lists(st.floats(0.01, 1e3), min_size=n, max_size=n))
    low = 0.01 if positive else -5.0
    amounts = draw(st.lists(st.floats(low, 1e3), min_size=n, max_size=n))
    if sum(amounts) <= 0.1:
        amounts[0] += 10.0 - sum(amounts)
    names = [f"r{k}" for k in range(n)]
    return dict(zip(names, amounts, strict=True)), dict(zip(names, people, strict=True))


def mean_difference(amounts, people):
    a, p = np.array(list(amounts.values())), np.array([people[r] for r in amounts])
    y, s = a / p, p / p.sum()
    return (s[:, None] * s * np.abs(y[:, None] - y)).sum() / 2 / (a.sum() / p.sum())


@given(worlds(positive=False))
def test_gini_is_the_mean_difference_whatever_the_signs(world):
    found = inequality(*world)
    assert found.gini == pytest.approx(mean_difference(*world), rel=1e-9, abs=1e-12)
    assert found.gini >= 0
    assert found.people_share[-1] == pytest.approx(1) and found.amount_share[-1] == pytest.approx(1)
    assert (np.diff(found.per_person) >= 0).all()
    # Below the diagonal, and convex.
    assert (found.amount_share <= found.people_share + 1e-12).all()


@given(worlds())
def test_theil_by_definition_and_bounds(world):
    amounts, people = world
    found = inequality(*world)
    a, p = np.array(list(amounts.values())), np.array([people[r] for r in amounts])
    y, mu, s = a / p, a.sum() / p.sum(), p / p.sum()
    assert found.theil_t.total == pytest.approx((s * y / mu * np.log(y / mu)).sum(), abs=1e-10)
    assert found.theil_l.total == pytest.approx((s * np.log(mu / y)).sum(), abs=1e-10)
    assert found.theil_t.total >= -1e-12 and found.theil_l.total >= -1e-12
    assert 0 <= found.gini < 1
    assert found.theil_t.within == found.theil_l.within == 0.0


@given(worlds(), st.data())
def test_within_and_between_add_up(world, data):
    amounts, people = world
    groups = {r: data.draw(st.sampled_from("abc"), label=r) for r in amounts}
    split, whole = inequality(*world, groups=groups), inequality(*world)
    A, P = sum(amounts.values()), sum(people[r] for r in amounts)
    for kind in ("theil_t", "theil_l"):
        theil, total = getattr(split, kind), getattr(whole, kind).total
        assert theil.within + theil.between == pytest.approx(total, abs=1e-11)
        within = 0.0
        for g in set(groups.values()):
            inside = {r: v for r, v in amounts.items() if groups[r] == g}
            alone = inequality(inside, people)
            assert getattr(alone, kind).total == pytest.approx(theil.by_group[g], abs=1e-10)
            weight = sum(inside.values()) / A
            if kind == "theil_l":
                weight = sum(people[r] for r in inside) / P
            within += weight * getattr(alone, kind).total
        assert theil.within == pytest.approx(within, abs=1e-10)
    merged = {g: sum(v for r, v in amounts.items() if groups[r] == g) for g in groups.values()}
    crowd = {g: sum(people[r] for r in amounts if groups[r] == g) for g in groups.values()}
    between = inequality(merged, crowd)
    assert split.theil_t.between == pytest.approx(between.theil_t.total, abs=1e-11)
    # Putting regions together hides what is inside, it never adds.
    assert between.gini <= whole.gini + 1e-12


@given(worlds(positive=False), st.floats(0.1, 50))
def test_scale_and_replication_change_nothing(world, factor):
    amounts, people = world
    found = inequality(*world)
    scaled = inequality({r: factor * v for r, v in amounts.items()}, people)
    crowd = inequality(amounts, {r: factor * v for r, v in people.items()})
    halves = {f"{r}{k}": v / 2 for r, v in amounts.items() for k in "ab"}
    homes = {f"{r}{k}": v / 2 for r, v in people.items() for k in "ab"}
    twice = inequality(halves, homes)
    for other in (scaled, crowd, twice):
        assert other.gini == pytest.approx(found.gini, rel=1e-9, abs=1e-11)
        assert other.theil_t.total == pytest.approx(found.theil_t.total, abs=1e-9, nan_ok=True)


@given(st.integers(1, 30), st.floats(0.1, 100))
def test_equal_is_zero_and_one_has_all(n, each):
    names = [f"r{k}" for k in range(n)]
    equal = inequality({r: each * (k + 1) for k, r in enumerate(names)},
                       {r: k + 1.0 for k, r in enumerate(names)})  # fmt: skip
    assert equal.gini == pytest.approx(0, abs=1e-12)
    assert equal.theil_t.total == pytest.approx(0, abs=1e-12)
    assert equal.theil_l.total == pytest.approx(0, abs=1e-12)
    one = inequality({r: each * (k == 0) for k, r in enumerate(names)}, dict.fromkeys(names, 2.0))
    assert one.gini == pytest.approx(1 - 1 / n, abs=1e-12)
    assert one.theil_t.total == pytest.approx(math.log(n), abs=1e-12)
    assert one.theil_l.total == (math.inf if n > 1 else 0.0)


def test_a_transfer_from_high_to_low_lowers_all():
    people = {"a": 1.0, "b": 2.0, "c": 3.0}
    before = inequality({"a": 10.0, "b": 8.0, "c": 3.0}, people)
    after = inequality({"a": 9.0, "b": 8.0, "c": 4.0}, people)
    assert after.gini < before.gini
    assert after.theil_t.total < before.theil_t.total
    assert after.theil_l.total < before.theil_l.total


def test_below_zero_gini_stays_and_theil_is_not_defined():
    found = inequality({"a": -8.0, "b": 0.0, "c": 10.0}, dict.fromkeys("abc", 1.0))
    assert found.gini == pytest.approx(mean_difference({"a": -8.0, "b": 0.0, "c": 10.0},
                                                       dict.fromkeys("abc", 1.0)))  # fmt: skip
    assert found.gini > 1
    assert math.isnan(found.theil_t.total) and math.isnan(found.theil_l.between)
    assert any("may exceed 1" in note.text for note in found.notes)
    assert found.amount_share.min() < 0


def test_zero_is_a_limit():
    found = inequality({"a": 0.0, "b": 4.0}, {"a": 1.0, "b": 1.0}, groups={"a": "x", "b": "y"})
    assert found.theil_t.total == pytest.approx(math.log(2))
    assert found.theil_l.between == math.inf and found.theil_l.within == 0.0


def test_an_account_of_the_package():
    mrio = mc.load("oecd-icio-2022")
    account = mc.account(mrio, "consumption")
    found = inequality(account, mc.population(2022))
    assert found.unit == "Mt CO2e" and found.unit_per_person == "t CO2e / person"
    place = found.regions.index("CHN")
    per = account.per(mc.population(2022)).to("t CO2e / person")["CHN"]
    assert found.per_person[place] == pytest.approx(per)
    assert found.estimated and found.provenance.dataset == "oecd-icio-2022"
    assert found.top_share(0.0) == 0.0 and found.top_share(1.0) == 1.0
    assert 0.2 < found.top_share(0.1) < 0.35
    frame = found.to_pandas()
    assert frame.attrs["gini"] == found.gini
    assert list(found.measures().index) == ["Gini", "Theil T", "Theil L"]


def test_csv_holds_measures_and_notes(tmp_path):
    found = inequality({"a": 1.0, "b": 4.0}, {"a": 1.0, "b": 1.0}, groups={"a": "x", "b": "y"})
    text = found.to_csv(tmp_path / "i.csv").read_text()
    assert "# Gini: total 0.3" in text and "between" in text and "# note: between regions" in text
    assert text.splitlines()[-1].startswith("b,y,1.0,4.0")


def test_unallocated_belongs_to_nobody():
    f = np.array([240.0, 50, 60, 40])
    with pytest.warns(TableWarning, match="still emit"):
        mrio = toy(Z=[[20, 10, 15, 0], [10, 20, 0, 0], [5, 0, 20, 0], [0, 0, 0, 0]],
                   Y=[[30, 40], [55, 10], [10, 45], [0, 0]], stressors={"GHG": f})  # fmt: skip
    account = mc.account(mrio, "consumption", households=False)
    assert "unallocated" in account.coords["region"]
    found = inequality(account, {"A": 1.0, "B": 1.0})
    assert found.regions == ("A", "B") or found.regions == ("B", "A")
    assert any(note.text.startswith("left out: 40") for note in found.notes)


BAD = {
    "no population": (({"a": 1.0, "b": 2.0}, {"a": 1.0}), LabelError, "missing is not zero"),
    "nobody": (({"a": 1.0}, {"a": 0.0}), InputError, "not above zero"),
    "NaN people": (({"a": 1.0}, {"a": math.nan}), InputError, "not above zero"),
    "NaN": (({"a": math.nan}, {"a": 1.0}), NonFiniteError, "missing is not zero"),
    "total below zero": (({"a": -1.0}, {"a": 1.0}), InputError, "sum to -1"),
    "empty": (({}, {}), ShapeError, "no region"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told(case):
    given_, error, says = BAD[case]
    with pytest.raises(error, match=says):
        inequality(*given_)


def test_bad_groups_and_results_are_told():
    with pytest.raises(LabelError, match="no group for b"):
        inequality({"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 1.0}, groups={"a": "x"})
    account = mc.account(toy(), "consumption")
    with pytest.raises(InputError, match="already"):
        inequality(account.per({"A": 1.0, "B": 1.0}), {"A": 1.0, "B": 1.0})
    with pytest.raises(ShapeError, match="region, region_to"):
        inequality(mc.bilateral(toy()), {"A": 1.0, "B": 1.0})
    with pytest.raises(InputError, match="share of"):
        inequality({"a": 1.0}, {"a": 1.0}).top_share(2)


def test_a_series_and_labels_that_are_numbers():
    import pandas as pd

    want = inequality({"1": 1.0, "2": 4.0}, {"1": 1.0, "2": 2.0})
    series = inequality(pd.Series({1: 1.0, 2: 4.0}), pd.Series({1: 1.0, 2: 2.0}))
    plain = inequality({1: 1.0, 2: 4.0}, {1: 1.0, 2: 2.0}, groups={1: "x", 2: "y"})
    for found in (series, plain):
        assert found.regions == want.regions and found.gini == want.gini
    assert plain.groups == {"1": "x", "2": "y"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (([1.0, 2.0], {"a": 1.0}), "account"), (({"a": 1.0}, 5), "population"),
        (({"a": "much"}, {"a": 1.0}), "no number"), (({"a": 1.0}, {"a": None}), "no number"),
    ],
)  # fmt: skip
def test_what_is_no_mapping_of_numbers_is_told(words, says):
    with pytest.raises(InputError, match=says):
        inequality(*words)
    with pytest.raises(InputError, match="groups"):
        inequality({"a": 1.0}, {"a": 1.0}, groups="ab")


@pytest.mark.parametrize(
    ("unit", "small", "scale"),
    [
        ("Mt CO2e", "t CO2e", 1e6), ("kt CO2e", "t CO2e", 1e3), ("kt", "t", 1e3),
        ("kt NOx", "t NOx", 1e3), ("Gt CO2", "t CO2", 1e9), ("million USD", "USD", 1e6),
        ("TJ", "TJ", 1.0), ("t CO2", "t CO2", 1.0), ("kg CO2", "kg CO2", 1.0),
    ],
)  # fmt: skip
def test_a_person_is_counted_in_tonnes(unit, small, scale):
    account = Result("x", np.array([2.0, 6.0]), ("region",), {"region": ("a", "b")}, unit)
    found = inequality(account, {"a": 4.0, "b": 3.0})
    assert found.unit == unit and found.unit_per_person == f"{small} / person"
    np.testing.assert_allclose(found.per_person, [0.5 * scale, 2.0 * scale], rtol=1e-14)


def test_what_the_people_are_is_told_with_the_source():
    note = Note("population of 2022", "population", sources=(Source("people", "UN"),))
    found = inequality({"a": 1.0}, {"a": 1.0}, about_population=note)
    assert note in found.notes and found.provenance.sources == note.sources
    bare = inequality({"a": 1.0}, {"a": 1.0})
    assert any("without source" in n.text for n in bare.notes)


def test_the_range_of_the_account_is_kept_in_the_order_of_the_regions(tmp_path):
    account = mc.account(mc.load("oecd-icio-2022"), "consumption")
    found = inequality(account, mc.population(2022))
    assert found.amount_low is not None and found.amount_high is not None
    for k, region in enumerate(found.regions):
        place = account.coords["region"].index(region)
        assert found.amount_low[k] == account.low[place] < found.amount[k]
        assert found.amount_high[k] == account.high[place] > found.amount[k]
    text = found.to_csv(tmp_path / "i.csv").read_text()
    for line in ("# year: 2022", "# stressor: GHG", "# edition: OECD ICIO 2025", "# sha256: ",
                 "# sources: OECD", "# steps: ", "# version: "):  # fmt: skip
        assert line in text, line
    rows = list(csv.DictReader(x for x in text.splitlines() if not x.startswith("#")))
    assert [row["region"] for row in rows] == list(found.regions)
    for column, want in (
        ("amount, low", found.amount_low), ("amount, high", found.amount_high),
        ("cumulative share of people", found.population.cumsum() / found.population.sum()),
        ("cumulative share of amount", found.amount.cumsum() / found.amount.sum()),
    ):  # fmt: skip
        np.testing.assert_allclose([float(row[column]) for row in rows], want, rtol=1e-12)
