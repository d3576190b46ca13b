"""The job script from a YAML file, without a cluster."""

import asyncio
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import yaml
from compute import work
from compute.test_checkpoint import B, same

from mriocarbon.compute import ClusterError, Threads, concatenated, engine, job_script
from mriocarbon.compute.slurm import SlurmEngine, SlurmSettings, read_settings
from mriocarbon.errors import DataFileError, InputError, UnknownNameError

ROOT = Path(__file__).resolve().parents[2]
FULL = """
jobs: 4
cores: 16
memory: 64 GiB
walltime: "02:30:00"
processes: 8
queue: compute
account: climate
interface: ib0
python: /opt/env/bin/python
local_directory: /tmp/spill
log_directory: logs
death_timeout: 600
extra_directives: ["--exclusive", "--constraint=milan"]
prologue: ["module load python", "export X=1"]
"""
LEAST = {"jobs": 2, "cores": 4, "memory": "8 GiB", "walltime": "01:00:00"}


@pytest.fixture
def slurm(tmp_path):
    path = tmp_path / "slurm.yaml"
    path.write_text(FULL, encoding="utf-8")
    return path


def test_job_script(slurm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = job_script(slurm, "tcp://10.0.0.1:8786")
    lines = script.splitlines()
    assert lines[0].startswith("#!")
    for expected in (
        "#SBATCH -J mriocarbon",
        "#SBATCH -e logs/mriocarbon-%J.err",
        "#SBATCH -o logs/mriocarbon-%J.out",
        "#SBATCH -p compute",
        "#SBATCH -A climate",
        "#SBATCH -n 1",
        "#SBATCH --cpus-per-task=16",
        "#SBATCH --mem=64G",
        "#SBATCH -t 02:30:00",
        "#SBATCH --exclusive",
        "#SBATCH --constraint=milan",
        "module load python",
        "export X=1",
    ):
        assert expected in lines, expected
    directives = [n for n, line in enumerate(lines) if line.startswith("#SBATCH")]
    assert max(directives) < lines.index("module load python")  # SLURM stops at the first command
    command = lines[-1]
    assert lines.index("export X=1") < lines.index(command)
    assert command.startswith("/opt/env/bin/python -m distributed.cli.dask_worker")
    words = command.split()
    for option, value in (
        ("--nworkers", "8"),
        ("--nthreads", "2"),
        ("--death-timeout", "600"),
        ("--local-directory", "/tmp/spill"),
        ("--interface", "ib0"),
        ("--memory-limit", "8.00GiB"),
    ):
        assert words[words.index(option) + 1] == value, option
    assert "tcp://10.0.0.1:8786" in words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slurm.yaml"]  # nothing is made
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stderr


def test_least_settings_give_one_worker_for_each_core():
    words = job_script(LEAST).split()
    assert words[words.index("--nworkers") + 1] == "4"
    assert words[words.index("--nthreads") + 1] == "1"
    assert "-p" not in words
    assert "SCHEDULER" in words


def test_the_page_shows_a_file_with_every_key():
    page = (ROOT / "docs" / "how-to" / "cluster.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    settings = read_settings(yaml.safe_load(shown))
    assert settings.walltime == "02:00:00" and settings.prologue == ("module load python",)
    lines = [line.partition(":")[0] for line in shown.splitlines()]
    assert lines == list(SlurmSettings.__dataclass_fields__)  # in the order of the class
    assert all("  # " in line for line in shown.splitlines())  # a word on each
    # "the first four must be there": they suffice, and none can be missing (the test below)
    assert read_settings(yaml.safe_load("".join(shown.splitlines(keepends=True)[:4]))).jobs == 4
    assert textwrap.indent(shown, "    ") in sys.modules[SlurmSettings.__module__].__doc__


@pytest.mark.parametrize("name", ["jobs", "cores", "memory", "walltime"])
def test_a_missing_key_is_an_error(name):
    with pytest.raises(InputError, match=f"missing: {name}"):
        read_settings({key: value for key, value in LEAST.items() if key != name})


def test_an_unknown_key_is_an_error(slurm):
    slurm.write_text(FULL + "partion: x\nwaltime: 3\n")
    with pytest.raises(UnknownNameError, match="partion"):
        job_script(slurm)
    with pytest.raises(UnknownNameError, match="did you mean 'walltime'"):
        read_settings({**LEAST, "waltime": "01:00:00"})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("jobs", 0, "from 1 up"),
        ("jobs", "4", "from 1 up"),
        ("cores", True, "from 1 up"),
        ("cores", 2.5, "from 1 up"),
        ("memory", "64", "a unit"),
        ("memory", 64, "text"),
        ("walltime", 45000, "in quotes"),  # what YAML makes of 12:30:00 without quotes
        ("walltime", "two hours", "HH:MM:SS"),
        ("processes", 3, "divisor"),
        ("queue", "a\n#SBATCH -p b", "one line"),
        ("prologue", "module load x", "list"),
        ("prologue", [1], "list"),
    ],
)
def test_wrong_values(name, value, says):
    with pytest.raises(InputError, match=says):
        read_settings({**LEAST, name: value})


def test_unquoted_walltime_in_a_file(tmp_path):
    (tmp_path / "s.yaml").write_text("jobs: 1\ncores: 1\nmemory: 1 GiB\nwalltime: 12:30:00\n")
    with pytest.raises(InputError, match="in quotes"):
        read_settings(tmp_path / "s.yaml")


@pytest.mark.parametrize("text", ["jobs: [", "- a\n- b\n", ""])
def test_files_that_hold_no_settings(tmp_path, text):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises((DataFileError, InputError), match="SLURM file"):
        read_settings(tmp_path / "s.yaml")
    with pytest.raises(DataFileError, match="no such file"):
        read_settings(tmp_path / "none.yaml")


def test_engine_from_a_file(slurm):
    found = engine(slurm)
    assert isinstance(found, SlurmEngine)
    assert engine(str(slurm)).settings == found.settings == read_settings(slurm)
    found.close()


def test_workers_are_asked_for(slurm, monkeypatch):
    """The cluster is made with the file's settings and scaled to its jobs."""
    import dask_jobqueue

    asked = {}

    class Cluster:
        def __init__(self, **options):
            asked.update(options)

        def scale(self, jobs):
            asked["jobs"] = jobs

        async def _correct_state(self):
            asked["begun"] = True

        def sync(self, function):
            asyncio.run(function())

    monkeypatch.setattr(dask_jobqueue, "SLURMCluster", Cluster)
    assert isinstance(SlurmEngine(slurm)._begin_cluster(), Cluster)
    assert asked["jobs"] == 4 and asked["begun"]
    assert asked["cores"] == 16
    assert asked["memory"] == "64 GiB"
    assert asked["job_extra_directives"] == ["--exclusive", "--constraint=milan"]


def batch_system(folder, monkeypatch, body):
    """Put an `sbatch` of the test's own before all others."""
    folder.mkdir()
    for name, text in (("sbatch", body), ("scancel", "exit 0")):
        (folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


SMALL = {
    "jobs": 1, "cores": 2, "memory": "2 GiB", "walltime": "00:10:00",
    "interface": "lo", "scheduler_interface": "lo", "python": sys.executable, "death_timeout": 60,
}  # fmt: skip


def test_jobs_that_the_batch_system_refuses_end_the_run_at_once(tmp_path, monkeypatch, capfd):
    batch_system(tmp_path / "bin", monkeypatch, "echo 'invalid partition: compute' >&2; exit 1")
    began = time.monotonic()
    with (
        SlurmEngine({**SMALL, "queue": "compute"}) as slurm,
        pytest.raises(ClusterError, match="invalid partition"),
    ):
        list(slurm.run(work.footprints, B, shared=work.table()))
    assert time.monotonic() - began < 30
    assert "Traceback" not in capfd.readouterr().err


def test_no_batch_system_ends_the_run_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with SlurmEngine(SMALL) as slurm, pytest.raises(ClusterError, match="where sbatch works"):
        list(slurm.run(work.footprints, B, shared=work.table()))


def test_an_interface_that_is_not_there(tmp_path, monkeypatch):
    batch_system(tmp_path / "bin", monkeypatch, "exit 1")
    with (
        SlurmEngine({**SMALL, "scheduler_interface": "nowhere0"}) as slurm,
        pytest.raises(ClusterError, match="scheduler_interface"),
    ):
        list(slurm.run(work.footprints, B, shared=work.table()))


def test_a_batch_system_that_runs_the_script(tmp_path, monkeypatch):
    """Not SLURM, but the script as it is handed to it, run: the results of threads, bit for bit."""
    root = os.pathsep.join(sys.path)
    monkeypatch.setenv("PYTHONPATH", root)
    # the script is removed once it is handed over: a batch system keeps a copy, as this does
    kept = tmp_path / "kept.sh"
    body = (
        f'cp "${{@: -1}}" {kept}; setsid bash {kept} >{kept}.log 2>&1 & echo Submitted batch job 17'
    )
    batch_system(tmp_path / "bin", monkeypatch, body)
    with SlurmEngine(SMALL, timeout=120) as slurm:
        found = concatenated(slurm.run(work.footprints, B, shared=work.table()))
    assert same(found, concatenated(Threads(1).run(work.footprints, B, shared=work.table())))
