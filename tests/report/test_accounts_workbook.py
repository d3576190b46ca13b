"""Accounts as a workbook: its formulas compute our numbers, and show them before they do."""

import math
import re
import zipfile

import numpy as np
import pytest
from properties.tables import TOY_H, toy

import mriocarbon as mc
from mriocarbon.errors import DataFileError, InputError, UnitError, UnknownNameError
from mriocarbon.report.accounts_workbook import write_workbook

_REF = re.compile(r"(?:(\w+)!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")


def _number(letters: str) -> int:
    total = 0
    for c in letters:
        total = 26 * total + ord(c) - 64
    return total


class Book:
    """Formulas of a workbook, computed here from its inputs alone: +, -, *, / and SUM."""

    def __init__(self, path):
        from openpyxl import load_workbook

        self.formulas = load_workbook(path)
        self.shown = load_workbook(path, data_only=True)

    def value(self, sheet: str, row: int, column: int) -> float:
        held = self.formulas[sheet].cell(row, column).value
        if not (isinstance(held, str) and held.startswith("=")):
            return 0.0 if held is None else float(held)
        terms: list[float] = []

        def read(match: re.Match) -> str:
            where = match[1] or sheet
            if match[4]:
                cells = [
                    self.value(where, r, c)
                    for r in range(int(match[3]), int(match[5]) + 1)
                    for c in range(_number(match[2]), _number(match[4]) + 1)
                ]
                terms.append(math.fsum(cells))
            else:
                terms.append(self.value(where, int(match[3]), _number(match[2])))
            return f"T[{len(terms) - 1}]"

        text = _REF.sub(read, held[1:]).replace("SUM(", "(")
        assert re.fullmatch(r"[T\[\]0-9()+\-*/]+", text), held
        return eval(text, {"__builtins__": {}}, {"T": terms})

    def computed(self):
        """Sheet, row, column of every formula."""
        for sheet in self.formulas.worksheets:
            for cells in sheet.iter_rows():
                for cell in cells:
                    if cell.data_type == "f":
                        yield sheet.title, cell.row, cell.column


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    mrio = mc.load("oecd-icio-2022")
    names = ("production", "consumption", "income")
    results = [mc.account(mrio, name, stressor="GHG") for name in names]
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    people = mc.population(2022)
    source = next(i.source for i in mc.catalogue() if i.name == "population_gdp")
    write_workbook(results, path, people=people, people_source=source)
    return results, people, path, Book(path)


def test_formulas_compute_what_is_shown(real):
    results, *_, book = real
    places = list(book.computed())
    assert len(places) > 250
    assert {sheet for sheet, *_ in places} == {"accounts", "per person", "shares", "differences"}
    # A difference is as exact as what it is taken from.
    most = max(result.total for result in results)
    for sheet, row, column in places:
        shown = book.shown[sheet].cell(row, column).value
        size = most if sheet == "differences" and column % 2 == 0 else abs(shown)
        size = max(size, 1.0) if sheet == "differences" else size
        assert abs(book.value(sheet, row, column) - shown) <= 1e-12 * size, (sheet, row, column)


def test_the_numbers_are_those_of_the_engine(real):
    results, people, _, book = real
    regions = results[0].coords["region"]
    head = {
        (sheet.title, cell.value.removesuffix(" †")): cell.column
        for sheet in book.formulas.worksheets for cell in sheet[1] if cell.value
    }  # fmt: skip
    for result in results:
        column = head["accounts", f"{result.name}: total, Mt CO2e"]
        computed = [book.value("accounts", r, column) for r in range(2, len(regions) + 2)]
        np.testing.assert_allclose(computed, result.value, rtol=1e-12)
        assert book.value("accounts", len(regions) + 2, column) == pytest.approx(
            result.total, rel=1e-12
        )
        each = result.per(people).to("t CO2e / person")
        column = head["per person", f"{result.name}, t CO2e per person"]
        computed = [book.value("per person", r, column) for r in range(2, len(regions) + 2)]
        np.testing.assert_allclose(computed, each.value, rtol=1e-12)
        column = head["shares", f"{result.name}, share of the world"]
        computed = [book.value("shares", r, column) for r in range(2, len(regions) + 2)]
        np.testing.assert_allclose(computed, result.value / result.total, rtol=1e-12)
    column = head["differences", "consumption - production, Mt CO2e"]
    change = (results[1] - results[0]).value
    computed = [book.value("differences", r, column) for r in range(2, len(regions) + 2)]
    np.testing.assert_allclose(computed, change, rtol=0, atol=1e-12 * results[1].value.max())
    names = [book.formulas["accounts"].cell(r, 1).value for r in range(2, len(regions) + 3)]
    assert names == [*regions, "World"]


def test_a_reader_that_does_not_compute_sees_numbers(real):
    from python_calamine import CalamineWorkbook

    results, _, path, _ = real
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("accounts").to_python()
    column = next(k for k, text in enumerate(rows[0]) if str(text).startswith("consumption: total"))
    shown = [row[column] for row in rows[1:-1]]
    np.testing.assert_array_equal(shown, results[1].value)


def test_inputs_are_marked_and_formulas_are_not(real):
    *_, book = real
    for sheet in book.formulas.worksheets[:4]:
        for cells in sheet.iter_rows(min_row=2, min_col=2):
            for cell in cells:
                filled = cell.fill.fill_type == "solid"
                if cell.data_type == "f":
                    assert not filled, (sheet.title, cell.coordinate)
                elif cell.value is not None:
                    assert filled, (sheet.title, cell.coordinate)


def test_notes_and_sources_say_it_all(real):
    results, _, path, book = real
    notes = {row[3] for row in book.formulas["notes"].iter_rows(values_only=True)}
    assert {note.text for one in results for note in one.notes} <= notes
    cited = {row[3] for row in book.formulas["sources"].iter_rows(values_only=True)}
    assert {s.citation for one in results for s in one.provenance.sources} <= cited
    assert any("owid" in str(text) for text in cited)  # of the persons
    head = [c.value for c in book.formulas["accounts"][1]]
    assert "consumption: total, Mt CO2e †" in head and "production: industries, Mt CO2e" in head
    again = path.with_name("again.xlsx")
    write_workbook(results, again, people=mc.population(2022), people_source=next(
        i.source for i in mc.catalogue() if i.name == "population_gdp"))  # fmt: skip
    assert again.read_bytes() == path.read_bytes()


def test_no_text_is_ever_a_formula(tmp_path):
    bad = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "a\x00b"]
    notes = [mc.Note(text, estimated=True) for text in bad]
    made = mc.Provenance("=1+1", sources=(mc.Source("=cmd|' /C calc'!A0"),))
    table = toy(regions=bad[:2], notes=notes, provenance=made)
    path = write_workbook([mc.account(table, "production")], tmp_path / "a.xlsx")
    book = Book(path)
    for sheet, row, column in book.computed():
        text = book.formulas[sheet].cell(row, column).value
        assert re.fullmatch(r"=(SUM\([A-Z]+\d+:[A-Z]+\d+\)|accounts![A-Z]+\d+/accounts!\w+\$\d+)",
                            text), text  # fmt: skip
    assert [book.formulas["accounts"].cell(r, 1).value for r in (2, 3)] == bad[:2]
    assert book.formulas["accounts"].cell(2, 1).data_type in ("s", "inlineStr")
    with zipfile.ZipFile(path) as raw:
        for name in raw.namelist():
            for formula in re.findall(r"<f>([^<]*)</f>", raw.read(name).decode("utf-8")):
                assert "HYPERLINK" not in formula and "cmd" not in formula


def test_what_is_missing_is_empty_and_not_zero(tmp_path):
    result = mc.Result(
        "gaps", np.array([3.0, np.nan, 5.0]), ("region",), {"region": ("A", "B", "C")}, "Mt CO2",
        parts={"industries": np.array([1.0, np.nan, 2.0]), "households": np.array([2.0, 1, 3])},
        provenance=mc.Provenance("d", year=2022),
    )  # fmt: skip
    other = mc.Result("other", np.array([1.0, 0.0]), ("region",), {"region": ("A", "B")}, "Mt CO2",
                      provenance=mc.Provenance("d", year=2022))  # fmt: skip
    path = write_workbook([other, result], tmp_path / "a.xlsx", people={"A": 10.0})
    book = Book(path)
    sheet = book.formulas["accounts"]
    assert sheet["E3"].value is None and sheet["C3"].value is None
    assert sheet["E5"].value is None  # a sum of the world would count a gap as zero
    assert sheet["B5"].value == "=SUM(B2:B4)"  # C is no region of this one
    assert book.shown["accounts"]["B5"].value == 1.0
    differences = book.formulas["differences"]
    assert differences["B2"].value and not differences["B3"].value and not differences["B4"].value
    assert [book.formulas["per person"].cell(r, 4).value is None for r in (2, 3, 4)] == [
        False, True, True,
    ]  # fmt: skip


def test_what_does_not_belong_together_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    a, b = mc.account(toy(), "production"), mc.account(toy(), "consumption")
    for wrong, error, text in (
        ([], InputError, "no result"),
        ([a, a], InputError, "two results are called"),
        ([mc.bilateral(toy())], InputError, "over region"),
        ([a.per({"A": 1.0, "B": 2.0})], InputError, "cannot be added up"),
        ([a, b.to("kt CO2e")], UnitError, "different units"),
        ([a, mc.account(toy(provenance=mc.Provenance("x")), "income")], UnitError, "editions"),
    ):
        with pytest.raises(error, match=text):
            write_workbook(wrong, path)
    with pytest.raises(UnknownNameError, match="did you mean 'production'"):
        write_workbook([a, b], path, against="producton")
    with pytest.raises(DataFileError):
        write_workbook([a], tmp_path / "no" / "a.xlsx")
    assert not path.exists()
    ranged = mc.account(toy(households_range={"GHG": (TOY_H / 3, TOY_H * 3)}), "production")
    book = Book(write_workbook([ranged, b], path, against="consumption"))
    head = [c.value for c in book.formulas["differences"][1]]
    assert head[1].startswith("production - consumption")
    assert "production: low end of its range" in [c.value for c in book.formulas["accounts"][1]]
