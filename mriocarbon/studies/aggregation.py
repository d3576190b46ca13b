"""The effect of aggregation: the same question on 81 economies instead of 20 regions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import account
from mriocarbon.datasets.full import full_table, grouping
from mriocarbon.model import MRIO, Extension, Note

Array = NDArray[np.float64]


def full_with_intensities(folder: Path, coarse: MRIO) -> tuple[MRIO, NDArray[np.intp]]:
    """Return the 81 x 50 table with the GHG intensities of the 20 regions, and the grouping.

    Parameters
    ----------
    folder : Path
        Of source data.
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
    full, region = full_table(folder, coarse), grouping(folder)
    group = np.array([coarse.regions.index(region[c]) for c in full.regions])
    with np.errstate(invalid="ignore"):
        q = np.where(coarse.x > 0, coarse.extensions["GHG"].F[0] / coarse.x, 0.0)
    F = q.reshape(len(coarse.regions), -1)[group].ravel() * full.x
    note = Note("every economy carries the GHG intensities of its region", "GHG", estimated=True)
    extension = Extension("GHG", ("GHG",), F[None, :], ("Mt CO2e",), notes=(note,))
    return full.replace_extensions(extension), group


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
