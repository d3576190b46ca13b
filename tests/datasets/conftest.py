"""Servers that are closed after a test, and a catalogue with a cache of its own."""

import pytest

from tests.datasets.downloads import Plan, Server, Shop


@pytest.fixture
def serve():
    servers = []

    def start(plan: Plan) -> Server:
        servers.append(Server(plan))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def shop(monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    return Shop(monkeypatch, tmp_path / "cache")
