"""Imports of CBAM goods: what is at hand, and a user's own file.

At hand are totals of 2024 for ten countries and ten CN lines (:func:`trade_2024`), from a
secondary compilation of Eurostat's figures; so every figure weighted with them says which share
of a country's trade it covers (:func:`covered_share`). A user's file is read by
:func:`read_trade`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mriocarbon import embedded
from mriocarbon.cbam import trade_files
from mriocarbon.cbam.amounts import ZERO, Amount, amount, check_tonnes
from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.origins import Origin
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    import os

__all__ = [
    "Covered",
    "TradeData",
    "TradeLine",
    "TradeTotal",
    "covered_share",
    "read_trade",
    "trade_2024",
]

YEAR_AT_HAND = 2024


@dataclass(frozen=True, slots=True)
class TradeLine:
    """Imports of one good from one country in one year.

    Attributes
    ----------
    origin : str
        ISO3 (any name or code is accepted and turned into it).
    cn : str
        CN code, 4, 6 or 8 digits.
    tonnes : Decimal
        Net mass.
    value_eur : Decimal or None
        Customs value; None if unknown.
    year : int
    source : str

    Raises
    ------
    InputError
        Malformed code, negative or missing amounts.
    UnknownNameError
        Unknown CN code or country.
    """

    origin: str
    cn: str
    tonnes: Decimal
    value_eur: Decimal | None
    year: int
    source: str

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "origin", find_origin(self.origin).iso3)
        put(self, "cn", cn_digits(self.cn))
        trade_files.weighed(self.cn)  # a code outside the CBAM is refused here, not lost later
        where = f"{self.origin} {self.cn}"
        put(self, "tonnes", check_tonnes(self.tonnes, where=where))
        if self.value_eur is not None:
            put(self, "value_eur", amount(self.value_eur, "value in EUR", where=where))


@dataclass(frozen=True, slots=True)
class TradeTotal:
    """All of a country's CBAM goods that the EU imported in a year.

    Attributes
    ----------
    origin : str
        ISO3.
    year : int
    tonnes, value_eur : Decimal
    embedded : Decimal or None
        t CO2e at the default values of 2026, mark-up included, as the source has it.
    gross_eur : Decimal or None
        `embedded` x 75.36 EUR, as the source has it.
    gross_by_sector : mapping of str to Decimal
        The same by sector, as the source has it (hydrogen has no column).
    source, note : str
    """

    origin: str
    year: int
    tonnes: Decimal
    value_eur: Decimal
    embedded: Decimal | None
    gross_eur: Decimal | None
    gross_by_sector: Mapping[str, Decimal]
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TradeData:
    """Trade lines, totals where known, and what a reader must know about them."""

    lines: tuple[TradeLine, ...]
    totals: tuple[TradeTotal, ...]
    source: str
    notes: tuple[str, ...] = ()

    __repr__ = brief

    def of(self, origin: str | Origin) -> tuple[TradeLine, ...]:
        """Lines of one origin."""
        iso3 = find_origin(origin).iso3
        return tuple(line for line in self.lines if line.origin == iso3)

    def total(self, origin: str | Origin) -> TradeTotal | None:
        """Total of one origin; None if it is not known."""
        iso3 = find_origin(origin).iso3
        return next((t for t in self.totals if t.origin == iso3), None)


@dataclass(frozen=True, slots=True)
class Covered:
    """Which share of an origin's trade in CBAM goods some lines make up.

    `mass` and `value` are shares in [0, 1]; None where the total, or a line's value, is unknown.
    """

    origin: str
    lines: int
    tonnes: Decimal
    value_eur: Decimal | None
    mass: float | None
    value: float | None
    note: str


@lru_cache(maxsize=1)
def trade_2024() -> TradeData:
    """Return the EU's imports of 2024 at hand: ten country totals and ten CN lines.

    Returns
    -------
    TradeData
        China: 8.10 Mt, 15.74 bn EUR, 36.57 Mt CO2e at the defaults of 2026 with mark-up, and
        2.756 bn EUR gross at 75.36 EUR per certificate.

    Notes
    -----
    Secondary source, so stated in every record. It multiplies base values of more decimals by
    the mark-up without the annex's rounding (7308: 6.035 x 1.1 = 6.6385, the annex has 6.639).
    Recomputed from the annex, eight of the ten lines agree within 0.01 %, two within 0.0142 %,
    all to the annex's third decimal, and their sum within 0.0003 %. Where the sectors do not add
    up to the total (United Kingdom), the total's note says by how much.

    Examples
    --------
    >>> data = trade_2024()
    >>> china = data.total("China")
    >>> china.tonnes, china.value_eur, len(data.lines)
    (Decimal('8095975.83'), Decimal('15736927377'), 10)
    """
    lines = tuple(
        TradeLine(
            row["origin"],
            row["cn"],
            Decimal(row["tonnes"]),
            Decimal(row["value_eur"]),
            YEAR_AT_HAND,
            row["source"],
        )
        for row in embedded.rows("cbam", "tables", "eu_imports_2024_lines.csv")
    )
    totals = tuple(
        _total(row) for row in embedded.rows("cbam", "tables", "eu_imports_2024_totals.csv")
    )
    return TradeData(
        lines,
        totals,
        totals[0].source,
        (
            "secondary source: a compilation of Eurostat figures, not checked against Eurostat",
            f"at hand are totals of {len(totals)} countries and {len(lines)} CN lines only",
        ),
    )


def _total(row: Mapping[str, str]) -> TradeTotal:
    sectors = {
        "iron_steel": Decimal(row["steel_eur"]),
        "aluminium": Decimal(row["aluminium_eur"]),
        "fertilisers": Decimal(row["fertilisers_eur"]),
        "cement": Decimal(row["cement_eur"]),
    }
    gross = Decimal(row["gross_eur_at_75_36"])
    rest = gross - sum(sectors.values(), ZERO)
    note = ""
    if abs(rest) > 1:
        note = f"the sectors add up to {-rest:+,.2f} EUR against the total, as in the source"
    return TradeTotal(
        row["origin"],
        YEAR_AT_HAND,
        Decimal(row["tonnes"]),
        Decimal(row["value_eur"]),
        Decimal(row["embedded_tco2e_2026"]),
        gross,
        MappingProxyType(sectors),
        row["source"],
        note,
    )


def covered_share(
    lines: Sequence[TradeLine], origin: str | Origin, *, totals: Sequence[TradeTotal] | None = None
) -> Covered:
    """Return which share of an origin's imports in CBAM goods some lines cover.

    Parameters
    ----------
    lines : sequence of TradeLine
        Those of other origins are left aside.
    origin : str
    totals : sequence of TradeTotal, optional
        Country totals; by default those of :func:`trade_2024`.

    Returns
    -------
    Covered
        Shares are None, with the reason, where the origin's total is unknown; they may exceed
        one only if lines and total are of different years or sources, and the note says so.

    Examples
    --------
    >>> found = covered_share(trade_2024().lines, "CHN")
    >>> found.lines, round(found.mass, 3), round(found.value, 3)
    (2, 0.242, 0.18)
    """
    iso3 = find_origin(origin).iso3
    own = [line for line in lines if line.origin == iso3]
    tonnes = sum((line.tonnes for line in own), ZERO)
    values = [line.value_eur for line in own]
    value = None if None in values else sum((v for v in values if v is not None), ZERO)
    known = trade_2024().totals if totals is None else totals
    total = next((t for t in known if t.origin == iso3), None)
    if total is None:
        note = f"no total of the imports from {iso3} is at hand: the covered share is unknown"
        return Covered(iso3, len(own), tonnes, value, None, None, note)
    mass = float(tonnes / total.tonnes)
    share = None if value is None else float(value / total.value_eur)
    years = sorted({line.year for line in own} - {total.year})
    notes = []
    if years:
        notes.append(f"lines of {', '.join(map(str, years))} against a total of {total.year}")
    if mass > 1 or (share or 0.0) > 1:
        notes.append("more than the whole: lines and total do not belong together")
    if value is None:
        notes.append("a line has no value")
    return Covered(iso3, len(own), tonnes, value, mass, share, "; ".join(notes))


def read_trade(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    year: int | None = None,
    mass_unit: str = "t",
    eur_per_usd: Amount | None = None,
    country_codes: str | os.PathLike[str] | None = None,
    check_units: bool = True,
) -> TradeData:
    """Read imports of CBAM goods from a file.

    Parameters
    ----------
    path : path
        Text, UTF-8, separated by comma, semicolon or tab; ``.gz`` is unpacked on the way.
    format : {"plain", "comext", "baci"}, optional
        Recognised from the header if None.
    year : int, optional
        Keep this year only. Needed where a file has none; a file of several years is refused
        without it.
    mass_unit : {"t", "kg"}
        Unit of the mass of a plain file. The other layouts fix theirs.
    eur_per_usd : number, optional
        Exchange rate for BACI, whose values are in dollars; without it they are left out.
    country_codes : path, optional
        BACI's own ``country_codes_V*.csv`` (columns ``country_code``, ``country_iso3``); without
        it the ISO 3166-1 numeric codes and BACI's known departures from them are used.
    check_units : bool
        Whether implausible EUR per tonne are an error.

    Returns
    -------
    TradeData
        One line per origin, code and year, in the order of the file. Without totals; what was
        left out, and why, is in `notes`.

    Raises
    ------
    InputError
        Missing columns, an empty file, malformed codes, negative masses, text in numbers
        ("1.234,5"), the same good twice at two levels: row (as an editor counts, the header is
        1) and column are named.
    UnitError
        Kilograms called tonnes or the reverse, told by EUR per tonne (bounds by sector in
        ``amounts.UNIT_VALUES``): per row in a plain file, per sector over the whole file in the
        others, where single odd consignments are real.
    DataFileError
        The file is not there.

    Notes
    -----
    *plain*: ``origin, cn, tonnes`` (or ``kg``), optional ``value_eur`` and ``year``.

    *comext*: Eurostat's bulk files of trade in goods (full data by CN8), in the layout in use
    (``REPORTER, PARTNER, TRADE_TYPE, PRODUCT_NC, FLOW, PERIOD, VALUE_EUR, QUANTITY_KG``) or
    the former one (``DECLARANT_ISO, PARTNER_ISO, ..., VALUE_IN_EUROS, QUANTITY_IN_KG``); other
    columns are ignored. Kept are flow 1 (imports), partners outside the EU, and codes of CBAM
    goods; months are added up, a year's own record (period 52) is refused beside its months.
    The confidential codes with letters are left out and counted.

    *baci*: ``t, i, j, k, v, q`` = year, exporter, importer, HS6, thousand dollars, metric tons.
    Kept are importers in the EU, exporters outside it, and codes of CBAM goods. An HS6 code
    counts whole, even if only part of it is in the CBAM (said in the notes).

    References
    ----------
    Eurostat, *User guide on European statistics on international trade in goods*, and the
    headers of the bulk files themselves (``full_v2_YYYYMM``: VALUE_EUR, QUANTITY_KG; before
    them ``fullYYYYMM``: VALUE_IN_EUROS, QUANTITY_IN_KG; the on-line data set DS-045409 counts
    in 100 kg instead and is refused); Gaulier, G. and Zignago, S. (2010), *BACI: International
    Trade Database at the Product-Level*, CEPII Working Paper 2010-23.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "mine.csv"
    >>> _ = file.write_text("origin,cn,tonnes,value_eur,year\\nChina,7308,1000,2000000,2024\\n")
    >>> read_trade(file).lines[0].origin
    'CHN'
    >>> folder.cleanup()
    """
    if mass_unit not in ("t", "kg"):
        raise InputError(f"unknown mass unit {mass_unit!r}", where="mass_unit", do="'t' or 'kg'")
    rows = trade_files.open_rows(Path(path))
    kind = format or trade_files.recognise(rows)
    if kind == "plain":
        found, notes = trade_files.plain(rows, mass_unit=mass_unit, year=year, check=check_units)
    elif kind == "comext":
        found, notes = trade_files.comext(rows, year=year, check=check_units)
    elif kind == "baci":
        found, notes = trade_files.baci(
            rows,
            year=year,
            check=check_units,
            eur_per_usd=None if eur_per_usd is None else amount(eur_per_usd, "eur_per_usd"),
            codes=None if country_codes is None else Path(country_codes),
        )
    else:
        raise InputError(
            f"unknown format {format!r}", where="format", do="use 'plain', 'comext' or 'baci'"
        )
    source = f"{kind} file {Path(path).name}"
    lines = tuple(
        TradeLine(key[0], key[1], flow.tonnes, flow.value_eur, key[2], source)
        for key, flow in found.items()
    )
    return TradeData(lines, (), source, tuple(notes))
