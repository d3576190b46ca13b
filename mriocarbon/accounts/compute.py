"""From a principle and a stressor to a labelled, closed, annotated account."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.accounts.principle import Principle
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.errors import AccountWarning, NotAvailableError, UnknownNameError
from mriocarbon.model.extension import Extension
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]

# What cannot be placed is shown from this share of the world total on: well above the rounding
# of a sum over thousands of sectors, far below anything that matters.
UNALLOCATED = 1e-10
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

    Parameters
    ----------
    mrio : MRIO
    principle : str
        A name from `mc.principles()`.
    stressor : str, optional
        Which stressor; may be left out if the table has one only.
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
        Principle, stressor or option; near matches are offered.
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
    names = list(mrio.regions)
    total = float(economy.F.sum())
    rest = total - float(value.sum())
    scale = float(np.abs(economy.F).sum())
    notes = [Note(text, about=chosen.name) for text in economy.notes]
    if chosen.status != "stable":
        notes.append(Note(f"{chosen.name}: {chosen.status}", about=chosen.name))
    if options.get("weights") == "output" and chosen.name == "technology-adjusted":
        notes.append(
            Note(
                f"weights='output' does not conserve: accounts sum to {value.sum():.6g},"
                f" the world emits {total:.6g}",
                about=chosen.name,
            )
        )
    elif abs(rest) > max(UNALLOCATED, 10 * economy.error) * scale:
        names.append("unallocated")
        value = np.append(value, rest)
    _warn_if_far(chosen, mrio, extension.F[row], value)
    parts = {"industries": value}
    low = high = None
    if households:
        direct, low, high = _households(extension, row, len(mrio.regions), len(mrio.categories))
        pad = np.zeros(len(value))
        pad[: len(direct)] = direct
        parts["households"] = pad
        if low is not None and high is not None:
            low = np.append(low, np.zeros(len(value) - len(low))) + value
            high = np.append(high, np.zeros(len(value) - len(high))) + value
        value = value + pad
    label = extension.stressors[row]
    inputs = {label, chosen.name, extension.name, "table"} | (
        {"households"} if households else set()
    )
    carried = [n for n in (*mrio.notes, *extension.notes) if n.about in inputs]
    if chosen.name == "production":
        carried = [n for n in carried if n.about != "table"]  # the table is not used
    return Result(
        name=chosen.name,
        value=value,
        dims=("region",),
        coords={"region": tuple(names)},
        unit=extension.units[row],
        error=economy.error,
        low=low,
        high=high,
        parts=parts,
        notes=(*carried, *notes),
        provenance=mrio.provenance.computed(f"{chosen.name}: {chosen.formula}", version()),
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


def resolve(mrio: MRIO, stressor: str | None) -> tuple[Extension, int]:
    """Return the extension and the row of a stressor; the only one if none is named."""
    if stressor is None:
        if len(mrio.stressors) != 1:
            raise UnknownNameError.of("stressor", "", mrio.stressors, do="(name one: stressor=)")
        stressor = mrio.stressors[0]
    extension = mrio.extension_of(stressor)
    return extension, extension.row(stressor.removeprefix(f"{extension.name}/"))


def version() -> str:
    """Return the package's version without importing the package's face."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("mriocarbon")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"


def _households(
    extension: Extension, row: int, R: int, C: int
) -> tuple[Array, Array | None, Array | None]:
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
            do="pass households=False for the account of industries alone, or give households="
            " when building the table; unknown is not zero",
        )
    low, high = regional(extension.F_Y_low), regional(extension.F_Y_high)
    if low is None or high is None:
        return direct, None, None  # half a range is none
    return direct, low, high


def _warn_if_far(chosen: Principle, mrio: MRIO, f: Array, value: Array) -> None:
    """Warn of an account below zero, or far beyond what the region emits or asks for.

    Size is the largest of the region's own emissions and of its shares of world final demand
    and of world output, both taken of world emissions.
    """
    R = len(mrio.regions)
    own = f.reshape(R, -1).sum(axis=1)
    size = np.abs(own)
    for amounts in (mrio.final_demand.sum(axis=0), mrio.x.reshape(R, -1).sum(axis=1)):
        if amounts.sum() > 0:
            share = np.abs(amounts / amounts.sum())
            size = np.maximum(size, share * abs(float(f.sum())))
    far = (np.abs(value[:R]) > FAR * size) | ((value[:R] < -1e-9 * np.abs(f).sum()) & (own >= 0))
    if far.any():
        text = ", ".join(
            f"{mrio.regions[r]} {value[r]:.4g} (own emissions {own[r]:.4g})"
            for r in np.flatnonzero(far)[:5]
        )
        warnings.warn(
            AccountWarning(
                f"{chosen.name}: accounts far beyond the region's own size or below zero: {text};"
                " look for negative demand or value added there"
            ),
            stacklevel=3,
        )
