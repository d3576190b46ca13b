"""Calls of tools for many who ask at once: each computed once, a few at a time, kept as bytes."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import AbstractAsyncContextManager, nullcontext

import anyio.to_thread
from anyio import CapacityLimiter
from pydantic import BaseModel

from mriocarbon import tools
from mriocarbon.errors import quietly
from mriocarbon.service.represent import Written

log = logging.getLogger("mriocarbon.service")

KEPT = 1024
"""Answers that are kept; the one asked for the longest ago goes first."""


class Answers:
    """What tools answered, written; who asks for what is being computed waits for it.

    Parameters
    ----------
    threads : int
        Tools computed at once. What is kept is answered at once all the same.

    Notes
    -----
    One key computes on all threads but one (at least on one), so that whoever comes next under
    another key does not wait for what takes it long.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._limiter: CapacityLimiter | None = None
        self._shares: dict[str, CapacityLimiter] = {}
        self._kept: OrderedDict[tuple[str, str], Written] = OrderedDict()
        self._running: dict[tuple[str, str], asyncio.Future[Written]] = {}

    async def get(self, name: str, arguments: BaseModel, owner: str = "") -> Written:
        """Return the answer of a tool to checked arguments, computed in the share of `owner`."""
        key = (name, arguments.model_dump_json())
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        running = self._running.get(key)
        if running is None:
            running = asyncio.ensure_future(self._compute(key, arguments, owner))
            self._running[key] = running
            running.add_done_callback(lambda done: self._done(key, done))
        # one who gives up must not break it off for the others
        return await asyncio.shield(running)

    async def _compute(self, key: tuple[str, str], arguments: BaseModel, owner: str) -> Written:
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._threads)
        async with self._share(owner):
            return await anyio.to_thread.run_sync(
                compute, key[0], arguments.model_dump(mode="json"), limiter=self._limiter
            )

    def _share(self, owner: str) -> AbstractAsyncContextManager[object]:
        if not owner:  # without keys it is one person's server
            return nullcontext()
        if owner not in self._shares:
            self._shares[owner] = CapacityLimiter(max(1, self._threads - 1))
        return self._shares[owner]

    def _done(self, key: tuple[str, str], done: asyncio.Future[Written]) -> None:
        self._running.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[key] = done.result()
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """Forget all answers, because a table went or came."""
        self._kept.clear()


def compute(name: str, arguments: dict[str, object]) -> Written:
    """Call a tool and write what it answers."""
    with quietly():
        return Written.of(tools.call(name, arguments))


def warm() -> None:
    """Do once what the first to ask would wait for.

    That is loading the embedded table with a first account, and the search of supply chains: it is
    compiled in the first process after an installation (9 s of processor time), and loaded in every
    later one (1 s).
    """
    account, paths = tools.get("account"), tools.get("paths")
    for one, examples in ((account, account.examples), (paths, paths.examples[:1])):
        try:
            for example in examples:
                compute(one.name, dict(example))
        except Exception:  # it keeps no server from starting: whoever asks for it is told
            log.warning("%s could not be warmed up", one.name, exc_info=True)
