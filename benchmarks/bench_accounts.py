"""National consumption accounts of the 1,000-sector table, warm and from nothing, and by peers."""

from __future__ import annotations

from typing import Any

import numpy as np

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, side_by_side, timed

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


def by_pymrio(frames: dict[str, Any]) -> Any:
    """pymrio: the same system from data frames, calc_all."""
    import pymrio

    system = pymrio.IOSystem(Z=frames["Z"].copy(), Y=frames["Y"].copy())
    system.ghg = pymrio.Extension("ghg", F=frames["F"].copy(), unit=frames["unit"])
    system.calc_all()
    return system.ghg.D_cba_reg.to_numpy()[0]


def data_frames(a: dict[str, Any]) -> dict[str, Any]:
    """Labelled frames as pymrio takes them, made before the clock starts."""
    import pandas as pd

    index = pd.MultiIndex.from_product([a["regions"], a["sectors"]], names=["region", "sector"])
    demand = pd.MultiIndex.from_product(
        [a["regions"], ["final demand"]], names=["region", "category"]
    )
    stressor = pd.Index(["GHG"], name="stressor")
    return {
        "Z": pd.DataFrame(a["Z"], index=index, columns=index),
        "Y": pd.DataFrame(a["Y"], index=index, columns=demand),
        "F": pd.DataFrame(a["f"][None, :], index=stressor, columns=index),
        "unit": pd.DataFrame({"unit": ["Mt CO2e"]}, index=stressor),
    }


@benchmark("accounts", "national consumption accounts, 20 regions x 50 industries")
def accounts(settings: Settings) -> list[Figure]:
    """Warm, from nothing, and side by side with numpy and pymrio."""
    a = arrays()
    frames = data_frames(a)
    mrio = mc.load(TABLE)

    def warm() -> Any:
        return mc.account(mrio, "consumption", stressor="GHG", households=False).value

    answers = {"warm": warm(), "arrays": ours(a), "solve": by_solve(a), "inverse": by_inverse(a),
               "pymrio": by_pymrio(frames)}  # fmt: skip
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
    slow = timed(lambda: by_pymrio(frames), max(1, min(repeats, 5)), warm=0)
    base = Figure("", cold["arrays"]).middle

    def ratio(values: list[float]) -> str:
        return f"{Figure('', values).middle / base:.2f} times the time of from_arrays + account"

    return [
        Figure("warm: mc.account, system factored", fast["warm"], "s", WARM),
        Figure("empty caches: MRIO.from_arrays + account", cold["arrays"], "s", EMPTY,
               "checks, labels, LU and error bound included"),
        Figure("numpy solve, arrays only", cold["solve"], "s", None, ratio(cold["solve"])),
        Figure("numpy inverse, arrays only", cold["inverse"], "s", None, ratio(cold["inverse"])),
        Figure("pymrio calc_all, frames ready", slow, "s", None,
               ratio(slow) + "; it computes all its accounts, not consumption alone"),
    ]  # fmt: skip
