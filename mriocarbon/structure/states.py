"""Two tables made comparable: labels, editions, money, prices, population, missing emissions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.accounts.compute import carried, direct_emissions, resolve
from mriocarbon.errors import AccountWarning, InputError, LabelError, UnitError, listed, warn
from mriocarbon.model import MRIO, Note
from mriocarbon.model.labels import find_region, positions
from mriocarbon.model.provenance import Provenance
from mriocarbon.solve import leontief
from mriocarbon.structure.factors import State

Array = NDArray[np.float64]
Population = Mapping[int, Mapping[str, float]] | Sequence[Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Compared:
    """Two states over the same labels, and what must be told of them.

    Attributes
    ----------
    states : (State, State)
        In the order of the first table's labels.
    accounts : (ndarray, ndarray)
        Consumption or production by region, solved from each table itself.
    unit, stressor : str
    notes : tuple of Note
    provenance : Provenance
        Of both tables; the year only if it is the same.
    """

    states: tuple[State, State]
    accounts: tuple[Array, Array]
    unit: str
    stressor: str
    notes: tuple[Note, ...]
    provenance: Provenance


def compared(
    before: MRIO,
    after: MRIO,
    *,
    stressor: str | None,
    account: str,
    destination: bool,
    population: Population | None,
    deflators: Mapping[int, ArrayLike] | None,
    base_year: int | None,
    missing: Sequence[str],
    mixed_editions: bool,
) -> Compared:
    """Return two tables as comparable states; see `decompose` for arguments and errors."""
    regions = positions(after.regions, before.regions, "regions of the two tables")
    sectors = positions(after.sectors, before.sectors, "sectors of the two tables")
    if destination:
        positions(after.categories, before.categories, "categories of the two tables")
    if before.money_unit != after.money_unit:
        raise UnitError(
            f"tables in {before.money_unit!r} and {after.money_unit!r}",
            where="money_unit", do="bring both to one currency and unit first",
        )  # fmt: skip
    notes = _editions(before, after, mixed_editions)
    tables = _deflated(before, after, deflators, base_year)
    notes.append(_prices(*tables))
    # A rule by which a default stressor is found may lead to different ones: ask by name.
    extension, row = resolve(tables[0], stressor)
    label = stressor or extension.stressors[row]
    other, other_row = resolve(tables[1], label)
    if extension.units[row] != other.units[other_row]:
        raise UnitError(
            f"{label} in {extension.units[row]!r} and {other.units[other_row]!r}",
            where="stressors of the two tables", do="convert one: extension.to_unit(unit)",
        )  # fmt: skip
    people: tuple[Array | None, Array | None] = (None, None)
    if population is not None:
        people = _people(population, before, after)
    states, accounts = [], []
    for table, f, persons in zip(
        tables, (extension.F[row], other.F[other_row]), people, strict=True
    ):
        states.append(State(table.Z, final_demand(table, destination), table.x, f, None))
        accounts.append(account_of(table, f, account))
        states[-1] = replace(states[-1], people=persons)
    same = np.array_equal(regions, np.arange(len(regions)))
    if not same or not np.array_equal(sectors, np.arange(len(sectors))):
        states[1] = reordered(states[1], regions, sectors)
        accounts[1] = accounts[1][regions]
    notes += absent(before.regions, states, label, missing, stacklevel=4)
    notes += _unallocated(tables, states, label)
    told = (*carried(before, extension, row), *carried(after, other, other_row))
    return Compared(
        (states[0], states[1]), (accounts[0], accounts[1]), extension.units[row],
        extension.stressors[row], tuple(dict.fromkeys((*told, *notes))),
        _joined(before.provenance, after.provenance),
    )  # fmt: skip


def final_demand(table: MRIO, destination: bool = False) -> Array:
    """Return final demand as (supplying region, sector, destination, category)."""
    R, S = len(table.regions), len(table.sectors)
    if destination:
        return table.Y.reshape(R, S, R, len(table.categories))
    return table.final_demand.reshape(R, S, R, 1)


def reordered(
    state: State, regions: NDArray[np.intp], sectors: NDArray[np.intp], *, people: bool = False
) -> State:
    """Return a state whose region k is region ``regions[k]`` of the given one, sectors likewise."""
    S = len(sectors)
    place = (regions[:, None] * S + sectors[None, :]).ravel()
    Y = state.Y[np.ix_(regions, sectors, regions)]
    persons = state.people
    if people and persons is not None:
        persons = persons[regions]
    return State(state.Z[np.ix_(place, place)], Y, state.x[place], state.f[place], persons)


def account_of(table: MRIO, f: Array, account: str) -> Array:
    """Return the account of industries by region from the table itself, not through factors."""
    system = leontief(table)
    q = np.where(system.zero, 0.0, f / system.output_)
    if account == "consumption":
        return np.asarray(system.multipliers(q).value @ table.final_demand)
    made = system.output(table.final_demand.sum(axis=1)).value
    return np.asarray((q * made).reshape(len(table.regions), -1).sum(axis=1))


def household_emissions(before: MRIO, after: MRIO, stressor: str | None) -> tuple[Array, Array]:
    """Return what households emit directly in both tables, in the first one's order of regions."""
    found = []
    for table in (before, after):
        extension, row = resolve(table, stressor)
        direct, _, _ = direct_emissions(extension, row, len(table.regions), len(table.categories))
        found.append(direct)
    regions = positions(after.regions, before.regions, "regions of the two tables")
    return found[0], found[1][regions]


def persons(population: Mapping[str, float], regions: Sequence[str], what: str = "") -> Array:
    """Return persons by region.

    Raises
    ------
    LabelError
        A region without a figure, or one that is not positive and finite.
    """
    if not isinstance(population, Mapping):
        raise LabelError(
            f"no population of any region{what}: {population!r}", where="population",
            do="give a mapping of region to persons",
        )  # fmt: skip
    found = []
    bad = []
    for r in regions:
        try:
            count = float(population.get(r, 0.0))
        except (TypeError, ValueError):
            count = 0.0
        found.append(count)
        if not 0 < count < np.inf:
            bad.append(r)
    if bad:
        raise LabelError(
            f"no population of {listed(bad)}{what}",
            where=f"population of {len(population)} regions",
            do="give persons, a positive finite number, for every region; missing is not zero",
        )
    return np.array(found)


def _people(population: Population, before: MRIO, after: MRIO) -> tuple[Array, Array]:
    """Return persons of both states, in the order of the first table's regions."""
    if isinstance(population, Mapping):
        lacking = [t.year for t in (before, after) if t.year is None or t.year not in population]
        if lacking:
            raise LabelError(
                f"no population of year {listed(lacking)}",
                where=f"population of {listed(list(population))}",
                do="give a mapping for the year of each table, or two mappings in their order",
            )
        given = population[before.year or 0], population[after.year or 0]
    elif isinstance(population, Sequence) and len(population) == 2:
        given = population[0], population[1]
    else:
        raise LabelError(
            f"{len(population) if isinstance(population, Sequence) else 0} populations for two"
            f" tables: {population!r}", where="population",
            do="give two mappings of region to persons",
        )  # fmt: skip
    return persons(given[0], before.regions), persons(
        given[1], before.regions, " in the second state"
    )


def made_by(p: Provenance) -> tuple[str, str]:
    """Return data set and edition; a year in the name of a data set is no other data set."""
    return re.sub(r"[-_ ]?\b(?:19|20)\d\d\b", "", p.dataset).strip(" -_"), p.edition


def _editions(before: MRIO, after: MRIO, mixed: bool) -> list[Note]:
    """Refuse tables of different data sets or editions, or say loudly that they are."""
    ours, theirs = made_by(before.provenance), made_by(after.provenance)
    if ours == theirs:
        return []
    both = [f"{t.provenance.dataset!r}, edition {t.provenance.edition!r}" for t in (before, after)]
    if not mixed:
        raise UnitError(
            f"tables of different editions: {both[0]} and {both[1]}",
            where=f"{before.year} and {after.year}",
            do="take both years from one edition: between editions methods, sources and"
            " classifications are revised, and the revision would be called technology or trade."
            " mixed_editions=True goes on and marks the result",
        )
    return [
        Note(
            f"DIFFERENT EDITIONS ({both[0]}; {both[1]}): effects contain the revision of data and"
            " methods between them, by an amount that cannot be told; no finding about the"
            " economy may rest on them", about="editions", estimated=True,
        )
    ]  # fmt: skip


def at_prices(
    tables: Mapping[int, MRIO], deflators: Mapping[int, ArrayLike], base_year: int | None
) -> dict[int, MRIO]:
    """Return tables by year at the prices of the base year (the first one by default)."""
    from mriocarbon.build.deflate import deflate_series

    done = deflate_series(tables, deflators, base_year=base_year or next(iter(tables)))
    return {year: one.table for year, one in done.items()}


def check_base(deflators: Mapping[int, ArrayLike] | None, base_year: int | None) -> None:
    """Refuse a base year that nothing could be brought to."""
    if deflators is None and base_year is not None:
        raise InputError(
            "a base year without deflators", where=f"base_year={base_year}",
            do="give deflators= by year, or leave base_year out: none are invented",
        )  # fmt: skip


def _deflated(
    before: MRIO, after: MRIO, deflators: Mapping[int, ArrayLike] | None, base_year: int | None
) -> tuple[MRIO, MRIO]:
    """Return both tables at the prices of the base year, or as they are."""
    check_base(deflators, base_year)
    if deflators is None:
        return before, after
    if before.year is None or after.year is None or before.year == after.year:
        raise InputError(
            f"deflators are by year; the tables are of {before.year} and {after.year}",
            where="deflators", do="give each table its own year",
        )  # fmt: skip
    done = at_prices({before.year: before, after.year: after}, deflators, base_year)
    return done[before.year], done[after.year]


def _prices(before: MRIO, after: MRIO) -> Note:
    """Say at which prices the tables are; refuse constant prices of different years."""
    both = (before, after)
    at = [t.year if t.price_year is None else t.price_year for t in both]
    if any(t.price_year is not None for t in both) and at[0] == at[1]:
        return Note(f"constant prices of {at[0]}", about="prices")
    if any(t.price_year not in (None, t.year) for t in both):
        told = " and ".join(
            f"{t.year or 'no year'} at prices of {p or 'no stated year'}"
            for t, p in zip(both, at, strict=True)
        )
        raise InputError(
            f"tables at different constant prices: {told}", where="price_year of the two tables",
            do="bring both to one year: deflators= with prices of these years",
        )  # fmt: skip
    return Note(
        "CURRENT PRICES: effects of intensity and level contain price changes (and those of"
        " exchange rates), with opposite signs; those of mix, trade and technology contain changes"
        " of relative prices", about="prices",
    )  # fmt: skip


def absent(
    regions: Sequence[str],
    states: Sequence[State],
    label: str,
    missing: Sequence[str],
    *,
    stacklevel: int,
) -> list[Note]:
    """Note regions whose emissions are missing; warn of others that have none at all."""
    R = len(regions)
    totals = [np.abs(s.f).reshape(R, -1).sum(axis=1) for s in states]
    gone = [find_region(r, regions) for r in missing]
    for k in gone:
        if any(t[k] for t in totals):
            raise InputError(
                f"{regions[k]} is said to be missing but has {label}:"
                f" {' and '.join(f'{t[k]:.6g}' for t in totals)}",
                where=f"missing={list(missing)}", do="leave it out of missing",
            )  # fmt: skip
    none = [
        regions[k]
        for k in range(R)
        if k not in gone
        and any(
            t[k] == 0 and s.x.reshape(R, -1)[k].any() for t, s in zip(totals, states, strict=True)
        )
    ]
    if none:
        text = (
            f"no {label} at all in {listed(none)}, although there is output: zero, or not known?"
            " If not known, name them in missing="
        )
        warn(AccountWarning(text), stacklevel=stacklevel)
    if not gone:
        return []
    names = ", ".join(regions[k] for k in gone)
    text = (
        f"{label} of {names} is missing: entered as 0 because a table needs numbers, own accounts"
        " shown as NaN; all other accounts and the world lack what its industries emit for them"
    )
    return [Note(text, about=label)]


def _unallocated(tables: Sequence[MRIO], states: Sequence[State], label: str) -> list[Note]:
    """Note emissions that reach no final demand: of idle sectors, or through unbalanced rows."""
    rests = []
    for table, state in zip(tables, states, strict=True):
        made = leontief(table).output(table.final_demand.sum(axis=1)).value
        placed = np.where(table.x != 0, made / np.where(table.x != 0, table.x, 1.0), 0.0)
        # The state may be in another order than its table; sums are not.
        total = float(state.f.sum())
        row = _row(table, label)
        rests.append((total - float(placed @ row), total))
    if all(abs(rest) <= 1e-9 * abs(total) for rest, total in rests):
        return []
    told = " and ".join(f"{rest:.4g} of {total:,.6g}" for rest, total in rests)
    text = (
        f"unallocated {label}, in no account: {told} (sectors without output, and rows that do not"
        " balance)"
    )
    return [Note(text, about="unallocated")]


def _row(table: MRIO, label: str) -> Array:
    extension, row = resolve(table, label)
    return np.asarray(extension.F[row])


def _joined(before: Provenance, after: Provenance) -> Provenance:
    """Return one provenance for both tables."""
    if before == after:
        return before

    def both(a: str, b: str) -> str:
        return a if a == b else f"{a} and {b}"

    return replace(
        after,
        year=before.year if before.year == after.year else None,
        dataset=both(before.dataset, after.dataset),
        edition=both(before.edition, after.edition),
        sha256=both(before.sha256, after.sha256),
        sources=tuple(dict.fromkeys((*before.sources, *after.sources))),
        steps=tuple(dict.fromkeys((*before.steps, *after.steps))),
    )
