"""A server in a thread of this process: for notebooks, examples and tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from mriocarbon.errors import NotAvailableError
from mriocarbon.service.settings import Settings

if TYPE_CHECKING:
    from mriocarbon.service.routes.ask import Ask


@contextmanager
def serving(settings: Settings | None = None, ask: Ask | None = None) -> Iterator[str]:
    """Serve on a free port of this machine while the block runs, and yield the address.

    Parameters
    ----------
    settings : Settings, optional
        Its port is not looked at.
    ask : callable, optional
        Answers questions in words.

    Raises
    ------
    NotAvailableError
        The server did not start; its log says why.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from mriocarbon.service import Client
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with serving(Settings(folder=Path(folder))) as url, Client(url) as client:
    ...         client.call("gwp", gases=["CH4"]).figures[0].unit
    't CO2e/t CH4'
    """
    import uvicorn

    from mriocarbon.service import tls
    from mriocarbon.service.app import create_app

    app = create_app(replace(settings or Settings(), port=0), ask)
    app.state.jobs.open()  # another server in this folder is told here
    config = uvicorn.Config(
        app, host=app.state.settings.host, port=0, log_level="error", access_log=False,
        server_header=False, proxy_headers=False, timeout_graceful_shutdown=5,
        **tls.options(app.state.settings.tls_cert, app.state.settings.tls_key),
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise NotAvailableError(
                    "the server did not start", where=config.host, do="see what it logged"
                )
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        scheme = app.state.settings.scheme
        yield f"{scheme}://{'127.0.0.1' if config.host == '0.0.0.0' else config.host}:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        app.state.jobs.close()
