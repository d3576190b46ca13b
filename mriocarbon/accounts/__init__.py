"""Accounting principles: who answers for which emissions, from tables in memory or in a store."""

from mriocarbon.accounts.compute import account
from mriocarbon.accounts.flows import bilateral, footprint, trade
from mriocarbon.accounts.principle import Principle
from mriocarbon.accounts.registry import principles

__all__ = ["Principle", "account", "bilateral", "footprint", "principles", "trade"]
