"""Disaggregation of one region or one sector: by stated weights, shown, marked, and reversible.

What is divided follows from the accounting identities. Of a sector divided by shares of output,
sales and costs must add up to the divided output; where other shares are given for a part of
them (exports, imports, value added), the rest takes what the identity leaves, and a rest that
would be negative is an error and not a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.build.aggregate import aggregate, check_conserved, with_sectors
from mriocarbon.errors import InputError, LabelError, NotAvailableError, UnknownNameError, listed
from mriocarbon.model import MRIO, Extension, Note, SectorIndex
from mriocarbon.model.arrays import matrix
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import need_table
from mriocarbon.model.side import Side

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Weights = Mapping[str, ArrayLike]

# A remainder this small beside what it is a remainder of is rounding, and is set to zero.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Split:
    """How one label was divided: the record that stays with the result.

    Attributes
    ----------
    kind : str
        ``"region"`` or ``"sector"``.
    label : str
        What was divided.
    into : tuple of str
        K new labels.
    basis : str
        What the weights are, in the words of the caller.
    cells : tuple of str
        The m old sectors (region and sector) that were divided, in order.
    shares : mapping of str to ndarray, shape (K, m)
        Shares of ``"output"``, ``"domestic sales"``, ``"exports"``, ``"domestic inputs"``,
        ``"imports"``, ``"value added"``, ``"other inputs"``, of each stressor
        (``"extension/stressor"``), and, of a region, of ``"final demand"`` and ``"households"``,
        shape (K, categories). Columns add up to one; where the part that it divides is
        empty, it is the share of output.
    detail : tuple of str
        New labels whose sales were known cell by cell.
    """

    kind: str
    label: str
    into: tuple[str, ...]
    basis: str
    cells: tuple[str, ...]
    shares: Mapping[str, Array]
    detail: tuple[str, ...] = ()

    __repr__ = brief

    @property
    def back(self) -> dict[str, str]:
        """The concordance that undoes the split, new label -> old label."""
        return dict.fromkeys(self.into, self.label)


@dataclass(frozen=True, eq=False)
class Disaggregated:
    """A table in which one label was divided.

    Attributes
    ----------
    table : MRIO
        Every divided cell is marked as estimated.
    split : Split
        The weights used.
    """

    table: MRIO
    split: Split

    __repr__ = brief


def disaggregate(
    mrio: MRIO,
    weights: Weights,
    *,
    region: str | None = None,
    sector: str | None = None,
    basis: str = "output",
    exports: Weights | None = None,
    imports: Weights | None = None,
    value_added: Weights | None = None,
    stressors: Mapping[str, Weights] | None = None,
    final_demand: Weights | None = None,
    households: Weights | None = None,
    detail: Mapping[str, ArrayLike] | None = None,
) -> Disaggregated:
    """Divide one region or one sector (of every region) into parts.

    Output is divided by `weights`, ``x_k = w_k x``. A part of sales or costs follows its own
    weights where they are given; what remains of each total is divided so that

    ``x_k = exports_k + domestic sales_k = imports_k + domestic inputs_k + value added_k + other_k``

    Flows of the divided label with itself follow both: ``Z_kl = (domestic sales share)_k
    (domestic inputs share)_l Z``.

    Parameters
    ----------
    mrio : MRIO
    weights : mapping of new label to weight
        Any non-negative amounts (output, employment, capacity); they are normalised. One number,
        or an array with one entry for each region (dividing a sector) or sector (dividing a
        region).
    region, sector : str
        What to divide; exactly one of them.
    basis : str
        What the weights are and where they come from; shown in the notes.
    exports, imports, value_added : mapping of new label to weight, optional
        Weights of their own for sales to other regions, inputs from other regions, and value
        added; like output if left out.
    stressors : mapping of stressor to weights, optional
        Weights of emissions; those of output (the same intensity) if left out.
    final_demand, households : mapping of new label to weight, optional
        Dividing a region only: weights of its final demand, one number or one for each
        category, and of its direct household emissions. Left out: final demand by total value
        added (or by output, if value added is not known), households like final demand.
    detail : mapping of new label to array_like, shape (m, n + columns of Y), optional
        Known sales of some of the new labels to the old sectors and to final demand, in money,
        m = regions (dividing a sector) or sectors (dividing a region). The others share what
        remains, by their weights; output follows from the sales.

    Returns
    -------
    Disaggregated
        ``aggregate(result.table, sectors=..., others="keep")`` is `mrio` to 1e-12.

    Raises
    ------
    LabelError, UnknownNameError
        Labels that exist already, or do not exist.
    InputError
        Weights that are negative or all zero, known sales above the total, or shares that leave
        a negative remainder; the sectors are named.
    NotAvailableError
        Weights for value added that the table does not have.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> done = disaggregate(mrio, {"D_coal": 3, "D_other": 1}, sector="D", basis="capacity")
    >>> done.split.shares["output"][:, 0]
    array([0.75, 0.25])
    >>> float(abs(aggregate(done.table, sectors=done.split.back, others="keep").Z - mrio.Z).max())
    0.0
    """
    need_table(mrio, "disaggregate, mrio")
    if (region is None) == (sector is None):
        raise InputError("give a region or a sector, one of them", where="disaggregate",
                         do="call it once for each label to divide")  # fmt: skip
    kind: Literal["region", "sector"] = "sector" if region is None else "region"
    R, S = len(mrio.regions), len(mrio.sectors)
    if region is not None:
        at = mrio.index.region(region)
        old = at * S + np.arange(S)
        label, labels, units = mrio.regions[at], mrio.regions, mrio.sectors
    else:
        at = mrio.index.sector(str(sector))
        old = np.arange(R) * S + at
        label, labels, units = mrio.sectors[at], mrio.sectors, mrio.regions
    into = tuple(map(str, weights))
    clash = [name for name in into if name in labels and name != label]
    if clash or len(into) < 2:
        raise LabelError(
            f"new labels exist already: {listed(clash)}" if clash else "one part is no division",
            where=f"{kind} {label}", do="give at least two labels that are new",
        )  # fmt: skip
    if kind == "sector" and (final_demand is not None or households is not None):
        raise InputError(
            "final demand and households belong to regions, not to sectors",
            where="disaggregate", do="leave final_demand and households out",
        )  # fmt: skip
    if detail and exports:
        raise InputError("known sales and weights of exports contradict each other",
                         where="disaggregate", do="give one of the two")  # fmt: skip

    def share(given: Weights, what: str, over: tuple[str, ...] = units) -> Array:
        return _shares(given, into, over, f"weights of {what}, {kind} {label}")

    rows = _Rows(mrio, old, share(weights, "output"), into, detail or {})
    shares: dict[str, Array] = {"output": rows.output}
    home = _home(mrio, old)
    if exports is not None:
        shares |= _rest(
            mrio, old, rows.output, {"domestic sales": rows.domestic, "exports": rows.exports},
            {"exports": share(exports, "exports")}, into,
        )  # fmt: skip
    else:
        shares |= {"domestic sales": rows.output, "exports": rows.output}
    inputs = mrio.Z[:, old]
    away = np.asarray(np.where(home, 0.0, inputs).sum(axis=0))
    costs = {"domestic inputs": inputs.sum(axis=0) - away, "imports": away}
    given = {} if imports is None else {"imports": share(imports, "imports")}
    if mrio.value_added is not None:
        costs["value added"] = mrio.value_added[:, old].sum(axis=0)
    if value_added is not None:
        if mrio.value_added is None:
            raise NotAvailableError("the table has no value added to divide",
                                    where="value_added", do="leave it out")  # fmt: skip
        given["value added"] = share(value_added, "value added")
    if mrio.other_inputs is not None:
        costs["other inputs"] = mrio.other_inputs.total[old]
    shares |= _rest(mrio, old, rows.output, costs, given, into)
    for name, weight in (stressors or {}).items():
        extension = mrio.extension_of(name)
        stressor = name.rpartition("/")[2] if name not in mrio.stressors else name
        shares[f"{extension.name}/{stressor}"] = share(weight, name)
    if kind == "region":
        whole = shares["output"] @ mrio.x[old]
        if mrio.value_added is not None:
            whole = shares["value added"] @ mrio.value_added[:, old].sum(axis=0)
        default = dict(zip(into, whole.tolist(), strict=True))
        demand = share(final_demand or default, "final demand", mrio.categories)
        shares["final demand"] = demand
        shares["households"] = demand if households is None else share(
            households, "households", mrio.categories
        )  # fmt: skip
    for array in shares.values():
        array.setflags(write=False)
    split = Split(kind, label, into, basis, tuple(mrio.index.name(k) for k in old.tolist()),
                  MappingProxyType(shares), tuple(detail or ()))  # fmt: skip
    table = _divided(mrio, split, at, old, rows)
    check_conserved(mrio, table)
    back = {kind + "s": split.back, "others": "keep"}
    check_conserved(mrio, aggregate(table, **back))  # type: ignore[arg-type]
    return Disaggregated(table, split)


class _Rows:
    """Sales of the divided sectors: by shares, or known cell by cell."""

    def __init__(
        self, mrio: MRIO, old: NDArray[np.intp], weights: Array, into: tuple[str, ...],
        detail: Mapping[str, ArrayLike],
    ) -> None:  # fmt: skip
        self.sales = np.hstack([mrio.Z[old], mrio.Y[old]])
        n, K = len(mrio.index), len(mrio.categories)
        regions = np.arange(n + mrio.Y.shape[1])
        regions = np.where(regions < n, regions // len(mrio.sectors), (regions - n) // K)
        abroad = regions[None, :] != (old // len(mrio.sectors))[:, None]
        self.abroad = abroad
        self.exports = np.where(abroad, self.sales, 0.0).sum(axis=1)
        self.domestic = mrio.x[old] - self.exports  # discrepancies in the row count as domestic
        self.known: Array | None = None
        self.output = weights
        if detail:
            self._detail(mrio, old, weights, into, detail)

    def _detail(
        self, mrio: MRIO, old: NDArray[np.intp], weights: Array, into: tuple[str, ...],
        detail: Mapping[str, ArrayLike],
    ) -> None:  # fmt: skip
        names = [mrio.index.name(k) for k in old.tolist()]
        columns = [*mrio.index.pairs, *((r, c) for r in mrio.regions for c in mrio.categories)]
        parts = np.zeros((len(into), *self.sales.shape))
        is_known = np.zeros(len(into), dtype=bool)
        for name, values in detail.items():
            if name not in into:
                raise UnknownNameError.of("new label", name, into, do="(in detail)")
            k = into.index(name)
            parts[k] = matrix(values, self.sales.shape, f"known sales of {name}", names, columns)
            is_known[k] = True
        rest = self.sales - parts.sum(axis=0)
        small = np.abs(rest) <= ROUNDING * np.abs(self.sales).max(axis=1, keepdims=True)
        rest[small] = 0.0
        wrong = rest != 0 if is_known.all() else rest * np.sign(self.sales) < 0
        wrong |= (self.sales == 0) & parts.any(axis=0)
        if wrong.any():
            cells = [
                f"{names[a]} -> {' '.join(columns[b])} (known {parts[:, a, b].sum():.6g},"
                f" total {self.sales[a, b]:.6g})" for a, b in np.argwhere(wrong)[:6]
            ]  # fmt: skip
            raise InputError(
                f"known sales do not fit the total in {int(wrong.sum())} cells",
                where=listed(cells, 5), do="correct them, or scale them to the table first",
            )  # fmt: skip
        unknown = np.where(is_known[:, None], 0.0, weights)
        total = unknown.sum(axis=0)
        if not is_known.all():
            empty = np.flatnonzero((total == 0) & rest.any(axis=1)).tolist()
            if empty:
                raise InputError(
                    "the labels without known sales have no weight to share what remains",
                    where=listed([names[k] for k in empty]), do="give them weights above zero",
                )  # fmt: skip
            fraction = np.divide(unknown, total, out=np.zeros_like(unknown), where=total > 0)
            parts += fraction[:, :, None] * rest
        self.known = parts
        # What a table sells beyond Z and Y (discrepancies, rounding) follows the known sales.
        sold = parts.sum(axis=2)
        whole = sold.sum(axis=0)
        self.output = np.divide(sold, whole, out=weights.copy(), where=whole != 0)

    def divided(self, domestic: Array, exports: Array) -> Array:
        """Return sales by new label, shape (K, m, n + columns of Y)."""
        if self.known is not None:
            return self.known
        share = np.where(self.abroad, exports[:, :, None], domestic[:, :, None])
        return share * self.sales


def _divided(mrio: MRIO, split: Split, at: int, old: NDArray[np.intp], rows: _Rows) -> MRIO:
    """Build the new table from the shares."""
    n, K = len(mrio.index), len(split.into)
    shares = split.shares
    labels = list(mrio.regions if split.kind == "region" else mrio.sectors)
    labels[at : at + 1] = split.into
    index = SectorIndex(tuple(labels), mrio.sectors) if split.kind == "region" else (
        SectorIndex(mrio.regions, tuple(labels)))  # fmt: skip
    # For each new sector: the old one it comes from, and which part of it (-1: all of it).
    source, part = _source(mrio, split, at)
    place = np.full(n, -1)
    place[old] = np.arange(len(old))
    is_new, m = part >= 0, place[source]

    def of(role: str) -> Array:
        """One factor for each new sector."""
        return np.where(is_new, shares[role][np.maximum(part, 0), np.maximum(m, 0)], 1.0)

    # Rows first (new sectors sell to old columns), then columns.
    sales = rows.divided(shares["domestic sales"], shares["exports"])
    wide = np.hstack([mrio.Z, mrio.Y])[source]
    wide[is_new] = sales[part[is_new], m[is_new]]
    Z, Y = wide[:, :n][:, source], wide[:, n:]
    home = _home(mrio, source)[source]
    Z = np.where(home, Z * of("domestic inputs"), Z * of("imports"))
    own = of("output")
    C = len(mrio.categories)
    if split.kind == "region":
        columns = np.arange(mrio.Y.shape[1]).reshape(-1, C)
        take = np.concatenate([columns[:at].ravel(), np.tile(columns[at], K),
                               columns[at + 1 :].ravel()])  # fmt: skip

        def demand(role: str) -> Array:
            factors = np.ones(len(take))
            factors[at * C : (at + K) * C] = shares[role].ravel()
            return factors
    else:
        take = np.arange(mrio.Y.shape[1])

        def demand(role: str) -> Array:
            return np.ones(len(take))

    Y = Y[:, take] * demand("final demand")

    def extension(e: Extension) -> Extension:
        F = e.F[:, source].copy()
        for k, stressor in enumerate(e.stressors):
            role = f"{e.name}/{stressor}"
            F[k] *= of(role if role in shares else "output")
        given = [s for s in e.stressors if f"{e.name}/{s}" in shares]
        text = f"{_what(split)}: emissions divided by " + (
            f"given weights ({listed(given)})" if len(given) == len(e.stressors) else
            "output, that is at one intensity" + (f", except {listed(given)}" if given else "")
        )  # fmt: skip
        notes = tuple(Note(text, about=s, estimated=True) for s in e.stressors)
        if split.kind == "region" and e.F_Y is not None:
            notes += (Note(f"{_what(split)}: direct emissions of households divided by shares",
                           about="households", estimated=True),)  # fmt: skip
        made = with_sectors(e, F, lambda array: array[:, take] * demand("households"))
        return replace(made, notes=(*e.notes, *notes))

    other_inputs, other_uses = mrio.other_inputs, mrio.other_uses
    if other_inputs is not None:
        taken = other_inputs.final_demand
        other_inputs = Side(
            other_inputs.labels, other_inputs.values[:, source] * of("other inputs"),
            None if taken is None else taken[:, take] * demand("final demand"),
        )  # fmt: skip
    if other_uses is not None:
        other_uses = Side(other_uses.labels, other_uses.values[:, source] * of("domestic sales"))
    added = mrio.value_added
    masks = _masks(mrio, source, take, is_new, split)
    return replace(
        mrio, index=index, Z=np.ascontiguousarray(Z), Y=np.ascontiguousarray(Y),
        x=mrio.x[source] * own,
        value_added=None if added is None else added[:, source] * of("value added"),
        extensions={name: extension(e) for name, e in mrio.extensions.items()},
        other_inputs=other_inputs, other_uses=other_uses, estimated=masks,
        notes=(*mrio.notes, Note(_text(split), estimated=True)),
        provenance=mrio.provenance.after(_what(split)),
    )  # fmt: skip


def _source(mrio: MRIO, split: Split, at: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Old position and part of each new sector."""
    R, S, K = len(mrio.regions), len(mrio.sectors), len(split.into)
    sizes = (R, S)
    axis = 0 if split.kind == "region" else 1
    take = np.concatenate([np.arange(at), np.full(K, at), np.arange(at + 1, sizes[axis])])
    parts = np.full(len(take), -1)
    parts[at : at + K] = np.arange(K)
    grid = np.arange(R * S).reshape(R, S)
    if axis == 0:
        return grid[take].ravel(), np.repeat(parts, S)
    return grid[:, take].ravel(), np.tile(parts, R)


def _home(mrio: MRIO, old: NDArray[np.intp]) -> Bools:
    """Whether each supplier stands in the region of each of these buyers, shape (n, m)."""
    region = np.arange(len(mrio.index)) // len(mrio.sectors)
    return np.asarray(region[:, None] == region[old][None, :])


def _masks(
    mrio: MRIO, source: NDArray[np.intp], take: NDArray[np.intp], is_new: Bools, split: Split,
) -> dict[str, Bools]:  # fmt: skip
    """Mark divided cells; sales known cell by cell to undivided buyers stay unmarked."""
    told = np.zeros(len(source), dtype=bool)
    if split.detail:
        labels = [split.into.index(name) for name in split.detail]
        part = _source(mrio, split, _at(mrio, split))[1]
        told = np.isin(part, labels)
    new_demand = np.zeros(len(take), dtype=bool)
    C = len(mrio.categories)
    if split.kind == "region":
        at = _at(mrio, split)
        new_demand[at * C : (at + len(split.into)) * C] = True
    by_share = is_new & ~told
    marks: dict[str, Bools] = {
        "Z": by_share[:, None] | is_new[None, :], "Y": by_share[:, None] | new_demand[None, :],
        "x": by_share,
    }  # fmt: skip
    if mrio.value_added is not None:
        marks["value_added"] = is_new[None, :]
    for name, mask in mrio.estimated.items():
        whole = np.broadcast_to(mask, getattr(mrio, name).shape)
        if name == "Z":
            whole = whole[source][:, source]
        elif name == "Y":
            whole = whole[source][:, take]
        else:
            whole = whole[..., source]
        marks[name] = marks[name] | whole
    return marks


def _at(mrio: MRIO, split: Split) -> int:
    return (mrio.regions if split.kind == "region" else mrio.sectors).index(split.label)


def _shares(given: Weights, into: tuple[str, ...], over: tuple[str, ...], what: str) -> Array:
    """Return weights as shares, shape (K, len(over)), columns adding up to one."""
    if set(map(str, given)) != set(into):
        raise LabelError(
            f"labels do not match: {listed(list(given))} instead of {listed(list(into))}",
            where=what, do="give one weight for each new label",
        )  # fmt: skip
    named = {str(k): v for k, v in given.items()}
    weights = np.empty((len(into), len(over)))
    for k, name in enumerate(into):
        value = named[name]
        weights[k] = float(value) if np.ndim(value) == 0 else matrix(  # type: ignore[arg-type]
            value, (len(over),), f"{what}, {name}", over
        )  # fmt: skip
    total = weights.sum(axis=0)
    bad = ~np.isfinite(weights).all(axis=0) | (weights < 0).any(axis=0) | (total <= 0)
    if bad.any():
        raise InputError(
            f"weights of {int(bad.sum())} entries are negative, missing or all zero",
            where=f"{what}: {listed([over[k] for k in np.flatnonzero(bad)])}",
            do="give weights that are not negative, and at least one above zero for each",
        )
    return np.asarray(weights / total)


def _rest(
    mrio: MRIO, old: NDArray[np.intp], output: Array, totals: Mapping[str, Array],
    given: Mapping[str, Array], into: tuple[str, ...],
) -> dict[str, Array]:  # fmt: skip
    """Return the share of every part, so that the parts of each new label add up to its output.

    Parts without shares of their own take ``(w_k x - sum of given parts) / (x - sum)``, one
    share for all of them, the unexplained residual of the table included.
    """
    x = mrio.x[old]
    if not given:
        return {part: output.copy() for part in totals}
    spoken = sum((given[part] * totals[part] for part in given), np.zeros_like(output))
    left = x - sum((totals[part] for part in given), np.zeros_like(x))
    rest = output * x - spoken
    rest[np.abs(rest) <= ROUNDING * x] = 0.0
    none = np.abs(left) <= ROUNDING * x
    wrong = np.where(none, np.abs(rest) > 1e-9 * x, rest * np.sign(left) < 0)
    if wrong.any():
        cells = [f"{mrio.index.name(int(old[b]))}, part {into[a]}: {rest[a, b]:.6g} of"
                 f" {left[b]:.6g}" for a, b in np.argwhere(wrong)[:6]]  # fmt: skip
        raise InputError(
            f"the weights of {' and '.join(given)} leave a negative remainder in"
            f" {int(wrong.sum())} cases",
            where=listed(cells, 5),
            do="bring these weights nearer to those of output, or leave them out",
        )
    share = np.divide(rest, left, out=output.copy(), where=~none)
    return {part: given[part] if part in given else share.copy() for part in totals}


def _what(split: Split) -> str:
    return f"{split.kind} {split.label} divided into {', '.join(split.into)}"


def _text(split: Split) -> str:
    """The weights in one sentence: one figure where all cells share it, else the range."""
    shares = split.shares["output"]
    parts = []
    for name, row in zip(split.into, shares, strict=True):
        low, high = float(row.min()), float(row.max())
        same = high - low < 5e-5
        parts.append(f"{name} {low:.2%}" if same else f"{name} {low:.2%} to {high:.2%}")
    others = [
        role for role, array in split.shares.items()
        if array.shape == shares.shape and not np.allclose(array, shares, rtol=0, atol=1e-9)
    ]  # fmt: skip
    text = f"{_what(split)} by {split.basis}: shares of output {', '.join(parts)}"
    if others:
        text += f"; shares of their own: {', '.join(others)}"
    if split.detail:
        text += f"; sales of {', '.join(split.detail)} known cell by cell"
    return text
