"""What an audit's cost path says, as the page reads it: totals by year, and per good."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mriocarbon.cbam.cost import CostPath, CostRow
from mriocarbon.cbam.results import Header, Money
from mriocarbon.report import text as t
from mriocarbon.report.cbam_figures import Picture, YearCost, cost

NAN = float("nan")


@dataclass(frozen=True)
class Year:
    """EUR of one year; NaN where there is no reference to part the bias by.

    ``net = reference + unreferenced + bias + markup``: what the references would be charged,
    the base values of goods without a reference, the bias and the mark-up part.
    """

    year: int
    price: float
    free: float
    gross: float
    gross_base: float
    net: float
    reference: float
    unreferenced: float
    bias: float
    markup: float
    per_tonne: float
    saving: float
    saving_a: float


@dataclass(frozen=True)
class Good:
    """EUR per tonne of one good over the years."""

    cn: str
    years: tuple[Year, ...]
    break_even: float

    def of(self, year: int) -> Year | None:
        """Return one year."""
        return next((y for y in self.years if y.year == year), None)


def _float(value: Decimal | None) -> float:
    return NAN if value is None else float(value)


def _year(row: CostRow) -> Year:
    return Year(
        year=row.year,
        price=float(row.price.eur),
        free=float(row.factor),
        gross=float(row.gross_eur),
        gross_base=float(row.gross_base_eur),
        net=float(row.net_eur),
        reference=_float(row.net_reference_eur),
        unreferenced=float(row.net_without_reference_eur),
        bias=_float(row.bias_eur),
        markup=float(row.markup_eur),
        per_tonne=_float(row.net_per_tonne),
        saving=_float(row.saving_eur),
        saving_a=_float(row.saving_column_a_eur),
    )


def years(money: Money | None) -> list[Year]:
    """Return the totals of every year for the trade at hand."""
    return [] if money is None else [_year(row) for row in money.path.rows if row.lines]


def goods(money: Money | None) -> list[Good]:
    """Return the cost of one tonne of every good that has one."""
    if money is None:
        return []
    return [
        Good(cn, tuple(_year(row) for row in path.rows), _break_even(path))
        for cn, path in sorted(money.per_tonne.items())
        if any(row.lines for row in path.rows)
    ]


def _break_even(path: CostPath) -> float:
    """EUR per tonne and year that verified data may cost, mean of the years."""
    return _float(path.break_even[-1].per_tonne) if path.break_even else NAN


def picture(money: Money | None, header: Header) -> Picture | None:
    """Return the figure of the cost path."""
    found = years(money)
    if not found or money is None:
        return None
    shown = [
        YearCost(
            y.year, y.gross, y.net, _known(y.reference) + y.unreferenced, _known(y.bias), y.markup
        )
        for y in found
    ]
    row = money.path.rows[0]
    caption = (
        f"Cost of the imports at hand ({t.counted(row.lines, 'line')},"
        f" {t.number(float(row.tonnes) / 1e6, 2)} Mt, trade of {header.trade_year} held constant)"
        " at default values, a year. Net is what remains after the free allocation, which falls"
        f" from {100 * found[0].free:g} % in {found[0].year} to {100 * found[-1].free:g} % in"
        f" {found[-1].year}; its parts: what the references would be charged"
        + (", with the base values of lines without a reference" if any(
            y.unreferenced for y in found) else "")
        + ", the bias part and the mark-up part. Certificate price:"
        f" {found[0].price:.2f} EUR ({row.price.period})"
        + (", held constant." if len({y.price for y in found}) == 1 else ".")
    )  # fmt: skip
    return cost(shown, caption)


def _known(value: float) -> float:
    return value if value == value else 0.0
