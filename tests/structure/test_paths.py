"""The path search against every chain counted out, and against what must hold of any list."""

import csv
import itertools
import json
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, toy

import mriocarbon as mc
from mriocarbon.errors import (
    AccountWarning,
    InputError,
    NotProductiveError,
    TableWarning,
    UnknownNameError,
)
from mriocarbon.structure import path_parts
from mriocarbon.structure.path_tiers import crossings, tiers
from mriocarbon.structure.paths import _search, paths
from tests.structure.chains import count_out

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")

SMALL = cases(max_regions=3, max_sectors=2)


def listed(result) -> list[tuple[float, tuple[int, ...]]]:
    bounds = zip(result.start[:-1], result.start[1:], strict=True)
    return [
        (float(v), tuple(map(int, result.places[a:b])))
        for v, (a, b) in zip(result.value, bounds, strict=True)
    ]


def signed(case, what: str):
    """The case's arrays with some signs turned in emissions or flows; output stays as it was."""
    rng = case.rng
    f, Z = case.f.copy(), case.Z.copy()
    if "f" in what:
        f *= np.where(rng.random(case.n) < 0.3, -1.0, 1.0)
    if "Z" in what:
        Z *= np.where(rng.random(Z.shape) < 0.2, -1.0, 1.0)
    return Z, f, case.mrio(Z=Z, x=case.x, stressors={"GHG": f}, value_added=None)


def demand(case, region, sector):
    """y of a question, by hand."""
    y = case.demand.sum(axis=1) if region is None else case.demand[:, region].copy()
    if sector is not None:
        y = np.where(np.arange(case.n) % case.S == sector, y, 0.0)
    return y


@settings(max_examples=30)
@given(case=SMALL, what=st.sampled_from(["", "f", "Z", "fZ"]), data=st.data())
def test_list_is_the_head_of_all_chains(case, what, data):
    region = data.draw(st.none() | st.integers(0, case.R - 1), label="region")
    sector = data.draw(st.none() | st.integers(0, case.S - 1), label="sector")
    Z, f, mrio = signed(case, what)
    y = demand(case, region, sector)
    asked = {
        "region": None if region is None else case.regions[region],
        "product": None if sector is None else case.sectors[sector],
    }
    if not y.any():
        with pytest.raises(InputError, match="no final demand"):
            paths(mrio, **asked)
        return
    counted = count_out(Z, case.x, f, y, depth=5)
    expected = counted.certain
    if not expected:
        return
    result = paths(mrio, top=len(expected), **asked)
    assert listed(result) == expected  # to the last bit, ties included
    assert result.complete
    # no other path is above the bound, and the next one meets it
    others = [abs(v) for v, _ in counted.chains[len(expected) :]]
    assert max(others, default=0.0) <= result.remainder_bound * (1 + 1e-12)
    assert result.remainder_bound <= max([counted.longer * (1 + 1e-9), *others])
    more = paths(mrio, top=len(expected) + 1, **asked)
    if len(more) > len(result):
        assert abs(more.value[-1]) == result.remainder_bound
    else:
        assert result.remainder_bound == 0.0
    # the multiplier as bound gives the same list
    question = path_parts.question(mrio, stressor=None, **asked)
    above = path_parts.upstream(question)
    last, state, _ = _search(Z, above, above.gross * (1 + 1e-9), y, len(expected), 10**6)
    assert list(state["weight"][last] * above.q[state["sector"][last]]) == [v for v, _ in expected]


@given(case=SMALL, what=st.sampled_from(["", "f", "Z", "fZ"]))
def test_totals_are_those_of_plain_algebra(case, what):
    Z, f, mrio = signed(case, what)
    y = case.demand[:, 0]
    if not y.any():
        return
    A = np.divide(Z, case.x, out=np.zeros_like(Z), where=case.x > 0)
    q = np.divide(f, case.x, out=np.zeros_like(f), where=case.x > 0)
    L, gross = np.linalg.inv(np.eye(case.n) - A), np.linalg.inv(np.eye(case.n) - np.abs(A))
    result = paths(mrio, region="r0", top=5)
    scale = np.abs(q) @ gross @ np.abs(y)
    assert result.total == pytest.approx(q @ L @ y, rel=1e-9, abs=1e-9 * scale)
    assert result.gross_total == pytest.approx(scale, rel=1e-9)
    assert np.abs(result.value).sum() <= scale * (1 + 1e-9)
    assert result.remainder + result.value.sum() == pytest.approx(result.total, abs=1e-9 * scale)


@pytest.mark.filterwarnings("ignore:consumption. accounts:mriocarbon.errors.AccountWarning")
@given(case=cases(max_regions=8))
def test_account_is_that_of_consumption(case):
    mrio = case.mrio()
    account = mc.account(mrio, "consumption", households=False)
    for r, name in enumerate(case.regions):
        if not case.demand[:, r].any():
            continue
        scale = np.abs(account.value).max()
        assert paths(mrio, region=name, top=1).total == pytest.approx(
            account[name], rel=1e-9, abs=1e-9 * scale
        )
        for function in (tiers, crossings):
            assert function(mrio, region=name).total == pytest.approx(
                account[name], rel=1e-9, abs=1e-9 * scale
            )


@given(case=SMALL, few=st.integers(1, 30), many=st.integers(31, 200))
def test_a_short_list_is_the_head_of_a_long_one(case, few, many):
    mrio = case.mrio()
    if not case.demand.sum(axis=1).any():
        return
    assert listed(paths(mrio, top=few)) == listed(paths(mrio, top=many))[:few]


@given(case=SMALL)
def test_tiers_are_the_power_series(case):
    mrio = case.mrio()
    y = case.demand[:, 0]
    if not y.any():
        return
    counted = count_out(case.Z, case.x, case.f, y, depth=4)
    result = tiers(mrio, region="r0", depth=4)
    scale = np.abs(counted.chains and [v for v, _ in counted.chains]).sum() + 1e-300
    for k in range(5):
        expected = sum(v for v, c in counted.chains if len(c) == k + 1)
        assert result[str(k)] == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)


@given(case=cases(max_regions=4, max_sectors=3), region=st.sampled_from(["r0", None]))
def test_crossings_are_the_coefficients_of_their_generating_function(case, region):
    # A border weighs z: sum_c E_c z^c = q'(I - A_d - z A_o)^-1 (y_d + z y_o).
    mrio = case.mrio()
    y = demand(case, None if region is None else 0, None)
    if not y.any():
        return
    A = np.divide(case.Z, case.x, out=np.zeros_like(case.Z), where=case.x > 0)
    q = np.divide(case.f, case.x, out=np.zeros_like(case.f), where=case.x > 0)
    home = np.arange(case.n) // case.S
    abroad = home[:, None] != home[None, :]
    far = (home != 0) if region else np.zeros(case.n, dtype=bool)
    E = crossings(mrio, region=region, depth=30).value
    scale = np.abs(q) @ np.linalg.solve(np.eye(case.n) - A, np.abs(y))
    for z in (0.0, 0.25, 0.5):
        expected = q @ np.linalg.solve(
            np.eye(case.n) - np.where(abroad, z * A, A), np.where(far, z * y, y)
        )
        series = E[:-1] @ z ** np.arange(31.0)
        assert series == pytest.approx(expected, rel=1e-7, abs=1e-8 * scale)


@given(case=SMALL)
def test_borders_of_listed_paths(case):
    mrio = case.mrio()
    if not case.demand[:, 0].any():
        return
    for region in ("r0", None):
        result = paths(mrio, region=region, top=50)
        for k, chain in enumerate(result):
            where = [r for r, _ in chain]
            borders = sum(a != b for a, b in itertools.pairwise(where))
            assert result.crossings[k] == borders + (region is not None and where[0] != region)


@given(case=SMALL, group=st.sampled_from(["sector", "region", "supplier", "product",
                                          "crossings", "tier"]))  # fmt: skip
def test_groups_add_up_to_the_account(case, group):
    mrio = case.mrio()
    if not case.demand[:, 0].any():
        return
    result = paths(mrio, region="r0", top=40)
    grouped = result.by(group)
    assert grouped.dims == (group,)
    assert grouped.coords[group][-1] == "not listed"
    assert grouped.total == pytest.approx(result.total, rel=1e-9, abs=1e-9 * result.gross_total)
    assert grouped["not listed"] == result.remainder
    if group in ("tier", "crossings") and (case.demand >= 0).all():
        whole = (tiers if group == "tier" else crossings)(mrio, region="r0", depth=12)
        for label in grouped.coords[group][:-1]:
            if label in whole.coords[group]:
                assert grouped[label] <= whole[label] * (1 + 1e-9) + 1e-12 * result.gross_total


def steel(**changes) -> mc.MRIO:
    """Ore -> steel -> car -> consumer: only ore emits."""
    given_ = {
        "Z": [[0, 60, 0], [0, 0, 80], [0, 0, 0]],
        "Y": [[0], [0], [100]],
        "regions": ["A"],
        "sectors": ["ore", "steel", "car"],
        "stressors": {"GHG": [30.0, 0.0, 0.0]},
    }
    return mc.MRIO.from_arrays(**{**given_, **changes})


def test_a_middle_without_emissions_of_its_own_survives():
    result = paths(steel(), top=1)
    assert result.path(0) == (("A", "car"), ("A", "steel"), ("A", "ore"))
    assert result.value[0] == pytest.approx(30.0, rel=1e-14)
    assert (result.coverage, result.remainder_bound, result.tier[0]) == (1.0, 0.0, 2)
    # many larger emitters beside it make no difference: it is found where its value puts it
    mixed = steel(Z=[[0, 60, 1], [0, 5, 80], [2, 0, 3]], stressors={"GHG": [30.0, 0.0, 0.2]})
    chains = [result.path(k) for result in [paths(mixed, top=3)] for k in range(3)]
    assert chains[0] == (("A", "car"), ("A", "steel"), ("A", "ore"))


def test_one_sector_that_feeds_itself_is_a_geometric_series():
    mrio = mc.MRIO.from_arrays(
        Z=[[50]], Y=[[50]], regions=["A"], sectors=["s"], stressors={"GHG": [10.0]}
    )
    result = paths(mrio, top=6)
    assert result.value.tolist() == [10.0 * 0.5 ** (k + 1) for k in range(6)]
    assert result.tier.tolist() == list(range(6))
    assert result.remainder == result.remainder_bound * 2  # 10 / 2^6, of which the next is half
    # a list that cannot be filled ends where a chain is too small for a number
    endless = paths(mrio, top=10_000)
    assert len(endless) < 1200 and endless.complete and endless.remainder_bound == 0.0
    assert endless.coverage == pytest.approx(1.0, rel=1e-14)


def test_ties_go_by_length_then_by_place_from_the_emitter_on():
    n = 3
    mrio = mc.MRIO.from_arrays(
        Z=np.full((n, n), 1.0), Y=np.full((n, 1), 5.0), regions=["A"], sectors=["a", "b", "c"],
        stressors={"GHG": np.full(n, 8.0)},
    )  # fmt: skip
    expected = count_out(np.ones((n, n)), np.full(n, 8.0), np.full(n, 8.0), np.full(n, 5.0), 4)
    for top in (1, 2, 4, 11, 12, 13, 38, 39, 40, 100):
        assert listed(paths(mrio, top=top)) == expected.chains[:top]


@pytest.mark.parametrize("levels", [3, 10**6])
def test_suppliers_are_the_head_of_one_order(levels):
    from mriocarbon.structure.path_kernels import suppliers

    rng = np.random.default_rng(levels)
    n = 200
    Z = rng.integers(0, levels, (n, n)).astype(float)  # few levels: many ties
    x, M = np.full(n, 4.0), np.where(rng.random(n) < 0.2, 0.0, 2.0)
    for i in (0, 77):
        key = Z[:, i] / 4.0 * M
        expected = [j for j in sorted(range(n), key=lambda j: (-key[j], j)) if key[j] > 0]
        for most in (1, 7, 32, len(expected) - 1, len(expected), n):
            who, there = suppliers(Z, x, M, i, most)
            assert there == len(expected)
            assert who.tolist() == expected[:most]


def test_a_maker_with_hundreds_of_suppliers():
    # one car of 700 parts, half of them of two sizes: the lists of suppliers grow three times
    n = 701
    part = np.where(np.arange(n - 1) % 2, 1.0, 2.0) + np.where(np.arange(n - 1) < 350, 0, 1e-3) * (
        np.arange(n - 1)
    )
    Z = np.zeros((n, n))
    Z[:-1, -1] = part
    Y = np.zeros((n, 1))
    Y[-1] = 4000.0
    x = np.append(part, 4000.0)
    mrio = mc.MRIO.from_arrays(
        Z=Z, Y=Y, x=x, regions=["A"], sectors=[str(k) for k in range(n)],
        stressors={"GHG": np.append(part, 0.0)},
    )  # fmt: skip
    everything = paths(mrio, top=5000)
    assert len(everything) == n - 1 and everything.remainder_bound == 0.0
    assert listed(everything) == count_out(Z, x, np.append(part, 0.0), Y[:, 0], 1).chains
    for top in (1, 31, 32, 33, 255, 256, 257, 699):
        assert listed(paths(mrio, top=top)) == listed(everything)[:top]


def test_a_sector_without_output_ends_a_chain():
    Z = [[0, 40, 5], [0, 0, 0], [0, 10, 0]]
    Y = [[0.0], [50.0], [3.0]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        mrio = mc.MRIO.from_arrays(
            Z=Z, Y=Y, x=[45, 50, 0], regions=["A"], sectors=["a", "b", "gone"],
            stressors={"GHG": [45.0, 5.0, 7.0]},
        )  # fmt: skip
    result = paths(mrio, top=10)
    assert list(result) == [(("A", "b"), ("A", "a")), (("A", "b"),)]
    assert result.value.tolist() == [40.0, 5.0]
    account = mc.account(mrio, "consumption", households=False)
    assert result.total == pytest.approx(account["A"], rel=1e-12)


def test_whole_demand_sums_destinations():
    mrio = toy()
    whole = {c: v for v, c in listed(paths(mrio, top=60))}
    parts = [{c: v for v, c in listed(paths(mrio, region=r, top=400))} for r in "AB"]
    for chain, value in whole.items():
        assert value == pytest.approx(sum(p[chain] for p in parts), rel=1e-12)
    of_one = paths(mrio, product=("A", "2"), top=30)
    assert {chain[0] for chain in of_one} == {("A", "2")}
    both = paths(mrio, product="2", top=30)
    assert {chain[0] for chain in both} == {("A", "2"), ("B", "2")}


def test_table_has_the_columns_that_are_promised():
    result = paths(toy(), region="B", top=20)
    frame = result.table
    assert list(frame.columns)[:4] == ["path", "value", "tier", "share"]
    assert frame["path"][0] == list(result.path(0))
    assert frame["share"].sum() == pytest.approx(result.coverage, rel=1e-12)
    assert frame.attrs["units"] == "Mt CO2e"
    assert [len(path) - 1 for path in frame["path"]] == frame["tier"].tolist()
    assert not result.value.flags.writeable and not result.places.flags.writeable


def test_files_say_all(tmp_path):
    result = paths(toy(), region="B", top=20)
    written = result.to_csv(tmp_path / "paths.csv").read_text(encoding="utf-8").splitlines()
    head = [line for line in written if line.startswith("# ")]
    assert any(line.startswith("# remainder_bound: ") for line in head)
    rows = list(csv.DictReader(line for line in written if not line.startswith("# ")))
    assert [float(row["value"]) for row in rows] == result.value.tolist()
    assert rows[3]["path"].split(" <- ") == [" ".join(pair) for pair in result.path(3)]
    told = json.loads(result.to_json())
    assert told["total"] == result.total and told["remainder_bound"] == result.remainder_bound
    assert [tuple(map(tuple, row["path"])) for row in told["list"]] == list(result)
    assert told["list"][0]["value"] == result.value[0]


def test_a_search_that_meets_its_limit_says_what_it_proved():
    mrio = mc.load("oecd-icio-2022")
    whole = paths(mrio, region="CHN", top=2000)
    with pytest.warns(AccountWarning, match="met its limit of 1,000 chains"):
        part = paths(mrio, region="CHN", top=2000, limit=1000)
    assert not part.complete and whole.complete
    assert 0 < len(part) < 2000
    assert listed(part) == listed(whole)[: len(part)]
    assert whole.value[len(part)] <= part.remainder_bound <= whole.value[len(part) - 1]
    assert any("met its limit" in note.text for note in part.notes)
    with pytest.warns(AccountWarning):
        nothing = paths(mrio, region="CHN", top=5, limit=1)
    assert len(nothing) == 0 and nothing.remainder_bound >= whole.value[0]


def test_a_long_search_tells_how_far_it_is(monkeypatch):
    told = []
    monkeypatch.setattr(sys.modules["mriocarbon.structure.paths"], "PAUSE", 100)
    result = paths(mc.load("oecd-icio-2022"), region="CHN", top=500, progress=told.append)
    assert len(told) >= 4 and "of 500 paths" in told[0]
    assert listed(result) == listed(paths(mc.load("oecd-icio-2022"), region="CHN", top=500))


def test_real_table_by_hand():
    mrio = mc.load("oecd-icio-2022")
    result = paths(mrio, region="United Kingdom", top=3000)
    x = np.where(mrio.x > 0, mrio.x, np.inf)
    A, q = mrio.Z / x, mrio.extensions["GHG"].F[0] / x
    y = mrio.final_demand[:, mrio.regions.index("GBR")]
    for value, chain in listed(result):
        w = y[chain[0]]
        for i, j in itertools.pairwise(chain):
            w = w * A[j, i]
        assert value == w * q[chain[-1]]
    assert len(set(result)) == 3000
    assert (np.diff(np.abs(result.value)) <= 0).all()
    assert 0.5 < result.coverage < 0.65
    assert result.estimated and any("imported final demand" in n.text for n in result.notes)
    assert "best first" in result.provenance.method
    # every sector that emits for a final product directly above the bound is on the list
    direct = y * q
    on = {chain[0] for _, chain in listed(result) if len(chain) == 1}
    assert on == set(np.flatnonzero(np.abs(direct) > result.remainder_bound).tolist())


@pytest.mark.parametrize("top", [0, -1, 1.5, True, "ten"])
def test_top_is_a_positive_number(top):
    with pytest.raises(InputError, match=r"top=.*not a positive whole number"):
        paths(toy(), top=top)


def test_bad_questions():
    mrio = toy()
    with pytest.raises(InputError, match="limit=0"):
        paths(mrio, limit=0)
    with pytest.raises(InputError, match="at most"):
        paths(mrio, limit=2**40)
    with pytest.raises(UnknownNameError, match="unknown region"):
        paths(mrio, region="nowhere")
    with pytest.raises(UnknownNameError, match="unknown sector"):
        paths(mrio, product="steel")
    with pytest.raises(UnknownNameError, match="unknown sector"):
        paths(mrio, product=("A", "steel"))
    with pytest.raises(InputError, match="3 labels"):
        paths(mrio, product=("A", "1", "x"))
    with pytest.raises(UnknownNameError, match="unknown stressor"):
        paths(mrio, stressor="soot")
    with pytest.raises(UnknownNameError, match="unknown grouping"):
        paths(mrio, top=1).by("colour")
    for function in (tiers, crossings):
        with pytest.raises(InputError, match="depth=-1"):
            function(mrio, depth=-1)
        with pytest.raises(InputError, match=r"depth=2\.5"):
            function(mrio, depth=2.5)
    empty = toy(Y=np.array([[70, 0], [65, 0], [55, 0], [125, 0]], dtype=float))
    with pytest.raises(InputError, match=r"no final demand in B(.|\n)*what to do"):
        paths(empty, region="B")
    with pytest.raises(InputError, match="no final demand in B"):
        tiers(empty, region="B")


def test_demand_that_emits_nothing_has_no_paths():
    mrio = toy(stressors={"GHG": np.zeros(4)}, households=None)
    result = paths(mrio, region="A")
    assert len(result) == 0 and result.total == 0.0 and result.remainder_bound == 0.0
    assert np.isnan(result.coverage) and json.loads(result.to_json())["coverage"] is None
    assert len(result.table) == 0 and result.crossings.shape == (0,)
    assert result.by("sector").total == 0.0


def test_negative_demand_is_told():
    mrio = toy(Y=np.array([[30, 40], [-5, 70], [10, 45], [5, 120]], dtype=float))
    result = paths(mrio, region="A", top=10)
    assert result.total < result.gross_total
    assert any("stocks drawn down" in note.text for note in result.notes)
    assert (result.value < 0).any()
    assert result.gross_coverage <= 1


def test_negative_flows_and_emissions_are_told():
    Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [5, -3, 20, 20], [0, 5, 10, 60]], dtype=float)
    mrio = toy(Z=Z, stressors={"GHG": [240, -50, 60, 40]})
    notes = " ".join(note.text for note in paths(mrio, top=5).notes)
    assert "1 negative emissions" in notes and "1 negative flows" in notes


def test_negative_flows_that_have_no_bound_are_refused():
    # A = [[0, .9], [-.9, 0]] / .9 ...: productive as it is, not with |A|
    A = np.array([[0.6, 0.6], [-0.6, 0.6]])
    x = np.array([100.0, 100.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        mrio = mc.MRIO.from_arrays(
            Z=A * x, Y=((np.eye(2) - A) @ x)[:, None], x=x, regions=["A"], sectors=["a", "b"],
            stressors={"GHG": [1.0, 1.0]},
        )  # fmt: skip
    mc.leontief(mrio).require_productive()
    with pytest.raises(NotProductiveError, match="not with their absolute values"):
        paths(mrio)


def test_what_is_no_product_or_region_is_refused_in_words():
    for product in (5, float("nan"), ("A",)):
        with pytest.raises(InputError, match=r"a product of [01] labels"):
            paths(toy(), product=product)
    with pytest.raises(UnknownNameError, match="unknown region 5"):
        paths(toy(), region=5)


def test_paths_are_numbered_as_a_sequence():
    found = paths(toy(), top=5)
    assert found.path(-1) == found.path(4) != ()
    for k in (5, -6):
        with pytest.raises(IndexError):
            found.path(k)


def test_demand_that_cancels_is_no_missing_demand():
    Y = np.array([[5.0, -5.0], [0, 0], [0, 0], [0, 0]])
    x = np.full(4, 100.0)
    with pytest.raises(InputError, match="final demand in all regions cancels"):
        paths(toy(Y=Y, x=x))
    with pytest.raises(InputError, match="final demand of 1 in all regions cancels"):
        paths(toy(Y=Y, x=x), product="1")
    with pytest.raises(InputError, match="no final demand of 2 in all regions"):
        paths(toy(Y=Y, x=x), product="2")
    assert paths(toy(Y=Y, x=x), region="A").total > 0


def test_what_is_counted_and_when_is_in_every_result(tmp_path):
    mrio = toy(year=2010)
    found = paths(mrio, region="A", product="1", top=5)
    told = found.metadata()
    assert [told[k] for k in ("stressor", "region", "product", "year")] == ["GHG", "A", "1", 2010]
    assert "# stressor: GHG" in found.to_csv(tmp_path / "a.csv").read_text()
    for result in (found.by("sector"), tiers(mrio), crossings(mrio)):
        assert result.metadata()["stressor"] == "GHG"
        assert result.metadata()["year"] == "2010"
