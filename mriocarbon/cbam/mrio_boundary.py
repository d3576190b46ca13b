r"""Emissions per USD over a boundary within the table: ``f_P (I - A_PP)^-1`` and what it omits."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model import MRIO
from mriocarbon.solve import leontief

__all__ = ["GWP", "InBoundary", "footprint", "intensity_in_boundary", "kept"]

Array = NDArray[np.float64]

GWP = {"CO2": 1.0, "N2O": 265.0, "F-gases": 1.0}
"""Implementing Regulation (EU) 2025/2547, Table 6 (AR5); F-gases are in CO2e already."""

ELECTRICITY = "D"
EXTENSION = "gases"


@dataclass(frozen=True, eq=False)
class InBoundary:
    """Multipliers over a boundary, and what they are made of.

    Attributes
    ----------
    regions, industries : tuple of str
        The boundary P is their product, region-major; p = regions * industries.
    gases : tuple of str
    direct : ndarray, shape (regions, industries)
        ``f_P (I - A_PP)^-1``, t CO2e per USD.
    indirect : ndarray, shape (regions, industries), or None
        ``e_P (I - A_PP)^-1`` with e the CO2 of the electricity that P buys, t CO2 per USD.
    own : ndarray, shape (regions, industries)
        f, the industry's own emissions, t CO2e per USD.
    inverse : ndarray, shape (p, p)
        ``(I - A_PP)^-1``.
    bought : ndarray, shape (regions, p), or None
        e by the region whose power plants emit, t CO2 per USD of P's output.
    """

    regions: tuple[str, ...]
    industries: tuple[str, ...]
    gases: tuple[str, ...]
    direct: Array
    indirect: Array | None
    own: Array
    inverse: Array
    bought: Array | None

    def emitters(self, region: str, weights: Mapping[str, float]) -> dict[tuple[str, str], float]:
        """Return t CO2e per USD of a basket of one region's industries, by emitting cell.

        Parameters
        ----------
        region : str
        weights : mapping of industry to share

        Returns
        -------
        dict of (region, industry) to float
            Its sum is the basket's multiplier, direct and (if asked for) indirect.
        """
        S = len(self.industries)
        basket = np.zeros(len(self.regions) * S)
        for name, weight in weights.items():
            basket[self.regions.index(region) * S + self.industries.index(name)] = weight
        output = self.inverse @ basket
        made = (self.own.ravel() * output).reshape(len(self.regions), S)
        found = {
            (r, s): float(made[i, j])
            for i, r in enumerate(self.regions)
            for j, s in enumerate(self.industries)
            if made[i, j]
        }
        if self.bought is not None:
            for r, value in zip(self.regions, self.bought @ output, strict=True):
                if value:
                    found[(r, ELECTRICITY)] = found.get((r, ELECTRICITY), 0.0) + float(value)
        return found


kept: weakref.WeakKeyDictionary[MRIO, dict[object, Any]] = weakref.WeakKeyDictionary()
"""What was solved for a table; it goes with the table."""


def intensity_in_boundary(
    mrio: MRIO,
    gases: Sequence[str],
    precursor_industries: Sequence[str],
    *,
    indirect: bool = False,
) -> InBoundary:
    r"""Return ``f_P (I - A_PP)^-1`` for every industry of the boundary in every region.

    .. math:: m_P = f_P (I - A_{PP})^{-1}, \qquad
              e_P = f_D (I - A_{DD})^{-1} A_{DP}

    Electricity is what P buys from industry D (electricity, gas, steam) of any region; power
    that D sells to D on its way to the buyer is followed, fuels and the rest of D's inputs are
    not. Solved once for each set of industries and gases and kept with the table.

    Parameters
    ----------
    mrio : MRIO
        With the extension ``gases`` (Mt of CO2 and N2O, Mt CO2e of ``F-gases``) and money in
        million USD.
    gases : sequence of str
        Of CO2, N2O and F-gases: those in the good's scope, weighted by :data:`GWP`.
    precursor_industries : sequence of str
        P, in all regions.
    indirect : bool
        Add the electricity.

    Returns
    -------
    InBoundary

    Raises
    ------
    UnknownNameError
        No such gas or industry.
    NotAvailableError
        The table has no emissions by gas.
    InputError
        The table is not in million USD.

    References
    ----------
    Miller, R.E., Blair, P.D. (2009). Input-Output Analysis, chapters 2 and 9; Regulation (EU)
    2023/956, Annex IV, for the boundary.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> steel = intensity_in_boundary(mc.load("oecd-icio-2022"), ("CO2",), ("C24A",))
    >>> round(float(steel.direct[steel.regions.index("CHN"), 0]) * 1000, 2)  # kg CO2 per USD
    1.5
    """
    key = (tuple(gases), tuple(precursor_industries), indirect)
    cache = kept.setdefault(mrio, {})
    if key not in cache:
        cache[key] = _solve(mrio, *key)
    found = cache[key]
    assert isinstance(found, InBoundary)
    return found


def _intensities(mrio: MRIO, gases: Iterable[str], rows: NDArray[np.intp]) -> Array:
    """t CO2e per USD of the rows' own emissions."""
    if EXTENSION not in mrio.extensions:
        raise NotAvailableError(
            "the table has no emissions by gas",
            where=f"extension {EXTENSION!r}",
            do='use mc.load("oecd-icio-2022"), or add an extension of that name',
        )
    if mrio.money_unit != "million USD":
        raise InputError(
            f"the table is in {mrio.money_unit}",
            where="references from the table",
            do="convert it to million USD",
        )
    extension = mrio.extensions[EXTENSION]
    total = np.zeros(len(rows))
    for gas in gases:
        if gas not in GWP:
            raise UnknownNameError.of("gas of the CBAM", gas, GWP)
        if not extension.unit(gas).startswith("Mt"):
            raise InputError(
                f"{gas} is in {extension.unit(gas)}",
                where=f"extension {EXTENSION!r}",
                do="convert it with Extension.to_unit to Mt",
            )
        total += GWP[gas] * extension.F[extension.row(gas), rows]
    x = mrio.x[rows]
    return np.where(x > 0, total / np.where(x > 0, x, 1.0), 0.0)


def _positions(mrio: MRIO, names: Sequence[str]) -> NDArray[np.intp]:
    columns = [mrio.index.sector(name) for name in names]
    S = len(mrio.sectors)
    return np.array([r * S + c for r in range(len(mrio.regions)) for c in columns], dtype=np.intp)


def _coefficients(mrio: MRIO, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
    x = mrio.x[columns]
    return np.asarray(mrio.Z[np.ix_(rows, columns)] * np.where(x > 0, 1 / np.where(x > 0, x, 1), 0))


def _solve(
    mrio: MRIO, gases: tuple[str, ...], names: tuple[str, ...], indirect: bool
) -> InBoundary:
    P = _positions(mrio, names)
    R = len(mrio.regions)
    own = _intensities(mrio, gases, P)
    inverse = np.linalg.inv(np.eye(len(P)) - _coefficients(mrio, P, P))
    shape = (R, len(names))
    bought, bought_all = None, None
    if indirect:
        D = _positions(mrio, (ELECTRICITY,))
        power = np.linalg.inv(np.eye(len(D)) - _coefficients(mrio, D, D))
        bought = _intensities(mrio, ("CO2",), D)[:, None] * (power @ _coefficients(mrio, D, P))
        bought_all = (bought.sum(axis=0) @ inverse).reshape(shape)
    arrays = [(own @ inverse).reshape(shape), own.reshape(shape), inverse]
    for array in (*arrays, bought, bought_all):
        if array is not None:
            array.setflags(write=False)
    return InBoundary(
        mrio.regions, names, gases, arrays[0], bought_all, arrays[1], arrays[2], bought
    )


def footprint(mrio: MRIO, gases: tuple[str, ...]) -> Array:
    """The full Leontief multiplier, t CO2e per USD, kept with the table."""
    cache = kept.setdefault(mrio, {})
    key = ("footprint", gases)
    if key not in cache:
        everything = np.arange(len(mrio.index))
        if gases:
            f = _intensities(mrio, gases, everything)
        else:
            weights = {"CO2": 1.0, "CH4": 28.0, "N2O": 265.0, "F-gases": 1.0}
            extension = mrio.extensions[EXTENSION]
            total = sum(w * extension.F[extension.row(g)] for g, w in weights.items())
            f = np.where(mrio.x > 0, total / np.where(mrio.x > 0, mrio.x, 1.0), 0.0)
        cache[key] = np.asarray(leontief(mrio).multipliers(f).value)
    found = cache[key]
    assert isinstance(found, np.ndarray)
    return found
