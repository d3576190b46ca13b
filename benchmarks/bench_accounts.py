"""National consumption accounts of the 1,000-sector table, warm and from nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, side_by_side

WARM, EMPTY = 0.010, 0.040
TABLE = "oecd-icio-2022"


def arrays() -> dict[str, Any]:
    """Plain arrays and labels of the embedded table."""
    mrio = mc.load(TABLE)
    parts = {"Z": mrio.Z, "Y": mrio.final_demand, "x": mrio.x, "f": mrio.extensions["GHG"].F[0]}
    plain: dict[str, Any] = {key: np.array(value) for key, value in parts.items()}
    return {**plain, "regions": list(mrio.regions), "sectors": list(mrio.sectors)}


def ours(a: dict[str, Any]) -> Any:
    """From plain arrays with empty caches: a new table, a new system, an account."""
    mrio = mc.MRIO.from_arrays(
        Z=a["Z"], Y=a["Y"], x=a["x"], regions=a["regions"], sectors=a["sectors"],
        stressors={"GHG": a["f"]},
    )  # fmt: skip
    return mc.account(mrio, "consumption", stressor="GHG", households=False).value


def by_solve(a: dict[str, Any]) -> Any:
    """Plain numpy: one solve, no labels, no checks, no error bound."""
    live = a["x"] > 0
    safe = np.where(live, a["x"], 1.0)
    A = np.where(live, a["Z"] / safe, 0.0)
    q = np.where(live, a["f"] / safe, 0.0)
    return np.linalg.solve((np.eye(len(safe)) - A).T, q) @ a["Y"]


def by_inverse(a: dict[str, Any]) -> Any:
    """Plain numpy with the explicit inverse."""
    live = a["x"] > 0
    safe = np.where(live, a["x"], 1.0)
    A = np.where(live, a["Z"] / safe, 0.0)
    q = np.where(live, a["f"] / safe, 0.0)
    return q @ np.linalg.inv(np.eye(len(safe)) - A) @ a["Y"]


@benchmark(
    "accounts",
    "national consumption accounts, warm and from plain arrays",
    size="20 regions x 50 industries",
    peers=("numpy solve", "numpy inverse"),
    bound="10 ms warm, 40 ms from nothing",
    smoke=True,
)
def accounts(settings: Settings) -> list[Figure]:
    """Warm, from nothing, and side by side with numpy; peers are in `benchmarks.compare_peers`."""
    a = arrays()
    mrio = mc.load(TABLE)

    def warm() -> Any:
        return mc.account(mrio, "consumption", stressor="GHG", households=False).value

    answers = {"warm": warm(), "arrays": ours(a), "solve": by_solve(a), "inverse": by_inverse(a)}
    R = len(a["regions"])
    for name, value in answers.items():  # a fast wrong answer is no answer
        if not np.allclose(value[:R], answers["solve"], rtol=1e-6):
            raise AssertionError(f"{name} gives another account than numpy")
    repeats = settings.times(30)
    fast = side_by_side({"warm": warm}, 2 * repeats)
    cold = side_by_side(
        {"arrays": lambda: ours(a), "solve": lambda: by_solve(a), "inverse": lambda: by_inverse(a)},
        repeats,
    )
    base = Figure("", cold["arrays"]).middle

    def ratio(values: list[float]) -> str:
        return f"{Figure('', values).middle / base:.2f} times the time of from_arrays + account"

    return [
        Figure("warm: mc.account, system factored", fast["warm"], "s", WARM),
        Figure("empty caches: MRIO.from_arrays + account", cold["arrays"], "s", EMPTY,
               "checks, labels, LU and error bound included"),
        Figure("numpy solve, arrays only", cold["solve"], "s", None, ratio(cold["solve"])),
        Figure("numpy inverse, arrays only", cold["inverse"], "s", None, ratio(cold["inverse"])),
    ]  # fmt: skip
