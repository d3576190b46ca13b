"""What the balances are fed with: values, how sure they are, and where they come from.

A parameter of form ``log`` is log-normal about its value; ``logit`` is a share, normal on the
logit scale so that it never leaves (0, 1); ``fixed`` is a constant or a definition. Each uncertain
parameter hangs on one standard normal ``z``; every origin that uses the same row shares it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mriocarbon import embedded
from mriocarbon.errors import InputError, UnknownNameError, listed
from mriocarbon.industry.arrays import asarray, exp, is_jax

__all__ = [
    "FORMS",
    "Array",
    "Deviate",
    "Parameter",
    "Parameters",
    "deviates",
    "parameter",
    "parameters",
    "refuse_unread",
    "rows",
]

Array: TypeAlias = npt.NDArray[np.float64]
Deviate: TypeAlias = Callable[[str], Array]
"""Gives the standard normal of a factor, one entry for each draw."""
FORMS = ("fixed", "log", "logit")


def rows(table: str) -> list[dict[str, str]]:
    """Rows of one of this room's tables."""
    return embedded.rows("industry", "tables", table)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table.

    Attributes
    ----------
    process, name, region : str
        What it belongs to; `region` is an ISO3 code or "" for every country without a row.
    value, sd : float
        Median; standard deviation of its logarithm (``log``) or logit (``logit``).
    form, unit, source, assumed : str
        One of :data:`FORMS`; unit; citation; the reason where the value is assumed or was chosen
        here inside a published range, "" otherwise.
    """

    process: str
    name: str
    region: str
    value: float
    form: str
    sd: float
    unit: str
    source: str
    assumed: str

    @property
    def key(self) -> str:
        """Name of the factor: shared by every origin that uses this row."""
        name = f"{self.process}.{self.name}"
        return f"{name}.{self.region}" if self.region else name

    def at(self, z: Array) -> Array:
        r"""Value at the deviates `z`: :math:`v e^{sz}`, or the logistic of logit v + s z."""
        if self.form == "log":
            return asarray(self.value * exp(self.sd * z))
        if self.form == "logit" and 0 < self.value < 1:
            odds = math.log(self.value / (1 - self.value))
            return asarray(1 / (1 + exp(-(odds + self.sd * z))))
        return asarray(self.value + 0 * z)


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str, str], Parameter]:
    found = {}
    for row in rows("parameters.csv"):
        made = Parameter(
            row["process"],
            row["name"],
            row["region"],
            float(row["value"]),
            row["form"],
            float(row["sd"]),
            row["unit"],
            row["source"],
            row["assumed"],
        )
        found[made.process, made.name, made.region] = made
    return found


def parameters() -> tuple[Parameter, ...]:
    """Return every parameter of every process, in the order of the table.

    Examples
    --------
    >>> sum(p.assumed == "" for p in parameters()) > 40
    True
    """
    return tuple(_table().values())


def parameter(process: str, name: str, origin: str = "") -> Parameter:
    """Return the parameter that holds for a country: its own row or that for all.

    Raises
    ------
    UnknownNameError
        There is no such parameter.

    Examples
    --------
    >>> parameter("coke", "carbon").value, parameter("pig-iron", "coke_rate", "CHN").key
    (0.83, 'pig-iron.coke_rate.CHN')
    """
    table = _table()
    found = table.get((process, name, origin)) or table.get((process, name, ""))
    if found is None:
        known = sorted({f"{p}.{n}" for p, n, _ in table})
        raise UnknownNameError.of("parameter", f"{process}.{name}", known)
    return found


def deviates(draws: int, seed: int) -> Deviate:
    """Return the standard normals of a seed: the same factor gets the same draws everywhere.

    Examples
    --------
    >>> bool((deviates(3, 1)("coke.carbon") == deviates(3, 1)("coke.carbon")).all())
    True
    """

    def normal(key: str) -> Array:
        own = np.random.default_rng([seed, zlib.crc32(key.encode())])
        return own.standard_normal(draws)

    return normal


def _parts(key: str) -> tuple[str, str]:
    process, _, name = key.partition(".")
    return process, name


_SUBSTANCES = ("coke", "coking-coal", "injection-coal", "eaf-coal", "tar")


def _bounds(row: Parameter) -> tuple[float, float]:
    """What a substance can hold; without end for what is no property of a substance.

    A fuel in GJ has no mass here that its carbon could be held against. Graphite brings 0.0305 t C
    per GJ, fuels with oxygen in them some more (peat, waste: up to 0.039 by the IPCC); methane
    brings 50 GJ per t and hydrogen 120, all by the lower heating value.
    """
    if row.process == "fuel" and row.unit == "t C/GJ":
        return -1.0, 0.045
    if row.process == "gas" and row.unit == "t C/GJ":
        return 0.0, 0.5  # lean gas, CO2 with it; what carries no carbon is none of these gases
    if row.name == "heat" and row.process == "hydrogen":
        return 115.0, 125.0
    if row.name == "heat" and row.process in _SUBSTANCES:
        return 5.0, 42.0  # lignite as mined to oil
    return -math.inf, math.inf


def _possible(row: Parameter, value: float | Array) -> None:
    """Refuse what no plant can have; values of JAX are looked at before they are traced."""
    if is_jax(value):
        return
    numbers = np.asarray(value, dtype=np.float64)
    share = row.form == "logit" or row.unit.startswith(("t C/t", "t Fe/t", "t CaO/t", "share"))
    ratio = row.name.endswith(("yield", "efficiency"))
    least, most = _bounds(row)
    said = ""
    if not np.all(np.isfinite(numbers)):
        said = "is not finite"
    elif np.any(numbers < 0):
        said = "is negative"
    elif (share or ratio) and np.any(numbers > 1):
        said = "is a share or a yield and cannot be above one"
    elif ratio and np.any(numbers == 0):
        said = "is a yield and cannot be zero"
    elif row.name.endswith("loss") and np.any(numbers == 1):
        said = "is a loss and cannot be all of it"
    elif not np.all((numbers > least) & (numbers <= most)):
        said = f"is not that of any such substance, which lies between {least:g} and {most:g}"
    if said:
        shown = float(numbers) if numbers.ndim == 0 else f"an array from {numbers.min()}"
        raise InputError(
            f"process {row.process}: {row.name} = {shown} {row.unit} {said}",
            where=f"industry, process {row.process}, parameter {row.name}",
            do=f"the table has {row.value:g} {row.unit}",
        )


class Parameters:
    """The parameters of one origin, at given deviates; remembers which rows were asked for.

    Parameters
    ----------
    origin : str
        ISO3 of the country.
    z : callable
        Standard normal of each factor; a missing one is `0`, the median.
    given : mapping, optional
        Values that replace the table's, by ``process.name``.

    Raises
    ------
    UnknownNameError
        A value is given for a parameter that does not exist.
    InputError
        A value given is negative, not finite, or a share or yield above one.
    """

    def __init__(
        self, origin: str, z: Deviate, given: Mapping[str, float | Array] | None = None
    ) -> None:
        self.origin, self.z = origin, z
        self.given = dict(given or {})
        for key, value in self.given.items():
            _possible(parameter(*_parts(key)), value)
        self.used: dict[str, Parameter] = {}
        self._values: dict[tuple[str, str], Array] = {}

    def __call__(self, process: str, name: str) -> Array:
        """Value of one parameter, an array over the draws."""
        found = self._values.get((process, name))
        if found is None:
            row = parameter(process, name, self.origin)
            self.used[row.key] = row
            if f"{process}.{name}" in self.given:
                found = asarray(self.given[f"{process}.{name}"])
            elif row.form == "fixed" or row.sd == 0:
                found = asarray(row.value)
            else:
                found = row.at(self.z(row.key))
            self._values[process, name] = found
        return found

    def unread(self) -> tuple[str, ...]:
        """Names of the values given that nothing has asked for so far."""
        return tuple(key for key in self.given if tuple(key.split(".", 1)) not in self._values)


def refuse_unread(unread: Iterable[str], read: Iterable[str], target: str) -> None:
    """Raise where a value is set that a process or route never reads: it would change nothing.

    Parameters
    ----------
    unread, read : iterable of str
        Parameters given that are not read, and those that are, by ``process.name``.
    target : str
        The process, route or site.

    Raises
    ------
    InputError
        There is one.

    Examples
    --------
    >>> refuse_unread((), ("coke.carbon",), "pig-iron")
    """
    idle = tuple(unread)
    if idle:
        raise InputError(
            f"{target} does not use {listed(idle)}: to set it would change nothing",
            where=f"industry, {target}, parameter {idle[0]}",
            do=f"it uses {listed(sorted(set(read)), 12)}",
        )
