"""The few arrays that every decomposition of trade is made of.

Notation: s exporter, r direct importer, t origin, c absorber (whose final demand it ends in);
A_sr the block of A from s to r, B = (I - A)^-1, L_ss = (I - A_ss)^-1, Y_sr final products of s
bought by r, X = B Y, E_sr = Y_sr + A_sr x_r gross exports, E_s their sum over r != s, q content
per unit of output (emissions, or primary inputs v). Where rows do not balance, A x holds more than
the way to final demand: T_sr = Y_sr + A_sr sum_c X_rc is the part of E_sr that ends in it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]


class Borders:
    """Local inverses, contents and trade flows of one table for one content q.

    Everything is solved when it is first asked for and kept; B itself is never formed.

    Parameters
    ----------
    mrio : MRIO
    f : ndarray, shape (n,)
        The content by producing sector: emissions, or primary inputs.
    """

    def __init__(self, mrio: MRIO, f: Array) -> None:
        self.mrio, self.f = mrio, f
        self.economy = TableEconomy(mrio, f[None, :])
        self.economy.system.require_productive()
        self.R, self.S = self.economy.R, self.economy.S
        self.q = self.economy.q[0]  # (n,)
        self.regions = range(self.R)

    def block(self, s: int) -> slice:
        """Return the place of the sectors of region s among all n."""
        return slice(s * self.S, (s + 1) * self.S)

    def sales(self, s: int) -> Array:
        """Return A_s., the rows of region s in A, shape (S, n)."""
        system = self.economy.system
        return np.where(system.zero, 0.0, self.mrio.Z[self.block(s)] / system.output_)

    @cached_property
    def local(self) -> Array:
        """L_ss of every region, shape (R, S, S)."""
        own = np.stack([self.sales(s)[:, self.block(s)] for s in self.regions])
        identity = np.broadcast_to(np.eye(self.S), own.shape)
        return np.asarray(np.linalg.solve(identity - own, identity))

    @cached_property
    def Y(self) -> Array:
        """Final products of (s, i) bought by r, shape (R, S, R)."""
        return np.asarray(self.mrio.final_demand.reshape(self.R, self.S, self.R))

    @cached_property
    def Y_own(self) -> Array:
        """Y_ss, shape (R, S)."""
        return np.asarray(np.einsum("sis->si", self.Y))

    @cached_property
    def X(self) -> Array:
        """Output of (s, i) for the final demand of c, B Y, shape (R, S, R)."""
        X = self.economy.output(self.economy.Y)
        return np.asarray(X.reshape(self.R, self.S, self.R))

    @cached_property
    def exports(self) -> Array:
        """E_sr, gross exports of (s, i) to r, 0 to itself, shape (R, S, R)."""
        E = self.mrio.Z.reshape(self.R, self.S, self.R, self.S).sum(axis=3) + self.Y
        for s in self.regions:
            E[s, :, s] = 0.0
        return np.asarray(E)

    @cached_property
    def traced(self) -> Array:
        """T_sr = Y_sr + A_sr sum_c X_rc, what final demand draws of exports, shape (R, S, R)."""
        X = self.X.sum(axis=2)
        T = np.empty_like(self.exports)
        for s in self.regions:
            A = self.sales(s).reshape(self.S, self.R, self.S)
            T[s] = np.einsum("irj,rj->ir", A, X) + self.Y[s]
            T[s, :, s] = 0.0
        return T

    @cached_property
    def content(self) -> Array:
        """q_t B_t., the content from origin t of one unit of each product, shape (R, R, S)."""
        rows = np.zeros((self.R, self.R * self.S))
        for t in self.regions:
            rows[t, self.block(t)] = self.q[self.block(t)]
        return np.asarray(self.economy.multipliers(rows).reshape(self.R, self.R, self.S))

    @cached_property
    def own_local(self) -> Array:
        """q_s L_ss, shape (R, S)."""
        q = self.q.reshape(self.R, self.S)
        return np.asarray(np.einsum("si,sij->sj", q, self.local))

    @cached_property
    def direct(self) -> Array:
        """What reaches a product of s over at most one border, shape (R, R, S).

        q_s L_ss from s itself, q_t L_tt A_ts L_ss from t != s.
        """
        D = np.stack([self.own_local[t] @ self.sales(t) for t in self.regions])
        D = np.einsum("tsi,sij->tsj", D.reshape(self.R, self.R, self.S), self.local)
        for s in self.regions:
            D[s, s] = self.own_local[s]
        return np.asarray(D)

    @cached_property
    def local_use(self) -> Array:
        """L_rr Y_rr, output made and used without any border, shape (R, S)."""
        return np.asarray(np.einsum("rij,rj->ri", self.local, self.Y_own))

    def inverse_columns(self, s: int) -> Array:
        """Return B_.s, the columns of region s in B, shape (n, S)."""
        unit = np.zeros((self.R * self.S, self.S))
        unit[self.block(s)] = np.eye(self.S)
        return self.economy.output(unit)

    @cached_property
    def own_inverse(self) -> Array:
        """B_ss of every region, shape (R, S, S)."""
        return np.stack([self.inverse_columns(s)[self.block(s)] for s in self.regions])

    def once(self, s: int) -> Array:
        """Return B_ss^-1 L_ss, shape (S, S): exports of s freed of what left s before.

        Without the exports of s the inverse would be B^s with B^s_.s = B_.s B_ss^-1 L_ss,
        because (I - A_ss) B_ss = I + sum_r A_sr B_rs.
        """
        return np.asarray(np.linalg.solve(self.own_inverse[s], self.local[s]))

    @property
    def error(self) -> float:
        """Forward error of the solves so far, relative to the largest total."""
        return self.economy.error
