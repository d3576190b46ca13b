"""`mriocarbon ask`: what it prints, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mriocarbon import config, tools
from mriocarbon.agents import coordinator
from mriocarbon.agents.model import Bound
from mriocarbon.cli.main import app
from mriocarbon.errors import DataFileError, InputError, MriocarbonError, NotAvailableError
from tests.agents.conversations import Script, answer

CHINA = ("account", {"regions": ["China"]})
NUMBER = f"{tools.call(*CHINA).figures[0].value:,.0f}"
QUESTION = "What is the carbon footprint of China?"
NOTHING = ("plan", {"parts": [{"specialist": "none", "question": "x"}]})
URL = ["--endpoint", "http://127.0.0.1:8000/v1"]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["ask", *arguments])


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MRIOCARBON_LLM", "MRIOCARBON_LLM_MODEL", "MRIOCARBON_LLM_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*steps: Any, **by: Any) -> None:
        script = Script(*steps, **by)

        async def bind(endpoint: config.Endpoint, limits: Any) -> Bound:
            return Bound(script.model, "scripted", endpoint.url)

        monkeypatch.setattr(coordinator, "bind", bind)

    return use


def test_a_question(scripted: Any) -> None:
    scripted(CHINA, answer(f"China's footprint was {NUMBER} Mt CO2e."))
    found = run(QUESTION, *URL)
    assert found.exit_code == 0, found.output
    assert found.stdout.startswith(f"China's footprint was {NUMBER} Mt CO2e.")
    assert "Sources:" in found.stdout
    assert "... plan: trade" in found.stderr
    assert "... trade: account(regions=['China'])" in found.stderr


def test_json(scripted: Any) -> None:
    scripted(CHINA, answer("Below."))
    found = run(QUESTION, *URL, "--json")
    whole = json.loads(found.stdout)
    assert whole["status"] == "answered"
    assert whole["calls"][0]["result"]["figures"][0]["unit"] == "Mt CO2e"
    assert whole["trace"]["endpoint"] == "http://127.0.0.1:8000/v1"


def test_a_trace_is_written_and_replayed_without_a_model(scripted: Any, tmp_path: Path) -> None:
    scripted(CHINA, answer(f"China's footprint was {NUMBER} Mt CO2e."))
    place = tmp_path / "trace.json"
    first = run(QUESTION, *URL, "--trace", str(place))
    assert f"Wrote {place}" in first.stdout.replace("\n", "")
    again = run("--replay", str(place))
    assert again.exit_code == 0
    assert first.stdout.startswith(again.stdout.rstrip("\n"))
    changed = json.loads(place.read_text(encoding="utf-8"))
    changed["calls"][0]["result"]["figures"][0]["value"] += 1
    changed["calls"][0]["digest"] = "0"
    place.write_text(json.dumps(changed), encoding="utf-8")
    other = run("--replay", str(place))
    assert other.exit_code == 6
    assert "call 1 (account) gives other numbers" in other.stderr


@pytest.mark.parametrize(
    ("question", "steps", "code"),
    [
        ("How much does Korea emit?", {}, 3),
        ("Will it rain?", {"plan": [NOTHING]}, 4),
        (QUESTION, {"trade": ["no call"]}, 5),
    ],
)
def test_exit_codes(question: str, steps: Any, code: int, scripted: Any) -> None:
    scripted("no call", **steps)
    assert run(question, *URL).exit_code == code


def test_without_an_endpoint() -> None:
    found = run(QUESTION)
    assert isinstance(found.exception, NotAvailableError)
    assert found.exception.what == "no language model to ask"
    assert "mriocarbon llm serve" in found.exception.do and "--endpoint" in found.exception.do


def test_an_endpoint_that_is_not_there() -> None:
    found = run(QUESTION, "--endpoint", "http://127.0.0.1:9/v1")
    assert found.exit_code == 5
    assert "nothing answers at http://127.0.0.1:9/v1" in found.stdout.replace("\n", " ")


@pytest.mark.parametrize("text", ["{}", "not json", '{"question": 5}'])
def test_what_is_no_trace(text: str, tmp_path: Path) -> None:
    place = tmp_path / "trace.json"
    place.write_text(text)
    assert isinstance(run("--replay", str(place)).exception, InputError)


def test_what_cannot_be(tmp_path: Path) -> None:
    assert isinstance(run().exception, InputError)
    assert isinstance(run("x", "--replay", str(tmp_path / "t")).exception, InputError)
    assert isinstance(run("--replay", str(tmp_path / "none")).exception, DataFileError)
    assert isinstance(run(QUESTION, *URL, "--trace", str(tmp_path)).exception, MriocarbonError)
    assert run(QUESTION, "--seconds", "-1").exit_code == 2


def test_a_key_is_sent_only_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    of = config.llm_endpoint
    monkeypatch.setenv("MRIOCARBON_LLM_KEY", "sk-key")
    assert of("http://a/v1/") == config.Endpoint("http://a/v1", None, "sk-key")
    monkeypatch.setenv("MRIOCARBON_LLM", "http://a/v1")
    monkeypatch.setenv("MRIOCARBON_LLM_MODEL", "base")
    assert of("http://a/v1") == config.Endpoint("http://a/v1", "base", "sk-key")
    assert of("http://elsewhere/v1") == config.Endpoint("http://elsewhere/v1")
    assert of(None, "lora") == config.Endpoint("http://a/v1", "lora", "sk-key")
