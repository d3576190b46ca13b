"""WIOD's sheets (2013 and 2016) and ADB's out of arrays, as rows of cells."""

from dataclasses import dataclass

import numpy as np

SECTORS_2013 = [
    "AtB",
    "C",
    "15t16",
    "17t18",
    "19",
    "20",
    "21t22",
    "23",
    "24",
    "25",
    "26",
    "27t28",
    "29",
    "30t33",
    "34t35",
    "36t37",
    "E",
    "F",
    "50",
    "51",
    "52",
    "H",
    "60",
    "61",
    "62",
    "63",
    "64",
    "J",
    "70",
    "71t74",
    "L",
    "M",
    "N",
    "O",
    "P",
]
SECTORS_2016 = [
    "A01",
    "A02",
    "A03",
    "B",
    "C10-C12",
    "C13-C15",
    "C16",
    "C17",
    "C18",
    "C19",
    "C20",
    "C21",
    "C22",
    "C23",
    "C24",
    "C25",
    "C26",
    "C27",
    "C28",
    "C29",
    "C30",
    "C31_C32",
    "C33",
    "D35",
    "E36",
    "E37-E39",
    "F",
    "G45",
    "G46",
    "G47",
    "H49",
    "H50",
    "H51",
    "H52",
    "H53",
    "I",
    "J58",
    "J59_J60",
    "J61",
    "J62_J63",
    "K64",
    "K65",
    "K66",
    "L68",
    "M69_M70",
    "M71",
    "M72",
    "M73",
    "M74_M75",
    "N",
    "O84",
    "P85",
    "Q",
    "R_S",
    "T",
    "U",
]
DEMAND = (
    ("c37", "Final consumption expenditure by households"),
    ("c38", "Final consumption expenditure by non-profit organisations serving households (NPISH)"),
    ("c39", "Final consumption expenditure by government"),
    ("c41", "Gross fixed capital formation"),
    ("c42", "Changes in inventories and valuables"),
)
DEMAND_2016 = (
    ("CONS_h", "Final consumption expenditure by households"),
    (
        "CONS_np",
        "Final consumption expenditure by non-profit organisations serving households (NPISH)",
    ),
    ("CONS_g", "Final consumption expenditure by government"),
    ("GFCF", "Gross fixed capital formation"),
    ("INVEN", "Changes in inventories and valuables"),
)
DEMAND_ADB = (
    ("F1", "Final consumption expenditure by households"),
    ("F2", "Final consumption expenditure by non-profit organisations serving households (NPISHs)"),
    ("F3", "Final consumption expenditure by government"),
    ("F4", "Gross fixed capital formation"),
    ("F5", "Changes in inventories and valuables"),
)
OTHERS = ("taxes", "cif/fob", "abroad", "non-residents", "margins")


@dataclass
class Arrays:
    """A balanced table: x = Z1 + Y1; value added is what is left of it."""

    regions: list[str]
    Z: np.ndarray
    Y: np.ndarray
    others: np.ndarray  # (5, n), in the order of OTHERS
    others_Y: np.ndarray  # (5, columns of Y)

    @property
    def x(self):
        return self.Z.sum(1) + self.Y.sum(1)

    @property
    def va(self):
        return self.x - self.Z.sum(0) - self.others.sum(0)

    @property
    def sectors(self):
        return len(self.Z) // len(self.regions)


def made(regions, S, seed=0, Z=None, Y=None):
    """Arrays with the five other rows; numbers from a seed where none are given."""
    random = np.random.default_rng(seed)
    n, m = len(regions) * S, len(regions) * 5
    Z = random.random((n, n)).round(6) if Z is None else np.asarray(Z, float)
    Y = (random.random((n, m)) * n).round(6) if Y is None else np.asarray(Y, float)
    return Arrays(
        list(regions), Z, Y, random.random((5, n)).round(5), random.random((5, m)).round(5)
    )


def _bottom(t, form):
    """Rows below the industries: label cells, then Z part, Y part, total."""
    taxes, cif, abroad, non, margins = zip(t.others, t.others_Y, strict=True)
    zero = np.zeros(t.Y.shape[1])
    inputs = (t.Z.sum(0), t.Y.sum(0))
    output = (t.x, t.Y.sum(0) + t.others_Y.sum(0))
    values = [inputs, taxes, cif, abroad, non, (t.va, zero), margins, output]
    return [
        [*form(k), *z.tolist(), *y.tolist(), float(z.sum() + y.sum())]
        for k, (z, y) in enumerate(values)
    ]


NAMES = (
    "Total intermediate consumption",
    "taxes less subsidies on products",
    "Cif/ fob adjustments on exports",
    "Direct purchases abroad by residents",
    "Purchases on the domestic territory by non-residents ",
    "Value added at basic prices",
    "International Transport Margins",
    "Output at basic prices",
)


def _sheet(title, codes, names, regions, numbers, body):
    top = [[t, None, None, None] for t in title]
    head = [codes, names, regions, numbers]
    rows = top[:2]
    for k, row in enumerate(head):
        left = top[2 + k] if 2 + k < len(top) else [None] * 4
        rows.append([*left, *row])
    return rows + body


def sheet_2013(t: Arrays, year=2011):
    R, S = len(t.regions), t.sectors
    codes = [*SECTORS_2013[:S] * R, *[None] * (5 * R), None]
    # Excel stores such codes as numbers
    codes = [float(c) if c and c.isdigit() else c for c in codes]
    names = [
        *[f"Sector {k + 1}" for k in range(S)] * R,
        *[n for _, n in DEMAND] * R,
        "Total output",
    ]
    regions = [*np.repeat(t.regions, S).tolist(), *np.repeat(t.regions, 5).tolist(), "TOT"]
    numbers = [*[f"c{k + 1}" for k in range(S)] * R, *[c for c, _ in DEMAND] * R, "c43"]
    body = [
        [codes[k], names[k], regions[k], numbers[k], *t.Z[k].tolist(), *t.Y[k].tolist(),
         float(t.x[k])]
        for k in range(R * S)
    ]  # fmt: skip
    rows = ("r60", "r99", "r61", "r62", "r63", "r64", "r65", "r69")
    body += _bottom(t, lambda k: [None, NAMES[k], "TOT", rows[k]])
    title = [
        f"World Input-Output Table for {year}", "(at current prices)", "(industry-by-industry)",
        "(millions of US$)",
    ]  # fmt: skip
    return _sheet(title, codes, names, regions, numbers, body)


def sheet_2016(t: Arrays, year=2014):
    R, S = len(t.regions), t.sectors
    codes = [*SECTORS_2016[:S] * R, *[c for c, _ in DEMAND_2016] * R, "GO"]
    names = [
        *[f"Sector {k + 1}" for k in range(S)] * R,
        *[n for _, n in DEMAND_2016] * R,
        "Total output",
    ]
    regions = [*np.repeat(t.regions, S).tolist(), *np.repeat(t.regions, 5).tolist(), "TOT"]
    numbers = [
        *[f"c{k + 1}" for k in range(S)] * R, *[f"c{57 + k}" for k in range(5)] * R, "c62"
    ]  # fmt: skip
    body = [
        [codes[k], names[k], regions[k], f"r{k % S + 1}", *t.Z[k].tolist(), *t.Y[k].tolist(),
         float(t.x[k])]
        for k in range(R * S)
    ]  # fmt: skip
    rows = ("II_fob", "TXSP", "EXP_adj", "PURR", "PURNR", "VA", "IntTTM", "GO")
    body += _bottom(t, lambda k: [rows[k], NAMES[k], "TOT", f"r{65 + k + (k == 7)}"])
    title = [
        "Intercountry Input-Output Table", f"{R - 1} countries, in current prices",
        "(industry-by-industry)", "(millions of US$)",
    ]  # fmt: skip
    return _sheet(title, codes, names, regions, numbers, body)
