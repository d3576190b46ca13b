"""Gradients by JAX of an account with respect to the whole of A."""

from __future__ import annotations

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, timed


@benchmark(
    "gradients",
    "jax.grad of China's account with respect to A",
    size="1,000 sectors",
    peers=("the account itself",),
    smoke=True,
)
def gradients(settings: Settings) -> list[Figure]:
    """Consumption and shared responsibility, a million derivatives each."""
    mrio = mc.load("oecd-icio-2022")
    figures = []
    for principle in ("consumption", "shared"):
        first: list[float] = []

        def work(principle: str = principle) -> None:
            mc.gradient(mrio, principle, region="CHN", wrt="A", stressor="GHG")

        first = timed(work, 1, warm=0)
        figures.append(Figure(f"{principle}: first call", first, "s", None, "with JAX's start"))
        figures.append(Figure(f"{principle}: d account / d A", timed(work, settings.times(5))))

        def account(principle: str = principle) -> None:
            mc.account(mrio, principle, stressor="GHG", households=False)

        figures.append(
            Figure(f"{principle}: the account itself, warm", timed(account, settings.times(5)))
        )
    return figures
