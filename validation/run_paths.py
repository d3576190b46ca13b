"""Structural paths and tiers against printed tables and exact fractions.

A printed figure counts only if the page that was read shows it.
"""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np

import mriocarbon as mc
from mriocarbon.structure.path_tiers import crossings, tiers
from mriocarbon.structure.paths import paths
from validation._check import Report

# G. Krumme, University of Washington, Geography 350: direct coefficients of "Holukuluku County",
# and what each round of purchases of sector 7 (trade) asks of every sector, as printed.
HOLUKULUKU = (
    (".15", ".5", "0", ".2", "0", ".1", ".05", "0"),
    ("0", ".06", "0", "0", "0", "0", ".2", "0"),
    ("0", ".04", ".1", "0", "0", "0", ".1", ".05"),
    (".1", ".1", ".05", ".1", ".1", ".1", "0", ".15"),
    (".1", ".05", ".15", ".07", ".2", ".1", ".05", ".1"),
    (".05", "0", ".1", ".03", ".05", ".04", ".05", ".05"),
    (".2", "0", "0", "0", "0", ".06", ".05", ".03"),
    ("0", "0", ".05", ".1", ".15", ".2", "0", ".07"),
)
ROUNDS = (
    (".0500", ".1150", ".0390", ".0166", ".0095", ".0049"),
    (".2000", ".0220", ".0044", ".0054", ".0024", ".0011"),
    (".1000", ".0230", ".0059", ".0042", ".0023", ".0011"),
    (".0000", ".0400", ".0289", ".0149", ".0083", ".0045"),
    (".0500", ".0475", ".0333", ".0182", ".0098", ".0053"),
    (".0500", ".0195", ".0143", ".0078", ".0041", ".0022"),
    (".0500", ".0155", ".0256", ".0105", ".0047", ".0026"),
    (".0000", ".0225", ".0178", ".0123", ".0069", ".0037"),
)
INVERSE = (".2403", ".2365", ".1378", ".1019", ".1700", ".1003", "1.112", ".0674")
# "Sector 7's impact on sector 1 involving two links": by way of sectors 2, 1, 6 and 7.
TWO_LINKS = {"2": ".1", "1": ".0075", "6": ".005", "7": ".0025"}
# Miller & Blair's two sectors, as in run_textbook.py.
FLOWS, DEMAND = ((150, 500), (200, 100)), (350, 1700)
EMITTED = (300, 50)


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("Structural paths")
    holukuluku(report)
    two_sectors(report)
    real_table(report)
    return report.finish()


def holukuluku(report: Report) -> None:
    report.source(
        "G. Krumme, Geography 350 exercises, University of Washington: holuku.html (direct"
        " coefficients) and sector7.html (rounds A to A^6 of sector 7, Leontief inverse, two-link"
        " paths from sector 7 to sector 1); both pages were read"
    )
    A = np.array(HOLUKULUKU, dtype=float)
    x = np.linalg.solve(np.eye(8) - A, np.eye(8)[6])  # one unit of sector 7 for final demand
    names = [str(k + 1) for k in range(8)]
    mrio = mc.MRIO.from_arrays(
        Z=A * x, Y=np.eye(8)[:, 6:7], x=x, regions=["Holukuluku"], sectors=names,
        stressors={f"output {s}": x * (np.arange(8) == k) for k, s in enumerate(names)},
        units="unit",
    )  # fmt: skip
    for k, sector in enumerate(names):
        rounds = tiers(mrio, stressor=f"output {sector}", depth=6)
        for power, printed in enumerate(ROUNDS[k], 1):
            # From the third on, a round comes from the one before as rounded on the page: of 48
            # figures one (.0149 for .01495025) needs that.
            carried = float(A[k].sum()) if power > 2 else 0.0
            report.printed(
                f"sector {sector}, A^{power}", rounds[str(power)], printed,
                tolerance=5e-5 * (1 + carried),
                why="printed precision, and that of the round before",
            )  # fmt: skip
        report.printed(f"sector {sector}, all rounds", rounds.total, INVERSE[k])
    listed = paths(mrio, stressor="output 1", top=40)
    links = {
        chain[1][1]: float(value)
        for chain, value in zip(listed, listed.value, strict=True)
        if len(chain) == 3
    }
    for by, printed in TWO_LINKS.items():
        # A product of two printed coefficients has no rounding.
        report.printed(f"path 7 <- {by} <- 1", links[by], printed, tolerance=1e-15, why="exact")
    report.true("no other two-link path from 7 to 1", set(links) == set(TWO_LINKS))


def two_sectors(report: Report) -> None:
    report.source(
        "Miller & Blair (1985), chapter 2, two sectors (as quoted by N. Lane, see"
        " run_textbook.py) with emissions 300 and 50; all chains of up to 12 deliveries counted out"
        " in exact fractions"
    )
    x = [Fraction(sum(row) + y) for row, y in zip(FLOWS, DEMAND, strict=True)]
    A = [[Fraction(FLOWS[i][j]) / x[j] for j in range(2)] for i in range(2)]
    q = [Fraction(e) / out for e, out in zip(EMITTED, x, strict=True)]
    open_: list[tuple[Fraction, tuple[int, ...]]] = [
        (Fraction(y), (k,)) for k, y in enumerate(DEMAND)
    ]
    chains: list[tuple[Fraction, tuple[int, ...]]] = []
    by_tier = []
    for _ in range(13):
        here = [(w * q[c[-1]], c) for w, c in open_]
        by_tier.append(sum(value for value, _ in here))
        chains += here
        open_ = [(w * A[j][c[-1]], (*c, j)) for w, c in open_ for j in range(2)]
    # q'L by Cramer's rule: what the longer chains bring, exactly.
    det = (1 - A[0][0]) * (1 - A[1][1]) - A[0][1] * A[1][0]
    m = [(q[0] * (1 - A[1][1]) + q[1] * A[1][0]) / det,
         (q[0] * A[0][1] + q[1] * (1 - A[0][0])) / det]  # fmt: skip
    beyond = sum(w * m[c[-1]] for w, c in open_)
    account = sum(m[k] * DEMAND[k] for k in range(2))
    report.true("the fractions close: tiers and rest are the account", sum(by_tier) + beyond
                == account == sum(EMITTED))  # fmt: skip
    mrio = mc.MRIO.from_arrays(
        Z=FLOWS, Y=np.reshape(DEMAND, (2, 1)), regions=["one"], sectors=["0", "1"],
        stressors={"GHG": EMITTED},
    )  # fmt: skip
    result = tiers(mrio, depth=12)
    report.same("tier totals and rest", result.value, [float(v) for v in (*by_tier, beyond)],
                rtol=1e-13)  # fmt: skip
    largest = max(abs(w) * max(m) for w, _ in open_)
    certain = sorted((c for c in chains if c[0] > largest), key=lambda vc: (-vc[0], len(vc[1])))
    listed = paths(mrio, top=len(certain))
    report.same(f"the {len(certain)} largest paths", listed.value,
                [float(v) for v, _ in certain], rtol=1e-13)  # fmt: skip
    report.same("coverage", [listed.coverage],
                [float(sum(v for v, _ in certain) / account)], rtol=1e-13)  # fmt: skip
    # Exact ties (a_12 a_21 = a_21 a_12) may stand in another order; the sets must agree.
    same = {tuple(int(s) for _, s in chain) for chain in listed}
    report.true("they are the same chains", same == {c for _, c in certain})


def real_table(report: Report) -> None:
    report.source("identities, on the embedded OECD table of 2022, every region")
    mrio = mc.load("oecd-icio-2022")
    account = mc.account(mrio, "consumption", stressor="GHG", households=False)
    whole = [account[r] for r in mrio.regions]
    kinds = {"tiers": tiers, "border crossings": crossings}
    for name, function in kinds.items():
        sums = [function(mrio, region=r, stressor="GHG").total for r in mrio.regions]
        report.same(f"{name} sum to the consumption account", sums, whole, rtol=1e-11)
    lists = [paths(mrio, region=r, stressor="GHG", top=500) for r in mrio.regions]
    report.same("paths: total", [one.total for one in lists], whole, rtol=1e-11)
    report.same("listed and not listed", [one.by("region").total for one in lists], whole,
                rtol=1e-11)  # fmt: skip
    fifty = [one.value[:50].sum() for one in lists]
    again = [paths(mrio, region=r, stressor="GHG", top=50).value.sum() for r in mrio.regions]
    report.same("the first 50 of 500", fifty, again, rtol=1e-15)


if __name__ == "__main__":
    sys.exit(main())
