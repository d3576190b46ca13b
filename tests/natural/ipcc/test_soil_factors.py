"""The table of default factors of soils and water, and what inventories say of them."""

import math

import pytest

import mriocarbon as mc
from mriocarbon.errors import UnknownNameError
from mriocarbon.natural.ipcc import CLIMATES, SoilNitrogen, factor, factors, indirect_n2o
from mriocarbon.natural.ipcc.zones import belt, moisture, reservoir_zone
from scripts import ipcc_soil_factors as script


def test_the_csv_is_what_the_script_makes(tmp_path, capsys):
    assert script.main(["--check"]) == 0
    made = tmp_path / "made.csv"
    assert script.main(["--out", str(made)]) == 0
    assert made.read_bytes() == script.OUT.read_bytes()
    made.write_text("factor\n")
    assert script.main(["--out", str(made), "--check"]) == 1
    assert "is NOT" in capsys.readouterr().out


def test_rows():
    rows = script.rows()
    assert len(rows) > 300
    for row in rows:
        assert row.unit and row.source and row.status and row.range
        assert row.value is not None and math.isfinite(row.value)
        assert (row.low is None) == (row.high is None) == (row.range == "no range given")
        if row.low is not None and row.high is not None:
            assert row.low <= row.value <= row.high
        # a status names two sources, or says that it is unverified or why none is needed
        assert row.status.startswith(("transcribed by ", "UNVERIFIED", "stoichiometry"))
        assert not row.status.startswith("transcribed by ") or " and " in row.status


def test_no_name_is_also_in_the_land_table():
    own = {row.factor for row in script.rows()}
    assert factors()["factor"].isin(own).sum() == len(script.rows())


def test_a_doubled_row_is_refused(monkeypatch):
    once = list(script._carbonates())
    monkeypatch.setattr(script, "_carbonates", lambda: [*once, *once])
    with pytest.raises(ValueError, match="same labels"):
        script.rows()


def test_rice_of_the_wheel_is_not_used():
    # bonsai_ipcc has 0.004 (0 to 0.029) for continuous flooding: the row above in the table
    assert factor("EF1FR", option="continuous flooding").value == 0.003
    for name in ("EF1FR", "EF_RICE", "T_RICE", "SF_W", "SF_P", "CFOA"):
        assert not factors(name)["status"].str.contains("bonsai").any()


def test_every_zone_has_a_place():
    for climate in CLIMATES:
        assert belt(climate) in ("boreal", "temperate", "tropical")
        assert reservoir_zone(climate) in set(factors("EF_CO2_RESERVOIR")["climate"])
        if climate != "tropical montane":
            assert moisture(climate) == ("dry" if climate.endswith("dry") else "wet")
    for refuse in (belt, moisture, reservoir_zone):
        with pytest.raises(UnknownNameError):
            refuse("mediterranean")


@pytest.mark.parametrize("party", ["CZE", "EST", "HRV", "POL"])
def test_indirect_n2o_of_inventories(party):
    """The nitrogen behind a Party's direct N2O gives back its indirect N2O.

    These four use the defaults of 2006 throughout, which the agreement shows. What animals left on
    pasture is not told apart by kind, so that the two kinds bound it.
    """
    frame = mc.database().table("inventories", region=party, year=2021, gas="N2O")
    frame = frame[(frame["source"] == "unfccc-annex-i-2023") & frame["value"].notna()]
    reported = dict(zip(frame["category"], 1e6 * frame["value"], strict=True))
    implied = {
        part: reported.get(code, 0.0) / (0.01 * 44 / 28)
        for part, code in (("synthetic", "3.D.1.a"), ("organic", "3.D.1.b"),
                           ("residues", "3.D.1.d"), ("mineralised", "3.D.1.e"))
    }  # fmt: skip
    dung = reported["3.D.1.c"] / (44 / 28)
    ends = [
        indirect_n2o(SoilNitrogen(**implied, **grazing), leaching=1.0, edition=2006)
        for grazing in ({"grazing_cattle": dung / 0.02}, {"grazing_sheep": dung / 0.01})
    ]
    for code, name in (("3.D.2.a", "volatilisation"), ("3.D.2.b", "leaching")):
        low, high = (getattr(end, name).value for end in ends)
        assert low * 0.99 <= reported[code] <= high * 1.01
        assert high / low < 1.11  # the band is narrow enough to tell something
