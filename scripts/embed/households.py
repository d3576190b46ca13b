"""Household direct emissions 2022 by region: reads the data folder, applies the method.

The method and its equations are in `mriocarbon.inventory.households`; this script chooses
inventories, donors and indicators, and writes two CSV files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriocarbon.errors import NotAvailableError
from mriocarbon.inventory import households as hh
from scripts.embed import national, sources
from scripts.embed.tidy import Cell, read_dicts, source, write_csv

YEAR = 2022
OLDEST_INVENTORY = 2000
"""A non-Annex I submission for an earlier year is not used; a share is borrowed instead."""

MAPPING = "icio2022/region_mapping_20R.csv"
REST = "ROW"
FEWEST_DONORS = 3

FAMILY_LIGHT_TRUCKS = ("CAN", "USA")
"""Parties whose vehicle classes put sport utilities, minivans and pick-ups into 1.A.3.b.ii."""

INSIDE_A_PARTY = {
    **dict.fromkeys(("ASM", "GUM", "PRI", "VIR"), "USA"),
    **dict.fromkeys(("GLP", "GUF", "MTQ", "NCL", "PYF", "REU", "SPM", "WLF"), "FRA"),
    **dict.fromkeys(("BMU", "CYM", "FLK", "GIB"), "GBR"),
    **dict.fromkeys(("FRO", "GRL"), "DNK"),
    "TKL": "NZL",
}
"""Territories of CEDS that a Party's own inventory holds: not estimated a second time."""

PARENTS = {"residential": ("1.A.4",), "private road": ("1.A.3.b", "1.A.3")}
ROAD_FUELS = ("light_oil", "diesel_oil")

Key = tuple[str, str, str]  # country, category, gas
Refusal = tuple[str, str]  # reason, what was refused


@dataclass(frozen=True)
class Sources:
    """Everything read, in Mt, by country."""

    annex_i: Mapping[str, Mapping[str, sources.Party]]
    non_annex_i: Mapping[str, Mapping[str, sources.Party]]
    fuels: Mapping[str, Mapping[str, Mapping[int, float]]]
    national: Mapping[str, Mapping[str, Mapping[int, float]]]
    people: Mapping[str, Mapping[int, int]]
    upper_half: frozenset[str]
    continent: Mapping[str, str]


def read(data: Path) -> Sources:
    """Read all sources of the estimate."""
    fuels = sources.ceds_fuels(data)
    totals = {gas: sources.ceds_totals(data, gas) for gas in ("CH4", "N2O")}
    co2 = {c: sources.sum_fuels(f, without=("biomass",)) for c, f in fuels.items()}
    annex_i = {gas: sources.annex_i(data, gas) for gas in hh.GASES}
    people, money = national.population(data), national.gdp(data)
    income = {
        c: money[c][YEAR] / people[c][YEAR] for c in money if YEAR in money[c] and c in people
    }
    parties = sorted(income[c] for c in annex_i["CO2"] if c in income)
    middle = parties[len(parties) // 2]
    return Sources(
        annex_i,
        {gas: sources.non_annex_i(data, gas) for gas in hh.GASES},
        fuels,
        {"CO2": co2, **totals},
        people,
        frozenset(c for c, value in income.items() if value >= middle),
        national.gcb_regions(data),
    )


def combustion(s: Sources, iso3: str) -> dict[int, float] | None:
    """CO2 from all fuels of a country, without processes, by year (CEDS), Mt."""
    fuels = s.fuels.get(iso3)
    if fuels is None:
        return None
    return sources.sum_fuels(fuels, without=("process", "biomass"))


def indicator(
    s: Sources, iso3: str, category: str, gas: str
) -> tuple[Mapping[int, float] | None, str]:
    """Choose what carries an inventory to 2022; see docs/methods/households.md for the test."""
    if category == "private road":
        fuels = s.fuels.get(iso3)
        if fuels is None:
            return None, ""
        years = sources.sum_fuels({f: fuels[f] for f in ROAD_FUELS if f in fuels}, without=())
        return years, "CEDS CO2 of light and diesel oil"
    if gas == "CO2":
        return combustion(s, iso3), "CEDS CO2 of all fuels"
    people = s.people.get(iso3)
    return (None if people is None else {y: float(n) for y, n in people.items()}), "population"


def _cell(party: sources.Party | None, category: str, year: int) -> float | None:
    value = party.values.get(category, {}).get(year) if party else None
    return None if value is None else value / sources.KT_PER_MT


def newest_year(s: Sources, iso3: str) -> int | None:
    """Newest year of an Annex I Party with a residential figure for CO2."""
    years = s.annex_i["CO2"][iso3].values.get("1.A.4.b", {})
    return max(years) if years else None


def reported(s: Sources) -> dict[Key, hh.Estimate]:
    """Collect the categories that Annex I inventories report themselves."""
    out: dict[Key, hh.Estimate] = {}
    for iso3 in s.annex_i["CO2"]:
        year = newest_year(s, iso3)
        if year is None:
            continue
        for gas in hh.GASES:
            party = s.annex_i[gas].get(iso3)
            home = _cell(party, "1.A.4.b", year)
            light = iso3 in FAMILY_LIGHT_TRUCKS
            road = hh.private_road(
                _cell(party, "1.A.3.b.i", year),
                _cell(party, "1.A.3.b.iv", year),
                _cell(party, "1.A.3.b.iii", year),
                light=_cell(party, "1.A.3.b.ii", year) if light else None,
            )
            what = "1.A.3.b.i + ii + iv" if light else "1.A.3.b.i + iv"
            share = f"UNFCCC {year}: {hh.HOUSEHOLD_SHARE_OF_CARS:.2f} x ({what})"
            for category, value, text in (
                ("residential", home, f"UNFCCC {year}: 1.A.4.b"),
                ("private road", road, share),
            ):
                if value is not None:
                    out[iso3, category, gas] = hh.Estimate(
                        iso3, category, gas, value, year, "reported", text
                    )
    return out


def shares_of_parents(
    s: Sources, known: Mapping[Key, hh.Estimate]
) -> dict[tuple[str, str, str, bool], tuple[float, tuple[str, ...]]]:
    """Share of households in each parent category, by gas and by half of income."""
    out: dict[tuple[str, str, str, bool], tuple[float, tuple[str, ...]]] = {}
    for category, parents in PARENTS.items():
        for gas in hh.GASES:
            part = {k[0]: e.value for k, e in known.items() if k[1:] == (category, gas)}
            for parent in parents:
                whole = {
                    c: value
                    for c in part
                    if (value := _cell(s.annex_i[gas].get(c), parent, newest_year(s, c) or 0))
                }
                for upper in (False, True):
                    donors = [c for c in part if (c in s.upper_half) is upper]
                    out[category, parent, gas, upper] = hh.typical_share(part, whole, donors)
    return out


def split_parents(
    s: Sources, known: Mapping[Key, hh.Estimate]
) -> tuple[dict[Key, hh.Estimate], list[Refusal]]:
    """Split the parents of all Parties without the category; also say what was refused."""
    shares = shares_of_parents(s, known)
    out: dict[Key, hh.Estimate] = {}
    refused: list[Refusal] = []
    for gas in hh.GASES:
        parties = {**s.non_annex_i[gas], **s.annex_i[gas]}
        for iso3, party in sorted(parties.items()):
            if iso3 not in s.national[gas] and iso3 not in s.annex_i[gas]:
                refused.append(("not in CEDS, so nothing carries it to 2022", iso3))
                continue
            upper = iso3 in s.upper_half
            half = "upper" if upper else "lower"
            for category, parents in PARENTS.items():
                if (iso3, category, gas) in known:
                    continue
                found = _newest_parent(s, iso3, party, parents, gas, refused)
                if found is not None:
                    parent, year, value = found
                    share, donors = shares[category, parent, gas, upper]
                    out[iso3, category, gas] = hh.split(
                        iso3, category, gas, value, f"UNFCCC {year}: {parent}", year, share,
                        donors, f"{half} half of Annex I by income",
                    )  # fmt: skip
    return out, refused


def _newest_parent(
    s: Sources,
    iso3: str,
    party: sources.Party,
    parents: tuple[str, ...],
    gas: str,
    refused: list[Refusal],
) -> tuple[str, int, float] | None:
    for parent in parents:
        series = party.values.get(parent, {})
        if not series:
            continue
        year = max(series)
        value = series[year] / sources.KT_PER_MT
        what = f"{iso3} {gas} {parent} {year}"
        if year < OLDEST_INVENTORY:
            refused.append((f"for a year before {OLDEST_INVENTORY}", what))
            return None
        if value <= 0.0:
            refused.append(("zero or negative", what))
            return None
        total = s.national[gas].get(iso3, {}).get(year)
        # CEDS books Liechtenstein with Switzerland: an Annex I inventory is not measured by CEDS
        if total is not None and value > total and iso3 not in s.annex_i[gas]:
            refused.append(("larger than the CEDS national total", what))
            return None
        return parent, year, value
    return None


def scaled(s: Sources, found: Mapping[Key, hh.Estimate]) -> dict[Key, hh.Estimate]:
    """Carry every estimate to 2022."""
    out: dict[Key, hh.Estimate] = {}
    for key, estimate in found.items():
        series, name = indicator(s, *key)
        # CEDS books Liechtenstein with Switzerland and gives it zeros: no indicator, no scaling
        ends = [series.get(y, 0.0) for y in (YEAR, estimate.basis_year)] if series else [0.0]
        out[key] = hh.scale(estimate, YEAR, series if min(ends) > 0.0 else None, name)
    return out


def borrowed(s: Sources, known: Mapping[Key, hh.Estimate]) -> dict[Key, hh.Estimate]:
    """Fill the cells of all other CEDS countries by shares of their national totals."""
    out: dict[Key, hh.Estimate] = {}
    for gas in hh.GASES:
        totals = {c: years[YEAR] for c, years in s.national[gas].items() if c != "GLOBAL"}
        for category in hh.CATEGORIES:
            part = {k[0]: e.value for k, e in known.items() if k[1:] == (category, gas)}
            for iso3, total in sorted(totals.items()):
                if (iso3, category, gas) in known or iso3 in INSIDE_A_PARTY:
                    continue
                share, donors, group = _nearest_share(s, iso3, part, totals)
                out[iso3, category, gas] = hh.borrow(
                    iso3, category, gas, total, YEAR, share, donors, group
                )
    return out


def _nearest_share(
    s: Sources, iso3: str, part: Mapping[str, float], totals: Mapping[str, float]
) -> tuple[float, tuple[str, ...], str]:
    upper, here = iso3 in s.upper_half, s.continent.get(iso3, "")
    half = "upper half by income" if upper else "lower half by income"
    same_income = [c for c in part if (c in s.upper_half) is upper]
    same_place = [c for c in part if here and s.continent.get(c) == here]
    both = [c for c in same_income if c in same_place]
    for donors, group in (
        (both, f"{here}, {half}"),
        (same_place, here),
        (same_income, half),
    ):
        try:
            share, used = hh.typical_share(part, totals, donors)
        except NotAvailableError:
            continue
        if len(used) >= FEWEST_DONORS:
            return share, used, group
    raise NotAvailableError("no group of donors is large enough", where=iso3)


def estimate(s: Sources) -> tuple[dict[Key, hh.Estimate], list[Refusal]]:
    """Estimate all countries: reported, then split, then borrowed; and what was refused."""
    own = reported(s)
    parts, refused = split_parents(s, own)
    known = scaled(s, {**own, **parts})
    return {**known, **borrowed(s, known)}, refused


def regions(data: Path) -> dict[str, str]:
    """Return country -> region of the 20-region table."""
    rows = read_dicts(source(data, MAPPING))
    return {r["country"]: r["region"] for r in rows}


def coverage(
    s: Sources, found: Mapping[Key, hh.Estimate], region_of: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    """Share of each region's CEDS CO2 by how its residential CO2 was found."""
    sums: dict[str, dict[str, float]] = {}
    for iso3, years in s.national["CO2"].items():
        if iso3 == "GLOBAL":
            continue
        holder = INSIDE_A_PARTY.get(iso3, iso3)
        status = found[holder, "residential", "CO2"].status
        row = sums.setdefault(region_of.get(holder, REST), dict.fromkeys(hh.STATUS_RANGE, 0.0))
        row[status] += years[YEAR]
    return {r: {k: v / sum(row.values()) for k, v in row.items()} for r, row in sums.items()}


def basis_text(
    s: Sources, region: str, found: Mapping[Key, hh.Estimate], region_of: Mapping[str, str]
) -> tuple[str, str]:
    """Return (method, basis) of a region in words, from its CO2 estimates."""
    inside = [e for k, e in found.items() if k[2] == "CO2" and region_of.get(k[0], REST) == region]
    method: list[str] = []
    for category in hh.CATEGORIES:
        counts = [
            f"{status} ({n})"
            for status in hh.STATUS_RANGE
            if (n := sum(e.category == category and e.status == status for e in inside))
        ]
        method.append(f"{category}: {', '.join(counts)}")
    years: dict[str, set[int]] = {}
    for e in inside:
        years.setdefault(e.iso3, set())
        if e.status != "borrowed":
            years[e.iso3].add(e.basis_year)
    annex_i: dict[int, list[str]] = {}
    others: list[str] = []
    none = 0
    for iso3, used in sorted(years.items()):
        if not used:
            none += 1
        elif iso3 in s.annex_i["CO2"]:
            annex_i.setdefault(max(used), []).append(iso3)
        else:
            others.append(f"{iso3} {'/'.join(str(y) for y in sorted(used))}")
    basis = [f"UNFCCC Annex I {y}: {' '.join(c)}" for y, c in sorted(annex_i.items())]
    if others:
        basis.append(f"UNFCCC non-Annex I: {', '.join(others)}")
    if none:
        basis.append(f"{none} countries without a usable inventory")
    return "; ".join(method), "; ".join(basis)


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write households_2022.csv and households_2022_countries.csv; return manifest entries.

    Parameters
    ----------
    data : Path
        The data folder (see its README).
    out : Path
        Folder to write into; made if missing.

    Returns
    -------
    list of dict
        Two manifest entries.
    """
    s = read(data)
    region_of = regions(data)
    found, refused = estimate(s)
    covered = coverage(s, found, region_of)
    rows: list[list[Cell]] = []
    for total in hh.by_region(found.values(), region_of, REST):
        method, basis = basis_text(s, total.region, found, region_of)
        share = covered[total.region]
        rows.append(
            [
                total.region, total.gas, "MtCO2e" if total.gas == "GHG" else f"Mt{total.gas}",
                total.value, total.low, total.high, total.range, "true",
                share["reported"], share["split"], share["borrowed"], method, basis,
            ]
        )  # fmt: skip
    write_csv(
        out / "households_2022.csv",
        [
            "region", "gas", "unit", "value", "low", "high", "relative_range", "estimated",
            "co2_share_reported", "co2_share_split", "co2_share_borrowed", "method", "basis",
        ],
        rows,
    )  # fmt: skip
    detail: list[list[Cell]] = [
        [
            e.iso3, region_of.get(e.iso3, REST), e.category, e.gas, float(f"{e.value:.6g}"),
            round(e.range, 3), e.basis_year, e.status, e.source,
        ]
        for e in found.values()
    ]  # fmt: skip
    write_csv(
        out / "households_2022_countries.csv",
        [
            "iso3", "region", "category", "gas", "value_Mt", "relative_range", "basis_year",
            "status", "source",
        ],
        detail,
    )  # fmt: skip
    return _manifest(refused)


def _manifest(refused: list[Refusal]) -> list[dict[str, Any]]:
    common: dict[str, Any] = {
        "producer": "mriocarbon, from inventories of Parties to the UNFCCC and from CEDS",
        "edition": "UNFCCC Annex I submissions 2023 (years to 2021; Australia 2020), UNFCCC "
        "non-Annex I data 2022-02, CEDS v2024_07_08",
        "citation": "UNFCCC, Greenhouse Gas Inventory Data, https://di.unfccc.int; Hoesly et al. "
        "(2018), Geoscientific Model Development 11, 369-408, CEDS release v2024_07_08; Our World "
        "in Data (population, GDP); Global Carbon Project (grouping of countries)",
        "licence": "CC BY 4.0 (CEDS, Our World in Data, Global Carbon Project); UNFCCC: figures "
        "of Parties, reuse with the source named",
        "licence_url": national.CC_BY_URL,
        "address": "https://di.unfccc.int; https://github.com/JGCRI/CEDS",
        "derived_from": [
            *(sources.ANNEX_I.format(gas=g) for g in hh.GASES),
            sources.NON_ANNEX_I,
            sources.CEDS_CO2_BY_FUEL,
            *(sources.CEDS_BY_COUNTRY.format(gas=g) for g in ("CH4", "N2O")),
            sources.POPULATION,
            sources.GDP,
            national.FOSSIL,
            MAPPING,
        ],
        "years": [YEAR],
        "exactness": "estimated",
        "what_is_estimated": (
            "every value: residential combustion (1.A.4.b) and 80 % of car and motorcycle use"
            " (1.A.3.b) of the newest UNFCCC inventories, carried to 2022 by CEDS; shares borrowed"
            " where an inventory has no detail; range at least ±40 %, for China, whose newest"
            " submission at hand is of 2014, ±62 %"
        ),
    }
    regional = {
        **common,
        "file": "households_2022.csv",
        "title": "Household direct emissions 2022 by region of the 20-region table (estimate)",
        "unit": "Mt of the gas; Mt CO2e for GHG",
        "columns": {
            "region": "one of the 20 regions; EU27 is the sum of its members",
            "gas": "CO2, CH4, N2O, or GHG for their sum",
            "unit": "unit of value, low and high",
            "value": "residential combustion and private road transport",
            "low": "lower end of the range, summed over countries",
            "high": "upper end of the range, summed over countries",
            "relative_range": "(high - low) / (2 value)",
            "estimated": "true in every row",
            "co2_share_reported": "share of the region's CEDS CO2 in countries that report 1.A.4.b",
            "co2_share_split": "the same, where 1.A.4 was split",
            "co2_share_borrowed": "the same, where a share of the national total was borrowed",
            "method": "how the residential figures were found",
            "basis": "years and countries of the inventories",
        },
        "notes": [
            "GHG = CO2 + CH4 + N2O with GWP-100 of the IPCC's fifth report (28 and 265). "
            "Fluorinated gases of households (small) are not included.",
            "Never an inventory total minus OECD. CO2 from biomass is not counted.",
            "Ranges are a stated rule, at least +-40 %, not a confidence interval. China rests on "
            "its submission for 2014: +-61 % for CO2.",
            f"{hh.HOUSEHOLD_SHARE_OF_CARS:.0%} of cars and motorcycles is taken as household use: "
            "an assumption.",
            "Inventories follow the territory (fuel sold); residents' driving abroad is not "
            "adjusted for.",
            *(
                f"Submissions not used, {reason}: "
                + ", ".join(sorted({what for r, what in refused if r == reason}))
                for reason in sorted({r for r, _ in refused})
            ),
        ],
    }
    detail = {
        **common,
        "file": "households_2022_countries.csv",
        "title": "Household direct emissions 2022 by country, category and gas (estimate)",
        "unit": "Mt of the gas",
        "columns": {
            "iso3": "ISO 3166 alpha-3, XKX for Kosovo",
            "region": "region of the 20-region table",
            "category": "residential or private road",
            "gas": "CO2, CH4 or N2O",
            "value_Mt": "Mt of the gas, six significant digits",
            "relative_range": "half-width of the range over value; the lower end stops at zero",
            "basis_year": "year of the inventory; 2022 where a share of the total was borrowed",
            "status": "reported, split or borrowed; all are then scaled to 2022",
            "source": "categories, shares and the factor that carries them to 2022",
        },
        "notes": [
            "A country alone is uncertain beyond its range where the status is borrowed.",
            "Inside a Party's own inventory and so not listed: "
            + ", ".join(f"{t} ({p})" for t, p in sorted(INSIDE_A_PARTY.items())),
        ],
    }
    return [regional, detail]
