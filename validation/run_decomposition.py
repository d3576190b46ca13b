"""Structural decomposition: textbook formulas, figures of another package, exact fractions, WIOD.

WIOD and ICIO need the folder of source data (MRIOCARBON_DATA). Results on real data that no source
prints are said, not passed; what passes are identities and ways of computing that share no code.
"""

from __future__ import annotations

import csv
import itertools
import sys
import warnings
from collections.abc import Sequence
from fractions import Fraction
from math import factorial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from mriocarbon.build.aggregate import aggregate
from mriocarbon.errors import AccountWarning, TableWarning, UnitError
from mriocarbon.structure.decomposition import Decomposition, decompose
from mriocarbon.structure.lmdi import lmdi
from mriocarbon.structure.series import DecompositionSeries, decompose_series
from validation import _icio2019
from validation._check import Report, data_folder, table
from validation._wiod import MISSING, emissions, wiod
from validation.run_wiod import NAMES

Array = NDArray[np.float64]
# Miller & Blair (2009), pages 596-597: the data as a public course prints them.
MB_Z = (((10, 20, 25), (15, 5, 30), (30, 40, 5)), ((12, 15, 35), (24, 11, 30), (36, 50, 8)))
MB_F = ((45, 30, 25), (50, 35, 26))
# Tests of the R package LMDIR: two cells, three factors, 1971 and 1972.
LMDIR = ([[1, 4], [10, 5], [2, 3]], [[4, 5], [5, 6], [3, 4]])
LMDIR_EFFECTS = ("69.79006598", "-9.455125793", "39.66505981")
SHOWN = ("CHN", "IND", "USA", "DEU", "JPN", "GBR")


def main() -> int:
    """Return 1 if an identity or a figure from an opened source fails."""
    report = Report("structural decomposition")
    textbook(report)
    other_package(report)
    fractions(report)
    published(report)
    folder = data_folder()
    if folder is None:
        report.skip("WIOD 2000-2011, ICIO 2019 and 2022", "MRIOCARBON_DATA names no folder")
        return report.finish()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        real(report, folder)
        editions(report, folder)
    return report.finish()


def textbook(report: Report) -> None:
    """Miller & Blair's example of two factors, in exact fractions."""
    report.source(
        "Miller & Blair (2009), chapter 13, example of pages 596-597: data and equations 13.3, 13.4"
        " and 13.7 as printed in the public scripts of a course on input-output analysis (Leiden,"
        " lecture 9, 2021/22). The book's own table of results was not opened: the expected"
        " figures are its equations in exact fractions"
    )
    tables, L = [], []
    for k, (Z, f) in enumerate(zip(MB_Z, MB_F, strict=True)):
        x = [sum(row) + y for row, y in zip(Z, f, strict=True)]
        L.append(inverse([[Fraction(int(i == j)) - Fraction(Z[i][j], x[j]) for j in range(3)]
                          for i in range(3)]))  # fmt: skip
        tables.append(
            mc.MRIO.from_arrays(
                Z=Z, Y=[[y] for y in f], regions=["A"], sectors=["1", "2", "3"], year=k,
                stressors={f"x{i}": [x[i] if j == i else 0 for j in range(3)] for i in range(3)},
                units="million",
            )
        )  # fmt: skip
    for i in range(3):
        found = decompose(
            *tables, stressor=f"x{i}",
            factors=["intensity", "technology+trade", "origin+mix+level"],
        )  # fmt: skip
        dL = [L[1][i][j] - L[0][i][j] for j in range(3)]
        df = [MB_F[1][j] - MB_F[0][j] for j in range(3)]
        mid = [
            sum(dL[j] * (MB_F[0][j] + MB_F[1][j]) for j in range(3)) / 2,
            sum((L[0][i][j] + L[1][i][j]) * df[j] for j in range(3)) / 2,
        ]
        first = [sum(dL[j] * MB_F[0][j] for j in range(3)),
                 sum(L[1][i][j] * df[j] for j in range(3))]  # fmt: skip
        second = [sum(dL[j] * MB_F[1][j] for j in range(3)),
                  sum(L[0][i][j] * df[j] for j in range(3))]  # fmt: skip
        report.same(f"output of sector {i + 1}: technology and final demand, 13.7",
                    found.effects.value[1:, 0], [float(v) for v in mid], rtol=1e-12)  # fmt: skip
        low = [float(min(a, b)) for a, b in zip(first, second, strict=True)]
        high = [float(max(a, b)) for a, b in zip(first, second, strict=True)]
        assert found.effects.low is not None
        assert found.effects.high is not None
        report.same(f"output of sector {i + 1}: range is 13.3 and 13.4",
                    [*found.effects.low[1:, 0], *found.effects.high[1:, 0]], [*low, *high],
                    rtol=1e-12)  # fmt: skip


def other_package(report: Report) -> None:
    """LMDI-I against the figures in the tests of another package."""
    report.source(
        "M. K. Heun, R package LMDIR, its tests (figures from a spreadsheet), additive LMDI-I"
    )
    effects, _ = lmdi(*LMDIR)
    for k, (computed, expected) in enumerate(zip(effects, LMDIR_EFFECTS, strict=True), 1):
        report.printed(f"factor {k}", float(computed), expected)


def fractions(report: Report) -> None:
    """Two regions, two sectors, six factors: all 720 orders in exact fractions."""
    report.source("exact fractions, all 720 orders of change one by one, computed in this run")
    Z = [[[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
         [[22, 9, 25, 5], [10, 24, 3, 5], [9, 0, 18, 22], [1, 5, 10, 50]]]  # fmt: skip
    Y = [[[30, 40], [55, 10], [10, 45], [5, 120]], [[33, 47], [60, 9], [16, 55], [9, 131]]]
    f = [[240, 50, 60, 40], [230, 55, 60, 30]]
    six, values = subset_values(Z, Y, f)
    tables = [
        mc.MRIO.from_arrays(Z=Z[k], Y=Y[k], regions=["A", "B"], sectors=["1", "2"], year=k,
                            stressors={"GHG": f[k]})
        for k in (0, 1)
    ]  # fmt: skip
    n = len(six)
    every = []
    for order in itertools.permutations(range(n)):
        mask, effects = 0, [[Fraction(0)] * 2 for _ in range(n)]
        for i in order:
            after = values[mask | 1 << i]
            effects[i] = [a - b for a, b in zip(after, values[mask], strict=True)]
            mask |= 1 << i
        every.append(effects)
    report.true("orders of six factors", len(every) == factorial(n),
                value=f"{len(every)}", bound=f"{n}! = {factorial(n)}")  # fmt: skip
    mean = np.array([[float(sum(e[i][d] for e in every) / len(every)) for d in (0, 1)]
                     for i in range(n)])  # fmt: skip
    low = np.array([[float(min(e[i][d] for e in every)) for d in (0, 1)] for i in range(n)])
    high = np.array([[float(max(e[i][d] for e in every)) for d in (0, 1)] for i in range(n)])
    ends = np.array([[float((every[0][i][d] + every[-1][i][d]) / 2) for d in (0, 1)]
                     for i in range(n)])  # fmt: skip
    found = decompose(*tables)
    report.true("factors in this order: " + ", ".join(six), found.factors == six)
    report.same("mean of 720 orders", found.effects.value, mean, rtol=1e-11)
    assert found.effects.low is not None
    assert found.effects.high is not None
    report.same("smallest effects", found.effects.low, low, rtol=1e-11)
    report.same("largest effects", found.effects.high, high, rtol=1e-11)
    forms = decompose(*tables, method="polar")
    report.same("mean of the two polar forms", forms.effects.value, ends, rtol=1e-11)


def published(report: Report) -> None:
    """What Dietzenbacher & Los print, as far as it can be read."""
    report.source(
        "Dietzenbacher & Los (1998) doi:10.1080/09535319800000023, abstract as on RePEc: 'The"
        " average of the two so-called polar decompositions appears to be remarkably close to the"
        " average of the full set of 24 decompositions'"
    )
    report.skip(
        "figures for the Netherlands 1986-1992",
        "UNVERIFIED: neither the paper's tables nor the data of Statistics Netherlands could be"
        " opened; the sentence of the abstract is held against WIOD below",
    )


def real(report: Report, folder: Path) -> None:
    """WIOD 2013 with JRC CO2, 2000 to 2011."""
    report.source(
        "Timmer et al. (2015), WIOD 2013 release, 41 x 35; Corsatea et al. (2019), JRC CO2 by 56"
        " sectors, through validation/jrc_to_wiod2013.csv; CURRENT PRICES; population: Our World in"
        " Data"
    )
    tables = wiod(folder)
    bridged(report, folder, tables)
    people = {year: population(folder, year, tables[year].regions) for year in tables}
    series = decompose_series(tables, population=people, missing=[MISSING])
    worst = max(*(s.closure for s in series.steps), series.endpoint.closure, series.closure)
    report.true(
        "12 tables, 11 steps: parts sum to every change, worst of steps, end points and chain",
        worst <= 1e-12, value=worst, bound="at most 1e-12",
    )  # fmt: skip
    known = [k for k, r in enumerate(tables[2000].regions) if r != MISSING]
    for year, account in ((2000, series.before), (2011, series.after)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AccountWarning)
            expected = mc.account(tables[year], "consumption", stressor="CO2", households=False)
        report.same(f"accounts of {year} are mc.account's", account.value[known],
                    expected.value[: len(tables[year].regions)][known], rtol=1e-12)  # fmt: skip
    report.true(
        f"{MISSING} is not known, not zero", bool(np.isnan(series.chained[("level", MISSING)]))
    )
    for note in series.chained.notes:
        report.say(f"note: {note.text}")
    show(report, series)
    methods(report, tables, series)


def bridged(report: Report, folder: Path, tables: dict[int, mc.MRIO]) -> None:
    """The bridge against the two years that exist by 35 sectors."""
    for year in (2009, 2011):
        with np.load(folder / "wiod2013" / f"wiod2013_{year}_co2_jrc.npz") as archive:
            expected = archive["F_ktCO2"].ravel()
        mine = emissions(folder, year, tables[year].x, list(tables[year].regions),
                         list(tables[year].sectors))  # fmt: skip
        gap = float(np.abs(mine - expected).max())
        report.true(
            f"the bridge gives the file of {year} by 35 sectors: largest gap, kt of"
            f" {expected.sum():,.0f}", gap <= 0.05, value=gap, bound="at most 0.05",
        )  # fmt: skip


def show(report: Report, series: DecompositionSeries) -> None:
    """Print chained parts with their range, and the end points beside them."""
    lines = []
    order = series.chained.coords["factor"]
    low, high = series.chained.low, series.chained.high
    assert low is not None
    assert high is not None
    for region in SHOWN:
        k = series.chained.coords["region"].index(region)
        for i, name in enumerate(order):
            lines.append(
                [region if i == 0 else "", name, series.chained.value[i, k], low[i, k], high[i, k],
                 series.endpoint.effects.value[i, k]]
            )  # fmt: skip
        lines.append(["", "change", series.after.value[k] - series.before.value[k], "", "", ""])
    assert series.world is not None
    world = series.world.value.sum(axis=0)
    lines += [["World" if i == 0 else "", name, world[i], "", "", ""]
              for i, name in enumerate(order)]  # fmt: skip
    cells = [[f"{c:,.0f}" if isinstance(c, float) else c for c in row] for row in lines]
    print(table(["Mt CO2", "factor", "chained", "low", "high", "end points"], cells))


def methods(report: Report, tables: dict[int, mc.MRIO], series: DecompositionSeries) -> None:
    """Shapley, polar and LMDI side by side on one step and on the whole span."""
    for first, last in ((2010, 2011), (2000, 2011)):
        mean, ends, logs = (
            decompose(tables[first], tables[last], missing=[MISSING], method=m)
            for m in ("shapley", "polar", "lmdi")
        )
        size = np.nansum(np.abs(mean.effects.value))
        gap = np.nansum(np.abs(ends.effects.value - mean.effects.value)) / size
        width = spread(mean)
        merged = mean.effects.value[[0, 3, 4, 5]], logs.effects.value[[0, 2, 3, 4]]
        far = np.nansum(np.abs(merged[1] - merged[0])) / np.nansum(np.abs(merged[0]))
        report.say(
            f"{first} to {last}: polar forms differ from the mean of all 720 orders by"
            f" {100 * gap:.2f} % of all absolute effects, LMDI-I by {100 * far:.1f} % (without"
            f" technology and trade); the range over all orders is {100 * width:.0f} % of them"
        )
        report.true(
            f"{first} to {last}: LMDI-I and polar close, the worse of them",
            max(ends.closure, logs.closure) <= 1e-12,
            value=max(ends.closure, logs.closure), bound="at most 1e-12",
        )  # fmt: skip
    summed = np.nansum(np.abs(series.chained.value - series.endpoint.effects.value))
    share = summed / np.nansum(np.abs(series.chained.value))
    report.say(f"the end points alone differ from the chain by {100 * share:.0f} % of its effects")


def spread(found: Decomposition) -> float:
    """Width of the range over all orders, of all absolute effects."""
    assert found.effects.low is not None
    assert found.effects.high is not None
    return float(
        np.nansum(found.effects.high - found.effects.low) / np.nansum(np.abs(found.effects.value))
    )


def editions(report: Report, folder: Path) -> None:
    """ICIO 2019 (2023 edition) against 2022 (2025 edition): refused, and why."""
    report.source(
        "OECD ICIO 2023 edition, 2019, 20 economies x 20 sections; OECD ICIO 2025 edition, 2022,"
        " summed to the same; stressor: value added, which both hold (no emissions of 2019 are at"
        " hand, and none are invented)"
    )
    old, new = _icio2019.table(folder, taxes=False), icio_2022()
    try:
        decompose(old, new)
        report.true("tables of two editions are refused", False)
    except UnitError as error:
        report.true(f"tables of two editions are refused: {error.what}", True)
    mixed = decompose(old, new, mixed_editions=True)
    report.true(
        "mixed_editions=True goes on and marks the result",
        mixed.effects.estimated and any("DIFFERENT EDITIONS" in n.text for n in mixed.notes),
    )
    tables = {y: with_value_added(t) for y, t in wiod(folder, (2008, 2011)).items()}
    same = decompose(tables[2008], tables[2011])
    lines = []
    for name, pair, found in (
        ("ICIO 2019 to 2022, two editions", (old, new), mixed),
        ("WIOD 2008 to 2011, one edition", (tables[2008], tables[2011]), same),
    ):
        structure = np.abs(found.effects.value[:-1]).sum() / np.abs(found.effects.value).sum()
        place = {label: i for i, label in enumerate(pair[1].index.pairs)}
        then = pair[1].x[[place[label] for label in pair[0].index.pairs]]
        x = [np.where(np.minimum(pair[0].x, then) > 100, v, np.nan) for v in (pair[0].x, then)]
        growth = np.log(x[1] / x[0]) - np.log(np.nansum(x[1]) / np.nansum(x[0]))
        # Value added that a unit of demand embodies is 1 less taxes, whatever the structure.
        tech = np.abs(found.effects.value[1]) / np.abs(found.before.value)
        doubled = np.nanmean(np.abs(growth) > np.log(2))
        lines.append([name, f"{100 * structure:.0f} %", f"{100 * np.median(tech):.1f} %",
                      f"{100 * doubled:.0f} %"])  # fmt: skip
    print(table(["", "structure in all effects", "technology, median of account",
                 "sectors off the mean growth by 2x"], lines))  # fmt: skip
    report.say(
        "structure: all factors but the level of final demand. Three years each; WIOD's hold the"
        " crisis of 2009. What the two editions show beyond it cannot be told from revision."
    )


def icio_2022() -> mc.MRIO:
    """The full table of 2022, summed to the economies and sections of 2019."""
    full = mc.load("oecd-icio-2022", detail="full")
    keep = ("ARG", "AUS", "BRA", "CAN", "CHN", "DEU", "FRA", "GBR", "IDN", "IND", "ITA", "JPN",
            "KOR", "MEX", "RUS", "SAU", "TUR", "USA", "ZAF")  # fmt: skip
    summed = aggregate(
        full, regions={r: r if r in keep else "ROW" for r in full.regions},
        sectors={s: s[0] for s in full.sectors},
    )  # fmt: skip
    return with_value_added(summed)


def with_value_added(mrio: mc.MRIO) -> mc.MRIO:
    """The table with its value added (all primary inputs, if it has none) as the only stressor."""
    rows = mrio.primary_inputs[None] if mrio.value_added is None else mrio.value_added
    keep = [k for k, name in enumerate(mrio.value_added_rows or ("",)) if "tax" not in name.lower()]
    extension = mc.Extension(
        "value added", ("value added",), np.array(rows[keep].sum(axis=0))[None], ("million USD",)
    )
    return mrio.replace_extensions(extension)


def population(folder: Path, year: int, regions: Sequence[str]) -> dict[str, float]:
    """Persons by region of the table; the rest of the world is what is left of the world."""
    found: dict[str, float] = {}
    path = folder / "owid" / "owid_gcb2025_subset_nithin.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["year"] == str(year) and row["population"]:
                found[row["country"]] = float(row["population"])
    names = {**NAMES, "USA": "United States", "TUR": "Turkey"}
    people = {r: found[names[r]] for r in regions if r in names}
    people["RoW"] = found["World"] - sum(people.values())
    return people


def subset_values(
    Z: list[list[list[int]]], Y: list[list[list[int]]], f: list[list[int]]
) -> tuple[tuple[str, ...], list[list[Fraction]]]:
    """The accounts of two regions for all subsets of six changed factors, in fractions."""
    six = ("intensity", "technology", "trade", "origin", "mix", "level")
    q, H, T, O, B, F = [], [], [], [], [], []
    for k in (0, 1):
        x = [Fraction(sum(Z[k][i]) + sum(Y[k][i])) for i in range(4)]
        q.append([f[k][i] / x[i] for i in range(4)])
        A = [[Z[k][i][j] / x[j] for j in range(4)] for i in range(4)]
        H.append([[A[s][j] + A[2 + s][j] for j in range(4)] for s in (0, 1)])
        T.append([[A[i][j] / H[k][i % 2][j] for j in range(4)] for i in range(4)])
        total = [[Fraction(Y[k][s][d] + Y[k][2 + s][d]) for d in (0, 1)] for s in (0, 1)]
        F.append([total[0][d] + total[1][d] for d in (0, 1)])
        B.append([[total[s][d] / F[k][d] for d in (0, 1)] for s in (0, 1)])
        O.append([[Y[k][i][d] / total[i % 2][d] for d in (0, 1)] for i in range(4)])
    values = []
    for mask in range(64):
        a, b, c, d_, e, g = (mask >> i & 1 for i in range(6))
        M = [[Fraction(int(i == j)) - H[b][i % 2][j] * T[c][i][j] for j in range(4)]
             for i in range(4)]  # fmt: skip
        L = inverse(M)
        m = [sum((q[a][i] * L[i][j] for i in range(4)), Fraction(0)) for j in range(4)]
        values.append(
            [sum((m[j] * O[d_][j][d] * B[e][j % 2][d] * F[g][d] for j in range(4)), Fraction(0))
             for d in (0, 1)]
        )  # fmt: skip
    return six, values


def inverse(M: list[list[Fraction]]) -> list[list[Fraction]]:
    """Invert a matrix of fractions by Gauss and Jordan."""
    n = len(M)
    rows = [[*M[i], *(Fraction(int(i == j)) for j in range(n))] for i in range(n)]
    for c in range(n):
        pivot = next(r for r in range(c, n) if rows[r][c])
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [v / rows[c][c] for v in rows[c]]
        for r in range(n):
            if r != c and rows[r][c]:
                factor = rows[r][c]
                rows[r] = [v - factor * p for v, p in zip(rows[r], rows[c], strict=True)]
    return [row[n:] for row in rows]


if __name__ == "__main__":
    sys.exit(main())
