r"""Loops in a system: whether what the processes take from one another leaves anything over.

Where nothing is credited, A has positive diagonal and no other positive entry; then it has a
non-negative inverse if and only if the solution of :math:`A x = 1` is positive (Berman &
Plemmons 1994, chapter 6, condition I27). One solve for each strongly connected part decides, and
its negative entries name the processes that eat more than they make.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, listed

if TYPE_CHECKING:
    from scipy.sparse import csc_array

__all__ = ["check_loops", "reached"]

_SINGULAR = 1e-13


def check_loops(A: csc_array, names: Sequence[str]) -> None:
    """Raise if a technology matrix has no solution, naming the processes of the loop.

    Parameters
    ----------
    A : csc_array, shape (n, n)
    names : sequence of str

    Raises
    ------
    InputError
        A process takes as much of its product as it makes, a loop takes more than it gives,
        or the matrix is singular.

    Examples
    --------
    >>> from scipy.sparse import csc_array
    >>> check_loops(csc_array([[1.0, -0.5], [-0.5, 1.0]]), ["mine", "plant"])
    """
    from scipy.sparse.csgraph import connected_components

    diagonal = A.diagonal()
    for k in map(int, np.flatnonzero(diagonal <= 0)):
        raise InputError(
            f"takes as much of its product as it makes: {diagonal[k]:.3g} is left",
            where=f"process {names[k]!r}",
            do="correct its input of its own product",
        )
    count, part = connected_components(A, directed=True, connection="strong")
    sizes = np.bincount(part, minlength=count)
    order = np.argsort(part, kind="stable")
    ends = np.cumsum(sizes)
    for which in np.flatnonzero(sizes > 1):
        members = np.sort(order[ends[which] - sizes[which] : ends[which]])
        _check_part(A[members][:, members].tocsc(), [names[k] for k in members])


def _check_part(part: csc_array, names: list[str]) -> None:
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import splu

    scaled = (part @ diags_array(1 / part.diagonal())).tocsc()  # size of a process is no matter
    credited = bool((scaled - diags_array(np.ones(len(names)))).max() > 1e-15)
    try:
        lu = splu(scaled)
        pivots = np.abs(lu.U.diagonal())
        singular = bool(pivots.min() < _SINGULAR * pivots.max())
        x = lu.solve(np.ones(len(names)))
        singular = singular or not bool(np.isfinite(x).all())
    except RuntimeError:  # what SuperLU raises for an exact zero pivot
        singular, x = True, np.zeros(len(names))
    wrong = np.zeros(len(names), dtype=np.bool_) if credited else x <= 0
    if not singular and not wrong.any():
        return
    guilty = [name for name, bad in zip(names, wrong, strict=True) if bad] or names
    raise InputError(
        "a loop of processes without a solution: together they take at least as much as they make",
        where=f"{len(names)} processes in the loop: {listed(names, 6)}; short: {listed(guilty, 6)}",
        do="correct the amounts that these processes take from one another",
    )


def reached(A: csc_array, starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return positions of the processes that `starts` take from, directly or not; they included.

    All others have a scaling of exactly zero.

    Examples
    --------
    >>> from scipy.sparse import csc_array
    >>> reached(csc_array([[1.0, 0.0], [-0.5, 1.0]]), np.array([0])).tolist()
    [0, 1]
    """
    seen = np.zeros(A.shape[1], dtype=np.bool_)
    waiting = [int(k) for k in starts]
    seen[waiting] = True
    while waiting:
        k = waiting.pop()
        for i in A.indices[A.indptr[k] : A.indptr[k + 1]]:
            if not seen[i]:
                seen[i] = True
                waiting.append(int(i))
    return np.flatnonzero(seen)
