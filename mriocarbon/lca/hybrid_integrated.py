r"""Integrated hybrid: processes and the table in one system, linked both ways.

.. math::
    \begin{pmatrix} A_p & -C_d \\ -C_u & I - A + \Delta \end{pmatrix}
    \begin{pmatrix} s \\ x \end{pmatrix} = \begin{pmatrix} f \\ y \end{pmatrix}

(Suh et al. 2004, doi:10.1021/es0263745; Suh & Huppes 2005, J. Cleaner Prod. 13, 687: both
UNVERIFIED, not opened). Signs are those of `system.System`: A_p holds what a process makes less
what it takes, at the size of its source, so s counts runs; x is output in money of the table.

* :math:`C_u`, shape (n, processes), upstream: money that a run of a process spends on an industry,
  basic prices, at least zero.
* :math:`C_d`, shape (processes, n), downstream: units of a process's product that an industry uses
  per unit of money of its own output, at least zero.
* :math:`\Delta`, shape (n, n): purchases that the downstream links replace, price times
  :math:`C_d`, taken out of A so that the product is not bought twice.

**Solved by blocks.** G holds the k rows of :math:`C_d` and :math:`\Delta` that are not zero, so
that :math:`C_d = U G` and :math:`\Delta = R G` with one entry in each column of U or R. With
:math:`z = G x` and :math:`P = G (I-A)^{-1}`, k multipliers,

.. math::
    A_p s - U z = f, \qquad (I + P R) z - P C_u s = P y, \qquad
    x = (I-A)^{-1}(y + C_u s - R z)

The first two are one small sparse system, the Schur complement; the third is one solve with the
table's factors. (I - A) is never inverted, nor is it factored anew for Δ.

**Productive.** Where nothing is credited and no flow is below zero, no entry off the diagonal of
the whole matrix M is positive; it then has a non-negative inverse if and only if the solution of
:math:`M v = e` with e above zero is not negative anywhere (Berman & Plemmons 1994, chapter 6,
condition I27; see `loops`). Else only a matrix without a solution is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, ShapeError, UnknownNameError, listed
from mriocarbon.lca.hybrid_gases import TableGases, potentials, table_gases
from mriocarbon.lca.hybrid_money import by_industry, place
from mriocarbon.lca.impact import gwp_method
from mriocarbon.lca.system import System
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real
from mriocarbon.model.table import MRIO
from mriocarbon.solve import Leontief, leontief

__all__ = ["Downstream", "Integrated", "Upstream", "instead", "integrated"]

Array = NDArray[np.float64]
Industry = tuple[str, str]
_ROUNDING = 1e-12
_SINGULAR = 1e-4


@dataclass(frozen=True, slots=True)
class Upstream:
    """What a process buys from an industry of the table.

    Attributes
    ----------
    process : str
    sector, region : str
        Who sells.
    amount : float
        Money per run of the process as its source states it (for `Process.amount` of its
        product), in the currency of the table (USD, not millions), basic prices.
    """

    process: str
    sector: str
    region: str
    amount: float


@dataclass(frozen=True, slots=True)
class Downstream:
    """What an industry of the table takes from a process.

    Attributes
    ----------
    sector, region : str
        Who takes it.
    process : str
    amount : float
        Of the process's product, in its unit, per unit of money of the industry's output (USD).
    replaces : (sector, region), optional
        Whose product it takes the place of. Without it the table's own purchases stay as they
        are: the product comes on top of them.
    price : float, optional
        Money per unit of the process's product, basic prices; needed with `replaces`.
    """

    sector: str
    region: str
    process: str
    amount: float
    replaces: tuple[str, str] | None = None
    price: float | None = None


def instead(
    mrio: MRIO,
    process: str,
    *,
    sector: str,
    region: str,
    price: float,
    share: float = 1.0,
    users: Iterable[tuple[str, str]] = (),
) -> tuple[Downstream, ...]:
    """Return the links that let users buy a process's product instead of an industry's.

    Parameters
    ----------
    mrio : MRIO
    process : str
    sector, region : str
        The industry that the product comes from in the table.
    price : float
        Money of the table per unit of the process's product, basic prices.
    share : float
        Of what each user buys from that industry; above 0, at most 1.
    users : iterable of (sector, region)
        All that buy from it if not given.

    Raises
    ------
    InputError
        A price or share out of range; a user that buys nothing from the industry; nobody does.
    UnknownNameError

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> link, = instead(mrio, "mill", sector="C24A", region="CHN", price=900.0, share=0.1,
    ...                 users=[("C29", "CHN")])
    >>> link.replaces, round(900 * link.amount, 4)  # USD of steel per USD of vehicles
    (('C24A', 'CHN'), 0.0047)
    """
    where = f"links of {process!r}"
    if not (is_real(price) and price > 0):
        raise InputError(f"price is {price!r}", where=where, do="give it above zero")
    if not (is_real(share) and 0 < share <= 1):
        raise InputError(f"share is {share!r}", where=where, do="above 0, at most 1")
    k = place(mrio, region, sector)[0]
    row = np.divide(mrio.Z[k], mrio.x, out=np.zeros(len(mrio.index)), where=mrio.x != 0)
    named = [place(mrio, r, s)[0] for s, r in users]
    idle = [mrio.index.name(j) for j in named if row[j] <= 0]
    wanted = dict.fromkeys(named) if named else np.flatnonzero(row > 0).tolist()
    if idle:
        raise InputError(f"{listed(idle, 6)}: nothing bought from {mrio.index.name(k)}",
                         where=where, do="name users that do, or none for all of them")  # fmt: skip
    if not wanted:
        raise InputError(f"nobody buys from {mrio.index.name(k)}", where=where,
                         do="choose another industry")  # fmt: skip
    pairs = mrio.index.pairs
    return tuple(
        Downstream(pairs[j][1], pairs[j][0], process, share * float(row[j]) / price,
                   (pairs[k][1], pairs[k][0]), price)
        for j in wanted
    )  # fmt: skip


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
    factors : (ndarray, ndarray), shapes (flows,) and (gases,)
        Of characterisation: of `System.flows` and of the rows of `gases`.
    processes, table : float
        Score of each part; kg CO2e unless other factors were given.
    by_process : ndarray, shape (processes,)
        Of `processes`, what each emits itself.
    by_industry : ndarray, shape (n,)
        Of `table`, what each industry emits itself.
    residual : float
        Of the whole matrix equation, relative to the size of its terms, the worse of the blocks.
    error : float
        Estimate of the relative forward error: what one more refinement would add to the
        elementary flows and the emissions, the worst of them. It is of the arithmetic, not of
        the data.
    assumed : tuple of str
    """

    system: System
    mrio: MRIO
    scaling: Array
    output: Array
    flows: Array
    emissions: Array
    gases: TableGases
    factors: tuple[Array, Array]
    processes: float
    table: float
    by_process: Array
    by_industry: Array
    residual: float
    error: float
    assumed: tuple[str, ...]

    __repr__ = brief

    @property
    def total(self) -> float:
        """Score of both parts."""
        return self.processes + self.table

    def contributions(self, *, top: int | None = None) -> tuple[tuple[str, float], ...]:
        """Return (name, score) of processes and industries, largest first; they add up."""
        names = [p.name for p in self.system.processes]
        names += [f"{sector}, {region} [table]" for region, sector in self.mrio.index.pairs]
        value = np.concatenate([self.by_process, self.by_industry])
        order = [int(k) for k in np.argsort(-np.abs(value), kind="stable") if value[k] != 0]
        return tuple((names[k], float(value[k])) for k in order[:top])


def integrated(
    system: System,
    mrio: MRIO,
    demand: Mapping[str, float | tuple[float, str]],
    *,
    upstream: Iterable[Upstream],
    downstream: Iterable[Downstream] = (),
    c: tuple[ArrayLike, ArrayLike] | None = None,
    money: Mapping[Industry, float] | ArrayLike | None = None,
) -> Integrated:
    """Solve processes and table as one system.

    Parameters
    ----------
    system : System
    mrio : MRIO
    demand : mapping of process name to amount, or to (amount, unit)
        f; may be empty if `money` is given.
    upstream : iterable of Upstream
        Several links of one process and industry add up.
    downstream : iterable of Downstream
        The same; see `instead`.
    c : (array_like, array_like), optional
        Characterisation of `System.flows`, and of the rows of `table_gases`, each per unit;
        GWP100 of AR6 if not given. Other reports: ``(gwp_method(system, "AR5").total,
        potentials(table_gases(mrio), "AR5"))``.
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
        Links that replace more than is bought, an amount or price out of range, an industry
        without output, no demand; processes and industries that together take at least as much
        as they make, which are named.
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
    >>> links = instead(mrio, "mill", sector="C24A", region="CHN", price=900.0, share=0.1)
    >>> found = integrated(
    ...     System.of([mill]), mrio, {}, upstream=[Upstream("mill", "D", "CHN", 300.0)],
    ...     downstream=links, money={("CHN", "C29"): 20_000.0})
    >>> round(found.processes)
    30
    >>> found.contributions(top=1)[0][0], found.residual < 1e-12, found.error < 1e-9
    ('D, CHN [table]', True, True)
    """
    gases = table_gases(mrio)
    f = system.demand(demand)
    y = _money(mrio, money)
    if not (f.any() or y.any()):
        raise InputError("no demand", where="integrated",
                         do="give an amount of a process, or money for an industry")  # fmt: skip
    factors = _factors(system, gases, c)
    links = _Links(system, mrio, leontief(mrio), list(upstream), list(downstream))
    s, z, x = links.solve(f, y)
    for _ in range(2):
        ds, dz, dx = links.correct(*links.residual(s, z, x, f, y))
        s, z, x = s + ds, z + dz, x + dx
    rest = links.residual(s, z, x, f, y)
    ds, _, dx = links.correct(*rest)
    residual = max(
        _ratio(rest[0], abs(system.A) @ np.abs(s) + np.abs(f)),
        _ratio(rest[2], np.abs(x) + np.abs(y)),
    )
    flows = np.asarray(system.B @ s)
    emissions = gases.q * x
    error = max(
        _ratio(abs(system.B) @ np.abs(ds), abs(system.B) @ np.abs(s), each=True),
        _ratio(np.abs(gases.q) @ np.abs(dx), np.abs(gases.q) @ np.abs(x), each=True),
    )
    by_process = np.asarray(system.B.T @ factors[0]) * s
    by_industry = np.asarray(factors[1] @ emissions)
    for array in (s, x, flows, emissions, by_process, by_industry, *factors):
        array.setflags(write=False)
    return Integrated(
        system, mrio, s, x, flows, emissions, gases, factors, float(by_process.sum()),
        float(by_industry.sum()), by_process, by_industry, residual, error,
        (*gases.assumed, *links.assumed),
    )  # fmt: skip


def _factors(
    system: System, gases: TableGases, c: tuple[ArrayLike, ArrayLike] | None
) -> tuple[Array, Array]:
    if c is None:
        return gwp_method(system).total.copy(), potentials(gases).copy()
    if len(c) != 2:
        raise ShapeError(f"c has {len(c)} parts", where="integrated",
                         do="give factors of the flows and of the table's gases")  # fmt: skip
    found = []
    for part, what, n in ((c[0], "flows of the system", len(system.flows)),
                          (c[1], "gases of the table", len(gases.names))):  # fmt: skip
        values = np.array(part, dtype=np.float64)
        if values.shape != (n,) or not np.isfinite(values).all():
            raise ShapeError(f"c of the {what}: shape {values.shape}", where="integrated",
                             do=f"give {n} finite factors")  # fmt: skip
        found.append(values)
    return found[0], found[1]


def _ratio(part: Array, whole: Array, *, each: bool = False) -> float:
    """Largest of `part` against `whole`: entry by entry, or the largest against the largest."""
    if not each:
        top = float(np.abs(whole).max(initial=0.0))
        return float(np.abs(part).max(initial=0.0)) / top if top else 0.0
    there = whole > 0
    return float((part[there] / whole[there]).max(initial=0.0))


def _money(mrio: MRIO, money: Mapping[Industry, float] | ArrayLike | None) -> Array:
    if money is None:
        return np.zeros(len(mrio.index))
    y = by_industry(mrio, money, what="money", where="integrated")
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
        self.told: dict[str, None] = {}
        up: list[tuple[int, int, float]] = []
        for u in upstream:
            where = f"upstream link of {u.process!r} to {u.sector}, {u.region}"
            up.append((self._industry(u.sector, u.region, where),
                       self._process(u.process, where), _positive(u.amount, where)))  # fmt: skip
        self.sellers = sorted({i for i, _, _ in up})
        i, j, v = (list(t) for t in zip(*up, strict=True)) if up else ([], [], [])
        self.C_u = coo_array((np.array(v, dtype=float), (i, j)), shape=(n, p)).tocsc()
        made: dict[int, Array] = {}  # rows of C_d
        gone: dict[int, Array] = {}  # rows of Delta
        for d in downstream:
            where = f"downstream link of {d.process!r} to {d.sector}, {d.region}"
            amount = _positive(d.amount, where)
            user, maker = self._industry(d.sector, d.region, where), self._process(d.process, where)
            made.setdefault(maker, np.zeros(n))[user] += amount
            if d.replaces is None:
                self.told[f"{where}: comes on top of what the table has it buy"] = None
                continue
            if not (is_real(d.price) and d.price > 0):  # type: ignore[operator]
                raise InputError(f"price is {d.price!r}", where=where,
                                 do="give money per unit, above zero; it says what the"
                                 " product replaces")  # fmt: skip
            k = self._industry(*d.replaces, where)
            row = gone.setdefault(k, np.zeros(n))
            row[user] += amount * float(d.price or 0.0)
            bought = mrio.Z[k, user] / self.x0[user]
            if row[user] > bought * (1 + _ROUNDING):
                raise InputError(
                    f"replaces {row[user]:.4g} of {mrio.index.name(k)} per unit of output, of which"
                    f" {bought:.4g} is bought",
                    where=where, do="lower the amounts or the price",
                )  # fmt: skip
        self.users = sorted({int(u) for row in made.values() for u in np.flatnonzero(row)})
        self.makers = sorted(made)
        self.k = len(made) + len(gone)
        self.G = np.array([*made.values(), *gone.values()]).reshape(self.k, n)
        a, b = np.array(list(made), dtype=int), np.arange(len(made))
        self.U = coo_array((np.ones(len(made)), (a, b)), shape=(p, self.k)).tocsc()
        a, b = np.array(list(gone), dtype=int), np.arange(len(made), self.k)
        self.R = coo_array((np.ones(len(gone)), (a, b)), shape=(n, self.k)).tocsc()
        self.P = np.asarray(solver.multipliers(self.G).value) if self.k else np.zeros((0, n))
        self.lu = self._factor()
        self._productive()

    @property
    def assumed(self) -> tuple[str, ...]:
        return tuple(self.told)

    def _process(self, name: str, where: str) -> int:
        k = self.system.position.get(name)
        if k is None:
            raise UnknownNameError.of("process", name, self.system.position, do=f"({where})")
        return k

    def _industry(self, sector: str, region: str, where: str) -> int:
        k, told = place(self.mrio, region, sector)
        if told:
            self.told[told] = None
        if self.solver.zero[k]:
            raise InputError(f"{self.mrio.index.name(k)} has no output", where=where,
                             do="choose another industry")  # fmt: skip
        return k

    def _factor(self) -> Any:
        from scipy.sparse import block_array, csc_array, eye_array
        from scipy.sparse.linalg import splu

        if self.k:
            PR = csc_array(self.P @ self.R.toarray())
            PC = csc_array((self.C_u.T @ self.P.T).T)
            S = block_array([[self.system.A, -self.U], [-PC, eye_array(self.k) + PR]], format="csc")
        else:
            S = self.system.A
        try:
            lu = splu(csc_array(S))
        except RuntimeError as cause:  # what SuperLU raises for an exact zero pivot
            raise self._refused([*self.makers], [*self.users]) from cause
        return lu

    def _productive(self) -> None:
        """Refuse links by which processes and industries take more than they make."""
        if not (self.makers and self.sellers):
            return  # no loop between the two; each was checked on its own
        A = self.system.A
        made = A.diagonal()
        n = len(self.x0)
        s, z, x = self.solve(made, np.ones(n))
        ds, _, dx = self.correct(*self.residual(s, z, x, made, np.ones(n)))
        s, x = s + ds, x + dx
        finite = bool(np.isfinite(s).all() and np.isfinite(x).all())
        # where refining changes the solution there is none to rounding
        finite = finite and max(_ratio(ds, s), _ratio(dx, x)) < _SINGULAR
        credited = bool((A - _diagonal(made)).max() > 1e-15 * np.abs(made).max())
        if finite and (credited or not self.solver.nonnegative):
            return  # a negative solution is then no proof of anything
        if finite and not (s < 0).any() and not (x < 0).any():
            return
        short = [k for k in self.makers if not s[k] > 0]
        down = [k for k in sorted({*self.sellers, *self.users}) if not x[k] > 0]
        raise self._refused(short or self.makers, down or self.users)

    def _refused(self, processes: list[int], industries: list[int]) -> InputError:
        names = [self.system.processes[k].name for k in processes]
        names += [self.mrio.index.name(k) for k in industries]
        return InputError(
            "processes and industries that together take at least as much as they make",
            where=f"integrated: {listed(names, 8)}",
            do="correct the links between them; an amount is per run of a process upstream, and"
            " per unit of money of an industry's output downstream",
        )

    def solve(self, f: Array, y: Array) -> tuple[Array, Array, Array]:
        """Return s, z and x of a demand."""
        return self.correct(f, np.zeros(self.k), y)

    def correct(self, rp: Array, rz: Array, rx: Array) -> tuple[Array, Array, Array]:
        """Solve the three block rows for any right-hand side.

        ``A_p s - U z = rp``, ``z - G x = rz``, ``(I - A) x - C_u s + R z = rx``.
        """
        small = self.lu.solve(np.concatenate([rp, rz + self.P @ rx]))
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


def _positive(amount: float, where: str) -> float:
    if not (is_real(amount) and amount >= 0):
        raise InputError(f"amount is {amount!r}", where=where, do="give at least 0")
    return float(amount)


def _diagonal(values: Array) -> Any:
    from scipy.sparse import diags_array

    return diags_array(values)
