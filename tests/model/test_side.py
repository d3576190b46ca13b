"""Rows below and columns beside the flows, marks of estimated cells: kept by every format."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import (
    LabelError,
    NonFiniteError,
    ShapeError,
    TableWarning,
    UnknownNameError,
)
from mriocarbon.model.side import Side


def table(**more) -> mc.MRIO:
    given = {
        "Z": [[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
        "Y": [[30, 1, 39, 1], [55, 1, 9, 1], [10, 1, 44, 1], [5, 1, 119, 1]],
        "regions": ["A", "B"], "sectors": ["1", "2"], "categories": ["C", "G"],
        "x": [121, 103, 101, 201],
        "value_added": [[50, 40, 30, 90], [36, 28, 26, 21]],
        "value_added_rows": ["wages", "profit"],
        "other_inputs": Side(("taxes", "abroad"), np.arange(8.0).reshape(2, 4),
                          np.arange(8.0, 16.0).reshape(2, 4)),
        "other_uses": Side(("discrepancy",), np.array([[0.0, 2.0, 0.0, 0.0]])),
        "table_type": "product-by-product", "price_basis": "basic",
        "estimated": {"Z": np.array([[False, False, True, True]]),
                   "Y": np.eye(4, dtype=bool), "x": np.array([False, True, False, False])},
    }  # fmt: skip
    return mc.MRIO.from_arrays(**{**given, **more})


def same_sides(a: mc.MRIO, b: mc.MRIO) -> None:
    assert (a.table_type, a.price_basis) == (b.table_type, b.price_basis)
    for name in ("other_inputs", "other_uses"):
        one, two = getattr(a, name), getattr(b, name)
        assert one.labels == two.labels
        assert (one.values == two.values).all()
        if one.final_demand is None:
            assert two.final_demand is None
        else:
            assert (one.final_demand == two.final_demand).all()
    assert a.estimated.keys() == b.estimated.keys()
    for name, mask in a.estimated.items():
        shape = getattr(a, name).shape
        assert (np.broadcast_to(mask, shape) == np.broadcast_to(b.estimated[name], shape)).all()


def test_npz_keeps_them(tmp_path):
    same_sides(table(), mc.load(mc.save(table(), tmp_path / "t.npz")))


def test_xarray_keeps_them_in_any_order():
    dataset = table().to_xarray()
    same_sides(table(), mc.MRIO.from_xarray(dataset))
    turned = dataset.isel(region=[1, 0], region_to=[1, 0], category=[1, 0]).transpose()
    back = mc.MRIO.from_xarray(turned)
    assert back.regions == ("B", "A")
    assert back.other_inputs is not None and back.other_uses is not None
    assert back.other_inputs.row("abroad").tolist() == [6, 7, 4, 5]
    assert back.other_inputs.final_demand is not None
    # destination B first, and G before C only if the table's own categories are turned too
    want = dict(zip([("A", "C"), ("A", "G"), ("B", "C"), ("B", "G")], range(12, 16), strict=True))
    columns = [(r, c) for r in back.regions for c in back.categories]
    assert back.other_inputs.final_demand[1].tolist() == [want[c] for c in columns]
    assert back.other_uses.row("discrepancy").tolist() == [0, 0, 0, 2]
    assert back.estimated["x"].tolist() == [False, False, False, True]


def test_a_discrepancy_column_balances_the_rows():
    assert table().diagnostics == ()
    with pytest.warns(TableWarning, match="A 2 by -2"):
        table(other_uses=None)


def test_the_same_table_with_other_extensions_keeps_them():
    more = table().replace_extensions(mc.Extension("e", ("CO2",), np.ones((1, 4)), ("Mt CO2",)))
    same_sides(table(), more)


def test_emissions_behind_a_discrepancy_stay_visible():
    mrio = table().replace_extensions(
        mc.Extension("e", ("CO2",), np.full((1, 4), 10.0), ("Mt CO2",))
    )
    result = mc.account(mrio, "consumption", households=False)
    assert result.coords["region"][-1] == "unallocated"
    assert result.value.sum() == pytest.approx(40)


@pytest.mark.parametrize(
    ("more", "error", "text"),
    [
        ({"other_inputs": Side(("t",), np.ones((1, 3)))}, ShapeError, "other_inputs"),
        ({"other_inputs": Side(("t",), np.array([[1.0, np.nan, 1, 1]]))}, NonFiniteError, "A"),
        ({"other_inputs": Side(("t",), np.ones((1, 4)), np.ones((1, 3)))}, ShapeError, "demand"),
        ({"estimated": {"Q": np.ones(4, bool)}}, UnknownNameError, "estimated cells"),
        ({"estimated": {"Z": np.ones(3, bool)}}, ShapeError, "estimated cells of Z"),
        ({"value_added_rows": ["a"]}, ShapeError, "value added"),
        ({"value_added_rows": ["a", "a"]}, LabelError, "duplicated"),
    ],
)
def test_what_does_not_fit_is_named(more, error, text):
    with pytest.raises(error, match=text):
        table(**more)


def test_labels_and_arrays_of_a_side_must_fit():
    with pytest.raises(ShapeError, match="shape"):
        Side(("a", "b"), np.ones((1, 4)))
    with pytest.raises(LabelError, match="duplicated"):
        Side(("a", "a"), np.ones((2, 4)))
    with pytest.raises(UnknownNameError, match="taxes"):
        Side(("taxes",), np.ones((1, 4))).row("taxs")
    with pytest.raises(ValueError, match="read-only"):
        Side(("a",), np.ones((1, 4))).values[0, 0] = 2
