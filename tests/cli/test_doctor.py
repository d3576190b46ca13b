"""The check-up: what is there, what is missing, and what it says to do."""

import dataclasses
import http.server
import importlib
import json
import threading
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from mriocarbon.cli import checkup
from mriocarbon.cli.doctor import doctor

app = typer.Typer()
app.command()(doctor)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    for name in ("MRIOCARBON_DATA", "MRIOCARBON_LLM", "MRIOCARBON_LLM_MODEL", "MRIOCARBON_LLM_KEY",
                 "MRIOCARBON_LLM_VENV"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))


def states(**given) -> dict[str, checkup.Check]:
    return {one.name: one for one in checkup.checkup(**given)}


def test_a_sound_machine(monkeypatch, tmp_path):
    found = states()
    for name in ("Python", "packages", "embedded data", "linear algebra", "temporary folder"):
        assert found[name].state == "OK" and found[name].needed, found[name]
    for name in ("data folder", "vLLM", "endpoint"):
        assert found[name].state == "MISSING" and found[name].do and not found[name].needed
    assert not (tmp_path / "cache").exists()  # looked at, not made
    told = CliRunner().invoke(app, [])
    assert told.exit_code == 0 and "The main job can be done" in told.output
    assert "MRIOCARBON_DATA is not set" in told.output and "->" in told.output
    read = json.loads(CliRunner().invoke(app, ["--json"]).output)
    assert read["sound"] is True
    assert {one["state"] for one in read["checks"]} <= {"OK", "MISSING", "WRONG"}


def test_what_is_wrong_is_told_and_ends_with_1(monkeypatch, tmp_path):
    from packaging.requirements import Requirement

    wanted = {
        "": [Requirement("numpy>=999"), Requirement("no-such-package>=1")],
        "extra": [Requirement("other-such-package"), Requirement("jax[cuda12]>=0.1")],
        "other": [Requirement("windows-only; sys_platform == 'win32'")],
    }
    monkeypatch.setattr(checkup, "requirements", lambda: wanted)
    found = states()
    assert found["packages"].state == "WRONG" and found["packages"].hurts
    assert "no-such-package>=1" in found["packages"].found and ">=999" in found["packages"].found
    assert found["[extra]"].state == "MISSING" and not found["[extra]"].hurts
    assert "[extra]" in found["[extra]"].do and found["[extra]"].do.startswith("pip install")
    assert found["[other]"].state == "OK"
    told = CliRunner().invoke(app, [])
    assert told.exit_code == 1 and "In the way of the main job: packages" in told.output
    assert json.loads(CliRunner().invoke(app, ["--json"]).output)["sound"] is False


def test_altered_data_are_seen(monkeypatch):
    catalogue = importlib.import_module("mriocarbon.datasets.catalogue")
    items = catalogue.catalogue()
    altered = (dataclasses.replace(items[0], sha256="0" * 64), *items[1:])
    monkeypatch.setattr(catalogue, "catalogue", lambda folder=None: altered)
    found = states()["embedded data"]
    assert found.state == "WRONG" and found.hurts and "altered" in found.found and found.do


def test_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("MRIOCARBON_DATA", str(tmp_path / "none"))
    assert states()["data folder"].state == "WRONG"
    (tmp_path / "none").mkdir()
    assert states()["data folder"].state == "OK"
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("MRIOCARBON_CACHE", str(file / "below"))
    found = states()["cache"]
    assert found.state == "WRONG" and not found.hurts and "MRIOCARBON_CACHE" in found.do


def test_a_disk_that_is_full_is_seen(monkeypatch):
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda place: SimpleNamespace(free=4096))
    found = states(probe=False)
    for name in ("cache", "current folder", "temporary folder"):
        assert found[name].state == "WRONG" and "0.0 MiB free" in found[name].found
    assert found["temporary folder"].hurts and not found["cache"].hurts


def test_a_folder_that_is_gone_and_a_user_that_nobody_knows(monkeypatch, tmp_path):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert states()["current folder"].state == "WRONG"
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MRIOCARBON_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as in a container
    found = states()["cache"]
    assert found.state == "WRONG" and "MRIOCARBON_CACHE" in found.do
    assert list(tmp_path.iterdir()) == []  # and no folder of the name "~"


def test_threads_beyond_the_cores(monkeypatch):
    monkeypatch.setattr(checkup, "_cores", lambda: 0)
    found = states()["threads"]
    assert found.state == "WRONG" and "OMP_NUM_THREADS" in found.do and not found.hurts


class Answer(http.server.BaseHTTPRequestHandler):
    body, status = b'{"data": [{"id": "small"}]}', 200

    def do_GET(self):
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


def test_the_endpoint_is_asked_for_a_short_time(monkeypatch):
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/v1"
            monkeypatch.setenv("MRIOCARBON_LLM", url)
            monkeypatch.setattr(checkup, "SECONDS", 20.0)
            assert "serves small" in states()["endpoint"].found
            assert "not asked" in states(probe=False)["endpoint"].found
            monkeypatch.setenv("MRIOCARBON_LLM_MODEL", "large")
            assert states()["endpoint"].state == "WRONG"
            monkeypatch.delenv("MRIOCARBON_LLM_MODEL")
            monkeypatch.setattr(Answer, "body", b"<html>")
            assert "no OpenAI-compatible API" in states()["endpoint"].found
            monkeypatch.setattr(Answer, "status", 401)
            assert "status 401" in states()["endpoint"].found
        finally:
            server.shutdown()
            thread.join()
    found = states()["endpoint"]  # nobody is there any more
    assert found.state == "WRONG" and "does not answer" in found.found and not found.hurts
