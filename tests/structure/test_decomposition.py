"""Structural decomposition: parts sum to the change, and every effect is what its name says."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.errors import InputError
from mriocarbon.structure.decomposition import METHODS, decompose, decompose_regions
from mriocarbon.structure.factors import State, chain, nested
from tests.properties.tables import TOY_F, TOY_Y, TOY_Z, toy
from tests.structure.pairs import SIX, brute, pairs

pytestmark = [
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning"),
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.AccountWarning"),
]


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


# -- the factors --------------------------------------------------------------------------------


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


def test_a_sector_without_output_that_still_sells_is_not_idle():
    one = State(np.array([[0.0, 2.0], [0.0, 1.0]]), np.zeros((2, 1, 2, 1)),
                np.array([0.0, 4.0]), np.zeros(2))  # fmt: skip
    assert one.idle.tolist() == [False, False]  # it sells an input
    sold = np.zeros((2, 1, 2, 1))
    sold[0, 0, 1, 0] = 3.0
    two = State(np.zeros((2, 2)), sold, np.zeros(2), np.zeros(2))
    assert two.idle.tolist() == [False, True]


# -- closure ------------------------------------------------------------------------------------


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


# -- every effect is what its name says ---------------------------------------------------------


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


# -- two regions --------------------------------------------------------------------------------


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
