"""The door: every request passes here before a route sees it.

In this order: the name it is addressed to (a page elsewhere must not reach a server on this
machine under a name of its own), the origin of what changes something, the key or session, the
rate, the size. Every response leaves with a number, headers that bind browsers, and one line in
the log that holds no key, no question and no argument.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mriocarbon.service.keys import KeyFile, digest
from mriocarbon.service.limits import Buckets
from mriocarbon.service.problems import MEDIA, Problem, Refused
from mriocarbon.service.settings import Settings

log = logging.getLogger("mriocarbon.service")

COOKIE = "mriocarbon_session"
OPEN = ("/health", "/sign-in")
"""Paths that need no key."""
UPLOAD = "/v1/tables"
SAFE = ("GET", "HEAD", "OPTIONS")
TRIES = 10
"""Wrong keys that one address may send in a minute."""

FORWARDED = (
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "forwarded",
    "via",
)
"""Headers by which a proxy tells that it asks for somebody else."""

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not "no-referrer": browsers then send forms with "Origin: null", which the door refuses
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_API = "default-src 'none'; frame-ancestors 'none'"
# NiceGUI's pages hold their scripts inline, and Vue compiles its templates in the browser.
_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in."""

    owner: str
    key_sha256: str
    until: float


class Sessions:
    """Browsers that are signed in: random words in a cookie, forgotten when the server ends."""

    def __init__(self, hours: float) -> None:
        self.hours = hours
        self._held: dict[str, Session] = {}

    def open(self, owner: str, key_sha256: str) -> str:
        """Return the word of a new session."""
        now = time.monotonic()
        self._held = {word: one for word, one in self._held.items() if one.until > now}
        word = secrets.token_urlsafe(32)
        self._held[word] = Session(owner, key_sha256, now + 3600 * self.hours)
        return word

    def close(self, word: str) -> None:
        """Forget a session."""
        self._held.pop(word, None)

    def find(self, word: str) -> Session | None:
        """Return the session of a word, if it has not ended."""
        found = self._held.get(word)
        return found if found is not None and found.until > time.monotonic() else None


class _TooLarge(HTTPException):
    """Raised while a body is read, and let through by what reads it."""

    def __init__(self, most: int) -> None:
        super().__init__(413, f"the request is larger than {most:,} bytes")


class Guard:
    """ASGI middleware that lets requests in or answers them itself."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, keys: KeyFile, sessions: Sessions,
        rates: Buckets | None = None,
    ) -> None:  # fmt: skip
        self.app, self.settings, self.keys, self.sessions = app, settings, keys, sessions
        self.rates = rates or Buckets(settings.per_minute, settings.burst)
        self.tries = Buckets(TRIES, TRIES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        try:
            # no browser withholds the origin here, and a page elsewhere could read what comes back
            self._admit(scope, state, changes=True)
        except Refused as refused:
            log.info("%s websocket %s refused: %s", _number(), _plain(scope["path"]), refused)
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        closed = False

        async def gone() -> bool:
            nonlocal closed
            if not closed and not self._holds(state):
                closed = True
                await send({"type": "websocket.close", "code": 1008})
            return closed

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and await gone():
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        async def said(message: Message) -> None:
            if (message["type"] != "websocket.send" or not await gone()) and not closed:
                await send(message)

        await self.app(scope, heard, said)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        number = state["request_id"] = _number()
        begun, status = time.perf_counter(), 500
        started = streams = ended = False

        async def out(message: Message) -> None:
            nonlocal status, started, streams, ended
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                headers = MutableHeaders(scope=message)
                streams = headers.get("content-type", "").startswith("text/event-stream")
                self._dress(scope, headers, number)
            elif streams and not self._holds(state):
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise OSError("the key of this stream was removed")
            await send(message)

        try:
            self._admit(scope, state, changes=scope["method"] not in SAFE)
            await self.app(scope, self._measured(scope, receive), out)
        except Refused as refused:
            await self._refuse(refused, scope, number)(scope, receive, out)
        except Exception:
            if ended:
                return
            # The place in the code goes into the log, and nothing of it to the caller.
            log.exception("%s %s %s failed", number, scope["method"], _plain(scope["path"]))
            if started:
                raise
            problem = Problem(
                type="urn:mriocarbon:problem:internal", title="internal", status=500,
                detail="this should not have happened", where=scope["path"],
                do="report it with the request's number; the server's log says more",
                request_id=number,
            )  # fmt: skip
            await answer(problem)(scope, receive, out)
        finally:
            milliseconds = 1000 * (time.perf_counter() - begun)
            log.info(
                "%s %s %s %d %.1f ms %s", number, scope["method"], _plain(scope["path"]), status,
                milliseconds, state.get("owner") or "-",
            )  # fmt: skip

    def _admit(self, scope: Scope, state: MutableMapping[str, Any], *, changes: bool) -> None:
        headers = Headers(scope=scope)
        state["owner"] = ""
        forwarded = self._behind_proxy(scope, headers)
        host = _host(headers.getlist("host"))
        if host not in self.settings.known_hosts and not (
            self.settings.exposed and _any(self.settings.host) and not self.settings.hosts
        ):
            raise Refused(
                421, "host", "this server is not known under that name", where="Host header",
                do="address it as 127.0.0.1, or start it with --name NAME",
            )  # fmt: skip
        origin = headers.get("origin")
        if changes and origin is not None and not _same(origin, headers.get("host", "")):
            raise Refused(
                403, "origin", "a page of another origin may not ask for that",
                where="Origin header", do="send the request without a browser, or from this site",
            )  # fmt: skip
        address = (scope.get("client") or ("unknown", 0))[0]
        guarded = self.settings.exposed or forwarded
        if guarded and not _opened(scope["path"]):
            state["owner"], state["key_sha256"] = self._owner(HTTPConnection(scope), address)
        if guarded and not _asset(scope["path"]):
            self._take(state["owner"] or address)

    def _behind_proxy(self, scope: Scope, headers: Headers) -> bool:
        """Read who asks from what a trusted proxy says; True if a proxy asks that is not trusted.

        Others can reach a server that a proxy asks, whatever it was told of itself: it wants keys.
        """
        proxies = self.settings.trust_proxy
        address = (scope.get("client") or ("unknown", 0))[0]
        if address not in proxies:
            return not proxies and any(name in headers for name in FORWARDED)
        told = [
            one.strip() for line in headers.getlist("x-forwarded-for") for one in line.split(",")
        ]
        # the last ones were added by our own proxies, what stands before by whoever wished to
        asks = next((one for one in reversed(told) if one and one not in proxies), "")
        if asks:
            scope["client"] = (asks[:60], 0)
        if headers.get("x-forwarded-proto", "").split(",")[-1].strip().casefold() == "https":
            scope["scheme"] = "wss" if scope["type"] == "websocket" else "https"
        return False

    def _take(self, name: str) -> None:
        """Take a request out of the rate of a key or address."""
        if seconds := self.rates.wait(name):
            raise _often("too many requests", seconds)

    def _holds(self, state: MutableMapping[str, Any]) -> bool:
        """Whether the key that somebody was let in with is still there: sockets last long.

        That a session has ended, a page says itself when something is asked of it.
        """
        key = state.get("key_sha256")
        return key is None or any(one.sha256 == key for one in self.keys.all())

    def _owner(self, asked: HTTPConnection, address: str) -> tuple[str, str]:
        """Return whose key or session it is, and the hash of the key.

        Only wrong keys are counted: many may share an address, and what one of them sends must not
        shut the others out.
        """
        word = asked.cookies.get(COOKIE, "")
        if session := self.sessions.find(word):
            if any(one.sha256 == session.key_sha256 for one in self.keys.all()):
                return session.owner, session.key_sha256
            self.sessions.close(word)  # its key was removed
        kind, _, key = asked.headers.get("authorization", "").partition(" ")
        if kind.casefold() == "bearer" and key:
            if owner := self.keys.owner(key.strip()):
                return owner, digest(key.strip())
            if seconds := self.tries.wait(address):
                raise _often("too many wrong keys", seconds)
        self._take(address)
        raise Refused(
            401, "key", "this server wants an API key", where="Authorization header",
            do="send 'Authorization: Bearer KEY'; `mriocarbon serve key add NAME` makes one"
            + ("" if self.settings.exposed else "; it was reached through a proxy: name that with "
               "--trust-proxy ADDRESS"),
            headers={"www-authenticate": 'Bearer realm="mriocarbon"'},
        )  # fmt: skip

    def _measured(self, scope: Scope, receive: Receive) -> Receive:
        """Return a `receive` that stops at the limit, whatever length was declared."""
        upload = scope["path"].rstrip("/") == UPLOAD
        most = self.settings.max_upload if upload else self.settings.max_body
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > most:
            raise Refused(
                413, "too-large", f"the request is larger than {most:,} bytes",
                where=f"{int(declared):,} bytes", do="send less",
            )  # fmt: skip
        read = 0

        async def measured() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > most:
                    raise _TooLarge(most)
            return message

        return measured

    def _refuse(self, refused: Refused, scope: Scope, number: str) -> Response:
        headers = Headers(scope=scope)
        page = "text/html" in headers.get("accept", "") and scope["method"] == "GET"
        if refused.status == 401 and page and not scope["path"].startswith("/v1"):
            return RedirectResponse("/sign-in", status_code=303)
        problem = refused.problem.model_copy(update={"request_id": number})
        return answer(problem, refused.headers)

    def _dress(self, scope: Scope, headers: MutableHeaders, number: str) -> None:
        headers["x-request-id"] = number
        # the library under the pages lets any origin read
        headers.raw[:] = [
            one for one in headers.raw if not one[0].lower().startswith(b"access-control-")
        ]
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        api = scope["path"].startswith(("/v1", "/health", "/openapi.json"))
        headers.setdefault("content-security-policy", _API if api else _PAGES)
        if api:
            headers.setdefault("cache-control", "no-store")


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    content = problem.model_dump_json(exclude_defaults=True)
    return Response(content, problem.status, headers, media_type=MEDIA)


def _often(what: str, seconds: float) -> Refused:
    wait = max(1, round(seconds + 0.5))
    return Refused(
        429, "too-many", what, where="this key or address", do=f"try again in {wait} s",
        headers={"retry-after": str(wait)},
    )  # fmt: skip


def _number() -> str:
    return secrets.token_hex(8)


def _opened(path: str) -> bool:
    return path.rstrip("/") in OPEN


def _asset(path: str) -> bool:
    """Whether it is a script or style of the pages: one page is dozens of them."""
    rest = path.removeprefix("/_nicegui/")
    return rest != path and "/../" not in path and not rest.startswith(("client/", "auto/"))


def _any(host: str) -> bool:
    """Whether a server listens on every address of the machine, whatever its names are."""
    return host in ("0.0.0.0", "::", "[::]")


def _host(told: list[str]) -> str:
    """Return the name in a Host header, without port and brackets; none if there are several."""
    try:
        if len(told) != 1 or "@" in told[0]:
            return ""
        return (urlsplit(f"//{told[0]}").hostname or "").casefold()
    except ValueError:
        return ""


def _plain(path: str) -> str:
    """Return a path as one line of plain letters, whatever was sent: it goes into the log."""
    return quote(path, safe="/:@!$&'()*+,;=~", errors="replace")[:500]


def _same(origin: str, host: str) -> bool:
    """Whether a page of this origin lies at this host and port."""
    try:
        return urlsplit(origin).netloc.casefold() == host.casefold()
    except ValueError:
        return False
