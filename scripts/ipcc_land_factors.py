"""Default factors of IPCC land accounts: ``mriocarbon/natural/ipcc/factors.csv``.

``python -m scripts.ipcc_land_factors --wheel FOLDER`` reads the soil tables of bonsai_ipcc 0.5.3
(MIT; FOLDER is its unpacked wheel), sets right what is wrong in them (`CORRECTED`), adds the rows
typed in (`ipcc_land_tables`, `ipcc_biomass_tables`, `ipcc_forest_tables`) and writes the csv.
``--check`` compares.

Of volume 4 the wheel holds soil carbon (reference stocks of 2006, stock change factors of 2019),
nitrogen and livestock, and nothing on biomass, dead organic matter or fire. Not used of it: rows
marked dummy, rice, "warm temperate wet" (no climate zone of the guidelines; two of its rows mix a
default of 2006 with a range of 2019), rows without a value, and rows whose value is 1 by
definition, which are written from `ipcc_land_tables`.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from mriocarbon.errors import DataFileError
from scripts import ipcc_biomass_tables as biomass
from scripts import ipcc_forest_tables as forest
from scripts import ipcc_land_tables as land
from scripts.from_wheel import write_or_check
from scripts.ipcc_land_tables import ANY, HESTIA, Row

COLUMNS = tuple(field.name for field in fields(Row))
OUT = Path(__file__).resolve().parents[1] / "mriocarbon" / "natural" / "ipcc" / "factors.csv"
VERSION = "bonsai_ipcc-0.5.3.dist-info"
BONSAI = "bonsai_ipcc 0.5.3"

# (factor, climate, land, option): value, error in %, what the wheel has, what it should have been.
Key = tuple[str, str, str, str]
CORRECTED: dict[Key, tuple[float, float, str]] = {
    ("F_I", "boreal dry", land.ANNUAL, "low"): (
        0.95, 13, "the wheel has 0.92, which is the moist factor; dry is 0.95 in every other row"),
    ("F_MG", "boreal dry", land.ANNUAL, "no tillage"): (
        1.03, 4, "the wheel has an error of 25 %; table 5.5 has one row for cool temperate and"
        " boreal dry, 4 %"),
}  # fmt: skip
# Two transcriptions disagree; the wheel's is kept, as recalled.
DISPUTED: dict[tuple[str, str], str] = {
    ("F_LU", land.PERENNIAL): f"tropics: {HESTIA} has 1.1, {BONSAI} 1.01",
}

_ZONES: dict[str, tuple[str, ...]] = {
    "boreal": ("boreal",), "temperate": ("cool temperate", "warm temperate"),
    "temperate-cool": ("cool temperate",), "temperate-warm": ("warm temperate",),
    "boreal_temperate": ("boreal", "cool temperate", "warm temperate"), "tropical": ("tropical",),
}  # fmt: skip
_LAND = {"CL-ANNUAL": land.ANNUAL, "CL-ORCH": land.PERENNIAL, "CL-ASIDE": land.ASIDE}
_MANAGED = {
    "reduced-till": (land.ANNUAL, "reduced tillage"), "no-till": (land.ANNUAL, "no tillage"),
    "high-degraded_grasland": (land.GRASS, "severely degraded"),
    "improved_grasland": (land.GRASS, "improved"),
}  # fmt: skip
_INPUTS = {
    "low": (land.ANNUAL, "low"), "high_no_manure": (land.ANNUAL, "high without manure"),
    "high_with_manure": (land.ANNUAL, "high with manure"), "high_improved_gl": (land.GRASS, "high"),
}  # fmt: skip


def wheel_rows(wheel: Path, file: str) -> Iterator[tuple[dict[str, str], dict[str, float]]]:
    """Return of each row of a table of the wheel its labels, and its def, min and max.

    Rows marked dummy, rows of rice and rows without a default are left out.
    """
    if not (wheel / VERSION).is_dir():
        raise DataFileError(
            f"this is not the unpacked wheel of {BONSAI}", where=str(wheel),
            do=f"unpack it so that {VERSION} lies in the folder",
        )  # fmt: skip
    path = wheel / "bonsai_ipcc" / "data" / file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataFileError(
            f"a table of {BONSAI} cannot be read: {error}", where=str(path),
            do="unpack the wheel again",
        ) from error  # fmt: skip
    found: dict[tuple[str, ...], tuple[dict[str, str], dict[str, float]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        words = " ".join(row.values()).lower()
        if "dummy" in words or "rice" in words or not row["value"]:
            continue
        labels = {c: v for c, v in row.items() if c not in ("property", "value")}
        cell = found.setdefault(tuple(labels.values()), (labels, {}))[1]
        if row["property"] in ("def", "min", "max"):
            cell[row["property"]] = float(row["value"])
    for labels, cell in found.values():
        if "def" in cell:
            yield labels, cell


def zones(climate: str, moisture: str) -> tuple[str, ...]:
    """Return the climate zones of the guidelines that a row of the wheel stands for."""
    if climate == "tropical-montane":
        # by moisture only where the package repeats one value for all three
        return ("tropical montane",) if moisture in ("undefined", "moist") else ()
    out = []
    for zone in _ZONES[climate]:
        moistures = ("dry", "moist") if moisture == "undefined" else (moisture,)
        out += [name for m in moistures if (name := f"{zone} {m}") in land.ZONES]
    return tuple(out)


def _soil_rows(wheel: Path) -> Iterator[Row]:
    for labels, cell in wheel_rows(wheel, "agriculture/generic/par_soc_ref.csv"):
        for zone in zones(labels["climate_zone"], labels["moisture_regime"]):
            yield Row("SOC_REF", 2006, zone, ANY, labels["soil_type"], cell["def"], cell["min"],
                      cell["max"], "t C/ha", land.TWO_SD,
                      "2006 Guidelines, volume 4, chapter 2, table 2.3",
                      f"transcribed by {BONSAI}", "0 to 30 cm")  # fmt: skip
    tables: tuple[tuple[str, str, str, Mapping[str, str | tuple[str, str]]], ...] = (
        ("F_LU", "par_f_lu.csv", "landuse_type", _LAND),
        ("F_MG", "par_f_mg.csv", "management_practice", _MANAGED),
        ("F_I", "par_f_i.csv", "amendment_level", _INPUTS),
    )
    for factor, file, column, names in tables:
        # The package writes a row for "temperate" and one for each of its halves: first one kept.
        seen: set[Key] = set()
        for labels, cell in wheel_rows(wheel, f"agriculture/generic/{file}"):
            if labels[column] not in names:
                continue
            name = names[labels[column]]
            use, option = (name, ANY) if isinstance(name, str) else name
            for zone in zones(labels["climate_zone"], labels["moisture_regime"]):
                key = (factor, zone, use, option)
                if key not in seen:
                    seen.add(key)
                    yield _stock_change(key, cell)


def _stock_change(key: Key, cell: dict[str, float]) -> Row:
    factor, zone, use, option = key
    where = land.T62 if use == land.GRASS else land.T55
    status = f"transcribed by {BONSAI} and {HESTIA}"
    row = Row(factor, 2019, zone, use, option, cell["def"], cell["min"], cell["max"], "1",
              land.TWO_SD, f"2019 Refinement, {where}", status)  # fmt: skip
    if key in CORRECTED:
        value, error, why = CORRECTED[key]
        fixed = Row(**{**vars(row), "value": value, "status": f"corrected: transcribed by {HESTIA}",
                       "note": why})  # fmt: skip
        return land.percent(fixed, error)
    if (factor, use) in DISPUTED and zone.startswith("tropical"):
        return Row(**{**vars(row), "status": f"disputed: transcribed by {BONSAI}",
                      "note": DISPUTED[factor, use]})  # fmt: skip
    return row


TYPED: tuple[Callable[[], Iterator[Row]], ...] = (
    land.soil_references, land.stock_change_factors, land.organic_soils,
    biomass.forests, biomass.other_pools, biomass.fires,
    forest.natural_forests, forest.dead_organic_matter,
)  # fmt: skip


def rows(wheel: Path) -> list[Row]:
    """Return the rows of the csv, sorted; refuse two with the same labels and a value outside."""
    out = [*_soil_rows(wheel), *(row for typed in TYPED for row in typed())]
    seen: set[tuple[object, ...]] = set()
    for row in out:
        key = (row.factor, row.edition, row.climate, row.land, row.option)
        if key in seen:
            raise DataFileError(f"two rows for {key}", where="the tables", do="keep one")
        seen.add(key)
        if None not in (row.value, row.low) and not row.low <= row.value <= row.high:  # type: ignore[operator]
            raise DataFileError(f"the default lies outside its range: {row}", where="the tables",
                                do="correct the row")  # fmt: skip
    return sorted(out, key=lambda r: (r.factor, r.edition, r.land, r.option, r.climate))


def text(made: Sequence[Row]) -> str:
    """Return rows as csv; an empty cell is "not given"."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in made:
        cells = [getattr(row, column) for column in COLUMNS]
        writer.writerow(
            ["" if c is None else f"{c:.7g}" if isinstance(c, float) else c for c in cells]
        )
    return file.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the csv, or compare with it."""
    return write_or_check(
        lambda wheel: text(rows(wheel)),
        OUT,
        name="ipcc_land_factors",
        doc=__doc__,
        arguments=arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
