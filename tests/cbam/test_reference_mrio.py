"""References from the table: the identities of the boundary, its limits, and real goods."""

import csv
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.cbam import law
from mriocarbon.cbam.mrio_boundary import GWP, footprint, intensity_in_boundary
from mriocarbon.cbam.mrio_spread import PRODUCT_SPREAD, cell_loadings
from mriocarbon.cbam.prices import read_prices, unit_price
from mriocarbon.cbam.reference_mrio import boundary_industries, references_mrio, scope_gap
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError

SECTORS = ("C20", "C24A", "C25", "D")
LINES = ["7201", "7208", "7210", "7308", "73181100", "7601", "25231000", "25232900",
         "31021019", "28141000"]  # fmt: skip


def toy(seed=0, regions=("CHN", "ROW"), **changes):
    """A productive table with gases, from a seed."""
    rng = np.random.default_rng(seed)
    n = len(regions) * len(SECTORS)
    A = rng.uniform(0, 0.8 / n, (n, n))
    y = rng.uniform(1, 5, (n, len(regions)))
    x = np.linalg.solve(np.eye(n) - A, y.sum(axis=1))
    fields = {
        "Z": A * x, "Y": y, "regions": regions, "sectors": SECTORS,
        "stressors": {g: rng.uniform(0.1, 3, n) * x for g in ("CO2", "CH4", "N2O", "F-gases")},
        "extension": "gases",
        "units": {"CO2": "Mt CO2", "CH4": "Mt CH4", "N2O": "Mt N2O", "F-gases": "Mt CO2e"},
    }  # fmt: skip
    return mc.MRIO.from_arrays(**{**fields, **changes})


@pytest.fixture(scope="module")
def table():
    return mc.load("oecd-icio-2022")


# -- identities and limits of the boundary ------------------------------------------------------


@given(st.integers(0, 10_000))
def test_everything_inside_gives_the_full_leontief_multiplier(seed):
    mrio = toy(seed)
    found = intensity_in_boundary(mrio, ("CO2",), SECTORS).direct.ravel()
    f = mrio.extensions["gases"].F[0] / mrio.x
    assert found == pytest.approx(mc.leontief(mrio).multipliers(f).value, rel=1e-10)


@given(st.integers(0, 10_000), st.sampled_from(SECTORS))
def test_one_industry_of_one_region_gives_f_over_one_minus_a(seed, sector):
    mrio = toy(seed, regions=("CHN",))
    k = SECTORS.index(sector)
    f, a = mrio.extensions["gases"].F[0, k] / mrio.x[k], mrio.Z[k, k] / mrio.x[k]
    found = intensity_in_boundary(mrio, ("CO2",), (sector,)).direct
    assert found[0, 0] == pytest.approx(f / (1 - a), rel=1e-12)


@given(st.integers(0, 10_000))
def test_a_wider_boundary_never_gives_less(seed):
    mrio = toy(seed)
    last = np.zeros(2)
    for k in range(1, 5):
        found = intensity_in_boundary(mrio, ("CO2", "N2O"), SECTORS[:k]).direct[:, 0]
        assert (found >= last - 1e-12).all()
        last = found


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25)
def test_emitters_add_up_to_the_multiplier(seed, indirect):
    mrio = toy(seed)
    inside = intensity_in_boundary(mrio, ("CO2",), ("C24A", "C25"), indirect=indirect)
    cells = inside.emitters("CHN", {"C25": 0.75, "C24A": 0.25})
    total = inside.direct if inside.indirect is None else inside.direct + inside.indirect
    assert sum(cells.values()) == pytest.approx(total[0] @ [0.25, 0.75], rel=1e-12)
    assert {s for _, s in cells} == {"C24A", "C25"} | ({"D"} if indirect else set())


def test_gases_are_weighted_with_the_regulations_potentials():
    mrio = toy(3)
    parts = {
        g: intensity_in_boundary(mrio, (g,), ("C20",)).direct for g in ("CO2", "N2O", "F-gases")
    }
    both = intensity_in_boundary(mrio, ("CO2", "N2O"), ("C20",)).direct
    assert both == pytest.approx(parts["CO2"] + parts["N2O"])
    raw = mrio.extensions["gases"].F[2, 0] / mrio.x[0]
    own = intensity_in_boundary(mrio, ("N2O",), ("C20",)).own[0, 0]
    assert own == pytest.approx(265 * raw)
    assert GWP == {"CO2": 1.0, "N2O": 265.0, "F-gases": 1.0}
    assert GWP["N2O"] == float(law.GWP["N2O"])


def test_electricity_is_what_the_industry_buys_and_power_sold_on_is_followed():
    """One region: e = f_D a_DP / (1 - a_DD), then through the industry's own chain."""
    mrio = toy(5, regions=("CHN",))
    A = mrio.Z / mrio.x
    k, d = SECTORS.index("C20"), SECTORS.index("D")
    f = mrio.extensions["gases"].F[0, d] / mrio.x[d]
    expected = f * A[d, k] / (1 - A[d, d]) / (1 - A[k, k])
    found = intensity_in_boundary(mrio, ("CO2", "N2O"), ("C20",), indirect=True).indirect
    assert found[0, 0] == pytest.approx(expected)


def test_indirect_stays_below_the_full_footprint(table):
    inside = intensity_in_boundary(table, ("CO2",), ("C23",), indirect=True)
    china = table.regions.index("CHN")
    whole = footprint(table, ("CO2",)).reshape(20, 50)[china, table.sectors.index("C23")]
    assert inside.direct[china, 0] < inside.direct[china, 0] + inside.indirect[china, 0] < whole


def test_arrays_are_read_only_and_kept(table):
    inside = intensity_in_boundary(table, ("CO2",), ("C24A",))
    assert inside is intensity_in_boundary(table, ("CO2",), ("C24A",))
    with pytest.raises(ValueError, match="read-only"):
        inside.direct[0] = 1


@pytest.mark.parametrize(
    ("mrio", "gases", "names", "error"),
    [
        (toy(), ("CH4",), ("C20",), UnknownNameError),
        (toy(), ("CO2",), ("C99",), UnknownNameError),
        (toy(extension="other"), ("CO2",), ("C20",), NotAvailableError),
        (toy(money_unit="million EUR"), ("CO2",), ("C20",), InputError),
        (toy(units="kt"), ("CO2",), ("C20",), InputError),
    ],
)
def test_what_cannot_be_answered_is_refused(mrio, gases, names, error):
    with pytest.raises(error):
        intensity_in_boundary(mrio, gases, names)


# -- goods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cn", "sector", "expected"),
    [
        ("7208", "iron_steel", ("C24A",)), ("730419", "iron_steel", ("C24A",)),
        ("7308", "iron_steel", ("C24A", "C25")), ("7601", "aluminium", ("C24B",)),
        ("7610", "aluminium", ("C24B", "C25")), ("25231000", "cement", ("C23",)),
        ("28041000", "hydrogen", ("C20",)), ("26011200", "iron_steel", ("B07",)),
    ],
)  # fmt: skip
def test_the_boundary_holds_the_maker_and_its_precursors(cn, sector, expected):
    assert boundary_industries(cn, sector) == expected


def test_china(table):
    found, missing = references_mrio(LINES, "CHN", mrio=table)
    assert [r.cn for r in found] == LINES
    assert missing == ()
    for r in found:
        price = unit_price(r.cn, "CHN")
        assert (r.kind, r.boundary, r.route, r.region_used) == ("mrio", "cbam", "", "CHN")
        assert r.log_sd == pytest.approx(math.sqrt(sum(v * v for v in r.loadings.values())))
        assert set(price.loadings) <= set(r.loadings)
        assert r.sources
        assert any(t.startswith("a sector average is not a product") for t in r.assumed)
        assert any(k.startswith("cell.CHN.") for k in r.loadings)
        direct_only = r.cn[:2] in ("72", "73", "76")
        assert r.scope == ("direct" if direct_only else "direct+indirect")
    by = {r.cn: r for r in found}
    assert by["7208"].cell == by["7210"].cell == "mrio:CHN:C24A"
    assert by["7308"].cell == "mrio:CHN:C25"
    # ammonia and clinker are far from their industry's average: the interval must admit it
    for cn, truth in (("28141000", 4.0), ("31021019", 2.5), ("25231000", 0.85), ("7208", 2.2),
                      ("7201", 1.7), ("7601", 1.7)):  # fmt: skip
        assert by[cn].low < truth < by[cn].high, cn
    assert any("far from this product" in n for n in by["28141000"].notes)
    assert by["28141000"].log_sd > 2 * by["7208"].log_sd
    assert any("residual" in n for n in by["7601"].notes)


def test_the_reference_is_price_times_intensity(table):
    (r,), _ = references_mrio(["7208"], "CHN", mrio=table)
    inside = intensity_in_boundary(table, ("CO2",), ("C24A",))
    expected = (
        inside.direct[table.regions.index("CHN"), 0] * unit_price("7208", "CHN").usd_per_tonne
    )
    assert r.value == pytest.approx(expected)


def test_the_result_scales_one_for_one_with_price(table, tmp_path):
    path = tmp_path / "p.csv"
    values = []
    for price in (600, 1200):
        path.write_text(
            f"cn,value,unit,year,basis,log_sd,source\n7208,{price},USD/t,2022,producer,0.01,x\n"
        )
        (r,), _ = references_mrio(["7208"], "CHN", mrio=table, prices=read_prices(path))
        values.append(r.value)
    assert values[1] == pytest.approx(2 * values[0])


def test_no_price_is_missing_with_its_reason(table):
    found, missing = references_mrio(["28041000", "7219", "7208"], "CHN", mrio=table)
    assert [r.cn for r in found] == ["7208"]
    assert [m.cn for m in missing] == ["28041000", "7219"]
    assert "hydrogen" in missing[0].reason


def test_other_countries_and_members_have_none(table):
    for origin, word in (("OTHER", "no region"), ("DEU", "European Union")):
        found, missing = references_mrio(["7208"], origin, mrio=table)
        assert found == ()
        assert word in missing[0].reason


def test_unknown_codes_and_origins(table):
    with pytest.raises(UnknownNameError):
        references_mrio(["9999"], "CHN", mrio=table)
    with pytest.raises(UnknownNameError):
        references_mrio(["7208"], "Chinna", mrio=table)


def test_a_code_that_the_annex_lists_for_one_country_only(table):
    with pytest.raises(UnknownNameError, match="not covered"):
        references_mrio(["76151010"], "TUN", mrio=table)


def test_a_country_within_a_region_is_told_and_wider(table):
    (own,), _ = references_mrio(["7208"], "CHN", mrio=table)
    (egypt,), _ = references_mrio(["7208"], "EGY", mrio=table)
    assert egypt.region_used == "AFR"
    assert any("EGY is no region" in n for n in egypt.notes)
    assert egypt.loadings["aggregation.AFR"] > 3 * own.loadings["aggregation.CHN"]
    assert any("AFR" in t for t in egypt.assumed)


def test_without_the_data_folder_the_embedded_table_answers(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    (r,), _ = references_mrio(["7208"], "EGY")
    assert r.region_used == "AFR"


def test_with_the_data_folder_the_country_itself_answers(data_folder, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    (egypt, ukraine), albania = (
        [references_mrio(["7208"], o)[0][0] for o in ("EGY", "UKR")],
        references_mrio(["7208"], "ALB")[0][0],
    )
    assert (egypt.region_used, ukraine.region_used, albania.region_used) == ("EGY", "UKR", "ROW")
    assert albania.log_sd > egypt.log_sd


def test_small_and_full_tables_agree_where_they_overlap(data_folder, monkeypatch, table):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    full = mc.load("oecd-icio-2022", detail="full")
    small, _ = references_mrio(LINES, "CHN", mrio=table)
    large, _ = references_mrio(LINES, "CHN", mrio=full)
    for a, b in zip(small, large, strict=True):
        assert a.value == pytest.approx(b.value, rel=0.02), a.cn
        assert a.log_sd == pytest.approx(b.log_sd, rel=0.05), a.cn


def test_cell_errors_are_those_of_the_satellite(table):
    data = mc.satellite_data()
    k = data.regions.index("IND") * 50 + data.industries.index("C24A")
    F = data.of_regions(data.F)
    expected = math.sqrt(math.log1p((data.region_sd[0, k] / F[0, k]) ** 2))
    found, known = cell_loadings(table, ("CO2",), {("IND", "C24A"): 2.0, ("CHN", "C24A"): 2.0}, 4.0)
    assert known
    assert found.get("cell.IND.C24A", found.get("cell.other.C24A")) >= expected / 2 - 1e-12


def test_a_foreign_table_has_an_assumed_cell_error():
    mrio = toy(1)
    (r,), _ = references_mrio(["7208"], "CHN", mrio=mrio)
    assert any("the table brings none" in t for t in r.assumed)
    assert r.name.startswith("input-output table")


def test_precursors_bring_their_own_spread(table):
    (structure, sheet), _ = references_mrio(["7308", "7208"], "CHN", mrio=table)
    inside = intensity_in_boundary(table, ("CO2",), ("C24A", "C25"))
    cells = inside.emitters("CHN", {"C25": 1.0})
    steel = sum(v for (_, s), v in cells.items() if s == "C24A") / sum(cells.values())
    assert 0.8 < steel < 1
    assert structure.loadings["product-spread.C24A"] == pytest.approx(
        steel * sheet.loadings["product-spread.C24A"]
    )
    assert structure.loadings["product-spread.C25"] == PRODUCT_SPREAD["C25"][0]
    assert structure.low < 2.3 < structure.high


def test_every_spread_has_a_reason():
    for spread, why in PRODUCT_SPREAD.values():
        assert spread > 0
        assert why


def test_the_scope_gap_is_what_the_boundary_leaves_out(table):
    gaps = scope_gap(LINES, "CHN", mrio=table)
    assert [g.cn for g in gaps] == LINES
    for g in gaps:
        assert g.boundary < g.footprint < g.footprint_all_gases
        assert g.gap == pytest.approx(g.footprint - g.boundary)
        assert g.gap_all_gases == pytest.approx(g.footprint_all_gases - g.boundary)
    by = {g.cn: g for g in gaps}
    # aluminium is charged for direct emissions alone: most of its footprint is electricity
    assert by["7601"].footprint > 3 * by["7601"].boundary


def test_speed(data_folder, monkeypatch, table):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    with (data_folder / "cbam" / "defaults_definitive_2025_2621.csv").open() as file:
        rows = list(csv.DictReader(file))
    codes = list(dict.fromkeys(r["cn"] for r in rows if r["iso3"] == "CHN"))
    start = time.perf_counter()
    references_mrio(codes, "CHN")
    assert time.perf_counter() - start < 3  # 0.2 s on an idle core
    start = time.perf_counter()
    origins = list(dict.fromkeys(r["iso3"] for r in rows if r["iso3"]))
    assert len(origins) == 118
    answered = 0
    for origin in origins:
        found, missing = references_mrio(codes, origin)
        assert len(found) + len(missing) == len(codes)
        answered += len(found)
    assert answered > 10_000
    assert time.perf_counter() - start < 60  # 3 s on an idle core
