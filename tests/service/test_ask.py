"""Questions in words: a stream of what happens, whoever answers them."""

import asyncio
import json

import pytest
from pydantic import BaseModel
from service.parts import client as over

from mriocarbon.errors import AmbiguousNameError


class Event(BaseModel):
    kind: str
    data: dict


def streamed(answer):
    """(event, data) of a stream."""
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


async def good(question, history, progress):
    progress(Event(kind="plan", data={"parts": ["trade"]}))
    progress({"kind": "text", "data": {"text": "für 中国\nzwei"}})
    await asyncio.sleep(0)
    return {"status": "answered", "text": question.upper(), "history": len(history)}


def test_a_question_is_streamed(tmp_path):
    with over(tmp_path, good) as client:
        history = [{"question": "before", "answer": "then"}]
        answer = client.post("/v1/ask", json={"question": "so?", "history": history})
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert streamed(answer) == [
            ("plan", {"parts": ["trade"]}),
            ("text", {"text": "für 中国\nzwei"}),
            ("end", {"status": "answered", "text": "SO?", "history": 1}),
        ]
        for wrong in ({}, {"question": ""}, {"question": "x" * 4001}, {"question": "a", "b": 1},
                      {"question": "a", "history": [{"question": "b"}] * 21}):  # fmt: skip
            assert client.post("/v1/ask", json=wrong).status_code == 422
        assert client.get("/v1/ask").status_code == 405


def test_without_a_model_it_says_how_to_get_one(tmp_path):
    with over(tmp_path) as client:
        answer = client.post("/v1/ask", json={"question": "so?"})
        assert answer.status_code == 404
        assert "mriocarbon llm serve" in answer.json()["do"]


@pytest.mark.parametrize("fault", ["ours", "any", "late"])
def test_what_goes_wrong_is_a_problem_at_the_end_of_the_stream(tmp_path, fault, caplog):
    async def bad(question, history, progress):
        progress({"kind": "plan", "data": {}})
        if fault == "ours":
            raise AmbiguousNameError("country", "Korea", [("KOR", "South"), ("PRK", "North")])
        if fault == "any":
            raise RuntimeError("the secret place")
        await asyncio.sleep(60)
        return {}

    with over(tmp_path, bad, ask_seconds=0.2) as client:
        events = streamed(client.post("/v1/ask", json={"question": "so?"}))
    assert [name for name, _ in events] == ["plan", "problem"]
    told = events[1][1]
    assert told["detail"] and told["request_id"] and "secret" not in str(told)
    if fault == "ours":
        assert [one["code"] for one in told["options"]] == ["KOR", "PRK"]
    if fault == "any":
        assert "the secret place" in caplog.text
    if fault == "late":
        assert "0.2 s" in told["detail"]


def test_a_few_questions_at_once(tmp_path):
    """The limit is on what runs: those that have ended, or whose asker hung up, do not count."""
    from httpx import ASGITransport, AsyncClient
    from service.parts import made

    gate = None

    async def slow(question, history, progress):
        await gate.wait()
        return {"status": "answered"}

    async def run():
        nonlocal gate
        gate = asyncio.Event()
        transport = ASGITransport(made(tmp_path, slow, asks_at_once=2))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            asked = [
                asyncio.create_task(client.post("/v1/ask", json={"question": "so?"}))
                for _ in range(2)
            ]
            await asyncio.sleep(0.2)
            third = await client.post("/v1/ask", json={"question": "so?"})
            gate.set()
            both = await asyncio.gather(*asked)
            after = await client.post("/v1/ask", json={"question": "so?"})
            return third, both, after

    third, both, after = asyncio.run(run())
    assert third.status_code == 429 and third.headers["retry-after"]
    assert [a.status_code for a in both] == [200, 200] and after.status_code == 200
