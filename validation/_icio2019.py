"""OECD ICIO 2019 (2023 edition), 20 economies x 20 sections of ISIC, with its own primary inputs.

No emissions of 2019 are at hand, and none are invented: the stressors are the table's rows of
taxes, labour and capital.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc

FILE = Path("icio2019") / "icio_oecd2023_2019_isic_g20.npz"


def table(folder: Path, *, taxes: bool) -> mc.MRIO:
    """Return the table with the stressor "value added" and, with `taxes`, all "inputs" first."""
    with np.load(folder / FILE) as archive:
        data: NDArray[np.float64] = np.asarray(archive["data"], dtype=float)
        regions, sectors = archive["country_codes"].tolist(), archive["sector_codes"].tolist()
        categories = archive["fd_codes"].tolist()
    n = len(regions) * len(sectors)
    added = data[n + 1 : n + 3, :n].sum(axis=0)
    inputs = {"inputs": data[n, :n] + added} if taxes else {}
    return mc.MRIO.from_arrays(
        Z=data[:n, :n], Y=data[:n, n:], regions=regions, sectors=sectors, categories=categories,
        stressors={**inputs, "value added": added}, units="million USD", year=2019,
        price_year=2019, provenance=mc.Provenance("oecd-icio-2019", "OECD ICIO 2023"),
    )  # fmt: skip
