"""Disaggregation: reversible, marked, with weights shown and identities kept."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.build.aggregate import aggregate
from mriocarbon.build.disaggregate import disaggregate
from mriocarbon.errors import (
    InputError,
    LabelError,
    MriocarbonWarning,
    NotAvailableError,
    ShapeError,
    TableWarning,
    UnknownNameError,
)
from mriocarbon.model import Extension
from mriocarbon.model.side import Side


def full_table(R=3, S=3, K=2, seed=0, discrepancy=True):
    """A balanced table with everything that a table can hold."""
    rng = np.random.default_rng(seed)
    n = R * S
    Z = rng.uniform(1, 10, (n, n))
    Y = rng.uniform(1, 10, (n, R * K)) * n
    uses = Side(("discrepancy",), rng.normal(0, 1, (1, n))) if discrepancy else None
    x = Z.sum(1) + Y.sum(1) + (0 if uses is None else uses.total)
    taxes = rng.uniform(0, 1, (1, n))
    added = np.stack([rng.uniform(1, 2, n), np.zeros(n)])
    added[1] = x - Z.sum(0) - taxes.sum(0) - added[0]
    F_Y = rng.uniform(1, 5, (2, R * K))
    F_Y[1, 0] = np.nan
    gases = Extension(
        "gases", ("CO2", "CH4"), rng.uniform(1, 5, (2, n)), ("Mt", "kt"), F_Y, F_Y * 0.9, F_Y * 1.1
    )
    return mc.MRIO(
        mc.SectorIndex(tuple("ABC"[:R]), tuple(f"s{k}" for k in range(S))),
        Z, Y, x, added, ("C", "I"), ("wages", "surplus"), {"gases": gases}, year=2020,
        other_inputs=Side(("tax",), taxes, rng.uniform(0, 1, (1, R * K))), other_uses=uses,
    )  # fmt: skip


def same(a, b, rtol=1e-12):
    """Both tables agree in everything but notes, marks and provenance."""
    assert a.index == b.index and a.categories == b.categories
    for name in ("Z", "Y", "x", "value_added"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=rtol, err_msg=name)
    for name in ("other_inputs", "other_uses"):
        one, two = getattr(a, name), getattr(b, name)
        if two is not None:
            np.testing.assert_allclose(one.values, two.values, rtol=rtol, err_msg=name)
            if two.final_demand is not None:
                np.testing.assert_allclose(one.final_demand, two.final_demand, rtol=rtol)
    for name, extension in b.extensions.items():
        for part in ("F", "F_Y", "F_Y_low", "F_Y_high"):
            np.testing.assert_allclose(
                getattr(a.extensions[name], part), getattr(extension, part), rtol=rtol
            )


def balanced(table):
    """Rows and columns add up to output."""
    sold = table.Z.sum(1) + table.Y.sum(1)
    sold = sold + (0 if table.other_uses is None else table.other_uses.total)
    np.testing.assert_allclose(sold, table.x, rtol=1e-11)
    cost = table.Z.sum(0) + table.value_added.sum(0) + table.other_inputs.total
    np.testing.assert_allclose(cost, table.x, rtol=1e-11)


weights = st.lists(st.floats(0.05, 20), min_size=2, max_size=4)


@given(weights, st.integers(0, 99), st.sampled_from(["A", "B", "C"]))
def test_dividing_a_region_is_undone_by_aggregating(values, seed, region):
    mrio = full_table(seed=seed)
    parts = {f"{region}{k}": value for k, value in enumerate(values)}
    done = disaggregate(mrio, parts, region=region)
    same(aggregate(done.table, regions=done.split.back, others="keep"), mrio)
    balanced(done.table)
    assert len(done.table.regions) == 2 + len(values)


@given(weights, st.integers(0, 99), st.sampled_from(["s0", "s1", "s2"]))
def test_dividing_a_sector_is_undone_by_aggregating(values, seed, sector):
    mrio = full_table(seed=seed)
    done = disaggregate(mrio, {f"new{k}": v for k, v in enumerate(values)}, sector=sector)
    same(aggregate(done.table, sectors=done.split.back, others="keep"), mrio)
    balanced(done.table)


def test_cells_are_products_of_shares():
    mrio = full_table()
    done = disaggregate(mrio, {"a": [1, 1, 3], "b": [1, 3, 1]}, sector="s1")
    table, w = done.table, np.array([[0.5, 0.25, 0.75], [0.5, 0.75, 0.25]])
    np.testing.assert_allclose(done.split.shares["output"], w)
    assert table.sectors == ("s0", "a", "b", "s2")
    a, b = table.index.sector("a"), table.index.sector("b")
    # region 1's b sells to region 2's a; old s1 of both at 3 * r + 1
    assert table.Z[4 + b, 8 + a] == pytest.approx(0.75 * 0.75 * mrio.Z[4, 7])
    assert table.Y[8 + a, 3] == pytest.approx(0.75 * mrio.Y[7, 3])
    assert table.x[4 + a] == pytest.approx(0.25 * mrio.x[4])
    # the intensity is the same without other weights
    old, new = mrio.extensions["gases"].F / mrio.x, table.extensions["gases"].F / table.x
    np.testing.assert_allclose(new[:, 4 + a], old[:, 4])


def test_parts_with_weights_of_their_own_leave_the_rest_what_the_identity_says():
    mrio = full_table()
    done = disaggregate(
        mrio, {"a": 1, "b": 1}, sector="s1", exports={"a": 0.6, "b": 0.4},
        imports={"a": 0.45, "b": 0.55}, value_added={"a": 0.49, "b": 0.51},
        stressors={"CO2": {"a": 9, "b": 1}}, basis="number of plants",
    )  # fmt: skip
    table, k = done.table, np.arange(3) * 4 + 1
    balanced(table)
    np.testing.assert_allclose(table.x[k], mrio.x[np.arange(3) * 3 + 1] / 2)
    np.testing.assert_allclose(table.value_added[:, k], 0.49 * mrio.value_added[:, [1, 4, 7]])
    old, new = mrio.extensions["gases"].F[:, [1, 4, 7]], table.extensions["gases"].F[:, k]
    np.testing.assert_allclose(new, old * [[0.9], [0.5]])
    # exports of B's part a: sales outside B, intermediate and final
    abroad = [j for j in range(12) if j // 4 != 1]
    old_abroad = [j for j in range(9) if j // 3 != 1]
    exports = table.Z[5, abroad].sum() + table.Y[5, [0, 1, 4, 5]].sum()
    old = mrio.Z[4, old_abroad].sum() + mrio.Y[4, [0, 1, 4, 5]].sum()
    assert exports == pytest.approx(0.6 * old)
    same(aggregate(table, sectors=done.split.back, others="keep"), mrio)
    text = done.table.notes[-1].text
    assert "number of plants" in text and "a 50.00%" in text and "exports" in text


def test_a_region_has_its_own_final_demand_and_households():
    mrio = full_table()
    done = disaggregate(
        mrio, {"B1": [1, 2, 3], "B2": [3, 2, 1]}, region="B",
        final_demand={"B1": [0.2, 0.4], "B2": [0.8, 0.6]}, households={"B1": 1, "B2": 3},
    )  # fmt: skip
    table = done.table
    assert table.regions == ("A", "B1", "B2", "C")
    np.testing.assert_allclose(table.Y[0, 2:6], mrio.Y[0, 2:4][[0, 1, 0, 1]] * [0.2, 0.4, 0.8, 0.6])
    F_Y = mrio.extensions["gases"].F_Y
    np.testing.assert_allclose(table.extensions["gases"].F_Y[0, 2:4], 0.25 * F_Y[0, 2:4])
    np.testing.assert_allclose(
        table.other_inputs.final_demand[0, 2:4], mrio.other_inputs.final_demand[0, 2:4] * [0.2, 0.4]
    )
    same(aggregate(table, regions=done.split.back, others="keep"), mrio)
    # without: by total value added
    share = disaggregate(mrio, {"B1": 1, "B2": 3}, region="B").split.shares["final demand"]
    np.testing.assert_allclose(share, [[0.25, 0.25], [0.75, 0.75]])


def test_divided_cells_are_marked_and_no_others():
    done = disaggregate(full_table(), {"a": 1, "b": 2}, sector="s1")
    new = np.isin(np.arange(12) % 4, [1, 2])
    marks = done.table.estimated
    assert (np.broadcast_to(marks["Z"], (12, 12)) == (new[:, None] | new[None, :])).all()
    assert (np.broadcast_to(marks["Y"], (12, 6)) == new[:, None]).all()
    assert (marks["x"] == new).all()
    assert (np.broadcast_to(marks["value_added"], (2, 12)) == new).all()
    assert done.table.notes[-1].estimated
    notes = done.table.extensions["gases"].notes
    assert {note.about for note in notes if note.estimated} >= {"CO2", "CH4"}


def test_known_sales_stay_as_they_are_and_unmarked():
    mrio = full_table()
    rng = np.random.default_rng(1)
    total = np.hstack([mrio.Z[[1, 4, 7]], mrio.Y[[1, 4, 7]]])
    known = total * rng.uniform(0, 1, total.shape)
    done = disaggregate(mrio, {"a": 1, "b": 2, "c": 1}, sector="s1", detail={"a": known})
    table = done.table
    balanced(table)
    same(aggregate(table, sectors=done.split.back, others="keep"), mrio)
    kept = [0, 4, 5, 9, 10, 14]  # columns of undivided sectors in the new table
    old = [0, 2, 3, 5, 6, 8]
    rows = np.arange(3) * 5 + 1
    np.testing.assert_allclose(table.Z[np.ix_(rows, kept)], known[:, old])
    np.testing.assert_allclose(table.Y[rows], known[:, 9:])
    marks = np.broadcast_to(table.estimated["Z"], table.Z.shape)
    assert not marks[np.ix_(rows, kept)].any() and marks[np.ix_(rows + 1, kept)].all()
    # b and c share what remains 2 : 1
    np.testing.assert_allclose(table.Y[rows + 1], 2 * table.Y[rows + 2])
    assert "sales of a known" in table.notes[-1].text
    both = disaggregate(mrio, {"a": 1, "b": 9}, sector="s1",
                        detail={"a": known, "b": total - known})  # fmt: skip
    np.testing.assert_allclose(both.table.Y[np.arange(3) * 4 + 1], known[:, 9:])


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"weights": {"a": 1, "b": 1}}, InputError, "a region or a sector"),
        ({"weights": {"a": 1, "s0": 1}, "sector": "s1"}, LabelError, "s0"),
        ({"weights": {"a": 1}, "sector": "s1"}, LabelError, "no division"),
        ({"weights": {"a": 0, "b": 0}, "sector": "s1"}, InputError, "A, B, C"),
        ({"weights": {"a": -1, "b": 2}, "sector": "s1"}, InputError, "negative"),
        ({"weights": {"a": [1, 2], "b": 2}, "sector": "s1"}, ShapeError, "shape"),
        ({"weights": {"a": 1, "b": 2}, "sector": "s9"}, UnknownNameError, "s9"),
        ({"weights": {"a": 1, "b": 1}, "sector": "s1", "exports": {"a": 1}}, LabelError, "exports"),
        ({"weights": {"a": 1, "b": 99}, "sector": "s1", "exports": {"a": 1, "b": 0}},
         InputError, "negative remainder"),
        ({"weights": {"a": 1, "b": 1}, "sector": "s1", "final_demand": {"a": 1, "b": 1}},
         InputError, "regions"),
        ({"weights": {"a": 1, "b": 1}, "sector": "s1", "detail": {"z": np.zeros((3, 15))}},
         UnknownNameError, "detail"),
        ({"weights": {"a": 1, "b": 1}, "sector": "s1", "detail": {"a": np.full((3, 15), 1e9)}},
         InputError, "known sales"),
        ({"weights": {"a": 1, "b": 1}, "sector": "s1", "stressors": {"SF6": {"a": 1, "b": 1}}},
         UnknownNameError, "SF6"),
    ],
)  # fmt: skip
def test_bad_input_is_named(options, error, says):
    with pytest.raises(error, match=says):
        disaggregate(full_table(), **options)


def test_no_value_added_no_weights_for_it():
    mrio = mc.MRIO.from_arrays(Z=[[1, 1], [1, 1]], Y=[[3], [3]], regions=["A"], sectors=["1", "2"])
    with pytest.raises(NotAvailableError):
        disaggregate(mrio, {"a": 1, "b": 1}, sector="1", value_added={"a": 1, "b": 1})
    done = disaggregate(mrio, {"A1": 1, "A2": 3}, region="A")
    np.testing.assert_allclose(done.split.shares["final demand"][:, 0], [0.25, 0.75])


def test_a_footprint_survives_division_at_equal_structure():
    """Parts that differ in size only change no footprint of anyone else."""
    mrio = mc.load("oecd-icio-2022")
    done = disaggregate(mrio, {"CHN1": 3, "CHN2": 1}, region="CHN")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        before = mc.account(mrio, "consumption", stressor="GHG", households=False)
        after = mc.account(done.table, "consumption", stressor="GHG", households=False)
    keep = [done.table.regions.index(r) for r in mrio.regions if r != "CHN"]
    old = [k for k, r in enumerate(mrio.regions) if r != "CHN"]
    np.testing.assert_allclose(after.value[keep], before.value[old], rtol=1e-9)
    assert any(note.estimated and "CHN1" in note.text for note in after.notes)


@pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")
def test_the_real_80_countries_come_back(data_folder: Path):
    """Divide the rest of the world out of the 20 regions by the published outputs, and return."""
    folder = data_folder / "icio2022"
    mrio = mc.load("oecd-icio-2022")
    with np.load(folder / "icio2022_81x50_f32.npz") as raw:
        x = {str(c): v for c, v in zip(raw["countries"], raw["x"].reshape(81, 50), strict=True)}
    members = [line.split(",")[0] for line in (folder / "region_mapping_20R.csv").read_text(
        encoding="utf-8").split() if line.endswith(",MEA")]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        done = disaggregate(mrio, {c: x[c] + 1e-9 for c in members}, region="MEA",
                            basis="output by industry, OECD ICIO 2022")  # fmt: skip
    for country in members:
        at = done.table.regions.index(country)
        got = done.table.x.reshape(-1, 50)[at]
        np.testing.assert_allclose(got, x[country], rtol=1e-9, atol=1e-4)
    back = aggregate(done.table, regions=done.split.back, others="keep")
    assert np.abs(back.Z - mrio.Z).max() <= 1e-12 * mrio.Z.max()
