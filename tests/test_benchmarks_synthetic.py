"""Made-up tables: balanced to the bit, productive, the same each time, and of a plausible shape."""

import numpy as np
import pytest

from benchmarks.synthetic import made_up, recipe


def radius(A):
    v = np.ones(len(A))
    for _ in range(100):
        v = A @ v
        largest = v.max()
        v /= largest
    return largest


@pytest.mark.parametrize("seed", [0, 1, 2022])
def test_shape_of_a_table(seed):
    R, S = 15, 30
    made = made_up(R, S, 3, seed)
    Z, Y, x, F = (made[name] for name in ("Z", "Y", "x", "F"))
    assert [a.shape for a in (Z, Y, x, F)] == [(450, 450), (450, 15), (450,), (3, 450)]
    assert np.array_equal(x, Z.sum(axis=1) + Y.sum(axis=1))
    assert min(Z.min(), Y.min(), F.min()) == 0 and np.isfinite(Z).all()
    live = x > 0
    assert 0 < (~live).sum() < 20
    assert not Z[~live].any() and not Z[:, ~live].any() and not Y[~live].any()
    A = np.where(live, Z / np.where(live, x, 1.0), 0.0)
    assert 0.4 < radius(A) < 0.65
    assert A.sum(axis=0).max() < 0.95  # value added above zero
    home = np.kron(np.eye(R), np.ones((S, S))) > 0
    assert 0.84 < Z[home].sum() / Z.sum() < 0.91
    assert 0.15 < (Z[np.ix_(live, live)] == 0).mean() < 0.25
    assert 3 < np.log10(x[live].max() / x[live].min()) < 6


def test_the_same_for_one_seed_and_another_for_another(tmp_path):
    one, two = made_up(4, 5, 2, 7), made_up(4, 5, 2, 7, file=tmp_path / "Z.npy")
    for name in ("Z", "Y", "x", "F"):
        assert np.array_equal(one[name], two[name])
    assert np.array_equal(np.load(tmp_path / "Z.npy"), one["Z"])
    assert not np.array_equal(made_up(4, 5, 2, 8)["Z"], one["Z"])


def test_a_band_stands_by_itself():
    made = recipe(4, 5, 7)
    last = made.band(3)  # without the others before it
    assert np.array_equal(last, made_up(4, 5, 1, 7)["Z"][15:])


def test_one_region_is_closed():
    made = made_up(1, 6, 1, 3)
    assert np.array_equal(made["x"], made["Z"].sum(axis=1) + made["Y"].sum(axis=1))
    assert (made["Z"].sum(axis=0) <= made["x"]).all()
