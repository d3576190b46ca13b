"""What a served model did is kept in a file; the skipped line and the docs say what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mriocarbon.agents.evaluation.catalogue import questions
from mriocarbon.agents.evaluation.run import ANSWERS, chosen, kept
from mriocarbon.agents.evaluation.scoring import SCORES, Scored, wilson
from validation import run_agent_vllm
from validation._agent_record import RECORD, last_run, read

ROOT = Path(__file__).resolve().parents[2]


def finished(folder: Path, asked, *, right: int, model: str = "a model") -> None:
    """Write a run as `evaluate` leaves it, the first `right` answers good."""
    lines = []
    for k, one in enumerate(asked):
        scored = Scored(
            question=one.id, about=one.about, language=one.language, kind=one.kind,
            status="answered", behaviour=True, tool=k < right, arguments=None, numbers=None,
            grounded=True, own_words=None, seconds=10.0, requests=1, calls=1,
        )  # fmt: skip
        trace = {"versions": {"mriocarbon": "0.0.9"}, "started": "2026-11-30T10:00:00+00:00"}
        lines.append(json.dumps({
            "question": one.id, "digest": one.digest, "model": model,
            "scored": scored.model_dump(mode="json"), "trace": trace,
        }))  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / ANSWERS).write_text("\n".join(lines) + '\n{"cut', encoding="utf-8")


@pytest.fixture
def record(tmp_path, monkeypatch):
    """A copy of the record, and no way to start a server."""
    path = tmp_path / RECORD.name
    shutil.copy(RECORD, path)
    monkeypatch.setattr(run_agent_vllm, "RECORD", path)
    return path


def test_a_finished_run_is_scored_and_recorded_without_a_server(
    record, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(run_agent_vllm, "_ask", lambda *_: pytest.fail("a server was wanted"))
    unseen = questions("unseen")
    out = tmp_path / "run"
    finished(out, unseen, right=50)
    model = tmp_path / "a model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    usual = read(record)["usual"]
    arguments = ["--set", "unseen", "--out", str(out), "--record", "--model", str(model)]
    assert run_agent_vllm.main([*arguments, "--commit", "abc"]) == 0  # 69 % is said, no failure
    told = capsys.readouterr().out
    assert f"NOT MET    questions that got a right tool (50 of {len(unseen)})" in told
    assert read(record)["usual"] == usual
    one = read(record)["unseen"]
    assert one["scores"]["tool"] == [50, len(unseen)]
    assert one["scores"]["arguments"] == [0, 0]
    assert (one["asked"], one["of"], one["seconds"]) == (len(unseen), len(unseen), 720)
    assert (one["version"], one["commit"], one["date"]) == ("0.0.9", "abc", "2026-11-30")
    assert len(one["model_sha256"]) == 64
    model.rename(tmp_path / "another")  # its hash would be that of a model that answered nothing
    arguments[-1] = str(tmp_path / "another")
    run_agent_vllm.main(arguments)
    assert read(record)["unseen"]["model_sha256"] is None
    assert f"right tool 50 of {len(unseen)} (69 %)" in last_run(record)


def test_a_run_that_lacks_a_question_goes_on_with_a_server(record, tmp_path, monkeypatch):
    wanted = []
    monkeypatch.setattr(run_agent_vllm, "_ask", lambda *_: wanted.append(1))
    before = record.read_bytes()
    finished(tmp_path / "run", chosen(questions("usual"), limit=40)[:-1], right=39)
    assert run_agent_vllm.main(["--out", str(tmp_path / "run"), "--record"]) == 0
    assert wanted == [1]
    assert record.read_bytes() == before


def test_too_few_right_tools_of_the_usual_questions_fail(record, tmp_path):
    finished(tmp_path / "run", chosen(questions("usual"), limit=40), right=31)
    assert run_agent_vllm.main(["--out", str(tmp_path / "run")]) == 1


def test_record_without_a_folder_is_refused(capsys):
    with pytest.raises(SystemExit):
        run_agent_vllm.main(["--record"])
    assert "--record needs --out" in capsys.readouterr().err


def test_answers_of_two_models_are_not_one_run(tmp_path):
    asked = chosen(questions("unseen"), limit=6)
    finished(tmp_path, asked[:3], right=3, model="one")
    first = (tmp_path / ANSWERS).read_text()
    finished(tmp_path, asked[3:], right=3, model="two")
    (tmp_path / ANSWERS).write_text(first + "\n" + (tmp_path / ANSWERS).read_text())
    assert kept(tmp_path, questions=asked) is None
    found = kept(tmp_path, questions=asked[3:])
    assert found is not None and found.model == "two"
    changed = asked[3].model_copy(update={"never": ("x",)})
    assert kept(tmp_path, questions=[changed]) is None, "a question that changed is not answered"


def test_the_record_has_every_score_and_the_skipped_line_says_it():
    for name, one in read().items():
        if one is None:
            continue
        assert set(one["scores"]) == {*SCORES, "right"}
        assert all(good <= of <= one["asked"] for good, of in one["scores"].values())
        assert one["of"] == len(questions(name))
        assert "model_sha256" in one and one["model"] and one["date"] and one["version"]
        good, of = one["scores"]["tool"]
        assert f"{one['asked']} of {one['of']} {name} questions: right tool {good} of {of}" in (
            last_run()
        )


def test_the_docs_have_the_figures_of_the_record():
    usual, unseen = read()["usual"], read()["unseen"]
    assert usual is not None and unseen is not None
    serve = (ROOT / "docs" / "how-to" / "serve.md").read_text(encoding="utf-8")
    for score in usual["scores"]:
        cells = []
        for one in (usual, unseen):
            good, of = one["scores"][score]
            low, high = wilson(good, of)
            share = f"{good} of {of}" + (f", {100 * good / of:.0f} %" if good < of else "")
            cells += [share, f"{100 * low:.0f} to {100 * high:.0f} %"]
        assert f"| {' | '.join(cells)} |" in serve, score
    page = " ".join((ROOT / "docs" / "validation.md").read_text(encoding="utf-8").split())
    for one in (usual, unseen):
        good, of = one["scores"]["tool"]
        assert f"in {good} of {of} questions ({100 * good / of:.0f} %" in page
