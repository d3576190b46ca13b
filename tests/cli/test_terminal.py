"""Where the output goes: terminals without UTF-8, pipes that are closed early."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from io import BytesIO, TextIOWrapper
from pathlib import Path

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
    stream.write("\u2212 1 \u2020 \u4e2d")
    stream.flush()
    assert written.getvalue().endswith(b"- 1 * ?")


def test_an_ascii_terminal_reads_the_marks_and_the_ranges(tmp_path):
    where = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "200"}
    done = shell("mriocarbon account consumption --region CHN", tmp_path, **where)
    assert done.returncode == 0, done.stderr
    assert "range at least +-40 %" in done.stdout and done.stdout.isascii()
    assert "consumption, GHG 2022, Mt CO2e *" in done.stdout
    assert "?" not in done.stdout
    done = shell("mriocarbon chains", tmp_path, **where)
    assert done.returncode == 0 and "?" not in done.stdout, done.stdout


def test_a_pipe_that_is_closed_early_is_no_traceback(tmp_path):
    code = f"{sys.executable} -m mriocarbon.cli principles | head -n 1"
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, timeout=120, check=True,
        cwd=tmp_path, env={"PYTHONPATH": ROOT, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout and "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def shell(code: str, tmp_path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", code.replace("mriocarbon", f"{sys.executable} -m mriocarbon.cli")],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        env={"PYTHONPATH": ROOT, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **more},
    )  # fmt: skip


def test_closed_streams_are_no_traceback_and_no_file_takes_their_number(tmp_path):
    """With `>&-` Python has no stdout at all, and the first file opened becomes number 1."""
    done = shell("mriocarbon account consumption --out a.csv >&- <&-", tmp_path)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert "CHN" in written and "Source:" not in written
    done = shell("mriocarbon account consumtion 2>&-", tmp_path)
    assert (done.returncode, done.stderr) == (2, "")


def test_a_full_disk_behind_the_output_is_told(tmp_path):
    for command in ("mriocarbon --version", "mriocarbon principles"):
        done = shell(f"{command} >/dev/full", tmp_path)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert done.stderr.startswith("error: cannot write: No space left on device")


def test_ctrl_c_while_the_program_is_loaded_is_no_traceback(tmp_path):
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    done = shell("mriocarbon principles", tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def on_a_terminal(columns: int, *arguments: str) -> str:
    """What a command writes to a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 12, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(
        [sys.executable, "-m", "mriocarbon.cli", *arguments], stdin=subprocess.DEVNULL,
        stdout=theirs, stderr=subprocess.DEVNULL, env={**env, "PYTHONPATH": ROOT, "NO_COLOR": "1"},
    ) as process:  # fmt: skip
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:  # so Linux tells the end
            pass
    os.close(ours)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", told.decode()).replace("\r\n", "\n")


def test_no_figure_is_cut_and_no_column_left_out_on_a_small_terminal():
    """At 60 columns the regions were gone, and 12,344.9 was "12,34..."."""
    for columns in (40, 60):
        told = on_a_terminal(columns, "account", "consumption", "--region", "CHN")
        # a line for each column, in the order of the columns
        record = told.split("\n\n")[1].split("\n")
        assert [line.split() for line in record][:3] == [
            ["region", "CHN"], ["industries", "12,344.9"], ["households", "894.0"],
        ]  # fmt: skip
        assert max(map(len, record)) < 40 and "\u2026" not in told
    told = on_a_terminal(40, "linkages", "CHN")
    assert "\u2026" not in told and "Pharmaceutic" in told  # long words are folded
    wide = on_a_terminal(200, "account", "consumption")
    assert max(map(len, wide.splitlines())) <= 200


def test_the_list_of_data_cuts_nothing_on_a_small_terminal():
    """An edition ended in "...", which told half of it."""
    for columns in (40, 100):
        told = on_a_terminal(columns, "data", "list")
        assert max(map(len, told.splitlines())) <= columns
        assert "\u2026" not in told and "..." not in told
        assert "households_2022_countries" in told and "interface" in told


def test_no_command_draws_a_table_by_itself():
    """docs/reference/api/report.md: tables are printed by `report`, and look alike."""
    drawing = [
        path.name
        for path in sorted((Path(ROOT) / "mriocarbon" / "cli").glob("*.py"))
        if "rich.table" in path.read_text(encoding="utf-8")
    ]
    assert drawing == ["shared.py"]  # which knows a table when it is to print one


def test_tables_of_commands_are_plain_and_whole_on_any_terminal():
    """`machine` stood in a heavy box, unlike all others."""
    for columns in (40, 100):
        for words, told in (
            (("machine",), "LU, double precision"),
            (("lca", "examples"), "cement_us_lci"),
            (("lca", "find", "steel", "--limit", "3"), "RNA"),
        ):
            text = on_a_terminal(columns, *words)
            assert told in text and "\u2500\u2500" in text  # one line below the heads
            assert not set("\u2503\u2502\u250f\u2026") & set(text)
            table = text.split("\n\nRun")[0].splitlines()
            assert max(len(line) for line in table if "processes of" not in line) <= columns


def test_an_unknown_principle_is_told_before_a_table_is_read(tmp_path):
    for command in ("account producton", "inequality producton", "scenario --principle producton"):
        done = shell(f"mriocarbon {command} --table no-such-table", tmp_path)
        assert done.returncode == 2 and "reading" not in done.stderr
        assert "did you mean 'production'?" in done.stderr and "Traceback" not in done.stderr


def test_no_check_of_the_doctor_is_wider_than_the_terminal():
    told = on_a_terminal(60, "doctor", "--no-probe")
    assert max(map(len, told.splitlines())) <= 60
    lines = [line for line in told.splitlines() if line.startswith("OK")]
    assert lines[0].split()[:2] == ["OK", "Python"] and "\u2026" not in told
    assert any("[dev]" in line for line in told.splitlines())  # a name, not a style


def test_help_fits_a_small_terminal():
    for command in ((), ("cbam",)):
        told = on_a_terminal(40, *command, "--help")
        assert max(map(len, told.splitlines())) <= 40
