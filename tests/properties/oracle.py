"""Every principle once more, slowly: dense inverses and the formula as it is written down.

Written from the definitions and not from the package, to be its judge on small tables. Notation:
q = F/x (0 where x = 0), L = (I - A)^-1, X = LY, E_rs = sum over the sectors of r of q X, G the
Ghosh inverse, v' = x' - 1'Z.
"""

import numpy as np


class Oracle:
    """A clean table, dense and explicit."""

    def __init__(self, Z, Y, f, R):
        self.Z, self.Y, self.f, self.R = Z, Y, f, R
        n = len(f)
        self.n, self.S = n, n // R
        self.x = Z.sum(axis=1) + Y.sum(axis=1)
        self.A, self.B = np.zeros((n, n)), np.zeros((n, n))
        self.q, self.vc = np.zeros(n), np.zeros(n)
        self.v = self.x - Z.sum(axis=0)
        for j in range(n):
            if self.x[j] != 0:
                self.A[:, j] = Z[:, j] / self.x[j]
                self.B[j, :] = Z[j, :] / self.x[j]
                self.q[j] = f[j] / self.x[j]
                self.vc[j] = self.v[j] / self.x[j]
        self.L = np.linalg.inv(np.eye(n) - self.A)
        self.G = np.linalg.inv(np.eye(n) - self.B)
        self.m = self.q @ self.L
        self.X = self.L @ Y
        self.E = np.array(
            [[(self.q[self.of(r)] @ self.X[self.of(r), s]) for s in range(R)] for r in range(R)]
        )

    def of(self, r):
        """The positions of region r's sectors."""
        return slice(r * self.S, (r + 1) * self.S)

    def regional(self, values):
        return np.array([values[self.of(r)].sum() for r in range(self.R)])

    def production(self):
        return self.regional(self.f)

    def consumption(self):
        return self.E.sum(axis=0)

    def eebt(self):
        R, t = self.R, np.zeros((self.R, self.R))
        for r in range(R):
            own = self.of(r)
            domestic = np.linalg.inv(np.eye(self.S) - self.A[own, own])
            for s in range(R):
                if s != r:
                    exports = self.Y[own, s] + self.Z[own, self.of(s)].sum(axis=1)
                    t[r, s] = self.q[own] @ domestic @ exports
        return self.production() - t.sum(axis=1) + t.sum(axis=0)

    def income(self, value_added=None):
        v = self.v if value_added is None else value_added
        raw = self.regional(v * (self.G @ self.q))
        return raw if value_added is None else raw * self.f.sum() / raw.sum()

    def final_producer(self):
        return self.regional(self.m * self.Y.sum(axis=1))

    def shared(self, a=None, b=None, inside=False):
        n = self.n
        if a is None:
            a = np.ones(n)
            for i in range(n):
                net = self.x[i] - self.Z[i, i]
                if net != 0:
                    a[i] = min(max(1 - self.v[i] / net, 0.0), 1.0)
        a = np.broadcast_to(a, n)
        b = a if b is None else np.broadcast_to(b, n)
        alpha = np.repeat(a[:, None], n, axis=1)
        if inside:
            np.fill_diagonal(alpha, 1.0)
        m = self.q @ np.linalg.inv(np.eye(n) - alpha * self.A)
        kept = ((1 - alpha) * self.Z).sum(axis=1) + (1 - b) * self.Y.sum(axis=1)
        return self.regional(m * kept) + (m * b) @ self.Y

    def half_half(self):
        return (self.consumption() + self.income()) / 2

    def value_added(self, value_added=None):
        vc = self.vc.copy()
        if value_added is not None:
            vc = np.array([v / x if x else 0.0 for v, x in zip(value_added, self.x, strict=True)])
        content = vc @ self.L
        chain = self.m * self.Y.sum(axis=1)
        weight = np.array(
            [c / k if x else 0.0 for c, k, x in zip(chain, content, self.x, strict=True)]
        )
        return self.regional(vc * (self.L @ weight))

    def _abroad(self):
        """X_i^{r,exp} and what r takes from abroad, both (R, S)."""
        out, taken = np.zeros((self.R, self.S)), np.zeros((self.R, self.S))
        for r in range(self.R):
            for s in range(self.R):
                if s != r:
                    out[r] += self.X[self.of(r), s]
                    taken[r] += self.X[self.of(s), r]
        return out, taken

    def _world(self, weights):
        out, _ = self._abroad()
        w = out if weights == "exports" else self.x.reshape(self.R, self.S)
        q = self.q.reshape(self.R, self.S)
        return np.array(
            [(q[:, i] @ w[:, i]) / w[:, i].sum() if w[:, i].sum() else 0.0 for i in range(self.S)]
        )

    def technology_adjusted(self, weights="exports"):
        imports = self.E.sum(axis=0) - np.diag(self.E)
        return self.production() - self._abroad()[0] @ self._world(weights) + imports

    def technology_adjusted_balanced(self, weights="output"):
        out, taken = self._abroad()
        qbar = self._world(weights)
        return self.production() - out @ qbar + taken @ qbar

    def era(self):
        result = np.zeros(self.R)
        for r in range(self.R):
            for i in range(self.S):
                mine = r * self.S + i
                result[r] += self.q[mine] * self.X[mine, r]
                for s in range(self.R):
                    theirs = s * self.S + i
                    if s == r:
                        continue
                    q_r = self.q[mine] if self.x[mine] else self.q[theirs]
                    q_s = self.q[theirs] if self.x[theirs] else self.q[mine]
                    result[r] += (q_r + self.q[theirs]) / 2 * self.X[theirs, r]
                    result[r] += (self.q[mine] - q_s) / 2 * self.X[mine, s]
        return result

    def capital_endogenised(self, K):
        n = self.n
        AK = np.zeros((n, n))
        for j in range(n):
            if self.x[j]:
                AK[:, j] = K[:, j] / self.x[j]
        consumed = np.stack([K[:, self.of(r)].sum(axis=1) for r in range(self.R)], axis=1)
        return self.q @ np.linalg.inv(np.eye(n) - self.A - AK) @ (self.Y - consumed)

    def ownership(self, W):
        return W @ self.f

    def benefit_shared(self, phi=0.5):
        phi = np.broadcast_to(phi, (self.R, self.R))
        result = np.zeros(self.R)
        for r in range(self.R):
            result[r] = self.E[r, r]
            for s in range(self.R):
                if s != r:
                    result[r] += phi[r, s] * self.E[r, s] + (1 - phi[s, r]) * self.E[s, r]
        return result
