"""Look the locked versions up for known vulnerabilities: ``make audit``.

pip-audit asks OSV and, where that cannot be reached, the JSON interface of PyPI. Neither is in an
index of packages alone, so that behind a mirror nothing can be looked up: that is said, and never
taken for a pass. Ends with 0 where every pin was looked up and nothing is known of it, 1 where
something is, 3 where nothing, or not everything, could be looked up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("osv", "pypi")
CLEAN, FOUND, UNTRIED = 0, 1, 3


def without_markers(lock: str) -> str:
    """Return the lock with every pin for every system: what is not for this one is looked up too.

    Examples
    --------
    >>> print(without_markers("a==1 ; os_name == 'nt' \\\\\\n    --hash=sha256:00\\n"), end="")
    a==1 \\
        --hash=sha256:00
    """
    return re.sub(r"^([A-Za-z0-9._-]+==[^\s;]+) ;[^\\\n]*", r"\1 ", lock, flags=re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """Return the locked versions by canonical name.

    Examples
    --------
    >>> pins("Py_YAML==6.0 \\\\\\n    --hash=sha256:00\\n")
    {'py-yaml': '6.0'}
    """
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def verdict(report: Mapping[str, Any], locked: Mapping[str, str]) -> tuple[int, str]:
    """Return the exit status and the words for what pip-audit found.

    Parameters
    ----------
    report : mapping
        pip-audit's JSON.
    locked : mapping
        What should have been looked up, version by name.

    Examples
    --------
    >>> none = {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}
    >>> verdict(none, {"a": "1"})
    (0, 'audit: nothing is known of 1 pins')
    >>> verdict(none, {"a": "1", "b": "2"})[0]
    3
    """
    told: list[str] = []
    looked: dict[str, str] = {}
    for one in report["dependencies"]:
        if "skip_reason" in one:
            continue
        looked[re.sub(r"[-_.]+", "-", one["name"]).lower()] = one["version"]
        for each in one["vulns"]:
            mended = ", ".join(each["fix_versions"]) or "none yet"
            told.append(f"  {one['name']} {one['version']}: {each['id']}, mended in {mended}")
    left = sorted(f"{name} {v}" for name, v in locked.items() if looked.get(name) != v)
    lines = [f"audit: {len(told)} findings", *told] if told else []
    if left:
        lines += [f"audit: UNTRIED: {len(left)} pins were not looked up: {', '.join(left)}"]
    if told:
        return FOUND, "\n".join(lines)
    return (
        (UNTRIED, "\n".join(lines))
        if left
        else (CLEAN, f"audit: nothing is known of {len(locked)} pins")
    )


def ask(program: Sequence[str], service: str, requirements: Path) -> Mapping[str, Any] | str:
    """Return pip-audit's report by one service, or its last words where there is none."""
    done = subprocess.run(
        [*program, "--requirement", str(requirements), "--require-hashes", "--disable-pip",
         "--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    if not (isinstance(report, dict) and isinstance(report.get("dependencies"), list)):
        return "a report of an unknown form"
    skipped = [one["skip_reason"] for one in report["dependencies"] if "skip_reason" in one]
    # Behind a mirror PyPI's pages are "not found": pip-audit skips every pin, and ends with 0.
    if len(skipped) == len(report["dependencies"]):
        return skipped[0] if skipped else "a report of nothing"
    return report


def main(program: Sequence[str], lock: str) -> int:
    """Print what is known of the pins of a lock."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(without_markers(lock), encoding="utf-8")
        reasons = []
        for service in SERVICES:
            report = ask(program, service, requirements)
            if not isinstance(report, str):
                status, words = verdict(report, pins(lock))
                print(words)
                return status
            reasons.append(f"  {service}: {report[:300]}")
    print("audit: UNTRIED: no service could be asked, so nothing is known of any pin, good or bad")
    print("\n".join(reasons))
    return UNTRIED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], (ROOT / "requirements.lock").read_text(encoding="utf-8")))
