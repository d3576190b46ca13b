"""Stressors by producing sector, and what households emit directly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ShapeError, UnknownNameError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.labels import unique
from mriocarbon.model.provenance import Note
from mriocarbon.model.units import factor

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Extension:
    """Stressors of one satellite account.

    Attributes
    ----------
    name : str
    stressors : tuple of str
        Labels of the rows of `F`.
    F : ndarray, shape (stressors, n)
        Emissions by producing sector, in `units`.
    units : tuple of str
        One unit for each stressor.
    F_Y : ndarray, shape (stressors, columns of Y), or None
        Emitted directly by final consumers. None, or a row of NaN, means unknown, not zero.
    F_Y_low, F_Y_high : ndarray, same shape, or None
        The range of `F_Y`, where one is known.
    notes : tuple of Note
        Remarks that travel to every result; `Note.about` names the stressor or ``households``.
    """

    name: str
    stressors: tuple[str, ...]
    F: Array
    units: tuple[str, ...]
    F_Y: Array | None = None
    F_Y_low: Array | None = None
    F_Y_high: Array | None = None
    notes: tuple[Note, ...] = field(default=())

    def __repr__(self) -> str:
        told = (
            f"{name} {total:.6g} {unit}"
            for name, total, unit in zip(
                self.stressors, self.F.sum(axis=1), self.units, strict=True
            )
        )
        return brief(self, self.name, listed(list(told), 3), f"{self.F.shape[1]:,} sectors")

    def __post_init__(self) -> None:
        object.__setattr__(self, "stressors", unique(self.stressors, f"stressors of {self.name}"))
        if self.F.ndim != 2 or self.F.shape[0] != len(self.stressors):
            raise ShapeError(
                f"F has shape {self.F.shape} for {len(self.stressors)} stressors",
                where=f"extension {self.name!r}",
                do="give one row for each stressor and one column for each sector",
            )
        if len(self.units) != len(self.stressors):
            raise ShapeError(
                f"{len(self.units)} units for {len(self.stressors)} stressors",
                where=f"extension {self.name!r}",
                do="give one unit for each stressor",
            )
        for array in (self.F, self.F_Y, self.F_Y_low, self.F_Y_high):
            if array is not None:
                array.setflags(write=False)

    def row(self, stressor: str) -> int:
        """Return the row of a stressor; UnknownNameError lists near matches."""
        if stressor in self.stressors:
            return self.stressors.index(stressor)
        raise UnknownNameError.of("stressor", stressor, self.stressors)

    def characterised(self, factors: Mapping[str, float], name: str, unit: str) -> Extension:
        """Return an extension with one stressor, the weighted sum of several.

        ``F' = sum_k factors[k] F_k``: a global warming potential in `unit` per unit of each
        stressor. Rows of households add up the same way and are unknown if one is.

        Parameters
        ----------
        factors : mapping of stressor to factor
            In `unit` per one unit of that stressor, such as 0.028 Mt CO2e per kt CH4.
        name, unit : str
            Of the sum.

        Raises
        ------
        UnknownNameError
            A stressor that this extension does not have.

        Examples
        --------
        >>> import numpy as np
        >>> gases = Extension("GHG", ("CO2", "CH4"), np.array([[3.0], [1.0]]),
        ...                   ("Mt CO2", "Mt CH4"))
        >>> gases.characterised({"CO2": 1, "CH4": 28}, "GHG", "Mt CO2e").F
        array([[31.]])
        """
        rows = [self.row(stressor) for stressor in factors]
        weights = np.array(list(factors.values()), dtype=float)

        def combine(array: Array | None) -> Array | None:
            return None if array is None else (weights @ array[rows])[None, :]

        F = combine(self.F)
        assert F is not None
        # A note on one of the stressors is now a note on their sum; one on a stressor that is
        # not in the sum would be wrong there.
        left_out = set(self.stressors) - set(factors)
        kept = [n for n in self.notes if n.about not in left_out]
        notes = (replace(n, about=name) if n.about in factors else n for n in kept)
        text = f"{name} = " + " + ".join(f"{w:g} x {s}" for s, w in factors.items())
        return Extension(
            name,
            (name,),
            F,
            (unit,),
            combine(self.F_Y),
            combine(self.F_Y_low),
            combine(self.F_Y_high),
            (*notes, Note(text, about=name)),
        )

    def to_unit(self, unit: str) -> Extension:
        """Return the same extension with every stressor in `unit` (UnitError if impossible)."""
        scale = np.array([factor(have, unit) for have in self.units])[:, None]

        def scaled(array: Array | None) -> Array | None:
            return None if array is None else array * scale

        return Extension(
            self.name,
            self.stressors,
            self.F * scale,
            (unit,) * len(self.units),
            scaled(self.F_Y),
            scaled(self.F_Y_low),
            scaled(self.F_Y_high),
            self.notes,
        )

    def unit(self, stressor: str) -> str:
        """Return the unit of one stressor."""
        return self.units[self.row(stressor)]
