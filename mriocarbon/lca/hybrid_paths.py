r"""Path exchange: single supply chains of the table replaced by what a process says of them.

The account of a demand y is a sum over chains, :math:`E = \sum y_{i_0} a_{i_1 i_0} \cdots q_{i_k}`
(`mriocarbon.structure.paths`). A chain, or the whole branch behind a node, is taken out by its own
value and the process's put in its place; everything else stays as it is (Treloar 1997,
Econ. Syst. Res. 9, 375; Lenzen & Crawford 2009, doi:10.1021/es902090z, UNVERIFIED: not opened):

.. math::  E' = E - \sum_p v_p + \sum_p e_p

Nothing of the table is changed, so the same delivery in another chain keeps the table's value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError
from mriocarbon.lca.hybrid_gases import money_of
from mriocarbon.lca.hybrid_money import by_industry, place
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO
from mriocarbon.model.units import factor
from mriocarbon.structure.path_parts import Question, Upstream, question, upstream

__all__ = ["PathExchange", "PathValue", "path_exchange"]

Array = NDArray[np.float64]
Industry = tuple[str, str]
UNIT = "kg CO2e"


@dataclass(frozen=True, slots=True)
class PathValue:
    """A chain of the table and what a process puts in its place.

    Attributes
    ----------
    path : tuple of (str, str)
        (region, sector) from the final product to the emitter, as in `Paths.path`.
    value : float
        kg CO2e of the process for the delivery that the chain stands for; see
        `PathExchange.delivered` for the money of it.
    whole : bool
        The process's value is cradle to gate: the whole branch behind the last node goes, not only
        what that node emits itself.
    source : str
    """

    path: tuple[Industry, ...]
    value: float
    whole: bool = False
    source: str = ""


@dataclass(frozen=True, eq=False)
class PathExchange:
    """An account of the table with paths exchanged, kg CO2e.

    Attributes
    ----------
    total : float
        Of the table alone.
    exchanges : tuple of PathValue
    delivered : ndarray, shape (k,)
        Money that each path hands to its last but one node (for a path of one node, the demand),
        in the currency of the table.
    removed : ndarray, shape (k,)
        Value of each path in the table.
    value : float
        ``total - sum(removed) + sum of the processes``.
    covered : float
        Share of `total` that was removed; NaN if it is zero.
    error : float
        Relative forward error of `total`.
    notes : tuple of Note
    """

    total: float
    exchanges: tuple[PathValue, ...]
    delivered: Array
    removed: Array
    value: float
    covered: float
    error: float
    notes: tuple[Note, ...]

    __repr__ = brief


def path_exchange(
    mrio: MRIO,
    demand: Mapping[Industry, float] | ArrayLike,
    exchanges: Iterable[PathValue],
    *,
    stressor: str = "GHG",
) -> PathExchange:
    """Replace paths of a demand's account by process values.

    Parameters
    ----------
    mrio : MRIO
    demand : mapping of (region, sector) to float, or array_like of shape (n,)
        In the currency of the table (USD, not millions), basic prices.
    exchanges : iterable of PathValue
    stressor : str
        In CO2e, at the table's own potentials.

    Returns
    -------
    PathExchange

    Raises
    ------
    InputError
        A path that does not occur in this demand, one that is replaced twice, one inside a branch
        that is replaced as a whole, no demand.
    UnknownNameError
        No such region, sector or stressor.
    UnitError
        The stressor is not in CO2e.

    References
    ----------
    Treloar (1997), Econ. Syst. Res. 9, 375; Lenzen & Crawford (2009), doi:10.1021/es902090z
    (UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.lca.hybrid_paths import PathValue, path_exchange
    >>> mrio = mc.load("oecd-icio-2022")
    >>> car = {("CHN", "C29"): 20_000.0}
    >>> steel = (("CHN", "C29"), ("CHN", "C24A"))
    >>> table = path_exchange(mrio, car, [PathValue(steel, 0.0, whole=True)])
    >>> kg_per_usd = 1.1  # of the steel that the maker really buys
    >>> found = path_exchange(mrio, car, [
    ...     PathValue(steel, kg_per_usd * table.delivered[0], whole=True)])
    >>> bool(found.value < found.total)
    True
    """
    y = _demand(mrio, demand)
    asked = question(mrio, region=None, stressor=stressor, product=None)
    above = upstream(asked)
    # emissions in kg for money in units of currency: q is in the table's units of both
    kg = factor(asked.unit, UNIT) / money_of(mrio)[1]
    total = float(above.m @ y) * kg
    given = tuple(exchanges)
    places = [_places(mrio, e) for e in given]
    _apart(mrio, given, places)
    delivered, removed = np.zeros(len(given)), np.zeros(len(given))
    for k, (e, path) in enumerate(zip(given, places, strict=True)):
        if not is_real(e.value):
            raise InputError(f"value is {e.value!r}", where=_named(mrio, path),
                             do="give kg CO2e")  # fmt: skip
        delivered[k] = _delivery(mrio, above, y, path)
        removed[k] = delivered[k] * kg * float((above.m if e.whole else above.q)[path[-1]])
    value = total - float(removed.sum()) + float(sum(e.value for e in given))
    for array in (delivered, removed):
        array.setflags(write=False)
    covered = float(removed.sum() / total) if total else float("nan")
    return PathExchange(
        total, given, delivered, removed, value, covered, above.error, _notes(asked)
    )  # fmt: skip


def _notes(asked: Question) -> tuple[Note, ...]:
    # what the question says of the table's own final demand is not about this demand
    return tuple(n for n in asked.notes if n.about != "final demand")


def _demand(mrio: MRIO, demand: Mapping[Industry, float] | ArrayLike) -> Array:
    y = by_industry(mrio, demand, what="demand", where="path_exchange")
    if not np.isfinite(y).all() or not y.any():
        raise InputError("no demand, or one that is not finite", where="path_exchange",
                         do="give money for at least one industry")  # fmt: skip
    return y


def _places(mrio: MRIO, exchange: PathValue) -> tuple[int, ...]:
    if not exchange.path:
        raise InputError("a path without a node", where="path_exchange",
                         do="begin with the final product")  # fmt: skip
    return tuple(place(mrio, region, sector)[0] for region, sector in exchange.path)


def _named(mrio: MRIO, path: tuple[int, ...]) -> str:
    return "path " + " <- ".join(mrio.index.name(k) for k in path)


def _apart(mrio: MRIO, given: tuple[PathValue, ...], places: list[tuple[int, ...]]) -> None:
    """Refuse paths that overlap: the same one twice, or one inside a branch that goes whole."""
    single: set[tuple[int, ...]] = set()
    branches: set[tuple[int, ...]] = set()
    for e, path in zip(given, places, strict=True):
        known = branches if e.whole else single
        if path in known:
            raise InputError("replaced twice", where=_named(mrio, path),
                             do="give each path once")  # fmt: skip
        known.add(path)
    for e, path in zip(given, places, strict=True):
        for length in range(1, len(path) + 1):
            if path[:length] in branches and not (e.whole and length == len(path)):
                raise InputError(
                    f"lies inside a branch that is replaced as a whole:"
                    f" {_named(mrio, path[:length])}",
                    where=_named(mrio, path),
                    do="replace the branch, or paths inside it, not both",
                )


def _delivery(mrio: MRIO, above: Upstream, y: Array, path: tuple[int, ...]) -> float:
    """Money at the last node of a path; InputError where the path does not occur."""
    money = float(y[path[0]])
    if money == 0:
        raise InputError(
            f"no demand for {mrio.index.name(path[0])}", where=_named(mrio, path),
            do="begin the path with a product that is demanded",
        )  # fmt: skip
    for user, supplier in pairwise(path):
        share = float(mrio.Z[supplier, user] / above.x[user])
        if share == 0:
            raise InputError(
                f"{mrio.index.name(user)} buys nothing from {mrio.index.name(supplier)}",
                where=_named(mrio, path), do="name a path of mc.paths, or another supplier",
            )  # fmt: skip
        money *= share
    return money
