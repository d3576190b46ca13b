"""Aggregation: every total kept, every label served once, the marks carried."""

import json
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.build import concordance as concordance_module
from mriocarbon.build.aggregate import aggregate, check_conserved, totals
from mriocarbon.build.concordance import concordance, group_names, members
from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    MriocarbonError,
    TableWarning,
    UnknownNameError,
)
from mriocarbon.model import Extension
from mriocarbon.model.side import Side


def full_table(R=3, S=4, K=2, seed=0, regions=None):
    """A balanced table with everything that a table can hold."""
    rng = np.random.default_rng(seed)
    n = R * S
    Z = rng.uniform(1, 10, (n, n))
    Y = rng.uniform(1, 10, (n, R * K)) * n
    uses = Side(("discrepancy",), rng.normal(0, 1, (1, n)))
    x = Z.sum(1) + Y.sum(1) + uses.total
    taxes = rng.uniform(0, 1, (2, n))
    added = np.stack([rng.uniform(1, 2, n), np.zeros(n)])
    added[1] = x - Z.sum(0) - taxes.sum(0) - added[0]
    F_Y = rng.uniform(0, 5, (2, R * K))
    F_Y[1, 0] = np.nan
    gases = Extension(
        "gases", ("CO2", "CH4"), rng.uniform(0, 5, (2, n)), ("Mt", "kt"), F_Y, F_Y * 0.9, F_Y * 1.1
    )
    mask = np.zeros((n, n), dtype=bool)
    mask[0, 5] = True
    return mc.MRIO(
        mc.SectorIndex(
            tuple(regions or [f"R{k}" for k in range(R)]), tuple(f"s{k}" for k in range(S))
        ),
        Z, Y, x, added, ("C", "I"), ("wages", "surplus"), {"gases": gases}, year=2020,
        other_inputs=Side(("tax", "abroad"), taxes, rng.uniform(0, 1, (2, R * K))),
        other_uses=uses, estimated={"Z": mask, "x": np.arange(n) == 1}, price_basis="basic",
        table_type="industry-by-industry",
    )  # fmt: skip


REGIONS = {"R0": "N", "R1": "S", "R2": "N"}
SECTORS = {"s0": "a", "s1": "b", "s2": "a", "s3": "b"}


def by_kron(mrio, R, S):
    """The product of both concordances as one plain matrix."""
    return np.kron(R.weights, S.weights)


def test_everything_is_summed_as_the_plain_product():
    mrio = full_table()
    small = aggregate(mrio, regions=REGIONS, sectors=SECTORS)
    R, S = concordance(REGIONS, mrio.regions), concordance(SECTORS, mrio.sectors, kind="sectors")
    C, D = by_kron(mrio, R, S), np.kron(R.weights, np.eye(2))
    assert small.regions == ("N", "S") and small.sectors == ("a", "b")
    np.testing.assert_allclose(small.Z, C.T @ mrio.Z @ C, rtol=1e-13)
    np.testing.assert_allclose(small.Y, C.T @ mrio.Y @ D, rtol=1e-13)
    np.testing.assert_allclose(small.x, mrio.x @ C, rtol=1e-13)
    np.testing.assert_allclose(small.value_added, mrio.value_added @ C, rtol=1e-13)
    np.testing.assert_allclose(small.other_inputs.values, mrio.other_inputs.values @ C, rtol=1e-13)
    np.testing.assert_allclose(
        small.other_inputs.final_demand, mrio.other_inputs.final_demand @ D, rtol=1e-13
    )
    np.testing.assert_allclose(
        small.other_uses.values, mrio.other_uses.values @ C, rtol=1e-12, atol=1e-12
    )
    old, new = mrio.extensions["gases"], small.extensions["gases"]
    np.testing.assert_allclose(new.F, old.F @ C, rtol=1e-13)
    for part in ("F_Y", "F_Y_low", "F_Y_high"):
        np.testing.assert_allclose(getattr(new, part)[0], getattr(old, part)[0] @ D, rtol=1e-13)
        # the unknown figure stays unknown where it belongs, and nowhere else
        assert np.isnan(getattr(new, part)[1]).tolist() == [True, False, False, False]
    assert small.diagnostics == ()
    assert (small.price_basis, small.table_type) == ("basic", "industry-by-industry")
    assert "3 regions x 4 sectors to 2 x 2" in small.provenance.steps[-1]


def test_marks_of_estimated_cells_travel():
    small = aggregate(full_table(), regions=REGIONS, sectors=SECTORS)
    # cell (R0 s0 -> R1 s1) lies in (N a -> S b); sector R0 s1 in N b
    assert np.argwhere(small.estimated["Z"]).tolist() == [[0, 3]]
    assert small.estimated["x"].tolist() == [False, True, False, False]


def test_marks_that_broadcast_stay_small():
    mrio = full_table()
    rows = np.arange(12)[:, None] >= 8
    small = aggregate(replace(mrio, estimated={"Z": rows, "Y": np.ones(6, bool)}), regions=REGIONS)
    assert small.estimated["Z"].shape == (8, 1)
    assert small.estimated["Z"][:4].all() and not small.estimated["Z"][4:].any()
    assert small.estimated["Y"].shape == (1, 4)


@given(st.lists(st.integers(0, 2), min_size=3, max_size=3), st.integers(0, 5))
def test_totals_are_conserved_by_any_grouping(groups, seed):
    mrio = full_table(seed=seed)
    small = aggregate(mrio, regions={f"R{k}": f"G{g}" for k, g in enumerate(groups)})
    before, after = totals(mrio), totals(small)
    for name, (value, gross) in before.items():
        assert after[name][0] == pytest.approx(value, abs=1e-12 * gross, nan_ok=True)


def test_two_steps_are_one_step():
    mrio = full_table()
    both = aggregate(mrio, regions=REGIONS, sectors=SECTORS)
    step = aggregate(aggregate(mrio, sectors=SECTORS), regions=REGIONS)
    np.testing.assert_allclose(both.Z, step.Z, rtol=1e-13)


def test_all_forms_of_a_concordance_agree(tmp_path):
    mrio = full_table()
    path = tmp_path / "map.csv"
    path.write_text("country,region\nR0,N\nR1,S\nR2,N\n", encoding="utf-8-sig")
    pairs = pd.DataFrame({"old": list(REGIONS), "new": list(REGIONS.values())})
    cells = pd.DataFrame([[1, 0], [0, 1], [1, 0]], index=list(REGIONS), columns=["N", "S"])
    nested = {old: {new: 1.0} for old, new in REGIONS.items()}
    want = aggregate(mrio, regions=REGIONS)
    for form in (path, str(path), pairs, cells, cells.astype(bool), nested, pd.Series(REGIONS)):
        got = aggregate(mrio, regions=form)
        assert got.regions == want.regions
        assert (got.Z == want.Z).all()


def test_shares_divide_a_label_and_mark_it():
    mrio = full_table()
    parts = {"R0": {"N": 0.25, "S": 0.75}, "R1": {"S": 1}, "R2": {"S": 1}}
    small = aggregate(mrio, regions=parts)
    assert small.x[:4] == pytest.approx(0.25 * mrio.x[:4])
    assert small.estimated["x"].all() and small.estimated["Z"].all()
    assert any("N 25.0000%" in note.text and note.estimated for note in small.notes)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"R0": "N", "R1": "S"}, "not mapped R2"),
        ({**REGIONS, "R2": {"N": 1, "S": 1}}, "R2 -> N and S"),
        (pd.DataFrame({"a": ["R0", "R1", "R2", "R0"], "b": list("NSNS")}), "R0 -> N and S"),
        (pd.DataFrame({"a": ["R0", "R1", "R2", "R0"], "b": list("NSNN")}), "R0 -> N and N"),
        ({**REGIONS, "R2": {"N": 0.4, "S": 0.5}}, r"R2 \(0.9\)"),
    ],
)
def test_labels_not_mapped_or_doubly_mapped_are_named(given, says):
    with pytest.raises(LabelError, match=says):
        aggregate(full_table(), regions=given)


def test_a_misspelt_label_does_not_go_with_the_others():
    with pytest.raises(LabelError, match="not in the table R9"):
        aggregate(full_table(), regions={"R9": "N"}, others="rest")
    # where every label is named, one too many changes nothing
    assert aggregate(full_table(), regions={**REGIONS, "R9": "N"}).regions == ("N", "S")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (np.eye(3), InputError),
        (pd.DataFrame({"N": ["x", "y"]}), InputError),
        ({"R0": {"N": -1, "S": 2}, "R1": "S", "R2": "S"}, InputError),
        ({"R0": {"N": float("nan")}, "R1": "S", "R2": "S"}, InputError),
        (Path("nowhere.csv"), DataFileError),
        ("Atlantis", UnknownNameError),
        (pd.DataFrame([[1, 0]] * 3, index=list(REGIONS), columns=["N", "N"]), LabelError),
    ],
)
def test_bad_concordances_are_refused(given, error):
    with pytest.raises(error):
        aggregate(full_table(), regions=given)


def test_a_ragged_csv_is_refused(tmp_path):
    path = tmp_path / "map.csv"
    path.write_text("a,b\nR0,N\nR1\nR2,N\n", encoding="utf-8")
    with pytest.raises(DataFileError, match="lines 3"):
        aggregate(full_table(), regions=path)


def test_nothing_to_do_is_an_error():
    with pytest.raises(InputError, match="nothing to aggregate"):
        aggregate(full_table())
    with pytest.raises(InputError, match="country group"):
        aggregate(full_table(), sectors="EU27")


def test_a_lost_total_is_found():
    mrio = full_table()
    with pytest.raises(MriocarbonError, match="wages"):
        added = mrio.value_added.copy()
        added[0, 0] += 1e-9 * added[0].sum()
        check_conserved(mrio, replace(mrio, value_added=added))


def test_groups_are_whole_and_dated():
    path = Path(concordance_module.__file__).parent / "groups.json"
    groups = json.loads(path.read_text(encoding="utf-8"))
    import pycountry

    sizes = {"EU27": 27, "G7": 7, "G20": 19, "OECD": 38, "BRICS": 10}
    assert {name: len(members(name)) for name in group_names()} == sizes
    for name, about in groups.items():
        assert about["source"] and about["as_of"] >= max(about["members"].values()), name
        assert all(pycountry.countries.get(alpha_3=code) for code in about["members"]), name
    assert "GBR" not in members("eu27") and "GBR" in members("G7")
    assert members("BRICS", year=2012) == ("BRA", "CHN", "IND", "RUS", "ZAF")
    with pytest.raises(UnknownNameError, match="EU27"):
        members("EU28")


def test_country_groups_merge_their_members_and_tell_who_is_absent():
    mrio = full_table(regions=("DEU", "FRA", "USA"))
    with pytest.warns(TableWarning, match="AUT"):
        small = aggregate(mrio, regions="EU27")
    assert small.regions == ("EU27", "USA")
    assert any("2 of 27 members" in note.text for note in small.notes)
    with pytest.raises(LabelError, match="DEU -> EU27 and G7"), warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        aggregate(mrio, regions=["EU27", "G7"])
    with pytest.raises(LabelError, match="no member of BRICS"):
        aggregate(mrio, regions="BRICS")


@pytest.fixture(scope="module")
def real(data_folder):
    """The 81 x 50 table, and the published aggregate of it."""
    folder = data_folder / "icio2022"
    with np.load(folder / "icio2022_81x50_f32.npz") as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        mrio = mc.MRIO.from_arrays(
            Z=raw["Z"], Y=raw["Y"], x=raw["x"], value_added=raw["VA"],
            regions=[str(c) for c in raw["countries"]], sectors=[str(s) for s in raw["sectors"]],
            other_inputs=Side(("TLS",), raw["TLS"][None, :].copy()), price_basis="basic",
        )  # fmt: skip
    return folder, mrio


@pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")
def test_real_table_gives_the_published_20_regions(real):
    folder, mrio = real
    started = time.perf_counter()
    small = aggregate(mrio, regions=folder / "region_mapping_20R.csv")
    seconds = time.perf_counter() - started
    with np.load(folder / "icio2022_20Rx50_with_GHG.npz") as raw:
        want = {name: raw[name] for name in ("Z", "Y", "x", "regions", "sectors")}
    order = [small.regions.index(str(r)) for r in want["regions"]]
    assert small.sectors == tuple(map(str, want["sectors"]))
    Z = small.Z.reshape(20, 50, 20, 50)[order][:, :, order].reshape(1000, 1000)
    Y = small.Y.reshape(20, 50, 20)[order][:, :, order].reshape(1000, 20)
    x = small.x.reshape(20, 50)[order].ravel()
    # the source of the 81 regions is single precision: 6e-8 of a cell
    np.testing.assert_allclose(Z, want["Z"], rtol=2e-6, atol=1e-3)
    np.testing.assert_allclose(Y, want["Y"], rtol=2e-6, atol=1e-3)
    np.testing.assert_allclose(x, want["x"], rtol=1e-12)
    assert seconds < 2.0  # 0.05 s measured on two free cores; the issue asks for 0.5 s


@pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")
def test_real_groups(real):
    _, mrio = real
    small = aggregate(mrio, regions=["EU27", "BRICS"], others="rest")
    assert set(small.regions) == {"EU27", "BRICS", "rest"}
    assert any("BRICS: 8 of 10" in n.text and "ETH, IRN" in n.text for n in small.notes)
    EU = [k for k, r in enumerate(mrio.regions) if r in members("EU27")]
    assert len(EU) == 27
    at = small.regions.index("EU27")
    assert small.x.reshape(3, 50)[at] == pytest.approx(mrio.x.reshape(81, 50)[EU].sum(0))


def test_a_country_group_as_a_key_is_pointed_to_its_own_way():
    mrio = full_table(regions=("DEU", "FRA", "USA"))
    with pytest.raises(LabelError, match=r"regions=\['EU27'\].*mc\.members\('EU27'\)"):
        aggregate(mrio, regions={"EU27": "EU", "USA": "USA"})
    with pytest.raises(LabelError, match="country group"):
        aggregate(mrio, regions={"EU27": "EU"}, others="rest")


@pytest.mark.parametrize("others", ["same", "keep"])
def test_a_new_label_that_is_another_old_one_is_refused(others):
    mrio = full_table(regions=("CHN", "USA", "IND"))
    with pytest.raises(LabelError, match="CHN -> USA: the new label is another") as caught:
        aggregate(mrio, regions={"CHN": "USA"}, others=others)
    assert "{'CHN': 'USA', 'USA': 'USA'}" in str(caught.value)
    merged = aggregate(mrio, regions={"CHN": "USA", "USA": "USA"}, others=others)
    assert merged.x[:4] == pytest.approx(mrio.x[:4] + mrio.x[4:8])
    # Said of both, or of the rest as a whole, it is no slip.
    swapped = aggregate(mrio, regions={"CHN": "USA", "USA": "CHN", "IND": "IND"})
    assert swapped.regions == ("USA", "CHN", "IND")
    assert aggregate(mrio, regions={"CHN": "USA"}, others="USA").regions == ("USA",)
