"""The full-size OECD ICIO 2022: 81 economies x 50 industries, from the folder of source data."""

from __future__ import annotations

import csv
import hashlib
import zipfile
import zlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from mriocarbon.config import data_folder
from mriocarbon.errors import DataFileError, NotAvailableError, quietly
from mriocarbon.model import MRIO, Note, Provenance
from mriocarbon.model.side import Side

TABLE = "icio2022/icio2022_81x50_f32.npz"
EXACT = "icio2022/icio2022_80x50_exact_f64.npz"
GROUPS = "icio2022/region_mapping_20R.csv"
OTHER_INPUTS = ("taxes less subsidies on products", "other imports (OECD row IMP_OTHER)")
ESTIMATE = (
    "the origin of imported final demand (10.5 % of final demand) is an estimate: RAS on exact"
    " margins with the sourcing of intermediates as prior (collapsing WIOD 2011 and completing it"
    " again misplaces 35 % of imported final demand: validation/run_completion.py); the inputs and"
    " the final demand of the rest of the world are estimates too; all else is the OECD's, flows"
    " rounded to single precision (at most 0.2 million USD); one column, CHN L, is 82 million USD"
    " short of its output in the source"
)


def source_folder(why: str) -> Path:
    """Return the folder of source data; without one, say in plain words what it is needed for.

    Raises
    ------
    NotAvailableError
        ``MRIOCARBON_DATA`` is not set.
    DataFileError
        It names no folder.
    """
    folder = data_folder()
    if folder is None:
        raise NotAvailableError(
            "the folder of source data is not set",
            where=f"environment variable MRIOCARBON_DATA, needed for {why}",
            do="set it to the folder, or use the embedded table of 20 regions",
        )
    if not folder.is_dir():
        raise DataFileError(
            "the folder of source data does not exist",
            where=f"MRIOCARBON_DATA={folder}",
            do="correct the variable",
        )
    return folder


def full_table(folder: Path, like: MRIO) -> MRIO:
    """Return the 81 x 50 table with its estimated cells marked, without satellites.

    Parameters
    ----------
    folder : Path
        The folder of source data.
    like : MRIO
        The embedded table of the same edition, whose sources and labels it shares.

    Returns
    -------
    MRIO
        4,050 sectors, one final demand category, taxes less subsidies in `other_inputs`.

    Raises
    ------
    DataFileError
        The file is missing, truncated or lacks a member.
    """
    path = folder / TABLE
    try:
        stamps = tuple((p, p.stat().st_mtime_ns, p.stat().st_size) for p in (path, folder / EXACT))
        return _full_table(stamps, like)
    except (
        OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError
    ) as error:  # fmt: skip
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(
            f"cannot read the full table: {error}",
            where=str(path),
            do="point MRIOCARBON_DATA to a whole copy of the source data",
        ) from error


@lru_cache(maxsize=1)
def _full_table(stamps: tuple[tuple[Path, int, int], ...], like: MRIO) -> MRIO:
    (path, _, _), (exact, _, _) = stamps
    # opened here: numpy leaves a file open that is no archive
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        raw = {name: archive[name] for name in archive.files}
    with exact.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        # The completed file leaves this row out, and columns do not balance without it. It is
        # not published for the rest of the world, whose column is closed by estimate.
        imports = np.append(archive["IMP_OTHER"], np.zeros(len(raw["sectors"])))
    regions = [str(c) for c in raw["countries"]]
    sectors = [str(s) for s in raw["sectors"]]
    R, S = len(regions), len(sectors)
    rest = regions.index("ROW")
    region_of = np.repeat(np.arange(R), S)
    imported = region_of[:, None] != np.arange(R)[None, :]
    imported[:, rest] = True
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    # Known of this table and told in its notes: sectors whose inputs exceed output in the
    # source, and row sums that differ by single precision.
    with quietly():
        table = MRIO.from_arrays(
            Z=raw["Z"],
            Y=raw["Y"],
            x=raw["x"],
            value_added=raw["VA"],
            regions=regions,
            sectors=sectors,
            year=2022,
            price_year=2022,
            other_inputs=Side(OTHER_INPUTS, np.stack([raw["TLS"], imports])),
            table_type="industry-by-industry",
            price_basis="basic",
            estimated={"Y": imported, "Z": (region_of == rest)[None, :]},
            notes=[Note(ESTIMATE, "table", estimated=True)],
            provenance=Provenance(
                dataset="oecd-icio-2022-full",
                edition=like.provenance.edition,
                sha256=digest,
                sources=like.provenance.sources,
                steps=("final demand completed by origin; stored in single precision",),
            ),
        )
    if table.diagnostics:
        told = Note("found when the table was read: " + "; ".join(table.diagnostics), "table")
        table = _with_note(table, told)
    return table


def _with_note(table: MRIO, note: Note) -> MRIO:
    with quietly():
        return replace(table, notes=(*table.notes, note))


def grouping(folder: Path) -> dict[str, str]:
    """Return the region (one of 20) of each of the 81 economies.

    Raises
    ------
    DataFileError
    """
    path = folder / GROUPS
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["country"]: row["region"] for row in csv.DictReader(file)}
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise DataFileError(
            f"cannot read the grouping of economies: {error}",
            where=str(path),
            do="point MRIOCARBON_DATA to a whole copy of the source data",
        ) from error
