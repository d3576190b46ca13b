"""Structural decomposition: parts sum to the change, and every effect is what its name says."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.errors import (
    AccountWarning,
    ConvergenceError,
    InputError,
    LabelError,
    NonFiniteError,
    NotProductiveError,
    ShapeError,
    TableWarning,
    UnitError,
    UnknownNameError,
)
from mriocarbon.structure import decomposition as module
from mriocarbon.structure.decomposition import METHODS, decompose, decompose_regions
from mriocarbon.structure.evaluate import reachable
from mriocarbon.structure.factors import State, chain, nested
from mriocarbon.structure.lmdi import SIGN, cells, lmdi, log_mean
from mriocarbon.structure.series import decompose_series
from mriocarbon.structure.shapley import elementary_range, polar, shapley
from tests.properties.tables import TOY_F, TOY_Y, TOY_Z, random_case, toy

pytestmark = [
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning"),
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.AccountWarning"),
]
SIX = ("intensity", "technology", "trade", "origin", "mix", "level")


@st.composite
def pairs(draw, *, categories: int = 1, negative: bool = True, max_regions: int = 5):
    """Two random cases over the same labels, with zeros and negative demand in either."""
    R = draw(st.integers(1, max_regions), label="regions")
    S = draw(st.integers(1, 4), label="sectors")
    found = []
    for name in ("before", "after"):
        found.append(
            random_case(
                draw(st.integers(0, 2**32 - 1), label=f"seed {name}"), R, S,
                categories=categories,
                zeros=draw(st.integers(0, R * S // 4), label=f"idle {name}"),
                negative_demand=negative and draw(st.booleans(), label=f"negative {name}"),
                density=draw(st.sampled_from([1.0, 0.3]), label=f"density {name}"), decades=1.0,
            )
        )  # fmt: skip
    return tuple(found)


def tables(pair, **changes):
    return tuple(case.mrio(year=2000 + k, **changes) for k, case in enumerate(pair))


def by_hand(before, after, names=SIX):
    """v(S) of all subsets by plain numpy with explicit inverses; only full shares are split."""
    made = chain(state(before), state(after))
    n, R = len(before.index), len(before.regions)
    values = []
    for bits in itertools.product((0, 1), repeat=len(names)):
        s = dict(zip(names, bits, strict=True))
        A = made.pairs["technology"][s["technology"]] * made.pairs["trade"][s["trade"]]
        y = 1.0
        for name in ("origin", "mix", "level"):
            y = y * made.pairs[name][s[name]]
        L = np.linalg.inv(np.eye(n) - A)
        values.append((made.pairs["intensity"][s["intensity"]] @ L) @ y.reshape(n, R))
    # the first factor varies slowest in product(), fastest in a bit mask
    k = len(names)
    array = np.stack(values).reshape((2,) * k + (R,))
    return array.transpose(*range(k)[::-1], k).reshape(2**k, R)


def state(mrio):
    R, S = len(mrio.regions), len(mrio.sectors)
    return State(
        mrio.Z, mrio.final_demand.reshape(R, S, R, 1), mrio.x, mrio.extensions["emissions"].F[0]
    )


# -- averages over orders ----------------------------------------------------------------------


def brute(values, n):
    """Effects of every order of change, shape (n!, n, ...)."""
    out = []
    for order in itertools.permutations(range(n)):
        mask, effects = 0, np.zeros((n, *values.shape[1:]))
        for i in order:
            effects[i] = values[mask | 1 << i] - values[mask]
            mask |= 1 << i
        out.append(effects)
    return np.stack(out)


@given(n=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_shapley_is_the_mean_of_all_orders_and_the_range_their_extremes(n, seed):
    values = np.random.default_rng(seed).normal(size=(2**n, 3))
    every = brute(values, n)
    np.testing.assert_allclose(shapley(values), every.mean(axis=0), atol=1e-13)
    low, high = elementary_range(values)
    np.testing.assert_allclose(low, every.min(axis=0), atol=1e-13)
    np.testing.assert_allclose(high, every.max(axis=0), atol=1e-13)


@given(n=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_polar_is_the_mean_of_first_to_last_and_back(n, seed):
    values = np.random.default_rng(seed).normal(size=2**n)
    every = (
        dict(zip(itertools.permutations(range(n)), brute(values, n), strict=True)) if n < 5 else {}
    )
    if every:
        expected = (every[tuple(range(n))] + every[tuple(range(n))[::-1]]) / 2
        np.testing.assert_allclose(polar(values), expected, atol=1e-13)
    assert polar(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_shapley_in_fractions():
    # q L y of one sector: 1/2 * 2 * 10 = 10 and 1/5 * 4 * 30 = 24; all 6 orders by hand
    x = [(Fraction(1, 2), Fraction(1, 5)), (Fraction(2), Fraction(4)), (Fraction(10), Fraction(30))]
    values = [float(x[0][m & 1] * x[1][m >> 1 & 1] * x[2][m >> 2 & 1]) for m in range(8)]
    q, L, y = x
    dq, dL, dy = q[1] - q[0], L[1] - L[0], y[1] - y[0]
    third = Fraction(1, 3)
    expected = [
        dq * (third * (L[0] * y[0] + L[1] * y[1]) + third / 2 * (L[0] * y[1] + L[1] * y[0])),
        dL * (third * (q[0] * y[0] + q[1] * y[1]) + third / 2 * (q[0] * y[1] + q[1] * y[0])),
        dy * (third * (L[0] * q[0] + L[1] * q[1]) + third / 2 * (L[0] * q[1] + L[1] * q[0])),
    ]
    np.testing.assert_allclose(shapley(values), [float(e) for e in expected], rtol=1e-14)
    assert sum(expected) == 14


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], [], 1.0, np.zeros(2**17)])
def test_values_of_a_wrong_length(values):
    with pytest.raises(ShapeError, match="give 2\\^n values"):
        shapley(values)


def test_values_that_are_not_finite():
    with pytest.raises(NonFiniteError):
        elementary_range([1.0, np.nan])


# -- the factors -------------------------------------------------------------------------------


@given(pair=pairs())
def test_factors_multiply_to_the_tables(pair):
    before, after = map(state, tables(pair))
    made = chain(before, after)
    for k, s in enumerate((before, after)):
        A = made.pairs["technology"][k] * made.pairs["trade"][k]
        used = ~s.idle
        np.testing.assert_allclose(A[:, used], s.A[:, used], rtol=1e-14, atol=0)
        y = np.prod([made.pairs[name][k] for name in ("origin", "mix", "level")], axis=0)
        np.testing.assert_allclose(y, s.Y, rtol=1e-13, atol=0)


@given(pair=pairs(negative=False))
def test_shares_sum_to_one(pair):
    made = chain(*map(state, tables(pair)))
    R, S, n = pair[0].R, pair[0].S, pair[0].n
    for k in (0, 1):
        trade = made.pairs["trade"][k].reshape(R, S, n).sum(axis=0)
        there = made.pairs["technology"][k].reshape(R, S, n)[0] > 0
        np.testing.assert_allclose(trade[there], 1.0, rtol=1e-13)
        mix = (made.pairs["origin"][k] * made.pairs["mix"][k]).sum(axis=(0, 1))
        np.testing.assert_allclose(mix, 1.0, rtol=1e-13)


def test_an_input_that_appears_takes_the_shares_of_the_other_state():
    Z0, Z1 = TOY_Z.copy(), TOY_Z.copy()
    Z0[[1, 3], 0] = 0.0  # A1 buys no product 2 before
    made = chain(
        *(State(Z, TOY_Y.reshape(2, 2, 2, 1), TOY_Z.sum(1) + TOY_Y.sum(1), TOY_F) for Z in (Z0, Z1))
    )
    np.testing.assert_array_equal(made.pairs["trade"][0][:, 0], made.pairs["trade"][1][:, 0])
    assert made.pairs["technology"][0][1, 0] == 0.0
    assert any("1 inputs are absent in one" in text for text in made.remarks)


def test_cells_that_cancel_are_not_split():
    cells_ = np.array([[5.0, 3.0], [-4.9, 1.0]])
    shares, rest, told = nested(cells_, np.ones((2, 2)), {"origin": (0,)})
    np.testing.assert_array_equal(shares["origin"][0][:, 0], [1.0, 1.0])
    np.testing.assert_array_equal(rest[0][:, 0], [5.0, -4.9])
    np.testing.assert_allclose(shares["origin"][0][:, 1], [0.75, 0.25])
    assert told[1] == 1
    assert told[2] == pytest.approx(9.9 / 13.9)
    mild, _, _ = nested(np.array([[5.0], [-0.5]]), np.ones((2, 1)), {"origin": (0,)})
    np.testing.assert_allclose(mild["origin"][0].ravel(), [5 / 4.5, -0.5 / 4.5])


# -- closure -----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(
    pair=pairs(),
    method=st.sampled_from(METHODS),
    account=st.sampled_from(["consumption", "production"]),
)
def test_parts_sum_to_the_change(pair, method, account):
    before, after = tables(pair)
    found = decompose(before, after, method=method, account=account)
    assert found.closure <= 1e-12
    for k, (mrio, mine) in enumerate(((before, found.before), (after, found.after))):
        q = np.divide(
            mrio.extensions["emissions"].F[0], mrio.x, out=np.zeros(len(mrio.x)), where=mrio.x > 0
        )
        A = np.divide(mrio.Z, mrio.x, out=np.zeros_like(mrio.Z), where=mrio.x > 0)
        L = np.linalg.inv(np.eye(len(q)) - A)
        E = (q[:, None] * L).reshape(pair[k].R, -1, len(q)).sum(axis=1) @ mrio.final_demand
        expected = E.sum(axis=0) if account == "consumption" else E.sum(axis=1)
        np.testing.assert_allclose(mine.value, expected, rtol=1e-9, atol=1e-12 * np.abs(E).sum())
    size = np.abs(found.before.value).max() + np.abs(found.after.value).max()
    gap = found.effects.value.sum(axis=0) - (found.after.value - found.before.value)
    assert np.abs(gap).max() <= 1e-12 * size
    axis = 1 if account == "consumption" else 2
    np.testing.assert_allclose(
        found.bilateral.value.sum(axis=axis), found.effects.value, atol=1e-11 * size, rtol=1e-9
    )
    np.testing.assert_allclose(
        found.world.value, found.effects.value.sum(axis=1), atol=1e-11 * size, rtol=1e-9
    )


@settings(deadline=None, max_examples=25)
@given(pair=pairs(negative=False), method=st.sampled_from(METHODS))
def test_ratios_multiply_to_the_ratio(pair, method):
    before, after = tables(pair)
    try:
        found = decompose(before, after, method=method, form="multiplicative")
    except InputError as error:
        assert "not positive" in str(error)
        assume(False)
    np.testing.assert_allclose(
        found.effects.value.prod(axis=0), found.after.value / found.before.value, rtol=1e-11
    )
    assert found.effects.unit == "ratio"
    np.testing.assert_allclose(found.change, found.after.value / found.before.value)


@settings(deadline=None, max_examples=25)
@given(pair=pairs(max_regions=3))
def test_shapley_and_range_equal_all_720_orders_of_explicit_inverses(pair):
    before, after = tables(pair)
    found = decompose(before, after)
    every = brute(by_hand(before, after), 6)
    size = np.abs(every).max() or 1.0
    np.testing.assert_allclose(found.effects.value, every.mean(axis=0), atol=1e-10 * size)
    np.testing.assert_allclose(found.effects.low, every.min(axis=0), atol=1e-10 * size)
    np.testing.assert_allclose(found.effects.high, every.max(axis=0), atol=1e-10 * size)
    assert found.orders == 720
    forms = decompose(before, after, method="polar").effects.value
    np.testing.assert_allclose(forms, (every[0] + every[-1]) / 2, atol=1e-10 * size)


@settings(deadline=None, max_examples=25)
@given(
    pair=pairs(),
    method=st.sampled_from(METHODS),
    form=st.sampled_from(["additive", "multiplicative"]),
)
def test_swapping_the_years_turns_the_sign(pair, method, form):
    before, after = tables(pair)
    try:
        there, back = decompose(before, after, method=method, form=form), None
        back = decompose(after, before, method=method, form=form)
    except InputError:
        assume(False)
    if form == "additive":
        size = np.abs(there.effects.value).max() or 1.0
        np.testing.assert_allclose(back.effects.value, -there.effects.value, atol=1e-10 * size)
        if there.effects.low is not None:
            np.testing.assert_allclose(back.effects.low, -there.effects.high, atol=1e-10 * size)
    else:
        np.testing.assert_allclose(back.effects.value, 1 / there.effects.value, rtol=1e-9)


# -- every effect is what its name says --------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(pair=pairs(), method=st.sampled_from(METHODS), scale=st.floats(0.25, 4.0))
def test_intensity_alone(pair, method, scale):
    case = pair[0]
    before, after = tables((case, case.changed(f=case.f * scale)))
    found = decompose(before, after, method=method)
    k = found.factors.index("intensity")
    others = np.delete(found.effects.value, k, axis=0)
    assert not others.any()  # exactly
    size = np.abs(found.before.value).max()
    expected = found.after.value - found.before.value
    np.testing.assert_allclose(found.effects.value[k], expected, atol=1e-11 * size)
    if found.effects.low is not None:
        np.testing.assert_array_equal(found.effects.low[k], found.effects.high[k])


def single_changes():
    """The toy table with one factor changed at a time; x follows from A and Y."""
    A = TOY_Z / (TOY_Z.sum(1) + TOY_Y.sum(1))
    a4, y4 = A.reshape(2, 2, 4), TOY_Y.reshape(2, 2, 2)
    H, T = a4.sum(0), a4 / a4.sum(0)
    F, B, O = y4.sum((0, 1)), y4.sum(0) / y4.sum((0, 1)), y4 / y4.sum(0)
    T2 = np.stack([T[0] * 0.5, 1 - T[0] * 0.5])
    O2 = np.stack([O[0] * 0.7, 1 - O[0] * 0.7])
    B2 = B[::-1].copy()
    yield "technology", (H * 0.8) * T, y4
    yield "trade", H * T2, y4
    yield "origin", a4, O2 * B * F
    yield "mix", a4, O * B2 * F
    yield "level", a4, O * B * (F * [2.0, 0.5])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("name", "A", "y"), list(single_changes()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_one_factor_alone(name, A, y, method):
    q = TOY_F / (TOY_Z.sum(1) + TOY_Y.sum(1))

    def made(A, y, year):
        A, Y = A.reshape(4, 4), y.reshape(4, 2)
        x = np.linalg.solve(np.eye(4) - A, Y.sum(1))
        return toy(Z=A * x, Y=Y, stressors={"GHG": q * x}, households=None, year=year)

    a4 = (TOY_Z / (TOY_Z.sum(1) + TOY_Y.sum(1))).reshape(2, 2, 4)
    found = decompose(made(a4, TOY_Y.reshape(2, 2, 2), 2000), made(A, y, 2001), method=method)
    if method == "lmdi" and name in ("technology", "trade"):
        name = "technology+trade"
    k = found.factors.index(name)
    expected = found.after.value - found.before.value
    np.testing.assert_allclose(found.effects.value[k], expected, rtol=1e-10)
    np.testing.assert_allclose(np.delete(found.effects.value, k, axis=0), 0.0, atol=1e-9)
    assert np.abs(expected).max() > 1  # the case is not empty


def test_two_factors_are_the_midpoint_formula():
    """Miller & Blair (2009), equation 13.7: half dL (f0 + f1), half (L0 + L1) df."""
    Z = [[[10, 20, 25], [15, 5, 30], [30, 40, 5]], [[12, 15, 35], [24, 11, 30], [36, 50, 8]]]
    f = [[45, 30, 25], [50, 35, 26]]
    made, L = [], []
    for k in (0, 1):
        x = np.sum(Z[k], axis=1) + f[k]
        L.append(np.linalg.inv(np.eye(3) - np.array(Z[k]) / x))
        made.append(
            mc.MRIO.from_arrays(
                Z=Z[k], Y=np.array(f[k])[:, None], regions=["A"], sectors=["1", "2", "3"],
                stressors={"x": x}, units="million", year=2000 + k,
            )
        )  # fmt: skip
    found = decompose(*made, factors=["intensity", "technology+trade", "origin+mix+level"])
    f0, f1 = map(np.array, f)
    tech, final = (L[1] - L[0]) @ (f0 + f1) / 2, (L[0] + L[1]) @ (f1 - f0) / 2
    np.testing.assert_allclose(found.effects.value[:, 0], [0, tech.sum(), final.sum()], rtol=1e-12)
    assert found.effects.value[0, 0] == 0.0
    assert found.orders == 6


@settings(deadline=None, max_examples=20)
@given(pair=pairs(), method=st.sampled_from(METHODS), scale=st.floats(1e-6, 1e6))
def test_effects_scale_with_emissions(pair, method, scale):
    before, after = tables(pair)
    more = tables(tuple(c.changed(f=c.f * scale) for c in pair))
    one, two = decompose(before, after, method=method), decompose(*more, method=method)
    size = np.abs(one.effects.value).max() or 1.0
    np.testing.assert_allclose(
        two.effects.value / scale, one.effects.value, rtol=1e-9, atol=1e-10 * size
    )


@pytest.mark.parametrize("method", METHODS)
def test_population_and_level_per_person(method):
    Y = TOY_Y * [1.5, 1.0]  # A: twice the people, each with three quarters
    before, after = toy(year=2000, households=None), toy(Y=Y, year=2001, households=None)
    people = {2000: {"A": 10, "B": 7}, 2001: {"A": 20, "B": 7}}
    found = decompose(before, after, method=method, population=people)
    plain = decompose(before, after, method=method)
    assert found.effects["population", "A"] > 0 > found.effects["level", "A"]
    assert found.effects["population", "B"] == 0.0
    both = found.effects["population", "A"] + found.effects["level", "A"]
    if method == "lmdi":  # additive in logarithms, so that it nests exactly
        assert both == pytest.approx(plain.effects["level", "A"], rel=1e-12)
    assert both == pytest.approx(plain.effects["level", "A"], rel=0.02)
    assert decompose(before, after, method=method, population=[people[2000], people[2001]]).of(
        "A"
    ) == found.of("A")


@settings(deadline=None, max_examples=20)
@given(pair=pairs(categories=3), method=st.sampled_from(METHODS))
def test_destination_splits_by_category(pair, method):
    before, after = tables(pair)
    tech = ("technology+trade",) if method == "lmdi" else ("technology", "trade")
    names = ("intensity", *tech, "origin", "mix", "destination", "level")
    found = decompose(before, after, method=method, factors=names)
    assert found.closure <= 1e-12
    whole = decompose(before, after, method=method)
    np.testing.assert_allclose(found.after.value, whole.after.value, rtol=1e-12)


def test_households_are_a_part_of_their_own():
    before, after = toy(year=2000), toy(year=2001, households={"GHG": [9, 4]})
    found = decompose(before, after, households=True)
    assert found.factors[-1] == "households"
    assert found.of("A")["households"] == 2.0
    assert found.of("B")["households"] == -1.0
    assert found.effects.low[-1].tolist() == found.effects.high[-1].tolist() == [2.0, -1.0]
    assert found.before["A"] == pytest.approx(mc.account(before, "consumption")["A"])
    with pytest.raises(InputError, match="added, not multiplied"):
        decompose(before, after, households=True, form="multiplicative")


# -- LMDI --------------------------------------------------------------------------------------


def test_lmdi_against_figures_of_lmdir():
    """Tests of the R package LMDIR (M. K. Heun), additive LMDI-I, 1971 to 1972."""
    effects, sign = lmdi([[1, 4], [10, 5], [2, 3]], [[4, 5], [5, 6], [3, 4]])
    np.testing.assert_allclose(effects, [69.79006598, -9.455125793, 39.66505981], rtol=1e-9)
    assert sign == 0.0


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        ([0, 3], [2, 3], [6, 0]),  # the factor that was zero takes all
        ([2, 3], [0, 3], [-6, 0]),
        ([0, 0], [2, 3], [3, 3]),  # two of them: equal parts
        ([0, 3], [0, 5], [0, 0]),  # zero before and after
        ([0, 3], [2, 0], [0, 0]),
    ],
)
def test_lmdi_limits_at_zero(before, after, effects):
    found, sign = lmdi(np.array(before)[:, None], np.array(after)[:, None])
    assert found.tolist() == effects
    assert sign == 0.0
    if (
        0 not in (before[0] + after[0], before[1] + after[1])
        and before.count(0) + after.count(0) == 1
    ):
        tiny = 1e-200  # the limit itself, slowly approached: logarithms
        near, _ = lmdi(np.maximum(before, tiny)[:, None], np.maximum(after, tiny)[:, None])
        np.testing.assert_allclose(near, effects, atol=0.05)


def test_lmdi_sign_change_has_a_term_of_its_own():
    effects, sign = lmdi([[2, 1], [3, 1]], [[2, 1], [-3, 1]])
    assert effects.tolist() == [0.0, 0.0]
    assert sign == -12.0
    same, none = lmdi([[-2.0], [3.0]], [[-4.0], [3.0]])
    np.testing.assert_allclose(same, [-6, 0])
    assert none == 0.0


@given(a=st.floats(1e-6, 1e6), b=st.floats(1e-6, 1e6))
def test_log_mean_lies_between_geometric_and_arithmetic(a, b):
    mean = float(log_mean(a, b))
    assert np.sqrt(a * b) * (1 - 1e-12) <= mean <= (a + b) / 2 * (1 + 1e-12)
    assert mean == pytest.approx(float(log_mean(b, a)), rel=1e-12)
    assert float(log_mean(a, a)) == pytest.approx(a, rel=1e-14)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), zeros=st.booleans(), signs=st.booleans())
def test_compiled_cells_equal_the_plain_formula(seed, zeros, signs):
    rng = np.random.default_rng(seed)
    R, S, c = 2, 2, 3
    n = R * S
    spare = 0.4 if zeros else 0.0
    q = tuple(rng.random(n) * (rng.random(n) > spare) for _ in (0, 1))
    L = tuple(rng.random((n, n)) * (rng.random((n, n)) > spare) for _ in (0, 1))
    demand = [
        tuple(
            (rng.random((n, c)) - (0.3 if signs else 0.0)) * (rng.random((n, c)) > spare)
            for _ in (0, 1)
        )
        for _ in range(2)
    ]
    effects, sign, _ = cells(q, L, demand, R)
    for r in range(R):
        for k in range(c):
            x = [
                np.stack(
                    [
                        [q[t][i], L[t][i, j], demand[0][t][j, k], demand[1][t][j, k]]
                        for i in range(r * S, (r + 1) * S)
                        for j in range(n)
                    ]
                ).T
                for t in (0, 1)
            ]
            expected, special = lmdi(*x)
            np.testing.assert_allclose(effects[:, r, k], expected, atol=1e-12)
            assert sign[r, k] == pytest.approx(special, abs=1e-12)


@given(n=st.integers(1, 9), density=st.floats(0.0, 0.5), seed=st.integers(0, 2**32 - 1))
def test_what_no_chain_of_inputs_reaches_is_zero(n, density, seed):
    rng = np.random.default_rng(seed)
    A = rng.random((n, n)) * (rng.random((n, n)) < density)
    powers = np.eye(n)
    total = np.eye(n)
    for _ in range(n):
        powers = powers @ A
        total += powers
    np.testing.assert_array_equal(reachable(A), total > 0)


def test_demand_that_changes_sign_shows_in_lmdi():
    Y = TOY_Y.copy()
    Y[2, 0] = -2.0
    before, after = toy(year=2000, households=None), toy(Y=Y, year=2001, households=None)
    found = decompose(before, after, method="lmdi", cancel=1e9)
    assert found.factors[-1] == SIGN
    assert found.effects[SIGN, "A"] < 0
    assert found.effects[SIGN, "B"] == 0.0
    assert any("cells change sign" in note.text for note in found.notes)


# -- two regions -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(pair=pairs(max_regions=4), method=st.sampled_from(METHODS))
def test_two_regions_of_one_table(pair, method):
    case = pair[0]
    assume(case.R > 1)
    mrio = case.mrio()
    there = decompose_regions(mrio, "r0", "r1", method=method)
    back = decompose_regions(mrio, "r1", "r0", method=method)
    account = mc.account(mrio, "consumption", households=False)
    assert there.before.value[0] == pytest.approx(account["r0"], rel=1e-9, abs=1e-9)
    assert there.after.value[0] == pytest.approx(account["r1"], rel=1e-9, abs=1e-9)
    assert there.effects.coords["region"] == ("r1 - r0",)
    size = np.abs(there.effects.value).max() or 1.0
    np.testing.assert_allclose(back.effects.value, -there.effects.value, atol=1e-9 * size)


def test_a_region_against_its_twin_has_no_effects():
    Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [15, 5, 20, 10], [0, 5, 10, 20]], dtype=float)
    Y = np.array([[30, 10], [55, 4], [10, 30], [4, 55]], dtype=float)
    twin = toy(Z=Z, Y=Y, stressors={"GHG": [5, 2, 5, 2]}, households=None)
    found = decompose_regions(twin, "A", "B", population={"A": 3, "B": 3})
    assert not found.effects.value.any()
    with pytest.raises(InputError, match="emissions of B are missing"):
        decompose_regions(twin, "A", "B", missing=["B"])
    with pytest.raises(InputError, match="same region"):
        decompose_regions(twin, "A", "A")


# -- series ------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(pair=pairs(max_regions=3), seed=st.integers(0, 99), method=st.sampled_from(METHODS))
def test_a_chain_sums_to_the_change_and_shows_its_end_points(pair, seed, method):
    third = random_case(seed, pair[0].R, pair[0].S, decades=1.0)
    years = dict(
        zip(
            (2000, 2001, 2005),
            (c.mrio(year=y) for y, c in zip((2000, 2001, 2005), (*pair, third), strict=True)),
            strict=True,
        )
    )
    found = decompose_series(years, method=method)
    assert found.closure < 1e-11
    size = np.abs(found.before.value).max() + np.abs(found.after.value).max()
    for result in (found.chained, found.endpoint.effects):
        gap = result.value.sum(axis=0) - (found.after.value - found.before.value)
        assert np.abs(gap).max() <= 1e-11 * size
    np.testing.assert_allclose(found.periods.value.sum(axis=0), found.chained.value)
    assert found.periods.coords["period"] == ("2000-2001", "2001-2005")
    if found.chained.low is not None:
        assert (found.chained.low <= found.chained.value + 1e-9 * size).all()
        assert (found.chained.value <= found.chained.high + 1e-9 * size).all()


def test_a_multiplicative_chain_multiplies():
    years = {y: toy(Y=TOY_Y * (1 + 0.1 * k), year=y) for k, y in enumerate((2000, 2001, 2002))}
    found = decompose_series(years, form="multiplicative")
    np.testing.assert_allclose(
        found.chained.value.prod(axis=0), found.after.value / found.before.value
    )
    assert found.chained["trade", "A"] == 1.0
    assert found.world is None


def test_two_years_make_no_chain():
    with pytest.raises(InputError, match="2 years make no chain"):
        decompose_series({2000: toy(year=2000), 2001: toy(year=2001)})
    years = {y: toy(year=y) for y in (2000, 2001, 2002)}
    with pytest.raises(InputError, match="2002 under 2000, 2000 under 2002"):
        decompose_series({2000: years[2002], 2001: years[2001], 2002: years[2000]})
    nameless = decompose_series({y: toy(Y=TOY_Y * y / 2000) for y in years})
    assert nameless.endpoint.labels == ("2000", "2002")
    assert nameless.before.provenance.year == 2000
    with pytest.raises(InputError, match="base year without deflators"):
        decompose_series(years, base_year=2000)
    with pytest.raises(InputError, match="no population of \\[2002\\]"):
        decompose_series(years, population={2000: {"A": 1, "B": 1}, 2001: {"A": 1, "B": 1}})


def test_a_series_tells_how_negative_cells_were_treated():
    Y = TOY_Y.copy()
    Y[0, 0], Y[2, 0] = 10.0, -9.0  # product 1 of A: cells that cancel, in the last two years
    years = {
        2000: toy(year=2000), 2001: toy(Y=Y, year=2001), 2002: toy(Y=Y * 1.1, year=2002),
        2003: toy(Y=TOY_Y * 1.2, year=2003),
    }  # fmt: skip
    found = decompose_series(years)
    told = [n.text for n in found.chained.notes if "cancel by more than half" in n.text]
    assert len(told) == 1
    assert told[0].startswith("in 3 of 3 steps, as in 2000-2001: 1 groups of products")
    first = decompose_series({2000: toy(year=2000), 2001: toy(year=2001), 2002: years[2002]})
    assert any(n.text.startswith("2001-2002: 1 groups") for n in first.chained.notes)


@pytest.mark.parametrize("method", ["shapley", "polar"])
def test_steps_and_world_of_a_series_have_their_ranges(method):
    years = {y: toy(Y=TOY_Y * (1 + 0.1 * k), Z=TOY_Z * (1 + 0.02 * k**2), year=y)
             for k, y in enumerate((2000, 2001, 2002))}  # fmt: skip
    found = decompose_series(years, method=method)
    for k, step in enumerate(found.steps):
        for name in ("value", "low", "high"):
            np.testing.assert_array_equal(
                getattr(found.periods, name)[k], getattr(step.effects, name)
            )
            np.testing.assert_array_equal(getattr(found.world, name)[k], getattr(step.world, name))
    np.testing.assert_allclose(found.chained.low, found.periods.low.sum(axis=0))
    assert (found.world.low < found.world.value).any()


# -- prices ------------------------------------------------------------------------------------


def test_inflation_alone_has_no_effect_at_constant_prices():
    p = np.array([1.5, 1.1, 2.0, 1.3])
    dear = {"Z": TOY_Z * p[:, None], "Y": TOY_Y * p[:, None]}
    before, after = toy(year=2000), toy(year=2001, **dear)
    current = decompose(before, after)
    assert abs(current.effects["intensity", "A"]) > 10
    assert any(n.text.startswith("CURRENT PRICES") for n in current.notes)
    deflators = {2000: np.ones(4), 2001: p}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        constant = decompose(before, after, deflators=deflators)
    np.testing.assert_allclose(constant.effects.value, 0.0, atol=1e-10)
    assert any(n.text == "constant prices of 2000" for n in constant.notes)
    assert not any("CURRENT" in n.text for n in constant.notes)


def test_deflators_need_years_and_are_never_invented():
    before, after = toy(year=2000), toy(year=2001)
    with pytest.raises(InputError, match="base year without deflators"):
        decompose(before, after, base_year=2000)
    with pytest.raises(UnknownNameError, match="2001"):
        decompose(before, after, deflators={2000: np.ones(4)})
    with pytest.raises(InputError, match="deflators are by year"):
        decompose(toy(), toy(), deflators={2000: np.ones(4)})
    with pytest.raises(InputError, match="not positive"):
        decompose(before, after, deflators={2000: np.ones(4), 2001: np.zeros(4)})


def turned(year, **changes):
    """The toy table with regions and sectors the other way round."""
    given = {"Z": TOY_Z, "Y": TOY_Y, **changes}
    return toy(
        Z=given["Z"][::-1, ::-1], Y=given["Y"][::-1, ::-1], regions=["B", "A"], sectors=["2", "1"],
        stressors={"GHG": TOY_F[::-1]}, households=None, year=year,
    )  # fmt: skip


PRICES = {1999: [0.8, 1.2, 1.0, 0.5], 2000: [2.0, 1.0, 1.0, 3.0], 2001: [3.0, 1.1, 1.4, 2.0],
          2002: [3.0, 1.3, 1.5, 2.5]}  # fmt: skip


@pytest.mark.parametrize("base", [None, 1999, 2000, 2001])
def test_prices_of_the_base_year_go_by_label(base):
    more = {"Z": TOY_Z * 1.2, "Y": TOY_Y * 1.1}
    before, after = toy(households=None, year=2000), toy(households=None, year=2001, **more)
    one = decompose(before, after, deflators=PRICES, base_year=base)
    given = {**PRICES, 2001: PRICES[2001][::-1]}
    two = decompose(before, turned(2001, **more), deflators=given, base_year=base)
    np.testing.assert_allclose(two.effects.value, one.effects.value, atol=1e-10)
    assert abs(one.effects["mix", "A"]) > 0.1  # relative prices do something here


def test_a_series_at_constant_prices_has_one_base_year_whatever_the_order():
    from mriocarbon.build.deflate import deflate_series

    years = {
        y: toy(Z=TOY_Z * (1 + 0.1 * k), Y=TOY_Y * (1 + 0.2 * k**2), households=None, year=y)
        for k, y in enumerate((2000, 2001, 2002))
    }
    found = decompose_series(years, deflators=PRICES)
    flat = {y: one.table for y, one in deflate_series(years, PRICES, base_year=2000).items()}
    by_hand = [decompose(flat[a], flat[b]).effects.value for a, b in ((2000, 2001), (2001, 2002))]
    np.testing.assert_allclose(found.periods.value, by_hand, atol=1e-12)
    assert "constant prices of 2000" in [n.text for n in found.chained.notes]
    mixed = {**years, 2000: turned(2000)}
    other = decompose_series(mixed, deflators={**PRICES, 2000: PRICES[2000][::-1]})
    np.testing.assert_allclose(other.periods.value[:, :, ::-1], found.periods.value, atol=1e-10)


def test_tables_at_constant_prices_are_neither_mixed_nor_deflated_twice():
    def at(year, prices):
        return toy(Y=TOY_Y * (1 + 0.1 * (year - 2000)), year=year, price_year=prices)

    plain = decompose(at(2000, 2000), at(2001, 2000))
    assert any(n.text == "constant prices of 2000" for n in plain.notes)
    again = decompose(at(2000, 2000), at(2001, 2000), deflators=PRICES)
    np.testing.assert_allclose(again.effects.value, plain.effects.value, atol=1e-10)
    for wrong in (at(2001, 2015), at(2001, None), at(2001, 2001)):
        with pytest.raises(InputError, match="different constant prices: 2000 at prices of 1995"):
            decompose(at(2000, 1995), wrong)
    # each at its own year's prices: current, whether that is said or not
    for own in (2000, None):
        found = decompose(at(2000, own), at(2001, 2001))
        assert any(n.text.startswith("CURRENT PRICES") for n in found.notes)
    assert any(
        n.text == "constant prices of 2000" for n in decompose(at(2000, None), at(2001, 2000)).notes
    )


# -- what may not be compared ------------------------------------------------------------------


def test_unequal_labels_print_both_sides():
    with pytest.raises(LabelError) as caught:
        decompose(toy(year=2000), toy(year=2001, regions=["A", "C"]))
    text = str(caught.value)
    assert "missing B" in text
    assert "unexpected C" in text
    assert "expected (2): A, B" in text
    assert "found    (2): A, C" in text
    with pytest.raises(LabelError, match="unexpected 3"):
        decompose(toy(year=2000), toy(year=2001, sectors=["1", "3"]))


def test_the_order_of_labels_changes_nothing():
    order = [2, 3, 0, 1]
    shuffled = toy(
        Z=TOY_Z[np.ix_(order, order)] * 1.01, Y=TOY_Y[order][:, [1, 0]] * 1.3,
        regions=["B", "A"], stressors={"GHG": TOY_F[order]}, households={"GHG": [5, 7]}, year=2001,
    )  # fmt: skip
    plain = toy(Z=TOY_Z * 1.01, Y=TOY_Y * 1.3, year=2001)
    for account in ("consumption", "production"):
        kw = {"households": account == "consumption", "account": account}
        one, two = (decompose(toy(year=2000), other, **kw) for other in (plain, shuffled))
        np.testing.assert_allclose(two.effects.value, one.effects.value, atol=1e-11)
        np.testing.assert_allclose(two.after.value, one.after.value)


def with_provenance(dataset, edition, year):
    return toy(year=year, provenance=mc.Provenance(dataset, edition))


def test_editions_are_not_mixed_unless_told_so():
    old, new = (
        with_provenance("icio-2019", "2023", 2019),
        with_provenance("icio-2022", "2025", 2022),
    )
    with pytest.raises(UnitError, match="tables of different editions") as caught:
        decompose(old, new)
    assert "'2023'" in str(caught.value)
    assert "'2025'" in str(caught.value)
    found = decompose(old, new, mixed_editions=True)
    assert any(n.text.startswith("DIFFERENT EDITIONS") for n in found.notes)
    assert found.effects.estimated
    assert found.effects.provenance.dataset == "icio-2019 and icio-2022"
    decompose(with_provenance("icio-2019", "2025", 2019), new)  # a year is no edition
    with pytest.raises(UnitError, match="different editions"):
        decompose(with_provenance("figaro-2019", "2025", 2019), new)


def test_units_and_money_must_agree():
    with pytest.raises(UnitError, match="'Mt CO2e' and 'kt CO2e'"):
        decompose(toy(year=2000), toy(year=2001, units="kt CO2e"))
    with pytest.raises(UnitError, match="million EUR"):
        decompose(toy(year=2000), toy(year=2001, money_unit="million EUR"))


def test_missing_emissions_are_not_zero():
    f = np.array([240.0, 50, 0, 0])
    before = toy(stressors={"GHG": f}, households=None, year=2000)
    after = toy(stressors={"GHG": f * 1.1}, households=None, year=2001)
    with pytest.warns(AccountWarning, match="no GHG at all in B") as caught:
        decompose(before, after)
    assert caught[0].filename == __file__
    with pytest.warns(AccountWarning, match="no GHG at all in B") as caught:
        decompose_regions(before, "A", "B")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error", AccountWarning)
        found = decompose(before, after, missing=["B"])
    assert np.isnan(found.effects.value[:, 1]).all()
    assert np.isnan(found.before["B"])
    assert np.isfinite(found.effects.value[:, 0]).all()
    assert np.isnan(found.bilateral.value[:, 1]).all()
    assert np.isfinite(found.world.value).all()
    assert any("GHG of B is missing" in n.text for n in found.notes)
    with pytest.raises(InputError, match="said to be missing but has"):
        decompose(before, after, missing=["A"])


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"method": "shapely"}, UnknownNameError, "shapley"),
        ({"form": "sum"}, UnknownNameError, "additive"),
        ({"account": "income"}, UnknownNameError, "consumption"),
        ({"factors": ["intensity", "technology"]}, InputError, "left out: trade, origin"),
        ({"factors": [*SIX, "mix"]}, InputError, "named twice: mix"),
        ({"factors": [*SIX, "destination"]}, UnknownNameError, "needs a table with categories"),
        ({"factors": [*SIX, "populace"]}, UnknownNameError, "factor"),
        ({"factors": SIX, "method": "lmdi"}, InputError, "no technology apart from trade"),
        ({"population": [{"A": 1, "B": 1}, {"A": 1}]}, LabelError, "no population of B"),
        ({"population": {2000: {"A": 1, "B": 1}}}, LabelError, "2001"),
        ({"population": [{"A": 1, "B": 1}]}, LabelError, "1 populations for two tables"),
        ({"stressor": "SO2"}, UnknownNameError, "SO2"),
        ({"cancel": 0.5}, InputError, "cancel=0.5"),
        ({"cancel": float("nan")}, InputError, "cancel=nan"),
        ({"population": [{"A": 1, "B": 1}, {"A": 1, "B": float("nan")}]}, LabelError, "of B"),
        ({"deflators": {2000: np.ones(4), 2001: np.full(4, np.nan)}}, NonFiniteError, "NaN"),
        ({"factors": "intensity"}, InputError, "no sequence of names"),
        ({"factors": (5,)}, InputError, "no sequence of names"),
        ({"population": [{"A": 1, "B": "x"}] * 2}, LabelError, "no population of B"),
        ({"population": [{"A": 1, "B": np.inf}] * 2}, LabelError, "positive finite"),
        ({"population": "xy"}, LabelError, "no population of any region: 'x'"),
        ({"population": 5}, LabelError, "0 populations for two tables: 5"),
        ({"population": {2000: 5, 2001: 6}}, LabelError, "no population of any region: 5"),
    ],
)  # fmt: skip
def test_options_that_are_wrong(options, error, match):
    with pytest.raises(error, match=match):
        decompose(toy(year=2000), toy(year=2001), **options)


def test_a_region_without_demand():
    Y = TOY_Y.copy()
    Y[:, 0] = 0.0
    found = decompose(toy(year=2000), toy(Y=Y, year=2001))
    assert found.after["A"] == 0.0
    assert found.effects["level", "A"] < 0 < found.before["A"]
    assert found.effects["mix", "A"] == found.effects["origin", "A"] == 0.0
    with pytest.raises(InputError, match="A \\(0\\) are not positive"):
        decompose(toy(year=2000), toy(Y=Y, year=2001), form="multiplicative")


def test_technology_that_is_not_productive_with_the_other_trade():
    # Columns of B buy dear inputs; with A's sourcing they would buy them from themselves.
    Z0 = np.array([[1.0, 90.0], [1.0, 1.0]])
    Z1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    Y = np.array([[10.0, 10.0], [10.0, 10.0]])
    x0, x1 = np.array([120.0, 30.0]), np.array([50.0, 50.0])

    def made(Z, x, year):
        return mc.MRIO.from_arrays(
            Z=Z, Y=Y, x=x, regions=["A", "B"], sectors=["s"], stressors={"c": [1, 1]}, units="t",
            year=year,
        )  # fmt: skip

    before, after = made(Z0, x0, 2000), made(Z1, x1, 2001)
    with pytest.raises(
        NotProductiveError, match="technology of the first state with trade of the second"
    ):
        decompose(before, after)
    found = decompose(
        before, after, factors=["intensity", "technology+trade", "origin", "mix", "level"]
    )
    assert found.closure < 1e-12


def test_parts_that_do_not_close_are_refused(monkeypatch):
    real = module.shapley
    monkeypatch.setattr(module, "shapley", lambda v: real(v) * 1.001)
    with pytest.raises(ConvergenceError, match="miss the change"):
        decompose(toy(year=2000), toy(Y=TOY_Y * 2, year=2001))


def test_unallocated_emissions_are_told():
    x = TOY_Z.sum(1) + TOY_Y.sum(1)
    x[0] += 5.0
    found = decompose(toy(x=x, year=2000), toy(x=x, year=2001))
    assert any(n.text.startswith("unallocated GHG") for n in found.notes)


def test_results_are_read_only_and_marked():
    note = mc.Note("assumed", about="GHG", estimated=True)
    found = decompose(toy(year=2000, notes=[note]), replace(toy(year=2001, notes=[note])))
    assert found.effects.estimated
    assert not found.effects.value.any()
    with pytest.raises(ValueError, match="read-only"):
        found.effects.value[0, 0] = 1.0
    assert "closes to" in repr(found)
    assert found.unit == "Mt CO2e"


def test_destination_alone():
    """Categories change their shares; what each buys, and where, does not."""
    rng = np.random.default_rng(5)
    within = rng.random((4, 2, 3))
    within /= within.sum(axis=0)  # of each category in each region
    shares = [np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]]), np.array([[0.2, 0.3, 0.5]] * 2)]
    A = TOY_Z / (TOY_Z.sum(1) + TOY_Y.sum(1))
    q = TOY_F / (TOY_Z.sum(1) + TOY_Y.sum(1))
    made = []
    for k, share in enumerate(shares):
        Y = (within * share * [[100.0], [200.0]]).reshape(4, 6)
        x = np.linalg.solve(np.eye(4) - A, Y.sum(axis=1))
        made.append(
            toy(Z=A * x, Y=Y, stressors={"GHG": q * x}, households=None, year=k,
                categories=["household", "state", "capital"])
        )  # fmt: skip
    names = ("intensity", "technology", "trade", "origin", "mix", "destination", "level")
    found = decompose(*made, factors=names)
    k = names.index("destination")
    expected = found.after.value - found.before.value
    np.testing.assert_allclose(found.effects.value[k], expected, rtol=1e-10)
    np.testing.assert_allclose(np.delete(found.effects.value, k, axis=0), 0.0, atol=1e-10)
    assert np.abs(expected).max() > 1
    whole = decompose(*made)  # without it the same change is one of products and their origin
    assert abs(whole.effects["mix", "A"]) > 0.1


def test_an_idle_sector_takes_intensity_and_inputs_of_the_other_state():
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[1], Z[:, 1], Y[1] = 0.0, 0.0, 0.0  # A2 makes nothing before
    f = TOY_F * [1, 0, 1, 1]
    before = toy(Z=Z, Y=Y, stressors={"GHG": f}, households=None, year=2000)
    after = toy(households=None, year=2001)
    made = chain(state(before), state(after))
    q = TOY_F / after.x
    assert made.pairs["intensity"][0][1] == made.pairs["intensity"][1][1] == q[1]
    for name in ("technology", "trade"):
        np.testing.assert_array_equal(made.pairs[name][0][:, 1], made.pairs[name][1][:, 1])
    found = decompose(before, after)
    assert any("1 sectors are idle" in note.text for note in found.notes)


@pytest.mark.parametrize("step", [1e-3, 5e-4, 1e-5, 1e-9])
def test_lmdi_of_small_changes_has_no_residual(step):
    before = np.array([[2.0, 3.0], [5.0, 7.0]])
    after = before * (1 + step * np.array([[0.9, 0.2], [0.3, 0.1]]))
    effects, _ = lmdi(before, after)
    change = np.expm1(np.log(after / before).sum(axis=0)) * before.prod(axis=0)
    assert effects.sum() == pytest.approx(change.sum(), rel=1e-11)
    q, L = (before[:1, 0], after[:1, 0]), (np.ones((1, 1)), np.ones((1, 1)))
    demand = [(before[1:, :1], after[1:, :1])]
    compiled, _, _ = cells(q, L, demand, 1)
    assert compiled.sum() == pytest.approx(change[0], rel=1e-11)


def test_two_regions_differ_by_their_people():
    """The same demand per person and twice the people: all of it is population."""
    Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [15, 5, 20, 10], [0, 5, 10, 20]], dtype=float)
    own = np.array([[30, 10], [55, 4]], dtype=float)
    A = Z / (Z.sum(axis=1) + np.vstack([own, own[:, ::-1]]).sum(axis=1))
    Y = np.vstack([own * [1, 2], own[:, ::-1] * [1, 2]])  # B wants twice what A wants
    x = np.linalg.solve(np.eye(4) - A, Y.sum(axis=1))
    q = np.array([2.0, 0.5, 2.0, 0.5])
    twins = toy(Z=A * x, Y=Y, stressors={"GHG": q * x}, households=None)
    found = decompose_regions(twins, "A", "B", population={"A": 3, "B": 6})
    expected = found.after.value - found.before.value
    assert found.effects.value[found.factors.index("population")] == pytest.approx(expected)
    others = [v for name, v in found.of("B - A").items() if name != "population"]
    np.testing.assert_allclose(others, 0.0, atol=1e-10)
    assert expected[0] > 10


# -- what a reader of the results must be told, and cases at the edge -----------------------------


def test_every_result_names_what_it_counts_and_when():
    found = decompose(toy(year=2000), toy(Y=TOY_Y * 2, year=2001))
    assert found.stressor == "GHG"
    for result, year in ((found.before, "2000"), (found.after, "2001"), (found.effects, "")):
        assert result.metadata()["stressor"] == "GHG"
        assert result.metadata()["year"] == year
    assert "2000 to 2001" in found.effects.name
    assert found.world.provenance.stressor == found.bilateral.provenance.stressor == "GHG"
    assert "GHG" in repr(found)
    two = decompose_regions(toy(year=2000), "A", "B")
    assert (two.stressor, two.effects.provenance.year) == ("GHG", 2000)
    years = {y: toy(Y=TOY_Y * y / 2000, year=y) for y in (2000, 2001, 2002)}
    series = decompose_series(years)
    assert series.stressor == series.chained.provenance.stressor == "GHG"
    assert series.world.provenance.stressor == series.periods.provenance.stressor == "GHG"


def test_households_are_those_of_the_stressor_that_is_decomposed():
    # The second table has a GHG too, which would be its default.
    two = {"CO2": TOY_F, "GHG": TOY_F * 2}
    before = toy(stressors={"CO2": TOY_F}, households={"CO2": [7, 5]}, units="Mt", year=2000)
    after = toy(stressors=two, households={"CO2": [9, 4], "GHG": [90, 40]}, units="Mt", year=2001)
    found = decompose(before, after, households=True)
    assert found.stressor == "CO2"
    assert [found.of(r)["households"] for r in "AB"] == [2.0, -1.0]
    k = found.factors.index("households")
    np.testing.assert_array_equal(found.bilateral.value[k], np.diag([2.0, -1.0]))
    np.testing.assert_allclose(found.bilateral.value.sum(axis=1), found.effects.value, atol=1e-12)
    assert found.world["households"] == 1.0


def test_an_account_of_zero_whose_effects_cancel_closes():
    # B neither emits nor buys from A before, and nobody emits after: 0 and 0, by large effects.
    def made(Z, Y, f, year):
        return mc.MRIO.from_arrays(
            Z=Z, Y=Y, regions=["A", "B"], sectors=["s"], stressors={"CO2": f}, year=year
        )

    before = made([[4.18, 0], [2.35, 1.2]], [[1.08, 0], [5.07, 5.56]], [3.0, 0], 2000)
    after = made([[4.65, 3.72], [5.68, 5.08]], [[1.01, 5.29], [1.17, 4.65]], [0, 0], 2001)
    found = decompose(before, after)
    assert found.before["B"] == found.after["B"] == 0.0
    assert np.abs(found.effects.value[:, 1]).max() > 0.1
    assert abs(found.effects.value[:, 1].sum()) < 1e-14
    assert found.closure < 1e-12


def test_a_sector_without_output_that_still_sells_is_not_idle():
    one = State(np.array([[0.0, 2.0], [0.0, 1.0]]), np.zeros((2, 1, 2, 1)),
                np.array([0.0, 4.0]), np.zeros(2))  # fmt: skip
    assert one.idle.tolist() == [False, False]  # it sells an input
    sold = np.zeros((2, 1, 2, 1))
    sold[0, 0, 1, 0] = 3.0
    two = State(np.zeros((2, 2)), sold, np.zeros(2), np.zeros(2))
    assert two.idle.tolist() == [False, True]


@pytest.mark.parametrize("step", [0.0, 1e-9, 1e-5])
def test_negative_cells_that_hardly_change_keep_their_sign_in_lmdi(step):
    q, L = (np.array([2.0]), np.array([2.0 * (1 + step)])), (np.ones((1, 1)), np.ones((1, 1)))
    demand = [(np.array([[-3.0]]), np.array([[-3.0 * (1 + 2 * step)]]))]
    effects, sign, _ = cells(q, L, demand, 1)
    change = -6.0 * ((1 + step) * (1 + 2 * step) - 1)
    assert sign.sum() == 0.0
    assert effects.sum() == pytest.approx(change, rel=1e-6, abs=1e-300)
    np.testing.assert_allclose(
        effects.ravel(), [change / 3, 0, change * 2 / 3], rtol=1e-4, atol=1e-300
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("account", ["production", "consumption"])
def test_ratios_with_missing_emissions(method, account):
    f = np.array([240.0, 50, 0, 0])
    before = toy(stressors={"GHG": f}, households=None, year=2000)
    after = toy(stressors={"GHG": f * 1.1}, households=None, year=2001)
    kw = {"method": method, "account": account, "form": "multiplicative", "missing": ["B"]}
    found = decompose(before, after, **kw)
    assert np.isnan(found.effects.value[:, 1]).all()
    assert np.isnan(found.after["B"])
    np.testing.assert_allclose(found.effects.value[:, 0].prod(), 1.1, rtol=1e-12)


def test_a_chain_tells_where_all_its_tables_come_from():
    from mriocarbon.model.provenance import Source

    def made(y):
        told = mc.Provenance("x", sha256=f"hash{y}", sources=(Source(f"book {y}"),))
        return toy(Y=TOY_Y * y / 2000, year=y, provenance=told)

    told = decompose_series({y: made(y) for y in (2000, 2001, 2002)}).chained.provenance
    assert told.sha256 == "hash2000 and hash2001 and hash2002"
    assert [s.name for s in told.sources] == ["book 2000", "book 2001", "book 2002"]


def test_warnings_can_be_kept_quietly():
    from mriocarbon.errors import quietly

    f = np.array([240.0, 50, 0, 0])
    tables = [toy(stressors={"GHG": f}, households=None, year=y) for y in (2000, 2001)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", AccountWarning)
        with quietly() as kept:
            decompose(*tables)
            mc.paths(tables[0], top=50, limit=20)
    assert any("no GHG at all in B" in str(one) for one in kept)
    assert any("met its limit" in str(one) for one in kept)
