"""What the land use of an inventory consists of: forest, cropland, ..., with notation keys."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral

from mriocarbon.datasets.database import Database, database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural import sources as s
from mriocarbon.natural.absent import Missing
from mriocarbon.natural.account import FIRST_YEAR, NEVER_ADD, NaturalAccount, codes_of
from mriocarbon.natural.flux import GASES, ManagedLand

__all__ = ["parts"]

# Second level of the category of land use: 4.A to 4.H of 2006, 5.A to 5.E of 1996.
_LETTERS = "ABCDEFGH"


def parts(
    region: str, year: int, *, gas: str = "CO2", db: Database | None = None
) -> NaturalAccount:
    """Return the categories of an inventory's land use, in the latest year at or before `year`.

    Parameters
    ----------
    region : str
    year : int
    gas : {"CO2", "CH4", "N2O"}
    db : Database, optional

    Returns
    -------
    NaturalAccount
        `ManagedLand` fluxes, Mt of the gas, process such as "4.A Forest Land"; they add up to
        the total of `account`, but for rounding, and cannot be added to it. A category with a
        notation key instead of a figure is missing, with the key: NE not estimated, NO not
        occurring, IE included elsewhere.

    Raises
    ------
    NotAvailableError
        The country has no inventory by then.
    UnknownNameError, InputError

    Examples
    --------
    >>> from mriocarbon.natural.flux import total
    >>> from mriocarbon.natural.parts import parts
    >>> usa = parts("USA", 2022)
    >>> usa.fluxes[0].process, usa.fluxes[0].period, round(total(usa.fluxes).value)
    ('4.A Forest Land', '2021', -832)
    """
    if gas not in GASES:
        raise UnknownNameError.of("gas", gas, GASES)
    if isinstance(year, bool) or not isinstance(year, Integral) or year < FIRST_YEAR:
        raise InputError(f"no inventory of {year!r}", where="year", do=f"from {FIRST_YEAR}")
    store = database() if db is None else db
    code = codes_of([region], db)[0]
    raw = store.table(
        "inventories", source=list(s.UNFCCC), region=code, gas=gas, scope="NGHGI with land use"
    )
    roots = raw["source"].map(s.UNFCCC)
    whole = raw[(raw["category"] == roots) & raw["value"].notna() & (raw["year"] <= year)]
    if whole.empty:
        raise NotAvailableError(
            f"no inventory of land use, {gas}, of {code} by {year}",
            where="UNFCCC data interface (Annex I 2023, non-Annex I 2022)",
            do="mc.natural.account shows what there is",
        )
    annex = whole[whole["source"] == s.ANNEX_I]
    latest = (annex if len(annex) else whole).sort_values("year").iloc[-1]
    root, when = s.UNFCCC[latest["source"]], int(latest["year"])
    wanted = [f"{root}.{letter}" for letter in _LETTERS]
    rows = raw[
        raw["category"].isin(wanted) & (raw["source"] == latest["source"]) & (raw["year"] == when)
    ].sort_values("category")
    fluxes, missing = [], []
    for row in rows.to_dict("records"):
        name = str(row["category_name"])
        if row["value"] == row["value"]:
            flux = ManagedLand(
                region=code, gas=gas, process=name, value=float(row["value"]), year_from=when,
                year_to=when, interval="none: the data interface holds no uncertainties",
                source=str(row["source"]), method=s.INVENTORY,
            )  # fmt: skip
            fluxes.append(replace(flux, note="" if when == year else f"latest figure, of {when}"))
        else:
            why = f"notation key {row['key']}: {row['note']}"
            missing.append(Missing("managed land", gas, name, why))
    return NaturalAccount(code, int(year), tuple(fluxes), tuple(missing), (NEVER_ADD,))
