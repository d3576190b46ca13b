"""Accounts: what a country has, for which years, what it lacks and why."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural import account, accounts, parts, total
from mriocarbon.natural import sources as s
from mriocarbon.natural.account import last_year
from mriocarbon.natural.flux import SCOPES, TO_AIR, ScopeError
from mriocarbon.natural.sources_local import NEEDS

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)


def test_an_account_has_the_figures_of_the_sources():
    usa = account("United States", 2022)
    assert usa.region == "USA" and usa.year == 2022
    inventory = usa.flux(s.LULUCF)
    assert inventory.value == pytest.approx(-832.0389727) and inventory.period == "2021"
    assert "latest figure, of 2021" in inventory.note and "UNVERIFIED" in inventory.interval
    assert inventory.high == pytest.approx(-832.0389727 * 0.65, rel=1e-6)
    inversion = usa.flux(s.NBE, method="inversion LNLGIS")
    assert (inversion.value, inversion.sd) == (-1707.12, 633.611)
    assert inversion.period == "2015-2020" and "not of a single year" in inversion.note
    assert usa.flux("land-use change", method="BLUE").period == "2022"
    assert {one.scope for one in usa.fluxes} <= set(SCOPES)


def test_the_mean_of_models_is_the_mean_and_its_sd_the_spread():
    brazil = account("BRA", 2020, gas="CO2")
    models = [brazil.flux("land-use change", method=m).value
              for m in ("BLUE", "H&C2023", "LUCE", "OSCAR")]  # fmt: skip
    mean = brazil.flux("land-use change", method=s.MEAN_OF_MODELS)
    assert mean.value == pytest.approx(np.mean(models))
    assert mean.sd == pytest.approx(np.std(models, ddof=1))


def test_a_year_within_the_inversions_gets_its_own_figure():
    own = account("CHN", 2017).flux(s.NBE, method="inversion LNLGIS")
    assert (own.period, own.value) == ("2017", -2486.45)
    # the other runs have no single years in the compact store: their mean, with its period
    assert account("CHN", 2017).flux(s.NBE, method="inversion IS").period == "2015-2020"
    with pytest.raises(NotAvailableError, match="begin in 2015"):
        account("CHN", 2010).flux(s.NBE)


def test_both_pages_count_the_countries_with_methane_of_fires():
    found = accounts(None, 2017, gas="CH4", missing=False)
    fires = found[(found["process"] == "fires") & (found["region"].str.len() == 3)]
    count = f"{fires['region'].nunique()} countries, "
    assert set(fires["source"]) == {"deng-ch4-2022"}
    for page, said in (
        ("methods/natural.md", f"By country only CH4 ({count}inversions to 2017;"),
        ("how-to/map.md", f"CH4 of fires (`--scope processes --gas CH4`, {count}2017)"),
    ):
        assert said in " ".join((DOCS / page).read_text(encoding="utf-8").split())


def test_china_is_of_2014_and_says_so():
    china = account("CHN", 2022).flux(s.LULUCF)
    assert (china.period, china.value) == ("2014", -1150.91)
    assert account("CHN", 2014).flux(s.LULUCF).note == ""


def test_inversions_close():
    """NBE = loss of stock + rivers + trade, and NCE = NBE + fossil, in every country and year."""
    table = pd.concat(
        [accounts(None, year, gas="CO2", missing=False) for year in range(2015, 2021)]
    )
    run = table[table["method"].isin(["inversion LNLGIS", "bottom-up, within the inversion"])]
    run = run[run["year_from"] == run["year_to"]]
    wide = run.pivot_table(index=["region", "year_to"], columns="process", values="value")
    made = wide[s.STOCKS] + wide[s.RIVERS] + wide[s.TRADE]
    scale = wide[[s.NBE, s.STOCKS, s.RIVERS, s.TRADE]].abs().max(axis=1)
    assert len(wide) > 1100 and ((made - wide[s.NBE]).abs() <= 2e-5 * scale + 0.02).mean() > 0.99
    fossil = mc.database().table("natural_fluxes", source=s.CEOS, category="fossil and cement")
    fossil = fossil.dropna(subset=["year"]).set_index(["region", "year"])["value"]
    fossil.index.names = ["region", "year_to"]
    gap = (wide[s.NCE] - wide[s.NBE] - fossil.reindex(wide.index)).abs()
    assert (gap <= 2e-5 * wide[s.NCE].abs().clip(lower=1) + 0.02).mean() > 0.99


def test_lateral_and_stock_are_told_apart_and_cannot_be_added():
    usa = account("USA", 2022)
    rivers = usa.flux(s.RIVERS)
    assert rivers.direction == "across borders" and "never added" in rivers.note
    with pytest.raises(ScopeError, match="another direction"):
        usa.flux(s.NBE, method="inversion LNLGIS") + rivers
    air = [one for one in usa.of("biosphere") if one.direction == TO_AIR]
    assert {one.process for one in air} == {s.NBE, s.NCE}


def test_what_is_missing_is_named_never_zero():
    usa = account("USA", 2022)
    reasons = {(m.gas, m.process): m.reason for m in usa.missing}
    assert "GFED5" in reasons["CO2", "fires"] or "GFED5" in reasons["N2O", "fires"]
    assert "MRIOCARBON_DATA" in reasons["CO2", "natural land sink"]
    assert "OMI_Catalogue" in reasons["CO2", "volcanoes"]
    assert "continents" in reasons["CH4", "wetlands"]
    frame = usa.to_pandas()
    gone = frame[frame["value"].isna()]
    assert len(gone) == len(usa.missing) and gone["note"].str.startswith("missing: ").all()
    assert not (frame["value"] == 0).any()
    with pytest.raises(NotAvailableError, match="MRIOCARBON_DATA"):
        usa.flux("natural land sink")


def test_a_country_without_any_figure_is_known_and_all_missing():
    antarctica = account("Antarctica", 2022)
    assert antarctica.region == "ATA"
    assert {m.scope for m in antarctica.missing} == set(SCOPES)


def test_notation_keys_travel():
    luxembourg = account("LUX", 2022)
    gone = {(m.gas, m.process): m.reason for m in luxembourg.missing}
    assert "notation key" in gone["CH4", s.LULUCF]


def test_world_and_regions_of_sources():
    world = account("world", 2022)
    assert world.flux("ocean").value == pytest.approx(-9976.050672)
    assert world.flux("natural land sink").sd == pytest.approx(1832)
    assert "would be short" in {m.process: m.reason for m in world.missing}[s.LULUCF]
    asia = account("gcp:Asia", 2022)
    assert asia.flux("wetlands", gas="CH4", method="top-down").period == "2008-2017"
    fires = account("gfed:BONA", 2022)
    assert not fires.fluxes and {m.scope for m in fires.missing} == set(SCOPES)
    gone = [m.reason for m in fires.missing if m.process == "fires"]
    assert len(gone) == 3 and all("MRIOCARBON_DATA" in reason for reason in gone)


def test_one_table_for_all_is_the_accounts_one_by_one():
    table = accounts(["USA", "Brazil", "JPN"], 2021)
    for code in ("USA", "BRA", "JPN"):
        mine = table[table["region"] == code].reset_index(drop=True)
        own = account(code, 2021).to_pandas()
        keys = ["scope", "gas", "process", "method"]
        mine, own = mine.sort_values(keys), own.sort_values(keys)
        assert mine["value"].tolist() == pytest.approx(own["value"].tolist(), nan_ok=True)
        assert mine["note"].tolist() == own["note"].tolist()


def test_all_countries_are_fast():
    accounts(None, 2022)  # builds the table
    began = time.perf_counter()
    table = accounts(None, 2022)
    assert time.perf_counter() - began < 1.0
    assert table["region"].nunique() > 190
    one = table[table["value"].notna()].groupby(["region", "gas", "scope", "process", "method"])
    assert one.size().max() == 1  # never two figures of one thing


@pytest.mark.parametrize("year", [1989, last_year() + 1, 2022.0, True, "2022"])
def test_wrong_years_are_refused(year):
    with pytest.raises(InputError, match="no natural account"):
        account("USA", year)


def test_wrong_names_are_refused():
    with pytest.raises(UnknownNameError, match="Gondor"):
        account("Gondor", 2022)
    with pytest.raises(UnknownNameError, match="unknown gas 'CO3'"):
        account("USA", 2022, gas="CO3")
    with pytest.raises(UnknownNameError, match="unknown scope"):
        account("USA", 2022).of("land")
    with pytest.raises(InputError, match="stands twice: USA"):
        accounts(["USA", "United States"], 2022)
    with pytest.raises(InputError, match="choose method="):
        account("USA", 2022).flux(s.NBE)


@pytest.mark.parametrize("region", ["USA", "DEU", "RUS", "JPN", "TUR"])
@pytest.mark.parametrize("gas", ["CO2", "CH4", "N2O"])
def test_the_parts_of_an_inventory_are_its_total(region, gas):
    pieces = parts(region, 2022, gas=gas)
    whole = account(region, 2022).flux(s.LULUCF, gas=gas)
    added = total(pieces.fluxes)
    assert added.period == whole.period
    # N2O: indirect emissions and drained soils stand beside the land classes in some inventories
    assert added.value == pytest.approx(whole.value, rel=1e-6 if gas == "CO2" else 0.5)
    with pytest.raises(ScopeError):
        whole + pieces.fluxes[0]


def test_parts_carry_their_keys():
    other = [m for m in parts("USA", 2022).missing if m.process.startswith("4.F")]
    assert "NE" in other[0].reason
    with pytest.raises(NotAvailableError, match="no inventory"):
        parts("ATA", 2022)
    with pytest.raises(InputError):
        parts("USA", 1980)


def test_every_row_has_its_source_period_and_basis():
    table = accounts(None, 2022, missing=False)
    assert (table["source"] != "").all() and (table["method"] != "").all()
    assert (table["interval"] != "").all() and (table["unit"] == "Mt").all()
    assert (table["year_to"] <= 2022).all() and (table["year_from"] <= table["year_to"]).all()
    whole = table[table["low"].notna()]
    assert (whole["low"] <= whole["value"]).all() and (whole["value"] <= whole["high"]).all()
    assert not any("edgar" in str(source).lower() for source in table["source"])
    assert {need.file for need in NEEDS}.isdisjoint(table["source"])


def test_an_inventory_that_all_others_contradict_is_marked_and_kept():
    table = accounts(None, 2022, gas="CO2", missing=False)
    inventory = table[table["process"] == s.LULUCF].set_index("region")
    doubtful = inventory[inventory["note"].str.contains(s.DOUBTFUL, regex=False)]
    assert {"CAF", "GIN"} <= set(doubtful.index) and len(doubtful) < 0.1 * len(inventory)
    assert doubtful.loc["CAF", "value"] < -1000  # kept as reported
    assert not set(doubtful["source"]) & {s.ANNEX_I}
    runs = table[table["process"] == s.NBE].groupby("region")
    for code in doubtful.index:  # beyond every inversion shown, with both intervals
        low, high = runs["low"].min()[code], runs["high"].max()[code]
        assert doubtful.loc[code, "high"] < min(low, 0) or doubtful.loc[code, "low"] > max(high, 0)


def row(scope, process, method, low, value, high, region="AAA"):
    return {"region": region, "scope": scope, "gas": "CO2", "process": process, "method": method,
            "low": low, "value": value, "high": high}  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "doubt"),
    [(-300, -110, True), (-300, -90, False), (60, 90, False), (210, 400, True), (-5, 5, False)],
)
def test_the_rule_of_contradiction(low, high, doubt):
    """Others allow -100 (inversions) to 200 (deforestation in the models)."""
    others = [
        row("biosphere", s.NBE, "inversion IS", -100, -40, 20),
        row("land-use change", "land-use change", s.MEAN_OF_MODELS, 50, 120, 200),
        row("land-use change", "land-use change", "BLUE", np.nan, 900, np.nan),
    ]
    mine = row("managed land", s.LULUCF, s.INVENTORY, low, (low + high) / 2, high)
    assert (len(s.contradictions(pd.DataFrame([mine, *others]))) == 1) == doubt
    # without an inversion nobody has seen the standing forest
    assert s.contradictions(pd.DataFrame([mine, *others[1:]])).empty


def test_years_may_be_integers_of_numpy():
    assert account("USA", np.int64(2022)).year == 2022
    # as text: from Python 3.13 a dataclass with a NaN in it equals no other
    assert repr(parts("USA", np.int64(2022)).fluxes) == repr(parts("USA", 2022).fluxes)
    for wrong in (True, 2022.0, "2022"):
        with pytest.raises(InputError):
            account("USA", wrong)


def test_the_guidelines_are_in_the_room():
    assert mc.natural.ipcc.factor("EF1").value == 0.01
