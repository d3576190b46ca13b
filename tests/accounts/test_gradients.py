"""Gradients of every account against central differences, a sector without output included."""

import functools

import jax
import numpy as np
import pytest
from properties.tables import Case, random_case, toy
from properties.variants import VARIANTS, Variant

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")

DIFFERENTIABLE = [v for v in VARIANTS if v.label != "value added"]
STEP = 1e-5


@functools.cache
def case_with(zeros: int) -> Case:
    return random_case(20 + zeros, 2, 3, zeros=zeros, decades=0.3)


def differences(function, point, which: int) -> np.ndarray:
    """Central differences of all accounts, shape (R, *shape of the variable)."""
    base = point[which]
    step = STEP * np.abs(base).mean()
    columns = []
    for position in np.ndindex(*base.shape):
        ends = []
        for sign in (1, -1):
            moved = base.copy()
            moved[position] += sign * step
            ends.append(
                np.asarray(function(*(moved if k == which else p for k, p in enumerate(point))))
            )
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.moveaxis(np.array(columns), 0, -1).reshape(-1, *base.shape)


def jumps(variant: Variant, case: Case, which: int) -> np.ndarray:
    """Where the account is no continuous function of the variable, and has no gradient.

    The emission responsibility allotment compares a partner's intensity only for products that it
    makes, so that it jumps where a sector starts to make something.
    """
    shape = [(case.n,), (case.n, case.n), (case.n, case.R)][which]
    out = np.zeros(shape, dtype=bool)
    if variant.principle == "era" and which > 0:
        out[case.x == 0] = True
    return out


@pytest.mark.parametrize("zeros", [0, 1])
@pytest.mark.parametrize("variant", DIFFERENTIABLE, ids=lambda v: v.id)
def test_jax_agrees_with_central_differences(variant: Variant, zeros: int):
    case = case_with(zeros)
    assert (case.x == 0).sum() == zeros
    mrio, options = case.mrio(), variant.options(case)
    function, point = mc.account_function(mrio, variant.principle, **options)
    with jax.enable_x64(True):
        value = np.asarray(function(*point))
        exact = [np.asarray(g) for g in jax.jacrev(function, argnums=(0, 1, 2))(*point)]
        compiled = jax.jit(function)
        numeric = [differences(compiled, point, which) for which in range(3)]
    account = mc.account(mrio, variant.principle, households=False, **options)
    np.testing.assert_allclose(value, account.value, rtol=1e-10, atol=1e-10 * case.f.sum())
    for which, (g, d) in enumerate(zip(exact, numeric, strict=True)):
        smooth = ~jumps(variant, case, which)
        scale = max(np.abs(d[:, smooth]).max(), 1e-6)
        np.testing.assert_allclose(
            g[:, smooth],
            d[:, smooth],
            rtol=1e-5,
            atol=1e-6 * scale,
            err_msg=f"d / d {'SAY'[which]}",
        )


@pytest.mark.parametrize("wrt", ["S", "A", "Y"])
def test_grad_of_one_region_is_its_row_of_the_jacobian(wrt):
    case = case_with(0)
    mrio = case.mrio()
    function, point = mc.account_function(mrio, "consumption")
    with jax.enable_x64(True):
        k = "SAY".index(wrt)
        expected = np.asarray(jax.grad(lambda *p: function(*p)[1], argnums=k)(*point))
    result = mc.gradient(mrio, "consumption", region="r1", wrt=wrt)
    np.testing.assert_allclose(result.value.ravel(), expected.ravel(), rtol=1e-12)


def test_labels_and_units_of_gradients():
    mrio = toy()
    expected = {
        "S": (("region", "sector"), "million USD"),
        "A": (("region", "sector", "region_to", "sector_to"), "Mt CO2e"),
        "Y": (("region", "sector", "region_to"), "Mt CO2e / million USD"),
    }
    for wrt, (dims, unit) in expected.items():
        result = mc.gradient(mrio, "consumption", region="B", wrt=wrt)
        assert (result.dims, result.unit) == (dims, unit)
        assert result.coords["region"] == ("A", "B")
        assert result.coords["sector"] == ("1", "2")
        assert "JAX" in result.provenance.method
        assert "consumption(B)" in result.name
        assert not result.value.flags.writeable


def test_gradients_known_in_closed_form():
    # consumption_r = q'L Y_r: d/dY_(i,s) = m_i where s = r and 0 elsewhere; d/dq_i = X_ir;
    # d/dA_ij = m_i X_jr.
    mrio = toy()
    x = mrio.x
    L = np.linalg.inv(np.eye(4) - mrio.Z / x)
    m, X = (mrio.extensions["emissions"].F[0] / x) @ L, L @ mrio.Y
    dY = mc.gradient(mrio, "consumption", region="B", wrt="Y").value.reshape(4, 2)
    np.testing.assert_allclose(dY, np.stack([np.zeros(4), m], axis=1), rtol=1e-12, atol=1e-12)
    dS = mc.gradient(mrio, "consumption", region="B", wrt="S").value.ravel()
    np.testing.assert_allclose(dS, X[:, 1], rtol=1e-12)
    dA = mc.gradient(mrio, "consumption", region="B", wrt="A").value.reshape(4, 4)
    np.testing.assert_allclose(dA, np.outer(m, X[:, 1]), rtol=1e-12)


def test_conservation_holds_for_the_gradients_too():
    # The accounts add up to S'x whatever S, A and Y are.
    case = case_with(0)

    def world(S, A, Y):
        return S @ jax.numpy.linalg.solve(jax.numpy.eye(6) - A, Y.sum(axis=1))

    for name in ("consumption", "eebt", "income", "shared", "value-added", "technology-adjusted"):
        function, point = mc.account_function(case.mrio(), name)
        with jax.enable_x64(True):
            whole = jax.grad(lambda *p, f=function: f(*p).sum(), argnums=(0, 1, 2))(*point)
            expected = jax.grad(world, argnums=(0, 1, 2))(*point)
        for have, want in zip(whole, expected, strict=True):
            scale = float(np.abs(want).max())
            np.testing.assert_allclose(have, want, rtol=1e-8, atol=1e-8 * scale)


def test_single_precision_is_refused():
    function, point = mc.account_function(toy(), "consumption")
    with (
        jax.enable_x64(False),
        pytest.raises(InputError, match=r"float32(.|\n)*what to do: (.|\n)*enable_x64"),
    ):
        function(*point)
    # and mc.gradient sees to the precision itself, leaving the caller's setting as it was
    with jax.enable_x64(False):
        value = mc.gradient(toy(), "production", region="A").value
        assert value.dtype == np.float64
        assert jax.numpy.ones(1).dtype == np.float32
    np.testing.assert_allclose(value.ravel(), [120, 100, 0, 0], rtol=1e-14)


def test_bad_questions():
    mrio = toy()
    with pytest.raises(UnknownNameError, match="unknown variable 'Z'"):
        mc.gradient(mrio, "consumption", region="A", wrt="Z")
    with pytest.raises(UnknownNameError, match="did you mean 'consumption'"):
        mc.gradient(mrio, "consumtion", region="A")
    with pytest.raises(UnknownNameError, match="unknown region"):
        mc.gradient(mrio, "consumption", region="nowhere")
    for principle in ("income", "half-half", "value-added"):
        with pytest.raises(NotAvailableError, match="value_added"):
            mc.gradient(mrio, principle, region="A", primary_inputs="value_added")
    for principle in ("ownership", "capital-endogenised"):
        with pytest.raises(NotAvailableError, match="pass"):
            mc.gradient(mrio, principle, region="A")


def test_unknown_option_is_named_before_anything_is_traced():
    with pytest.raises(UnknownNameError, match="unknown option of 'consumption' 'a'"):
        mc.account_function(toy(), "consumption", a=1)
    with pytest.raises(UnknownNameError, match="unknown option of 'technology-adjusted' 'weight'"):
        mc.gradient(toy(), "technology-adjusted", region="A", weight="output")


def test_every_quantity_in_jax_is_that_of_the_table():
    from mriocarbon.accounts.economy import TableEconomy
    from mriocarbon.accounts.gradients import JaxEconomy

    case = case_with(1)
    rng = case.rng
    F = np.stack([case.f, case.f[::-1] * (case.x > 0)])
    plain = TableEconomy(case.mrio(), F)
    safe = np.where(case.x > 0, case.x, 1.0)
    weights, extra = rng.random((6, 6)), rng.random((6, 6)) * 0.01 * safe
    demand = rng.random((6, 3))
    with jax.enable_x64(True):
        traced = JaxEconomy(
            jax.numpy.asarray(plain.q[0]), jax.numpy.asarray(case.Z / safe),
            jax.numpy.asarray(case.demand), 2,
        )  # fmt: skip
        q = jax.numpy.asarray(plain.q)
        pairs = {
            "R, S": ((traced.R, traced.S), (plain.R, plain.S)),
            "x": (traced.x, plain.x),
            "Z": (traced.Z, plain.Z),
            "Y": (traced.Y, plain.Y),
            "q": (traced.q, plain.q[:1]),
            "F": (traced.F, plain.F[:1]),
            "multipliers": (traced.multipliers(q), plain.multipliers(plain.q)),
            "output": (traced.output(demand), plain.output(demand)),
            "weighted": (traced.multipliers_of(q, weights), plain.multipliers_of(plain.q, weights)),
            "with flows": (
                traced.multipliers_of(q, weights, extra),
                plain.multipliers_of(plain.q, weights, np.where(case.x > 0, extra, 0.0)),
            ),
            "within": (traced.multipliers_within(q), plain.multipliers_within(plain.q)),
            "own use": (traced.own_use(), plain.own_use()),
        }
        live = case.x > 0  # without output the table has no coefficients; in JAX v_c is 1
        pairs["primary"] = (np.asarray(traced.primary("all"))[live], plain.primary("all")[live])
    for name, (have, want) in pairs.items():
        np.testing.assert_allclose(np.asarray(have), want, rtol=1e-9, atol=1e-12, err_msg=name)
