"""Random tables with the gases that a process of the table needs."""

import numpy as np
from hypothesis import strategies as st
from properties.tables import cases

GASES = {"CO2": 1.0, "CH4": 0.01, "N2O": 0.001}


@st.composite
def tables(draw, *, max_regions: int = 3, max_sectors: int = 4):
    """(table, emissions (3, n) in Mt): small, at prices of 2020."""
    case = draw(cases(max_regions=max_regions, max_sectors=max_sectors))
    rng = case.rng
    F = np.stack([size * case.f * rng.uniform(0.5, 2.0, case.n) for size in GASES.values()])
    mrio = case.mrio(
        stressors=dict(zip(GASES, F, strict=True)),
        units={gas: f"Mt {gas}" for gas in GASES}, year=2020,
    )  # fmt: skip
    return mrio, F


def dense(mrio, F):
    """Multipliers (g, n) by a dense inverse: Mt per million of money is t per unit."""
    x = np.asarray(mrio.x)
    safe = np.where(x == 0, 1.0, x)
    q = np.where(x == 0, 0.0, F / safe)
    A = np.where(x == 0, 0.0, np.asarray(mrio.Z) / safe)
    return q, A, q @ np.linalg.inv(np.eye(len(x)) - A)
