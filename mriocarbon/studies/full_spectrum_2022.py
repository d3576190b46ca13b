"""Production, consumption and natural carbon of 2022 side by side, by each scope, never netted.

The natural side is that of `mriocarbon.natural`: every region of the table is a country or a group
of countries, whose fluxes are summed within one scope and method (`natural.group`). Nothing is
added across scopes. For CO2, what is offered beside them are the accounts *with* one scope, each
scope apart and named: see `mriocarbon.studies.scope_sums`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon import natural
from mriocarbon.datasets import load
from mriocarbon.datasets.database import Database
from mriocarbon.datasets.national import population, region_of
from mriocarbon.errors import InputError, UnknownNameError, listed, quietly
from mriocarbon.inventory.gwp import gwp
from mriocarbon.model import MRIO
from mriocarbon.model.checked import need_table
from mriocarbon.model.normal import Z95
from mriocarbon.natural.account import NEVER_ADD, OWN_ROW
from mriocarbon.natural.flux import TO_AIR, Flux
from mriocarbon.natural.sources import NCE
from mriocarbon.studies.inputs_2022 import GASES, UNITS
from mriocarbon.studies.scope_sums import ScopeSum, Sided, ratio_interval, with_scope
from mriocarbon.studies.spectrum import (
    ADDABLE,
    MAIN,
    YEAR,
    Amounts,
    FullSpectrum,
    Gap,
    ScopeFigure,
)
from mriocarbon.studies.world_2022 import world_rows
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.describing import described
from mriocarbon.uncertainty.firstorder import first_order
from mriocarbon.uncertainty.principles import variances

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FullSpectrum", "full_spectrum", "members_2022"]

TABLE = "oecd-icio-2022"
INVENTORY_GASES = ("CO2", "CH4", "N2O")
MOST = 3  # members of a group that are named as the largest


def members_2022() -> dict[str, tuple[str, ...]]:
    """Return region of the table of 2022 -> its countries, by ISO 3166 alpha-3 code.

    The rest of the world holds the economies that the table lists in it and every inhabited
    country or territory, with a population of 2022, that no other region has.

    Examples
    --------
    >>> from mriocarbon.studies.full_spectrum_2022 import members_2022
    >>> of = members_2022()
    >>> of["NOR"], len(of["EU27"]), "NGA" in of["AFR"], "KEN" in of["ROW"]
    (('NOR',), 27, True, True)
    """
    mapping = region_of()
    names = {country for country in population(YEAR) if len(country) == 3}
    names |= set(mapping)
    out: dict[str, list[str]] = {region: [] for region in dict.fromkeys(mapping.values())}
    for country in sorted(names - set(out) | (set(mapping) - {"ROW"})):
        out[mapping.get(country, "ROW")].append(country)
    return {region: tuple(of) for region, of in out.items()}


def full_spectrum(
    source: MRIO | None = None,
    *,
    gas: str = "CO2",
    households: bool = True,
    db: Database | None = None,
    progress: Callable[[str], None] | None = None,
) -> FullSpectrum:
    """Return production, consumption and, by scope, natural carbon of every region of 2022.

    For each region r with production P, consumption C and one scope s of natural carbon, the
    scopes stand beside P and C, and for (a) managed land and, CO2 only, (b) land-use change and
    (c) biosphere, each apart,

        P + s,   C + s,   100 (C - P) / (P + s).

    Parameters
    ----------
    source : MRIO, optional
        The table ``oecd-icio-2022`` of 20 regions, which is loaded if left out.
    gas : {"CO2", "GHG"}
        GHG: CH4 and N2O of the natural side become CO2 equivalents (AR5, GWP-100, as the table's),
        each apart; (a) is added where an inventory has all three gases of every member.
    households : bool
        Direct emissions of households are in production and consumption.
    db : Database, optional
    progress : callable, optional

    Returns
    -------
    FullSpectrum

    Raises
    ------
    UnknownNameError
        The gas.
    InputError
        No table, or one of other regions, another year or another unit.

    Notes
    -----
    Intervals of P and C are of first order with the default error model; a scope's holds whatever
    the correlation between its members, and its error is taken to be independent of those of P
    and C. An inversion subtracts fossil emissions from what it sees, so its error and that of P
    have opposite signs: the interval with (c) is too wide rather than too narrow. A scope with a
    member that has no figure is shown with its coverage, and is not added to an account.

    References
    ----------
    Grassi et al. (2023), doi:10.5194/essd-15-1093-2023 (the scopes); Friedlingstein et al. (2025),
    doi:10.5194/essd-17-965-2025; Byrne et al. (2023), doi:10.5194/essd-15-963-2023.

    Examples
    --------
    >>> from mriocarbon.studies.full_spectrum_2022 import full_spectrum
    >>> found = full_spectrum()
    >>> usa = found.main("managed land", "USA")
    >>> usa.period, round(usa.value)
    ('2021', -832)
    >>> k = found.regions.index("USA")
    >>> one = found.sum_with("managed land", "USA")
    >>> bool(abs(one.production - found.production.value[k] - usa.value) < 1e-9)
    True
    >>> bool(one.percent > found.percent[k])  # a sink makes the denominator smaller
    True
    """
    if gas not in GASES:
        raise UnknownNameError.of("gas", gas, GASES)
    if not isinstance(households, bool):
        raise InputError(f"households is {households!r}", where="households", do="True or False")
    if not isinstance(db, Database | None):
        raise InputError(f"no database but a {type(db).__name__}", where="db", do="mc.database()")
    say = progress or (lambda step: None)
    members = members_2022()
    mrio = _checked(source, gas, members)
    say(f"natural carbon, {gas}: production and consumption with intervals")
    sides, production, consumption, basis = _sides(mrio, gas, households)
    made, used = production.value, consumption.value
    percent = 100 * (used / made - 1)
    ends = 100 * np.array([
        ratio_interval(
            one.consumption - one.production, one.production, one.difference_variance,
            one.production_variance, one.covariance - one.production_variance,
        )
        for one in sides
    ])  # fmt: skip
    say(f"natural carbon, {gas}: scopes of {len(mrio.regions)} regions")
    figures: list[ScopeFigure] = []
    missing: list[Gap] = []
    for region in mrio.regions:
        new, gone = _natural(region, members[region], gas, db)
        figures += new
        missing += gone
    co2 = gas == "CO2"
    gases = (gas,) if co2 else INVENTORY_GASES
    sums = tuple(
        _sum(region, scope, sides[k], figures, gases)
        for k, region in enumerate(mrio.regions)
        for scope in ADDABLE
        if co2 or scope == "managed land"
    )
    return FullSpectrum(
        gas, UNITS[gas], households, mrio.regions, members, production, consumption, percent,
        ends[:, 0], ends[:, 1], np.array([one.covariance for one in sides]),
        tuple(figures), tuple(missing), sums,
        world_rows(production.value, production.sd, used, figures, households, members, db)
        if co2 else (),
        basis, _notes(gas, households),
    )  # fmt: skip


def _checked(source: MRIO | None, gas: str, members: Mapping[str, tuple[str, ...]]) -> MRIO:
    """The table, if natural carbon of its regions, year and unit is known."""
    mrio = load(TABLE) if source is None else source
    use = f'use mc.load("{TABLE}"): its regions are known country by country'
    need_table(mrio, "full_spectrum, source")
    where = mrio.provenance.dataset or "full_spectrum"
    if set(mrio.regions) != set(members):
        raise InputError(
            f"a table of {len(mrio.regions)} regions that are not the 20 of {TABLE}",
            where=where, do=use,
        )  # fmt: skip
    if mrio.year != YEAR:
        raise InputError(f"a table of {mrio.year}, not of {YEAR}", where=where, do=use)
    extension = mrio.extension_of(gas)
    unit = extension.units[extension.stressors.index(gas)]
    if unit != UNITS[gas]:
        raise InputError(
            f"{gas} is in {unit}, natural carbon in {UNITS[gas]}",
            where=f"{where}, extension {extension.name}",
            do="convert the extension and name its new unit",
        )
    return mrio


def _sides(mrio: MRIO, gas: str, households: bool) -> tuple[list[Sided], Amounts, Amounts, str]:
    """Production and consumption, and how they err together, in first order."""
    from mriocarbon.accounts.compute import account

    shared: dict[str, Any] = {"stressor": gas, "households": households}
    R = len(mrio.regions)
    errors = default_errors(mrio, gas)
    with quietly():  # the notes of the accounts are carried on
        results = [account(mrio, name, **shared) for name in ("production", "consumption")]
        parts = variances(mrio, "production", errors, **shared)
        alone = first_order(mrio, errors, **shared).variance
        paired = first_order(mrio, errors, less_production=np.ones(R), **shared).variance
    own = np.asarray(np.sum(list(parts.values()), axis=0))
    covariance = (own + alone - paired) / 2  # var(C - P) = var C + var P - 2 cov
    made, used = (one.value[:R] for one in results)
    amounts = []
    for result, value, variance in zip(results, (made, used), (own, alone), strict=True):
        sd = np.sqrt(variance)
        told = tuple(dict.fromkeys(note.text for note in result.notes if note.estimated))
        amounts.append(Amounts(value, sd, value - Z95 * sd, value + Z95 * sd, told))
    sides = [Sided(*map(float, row))
             for row in zip(made, used, own, alone, covariance, strict=True)]  # fmt: skip
    return sides, amounts[0], amounts[1], described(errors)


def _natural(
    region: str, countries: tuple[str, ...], gas: str, db: Database | None
) -> tuple[list[ScopeFigure], list[Gap]]:
    """The natural account of a region as figures and gaps."""
    wanted = None if gas == "GHG" else gas
    known, unknown = _known(countries, db)
    found = natural.group(known, YEAR, name=region, gas=wanted, db=db)
    table = natural.accounts(known, YEAR, gas=wanted, missing=False, db=db)
    each = {
        tuple(map(str, key)): rows.set_index("region")
        for key, rows in table.groupby(["scope", "gas", "process", "method"], sort=False)
    }
    # A flux with fossil emissions in it is no natural carbon.
    fluxes = [one for one in found.fluxes if one.process != NCE]
    figures = [
        _figure(
            one, region, (*known, *unknown), gas,
            each.get((one.scope, one.gas, one.process, one.method)), _is_main(one, fluxes),
        )
        for one in fluxes
    ]  # fmt: skip
    # Members that a sum lacks stand with its figure.
    gaps = [
        Gap(region, one.scope, one.gas, one.process, one.reason)
        for one in found.missing
        if one.process != NCE and not one.reason.startswith("in part")
    ]
    return figures, gaps


def _known(
    countries: tuple[str, ...], db: Database | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Countries that the natural accounts can name, and those they cannot (XKX)."""
    from mriocarbon.natural.account import codes_of

    known, unknown = [], []
    for code in countries:
        try:
            codes_of([code], db)
        except UnknownNameError:
            unknown.append(code)
        else:
            known.append(code)
    return tuple(known), tuple(unknown)


def _figure(
    flux: Flux,
    region: str,
    countries: tuple[str, ...],
    gas: str,
    rows: pd.DataFrame | None,
    main: bool,
) -> ScopeFigure:
    """A flux of a group with what is known of its members, the `rows`; none of a source's own."""
    factor = 1.0 if flux.gas == "CO2" else gwp("AR5")[flux.gas]
    have = {cell[0] for cell in flux.cells}
    countries = () if rows is None else countries
    without = tuple(code for code in countries if code not in have)
    unsure = () if rows is None else tuple(sorted(map(str, rows.index[rows["low"].isna()])))
    # A mean of other years, or the latest figure before, stands in for 2022.
    moved = (flux.year_from, flux.year_to) != (YEAR, YEAR)
    note = flux.note
    if main and rows is not None and len(rows) > MOST:
        largest = rows.loc[rows["value"].abs().sort_values(ascending=False).index[:MOST]]
        mixed = rows["year_to"].nunique() > 1
        told = [
            f"{code} {factor * value:,.0f}" + (f" ({year})" if mixed else "")
            for code, value, year in zip(
                largest.index, largest["value"], largest["year_to"], strict=True
            )
        ]
        note = "; ".join([part for part in (note,) if part] + ["largest: " + ", ".join(told)])
    return ScopeFigure(
        region=region, scope=flux.scope, gas=flux.gas, process=flux.process, method=flux.method,
        value=flux.value * factor, low=flux.low * factor, high=flux.high * factor,
        sd=flux.sd * factor, sd_independent=flux.sd_independent * factor,
        sd_known=(flux.sd if rows is None or math.isfinite(flux.sd) else float(rows["sd"].sum()))
        * factor, unit=UNITS[gas], year_from=flux.year_from,
        year_to=flux.year_to, members=len(countries), without=without, no_interval=unsure,
        interval=_interval(flux, unsure), source=flux.source, direction=flux.direction, note=note,
        # a model's flux is an estimate, as the adjustments mark land-use CO2
        estimated=flux.estimated or moved or bool(without) or flux.scope == "land-use change",
        main=main,
    )  # fmt: skip


def _interval(flux: Flux, unsure: tuple[str, ...]) -> str:
    if OWN_ROW in flux.method:
        return flux.interval
    if not math.isnan(flux.low):
        # of a group of one, nothing was added
        return flux.interval if len(flux.cells) > 1 else flux.interval.partition("; ")[2]
    return f"none: the source gives no error of {listed(list(unsure), 30)}"


def _is_main(flux: Flux, fluxes: Sequence[Flux]) -> bool:
    if flux.direction != TO_AIR:
        return False
    if flux.scope in MAIN:
        return (flux.process, flux.method) == MAIN[flux.scope]
    fluxes = [one for one in fluxes if OWN_ROW not in one.method]
    # Several methods of one process are alternatives: none of them stands for it.
    return [f.process for f in fluxes if (f.scope, f.gas) == (flux.scope, flux.gas)].count(
        flux.process
    ) == 1


def _sum(
    region: str,
    scope: str,
    sides: Sided,
    figures: Sequence[ScopeFigure],
    gases: Sequence[str],
) -> ScopeSum:
    """Accounts with a scope; without a figure of every member and every gas there is none."""
    label = ADDABLE[scope]
    found = {f.gas: f for f in figures if (f.region, f.scope) == (region, scope) and f.main}
    have = [found[gas] for gas in gases if gas in found]
    period = _period(have)
    of = {gas: f"{gas} of " if len(gases) > 1 else "" for gas in gases}
    lacking = [
        of[gas] + (listed(list(found[gas].without), 30) if gas in found else "any member")
        for gas in gases
        if gas not in found or found[gas].without
    ]
    if lacking:
        reason = f"not added: no figure of {', of '.join(lacking)}"
        return with_scope(region, scope, label, sides, math.nan, math.nan, period=period,
                          reason=reason)  # fmt: skip
    silent = [
        of[one.gas] + (listed(list(one.no_interval), 30)
                       if len(one.no_interval) < one.members else region)
        for one in have if not math.isfinite(one.sd)
    ]  # fmt: skip
    reason = f"no interval: none given for {', for '.join(silent)}" if silent else ""
    return with_scope(region, scope, label, sides, math.fsum(one.value for one in have),
                      math.fsum(one.sd for one in have), period=period, estimated=True,
                      reason=reason)  # fmt: skip


def _period(have: Sequence[ScopeFigure]) -> str:
    """The years of one figure, or of a gas each where they are not the same."""
    years = dict.fromkeys(one.period for one in have)
    if len(years) < 2:
        return "".join(years)
    first, last = min(one.year_from for one in have), max(one.year_to for one in have)
    return f"{first}-{last}"


def _notes(gas: str, households: bool) -> tuple[str, ...]:
    boundary = "with" if households else "without"
    notes = [
        NEVER_ADD,
        f"Production and consumption are by residence, {boundary} direct emissions of households;"
        " natural carbon is that of the territory. Positive is to the air, negative is a sink.",
        "A figure of other years than 2022 stands under its own years and is marked, and so is"
        " (b), which is of models.",
        "Intervals of (a) are assumed, not given: ±35 % (Annex I) or ±50 % of the net flux of CO2"
        " (after Grassi et al. 2017, UNVERIFIED); CH4 and N2O have none. They are in the intervals"
        " with (a).",
        "A country without a figure is left out of its region's sum and named; it is not zero."
        " Such a sum is shown with its coverage and not added to an account.",
    ]
    if gas == "CO2":
        notes += [
            "Accounts with a scope: (a) is part of an inventory's total with land use; (b) holds"
            " the direct effects of land-use change alone; (c) holds the whole exchange of the"
            " biosphere, natural too; (d) is never added.",
            "The scope is added to production and consumption alike, as carbon of the territory:"
            " the difference in Mt stays, the percentage moves through its denominator alone."
            " Natural carbon that moves with traded products is another question (see Land use).",
            "The error of a scope is taken to be independent of those of production and"
            " consumption. An inversion subtracts fossil emissions from what it sees: with (c) the"
            " intervals are too wide rather than too narrow.",
        ]
    else:
        notes.append(
            "CH4 and N2O are in CO2 equivalents (AR5, GWP-100), each gas apart. (a) is added, as"
            " the inventory's total with land use, where all three gases of every country are"
            " there;"
            " (b) and (c) know CO2 alone and are not."
        )
    return tuple(notes)
