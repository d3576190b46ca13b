"""`mriocarbon mcp`: the tools for clients of the Model Context Protocol."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mriocarbon.cli.shared import TlsCert, TlsKey


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Over streamable HTTP instead of stdio.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to bind to, with --http.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --http; 0 takes a free one.")
    ] = (8765),
    api_key_file: Annotated[
        Path | None, typer.Option(help="Keys that clients must show; needed beyond this machine.")
    ] = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Further name that clients reach it under; repeatable."),
    ] = None,
) -> None:
    """Offer every tool to a language model's client: over stdio, or with --http."""
    from mriocarbon.errors import InputError
    from mriocarbon.service import mcp as service

    if not http and (host != "127.0.0.1" or any((api_key_file, tls_cert, tls_key, name))):
        raise InputError(
            "a host, a name, keys or a certificate without --http", where="mriocarbon mcp",
            do="add --http, or leave them out: stdio serves the program that started it",
        )  # fmt: skip
    server = service.build_server()
    if not http:
        import anyio

        status = 0
        try:
            anyio.run(service.run_stdio, server)
        except KeyboardInterrupt:
            status = 130
        sys.stderr.flush()
        # The client is gone: a thread that still computes for it must not keep the process alive.
        os._exit(status)
    owner = None
    if api_key_file is not None:
        from mriocarbon.service.keys import KeyFile

        keys = KeyFile(api_key_file.expanduser())
        if not keys.all():
            raise InputError(
                "the file of API keys holds no key", where=str(api_key_file),
                do="make one with `mriocarbon serve key add NAME --folder FOLDER`: it is kept in"
                " FOLDER/keys.json",
            )  # fmt: skip
        owner = keys.owner
    import uvicorn

    from mriocarbon.service import tls
    from mriocarbon.service.settings import is_loopback

    secured = tls.options(tls_cert, tls_key)
    app = service.http_app(server, host=host, owner=owner, hosts=name or ())
    if not secured and not is_loopback(host):
        print(tls.IN_THE_CLEAR.format(host=host), file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=5, **secured,
    )  # fmt: skip
    listening = config.bind_socket()
    listening.listen()  # before it is told: a client that comes at once waits instead of failing
    where = listening.getsockname()[1]
    scheme = "https" if secured else "http"
    print(f"listening on {scheme}://{host}:{where}{service.PATH}", file=sys.stderr, flush=True)
    uvicorn.Server(config).run(sockets=[listening])
