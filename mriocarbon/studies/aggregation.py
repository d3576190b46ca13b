"""The effect of aggregation: the same question on 81 economies instead of 20 regions."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import account
from mriocarbon.errors import DataFileError
from mriocarbon.model import MRIO, Extension, Note

Array = NDArray[np.float64]


def full_table(folder: Path, coarse: MRIO) -> tuple[MRIO, NDArray[np.intp]]:
    """Return the 81 x 50 table with the GHG intensities of the 20 regions, and the grouping.

    Parameters
    ----------
    folder : Path
        With ``icio2022_81x50_f32.npz`` and ``region_mapping_20R.csv``.
    coarse : MRIO
        The 20 x 50 table with stressor GHG.

    Returns
    -------
    mrio : MRIO
        81 economies x 50 industries; its GHG is an estimate: q of the region times output.
    group : ndarray of int, shape (81,)
        Position of each economy's region in `coarse`.

    Raises
    ------
    DataFileError
        A file is missing or truncated.
    """
    path = folder / "icio2022_81x50_f32.npz"
    try:
        with np.load(path, allow_pickle=False) as archive:
            raw = {name: archive[name] for name in ("Z", "Y", "x", "countries", "sectors")}
        with (folder / "region_mapping_20R.csv").open(encoding="utf-8") as file:
            region = {row["country"]: row["region"] for row in csv.DictReader(file)}
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise DataFileError(
            f"cannot read the full table: {error}",
            where=str(path),
            do="point MRIOCARBON_DATA to a whole copy of the source data",
        ) from error
    countries = [str(c) for c in raw["countries"]]
    group = np.array([coarse.regions.index(region[c]) for c in countries])
    with np.errstate(invalid="ignore"):
        q = np.where(coarse.x > 0, coarse.extensions["GHG"].F[0] / coarse.x, 0.0)
    F = q.reshape(len(coarse.regions), -1)[group].ravel() * raw["x"]
    mrio = MRIO.from_arrays(
        Z=raw["Z"],
        Y=raw["Y"],
        x=raw["x"],
        regions=countries,
        sectors=[str(s) for s in raw["sectors"]],
        year=2022,
        price_year=2022,
        notes=coarse.notes,
        provenance=coarse.provenance,
    )
    note = Note("every economy carries the GHG intensities of its region", "GHG", estimated=True)
    extension = Extension("GHG", ("GHG",), F[None, :], ("Mt CO2e",), notes=(note,))
    return mrio.replace_extensions(extension), group


def accounts_at_detail(
    full: MRIO, group: NDArray[np.intp], regions: Sequence[str], names: Sequence[str]
) -> dict[str, Array]:
    """Return the accounts of the 20 regions under each principle, computed on the full table.

    Parameters
    ----------
    full : MRIO
    group : ndarray of int, shape (economies,)
    regions : sequence of str
    names : sequence of str
        Principles.

    Returns
    -------
    dict of principle to ndarray, shape (regions,), Mt CO2e, households excluded
    """
    result = {}
    for name in names:
        value = account(full, name, stressor="GHG", households=False).value[: len(group)]
        summed = np.bincount(group, weights=value, minlength=len(regions))
        result[name] = np.asarray(summed, dtype=np.float64)
    return result
