"""The comparison with peers, on a tiny table; the peer's interpreter is the project's own."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import compare_peers
from benchmarks.compare_peers import CASES, REGIONAL, WORKER, Case, Contender, gap, main, play
from benchmarks.peer_tables import TABLES
from benchmarks.processes import Ended
from benchmarks.registry import ROOT

HERE = {"mriocarbon": Path(sys.executable), "pymrio": Path(sys.executable)}
OURS, PYMRIO = ("mriocarbon", "everything", 2), ("pymrio", "calc_all", 2)
ALL = compare_peers.ALL


def tiny(mode: str = "everything", same=ALL, stressors: int = 2, **goals) -> Case:
    return Case(
        f"tiny-{mode}", "tiny", Contender("mriocarbon", mode, stressors),
        Contender("pymrio", "calc_all", stressors), same, **goals,
    )  # fmt: skip


def off(folder: Path, change: str) -> Path:
    """A worker whose mriocarbon changes its accounts before it hands them over."""
    script = folder / "off.py"
    script.write_text(
        f"""
import importlib.util, json, sys
import numpy as np
spec = importlib.util.spec_from_file_location("worker", {str(WORKER)!r})
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
class Off(worker.Mriocarbon):
    def take(self, made, a):
        found = {{k: np.array(v) for k, v in super().take(made, a).items()}}
        {change}
        return found
worker.PROGRAMS["mriocarbon"] = Off
worker.main(json.loads(open(sys.argv[1]).read()))
"""
    )
    return script


@pytest.fixture(scope="module")
def figures():
    cases = [
        tiny(faster=1e-6, memory=1e6),
        tiny("regional", REGIONAL, faster=1e9),
        tiny("national", ("consumption",), 1),
    ]
    return {f.name: f for f in play(cases, rounds=2, threads=1, pythons=HERE)}


def test_all_modes_agree_with_pymrio(figures):
    for mode in ("everything", "regional", "national"):
        found = figures[f"tiny-{mode}: times faster than pymrio"]
        assert not found.wrong
        assert len(found.values) == 2 and min(found.values) > 0  # a ratio a round
        assert "MADE-UP" in found.note and "the largest difference is" in found.note
    assert "imports by product" in figures["tiny-everything: times faster than pymrio"].note


def test_goals_are_judged(figures):
    assert figures["tiny-everything: times faster than pymrio"].verdict == "MET"
    assert figures["tiny-regional: times faster than pymrio"].verdict == "MISSED"
    assert figures["tiny-national: times faster than pymrio"].verdict == ""
    assert figures["tiny-everything: peak memory over pymrio's"].verdict == "MET"


def test_seconds_memory_and_outputs_of_each_contender(figures):
    for one in ("mriocarbon everything, 2 stressors", "pymrio calc_all, 2 stressors",
                "mriocarbon national, 1 stressor", "pymrio calc_all, 1 stressor"):  # fmt: skip
        seconds, peak = figures[f"tiny: {one}"], figures[f"tiny: {one}, peak memory"]
        assert len(seconds.values) == 2 * TABLES["tiny"].repeats
        assert "computed: " in seconds.note and one.partition(" ")[0] in seconds.note
        assert 20 < peak.middle < 2000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("e = found['exports'][0]; e[e.argmax()] *= 1 + 1e-8", "in exports"),
        ("found['multipliers'][1, 3] = np.nan", "multipliers (not finite)"),
        ("del found['imports by product']", "imports by product (missing"),
        ("found['production'] = found['production'].T", "production (missing or of another"),
    ],
)
def test_a_wrong_account_is_wrong_whatever_the_time(tmp_path, change, said):
    case = tiny(faster=1e-6)
    got = play([case], rounds=1, threads=1, pythons=HERE, worker=off(tmp_path, change))
    assert got[0].verdict == "WRONG", got[0]
    assert said in got[0].note


def test_a_failing_contender(tmp_path):
    worker = off(tmp_path, "raise SystemExit('no memory left')")
    got = play([tiny()], rounds=1, threads=1, pythons=HERE, worker=worker)
    assert got[0].verdict == "WRONG" and "no memory left" in got[0].note
    missing = {**HERE, "pymrio": tmp_path / "no" / "python"}
    got = play([tiny()], rounds=1, threads=1, pythons=missing)
    assert got[0].verdict == "NOT MEASURED" and "make peers" in got[0].note


def test_table_without_its_data():
    full = [case for case in CASES if case.table == "4050"]
    got = play(full, rounds=1, pythons=HERE, data=None)
    assert [figure.verdict for figure in got] == ["NOT MEASURED"] * len(full)
    assert "MRIOCARBON_DATA" in got[0].note


def test_gap_is_by_stressor(tmp_path):
    # The second stressor is small beside the first: its own largest value is the measure.
    a = {"consumption": np.array([[1e6, 2e6], [1.0, 2.0]])}
    b = {"consumption": np.array([[1e6, 2e6], [1.0, 2.0 + 2e-8]])}
    for name, found in (("a", a), ("b", b)):
        np.savez(tmp_path / f"{name}.npz", **found)
    miss, where = gap(tmp_path / "a.npz", tmp_path / "b.npz", ["consumption"])
    assert miss == pytest.approx(1e-8, rel=1e-3) and where == "consumption"
    zero = {"consumption": np.zeros((2, 2))}
    np.savez(tmp_path / "z.npz", **zero)
    assert gap(tmp_path / "z.npz", tmp_path / "z.npz", ["consumption"])[0] == 0


def test_targets_are_those_asked_for():
    goals = {case.name: (case.faster, case.memory) for case in CASES if case.faster}
    assert goals == {
        "4050-regional": (10, 0.5), "4050-everything": (6, 0.5), "4050-national": (60, None),
        "9800-regional": (10, 0.5), "9800-everything": (6, 0.5),
        "9800-regional-1113": (8, 0.5), "9800-everything-1113": (4, 0.5),
    }  # fmt: skip
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.table for case in CASES} <= set(TABLES)


def test_command_line(capsys, monkeypatch, tmp_path):
    assert main(["--list"]) == 0
    assert "4050-national" in capsys.readouterr().out
    assert main(["--case", "4050-nationl"]) == 2
    assert "known: 1000-regional" in capsys.readouterr().err
    assert main(["--case", "4050-national", "--write"]) == 2
    assert "leave out --case" in capsys.readouterr().err
    monkeypatch.setattr(compare_peers, "CASES", (tiny(),))
    out = tmp_path / "figures.json"
    args = ["--rounds", "1", "--threads", "1", "--pymrio", sys.executable, "--json", str(out)]
    assert main(args) == 0
    assert "tiny: pymrio calc_all, 2 stressors" in capsys.readouterr().out
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["machine"]["threads"] == "1"
    assert content["benchmarks"][0]["figures"][0]["at least"] is True
    bad = off(tmp_path, "found['consumption'][0, 0] += 1")
    monkeypatch.setattr(compare_peers, "WORKER", bad)
    monkeypatch.setattr(compare_peers.play, "__kwdefaults__",
                        {**play.__kwdefaults__, "worker": bad})  # fmt: skip
    assert main(args) == 1
    assert "WRONG" in capsys.readouterr().out


def test_worker_needs_nothing_of_this_project():
    """It runs in the peers' environments: numpy and the standard library, no more."""
    spec = importlib.util.spec_from_file_location("worker", WORKER)
    source = Path(spec.origin).read_text(encoding="utf-8")
    imports = {line.split()[1].partition(".")[0] for line in source.splitlines()
               if line.startswith(("import ", "from "))}  # fmt: skip
    assert imports - {"__future__"} <= set(sys.stdlib_module_names) | {"numpy"}


@pytest.mark.parametrize("name", ["pymrio", "mario"])
def test_peers_are_pinned(name):
    lines = (ROOT / "benchmarks" / "peers" / f"{name}.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(line.count("==") == 1 for line in pins) and pins
    wanted = "mariopy==1.3.2" if name == "mario" else "pymrio==0.7.0"
    assert wanted in pins


def test_ratios_are_of_the_peer_over_ours_and_of_our_memory_over_theirs(tmp_path):
    accounts = tmp_path / "a.npz"
    np.savez(accounts, consumption=np.ones((1, 3)))
    case = tiny("national", ("consumption",), 1, faster=2.0, memory=0.5)
    ours = compare_peers.Played(
        turns=[[1.0, 2.0, 3.0]], peaks=[100.0], outputs="one", version="ours", accounts=accounts
    )
    theirs = compare_peers.Played(
        turns=[[8.0, 9.0, 10.0]], peaks=[400.0], outputs="all", version="theirs", accounts=accounts
    )
    faster, memory, *_ = compare_peers.judged([case], {case.ours: ours, case.peer: theirs}, "x")
    assert faster.values == [4.5] and faster.at_least and faster.verdict == "MET"
    assert memory.values == [0.25] and memory.verdict == "MET"


def test_all_contenders_are_held_to_the_same_threads(tmp_path, monkeypatch):
    seen = []

    def run(arguments, *, python, environment):
        seen.append(environment)
        return Ended(0.0, 0.0, 1, "not run")

    monkeypatch.setattr(compare_peers, "run", run)
    play([tiny("national", ("consumption",), 1)], rounds=1, threads=1, pythons=HERE)
    assert len(seen) == 2 and all(
        one[name] == "1" for one in seen for name in compare_peers.THREADS
    )


@pytest.mark.parametrize("asked", [["--rounds", "0"], ["--rounds", "-1"]])
def test_no_turns_are_no_comparison(asked, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--case", "1000-national"])
    assert ended.value.code == 2 and "one at least" in capsys.readouterr().err
