"""The global carbon budget: it closes in every year, and its figures are the source's."""

import math

import pytest
from python_calamine import CalamineWorkbook

from mriocarbon.errors import InputError, NotAvailableError, UnitError
from mriocarbon.natural import budget

YEARS = range(1959, 2024)
OF_2022 = {
    "fossil": 10.178, "land-use change": 0.966, "atmosphere": 4.673, "ocean": 2.723,
    "land": 3.871, "cement carbonation": 0.217, "imbalance": -0.339,
}  # fmt: skip


def test_2022_is_as_published():
    found = budget(2022)
    assert {t.name: round(t.value, 3) for t in found.terms} == OF_2022
    assert found.unit == "GtC"


@pytest.mark.parametrize("year", YEARS)
def test_it_closes_in_every_year(year):
    found = budget(year)
    assert abs(found.closure) < 1e-7
    assert found.emissions == pytest.approx(found.sinks + found["imbalance"].value, abs=1e-7)


def test_every_cell_is_that_of_the_workbook(data_folder):
    path = data_folder / "gcb" / "Global_Carbon_Budget_2024_v1.0-1.xlsx"
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Global Carbon Budget")
    table = rows.to_python()
    at = next(i for i, row in enumerate(table) if row[0] == "Year")
    seen = 0
    for row in table[at + 1 :]:
        found = budget(int(row[0]))
        # the store keeps Mt to the nearest of seven decimals or so
        assert [t.value for t in found.terms] == pytest.approx(row[1:8], abs=1e-8)
        seen += 1
    assert seen == len(YEARS)


def test_intervals():
    found = budget(2022)
    assert found["fossil"].sd == pytest.approx(0.05 * found["fossil"].value)
    assert found["land-use change"].sd == pytest.approx(0.7)
    sds = [found[name].sd for name in ("fossil", "land-use change", "atmosphere", "ocean", "land")]
    assert found["imbalance"].sd == pytest.approx(math.sqrt(sum(s**2 for s in sds)))
    assert found["imbalance"].low < found["imbalance"].value < found["imbalance"].high
    assert math.isnan(found["cement carbonation"].sd)
    assert "cement carbonation" in found.notes[0]
    early = budget(1965)
    assert math.isnan(early["atmosphere"].sd) and any("atmosphere" in n for n in early.notes)


@pytest.mark.parametrize(("unit", "factor"), [("Gt CO2", 3.664), ("Mt CO2", 3664.0)])
def test_units(unit, factor):
    plain, other = budget(2022), budget(2022, unit=unit)
    for a, b in zip(plain.terms, other.terms, strict=True):
        assert b.value == pytest.approx(a.value * factor)
        assert b.sd == pytest.approx(a.sd * factor, nan_ok=True)
    assert [t.value for t in other.to("GtC").terms] == pytest.approx([t.value for t in plain.terms])


def test_wrong_questions_are_refused():
    for year in (1958, 2024, 2022.5, True):
        with pytest.raises(InputError, match="1959 to 2023"):
            budget(year)
    with pytest.raises(UnitError, match="GtC, Gt CO2, Mt CO2"):
        budget(2022, unit="pounds")
    with pytest.raises(NotAvailableError, match="no term 'peat'"):
        budget(2022)["peat"]


def test_as_a_frame():
    frame = budget(2000).to_pandas()
    assert list(frame.index) == list(OF_2022) and (frame["year"] == 2000).all()
