"""From residents to the territory: the rows between an OECD account and a national inventory.

The OECD counts what resident units emit, wherever they are; an inventory counts what is emitted
on the territory and leaves fuel for international transport out. For each gas and economy

    industries, residence                        sum of the satellite
  + households                                   bottom-up estimate
  - residents' ships abroad                      part of H50
  - residents' aircraft abroad                   part of H51
  + difference of sources                        what no row above explains
  = national total                               as the source has it

The difference of sources is printed, never spread over the cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, ShapeError, UnknownNameError, listed

Array = NDArray[np.float64]

IDENTITY = (
    "industries, residence",
    "households",
    "less residents' ships abroad",
    "less residents' aircraft abroad",
    "difference of sources",
)
"""Rows that add up to the national total."""

TOTAL = "national total"
MEMO = ("bunkers sold here, shipping", "bunkers sold here, aviation")
"""Fuel that the inventory says was sold to international transport: beside the identity."""

ROWS = (*IDENTITY, TOTAL, *MEMO)


@dataclass(frozen=True)
class Bridge:
    """Rows from residence to territory.

    Attributes
    ----------
    rows : tuple of str
        `ROWS`.
    gases, economies : tuple of str
    values : ndarray, shape (rows, gases, economies)
        Mt of the gas. NaN where a source gives nothing.
    sd : ndarray, same shape
        Standard deviation; NaN where none is known.
    source : str
        Of the national total.
    """

    rows: tuple[str, ...]
    gases: tuple[str, ...]
    economies: tuple[str, ...]
    values: Array
    sd: Array
    source: str

    def row(self, name: str) -> Array:
        """Return one row, shape (gases, economies).

        Raises
        ------
        UnknownNameError
            No such row.
        """
        if name not in self.rows:
            raise UnknownNameError.of("bridge row", name, self.rows)
        out: Array = self.values[self.rows.index(name)]
        return out

    def gaps(self) -> Array:
        """Return what the identity leaves open, Mt; NaN where there is no national total."""
        left: Array = self.values[: len(IDENTITY)].sum(0) - self.row(TOTAL)
        return left


def bridge(
    industries: Array,
    households: Array,
    abroad: Mapping[str, Array],
    total: Array,
    *,
    gases: Sequence[str],
    economies: Sequence[str],
    source: str,
    sd: Mapping[str, Array] | None = None,
    sold: Mapping[str, Array] | None = None,
) -> Bridge:
    r"""Build the rows; the difference of sources closes them.

    .. math:: D = T - \Bigl(\sum_i e_i + h - s - a\Bigr)

    Parameters
    ----------
    industries, households, total : ndarray, shape (gases, economies)
        Mt of the gas. A NaN in `total` leaves difference and total unknown.
    abroad : mapping of {"shipping", "aviation"} to ndarray, same shape
        Part of `industries` outside the territory, at least 0.
    gases, economies : sequence of str
    source : str
        Name of the source of `total`.
    sd : mapping of row to ndarray, same shape, optional
        Standard deviations of rows.
    sold : mapping of {"shipping", "aviation"} to ndarray, same shape, optional
        Fuel sold to international transport, NaN where not reported.

    Returns
    -------
    Bridge

    Raises
    ------
    ShapeError
        An array has another shape.
    InputError
        More is emitted abroad than at all.

    Examples
    --------
    >>> one = lambda v: np.array([[v]])
    >>> b = bridge(one(10.0), one(3.0), {"shipping": one(2.0), "aviation": one(1.0)}, one(11.0),
    ...            gases=["CO2"], economies=["AAA"], source="CEDS")
    >>> float(b.row("difference of sources")[0, 0]), float(b.gaps()[0, 0])
    (1.0, 0.0)
    """
    shape = (len(gases), len(economies))
    given = {
        "industries": industries, "households": households, "total": total,
        **{f"abroad {m}": a for m, a in abroad.items()},
        **{f"sold {m}": a for m, a in (sold or {}).items()}, **dict(sd or {}),
    }  # fmt: skip
    for name, array in given.items():
        if array.shape != shape:
            raise ShapeError(f"{name} has shape {array.shape}, not {shape}", where="bridge")
    ships, planes = abroad["shipping"], abroad["aviation"]
    if (ships < 0).any() or (planes < 0).any():
        raise InputError("emissions abroad are negative", where="abroad")
    over = np.argwhere(ships + planes > industries * (1 + 1e-12))
    if len(over):
        cells = [f"{economies[c]} {gases[g]}" for g, c in over]
        raise InputError("more is emitted abroad than by all industries", where=listed(cells))
    known = industries + households - ships - planes
    unknown = np.full(shape, np.nan)
    sales = [(sold or {}).get(mode, unknown) for mode in ("shipping", "aviation")]
    values = np.stack([industries, households, -ships, -planes, total - known, total, *sales])
    errors = np.stack([(sd or {}).get(row, unknown) for row in ROWS])
    return Bridge(ROWS, tuple(gases), tuple(economies), values, errors, source)
