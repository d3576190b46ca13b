"""Every principle with every option: how the package is asked, and what the oracle says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from properties.oracle import Oracle
from properties.tables import Case

Options = dict[str, Any]


def _none(case: Case) -> Options:
    return {}


def capital(case: Case) -> np.ndarray:
    """Capital flows small enough that A + A_K stays productive."""
    x, rng = case.x, case.rng
    K = rng.random((case.n, case.n)) * (x[:, None] > 0) * x
    safe = np.where(x > 0, x, 1.0)
    share = 0.2 / case.n
    while np.abs(np.linalg.eigvals((case.Z + share * K) / safe)).max() > 0.98:
        share /= 4
    return share * K


def owners(case: Case) -> np.ndarray:
    W = case.rng.random((case.R, case.n))
    return W / W.sum(axis=0)


def _per_sector(case: Case) -> Options:
    return {"a": case.rng.random(case.S), "b": 0.25}


def _per_cell(case: Case) -> Options:
    rng = case.rng
    return {"a": rng.random(case.n), "b": rng.random(case.n)}


def _phi(case: Case) -> Options:
    return {"phi": case.rng.random((case.R, case.R))}


def _spread(case: Case, a: Any) -> np.ndarray:
    return np.tile(a, case.R) if np.shape(a) == (case.S,) else a


@dataclass(frozen=True)
class Variant:
    """One principle with one setting of its options."""

    principle: str
    label: str
    options: Callable[[Case], Options]
    oracle: Callable[[Oracle, Case], np.ndarray]
    conserves: bool = True

    @property
    def id(self) -> str:
        return f"{self.principle}{self.label and ':' + self.label}"


VARIANTS = (
    Variant("production", "", _none, lambda o, c: o.production()),
    Variant("consumption", "", _none, lambda o, c: o.consumption()),
    Variant("eebt", "", _none, lambda o, c: o.eebt()),
    Variant("income", "", _none, lambda o, c: o.income()),
    Variant(
        "income",
        "value added",
        lambda c: {"primary_inputs": "value_added"},
        lambda o, c: o.income(c.value_added),
    ),
    Variant("final-producer", "", _none, lambda o, c: o.final_producer()),
    Variant("shared", "", _none, lambda o, c: o.shared()),
    Variant("shared", "a=0.3", lambda c: {"a": 0.3}, lambda o, c: o.shared(0.3)),
    Variant("shared", "b=0.6", lambda c: {"b": 0.6}, lambda o, c: o.shared(None, 0.6)),
    Variant(
        "shared",
        "a by sector",
        _per_sector,
        lambda o, c: o.shared(_spread(c, _per_sector(c)["a"]), 0.25),
    ),
    Variant("shared", "a, b by cell", _per_cell, lambda o, c: o.shared(**_per_cell(c))),
    Variant(
        "shared",
        "inside",
        lambda c: {"self_deliveries": "inside"},
        lambda o, c: o.shared(inside=True),
    ),
    Variant(
        "shared",
        "inside, a, b by cell",
        lambda c: {**_per_cell(c), "self_deliveries": "inside"},
        lambda o, c: o.shared(**_per_cell(c), inside=True),
    ),
    Variant("half-half", "", _none, lambda o, c: o.half_half()),
    Variant("value-added", "", _none, lambda o, c: o.value_added()),
    Variant(
        "value-added",
        "value added",
        lambda c: {"primary_inputs": "value_added"},
        lambda o, c: o.value_added(c.value_added),
    ),
    Variant("technology-adjusted", "", _none, lambda o, c: o.technology_adjusted()),
    Variant(
        "technology-adjusted",
        "output",
        lambda c: {"weights": "output"},
        lambda o, c: o.technology_adjusted("output"),
        conserves=False,
    ),
    Variant(
        "technology-adjusted-balanced", "", _none, lambda o, c: o.technology_adjusted_balanced()
    ),
    Variant(
        "technology-adjusted-balanced",
        "exports",
        lambda c: {"weights": "exports"},
        lambda o, c: o.technology_adjusted_balanced("exports"),
    ),
    Variant("era", "", _none, lambda o, c: o.era()),
    Variant(
        "capital-endogenised",
        "",
        lambda c: {"K": capital(c)},
        lambda o, c: o.capital_endogenised(capital(c)),
    ),
    Variant("ownership", "", lambda c: {"W": owners(c)}, lambda o, c: o.ownership(owners(c))),
    Variant("benefit-shared", "", _none, lambda o, c: o.benefit_shared()),
    Variant(
        "benefit-shared", "phi=0.3", lambda c: {"phi": 0.3}, lambda o, c: o.benefit_shared(0.3)
    ),
    Variant("benefit-shared", "phi matrix", _phi, lambda o, c: o.benefit_shared(**_phi(c))),
)
