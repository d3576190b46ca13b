"""Path exchange: single paths and whole branches of the table's account for process values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases

import mriocarbon as mc
from mriocarbon.errors import InputError, UnitError, UnknownNameError
from mriocarbon.lca.hybrid_paths import PathValue, path_exchange

pytestmark = pytest.mark.filterwarnings("ignore:.*inputs above output")

FEW = settings(max_examples=25, deadline=None)
SMALL = cases(max_regions=4, max_sectors=4)
CAR, STEEL, ORE = ("CHN", "C29"), ("CHN", "C24A"), ("CHN", "B07")


@FEW
@given(SMALL)
def test_a_path_replaced_by_its_own_value_changes_nothing(case):
    table = case.mrio()
    y = case.demand.sum(axis=1) * 1e6
    if not y.any():
        return
    listed = mc.paths(table, stressor="GHG", top=6)
    chains = [listed.path(k) for k in range(len(listed))]
    first = path_exchange(table, y, [PathValue(c, 0.0) for c in chains])
    # the values are those of the structural path analysis, in kg
    np.testing.assert_allclose(first.removed, listed.value * 1e9, rtol=1e-9)
    assert first.total == pytest.approx(listed.total * 1e9, rel=1e-9, abs=1e-6)
    size = float(np.abs(first.removed).sum() + abs(first.total))
    same = path_exchange(
        table, y, [PathValue(c, float(v)) for c, v in zip(chains, first.removed, strict=True)]
    )
    assert same.value == pytest.approx(first.total, abs=1e-12 * size)
    assert first.value == pytest.approx(first.total - first.removed.sum(), abs=1e-12 * size)


@FEW
@given(SMALL, st.data())
def test_a_branch_is_its_own_emission_and_all_branches_behind_it(case, data):
    table = case.mrio()
    alive = np.flatnonzero((table.x > 0) & (case.demand.sum(axis=1) != 0)).tolist()
    if not alive:
        return
    k = data.draw(st.sampled_from(alive))
    root, pairs = table.index.pairs[k], table.index.pairs
    y = {root: 10.0}
    whole = path_exchange(table, y, [PathValue((root,), 0.0, whole=True)])
    assert whole.value == pytest.approx(0.0, abs=1e-12 * abs(whole.total))
    assert whole.delivered.tolist() == [10.0]
    suppliers = [pairs[i] for i in np.flatnonzero(table.Z[:, k])]
    parts = path_exchange(table, y, [
        PathValue((root,), 0.0), *(PathValue((root, s), 0.0, whole=True) for s in suppliers)
    ])  # fmt: skip
    size = np.abs(parts.removed).sum() + abs(parts.total)
    assert parts.value == pytest.approx(0.0, abs=1e-7 * size)


def test_the_whole_branch_is_its_delivery_times_the_multiplier():
    icio = mc.load("oecd-icio-2022")
    found = path_exchange(icio, {CAR: 20_000.0}, [
        PathValue((CAR, STEEL), 1000.0, whole=True), PathValue((CAR,), 5.0),
    ])  # fmt: skip
    c, s = (icio.index.pairs.index(p) for p in (CAR, STEEL))
    usd = 20_000 * icio.Z[s, c] / icio.x[c]
    assert found.delivered[0] == pytest.approx(usd, rel=1e-12)
    x = np.where(icio.x == 0, np.inf, icio.x)
    q = icio.extensions["GHG"].F[0] / x * 1e3  # kg per USD
    m = np.linalg.solve((np.eye(len(x)) - icio.Z / x).T, q)
    assert found.removed[0] == pytest.approx(usd * m[s], rel=1e-9)
    assert found.removed[1] == pytest.approx(20_000 * q[c], rel=1e-12)
    assert found.total == pytest.approx(20_000 * m[c], rel=1e-9)
    assert found.value == pytest.approx(found.total - found.removed.sum() + 1005, rel=1e-12)
    assert found.covered == pytest.approx(found.removed.sum() / found.total)


def test_paths_that_overlap_are_refused():
    icio = mc.load("oecd-icio-2022")

    def swap(*given):
        return path_exchange(icio, {CAR: 1.0}, given)

    for whole in (False, True):
        with pytest.raises(InputError, match="replaced twice"):
            swap(*(PathValue((CAR, STEEL), value, whole=whole) for value in (1.0, 2.0)))
    # one region under two names is one node
    with pytest.raises(InputError, match="replaced twice"):
        swap(PathValue((CAR, STEEL), 1.0), PathValue((CAR, ("China", "C24A")), 1.0))
    branch = PathValue((CAR, STEEL), 2.0, whole=True)
    for inner in (PathValue((CAR, STEEL, ORE), 1.0), PathValue((CAR, STEEL), 1.0),
                  PathValue((CAR, STEEL, ORE), 1.0, whole=True)):  # fmt: skip
        for order in ((branch, inner), (inner, branch)):
            with pytest.raises(InputError, match="inside a branch"):
                swap(*order)
    # a chain and a longer one are two chains, and so are a node and the branches behind it
    swap(PathValue((CAR, STEEL), 1.0), PathValue((CAR, STEEL, ORE), 1.0, whole=True))


def test_paths_that_do_not_occur_are_refused():
    icio = mc.load("oecd-icio-2022")

    def swap(*path, **more):
        return path_exchange(icio, {CAR: 1.0}, [PathValue(path, 1.0)], **more)

    with pytest.raises(InputError, match="no demand for CHN C24A"):
        swap(STEEL)
    k = int(np.flatnonzero(icio.Z[:, icio.index.pairs.index(CAR)] == 0)[0])
    with pytest.raises(InputError, match="buys nothing from"):
        swap(CAR, icio.index.pairs[k])
    with pytest.raises(InputError, match="without a node"):
        swap()
    with pytest.raises(UnknownNameError):
        swap(CAR, ("CHN", "steel"))
    with pytest.raises(UnitError):
        swap(CAR, stressor="CH4")
    with pytest.raises(InputError, match="value is nan"):
        path_exchange(icio, {CAR: 1.0}, [PathValue((CAR,), float("nan"))])
    with pytest.raises(InputError, match="no demand"):
        path_exchange(icio, {}, [])
