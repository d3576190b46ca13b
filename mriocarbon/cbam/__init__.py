"""The EU's carbon border adjustment mechanism: default values, obligation, and their audit.

The law is at hand at once; what needs tables and process models is loaded when first used.

Examples
--------
>>> import mriocarbon as mc
>>> mc.cbam.default_value("7208", origin="China", year=2026).total
Decimal('3.187')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mriocarbon.cbam.benchmarks import benchmark, precursor_highest
from mriocarbon.cbam.certificates import certificate_price
from mriocarbon.cbam.coherence import coherence
from mriocarbon.cbam.cost import cost_path
from mriocarbon.cbam.defaults import all_defaults, default_value, defaults_of, read_corrections
from mriocarbon.cbam.defects import defects, markup_check
from mriocarbon.cbam.embedded import Precursor, Production, embedded_emissions
from mriocarbon.cbam.goods import good, goods
from mriocarbon.cbam.obligation import de_minimis, obligation
from mriocarbon.cbam.origins import origin, origins
from mriocarbon.cbam.reference import Reference
from mriocarbon.cbam.trade import TradeLine, covered_share, read_trade, trade_2024

if TYPE_CHECKING:
    from mriocarbon.cbam.auditing import audit, audit_all
    from mriocarbon.cbam.prices import read_prices
    from mriocarbon.cbam.reference_mrio import references_mrio, scope_gap
    from mriocarbon.cbam.reference_process import references_process
    from mriocarbon.cbam.reference_published import references_published
    from mriocarbon.cbam.reference_user import read_references

_LATER = {
    "audit": "auditing",
    "audit_all": "auditing",
    "read_prices": "prices",
    "references_mrio": "reference_mrio",
    "scope_gap": "reference_mrio",
    "references_process": "reference_process",
    "references_published": "reference_published",
    "read_references": "reference_user",
}
"""Names loaded when first used, and their modules (none of which bears such a name)."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"mriocarbon.cbam.{_LATER[name]}"), name)
    raise AttributeError(f"module 'mriocarbon.cbam' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "Precursor",
    "Production",
    "Reference",
    "TradeLine",
    "all_defaults",
    "audit",
    "audit_all",
    "benchmark",
    "certificate_price",
    "coherence",
    "cost_path",
    "covered_share",
    "de_minimis",
    "default_value",
    "defaults_of",
    "defects",
    "embedded_emissions",
    "good",
    "goods",
    "markup_check",
    "obligation",
    "origin",
    "origins",
    "precursor_highest",
    "read_corrections",
    "read_prices",
    "read_references",
    "read_trade",
    "references_mrio",
    "references_process",
    "references_published",
    "scope_gap",
    "trade_2024",
]
