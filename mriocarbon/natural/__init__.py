"""Natural carbon: managed land, land-use change, net biome exchange and the other natural fluxes.

The four scopes are types, and only fluxes of one scope can be added: see `mriocarbon.natural.flux`.

Examples
--------
>>> import mriocarbon as mc
>>> usa = mc.natural.account("USA", 2022)
>>> [(one.scope, one.period) for one in usa.fluxes][0]
('managed land', '2021')
>>> inventory = usa.flux("land use, land-use change and forestry")
>>> try:
...     inventory + usa.flux("land-use change", method="BLUE")
... except mc.natural.ScopeError as error:
...     print(str(error)[:48])
managed land and land-use change are never added
"""

from __future__ import annotations

from mriocarbon.natural import ipcc
from mriocarbon.natural.account import NaturalAccount, account, accounts
from mriocarbon.natural.budget import Budget, budget
from mriocarbon.natural.flux import (
    SCOPES,
    Biosphere,
    Flux,
    LandUseChange,
    ManagedLand,
    Process,
    ScopeError,
    make_flux,
    total,
)
from mriocarbon.natural.grouping import group, implied_correlation
from mriocarbon.natural.parts import parts
from mriocarbon.natural.translate import Translation, fitted_periods, translate, translations

__all__ = [
    "SCOPES",
    "Biosphere",
    "Budget",
    "Flux",
    "LandUseChange",
    "ManagedLand",
    "NaturalAccount",
    "Process",
    "ScopeError",
    "Translation",
    "account",
    "accounts",
    "budget",
    "fitted_periods",
    "group",
    "implied_correlation",
    "ipcc",
    "make_flux",
    "parts",
    "total",
    "translate",
    "translations",
]
