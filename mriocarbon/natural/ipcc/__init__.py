"""Volume 4 of the IPCC guidelines as functions: equations, default factors with their ranges.

Units are t C for stocks and t of the gas for emissions; a `StockChange` is signed as in the
guidelines (gains positive) and its `emissions` are positive to the air.

Examples
--------
>>> from mriocarbon.natural import ipcc
>>> ipcc.factor("SOC_REF", climate="tropical dry", option="HAC")
Factor(21 t C/ha, 95 %: 19.95 to 22.05)
"""

from mriocarbon.natural.ipcc.intervals import (
    CO2_PER_C,
    Drawn,
    StockChange,
    Uncertain,
    evaluate,
    total,
    uncertain,
)
from mriocarbon.natural.ipcc.lookup import (
    CLIMATES,
    Factor,
    factor,
    factor_names,
    factors,
)

__all__ = [
    "CLIMATES",
    "CO2_PER_C",
    "Drawn",
    "Factor",
    "StockChange",
    "Uncertain",
    "evaluate",
    "factor",
    "factor_names",
    "factors",
    "total",
    "uncertain",
]
