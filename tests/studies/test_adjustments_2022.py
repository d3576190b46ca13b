"""The main job: every figure of the scan against arithmetic done here, from the raw tables."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.datasets.catalogue import EMBEDDED
from mriocarbon.studies.scan import PUBLISHED, Combination, judge, nearest

MODELS = ("BLUE", "H&C2023", "OSCAR", "LUCE")
OWN = "production, same boundary"
GWP_AR5 = {"CO2": 1.0, "CH4": 28.0, "N2O": 265.0}


def raw(name: str) -> list[dict[str, str]]:
    with (EMBEDDED / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def study() -> mc.Study:
    return mc.reproduce_2022()


@pytest.fixture(scope="module")
def accounts() -> dict[str, np.ndarray]:
    """Production, consumption and shared by dense algebra, industries only."""
    m = mc.load()
    x = np.where(m.x > 0, m.x, 1)
    L = np.linalg.inv(np.eye(1000) - m.Z / x)
    q = m.extensions["GHG"].F[0] / x
    sums = np.kron(np.eye(20), np.ones(50))
    return {
        "production": sums @ (q * m.x),
        "consumption": q @ L @ m.final_demand,
        "final-producer": sums @ ((q @ L) * m.final_demand.sum(axis=1)),
    }


def region_sum(values: dict[str, float]) -> dict[str, float]:
    region = {r["iso3"]: r["region"] for r in raw("regions_20")}
    out = dict.fromkeys(mc.load().regions, 0.0)
    for country, value in values.items():
        out[region.get(country, "ROW")] += value
    return out


def land(model: str) -> dict[str, float]:
    return region_sum(
        {
            r["iso3"]: float(r["net_MtCO2"])
            for r in raw("gcb2024_land_use_co2")
            if r["model"] == model and r["iso3"] not in ("WLD", "EU27") and r["net_MtCO2"]
        }
    )


def inventory() -> dict[str, float]:
    totals: dict[str, float] = {}
    for r in raw("inventory_2022"):
        if r["source"].startswith("CEDS") and r["year"] == "2022" and r["iso3"] != "BUNKERS":
            value = float(r["value_Mt"]) * GWP_AR5[r["gas"]]
            totals[r["iso3"]] = totals.get(r["iso3"], 0.0) + value
    return region_sum(totals)


def find(study: mc.Study, principle: str, **choices: object) -> Combination:
    wanted = {
        "table": "oecd-icio-2022", "options": "", "gas": "GHG", "households": False,
        "land_use": "none", "denominator": OWN, **choices,
    }  # fmt: skip
    found = [
        c
        for c in study.combinations
        if c.principle == principle and all(getattr(c, k) == v for k, v in wanted.items())
    ]
    assert len(found) == 1
    return found[0]


def test_scan_is_whole_fixed_and_without_repeats(study: mc.Study) -> None:
    # 12 principles and 6 variants; 2 household and 9 land-use boundaries; 2 denominators; the 12
    # on 81 economies over both. For CO2 a third denominator where there is no land use, and the
    # Global Carbon Budget. 2 principles not available, for both gases.
    by_gas = {gas: reach.tried for gas, reach in study.verdict.by_gas.items()}
    assert by_gas == {"GHG": 18 * 2 * 9 * 2 + 12 * 2, "CO2": 18 * 2 * (9 * 2 + 1) + 1}
    assert study.verdict.tried == sum(by_gas.values()) == 1357
    assert study.verdict.not_available == 4
    assert [c.number for c in study.combinations] == list(range(1, 1362))
    keys = [
        (c.table, c.principle, c.options, c.gas, c.households, c.land_use, c.denominator)
        for c in study.combinations
    ]
    assert len(set(keys)) == len(keys)
    again = mc.reproduce_2022()
    assert [c.label for c in again.combinations] == [c.label for c in study.combinations]
    assert [c.percent for c in again.combinations] == [c.percent for c in study.combinations]


@pytest.mark.parametrize(
    ("region", "percent"),
    [("CHN", -8.6), ("USA", 23.4), ("JPN", 25.8), ("EU27", 33.2), ("GBR", 71.9), ("IND", -4.9),
     ("RUS", -28.6)],
)  # fmt: skip
def test_known_check_values(study: mc.Study, region: str, percent: float) -> None:
    assert find(study, "consumption").percent[region] == pytest.approx(percent, abs=0.05)


@pytest.mark.parametrize("principle", ["consumption", "final-producer"])
def test_percent_over_production_and_over_the_inventory(study, accounts, principle) -> None:
    difference = accounts[principle] - accounts["production"]
    over_own = find(study, principle)
    territorial = inventory()
    denominator = next(c.denominator for c in study.combinations if "CEDS" in c.denominator)
    over_inventory = find(study, principle, denominator=denominator)
    for k, region in enumerate(mc.load().regions):
        own = 100 * difference[k] / accounts["production"][k]
        assert over_own.percent[region] == pytest.approx(own, rel=1e-9)
        there = 100 * difference[k] / territorial[region]
        assert over_inventory.percent[region] == pytest.approx(there, rel=1e-9)
        assert over_own.low[region] == over_own.percent[region] == over_own.high[region]
    assert any("CEDS" in edition for edition in over_inventory.editions)
    assert not any("CEDS" in edition for edition in over_own.editions)


def test_households_are_in_both_and_give_the_range(study, accounts) -> None:
    found = {r["region"]: r for r in raw("households_2022") if r["gas"] == "GHG"}
    with_them = find(study, "consumption", households=True)
    for k, region in enumerate(mc.load().regions):
        p, c = accounts["production"][k], accounts["consumption"][k]
        value, low, high = (float(found[region][key]) for key in ("value", "low", "high"))
        assert with_them.percent[region] == pytest.approx(100 * (c - p) / (p + value), rel=1e-9)
        ends = sorted(100 * (c - p) / (p + h) for h in (low, high))
        assert with_them.low[region] == pytest.approx(ends[0], rel=1e-9)
        assert with_them.high[region] == pytest.approx(ends[1], rel=1e-9)
        assert with_them.low[region] < with_them.percent[region] < with_them.high[region]
        assert low <= 0.6 * value and high >= 1.4 * value  # at least 40 % either way
    china = found["CHN"]
    assert float(china["high"]) > 1.6 * float(china["value"])  # its submission is of 2014
    assert "2014" in china["basis"]
    assert "household direct emissions" in with_them.estimated


@pytest.mark.parametrize("model", MODELS)
def test_land_use_untraded_and_traded(study, accounts, model: str) -> None:
    m = mc.load()
    national = land(model)
    x = m.x.reshape(20, 50)
    rows = [m.sectors.index(s) for s in ("A01", "A02")]
    f = np.zeros((20, 50))
    for r, region in enumerate(m.regions):
        share = x[r, rows] / x[r, rows].sum()
        f[r, rows] = national[region] * share
    safe = np.where(m.x > 0, m.x, 1)
    moved = np.linalg.solve((np.eye(1000) - m.Z / safe).T, f.ravel() / safe) @ m.final_demand
    for k, region in enumerate(m.regions):
        p = accounts["production"][k] + national[region]
        difference = accounts["consumption"][k] - accounts["production"][k]
        untraded = find(study, "consumption", land_use=f"{model} untraded")
        assert untraded.percent[region] == pytest.approx(100 * difference / p, rel=1e-9)
        traded = find(study, "consumption", land_use=f"{model} traded")
        gap = difference + moved[k] - national[region]
        assert traded.percent[region] == pytest.approx(100 * gap / p, rel=1e-8)
    inventory_name = next(c.denominator for c in study.combinations if "CEDS" in c.denominator)
    inventory_name += " + its land use"  # the label says what is divided by
    over = find(study, "consumption", land_use=f"{model} untraded", denominator=inventory_name)
    chn = m.regions.index("CHN")
    base = inventory()["CHN"] + national["CHN"]
    difference = accounts["consumption"][chn] - accounts["production"][chn]
    assert over.percent["CHN"] == pytest.approx(100 * difference / base, rel=1e-9)
    assert moved.sum() == pytest.approx(sum(national.values()), rel=1e-9)


def test_global_carbon_budget_row(study: mc.Study) -> None:
    row = find(
        study, "consumption", table="gcb-2025", gas="CO2", households=True,
        denominator="territorial fossil CO2 (GCB 2025)",
    )  # fmt: skip
    figures = {r["iso3"]: r for r in raw("gcb2025_fossil_co2") if r["year"] == "2022"}
    for region in ("CHN", "USA", "JPN", "EU27", "NOR"):
        r = figures[region]
        own = 100 * (float(r["consumption_MtCO2"]) / float(r["territorial_MtCO2"]) - 1)
        assert row.percent[region] == pytest.approx(own, rel=1e-12)
    expected = {"CHN": -11.0, "USA": 10.1, "JPN": 16.7}
    assert {k: round(row.percent[k], 1) for k in expected} == expected


def shown(c: Combination) -> list[float]:
    return [round(c.percent[k], 1) for k in PUBLISHED]


@pytest.fixture(scope="module")
def co2() -> dict[str, np.ndarray]:
    """CO2 of industries and of households as they lie in the archive, and accounts by hand."""
    m = mc.load()
    with np.load(EMBEDDED / "satellites_2022.npz") as data:
        group, homes, spread = (data[k] for k in ("region_of", "households", "households_sd"))
        F, home, sd = np.zeros((20, 50)), np.zeros(20), np.zeros(20)
        np.add.at(F, group, data["F"][0].reshape(81, 50).astype(float))
        np.add.at(home, group, homes[0].astype(float))
        low = np.maximum(homes[0].astype(float) - 2 * spread[0], 0)
        np.add.at(sd, group, low)
    x = np.where(m.x > 0, m.x, 1)
    moved = np.linalg.solve((np.eye(1000) - m.Z / x).T, F.ravel() / x) @ m.final_demand
    return {"production": F.sum(axis=1), "consumption": moved, "households": home, "low": sd}


def test_co2_against_plain_algebra(study: mc.Study, co2: dict[str, np.ndarray]) -> None:
    budget = {
        r["iso3"]: float(r["territorial_MtCO2"])
        for r in raw("gcb2025_fossil_co2")
        if r["year"] == "2022" and r["territorial_MtCO2"]
    }
    apart = ("WLD", "EU27", "BUNKER_AVIATION", "BUNKER_SHIPPING", "STATISTICAL_DIFFERENCE")
    territory = region_sum({k: v for k, v in budget.items() if k not in apart})
    assert territory["EU27"] == pytest.approx(budget["EU27"], rel=1e-9)  # no member is missing
    world = sum(territory.values()) + budget["BUNKER_AVIATION"] + budget["BUNKER_SHIPPING"]
    assert world == pytest.approx(budget["WLD"], rel=1e-6)
    ceds = region_sum(
        {
            r["iso3"]: float(r["value_Mt"])
            for r in raw("inventory_2022")
            if (r["source"].split()[0], r["year"], r["gas"]) == ("CEDS", "2022", "CO2")
            and r["iso3"] != "BUNKERS"
        }
    )
    own = find(study, "consumption", gas="CO2")
    homes = find(study, "consumption", gas="CO2", households=True)
    over = {
        name: find(study, "consumption", gas="CO2", denominator=name)
        for name in ("territorial fossil CO2 (GCB 2025)", "territorial inventory (CEDS 2022, CO2)")
    }
    for k, region in enumerate(mc.load().regions):
        made, direct = co2["production"][k], co2["households"][k]
        difference = 100 * (co2["consumption"][k] - made)
        assert own.percent[region] == pytest.approx(difference / made, rel=1e-6)
        assert own.low[region] == own.percent[region] == own.high[region]
        assert homes.percent[region] == pytest.approx(difference / (made + direct), rel=1e-6)
        ends = sorted(difference / (made + h) for h in (co2["low"][k],))
        assert min(abs(homes.low[region] - ends[0]), abs(homes.high[region] - ends[0])) < 1e-5
        assert homes.low[region] < homes.percent[region] < homes.high[region]
        for c, base in zip(over.values(), (territory, ceds), strict=True):
            assert c.percent[region] == pytest.approx(difference / base[region], rel=1e-6)
            assert c.low == c.high == c.percent, "households cancel"
        assert study.co2.production[k] == pytest.approx(made, rel=1e-6)
        assert study.co2.budget[k] == pytest.approx(territory[region], rel=1e-9)
    assert shown(own) == [-11.1, 23.9, 11.7] and shown(homes) == [-10.3, 18.6, 10.4]


def test_every_co2_account_is_marked_as_resting_on_the_satellites(study: mc.Study) -> None:
    for c in study.combinations:
        rests = "CO2 by industry (satellites)" in c.estimated
        assert rests == (c.gas == "CO2" and c.available and c.table == "oecd-icio-2022"), c.label
        assert rests == ("CO2 satellites 2022 (estimate)" in c.editions)
    note = next(n for n in study.notes if "CO2 by country and industry is an estimate" in n)
    assert "One standard deviation of the CO2 of all industries of a country: CHN " in note


def test_editions_of_the_carbon_budget_are_not_added(study: mc.Study) -> None:
    for c in study.combinations:
        if c.land_use != "none":
            assert "GCB 2025" not in c.denominator
            assert "Global Carbon Budget 2025" not in c.editions


def test_numbers_given_before_co2_by_industry_keep_their_meaning(study: mc.Study) -> None:
    labels = {c.number: (c.gas, c.table, c.principle) for c in study.combinations}
    assert labels[335] == ("GHG", "oecd-icio-2022", "half-half")
    assert labels[665] == ("GHG", "oecd-icio-2022-full", "production")
    assert labels[689] == ("CO2", "gcb-2025", "consumption")
    block = study.combinations[648:664]
    assert [c.principle for c in block if c.gas == "CO2"] == [p.name for p in mc.principles()]
    assert all(c.denominator == OWN and not c.options for c in block)
    assert {c.principle for c in block if not c.available} == {"capital-endogenised", "ownership"}
    assert all(c.gas == "CO2" for c in study.combinations[689:])


def test_co2_land_use_is_added_to_both(study: mc.Study, co2: dict[str, np.ndarray]) -> None:
    c = find(study, "consumption", gas="CO2", land_use="OSCAR untraded")
    chn = mc.load().regions.index("CHN")
    made = co2["production"][chn]
    share = 100 * (co2["consumption"][chn] - made) / (made + land("OSCAR")["CHN"])
    assert c.percent["CHN"] == pytest.approx(share, rel=1e-6)


def test_aggregation_rows(study: mc.Study) -> None:
    full = find(study, "consumption", table="oecd-icio-2022-full")
    assert [round(full.percent[k], 1) for k in PUBLISHED] == [-8.5, 23.2, 27.0]
    assert "intensities of the 20 regions on 81 economies" in full.estimated


def test_full_table_is_what_is_embedded(data_folder: Path, study: mc.Study) -> None:
    fresh = mc.reproduce_2022(tables=["oecd-icio-2022-full"], full=data_folder)
    assert fresh.full_recomputed and not study.full_recomputed
    for c in fresh.combinations:
        kept = find(study, c.principle, table=c.table, options=c.options, denominator=c.denominator)
        for region, value in c.percent.items():
            assert value == pytest.approx(kept.percent[region], rel=1e-7, abs=1e-7)


def test_per_capita(study: mc.Study, accounts) -> None:
    people = {r["iso3"]: r["population"] for r in raw("population_gdp") if r["year"] == "2022"}
    homes = {r["region"]: float(r["value"]) for r in raw("households_2022") if r["gas"] == "GHG"}
    usa = mc.load().regions.index("USA")
    tonnes = (accounts["consumption"][usa] + homes["USA"]) * 1e6 / float(people["USA"])
    assert study.per_capita["consumption"][usa] == pytest.approx(tonnes, rel=1e-9)
    assert 20 < tonnes < 25


def test_numbers_mean_the_same_in_every_selection(study: mc.Study) -> None:
    part = mc.reproduce_2022(principle=["half-half"])
    whole = {c.number: c.label for c in study.combinations}
    assert all(whole[c.number] == c.label for c in part.combinations)
    assert part.total_combinations == len(study.combinations) == study.total_combinations
    assert "in this selection of 1361" in part.verdict.text[0]
    assert "selection" not in study.verdict.text[0]


def test_nearest_lists_each_triple_once(study: mc.Study) -> None:
    near = nearest(study.combinations, 40)
    assert len({tuple(round(c.percent[r], 6) for r in PUBLISHED) for c in near}) == 40
    assert near[0].number == study.verdict.nearest.number == 1111
    assert study.verdict.by_gas["GHG"].nearest.number == 335


def test_remarks_of_the_accounts_are_kept(study: mc.Study) -> None:
    text = " ".join(study.remarks)
    for words in ("NOR -34.58", "rescaled by", "does not conserve: accounts sum to 44,562.6",
                  "era: experimental"):  # fmt: skip
        assert words in text
    assert any(r.startswith("CO2: technology-adjusted with these options") for r in study.remarks)
    assert mc.reproduce_2022(principle=["consumption"]).remarks == ()
    # What holds for both gases is said once, and is not lost with the first of them.
    assert sum("era: experimental" in r for r in study.remarks) == 1
    alone = mc.reproduce_2022(principle=["era"], gases=["CO2"])
    assert any("era: experimental" in r for r in alone.remarks)


def test_narrowing_keeps_the_figures(study: mc.Study) -> None:
    part = mc.reproduce_2022(
        tables=["oecd-icio-2022"], principle=["income"], gases=["GHG"], regions=["Japan", "CHN"]
    )
    assert part.regions == ("JPN", "CHN")
    assert {c.principle for c in part.combinations} == {"income"}
    whole = [c for c in study.combinations if c.principle == "income" and c.available]
    whole = [c for c in whole if c.table == "oecd-icio-2022" and c.gas == "GHG"]
    assert [c.percent for c in part.combinations] == [c.percent for c in whole]
    assert part.population[1] > part.population[0]


def made(number: int, *percent: float) -> Combination:
    values = dict(zip(PUBLISHED, percent, strict=True))
    return Combination(number, "t", "p", "", "GHG", False, "none", OWN, values, values, values)


def test_verdict_tells_reproduced_from_not() -> None:
    hit = judge([made(1, 0, 0, 0), made(2, -17.66, 15.24, 7.2), made(3, -17, 15, 7)])
    assert hit.text[0].startswith("Reproduced")
    assert hit.nearest.number == 2
    assert (hit.within[0.05], hit.within[1.0], hit.within[5.0]) == (1, 2, 2)
    assert hit.trivial == 1 and hit.same_signs == 2
    miss = judge([made(1, -17.7, 15.2, 8.3), made(2, 17.7, 15.2, 7.2)])
    assert miss.text[0].startswith("Not reproduced")
    assert miss.nearest.number == 1 and miss.nearest.distance == pytest.approx(1.1)
    assert miss.nearest_by_country["JPN"].number == 2
    assert miss.same_signs == 1


def test_signs_and_order_of_the_nearest() -> None:
    assert made(1, -0.04, 0.06, 0.0).signs == "0+0"
    assert made(1, -0.06, 3, -3).signs == "-+-"
    same = [made(3, -10, 10, 10), made(1, -10, 10, 10), made(2, -10, 10, 11)]
    assert [c.number for c in nearest(same)] == [1, 2]  # one triple once, ties by number


def test_real_verdict_is_the_readme(study: mc.Study) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    v = study.verdict
    best = v.nearest
    for text in (
        f"Of {v.tried:,} combinations", f"{v.same_signs:,} of the {v.tried:,}",
        f"of the {v.by_gas['GHG'].tried} for greenhouse gases",
        f"{v.within[5.0]} of the {v.by_gas['CO2'].tried} for CO2",
        f"misses China by {abs(best.gaps['CHN']):.1f}",
        f"misses China by {abs(v.by_gas['GHG'].nearest.gaps['CHN']):.1f}",
        f"the lowest is {min(c.percent['CHN'] for c in study.combinations if c.available):.1f} %",
    ):  # fmt: skip
        assert text in " ".join(readme.split()), text
    assert v.within[3.0] == v.by_gas["GHG"].within[5.0] == 0
    assert v.by_gas["CO2"].within[5.0] == v.within[5.0]
    rows = {
        "| consumption † |": find(study, "consumption"),
        "| consumption with households † |": find(study, "consumption", households=True),
        "| income † |": find(study, "income"),
        "| half consumption, half income † |": find(study, "half-half"),
        "| CO2, consumption † |": find(study, "consumption", gas="CO2"),
        "| CO2, value added † |": find(study, "value-added", gas="CO2"),
    }
    for start, combination in rows.items():
        line = next(line for line in readme.splitlines() if line.startswith(start))
        shown = [cell.strip() for cell in line.split("|")[2:5]]
        assert shown == [f"{combination.percent[k]:+.1f} %" for k in PUBLISHED]


def test_land_use_models_and_boundaries_are_all_there(study: mc.Study) -> None:
    uses = {c.land_use for c in study.combinations}
    pairs = itertools.product(MODELS, ("untraded", "traded"))
    assert uses == {"none", *(f"{model} {how}" for model, how in pairs)}
