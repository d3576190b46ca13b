"""What stands behind the pages: the service's own answers, jobs, tables, and its door.

What a page does comes over a socket that was let in once. So everything that costs something is
admitted here again: the session may have ended, its key may be gone, the rate may be used up.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mriocarbon import tools
from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError
from mriocarbon.service.answers import Answers
from mriocarbon.service.guard import COOKIE, Sessions
from mriocarbon.service.jobs import Job, Jobs, Kind
from mriocarbon.service.keys import KeyFile
from mriocarbon.service.limits import Buckets
from mriocarbon.service.settings import Settings
from mriocarbon.service.uploads import Uploads
from mriocarbon.tools import ToolResult


class SignedOutError(MriocarbonError):
    """Whoever sits at this page is not signed in any more."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sits at a page: the name of the key, the session, the address."""

    owner: str = ""
    session: str = ""
    address: str = ""


@dataclass(eq=False)
class Backing:
    """The service as the pages use it; each part may be absent.

    Attributes
    ----------
    settings, ask, jobs, uploads, answers, rates, keys, sessions
        As `create_app` made them. Without `jobs` slow tools run in a thread; without `answers`
        tools are called as they are.
    """

    settings: Settings | None = None
    ask: Callable[..., Any] | None = None
    jobs: Jobs | None = None
    uploads: Uploads | None = None
    answers: Answers | None = None
    rates: Buckets | None = None
    keys: KeyFile | None = None
    sessions: Sessions | None = None
    _asking: set[int] = field(default_factory=set, init=False)

    @classmethod
    def of(cls, app: Any, settings: Settings | None, ask: Callable[..., Any] | None) -> Backing:
        """Return it from the state of an app."""
        state = app.state
        names = ("jobs", "uploads", "answers", "rates", "keys", "sessions")
        parts: dict[str, Any] = {name: getattr(state, name, None) for name in names}
        return cls(settings, ask, **parts)

    @property
    def exposed(self) -> bool:
        """Whether others than this machine may reach the pages."""
        return self.settings is not None and self.settings.exposed

    def admit(self, who: Visitor) -> None:
        """Let one action of a page in, as the door of the service lets one request in.

        Raises
        ------
        SignedOutError
            The session has ended, or its key was removed.
        InputError
            More than the rate allows.
        """
        if not self.exposed:
            return
        if not self._known(who):
            raise SignedOutError("you are signed out", do="sign in again")
        seconds = self.rates.wait(who.owner or who.address) if self.rates is not None else 0.0
        if seconds:
            raise InputError("too many requests", do=f"try again in {max(1, round(seconds))} s")

    def _known(self, who: Visitor) -> bool:
        if self.keys is None or not who.owner:
            return False
        if who.session and self.sessions is not None:
            held = self.sessions.find(who.session)
            return held is not None and held.key_sha256 in {k.sha256 for k in self.keys.all()}
        return who.owner in {one.name for one in self.keys.all()}

    async def call(self, who: Visitor, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Return what a tool answers: from the service's answers, few computed at once."""
        self.admit(who)
        if self.answers is None:
            return await asyncio.to_thread(tools.call, name, arguments)
        written = await self.answers.get(name, tools.get(name).checked(arguments), who.owner)
        return ToolResult.model_validate_json(written.json)

    async def submit(
        self, who: Visitor, name: str, arguments: Mapping[str, Any], kind: Kind = "tool"
    ) -> str:
        """Put a job in the queue of whoever asks, and return its id."""
        self.admit(who)
        if self.jobs is None:
            raise NotAvailableError("this server runs no jobs", do="start it with mriocarbon serve")
        return await asyncio.to_thread(
            functools.partial(self.jobs.submit, name, arguments, kind=kind, owner=who.owner)
        )

    async def job(self, who: Visitor, number: str) -> Job | None:
        """Return a job of whoever asks; others' are not there."""
        if self.jobs is None:
            return None
        found = await asyncio.to_thread(self.jobs.get, number)
        return found if found is not None and found.owner == who.owner else None

    async def cancel(self, who: Visitor, number: str) -> None:
        """End a job of whoever asks."""
        if await self.job(who, number) is not None and self.jobs is not None:
            await asyncio.to_thread(self.jobs.cancel, number)

    async def asked(
        self, who: Visitor, question: str, history: Sequence[Any], progress: Callable[[Any], None]
    ) -> Mapping[str, Any]:
        """Have a question answered within the limits of the service.

        Raises
        ------
        InputError
            Too many questions at once, or it took too long.
        """
        self.admit(who)
        assert self.ask is not None
        most = self.settings.asks_at_once if self.settings is not None else 2
        if len(self._asking) >= most:
            raise InputError(
                f"{len(self._asking)} questions are being answered", do="try again in a while"
            )
        mark = id(progress)
        self._asking.add(mark)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.settings.ask_seconds if self.settings else 300.0):
                    found: Mapping[str, Any] = await self.ask(question, history, progress)
                    return found
            raise InputError("the question took too long", do="ask for less")
        finally:
            self._asking.discard(mark)


def visitor(request: Any) -> Visitor:
    """Return who a request is from, as the door of the service found."""
    if request is None:
        return Visitor()
    state = request.scope.get("state", {})
    address = request.client.host if request.client is not None else ""
    return Visitor(state.get("owner", ""), request.cookies.get(COOKIE, ""), address)
