"""`mriocarbon llm evaluate` and `mriocarbon llm traces` from the shell."""

from __future__ import annotations

import json

import pytest
from pydantic_ai.messages import ModelResponse, ToolCallPart
from pydantic_ai.models.function import FunctionModel
from typer.testing import CliRunner

from mriocarbon.agents.evaluation import catalogue, run
from mriocarbon.cli.main import app

RUN = CliRunner()


def _china(messages, info):
    if [one.name for one in info.output_tools]:
        text = "This is the consumption account of China."
        return ModelResponse(parts=[ToolCallPart("answer", {"text": text})])
    return ModelResponse(parts=[ToolCallPart("account", {"regions": ["China"]})])


@pytest.fixture
def scripted(monkeypatch):
    real = run.evaluate

    def with_model(*, endpoint, **more):
        assert endpoint.url == "http://127.0.0.1:9/v1"
        return real(model=FunctionModel(_china, model_name="scripted"), **more)

    monkeypatch.setattr(run, "evaluate", with_model)


def test_evaluate_writes_table_json_and_answers_and_traces_reads_them(
    scripted, tmp_path, monkeypatch
):
    first = [one for one in catalogue.questions() if one.id == "trade-01"]
    monkeypatch.setattr(catalogue, "questions", lambda name: tuple(first))
    out = tmp_path / "here"
    arguments = ["--endpoint", "http://127.0.0.1:9/v1", "--only", "trade", "--out", str(out)]
    found = RUN.invoke(app, ["llm", "evaluate", *arguments])
    assert found.exit_code == 0, found.output
    assert "| all | 1 | 100 %" in found.output
    assert (out / "table.md").read_text() in found.output
    assert json.loads((out / "evaluation.json").read_text())["scores"]["tool"]["good"] == 1
    train = tmp_path / "train.jsonl"
    found = RUN.invoke(app, ["llm", "traces", "--from", str(out), "--out", str(train)])
    assert found.exit_code == 0, found.output
    written = [json.loads(line) for line in train.read_text().splitlines()]
    assert f"{len(written)} records" in found.output
    assert all(one["messages"][0]["role"] == "system" for one in written)


@pytest.mark.parametrize("name", ["usual", "unseen"])
def test_evaluate_asks_the_set_that_is_named(name, tmp_path, monkeypatch):
    asked = []

    def heard(*, questions, **more):
        asked.extend(questions)
        return run.Evaluation("none", ())

    monkeypatch.setattr(run, "evaluate", heard)
    arguments = ["--endpoint", "http://127.0.0.1:9/v1"]
    arguments += [] if name == "usual" else ["--set", name]
    found = RUN.invoke(app, ["llm", "evaluate", *arguments])
    assert found.exit_code == 0, found.output
    assert tuple(asked) == catalogue.questions(name)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate", "--endpoint", "http://127.0.0.1:9/v1", "--set", "unsen"], "unseen"),
        (["evaluate", "--endpoint", "http://127.0.0.1:9/v1", "--only", "weather"], "weather"),
        (["traces", "--from", "absent-folder", "--out", "x"], "no folder"),
        (["traces", "--from", ".", "--out", "x", "--format", "csv"], "csv"),
    ],
)
def test_bad_input_is_told(arguments, says):
    found = RUN.invoke(app, ["llm", *arguments])
    assert found.exit_code != 0
    assert says in f"{found.output} {found.exception}"
