"""From a principle and a stressor to a labelled, closed, annotated account."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.accounts.principle import Principle
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.errors import AccountWarning, NotAvailableError, UnknownNameError, listed, warn
from mriocarbon.model.extension import Extension
from mriocarbon.model.frame import Labelled
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]

# What cannot be placed is shown from this share of the world total on: well above the rounding
# of a sum over thousands of sectors, far below anything that matters.
UNALLOCATED = 1e-10
# Gases that a person may well ask for: an answer to them is not "unknown name".
GASES = ("GHG", "CO2", "CH4", "N2O", "HFC", "PFC", "SF6", "NF3", "F-gases")
# An account beyond this many times its region's own size is warned of.
FAR = 10.0


def account(
    mrio: MRIO,
    principle: str,
    *,
    stressor: str | None = None,
    households: bool = True,
    **options: Any,
) -> Result:
    """Return the account of every region under one principle.

    With emissions f, intensities q = f/x and household emissions h, the account is
    ``P(q, Z, Y) + h`` where P is the principle's formula, for consumption the column sums of
    ``R diag(q) (I - A)^-1 Y`` (Peters 2008, doi:10.1016/j.ecolecon.2007.10.014). Formula and
    reference of each are in `mc.principles()`.

    Parameters
    ----------
    mrio : MRIO
    principle : str
        A name from `mc.principles()`.
    stressor : str, optional
        Which stressor; may be left out if the table has one only, or one named GHG, which is
        then taken.
    households : bool
        Add what households emit directly, once, to their own region, under every principle.
    **options
        Of the principle, such as ``a`` and ``b`` for ``"shared"``; see `mc.principles()`.

    Returns
    -------
    Result
        Over ``region``, in the stressor's unit. `parts` holds ``industries`` and ``households``.
        Emissions that no account can place (of a sector without output, or through rows that do
        not balance) stay visible under one more label, ``unallocated``. `low` and `high` are the
        range of the household estimate, where the table has one.

    Raises
    ------
    UnknownNameError
        Principle, stressor or option; near matches are offered. No stressor is named, and the
        table has several and none of them is GHG.
    NotAvailableError
        The principle needs data that are neither in the table nor among the options.
    NotProductiveError
        The table has no Leontief inverse.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> consumed = mc.account(mrio, "consumption", stressor="GHG", households=False)
    >>> produced = mc.account(mrio, "production", stressor="GHG", households=False)
    >>> round(100 * (consumed["China"] / produced["China"] - 1), 1)
    -8.6
    """
    chosen = find_principle(principle)
    extension, row = resolve(mrio, stressor)
    economy = TableEconomy(mrio, extension.F[row : row + 1])
    value = evaluate(chosen, economy, options)[0]
    notes = [Note(text, about=chosen.name) for text in remarks(chosen, options, economy, value)]
    return assembled(
        mrio, chosen, (extension, row), value, households=households, error=economy.error,
        notes=notes, conserving=conserves(chosen, options),
    )  # fmt: skip


def assembled(
    table: Labelled,
    chosen: Principle,
    satellite: tuple[Extension, int],
    value: Array,
    *,
    households: bool,
    error: float,
    notes: Sequence[Note] = (),
    conserving: bool = True,
    stacklevel: int = 3,
) -> Result:
    """Return the labelled account of computed numbers: closed, annotated, looked at.

    Parameters
    ----------
    table : MRIO
        Or another that has its labels.
    chosen : Principle
        Named in result and notes.
    satellite : tuple of (Extension, int)
        The satellite and the row of it that was accounted for.
    value : ndarray, shape (R,)
        The account by region, without households.
    households : bool
        Add direct emissions of households, as a part of their own.
    error : float
        Relative bound on the error of the solves.
    notes : sequence of Note
        To stand before those of the table.
    conserving : bool
        What the regions' sum lacks of the world's emissions becomes a row ``unallocated``.
    stacklevel : int
        Of the warning about a value far beyond the table's emissions.

    Returns
    -------
    Result
    """
    extension, row = satellite
    f = extension.F[row]
    names = list(table.regions)
    rest = float(f.sum()) - float(value.sum())
    if conserving and abs(rest) > max(UNALLOCATED, 10 * error) * float(np.abs(f).sum()):
        names.append("unallocated")
        value = np.append(value, rest)
    text = far_beyond(table, f, value)
    if text:
        warn(AccountWarning(f"{chosen.name}: {text}"), stacklevel=stacklevel)
    parts = {"industries": value}
    low = high = None
    if households:
        direct, low, high = direct_emissions(
            extension, row, len(table.regions), len(table.categories)
        )
        pad = np.zeros(len(value))
        pad[: len(direct)] = direct
        parts["households"] = pad
        if low is not None and high is not None:
            low = np.append(low, np.zeros(len(value) - len(low))) + value
            high = np.append(high, np.zeros(len(value) - len(high))) + value
        value = value + pad
    told = carried(table, extension, row, chosen.name, *(["households"] if households else []))
    if chosen.name == "production":
        told = tuple(n for n in told if n.about != "table")  # the table is not used
    return Result(
        name=chosen.name,
        value=value,
        dims=("region",),
        coords={"region": tuple(names)},
        unit=extension.units[row],
        error=error,
        low=low,
        high=high,
        parts=parts,
        notes=(*told, *notes),
        provenance=table.provenance.computed(
            f"{chosen.name}: {chosen.formula}",
            told,
            stressor=extension.stressors[row],
            references=chosen.references,
        ),
    )


def evaluate(chosen: Principle, economy: TableEconomy, options: dict[str, Any]) -> Array:
    """Return the accounts of all stressors of an economy, shape (k, R), without households."""
    check_options(chosen, options)
    return np.asarray(chosen.compute(economy, **options))


def check_options(chosen: Principle, options: dict[str, Any]) -> None:
    """Raise UnknownNameError for an option that the principle does not have."""
    known = [p for p in inspect.signature(chosen.compute).parameters if p != "e"]
    for name in options:
        if name not in known:
            raise UnknownNameError.of(
                f"option of {chosen.name!r}", name, known or ["(it has no options)"]
            )


def carried(mrio: Labelled, extension: Extension, row: int, *more: str) -> tuple[Note, ...]:
    """Return the notes that concern a stressor, its table, and what else is named."""
    about = {extension.stressors[row], extension.name, "table", *more}
    return tuple(n for n in (*mrio.notes, *extension.notes) if n.about in about)


def resolve(mrio: Labelled, stressor: str | None) -> tuple[Extension, int]:
    """Return the extension and the row of a stressor; if none is named, the only one or GHG.

    GHG is the total that most questions are about, so a table that has one need not be asked.
    """
    if not mrio.stressors:
        raise NotAvailableError(
            "NOT AVAILABLE: this table has no emissions",
            where=f"table {mrio.provenance.dataset!r}",
            do="give stressors= when building it, or mrio.replace_extensions(...)",
        )
    if stressor is None:
        if len(mrio.stressors) != 1 and mrio.stressors.count("GHG") != 1:
            raise unnamed(mrio.stressors)
        stressor = "GHG" if "GHG" in mrio.stressors else mrio.stressors[0]
    if stressor in GASES and stressor not in mrio.stressors:
        raise NotAvailableError(
            f"NOT AVAILABLE: this table has no {stressor} by industry",
            where=f"table {mrio.provenance.dataset!r}, stressors {', '.join(mrio.stressors)}",
            do="add it: mrio.replace_extensions(...), or choose one of these stressors",
        )
    extension = mrio.extension_of(stressor)
    return extension, extension.row(stressor.removeprefix(f"{extension.name}/"))


def unnamed(stressors: Sequence[str]) -> UnknownNameError:
    """Return the error of a stressor that has to be named, and is not."""
    if not stressors:
        return UnknownNameError(
            "there is no stressor", where="the table", do="give stressors= when building it"
        )
    return UnknownNameError(
        "no stressor is named" + (", and there are several" if len(stressors) > 1 else ""),
        where=f"{len(stressors)} stressors: {listed(stressors, 12)}",
        do=f"name one: stressor={stressors[0]!r} (on the command line --stressor {stressors[0]})",
    )


def conserves(chosen: Principle, options: Mapping[str, Any]) -> bool:
    """True if the accounts under these options must add up to the world's emissions."""
    return chosen.conserves and not (
        chosen.name == "technology-adjusted" and options.get("weights") == "output"
    )


def unallocated_limit(economy: TableEconomy) -> float:
    """Amount from which emissions that cannot be placed are shown."""
    return float(max(UNALLOCATED, 10 * economy.error) * np.abs(economy.F).sum())


def remarks(
    chosen: Principle, options: Mapping[str, Any], economy: TableEconomy, value: Array
) -> list[str]:
    """Return what must be said of an account: its status, what was clipped, what does not close."""
    texts = list(dict.fromkeys(economy.notes))
    if chosen.status != "stable":
        texts.append(f"{chosen.name}: {chosen.status}")
    if not conserves(chosen, options):
        texts.append(
            f"{chosen.name} with these options does not conserve: accounts sum to"
            f" {value.sum():,.1f}, the world emits {economy.F[0].sum():,.1f}"
        )
    return texts


def direct_emissions(
    extension: Extension, row: int, R: int, C: int
) -> tuple[Array, Array | None, Array | None]:
    """Return what households emit directly by region, (R,), and its range where one is known."""
    stressor = extension.stressors[row]

    def regional(array: Array | None) -> Array | None:
        if array is None or np.isnan(array[row]).any():
            return None
        return np.asarray(array[row].reshape(R, C).sum(axis=1))

    direct = regional(extension.F_Y)
    if direct is None:
        raise NotAvailableError(
            f"direct emissions of households are not known for {stressor!r}",
            where=f"extension {extension.name!r}",
            do="pass households=False (on the command line --no-households) for the account of"
            " industries alone, or give households= when building the table; unknown is not zero",
        )
    low, high = regional(extension.F_Y_low), regional(extension.F_Y_high)
    if low is None or high is None:
        return direct, None, None  # half a range is none
    return direct, low, high


def far_beyond(mrio: Labelled, f: Array, value: Array) -> str:
    """Name the accounts below zero, or far beyond what the region emits, makes or asks for.

    Size is the largest of the region's own emissions and of its shares of world final demand
    and of world output, both taken of world emissions. Empty if there is none.
    """
    R = len(mrio.regions)
    own = f.reshape(R, -1).sum(axis=1)
    size = np.abs(own)
    for amounts in (mrio.final_demand.sum(axis=0), mrio.x.reshape(R, -1).sum(axis=1)):
        if amounts.sum() > 0:
            share = np.abs(amounts / amounts.sum())
            size = np.maximum(size, share * abs(float(f.sum())))
    far = (np.abs(value[:R]) > FAR * size) | ((value[:R] < -1e-9 * np.abs(f).sum()) & (own >= 0))
    if not far.any():
        return ""
    named = ", ".join(
        f"{mrio.regions[r]} {value[r]:.4g} (own emissions {own[r]:.4g})"
        for r in np.flatnonzero(far)[:5]
    )
    return (
        f"accounts far beyond the region's own size or below zero: {named};"
        " look for negative demand or value added there, or for a clean producer of dirty goods"
    )
