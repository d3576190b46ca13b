"""Global sensitivity: Sobol indices of groups of inputs, by SALib's estimators.

First-order index: the share of the variance that a group explains alone. Total index: the share
that remains when all else is known (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018; Jansen
1999, doi:10.1016/S0010-4655(98)00154-4). A group may have millions of cells: what is exchanged
between the two samples is the stream of random numbers that its cells are drawn from.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mriocarbon.compute import Batch, Engine, Progress, Threads, batches
from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real, whole
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.describing import described
from mriocarbon.uncertainty.draws import PARTS, batch_size, drawn, inputs, sample, streams_of
from mriocarbon.uncertainty.errormodel import ErrorModel

__all__ = ["Sobol", "sobol", "sobol_of_accounts"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sobol:
    """Indices of G groups for k outputs, each of shape (G, k).

    Attributes
    ----------
    groups : tuple of str
    first, total : ndarray
    first_error, total_error : ndarray
        Half a 95 % interval (bootstrap over the sample).
    evaluations : int
    basis : str
        The error model in words, and what is held; of a function, its inputs.
    """

    groups: tuple[str, ...]
    first: Array
    total: Array
    first_error: Array
    total_error: Array
    evaluations: int
    basis: str = "uniform inputs"

    __repr__ = brief


def sobol(
    function: Callable[[Array], Array],
    bounds: Mapping[str, tuple[float, float]],
    *,
    groups: Sequence[str] | None = None,
    n: int = 1024,
    seed: int = 0,
) -> Sobol:
    """Return Sobol indices of a function of uniform inputs.

    Parameters
    ----------
    function : callable
        (m, inputs) -> (m,) or (m, k).
    bounds : mapping of name to (low, high)
    groups : sequence of str, optional
        A group for each input; each input is its own by default.
    n : int
        Base sample, a power of two; n (G + 2) evaluations.
    seed : int

    Returns
    -------
    Sobol
        First-order and total indices of the G groups for k outputs, shape (G, k).

    Raises
    ------
    InputError
        n is no power of two, or a bound has no width.

    Examples
    --------
    >>> found = sobol(lambda x: x[:, 0] + 2 * x[:, 1], {"a": (0, 1), "b": (0, 1)}, n=256)
    >>> found.first.ravel().round(1).tolist()
    [0.2, 0.8]
    """
    n, seed = _check(n, seed)
    for name, (low, high) in bounds.items():
        if not (is_real(low) and is_real(high) and low < high):
            raise InputError(f"{low!r} to {high!r}", where=f"bounds of {name!r}",
                             do="give two finite numbers, the lower first")  # fmt: skip
    names = list(bounds)
    problem: dict[str, Any] = {
        "num_vars": len(names), "names": names, "bounds": [list(b) for b in bounds.values()],
    }  # fmt: skip
    if groups is not None:
        if len(groups) != len(names):
            raise InputError(f"{len(groups)} groups for {len(names)} inputs", where="groups",
                             do="name a group for each input")  # fmt: skip
        problem["groups"] = list(groups)
    sampler = importlib.import_module("SALib.sample.sobol")
    points = sampler.sample(problem, n, calc_second_order=False, seed=seed)
    labels = tuple(dict.fromkeys(groups)) if groups is not None else tuple(names)
    values = np.asarray(function(points), dtype=np.float64)
    if len(np.atleast_1d(values)) != len(points):
        raise InputError(
            f"the function returned {values.shape} for {len(points)} points", where="sobol",
            do="return one value, or one row of values, for each row of inputs",
        )  # fmt: skip
    return _analysed(problem, values.reshape(len(points), -1), labels, seed)


def _check(n: int, seed: int) -> tuple[int, int]:
    n = whole("n", n, least=2, where="sobol")
    if n & (n - 1):
        raise InputError(f"n is {n}", where="sobol", do="give a power of two, such as 1024")
    return n, whole("seed", seed, least=0, where="sobol")


def _analysed(problem: dict[str, Any], Y: Array, groups: tuple[str, ...], seed: int) -> Sobol:
    if not np.isfinite(Y).all():
        raise InputError(
            f"{int((~np.isfinite(Y)).sum())} of {Y.size} outputs are not finite",
            where="sobol", do="let the function return finite numbers within the bounds",
        )  # fmt: skip
    analyse = importlib.import_module("SALib.analyze.sobol").analyze
    found = []
    for column in Y.T:
        if np.ptp(column) <= 1e-12 * np.abs(column).max(initial=0.0):
            found.append(dict.fromkeys(("S1", "ST", "S1_conf", "ST_conf"), np.zeros(len(groups))))
        else:
            # SALib takes a seed of 0 for none, and would draw the bootstrap anew each time
            found.append(analyse(problem, column, calc_second_order=False, seed=seed + 1))
    first, total, first_error, total_error = (
        np.stack([np.asarray(one[key], dtype=np.float64) for one in found], axis=1)
        for key in ("S1", "ST", "S1_conf", "ST_conf")
    )
    return Sobol(groups, first, total, first_error, total_error, len(Y))


def sobol_of_accounts(
    mrio: MRIO,
    errors: ErrorModel,
    *,
    stressor: str | None = None,
    households: bool = True,
    n: int = 256,
    seed: int = 0,
    engine: Engine | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Sobol:
    """Return which part of the inputs explains the variance of each region's footprint.

    Parameters
    ----------
    mrio : MRIO
    errors : ErrorModel
        Parts without error are no groups.
    stressor : str, optional
        The only one, or GHG, if not given.
    households : bool
        Add households' direct emissions and their errors.
    n : int
        Base sample, a power of two.
    seed : int
        The same seed gives the same sample.
    engine : Engine, optional
        `mriocarbon.compute.engine(...)`; threads of this process by default.
    progress : callable, optional
        Told how far the drawing of tables is; each part is one sample of them.

    Returns
    -------
    Sobol
        Of the parts (stressor, flows, demand, households) for each region.

    Raises
    ------
    InputError
        n is no power of two, or no part has an error.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.uncertainty import ErrorModel, sobol_of_accounts
    >>> table = mc.load("oecd-icio-2022")
    >>> found = sobol_of_accounts(table, ErrorModel(stressor=0.1, demand=0.1), n=64)
    >>> found.groups
    ('stressor', 'demand')
    """
    n, seed = _check(n, seed)
    shared = inputs(mrio, errors, stressor, households=households)
    groups = tuple(
        part
        for part, has in (
            ("stressor", not isinstance(errors.stressor, float | int) or errors.stressor > 0),
            ("flows", drawn(shared["flows"])),
            ("demand", drawn(shared["demand"])),
            ("households", drawn(np.asarray(errors.households)) and bool(shared["direct"].any())),
        )
        if has
    )
    if not groups:
        raise InputError("no part has an error", where="error model", do="give one")
    size = min(n, batch_size(len(mrio.index), len(mrio.regions)))
    taken = ((), *((group,) for group in groups), PARTS)  # A, A with a group of B, B
    work = [
        replace(one, number=k, item=(one.number, from_B))
        for k, (one, from_B) in enumerate(product(batches(n, size, seed=seed), taken))
    ]
    runs = (engine or Threads()).run(_exchanged, work, shared=shared, progress=progress)
    sides = [arrays["account"] for _, arrays in runs]
    Y = np.concatenate([  # (n, G + 2, R)
        np.stack(sides[k : k + len(taken)], axis=1) for k in range(0, len(work), len(taken))
    ])  # fmt: skip
    problem = {"num_vars": len(groups), "names": list(groups), "bounds": [[0, 1]] * len(groups)}
    found = _analysed(problem, Y.reshape(-1, Y.shape[2]), groups, seed)
    return replace(found, basis=described(errors))


def _exchanged(shared: Mapping[str, Any], batch: Batch) -> dict[str, Array]:
    """Footprints, shape (size, R), with the streams of some parts from B and of the rest from A."""
    number, from_B = cast("tuple[int, tuple[str, ...]]", batch.item)
    A, B = (streams_of(batch.seed or 0, number, side) for side in (0, 1))
    streams = {part: B[part] if part in from_B else A[part] for part in PARTS}
    return {"account": sample(shared, streams, batch.size)["account"]}
