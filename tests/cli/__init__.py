"""The command line in whole processes, and, where there are many cases, inside this one."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterable
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest import mock

from mriocarbon.errors import MriocarbonWarning

ROOT = str(Path(__file__).parents[2])


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``mriocarbon ARGUMENTS`` in a folder, with a cache of its own there."""
    env = {
        **os.environ, "PYTHONPATH": ROOT, "MRIOCARBON_CACHE": str(cwd.parent / f"{cwd.name}-cache"),
        **environment,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "mriocarbon.cli", *arguments],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def call(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same in this process: what `run` gives, without the seconds of a start."""
    from mriocarbon.cli.main import main

    cache = {"MRIOCARBON_CACHE": str(cwd.parent / f"{cwd.name}-cache")}
    out, err, code = StringIO(), StringIO(), 0
    with (
        chdir(cwd),
        mock.patch.dict(os.environ, {**cache, **environment}),
        mock.patch.object(sys, "argv", ["mriocarbon", *arguments]),
        warnings.catch_warnings(),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        warnings.simplefilter("default", MriocarbonWarning)  # as a person sees them
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def left(folder: Path) -> list[str]:
    """Names of everything below a folder."""
    return sorted(path.name for path in folder.rglob("*"))


def complaint(result: subprocess.CompletedProcess[str], words: Iterable[str]) -> None:
    """Assert that a command ended in one error of ours that says what, where and what to do."""
    assert result.returncode == 2, result.stdout + result.stderr
    for word in [*words, "what to do:"]:
        assert word in result.stderr, (word, result.stderr)
    assert "Traceback" not in result.stderr and result.stderr.count("error:") == 1
