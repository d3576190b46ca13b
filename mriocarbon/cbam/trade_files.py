"""The layouts of trade files: plain, Eurostat's bulk files, BACI (see ``trade.read_trade``)."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from mriocarbon.cbam.amounts import (
    UNIT_VALUES,
    ZERO,
    amount,
    check_tonnes,
    check_unit_value,
)
from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.goods import good, goods
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.territory import outside
from mriocarbon.errors import InputError, UnitError, UnknownNameError, listed, unreadable
from mriocarbon.model.labels import EU27

_MEMBERS = frozenset(EU27)  # asked for each row of a file
KEY_COLUMNS = {
    "comext": ({"PRODUCT_NC", "FLOW", "PERIOD"},),
    "baci": ({"t", "i", "j", "k", "v", "q"},),
    "plain": ({"origin", "cn"},),
}
BACI_CODES = {"251": "FRA", "381": "ITA", "380": "ITA", "490": "TWN", "579": "NOR", "699": "IND",
              "757": "CHE", "842": "USA", "58": "BEL"}  # fmt: skip
"""Where BACI's country codes depart from ISO 3166-1 numeric; 58 is Belgium and Luxembourg."""
GEONOMENCLATURE = {"XS": "SRB", "XK": "XKX", "EL": "GRC", "GR": "GRC", "XI": "GBR", "UK": "GBR"}
"""Eurostat's partner codes that ISO 3166-1 writes otherwise."""
_SEPARATORS = ",;\t|"


@dataclass(slots=True)
class Flow:
    """Mass and value added up over the rows of one origin, code and year."""

    tonnes: Decimal = ZERO
    value_eur: Decimal | None = None
    row: int = 0


Key = tuple[str, str, int]
Found = tuple[dict[Key, Flow], list[str]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A text table: the header, and its rows with their line numbers."""

    name: str
    header: tuple[str, ...]
    body: Iterator[tuple[int, list[str]]] = field(compare=False)

    def column(self, *names: str) -> int:
        """Position of the first of some column names; -1 if there is none."""
        return next((self.header.index(n) for n in names if n in self.header), -1)

    def needed(self, *names: str) -> int:
        """Position of a column that must be there."""
        found = self.column(*names)
        if found < 0:
            raise InputError(
                f"{self.name}: the column {' or '.join(map(repr, names))} is missing",
                where=f"row 1 (header): {listed(self.header, 20)}",
                do="name the columns as the layout has them (see read_trade)",
            )
        return found

    def at(self, row: int, column: int) -> str:
        """Where a cell stands, in words."""
        return f"{self.name}, row {row}, column {self.header[column]!r}"


def open_rows(path: Path) -> Rows:
    """Read the header of a text table; the rows follow lazily."""
    body = _lines(path)
    first = next(body, None)
    if first is None:
        raise InputError(
            f"{path.name} is empty", where="row 1", do="give a table with a header and rows"
        )
    header = tuple(name.strip().strip("\ufeff").strip() for name in first[1])
    doubled = [name for name, n in Counter(header).items() if n > 1 and name]
    if doubled:
        raise InputError(
            f"{path.name}: the column {doubled[0]!r} is there twice",
            where="row 1 (header)",
            do="keep one of them",
        )
    return Rows(path.name, header, _whole(path.name, header, body))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as handle:
            first = handle.readline()
            if not first.strip():
                return
            mark = max(_SEPARATORS, key=first.count)
            yield 1, next(csv.reader([first], delimiter=mark))
            reader = csv.reader(handle, delimiter=mark)
            for row in reader:
                if row:
                    yield reader.line_num + 1, row
    except UnicodeDecodeError as trouble:
        raise InputError(
            f"{path.name} is not text in UTF-8: {trouble.reason} at byte {trouble.start}",
            where=path.name,
            do="save it as CSV in UTF-8 (an archive must be unpacked first)",
        ) from trouble
    except csv.Error as trouble:
        raise InputError(
            f"{path.name} is no table: {trouble}", where=path.name, do="save it as CSV"
        ) from trouble
    except (OSError, EOFError, zlib.error) as trouble:
        raise unreadable(path, trouble, path.name) from trouble


def _whole(
    name: str, header: tuple[str, ...], body: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    some = False
    for number, row in body:
        if not row[0].strip() and not any(cell.strip() for cell in row):
            continue
        some = True
        if len(row) != len(header):
            raise InputError(
                f"{name}: row {number} has {len(row)} cells, the header {len(header)}",
                where=f"{name}, row {number}, column {min(len(row), len(header)) + 1}",
                do="a decimal comma or a truncated file? write numbers with a point; "
                "quote text that holds the separator",
            )
        yield number, row
    if not some:
        raise InputError(
            f"{name} is empty: a header and no rows", where=f"{name}, row 2", do="add rows"
        )


def recognise(rows: Rows) -> str:
    """Tell the layout from the header."""
    have = set(rows.header)
    for kind, groups in KEY_COLUMNS.items():
        if any(group <= have for group in groups):
            return kind
    if {"indicators", "OBS_VALUE"} <= have:
        raise InputError(
            f"{rows.name} is from Eurostat's on-line data set, which counts in 100 kg",
            where="row 1 (header), column 'indicators'",
            do="take the bulk file, or make a plain file: origin, cn, tonnes, value_eur",
        )
    raise InputError(
        f"{rows.name}: the layout is not recognised",
        where=f"row 1 (header): {listed(rows.header, 12)}",
        do="name the columns origin, cn, tonnes, value_eur, year; or give format='comext' or "
        "'baci' and their columns",
    )


def plain(rows: Rows, *, mass_unit: str, year: int | None, check: bool) -> Found:
    """Read a plain file: one row per origin, code and year."""
    origin_at, cn_at = rows.needed("origin"), rows.needed("cn")
    if rows.column("kg") >= 0 and rows.column("tonnes") < 0:
        mass_at, mass_unit = rows.column("kg"), "kg"
    else:
        mass_at = rows.needed("tonnes")
    value_at, year_at = rows.column("value_eur"), rows.column("year")
    found: dict[Key, Flow] = {}
    for number, row in rows.body:
        when = _year(rows, number, year_at, row, year)
        if when is None:
            continue
        cn = _code(rows, number, cn_at, row[cn_at])
        place = _named(rows, number, origin_at, row[origin_at])
        where = rows.at(number, mass_at)
        tonnes = check_tonnes(row[mass_at], mass_unit=mass_unit, where=where)
        value: Decimal | None = None
        if value_at >= 0 and row[value_at].strip():
            value = amount(row[value_at], "value in EUR", where=rows.at(number, value_at))
        if check and value and tonnes:
            check_unit_value(value, tonnes, good(cn)[0].sector, where=where)
        key = (place, cn, when)
        if key in found:
            raise InputError(
                f"{place} {cn} of {when} is there twice",
                where=f"{rows.at(number, cn_at)}; first in row {found[key].row}",
                do="add the two rows up",
            )
        found[key] = Flow(tonnes, value, number)
    _one_year(found, rows)
    for inner, outer in _nested(found):
        raise InputError(
            f"{inner[1]} lies below {outer[1]}: its imports would count twice",
            where=f"{rows.name}, rows {found[outer].row} and {found[inner].row}, column 'cn'",
            do="keep one of the two levels",
        )
    notes = [] if value_at >= 0 else ["no values in the file: kg and t could not be told apart"]
    return found, notes


def comext(rows: Rows, *, year: int | None, check: bool) -> Found:
    """Read a bulk file of Eurostat's trade in goods, in the present or the former layout."""
    if rows.column("QUANTITY_IN_100KG") >= 0:
        raise UnitError(
            f"{rows.name} counts in 100 kg",
            where=f"row 1 (header), column {'QUANTITY_IN_100KG'!r}",
            do="take the bulk file, or make a plain file in tonnes",
        )
    code_at, flow_at = rows.needed("PRODUCT_NC"), rows.needed("FLOW")
    period_at = rows.needed("PERIOD")
    partner_at = rows.needed("PARTNER_ISO", "PARTNER")
    value_at = rows.needed("VALUE_EUR", "VALUE_IN_EUROS")
    mass_at = rows.needed("QUANTITY_KG", "QUANTITY_IN_KG")
    reporter_at = rows.column("DECLARANT_ISO", "REPORTER", "DECLARANT")
    regime_at = rows.column("STAT_REGIME")
    procedure_at = rows.column("STAT_PROCEDURE")
    processing = 0
    chapters = {g.cn[:2] for g in goods()}
    left: Counter[str] = Counter()
    annual: set[tuple[int, bool]] = set()
    found: dict[Key, Flow] = {}
    for number, row in rows.body:
        code = row[code_at].strip()
        if code[:2] not in chapters or row[flow_at].strip() != "1":
            continue
        # Regime 4 is the sum of the others in the former layout; the others are its parts.
        if regime_at >= 0 and row[regime_at].strip() != "4":
            left["rows of single customs regimes (regime 4 is their sum)"] += 1
            continue
        if reporter_at >= 0 and row[reporter_at].strip() in {"EU", "EU27_2020", "EUROZONE"}:
            left["rows of the EU as a whole (its members are added up)"] += 1
            continue
        if not code.isdigit():
            left["rows under confidential codes in CBAM chapters"] += 1
            continue
        if len(code) not in (4, 6, 8) or not _is_good(code):
            continue
        partner = _partner(row[partner_at].strip(), rows, number, partner_at)
        if partner is None:
            left["rows of unspecified or aggregate partners"] += 1
            continue
        if outside(partner):
            left["rows of countries outside the CBAM (EU, Annex III)"] += 1
            continue
        when, whole = _period(rows, number, period_at, row[period_at])
        if year is not None and when != year:
            continue
        annual.add((when, whole))
        if not row[mass_at].strip():
            left["rows without a mass (missing is not zero: their trade is not in the lines)"] += 1
            continue
        kilograms = amount(row[mass_at], "mass in kg", where=rows.at(number, mass_at))
        value = amount(row[value_at], "value in EUR", where=rows.at(number, value_at))
        processing += procedure_at >= 0 and row[procedure_at].strip() in ("2", "3")
        _add(found, (partner, code, when), kilograms / 1000, value, number)
    for when, _ in annual:
        if {(when, True), (when, False)} <= annual:
            raise InputError(
                f"{rows.name} has the year {when} as a whole beside its months",
                where=f"column {rows.header[period_at]!r}",
                do="keep the months, or the record with period 52",
            )
    found, notes = _finish(found, rows, left, check)
    if processing:
        notes.append(
            f"counted: {processing} rows of inward or outward processing; "
            "the CBAM charges goods when they are released for free circulation"
        )
    return found, notes


def baci(
    rows: Rows,
    *,
    year: int | None,
    check: bool,
    eur_per_usd: Decimal | None,
    codes: Path | None,
) -> Found:
    """Read a year of BACI: imports of the EU from outside it."""
    at = {name: rows.needed(name) for name in ("t", "i", "j", "k", "v", "q")}
    country = _numeric(codes)
    chapters = {g.cn[:2] for g in goods()}
    left: Counter[str] = Counter()
    found: dict[Key, Flow] = {}
    for number, row in rows.body:
        code = row[at["k"]].strip().zfill(6)
        if code[:2] not in chapters or not _is_good(code):
            continue
        importer = country.get(row[at["j"]].strip().lstrip("0"), "")
        if importer not in _MEMBERS:
            continue
        number_of = row[at["i"]].strip().lstrip("0")
        exporter = country.get(number_of, "")
        if not exporter:
            left[f"rows of an unknown exporter ({number_of})"] += 1
            continue
        if outside(exporter):
            left["rows of countries outside the CBAM (EU, Annex III)"] += 1
            continue
        if not _is_origin(exporter):
            left[f"rows of an exporter the annex does not know ({exporter})"] += 1
            continue
        when, _ = _period(rows, number, at["t"], row[at["t"]])
        if year is not None and when != year:
            continue
        mass = row[at["q"]].strip()
        if mass in ("", "NA"):
            left["rows without a mass (missing is not zero: their trade is not in the lines)"] += 1
            continue
        tonnes = amount(mass, "mass in metric tons", where=rows.at(number, at["q"]))
        value = None
        if eur_per_usd is not None:
            dollars = amount(row[at["v"]], "thousand USD", where=rows.at(number, at["v"]))
            value = dollars * 1000 * eur_per_usd
        _add(found, (exporter, code, when), tonnes, value, number)
    found, notes = _finish(found, rows, left, check)
    if eur_per_usd is None:
        notes.append("values are in dollars and were left out: give eur_per_usd")
    notes.append("an HS6 code counts whole, even where only part of it is in the CBAM")
    return found, notes


def _finish(found: dict[Key, Flow], rows: Rows, left: Counter[str], check: bool) -> Found:
    """What the official layouts share: levels, years, unit values, what was left out."""
    if not found:
        raise InputError(
            f"{rows.name} has no imports of CBAM goods",
            where=f"{rows.name}; left out: "
            + (listed([f"{n} {what}" for what, n in left.items()]) or "nothing"),
            do="check the file, the year and the direction of trade",
        )
    _one_year(found, rows)
    nested = list(_nested(found))
    for _, outer in nested:
        found.pop(outer, None)
    notes = [f"left out: {n} {what}" for what, n in left.items()]
    if nested:
        notes.append(f"left out: {len({o for _, o in nested})} sums of codes that are there")
    if check:
        _sectors_plausible(found, rows)
    return found, notes


def _sectors_plausible(found: Mapping[Key, Flow], rows: Rows) -> None:
    """Check EUR per tonne over all lines of a sector: single odd consignments are real."""
    sums = {sector: [ZERO, ZERO] for sector in UNIT_VALUES}
    for (_, cn, _), flow in found.items():
        if flow.value_eur is not None:
            both = sums[good(cn)[0].sector]
            both[0] += flow.value_eur
            both[1] += flow.tonnes
    for sector, (value, tonnes) in sums.items():
        if value and tonnes:
            check_unit_value(value, tonnes, sector, where=f"{rows.name}, all rows of {sector}")


def _add(
    found: dict[Key, Flow], key: Key, tonnes: Decimal, value: Decimal | None, row: int
) -> None:
    flow = found.setdefault(key, Flow(ZERO, None if value is None else ZERO, row))
    flow.tonnes += tonnes
    if value is not None:
        flow.value_eur = (flow.value_eur or ZERO) + value


def _nested(found: Mapping[Key, Flow]) -> Iterator[tuple[Key, Key]]:
    """Pairs of keys of which the second is the first's own heading or subheading."""
    for key in found:
        for digits in (4, 6):
            outer = (key[0], key[1][:digits], key[2])
            if digits < len(key[1]) and outer in found:
                yield key, outer


def _one_year(found: Mapping[Key, Flow], rows: Rows) -> None:
    years = sorted({key[2] for key in found})
    if len(years) > 1:
        raise InputError(
            f"{rows.name} holds several years: {listed(years)}",
            where=f"{rows.name}, the column of the year",
            do="say which: year=...",
        )


def weighed(cn: str) -> str:
    """Return the sector of a code; refuse codes outside the CBAM, and electricity.

    Raises
    ------
    UnknownNameError, InputError
    """
    sector = good(cn)[0].sector
    if sector not in UNIT_VALUES:
        raise InputError(
            f"{cn} ({sector}) is not weighed in tonnes",
            where="cn",
            do="leave it out: electricity is charged per MWh, which is not computed here",
        )
    return sector


def _year(rows: Rows, number: int, at: int, row: list[str], wanted: int | None) -> int | None:
    """Year of a plain row; None if another is wanted."""
    if at < 0:
        if wanted is None:
            raise InputError(
                f"{rows.name} has no column 'year'",
                where=f"row 1 (header): {listed(rows.header, 12)}",
                do="add the column, or say year=...",
            )
        return wanted
    when, _ = _period(rows, number, at, row[at])
    return None if wanted is not None and when != wanted else when


def _period(rows: Rows, number: int, at: int, text: str) -> tuple[int, bool]:
    """Year of a period (YYYY, YYYYMM, YYYY52) and whether it is a whole year."""
    found = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2]|52)?", text.strip())
    if found is None:
        raise InputError(
            f"no period: {text!r}", where=rows.at(number, at), do="write 2024 or 202401"
        )
    return int(found[1]), found[2] in (None, "52")


def _code(rows: Rows, number: int, at: int, text: str) -> str:
    """CN code of a plain row, a good of the CBAM."""
    try:
        code = cn_digits(text)
        weighed(code)
    except UnknownNameError as trouble:
        raise UnknownNameError(trouble.what, where=rows.at(number, at), do=trouble.do) from trouble
    except InputError as trouble:
        raise InputError(trouble.what, where=rows.at(number, at), do=trouble.do) from trouble
    return code


def _named(rows: Rows, number: int, at: int, text: str) -> str:
    """Origin of a plain row, as ISO3."""
    try:
        iso3 = find_origin(text.strip()).iso3
    except InputError as trouble:
        raise UnknownNameError(trouble.what, where=rows.at(number, at), do=trouble.do) from trouble
    if why := outside(iso3):
        raise InputError(why, where=rows.at(number, at), do="leave the row out")
    return iso3


@lru_cache(maxsize=20_000)
def _is_good(code: str) -> bool:
    try:
        return good(code)[0].sector in UNIT_VALUES  # electricity has no mass
    except InputError:
        return False


@lru_cache(maxsize=1_000)
def _is_origin(iso3: str) -> bool:
    try:
        return bool(find_origin(iso3))
    except InputError:
        return False


@lru_cache(maxsize=1_000)
def _iso3(code: str) -> str | None:
    import pycountry

    if code in GEONOMENCLATURE:
        return GEONOMENCLATURE[code]
    found = pycountry.countries.get(alpha_2=code)
    return None if found is None else str(found.alpha_3)


def _partner(code: str, rows: Rows, number: int, at: int) -> str | None:
    """ISO3 of a partner in a bulk file; None for what is no single country."""
    if code.isdigit():
        raise InputError(
            f"the partner is a number: {code!r}",
            where=rows.at(number, at),
            do="take the file with the column PARTNER_ISO, or the present layout",
        )
    iso3 = _iso3(code)
    return iso3 if iso3 is not None and (outside(iso3) or _is_origin(iso3)) else None


def _numeric(codes: Path | None) -> Mapping[str, str]:
    """ISO3 by BACI's numeric code, without leading zeros."""
    if codes is None:
        import pycountry

        known = {str(c.numeric).lstrip("0"): str(c.alpha_3) for c in pycountry.countries}
        return {**known, **BACI_CODES}
    rows = open_rows(codes)
    number_at, iso_at = rows.needed("country_code"), rows.needed("country_iso3", "iso_3digit_alpha")
    return {row[number_at].strip().lstrip("0"): row[iso_at].strip() for _, row in rows.body}
