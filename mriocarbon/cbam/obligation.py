"""How many certificates an import needs, and what they cost.

For a mass M of one good, in tonnes of CO2e (one certificate each):

    N = max(0, M SEE - M SEFA - paid abroad / certificate price)

SEE are the specific embedded emissions: the marked-up default value, or the actual ones. SEFA
is the specific embedded free allocation, what an EU producer would get for free:

    SEFA = CBAM factor x CSCF x benchmark + sum_i m_i SEFA_i

with the benchmark of column B (precursors within it) for default values, and of column A plus
the allocation of the precursors for actual ones. The floor at zero holds for each good by
itself: what one good has too much of is not set against another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mriocarbon.cbam.amounts import (
    ZERO,
    Amount,
    amount,
    cents,
    check_tonnes,
    check_unit_value,
)
from mriocarbon.cbam.benchmarks import Benchmark, benchmark
from mriocarbon.cbam.certificates import CertificatePrice, Price, resolve_price
from mriocarbon.cbam.codes import cn_digits, covers
from mriocarbon.cbam.defaults import default_value
from mriocarbon.cbam.embedded import MOST_SEE, Embedded
from mriocarbon.cbam.goods import good
from mriocarbon.cbam.law import DE_MINIMIS_TONNES, FIRST_YEAR, free_allocation_factor
from mriocarbon.cbam.origins import Origin
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.territory import outside
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.model.brief import brief

__all__ = ["DeMinimis", "Obligation", "certificates_due", "de_minimis", "obligation"]

CLINKER_GOODS = ("25231000", "25232100", "25232900", "25239000")
NEVER_EXEMPT = ("28041000", "27160000")
"""Hydrogen and electricity: the 50 tonnes do not apply (Article 2a)."""
ARTICLE_9 = (
    "price paid abroad: provisional, EUR paid in total / EUR per certificate = tonnes deducted; "
    "the implementing act under Article 9 of Regulation (EU) 2023/956 is not final"
)
OWN_STEP = (
    "free allocation covers this good's own step alone (column A); that of its precursors is"
    " added where it is given: precursor_allocation"
)
SMALL = (
    "no certificate is owed by an importer whose goods, but for hydrogen and electricity, weigh"
    " 50 t or less in the whole year (Regulation (EU) 2023/956, Article 2a): see mc.cbam.de_minimis"
)
CSCF_NOTE = "cross-sectoral correction factor taken as 1: provisional, none is published"


@dataclass(frozen=True, slots=True)
class Obligation:
    """What an import of one good owes.

    Attributes
    ----------
    cn, origin, data, route : str
        The good, ISO3 of the origin, ``default`` or ``actual``, the route of the benchmark.
    year : int
    tonnes : Decimal
    see, sefa : Decimal
        Specific embedded emissions and free allocation, t CO2e/t.
    embedded, free_allocation, paid_abroad_tonnes, certificates : Decimal
        t CO2e: M SEE, M SEFA, the deduction for a carbon price paid abroad, and N. Exact.
    gross_eur, net_eur, markup_eur : Decimal
        EUR to the cent: embedded x price; certificates x price; and what of the latter is due
        to the mark-up alone (certificates with minus without mark-up, each floored at zero);
        zero for actual data.
    price : CertificatePrice
    sources, notes : tuple of str
        What the figures rest on; what is assumed, provisional or peculiar.
    """

    cn: str
    origin: str
    data: str
    route: str
    year: int
    tonnes: Decimal
    see: Decimal
    sefa: Decimal
    embedded: Decimal
    free_allocation: Decimal
    paid_abroad_tonnes: Decimal
    certificates: Decimal
    gross_eur: Decimal
    net_eur: Decimal
    markup_eur: Decimal
    price: CertificatePrice
    sources: tuple[str, ...]
    notes: tuple[str, ...]

    __repr__ = brief


def certificates_due(
    tonnes: Decimal, see: Decimal, sefa: Decimal, credit: Decimal = ZERO
) -> Decimal:
    """N = max(0, M SEE - M SEFA - credit), t CO2e, exact.

    Examples
    --------
    >>> certificates_due(Decimal(100), Decimal("3.506"), Decimal("1.33575"))
    Decimal('217.02500')
    >>> certificates_due(Decimal(100), Decimal("0.5"), Decimal("1.3"))
    Decimal('0')
    """
    return max(ZERO, tonnes * see - tonnes * sefa - credit)


def obligation(
    cn: str | int,
    tonnes: Amount,
    *,
    origin: str | Origin,
    year: int,
    see: Amount | Embedded | None = None,
    data: str = "default",
    route: str | None = None,
    price: Price | Mapping[int, Amount] = None,
    paid_abroad: Amount = 0,
    precursor_allocation: Sequence[tuple[Amount, Amount]] = (),
    cross_sectoral: Amount | None = None,
    value_eur: Amount | None = None,
    mass_unit: str = "t",
) -> Obligation:
    """Return certificates and cost of importing one good.

    Parameters
    ----------
    cn : str or int
        CN code, 4, 6 or 8 digits.
    tonnes : number
        Net mass, tonnes. For cement clinker and cements: tonnes of clinker contained (said in
        the notes), the functional unit of Article 4(5) of Regulation (EU) 2025/2547.
    origin : str
        Country of origin, by any name or code.
    year : int
        Year of import, 2026 or later.
    see : number or Embedded, optional
        Actual specific embedded emissions, t CO2e/t, those in scope only; with
        ``data="actual"`` and only then.
    data : {"default", "actual"}
    route : str, optional
        The annex's route letter; for default values that of the value unless given.
    price : optional
        See `mriocarbon.cbam.certificates.resolve_price`; None for the year's own.
    paid_abroad : number
        EUR effectively paid abroad as a carbon price for the whole mass, rebates deducted.
        Enters as paid / certificate price, in tonnes: provisional.
    precursor_allocation : sequence of (m_i, SEFA_i)
        Tonnes of each precursor per tonne and its specific embedded free allocation of the
        year (factor included), for complex goods with actual data. Column B holds it already.
    cross_sectoral : number, optional
        Cross-sectoral correction factor in (0, 1]; None takes 1, marked provisional.
    value_eur : number, optional
        Customs value of the whole mass: when given, EUR per tonne is checked for a slip of
        kilograms and tonnes.
    mass_unit : {"t", "kg"}
        Unit of `tonnes`.

    Returns
    -------
    Obligation

    Raises
    ------
    InputError
        Malformed code, negative or missing amounts, actual data without `see`, and the like.
    UnitError
        A mass that only kilograms explain.
    UnknownNameError
        Unknown CN code or country.
    NotAvailableError
        A year before 2026, an origin that is not charged, or no default value.

    References
    ----------
    Regulation (EU) 2023/956, Articles 7, 9, 22 and 31; Implementing Regulations (EU) 2025/2620
    (free allocation, equations 1 to 6) and 2025/2621 (default values).

    Examples
    --------
    >>> due = obligation("7208", 1000, origin="China", year=2026, price="2026-Q1")
    >>> due.see, due.sefa, due.certificates
    (Decimal('3.506'), Decimal('1.335750'), Decimal('2170.250000'))
    >>> due.gross_eur, due.net_eur, due.markup_eur
    (Decimal('264212.16'), Decimal('163550.04'), Decimal('24039.84'))
    """
    digits = cn_digits(cn)
    year = check_year(year)
    mass = check_tonnes(tonnes, mass_unit=mass_unit)
    place = find_origin(origin)
    why = outside(place.iso3)
    if why:
        raise NotAvailableError(
            f"no obligation for {place.name}", where=why, do="ask for another country of origin"
        )
    if value_eur is not None and mass > 0:
        paid_for = amount(value_eur, "value in EUR")
        check_unit_value(
            paid_for, mass, sector_of(digits), where="tonnes", unchecked="leave `value_eur` out"
        )
    money = resolve_price(price, year)
    paid = amount(paid_abroad, "carbon price paid abroad in EUR")
    notes: list[str] = []
    correction, cscf_note = check_correction(cross_sectoral)
    factor = free_allocation_factor(year)
    if data == "default":
        if see is not None:
            raise InputError(
                "embedded emissions were given for default data",
                where="see",
                do="say data='actual', or leave `see` out to take the default value",
            )
        if precursor_allocation:
            raise InputError(
                "the allocation of precursors was given for default data",
                where="precursor_allocation",
                do="leave it out: column B of the benchmarks holds the precursors already",
            )
        value = default_value(digits, origin=place.iso3, year=year, route=route)
        if value.marked_up is None or value.total is None:
            raise NotAvailableError(
                f"no default value for {digits} of {place.name}",
                where=str(value.source),
                do="give the actual emissions: see=..., data='actual'",
            )
        specific, without = value.marked_up, value.total
        given, route = route, route or value.route or None
        sources = [str(value.source)]
        if value.is_fallback:
            notes.append(value.fallback_reason)
        if value.defect:
            notes.append(f"known defect of the annex: {value.defect}")
        found = _benchmark_of_value(digits, year, route, given=bool(given))
        added = ZERO
    elif data == "actual":
        if see is None:
            raise InputError(
                "actual data need the embedded emissions",
                where="see",
                do="give t CO2e per tonne, or what embedded_emissions returns",
            )
        if isinstance(see, Embedded) and not (covers(see.cn, digits) or covers(digits, see.cn)):
            raise InputError(
                f"the embedded emissions are those of {see.cn} ({see.name}), not of {digits}",
                where="see",
                do="give those of the good itself",
            )
        specific = without = actual_see(see)
        sources = ["embedded emissions: given by the caller, to be verified (Article 8)"]
        found = benchmark(digits, column="A", year=year, route=route)
        added = precursor_sum(precursor_allocation)
    else:
        raise InputError(f"unknown kind of data {data!r}", where="data", do="'default' or 'actual'")
    sefa = factor * correction * found.value + added
    sources += [str(found.source), str(money)]
    notes += [note for note in (found.note, cscf_note, money.assumed) if note]
    if digits in CLINKER_GOODS:
        notes.append(
            "mass counts in tonnes of clinker contained (Regulation (EU) 2025/2547, Article 4(5))"
        )
    if data == "actual" and not precursor_allocation:
        notes.append(OWN_STEP)
    if 0 < mass <= DE_MINIMIS_TONNES and not any(n.startswith(digits) for n in NEVER_EXEMPT):
        notes.append(SMALL)
    if paid:
        notes.append(ARTICLE_9)
    credit = paid / money.eur
    due = certificates_due(mass, specific, sefa, credit)
    base = certificates_due(mass, without, sefa, credit)
    return Obligation(
        cn=digits,
        origin=place.iso3,
        data=data,
        route=found.route or route or "",
        year=year,
        tonnes=mass,
        see=specific,
        sefa=sefa,
        embedded=mass * specific,
        free_allocation=mass * sefa,
        paid_abroad_tonnes=credit,
        certificates=due,
        gross_eur=cents(mass * specific * money.eur),
        net_eur=cents(due * money.eur),
        markup_eur=cents((due - base) * money.eur),
        price=money,
        sources=tuple(sources),
        notes=tuple(dict.fromkeys(notes)),
    )


def _benchmark_of_value(cn: str, year: int, route: str | None, *, given: bool) -> Benchmark:
    """Column B for a default value; its route may be one that the benchmarks do not list."""
    try:
        return benchmark(cn, column="B", year=year, route=route)
    except NotAvailableError:
        if given or route is None:
            raise
    found = benchmark(cn, column="B", year=year)
    note = f"no benchmark for route {route} of the default value: {found.note or 'the only one'}"
    return replace(found, note=note)


def check_year(year: object) -> int:
    """Return a year of the definitive period, or raise."""
    if isinstance(year, bool) or not isinstance(year, int):
        raise InputError(f"no year: {year!r}", where="year", do="give a year such as 2026")
    if year < FIRST_YEAR:
        raise NotAvailableError(
            f"no obligation in {year}: the definitive period begins in {FIRST_YEAR}",
            where="year",
            do=f"ask for {FIRST_YEAR} or later",
        )
    return year


def check_correction(cross_sectoral: Amount | None) -> tuple[Decimal, str]:
    """Return the cross-sectoral correction factor and the note it needs."""
    if cross_sectoral is None:
        return Decimal(1), CSCF_NOTE
    value = amount(
        cross_sectoral,
        "cross-sectoral correction factor",
        most=Decimal(1),
        do="it is a share, at most 1",
    )
    return value, ""


def actual_see(see: Amount | Embedded) -> Decimal:
    """Return actual specific embedded emissions, t CO2e/t, refusing kilograms per tonne."""
    if isinstance(see, Embedded):
        return see.total
    return amount(
        see,
        "specific embedded emissions",
        most=MOST_SEE,
        do="they are in t CO2e per tonne: divide by 1000 if these are kg per tonne",
    )


def precursor_sum(pairs: Iterable[tuple[Amount, Amount]]) -> Decimal:
    """Sum of m_i SEFA_i over the precursors, t CO2e per tonne of the good."""
    total = ZERO
    for i, (mass, allocation) in enumerate(pairs):
        where = f"precursor_allocation[{i}]"
        total += amount(mass, "tonnes of precursor per tonne", where=where) * amount(
            allocation, "free allocation of the precursor", most=MOST_SEE, where=where
        )
    return total


def sector_of(cn: str) -> str:
    """Return the sector of a code; that of the first good where several are below it."""
    return good(cn)[0].sector


@dataclass(frozen=True, slots=True)
class DeMinimis:
    """Whether an importer's year falls under the mass threshold.

    Attributes
    ----------
    exempt : bool
        No obligation for the goods that count; hydrogen and electricity owe all the same.
    tonnes : Decimal
        Net mass of the goods that count: all goods together, without those never exempt.
    threshold : Decimal
        Tonnes per importer and calendar year; exactly this much is still exempt.
    owing : tuple of str
        CN codes that owe an obligation.
    """

    exempt: bool
    tonnes: Decimal
    threshold: Decimal
    owing: tuple[str, ...]


def de_minimis(tonnes_by_good: Mapping[str, Amount]) -> DeMinimis:
    """Apply the threshold of 50 tonnes per importer and calendar year, over all goods together.

    Parameters
    ----------
    tonnes_by_good : mapping of CN code to tonnes
        Everything one importer brought in within a calendar year, of whatever origin.

    Returns
    -------
    DeMinimis

    Raises
    ------
    InputError, UnitError
        Malformed code, negative mass, kilograms called tonnes.

    References
    ----------
    Regulation (EU) 2023/956, Article 2a, inserted by Regulation (EU) 2025/2083: exempt while
    the mass "does not exceed" the threshold; hydrogen and electricity never are.

    Examples
    --------
    >>> de_minimis({"7208": 30, "7601": 20}).exempt
    True
    >>> de_minimis({"7208": 30, "7601": "20.001"}).owing
    ('7208', '7601')
    >>> de_minimis({"7208": 30, "2804 10 00": "0.1"}).owing
    ('28041000',)
    """
    masses: dict[str, Decimal] = {}
    for cn, value in tonnes_by_good.items():
        digits = cn_digits(cn)
        if not any(never.startswith(digits) for never in NEVER_EXEMPT):
            good(digits)  # unknown codes are refused: a typing error must not exempt
        masses[digits] = masses.get(digits, ZERO) + check_tonnes(value, where=f"tonnes of {cn}")
    never = tuple(c for c in masses if any(n.startswith(c) for n in NEVER_EXEMPT) and masses[c])
    counted = sum((m for c, m in masses.items() if c not in never), ZERO)
    exempt = counted <= DE_MINIMIS_TONNES
    owing = tuple(c for c, m in masses.items() if m and (c in never or not exempt))
    return DeMinimis(exempt, counted, DE_MINIMIS_TONNES, owing)
