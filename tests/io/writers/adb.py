"""ADB's sheet out of arrays, as rows of cells."""

import numpy as np

from tests.io.writers.wiod import DEMAND_ADB, _bottom


def sheet_adb(t, year=2024, extra_row=False):
    R, S = len(t.regions), t.sectors
    names = [*[f"Sector {k + 1}" for k in range(S)] * R, *[n for _, n in DEMAND_ADB] * R, "TOTAL"]
    regions = [*np.repeat(t.regions, S).tolist(), *np.repeat(t.regions, 5).tolist(), "ToT"]
    numbers = [*[f"c{k + 1}" for k in range(S)] * R, *[c for c, _ in DEMAND_ADB] * R, None]
    blank = [None] * 4
    rows = [
        [f"Multiregional Input-Output Table {year}"],
        [f"{R} economies, at current prices (industry by industry)"],
        ["In millions of US$"],
        [],
    ]
    if extra_row:
        rows.append([*blank, *[f"{k:04d}" for k in range(1, S + 1)] * R, *["1001"] * (5 * R)])
    rows += [[*blank, *names], [*blank, *regions], [*blank, *numbers]]
    rows += [
        [None, names[k], regions[k], numbers[k], *t.Z[k].tolist(), *t.Y[k].tolist(), float(t.x[k])]
        for k in range(R * S)
    ]
    labels = (
        "Intermediate input total", "Taxes less subsidies on products", "CIF / FOB adjustments",
        "Direct purchases abroad by residents",
        "Purchases on the domestic territory by non-residents", "Value added at basic prices",
        "International Transport Margins", "TOTAL",
    )  # fmt: skip
    codes = ("r60", "r99", "r61", "r62", "r63", "r64", "trs", "r69")
    return rows + _bottom(t, lambda k: [None, labels[k], "TOT", codes[k]])
