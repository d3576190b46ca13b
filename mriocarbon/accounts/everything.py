"""All regional accounts of all stressors of a table at once, as other packages' ``calc_all``.

With q = F/x, M = q L, X = L Y and s(j) the sector of j, region by region:

==================  =====================================================================
production           ``F_i`` of the region's industries i
consumption          ``sum over j of sector s, M_j Y_jr``, by sector of the final product
imports              the same less what is emitted in r itself: ``q_r L`` in place of M
exports              ``q_i sum over r' != r of X_ir'``, by emitting industry
multipliers          ``M``
==================  =====================================================================

Neither A nor, for less than some hundreds of stressors, L is formed. What r emits for its own
final products takes one solve for each stressor and region; where these are as many as there are
sectors, it is read off the inverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, direct_emissions, resolve, unnamed
from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import need_table
from mriocarbon.model.frame import Labelled
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief
from mriocarbon.solve.direct import times

__all__ = ["ITEMS", "AllAccounts", "all_accounts"]

Array = NDArray[np.float64]
ITEMS = ("production", "consumption", "imports", "exports", "multipliers")
_ROWS = 2**26  # bytes of right-hand sides solved at once
INVERSE = 0.4  # share of the sectors from which many sides cost more than the inverse


@dataclass(frozen=True, eq=False)
class AllAccounts:
    """Accounts of k stressors for R regions and S sectors.

    Attributes
    ----------
    stressors, units, regions, sectors : tuple of str
    production, exports : ndarray, shape (k, R, S)
        By emitting region and industry, in the unit of each stressor.
    consumption : ndarray, shape (k, R, S)
        By consuming region and sector of the final product.
    imports : ndarray, shape (k, R, S), or None
        The part of it that other regions emit; None if it was not asked for.
    multipliers : ndarray, shape (k, R, S)
        Per unit of money of final demand.
    households : ndarray, shape (k, R)
        Direct emissions of households, NaN where they are not known. In no other array.
    imported : ndarray, shape (k, R)
        Imports of each region, all products together.
    error : float
        Forward error of the solves, relative to the total of each; with so many stressors that
        imports by product are read off the inverse, these are looked at for the mean of them.
    notes : tuple of Note
    provenance : Provenance
    explanation : str
        How it was solved, why so, and what other methods were expected to cost.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.all_accounts(mc.load("oecd-icio-2022"))
    >>> found.regional("consumption", "GHG")["CHN"] < found.regional("production", "GHG")["CHN"]
    True
    """

    stressors: tuple[str, ...]
    units: tuple[str, ...]
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    production: Array
    consumption: Array
    imports: Array | None
    exports: Array
    multipliers: Array
    households: Array
    imported: Array
    error: float
    notes: tuple[Note, ...]
    provenance: Provenance
    explanation: str

    def __post_init__(self) -> None:
        for name in (*ITEMS, "households", "imported"):
            array = getattr(self, name)
            if array is not None:
                array.setflags(write=False)

    def of(self, item: str, stressor: str) -> Result:
        """Return one account of one stressor over (``region``, ``sector``).

        Raises
        ------
        UnknownNameError
            No such item or stressor.
        NotAvailableError
            Imports by product were not asked for.
        """
        k = self._row(stressor)
        unit = self.units[k] if item != "multipliers" else f"{self.units[k]} / unit of money"
        return Result(
            item, np.array(self._item(item)[k]), ("region", "sector"),
            {"region": self.regions, "sector": self.sectors}, unit, error=self.error,
            notes=self.notes, provenance=self.provenance.computed(item, stressor=stressor),
        )  # fmt: skip

    def regional(self, item: str, stressor: str, *, households: bool = False) -> Result:
        """Return one account of one stressor over (``region``).

        Parameters
        ----------
        item : {"production", "consumption", "imports", "exports"}
        stressor : str
        households : bool
            Add direct emissions of households, to production and consumption alike.

        Raises
        ------
        UnknownNameError
            No such item or stressor.
        NotAvailableError
            Households' emissions are not known of this stressor.
        """
        if item not in ITEMS[:4]:
            raise UnknownNameError.of("account", item, ITEMS[:4])
        k = self._row(stressor)
        value = self.imported[k] if item == "imports" else self._item(item)[k].sum(axis=1)
        if households and item in ("production", "consumption"):
            if np.isnan(self.households[k]).any():
                raise NotAvailableError(
                    f"direct emissions of households are not known for {stressor!r}",
                    where="all_accounts",
                    do="leave households out, or give them when building the table",
                )
            value = value + self.households[k]
        return Result(
            item, np.array(value), ("region",), {"region": self.regions}, self.units[k],
            error=self.error, notes=self.notes,
            provenance=self.provenance.computed(item, stressor=stressor),
        )  # fmt: skip

    def _row(self, stressor: str) -> int:
        if stressor not in self.stressors:
            raise UnknownNameError.of("stressor", stressor, self.stressors)
        return self.stressors.index(stressor)

    def _item(self, item: str) -> Array:
        if item not in ITEMS:
            raise UnknownNameError.of("account", item, ITEMS)
        if item == "imports" and self.imports is None:
            raise NotAvailableError(
                "imports by product were left out",
                where="all_accounts",
                do="compute them: all_accounts(mrio, imports_by_product=True)",
            )
        return np.asarray(getattr(self, item))

    def __repr__(self) -> str:
        size = f"{len(self.stressors)} stressors, {len(self.regions)} regions x {len(self.sectors)}"
        main = f"{self.stressors[0]} {self.production[0].sum():.6g} {self.units[0]}"
        return brief(self, f"{size} sectors", main)


def all_accounts(
    mrio: MRIO, stressors: Sequence[str] | None = None, *, imports_by_product: bool = True,
    device: str | None = None,
) -> AllAccounts:  # fmt: skip
    """Return production, consumption, imports, exports and multipliers of all stressors at once.

    Parameters
    ----------
    mrio : MRIO
    stressors : sequence of str, optional
        As in `mc.account`; all of the table by default.
    imports_by_product : bool
        Split imports by the sector of the final product, the costly part; without it their
        regional totals alone.
    device : str, optional
        As in `mc.leontief`: solve on a GPU.

    Returns
    -------
    AllAccounts

    Raises
    ------
    UnknownNameError
        No such stressor, or no stressor at all.
    NotProductiveError
        The table has no Leontief inverse.

    References
    ----------
    Peters (2008), doi:10.1016/j.ecolecon.2007.10.014; the same accounts as pymrio's ``calc_all``
    (Stadler 2021, doi:10.5334/jors.251).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.all_accounts(mc.load("oecd-icio-2022"), ["GHG"])
    >>> found.of("imports", "GHG")["USA", "F"] > 0, found.error < 1e-10
    (True, True)
    """
    need_table(mrio, "all_accounts, mrio")
    names = tuple(every_stressor(mrio) if stressors is None else stressors)
    if not names:
        raise unnamed(mrio.stressors)
    held = [resolve(mrio, name) for name in names]
    F = np.stack([extension.F[row] for extension, row in held])
    leontief(mrio, device=device)
    economy = TableEconomy(mrio, F)
    R, S, Y = economy.R, economy.S, economy.Y
    q, k = economy.q, len(F)
    # A solve costs some four products of n^2 and an inverse 4/3 n, by slower routines.
    by_inverse = imports_by_product and k * R > INVERSE * R * S
    home: Array | None = None
    if by_inverse:
        home = _home_by_inverse(economy)
        told = f"{R * S} sectors, {k * R} sides for imports by product: by the inverse"
        M = economy.multipliers(q)
    elif imports_by_product:
        told = economy.system.prepare(k * R + R).text
        home, M = _home_by_emitter(economy, q)
    else:
        told = economy.system.prepare(k + R).text
        M = economy.multipliers(q)
    X = economy.output(Y)
    consumption = _folded(M, Y, R, S)
    own = X.reshape(R, S, R)[np.arange(R), :, np.arange(R)].reshape(-1)  # X_ir of i's own region
    exports = q * (X.sum(axis=1) - own)
    imported = times(q, np.ascontiguousarray(X)) - (q * own).reshape(k, R, S).sum(axis=2)
    households = np.full((k, R), np.nan)
    for row, (extension, at) in enumerate(held):
        if extension.F_Y is not None and not np.isnan(extension.F_Y[at]).any():
            households[row] = direct_emissions(extension, at, R, len(mrio.categories))[0]
    notes = list(dict.fromkeys(n for e, r in held for n in carried(mrio, e, r)))
    return AllAccounts(
        names, tuple(e.units[r] for e, r in held), mrio.regions, mrio.sectors,
        F.reshape(k, R, S).copy(), consumption, None if home is None else consumption - home,
        exports.reshape(k, R, S), M.reshape(k, R, S).copy(), households, imported,
        economy.error, tuple(notes),
        mrio.provenance.computed("all accounts", notes), told,
    )  # fmt: skip


def every_stressor(mrio: Labelled) -> list[str]:
    """Return every stressor, under its extension's name where two hold it."""
    twice = {s for s in mrio.stressors if mrio.stressors.count(s) > 1}
    return [
        f"{name}/{s}" if s in twice else s
        for name, extension in mrio.extensions.items()
        for s in extension.stressors
    ]


def _folded(M: Array, Y: Array, R: int, S: int) -> Array:
    """``sum over j of sector s, M_kj Y_jr``, shape (k, R, S), without a (k, n, R) array."""
    out = np.empty((len(M), R, S))
    for s in range(S):
        out[:, :, s] = times(np.ascontiguousarray(M[:, s::S]), np.ascontiguousarray(Y[s::S]))
    return out


def _home_by_emitter(economy: TableEconomy, q: Array) -> tuple[Array, Array]:
    """What each region emits for its own final products, by one solve a stressor and region.

    Their multipliers add up to those of all regions, which are returned too.
    """
    R, S, Y = economy.R, economy.S, economy.Y
    n, home, M = R * S, np.empty((len(q), R, S)), np.empty(q.shape)
    together = max(1, _ROWS // (8 * n * R))
    for start in range(0, len(q), together):
        part = q[start : start + together]
        rows = np.zeros((len(part), R, n))
        for r in range(R):
            rows[:, r, r * S : (r + 1) * S] = part[:, r * S : (r + 1) * S]
        G = economy.multipliers(rows.reshape(-1, n)).reshape(len(part), R, R, S)
        home[start : start + together] = np.einsum("krjs,jsr->krs", G, Y.reshape(R, S, R))
        M[start : start + together] = G.sum(axis=1).reshape(len(part), n)
    return home, M


def _home_by_inverse(economy: TableEconomy) -> Array:
    """The same from the inverse, whose error is looked at for the stressors' mean."""
    R, S, Y, q = economy.R, economy.S, economy.Y, economy.q
    inverse, x = economy.system.invert(), economy.system.output_
    home = np.empty((len(q), R, S))
    for r in range(R):
        rows = slice(r * S, (r + 1) * S)
        # What region r makes for its own final products, by maker and by sector of the product.
        demand = Y[:, r].reshape(R, S)
        made = x[rows, None] * np.einsum("ijs,js->is", inverse[rows].reshape(S, R, S), demand)
        home[:, r] = times(np.ascontiguousarray(q[:, rows]), made)
    size = np.abs(economy.F).sum(axis=1, keepdims=True)
    mean = np.divide(q, size, out=np.zeros_like(q), where=size > 0).mean(axis=0, keepdims=True)
    _home_by_emitter(economy, mean)
    return home
