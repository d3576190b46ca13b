"""A table without its flows: labels, final demand, output, stressors.

What an account of a table too large for memory needs beside Z, and what `MRIO` shares with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import LabelError, NegativeOutputError, UnknownNameError, listed
from mriocarbon.model.arrays import matrix
from mriocarbon.model.brief import brief
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex, unique
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.side import Side

__all__ = ["Frame", "Labelled", "diagnose", "fit_extension", "fit_side", "positive_output"]

Array = NDArray[np.float64]

# A row sum may differ from gross output by this share of it, and by this share of the mean
# output: single precision of a 4,000-sector table passes, a lost cell does not.
BALANCE_RTOL = 1e-5
BALANCE_ATOL = 1e-6


class Labelled:
    """What is known of a table by its labels, final demand and stressors."""

    index: SectorIndex
    Y: Array
    x: Array
    categories: tuple[str, ...]
    extensions: Mapping[str, Extension]
    notes: tuple[Note, ...]
    provenance: Provenance
    other_uses: Side | None

    @property
    def regions(self) -> tuple[str, ...]:
        """Region labels."""
        return self.index.regions

    @property
    def sectors(self) -> tuple[str, ...]:
        """Sector labels."""
        return self.index.sectors

    @property
    def final_demand(self) -> Array:
        """Final demand by destination region, shape (n, regions): categories summed."""
        if len(self.categories) == 1:
            return self.Y
        n, R = len(self.index), len(self.regions)
        return np.asarray(self.Y.reshape(n, R, len(self.categories)).sum(axis=2))

    @cached_property
    def stressors(self) -> tuple[str, ...]:
        """All stressor labels, over all extensions."""
        return tuple(s for ext in self.extensions.values() for s in ext.stressors)

    def extension_of(self, stressor: str) -> Extension:
        """Return the extension that holds a stressor.

        A stressor that two extensions hold is an error, to be lifted by ``"extension/stressor"``.
        """
        name, _, rest = stressor.partition("/")
        if rest and name in self.extensions:
            self.extensions[name].row(rest)
            return self.extensions[name]
        holders = [ext for ext in self.extensions.values() if stressor in ext.stressors]
        if len(holders) == 1:
            return holders[0]
        if holders:
            names = [f"{ext.name}/{stressor}" for ext in holders]
            raise LabelError(
                f"stressor {stressor!r} is in {len(holders)} extensions",
                where=listed([ext.name for ext in holders]),
                do=f"write one of {listed(names)}",
            )
        raise UnknownNameError.of("stressor", stressor, self.stressors)


@dataclass(frozen=True, eq=False)
class Frame(Labelled):
    """All of a table but its flows Z; the attributes are those of `MRIO`.

    Examples
    --------
    >>> import numpy as np
    >>> frame = Frame(SectorIndex(("A", "B"), ("1",)), np.eye(2), np.array([3.0, 4.0]))
    >>> frame.final_demand.shape, frame.stressors
    ((2, 2), ())
    """

    index: SectorIndex
    Y: Array
    x: Array
    value_added: Array | None = None
    categories: tuple[str, ...] = ("final demand",)
    value_added_rows: tuple[str, ...] = ()
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    money_unit: str = "million USD"
    year: int | None = None
    price_year: int | None = None
    notes: tuple[Note, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    other_inputs: Side | None = None
    other_uses: Side | None = None
    table_type: str = ""
    price_basis: str = ""
    estimated: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)

    __repr__ = brief

    def __post_init__(self) -> None:
        pairs = self.index.pairs
        object.__setattr__(self, "categories", unique(self.categories, "categories"))
        columns = [(r, c) for r in self.regions for c in self.categories]
        # Arrays that are fit are taken over: no second copy of a large final demand.
        Y = matrix(self.Y, (len(pairs), len(columns)), "Y", pairs, columns, copy=False)
        x = matrix(self.x, (len(pairs),), "x", pairs, copy=False)
        for name, array in (("Y", Y), ("x", x)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "extensions", MappingProxyType(dict(self.extensions)))
        object.__setattr__(self, "estimated", MappingProxyType(dict(self.estimated)))
        if self.provenance.year != self.year:
            object.__setattr__(self, "provenance", replace(self.provenance, year=self.year))
        for extension in self.extensions.values():
            fit_extension(extension, self.index, self.Y.shape[1])
        for kind in ("other_inputs", "other_uses"):
            fit_side(kind, getattr(self, kind), self.index, self.Y.shape[1])
        positive_output(self.index, self.x)


def fit_extension(extension: Extension, index: SectorIndex, columns: int) -> None:
    """Check shape and cells of an extension against the table it is attached to."""
    shape = (len(extension.stressors), len(index))
    matrix(
        extension.F, shape, f"F of {extension.name!r}", extension.stressors, index.pairs, copy=False
    )
    for kind in ("F_Y", "F_Y_low", "F_Y_high"):
        array = getattr(extension, kind)
        if array is not None:
            shape = (len(extension.stressors), columns)
            matrix(array, shape, f"{kind} of {extension.name!r}", extension.stressors,
                   missing=True)  # fmt: skip


def fit_side(kind: str, side: Side | None, index: SectorIndex, columns: int) -> None:
    """Check shape and cells of rows or columns that are neither value added nor demand."""
    if side is None:
        return
    matrix(side.values, (len(side.labels), len(index)), kind, side.labels, index.pairs)
    if side.final_demand is not None:
        matrix(side.final_demand, (len(side.labels), columns), f"{kind}, final demand",
               side.labels)  # fmt: skip


def positive_output(index: SectorIndex, x: Array) -> None:
    """Raise NegativeOutputError, naming the sectors, unless no output is below zero."""
    if (x < 0).any():
        bad = np.flatnonzero(x < 0).tolist()
        raise NegativeOutputError(
            f"negative gross output in {len(bad)} sectors",
            where=listed([f"{index.name(k)} ({x[k]:g})" for k in bad]),
            do="correct the output of these sectors; nothing is repaired silently",
        )


def diagnose(
    table: Labelled, uses: Array, inputs: Array, trades: Callable[[int], bool]
) -> Iterator[str]:
    """Yield what is not clean, naming the sectors. Nothing is changed.

    Parameters
    ----------
    table : Labelled
    uses, inputs : ndarray, shape (n,)
        Row and column sums of Z.
    trades : callable
        Whether a sector has any flow in its row or column of Z.
    """
    x, name = table.x, table.index.name
    gap = uses + table.Y.sum(axis=1) - x
    if table.other_uses is not None:
        gap += table.other_uses.total
    tolerance = BALANCE_RTOL * x + BALANCE_ATOL * max(float(x.mean()), np.finfo(float).tiny)
    bad = np.flatnonzero(np.abs(gap) > tolerance)
    if len(bad):
        worst = bad[np.argsort(-np.abs(gap[bad]))].tolist()
        yield (
            f"{len(bad)} rows do not balance (Z1 + Y1 differs from x), largest first: "
            + listed([f"{name(k)} by {gap[k]:.6g}" for k in worst])
        )
    over = np.flatnonzero((inputs > x + tolerance) & (x > 0)).tolist()
    if len(over):
        yield (
            f"{len(over)} columns have inputs above output: "
            + listed([f"{name(k)} (inputs {inputs[k]:.6g}, output {x[k]:.6g})" for k in over])
        )
    zero = np.flatnonzero(x == 0).tolist()
    if len(zero):
        trade = [name(k) for k in zero if trades(k) or table.Y[k].any()]
        if trade:
            yield f"{len(trade)} sectors of zero output still buy or sell: {listed(trade)}"
        for extension in table.extensions.values():
            emits = [name(k) for k in zero if extension.F[:, k].any()]
            if emits:
                yield (
                    f"{len(emits)} sectors of zero output still emit ({extension.name});"
                    f" accounts show these emissions as 'unallocated': {listed(emits)}"
                )
