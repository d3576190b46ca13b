"""Sums and work in parts: the same on one core and on several."""

import numpy as np
import pytest

from mriocarbon.model import arrays
from mriocarbon.model.arrays import cores, in_parts, totals


@pytest.mark.parametrize("shape", [(3, 5), (1001, 7), (2100, 2100)])
def test_totals_are_the_sums_and_the_least_cell(shape):
    rng = np.random.default_rng(1)
    Z = rng.standard_normal(shape)
    rows, columns, least = totals(Z)
    np.testing.assert_allclose(rows, Z.sum(axis=1), atol=1e-10)
    np.testing.assert_allclose(columns, Z.sum(axis=0), atol=1e-10)
    assert least == Z.min()
    assert shape[0] < 2000 or Z.size >= arrays.LARGE


@pytest.mark.parametrize("n", [0, 1, 999, 1000, 1003])
@pytest.mark.parametrize("many", [1, 2, 3])
def test_parts_cover_all_rows_once(n, many, monkeypatch):
    monkeypatch.setattr(arrays, "cores", lambda: many)
    seen = np.zeros(n, dtype=int)

    def count(part):
        seen[part] += 1

    in_parts(n, count)
    assert (seen == 1).all()


def test_an_error_in_a_part_comes_out():
    def fail(part):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_parts(5000, fail)


@pytest.mark.parametrize(("name", "value", "most"), [
    ("OMP_NUM_THREADS", "1", 1), ("OPENBLAS_NUM_THREADS", "1", 1), ("OMP_NUM_THREADS", "x", 10**6),
])  # fmt: skip
def test_threads_are_held_to_what_the_blas_is_held_to(name, value, most, monkeypatch):
    for other in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    assert 1 <= cores() <= most
