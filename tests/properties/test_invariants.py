"""What must hold for every table: totals close, limits meet, and names and units are names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import Case, cases, random_case
from properties.variants import VARIANTS, Variant, capital

import mriocarbon as mc

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")

CONSERVING = [v for v in VARIANTS if v.conserves]


def industries(mrio: mc.MRIO, principle: str, **options) -> np.ndarray:
    """The accounts of the regions alone: no households, and never the closing row."""
    result = mc.account(mrio, principle, households=False, **options)
    return result.value[: len(mrio.regions)]


def close(value, expected, scale, rtol=1e-9):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=rtol * scale)


def test_conserving_says_what_the_registry_says():
    assert all(p.conserves for p in mc.principles())  # with their default options


@given(case=cases())
def test_regions_add_up_to_the_world(case: Case):
    mrio, world = case.mrio(), case.f.sum()
    assert mrio.diagnostics == () or all("inputs above" in d for d in mrio.diagnostics)
    for variant in CONSERVING:
        value = industries(mrio, variant.principle, **variant.options(case))
        assert abs(value.sum() - world) <= 1e-9 * world, variant.id


@given(case=cases(max_regions=1))
def test_one_region_gets_the_world_whatever_the_principle(case: Case):
    mrio, world = case.mrio(), case.f.sum()
    for variant in CONSERVING:
        options = variant.options(case)
        close(industries(mrio, variant.principle, **options), [world], world)


def test_thirty_regions_with_everything_at_once():
    case = random_case(
        7, 30, 6, categories=3, zeros=20, negative_demand=True, negative_value_added=True
    )
    assert (case.x == 0).sum() == 20
    assert (case.Y < 0).any()
    assert (case.x - case.Z.sum(axis=0) < 0).any()
    mrio = case.mrio()
    for variant in CONSERVING:
        value = industries(mrio, variant.principle, **variant.options(case))
        assert abs(value.sum() - case.f.sum()) <= 1e-9 * case.f.sum(), variant.id


def test_output_weights_do_not_conserve_and_say_so():
    case = random_case(3, 4, 3)
    result = mc.account(case.mrio(), "technology-adjusted", households=False, weights="output")
    assert abs(result.total - case.f.sum()) > 1e-3 * case.f.sum()
    assert any("does not conserve" in note.text for note in result.notes)
    assert "unallocated" not in result.coords["region"]


# -- limits --------------------------------------------------------------------------------------


@given(case=cases(max_regions=8))
def test_limits_of_shared(case: Case):
    mrio, world = case.mrio(), case.f.sum()
    production = industries(mrio, "production")
    close(industries(mrio, "shared", a=0, b=0), production, world)
    consumption, finished = industries(mrio, "consumption"), industries(mrio, "final-producer")
    for booked in ("as booked", "inside"):
        given_ = {"self_deliveries": booked}
        close(industries(mrio, "shared", a=1, b=1, **given_), consumption, world)
        close(industries(mrio, "shared", a=1, b=0, **given_), finished, world)
    # b is a where it is not given
    close(industries(mrio, "shared", a=0.4), industries(mrio, "shared", a=0.4, b=0.4), world, 1e-14)


@given(case=cases(max_regions=8))
def test_limits_of_the_others(case: Case):
    mrio, world = case.mrio(), case.f.sum()
    production, consumption = industries(mrio, "production"), industries(mrio, "consumption")
    home = np.kron(np.eye(case.R), np.ones(case.S))
    close(industries(mrio, "ownership", W=home), production, world)
    close(industries(mrio, "benefit-shared", phi=1), production, world)
    close(industries(mrio, "benefit-shared", phi=0), consumption, world)
    close(industries(mrio, "benefit-shared"), (production + consumption) / 2, world)
    none = np.zeros((case.n, case.n))
    close(industries(mrio, "capital-endogenised", K=none), consumption, world)
    income = industries(mrio, "income")
    close(industries(mrio, "half-half"), (consumption + income) / 2, world)


@given(case=cases(max_regions=8), seed=st.integers(0, 99))
def test_same_technology_everywhere_makes_the_adjustment_vanish(case: Case, seed: int):
    # With q_ri = q_i for all r, qbar_i = q_i: the credit of exports is E's own row sum abroad, so
    # that PBA - exports + imports is consumption, for either weight and for the balanced form;
    # and no trade saves anything, so that the allotment is consumption too.
    q = np.tile(np.random.default_rng(seed).random(case.S) + 0.1, case.R)
    even = case.changed(f=q * case.x)
    mrio, world = even.mrio(), even.f.sum()
    consumption = industries(mrio, "consumption")
    for principle in ("technology-adjusted", "technology-adjusted-balanced"):
        for weights in ("exports", "output"):
            # world intensities by output are over all of x, which equals q only where x > 0
            close(industries(mrio, principle, weights=weights), consumption, world)
    close(industries(mrio, "era"), consumption, world)


def test_capital_moves_emissions_only_where_it_is_used():
    case = random_case(11, 3, 3)
    mrio = case.mrio()
    moved = industries(mrio, "capital-endogenised", K=capital(case))
    assert np.abs(moved - industries(mrio, "consumption")).max() > 1e-6 * case.f.sum()


# -- identities of the flows ---------------------------------------------------------------------


@given(case=cases(max_regions=12))
def test_bilateral_flows_close_both_ways(case: Case):
    mrio, world = case.mrio(), case.f.sum()
    E, trade = mc.bilateral(mrio), mc.trade(mrio)
    close(E.value.sum(axis=1), industries(mrio, "production"), world)
    close(E.value.sum(axis=0), industries(mrio, "consumption"), world)
    balance = trade.value[:, trade.coords["item"].index("balance")]
    assert abs(balance.sum()) <= 1e-9 * world
    close(balance, industries(mrio, "production") - industries(mrio, "consumption"), world)
    for by in ("origin", "product", "industry"):
        footprint = mc.footprint(mrio, by=by)
        close(footprint.value.sum(axis=1), industries(mrio, "consumption"), world)


@given(case=cases(max_regions=12))
def test_primary_inputs_per_output_times_leontief_is_one(case: Case):
    mrio = case.mrio()
    x, v = mrio.x, mrio.primary_inputs
    vc = np.where(x == 0, 0.0, v / np.where(x == 0, 1.0, x))
    content = mc.leontief(mrio).multipliers(vc).value
    np.testing.assert_allclose(content[x > 0], 1.0, rtol=1e-9)
    # and its dual: primary inputs feed exactly the output
    np.testing.assert_allclose(
        mc.leontief(mrio).ghosh_output(v).value, x, rtol=1e-9, atol=1e-12 * x.sum()
    )
    np.testing.assert_allclose(
        mc.leontief(mrio).output(mrio.final_demand.sum(axis=1)).value,
        x,
        rtol=1e-9,
        atol=1e-12 * x.sum(),
    )


@given(case=cases(max_regions=6), seed=st.integers(0, 99))
def test_self_deliveries_inside_do_not_depend_on_their_booking(case: Case, seed: int):
    # A sector's sales to itself are taken off Z_ii and off x_i together; emissions, final demand
    # and primary inputs stay.
    rng = np.random.default_rng(seed)
    Z = case.Z.copy()
    diagonal = np.diag_indices(case.n)
    Z[diagonal] *= rng.random(case.n)
    other, world = case.changed(Z=Z), case.f.sum()
    for shares in ({}, {"a": 0.6, "b": 0.2}, {"a": rng.random(case.n)}):
        inside = {"self_deliveries": "inside", **shares}
        close(
            industries(other.mrio(), "shared", **inside),
            industries(case.mrio(), "shared", **inside),
            world,
        )
    for principle in ("consumption", "income", "eebt", "final-producer", "value-added"):
        close(industries(other.mrio(), principle), industries(case.mrio(), principle), world)


def test_self_deliveries_as_booked_do_depend_on_it():
    case = random_case(5, 3, 3)
    Z = case.Z.copy()
    Z[np.diag_indices(case.n)] += 0.3 * case.x
    other = case.changed(Z=Z)
    apart = industries(other.mrio(), "shared", a=0.6) - industries(case.mrio(), "shared", a=0.6)
    assert np.abs(apart).max() > 1e-4 * case.f.sum()


# -- names, units, order, aggregation ------------------------------------------------------------


def _options_permuted(variant: Variant, case: Case, regions: np.ndarray, order: np.ndarray):
    """The options of a variant for the table whose regions stand in another order."""
    options = dict(variant.options(case))
    for key, value in options.items():
        shape = np.shape(value)
        if key == "K":
            options[key] = value[np.ix_(order, order)]
        elif key == "W":
            options[key] = value[np.ix_(regions, order)]
        elif key == "phi" and shape:
            options[key] = value[np.ix_(regions, regions)]
        elif shape == (case.n,) and shape != (case.S,):
            options[key] = value[order]
    return options


@settings(max_examples=25)
@given(case=cases(max_regions=6, min_regions=2))
def test_order_and_names_of_regions_carry_no_meaning(case: Case):
    regions = case.rng.permutation(case.R)
    order = (regions[:, None] * case.S + np.arange(case.S)).ravel()
    C = len(case.categories)
    columns = (regions[:, None] * C + np.arange(C)).ravel()
    moved = case.changed(
        regions=tuple(f"other {r}" for r in regions),
        Z=case.Z[np.ix_(order, order)],
        Y=case.Y[np.ix_(order, columns)],
        f=case.f[order],
        value_added=case.value_added[order],
    )
    for variant in VARIANTS:
        here = industries(case.mrio(), variant.principle, **variant.options(case))
        options = _options_permuted(variant, case, regions, order)
        there = industries(moved.mrio(), variant.principle, **options)
        np.testing.assert_allclose(
            there, here[regions], rtol=1e-9, atol=1e-9 * case.f.sum(), err_msg=variant.id
        )


@settings(max_examples=25)
@given(case=cases(max_regions=6), money=st.sampled_from([1e-6, 0.5, 1e6]))
def test_money_of_another_unit_changes_nothing(case: Case, money: float):
    other = case.changed(Z=case.Z * money, Y=case.Y * money, value_added=case.value_added * money)
    for variant in VARIANTS:
        options = variant.options(case)
        scaled = {k: v * money if k == "K" else v for k, v in options.items()}
        close(
            industries(other.mrio(), variant.principle, **scaled),
            industries(case.mrio(), variant.principle, **options),
            case.f.sum(),
        )


@settings(max_examples=25)
@given(case=cases(max_regions=6), seed=st.integers(0, 99))
def test_accounts_are_linear_in_emissions(case: Case, seed: int):
    g = np.random.default_rng(seed).random(case.n) * (case.x > 0) * case.f.max()
    stressors = {"f": case.f, "g": g, "sum": 2 * case.f - 3 * g}
    mrio = case.mrio(stressors=stressors)
    scale = np.abs(stressors["sum"]).sum() + case.f.sum() + g.sum()
    for variant in VARIANTS:
        options = variant.options(case)
        f, g_, both = (
            industries(mrio, variant.principle, stressor=name, **options) for name in stressors
        )
        if variant.label == "value added" and variant.principle == "income":
            continue  # rescaled by a factor that depends on the stressor
        close(both, 2 * f - 3 * g_, scale)


@settings(max_examples=25)
@given(case=cases(max_regions=6))
def test_categories_of_final_demand_only_add_up(case: Case):
    merged = case.changed(categories=("all",), Y=case.demand)
    for variant in VARIANTS:
        close(
            industries(merged.mrio(), variant.principle, **variant.options(case)),
            industries(case.mrio(), variant.principle, **variant.options(case)),
            case.f.sum(),
            1e-10,
        )


@given(case=cases(max_regions=6, min_regions=2))
def test_a_split_consumer_shares_the_account_of_the_whole(case: Case):
    # Region 0 hands 40 % of its final demand to a newcomer that makes nothing: consumption, final
    # demand's account, splits 40:60; production and income of the old regions stay.
    n, R, S = case.n, case.R, case.S
    Y = np.zeros((n + S, R + 1))
    Y[:n, :R] = case.demand
    Y[:n, R] = 0.4 * case.demand[:, 0]
    Y[:n, 0] *= 0.6
    Z = np.zeros((n + S, n + S))
    Z[:n, :n] = case.Z
    f = np.append(case.f, np.zeros(S))
    split = case.changed(
        regions=(*case.regions, "newcomer"),
        categories=("all",),
        Z=Z,
        Y=Y,
        f=f,
        value_added=np.append(case.value_added, np.zeros(S)),
    ).mrio()
    mrio, world = case.mrio(), case.f.sum()
    before, after = industries(mrio, "consumption"), industries(split, "consumption")
    close(after[1:R], before[1:], world)
    close(after[[0, R]], [0.6 * before[0], 0.4 * before[0]], world)
    for principle in ("production", "income", "final-producer", "value-added"):
        before, after = industries(mrio, principle), industries(split, principle)
        close(after, np.append(before, 0.0), world)


@given(case=cases(max_regions=6, max_sectors=4, min_regions=2))
def test_merging_all_but_one_region_keeps_that_region(case: Case):
    # Regions are merged by relabelling, sectors staying apart: production, consumption, income,
    # final producer and value added of the merged region are the sums, since nothing in their
    # definitions knows a region before the last sum.
    keep, R, S, n = case.R - 1, case.R, case.S, case.n
    big = S * keep
    # two regions of big = S * (R - 1) sectors; the kept one is padded with empty sectors
    place = np.append(np.arange(big), big + np.arange(S))
    Z, Y, f = np.zeros((2 * big, 2 * big)), np.zeros((2 * big, 2)), np.zeros(2 * big)
    value_added = np.zeros(2 * big)
    Z[np.ix_(place, place)] = case.Z
    Y[place, 0] = case.demand[:, :keep].sum(axis=1)
    Y[place, 1] = case.demand[:, keep]
    f[place], value_added[place] = case.f, case.value_added
    assert len(place) == n and R >= 2
    merged = Case(
        ("rest", "kept"), tuple(f"s{k}" for k in range(big)), ("all",), Z, Y, f, value_added, 0
    ).mrio()
    mrio, world = case.mrio(), case.f.sum()
    principles = ("production", "consumption", "income", "final-producer", "shared", "half-half")
    for principle in (*principles, "value-added"):
        apart, together = industries(mrio, principle), industries(merged, principle)
        close(together, [apart[:keep].sum(), apart[keep]], world)
