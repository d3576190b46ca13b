"""What a table holds besides flows, final demand and value added: rows below and columns beside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ShapeError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.labels import unique

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Side:
    """Rows of inputs that are no value added, or columns of uses that are no final demand.

    Rows are taxes less subsidies on products, direct purchases abroad, transport margins;
    columns are statistical discrepancies. An official table carries them to balance, so they
    are kept and named, and never mixed with value added or final demand.

    Attributes
    ----------
    labels : tuple of str
    values : ndarray, shape (labels, n)
        In the money unit of the table; of columns, the transpose.
    final_demand : ndarray, shape (labels, columns of Y), or None
        What the rows take from final demand (such as taxes on consumption); None for columns,
        and for rows that have no entry there.

    Raises
    ------
    ShapeError
        The arrays do not fit the labels.

    Examples
    --------
    >>> taxes = Side(("taxes less subsidies",), np.array([[1.0, 2.0]]))
    >>> taxes.row("taxes less subsidies")
    array([1., 2.])
    """

    labels: tuple[str, ...]
    values: Array
    final_demand: Array | None = None

    __repr__ = brief

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", unique(self.labels, "other inputs or uses"))
        for name, array in (("values", self.values), ("final_demand", self.final_demand)):
            if array is None:
                continue
            if array.ndim != 2 or array.shape[0] != len(self.labels):
                raise ShapeError(
                    f"{name} has shape {array.shape} for {len(self.labels)} labels",
                    where=f"other inputs or uses {', '.join(self.labels)}",
                    do="give one row for each label",
                )
            array.setflags(write=False)

    def row(self, label: str) -> Array:
        """Return the values of one label, shape (n,)."""
        if label not in self.labels:
            raise UnknownNameError.of("row or column", label, self.labels)
        return np.asarray(self.values[self.labels.index(label)])

    @property
    def total(self) -> Array:
        """The sum over all labels, shape (n,)."""
        return np.asarray(self.values.sum(axis=0))
