"""One region's sources, fused: from its figures to cells, weights and biases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.estimates import Estimate
from mriocarbon.datasets.fusion_errors import ErrorModel
from mriocarbon.datasets.fusion_model import Array, Fit, gls, source_covariance
from mriocarbon.errors import InputError

# A source's parts must add up to its total this closely, which is rounding in print.
_CLOSES = 2e-3


@dataclass(frozen=True)
class RegionFit:
    """The fused cells of a region.

    Attributes
    ----------
    cells : tuple of (year, part)
        Leaves: the total ("") of a year, or each of its parts.
    fit : Fit
    rows : tuple of Estimate
        The observations used, in the order of the fit.
    bias, bias_sd : ndarray, shape (rows,)
        Estimated bias of each observation and its error.
    reasons : mapping of (year, part) to str
        Why a part is not there.
    """

    cells: tuple[tuple[int, str], ...]
    fit: Fit
    rows: tuple[Estimate, ...]
    bias: Array
    bias_sd: Array
    reasons: Mapping[tuple[int, str], str]


def _observations(
    figures: Sequence[Estimate], year: int, parts: Sequence[str]
) -> tuple[list[Estimate], list[str], dict[tuple[int, str], str]]:
    """Rows of one year, the parts that are cells of their own there, and what is missing."""
    by_source: dict[str, dict[str, Estimate]] = {}
    for item in figures:
        by_source.setdefault(item.source, {})[item.part] = item
    whole: dict[str, list[Estimate]] = {}
    totals: list[Estimate] = []
    for named in by_source.values():
        total = named.get("")
        given = [named[p] for p in parts if p in named]
        added = sum(e.value for e in given)
        if given and total is not None:
            gap = total.value - added
            if abs(gap) <= _CLOSES * max(abs(total.value), abs(added)):
                whole[total.source] = given
                continue
            if len(given) == len(parts):
                raise InputError(
                    f"the parts add up to {added:.6g}, the total is {total.value:.6g}",
                    where=total.where,
                    do="add what is left over as a part of its own, or leave the parts out",
                )
        elif given and len(given) == len(parts):
            whole[given[0].source] = given
            continue
        if total is not None:
            totals.append(total)
    if not whole:
        why = "no source divides this total" if totals else "no source has a figure"
        return totals, [], {(year, p): why for p in parts}
    cells = [p for p in parts if any(p in {e.part for e in g} for g in whole.values())]
    rows = list(totals)
    for given in whole.values():
        if len(given) == len(cells):
            rows += given
        else:  # it divides otherwise: only its sum can be compared
            first = given[0]
            rows.append(
                Estimate(
                    first.source,
                    first.edition,
                    first.scope,
                    first.region,
                    year,
                    sum(e.value for e in given),
                    first.unit,
                )
            )
    rest = {(year, p): "the other parts already add up to the total" for p in parts}
    return rows, cells, {key: why for key, why in rest.items() if key[1] not in cells}


def fuse_region(
    figures: Sequence[Estimate], parts: Sequence[str], errors: ErrorModel
) -> RegionFit | None:
    """Fuse all figures of one region, all years at once; None if there are none.

    ``y_s(t) = theta(t) + b_s(t) + e_s(t)``, the total being the sum of its parts where a source
    divides it. Biases persist, so that a year in which a source is silent still learns from what
    it said in others.

    Parameters
    ----------
    figures : sequence of Estimate
        Of one region, one unit, one edition of each source.
    parts : sequence of str
        Parts to fuse; empty for totals only.
    errors : ErrorModel

    Returns
    -------
    RegionFit or None
    """
    rows: list[Estimate] = []
    cells: list[tuple[int, str]] = []
    reasons: dict[tuple[int, str], str] = {}
    for year in sorted({e.year for e in figures}):
        now = [e for e in figures if e.year == year and (not e.part or e.part in parts)]
        found, leaves, why = _observations(now, year, parts)
        reasons |= why
        if found:
            rows += found
            cells += [(year, p) for p in leaves] or [(year, "")]
    if not rows:
        return None
    # Sorted, so that the order in which sources are given cannot change the last digit.
    rows.sort(key=lambda e: (e.year, e.source, e.part))
    bias, random = row_covariance(rows, parts, _scales(rows), errors)
    design = np.array(
        [[float(c[0] == e.year and (not e.part or c[1] == e.part)) for c in cells] for e in rows]
    )
    observed = np.array([e.value for e in rows])
    fit = gls(design, observed, bias + random)
    posterior = bias - bias @ fit.precision @ bias
    return RegionFit(
        cells=tuple(cells),
        fit=fit,
        rows=tuple(rows),
        bias=bias @ fit.precision @ observed,
        bias_sd=np.sqrt(np.maximum(np.diag(posterior), 0.0)),
        reasons=reasons,
    )


def row_covariance(
    rows: Sequence[Estimate], parts: Sequence[str], scale: Array, errors: ErrorModel
) -> tuple[Array, Array]:
    """Return the covariance of the biases and of the random errors of one region's figures.

    A calibrated model adds ``scale_i scale_j tau^2 memory^|t_i - t_j|`` to the bias of figures of
    one family: what families disagree on is by its definition not shared between them.

    Parameters
    ----------
    rows : sequence of Estimate
        Of one region.
    parts : sequence of str
    scale : ndarray, shape (rows,)
        Size of the cell each figure is of, in its unit.
    errors : ErrorModel

    Returns
    -------
    bias, random : ndarray, shape (rows, rows)
    """
    names = sorted({e.source for e in rows})
    region = rows[0].region
    relative = np.array([errors.of(e.source, region) for e in rows])
    part_relative = np.array([errors.part(e.part) if e.part else 0.0 for e in rows])
    for i, item in enumerate(rows):
        if item.sd is not None:
            own = item.sd / scale[i]
            relative[i], part_relative[i] = (0.0, own) if item.part else (own, 0.0)
    shared = np.array([[errors.share(a, b, region) for b in names] for a in names])
    part_index = {p: k for k, p in enumerate(parts)}
    bias, random = source_covariance(
        _index([names.index(e.source) for e in rows]),
        _index([e.year for e in rows]),
        _index([part_index.get(e.part, -1) for e in rows]),
        scale,
        relative,
        part_relative,
        shared,
        errors.persistent,
        errors.memory,
    )
    tau = errors.bias_sd(region)
    if tau > 0:
        family = {name: errors.left_out_with(name, names) for name in names}
        same = np.array([[float(family[a.source] == family[b.source]) for b in rows] for a in rows])
        years = np.array([e.year for e in rows])
        gap = np.abs(np.subtract.outer(years, years))
        bias = bias + tau**2 * np.outer(scale, scale) * same * np.power(float(errors.memory), gap)
    return bias, random


def widened(region: RegionFit) -> RegionFit:
    """Return the fit with its covariance multiplied by ``max(1, chi2 / dof)`` (Birge 1932)."""
    fit = region.fit
    if fit.dof <= 0 or fit.chi2 <= fit.dof:
        return region
    return replace(region, fit=replace(fit, cov=fit.cov * (fit.chi2 / fit.dof)))


def _index(values: Sequence[int]) -> NDArray[np.intp]:
    return np.array(values, dtype=np.intp)


def _scales(rows: Sequence[Estimate]) -> Array:
    """Size of each cell: the median of its sources, so that no source sets its own error."""
    groups: dict[tuple[int, str], list[float]] = {}
    for item in rows:
        groups.setdefault((item.year, item.part), []).append(abs(item.value))
    median = {key: float(np.median(values)) for key, values in groups.items()}
    # A cell that every source puts at zero still needs an error above zero.
    floor = 1e-6 * max(median.values()) or 1e-12
    return np.array([max(median[e.year, e.part], floor) for e in rows])
