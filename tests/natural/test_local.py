"""Files that are read at run time: what they become, and what a broken one says."""

import numpy as np
import pandas as pd
import pytest

from mriocarbon.errors import DataFileError, NotAvailableError
from mriocarbon.natural import account, accounts, group, translate, translations
from mriocarbon.natural.regions import GFED_REGIONS
from mriocarbon.natural.sources_local import (
    CO2_PER_SO2,
    FIRES,
    MANAGED_SINK,
    NEEDS,
    NITROUS,
    NO_FOREST,
    NO_VOLCANO,
    SINK,
    VOLCANOES,
    local,
    volcano_so2,
)

GFED = """# {gas} emissions estimates in {grams} {gas} for the globe and the 14 GFED basis regions.
Year         |   BONA   TENA |  Globe
             |               |
2021         |     29     15 |     44
2022         |     33      9 |     42
'21-'22 mean |     31     12 |     43
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "natural").mkdir()
    for gas, grams in (("CO2", "1E13 g"), ("CH4", "1E10 g"), ("N2O", "1E9 g")):
        (tmp_path / FIRES[gas]).write_text(GFED.format(gas=gas, grams=grams))
    monkeypatch.setenv("MRIOCARBON_DATA", str(tmp_path))
    return tmp_path


def test_fires_by_region_in_mt(folder):
    for gas, mt in (("CO2", 330.0), ("CH4", 0.33), ("N2O", 0.033)):
        fires = account("gfed:BONA", 2022).flux("fires", gas=gas)
        assert fires.value == pytest.approx(mt) and fires.scope == "processes"
    assert account("gfed:BONA", 2021).flux("fires").value == pytest.approx(290)
    assert account("WLD", 2022).flux("fires").value == pytest.approx(420)
    assert "gross" in fires.note


def test_regions_of_fires_add_to_the_globe(folder):
    parts = [account(f"gfed:{r}", 2022).flux("fires") for r in ("BONA", "TENA")]
    assert sum(parts).value == pytest.approx(account("WLD", 2022).flux("fires").value)


def test_what_is_not_there_is_still_missing(folder):
    found, missing = local(folder)
    assert len(found) == 18 and len(missing) == len(NEEDS) - 3
    assert local(None)[1] == NEEDS


def test_a_file_that_changed_is_read_again(folder):
    before = account("gfed:TENA", 2022).flux("fires").value
    path = folder / FIRES["CO2"]
    path.write_text(path.read_text().replace("     9 |", "   900 |"))
    assert account("gfed:TENA", 2022).flux("fires").value == pytest.approx(100 * before)


@pytest.mark.parametrize(
    "text", ["", "nothing", GFED.format(gas="CO2", grams="1E12 g"),
             GFED.format(gas="CO2", grams="1E13 g").replace("     44", "")]
)  # fmt: skip
def test_a_broken_file_is_an_error_not_a_gap(folder, text):
    (folder / FIRES["CO2"]).write_text(text)
    with pytest.raises(DataFileError, match="cannot be read"):
        account("gfed:BONA", 2022)
    (folder / FIRES["CO2"]).write_text(GFED.format(gas="CO2", grams="1E13 g"))
    (folder / SINK).write_text("a,b\n1,2\n")
    with pytest.raises(DataFileError, match="cannot be read"):
        account("USA", 2022)


def test_a_sink_file_that_was_cut_off_is_an_error(folder):
    rows = ["Country,iso,Fa_mean,Fa_std,Fa_skew", "Afghanistan,AFG,-0.004,0.01,-0.1",
            "Angola,AGO,-0.054,0.04,0.9", "Total,Total,-0.058,0.1,0.1"]  # fmt: skip
    (folder / SINK).write_text("\n".join(rows))
    assert account("AGO", 2022).flux("natural land sink").value == pytest.approx(-0.054 * 3664)
    for cut in (rows[:3], [*rows[:2], rows[3]]):
        (folder / SINK).write_text("\n".join(cut))
        with pytest.raises(DataFileError, match="cut off"):
            account("AGO", 2022)


HEADS = ["LATITUDE", "LONGITUDE", "TYPE", "NAME", "COUNTRY", "y2021", "s2021", "y2022", "s2022"]


def workbook(folder, *rows):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "OMI"
    for row in (HEADS, *rows):
        book.active.append(list(row))
    book.save(folder / VOLCANOES)


def test_a_catalogue_of_our_own(folder):
    """Etna sleeps in 2022, Stromboli has no figure, a plant is no volcano."""
    workbook(
        folder, (37.7, 15.0, "Volcano", "Etna", "Italy", 100.0, 3.0, 0.0, 4.0),
        (38.8, 15.2, "Volcano", "Stromboli", "Italy", 20.0, 4.0, None, None),
        (48.1, 16.4, "Power Plant", "Plant", "Austria", 9.0, 1.0, 9.0, 1.0),
        (-21.2, 55.7, "Volcano", "Piton", "Reunion Island, France", 5.0, 1.0, None, None),
    )  # fmt: skip
    before = account("ITA", 2021).flux("volcanoes")
    assert before.value == pytest.approx(0.12 * CO2_PER_SO2) and "no figure of" not in before.note
    italy = account("ITA", 2022).flux("volcanoes")
    assert (italy.value, italy.low, italy.period) == (0, 0, "2022")
    assert italy.high == pytest.approx(1.96 * 0.004 * CO2_PER_SO2, rel=1e-3)
    assert "no figure of Stromboli" in italy.note and "above the noise" in italy.note
    gone = {m.process: m.reason for m in account("REU", 2022).missing}
    assert gone["volcanoes"].startswith("the catalogue has no figure of Piton")
    assert {m.process: m.reason for m in account("AUT", 2022).missing}["volcanoes"] == NO_VOLCANO


@pytest.mark.parametrize("content", [b"g\n", b"", b"PK\x03\x04 cut off"])
def test_a_broken_workbook_is_an_error_in_words(folder, content):
    (folder / VOLCANOES).write_bytes(content)
    with pytest.raises(DataFileError, match="no workbook with a sheet OMI"):
        account("USA", 2022)


def test_an_unknown_country_of_a_volcano_is_an_error_in_words(folder):
    workbook(folder, (0.0, 0.0, "Volcano", "Doom", "Mordor", 1.0, 1.0, 1.0, 1.0))
    with pytest.raises(DataFileError, match="unknown country 'Mordor'"):
        account("USA", 2022)


# -- the real files --


def per_country(data_folder, year):
    """SO2 in kt by country, NaN where a country has no figure at all; names without a figure."""
    so2 = volcano_so2(data_folder / VOLCANOES)
    wide = so2.pivot(index=["region", "name"], columns="year", values="so2")[year]
    return wide.groupby("region").sum(min_count=1), set(wide.index[wide.isna()].droplevel(0))


def test_volcanoes_are_sulphur_and_say_so(data_folder):
    so2 = volcano_so2(data_folder / VOLCANOES)
    assert so2["name"].nunique() > 90 and so2["region"].str.fullmatch("[A-Z]{3}").all()
    of_2022 = so2[so2["year"] == 2022]
    world = account("WLD", 2022).flux("volcanoes")
    assert world.estimated and "no CO2" in world.note and "Carn" in world.note
    assert world.value == pytest.approx(of_2022["so2"].sum() / 1000 * CO2_PER_SO2)
    assert world.low < 0.2 * world.value and world.high > 5 * world.value
    lost = per_country(data_folder, 2022)[1]
    assert all(name in world.note for name in lost)
    assert ("no figure of" in world.note) == bool(lost)


@pytest.mark.parametrize("year", [2006, 2016, 2022])
def test_a_quiet_volcano_is_zero_and_no_older_eruption(data_folder, year):
    wanted, _ = per_country(data_folder, year)
    table = accounts([*wanted.index, "AUT"], year, gas="CO2")
    mine = table[table["process"] == "volcanoes"].set_index("region")
    told = mine.loc[wanted.index]
    assert (wanted == 0).any()  # else this tests nothing
    assert np.allclose(told["value"], wanted / 1000 * CO2_PER_SO2, equal_nan=True)
    assert (told.loc[wanted.notna(), "year_to"] == year).all()
    quiet = told[told["value"] == 0]
    assert (quiet["low"] == 0).all() and (quiet["high"] > 0).all()
    assert quiet["note"].str.contains("no SO2 seen above the noise").all()
    assert told.loc[wanted.isna(), "note"].str.contains("missing: the catalogue has no").all()
    assert mine.loc["AUT", "note"] == f"missing: {NO_VOLCANO}"
    world = account("WLD", year).flux("volcanoes").value
    assert world == pytest.approx(told["value"].sum())


def test_a_group_lacks_no_volcano_where_there_is_none(data_folder):
    found = group(["AUT", "ITA", "JPN"], 2022, name="three", gas="CO2")
    volcanoes = found.flux("volcanoes")
    assert volcanoes.period == "2022" and "without" not in volcanoes.note
    assert volcanoes.independent.low > 0  # an order of magnitude each way is no normal error
    assert not [m for m in found.missing if m.process == "volcanoes"]
    years = {int(y) for y in volcano_so2(data_folder / VOLCANOES)["year"]}
    before = account("ITA", min(years) - 1, gas="CO2")
    assert "has no figure of" in {m.process: m.reason for m in before.missing}["volcanoes"]


def test_the_land_sink_and_nitrous_oxide(data_folder):
    raw = pd.read_csv(data_folder / MANAGED_SINK).set_index("iso")["Fa_mf_mean"]
    usa = account("USA", 2022)
    managed, whole = (usa.flux(p) for p in ("natural sink of managed forest", "natural land sink"))
    assert managed.period == whole.period == "2013-2022"
    assert managed.value == pytest.approx(raw["USA"] * 3664, rel=1e-9)
    nitrous = account("WLD", 2022).flux("all natural sources", gas="N2O")
    given = pd.read_csv(data_folder / NITROUS, encoding="utf-8-sig").set_index("source")
    amounts = given.loc["Natural_total"].to_numpy(dtype=float)[:3] * 44.013 / 28.014
    assert (nitrous.value, nitrous.low, nitrous.high) == pytest.approx(tuple(amounts))


def test_no_managed_forest_is_no_sink_of_zero(data_folder):
    """A row of zeros in every model: missing in the account and no translation, both alike."""
    raw = pd.read_csv(data_folder / MANAGED_SINK).set_index("iso")
    bare = raw.index[(raw["Fa_mf_mean"] == 0) & (raw["Fa_mf_std"] == 0)].difference(["Total"])
    assert len(bare) > 10 and "ISL" in bare
    made = translations()
    assert not set(bare) & set(made.index)
    reasons = {m.process: m.reason for m in account("ISL", 2022, gas="CO2").missing}
    assert NO_FOREST in reasons["natural sink of managed forest"]
    with pytest.raises(NotAvailableError, match=r"ISL.*no estimate"):
        translate("ISL")


def test_real_fires_add_to_the_globe(data_folder):
    for year in (2002, 2013, 2022):
        regions = [account(r, year).flux("fires").value for r in GFED_REGIONS]
        # units of 10 Mt in each region and in the globe
        assert np.sum(regions) == pytest.approx(account("WLD", year).flux("fires").value, rel=0.01)
