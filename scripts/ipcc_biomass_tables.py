"""Biomass and dead organic matter of 2006, fire of 2019, volume 4: see `ipcc_land_tables`.

Where the guidelines give a range and no default, the value is None and the lookup refuses.
"""

from __future__ import annotations

from collections.abc import Iterator

from scripts.ipcc_land_tables import (
    ANY,
    CI,
    NONE,
    READ,
    RECALLED,
    SD,
    SE,
    STUDIES,
    Row,
    percent,
    spread,
)

PULLER = "forest_puller 1.4.1"
G6 = "2006 Guidelines, volume 4, chapter"
TWENTY = ("up to 20 years", "over 20 years")
Cell = tuple[float | None, float | None, float | None]  # default, least, greatest

# --- Table 4.3: carbon fraction of dry matter, t C/t.
_CF: tuple[tuple[str, str, str, Cell], ...] = (
    (ANY, "default", ANY, (0.47, None, None)),
    ("tropical", "forest", "all", (0.47, 0.44, 0.49)),
    ("temperate and boreal", "forest", "all", (0.47, 0.47, 0.49)),
    ("temperate and boreal", "forest", "broad-leaved", (0.48, 0.46, 0.50)),
    ("temperate and boreal", "forest", "conifers", (0.51, 0.47, 0.55)),
)

# --- Table 4.4: below-ground over above-ground biomass. Zone, land, above-ground class, cell.
_COLD = "temperate"
_R: tuple[tuple[str, str, str, Cell], ...] = (
    ("tropical rainforest", "forest", ANY, (0.37, None, None)),
    *(
        (zone, "forest", option, cell)
        for zone in ("tropical moist deciduous forest", "subtropical humid forest")
        for option, cell in (
            ("under 125 t/ha", (0.20, 0.09, 0.25)), ("over 125 t/ha", (0.24, 0.22, 0.33)),
        )
    ),
    *(
        (zone, "forest", option, cell)
        for zone in ("tropical dry forest", "subtropical dry forest")
        for option, cell in (
            ("under 20 t/ha", (0.56, 0.28, 0.68)), ("over 20 t/ha", (0.28, 0.27, 0.28)),
        )
    ),
    ("tropical shrubland", "forest", ANY, (0.40, None, None)),
    ("tropical mountain", "forest", ANY, (0.27, 0.27, 0.28)),
    ("subtropical steppe", "forest", ANY, (0.32, 0.26, 0.71)),
    (_COLD, "conifers", "under 50 t/ha", (0.40, 0.21, 1.06)),
    (_COLD, "conifers", "50 to 150 t/ha", (0.29, 0.24, 0.50)),
    (_COLD, "conifers", "over 150 t/ha", (0.20, 0.12, 0.49)),
    (_COLD, "oak", "over 70 t/ha", (0.30, 0.20, 1.16)),
    (_COLD, "eucalypt", "under 50 t/ha", (0.44, 0.29, 0.81)),
    (_COLD, "eucalypt", "50 to 150 t/ha", (0.28, 0.15, 0.81)),
    (_COLD, "eucalypt", "over 150 t/ha", (0.20, 0.10, 0.33)),
    (_COLD, "other broad-leaved", "under 75 t/ha", (0.46, 0.12, 0.93)),
    (_COLD, "other broad-leaved", "75 to 150 t/ha", (0.23, 0.13, 0.37)),
    (_COLD, "other broad-leaved", "over 150 t/ha", (0.24, 0.17, 0.44)),
    ("boreal", "forest", "under 75 t/ha", (0.39, 0.23, 0.96)),
    ("boreal", "forest", "over 75 t/ha", (0.24, 0.15, 0.37)),
)  # fmt: skip

# --- Table 4.5: t of biomass per m3: by growing stock, the stock, its increment, its removals.
Bcef = tuple[str, float, float, float]
_BCEF: tuple[tuple[str, str, tuple[Bcef, ...]], ...] = (
    ("boreal", "pines",
     (("under 20 m3/ha", 1.20, 0.47, 1.33), ("21 to 50 m3/ha", 0.68, 0.46, 0.75),
      ("51 to 100 m3/ha", 0.57, 0.46, 0.63), ("over 100 m3/ha", 0.50, 0.463, 0.55))),
    ("boreal", "larch",
     (("under 20 m3/ha", 1.22, 0.90, 1.35), ("21 to 50 m3/ha", 0.78, 0.75, 0.87),
      ("51 to 100 m3/ha", 0.77, 0.77, 0.85), ("over 100 m3/ha", 0.77, 0.77, 0.85))),
    ("boreal", "firs and spruces",
     (("under 20 m3/ha", 1.16, 0.55, 1.29), ("21 to 50 m3/ha", 0.66, 0.47, 0.73),
      ("51 to 100 m3/ha", 0.58, 0.47, 0.64), ("over 100 m3/ha", 0.53, 0.464, 0.59))),
    ("boreal", "hardwoods",
     (("under 20 m3/ha", 0.90, 0.65, 1.0), ("21 to 50 m3/ha", 0.70, 0.54, 0.77),
      ("51 to 100 m3/ha", 0.62, 0.52, 0.69), ("over 100 m3/ha", 0.55, 0.505, 0.61))),
    ("temperate", "hardwoods",
     (("under 20 m3/ha", 3.0, 1.5, 3.33), ("21 to 40 m3/ha", 1.7, 1.3, 1.89),
      ("41 to 100 m3/ha", 1.4, 0.9, 1.55), ("100 to 200 m3/ha", 1.05, 0.6, 1.17),
      ("over 200 m3/ha", 0.8, 0.48, 0.89))),
    ("temperate", "pines",
     (("under 20 m3/ha", 1.8, 1.5, 2.0), ("21 to 40 m3/ha", 1.0, 0.75, 1.11),
      ("41 to 100 m3/ha", 0.75, 0.6, 0.83), ("100 to 200 m3/ha", 0.7, 0.67, 0.77),
      ("over 200 m3/ha", 0.7, 0.69, 0.77))),
    ("temperate", "other conifers",
     (("under 20 m3/ha", 3.0, 1.0, 3.33), ("21 to 40 m3/ha", 1.4, 0.83, 1.55),
      ("41 to 100 m3/ha", 1.0, 0.57, 1.11), ("100 to 200 m3/ha", 0.75, 0.53, 0.83),
      ("over 200 m3/ha", 0.7, 0.60, 0.77))),
    ("mediterranean, dry tropical, subtropical", "hardwoods",
     (("under 20 m3/ha", 5.0, 1.5, 5.55), ("21 to 40 m3/ha", 1.9, 0.5, 2.11),
      ("41 to 80 m3/ha", 0.8, 0.55, 0.89), ("over 80 m3/ha", 0.66, 0.66, 0.73))),
    ("mediterranean, dry tropical, subtropical", "conifers",
     (("under 20 m3/ha", 6.0, 1.5, 6.67), ("21 to 40 m3/ha", 1.2, 0.4, 1.33),
      ("41 to 80 m3/ha", 0.6, 0.45, 0.67), ("over 80 m3/ha", 0.55, 0.54, 0.61))),
    ("humid tropical", "natural forest",
     (("under 10 m3/ha", 9.0, 4.5, 10.0), ("11 to 20 m3/ha", 4.0, 1.6, 4.44),
      ("21 to 40 m3/ha", 2.8, 1.1, 3.11), ("41 to 60 m3/ha", 2.05, 0.93, 2.28),
      ("61 to 80 m3/ha", 1.7, 0.9, 1.89), ("80 to 120 m3/ha", 1.5, 0.87, 1.67),
      ("120 to 200 m3/ha", 1.3, 0.86, 1.44), ("over 200 m3/ha", 0.95, 0.85, 1.05))),
)  # fmt: skip
# Ranges of the stock's factor, recalled: removals have the same, over 0.9 (what felling leaves).
_BCEF_RANGE: dict[tuple[str, str], tuple[tuple[float, float], ...]] = {
    ("boreal", "pines"): ((0.85, 1.30), (0.50, 0.72), (0.52, 0.65), (0.45, 0.58)),
    ("temperate", "hardwoods"): ((0.8, 4.5), (0.8, 2.6), (0.7, 1.9), (0.6, 1.4), (0.55, 1.1)),
    ("temperate", "pines"): ((0.6, 2.4), (0.65, 1.5), (0.6, 1.0), (0.4, 1.0), (0.4, 1.0)),
    ("humid tropical", "natural forest"): (
        (4.0, 12.0), (2.5, 4.5), (1.4, 3.4), (1.2, 2.5), (1.2, 2.2), (1.0, 1.8), (0.9, 1.6),
        (0.7, 1.1)),
}  # fmt: skip

# --- Table 4.7: above-ground biomass in forests, t d.m./ha, by zone and continent.
AFRICA, AMERICA = "Africa", "America"
ASIA, ISLANDS = "Asia (continental)", "Asia (insular)"
_STOCK: tuple[tuple[str, str, Cell], ...] = (
    ("tropical rainforest", AFRICA, (310, 130, 510)),
    ("tropical rainforest", AMERICA, (300, 120, 400)),
    ("tropical rainforest", ASIA, (280, 120, 680)),
    ("tropical rainforest", ISLANDS, (350, 280, 520)),
    ("tropical moist deciduous forest", AFRICA, (260, 160, 430)),
    ("tropical moist deciduous forest", AMERICA, (220, 210, 280)),
    ("tropical moist deciduous forest", ASIA, (180, 10, 560)),
    ("tropical moist deciduous forest", ISLANDS, (290, None, None)),
    ("tropical dry forest", AFRICA, (120, 120, 130)),
    ("tropical dry forest", AMERICA, (210, 200, 410)),
    ("tropical dry forest", ASIA, (130, 100, 160)),
    ("tropical dry forest", ISLANDS, (160, None, None)),
    ("tropical shrubland", AFRICA, (70, 20, 200)),
    ("tropical shrubland", AMERICA, (80, 40, 90)),
    ("tropical shrubland", ASIA, (60, None, None)),
    ("tropical shrubland", ISLANDS, (70, None, None)),
    ("tropical mountain", AFRICA, (None, 40, 190)),
    ("tropical mountain", AMERICA, (None, 60, 230)),
    ("tropical mountain", ASIA, (None, 50, 220)),
    ("tropical mountain", ISLANDS, (None, 50, 360)),
    ("subtropical humid forest", AMERICA, (220, 210, 280)),
    ("subtropical humid forest", ASIA, (180, 10, 560)),
    ("subtropical humid forest", ISLANDS, (290, None, None)),
    ("subtropical dry forest", AFRICA, (140, None, None)),
    ("subtropical dry forest", AMERICA, (210, 200, 410)),
    ("subtropical dry forest", ASIA, (130, 100, 160)),
    ("subtropical dry forest", ISLANDS, (160, None, None)),
    ("subtropical steppe", AFRICA, (70, 20, 200)),
    ("subtropical steppe", AMERICA, (80, 40, 90)),
    ("subtropical steppe", ASIA, (60, None, None)),
    ("subtropical steppe", ISLANDS, (70, None, None)),
    ("temperate oceanic forest", "Europe", (120, None, None)),
    ("temperate oceanic forest", "North America", (660, 80, 1200)),
    ("temperate oceanic forest", "New Zealand", (360, 210, 430)),
    ("temperate oceanic forest", "South America", (180, 90, 310)),
    ("temperate continental forest", f"Asia, Europe, {TWENTY[0]}", (20, None, None)),
    ("temperate continental forest", f"Asia, Europe, {TWENTY[1]}", (120, 20, 320)),
    ("temperate continental forest", f"America, {TWENTY[0]}", (60, 10, 130)),
    ("temperate continental forest", f"America, {TWENTY[1]}", (130, 50, 200)),
    ("temperate mountain", f"Asia, Europe, {TWENTY[0]}", (100, 20, 180)),
    ("temperate mountain", f"Asia, Europe, {TWENTY[1]}", (130, 20, 600)),
    ("temperate mountain", f"America, {TWENTY[0]}", (50, 20, 110)),
    ("temperate mountain", f"America, {TWENTY[1]}", (130, 40, 280)),
    ("boreal coniferous forest", "Asia, Europe, North America", (None, 10, 90)),
    ("boreal tundra woodland", f"Asia, Europe, North America, {TWENTY[0]}", (None, 3, 4)),
    ("boreal tundra woodland", f"Asia, Europe, North America, {TWENTY[1]}", (None, 15, 20)),
    ("boreal mountain", f"Asia, Europe, North America, {TWENTY[0]}", (None, 12, 15)),
    ("boreal mountain", f"Asia, Europe, North America, {TWENTY[1]}", (None, 40, 50)),
)

# --- Table 4.9: above-ground net growth of natural forests, t d.m./ha/yr.
_GROWTH: tuple[tuple[str, str, Cell, Cell], ...] = (
    ("tropical rainforest", AFRICA, (10, None, None), (3.1, 2.3, 3.8)),
    ("tropical rainforest", "South America", (11, None, None), (3.1, 1.5, 5.5)),
    ("tropical rainforest", ASIA, (7.0, 3.0, 11.0), (2.2, 1.3, 3.0)),
    ("tropical rainforest", ISLANDS, (13, None, None), (3.4, None, None)),
    ("tropical moist deciduous forest", AFRICA, (5, None, None), (1.3, None, None)),
    ("tropical moist deciduous forest", AMERICA, (7.0, None, None), (2.0, None, None)),
    ("tropical moist deciduous forest", ASIA, (9.0, None, None), (2.0, None, None)),
    ("tropical moist deciduous forest", ISLANDS, (11, None, None), (3.0, None, None)),
    ("tropical dry forest", AFRICA, (2.4, 2.3, 2.5), (1.8, 0.6, 3.0)),
    ("tropical dry forest", AMERICA, (4.0, None, None), (1.0, None, None)),
    ("tropical dry forest", ASIA, (6.0, None, None), (1.5, None, None)),
    ("tropical dry forest", ISLANDS, (7.0, None, None), (2.0, None, None)),
    ("tropical shrubland", AFRICA, (None, 0.2, 0.7), (0.9, 0.2, 1.6)),
    ("tropical shrubland", AMERICA, (4.0, None, None), (1.0, None, None)),
    ("tropical shrubland", ASIA, (5.0, None, None), (1.3, 1.0, 2.2)),
    ("tropical shrubland", ISLANDS, (2.0, None, None), (1.0, None, None)),
)
_GROWTH_ANY_AGE: tuple[tuple[str, str, Cell], ...] = (
    ("temperate oceanic forest", "Europe", (2.3, None, None)),
    ("temperate oceanic forest", "North America", (15, 1.2, 105)),
    ("temperate oceanic forest", "New Zealand", (3.5, 3.2, 3.8)),
    ("temperate oceanic forest", "South America", (None, 2.4, 8.9)),
    ("temperate continental forest", f"Asia, Europe, North America, {TWENTY[0]}", (4.0, 0.5, 8.0)),
    ("temperate continental forest", f"Asia, Europe, North America, {TWENTY[1]}", (4.0, 0.5, 7.5)),
    ("temperate mountain", "Asia, Europe, North America", (3.0, 0.5, 6.0)),
    ("boreal coniferous forest", "Asia, Europe, North America", (None, 0.1, 2.1)),
    ("boreal tundra woodland", "Asia, Europe, North America", (0.4, 0.2, 0.5)),
    ("boreal mountain", f"Asia, Europe, North America, {TWENTY[0]}", (None, 1.0, 1.1)),
    ("boreal mountain", f"Asia, Europe, North America, {TWENTY[1]}", (None, 1.1, 1.5)),
)

# --- Table 2.2: litter of mature forests, t C/ha; broad-leaved deciduous, needle-leaved evergreen.
_LITTER: tuple[tuple[str, Cell, Cell], ...] = (
    ("boreal dry", (25, 10, 58), (31, 6, 86)),
    ("boreal moist", (39, 11, 117), (55, 7, 123)),
    ("cool temperate dry", (28, 23, 33), (20, 17, 21)),
    ("cool temperate moist", (16, 5, 31), (26, 10, 48)),
    ("warm temperate dry", (28.2, 23.4, 33.0), (20.3, 17.3, 21.1)),
    ("warm temperate moist", (13, 2, 31), (22, 6, 42)),
    ("subtropical", (2.8, 2, 3), (4.1, None, None)),
    ("tropical", (2.1, 1, 3), (5.2, None, None)),
)

# --- Crops and grass. Tables 5.1, 5.9 and 6.4, all +-75 %.
_CROPS: tuple[tuple[str, str, float, float], ...] = (  # zone, cycle, stock at harvest, growth
    ("temperate", "30 years", 63, 2.1),
    ("tropical dry", "5 years", 9, 1.8),
    ("tropical moist", "8 years", 21, 2.6),
    ("tropical wet", "5 years", 50, 10.0),
)
_GRASS: tuple[tuple[tuple[str, ...], float, float], ...] = (  # zones, above ground, all
    (("boreal dry", "boreal moist"), 1.7, 8.5),
    (("cool temperate dry",), 1.7, 6.5),
    (("cool temperate moist",), 2.4, 13.6),
    (("warm temperate dry",), 1.6, 6.1),
    (("warm temperate moist",), 2.7, 13.5),
    (("tropical dry",), 2.3, 8.7),
    (("tropical moist", "tropical wet"), 6.2, 16.1),
)

# --- Fire. Table 2.4 (fuel consumed, t d.m./ha, se) and table 2.6 (share consumed, sd).
Burn = tuple[float, float | None] | None
_FIRES: tuple[tuple[str, str, Burn, Burn], ...] = (
    ("primary tropical forest", "closed", (83.9, 25.8), (0.32, 0.12)),
    ("primary tropical forest", "open", (163.6, 52.1), (0.45, 0.09)),
    ("primary tropical forest", "moist", (160.4, 11.8), (0.50, 0.03)),
    ("primary tropical forest", "all", (119.6, 50.7), (0.36, 0.13)),
    ("secondary tropical forest", "3 to 5 years", (8.1, None), (0.46, None)),
    ("secondary tropical forest", "6 to 10 years", (41.1, 27.4), (0.67, 0.21)),
    ("secondary tropical forest", "14 to 17 years", (46.4, 8.0), (0.50, 0.10)),
    ("secondary tropical forest", "all", (42.2, 23.6), (0.55, 0.06)),
    ("tertiary tropical forest", "all", (54.1, None), (0.59, None)),
    ("boreal forest", "wildfire", (52.8, 48.4), (0.40, 0.06)),
    ("boreal forest", "crown fire", (25.1, 7.9), (0.43, 0.21)),
    ("boreal forest", "surface fire", (21.6, 25.1), (0.15, 0.08)),
    ("boreal forest", "slash after logging", (69.6, 44.8), (0.33, 0.13)),
    ("boreal forest", "land clearing", (87.5, 35.0), (0.59, None)),
    ("boreal forest", "all", (41.0, 36.5), (0.34, 0.17)),
    ("eucalypt forest", "wildfire", (53.0, 53.6), None),
    ("eucalypt forest", "prescribed surface fire", (16.0, 13.7), (0.61, 0.11)),
    ("eucalypt forest", "slash after logging", (168.4, 168.8), (0.68, 0.14)),
    ("eucalypt forest", "land clearing", (132.6, None), (0.49, None)),
    ("eucalypt forest", "all", (69.4, 100.8), (0.63, 0.13)),
    ("other temperate forest", "wildfire", (19.8, 6.3), None),
    ("other temperate forest", "slash after logging", (77.5, 65.0), (0.62, 0.12)),
    ("other temperate forest", "land clearing", (48.4, 62.7), (0.51, None)),
    ("other temperate forest", "all", (50.4, 53.7), (0.45, 0.16)),
    ("shrubland", "general", (26.7, 4.2), (0.95, None)),
    ("shrubland", "heath", (11.5, 4.3), (0.71, 0.30)),
    ("shrubland", "sagebrush", (5.7, 3.8), None),
    ("shrubland", "fynbos", (12.9, 0.1), (0.61, 0.16)),
    ("shrubland", "all", (14.3, 9.0), (0.72, 0.25)),
    ("savanna woodland, early dry season", "woodland", (2.5, None), (0.22, None)),
    ("savanna woodland, early dry season", "parkland", (2.7, None), (0.73, None)),
    ("savanna woodland, early dry season", "other", None, (0.37, 0.19)),
    ("savanna woodland, early dry season", "all", (2.6, 0.1), (0.40, 0.22)),
    ("savanna woodland, mid to late dry season", "woodland", (3.3, None), (0.72, None)),
    ("savanna woodland, mid to late dry season", "parkland", (4.0, 1.1), (0.82, 0.07)),
    ("savanna woodland, mid to late dry season", "tropical savanna", (6.0, 1.8), (0.73, 0.04)),
    ("savanna woodland, mid to late dry season", "other", (5.3, 1.7), (0.68, 0.19)),
    ("savanna woodland, mid to late dry season", "all", (4.6, 1.5), (0.74, 0.14)),
    ("savanna grassland, early dry season", "all", (2.1, None), (0.74, None)),
    ("savanna grassland, mid to late dry season", "tropical grassland", (5.2, 1.7), (0.92, 0.11)),
    ("savanna grassland, mid to late dry season", "grassland", (4.1, 3.1), None),
    ("savanna grassland, mid to late dry season", "tropical pasture", (23.7, 11.8), (0.35, 0.21)),
    ("savanna grassland, mid to late dry season", "savanna", (7.0, 2.7), (0.86, 0.12)),
    ("savanna grassland, mid to late dry season", "all", (10.0, 10.1), (0.77, 0.26)),
    ("peatland", "all", (41.0, 1.4), (0.50, None)),
    ("tropical wetland", "all", None, (0.70, None)),
    ("tundra", "all", (10.0, None), None),
    # fuel of residues: their dry matter times the share of the area burnt (chapter 11)
    ("crop residues", "wheat", None, (0.90, None)),
    ("crop residues", "maize", None, (0.80, None)),
    ("crop residues", "sugar cane", None, (0.80, None)),
    ("crop residues", "other", None, (0.85, None)),
)

# --- Table 2.5: g of gas per kg of dry matter burnt (mean, sd).
_GASES = ("CO2", "CO", "CH4", "N2O", "NOX")
_GEF: tuple[tuple[str, tuple[tuple[float, float | None], ...]], ...] = (
    ("savanna and grassland", ((1613, 95), (65, 20), (2.3, 0.9), (0.21, 0.10), (3.9, 2.4))),
    ("crop residues", ((1515, 177), (92, 84), (2.7, None), (0.07, None), (2.5, 1.0))),
    ("tropical forest", ((1580, 90), (104, 20), (6.8, 2.0), (0.20, None), (1.6, 0.7))),
    ("extra-tropical forest", ((1569, 131), (107, 37), (4.7, 1.9), (0.26, 0.07), (3.0, 1.4))),
    ("biofuel", ((1550, 95), (78, 31), (6.1, 2.2), (0.06, None), (1.1, 0.6))),
)


def _ranged(
    factor: str, climate: str, land: str, option: str, cell: Cell, unit: str, source: str,
    note: str = "", status: str = RECALLED,
) -> Row:  # fmt: skip
    value, low, high = cell
    if value is None:
        note = "the guidelines give a range and no default"
    return Row(factor, 2006, climate, land, option, value, low, high, unit,
               NONE if low is None else STUDIES, source, status, note)  # fmt: skip


def forests() -> Iterator[Row]:
    """Rows of tables 4.3 to 4.5, 4.7 and 4.9."""
    for zone, land, option, cell in _CF:
        yield _ranged("CF", zone, land, option, cell, "t C/t d.m.", f"{G6} 4, table 4.3")
    for zone, land, option, cell in _R:
        held = zone in ("temperate", "boreal", "subtropical dry forest")
        status = f"transcribed by {PULLER}; range UNVERIFIED: recalled" if held else RECALLED
        yield _ranged("R", zone, land, option, cell, "1", f"{G6} 4, table 4.4",
                      "class of above-ground biomass", status)  # fmt: skip
    for zone, land, classes in _BCEF:
        spans = _BCEF_RANGE.get((zone, land))
        for n, (option, stock, increment, removals) in enumerate(classes):
            for factor, middle, over in (
                ("BCEF_S", stock, 1.0), ("BCEF_I", increment, 0.0), ("BCEF_R", removals, 0.9),
            ):  # fmt: skip
                span = spans[n] if spans and over else (None, None)
                low, high = (None if end is None else round(end / over, 3) for end in span)
                status = f"transcribed by {PULLER}" if zone != "humid tropical" else RECALLED
                if low is not None and status != RECALLED:
                    status += "; range UNVERIFIED: recalled"
                yield _ranged(factor, zone, land, option, (middle, low, high), "t d.m./m3",
                              f"{G6} 4, table 4.5", "class of growing stock", status
                              )  # fmt: skip
    for zone, option, cell in _STOCK:
        yield _ranged("B_FOREST", zone, "forest", option, cell, "t d.m./ha",
                      f"{G6} 4, table 4.7", "above ground")  # fmt: skip
    ages = [(z, f"{c}, {age}", cell) for z, c, *two in _GROWTH
            for age, cell in zip(TWENTY, two, strict=True)]  # fmt: skip
    for zone, option, cell in (*ages, *_GROWTH_ANY_AGE):
        yield _ranged("G_W", zone, "forest", option, cell, "t d.m./ha/yr",
                      f"{G6} 4, table 4.9", "above ground, natural forest")  # fmt: skip


def other_pools() -> Iterator[Row]:
    """Rows of tables 2.2, 5.1, 5.9 and 6.4."""
    for zone, *cells in _LITTER:
        for land, cell in zip(("broad-leaved forest", "needle-leaved forest"), cells, strict=True):
            yield _ranged("LITTER", zone, land, ANY, cell, "t C/ha", f"{G6} 2, table 2.2",
                          "dead wood has no default")  # fmt: skip
    for zone, cycle, stock, growth in _CROPS:
        for factor, value, unit in (("B_CROP", stock, "t C/ha"), ("G_CROP", growth, "t C/ha/yr")):
            row = Row(factor, 2006, zone, "perennial cropland", ANY, value, None, None, unit, CI,
                      f"{G6} 5, table 5.1", note=f"above ground; harvest cycle {cycle}"
                      )  # fmt: skip
            yield percent(row, 75)
    row = Row("B_CROP", 2006, ANY, "annual cropland", ANY, 5.0, None, None, "t C/ha", CI,
              f"{G6} 5, table 5.9", note="one year after conversion")  # fmt: skip
    yield percent(row, 75)
    for zones, above, both in _GRASS:
        for zone in zones:
            for option, value in (("above ground", above), ("above and below ground", both)):
                row = Row("B_GRASS", 2006, zone, "grassland", option, value, None, None,
                          "t d.m./ha", CI, f"{G6} 6, table 6.4")  # fmt: skip
                yield percent(row, 75)


def fires() -> Iterator[Row]:
    """Rows of tables 2.4 to 2.6, without rice."""
    where = "2019 Refinement, volume 4, chapter 2, table"
    for land, option, fuel, share in _FIRES:
        if fuel is not None:
            row = Row("M_B_C_F", 2019, ANY, land, option, fuel[0], None, None, "t d.m./ha", SE,
                      f"{where} 2.4", READ, "fuel consumed: already times C_F")  # fmt: skip
            yield spread(row, fuel[1])
        if share is not None:
            row = spread(
                Row("C_F", 2019, ANY, land, option, share[0], None, None, "share", SD,
                    f"{where} 2.6", READ), share[1],
            )  # fmt: skip
            yield row if row.high is None else Row(**{**vars(row), "high": min(row.high, 1.0)})
    for land, cells in _GEF:
        for gas, (value, sd) in zip(_GASES, cells, strict=True):
            row = Row("G_EF", 2019, ANY, land, gas, value, None, None, "g/kg d.m.", SD,
                      f"{where} 2.5 (after Andreae and Merlet 2001)", READ)  # fmt: skip
            yield spread(row, sd)
