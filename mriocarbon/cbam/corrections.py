"""A later act that corrects values of the annex, from a file of the user's.

Columns: ``country`` (name or code), ``cn``, ``direct``, ``total``, ``m2026``, ``m2027``,
``m2028``; optionally ``indirect`` (empty where it does not apply), ``route`` (needed where a
code has rows by route) and ``act``. One line for each corrected row; every other row stays as it
is. Numbers with a point, in t CO2e per t. Other columns are refused: a misspelt one would be left
out in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType

from mriocarbon.cbam.annex import Row, annex, defect_of
from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.errors import InputError, MriocarbonError
from mriocarbon.io import user_csv
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
        A column is missing or unknown, a number is text or negative, a row does not stand in the
        annex, or stands twice; row and column are named.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "mine.csv"
    ...     _ = file.write_text("country,cn,direct,total,m2026,m2027,m2028,route\\n"
    ...                         "China,7208,3.1,3.1,3.41,3.72,4.03,C\\n")
    ...     found = read_corrections(file, act="an act to come")
    >>> len(found), found.edition
    (1, 'mine.csv')
    """
    place = Path(path)
    raw = user_csv.read_bytes(place)
    lines = user_csv.rows_of(raw, place, NEEDED, OPTIONAL)
    found: dict[tuple[str, str, str], Row] = {}
    for line in lines:
        row = _row(line, act, place.name)
        key = (row.iso3, *row.key)
        if key in found:
            raise InputError(
                f"{row.country}, CN {row.cn} is corrected twice",
                where=f"{place}, row {line.number}",
                do="keep one line for each row of the annex",
            )
        found[key] = row
    sha256 = hashlib.sha256(raw).hexdigest()
    return Corrections(MappingProxyType(found), place.name, sha256)


def _row(line: user_csv.Row, act: str, name: str) -> Row:
    country = line.text("country")
    try:
        iso3 = find_origin(country).iso3
        cn = cn_digits(line.text("cn"))
    except MriocarbonError as error:
        where = f"{line.path}, row {line.number}"
        raise InputError(str(error.args[0]), where=where, do="correct the cell") from error
    route = line.text("route", needed=False).upper()
    rows = [r for r in annex().get(iso3, ()) if r.cn == cn and route in ("", r.variant)]
    if len(rows) != 1:
        why = "stands in no row of the annex" if not rows else "has rows by route"
        raise InputError(
            f"{country}, CN {cn} {why}",
            where=line.where("cn" if not rows else "route"),
            do="correct rows that the annex has; new headings are no correction"
            if not rows
            else f"give the route: {' or '.join(r.variant for r in rows)}",
        )
    number = {column: _number(line, column) for column in NEEDED[2:]}
    indirect = rows[0].indirect
    if "indirect" in line.cells:  # an empty cell says that it does not apply
        empty = not line.text("indirect", needed=False)
        indirect = None if empty else _number(line, "indirect")
    made = replace(
        rows[0],
        direct=number["direct"],
        indirect=indirect,
        total=number["total"],
        columns=tuple(number[f"m{year}"] for year in (2026, 2027, 2028)),
        act=line.text("act", needed=False) or act,
        edition=name,
        defect="",
    )
    return replace(made, defect=defect_of(made))


def _number(line: user_csv.Row, column: str) -> Decimal:
    text = line.text(column)
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise InputError(
            f"{text!r} is no amount",
            where=line.where(column),
            do="give a number of at least 0 with a decimal point, in t CO2e per t",
        )
    if value > MOST:
        raise InputError(
            f"{text} t CO2e per t is more than {MOST}: no good comes near it",
            where=line.where(column),
            do="the value seems to be in kg per t: divide by 1000",
        )
    return value
