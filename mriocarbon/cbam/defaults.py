"""Default values: what the law takes a good's embedded emissions to be.

Look-up, as the annex prescribes it: the longest heading of the origin's table that covers the
code; where the origin has no table, no such heading, or a dash, the row of "other countries and
territories". Every value says where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from mriocarbon import embedded
from mriocarbon.cbam.annex import OUTSIDE, Row, annex, annex_sha256
from mriocarbon.cbam.codes import cn_digits, covers, spaced
from mriocarbon.cbam.corrections import Corrections, read_corrections
from mriocarbon.cbam.goods import good, goods
from mriocarbon.cbam.law import (
    ACTS,
    LAST_COLUMN,
    VINTAGES,
    Citation,
    check_year,
    markup_rate,
)
from mriocarbon.cbam.origins import OTHER, OTHER_NAME, TABLES, Origin, origins
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.territory import outside
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError, listed

__all__ = [
    "Corrections",
    "DefaultValue",
    "all_defaults",
    "default_value",
    "defaults_of",
    "read_corrections",
]


@dataclass(frozen=True, slots=True)
class DefaultValue:
    """A default value, in t CO2e per t of good.

    Attributes
    ----------
    cn : str
        Heading of the annex's row, digits.
    query : str
        The code asked for, digits.
    description, sector : str
    origin : Origin
        Asked for.
    origin_used : str
        iso3 of the table that the value stands in; ``OTHER`` after a fallback.
    year : int
        Year of import: decides the mark-up.
    route : str
        The annex's letter of the route that decides the benchmark; "" where it gives none.
    direct, indirect, total : Decimal or None
        Before mark-up. `indirect` is None where it does not apply.
    marked_up : Decimal or None
        The annex's own column for the year; None in the transitional period.
    markup : Decimal
        The mark-up as a share.
    is_fallback : bool
        True where the value of other countries and territories applies.
    fallback_reason : str
    scope : str
        ``direct`` or ``direct+indirect``: what is charged.
    source : Citation
    defect : str
        A known defect of the row, by rule; "" for none.
    """

    cn: str
    query: str
    description: str
    sector: str
    origin: Origin
    origin_used: str
    year: int
    route: str
    direct: Decimal | None
    indirect: Decimal | None
    total: Decimal | None
    marked_up: Decimal | None
    markup: Decimal
    is_fallback: bool
    fallback_reason: str
    scope: str
    source: Citation
    defect: str


def default_value(
    cn: str | int,
    *,
    origin: str | Origin,
    year: int = 2026,
    route: str | None = None,
    vintage: str = "2025/2621",
    corrections: Corrections | None = None,
) -> DefaultValue:
    """Return the default value of a good.

    Parameters
    ----------
    cn : str or int
        CN code of 4, 6 or 8 digits. A code shorter than the annex's headings is accepted when
        all rows below it have the same values.
    origin : str
        Country by any name or code; one that is not listed gets the values of other countries.
    year : int
        Of import; 2026 or later. From 2028 on the column "2028 and onwards" holds, which
        `source` says.
    route : str, optional
        The annex's letter; needed where a code has rows by route (white and grey cement).
    vintage : str
        ``"2025/2621"`` (definitive) or ``"2023"`` (transitional: one value for all origins, no
        mark-up; `year` plays no part).
    corrections : Corrections, optional
        A later act, from :func:`read_corrections`.

    Returns
    -------
    DefaultValue

    Raises
    ------
    InputError
        Malformed code, wrong year or vintage, or rows below the code that differ: they are
        listed.
    UnknownNameError
        The CBAM does not cover the code, or there is no such country or route.
    NotAvailableError
        The acts give no default value (electricity), or do not charge the origin's goods: those
        of the EU, Iceland, Liechtenstein, Norway and Switzerland.

    Examples
    --------
    >>> value = default_value("7208", origin="CHN", year=2026)
    >>> value.total, value.marked_up, value.route, value.is_fallback
    (Decimal('3.187'), Decimal('3.506'), 'C', False)
    >>> value.source.row
    'table "China", row 89, CN 7208, column 2026'
    """
    digits = cn_digits(cn)
    place = _charged(origin)
    if vintage not in VINTAGES:
        raise UnknownNameError.of("vintage of default values", str(vintage), VINTAGES)
    if vintage == "2023":
        if corrections is not None:
            raise InputError(
                "corrections belong to the definitive period",
                where="vintage 2023",
                do='leave them out, or ask for vintage="2025/2621" (on the command line --vintage'
                " 2025/2621)",
            )
        return _transitional(digits, place)
    check_year(year)
    wanted = None if route is None else str(route).strip().upper()
    _known(digits)
    if corrections is None:
        return _cached(digits, place, year, wanted)
    return _definitive(digits, place, year, wanted, corrections)


def _charged(origin: str | Origin) -> Origin:
    """Return the origin; refuse those whose goods the CBAM does not charge at all."""
    place = find_origin(origin)
    if why := outside(place.iso3):
        raise NotAvailableError(
            f"goods of {place.name} have no default value",
            where=why,
            do="name a country of origin outside the EU and outside Annex III",
        )
    return place


@lru_cache(maxsize=65536)
def _cached(digits: str, place: Origin, year: int, route: str | None) -> DefaultValue:
    return _definitive(digits, place, year, route, None)


@lru_cache(maxsize=4096)
def _known(digits: str) -> None:
    """Refuse a code that neither Annex I nor the annex of values knows."""
    rows = annex()[OTHER]
    if any(r.cn == digits or (len(digits) < 8 and covers(digits, r.cn)) for r in rows):
        return
    found = good(digits)
    if all(g.sector == "electricity" for g in found):
        raise NotAvailableError(
            "electricity has no default value per tonne",
            where=f"CN {spaced(digits)}",
            do="see Annex III to Implementing Regulation (EU) 2025/2621 for its emission factors",
        )


def _definitive(
    digits: str, place: Origin, year: int, route: str | None, corrections: Corrections | None
) -> DefaultValue:
    values = _effective(digits, place, year, corrections)
    if not values:
        near = sorted({r.cn for r in _rows(OTHER, corrections) if r.cn[:6] == digits[:6]})
        raise NotAvailableError(
            f"CN {spaced(digits)} has no default value",
            where=f'table "{OTHER_NAME}"',
            do="the nomenclature has split or replaced it: ask for "
            + (" or ".join(map(spaced, near)) if near else "another code of its heading"),
        )
    if route is not None:
        chosen = [v for v in values if v.route == route]
        if not chosen:
            known = sorted({v.route or "none" for v in values})
            raise UnknownNameError.of(f"route of CN {spaced(digits)}", route, known)
        values = chosen
    return _same(values, digits)


def _effective(
    digits: str, place: Origin, year: int, corrections: Corrections | None
) -> list[DefaultValue]:
    """Return what holds for every row that covers the code, or lies below it.

    The origin's own rows come first; a row with a dash, and one that its table leaves out, is
    answered by other countries, row by row.
    """
    own = _rows(place.iso3, corrections) if place.iso3 in annex() else ()
    mine = _matching(own, digits)
    values = [v for row in mine for v in _values(row, digits, place, year, corrections)]
    if place.iso3 == OTHER:
        return values
    if own:
        reason = f'the table "{place.name}" has no row for it'
    else:
        reason = f"{place.name} is not listed in the annex"
    for row in _gaps(mine, _matching(_rows(OTHER, corrections), digits)):
        values.append(_made(row, digits, place, OTHER, year, reason, corrections))
    return values


def _gaps(own: Sequence[Row], other: Sequence[Row]) -> list[Row]:
    """Return the rows of other countries that no own row stands for.

    A table that lists a heading, or something below it, has no gap there.
    """
    kept = {r.key for r in own}
    listed = {r.cn for r in own}
    return [
        row
        for row in other
        if row.has_value
        and row.key not in kept
        and not any(cn != row.cn and (covers(cn, row.cn) or covers(row.cn, cn)) for cn in listed)
    ]


def _rows(iso3: str, corrections: Corrections | None) -> tuple[Row, ...]:
    return annex()[iso3] if corrections is None else corrections.apply(iso3)


def _matching(rows: Sequence[Row], digits: str) -> tuple[Row, ...]:
    """Return the rows of the longest heading that covers the code, else those below it."""
    above = [r for r in rows if covers(r.cn, digits)]
    if above:
        longest = max(len(r.cn) for r in above)
        found = [r for r in above if len(r.cn) == longest]
    else:
        found = [r for r in rows if covers(digits, r.cn)]
    return tuple(r for r in found if r.defect != OUTSIDE)


def _same(values: Sequence[DefaultValue], digits: str) -> DefaultValue:
    """Return the one value that all rows agree on; otherwise list them."""
    first = values[0]
    if len(values) == 1:
        return first
    groups: dict[tuple[object, ...], list[DefaultValue]] = {}
    for v in values:
        key = (v.direct, v.indirect, v.total, v.marked_up, v.route, v.origin_used)
        groups.setdefault(key, []).append(v)
    if len(groups) > 1:
        routes = sorted({v.route for v in values if v.route})
        by_route = len({v.cn for v in values}) == 1 and len(routes) == len(values)
        raise InputError(
            f"CN {spaced(digits)} covers {len(values)} rows that differ: "
            + "; ".join(map(_told, groups.values())),
            where=f"default values of {first.origin.name}",
            do=f"give route={' or '.join(map(repr, routes))} (on the command line --route"
            f" {routes[0]})"
            if by_route
            else "give a longer code",
        )
    also = ", ".join(spaced(v.cn) for v in values[1:4]) + (", ..." if len(values) > 4 else "")
    cited = replace(first.source, row=f"{first.source.row}, and the same in CN {also}")
    return replace(first, cn=digits, description=f"all rows of CN {spaced(digits)}", source=cited)


def _told(alike: Sequence[DefaultValue]) -> str:
    """Say what rows of the same values have: codes, route, total, its parts, and marked up."""
    v = alike[0]
    parts = f", direct {v.direct}, indirect {v.indirect}" if v.indirect is not None else ""
    return (
        f"{listed([spaced(a.cn) for a in alike], 4)}{f' route {v.route}' if v.route else ''}"
        f" {v.total}{parts}{f', marked up {v.marked_up}' if v.marked_up is not None else ''}"
        f" ({v.description[:32].strip()}{', other countries' if v.is_fallback else ''})"
    )


def _made(
    row: Row,
    digits: str,
    place: Origin,
    used: str,
    year: int,
    reason: str,
    corrections: Corrections | None,
) -> DefaultValue:
    act = ACTS["2025/2621"]
    return DefaultValue(
        cn=row.cn,
        query=digits,
        description=row.description,
        sector=row.sector,
        origin=place,
        origin_used=used,
        year=year,
        route=row.variant,
        direct=row.direct,
        indirect=row.indirect,
        total=row.total,
        marked_up=row.marked_up(year),
        markup=markup_rate(row.sector, year),
        is_fallback=used == OTHER and place.iso3 != OTHER,
        fallback_reason=reason,
        scope=_scope(row.cn),
        source=Citation(
            act=row.act or act.number,
            annex="Annex I",
            row=f'table "{row.country}", row {row.number}, CN {spaced(row.cn)}'
            + (f" ({row.description.split(' (')[0]})" if row.cn.startswith("2523") else "")
            + (
                f", column {year}"
                if year < LAST_COLUMN
                else f', column "{LAST_COLUMN} and onwards"'
            ),
            edition=act.edition if not row.act else f"correction read from {row.edition}",
            sha256=annex_sha256() if corrections is None or not row.act else corrections.sha256,
        ),
        defect=row.defect,
    )


@lru_cache(maxsize=1024)
def _scope(cn: str) -> str:
    found = [g for g in goods() if covers(cn, g.cn)]
    if found:
        return found[0].scope
    return "direct+indirect" if cn[:2] in ("25", "28", "31") and cn[:4] != "2804" else "direct"


def _values(
    row: Row, digits: str, place: Origin, year: int, corrections: Corrections | None
) -> list[DefaultValue]:
    """Return the row's value, or those of other countries for the code if it shows a dash."""
    if row.has_value:
        return [_made(row, digits, place, place.iso3, year, "", corrections)]
    reason = f'the table "{place.name}" shows a dash'
    asked = digits if covers(row.cn, digits) else row.cn
    return [
        # A defect of the dashed row is what the reader has to know of.
        replace(made, defect=row.defect or made.defect)
        for other in _matching(_rows(OTHER, corrections), asked)
        if other.has_value and (other.key == row.key or other.cn != row.cn)
        for made in (_made(other, digits, place, OTHER, year, reason, corrections),)
    ]


def defaults_of(
    origin: str | Origin,
    *,
    year: int = 2026,
    vintage: str = "2025/2621",
    corrections: Corrections | None = None,
    fallback: bool = True,
) -> tuple[DefaultValue, ...]:
    """Return every row that applies to an origin: one for each heading and variant.

    Parameters
    ----------
    origin : str
    year : int
    vintage : str
    corrections : Corrections, optional
    fallback : bool
        Fill what the origin's table leaves out, or dashes, with the rows of other countries;
        False keeps the origin's own rows only, those with a dash left out.

    Returns
    -------
    tuple of DefaultValue

    Raises
    ------
    UnknownNameError, InputError

    Examples
    --------
    >>> china = defaults_of("China")
    >>> len(china), sum(v.is_fallback for v in china)
    (260, 1)
    """
    place = _charged(origin)
    if vintage == "2023":
        return tuple(_transitional(cn, place) for cn in _transitional_table())
    if vintage not in VINTAGES:
        raise UnknownNameError.of("vintage of default values", str(vintage), VINTAGES)
    check_year(year)
    own = _rows(place.iso3, corrections) if place.iso3 in annex() else ()
    keys = {r.key for r in own}
    found: list[DefaultValue] = []
    for row in own:
        if row.defect == OUTSIDE:  # no legal effect; `defects` lists it
            continue
        if row.has_value:
            found.append(_made(row, row.cn, place, place.iso3, year, "", corrections))
        elif fallback:
            found += [
                replace(value, query=value.cn)
                for value in _values(row, row.cn, place, year, corrections)
                # The dash of a heading leaves the rows below it to themselves.
                if value.cn == row.cn or (value.cn, "") not in keys
            ]
    if fallback and place.iso3 != OTHER:
        reason = (
            f'the table "{place.name}" has no row for it'
            if place.listed
            else f"{place.name} is not listed in the annex"
        )
        found += [
            _made(row, row.cn, place, OTHER, year, reason, corrections)
            for row in _gaps(own, _rows(OTHER, corrections))
        ]
    return tuple(sorted(found, key=_order))


def _order(value: DefaultValue) -> tuple[str, str]:
    return value.cn, value.route


def all_defaults(
    *, year: int = 2026, corrections: Corrections | None = None, fallback: bool = False
) -> tuple[DefaultValue, ...]:
    """Return the rows of all 118 listed origins and of other countries.

    Parameters
    ----------
    year : int
        Of the mark-up, 2026 or later.
    corrections : Corrections, optional
        Of a later act; see `read_corrections`.
    fallback : bool
        As in `defaults_of`, but off by default: only the rows of each table itself.

    Returns
    -------
    tuple of DefaultValue
        t CO2e per t; by origin in the order of the annex, other countries last.

    Raises
    ------
    InputError
        A year before 2026 or after 2100, or none.

    Examples
    --------
    >>> len(all_defaults())
    10922
    """
    places: Iterable[Origin | str] = (*origins(), OTHER)
    return tuple(
        value
        for place in places
        for value in defaults_of(place, year=year, corrections=corrections, fallback=fallback)
    )


@lru_cache(maxsize=1)
def _transitional_table() -> dict[str, tuple[Decimal, Decimal | None, Decimal]]:
    return {
        row["cn"]: (
            Decimal(row["direct"]),
            Decimal(row["indirect"]) if row["indirect"] else None,
            Decimal(row["total"]),
        )
        for row in embedded.rows("cbam", "tables", "transitional_2023.csv")
    }


@lru_cache(maxsize=1)
def _transitional_sha256() -> str:
    import hashlib

    return hashlib.sha256((TABLES / "transitional_2023.csv").read_bytes()).hexdigest()


def _transitional(digits: str, place: Origin) -> DefaultValue:
    table = _transitional_table()
    rows = [cn for cn in table if covers(digits, cn)]
    if not rows:
        good(digits)
        raise NotAvailableError(
            f"CN {spaced(digits)} has no transitional default value",
            where="default values of 22 December 2023",
            do='ask for a code of eight digits, or for vintage="2025/2621" (on the command line'
            " --vintage 2025/2621)",
        )
    act = ACTS["2023"]
    values = [
        DefaultValue(
            cn=cn,
            query=digits,
            description=_described(cn),
            sector=_sector(cn),
            origin=place,
            origin_used="ALL",
            year=2023,
            route="",
            direct=table[cn][0],
            indirect=table[cn][1],
            total=table[cn][2],
            marked_up=None,
            markup=Decimal(0),
            is_fallback=False,
            fallback_reason="",
            scope=_scope(cn),
            source=Citation(
                act.number,
                "one table for all origins",
                f"table, CN {spaced(cn)}",
                act.edition,
                _transitional_sha256(),
            ),
            defect="",
        )
        for cn in rows
    ]
    return _same(values, digits)


def _described(cn: str) -> str:
    return next((g.description for g in goods() if g.cn == cn), "")


def _sector(cn: str) -> str:
    return next(g.sector for g in goods() if g.cn[:4] == cn[:4])
