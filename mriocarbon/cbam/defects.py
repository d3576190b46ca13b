"""Known defects of the published annex: found by rule, listed, kept out of statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from mriocarbon.cbam.annex import (
    COMPOUNDED,
    OUTSIDE,
    SHIFTED,
    UNEQUAL,
    YEARS,
    Row,
    annex,
    recomputed,
)
from mriocarbon.cbam.codes import spaced

if TYPE_CHECKING:
    from mriocarbon.cbam.defaults import DefaultValue

RULES = {
    SHIFTED: "marked-up values beside a dash, or falling from year to year: columns slipped",
    COMPOUNDED: "the mark-ups of 2027 and 2028 are put on top of one another",
    OUTSIDE: "the good stands in no heading of Annex I to Regulation (EU) 2023/956",
    UNEQUAL: "direct and indirect emissions miss the total by more than 0.011",
}
"""What each rule looks for; every one of them excludes a row from the statistics."""


@dataclass(frozen=True, slots=True)
class Defect:
    """A row of the annex that breaks a rule.

    Attributes
    ----------
    rule, iso3, cn, route, what : str
    """

    rule: str
    iso3: str
    cn: str
    route: str
    what: str


@dataclass(frozen=True, slots=True)
class MarkupCheck:
    """The annex's marked-up columns against the totals, marked up again.

    Attributes
    ----------
    cells, differing : int
    sizes : mapping of Decimal to int
        How many cells differ by how much.
    largest : Decimal
    examples : tuple of str
    """

    cells: int
    differing: int
    sizes: Mapping[Decimal, int]
    largest: Decimal
    examples: tuple[str, ...]


def defects() -> tuple[Defect, ...]:
    """Return every row of the annex that breaks a rule.

    Returns
    -------
    tuple of Defect
        In the order of the annex; `what` shows the figures, t CO2e per t.

    Examples
    --------
    >>> sorted({(d.rule, d.iso3) for d in defects()})
    [('compounded mark-up', 'AGO'), ('compounded mark-up', 'ARG'), ('outside Annex I', 'TUN'), ('shifted columns', 'ALB')]
    """  # noqa: E501
    return tuple(
        Defect(row.defect, row.iso3, row.cn, row.variant, _what(row))
        for rows in annex().values()
        for row in rows
        if row.defect
    )


def _what(row: Row) -> str:
    shown = ", ".join("–" if c is None else str(c) for c in row.columns)
    total = "a dash" if row.total is None else str(row.total)
    return f"{row.country}, CN {spaced(row.cn)}: total {total}, marked up {shown}"


def excluded(value: DefaultValue) -> str:
    """Return the rule by which a value stays out of statistics; "" if it does not.

    Examples
    --------
    >>> from mriocarbon.cbam.defaults import default_value
    >>> excluded(default_value("2523 29", origin="Angola"))
    'compounded mark-up'
    """
    return value.defect


def markup_check() -> MarkupCheck:
    """Put the mark-up on every total again and compare with the annex's own columns.

    The annex rounded its totals before it printed them, so that some cells miss by 0.001; what
    misses by more is a compounded mark-up.

    Returns
    -------
    MarkupCheck
        Cells compared and differing, the differences in t CO2e per t, and up to five examples.

    Examples
    --------
    >>> check = markup_check()
    >>> check.cells, check.differing
    (32778, 815)
    """
    cells, sizes, examples = 0, dict[Decimal, int](), list[str]()
    for rows in annex().values():
        for row in rows:
            for year, column in zip(YEARS, row.columns, strict=True):
                again = recomputed(row, year)
                if again is None or column is None:
                    continue
                cells += 1
                if again != column:
                    size = abs(again - column)
                    sizes[size] = sizes.get(size, 0) + 1
                    if len(examples) < 5:
                        examples.append(
                            f"{row.country}, CN {spaced(row.cn)}, {year}: {column}, again {again}"
                        )
    return MarkupCheck(
        cells, sum(sizes.values()), dict(sorted(sizes.items())), max(sizes), tuple(examples)
    )
