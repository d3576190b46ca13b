"""Between basic and purchasers' prices: trade and transport margins, taxes less subsidies.

What a buyer pays for a good holds the good at basic prices, the services of trade and transport
that brought it, and taxes less subsidies on it. At basic prices the three stand apart: the
services are sales of the trade and transport sectors, the taxes a row of their own.

    purchasers' = basic + margins + taxes,      1' margins = 0 in every column

The margins of the sectors that provide them are negative and cancel those on the goods, so that
every column keeps its total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, NotAvailableError, ShapeError, UnknownNameError, listed
from mriocarbon.model import MRIO, Note
from mriocarbon.model.arrays import matrix
from mriocarbon.model.checked import need_table
from mriocarbon.model.side import Side

Array = NDArray[np.float64]

TAXES = "taxes less subsidies on products"
OWN = "on own output"  # the rows that carry, in a table at purchasers' prices, what output bears
# A tax row that differs from what the valuation holds by less than this share of output is spent.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Margin:
    """A kind of margin, such as trade or transport: what goods bear and which sectors provide it.

    Attributes
    ----------
    name : str
    Z : ndarray, shape (n, n)
        Margin in each intermediate flow of a good, in the money unit of the table. Zero in the
        rows of the sectors that provide it.
    Y : ndarray, shape (n, columns of Y)
        The same for final demand.
    sectors : mapping of str to float
        The sectors that provide it, and the share of each.
    region : {"user", "origin"}
        Whose trade and transport sectors provide it: those of the region that buys (retail and
        wholesale trade of imports, transport inside the country) or of the region that sells.
    """

    name: str
    Z: Array
    Y: Array
    sectors: Mapping[str, float]
    region: Literal["user", "origin"] = "user"

    def __post_init__(self) -> None:
        shares = {str(k): float(v) for k, v in self.sectors.items()}
        total = sum(shares.values())
        if not shares or not np.isfinite(total) or min(shares.values()) < 0 or total <= 0:
            raise InputError(
                f"shares of the sectors that provide {self.name!r} are not positive",
                where=str(dict(self.sectors)), do="give one share for each",
            )  # fmt: skip
        shares = {k: v / total for k, v in shares.items()}
        object.__setattr__(self, "sectors", MappingProxyType(shares))
        for array in (self.Z, self.Y):
            array.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Valuation:
    """All that lies between basic and purchasers' prices.

    Attributes
    ----------
    margins : tuple of Margin
    tax_Z : ndarray, shape (n, n), or None
        Taxes less subsidies in each intermediate flow, in the money unit of the table.
    tax_Y : ndarray, shape (n, columns of Y), or None
    tax_label : str
        The row of `MRIO.other_inputs` that holds their column sums at basic prices.
    estimated : str
        How margins or taxes were estimated; empty if they are official matrices. The note and
        the marks of the converted table say so.
    """

    margins: tuple[Margin, ...] = ()
    tax_Z: Array | None = None
    tax_Y: Array | None = None
    tax_label: str = TAXES
    estimated: str = ""


def rates_to_margins(
    mrio: MRIO, rates: ArrayLike, *, of: Literal["basic", "purchasers"] = "basic"
) -> tuple[Array, Array]:
    """Return the amounts that rates on flows stand for, for one margin or tax.

    ``amount = rate * flow``, of flows at the price basis of `mrio`. A rate on the other basis is
    converted: ``rate / (1 + rate)`` of a flow at purchasers' prices if the rate is on basic
    prices, ``rate / (1 - rate)`` the other way, which is exact if it is the only thing between
    the two; with several, convert them one after the other.

    Parameters
    ----------
    mrio : MRIO
        With `price_basis` "basic" or "purchasers".
    rates : array_like, shape (n,), or (n, n + columns of Y)
        One rate for each seller, or one for each flow. 0.2 is 20 %.
    of : {"basic", "purchasers"}
        What the rates are a share of.

    Returns
    -------
    Z, Y : ndarray, shape (n, n) and (n, columns of Y), money unit of the table

    Raises
    ------
    InputError
        The table does not say its price basis, or rates are impossible.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from dataclasses import replace
    >>> mrio = replace(mc.load("oecd-icio-2022"), price_basis="basic")
    >>> Z, Y = rates_to_margins(mrio, [0.1] * 1000)
    >>> float((Z.sum() / mrio.Z.sum()).round(6))
    0.1
    """
    n, m = len(mrio.index), mrio.Y.shape[1]
    _need_basis(mrio, ("basic", "purchasers"))
    rate = np.asarray(rates, dtype=float)
    if rate.shape not in ((n,), (n, n + m)):
        raise ShapeError(f"rates have shape {rate.shape}", where="rates",
                         do=f"give ({n},) or ({n}, {n + m})")  # fmt: skip
    rate = rate.reshape(n, -1)
    bad = ~np.isfinite(rate) | (rate <= -1 if of == "basic" else rate >= 1)
    if bad.any():
        names = [mrio.index.name(int(k)) for k in np.flatnonzero(bad.any(axis=1))]
        raise InputError(f"impossible rates for {len(names)} sellers", where=listed(names),
                         do="give shares: 0.2 for 20 %")  # fmt: skip
    if of != mrio.price_basis:
        rate = rate / (1 + rate) if of == "basic" else rate / (1 - rate)
    if rate.shape[1] == 1:
        return mrio.Z * rate, mrio.Y * rate
    return mrio.Z * rate[:, :n], mrio.Y * rate[:, n:]


def spread_taxes(mrio: MRIO, label: str = TAXES) -> Valuation:
    """Return taxes by flow from the row of totals that a table at basic prices carries.

    ``tax_ij = tax_j * Z_ij / sum_i Z_ij``: every input of a buyer bears the same rate. This is an
    assumption, and what follows from it is marked as estimated; OECD's ICIO and FIGARO publish
    the row only.

    Parameters
    ----------
    mrio : MRIO
        At basic prices.
    label : str
        Row of `MRIO.other_inputs`.

    Returns
    -------
    Valuation

    Raises
    ------
    NotAvailableError
        The table has no such row.
    InputError
        A buyer pays taxes but buys nothing; it is named.

    Examples
    --------
    >>> import mriocarbon as mc, numpy as np
    >>> mrio = mc.MRIO.from_arrays(Z=[[1, 3], [1, 1]], Y=[[4], [2]], regions=["A"],
    ...     sectors=["1", "2"], price_basis="basic",
    ...     other_inputs=Side((TAXES,), np.array([[1.0, 2.0]])))
    >>> spread_taxes(mrio).tax_Z
    array([[0.5, 1.5],
           [0.5, 0.5]])
    """
    _need_basis(mrio, ("basic",))
    side = mrio.other_inputs
    if side is None:
        raise NotAvailableError("the table has no row of taxes", where="other_inputs",
                                do="give the taxes as a Valuation")  # fmt: skip
    row = side.row(label)
    columns = [(r, c) for r in mrio.regions for c in mrio.categories]

    def spread(flows: Array, taxes: Array, names: Sequence[tuple[str, str]]) -> Array:
        total = flows.sum(axis=0)
        none = np.flatnonzero((total == 0) & (taxes != 0)).tolist()
        if none:
            raise InputError(f"{len(none)} buyers pay taxes but buy nothing",
                             where=listed([" ".join(names[k]) for k in none]),
                             do="correct the tax row or give taxes by flow")  # fmt: skip
        rate = np.divide(taxes, total, out=np.zeros_like(total), where=total != 0)
        return np.asarray(flows * rate)

    tax_Y = None
    if side.final_demand is not None:
        tax_Y = spread(mrio.Y, side.final_demand[side.labels.index(label)], columns)
    return Valuation((), spread(mrio.Z, row, mrio.index.pairs), tax_Y, label,
                     f"{label} spread over all inputs of a buyer at one rate")  # fmt: skip


def to_purchasers(mrio: MRIO, valuation: Valuation) -> MRIO:
    """Return a table at purchasers' prices from one at basic prices.

    ``Z_pp = Z + M + T``. Margins move from the trade and transport rows into the goods' rows,
    taxes from their row into the flows. Output is valued as it is sold, ``x_pp = x + (M + T) 1``,
    and rows "... on own output" in `other_inputs` say what it bears, so that columns balance:
    ``x_pp = 1'Z_pp + value added + margins and taxes on own output``.

    Parameters
    ----------
    mrio : MRIO
        `price_basis` "basic".
    valuation : Valuation

    Returns
    -------
    MRIO

    Raises
    ------
    InputError
        Another price basis, margins on the rows of the sectors that provide them, or more
        margins than these sectors sell (a negative flow), by name.
    ShapeError, NonFiniteError, UnknownNameError

    References
    ----------
    United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables, chapter 7.

    Examples
    --------
    >>> import mriocarbon as mc, numpy as np
    >>> mrio = mc.MRIO.from_arrays(Z=[[1, 3], [1, 1]], Y=[[4], [9]], regions=["A"],
    ...     sectors=["good", "trade"], price_basis="basic")
    >>> margin = Margin("trade", np.array([[0.5, 0.5], [0, 0]]), np.array([[1.0], [0]]),
    ...                 {"trade": 1})
    >>> sold = to_purchasers(mrio, Valuation((margin,)))
    >>> sold.Z.tolist(), sold.Y.tolist(), sold.x.tolist()
    ([[1.5, 3.5], [0.5, 0.5]], [[5.0], [8.0]], [10.0, 9.0])
    """
    need_table(mrio, "to_purchasers, mrio")
    _need_basis(mrio, ("basic",))
    return _revalued(mrio, valuation, +1)


def to_basic(mrio: MRIO, valuation: Valuation) -> MRIO:
    """Return a table at basic prices from one at purchasers' prices; undoes `to_purchasers`.

    Parameters
    ----------
    mrio : MRIO
        `price_basis` "purchasers", its output valued as it is sold.
    valuation : Valuation

    Returns
    -------
    MRIO
        Its `other_inputs` has the row of taxes, by buyer.

    Raises
    ------
    InputError, ShapeError, NonFiniteError, UnknownNameError
        As in `to_purchasers`; or margins and taxes above the flow itself, by name.

    Examples
    --------
    >>> import mriocarbon as mc, numpy as np
    >>> mrio = mc.MRIO.from_arrays(Z=[[1.5, 3.5], [0.5, 0.5]], Y=[[5], [8]], regions=["A"],
    ...     sectors=["good", "trade"], price_basis="purchasers")
    >>> margin = Margin("trade", np.array([[0.5, 0.5], [0, 0]]), np.array([[1.0], [0]]),
    ...                 {"trade": 1})
    >>> to_basic(mrio, Valuation((margin,))).Z.tolist()
    [[1.0, 3.0], [1.0, 1.0]]
    """
    need_table(mrio, "to_basic, mrio")
    _need_basis(mrio, ("purchasers",))
    return _revalued(mrio, valuation, -1)


def _revalued(mrio: MRIO, valuation: Valuation, sign: int) -> MRIO:
    wedges = [_full(mrio, margin) for margin in valuation.margins]
    tax = _tax(mrio, valuation)
    Z, Y = mrio.Z.copy(), mrio.Y.copy()
    for dZ, dY in (*wedges, tax):
        Z += sign * dZ
        Y += sign * dY
    _check_signs(mrio, Z, Y)
    names = [f"{margin.name} {OWN}" for margin in valuation.margins]
    own = {name: dZ.sum(axis=1) + dY.sum(axis=1)
           for name, (dZ, dY) in zip(names, wedges, strict=True)}  # fmt: skip
    taxed = valuation.tax_Z is not None or valuation.tax_Y is not None
    if taxed:
        own[f"{valuation.tax_label} {OWN}"] = tax[0].sum(axis=1) + tax[1].sum(axis=1)
    x = mrio.x + sign * sum(own.values(), np.zeros_like(mrio.x))
    # What stood apart at basic prices is inside the flows at purchasers' prices, and the other
    # way round; the rows on own output appear and disappear with it.
    change = {name: (sign * row, None) for name, row in own.items()}
    if taxed:
        change[valuation.tax_label] = (-sign * tax[0].sum(axis=0), -sign * tax[1].sum(axis=0))
    basis = "purchasers" if sign > 0 else "basic"
    what = ", ".join([*(margin.name for margin in valuation.margins),
                      *([valuation.tax_label] if taxed else [])])  # fmt: skip
    notes, masks = mrio.notes, dict(mrio.estimated)
    if valuation.estimated:
        notes = (*notes, Note(f"{basis} prices: {valuation.estimated}", estimated=True))
        for name, new, old in (("Z", Z, mrio.Z), ("Y", Y, mrio.Y)):
            masks[name] = (new != old) | masks.get(name, np.zeros((1, 1), dtype=bool))
        masks["x"] = (x != mrio.x) | masks.get("x", np.zeros(1, dtype=bool))
    return replace(
        mrio, Z=Z, Y=Y, x=x, other_inputs=_side(mrio, change), price_basis=basis, notes=notes,
        estimated=masks,
        provenance=mrio.provenance.after(f"from {mrio.price_basis} to {basis} prices: {what}"),
    )  # fmt: skip


def _full(mrio: MRIO, margin: Margin) -> tuple[Array, Array]:
    """Return a margin with the negative entries of the sectors that provide it."""
    n, S, K = len(mrio.index), len(mrio.sectors), len(mrio.categories)
    columns = [(r, c) for r in mrio.regions for c in mrio.categories]
    Z = matrix(margin.Z, (n, n), f"{margin.name} in Z", mrio.index.pairs, mrio.index.pairs)
    Y = matrix(margin.Y, (n, len(columns)), f"{margin.name} in Y", mrio.index.pairs, columns)
    for sector in margin.sectors:
        if sector not in mrio.sectors:
            raise UnknownNameError.of("sector", sector, mrio.sectors)
    provide = np.isin(np.arange(n) % S, [mrio.sectors.index(s) for s in margin.sectors])
    bad = np.flatnonzero(provide & (Z.any(axis=1) | Y.any(axis=1))).tolist()
    if bad:
        raise InputError(
            f"{margin.name} is given on {len(bad)} rows of sectors that provide it",
            where=listed([mrio.index.name(k) for k in bad]),
            do="leave these rows zero; what the sectors provide follows from the goods",
        )
    for sector, share in margin.sectors.items():
        for r in range(len(mrio.regions)):
            row = r * S + mrio.sectors.index(sector)
            if margin.region == "origin":
                goods = slice(r * S, (r + 1) * S)
                for W in (Z, Y):
                    W[row] -= share * (W[goods] * ~provide[goods, None]).sum(axis=0)
            else:
                for W, width in ((Z, S), (Y, K)):
                    buyers = slice(r * width, (r + 1) * width)
                    W[row, buyers] -= share * (W[:, buyers] * ~provide[:, None]).sum(axis=0)
    return Z, Y


def _tax(mrio: MRIO, valuation: Valuation) -> tuple[Array, Array]:
    n = len(mrio.index)
    columns = [(r, c) for r in mrio.regions for c in mrio.categories]
    Z, Y = valuation.tax_Z, valuation.tax_Y
    if Z is not None:
        Z = matrix(Z, (n, n), "taxes in Z", mrio.index.pairs, mrio.index.pairs)
    if Y is not None:
        Y = matrix(Y, (n, len(columns)), "taxes in Y", mrio.index.pairs, columns)
    return (np.zeros((n, n)) if Z is None else Z,
            np.zeros((n, len(columns))) if Y is None else Y)  # fmt: skip


def _check_signs(mrio: MRIO, Z: Array, Y: Array) -> None:
    """Raise InputError if a flow changed its sign: more was taken out than was in it."""
    columns = [(r, c) for r in mrio.regions for c in mrio.categories]
    for new, old, to in ((Z, mrio.Z, mrio.index.pairs), (Y, mrio.Y, columns)):
        scale = np.finfo(float).eps * 64 * np.abs(old).max(initial=0.0)
        bad = np.argwhere((new < -scale) & (old >= 0))
        if len(bad):
            cells = [f"{mrio.index.name(int(a))} -> {' '.join(to[b])} ({old[a, b]:.6g} would become"
                     f" {new[a, b]:.6g})" for a, b in bad[:6]]  # fmt: skip
            raise InputError(
                f"margins and taxes exceed {len(bad)} flows", where=listed(cells, 5),
                do="check who provides the margins (sectors, region) and the unit of the margins",
            )  # fmt: skip


def _side(mrio: MRIO, change: Mapping[str, tuple[Array, Array | None]]) -> Side | None:
    """Add to the rows of other inputs; a row of which nothing is left is dropped."""
    n, m = len(mrio.index), mrio.Y.shape[1]
    old = mrio.other_inputs
    rows: dict[str, tuple[Array, Array]] = {}
    if old is not None:
        demand = np.zeros((len(old.labels), m)) if old.final_demand is None else old.final_demand
        rows = {label: (old.values[k], demand[k]) for k, label in enumerate(old.labels)}
    small = ROUNDING * max(float(mrio.x.max()), float(np.abs(mrio.Y).sum(axis=0).max()))
    for label, (values, in_demand) in change.items():
        have = rows.pop(label, (np.zeros(n), np.zeros(m)))
        new = (have[0] + values, have[1] + (0.0 if in_demand is None else in_demand))
        if any((np.abs(part) > small).any() for part in new):
            rows[label] = new
    if not rows:
        return None
    values = np.stack([row for row, _ in rows.values()])
    demand = np.stack([row for _, row in rows.values()])
    return Side(tuple(rows), values, demand if demand.any() else None)


def _need_basis(mrio: MRIO, allowed: tuple[str, ...]) -> None:
    if mrio.price_basis not in allowed:
        raise InputError(
            f"the table is at {mrio.price_basis or 'unknown'} prices, not {' or '.join(allowed)}",
            where="price_basis",
            do="convert it first, or say its basis: dataclasses.replace(mrio, price_basis=...)",
        )
