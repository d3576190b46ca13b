"""Where a long command runs, and how it goes on after a break: the options that commands share."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mriocarbon.cli import complete

if TYPE_CHECKING:
    from mriocarbon.compute import Engine

Scheduler = Annotated[
    str | None,
    typer.Option(help="Run on Dask: tcp://HOST:PORT of a scheduler, or dask for this machine."),
]
Cluster = Annotated[Path | None, typer.Option(help="Run on SLURM: a YAML file of its settings.")]
Workers = Annotated[int | None, typer.Option(help="Threads, or processes of `--scheduler dask`.")]
CheckpointFolder = Annotated[
    Path | None, typer.Option("--checkpoint", help="Keep finished batches in this folder.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")]
Uncertainty = Annotated[
    str | None,
    typer.Option(
        help="Intervals: first-order or monte-carlo.", autocompletion=complete.uncertainties
    ),
]
Draws = Annotated[int | None, typer.Option(help="Draws of the Monte Carlo; 1,000 by default.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the Monte Carlo; 0 by default.")]

_QUIET = 5.0  # seconds between two lines of progress


@contextmanager
def place(
    scheduler: str | None, cluster: Path | None, workers: int | None, checkpoint: Path | None
) -> Iterator[Engine | None]:
    """Yield the engine that was asked for, None if none was; say what a break has left."""
    from mriocarbon.errors import InputError

    if scheduler is not None and cluster is not None:
        raise InputError(
            "both a scheduler and a cluster are named",
            where="--scheduler, --cluster",
            do="name one of them",
        )
    try:
        if scheduler is None and cluster is None and workers is None:
            yield None
            return
        from mriocarbon.compute import engine

        with engine(cluster or scheduler, workers=workers) as where:
            yield where
    except KeyboardInterrupt as stop:
        notes = list(getattr(stop, "__notes__", ()))
        if not notes and checkpoint is not None:  # the break came between two batches
            done = len(list(checkpoint.rglob("batch-*.npz")))
            notes = [f"{done} batches are in the checkpoint {checkpoint}; --resume goes on"]
        for line in ("stopped", *notes):
            print(line, file=sys.stderr)
        raise typer.Exit(130) from None


def told(step: Callable[[str], None], what: str = "") -> Callable[[Any], None]:
    """Return a progress function that speaks at most every five seconds."""
    last = [0.0]

    def progress(state: Any) -> None:
        now = time.monotonic()
        if state.stopping or now - last[0] >= _QUIET or state.done == state.total:
            last[0] = now
            step(f"{what}{': ' if what else ''}{state}")

    return progress
