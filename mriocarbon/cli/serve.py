"""``mriocarbon serve``: the API and the pages, and the keys for others."""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
import time
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mriocarbon.cli.shared import TlsCert, TlsKey
from mriocarbon.errors import NotAvailableError

if TYPE_CHECKING:
    from mriocarbon.service.routes.ask import Ask
    from mriocarbon.service.settings import Settings

app = typer.Typer(
    help="Serve the tools as an API and as pages in a browser.", invoke_without_command=True,
    no_args_is_help=False,
)  # fmt: skip
key_app = typer.Typer(help="API keys, which an exposed server demands.", no_args_is_help=True)
app.add_typer(key_app, name="key")

Folder = Annotated[
    Path | None, typer.Option(help="Jobs, uploaded tables and keys; below the cache by default.")
]
MIB = 1 << 20


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Where to listen; others than this machine need API keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8080,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A name it is reached by, as behind a proxy; repeatable."),
    ] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(help="Address of a proxy whose X-Forwarded-For and -Proto are believed."),
    ] = None,
    folder: Folder = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="File of API keys, which several servers can share; in --folder if not"
                     " given."),
    ] = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    jobs: Annotated[int, typer.Option(min=1, help="Jobs that run at once.")] = 1,
    job_minutes: Annotated[float, typer.Option(help="Longest time of a job.")] = 60.0,
    job_memory: Annotated[int, typer.Option(help="Most memory of a job, MiB.")] = 8192,
    max_upload: Annotated[int, typer.Option(help="Largest table to upload, MiB.")] = 256,
    max_sectors: Annotated[int, typer.Option(help="Most rows of an uploaded table.")] = 5000,
    per_minute: Annotated[int, typer.Option(help="Requests of one key when exposed.")] = 600,
    browser: Annotated[bool, typer.Option(help="Open the pages in a browser.")] = True,
) -> None:  # fmt: skip
    """Serve the tools as an API and as pages in a browser, until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    _need_extra()
    from mriocarbon.service.settings import Settings

    given: dict[str, Any] = {} if folder is None else {"folder": folder}
    settings = Settings(
        host=host, port=port, hosts=tuple(name or ()), trust_proxy=tuple(trust_proxy or ()),
        keys=keys, tls_cert=tls_cert, tls_key=tls_key, jobs_at_once=jobs,
        job_seconds=60 * job_minutes, job_memory=job_memory * MIB, max_upload=max_upload * MIB,
        max_sectors=max_sectors, per_minute=per_minute, burst=max(1, per_minute // 5), **given,
    )  # fmt: skip
    _run(settings, browser=browser)


def _need_extra() -> None:
    missing = [m for m in ("fastapi", "uvicorn", "python_multipart") if not _there(m)]
    if missing:
        raise NotAvailableError.extra(
            "web", f"{', '.join(missing)} not installed", where="mriocarbon serve"
        )


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _run(settings: Settings, *, browser: bool) -> None:
    import uvicorn

    from mriocarbon.service import tls
    from mriocarbon.service.app import create_app

    secured = tls.options(settings.tls_cert, settings.tls_key)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("mriocarbon.service").setLevel(logging.INFO)
    _warn(settings)
    ask = _agents()
    app = create_app(settings, ask)
    app.state.jobs.open()  # another server in this folder is told now, in words
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning",
        # the log of requests is ours: theirs would print what is asked for
        access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=30,
        timeout_graceful_shutdown=5, **secured,
    )  # fmt: skip
    server = uvicorn.Server(config)
    threading.Thread(target=_greet, args=(server, settings, browser), daemon=True).start()
    try:
        server.run()
    except KeyboardInterrupt:  # asked for
        return


def _warn(settings: Settings) -> None:
    """Say that keys can be read on the way, where that is so."""
    from mriocarbon.service.settings import is_loopback
    from mriocarbon.service.tls import IN_THE_CLEAR

    if not is_loopback(settings.host) and settings.scheme == "http":
        said = IN_THE_CLEAR.format(host=settings.host)
        print(f"{said} (--trust-proxy)", file=sys.stderr, flush=True)


def _greet(server: Any, settings: Settings, browser: bool) -> None:
    """Say where it listens once it does, and open the pages."""
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.1)
    port = server.servers[0].sockets[0].getsockname()[1]
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"{settings.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    pages = _there("mriocarbon.service.pages") and _there("nicegui")
    where = url if pages else f"{url}/v1/tools and {url}/openapi.json"
    print(f"mriocarbon answers at {where} (Ctrl-C ends it)", flush=True)
    if pages and browser and sys.stdout.isatty():
        webbrowser.open(url)


def _agents() -> Ask | None:
    """Return what answers questions in words, if a model is served and the extra is there."""
    from mriocarbon import config

    endpoint = config.llm_endpoint()
    if endpoint is None:
        return None
    if not _there("pydantic_ai"):
        print(
            'warning: MRIOCARBON_LLM is set, but "mriocarbon[agents]" is not installed',
            file=sys.stderr,
        )
        return None
    agents = importlib.import_module("mriocarbon.agents")

    async def ask(question: str, history: Sequence[Any], progress: Any) -> Mapping[str, Any]:
        answer = await agents.ask_async(
            question, endpoint=endpoint, history=tuple(history), progress=progress
        )
        found: Mapping[str, Any] = answer.model_dump(mode="json")
        return found

    return ask


@key_app.command("add")
def key_add(
    name: Annotated[str, typer.Argument(help="Who will use it; seen in the log.")],
    folder: Folder = None,
) -> None:
    """Make an API key and show it: this once, since only its hash is kept."""
    from mriocarbon.service import keys

    key = keys.add(_key_file(folder), name)
    print(key)
    print("Keep it: it is not shown again. Send it as 'Authorization: Bearer KEY'.",
          file=sys.stderr)  # fmt: skip


@key_app.command("list")
def key_list(folder: Folder = None) -> None:
    """List the API keys by name."""
    from mriocarbon.service import keys

    found = keys.read(_key_file(folder))
    for one in found:
        print(f"{one.name}\t{one.made}")
    if not found:
        print("no API keys", file=sys.stderr)


@key_app.command("remove")
def key_remove(name: Annotated[str, typer.Argument()], folder: Folder = None) -> None:
    """Remove an API key; a running server refuses it from then on."""
    from mriocarbon.service import keys

    keys.remove(_key_file(folder), name)
    print(f"removed {name}")


def _key_file(folder: Path | None) -> Path:
    from mriocarbon.service.settings import Settings

    return (Settings() if folder is None else Settings(folder=folder)).key_file
