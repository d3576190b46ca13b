"""Low-rank updates against a new factorisation, all extractions at once, important coefficients."""

from __future__ import annotations

import numpy as np

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, timed
from mriocarbon.structure.elasticity import important_coefficients
from mriocarbon.structure.extraction import extract_all
from mriocarbon.structure.linkages import linkages
from mriocarbon.structure.scopes import scopes
from mriocarbon.structure.update import Updated

SHARES = (0.001, 0.02, 0.05, 0.1, 0.15, 0.25)  # rank over n


def updates(mrio: mc.MRIO, repeats: int) -> list[Figure]:
    """An account of all regions after a change of rank k, by update and by factoring anew."""
    n = len(mrio.index)
    system = mc.leontief(mrio)
    system.output(mrio.final_demand, method="lu")  # the factors are there
    live = np.flatnonzero(mrio.x > 0)
    A = np.where(mrio.x == 0, 0.0, mrio.Z / np.where(mrio.x == 0, 1.0, mrio.x))
    Y, q = mrio.final_demand, np.full(n, 0.001)
    figures = []

    def change(k: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        dA = np.zeros((n, n))
        columns = live[:: max(1, len(live) // k)][:k]
        dA[:, columns] = -0.1 * A[:, columns]
        return dA

    def answer(method: str, k: int) -> None:
        new = Updated(system, change(k), method=method)
        new.multipliers(q)
        new.output(Y)

    figures.append(
        Figure(f"{n:,} sectors: factored anew", timed(lambda: answer("lu", 1), repeats), "s")
    )
    for share in SHARES:
        k = max(1, round(share * n))
        seconds = timed(lambda k=k: answer("update", k), repeats)  # type: ignore[misc]
        figures.append(Figure(f"{n:,} sectors: update of rank {k}", seconds, "s"))
    return figures


@benchmark(
    "structure",
    "scenarios by low-rank update, extraction of every sector, linkages",
    size="1,000 and 4,050 sectors",
    peers=("a new factorisation",),
    bound="5 s for 1,000 extractions",
)
def structure(settings: Settings) -> list[Figure]:
    """The embedded table of 1,000 sectors, and the one of 4,050 where its data are at hand."""
    mrio = mc.load("oecd-icio-2022")
    repeats = settings.times(3)
    figures = updates(mrio, repeats)
    for name, work, target in (
        ("extraction of each of 1,000 sectors", lambda: extract_all(mrio), 5.0),
        ("extraction of each of 50 sectors, all regions",
         lambda: extract_all(mrio, by="sector"), None),
        ("linkages, 16 measures", lambda: linkages(mrio), None),
        ("elasticities of 1,000,000 coefficients", lambda: important_coefficients(mrio), None),
        ("scopes", lambda: scopes(mrio), None),
    ):  # fmt: skip
        figures.append(Figure(name, timed(work, repeats), "s", target))
    if settings.data is None:
        return [*figures, Figure("4,050 sectors", [], note="set MRIOCARBON_DATA")]
    full = mc.load("oecd-icio-2022", detail="full")
    return [
        *figures, *updates(full, 1),
        Figure("extraction of each of 4,050 sectors", timed(lambda: extract_all(full), 1), "s"),
    ]  # fmt: skip
