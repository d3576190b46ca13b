"""CO2, CH4, N2O by 81 economies and 50 industries, 2022: reads the data folder, runs the estimate.

The method is in `mriocarbon.inventory` (bridge, prior, logfit, satellites, residence); this script
chooses inventories and errors and writes one archive.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.inventory import residence
from mriocarbon.inventory import satellites as method
from mriocarbon.inventory import sources as inventory
from mriocarbon.inventory.bridge import Line, read_bridge
from mriocarbon.inventory.gwp import gwp
from mriocarbon.inventory.prior import GASES, REST, Activity, LinePrior, Nation, line_prior
from mriocarbon.model.atomic import replacing
from scripts.embed import households, icio, national, sources
from scripts.embed.countries import iso3_of_all

Array = NDArray[np.float64]

YEAR = 2022
FILE = "satellites_2022.npz"
NEWEST_ANNEX_I = 2021

# Standard deviation of the logarithm of a national total: Annex I Parties, all others.
TOTAL_SD: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "CEDS": {"CO2": (0.06, 0.10), "CH4": (0.25, 0.35), "N2O": (0.50, 0.60)},
    "GCB": {"CO2": (0.05, 0.08)},
    "UNFCCC": {"CO2": (0.04, 0.04), "CH4": (0.15, 0.15), "N2O": (0.35, 0.35)},
}
CORRELATION = 0.5
"""Between sources: all three rest on the same fuel statistics and often the same factors."""

HALF_WIDTH_TO_SD = 0.5
"""The households' range is read as two standard deviations to either side."""


@dataclass(frozen=True)
class Built:
    """Everything of one run."""

    lines: tuple[Line, ...]
    nation: Nation
    activity: Activity
    prior: LinePrior
    targets: method.Targets
    found: method.Satellites
    F: Array
    bridge: residence.Bridge
    bunkers: Mapping[str, Array]


def read_activity(data: Path) -> Activity:
    """Read output and energy purchases of the 4,050 sectors."""
    with np.load(data / icio.FULL) as table:
        economies, industries = map(tuple, (table["countries"].tolist(), table["sectors"].tolist()))
        output = table["x"].astype(float).reshape(len(economies), -1)
        Z = table["Z"]
    bought = {}
    for code in ("B05", "B06", "C19", "D"):
        rows = np.arange(industries.index(code), len(Z), len(industries))
        bought[code] = Z[rows].sum(0, dtype=float).reshape(output.shape).clip(0.0)
    energy = sum(bought.values(), np.zeros_like(output))
    proxies = {"output": output, "energy": energy, "refined": bought["C19"]}
    return Activity(economies, industries, proxies)


def read_nation(data: Path, lines: tuple[Line, ...]) -> Nation:
    """Read national totals, inventories and household estimates."""
    s = households.read(data)
    found, _ = households.estimate(s)
    reports: dict[str, dict[str, inventory.Report]] = {}
    for gas in GASES:
        here: dict[str, inventory.Report] = {}
        for code, party in s.non_annex_i[gas].items():
            old = inventory.old_report(party.values, households.OLDEST_INVENTORY)
            if old is not None:
                here[code] = old
        for code, party in s.annex_i[gas].items():
            years = [y for y in party.values.get("1", {}) if y <= NEWEST_ANNEX_I]
            if years:
                here[code] = inventory.annex_i(party.values, party.keys, max(years), lines)
        reports[gas] = {c: r for c, r in here.items() if c in s.national[gas]}
    series = {
        gas: {c: years for c, years in s.national[gas].items() if c != "GLOBAL"} for gas in GASES
    }
    return Nation(series, reports, found, s.continent, s.upper_half, YEAR)


def gcb_totals(data: Path) -> dict[str, float]:
    """Fossil CO2 of the territory 2022 by country, Mt (GCB 2025)."""
    columns = national.sheet(data / national.FOSSIL, "Territorial Emissions")
    leave = {**national.FOSSIL_LEFT_OUT, **dict.fromkeys(national.FOSSIL_CODES, "no country")}
    codes = iso3_of_all(list(columns), leave, "Territorial Emissions")
    return {
        code: columns[name][YEAR] * national.MTCO2_PER_MTC
        for name, code in codes.items()
        if YEAR in columns[name]
    }


def world_bunkers(data: Path) -> dict[str, Array]:
    """CEDS's international transport by mode, Mt of each gas.

    Light oil is jet fuel; the rest is burnt by ships. CH4 and N2O come as one figure (with
    domestic flights) and are shared like CO2.
    """
    fuels = {f: y[YEAR] for f, y in sources.ceds_fuels(data)["GLOBAL"].items() if f != "biomass"}
    total = sum(fuels.values())
    share = {"aviation": fuels["light_oil"] / total}
    share["shipping"] = 1.0 - share["aviation"]
    all_gases = np.array(
        [total, *(sources.ceds_totals(data, g)["GLOBAL"][YEAR] for g in ("CH4", "N2O"))]
    )
    return {mode: share[mode] * all_gases for mode in method.MODES}


def targets(data: Path, nation: Nation, activity: Activity) -> method.Targets:
    """Collect what the estimate must and should meet."""
    with np.load(data / icio.TABLE) as table:
        regions = tuple(map(str, table["regions"]))
        oecd = table["GHG_MtCO2e"].reshape(len(regions), -1).astype(float)
    mapping = icio.mapping(data)
    economies = activity.economies
    at = {e: k for k, e in enumerate(economies)}
    shape = (len(GASES), len(economies))
    totals = {name: np.zeros(shape) for name in TOTAL_SD}
    sd = {name: np.full(shape, np.nan) for name in TOTAL_SD}
    home, home_sd = np.zeros(shape), np.zeros(shape)
    annex_i = {c for c, r in nation.reports["CO2"].items() if r.detailed}
    for a, gas in enumerate(GASES):
        for country in nation.series[gas]:
            totals["CEDS"][a, at.get(country, at[REST])] += nation.total(gas, country)
        for country, report in nation.reports[gas].items():
            if report.detailed and country in at:
                then = nation.series[gas][country][report.year]
                carry = nation.total(gas, country) / then
                totals["UNFCCC"][a, at[country]] = report.total * carry
        for name, by_gas in TOTAL_SD.items():
            for e, k in at.items():
                if gas in by_gas:
                    sd[name][a, k] = by_gas[gas][0 if e in annex_i else 1]
    for country, value in gcb_totals(data).items():
        totals["GCB"][0, at.get(country, at[REST])] += value
    for (country, _, gas), found in nation.households.items():
        k, a = at.get(country, at[REST]), GASES.index(gas)
        home[a, k] += found.value
        # the same shares stand behind all countries of ROW and behind both categories
        home_sd[a, k] += HALF_WIDTH_TO_SD * found.range * found.value
    fleets = {}
    for mode, world in world_bunkers(data).items():
        output = activity.proxies["output"][:, activity.industries.index(method.MODES[mode])]
        fleets[mode] = world[:, None] * output / output.sum()
    known = {name: np.where(values > 0, values, np.nan) for name, values in totals.items()}
    return method.Targets(
        tuple(regions.index(mapping[e]) for e in economies), regions, oecd, known, sd,
        CORRELATION, home, home_sd, fleets,
    )  # fmt: skip


def sold_here(nation: Nation, economies: tuple[str, ...]) -> dict[str, Array]:
    """Bunkers that each economy's own inventory reports, Mt, in the year of the inventory."""
    out = {mode: np.full((len(GASES), len(economies)), np.nan) for mode in method.MODES}
    for a, gas in enumerate(GASES):
        for k, economy in enumerate(economies):
            report = nation.reports[gas].get(economy)
            for mode, value in (report.bunkers if report else {}).items():
                out[mode][a, k] = value
    return out


def run(data: Path, potentials: Mapping[str, float] | None = None) -> Built:
    """Read, estimate, round, and build the rows from residence to territory."""
    lines = read_bridge()
    activity = read_activity(data)
    nation = read_nation(data, lines)
    prior = line_prior(nation, activity, lines)
    goal = targets(data, nation, activity)
    found = method.estimate(lines, prior, activity, goal, potentials)
    values = potentials or gwp(method.OECD_GWP)
    factors = np.array([*(values[g] for g in GASES), 1.0])
    F = method.close(found.F, goal, factors)
    industries = F.reshape(4, len(activity.economies), -1)[:3].sum(2)
    total = goal.totals["CEDS"]
    total_sd = goal.total_sd["CEDS"] * total
    abroad = {mode: method.significant(found.abroad[mode], 7) for mode in method.MODES}
    rows = residence.IDENTITY
    fleet_sd = {mode: found.abroad_sd[mode] for mode in method.MODES}
    gap_sd = np.sqrt(
        found.national_sd[:3] ** 2 + goal.households_sd**2 + total_sd**2
        + fleet_sd["shipping"] ** 2 + fleet_sd["aviation"] ** 2
    )  # fmt: skip
    errors = dict(
        zip(
            (*rows, residence.TOTAL),
            (
                found.national_sd[:3], goal.households_sd, fleet_sd["shipping"],
                fleet_sd["aviation"], gap_sd, total_sd,
            ),
            strict=True,
        )
    )  # fmt: skip
    bridge = residence.bridge(
        industries, goal.households, abroad, total, gases=GASES, economies=activity.economies,
        source="CEDS v2024_07_08", sd=errors, sold=sold_here(nation, activity.economies),
    )  # fmt: skip
    return Built(lines, nation, activity, prior, goal, found, F, bridge, world_bunkers(data))


def write(built: Built, path: Path) -> None:
    """Write the archive: the same bytes for the same numbers."""
    found, goal = built.found, built.targets
    names = {
        "gases": method.ROWS,
        "units": ("Mt CO2", "Mt CH4", "Mt N2O", "Mt CO2e"),
        "economies": built.activity.economies,
        "industries": built.activity.industries,
        "regions": goal.regions,
        "marks": method.MARKS,
        "bridge_rows": built.bridge.rows,
        "unplaced": tuple(f"{g} {c} {k}: {v:.3g} Mt" for g, c, k, v in built.prior.unplaced),
        "notes": found.notes,
    }
    short = method.significant
    arrays: dict[str, Any] = {
        **{key: np.array(value, dtype=np.str_) for key, value in names.items()},
        "F": built.F,
        "sd": short(found.sd, 4).astype(np.float32),
        "ghg_sd": short(found.ghg_sd, 4).astype(np.float32),
        "mark": found.mark,
        "households": short(goal.households, 7),
        "households_sd": short(goal.households_sd, 4),
        "bridge": _nan_short(built.bridge.values, 12),
        "bridge_sd": _nan_short(built.bridge.sd, 4),
        "national_sd": short(found.national_sd, 4),
        "region_sd": short(found.region_sd, 4).astype(np.float32),
        "world_sd": short(found.world_sd, 4),
        "world_bunkers": np.array([short(built.bunkers[m], 7) for m in method.MODES]),
        "oecd": goal.oecd,
        "region_of": np.array(goal.region_of, dtype=np.int16),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)


def _nan_short(values: Array, digits: int) -> Array:
    known = np.isfinite(values)
    out = np.full(values.shape, np.nan)
    out[known] = method.significant(values[known], digits)
    return out


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write satellites_2022.npz; return its manifest entry."""
    built = run(data)
    write(built, out / FILE)
    return [_entry(built)]


def _entry(built: Built) -> dict[str, Any]:
    lost = sum(v for g, _, _, v in built.prior.unplaced if g == "CO2")
    return {
        "file": FILE,
        "title": "CO2, CH4 and N2O by 81 economies and 50 industries, 2022 (estimate)",
        "producer": "mriocarbon, from OECD, CEDS, UNFCCC and Global Carbon Project data",
        "edition": "OECD ICIO 2025 edition; CEDS v2024_07_08; UNFCCC submissions 2023; Global"
        " Carbon Budget 2025 v0.3",
        "citation": f"{icio.ICIO.citation}; {icio.PROD_GHG.citation}; Hoesly et al. (2018),"
        " Geoscientific Model Development 11, 369-408, CEDS release v2024_07_08; UNFCCC,"
        " Greenhouse Gas Inventory Data, https://di.unfccc.int; Friedlingstein et al. (2025),"
        " Global Carbon Budget 2025",
        "licence": "OECD terms and conditions: reuse with credit; CEDS, Global Carbon Project,"
        " Our World in Data: CC BY 4.0; UNFCCC: figures of Parties, reuse with the source named",
        "licence_url": national.CC_BY_URL,
        "address": "http://oe.cd/icio; https://github.com/JGCRI/CEDS; https://di.unfccc.int",
        "derived_from": [
            icio.FULL, icio.TABLE, icio.MAPPING, national.FOSSIL, sources.CEDS_CO2_BY_FUEL,
            *(sources.CEDS_BY_COUNTRY.format(gas=g) for g in ("CH4", "N2O")),
            *(sources.ANNEX_I.format(gas=g) for g in GASES), sources.NON_ANNEX_I,
            sources.POPULATION, sources.GDP,
        ],
        "years": [YEAR],
        "unit": "Mt of the gas; Mt CO2e for the residual of fluorinated gases",
        "columns": {
            "F": "gases x (economy, industry), region-major; the last row is a residual",
            "sd": "standard deviation of every cell of F",
            "ghg_sd": "standard deviation of the CO2e of a cell",
            "mark": "how a cell is known, position in marks",
            "households, households_sd": "gases x economies: direct emissions, held at the"
            " bottom-up estimate",
            "bridge, bridge_sd": "bridge_rows x gases x economies: from residence to territory",
            "national_sd, region_sd, world_sd": "standard deviation of sums",
            "world_bunkers": "shipping and aviation x gases, CEDS",
        },
        "exactness": "estimated",
        "what_is_estimated": (
            "every cell: UNFCCC categories through a bridge to industries, made to meet the OECD's"
            " greenhouse gases of 20 regions x 50 industries exactly (AR5) and the national totals"
            " of CEDS, UNFCCC and the Global Carbon Budget within their errors"
        ),
        "notes": [
            "F-gases are a residual of the OECD total, not a measurement.",
            f"Reported in an industry without output and so not placed: {lost:.1f} Mt CO2.",
            *built.found.notes,
        ],
    }  # fmt: skip
