"""Default factors of volume 4 of the IPCC guidelines, looked up by climate, land and option.

The tables are csv files beside this module, one row a default: `factors.csv` is written by
``python -m scripts.ipcc_land_factors``. Every row has its range, table, and a status that says by
what the figure is vouched for: ``transcribed by ...`` (public packages that hold the same),
``corrected``, ``disputed`` or ``UNVERIFIED`` (recalled; the guidelines were not at hand).

What is not in the tables is refused, and the message lists what there is. A factor for ``"any"``
land or option holds for those that have no row of their own; one for ``"any"`` climate holds for a
climate only where the table does not tell climates apart: where it has wet and dry, asking for
another climate is refused, for the row over all of them would be off by a factor of two or three.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mriocarbon import embedded
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError, listed
from mriocarbon.model.provenance import Note
from mriocarbon.natural.ipcc.intervals import Part, Uncertain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ANY", "CLIMATES", "COLUMNS", "Factor", "factor", "factor_names", "factors"]

ANY = "any"
FILES = ("factors.csv", "soil_factors.csv")
COLUMNS = (
    "factor", "edition", "climate", "land", "option", "value", "low", "high", "unit", "range",
    "source", "status", "note",
)  # fmt: skip
CLIMATES = (
    "boreal dry", "boreal moist", "cool temperate dry", "cool temperate moist",
    "warm temperate dry", "warm temperate moist", "tropical dry", "tropical moist",
    "tropical wet", "tropical montane",
)  # fmt: skip
FIELDS = ("climate", "land", "option")


@dataclass(frozen=True, eq=False, repr=False)
class Factor(Uncertain):
    """A default factor; an `Uncertain` with the place it comes from.

    Attributes
    ----------
    name : str
        Such as ``"SOC_REF"``.
    edition : int
        2006, 2013 (Wetlands Supplement) or 2019 (Refinement).
    climate, land, option : str
        What it holds for.
    range : str
        What the interval is in the source: a confidence interval, a nominal error, the spread of
        studies.
    source, status, note : str
        Volume, chapter and table; by what the figure is vouched for; a remark.
    """

    name: str = ""
    edition: int = 0
    climate: str = ANY
    land: str = ANY
    option: str = ANY
    range: str = ""
    source: str = ""
    status: str = ""
    note: str = ""

    @property
    def verified(self) -> bool:
        """Whether a public source that was opened holds the figure, undisputed."""
        return "UNVERIFIED" not in self.status and "disputed" not in self.status


@dataclass(frozen=True, slots=True)
class _Row:
    factor: str
    edition: int
    climate: str
    land: str
    option: str
    value: float
    low: float
    high: float
    unit: str
    range: str
    source: str
    status: str
    note: str


def _number(text: str) -> float:
    return float(text) if text else float("nan")


@cache
def _rows() -> tuple[_Row, ...]:
    out = []
    for name in FILES:
        for row in embedded.rows("natural", "ipcc", name):
            numbers = {c: _number(row[c]) for c in ("value", "low", "high")}
            rest = {c: row[c] for c in COLUMNS if c not in numbers and c != "edition"}
            out.append(_Row(**rest, **numbers, edition=int(row["edition"])))  # type: ignore[arg-type]
    return tuple(out)


@cache
def _index() -> dict[tuple[str, int, str, str, str], _Row]:
    return {(r.factor, r.edition, r.climate, r.land, r.option): r for r in _rows()}


def factor_names() -> tuple[str, ...]:
    """Return the names of the factors there are, sorted.

    Examples
    --------
    >>> "SOC_REF" in factor_names()
    True
    """
    return tuple(sorted({row.factor for row in _rows()}))


def factors(name: str | None = None) -> pd.DataFrame:
    """Return the table of default factors, or the rows of one.

    Parameters
    ----------
    name : str, optional
        Such as ``"F_LU"``.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; a value or end that the guidelines do not give is NaN.

    Raises
    ------
    UnknownNameError
        No such factor.

    Examples
    --------
    >>> factors("EF_ORGANIC")["land"].unique().tolist()
    ['cropland', 'forest', 'grassland']
    """
    import pandas as pd

    chosen = [row for row in _rows() if name is None or row.factor == name]
    if not chosen:
        raise unknown("default factor", str(name), factor_names())
    return pd.DataFrame([[getattr(row, c) for c in COLUMNS] for row in chosen], columns=COLUMNS)


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is not on a short list: the nearest, and the list."""
    options = list(known)
    error = UnknownNameError.of(kind, str(name), options)
    if not error.do.startswith("known"):
        every = f"{error.do} Of: {listed(options, 24)}"
        error = UnknownNameError(error.what, where=error.where, do=every)
    return error


def _known(rows: Iterable[_Row], column: str) -> list[str]:
    return sorted({str(getattr(row, column)) for row in rows} | {ANY})


def factor(
    name: str,
    *,
    climate: str = ANY,
    land: str = ANY,
    option: str = ANY,
    edition: int | None = None,
) -> Factor:
    """Return a default factor with its 95 % interval.

    Parameters
    ----------
    name : str
        One of `factor_names`, such as ``"SOC_REF"``, ``"F_LU"``, ``"R"``, ``"G_EF"``.
    climate : str
        Climate zone of the guidelines (`CLIMATES`; ``"polar dry"`` and ``"polar moist"`` for
        SOC_REF) or ecological zone (``"tropical dry forest"``), as the table has it. ``"any"`` is
        the row over all climates, where there is one; it never stands in for a climate that the
        table tells apart.
    land : str
        Land use or vegetation, such as ``"annual cropland"`` or ``"boreal forest"``.
    option : str
        What else the table distinguishes: soil, tillage, input, gas, continent, age.
    edition : int, optional
        2006, 2013 or 2019; by default the newest that has this factor. Do not mix editions of
        reference stocks and stock change factors: they were derived together.

    Returns
    -------
    Factor

    Raises
    ------
    UnknownNameError
        No such factor, edition, climate, land or option; the nearest or all are listed.
    NotAvailableError
        The names are known and the guidelines have no default for them together; those that
        there are, are listed.

    References
    ----------
    IPCC (2006), Guidelines for National Greenhouse Gas Inventories, volume 4; IPCC (2019),
    Refinement; the table is in `Factor.source`.

    Examples
    --------
    >>> factor("SOC_REF", climate="tropical dry", option="HAC")
    Factor(21 t C/ha, 95 %: 19.95 to 22.05)
    >>> factor("SOC_REF", climate="tropical dry", option="HAC", edition=2006).value
    38.0
    >>> factor("EF4", climate="dry").value, factor("EF4").value
    (0.005, 0.01)
    """
    if name not in factor_names():
        raise unknown("default factor", name, factor_names())
    own = [row for row in _rows() if row.factor == name]
    editions = sorted({row.edition for row in own})
    if edition is None:
        edition = editions[-1]
    if edition not in editions:
        raise InputError(
            f"no {name} of edition {edition}", where=name,
            do=f"there is {', '.join(map(str, editions))}",
        )  # fmt: skip
    asked = {"climate": climate, "land": land, "option": option}
    for column, value in asked.items():
        known = _known(own, column)
        if column == "climate":
            known = sorted({*known, *CLIMATES})
        if value not in known:
            raise unknown(f"{column} of {name}", value, known)
    index, apart = _index(), _climates_apart(edition, asked, own)
    for keys in _widened((climate,) if apart else (climate, ANY), land, option):
        row = index.get((name, edition, *keys))
        if row is not None:
            return _made(row)
    raise _no_default(name, edition, asked, own)


def _climates_apart(edition: int, asked: dict[str, str], own: list[_Row]) -> bool:
    """Whether the table tells climates apart for this land and option, as far as they are told."""
    return any(
        row.edition == edition and row.climate != ANY and _fits(row, "land", asked["land"])
        and _fits(row, "option", asked["option"])
        for row in own
    )  # fmt: skip


def _fits(row: _Row, column: str, value: str) -> bool:
    return value == ANY or getattr(row, column) in (value, ANY)


def _widened(climates: Iterable[str], land: str, option: str) -> Iterable[tuple[str, str, str]]:
    # The row for "any" holds where there is none of its own; option last, as it is the finest.
    for c in dict.fromkeys(climates):
        for use in dict.fromkeys((land, ANY)):
            for o in dict.fromkeys((option, ANY)):
                yield c, use, o


def _no_default(
    name: str, edition: int, asked: dict[str, str], own: list[_Row]
) -> NotAvailableError:
    same = [row for row in own if row.edition == edition]
    apart = _climates_apart(edition, asked, own)

    def fits(row: _Row) -> int:
        climate = asked["climate"]
        near = (
            row.climate == climate if apart and climate != ANY else _fits(row, "climate", climate)
        )
        return near + sum(_fits(row, column, asked[column]) for column in ("land", "option"))

    best = max(fits(row) for row in same)
    near = [
        " / ".join(getattr(row, c) for c in FIELDS if getattr(row, c) != ANY) or ANY
        for row in same
        if fits(row) == best
    ]
    others = sorted({
        row.edition for row in own
        if row.edition != edition and all(getattr(row, c) in (v, ANY) for c, v in asked.items())
    })  # fmt: skip
    also = f"; edition {', '.join(map(str, others))} has one" if others else ""
    words = ", ".join(f"{column} {value!r}" for column, value in asked.items() if value != ANY)
    return NotAvailableError(
        f"the guidelines ({edition}) have no default {name} for {words or 'all cases alike'}",
        where=f"{name}, {len(same)} defaults",
        do=f"give your own value, or take one of: {listed(near, 20)}{also}",
    )


@cache
def _made(row: _Row) -> Factor:
    labels = ", ".join(v for v in (row.climate, row.land, row.option) if v != ANY)
    if row.value != row.value:
        raise NotAvailableError(
            f"the guidelines give a range for {row.factor} ({labels}) and no default",
            where=row.source,
            do=f"give your own value between {row.low:g} and {row.high:g} {row.unit}",
        )
    key = f"{row.factor} {row.edition} {row.climate}/{row.land}/{row.option}"
    words = f"default {row.factor} ({labels or 'all'}): {row.source}; {row.status}"
    if row.note:
        words += f"; {row.note}"
    if row.low != row.low:
        words += "; no range given, so that no interval can be told"
    estimated = row.status != "by definition"
    exact = row.low == row.value == row.high
    return Factor(
        row.value, row.unit,
        () if exact else (Part(key, row.low - row.value, row.high - row.value),),
        (Note(words, about=row.factor, estimated=estimated),) if estimated else (),
        least=float("-inf") if row.low < 0 else 0.0,
        most=1.0 if row.unit == "share" else float("inf"),
        name=row.factor, edition=row.edition, climate=row.climate, land=row.land,
        option=row.option, range=row.range, source=row.source, status=row.status, note=row.note,
    )  # fmt: skip
