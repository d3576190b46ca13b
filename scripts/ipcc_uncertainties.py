"""Default uncertainties of IPCC categories: ``mriocarbon/uncertainty/ipcc_defaults.csv``.

``python -m scripts.ipcc_uncertainties --wheel FOLDER`` reads the tables of bonsai_ipcc 0.5.3 (MIT;
FOLDER is its unpacked wheel), turns the ranges they transcribe from the 2006 IPCC Guidelines and
the 2019 Refinement into relative ranges, adds what other public sources quote and what is only
recalled (`QUOTED`), and writes the csv. ``--check`` compares with the csv instead.

A cell of the csv is ``5-7`` (plus or minus 5 to 7 %: half a 95 % interval) or ``x0.5-2`` (95 %
range relative to the default). Several rows of a table (fuels, processes) give the narrowest and
the widest. The status says of factor and activity apart whether they are confirmed (in the source
named), transcribed (by bonsai_ipcc alone) or UNVERIFIED (recalled, no source at hand).

Not used of the wheel: rows marked dummy, rice, rows without a range (least = greatest), the CH4
share of landfill gas (+-50 % there, the guidelines' table 3.5 is not its source), the correction
for cement kiln dust (its range is 0.7 to 1.3 about 1.02, so it would remove emissions) and the wet
N2O factor of composting (0.24 there, 0.3 in the guidelines as reprinted).
"""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mriocarbon.errors import DataFileError
from mriocarbon.uncertainty.ipcc_defaults import half_interval
from scripts.from_wheel import write_or_check

COLUMNS = ("code", "category", "gas", "activity", "factor", "source", "status")
OUT = Path(__file__).resolve().parents[1] / "mriocarbon" / "uncertainty" / "ipcc_defaults.csv"
VERSION = "bonsai_ipcc-0.5.3.dist-info"
BONSAI = "bonsai_ipcc 0.5.3"
TEXT = "the text of the 2006 Guidelines reprinted at climate-policy-watcher.org/emission-factors/"
FIVE = f"activity: {TEXT}activity-data-uncertainties.html"
OWN = "activity: 2006 Guidelines as recalled"
NO_SOURCE = "UNVERIFIED"


@dataclass(frozen=True)
class Table:
    """A table of the wheel: its file, the rows used of it, and where it stands in the Guidelines.

    ``rows`` holds for some columns the values that are used; ``where`` is as the package cites it.
    """

    file: str
    where: str
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Derived:
    """A row of the csv whose factor comes from the wheel: a product of tables, or one table."""

    code: str
    category: str
    gas: str
    activity: str
    tables: tuple[Table, ...]
    activity_source: str = OWN
    activity_status: str = NO_SOURCE
    also: str = ""  # a second source with the same figure
    widen: str = ""  # a range of a second source that is wider; both ends are kept
    agrees: bool = True  # whether that second source bears out the transcribed figure


@dataclass(frozen=True)
class Quoted:
    """A row of the csv from another source than the wheel, or recalled."""

    code: str
    category: str
    gas: str
    activity: str
    factor: str
    source: str
    factor_status: str = NO_SOURCE
    activity_status: str = NO_SOURCE


def _fuels(*names: str) -> tuple[Table, ...]:
    where = "2006, volume 2, chapter 1, table 1.3"
    return (Table("generic/par_carbon_content_per_energy.csv", where, (("product", names),)),)


def _metal(name: str, where: str, *rows: tuple[str, tuple[str, ...]]) -> tuple[Table, ...]:
    return (Table(f"industry/metal/par_ef_{name}.csv", where, rows),)


COAL = ("other_bituminous_coal", "lignite")
STATIONARY = (*COAL, "natural_gas", "residual_fuel_oil", "gas_diesel_oil")
IRON = "2019, volume 3, chapter 4, tables 4.1, 4.2 and 4.4"
ALLOY = "2006, volume 3, chapter 4, tables 4.5, 4.7 and 4.9"
PFC = "2006, volume 3, chapter 4, table 4.15"
N_SOILS = "2019, volume 4, chapter 11, table 11.3"
INDIRECT = (
    Table("agriculture/livestock_manure/par_ef4.csv", N_SOILS),
    Table("agriculture/livestock_manure/par_ef5.csv", N_SOILS),
)
WATER = "2019, volume 5, chapter 6, tables"
TREATED = ("coll_treat_aerob_centralised_primary", "uncoll_septic-tanks")
INCINERATED = (("region", ("World",)), ("incin_type", ("inc_unspecified",)))
SOIL = (
    Table("agriculture/generic/par_soc_ref.csv",
          "2006, volume 4, chapter 2, table 2.3 (mineral soils: the change is in proportion to the"
          " reference stock)"),
)  # fmt: skip
LANDFILL = (
    Table("waste/swd/par_doc.csv", "2006, volume 5, chapter 3, table 3.5",
          (("waste_type", ("isw_paper",)),)),
    Table("waste/swd/par_doc_f.csv", "2006, volume 5, chapter 3, table 3.5",
          (("waste_type", ("msw",)),)),
    Table("waste/swd/par_mcf.csv", "2006, volume 5, chapter 3, table 3.5",
          (("swds_type", ("managed", "unmanaged_deep", "unmanaged_shallow")),)),
)  # fmt: skip


def _combustion(code: str, category: str, fuels: tuple[Table, ...], also: str = "") -> Derived:
    return Derived(code, category, "CO2", "5-5", fuels, FIVE, "confirmed", also)


AVIATION = f"{TEXT}uncertainty-assessment-mib.html"
DERIVED = (
    _combustion("1.A.1", "energy industries", _fuels(*STATIONARY)),
    _combustion("1.A.2", "manufacturing and construction", _fuels(*STATIONARY)),
    _combustion("1.A.3", "transport", _fuels("gas_diesel_oil", "natural_gas", "residual_fuel_oil")),
    _combustion("1.A.3.a", "domestic aviation", _fuels("jet_kerosene"), f"{AVIATION}: within 5 %"),
    _combustion("1.A.3.b", "road transport", _fuels("motor_gasoline", "gas_diesel_oil")),
    _combustion("1.A.4", "households, services, agriculture",
                _fuels(*COAL, "natural_gas", "gas_diesel_oil", "liquefied_petroleum_gases")),
    _combustion("1.A.5", "other combustion",
                _fuels("gas_diesel_oil", "natural_gas", "jet_kerosene")),
    Derived("2.A.1", "cement", "CO2", "1-5",
            (Table("industry/mineral/par_cao_in_clinker.csv",
                   "2006, volume 3, chapter 2, table 2.3"),)),
    Derived("2.B.8", "petrochemicals and carbon black", "CO2", "5-10",
            (Table("industry/chemical/par_ef_co2_i_k.csv",
                   "2006, volume 3, chapter 3, tables 3.14 and 3.27"),)),
    Derived("2.B.8", "petrochemicals and carbon black", "CH4", "5-10",
            (Table("industry/chemical/par_ef_ch4_i_k.csv",
                   "2006, volume 3, chapter 3, tables 3.15 and 3.27"),)),
    Derived("2.B.9", "fluorochemicals", "HFC-23", "1-1",
            (Table("industry/chemical/par_ef_hfc23.csv", "2019, volume 3, chapter 3"),),
            f"activity: {TEXT}uncertainty-assessment-fze.html", "confirmed"),
    Derived("2.C.1", "iron and steel", "CO2", "10-10",
            _metal("co2_pigiron", IRON),
            widen="25-25 as in the emission factor database of the IPCC, factor 214098",
            agrees=False),
    Derived("2.C.1", "iron and steel", "CH4", "10-10", _metal("ch4_pi", IRON)),
    Derived("2.C.2", "ferroalloys", "CO2", "5-10", _metal("co2_ferroalloy", ALLOY)),
    Derived("2.C.2", "ferroalloys", "CH4", "5-10", _metal("ch4_ferroalloy_tier1", ALLOY)),
    Derived("2.C.3", "aluminium", "CO2", "1-2",
            _metal("co2_alu", "2006, volume 3, chapter 4, table 4.10")),
    Derived("2.C.3", "aluminium", "CF4", "1-2", _metal("cf4_alu", PFC)),
    Derived("2.C.3", "aluminium", "C2F6", "1-2", _metal("c2f6_alu", PFC)),
    Derived("2.C.4", "magnesium", "CO2", "5-5",
            _metal("co2_magnesium", "2006, volume 3, chapter 4, table 4.19")),
    Derived("2.C.4", "magnesium", "SF6", "5-5",
            _metal("sf6_magnesium", "2006, volume 3, chapter 4, table 4.20")),
    Derived("2.C.5", "lead", "CO2", "10-10",
            _metal("co2_lead", "2006, volume 3, chapter 4, tables 4.21 and 4.23"),
            f"activity: {TEXT}activity-data-uncertainties-mew.html", "confirmed",
            widen=f"50-50 for the factor of no process in {TEXT}activity-data-uncertainties-mew"
            ".html, which has 20 % by process too"),
    Derived("2.C.6", "zinc", "CO2", "10-10",
            _metal("co2_zinc", "2006, volume 3, chapter 4, tables 4.24 and 4.25")),
    Derived("3.A.1", "enteric fermentation", "CH4", "10-20",
            (Table("agriculture/livestock_manure/par_ef.csv",
                   "2019, volume 4, chapter 10, table 10.11; range: 2006, page 10.33"),),
            widen="30-50 in agmrv.org/knowledge-portal/mrv-in-practice/assess-uncertainty"),
    Derived("3.A.2", "manure management", "CH4", "10-20",
            (Table("agriculture/livestock_manure/par_ef_ch4_v4c10.csv",
                   "2019, volume 4, chapter 10, table 10.14"),),
            also=f"{TEXT}uncertainty-assessment-niy.html: 30 %"),
    Derived("3.A.2", "manure management", "N2O", "10-20",
            (Table("agriculture/livestock_manure/par_ef3.csv",
                   "2019, volume 4, chapter 10, table 10.21"),)),
    Derived("3.B.2", "cropland", "CO2", "10-30",
            SOIL),
    Derived("3.B.3", "grassland", "CO2", "10-30",
            SOIL),
    Derived("3.C.4", "managed soils, direct", "N2O", "5-20",
            (Table("agriculture/soils/par_ef1.csv", "2019, volume 4, chapter 11, table 11.1",
                   (("cultivation_type", ("N_unspec",)), ("moisture_regime", ("undefined",)))),)),
    Derived("3.C.6", "manure management, indirect", "N2O", "10-20", INDIRECT),
    Derived("3.C.5", "managed soils, indirect", "N2O", "5-20", INDIRECT),
    Derived("4.A", "solid waste disposal", "CH4", "10-30", LANDFILL),
    Derived("4.B", "biological treatment", "CH4", "10-30",
            (Table("waste/biological/par_ef_ch4_biotreat.csv",
                   "2006, volume 5, chapter 4, table 4.1",
                   (("biotreat_type", ("compost",)), ("waste_moisture", ("dry",)))),),
            also=f"{TEXT}choice-of-emission-factors-ucf.html: 0.08 to 20"),
    Derived("4.B", "biological treatment", "N2O", "10-30",
            (Table("waste/biological/par_ef_n2o_biotreat.csv",
                   "2006, volume 5, chapter 4, table 4.1",
                   (("biotreat_type", ("compost",)), ("waste_moisture", ("dry",)))),),
            also=f"{TEXT}choice-of-emission-factors-ucf.html: 0.6 (0.2 to 1.6)"),
    Derived("4.C", "incineration and open burning", "CH4", "5-30",
            (Table("waste/incineration/par_ef_ch4.csv",
                   "2006, volume 2, chapter 2, table 2.2 for unspecified plants", INCINERATED),)),
    Derived("4.C", "incineration and open burning", "N2O", "5-30",
            (Table("waste/incineration/par_ef_n2o.csv", "2019, volume 5, chapter 5, table 5.4",
                   INCINERATED),)),
    Derived("4.D", "wastewater", "CH4", "5-30",
            (Table("waste/wastewater/par_b0_bod.csv", f"{WATER} 6.2 and 6.7"),
             Table("waste/wastewater/par_mcf_wwatertreat.csv", f"{WATER} 6.3 and 6.7",
                   (("activity", TREATED),)))),
    Derived("4.D", "wastewater", "N2O", "5-30",
            (Table("waste/wastewater/par_ef_n2o_wwaterdischarge.csv", f"{WATER} 6.8a"),)),
)  # fmt: skip
# Tables of these rows are alternatives (the narrowest and widest of all), not factors multiplied.
ALTERNATIVES = {("3.C.5", "N2O"), ("3.C.6", "N2O")}


def _recalled(
    code: str, category: str, gas: str, activity: str, factor: str, where: str
) -> Quoted:  # fmt: skip
    return Quoted(code, category, gas, activity, factor, f"2006 Guidelines, {where}, as recalled")


def _burnt(code: str, category: str, gas: str, factor: str, where: str) -> Quoted:
    source = f"factor: {where}, as recalled; {FIVE}"
    return Quoted(code, category, gas, "5-5", factor, source, activity_status="confirmed")


STATION = "2006 Guidelines, volume 2, chapter 2, table 2.12"
ROAD = "2006 Guidelines, volume 2, chapter 3, section 3.2.2"
SHIPS = "2006 Guidelines, volume 2, chapter 3, section 3.5"
MINES = "volume 2, chapter 4, section 4.1"
OIL = "volume 2, chapter 4, table 4.2.4 (industrialised countries)"
CHEMICALS = "volume 3, chapter 3"
HWP = "Estimating New Zealand's harvested wood products carbon stocks (2020), table 3, "
QUOTED = (
    *(
        _burnt(code, category, gas, factor, STATION)
        for code, category in (
            ("1.A.1", "energy industries"), ("1.A.2", "manufacturing and construction"),
            ("1.A.4", "households, services, agriculture"), ("1.A.5", "other combustion"),
        )
        for gas, factor in (("CH4", "50-150"), ("N2O", "x0.1-10"))
    ),
    *(
        Quoted("1.A.3.a", "domestic aviation", gas, "5-5", factor,
               f"factor: {AVIATION}; {FIVE}", "confirmed", "confirmed")
        for gas, factor in (("CH4", "x0.43-2"), ("N2O", "x0.3-2.5"))
    ),
    _burnt("1.A.3", "transport", "CH4", "x0.4-2.5", f"{ROAD}; assumed as for road transport"),
    _burnt("1.A.3", "transport", "N2O", "x0.4-2.5", f"{ROAD}; assumed as for road transport"),
    _burnt("1.A.3.b", "road transport", "CH4", "x0.4-2.5", ROAD),
    _burnt("1.A.3.b", "road transport", "N2O", "x0.4-2.5", ROAD),
    _burnt("1.A.3.d", "domestic navigation", "CH4", "50-50", SHIPS),
    _burnt("1.A.3.d", "domestic navigation", "N2O", "x0.6-2.4",
           SHIPS),
    _recalled("1.B.1", "solid fuels", "CH4", "1-5", "x0.333-3", MINES),
    _recalled("1.B.1", "solid fuels", "CO2", "1-5", "x0.333-3", f"{MINES}; assumed as for CH4"),
    _recalled("1.B.1.a.i", "underground coal mines", "CH4", "1-5", "x0.5-2", MINES),
    Quoted("1.B.1.a.i.3", "abandoned underground mines", "CH4", "0-0", "x0.333-3",
           f"{TEXT}uncertainty-assessment-tier-1.html (of the emissions as a whole)",
           "confirmed", "confirmed"),
    _recalled("1.B.1.a.ii", "surface coal mines", "CH4", "1-5", "x0.333-3", MINES),
    _recalled("1.B.2", "oil and natural gas", "CO2", "5-15", "75-100", OIL),
    _recalled("1.B.2", "oil and natural gas", "CH4", "5-15", "75-100", OIL),
    _recalled("1.B.2", "oil and natural gas", "N2O", "5-15", "x0.1-10", OIL),
    _recalled("2.A.2", "lime", "CO2", "1-5", "2-15", "volume 3, chapter 2, table 2.5"),
    _recalled("2.A.3", "glass", "CO2", "1-5", "10-60", "volume 3, chapter 2, section 2.4.2"),
    Quoted("2.A.4", "other uses of carbonates", "CO2", "1-5", "1-5",
           "factor: Russian methodological recommendations after the 2006 Guidelines, section 2.5.2"
           f" (consultant.ru, document 256422); {OWN}", "confirmed"),
    _recalled("2.B.1", "ammonia", "CO2", "2-5", "6-7", f"{CHEMICALS}, table 3.1"),
    _recalled("2.B.2", "nitric acid", "N2O", "2-5", "10-40", f"{CHEMICALS}, table 3.3"),
    _recalled("2.B.3", "adipic acid", "N2O", "2-5", "10-10", f"{CHEMICALS}, table 3.4"),
    _recalled("2.B.4", "caprolactam, glyoxal, glyoxylic acid", "N2O", "2-5", "10-40",
              f"{CHEMICALS}, tables 3.5 and 3.6"),
    _recalled("2.B.5", "carbide", "CO2", "5-5", "10-10", f"{CHEMICALS}, tables 3.7 and 3.8"),
    _recalled("2.B.5", "carbide", "CH4", "5-5", "10-10", f"{CHEMICALS}, table 3.7"),
    _recalled("2.B.6", "titanium dioxide", "CO2", "5-5", "10-15", f"{CHEMICALS}, table 3.9"),
    Quoted("2.B.7", "soda ash", "CO2", "5-5", "0-0",
           f"{TEXT}uncertainty-assessment-gnd.html (factor: negligible)", "confirmed",
           "confirmed"),
    _recalled("2.D.1", "lubricants", "CO2", "5-20", "50-50", "volume 3, chapter 5, section 5.2.3"),
    _recalled("2.D.2", "paraffin wax", "CO2", "5-20", "100-100",
              "volume 3, chapter 5, section 5.3.3"),
    _recalled("3.C.1", "biomass burning", "CH4", "20-50", "77-77",
              "volume 4, chapter 2, table 2.5 (savanna)"),
    _recalled("3.C.1", "biomass burning", "N2O", "20-50", "93-93",
              "volume 4, chapter 2, table 2.5 (savanna)"),
    _recalled("3.C.2", "liming", "CO2", "5-20", "50-50", "volume 4, chapter 11, section 11.3"),
    _recalled("3.C.3", "urea application", "CO2", "5-20", "50-50",
              "volume 4, chapter 11, section 11.4"),
    _recalled("3.C.7", "rice cultivation", "CH4", "5-10", "x0.615-1.692",
              "volume 4, chapter 5, table 5.11"),
    Quoted("3.D.1", "harvested wood products", "CO2", "15-15", "27-27",
           HWP + "doi:10.1186/s13021-020-00144-5, which quotes the 2006 Guidelines: production"
           " 15 %, weight 25 % and carbon 10 % together 27 %; discard rate left out",
           "confirmed", "confirmed"),
    _recalled("4.C", "incineration and open burning", "CO2", "5-30", "40-40",
              "volume 5, chapter 5, section 5.7"),
)  # fmt: skip


def ranges(wheel: Path, table: Table) -> list[tuple[float, float]]:
    """Return the relative ranges (low, high over default) of a table's rows, each once."""
    path = wheel / "bonsai_ipcc" / "data" / table.file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataFileError(
            f"a table of {BONSAI} cannot be read: {error}", where=str(path),
            do=f"give the folder of its unpacked wheel, with {VERSION} in it",
        ) from error  # fmt: skip
    wanted = dict(table.rows)
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        if "dummy" in row.values() or any("rice" in v for v in row.values()):
            continue
        if any(row[column] not in values for column, values in wanted.items()):
            continue
        key = tuple(v for c, v in row.items() if c not in ("property", "value"))
        if row["property"] in ("def", "min", "max"):
            found.setdefault(key, {})[row["property"]] = float(row["value"])
    out = []
    for cell in found.values():
        if cell.get("def", 0) > 0 and cell["max"] > cell["min"]:
            low, high = cell["min"] / cell["def"], cell["max"] / cell["def"]
            if low <= 1 <= high:
                out.append((round(low, 6), round(high, 6)))
    if not out:
        raise DataFileError(
            "no range is left of a table", where=table.file, do="check the filter of the row"
        )
    return sorted(set(out))


def factor(wheel: Path, row: Derived) -> str:
    """Return the cell of the factor's uncertainty."""
    each = [ranges(wheel, table) for table in row.tables]
    if (row.code, row.gas) in ALTERNATIVES:
        each = [sorted({pair for found in each for pair in found})]
    if len(each) == 1 and len(each[0]) == 1 and not row.widen:
        low, high = each[0][0]
        if low > 0 and half_interval(low, high) != 50 * (high - low):
            return f"x{low:.4g}-{high:.4g}"
    halves = [[half_interval(*pair) for pair in found] for found in each]
    ends = [math.hypot(*(pick(found) for found in halves)) for pick in (min, max)]
    if row.widen:
        other = [float(v) for v in row.widen.split(" ")[0].split("-")]
        ends = [min(ends[0], other[0]), max(ends[1], other[1])]
    return "-".join(f"{value:.3g}" for value in ends)


def rows(wheel: Path) -> Iterator[dict[str, str]]:
    """Return the rows of the csv, sorted by code and gas."""
    if not (wheel / VERSION).is_dir():
        raise DataFileError(
            f"this is not the unpacked wheel of {BONSAI}", where=str(wheel),
            do=f"unpack it so that {VERSION} lies in the folder",
        )  # fmt: skip
    out = []
    for d in DERIVED:
        tables = "; ".join(dict.fromkeys(t.where for t in d.tables))
        sources = [f"factor: {BONSAI}, {tables}", d.also, d.widen, d.activity_source]
        state = "confirmed" if d.agrees and (d.also or d.widen) else f"transcribed by {BONSAI}"
        out.append((d.code, d.category, d.gas, d.activity, factor(wheel, d),
                    "; ".join(s for s in sources if s),
                    f"factor: {state}; activity: {d.activity_status}"))  # fmt: skip
    for q in QUOTED:
        out.append((q.code, q.category, q.gas, q.activity, q.factor, q.source,
                    f"factor: {q.factor_status}; activity: {q.activity_status}"))  # fmt: skip
    seen = [(r[0], r[2]) for r in out]
    twice = sorted({key for key in seen if seen.count(key) > 1})
    if twice:
        raise DataFileError(f"two rows for {twice}", where="DERIVED and QUOTED", do="keep one")
    for row in sorted(out, key=lambda r: (r[0], r[2])):
        yield dict(zip(COLUMNS, row, strict=True))


def text(wheel: Path) -> str:
    """Return the whole csv."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(wheel))
    return file.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the csv, or compare with it."""
    return write_or_check(text, OUT, name="ipcc_uncertainties", doc=__doc__, arguments=arguments)


if __name__ == "__main__":
    sys.exit(main())
