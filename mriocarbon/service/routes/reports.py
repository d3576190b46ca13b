"""The project's report pages, built as jobs."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from mriocarbon.errors import UnknownNameError
from mriocarbon.service.jobs import Jobs
from mriocarbon.service.problems import Refused
from mriocarbon.service.reports import REPORTS, Report
from mriocarbon.service.routes.jobs import Shown, accept


class Kind(BaseModel):
    """A report that can be asked for."""

    name: str
    title: str
    arguments: dict[str, Any] = Field(description="JSON schema of what it takes")
    post: str = Field(description="where to send the arguments")


class Listing(BaseModel):
    """All kinds of reports."""

    reports: list[Kind]


def add(router: APIRouter, jobs: Jobs) -> None:
    """Add the routes of reports."""

    @router.get("/v1/reports", tags=["reports"], summary="Kinds of reports")
    async def listing() -> Listing:
        """The reports that can be built, and what each takes."""
        kinds = [
            Kind(
                name=one.name, title=one.title, arguments=one.arguments.model_json_schema(),
                post=f"/v1/reports/{one.name}",
            )
            for one in REPORTS.values()
        ]  # fmt: skip
        return Listing(reports=kinds)

    for one in REPORTS.values():
        router.add_api_route(
            f"/v1/reports/{one.name}", _endpoint(one, jobs), methods=["POST"], tags=["reports"],
            summary=one.title, status_code=202, response_model=Shown,
            description="Builds the report as a job; its files, and all of them as a zip, are "
            "among the job's links when it is done.",
            operation_id=f"post_v1_reports_{one.name.replace('-', '_')}",
        )  # fmt: skip

    @router.post("/v1/reports/{name}", include_in_schema=False)
    async def unknown(name: str) -> Response:
        raise Refused.by(UnknownNameError.of("report", name, REPORTS), 404)


def _endpoint(one: Report, jobs: Jobs) -> Callable[..., Awaitable[Response]]:
    async def endpoint(request: Request, arguments: Any) -> Response:
        checked = await run_in_threadpool(one.check, arguments)
        content = checked.model_dump(mode="json")
        return await run_in_threadpool(accept, request, jobs, one.name, content, "report")

    fields = one.arguments.model_fields.items()
    given = {name: field.examples[0] if field.examples else field.default for name, field in fields}
    place = Body(openapi_examples={one.name: {"value": given}})
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=Request),
            inspect.Parameter("arguments", kind, annotation=Annotated[one.arguments, place]),
        ]
    )
    return endpoint
