"""A user's own references: plant data, life-cycle assessments, measurements, with uncertainty.

They enter the same audit as every other reference: merged where the boundary is the CBAM's, the
scope the good's and no single route is meant; otherwise shown beside the line.
"""

from __future__ import annotations

import math
from pathlib import Path

from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.reference import SCOPES, Reference
from mriocarbon.errors import InputError, UnitError, UnknownNameError
from mriocarbon.io.user_csv import Row, read_rows
from mriocarbon.model.normal import Z95

__all__ = ["read_references"]

REQUIRED = ("cn", "origin", "value", "unit", "scope", "boundary", "name", "source")
OPTIONAL = ("low", "high", "log_sd", "route", "notes")
UNITS = ("t CO2e/t", "tCO2e/t", "t CO2/t", "t/t")
ROUTES = "ABCDEFGHJKL"
LARGEST = 60.0
"""t CO2e per t: twice the largest default value (hydrogen from coal); beyond it, a wrong unit."""
WIDEST = 3.0
UNEVEN = 0.05


def read_references(path: str | Path) -> tuple[Reference, ...]:
    """Read a user's references from a CSV.

    Parameters
    ----------
    path : str or Path
        UTF-8 with a header. Columns: ``cn`` (4, 6 or 8 digits), ``origin`` (any name or code of
        a country), ``value`` (median), ``unit`` (``t CO2e/t``), ``scope`` (``direct`` or
        ``direct+indirect``), ``boundary`` (``cbam``, or another in words), ``name`` (the plant
        or study), ``source``; and either ``low`` and ``high`` (95 % interval) or ``log_sd``.
        Optional: ``route`` (a letter of the annex), ``notes``.

    Returns
    -------
    tuple of Reference
        In the order of the file. Rows of one name share their error, so that several goods of
        one plant do not count as independent evidence.

    Raises
    ------
    DataFileError
        The file cannot be read.
    UnitError
        Another unit (kg CO2e/t, t per kg), or a value that only another unit explains.
    InputError
        Missing or unknown columns, text in numbers, no uncertainty, an interval that does not
        hold the value, a row that stands twice; file, row and column are named.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "plants.csv"
    >>> _ = path.write_text(
    ...     "cn,origin,value,unit,scope,boundary,low,high,name,source\\n"
    ...     "7208,China,2.1,t CO2e/t,direct,cbam,1.9,2.32,Works A,verified report 2025\\n")
    >>> plant, = read_references(path)
    >>> plant.origin, plant.value, round(plant.log_sd, 3), plant.cell
    ('CHN', 2.1, 0.051, 'user:Works A')
    """
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for row in read_rows(path, REQUIRED, OPTIONAL):
        made = _reference(row)
        key = (made.cn, made.origin, made.route, made.scope, made.boundary, made.name)
        if key in seen:
            raise InputError(
                f"CN {made.cn} of {made.origin}, {made.name!r}, stands in rows {seen[key]}"
                f" and {row.number}",
                where=row.where("cn"),
                do="keep one of them, or tell them apart by name or route",
            )
        seen[key] = row.number
        found.append(made)
    return tuple(found)


def _reference(row: Row) -> Reference:
    cn = _named(row, "cn", cn_digits)
    origin = _named(row, "origin", lambda name: find_origin(name).iso3)
    row.unit(
        "unit",
        UNITS,
        "convert to tonnes of CO2e per tonne of good: 1 kg CO2e/t is 0.001, 1 kg CO2e/kg is 1,"
        " 1 t CO2e/kg is 1000",
    )
    value = row.number_of("value")
    assert value is not None
    if value > LARGEST:
        raise UnitError(
            f"{value:g} t CO2e per t of good is beyond every good of the CBAM",
            where=row.where("value"),
            do="if it is in kg CO2e per t, divide it by 1000",
        )
    scope = row.text("scope").replace(" ", "")
    if scope not in SCOPES:
        raise InputError(
            f"unknown scope {row.text('scope')!r}",
            where=row.where("scope"),
            do="use one of: " + ", ".join(SCOPES),
        )
    route = row.text("route", needed=False).upper()
    if route and (len(route) != 1 or route not in ROUTES):
        raise InputError(
            f"unknown route {route!r}",
            where=row.where("route"),
            do=f"use a letter of the annex ({', '.join(ROUTES)}) or leave it empty",
        )
    boundary = row.text("boundary")
    name = row.text("name")
    log_sd, uneven = _spread(row, value)
    notes = [row.text("notes", needed=False)]
    if uneven:
        notes.append("the interval given is uneven on the log scale: the wider side counts")
    return Reference.of(
        cn=cn,
        origin=origin,
        route=route,
        kind="user",
        name=name,
        scope=scope,
        boundary="cbam" if boundary.casefold() == "cbam" else boundary,
        value=value,
        loadings={f"user.{name}": log_sd},
        cell=f"user:{name}",
        sources=(row.text("source"),),
        notes=[note for note in notes if note],
    )


def _named(row: Row, column: str, find) -> str:  # type: ignore[no-untyped-def]
    """Return what a cell names; an unknown name tells row and column as well."""
    try:
        return str(find(row.text(column)))
    except UnknownNameError as error:
        raise UnknownNameError(error.what, where=row.where(column), do=error.do) from None
    except InputError as error:
        raise InputError(error.what, where=row.where(column), do=error.do) from None


def _spread(row: Row, value: float) -> tuple[float, bool]:
    """Return the log standard deviation, and whether the interval is uneven."""
    log_sd = row.number_of("log_sd", needed=False)
    low, high = (row.number_of(c, needed=False) for c in ("low", "high"))
    if log_sd is not None and (low is not None or high is not None):
        raise InputError(
            "both log_sd and an interval",
            where=row.where("log_sd"),
            do="give low and high, or log_sd, not both",
        )
    if log_sd is not None:
        if log_sd > WIDEST:
            raise InputError(
                f"log_sd {log_sd:g} is out of range",
                where=row.where("log_sd"),
                do="give the standard deviation of ln(value), such as 0.10 for some 10 %",
            )
        return log_sd, False
    for column, bound in (("low", low), ("high", high)):
        if bound is None:
            raise InputError(
                "no uncertainty",
                where=row.where(column),
                do="give low and high (95 % interval), or log_sd",
            )
    assert low is not None and high is not None
    if not low < value < high:
        column = "low" if low >= value else "high"
        raise InputError(
            f"the interval {low:g} to {high:g} does not hold the value {value:g}",
            where=row.where(column),
            do="give low below and high above the value, in the same unit",
        )
    down, up = math.log(value / low) / Z95, math.log(high / value) / Z95
    return max(down, up), abs(up - down) > UNEVEN * max(up, down) + 0.01
