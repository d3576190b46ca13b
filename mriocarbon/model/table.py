"""The multi-regional input-output table: immutable, labelled, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import (
    InputError,
    ShapeError,
    TableWarning,
    UnknownNameError,
    listed,
    quietly,
    warn,
)
from mriocarbon.model.arrays import matrix, totals
from mriocarbon.model.extension import Extension
from mriocarbon.model.frame import Labelled, diagnose, fit_extension, fit_side, positive_output
from mriocarbon.model.labels import SectorIndex, positions, unique
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.side import Side

if TYPE_CHECKING:
    import pymrio
    import xarray as xr

Array = NDArray[np.float64]

ESTIMABLE = ("Z", "Y", "x", "value_added")


@dataclass(frozen=True, eq=False)
class MRIO(Labelled):
    """A multi-regional input-output table with its extensions.

    Build it with `MRIO.from_arrays`, `MRIO.from_pymrio` or `mc.load`; all arrays are read-only.

    Attributes
    ----------
    index : SectorIndex
        Regions x sectors, region-major; n = len(index).
    Z : ndarray, shape (n, n)
        Intermediate flows, row supplies column, in `money_unit`.
    Y : ndarray, shape (n, regions * categories)
        Final demand, destination-major.
    x : ndarray, shape (n,)
        Gross output.
    value_added : ndarray, shape (rows, n), or None
        Primary inputs that are value added, by row; None if not known.
    categories : tuple of str
        Final demand categories.
    value_added_rows : tuple of str
    extensions : mapping of str to Extension
    money_unit : str
    year : int or None
    price_year : int or None
    notes : tuple of Note
        Remarks on the table that travel to every result.
    provenance : Provenance
    other_inputs : Side or None
        Input rows that are no value added: taxes less subsidies on products, direct purchases
        abroad, transport margins.
    other_uses : Side or None
        Columns that are no final demand: statistical discrepancies.
    table_type : str
        ``"industry-by-industry"`` or ``"product-by-product"``; empty if not known.
    price_basis : str
        ``"basic"``, ``"purchasers"`` or ``"producers"``; empty if not known.
    estimated : mapping of str to ndarray of bool
        For ``"Z"``, ``"Y"``, ``"x"`` or ``"value_added"``: which cells are an estimate, in a
        shape that broadcasts to that array. A note says how they were estimated.
    diagnostics : tuple of str
        What the checks found when the table was made; each was also raised as a TableWarning.
    nonnegative : bool
        No cell of Z is below zero.
    """

    index: SectorIndex
    Z: Array
    Y: Array
    x: Array
    value_added: Array | None
    categories: tuple[str, ...]
    value_added_rows: tuple[str, ...] = ()
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    money_unit: str = "million USD"
    year: int | None = None
    price_year: int | None = None
    notes: tuple[Note, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    other_inputs: Side | None = None
    other_uses: Side | None = None
    table_type: str = ""
    price_basis: str = ""
    estimated: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    diagnostics: tuple[str, ...] = field(default=(), init=False)
    nonnegative: bool = field(default=True, init=False)
    sums: InitVar[tuple[Array, Array, float] | None] = None  # of Z, where they are known already

    def __post_init__(self, sums: tuple[Array, Array, float] | None) -> None:
        for array in (self.Z, self.Y, self.x, self.value_added):
            if array is not None:
                array.setflags(write=False)
        rows, columns, least = totals(self.Z) if sums is None else sums
        if not np.isfinite(rows).all():  # a sum is finite only if every cell is
            matrix(self.Z, self.Z.shape, "Z", self.index.pairs, self.index.pairs, copy=False)
        matrix(self.x, self.x.shape, "x", self.index.pairs, copy=False)
        bought = [(r, c) for r in self.regions for c in self.categories]
        matrix(self.Y, self.Y.shape, "Y", self.index.pairs, bought, copy=False)
        if (va := self.value_added) is not None:
            matrix(va, va.shape, "value added", self.value_added_rows, self.index.pairs, copy=False)
        object.__setattr__(self, "extensions", MappingProxyType(dict(self.extensions)))
        if self.provenance.year != self.year:
            object.__setattr__(self, "provenance", replace(self.provenance, year=self.year))
        for extension in self.extensions.values():
            fit_extension(extension, self.index, self.Y.shape[1])
        for kind in ("other_inputs", "other_uses"):
            fit_side(kind, getattr(self, kind), self.index, self.Y.shape[1])
        object.__setattr__(self, "estimated", _masks(self))
        positive_output(self.index, self.x)
        object.__setattr__(self, "nonnegative", least >= 0)
        Z = self.Z
        found = tuple(diagnose(self, rows, columns, lambda k: bool(Z[k].any() or Z[:, k].any())))
        object.__setattr__(self, "diagnostics", found)
        for text in found:
            warn(TableWarning(text), stacklevel=3)

    @property
    def primary_inputs(self) -> Array:
        """All primary inputs, ``v' = x' - 1'Z``, shape (n,): value added, taxes, residual."""
        return np.asarray(self.x - self.Z.sum(axis=0))

    def replace_extensions(self, *extensions: Extension) -> MRIO:
        """Return the same table with other extensions; the big arrays are shared, not copied."""
        with quietly():  # the table has told before
            return replace(self, extensions={e.name: e for e in extensions})

    @classmethod
    def from_arrays(
        cls,
        *,
        Z: ArrayLike,
        Y: ArrayLike,
        regions: Sequence[str] | None = None,
        sectors: Sequence[str] | None = None,
        x: ArrayLike | None = None,
        value_added: ArrayLike | None = None,
        value_added_rows: Sequence[str] = (),
        categories: Sequence[str] = ("final demand",),
        stressors: Mapping[str, ArrayLike] | None = None,
        households: Mapping[str, ArrayLike] | None = None,
        households_range: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
        units: str | Mapping[str, str] = "Mt CO2e",
        extension: str = "emissions",
        money_unit: str = "million USD",
        year: int | None = None,
        price_year: int | None = None,
        notes: Sequence[Note] = (),
        provenance: Provenance | None = None,
        other_inputs: Side | None = None,
        other_uses: Side | None = None,
        table_type: str = "",
        price_basis: str = "",
        estimated: Mapping[str, NDArray[np.bool_]] | None = None,
        copy: bool = True,
    ) -> MRIO:
        """Build a table from plain or labelled arrays.

        Parameters
        ----------
        Z : array_like, shape (n, n)
            Intermediate flows in `money_unit`, rows supply, columns use, region-major. A pandas
            DataFrame is aligned by its labels; plain arrays are taken in the order of `regions`
            and `sectors`.
        Y : array_like, shape (n, regions) or (n, regions * categories)
            Final demand in `money_unit`, destination-major.
        regions, sectors : sequence of str, optional
            Labels; taken from a DataFrame `Z` if left out.
        x : array_like, shape (n,), optional
            Gross output in `money_unit`; ``Z 1 + Y 1`` if left out.
        value_added : array_like, shape (n,) or (rows, n), optional
            Value added in `money_unit`. Not needed: ``x' - 1'Z`` is what the accounts use
            unless told otherwise.
        value_added_rows : sequence of str
            Names of its rows, where there is more than one.
        categories : sequence of str
            Final demand categories.
        stressors : mapping of str to array_like, shape (n,)
            Emissions by producing sector.
        households : mapping of str to array_like, shape (regions,)
            Emitted directly by households; booked under the first category. A stressor without
            an entry has unknown, not zero, household emissions.
        households_range : mapping of str to (low, high), each of shape (regions,), optional
        units : str or mapping of stressor to str
        extension : str
            Name of the extension that holds the stressors.
        money_unit : str
        year, price_year : int, optional
        notes : sequence of Note
        provenance : Provenance, optional
        other_inputs, other_uses : Side, optional
        table_type, price_basis : str
        estimated : mapping of str to array of bool, optional
            As the attributes of the same names.
        copy : bool
            False takes `Z`, `Y` and `x` themselves where they are C-ordered float64 arrays, and
            makes them read-only: for tables of which memory holds no second one.

        Returns
        -------
        MRIO

        Raises
        ------
        ShapeError
            Z is not square, or another array does not fit it.
        LabelError
            Labels are doubled or do not match (both sides are printed).
        NonFiniteError
            NaN or infinite cells; the first few are named.
        NegativeOutputError
            Gross output below zero.

        Warns
        -----
        TableWarning
            Rows that do not balance, columns whose inputs exceed output, and sectors of zero
            output that still trade or emit, by name.

        Examples
        --------
        >>> import mriocarbon as mc
        >>> mrio = mc.MRIO.from_arrays(
        ...     Z=[[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
        ...     Y=[[30, 40], [55, 10], [10, 45], [5, 120]],
        ...     regions=["A", "B"], sectors=["1", "2"],
        ...     stressors={"GHG": [240, 50, 60, 40]}, households={"GHG": [7, 5]})
        >>> mc.account(mrio, "consumption", stressor="GHG", households=False).value.round(6)
        array([147.014721, 242.985279])
        """
        index = _index(Z, regions, sectors)
        n, R = len(index), len(index.regions)
        categories = unique(categories, "categories")
        columns = [(r, c) for r in index.regions for c in categories]
        one_category = len(categories) == 1
        Z_ = matrix(Z, (n, n), "Z", index.pairs, index.pairs, copy=copy, finite=False)
        Y_ = matrix(
            Y, (n, len(columns)), "Y", index.pairs,
            list(index.regions) if one_category else columns, copy=copy,
        )  # fmt: skip
        sums = totals(Z_)
        x_ = (
            sums[0] + Y_.sum(axis=1) if x is None
            else matrix(x, (n,), "x", index.pairs, copy=copy)
        )  # fmt: skip
        va, va_rows = None, tuple(value_added_rows) or ("value added",)
        if value_added is not None and np.ndim(value_added) == 1:
            va = matrix(value_added, (n,), "value added", index.pairs)[None, :]
        elif value_added is not None:
            va_rows = unique(va_rows, "value added rows")
            va = matrix(value_added, (len(va_rows), n), "value added", va_rows, index.pairs)
        stressors = dict(stressors or {})
        for given, kind in ((households or {}, "households"), (households_range or {}, "range")):
            for name in given:
                if name not in stressors:
                    raise UnknownNameError.of("stressor", name, stressors, do=f"(in {kind})")
        extensions: dict[str, Extension] = {}
        if stressors:
            F = np.stack([matrix(f, (n,), f"F[{s}]", index.pairs) for s, f in stressors.items()])

            def by_category(given: Mapping[str, ArrayLike], kind: str) -> Array | None:
                if not given:
                    return None
                out = np.full((len(stressors), R, len(categories)), np.nan)
                for k, name in enumerate(stressors):
                    if name in given:
                        out[k] = 0.0
                        out[k, :, 0] = matrix(given[name], (R,), f"{kind}[{name}]", index.regions)
                return out.reshape(len(stressors), -1)

            bounds = households_range or {}
            names = list(stressors)
            extensions[extension] = Extension(
                extension,
                tuple(names),
                F,
                tuple(units if isinstance(units, str) else units[s] for s in names),
                by_category(households or {}, "households"),
                by_category({s: b[0] for s, b in bounds.items()}, "households low"),
                by_category({s: b[1] for s, b in bounds.items()}, "households high"),
                tuple(note for note in notes if note.about != "table"),
            )
        return cls(
            index, Z_, Y_, np.asarray(x_), va, categories,
            () if va is None else va_rows, extensions, money_unit, year, price_year,
            tuple(note for note in notes if note.about == "table"), provenance or Provenance(),
            other_inputs, other_uses, table_type, price_basis, estimated or {}, sums=sums,
        )  # fmt: skip

    @classmethod
    def from_pymrio(cls, system: pymrio.IOSystem, **options: Any) -> MRIO:
        """Build from a pymrio system; see `mriocarbon.model.convert.from_pymrio`."""
        from mriocarbon.model.convert import from_pymrio

        return from_pymrio(system, **options)

    def to_pymrio(self) -> pymrio.IOSystem:
        """Return a pymrio system; see `mriocarbon.model.convert.to_pymrio`."""
        from mriocarbon.model.convert import to_pymrio

        return to_pymrio(self)

    @classmethod
    def from_xarray(cls, dataset: xr.Dataset) -> MRIO:
        """Build from an xarray Dataset; see `mriocarbon.model.convert.from_xarray`."""
        from mriocarbon.model.convert import from_xarray

        return from_xarray(dataset)

    def to_xarray(self) -> xr.Dataset:
        """Return an xarray Dataset; see `mriocarbon.model.convert.to_xarray`."""
        from mriocarbon.model.convert import to_xarray

        return to_xarray(self)

    def __repr__(self) -> str:
        what = f"{len(self.regions)} regions x {len(self.sectors)} sectors"
        return (
            f"<MRIO {self.provenance.dataset}: {what}, {self.year or 'no year'},"
            f" {self.money_unit}, stressors {listed(self.stressors) or 'none'}>"
        )


def _index(
    Z: ArrayLike, regions: Sequence[str] | None, sectors: Sequence[str] | None
) -> SectorIndex:
    given = {"regions": regions, "sectors": sectors}
    if regions is not None and sectors is not None:
        return SectorIndex(tuple(map(str, regions)), tuple(map(str, sectors)))
    labels = getattr(Z, "index", None)
    if labels is None or getattr(labels, "nlevels", 1) != 2:
        raise InputError(
            "regions and sectors are not given and Z carries no labels",
            where="MRIO.from_arrays",
            do="pass regions= and sectors=, or a DataFrame Z indexed by (region, sector)",
        )
    if not isinstance(Z, np.ndarray) and np.ndim(Z) == 2 and np.shape(Z)[0] != np.shape(Z)[1]:
        raise ShapeError(f"Z is not square: {np.shape(Z)}", where="Z", do="give an n x n table")
    index = SectorIndex.from_pairs(list(labels), "Z rows")
    for kind, names in given.items():
        if names is not None:  # one of the two was given beside labels: they must agree
            positions(list(getattr(index, kind)), [str(name) for name in names], kind)
    return index


def _masks(table: MRIO) -> Mapping[str, NDArray[np.bool_]]:
    """Return the masks of estimated cells read-only; raise if one does not fit its array."""
    masks = {}
    for name, mask in table.estimated.items():
        array = getattr(table, name) if name in ESTIMABLE else None
        if array is None:
            raise UnknownNameError.of("array of estimated cells", name, ESTIMABLE)
        fresh = np.array(mask, dtype=bool)
        try:
            np.broadcast_to(fresh, array.shape)
        except ValueError as error:
            raise ShapeError(
                f"the mask of estimated cells of {name} has shape {fresh.shape}",
                where=f"{name} has shape {array.shape}",
                do="give a mask that broadcasts to it",
            ) from error
        fresh.setflags(write=False)
        masks[name] = fresh
    return MappingProxyType(masks)
