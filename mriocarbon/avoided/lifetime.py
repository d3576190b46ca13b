r"""From a first year to a life: output that fades, a grid that gets cleaner, and the end.

Year k of operation (k = 1, 2, ...) yields :math:`o_k = (1-l)(1-d)^{k-1}` of the rated yield
(degradation d, first-year loss l) and displaces :math:`g_k = g_1 p_k`, with
:math:`p_k = (1-r)^{k-1}` (decline r) or :math:`p_k = \max(0, 1 - (k-1)/N)` (to zero in N years).
A life of L years counts its last, broken year in proportion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mriocarbon.avoided.drawn import Array, Given, Normals, estimate, parameter, technology_of
from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EndOfLife", "calendar_shares", "end_of_life", "geometric_years", "linear_years", "path",
    "worked",
]  # fmt: skip


def geometric_years(lifetime: ArrayLike, degradation: ArrayLike, decline: ArrayLike) -> Array:
    r"""Return how many first years a life is worth, where output and grid fade geometrically.

    .. math:: \sum_{k=1}^{n} q^{k-1} + (L - n) q^n = \frac{1 - q^n}{1 - q} + (L - n) q^n, \quad
              q = (1-d)(1-r),\; n = \lfloor L \rfloor

    Parameters
    ----------
    lifetime : array
        L, years.
    degradation, decline : array
        d and r, share per year, below 1; they broadcast.

    Returns
    -------
    ndarray
        Times the first year gives the lifetime's sum; L itself where d = r = 0.

    Examples
    --------
    >>> geometric_years(25, 0.0, 0.0).item()
    25.0
    >>> round(geometric_years(2.5, 0.1, 0.0).item(), 3)
    2.305
    """
    life = np.asarray(lifetime, dtype=np.float64)
    log_q = np.log1p(-np.asarray(degradation, dtype=np.float64)) + np.log1p(
        -np.asarray(decline, dtype=np.float64)
    )
    life, log_q = np.broadcast_arrays(life, log_q)
    n = np.floor(life)
    # expm1 keeps every digit where q is close to 1
    step = np.where(log_q == 0, 1.0, np.expm1(log_q))
    whole = np.where(log_q == 0, n, np.expm1(n * log_q) / step)
    return np.asarray(whole + (life - n) * np.exp(n * log_q))


def linear_years(lifetime: ArrayLike, degradation: ArrayLike, to_zero: float) -> Array:
    r"""Return how many first years a life is worth, where the grid falls to zero in a line.

    .. math:: \sum_{k=1}^{\lceil L \rceil} w_k (1-d)^{k-1} \max(0, 1 - (k-1)/N)

    with :math:`w_k` = 1 for whole years and the broken part for the last.

    Parameters
    ----------
    lifetime, degradation : array
        Years; share per year.
    to_zero : float
        N, years from the first year of operation to a grid without emissions.

    Examples
    --------
    >>> linear_years(25, 0.0, 4).item()
    2.5
    """
    life, d = np.broadcast_arrays(
        np.asarray(lifetime, dtype=np.float64), np.asarray(degradation, dtype=np.float64)
    )
    total = np.zeros(life.shape)
    for k in range(int(np.ceil(life.max(initial=0.0)))):
        total += worked(life, k) * (1 - d) ** k * path(k, to_zero=to_zero)
    return total


def path(age: int, *, decline: ArrayLike = 0.0, to_zero: float | None = None) -> Array:
    """Return the grid factor after `age` years over that of the first year."""
    if to_zero is not None:
        # A grid that is clean from the first year on displaces nothing.
        return np.asarray(max(0.0, 1 - age / to_zero) if to_zero > 0 else 0.0)
    return np.asarray((1 - np.asarray(decline, dtype=np.float64)) ** age)


def worked(lifetime: ArrayLike, age: int) -> Array:
    """Return which part of the year that begins at `age` lies within the life, 0 to 1."""
    return np.clip(np.asarray(lifetime, dtype=np.float64) - age, 0.0, 1.0)


def calendar_shares(start: ArrayLike, part: ArrayLike) -> tuple[Array, Array, Array]:
    """Return how a year of operation falls on two calendar years.

    Parameters
    ----------
    start : array
        Years from the start of the calendar year of export to the first day of operation.
    part : array
        Length of the year of operation, 0 to 1.

    Returns
    -------
    (ndarray, ndarray, ndarray)
        Whole years until the first of the two; the length within the first and the second.

    Examples
    --------
    >>> first, here, after = calendar_shares(0.25, 1.0)
    >>> first.item(), here.item(), after.item()
    (0.0, 0.75, 0.25)
    """
    begin = np.asarray(start, dtype=np.float64)
    length = np.asarray(part, dtype=np.float64)
    first = np.floor(begin)
    here = np.minimum(length, 1 - (begin - first))
    return first, here, np.asarray(length - here)


@dataclass(frozen=True, eq=False)
class EndOfLife:
    """Emissions of the treatment of what has run its life, beside what it avoided.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a technology and line ("treatment", "credit for recycling"): ``value``, ``low``,
        ``high`` (Mt CO2e, 95 %), ``source``, ``estimated``, ``note``. NaN is missing, not zero.
    draws : ndarray, shape (draws,)
        Treatment of all technologies that have a figure.
    """

    table: pd.DataFrame
    draws: Array

    __repr__ = brief


def end_of_life(
    mw: dict[str, float], normal: Normals, capacity: dict[str, Array], *,
    treatment: Given = None, credit: Given = None, level: float = 0.95,
) -> EndOfLife:  # fmt: skip
    r"""Return the emissions of treatment at the end of life; never netted against the avoided.

    :math:`E = C \cdot m \cdot e`: capacity (MW), mass (t/MW), emissions of treatment (t CO2e/t).
    The credit for recycled material is a line of its own: what it replaces, and when, is a second
    comparison.

    Parameters
    ----------
    mw : dict of technology to float
    normal : callable
        See `mriocarbon.avoided.drawn.normals`.
    capacity : dict of technology to ndarray, shape (draws,)
        Drawn capacity, MW.
    treatment, credit : float or mapping of technology to float, optional
        t CO2e per MW, of the user; a credit is positive.
    level : float

    References
    ----------
    Latunussa, Ardente, Blengini & Mancini (2016), Sol. Energy Mater. Sol. Cells 156,
    doi:10.1016/j.solmat.2016.03.020 (solar). No figure at hand for wind.

    Examples
    --------
    >>> from mriocarbon.avoided.drawn import normals
    >>> import numpy as np
    >>> found = end_of_life({"wind": 10.0}, normals(3, 0), {"wind": np.full(3, 10.0)})
    >>> found.table["note"].tolist()[0]
    'no figure with a source at hand: give treatment= in t CO2e per MW'
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    total = np.zeros(len(next(iter(capacity.values()))) if capacity else 0)
    for name, amount in mw.items():
        technology = technology_of(name)
        own = _of(treatment, technology)
        if own is not None:
            draws, centre = capacity[name] * own / 1e6, amount * own / 1e6
            found = estimate(centre, draws, level=level)
            rows.append((name, "treatment", found.value, found.low, found.high,
                         "given by the user", False, ""))  # fmt: skip
            total = total + draws
        elif technology == "solar":
            mass, factor = parameter("mass", technology), parameter("treatment", technology)
            per = mass.at(normal(mass.key)) * factor.at(normal(factor.key)) / 1e6
            found = estimate(mass.value * factor.value * amount / 1e6, capacity[name] * per,
                             level=level)  # fmt: skip
            rows.append((name, "treatment", found.value, found.low, found.high,
                         f"{factor.source}; mass: {mass.source}", True,
                         "today's pilot process, at the end of life"))  # fmt: skip
            total = total + capacity[name] * per
        else:
            nan = float("nan")
            text = "no figure with a source at hand: give treatment= in t CO2e per MW"
            rows.append((name, "treatment", nan, nan, nan, "", False, text))
        rows.append(_credit(name, _of(credit, technology), amount, capacity[name], level))
    columns = ["technology", "line", "value", "low", "high", "source", "estimated", "note"]
    table = pd.DataFrame(rows, columns=columns)
    total.setflags(write=False)
    return EndOfLife(table, total)


def _credit(
    name: str, own: float | None, amount: float, capacity: Array, level: float
) -> tuple[object, ...]:
    if own is None:
        nan = float("nan")
        return (name, "credit for recycling", nan, nan, nan, "", False,
                "no figure with a source at hand: give credit= in t CO2e per MW")  # fmt: skip
    found = estimate(-amount * own / 1e6, -capacity * own / 1e6, level=level)
    return (name, "credit for recycling", found.value, found.low, found.high,
            "given by the user", False, "another comparison; not netted")  # fmt: skip


def _of(given: Given, technology: str) -> float | None:
    if given is None or isinstance(given, (int, float)):
        value = given
    else:
        value = given.get(technology)
    if value is not None and not (np.isfinite(value) and value >= 0):
        raise InputError(f"{value!r} t CO2e per MW", where=f"end of life, {technology}",
                         do="give a number of at least 0")  # fmt: skip
    return None if value is None else float(value)
