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
from mriocarbon.natural.ipcc.lookup import CLIMATES, Factor, factor, factor_names, factors
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

__all__ = [
    "CLIMATES",
    "CO2_PER_C",
    "FIRE_GASES",
    "Drawn",
    "Factor",
    "SoilUse",
    "StockChange",
    "Uncertain",
    "biomass_growth",
    "conversion",
    "dead_organic_matter",
    "disturbance_losses",
    "evaluate",
    "factor",
    "factor_names",
    "factors",
    "fire_emissions",
    "fuelwood_removals",
    "gain_loss",
    "mineral_soil_carbon",
    "organic_soil_carbon",
    "soil_stock",
    "soil_use",
    "stock_difference",
    "total",
    "uncertain",
    "wood_removals",
]
