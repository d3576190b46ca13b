"""What the default values cost, year by year, and what of it is mark-up, what bias.

For a line of trade with mass M, price p and free allocation F = M SEFA (column B):

    net(S) = p max(0, M S - F)
    mark-up part = net(D marked up) - net(D)
    bias part    = net(D) - net(R)

with D the default value before mark-up and R the reference, an independent estimate of the
true emissions. The parts and net(R) add up to net(D marked up) exactly, floors included.

What verified actual data would save is the most that verification may cost:

    saving = net(D marked up) - p max(0, M R - M SEFA_actual)

where SEFA_actual is built on column A and the allocation of the precursors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from mriocarbon.cbam.amounts import ZERO, Amount, amount, cents
from mriocarbon.cbam.certificates import CertificatePrice, Price, resolve_price
from mriocarbon.cbam.codes import covers
from mriocarbon.cbam.cost_law import GoodLaw, lookup
from mriocarbon.cbam.defaults import Corrections
from mriocarbon.cbam.embedded import MOST_SEE
from mriocarbon.cbam.law import free_allocation_factor
from mriocarbon.cbam.obligation import certificates_due, check_correction, check_year
from mriocarbon.cbam.origins import Origin
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.trade import TradeLine
from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief

__all__ = ["BreakEven", "CostPath", "CostRow", "LineCost", "cost_path"]

YEARS = range(2026, 2035)
LAST_BENCHMARK_YEAR = 2030
_PRECURSORS_ASSUMED = (
    "break-even: the free allocation of the precursors is assumed to be what column B has "
    "beyond column A; `saving_column_a_eur` grants none"
)


@dataclass(frozen=True, slots=True)
class LineCost:
    """One line of trade in one year. Money in EUR, to the cent.

    Attributes
    ----------
    cn, route, year, tonnes
        The line.
    see, base : Decimal
        Default value with and without mark-up, t CO2e/t.
    reference : Decimal or None
        Reference, t CO2e/t.
    sefa, sefa_low, sefa_high : Decimal
        Free allocation, t CO2e/t; the ends differ where the benchmarks below a heading do, and
        `sefa` is then their middle.
    gross_eur, gross_base_eur, gross_reference_eur
        Embedded emissions x price, before free allocation.
    net_eur, net_base_eur, net_reference_eur
        After free allocation, floored at zero.
    net_low_eur, net_high_eur
        `net_eur` with the most and the least free allocation.
    markup_eur, bias_eur
        The parts of `net_eur`; ``net = markup + bias + net_reference`` to the cent.
    saving_eur, saving_column_a_eur
        Break-even cost of verification: with the precursors' allocation, and on column A
        alone. Never below zero (one may stay with the default); None without a reference, or
        without a benchmark in column A.
    is_fallback : bool
        The default value is that of the other countries.
    notes : tuple of str
    """

    cn: str
    route: str
    year: int
    tonnes: Decimal
    see: Decimal
    base: Decimal
    reference: Decimal | None
    sefa: Decimal
    sefa_low: Decimal
    sefa_high: Decimal
    gross_eur: Decimal
    gross_base_eur: Decimal
    gross_reference_eur: Decimal | None
    net_eur: Decimal
    net_base_eur: Decimal
    net_reference_eur: Decimal | None
    net_low_eur: Decimal
    net_high_eur: Decimal
    saving_eur: Decimal | None
    saving_column_a_eur: Decimal | None
    is_fallback: bool
    notes: tuple[str, ...]

    @property
    def markup_eur(self) -> Decimal:
        """What the mark-up adds to the net cost."""
        return self.net_eur - self.net_base_eur

    @property
    def bias_eur(self) -> Decimal | None:
        """What the default before mark-up costs beyond the reference; negative if less."""
        if self.net_reference_eur is None:
            return None
        return self.net_base_eur - self.net_reference_eur


@dataclass(frozen=True, slots=True)
class CostRow:
    """All lines of a year together. Money in EUR, to the cent; rounded after adding up.

    Attributes
    ----------
    year, price, factor
        Year, certificate price, remaining share of the free allocation.
    lines, tonnes, referenced_lines, referenced_tonnes
        How many lines and tonnes; and of them with a reference.
    gross_eur, gross_base_eur
        Embedded emissions x price, with and without mark-up.
    net_eur, net_base_eur
        After free allocation, with and without mark-up.
    net_low_eur, net_high_eur
        `net_eur` at the ends of the benchmarks, where those below a heading differ.
    net_reference_eur, net_base_referenced_eur : Decimal or None
        At the reference, and at the default before mark-up, over the lines with a reference.
    gross_reference_eur, gross_base_referenced_eur : Decimal or None
        The same before free allocation.
    saving_eur, saving_column_a_eur : Decimal or None
        Break-even cost of verification, sum over lines.

    The identity is ``net = markup + bias + net_reference + net_without_reference``.
    """

    year: int
    price: CertificatePrice
    factor: Decimal
    lines: int
    tonnes: Decimal
    referenced_lines: int
    referenced_tonnes: Decimal
    gross_eur: Decimal
    gross_base_eur: Decimal
    net_eur: Decimal
    net_base_eur: Decimal
    net_low_eur: Decimal
    net_high_eur: Decimal
    net_reference_eur: Decimal | None
    net_base_referenced_eur: Decimal | None
    gross_reference_eur: Decimal | None
    gross_base_referenced_eur: Decimal | None
    saving_eur: Decimal | None
    saving_column_a_eur: Decimal | None

    @property
    def markup_eur(self) -> Decimal:
        """Mark-up part of the net cost."""
        return self.net_eur - self.net_base_eur

    @property
    def bias_eur(self) -> Decimal | None:
        """Bias part of the net cost, over the lines with a reference; None if there is none."""
        if self.net_reference_eur is None or self.net_base_referenced_eur is None:
            return None
        return self.net_base_referenced_eur - self.net_reference_eur

    @property
    def net_without_reference_eur(self) -> Decimal:
        """Net cost before mark-up of the lines without a reference."""
        return self.net_base_eur - (self.net_base_referenced_eur or ZERO)

    @property
    def gross_markup_eur(self) -> Decimal:
        """Mark-up part before free allocation."""
        return self.gross_eur - self.gross_base_eur

    @property
    def gross_bias_eur(self) -> Decimal | None:
        """Bias part before free allocation, over the lines with a reference."""
        if self.gross_reference_eur is None or self.gross_base_referenced_eur is None:
            return None
        return self.gross_base_referenced_eur - self.gross_reference_eur

    @property
    def gross_per_tonne(self) -> Decimal | None:
        """Gross cost, EUR per tonne of goods, to the cent; None without mass."""
        return cents(self.gross_eur / self.tonnes) if self.tonnes else None

    @property
    def net_per_tonne(self) -> Decimal | None:
        """Net cost, EUR per tonne of goods, to the cent; None without mass."""
        return cents(self.net_eur / self.tonnes) if self.tonnes else None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The most that verified data are worth over all years, undiscounted.

    Attributes
    ----------
    cn, route : str
        The line; "" for all lines together.
    eur, column_a_eur : Decimal or None
        EUR over all years: with the precursors' allocation, and on column A alone.
    per_tonne : Decimal or None
        `eur` per tonne imported, over all years.
    """

    cn: str
    route: str
    eur: Decimal | None
    column_a_eur: Decimal | None
    per_tonne: Decimal | None


@dataclass(frozen=True, slots=True)
class CostPath:
    """The cost of an origin's goods over the years.

    Attributes
    ----------
    origin : str
        ISO3.
    rows : tuple of CostRow
        One per year.
    lines : tuple of LineCost
        One per line and year.
    break_even : tuple of BreakEven
        Per line, and last all together.
    left_out : tuple of (str, str)
        CN code and why it has no cost; not in any sum.
    sources, notes : tuple of str
    """

    origin: str
    rows: tuple[CostRow, ...]
    lines: tuple[LineCost, ...]
    break_even: tuple[BreakEven, ...]
    left_out: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    notes: tuple[str, ...]

    __repr__ = brief


def cost_path(
    lines: Sequence[TradeLine],
    *,
    origin: str | Origin,
    years: Iterable[int] = YEARS,
    price: Price | Mapping[int, Amount] = None,
    reference: Mapping[str, float] | None = None,
    routes: Mapping[str, str] | None = None,
    cross_sectoral: Amount | None = None,
    precursor_benchmark: Mapping[str, Amount] | None = None,
    corrections: Corrections | None = None,
) -> CostPath:
    """Return the yearly cost of an origin's imports at default values, split in its parts.

    Parameters
    ----------
    lines : sequence of TradeLine
        Those of other origins are left aside. Masses are held constant over the years.
    origin : str
        Country of origin, by any name or code.
    years : iterable of int
        2026 to 2034 unless told otherwise.
    price : optional
        See `mriocarbon.cbam.certificates.resolve_price`; None takes each year's own,
        the latest published held constant beyond.
    reference : mapping of CN code to t CO2e/t, optional
        Independent estimates, of the scope in which the good is charged; a heading serves the
        codes it covers.
    routes : mapping of CN code to route letter, optional
        For codes of which the annex has several routes.
    cross_sectoral : number, optional
        None takes 1, marked provisional.
    precursor_benchmark : mapping of CN code to t CO2e/t, optional
        Sum of m_i times the benchmark of precursor i (before the year's factor), for the
        break-even; None assumes what column B has beyond column A.
    corrections : Corrections, optional
        A later act's values (``read_corrections``).

    Returns
    -------
    CostPath

    Raises
    ------
    InputError
        A reference that is no positive number, or no lines of the origin.
    NotAvailableError
        A year before 2026.

    Notes
    -----
    Where the benchmarks below a heading agree, theirs is used; where not, the middle of their
    range, and `net_low_eur` and `net_high_eur` tell its ends. A line for which the annex has
    no one value is left out and named, never zero. After 2030 benchmarks are held constant:
    those of later years are not adopted.

    References
    ----------
    Regulation (EU) 2023/956, Articles 22 and 31; Implementing Regulations (EU) 2025/2620 and
    2025/2621.

    Examples
    --------
    >>> line = TradeLine("CHN", "7208", 1000, None, 2024, "example")
    >>> path = cost_path([line], origin="CHN", price="2026-Q1", reference={"7208": 2.5})
    >>> first = path.rows[0]
    >>> first.net_eur, first.markup_eur, first.bias_eur, first.net_reference_eur
    (Decimal('163550.04'), Decimal('24039.84'), Decimal('51772.32'), Decimal('87737.88'))
    >>> path.rows[-1].net_eur == path.rows[-1].gross_eur  # no free allocation from 2034
    True
    """
    iso3 = find_origin(origin).iso3
    own = [line for line in lines if line.origin == iso3]
    if not own:
        raise InputError(
            f"no lines of trade from {iso3}",
            where=f"lines: {len(lines)}, of {len({line.origin for line in lines})} origins",
            do="give lines of this origin; one tonne of each good for the cost per tonne",
        )
    span = sorted({check_year(year) for year in years})
    if not span:
        raise InputError("no years", where="years", do="give at least one")
    estimates = {
        cn: amount(value, f"reference of {cn}", most=MOST_SEE)
        for cn, value in (reference or {}).items()
    }
    added = {
        cn: amount(value, f"precursor benchmark of {cn}", most=MOST_SEE)
        for cn, value in (precursor_benchmark or {}).items()
    }
    correction, cscf_note = check_correction(cross_sectoral)
    law = lookup(iso3, routes or MappingProxyType({}), corrections)
    left: dict[str, str] = {}
    notes = [note for note in (cscf_note,) if note]
    sources: list[str] = []
    costs: list[LineCost] = []
    rows: list[CostRow] = []
    assumed: dict[str, list[int]] = {}
    for year in span:
        money = resolve_price(price, year)
        factor = free_allocation_factor(year)
        sources.append(money.source)
        if money.assumed:
            assumed.setdefault(money.assumed, []).append(year)
        exact: list[_Exact] = []
        for line in own:
            found = law(line.cn, year)
            if isinstance(found, str):
                left[line.cn] = found
                continue
            sources.extend(found.sources)
            exact.append(
                _cost(
                    line,
                    year,
                    found,
                    money.eur,
                    factor * correction,
                    _nearest(estimates, line.cn),
                    _nearest(added, line.cn),
                )
            )
        rows.append(_row(year, money, factor, exact))
        costs.extend(e.rounded() for e in exact)
    for text, at in assumed.items():
        told = f"{at[0]} to {at[-1]}" if len(at) > 1 else f"{at[0]}"
        notes.append(f"certificate price, {told}: {text}")
    if span[-1] > LAST_BENCHMARK_YEAR:
        notes.append(f"benchmarks after {LAST_BENCHMARK_YEAR} are not adopted: held constant")
    if reference and not precursor_benchmark:
        notes.append(_PRECURSORS_ASSUMED)
    return CostPath(
        iso3,
        tuple(rows),
        tuple(costs),
        _break_even(costs, rows),
        tuple(left.items()),
        tuple(dict.fromkeys(sources)),
        tuple(dict.fromkeys(notes)),
    )


@dataclass(frozen=True, slots=True)
class _Exact:
    """A line's amounts before rounding: the last step is the cent."""

    line: TradeLine
    year: int
    law: GoodLaw
    reference: Decimal | None
    sefa: tuple[Decimal, Decimal, Decimal]
    gross: tuple[Decimal, Decimal, Decimal | None]
    net: tuple[Decimal, Decimal, Decimal | None]
    ends: tuple[Decimal, Decimal]
    savings: tuple[Decimal | None, Decimal | None]

    def rounded(self) -> LineCost:
        return LineCost(
            self.line.cn,
            self.law.route,
            self.year,
            self.line.tonnes,
            self.law.see,
            self.law.base,
            self.reference,
            *self.sefa,
            cents(self.gross[0]),
            cents(self.gross[1]),
            _cents(self.gross[2]),
            cents(self.net[0]),
            cents(self.net[1]),
            _cents(self.net[2]),
            cents(self.ends[0]),
            cents(self.ends[1]),
            _cents(self.savings[0]),
            _cents(self.savings[1]),
            self.law.is_fallback,
            self.law.notes,
        )


def _cost(
    line: TradeLine,
    year: int,
    law: GoodLaw,
    eur: Decimal,
    share: Decimal,
    reference: Decimal | None,
    precursors: Decimal | None,
) -> _Exact:
    """One line in one year; `share` is the factor times the cross-sectoral correction."""
    low, high = law.bench
    sefa = (share * (low + high) / 2, share * low, share * high)

    def net(see: Decimal, allocation: Decimal) -> Decimal:
        return eur * certificates_due(line.tonnes, see, allocation)

    marked = net(law.see, sefa[0])
    base = net(law.base, sefa[0])
    true = None if reference is None else net(reference, sefa[0])
    savings: tuple[Decimal | None, Decimal | None] = (None, None)
    if reference is not None and law.bench_a is not None:
        alone = sum(law.bench_a, ZERO) / 2
        whole = alone + precursors if precursors is not None else max(alone, (low + high) / 2)
        savings = (
            max(ZERO, marked - net(reference, share * whole)),
            max(ZERO, marked - net(reference, share * alone)),
        )
    gross = [None if s is None else eur * line.tonnes * s for s in (law.see, law.base, reference)]
    return _Exact(
        line,
        year,
        law,
        reference,
        sefa,
        (gross[0] or ZERO, gross[1] or ZERO, gross[2]),
        (marked, base, true),
        (net(law.see, sefa[2]), net(law.see, sefa[1])),
        savings,
    )


def _row(year: int, money: CertificatePrice, factor: Decimal, exact: Sequence[_Exact]) -> CostRow:
    known = [e for e in exact if e.reference is not None]
    some = bool(known)

    def total(values: Iterable[Decimal | None]) -> Decimal:
        return cents(sum((v for v in values if v is not None), ZERO))

    def saved(k: int) -> Decimal | None:
        values = [e.savings[k] for e in known if e.savings[k] is not None]
        return total(values) if values else None

    return CostRow(
        year=year,
        price=money,
        factor=factor,
        lines=len(exact),
        tonnes=sum((e.line.tonnes for e in exact), ZERO),
        referenced_lines=len(known),
        referenced_tonnes=sum((e.line.tonnes for e in known), ZERO),
        gross_eur=total(e.gross[0] for e in exact),
        gross_base_eur=total(e.gross[1] for e in exact),
        net_eur=total(e.net[0] for e in exact),
        net_base_eur=total(e.net[1] for e in exact),
        net_low_eur=total(e.ends[0] for e in exact),
        net_high_eur=total(e.ends[1] for e in exact),
        net_reference_eur=total(e.net[2] for e in known) if some else None,
        net_base_referenced_eur=total(e.net[1] for e in known) if some else None,
        gross_reference_eur=total(e.gross[2] for e in known) if some else None,
        gross_base_referenced_eur=total(e.gross[1] for e in known) if some else None,
        saving_eur=saved(0),
        saving_column_a_eur=saved(1),
    )


def _break_even(costs: Sequence[LineCost], rows: Sequence[CostRow]) -> tuple[BreakEven, ...]:
    groups: dict[tuple[str, str], list[LineCost]] = {}
    for cost in costs:
        groups.setdefault((cost.cn, cost.route), []).append(cost)
    found = [
        _even(
            cn,
            route,
            [c.saving_eur for c in group],
            [c.saving_column_a_eur for c in group],
            sum((c.tonnes for c in group), ZERO),
        )
        for (cn, route), group in groups.items()
    ]
    return (
        *found,
        _even(
            "",
            "",
            [r.saving_eur for r in rows],
            [r.saving_column_a_eur for r in rows],
            sum((r.referenced_tonnes for r in rows), ZERO),
        ),
    )


def _even(
    cn: str,
    route: str,
    savings: Sequence[Decimal | None],
    alone: Sequence[Decimal | None],
    tonnes: Decimal,
) -> BreakEven:
    def added(values: Sequence[Decimal | None]) -> Decimal | None:
        known = [v for v in values if v is not None]
        return sum(known, ZERO) if known else None

    eur = added(savings)
    return BreakEven(
        cn, route, eur, added(alone), cents(eur / tonnes) if eur is not None and tonnes else None
    )


def _cents(eur: Decimal | None) -> Decimal | None:
    return None if eur is None else cents(eur)


def _nearest(values: Mapping[str, Decimal], cn: str) -> Decimal | None:
    """Value of a code, or of the longest heading that covers it."""
    found = [key for key in values if key == cn or covers(key, cn)]
    return values[max(found, key=len)] if found else None
