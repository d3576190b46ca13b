"""The application: settings in, a FastAPI app out."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

import mriocarbon
from mriocarbon import tools
from mriocarbon.compute.blas import blas_threads
from mriocarbon.errors import InputError, MriocarbonError
from mriocarbon.service import answers, problems
from mriocarbon.service.guard import Guard, Sessions, answer
from mriocarbon.service.jobs import Jobs, Limits
from mriocarbon.service.keys import KeyFile
from mriocarbon.service.limits import Buckets
from mriocarbon.service.problems import MEDIA, Problem, Refused
from mriocarbon.service.routes import ask as ask_routes
from mriocarbon.service.routes import jobs as job_routes
from mriocarbon.service.routes import reports as report_routes
from mriocarbon.service.routes import sign_in
from mriocarbon.service.routes import tables as table_routes
from mriocarbon.service.routes import tools as tool_routes
from mriocarbon.service.routes.ask import Ask
from mriocarbon.service.settings import Settings
from mriocarbon.service.uploads import Uploads

API = ("v1", "health", "openapi.json")
"""First parts of the addresses that are the API's; pages have all others."""
ABOUT = """Carbon accounting on multi-regional input-output tables.

Every number is a figure with its unit, its interval, what it is a number of, whether it rests on
an estimate, and where it comes from. The same question gives the same answer, and the same ETag.
What is wrong with a question is told as application/problem+json: `detail` says what, `where`
says where, `do` what to do next; a name that can mean several things comes back with `options`.
"""


def create_app(settings: Settings | None = None, ask: Ask | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings : Settings, optional
    ask : callable, optional
        Answers questions in words; without it ``/v1/ask`` says how to set one up.

    Returns
    -------
    fastapi.FastAPI
        ``app.state`` holds `settings`, `jobs`, `answers`, `uploads`, `keys`, `sessions` and
        `ask`.

    Raises
    ------
    InputError
        Others than this machine could reach it, and there is no API key.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from starlette.testclient import TestClient
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     app = create_app(Settings(folder=Path(folder)))
    ...     asked = {"region": "DEU"}
    ...     with TestClient(app, base_url="http://127.0.0.1") as client:
    ...         client.get("/v1/accounts", params={"regions": ["India"]}).status_code
    200
    """
    settings = settings or Settings()
    keys = KeyFile(settings.key_file)
    if settings.exposed and not keys.all():
        raise InputError(
            f"{settings.host} can be reached by others, and there is no API key",
            where=str(settings.key_file),
            do="make one with `mriocarbon serve key add NAME`, or listen on 127.0.0.1",
        )
    of_jobs = Limits(
        settings.job_seconds, settings.job_memory, settings.job_threads, settings.jobs_at_once,
        settings.job_queue, settings.jobs_kept,
    )  # fmt: skip
    jobs = Jobs(settings.folder / "jobs", of_jobs, tables=settings.folder / "tables")
    kept = answers.Answers(settings.threads)

    uploaded = Uploads(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with blas_threads(settings.algebra_threads):  # of this process, while it serves
            jobs.open()
            await anyio.to_thread.run_sync(uploaded.open)
            await anyio.to_thread.run_sync(answers.warm)
            try:
                yield
            finally:
                await anyio.to_thread.run_sync(jobs.close)
                uploaded.close()

    app = FastAPI(
        title="mriocarbon", version=mriocarbon.__version__, description=ABOUT, lifespan=lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        # the usual pages of documentation fetch their scripts from elsewhere
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    sessions = Sessions(settings.session_hours)
    app.state.settings, app.state.jobs, app.state.answers = settings, jobs, kept
    app.state.keys, app.state.sessions, app.state.ask = keys, sessions, ask
    app.state.uploads = uploaded
    # what a page does over its socket is taken out of the same buckets as requests
    app.state.rates = rates = Buckets(settings.per_minute, settings.burst)
    app.add_middleware(Guard, settings=settings, keys=keys, sessions=sessions, rates=rates)
    _tell_errors(app)
    router = APIRouter(responses=_problems(401, 404, 406, 413, 422, 429))
    _add_health(router)
    tool_routes.add(router, kept, jobs)
    job_routes.add(router, jobs)
    report_routes.add(router, jobs)
    table_routes.add(router, uploaded, kept)
    ask_routes.add(router, settings, ask)
    sign_in.add(router, settings, keys, sessions)
    app.include_router(router)
    _describe(app)
    app.router.routes.append(_Rest(router))
    if importlib.util.find_spec("nicegui") is not None:
        pages = importlib.import_module("mriocarbon.service.pages")
        pages.mount(app, settings, ask)
    return app


class _Rest(BaseRoute):
    """What is left of the API's addresses: told by the API, before the pages take every path."""

    def __init__(self, router: APIRouter) -> None:
        self.router = router

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        first = scope["path"].lstrip("/").partition("/")[0] if scope["type"] == "http" else ""
        return (Match.FULL if first in API else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed: set[str] = {"GET"} if scope["path"] == "/openapi.json" else set()
        for route in self.router.routes:
            if route.matches(scope)[0] is Match.PARTIAL:
                allowed |= getattr(route, "methods", None) or set()
        if allowed:
            raise HTTPException(405, headers={"allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)


def _add_health(router: APIRouter) -> None:
    @router.get("/health", tags=["service"], summary="Is it well")
    async def health() -> dict[str, str]:
        """Say that the server answers, and which version it is."""
        return {"status": "ok", "version": mriocarbon.__version__}


_WRONG = "what is wrong, where, and what to do"
_PROBLEM = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return how problems are described for each status that a route can answer."""
    found: dict[int | str, dict[str, Any]] = {
        code: {
            "description": _WRONG,
            "content": copy.deepcopy(_PROBLEM),
        }
        for code in codes
    }
    try:
        tools.get("acount")
    except MriocarbonError as error:
        told = problems.of(error, 422).model_dump(mode="json", exclude_defaults=True)
        found[422]["content"][MEDIA]["examples"] = {"unknown name": {"value": told}}
    return found


def _tell_errors(app: FastAPI) -> None:
    """Tell every error as a problem, with the request's number."""

    def told(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
        number = getattr(request.state, "request_id", "")
        return answer(problem.model_copy(update={"request_id": number}), headers)

    @app.exception_handler(MriocarbonError)
    async def ours(request: Request, error: MriocarbonError) -> Response:
        return told(request, problems.of(error))

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return told(request, error.problem, error.headers)

    @app.exception_handler(RequestValidationError)
    async def arguments(request: Request, error: RequestValidationError) -> Response:
        name = getattr(request.scope.get("endpoint"), "tool", "")
        known = list(tools.get(name).arguments.model_fields) if name else []
        return told(request, problems.of_arguments(error.errors(), name, known))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        what, do = _HTTP.get(error.status_code, (str(error.detail), ""))
        if error.status_code in (400, 413):
            what = str(error.detail)
        problem = Problem(
            type=f"{problems.KIND}http-{error.status_code}", title=str(error.detail)[:100],
            status=error.status_code, detail=what, where=request.url.path, do=do,
        )  # fmt: skip
        return told(request, problem, dict(error.headers or {}))


_HTTP = {
    400: ("", "send the body as its Content-Type says"),
    404: ("there is nothing at this address", "see /openapi.json for the addresses"),
    405: ("this address is not asked that way", "see the Allow header, or /openapi.json"),
    413: ("", "send less"),
}


_EXAMPLE = Path(__file__).with_name("example_result.json")
"""What the first example of `bilateral` answers; a test holds it against the tool."""


def _describe(app: FastAPI) -> None:
    """Make the OpenAPI description: problems, an answer, examples of what GET takes."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = make()
            parts = schema.setdefault("components", {}).setdefault("schemas", {})
            model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            parts |= model.pop("$defs", {})
            parts["Problem"] = model
            parts["ToolResult"]["examples"] = [json.loads(_EXAMPLE.read_text("utf-8"))]
            for resource in tool_routes.RESOURCES:
                operation = schema["paths"][resource.path][resource.method.lower()]
                examples = tools.get(resource.tool).examples
                for parameter in operation.get("parameters", ()):
                    if examples and parameter["name"] in examples[0]:
                        parameter["example"] = examples[0][parameter["name"]]
            for path in schema["paths"].values():
                for operation in path.values():
                    if "requestBody" in operation:  # bytes that are no text of the said type
                        operation["responses"]["400"] = {"description": _WRONG, "content": _PROBLEM}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


__all__ = ["Ask", "create_app"]
