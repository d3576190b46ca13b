"""The service as `bench_serve` measures it: as it is, but some accounts are never kept.

``python -m benchmarks.serve_app FOLDER`` prints its address. Accounts of CO2 are computed anew for
every request; without that, a minute of asking would soon find all of them in memory.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from mriocarbon.service import answers
from mriocarbon.service.app import create_app
from mriocarbon.service.settings import Settings
from mriocarbon.tools import registry, tables


def main(folder: Path) -> None:
    """Serve until the process is ended."""
    kept = answers.compute

    def compute(name: str, arguments: dict[str, object]) -> Any:
        if arguments.get("gas") == "CO2":
            tables.accounted.cache_clear()
            registry.forget()
        return kept(name, arguments)

    answers.compute = compute
    app = create_app(Settings(folder=folder))
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, timeout_keep_alive=30)
    server = uvicorn.Server(config)
    threading.Thread(target=_tell, args=(server,), daemon=True).start()
    server.run()


def _tell(server: uvicorn.Server) -> None:
    while not server.started:
        time.sleep(0.05)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
