"""The account at every combination of old and new factors; and which factors move together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, NotProductiveError, UnknownNameError, listed
from mriocarbon.solve import Leontief
from mriocarbon.solve.direct import times
from mriocarbon.structure.factors import BASE, Chain
from mriocarbon.structure.lmdi import cells

Array = NDArray[np.float64]
LMDI_TECHNOLOGY = ("technology", "trade")  # of L no product of the two is left


def grouped(
    factors: Sequence[str] | None, made: Chain, method: str
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Return the factors as groups of base factors that change together, and their names.

    Destination is a factor of its own only if asked for; otherwise categories were summed.
    """
    have = tuple(name for name in BASE if name in made.pairs)
    if factors is None:
        groups: list[tuple[str, ...]] = [(name,) for name in have]
        if method == "lmdi":
            groups = [LMDI_TECHNOLOGY if g == ("technology",) else g for g in groups]
            groups = [g for g in groups if g != ("trade",)]
    else:
        groups = [tuple(part.strip() for part in one.split("+")) for one in _named(factors)]
    named = [name for group in groups for name in group]
    for name in named:
        if name not in have:
            raise UnknownNameError.of(
                "factor", name, have,
                do="(destination needs a table with categories, population needs population=)",
            )  # fmt: skip
    left = [name for name in have if name not in named]
    doubled = [name for name in have if named.count(name) > 1]
    if left or doubled:
        raise InputError(
            f"factors left out: {listed(left) or 'none'}; named twice: {listed(doubled) or 'none'}",
            where=f"factors={list(factors or ())}",
            do='name each once; join with "+" what should change together',
        )
    if method == "lmdi" and not any(set(LMDI_TECHNOLOGY) <= set(group) for group in groups):
        raise InputError(
            "LMDI has no technology apart from trade: the Leontief inverse is no product of them",
            where=f"factors={list(factors or ())}",
            do='join them as "technology+trade", or use method="shapley"',
        )
    return groups, tuple("+".join(group) for group in groups)


def has_destination(factors: Sequence[str] | None) -> bool:
    """Tell whether final demand is to be split by category."""
    if factors is None:
        return False
    return any(part.strip() == "destination" for one in _named(factors) for part in one.split("+"))


def _named(factors: Sequence[str]) -> Sequence[str]:
    """Refuse what is no sequence of names; a single string would be read by letters."""
    if isinstance(factors, str) or not all(isinstance(one, str) for one in factors):
        raise InputError(
            f"factors={factors!r} is no sequence of names", where="factors",
            do='give ("intensity", "technology+trade", "origin+mix+level")',
        )  # fmt: skip
    return factors


def values_by_subset(
    made: Chain, groups: list[tuple[str, ...]], R: int, names: tuple[str, ...]
) -> tuple[Array, float, list[int]]:
    """Return the bilateral account of every subset of changed factors, shape (2^m, R, R).

    Only factors that differ are changed: the others (the list returned, which maps m factors to
    their places) have no effect in any order, exactly. Only technology and trade need a solve, at
    most four; all else are products with the multipliers.
    """
    live = [k for k, group in enumerate(groups) if made.changed(group)]
    place = {n: i for i, k in enumerate(live) for n in groups[k] if made.changed((n,))}
    demand = made.demand
    n = len(made.weights)

    def state(name: str, mask: int) -> int:
        return mask >> place[name] & 1 if name in place else 0

    masks = range(1 << len(live))
    lefts = [tuple(state(name, m) for name in BASE[:3]) for m in masks]
    rights = [tuple(state(name, m) for name in demand) for m in masks]
    left_at = {key: i for i, key in enumerate(dict.fromkeys(sorted(lefts, key=_technology_first)))}
    right_at = {key: i for i, key in enumerate(dict.fromkeys(rights))}
    own = np.repeat(np.eye(R, dtype=bool), n // R, axis=1)  # (R, n)
    M = np.zeros((len(left_at) * R, n))
    error = 0.0
    for (h, t), keys in itertools.groupby(left_at, key=lambda key: key[1:]):
        A = made.pairs["technology"][h] * made.pairs["trade"][t]
        keys_ = list(keys)
        rows = np.concatenate([np.where(own, made.pairs["intensity"][k[0]], 0.0) for k in keys_])
        try:
            solved = Leontief(A * made.weights, made.weights, names).multipliers(rows, method="lu")
        except NotProductiveError as cause:
            raise NotProductiveError(
                f"technology of the {('first', 'second')[h]} state with trade of the"
                f" {('first', 'second')[t]}: {cause.what}",
                where=cause.where,
                do='join them: factors=("intensity", "technology+trade", ...); or correct the'
                " columns",
            ) from cause
        error = max(error, solved.error)
        for k, key in enumerate(keys_):
            M[left_at[key] * R : (left_at[key] + 1) * R] = solved.value[k * R : (k + 1) * R]
    columns = []
    for key in right_at:
        y: Array = made.pairs[demand[0]][key[0]]
        for name, s in zip(demand[1:], key[1:], strict=True):
            y = y * made.pairs[name][s]
        columns.append(y.sum(axis=3).reshape(n, -1))
    V = times(M, np.concatenate(columns, axis=1))
    D = columns[0].shape[1]
    values = np.stack(
        [
            V[left_at[a] * R : (left_at[a] + 1) * R, right_at[b] * D : (right_at[b] + 1) * D]
            for a, b in zip(lefts, rights, strict=True)
        ]
    )
    return values, error, [*live, len(groups)]


def _technology_first(key: tuple[int, ...]) -> tuple[int, ...]:
    return (*key[1:], key[0])


def spread(values: Array, places: list[int], mean: Callable[[Array], Array]) -> Array:
    """Average over orders of change, with exact zeros for the factors that do not change."""
    out = np.zeros((places[-1], *values.shape[1:]))
    if len(values) > 1:
        out[places[:-1]] = mean(values)
    return out


def lmdi_effects(
    made: Chain, groups: list[tuple[str, ...]], R: int
) -> tuple[Array, Array, float, int]:
    """Return LMDI-I effects by factor, emitting region and destination; sign changes apart."""
    n = len(made.weights)
    inverses, error = [], 0.0
    for s in (0, 1):
        A = made.pairs["technology"][s] * made.pairs["trade"][s]
        solved = Leontief(A * made.weights, made.weights).output(np.eye(n), method="lu")
        # What no chain of inputs reaches is zero, not the rounding that a solve leaves there: the
        # logarithm of 1e-18 would give part of its appearance to the wrong factor.
        L = np.where(reachable(A), solved.value, 0.0)
        if (A >= 0).all():
            L = np.maximum(L, 0.0)
        inverses.append(np.ascontiguousarray(L))
        error = max(error, solved.error)
    shape = np.broadcast_shapes(*(made.pairs[name][0].shape for name in made.demand))

    def flat(array: Array) -> Array:
        return np.ascontiguousarray(np.broadcast_to(array, shape)).reshape(n, -1)

    demand = [(flat(made.pairs[k][0]), flat(made.pairs[k][1])) for k in made.demand]
    effects, sign, flips = cells(made.pairs["intensity"], (inverses[0], inverses[1]), demand, R)
    K = shape[3]
    effects = effects.reshape(*effects.shape[:2], -1, K).sum(axis=3)
    sign = sign.reshape(R, -1, K).sum(axis=2)
    at = {"intensity": 0, "technology": 1, **{k: 2 + i for i, k in enumerate(made.demand)}}
    rows = [[at[name] for name in group if name != "trade"] for group in groups]
    return np.stack([effects[row].sum(axis=0) for row in rows]), sign, error, flips


def reachable(A: Array) -> NDArray[np.bool_]:
    """Tell which entries of ``(I - A)^-1`` can differ from zero, shape (n, n).

    Entry (i, j) can if i is j, or sells to it directly or through others.

    Examples
    --------
    >>> reachable(np.array([[0.0, 0.5, 0.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]])).astype(int)
    array([[1, 1, 1],
           [0, 1, 1],
           [0, 0, 1]])
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pattern = csr_array(A != 0)
    count, part = connected_components(pattern, directed=True, connection="strong")
    if count == 1:
        return np.ones(A.shape, dtype=bool)
    # Between the strong components only: real tables have one large and a few idle sectors.
    edges = np.eye(count, dtype=np.float32)
    rows, columns = pattern.nonzero()
    edges[part[rows], part[columns]] = 1.0
    reached = 1
    while reached < count:
        edges = np.minimum(edges @ edges, 1.0)
        reached *= 2
    return np.asarray((edges > 0)[np.ix_(part, part)])
