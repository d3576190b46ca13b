"""Carbon across borders: what imports emit elsewhere, at whose technology, and rates of leakage.

Accounting, not cause: an input-output table shows where emissions are, not which policy moved
them (Peters & Hertwich 2008, doi:10.1021/es072023k, call emissions embodied in imports "weak"
leakage; "strong" leakage, the IPCC's, is the rise abroad that a policy at home causes).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.accounts.technology import technology_adjusted
from mriocarbon.accounts.trade_based import production
from mriocarbon.errors import InputError, LabelError, UnitError, UnknownNameError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import need_table
from mriocarbon.model.labels import find_region, positions
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.structure.states import made_by

ITEMS = (
    "imports", "imports at home technology", "intensity gap", "exports",
    "exports at partner technology", "avoided by exports", "net imports",
    "imports without home industry",
)  # fmt: skip
LEAST_OUTPUT = 0.1
ADJUSTED = "net imports, technology adjusted"


def leakage(
    mrio: MRIO,
    *,
    stressor: str | None = None,
    level: str = "region",
    least_output: float = LEAST_OUTPUT,
) -> Result:
    """Return what the trade of each region emits elsewhere, and what it would emit at home.

    With X = L Y, the output of (s, i) that final demand of h asks for X_{(s,i),h}, q = f/x and
    s != h::

        imports                        sum_s sum_i q_si X_{(s,i),h}      weak leakage
        imports at home technology     sum_s sum_i q_hi X_{(s,i),h}      what h would emit itself
        intensity gap                  imports - imports at home technology
        exports                        sum_s sum_i q_hi X_{(h,i),s}
        exports at partner technology  sum_s sum_i q_si X_{(h,i),s}      what buyers would emit
        avoided by exports             exports at partner technology - exports
        net imports                    imports - exports = consumption - production
        net imports, technology adjusted   imports - sum_i qbar_i X_i^{h,exp}

    A gap above zero: the world emits more than if h made with its own intensities, industry by
    industry and tier by tier, what is made for it elsewhere. Where h has no such industry, or one
    too small to stand for that (output below `least_output` times what h asks for abroad), the
    maker's own intensity stands, so that the gap there is 0; ``imports without home industry``
    holds them. Without such a bound South Korea's oil and gas wells, 0.14 billion USD of output,
    would stand for 93 billion of imports. The gap of a buyer is minus what its seller avoids, so
    that both sum to zero over the world. Intensities are per unit of money: price levels are in
    the gap as well as technology.
    ``net imports, technology adjusted`` (level region only) are net imports with exports
    at the world's mean intensity of exported output, `mc.account(..., "technology-adjusted")`
    less production.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    level : {"region", "bilateral"}
        ``bilateral``: ``region`` buys from and sells to ``region_with``.
    least_output : float
        Least output of a home industry, as a share of what is asked for abroad.

    Returns
    -------
    Result
        Over (``region``, [``region_with``,] ``item``), industries only, in the stressor's unit.
        Linear in final demand; negative cells are kept.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such stressor or level.
    InputError
        `least_output` below zero.
    NotProductiveError
        The table has no Leontief inverse.

    References
    ----------
    Peters & Hertwich (2008) doi:10.1021/es072023k; Peters (2010) Climate Policy 10 (UNVERIFIED);
    Kander et al. (2015) doi:10.1038/nclimate2555 (technology adjustment).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.leakage import leakage
    >>> found = leakage(mc.load("oecd-icio-2022"))
    >>> found["EU27", "intensity gap"] > 0 > found["CHN", "net imports"]
    True
    """
    need_table(mrio, "leakage, mrio")
    if level not in ("region", "bilateral"):
        raise UnknownNameError.of("level", level, ("region", "bilateral"))
    if not least_output >= 0:
        raise InputError(
            f"least_output is {least_output:g}", where="option least_output", do="give 0 or more"
        )
    extension, row = resolve(mrio, stressor)
    e = TableEconomy(mrio, extension.F[row : row + 1])
    R, S = e.R, e.S
    X = e.output(e.Y).reshape(R, S, R)  # maker, industry, asking
    q = e.q.reshape(R, S)
    # (h, i): output at home against output abroad that h asks for.
    abroad = X.sum(axis=0).T - np.einsum("hih->hi", X)
    home = e.x.reshape(R, S)
    made = (home > 0) & (home >= least_output * abroad)
    actual = np.einsum("si,sih->hs", q, X)  # asking, maker
    # q of the asking region where it has the industry, of the maker where not.
    at_home = np.einsum("hi,sih->hs", np.where(made, q, 0.0), X)
    instead = np.einsum("hi,si,sih->hs", (~made).astype(float), q, X)
    at_home += instead
    off = ~np.eye(R, dtype=bool)
    imports, own_tech = actual * off, at_home * off
    exports, partner_tech = imports.T, own_tech.T
    values = [
        imports, own_tech, imports - own_tech, exports, partner_tech, partner_tech - exports,
        imports - exports, instead * off,
    ]  # fmt: skip
    items, coords = list(ITEMS), {"region": mrio.regions}
    if level == "bilateral":
        coords["region_with"] = mrio.regions
    else:
        values = [v.sum(axis=1) for v in values]
        values.append((technology_adjusted(e) - production(e))[0])
        items.append(ADJUSTED)
    lacking, total = float((instead * off).sum()), float(imports.sum())
    notes = [
        Note("accounting, not cause: no item says what a policy did"),
        Note("intensities are per unit of money, so that price levels are in the gap too"),
    ]
    if lacking and total:
        notes.append(
            Note(
                f"{100 * lacking / total:.2g} % of imports are of industries that the buyer lacks"
                f" or has with less than {least_output:g} of the output that it asks for abroad;"
                " the maker's own intensity stands for them"
            )
        )
    coords["item"] = tuple(items)
    return Result(
        name=f"leakage, {extension.stressors[row]}",
        value=np.stack(values, axis=-1),
        dims=tuple(coords),
        coords=coords,
        unit=extension.units[row],
        error=e.error,
        notes=(*carried(mrio, extension, row), *notes),
        provenance=mrio.provenance.computed(
            "leakage", carried(mrio, extension, row), stressor=extension.stressors[row]
        ),
    )


@dataclass(frozen=True)
class LeakageRate:
    """Rates of leakage between two tables; see `leakage_rate`.

    Attributes
    ----------
    home : tuple of str
    strong, weak : float
        ``change abroad / fall at home`` and ``change of imports / fall at home``.
    fall : float
        By how much production at home fell, above zero.
    abroad, imports, exports, consumption : float
        Changes; ``-fall = consumption + exports - imports``.
    unit : str
    stressor : str
    years : tuple of int or None
    notes : tuple of Note
    provenance : Provenance
        Of the table before, with the sources of both.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> def table(f, year):
    ...     return mc.MRIO.from_arrays(
    ...         Z=[[10, 5], [5, 10]], Y=[[60, 25], [25, 60]], regions=["A", "B"], sectors=["s"],
    ...         stressors={"CO2": f}, year=year)
    >>> found = mc.leakage_rate(table([100, 100], 2000), table([80, 105], 2010), "A")
    >>> found.home, round(found.fall, 9), round(found.strong, 9)
    (('A',), 20.0, 0.25)
    """

    home: tuple[str, ...]
    strong: float
    weak: float
    fall: float
    abroad: float
    imports: float
    exports: float
    consumption: float
    unit: str
    stressor: str
    years: tuple[int | None, int | None]
    notes: tuple[Note, ...]
    provenance: Provenance

    def __repr__(self) -> str:
        return brief(
            self, f"{self.stressor}, strong {100 * self.strong:.1f} %",
            f"weak {100 * self.weak:.1f} %",
            f"{self.fall:.4g} {self.unit} less at home",
        )  # fmt: skip


def leakage_rate(
    before: MRIO,
    after: MRIO,
    home: str | tuple[str, ...] | list[str],
    *,
    stressor: str | None = None,
    smallest: float = 1e-3,
) -> LeakageRate:
    """Return how much emissions rose abroad for each tonne that they fell at home.

    With P production by industries at home, P* abroad, M emissions abroad for the final demand
    at home, and D = after - before::

        strong = DP* / -DP         weak = DM / -DP

    Both are ratios of what happened, whatever caused it: growth abroad is in `strong`, growth of
    demand at home in `weak`. They are defined only where emissions at home fell, and a `strong`
    beyond 1 is marked by a note: not all of it can have leaked. Both count whole accounts, which
    are linear in final demand: negative cells (stocks) are kept, as in `leakage`. Money enters
    through shares and intensities of each table alone, so that prices need not be the same.

    Parameters
    ----------
    before, after : MRIO
        Same regions and sectors (in any order), unit, money, data set and edition; `after` not
        earlier than `before`. Where neither names its edition, a note says so.
    home : str or sequence of str
        One region or several taken together, by code or name; one named twice counts once.
    stressor : str, optional
        In both tables; GHG, or the only one, of `before` by default.
    smallest : float
        Least fall at home, as a share of P before, for which a rate is given.

    Returns
    -------
    LeakageRate

    Raises
    ------
    InputError
        Emissions at home did not fall, or by less than `smallest` of what they were: the rate
        would mean nothing (the message gives the changes); home is the whole world; `after` is
        the earlier year.
    LabelError
        The tables have different regions or sectors; both sides are printed.
    UnitError
        Different units or money, or different data sets or editions, which are never differenced.
    UnknownNameError, NotAvailableError, NotProductiveError
        No such region or stressor; no Leontief inverse.

    References
    ----------
    Peters & Hertwich (2008) doi:10.1021/es072023k; IPCC (2007), AR4 WG III, ch. 11 (strong
    leakage, UNVERIFIED).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.leakage import leakage_rate
    >>> def table(f, year):
    ...     return mc.MRIO.from_arrays(
    ...         Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["A", "B"], sectors=["1"],
    ...         stressors={"GHG": f}, year=year)
    >>> leakage_rate(table([100, 100], 2000), table([80, 105], 2010), "A").strong
    0.25
    """
    need_table(before, "leakage_rate, before")
    need_table(after, "leakage_rate, after")
    if not 0 < smallest < 1:
        raise InputError(f"smallest is {smallest:g}", where="option smallest", do="give 0 to 1")
    names = [home] if isinstance(home, str) else list(home or ())
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(
            "no home region" if not names else f"home is {names!r}", where="home",
            do="name at least one region, by code or name",
        )  # fmt: skip
    if set(before.regions) != set(after.regions):
        raise LabelError(
            "the two tables have different regions",
            where=f"before: {listed(before.regions, 12)}; after: {listed(after.regions, 12)}",
            do="aggregate them to the same regions first",
        )
    positions(after.sectors, before.sectors, "sectors of the two tables")
    doubtful = _comparable(before, after)
    codes = tuple(dict.fromkeys(before.regions[find_region(n, before.regions)] for n in names))
    if stressor is None:  # a rule by which a default is found may find another one in `after`
        extension, row = resolve(before, None)
        stressor = extension.stressors[row]
    found = [_changes(mrio, codes, stressor) for mrio in (before, after)]
    units = [unit for _, unit, _ in found]
    if units[0] != units[1]:
        raise UnitError(
            f"units differ: {units[0]!r} and {units[1]!r}", where="before and after",
            do="convert one extension first: extension.to_unit(unit)",
        )  # fmt: skip
    first, last = found[0][0], found[1][0]
    change = {name: last[name] - first[name] for name in first}
    fall = -change["production"]
    if fall < smallest * abs(first["production"]) or fall <= 0:
        raise InputError(
            f"NOT MEANINGFUL: emissions at home went from {first['production']:.6g} to"
            f" {last['production']:.6g} {units[0]}, which is no fall to set a rise abroad against",
            where=f"{', '.join(codes)}; change abroad {change['abroad']:+.6g}, of imports"
            f" {change['imports']:+.6g}",
            do="read the changes themselves, or leakage() of each table",
        )
    notes: tuple[Note, ...] = (
        *dict.fromkeys(note for _, _, notes in found for note in notes),
        Note("a ratio of changes, whatever caused them; industries only"),
        *doubtful,
    )
    if change["abroad"] > fall:
        text = (
            f"emissions abroad rose by {change['abroad'] / fall:.3g} times the fall at"
            " home: growth there, which cannot all have leaked from here"
        )
        notes = (*notes, Note(text))
    provenance = before.provenance.computed("rates of leakage", notes, stressor=stressor)
    sources = dict.fromkeys((*provenance.sources, *after.provenance.sources))
    return LeakageRate(
        codes, change["abroad"] / fall, change["imports"] / fall, fall, change["abroad"],
        change["imports"], change["exports"], change["consumption"], units[0],
        stressor, (before.year, after.year), notes, replace(provenance, sources=tuple(sources)),
    )  # fmt: skip


def _changes(
    mrio: MRIO, names: tuple[str, ...], stressor: str
) -> tuple[dict[str, float], str, tuple[Note, ...]]:
    """Return production, imports, exports, consumption at home and production abroad."""
    extension, row = resolve(mrio, stressor)
    e = TableEconomy(mrio, extension.F[row : row + 1])
    inside = np.zeros(e.R, dtype=bool)
    inside[[find_region(name, mrio.regions) for name in names]] = True
    if inside.all():
        raise InputError(
            "home is the whole world", where="home", do="leave at least one region abroad"
        )
    f = production(e)[0]
    E = np.einsum("si,sic->sc", e.q.reshape(e.R, e.S), e.output(e.Y).reshape(e.R, e.S, e.R))
    amounts = {
        "production": f[inside].sum(),
        "abroad": f[~inside].sum(),
        "imports": E[np.ix_(~inside, inside)].sum(),
        "exports": E[np.ix_(inside, ~inside)].sum(),
        "consumption": E[:, inside].sum(),
    }
    unit, notes = extension.units[row], carried(mrio, extension, row)
    return {name: float(v) for name, v in amounts.items()}, unit, notes


def _comparable(before: MRIO, after: MRIO) -> tuple[Note, ...]:
    """Refuse two data sets, editions or moneys, or time reversed; say what cannot be told."""
    if before.year is not None and after.year is not None and after.year < before.year:
        raise InputError(
            f"the second table is of {after.year}, the first of {before.year}",
            where="before and after", do="give the earlier year first",
        )  # fmt: skip
    if before.money_unit != after.money_unit:
        raise UnitError(
            f"tables in {before.money_unit!r} and {after.money_unit!r}",
            where="money_unit", do="bring both to one currency and unit first",
        )  # fmt: skip
    ours, theirs = before.provenance, after.provenance
    if made_by(ours) == made_by(theirs):
        return ()
    both = [f"{p.dataset!r}, edition {p.edition!r}" for p in (ours, theirs)]
    if ours.edition or theirs.edition:
        raise UnitError(
            f"tables of different editions: {both[0]} and {both[1]}",
            where=f"{before.year} and {after.year}",
            do="use two years of one data set and edition; editions are never differenced",
        )
    return (
        Note(
            f"nothing says that {ours.dataset!r} and {theirs.dataset!r} are of one data set and"
            " edition: what differs between them may be the method"
        ),
    )
