"""Accounts as a workbook whose sums, shares, differences and amounts per person are formulas.

Every formula carries its value, so that a reader that does not compute shows numbers as well.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mriocarbon.errors import InputError, UnitError, UnknownNameError
from mriocarbon.model import Result, Source
from mriocarbon.model.atomic import replacing
from mriocarbon.model.iamc import is_estimated
from mriocarbon.model.units import factor
from mriocarbon.report.cbam_workbook import CELL, timeless

WORLD = "World"
MARK = " †"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # not allowed in a sheet
_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>([^<]*)</f><v ?(?:/>|></v>)</c>')


@dataclass
class _Sheet:
    """One sheet while it is made, and the value of every formula in it."""

    sheet: Any
    values: dict[str, float] = field(default_factory=dict)

    def text(self, row: int, column: int, text: str, *, bold: bool = False) -> None:
        from openpyxl.styles import Alignment, Font

        text = _CONTROL.sub(" ", text)
        cell = self.sheet.cell(row, column)
        cell.value = text[: CELL - 1] + "…" if len(text) > CELL else text
        cell.data_type = "s"  # what begins with = stays text
        cell.quotePrefix = text[:1] in tuple("=+-@")  # and stays so when somebody edits it
        if bold:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")

    def input(self, row: int, column: int, value: float | None) -> None:
        """Write a number that is no formula, marked as an input; nothing where it is missing."""
        from openpyxl.styles import Font, PatternFill

        cell = self.sheet.cell(row, column)
        cell.font = Font(color="FF1F4E9E")
        cell.fill = PatternFill("solid", fgColor="FFFFF7DC")
        cell.number_format = "#,##0.0##"
        if value is not None and math.isfinite(value):
            cell.value = float(value)

    def formula(self, row: int, column: int, text: str, value: float | None, shape: str) -> None:
        """Write a formula with its value; nothing where there is no such number."""
        if value is None or not math.isfinite(value):
            return
        cell = self.sheet.cell(row, column)
        cell.value, cell.number_format = f"={text}", shape
        self.values[cell.coordinate] = float(value)


def write_workbook(
    results: Sequence[Result],
    path: str | Path,
    *,
    people: Mapping[str, float] | None = None,
    people_source: Source | None = None,
    against: str = "",
) -> Path:
    """Write accounts as a workbook that computes: inputs are marked, all else are formulas.

    Sheets: ``accounts`` (a total is the sum of its parts, the world that of the regions),
    ``per person``, ``shares`` of the world, ``differences`` from one account (absolute, and as
    a share of it), ``notes`` (what is estimated among them) and ``sources``. Numbers from the
    engine are inputs, on a coloured ground; a heading with † rests on estimates.

    Parameters
    ----------
    results : sequence of Result
        Over ``region`` alone, in one unit, of one edition, each with a name of its own.
    path : path
        Of the ``.xlsx``.
    people : mapping of region to persons, optional
        Such as `mc.population(2022)`; a region without a figure has none per person.
    people_source : Source, optional
        Of `people`, for the sheet of sources.
    against : str
        Name of the account that differences are taken from; the first by default.

    Returns
    -------
    Path
        The file, whole or absent; the same results give the same bytes.

    Raises
    ------
    InputError
        No result, other axes than regions, or two of one name.
    UnitError
        Different units or editions.
    UnknownNameError
        `against` is none of them.
    DataFileError
        The place cannot be written to.

    Notes
    -----
    A cell whose number is missing is empty, and so is every formula that would need it: SUM takes
    an empty cell for zero, which it is not.

    Examples
    --------
    >>> import tempfile
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> two = [mc.account(mrio, name, stressor="GHG") for name in ("production", "consumption")]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mc.write_workbook(two, folder + "/a.xlsx", people=mc.population(2022)).name
    'a.xlsx'
    """
    from openpyxl import Workbook

    path = Path(path)
    base = _checked(results, against)
    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = "Accounts", "mriocarbon"

    def new(title: str) -> _Sheet:
        return _Sheet(book.create_sheet(title))

    regions = list(dict.fromkeys(r for one in results for r in one.coords["region"]))
    accounts = new("accounts")
    totals = _accounts(accounts, results, regions)
    made = [accounts]
    if people is not None:
        made.append(new("per person"))
        _per_person(made[-1], results, regions, totals, people)
    made.append(new("shares"))
    _shares(made[-1], results, regions, totals)
    if len(results) > 1:
        made.append(new("differences"))
        _differences(made[-1], results, regions, totals, base)
    made += [new("notes"), new("sources")]
    _notes(made[-2], results)
    _sources(made[-1], results, people_source if people is not None else None)
    for one in made:
        one.sheet.freeze_panes = "B2"
        one.sheet.column_dimensions["A"].width = 18
    raw = io.BytesIO()
    book.save(raw)
    content = timeless(_with_values(raw.getvalue(), made))
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return path


def _checked(results: Sequence[Result], against: str) -> int:
    """Return the position of the account that differences are taken from."""
    if not results:
        raise InputError("no result", where="results", do="give one account at least")
    for one in results:
        if one.dims != ("region",):
            raise InputError(
                f"a workbook of accounts takes results over region, not over {one.dims}",
                where=f"result {one.name!r}",
                do="write the others with to_csv, to_sdmx_csv or to_netcdf",
            )
        if "/" in one.unit:
            raise InputError(
                f"{one.unit} cannot be added up over regions",
                where=f"result {one.name!r}",
                do="give the amounts; people= makes a sheet of amounts per person",
            )
    names = [one.name for one in results]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InputError(
            f"two results are called {min(twice)!r}", where="results", do="rename one of them"
        )
    for kind, known in (
        ("units", {one.unit for one in results}),
        ("editions", {(one.provenance.dataset, one.provenance.edition) for one in results}),
    ):
        if len(known) > 1:
            raise UnitError(
                f"different {kind}: {sorted(known)}",
                where="results",
                do="convert them with result.to(unit); editions are never compared",
            )
    if against and against not in names:
        raise UnknownNameError.of("account", against, names)
    return names.index(against) if against else 0


def _at(result: Result, region: str, array: Any = None) -> float | None:
    """Return one number, None where the result does not have the region or the number."""
    if region not in result.coords["region"]:
        return None
    values = result.value if array is None else array
    value = float(values[result.coords["region"].index(region)])
    return value if math.isfinite(value) else None


def _accounts(
    sheet: _Sheet, results: Sequence[Result], regions: Sequence[str]
) -> list[str]:  # fmt: skip
    """Write the accounts; return the letter of every account's column of totals."""
    from openpyxl.utils import get_column_letter

    last = len(regions) + 1
    _regions(sheet, regions, world=True)
    column, totals = 2, []
    for result in results:
        parts = dict(result.parts) if len(result.parts) > 1 else {}
        first = column
        for name, array in parts.items():
            mark = MARK if is_estimated(result, name) else ""
            sheet.text(1, column, f"{result.name}: {name}, {result.unit}{mark}", bold=True)
            for row, region in enumerate(regions, start=2):
                sheet.input(row, column, _at(result, region, array))
            _sum_below(sheet, column, last, [_at(result, r, array) for r in regions], result)
            column += 1
        mark = MARK if result.estimated else ""
        sheet.text(1, column, f"{result.name}: total, {result.unit}{mark}", bold=True)
        left, right = get_column_letter(first), get_column_letter(column - 1)
        for row, region in enumerate(regions, start=2):
            value = _at(result, region)
            if not parts:
                sheet.input(row, column, value)
            elif all(_at(result, region, array) is not None for array in parts.values()):
                sheet.formula(row, column, f"SUM({left}{row}:{right}{row})", value, "#,##0.0##")
        _sum_below(sheet, column, last, [_at(result, r) for r in regions], result)
        totals.append(get_column_letter(column))
        column += 1
        for name, end in (("low", result.low), ("high", result.high)):
            if end is not None:
                sheet.text(1, column, f"{result.name}: {name} end of its range", bold=True)
                for row, region in enumerate(regions, start=2):
                    sheet.input(row, column, _at(result, region, end))
                column += 1
    for k in range(2, column):
        sheet.sheet.column_dimensions[get_column_letter(k)].width = 18
    return totals


def _sum_below(
    sheet: _Sheet, column: int, last: int, values: Sequence[float | None], result: Result
) -> None:
    from openpyxl.utils import get_column_letter

    own = [v for v in values if v is not None]
    if len(own) == len(result.coords["region"]):  # none of its own is missing
        letter = get_column_letter(column)
        sheet.formula(
            last + 1, column, f"SUM({letter}2:{letter}{last})", math.fsum(own), "#,##0.0##"
        )


def _regions(sheet: _Sheet, regions: Sequence[str], *, world: bool) -> None:
    sheet.text(1, 1, "region", bold=True)
    for row, region in enumerate(regions, start=2):
        sheet.text(row, 1, region)
    if world:
        sheet.text(len(regions) + 2, 1, WORLD, bold=True)


def _world(result: Result) -> float | None:
    return result.total if math.isfinite(result.total) else None


def _per_person(
    sheet: _Sheet, results: Sequence[Result], regions: Sequence[str], totals: Sequence[str],
    people: Mapping[str, float],
) -> None:  # fmt: skip
    unit = results[0].unit
    small = re.sub(r"^[kMG]t\b", "t", unit)
    scale = factor(unit, small)
    _regions(sheet, regions, world=False)
    sheet.text(1, 2, "persons", bold=True)
    sheet.text(1, 3, f"{small} in one {unit}", bold=True)
    sheet.input(2, 3, scale)
    for row, region in enumerate(regions, start=2):
        sheet.input(row, 2, people.get(region))
    for column, (result, letter) in enumerate(zip(results, totals, strict=True), start=4):
        mark = MARK if result.estimated else ""
        sheet.text(1, column, f"{result.name}, {small} per person{mark}", bold=True)
        for row, region in enumerate(regions, start=2):
            value, persons = _at(result, region), people.get(region)
            if value is not None and persons:
                text = f"accounts!{letter}{row}*$C$2/B{row}"
                sheet.formula(row, column, text, value / persons * scale, "0.00##")


def _shares(
    sheet: _Sheet, results: Sequence[Result], regions: Sequence[str], totals: Sequence[str]
) -> None:
    _regions(sheet, regions, world=True)
    last = len(regions) + 2
    for column, (result, letter) in enumerate(zip(results, totals, strict=True), start=2):
        mark = MARK if result.estimated else ""
        sheet.text(1, column, f"{result.name}, share of the world{mark}", bold=True)
        world = _world(result)
        if not world:
            continue
        for row, region in enumerate([*regions, WORLD], start=2):
            value = world if region == WORLD and row == last else _at(result, region)
            if value is not None:
                text = f"accounts!{letter}{row}/accounts!{letter}${last}"
                sheet.formula(row, column, text, value / world, "0.0%")


def _differences(
    sheet: _Sheet, results: Sequence[Result], regions: Sequence[str], totals: Sequence[str],
    base: int,
) -> None:  # fmt: skip
    _regions(sheet, regions, world=True)
    last = len(regions) + 2
    column = 2
    first = results[base]
    for k, (result, letter) in enumerate(zip(results, totals, strict=True)):
        if k == base:
            continue
        mark = MARK if result.estimated or first.estimated else ""
        sheet.text(1, column, f"{result.name} - {first.name}, {result.unit}{mark}", bold=True)
        sheet.text(1, column + 1, f"{result.name} / {first.name} - 1{mark}", bold=True)
        for row, region in enumerate([*regions, WORLD], start=2):
            world = row == last
            one = _world(result) if world else _at(result, region)
            other = _world(first) if world else _at(first, region)
            if one is None or other is None:
                continue
            here, there = f"accounts!{letter}{row}", f"accounts!{totals[base]}{row}"
            sheet.formula(row, column, f"{here}-{there}", one - other, "#,##0.0##")
            if other:
                sheet.formula(row, column + 1, f"{here}/{there}-1", one / other - 1, "0.0%")
        column += 2


def _notes(sheet: _Sheet, results: Sequence[Result]) -> None:
    rows: list[tuple[str, ...]] = [("account", "about", "estimated", "note")]
    for one in results:
        rows += [
            (one.name, n.about, "yes" if n.estimated else "no", n.text) for n in one.notes
        ]  # fmt: skip
        p = one.provenance
        said = f"{p.method}; {p.stressor}, {p.year or 'no year'}; {p.dataset}, {p.edition};"
        said += (
            f" mriocarbon {p.version}; error of the solve at most {one.error:.2g} of the largest"
        )
        rows.append((one.name, "method", "no", said))
        rows += [(one.name, "step", "no", step) for step in p.steps]
    legend = (
        "On a coloured ground: inputs, numbers that the engine computed or read. All other numbers"
        " are formulas over them. † rests on estimates, see here. Empty: missing, which is not"
        " zero."
    )
    rows.append(("all", "how to read", "no", legend))
    _text_rows(sheet, rows, (18, 16, 10, 110))


def _sources(sheet: _Sheet, results: Sequence[Result], more: Source | None) -> None:
    rows: list[tuple[str, ...]] = [
        ("used by", "source", "edition", "citation", "licence", "address", "sha256")
    ]
    users: dict[Source, list[str]] = {}
    for one in results:
        for source in one.provenance.sources:
            users.setdefault(source, []).append(one.name)
    if more is not None:
        users.setdefault(more, []).append("persons")
    for source, names in users.items():
        said = source.citation or "no citation is known"
        rows.append((", ".join(names), source.name, source.edition, said, source.licence,
                     source.url, source.sha256))  # fmt: skip
    for reference in dict.fromkeys(r for one in results for r in one.provenance.references):
        users_of = [o.name for o in results if reference in o.provenance.references]
        rows.append((", ".join(users_of), "method", "", reference, "", "", ""))
    _text_rows(sheet, rows, (24, 40, 16, 60, 40, 30, 20))


def _text_rows(
    sheet: _Sheet, rows: Sequence[tuple[str, ...]], widths: Sequence[float]
) -> None:  # fmt: skip
    from openpyxl.utils import get_column_letter

    for k, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            if text:
                sheet.text(k, column, text, bold=k == 1)
    for column, width in enumerate(widths, start=1):
        sheet.sheet.column_dimensions[get_column_letter(column)].width = width


def _with_values(raw: bytes, sheets: Sequence[_Sheet]) -> bytes:
    """Return the workbook with the value of every formula in it, which openpyxl leaves out."""
    known = {f"xl/worksheets/sheet{k}.xml": one.values for k, one in enumerate(sheets, start=1)}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            content = old.read(item)
            if item.filename in known:
                values = dict(known[item.filename])

                def valued(match: re.Match[str], values: dict[str, float] = values) -> str:
                    place, more, text = match.groups()
                    return f'<c r="{place}"{more}><f>{text}</f><v>{values.pop(place)!r}</v></c>'

                content = _FORMULA.sub(valued, content.decode("utf-8")).encode("utf-8")
                assert not values, values  # a formula whose form is not known would show nothing
            new.writestr(item, content)
    return out.getvalue()
