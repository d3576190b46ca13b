"""Natural carbon: the global budget, identities of inversions, and inventories against models."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

import mriocarbon as mc
from mriocarbon.natural import sources as s
from mriocarbon.natural import sources_local as files
from mriocarbon.natural.regions import GFED_REGIONS
from validation._check import Report, data_folder
from validation._check import table as table_of

GTC = files.MTCO2_PER_GTC
# The world of 2022 in GtC as the Global Carbon Budget 2024 prints it, to three decimals.
BUDGET_2022 = {
    "fossil": "10.178", "land-use change": "0.966", "atmosphere": "4.673", "ocean": "2.723",
    "land": "3.871", "cement carbonation": "0.217", "imbalance": "-0.339",
}  # fmt: skip


def budgets(report: Report) -> None:
    """The global budget."""
    report.source(
        "Global Carbon Budget 2024 v1.0, sheet 'Global Carbon Budget' (Friedlingstein et al. 2025, "
        "doi:10.5194/essd-17-965-2025)"
    )
    found = mc.natural.budget(2022)
    for name, printed in BUDGET_2022.items():
        report.printed(f"2022, {name}, GtC", found[name].value, printed)
    every = [mc.natural.budget(year) for year in range(1959, 2024)]
    worst = max(abs(one.closure) for one in every)
    report.true(
        "emissions = sinks + imbalance in 65 years, worst gap, GtC", worst < 1e-7,
        value=worst, bound="below 1e-7",
    )  # fmt: skip
    left = np.array([one["imbalance"].value for one in every])
    inside = np.mean([one["imbalance"].low <= 0 <= one["imbalance"].high for one in every])
    report.say(
        f"imbalance 1959-2023: mean {left.mean():+.3f}, sd {left.std():.3f} GtC; its 95 % interval "
        f"holds zero in {inside:.0%} of the years"
    )


def inversions(report: Report) -> None:
    """Identities between the columns of the top-down budgets, which are independent columns."""
    report.source(
        "Byrne et al. (2023), doi:10.5194/essd-15-963-2023: definitions of NBE, NCE, dC_loss"
    )
    raw = mc.database().table("natural_fluxes", source=s.CEOS)
    raw = raw[raw["year"].notna()]
    wide = raw.pivot_table(index=["region", "year"], columns="category", values="value").dropna()
    made = wide["dC_loss"] + wide["river"] + wide["wood and crop trade"]
    scale = np.maximum(wide.abs().max(axis=1), 1.0)
    for what, gap in (
        ("NBE = loss of stock + rivers + trade", made - wide["NBE"]),
        ("NCE = NBE + fossil", wide["NBE"] + wide["fossil and cement"] - wide["NCE"]),
    ):
        off = np.asarray(gap.abs() / scale, dtype="float64")
        bad = int((off > 1e-4).sum())
        report.say(
            f"{what}: {len(off)} rows, median deviation {np.median(off):.0e}, {bad} beyond 1e-4"
        )
        report.true(
            f"{what}: rows off by more than 1e-4", bad <= 0.01 * len(off),
            value=f"{bad} of {len(off)}", bound="at most 1 % of the rows",
        )  # fmt: skip
    found = mc.natural.implied_correlation()
    report.say("correlation between countries that the source's own groups imply (run LNLGIS):")
    rows = [
        (name, int(row["members"]), float(row["value"]), float(row["sum"]), float(row["sd"]),
         float(row["sd_independent"]), float(row["sd_dependent"]), f"{row['correlation']:.2f}")
        for name, row in found.iterrows()
    ]  # fmt: skip
    heads = ("group", "members", "value", "sum", "sd", "independent", "dependent", "correlation")
    print(table_of(heads, rows))
    report.say(f"median {found['correlation'].median():.2f}; values are no sums of their members")


def inventories(report: Report) -> None:
    """Inventories: parts and totals, and the union's own report against its members'."""
    report.source("UNFCCC data interface, submissions of 2023: categories 4 and 4.A to 4.H")
    gaps = []
    raw = mc.database().table(
        "inventories", source=s.ANNEX_I, gas="CO2", category="4", year=2021
    )  # fmt: skip
    for region in raw["region"]:
        whole = mc.natural.account(region, 2022, gas="CO2").flux(s.LULUCF)
        added = mc.natural.total(mc.natural.parts(region, 2022).fluxes)
        gaps.append(abs(added.value - whole.value) / max(abs(whole.value), 0.01))
    report.true(
        f"forest to wood products add to the total: {len(gaps)} Parties, worst relative gap",
        max(gaps) < 1e-5, value=max(gaps), bound="below 1e-5",
    )  # fmt: skip
    union = mc.natural.account("EU_CONVENTION", 2021, gas="CO2").flux(s.LULUCF).value
    own = mc.natural.group("EU27", 2021, gas="CO2").flux(s.LULUCF).value
    report.true(
        f"27 members against the union's report, {union:.1f} Mt CO2", abs(own / union - 1) < 2e-3,
        value=own, bound="0.2 % of it",
    )  # fmt: skip


def doubts(report: Report) -> None:
    """Inventory figures that lie outside what inversions and bookkeeping models allow."""
    report.source("rule of mriocarbon.natural.sources.contradictions, on all years reported")
    table = s.embedded(mc.database())
    inventory = table[table["process"].eq(s.LULUCF) & table["gas"].eq("CO2")]
    inventory = inventory[inventory["value"].notna()]
    doubtful = inventory[inventory["note"].str.contains(s.DOUBTFUL, regex=False)]
    report.say(f"{len(doubtful)} of {len(inventory)} figures are marked, and kept as reported:")
    rows = [
        (str(r["region"]), int(r["year_to"]), float(r["value"]),
         str(r["note"]).split("models ")[1].split("; ")[0])
        for r in doubtful.to_dict("records")
    ]  # fmt: skip
    print(table_of(("region", "year", "Mt CO2", "others"), rows))
    share = len(doubtful) / len(inventory)
    report.true(
        "the rule is coarse: share of the figures that it marks", share < 0.05,
        value=f"{share:.1%}", bound="below 5 %",
    )  # fmt: skip


def fires(report: Report) -> None:
    """GFED5's regions against its globe."""
    report.source("GFED5 beta, table of CO2 (files offered for download)")
    if data_folder() is None:
        report.skip("regions and globe", "MRIOCARBON_DATA is not set")
        return
    rounding = 15 * 5.0  # 14 regions and the globe, each to 10 Mt
    beyond, share = [], 0.0
    for year in range(2002, 2023):
        regions = sum(mc.natural.account(r, year).flux("fires").value for r in GFED_REGIONS)
        globe = mc.natural.account("WLD", year).flux("fires").value
        share = max(share, abs(regions / globe - 1))
        if abs(regions - globe) > rounding:
            beyond.append(f"{year}: {regions:.0f} and {globe:.0f}")
    report.say(
        f"beyond what rounding explains ({rounding:.0f} Mt CO2): {'; '.join(beyond) or 'no year'}"
    )
    report.true(
        "regions make the globe in every year, worst gap", share < 0.01,
        value=f"{share:.2%}", bound="below 1 %",
    )  # fmt: skip


def translation(report: Report) -> None:
    """Bookkeeping to inventories."""
    if data_folder() is None:
        report.source("Grassi et al. (2023), doi:10.5194/essd-15-1093-2023")
        report.skip("translation", "MRIOCARBON_DATA is not set")
        return
    report.source(
        "the landCSink files, which state no period, against the Global Carbon Budget by year"
    )
    best, second = mc.natural.fitted_periods()[:2]
    report.true(
        f"land use: deviation of {best.first}-{best.last}, the best of all periods",
        (best.first, best.last) == files.SINK_YEARS and second.deviation > 5 * best.deviation,
        value=f"{best.deviation:.2%}",
        bound=f"below {second.deviation / 5:.2%}, a fifth of the next best",
        why=f"next best: {second.first}-{second.last}",
    )  # fmt: skip
    fossil = mc.natural.fitted_periods("fossil")
    report.true(
        f"fossil, of another edition: deviation of {fossil[0].first}-{fossil[0].last}, the best",
        (fossil[0].first, fossil[0].last) == files.SINK_YEARS,
        value=f"{fossil[0].deviation:.2%}", bound=f"the least; next {fossil[1].deviation:.2%}",
        why=f"next best: {fossil[1].first}-{fossil[1].last}",
    )  # fmt: skip
    folder = data_folder()
    assert folder is not None
    given = files.sink_statistics(folder / files.SINK_LAND_USE)["std"] * GTC
    raw = mc.database().table(
        "inventories", source=s.GCB_LAND, item=["BLUE", "H&C2023", "LUCE", "OSCAR"],
        year=list(range(2013, 2023)),
    )  # fmt: skip
    own = raw.groupby("region")["value"].std(ddof=0)
    both = [r for r in own.index if r in given.index and given[r] > 0.01]
    ratio = (own[both] / given[both]).to_numpy()
    report.true(
        f"its sd is that over four models and ten years: {len(both)} countries, ratio",
        bool(np.all(np.abs(ratio - 1) < 0.02)),
        value=f"{ratio.min():.4f} to {ratio.max():.4f}", bound="0.98 to 1.02",
    )  # fmt: skip

    report.source("Grassi et al. (2023), doi:10.5194/essd-15-1093-2023: global, as recalled")
    world = mc.natural.translate("WLD")
    for what, value, printed in (
        ("bookkeeping, GtC a year (2000-2020 there, 2013-2022 here)", world.bookkeeping, "1.2"),
        ("inventories, GtC a year: translated flux here", world.translated, "-0.5"),
        ("gap between the two, GtC a year: managed forest sink here", -world.sink, "1.8"),
    ):
        report.printed(what, value / GTC, printed, opened=False, tolerance=0.1, why="other years")

    report.source("inventories (UNFCCC), mean of the years within 2013-2022, against translations")
    found = mc.natural.translations()
    sink = files.sink_statistics(folder / files.MANAGED_SINK)
    bare = [code for code in sink.index[~files.modelled(sink)] if len(code) == 3]
    report.say(
        f"{len(bare)} countries without managed forest in the models' mask have no translation; of "
        "those with an inventory " + ", ".join(c for c in bare if c in _reporting(found, bare))
    )
    for name, source in (("Annex I", s.ANNEX_I), ("non-Annex I", s.NON_ANNEX_I)):
        mine = found[found["source"] == source]
        holds = int(mine["holds"].sum())
        plain = (mine["inventory"] - mine["bookkeeping"]).abs().sum()
        report.say(
            f"{name}: the 95 % interval holds the inventory in {holds} of {len(mine)} countries "
            f"(not {', '.join(mine.index[mine['holds'].eq(False)])})"
        )
        sums = [f"{name_} {mine[name_].sum():.0f}" for name_ in ("inventory", "bookkeeping",
                                                                 "translated")]  # fmt: skip
        report.say(
            f"  sum of |inventory - bookkeeping| {plain:.0f}, of |inventory - translation| "
            f"{mine['gap'].abs().sum():.0f} Mt CO2; sums: {', '.join(sums)}"
        )
        moved = float(mine["gap"].abs().sum())
        report.true(
            f"{name}: translation comes nearer than bookkeeping, sum of gaps, Mt CO2",
            moved < plain, value=moved, bound=f"below {plain:.0f}",
        )  # fmt: skip
    annex = found[found["source"] == s.ANNEX_I]
    inside = float((annex["gap"].abs() < annex["sd"]).mean())
    report.say(
        f"Annex I: {inside:.0%} within one sd of the translation, so that its interval (one model, "
        "one year) is wider than the gaps: coverage of it is a weak test"
    )


def _reporting(found: pd.DataFrame, codes: list[str]) -> set[str]:
    """Those of `codes` that report an inventory within the years of the translation."""
    assert not set(codes) & set(found.index)
    raw = mc.database().table(
        "inventories", source=list(s.UNFCCC), region=codes, gas="CO2", scope="NGHGI with land use",
        category=list(s.UNFCCC.values()), year=list(range(2013, 2023)),
    )  # fmt: skip
    raw = raw[(raw["category"] == raw["source"].map(s.UNFCCC)) & raw["value"].notna()]
    return set(raw["region"])


def main() -> int:
    """Run everything; return 1 if anything failed."""
    report = Report("Natural carbon")
    budgets(report)
    inversions(report)
    inventories(report)
    doubts(report)
    fires(report)
    translation(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
