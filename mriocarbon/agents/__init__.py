"""Questions answered by a served language model that calls the tools and never computes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mriocarbon.agents.answer import Answer, Call, Event, Limits, Number, Trace, Turn
    from mriocarbon.agents.coordinator import ask, ask_async
    from mriocarbon.agents.trace import Replay, replay

_WHERE = {
    **dict.fromkeys(("Answer", "Call", "Event", "Limits", "Number", "Trace", "Turn"), "answer"),
    **dict.fromkeys(("ask", "ask_async"), "coordinator"),
    **dict.fromkeys(("Replay", "replay"), "trace"),
}

__all__ = [
    "Answer", "Call", "Event", "Limits", "Number", "Replay", "Trace", "Turn", "ask", "ask_async",
    "replay",
]  # fmt: skip


def __getattr__(name: str) -> Any:  # so that serving a model needs none of the agents' libraries
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
