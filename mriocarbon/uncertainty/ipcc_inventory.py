"""A country's reported inventory as categories with default uncertainties.

The inventories of the database carry the codes of the UNFCCC's reporting tables, which are not
those of the 2006 Guidelines: in the tables of Annex I Parties (since 2015) enteric fermentation is
3.A, in those of other Parties (after the 1996 Guidelines) 4.A, in the 2006 Guidelines 3.A.1.

An inventory is a tree. It is opened from the sectors down, only where the parts add up to the
whole in both years, so that what is used adds up to the reported total; and only where a part has
a finer default: approach 1 takes categories as independent, and splitting one that has a single
factor would make the total look surer than it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Note
from mriocarbon.uncertainty.ipcc import Category
from mriocarbon.uncertainty.ipcc_defaults import (
    GUIDELINES,
    IPCCDefault,
    checked_at,
    ipcc_default,
    ipcc_defaults,
    pick,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["InventoryCategories", "inventory_categories"]

Own = Mapping[tuple[str, str], tuple[float, float]]
GASES = ("CO2", "CH4", "N2O")
# What a notation key says is not in the category: there is none, or it is counted elsewhere.
NOTHING = {"NO", "NA", "IE"}
_WHOLE = 1e-4  # parts add up to the whole within this share of it: the printed precision


@dataclass(frozen=True)
class _Format:
    """A reporting format: its source in the database, sectors, land use, totals and codes of 2006.

    ``codes`` translates the longest matching beginning; None where the 2006 Guidelines have none.
    """

    source: str
    sectors: tuple[str, ...]
    land: str
    total: str
    with_land: str
    codes: Mapping[str, str | None]
    memo: tuple[str, ...] = ()


ANNEX_I = _Format(
    "unfccc-annex-i-2023",
    ("1", "2", "3", "5", "6"),
    "4",
    "Total GHG emissions without LULUCF",
    "Total GHG emissions with LULUCF",
    {
        "1": "1", "1.AA": "1.A", "2": "2", "3": None, "3.A": "3.A.1", "3.B": "3.A.2",
        "3.C": "3.C.7", "3.D": None, "3.D.1": "3.C.4", "3.D.2": "3.C.5", "3.E": "3.C.1",
        "3.F": "3.C.1", "3.G": "3.C.2", "3.H": "3.C.3", "4": None, "4.A": "3.B.1", "4.B": "3.B.2",
        "4.C": "3.B.3", "4.D": "3.B.4", "4.E": "3.B.5", "4.F": "3.B.6", "4.G": "3.D.1",
        "4.H": "3.D.2", "5": "4", "6": "5",
    },
    ("1.AB", "1.AD"),
)  # fmt: skip
OTHER = _Format(
    "unfccc-non-annex-i-2022",
    ("1", "2", "3", "4", "6", "7"),
    "5",
    "Total GHG emissions excluding LULUCF/LUCF",
    "Total GHG emissions including LULUCF/LUCF",
    {
        "1": "1", "2": "2", "2.A": "2.A", "2.D": None, "2.E": None, "2.F": None, "2.G": None,
        "3": "2.D.3", "4": None, "4.A": "3.A.1", "4.B": "3.A.2", "4.C": "3.C.7", "4.D": None,
        "4.E": "3.C.1", "4.F": "3.C.1", "5": None, "6": "4", "6.A": "4.A", "6.B": "4.D",
        "6.C": "4.C", "6.D": "4.E", "7": None,
    },
)  # fmt: skip
# Categories of the tables that are several of the 2006 Guidelines at once.
SEVERAL = {
    (ANNEX_I.source, "3"): ("3.A", "3.C"),
    (ANNEX_I.source, "3.D"): ("3.C.4", "3.C.5"),
    (OTHER.source, "4"): ("3.A", "3.C"),
    (OTHER.source, "4.D"): ("3.C.4", "3.C.5"),
}


@dataclass(frozen=True)
class InventoryCategories(Sequence[Category]):
    """The categories of a reported inventory, as a sequence for `approach_1` and `approach_2`.

    Attributes
    ----------
    region : str
        ISO 3166 alpha-3.
    base, year : int
    unit : str
    categories : tuple of Category
    missing : tuple of str
        What is reported but left out, with the reason: never taken as zero.
    reported : tuple of float
        Total of the gases as reported, in the base year and in the year.
    notes : tuple of Note
        They travel to the results.
    """

    region: str
    base: int
    year: int
    unit: str
    categories: tuple[Category, ...]
    missing: tuple[str, ...]
    reported: tuple[float, float]
    notes: tuple[Note, ...]

    __repr__ = brief

    @overload
    def __getitem__(self, at: int) -> Category: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Category, ...]: ...

    def __getitem__(self, at: int | slice) -> Category | tuple[Category, ...]:
        """Return a category, or several without the notes of the whole."""
        return self.categories[at]

    def __len__(self) -> int:
        """Return the number of categories."""
        return len(self.categories)


@dataclass
class _Tree:
    """One gas of an inventory in two years."""

    format: _Format
    gas: str
    years: tuple[int, int]
    values: dict[str, dict[int, float]] = field(default_factory=dict)
    keys: dict[str, dict[int, str]] = field(default_factory=dict)
    slips: list[str] = field(default_factory=list)

    def children(self, code: str) -> list[str]:
        above = {"1": "1.A", "1.AA": "1.A"}.get(code, code)
        known = {*self.values, *self.keys}
        if code == "1" and "1.AA" in known:
            return [c for c in ("1.AA", "1.B", "1.C") if c in known]
        deep = above.count(".") + 1
        if code == "1":
            above, deep = "1", 1
        return sorted(
            c for c in known
            if c.startswith(above + ".") and c.count(".") == deep and c not in self.format.memo
        )  # fmt: skip

    def whole(self, code: str) -> bool:
        """Whether the parts add up to the category, in both years."""
        parts = self.children(code)
        own = self.values.get(code, {})
        for year in self.years:
            reported = [self.values[p][year] for p in parts if year in self.values.get(p, {})]
            if (year in own) != bool(reported):
                return False
            if reported:
                size = math.fsum(abs(v) for v in reported)
                if abs(math.fsum(reported) - own[year]) > _WHOLE * size:
                    return False
        return bool(parts)

    def codes_2006(self, code: str) -> tuple[str, ...]:
        several = SEVERAL.get((self.format.source, code))
        if several:
            return several
        start = code
        while start not in self.format.codes:
            start = start.rpartition(".")[0]
            if not start:
                return ()
        found = self.format.codes[start]
        return () if found is None else (found + code[len(start) :],)

    def default(self, code: str) -> IPCCDefault | None:
        codes = self.codes_2006(code)
        return ipcc_default(codes[0], self.gas) if len(codes) == 1 else None

    def below(self, code: str) -> list[IPCCDefault]:
        """Return the defaults of finer categories."""
        starts = tuple(c + "." for c in self.codes_2006(code))
        exact = self.codes_2006(code) if len(self.codes_2006(code)) > 1 else ()
        return [
            d for d in ipcc_defaults()
            if d.gas == self.gas and (d.code.startswith(starts) or d.code in exact)
        ] if starts else []  # fmt: skip

    def pair(self, code: str) -> tuple[float, float] | str:
        """Return both years of a category, or why one is missing."""
        out = []
        for year in self.years:
            value = self.values.get(code, {}).get(year)
            if value is None:
                key = self.keys.get(code, {}).get(year, "")
                if not key or not set(key.split(",")) <= NOTHING:
                    return f"no figure for {year} ({key or 'no row'})"
                value = 0.0  # the source says that there is none here
            out.append(value)
        return out[0], out[1]


def _tree(frame: pd.DataFrame, form: _Format, gas: str, years: tuple[int, int]) -> _Tree:
    tree = _Tree(form, gas, years)
    rows = frame[frame["gas"] == gas]
    columns = (rows[c].tolist() for c in ("category", "year", "value", "key", "note"))
    for code, year, value, key, note in zip(*columns, strict=True):
        if math.isfinite(value):
            tree.values.setdefault(code, {})[int(year)] = float(value)
            if isinstance(note, str) and "likely a slip" in note:
                tree.slips.append(f"{code} {gas} {year}")
        elif isinstance(key, str):
            tree.keys.setdefault(code, {})[int(year)] = key
    return tree


def _region(region: str) -> str:
    table = database().table("regions")
    names = dict(zip(table["region"].tolist(), table["name"].tolist(), strict=True))
    asked = str(region).strip().casefold()
    for code, name in names.items():
        if asked in (code.casefold(), name.casefold()):
            return str(code)
    raise UnknownNameError.of("region", str(region), [*names, *names.values()])


def _weights(gases: Sequence[str], gwp: str) -> dict[str, float]:
    table = database().table("characterisation", source="ipcc-gwp", variable="GWP100")
    known = sorted(set(table["item"]))
    if gwp not in known:
        raise UnknownNameError.of("set of global warming potentials", str(gwp), known)
    rows = table[table["item"] == gwp]
    return {gas: float(rows.loc[rows["gas"] == gas, "value"].iloc[0]) for gas in gases}


def _frame(code: str, years: tuple[int, int]) -> tuple[pd.DataFrame, _Format]:
    for form in (ANNEX_I, OTHER):
        rows = database().table("inventories", region=code, source=form.source, gas=list(GASES))
        if rows.empty:
            continue
        totals = rows[(rows["category"] == form.total) & rows["value"].notna()]
        have = sorted({int(y) for y in totals["year"]})
        lacking = [y for y in years if y not in have]
        if lacking:
            raise NotAvailableError(
                f"{code} has no inventory of {', '.join(map(str, lacking))}",
                where=f"database, {form.source}",
                do=f"there are {', '.join(map(str, have))}",
            )
        return rows[rows["year"].isin(years)], form
    raise NotAvailableError(
        f"no inventory by category of {code}",
        where="database, inventories of the UNFCCC",
        do="give your own categories: Category(name, base, year, activity, factor)",
    )


def _own(own: Own | None) -> dict[tuple[str, str], tuple[float, float]]:
    out = dict(own or {})
    for key, pair in out.items():
        ok = isinstance(key, tuple) and len(key) == 2 and len(pair) == 2
        if not ok or not all(
            isinstance(u, int | float) and not isinstance(u, bool) and math.isfinite(u) and u >= 0
            for u in pair
        ):
            raise InputError(
                f"own[{key!r}] is {pair!r}", where="own uncertainties",
                do="give {(code, gas): (activity, factor)} in per cent, such as"
                " {('2.D.3', 'CO2'): (10, 20)}",
            )  # fmt: skip
    return out


def inventory_categories(
    region: str,
    base: int,
    year: int,
    *,
    gas: str | Sequence[str] = GASES,
    gwp: str = "AR5",
    land_use: bool = False,
    at: str = "middle",
    own: Own | None = None,
    missing: str = "raise",
) -> InventoryCategories:
    """Return a country's reported inventory with default uncertainties, for `approach_1`.

    From the inventories of the UNFCCC in the emissions database. A category whose parts cannot
    be used (not reported apart, or not in the embedded compact database, which has the finer
    categories from 2019 only) takes the widest defaults of its parts: for emissions of one sign
    an upper bound where each part has a default, since a sum is never less sure than its least
    sure part. A whole sector takes none. F-gases are not in these inventories.

    Parameters
    ----------
    region : str
        ISO 3166 alpha-3 code or name.
    base, year : int
        Base year and year, both reported.
    gas : str or sequence of str
        Of CO2, CH4 and N2O. One gas is in Mt of itself, several are in Mt CO2e.
    gwp : str
        Global warming potentials over 100 years: ``"AR5"``, ``"AR4"``, ``"AR6"``, ``"SAR"``.
    land_use : bool
        With land use, land-use change and forestry. There is no default for forest land, wetlands
        and settlements: give your own.
    at : str
        End of the defaults' ranges: ``"low"``, ``"middle"`` or ``"high"``.
    own : mapping, optional
        Your uncertainties, ``{(code of the tables, gas): (activity, factor)}`` in per cent. They
        also apply to the parts of that category, which is then not opened.
    missing : str
        ``"raise"``: an error names what has no default or no figure in one year. ``"leave out"``:
        it is left out of both years and listed, never taken as zero.

    Returns
    -------
    InventoryCategories

    Raises
    ------
    UnknownNameError
        Region, gas or set of potentials.
    NotAvailableError
        No inventory of that region or year; categories missing.
    InputError
        `at`, `missing` or `own` of another form; the same year twice.

    Examples
    --------
    >>> from mriocarbon.uncertainty.ipcc import approach_1
    >>> germany = inventory_categories("DEU", 2019, 2021, gas="CO2", missing="leave out")
    >>> found = approach_1(germany)
    >>> 2 < found.uncertainty < 6, "UNVERIFIED" in str(found), found.notes[0].estimated
    (True, True, True)
    """
    checked_at(at)
    gases = (gas,) if isinstance(gas, str) else tuple(gas)
    for name in gases:
        if name not in GASES:
            raise UnknownNameError.of("gas of the inventories", str(name), GASES)
    if missing not in ("raise", "leave out"):
        raise InputError(
            f"missing is {missing!r}", where="inventory_categories", do="use 'raise' or 'leave out'"
        )
    if base == year or not gases or len(set(gases)) < len(gases):
        raise InputError(
            f"base {base}, year {year}, gases {gases}", where="inventory_categories",
            do="give two different years and each gas once",
        )  # fmt: skip
    ours = _own(own)
    code = _region(region)
    years = (base, year)
    frame, form = _frame(code, years)
    weights = _weights(gases, gwp) if len(gases) > 1 else {gases[0]: 1.0}
    sectors = (*form.sectors, form.land) if land_use else form.sectors
    found: list[Category] = []
    absent: list[str] = []
    slips: list[str] = []
    total = dict.fromkeys(years, 0.0)
    for name in gases:
        tree = _tree(frame, form, name, years)
        reported = tree.values.get(form.with_land if land_use else form.total, {})
        for y in years:
            total[y] += weights[name] * reported.get(y, math.nan)
        slips += tree.slips
        for sector in sectors:
            for leaf in _opened(tree, sector, ours):
                one = _category(tree, leaf, weights[name], at, ours)
                if isinstance(one, str):
                    absent.append(f"{leaf} {name} ({one})")
                elif one.base or one.year:
                    found.append(one)
    names = {c.name for c in found}
    unused = [f"{c} {g}" for c, g in ours if g in gases and f"{c} {g}" not in names]
    if unused:
        raise InputError(
            f"own uncertainties that meet no category: {', '.join(unused)}",
            where=f"{code}, {base} and {year}",
            do="give a code of the reporting tables with figures in both years, whose group adds up"
            " to its parts",
        )
    if absent and missing == "raise":
        raise NotAvailableError(
            f"{len(absent)} categories of {code} cannot be used: {'; '.join(absent)}",
            where=f"default uncertainties, {base} and {year}",
            do="give yours with own={(code, gas): (activity, factor)}, or missing='leave out'",
        )
    notes = [_note(code, form, years, found, absent, (total[base], total[year]))]
    if slips:
        text = f"likely slips of the source are among the figures: {', '.join(slips)}"
        notes.append(Note(text, "inventory"))
    if not database().complete:
        notes.append(
            Note("the compact database has the finer categories from 2019 only", "inventory")
        )
    unit = "Mt CO2e" if len(gases) > 1 else f"Mt {gases[0]}"
    return InventoryCategories(
        code, base, year, unit, tuple(found), tuple(absent), (total[base], total[year]),
        tuple(notes),
    )  # fmt: skip


def _opened(tree: _Tree, code: str, own: Own) -> Iterator[str]:
    """Return the leaves of a sector, stopping where the user gives uncertainties."""
    wanted = [c for c, gas in own if gas == tree.gas]
    if code in wanted:
        if code in tree.values:
            yield code
        return
    finer = any(c.startswith(code + ".") for c in wanted) or (code in ("1", "1.AA") and wanted)
    opened = finer or tree.below(code) or not tree.codes_2006(code)
    if opened and tree.whole(code):
        for part in tree.children(code):
            yield from _opened(tree, part, own)
    elif code in tree.values:
        yield code


def _category(
    tree: _Tree, code: str, weight: float, at: str,
    own: Own,
) -> Category | str:  # fmt: skip
    """Return a category, or why there is none."""
    pair = tree.pair(code)
    if isinstance(pair, str):
        return pair
    base, year = (weight * v for v in pair)
    name = f"{code} {tree.gas}"
    if (code, tree.gas) in own:
        return Category(name, base, year, *own[code, tree.gas])
    default = tree.default(code)
    if default is not None:
        note = f"{GUIDELINES} ({at}); {default.status}"
        return Category(name, base, year, pick(default.activity, at), pick(default.factor, at),
                        note=note)  # fmt: skip
    sizes = f"{pair[0]:.4g} and {pair[1]:.4g} Mt"
    if "." not in code:
        return (
            f"its parts are not reported in both years, and a whole sector has no default; {sizes}"
        )
    parts = tree.below(code)
    if not parts:
        return f"no default; {sizes}"
    activity = max(pick(d.activity, at) for d in parts)
    factor = max(pick(d.factor, at) for d in parts)
    state = "in part UNVERIFIED" if not all(d.verified for d in parts) else "confirmed"
    note = f"{GUIDELINES} ({at}), the widest of its parts' defaults; {state}"
    return Category(name, base, year, activity, factor, note=note)


def _note(
    code: str, form: _Format, years: tuple[int, int], found: Sequence[Category],
    absent: Sequence[str], total: tuple[float, float],
) -> Note:  # fmt: skip
    shares = [
        100 * math.fsum(getattr(c, label) for c in found) / whole
        for label, whole in zip(("base", "year"), total, strict=True)
    ]
    text = (
        f"{code}, {form.source}: categories make {shares[0]:.4g} % of the reported total of"
        f" {years[0]} and {shares[1]:.4g} % of that of {years[1]}"
    )
    if absent:
        text += f"; left out, not taken as zero: {'; '.join(absent)}"
    return Note(text, "inventory", estimated=bool(absent))
