r"""Integrated hybrid: processes and the table in one system, linked both ways.

.. math::
    \begin{pmatrix} A_p & -C_d \\ -C_u & I - A + \Delta \end{pmatrix}
    \begin{pmatrix} s \\ x \end{pmatrix} = \begin{pmatrix} f \\ y \end{pmatrix}

(Suh et al. 2004, doi:10.1021/es0263745; Suh & Huppes 2005, J. Cleaner Prod. 13, 687: both
UNVERIFIED, not opened). Signs are
those of `system.System`: A_p holds what a process makes less what it takes, at the size of its
source, so s counts runs; x is output in money of the table.

* :math:`C_u`, shape (n, processes), upstream: money that a run of a process spends on an industry,
  basic prices, above zero.
* :math:`C_d`, shape (processes, n), downstream: units of a process's product that an industry uses
  per unit of money of its own output.
* :math:`\Delta`: the purchases that the downstream links replace, taken out of A so that the
  product is not bought twice: price times :math:`C_d`, in the row of the industry that the process
  belongs to.

**Solved by blocks.** Let the downstream links share k rows G (for one product sold to all users of
industry i, the row i of A; for a few named users, that row on these users only), so that
:math:`C_d = U G` and :math:`\Delta = R G`. With :math:`z = G x` and :math:`P = G (I-A)^{-1}`, k
multipliers,

.. math::
    A_p s - U z = f, \qquad (I + P R) z - P C_u s = P y, \qquad
    x = (I-A)^{-1}(y + C_u s - R z)

The first two are one small sparse system, the Schur complement; the third is one solve with the
table's factors. (I - A) is never inverted, nor is it refactored for Δ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, ShapeError, UnknownNameError
from mriocarbon.lca.hybrid_gases import TableGases, potentials, table_gases
from mriocarbon.lca.hybrid_money import place
from mriocarbon.lca.impact import gwp_method
from mriocarbon.lca.system import System
from mriocarbon.model.checked import is_real
from mriocarbon.model.table import MRIO
from mriocarbon.solve import Leontief, leontief

__all__ = ["Downstream", "Integrated", "Upstream", "integrated"]

Array = NDArray[np.float64]
Industry = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Upstream:
    """What a process buys from an industry of the table.

    Attributes
    ----------
    process : str
    industry : (str, str)
        Region and sector that sells.
    money : float
        Per `amount` of the process's product, in the currency of the table, basic prices.
    """

    process: str
    industry: Industry
    money: float


@dataclass(frozen=True, slots=True)
class Downstream:
    """What industries of the table take from a process instead of from the industry it is in.

    Attributes
    ----------
    process : str
    industry : (str, str)
        Region and sector whose product this is: the purchases that it replaces.
    price : float
        Money of the table per unit of the process's product, basic prices.
    share : float
        Of the purchases of each user from `industry`; above 0, at most 1.
    users : tuple of (str, str)
        Regions and sectors that take it; empty: all that buy from `industry`.
    """

    process: str
    industry: Industry
    price: float
    share: float = 1.0
    users: tuple[Industry, ...] = ()


@dataclass(frozen=True, eq=False)
class Integrated:
    """A solution of both systems at once.

    Attributes
    ----------
    system : System
    mrio : MRIO
    scaling : ndarray, shape (processes,)
        s, runs of each process.
    output : ndarray, shape (n,)
        x, in the currency of the table (USD, not millions).
    flows : ndarray, shape (flows,)
        Elementary flows of the processes, ``B s``.
    emissions : ndarray, shape (gases, n)
        Of each industry itself, ``q x``, in the units of `gases`.
    gases : TableGases
    residual : float
        Of the whole matrix equation, relative to the size of its terms, the worse of the blocks.
    error : float
        Estimate of the relative forward error: what one more refinement would add to the
        elementary flows and the emissions, the worst of them.
    """

    system: System
    mrio: MRIO
    scaling: Array
    output: Array
    flows: Array
    emissions: Array
    gases: TableGases
    residual: float
    error: float

    def score(self, report: str = "AR6", *, horizon: int = 100) -> dict[str, float]:
        """Return kg CO2e of the processes, of the table, and of both."""
        method = gwp_method(self.system, report, horizon=horizon)
        own = float(method.total @ self.flows)
        rest = float((potentials(self.gases, report, horizon=horizon) @ self.emissions).sum())
        return {"processes": own, "table": rest, "total": own + rest}

    def by_process(self, report: str = "AR6", *, horizon: int = 100) -> dict[str, float]:
        """Return kg CO2e that each process emits itself."""
        c = gwp_method(self.system, report, horizon=horizon).total
        direct = np.asarray(self.system.B.T @ c) * self.scaling
        return {p.name: float(v) for p, v in zip(self.system.processes, direct, strict=True)}

    def by_industry(self, report: str = "AR6", *, horizon: int = 100) -> Array:
        """Return kg CO2e that each industry of the table emits itself, shape (n,)."""
        return np.asarray(potentials(self.gases, report, horizon=horizon) @ self.emissions)


def integrated(
    system: System,
    mrio: MRIO,
    upstream: Iterable[Upstream],
    downstream: Iterable[Downstream],
    demand: Mapping[str, float | tuple[float, str]],
    *,
    money: Mapping[Industry, float] | ArrayLike | None = None,
) -> Integrated:
    """Solve processes and table as one system.

    Parameters
    ----------
    system : System
    mrio : MRIO
    upstream : iterable of Upstream
        Several links of one process and industry add up.
    downstream : iterable of Downstream
    demand : mapping of process name to amount, or to (amount, unit)
        f; may be empty if `money` is given.
    money : mapping of (region, sector) to float, or array_like of shape (n,), optional
        y, final demand for industries, in the currency of the table (USD, not millions).

    Returns
    -------
    Integrated

    Raises
    ------
    UnknownNameError
        No such process, region or sector.
    InputError
        Links that replace more than is bought, a price or share out of range, an industry without
        output, a system without a solution.
    ShapeError

    Notes
    -----
    Without downstream links this is the tiered hybrid of `fill`, to rounding. The final demand for
    an industry is not split: what of it is the process's product is for `demand` to say.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> mrio = mc.load("oecd-icio-2022")
    >>> mill = Process("mill", "green steel", 1.0, "t", (
    ...     Exchange("Carbon dioxide, fossil", 0.1, "t", "biosphere", "out", "air"),))
    >>> found = integrated(
    ...     System.of([mill]), mrio,
    ...     [Upstream("mill", ("CHN", "D"), 300.0)],
    ...     [Downstream("mill", ("CHN", "C24A"), price=900.0, share=0.1)],
    ...     {}, money={("CHN", "C29"): 20_000.0})
    >>> {part: round(kg) for part, kg in found.score().items()}["processes"]
    30
    """
    gases = table_gases(mrio)
    solver = leontief(mrio)
    f = system.demand(demand)
    y = _money(mrio, money)
    links = _Links(system, mrio, solver, list(upstream), list(downstream))
    if not (f.any() or y.any()):
        raise InputError("no demand", where="integrated",
                         do="give an amount of a process, or money for an industry")  # fmt: skip
    s, z, x = links.solve(f, y)
    for _ in range(2):
        rp, rz, rx = links.residual(s, z, x, f, y)
        ds, dz, dx = links.correct(rp, rz, rx)
        s, z, x = s + ds, z + dz, x + dx
    rp, rz, rx = links.residual(s, z, x, f, y)
    ds, _, dx = links.correct(rp, rz, rx)
    residual = max(
        _ratio(rp, abs(system.A) @ np.abs(s) + np.abs(f)),
        _ratio(rx, np.abs(x) + np.abs(y)),
    )
    flows = np.asarray(system.B @ s)
    emissions = gases.q * x
    error = max(
        _ratio(abs(system.B) @ np.abs(ds), abs(system.B) @ np.abs(s), each=True),
        _ratio(np.abs(gases.q) @ np.abs(dx), np.abs(gases.q) @ np.abs(x), each=True),
    )
    for array in (s, x, flows, emissions):
        array.setflags(write=False)
    return Integrated(system, mrio, s, x, flows, emissions, gases, residual, error)


def _ratio(part: Array, whole: Array, *, each: bool = False) -> float:
    """Largest of `part` against `whole`: entry by entry, or the largest against the largest."""
    if not each:
        top = float(np.abs(whole).max(initial=0.0))
        return float(np.abs(part).max(initial=0.0)) / top if top else 0.0
    there = whole > 0
    return float((part[there] / whole[there]).max(initial=0.0))


def _money(mrio: MRIO, money: Mapping[Industry, float] | ArrayLike | None) -> Array:
    n = len(mrio.index)
    if money is None:
        return np.zeros(n)
    if isinstance(money, Mapping):
        y = np.zeros(n)
        for (region, sector), amount in money.items():
            y[place(mrio, region, sector)[0]] += float(amount)
    else:
        y = np.array(money, dtype=np.float64)
        if y.shape != (n,):
            raise ShapeError(f"money has shape {y.shape}", where="integrated",
                             do=f"give one amount for each of {n} industries")  # fmt: skip
    if not np.isfinite(y).all():
        raise InputError("money is not finite", where="integrated", do="give numbers")
    return y


class _Links:
    """The links as matrices, and the solve by blocks."""

    def __init__(
        self,
        system: System,
        mrio: MRIO,
        solver: Leontief,
        upstream: list[Upstream],
        downstream: list[Downstream],
    ) -> None:
        from scipy.sparse import coo_array

        n, p = len(mrio.index), len(system.processes)
        self.system, self.mrio, self.solver = system, mrio, solver
        self.x0 = np.where(solver.zero, np.inf, solver.output_)
        up: list[tuple[int, int, float]] = []
        for u in upstream:
            where = f"upstream link of {u.process!r}"
            if not (is_real(u.money) and u.money >= 0):
                raise InputError(f"money is {u.money!r}", where=where, do="give at least 0")
            up.append((self._sells(u.industry, where), self._process(u.process, where), u.money))
        i, j, v = (list(c) for c in zip(*up, strict=True)) if up else ([], [], [])
        self.C_u = coo_array((np.array(v, dtype=float), (i, j)), shape=(n, p)).tocsc()
        groups: dict[tuple[int, tuple[int, ...]], int] = {}
        rows: list[Array] = []
        taken: dict[int, Array] = {}
        u_, r_ = [], []
        for d in downstream:
            where = f"downstream link of {d.process!r}"
            if not (is_real(d.price) and d.price > 0):
                raise InputError(f"price is {d.price!r}", where=where, do="give it above zero")
            if not (is_real(d.share) and 0 < d.share <= 1):
                raise InputError(f"share is {d.share!r}", where=where, do="above 0, at most 1")
            k, process = self._sells(d.industry, where), self._process(d.process, where)
            users = tuple(sorted({place(mrio, *user)[0] for user in d.users}))
            row = np.where(np.isinf(self.x0), 0.0, mrio.Z[k] / self.x0)
            if users:
                keep = np.zeros(n, dtype=bool)
                keep[list(users)] = True
                idle = [mrio.index.name(c) for c in users if row[c] == 0]
                if idle:
                    raise InputError(
                        f"{', '.join(idle)} buy nothing from {mrio.index.name(k)}", where=where,
                        do="name users that do, or none for all of them",
                    )  # fmt: skip
                row = np.where(keep, row, 0.0)
            elif not row.any():
                raise InputError(f"nobody buys from {mrio.index.name(k)}", where=where,
                                 do="choose another industry")  # fmt: skip
            total = taken.setdefault(k, np.zeros(n))
            total += d.share * (row != 0)
            if (total > 1 + 1e-12).any():
                raise InputError(
                    f"links replace more than all that is bought from {mrio.index.name(k)}",
                    where=where, do="lower the shares; together at most 1 for each user",
                )  # fmt: skip
            g = groups.setdefault((k, users), len(rows))
            if g == len(rows):
                rows.append(row)
            u_.append((process, g, d.share / d.price))
            r_.append((k, g, d.share))
        self.k = len(rows)
        G = np.array(rows).reshape(self.k, n)
        self.G = G
        a, b, c = (list(t) for t in zip(*u_, strict=True)) if u_ else ([], [], [])
        self.U = coo_array((np.array(c, dtype=float), (a, b)), shape=(p, self.k)).tocsc()
        a, b, c = (list(t) for t in zip(*r_, strict=True)) if r_ else ([], [], [])
        self.R = coo_array((np.array(c, dtype=float), (a, b)), shape=(n, self.k)).tocsc()
        self.P = np.asarray(solver.multipliers(G).value) if self.k else np.zeros((0, n))
        self.lu = self._factor()

    def _process(self, name: str, where: str) -> int:
        k = self.system.position.get(name)
        if k is None:
            raise UnknownNameError.of("process", name, self.system.position, do=f"({where})")
        return k

    def _sells(self, industry: Industry, where: str) -> int:
        k = place(self.mrio, *industry)[0]
        if self.solver.zero[k]:
            raise InputError(f"{self.mrio.index.name(k)} has no output", where=where,
                             do="choose another industry")  # fmt: skip
        return k

    def _factor(self) -> object:
        from scipy.sparse import block_array, csc_array, eye_array
        from scipy.sparse.linalg import splu

        if not self.k:
            S = self.system.A
        else:
            PR = csc_array(self.P @ self.R.toarray())
            # columns of processes that buy from the table only: P C_u is dense in them
            PC = csc_array((self.C_u.T @ self.P.T).T)
            S = block_array([[self.system.A, -self.U], [-PC, eye_array(self.k) + PR]], format="csc")
        try:
            return splu(csc_array(S))
        except RuntimeError as cause:
            raise InputError(
                "processes and table together have no solution", where="integrated",
                do="look for a link that makes a process need more of itself than it makes",
            ) from cause  # fmt: skip

    def solve(self, f: Array, y: Array) -> tuple[Array, Array, Array]:
        """Return s, z and x of a demand."""
        return self.correct(f, np.zeros(self.k), y)

    def correct(self, rp: Array, rz: Array, rx: Array) -> tuple[Array, Array, Array]:
        """Solve the three block rows for any right-hand side.

        ``A_p s - U z = rp``, ``z - G x = rz``, ``(I - A) x - C_u s + R z = rx``.
        """
        small = self.lu.solve(np.concatenate([rp, rz + self.P @ rx]))  # type: ignore[attr-defined]
        s, z = small[: len(rp)], small[len(rp) :]
        right = rx + self.C_u @ s - self.R @ z
        x = self._output(right)
        return s, z, x

    def _output(self, right: Array) -> Array:
        return np.asarray(self.solver.output(right).value)

    def residual(
        self, s: Array, z: Array, x: Array, f: Array, y: Array
    ) -> tuple[Array, Array, Array]:
        """What the three block rows lack."""
        bought = self.mrio.Z @ (x / self.x0)  # A x; nothing where there is no output
        return (
            np.asarray(f - self.system.A @ s + self.U @ z),
            np.asarray(self.G @ x - z),
            np.asarray(y + self.C_u @ s - self.R @ z - x + bought),
        )
