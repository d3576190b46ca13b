"""Files that are read at run time: what they become, and what a broken one says."""

import numpy as np
import pytest

from mriocarbon.errors import DataFileError
from mriocarbon.natural import account, accounts
from mriocarbon.natural.sources_local import FIRES, NEEDS, SINK, local, volcano_so2

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


# -- the real files --


def test_volcanoes_are_sulphur_and_say_so(data_folder):
    so2 = volcano_so2(data_folder / "natural" / "OMI_Catalogue_SO2_2023.xlsx")
    assert so2["name"].nunique() == 106 and so2["region"].str.fullmatch("[A-Z]{3}").all()
    of_2022 = so2[so2["year"] == 2022]
    world = account("WLD", 2022).flux("volcanoes")
    assert world.estimated and "no CO2" in world.note and "Carn" in world.note
    assert world.value == pytest.approx(of_2022["so2"].sum() / 1000 * 38.7 / 23)
    assert world.low < 0.2 * world.value and world.high > 5 * world.value
    table = accounts(None, 2022, gas="CO2", missing=False)
    mine = table[table["process"] == "volcanoes"]
    latest = mine["year_to"] == 2022
    rest = of_2022[~of_2022["region"].isin(mine["region"])]
    assert mine.loc[latest, "value"].sum() + rest["so2"].sum() / 1000 * 38.7 / 23 == pytest.approx(
        world.value
    )


def test_the_land_sink_and_nitrous_oxide(data_folder):
    usa = account("USA", 2022)
    managed, whole = (usa.flux(p) for p in ("natural sink of managed forest", "natural land sink"))
    assert managed.period == whole.period == "2013-2022"
    assert managed.value == pytest.approx(-0.178396 * 3664, rel=1e-5)
    nitrous = account("WLD", 2022).flux("all natural sources", gas="N2O")
    assert nitrous.value == pytest.approx(9.7 * 44.013 / 28.014)
    assert (nitrous.low, nitrous.high) == pytest.approx((8 * 44.013 / 28.014, 12 * 44.013 / 28.014))


def test_real_fires_add_to_the_globe(data_folder):
    from mriocarbon.natural.regions import GFED_REGIONS

    for year in (2002, 2013, 2022):
        regions = [account(r, year).flux("fires").value for r in GFED_REGIONS]
        # whole units of 10 Mt each; in 2022 the file's regions make 980, its globe 989
        assert np.sum(regions) == pytest.approx(account("WLD", year).flux("fires").value, abs=100)
