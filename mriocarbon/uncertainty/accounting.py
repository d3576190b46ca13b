"""`mc.account` with an interval, and `mc.difference` with a paired one.

The accounts know nothing of this; the api offers these functions in their place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mriocarbon.accounts.compute import account as point_account
from mriocarbon.compute import Engine, Progress
from mriocarbon.errors import InputError, UnknownNameError, quietly, warn
from mriocarbon.model.checked import need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.describing import described
from mriocarbon.uncertainty.errormodel import ErrorModel
from mriocarbon.uncertainty.firstorder import first_order
from mriocarbon.uncertainty.montecarlo import MonteCarlo, monte_carlo
from mriocarbon.uncertainty.principles import variances

__all__ = ["METHODS", "account", "difference"]

METHODS = ("first-order", "monte-carlo")
LEVEL = 0.95


def account(
    mrio: MRIO,
    principle: str,
    *,
    stressor: str | None = None,
    households: bool = True,
    uncertainty: str | None = None,
    errors: ErrorModel | None = None,
    level: float = LEVEL,
    draws: int | None = None,
    seed: int | None = None,
    tolerance: float | None = None,
    engine: Engine | None = None,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Result:
    """Return the account of every region under one principle, with an interval if asked for.

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
    uncertainty : {"first-order", "monte-carlo"}, optional
        ``first-order``: a normal interval from the variance
        ``sum (dE/d cell)^2 sd^2`` over all cells, correlated ones added first; consumption on
        any table, other principles up to 2,000 sectors. ``monte-carlo``: quantiles of draws.
    errors : ErrorModel, optional
        `default_errors` if left out, whose assumptions the result's notes tell.
    level : float
        Of the interval.
    draws, seed, tolerance, engine, checkpoint, resume, progress
        Of the Monte Carlo, 1,000 draws from seed 0 unless given; see
        `mriocarbon.uncertainty.monte_carlo`.
    **options
        Of the principle, such as ``a`` and ``b`` for ``"shared"``; see `mc.principles()`.

    Returns
    -------
    Result
        Over ``region``, in the stressor's unit. `parts` holds ``industries`` and ``households``.
        `low` and `high` are the interval, or the households' range where none was asked for.
        What cannot be placed ("unallocated") has no interval: NaN.

    Raises
    ------
    UnknownNameError
        Principle, stressor, option or method; near matches are offered.
    NotAvailableError
        The principle needs data that are neither in the table nor among the options; first order
        of a large table.
    NotProductiveError
        The table has no Leontief inverse.
    InputError
        A level that is none; settings of the Monte Carlo where nothing is drawn.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> consumed = mc.account(mrio, "consumption", stressor="GHG", households=False)
    >>> produced = mc.account(mrio, "production", stressor="GHG", households=False)
    >>> round(100 * (consumed["China"] / produced["China"] - 1), 1)
    -8.6
    >>> sure = mc.account(mrio, "consumption", stressor="GHG", uncertainty="first-order")
    >>> k = sure.coords["region"].index("CHN")
    >>> bool(sure.low[k] < sure["China"] < sure.high[k])
    True
    """
    need_table(mrio, "account, mrio")
    drawing: dict[str, Any] = {
        "draws": draws, "seed": seed, "tolerance": tolerance, "engine": engine,
        "checkpoint": checkpoint, "resume": resume, "progress": progress,
    }  # fmt: skip
    with quietly() as told:
        result = point_account(
            mrio, principle, stressor=stressor, households=households, **options
        )  # fmt: skip
    for one in told:  # where the caller stands, not here
        warn(one, stacklevel=2)
    if uncertainty is None:
        if errors is not None or level != LEVEL:
            raise InputError(
                "errors or a level given without uncertainty",
                where="account",
                do='say uncertainty="first-order" or "monte-carlo"',
            )
        _only_drawn(**drawing)
        return result
    _checked(uncertainty, level)
    if uncertainty != "monte-carlo":
        _only_drawn(**drawing)
    errors = default_errors(mrio, stressor) if errors is None else errors
    R = len(mrio.regions)
    low, high = np.full(len(result.value), np.nan), np.full(len(result.value), np.nan)
    value = result.value[:R]
    if uncertainty == "first-order":
        if principle == "consumption" and not options:
            variance = first_order(mrio, errors, stressor=stressor, households=households).variance
        else:
            parts = variances(
                mrio, principle, errors, stressor=stressor, households=households, **options
            )
            variance = np.sum(list(parts.values()), axis=0)
        half = _normal(level) * np.sqrt(variance)
        low[:R], high[:R] = value - half, value + half
        how = "first order"
    else:
        found = monte_carlo(
            mrio, errors, principle, stressor=stressor, households=households, level=level,
            **_defaults(drawing), **options,
        )  # fmt: skip
        low[:R], high[:R] = found.account.low, found.account.high
        how = _how(found)
    note = Note(f"interval: {100 * level:g} %, {how}; {described(errors)}", about=result.name)
    return replace(result, low=low, high=high, notes=(*result.notes, note))


def difference(
    mrio: MRIO,
    principle: str,
    other: str = "production",
    *,
    stressor: str | None = None,
    households: bool = True,
    uncertainty: str = "first-order",
    errors: ErrorModel | None = None,
    level: float = LEVEL,
    draws: int | None = None,
    seed: int | None = None,
    tolerance: float | None = None,
    engine: Engine | None = None,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Result:
    """Return by how many per cent an account differs from another, with a paired interval.

    ``100 (E_r / E'_r - 1)``. Both accounts rest on the same emissions; what errs in both cancels.
    Two separate intervals would be too wide. First order: the variance of
    ``100 (dE_r - E_r / E'_r dE'_r) / E'_r``.

    Parameters
    ----------
    mrio : MRIO
    principle, other : str
        Names from `mc.principles()`.
    stressor, households, uncertainty, errors, level, draws, seed, tolerance, engine, checkpoint, \
resume, progress
        As in `mc.account`.
    **options
        Of `principle`.

    Returns
    -------
    Result
        In ``%`` over ``region``, `low` and `high` the interval. NaN where the other account is
        zero.

    Raises
    ------
    UnknownNameError, NotAvailableError, NotProductiveError, InputError
        As `mc.account`.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.difference(mc.load("oecd-icio-2022"), "consumption", households=False)
    >>> k = found.coords["region"].index("CHN")
    >>> round(found["CHN"], 1), bool(found.high[k] < 0)
    (-8.6, True)
    """
    need_table(mrio, "difference, mrio")
    _checked(uncertainty, level)
    drawing: dict[str, Any] = {
        "draws": draws, "seed": seed, "tolerance": tolerance, "engine": engine,
        "checkpoint": checkpoint, "resume": resume, "progress": progress,
    }  # fmt: skip
    if uncertainty != "monte-carlo":
        _only_drawn(**drawing)
    errors = default_errors(mrio, stressor) if errors is None else errors
    shared: dict[str, Any] = {"stressor": stressor, "households": households}
    one = point_account(mrio, principle, stressor=stressor, households=households, **options)
    two = point_account(mrio, other, stressor=stressor, households=households)
    R = len(mrio.regions)
    a, b = one.value[:R], two.value[:R]
    safe = np.where(b == 0, np.nan, b)
    value = 100 * (a / safe - 1)
    ratio = np.nan_to_num(a / safe)
    if uncertainty == "first-order":
        if (principle, other) == ("consumption", "production") and not options:
            variance = first_order(mrio, errors, less_production=ratio, **shared).variance
        else:
            parts = variances(mrio, principle, errors, less=(other, ratio), **shared, **options)
            variance = np.sum(list(parts.values()), axis=0)
        half = _normal(level) * 100 * np.sqrt(variance) / np.abs(safe)
        low, high, how = value - half, value + half, "first order"
    else:
        found = monte_carlo(
            mrio, errors, principle, other=other, level=level, **_defaults(drawing), **shared,
            **options,
        )  # fmt: skip
        spread = found.difference
        gone = np.isnan(value)
        low, high = (np.where(gone, np.nan, x) for x in (spread.low, spread.high))
        how = _how(found)
    note = Note(f"paired interval: {100 * level:g} %, {how}; {described(errors)}", about=principle)
    return Result(
        name=f"{principle} over {other}", value=value, dims=("region",),
        coords={"region": mrio.regions}, unit="%", error=max(one.error, two.error),
        low=low, high=high, notes=(*one.notes, note), provenance=one.provenance,
    )  # fmt: skip


def _how(found: MonteCarlo) -> str:
    text = f"{found.draws:,} draws, seed {found.seed}, " + (
        f"ends known to {100 * found.interval_error:.1f} % of the width"
        if math.isfinite(found.interval_error)
        else "too few draws to tell how sure the ends are"
    )
    if not found.reached:
        text += ", short of the tolerance asked for"
    if found.unproductive:
        text += f", {found.unproductive} draws with negative multipliers"
    return f"Monte Carlo ({text})"


def _normal(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def _checked(uncertainty: str, level: float) -> None:
    if uncertainty not in METHODS:
        raise UnknownNameError.of("method of uncertainty", str(uncertainty), METHODS)
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"level {level!r}", where="uncertainty", do="give a share such as 0.95")


def _only_drawn(**drawing: Any) -> None:
    """Refuse settings of the Monte Carlo that nothing would obey."""
    given = [name for name, value in drawing.items() if value is not None and value is not False]
    if given:
        # to show progress is no wish of its own: the command line always hands it in
        named = [name for name in given if name != "progress"] or given
        raise InputError(
            f"{', '.join(named)} given, and nothing is drawn",
            where="uncertainty",
            do='say uncertainty="monte-carlo" (--uncertainty monte-carlo), or leave them out',
        )


def _defaults(drawing: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the Monte Carlo that were given; its own defaults serve for others."""
    return {name: value for name, value in drawing.items() if value is not None}
