r"""What a change of the system does to a score, without solving again.

With the multipliers :math:`\lambda' = c' B A^{-1}` the score is :math:`h = \lambda' f`, and

.. math::
    \partial h / \partial A_{ij} = -\lambda_i s_j, \quad
    \partial h / \partial B_{kj} = c_k s_j, \quad
    \partial h / \partial f_i = \lambda_i, \quad \partial h / \partial c_k = g_k

all from one adjoint solve (Heijungs & Suh 2002, chapter 6). Finite changes of whole columns are
exact by the Woodbury identity, which for one column is Sherman-Morrison's:
:math:`s' = s - A^{-1}u\, s_j / (1 + (A^{-1}u)_j)` for :math:`A' = A + u e_j'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, ShapeError, UnknownNameError
from mriocarbon.lca.lci import LCI, Factored
from mriocarbon.model.brief import brief

__all__ = ["Gradients", "gradients", "multipliers", "perturbed", "row_of"]

Array = NDArray[np.float64]
_SINGULAR = 1e-12


def row_of(C: ArrayLike, flows: int) -> Array:
    """Characterisation factors of one category, shape (k,); ShapeError if they are not."""
    raw = C.toarray() if hasattr(C, "toarray") else C
    c = np.asarray(raw, dtype=np.float64).reshape(-1)
    if c.shape != (flows,):
        raise ShapeError(
            f"characterisation has {c.size} factors for {flows} flows", where="one category",
            do="give one factor for each elementary flow",
        )  # fmt: skip
    return c


def multipliers(factored: Factored, c: ArrayLike) -> Array:
    """Return the score of one unit of each product, cradle to gate, shape (n,).

    Parameters
    ----------
    factored : Factored
    c : array, shape (k,)
        Factors of one category.
    """
    system = factored.system
    direct = np.asarray(system.B.T @ row_of(c, len(system.flows)))
    return factored.solve(direct, transposed=True)[0]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Derivatives of one score with respect to every number behind it.

    Attributes
    ----------
    score : float
    names : tuple of str
        The parameters: every number that a source gives (`Terms.names`).
    value : ndarray, shape (p,)
        Derivative with respect to a relative change of each: what the score gains if the
        number doubles, to first order.
    A, B : ndarray, shape (entries,)
        Derivatives with respect to the stored entries of A and of B, in their order.
    demand : ndarray, shape (n,)
    factors : ndarray, shape (k,)
        With respect to the characterisation factors.
    """

    score: float
    names: tuple[str, ...]
    value: Array
    A: Array
    B: Array
    demand: Array
    factors: Array

    __repr__ = brief

    @property
    def elasticity(self) -> Array:
        """Relative change of the score per relative change of each parameter."""
        if self.score == 0:
            raise InputError("the score is zero", where="elasticity", do="use `value` instead")
        return np.asarray(self.value / self.score)

    def largest(self, count: int = 10) -> list[tuple[str, float]]:
        """Return the parameters that move the score most, with what a doubling adds."""
        order = np.argsort(-np.abs(self.value), kind="stable")[:count]
        return [(self.names[k], float(self.value[k])) for k in order]


def gradients(lci: LCI, c: ArrayLike) -> Gradients:
    """Return the derivatives of a score with respect to all parameters at once.

    Parameters
    ----------
    lci : LCI
    c : array, shape (k,)
        Factors of one category.

    Returns
    -------
    Gradients
        The score, and its derivative by each of the p numbers of the sources (relative change,
        shape (p,)), by the stored entries of A and B, by the demand (n,) and by the factors (k,).

    Raises
    ------
    ShapeError
        `c` has not one factor for each elementary flow.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> kiln = Process("kiln", "lime", 1.0, "t", (
    ...     Exchange("CO2", 0.8, "t", "biosphere", "out", "air"),))
    >>> found = gradients(inventory(System.of([kiln]), {"kiln": 2.0}), [1.0])
    >>> found.largest()
    [('kiln: product', -1.6), ('kiln: CO2', 1.6)]
    """
    system, terms = lci.system, lci.system.terms
    c_row = row_of(c, len(system.flows))
    lam = multipliers(lci.factored, c_row)
    s = lci.scaling
    per_term = np.where(
        terms.intervention,
        c_row[np.where(terms.intervention, terms.row, 0)] if c_row.size else 0.0,
        -lam[np.where(terms.intervention, 0, terms.row)],
    ) * s[terms.column]  # fmt: skip
    value = np.bincount(terms.parameter, weights=per_term * terms.value, minlength=len(terms.names))
    columns_A = np.repeat(np.arange(system.A.shape[1]), np.diff(system.A.indptr))
    columns_B = np.repeat(np.arange(system.B.shape[1]), np.diff(system.B.indptr))
    return Gradients(
        float(c_row @ lci.flows),
        terms.names,
        value.astype(np.float64),
        -lam[system.A.indices] * s[columns_A],
        c_row[system.B.indices] * s[columns_B],
        lam,
        np.array(lci.flows),
    )


def perturbed(lci: LCI, changes: Mapping[tuple[str, str], float]) -> Array:
    """Return the scaling after changes of the technology matrix, without solving again.

    Parameters
    ----------
    lci : LCI
    changes : mapping of (product's process, process) to float
        What is added to entry A_ij, in the unit of the product; an input that grows is a
        negative change.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    UnknownNameError
    InputError
        The changed system has no solution.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> mill = Process("mill", "steel", 1.0, "t", (Exchange("ore", 1.6, "t"),))
    >>> lci = inventory(System.of([mill, Process("mine", "ore", 1.0, "t")]), {"mill": 1.0})
    >>> perturbed(lci, {("mine", "mill"): -0.4}).tolist()
    [1.0, 2.0]
    """
    position, n = lci.system.position, len(lci.system.processes)
    for pair in changes:
        for name in pair:
            if name not in position:
                raise UnknownNameError.of("process", name, position)
    columns = sorted({position[column] for _, column in changes})
    if not columns:
        return np.array(lci.scaling)
    U = np.zeros((n, len(columns)))
    for (row, column), change in changes.items():
        U[position[row], columns.index(position[column])] += change
    V = np.column_stack([lci.factored.solve(U[:, k])[0] for k in range(len(columns))])
    small = np.eye(len(columns)) + V[columns]
    if np.linalg.svd(small, compute_uv=False)[-1] < _SINGULAR * max(1.0, np.abs(small).max()):
        raise InputError(
            "the changed system has no solution",
            where=", ".join(f"{row} into {column}" for row, column in changes),
            do="change it by less: these processes would take all that they make",
        )
    return np.asarray(lci.scaling - V @ np.linalg.solve(small, lci.scaling[columns]))
