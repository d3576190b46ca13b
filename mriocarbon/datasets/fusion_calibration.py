"""How much sources disagree for good, beyond what they state: estimated from other countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mriocarbon.datasets.estimates import Estimate, Estimates, estimates
from mriocarbon.datasets.fusion_errors import Calibrated, ErrorModel
from mriocarbon.datasets.fusion_model import Array
from mriocarbon.datasets.fusion_region import row_covariance
from mriocarbon.errors import InputError, UnknownNameError

__all__ = ["calibrate"]

# Rows that are no countries: sums of others, bookkeeping, fuel sold to ships and aircraft.
_NO_COUNTRY = ("WLD", "EU27", "EU28", "EU_CONVENTION", "GLOBAL", "STATISTICAL_DIFFERENCE", "BUNKER")
# With 20 countries the bias sd is itself known to about a sixth (1 / sqrt(2 n)).
_NEIGHBOURS = 20
_FEWEST = 10


@dataclass(frozen=True)
class _Country:
    """What one country says of the bias variance: ``excess / weight``, averaged over years."""

    region: str
    group: str
    size: float
    excess: float
    weight: float


def calibrate(
    errors: ErrorModel,
    data: Estimates,
    years: Sequence[int],
    *,
    leave_out_region: str | Sequence[str] = (),
    neighbours: int = _NEIGHBOURS,
) -> ErrorModel:
    """Add to published errors the persistent disagreement that sources show in other countries.

    Each family of sources (those that ``errors.together`` leaves out together) gets a bias of its
    own with variance ``tau^2`` on top of its published error: ``V = V0 + tau^2 B``, B being 1
    where two figures are of one family. With ``P = V0^-1 - V0^-1 H (H' V0^-1 H)^-1 H' V0^-1`` of
    one country and year, relative to its median,

    ``tau^2 = max(0, sum(y' P B P y - tr(P B)) / sum(tr(P B P B)))``

    summed over countries, each the mean of its years. This is the first step of REML from zero
    (MINQUE), unbiased before it is cut at zero whatever the distribution; for two sources it is
    the estimator of DerSimonian & Laird. The published error stays as the floor. The bias is taken
    about zero and as equally large for all families: two of them show how far they are apart, not
    which of them is wrong.

    The estimate for a region never uses the region itself. It comes from the `neighbours`
    countries of its group that are nearest in size (log of the median figure); from all groups
    where its own has fewer than 10; and where there are fewer than 10 at all, nothing is added.

    Parameters
    ----------
    errors : ErrorModel
        Published errors and what sources share.
    data : DataFrame or iterable of Estimate
        In one unit and scope, one edition of each source. Sources that are not fused are welcome:
        they too show how far sources lie apart.
    years : sequence of int
        Years whose figures count.
    leave_out_region : str or sequence of str
        Further countries that must not count, such as all that are tested.
    neighbours : int
        Countries pooled, at least 10.

    Returns
    -------
    ErrorModel
        `errors` with ``calibrated``: for each region of the data a frozen record of the bias sd,
        its own sd (jackknife over countries), and the countries and years it rests on.

    Raises
    ------
    InputError
        Figures have several units, or `neighbours` is too small.
    UnknownNameError
        A region to leave out is not in the data.

    References
    ----------
    DerSimonian & Laird (1986), Meta-analysis in clinical trials. Rao (1971), Estimation of
    variance and covariance components: MINQUE theory. Paule & Mandel (1982), Consensus values and
    weighting factors. Higgins, Thompson & Spiegelhalter (2009), A re-evaluation of random-effects
    meta-analysis.

    Examples
    --------
    Two sources that state 1 % and lie 10 % apart in every country: ``2 tau^2 = 0.1^2 - 2 0.01^2``.

    >>> data = [Estimate(s, "1", "territorial", f"R{k:02}", 2022, v, "Mt CO2")
    ...         for k in range(12) for s, v in (("A", 95.0), ("B", 105.0))]
    >>> model = calibrate(ErrorModel({"": {"other": 0.01}}), data, [2022])
    >>> round(model.bias_sd("R03"), 4), model.calibrated["R03"].n
    (0.07, 11)
    """
    if neighbours < _FEWEST:
        raise InputError(
            f"{neighbours} countries are too few to estimate a variance from",
            where="neighbours",
            do=f"pool at least {_FEWEST}",
        )
    records = estimates(data)
    units = sorted({e.unit for e in records})
    if len(units) > 1:
        raise InputError(
            f"figures in {', '.join(units)}", where="data", do="convert them to one unit first"
        )
    present = list(dict.fromkeys(e.region for e in records))
    dropped = [leave_out_region] if isinstance(leave_out_region, str) else list(leave_out_region)
    for name in dropped:
        if name not in present:
            raise UnknownNameError.of("region", name, present)
    wanted = set(years)
    totals = _totals([e for e in records if e.year in wanted])
    sizes = {
        r: float(np.median([e.value for y in of.values() for e in y])) for r, of in totals.items()
    }
    seen = [
        found
        for region in sorted(totals)
        if region not in dropped and not region.startswith(_NO_COUNTRY)
        if (found := _moments(region, totals[region], sizes[region], errors)) is not None
    ]
    sources = tuple(sorted({e.source for of in totals.values() for y in of.values() for e in y}))
    span = tuple(sorted({year for of in totals.values() for year in of}))
    return replace(
        errors,
        calibrated={
            region: _estimate(region, sizes[region], seen, errors, neighbours, sources, span)
            for region in sorted(totals)
        },
    )


def _totals(figures: Sequence[Estimate]) -> dict[str, dict[int, list[Estimate]]]:
    """Totals above zero by region and year; of a source that gives only parts, their sum."""
    cells: dict[tuple[str, int], dict[str, dict[str, Estimate]]] = {}
    for item in figures:
        cell = cells.setdefault((item.region, item.year), {})
        cell.setdefault(item.source, {})[item.part] = item
    out: dict[str, dict[int, list[Estimate]]] = {}
    for (region, year), by_source in cells.items():
        parts = {p for named in by_source.values() for p in named if p}
        rows = []
        for source in sorted(by_source):
            named = by_source[source]
            if "" in named:
                rows.append(named[""])
            elif set(named) == parts:
                first = next(iter(named.values()))
                added = sum(e.value for e in named.values())
                rows.append(replace(first, value=added, part="", sd=None))
        # A figure of zero may be a gap; how far it lies from another in percent says nothing.
        rows = [e for e in rows if e.value > 0]
        if rows:
            out.setdefault(region, {})[year] = rows
    return out


def _moments(
    region: str, by_year: Mapping[int, list[Estimate]], size: float, errors: ErrorModel
) -> _Country | None:
    found = []
    solved: dict[tuple[str, ...], tuple[Array, Array] | None] = {}
    for rows in by_year.values():
        sources = tuple(e.source for e in rows)
        # Without errors of their own in the data, the same sources give the same matrices.
        if sources not in solved or any(e.sd is not None for e in rows):
            solved[sources] = _projection(rows, errors)
        if (matrices := solved[sources]) is None:
            continue
        p, b = matrices
        pb = p @ b
        y = p @ (np.array([e.value for e in rows]) / np.median([e.value for e in rows]))
        found.append((float(y @ b @ y - np.trace(pb)), float(np.trace(pb @ pb))))
    if not found:
        return None
    excess, weight = np.mean(found, axis=0)
    return _Country(region, errors.group(region), size, float(excess), float(weight))


def _projection(rows: Sequence[Estimate], errors: ErrorModel) -> tuple[Array, Array] | None:
    """P and B of one year, relative to its median; None if all figures are of one family."""
    sources = [e.source for e in rows]
    family = [errors.left_out_with(s, sources) for s in sources]
    if len(set(family)) < 2:
        return None
    scale = np.full(len(rows), float(np.median([e.value for e in rows])))
    # The published errors alone: whatever was calibrated before is not what the rest is beyond.
    bias, random = row_covariance(rows, (), scale, replace(errors, calibrated={}))
    cov = (bias + random) / np.outer(scale, scale)
    # A jot of variance, as in the fit: sources that share everything are no longer singular.
    inverse = np.linalg.inv(cov + 1e-10 * np.diag(np.diag(cov)))
    ones = inverse.sum(axis=1)
    p = inverse - np.outer(ones, ones) / ones.sum()
    return p, np.array([[float(f == g) for g in family] for f in family])


def _estimate(
    region: str,
    size: float,
    seen: Sequence[_Country],
    errors: ErrorModel,
    neighbours: int,
    sources: tuple[str, ...],
    years: tuple[int, ...],
) -> Calibrated:
    others = [c for c in seen if c.region != region]
    group = errors.group(region)
    near = [c for c in others if c.group == group]
    if len(near) < _FEWEST:
        near, group = others, "all"
    if len(near) < _FEWEST:
        return Calibrated(0.0, float("nan"), (), sources, years, "none")
    near = sorted(near, key=lambda c: (abs(np.log(c.size / size)), c.region))[:neighbours]
    excess = np.array([c.excess for c in near])
    weight = np.array([c.weight for c in near])
    variance = float(excess.sum() / weight.sum())
    without = (excess.sum() - excess) / (weight.sum() - weight)
    n = len(near)
    spread = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    bias_sd = max(variance, 0.0) ** 0.5
    return Calibrated(
        bias_sd,
        spread / (2 * bias_sd) if bias_sd else float("nan"),
        tuple(sorted(c.region for c in near)),
        sources,
        years,
        group,
    )
