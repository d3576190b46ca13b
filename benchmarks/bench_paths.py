"""The largest supply paths of one country's and of all final demand, and the memory they take."""

from __future__ import annotations

from functools import partial

import numpy as np

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, timed
from mriocarbon.model.table import MRIO
from mriocarbon.structure import path_parts
from mriocarbon.structure.path_result import Paths
from mriocarbon.structure.path_tiers import crossings, tiers
from mriocarbon.structure.paths import _search, paths

NATIONAL, WORLD = 1.0, 5.0
TOP = 1000


@benchmark(
    "paths",
    "the 1,000 largest supply paths, one country and the whole of final demand",
    size="1,000 and 4,050 sectors",
    bound="1 s and 5 s at 4,050",
    smoke=True,
)
def structural_paths(settings: Settings) -> list[Figure]:
    """On the embedded table, and with targets on the 4,050-sector table."""
    small = mc.load("oecd-icio-2022")
    figures = _on(small, "USA", settings, None, None)
    if settings.data is None:
        note = "MRIOCARBON_DATA names no folder"
        return [*figures, Figure("4,050 sectors", [], "s", NATIONAL, note)]
    full = mc.load("oecd-icio-2022", detail="full")
    return figures + _on(full, "DEU", settings, NATIONAL, WORLD)


def _on(
    mrio: MRIO, region: str, settings: Settings, national: float | None, world: float | None
) -> list[Figure]:
    size = f"{len(mrio.index):,} sectors"
    repeats = settings.times(5)

    def one(region: str | None = region, top: int = TOP) -> Paths:
        return paths(mrio, region=region, stressor="GHG", top=top)

    def fresh(region: str | None) -> None:
        path_parts._known.pop(mrio, None)  # multipliers and strongest chains anew
        one(region)

    one()  # compiles
    figures = []
    for name, who, target in (
        (region, region, national), ("all final demand", None, world),
    ):  # fmt: skip
        label = f"{size}, {name}, top {TOP:,}: "
        values = timed(partial(fresh, who), repeats)
        figures.append(Figure(label + "multipliers included", values, "s", target))
        result = one(who)
        note = (
            f"{100 * result.coverage:.1f} % of the account, longest {result.tier.max()} deliveries,"
            f" {result.expanded:,} chains opened"
        )
        values = timed(partial(one, who), repeats)
        figures.append(Figure(label + "multipliers kept", values, "s", None, note))
    many = 100 * TOP
    note = f"{100 * one(region, many).coverage:.1f} % of the account"
    values = timed(partial(one, region, many), min(repeats, 3))
    figures.append(Figure(f"{size}, {region}, top {many:,}: multipliers kept", values, "s", None,
                          note))  # fmt: skip
    asked = path_parts.question(mrio, region=region, stressor="GHG", product=None)
    above = path_parts.upstream(asked)
    for kind, bound in (("largest chain", above.strongest), ("multiplier", above.gross)):
        state = _search(mrio.Z, above, bound, asked.y, TOP, 10**7)[1]
        held = sum(array.nbytes for array in state.values() if isinstance(array, np.ndarray))
        values = timed(partial(_search, mrio.Z, above, bound, asked.y, TOP, 10**7), repeats)
        note = f"{state['count'][4]:,} chains opened, {held / 2**20:.1f} MiB of work arrays"
        figures.append(Figure(f"{size}, {region}: search, bound by the {kind}", values, "s", None,
                              note))  # fmt: skip
    for function in (tiers, crossings):
        exact = partial(function, mrio, region=region, stressor="GHG")
        figures.append(Figure(f"{size}, {region}: {function.__name__}", timed(exact, repeats)))
    return figures
