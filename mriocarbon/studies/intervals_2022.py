"""How sure the differences of 2022 are: paired intervals, and editions beside one another.

What an account and production share cancels in their difference, so the interval is that of the
difference itself. First-order results for every principle ship with the package
(uncertainty_2022.csv); both methods can be computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import principles
from mriocarbon.compute import Engine, Progress
from mriocarbon.datasets.national import rows
from mriocarbon.datasets.satellites import satellites
from mriocarbon.errors import UnknownNameError, quietly
from mriocarbon.model import MRIO
from mriocarbon.model.brief import brief
from mriocarbon.uncertainty.accounting import METHODS, difference
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.describing import described

__all__ = ["LEVEL", "Drawing", "Edition", "Interval", "compute", "editions", "embedded"]

Array = NDArray[np.float64]
LEVEL = 0.95
EDITIONS = {
    "gcb-2024": "Global Carbon Budget 2024 (Our World in Data)",
    "gcb-2025": "Global Carbon Budget 2025 v0.3",
}


@dataclass(frozen=True, eq=False)
class Interval:
    """The difference of an account from production, per cent, with its paired 95 % interval.

    Attributes
    ----------
    gas, principle : str
    households : bool
    percent, low, high : ndarray, shape (regions,)
    method : str
        ``first-order`` or ``monte-carlo``.
    basis : str
        The error model in words.
    """

    gas: str
    principle: str
    households: bool
    percent: Array
    low: Array
    high: Array
    method: str
    basis: str

    __repr__ = brief

    @property
    def held(self) -> str:
        """What is held while the table varies, the last of what `basis` says."""
        return self.basis.rpartition("; ")[2]


@dataclass(frozen=True)
class Edition:
    """Consumption over territorial fossil CO2 of 2022 in one edition, per cent by ISO3 code."""

    name: str
    title: str
    percent: dict[str, float]

    __repr__ = brief


@dataclass(frozen=True)
class Drawing:
    """Settings of a Monte Carlo of the study; see `mriocarbon.uncertainty.monte_carlo`."""

    draws: int = 1000
    seed: int = 0
    engine: Engine | None = None
    checkpoint: Path | None = None
    resume: bool = False
    progress: Callable[[Progress], None] | None = None


def of_gas(mrio: MRIO, gas: str) -> MRIO:
    """Return the table with an extension that has the gas."""
    return mrio if gas in mrio.stressors else mrio.replace_extensions(satellites())


def embedded(mrio: MRIO, names: Sequence[str], gases: Sequence[str]) -> tuple[Interval, ...]:
    """Return the first-order intervals that ship with the package."""
    found: dict[tuple[str, str, bool], dict[str, dict[str, str]]] = {}
    for r in rows("uncertainty_2022"):
        key = (r["gas"], r["principle"], r["households"] == "yes")
        found.setdefault(key, {})[r["region"]] = r
    basis = {gas: described(default_errors(of_gas(mrio, gas), gas)) for gas in gases}
    out = []
    for (gas, principle, households), by_region in found.items():
        if principle in names and gas in gases:
            value, low, high = (
                np.array([float(by_region[r][column]) for r in mrio.regions])
                for column in ("percent", "low", "high")
            )
            out.append(
                Interval(gas, principle, households, value, low, high, METHODS[0], basis[gas])
            )
    return tuple(out)


def compute(
    mrio: MRIO,
    names: Sequence[str],
    gases: Sequence[str],
    method: str,
    drawing: Drawing | None = None,
    say: Callable[[str], None] | None = None,
) -> tuple[Interval, ...]:
    """Compute the intervals anew.

    Raises
    ------
    UnknownNameError
        No such method.
    """
    if method not in METHODS:
        raise UnknownNameError.of("method of uncertainty", method, METHODS)
    return tuple(_computed(mrio, names, gases, method, drawing or Drawing(), say))


def _computed(
    mrio: MRIO,
    names: Sequence[str],
    gases: Sequence[str],
    method: str,
    drawing: Drawing,
    say: Callable[[str], None] | None,
) -> Iterator[Interval]:
    # production over itself is zero by construction
    able = [
        p.name for p in principles()
        if not p.needs and p.name in names and p.name != "production"
    ]  # fmt: skip
    count, total = 0, 2 * len(able) * len(gases)
    for gas in gases:
        table = of_gas(mrio, gas)
        errors = default_errors(table, gas)
        for principle in able:
            for households in (False, True):
                count += 1
                if say:
                    home = ", households" if households else ""
                    say(f"interval {count} of {total}: {principle}, {gas}{home}")
                part = f"{gas}-{principle}-{'with' if households else 'without'}-households"
                place = None if drawing.checkpoint is None else drawing.checkpoint / part
                more = {} if method == METHODS[0] else {
                    "draws": drawing.draws, "seed": drawing.seed, "engine": drawing.engine,
                    "checkpoint": place, "resume": drawing.resume, "progress": drawing.progress,
                }  # fmt: skip
                with quietly():  # the study's remarks tell
                    found = difference(
                        table, principle, stressor=gas, households=households,
                        uncertainty=method, errors=errors, level=LEVEL,
                        **more,  # type: ignore[arg-type]
                    )  # fmt: skip
                assert found.low is not None and found.high is not None
                yield Interval(
                    gas, principle, households, found.value, found.low, found.high, method,
                    found.notes[-1].text.partition("; ")[2],
                )  # fmt: skip


def editions() -> tuple[Edition, ...]:
    """Return 2022 as two editions of the Global Carbon Budget tell it: what a revision moves.

    Examples
    --------
    >>> [round(one.percent["CHN"], 1) for one in editions()]
    [-9.2, -11.0]
    """
    found: dict[str, dict[str, float]] = {name: {} for name in EDITIONS}
    for r in rows("gcb_editions_2022"):
        if r["consumption_MtCO2"] and r["territorial_MtCO2"]:
            found[r["edition"]][r["iso3"]] = 100 * (
                float(r["consumption_MtCO2"]) / float(r["territorial_MtCO2"]) - 1
            )
    return tuple(Edition(name, EDITIONS[name], percent) for name, percent in found.items())
