"""Turning what people pass into clean float64 arrays, with errors that name the cell."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, NonFiniteError, ShapeError, listed
from mriocarbon.model.labels import positions

Array = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)
LARGE = 2**22  # cells from which all cores are put to a sum


def matrix(
    values: ArrayLike,
    shape: tuple[int, ...],
    name: str,
    rows: Sequence[Hashable],
    columns: Sequence[Hashable] | None = None,
    *,
    missing: bool = False,
    copy: bool = True,
    finite: bool = True,
) -> Array:
    """Return a fresh, contiguous, finite float64 array, aligned to labels if `values` has any.

    Parameters
    ----------
    values : array_like or pandas object
        A pandas object is aligned: its order may differ, its labels may not.
    shape : tuple of int
        What is expected.
    name : str
        Used in messages.
    rows, columns : sequence of hashable
        Labels of the axes.
    missing : bool
        Allow NaN, which says that a figure is unknown; infinite cells are never allowed.
    copy : bool
        False hands back `values` itself where it is already such an array: for readers, which
        made it and must not hold a large table twice.
    finite : bool
        False leaves it to the caller to look for NaN and infinite cells, who passes over a large
        array anyway.

    Raises
    ------
    LabelError, ShapeError, NonFiniteError, InputError

    Examples
    --------
    >>> matrix([1, 2], (2,), "x", ["a", "b"])
    array([1., 2.])
    """
    labelled = _aligned(values, name, rows, columns)
    if np.iscomplexobj(labelled):
        raise InputError(f"{name} is complex", where=name, do="give real numbers")
    try:
        array = _copied(labelled) if copy else np.array(labelled, dtype=np.float64, order="C",
                                                        copy=None)  # fmt: skip
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} is not a table of numbers: {error}", where=name, do="give numbers only"
        ) from error
    if array.shape != shape:
        square = name == "Z"
        if square and array.ndim == 2 and array.shape[0] != array.shape[1]:
            problem = f"{name} is not square: {array.shape[0]} x {array.shape[1]}"
        else:
            problem = f"{name} has shape {array.shape}"
        raise ShapeError(
            f"{problem}; regions and sectors ask for {shape}",
            where=name,
            do="check the labels and the orientation (rows supply, columns use)",
        )
    # A sum is finite only if every cell is (or overflows, which the second look would show).
    with np.errstate(invalid="ignore", over="ignore"):
        suspect = finite and not np.isfinite(array.sum())
    if suspect:
        bad = np.argwhere(np.isinf(array) if missing else ~np.isfinite(array))
        if len(bad):
            raise NonFiniteError(
                f"{len(bad)} cells of {name} are NaN or infinite",
                where=listed([_cell(array, cell, rows, columns) for cell in bad]),
                do="fill or remove them before building the table; missing is not zero",
            )
    return array


def _copied(values: Any) -> Array:
    """Return a copy in double precision; of a large array on all cores."""
    if not (isinstance(values, np.ndarray) and values.ndim == 2 and values.dtype.kind == "f"):
        return np.array(values, dtype=np.float64, order="C")
    array = np.empty(values.shape)
    in_parts(len(values), lambda part: np.copyto(array[part], values[part]))
    return array


def _aligned(
    values: Any, name: str, rows: Sequence[Hashable], columns: Sequence[Hashable] | None
) -> Any:
    if hasattr(values, "dims") and hasattr(values, "to_pandas"):  # an xarray.DataArray
        values = _frame(values, name)
    index = getattr(values, "index", None)
    if index is None or callable(index):  # lists have a method of that name
        return values
    values = values.iloc[positions(_labels(index), list(rows), f"rows of {name}")]
    if columns is not None and hasattr(values, "columns"):
        have = _labels(values.columns)
        values = values.iloc[:, positions(have, list(columns), f"columns of {name}")]
    return values


def _frame(array: Any, name: str) -> Any:
    """Return a DataArray as a pandas object, so that it is aligned by its labels too."""
    if array.ndim > 2:
        raise ShapeError(
            f"{name} has {array.ndim} dimensions {array.dims}",
            where=name,
            do="build the table with MRIO.from_xarray, or stack region and sector first",
        )
    bare = [dim for dim in array.dims if dim not in array.indexes]
    return array.values if len(bare) == array.ndim else array.to_pandas()


def _labels(axis: Any) -> list[Hashable]:
    """Labels as strings, pairs as tuples of strings."""
    return [tuple(map(str, k)) if isinstance(k, tuple) else str(k) for k in axis]


def _cell(
    array: Array,
    cell: NDArray[np.intp],
    rows: Sequence[Hashable],
    columns: Sequence[Hashable] | None,
) -> str:
    def text(label: Hashable) -> str:
        return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)

    where = text(rows[cell[0]])
    if len(cell) > 1 and columns is not None:
        where += f" -> {text(columns[cell[1]])}"
    return f"[{where}] = {array[tuple(cell)]}"


def frozen(array: NDArray[T]) -> NDArray[T]:
    """Return the array, read-only."""
    array.setflags(write=False)
    return array


def totals(Z: Array) -> tuple[Array, Array, float]:
    """Return the sums of rows and of columns of a C-ordered matrix, and its least cell.

    Examples
    --------
    >>> totals(np.array([[1.0, 2.0], [3.0, -4.0]]))
    (array([ 3., -1.]), array([ 4., -2.]), -4.0)
    """
    least: list[float] = [np.inf]
    in_parts(len(Z), lambda part: least.append(float(Z[part].min(initial=np.inf))))
    if Z.size < LARGE:
        with np.errstate(invalid="ignore", over="ignore"):  # cells that are no numbers are told
            return Z.sum(axis=1), Z.sum(axis=0), min(least)
    # As products with ones: on all cores, and by the BLAS that will solve with this table too.
    from scipy.linalg.blas import dgemv

    n, m = Z.shape
    rows, columns = dgemv(1.0, Z.T, np.ones(m), trans=1), dgemv(1.0, Z.T, np.ones(n))
    return np.asarray(rows), np.asarray(columns), min(least)


def in_parts(n: int, work: Callable[[slice], object]) -> None:
    """Call `work` on slices of n rows, on all cores: numpy lets go of the interpreter meanwhile."""
    many = cores()
    if n < 1000 or many == 1:
        work(slice(0, n))
        return
    step = -(-n // (4 * many))  # some parts more than cores, in case one of these is busy
    with ThreadPoolExecutor(max_workers=many) as pool:
        for _ in pool.map(work, [slice(start, start + step) for start in range(0, n, step)]):
            pass


def cores() -> int:
    """Return how many threads to use: the cores of this process, or what the BLAS is held to."""
    held = [os.environ.get(name, "") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")]
    held = [number for number in held if number.isdigit() and int(number) > 0]
    if hasattr(os, "sched_getaffinity"):
        have = len(os.sched_getaffinity(0))
    else:  # pragma: no cover - other platforms
        have = os.cpu_count() or 1
    return min([have, *map(int, held)])
