"""What a fusion returns: the result, each source's pull, biases, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.datasets.fusion_errors import ErrorModel
from mriocarbon.datasets.fusion_model import Array, Block
from mriocarbon.datasets.fusion_region import RegionFit
from mriocarbon.errors import listed
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Bias",
    "Fusion",
    "Known",
    "Pull",
    "basis_of",
    "biases_of",
    "edition_notes",
    "no_figure_notes",
    "pulls_of",
]


@dataclass(frozen=True)
class Known:
    """What is known of a sum over regions from elsewhere.

    Attributes
    ----------
    region : str
        ``"WLD"``, ``"EU27"`` or a name in ``sums``.
    year : int
    value : float
        In the unit of the fusion.
    sd : float
        0: the cells meet it exactly; above 0: it pulls.

    Examples
    --------
    >>> Known("WLD", 2022, 37500.0, sd=1575.0).sd
    1575.0
    """

    region: str
    year: int
    value: float
    sd: float = 0.0


@dataclass(frozen=True)
class Pull:
    """How far one source draws one fused total.

    Attributes
    ----------
    source, edition, region : str
    year : int
    weight : float
        Share of the fused figure that rests on the source, its other years included: the
        percentage by which the result moves if the source is raised by one percent.
        The weights of a cell add up to 1.
    value : float
        What the source says of that very year; NaN if nothing.
    residual : float
        `value` minus the fused figure.
    standardised : float
        `residual` over its standard deviation; NaN for a source that stands alone.
    """

    source: str
    edition: str
    region: str
    year: int
    weight: float
    value: float
    residual: float
    standardised: float


@dataclass(frozen=True)
class Bias:
    """Estimated persistent bias of a source in a region, relative to the fused figure."""

    source: str
    region: str
    relative: float
    sd: float


@dataclass(frozen=True)
class Fusion:
    """Outcome of `fuse`.

    Attributes
    ----------
    result : Result
        ``region x year``, with `low`, `high` and, where fused, `parts` that add up to the value.
    sd : ndarray, shape (regions, years)
        One standard deviation; NaN where missing.
    pulls : tuple of Pull
    bias : tuple of Bias
    chi_square : float
        Of the regions fused, ``y' P y``; `dof` is its expectation.
    dof : int
    missing : mapping of (region, year, part) to str
        Why a cell is NaN; part "" is the total.
    compared : mapping of (region, year, source) to float
        What the sources themselves say of sums that were fused from their members.
    level : float
        Of the interval.
    no_figure : tuple of (source, region, year, part)
        Where a source was given as NaN: it did not count there. A note says so too.

    Examples
    --------
    >>> from mriocarbon.datasets.estimates import Estimate
    >>> from mriocarbon.datasets.fusion import fuse
    >>> data = [Estimate("A", "1", "territorial", "USA", 2022, 100.0, "Mt CO2", sd=3.0),
    ...         Estimate("B", "1", "territorial", "USA", 2022, 104.0, "Mt CO2", sd=3.0)]
    >>> round(fuse("fossil CO2", ["USA"], [2022], data=data).pulls[0].weight, 3)
    0.49
    """

    result: Result
    sd: Array
    pulls: tuple[Pull, ...]
    bias: tuple[Bias, ...]
    chi_square: float
    dof: int
    missing: Mapping[tuple[str, int, str], str] = field(default_factory=dict)
    compared: Mapping[tuple[str, int, str], float] = field(default_factory=dict)
    level: float = 0.95
    no_figure: tuple[tuple[str, str, int, str], ...] = ()

    def __post_init__(self) -> None:
        self.sd.setflags(write=False)
        for name in ("missing", "compared"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def p_value(self) -> float:
        """Probability of a larger chi-square if the errors are right; NaN without dof."""
        if self.dof <= 0:
            return float("nan")
        from scipy.special import gammaincc

        return float(gammaincc(self.dof / 2, self.chi_square / 2))

    def to_pandas(self) -> pd.DataFrame:
        """Return the pulls as a frame, one row for each source, region and year."""
        import pandas as pd

        return pd.DataFrame([vars(p) for p in self.pulls])

    def __repr__(self) -> str:
        return brief(
            self, repr(self.result), f"chi-square {self.chi_square:.4g} of {self.dof} degrees"
        )


def pulls_of(
    regions: Sequence[str],
    years: Sequence[int],
    fits: Mapping[str, RegionFit],
    fused: Mapping[str, tuple[Sequence[tuple[int, str]], Block]],
) -> tuple[Pull, ...]:
    out = []
    for region in regions:
        if region not in fits:
            continue
        fit = fits[region]
        observed = np.array([e.value for e in fit.rows])
        for year in years:
            cells, block = fused[region]
            here = np.array([float(c[0] == year) for c in cells])
            if not here.any():
                continue
            total = float(here @ block.value)
            leaf = np.array([float(c[0] == year) for c in fit.cells])
            moved = (leaf @ fit.fit.gain) * observed
            base = float(moved.sum())
            for source in sorted({e.source for e in fit.rows}):
                mine = np.array([e.source == source for e in fit.rows])
                now = mine & np.array([e.year == year for e in fit.rows])
                says = float(observed[now].sum()) if now.any() else float("nan")
                spread = float(now @ fit.fit.residual_cov @ now)
                floor = 1e-8 * float(now @ np.abs(fit.fit.residual_cov) @ now + total**2 * 1e-8)
                before = float(now @ fit.fit.residual)
                out.append(
                    Pull(
                        source=source,
                        edition=next(e.edition for e in fit.rows if e.source == source),
                        region=region,
                        year=year,
                        weight=float(moved[mine].sum()) / base if base else float("nan"),
                        value=says,
                        residual=says - total,
                        standardised=before / spread**0.5 if spread > floor else float("nan"),
                    )
                )
    return tuple(out)


def basis_of(model: ErrorModel, regions: Sequence[str]) -> tuple[Note, ...]:
    """What the errors rest on, where they are more than the published ones."""
    if not model.calibrated:
        return ()
    found = {r: model.calibrated[r] for r in regions if r in model.calibrated}
    known = {r: c for r, c in found.items() if c.n}
    notes = []
    if known:
        first = next(iter(known.values()))
        if len(known) <= 5:
            listing = ", ".join(
                f"{r} {100 * c.bias_sd:.1f} %"
                + (f" +- {100 * c.sd:.1f}" if c.bias_sd else "")
                + f" (n = {c.n})"
                for r, c in known.items()
            )
        else:
            low, middle, high = np.quantile([c.bias_sd for c in known.values()], (0, 0.5, 1))
            listing = (
                f"{100 * low:.1f} to {100 * high:.1f} %, median {100 * middle:.1f} %,"
                f" over {len(known)} regions"
            )
        notes.append(
            f"errors are the published ones and a persistent bias of each family of sources,"
            f" estimated from how far {', '.join(first.sources)} lie apart in other countries of"
            f" like size, {first.years[0]} to {first.years[-1]} (one sd): {listing}"
        )
    if len(known) < len(found):
        notes.append(
            f"errors are the published ones alone for {len(found) - len(known)} of {len(found)}"
            " regions: too few other countries to estimate how far the sources lie apart"
        )
    return tuple(Note(text, about="fusion", estimated=True) for text in notes)


def no_figure_notes(
    gaps: Sequence[tuple[str, str, int, str]], outside: Sequence[str]
) -> tuple[Note, ...]:
    """Say which sources have no figure (NaN) where, and whom the world lacks for it."""
    by_source: dict[str, list[str]] = {}
    for source, region, year, part in gaps:
        cell = f"{region} {year}, {part}" if part else f"{region} {year}"
        by_source.setdefault(source, []).append(cell)
    notes = [
        Note(f"no figure from {source} ({len(cells)}, missing, not zero): {listed(cells, 12)}",
             about="fusion")
        for source, cells in by_source.items()
    ]  # fmt: skip
    if outside:
        text = f"not in WLD, since no source has a figure of every year: {listed(outside, 12)}"
        notes.append(Note(text, about="fusion"))
    return tuple(notes)


def edition_notes(divided: Mapping[str, str], newest: Mapping[str, str]) -> tuple[Note, ...]:
    """Say where parts rest on another edition of a source than totals on their own would."""
    return tuple(
        Note(
            f"{source}, edition {newest[source]!r}, has no fuels; parts, and the totals they add up"
            f" to, rest on edition {edition!r}, whose totals differ: a fusion without parts gives"
            " other totals",
            about="fusion",
        )
        for source, edition in sorted(divided.items())
        if newest.get(source, edition) != edition
    )


def biases_of(
    fits: Mapping[str, RegionFit], years: Sequence[int], regions: Sequence[str]
) -> tuple[Bias, ...]:
    """Bias of each source in the year it speaks of that is nearest to those asked for."""
    out = []
    for region in regions:
        if region not in fits:
            continue
        fit = fits[region]
        for source in sorted({e.source for e in fit.rows}):
            mine = [i for i, e in enumerate(fit.rows) if e.source == source]
            distance = [min(abs(fit.rows[i].year - y) for y in years) for i in mine]
            at = [i for i, d in zip(mine, distance, strict=True) if d == min(distance)]
            at = [i for i in at if fit.rows[i].year == max(fit.rows[k].year for k in at)]
            size = sum(fit.rows[i].value for i in at)
            if size <= 0:
                continue
            out.append(
                Bias(
                    source,
                    region,
                    float(sum(fit.bias[i] for i in at)) / size,
                    # Parts of one source err together: their errors add, they do not cancel.
                    float(sum(fit.bias_sd[i] for i in at)) / size,
                )
            )
    return tuple(out)
