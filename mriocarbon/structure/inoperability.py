"""Inoperability: what share of its output each sector loses after a shock, and the emissions.

The model is the Leontief (or Ghosh) model in other units; it adds no mechanism of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.errors import InputError, UnknownNameError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real, need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief

__all__ = ["Inoperability", "inoperability"]

Array = NDArray[np.float64]
SIDES = ("demand", "supply")


@dataclass(frozen=True, eq=False)
class Inoperability:
    """Shares of output lost, and the emissions that go with them.

    Attributes
    ----------
    inoperability : Result
        Over (``region``, ``sector``): share of output lost, 0 to 1; zero without output.
    output, emissions : Result
        Change, at most zero for a loss.
    side : str
    shock : mapping of (region, sector) to float
        Shares lost, as they were given, regions by code.
    of : str
        What they are shares of.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> lost = mc.inoperability(mc.load("oecd-icio-2022"), {("CHN", "F"): 0.1}, stressor="GHG")
    >>> lost.side, lost.of
    ('demand', 'final demand')
    """

    inoperability: Result
    output: Result
    emissions: Result
    side: str
    shock: Mapping[tuple[str, str], float]
    of: str

    def __repr__(self) -> str:
        return brief(self, f"{self.side} side, {len(self.shock)} sectors hit", repr(self.output))


def inoperability(
    mrio: MRIO,
    shock: Mapping[tuple[str, str], float],
    *,
    side: str = "demand",
    of: str = "source",
    stressor: str | None = None,
) -> Inoperability:
    """Return the share of output that each sector loses after a shock.

    Demand side: ``z = (I - A*)^-1 c*`` with ``A* = diag(x)^-1 A diag(x)`` and ``c* =
    diag(x)^-1 dc``, dc the final demand lost. Since ``(I - A*)^-1 = diag(x)^-1 L diag(x)`` this
    is ``z = diag(x)^-1 L dc``: the Leontief model in shares of output, as Dietzenbacher & Miller
    point out, and it is computed so. Supply side: ``z = (I - A')^-1 v*``, ``v* = diag(x)^-1 dv``,
    dv the primary inputs lost, which is Ghosh's model ``dx' = dv'G`` in the same shares (and
    the price model in another reading). Neither limits what a sector can do without an input;
    losses are therefore no forecast of a disaster.

    Parameters
    ----------
    mrio : MRIO
    shock : mapping of (region, sector) to float
        Share lost, 0 to 1; ``"*"`` stands for all regions or all sectors. No sector of a region
        may be hit twice.
    side : {"demand", "supply"}
    of : {"source", "output"}
        What the share is of: of final demand (of primary inputs, on the supply side), or of
        output. A loss of output cannot exceed the source that it is taken from.
    stressor : str, optional

    Returns
    -------
    Inoperability

    Raises
    ------
    UnknownNameError, InputError
        Region, sector, side; no shock, a share outside 0 to 1, more than there is; shocks that
        overlap.

    References
    ----------
    Santos & Haimes (2004), Modeling the demand reduction input-output inoperability due to
    terrorism; Leung, Haimes & Santos (2007), Supply- and output-side extensions; Dietzenbacher &
    Miller (2015), Reflections on the inoperability input-output model, Economic Systems Research
    27(4) (all UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> lost = inoperability(mc.load("oecd-icio-2022"), {("CHN", "F"): 0.1}, stressor="GHG")
    >>> 0.09 < lost.inoperability["CHN", "F"] < 0.1, lost.emissions.total < 0
    (True, True)
    """
    need_table(mrio, "inoperability, mrio")
    if side not in SIDES:
        raise UnknownNameError.of("side", side, SIDES)
    if of not in ("source", "output"):
        raise UnknownNameError.of("base of a shock", of, ["source", "output"])
    if not shock:
        raise InputError("no shock", where="inoperability", do="give at least one share lost")
    system = leontief(mrio)
    R, S = len(mrio.regions), len(mrio.sectors)
    x = np.where(system.zero, 0.0, mrio.x)
    source = mrio.x - mrio.Z.sum(axis=1) if side == "demand" else mrio.primary_inputs
    source = np.where(system.zero, 0.0, source)
    share, hit_by = np.zeros((R, S)), np.zeros((R, S), int)
    hits: dict[tuple[str, str], float] = {}
    for place, lost in shock.items():
        if not isinstance(place, tuple) or len(place) != 2:
            raise InputError(
                f"{place!r} is no (region, sector)", where="inoperability",
                do='write {("CHN", "F"): 0.1}; "*" stands for all',
            )  # fmt: skip
        region, sector = place
        if not (is_real(lost) and 0 <= lost <= 1):
            raise InputError(
                f"share lost {lost!r}", where=f"{region} {sector}", do="give a number from 0 to 1"
            )
        r = slice(None) if region == "*" else mrio.index.region(region)
        s = slice(None) if sector == "*" else mrio.index.sector(sector)
        share[r, s] = lost
        hit_by[r, s] += 1
        hits[
            mrio.regions[r] if isinstance(r, int) else "*",
            mrio.sectors[s] if isinstance(s, int) else "*",
        ] = lost
    twice = np.flatnonzero(hit_by.ravel() > 1)
    if len(twice):
        raise InputError(
            f"{len(twice)} sectors are hit twice",
            where=listed([mrio.index.name(int(k)) for k in twice]),
            do="give each sector of a region one share lost",
        )  # fmt: skip
    direct = share.ravel() * (source if of == "source" else x)
    over = np.flatnonzero(direct > np.maximum(source, 0) * (1 + 1e-12))
    if of == "output" and len(over):
        raise InputError(
            f"more is lost than there is in {len(over)} sectors",
            where=", ".join(
                f"{mrio.index.name(int(k))} (lost {direct[k]:.4g}, there {source[k]:.4g})"
                for k in over[:5]
            ),
            do="give a smaller share; only final demand (primary inputs) can be lost here",
        )
    if side == "demand":
        solution = system.output(direct)
    else:
        solution = system.ghosh_output(direct)
    lost_output = np.where(system.zero, 0.0, solution.value)
    extension, row = resolve(mrio, stressor)
    q = np.where(system.zero, 0.0, extension.F[row] / system.output_)
    known = carried(mrio, extension, row)
    model = "Leontief" if side == "demand" else "Ghosh"
    kind = "final demand" if side == "demand" else "primary inputs"
    base = kind if of == "source" else "output"
    notes = [Note(
        f"the {side}-side inoperability model is {model}'s in shares of output (Dietzenbacher &"
        " Miller 2015): no bottlenecks, no stocks, no substitution", about="inoperability",
    )]  # fmt: skip
    words = [
        f"{100 * lost:g} % of the {base} of {'all regions' if r == '*' else r}"
        f" {'all sectors' if s == '*' else s}"
        for (r, s), lost in hits.items()
    ]
    notes.append(Note("lost: " + "; ".join(words), about="inoperability"))
    hit = (share.ravel() > 0) & (source < 0)
    if hit.any():
        notes.append(Note(
            f"{kind} of {int(hit.sum())} sectors that were hit is negative and is kept: losing it"
            " adds output", about="inoperability",
        ))  # fmt: skip

    def result(name: str, value: Array, unit: str) -> Result:
        told = known if name == "change of emissions" else tuple(
            n for n in known if n.about == "table"
        )  # fmt: skip
        return Result(
            name, value.reshape(R, S), ("region", "sector"),
            {"region": mrio.regions, "sector": mrio.sectors}, unit, solution.error,
            notes=(*told, *notes),
            provenance=mrio.provenance.computed(
                f"{side}-side inoperability, {model}", told, stressor=extension.stressors[row]
            ),
        )  # fmt: skip

    return Inoperability(
        result("inoperability", lost_output / system.output_, "1"),
        result("change of output", -lost_output, mrio.money_unit),
        result("change of emissions", -q * lost_output, extension.units[row]), side,
        MappingProxyType(hits), base,
    )  # fmt: skip
