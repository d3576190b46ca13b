"""Final demand by origin, where only its import total by product is published.

Statistical offices and the OECD publish intermediate flows by country of origin, but of final
demand often only what is domestic and what is imported. The origin of the imported part is
estimated here from exact margins and a stated prior, and the rest of the world is closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.build.balance import gras, ras
from mriocarbon.build.feasible import InfeasibleError, Obstacle
from mriocarbon.errors import InputError, listed
from mriocarbon.model.arrays import matrix
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

__all__ = ["complete_final_demand"]

Array = NDArray[np.float64]

# Differences of published figures carry their rounding: below this share of output a negative
# remainder is rounding and counts as zero.
ROUNDING = 1e-9


@dataclass(frozen=True)
class _Margins:
    """What is known exactly; r origin, s destination, i product, R regions, S products."""

    domestic: Array  # (R, S) final demand for domestic products
    imported: Array  # (R, S) final demand for imported products, origin unknown
    sent: Array  # (R, S) exports that do not go into industries of the R regions
    inner: Array  # (S, R, R) intermediate imports: product, origin, destination; diagonal zero
    outer: Array  # (S, R) intermediate imports from the rest of the world


def complete_final_demand(
    *,
    regions: Sequence[str],
    sectors: Sequence[str],
    Z: ArrayLike,
    x: ArrayLike,
    domestic: ArrayLike,
    imported: ArrayLike,
    Z_from_rest: ArrayLike,
    rest_output: ArrayLike,
    rest_value_added: ArrayLike,
    value_added: ArrayLike | None = None,
    other_inputs: Mapping[str, ArrayLike] | None = None,
    rest: str = "ROW",
    mixing: float = 0.01,
    tol: float = 1e-12,
    money_unit: str = "million USD",
    year: int | None = None,
    notes: Sequence[Note] = (),
    provenance: Provenance | None = None,
) -> MRIO:
    """Give imported final demand its origin, and close the rest of the world.

    What is published stays as it is, bit for bit: flows between the R regions, inputs from the
    rest of the world, domestic final demand, output, value added. For each product i a table of
    origins (R regions and the rest) by destinations (likewise) is balanced by RAS on margins
    that are exact for all R regions::

        rows     x_ri - sum_sj Z_ri,sj - domestic_ri    what r sends to final demand abroad and
                                                        to the rest of the world
        columns  imported_si                            what s imports for final demand
        prior    imported_si ((1 - e) q_ri,s + e w_ri)  q: origins of the intermediate imports
                                                        of i by s; w: shares in all exports of
                                                        i; e = `mixing`

    The rest's own exports to final demand are those of the prior, or more where imports would
    else not be covered. What the R regions send to the rest follows, with a prior proportional
    to what each sends abroad. Inside the rest, the use of products by industries and final
    demand is balanced from the mean technology and the mean final demand of the R regions, to
    the rest's published output and value added; all its users of a product buy it from the same
    origins in the same shares.

    Parameters
    ----------
    regions, sectors : sequence of str
        The R regions with known tables and the S sectors.
    Z : array_like, shape (R S, R S)
        Intermediate flows between the regions.
    x : array_like, shape (R S,)
        Gross output.
    domestic, imported : array_like, shape (R, S)
        Final demand by region for domestic and for imported products.
    Z_from_rest : array_like, shape (S, R S)
        Intermediate inputs from the rest of the world.
    rest_output, rest_value_added : array_like, shape (S,)
        Gross output and value added of the rest of the world.
    value_added : array_like, shape (R S,), optional
    other_inputs : mapping of str to array_like, shape (R S,), optional
        Further primary inputs (taxes less subsidies on products); those of the rest are
        estimated at the mean rate of the same industry.
    rest : str
        Label of the rest of the world.
    mixing : float
        Weight e of the world's shares in the prior, above 0 and below 1: it lets an origin in
        that sells to no industry of a destination.
    tol : float
        Largest relative miss of a margin.
    money_unit : str
        Of all arrays.
    year : int, optional
    notes : sequence of Note
    provenance : Provenance, optional

    Returns
    -------
    MRIO
        R + 1 regions, the rest last; one category of final demand. `estimated` marks the cells,
        notes say what they rest on and which margins of the source do not agree.

    Raises
    ------
    InputError
        A margin is negative; the cells are named.
    InfeasibleError
        Margins of a product that no table has; origins and destinations are named.
    LabelError, ShapeError, NonFiniteError

    Warns
    -----
    TableWarning
        Inputs above output and other defects of the source, which are kept.

    References
    ----------
    Stone (1961), Input-Output and National Accounts, OEEC.
    Timmer et al. (2015), An illustrated user guide to the World Input-Output Database, Rev. Int.
    Econ. 23 (imports by use from national shares).

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     mrio = complete_final_demand(
    ...         regions=["A", "B"], sectors=["1"], Z=[[20, 10], [8, 30]], x=[100, 90],
    ...         domestic=[[50], [35]], imported=[[15], [12]], Z_from_rest=[[5, 6]],
    ...         rest_output=[80], rest_value_added=[40])
    >>> mrio.Y.sum(axis=0).round(6)[:2], float(mrio.Y[0, 0]), mrio.estimated["Y"][0]
    (array([65., 47.]), 50.0, array([False,  True,  True]))
    """
    inner_index = SectorIndex(tuple(map(str, regions)), tuple(map(str, sectors)))
    index = SectorIndex((*inner_index.regions, rest), inner_index.sectors)
    R, S, n = len(inner_index.regions), len(inner_index.sectors), len(inner_index)
    if not 0 < mixing < 1:
        raise InputError(f"mixing is {mixing}", where="mixing", do="give a share between 0 and 1")
    pairs, names, places = inner_index.pairs, inner_index.sectors, inner_index.regions
    Z_ = matrix(Z, (n, n), "Z", pairs, pairs)
    x_ = matrix(x, (n,), "x", pairs)
    D = matrix(domestic, (R, S), "domestic final demand", places, names)
    M = matrix(imported, (R, S), "imported final demand", places, names)
    Zr = matrix(Z_from_rest, (S, n), "Z_from_rest", names, pairs)
    xr = matrix(rest_output, (S,), "rest_output", names)
    vr = matrix(rest_value_added, (S,), "rest_value_added", names)
    va = None if value_added is None else matrix(value_added, (n,), "value added", pairs)
    others = {k: matrix(a, (n,), k, pairs) for k, a in (other_inputs or {}).items()}

    margins = _margins(Z_, x_, D, M, Zr, inner_index)
    supply = xr - Zr.sum(axis=1)  # of the rest, for its own use and for final demand abroad
    _refuse_negative(supply, names, f"output of {rest} less its known exports")
    by_origin = np.empty((S, R + 1, R + 1))
    exports = np.empty(S)
    for i in range(S):
        by_origin[i], exports[i] = _product(margins, i, float(supply[i]), mixing, tol, index)

    # Z and Y of the whole: what is known is copied, not computed.
    N = len(index)
    Z_all, Y = np.zeros((N, N)), np.zeros((N, R + 1))
    Z_all[:n, :n], Z_all[n:, :n] = Z_, Zr
    Y4 = Y.reshape(R + 1, S, R + 1)
    Y4[:, :, :R] = by_origin.transpose(1, 0, 2)[:, :, :R]
    for r in range(R):
        Y4[r, :, r] = D[r]
    rates = {k: _rate(a.reshape(R, S), x_, va, Z_, Zr, R, S) for k, a in others.items()}
    other_rest = {k: rate * (xr - vr) for k, rate in rates.items()}
    uses = _rest_uses(
        Z_, Zr, x_, D + M, supply - exports + by_origin[:, :R, R].sum(axis=1),
        xr, xr - vr - sum(other_rest.values(), np.zeros(S)), tol, names, rest,
    )  # fmt: skip
    origins = by_origin[:, :, R].copy()  # (S, R + 1): the rest's purchases by origin
    origins[:, R] = supply - exports
    total = origins.sum(axis=1, keepdims=True)
    shares = np.divide(origins, total, out=np.zeros_like(origins), where=total > 0)
    block = shares.T[:, :, None] * uses[None]  # origin, product, user
    Z_all[:, n:] = block[:, :, :S].reshape(N, S)
    Y[:, R] = block[:, :, S].reshape(N)

    diagnosed = tuple(_defects(Z_, Zr, x_, D, va, others, inner_index))
    mask_Z = np.zeros((1, N), bool)
    mask_Z[0, n:] = True
    mask_Y = np.ones((R + 1, S, R + 1), bool)
    for r in range(R):
        mask_Y[r, :, r] = False
    share = float(Y[mask_Y.reshape(N, R + 1)].sum() / Y.sum())
    source = provenance or Provenance()
    step = f"imported final demand given its origin by RAS (mixing {mixing:g}), {rest} closed"
    told = (
        f"The origin of imported final demand ({100 * M.sum() / (D.sum() + M.sum()):.1f} % of the"
        f" final demand of {R} regions) is an estimate: RAS on exact margins, prior the sourcing"
        f" of intermediate imports ({100 * (1 - mixing):g} %) and of all exports"
        f" ({100 * mixing:g} %).",
        f"Purchases of {rest} and its final demand are estimates: mean technology of the other"
        f" regions, balanced to its published output and value added. In all,"
        f" {100 * share:.1f} % of world final demand stands in estimated cells.",
    )
    return MRIO(
        index=index, Z=Z_all, Y=Y, x=np.concatenate([x_, xr]),
        value_added=None if va is None else np.concatenate([va, vr])[None],
        categories=("final demand",), value_added_rows=() if va is None else ("value added",),
        money_unit=money_unit, year=year, price_year=year,
        notes=(*notes, *(Note(t, estimated=True) for t in told),
               *(Note(t) for t in diagnosed)),
        provenance=source.after(step), table_type="industry-by-industry", price_basis="basic",
        other_inputs=None if not others else Side(
            tuple(others), np.stack([np.concatenate([a, other_rest[k]])
                                     for k, a in others.items()])),
        estimated={"Z": mask_Z, "Y": mask_Y.reshape(N, R + 1)},
    )  # fmt: skip


def _margins(Z: Array, x: Array, D: Array, M: Array, Zr: Array, index: SectorIndex) -> _Margins:
    R, S = D.shape
    _refuse_negative(M.ravel(), index.pairs, "imported final demand")
    sent = x - Z.sum(axis=1) - D.ravel()
    rounding = (sent < 0) & (-sent <= ROUNDING * x)
    sent = np.where(rounding, 0.0, sent)
    _refuse_negative(sent, index.pairs, "output less intermediate sales and domestic final demand")
    inner = Z.reshape(R, S, R, S).sum(axis=3).transpose(1, 0, 2).copy()
    inner[:, np.arange(R), np.arange(R)] = 0.0
    return _Margins(D, M, sent.reshape(R, S), inner, Zr.reshape(S, R, S).sum(axis=2))


def _refuse_negative(values: Array, labels: Sequence[object], what: str) -> None:
    bad = np.flatnonzero(values < 0).tolist()
    if bad:
        raise InputError(
            f"{what} is negative in {len(bad)} cells",
            where=listed([f"{labels[k]} ({values[k]:.6g})" for k in bad]),
            do="correct the source: flows, output and final demand do not fit together there",
        )


def _product(
    m: _Margins, i: int, supply: float, mixing: float, tol: float, index: SectorIndex
) -> tuple[Array, float]:
    """Origins by destinations of one product, (R + 1, R + 1), and the exports of the rest."""
    R = m.sent.shape[0]
    sent, wanted = m.sent[:, i], m.imported[:, i]
    prior = np.zeros((R + 1, R + 1))
    known = np.vstack([m.inner[i], m.outer[i]])  # (R + 1, R): origins by destination
    world = np.append(sent + m.inner[i].sum(axis=1), m.outer[i].sum())
    others = np.repeat(world[:, None], R, axis=1)
    others[np.arange(R), np.arange(R)] = 0.0
    q, w = _columns(known), _columns(others)
    e = np.where(known.any(axis=0), mixing, 1.0)  # no industry imports it: the world's shares
    prior[:, :R] = wanted * ((1 - e) * q + e * w)
    need = float(wanted.sum() - sent.sum())
    exports = min(max(float(prior[R].sum()), need), supply)
    if exports < need:
        name = index.sectors[i]
        text = (
            f"{name}: final demand imports {wanted.sum():.6g}, the regions send {sent.sum():.6g}"
            f" and {index.regions[R]} can send {supply:.6g}"
        )
        raise InfeasibleError([Obstacle("totals", (), (name,), need - exports, text)])
    bought = max(exports - need, 0.0)
    prior[:R, R] = bought * _columns(sent[:, None])[:, 0]
    if prior[R].sum() == 0 and exports > 0:
        prior[R, :R] = wanted
    names = [f"{region} {index.sectors[i]}" for region in index.regions]
    done = ras(
        prior, np.append(sent, exports), np.append(wanted, bought), tol=tol, max_iter=20000,
        row_labels=names, column_labels=[f"imports of {k}" for k in names],
    )  # fmt: skip
    return done.value, exports


def _columns(A: Array) -> Array:
    """Each column divided by its sum; empty ones stay empty."""
    total = A.sum(axis=0)
    return np.asarray(np.divide(A, total, out=np.zeros_like(A), where=total > 0))


def _rate(other: Array, x: Array, va: Array | None, Z: Array, Zr: Array, R: int, S: int) -> Array:
    """An input as a share of all that is not value added, by industry over all regions."""
    base = x - va if va is not None else Z.sum(axis=0) + Zr.sum(axis=0) + other.ravel()
    total = base.reshape(R, S).sum(axis=0)
    return np.asarray(np.divide(other.sum(axis=0), total, out=np.zeros(S), where=total > 0))


def _rest_uses(
    Z: Array, Zr: Array, x: Array, demand: Array, supply: Array, xr: Array, inputs: Array,
    tol: float, names: tuple[str, ...], rest: str,
) -> Array:  # fmt: skip
    """Use of each product by the rest's industries and final demand, (S, S + 1)."""
    S = len(names)
    R = len(x) // S
    _refuse_negative(inputs, names, f"output of {rest} less value added and other inputs")
    used = Z.reshape(R, S, R, S).sum(axis=(0, 2)) + Zr.reshape(S, R, S).sum(axis=1)
    made = x.reshape(R, S).sum(axis=0)
    technology = np.divide(used, made, out=np.zeros((S, S)), where=made > 0) * xr
    final = supply.sum() - inputs.sum()
    if final < 0:
        raise InputError(
            f"industries of {rest} need {inputs.sum():.6g}, only {supply.sum():.6g} is supplied",
            where=f"{rest}: output, value added and trade",
            do="correct the output or value added of the rest of the world",
        )
    mix = np.maximum(demand.sum(axis=0), 0.0)
    prior = np.column_stack([technology, final * mix / mix.sum()])
    done = gras(
        prior, supply, np.append(inputs, final), tol=tol, max_iter=20000,
        row_labels=[f"{name} supplied to {rest}" for name in names],
        column_labels=[*(f"{rest} {name}" for name in names), f"{rest} final demand"],
    )  # fmt: skip
    return done.value


def _defects(
    Z: Array, Zr: Array, x: Array, D: Array, va: Array | None,
    others: Mapping[str, Array], index: SectorIndex,
) -> list[str]:  # fmt: skip
    """What does not agree in the source; told in notes, never put right."""
    found = []
    zero = [index.name(k) for k in np.flatnonzero(x == 0).tolist()]
    if zero:
        found.append(f"{len(zero)} sectors have zero output in the source: {listed(zero)}.")
    inputs = Z.sum(axis=0) + Zr.sum(axis=0)
    over = np.flatnonzero(inputs > x * (1 + 1e-9)).tolist()
    if over:
        cells = [f"{index.name(k)} (inputs {inputs[k]:.6g}, output {x[k]:.6g})" for k in over]
        found.append(
            f"{len(over)} sectors have inputs above output in the source, kept as published:"
            f" {listed(cells)}."
        )
    negative = np.flatnonzero(D.ravel() < 0).tolist()
    if negative:
        cells = [f"{index.name(k)} ({D.ravel()[k]:.6g})" for k in negative]
        found.append(
            f"Domestic final demand is negative (changes in inventories) in {len(negative)}"
            f" cells, kept as published: {listed(cells)}."
        )
    if va is not None:
        gap = x - inputs - va - sum(others.values(), np.zeros(len(x)))
        bad = np.flatnonzero(np.abs(gap) > 1e-5 * x + 1e-6 * x.mean())
        if len(bad):
            worst = bad[np.argsort(-np.abs(gap[bad]))].tolist()
            cells = [f"{index.name(k)} by {gap[k]:.6g}" for k in worst]
            found.append(
                f"{len(bad)} columns of the source do not balance (output less inputs, value"
                f" added and other inputs), kept as published: {listed(cells)}."
            )
    return found
