"""Intervals and engines at the command line; a break leaves a checkpoint that is gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli import ROOT, call, left


def test_an_interval_and_what_it_rests_on(tmp_path: Path) -> None:
    result = call("account", "consumption", "--uncertainty", "first-order", "--region", "CHN",
                  cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "interval: 95 %, first order" in result.stdout and "low" in result.stdout
    assert "range of the household estimate only" not in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--uncertainty", "guess"], "first-order"),
        (["--draws", "500"], "nothing is drawn"),
        (["--uncertainty", "first-order", "--draws", "300"], "error: draws given, and nothing is"),
        (["--uncertainty", "first-order", "--workers", "2"], "nothing is drawn"),
        (["--uncertainty", "first-order", "--checkpoint", "run"], "nothing is drawn"),
        (["--uncertainty", "first-order", "--resume"], "nothing is drawn"),
        (["--uncertainty", "monte-carlo", "--draws", "5"], "at least 100"),
        (["--uncertainty", "monte-carlo", "--draws", "99999999999999"], "at most 10,000,000"),
        (["--uncertainty", "monte-carlo", "--scheduler", "dask", "--cluster", "x.yaml"], "both"),
        (["--uncertainty", "monte-carlo", "--cluster", "x.yaml"], "x.yaml"),
        (["--uncertainty", "monte-carlo", "--scheduler", "nowhere"], "tcp://"),
        (["--uncertainty", "monte-carlo", "--resume"], "checkpoint"),
    ],
)
def test_bad_requests(words: list[str], told: str, tmp_path: Path) -> None:
    result = call("account", "consumption", *words, "--out", "out.csv", cwd=tmp_path)
    assert result.returncode == 2 and told in result.stderr, result.stderr
    assert left(tmp_path) == []


def test_one_origin_needs_no_cluster(tmp_path: Path) -> None:
    result = call("cbam", "audit", "--origin", "CHN", "--scheduler", "dask", cwd=tmp_path)
    assert result.returncode == 2 and "--origin all" in result.stderr


# slow: a break of the engine is in compute/test_faults.py, a checkpoint gone on with in
# uncertainty/test_montecarlo.py
@pytest.mark.slow
def test_a_break_leaves_a_checkpoint(tmp_path: Path) -> None:
    words = [
        sys.executable, "-m", "mriocarbon.cli", "account", "consumption", "--uncertainty",
        "monte-carlo", "--draws", "768", "--workers", "1", "--checkpoint", "run",
        "--region", "CHN",
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": ROOT}
    process = subprocess.Popen(
        words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if len(list((tmp_path / "run").glob("batch-*.npz"))) >= 1:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "in the checkpoint" in said, said
    if "of 3 batches are" in said:  # the engine met the break, not the loop that takes results
        assert "stopping when the batches at work" in said
    done = len(list((tmp_path / "run").glob("batch-*.npz")))
    assert 1 <= done < 3
    again = subprocess.run(
        [*words, "--resume"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300,
        check=True,
    )  # fmt: skip
    assert "from the checkpoint" in again.stderr and "768 draws" in again.stdout
