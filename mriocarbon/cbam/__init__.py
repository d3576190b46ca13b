"""The EU's carbon border adjustment mechanism: default values, obligation, and their audit."""

from __future__ import annotations

from mriocarbon.cbam.audit import audit, audit_all
from mriocarbon.cbam.benchmarks import benchmark, precursor_highest
from mriocarbon.cbam.certificates import certificate_price
from mriocarbon.cbam.coherence import coherence
from mriocarbon.cbam.cost import cost_path
from mriocarbon.cbam.defaults import (
    all_defaults,
    default_value,
    defaults_of,
    read_corrections,
)
from mriocarbon.cbam.defects import defects, markup_check
from mriocarbon.cbam.embedded import Precursor, Production, embedded_emissions
from mriocarbon.cbam.goods import good, goods
from mriocarbon.cbam.obligation import de_minimis, obligation
from mriocarbon.cbam.origins import origin, origins
from mriocarbon.cbam.prices import read_prices
from mriocarbon.cbam.reference import Reference
from mriocarbon.cbam.reference_mrio import references_mrio, scope_gap
from mriocarbon.cbam.reference_process import references_process
from mriocarbon.cbam.reference_published import references_published
from mriocarbon.cbam.reference_user import read_references
from mriocarbon.cbam.trade import TradeLine, covered_share, read_trade, trade_2024

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
