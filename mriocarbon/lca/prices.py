"""Money of the table out of other money: other years by a deflator, other currencies by a rate.

Nothing is guessed: without the rate or the deflator the amount is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mriocarbon.errors import InputError
from mriocarbon.lca.hybrid_gases import money_of
from mriocarbon.model.checked import is_real
from mriocarbon.model.table import MRIO

__all__ = ["Money"]


@dataclass(frozen=True)
class Money:
    """How other money becomes money of a table.

    Attributes
    ----------
    currency : str
        Of the table.
    year : int or None
        Price year of the table.
    rates : mapping of str to float
        Units of `currency` for one unit of another, in `year`: ``{"EUR": 1.053}``.
    deflators : mapping of int to float
        Price level of `year` over that of another year, in the other year's currency:
        ``{2019: 1.15}``. It is applied before the rate.

    Examples
    --------
    >>> money = Money("USD", 2022, rates={"EUR": 1.05}, deflators={2019: 1.2})
    >>> money.of(100.0, "EUR", 2019, where="glass")[0]
    126.0
    """

    currency: str
    year: int | None
    rates: Mapping[str, float] = field(default_factory=dict)
    deflators: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, known in (("rate", self.rates), ("deflator", self.deflators)):
            for key, value in known.items():
                if not (is_real(value) and value > 0):
                    raise InputError(
                        f"{what} of {key} is {value!r}", where="prices", do="give a number above 0"
                    )

    @classmethod
    def of_table(
        cls,
        mrio: MRIO,
        rates: Mapping[str, float] | None = None,
        deflators: Mapping[int, float] | None = None,
    ) -> Money:
        """Return the money of a table."""
        year = mrio.price_year or mrio.year
        return cls(money_of(mrio)[0], year, dict(rates or {}), dict(deflators or {}))

    def of(
        self, amount: float, currency: str, year: int | None, *, where: str
    ) -> tuple[float, tuple[str, ...]]:
        """Return an amount in money of the table, and what was assumed.

        Parameters
        ----------
        amount : float
        currency : str
            ``"USD"``.
        year : int or None
            Price year of the amount; None: taken for the table's, and said so.
        where : str
            For messages.

        Raises
        ------
        InputError
            Another currency without a rate, another year without a deflator.
        """
        told = []
        if year is None:
            told.append(f"{where}: money without a year taken as of {self.year}")
        elif year != self.year:
            if year not in self.deflators:
                raise InputError(
                    f"money of {year}, the table is at prices of {self.year}", where=where,
                    do=f"give prices of {self.year}, or deflators {{{year}: price level of"
                    f" {self.year} over that of {year}}}",
                )  # fmt: skip
            told.append(
                f"{where}: {currency} of {year} times {self.deflators[year]:g} (deflator given,"
                f" taken as that of {currency})"
            )
            amount *= self.deflators[year]
        if currency != self.currency:
            if currency not in self.rates:
                raise InputError(
                    f"money in {currency}, the table is in {self.currency}", where=where,
                    do=f"give the price in {self.currency}, or rates {{{currency}: {self.currency}"
                    f" for one {currency} in {self.year}}}",
                )  # fmt: skip
            told.append(
                f"{where}: {currency} at {self.rates[currency]:g} {self.currency} (rate given)"
            )
            amount *= self.rates[currency]
        return amount, tuple(told)
