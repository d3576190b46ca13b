"""Jobs: submit, look at, follow, cancel, and fetch what came out."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from mriocarbon import tools
from mriocarbon.service.jobs import ENDED, Job, Jobs, Kind, QueueFullError
from mriocarbon.service.problems import Problem, Refused
from mriocarbon.service.represent import Written, accepted, links, respond, sliced
from mriocarbon.tools import ToolResult

EVERY = 0.25
"""Seconds between two looks at a job that is followed."""
PING = 15.0
STREAM = "text/event-stream"
# a page of a report is our own template, but may hold names out of an uploaded table
_PAGE = (
    "sandbox allow-scripts allow-downloads allow-popups; default-src 'none'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: 'self'; font-src data:"
)

Number = Annotated[
    str, Path(pattern="^[0-9a-f]{24}$", description="id of the job", examples=["0" * 24])
]


class Wanted(BaseModel):
    """A tool to be run as a job, and its arguments."""

    model_config = ConfigDict(extra="forbid")

    tool: str = Field(max_length=80, description="name of a tool, see /v1/tools")
    arguments: dict[str, Any] = Field(default_factory=dict, description="as the tool takes them")


class Shown(BaseModel):
    """A job as it is now."""

    id: str
    kind: Kind = Field(description="'tool' or 'report'")
    name: str = Field(description="of the tool or the report")
    arguments: dict[str, Any]
    state: str = Field(description="queued, running, done, failed or cancelled")
    created: str = Field(description="UTC, ISO 8601")
    started: str = ""
    ended: str = ""
    progress: str = Field(default="", description="what it said last")
    error: Problem | None = Field(default=None, description="why it failed")
    links: dict[str, str] = Field(description="events, result, files, archive")


class Listing(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Shown]
    total: int


def shown(job: Job) -> Shown:
    """Return a job for a reader, with where its parts are."""
    here = f"/v1/jobs/{job.id}"
    places = {"self": here, "events": f"{here}/events"}
    if job.state == "done" and job.kind == "tool":
        places["result"] = f"{here}/result"
    if job.files:
        places["archive"] = f"{here}/files.zip"
        places |= {name: f"{here}/files/{name}" for name in job.files}
    return Shown(
        id=job.id, kind=job.kind, name=job.name, arguments=dict(job.arguments), state=job.state,
        created=job.created, started=job.started, ended=job.ended, progress=job.progress,
        error=job.error, links=places,
    )  # fmt: skip


def accept(
    request: Request, jobs: Jobs, name: str, arguments: Mapping[str, Any], kind: Kind = "tool"
) -> Response:
    """Submit a job and answer 202 with where it is."""
    try:
        number = jobs.submit(name, arguments, kind=kind, owner=request.state.owner)
    except QueueFullError as error:
        raise Refused(
            429, "queue-full", error.what, where=error.where, do=error.do,
            headers={"retry-after": "30"},
        ) from None  # fmt: skip
    job = jobs.get(number)
    assert job is not None
    content = shown(job).model_dump(mode="json")
    return JSONResponse(content, 202, headers={"location": f"/v1/jobs/{number}"})


def find(request: Request, jobs: Jobs, number: str) -> Job:
    """Return a job of whoever asks; of another's nothing is told, not even that it is there."""
    job = jobs.get(number)
    if job is None or job.owner != request.state.owner:
        raise Refused(
            404, "no-job", "there is no such job", where=f"job {number}",
            do="see /v1/jobs; ended jobs are kept for a while only",
        )  # fmt: skip
    return job


def add(router: APIRouter, jobs: Jobs) -> None:
    """Add the routes of jobs."""

    @router.post(
        "/v1/jobs", tags=["jobs"], summary="Submit a job", status_code=202, response_model=Shown
    )
    def submit(
        request: Request,
        wanted: Annotated[
            Wanted,
            Body(openapi_examples={"account": {"value": {
                "tool": "account", "arguments": {"regions": ["China"]}}}}),
        ],
    ) -> Response:  # fmt: skip
        """Run any tool in a process of its own: made for those that take long (cost "slow")."""
        arguments = tools.get(wanted.tool).checked(wanted.arguments)
        return accept(request, jobs, wanted.tool, arguments.model_dump(mode="json"))

    @router.get("/v1/jobs", tags=["jobs"], summary="Jobs", response_model=Listing)
    def listing(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """Your jobs, the newest first."""
        found, page = sliced(jobs.listing(request.state.owner), limit, offset)
        rows = [shown(job).model_dump(mode="json") for job in found if isinstance(job, Job)]
        return JSONResponse({"jobs": rows, "total": page.total}, headers=links(request, page))

    @router.get("/v1/jobs/{number}", tags=["jobs"], summary="One job", response_model=Shown)
    def one(request: Request, number: Number) -> Shown:
        """How a job is: its state, what it said last, and where its result is."""
        return shown(find(request, jobs, number))

    @router.delete("/v1/jobs/{number}", tags=["jobs"], summary="Cancel", response_model=Shown)
    def cancel(request: Request, number: Number) -> Shown:
        """End a job with all its processes; one that has ended stays as it is."""
        find(request, jobs, number)
        job = jobs.cancel(number)
        assert job is not None
        return shown(job)

    @router.get(
        "/v1/jobs/{number}/events", tags=["jobs"], summary="Follow a job",
        responses={200: {"content": {STREAM: {}}, "description": "events 'state', 'progress' "
                         "(numbered: Last-Event-ID goes on after one) and, last, 'end'"}},
        response_class=StreamingResponse,
    )  # fmt: skip
    async def events(
        request: Request,
        number: Number,
        last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    ) -> Response:
        """Server-sent events until the job has ended."""
        await run_in_threadpool(find, request, jobs, number)
        after = int(last_event_id) if (last_event_id or "").isdecimal() else 0  # type: ignore[arg-type]
        return StreamingResponse(
            follow(jobs, number, after), media_type=STREAM,
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )  # fmt: skip

    @router.get(
        "/v1/jobs/{number}/result", tags=["jobs"], summary="Result of a job",
        response_model=ToolResult,
    )  # fmt: skip
    def result(request: Request, number: Number) -> Response:
        """What the tool returned; as CSV with `Accept: text/csv`."""
        job = find(request, jobs, number)
        media = accepted(request.headers.get("accept", ""))
        content = jobs.result(number)
        if content is None:
            raise _not_there(job, "result")
        return respond(request, Written.of(ToolResult.model_validate_json(content)), media=media)

    @router.get(
        "/v1/jobs/{number}/files.zip", tags=["jobs"], summary="All files of a report",
        responses={200: {"content": {"application/zip": {}}}}, response_class=Response,
    )  # fmt: skip
    def archive(request: Request, number: Number) -> Response:
        """The report's pages, tables and figures in one zip."""
        job = find(request, jobs, number)
        if not job.files:
            raise _not_there(job, "report")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in job.files:
                if (path := jobs.file(number, name)) is not None:
                    packed.write(path, name)
        return Response(
            out.getvalue(), media_type="application/zip",
            headers={"content-disposition": f'attachment; filename="{job.name}-{number[:8]}.zip"'},
        )  # fmt: skip

    @router.get(
        "/v1/jobs/{number}/files/{name:path}", tags=["jobs"], summary="One file of a report",
        responses={200: {"content": {"text/html": {}, "text/csv": {}}}}, response_class=Response,
    )  # fmt: skip
    def file(
        request: Request, number: Number, name: Annotated[str, Path(max_length=200)]
    ) -> Response:
        """A page, table or figure of a report; only names that the job lists are there."""
        job = find(request, jobs, number)
        path = jobs.file(number, name)
        if path is None:
            raise _not_there(job, "file of that name")
        return FileResponse(path, headers={"content-security-policy": _PAGE})


def _not_there(job: Job, what: str) -> Refused:
    return Refused(
        404, "no-result", f"the job has no {what}", where=f"job {job.id}, which is {job.state}",
        do="look at the job: its links name what there is",
    )  # fmt: skip


async def follow(jobs: Jobs, number: str, after: int) -> AsyncIterator[bytes]:
    """Yield what happens to a job as server-sent events until it has ended."""
    state, quiet = "", 0.0
    while True:
        job = await run_in_threadpool(jobs.get, number)
        if job is None:  # removed while it was followed
            return
        lines = await run_in_threadpool(jobs.lines, number, after)
        for line in lines:
            after = line.number
            yield _event("progress", {"at": line.at, "text": line.text}, line.number)
        if job.state in ENDED:
            yield _event("end", shown(job).model_dump(mode="json"))
            return
        if job.state != state:
            state = job.state
            yield _event("state", shown(job).model_dump(mode="json"))
        quiet = 0.0 if lines else quiet + EVERY
        if quiet >= PING:
            quiet = 0.0
            yield KEEPALIVE_COMMENT
        await asyncio.sleep(EVERY)


def _event(name: str, data: Mapping[str, Any], number: int | None = None) -> bytes:
    import json

    text = json.dumps(data, ensure_ascii=False)
    return format_sse_event(data_str=text, event=name, id=None if number is None else str(number))
