"""Sobol indices against SALib and a closed form; intervals against worlds whose truth is known.

A world is a made-up table and what somebody observes of it, with errors drawn here by numpy alone.
The interval of the consumption account of what was observed must hold the account of the truth,
from an inverse written out, as often as it says. That tests the calculus, not the size of the
errors that `default_errors` assumes for real tables: no truth of those is known.
"""

from __future__ import annotations

import sys
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import sobol as salib_analyze
from SALib.sample import sobol as salib_sample
from SALib.test_functions import Ishigami

import mriocarbon as mc
from mriocarbon.uncertainty import Correlation, ErrorModel, first_order, sobol
from validation._check import Report

Array = NDArray[np.float64]
R, S = 3, 3  # regions, sectors of a world
N = R * S
WORLDS = 1000
STRESSOR, FLOWS, DEMAND = 0.10, 0.15, 0.08  # relative standard deviations
COUNTRY = 0.4  # share of a stressor's variance that its country's sectors have in common
LEVELS = ("0.90", "0.95")
BASE = 8192  # sample of the Sobol indices


def main() -> int:
    """Return 1 if an index differs, or an interval holds the truth too often or too seldom."""
    report = Report("Uncertainty: Sobol indices, coverage of intervals")
    _indices(report)
    _coverage(report)
    return report.finish()


def _indices(report: Report) -> None:
    names = ("x1", "x2", "x3")
    found = sobol(Ishigami.evaluate, dict.fromkeys(names, (-np.pi, np.pi)), n=BASE, seed=1)
    report.source("SALib called directly, with its own Ishigami function: the same sample")
    problem = {"num_vars": 3, "names": list(names), "bounds": [[-np.pi, np.pi]] * 3}
    points = salib_sample.sample(problem, BASE, calc_second_order=False, seed=1)
    direct = salib_analyze.analyze(
        problem, Ishigami.evaluate(points), calc_second_order=False, seed=2
    )
    report.same("first-order indices", found.first[:, 0], direct["S1"], rtol=1e-12)
    report.same("total indices", found.total[:, 0], direct["ST"], rtol=1e-12)
    report.source(
        "the same function, sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on (-pi, pi)^3 (Ishigami & Homma"
        " 1990), its variances integrated in closed form"
    )
    pi4, pi8 = np.pi**4, np.pi**8
    one, two, both = 0.5 * (1 + 0.1 * pi4 / 5) ** 2, 49 / 8, 0.01 * pi8 * (1 / 18 - 1 / 50)
    first = np.array([one, two, 0.0]) / (one + two + both)
    total = np.array([one + both, two, both]) / (one + two + both)
    for kind, ours, exact in (("first", found.first, first), ("total", found.total, total)):
        for k, name in enumerate(names):
            report.printed(
                f"{kind}-order index of {name}" if kind == "first" else f"total index of {name}",
                float(ours[k, 0]), f"{exact[k]:.4f}", tolerance=0.01,
                why=f"a sample of {BASE:,}",
            )  # fmt: skip


def _account(Z: Array, Y: Array, f: Array) -> Array:
    """Consumption account of each region, by the inverse written out."""
    x = Z.sum(axis=1) + Y.sum(axis=1)
    L = np.linalg.inv(np.eye(N) - Z / x)
    found: Array = (f / x) @ L @ Y
    return found


def _observed(true: Array, share: float, latent: Array) -> Array:
    """Lognormal errors of a relative standard deviation, with the truth as their median."""
    seen: Array = true * np.exp(np.sqrt(np.log1p(share**2)) * latent)
    return seen


def _coverage(report: Report) -> None:
    report.source(
        f"{WORLDS:,} worlds of {R} regions and {S} sectors; relative errors of"
        f" stressor {STRESSOR:.0%}, flows {FLOWS:.0%}, demand {DEMAND:.0%}, {COUNTRY:.0%} of the"
        " stressor's variance shared within a country; one region of each world, in turn"
    )
    rng = np.random.default_rng(20261130)
    errors = ErrorModel(
        stressor=STRESSOR, flows=FLOWS, demand=DEMAND,
        stressor_shared=Correlation(country=COUNTRY), balance="row balance",
    )  # fmt: skip
    gaps = np.empty(WORLDS)
    for k in range(WORLDS):
        Z, Y = rng.lognormal(-0.7, 0.6, (N, N)), rng.lognormal(1.5, 0.6, (N, R))
        f = rng.lognormal(2, 1, N)
        national = np.repeat(rng.standard_normal(R), S)
        latent = COUNTRY**0.5 * national + (1 - COUNTRY) ** 0.5 * rng.standard_normal(N)
        seen = mc.MRIO.from_arrays(
            Z=_observed(Z, FLOWS, rng.standard_normal((N, N))),
            Y=_observed(Y, DEMAND, rng.standard_normal((N, R))),
            regions=["A", "B", "C"], sectors=["1", "2", "3"],
            stressors={"CO2": _observed(f, STRESSOR, latent)},
        )  # fmt: skip
        found = first_order(seen, errors, households=False)
        gaps[k] = abs(found.value[k % R] - _account(Z, Y, f)[k % R]) / found.sd[k % R]
    for level in LEVELS:
        share = float(level)
        inside = float(np.mean(gaps <= NormalDist().inv_cdf(0.5 + share / 2)))
        report.printed(
            f"share of worlds that an interval of {share:.0%} holds, first order", inside, level,
            tolerance=2.5 * (share * (1 - share) / WORLDS) ** 0.5,
            why=f"2.5 standard errors of a share of {WORLDS:,}",
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
