"""Every principle and option against its definition, computed densely and independently."""

import numpy as np
import pytest
from hypothesis import given
from properties.oracle import Oracle
from properties.tables import Case, cases
from properties.variants import VARIANTS, Variant

import mriocarbon as mc

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def test_every_principle_has_a_variant():
    assert {v.principle for v in VARIANTS} == {p.name for p in mc.principles()}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
@given(case=cases(max_regions=5, max_sectors=4))
def test_account_is_what_its_definition_says(variant: Variant, case: Case):
    result = mc.account(case.mrio(), variant.principle, households=False, **variant.options(case))
    expected = variant.oracle(Oracle(case.Z, case.demand, case.f, case.R), case)
    assert "unallocated" not in result.coords["region"]
    np.testing.assert_allclose(
        result.value, expected, rtol=1e-10, atol=1e-10 * np.abs(case.f).sum()
    )


@given(case=cases(max_regions=5, max_sectors=4))
def test_bilateral_trade_and_footprints(case: Case):
    mrio, o = case.mrio(), Oracle(case.Z, case.demand, case.f, case.R)
    atol = 1e-10 * case.f.sum()
    np.testing.assert_allclose(mc.bilateral(mrio).value, o.E, rtol=1e-10, atol=atol)
    origin = mc.footprint(mrio, by="origin")
    np.testing.assert_allclose(origin.value, o.E.T, rtol=1e-10, atol=atol)
    product = np.array(
        [
            [sum(o.m[s * o.S + i] * o.Y[s * o.S + i, r] for s in range(o.R)) for i in range(o.S)]
            for r in range(o.R)
        ]
    )
    np.testing.assert_allclose(
        mc.footprint(mrio, by="product").value, product, rtol=1e-10, atol=atol
    )
    industry = np.array(
        [
            [sum(o.q[s * o.S + i] * o.X[s * o.S + i, r] for s in range(o.R)) for i in range(o.S)]
            for r in range(o.R)
        ]
    )
    np.testing.assert_allclose(
        mc.footprint(mrio, by="industry").value, industry, rtol=1e-10, atol=atol
    )
    trade = mc.trade(mrio)
    own = np.diag(o.E)
    exports, imports = o.E.sum(axis=1) - own, o.E.sum(axis=0) - own
    columns = [o.production(), exports, imports, o.consumption(), exports - imports]
    np.testing.assert_allclose(trade.value, np.stack(columns, axis=1), rtol=1e-10, atol=atol)
    assert trade.coords["item"] == ("production", "exports", "imports", "consumption", "balance")


@given(case=cases(max_regions=5, max_sectors=4))
def test_leontief_and_ghosh_against_dense_inverses(case: Case):
    o, system = Oracle(case.Z, case.demand, case.f, case.R), mc.leontief(case.mrio())
    rng = case.rng
    S, Y = rng.random((3, case.n)), rng.random((case.n, 2))
    for value, expected in (
        (system.inverse(), o.L),
        (system.multipliers(S).value, S @ o.L),
        (system.multipliers(S[0]).value, S[0] @ o.L),
        (system.output(Y).value, o.L @ Y),
        (system.output(Y[:, 0]).value, o.L @ Y[:, 0]),
        (system.ghosh_multipliers(S).value, (o.G @ S.T).T),
        (system.ghosh_multipliers(S[0]).value, o.G @ S[0]),
        (system.ghosh_output(S).value, S @ o.G),
        (system.ghosh_output(S[0]).value, S[0] @ o.G),
    ):
        # wide ranges of output make single entries of L and G small or large: by column and row
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())
