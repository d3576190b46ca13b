"""What the tests of the service share: apps in a folder of their own, and quick workers."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
from starlette.testclient import TestClient

from mriocarbon.service import keys
from mriocarbon.service.app import create_app
from mriocarbon.service.settings import Settings

HERE = "http://127.0.0.1"


def made(folder: Path, ask=None, **settings):
    """An app, not started."""
    return create_app(Settings(folder=folder, **settings), ask)


@contextmanager
def client(folder: Path, ask=None, *, start=False, base=HERE, **settings):
    """A client in this process; with `start`, the app is started and warmed up."""
    app = made(folder, ask, **settings)
    over = TestClient(app, base_url=base, follow_redirects=False)
    try:
        if start:
            with over:
                yield over
        else:
            yield over
    finally:
        app.state.jobs.close()


@contextmanager
def exposed(folder: Path, **settings):
    """A client of a server that others can reach, and a key to it."""
    key = keys.add(folder / "keys.json", "somebody")
    with client(folder, base="http://carbon.test", host="0.0.0.0", **settings) as over:
        yield over, key


class Bridge(httpx.BaseTransport):
    """The way of our own client to an app in this process."""

    def __init__(self, over: TestClient) -> None:
        self.over, self.seen = over, []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.over.request(
            request.method, str(request.url), content=request.read(),
            headers=[(k, v) for k, v in request.headers.multi_items() if k != "host"],
        )  # fmt: skip
        left = [(k, v) for k, v in answer.headers.multi_items() if k != "content-encoding"]
        return httpx.Response(answer.status_code, headers=left, content=answer.content)


def script(code: str):
    """Stands in for `confined.start`: a process that imports nothing of ours, and is quick.

    `folder` is the job's, `end(state)` ends it as the real one does.
    """
    head = """
import json, os, sys, time
folder = sys.argv[-1]
def end(state):
    part = folder + "/.part"
    open(part, "w").write(json.dumps({"state": state, "at": "now"}))
    os.link(part, folder + "/end.json")
def say(text):
    with open(folder + "/progress.jsonl", "a") as file:
        file.write(json.dumps({"at": "now", "text": text}) + "\\n")
"""

    def start(module, arguments, *, log, threads=1):
        return subprocess.Popen(
            [sys.executable, "-S", "-c", head + code, *arguments], stdin=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip

    return start


def certificate(folder, name, *more):
    """A certificate of this machine that rests on itself, and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", *(more or ("-nodes",))],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key
