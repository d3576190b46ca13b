"""The natural layer of the map: one scope of natural carbon, one figure for each country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mriocarbon.atlas import national as n
from mriocarbon.errors import NotAvailableError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["natural"]


def natural(year: int, *, gas: str = "CO2", scope: str = "land-use change") -> pd.DataFrame:
    """Return one scope of natural carbon for every country; see `national`.

    Parameters
    ----------
    year : int
    gas : {"CO2", "CH4", "N2O"}
        Mt of the gas itself.
    scope : str
        One of `national.SCOPES`.

    Returns
    -------
    pandas.DataFrame
        As `national`.

    Raises
    ------
    UnknownNameError
        No such scope.
    NotAvailableError
        Nothing of this scope, gas and year.

    Examples
    --------
    >>> natural(2022).attrs["scope"]
    'land-use change'
    """
    if scope not in n.SCOPES:
        raise UnknownNameError.of("scope", str(scope), n.SCOPES)
    from mriocarbon.natural import accounts

    found = accounts(None, year, gas=gas)
    found = found[(found["scope"] == scope) & found["value"].notna()]
    if found.empty:
        raise NotAvailableError(
            f"no natural carbon of {year} in the scope {scope!r} for {gas}",
            where="natural layer",
            do=f"choose another year, gas or scope ({', '.join(n.SCOPES)})",
        )
    rows: dict[str, dict[str, Any]] = {}
    for row in found.to_dict("records"):
        rows[str(row["region"])] = {
            key: row[key]
            for key in ("value", "sd", "low", "high", "source", "method", "estimated", "note")
        }
    attrs = {"layer": "natural", "year": year, "gas": gas, "source": "natural", "scope": scope,
             "sign": "positive: to the air; negative: a sink"}  # fmt: skip
    return n.frame(rows, f"Mt {gas}", f"missing: no figure in the scope {scope}", attrs)
