"""From supply and use tables to symmetric tables: models A, B, C and D.

With the make matrix V (industries x products), the use matrix U (products x industries), product
output ``q = V' 1`` and industry output ``g = V 1`` (Eurostat 2008, chapter 11):

=====  =========================  =================  ==========================================
model  assumption                 table              transformation
=====  =========================  =================  ==========================================
A      product technology         product x product  Z = U T, E' = E T,  T = V'^-1 diag(q)
B      industry technology        product x product  Z = U T, E' = E T,  T = diag(g)^-1 V
C      fixed industry sales       industry x ind.    Z = T U, Y' = T Y,  T = diag(g) V'^-1
D      fixed product sales        industry x ind.    Z = T U, Y' = T Y,  T = V diag(q)^-1
=====  =========================  =================  ==========================================

E stands for everything that industries take in or emit: value added, other inputs, stressors.
A and C can give negative cells. They are kept and reported, because removing them is a choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    InputError,
    ShapeError,
    TableWarning,
    UnknownNameError,
    listed,
    quietly,
    warn,
)
from mriocarbon.model import MRIO, Extension, Note, Provenance, SectorIndex
from mriocarbon.model.arrays import matrix
from mriocarbon.model.brief import brief
from mriocarbon.model.frame import BALANCE_ATOL, BALANCE_RTOL
from mriocarbon.model.labels import unique
from mriocarbon.model.side import Side

Array = NDArray[np.float64]
Model = Literal["A", "B", "C", "D"]

ASSUMPTIONS: Mapping[str, str] = MappingProxyType({
    "A": "product technology", "B": "industry technology",
    "C": "fixed industry sales structure", "D": "fixed product sales structure",
})  # fmt: skip
# Below this reciprocal condition number the supply table says nothing certain.
SINGULAR = 1e-12
# A cell counts as negative below this share of the largest; the rest is rounding of the solve.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class SupplyUse:
    """Multi-regional supply and use tables at basic prices. R regions, P products, I industries.

    Attributes
    ----------
    regions, products, industries : tuple of str
    V : ndarray, shape (R * I, R * P)
        Make matrix: what each industry (row) makes of each product, region-major. An official
        supply table is its transpose.
    U : ndarray, shape (R * P, R * I)
        Use of products by region of origin (row), by industries of all regions (column).
    Y : ndarray, shape (R * P, R * categories)
        Final use of products by region of origin, destination-major.
    categories : tuple of str
    value_added : ndarray, shape (rows, R * I), or None
    value_added_rows : tuple of str
    extensions : mapping of str to Extension
        Stressors by industry: F of shape (stressors, R * I).
    other_inputs : Side or None
        By industry: taxes less subsidies on products and the like.
    other_uses : Side or None
        By product.
    money_unit, year, price_year, notes, provenance
        As of `MRIO`.
    diagnostics : tuple of str
        Products and industries that do not balance; each was also raised as a TableWarning.

    Raises
    ------
    ShapeError, NonFiniteError, LabelError, InputError

    Examples
    --------
    >>> import numpy as np
    >>> tables = SupplyUse(("A",), ("p", "q"), ("i", "j"), V=np.array([[90.0, 0], [10, 100]]),
    ...                    U=np.array([[10.0, 10], [10, 7]]), Y=np.array([[80.0], [83]]))
    >>> tables.q, tables.g
    (array([100., 100.]), array([ 90., 110.]))
    """

    regions: tuple[str, ...]
    products: tuple[str, ...]
    industries: tuple[str, ...]
    V: Array
    U: Array
    Y: Array
    categories: tuple[str, ...] = ("final demand",)
    value_added: Array | None = None
    value_added_rows: tuple[str, ...] = ()
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    other_inputs: Side | None = None
    other_uses: Side | None = None
    money_unit: str = "million USD"
    year: int | None = None
    price_year: int | None = None
    notes: tuple[Note, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    diagnostics: tuple[str, ...] = field(default=(), init=False)

    __repr__ = brief

    def __post_init__(self) -> None:
        for name in ("regions", "products", "industries", "categories", "value_added_rows"):
            if getattr(self, name):
                object.__setattr__(self, name, unique(getattr(self, name), name))
        p, i = self.by_product.pairs, self.by_industry.pairs
        columns = [(r, c) for r in self.regions for c in self.categories]
        for name, rows, cols in (("V", i, p), ("U", p, i), ("Y", p, columns)):
            array = matrix(getattr(self, name), (len(rows), len(cols)), name, rows, cols)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.value_added is not None:
            names = self.value_added_rows or ("value added",)
            added = matrix(self.value_added, (len(names), len(i)), "value added", names, i)
            added.setflags(write=False)
            object.__setattr__(self, "value_added", added)
            object.__setattr__(self, "value_added_rows", names)
        for extension in self.extensions.values():
            matrix(extension.F, (len(extension.stressors), len(i)), f"F of {extension.name}",
                   extension.stressors, i)  # fmt: skip
        for side, length, name in ((self.other_inputs, len(i), "other_inputs"),
                                   (self.other_uses, len(p), "other_uses")):  # fmt: skip
            if side is not None:
                matrix(side.values, (len(side.labels), length), name, side.labels)
        object.__setattr__(self, "extensions", MappingProxyType(dict(self.extensions)))
        for output, index, what in ((self.q, self.by_product, "products"),
                                    (self.g, self.by_industry, "industries")):  # fmt: skip
            bad = np.flatnonzero(output < 0).tolist()
            if bad:
                raise InputError(
                    f"negative output of {len(bad)} {what}",
                    where=listed([f"{index.name(k)} ({output[k]:g})" for k in bad]),
                    do="correct the supply table; nothing is repaired silently",
                )
        found = tuple(_diagnose(self))
        object.__setattr__(self, "diagnostics", found)
        for text in found:
            warn(TableWarning(text), stacklevel=3)

    @property
    def by_product(self) -> SectorIndex:
        """Regions x products."""
        return SectorIndex(self.regions, self.products)

    @property
    def by_industry(self) -> SectorIndex:
        """Regions x industries."""
        return SectorIndex(self.regions, self.industries)

    @property
    def q(self) -> Array:
        """Output by product, ``V' 1``, shape (R * P,)."""
        return np.asarray(self.V.sum(axis=0))

    @property
    def g(self) -> Array:
        """Output by industry, ``V 1``, shape (R * I,)."""
        return np.asarray(self.V.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Negatives:
    """Negative cells that a transformation made where its source had none.

    Attributes
    ----------
    what : str
        ``"Z"``, ``"Y"``, ``"value added"``, or ``"extension/stressor"``.
    cells : int
    total : float
        Their sum.
    share : float
        Their sum as a share of the sum of all absolute values.
    largest : tuple of str
        The largest by name, at most five.
    """

    what: str
    cells: int
    total: float
    share: float
    largest: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Symmetric:
    """A symmetric table made from supply and use tables.

    Attributes
    ----------
    table : MRIO
    model : str
    transformation : ndarray
        T of the module's table: (R * I, R * P).
    negatives : tuple of Negatives
        Kept in the table, and told in its notes.
    """

    table: MRIO
    model: str
    transformation: Array
    negatives: tuple[Negatives, ...]

    __repr__ = brief


def to_symmetric(tables: SupplyUse, model: Model = "D") -> Symmetric:
    """Return the symmetric table that a transformation model gives.

    Parameters
    ----------
    tables : SupplyUse
    model : {"A", "B", "C", "D"}
        A: product technology, B: industry technology (both product by product); C: fixed
        industry sales structure, D: fixed product sales structure (both industry by industry).

    Returns
    -------
    Symmetric
        Final demand, value added and every stressor keep their totals; output is q (A, B) or
        g (C, D).

    Raises
    ------
    UnknownNameError
        No such model.
    ShapeError
        A or C with other numbers of products and industries; the labels without a counterpart
        are named.
    InputError
        A or C with a singular supply table; the products and industries that make it singular
        are named. Or something would be lost: inputs of an industry without output, uses of a
        product that no one makes.

    References
    ----------
    Eurostat (2008), Manual of Supply, Use and Input-Output Tables, chapter 11.
    Kop Jansen & ten Raa (1990), International Economic Review 31, 213-227.
    ten Raa & Rueda-Cantuche (2007), Economic Systems Research 19, 99-124.

    Examples
    --------
    >>> import numpy as np
    >>> tables = SupplyUse(("A",), ("p", "q"), ("i", "j"), V=np.array([[90.0, 0], [10, 100]]),
    ...                    U=np.array([[10.0, 10], [10, 7]]), Y=np.array([[80.0], [83]]))
    >>> made = to_symmetric(tables, "B")
    >>> made.table.table_type, made.table.Z.round(3).tolist()
    ('product-by-product', [[10.909, 9.091], [10.636, 6.364]])
    """
    if model not in ASSUMPTIONS:
        raise UnknownNameError.of("model", str(model), ASSUMPTIONS)
    by_product = model in "AB"
    _check_lost(tables, by_product)
    q, g = tables.q, tables.g
    if model == "A":
        T = _unmade(tables) * q
    elif model == "B":
        T = tables.V * _inverse(g)[:, None]
    elif model == "C":
        T = g[:, None] * _unmade(tables)
    else:
        T = tables.V * _inverse(q)

    def inputs(array: Array) -> Array:
        return array @ T if by_product else array

    def uses(array: Array) -> Array:
        return array if by_product else T @ array

    index = tables.by_product if by_product else tables.by_industry
    sides = (tables.other_inputs, tables.other_uses)
    other_inputs = None if sides[0] is None else replace(sides[0], values=inputs(sides[0].values))
    other_uses = None if sides[1] is None else replace(sides[1], values=uses(sides[1].values.T).T)
    added = None if tables.value_added is None else inputs(tables.value_added)
    Z = tables.U @ T if by_product else T @ tables.U
    Y = uses(tables.Y)
    extensions = {name: replace(e, F=inputs(e.F)) for name, e in tables.extensions.items()}
    negatives = tuple(_negatives(tables, index, Z, Y, added, extensions))
    text = f"model {model} ({ASSUMPTIONS[model]})"
    notes = [
        Note(f"{text} made {n.cells} cells of {n.what} negative, {n.share:.2g} of the gross total;"
             f" kept: {listed(n.largest)}") for n in negatives
    ]  # fmt: skip
    with quietly():  # the supply and use tables have told
        table = MRIO(
            index, Z, Y, q.copy() if by_product else g.copy(), added, tables.categories,
            tables.value_added_rows, extensions, tables.money_unit, tables.year, tables.price_year,
            (*tables.notes, *notes), tables.provenance.after(f"supply and use tables, {text}"),
            other_inputs=other_inputs, other_uses=other_uses, price_basis="basic",
            table_type="product-by-product" if by_product else "industry-by-industry",
        )  # fmt: skip
    T.setflags(write=False)
    return Symmetric(table, model, T, negatives)


def _inverse(output: Array) -> Array:
    """One over output, and zero where there is none."""
    return np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)


def _unmade(tables: SupplyUse) -> Array:
    """Return ``V'^-1``, shape (R * I, R * P), zero for what has no output.

    Regions that make nothing of each other's products are inverted one by one.
    """
    P, I = len(tables.products), len(tables.industries)
    if P != I:
        alone = [f"product {p}" for p in tables.products if p not in tables.industries]
        alone += [f"industry {i}" for i in tables.industries if i not in tables.products]
        raise ShapeError(
            f"{I} industries make {P} products: the supply table is not square",
            where=f"without a counterpart of the same name: {listed(alone, 12) or 'none'}",
            do="aggregate to as many products as industries, or use model B or D",
        )
    R = len(tables.regions)
    blocks = tables.V.reshape(R, I, R, P)
    apart = not any(blocks[r, :, s].any() for r in range(R) for s in range(R) if r != s)
    out = np.zeros_like(tables.V)
    for r in range(R) if apart else [None]:
        rows = slice(None) if r is None else slice(r * I, (r + 1) * I)
        columns = slice(None) if r is None else slice(r * P, (r + 1) * P)
        V = tables.V[rows, columns]
        made, makes = np.asarray(V.any(axis=0)), np.asarray(V.any(axis=1))
        where = "all regions" if r is None else tables.regions[r]
        industries = [tables.by_industry.name(k) for k in np.arange(R * I)[rows].tolist()]
        products = [tables.by_product.name(k) for k in np.arange(R * P)[columns].tolist()]
        if made.sum() != makes.sum():
            idle = [f"product {products[k]}" for k in np.flatnonzero(~made)]
            idle += [f"industry {industries[k]}" for k in np.flatnonzero(~makes)]
            raise InputError(
                f"{makes.sum()} active industries make {made.sum()} products",
                where=f"{where}; without output: {listed(idle, 12)}",
                do="aggregate these products and industries with others, or use model B or D",
            )
        kept = np.ix_(makes, made)
        names = ([industries[k] for k in np.flatnonzero(makes)],
                 [products[k] for k in np.flatnonzero(made)])  # fmt: skip
        block = np.zeros_like(V)
        block[kept] = _inverted(V[kept], names, where)
        out[rows, columns] = block
    return out


def _inverted(V: Array, names: tuple[list[str], list[str]], where: str) -> Array:
    """Return ``V'^-1``; raise InputError naming who makes V singular."""
    if not V.size:
        return V
    from scipy.linalg import lapack

    # Scaled by output, so that a small industry is not taken for a singular one.
    scale = 1 / np.abs(V).sum(axis=1)
    W = V * scale[:, None]
    lu, pivots, info = lapack.dgetrf(W)
    rcond = 0.0 if info > 0 else float(lapack.dgecon(lu, np.abs(W).sum(axis=0).max())[0])
    if rcond < SINGULAR:
        left, _, right = np.linalg.svd(W)
        makers = [names[0][k] for k in np.flatnonzero(np.abs(left[:, -1]) > 0.05)]
        goods = [names[1][k] for k in np.flatnonzero(np.abs(right[-1]) > 0.05)]
        raise InputError(
            "the supply table is singular: industries make products in proportions that do not"
            f" tell them apart (reciprocal condition {rcond:.1g})",
            where=f"{where}; industries {listed(makers, 12)}; products {listed(goods, 12)}",
            do="aggregate these industries and their products, or use model B or D",
        )
    # V' = (diag(1/scale) W)' and so V'^-1 = diag(scale) W'^-1.
    inverse, info = lapack.dgetri(lu, pivots)
    return np.asarray(scale[:, None] * inverse.T)


def _check_lost(tables: SupplyUse, by_product: bool) -> None:
    """Raise InputError if a transformation would drop what belongs to something without output."""
    lost = []
    if by_product:
        idle = tables.g == 0
        taken = {"inputs": tables.U.any(axis=0)}
        if tables.value_added is not None:
            taken["value added"] = tables.value_added.any(axis=0)
        if tables.other_inputs is not None:
            taken["other inputs"] = tables.other_inputs.values.any(axis=0)
        for name, extension in tables.extensions.items():
            taken[name] = extension.F.any(axis=0)
        for what, where in taken.items():
            lost += [f"industry {tables.by_industry.name(k)} ({what})"
                     for k in np.flatnonzero(where & idle).tolist()]  # fmt: skip
    else:
        used = tables.U.any(axis=1) | tables.Y.any(axis=1)
        if tables.other_uses is not None:
            used |= tables.other_uses.values.any(axis=0)
        lost = [f"product {tables.by_product.name(k)}"
                for k in np.flatnonzero(used & (tables.q == 0)).tolist()]  # fmt: skip
    if lost:
        what = "industries without output have inputs or emissions" if by_product else (
            "products are used that no industry makes")  # fmt: skip
        raise InputError(
            f"{len(lost)} {what}, which the transformation would lose", where=listed(lost, 12),
            do="book imports as products of their region of origin, and correct these entries",
        )  # fmt: skip


def _diagnose(tables: SupplyUse) -> list[str]:
    """What does not balance, largest first."""
    found = []
    use = tables.U.sum(axis=1) + tables.Y.sum(axis=1)
    if tables.other_uses is not None:
        use = use + tables.other_uses.total
    checks = [("products", tables.q, use, tables.by_product, "supply differs from use")]
    if tables.value_added is not None:
        cost = tables.U.sum(axis=0) + tables.value_added.sum(axis=0)
        if tables.other_inputs is not None:
            cost = cost + tables.other_inputs.total
        checks.append(("industries", tables.g, cost, tables.by_industry,
                       "output differs from inputs and value added"))  # fmt: skip
    for what, output, other, index, text in checks:
        gap = output - other
        allowed = BALANCE_RTOL * output + BALANCE_ATOL * float(output.mean())
        bad = np.flatnonzero(np.abs(gap) > allowed)
        worst = bad[np.argsort(-np.abs(gap[bad]))].tolist()
        if worst:
            found.append(
                f"{len(bad)} {what} do not balance ({text}), largest first: "
                + listed([f"{index.name(k)} by {gap[k]:.6g}" for k in worst])
            )
    return found


def _negatives(
    tables: SupplyUse, index: SectorIndex, Z: Array, Y: Array, added: Array | None,
    extensions: Mapping[str, Extension],
) -> list[Negatives]:  # fmt: skip
    """Name the negative cells of what was transformed, where the source had none or fewer."""
    pairs = [f"{r} {s}" for r, s in index.pairs]
    columns = [f"{r} {c}" for r in tables.regions for c in tables.categories]
    rows_of: list[tuple[str, Array, Array, list[str], list[str]]] = [
        ("Z", Z, tables.U, pairs, pairs), ("Y", Y, tables.Y, pairs, columns)
    ]  # fmt: skip
    if added is not None and tables.value_added is not None:
        rows_of.append(
            ("value added", added, tables.value_added, list(tables.value_added_rows), pairs)
        )
    for name, extension in extensions.items():
        source = tables.extensions[name].F
        rows_of += [
            (f"{name}/{s}", extension.F[k : k + 1], source[k : k + 1], [s], pairs)
            for k, s in enumerate(extension.stressors)
        ]
    found = []
    for what, after, before, rows, cols in rows_of:
        if after is before or not after.size:
            continue
        bad = np.argwhere(after < -ROUNDING * np.abs(after).max())
        if len(bad) <= int((before < 0).sum()):
            continue
        values = after[bad[:, 0], bad[:, 1]]
        order = np.argsort(values)[:5]
        found.append(Negatives(
            what, len(bad), float(values.sum()), float(-values.sum() / np.abs(after).sum()),
            tuple(f"{rows[bad[k][0]]} -> {cols[bad[k][1]]} ({values[k]:.6g})" for k in order),
        ))  # fmt: skip
    return found
