"""Value chains, inequality and leakage: published decompositions, exact fractions, identities."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import numpy as np

import mriocarbon as mc
from mriocarbon.structure.exports import gross_exports
from mriocarbon.structure.gvc import backward, forward
from mriocarbon.structure.inequality import inequality
from mriocarbon.structure.leakage import leakage, leakage_rate
from validation._check import Report, data_folder
from validation.run_textbook import TOY, invert, toy_table

# The leather table: Argentina, Turkey, Germany; agriculture, leather, transport equipment.
LEATHER_Z = (
    (16.1, 5.1, 1.8, 3.2, 4.3, 0.4, 3.1, 2.8, 4.9), (2.4, 8.0, 3.2, 0.1, 3.2, 1.6, 1.2, 3.9, 11.5),
    (0.9, 0.5, 4.0, 0.0, 0.1, 0.3, 0.0, 0.4, 0.5), (1.1, 1.9, 0.2, 18.0, 13.2, 6.1, 9.0, 3.1, 8.9),
    (0.3, 2.8, 0.1, 6.1, 28.1, 6.3, 2.1, 2.5, 25.6), (0.0, 0.1, 0.3, 4.1, 3.2, 8.9, 0.2, 0.0, 1.8),
    (1.2, 4.2, 0.3, 4.1, 1.2, 0.6, 29.0, 19.5, 17.9),
    (1.3, 1.1, 0.0, 3.2, 4.8, 2.6, 5.1, 29.1, 24.1),
    (2.1, 1.4, 3.0, 4.1, 3.1, 3.9, 11.3, 8.1, 51.3),
)  # fmt: skip
LEATHER_Y = (
    (21.5, 6.1, 8.4), (16.2, 1.9, 5.1), (11.0, 0.5, 0.8), (7.5, 29.5, 14.2), (8.9, 24.9, 16.9),
    (1.2, 18.5, 4.9), (9.2, 17.9, 51.2), (7.9, 10.1, 38.5), (25.1, 35.2, 68.4),
)  # fmt: skip
COUNTRIES = ("Argentina", "Turkey", "Germany")
SECTORS = ("Agriculture", "Textile and leather", "Transport equipment")
NINE = {
    "Argentina": ("19.34940", "18.97119", "8.411491", "5.259501", "0.8259724", "0.8723949",
                  "3.450595", "3.388617", "3.770832"),
    "Turkey": ("43.39461", "26.20678", "7.740053", "10.475795", "2.0075781", "2.6369363",
               "10.205386", "5.359698", "5.573163"),
    "Germany": ("78.73101", "15.23967", "2.748464", "5.689669", "4.4335916", "4.4481800",
                "26.668992", "4.455024", "5.185401"),
}  # fmt: skip
# GEXP, VAX, DAVAX, REF, DDC, FVA, FDC of the exporter's perspective; FVA, FDC of the world's, sink.
EXPORTER = {
    "Argentina": ("64.3", "46.73209", "34.79877", "6.085473", "0.8723949", "10.43484", "0.1752063"),
    "Turkey": ("113.6", "77.34144", "65.50360", "12.483373", "2.6369363", "20.55564", "0.5826050"),
    "Germany": ("147.6", "96.71914", "89.31689", "10.123261", "4.4481800", "35.06489", "1.2445289"),
}  # fmt: skip
WORLD_SINK = {
    "Argentina": ("8.471827", "2.138217"), "Turkey": ("18.265189", "2.873058"),
    "Germany": ("33.128506", "3.180911"),
}  # fmt: skip
# (exporter, sector, importer, approach) -> VAX, DAVAX or VAXIM, REF, DDC, FVA, FDC
CELLS = {
    ("Argentina", 0, "Turkey", "source"): ("11.215869", "8.0001479", "1.22131820", "0.12709119",
                                           "1.4094133", "0.026308772"),
    ("Germany", 2, "Turkey", "source"): ("27.019131", "25.4916229", "2.31637845", "1.86963692",
                                         "14.5724306", "0.522422944"),
    ("Turkey", 1, "Germany", "source"): ("30.622454", "24.9707904", "6.60400204", "1.02173293",
                                         "8.6264777", "0.225333351"),
    ("Argentina", 0, "Turkey", "sink"): ("11.1495220", "8.6467883", "1.20792920", "0.206826787",
                                         "1.4120879", "0.023634130"),
    ("Germany", 2, "Turkey", "sink"): ("27.8798434", "27.1400321", "2.38816205", "0.937140969",
                                       "14.6415307", "0.453322843"),
    ("Turkey", 1, "Germany", "sink"): ("30.4161318", "25.8904388", "6.62664940", "1.205407773",
                                       "8.5728425", "0.278968549"),
}  # fmt: skip
# Koopman, Wang & Wei's two countries, one sector, from memory: flows, final demand, terms.
TWO_Z, TWO_Y = ((100, 50), (0, 50)), ((30, 20), (70, 80))
TWO_TERMS = {
    "USA": ("20.0", "26.7", "0.0", "23.3", "0.0", "0.0", "0.0", "0.0", "0.0"),
    "CHN": ("46.7", "0.0", "0.0", "0.0", "0.0", "0.0", "23.3", "0.0", "0.0"),
}


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("Value chains, inequality, leakage")
    leather(report)
    two_countries(report)
    exact(report)
    real(report, "oecd-icio-2022", None)
    if data_folder() is None:
        report.skip("the same on 81 economies", "MRIOCARBON_DATA names no folder")
    else:
        real(report, "oecd-icio-2022", "full")
    unequal(report)
    leaks(report)
    return report.finish()


def leather(report: Report) -> None:
    report.source(
        "R package icio (S. Krantz; repository SebKrantz/icio), article 'Global Value Chain"
        " Decomposition with icio' and reference page of bm: the leather table of 3 countries and 3"
        " industries and its decompositions as printed there (both were read). The package says"
        " that it agrees with the Stata command icio of Belotti, Borin & Mancini (2021)"
    )
    mrio = mc.MRIO.from_arrays(
        Z=LEATHER_Z, Y=LEATHER_Y, regions=COUNTRIES, sectors=SECTORS, money_unit="units"
    )
    money: dict[str, Any] = {"content": "primary inputs"}
    nine = gross_exports(mrio, method="koopman-wang-wei", **money)
    source = gross_exports(mrio, **money)
    world = gross_exports(mrio, perspective="world", approach="sink", **money)
    for country in COUNTRIES:
        k = COUNTRIES.index(country)
        for term, expected, computed in zip(nine.terms, NINE[country], nine.value[k], strict=True):
            report.printed(f"{country}, Koopman-Wang-Wei {term}", computed, expected)
        near, further, back, twice, foreign, foreign_twice = source.value[k]
        whole = (source.value[k].sum(), near + further, near, back, twice, foreign, foreign_twice)
        heads = ("GEXP", "VAX", "DAVAX", "REF", "DDC", "FVA", "FDC")
        for name, expected, computed in zip(heads, EXPORTER[country], whole, strict=True):
            report.printed(f"{country}, Borin-Mancini exporter {name}", computed, expected)
        for name, expected, computed in zip(
            ("FVA", "FDC"), WORLD_SINK[country], world.value[k, 4:], strict=True
        ):
            report.printed(f"{country}, Borin-Mancini world, sink {name}", computed, expected)
    for (seller, sector, buyer, approach), printed in CELLS.items():
        found = gross_exports(mrio, level="bilateral sector", approach=approach, **money)
        cell = found.value[COUNTRIES.index(seller), sector, COUNTRIES.index(buyer)]
        near, further, back, twice, foreign, foreign_twice = cell
        got = (near + further, near, back, twice, foreign, foreign_twice)
        names = ("VAX", "DAVAX" if approach == "source" else "VAXIM", "REF", "DDC", "FVA", "FDC")
        for name, expected, computed in zip(names, printed, got, strict=True):
            what = f"{seller}, {SECTORS[sector]} to {buyer}, {approach}, {name}"
            report.printed(what, computed, expected)


def two_countries(report: Report) -> None:
    report.source(
        "Koopman, Wang & Wei (2014), doi:10.1257/aer.104.2.459, the two-country, one-sector example"
        " in which only the USA exports inputs, from memory; the paper was not opened"
    )
    mrio = mc.MRIO.from_arrays(Z=TWO_Z, Y=TWO_Y, regions=["USA", "CHN"], sectors=["all"])
    found = gross_exports(mrio, content="primary inputs", method="koopman-wang-wei")
    for country, terms in TWO_TERMS.items():
        for term, expected in zip(found.terms, terms, strict=True):
            report.printed(f"{country}, {term}", found[country, term], expected, opened=False)
    report.source("the same example in exact fractions, in this run")
    exact_terms = nine_in_fractions(TWO_Z, TWO_Y, 2)
    # Terms 5 and 6 are differences: their rounding is that of the exports they are part of.
    report.same("nine terms of both", found.value, exact_terms, rtol=1e-9)


def nine_in_fractions(Z: Any, Y: Any, R: int) -> list[list[float]]:
    """The nine terms by rational arithmetic, block by block, with no code of the package."""
    n = len(Z)
    S = n // R
    x = [sum(map(Fraction, (*Z[i], *Y[i])), Fraction(0)) for i in range(n)]
    A = [[Fraction(Z[i][j]) / x[j] for j in range(n)] for i in range(n)]
    y = [[Fraction(Y[i][c]) for c in range(R)] for i in range(n)]
    v = [1 - sum((A[i][j] for i in range(n)), Fraction(0)) for j in range(n)]
    B = invert([[Fraction(i == j) - A[i][j] for j in range(n)] for i in range(n)])
    own = [list(range(r * S, (r + 1) * S)) for r in range(R)]
    L = [invert([[Fraction(i == j) - A[i][j] for j in own[r]] for i in own[r]]) for r in range(R)]

    def times(M: Any, rows: list[int], columns: list[int], u: list[Fraction]) -> list[Fraction]:
        return [sum((M[i][j] * u[k] for k, j in enumerate(columns)), Fraction(0)) for i in rows]

    def local(r: int, u: list[Fraction]) -> list[Fraction]:
        every = list(range(S))
        return times(L[r], every, every, u)

    def earned(t: int, s: int, u: list[Fraction]) -> Fraction:
        return sum(
            (v[i] * w for i, w in zip(own[t], times(B, own[t], own[s], u), strict=True)),
            Fraction(0),
        )

    def column(r: int, c: int) -> list[Fraction]:
        return [y[i][c] for i in own[r]]

    def plus(*vectors: list[Fraction]) -> list[Fraction]:
        return [sum(parts, Fraction(0)) for parts in zip(*vectors, strict=True)]

    nothing = [Fraction(0)] * S
    exports = []
    for s in range(R):
        flows = [
            plus(column(s, r), times(A, own[s], own[r], [x[j] for j in own[r]]))
            for r in range(R) if r != s
        ]  # fmt: skip
        exports.append(plus(nothing, *flows))
    table = []
    for s in range(R):
        others = [r for r in range(R) if r != s]
        final = plus(nothing, *[column(s, r) for r in others])
        back = [times(A, own[r], own[s], local(s, column(s, s))) for r in others]
        again = [times(A, own[r], own[s], local(s, exports[s])) for r in others]
        used = plus(nothing, *[times(A, own[s], own[r], local(r, column(r, r))) for r in others])
        passed = plus(nothing, *[times(A, own[s], own[r], local(r, exports[r])) for r in others])
        zero = Fraction(0)
        terms = [
            earned(s, s, final),
            sum((earned(s, r, column(r, r)) for r in others), zero),
            sum((earned(s, r, column(r, t)) for r in others for t in others if t != r), zero),
            sum((earned(s, r, column(r, s)) for r in others), zero),
            sum((earned(s, r, u) for r, u in zip(others, back, strict=True)), zero),
            sum((earned(s, r, u) for r, u in zip(others, again, strict=True)), zero),
            sum((earned(t, s, final) for t in others), zero),
            sum((earned(t, s, used) for t in others), zero),
            sum((earned(t, s, passed) for t in others), zero),
        ]
        assert sum(terms, zero) == sum(exports[s], zero)  # exactly
        table.append([float(term) for term in terms])
    return table


def exact(report: Report) -> None:
    report.source(
        "nine terms in exact fractions, in this run: leather table (3 x 3) and toy table (2 x 2)"
    )
    tenths = [[Fraction(round(10 * c), 10) for c in row] for row in LEATHER_Z]
    demand = [[Fraction(round(10 * c), 10) for c in row] for row in LEATHER_Y]
    for name, Z, Y, regions, sectors in (
        ("leather", tenths, demand, COUNTRIES, SECTORS),
        ("toy", TOY["Z"], TOY["Y"], ("A", "B"), ("1", "2")),
    ):
        mrio = mc.MRIO.from_arrays(
            Z=np.array(Z, dtype=float), Y=np.array(Y, dtype=float), regions=regions,
            sectors=sectors,
        )  # fmt: skip
        found = gross_exports(mrio, content="primary inputs", method="koopman-wang-wei")
        report.same(name, found.value, nine_in_fractions(Z, Y, len(regions)), rtol=1e-9)
    toy = toy_table()
    report.same(
        "toy, forward by absorber: E of the project's own toy table (internal)",
        forward(toy, level="bilateral").value.sum(axis=2),
        [[133.916467, 156.083533], [13.098254, 86.901746]], rtol=1e-7,
    )  # fmt: skip


def real(report: Report, name: str, detail: str | None) -> None:
    mrio = mc.load(name, detail=detail)
    R = len(mrio.regions)
    report.source(
        f"identities on the OECD table of 2022, {R} regions x {len(mrio.sectors)} industries: no"
        " other source is needed. Rows of the published table balance to rounding of the file"
    )
    # The rows of the full file balance to some 1e-8 of output, and so do sums along them.
    loose = 1e-9 if detail is None else 1e-6
    produced = mrio.extension_of("GHG").F[mrio.extension_of("GHG").row("GHG")]
    produced = produced.reshape(R, -1).sum(axis=1)
    kept = {"stressor": "GHG"}
    by_region = forward(mrio, **kept)
    report.same("forward: terms add up to production", by_region.value.sum(axis=1), produced,
                rtol=loose)  # fmt: skip
    report.say(f"left over before 'unallocated': {by_region.closure:.1e} of the total")
    if detail is None:
        balanced(report, mrio)
    E = mc.bilateral(mrio, "GHG").value[:, :R]
    absorbed = forward(mrio, level="bilateral", **kept).value.sum(axis=2)
    report.same("forward by absorber = E of the consumption account", absorbed, E, rtol=loose)
    t = forward(mrio, level="bilateral", partner="importer", **kept).value[:, :, 1:6].sum(axis=2)
    eebt = mc.account(mrio, "eebt", stressor="GHG", households=False).value[:R]
    report.same("forward by importer = EEBT", produced - t.sum(axis=1) + t.sum(axis=0), eebt,
                rtol=loose)  # fmt: skip
    domestic = gross_exports(mrio, level="bilateral", **kept)
    report.same("domestic part of gross exports, counted once = EEBT by partner",
                domestic.value[:, :, :3].sum(axis=2) + _rest(domestic), t, rtol=loose)  # fmt: skip
    exported = mc.trade(mrio, "GHG").value[:, 1]
    report.same("absorbed abroad = exports of the consumption account",
                domestic.value[:, :, :2].sum(axis=(1, 2)), exported, rtol=loose)  # fmt: skip
    back = backward(mrio, level="bilateral", **kept)
    report.same("backward by buyer = consumption account", back.value.sum(axis=(0, 2)),
                E.sum(axis=0), rtol=1e-10)  # fmt: skip
    producer = mc.account(mrio, "final-producer", stressor="GHG", households=False).value[:R]
    report.same("backward by maker = account by final producer", back.value.sum(axis=(1, 2)),
                producer, rtol=1e-10)  # fmt: skip
    n = R * len(mrio.sectors)
    gross = np.array([
        mrio.Z.reshape(R, n // R, R, n // R)[r].sum(axis=(0, 2)).sum()
        - mrio.Z.reshape(R, n // R, R, n // R)[r, :, r].sum()
        + mrio.final_demand.reshape(R, n // R, R)[r].sum()
        - mrio.final_demand.reshape(R, n // R, R)[r, :, r].sum()
        for r in range(R)
    ])  # fmt: skip
    for options in (
        {"method": "koopman-wang-wei"}, {}, {"approach": "sink"},
        {"perspective": "world", "approach": "sink"},
    ):  # fmt: skip
        found = gross_exports(mrio, content="primary inputs", **options)
        what = ", ".join(options.values()) or "exporter, source"
        report.same(f"gross exports ({what}): terms add up", found.value.sum(axis=1), gross,
                    rtol=1e-10)  # fmt: skip
        if "unallocated" not in found.terms and detail is None:
            report.true(f"gross exports ({what}): closure", found.closure < 1e-10,
                        value=found.closure, bound="below 1e-10")  # fmt: skip
    added = mrio.value_added
    assert added is not None  # the OECD table has it
    by_maker = added.sum(axis=0).reshape(R, -1).sum(axis=1)
    placed = forward(mrio, content="value added").value.sum(axis=1)
    report.same("forward: value added, all of it", placed, by_maker, rtol=loose)
    shares = gross_exports(mrio, content="value added").share("other primary inputs")
    report.say(f"other primary inputs: {100 * shares.min():.1f} to {100 * shares.max():.1f} %"
               " of gross exports")  # fmt: skip
    source, sink = (
        gross_exports(mrio, content="primary inputs", perspective="world", approach=a)
        for a in ("source", "sink")
    )
    report.same("world: first and last re-exports have the same sum", source.value[:, 4].sum(),
                sink.value[:, 4].sum(), rtol=loose)  # fmt: skip


def balanced(report: Report, published: mc.MRIO) -> None:
    """The same flows with x = Z1 + Y1: what was left over is the table's, not the formulas'."""
    F = published.extension_of("GHG")
    mrio = mc.MRIO.from_arrays(
        Z=published.Z, Y=published.final_demand, regions=published.regions,
        sectors=published.sectors, stressors={"GHG": F.F[F.row("GHG")]},
    )  # fmt: skip
    for name, found in (
        ("forward", forward(mrio)), ("forward by sector", forward(mrio, level="sector")),
        ("backward", backward(mrio)), ("gross exports, source", gross_exports(mrio)),
        ("gross exports, sink", gross_exports(mrio, approach="sink", level="bilateral sector")),
        ("nine terms", gross_exports(mrio, method="koopman-wang-wei")),
    ):  # fmt: skip
        report.true(f"rows balanced exactly, {name}: closure", found.closure < 1e-12,
                    value=found.closure, bound="below 1e-12")  # fmt: skip


def _rest(found: Any) -> Any:
    """What rows that do not balance leave over, which is domestic content."""
    terms = found.terms
    return found.value[:, :, terms.index("unallocated")] if "unallocated" in terms else 0.0


def unequal(report: Report) -> None:
    report.source(
        "arithmetic by hand: incomes 1, 2, 3, 4 of four equal groups: mean difference 20/16 over"
        " twice the mean 5 is 1/4; one of N has all: 1 - 1/N; two groups of equal size with 1 and 3"
    )
    four = inequality({str(k): float(k) for k in range(1, 5)}, {str(k): 1.0 for k in range(1, 5)})
    report.printed("Gini of 1, 2, 3, 4", four.gini, "0.2500000000")
    all_ = inequality({"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0}, dict.fromkeys("abcd", 7.0))
    report.printed("Gini, one of four has all", all_.gini, "0.7500000000")
    report.printed("Theil T, one of four has all: ln 4", all_.theil_t.total, "1.3862943611")
    two = inequality({"a": 1.0, "b": 3.0}, {"a": 1.0, "b": 1.0})
    # T = (1/4) ln(1/2) + (3/4) ln(3/2), L = (1/2) ln 2 + (1/2) ln(2/3).
    report.printed("Theil T of 1 and 3", two.theil_t.total, "0.1308120359")
    report.printed("Theil L of 1 and 3", two.theil_l.total, "0.1438410362")
    mrio = mc.load("oecd-icio-2022")
    groups = {r: "high" if r in ("USA", "EU27", "JPN") else "other" for r in mrio.regions}
    found = inequality(mc.account(mrio, "consumption"), mc.population(2022), groups=groups)
    y, s = found.per_person, found.population / found.population.sum()
    mean = (s * y).sum()
    double = (s[:, None] * s * np.abs(y[:, None] - y)).sum() / (2 * mean)
    report.same("OECD table, Gini by the double sum", found.gini, double, rtol=1e-12)
    direct = (s * y / mean * np.log(y / mean)).sum()
    report.same("OECD table, Theil T = within + between", found.theil_t.total, direct, rtol=1e-12)
    report.say(f"consumption with households, 2022: Gini {found.gini:.3f} between 20 regions")


def leaks(report: Report) -> None:
    report.source(
        "arithmetic by hand: home falls from 100 to 80, abroad rises from 100 to 105: strong rate"
        " 5/20; identities on the OECD table"
    )

    def table(f: list[float], year: int) -> mc.MRIO:
        return mc.MRIO.from_arrays(
            Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["A", "B"], sectors=["1"],
            stressors={"GHG": f}, year=year,
        )  # fmt: skip

    rate = leakage_rate(table([100, 100], 2000), table([80, 105], 2010), "A")
    report.printed("strong rate", rate.strong, "0.2500000000")
    # One sector each: L = 1/8875 [[9000, 500], [500, 9000]], A emits nothing for itself abroad
    # but what B makes: M = q_B (L_BA 80 + L_BB 10).
    M = Fraction(500 * 80 + 9000 * 10, 8075)
    imports = mc.trade(table([100, 100], 2000))["A", "imports"]
    report.same("imports of A before, q_B (L_BA Y_AA + L_BB Y_BA)", imports, float(M), rtol=1e-12)
    report.same("weak rate, 5 % of the imports before over 20", rate.weak, float(M) * 0.05 / 20,
                rtol=1e-12)  # fmt: skip
    mrio = mc.load("oecd-icio-2022")
    found = leakage(mrio)
    get = {item: found.value[:, k] for k, item in enumerate(found.coords["item"])}
    trade = mc.trade(mrio).value
    both = np.stack([get["exports"], get["imports"]])
    report.same("exports and imports of the consumption account", both, trade[:, 1:3].T, rtol=1e-10)
    gap = get["intensity gap"].sum() + get["avoided by exports"].sum()
    report.true("gaps and what sellers avoid sum to zero", abs(gap) < 1e-8,
                value=gap, bound="below 1e-8 in size")  # fmt: skip
    report.same("technology adjusted, by the definition", get["net imports, technology adjusted"],
                adjusted(mrio), rtol=1e-9)  # fmt: skip


def adjusted(mrio: mc.MRIO) -> Any:
    """Net imports with exports at the mean intensity of all exported output, from a dense solve."""
    R, S = len(mrio.regions), len(mrio.sectors)
    F = mrio.extension_of("GHG")
    x = np.where(mrio.x > 0, mrio.x, 1.0)
    X = np.linalg.solve(np.eye(R * S) - mrio.Z / x, mrio.final_demand).reshape(R, S, R)
    q = (F.F[F.row("GHG")] / x).reshape(R, S)
    out = X.sum(axis=2) - np.einsum("sis->si", X)
    sold = out.sum(axis=0)
    mean = np.divide((q * out).sum(axis=0), sold, out=np.zeros(S), where=sold != 0)
    imports = np.einsum("si,sih->h", q, X) - np.einsum("hi,hih->h", q, X)
    return imports - out @ mean


if __name__ == "__main__":
    sys.exit(main())
