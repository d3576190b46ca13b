"""The embedded national data, rebuilt from the source folder and checked against it."""

import csv
import doctest
import math
from statistics import median

import pytest

pytest.importorskip("python_calamine")

from mriocarbon.errors import DataFileError, InputError, UnknownNameError
from mriocarbon.inventory import households as hh
from scripts.embed import countries, households, national, sources, tidy

MANIFEST_KEYS = {
    "file", "title", "producer", "edition", "citation", "licence", "licence_url", "address",
    "derived_from", "years", "unit", "columns", "exactness", "what_is_estimated", "notes",
}  # fmt: skip
MEMBERS = [
    "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN",
    "IRL", "ITA", "LVA", "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP",
    "SWE",
]  # fmt: skip


def read(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def built(data_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("embedded")
    return out, [*national.build(data_folder, out), *households.build(data_folder, out)]


@pytest.fixture(scope="module")
def fossil(built):
    return {(r["iso3"], int(r["year"])): r for r in read(built[0] / "gcb2025_fossil_co2.csv")}


@pytest.fixture(scope="module")
def totals(built):
    return {(r["region"], r["gas"]): r for r in read(built[0] / "households_2022.csv")}


@pytest.fixture(scope="module")
def inventory(built):
    rows = read(built[0] / "inventory_2022.csv")
    return {(r["iso3"], r["gas"], int(r["year"]), r["source"][:10]): r for r in rows}


# ---- names and writing -------------------------------------------------------------------


@pytest.mark.parametrize("module", [countries, tidy, sources])
def test_examples_of_the_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_an_unknown_country_stops_the_build_and_is_named():
    with pytest.raises(UnknownNameError, match="Atlantis, Mu"):
        countries.iso3_of_all(["Japan", "Mu", "Atlantis"], {}, "a test")


def test_two_names_for_one_country_are_an_error():
    with pytest.raises(UnknownNameError, match="RUS"):
        countries.iso3_of_all(["Russia", "Russian Federation"], {}, "a test")


def test_every_exception_leads_to_a_known_code():
    for code in countries.EXCEPTIONS.values():
        assert countries.display_name(code)


def test_written_files_are_sorted_and_refuse_what_is_not_finite(tmp_path):
    path = tmp_path / "a.csv"
    tidy.write_csv(path, ["a", "b"], [["z", 0.1 + 0.2], ["a", None]])
    assert path.read_bytes() == b"a,b\na,\nz,0.3\n"
    with pytest.raises(InputError, match="finite"):
        tidy.write_csv(path, ["a"], [[math.nan]])
    assert path.read_bytes() == b"a,b\na,\nz,0.3\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(DataFileError, match="GCB_nowhere"):
        tidy.source(tmp_path, "gcb/GCB_nowhere.xlsx")


# ---- all files ---------------------------------------------------------------------------


def test_a_second_build_gives_the_same_bytes(built, data_folder, tmp_path):
    out, entries = built
    sources._annex_i.cache_clear()
    sources._ceds_fuels.cache_clear()
    again = [*national.build(data_folder, tmp_path), *households.build(data_folder, tmp_path)]
    assert again == entries
    names = sorted(p.name for p in out.iterdir())
    assert names == sorted(e["file"] for e in entries) == sorted(p.name for p in tmp_path.iterdir())
    for name in names:
        content = (out / name).read_bytes()
        assert content == (tmp_path / name).read_bytes()
        assert b"\r" not in content
        content.decode("utf-8")


def test_manifest_entries_are_complete(built, data_folder):
    out, entries = built
    for entry in entries:
        assert set(entry) == MANIFEST_KEYS
        with (out / entry["file"]).open(encoding="utf-8") as handle:
            assert handle.readline().strip().split(",") == list(entry["columns"])
        for relative in entry["derived_from"]:
            assert (data_folder / relative).is_file()
            assert "edgar" not in relative.lower()
        assert entry["exactness"] in {"exact", "estimated", "mixed"}
        assert bool(entry["what_is_estimated"]) is (entry["exactness"] != "exact")


def test_the_files_stay_small(built):
    sizes = {p.name: p.stat().st_size for p in built[0].iterdir()}
    assert sum(sizes.values()) < 800_000, sizes
    assert sizes["households_2022_countries.csv"] < 200_000


# ---- Global Carbon Budget ----------------------------------------------------------------


@pytest.mark.parametrize(("code", "percent"), [("CHN", -11.0), ("USA", 10.1), ("JPN", 16.7)])
def test_consumption_over_territorial_2022(fossil, code, percent):
    row = fossil[code, 2022]
    ratio = float(row["consumption_MtCO2"]) / float(row["territorial_MtCO2"]) - 1
    assert round(100 * ratio, 1) == percent


def test_fossil_agrees_with_the_comparison_file(fossil, data_folder):
    known = {name: code for name, (code, _) in national.FOSSIL_CODES.items()}
    compared = 0
    for row in tidy.read_dicts(data_folder / "gcb/gcb2025v03_prod_vs_cons.csv"):
        name = row["country"]
        if name in national.FOSSIL_LEFT_OUT:
            continue
        code = known.get(name) or countries.iso3(name)
        pairs = ((2022, "prod", "cons"), (2023, "prod23", "cons23"), (2019, "prod19", "cons19"))
        for year, territorial, consumption in pairs:
            ours = fossil[code, year]
            for column, theirs in (
                ("territorial_MtCO2", row[territorial]),
                ("consumption_MtCO2", row[consumption]),
            ):
                # the difference column is a residue of 1e-12: compare it absolutely
                assert float(ours[column]) == pytest.approx(float(theirs), rel=1e-9, abs=1e-9)
                compared += 1
    assert compared > 600


def test_missing_consumption_is_empty_and_not_zero(fossil):
    empty = {c for (c, y), r in fossil.items() if y == 2022 and r["consumption_MtCO2"] == ""}
    assert len(empty) == 94
    assert {"AFG", "IRQ", "SRB", "XKX"} <= empty
    assert all(not r["consumption_MtCO2"] for r in fossil.values() if r["iso3"] in empty)
    assert all(r["territorial_MtCO2"] for r in fossil.values())


def test_world_is_countries_and_bunkers_and_the_union_its_members(fossil):
    def value(code):
        return float(fossil[code, 2022]["territorial_MtCO2"])

    listed = [c for c, y in fossil if y == 2022 and c not in {"WLD", "EU27"}]
    assert sum(value(c) for c in listed) == pytest.approx(value("WLD"), rel=1e-9)
    assert sum(value(c) for c in MEMBERS) == pytest.approx(value("EU27"), rel=1e-9)
    assert {y for _, y in fossil} == set(range(2015, 2024))


def test_land_use_of_each_model_sums_to_its_world(built):
    rows = read(built[0] / "gcb2024_land_use_co2.csv")
    assert {r["model"] for r in rows} == set(national.LAND_MODELS)
    for model in national.LAND_MODELS:
        values = {r["iso3"]: float(r["net_MtCO2"]) for r in rows if r["model"] == model}
        assert len(values) == 201
        world, union = values.pop("WLD"), values.pop("EU27")
        assert sum(values.values()) == pytest.approx(world, rel=1e-6)
        assert sum(values[c] for c in MEMBERS) == pytest.approx(union, abs=0.01)
    brazil = {r["model"]: float(r["net_MtCO2"]) for r in rows if r["iso3"] == "BRA"}
    assert min(brazil.values()) > 400  # Mt: a wrong unit would show


# ---- population and GDP ------------------------------------------------------------------


def test_population_and_gdp(built):
    rows = {(r["iso3"], int(r["year"])): r for r in read(built[0] / "population_gdp.csv")}
    assert int(rows["WLD", 2022]["population"]) == 8_021_407_196
    assert float(rows["CHN", 2022]["gdp"]) == pytest.approx(26_966_017_179_648, rel=1e-9)
    assert rows["CHN", 2023]["gdp"] == ""  # the source ends in 2022
    people = sum(int(r["population"]) for (c, y), r in rows.items() if y == 2022 and c != "WLD")
    assert people == pytest.approx(8_021_407_196, rel=1e-3)


def test_the_two_releases_of_population_and_gdp_agree(data_folder):
    people, money = national.population(data_folder), national.gdp(data_folder)
    later = tidy.read_dicts(data_folder / sources.POPULATION)
    earlier = tidy.read_dicts(data_folder / sources.GDP, delimiter=";")
    compared = 0
    for row in earlier:
        code = row["iso_code"]
        if code in people and row["year"] in {"2015", "2022"}:
            assert float(row["population"]) == pytest.approx(
                people[code][int(row["year"])], rel=2e-4
            )
            compared += 1
    assert compared > 400
    codes = national.owid_names(list(dict.fromkeys(r["country"] for r in later)))
    for row in later:
        code, year = codes.get(row["country"]), int(row["year"])
        if code in money and year == 2022 and row["gdp"]:
            assert float(row["gdp"]) == pytest.approx(money[code][year], rel=6e-3)


# ---- inventories -------------------------------------------------------------------------


def test_ceds_totals_hold_domestic_aviation_and_close_with_the_bunkers(inventory, data_folder):
    ours = {
        k[0]: float(r["value_Mt"])
        for k, r in inventory.items()
        if k[1:] == ("CO2", 2021, "CEDS v2024")
    }
    by_country = sources.ceds_totals(data_folder, "CO2")
    world = sum(years[2021] for years in by_country.values())
    assert sum(ours.values()) == pytest.approx(world, rel=1e-9)
    # the by-country file books domestic aviation elsewhere: compare the gap with 1.A.3.a
    annex_i = sources.annex_i(data_folder, "CO2")
    for code in ("USA", "CAN", "JPN", "FRA", "TUR"):
        gap = ours[code] - by_country[code][2021]
        assert gap == pytest.approx(annex_i[code].values["1.A.3.a"][2021] / 1000, rel=0.05)
    assert 1100 < ours["BUNKERS"] < 1200


def test_ceds_co2_holds_no_biomass(data_folder):
    biomass = [
        f["biomass"][2022] for f in sources.ceds_fuels(data_folder).values() if "biomass" in f
    ]
    assert biomass
    assert set(biomass) == {0.0}


@pytest.mark.parametrize("gas", sources.GASES)
def test_the_union_is_the_sum_of_its_members(data_folder, gas):
    parties = sources.annex_i(data_folder, gas)
    total = "Total GHG emissions without LULUCF"
    for category in (total, "1.A.4.b", "1.A.3.b"):
        members = sum(parties[c].values[category][2021] for c in MEMBERS)
        row = sources.european_union_row(data_folder, gas, category, 2021)
        assert members == pytest.approx(row, rel=0.01)


def test_known_inventory_totals(inventory):
    def value(code, gas, year, source):
        return float(inventory[code, gas, year, source[:10]]["value_Mt"])

    assert value("USA", "CO2", 2021, "UNFCCC Annex I") == pytest.approx(5032.212819)
    assert value("JPN", "CO2", 2021, "UNFCCC Annex I") == pytest.approx(1062.129, abs=1e-3)
    assert value("CHN", "CO2", 2014, "UNFCCC non-Annex I") == pytest.approx(10274.9)
    # in the source in CO2 equivalent of the second report; here in Mt of methane
    assert value("CHN", "CH4", 2014, "UNFCCC non-Annex I") == pytest.approx(53.57, abs=0.01)
    assert ("AUS", "CO2", 2021, "UNFCCC Ann") not in inventory
    assert inventory["AUS", "CO2", 2020, "UNFCCC Ann"]["note"]


def test_single_gas_totals_of_non_annex_i_are_the_sum_of_their_sectors(data_folder):
    for gas in ("CH4", "N2O"):
        for party in sources.non_annex_i(data_folder, gas).values():
            series = party.values.get("Total GHG emissions excluding LULUCF/LUCF", {})
            for year, total in list(series.items())[-1:]:
                parts = [party.values.get(c, {}).get(year, 0.0) for c in "123467"]
                assert total == pytest.approx(sum(parts), rel=0.01)


def test_notation_keys_are_kept_apart_from_numbers(data_folder):
    party = sources.annex_i(data_folder, "CO2")["TUR"]
    assert 2021 not in party.values.get("1.A.3.b.i", {})
    assert "IE" in party.keys["1.A.3.b.i"][2021]


# ---- households --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_sources(data_folder):
    return households.read(data_folder)


@pytest.fixture(scope="module")
def found(read_sources):
    return households.estimate(read_sources)[0]


def test_twenty_regions_four_gases_all_marked_as_estimated(totals, data_folder):
    regions = set(households.regions(data_folder).values())
    assert len(regions) == 20
    assert set(totals) == {(r, g) for r in regions for g in (*hh.GASES, "GHG")}
    for row in totals.values():
        value, low, high = (float(row[k]) for k in ("value", "low", "high"))
        assert row["estimated"] == "true"
        assert value > 0
        assert low <= 0.6 * value * (1 + 1e-9)
        assert high >= 1.4 * value * (1 - 1e-9)
        shares = [float(row[f"co2_share_{s}"]) for s in hh.STATUS_RANGE]
        assert sum(shares) == pytest.approx(1.0)


def test_ghg_is_the_sum_of_gases(totals):
    for region in {r for r, _ in totals}:
        parts = sum(
            float(totals[region, g]["value"]) * w
            for g, w in (("CO2", 1), ("CH4", 28), ("N2O", 265))
        )
        assert float(totals[region, "GHG"]["value"]) == pytest.approx(parts, rel=1e-8)


def test_regions_are_the_sum_of_the_countries_file(built, totals):
    rows = read(built[0] / "households_2022_countries.csv")
    for gas in hh.GASES:
        for region in ("EU27", "ROW", "USA"):
            listed = [r for r in rows if r["gas"] == gas and r["region"] == region]
            total = sum(float(r["value_Mt"]) for r in listed)
            assert total == pytest.approx(float(totals[region, gas]["value"]), rel=1e-4)
    union = {r["iso3"] for r in rows if r["region"] == "EU27"}
    assert union == set(MEMBERS)
    assert not set(households.INSIDE_A_PARTY) & {r["iso3"] for r in rows}


def test_united_states_by_hand(found, data_folder):
    party = sources.annex_i(data_folder, "CO2")["USA"].values
    fuels = sources.ceds_fuels(data_folder)["USA"]
    oil = [sum(fuels[f][y] for f in ("light_oil", "diesel_oil")) for y in (2021, 2022)]
    vehicles = sum(party[f"1.A.3.b.{c}"][2021] for c in ("i", "ii", "iv")) / 1000
    expected = 0.8 * vehicles * oil[1] / oil[0]
    assert found["USA", "private road", "CO2"].value == pytest.approx(expected)


def test_china_rests_on_2014_and_its_range_says_so(found, totals):
    for category in hh.CATEGORIES:
        e = found["CHN", category, "CO2"]
        assert (e.basis_year, e.status) == (2014, "split")
        assert e.range > 0.6
    assert "CHN 2014" in totals["CHN", "CO2"]["basis"]
    assert float(totals["CHN", "CO2"]["relative_range"]) > float(
        totals["JPN", "CO2"]["relative_range"]
    )


def test_every_ceds_country_has_every_cell_once(found, read_sources):
    listed = set(read_sources.national["CO2"]) - {"GLOBAL"} - set(households.INSIDE_A_PARTY)
    listed |= set(read_sources.annex_i["CO2"])  # Monaco is not in CEDS
    assert set(found) == {(c, k, g) for c in listed for k in hh.CATEGORIES for g in hh.GASES}


def test_orders_of_magnitude(found):
    def world(category):
        return sum(e.value for k, e in found.items() if k[1:] == (category, "CO2"))

    assert 1500 < world("residential") < 3000
    assert 2000 < world("private road") < 4000


def test_the_range_of_split_shares_holds_when_a_party_is_left_out(read_sources):
    s = read_sources
    own = households.reported(s)
    width = math.hypot(hh.BASE_RANGE["CO2"], hh.STATUS_RANGE["split"])
    for category, parent, least in (
        ("residential", "1.A.4", 0.85),
        ("private road", "1.A.3", 0.95),
    ):
        part = {k[0]: e.value for k, e in own.items() if k[1:] == (category, "CO2")}
        cells = s.annex_i["CO2"]
        whole = {
            c: cells[c].values[parent][own[c, category, "CO2"].basis_year] / 1000 for c in part
        }
        inside = []
        for c in part:
            donors = [d for d in part if d != c and (d in s.upper_half) is (c in s.upper_half)]
            guess = median(part[d] / whole[d] for d in donors) * whole[c]
            inside.append(guess * (1 - width) <= part[c] <= guess * (1 + width))
        assert sum(inside) / len(inside) >= least


def test_the_range_of_borrowed_shares_holds_for_most_known_countries(read_sources, found):
    s = read_sources
    totals_2022 = {c: y[2022] for c, y in s.national["CO2"].items()}
    for category, least in (("residential", 0.75), ("private road", 0.90)):
        part = {
            k[0]: e.value
            for k, e in found.items()
            if k[1:] == (category, "CO2") and e.status != "borrowed" and k[0] in totals_2022
        }
        inside = []
        for c in [c for c in part if totals_2022[c] > 0]:
            others = {d: v for d, v in part.items() if d != c}
            share, _, _ = households._nearest_share(s, c, others, totals_2022)
            guess, width = share * totals_2022[c], hh.relative_range("CO2", "borrowed", 0)
            inside.append(guess * (1 - width) <= part[c] <= guess * (1 + width))
        assert len(inside) > 100
        assert sum(inside) / len(inside) >= least


def test_implausible_submissions_are_refused_and_named(read_sources):
    _, refused = households.estimate(read_sources)
    reasons = dict.fromkeys(reason for reason, _ in refused)
    assert len(reasons) >= 3
    assert ("larger than the CEDS national total", "LBR CO2 1.A.3 2014") in refused
    assert any(what.startswith("ZAF") and "before 2000" in reason for reason, what in refused)
