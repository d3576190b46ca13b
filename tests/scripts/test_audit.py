"""The audit of the lock: what pip-audit says, and above all what it does not say."""

import json
import sys

import pytest

from scripts import audit

LOCK = "a==1 \\\n    --hash=sha256:00\nb==2 ; os_name == 'nt' \\\n    --hash=sha256:01\n"
NONE = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture
def auditor(tmp_path):
    """A pip-audit that answers each service as told: a report, or words and status 1."""

    def make(**answers):
        path = tmp_path / "pip_audit.py"
        path.write_text(
            f"import json, sys\nanswers = {answers!r}\n"
            "said = answers[sys.argv[sys.argv.index('--vulnerability-service') + 1]]\n"
            "lock = open(sys.argv[sys.argv.index('--requirement') + 1]).read()\n"
            "assert 'b==2' in lock and 'os_name' not in lock\n"
            "sys.exit(said) if isinstance(said, str) else print(json.dumps(said))\n"
        )
        return [sys.executable, str(path)]

    return make


@pytest.mark.parametrize(
    ("dependencies", "status", "words"),
    [
        ([NONE, BAD | {"vulns": []}], 0, "nothing is known of 2 pins"),
        ([NONE, BAD], 1, "b 2: PYSEC-1, mended in 2.1"),
        ([NONE, SKIPPED], 3, "UNTRIED: 1 pins were not looked up: b 2"),
        ([NONE], 3, "UNTRIED: 1 pins were not looked up: b 2"),
        ([NONE, BAD | {"version": "3", "vulns": []}], 3, "not looked up: b 2"),
        ([NONE | {"vulns": BAD["vulns"]}, SKIPPED], 1, "not looked up: b 2"),
    ],
)
def test_a_verdict_counts_what_was_looked_up(auditor, capsys, dependencies, status, words):
    told = auditor(osv={"dependencies": dependencies})
    assert audit.main(told, LOCK) == status
    assert words in capsys.readouterr().out


def test_the_second_service_is_asked_where_the_first_is_not_reached(auditor, capsys):
    good = {"dependencies": [NONE, BAD | {"vulns": []}]}
    assert audit.main(auditor(osv="no route", pypi=good), LOCK) == 0
    assert audit.main(auditor(osv="no route", pypi={"dependencies": [NONE, BAD]}), LOCK) == 1


@pytest.mark.parametrize(
    "pypi", ["name not known", {"dependencies": [SKIPPED]}, {"dependencies": []}, {}, []]
)
def test_no_service_is_no_pass(auditor, capsys, pypi):
    """As behind a mirror, where pip-audit skips every pin and ends with 0."""
    assert audit.main(auditor(osv="no route to OSV", pypi=pypi), LOCK) == audit.UNTRIED
    said = capsys.readouterr().out
    assert said.startswith("audit: UNTRIED") and "osv: no route to OSV" in said


def test_markers_are_taken_off_and_hashes_stay():
    bare = audit.without_markers(LOCK)
    assert bare == LOCK.replace("; os_name == 'nt' ", "")
    whole = (audit.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert audit.pins(audit.without_markers(whole)) == audit.pins(whole)
    assert " ; " not in audit.without_markers(whole)
    assert json.dumps(audit.pins(whole))
