"""The package's own single-file table: a numpy archive with labels, notes and a content hash.

========================  ==========================================================
member                    meaning
========================  ==========================================================
Z, Y, x                   flows (n, n), final demand (n, regions * categories), output
regions, sectors,         labels (unicode arrays)
categories
value_added               optional, (rows, n)
F__NAME                   stressors of extension NAME, (stressors, n)
F_Y__NAME, F_Y_low__NAME, optional household emissions and their range
F_Y_high__NAME
other_inputs,             optional, rows that are no value added (labels, n), what they take
other_inputs_final,       from final demand, and columns that are no final demand
other_uses
estimated__NAME           optional, mask of the estimated cells of Z, Y, x or value_added
meta                      JSON: units, year, stressor names, notes, provenance
sha256                    hash over all other members, verified on reading
========================  ==========================================================

Only Z, Y, regions and sectors are required, so that a file made by ``numpy.savez`` is read too.
"""

from __future__ import annotations

import hashlib
import io
import math
import sys
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.model.arrays import matrix
from mriocarbon.model.atomic import replacing
from mriocarbon.model.extension import Extension
from mriocarbon.model.frame import Frame
from mriocarbon.model.labels import SectorIndex, unique
from mriocarbon.model.memory import require
from mriocarbon.model.meta import from_json, from_side_arrays, side_arrays, to_json
from mriocarbon.model.table import MRIO

MAGIC = np.lib.format.MAGIC_PREFIX
_HOUSEHOLD = ("F_Y", "F_Y_low", "F_Y_high")


def save_npz(mrio: MRIO, path: str | Path) -> Path:
    """Write a table to one ``.npz`` file; the same table gives the same bytes.

    Parameters
    ----------
    mrio : MRIO
    path : path
        Written under a temporary name and moved, so that it is whole or absent.

    Returns
    -------
    Path

    Raises
    ------
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     same = mc.load(mc.save(mrio, folder + "/table.npz"))
    >>> bool((same.Z == mrio.Z).all())
    True
    """
    path = Path(path)
    members: dict[str, Any] = {
        **arrays_of(mrio),
        "regions": np.array(mrio.regions),
        "sectors": np.array(mrio.sectors),
        "categories": np.array(mrio.categories),
    }
    members["meta"] = np.array(to_json(mrio))
    members["sha256"] = np.array(_hash(members))
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in members.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
            # A fixed date: the same table must give the same bytes on any day.
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)
    return path


def arrays_of(mrio: MRIO) -> dict[str, Any]:
    """Return all arrays of a table by the names that files give them."""
    return {"Z": mrio.Z, **small_arrays_of(mrio)}


def small_arrays_of(mrio: MRIO | Frame) -> dict[str, Any]:
    """Return the arrays of a table but its flows."""
    arrays: dict[str, Any] = {"Y": mrio.Y, "x": mrio.x}
    if mrio.value_added is not None:
        arrays["value_added"] = mrio.value_added
    arrays.update(side_arrays(mrio))
    for name, extension in mrio.extensions.items():
        arrays[f"F__{name}"] = extension.F
        for kind in _HOUSEHOLD:
            array = getattr(extension, kind)
            if array is not None:
                arrays[f"{kind}__{name}"] = array
    return arrays


def load_npz(path: str | Path) -> MRIO:
    """Read a table written by `save_npz`, or any ``.npz`` with Z, Y, regions and sectors.

    Parameters
    ----------
    path : path

    Returns
    -------
    MRIO

    Raises
    ------
    DataFileError
        The file is missing, truncated, or not what its hash says.
    InputError
        A required member is missing; and all that `MRIO.from_arrays` raises.
    """
    path = Path(path)
    if not path.is_file():
        raise DataFileError("no such file", where=str(path), do="check the path")
    try:
        with path.open("rb") as file:  # numpy leaves a file open that is no archive
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("a single array, no archive")
            with archive:
                need = sum(one.file_size for one in _complete(archive))
                require(
                    1.5 * need, "this table", where=str(path),
                    do="aggregate it elsewhere, or write it as a store in bands: mc.write_store",
                )  # fmt: skip
                members = {name: _array(archive, name) for name in archive.files}
    # A damaged byte can also look like an encryption or a compression that zipfile lacks.
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
        NotImplementedError, KeyError, TypeError, SyntaxError, tokenize.TokenError,
    ) as error:  # fmt: skip
        # numpy advises to unpickle what it does not know, which would run whatever is in it
        why = "" if "pickle" in str(error) else f": {error}"
        raise DataFileError(
            f"the file is truncated or is no numpy archive{why}",
            where=str(path),
            do="fetch or build it again",
        ) from error
    stored = str(members.pop("sha256", ""))
    if stored and stored != _hash(members):
        raise DataFileError(
            "the content is not what the file's hash says",
            where=f"{path} (recorded sha256 {stored[:16]}...)",
            do="fetch or build it again",
        )
    missing = [name for name in ("Z", "Y", "regions", "sectors") if name not in members]
    if missing:
        raise InputError(
            f"the archive lacks {', '.join(missing)}",
            where=f"{path} (has {', '.join(members)})",
            do="name the members as mriocarbon.io.npz documents",
        )
    return table_of(members, stored, str(path))


def table_of(members: Mapping[str, Any], sha256: str, where: str) -> MRIO:
    """Return the table out of the arrays, labels and metadata that a file held.

    Arrays that are fit already are taken over and made read-only, not copied.
    """
    labels = members["regions"], members["sectors"]
    index = SectorIndex(*(tuple(map(str, names)) for names in labels))
    Z = matrix(members["Z"], (len(index),) * 2, "Z", index.pairs, index.pairs, copy=False)
    return MRIO(index, Z, **fields_of(members, sha256, where, Z))


def fields_of(
    members: Mapping[str, Any], sha256: str, where: str, Z: NDArray[np.float64] | None = None
) -> dict[str, Any]:
    """Return all fields of a table but index and Z, by name, out of what a file held.

    Z is needed where the file holds no output.
    """
    try:
        meta = from_json(str(members.get("meta", "")))
    except ValueError as error:
        raise InputError(
            f"the member 'meta' is not the JSON that mc.save writes: {error}",
            where=where,
            do="leave the member out, or write it as mriocarbon.io.npz documents",
        ) from error
    index = SectorIndex(tuple(map(str, members["regions"])), tuple(map(str, members["sectors"])))
    n = len(index)
    categories = unique(members.get("categories", ["final demand"]), "categories")
    columns = [(r, c) for r in index.regions for c in categories]
    Y = matrix(members["Y"], (n, len(columns)), "Y", index.pairs, columns, copy=False)
    x = (
        np.asarray(Z.sum(axis=1) + Y.sum(axis=1))
        if "x" not in members and Z is not None
        else matrix(members["x"], (n,), "x", index.pairs, copy=False)
    )
    rows = meta["value_added_rows"]
    value_added = None
    if "value_added" in members:
        raw = np.atleast_2d(members["value_added"])
        rows = rows or tuple(f"value added {k + 1}" for k in range(len(raw)))
        value_added = matrix(raw, (len(rows), n), "value added", rows, index.pairs, copy=False)
    extensions = {}
    for member in members:
        kind, _, name = member.partition("__")
        if kind != "F":
            continue
        about = meta["extensions"].get(name, {})
        raw = np.atleast_2d(members[member])
        stressors = tuple(about.get("stressors", () if len(raw) != 1 else (name,)))
        if len(stressors) != len(raw):
            raise InputError(
                f"{member} has {len(raw)} rows and no names for them",
                where=where,
                do="write one F__NAME member for each stressor, or a meta member",
            )
        households = {}
        for part in _HOUSEHOLD:
            if f"{part}__{name}" in members:
                households[part] = matrix(
                    np.atleast_2d(members[f"{part}__{name}"]), (len(stressors), len(columns)),
                    f"{part} of {name}", stressors, columns, missing=True, copy=False,
                )  # fmt: skip
        extensions[name] = Extension(
            name,
            stressors,
            matrix(raw, (len(stressors), n), member, stressors, index.pairs, copy=False),
            tuple(about.get("units", ("Mt CO2e",) * len(stressors))),
            households.get("F_Y"),
            households.get("F_Y_low"),
            households.get("F_Y_high"),
            about.get("notes", ()),
        )
    provenance = meta["provenance"]
    if "meta" not in members:
        provenance = replace(provenance, dataset=where)
    return {
        "Y": Y, "x": x, "value_added": value_added, "categories": categories,
        "value_added_rows": rows, "extensions": extensions,
        "provenance": replace(provenance, sha256=provenance.sha256 or sha256),
        **{key: meta[key] for key in ("money_unit", "year", "price_year", "notes")},
        **from_side_arrays(members, meta),
    }  # fmt: skip


def _complete(archive: np.lib.npyio.NpzFile) -> list[zipfile.ZipInfo]:
    """Return the members that the directory lists; raise if more lie in the file.

    A damaged directory can end early and so hide the hash along with what it would convict.
    """
    zipped = archive.zip
    if zipped is None or not zipped.infolist():
        raise ValueError("the archive is empty")
    last = max(zipped.infolist(), key=lambda info: info.header_offset)
    end = last.header_offset + 30 + len(last.filename) + last.compress_size
    # Extra fields and a data descriptor may follow; a whole member is longer than these.
    if zipped.start_dir - end > 80:
        raise ValueError("its directory leaves out a member")
    return zipped.infolist()


def _array(archive: np.lib.npyio.NpzFile, name: str) -> NDArray[Any]:
    """Return a member, if it is as long as its header says: numpy makes the room beforehand."""
    zipped = archive.zip
    assert zipped is not None  # `_complete` has looked
    member = f"{name}.npy" if f"{name}.npy" in zipped.namelist() else name
    info = zipped.getinfo(member)
    with zipped.open(info) as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise ValueError(f"{member} is no array")
        stream.seek(0)
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            header = np.lib.format.read_array_header_2_0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                shape, _, kind = header(stream)
        except UserWarning as told:  # numpy mends what Python 2 wrote; a table never was
            raise ValueError(f"the header of {member} is damaged") from told
        if math.prod(shape) * kind.itemsize > info.file_size:
            raise ValueError(f"{member} is shorter than its shape {shape}")
    array = np.asarray(archive[name])
    if kind.kind == "U" and array.size:  # numpy takes any four bytes for a letter
        codes = np.ascontiguousarray(array).view(np.dtype("u4").newbyteorder(kind.byteorder))
        if codes.max() > sys.maxunicode:
            raise ValueError(f"{member} holds no text")
    return array


def _hash(members: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for name in sorted(members):
        array = np.ascontiguousarray(members[name])
        digest.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
