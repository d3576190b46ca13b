"""Forest tables of the 2019 Refinement, volume 4, as read: see `ipcc_land_tables`.

The text at hand had its tables run together cell by cell. Only rows whose cells fall into place
without guessing are here; of the others the 2006 defaults remain, in `ipcc_biomass_tables`. Left
out for that reason: most of the temperate rows, the mountain systems but for America and Asia,
plantations.
"""

from __future__ import annotations

from collections.abc import Iterator

from scripts.ipcc_land_tables import (
    ANY,
    NINETY,
    READ,
    SD,
    STUDIES,
    Row,
    percent,
    spread,
)

R19 = "2019 Refinement, volume 4, chapter"
AFRICA, AMERICA, ASIA = "Africa", "America", "Asia"
RAIN, MOIST, DRY = "tropical rainforest", "tropical moist deciduous forest", "tropical dry forest"
SHRUB, MOUNTAIN = "tropical shrubland", "tropical mountain"
HUMID, SUBDRY, STEPPE = "subtropical humid forest", "subtropical dry forest", "subtropical steppe"
AGES = ("primary", "secondary over 20 years", "secondary up to 20 years")
Sure = tuple[float, float | None] | None  # mean and sd; None for the sd is the default +-90 %

# --- Table 4.7: above-ground biomass of natural forests, t d.m./ha; primary, > 20 years, <= 20.
_STOCK: tuple[tuple[str, str, tuple[Sure, Sure, Sure]], ...] = (
    (RAIN, AFRICA, ((404.2, 120.4), (212.9, 143.1), (52.8, 35.6))),
    (RAIN, AMERICA, ((307.1, 104.9), (206.4, 80.4), (75.7, 34.5))),
    (RAIN, ASIA, ((413.1, 128.5), (131.6, 20.7), (45.6, 20.6))),
    (MOIST, AFRICA, ((236.6, 104.7), (72.8, 36.4), None)),
    (MOIST, AMERICA, ((187.3, 94.0), (131.0, 54.2), (55.7, 28.7))),
    (DRY, AMERICA, ((127.5, 72.6), (118.9, 81.3), (32.2, 24.2))),
    (MOUNTAIN, AMERICA, ((195.0, 95.6), (184.4, 111.0), (75.9, 51.1))),
)

# --- Table 4.9: above-ground net growth, t d.m./ha/yr, the same columns. Means may be negative
# and intervals reach below zero: growth here is net of mortality.
_GROWTH: tuple[tuple[str, str, tuple[Sure, Sure, Sure]], ...] = (
    (RAIN, AFRICA, ((1.3, 3.5), (3.5, 3.3), (7.6, 5.9))),
    (RAIN, AMERICA, ((1.0, 2.0), (2.3, 1.1), (5.9, 2.5))),
    (RAIN, ASIA, ((0.7, 2.2), (2.7, 3.1), (3.4, 3.9))),
    (MOIST, AFRICA, ((0.4, None), (0.9, 0.7), (2.9, 1.0))),
    (MOIST, AMERICA, ((0.4, 2.1), (2.7, 1.7), (5.2, 2.3))),
    (MOIST, ASIA, ((0.4, None), (0.9, None), (2.4, 0.3))),
    (DRY, AFRICA, (None, (1.6, None), (3.9, None))),
    (DRY, AMERICA, (None, (1.6, 1.1), (3.9, 2.4))),
    (DRY, ASIA, (None, (1.6, None), (3.9, None))),
    (SHRUB, AMERICA, ((1.0, None), (1.0, None), (4.0, None))),
    (SHRUB, "Asia (insular)", ((1.0, None), (1.0, None), (2.0, None))),
    (HUMID, AFRICA, (None, (1.0, None), (2.5, None))),
    (HUMID, AMERICA, (None, (1.0, None), (2.5, None))),
    (SUBDRY, AMERICA, ((1.0, None), (1.0, None), (4.0, None))),
    (SUBDRY, "Asia (continental)", ((1.5, None), (1.5, None), (6.0, None))),
    (SUBDRY, "Asia (insular)", ((2.0, None), (2.0, None), (7.0, None))),
    (STEPPE, AMERICA, ((1.0, None), (1.0, None), (4.0, None))),
    (STEPPE, "Asia (insular)", ((1.0, None), (1.0, None), (2.0, None))),
)
# With a range of its own beside the default error: the range is taken.
_RANGES: tuple[tuple[str, str, str, float, float, float], ...] = tuple(
    (zone, where, age, *cell)
    for zone, where, old, young in (
        (SHRUB, AFRICA, (0.9, 0.2, 1.6), None),
        (SHRUB, "Asia (continental)", (1.3, 1.0, 2.2), None),
        (SUBDRY, AFRICA, (1.8, 0.6, 3.0), (2.4, 2.3, 2.5)),
        (STEPPE, AFRICA, (0.9, 0.2, 1.6), (1.2, 0.8, 1.5)),
        (STEPPE, "Asia (continental)", (1.3, 1.0, 2.2), None),
    )
    for age, cell in zip(AGES, (old, old, young), strict=True)
    if cell is not None
)
_BOREAL: tuple[tuple[str, str, float | None, float, float], ...] = (
    ("boreal coniferous forest", ANY, None, 0.1, 2.1),
    ("boreal tundra woodland", ANY, 0.4, 0.2, 0.5),
    ("boreal mountain", AGES[1], None, 1.1, 1.5),
    ("boreal mountain", AGES[2], None, 1.0, 1.1),
)

# --- Table 4.4: roots over shoots. Zone, land, continent; up to and over 125 t/ha above ground.
_ROOTS: tuple[tuple[str, str, str, Sure, Sure], ...] = (
    (RAIN, "forest", AFRICA, (0.825, None), (0.532, None)),
    (RAIN, "forest", AMERICA, (0.221, 0.036), (0.221, 0.036)),
    (RAIN, "forest", ASIA, (0.207, 0.072), (0.212, 0.077)),
    (RAIN, "plantation", AMERICA, (0.170, 0.11), (0.170, 0.11)),
    (MOIST, "forest", AFRICA, (0.232, None), (0.232, None)),
    (MOIST, "forest", AMERICA, (0.2845, 0.061), (0.284, 0.061)),
    (MOIST, "forest", ASIA, (0.323, 0.073), (0.246, 0.036)),
    (HUMID, "forest", AFRICA, (0.232, None), (0.232, None)),
    (HUMID, "forest", AMERICA, (0.175, None), (0.284, None)),
    (HUMID, "forest", ASIA, (0.230, None), (0.246, None)),
    (SUBDRY, "forest", AMERICA, (0.336, None), (0.352, 0.047)),
    (SUBDRY, "forest", ASIA, (0.440, 0.184), (0.440, 0.184)),
    ("temperate", "natural conifers", ASIA, (0.243, None), (0.262, None)),
    ("temperate", "natural broad-leaved", ASIA, (0.225, None), (0.229, None)),
    ("temperate", "planted conifers", ASIA, (0.224, None), (0.232, None)),
    ("temperate", "planted broad-leaved", ASIA, (0.307, None), (0.248, None)),
)

# --- Table 2.2: litter and dead wood, t C/ha; mean, least, greatest.
Span = tuple[float, float | None, float | None] | None
_LITTER: tuple[tuple[str, Span, Span, Span], ...] = (  # broad-leaved, needle-leaved, all
    ("boreal coniferous forest", (19.1, 4.0, 38.7), (40.3, 4.0, 117.4), (31.4, 4.0, 117.4)),
    ("boreal tundra woodland", (29.3, 23.7, 33.7), (67.4, 23.7, 85.1), (49.5, 23.7, 85.1)),
    (HUMID, (5.6, 4.4, 8.1), (6.8, 4.7, 11.6), (8.7, 1.2, 24.0)),
    ("temperate continental forest", (23.9, 4.6, 64.4), (66.3, 6.0, 279.1), (47.8, 4.6, 279.1)),
)
_DEAD_WOOD: tuple[tuple[str, Span, Span, Span], ...] = (
    ("boreal coniferous forest", (16.4, 2.3, 50.7), (22.2, 4.1, 76.5), (19.7, 2.3, 76.5)),
    (STEPPE, None, (6.8, 6.0, 7.7), (6.8, 6.0, 7.7)),
    ("temperate continental forest", (23.6, 1.6, 150.0), (22.1, 2.1, 59.5), (23.0, 1.6, 150.0)),
    ("temperate mountain", (21.2, 2.8, 80.6), (48.1, 1.7, 181.8), (37.6, 1.7, 181.8)),
    (DRY, (16.0, 14.7, 17.3), None, (9.0, 1.3, 17.3)),
    (MOIST, (8.4, 1.2, 21.2), None, (8.0, 1.2, 21.2)),
    (MOUNTAIN, (3.3, None, None), None, (3.3, None, None)),
    (RAIN, (17.7, 0.9, 218.9), (1.9, None, None), (14.8, 0.6, 218.9)),
)


def _sure(row: Row, cell: tuple[float, float | None], *, cut: bool = True) -> Row:
    mean, sd = cell
    row = Row(**{**vars(row), "value": mean})
    if sd is None:
        return percent(Row(**{**vars(row), "range": NINETY}), 90)
    return spread(Row(**{**vars(row), "range": SD}), sd, cut=cut)


def _blank(
    factor: str, zone: str, land: str, option: str, unit: str, where: str, note: str = ""
) -> Row:
    return Row(factor, 2019, zone, land, option, None, None, None, unit, "", f"{R19} {where}",
               READ, note)  # fmt: skip


def natural_forests() -> Iterator[Row]:
    """Rows of tables 4.4, 4.7 and 4.9."""
    for zone, where, cells in _STOCK:
        for age, cell in zip(AGES, cells, strict=True):
            if cell is not None:
                blank = _blank("B_FOREST", zone, "forest", f"{where}, {age}", "t d.m./ha",
                               "4, table 4.7", "above ground")  # fmt: skip
                yield _sure(blank, cell)
    note = "above ground, natural forest, net of mortality"
    for zone, where, cells in _GROWTH:
        for age, cell in zip(AGES, cells, strict=True):
            if cell is not None:
                blank = _blank("G_W", zone, "forest", f"{where}, {age}", "t d.m./ha/yr",
                               "4, table 4.9", note)  # fmt: skip
                yield _sure(blank, cell, cut=False)
    for zone, where, age, mean, low, high in _RANGES:
        yield Row("G_W", 2019, zone, "forest", f"{where}, {age}", mean, low, high, "t d.m./ha/yr",
                  STUDIES, f"{R19} 4, table 4.9", READ, note)  # fmt: skip
    for zone, age, middle, low, high in _BOREAL:
        remark = note if middle is not None else "the guidelines give a range and no default"
        yield Row("G_W", 2019, zone, "forest", age, middle, low, high, "t d.m./ha/yr", STUDIES,
                  f"{R19} 4, table 4.9", READ, remark)  # fmt: skip
    for zone, land, where, *pair in _ROOTS:
        for size, cell in zip(("up to 125 t/ha", "over 125 t/ha"), pair, strict=True):
            assert cell is not None
            blank = _blank("R", zone, land, f"{where}, {size}", "1", "4, table 4.4",
                           "class of above-ground biomass")  # fmt: skip
            yield _sure(blank, cell)
    for size, mean, low, high in (
        ("up to 75 t/ha", 0.39, 0.23, 0.96),
        ("over 75 t/ha", 0.24, 0.15, 0.37),
    ):
        yield Row("R", 2019, "boreal", "forest", size, mean, low, high, "1", STUDIES,
                  f"{R19} 4, table 4.4", READ, "class of above-ground biomass")  # fmt: skip


def dead_organic_matter() -> Iterator[Row]:
    """Rows of table 2.2."""
    lands = ("broad-leaved forest", "needle-leaved forest", "forest")
    for factor, table, note in (
        ("LITTER", _LITTER, "without fine woody debris"),
        ("DEAD_WOOD", _DEAD_WOOD, "over 10 cm across"),
    ):
        for zone, *cells in table:
            for land, cell in zip(lands, cells, strict=True):
                if cell is not None:
                    mean, low, high = cell
                    yield Row(factor, 2019, zone, land, ANY, mean, low, high, "t C/ha",
                              STUDIES if low is not None else "no range given",
                              f"{R19} 2, table 2.2", READ, note)  # fmt: skip
