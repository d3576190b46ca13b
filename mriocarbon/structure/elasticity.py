"""Important coefficients: which single inputs move an account, and how far each may be off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.errors import InputError
from mriocarbon.model.checked import is_real, need_table
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Coefficient", "ImportantCoefficients", "important_coefficients", "tolerance_limits"]

Array = NDArray[np.float64]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One input coefficient.

    Attributes
    ----------
    supplier, user : (region, sector)
    value : float
        Input per output, a_ij.
    elasticity : float
        Per cent of the account for one per cent of the coefficient.
    tolerance : float
        Per cent by which it may change, up or down, before the account changes by the stated per
        cent, up or down; infinite where it does not move the account at all.
    """

    supplier: Pair
    user: Pair
    value: float
    elasticity: float
    tolerance: float


@dataclass(frozen=True, eq=False, repr=False)
class ImportantCoefficients:
    """Elasticities of an account to every input coefficient, and the largest of them.

    Attributes
    ----------
    account : str
        Which account, in words.
    emitter, consumer : str
        Regions by code; empty for all.
    value : float
        Of the account, in `unit`.
    unit : str
    elasticity : ndarray, shape (n, n)
        Of cell (i, j): supplier i, user j; region-major.
    top : tuple of Coefficient
        Largest elasticity first, whatever its sign.
    percent : float
        Change of the account that `tolerance` stands for.
    error : float
        Forward error of the solves.
    notes : tuple of Note
    provenance : Provenance

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.important_coefficients(mc.load("oecd-icio-2022"), stressor="GHG", top=3)
    >>> len(found.top), found.elasticity.shape
    (3, (1000, 1000))
    """

    account: str
    emitter: str
    consumer: str
    value: float
    unit: str
    elasticity: Array
    top: tuple[Coefficient, ...]
    percent: float
    error: float
    notes: tuple[Note, ...]
    provenance: Provenance

    def __post_init__(self) -> None:
        self.elasticity.setflags(write=False)

    def __repr__(self) -> str:
        return (
            f"<ImportantCoefficients of {self.account}, {self.value:.6g} {self.unit}:"
            f" {len(self.top)} listed, {100 * self.covered:.1f} % of all elasticities>"
        )

    def metadata(self) -> dict[str, str | float]:
        """Return unit, error, provenance and notes as plain text and numbers."""
        none = np.zeros(0)
        result = Result(
            self.account, none, ("cell",), {"cell": ()}, self.unit, self.error, notes=self.notes,
            provenance=self.provenance,
        )  # fmt: skip
        told: dict[str, str | float] = {
            "account": self.account, "value": self.value, **result.metadata(),
        }  # fmt: skip
        told["method"] = f"{told['method']}; tolerance for {self.percent:g} %"
        return told

    @property
    def sum(self) -> float:
        """Of all elasticities: per cent of the account if every coefficient rises by one."""
        return float(self.elasticity.sum())

    @property
    def covered(self) -> float:
        """Share of the absolute values of all elasticities which the listed ones make up."""
        return self.share_of(len(self.top))

    def share_of(self, most: int) -> float:
        """Return the share which the first `most` of the listed coefficients make up."""
        whole = float(np.abs(self.elasticity).sum())
        listed = sum(abs(one.elasticity) for one in self.top[:most])
        return listed / whole if whole else float("nan")

    def to_pandas(self) -> pd.DataFrame:
        """Return the listed coefficients as a frame."""
        import pandas as pd

        return pd.DataFrame([
            {"region": c.supplier[0], "sector": c.supplier[1], "region_to": c.user[0],
             "sector_to": c.user[1], "coefficient": c.value, "elasticity": c.elasticity,
             f"tolerance for {self.percent:g} %, %": c.tolerance}
            for c in self.top
        ])  # fmt: skip


def important_coefficients(
    mrio: MRIO,
    *,
    stressor: str | None = None,
    consumer: str | None = None,
    emitter: str | None = None,
    top: int = 20,
    percent: float = 1.0,
) -> ImportantCoefficients:
    """Return the elasticity of an account to every input coefficient, in one pass over Z.

    For ``E = q'L y`` with y the final demand of `consumer` (of everybody if none is named) and
    q the intensities of `emitter` (of everybody),

        dE / da_ij = m_i x_j,    e_ij = m_i a_ij x_j / E,    m' = q'L, x = L y,

    so that ``sum_ij e_ij = (m'x - q'x) / E``. Exactly, a change of the coefficient by the
    share r moves the account by ``dE = m_i d x_j / (1 - d l_ji)``, d = r a_ij (Sherman &
    Morrison); the tolerance is the smallest r that moves it by `percent`, up or down. That is an
    increase, which feeds on itself through l_ji, for either sign of the elasticity:
    ``r = p |E| / (a_ij (|m_i x_j| + p |E| l_ji))`` with p = percent / 100.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    consumer, emitter : str, optional
        Regions.
    top : int
        How many to list.
    percent : float
        Above zero.

    Returns
    -------
    ImportantCoefficients

    Raises
    ------
    UnknownNameError, InputError
        No such region or stressor; an account of zero; top or percent not above zero.

    References
    ----------
    Schintke & Stäglin (1988), Important input coefficients in market transactions tables and
    production flow tables; Sherman & Morrison (1950) doi:10.1214/aoms/1177729893 (the former
    UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = important_coefficients(mc.load("oecd-icio-2022"), stressor="GHG", consumer="USA")
    >>> found.top[0].supplier, found.top[0].user
    (('USA', 'A01'), ('USA', 'C10T12'))
    """
    need_table(mrio, "important_coefficients, mrio")
    whole = is_real(top) and int(top) == top
    if not whole or top < 1 or not (is_real(percent) and percent > 0):
        raise InputError(
            f"top {top!r}, percent {percent!r}", where="important_coefficients",
            do="give a whole number of at least 1 and a percentage above zero",
        )  # fmt: skip
    extension, row = resolve(mrio, stressor)
    system = leontief(mrio)
    S = len(mrio.sectors)
    q = np.where(system.zero, 0.0, extension.F[row] / system.output_)
    if emitter is not None:
        r = mrio.index.region(emitter)
        emitter = mrio.regions[r]
        q = np.where(np.arange(system.n) // S == r, q, 0.0)
    Y = mrio.final_demand
    y = Y.sum(axis=1)
    if consumer is not None:
        y = Y[:, mrio.index.region(consumer)]
        consumer = mrio.regions[mrio.index.region(consumer)]
    m, x = system.multipliers(q), system.output(y)
    E = float(m.value @ y)
    what = (
        f"emissions of {emitter or 'the world'} for the final demand of {consumer or 'the world'}"
    )
    if E == 0:
        raise InputError(
            f"{what} are zero", where="important_coefficients", do="choose another account"
        )
    A = np.where(system.zero, 0.0, mrio.Z / system.output_)
    elasticity = m.value[:, None] * A * (x.value / E)
    k = min(int(top), elasticity.size)
    flat = elasticity.ravel()
    size = np.abs(flat)
    places = np.argpartition(size, -k)[-k:]
    places = places[np.lexsort((places, -size[places]))]
    i, j = np.unravel_index(places, elasticity.shape)
    p = percent / 100
    needed, which = np.unique(i, return_inverse=True)
    unit = np.zeros((system.n, len(needed)))
    unit[needed, np.arange(len(needed))] = 1.0
    back = system.output(unit).value[j, which]  # l_ji
    pull = np.abs(m.value[i] * x.value[j])
    slope = A[i, j] * (pull + p * abs(E) * back)
    moves = (pull > 0) & (slope > 0)
    tolerance = np.where(moves, 100 * p * abs(E) / np.where(moves, slope, 1.0), np.inf)
    pairs = mrio.index.pairs
    listed = tuple(
        Coefficient(pairs[a], pairs[b], float(A[a, b]), float(flat[c]), float(t))
        for a, b, c, t in zip(i, j, places, tolerance, strict=True)
        if A[a, b] != 0
    )
    known = carried(mrio, extension, row)
    notes = [*known, Note(
        "elasticities hold final demand, intensities and all other coefficients; primary inputs"
        " give way", about="elasticity",
    )]  # fmt: skip
    if (y < 0).any():
        notes.append(Note(
            f"negative final demand in {int((y < 0).sum())} sectors is kept: output and"
            " elasticities may be negative there", about="elasticity",
        ))  # fmt: skip
    return ImportantCoefficients(
        what, emitter or "", consumer or "", E, extension.units[row], elasticity, listed, percent,
        max(m.error, x.error), tuple(notes),
        mrio.provenance.computed(
            "e_ij = m_i a_ij x_j / E", known, stressor=extension.stressors[row]
        ),
    )  # fmt: skip


def tolerance_limits(mrio: MRIO, *, percent: float = 1.0) -> Array:
    """Return by how many per cent each coefficient may change before an output moves by `percent`.

    ``r_ij = p / (a_ij (l_ji p + l_ii x_j / x_i))`` with p = percent / 100, and the answer in per
    cent: final demand held, the output that moves most, relative to its size, is the supplier's
    own where final demand is non-negative, since then ``l_ki / x_k <= l_ii / x_i``. Small limits
    mark important coefficients; Schintke & Stäglin call a_ij important below 100.

    Parameters
    ----------
    mrio : MRIO
    percent : float
        Above zero, below 100.

    Returns
    -------
    ndarray, shape (n, n)
        In per cent, of cell (i, j); infinite where there is no coefficient.

    Raises
    ------
    InputError
        A percentage out of range; negative final uses, for which the largest change may be
        another sector's.

    References
    ----------
    Schintke & Stäglin (1988) (UNVERIFIED: not opened; the formula is derived in
    docs/methods/linkages.md).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> r = tolerance_limits(mc.load("oecd-icio-2022"))
    >>> r.shape, bool(r.min() > 0)
    ((1000, 1000), True)
    """
    need_table(mrio, "tolerance_limits, mrio")
    if not (is_real(percent) and 0 < percent < 100):
        raise InputError(
            f"percent {percent!r}", where="tolerance_limits", do="give a number above 0, below 100"
        )
    system = leontief(mrio)
    uses = mrio.x - mrio.Z.sum(axis=1)
    below = np.flatnonzero(uses < -1e-6 * mrio.x)
    if len(below):
        raise InputError(
            f"final uses are negative in {len(below)} sectors",
            where=", ".join(mrio.index.name(int(k)) for k in below[:5]),
            do="the formula does not hold; use important_coefficients for one account",
        )
    p = percent / 100
    L = system.inverse()
    x = np.where(system.zero, 0.0, mrio.x)
    A = np.where(system.zero, 0.0, mrio.Z / system.output_)
    weight = A * (L.T * p + np.diagonal(L)[:, None] * x[None, :] / system.output_[:, None])
    some = weight > 0
    return np.where(some, 100 * p / np.where(some, weight, 1.0), np.inf)
