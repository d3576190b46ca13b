"""Compiled kernels of the path search: the strongest chain upstream, and the search itself.

Coefficients are read out of Z and x where they are needed (``a_ji = Z_ji / x_i``, 0 where x = 0,
which is passed as infinity); a column is gathered and sorted only when the search first expands
its sector, and only its strongest suppliers, more of them when it asks for more.

Numba is imported with this module, so import it inside functions only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Shorts = NDArray[np.int32]

# A bound is raised by this share before it is compared, so that rounding can never put a chain
# behind a smaller one: enough for chains of some 400,000 steps.
SAFE = 1e-10
FIRST = 32  # suppliers of a column that are sorted at first; eight times as many each time after

DONE, EXHAUSTED, LIMIT, GROW, PAUSE = 0, 1, 2, 3, 4
# Places in `count`
NODES, HEAP, FOUND, USED, EXPANDED = 0, 1, 2, 3, 4

Function = TypeVar("Function", bound=Callable[..., Any])


def plain(function: Function) -> Function:
    """Compile for one thread; the machine code is kept beside the source or in Numba's cache."""
    compiled: Any = njit(cache=True, error_model="numpy", nogil=True)(function)
    return cast(Function, compiled)


@plain
def relax(Z: Array, x: Array, M: Array, rows: Integers, changed: NDArray[np.bool_]) -> None:
    """Raise M_i to ``|a_ji| M_j`` where that is larger, for the suppliers j in `rows`, in place.

    Parameters
    ----------
    Z : ndarray, shape (n, n)
    x : ndarray, shape (n,)
        Output, infinity where it is zero.
    M : ndarray, shape (n,)
        Raised.
    rows : ndarray
        In this order; a row uses what the rows before it have raised.
    changed : ndarray of bool, shape (n,)
        Overwritten: whose M was raised after its own row was last used.
    """
    for j in rows:
        changed[j] = False
        reach = M[j]
        for i in range(len(x)):
            new = abs(Z[j, i] / x[i]) * reach
            if new > M[i]:
                M[i] = new
                changed[i] = True


def strongest(Z: Array, x: Array, q: Array) -> tuple[Array, bool]:
    """Return M_i, the largest single chain behind one unit of i, and whether it was reached.

    ``M_i = max(|q_i|, max_j |a_ji| M_j)``, the multiplier with the largest term instead of the
    sum over terms, by relaxation: a row is looked at again only after its own M has grown. In a
    productive table every cycle has a product below one, so that it ends.

    Parameters
    ----------
    Z : ndarray, shape (n, n)
    x : ndarray, shape (n,)
        Output, infinity where it is zero.
    q : ndarray, shape (n,)
    """
    M = np.abs(q)
    changed = M > 0
    for _ in range(len(x) + 1):
        rows = np.flatnonzero(changed)
        if len(rows) == 0:
            return M, True
        # The large first: they settle most of the others.
        relax(Z, x, M, rows[np.argsort(-M[rows], kind="stable")], changed)
    return M, False


@plain
def sink(who: Integers, key: Array, k: int, size: int) -> None:
    """Move entry k of a heap down to its place: largest key first, then the lower position."""
    while True:
        down = 2 * k + 1
        if down >= size:
            return
        for child in (down, down + 1):
            if child < size and (
                key[child] > key[down] or (key[child] == key[down] and who[child] < who[down])
            ):
                down = child
        if key[k] > key[down] or (key[k] == key[down] and who[k] < who[down]):
            return
        who[k], who[down] = who[down], who[k]
        key[k], key[down] = key[down], key[k]
        k = down


@plain
def suppliers(Z: Array, x: Array, M: Array, i: int, most: int) -> tuple[Integers, int]:
    """Return the suppliers j of i by falling |a_ji| M_j (ties by position), and how many there are.

    No more than `most` are sorted and returned; they are the head of the full order.
    """
    n = len(x)
    who = np.empty(n, np.int64)
    key = np.empty(n)
    there = 0
    for j in range(n):
        strength = abs(Z[j, i] / x[i]) * M[j]
        if strength > 0.0:
            who[there] = j
            key[there] = strength
            there += 1
    for k in range(there // 2 - 1, -1, -1):
        sink(who, key, k, there)
    head = np.empty(min(most, there), np.int64)
    size = there
    for k in range(len(head)):
        head[k] = who[0]
        size -= 1
        who[0], key[0] = who[size], key[size]
        sink(who, key, 0, size)
    return head, there


@plain
def before(
    key: float, item: int, other_key: float, other: int,
    parent: Shorts, sector: Shorts, tier: Shorts,
) -> bool:  # fmt: skip
    """Tell whether a heap entry goes first: larger key; bounds before values; then the tie rule.

    Of two paths of one size the shorter goes first, then the one whose emitter stands first in
    the table, then whose emitter's customer does, and so on to the final product.
    """
    if key != other_key:
        return key > other_key
    if (item & 1) != (other & 1):
        return (item & 1) == 0
    a, b = item >> 1, other >> 1
    if (item & 1) == 0:
        return a < b
    if tier[a] != tier[b]:
        return bool(tier[a] < tier[b])
    while a != b:
        if sector[a] != sector[b]:
            return bool(sector[a] < sector[b])
        a, b = parent[a], parent[b]
    return False


@plain
def push(
    key: float, item: int, heap_key: Array, heap_item: Integers, count: Integers,
    parent: Shorts, sector: Shorts, tier: Shorts,
) -> None:  # fmt: skip
    """Put an entry on the heap."""
    k = count[HEAP]
    count[HEAP] += 1
    while k > 0:
        up = (k - 1) >> 1
        if not before(key, item, heap_key[up], heap_item[up], parent, sector, tier):
            break
        heap_key[k], heap_item[k] = heap_key[up], heap_item[up]
        k = up
    heap_key[k], heap_item[k] = key, item


@plain
def pop(
    heap_key: Array, heap_item: Integers, count: Integers,
    parent: Shorts, sector: Shorts, tier: Shorts,
) -> int:  # fmt: skip
    """Take the first entry off the heap."""
    first = heap_item[0]
    count[HEAP] -= 1
    size = count[HEAP]
    key, item = heap_key[size], heap_item[size]
    k = 0
    while True:
        down = 2 * k + 1
        if down >= size:
            break
        right = down + 1
        if right < size and before(
            heap_key[right], heap_item[right], heap_key[down], heap_item[down],
            parent, sector, tier,
        ):  # fmt: skip
            down = right
        if before(key, item, heap_key[down], heap_item[down], parent, sector, tier):
            break
        heap_key[k], heap_item[k] = heap_key[down], heap_item[down]
        k = down
    heap_key[k], heap_item[k] = key, item
    return int(first)


@plain
def add(
    up: int, column: int, place: int,
    Z: Array, x: Array, M: Array, y: Array,
    parent: Shorts, sector: Shorts, rank: Shorts, tier: Shorts, weight: Array,
    heap_key: Array, heap_item: Integers, start: Integers, have: Integers,
    suppliers_of: Shorts, count: Integers,
) -> None:  # fmt: skip
    """Put on the heap the child number `place` of node `up`, a purchase by `column`."""
    n = len(x)
    if place >= have[column]:
        return
    j = suppliers_of[start[column] + place]
    w = y[j] if column == n else weight[up] * (Z[j, column] / x[column])
    key = abs(w) * M[j] * (1.0 + SAFE)
    if key <= 0.0:  # too small for a number: nothing behind it is larger
        return
    node = count[NODES]
    count[NODES] += 1
    parent[node], sector[node], rank[node], weight[node] = up, j, place, w
    tier[node] = 0 if column == n else tier[up] + 1
    push(key, 2 * node, heap_key, heap_item, count, parent, sector, tier)


@plain
def enough(
    column: int, place: int, Z: Array, x: Array, M: Array,
    start: Integers, have: Integers, there: Integers, suppliers_of: Shorts, count: Integers,
) -> bool:  # fmt: skip
    """See to it that the list of a column reaches `place`, if it is that long; False: no room."""
    if column == len(x) or place < have[column] or have[column] == there[column]:
        return True
    most = max(FIRST, 8 * have[column])
    if count[USED] + min(most, len(x)) > len(suppliers_of):
        return False
    who, all_of_them = suppliers(Z, x, M, column, most)
    start[column], have[column], there[column] = count[USED], len(who), all_of_them
    for k in range(len(who)):
        suppliers_of[count[USED] + k] = who[k]
    count[USED] += len(who)
    return True


@plain
def search(
    Z: Array, x: Array, q: Array, M: Array, y: Array,
    parent: Shorts, sector: Shorts, rank: Shorts, tier: Shorts, weight: Array,
    heap_key: Array, heap_item: Integers,
    start: Integers, have: Integers, there: Integers, suppliers_of: Shorts,
    found: Integers, count: Integers, limit: int, pause: int,
) -> int:  # fmt: skip
    """Go on with a search until `found` is full, nothing is left, or it has to stop; say which.

    The heap holds open chains, keyed by ``|w| M`` of their last sector (a bound on every path
    that goes through or ends there and is not yet on the heap by itself), and complete paths,
    keyed by ``|w q|``. An open chain that is taken off puts back three things: its next sibling,
    its own emission, its strongest supplier. A path that is taken off is the next largest.

    Parameters
    ----------
    M : ndarray, shape (n,)
        Any bound per unit with ``M_i >= |q_i|`` and ``M_i >= |a_ji| M_j``.
    y : ndarray, shape (n,)
        Final demand; the list of column n of `suppliers_of` are its sectors by |y_i| M_i.
    parent, sector, rank, tier, weight : ndarray
        The nodes.
    start, have, there : ndarray, shape (n + 1,)
        Of each column's list in `suppliers_of`: where it starts, how long it is, how long it
        could be; -1 in `there` if the column was not looked at yet.
    found : ndarray
        Overwritten by the last nodes of the paths, in order.
    count : ndarray
        Nodes, heap entries, paths found, list places used, chains expanded.
    limit : int
        Stop when so many nodes exist.
    pause : int
        Stop when so many chains are expanded.

    Returns
    -------
    int
        DONE, EXHAUSTED, LIMIT, GROW (arrays are too small) or PAUSE; call again after the last two.
    """
    n = len(x)
    while count[FOUND] < len(found):
        if count[HEAP] == 0:
            return EXHAUSTED
        item = heap_item[0]
        node = item >> 1
        if item & 1:
            pop(heap_key, heap_item, count, parent, sector, tier)
            found[count[FOUND]] = node
            count[FOUND] += 1
            continue
        if count[NODES] >= limit:
            return LIMIT
        if count[NODES] + 2 > len(parent) or count[HEAP] + 3 > len(heap_key):
            return GROW
        if count[EXPANDED] >= pause:
            return PAUSE
        i = sector[node]
        up = parent[node]
        column = n if up < 0 else sector[up]
        if not enough(column, rank[node] + 1, Z, x, M, start, have, there, suppliers_of, count):
            return GROW
        if not enough(i, 0, Z, x, M, start, have, there, suppliers_of, count):
            return GROW
        pop(heap_key, heap_item, count, parent, sector, tier)
        count[EXPANDED] += 1
        add(up, column, rank[node] + 1, Z, x, M, y, parent, sector, rank, tier, weight,
            heap_key, heap_item, start, have, suppliers_of, count)  # fmt: skip
        value = abs(weight[node] * q[i])
        if value > 0.0:
            push(value, 2 * node + 1, heap_key, heap_item, count, parent, sector, tier)
        add(node, i, 0, Z, x, M, y, parent, sector, rank, tier, weight,
            heap_key, heap_item, start, have, suppliers_of, count)  # fmt: skip
    return DONE


@plain
def chains(
    found: Integers, parent: Shorts, sector: Shorts, tier: Shorts
) -> tuple[Integers, Shorts]:
    """Return all paths in one row, each from the final product to the emitter, and their starts."""
    start = np.zeros(len(found) + 1, np.int64)
    for k in range(len(found)):
        start[k + 1] = start[k] + tier[found[k]] + 1
    places = np.empty(start[-1], np.int32)
    for k in range(len(found)):
        node = found[k]
        at = start[k + 1]
        while node >= 0:
            at -= 1
            places[at] = sector[node]
            node = parent[node]
    return start, places
