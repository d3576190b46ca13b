"""Aggregation by any concordance: what is summed, into what, and the proof that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build.concordance import Concordance, concordance
from mriocarbon.errors import InputError, MriocarbonError, listed
from mriocarbon.model import MRIO, Extension, Note, SectorIndex
from mriocarbon.model.checked import need_table
from mriocarbon.model.side import Side

if TYPE_CHECKING:
    from mriocarbon.build.concordance import Given

Array = NDArray[np.float64]

# Every total must be conserved this closely, measured against the sum of absolute values.
CONSERVED_RTOL = 1e-12


def aggregate(
    mrio: MRIO,
    *,
    regions: Given | None = None,
    sectors: Given | None = None,
    others: str | None = None,
) -> MRIO:
    """Return the table with regions, sectors or both merged.

    ``Z' = C' Z C`` with ``C`` the product of the two concordances, and likewise everything else
    the table holds: final demand, output, value added, other inputs and uses, stressors, direct
    emissions of households and their range. A cell is marked as estimated if one of its parts
    is, or if a label was divided by shares. Unknown household emissions (NaN) stay unknown: their
    sum with a known figure is unknown.

    Parameters
    ----------
    mrio : MRIO
    regions, sectors : mapping, DataFrame, csv path, or names of country groups, optional
        See `concordance`. Rows add up to one, so that every total is conserved.
    others : str, optional
        What becomes of labels that are not named; see `concordance`.

    Returns
    -------
    MRIO
        Ranges of household emissions are summed bound by bound, which supposes that they err
        together.

    Raises
    ------
    LabelError
        Labels not mapped or mapped twice, by name.
    MriocarbonError
        A total is not conserved to 1e-12 (never seen; the check is made every time).

    Notes
    -----
    Aggregating before solving changes footprints (aggregation bias; Morimoto 1970).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> small = aggregate(mrio, regions={"EU27": "Europe", "GBR": "Europe"}, others="rest")
    >>> small.regions, bool(abs(small.x.sum() / mrio.x.sum() - 1) < 1e-12)
    (('Europe', 'rest'), True)
    """
    need_table(mrio, "aggregate, mrio")
    if regions is None and sectors is None:
        raise InputError(
            "nothing to aggregate", where="aggregate", do="give regions=, sectors= or both"
        )
    R = _identity(mrio.regions) if regions is None else concordance(
        regions, mrio.regions, kind="regions", others=others
    )  # fmt: skip
    S = _identity(mrio.sectors) if sectors is None else concordance(
        sectors, mrio.sectors, kind="sectors", others=others
    )  # fmt: skip
    index = SectorIndex(R.new, S.new)
    C, K = (R.weights, S.weights), len(mrio.categories)
    D = (R.weights, np.eye(K))

    def rows_and(array: Array, columns: tuple[Array, Array]) -> Array:
        return _last(_first(array, C), columns)

    def extension(old: Extension) -> Extension:
        return with_sectors(old, _last(old.F, C), lambda array: _last(array, D))

    def side(old: Side | None) -> Side | None:
        if old is None:
            return None
        demand = None if old.final_demand is None else _last(old.final_demand, D)
        return Side(old.labels, _last(old.values, C), demand)

    notes, masks = [*R.notes, *S.notes], dict(_masks(mrio, C, D))
    for part in (R, S):
        if part.divided:
            notes.append(Note(_shares_text(part), estimated=True))
    if R.divided or S.divided:
        _mark_divided(masks, mrio, R, S)
    step = f"aggregated from {len(mrio.regions)} regions x {len(mrio.sectors)} sectors"
    table = replace(
        mrio, index=index, Z=rows_and(mrio.Z, C), Y=rows_and(mrio.Y, D), x=_last(mrio.x, C),
        value_added=None if mrio.value_added is None else _last(mrio.value_added, C),
        extensions={name: extension(e) for name, e in mrio.extensions.items()},
        other_inputs=side(mrio.other_inputs), other_uses=side(mrio.other_uses), estimated=masks,
        notes=(*mrio.notes, *notes),
        provenance=mrio.provenance.after(f"{step} to {len(index.regions)} x {len(index.sectors)}"),
    )  # fmt: skip
    check_conserved(mrio, table)
    return table


def totals(mrio: MRIO) -> dict[str, tuple[float, float]]:
    """Return every total that aggregation and disaggregation conserve, and its gross size.

    Returns
    -------
    dict of name to (sum, sum of absolute values)

    Examples
    --------
    >>> import mriocarbon as mc
    >>> round(totals(mc.load("oecd-icio-2022"))["GHG/GHG"][0], 1)
    44231.4
    """
    parts: dict[str, Array | None] = {"Z": mrio.Z, "x": mrio.x}
    for k, category in enumerate(mrio.categories):
        parts[f"Y {category}"] = mrio.Y[:, k :: len(mrio.categories)]
    if mrio.value_added is not None:
        for name, row in zip(mrio.value_added_rows, mrio.value_added, strict=True):
            parts[f"value added {name}"] = row
    for kind in ("other_inputs", "other_uses"):
        side: Side | None = getattr(mrio, kind)
        if side is not None:
            for k, label in enumerate(side.labels):
                parts[f"{kind} {label}"] = side.values[k]
                if side.final_demand is not None:
                    parts[f"{kind} {label}, final demand"] = side.final_demand[k]
    for name, extension in mrio.extensions.items():
        for k, stressor in enumerate(extension.stressors):
            parts[f"{name}/{stressor}"] = extension.F[k]
            for part in ("F_Y", "F_Y_low", "F_Y_high"):
                array = getattr(extension, part)
                parts[f"{name}/{stressor} {part}"] = None if array is None else array[k]
    return {
        name: (float(array.sum()), float(array.sum() if name in "Zx" else np.abs(array).sum()))
        for name, array in parts.items()
        if array is not None
    }


def check_conserved(before: MRIO, after: MRIO, *, rtol: float = CONSERVED_RTOL) -> None:
    """Raise MriocarbonError if a total of `before` is not that of `after`.

    A total is measured against the sum of absolute values, as gains and losses may nearly cancel.
    Unknown (NaN) totals must be unknown on both sides.
    """
    new = totals(after)
    lost = []
    for name, (value, gross) in totals(before).items():
        got = new.get(name, (np.inf, 0.0))[0]
        both_unknown = np.isnan(value) and np.isnan(got)
        if not both_unknown and not abs(got - value) <= rtol * gross:
            lost.append(f"{name}: {value:.17g} became {got:.17g}")
    if lost:
        raise MriocarbonError(
            f"{len(lost)} totals are not conserved", where=listed(lost),
            do="check the shares of the concordance; report this if they add up to one",
        )  # fmt: skip


def with_sectors(old: Extension, F: Array, households: Callable[[Array], Array]) -> Extension:
    """Return an extension with other columns: new `F`, and `households` applied to all of F_Y."""

    def mapped(array: Array | None) -> Array | None:
        return None if array is None else households(array)

    return replace(
        old, F=F, F_Y=mapped(old.F_Y), F_Y_low=mapped(old.F_Y_low), F_Y_high=mapped(old.F_Y_high)
    )


def _identity(labels: tuple[str, ...]) -> Concordance:
    return Concordance(labels, labels, np.eye(len(labels)))


def _first(array: Array, pair: tuple[Array, Array]) -> Array:
    """Merge the first axis, which runs over (a, b) pairs, a-major."""
    A, B = pair
    rest = array.shape[1:]
    if A.shape[0] != A.shape[1] or not _is_identity(A):
        array = A.T @ array.reshape(A.shape[0], -1)
    array = array.reshape(A.shape[1], B.shape[0], -1)
    if not _is_identity(B):
        array = np.matmul(B.T, array)
    return np.ascontiguousarray(array.reshape(A.shape[1] * B.shape[1], *rest))


def _last(array: Array, pair: tuple[Array, Array]) -> Array:
    """Merge the last axis; NaN makes those sums unknown that contain it, and no others."""
    if np.isnan(array.sum()):
        known = _last(np.nan_to_num(array, nan=0.0), pair)
        known[_last(np.isnan(array).astype(float), pair) > 0] = np.nan
        return known
    A, B = pair
    lead = array.shape[:-1]
    array = array.reshape(-1, A.shape[0], B.shape[0])
    if not _is_identity(A):
        array = np.matmul(A.T, array)
    if not _is_identity(B):
        array = array @ B
    return np.array(array.reshape(*lead, A.shape[1] * B.shape[1]), order="C")


def _is_identity(A: Array) -> bool:
    return A.shape[0] == A.shape[1] and bool(np.array_equal(A, np.eye(len(A))))


def _masks(
    mrio: MRIO, C: tuple[Array, Array], D: tuple[Array, Array]
) -> Mapping[str, NDArray[np.bool_]]:
    """Merge the marks of estimated cells: a sum is estimated if one of its parts is."""
    found = {}
    for name, mask in mrio.estimated.items():
        array = getattr(mrio, name)
        cells = mask.reshape((1,) * (array.ndim - mask.ndim) + mask.shape).astype(float)
        if name in ("Z", "Y") and cells.shape[0] > 1:
            cells = _first(cells, C)
        if cells.shape[-1] > 1:
            cells = _last(cells, D if name == "Y" else C)
        found[name] = cells > 0
    return found


def _mark_divided(
    masks: dict[str, NDArray[np.bool_]], mrio: MRIO, R: Concordance, S: Concordance
) -> None:
    """Mark what came out of dividing a label by shares."""

    def touched(part: Concordance) -> NDArray[np.bool_]:
        split = (part.weights > 0).sum(axis=1) > 1
        return np.asarray((part.weights[split] > 0).any(axis=0))

    r, s = touched(R), touched(S)
    sector = (r[:, None] | s[None, :]).ravel()
    demand = np.repeat(r, len(mrio.categories))
    marks = {"x": sector, "Z": sector[:, None] | sector[None, :],
             "Y": sector[:, None] | demand[None, :]}  # fmt: skip
    if mrio.value_added is not None:
        marks["value_added"] = sector[None, :]
    for name, mark in marks.items():
        masks[name] = masks[name] | mark if name in masks else mark


def _shares_text(part: Concordance) -> str:
    """Say by which shares labels were divided."""
    texts = []
    for label in part.divided:
        row = part.weights[part.old.index(label)]
        parts = [f"{part.new[k]} {row[k]:.4%}" for k in np.flatnonzero(row)]
        texts.append(f"{label} into {', '.join(parts)}")
    return f"divided by given shares: {listed(texts, 12)}"
