"""Exported capacity by destination, month, technology and product.

Solar: Ember, from China's customs statistics. Customs know the value; Ember turns it into capacity
with one price a month for all destinations. Wind 2024: Chinese Wind Energy Association, from the
press. Other exporters, years and technologies: a table of one's own, `read_exports`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from mriocarbon.avoided.drawn import bounded, parameter, technology_of
from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real, whole
from mriocarbon.model.labels import country_code
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "PRODUCTS", "UNKNOWN", "Exports", "country", "exports", "joined"]

COLUMNS = (
    "destination", "month", "technology", "product", "mw", "usd", "low", "high", "source",
    "estimated", "note",
)  # fmt: skip
PRODUCTS = {"solar": ("panels", "cells", "wafers"), "wind": ("turbines",)}
UNKNOWN = "destination not known"
"""Label of capacity that went somewhere, but nobody says where."""
_CATEGORY = {"Panels": "panels", "Cells": "cells", "Wafers": "wafers"}
_OWN = (
    "give a table of your own: --exports FILE, or in a script"
    " mc.avoided.read_exports(path, exporter=, year=)"
)
OURS = ("ember-solar-exports", "cwea-2024")
"""Sources whose capacity shares an error, "capacity" in ``tables/parameters.csv``."""
WIND_MW = 5193.7
WIND_TURBINES = 904
WIND = Source(
    "cwea-2024",
    citation="Chinese Wind Energy Association, 2024 China Wind Power Hoisting Capacity Statistical"
    " Briefing (24 February 2025), as told by China Economic Net and UrduPoint, 7 March 2025:"
    " 904 turbines of 5,193.7 MW to 23 countries, with the shares of five; the briefing itself"
    " was not opened",
    licence="press; single figures with the source named",
    url="https://www.urdupoint.com/en/world/china-sees-continuous-contributions-to-global-1939309.html",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Exports:
    """Capacity that a country exported in a year.

    Attributes
    ----------
    exporter : str
        ISO 3166 alpha-3.
    year : int
    table : pandas.DataFrame
        The columns of `COLUMNS`, one row a destination, month, technology and product; see
        `frame` for a copy. ``mw`` is rated capacity (direct current for solar), ``low`` and
        ``high`` its 95 % interval, NaN where none is known; ``month`` is missing where the source
        does not tell it; ``destination`` is an alpha-3 code or `UNKNOWN`.
    missing : tuple of str
        What was asked for and has no data, with the reason.
    notes : tuple of Note
    covers : mapping of technology to tuple of int
        Months that the source has, where they are not the whole year.
    """

    exporter: str
    year: int
    table: pd.DataFrame
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    covers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    __repr__ = brief

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the table, safe to change."""
        return self.table.copy()

    @property
    def technologies(self) -> tuple[str, ...]:
        """Technologies in the table, in order."""
        return tuple(dict.fromkeys(self.table["technology"]))

    @property
    def total(self) -> float:
        """All capacity together, MW."""
        return float(self.table["mw"].sum())

    @property
    def period(self) -> str:
        """The time that the capacity was exported in, in words.

        Examples
        --------
        >>> exports("CHN", "solar", 2024).period, exports("CHN", "solar", 2025).period
        ('2024', 'January to September 2025')
        """
        parts = {name: self.covers.get(name, ()) for name in self.technologies}
        told = {months_in_words(months) for months in parts.values()}
        if told == {""}:
            return str(self.year)
        if len(told) == 1:
            return f"{told.pop()} {self.year}"
        some = [f"{k}: {months_in_words(v)} only" for k, v in parts.items() if v]
        return f"{self.year} ({', '.join(some)})"

    def of(self, technologies: Sequence[str]) -> Exports:
        """Return the exports of some technologies, with a note on what is left out.

        Raises
        ------
        UnknownNameError
            A technology that is none.
        InputError
            None of them is in the table.

        Examples
        --------
        >>> exports("CHN", ("solar", "wind"), 2024).of(["wind"]).technologies
        ('wind',)
        """
        wanted = [technology_of(name) for name in technologies]
        if not set(wanted) & set(self.technologies):
            raise InputError(
                f"no exports of {listed(wanted)}", where="the table of exports",
                do=f"it has {listed(self.technologies)}: ask for that",
            )  # fmt: skip
        kept = self.table["technology"].isin(wanted)
        if kept.all():
            return self
        out = self.table[~kept].groupby("technology")["mw"].sum()
        told = " and ".join(f"{mw:,.1f} MW of {name}" for name, mw in out.items())
        note = Note(f"Not asked for and left out: {told}.", about="exports")
        gone = tuple(f"{name}:" for name in out.index)
        return replace(
            self,
            table=self.table[kept].reset_index(drop=True),
            missing=tuple(text for text in self.missing if not text.startswith(gone)),
            notes=(*self.notes, note),
        )

    def by(self, *columns: str) -> pd.Series:
        """Return capacity by some columns, MW; a missing month stays a row of its own."""
        for column in columns:
            if column not in ("destination", "month", "technology", "product"):
                known = ("destination", "month", "technology", "product")
                raise UnknownNameError.of("column", column, known)
        return self.table.groupby(list(columns), dropna=False)["mw"].sum()

    def redirected(self, hub: str, shares: Mapping[str, float]) -> Exports:
        """Return exports with capacity moved on from a hub of trade, marked as estimated.

        Customs know the first destination: what lands in Rotterdam is the Netherlands' here.

        Parameters
        ----------
        hub : str
            Where the goods land.
        shares : mapping of destination to share
            Of what lands there; what is left of 1 stays.

        Raises
        ------
        InputError
            Nothing lands there, or shares that are negative or add up to more than 1.

        Examples
        --------
        >>> moved = exports("CHN", "solar", 2024).redirected("NLD", {"DEU": 0.5})
        >>> shipped = moved.by("destination")
        >>> bool(abs(shipped["DEU"] - (3384.35 + 0.5 * 39190.57)) < 0.01)
        True
        """
        import pandas as pd

        origin = country(hub)
        there = self.table["destination"] == origin
        if not there.any():
            raise InputError(f"nothing goes to {origin}", where="redirected", do="name a hub of it")
        wanted = {country(name): share for name, share in shares.items()}
        if self.exporter in wanted:
            raise InputError(
                f"{self.exporter} is the exporter", where=f"what lands in {origin}",
                do="leave it out: what comes home is no export",
            )  # fmt: skip
        bad = [k for k, v in wanted.items() if not is_real(v) or v < 0]
        if bad or sum(wanted.values()) > 1 + 1e-12 or len(wanted) < len(shares):
            raise InputError(
                f"shares {dict(shares)!r}", where=f"what lands in {origin}",
                do="give each country once, not below zero, at most 1 in all",
            )  # fmt: skip
        text = f"landed in {origin}, moved on by a share given by the user"
        stays = max(0.0, 1 - sum(wanted.values()))
        parts = [self.table[~there]]
        for name, share in {origin: stays, **wanted}.items():
            part = self.table[there].copy()
            part[["mw", "usd", "low", "high"]] *= share
            part["destination"] = name
            # What stays rests on the user's shares as much as what moves.
            if name != origin:
                part["estimated"], part["note"] = True, text
            elif stays < 1:
                part["estimated"], part["note"] = True, f"what stays of it: {text}"
            if share > 0:
                parts.append(part)
        table = pd.concat(parts, ignore_index=True)
        note = Note(f"{origin}: {text}", about="exports", estimated=True)
        return replace(self, table=table, notes=(*self.notes, note))


def exports(
    exporter: str,
    technology: str | Sequence[str],
    year: int,
    *,
    products: Sequence[str] = ("panels",),
) -> Exports:
    """Return exported capacity by destination and month.

    Parameters
    ----------
    exporter : str
        Code or name; data are at hand for China only.
    technology : str or sequence of str
        "solar" (2017 to September 2025), "wind" (2024).
    year : int
    products : sequence of {"panels", "cells", "wafers"}
        Of solar. Cells and wafers become panels abroad, and some of these are exported again: with
        them the sum is an upper bound.

    Returns
    -------
    Exports
        MW and USD; see `Exports.table`.

    Raises
    ------
    NotAvailableError
        No data for this exporter or year; the text says how to give one's own.
    UnknownNameError
        A technology, product or country that is none.

    References
    ----------
    Ember, China solar exports data, CC BY 4.0. Chinese Wind Energy Association, see `WIND`.

    Examples
    --------
    >>> shipped = exports("CHN", "solar", 2024, products=("panels", "cells", "wafers"))
    >>> (shipped.by("product") / 1000).round(1).to_dict()
    {'cells': 56.6, 'panels': 237.2, 'wafers': 60.3}
    >>> exports("CHN", "wind", 2024).by("destination").round(1)["SAU"].item()
    779.1
    """
    origin = country(exporter)
    when = whole("year", year, least=1900, where="exports")
    names = [technology] if isinstance(technology, str) else list(technology)
    wanted = list(dict.fromkeys(technology_of(name) for name in names))
    if not wanted:
        raise InputError("no technology", where="exports", do="give solar, wind or both")
    chosen = [products] if isinstance(products, str) else list(products)
    for product in chosen:
        if product not in PRODUCTS["solar"]:
            raise UnknownNameError.of("product", str(product), PRODUCTS["solar"])
    if "solar" in wanted and not chosen:
        raise InputError("no product", where="exports", do="give panels, cells, wafers or several")
    if origin != "CHN":
        raise NotAvailableError(
            f"no trade data of low-carbon technology for {origin}", where="exports, known: CHN",
            do=_OWN,
        )  # fmt: skip
    parts = [
        _solar(when, list(dict.fromkeys(chosen))) if name == "solar" else _wind(when)
        for name in wanted
    ]
    return joined(*parts)


def joined(*several: Exports) -> Exports:
    """Return exports of one exporter and year in one table.

    Parameters
    ----------
    *several : Exports
        Of one exporter and one year.

    Returns
    -------
    Exports
        All rows, MW, with what is missing and the notes of each.

    Raises
    ------
    InputError
        None given, exporters or years differ, or a destination, month, technology and product
        comes twice.

    Examples
    --------
    >>> both = joined(exports("CHN", "solar", 2024), exports("CHN", "wind", 2024))
    >>> both.technologies, round(both.total)
    (('solar', 'wind'), 242430)
    """
    import pandas as pd

    if not several:
        raise InputError("no exports", where="joined", do="give at least one")
    first = several[0]
    for other in several[1:]:
        if (other.exporter, other.year) != (first.exporter, first.year):
            raise InputError(
                f"{other.exporter} {other.year} beside {first.exporter} {first.year}",
                where="joined", do="join exports of one exporter and one year",
            )  # fmt: skip
    table = pd.concat([one.table for one in several], ignore_index=True)
    if len(several) > 1:
        keys = ["destination", "month", "technology", "product"]
        seen = [set(one.table[keys].astype("str").apply(tuple, axis=1)) for one in several]
        twice = {k for i, a in enumerate(seen) for b in seen[i + 1 :] for k in a & b}
        if twice:
            raise InputError(
                f"{len(twice)} rows come twice, such as {sorted(twice)[0]}", where="joined",
                do="leave one of them out",
            )  # fmt: skip
    missing = tuple(text for one in several for text in one.missing)
    notes = tuple(dict.fromkeys(note for one in several for note in one.notes))
    covers = {name: months for one in several for name, months in one.covers.items()}
    return Exports(first.exporter, first.year, table, missing, notes, covers)


def months_in_words(months: Sequence[int]) -> str:
    """Return months as runs, "" for none.

    Examples
    --------
    >>> months_in_words([1, 2, 3]), months_in_words([1, 3, 4])
    ('January to March', 'January and March to April')
    """
    from calendar import month_name

    runs: list[list[int]] = []
    for month in sorted(months):
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    told = [
        month_name[r[0]] if len(r) == 1 else f"{month_name[r[0]]} to {month_name[r[-1]]}"
        for r in runs
    ]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))


@lru_cache(maxsize=1)
def _areas() -> Mapping[str, str]:
    """Codes and names, folded, of all areas of the database that are no group."""
    frame = database().table("regions")
    frame = frame[frame["kind"].isin(("country", "other"))]
    groups = {"EU27", "EU_CONVENTION", "WLD", "BUNKERS", "OTHER", "STATISTICAL_DIFFERENCE"}
    frame = frame[~frame["region"].isin(groups)]
    out = {name.casefold(): code for code, name in zip(frame["region"], frame["name"], strict=True)}
    return out | {code.casefold(): code for code in frame["region"]}


def country(name: str) -> str:
    """Return the alpha-3 code of a country given by code or name, or `UNKNOWN` itself.

    Raises
    ------
    UnknownNameError
        No country; groups such as World are none.

    Examples
    --------
    >>> country("brazil"), country("Viet Nam")
    ('BRA', 'VNM')
    """
    areas = _areas()
    if not isinstance(name, str):
        raise UnknownNameError.of("country", str(name), sorted(set(areas.values())))
    text = name.strip()
    if text == UNKNOWN:
        return UNKNOWN
    if text.casefold() in areas:
        return areas[text.casefold()]
    code = country_code(text)
    if code.casefold() in areas:
        return code
    raise UnknownNameError.of("country", name, sorted(areas))


def with_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the 95 % interval of each row's capacity."""
    rsd = [
        parameter("capacity_by_destination", f"{technology}.{product}").rsd
        for technology, product in zip(table["technology"], table["product"], strict=True)
    ]
    made = bounded(table.assign(value=table["mw"], rsd=rsd))
    return table.assign(low=made["low"], high=made["high"])


def _solar(year: int, products: list[str]) -> Exports:
    import pandas as pd

    found = database().table("trade", source="ember-solar-exports", year=year)
    if found.empty:
        known = sorted(int(y) for y in set(database().table("trade")["year"]))
        raise NotAvailableError(
            f"no solar exports of China in {year}",
            where=f"exports, {known[0]} to {known[-1]}", do=_OWN,
        )  # fmt: skip
    # Areas only: the regions of Ember, which would count everything twice, are not in the store.
    found = found.assign(product=found["category_name"].map(_CATEGORY))
    there = set(found["product"])
    wide = found[found["product"].isin(products)].pivot(
        index=["region", "month", "product"], columns="unit", values="value"
    )
    table = pd.DataFrame(
        {
            "destination": wide.index.get_level_values(0),
            "month": pd.array(wide.index.get_level_values(1).tolist(), dtype="Int64"),
            "technology": "solar",
            "product": wide.index.get_level_values(2),
            "mw": wide["MW"].to_numpy(),
            "usd": wide["USD"].to_numpy(),
            "low": float("nan"),
            "high": float("nan"),
            "source": "ember-solar-exports",
            "estimated": True,
            "note": "capacity from value at one price a month",
        },
        columns=list(COLUMNS),
    )
    missing = tuple(
        f"{product} {year}: not a heading of their own in the customs statistics before 2022"
        for product in products
        if product not in there
    )
    cited = found.attrs["sources"]["ember-solar-exports"]
    source = Source("ember-solar-exports", cited["citation"], cited["licence"])
    notes = [
        Note(
            "Solar capacity is Ember's, from customs value at one price a month for all"
            " destinations: where the price differs from the mean, so does the capacity. It is"
            " rated in direct current, and the destination is the first one that customs know.",
            about="exports", estimated=True, sources=(source,),
        )
    ]  # fmt: skip
    if {"cells", "wafers"} & set(products) & there:
        notes.append(
            Note(
                "Cells and wafers become panels in the country that buys them, and part of these"
                " is exported again: placed where they were first sold, they give an upper bound.",
                about="exports", estimated=True,
            )
        )  # fmt: skip
    covers: dict[str, tuple[int, ...]] = {}
    gone = _months_without_data(year, {int(m) for m in found["month"]})
    if gone:
        covers["solar"] = tuple(m for m in range(1, 13) if m not in gone)
        missing = (*missing, f"solar: exports of {months_in_words(gone)} {year}")
        text = (
            f"Solar {year}: {months_in_words(covers['solar'])} only; the source has no"
            f" {months_in_words(gone)} yet. Nothing is scaled up to a year."
        )
        notes.append(Note(text, about="exports"))
    return Exports("CHN", year, with_interval(table), missing, tuple(notes), covers)


def _months_without_data(year: int, there: set[int]) -> list[int]:
    """Return the months that other years of the source have and this one has not."""
    rows = database().table("trade", source="ember-solar-exports")
    others = {int(m) for m in rows.loc[rows["year"] != year, "month"].dropna()}
    return sorted(others - there)


def _wind(year: int) -> Exports:
    import pandas as pd

    with (files("mriocarbon.avoided") / "tables" / "wind_exports.csv").open() as file:
        shares = pd.read_csv(file)
    shares = shares[shares["year"] == year]
    if shares.empty:
        raise NotAvailableError(
            f"no wind exports of China in {year}", where="exports, wind: 2024 only", do=_OWN
        )
    rest = 100 - shares["percent"].sum()
    percent = [*shares["percent"], rest]
    table = pd.DataFrame(
        {
            "destination": [*shares["destination"], UNKNOWN],
            "month": pd.array([None] * len(percent), dtype="Int64"),
            "technology": "wind",
            "product": "turbines",
            "mw": [WIND_MW * p / 100 for p in percent],
            "usd": float("nan"),
            "low": float("nan"),
            "high": float("nan"),
            "source": WIND.name,
            "estimated": [False] * len(shares) + [True],
            "note": ["share of the total"] * len(shares) + ["18 countries that are not named"],
        },
        columns=list(COLUMNS),
    )
    note = Note(
        f"Wind {year}: {WIND_TURBINES} turbines, {WIND_MW:,} MW; the months are not told, and of"
        f" {rest:.1f} % not the country ({listed(list(shares['destination']))} are).",
        about="exports", sources=(WIND,),
    )  # fmt: skip
    missing = ("wind: months of shipment", "wind: value in USD")
    return Exports("CHN", year, with_interval(table), missing, (note,))
