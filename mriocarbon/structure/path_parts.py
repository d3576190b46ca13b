"""The question behind a path analysis (whose demand, which stressor) and its upstream totals."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.errors import InputError, NotProductiveError
from mriocarbon.model.extension import Extension
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO
from mriocarbon.solve import Leontief, leontief

Array = NDArray[np.float64]
Product = str | tuple[str, str]


@dataclass(frozen=True, eq=False)
class Upstream:
    """What stands behind one unit of each sector's output; kept as long as the table lives.

    Attributes
    ----------
    x : ndarray, shape (n,)
        Gross output, infinity where it is zero, so that ``Z / x`` is A with empty columns there.
    q : ndarray, shape (n,)
        Emissions per unit of output, 0 where output is zero.
    m : ndarray, shape (n,)
        Multipliers, ``m' = q'(I - A)^-1``.
    gross : ndarray, shape (n,)
        The same of the absolute values, ``|q|'(I - |A|)^-1``; `m` itself if none is negative.
    strongest : ndarray, shape (n,)
        The largest single chain, ``M_i = max(|q_i|, max_j |a_ji| M_j) <= gross_i``.
    error : float
        Forward error of the solve.
    """

    x: Array
    q: Array
    m: Array
    gross: Array
    strongest: Array
    error: float


@dataclass(frozen=True, eq=False)
class Question:
    """Whose final demand, of what, for which stressor.

    Attributes
    ----------
    mrio : MRIO
    extension, row
        Where the stressor is.
    region : int or None
        Position of the consuming region; None: all of them.
    product : str
        Of what: ``""`` (everything), a sector, or ``"region sector"``.
    y : ndarray, shape (n,)
        Final demand by product, destinations and categories summed.
    """

    mrio: MRIO
    extension: Extension
    row: int
    region: int | None
    product: str
    y: Array

    @property
    def stressor(self) -> str:
        """Label of the stressor."""
        return self.extension.stressors[self.row]

    @property
    def unit(self) -> str:
        """Unit of the stressor."""
        return self.extension.units[self.row]

    @property
    def consumer(self) -> str:
        """The consuming region's label, or ``"all regions"``."""
        return "all regions" if self.region is None else self.mrio.regions[self.region]

    @property
    def text(self) -> str:
        """Whose demand of what, in words."""
        of = f" of {self.product}" if self.product else ""
        return f"{self.stressor} of the final demand{of} in {self.consumer}"

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes of the table that concern the answer, and what is negative in it."""
        told = list(carried(self.mrio, self.extension, self.row))
        cells = int((self.y < 0).sum())
        if cells:
            share = -float(self.y[self.y < 0].sum()) / float(np.abs(self.y).sum())
            told.append(
                Note(
                    f"{cells} products have negative final demand (stocks drawn down), {share:.2g}"
                    " of its gross value: their paths count below zero",
                    about="final demand",
                )
            )
        emits = int((self.extension.F[self.row] < 0).sum())
        flows = 0 if leontief(self.mrio).nonnegative else int((self.mrio.Z < 0).sum())
        for count, what in ((emits, "emissions"), (flows, "flows")):
            if count:
                told.append(
                    Note(f"{count} negative {what}: paths through them may count below zero",
                         about=what)
                )  # fmt: skip
        return tuple(told)


def question(
    mrio: MRIO, *, region: str | None, stressor: str | None, product: Product | None
) -> Question:
    """Resolve names to arrays.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such region, stressor, product.
    InputError
        There is no final demand of this kind, so that there is nothing to explain.
    """
    extension, row = resolve(mrio, stressor)
    index = mrio.index
    where = None if region is None else index.region(region)
    Y = mrio.final_demand
    y = np.array(Y.sum(axis=1) if where is None else Y[:, where])
    name, keep = "", None
    if product is not None:
        origin, sector = _product(mrio, product)
        chosen = np.zeros((len(index.regions), len(index.sectors)), dtype=bool)
        chosen[slice(None) if origin is None else origin, sector] = True
        keep = chosen.ravel()
        y = np.where(keep, y, 0.0)
        name = ("" if origin is None else index.regions[origin] + " ") + index.sectors[sector]
    asked = Question(mrio, extension, row, where, name, y)
    if not y.any():
        cells = (
            mrio.Y if where is None else mrio.Y.reshape(len(y), len(index.regions), -1)[:, where]
        )
        if keep is not None:
            cells = cells[keep]
        if cells.any():
            raise InputError(
                f"the final demand{' of ' + name if name else ''} in {asked.consumer} cancels: its"
                " cells of both signs sum to zero for every product",
                where=f"table {mrio.provenance.dataset!r}, Y",
                do="choose one region or product; destinations and categories are summed first",
            )
        raise InputError(
            f"no final demand{' of ' + name if name else ''} in {asked.consumer}:"
            " there is nothing to follow upstream",
            where=f"table {mrio.provenance.dataset!r}, Y",
            do="choose another region or product; mrio.final_demand shows what there is",
        )
    y.setflags(write=False)
    return asked


def _product(mrio: MRIO, product: Product) -> tuple[int | None, int]:
    """Return the positions of origin (None: every region) and sector."""
    if not isinstance(product, str):
        count = len(product) if isinstance(product, Sequence) else 0
        if count != 2:
            raise InputError(
                f"a product of {count} labels: {product!r}", where="product",
                do='give a sector, "C24A", or a region and a sector, ("CHN", "C24A")',
            )  # fmt: skip
        return mrio.index.region(product[0]), mrio.index.sector(product[1])
    return None, mrio.index.sector(product)


_known: weakref.WeakKeyDictionary[MRIO, dict[tuple[str, str], Upstream]] = (
    weakref.WeakKeyDictionary()
)


def upstream(asked: Question) -> Upstream:
    """Return q, m and the strongest chains; computed once for a table and a stressor.

    Raises
    ------
    NotProductiveError
        The table has no Leontief inverse, or has negative flows and none in absolute values.
    """
    cache = _known.setdefault(asked.mrio, {})
    key = (asked.extension.name, asked.stressor)
    if key not in cache:
        cache[key] = _upstream(asked)
    return cache[key]


def _upstream(asked: Question) -> Upstream:
    from mriocarbon.structure.path_kernels import strongest

    mrio = asked.mrio
    system = leontief(mrio)
    q = np.where(system.zero, 0.0, asked.extension.F[asked.row] / system.output_)
    signs = bool((q < 0).any())
    rows = np.stack([q, np.abs(q)]) if signs and system.nonnegative else q[None, :]
    solution = system.multipliers(rows)
    m = solution.value[0]
    gross = solution.value[-1]
    error = solution.error
    if not system.nonnegative:
        absolute = Leontief(np.abs(mrio.Z), mrio.x, system.names)
        try:
            gross = absolute.multipliers(np.abs(q)).value
        except NotProductiveError as problem:
            raise NotProductiveError(
                "negative flows: the table is productive, but not with their absolute values,"
                " so that the sum over all chains has no bound",
                where=problem.where,
                do="correct or move these negative flows before following chains through them",
            ) from problem
    x = np.where(system.zero, np.inf, mrio.x)
    best, reached = strongest(mrio.Z, x, q)
    if not reached:
        raise NotProductiveError(
            "a circle of deliveries that does not die out: its product is 1 to rounding",
            where=f"table {mrio.provenance.dataset!r}",
            do="look for sectors that use up their own output: mc.check(mrio)",
        )
    for array in (x, q, m, gross, best):
        array.setflags(write=False)
    return Upstream(x, q, m, gross, best, error)
