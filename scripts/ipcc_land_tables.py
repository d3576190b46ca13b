"""Default factors of land that are typed in: what the wheel read by `ipcc_land_factors` lacks.

Of the 2019 Refinement the text of volume 4, chapters 2 and 4, was read (as kept in a public
repository); chapters 5 and 6 and volume 4 of 2006 were not at hand. A row says by what it is
vouched for: ``read in the text``, ``transcribed by ...`` (the public package that holds the same
figure) or ``UNVERIFIED`` (recalled, seen in no source). Ranges are 95 % intervals unless the row
says otherwise; a standard deviation s becomes +-1.96 s, cut off at zero for what cannot be less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

HALF = 1.959963984540054  # half a 95 % interval of the normal, in standard deviations
HESTIA = "hestia_earth.models 0.74.17"
READ = "read in the text"
RECALLED = "UNVERIFIED: recalled, the table was not opened"
ANY = "any"

BOREAL = ("boreal dry", "boreal moist")
COOL = ("cool temperate dry", "cool temperate moist")
WARM = ("warm temperate dry", "warm temperate moist")
TROPICS = ("tropical dry", "tropical moist", "tropical wet", "tropical montane")
POLAR = ("polar dry", "polar moist")
ZONES = (*BOREAL, *COOL, *WARM, *TROPICS)


@dataclass(frozen=True)
class Row:
    """A row of the csv; None is "not given"."""

    factor: str
    edition: int
    climate: str
    land: str
    option: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    range: str
    source: str
    status: str = RECALLED
    note: str = ""


TWO_SD = "nominal error, two standard deviations"
CI = "95 % confidence interval"
SD = "1.96 standard deviations each way"
SE = "1.96 standard errors each way"
STUDIES = "range of the studies, read as 95 %"
EXACT = "none: 1 by definition"
NONE = "no range given"
NINETY = "default error of the guidelines, 90 %"


def percent(row: Row, error: float) -> Row:
    """Return the row with the range +-error %."""
    assert row.value is not None
    ends = (row.value * (1 - error / 100), row.value * (1 + error / 100))
    return replace(row, low=round(ends[0], 9), high=round(ends[1], 9))


def spread(row: Row, sd: float | None, *, cut: bool = True) -> Row:
    """Return the row with the range of a standard deviation or error; None is unknown.

    With `cut` the range ends at zero, for what cannot be less.
    """
    if sd is None:
        return replace(row, low=None, high=None, range=NONE)
    assert row.value is not None
    low, high = row.value - HALF * sd, row.value + HALF * sd
    if cut:
        low = max(low, 0.0)
    return replace(row, low=round(low, 6), high=round(high, 6))


# --- Reference stocks of soil carbon, 2019 Refinement: value and +-% by soil, in order of zones.
SOILS = ("HAC", "LAC", "sandy", "spodic", "volcanic", "wetland")
Cell = tuple[float, float] | None
_SOC_2019: dict[tuple[str, ...], tuple[Cell, ...]] = {
    POLAR: ((59, 41), None, (27, 67), None, None, None),
    BOREAL: ((63, 18), None, (10, 90), (117, 90), (20, 90), (116, 65)),
    COOL[:1]: ((43, 8), (33, 90), (13, 33), None, (20, 90), (87, 90)),
    COOL[1:]: ((81, 5), (76, 51), (51, 13), (128, 14), (136, 14), (128, 13)),
    WARM[:1]: ((24, 5), (19, 16), (10, 5), None, (84, 65), (74, 17)),
    WARM[1:]: ((64, 5), (55, 8), (36, 23), (143, 30), (138, 12), (135, 28)),
    TROPICS[:1]: ((21, 5), (19, 10), (9, 9), None, (50, 90), (22, 17)),
    TROPICS[1:2]: ((40, 7), (38, 5), (27, 12), None, (70, 90), (68, 17)),
    TROPICS[2:3]: ((60, 8), (52, 6), (46, 20), None, (77, 27), (49, 19)),
    TROPICS[3:]: ((51, 10), (44, 11), (52, 34), None, (96, 31), (82, 50)),
}  # fmt: skip


def soil_references() -> Iterator[Row]:
    """Rows of table 2.3 of the 2019 Refinement."""
    for zones, cells in _SOC_2019.items():
        for zone in zones:
            for soil, cell in zip(SOILS, cells, strict=True):
                if cell is None:
                    continue
                nominal = cell[1] == 90
                note = "0 to 30 cm; the error is that of the mean, not of a field"
                if nominal:
                    note = "0 to 30 cm; nominal error, no measurements behind it"
                row = Row("SOC_REF", 2019, zone, ANY, soil, cell[0], None, None, "t C/ha",
                          NINETY if nominal else CI,
                          "2019 Refinement, volume 4, chapter 2, table 2.3", READ,
                          note)  # fmt: skip
                yield percent(row, cell[1])


# --- Stock change factors. Montane tropics of the 2019 Refinement are not in the first wheel.
T55 = "volume 4, chapter 5, table 5.5"
T62 = "volume 4, chapter 6, table 6.2"
ANNUAL, PERENNIAL, ASIDE, GRASS = "annual cropland", "perennial cropland", "set-aside", "grassland"
COLD = (*BOREAL, *COOL, *WARM)
DRY = ("boreal dry", "cool temperate dry", "warm temperate dry")
MOIST = ("boreal moist", "cool temperate moist", "warm temperate moist")
Change = tuple[str, int, tuple[str, ...], str, str, float, float, str, str]
_MONTANE: tuple[Change, ...] = (
    ("F_LU", 2019, TROPICS[3:], ANNUAL, ANY, 0.86, 50, T55, f"transcribed by {HESTIA}"),
    ("F_MG", 2019, TROPICS[3:], ANNUAL, "reduced tillage", 1.02, 50, T55,
     f"transcribed by {HESTIA}"),
    ("F_MG", 2019, TROPICS[3:], ANNUAL, "no tillage", 1.08, 50, T55, f"transcribed by {HESTIA}"),
    ("F_MG", 2019, ZONES, GRASS, "high-intensity grazing", 0.90, 8, T62,
     f"transcribed by {HESTIA}"),
)  # fmt: skip
_2006: tuple[Change, ...] = tuple(
    (factor, 2006, zones, land, option, value, error, where, RECALLED)
    for factor, land, option, where, cells in (
        ("F_LU", ANNUAL, ANY, T55,
         ((DRY, 0.80, 9), (MOIST, 0.69, 12), (TROPICS[:1], 0.58, 61), (TROPICS[1:3], 0.48, 46),
          (TROPICS[3:], 0.64, 50))),
        ("F_LU", PERENNIAL, ANY, T55, ((ZONES, 1.00, 50),)),
        ("F_LU", ASIDE, ANY, T55,
         (((*DRY, "tropical dry"), 0.93, 11), ((*MOIST, *TROPICS[1:3]), 0.82, 17),
          (TROPICS[3:], 0.88, 50))),
        ("F_MG", ANNUAL, "reduced tillage", T55,
         ((DRY, 1.02, 6), (MOIST, 1.08, 5), (TROPICS[:1], 1.09, 9), (TROPICS[1:3], 1.15, 8),
          (TROPICS[3:], 1.09, 50))),
        ("F_MG", ANNUAL, "no tillage", T55,
         ((DRY, 1.10, 5), (MOIST, 1.15, 4), (TROPICS[:1], 1.17, 8), (TROPICS[1:3], 1.22, 7),
          (TROPICS[3:], 1.16, 50))),
        ("F_I", ANNUAL, "low", T55,
         (((*DRY, "tropical dry"), 0.95, 13), ((*MOIST, *TROPICS[1:3]), 0.92, 14),
          (TROPICS[3:], 0.94, 50))),
        ("F_I", ANNUAL, "high without manure", T55,
         (((*DRY, "tropical dry"), 1.04, 13), ((*MOIST, *TROPICS[1:3]), 1.11, 10),
          (TROPICS[3:], 1.08, 50))),
        ("F_I", ANNUAL, "high with manure", T55,
         (((*DRY, "tropical dry"), 1.37, 12), ((*MOIST, *TROPICS[1:3]), 1.44, 13),
          (TROPICS[3:], 1.41, 50))),
        ("F_MG", GRASS, "moderately degraded", T62,
         ((COLD, 0.95, 13), (TROPICS[:3], 0.97, 11), (TROPICS[3:], 0.96, 40))),
        ("F_MG", GRASS, "severely degraded", T62, ((ZONES, 0.70, 40),)),
        ("F_MG", GRASS, "improved", T62,
         ((COLD, 1.14, 11), (TROPICS[:3], 1.17, 9), (TROPICS[3:], 1.16, 40))),
        ("F_I", GRASS, "high", T62, ((ZONES, 1.11, 7),)),
    )
    for zones, value, error in cells
)  # fmt: skip
# 1 by definition: the state that the other factors of the same column are relative to.
_UNITY = (
    ("F_LU", GRASS, ANY, T62), ("F_LU", "forest", ANY, "volume 4, chapter 4, section 4.2.3.2"),
    ("F_LU", "native", ANY, "volume 4, chapter 2, section 2.3.3.1"),
    ("F_MG", ANNUAL, "full tillage", T55), ("F_MG", GRASS, "nominal", T62),
    ("F_I", ANNUAL, "medium", T55), ("F_I", GRASS, "medium", T62),
)  # fmt: skip


def stock_change_factors() -> Iterator[Row]:
    """Rows of tables 5.5 and 6.2 that the wheel does not hold."""
    for factor, edition, zones, land, option, value, error, where, status in (*_MONTANE, *_2006):
        title = "2019 Refinement" if edition == 2019 else "2006 Guidelines"
        for zone in zones:
            row = Row(factor, edition, zone, land, option, value, None, None, "1", TWO_SD,
                      f"{title}, {where}", status)  # fmt: skip
            yield percent(row, error)
    for factor, land, option, where in _UNITY:
        for edition, title in ((2006, "2006 Guidelines"), (2019, "2019 Refinement")):
            for zone in ZONES:
                yield Row(factor, edition, zone, land, option, 1.0, 1.0, 1.0, "1", EXACT,
                          f"{title}, {where}", "by definition")  # fmt: skip


# --- Drained organic soils, 2006: t C/ha/yr. (The 2013 Supplement has newer and higher ones.)
_ORGANIC = (
    ("forest", "4, table 4.6",
     (("tropical", 1.36, 0.82, 3.82), ("temperate", 0.68, 0.41, 1.91),
      ("boreal", 0.16, 0.08, 1.09))),
    ("cropland", "5, table 5.6",
     (("boreal", 5.0, 0.5, 9.5), ("cool temperate", 5.0, 0.5, 9.5),
      ("warm temperate", 10.0, 1.0, 19.0), ("tropical", 20.0, 2.0, 38.0))),
    ("grassland", "6, table 6.3",
     (("boreal", 0.25, 0.025, 0.475), ("cool temperate", 0.25, 0.025, 0.475),
      ("warm temperate", 2.5, 0.25, 4.75), ("tropical", 5.0, 0.5, 9.5))),
)  # fmt: skip
_EXPAND = {
    "boreal": BOREAL, "temperate": (*COOL, *WARM), "cool temperate": COOL, "warm temperate": WARM,
    "tropical": TROPICS,
}  # fmt: skip


def organic_soils() -> Iterator[Row]:
    """Rows of tables 4.6, 5.6 and 6.3."""
    for land, where, cells in _ORGANIC:
        for group, value, low, high in cells:
            for zone in _EXPAND[group]:
                yield Row("EF_ORGANIC", 2006, zone, land, ANY, value, low, high, "t C/ha/yr",
                          STUDIES if land == "forest" else TWO_SD,
                          f"2006 Guidelines, volume 4, chapter {where}",
                          note="drained; the 2013 Wetlands Supplement supersedes it"
                          )  # fmt: skip
