"""The benchmarks' registry, their report, and smoke runs of the two fast ones.

Timings on a shared machine prove little: nothing here is tighter than five times a target.
"""

from __future__ import annotations

import json

import pytest

from benchmarks import bench_device
from benchmarks.__main__ import main, text
from benchmarks.bench_accounts import EMPTY, WARM
from benchmarks.bench_import import TARGET
from benchmarks.processes import run
from benchmarks.registry import Figure, Settings, benchmark, registered, side_by_side, timed
from mriocarbon.errors import NotAvailableError

SLACK = 5


def test_all_are_registered():
    known = registered()
    assert set(known) == {
        "reproduce", "import", "accounts", "cbam", "solve", "gradients", "memory", "gras",
        "store", "compute", "uncertainty", "paths", "decomposition", "structure",
        "device",
    }  # fmt: skip
    assert all(one.about and one.name == name for name, one in known.items())


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


def test_whole_process_is_measured():
    ended = run(["-c", "x = bytearray(300 << 20); import time; time.sleep(0.2)"])
    assert ended.code == 0
    assert ended.seconds >= 0.2
    assert 300 < ended.peak_mib < 500
    failed = run(["-c", "raise SystemExit('no')"])
    assert failed.code == 1
    assert "no" in failed.stderr


def test_unknown_name(capsys):
    assert main(["acounts"]) == 2
    assert "known: accounts" in capsys.readouterr().err


def test_list(capsys):
    assert main(["--list"]) == 0
    assert "reproduce" in capsys.readouterr().out


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
        ("warm: mc.account, system factored", WARM),
        ("empty caches: MRIO.from_arrays + account", EMPTY),
    ):
        assert figures[name]["target"] == target
        # The best of the runs: the others may have met a busy machine.
        assert min(figures[name]["values"]) < SLACK * target, figures[name]
    assert figures["import and first use"]["note"].startswith("loads none of")
    assert list(tmp_path.iterdir()) == [out]


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
    assert {f.name.split(":")[0] for f in figures} == {"n = 1000", "n = 4050", "n = 9800"}
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
