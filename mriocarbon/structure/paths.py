"""Structural path analysis: the largest supply chains behind an account, exact and in order.

The account of a final demand y is a sum over all chains from a final product i0 to an emitter ik:

    E = q'(I - A)^-1 y = sum_k sum_{i0..ik}  y_i0 a_i1,i0 a_i2,i1 ... a_ik,ik-1 q_ik

There are infinitely many; the search lists the largest of them and proves what it leaves out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import AccountWarning, InputError, warn
from mriocarbon.model.checked import need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO
from mriocarbon.structure.path_parts import Product, Question, Upstream, question, upstream
from mriocarbon.structure.path_result import Paths, at_most

Array = NDArray[np.float64]
MOST_NODES = 10_000_000  # some 0.6 GB, see `paths`
LARGEST = 2**31 - 4096  # nodes are numbered in 32 bits
PAUSE = 200_000  # chains between two calls of `progress`


def paths(
    mrio: MRIO,
    *,
    region: str | None = None,
    stressor: str | None = None,
    product: Product | None = None,
    top: int = 1000,
    limit: int = MOST_NODES,
    progress: Callable[[str], None] | None = None,
) -> Paths:
    """Return the `top` largest supply paths of the account of a final demand.

    ``E = q'(I - A)^-1 y`` is expanded into single chains (Waugh 1950; Defourny & Thorbecke 1984;
    Treloar 1997). Best first: an open chain of weight ``w = y_i0 a_i1,i0 ...`` that has come to
    sector i is bounded by ``|w| M_i``, where

        ``M_i = max(|q_i|, max_j |a_ji| M_j)``,   ``|q_i| <= M_i <= m_i = (|q|'(I - |A|)^-1)_i``

    is the largest single chain in the multiplier of i, as m_i is the sum of all of them. It looks
    all the way upstream and never at the sector's own emission alone: of car <- steel <- ore the
    path survives though steel emits nothing. The whole m_i is a bound too and gives the same list,
    but opens more than twice as many chains, and is known from a solve only, whose error is small
    in the sum and not in every sector; M_i is exact in every sector, and so is the proof.

    Negative cells of demand (stocks drawn down), flows or emissions make negative paths. Order
    and bounds are by absolute value, `Paths.total` is the signed account, `Paths.gross_total`
    the sum of absolute values. Demand is summed over its categories (and over destinations, if
    no region is named) before it is followed.

    Paths of exactly the same size: the shorter first, then the one whose emitter stands first in
    the table, then whose customer does, and so on. ``top=10`` is the head of ``top=100``.

    Parameters
    ----------
    mrio : MRIO
    region : str, optional
        Whose final demand, of products from everywhere. Left out: the whole of final demand.
    stressor : str, optional
        May be left out if the table has one only, or GHG.
    product : str or (str, str), optional
        Only the final demand of this product: a sector, from every region of origin, or a
        (region, sector).
    top : int
        How many paths. Fewer come back if there are no more above zero.
    limit : int
        Most chains to keep in memory, some 60 bytes each. A search that meets it returns what it
        has, in order, with ``complete=False``, `remainder_bound` as proven so far, and a warning.
    progress : callable, optional
        Told in words how far a long search is.

    Returns
    -------
    Paths
        In the stressor's unit. Direct emissions of households have no chain and are not in it.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such region, stressor, product.
    InputError
        There is no final demand of this kind; `top` or `limit` is not a positive whole number.
    NotProductiveError
        The table has no Leontief inverse, or has negative flows and none in absolute values.

    Warns
    -----
    AccountWarning
        The search met its limit.

    References
    ----------
    Defourny & Thorbecke (1984) doi:10.2307/2232220. Treloar (1997) Econ. Syst. Res. 9, 375.
    Lenzen (2003) doi:10.1016/S0954-349X(02)00025-5 (abstracts read). Waugh (1950) Econometrica
    18, 142 (UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.paths import paths
    >>> largest = paths(mc.load("oecd-icio-2022"), region="Japan", stressor="GHG", top=100)
    >>> largest.path(0), largest.complete
    ((('JPN', 'D'),), True)
    >>> round(largest.coverage, 2)
    0.39
    """
    need_table(mrio, "paths, mrio")
    most = _positive(top, "top")
    nodes = _positive(limit, "limit")
    asked = question(mrio, region=region, stressor=stressor, product=product)
    above = upstream(asked)
    # One more than asked for: it is the largest that is left out.
    found, state, stopped = _search(
        mrio.Z, above, above.strongest, asked.y, most + 1, nodes, progress
    )
    return _result(asked, above, found, state, most, stopped, nodes)


def _positive(value: int, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise InputError(
            f"{name}={value!r} is not a positive whole number",
            where="paths",
            do=f"give {name}=1 or more",
        )
    if number > LARGEST:
        raise InputError(f"{name}={number:,} is more than can be counted", where="paths",
                         do=f"give at most {LARGEST:,}")  # fmt: skip
    return number


def _search(
    Z: Array,
    above: Upstream,
    bound: Array,
    y: Array,
    most: int,
    limit: int,
    progress: Callable[[str], None] | None = None,
) -> tuple[NDArray[np.int64], dict[str, Any], bool]:
    """Run the kernel, give it room as it grows; return the last nodes, the state, if it stopped.

    `bound` is any bound per unit: `Upstream.strongest`, or the multipliers `Upstream.gross`.
    """
    from mriocarbon.structure import path_kernels as k

    n = len(y)
    size = min(max(4096, 8 * most), 1 << 20, limit + 2)
    state: dict[str, Any] = {
        "parent": np.empty(size, np.int32),
        "sector": np.empty(size, np.int32),
        "rank": np.empty(size, np.int32),
        "tier": np.empty(size, np.int32),
        "weight": np.empty(size),
        "heap_key": np.empty(2 * size),
        "heap_item": np.empty(2 * size, np.int64),
        "start": np.zeros(n + 1, np.int64),
        "have": np.zeros(n + 1, np.int64),
        "there": np.full(n + 1, -1, np.int64),
        "suppliers_of": np.empty(n * (k.FIRST + 2), np.int32),
        "found": np.empty(min(most, 4096), np.int64),
        "count": np.zeros(5, np.int64),
    }
    reach = np.abs(y) * bound
    roots = np.argsort(-reach, kind="stable")[: int((reach > 0).sum())]
    count = state["count"]
    state["suppliers_of"][: len(roots)] = roots
    state["have"][n] = state["there"][n] = count[k.USED] = len(roots)
    names = ("parent", "sector", "rank", "tier", "weight", "heap_key", "heap_item", "start",
             "have", "suppliers_of", "count")  # fmt: skip
    k.add(-1, n, 0, Z, above.x, bound, y, *(state[name] for name in names))
    pause = PAUSE
    while True:
        given: list[Any] = [Z, above.x, above.q, bound, y, *state.values(), limit, pause]
        code = k.search(*given)
        if code == k.PAUSE:
            pause += PAUSE
            if progress is not None:
                progress(
                    f"{count[k.FOUND]:,} of {most - 1:,} paths, {count[k.EXPANDED]:,} chains opened"
                )
        elif code == k.GROW:
            _grow(state, n)
        elif code == k.DONE and len(state["found"]) < most:
            room = np.empty(min(most, 2 * len(state["found"])), np.int64)
            room[: count[k.FOUND]] = state["found"]
            state["found"] = room
        else:
            return state["found"][: count[k.FOUND]], state, code == k.LIMIT


def _grow(state: dict[str, Any], n: int) -> None:
    """Double what is nearly full: the nodes, the heap or the lists of suppliers."""
    from mriocarbon.structure import path_kernels as k

    count = state["count"]
    for names, used, least in (
        (("parent", "sector", "rank", "tier", "weight"), count[k.NODES], 2),
        (("heap_key", "heap_item"), count[k.HEAP], 3),
        (("suppliers_of",), count[k.USED], 2 * n),
    ):
        for name in names:
            old = state[name]
            if used + least > len(old):
                state[name] = np.empty(max(2 * len(old), used + least), old.dtype)
                state[name][:used] = old[:used]


def _result(
    asked: Question,
    above: Upstream,
    found: NDArray[np.int64],
    state: dict[str, Any],
    top: int,
    stopped: bool,
    limit: int,
) -> Paths:
    from mriocarbon.structure import path_kernels as k

    last = state["sector"][found]
    value = state["weight"][found] * above.q[last]
    size = np.abs(value)
    if len(value) > top:  # the next one is known
        bound = float(size[top])
    elif stopped:  # nothing is larger than the first entry of the heap, nor than the last path
        bound = min([float(state["heap_key"][0]), *size[-1:].tolist()])
    else:
        bound = 0.0
    complete = len(value) >= top or not stopped
    start, places = k.chains(found[:top], state["parent"], state["sector"], state["tier"])
    notes = list(asked.notes)
    if not complete:
        text = (
            f"the search met its limit of {limit:,} chains after {len(value):,} of {top:,} paths:"
            f" these are the largest, in order, and no other is above {at_most(bound)} {asked.unit}"
        )
        warn(AccountWarning(f"paths: {text}; raise limit="), stacklevel=3)
        notes.append(Note(text, about="paths"))
    method = (
        "structural paths of E = q'(I - A)^-1 y, best first, bounded by the largest chain"
        " upstream M_i = max(|q_i|, max_j |a_ji| M_j)"
    )
    return Paths(
        name=f"paths: {asked.text}",
        unit=asked.unit,
        index=asked.mrio.index,
        start=start,
        places=places,
        value=value[:top].copy(),
        total=float(above.m @ asked.y),
        gross_total=float(above.gross @ np.abs(asked.y)),
        remainder_bound=bound,
        complete=complete,
        stressor=asked.stressor,
        region=None if asked.region is None else asked.consumer,
        product=asked.product,
        year=asked.mrio.year,
        expanded=int(state["count"][k.EXPANDED]),
        error=above.error,
        notes=tuple(notes),
        provenance=asked.mrio.provenance.computed(method, notes, stressor=asked.stressor),
    )
