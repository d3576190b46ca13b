"""From residence to territory: the rows close, and nothing hides in them."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mriocarbon.errors import InputError, ShapeError, UnknownNameError
from mriocarbon.inventory import residence as R

AMOUNT = st.floats(0.0, 1e4, allow_nan=False)
GASES, ECONOMIES = ("CO2", "CH4"), ("AAA", "BBB", "CCC")


def made(industries, homes, ships, planes, total, **more):
    return R.bridge(
        industries, homes, {"shipping": ships, "aviation": planes}, total,
        gases=GASES, economies=ECONOMIES, source="somebody", **more,
    )  # fmt: skip


def test_examples_of_the_docstrings():
    assert doctest.testmod(R).failed == 0


arrays = hnp.arrays(float, (2, 3), elements=AMOUNT)


@given(arrays, arrays, arrays, arrays, arrays)
def test_the_rows_add_up_to_the_national_total(base, homes, ships, planes, total):
    found = made(base + ships + planes, homes, ships, planes, total)
    assert np.abs(found.gaps()).max() <= 1e-9 * (1 + total.max() + np.nanmax(np.abs(found.values)))
    # an independent reading: on the territory stand base and homes, the rest is the difference
    np.testing.assert_allclose(found.row("difference of sources"), total - base - homes, atol=1e-7)


def test_a_source_without_a_figure_leaves_a_gap_that_is_not_zero():
    one = np.ones((2, 3))
    total = one.copy()
    total[0, 1] = np.nan
    found = made(3 * one, one, one, one, total)
    assert np.isnan(found.row("difference of sources")[0, 1])
    assert np.isfinite(found.row("difference of sources")).sum() == 5
    assert np.isnan(found.row("bunkers sold here, shipping")).all()


def test_more_abroad_than_at_all_is_named():
    one = np.ones((2, 3))
    ships = one.copy()
    ships[1, 2] = 5.0
    with pytest.raises(InputError, match="CCC CH4"):
        made(2 * one, one, ships, 0 * one, one)
    with pytest.raises(InputError, match="negative"):
        made(2 * one, one, -ships, 0 * one, one)


def test_wrong_shapes_and_names():
    one = np.ones((2, 3))
    with pytest.raises(ShapeError, match="households"):
        made(one, np.ones((2, 2)), 0 * one, 0 * one, one)
    with pytest.raises(UnknownNameError, match="difference of sources"):
        made(one, one, 0 * one, 0 * one, one).row("diference of sources")
