"""Values with a 95 % interval that know which inputs their error comes from.

Default factors are wide and the same factor enters an account many times: the reference stock of
a soil stands before and after a change, so that equal uses give exactly no change, and not a
difference of two independent errors. A value therefore keeps, for each named input, how far it
moves when that input goes to its low and to its high end::

    down_k = min(f(low_k) - f, f(high_k) - f, 0),   up_k = max(f(low_k) - f, f(high_k) - f, 0)
    low = f - sqrt(sum_k down_k^2),                 high = f + sqrt(sum_k up_k^2)

(one input at a time, inputs independent: the error propagation of IPCC (2006), volume 1, chapter
3, approach 1, with the two sides kept apart). It is exact for sums. What cannot be negative
(`amount` of `evaluate`: N2O, CH4, growth, wood, and sums of them) is a product of factors that can
be wide, and its moves are ratios: the same rule on the scale of logarithms ::

    ln low = ln f - sqrt(sum_k ln(1 + down_k/f)^2),   ln high = ln f + sqrt(sum_k ln(1 + up_k/f)^2)

is exact for products of lognormal factors, never falls below zero, reaches it only where the range
of an input does, and lies nearer to the draws than the linear rule. `Uncertain.monte_carlo` draws
the inputs instead and is to be preferred where ranges pass some 60 % of the default.

A number given without a range is taken as exact; a range that is not known makes the interval NaN,
never zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, NonFiniteError, ShapeError, UnitError
from mriocarbon.model.normal import Z95
from mriocarbon.model.provenance import Note

__all__ = [
    "CO2_PER_C",
    "Drawn",
    "Part",
    "StockChange",
    "Uncertain",
    "argument",
    "evaluate",
    "total",
    "uncertain",
]

Array = NDArray[np.float64]
CO2_PER_C = 44 / 12  # the ratio of the guidelines, 0.1 % above that of the molar masses

Formula = Callable[..., Any]


class Part(NamedTuple):
    """How far a value moves when the input of that name goes to its low and to its high end."""

    name: str
    at_low: Any
    at_high: Any


class Drawn(NamedTuple):
    """What a Monte Carlo run gave: mean, 2.5 and 97.5 % quantiles, and the draws (first axis)."""

    mean: Any
    low: Any
    high: Any
    draws: Array


def _frozen(value: Any) -> Any:
    array = np.array(value, dtype=np.float64)
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False, repr=False)
class Uncertain:
    """A value (number or array) with its 95 % interval.

    Attributes
    ----------
    value : float or array
        In `unit`.
    unit : str
    parts : tuple of Part
        For each named input, how far the value moves when it goes to its low and its high end.
    notes : tuple of Note
        Where default factors came from and how far they can be trusted.
    least, most : float
        What it cannot be below or above: intervals and draws end there.
    ratios : bool
        Whether the interval is made on the scale of logarithms (amounts that cannot be negative).

    Examples
    --------
    >>> area = uncertain(100.0, 90.0, 110.0, unit="ha", name="area of drained peat")
    >>> area
    Uncertain(100 ha, 95 %: 90 to 110)
    """

    value: Any
    unit: str
    parts: tuple[Part, ...] = ()
    notes: tuple[Note, ...] = ()
    formula: Formula | None = field(default=None, kw_only=True)
    inputs: tuple[tuple[str, Uncertain], ...] = field(default=(), kw_only=True)
    least: float = field(default=-np.inf, kw_only=True)
    most: float = field(default=np.inf, kw_only=True)
    ratios: bool = field(default=False, kw_only=True)

    @property
    def low(self) -> Any:
        """Lower end of the 95 % interval; NaN where a range is not known."""
        return _frozen(np.maximum(self._end(-1.0), self.least))

    @property
    def high(self) -> Any:
        """Upper end of the 95 % interval; NaN where a range is not known."""
        return _frozen(np.minimum(self._end(1.0), self.most))

    @property
    def estimated(self) -> bool:
        """Whether a default factor of the guidelines entered."""
        return any(note.estimated for note in self.notes)

    def _end(self, side: float) -> Any:
        value = np.asarray(self.value, dtype=np.float64)
        squares, logs = np.zeros(value.shape), np.zeros(value.shape)
        for part in self.parts:
            moved = [side * np.asarray(end) for end in (part.at_low, part.at_high)]
            # np.maximum, not fmax: a range that is not known must stay unknown.
            move = np.maximum(np.maximum(moved[0], moved[1]), 0.0)
            squares = squares + move**2
            if self.ratios:
                with np.errstate(divide="ignore", invalid="ignore"):
                    logs = logs + np.log(np.maximum(1 + side * move / value, 0.0)) ** 2
        out = value + side * np.sqrt(squares)
        if self.ratios:
            with np.errstate(invalid="ignore"):
                # a default of zero has no ratios: there the linear rule stands
                out = np.where(value > 0, value * np.exp(side * np.sqrt(logs)), out)
        return _frozen(out)

    def __repr__(self) -> str:
        if np.ndim(self.value):
            return f"{type(self).__name__}({np.shape(self.value)} array, {self.unit})"
        ends = f"95 %: {self.low:.6g} to {self.high:.6g}"
        if not np.isfinite(self.low) or not np.isfinite(self.high):
            ends = "95 %: not known"
        return f"{type(self).__name__}({self.value:.6g} {self.unit}, {ends})"

    def sample(self, draws: int, *, seed: int = 0) -> Array:
        """Return draws of the value, first axis; the same input has the same draws everywhere.

        An input is drawn so that its median is the default and its 2.5 and 97.5 % quantiles are
        the ends of its range (two halves of normals), cut off where it cannot lie (below zero for
        what starts at or above zero, above one for a share).

        Parameters
        ----------
        draws : int
        seed : int
        """
        if self.formula is not None:
            axes = max((np.ndim(one.value) for _, one in self.inputs), default=0)
            drawn = {}
            for name, one in self.inputs:
                # draws stay the first axis; the others line up from the right, as in numpy
                fill = (1,) * (axes - np.ndim(one.value))
                sample = one.sample(draws, seed=seed)
                drawn[name] = sample.reshape(draws, *fill, *np.shape(one.value))
            value = np.asarray(self.formula(**drawn), dtype=np.float64)
            shape = (draws, *np.shape(self.value))
            return np.array(np.broadcast_to(value, shape))
        out = np.array(np.broadcast_to(self.value, (draws, *np.shape(self.value))))
        for name, down, up in self.parts:
            word = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
            z = np.random.default_rng([seed, word]).standard_normal(draws) / Z95
            z = z.reshape(-1, *(1 for _ in np.shape(self.value)))
            out = out + np.where(z < 0, -z * np.asarray(down), z * np.asarray(up))
        return np.asarray(np.clip(out, self.least, self.most))

    def monte_carlo(self, draws: int = 10_000, *, seed: int = 0) -> Drawn:
        """Draw the inputs through the formulas; same seed, same numbers.

        Parameters
        ----------
        draws : int
            At least 100.
        seed : int

        Returns
        -------
        Drawn
            `mean`, `low` and `high` (2.5 and 97.5 %), and all `draws`.

        Raises
        ------
        InputError
            Fewer than 100 draws, or no whole number; a seed below zero.

        Examples
        --------
        >>> area = uncertain(100.0, 90.0, 110.0, unit="ha", name="area")
        >>> run = area.monte_carlo(20_000, seed=1)
        >>> round(run.low), round(run.high)
        (90, 110)
        """
        for name, number, least in (("draws", draws, 100), ("seed", seed, 0)):
            whole = isinstance(number, Integral) and not isinstance(number, bool)
            if not whole or number < least:
                raise InputError(
                    f"{name}={number!r}",
                    where="Monte Carlo",
                    do=f"take a whole number, at least {least}",
                )
        out = self.sample(draws, seed=seed)
        low, high = np.quantile(out, [0.025, 0.975], axis=0)
        return Drawn(_frozen(out.mean(axis=0)), _frozen(low), _frozen(high), out)


@dataclass(frozen=True, eq=False, repr=False)
class StockChange(Uncertain):
    """A change of a carbon stock as the guidelines sign it: gains positive, losses negative.

    `emissions` is the one place where the sign turns and carbon becomes CO2.

    Examples
    --------
    >>> StockChange(-12.0, "t C/yr").emissions
    Uncertain(44 t CO2/yr, 95 %: 44 to 44)
    """

    @property
    def emissions(self) -> Uncertain:
        """Emissions of CO2, positive to the air: -44/12 times the change of the stock."""
        return evaluate(_to_air, self.unit.replace("t C", "t CO2"), {"change": self})


def _to_air(change: Any) -> Any:
    return -CO2_PER_C * change


def uncertain(
    value: Any,
    low: Any = None,
    high: Any = None,
    *,
    unit: str,
    name: str,
    percent: float | None = None,
    notes: tuple[Note, ...] = (),
) -> Uncertain:
    """Return an input with its 95 % interval.

    Parameters
    ----------
    value : float or array
        In `unit`.
    low, high : float or array, optional
        Ends of the 95 % interval, around the value. NaN: not known.
    unit : str
        ``"share"`` for what cannot pass one.
    name : str
        What it is, such as ``"area burnt 2022"``: two inputs of one name are one and the same
        unknown and move together.
    percent : float, optional
        Half the interval in per cent of the value, instead of `low` and `high`.
    notes : tuple of Note

    Returns
    -------
    Uncertain

    Raises
    ------
    InputError
        No name; both or neither of range and per cent; ends that do not hold the value.
    NonFiniteError
        The value is NaN or infinite.

    Examples
    --------
    >>> uncertain(20.0, unit="t C/ha", name="stock", percent=50)
    Uncertain(20 t C/ha, 95 %: 10 to 30)
    """
    where = f"input {name!r}"
    if not str(name).strip():
        raise InputError("an input without a name", where=unit, do="say what it is in name=")
    values = _numbers(value, where)
    if percent is not None:
        if low is not None or high is not None or not 0 <= percent < np.inf:
            raise InputError(
                "a range is given twice, or as a negative per cent",
                where=where,
                do="give low and high, or percent of at least 0",
            )
        low, high = values - abs(values) * percent / 100, values + abs(values) * percent / 100
    if low is None or high is None:
        raise InputError(
            "a range without both ends", where=where, do="give low and high, or percent"
        )
    ends = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if np.any(ends[0] > values) or np.any(ends[1] < values):
        raise InputError(
            "the value does not lie within its range", where=where, do="give low <= value <= high"
        )
    part = Part(str(name), _frozen(ends[0] - values), _frozen(ends[1] - values))
    return Uncertain(
        _frozen(values), unit, (part,), notes,
        # what is known not to be negative stays so when drawn
        least=0.0 if bool(np.all(np.nan_to_num(ends[0], nan=0.0) >= 0)) else -np.inf,
        most=1.0 if unit == "share" else np.inf,
    )  # fmt: skip


def _numbers(value: Any, where: str) -> Array:
    try:
        values = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{value!r} is no number", where=where, do="give numbers") from error
    if isinstance(value, bool) or not np.all(np.isfinite(values)):
        raise NonFiniteError(
            "a value is missing or infinite",
            where=where,
            do="leave the place out, or give the number: missing is not zero",
        )
    return values


def argument(
    value: Any, name: str, unit: str, *, least: float = 0.0, most: float = np.inf
) -> Uncertain:
    """Return an argument as `Uncertain`: itself, or a number without error.

    Raises
    ------
    InputError
        A value below `least` or above `most`.
    NonFiniteError
        A value that is missing or infinite.
    UnitError
        An `Uncertain` of another unit.
    """
    if isinstance(value, Uncertain):
        if value.unit != unit and {value.unit, unit} != {"share", "1"}:
            raise UnitError(f"{name} is in {value.unit}", where=name, do=f"give it in {unit}")
        out = value
    else:
        out = Uncertain(_frozen(_numbers(value, name)), unit)
    if np.any(np.asarray(out.value) < least) or np.any(np.asarray(out.value) > most):
        span = f"at least {least:g}" if most == np.inf else f"{least:g} to {most:g}"
        raise InputError(f"{name} out of its bounds", where=f"{name} ({unit})", do=f"give {span}")
    return out


T = TypeVar("T", bound=Uncertain)


def _at(one: Uncertain, name: str, end: int) -> Any:
    ends = ((part.at_low, part.at_high)[end] for part in one.parts if part.name == name)
    return one.value + sum(ends)


def evaluate(
    formula: Formula,
    unit: str,
    inputs: Mapping[str, Uncertain],
    *,
    kind: type[T] = Uncertain,  # type: ignore[assignment]
    notes: tuple[Note, ...] = (),
    amount: bool = False,
) -> T:
    """Return `formula` of the inputs with its interval; see the module for the rule.

    Parameters
    ----------
    formula : callable
        Of the inputs by name, on numbers and arrays; at the level of a module, so that results
        can be pickled.
    unit : str
        Of the result.
    inputs : mapping of str to Uncertain
        The arguments of `formula`.
    kind : type
        `Uncertain` or `StockChange`.
    notes : tuple of Note
        Added to those of the inputs.
    amount : bool
        Whether the formula gives nothing below zero of inputs that are not: then, where no input
        can be below, the interval is made on the scale of logarithms and does not pass zero.

    Raises
    ------
    ShapeError
        Arrays that do not fit together.
    """
    try:
        np.broadcast_shapes(*(np.shape(one.value) for one in inputs.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {np.shape(one.value)}" for name, one in inputs.items())
        raise ShapeError(
            f"arrays that do not fit together: {shapes}",
            where=f"{getattr(formula, '__name__', 'formula').strip('_')} in {unit}",
            do="give one number for all places, or arrays of one shape",
        ) from error
    value = formula(**{name: one.value for name, one in inputs.items()})
    parts = []
    for name in dict.fromkeys(part.name for one in inputs.values() for part in one.parts):
        moved = [formula(**{n: _at(one, name, end) for n, one in inputs.items()}) for end in (0, 1)]
        parts.append(Part(name, *(_frozen(end - value) for end in moved)))
    kept = dict.fromkeys(note for one in inputs.values() for note in one.notes)
    bounded = amount and all(_not_negative(one) for one in inputs.values())
    # a sum of inputs is as normal as they are: it has ratios only if one of its terms has
    plain = formula is _sum and not any(one.ratios for one in inputs.values())
    return kind(
        _frozen(value), unit, tuple(parts), (*kept, *notes),
        formula=formula, inputs=tuple(inputs.items()),
        least=0.0 if bounded else -np.inf, ratios=bounded and not plain,
    )  # fmt: skip


def _not_negative(one: Uncertain) -> bool:
    return one.least >= 0 or (not one.parts and bool(np.all(np.asarray(one.value) >= 0)))


def _sum(**terms: Any) -> Any:
    return sum(terms.values())


def total(*terms: Uncertain) -> Uncertain:
    """Return the sum of results of one unit; errors of the same input are added, not squared.

    Raises
    ------
    InputError
        Nothing to sum.
    UnitError
        Different units, or stock changes (gains positive) among emissions (to the air positive).

    Examples
    --------
    >>> stock = uncertain(10.0, unit="t C/yr", name="growth", percent=10)
    >>> total(stock, stock)
    Uncertain(20 t C/yr, 95 %: 18 to 22)
    """
    if not terms:
        raise InputError("nothing to sum", where="total", do="give at least one result")
    kinds = {(one.unit, isinstance(one, StockChange)) for one in terms}
    if len(kinds) > 1:
        raise UnitError(
            f"results of different kind: {sorted({unit for unit, _ in kinds})}",
            where="total",
            do="turn all into one unit and sign (StockChange.emissions) first",
        )
    changes = all(isinstance(one, StockChange) for one in terms)
    named = {f"term_{n}": one for n, one in enumerate(terms)}
    kind = StockChange if changes else Uncertain
    return evaluate(_sum, terms[0].unit, named, kind=kind, amount=not changes)
