"""The tools by name, and the addresses people expect, which are other names of the same tools."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from mriocarbon import tools
from mriocarbon.errors import UnknownNameError
from mriocarbon.service.answers import Answers
from mriocarbon.service.jobs import Jobs
from mriocarbon.service.problems import Refused
from mriocarbon.service.represent import accepted, links, respond, sliced
from mriocarbon.service.routes.jobs import accept
from mriocarbon.tools import Tool, ToolResult

Endpoint = Callable[..., Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Resource:
    """An address that is another name of a tool."""

    method: Literal["GET", "POST"]
    path: str
    tool: str


RESOURCES: tuple[Resource, ...] = (
    Resource("GET", "/v1/accounts", "account"),
    Resource("GET", "/v1/accounts/differences", "adjustments"),
    Resource("GET", "/v1/accounts/principles", "compare_principles"),
    Resource("GET", "/v1/accounts/gases", "by_gas"),
    Resource("GET", "/v1/accounts/ranking", "ranking"),
    Resource("GET", "/v1/accounts/sectors", "by_sector"),
    Resource("GET", "/v1/accounts/inequality", "inequality"),
    Resource("GET", "/v1/flows", "bilateral"),
    Resource("GET", "/v1/flows/balances", "trade_balance"),
    Resource("GET", "/v1/flows/leakage", "leakage"),
    Resource("GET", "/v1/paths", "paths"),
    Resource("GET", "/v1/chains", "chains"),
    Resource("GET", "/v1/scopes", "scopes"),
    Resource("GET", "/v1/linkages", "linkages"),
    Resource("GET", "/v1/extraction", "extract"),
    Resource("GET", "/v1/scenarios", "what_if"),
    Resource("POST", "/v1/uncertainty/interval", "interval"),
    Resource("GET", "/v1/uncertainty/difference", "difference"),
    Resource("POST", "/v1/uncertainty/larger", "larger"),
    Resource("GET", "/v1/uncertainty/drivers", "drivers"),
    Resource("POST", "/v1/uncertainty/sobol", "sobol"),
    Resource("GET", "/v1/uncertainty/inputs", "important_inputs"),
    Resource("GET", "/v1/cbam/goods", "find_good"),
    Resource("GET", "/v1/cbam/defaults", "default_value"),
    Resource("GET", "/v1/cbam/defaults/all", "defaults_of"),
    Resource("GET", "/v1/cbam/benchmarks", "benchmark"),
    Resource("GET", "/v1/cbam/prices", "certificate_price"),
    Resource("GET", "/v1/cbam/obligation", "obligation"),
    Resource("GET", "/v1/cbam/costs", "cost_path"),
    Resource("POST", "/v1/cbam/audit", "audit"),
    Resource("GET", "/v1/cbam/coherence", "coherence"),
    Resource("GET", "/v1/cbam/defects", "defects"),
    Resource("POST", "/v1/lca/footprint", "footprint"),
    Resource("POST", "/v1/lca/study", "study"),
    Resource("POST", "/v1/lca/contributions", "contributions"),
    Resource("POST", "/v1/lca/comparison", "compare_products"),
    Resource("GET", "/v1/lca/processes", "find_process"),
    Resource("GET", "/v1/natural/account", "natural_account"),
    Resource("GET", "/v1/natural/budget", "natural_budget"),
    Resource("GET", "/v1/natural/translation", "natural_translation"),
    Resource("POST", "/v1/natural/spectrum", "full_spectrum"),
    Resource("GET", "/v1/natural/factors", "ipcc_factors"),
    Resource("GET", "/v1/industry/processes", "processes"),
    Resource("POST", "/v1/industry/simulate", "simulate"),
    Resource("POST", "/v1/industry/optimise", "optimise"),
    Resource("GET", "/v1/avoided", "avoided_emissions"),
    Resource("GET", "/v1/avoided/manufacture", "manufacture_emissions"),
    Resource("GET", "/v1/avoided/payback", "payback"),
    Resource("POST", "/v1/avoided/claim", "green_exports_claim"),
    Resource("GET", "/v1/database/query", "database_query"),
    Resource("GET", "/v1/database/tables", "database_tables"),
    Resource("GET", "/v1/database/emissions", "emissions_database"),
    Resource("GET", "/v1/database/grids", "grid_factors"),
    Resource("GET", "/v1/database/population", "population_gdp"),
    Resource("GET", "/v1/data/sets", "data_sets"),
    Resource("GET", "/v1/data/sources", "sources_of"),
    Resource("GET", "/v1/names", "find_names"),
    Resource("GET", "/v1/definitions", "define"),
    Resource("GET", "/v1/gwp", "gwp"),
)
"""Read with GET, its arguments in the query; POST with a body where they are nested."""

OK: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ToolResult,
        "description": "Figures with unit, interval, labels and whether they are estimates; "
        "the sources and the caveats. As CSV with `Accept: text/csv`.",
        "headers": {
            "ETag": {"schema": {"type": "string"}, "description": "hash of the result"},
            "Link": {"schema": {"type": "string"}, "description": "first, prev, next, last page"},
        },
        "content": {"text/csv": {"schema": {"type": "string"}}},
    },
    304: {"description": "The result has the ETag in If-None-Match."},
}
_NEITHER = {"description": "The result has the ETag in If-None-Match; GET would answer 304."}
POSTED: dict[int | str, dict[str, Any]] = {200: OK[200], 412: _NEITHER}
LONGEST = 4000
"""Letters of an address with the arguments of a call in it: proxies take no more than 8,000."""


def add(router: APIRouter, answers: Answers, jobs: Jobs) -> None:
    """Add the list of tools, every tool, and the resources."""
    _add_listing(router)
    for one in tools.listing():
        _add_tool(router, f"/v1/tools/{one.name}", "POST", one, answers, jobs)
    for resource in RESOURCES:
        _add_tool(router, resource.path, resource.method, tools.get(resource.tool), answers, jobs)
    _add_result(router, answers)

    @router.post("/v1/tools/{name}", include_in_schema=False)
    async def unknown(name: str) -> Response:
        raise _missing(name)


def _missing(name: str) -> Refused:
    """Return the refusal of a name in an address: not found, with the nearest ones."""
    error = UnknownNameError.of("tool", name, [one.name for one in tools.listing()])
    return Refused.by(error, 404)


def _add_listing(router: APIRouter) -> None:
    @router.get("/v1/tools", tags=["tools"], summary="List of tools")
    async def listing(
        request: Request,
        group: Annotated[str | None, Query(max_length=40)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """Every tool: what it answers, its arguments as a JSON schema, and examples."""
        found = tools.listing() if group is None else tools.listing(group)
        shown, page = sliced(found, limit, offset)
        content = {
            "groups": dict(tools.GROUPS),
            "tools": [told(one) for one in shown if isinstance(one, Tool)],
            "total": page.total,
        }
        return JSONResponse(content, headers=links(request, page))

    @router.get("/v1/tools/{name}", tags=["tools"], summary="One tool")
    async def one(name: str) -> Response:
        """One tool: what it answers, its arguments as a JSON schema, and examples."""
        if name not in [known.name for known in tools.listing()]:
            raise _missing(name)
        return JSONResponse(told(tools.get(name)))


def _add_result(router: APIRouter, answers: Answers) -> None:
    @router.get("/v1/tools/{name}/result", tags=["tools"], summary="What a tool answers",
                responses=OK, response_model=None)  # fmt: skip
    async def result(
        request: Request,
        name: str,
        arguments: Annotated[
            str,
            Query(max_length=LONGEST, description="as the tool takes them: a JSON object",
                  examples=['{"regions": ["China"]}']),
        ] = "{}",
    ) -> Response:  # fmt: skip
        """Call a fast tool by GET, so that an answer at hand can be asked for by its ETag.

        The same as POST with the arguments as the body; that answer names this address in its
        Content-Location.
        """
        if name not in [known.name for known in tools.listing()]:
            raise _missing(name)
        one = tools.get(name)
        if one.cost == "slow":
            raise Refused(
                404, "no-result", "this tool takes a while: its result is that of a job",
                where=name, do=f"POST to /v1/tools/{name}, and follow the job that it makes",
            )  # fmt: skip
        media = accepted(request.headers.get("accept", ""))
        asked = one.checked(_object(arguments))
        return respond(request, await answers.get(name, asked, request.state.owner), media=media)


def _object(text: str) -> dict[str, Any]:
    """Return a JSON object out of a query."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(
            422, "input", "arguments are no JSON object", where=text[:80],
            do='send such as arguments={"regions": ["China"]}, encoded for a URL',
        )  # fmt: skip
    return found


def _place(name: str, arguments: BaseModel) -> str:
    """Return the address that answers a call with GET; empty if it would be too long."""
    given = quote(arguments.model_dump_json(exclude_unset=True), safe="")
    place = f"/v1/tools/{name}/result?arguments={given}"
    return place if len(place) <= LONGEST else ""


def told(one: Tool) -> dict[str, Any]:
    """Return what a reader, a form or a language model must know of a tool."""
    return {
        "name": one.name, "group": one.group, "title": one.title, "cost": one.cost,
        "description": one.description, "arguments": one.schema(),
        "examples": [dict(example) for example in one.examples],
    }  # fmt: skip


def _add_tool(
    router: APIRouter, path: str, method: str, one: Tool, answers: Answers, jobs: Jobs
) -> None:
    """Add one address of a tool; a slow one answers with a job."""
    responses = dict(OK if method == "GET" else POSTED)
    if one.cost == "slow":
        responses = {202: {"description": "It takes a while: a job was made. See Location."}}
    router.add_api_route(
        path, _endpoint(one, method, answers, jobs), methods=[method], tags=[one.group],
        summary=one.title, description=one.description, responses=responses,
        response_model=None, status_code=202 if one.cost == "slow" else 200,
        operation_id=f"{method.lower()}_{path.strip('/').replace('/', '_').replace('-', '_')}",
    )  # fmt: skip


def _endpoint(one: Tool, method: str, answers: Answers, jobs: Jobs) -> Endpoint:
    """Return a function whose signature tells FastAPI what a tool takes."""

    async def endpoint(request: Request, arguments: Any) -> Response:
        if one.cost == "slow":
            return accept(request, jobs, one.name, arguments.model_dump(mode="json"))
        media = accepted(request.headers.get("accept", ""))  # before the work, not after it
        found = await answers.get(one.name, arguments, request.state.owner)
        place = _place(one.name, arguments) if method == "POST" else ""
        return respond(request, found, media=media, place=place)

    if method == "GET":
        place: Any = Query()
    else:
        examples: dict[str, Any] = {
            str(k): {"summary": f"example {k}", "value": dict(example)}
            for k, example in enumerate(one.examples, start=1)
        }
        place = Body(openapi_examples=examples)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=Request),
            inspect.Parameter("arguments", kind, annotation=Annotated[one.arguments, place]),
        ]
    )
    endpoint.__name__ = f"{method.lower()}_{one.name}"
    endpoint.tool = one.name  # type: ignore[attr-defined]
    return endpoint
