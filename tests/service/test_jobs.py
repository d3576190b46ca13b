"""Jobs: each ends once and stays ended, whatever happens to its process or its server."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from service.parts import client as over
from service.parts import exposed, script

from mriocarbon import tools
from mriocarbon.errors import InputError
from mriocarbon.service import confined
from mriocarbon.service.jobs import ENDED, Jobs, Limits, QueueFullError, finish, wait
from mriocarbon.tools import ToolResult


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with over(tmp_path_factory.mktemp("service")) as client:
        yield client


@pytest.fixture
def jobs(tmp_path):
    held = []

    def make(**limits):
        held.append(Jobs(tmp_path / "jobs", Limits(**limits)))
        return held[-1]

    yield make
    for one in held:
        one.close()


def alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rsplit(") ", 1)[1][0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def until(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_job_in_a_process_of_its_own_gives_what_the_tool_gives(tmp_path):
    asked = {"regions": ["Norway"], "principle": "production"}
    with over(tmp_path) as client:
        made = client.post("/v1/jobs", json={"tool": "account", "arguments": asked})
        assert made.status_code == 202
        number = made.json()["id"]
        assert made.headers["location"] == f"/v1/jobs/{number}"
        stream = client.get(f"/v1/jobs/{number}/events").text
        assert "event: progress\ndata: " in stream and "\nid: 1\n" in stream
        assert stream.rstrip().split("\n\n")[-1].startswith("event: end")
        job = client.get(f"/v1/jobs/{number}").json()
        assert job["state"] == "done" and job["started"] <= job["ended"]
        here = tools.call("account", asked)
        answer = client.get(job["links"]["result"])
        assert ToolResult.model_validate_json(answer.content) == here
        assert answer.headers["etag"] == f'"{here.digest}"'
        same = client.get(job["links"]["result"], headers={"if-none-match": f'"{here.digest}"'})
        assert same.status_code == 304
        table = client.get(job["links"]["result"], headers={"accept": "text/csv"})
        assert "production account" in table.text
        after = client.get(f"/v1/jobs/{number}/events", headers={"last-event-id": "1"}).text
        assert "event: progress" not in after and "event: end" in after, "goes on after a line"
        listed = client.get("/v1/jobs").json()
        assert [one["id"] for one in listed["jobs"]] == [number] and listed["total"] == 1
        assert client.delete(f"/v1/jobs/{number}").json()["state"] == "done", "too late"
        wrong = client.post("/v1/jobs", json={"tool": "account", "arguments": {"regions": 3}})
        assert wrong.status_code == 422 and "regions" in wrong.json()["detail"]
        assert client.post("/v1/jobs", json={"tool": "acount"}).status_code == 422


def test_draws_are_counted_to_whoever_follows(tmp_path):
    # the most a report draws: long enough on a fast machine for five lines a second to show some
    asked = {"question": "carbon footprint of a bar with 1 t steel", "draws": 20_000}
    with over(tmp_path) as client:
        number = client.post("/v1/reports/lca", json=asked).json()["id"]
        stream = client.get(f"/v1/jobs/{number}/events").text
        assert client.get(f"/v1/jobs/{number}").json()["state"] == "done"
    texts = [json.loads(part.split("data: ", 1)[1].split("\n")[0])["text"]
             for part in stream.split("\n\n") if part.startswith("event: progress")]  # fmt: skip
    counted = [re.search(r"uncertainty: ([0-9,]+) of 20,000 draws", text) for text in texts]
    done = [int(found[1].replace(",", "")) for found in counted if found]
    assert len(done) >= 2 and done == sorted(set(done)), texts


def test_a_tool_that_fails_says_why_in_its_own_words(tmp_path):
    with over(tmp_path) as client:
        asked = {"tool": "account", "arguments": {"regions": ["Korea"]}}
        number = client.post("/v1/jobs", json=asked).json()["id"]
        job = wait(client.app.state.jobs, number, 60)
        assert job.state == "failed"
        told = client.get(f"/v1/jobs/{number}").json()
        assert [one["code"] for one in told["error"]["options"]] == ["KOR", "PRK"]
        answer = client.get(f"/v1/jobs/{number}/result")
        assert answer.status_code == 404 and "failed" in answer.json()["where"]


def test_jobs_of_others_are_not_there(tmp_path, monkeypatch):
    from mriocarbon.service import keys

    monkeypatch.setattr(confined, "start", script("time.sleep(60)"))
    with exposed(tmp_path) as (client, key):
        mine = {"authorization": f"Bearer {key}"}
        other = keys.add(tmp_path / "keys.json", "other")
        theirs = {"authorization": f"Bearer {other}"}
        asked = {"tool": "account", "arguments": {}}
        number = client.post("/v1/jobs", json=asked, headers=mine).json()["id"]
        assert client.get("/v1/jobs", headers=theirs).json()["total"] == 0
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/events"), ("GET", "/result")):
            answer = client.request(method, f"/v1/jobs/{number}{path}", headers=theirs)
            assert answer.status_code == 404
        assert client.get(f"/v1/jobs/{number}", headers=mine).json()["state"] in (
            "queued", "running",
        )  # fmt: skip


@pytest.mark.parametrize(
    "number", ["x", "0" * 24, "0" * 23, "..%2f..%2fetc", "%2e%2e", "0" * 24 + "/../x", "A" * 24]
)
def test_ids_that_are_none(api, number):
    for path in ("", "/events", "/result", "/files.zip", "/files/..%2fjob.json"):
        assert api.get(f"/v1/jobs/{number}{path}").status_code in (404, 422)
    assert api.app.state.jobs.get(number) is None


def test_one_after_the_other_and_no_more_than_may_wait(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script(
        "while not os.path.exists(folder + '/go'): time.sleep(0.01)\nend('done')"
    ))  # fmt: skip
    some = jobs(at_once=1, queue=2)
    first = some.submit("a", {})
    until(lambda: some.get(first).state == "running")
    second, third = some.submit("b", {}), some.submit("c", {})
    with pytest.raises(QueueFullError, match="2 jobs wait"):
        some.submit("d", {})
    assert [some.get(n).state for n in (first, second, third)] == ["running", "queued", "queued"]
    assert some.cancel(second).state == "cancelled"
    for number in (first, third):
        (some.folder / number / "go").touch()
        assert wait(some, number, 20).state == "done"
    assert some.get(second).state == "cancelled" and not some.get(second).started
    assert [job.id for job in some.listing()] == [third, second, first]


def test_two_at_once(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("time.sleep(60)"))
    some = jobs(at_once=2)
    both = [some.submit("a", {}) for _ in range(2)]
    until(lambda: all(some.get(n).state == "running" for n in both))


def test_cancelling_ends_all_processes_of_a_job(jobs, monkeypatch):
    code = (
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "say(f'{os.getpid()} {child.pid}')\ntime.sleep(60)"
    )
    monkeypatch.setattr(confined, "start", script(code))
    some = jobs()
    number = some.submit("a", {})
    until(lambda: some.lines(number))
    both = [int(n) for n in some.lines(number)[0].text.split()]
    assert all(alive(n) for n in both)
    assert some.cancel(number).state == "cancelled"
    until(lambda: not any(alive(n) for n in both))
    assert some.cancel(number).state == "cancelled"


def test_a_job_that_takes_too_long_is_ended(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("say('on it')\ntime.sleep(60)"))
    some = jobs(seconds=0.3)
    job = wait(some, some.submit("a", {}), 20)
    assert job.state == "failed" and "more than 0.3 s" in job.error.detail
    assert job.progress == "on it"


def test_a_process_that_dies_is_no_riddle(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("os.kill(os.getpid(), 9)"))
    some = jobs()
    job = wait(some, some.submit("a", {}), 20)
    assert job.state == "failed" and "code -9" in job.error.detail and "memory" in job.error.do


def test_a_fault_of_a_process_is_no_lack_of_memory(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("raise KeyError('secret')"))
    some = jobs()
    job = wait(some, some.submit("a", {}), 20)
    assert job.error.type.endswith(":internal") and "code 1" in job.error.detail
    assert "memory" not in job.error.do and "secret" not in job.error.model_dump_json()


def test_the_first_who_says_how_it_ended_is_right(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    for k in range(20):
        folder = tmp_path / str(k)
        folder.mkdir()
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda n: finish(folder, ENDED[n % 3]), range(8)))  # noqa: B023
        assert sum(told) == 1
        state = json.loads((folder / "end.json").read_text())["state"]
        assert state == ENDED[told.index(True) % 3]
        assert [one.name for one in folder.iterdir()] == ["end.json"]


def test_another_server_takes_up_what_was_left(jobs, tmp_path, monkeypatch):
    monkeypatch.setattr(confined, "start", script("time.sleep(60)"))
    first = jobs(queue=5)
    running = first.submit("a", {"x": 1})
    until(lambda: first.get(running).state == "running")
    waiting = first.submit("b", {})
    with pytest.raises(InputError, match="another server"):
        Jobs(first.folder).open()
    first.close()
    assert "server ended" in first.get(running).error.detail
    monkeypatch.setattr(confined, "start", script("end('done')"))
    second = jobs()
    second.open()
    assert wait(second, waiting, 20).state == "done", "what had not begun is run"
    assert second.get(running).state == "failed"
    assert second.get(running).arguments == {"x": 1}


def test_ended_jobs_are_kept_for_a_while(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("end('done')"))
    some = jobs(kept=3, queue=50)
    numbers = []
    for _ in range(6):
        numbers.append(some.submit("a", {}))
        wait(some, numbers[-1], 20)
    kept = {job.id for job in some.listing()}
    assert set(numbers[-3:]) <= kept and numbers[0] not in kept


def test_keys_take_turns_and_share_the_queue(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script(
        "while not os.path.exists(folder + '/go'): time.sleep(0.01)\nend('done')"
    ))  # fmt: skip
    some = jobs(at_once=1, queue=6)
    first = some.submit("a", {}, owner="alice")
    until(lambda: some.get(first).state == "running")
    hers = [some.submit("a", {}, owner="alice") for _ in range(3)]
    with pytest.raises(QueueFullError, match="3 jobs of this key wait"):
        some.submit("a", {}, owner="alice")
    his = [some.submit("b", {}, owner="bob") for _ in range(2)]
    order = [first]
    for _ in range(5):
        (some.folder / order[-1] / "go").touch()
        assert wait(some, order[-1], 20).state == "done"
        until(lambda: any(some.get(n).state == "running" for n in hers + his))
        order.append(next(n for n in hers + his if some.get(n).state == "running"))
    assert order[1:] == [his[0], hers[0], his[1], hers[1], hers[2]]


def test_ended_jobs_of_one_key_do_not_cost_another_his(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("end('done')"))
    some = jobs(kept=2, queue=50)
    his = some.submit("b", {}, owner="bob")
    wait(some, his, 20)
    for _ in range(6):
        wait(some, some.submit("a", {}, owner="alice"), 20)
    assert some.get(his) is not None and len(some.listing("alice")) <= 3


def test_a_damaged_job_keeps_no_server_from_starting(jobs):
    some = jobs()
    number = "0" * 24
    (some.folder / number).mkdir(parents=True)
    (some.folder / number / "job.json").write_text("")
    some.open()
    assert some.get(number) is None and some.listing() == []


def test_half_a_line_is_not_read(jobs, monkeypatch):
    monkeypatch.setattr(confined, "start", script("time.sleep(60)"))
    some = jobs()
    number = some.submit("a", {})
    file = some.folder / number / "progress.jsonl"
    file.write_text('{"at": "t", "text": "one"}\n{"at": "t", "te')
    assert [line.text for line in some.lines(number)] == ["one"]
    file.write_text('{"at": "t", "text": "one"}\n{"at": "t", "text": "two"}\n')
    assert [(line.number, line.text) for line in some.lines(number, after=1)] == [(2, "two")]


def test_a_job_knows_no_secret_of_its_server():
    given = dict(os.environ) | {
        "MRIOCARBON_LLM_KEY": "secret", "AWS_SECRET_ACCESS_KEY": "secret", "PYTHONSTARTUP": "x",
        "OPENBLAS_CORETYPE": "HASWELL",
    }  # fmt: skip
    made = confined.environment(given, 3)
    assert "secret" not in made.values() and "PYTHONSTARTUP" not in made
    assert made["OMP_NUM_THREADS"] == "3"
    assert made["OPENBLAS_CORETYPE"] == "HASWELL"  # what `mriocarbon doctor` says to set


@pytest.mark.skipif(sys.platform != "linux", reason="limits of address space")
def test_memory_is_limited_and_the_end_of_the_server_is_the_end_of_its_processes(tmp_path):
    code = (
        "import sys, time\nfrom mriocarbon.service import confined\n"
        "confined.confine(1 << 31)\n"
        "try:\n    bytearray(1 << 32)\nexcept MemoryError:\n    print('no', flush=True)\n"
        "time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "no\n"
        process.stdin.close()  # as when the server is gone
        assert process.wait(timeout=20) == 70
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


SERVER = """
import sys, time
from pathlib import Path
from mriocarbon.service.jobs import Jobs, Limits
jobs = Jobs(Path(sys.argv[1]), Limits())
done = jobs.submit("account", {"regions": ["USA"]})
while jobs.get(done).state in ("queued", "running"):
    time.sleep(0.02)
running = jobs.submit("account", {"regions": ["CHN"], "principle": "income"})
while jobs.get(running).state != "running":
    time.sleep(0.01)
waiting = jobs.submit("account", {"regions": ["IND"]})
print(done, running, waiting, jobs._running[running].pid, flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_killing_the_server_loses_no_finished_job(tmp_path):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "jobs")], stdout=subprocess.PIPE, text=True
    )
    try:
        *numbers, worker = server.stdout.readline().split()
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        until(lambda: not alive(int(worker)))  # its processes end with it
        jobs = Jobs(tmp_path / "jobs")
        done, running, waiting = numbers
        assert jobs.get(done).state == "done"
        kept = ToolResult.model_validate_json(jobs.result(done))
        assert kept == tools.call("account", {"regions": ["USA"]})
        jobs.open()
        try:
            lost = jobs.get(running)
            assert lost.state == "failed" and lost.error.type.endswith("job-lost")
            assert wait(jobs, waiting, 60).state == "done"
            assert jobs.get(done).state == "done"
        finally:
            jobs.close()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
