"""Numbers of the law: exact decimals, rounded half-up, and what a plausible mass looks like.

Every amount of an obligation is a :class:`decimal.Decimal`. Money is rounded to the cent, and
only where it leaves a calculation; tonnes of CO2e are never rounded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType
from typing import TypeAlias

from mriocarbon.errors import InputError, NonFiniteError, UnitError

__all__ = [
    "MOST_TONNES",
    "UNIT_VALUES",
    "Amount",
    "amount",
    "cents",
    "check_tonnes",
    "check_unit_value",
]

Amount: TypeAlias = Decimal | int | float | str
"""What an amount may be given as; a float counts as the shortest decimal that prints it."""

ZERO = Decimal(0)
CENT = Decimal("0.01")
DIGITS = 15
"""No amount is at or above 10^16 or, unless it is zero, below 10^-15: products of three such
still fit into the 28 digits of the decimal arithmetic, to the cent."""
MOST_TONNES = Decimal(20_000_000)
"""No single mass may exceed this: in 2024 the EU imported at most 11.5 Mt of all CBAM goods
together from any one country, so more than 20 Mt means kilograms called tonnes."""
UNIT_VALUES: Mapping[str, tuple[Decimal, Decimal]] = MappingProxyType(
    {
        "cement": (Decimal(5), Decimal(5_000)),
        "fertilisers": (Decimal(20), Decimal(20_000)),
        "iron_steel": (Decimal(50), Decimal(50_000)),
        "aluminium": (Decimal(200), Decimal(200_000)),
        "hydrogen": (Decimal(300), Decimal(300_000)),
    }
)
"""Plausible EUR per tonne by sector (assumed, wide). High over low is 1000 in each, so a value
inside leaves the range when its mass is out by the factor of kilograms and tonnes."""


def amount(
    value: object,
    name: str,
    *,
    least: Decimal | None = ZERO,
    most: Decimal | None = None,
    where: str = "",
    do: str = "",
) -> Decimal:
    """Read one amount as an exact decimal.

    Parameters
    ----------
    value : Decimal, int, float or str
        The amount. Text is a plain number with a decimal point: no thousands separator, no
        decimal comma. A float counts as the shortest decimal that prints it.
    name : str
        What the amount is, for the error.
    least, most : Decimal, optional
        Bounds, both allowed; `least` is zero unless told otherwise.
    where, do : str, optional
        Where it stands and what to do, for the error.

    Returns
    -------
    Decimal

    Raises
    ------
    InputError
        Not a number, or out of bounds.
    NonFiniteError
        NaN or infinite.

    Examples
    --------
    >>> amount("75.36", "price")
    Decimal('75.36')
    >>> amount(0.1, "share")
    Decimal('0.1')
    """
    where = where or name
    try:
        if isinstance(value, bool):
            raise TypeError
        if isinstance(value, str):
            text = value.strip()
            if "_" in text:  # Python reads 1_000, a table does not mean it
                raise ValueError
            number = Decimal(text)
        elif isinstance(value, float):
            number = Decimal(repr(float(value)))
        else:
            number = Decimal(value)  # type: ignore[arg-type]
    except (InvalidOperation, TypeError, ValueError) as trouble:
        raise InputError(
            f"{name} is not a number: {value!r}",
            where=where,
            do=do or "write it with a decimal point and without thousands separators: 1234.5",
        ) from trouble
    if not number.is_finite():
        raise NonFiniteError(
            f"{name} is {value!r}",
            where=where,
            do=do or "leave the line out if it is unknown: missing is not zero",
        )
    if number and abs(number.adjusted()) > DIGITS:
        raise InputError(
            f"{name} is {number:.3g}, which no {name} can be",
            where=where,
            do=do or "count its zeros",
        )
    if least is not None and number < least:
        raise InputError(
            f"{name} is {number}, less than {least}",
            where=where,
            do=do or "give an amount that is not below the bound; book a return as its own case",
        )
    if most is not None and number > most:
        raise InputError(f"{name} is {number}, more than {most}", where=where, do=do)
    return number


def cents(eur: Decimal) -> Decimal:
    """Round money to the cent, half up.

    Examples
    --------
    >>> cents(Decimal("2.345")), cents(Decimal("-2.345"))
    (Decimal('2.35'), Decimal('-2.35'))
    """
    return eur.quantize(CENT, rounding=ROUND_HALF_UP)


def check_tonnes(
    value: object, *, mass_unit: str = "t", where: str = "", name: str = ""
) -> Decimal:
    """Read a mass and return tonnes; more than :data:`MOST_TONNES` is taken for kilograms.

    Raises
    ------
    InputError
        Not a number, or negative.
    UnitError
        `mass_unit` is neither ``t`` nor ``kg``, or the mass is implausible.
    """
    name = name or ("mass in tonnes" if mass_unit == "t" else "mass in kg")
    if mass_unit not in ("t", "kg"):
        raise UnitError(f"unknown mass unit {mass_unit!r}", where="mass_unit", do="use 't' or 'kg'")
    tonnes = amount(value, name, where=where)
    if mass_unit == "kg":
        tonnes = tonnes / 1000
    if tonnes > MOST_TONNES:
        raise UnitError(
            f"{tonnes:,f} t of one good is more than {MOST_TONNES:,f} t, above what the EU "
            "imports of all CBAM goods from any country in a year",
            where=where or name,
            do="the mass seems to be in kilograms: divide by 1000 or say mass_unit='kg'",
        )
    return tonnes


def check_unit_value(
    value_eur: Decimal,
    tonnes: Decimal,
    sector: str,
    *,
    where: str = "",
    unchecked: str = "read with check_units=False",
) -> Decimal:
    """Return EUR per tonne, refusing what only a slip of kilograms and tonnes explains.

    Parameters
    ----------
    value_eur, tonnes : Decimal
        Value and mass of the line, both above zero.
    sector : str
        A key of :data:`UNIT_VALUES`.
    where : str, optional
        Where the line stands, for the error.
    unchecked : str
        How the caller goes without this check, for the error.

    Raises
    ------
    UnitError
        Outside the range of the sector.

    Examples
    --------
    >>> check_unit_value(Decimal(1922647772), Decimal("959471.44"), "iron_steel").quantize(CENT)
    Decimal('2003.86')
    """
    low, high = UNIT_VALUES[sector]
    per_tonne = value_eur / tonnes
    if low <= per_tonne <= high:
        return per_tonne
    if per_tonne < low:
        hint = "the mass seems to be in kilograms: read it with mass_unit='kg'"
    else:
        hint = "the mass seems to be in tonnes already: read it with mass_unit='t'"
    raise UnitError(
        f"{per_tonne:.4g} EUR per tonne is implausible for {sector} "
        f"(plausible: {low} to {high} EUR/t)",
        where=where,
        do=f"{hint}; if the line is right all the same, {unchecked}",
    )
