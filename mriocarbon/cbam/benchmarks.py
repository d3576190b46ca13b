"""Benchmarks of free allocation (2025/2620) and the values for precursors of unknown origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from mriocarbon.cbam.codes import cn_digits, covers, spaced
from mriocarbon.cbam.goods import good
from mriocarbon.cbam.law import ACTS, Citation, check_year
from mriocarbon.cbam.source import ANNEX_IV, BENCHMARKS, legal_table
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError

COLUMNS = ("A", "B")
LAST_YEAR = 2030
"""The benchmarks are fixed up to this year; later ones are answered with the last, said so."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark, in t CO2e per t of good.

    Attributes
    ----------
    value : Decimal
    column : str
        ``A`` for actual data, ``B`` for default values.
    route, cn : str
    source : Citation
    note : str
        What was chosen where the annex gives several values.
    """

    value: Decimal
    column: str
    route: str
    cn: str
    source: Citation
    note: str


@dataclass(frozen=True, slots=True)
class PrecursorValue:
    """Annex IV to 2025/2621: the value for a precursor whose country of origin is unknown."""

    cn: str
    route: str
    highest: Decimal
    marked_up: Decimal
    source: Citation


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, Any]]:
    return {cn_digits(row["cn_code"]): row for row in legal_table(BENCHMARKS)[0]}


def benchmark(
    cn: str | int, *, column: str, year: int = 2026, route: str | None = None
) -> Benchmark:
    """Return the benchmark of a good.

    Parameters
    ----------
    cn : str or int
        Of 4, 6 or 8 digits; a shorter code is accepted when all goods below it agree.
    column : str
        ``"A"`` with actual emissions, ``"B"`` with default values.
    year : int
        Some values differ between 2026-2027 and 2028-2030.
    route : str, optional
        The letter of the production route; needed in column A where values differ by route. In
        column B the highest value holds where no route is given (2025/2620, point 5.1).

    Returns
    -------
    Benchmark

    Raises
    ------
    InputError
        Values differ by route or below the code: they are listed.
    UnknownNameError
        The code, the column or the route is not known.
    NotAvailableError
        The good has no benchmark.

    Examples
    --------
    >>> benchmark("7208", column="B", route="C").value
    Decimal('1.370')
    """
    digits = cn_digits(cn)
    if column not in COLUMNS:
        raise UnknownNameError.of("column of benchmarks", str(column), COLUMNS)
    check_year(year)
    return _benchmark(
        digits, column, min(year, LAST_YEAR + 1), None if not route else route.strip().upper()
    )


@lru_cache(maxsize=16384)
def _benchmark(digits: str, column: str, year: int, route: str | None) -> Benchmark:
    asked, rows = digits, {c: row for c, row in _table().items() if covers(digits, c)}
    if not rows:  # a code of another nomenclature: its heading of six digits, then of four
        good(digits)
        for length in (6, 4):
            asked = digits[:length]
            rows = {c: row for c, row in _table().items() if c[:length] == asked}
            if rows:
                break
    found: dict[str, tuple[Decimal, str, str]] = {}
    for code, row in rows.items():
        chosen = _chosen(row, column, year, route, code)
        if chosen is not None:
            found[code] = chosen
    if not found:
        raise NotAvailableError(
            f"CN {spaced(digits)} has no benchmark in column {column}"
            + (f" for route {route}" if route else ""),
            where="Implementing Regulation (EU) 2025/2620, annex",
            do="give another route, or none",
        )
    values = {value for value, _, _ in found.values()}
    if len(values) > 1:
        groups: dict[Decimal, list[str]] = {}
        for code, (value, _, _) in found.items():
            groups.setdefault(value, []).append(spaced(code))
        shown = "; ".join(
            f"{value} ({', '.join(codes[:3])}{', ...' if len(codes) > 3 else ''})"
            for value, codes in sorted(groups.items())
        )
        raise InputError(
            f"the goods below CN {spaced(asked)} have different benchmarks: {shown}",
            where=f"column {column}" + (f", route {route}" if route else ""),
            do="give a longer code",
        )
    act = ACTS["2025/2620"]
    value, used, note = next(iter(found.values()))
    if year > LAST_YEAR:
        note = "; ".join(filter(None, (note, f"of 2028 to {LAST_YEAR}: none is fixed for later")))
    return Benchmark(
        value=value,
        column=column,
        route=used,
        cn=digits,
        source=Citation(
            act.number,
            "annex",
            f"column {column}, CN {spaced(digits)}" + (f", route {used}" if used else ""),
            act.edition,
            legal_table(BENCHMARKS)[1],
        ),
        note=note,
    )


def _chosen(
    row: Mapping[str, Any], column: str, year: int, route: str | None, code: str
) -> tuple[Decimal, str, str] | None:
    """Choose the entry of one good for the year and route; None if it has none of that route."""
    marker = "1" if year <= 2027 else "2"
    entries = [e for e in row[f"column_{column.lower()}"] if e["year"] in (None, marker)]
    if not entries:
        return None
    by_route = {e["route"] or "": Decimal(e["value"]) for e in entries}
    if "" in by_route and len(by_route) == 1:
        return by_route[""], "", "the same for every route" if route else ""
    if route is not None:
        return (by_route[route], route, "") if route in by_route else None
    if len(set(by_route.values())) == 1:
        return next(iter(by_route.values())), "", "the same for every route"
    shown = ", ".join(f"{letter or 'any'}: {value}" for letter, value in sorted(by_route.items()))
    if column == "A":
        raise InputError(
            f"the benchmark of CN {spaced(code)} depends on the route ({shown})",
            where="column A",
            do="give the route by which the goods were made",
        )
    highest = max(by_route.values())
    letter = next(k for k, v in sorted(by_route.items()) if v == highest)
    return highest, letter, f"highest of the routes ({shown}), as point 5.1 has it"


def precursor_highest(
    cn: str | int, *, year: int = 2026, route: str | None = None
) -> PrecursorValue:
    """Return the value for a precursor whose country of production is unknown (Annex IV).

    Parameters
    ----------
    cn : str or int
        Of 4, 6 or 8 digits; a shorter code is accepted when all rows below it agree.
    year : int
        Of the mark-up, 2026 or later; that of 2028 holds from then on.
    route : str, optional
        Of production, by its letter in Annex IV; rows without a route hold for every one.

    Returns
    -------
    PrecursorValue
        `highest`, and `marked_up` for the year, t CO2e per t.

    Raises
    ------
    InputError
        The code is malformed, or covers rows that differ; no year from 2026 to 2100.
    NotAvailableError
        A good of the CBAM that Annex IV does not list.
    UnknownNameError
        The CBAM does not cover the code, or there is no such route.

    Examples
    --------
    >>> precursor_highest("2523 29", year=2026).marked_up
    Decimal('1.639')
    """
    digits = cn_digits(cn)
    check_year(year)
    table, sha256 = legal_table(ANNEX_IV)
    rows = [(cn_digits(r["cn_code"]), r) for r in table]
    above = [(c, r) for c, r in rows if covers(c, digits)]
    if above:
        longest = max(len(c) for c, _ in above)
        above = [(c, r) for c, r in above if len(c) == longest]
    found = above or [(c, r) for c, r in rows if covers(digits, c)]
    if not found:
        good(digits)
        raise NotAvailableError(
            f"CN {spaced(digits)} is no precursor with a value for unknown origin",
            where="Implementing Regulation (EU) 2025/2621, Annex IV",
            do="give a precursor that Annex IV lists",
        )
    if route is not None:
        routed = [(c, r) for c, r in found if (r["route"] or "") in (route.upper(), "")]
        if not routed:
            raise UnknownNameError.of("route", route, sorted({r["route"] or "" for _, r in found}))
        found = routed
    column = f"markup_{min(year, 2028)}"
    if len({(r["highest"], r[column]) for _, r in found}) > 1:
        shown = "; ".join(
            f"{spaced(c)} {r['highest']}{' route ' + r['route'] if r['route'] else ''}"
            for c, r in found[:8]
        )
        raise InputError(
            f"CN {spaced(digits)} covers rows that differ: {shown}",
            where="Annex IV",
            do="give a longer code, or the route",
        )
    act = ACTS["2025/2621"]
    cn_found, row = found[0]
    return PrecursorValue(
        cn=cn_found,
        route=row["route"] or "",
        highest=Decimal(row["highest"]),
        marked_up=Decimal(row[column]),
        source=Citation(act.number, "Annex IV", f"CN {spaced(cn_found)}", act.edition, sha256),
    )
