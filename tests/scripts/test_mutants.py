"""The report on mutation testing: what counts as killed, where a change stands, when it fails."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from scripts import mutants as script
from scripts.mutants import Change, Mutant, Reason

SOURCE = '''"""A file."""

LIMIT = 3


class Room:
    def share(self, a):
        b = a + 1
        if a:
            b = a + 1
        return b


def free(a):
    b = a + 1
    return b
'''


def some(path: str, **counts: int) -> list[Mutant]:
    """Mutants of one file, as many of each status."""
    return [
        Mutant(f"m.x_free__mutmut_{word}{k}", path, word.replace("_", " "))
        for word, n in counts.items()
        for k in range(n)
    ]


def good() -> list[Mutant]:
    return some("mriocarbon/accounts/a.py", killed=17, survived=3) + some(
        "mriocarbon/cbam/obligation.py", killed=9, timeout=1
    )


def test_what_counts_as_killed():
    found = some("a.py", killed=3, timeout=1, survived=2, no_tests=1, segfault=1)
    assert script.share(found) == 50
    assert script.share([]) == 0


@pytest.mark.parametrize(
    ("function", "at", "line"), [("Room.share", 2, 8), ("Room.share", 4, 10), ("free", 2, 15)]
)
def test_a_change_stands_where_the_diff_has_it(function, at, line):
    diff = f"--- a\n+++ a\n@@ -{at},2 +{at},2 @@\n-    b = a + 1\n+    b = a - 1\n     return b"
    assert script.change(diff, SOURCE, function) == Change(line, "b = a + 1", "b = a - 1")


def test_an_argument_left_out_has_no_text_after():
    diff = "--- a\n+++ a\n@@ -1,3 +1,2 @@\n def free(a):\n-    b = a + 1\n     return b"
    assert script.change(diff, SOURCE, "free") == Change(15, "b = a + 1", "")


def test_mutants_of_another_state_of_the_file_are_told():
    diff = "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-a\n+b"
    with pytest.raises(ValueError, match="another state"):
        script.change(diff, SOURCE, "gone")


def test_results_of_mutmut_are_read(tmp_path: Path):
    folder = tmp_path / "mriocarbon" / "accounts"
    folder.mkdir(parents=True)
    codes = {
        "a.x_f__mutmut_1": 1,
        "a.x_f__mutmut_2": 0,
        "a.xǁRǁg__mutmut_1": 36,
        "a.x_h__mutmut_1": 33,
        "a.x_i__mutmut_1": 255,
        "a.x_j__mutmut_1": None,
    }
    meta = {"exit_code_by_key": codes, "durations_by_key": {}}
    (folder / "a.py.meta").write_text(json.dumps(meta), "utf-8")
    found = script.read_mutants(tmp_path)
    assert [m.status for m in found] == [
        "killed", "survived", "timeout", "no tests", "broken", "not checked",
    ]  # fmt: skip
    assert [m.function for m in found] == ["f", "f", "R.g", "h", "i", "j"]
    assert {m.path for m in found} == {"mriocarbon/accounts/a.py"}
    assert script.share(found) == 40
    assert script.unfinished(found) == 1
    (folder / "a.py.meta").unlink()
    with pytest.raises(ValueError, match="make mutants"):
        script.read_mutants(tmp_path)


def test_each_part_must_reach_the_floor_by_itself():
    assert script.below(good()) == []
    poor = good() + some("mriocarbon/accounts/b.py", survived=1)
    (text,) = script.below(poor)
    assert "mriocarbon/accounts" in text and "80.95 %" in text
    assert script.below(some("mriocarbon/accounts/a.py", killed=1)) == [
        "mriocarbon/cbam/obligation.py: no mutants"
    ]


def test_the_page_names_every_survivor_and_why_it_stays():
    alive = Mutant("m.x_free__mutmut_9", "mriocarbon/accounts/a.py", "survived")
    bare = Mutant("m.x_free__mutmut_10", "mriocarbon/accounts/a.py", "no tests")
    changes = {
        alive.name: Change(15, "b = a + 1", "b = a - 1"),
        bare.name: Change(16, "return b", ""),
    }
    reason = Reason("mriocarbon/accounts/a.py", "free", "b = a - 1", "the sign is squared")
    page = script.report(
        [*good(), alive, bare],
        changes,
        [reason],
        command="make it",
        seconds=16,
        code={"mriocarbon/accounts/a.py": "0123456789ab"},
    )
    assert "15 free: b = a + 1  ->  b = a - 1  # the sign is squared" in page
    assert "16 free: return b  ->  (left out)  [no tests]" in page
    assert "| mriocarbon/accounts/a.py | 77.3 % | 22 | 17 | 0 | 4 | 1 | 0 | 0 |" in page
    assert "`make it`: 16 seconds" in page and "mutmut 3" in page
    assert "Unfinished" not in page
    assert "- `mriocarbon/accounts/a.py`: `0123456789ab`" in page and script.AS_TESTED in page


def test_code_is_another_where_it_does_something_else():
    """A docstring or a comment is no code: the figures of the page stand."""
    same = SOURCE.replace('"""A file."""', '"""Another\n\nfile."""\n# with a word')
    assert script.digest(same) == script.digest(SOURCE)
    for old, new in (("a + 1", "a - 1"), ("return b\n\n\ndef", "return a\n\n\ndef"), ("3", "4")):
        assert script.digest(SOURCE.replace(old, new)) != script.digest(SOURCE)
    inner = SOURCE.replace("share(self, a):\n", 'share(self, a):\n        """Share."""\n')
    assert inner != SOURCE and script.digest(inner) == script.digest(SOURCE)
    said = SOURCE.replace("LIMIT = 3", "LIMIT = 3  # é: why")
    assert script.digest(said) == script.digest(SOURCE)
    for one, other in (
        ('def f(): "é"; return 1\n', 'def f(): "é"; return 2\n'),
        ('class A(ValueError): """d"""\n', 'class A(KeyError): """d"""\n'),
        ('"""d"""; x = 1\n', '"""d"""; x = 2\n'),
        ('x = "# one"\n', 'x = "# two"\n'),
    ):
        assert script.digest(one) != script.digest(other)
    assert script.digest('"""a\x0cb"""\nx = 1\n') == script.digest("x = 1\n")
    text = SOURCE.replace("LIMIT = 3", 'LIMIT = 3\n"""A text below is a docstring to no one."""')
    assert script.digest(text) != script.digest(SOURCE)


def test_the_page_says_which_files_have_changed_since():
    code = {"a.py": "0" * 12, "b.py": "1" * 12}
    page = script.report(good(), {}, [], command="make it", seconds=16, code=code)
    assert script.marked(page, code) == page
    now = {"b.py": "2" * 12, "c.py": "3" * 12}  # one is gone, one changed, one is new
    told = script.marked(page, now)
    assert script.CHANGED + "`a.py`, `b.py`, `c.py`." in told and script.AS_TESTED not in told
    assert script.marked(told, code) == page
    for broken in (page.replace(script.AS_TESTED, ""), page.replace("- `", "* `")):
        with pytest.raises(ValueError, match="make mutants"):
            script.marked(broken, code)


def test_the_committed_page_says_whether_the_code_has_changed():
    """`python -m scripts.mutants --mark` makes it true again, `make mutants` up to date."""
    page = script.REPORT.read_text("utf-8")
    if script.marked(page, script.digests()) != page:
        pytest.fail("the page is of other code: run python -m scripts.mutants --mark")
    assert "mriocarbon/accounts/compute.py" in script.digests()
    assert "mriocarbon/cbam/obligation.py" in script.digests()
    # and the page on validation tells the same figures
    rows = re.findall(r"^\| \*\*\S+\*\* \| (\d+)\.\d % \| ([\d,]+) \|", page, re.MULTILINE)
    (accounts, changes), (obligation, more) = rows
    total = sum(int(n.replace(",", "")) for n in (changes, more))
    told = f"{accounts} % and {obligation} % of {total:,} changes"
    assert told in Path("docs/validation.md").read_text("utf-8")


def test_a_run_of_some_mutants_counts_for_the_files_it_ran_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(script, "RESULTS", tmp_path)
    found = [Mutant(f"{m}.x_{f}__mutmut_1", f"{m}.py", "killed") for m in "ab" for f in "fg"]
    before, now = {"a.py": "0", "b.py": "1"}, {"a.py": "2", "b.py": "3"}
    assert script._tested(found, before, ["a.x_f*"]) == before  # the first run
    (tmp_path / "code.json").write_text(json.dumps(before), "utf-8")
    assert script._tested(found, now, []) == before  # goes on
    assert script._tested(found, now, ["a.x_f*"]) == before
    assert script._tested(found, now, ["a.x_f*", "a.x_g*"]) == {"a.py": "2", "b.py": "1"}


def test_a_report_of_a_folder_that_does_not_say_what_was_tested(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "RESULTS", tmp_path)
    monkeypatch.setattr(script, "read_mutants", lambda folder: good())
    assert script.main(["--report-only"]) == 1
    assert "run make mutants" in capsys.readouterr().err


def test_a_page_is_marked_without_a_run(tmp_path, monkeypatch, capsys):
    path = tmp_path / "page.md"
    monkeypatch.setattr(script, "REPORT", path)
    assert script.main(["--mark"]) == 1 and "page.md" in capsys.readouterr().err
    code = script.digests()
    path.write_text(script.report(good(), {}, [], command="m", seconds=1, code=code), "utf-8")
    assert script.main(["--mark"]) == 0 and script.AS_TESTED in capsys.readouterr().out
    monkeypatch.setattr(script, "digests", lambda: code | {"new.py": "0" * 12})
    assert script.main(["--mark"]) == 0 and "`new.py`" in capsys.readouterr().out
    assert "`new.py`" in path.read_text("utf-8")


def test_a_run_that_was_broken_off_is_no_result(tmp_path, monkeypatch, capsys):
    """Neither a share that looks good nor a page that hides it."""
    found = [*good(), Mutant("m.x_free__mutmut_9", "mriocarbon/accounts/a.py", "not checked")]
    monkeypatch.setattr(script, "read_mutants", lambda folder: found)
    monkeypatch.setattr(script, "changes_of", lambda mutants, diff: {})
    monkeypatch.setattr(script, "RESULTS", tmp_path)
    (tmp_path / "code.json").write_text('{"a.py": "0123456789ab"}', "utf-8")
    monkeypatch.setattr(script, "REPORT", tmp_path / "page.md")
    monkeypatch.setattr(script, "REASONS", tmp_path / "reasons.toml")
    (tmp_path / "reasons.toml").write_text("", "utf-8")
    assert script.main(["--report-only"]) == 1
    assert "Unfinished: 1 of 31" in (tmp_path / "page.md").read_text("utf-8")
    assert "make mutants again" in capsys.readouterr().err
    found.pop()
    assert script.main(["--report-only"]) == 0


def test_a_reason_for_nothing_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "read_mutants", lambda folder: good())
    monkeypatch.setattr(script, "changes_of", lambda mutants, diff: {})
    monkeypatch.setattr(script, "RESULTS", tmp_path)
    (tmp_path / "code.json").write_text('{"a.py": "0123456789ab"}', "utf-8")
    monkeypatch.setattr(script, "REPORT", tmp_path / "page.md")
    monkeypatch.setattr(script, "REASONS", tmp_path / "reasons.toml")
    entry = '[[survivor]]\nfile = "a.py"\nfunction = "f"\nnew = "b"\nwhy = "c"\n'
    (tmp_path / "reasons.toml").write_text(entry, "utf-8")
    assert script.main(["--report-only"]) == 1
    assert "remove it: a.py f: b" in capsys.readouterr().err


def test_only_what_was_tested_and_not_killed_is_looked_up(tmp_path: Path):
    (tmp_path / "a.py").write_text(SOURCE, "utf-8")
    found = [
        Mutant(f"m.x_free__mutmut_{k}", "a.py", word)
        for k, word in enumerate(("killed", "timeout", "survived", "no tests", "not checked"))
    ]
    diff = "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-    return b\n+    return c"
    changes = script.changes_of(found, lambda name, path: diff, tmp_path)
    assert list(changes) == ["m.x_free__mutmut_2", "m.x_free__mutmut_3"]


def test_a_run_is_timed_and_one_that_fails_leaves_the_page_alone(tmp_path, monkeypatch, capsys):
    calls = []

    def run(command, env, check):
        calls.append((command, env))
        return subprocess.CompletedProcess(command, len(calls) - 1)

    monkeypatch.setattr(script.subprocess, "run", run)
    monkeypatch.setattr(script, "read_mutants", lambda folder: good())
    monkeypatch.setattr(script, "changes_of", lambda mutants, diff: {})
    monkeypatch.setattr(script, "RESULTS", tmp_path)
    monkeypatch.setattr(script, "REPORT", tmp_path / "page.md")
    monkeypatch.setattr(script, "REASONS", tmp_path / "reasons.toml")
    (tmp_path / "reasons.toml").write_text("", "utf-8")
    (tmp_path / "seconds.json").write_text("1000.0", "utf-8")  # of a run that was broken off
    assert script.main(["--children", "3", "a.b.*"]) == 0
    command, env = calls[0]
    assert command[1:] == ["run", "--max-children", "3", "a.b.*"]
    assert env["OMP_NUM_THREADS"] == "1" and env["PATH"]
    page = (tmp_path / "page.md").read_text("utf-8")
    assert "1,000 seconds" in page
    assert all(f"- `{path}`: `{code}`" in page for path, code in script.digests().items())
    (tmp_path / "page.md").unlink()
    assert script.main([]) == 1
    assert "mutmut did not come to its end" in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()
