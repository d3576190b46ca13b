r"""What moves a result: all numbers at once by derivatives, the important ones by Sobol indices.

The derivative of the score h by the logarithm of a number p, :math:`\eta_p = \partial h /
\partial \ln p`, comes for all numbers from one adjoint solve (`perturb.gradients`). To first order

.. math::  \mathrm{var}\, h \approx \sum_p \eta_p^2 \sigma_p^2,

with :math:`\sigma_p` the standard deviation of the number relative to itself (of its logarithm
for a lognormal). The numbers that are largest in this sum get Sobol indices, all others together
are one group, so that the indices are of the same variance as the Monte Carlo.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.lca.lci import LCI
from mriocarbon.lca.loops import reached
from mriocarbon.lca.montecarlo import Work
from mriocarbon.lca.perturb import gradients, row_of
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.model.brief import brief
from mriocarbon.model.normal import Z95
from mriocarbon.uncertainty.sobol import sobol

__all__ = ["OTHERS", "Parameter", "Sensitivity", "first_order", "relative_sd", "sensitivity"]

Array = NDArray[np.float64]
OTHERS = "all other numbers"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a source and what it does to the result.

    Attributes
    ----------
    name : str
        ``"<process>: <flow>"``.
    elasticity : float or None
        Relative change of the result per relative change of the number; None where the result
        is zero.
    doubling : float
        kg CO2e that a doubling adds, to first order.
    sd : float or None
        Standard deviation relative to the number; None where no distribution is stated.
    variance_share : float
        Of the first-order variance of the result; 0 where no distribution is stated.
    low, high : float or None
        Result with the number at its own 2.5 and 97.5 % quantile, solved again, kg CO2e; None
        where it was not asked for or has no solution.
    first, total : float or None
        Sobol indices, for the most important ones.
    first_error, total_error : float or None
        Half their 95 % intervals.
    """

    name: str
    elasticity: float | None
    doubling: float
    sd: float | None = None
    variance_share: float = 0.0
    low: float | None = None
    high: float | None = None
    first: float | None = None
    total: float | None = None
    first_error: float | None = None
    total_error: float | None = None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What moves a result.

    Attributes
    ----------
    parameters : tuple of Parameter
        The largest elasticities of all numbers within reach, largest first.
    ranges : tuple of Parameter
        Of the numbers with a distribution those that explain most, with `low` and `high`.
    sobol : tuple of Parameter
        With Sobol indices; the last is `OTHERS` where there are others.
    numbers : int
        Numbers within reach, each with a derivative; the amounts of product that processes are
        written for are not counted, they say nothing but the size.
    held : int
        Of these, numbers without a distribution.
    evaluations : int
        Solves that the Sobol indices took.
    first_order_sd : float
        kg CO2e.
    stated : float or None
        Share of the sum of absolute elasticities that belongs to numbers with a distribution.
    why : str
        Why there are no Sobol indices; "" where there are.
    """

    parameters: tuple[Parameter, ...]
    ranges: tuple[Parameter, ...]
    sobol: tuple[Parameter, ...]
    numbers: int
    held: int
    evaluations: int
    first_order_sd: float
    stated: float | None
    why: str = ""

    __repr__ = brief


def relative_sd(known: Uncertainty) -> float:
    """Return the standard deviation of a number relative to it; of its logarithm if lognormal.

    Examples
    --------
    >>> relative_sd(Uncertainty("uniform", low=0.7, high=1.3))
    0.173...
    """
    if known.kind in {"lognormal", "normal"}:
        return known.spread
    a, b, m = known.low, known.high, known.mode
    if known.kind == "uniform":
        return (b - a) / math.sqrt(12)
    return math.sqrt((a * a + b * b + m * m - a * b - a * m - b * m) / 18)


def first_order(values: Array, known: Mapping[int, Uncertainty]) -> Array:
    """Return the first-order variance of a score from each number, shape (p,).

    Parameters
    ----------
    values : ndarray, shape (p,)
        Derivatives by relative changes (`Gradients.value`).
    known : mapping of position to Uncertainty
    """
    out = np.zeros(len(values))
    for k, one in known.items():
        out[k] = (values[k] * relative_sd(one)) ** 2
    return out


def sensitivity(
    lci: LCI,
    c: Array,
    *,
    listed: int = 20,
    ranges: int = 12,
    top: int = 8,
    n: int = 256,
    seed: int = 0,
) -> Sensitivity:
    """Return which numbers move a score.

    Parameters
    ----------
    lci : LCI
    c : array, shape (k,)
        Factors of one category.
    listed, ranges : int
        Most parameters in `parameters` and in `ranges`.
    top : int
        Parameters with Sobol indices of their own; 0 for none.
    n : int
        Base sample of the indices, a power of two: n (top + 3) solves.
    seed : int

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> kiln = Process("kiln", "lime", 1.0, "t", (
    ...     Exchange("CO2", 0.8, "t", "biosphere", "out", "air",
    ...              uncertainty=Uncertainty.of_gsd2(1.1)),))
    >>> found = sensitivity(inventory(System.of([kiln]), {"kiln": 2.0}), [1.0], top=0)
    >>> found.ranges[0].name, round(found.ranges[0].high / 1.6, 3)
    ('kiln: CO2', 1.098)
    """
    terms = lci.system.terms
    slope = gradients(lci, c)
    picked = reached(lci.system.A, np.flatnonzero(lci.demand))
    work = Work(lci.system, picked, row_of(c, len(lci.system.flows)))
    F = lci.demand[picked][:, None]
    used = np.setdiff1d(
        np.unique(np.concatenate([work.number_A, work.number_B])), _reference_amounts(lci)
    )
    known = {k: terms.uncertainty[k] for k in work.parameters}
    variance = first_order(slope.value, known)
    whole = float(variance.sum())
    size = np.abs(slope.value)
    told = float(size[used].sum())

    def made(k: int, **more: float | None) -> Parameter:
        return Parameter(
            terms.names[k],
            float(slope.value[k] / slope.score) if slope.score else None,
            float(slope.value[k]),
            relative_sd(known[k]) if k in known else None,
            float(variance[k] / whole) if whole else 0.0,
            **more,
        )

    largest = [int(k) for k in used[np.argsort(-size[used], kind="stable")] if size[k] > 0]
    drawn = np.array(sorted(known), dtype=np.intp)
    ranked = [int(k) for k in drawn[np.argsort(-variance[drawn], kind="stable")] if variance[k] > 0]
    spans = []
    for k in ranked[:ranges]:
        low, high = (_at(work, F, known, k, e) for e in (-Z95, Z95))
        spans.append(made(k, low=low, high=high))
    indices, evaluations, why = _sobol(work, F, known, ranked, made, top, n, seed)
    return Sensitivity(
        tuple(made(k) for k in largest[:listed]),
        tuple(sorted(spans, key=_width, reverse=True)),
        indices,
        len(used),
        len(used) - len(drawn),
        evaluations,
        math.sqrt(whole),
        float(size[drawn].sum()) / told if told and len(drawn) else (0.0 if told else None),
        why,
    )


def _reference_amounts(lci: LCI) -> NDArray[np.intp]:
    """Numbers that only say at which size a process is written down: they are no data."""
    terms, processes = lci.system.terms, lci.system.processes
    own = np.flatnonzero(~terms.intervention & (terms.row == terms.column))
    return np.array(
        [
            int(terms.parameter[t])
            for t in own
            if terms.names[terms.parameter[t]] == f"{processes[terms.column[t]].name}: product"
        ],
        dtype=np.intp,
    )


def _width(one: Parameter) -> float:
    return abs(one.high - one.low) if one.high is not None and one.low is not None else 0.0


def _at(work: Work, F: Array, known: Mapping[int, Uncertainty], k: int, e: float) -> float | None:
    """Score with one number at a quantile of its own."""
    factors = np.ones(int(max(work.number_A.max(initial=0), work.number_B.max(initial=0))) + 1)
    factors[k] = float(known[k].factors(np.array([e]))[0])
    found = work.scores(F, factors)
    return None if found is None else float(found[0])


def _sobol(
    work: Work,
    F: Array,
    known: Mapping[int, Uncertainty],
    ranked: list[int],
    made: Callable[..., Parameter],
    top: int,
    n: int,
    seed: int,
) -> tuple[tuple[Parameter, ...], int, str]:
    """Sobol indices of the first of `ranked`, and of all others together."""
    from scipy.special import ndtri

    if top == 0 or not ranked:
        return (), 0, "not asked for" if top == 0 else "no number has a distribution"
    if importlib.util.find_spec("SALib") is None:
        return (), 0, "SALib is not installed (the extra [uq])"
    chosen = ranked[:top]
    others = [k for k in known if k not in set(chosen)]
    order = [*chosen, *others]
    groups = [str(k) for k in chosen] + [OTHERS] * len(others)
    size = int(max(work.number_A.max(initial=0), work.number_B.max(initial=0))) + 1

    def score(u: Array) -> Array:
        e = ndtri(np.clip(u, 1e-12, 1 - 1e-12))
        by_number = np.empty_like(e)
        for column, k in enumerate(order):
            by_number[:, column] = known[k].factors(e[:, column])
        out = np.full(len(u), np.nan)
        factors = np.ones(size)
        places = np.array(order)
        for row in range(len(u)):
            factors[places] = by_number[row]
            found = work.scores(F, factors)
            if found is not None:
                out[row] = found[0]
        return out

    bounds = {f"p{k}": (0.0, 1.0) for k in order}
    try:
        found = sobol(score, bounds, groups=groups, n=n, seed=seed)
    except InputError as error:
        return (), 0, f"no indices: {error.what}"
    out = []
    for row, name in enumerate(found.groups):
        figures = {
            "first": float(found.first[row, 0]), "total": float(found.total[row, 0]),
            "first_error": float(found.first_error[row, 0]),
            "total_error": float(found.total_error[row, 0]),
        }  # fmt: skip
        if name == OTHERS:
            out.append(Parameter(OTHERS, None, 0.0, **figures))
        else:
            out.append(made(int(name), **figures))
    return tuple(out), found.evaluations, ""
