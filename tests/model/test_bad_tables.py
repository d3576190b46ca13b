"""Tables that cannot be, or are not clean: each its own error or warning, by name."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from properties.tables import TOY_F, TOY_H, TOY_Y, TOY_Z, toy

import mriocarbon as mc
from mriocarbon.errors import (
    InputError,
    LabelError,
    MriocarbonError,
    MriocarbonWarning,
    NegativeOutputError,
    NonFiniteError,
    ShapeError,
    TableWarning,
    UnknownNameError,
)

PAIRS = pd.MultiIndex.from_product([["A", "B"], ["1", "2"]], names=["region", "sector"])


def message(error: type[Exception], **changes) -> str:
    with pytest.raises(error) as caught:
        toy(**changes)
    assert isinstance(caught.value, MriocarbonError)
    text = str(caught.value)
    assert "\n  where: " in text
    assert "\n  what to do: " in text
    return text


# -- labels --------------------------------------------------------------------------------------


def test_labels_that_do_not_match_print_both_sides():
    wrong = PAIRS.set_levels([["A", "C"], ["1", "2"]])
    text = message(LabelError, Z=pd.DataFrame(TOY_Z, PAIRS, wrong))
    assert "missing ('B', '1'), ('B', '2')" in text
    assert "unexpected ('C', '1'), ('C', '2')" in text
    assert "expected (4): ('A', '1'), ('A', '2'), ('B', '1'), ('B', '2')" in text
    assert "found    (4): ('A', '1'), ('A', '2'), ('C', '1'), ('C', '2')" in text
    assert "columns of Z" in text


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"Z": pd.DataFrame(TOY_Z, PAIRS[[0, 1, 2, 0]], PAIRS)}, "rows of Z"),
        ({"Y": pd.DataFrame(TOY_Y, PAIRS, ["A", "X"])}, "columns of Y"),
        ({"Y": pd.DataFrame(TOY_Y)}, "rows of Y"),
        ({"x": pd.Series([120, 100, 100, 200.0])}, "rows of x"),
        ({"stressors": {"GHG": pd.Series(TOY_F)}}, "rows of F[GHG]"),
        ({"households": {"GHG": pd.Series(TOY_H, ["A", "C"])}}, "rows of households[GHG]"),
        ({"value_added": pd.Series(TOY_F, PAIRS[[0, 1, 2, 2]])}, "rows of value added"),
        ({"Z": pd.DataFrame(TOY_Z[:3], PAIRS[:3], PAIRS)}, "rows of Z"),
    ],
)
def test_each_axis_is_checked(changes, where):
    assert where in message(LabelError, **changes)


@pytest.mark.parametrize(
    ("changes", "kind", "doubled"),
    [
        ({"regions": ["A", "A"]}, "regions", "A"),
        ({"sectors": ["1", "1"]}, "sectors", "1"),
        ({"sectors": [1, "1"]}, "sectors", "1"),
        ({"Y": np.ones((4, 4)), "categories": ["c", "c"]}, "categories", "c"),
    ],
)
def test_doubled_labels(changes, kind, doubled):
    text = message(LabelError, **changes)
    assert f"duplicated labels: {doubled}" in text
    assert f"where: {kind}" in text


def test_doubled_stressors_in_an_extension():
    with pytest.raises(LabelError, match=r"duplicated labels: CO2(.|\n)*stressors of gases"):
        mc.Extension("gases", ("CO2", "CO2"), np.ones((2, 4)), ("t", "t"))


def test_a_frame_whose_pairs_are_no_full_product():
    holes = pd.MultiIndex.from_tuples([("A", "1"), ("A", "2"), ("B", "1"), ("C", "2")])
    text = message(LabelError, Z=pd.DataFrame(TOY_Z, holes, holes), regions=None, sectors=None)
    assert "missing" in text and "('B', '2')" in text


def test_empty_labels():
    assert "empty label" in message(LabelError, regions=["A", " "])
    assert "no labels" in message(LabelError, regions=[])


def test_regions_that_contradict_a_labelled_table_are_not_dropped_silently():
    text = message(
        LabelError, Z=pd.DataFrame(TOY_Z, PAIRS, PAIRS), regions=["X", "Y"], sectors=None
    )
    assert "X" in text and "A" in text


def test_plain_arrays_need_labels():
    for changes in ({"regions": None, "sectors": None}, {"regions": None}, {"sectors": None}):
        text = message(InputError, **changes)
        assert "regions=" in text and "sectors=" in text


# -- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_cells_of_z_that_are_no_numbers_are_named(bad):
    Z = TOY_Z.copy()
    Z[0, 3] = Z[2, 1] = bad
    text = message(NonFiniteError, Z=Z)
    assert "2 cells of Z are NaN or infinite" in text
    assert f"[A 1 -> B 2] = {bad}, [B 1 -> A 2] = {bad}" in text


def test_only_the_first_few_are_named():
    text = message(NonFiniteError, Z=np.full((4, 4), np.nan))
    assert "16 cells of Z" in text
    assert text.count("= nan") == 5
    assert "and 11 more" in text


def test_opposite_infinities_do_not_hide_each_other():
    Z = TOY_Z.copy()
    Z[0, 0], Z[0, 1] = np.inf, -np.inf
    assert "2 cells of Z" in message(NonFiniteError, Z=Z)


def test_huge_but_finite_cells_are_numbers():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        mrio = toy(stressors={"GHG": np.full(4, 1.7e308)}, households=None)
    assert np.isfinite(mrio.extensions["emissions"].F).all()  # though their sum is not


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"Y": np.where(np.eye(4, 2) > 0, np.nan, TOY_Y)}, "[A 1 -> A] = nan"),
        ({"x": [120, np.nan, 100, 200]}, "[A 2] = nan"),
        ({"stressors": {"GHG": [1, 2, np.inf, 4]}}, "[B 1] = inf"),
        ({"households": {"GHG": [1, np.nan]}}, "[B] = nan"),
        ({"value_added": [1, 2, 3, np.nan]}, "[B 2] = nan"),
        ({"households_range": {"GHG": ([1, np.nan], [1, 2])}}, "[B] = nan"),
    ],
)
def test_cells_elsewhere_are_named_too(changes, where):
    assert where in message(NonFiniteError, **changes)


@pytest.mark.parametrize("name", ["Z", "Y", "x", "value_added"])
def test_a_table_made_of_another_is_looked_through_as_well(name):
    mrio = toy(value_added=[1, 2, 3, 4])
    array = getattr(mrio, name).copy()
    array.flat[1] = np.nan
    with pytest.raises(NonFiniteError, match="1 cells of"):
        replace(mrio, **{name: array})


def test_text_is_no_number():
    Z = TOY_Z.astype(object)
    Z[0, 0] = "n.a."
    text = message(InputError, Z=Z)
    assert "Z is not a table of numbers" in text and "n.a." in text


# -- shapes --------------------------------------------------------------------------------------


def test_z_that_is_not_square():
    text = message(ShapeError, Z=TOY_Z[:, :3])
    assert "Z is not square: 4 x 3" in text


def test_a_labelled_z_that_is_not_square():
    text = message(
        ShapeError, Z=pd.DataFrame(TOY_Z[:, :3], PAIRS, PAIRS[:3]), regions=None, sectors=None
    )
    assert "not square" in text


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"Z": TOY_Z[:2, :2]}, "Z has shape (2, 2); regions and sectors ask for (4, 4)"),
        ({"Z": TOY_Z.ravel()}, "Z has shape (16,)"),
        ({"Y": TOY_Y.T}, "Y has shape (2, 4)"),
        ({"Y": TOY_Y.sum(axis=1)}, "Y has shape (4,)"),
        ({"x": [1, 2, 3]}, "x has shape (3,)"),
        ({"stressors": {"GHG": [1, 2]}}, "F[GHG] has shape (2,)"),
        ({"households": {"GHG": [1, 2, 3]}}, "households[GHG] has shape (3,)"),
        ({"categories": ["c", "d"]}, "Y has shape (4, 2); regions and sectors ask for (4, 4)"),
    ],
)
def test_shapes(changes, where):
    assert where in message(ShapeError, **changes)


def test_households_of_an_unknown_stressor():
    text = message(UnknownNameError, households={"GHC": TOY_H})
    assert "unknown stressor 'GHC'" in text and "did you mean 'GHG'" in text
    text = message(UnknownNameError, households_range={"CO2": (TOY_H, TOY_H)})
    assert "CO2" in text


@pytest.mark.parametrize(
    ("F", "units"), [(np.ones((2, 4)), ("t",)), (np.ones((1, 4)), ()), (np.ones(4), ("t",))]
)
def test_extensions_that_do_not_fit_their_labels(F, units):
    with pytest.raises(ShapeError, match="extension 'e'"):
        mc.Extension("e", ("CO2",), F, units)


# -- accounting ----------------------------------------------------------------------------------


def test_negative_output_is_an_error_by_name():
    text = message(NegativeOutputError, x=[120, -100, 100, -2])
    assert "negative gross output in 2 sectors" in text
    assert "A 2 (-100), B 2 (-2)" in text
    Y = TOY_Y.copy()
    Y[0] = -100  # and where it follows from the rows
    assert "A 1 (-150)" in message(NegativeOutputError, Y=Y)


def test_inputs_above_output_are_warned_of_by_name():
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[2, 1] += 90
    Y[2] = [0, 0]
    with pytest.warns(TableWarning) as caught:
        mrio = toy(Z=Z, Y=Y)
    assert len(caught) == 1
    text = str(caught[0].message)
    assert text.startswith("1 columns have inputs above output: A 2 (inputs 125, output 100)")
    assert mrio.diagnostics == (text,)


def test_rows_that_do_not_balance_are_warned_of_by_name_worst_first():
    with pytest.warns(TableWarning) as caught:
        mrio = toy(x=[121, 100, 100, 190])
    text = str(caught[0].message)
    assert "2 rows do not balance (Z1 + Y1 differs from x), largest first: " in text
    assert text.endswith("B 2 by 10, A 1 by -1")
    np.testing.assert_array_equal(mrio.x, [121, 100, 100, 190])  # nothing is repaired


def test_rounding_of_single_precision_is_no_imbalance():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        toy(x=np.float32(TOY_Z.sum(axis=1) + TOY_Y.sum(axis=1)) * (1 + 2e-7))


def test_a_lost_cell_is_an_imbalance():
    rng = np.random.default_rng(0)
    Z, Y = rng.random((1000, 1000)), rng.random((1000, 20)) * 10
    x = Z.sum(axis=1) + Y.sum(axis=1)
    Z[3, 7] = 0.0
    with pytest.warns(TableWarning, match="1 rows do not balance.*r0 s3 by -0"):
        mc.MRIO.from_arrays(
            Z=Z, Y=Y, x=x,
            regions=[f"r{k}" for k in range(20)], sectors=[f"s{k}" for k in range(50)],
        )  # fmt: skip


def test_zero_output_that_trades_or_emits_is_warned_of_by_name():
    Y = TOY_Y.copy()
    x = TOY_Z.sum(axis=1) + Y.sum(axis=1)
    x[3] = 0
    with pytest.warns(TableWarning) as caught:
        mrio = toy(x=x)
    texts = [str(w.message) for w in caught]
    assert any(t == "1 sectors of zero output still buy or sell: B 2" for t in texts)
    assert any("1 sectors of zero output still emit (emissions)" in t for t in texts)
    assert any("'unallocated': B 2" in t for t in texts)
    assert mrio.diagnostics == tuple(texts)


def test_clean_zero_output_is_no_matter():
    Z, Y, f = TOY_Z.copy(), TOY_Y.copy(), TOY_F.copy()
    Z[3] = Z[:, 3] = 0
    Y[3] = f[3] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mrio = toy(Z=Z, Y=Y, stressors={"GHG": f})
    assert mrio.x[3] == 0
    assert mrio.diagnostics == ()


def test_a_new_extension_on_idle_sectors_is_diagnosed_too():
    Z, Y, f = TOY_Z.copy(), TOY_Y.copy(), TOY_F.copy()
    Z[3] = Z[:, 3] = 0
    Y[3] = f[3] = 0
    mrio = toy(Z=Z, Y=Y, stressors={"GHG": f})
    later = mrio.replace_extensions(mc.Extension("e", ("CO2",), np.ones((1, 4)), ("Mt CO2",)))
    assert any("still emit (e)" in text for text in later.diagnostics)
    assert later.Z is mrio.Z
