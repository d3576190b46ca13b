"""Life cycle assessment: from a question to a carbon footprint and its interpretation.

Everything is loaded when it is first used.

Examples
--------
>>> import mriocarbon as mc
>>> air = mc.lca.Exchange("Carbon dioxide, fossil", 785, "kg", "biosphere", "out", "air")
>>> kiln = mc.lca.Process("kiln", "lime", 1.0, "t", (air,))
>>> mc.lca.climate(mc.lca.factor(mc.lca.System.of([kiln])).inventory({"kiln": 2.0})).total
1570.0
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mriocarbon.lca.automatic import Automatic, auto, study_of_bill, to_yaml
    from mriocarbon.lca.balance import balances
    from mriocarbon.lca.bill import Bill, read_bill
    from mriocarbon.lca.brightway import brightway_method, read_brightway
    from mriocarbon.lca.chain import links, tree
    from mriocarbon.lca.checks import Check
    from mriocarbon.lca.comparison import Comparison
    from mriocarbon.lca.ecospold1 import Library, read_ecospold1, us_lci
    from mriocarbon.lca.goal import Study, read_study, study_of
    from mriocarbon.lca.hybrid_integrated import integrated
    from mriocarbon.lca.hybrid_money import money_process
    from mriocarbon.lca.hybrid_paths import path_exchange
    from mriocarbon.lca.ilcd import read_ilcd
    from mriocarbon.lca.impact import Climate, climate, gwp_method
    from mriocarbon.lca.inventory import Exchange, Process
    from mriocarbon.lca.jsonld import read_jsonld
    from mriocarbon.lca.lci import LCI, factor
    from mriocarbon.lca.montecarlo import simulate
    from mriocarbon.lca.perturb import gradients, perturbed
    from mriocarbon.lca.study import Assessment, compare, examples, run
    from mriocarbon.lca.system import System
    from mriocarbon.lca.uncertainty import Uncertainty

_WHERE = {
    "Assessment": "study",
    "Automatic": "automatic",
    "Bill": "bill",
    "Check": "checks",
    "Climate": "impact",
    "Comparison": "comparison",
    "Exchange": "inventory",
    "LCI": "lci",
    "Library": "ecospold1",
    "Process": "inventory",
    "Study": "goal",
    "System": "system",
    "Uncertainty": "uncertainty",
    "auto": "automatic",
    "balances": "balance",
    "brightway_method": "brightway",
    "climate": "impact",
    "compare": "study",
    "examples": "study",
    "factor": "lci",
    "gradients": "perturb",
    "gwp_method": "impact",
    "integrated": "hybrid_integrated",
    "links": "chain",
    "money_process": "hybrid_money",
    "path_exchange": "hybrid_paths",
    "perturbed": "perturb",
    "read_bill": "bill",
    "read_brightway": "brightway",
    "read_ecospold1": "ecospold1",
    "read_ilcd": "ilcd",
    "read_jsonld": "jsonld",
    "read_study": "goal",
    "run": "study",
    "simulate": "montecarlo",
    "study_of": "goal",
    "study_of_bill": "automatic",
    "to_yaml": "automatic",
    "tree": "chain",
    "us_lci": "ecospold1",
}
"""Public names and their modules."""


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is not None:
        return getattr(importlib.import_module(f"mriocarbon.lca.{where}"), name)
    raise AttributeError(f"module 'mriocarbon.lca' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "Assessment",
    "Automatic",
    "Bill",
    "Check",
    "Climate",
    "Comparison",
    "Exchange",
    "LCI",
    "Library",
    "Process",
    "Study",
    "System",
    "Uncertainty",
    "auto",
    "balances",
    "brightway_method",
    "climate",
    "compare",
    "examples",
    "factor",
    "gradients",
    "gwp_method",
    "integrated",
    "links",
    "money_process",
    "path_exchange",
    "perturbed",
    "read_bill",
    "read_brightway",
    "read_ecospold1",
    "read_ilcd",
    "read_jsonld",
    "read_study",
    "run",
    "simulate",
    "study_of",
    "study_of_bill",
    "to_yaml",
    "tree",
    "us_lci",
]
