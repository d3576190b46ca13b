"""`mriocarbon lca` from the outside: what it prints, what it writes, how it fails."""

import os
import subprocess
import sys

import pytest
import yaml

from .cases import brick


def called(*words: str, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "mriocarbon.cli", "lca", *words], capture_output=True, text=True,
        timeout=120, cwd=cwd, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "brick.yaml"
    path.write_text(yaml.safe_dump(brick(draws=100, sobol=2)), encoding="utf-8")
    return path


def test_run_prints_and_writes(study, tmp_path):
    done = called("run", str(study), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "1 t brick: 200.7" in done.stdout
    assert "... goal and scope" in done.stderr
    assert (tmp_path / "out" / "report.html").exists()


def test_errors_are_words_and_code_two(study, tmp_path):
    raw = brick()
    raw["scope"]["functional_unit"]["process"] = "oven"
    study.write_text(yaml.safe_dump(raw), encoding="utf-8")
    done = called("run", str(study), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "oven" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_no_study_lists_the_examples():
    done = called("run", "no-such-study")
    assert done.returncode == 2
    assert "example study" in done.stderr


def test_find_names_processes_of_the_background():
    done = called("find", "portland cement")
    assert done.returncode == 0
    assert "Portland cement, at plant" in done.stdout
    assert "639 processes" in done.stdout
    assert called("find", " ").returncode == 2


def test_compare_tells_which_is_lower(study, tmp_path):
    other = tmp_path / "other.yaml"
    raw = brick(title="Brick, half the gas", draws=100)
    raw["processes"][1]["inputs"][1]["amount"] = 1000
    other.write_text(yaml.safe_dump(raw), encoding="utf-8")
    done = called("compare", str(study), str(other), "--out", str(tmp_path / "gap.json"))
    assert done.returncode == 0, done.stderr
    assert "Brick, half the gas has the lower footprint." in done.stdout
    assert (tmp_path / "gap.json").exists()


def test_examples_are_listed():
    done = called("examples")
    assert done.returncode == 0
    assert "steel_bf_bof" in done.stdout


def test_limits_that_are_none_are_refused(study):
    for limit in ("0", "-3"):
        assert called("find", "steel", "--limit", limit).returncode == 2
    assert called("compare", str(study), str(study), "--draws", "5").returncode == 2
    done = called("compare", str(study), str(study))
    assert "A and B are equal in all of 100 paired draws" in done.stdout
