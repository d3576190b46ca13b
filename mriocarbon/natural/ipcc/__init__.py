"""Volume 4 of the IPCC guidelines as functions: equations, default factors with their ranges.

Units are t C for stocks and t of the gas for emissions; a `StockChange` is signed as in the
guidelines (gains positive) and its `emissions` are positive to the air.

Examples
--------
>>> from mriocarbon.natural import ipcc
>>> ipcc.factor("SOC_REF", climate="tropical dry", option="HAC")
Factor(21 t C/ha, 95 %: 19.95 to 22.05)
"""

from mriocarbon.natural.ipcc.fire import FIRE_GASES, fire_emissions
from mriocarbon.natural.ipcc.intervals import (
    CO2_PER_C,
    Drawn,
    StockChange,
    Uncertain,
    evaluate,
    total,
    uncertain,
)
from mriocarbon.natural.ipcc.lime import liming_co2, urea_co2
from mriocarbon.natural.ipcc.lookup import CLIMATES, Factor, factor, factor_names, factors
from mriocarbon.natural.ipcc.nitrogen import (
    DirectN2O,
    IndirectN2O,
    SoilN2O,
    SoilNitrogen,
    direct_n2o,
    indirect_n2o,
    soil_n2o,
)
from mriocarbon.natural.ipcc.residues import crop_residue_nitrogen, mineralised_nitrogen
from mriocarbon.natural.ipcc.rice import rice_amendment_scaling, rice_ch4
from mriocarbon.natural.ipcc.soils import (
    SoilUse,
    mineral_soil_carbon,
    organic_soil_carbon,
    soil_stock,
    soil_use,
)
from mriocarbon.natural.ipcc.stocks import (
    biomass_growth,
    conversion,
    dead_organic_matter,
    disturbance_losses,
    fuelwood_removals,
    gain_loss,
    stock_difference,
    wood_removals,
)
from mriocarbon.natural.ipcc.wetlands import (
    FloodedLand,
    OrganicSoil,
    PeatExtraction,
    constructed_water_ch4,
    drained_organic_soils,
    flooded_land,
    peat_extraction,
    rewetted_organic_soils,
)

__all__ = [
    "CLIMATES",
    "CO2_PER_C",
    "DirectN2O",
    "Drawn",
    "FIRE_GASES",
    "Factor",
    "FloodedLand",
    "IndirectN2O",
    "OrganicSoil",
    "PeatExtraction",
    "SoilN2O",
    "SoilNitrogen",
    "SoilUse",
    "StockChange",
    "Uncertain",
    "biomass_growth",
    "constructed_water_ch4",
    "conversion",
    "crop_residue_nitrogen",
    "dead_organic_matter",
    "direct_n2o",
    "disturbance_losses",
    "drained_organic_soils",
    "evaluate",
    "factor",
    "factor_names",
    "factors",
    "fire_emissions",
    "flooded_land",
    "fuelwood_removals",
    "gain_loss",
    "indirect_n2o",
    "liming_co2",
    "mineral_soil_carbon",
    "mineralised_nitrogen",
    "organic_soil_carbon",
    "peat_extraction",
    "rewetted_organic_soils",
    "rice_amendment_scaling",
    "rice_ch4",
    "soil_n2o",
    "soil_stock",
    "soil_use",
    "stock_difference",
    "total",
    "uncertain",
    "urea_co2",
    "wood_removals",
]
