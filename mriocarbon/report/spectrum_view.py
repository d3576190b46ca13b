"""What table, picture and terminal of the full spectrum share; no drawing here."""

from __future__ import annotations

from mriocarbon.report import text as t
from mriocarbon.report.view import View
from mriocarbon.studies.spectrum import FullSpectrum


def shown(view: View) -> FullSpectrum:
    """Return the spectrum that the figure shows: that of CO2 where it was asked for."""
    every = view.study.natural
    return next((one for one in every if one.gas == "CO2"), every[0])


def amount(value: float) -> str:
    """Return an amount with three figures, or whole.

    Examples
    --------
    >>> amount(12094.31), amount(-0.2312)
    ('12,094', '−0.231')
    """
    return t.number(value, t.decimals(value)) if value else "0"
