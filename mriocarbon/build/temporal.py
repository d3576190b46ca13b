"""Annual figures spread over quarters, months or days by an indicator: Denton and Chow-Lin.

The annual figures are met exactly; between them the series follows the indicator as closely as
that allows (Denton), or the indicator's regression on the annual figures (Chow-Lin).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import ConvergenceError, InputError, NonFiniteError, ShapeError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Disaggregated", "chow_lin", "denton"]

Array = NDArray[np.float64]
Frequency = Literal["quarterly", "monthly", "daily"]
Kind = Literal["flow", "mean", "last", "first"]
Annual: TypeAlias = Mapping[int, float] | Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True)
class Disaggregated:
    """A series within years that adds up to annual figures.

    Attributes
    ----------
    value : ndarray, shape (periods,)
        In the unit of the annual figures (for ``kind="mean"``: their level).
    sd : ndarray or None
        One standard deviation (Chow-Lin); None where the method gives none.
    labels : tuple of str
        ``2022-03``, ``2022-03-31`` or ``2022-Q1``.
    extrapolated : ndarray of bool
        Periods after the last annual figure, which nothing holds to a sum.
    method, kind : str
    coefficients, coefficients_sd : ndarray
        Of the regression: the constant, then each indicator; empty for Denton.
    rho : float
        Autocorrelation of the regression's error; NaN for Denton.
    notes : tuple of Note
        How many periods are extrapolated beyond the annual figures, if any.

    Examples
    --------
    >>> denton(np.ones(12), {2022: 120.0}).labels[2]
    '2022-03'
    """

    value: Array
    sd: Array | None
    labels: tuple[str, ...]
    extrapolated: NDArray[np.bool_]
    method: str
    kind: str
    coefficients: Array
    coefficients_sd: Array
    rho: float
    notes: tuple[Note, ...] = ()

    __repr__ = brief

    def __post_init__(self) -> None:
        for array in (self.value, self.sd, self.extrapolated, self.coefficients):
            if array is not None:
                array.setflags(write=False)
        self.coefficients_sd.setflags(write=False)

    def to_pandas(self) -> pd.Series:
        """Return a Series over its labels."""
        import pandas as pd

        return pd.Series(self.value, index=pd.Index(self.labels, name="period"), name=self.method)


@dataclass(frozen=True)
class _Calendar:
    """Periods, the year each lies in, and how periods make up a year."""

    labels: tuple[str, ...]
    year: NDArray[np.intp]
    years: tuple[int, ...]
    weights: Array  # (years, periods): a year's figure is weights @ series

    @property
    def extrapolated(self) -> NDArray[np.bool_]:
        return np.asarray(self.year > self.years[-1])

    @property
    def notes(self) -> tuple[Note, ...]:
        beyond = np.flatnonzero(self.extrapolated)
        if not beyond.size:
            return ()
        text = (
            f"{beyond.size} of {len(self.labels)} periods are extrapolated beyond the annual"
            f" figures of {self.years[0]} to {self.years[-1]}, and nothing holds them to a sum:"
            f" {self.labels[beyond[0]]} to {self.labels[beyond[-1]]}"
        )
        return (Note(text, about="periods", estimated=True),)


def _labels(start: int, end: int, frequency: str) -> list[tuple[int, str]]:
    years = range(start, end + 1)
    if frequency == "monthly":
        return [(y, f"{y}-{m:02}") for y in years for m in range(1, 13)]
    if frequency == "quarterly":
        return [(y, f"{y}-Q{q}") for y in years for q in range(1, 5)]
    if frequency == "daily":
        return [
            (y, f"{y}-{m:02}-{d:02}")
            for y in years
            for m in range(1, 13)
            for d in range(1, calendar.monthrange(y, m)[1] + 1)
        ]
    raise InputError(
        f"unknown frequency {frequency!r}",
        where="frequency",
        do="choose quarterly, monthly or daily",
    )


def _prepare(
    indicator: ArrayLike, annual: Annual, start: int | None, frequency: str, kind: str
) -> tuple[Array, Array, _Calendar]:
    """Check both series and lay out the calendar; indicators come back as (periods, k)."""
    if kind not in ("flow", "mean", "last", "first"):
        raise InputError(
            f"unknown kind {kind!r}", where="kind", do="choose flow, mean, last or first"
        )
    if isinstance(annual, Mapping):
        years = sorted(int(y) for y in annual)
        figures = np.array([float(annual[y]) for y in years])
    else:
        figures = np.array(annual, dtype=float)
        if start is None:
            raise InputError(
                "the first year is not known",
                where="start",
                do="pass start=, or annual as a mapping of year to figure",
            )
        years = list(range(start, start + figures.size))
    if figures.ndim != 1 or not years:
        raise ShapeError("annual must be one figure for each year", where="annual")
    holes = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if holes:
        raise InputError(
            f"annual figures are missing: {listed(holes)}",
            where="annual",
            do="give every year from first to last; missing is not zero",
        )
    bad = [str(y) for y, v in zip(years, figures, strict=True) if not np.isfinite(v)]
    if bad:
        raise NonFiniteError(
            f"annual figures are not finite: {listed(bad)}", where="annual", do="fill or drop them"
        )
    begin = years[0] if start is None else start
    if begin != years[0]:
        raise InputError(
            f"the indicator starts in {begin}, the annual figures in {years[0]}",
            where="start",
            do="let both start in the same year",
        )
    x = np.array(indicator, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2:
        raise ShapeError(
            f"the indicator has {x.ndim} dimensions",
            where="indicator",
            do="give one number for each period, or a column for each indicator",
        )
    needed = _labels(begin, years[-1], frequency)
    if len(x) < len(needed):
        raise ShapeError(
            f"the indicator has {len(x)} periods, {years[0]} to {years[-1]} {frequency} have"
            f" {len(needed)}",
            where=f"indicator: missing {listed([name for _, name in needed[len(x) :]])}",
            do="give every period; a missing month is not a zero",
        )
    beyond = 1 + (len(x) - len(needed)) // {"quarterly": 4, "monthly": 12}.get(frequency, 365)
    every = _labels(begin, years[-1] + beyond, frequency)[: len(x)]
    rows = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if rows.size:
        raise NonFiniteError(
            f"the indicator is not finite in {rows.size} periods",
            where=f"indicator: {listed([every[i][1] for i in rows])}",
            do="fill them by a rule of your own, or choose another indicator",
        )
    year = np.array([y for y, _ in every], dtype=np.intp)
    weights = np.zeros((len(years), len(x)))
    for k, y in enumerate(years):
        inside = np.flatnonzero(year == y)
        if kind in ("flow", "mean"):
            weights[k, inside] = 1.0 if kind == "flow" else 1.0 / len(inside)
        else:
            weights[k, inside[-1 if kind == "last" else 0]] = 1.0
    return x, figures, _Calendar(tuple(n for _, n in every), year, tuple(years), weights)


def denton(
    indicator: ArrayLike,
    annual: Annual,
    *,
    start: int | None = None,
    frequency: Frequency = "monthly",
    kind: Kind = "flow",
    how: Literal["proportional", "additive"] = "proportional",
    variant: Literal["cholette", "denton"] = "cholette",
) -> Disaggregated:
    """Spread annual figures by an indicator, keeping its movements (Denton).

    Proportional: minimises ``sum_t (x_t/p_t - x_{t-1}/p_{t-1})^2``; additive:
    ``sum_t ((x_t - p_t) - (x_{t-1} - p_{t-1}))^2``; both subject to ``C x = a``.

    Parameters
    ----------
    indicator : array_like, shape (periods,)
        From the first period of the first year without a gap; it may run past the last annual
        figure, and the periods after it are carried on and marked as extrapolated.
    annual : mapping of year to float, or sequence of float
        With `start` if it is a sequence.
    start : int, optional
        First year.
    frequency : {"quarterly", "monthly", "daily"}
        Daily series have 366 days in leap years.
    kind : {"flow", "mean", "last", "first"}
        What the annual figure is of its periods: the sum, the mean (a stock averaged), the last
        or the first of them (a stock at a date).
    how : {"proportional", "additive"}
        Proportional keeps relative movements and needs an indicator of no negative values.
    variant : {"cholette", "denton"}
        Denton's first difference starts from zero before the first period, which bends the
        start of the series; Cholette's leaves it free.

    Returns
    -------
    Disaggregated

    Raises
    ------
    ShapeError
        Periods are missing.
    NonFiniteError
        NaN or infinite figures, by name.
    InputError
        A negative indicator, or a year whose indicator is zero while its figure is not.

    References
    ----------
    Denton (1971), Adjustment of monthly or quarterly series to annual totals, JASA 66.
    Cholette (1984), Adjusting sub-annual series to yearly benchmarks, Survey Methodology 10.
    International Monetary Fund (2017), Quarterly National Accounts Manual, chapter 6.

    Examples
    --------
    >>> series = denton([1, 2, 3, 4] * 2, {2021: 100.0, 2022: 110.0}, frequency="quarterly")
    >>> float(series.value[4:].sum().round(9))
    110.0
    """
    x, figures, days = _prepare(indicator, annual, start, frequency, kind)
    if x.shape[1] != 1:
        raise ShapeError(
            f"Denton takes one indicator, not {x.shape[1]}",
            where="indicator",
            do="choose one, or use chow_lin",
        )
    p = x[:, 0]
    if how == "proportional":
        scaled, target, base = days.weights * p, figures, np.ones(len(p))
        _check_proportional(p, scaled, figures, days)
    elif how == "additive":
        scaled, target, base = days.weights, figures - days.weights @ p, np.zeros(len(p))
    else:
        raise InputError(f"unknown rule {how!r}", where="how", do="use proportional or additive")
    if variant not in ("cholette", "denton"):
        raise InputError(f"unknown variant {variant!r}", where="variant", do="use cholette")
    # Scaled so that ratios are near one, and rows of the constraint near unit length.
    size = np.abs(scaled).sum(axis=1)
    size[size == 0] = 1.0
    level = float(np.abs(target / size).max()) or 1.0
    z = level * _smoothest(
        scaled / size[:, None],
        target / size / level,
        base[0] / level if variant == "denton" else 0.0,
        variant == "denton",
    )
    value = z * p if how == "proportional" else z + p
    value = _close(value, figures, days.weights)
    return Disaggregated(
        value=value,
        sd=None,
        labels=days.labels,
        extrapolated=days.extrapolated,
        method=f"Denton, {how}, first difference, {variant}",
        kind=kind,
        coefficients=np.zeros(0),
        coefficients_sd=np.zeros(0),
        rho=float("nan"),
        notes=days.notes,
    )


def _check_proportional(p: Array, scaled: Array, figures: Array, days: _Calendar) -> None:
    negative = np.flatnonzero(p < 0)
    if negative.size:
        raise InputError(
            f"the indicator is negative in {negative.size} periods",
            where=f"indicator: {listed([days.labels[i] for i in negative])}",
            do='use how="additive", or an indicator that cannot be negative',
        )
    empty = [
        str(y)
        for y, row, a in zip(days.years, scaled, figures, strict=True)
        if not row.any() and a != 0
    ]
    if empty:
        raise InputError(
            "the indicator is zero where the annual figure is not",
            where=f"years {listed(empty)}",
            do='nothing can be spread in proportion to zero: use how="additive"',
        )


def _smoothest(constraint: Array, target: Array, base: float, from_base: bool) -> Array:
    """Minimise the squared first differences of z subject to ``constraint @ z = target``.

    With `from_base` the first term is ``(z_0 - base)^2``, as Denton has it.
    """
    import scipy.sparse
    from scipy.sparse.linalg import splu

    sparse: Any = scipy.sparse

    n = constraint.shape[1]
    # A year of zeros says nothing about z; its row would make the system singular.
    live = np.abs(constraint).sum(axis=1) > 0
    c = sparse.csc_matrix(constraint[live])
    main = np.full(n, 2.0)
    main[-1] = 1.0 if n > 1 or from_base else 0.0
    main[0] = main[0] if from_base else main[0] - 1.0
    if n == 1:
        main[0] = 1.0 if from_base else 0.0
    side = np.full(max(n - 1, 0), -1.0)
    square = sparse.diags([main, side, side], offsets=[0, 1, -1]) if n > 1 else sparse.diags([main])
    system = sparse.bmat([[square, c.T], [c, None]], format="csc")
    right = np.concatenate([np.zeros(n), target[live]])
    if from_base:
        right[0] = base
    solver = splu(system)
    solved = solver.solve(right)
    solved += solver.solve(right - system @ solved)  # one step of refinement
    return np.asarray(solved[:n])


def _close(value: Array, figures: Array, weights: Array) -> Array:
    """Put rounding left over from the solve back on the periods, so that sums are exact."""
    # Months of both signs may cancel to nothing: rounding is measured against what was added.
    size = float(np.maximum(np.abs(figures), weights @ np.abs(value)).max(initial=0.0))
    for turn in range(3):
        gap = figures - weights @ value
        if turn == 0 and not np.abs(gap).max(initial=0.0) <= 1e-6 * size:
            break  # more than rounding: not for this function to hide
        share = np.abs(value) * weights
        total = (share * weights).sum(axis=1)
        flat = total == 0
        share[flat] = weights[flat]
        total[flat] = (weights[flat] ** 2).sum(axis=1)
        value = value + (gap / total) @ share
    worst = float(np.abs(figures - weights @ value).max(initial=0.0))
    if not worst <= 1e-10 * size:
        raise ConvergenceError(
            f"the periods miss their annual figures by {worst:.3g}",
            where="temporal disaggregation",
            do="the indicator may vary over too many orders of magnitude; rescale or smooth it",
        )
    return value


def _toeplitz(rho: float, columns: Array) -> Array:
    """Return ``V @ columns`` with ``V_ts = rho^|t-s| / (1 - rho^2)``, in linear time."""
    from scipy.signal import lfilter

    forward = lfilter([1.0], [1.0, -rho], columns, axis=0)
    backward = lfilter([1.0], [1.0, -rho], columns[::-1], axis=0)[::-1]
    return np.asarray((forward + backward - columns) / (1 - rho**2))


@dataclass(frozen=True)
class _Regression:
    beta: Array
    variance: float  # of the innovation
    inverse: Array  # (C X)' W^-1 (C X), inverted
    solve: Array  # W^-1
    shift: Array  # V C'
    loglik: float
    residual: Array


def _regress(rho: float, x: Array, figures: Array, weights: Array) -> _Regression:
    shift = _toeplitz(rho, weights.T)
    w = weights @ shift
    annual = weights @ x
    solve = np.asarray(np.linalg.inv(w), dtype=np.float64)
    inverse = np.asarray(np.linalg.inv(annual.T @ solve @ annual), dtype=np.float64)
    beta = inverse @ annual.T @ solve @ figures
    residual = figures - annual @ beta
    n = len(figures)
    square = max(float(residual @ solve @ residual), np.finfo(float).tiny)
    _, logdet = np.linalg.slogdet(w)
    loglik = -0.5 * (n * np.log(2 * np.pi * square / n) + logdet + n)
    return _Regression(
        beta, square / (n - x.shape[1]), inverse, solve, shift, float(loglik), residual
    )


def chow_lin(
    indicator: ArrayLike,
    annual: Annual,
    *,
    start: int | None = None,
    frequency: Frequency = "monthly",
    kind: Kind = "flow",
    rho: float | None = None,
    constant: bool = True,
) -> Disaggregated:
    """Spread annual figures by regression on indicators with an AR(1) error (Chow & Lin).

    ``y = X b + u``, ``u_t = rho u_{t-1} + e_t``, ``V_ts = rho^|t-s| / (1 - rho^2)``, ``a = C y``,
    ``W = C V C'``::

        b = (X'C' W^-1 C X)^-1 X'C' W^-1 a
        y = X b + V C' W^-1 (a - C X b)
        Var y = s^2 [V - V C' W^-1 C V + D (X'C' W^-1 C X)^-1 D'],  D = X - V C' W^-1 C X

    with ``s^2 = (a - C X b)' W^-1 (a - C X b) / (n - k)``.

    Parameters
    ----------
    indicator : array_like, shape (periods,) or (periods, k)
        As in `denton`; several columns are several indicators, and signs are free.
    annual, start, frequency, kind
        As in `denton`.
    rho : float, optional
        Autocorrelation of the error from period to period, -1 < rho < 1; by default the value
        from 0 to 0.9999 of greatest likelihood (Bournay & Laroque 1979).
    constant : bool
        Whether the regression has a constant.

    Returns
    -------
    Disaggregated
        With standard errors: what the regression leaves open given rho, its parameters
        included. Years add up exactly, so that errors within a year cancel.

    Raises
    ------
    ShapeError, NonFiniteError, InputError
        As in `denton`; also too few years for the coefficients, or indicators that depend on
        each other.

    References
    ----------
    Chow & Lin (1971), Best linear unbiased interpolation, distribution, and extrapolation of time
    series by related series, Review of Economics and Statistics 53.
    Bournay & Laroque (1979), Réflexions sur la méthode d'élaboration des comptes trimestriels.

    Examples
    --------
    >>> months = 10 + np.arange(48) % 12
    >>> annual = {2019: 190.0, 2020: 188.0, 2021: 195.0, 2022: 186.0}
    >>> series = chow_lin(months, annual, rho=0.5, constant=False)
    >>> float(series.value[:12].sum().round(9))
    190.0
    """
    x, figures, days = _prepare(indicator, annual, start, frequency, kind)
    if constant:
        x = np.column_stack([np.ones(len(x)), x])
    n, k = len(figures), x.shape[1]
    if n <= k:
        raise InputError(
            f"{n} annual figures cannot determine {k} coefficients and an error",
            where="annual",
            do=f"give at least {k + 1} years, pass constant=False, or use denton",
        )
    scale = np.abs(x).max(axis=0)
    scale[scale == 0] = 1.0
    scaled = x / scale
    if np.linalg.matrix_rank(days.weights @ scaled, tol=1e-10 * len(x)) < k:
        raise InputError(
            "the indicators depend on each other within the annual sums",
            where="indicator",
            do="drop one of them, or the constant (constant=False)",
        )
    if rho is None:
        rho = _most_likely(scaled, figures, days.weights)
    elif not -1 < rho < 1:
        raise InputError(f"rho = {rho} is not between -1 and 1", where="rho", do="use 0 to 0.999")
    fit = _regress(rho, scaled, figures, days.weights)
    spread = fit.shift @ fit.solve
    value = _close(
        scaled @ fit.beta + spread @ fit.residual,
        figures,
        days.weights,
    )
    left = scaled - spread @ (days.weights @ scaled)
    variance = fit.variance * (
        1 / (1 - rho**2)
        - (spread * fit.shift).sum(axis=1)
        + np.einsum("tk,kl,tl->t", left, fit.inverse, left)
    )
    return Disaggregated(
        value=value,
        sd=np.sqrt(np.maximum(variance, 0.0)),
        labels=days.labels,
        extrapolated=days.extrapolated,
        method="Chow-Lin, generalised least squares",
        kind=kind,
        coefficients=fit.beta / scale,
        coefficients_sd=np.sqrt(fit.variance * np.diag(fit.inverse)) / scale,
        rho=float(rho),
        notes=days.notes,
    )


def _most_likely(x: Array, figures: Array, weights: Array) -> float:
    """Return rho of greatest likelihood: a grid first, since there may be several maxima."""
    from scipy.optimize import minimize_scalar

    grid = np.concatenate([np.linspace(0, 0.9, 10), [0.95, 0.98, 0.99, 0.999, 0.9999]])
    scores = [_regress(r, x, figures, weights).loglik for r in grid]
    best = int(np.argmax(scores))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(
        lambda r: -_regress(float(r), x, figures, weights).loglik,
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return float(found.x) if -found.fun >= scores[best] else float(grid[best])
