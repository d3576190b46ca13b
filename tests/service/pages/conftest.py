"""A real server with the pages, in a process of its own, and a scripted model behind `ask`."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
SERVER = """
import asyncio, sys
import uvicorn
from pathlib import Path
from mriocarbon import tools
from mriocarbon.service.app import create_app
from mriocarbon.service.settings import Settings
from types import SimpleNamespace as Event

async def ask(question, history, progress):
    # what a model would do, scripted; the numbers are the tools' own
    arguments = {"regions": ["China"], "principle": "consumption"}
    progress(Event(kind="plan", data={"parts": [{"specialist": "trade", "question": question}]}))
    progress(Event(kind="call", data={"tool": "account", "arguments": arguments}))
    if question == "Fail":
        raise RuntimeError("secret-of-the-endpoint")
    found = await asyncio.to_thread(tools.call, "account", arguments)
    progress(Event(kind="result", data={"title": found.title, "seconds": 0.1}))
    if question == "Korea":
        return {"status": "asks back", "text": "Which Korea?", "numbers": (), "calls": (),
                "options": [{"kind": "country", "asked": "Korea", "code": "KOR",
                             "name": "South Korea"}]}
    shown = f"{found.figures[0].value:,.0f}"
    text = f"China's consumption caused {shown} Mt CO2e in 2022. <b>bold</b>"
    at = text.index(shown)
    return {"status": "answered", "text": text, "options": (),
            "numbers": [{"start": at, "end": at + len(shown), "call": 0, "figure": "f1"}],
            "calls": [{"specialist": "trade", "tool": "account", "arguments": arguments,
                       "result": found.model_dump(mode="json")}]}

settings = Settings(folder=Path(sys.argv[3]), hosts=tuple(sys.argv[4:]))
app = create_app(settings, ask if sys.argv[2] == "model" else None)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _served(mode, folder, *hosts):
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port), mode, str(folder), *hosts], cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with {process.returncode}")
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def with_model(tmp_path_factory):
    yield from _served("model", tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def without_model(tmp_path_factory):
    yield from _served("none", tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def exposed_server(tmp_path_factory):
    """A server that others can reach under a name, and a key to it."""
    from mriocarbon.service import keys

    folder = tmp_path_factory.mktemp("service")
    key = keys.add(folder / "keys.json", "somebody")
    for url in _served("none", folder, "carbon.test"):
        yield url, key
