"""EMERGING (Huo et al. 2022): MATLAB 7.3 files, 245 economies x 133 to 135 sectors.

``global_mrio_2018.mat`` (version 1), ``EMERGING_V2_2018.mat`` or ``EMERGING_V2_2018_m.mat``
(version 2): arrays z, f, va, X and lists country_list, sector_list, final_list, at the root or in
one group. 33,075 sectors make z 8.7 GB: it is read in blocks, and ``regions=`` keeps some.
Such a subset is closed by named sides: purchases from, and sales to, the economies left out.

What goes where
    Z, Y         z; f (household, government, capital)
    x            X as published
    value added  va
    other inputs, other uses: only of a subset, flows from and to the economies left out
    extension    CO2 by fuel, where ``EMERGING_CO2_2018.mat`` (or ``_2018_IEA``) lies beside it or
                 is named by ``emissions=``; no direct emissions of households are in it

MATLAB stores columns first, so HDF5 sees every array transposed: ``z`` of the file is
``[user, supplier]``. Public loaders take it as ``[supplier, user]`` all the same; which it
is, is decided by whichever balances against X, and said in a note if it is the unusual one.
The CO2's unit (Mt) and fuels are those that the public parser gives; the file names neither.
Random access needs no resuming: an interrupted reading starts again. EMERGING-E (``MRIO_Z_E``)
and csv versions are not read. pymrio has no parser.
"""

from __future__ import annotations

import re
import struct
import tempfile
import time
import zlib
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    DataFileError,
    MriocarbonError,
    NotAvailableError,
    ShapeError,
    UnknownNameError,
    listed,
)
from mriocarbon.io.archive import AGAIN, Archive, Progress
from mriocarbon.io.readers.base import Reader, chosen_year, finish
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import unique
from mriocarbon.model.memory import require
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = NDArray[np.float64]
SOURCE = Source(
    "EMERGING",
    citation="Huo, Chen, Hubacek, Zheng, Meng and Guan (2022), Journal of Industrial Ecology 26:"
    " 1218-1232, doi:10.1111/jiec.13264",
    licence="as stated with the Zenodo record",
    url="https://zenodo.org/records/10956623",
)
NAME = re.compile(
    r"(?:^|/)(?:global_mrio_|EMERGING_(?P<version>V\d+(?:\.\d+)?)_)(?P<year>20\d\d)(?:_m)?\.mat$",
    re.IGNORECASE,
)
CO2 = r"(^|/)EMERGING_CO2_{year}(_IEA)?\.mat$"
FUELS = (
    "Coal", "Natural gas", "Oil products", "Crude, NGL, Ref Feeds.", "Other",
    "Oil shale & oil sands", "Peat & Peat products",
)  # fmt: skip
NEEDED = ("z", "f", "va", "X", "country_list", "sector_list", "final_list")
BLOCK = 1 << 26  # bytes of z in memory beside the table
MOST, MOST_INPUTS = 100_000, 100  # texts of a list, rows of value added; files may claim any
DAMAGE = (
    OSError, ValueError, NotImplementedError, TypeError, RuntimeError, KeyError, IndexError,
    AttributeError, OverflowError, zlib.error, struct.error,
)  # fmt: skip
TRIED = 16  # sectors by which the orientation of z is decided


def _files(archive: Archive) -> dict[int, str]:
    found: dict[int, str] = {}
    for name in archive.names:
        if match := NAME.search(name):
            year = int(match["year"])
            if year in found:
                raise DataFileError(
                    f"the year {year} is there twice: {found[year]} and {name}",
                    where=str(archive.path),
                    do="keep one version in this place",
                )
            found[year] = name
    return found


def recognises(archive: Archive) -> bool:
    """Return whether a file of EMERGING is there."""
    found = [name for name in archive.names if NAME.search(name)]
    if not found:
        return False
    head = archive.head(found[0], 16)
    return head.startswith((b"MATLAB 7.3", b"\x89HDF\r\n"))


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years, by file name."""
    return tuple(sorted(_files(archive)))


@contextmanager
def _opened(path: Path, where: str) -> Iterator[Any]:
    try:
        import h5py
    except ImportError as error:
        raise NotAvailableError(
            "MATLAB 7.3 files need h5py", where=where, do="pip install h5py"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            yield file
    except DAMAGE as error:  # HDF5 tells of damage wherever it meets it, and in many ways
        if isinstance(error, MriocarbonError):
            raise
        raise DataFileError(
            f"the file is truncated or damaged: {error}", where=where, do=AGAIN
        ) from error


def read(
    archive: Archive,
    year: int | None = None,
    *,
    regions: Sequence[str] | None = None,
    emissions: str | Path | None = None,
) -> MRIO:
    """Read one year.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where there are several.
    regions : sequence of str, optional
        Economies to keep, in this order; all by default (8.7 GB).
    emissions : path, optional
        The file of CO2; by default the one beside the table, if there is one.
    """
    files = _files(archive)
    year = chosen_year(archive, sorted(files), year)
    name = files[year]
    where = f"{archive.path}: {name}"
    with tempfile.TemporaryDirectory() as folder:
        with _opened(archive.local(name, Path(folder)), where) as file:
            group = _group(file, where)
            countries, sectors, finals = (_list(file, group[k]) for k in NEEDED[4:])
            table = _Reading(archive, name, group, countries, sectors, finals, regions)
            with np.errstate(
                over="ignore", invalid="ignore"
            ):  # `finish` looks for what is not finite
                table.run()
        found = archive.find(CO2.format(year=year))
        extension = None
        if emissions is not None:
            extension = _co2(Path(emissions), table)
        elif found:
            extension = _co2(archive.local(found[0], Path(folder)), table)
    match = NAME.search(name)
    version = (match["version"] if match else None) or "V1"
    provenance = Provenance(f"emerging-{year}", version.upper(), sources=(SOURCE,))
    if table.part:
        provenance = provenance.after(
            f"{len(table.regions)} of {len(countries)} economies kept: {', '.join(table.regions)}"
        )
    return finish(
        regions=table.regions, sectors=sectors, categories=finals, Z=table.Z, Y=table.Y, x=table.x,
        value_added=table.va, value_added_rows=table.va_rows,
        extensions=[extension] if extension else [], money_unit="million USD", year=year,
        provenance=provenance, other_inputs=table.other_inputs, other_uses=table.other_uses,
        table_type="industry-by-industry", price_basis="basic", notes=table.notes,
    )  # fmt: skip


def _group(file: Any, where: str) -> Any:
    groups = [file, *(v for k, v in file.items() if k != "#refs#" and hasattr(v, "keys"))]
    for group in groups:
        if set(NEEDED) <= set(group.keys()):
            return group
    have = sorted({k for group in groups for k in group} - {"#refs#"})
    raise DataFileError(
        f"arrays are missing: {listed([k for k in NEEDED if k not in have], 9)}",
        where=f"{where} (has {listed(have, 9)})",
        do="use the table's file as published (EMERGING-E is another layout)",
    )


def _list(file: Any, refs: Any) -> list[str]:
    """Return the texts of a MATLAB cell array: references to arrays of character codes."""
    if refs.size > MOST:
        raise ValueError(f"a list of {refs.size} texts")
    texts = []
    for ref in refs[()].reshape(-1):
        found = file[ref]
        if found.size > MOST:
            raise ValueError(f"a text of {found.size} characters")
        codes = np.asarray(found[()]).reshape(-1)
        if codes.dtype.kind not in "iu":
            raise ValueError(f"a text of {codes.dtype}")
        texts.append("".join(chr(int(code)) for code in codes if code).strip())
    return texts


class _Reading:
    """The arrays while they are filled."""

    def __init__(
        self,
        archive: Archive,
        name: str,
        group: Any,
        countries: list[str],
        sectors: list[str],
        finals: list[str],
        regions: Sequence[str] | None,
    ) -> None:
        self.archive, self.name, self.group = archive, name, group
        self.where = f"{archive.path}: {name}"
        for kind, labels in (("economies", countries), ("sectors", sectors), ("uses", finals)):
            unique(labels, f"{kind} of {self.where}")
        R, S, C = len(countries), len(sectors), len(finals)
        self.total = n = R * S
        chosen = list(countries if regions is None else regions)
        for region in chosen:
            if region not in countries:
                raise UnknownNameError.of("region", region, countries)
        places = [countries.index(r) for r in chosen]
        self.regions, self.part = chosen, len(chosen) < R
        self.keep = np.concatenate([np.arange(k * S, (k + 1) * S) for k in places])
        self.keep_y = np.concatenate([np.arange(k * C, (k + 1) * C) for k in places])
        for key, shapes in (
            ("z", [(n, n)]), ("f", [(R * C, n), (n, R * C)]), ("X", [(1, n), (n, 1)])
        ):  # fmt: skip
            if group[key].shape not in shapes:
                raise ShapeError(
                    f"{key} has shape {group[key].shape}",
                    where=f"{self.where} ({R} economies, {S} sectors, {C} final demands)",
                    do="the lists and the arrays must belong together; fetch the file again",
                )
        for key in ("z", "f", "va", "X"):
            if group[key].dtype.kind not in "fiu":
                raise ValueError(f"{key} holds {group[key].dtype}, no numbers")
        require(
            8.0 * len(self.keep) ** 2, "this table", where=self.where,
            do="read fewer economies: regions=",
        )  # fmt: skip
        f = group["f"]
        self.f_first = f.shape == (R * C, n)
        self.X = np.asarray(group["X"][()], dtype=np.float64).reshape(-1)
        shape = group["va"].shape
        fits = [k for k, size in enumerate(shape) if size == n and shape[k - 1] <= MOST_INPUTS]
        if len(shape) != 2 or not fits:
            raise ShapeError(f"va has shape {group['va'].shape}", where=self.where, do=AGAIN)
        va = np.asarray(group["va"][()], dtype=np.float64)
        va = va if va.shape[1] == n else va.T
        self.all_va = va
        self.va = np.ascontiguousarray(va[:, self.keep])
        self.va_rows = (
            ["value added"] if len(va) == 1 else [f"va {k}" for k in range(1, len(va) + 1)]
        )
        self.x = self.X[self.keep]
        self.notes: list[Note] = []
        self.other_inputs: Side | None = None
        self.other_uses: Side | None = None

    def run(self) -> None:
        m, n = len(self.keep), self.total
        by_user = self._by_user()
        self.Z = np.zeros((m, m))
        into, out_of = np.zeros(m), np.zeros(m)  # bought from, sold to those left out
        at = np.full(n, -1)
        at[self.keep] = np.arange(m)
        left = np.flatnonzero(at < 0)
        whole = m == n and np.array_equal(self.keep, np.arange(n))
        z, size = self.group["z"], self.group["z"].dtype.itemsize
        step = max(1, BLOCK // (size * n))
        start = time.perf_counter()
        for a in range(0, n, step):
            block = np.asarray(z[a : a + step])
            b = a + len(block)
            if whole:
                if by_user:
                    self.Z[:, a:b] = block.T
                else:
                    self.Z[a:b] = block
            else:
                inside = np.flatnonzero(at[a:b] >= 0)
                to = at[a:b][inside]
                kept = block[inside][:, self.keep].astype(np.float64)
                rest = block[inside][:, left].sum(axis=1, dtype=np.float64)
                others = np.flatnonzero(at[a:b] < 0)
                beyond = block[others][:, self.keep].sum(axis=0, dtype=np.float64)
                if by_user:
                    self.Z[:, to] = kept.T
                    into[to] += rest
                    out_of += beyond
                else:
                    self.Z[to] = kept
                    out_of[to] += rest
                    into += beyond
            if self.archive.progress is not None:
                told = Progress(
                    f"{self.name}: z", b * n * size, n * n * size, time.perf_counter() - start
                )
                self.archive.progress(told)
        self._final(into, out_of)

    def _final(self, into: Array, out_of: Array) -> None:
        f = self.group["f"]
        m, columns = len(self.keep), len(self.keep_y)
        self.Y = np.zeros((m, columns))
        sold = np.zeros(m)
        bought = np.zeros(columns)
        if self.f_first:  # HDF5 row: one column of final demand
            width = f.shape[0]
            for k in range(width):
                row = np.asarray(f[k], dtype=np.float64)
                hit = np.flatnonzero(self.keep_y == k)
                if len(hit):
                    self.Y[:, hit[0]] = row[self.keep]
                    bought[hit[0]] = row.sum() - row[self.keep].sum()
                else:
                    sold += row[self.keep]
        else:
            every = np.asarray(f[()], dtype=np.float64)
            self.Y[:] = every[np.ix_(self.keep, self.keep_y)]
            bought = every[:, self.keep_y].sum(axis=0) - self.Y.sum(axis=0)
            sold = every[self.keep].sum(axis=1) - self.Y.sum(axis=1)
        if self.part:
            text = "economies left out"
            self.other_inputs = Side((f"bought from {text}",), into[None, :], bought[None, :])
            self.other_uses = Side(
                (f"sold to {text}, intermediate", f"sold to {text}, final"),
                np.stack([out_of, sold]),
            )

    def _by_user(self) -> bool:
        """Return whether a row of z in HDF5 holds what one sector uses, as MATLAB writes it."""
        z, n = self.group["z"], self.total
        tried = np.unique(np.linspace(0, n - 1, min(n, TRIED)).astype(int))
        f = self.group["f"]
        as_user = as_supplier = 0.0
        for k in tried.tolist():
            row = float(np.asarray(z[k], dtype=np.float64).sum())
            sales = np.asarray(f[:, k] if self.f_first else f[k], dtype=np.float64).sum()
            as_user += abs(row + self.all_va[:, k].sum() - self.X[k])
            as_supplier += abs(row + sales - self.X[k])
        scale = np.abs(self.X[tried]).sum() or 1.0
        if as_user <= as_supplier or as_user < 1e-6 * scale:
            return True
        if as_supplier < 0.01 * as_user:
            self.notes.append(
                Note(
                    "z of this file is stored supplier by user, not transposed as MATLAB does: so"
                    f" it balances against X (in {len(tried)} sectors tried)"
                )
            )
            return False
        self.notes.append(
            Note(
                "z balances against X neither by rows nor by columns in the sectors tried; it is"
                " read transposed, as MATLAB stores it"
            )
        )
        return True


def _co2(path: Path, table: _Reading) -> Extension:
    """Return CO2 by fuel, in Mt."""
    from scipy.io import loadmat

    try:
        found = {k: v for k, v in loadmat(path).items() if not k.startswith("__")}
        fits = [
            np.asarray(v, float)
            for v in found.values()
            if np.ndim(v) == 2 and np.shape(v)[0] == table.total
        ]
    except Exception as error:  # SciPy tells of damage in any way, a claim of GiB among them
        raise DataFileError(
            f"the file of CO2 cannot be read: {error}", where=str(path), do=AGAIN
        ) from error
    if len(fits) != 1:
        shapes = [f"{k} {np.shape(v)}" for k, v in found.items()]
        raise ShapeError(
            f"no single array of {table.total} rows is in the file of CO2",
            where=f"{path} (has {listed(shapes)})",
            do="use the file of the same version and year",
        )
    values = fits[0]
    labels = tuple(str(k) for k in range(1, values.shape[1] + 1))
    if len(labels) == len(FUELS):
        labels = FUELS
    return Extension(
        "CO2", tuple(f"CO2, {label}" for label in labels),
        np.ascontiguousarray(values[table.keep].T),
        tuple("Mt" for _ in labels),
    )  # fmt: skip


READER = Reader(
    name="emerging",
    title="EMERGING multi-regional input-output tables",
    source=SOURCE,
    references=(
        "it-is-me-mario/MARIO 149ce9560f6ee1a814e4e2e7f91ac3fa6d208d06 mario/parsers/emerging.py",
        "it-is-me-mario/MARIO 190822640fccd15c60b3864f403b6bd3a443b3d8"
        " tests/test_emerging_parser.py",
    ),
    recognises=recognises,
    years=years,
    read=read,
    options=("regions", "emissions"),
)
