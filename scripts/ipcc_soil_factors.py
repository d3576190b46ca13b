"""Default factors of soils and water: ``mriocarbon/natural/ipcc/soil_factors.csv``.

``python -m scripts.ipcc_soil_factors`` writes the csv, ``--check`` compares with it instead. The
columns are those of `ipcc_land_factors`; both files are read by ``natural/ipcc/factors.py``.

The figures are those of the 2006 Guidelines and the 2019 Refinement (volume 4) and of the 2013
Wetlands Supplement, typed in with their table. The texts themselves could not be opened. A row
whose status begins with ``transcribed by`` has two independent public transcriptions that agree;
``UNVERIFIED`` rows have one, or are recalled, or only their range is. The transcriptions:
bonsai_ipcc 0.5.3 (MIT), hestia_earth.models 0.74.17, and public code and notes that quote their
table, named in `SOURCES`.

Set right against bonsai_ipcc: flooded rice has 0.003 for continuous flooding (the wheel shifts the
rows of the table by one); drained boreal grassland 9.5 kg N2O-N (9.4 there), deep-drained grassland
from 4.9 (4.5 there); oil and sago palm have no range in the table (+-50 % there); the upper ends of
the N contents of residues there equal the lower ones. Equation 5.3 is (1 + sum ROA CFOA)^0.59; a
transcription as 1 + sum (ROA CFOA)^0.59 was met and is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.ipcc_land_factors import text
from scripts.ipcc_land_tables import ANY, CI, HESTIA, NONE, STUDIES, Row

OUT = Path(__file__).resolve().parents[1] / "mriocarbon" / "natural" / "ipcc" / "soil_factors.csv"
BONSAI = "bonsai_ipcc 0.5.3"
SOURCES = {
    "drainage": "drainage_emission_factors.py of a global model of organic soils",
    "gains": "ipcc-carbon-gains (S. Murphy)",
    "peat": "peat-climate-ipcc2013-v1, a land use tool for Brandenburg",
    "rice audit": "an audit of Verra's VM0051",
    "rice engine": "CARBON_METHOD 0.2, a calculator of Vietnamese rice fields",
    "rice world": "a global calculation of rice after FAOSTAT",
    "livestock audit": "an audit of a livestock inventory tool",
    "fertiliser": "a global calculation of fertiliser after FAOSTAT",
    "farm": "the parameters of a farm calculator (IPCC 2019)",
    "review": "a check of reported factors of the EU",
    "reprint": "table 11.1 in the documentation of a global food model",
    "reservoirs": "a calculator of reservoirs after tier 1",
}


def two(first: str, second: str) -> str:
    """Return the status of a row that two transcriptions agree on."""
    return f"transcribed by {SOURCES.get(first, first)} and {SOURCES.get(second, second)}"


def one(source: str, also: str = "") -> str:
    """Return the status of a row with a single transcription."""
    return f"UNVERIFIED: transcribed by {SOURCES.get(source, source)} alone{also}"


RECALLED = "UNVERIFIED: recalled, the table was not opened"
Cell = tuple[float, float | None, float | None]
V11 = "volume 4, chapter 11, table"
N_PER_N = "kg N2O-N/kg N"


def rows() -> list[Row]:
    """Return every row of the csv, sorted as `ipcc_land_factors` sorts."""
    made = [
        *_nitrogen(), *_residues(), *_carbonates(), *_rice(), *_drained(), *_rewetted(),
        *_extraction(), *_flooded(),
    ]  # fmt: skip
    keys = [(r.factor, r.edition, r.climate, r.land, r.option) for r in made]
    if len(set(keys)) < len(keys):
        raise ValueError("two rows with the same labels")
    return sorted(made, key=lambda r: (r.factor, r.edition, r.land, r.option, r.climate))


def _row(factor: str, cell: Cell, unit: str, source: str, status: str, *, edition: int,
         climate: str = ANY, land: str = ANY, option: str = ANY, range: str = CI,
         note: str = "") -> Row:  # fmt: skip
    value, low, high = cell
    return Row(factor, edition, climate, land, option, value, low, high, unit,
               NONE if low is None else range, source, status, note)  # fmt: skip


def _nitrogen() -> Iterator[Row]:
    """Tables 11.1 and 11.3 of the Refinement and of the Guidelines."""
    new, old = f"2019 Refinement, {V11} 11.1 (updated)", f"2006 Guidelines, {V11} 11.1"
    new3, old3 = f"2019 Refinement, {V11} 11.3 (updated)", f"2006 Guidelines, {V11} 11.3"
    both = two(BONSAI, HESTIA)
    yield _row("EF1", (0.010, 0.002, 0.018), N_PER_N, new, two(BONSAI, "reprint"), edition=2019,
               note=f"lower end 0.001 in {HESTIA}")  # fmt: skip
    for option, climate, cell in (
        ("synthetic", "wet", (0.016, 0.013, 0.019)),
        ("other", "wet", (0.006, 0.001, 0.011)),
        (ANY, "dry", (0.005, 0.000, 0.011)),
    ):
        yield _row("EF1", cell, N_PER_N, new, both, edition=2019, climate=climate, option=option)
    yield _row("EF1", (0.01, 0.003, 0.03), N_PER_N, old, RECALLED, edition=2006)
    for option, cell, status in (
        (ANY, (0.004, 0.000, 0.029), two(HESTIA, "reprint")),
        ("continuous flooding", (0.003, 0.000, 0.010), two("rice audit", "reprint")),
        ("drainage", (0.005, 0.000, 0.016), two("rice audit", "reprint")),
    ):
        yield _row("EF1FR", cell, N_PER_N, new, status, edition=2019, option=option)
    yield _row("EF1FR", (0.003, 0.000, 0.006), N_PER_N, old, RECALLED, edition=2006)
    cattle, sheep = "cattle, poultry and pigs", "sheep and other animals"
    for climate, cell, status in (
        (ANY, (0.004, 0.000, 0.014), two("livestock audit", "reprint")),
        ("wet", (0.006, 0.000, 0.027), two("livestock audit", "reprint")),
        ("dry", (0.002, 0.000, 0.007), two("livestock audit", "reprint")),
    ):
        yield _row("EF3PRP", cell, N_PER_N, new, status, edition=2019, climate=climate,
                   option=cattle)  # fmt: skip
    yield _row("EF3PRP", (0.003, 0.000, 0.010), N_PER_N, new, two("farm", "reprint"),
               edition=2019, option=sheep)  # fmt: skip
    yield _row("EF3PRP", (0.02, 0.007, 0.06), N_PER_N, old, one("review"), edition=2006,
               option=cattle)  # fmt: skip
    yield _row("EF3PRP", (0.01, 0.003, 0.03), N_PER_N, old, one("review"), edition=2006,
               option=sheep)  # fmt: skip
    lost = "kg N2O-N/kg N volatilised"
    for climate, cell, status in (
        (ANY, (0.010, 0.002, 0.018), one("livestock audit")),
        ("wet", (0.014, 0.011, 0.017), both),
        ("dry", (0.005, 0.000, 0.011), both),
    ):
        yield _row("EF4", cell, lost, new3, status, edition=2019, climate=climate)
    yield _row("EF4", (0.010, 0.002, 0.05), lost, old3, one("livestock audit"), edition=2006)
    leached = "kg N2O-N/kg N leached"
    yield _row("EF5", (0.011, 0.000, 0.020), leached, new3, both, edition=2019)
    yield _row("EF5", (0.0075, 0.0005, 0.025), leached, old3, one("livestock audit"), edition=2006)
    gas = "kg N volatilised/kg N"
    yield _row("FracGASF", (0.11, 0.02, 0.33), gas, new3, two(HESTIA, "farm"), edition=2019)
    for option, cell in (
        ("urea", (0.15, 0.03, 0.43)),
        ("ammonium-based", (0.08, 0.02, 0.30)),
        ("nitrate-based", (0.01, 0.00, 0.02)),
        ("ammonium-nitrate-based", (0.05, 0.00, 0.20)),
    ):
        yield _row("FracGASF", cell, gas, new3,
                   "UNVERIFIED: range recalled; value " + two("farm", "fertiliser"),
                   edition=2019, option=option)  # fmt: skip
    yield _row("FracGASF", (0.10, 0.03, 0.3), gas, old3, RECALLED, edition=2006)
    yield _row("FracGASM", (0.21, 0.00, 0.31), gas, new3, two(HESTIA, "livestock audit"),
               edition=2019)  # fmt: skip
    yield _row("FracGASM", (0.20, 0.05, 0.5), gas, old3, one("livestock audit"), edition=2006)
    for edition, source, cell, status in (
        (2019, new3, (0.24, 0.01, 0.73), two(HESTIA, "livestock audit")),
        (2006, old3, (0.30, 0.1, 0.8), one("livestock audit")),
    ):
        yield _row("FracLEACH", cell, "kg N leached/kg N", source, status, edition=edition,
                   climate="wet")  # fmt: skip
        yield _row("FracLEACH", (0.0, 0.0, 0.0), "kg N leached/kg N", source, status,
                   edition=edition, climate="dry", range="none: no leaching in dry climates",
                   note="irrigated fields in dry climates do leach")  # fmt: skip
    # Drained organic soils of 2006; the 2019 Refinement refers to the Wetlands Supplement.
    for land, climates, option, cell in (
        ("cropland and grassland", ("boreal", "temperate"), ANY, (8.0, 2.0, 24.0)),
        ("cropland and grassland", ("tropical",), ANY, (16.0, 5.0, 48.0)),
        ("forest", ("boreal", "temperate"), "nutrient-rich", (0.6, 0.16, 2.4)),
        ("forest", ("boreal", "temperate"), "nutrient-poor", (0.1, 0.02, 0.3)),
        ("forest", ("tropical",), ANY, (8.0, 0.0, 24.0)),
    ):
        for climate in climates:
            yield _row("EF2", cell, "kg N2O-N/ha/yr", old, RECALLED, edition=2006,
                       climate=climate, land=land, option=option)  # fmt: skip
    for option, cell in (
        ("land-use change", (15.0, 10.0, 30.0)),
        ("cropland management", (10.0, 8.0, 15.0)),
    ):
        yield _row("C_TO_N", cell, "t C/t N",
                   "2006 Guidelines, volume 4, chapter 11, equation 11.8", one(BONSAI),
                   edition=2006, option=option, range=STUDIES)  # fmt: skip


# Crop: N above ground, N below ground, residue to yield, root to shoot (low, high), dry matter.
_CROPS: dict[str, tuple[float, float | None, float | None, Cell | None, float]] = {
    "other crops": (0.008, 0.009, 1.0, (0.22, 0.11, 0.33), 0.85),
    "grains": (0.006, 0.009, 1.3, (0.22, 0.185, 0.255), 0.88),
    "winter wheat": (0.006, 0.009, 1.3, (0.23, 0.136, 0.324), 0.89),
    "spring wheat": (0.006, 0.009, 1.3, (0.28, 0.207, 0.353), 0.89),
    "barley": (0.007, 0.014, 1.2, (0.22, 0.147, 0.293), 0.89),
    "oats": (0.007, 0.008, 1.3, (0.25, 0.0, 0.55), 0.89),
    "maize": (0.006, 0.007, 1.0, (0.22, 0.163, 0.277), 0.87),
    "rye": (0.005, 0.011, 1.6, None, 0.88),
    "rice": (0.007, None, 1.4, (0.16, 0.104, 0.216), 0.89),
    "millet": (0.007, None, 1.4, None, 0.90),
    "sorghum": (0.007, 0.006, 1.4, None, 0.89),
    "beans and pulses": (0.008, 0.008, 2.1, (0.19, 0.105, 0.276), 0.91),
    "soybeans": (0.008, 0.008, 2.1, (0.19, 0.105, 0.276), 0.91),
    "potatoes and tubers": (0.019, 0.014, 0.4, (0.20, 0.10, 0.30), 0.22),
    "peanuts": (0.016, None, 1.0, None, 0.94),
    "alfalfa": (0.027, 0.019, None, (0.40, 0.20, 0.60), 0.90),
    "non-legume hay": (0.015, 0.012, None, (0.54, 0.27, 0.81), 0.90),
    "N-fixing forages": (0.027, 0.022, 0.3, (0.40, 0.20, 0.60), 0.90),
    "non-N-fixing forages": (0.015, 0.012, 0.3, (0.54, 0.27, 0.81), 0.90),
    "perennial grasses": (0.015, 0.012, 0.3, (0.80, 0.40, 1.20), 0.90),
    "grass-clover mixtures": (0.025, 0.016, 0.3, (0.80, 0.40, 1.20), 0.90),
}


def _residues() -> Iterator[Row]:
    """Table 11.1A of the Refinement; a dash of the table has no row.

    The ranges are those of bonsai_ipcc (N +-75 %, ratio to yield and dry matter +-25 %).
    """
    where = f"2019 Refinement, {V11} 11.1A (new)"
    status, note = two(BONSAI, "farm"), f"range of {BONSAI} alone"
    for crop, (above, below, ratio, roots, dry) in _CROPS.items():
        for factor, value, share, unit in (
            ("N_AG", above, 0.75, "kg N/kg d.m."),
            ("N_BG", below, 0.75, "kg N/kg d.m."),
            ("R_AG", ratio, 0.25, "kg d.m./kg d.m."),
        ):
            if value is not None:
                cell = (value, round((1 - share) * value, 7), round((1 + share) * value, 7))
                yield _row(factor, cell, unit, where, status, edition=2019, land=crop, note=note)
        if roots is not None:
            yield _row("RS", roots, "kg d.m./kg d.m.", where, status, edition=2019, land=crop,
                       note=note)  # fmt: skip
        span = (dry, round(0.75 * dry, 7), min(round(1.25 * dry, 7), 1.0))
        yield _row("DRY", span, "share", where, status, edition=2019, land=crop,
                   note=f"{note}, cut off at 1")  # fmt: skip


def _carbonates() -> Iterator[Row]:
    """Sections 11.3 and 11.4: all the carbon of the stone is the upper end, half the lower one."""
    for factor, option, value, where in (
        ("EF_LIME", "limestone", 0.12, "11.3.1"),
        ("EF_LIME", "dolomite", 0.13, "11.3.1"),
        ("EF_UREA", ANY, 0.20, "11.4.1"),
    ):
        yield _row(factor, (value, value / 2, value), "t C/t",
                   f"2006 Guidelines, volume 4, chapter 11, section {where}",
                   "stoichiometry: CaCO3 12/100, CaMg(CO3)2 24/184, CO(NH2)2 12/60",
                   edition=2006, option=option, range="-50 %: part of the carbon may stay",
                   note="range UNVERIFIED: recalled")  # fmt: skip


def _rice() -> Iterator[Row]:
    """Tables 5.11 to 5.14 of the Refinement."""
    where = "2019 Refinement, volume 4, chapter 5, table"
    pages, world = two("rice audit", "rice world"), "the table gives the world's value"
    regions: dict[str, tuple[Cell, Cell]] = {
        "World": ((1.19, 0.80, 1.76), (113, 74, 152)),
        "Africa": ((1.19, 0.80, 1.76), (113, 74, 152)),
        "East Asia": ((1.32, 0.89, 1.96), (112, 73, 147)),
        "Southeast Asia": ((1.22, 0.83, 1.81), (102, 78, 150)),
        "South Asia": ((0.85, 0.58, 1.26), (112, 90, 140)),
        "Europe": ((1.56, 1.06, 2.31), (123, 111, 153)),
        "North America": ((0.65, 0.44, 0.96), (139, 110, 165)),
        "South America": ((1.27, 0.86, 1.88), (124, 110, 146)),
    }
    for region, (daily, days) in regions.items():
        note = world if region == "Africa" else ""
        yield _row("EF_RICE", daily, "kg CH4/ha/day", f"{where} 5.11 (updated), page 5.53", pages,
                   edition=2019, land=region, note=note)  # fmt: skip
        yield _row("T_RICE", days, "days", f"{where} 5.11A (new)", pages, edition=2019,
                   land=region, range=STUDIES, note=note)  # fmt: skip
    engine = two("rice audit", "rice engine")
    for option, cell in (
        ("upland", (0.0, 0.0, 0.0)),
        ("irrigated", (0.60, 0.44, 0.78)),
        ("continuously flooded", (1.00, 0.73, 1.27)),
        ("single drainage", (0.71, 0.53, 0.94)),
        ("multiple drainage", (0.55, 0.41, 0.72)),
        ("rainfed and deep water", (0.45, 0.32, 0.62)),
        ("regular rainfed", (0.54, 0.39, 0.74)),
        ("drought-prone", (0.16, 0.11, 0.24)),
        ("deep water", (0.06, 0.03, 0.12)),
    ):
        status = pages if option in ("irrigated", "rainfed and deep water") else engine
        yield _row("SF_W", cell, "1", f"{where} 5.12 (updated), page 5.54", status, edition=2019,
                   option=option, range="none: never flooded" if option == "upland" else CI
                   )  # fmt: skip
    for option, cell in (
        (ANY, (1.22, 1.08, 1.37)),
        ("non-flooded under 180 days", (1.00, 0.88, 1.12)),
        ("non-flooded over 180 days", (0.89, 0.80, 0.99)),
        ("flooded over 30 days", (2.41, 2.13, 2.73)),
        ("non-flooded over 365 days", (0.59, 0.41, 0.84)),
    ):
        yield _row("SF_P", cell, "1", f"{where} 5.13 (updated), page 5.55",
                   one("rice audit", ", the range; value also in the rice engine"), edition=2019,
                   option=option)  # fmt: skip
    for option, cell in (
        ("straw under 30 days before", (1.00, 0.85, 1.17)),
        ("straw over 30 days before", (0.19, 0.11, 0.28)),
        ("compost", (0.17, 0.09, 0.29)),
        ("farmyard manure", (0.21, 0.15, 0.28)),
        ("green manure", (0.45, 0.36, 0.57)),
    ):
        yield _row("CFOA", cell, "1", f"{where} 5.14 (updated), page 5.56", engine, edition=2019,
                   option=option)  # fmt: skip
    yield _row("SF_O_POWER", (0.59, 0.54, 0.64), "1",
               "2019 Refinement, volume 4, chapter 5, equation 5.3", one("rice audit", ", range"),
               edition=2019)  # fmt: skip


FOREST, CROP, GRASS, PEAT, PLANTED = (
    "forest", "cropland", "grassland", "peat extraction", "plantation",
)  # fmt: skip
POOR, RICH = "nutrient-poor", "nutrient-rich"
DEEP, SHALLOW = "nutrient-rich, deep-drained", "nutrient-rich, shallow-drained"
# Land, climate, option: CO2 (t CO2-C), CH4 of the land (kg CH4), N2O (kg N2O-N), per ha and year.
_DRAINED: dict[tuple[str, str, str], tuple[Cell, Cell | None, Cell]] = {
    (FOREST, "boreal", POOR): ((0.25, -0.23, 0.73), (7.0, 2.9, 11), (0.22, 0.15, 0.28)),
    (FOREST, "boreal", RICH): ((0.93, 0.54, 1.3), (2.0, -1.6, 5.5), (3.2, 1.9, 4.5)),
    (FOREST, "temperate", ANY): ((2.6, 2.0, 3.3), (2.5, -0.6, 5.7), (2.8, -0.57, 6.1)),
    (FOREST, "tropical", ANY): ((5.3, -0.7, 9.5), (4.9, 2.3, 7.5), (2.4, 1.3, 3.5)),
    (PLANTED, "tropical", "long or unknown rotation"):
        ((15, 10, 21), (2.7, -0.9, 6.3), (2.4, 1.3, 3.5)),
    (PLANTED, "tropical", "short rotation"): ((20, 16, 24), (2.7, -0.9, 6.3), (2.4, 1.3, 3.5)),
    (PLANTED, "tropical", "oil palm"): ((11, 5.6, 17), (0, None, None), (1.2, None, None)),
    (PLANTED, "tropical", "sago palm"): ((1.5, -2.3, 5.4), (26.2, 7.2, 45.3), (3.3, None, None)),
    (CROP, "boreal", ANY): ((7.9, 6.5, 9.4), (0, -2.8, 2.8), (13, 8.2, 18)),
    (CROP, "temperate", ANY): ((7.9, 6.5, 9.4), (0, -2.8, 2.8), (13, 8.2, 18)),
    (CROP, "tropical", ANY): ((14, 6.6, 26), (7.0, 0.3, 13.7), (5.0, 2.3, 7.7)),
    (CROP, "tropical", "paddy rice"): ((9.4, -0.2, 20), (143.5, 63.2, 223.7), (0.4, -0.1, 0.8)),
    (GRASS, "boreal", ANY): ((5.7, 2.9, 8.6), (1.4, -1.6, 4.5), (9.5, 4.6, 14)),
    (GRASS, "temperate", POOR): ((5.3, 3.7, 6.9), (1.8, 0.72, 2.9), (4.3, 1.9, 6.8)),
    (GRASS, "temperate", DEEP): ((6.1, 5.0, 7.3), (16, 2.4, 29), (8.2, 4.9, 11)),
    (GRASS, "temperate", SHALLOW): ((3.6, 1.8, 5.4), (39, -2.9, 81), (1.6, 0.56, 2.7)),
    (GRASS, "tropical", ANY): ((9.6, 4.5, 17), (7.0, 0.3, 13.7), (5.0, 2.3, 7.7)),
    (PEAT, "boreal", ANY): ((2.8, 1.1, 4.2), (6.1, 1.6, 11), (0.30, -0.03, 0.64)),
    (PEAT, "temperate", ANY): ((2.8, 1.1, 4.2), (6.1, 1.6, 11), (0.30, -0.03, 0.64)),
    (PEAT, "tropical", ANY): ((2.0, 0.06, 7.0), None, (3.6, 0.2, 5.0)),
}  # fmt: skip
_DITCHES: tuple[tuple[str, str, str, Cell, float], ...] = (
    ("boreal", FOREST, ANY, (217, 41, 393), 0.025),
    ("temperate", FOREST, ANY, (217, 41, 393), 0.025),
    ("boreal", CROP, ANY, (1165, 335, 1995), 0.05),
    ("temperate", CROP, ANY, (1165, 335, 1995), 0.05),
    ("boreal", GRASS, ANY, (1165, 335, 1995), 0.05),
    ("temperate", GRASS, POOR, (1165, 335, 1995), 0.05),
    ("temperate", GRASS, DEEP, (1165, 335, 1995), 0.05),
    ("temperate", GRASS, SHALLOW, (527, 285, 769), 0.05),
    ("boreal", PEAT, ANY, (542, 102, 981), 0.05),
    ("temperate", PEAT, ANY, (542, 102, 981), 0.05),
    ("tropical", ANY, ANY, (2259, 599, 3919), 0.02),
)
_WS = "2013 Wetlands Supplement, chapter"
_DOC = "t CO2-C/ha/yr"
# An interval that leaves the share out says more than none at all; the row tells it.
HELD = "none: an indicative share, held fixed"


def _vouched(factor: str, land: str, climate: str, option: str) -> tuple[str, str]:
    """Return the status of a row of drained soils, and a note where transcriptions differ."""
    if option == "paddy rice":
        return RECALLED, ""
    if land in (CROP, GRASS) and climate == "temperate" and option != POOR:
        # The land use tool for Brandenburg has cropland and both nutrient-rich grasslands.
        other = "gains" if factor == "EF_CO2_DRAINED" else "drainage"
        if option == SHALLOW:
            other = BONSAI if factor == "EF_N2O_DRAINED" else "gains"
        return two("peat", other), ""
    if factor == "EF_CO2_DRAINED":
        lone = (land, climate) == (PEAT, "tropical") or option in (
            "long or unknown rotation", "sago palm")  # fmt: skip
        return (one("drainage") if lone else two("drainage", "gains")), ""
    if factor == "EF_CH4_DRAINED":
        return one("drainage", ", the range"), ""
    if (land, climate) == (GRASS, "boreal"):
        return two("drainage", "gains"), f"9.4 in {BONSAI}"
    if (land, climate) == (FOREST, "temperate") or (land == PEAT and climate != "tropical"):
        return one("drainage", ", the range"), f"lower end cut off at 0 in {BONSAI}"
    if option in ("long or unknown rotation", "short rotation"):
        return one("drainage"), "the value of drained tropical forest"
    return two("drainage", BONSAI), ""


def _drained() -> Iterator[Row]:
    """Tables 2.1 to 2.5 of the Supplement."""
    parts = (
        ("EF_CO2_DRAINED", "t CO2-C/ha/yr", "2, table 2.1, pages 2.12 to 2.14"),
        ("EF_CH4_DRAINED", "kg CH4/ha/yr", "2, table 2.3, pages 2.25 and 2.26"),
        ("EF_N2O_DRAINED", "kg N2O-N/ha/yr", "2, table 2.5, pages 2.33 and 2.34"),
    )
    for (land, climate, option), cells in _DRAINED.items():
        for (factor, unit, where), cell in zip(parts, cells, strict=True):
            if cell is None:
                continue
            status, note = _vouched(factor, land, climate, option)
            if cell[0] == 0 and cell[1] is None:
                note = "no measurement in the table"
            yield _row(factor, cell, unit, f"{_WS} {where}", status, edition=2013,
                       climate=climate, land=land, option=option, note=note)  # fmt: skip
    for climate, cell, status in (
        ("boreal", (0.12, 0.07, 0.19), one("drainage", ", the range")),
        ("temperate", (0.31, 0.19, 0.46), two("drainage", "peat")),
        ("tropical", (0.82, 0.56, 1.14), one("drainage", ", the range")),
    ):
        yield _row("EF_DOC_DRAINED", cell, _DOC, f"{_WS} 2, table 2.2, page 2.20", status,
                   edition=2013, climate=climate)  # fmt: skip
    for climate, land, option, cell, share in _DITCHES:
        where, note, status = f"{_WS} 2, table 2.4, page 2.30", "", two("drainage", "gains")
        if land == GRASS and option in (ANY, POOR):
            note = "the table knows shallow and deep drainage; this land use has the deep value"
        if option == POOR:
            status = one("gains", f"; {SOURCES['drainage']} has the shallow value, 527")
        elif option in (DEEP, SHALLOW):
            status = two("peat", "gains")
        yield _row("EF_CH4_DITCH", cell, "kg CH4/ha/yr", where, status, edition=2013,
                   climate=climate, land=land, option=option, note=note)  # fmt: skip
        yield _row("FRAC_DITCH", (share, share, share), "share", where, status, edition=2013,
                   climate=climate, land=land, option=option, range=HELD, note=note)  # fmt: skip


def _rewetted() -> Iterator[Row]:
    """Tables 3.1 to 3.3 of the Supplement."""
    for climate, option, co2, ch4 in (
        ("boreal", POOR, (-0.34, -0.59, -0.09), (41, 0.5, 246)),
        ("boreal", RICH, (-0.55, -0.77, -0.34), (137, 0, 493)),
        ("temperate", POOR, (-0.23, -0.64, 0.18), (92, 3, 445)),
        ("temperate", RICH, (0.50, -0.71, 1.71), (216, 0, 856)),
        ("tropical", ANY, (0.0, None, None), (41, 7, 134)),
    ):
        known = (climate, option) == ("temperate", RICH)
        status = two("gains", "peat") if known else one("gains")
        note = "the loss is stopped; a sink is not assumed" if climate == "tropical" else ""
        yield _row("EF_CO2_REWETTED", co2, "t CO2-C/ha/yr", f"{_WS} 3, table 3.1, page 3.12",
                   status, edition=2013, climate=climate, option=option, note=note)  # fmt: skip
        yield _row("EF_CH4_REWETTED", ch4, "kg CH4-C/ha/yr", f"{_WS} 3, table 3.3, page 3.18",
                   status, edition=2013, climate=climate, option=option)  # fmt: skip
    for climate, cell, status in (
        ("boreal", (0.08, 0.06, 0.11), one("gains", ", range recalled")),
        ("temperate", (0.24, 0.14, 0.36), two("gains", "peat")),
        ("tropical", (0.51, 0.40, 0.64), one("gains", ", range recalled")),
    ):
        yield _row("EF_DOC_REWETTED", cell, _DOC, f"{_WS} 3, table 3.2, page 3.14", status,
                   edition=2013, climate=climate)  # fmt: skip


def _extraction() -> Iterator[Row]:
    """Carbon of peat taken away: table 7.5 of the Guidelines."""
    where = "2006 Guidelines, volume 4, chapter 7, table 7.5"
    for climate, option, mass, volume in (
        ("boreal", POOR, 0.45, 0.07),
        ("boreal", RICH, 0.40, 0.24),
        ("temperate", POOR, 0.45, 0.07),
        ("temperate", RICH, 0.40, 0.24),
        ("tropical", ANY, 0.34, 0.26),
    ):
        for factor, value, unit in (
            ("C_PEAT_MASS", mass, "t C/t air-dry peat"),
            ("C_PEAT_VOLUME", volume, "t C/m3 air-dry peat"),
        ):
            yield _row(factor, (value, None, None), unit, where, RECALLED, edition=2006,
                       climate=climate, option=option)  # fmt: skip


def _flooded() -> Iterator[Row]:
    """Section 7.3 of the Refinement: reservoirs, and other constructed water bodies."""
    where = "2019 Refinement, volume 4, chapter 7, table"
    status = one("reservoirs", ", range recalled")
    per_ha, young = "kg CH4/ha/yr", "20 years or less"
    for climate, older, newer, co2 in (
        ("boreal", (13.6, 7.3, 19.9), (27.7, 20.8, 34.7), (0.94, 0.84, 1.05)),
        ("cool temperate", (54.0, 48.3, 59.5), (84.7, 75.8, 93.3), (1.02, 1.00, 1.04)),
        ("warm temperate dry", (150.9, 133.3, 168.1), (195.6, 176.9, 214.6), (1.70, 1.66, 1.75)),
        ("warm temperate moist", (80.3, 74.0, 86.0), (127.5, 118.6, 135.8), (1.46, 1.44, 1.48)),
        ("tropical dry/montane", (283.7, 261.9, 305.8), (392.3, 364.2, 421.0), (2.95, 2.86, 3.04)),
        ("tropical moist/wet", (141.1, 131.1, 152.7), (251.6, 236.2, 268.9), (2.77, 2.71, 2.84)),
    ):
        yield _row("EF_CH4_RESERVOIR", older, per_ha, f"{where} 7.9 (new)", status, edition=2019,
                   climate=climate, option="over 20 years")  # fmt: skip
        yield _row("EF_CH4_RESERVOIR", newer, per_ha, f"{where} 7.15 (new)", status, edition=2019,
                   climate=climate, option=young)  # fmt: skip
        yield _row("EF_CO2_RESERVOIR", co2, "t CO2-C/ha/yr", f"{where} 7.13 (new)", status,
                   edition=2019, climate=climate, option=young)  # fmt: skip
    yield _row("R_DOWNSTREAM", (0.09, 0.05, 0.22), "1", f"{where} 7.10 (new)", status,
               edition=2019)  # fmt: skip
    for option, value in (
        ("oligotrophic", 0.7), ("mesotrophic", 3.0), ("eutrophic", 10.0),
        ("hypereutrophic", 25.0),
    ):  # fmt: skip
        yield _row("ALPHA_TROPHIC", (value, None, None), "1", f"{where} 7.11 (new)",
                   one("reservoirs"), edition=2019, option=option)  # fmt: skip
    for option, cell in (
        ("saline ponds", (30, None, None)),
        ("freshwater and brackish ponds", (183, 118, 228)),
        ("canals and ditches", (416, 259, 669)),
    ):
        yield _row("EF_CH4_WATER", cell, per_ha, f"{where} 7.12 (new)", RECALLED, edition=2019,
                   option=option)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the csv, or compare with it."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.ipcc_soil_factors", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    made = text(rows())
    if not options.check:
        options.out.write_text(made, encoding="utf-8", newline="")
        print(f"wrote {made.count(chr(10)) - 1} rows to {options.out.name}")
        return 0
    same = options.out.is_file() and options.out.read_text(encoding="utf-8") == made
    print(f"{options.out.name} {'is' if same else 'is NOT'} what the tables give")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
