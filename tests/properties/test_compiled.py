"""What numba compiles is the Python that stands there: run both ways, the numbers are the same."""

import importlib

import numpy as np
import pytest
from properties.tables import random_case

import mriocarbon as mc
from mriocarbon.build.balance import gras
from mriocarbon.build.feasible import obstacles
from mriocarbon.structure.lmdi import cells

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


@pytest.fixture
def plain(monkeypatch):
    """Put the Python functions of a module in the place of the compiled ones."""

    def put(name):
        module = importlib.import_module(f"mriocarbon.{name}")
        compiled = {k: v.py_func for k, v in vars(module).items() if hasattr(v, "py_func")}
        assert compiled
        for key, function in compiled.items():
            monkeypatch.setattr(module, key, function)
        if hasattr(module, "prange"):
            monkeypatch.setattr(module, "prange", range)

    return put


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("signs", [False, True])
def test_paths(plain, seed, signs):
    def found():
        case = random_case(seed, 2, 3, negative_demand=signs, density=0.7, zeros=seed % 2)
        Z = case.Z.copy()
        if signs:
            Z[0, 1] *= -0.3
        mrio = mc.MRIO.from_arrays(
            Z=Z, Y=case.Y, x=case.x, regions=["A", "B"], sectors=["1", "2", "3"],
            stressors={"GHG": case.f * case.x},
        )  # fmt: skip
        return [
            mc.paths(mrio, region=region, stressor="GHG", top=top)
            for region in ("A", "B") for top in (1, 7, 300)
        ]  # fmt: skip

    before = found()
    plain("structure.path_kernels")
    for one, again in zip(before, found(), strict=True):
        assert list(one) == list(again)
        np.testing.assert_array_equal(one.value, again.value)
        assert one.remainder_bound == again.remainder_bound


@pytest.mark.parametrize("seed", range(6))
def test_balancing_and_its_obstacles(plain, seed):
    rng = np.random.default_rng(seed)
    A = rng.lognormal(size=(6, 5)) * rng.choice([-1, 1, 1, 0], size=(6, 5))
    B = A * rng.lognormal(sigma=0.7, size=A.shape)
    u, v = B.sum(axis=1), B.sum(axis=0)
    signs = np.sign(A)
    w = rng.integers(-2, 6, 5).astype(float)
    w[0] += u.round().sum() - w.sum()
    before = gras(A, u, v, tol=1e-9, max_iter=5000), obstacles(signs, u.round(), w)
    plain("build.kernels")
    after = gras(A, u, v, tol=1e-9, max_iter=5000), obstacles(signs, u.round(), w)
    np.testing.assert_allclose(after[0].value, before[0].value, rtol=1e-12, atol=1e-300)
    assert after[0].iterations == before[0].iterations
    assert after[1] == before[1]


@pytest.mark.parametrize("seed", range(6))
def test_lmdi(plain, seed):
    rng = np.random.default_rng(seed)

    def pair(*shape, some=(0, 1, 1, 1)):
        return tuple(rng.lognormal(size=shape) * rng.choice(some, size=shape) for _ in range(2))

    asked = pair(6), pair(6, 6), [pair(6, 2, some=(-1, 0, 1, 1)), pair(6, 2)], 2
    before = cells(*asked)
    plain("structure.lmdi_kernel")
    for one, again in zip(before, cells(*asked), strict=True):
        np.testing.assert_allclose(one, again, rtol=1e-12)
