"""Where the output goes: terminals without UTF-8, pipes that are closed early."""

import subprocess
import sys
from io import BytesIO, TextIOWrapper

import pytest

from mriocarbon.cli.main import main
from tests.cli import ROOT


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_sign_that_cannot_be_written_is_no_traceback(monkeypatch, encoding):
    """`natural budget` writes a true minus, which ended in a traceback under LC_ALL=C."""
    written = BytesIO()
    stream = TextIOWrapper(written, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "argv", ["mriocarbon", "--version"])
    with pytest.raises(SystemExit):
        main()
    stream.write("\u2212 1")
    stream.flush()
    assert written.getvalue().endswith(b"? 1")


def test_a_pipe_that_is_closed_early_is_no_traceback(tmp_path):
    code = f"{sys.executable} -m mriocarbon.cli principles | head -n 1"
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, timeout=120, check=True,
        cwd=tmp_path, env={"PYTHONPATH": ROOT, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout and "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr
