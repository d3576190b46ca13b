"""What `make dist` finds fault with; that it builds and installs is its own run in CI."""

import re
import tomllib
import zipfile

import pytest

from scripts import dist


def wheel(folder, *names, size=0):
    path = folder / "m-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"0" * size)
    return path


LICENCE = "m-1.0.dist-info/licenses/LICENSE"


def test_a_wheel_is_held_against_the_package(tmp_path):
    good = wheel(tmp_path, "m/a.py", "m-1.0.dist-info/METADATA", LICENCE)
    assert dist.wheel_faults(good, ["m/a.py"]) == []
    odd = wheel(tmp_path, "m/a.py", "m/a.pyc", "tests/test_a.py")
    assert dist.wheel_faults(odd, ["m/a.py", "m/data.csv"]) == [
        "the wheel lacks m/data.csv",
        "the wheel holds m/a.pyc",
        "the wheel holds tests/test_a.py",
        "the wheel lacks the licence",
    ]
    big = wheel(tmp_path, "m/a.py", LICENCE, size=dist.WHEEL_BYTES)
    (fault,) = dist.wheel_faults(big, ["m/a.py"])
    assert "more than 12,582,912" in fault


def test_an_sdist_is_held_against_git():
    names = ["m-1/a.py", "m-1/notes.txt", "m-1/PKG-INFO"]
    assert dist.sdist_faults(names, ["a.py", "tests/b.py", ".ci/run"]) == [
        "the sdist lacks tests/b.py",
        "the sdist holds notes.txt, which git does not track",
    ]


def test_every_extra_is_asked_for():
    project = tomllib.loads((dist.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["optional-dependencies"]) == set(dist.EXTRAS) | dist.UNTRIED


def test_the_readmes_first_commands_are_tried():
    readme = (dist.ROOT / "README.md").read_text("utf-8")
    commands = dist.first_commands(readme)
    assert len(commands) == dist.FIRST and commands[0].startswith("mriocarbon reproduce 2022")
    tried = [" ".join(one.command) for one in dist.tries(readme)]
    assert len(tried) == 3 + dist.FIRST + len(dist.EXTRAS)
    assert all(any(command in one for one in tried) for command in commands)


@pytest.mark.parametrize(
    ("one", "status", "said", "fault"),
    [
        (dist.Try(("mriocarbon",), "yes"), 0, "yes", ""),
        (dist.Try(("mriocarbon",), "yes"), 1, "yes", "exit status 1"),
        (dist.Try(("mriocarbon",), "pip install", fails=True), 0, "pip install", "exit status 0"),
        (dist.Try(("mriocarbon",), "pip install", fails=True), 1, "what?", "does not say"),
        (dist.Try(("mriocarbon",), "x", fails=True), 1, "Traceback (most\nx", "a traceback"),
        (dist.Try(("python",), "x", fails=True), 1, "Traceback (most\nx", ""),
    ],
)
def test_a_fault_is_a_status_or_a_word_that_is_missing(one, status, said, fault):
    found = dist.fault_of(one, status, said)
    assert found.startswith(fault) and bool(found) == bool(fault)


def test_constraints_are_the_pins_without_hashes():
    made = dist.constraints((dist.ROOT / "requirements.lock").read_text("utf-8"))
    assert "--hash" not in made and "\\" not in made and "\nnumpy==" in made
    assert all(re.match(r"[A-Za-z0-9._-]+==\S+( ; .+)?$", line) for line in made.splitlines())
