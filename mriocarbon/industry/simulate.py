r"""Processes, routes and sites under uncertainty: many draws at once, and gradients.

The balances are the ones of a single plant (:mod:`mriocarbon.industry.balance`): draws hand them
standard normals :math:`z_k`, one for each factor, and JAX runs the same code over all of them,

.. math:: y^{(d)} = f\bigl(v_1(z_1^{(d)}), \ldots, v_K(z_K^{(d)})\bigr), \qquad
          \nabla_k y = \partial f / \partial v_k

with :math:`v_k` the value of parameter k: log-normal, logistic or fixed, as its row in the table
says. Factors are independent; the same factor is the same draw wherever it is used, also in
:func:`mriocarbon.industry.sample`. A draw that breaks a law (carbon, metal or energy from nothing,
a reduction without enough reductant, a negative flow) is impossible: it is counted, by law, and is
in no statistic.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.drawn import Model, Spread, laws, per, prepared
from mriocarbon.industry.parameters import Array, Parameter, deviates
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Gradients", "Simulation", "Spread", "gradients", "simulate"]

_SLACK = 1e-9
_NONE = 1e-12


@dataclass(frozen=True, eq=False)
class Simulation:
    """Draws of what a process, route or site takes, gives and emits.

    Attributes
    ----------
    target : str
    per : str
        What one unit is: "t hot metal", or the demand.
    names : tuple of str
        "process", "fuel", "direct" and, where the grid is known, "electricity" and "total" (t
        CO2e); "takes: coke", "gives: tar"; for a site "level: sinter" as well.
    units : tuple of str
    values : ndarray, shape (draws, names)
        What is taken is net of what is given, and negative where a draw has it the other way
        round; NaN in the draws that are impossible.
    median : ndarray, shape (names,)
        At the medians of all parameters.
    impossible : mapping of str to int
        Draws that break a law, by law; one draw may break several.
    failed : int
        Draws that break any.
    factors : tuple of str
        The uncertain numbers behind it.
    assumed : tuple of str
        Parameters that are assumed, with the reason.
    draws, seed : int
    backend : str
    """

    target: str
    per: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    values: Array
    median: Array
    impossible: Mapping[str, int]
    failed: int
    factors: tuple[str, ...]
    assumed: tuple[str, ...]
    draws: int
    seed: int
    backend: str

    __repr__ = brief

    def __getitem__(self, name: str) -> Array:
        """Draws of one output, shape (draws,)."""
        if name not in self.names:
            raise UnknownNameError.of("output", name, self.names)
        return np.asarray(self.values[:, self.names.index(name)])

    def quantiles(self, *levels: float) -> Array:
        """Quantiles of every output over the possible draws, shape (levels, names).

        With no level: 2.5, 50 and 97.5 %.
        """
        wanted = levels or (0.025, 0.5, 0.975)
        good = self.values[~np.isnan(self.values[:, 0])]
        return np.asarray(np.quantile(good, wanted, axis=0))

    def to_pandas(self) -> pd.DataFrame:
        """Unit, median of the parameters, mean, sd and quantiles of every output.

        Of the possible draws only; the name of the index says what share was left out.
        """
        import pandas as pd

        good = self.values[~np.isnan(self.values[:, 0])]
        low, middle, high = self.quantiles()
        cut = f"; {self.failed / self.draws:.1%} of the draws left out" if self.failed else ""
        return pd.DataFrame(
            {
                "unit": self.units,
                "at medians": self.median,
                "mean": good.mean(axis=0),
                "sd": good.std(axis=0, ddof=1),
                "2.5 %": low,
                "50 %": middle,
                "97.5 %": high,
            },
            index=pd.Index(self.names, name=f"per {self.per}{cut}"),
        )


@dataclass(frozen=True, eq=False)
class Gradients:
    """How one output moves with every parameter, at their medians.

    Attributes
    ----------
    target, output, unit : str
    value : float
        Of the output.
    names : tuple of str
        "pig-iron.coke_rate", ...
    at, gradient : ndarray, shape (names,)
        Value of each parameter, and change of the output per unit of it.
    sd : ndarray, shape (names,)
        Standard deviation of the logarithm or logit; 0 where it is fixed.
    """

    target: str
    output: str
    unit: str
    value: float
    names: tuple[str, ...]
    at: Array
    gradient: Array
    sd: Array

    __repr__ = brief

    @property
    def elasticity(self) -> Array:
        """Percent of the output per percent of the parameter; NaN where the output is zero."""
        return np.asarray(self.gradient * self.at / (self.value if self.value else np.nan))

    def largest(self, count: int = 10) -> tuple[tuple[str, float], ...]:
        """The largest elasticities in absolute value, by parameter; none of an output of zero."""
        if not self.value:
            return ()
        found = np.nan_to_num(self.elasticity)
        order = np.argsort(-np.abs(found), kind="stable")[:count]
        return tuple((self.names[k], float(found[k])) for k in order)


def simulate(
    target: str | Sequence[str],
    *,
    demand: Mapping[str, float] | None = None,
    split: Mapping[str, float] | None = None,
    origin: str = "",
    grid: Spread | None = None,
    parameters: Mapping[str, Spread] | None = None,
    draws: int = 100_000,
    seed: int = 0,
    backend: str = "jax",
) -> Simulation:
    """Draw what a process, a route or a site takes, gives and emits.

    Parameters
    ----------
    target : str or sequence of str
        A process (:func:`mriocarbon.industry.processes`), a route (``chains.ROUTES``), or the
        processes of a site.
    demand : mapping of str to float, optional
        Goods that leave a site, in their units; needed for a sequence, one unit for a route.
    split : mapping of str to float, optional
        Share of each step where several make one good.
    origin : str
        ISO3 of the country whose parameters hold; "" for those of all.
    grid : float or (float, float), optional
        t CO2e per MWh, or its median and log-sd; that of `origin` if left out. Without either,
        emissions of electricity are not known and left out, which is not zero.
    parameters : mapping of str to float or (float, float), optional
        By ``process.name``: a value that is held, or median and standard deviation on the scale
        of the parameter's form in the table (logarithm or logit; logarithm where it is fixed).
    draws, seed : int
        How many, and where to start: the same seed gives the same numbers, bit for bit.
    backend : {"jax", "numpy"}
        JAX compiles the balances for all draws at once; NumPy runs them on arrays.

    Returns
    -------
    Simulation
        `values` of shape (draws, names), NaN in draws that no plant can have; units in `units`.

    Raises
    ------
    InputError
        `draws` is below one or more than memory holds, a value impossible, a parameter that
        nothing reads, or the process breaks a law at its medians.
    UnknownNameError
        No such process, route, parameter or backend.

    Examples
    --------
    >>> made = simulate("clinker-grey", draws=1000, seed=1, backend="numpy")
    >>> low, middle, high = made.quantiles()[:, made.names.index("direct")]
    >>> bool(0.7 < low < middle < high < 1.0)
    True
    >>> made.failed, list(made.impossible)[-1]  # kiln dust below zero
    (22, 'clinker-grey: gives off more than it takes of Ca')
    """
    if not isinstance(draws, int) or draws < 1:
        raise InputError(
            f"draws is {draws!r}", where="industry.simulate, draws", do="give 1 or more"
        )
    if backend not in ("jax", "numpy"):
        raise UnknownNameError.of("backend", backend, ("jax", "numpy"))
    model, keys, outputs, units, rows = prepared(target, demand, split, origin, grid, parameters)
    _fits(draws, len(keys) + 4 * len(outputs) + 2 * len(laws(model)))
    normal = deviates(draws, seed)
    z = np.stack([normal(key) for key in keys]) if keys else np.zeros((0, draws))
    if backend == "jax":
        values, margins = _by_jax(model, keys)(z)
    else:
        values, margins = _by_numpy(model, keys, z, draws)
    broken = laws(model)
    names, values, medians = _net(tuple(outputs), values, _numbers(outputs))
    bad = {law: ~(margins[k] >= -_SLACK) for k, law in enumerate(broken)}
    failed = np.any(np.stack(list(bad.values())), axis=0)
    drawn = np.array(values.T)
    drawn[failed] = np.nan
    drawn.flags.writeable = False
    medians.flags.writeable = False
    return Simulation(
        model.target,
        per(model),
        names,
        tuple(units[name] for name in names),
        drawn,
        medians,
        {law: int(np.sum(hit)) for law, hit in bad.items() if np.any(hit)},
        int(np.sum(failed)),
        keys,
        tuple(f"{r.key} = {r.value:g} {r.unit}: {r.assumed}" for r in rows if r.assumed)
        + tuple(f"{key}: held at one, a content cannot lie above" for key in model.full),
        draws,
        seed,
        backend,
    )


def _fits(draws: int, numbers: int) -> None:
    """Refuse draws that the memory of the machine cannot hold, before they are made."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on every system
        memory = 16 * 2**30
    needed = 8 * draws * numbers
    if needed > memory:
        raise InputError(
            f"{draws:,} draws of {numbers} numbers need {needed / 2**30:,.0f} GiB,"
            f" the machine has {memory / 2**30:,.0f}",
            where="industry.simulate, draws",
            do=f"give at most {memory // (8 * numbers):,}, or several seeds one after the other",
        )


def gradients(
    target: str | Sequence[str],
    *,
    of: str = "direct",
    demand: Mapping[str, float] | None = None,
    split: Mapping[str, float] | None = None,
    origin: str = "",
    grid: Spread | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Gradients:
    """Return how an output moves with every parameter, by reverse differentiation in JAX.

    Parameters
    ----------
    target, demand, split, origin, grid, parameters
        As :func:`simulate`; of a distribution the median counts.
    of : str
        Name of an output.

    Returns
    -------
    Gradients
        Of the output by each parameter, shape (names,), in units of the one per unit of the other.

    Raises
    ------
    UnknownNameError
        No such output.

    Notes
    -----
    Shares of routes in a national mix (of fertilisers) are no parameters of the table and are not
    among the names.

    Examples
    --------
    >>> found = gradients("pig-iron", of="direct")
    >>> [name for name, _ in found.largest(2)]
    ['pig-iron.coke_rate', 'coke.carbon']
    """
    import jax

    model, _, outputs, units, rows = prepared(target, demand, split, origin, grid, parameters)
    if of not in outputs:
        raise UnknownNameError.of("output", of, outputs)
    held = dict(model.given)

    def centre(row: Parameter) -> float:
        value = held.get(f"{row.process}.{row.name}", row.value)
        return float(value[0] if isinstance(value, tuple) else value)

    names = [f"{r.process}.{r.name}" for r in rows]
    at = np.array([centre(r) for r in rows])

    def output(values: Any) -> Any:
        fixed = dict(zip(names, values, strict=True))
        return model(model.parameters(lambda key: asarray(0.0), fixed))[0][of]

    with jax.enable_x64(True):
        # a number that hangs on no parameter has no gradient to trace
        found = np.asarray(jax.jit(jax.grad(lambda v: jax.numpy.asarray(output(v))))(at))
    return Gradients(
        model.target,
        of,
        f"{units[of]} per {per(model)}",
        float(outputs[of]),
        tuple(names),
        at,
        found,
        np.array([r.sd if r.form != "fixed" else 0.0 for r in rows]),
    )


def _numbers(found: Mapping[str, Array]) -> Array:
    return np.array([float(value) for value in found.values()])


def _net(
    names: tuple[str, ...], values: Array, medians: Array
) -> tuple[tuple[str, ...], Array, Array]:
    """One line for a good that is taken in some draws and given in others; none for what is not.

    It stands on the side of its median and is negative where a draw lies on the other.
    """
    place = {name: k for k, name in enumerate(names)}
    kept: list[str] = []
    lines, middle = [], []
    for name, k in place.items():
        sign, _, good = name.partition(": ")
        other = place.get({"takes": f"gives: {good}", "gives": f"takes: {good}"}.get(sign, ""))
        line, centre = values[k], float(medians[k])
        if other is not None:
            line, centre = line - values[other], centre - float(medians[other])
            if centre < 0 or (centre == 0 and sign == "gives"):
                continue
        if sign in ("takes", "gives") and not np.any(np.abs(line) > _NONE) and centre <= _NONE:
            continue
        kept.append(name)
        lines.append(line)
        middle.append(centre)
    return tuple(kept), np.stack(lines), np.array(middle)


Run = Callable[[Array], tuple[Array, Array]]


@lru_cache(maxsize=32)
def _by_jax(model: Model, keys: tuple[str, ...]) -> Run:
    """The model over draws, compiled; z and results are (factors, draws), (names, draws)."""
    import jax
    import jax.numpy as jnp

    place = {key: k for k, key in enumerate(keys)}

    def each(z: Any) -> Any:
        outputs, _, margins = model(model.parameters(lambda key: z[place[key]]))
        # each on its own: to stack them costs more than to work them out
        return (
            [jnp.asarray(v, dtype=jnp.float64) for v in outputs.values()],
            [jnp.asarray(v, dtype=jnp.float64) for v in margins.values()],
        )

    with jax.enable_x64(True):
        run = jax.jit(jax.vmap(each, in_axes=1))

    def over(z: Array) -> tuple[Array, Array]:
        with jax.enable_x64(True):
            values, margins = run(z)
            return np.stack([np.asarray(v) for v in values]), np.stack(
                [np.asarray(v) for v in margins]
            )

    return over


def _by_numpy(model: Model, keys: tuple[str, ...], z: Array, draws: int) -> tuple[Array, Array]:
    place = {key: k for k, key in enumerate(keys)}
    outputs, _, margins = model(model.parameters(lambda key: z[place[key]]))

    def wide(found: Mapping[str, Array]) -> Array:
        return np.stack([np.broadcast_to(v, (draws,)) for v in found.values()])

    return wide(outputs), wide(margins)
