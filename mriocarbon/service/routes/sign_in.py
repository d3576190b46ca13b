"""Signing in with a browser: a key is exchanged for a cookie that no script can read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mriocarbon.service.guard import COOKIE, Sessions
from mriocarbon.service.keys import KeyFile, digest
from mriocarbon.service.limits import Buckets
from mriocarbon.service.settings import Settings

TRIES = 10

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>mriocarbon: sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}}
input,button{{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.3rem 0}}</style>
</head><body><main><h1>mriocarbon</h1>
<form method="post" action="/sign-in"><label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required maxlength="200"
 autofocus aria-describedby="said"><button type="submit">Sign in / 登录</button></form>
<p id="said" role="status">{said}</p></main></body></html>
"""


def add(router: APIRouter, settings: Settings, keys: KeyFile, sessions: Sessions) -> None:
    """Add the page, and what its form is sent to."""
    tries = Buckets(TRIES, TRIES)

    @router.get("/sign-in", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(_PAGE.format(said=""))

    @router.post("/sign-in", include_in_schema=False)
    def sign_in(request: Request, key: Annotated[str, Form(max_length=200)]) -> Response:
        address = request.client.host if request.client is not None else "unknown"
        owner = keys.owner(key.strip())
        if owner is None:  # others at the same address may have the right one
            if tries.wait(address):
                return HTMLResponse(_PAGE.format(said="Too many attempts; wait a minute."), 429)
            return HTMLResponse(_PAGE.format(said="This key is not known."), 401)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            COOKIE, sessions.open(owner, digest(key.strip())), httponly=True, samesite="strict",
            secure=request.url.scheme == "https" or bool(settings.trust_proxy),
            max_age=int(3600 * settings.session_hours),
        )  # fmt: skip
        return answer

    @router.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        sessions.close(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer
