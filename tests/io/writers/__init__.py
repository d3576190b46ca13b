"""Writers of official layouts, one module each: tests only, from real or real-shaped tables.

They are written from the producers' descriptions, not from the readers.
"""

from dataclasses import dataclass

import numpy as np

import mriocarbon as mc

CATEGORIES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
# How one column of real final demand is spread over six; changes in inventories are negative.
SHARES = np.array([0.5, 0.05, 0.2, 0.25, -0.02, 0.02])


@dataclass(frozen=True)
class Sample:
    """A balanced table with everything that an official file has."""

    regions: tuple
    sectors: tuple
    categories: tuple
    Z: np.ndarray
    Y: np.ndarray
    x: np.ndarray
    VA: np.ndarray
    TLS: np.ndarray
    TLS_Y: np.ndarray

    @property
    def pairs(self):
        return [(r, s) for r in self.regions for s in self.sectors]


def sample(
    regions=("AUS", "CHN", "MEX", "ROW"), sectors=("A01_02", "B05_06", "C10T12"), *, zero=True
):
    """The first regions and sectors of the embedded real table, under other names.

    The second region's last sector is all zero; final demand has six categories; taxes on
    final demand are 3 % of it.
    """
    real = mc.load("oecd-icio-2022")
    R, S = len(regions), len(sectors)
    keep = np.array([r * len(real.sectors) + s for r in range(R) for s in range(S)])
    Z = np.array(real.Z[np.ix_(keep, keep)])
    FD = np.array(real.Y[np.ix_(keep, range(R))])
    # What is sold outside the subset is demanded at home, so that output stays what it is.
    FD[np.arange(R * S), np.repeat(np.arange(R), S)] += real.x[keep] - Z.sum(1) - FD.sum(1)
    if zero and R > 1:
        dead = 2 * S - 1
        Z[dead], Z[:, dead], FD[dead] = 0.0, 0.0, 0.0
    Y = (FD[:, :, None] * SHARES).reshape(R * S, -1)
    x = Z.sum(axis=1) + Y.sum(axis=1)
    TLS = 0.01 * Z.sum(axis=0)
    return Sample(
        tuple(regions), tuple(sectors), CATEGORIES, Z, Y, x, x - Z.sum(axis=0) - TLS, TLS,
        0.03 * Y.sum(axis=0),
    )  # fmt: skip


def text(rows, separator=",", decimal="."):
    """Rows of cells as csv text; floats with all their digits."""

    def cell(value):
        if isinstance(value, (float, np.floating)):
            value = repr(float(value)).removesuffix(".0").replace(".", decimal)
        return str(value)

    return "\n".join(separator.join(cell(v) for v in row) for row in rows) + "\n"


# For a process of its own. ru_maxrss starts at the peak of the process that started it, so that
# a large parent hides what the child needs; the high-water mark in /proc does not.
PEAK_MEMORY = """
def peak_memory():
    try:
        with open("/proc/self/status") as told:
            return next(int(k.split()[1]) * 1024 for k in told if k.startswith("VmHWM"))
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
"""
