"""The natural account of a country: every flux by scope, with interval and source; none added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriocarbon.build.concordance import group_names
from mriocarbon.config import data_folder
from mriocarbon.datasets.database import Database, database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError, listed
from mriocarbon.model.brief import brief
from mriocarbon.natural import sources as s
from mriocarbon.natural.absent import Missing, absent
from mriocarbon.natural.flux import GASES, SCOPES, Flux, make_flux
from mriocarbon.natural.regions import GFED_REGIONS, find
from mriocarbon.natural.sources_local import NEEDS, Need, local

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FIRST_YEAR", "NEVER_ADD", "NaturalAccount", "account", "accounts", "last_year"]

FIRST_YEAR = 1990
OWN_ROW = ", the source's own row of "
"""In the method of a flux of a group that the source gives itself, beside the members' sum."""
NEVER_ADD = (
    "The scopes overlap and are never added: inventories (a) and bookkeeping models (b) both count "
    "land-use change; inversions (c) see all land, and hold the fires, the CO2 of wetlands and the "
    "rivers of (d) already. Rows of one scope by another method are other views of it, neither to "
    "be added nor averaged."
)


@dataclass(frozen=True)
class NaturalAccount:
    """Natural fluxes of one region in one year.

    Attributes
    ----------
    region : str
        Code, or the name of a group.
    year : int
        The year asked for; each flux states the year or period it is of.
    fluxes : tuple of Flux
        By scope, gas, process and method.
    missing : tuple of Missing
        What there is no figure of, and why.
    notes : tuple of str
    """

    region: str
    year: int
    fluxes: tuple[Flux, ...]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...] = (NEVER_ADD,)

    def of(self, scope: str) -> tuple[Flux, ...]:
        """Return the fluxes of one scope.

        Raises
        ------
        UnknownNameError
        """
        _known_scope(scope)
        return tuple(one for one in self.fluxes if one.scope == scope)

    def flux(self, process: str, *, method: str | None = None, gas: str = "CO2") -> Flux:
        """Return one flux by its process, and by its method where there are several.

        Raises
        ------
        NotAvailableError
            There is none; the message holds the reason if it is known.
        InputError
            There are several: name the method.
        """
        found = [
            one
            for one in self.fluxes
            if one.process == process and one.gas == gas and method in (None, one.method)
        ]
        if method is None:  # a source's own row of a group stands beside the sum of its members
            found = [one for one in found if OWN_ROW not in one.method] or found
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{len(found)} figures of {process}, {gas}",
                where=f"account of {self.region}, {self.year}",
                do=f"choose method= {listed([one.method for one in found], 8)}",
            )
        why = [m.reason for m in self.missing if m.process == process and m.gas == gas]
        raise NotAvailableError(
            f"no {process}, {gas}" + (f": {why[0]}" if why else ""),
            where=f"account of {self.region}, {self.year}",
            do="have: " + listed(sorted({one.process for one in self.fluxes}), 12),
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a flux, and one with an empty value for what is missing."""
        import pandas as pd

        rows: list[dict[str, Any]] = [
            {column: getattr(one, column) for column in s.COLUMNS} for one in self.fluxes
        ]
        rows += [_empty(self.region, self.year, one) for one in self.missing]
        return pd.DataFrame(rows, columns=list(s.COLUMNS))

    def __repr__(self) -> str:
        scopes = Counter(one.scope for one in self.fluxes)
        return brief(
            self, f"{self.region} {self.year}, {len(self.fluxes)} fluxes, Mt of each gas",
            *(f"{count} of {scope}" for scope, count in scopes.items()),
        )  # fmt: skip


def _empty(region: str, year: int, one: Missing) -> dict[str, Any]:
    return {
        "region": region, "year_from": year, "year_to": year, "gas": one.gas, "scope": one.scope,
        "process": one.process, "unit": "Mt", "estimated": False, "note": f"missing: {one.reason}",
        "source": "", "method": "", "direction": "", "interval": "", "value": float("nan"),
        "low": float("nan"), "high": float("nan"), "sd": float("nan"),
    }  # fmt: skip


def _known_scope(scope: str) -> None:
    if scope not in SCOPES:
        raise UnknownNameError.of("scope", scope, SCOPES)


def account(
    region: str, year: int, *, gas: str | None = None, db: Database | None = None
) -> NaturalAccount:
    """Return the natural fluxes of a region, by scope, each with its interval and source.

    Parameters
    ----------
    region : str
        ISO 3166 alpha-3 or a name; ``WLD``; a region of a source: ``gfed:BONA``, ``gcp:Asia``,
        ``ceos-topdown-2022:Region_SAARC``. EU27 is a group, as `group` has it. For a group of
        countries of your own see there.
    year : int
        From 1990. A figure of this year, or the latest before it, or the mean of the period that
        its source gives; the flux states which.
    gas : {"CO2", "CH4", "N2O"}, optional
        One gas alone.
    db : Database, optional
        The embedded one, or the whole in the cache, by default.

    Returns
    -------
    NaturalAccount
        Values in Mt of the gas itself a year; positive to the air, negative is a sink.

    Raises
    ------
    UnknownNameError
        Unknown region or gas.
    InputError
        A year outside the data.

    Notes
    -----
    Nothing is added up: see `mriocarbon.natural.flux` for what may be. Figures that may not be
    shipped (land sink by country, fires, N2O, SO2 of volcanoes) are read from the folder that
    ``MRIOCARBON_DATA`` names; without it they are among the missing.

    References
    ----------
    Friedlingstein et al. (2025), doi:10.5194/essd-17-965-2025; Byrne et al. (2023),
    doi:10.5194/essd-15-963-2023; Grassi et al. (2023), doi:10.5194/essd-15-1093-2023.

    Examples
    --------
    >>> from mriocarbon.natural.account import account
    >>> china = account("China", 2022, gas="CO2")
    >>> one = china.flux("net biosphere exchange", method="inversion LNLGIS")
    >>> one.period, round(one.value), round(one.low), round(one.high)
    ('2015-2020', -2289, -5064, 485)
    >>> china.flux("land use, land-use change and forestry").period
    '2014'
    """
    figures = _figures(db)
    code = find(region, figures.regions)
    if code in group_names():
        from mriocarbon.natural.grouping import group

        return group(code, year, gas=gas, db=db)
    rows, gone = _select(figures, [code], year, gas)
    return NaturalAccount(code, int(year), tuple(_fluxes(rows)), tuple(one for _, one in gone))


def accounts(
    regions: Sequence[str] | None,
    year: int,
    *,
    gas: str | None = None,
    missing: bool = True,
    db: Database | None = None,
) -> pd.DataFrame:
    """Return the natural fluxes of many regions as one table, as `account` does of one.

    Parameters
    ----------
    regions : sequence of str or None
        None: every country that any source has.
    year : int
    gas : str, optional
    missing : bool
        With a row of empty value, and the reason in ``note``, for what a region has no figure of.
    db : Database, optional

    Returns
    -------
    pandas.DataFrame
        Columns region, year_from, year_to, gas, scope, process, value, low, high, sd (Mt), unit,
        source, method, estimated, note, direction, interval. Rows of one region are never to be
        added: see `NEVER_ADD`.

    Raises
    ------
    UnknownNameError, InputError
        Also for a region that stands twice.

    Examples
    --------
    >>> from mriocarbon.natural.account import accounts
    >>> table = accounts(["USA", "BRA"], 2022, gas="CO2")
    >>> rows = table[table["method"].eq("mean of models")]
    >>> rows[["region", "year_to"]].values.tolist()
    [['BRA', 2022], ['USA', 2022]]
    """
    figures = _figures(db)
    if regions is None:
        codes = [code for code in figures.regions if code in _countries()]
    else:
        codes = codes_of(regions, db)
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise InputError(
                f"a region stands twice: {', '.join(twice)}", where="regions", do="give it once"
            )
    import pandas as pd

    groups = [code for code in codes if code in group_names()]
    rows, gone = _select(figures, [code for code in codes if code not in groups], year, gas)
    parts = [rows[list(s.COLUMNS)]]
    if missing and gone:
        empty = pd.DataFrame([_empty(code, year, one) for code, one in gone])
        parts.append(empty[list(s.COLUMNS)])
    for code in groups:
        whole = account(code, year, gas=gas, db=db).to_pandas()
        parts.append(whole if missing else whole[whole["value"].notna()])
    parts = [part for part in parts if len(part)] or parts[:1]
    out = pd.concat(parts, ignore_index=True)
    return out.sort_values(["region", "scope"], kind="stable", ignore_index=True)


def rows_of_sources(
    codes: Sequence[str], year: int, *, gas: str | None = None, db: Database | None = None
) -> pd.DataFrame:
    """Return the rows that the sources themselves have of these codes, groups too."""
    return _select(_figures(db), codes, year, gas)[0]


def codes_of_groups(db: Database | None = None) -> tuple[str, ...]:
    """Return the regions of the sources that are no single country."""
    return tuple(code for code in _figures(db).regions if len(code) != 3)


def codes_of(regions: Sequence[str], db: Database | None = None) -> list[str]:
    """Return the codes of regions as a person types them.

    Raises
    ------
    UnknownNameError
    """
    known = _figures(db).regions
    return [find(one, known) for one in regions]


def last_year(db: Database | None = None) -> int:
    """Return the last year that any source has."""
    return _figures(db).last


@dataclass(frozen=True)
class _Figures:
    """All rows of all years, and what follows from them once."""

    table: pd.DataFrame
    needs: tuple[Need, ...]
    regions: tuple[str, ...]
    # (scope, or "volcanoes", region) -> first year it has a figure for
    first: dict[tuple[str, str], int]
    last: int


def _select(
    figures: _Figures, codes: Sequence[str], year: int, gas: str | None
) -> tuple[pd.DataFrame, list[tuple[str, Missing]]]:
    """The rows that hold for the year, and what each region has none of."""
    table, last = figures.table, figures.last
    if gas is not None and gas not in GASES:
        raise UnknownNameError.of("gas", gas, GASES)
    if isinstance(year, bool) or not isinstance(year, Integral) or not FIRST_YEAR <= year <= last:
        raise InputError(
            f"no natural account of {year!r}", where="year", do=f"{FIRST_YEAR} to {last}"
        )
    keep = (table["valid_from"] <= year) & (table["valid_to"] >= year)
    keep &= table["region"].isin(list(codes))
    if gas is not None:
        keep &= table["gas"] == gas
    rows = table[keep]
    keyed = rows[rows["value"].isna()]
    rows = rows[rows["value"].notna()].copy()
    old = (rows["year_to"] < year) & (rows["year_from"] == rows["year_to"])
    if bool(old.any()):
        told = "latest figure, of " + rows.loc[old, "year_to"].astype("string")
        have = rows.loc[old, "note"].astype("string")
        rows.loc[old, "note"] = (told + ("; " + have).where(have != "", "")).astype("object")
    rows = rows.reset_index(drop=True)
    present: dict[str, set[tuple[str, str, str]]] = {code: set() for code in codes}
    for code, *what in zip(
        rows["region"], rows["scope"], rows["gas"], rows["process"], strict=True
    ):
        present[code].add((what[0], what[1], what[2]))
    gone = [
        (
            str(row["region"]),
            Missing(
                str(row["scope"]), str(row["gas"]), str(row["process"]),
                f"{row['note']} ({s.told_years(row['year_from'], row['year_to'])})",
            ),
        )
        for row in keyed.to_dict("records")
    ]  # fmt: skip
    told_keys = {(code, one.scope, one.gas, one.process) for code, one in gone}
    for code in codes:
        for one in absent(code, year, present[code], figures.needs, figures.first):
            if gas in (None, one.gas) and (code, one.scope, one.gas, one.process) not in told_keys:
                gone.append((code, one))
    return rows, gone


def _fluxes(rows: pd.DataFrame) -> list[Flux]:
    order = {scope: k for k, scope in enumerate(SCOPES)}
    found = [
        make_flux(
            row["scope"],
            **{str(k): row[k] for k in s.COLUMNS if k not in ("scope", "unit")},
        )
        for row in rows.to_dict("records")
    ]
    rank = {gas: k for k, gas in enumerate(GASES)}
    return sorted(found, key=lambda f: (order[f.scope], rank[f.gas]))


def _figures(db: Database | None) -> _Figures:
    store = database() if db is None else db
    folder = data_folder()
    stamp = []
    for need in NEEDS:
        path = folder / need.file if folder is not None else None
        if path is not None and path.is_file():
            about = path.stat()
            stamp.append((need.file, about.st_size, about.st_mtime_ns))
    return _built(store.folder, tuple(sorted(store.hashes.items())), folder, tuple(stamp))


@lru_cache(maxsize=4)
def _built(
    store: Path, hashes: tuple[tuple[str, str], ...], folder: Path | None, stamp: tuple[Any, ...]
) -> _Figures:
    """Read everything; once for a store and a state of the folder."""
    import pandas as pd

    shipped = s.embedded(database(store))
    read, needs = local(folder)
    table = pd.concat([shipped, read], ignore_index=True) if len(read) else shipped
    for column in ("region", "gas", "scope", "process", "method", "source"):
        table[column] = table[column].astype("object")
    first = table.groupby(["scope", "region"])["valid_from"].min()
    begins = {
        (str(scope), str(region)): int(year)
        for (scope, region), year in zip(first.index, first, strict=True)
    }
    volcanoes = table[table["process"] == "volcanoes"]
    begins |= {("volcanoes", str(r)): int(y) for r, y in
               volcanoes.groupby("region")["valid_from"].min().items()}  # fmt: skip
    regions = tuple(sorted({*table["region"], *GFED_REGIONS}))
    return _Figures(table, needs, regions, begins, int(table["year_to"].max()))


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    import pycountry

    return frozenset({str(one.alpha_3) for one in pycountry.countries} | {"XKX"})
