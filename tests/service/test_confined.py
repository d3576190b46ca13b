"""Processes of their own: they yield to whoever waits for a page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mriocarbon.errors import MemoryLimitError
from mriocarbon.service import confined, problems
from mriocarbon.service.problems import InternalError
from mriocarbon.service.settings import Settings

CODE = """
import os, pathlib, sys
from mriocarbon.service import confined, table_worker
confine, confined.confine = confined.confine, lambda *given: confine(4 << 30, *given[1:])
table_worker.main(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else confined.confine(0)
group = pathlib.Path("/proc/self/autogroup")
told = group.read_text().split() if group.exists() else []
print(os.nice(0), told[-1] if told else "-", flush=True)
"""


def told(*given: str, own_session: bool) -> list[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *given], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, start_new_session=own_session,
    )  # fmt: skip
    with process:
        assert process.stdout is not None  # it ends when its standard input is closed
        return process.stdout.readline().split()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no niceness here")
def test_they_yield_as_processes_and_as_a_session() -> None:
    group = Path("/proc/self/autogroup")
    before = group.read_text() if group.exists() else ""
    assert told(own_session=True) == ["19", "19" if group.exists() else "-"]
    # not in a session of its own, it leaves alone that of whoever started it; where that is the
    # first of a container, its file of a group is empty
    assert told(own_session=False) == ["19", before.split()[-1] if before else "-"]
    assert (group.read_text() if group.exists() else "") == before


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no niceness here")
def test_an_upload_goes_before_jobs_since_somebody_waits_for_it(tmp_path: Path) -> None:
    order = tmp_path / "order.json"
    order.write_text(json.dumps({"memory": 0, "target": str(tmp_path), "source": "none.csv"}))
    group = Path("/proc/self/autogroup").exists()
    assert told(str(order), own_session=True) == ["5", "5" if group else "-"]


def test_folders_are_given_in_full_to_who_runs_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"MRIOCARBON_CACHE": "cache", "MRIOCARBON_DATA": "~/data", "XDG_CACHE_HOME": ""}
    made = confined.environment({**given, "HOME": str(tmp_path / "home")}, 1)
    assert made["MRIOCARBON_CACHE"] == str(tmp_path / "cache")
    assert made["MRIOCARBON_DATA"] == str(Path("~/data").expanduser())
    assert made["XDG_CACHE_HOME"] == "", "empty is as if it were not set"
    assert Settings(folder=Path("service")).folder == tmp_path / "service"


@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [("raise KeyError('secret')", InternalError, 500), ("raise SystemExit(3)", InternalError, 500),
     ("raise MemoryError('MiB')", MemoryLimitError, 422),
     ("raise ValueError('no MemoryError')", InternalError, 500),
     ("import os; os.kill(os.getpid(), 9)", MemoryLimitError, 422),
     ("import os; os.kill(os.getpid(), 11)", InternalError, 500)],
)  # fmt: skip
def test_how_a_process_died_is_told_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, code: str, kind: type, status: int
) -> None:
    told = tmp_path / "log.txt"
    with told.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-S", "-c", code], stderr=out)
        process.wait()
    error = confined.died(process, told, "the job's process", "job 1")
    assert type(error) is kind and f"code {process.returncode}" in error.what
    assert ("memory" in error.do) == (kind is MemoryLimitError)
    assert problems.of(error).status == status
    assert "secret" not in str(error), "what it wrote is for the log alone"
    assert ("KeyError: 'secret'" in caplog.text) == ("secret" in code)
