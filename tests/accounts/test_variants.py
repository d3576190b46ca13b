"""Every principle and option against its definition on two tables, in numpy and in JAX.

`tests/properties` does so on hundreds of random tables; these two hold what goes wrong most easily:
a sector without output, demand and value added below zero, three regions of four sectors.
"""

import jax
import numpy as np
import pytest
from properties.oracle import Oracle
from properties.tables import Case, random_case
from properties.variants import VARIANTS, Variant

import mriocarbon as mc

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")

PLAIN = random_case(11, 3, 4, decades=0.3, categories=2)
ODD = random_case(
    12, 3, 4, zeros=2, negative_demand=True, negative_value_added=True, decades=0.3, density=0.7
)


def expected(variant: Variant, case: Case) -> np.ndarray:
    return variant.oracle(Oracle(case.Z, case.demand, case.f, case.R), case)


@pytest.mark.parametrize("case", [PLAIN, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_the_account_is_its_definition(variant: Variant, case: Case):
    found = mc.account(case.mrio(), variant.principle, households=False, **variant.options(case))
    size = np.abs(case.f).sum()
    np.testing.assert_allclose(found.value, expected(variant, case), rtol=1e-10, atol=1e-10 * size)
    assert found.coords["region"] == case.regions
    assert 0 < found.error < 1e-10
    told = any("does not conserve" in note.text for note in found.notes)
    assert told == (not variant.conserves)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_the_account_in_jax_is_the_same(variant: Variant):
    if "value added" in variant.label:
        pytest.skip("not a function of S, A and Y")
    case = ODD
    function, point = mc.account_function(case.mrio(), variant.principle, **variant.options(case))
    with jax.enable_x64(True):
        found = np.asarray(function(*point))
    size = np.abs(case.f).sum()
    np.testing.assert_allclose(found, expected(variant, case), rtol=1e-9, atol=1e-9 * size)


def test_two_stressors_at_once_are_two_accounts():
    """Every formula is linear in the emissions: rows of F do not mix."""
    from mriocarbon.accounts.compute import evaluate
    from mriocarbon.accounts.economy import TableEconomy
    from mriocarbon.accounts.registry import principle

    case = ODD
    other = case.f[::-1] * (case.x > 0)
    for variant in VARIANTS:
        options = variant.options(case)
        both = evaluate(
            principle(variant.principle),
            TableEconomy(case.mrio(), np.stack([case.f, other])),
            options,
        )
        assert both.shape == (2, case.R)
        for row, f in zip(both, (case.f, other), strict=True):
            np.testing.assert_allclose(
                row, expected(variant, case.changed(f=f)), rtol=1e-9,
                atol=1e-9 * np.abs(f).sum(), err_msg=variant.id,
            )  # fmt: skip
