"""The table of land factors: what the script makes is what is committed; dummy and rice are out.

The whole check needs the unpacked wheel of bonsai_ipcc 0.5.3: name its folder in
MRIOCARBON_BONSAI_WHEEL. Without it, the rows typed in are compared, and the reader is tried on a
small wheel made here.
"""

import csv
import os
from pathlib import Path

import pytest

from mriocarbon.errors import DataFileError
from scripts import ipcc_land_factors as script
from scripts.ipcc_land_tables import Row

HEAD = "climate_zone,moisture_regime,soil_type,property,value,unit\n"
TABLES = {
    "par_soc_ref.csv": HEAD
    + "".join(
        f"temperate-warm,{moisture},HAC,{kind},{value},t/ha\n"
        for moisture in ("moist", "wet")
        for kind, value in (("def", 88.0), ("min", 8.8), ("max", 167.2), ("abs_max", "inf"))
    )
    + "dummy,dummy,dummy,def,1,t/ha\n"
    + "boreal,undefined,sandy,def,,t/ha\n",
    "par_f_lu.csv": "landuse_type,climate_zone,moisture_regime,property,value,unit\n"
    + "".join(
        f"{use},{zone},dry,{kind},{value},kg/kg\n"
        for use, zone, values in (
            ("CL-ANNUAL", "boreal", (0.77, 0.6622, 0.8778)),
            ("CL-RICE", "boreal", (1.35, 1.3, 1.4)),
            ("CL-ORCH", "tropical", (1.01, 0.7575, 1.2625)),
            ("CL-ASIDE", "temperate", (0.93, 0.8277, 1.0323)),
        )
        for kind, value in zip(("def", "min", "max"), values, strict=True)
    ),
    "par_f_mg.csv": "management_practice,climate_zone,moisture_regime,property,value,unit\n"
    "no-till,boreal,dry,def,1.03,kg/kg\nno-till,boreal,dry,min,0.7725,kg/kg\n"
    "no-till,boreal,dry,max,1.2875,kg/kg\n",
    "par_f_i.csv": "amendment_level,climate_zone,moisture_regime,property,value,unit\n"
    "low,boreal,dry,def,0.92,kg/kg\nlow,boreal,dry,min,0.7912,kg/kg\n"
    "low,boreal,dry,max,1.0488,kg/kg\n",
}


@pytest.fixture
def small(tmp_path):
    (tmp_path / script.VERSION).mkdir()
    folder = tmp_path / "bonsai_ipcc" / "data" / "agriculture" / "generic"
    folder.mkdir(parents=True)
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tmp_path


def committed() -> list[dict[str, str]]:
    return list(csv.DictReader(script.OUT.read_text(encoding="utf-8").splitlines()))


def found(rows: list[Row], *key: str) -> Row:
    (row,) = [r for r in rows if (r.factor, str(r.edition), r.climate, r.land, r.option) == key]
    return row


def test_small_wheel(small):
    rows = list(script._soil_rows(small))
    # "wet" is no warm temperate zone; dummy, rice and rows without a value are gone
    assert [r.climate for r in rows if r.factor == "SOC_REF"] == ["warm temperate moist"]
    assert not any("rice" in r.land.lower() or "dummy" in r.climate for r in rows)
    assert len(rows) == 1 + 1 + 1 + 2 + 1 + 1
    fixed = found(rows, "F_I", "2019", "boreal dry", "annual cropland", "low")
    assert (fixed.value, fixed.low) == (0.95, 0.8265)
    assert fixed.status.startswith("corrected") and "0.92" in fixed.note
    tilled = found(rows, "F_MG", "2019", "boreal dry", "annual cropland", "no tillage")
    assert (tilled.low, tilled.high) == (0.9888, 1.0712)
    assert found(
        rows, "F_LU", "2019", "tropical dry", "perennial cropland", "any"
    ).status.startswith("disputed")


def test_typed_rows_are_as_committed():
    typed = [row for part in script.TYPED for row in part()]
    made = list(csv.DictReader(script.text(typed).splitlines()))
    rest = committed()
    for row in made:
        assert row in rest
        rest.remove(row)
    assert all("bonsai_ipcc" in row["status"] or "corrected" in row["status"] for row in rest)
    assert len(rest) == 157


def test_two_rows_of_one_label_and_a_default_outside_are_refused(small, monkeypatch):
    row = Row("X", 2019, "any", "any", "any", 1.0, 0.5, 2.0, "1", "r", "s")
    monkeypatch.setattr(script, "TYPED", (lambda: iter([row, row]),))
    with pytest.raises(DataFileError, match="two rows"):
        script.rows(small)
    outside = Row("X", 2019, "any", "any", "any", 3.0, 0.5, 2.0, "1", "r", "s")
    monkeypatch.setattr(script, "TYPED", (lambda: iter([outside]),))
    with pytest.raises(DataFileError, match="outside its range"):
        script.rows(small)


def test_check_tells_a_difference(small, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert script.main(["--wheel", str(small), "--out", str(out)]) == 0
    assert script.main(["--wheel", str(small), "--out", str(out), "--check"]) == 0
    out.write_text(out.read_text(encoding="utf-8").replace("0.95", "0.96", 1), encoding="utf-8")
    assert script.main(["--wheel", str(small), "--out", str(out), "--check"]) == 1
    assert script.main(["--wheel", str(tmp_path / "nowhere")]) == 2
    assert "unpack" in capsys.readouterr().err


def test_whole_wheel():
    folder = os.environ.get("MRIOCARBON_BONSAI_WHEEL", "")
    if not folder:
        pytest.skip("MRIOCARBON_BONSAI_WHEEL does not name the unpacked wheel of bonsai_ipcc 0.5.3")
    assert script.main(["--wheel", str(Path(folder)), "--check"]) == 0
