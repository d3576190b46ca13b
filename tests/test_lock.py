"""requirements.lock against pyproject.toml: pinned, hashed, within the bounds, nothing too many.

Whether a version was yanked or has a known vulnerability stands in no file: `make audit`.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from scripts.audit import pins

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
UNLOCKED = {"gpu"}  # JAX's plugins for CUDA: gigabytes that most machines have no use for
WANTED = [
    Requirement(one)
    for one in (
        *PROJECT["project"]["dependencies"],
        *PROJECT["build-system"]["requires"],
        *(
            one
            for extra, ones in PROJECT["project"]["optional-dependencies"].items()
            if extra not in UNLOCKED
            for one in ones
        ),
    )
]
PINS = pins(LOCK)
LOCKED_ON_THIS_PYTHON = sys.version_info[:2] == (3, 11)


def logical(lock):
    joined = lock.replace("\\\n", " ").splitlines()
    return [line for line in joined if line.strip() and not line.lstrip().startswith("#")]


def unhashed(lock):
    whole = r"[A-Za-z0-9._-]+==\S+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*"
    return [line[:60] for line in logical(lock) if not re.fullmatch(whole, line)]


def out_of_bounds(wanted, locked):
    """What pyproject.toml asks for and the lock does not give."""
    return [
        str(one)
        for one in wanted
        if not one.specifier.contains(locked.get(canonicalize_name(one.name), "0"))
    ]


def unreached(wanted, locked):
    """What is locked although nothing that pyproject.toml asks for needs it, on any system."""
    seen: dict[str, set[str]] = {}
    todo = list(wanted)
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        asked = {"", *map(canonicalize_name, one.extras)} - seen.get(name, set())
        if not asked:
            continue
        seen.setdefault(name, set()).update(asked)
        try:
            needs = [Requirement(text) for text in requires(one.name) or []]
        except PackageNotFoundError:  # for another system or another Python
            continue
        for need in needs:
            extras = re.findall(r'extra == "([^"]+)"', str(need.marker or ""))
            if asked & set(map(canonicalize_name, extras or [""])):
                todo.append(need)
    return sorted(set(locked) - set(seen))


def test_every_package_is_pinned_with_hashes():
    assert len(PINS) == len(logical(LOCK)) > 200  # each once
    assert unhashed(LOCK) == []
    assert unhashed("a==1 \\\n    --hash=sha256:" + 64 * "0" + "\nb==2\nc>=1\n") == ["b==2", "c>=1"]


def test_no_index_is_named():
    assert not re.search(r"https?://|index-url|find-links|trusted-host", LOCK)


def test_every_bound_is_kept():
    assert out_of_bounds(WANTED, PINS) == [], "run `make lock`"
    few = [Requirement("numpy>=2.0"), Requirement("a-b>=1"), Requirement("gone>=1")]
    assert out_of_bounds(few, {"numpy": "1.9", "a-b": "1.0"}) == ["numpy>=2.0", "gone>=1"]


def test_nothing_is_locked_for_nothing():
    here = {canonicalize_name(one.name) for one in distributions()}
    # what needs a package that is locked for an older Python alone is not here to be asked
    found = [name for name in unreached(WANTED, PINS) if name in here or LOCKED_ON_THIS_PYTHON]
    assert found == [], "run `make lock`"
    assert "jinja2" in unreached([Requirement("numpy>=2")], {"numpy": "2.0", "jinja2": "3.1"})


def test_no_version_is_a_trial_one():
    versions = {name: Version(text) for name, text in PINS.items()}
    odd = [f"{n} {v}" for n, v in versions.items() if v.is_prerelease or v.local is not None]
    assert odd == []


@pytest.mark.parametrize("text", PROJECT["project"]["dependencies"])
def test_requirements_are_lower_bounds_only(text):
    assert re.fullmatch(r"[A-Za-z0-9._-]+(\[\w+\])?>=[\d.]+", text)
