"""The price of a CBAM certificate: what the Commission published, and what is assumed beyond.

One certificate stands for one tonne of CO2e. For emissions of 2026 its price is the quarterly
average of the closing prices of EU ETS auctions, from 2027 the weekly average (Regulation (EU)
2023/956, Article 21, as amended by Regulation (EU) 2025/2083; Implementing Regulation (EU)
2025/2548). Prices of the future are not known: the latest one is held constant, and said so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from mriocarbon import embedded
from mriocarbon.cbam.amounts import Amount, amount, cents
from mriocarbon.cbam.law import FIRST_YEAR
from mriocarbon.errors import InputError, NotAvailableError

__all__ = ["CertificatePrice", "Price", "certificate_price", "published_prices", "resolve_price"]

_PERIOD = re.compile(r"(20\d\d)(?:-Q([1-4]))?")


@dataclass(frozen=True, slots=True)
class CertificatePrice:
    """A price per certificate.

    Attributes
    ----------
    eur : Decimal
        EUR per certificate (per t CO2e).
    period : str
        ``2026-Q1``, a year, or ``given``.
    published : str
        Date of publication; "" where the price was not published for this period.
    source : str
        Who says so.
    assumed : str
        "" for a published price; otherwise what was assumed.
    """

    eur: Decimal
    period: str
    published: str
    source: str
    assumed: str = ""

    def __str__(self) -> str:
        text = f"{self.eur} EUR per certificate, {self.period} ({self.source})"
        return f"{text}; {self.assumed}" if self.assumed else text


Price = CertificatePrice | Amount | None
GIVEN = "given"
"""The period of a price that a caller gave as a number."""


@lru_cache(maxsize=1)
def published_prices() -> tuple[CertificatePrice, ...]:
    """Return the published quarterly prices, oldest first.

    Examples
    --------
    >>> [(p.period, str(p.eur)) for p in published_prices()]
    [('2026-Q1', '75.36'), ('2026-Q2', '75.28'), ('2026-Q3', '82.32')]
    """
    return tuple(
        CertificatePrice(
            amount(row["eur_per_tco2e"], "price"), row["period"], row["published"], row["source"]
        )
        for row in embedded.rows("cbam", "tables", "certificate_prices.csv")
    )


@lru_cache(maxsize=64)
def certificate_price(period: str | int = "2026-Q1") -> CertificatePrice:
    """Return the certificate price of a quarter or of a year.

    Parameters
    ----------
    period : str or int
        ``2026-Q1``, or a year. 2026: the plain mean of the quarters published so far, to the
        cent (every quarter the same weight: the imports of a quarter pay that quarter's price,
        and their seasonality is not known here). A later year: the latest published quarter,
        held constant.

    Returns
    -------
    CertificatePrice
        `assumed` says what was assumed, if anything.

    Raises
    ------
    InputError
        Not a period.
    NotAvailableError
        Before 2026 no certificate is due; a quarter not published yet has no price.

    References
    ----------
    Regulation (EU) 2023/956, Article 21; Implementing Regulation (EU) 2025/2548.

    Examples
    --------
    >>> certificate_price("2026-Q3").eur
    Decimal('82.32')
    >>> certificate_price(2026).eur
    Decimal('77.65')
    >>> certificate_price(2030).assumed
    'the price of 2026-Q3, the latest published, held constant'
    """
    found = _PERIOD.fullmatch(str(period).strip().upper())
    known = published_prices()
    if found is None:
        raise InputError(
            f"no period: {period!r}", where="period", do="give a quarter (2026-Q1) or a year (2026)"
        )
    year, quarter = int(found[1]), found[2]
    if year < FIRST_YEAR:
        raise NotAvailableError(
            f"no certificate price for {period}: obligations begin in {FIRST_YEAR}",
            where="period",
            do=f"ask for {FIRST_YEAR} or later",
        )
    if quarter is not None:
        for price in known:
            if price.period == f"{year}-Q{quarter}":
                return price
        raise NotAvailableError(
            f"the certificate price of {period} is not among those published "
            f"({known[0].period} to {known[-1].period})",
            where="period",
            do="give a price of your own in EUR, or a year to hold the latest one constant",
        )
    if year == FIRST_YEAR:
        of_year = [p for p in known if p.period.startswith(f"{year}-")]
        mean = cents(sum((p.eur for p in of_year), Decimal(0)) / len(of_year))
        return CertificatePrice(
            mean,
            str(year),
            "",
            "; ".join(dict.fromkeys(p.source for p in of_year)),
            f"plain mean of {', '.join(p.period for p in of_year)}",
        )
    last = known[-1]
    return CertificatePrice(
        last.eur,
        str(year),
        "",
        last.source,
        f"the price of {last.period}, the latest published, held constant",
    )


def resolve_price(price: Price | Mapping[int, Amount], year: int) -> CertificatePrice:
    """Return the price for a year from what a caller gave.

    Parameters
    ----------
    price : CertificatePrice, number, str, mapping or None
        A price; EUR per certificate; a period such as ``2026-Q1``; EUR by year (a year that is
        not named takes the latest earlier one); None for :func:`certificate_price` of the year.
        A published quarter's price in another year says in `assumed` that it is held constant.
    year : int
        Year of the emissions.

    Raises
    ------
    InputError
        Not a price, zero or negative, or a mapping without this or an earlier year.

    Examples
    --------
    >>> resolve_price("2026-Q1", 2026).eur, resolve_price(80, 2026).period
    (Decimal('75.36'), 'given')
    >>> resolve_price({2026: 75, 2030: 120}, 2032).eur
    Decimal('120')
    """
    if price is None:
        return certificate_price(str(year))
    if isinstance(price, CertificatePrice):
        return _held(price, year)
    if isinstance(price, Mapping):
        earlier = [y for y in price if y <= year]
        if not earlier:
            raise InputError(
                f"no price for {year} nor for an earlier year",
                where="price",
                do=f"add {year} to the mapping of years to EUR per certificate",
            )
        nearest = max(earlier)
        held = "" if nearest == year else f"the given price of {nearest}, held constant"
        return _given(price[nearest], held)
    if isinstance(price, str) and re.fullmatch(r"20\d\d(-.*)?", price.strip()):
        return _held(certificate_price(price), year)
    return _given(price, "")


def _held(price: CertificatePrice, year: int) -> CertificatePrice:
    """Say of a published price that it is not of this year."""
    if not price.published or price.assumed or price.period.startswith(f"{year}"):
        return price
    return replace(price, assumed=f"the price of {price.period}, held constant")


def _given(value: object, held: str) -> CertificatePrice:
    eur = amount(value, "certificate price")
    if eur == 0:
        raise InputError(
            "certificate price is zero", where="price", do="give EUR per certificate, above zero"
        )
    return CertificatePrice(eur, GIVEN, "", "given by the caller", held)
