"""Audits of many origins on an engine: one batch for each origin, the data sent once."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.cbam.origins import Origin
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.results import Audit
from mriocarbon.compute import Batch, Engine, Progress, Threads, batches_of

__all__ = ["audits"]


def audits(
    places: Sequence[Origin],
    inputs: Any,
    *,
    engine: Engine | None = None,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    say: Callable[[str], None],
) -> dict[str, Audit]:
    """Return the audit of each origin, in the order given.

    A checkpoint holds pickled audits: go on only from a folder that you wrote yourself.
    """

    def told(state: Progress) -> None:
        if state.done < state.total:
            say(f"{places[state.done].name} ({state}; {state.total} origins)")

    # The audits are plain Python, which threads do not speed up: one by default.
    results = (engine or Threads(1)).run(
        _one, batches_of([place.iso3 for place in places]), shared=inputs,
        key={"audit": "all origins"}, checkpoint=checkpoint, resume=resume, progress=told,
    )  # fmt: skip
    return {
        places[number].iso3: pickle.loads(arrays["audit"].tobytes()) for number, arrays in results
    }


def _one(shared: Any, batch: Batch) -> Mapping[str, NDArray[np.uint8]]:
    from mriocarbon.cbam.auditing import audit_one

    found = audit_one(find_origin(str(batch.item)), shared, lambda step: None, whole=False)
    return {"audit": np.frombuffer(pickle.dumps(found, protocol=5), dtype=np.uint8)}
