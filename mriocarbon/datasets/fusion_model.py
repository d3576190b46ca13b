"""The arithmetic of fusion: generalised least squares, conditioning on sums, signs.

Plain arrays in, plain arrays out; nothing here knows of sources or countries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ConvergenceError, InputError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Added to the variances before factoring: perfectly correlated sources give a singular matrix,
# and this changes the result by less than one part in 10^9.
_JITTER = 1e-10
_RANK = 1e-9


@dataclass(frozen=True)
class Fit:
    """A solved problem ``y = H theta + e``, ``e ~ (0, V)``.

    Attributes
    ----------
    value, cov : ndarray, shapes (n,) and (n, n)
        Estimate and its covariance; NaN where the data do not determine a cell.
    gain : ndarray, shape (n, m)
        ``value = gain @ y``: the weights of the observations.
    residual : ndarray, shape (m,)
        ``y - H theta``.
    residual_cov : ndarray, shape (m, m)
        Covariance of the residual, ``V - H cov H'``.
    precision : ndarray, shape (m, m)
        ``P`` with ``chi2 = y' P y`` and ``P H = 0``.
    chi2 : float
    dof : int
    identified : ndarray of bool, shape (n,)
    """

    value: Array
    cov: Array
    gain: Array
    residual: Array
    residual_cov: Array
    precision: Array
    chi2: float
    dof: int
    identified: Mask


def gls(design: Array, observed: Array, cov: Array) -> Fit:
    """Solve by generalised least squares.

    ``theta = (H' V^-1 H)^-1 H' V^-1 y`` (Aitken 1936), through a Cholesky factor of V and a
    singular value decomposition of the whitened design, so that cells which the observations do
    not determine are found and not made up.

    Parameters
    ----------
    design : ndarray, shape (m, n)
    observed : ndarray, shape (m,)
    cov : ndarray, shape (m, m)
        Covariance of the errors; positive semi-definite.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        The covariance is not positive semi-definite.

    Examples
    --------
    >>> fit = gls(np.ones((2, 1)), np.array([1.0, 3.0]), np.eye(2))
    >>> round(float(fit.value[0]), 6), round(float(fit.cov[0, 0]), 6)
    (2.0, 0.5)
    """
    m = len(observed)
    scale = np.sqrt(np.diag(cov))
    if not (np.isfinite(cov).all() and (scale > 0).all()):
        raise InputError(
            "the errors of some observations are zero or not finite",
            where=f"observations {np.flatnonzero(~(scale > 0)).tolist()[:5]}",
            do="give every observation a standard deviation above zero",
        )
    correlation = cov / np.outer(scale, scale)
    try:
        lower = np.linalg.cholesky(correlation + _JITTER * np.eye(m))
    except np.linalg.LinAlgError as error:
        raise InputError(
            "the errors cannot be correlated like this: the covariance is not positive",
            where="covariance of the observations",
            do="lower the shares that sources have in common, or make them consistent",
        ) from error
    white = np.linalg.solve(lower, design / scale[:, None])
    z = np.linalg.solve(lower, observed / scale)
    columns = np.linalg.norm(white, axis=0)
    columns[columns == 0] = 1.0
    u, s, vt = np.linalg.svd(white / columns, full_matrices=False)
    keep = s > _RANK * (s[0] if s.size else 1.0)
    u, s, vt = u[:, keep], s[keep], vt[keep]
    # A cell is determined if no direction that the data cannot see has a part in it.
    identified = np.einsum("kn,kn->n", vt, vt) > 1 - 1e-6
    half = (vt.T / s) / columns[:, None]
    value = half @ (u.T @ z)
    covariance = half @ half.T
    whitener = np.linalg.solve(lower, np.diag(1 / scale))
    gain = half @ (u.T @ whitener)
    left = whitener - u @ (u.T @ whitener)
    residual = observed - design @ value
    precision = left.T @ left
    value[~identified] = np.nan
    covariance[~identified] = np.nan
    covariance[:, ~identified] = np.nan
    spread = design @ half
    return Fit(
        value=value,
        cov=covariance,
        gain=gain,
        residual=residual,
        residual_cov=cov - spread @ spread.T,
        precision=precision,
        chi2=float(observed @ precision @ observed),
        dof=m - int(keep.sum()),
        identified=identified,
    )


def source_covariance(
    source: NDArray[np.intp],
    year: NDArray[np.intp],
    part: NDArray[np.intp],
    scale: Array,
    relative: Array,
    part_relative: Array,
    shared: Array,
    persistent: float,
    memory: float,
) -> tuple[Array, Array]:
    """Return the covariance of the biases and of the random errors of one region's figures.

    Two figures i, j of sources s, r have in common, with ``K_sr`` the share of `shared`,

    ``cov = scale_i scale_j K_sr [min(a_i, a_j)^2 + (part_i = part_j) min(b_i, b_j)^2] T_ij``

    where a is the relative error of the total, b that of a part alone, and ``T_ij`` is
    ``persistent * memory^|t_i - t_j|`` for the bias and ``(1 - persistent) (t_i = t_j)`` for the
    random error. The smaller of two errors bounds what they can share: it keeps weights from
    turning negative, and the matrix positive (products of positive kernels).

    Parameters
    ----------
    source, year, part : ndarray of int, shape (m,)
        Part -1 is the total.
    scale, relative, part_relative : ndarray, shape (m,)
    shared : ndarray, shape (sources, sources)
        Ones on the diagonal.
    persistent, memory : float

    Returns
    -------
    bias, random : ndarray, shape (m, m)
    """
    common = np.minimum.outer(relative, relative) ** 2
    same_part = (part[:, None] == part[None, :]) & (part >= 0)[:, None]
    common = common + np.where(same_part, np.minimum.outer(part_relative, part_relative) ** 2, 0.0)
    common = common * np.outer(scale, scale) * shared[np.ix_(source, source)]
    gap = np.abs(np.subtract.outer(year, year))
    bias = common * persistent * np.power(float(memory), gap)
    random = common * (1 - persistent) * (gap == 0)
    return bias, random


@dataclass(frozen=True)
class Block:
    """The fused cells of one region: values, covariance and its factor.

    `keys` are positions on an axis that all blocks share, such as (year, part); errors of
    different regions meet along it.
    """

    keys: NDArray[np.intp]
    value: Array
    cov: Array

    def factor(self, length: int) -> Array:
        """Lower factor of `cov`, its columns spread over the common axis."""
        n = len(self.keys)
        out = np.zeros((n, length))
        scale = np.sqrt(np.maximum(np.diag(self.cov), np.finfo(float).tiny))
        unit = self.cov / np.outer(scale, scale)
        out[:, self.keys] = scale[:, None] * np.linalg.cholesky(unit + _JITTER * np.eye(n))
        return out


@dataclass(frozen=True)
class Sum:
    """A linear sum over cells: for each block the weights of its cells (None: none)."""

    weights: tuple[Array | None, ...]
    target: float = float("nan")
    sd: float = 0.0


def _covariances(
    blocks: Sequence[Block], factors: Sequence[Array], sums: Sequence[Sum], correlation: float
) -> tuple[Array, Array, list[Array]]:
    """Values and covariance of sums, and the covariance of each block's cells with them.

    Errors of block r are ``L_r (sqrt(c) xi + sqrt(1 - c) xi_r)``: xi is common to all regions.
    """
    length = factors[0].shape[1] if factors else 0
    common = np.zeros((len(sums), length))
    own = np.zeros((len(sums), len(sums)))
    values = np.zeros(len(sums))
    with_cells: list[Array] = []
    for k, (block, factor) in enumerate(zip(blocks, factors, strict=True)):
        rows = [s.weights[k] for s in sums]
        matrix = np.array([np.zeros(len(block.keys)) if w is None else w for w in rows])
        matrix = matrix.reshape(len(sums), len(block.keys))
        values += matrix @ block.value
        common += matrix @ factor
        own += matrix @ block.cov @ matrix.T
        with_cells.append((1 - correlation) * block.cov @ matrix.T)
    with_cells = [
        cells + correlation * factor @ common.T
        for cells, factor in zip(with_cells, factors, strict=True)
    ]
    return values, correlation * common @ common.T + (1 - correlation) * own, with_cells


def reconcile(
    blocks: Sequence[Block],
    sums: Sequence[Sum],
    *,
    length: int,
    correlation: float = 0.0,
    nonnegative: bool = False,
) -> tuple[list[Block], Array, Array]:
    """Make cells meet known sums, keep them non-negative, and return all sums with errors.

    ``theta' = theta + S A' (A S A' + R)^-1 (t - A theta)``: a sum with ``sd = 0`` is met exactly,
    one with ``sd > 0`` pulls. A negative cell is held at zero by a sum of its own (active set).

    Parameters
    ----------
    blocks : sequence of Block
    sums : sequence of Sum
        Those with a finite target condition the cells; the others are only computed.
    length : int
        Of the axis that the keys of blocks lie on.
    correlation : float
        Of the errors of different blocks, 0 to 1.
    nonnegative : bool

    Returns
    -------
    blocks, value of sums, covariance of sums

    Raises
    ------
    ConvergenceError
        The signs did not settle.
    """
    factors = [block.factor(length) for block in blocks]
    held: list[tuple[int, int]] = []
    for _ in range(100):
        zeros = [
            Sum(
                tuple(np.eye(len(b.keys))[i] if j == k else None for j, b in enumerate(blocks)),
                0.0,
            )
            for k, i in held
        ]
        everything = [*sums, *zeros]
        values, cov, with_cells = _covariances(blocks, factors, everything, correlation)
        on = np.flatnonzero([np.isfinite(s.target) for s in everything])
        if not len(on):
            new = list(blocks)
            multipliers = np.zeros(0)
            sum_cov = cov
        else:
            noise = np.array([everything[i].sd ** 2 for i in on])
            gap = np.array([everything[i].target for i in on]) - values[on]
            # Sums that overlap (a world total beside all its parts) make this singular.
            inverse = np.linalg.pinv(cov[np.ix_(on, on)] + np.diag(noise), hermitian=True)
            multipliers = inverse @ gap
            new = [
                Block(
                    b.keys,
                    b.value + c[:, on] @ multipliers,
                    b.cov - c[:, on] @ inverse @ c[:, on].T,
                )
                for b, c in zip(blocks, with_cells, strict=True)
            ]
            sum_cov = cov - cov[:, on] @ inverse @ cov[on]
        if not nonnegative:
            break
        # Held cells whose multiplier is negative would rather be positive: let them go.
        first = len(on) - len(held)
        free = [cell for cell, m in zip(held, multipliers[first:], strict=True) if m < 0]
        low = [
            (k, int(i))
            for k, b in enumerate(new)
            for i in np.flatnonzero(b.value < -1e-12 * np.abs(b.value).max(initial=0.0))
            if (k, int(i)) not in held
        ]
        if not low and not free:
            break
        held = [cell for cell in held if cell not in free] + low
    else:
        raise ConvergenceError(
            "the cells that must not be negative did not settle",
            where=f"{len(held)} cells held at zero",
            do="look at the sums that were asked for; they may not fit non-negative cells",
        )
    for k, i in held:
        new[k].value[i] = 0.0
    count = len(sums)
    totals = np.array(
        [
            sum(float(w @ b.value) for w, b in zip(s.weights, new, strict=True) if w is not None)
            for s in sums
        ]
    )
    return new, totals, sum_cov[:count, :count]
