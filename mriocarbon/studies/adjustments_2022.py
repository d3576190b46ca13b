"""How national greenhouse-gas accounts of 2022 change when responsibility is counted differently.

The main job of the package: `reproduce_2022` computes every principle on the OECD inter-country
table of 2022, for greenhouse gases and for CO2, under every boundary, sets the results beside the
figures announced in the press, and beside the Global Carbon Budget's own consumption accounts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import bilateral, principles, trade
from mriocarbon.accounts.compute import evaluate, far_beyond, remarks
from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.accounts.principle import Principle
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.datasets import catalogue, load
from mriocarbon.datasets.catalogue import Item, find
from mriocarbon.datasets.national import region_of, rows
from mriocarbon.errors import (
    InputError,
    NotAvailableError,
    UnknownNameError,
    quietly,
)
from mriocarbon.model import MRIO, Result
from mriocarbon.model.brief import brief
from mriocarbon.model.labels import find_region
from mriocarbon.studies.aggregation import accounts_at_detail, full_with_intensities
from mriocarbon.studies.inputs_2022 import (
    BUDGET_EDITION,
    GASES,
    INVENTORY,
    LAND_EDITION,
    LAND_MODELS,
    OWN,
    TERRITORIAL,
    UNITS,
    Gas,
    Inputs,
    NationalCO2,
)
from mriocarbon.studies.intervals_2022 import Drawing, Edition, Interval
from mriocarbon.studies.intervals_2022 import compute as compute_intervals
from mriocarbon.studies.intervals_2022 import editions as gcb_editions
from mriocarbon.studies.intervals_2022 import embedded as embedded_intervals
from mriocarbon.studies.scan import Combination, Verdict, judge

if TYPE_CHECKING:
    from mriocarbon.studies.spectrum import FullSpectrum

__all__ = ["BUDGET", "FULL", "OWN", "TABLE", "TABLES", "Account", "Study", "reproduce_2022"]

Array = NDArray[np.float64]
Progress = Callable[[str], None]

TABLE, FULL, BUDGET = "oecd-icio-2022", "oecd-icio-2022-full", "gcb-2025"
TABLES = (TABLE, FULL, BUDGET)

# Options beside the defaults that the literature discusses; each is a combination of its own.
VARIANTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("shared", {"self_deliveries": "inside"}),
    ("income", {"primary_inputs": "value_added"}),
    ("half-half", {"primary_inputs": "value_added"}),
    ("value-added", {"primary_inputs": "value_added"}),
    ("technology-adjusted", {"weights": "output"}),
    ("technology-adjusted-balanced", {"weights": "exports"}),
)


@dataclass(frozen=True)
class Boundary:
    """Households in or out; land use out, or by one model, untraded or traded."""

    households: bool
    model: str = ""
    traded: bool = False

    @property
    def land_use(self) -> str:
        return f"{self.model} {'traded' if self.traded else 'untraded'}" if self.model else "none"


@dataclass(frozen=True)
class Account:
    """One account of all regions, absolute.

    Attributes
    ----------
    table, principle, options : str
    gas : {"GHG", "CO2"}
    households : bool
    land_use : str
    value, low, high : ndarray, shape (regions,)
        In `unit`.
    """

    table: str
    principle: str
    options: str
    gas: str
    households: bool
    land_use: str
    value: Array
    low: Array
    high: Array

    __repr__ = brief

    @property
    def unit(self) -> str:
        """Mt CO2e, or Mt CO2."""
        return UNITS[self.gas]


@dataclass(frozen=True, eq=False)
class Study:
    """All results of `reproduce_2022`.

    Attributes
    ----------
    regions : tuple of str
        Those asked for; all 20 by default.
    combinations : tuple of Combination
        The scan, in fixed order.
    accounts : tuple of Account
    verdict : Verdict
        Over the combinations of the scan that were asked for.
    bilateral, trade : Result
        GHG of industries only.
    per_capita : mapping of principle to ndarray
        GHG, t CO2e per person, households included, in the order of `regions`.
    population : ndarray, shape (regions,)
    households, inventory : ndarray, shape (regions, 3) and (regions,)
        Value, low and high of direct emissions; territorial total, both Mt CO2e.
    co2 : NationalCO2
        The same and more for CO2, in the order of `regions`.
    submissions : tuple of dict
        Newest UNFCCC totals of the published countries, for comparison.
    principles : tuple of Principle
    items : tuple of Item
        The embedded data used, with citation, licence and hash.
    notes : tuple of str
    remarks : tuple of str
        What the accounts themselves give to note: clipping, rescaling, what does not conserve,
        accounts below zero or far beyond a region's size.
    total_combinations : int
        Of the whole scan, whatever was asked for; `Combination.number` counts in it.
    full_recomputed : bool
        True if the 4,050-sector figures were computed now, False if they are the embedded ones.
    intervals : tuple of Interval
        Paired 95 % intervals of account over production, of the principles and gases asked for.
    editions : tuple of Edition
        The Global Carbon Budget's 2022 in two editions.
    natural : tuple of FullSpectrum
        Natural carbon beside the accounts, one for each gas; empty unless it was asked for.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> study = mc.reproduce_2022(principle=["consumption"], gases=["CO2"], tables=["gcb-2025"])
    >>> round(study.combinations[0].percent["JPN"], 1)
    16.7
    """

    regions: tuple[str, ...]
    combinations: tuple[Combination, ...]
    accounts: tuple[Account, ...]
    verdict: Verdict
    bilateral: Result
    trade: Result
    per_capita: Mapping[str, Array]
    population: Array
    households: Array
    inventory: Array
    co2: NationalCO2
    submissions: tuple[dict[str, str], ...]
    principles: tuple[Principle, ...]
    items: tuple[Item, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]
    total_combinations: int
    full_recomputed: bool
    intervals: tuple[Interval, ...] = ()
    editions: tuple[Edition, ...] = ()
    natural: tuple[FullSpectrum, ...] = ()

    def __repr__(self) -> str:
        near = self.verdict.nearest
        return brief(
            self, f"{len(self.combinations):,} combinations, {self.verdict.tried:,} computed",
            f"nearest to the published figures: {near.label}, {near.distance:.1f} points away",
        )  # fmt: skip


def reproduce_2022(
    *,
    tables: Sequence[str] = (),
    principle: Sequence[str] = (),
    gases: Sequence[str] = (),
    regions: Sequence[str] = (),
    full: Path | None = None,
    uncertainty: str | None = None,
    drawing: Drawing | None = None,
    natural: bool = False,
    progress: Progress | None = None,
) -> Study:
    """Compute the national adjustments of 2022 under every principle and boundary.

    Parameters
    ----------
    tables, principle, gases, regions : sequence of str, optional
        Narrow the study; empty means all. Regions may be given by name. The published countries
        stay in the scan whatever the regions.
    full : Path, optional
        Folder of the source data: recompute the 4,050-sector accounts instead of taking the
        embedded ones.
    uncertainty : {"first-order", "monte-carlo"}, optional
        Compute the intervals anew; the embedded first-order ones if left out.
    drawing : Drawing, optional
        Draws, seed, engine and checkpoint of the Monte Carlo.
    natural : bool
        Set natural carbon beside production and consumption, scope by scope and never netted;
        see `mriocarbon.studies.full_spectrum_2022.full_spectrum`.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Study

    Raises
    ------
    UnknownNameError
        With near matches.
    DataFileError
        Embedded or source data are truncated or altered.
    InputError
        Natural carbon without the table ``oecd-icio-2022``; settings of a Monte Carlo without one.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> study = mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"])
    >>> round(study.combinations[0].percent["CHN"], 1)
    -8.6
    """
    say = progress or (lambda step: None)
    tables = _chosen("table", tables, TABLES)
    gases = _chosen("gas", gases, GASES)
    names = [find_principle(p).name for p in principle]
    wanted = [p for p in principles() if not names or p.name in names]
    if natural and TABLE not in tables:
        raise InputError(
            "natural carbon stands beside production and consumption of a table left out",
            where=f"tables {list(tables)}",
            do=f"add {TABLE}, or leave natural carbon out",
        )
    say("reading the embedded table")
    mrio = load(TABLE)
    shown = tuple(dict.fromkeys(mrio.regions[find_region(r, mrio.regions)] for r in regions))
    data = Inputs.read(mrio)
    if drawing is not None and uncertainty != "monte-carlo":
        raise InputError(
            "settings of a Monte Carlo without one",
            where="drawing",
            do='say uncertainty="monte-carlo"',
        )
    # The whole scan is always computed and numbered, so that a number means the same in any
    # selection from it; only the recomputation on the full table is worth leaving out.
    say("accounts on 20 regions x 50 industries")
    accounts, said = _accounts(mrio, data, data.gases["GHG"])
    accounts_co2, said_co2 = _accounts(mrio, data, data.gases["CO2"])
    of_co2 = _combinations(mrio, data, accounts_co2)
    placed, rest = _co2_places(of_co2)
    entries = [*_combinations(mrio, data, accounts), *placed]
    recompute = full if FULL in tables and "GHG" in gases else None
    say("accounts on 81 economies x 50 industries" + ("" if recompute else " (embedded result)"))
    detailed = _detailed(mrio, recompute)
    entries += _combinations(mrio, data, detailed)
    say("Global Carbon Budget 2025")
    entries += [*_budget(mrio), *rest]
    names_shown = {p.name for p in wanted}

    def asked(entry: Combination | Account) -> bool:
        chosen = entry.table in tables and entry.principle in names_shown
        return chosen and entry.gas in gases

    numbered = tuple(c for c in _renumber(entries) if asked(c))
    accounts = [a for a in (*accounts, *detailed, *accounts_co2) if asked(a)]
    if not any(c.available for c in numbered):
        reasons = "; ".join(sorted({c.reason for c in numbered})) or "no combination is left"
        raise NotAvailableError(
            "nothing can be computed for this choice",
            where=f"tables {list(tables)}, gases {list(gases)}, principles"
            f" {[p.name for p in wanted]}",
            do=f"widen it: {reasons}",
        )
    intervals: tuple[Interval, ...] = ()
    if TABLE in tables:
        selected = [p.name for p in wanted]
        if uncertainty is None:
            intervals = embedded_intervals(mrio, selected, gases)
        else:
            intervals = compute_intervals(mrio, selected, gases, uncertainty, drawing, say)
    say("trade between regions")
    keep = [mrio.regions.index(r) for r in (shown or mrio.regions)]
    per_capita = {
        a.principle: (a.value / data.population * 1e6)[keep]
        for a in accounts
        if (a.table, a.gas, a.land_use, a.options) == (TABLE, "GHG", "none", "") and a.households
    }
    return Study(
        regions=shown or mrio.regions,
        combinations=numbered,
        accounts=tuple(accounts),
        verdict=judge(numbered, len(entries)),
        bilateral=bilateral(mrio, "GHG"),
        trade=trade(mrio, "GHG"),
        per_capita=per_capita,
        population=data.population[keep],
        households=data.gases["GHG"].households[keep],
        inventory=data.inventory[keep],
        co2=data.co2.of(keep),
        submissions=data.submissions,
        principles=tuple(wanted),
        items=catalogue(),
        notes=_notes(data),
        remarks=_remarks(
            (gas, text)
            for gas, name, text in (*said, *said_co2)
            if name in names_shown and TABLE in tables and gas in gases
        ),
        total_combinations=len(entries),
        full_recomputed=recompute is not None,
        intervals=intervals,
        editions=gcb_editions(),
        natural=_spectra(mrio, gases, say) if natural else (),
    )


def _spectra(mrio: MRIO, gases: Sequence[str], say: Progress) -> tuple[FullSpectrum, ...]:
    from mriocarbon.studies.full_spectrum_2022 import full_spectrum

    return tuple(full_spectrum(mrio, gas=gas, progress=say) for gas in gases)


def _accounts(
    mrio: MRIO, data: Inputs, gas: Gas
) -> tuple[list[Account], list[tuple[str, str, str]]]:
    """Return a gas's accounts on the embedded table, and remarks as (gas, principle, text)."""
    stressors = _with_traded_land(mrio, data, gas)
    economy = TableEconomy(mrio, stressors)
    boundaries = [
        Boundary(households, model, traded)
        for households in (False, True)
        for model, traded in [("", False), *itertools.product(LAND_MODELS, (False, True))]
    ]
    accounts: list[Account] = []
    noted: list[tuple[str, str, str]] = []
    for chosen in principles():
        if chosen.needs:
            continue
        options: list[Mapping[str, Any]] = [{}]
        options += [o for name, o in VARIANTS if name == chosen.name]
        for option in options:
            economy.notes.clear()
            values = evaluate(chosen, economy, dict(option))
            text = ", ".join(f"{k}={v}" for k, v in option.items())
            label = f"{chosen.name} ({text})" if text else chosen.name
            said = [*remarks(chosen, option, economy, values[0])]
            said += [t for t in (far_beyond(mrio, stressors[0], values[0]),) if t]
            noted += [
                (gas.name, chosen.name, t if t.startswith(chosen.name) else f"{label}: {t}")
                for t in said
            ]
            accounts += [_account(chosen.name, text, b, values, data, gas) for b in boundaries]
    return accounts, noted


def _remarks(said: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name the gas where it is CO2; what was said word for word before is not said again."""
    kept: dict[str, str] = {}
    for gas, text in said:
        kept.setdefault(text, text if gas == "GHG" else f"{gas}: {text}")
    return tuple(kept.values())


def _with_traded_land(mrio: MRIO, data: Inputs, gas: Gas) -> Array:
    """Return the gas, then land-use CO2 of each model on agriculture and forestry, (1 + 4, n).

    A region's net land-use CO2 is booked on A01 and A02 in proportion to their gross output.
    """
    S = len(mrio.sectors)
    sectors = [mrio.sectors.index(s) for s in ("A01", "A02")]
    weights = mrio.x.reshape(-1, S)[:, sectors]
    weights = weights / weights.sum(axis=1, keepdims=True)
    F = [gas.F]
    for model in LAND_MODELS:
        f = np.zeros((len(mrio.regions), S))
        f[:, sectors] = data.land[model][:, None] * weights
        F.append(f.ravel())
    return np.array(F)


def _account(
    name: str, options: str, boundary: Boundary, values: Array, data: Inputs, gas: Gas
) -> Account:
    value = values[0].copy()
    if boundary.model:
        k = LAND_MODELS.index(boundary.model)
        value += values[1 + k] if boundary.traded else data.land[boundary.model]
    low = high = value
    if boundary.households:
        direct = gas.households
        low, value, high = value + direct[:, 1], value + direct[:, 0], value + direct[:, 2]
    return Account(
        TABLE, name, options, gas.name, boundary.households, boundary.land_use, value, low, high
    )


def _detailed(mrio: MRIO, full: Path | None) -> list[Account]:
    """Accounts on the 4,050-sector table, computed or embedded; industries only."""
    names = [p.name for p in principles() if not p.needs]
    if full is None:
        found = {(r["principle"], r["region"]): r for r in rows("aggregation_2022")}
        values = {
            n: np.array([float(found[n, r]["value_MtCO2e"]) for r in mrio.regions]) for n in names
        }
    else:
        with quietly():  # told in the notes of the data
            table, group = full_with_intensities(full, mrio)
            values = accounts_at_detail(table, group, mrio.regions, names)
    return [
        Account(FULL, n, "", "GHG", False, "none", values[n], values[n], values[n]) for n in names
    ]


def _combinations(mrio: MRIO, data: Inputs, accounts: Sequence[Account]) -> list[Combination]:
    """Set each account against production and against what the territory emits."""
    out = []
    production = {name: gas.by_region() for name, gas in data.gases.items()}
    for a in accounts:
        gas, F = data.gases[a.gas], production[a.gas]
        land = data.land.get(a.land_use.partition(" ")[0], np.zeros_like(F))
        estimated = list(gas.estimated)
        estimated += ["origin of imported final demand"] if a.principle != "production" else []
        editions = list(gas.editions)
        if a.table == FULL:
            estimated.append("intensities of the 20 regions on 81 economies")
        if a.households:
            estimated.append("household direct emissions")
            editions += gas.household_editions
        if a.land_use != "none":
            estimated.append("land-use CO2 (bookkeeping model)")
            editions.append(LAND_EDITION)
        direct = gas.households if a.households else np.zeros_like(gas.households)
        # Households and untraded land cancel in the numerator.
        difference = a.value - (F + land + direct[:, 0])
        for over in gas.denominators:
            label = over.label if a.land_use == "none" else over.with_land
            if not label:
                continue
            if over.base is None:
                bases = [F + land + direct[:, k] for k in (0, 1, 2)]
            else:
                bases = [over.base + land] * 3
            shares = [100.0 * difference / base for base in bases]
            low, high = np.minimum(*shares[1:]), np.maximum(*shares[1:])
            out.append(
                Combination(
                    0, a.table, a.principle, a.options, a.gas, a.households, a.land_use, label,
                    dict(zip(mrio.regions, shares[0].tolist(), strict=True)),
                    dict(zip(mrio.regions, low.tolist(), strict=True)),
                    dict(zip(mrio.regions, high.tolist(), strict=True)),
                    "", tuple(estimated),
                    tuple([*editions, over.edition] if over.edition else editions),
                )
            )  # fmt: skip
    return out


def _co2_places(found: Sequence[Combination]) -> tuple[list[Combination], list[Combination]]:
    """Return what stands among the accounts without data, and what is appended to the scan.

    What cannot be computed stays on the list with its reason. The first CO2 account of each
    principle stands in that block too, where it was listed as missing before CO2 by industry was
    embedded: so a number of the scan keeps its meaning.
    """
    first = {c.principle: c for c in reversed(found)}
    placed = []
    for chosen in principles():
        if chosen.needs:
            reason = f"NOT AVAILABLE: needs {chosen.needs}, which no embedded data set has"
            placed += [
                Combination(0, TABLE, chosen.name, "", gas, False, "none", OWN, reason=reason)
                for gas in GASES
            ]
        else:
            placed.append(first[chosen.name])
    return placed, [c for c in found if c is not first[c.principle]]


def _budget(mrio: MRIO) -> list[Combination]:
    """The Global Carbon Budget's own consumption accounts, fossil CO2 of 2022."""
    mapping = region_of()
    percent: dict[str, float] = {}
    found = {r["iso3"]: r for r in rows("gcb2025_fossil_co2") if r["year"] == "2022"}
    for region in mrio.regions:
        members = [c for c, r in mapping.items() if r == region]
        row = found.get(region) if len(members) != 1 else found.get(members[0])
        if row and row["consumption_MtCO2"] and row["territorial_MtCO2"]:
            percent[region] = 100 * (
                float(row["consumption_MtCO2"]) / float(row["territorial_MtCO2"]) - 1
            )
    return [
        Combination(
            0, BUDGET, "consumption", "", "CO2", True, "none", TERRITORIAL, percent, percent,
            percent, "", ("consumption account (GTAP trade, extrapolated)",),
            (BUDGET_EDITION,),
        )
    ]  # fmt: skip


def _renumber(entries: Sequence[Combination]) -> Iterable[Combination]:
    for number, entry in enumerate(entries, start=1):
        yield replace(entry, number=number)


def _chosen(kind: str, asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    for name in asked:
        if name not in known:
            raise UnknownNameError.of(kind, name, known)
    return tuple(k for k in known if not asked or k in asked)


def _notes(data: Inputs) -> tuple[str, ...]:
    households = find("households_2022")
    icio = find("oecd_icio_2022")
    apart = ", ".join(f"{c} {100 * gap:+.1f} %" for c, gap in data.apart.items())
    spread = ", ".join(f"{c} {sd:.1f} %" for c, sd in data.deviation.items())
    return (
        "The published percentages speak of territorial inventories. The OECD figures follow the"
        " residence principle and leave households out: an airline's emissions abroad are in,"
        " foreign ships refuelling at home are out. Both denominators are therefore given:"
        f" {OWN} and {INVENTORY}.",
        "The inventory total holds no F-gases: no permitted national source of 2022 is at hand."
        " It is one edition (CEDS) for all countries; against the Parties' own UNFCCC submissions"
        f" of 2021, same gases, it stands at {apart}; a percentage over a submission would differ"
        " by as much, relatively. China's newest submission at hand is of 2014.",
        f"Estimated: {icio.what_is_estimated}.",
        f"Estimated: household direct emissions of GHG. {households.what_is_estimated}",
        f"Estimated: {data.co2.note}. One standard deviation of the CO2 of all industries of a"
        f" country: {spread}. Every CO2 account but the Global Carbon Budget's rests on it.",
        "CO2 accounts are divided by their own production-based account, by the territorial fossil"
        " CO2 of the Global Carbon Budget 2025 and by the territorial CO2 of CEDS. The numerator"
        " is by residence, the two territorial denominators are not. The estimate was made to meet"
        " those totals within their errors: they are no independent test of it.",
        "Over the inventory, land use of a boundary is in the denominator as well: inventory plus"
        " the same model's net land-use CO2, as the label says.",
        "The scan holds every combination of the choices listed, and not more: phi of"
        " benefit-shared only at 0.5, a and b of shared only at their defaults, the 81 economies"
        " only for GHG without households, land use and options, CO2 with land use not over the"
        " Global Carbon Budget's fossil CO2; CH4 and N2O not by themselves; K and W are not at"
        " hand.",
        "Ranges under the figures cover the household estimate only. Paired 95 % intervals, with"
        " the errors of the table, of final demand and of the emissions, are given beside; what"
        " errs in the table is assumed, since no producer publishes it. The effect of the table's"
        " aggregation is shown beside too (81 economies against 20 regions).",
        "Land-use CO2 is of the Global Carbon Budget 2024, fossil CO2 of the 2025 edition; the"
        " two are set side by side and never added to or subtracted from one another. Traded"
        " land-use CO2 is booked on agriculture (A01) and forestry (A02) by gross output.",
    )
