"""Extractions against tables with rows and columns struck out by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.structure.extraction import LINKS, extract, extract_all, inverse_diagonal

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def parts(mrio):
    safe = np.where(mrio.x == 0, 1.0, mrio.x)
    A = np.where(mrio.x == 0, 0.0, mrio.Z / safe)
    q = np.where(mrio.x == 0, 0.0, mrio.extensions["emissions"].F[0] / safe)
    return A, q, mrio.x - mrio.Z.sum(1)


def struck(A, y, chosen, share, links, final, inside):
    """Output without the cells: straight from the definition."""
    A, y = A.copy(), y.copy()
    hit = np.zeros(A.shape, bool)
    if links in ("both", "sales"):
        hit[chosen] = True
    if links in ("both", "purchases"):
        hit[:, chosen] = True
    if not inside:
        hit[np.ix_(chosen, chosen)] = False
    A[hit] *= 1 - share
    if final:
        y[chosen] *= 1 - share
    return np.linalg.solve(np.eye(len(A)) - A, y)


OPTIONS = list(itertools.product(LINKS, (True, False), (True, False)))


@settings(max_examples=40, deadline=None)
@given(
    case=cases(max_regions=4, max_sectors=4),
    share=st.one_of(st.just(1.0), st.floats(0, 1)),
    options=st.sampled_from(OPTIONS),
)
def test_every_single_extraction_is_the_struck_table(case, share, options):
    links, final, inside = options
    mrio = case.mrio()
    A, q, y = parts(mrio)
    given_ = {"links": links, "final_demand": final, "inside": inside, "share": share}
    output, value_added, emissions = extract_all(mrio, **given_)
    v = np.where(mrio.x == 0, 0.0, 1 - A.sum(0))
    for k, (r, s) in enumerate(mrio.index.pairs):
        if mrio.x[k] == 0:
            assert output[r, s] == emissions[r, s] == 0
            continue
        dx = struck(A, y, [k], share, links, final, inside) - mrio.x
        size = np.abs(dx).sum()
        tight = {"rtol": 1e-8, "atol": 1e-10 * np.abs(mrio.x).sum()}
        np.testing.assert_allclose(output[r, s], dx.sum(), **tight)
        np.testing.assert_allclose(value_added[r, s], v @ dx, **tight)
        np.testing.assert_allclose(
            emissions[r, s], q @ dx, rtol=1e-8, atol=1e-10 * (q * np.abs(mrio.x)).sum()
        )
        np.testing.assert_allclose(output.parts["own"].ravel()[k], dx[k], **tight)
        if k < 3:
            one = extract(mrio, region=r, sector=s, method="update", **given_)
            np.testing.assert_allclose(one.output.value.ravel(), dx, **tight)
            assert one.rank <= 2
        assert np.isfinite(size)


@settings(max_examples=25, deadline=None)
@given(
    case=cases(max_regions=4, max_sectors=4, min_regions=2),
    share=st.floats(0, 1),
    options=st.sampled_from([o for o in OPTIONS if o[2]]),
)
def test_groups_are_the_struck_table(case, share, options):
    links, final, inside = options
    mrio = case.mrio()
    A, q, y = parts(mrio)
    given_ = {"links": links, "final_demand": final, "share": share}
    for by, names in (("region", mrio.regions), ("sector", mrio.sectors)):
        emissions = extract_all(mrio, by=by, **given_)[2]
        for k, name in enumerate(names):
            grid = np.arange(case.n).reshape(case.R, case.S)
            chosen = grid[k] if by == "region" else grid[:, k]
            if not mrio.x[chosen].any():
                continue
            dx = struck(A, y, chosen, share, links, final, inside) - mrio.x
            np.testing.assert_allclose(
                emissions[name], q @ dx, rtol=1e-8, atol=1e-10 * (q * mrio.x).sum()
            )


@settings(max_examples=25, deadline=None)
@given(case=cases(max_regions=4, max_sectors=4))
def test_a_complete_extraction_takes_all_of_the_sector_and_its_share_of_the_chain(case):
    mrio = case.mrio()
    A, q, _ = parts(mrio)
    L = np.linalg.inv(np.eye(case.n) - A)
    m = q @ L
    emissions = extract_all(mrio)[2].value.ravel()
    # Miller & Lahr: -m_k x_k / l_kk, of which the sector's own emissions are -f_k
    want = -m * mrio.x / np.diagonal(L)
    np.testing.assert_allclose(emissions, want, rtol=1e-9, atol=1e-10 * np.abs(want).max())
    own = extract_all(mrio)[2].parts["own"].ravel()
    np.testing.assert_allclose(own, -q * mrio.x, rtol=1e-9, atol=1e-10 * np.abs(want).max())
    np.testing.assert_allclose(inverse_diagonal(mrio), np.diagonal(L), rtol=1e-12)


@settings(max_examples=20, deadline=None)
@given(case=cases(max_regions=4, max_sectors=3, min_regions=2), share=st.floats(0, 1))
def test_a_share_of_nothing_changes_nothing_and_more_takes_more(case, share):
    mrio = case.mrio()
    if (mrio.x[: case.S] == 0).all() or (mrio.Y < 0).any():
        return
    region = mrio.regions[0]
    none, some, all_ = (
        extract(mrio, region=region, share=s).output.total for s in (0.0, share, 1.0)
    )
    tiny = 1e-10 * mrio.x.sum()
    assert abs(none) <= tiny
    assert all_ - tiny <= some <= tiny


def test_trade_alone_is_cut_when_a_region_stays_inside():
    mrio = toy()
    A, _, _ = parts(mrio)
    Y = np.array(mrio.final_demand)
    A[:2, 2:] = A[2:, :2] = 0
    Y[:2, 1] = 0  # what A delivers abroad
    x = np.linalg.solve(np.eye(4) - A, Y.sum(1))
    found = extract(mrio, region="A", inside=False)
    np.testing.assert_allclose(found.output.value.ravel(), x - mrio.x, rtol=1e-12)


def test_replacement_moves_the_sales_and_conserves_each_users_inputs():
    mrio = toy()
    A, q, _ = parts(mrio)
    Y = np.array(mrio.final_demand)
    for share in (1.0, 0.3):
        A1, Y1 = A.copy(), Y.copy()
        for cells in (A1, Y1):
            moved = share * cells[0]
            cells[0] -= moved
            cells[2] += moved  # sector 1 of B: the only other maker
        x = np.linalg.solve(np.eye(4) - A1, Y1.sum(1))
        found = extract(mrio, region="A", sector="1", share=share, replaced=True)
        np.testing.assert_allclose(found.output.value.ravel(), x - mrio.x, atol=1e-11)
        np.testing.assert_allclose(found.emissions.total, q @ (x - mrio.x), rtol=1e-11)
        assert any("replaced by" in note.text for note in found.output.notes)


def test_replacement_shares_follow_what_each_user_buys_already():
    case = random_case(5, 3, 2)
    mrio = case.mrio()
    A, _, _ = parts(mrio)
    Y = np.array(mrio.final_demand)
    for cells in (A, Y):
        moved = cells[0].copy()
        others = cells[[2, 4]]
        cells[0] = 0
        cells[[2, 4]] += others / others.sum(0) * moved
    x = np.linalg.solve(np.eye(6) - A, Y.sum(1))
    found = extract(mrio, region="r0", sector="s0", replaced=True)
    np.testing.assert_allclose(found.output.value.ravel(), x - mrio.x, rtol=1e-8, atol=1e-8)


def test_where_nothing_is_bought_abroad_output_shares_replace():
    mrio = mc.MRIO.from_arrays(
        Z=np.diag([10.0, 10, 10]), Y=np.diag([90.0, 30, 60]), regions=["A", "B", "C"],
        sectors=["1"], stressors={"GHG": [1, 1, 1]},
    )  # fmt: skip
    found = extract(mrio, region="A", sector="1", replaced=True)
    # 90 of final demand and none of A's own inputs go to B and C as 40 to 70
    want = [-100, 90 * 40 / 110 / (1 - 10 / 40), 90 * 70 / 110 / (1 - 10 / 70)]
    np.testing.assert_allclose(found.output.value.ravel(), want, rtol=1e-12)


def test_sums_labels_and_marks():
    mrio = mc.load("oecd-icio-2022")
    found = extract(mrio, region="China", sector="C24A", stressor="GHG")
    assert found.what == "CHN C24A"
    f = mrio.extensions["GHG"].F[0]
    assert found.emissions["CHN", "C24A"] == pytest.approx(-f[mrio.index.sector("C24A") + 100])
    assert found.by_region().total == pytest.approx(found.emissions.total)
    assert found.by_sector("output").total == pytest.approx(found.output.total)
    with pytest.raises(UnknownNameError, match="jobs"):
        found.by_region("jobs")
    assert found.by_region().dims == ("region",) and found.by_sector().dims == ("sector",)
    parts_ = found.emissions.parts
    np.testing.assert_allclose(parts_["own"] + parts_["elsewhere"], found.emissions.value)
    assert found.emissions.estimated and found.base_emissions == pytest.approx(f.sum())
    # all regions' steel together hang less than the sum of each alone: shared chains
    world = extract(mrio, sector="C24A", stressor="GHG").emissions.total
    singles = extract_all(mrio, stressor="GHG")[2].value[:, mrio.index.sector("C24A")].sum()
    assert singles < world < 0


def test_negative_final_demand_is_kept_and_told():
    mrio = toy(Y=[[30, 40], [55, 10], [10, 45], [-2, 120]])
    found = extract(mrio, sector="2")
    assert any("negative final demand in 1 cells" in n.text for n in found.output.notes)
    assert found.output["B", "2"] == pytest.approx(-mrio.x[3])


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: extract(toy()), InputError, "nothing to extract"),
        (lambda: extract(toy(), region="C"), UnknownNameError, "C"),
        (lambda: extract(toy(), sector="9"), UnknownNameError, "9"),
        (lambda: extract(toy(), region="A", share=1.01), InputError, "from 0 to 1"),
        (lambda: extract(toy(), region="A", share=-0.1), InputError, "from 0 to 1"),
        (lambda: extract(toy(), region="A", share=float("nan")), InputError, "from 0 to 1"),
        (lambda: extract(toy(), region="A", links="all"), UnknownNameError, "all"),
        (lambda: extract(toy(), sector="1", replaced=True), InputError, "nobody is left"),
        (lambda: extract(toy(), region="A", links="purchases", replaced=True), InputError,
         "cannot be replaced"),
        (lambda: extract(random_case(1, 2, 3, zeros=1).mrio(), **dead()), InputError,
         "has no output"),
        (lambda: extract_all(toy(), by="country"), UnknownNameError, "country"),
        (lambda: extract_all(toy(), share=2), InputError, "from 0 to 1"),
        (lambda: extract(toy(), region="A", share="1"), InputError, "share '1'"),
    ],
)  # fmt: skip
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def dead():
    mrio = random_case(1, 2, 3, zeros=1).mrio()
    return dict(zip(("region", "sector"), mrio.index.pairs[int(np.argmin(mrio.x))], strict=True))


def unbalanced(**more):
    """Three regions with uses beside final demand (a discrepancy in every row)."""
    case = random_case(5, 3, 2)
    extra = np.array([3.0, 2, 1, 4, 2, 5])
    given_ = {"Z": case.Z, "Y": case.Y, "x": case.x + extra, "regions": case.regions,
              "sectors": case.sectors, "stressors": {"GHG": case.f}, **more}  # fmt: skip
    return mc.MRIO.from_arrays(**given_), extra


@pytest.mark.parametrize("links", ["both", "sales"])
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_replacement_is_money_for_money_with_uses_beside_final_demand(links, share):
    mrio, extra = unbalanced()
    found = extract(mrio, region="r0", sector="s0", links=links, share=share, final_demand=True,
                    replaced=True)  # fmt: skip
    assert abs(found.value_added.total) < 1e-10 * mrio.x.sum()
    A, _, _ = parts(mrio)
    Y = np.column_stack([mrio.final_demand, extra])
    for cells in (A, Y):
        moved, others = share * cells[0], cells[[2, 4]].copy()
        cells[0] -= moved
        cells[[2, 4]] += others / others.sum(0) * moved
    x = np.linalg.solve(np.eye(6) - A, Y.sum(1))
    np.testing.assert_allclose(found.output.value.ravel(), x - mrio.x, rtol=1e-8, atol=1e-8)
    text = next(n.text for n in found.output.notes if n.about == "extraction")
    assert "% of the sales of" in text and "purchases and sales" not in text


def test_uses_beside_final_demand_are_extracted_with_it():
    mrio, _ = unbalanced()
    A, _, y = parts(mrio)
    found = extract(mrio, region="r0", sector="s0", share=0.5)
    want = struck(A, y, [0], 0.5, "both", True, True) - mrio.x
    np.testing.assert_allclose(found.output.value.ravel(), want, rtol=1e-9, atol=1e-9)


def test_negative_demand_elsewhere_draws_no_replacement():
    """A user that runs down stocks of r1 and buys from r2 turns to r2 alone."""
    case = random_case(5, 3, 2)
    Y = case.Y.copy()
    Y[2, 0] = -0.1 * Y[2, 1]
    mrio = case.changed(Y=Y).mrio()
    A, _, _ = parts(mrio)
    D = np.array(mrio.final_demand)
    for cells in (A, D):
        moved, weights = cells[0].copy(), np.maximum(cells[[2, 4]], 0)
        cells[0] = 0
        cells[[2, 4]] += weights / weights.sum(0) * moved
    assert (mrio.final_demand[2, 0] < 0) and D[2, 0] == mrio.final_demand[2, 0]
    x = np.linalg.solve(np.eye(6) - A, D.sum(1))
    found = extract(mrio, region="r0", sector="s0", replaced=True)
    np.testing.assert_allclose(found.output.value.ravel(), x - mrio.x, rtol=1e-8, atol=1e-8)


def test_the_error_of_many_is_that_of_the_worst():
    mrio = random_case(7, 3, 3).mrio()
    results = extract_all(mrio, by="sector", share=0.3)
    singles = [extract(mrio, sector=s, share=0.3) for s in mrio.sectors]
    for name, result in zip(("output", "value_added", "emissions"), results, strict=True):
        assert result.error == max(getattr(one, name).error for one in singles) > 0


def test_the_stated_error_covers_a_small_sector_taken_out_whole():
    mrio = mc.load("oecd-icio-2022")
    k = int(np.argmin(np.where(mrio.x > 0, mrio.x, np.inf)))
    region, sector = mrio.index.pairs[k]
    A = np.where(mrio.x > 0, mrio.Z / np.where(mrio.x > 0, mrio.x, 1.0), 0.0)
    column = np.linalg.inv(np.eye(len(A)) - A)[:, k]
    want = -mrio.x[k] / column[k] * column
    found = extract(mrio, region=region, sector=sector, stressor="GHG").output
    off = np.abs(found.value.ravel() - want).sum() / np.abs(want).sum()
    assert 1e-12 < off <= found.error < 1e-3


def test_a_table_without_stressors_has_output_and_no_emissions():
    case = random_case(5, 3, 2)
    bare = mc.MRIO.from_arrays(Z=case.Z, Y=case.Y, regions=case.regions, sectors=case.sectors)
    with_ = case.mrio()
    a, b = (extract(m, region="r0", sector="s0") for m in (bare, with_))
    np.testing.assert_array_equal(a.output.value, b.output.value)
    assert np.isnan(a.emissions.value).all() and np.isnan(a.base_emissions)
    assert "nan" not in repr(a) and "output" in repr(a)
    assert any("emissions are not known" in n.text for n in a.output.notes)
    for by in ("region-sector", "sector"):
        x, y = extract_all(bare, by=by), extract_all(with_, by=by)
        np.testing.assert_array_equal(x[0].value, y[0].value)
        assert np.isnan(x[2].value).all() and np.isnan(x[2].parts["own"]).all()
        assert x[0].error == y[0].error


def test_a_stressor_that_nobody_emits_has_no_share():
    none = extract(toy(stressors={"GHG": np.zeros(4)}), region="A")
    assert "nan" not in repr(none)
