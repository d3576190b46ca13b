"""A server that answers with whatever bytes a test gives it, and a catalogue of one data set."""

import hashlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mriocarbon.datasets import fetch as fetch_module
from mriocarbon.datasets import local, public
from mriocarbon.datasets.cache import place
from mriocarbon.datasets.fetch import fetch
from mriocarbon.datasets.public import Dataset, Edition, File

# the same in every run: with random bytes a "damaged" last byte was now and then the right one
BODY = random.Random(2026).randbytes(299_999) + b"\n"
CSV = b"country,year,co2\n" + b"".join(b"CHN,%d,%d\n" % (1900 + i, i * i) for i in range(200))
HTML = b"<!DOCTYPE html><html><body>please log in</body></html>"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# -- the server ---------------------------------------------------------------------------------

Answer = Iterable[bytes | float]  # bytes to send, seconds to wait
Plan = Callable[[int, dict[str, str]], Answer]


class Server:
    """Raw sockets: answers request number n with whatever bytes the plan gives."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.seen = plan, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file?name=../../evil"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            raw = b""
            while b"\r\n\r\n" not in raw:
                block = connection.recv(65536)
                if not block:
                    return
                raw += block
            lines = raw.decode("latin-1").split("\r\n")[1:]
            headers = {
                key.strip().lower(): value.strip()
                for key, _, value in (line.partition(":") for line in lines if ":" in line)
            }
            self.seen.append(headers)
            try:
                for piece in self.plan(len(self.seen) - 1, headers):
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        connection.sendall(piece)
            except OSError:
                pass

    def close(self) -> None:
        self.socket.close()


def head(status: str, **headers: object) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def start_of(headers: dict[str, str]) -> int:
    return int(headers["range"].removeprefix("bytes=").rstrip("-")) if "range" in headers else 0


def polite(
    content: bytes, headers: dict[str, str], *, etag: str = '"a"', upto: int | None = None
) -> list[bytes]:
    """An answer as RFC 9110 has it; `upto` cuts the connection after so many bytes of the file."""
    start = start_of(headers)
    if start and headers.get("if-range") not in (None, etag):
        start = 0
    stop = len(content) if upto is None else max(upto, start)
    if start >= len(content):
        return [head("416 No", Content_Range=f"bytes */{len(content)}", Content_Length=0)]
    common = {"ETag": etag} if etag else {}
    if start:
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        first = head("206 Part", Content_Length=len(content) - start, Content_Range=span, **common)
    else:
        first = head("200 OK", Content_Length=len(content), **common)
    return [first, content[start:stop]]


# -- a catalogue of one data set ----------------------------------------------------------------


@dataclass
class Shop:
    """A catalogue with one file, its cache, and how to fetch it without waiting."""

    monkeypatch: pytest.MonkeyPatch
    cache: Path
    waited: list[float] = field(default_factory=list)

    def sells(self, url: str, name: str = "table.bin", *, moving: bool = False, **known) -> None:
        file = File(name, url=url, hash_origin="published", **known)
        edition = Edition("1", "https://example.org", moving=moving, files=(file,))
        newer = Edition("2", "https://example.org", files=(replace(file, sha256="", size=None),))
        dataset = Dataset(
            "demo", "t", "table", "p", "h", "l", "u", "c", "open", "", (), (newer, edition)
        )
        for module in (public, local, fetch_module):
            self.monkeypatch.setattr(module, "public_datasets", lambda *_: (dataset,))

    def fetch(self, **options):
        options = {"edition": "1", "cache": self.cache, "timeout": 2.0, **options}
        return fetch("demo", sleep=self.waited.append, **options)[0]

    def path(self, name: str = "table.bin", edition: str = "1") -> Path:
        return place("demo", edition, name, self.cache)

    def accepted(self) -> list[Path]:
        """Everything that a reader of the cache could take for data."""
        return [p for p in self.cache.glob("demo/[!.]*/*") if p.suffix != ".record"]
