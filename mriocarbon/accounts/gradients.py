"""Any account as a function of S, A and Y that JAX can differentiate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mriocarbon.accounts.compute import carried, check_options, resolve
from mriocarbon.accounts.economy import Economy
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.checked import need_table
from mriocarbon.model.labels import find_region
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief


class JaxEconomy(Economy):
    """The economy that follows from S (n,), A (n, n) and Y (n, R), in JAX.

    ``x = (I - A)^-1 Y1``, ``Z = A diag(x)``, ``F = S x``, ``v' = x' - 1'Z``.
    """

    def __init__(self, S: Any, A: Any, Y: Any, regions: int) -> None:
        import jax.numpy as jnp

        self.xp = jnp
        self.R, self.S = regions, A.shape[0] // regions
        self.A, self.Y, self.q = A, Y, S[None, :]
        self._eye = jnp.eye(A.shape[0])
        self.x = self.output(Y.sum(axis=1))
        self.Z = A * self.x
        self.F = self.q * self.x

    def multipliers(self, q: Any) -> Any:
        return self.xp.linalg.solve((self._eye - self.A).T, q.T).T

    def output(self, B: Any) -> Any:
        return self.xp.linalg.solve(self._eye - self.A, B)

    def multipliers_of(self, q: Any, weights: Any, extra: Any = None) -> Any:
        T = weights * self.A
        if extra is not None:
            zero = self.x == 0
            T = T + self.xp.where(zero, 0.0, extra / self.xp.where(zero, 1.0, self.x))
        return self.xp.linalg.solve((self._eye - T).T, q.T).T

    def multipliers_within(self, q: Any) -> Any:
        R, S = self.R, self.S
        blocks = self.A.reshape(R, S, R, S)
        own = self.xp.stack([blocks[r, :, r] for r in range(R)])
        left = self.xp.swapaxes(self.xp.eye(S) - own, 1, 2)
        return self.xp.linalg.solve(left, self.xp.moveaxis(q.reshape(-1, R, S), 0, 2))

    def primary(self, which: str) -> Any:
        if which != "all":
            raise NotAvailableError(
                f"primary_inputs={which!r} is not a function of S, A and Y",
                where="gradients",
                do='use primary_inputs="all", for which v follows from them',
            )
        return 1.0 - self.A.sum(axis=0)

    def own_use(self) -> Any:
        return self.xp.diagonal(self.A)


def account_function(
    mrio: MRIO, principle: str, *, stressor: str | None = None, **options: Any
) -> tuple[Callable[[Any, Any, Any], Any], tuple[Any, Any, Any]]:
    """Return (f, (S, A, Y)) with f(S, A, Y) the accounts of all regions, traceable by JAX.

    The independent variables are emissions per output S, shape (n,), input coefficients A,
    shape (n, n), and final demand Y, shape (n, regions); output x, flows Z and primary inputs v
    follow from them. Households are no function of these and are left out.

    Parameters
    ----------
    mrio : MRIO
    principle : str
    stressor : str, optional
    **options
        Of the principle, held fixed.

    Returns
    -------
    f : callable
        (S, A, Y) -> accounts, shape (regions,). JAX must be in double precision, as it is inside
        ``with jax.enable_x64(True)``, else InputError.
    (S, A, Y) : tuple of ndarray
        Where the table stands.

    Raises
    ------
    UnknownNameError
        Principle, stressor or option.
    NotProductiveError
        The table has no Leontief inverse.

    Examples
    --------
    >>> import jax, mriocarbon as mc
    >>> mrio = mc.MRIO.from_arrays(
    ...     Z=[[20, 10], [15, 60]], Y=[[30, 40], [5, 120]], regions=["A", "B"], sectors=["1"],
    ...     stressors={"GHG": [240, 40]})
    >>> f, (S, A, Y) = mc.account_function(mrio, "production")
    >>> with jax.enable_x64(True):
    ...     slope = jax.grad(lambda S: f(S, A, Y)[0])(S)
    >>> slope.round(6).tolist()  # the output of A
    [100.0, 0.0]
    """
    need_table(mrio, "account_function, mrio")
    chosen = find_principle(principle)
    check_options(chosen, options)
    leontief(mrio).require_productive()
    extension, row = resolve(mrio, stressor)
    zero = mrio.x == 0
    safe = np.where(zero, 1.0, mrio.x)
    S = np.where(zero, 0.0, extension.F[row] / safe)
    A = np.where(zero, 0.0, mrio.Z / safe)
    R = len(mrio.regions)

    def function(S: Any, A: Any, Y: Any) -> Any:
        import jax.numpy as jnp

        S, A, Y = jnp.asarray(S), jnp.asarray(A), jnp.asarray(Y)
        if A.dtype != jnp.float64:
            raise InputError(
                f"JAX computes in {A.dtype}",
                where="account_function",
                do="call it inside `with jax.enable_x64(True):`, or set jax_enable_x64",
            )
        return chosen.compute(JaxEconomy(S, A, Y, R), **options)[0]

    return function, (S, A, mrio.final_demand)


def gradient(
    mrio: MRIO,
    principle: str,
    *,
    region: str,
    wrt: str = "S",
    stressor: str | None = None,
    **options: Any,
) -> Result:
    """Return the gradient of one region's account with respect to S, A or Y.

    Parameters
    ----------
    mrio : MRIO
    principle : str
    region : str
        Whose account.
    wrt : {"S", "A", "Y"}
    stressor : str, optional
    **options
        Of the principle, held fixed.

    Returns
    -------
    Result
        Over (region, sector) for S, (region, sector, region_to, sector_to) for A,
        (region, sector, region_to) for Y, in the stressor's unit per unit of the variable.

    Raises
    ------
    UnknownNameError
        Principle, region, stressor, option or variable.
    NotProductiveError
        The table has no Leontief inverse.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.MRIO.from_arrays(
    ...     Z=[[20, 10], [15, 60]], Y=[[30, 40], [5, 120]], regions=["A", "B"], sectors=["1"],
    ...     stressors={"GHG": [240, 40]})
    >>> mc.gradient(mrio, "production", region="A", wrt="S").value.round(6).ravel()
    array([100.,   0.])
    """
    need_table(mrio, "gradient, mrio")
    import jax

    function, point = account_function(mrio, principle, stressor=stressor, **options)
    if wrt not in ("S", "A", "Y"):
        raise UnknownNameError.of("variable", wrt, ["S", "A", "Y"])
    r = find_region(region, mrio.regions)
    with jax.enable_x64(True):
        raw = jax.grad(lambda *args: function(*args)[r], argnums="SAY".index(wrt))(*point)
    extension, row = resolve(mrio, stressor)
    regions, sectors = mrio.regions, mrio.sectors
    labels = {"region": regions, "sector": sectors}
    money = mrio.money_unit
    per = f"{extension.units[row]} / {money}"
    unit = {"S": money, "A": extension.units[row], "Y": per}[wrt]
    if wrt != "S":
        labels["region_to"] = regions
    if wrt == "A":
        labels["sector_to"] = sectors
    shape = tuple(len(v) for v in labels.values())
    told = carried(mrio, extension, row)
    return Result(
        name=f"d {principle}({regions[r]}) / d {wrt}",
        value=np.array(raw, dtype=float).reshape(shape),
        dims=tuple(labels),
        coords=labels,
        unit=unit,
        notes=told,
        provenance=mrio.provenance.computed(
            "JAX reverse mode",
            told,
            stressor=extension.stressors[row],
            references=find_principle(principle).references,
        ),
    )
