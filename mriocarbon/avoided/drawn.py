"""What is uncertain in avoided emissions: the parameters of the table, and how they are drawn.

Every uncertain number hangs on a standard normal of its own name. The same seed and name give the
same normals in every module, so that draws of avoided and of caused emissions are pairs.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mriocarbon import embedded
from mriocarbon.compute.seeds import batch_rng
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.checked import MOST_DRAWS, is_real, whole
from mriocarbon.model.normal import Z95
from mriocarbon.uncertainty.distributions import Lognormal

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TECHNOLOGIES", "Array", "Estimate", "Given", "Normals", "Parameter", "bounded",
    "estimate", "normals", "parameter", "parameters", "technology_of",
]  # fmt: skip

Array: TypeAlias = NDArray[np.float64]
Normals: TypeAlias = Callable[[str], Array]
"""Gives the standard normals of a name, one entry for each draw."""
Given: TypeAlias = float | Mapping[str, float] | None
"""A value for all technologies, one for each, or None for the table's."""
TECHNOLOGIES = ("solar", "wind")
"""Standard deviations from the centre of a normal to the ends of its 95 % interval."""


def technology_of(name: str) -> str:
    """Return the technology of that name, or raise UnknownNameError."""
    if isinstance(name, str) and name.strip().casefold() in TECHNOLOGIES:
        return name.strip().casefold()
    raise UnknownNameError.of("technology", str(name), TECHNOLOGIES)


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value : float
        With every input at its centre; NaN where it is missing, `note` says why.
    mean, sd, low, high : float
        Of the draws; `low` to `high` is the interval of `level`.
    unit : str
    level : float
    note : str
    """

    value: float
    mean: float
    sd: float
    low: float
    high: float
    unit: str = "Mt CO2e"
    level: float = 0.95
    note: str = ""

    def __str__(self) -> str:
        if np.isnan(self.value):
            return f"missing: {self.note}"
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g}) {self.unit}"


def estimate(
    value: float, draws: Array, *, unit: str = "Mt CO2e", level: float = 0.95, note: str = ""
) -> Estimate:
    """Return an `Estimate` of a centre and its draws, shape (draws,).

    Examples
    --------
    >>> import numpy as np
    >>> str(estimate(2.0, np.array([1.0, 2.0, 3.0]), level=0.5))
    '2 (1.5 to 2.5) Mt CO2e'
    """
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    sd = float(draws.std(ddof=1)) if len(draws) > 1 else float("nan")
    return Estimate(
        float(value), float(draws.mean()), sd, float(low), float(high), unit, level, note
    )


def bounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the 95 % interval of a lognormal of mean ``value`` and its ``rsd``."""
    s = np.sqrt(np.log1p(frame["rsd"] ** 2))
    low = frame["value"] * np.exp(-Z95 * s - s**2 / 2)
    return frame.assign(low=low, high=frame["value"] * np.exp(Z95 * s - s**2 / 2))


@dataclass(frozen=True)
class Parameter:
    """One row of ``tables/parameters.csv``.

    Attributes
    ----------
    name, technology : str
        `technology` is "" where it holds for all.
    value : float
        The centre.
    form : {"lognormal", "uniform", "fixed"}
    rsd : float
        Relative standard deviation of a lognormal; 0 for the others.
    low, high : float
        Ends of a uniform; NaN for the others.
    unit, source, assumed : str
        `assumed` is the reason where the value or its spread is an assumption; else "".
    """

    name: str
    technology: str
    value: float
    form: str
    rsd: float
    low: float
    high: float
    unit: str
    source: str
    assumed: str

    @property
    def key(self) -> str:
        """Name under which it is drawn."""
        return f"{self.name}.{self.technology}" if self.technology else self.name

    def at(self, z: Array) -> Array:
        """Values at standard normals `z`, same shape; the mean of a lognormal is `value`."""
        if self.form == "lognormal":
            return np.asarray(self.value * Lognormal().factors(z, self.rsd))
        if self.form == "uniform":
            from scipy.special import ndtr

            return np.asarray(self.low + (self.high - self.low) * ndtr(z))
        return np.full_like(z, self.value)

    def held(self, value: object, *, least: float, most: float) -> Parameter:
        """Return it fixed at a value of the user's, which must lie within the bounds."""
        if not is_real(value) or not least <= float(value) <= most:  # type: ignore[arg-type]
            raise InputError(
                f"{self.name} is {value!r}", where=f"{self.technology or 'all technologies'}",
                do=f"give a number from {least:g} to {most:g} ({self.unit})",
            )  # fmt: skip
        fixed = float(value)  # type: ignore[arg-type]
        nan = float("nan")
        return Parameter(self.name, self.technology, fixed, "fixed", 0.0, nan, nan, self.unit,
                         "given by the user", "")  # fmt: skip


@lru_cache(maxsize=1)
def parameters() -> Mapping[tuple[str, str], Parameter]:
    """Return the table: (name, technology) to Parameter.

    Examples
    --------
    >>> parameters()["degradation", "solar"].value
    0.005
    """
    found = {}
    for row in embedded.rows("avoided", "tables", "parameters.csv"):
        low, high = (float(row[k]) if row[k] else float("nan") for k in ("low", "high"))
        found[row["name"], row["technology"]] = Parameter(
            row["name"], row["technology"], float(row["value"]), row["form"],
            float(row["rsd"] or 0), low, high, row["unit"], row["source"], row["assumed"],
        )  # fmt: skip
    return found


def parameter(
    name: str, technology: str = "", given: Given = None, *, least: float = 0.0,
    most: float = float("inf"),
) -> Parameter:  # fmt: skip
    """Return the parameter of a technology, fixed at `given` where the user gives one.

    Raises
    ------
    UnknownNameError
        No such parameter, or a mapping with a technology that is none.
    InputError
        The value given is no number from `least` to `most`.

    Examples
    --------
    >>> parameter("lifetime", "wind").low, parameter("lifetime", "wind", 30.0).value
    (20.0, 30.0)
    """
    table = parameters()
    row = table.get((name, technology)) or table.get((name, ""))
    if row is None:
        raise UnknownNameError.of("parameter", name, sorted({k for k, _ in table}))
    if isinstance(given, Mapping):
        for key in given:
            technology_of(key)
        given = given.get(technology)
    return row if given is None else row.held(given, least=least, most=most)


def normals(draws: int, seed: int) -> Normals:
    """Return the standard normals of a seed: the same name gets the same draws everywhere.

    The first draws of a name do not depend on how many follow.

    Parameters
    ----------
    draws : int
        At least 2.
    seed : int
        0 or above.

    Examples
    --------
    >>> bool((normals(3, 1)("grid") == normals(3, 1)("grid")).all())
    True
    >>> bool((normals(3, 1)("grid") == normals(9, 1)("grid")[:3]).all())
    True
    """
    count = whole("draws", draws, least=2, where="normals", most=MOST_DRAWS)
    start = whole("seed", seed, least=0, where="normals")

    def normal(key: str) -> Array:
        return batch_rng(start, zlib.crc32(key.encode())).standard_normal(count)

    return normal
