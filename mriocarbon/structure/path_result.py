"""What a path search returns: the list, what it covers, and what is proven of the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from decimal import ROUND_CEILING, Context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import UnknownNameError
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.result import Result
from mriocarbon.model.told_csv import write_told

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
GROUPS = ("sector", "region", "supplier", "product", "crossings", "tier")
REST = "not listed"
Chain = tuple[tuple[str, str], ...]


def at_most(value: float, digits: int = 4) -> str:
    """Return a bound as text with a few digits, rounded up, so that the text is a bound too.

    Examples
    --------
    >>> at_most(0.0581043), at_most(129.2, 2)
    ('0.05811', '130')
    """
    up = Context(prec=digits, rounding=ROUND_CEILING).create_decimal(repr(float(value)))
    plain = value == 0 or 1e-6 < abs(value) < 1e15
    return format(up.normalize(), "f") if plain else f"{float(up):.{digits}g}"


@dataclass(frozen=True, eq=False)
class Paths:
    """The largest supply paths of an account, in order; get it by `paths`.

    Attributes
    ----------
    name : str
        Whose final demand, of what, for which stressor.
    unit : str
        Of all amounts.
    index : SectorIndex
        Labels of the table.
    start : ndarray, shape (k + 1,)
        Path number p is ``places[start[p]:start[p + 1]]``.
    places : ndarray
        Sectors of all paths in a row, as positions in `index`; each path from the final product
        to the emitter.
    value : ndarray, shape (k,)
        Emission of each path, ``q_i0 a_i0i1 ... y_ik``. Falling in absolute value.
    total : float
        The account: the sum over all paths, listed or not.
    gross_total : float
        The sum of the absolute values of all paths: `total` unless demand, flows or emissions
        have negative cells.
    remainder_bound : float
        Proven: no path that is not listed is larger than this, in absolute value.
    complete : bool
        True if as many paths as were asked for are listed, or all there are; False if the search
        met its limit first. What is listed is exact and in order either way.
    stressor : str
    region : str or None
        Whose final demand; None: everybody's.
    product : str
        Of what: a sector, or ``"region sector"``; empty: everything.
    year : int or None
        Of the table.
    expanded : int
        Chains that the search opened.
    error : float
        Forward error of `total`, relative.
    notes : tuple of Note
    provenance : Provenance

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.paths(mc.load("oecd-icio-2022"), region="Japan", stressor="GHG", top=10)
    >>> len(found), found.complete, bool(found.remainder_bound <= abs(found.value[-1]) * 1.000001)
    (10, True, True)
    """

    name: str
    unit: str
    index: SectorIndex
    start: NDArray[np.int64]
    places: NDArray[np.int32]
    value: Array
    total: float
    gross_total: float
    remainder_bound: float
    complete: bool
    stressor: str
    region: str | None
    product: str
    year: int | None
    expanded: int
    error: float
    notes: tuple[Note, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        for array in (self.start, self.places, self.value):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Chain]:
        return (self.path(k) for k in range(len(self)))

    def path(self, k: int) -> Chain:
        """Return path number k, (region, sector) from the final product to the emitter.

        Numbers below zero count from the end; IndexError beyond the list.
        """
        k = range(len(self))[k]
        pairs = self.index.pairs
        return tuple(pairs[p] for p in self.places[self.start[k] : self.start[k + 1]])

    @property
    def tier(self) -> NDArray[np.int64]:
        """Deliveries between sectors along each path: 0 if the product's own maker emits."""
        return np.asarray(np.diff(self.start) - 1)

    @property
    def share(self) -> Array:
        """Share of each path in `total`; NaN if that is zero."""
        if self.total == 0:
            return np.full(len(self), np.nan)
        return np.asarray(self.value / self.total)

    @property
    def crossings(self) -> NDArray[np.int64]:
        """Borders that each path crosses.

        The delivery to the final consumer counts if `region` says where that is.
        """
        place = self.places // len(self.index.sectors)
        change = np.concatenate([[0], np.cumsum(place[1:] != place[:-1])])
        count = change[self.start[1:] - 1] - change[self.start[:-1]]
        if self.region is not None and len(self):
            here = self.index.regions.index(self.region)
            count = count + (place[self.start[:-1]] != here)
        return np.asarray(count, dtype=np.int64)

    @property
    def coverage(self) -> float:
        """Share of the account that the listed paths explain; NaN if the account is zero.

        With negative cells it may pass 1 on the way: see `gross_coverage`.
        """
        return float(self.value.sum() / self.total) if self.total else float("nan")

    @property
    def gross_coverage(self) -> float:
        """Share of the absolute values of all paths that the listed ones explain."""
        whole = self.gross_total
        return float(np.abs(self.value).sum() / whole) if whole else float("nan")

    @property
    def remainder(self) -> float:
        """What all other paths emit together, in `unit`: total less the listed."""
        return self.total - float(self.value.sum())

    @property
    def estimated(self) -> bool:
        """True if any input behind the numbers is an estimate."""
        return any(note.estimated for note in self.notes)

    @property
    def table(self) -> pd.DataFrame:
        """`to_pandas()`."""
        return self.to_pandas()

    def to_pandas(self) -> pd.DataFrame:
        """Return one row for each path: path, value, tier, share, crossings.

        ``path`` is a list of (region, sector), the final product first, the emitter last. Unit,
        total, coverage and notes are in its ``attrs``.
        """
        import pandas as pd

        frame = pd.DataFrame(
            {
                "path": pd.Series([list(chain) for chain in self], dtype=object),
                "value": self.value,
                "tier": self.tier,
                "share": self.share,
                "crossings": self.crossings,
            }
        )
        frame.attrs.update(self.metadata(), estimated=self.estimated)
        return frame

    def by(self, group: str) -> Result:
        """Sum the listed paths; what is not listed stands apart, so that all add up to `total`.

        Parameters
        ----------
        group : {"sector", "region", "supplier", "product", "crossings", "tier"}
            Sector or region of the emitter; first supplier (the sector that sells to the maker
            of the final product); final product; border crossings; length.

        Returns
        -------
        Result
            One dimension. Labels by falling amount, tiers and crossings by number.

        Raises
        ------
        UnknownNameError
            No such grouping.
        """
        names: list[str]
        if group in ("crossings", "tier"):
            numbers = self.crossings if group == "crossings" else self.tier
            names = [str(k) for k in numbers]
        elif group in ("sector", "region"):
            last = self.places[self.start[1:] - 1]
            names = [self.index.pairs[k][group == "sector"] for k in last]
        elif group == "product":
            names = [self.index.name(k) for k in self.places[self.start[:-1]]]
        elif group == "supplier":
            names = ["none: the maker itself" if n == 0 else self.index.name(self.places[s + 1])
                     for n, s in zip(self.tier, self.start[:-1], strict=True)]  # fmt: skip
        else:
            raise UnknownNameError.of("grouping", group, GROUPS)
        sums: dict[str, float] = {}
        for name, value in zip(names, self.value, strict=True):
            sums[name] = sums.get(name, 0.0) + float(value)
        order = (
            sorted(sums, key=int)
            if group in ("crossings", "tier")
            else sorted(sums, key=lambda name: -abs(sums[name]))
        )
        return Result(
            name=f"{self.name}, {len(self)} largest paths by {group}",
            value=np.array([*(sums[name] for name in order), self.remainder]),
            dims=(group,),
            coords={group: (*order, REST)},
            unit=self.unit,
            error=self.error,
            notes=self.notes,
            provenance=self.provenance,
        )

    def metadata(self) -> dict[str, Any]:
        """Return what must be known about the list, as plain text and numbers."""
        return {
            "name": self.name,
            "units": self.unit,
            "stressor": self.stressor,
            "region": self.region or "all regions",
            "product": self.product or "all products",
            "year": "" if self.year is None else self.year,
            "total": self.total,
            "gross_total": self.gross_total,
            "paths": len(self),
            "coverage": self.coverage,
            "remainder": self.remainder,
            "remainder_bound": self.remainder_bound,
            "complete": self.complete,
            "forward_error": self.error,
            "dataset": self.provenance.dataset,
            "edition": self.provenance.edition,
            "sha256": self.provenance.sha256,
            "method": self.provenance.method,
            "version": self.provenance.version,
            "sources": "; ".join(s.citation or s.name for s in self.provenance.sources),
            "notes": "; ".join(
                ("[estimated] " if n.estimated else "") + n.text for n in self.notes
            ),
        }

    def to_csv(self, path: str | Path) -> Path:
        """Write one row for each path, the metadata in ``#`` lines above; whole or absent.

        The column ``path`` reads ``USA F <- CHN C23 <- CHN D``: the final product first.

        Raises
        ------
        DataFileError
            The place cannot be written to.
        """
        columns = zip(self.value, self.tier, self.share, self.crossings, self, strict=True)
        rows = (
            (rank, value, tier, share, crossed, " <- ".join(" ".join(pair) for pair in chain))
            for rank, (value, tier, share, crossed, chain) in enumerate(columns, 1)
        )
        heads = ("rank", "value", "tier", "share", "crossings", "path")
        return write_told(path, self.metadata().items(), heads, rows)

    def to_json(self) -> str:
        """Return everything as JSON for other programs: metadata, notes, and the paths."""
        content = {
            key: None if isinstance(value, float) and np.isnan(value) else value
            for key, value in self.metadata().items()
        }
        content["notes"] = [asdict(note) for note in self.notes]
        content["sources"] = [asdict(source) for source in self.provenance.sources]
        content |= {"stressor": self.stressor, "region": self.region, "product": self.product}
        content["order"] = "final product first, emitter last"
        columns = zip(self.value, self.tier, self.share, self.crossings, self, strict=True)
        content["list"] = [
            {
                "rank": rank,
                "path": [list(pair) for pair in chain],
                "value": float(value),
                "tier": int(tier),
                "share": None if np.isnan(share) else float(share),
                "crossings": int(crossed),
            }
            for rank, (value, tier, share, crossed, chain) in enumerate(columns, 1)
        ]
        return json.dumps(content, allow_nan=False)

    def __repr__(self) -> str:
        mark = ", rests on estimates" if self.estimated else ""
        return (
            f"<Paths {self.name}: {len(self):,} paths, {100 * self.coverage:.1f} % of"
            f" {self.total:.6g} {self.unit}, none left above {at_most(self.remainder_bound)}{mark}>"
        )
