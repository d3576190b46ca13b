"""Textbook cases: small tables whose answers are printed, or follow by hand.

A printed figure counts only if the page that was read shows it. The books of Miller & Blair and
the manuals of Eurostat and the United Nations were not opened themselves; where somebody else's
page or repository quotes them, that page is named as the source.
"""

from __future__ import annotations

import sys
import warnings
from fractions import Fraction
from typing import Any

import numpy as np

import mriocarbon as mc
from mriocarbon.errors import AccountWarning, TableWarning
from validation._check import Report

# Miller & Blair, chapter 2, as the opened page prints it (L to four digits, zeros cut there).
TWO_SECTOR_L = (("1.2541", "0.33"), ("0.264", "1.1221"))
# Problem 2.1, exact solution as the opened file notes it.
PROBLEM_2_1 = ("1139", "844")
# Eurostat manual (2008): Germany 1995, million euro.
GERMANY_Z = (
    (1131, 25480, 1, 607, 710, 762), (7930, 304584, 64167, 41082, 11981, 30360),
    (426, 7334, 3875, 5296, 23457, 9155), (3559, 72717, 14190, 74399, 10835, 21008),
    (3637, 96115, 31027, 65755, 193176, 34223), (1552, 14986, 1747, 11225, 15058, 22070),
)  # fmt: skip
GERMANY_Y = (15219, 619342, 196063, 343355, 268554, 442280)
GERMANY_SECTORS = ("agriculture", "industry", "construction", "trade", "business", "other")
GERMANY_DIAGONAL = ("1.0339", "1.4292", "1.0289")
GERMANY_GHOSH_AGRICULTURE = ("1.0339", "0.0118", "0.0037", "0.0103", "0.0117", "0.0043")
GERMANY_GHOSH_FIRST_ROW = (
    "1.033872798", "0.86116467", "0.05605892", "0.06255558", "0.04771125", "0.05126741",
)  # fmt: skip
GERMANY_GVA = (21664, 395022, 115624, 311407, 415426, 365017)
GERMANY_GVA_MULTIPLIERS = ("0.8450", "0.7647", "0.8615", "0.9019", "0.9393", "0.9199")
GERMANY_JOBS = (1096, 8381, 3236, 9251, 4258, 10206)
GERMANY_JOB_MULTIPLIERS = ("0.0326", "0.0162", "0.0207", "0.0237", "0.0112", "0.0242")
# United Nations handbook (2018): Germany 2009, billion euro and kt.
GERMANY_2009_Z = (
    (3, 20, 0, 0, 0, 1), (7, 394, 48, 56, 11, 30), (1, 11, 18, 8, 28, 10),
    (4, 139, 17, 181, 38, 40), (6, 131, 30, 124, 261, 51), (0, 18, 3, 12, 17, 47),
)  # fmt: skip
GERMANY_2009_X = (42, 1451, 234, 907, 1010, 721)
GERMANY_2009_GASES = {
    "CO2": ((9260, 550893, 9162, 80990, 12077, 24173),
            ("363.803", "558.261", "186.001", "165.476", "41.586", "76.668")),
    "CH4": ((1247, 925, 1, 49, 3, 10), ("32.126", "1.530", "0.371", "0.219", "0.059", "0.132")),
    "N2O": ((137, 62, 0, 2, 0, 0), ("3.526", "0.129", "0.031", "0.016", "0.005", "0.011")),
}  # fmt: skip
# Miller & Blair, chapter 3: two regions, three and two sectors; L from memory of the book.
IRIO_L = (
    ("1.4234", "0.4652", "0.2909", "0.1917", "0.3041"),
    ("0.6346", "1.4237", "0.6707", "0.4092", "0.4558"),
    ("0.6383", "0.5369", "1.3363", "0.2501", "0.3108"),
    ("0.2672", "0.2000", "0.1973", "1.3406", "0.5473"),
    ("0.1468", "0.0908", "0.0926", "0.2155", "1.2538"),
)
# The project's own toy table (internal), printed to six digits.
TOY: dict[str, Any] = {
    "Z": [[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
    "Y": [[30, 40], [55, 10], [10, 45], [5, 120]],
    "f": [240, 50, 60, 40],
}
TOY_ACCOUNTS = {
    "production": ("290", "100"),
    "consumption": ("147.014721", "242.985279"),
    "eebt": ("142.329114", "247.670886"),
    "income": ("290.893675", "99.106325"),
}
TOY_E = (("133.916467", "156.083533"), ("13.098254", "86.901746"))


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("Textbook cases")
    two_sectors(report)
    germany_1995(report)
    germany_2009(report)
    interregional(report)
    toy(report)
    chain(report)
    identities(report)
    return report.finish()


def single(Z: Any, Y: Any, **options: Any) -> mc.MRIO:
    """One region, with as many sectors as Z has rows."""
    sectors = [str(k) for k in range(len(Y))]
    return mc.MRIO.from_arrays(
        Z=Z, Y=np.reshape(Y, (-1, 1)), regions=["one"], sectors=sectors, **options
    )


def two_sectors(report: Report) -> None:
    report.source(
        "Miller & Blair (1985), chapter 2, as quoted by N. Lane (2016), Input-Output Tables & the"
        " Leontief Inverse in R, part I (repository nathanlane/hugoblog); the page was read, the"
        " book not"
    )
    mrio = single([[150, 500], [200, 100]], [350, 1700])
    L = mc.leontief(mrio).inverse()
    for i, row in enumerate(TWO_SECTOR_L):
        for j, value in enumerate(row):
            # The page cuts trailing zeros: 0.33 stands for 0.3300.
            report.printed(f"L[{i + 1},{j + 1}]", L[i, j], value, tolerance=5e-5)
    report.source("Miller & Blair (2009), section 2.3, from memory: new final demand (600, 1500)")
    new = mc.leontief(mrio).output(np.array([600.0, 1500.0])).value
    for k, value in enumerate(("1247.5", "1841.6")):
        report.printed(f"output of sector {k + 1}", new[k], value, opened=False)
    report.source(
        "Miller & Blair, problem 2.1: agriculture and manufacturing, final demand (200, 100);"
        " results as noted in the examples of the model metis (repository JGCRI/metis); the file"
        " was read, the book not"
    )
    Z = np.array([[500.0, 350], [320, 360]])
    x = np.array([1000.0, 800])
    mrio = single(Z, x - Z.sum(axis=1))
    demand = np.array([200.0, 100])
    for k, value in enumerate(PROBLEM_2_1):
        report.printed(f"output {k + 1}", mc.leontief(mrio).output(demand).value[k], value)


def germany_1995(report: Report) -> None:
    report.source(
        "Eurostat (2008), Manual of Supply, Use and Input-Output Tables (J. Beutel), Germany 1995,"
        " Table 15.4 and results, as transcribed and tested in the R package iotables (repository"
        " rOpenGov/iotables; its data, tests and reference pages were read, the manual not)"
    )
    x = np.array(GERMANY_Z).sum(axis=1) + np.array(GERMANY_Y)
    mrio = single(GERMANY_Z, GERMANY_Y)
    system = mc.leontief(mrio)
    L = system.inverse()
    for k, value in enumerate(GERMANY_DIAGONAL):
        report.printed(f"Table 15.10, L of {GERMANY_SECTORS[k]} on itself", L[k, k], value)
    G = system.ghosh_multipliers(np.eye(6)).value.T
    for k, value in enumerate(GERMANY_GHOSH_AGRICULTURE):
        report.printed(f"Ghosh inverse, {GERMANY_SECTORS[k]}, agriculture", G[k, 0], value)
    # The reference page of iotables divides industry by a row total of 1,079,400, though the row
    # adds up to 1,079,446: its eight digits need the same x, which the table then warns of.
    quoted = x.astype(float)
    quoted[1] = 1079400
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        table = single(GERMANY_Z, GERMANY_Y, x=quoted)
    G = mc.leontief(table).ghosh_multipliers(np.eye(6)).value.T
    for k, value in enumerate(GERMANY_GHOSH_FIRST_ROW):
        report.printed(f"Ghosh inverse to 8 digits, agriculture, {GERMANY_SECTORS[k]}",
                       G[0, k], value)  # fmt: skip
    for what, satellite, published in (
        ("value added", GERMANY_GVA, GERMANY_GVA_MULTIPLIERS),
        ("employment", GERMANY_JOBS, GERMANY_JOB_MULTIPLIERS),
    ):
        m = system.multipliers(np.array(satellite) / x).value
        for k, value in enumerate(published):
            # The manual multiplies coefficients that it has rounded to four digits; so does
            # this tolerance: half a unit in q, carried through a column of L.
            allowed = 5e-5 * (1 + L[:, k].sum())
            report.printed(
                f"{what} multiplier of {GERMANY_SECTORS[k]}", m[k], value,
                tolerance=allowed, why="printed precision, and that of the coefficients",
            )  # fmt: skip


def germany_2009(report: Report) -> None:
    report.source(
        "United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables,"
        " Germany 2009: emissions per unit of final demand (t per million euro), as transcribed in"
        " iotables (data-raw/UN_Manual; read there, the handbook not). The table is printed in"
        " whole billion euro: three standard deviations of that rounding are allowed"
    )
    Z, x = np.array(GERMANY_2009_Z, dtype=float), np.array(GERMANY_2009_X, dtype=float)
    mrio = single(Z, x - Z.sum(axis=1), x=x)
    inverse = np.linalg.inv(np.diag(x) - Z)
    for gas, (emitted, published) in GERMANY_2009_GASES.items():
        f = np.array(emitted, dtype=float)
        m = mc.leontief(mrio).multipliers(f / x).value
        # m M = f: df - m dM carries independent roundings of variance 1/12 in f, x and Z.
        variance = (1 + m**2 + (m**2).sum()) / 12
        spread = 3 * np.sqrt(variance @ inverse**2)
        for k, value in enumerate(published):
            report.printed(
                f"{gas} of {GERMANY_SECTORS[k]}", m[k], value,
                tolerance=float(spread[k]) + 5e-4, why="rounding of the printed table",
            )  # fmt: skip


def interregional(report: Report) -> None:
    report.source(
        "Miller & Blair (2009), section 3.3, two regions with three and two sectors. The flows were"
        " read in two places that quote them (JGCRI/metis; tests of CLIMADA petals); the printed"
        " inverse is from memory of the book, which was not opened"
    )
    # The second region lacks the third sector: it enters with zero output.
    Z = np.zeros((6, 6))
    Z[:5, :5] = [
        [150, 500, 50, 25, 75], [200, 100, 400, 200, 100], [300, 500, 50, 60, 40],
        [75, 100, 60, 200, 250], [50, 25, 25, 150, 100],
    ]  # fmt: skip
    Y = np.zeros((6, 2))
    Y[:3, 0], Y[3:5, 1] = [200, 1000, 50], [515, 450]
    mrio = mc.MRIO.from_arrays(Z=Z, Y=Y, regions=["L", "M"], sectors=["1", "2", "3"])
    report.same("row sums: output as quoted", mrio.x, [1000, 2000, 1000, 1200, 800, 0], rtol=1e-12)
    L = mc.leontief(mrio).inverse()
    for i, row in enumerate(IRIO_L):
        for j, value in enumerate(row):
            report.printed(f"L[{i + 1},{j + 1}]", L[i, j], value, opened=False)
    report.true("a sector without output neither needs nor feeds anything", L[5, 5] == 1.0)


def toy(report: Report) -> None:
    report.source(
        "internal: the project's toy table of two regions and two sectors, results to six digits"
    )
    mrio = toy_table()
    for principle, expected in TOY_ACCOUNTS.items():
        value = account(mrio, principle)
        for k, text in enumerate(expected):
            report.printed(f"{principle}, region {mrio.regions[k]}", value[k], text)
    E = mc.bilateral(mrio, "GHG").value
    for i, row in enumerate(TOY_E):
        for j, text in enumerate(row):
            report.printed(f"E[{mrio.regions[i]},{mrio.regions[j]}]", E[i, j], text)
    report.source("the same table solved in exact fractions (Gauss-Jordan), in this run")
    exact = exact_toy()
    for principle, rational in exact.items():
        report.same(principle, account(mrio, principle), [float(v) for v in rational], rtol=1e-12)


def toy_table() -> mc.MRIO:
    """The toy table, through the public call."""
    return mc.MRIO.from_arrays(
        Z=TOY["Z"], Y=TOY["Y"], regions=["A", "B"], sectors=["1", "2"],
        stressors={"GHG": TOY["f"]}, households={"GHG": [0, 0]},
    )  # fmt: skip


def account(mrio: mc.MRIO, principle: str, **options: Any) -> Any:
    """The accounts of the regions, industries only."""
    with warnings.catch_warnings():
        # B and C of the chain emit and consume nothing, so that any account looks too large.
        warnings.simplefilter("ignore", AccountWarning)
        result = mc.account(mrio, principle, stressor="GHG", households=False, **options)
    return result.value


def exact_toy() -> dict[str, list[Fraction]]:
    """Four accounts of the toy table by rational arithmetic, with no code of the package."""
    Z = [[Fraction(v) for v in row] for row in TOY["Z"]]
    Y = [[Fraction(v) for v in row] for row in TOY["Y"]]
    f = [Fraction(v) for v in TOY["f"]]
    n = range(4)
    x = [sum(Z[i], Fraction(0)) + sum(Y[i], Fraction(0)) for i in n]
    M = [[(x[i] if i == j else Fraction(0)) - Z[i][j] for j in n] for i in n]
    W = invert(M)
    m = [sum(f[i] * W[i][j] for i in n) for j in n]
    enabled = [sum(W[i][j] * f[j] for j in n) for i in n]  # G q
    v = [x[j] - sum(Z[i][j] for i in n) for j in n]
    own = ((0, 1), (2, 3))
    sold: list[Fraction] = []
    for r in (0, 1):
        block = invert([[M[i][j] for j in own[r]] for i in own[r]])
        m_r = [sum(f[own[r][i]] * block[i][j] for i in (0, 1)) for j in (0, 1)]
        gross = [Y[i][1 - r] + sum(Z[i][j] for j in own[1 - r]) for i in own[r]]
        sold.append(m_r[0] * gross[0] + m_r[1] * gross[1])
    made = [f[0] + f[1], f[2] + f[3]]
    return {
        "consumption": [sum((m[i] * Y[i][r] for i in n), Fraction(0)) for r in (0, 1)],
        "income": [sum((v[i] * enabled[i] for i in own[r]), Fraction(0)) for r in (0, 1)],
        "eebt": [made[0] - sold[0] + sold[1], made[1] - sold[1] + sold[0]],
        "final-producer": [
            sum((m[i] * sum(Y[i], Fraction(0)) for i in own[r]), Fraction(0)) for r in (0, 1)
        ],
    }


def invert(M: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss-Jordan in exact fractions."""
    n = len(M)
    rows = [list(row) + [Fraction(i == j) for j in range(n)] for i, row in enumerate(M)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                factor = rows[i][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[n:] for row in rows]


def chain(report: Report) -> None:
    report.source(
        "arithmetic by hand after the rule of Gallego & Lenzen (2005), doi:"
        "10.1080/09535310500283492: a supply chain A -> B -> C -> household in D, 100 t at A, each"
        " stage keeps half of what it has and passes half on: 50, 25, 12.5, and 12.5 for D"
    )
    Z = np.zeros((4, 4))
    Z[0, 1], Z[1, 2] = 40, 70
    Y = np.zeros((4, 4))
    Y[2, 3] = 100
    mrio = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=list("ABCD"), sectors=["1"], stressors={"GHG": [100, 0, 0, 0]}
    )
    for a, b, expected in (
        (0.5, 0.5, (50, 25, 12.5, 12.5)),
        (0.0, 0.0, (100, 0, 0, 0)),
        (1.0, 1.0, (0, 0, 0, 100)),
        (1.0, 0.0, (0, 0, 100, 0)),
        (0.8, 0.25, (20, 16, 48, 16)),
    ):
        shared = account(mrio, "shared", a=a, b=b)
        report.same(f"shared, a = {a}, b = {b}", shared, expected, rtol=1e-12)
    # 1 - v/(x - Z_ii): A buys nothing (a = 0), B 40 of 70 (a = 4/7), C 70 of 100 (a = 0.7).
    default = account(mrio, "shared")
    report.same("shared, default a: A passes on nothing", default, (100, 0, 0, 0), rtol=1e-12)
    # Value added: 40 at A, 30 at B, 30 at C of 100; all of it for D's consumption.
    report.same("value-added", account(mrio, "value-added"), (40, 30, 30, 0), rtol=1e-12)
    # B sells to itself 70: booked inside, nothing may change.
    Z2 = Z.copy()
    Z2[1, 1] = 70
    booked = mc.MRIO.from_arrays(
        Z=Z2, Y=Y, regions=list("ABCD"), sectors=["1"], stressors={"GHG": [100, 0, 0, 0]}
    )
    inside = account(booked, "shared", a=0.5, b=0.5, self_deliveries="inside")
    report.same("self-deliveries inside", inside, (50, 25, 12.5, 12.5), rtol=1e-12)
    # As booked, B's own sales keep half once more: of 50 in, B's m_b x = 50/(1 - 0.25) = 66.67;
    # it keeps 0.5 (70 + 70)/140 of it = 33.33 and passes 16.67 on, of which C keeps half.
    as_booked = account(booked, "shared", a=0.5, b=0.5)
    report.same("self-deliveries as booked", as_booked, (50, 100 / 3, 25 / 3, 25 / 3), rtol=1e-12)


def identities(report: Report) -> None:
    report.source(
        "identities of Leontief (1936, 1970) and Ghosh (1958), on the embedded OECD table of 2022;"
        " v' L-coefficients, power series and sums need no other source"
    )
    mrio = mc.load("oecd-icio-2022")
    system = mc.leontief(mrio)
    live = mrio.x > 0
    f = mrio.extensions["GHG"].F
    total = mrio.final_demand.sum(axis=1)
    # The rows of the published table balance to a few parts in ten million, not to rounding.
    report.same("x = L Y1", system.output(total).value, mrio.x, rtol=1e-6)
    m = system.left(np.where(live, f, 0.0)).value
    report.same("m'Y1 = 1'f", (m @ total).sum(), f.sum(), rtol=1e-9)
    v = mrio.primary_inputs
    content = system.left(v[None, :]).value[0][live]
    report.same("v_c'L = 1'", content, np.ones(live.sum()), rtol=1e-9)
    report.same("v'G = x'", system.ghosh_output(v).value, mrio.x, rtol=1e-9)
    A = np.where(live, mrio.Z / np.where(live, mrio.x, 1.0), 0.0)
    step = total.copy()
    series = total.copy()
    for _ in range(200):  # sum of A^k y, k = 0 ... 200
        step = A @ step
        series += step
    report.same("x = sum of A^k Y1", system.output(total).value, series, rtol=1e-9)


if __name__ == "__main__":
    sys.exit(main())
