"""How sure an account is: error models of the inputs, and four ways to carry them through.

`first_order` (all cells at once), `monte_carlo`, the IPCC's `approach_1` and `approach_2`, and
Sobol indices by `sobol` and `sobol_of_accounts`. Most users need `mc.account(...,
uncertainty="first-order")` only.

Examples
--------
>>> import mriocarbon as mc
>>> errors = mc.uncertainty.ErrorModel(stressor=0.05, flows=mc.uncertainty.SizeLaw(0.4, -0.3))
>>> mrio = mc.load("oecd-icio-2022")
>>> found = mc.uncertainty.first_order(mrio, errors, stressor="GHG")
>>> sorted(found.parts)
['demand', 'flows', 'households', 'stressor']
"""

from mriocarbon.uncertainty.accounting import account, difference
from mriocarbon.uncertainty.cells import Cell, largest_cells
from mriocarbon.uncertainty.defaults import bracket, default_errors
from mriocarbon.uncertainty.describing import described
from mriocarbon.uncertainty.distributions import (
    Dirichlet,
    Empirical,
    Lognormal,
    TruncatedNormal,
    maximum_entropy_concentration,
)
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel, SizeLaw
from mriocarbon.uncertainty.firstorder import FirstOrder, first_order
from mriocarbon.uncertainty.ipcc import Category, approach_1, approach_2
from mriocarbon.uncertainty.ipcc_defaults import (
    IPCCDefault,
    default_category,
    half_interval,
    ipcc_defaults,
    lognormal_mean,
)
from mriocarbon.uncertainty.ipcc_inventory import InventoryCategories, inventory_categories
from mriocarbon.uncertainty.montecarlo import MonteCarlo, Spread, monte_carlo
from mriocarbon.uncertainty.pedigree import Pedigree
from mriocarbon.uncertainty.sobol import Sobol, sobol, sobol_of_accounts

__all__ = [
    "Category",
    "Cell",
    "Correlation",
    "Dirichlet",
    "Empirical",
    "ErrorModel",
    "FirstOrder",
    "IPCCDefault",
    "InventoryCategories",
    "Lognormal",
    "MonteCarlo",
    "Pedigree",
    "SizeLaw",
    "Sobol",
    "Spread",
    "TruncatedNormal",
    "account",
    "approach_1",
    "approach_2",
    "bracket",
    "default_category",
    "default_errors",
    "described",
    "difference",
    "first_order",
    "half_interval",
    "inventory_categories",
    "ipcc_defaults",
    "largest_cells",
    "lognormal_mean",
    "maximum_entropy_concentration",
    "monte_carlo",
    "sobol",
    "sobol_of_accounts",
]
