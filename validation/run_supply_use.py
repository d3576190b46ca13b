"""Supply and use to symmetric tables: published coefficients of all four models."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build.supply_use import ASSUMPTIONS, Model, SupplyUse, to_symmetric
from mriocarbon.model import Extension
from validation._check import Report

# pySUT's test data: supply and use (products x industries), stressors by industry, and the
# coefficients expected of each construct, to nine decimals.
SUPPLY = ((30, 1, 1, 0, 0), (1, 5, 1, 0, 0), (2, 0, 3, 0, 0), (0, 0, 1, 1, 0), (0, 0, 0, 0, 8))
USE = ((12, 4, 5, 0, 0), (1, 1, 1, 0, 0), (0, 1, 1, 0, 0), (1, 0, 0, 0, 0), (0, 1, 1, 0, 0))
STRESSORS = ((30, 5, 18, 22.03, 7), (0.4, 0.04, 1, 0.98, 0.8))
A: dict[Model, tuple[str, ...]] = {
    "A": ("0.287015945 0.742596811 1.323462415 0 0", "0.009111617 0.198177677 0.264236902 0 0",
          "-0.025056948 0.20501139 0.273348519 0 0", "0.034168565 -0.006833713 -0.009111617 0 0",
          "-0.025056948 0.20501139 0.273348519 0 0"),
    "B": ("0.387784091 0.647186147 0.645454545 0.416666667 0",
          "0.038825758 0.147186147 0.112121212 0.083333333 0",
          "0.010416667 0.142857143 0.1 0.083333333 0",
          "0.028409091 0.004329004 0.012121212 0 0",
          "0.010416667 0.142857143 0.1 0.083333333 0"),
    "C": ("0.403189066 0.664009112 0.851936219 0 0", "0.031476496 0.125284738 0.123006834 0 0",
          "-0.048871402 0.25284738 0.230068337 0 0", "0.038448264 -0.04214123 -0.038344723 0 0",
          "0 0.166666667 0.166666667 0 0"),
    "D": ("0.345238095 0.71547619 0.87172619 0 0", "0.033008658 0.139880952 0.145089286 0 0",
          "0.030844156 0.144642857 0.14985119 0 0", "0.015151515 0 0 0 0",
          "0 0.166666667 0.166666667 0 0"),
}  # fmt: skip
S: dict[Model, tuple[str, ...]] = {
    "A": ("1.10546697 0.778906606 -1.971457859 22.03 0.875",
          "0.013120729 0.005375854 0.000501139 0.98 0.1"),
    "B": ("0.972064394 1.153679654 2.163636364 12.515 0.875",
          "0.016780303 0.03030303 0.104848485 0.573333333 0.1"),
}  # fmt: skip
# Trailing zeros of the nine decimals are not printed there: half a unit of the ninth is allowed.
NINE = 5.1e-10
# Miller & Blair, chapter 5, from memory of the book: make, use, and coefficients.
BOOK_V, BOOK_U = ((90, 0), (10, 100)), ((10, 10), (10, 7))
BOOK_BD = ((".1091", ".0909"), (".1064", ".0636"))


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("Supply and use tables to symmetric tables")
    published(report)
    textbook(report)
    identities(report)
    return report.finish()


def published(report: Report) -> None:
    """All four models on the test data of pySUT."""
    report.source(
        "IndEcol/pySUT (Pauliuk, Majeau-Bettez), pysut/tests/test_known_results.py at commit"
        " 491a15913d6503841cb74c4a545be162d865e5f2: SUT of five products, constructs CTC (cxc: A,"
        " ixi: C) and ITC (cxc: B, ixi: D), nine decimals"
    )
    supply, use = np.array(SUPPLY, dtype=float), np.array(USE, dtype=float)
    labels = ("1", "2", "3", "4", "5")
    stressors = Extension("F", ("F1", "F2"), np.array(STRESSORS, dtype=float), ("t", "t"))
    tables = SupplyUse(
        ("W",), labels, labels, supply.T, use, (supply.sum(1) - use.sum(1))[:, None],
        extensions={"F": stressors},
    )  # fmt: skip
    for model, rows in A.items():
        table = to_symmetric(tables, model).table
        cells(report, f"model {model}, A", table.Z / table.x, rows)
        if model in S:
            F = table.extensions["F"].F / table.x
            cells(report, f"model {model}, S", F, S[model])


def cells(report: Report, what: str, computed: NDArray[np.float64], rows: tuple[str, ...]) -> None:
    """Compare every cell of a matrix with its printed figure."""
    for i, row in enumerate(rows):
        for j, figure in enumerate(row.split()):
            report.printed(f"{what}[{i + 1},{j + 1}]", computed[i, j], figure, tolerance=NINE,
                           why="nine decimals")  # fmt: skip


def textbook(report: Report) -> None:
    """The two-sector example; the book itself was not opened."""
    report.source("Miller & Blair (2009), chapter 5, from memory: make, use, BD (not opened)")
    V, U = np.array(BOOK_V, dtype=float), np.array(BOOK_U, dtype=float)
    tables = SupplyUse(("A",), ("1", "2"), ("i", "j"), V, U, (V.sum(0) - U.sum(1))[:, None])
    table = to_symmetric(tables, "B").table
    for i, row in enumerate(BOOK_BD):
        for j, figure in enumerate(row):
            report.printed(f"BD[{i + 1},{j + 1}]", (table.Z / table.x)[i, j], figure, opened=False)


def identities(report: Report) -> None:
    """What must hold whatever the figures are."""
    report.source("identities: Kop Jansen & ten Raa (1990), Int. Econ. Rev. 31 (axioms of model A)")
    V, U = np.array(BOOK_V, dtype=float), np.array(BOOK_U, dtype=float)
    Y = (V.sum(0) - U.sum(1))[:, None]
    W = (V.sum(1) - U.sum(0))[None, :]
    tables = SupplyUse(("A",), ("1", "2"), ("i", "j"), V, U, Y, value_added=W)
    a = to_symmetric(tables, "A").table
    report.same("A: A V' = U (material and financial balance)", a.Z / a.x @ V.T, U, rtol=1e-12)
    for model in ASSUMPTIONS:
        table = to_symmetric(tables, model).table  # type: ignore[arg-type]
        assert table.value_added is not None
        report.same(f"{model}: final demand", [table.Y.sum()], [Y.sum()], rtol=1e-12)
        report.same(f"{model}: value added", [table.value_added.sum()], [W.sum()], rtol=1e-12)
        report.same(f"{model}: rows", table.Z.sum(1) + table.Y.sum(1), table.x, rtol=1e-12)
        report.same(f"{model}: columns", table.Z.sum(0) + table.value_added[0], table.x, rtol=1e-12)


if __name__ == "__main__":
    sys.exit(main())
