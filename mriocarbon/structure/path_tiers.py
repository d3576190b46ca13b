"""Exact totals over all paths: by tier, and by the number of borders they cross."""

from __future__ import annotations

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.model.checked import need_table
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.structure.path_parts import Product, Question, Upstream, question, upstream


def tiers(
    mrio: MRIO,
    *,
    region: str | None = None,
    stressor: str | None = None,
    product: Product | None = None,
    depth: int = 10,
) -> Result:
    """Return what each tier of supply emits for a final demand, over all paths of that length.

    ``E_k = q'A^k y`` for k = 0 ... depth, and all tiers beyond, ``m'A^(depth+1) y`` with
    ``m' = q'(I - A)^-1``: together the account.

    Parameters
    ----------
    mrio : MRIO
    region, stressor, product
        As in `paths`.
    depth : int
        Last tier that stands alone; 0 is the maker of the final product itself.

    Returns
    -------
    Result
        Over ``tier``: "0" ... and "beyond", in the stressor's unit.

    Raises
    ------
    UnknownNameError, NotAvailableError, NotProductiveError
        As in `paths`.
    InputError
        No final demand of this kind, or a negative depth.

    References
    ----------
    Waugh (1950) Econometrica 18, 142 (the power series). UNVERIFIED: not opened.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.path_tiers import tiers
    >>> result = tiers(mc.load("oecd-icio-2022"), region="Japan", stressor="GHG", depth=2)
    >>> result.coords["tier"], round(result["0"] / result.total, 2)
    (('0', '1', '2', 'beyond'), 0.21)
    """
    need_table(mrio, "tiers, mrio")
    asked, above = _start(mrio, region, stressor, product, depth)
    amounts = []
    u = asked.y
    for _ in range(depth + 1):
        amounts.append(float(above.q @ u))
        u = mrio.Z @ (u / above.x)
    amounts.append(float(above.m @ u))
    labels = (*map(str, range(depth + 1)), "beyond")
    return _result(asked, above, "tier", labels, amounts, "E_k = q'A^k y; beyond: m'A^(K+1) y")


def crossings(
    mrio: MRIO,
    *,
    region: str | None = None,
    stressor: str | None = None,
    product: Product | None = None,
    depth: int = 6,
) -> Result:
    """Return what paths emit that cross exactly c borders, over all paths.

    With the domestic blocks A_d of A, the rest ``A_o = A - A_d`` and ``L_d = (I - A_d)^-1``,

        ``u_0 = L_d y_0``,   ``u_c = L_d (A_o u_(c-1) + y_c)``,   ``E_c = q'u_c``

    and beyond, ``m'A_o u_depth``. The delivery to the final consumer is a border too if `region`
    says where that is: y_0 are the region's own products, y_1 the imported ones. Without a
    region, all of y is y_0 and the borders are those between sectors.

    Parameters
    ----------
    mrio : MRIO
    region, stressor, product
        As in `paths`.
    depth : int
        Largest number of crossings that stands alone, 1 or more.

    Returns
    -------
    Result
        Over ``crossings``: "0" ... and "beyond", in the stressor's unit.

    Raises
    ------
    UnknownNameError, NotAvailableError, NotProductiveError
        As in `paths`.
    InputError
        No final demand of this kind, or a depth below 1.

    References
    ----------
    Zhang, Zhu & Hewings (2017) Energy Economics 65, 105 (border-crossing frequency of carbon
    footprints; abstract read).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.path_tiers import crossings
    >>> result = crossings(mc.load("oecd-icio-2022"), region="Japan", stressor="GHG")
    >>> result["0"] > result["1"] > result["2"] > result["beyond"] > 0
    True
    """
    need_table(mrio, "crossings, mrio")
    asked, above = _start(mrio, region, stressor, product, depth, least=1)
    R, S = len(mrio.regions), len(mrio.sectors)
    own = np.stack([mrio.Z[r * S : (r + 1) * S, r * S : (r + 1) * S] for r in range(R)])
    A_d = own / above.x.reshape(R, 1, S)
    imported = np.zeros(len(asked.y))
    if asked.region is not None:
        imported = asked.y.copy()
        imported[asked.region * S : (asked.region + 1) * S] = 0.0
    amounts = []
    fed = asked.y - imported
    for c in range(depth + 1):
        u = np.linalg.solve(np.eye(S) - A_d, fed.reshape(R, S, 1))
        amounts.append(float(above.q @ u.ravel()))
        inside = (A_d @ u).ravel()
        fed = mrio.Z @ (u.ravel() / above.x) - inside
        if c == 0:
            fed = fed + imported
    amounts.append(float(above.m @ fed))
    labels = (*map(str, range(depth + 1)), "beyond")
    method = "E_c = q'u_c, u_c = L_d (A_o u_(c-1) + y_c); beyond: m'A_o u_C"
    return _result(asked, above, "crossings", labels, amounts, method)


def _start(
    mrio: MRIO,
    region: str | None,
    stressor: str | None,
    product: Product | None,
    depth: int,
    least: int = 0,
) -> tuple[Question, Upstream]:
    if not isinstance(depth, int | np.integer) or isinstance(depth, bool) or depth < least:
        raise InputError(
            f"depth={depth!r} is not a whole number from {least} on",
            where="depth",
            do=f"give depth={least} or more",
        )
    asked = question(mrio, region=region, stressor=stressor, product=product)
    return asked, upstream(asked)


def _result(
    asked: Question,
    above: Upstream,
    dim: str,
    labels: tuple[str, ...],
    amounts: list[float],
    method: str,
) -> Result:
    return Result(
        name=f"{dim}: {asked.text}",
        value=np.array(amounts),
        dims=(dim,),
        coords={dim: labels},
        unit=asked.unit,
        error=above.error,
        notes=asked.notes,
        provenance=asked.mrio.provenance.computed(method, asked.notes, stressor=asked.stressor),
    )
