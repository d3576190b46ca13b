"""Each defect, put into the real table, is found by its own check and by no other."""

import json
import math
import time
import warnings
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import mriocarbon as mc
from mriocarbon.build.checks import check
from mriocarbon.build.finding import CheckReport, Finding
from mriocarbon.build.outliers import fit, intensities, slips
from mriocarbon.datasets.full import full_table
from mriocarbon.errors import InputError, TableWarning, UnknownNameError
from mriocarbon.model.side import Side
from tests.build.defects import changed, worse


def with_F(table, change, name="GHG"):
    """The table with its stressor changed in place by `change(grid of regions x sectors)`."""
    ext = table.extensions[name]
    F = ext.F.copy()
    change(F.reshape(len(F), len(table.regions), len(table.sectors))[0])
    return table.replace_extensions(replace(ext, F=F))


@pytest.fixture(scope="module")
def place(table):
    def of(region, sector):
        return table.index.pairs.index((region, sector))

    return of


def test_the_clean_table_fails_nothing_and_its_warnings_are_these(clean):
    assert clean.worst == "WARN" and clean.ok
    assert {f.name for f in clean.of("WARN")} == {
        "column balance",  # a row of inputs that the table does not carry
        "zero-output sectors",  # 12, such as CHN T
        "outlier intensities",  # hydropower of Norway, and two more
        "estimated cells",
    }
    assert {f.name for f in clean.of("SKIPPED")} == {
        "negative inventory changes", "label drift", "label content", "GDP"
    }  # fmt: skip
    assert all(f.text for f in clean.findings)
    assert clean["spectral radius"].figure == pytest.approx(0.586416, abs=1e-6)


def test_the_shipped_table_fails_nothing_and_the_page_tells_its_warnings():
    report = check(mc.load("oecd-icio-2022"))
    assert report.ok, report.of("FAIL")
    page = Path(__file__).parents[2] / "docs" / "how-to" / "check.md"
    told = " ".join(page.read_text(encoding="utf-8").split())
    told = told.partition("The embedded table fails nothing. Its warnings: ")[2].partition(". - ")[
        0
    ]
    ((column, gap),) = report["column balance"].items
    ((silent, _),) = report["output without stressor"].items
    assert report["household rows"].items == (("F-gases of gases", 20.0),)
    assert told == (
        f"1 of 1000 columns does not add up (China's real estate, {column}, by {-gap:.0f} million"
        f" USD), {len(report['zero-output sectors'].items)} sectors without output,"
        f" {len(report['outlier intensities'].items)} outliers (hydropower in Norway; estimated"
        " methane of Indonesia's metals, F-gases carried as a residual), one coal sector without"
        f" methane ({silent.removesuffix(' CH4')}), households' F-gases unknown, estimates"
    )
    assert [f.name for f in report.of("WARN")] == [
        "column balance", "zero-output sectors", "output without stressor", "outlier intensities",
        "household rows", "estimated cells",
    ]  # fmt: skip


def test_a_heterogeneous_industry_does_not_flood(clean):
    electricity = [label for label, _ in clean["outlier intensities"].items if " D " in label]
    assert electricity == ["NOR D GHG"]  # 98 % water and wind


# ---- one defect, one check -------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1e3, 1e-3, 1e6])
@pytest.mark.parametrize("region", ["KOR", "CHN", "NOR"])
def test_a_region_in_another_unit(table, clean, region, factor):
    r = table.regions.index(region)

    def slip(F):
        F[r] *= factor

    report = check(with_F(table, slip))
    # A median of 20 moves a little when one of them leaves, and so do cells at the threshold of
    # a warning; the check of outliers itself stays where it was.
    assert worse(clean, report) - {"outlier intensities"} == {"unit slips"}
    assert report["outlier intensities"].status == "WARN"
    assert report["outlier intensities"].figure <= clean["outlier intensities"].figure + 2
    assert report["unit slips"].status == "FAIL"
    labels = [label for label, _ in report["unit slips"].items]
    assert f"{region} GHG, all sectors" in labels and all(x.startswith(region) for x in labels)
    direction = "high" if factor > 1 else "low"
    assert f"too {direction}" in report["unit slips"].text


def test_one_sector_of_a_small_region_at_a_hundred_times_the_median(table, clean):
    r, s = table.regions.index("CHL"), table.sectors.index("C22")
    x = table.x.reshape(20, 50)

    def outlier(F):
        good = (F[:, s] > 0) & (x[:, s] > 0)
        F[r, s] = 100 * np.median(F[good, s] / x[good, s]) * x[r, s]

    report = check(with_F(table, outlier))
    assert worse(clean, report) == {"outlier intensities"}
    assert report["outlier intensities"].items[0][0] == "CHL C22 GHG"


def test_a_large_outlier_fails_and_a_tiny_one_warns(table):
    def times(region, sector):
        r, s = table.regions.index(region), table.sectors.index(sector)

        def change(F):
            F[r, s] *= 200

        return check(with_F(table, change))["outlier intensities"]

    large = times("USA", "A01")
    assert large.status == "FAIL" and large.items[0][0] == "USA A01 GHG"
    tiny = times("CHL", "H53")  # a small sector of a small region
    assert tiny.status == "WARN" and "CHL H53 GHG" in dict(tiny.items)


def test_four_of_five_hundredfold_cells_are_found(table):
    ext = table.extensions["GHG"]
    hits = asked = 0
    for k in range(3, 1000, 23):
        if table.x[k] == 0 or ext.F[0, k] == 0:
            continue
        F = ext.F.copy()
        F[0, k] *= 100
        found = intensities(table.replace_extensions(replace(ext, F=F)))
        asked += 1
        hits += any(label.startswith(table.index.name(k) + " ") for label, _ in found.items)
    assert asked > 35 and hits / asked > 0.75


def test_an_estimated_stressor_warns_at_most(table):
    ext = table.extensions["GHG"]
    note = mc.Note("borrowed shares", about="GHG", estimated=True)
    F = ext.F.copy()
    F[0, table.index.pairs.index(("USA", "C20"))] *= 200
    found = intensities(table.replace_extensions(replace(ext, F=F, notes=(note,))))
    assert found.status == "WARN" and "USA C20 GHG" in dict(found.items)
    assert "estimated stressors (GHG)" in found.text


def test_a_sector_in_another_unit(table, clean):
    s = table.sectors.index("C20")

    def slip(F):
        F[:, s] *= 1000

    slipped = with_F(table, slip)
    report = check(slipped)
    assert worse(clean, report) == {"unit slips"}
    assert report["unit slips"].status == "WARN"  # only the other sectors speak against it
    assert report["unit slips"].items[0][0] == "C20 GHG, all regions"
    sure = slips(slipped, table)  # an earlier table proves it
    assert sure.status == "FAIL" and [label for label, _ in sure.items] == ["C20 GHG, all regions"]
    assert dict(sure.items)["C20 GHG, all regions"] == pytest.approx(1000, rel=1e-6)


@pytest.mark.parametrize("factor", [1e3, 1e-3])
def test_a_whole_stressor_in_another_unit(table, clean, factor):
    ext = table.extensions["GHG"]
    slipped = table.replace_extensions(replace(ext, F=ext.F * factor, F_Y=ext.F_Y * factor))
    report = check(slipped)
    assert worse(clean, report) == {"unit slips"}
    assert [label for label, _ in report["unit slips"].items] == ["GHG, the whole row"]
    honest = replace(ext, F=ext.F * 1000, F_Y=ext.F_Y * 1000, units=("kt CO2e",))
    assert check(table.replace_extensions(honest))["unit slips"].status == "PASS"


def test_households_of_one_region_in_another_unit(table, clean):
    ext = table.extensions["GHG"]
    F_Y = ext.F_Y.copy()
    F_Y[0, table.regions.index("JPN")] *= 1000
    report = check(table.replace_extensions(replace(ext, F_Y=F_Y)))
    assert worse(clean, report) == {"unit slips"}
    assert [label for label, _ in report["unit slips"].items] == ["JPN GHG of households"]


def test_value_added_of_one_region_in_another_unit(table, clean):
    va = table.value_added.copy()
    va.reshape(-1, 20, 50)[:, table.regions.index("TUR")] /= 1000
    report = check(changed(table, value_added=va))
    assert worse(clean, report) == {"unit slips", "column balance"}
    assert [label for label, _ in report["unit slips"].items] == [
        f"TUR {table.value_added_rows[0]}"
    ]
    assert report["column balance"].status == "FAIL"
    assert all(label.startswith("TUR") for label, _ in report["column balance"].items[:5])


def test_all_value_added_in_another_unit(table, clean):
    report = check(changed(table, value_added=table.value_added / 1000))
    assert worse(clean, report) == {"unit slips", "column balance"}
    assert "value added of the world" in report["unit slips"].text


def test_output_of_one_sector_in_another_unit(table, clean, place):
    x = table.x.copy()
    x[place("KOR", "C26")] *= 1000
    report = check(changed(table, x=x))
    assert "KOR C26 output against its uses" in dict(report["unit slips"].items)
    assert report["row balance"].items[0][0] == "KOR C26"
    assert {"unit slips", "row balance", "column balance"} <= worse(clean, report)


def test_a_lost_cell(table, clean, place):
    i, j = place("USA", "C20"), place("USA", "C21")
    Z = table.Z.copy()
    lost, Z[i, j] = Z[i, j], 0.0
    report = check(changed(table, Z=Z))
    assert report["row balance"].status in ("WARN", "FAIL")
    ((label, gap),) = report["row balance"].items
    assert label == "USA C20" and gap == pytest.approx(-lost, rel=1e-6)
    assert worse(clean, report) <= {"row balance", "column balance"}
    assert report["column balance"].items[0][0] == "USA C21" or lost < 11388


def test_a_lost_row_of_a_region_fails(table):
    Z = table.Z.copy()
    Z[table.index.pairs.index(("USA", "C20"))] = 0.0
    assert check(changed(table, Z=Z))["row balance"].status == "FAIL"


def test_a_sign_lost_in_flows(table, clean, place):
    i, j = place("IND", "A01"), place("IND", "C10T12")
    Z = table.Z.copy()
    Z[i, j] *= -1
    report = check(changed(table, Z=Z))
    ((label, _),) = report["negative flows"].items
    assert label == "IND A01 -> IND C10T12"
    assert {"negative flows", "row balance"} <= worse(clean, report)
    assert worse(clean, report) <= {"negative flows", "row balance", "column balance"}


def test_negative_cells_are_told_apart_by_kind(table):
    table = table.replace_extensions()
    Y = np.stack([table.Y * 0.9, table.Y * 0.1], axis=2).reshape(1000, 40)
    parted = changed(table, estimated={}, Y=Y, categories=("consumption", "changes in inventories"))
    assert check(parted)["negative inventory changes"].status == "PASS"
    k, r = 3, 2
    Y = Y.copy()
    Y[k, 2 * r + 1] = -7.0
    report = check(changed(parted, Y=Y))
    found = report["negative inventory changes"]
    assert found.status == "PASS" and found.items[0][1] == -7.0  # stocks fall: told, no defect
    assert found.items[0][0] == "EU27 B05 -> CHN changes in inventories"
    assert report["negative final demand"].status == "PASS"
    Y = Y.copy()
    Y[k, 2 * r] = -7.0
    report = check(changed(parted, Y=Y))
    assert report["negative final demand"].status == "WARN"
    assert report["negative final demand"].items[0][0] == "EU27 B05 -> CHN consumption"
    va = table.value_added.copy()
    va[:, 5] = -1.0
    assert check(changed(table, value_added=va))["negative value added"].items[0][0] == "EU27 B07"


def test_emissions_of_a_region_are_missing(table, clean):
    def lose(F):
        F[table.regions.index("CAN")] = 0

    report = check(with_F(table, lose))
    assert worse(clean, report) - {"outlier intensities"} == {"output without stressor"}
    assert report["outlier intensities"].status == "WARN"
    assert report["output without stressor"].items[0][0] == "CAN GHG"
    assert report["output without stressor"].status == "FAIL"


def test_emissions_of_a_heavy_sector_are_missing(table, clean):
    def lose(F):
        F[table.regions.index("IND"), table.sectors.index("D")] = 0

    report = check(with_F(table, lose))
    assert worse(clean, report) == {"output without stressor"}
    assert report["output without stressor"].items[0][0] == "IND D GHG"


def test_an_empty_stressor_is_missing(table):
    ext = table.extensions["GHG"]
    found = check(table.replace_extensions(replace(ext, F=0 * ext.F)))["output without stressor"]
    assert found.status == "FAIL" and "GHG, everywhere" in dict(found.items)


def test_emissions_without_output(table, clean, place):
    k = place("CHN", "T")
    ext = table.extensions["GHG"]
    F = ext.F.copy()
    F[0, k] = 12.5
    report = check(table.replace_extensions(replace(ext, F=F)))
    assert worse(clean, report) == {"stressor without output"}
    assert report["stressor without output"].items == (("CHN T GHG", 12.5),)
    assert report["stressor without output"].status == "WARN"  # 0.03 % of the world
    F = F.copy()
    F[0, k] = 1250.0
    report = check(table.replace_extensions(replace(ext, F=F)))
    assert report["stressor without output"].status == "FAIL"


def test_trade_without_output(table, clean, place):
    Z = table.Z.copy()
    Z[place("CHN", "T"), place("CHN", "Q")] = 500.0
    report = check(changed(table, Z=Z))
    assert report["zero-output sectors"].status == "FAIL"
    assert report["zero-output sectors"].items[0] == ("CHN T", 500.0)
    assert "row balance" in worse(clean, report)


def test_inputs_above_output_and_a_table_that_is_not_productive(table, clean, place):
    k = place("SGP", "C21")
    Z = table.Z.copy()
    Z[:, k] *= 1.2 * table.x[k] / Z[:, k].sum()
    report = check(changed(table, Z=Z))
    assert report["inputs above output"].items == (("SGP C21", pytest.approx(1.2)),)
    Z = table.Z * 1.8
    report = check(changed(table, Z=Z))
    assert report["spectral radius"].status == "FAIL"
    assert report["spectral radius"].figure == pytest.approx(1.8 * clean["spectral radius"].figure)


@pytest.mark.parametrize(("scale", "status"), [(1.0, "FAIL"), (2.5, "WARN")])
def test_a_row_that_stands_twice(table, clean, place, scale, status):
    i, j = place("USA", "C25"), place("AUS", "C26")
    Z, Y, x = table.Z.copy(), table.Y.copy(), table.x.copy()
    Z[j], Y[j] = scale * Z[i], scale * Y[i]
    report = check(changed(table, Z=Z, Y=Y, x=x))
    found = report["duplicates"]
    assert found.status == status and len(found.items) == 1
    assert "rows" in found.text and "USA C25" in found.text and "AUS C26" in found.text


def test_a_column_and_a_region_and_a_stressor_that_stand_twice(table, clean):
    Z = table.Z.copy()
    Z[:, 130] = Z[:, 77]
    assert check(changed(table, Z=Z))["duplicates"].status == "FAIL"
    x = table.x.copy().reshape(20, 50)
    x[4] = x[3]
    found = check(changed(table, x=x.ravel()))["duplicates"]
    assert "output of regions GBR and JPN" in found.text
    ext = table.extensions["GHG"]
    two = mc.Extension("GHG", ("GHG", "kt"), np.vstack([ext.F, 1000 * ext.F]),
                       ("Mt CO2e", "kt CO2e"))  # fmt: skip
    found = check(table.replace_extensions(two))["duplicates"]
    assert found.status == "WARN" and "GHG and kt" in found.text


# ---- cells that are no numbers, taxes, tolerance ---------------------------------------------


def test_cells_that_are_no_numbers_stop_the_other_checks(table):
    # No table is made with such a cell; one that rests on a file may get it later.
    room = table.Z.copy()
    broken = changed(table, Z=room[:])
    room[5, 6] = np.nan
    report = check(broken)
    assert report.worst == "FAIL" and not report.ok
    assert report["finite cells"].items == (("Z", 1.0),)
    assert report["row balance"].status == "SKIPPED"
    assert report["spectral radius"].status == "SKIPPED"


def test_taxes_close_the_columns(table):
    gap = table.x - table.Z.sum(axis=0) - table.value_added.sum(axis=0)
    closed = changed(table, other_inputs=Side(("taxes",), gap[None, :]))
    assert check(closed)["column balance"].status == "PASS"
    wrong = changed(table, other_inputs=Side(("taxes",), -gap[None, :]))
    assert check(wrong)["column balance"].status == "FAIL"
    without = changed(table, value_added=None, value_added_rows=())
    assert check(without)["column balance"].status == "SKIPPED"


def test_tolerance(table):
    x = table.x * (1 + 1e-4)
    assert check(changed(table, x=x))["row balance"].status == "WARN"
    assert check(changed(table, x=x), tolerance=1e-3)["row balance"].status == "PASS"
    for bad in (0, -1, 1, math.nan):
        with pytest.raises(InputError, match="tolerance"):
            check(table, tolerance=bad)


def test_nothing_is_changed(table):
    before = {k: getattr(table, k).tobytes() for k in ("Z", "Y", "x", "value_added")}
    F = table.extensions["GHG"].F.tobytes()
    check(table, earlier=table, gdp={"USA": 25e6})
    assert {k: getattr(table, k).tobytes() for k in before} == before
    assert table.extensions["GHG"].F.tobytes() == F


# ---- the report ------------------------------------------------------------------------------


def test_report_types(clean):
    frame = clean.to_pandas()
    assert list(frame.check) == [f.name for f in clean.findings]
    read = json.loads(clean.to_json())
    assert read["counts"] == clean.counts and read["worst"] == "WARN"
    skipped = next(f for f in read["findings"] if f["status"] == "SKIPPED")
    assert skipped["figure"] is None and skipped["text"]
    with pytest.raises(UnknownNameError, match="row balance"):
        clean["row balanse"]
    assert CheckReport((Finding("a", "SKIPPED", "no data"),)).worst == "SKIPPED"
    assert not CheckReport((Finding("a", "SKIPPED", "no data"),)).ok
    assert not CheckReport(()).ok


# ---- by property -----------------------------------------------------------------------------


@given(
    seed=st.integers(0, 2**32 - 1),
    regions=st.integers(6, 14),
    sectors=st.integers(8, 20),
    spread=st.floats(0.1, 0.7),
    power=st.sampled_from([3, -3, 6]),
)
@settings(max_examples=25)
def test_a_slipped_region_is_always_found_and_alone(seed, regions, sectors, spread, power):
    rng = np.random.default_rng(seed)
    x = rng.lognormal(8, 1.5, (regions, sectors))
    level = rng.normal(-9, 1.5, sectors) + rng.normal(0, 0.6, (regions, 1))
    F = x * np.exp(level + rng.normal(0, spread, x.shape))
    slipped = int(rng.integers(regions))
    F[slipped] *= 10.0**power
    found = fit(F, x).region
    off = np.flatnonzero(np.abs(found) > math.log(100))
    assert off.tolist() == [slipped]


@given(seed=st.integers(0, 2**32 - 1), money=st.floats(1e-6, 1e6))
@settings(max_examples=25)
def test_the_fit_is_free_of_units_and_order(seed, money):
    rng = np.random.default_rng(seed)
    x = rng.lognormal(3, 1, (8, 6))
    F = x * rng.lognormal(0, 1, x.shape)
    a, b = fit(F, x), fit(F * 7, x * money)
    np.testing.assert_allclose(a.residual, b.residual, atol=1e-9)
    order = rng.permutation(8)
    np.testing.assert_allclose(fit(F[order], x[order]).residual, a.residual[order], atol=1e-12)


def test_few_regions_are_skipped_not_passed():
    table = mc.MRIO.from_arrays(
        Z=[[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
        Y=[[30, 40], [55, 10], [10, 45], [5, 120]],
        regions=["A", "B"], sectors=["1", "2"], stressors={"GHG": [240, 50, 60, 40]},
    )  # fmt: skip
    report = check(table)
    assert report["outlier intensities"].status == "SKIPPED"
    assert "comparison of regions (only 2)" in report["unit slips"].text
    bare = check(table.replace_extensions())
    for name in ("stressor without output", "output without stressor", "household rows"):
        assert bare[name].status == "SKIPPED" and "no extension" in bare[name].text


# ---- real tables -----------------------------------------------------------------------------


def test_the_full_table(data_folder):
    table = full_table(data_folder, mc.load("oecd-icio-2022"))
    start = time.process_time()  # on both cores, whatever else runs on them
    report = check(table)
    assert time.process_time() - start < 10
    assert {label for label, _ in report["inputs above output"].items} == {"ISL C21", "CYP H51"}
    assert report["inputs above output"].status == "WARN"
    assert report["zero-output sectors"].figure == len(report["zero-output sectors"].items) == 51
    assert report["spectral radius"].figure == pytest.approx(0.596494, abs=1e-6)
    assert dict(report["estimated cells"].items)["Y"] > 0.05
    assert report["outlier intensities"].status == "SKIPPED"  # it has no satellites yet
    assert report["duplicates"].status == "PASS"


def test_wiod_in_whole_numbers_and_without_the_netherlands(data_folder):
    folder = data_folder / "wiod2013"
    flows = np.load(folder / "wiod2013_1995_2011_int32.npz")
    co2 = np.load(folder / "wiod2013_2011_co2_jrc.npz")

    def year(y, **more):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)
            return mc.MRIO.from_arrays(
                Z=flows[f"Z_{y}"], Y=flows[f"Y_{y}"], x=flows[f"x_{y}"], year=y,
                regions=[str(r) for r in flows["countries"]],
                sectors=[str(s) for s in flows["industries"]],
                categories=["c37", "c38", "c39", "c41", "changes in inventories"], **more,
            )  # fmt: skip

    stressors = {"stressors": {"CO2": co2["F_ktCO2"].ravel()}, "units": "kt CO2"}
    report = check(year(2011, **stressors), earlier=year(2010, **stressors))
    assert [label for label, _ in report["output without stressor"].items] == ["NLD CO2"]
    assert report["output without stressor"].status == "FAIL"
    assert report["row balance"].status == "WARN"
    assert "rounding can explain every gap" in report["row balance"].text
    assert report["unit slips"].status == report["label content"].status == "PASS"
    assert {label for label, f in report["zero-output sectors"].items if f} == {"LUX c5", "LUX c8"}
