"""A later act that corrects values of the annex, from a file of the user's.

Columns: ``country`` (name or code), ``cn``, ``direct``, ``total``, ``m2026``, ``m2027``,
``m2028``; optionally ``indirect`` (empty where it does not apply), ``route`` (needed where a
code has rows by route) and ``act``. One line for each corrected row; every other row stays as it
is. Numbers with a point, in t CO2e per t.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType

from mriocarbon.cbam.annex import Row, annex, defect_of
from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.errors import DataFileError, InputError, MriocarbonError
from mriocarbon.model.brief import brief

NEEDED = ("country", "cn", "direct", "total", "m2026", "m2027", "m2028")
MOST = Decimal(100)
"""The annex's own largest value is 34.632 t CO2e per t, hydrogen marked up for 2028."""
OPTIONAL = ("indirect", "route", "act")


@dataclass(frozen=True)
class Corrections:
    """Corrected rows by (iso3, cn, white or grey), with the file they came from."""

    rows: Mapping[tuple[str, str, str], Row]
    edition: str
    sha256: str

    __repr__ = brief

    def apply(self, iso3: str) -> tuple[Row, ...]:
        """Return a country's rows with the corrections in place."""
        return tuple(self.rows.get((iso3, *r.key), r) for r in annex()[iso3])

    def __len__(self) -> int:
        return len(self.rows)


def read_corrections(
    path: str | Path, *, act: str = "Implementing Regulation (EU) 2026/1740"
) -> Corrections:
    """Read the rows that a later act corrects.

    Parameters
    ----------
    path : path
        CSV with the columns named above.
    act : str
        The act, unless the file has a column ``act``.

    Returns
    -------
    Corrections

    Raises
    ------
    DataFileError
        The file cannot be read.
    InputError
        A column is missing, a number is text or negative, a row does not stand in the annex, or
        stands twice; row and column are named.
    """
    place = Path(path)
    try:
        raw = place.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(
            f"the corrections cannot be read: {error}",
            where=str(place),
            do="name a CSV file in UTF-8",
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        lines = [(f"{place}, row {reader.line_num}", line) for line in reader]
    except csv.Error as error:
        raise DataFileError(
            f"the corrections are no table: {error}",
            where=f"{place}, row {reader.line_num + 1}",
            do="check the quotes and line ends",
        ) from error
    missing = [c for c in NEEDED if c not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            f"columns are missing: {', '.join(missing)}",
            where=f"{place}, row 1",
            do=f"give {', '.join(NEEDED)}; optional are {', '.join(OPTIONAL)}",
        )
    found: dict[tuple[str, str, str], Row] = {}
    for where, line in lines:
        if None in line:
            raise InputError(
                "the row has more cells than there are columns",
                where=where,
                do="write decimals with a point, and text with a comma in quotes",
            )
        row = _row(line, where, act, place.name)
        key = (row.iso3, *row.key)
        if key in found:
            raise InputError(
                f"{row.country}, CN {row.cn} is corrected twice",
                where=where,
                do="keep one line for each row of the annex",
            )
        found[key] = row
    if not found:
        raise InputError("no row in the file", where=str(place), do="give the corrected rows")
    return Corrections(MappingProxyType(found), place.name, hashlib.sha256(raw).hexdigest())


def _row(line: Mapping[str, str | None], where: str, act: str, name: str) -> Row:
    try:
        iso3 = find_origin(line["country"] or "").iso3
        cn = cn_digits(line["cn"] or "")
    except MriocarbonError as error:
        raise InputError(str(error.args[0]), where=where, do="correct the cell") from error
    route = (line.get("route") or "").strip().upper()
    rows = [r for r in annex().get(iso3, ()) if r.cn == cn and route in ("", r.variant)]
    if len(rows) != 1:
        why = "stands in no row of the annex" if not rows else "has rows by route"
        raise InputError(
            f"{line['country']}, CN {cn} {why}",
            where=f"{where}, column {'cn' if not rows else 'route'}",
            do="correct rows that the annex has; new headings are no correction"
            if not rows
            else f"give the route: {' or '.join(r.variant for r in rows)}",
        )
    number = {c: _number(line, c, where) for c in NEEDED[2:]}
    made = replace(
        rows[0],
        direct=number["direct"],
        indirect=_number(line, "indirect", where)
        if line.get("indirect")
        else rows[0].indirect
        if "indirect" not in line
        else None,
        total=number["total"],
        columns=tuple(number[f"m{year}"] for year in (2026, 2027, 2028)),
        act=(line.get("act") or "").strip() or act,
        edition=name,
        defect="",
    )
    return replace(made, defect=defect_of(made))


def _number(line: Mapping[str, str | None], column: str, where: str) -> Decimal:
    text = (line.get(column) or "").strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise InputError(
            f"{text!r} is no amount",
            where=f"{where}, column {column}",
            do="give a number of at least 0 with a decimal point, in t CO2e per t",
        )
    if value > MOST:
        raise InputError(
            f"{text} t CO2e per t is more than {MOST}: no good comes near it",
            where=f"{where}, column {column}",
            do="the value seems to be in kg per t: divide by 1000",
        )
    return value
