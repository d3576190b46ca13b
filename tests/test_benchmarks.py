"""The benchmarks' registry, their report, and smoke runs of the two fast ones.

Timings on a shared machine prove little: nothing here is tighter than five times a target.
"""

from __future__ import annotations

import json
import os

import pytest

from benchmarks import __main__ as command
from benchmarks import bench_device
from benchmarks.__main__ import main
from benchmarks.bench_accounts import EMPTY, WARM
from benchmarks.bench_import import FIRST, TARGET
from benchmarks.machine import machine
from benchmarks.processes import run
from benchmarks.registry import (
    Benchmark,
    Figure,
    Settings,
    benchmark,
    registered,
    side_by_side,
    timed,
)
from benchmarks.report import BEGIN, DOCS, END, text, write
from mriocarbon.errors import NotAvailableError

SLACK = 5


def test_all_are_registered():
    known = registered()
    assert set(known) == {
        "reproduce", "import", "accounts", "cbam", "solve", "gradients", "gras", "peers",
        "store", "compute", "uncertainty", "paths", "decomposition", "structure",
        "device", "gloria", "site", "atlas", "serve",
    }  # fmt: skip
    assert all(one.about and one.name == name for name, one in known.items())
    assert {name for name, one in known.items() if one.smoke} >= {"import", "accounts", "peers"}
    assert "pymrio calc_all" in known["peers"].peers and known["gras"].bound == "5 s"


def test_a_name_is_registered_once():
    registered()
    with pytest.raises(ValueError, match="twice"):
        benchmark("import", "again")(lambda settings: [])


@pytest.mark.parametrize(
    ("values", "target", "verdict"),
    [
        ([0.1, 0.2, 9.0], 0.2, "MET"),
        ([0.1, 0.3, 0.4], 0.2, "MISSED"),
        ([0.1], None, ""),
        ([], 0.2, "NOT MEASURED"),
    ],
)
def test_verdict_is_by_the_median(values, target, verdict):
    assert Figure("x", values, "s", target).verdict == verdict


def test_verdict_of_a_lower_bound_and_of_a_wrong_result():
    assert Figure("x", [9.0, 12.0, 13.0], "x", 10.0, at_least=True).verdict == "MET"
    assert Figure("x", [9.0], "x", 10.0, at_least=True).verdict == "MISSED"
    assert Figure("x", [99.0], "x", 10.0, at_least=True, wrong=True).verdict == "WRONG"


def test_timed_and_side_by_side_call_what_they_say():
    calls = []
    assert len(timed(lambda: calls.append(1), 4, warm=2)) == 4
    assert len(calls) == 6
    values = side_by_side({"a": lambda: calls.append(2), "b": lambda: None}, 6, rounds=3)
    assert [len(v) for v in values.values()] == [6, 6]
    assert min(values["a"]) >= 0


def test_units():
    assert text(0.0123, "s") == "12.3 ms"
    assert text(2.5, "s") == "2.50 s"
    assert text(float("nan"), "s") == "-"
    assert text(105.4, "MiB") == "105 MiB"
    assert text(0.5, "x") == "0.5 x" and text(14.26, "x") == "14.3 x"
    assert text(2.2411, "") == "2.24"  # a power is no ratio


def test_whole_process_is_measured():
    ended = run(["-c", "x = bytearray(300 << 20); import time; time.sleep(0.2)"])
    assert ended.code == 0
    assert ended.seconds >= 0.2
    assert 300 < ended.peak_mib < 500
    failed = run(["-c", "raise SystemExit('no')"])
    assert failed.code == 1
    assert "no" in failed.stderr and failed.complaint == "no"


def test_unknown_name(capsys):
    assert main(["acounts"]) == 2
    assert "known: accounts" in capsys.readouterr().err


def test_list(capsys):
    assert main(["--list"]) == 0
    printed = capsys.readouterr().out
    assert "reproduce" in printed and "uncertainty" in printed
    assert main(["--smoke", "--list"]) == 0
    printed = capsys.readouterr().out
    assert "accounts" in printed and "uncertainty" not in printed


def fake(monkeypatch, **made):
    """Benchmarks of these names; what each was run with is returned."""
    seen = {}

    def one(name, smoke, figures):
        def run(settings):
            seen[name] = settings
            return figures

        return Benchmark(name, "made up", run, "3 x 4", ("nobody",), "1 s", smoke)

    known = {name: one(name, *given) for name, given in made.items()}
    monkeypatch.setattr(command, "registered", lambda: known)
    return seen


def test_smoke_and_full_sets(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("MRIOCARBON_DATA", str(tmp_path))
    seen = fake(monkeypatch, small=(True, [Figure("a", [1.0], "s", 2.0)]),
                large=(False, [Figure("b", [3.0], "s", 2.0)]))  # fmt: skip
    assert main(["--smoke"]) == 0
    assert seen == {"small": Settings(3, None, smoke=True)}
    assert "3 x 4; beside nobody; bound: 1 s" in capsys.readouterr().out
    for args in ([], ["--full"]):
        seen.clear()
        assert main(args) == 0
        assert seen == dict.fromkeys(("small", "large"), Settings(None, tmp_path))
    assert main(["--smoke", "--write"]) == 2
    assert "too short" in capsys.readouterr().err


def test_wrong_results_fail_the_run(monkeypatch, capsys):
    fake(monkeypatch, bad=(True, [Figure("a", [1.0], "s", 2.0, wrong=True)]))
    assert main(["--smoke"]) == 1
    assert "WRONG" in capsys.readouterr().out


def test_figures_are_written_by_machine_and_benchmark(tmp_path):
    docs, records = tmp_path / "docs.md", tmp_path / "RESULTS.md"
    docs.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    one = Benchmark("one", "first", lambda settings: [], "3 x 4")
    two = Benchmark("two", "second", lambda settings: [])
    here = {"cpu": "Fast (R)", "cores": "2", "numpy": "2.4"}

    def put(which, seconds, about=here):
        figures = [Figure("a | b", [seconds], "s", 2.0, "why"), Figure("plain", [seconds])]
        write([(which, figures)], about, docs, records)

    put(one, 1.0)
    put(two, 1.5)
    put(one, 5.0)  # measured anew: replaces its own block alone
    text = records.read_text()
    assert text.count("## Fast (R), 2 cores\n") == 1 and text.count("### one\n") == 1
    assert "5.00 s" in text and "1.50 s" in text and "1.00 s" not in text
    assert "a \\| b [1]" in text and "1. a | b: why" in text and "numpy 2.4" in text
    shown = docs.read_text()
    assert shown.startswith("before\n") and shown.endswith("after\n")
    assert "MISSED" in shown and "MET" in shown and "plain" not in shown and "3 x 4" in shown

    put(one, 0.5, {**here, "device": "Some GPU"})  # elsewhere: a section of its own
    text = records.read_text()
    assert "## Fast (R), 2 cores\n" in text and "## Fast (R), 2 cores, Some GPU\n" in text
    assert "5.00 s" in text and "500 ms" in text
    assert "5.00 s" not in docs.read_text() and "500 ms" in docs.read_text()
    again = records.read_text()
    put(one, 0.5, {**here, "device": "Some GPU"})
    assert records.read_text() == again

    docs.write_text("no marks")
    with pytest.raises(ValueError, match="figures: begin"):
        put(one, 1.0)


def test_a_gpu_is_named(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Some GPU'\necho 'Some GPU'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert machine()["device"] == "Some GPU, Some GPU"
    program.write_text("#!/bin/sh\necho 'no driver'\nexit 9\n")
    assert "device" not in machine()


def test_documentation_has_the_marks():
    page = DOCS.read_text(encoding="utf-8")
    assert page.count(BEGIN) == 1 and page.count(END) == 1


def test_smoke_of_import_and_accounts(tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert main(["import", "accounts", "--repeats", "3", "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "min" in printed
    assert "median" in printed
    content = json.loads(out.read_text(encoding="utf-8"))
    assert {"cpu", "cores", "numpy", "numpy BLAS", "scipy BLAS"} <= set(content["machine"])
    figures = {f["name"]: f for b in content["benchmarks"] for f in b["figures"]}
    for name, target in (
        ("import mriocarbon", TARGET),
        ("import and first use", TARGET),
        ("first account of the embedded table, whole process", FIRST),
        ("warm: mc.account, system factored", WARM),
        ("empty caches: MRIO.from_arrays + account", EMPTY),
    ):
        assert figures[name]["target"] == target
        # The best of the runs: the others may have met a busy machine.
        assert min(figures[name]["values"]) < SLACK * target, figures[name]
    assert figures["import and first use"]["note"].startswith("loads none of")
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.slow
def test_device_beside_lapack_and_says_where_there_is_none(monkeypatch):
    Z, x, f = bench_device.made_up(40)
    assert (x >= Z.sum(axis=1)).all() and f.shape == (40,)
    figures = bench_device.on(Z, x, f, 1, "cpu")
    assert len(figures) == 4 * len(bench_device.SIDES) - 1  # 1,000 sides are not iterated
    assert all(len(f.values) == 1 for f in figures), figures
    assert sum("same as LAPACK" in f.note for f in figures) == len(figures) - 3

    def none(name):
        raise NotAvailableError("there is no gpu that JAX can use", where="devices here: cpu:0")

    monkeypatch.setattr(bench_device, "find_devices", none)
    figures = registered()["device"].run(Settings(1))
    assert {f.verdict for f in figures} == {"NOT MEASURED"}
    assert {f.name.split(":")[0] for f in figures} == {
        "1,000 sectors", "4,050 sectors", "9,800 sectors"
    }  # fmt: skip
    assert all("no gpu that JAX can use" in f.note for f in figures)


def test_a_device_that_answers_otherwise_is_no_benchmark(monkeypatch):
    Z, x, f = bench_device.made_up(40)

    class Wrong(bench_device.DeviceFactors):
        def solve_left(self, left):
            return super().solve_left(left) * (1 + 1e-8)

    monkeypatch.setattr(bench_device, "DeviceFactors", Wrong)
    with pytest.raises(AssertionError, match="differs from LAPACK"):
        bench_device.on(Z, x, f, 1, "cpu")


def test_settings():
    assert Settings().times(7) == 7
    assert Settings(2).times(7) == 2
