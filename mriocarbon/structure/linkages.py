"""Linkages: how strongly a sector draws on others, and how strongly others draw on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import Leontief, leontief

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "QUADRANTS", "Linkages", "linkages"]

Array = NDArray[np.float64]
# Name -> (direction, formula). `mean` divides by the mean over the sectors with output.
MEASURES: dict[str, tuple[str, str]] = {
    "backward direct": ("backward", "sum_i a_ij (Chenery & Watanabe)"),
    "forward direct": ("forward", "sum_j z_ij / x_i (Chenery & Watanabe)"),
    "backward total": ("backward", "sum_i l_ij, output multiplier"),
    "forward leontief": ("forward", "sum_j l_ij"),
    "forward ghosh": ("forward", "sum_j g_ij, G = (I - diag(x)^-1 Z)^-1"),
    "power of dispersion": ("backward", "sum_i l_ij / mean (Rasmussen)"),
    "sensitivity of dispersion": ("forward", "sum_j l_ij / mean (Rasmussen)"),
    "sensitivity, ghosh": ("forward", "sum_j g_ij / mean (Jones)"),
    "variation backward": ("", "standard deviation over mean of column j of L (Rasmussen)"),
    "variation forward": ("", "standard deviation over mean of row i of L (Rasmussen)"),
    "demand-weighted": ("backward", "y_j sum_i l_ij / mean"),
    "value-added-weighted": ("forward", "v_i sum_j g_ij / mean"),
    "carbon backward": ("backward", "m_j = sum_i q_i l_ij / mean"),
    "carbon forward": ("forward", "sum_j g_ij q_j / mean"),
    "carbon demand-weighted": ("backward", "m_j y_j / mean"),
    "carbon value-added-weighted": ("forward", "v_i sum_j g_ij q_j / mean"),
}
QUADRANTS = ("key", "backward", "forward", "weak")
_CHUNK = 256


@dataclass(frozen=True, eq=False)
class Linkages:
    """All linkage measures of every sector.

    Attributes
    ----------
    table : Result
        Over (``region``, ``sector``, ``measure``), measures as in `MEASURES`; NaN for a sector
        without output, and for the carbon measures of a table without stressors.
    domestic : str
        The region whose own block was used; empty for the whole table.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.linkages(mc.load("oecd-icio-2022"), stressor="GHG")
    >>> found.table.dims
    ('region', 'sector', 'measure')
    """

    table: Result
    domestic: str = ""

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.table.value.shape))
        return brief(self, f"{self.table.name} ({shape}), {self.table.unit}")

    def measure(self, name: str) -> Array:
        """Return one measure, shape (regions, sectors)."""
        known = self.table.coords["measure"]
        if name not in known:
            raise UnknownNameError.of("measure", name, known)
        return np.asarray(self.table.value[:, :, known.index(name)])

    def quadrants(
        self, backward: str = "power of dispersion", forward: str = "sensitivity, ghosh"
    ) -> NDArray[np.str_]:
        """Return ``key`` (both above one), ``backward``, ``forward`` or ``weak`` for each sector.

        Parameters
        ----------
        backward, forward : str
            Measures that are normalised to mean one.

        Returns
        -------
        ndarray of str, shape (regions, sectors)
            Empty for a sector without output.

        Raises
        ------
        UnknownNameError, InputError
            No such measure; one that is not normalised.
        """
        for name in (backward, forward):
            if name in MEASURES and "/ mean" not in MEASURES[name][1]:
                raise InputError(
                    f"{name!r} is not normalised to mean one", where="quadrants",
                    do="choose of " + ", ".join(n for n, m in MEASURES.items() if "/ mean" in m[1]),
                )  # fmt: skip
        b, f = self.measure(backward), self.measure(forward)
        named = np.where(
            b > 1, np.where(f > 1, "key", "backward"), np.where(f > 1, "forward", "weak")
        )
        return np.where(np.isnan(b) | np.isnan(f), "", named)

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame over (region, sector), one column for each measure, and the quadrant."""
        import pandas as pd

        dims = self.table.dims[:2]
        index = pd.MultiIndex.from_product([self.table.coords[d] for d in dims], names=dims)
        flat = self.table.value.reshape(len(index), -1)
        frame = pd.DataFrame(flat, index=index, columns=list(self.table.coords["measure"]))
        frame["quadrant"] = self.quadrants().ravel()
        frame.attrs.update(notes=[note.text for note in self.table.notes])
        return frame


def linkages(
    mrio: MRIO, *, domestic: str | None = None, stressor: str | None = None, variation: bool = True
) -> Linkages:
    """Return direct, total, weighted and carbon linkages of every sector.

    Backward: column sums of A (Chenery & Watanabe) and of L; Rasmussen's power of dispersion is
    ``(sum_i l_ij / n) / (sum_ij l_ij / n^2)``. Forward: row sums of B = diag(x)^-1 Z, of L
    (sensitivity of dispersion) and of Ghosh's G. Weighted by final demand y or primary inputs v,
    and with emissions: ``m' = q'L``, ``G q``. Whatever is divided by a mean has mean one over the
    n sectors with output. Sums are solves; only the coefficients of variation,
    ``sqrt(sum_i (l_ij - mean)^2 / (n - 1)) / mean``, need the cells of L, some columns at a time.

    Row sums of L answer what happens if every sector gets one more unit of final demand, which
    nobody asks for; Ghosh's rows are the better forward measure and the default of the quadrants.
    Neither says what would happen without the sector: `extract` does.

    Parameters
    ----------
    mrio : MRIO
    domestic : str, optional
        One region: its own block of Z alone; exports then are final uses, and imports come from
        outside. The whole table by default.
    stressor : str, optional
    variation : bool
        False leaves the coefficients of variation out (NaN).

    Returns
    -------
    Linkages

    Raises
    ------
    UnknownNameError
    NotProductiveError

    References
    ----------
    Rasmussen (1956), Studies in Inter-Sectoral Relations; Chenery & Watanabe (1958)
    doi:10.2307/1907514; Jones (1976), Quarterly Journal of Economics 90(2); Miller & Blair (2009),
    ch. 12 (all UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = linkages(mc.load("oecd-icio-2022"), stressor="GHG")
    >>> round(float(np.nanmean(found.measure("power of dispersion"))), 12)
    1.0
    >>> str(found.quadrants()[2, 17])  # basic iron and steel of China
    'key'
    """
    need_table(mrio, "linkages, mrio")
    known = stressor is not None or bool(mrio.stressors)
    f, label, about = np.full(len(mrio.x), np.nan), "", {"table"}
    candidates = list(mrio.notes)
    if known:
        extension, row = resolve(mrio, stressor)
        f, label = extension.F[row], extension.stressors[row]
        about |= {label, extension.name}
        candidates += extension.notes
    if domestic is None:
        regions, keep = mrio.regions, slice(None)
        system = leontief(mrio)
        x, Z, uses, primary = mrio.x, mrio.Z, mrio.x - mrio.Z.sum(axis=1), mrio.primary_inputs
    else:
        r, S = mrio.index.region(domestic), len(mrio.sectors)
        regions, keep = (mrio.regions[r],), slice(r * S, (r + 1) * S)
        Z = np.ascontiguousarray(mrio.Z[keep, keep])
        x = np.array(mrio.x[keep])
        uses, primary = x - Z.sum(axis=1), x - Z.sum(axis=0)
        system = Leontief(Z, x, tuple(mrio.index.name(k) for k in range(keep.start, keep.stop)))
    live = ~system.zero
    n = int(live.sum())
    if not n:
        raise InputError(
            f"no sector of {domestic} has output", where="linkages", do="choose another region"
        )
    one = live.astype(float)
    safe = system.output_
    q = np.where(live & known, f[keep] / safe, 0.0)
    left = system.multipliers(np.stack([one, q]))
    row_sums = system.output(one)
    ghosh = system.ghosh_multipliers(np.stack([one, q]))
    y, v = np.where(live, uses, 0.0), np.where(live, primary, 0.0)

    def mean(values: Array) -> Array:
        """Normalise to mean one over sectors with output; NaN where the mean says nothing."""
        middle = float(values[live].mean())
        return values / middle if middle else np.full_like(values, np.nan)

    back, carbon_back = left.value
    fore, carbon_fore = ghosh.value
    spread = _variation(system, live) if variation else np.full((2, len(x)), np.nan)
    # Flows of a sector without output are no coefficients, and its row feeds nobody's column.
    direct_back = (Z * live[None, :]).sum(axis=0) / safe
    columns = [
        direct_back, np.where(live, Z.sum(axis=1) / safe, 0.0), back, row_sums.value, fore,
        mean(back), mean(row_sums.value), mean(fore), spread[0], spread[1],
        mean(y * back), mean(v * fore), mean(carbon_back), mean(carbon_fore),
        mean(y * carbon_back), mean(v * carbon_fore),
    ]  # fmt: skip
    value = np.stack(columns, axis=1)
    value[~live] = np.nan
    carried = tuple(n_ for n_ in candidates if n_.about in about)
    notes = list(carried)
    if not known:
        notes.append(Note("the table has no stressors: no carbon linkages", about="linkages"))
    where = f"the domestic block of {regions[0]}" if domestic else "the whole table"
    notes.append(Note(f"linkages of {where}, means over {n} sectors with output", about="linkages"))
    if not live.all():
        notes.append(
            Note(f"{int((~live).sum())} sectors without output have no linkage", about="linkages")
        )
    for what, values in (("final uses", y), ("primary inputs", v)):
        if (values < 0).any():
            notes.append(Note(
                f"{what} are negative in {int((values < 0).sum())} sectors; their weighted"
                " linkages are kept negative", about="linkages",
            ))  # fmt: skip
    coords = {"region": regions, "sector": mrio.sectors, "measure": tuple(MEASURES)}
    table = Result(
        "linkages", value.reshape(len(regions), len(mrio.sectors), len(MEASURES)),
        ("region", "sector", "measure"), coords, "1",
        max(left.error, row_sums.error, ghosh.error), notes=tuple(notes),
        provenance=mrio.provenance.computed(
            "column and row sums of A, B, L and G", carried, stressor=label
        ),
    )  # fmt: skip
    return Linkages(table, regions[0] if domestic else "")


def _variation(system: Leontief, live: NDArray[np.bool_]) -> Array:
    """Return the coefficients of variation of the columns and of the rows of L, shape (2, n)."""
    places = np.flatnonzero(live)
    n = len(places)
    found = np.full((2, system.n), np.nan)
    if n < 2:
        return found
    sums, means = np.zeros(system.n), system.output(live.astype(float)).value / n
    for start in range(0, n, _CHUNK):
        columns = places[start : start + _CHUNK]
        unit = np.zeros((system.n, len(columns)))
        unit[columns, np.arange(len(columns))] = 1.0
        L = system.output(unit, method="lu").value[live]
        found[0, columns] = L.std(axis=0, ddof=1) / L.mean(axis=0)
        sums[live] += ((L - means[live, None]) ** 2).sum(axis=1)
    found[1, live] = np.sqrt(sums[live] / (n - 1)) / means[live]
    return found
