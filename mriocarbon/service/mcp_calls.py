"""Calls of tools from a server that must stay responsive: in threads, the slow ones in processes.

A thread cannot be ended, a process can: when a client gives up a slow call, its process is killed.
What comes back crosses the border as plain data, for not every error can be pickled.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mriocarbon import tools
from mriocarbon.errors import AmbiguousNameError, MriocarbonError, nothing_printed
from mriocarbon.service.mcp_text import error_text

if TYPE_CHECKING:
    import anyio

THREADS, PROCESSES = 4, 2
MOST_SECONDS = 600.0
BEAT = 2.0
"""Seconds between two notes of progress."""

Beat = Callable[[float], Awaitable[None]]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a call came to: a result, or an error in words."""

    result: tools.ToolResult | None = None
    error: str = ""
    kind: str = ""
    options: tuple[tuple[str, str], ...] = ()


def outcome(name: str, arguments: Mapping[str, Any]) -> Outcome:
    """Call a tool here and now; what goes wrong on purpose is told, not raised."""
    try:
        return Outcome(result=tools.call(name, arguments))
    except MriocarbonError as error:
        options = error.options if isinstance(error, AmbiguousNameError) else ()
        return Outcome(error=error_text(error), kind=type(error).__name__, options=options)
    except Exception as error:
        # a fault of ours: the client learns what kind it is, the log of the server the rest
        _LOG.exception("%s failed", name)
        kind = type(error).__name__
        return Outcome(
            error=f"internal error in {name}: {kind}\n  what to do: ask in another way, and report"
            " this", kind=kind,
        )  # fmt: skip


def _elsewhere(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Call a tool in a process of its own; plain data go back.

    They go back over standard output: whatever else is printed there would break the answer.
    """
    with nothing_printed():
        found = outcome(name, arguments)
    text = None if found.result is None else found.result.model_dump_json()
    return {"result": text, "error": found.error, "kind": found.kind, "options": found.options}


class Caller:
    """Calls tools for the clients of one server."""

    def __init__(self) -> None:
        self._limits: tuple[anyio.CapacityLimiter, anyio.CapacityLimiter] | None = None

    def _limiters(self) -> tuple[anyio.CapacityLimiter, anyio.CapacityLimiter]:
        import anyio

        if self._limits is None:  # they belong to a running event loop
            self._limits = anyio.CapacityLimiter(THREADS), anyio.CapacityLimiter(PROCESSES)
        return self._limits

    async def call(self, name: str, arguments: Mapping[str, Any], beat: Beat) -> Outcome:
        """Call a tool and wait, telling `beat` the seconds that passed from time to time.

        Raises
        ------
        UnknownNameError
            No such tool.
        """
        import anyio

        slow = tools.get(name).cost == "slow"
        async with anyio.create_task_group() as group:
            group.start_soon(self._beating, beat)
            with anyio.move_on_after(MOST_SECONDS):
                found = await (self._process if slow else self._thread)(name, arguments)
                group.cancel_scope.cancel()
                return found
            group.cancel_scope.cancel()
        return Outcome(
            error=f"{name} was stopped after {MOST_SECONDS:.0f} s\n  what to do: ask for less",
            kind="TimeoutError",
        )

    async def _thread(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        from anyio.to_thread import run_sync

        threads, _ = self._limiters()
        work = partial(outcome, name, dict(arguments))
        return await run_sync(work, abandon_on_cancel=True, limiter=threads)

    async def _process(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        from anyio import BrokenWorkerProcess, CancelScope, CapacityLimiter
        from anyio.to_process import run_sync

        _, processes = self._limiters()
        try:
            async with processes:
                # anyio ends a process that is given up at work, but not one that is given up
                # while it starts: so it starts first, with next to nothing, whatever happens
                with CancelScope(shield=True):
                    await run_sync(bool, limiter=CapacityLimiter(1))
                found = await run_sync(
                    _elsewhere, name, dict(arguments), cancellable=True,
                    limiter=CapacityLimiter(1),
                )  # fmt: skip
        except BrokenWorkerProcess:
            return Outcome(
                error=f"the process of {name} ended without an answer\n  what to do: ask for less,"
                " it may have run out of memory", kind="MemoryLimitError",
            )  # fmt: skip
        text = found["result"]
        result = None if text is None else tools.ToolResult.model_validate_json(text)
        options = tuple((str(code), str(told)) for code, told in found["options"])
        return Outcome(result, found["error"], found["kind"], options)

    @staticmethod
    async def _beating(beat: Beat) -> None:
        import anyio

        begun = anyio.current_time()
        while True:
            await anyio.sleep(BEAT)
            # a client that does not listen any more must not end the work of others
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
                await beat(anyio.current_time() - begun)
