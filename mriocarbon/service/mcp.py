"""The tools for any client of the Model Context Protocol, over stdio or streamable HTTP.

Every tool is offered with its arguments' JSON schema; the schema of what they answer is one of the
resources. A result travels twice: all of it as structured content, and as text for clients that
read nothing else. An error of ours is a tool's error in the same words as in Python, so that a
model can put it right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mriocarbon import __version__, tools
from mriocarbon.errors import MriocarbonError, NotAvailableError, UnknownNameError
from mriocarbon.service import mcp_text as text
from mriocarbon.service.mcp_calls import Caller, Outcome

if TYPE_CHECKING:
    from mcp import types
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp

    Context = ServerRequestContext[Any, Any]

__all__ = ["INSTRUCTIONS", "build_server", "http_app", "run_stdio"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATH = "/mcp"
MOST_BYTES = 256 * 1024
"""Of a request: the longest arguments are a query of 4,000 characters."""
SCHEME = "mriocarbon://"
INSTRUCTIONS = (
    "Carbon accounting on multi-regional input-output tables. Never compute a number yourself and"
    " never tell one that no tool returned: quote value, unit, interval, year and source as they"
    " are, and say which are estimates. Figures of different scopes of natural carbon are never"
    " added. If a name is ambiguous, ask the person. Definitions come from the tool define or the"
    f" resource {SCHEME}glossary. Names of countries, sectors and goods may be given in any"
    " language."
)
_PAGES: Mapping[str, tuple[str, str]] = {
    "tools": ("All tools by group", "text/markdown"),
    "sources": ("Sources of the emissions database: citation and licence", "application/json"),
    "data-sets": ("Data sets: shipped, public and at hand", "application/json"),
    "glossary": ("Terms of carbon accounting", "application/json"),
    "result-schema": ("JSON schema of what every tool answers", "application/json"),
}
_LISTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "sources": ("sources_of", {"limit": 60}),
    "data-sets": ("data_sets", {"limit": 100}),
    "glossary": ("define", {"limit": 60}),
}


def build_server() -> Server[Any]:
    """Return a server with every tool, its pages as resources, and instructions for a model.

    Returns
    -------
    mcp.server.Server

    Raises
    ------
    NotAvailableError
        The extra ``mcp`` is not installed.

    Examples
    --------
    >>> build_server().name
    'mriocarbon'
    """
    try:
        from mcp import types
        from mcp.server.lowlevel import Server
    except ImportError as error:
        raise NotAvailableError.extra(
            "mcp", "the server of the Model Context Protocol needs the extra mcp", where=str(error)
        ) from None
    caller = Caller()

    async def list_tools(ctx: Context, params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=list(_listed()))

    async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        name = params.name

        async def beat(seconds: float) -> None:
            await ctx.session.report_progress(seconds, None, f"{name}: {seconds:.0f} s")

        try:
            tools.get(name)
        except UnknownNameError as error:
            raise _invalid(str(error)) from None
        return _answer(await caller.call(name, params.arguments or {}, beat))

    async def list_resources(ctx: Context, params: object) -> types.ListResourcesResult:
        found = [
            types.Resource(uri=f"{SCHEME}{name}", name=name, title=title, mime_type=mime)
            for name, (title, mime) in _PAGES.items()
        ]
        found += [
            types.Resource(uri=f"{SCHEME}tools/{one.name}", name=f"tools/{one.name}",
                           title=one.title, mime_type="text/markdown")
            for one in tools.listing()
        ]  # fmt: skip
        return types.ListResourcesResult(resources=found)

    async def list_templates(ctx: Context, params: object) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=[
            types.ResourceTemplate(
                uri_template=f"{SCHEME}tools/{{name}}", name="tool", mime_type="text/markdown",
                title="What one tool answers, its arguments and examples",
            )
        ])  # fmt: skip

    async def read_resource(
        ctx: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        from anyio.to_thread import run_sync

        uri = str(params.uri)
        try:
            mime, content = await run_sync(page, uri)
        except MriocarbonError as error:
            raise _invalid(str(error)) from None
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type=mime, text=content)]
        )

    return Server(
        "mriocarbon", version=__version__, title="mriocarbon: carbon accounting",
        instructions=INSTRUCTIONS, get_tool_input_schema=_schema, on_list_tools=list_tools,
        on_call_tool=call_tool, on_list_resources=list_resources,
        on_list_resource_templates=list_templates, on_read_resource=read_resource,
    )  # fmt: skip


def _invalid(message: str) -> Exception:
    from mcp import types
    from mcp.shared.exceptions import MCPError

    return MCPError(types.INVALID_PARAMS, message)


def _schema(name: str) -> Mapping[str, Any] | None:
    try:
        return tools.get(name).schema()
    except UnknownNameError:
        return None


@lru_cache(maxsize=1)
def _listed() -> tuple[types.Tool, ...]:
    """Every tool as the protocol lists it; all of them only read, and nothing outside.

    The schema of what they answer is one and the same: it stands in a resource, not once with
    each of them, which would be two thirds of the list.
    """
    from mcp import types

    return tuple(
        types.Tool(
            name=one.name, title=one.title, description=one.description,
            input_schema=one.schema(),
            annotations=types.ToolAnnotations(
                title=one.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True,
                open_world_hint=False,
            ),
            _meta={"mriocarbon/group": one.group, "mriocarbon/cost": one.cost},
        )
        for one in tools.listing()
    )  # fmt: skip


def _answer(found: Outcome) -> types.CallToolResult:
    from mcp import types

    if found.result is None:
        options = [{"code": code, "name": name} for code, name in found.options]
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=found.error)], is_error=True,
            _meta={"mriocarbon/error": {"kind": found.kind, "options": options}},
        )  # fmt: skip
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text.result_text(found.result))],
        structured_content=found.result.model_dump(mode="json"),
        _meta={"mriocarbon/digest": found.result.digest},
    )


def page(uri: str) -> tuple[str, str]:
    """Return the kind and the text of a resource.

    Raises
    ------
    UnknownNameError
        There is no such resource.
    """
    name = uri.removeprefix(SCHEME)
    if uri == name or (name not in _PAGES and not name.startswith("tools/")):
        raise UnknownNameError.of("resource", uri, [f"{SCHEME}{one}" for one in _PAGES])
    if name.startswith("tools/"):
        return "text/markdown", text.tool_page(tools.get(name.removeprefix("tools/")))
    if name == "result-schema":
        schema = tools.ToolResult.model_json_schema(mode="serialization")
        return "application/json", json.dumps(schema, indent=1)
    if name == "tools":
        return "text/markdown", text.tools_page()
    tool, arguments = _LISTS[name]
    items: list[dict[str, str]] = []
    while True:  # a tool shows a part of a long list at a time
        found = tools.call(tool, {**arguments, "offset": len(items)})
        items += found.items
        if not found.items or found.total is None or len(items) >= found.total:
            break
    return "application/json", json.dumps(items, ensure_ascii=False, indent=1)


async def run_stdio(server: Server[Any]) -> None:
    """Serve one client over standard input and output until it closes its side.

    The transport takes standard output for itself: what else is printed goes to standard error.
    """
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def http_app(
    server: Server[Any],
    *,
    host: str = "127.0.0.1",
    owner: Callable[[str], str | None] | None = None,
    hosts: Sequence[str] = (),
) -> ASGIApp:
    """Return the server as an ASGI application at ``/mcp``.

    Parameters
    ----------
    server : Server
    host : str
        The address it will be bound to.
    owner : callable, optional
        Tells whose key a key is; without it no key is asked for, and only a loopback address is
        served.
    hosts : sequence of str
        Further names under which clients reach it.

    Raises
    ------
    NotAvailableError
        An address beyond this machine without keys.

    Notes
    -----
    Requests under another name are refused (421), so that a page in a browser cannot reach the
    server by a name of its own that it lets point here; so are those of another origin (403).
    """
    from mcp.server.transport_security import TransportSecuritySettings

    if host not in LOOPBACK and owner is None:
        raise NotAvailableError(
            f"{host} can be reached from other machines", where="--host",
            do="give --api-key-file, or stay with 127.0.0.1",
        )  # fmt: skip
    names = list(dict.fromkeys(_bracketed(one) for one in (*LOOPBACK, host, *hosts)))
    app = server.streamable_http_app(
        streamable_http_path=PATH, host=host, max_request_body_size=MOST_BYTES,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[*names, *(f"{one}:*" for one in names)],
            allowed_origins=[f"{scheme}://{one}{port}" for one in names
                             for scheme in ("http", "https") for port in ("", ":*")],
        ),
    )  # fmt: skip
    return app if owner is None else _keyed(app, owner)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _keyed(app: ASGIApp, owner: Callable[[str], str | None]) -> ASGIApp:
    """Let in who has a key, at a bounded rate; wrong keys are bounded more tightly."""
    from starlette.datastructures import Headers
    from starlette.responses import JSONResponse

    from mriocarbon.service.limits import Buckets

    rates, tries = Buckets(120, 60), Buckets(10, 10)

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        kind, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
        client = str((scope.get("client") or ("",))[0])
        who = (
            owner(key.strip()) if kind.casefold() == "bearer" and tries.left(client) >= 1 else None
        )
        wait = rates.wait(who) if who is not None else tries.wait(client)
        if wait > 0:
            answer = JSONResponse({"error": "too many requests"}, 429,
                                  {"Retry-After": str(int(wait) + 1)})  # fmt: skip
        elif who is None:
            answer = JSONResponse({"error": "an API key is needed: Authorization: Bearer KEY"}, 401,
                                  {"WWW-Authenticate": "Bearer"})  # fmt: skip
        else:
            await app(scope, receive, send)
            return
        await answer(scope, receive, send)

    return guarded
