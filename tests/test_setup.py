"""What a stranger meets first: the import, the Makefile, the lock, the README, the wheel."""

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import conftest
import pytest

from scripts.dist import wheel_faults

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("jax", "scipy", "xarray", "pandas", "matplotlib")
IMPORT_SECONDS = 0.3
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, flags=re.MULTILINE))


def run(command, cwd, timeout=120, **environment):
    """Run a command and capture what it says; a variable given as None is unset."""
    env = {**os.environ, **{k: v for k, v in environment.items() if v is not None}}
    # `make VENV=... test` exports its variables: they must not choose the inner make's folder
    for name in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "VENV", "PYTHON", "OUT"):
        env.pop(name, None)
    for name in (k for k, v in environment.items() if v is None):
        env.pop(name, None)
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )


# ---------------------------------------------------------------------------- import


def test_import_loads_nothing_heavy(tmp_path):
    code = f"import sys, mriocarbon; print(*(m for m in {HEAVY} if m in sys.modules))"
    done = run([sys.executable, "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_import_is_quick(tmp_path):
    code = "import time; t = time.perf_counter(); import mriocarbon; print(time.perf_counter() - t)"
    # the best of several, since the other test process takes its share of the machine
    best = min(float(run([sys.executable, "-c", code], tmp_path).stdout) for _ in range(5))
    assert best <= IMPORT_SECONDS


FIRST_OF_ALL = """
import importlib, os, sys
import jax, pandas, rich.console, scipy.sparse, typer, xarray  # once, not in every child
for name in sys.argv[1:]:
    if not (child := os.fork()):
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_every_room_and_command_can_be_the_first_to_be_imported(tmp_path):
    """A circle of imports shows only to whoever comes in by its wrong end."""
    package = ROOT / "mriocarbon"
    rooms = [f"mriocarbon.{path.parent.name}" for path in package.glob("*/__init__.py")]
    commands = [f"mriocarbon.cli.{path.stem}" for path in (package / "cli").glob("[a-z]*.py")]
    assert len(rooms) > 15 and len(commands) > 20
    done = run([sys.executable, "-c", FIRST_OF_ALL, *rooms, *commands], ROOT, timeout=300)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_version_is_the_installed_one():
    from importlib.metadata import version

    import mriocarbon

    assert mriocarbon.__version__ == version("mriocarbon")


# ---------------------------------------------------------------------------- make


def copy_set_up(folder: Path) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)


def test_make_alone_lists_the_targets(tmp_path):
    copy_set_up(tmp_path)
    done = run(["make"], tmp_path)
    assert done.returncode == 0, done.stderr
    for target in ("reproduce", "test", "check", "docs", "data", "bench", "bench-full", "peers",
                   "validate",
                   "clean"):  # fmt: skip
        assert f"make {target} " in done.stdout


@pytest.mark.parametrize("target", ["reproduce", "test", "check", "docs", "bench", "validate"])
def test_each_target_sets_up_by_itself(tmp_path, target):
    copy_set_up(tmp_path)
    done = run(["make", "-n", target], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--require-hashes" in done.stdout


def test_no_python_is_said_plainly(tmp_path):
    copy_set_up(tmp_path)
    done = run(["make", "setup", "PYTHON=no-such-python"], tmp_path)
    assert done.returncode != 0
    assert "no Python 3.11 or newer found (tried: no-such-python)" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_missing_venv_module_is_said_plainly(tmp_path):
    """As on Debian without python3-venv and without pip: modules that cannot be imported."""
    copy_set_up(tmp_path)
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("venv", "ensurepip", "pip"):
        (broken / f"{name}.py").write_text("raise ImportError('not on this machine')\n")
    done = run(["make", "setup", f"PYTHON={sys.executable}"], tmp_path, PYTHONPATH=str(broken))
    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_data_without_a_folder_is_said_plainly(tmp_path):
    copy_set_up(tmp_path)
    done = run(["make", "data"], tmp_path)
    assert done.returncode != 0
    assert not (tmp_path / ".venv").exists()  # said before the set-up, not after it
    assert "make data DATA=path/to/data" in done.stderr


# ---------------------------------------------------------------------------- skips in CI

SAMPLE = """
import pytest
from conftest import skip_missing

def test_data(data_folder):
    pass

def test_browser():
    skip_missing("browser", "no chromium here")

def test_ordinary_skip():
    pytest.skip("not on this platform")
"""
AT_COLLECTION = 'from conftest import skip_missing\nskip_missing("server", "none runs")\n'


@pytest.fixture
def sample_tests(tmp_path):
    shutil.copy(Path(conftest.__file__), tmp_path / "conftest.py")
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run_pytest(folder, *arguments, **environment):
    # without the plugins of others, which take seconds to import
    others = ("cacheprovider", "schemathesis", "zarr", "faker", "anyio", "hypothesispytest")
    off = [word for name in others for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", *off, *arguments]
    for name in list(os.environ):  # this test may itself run under xdist
        if name.startswith(("PYTEST_", "COV_")):
            environment.setdefault(name, None)
    return run(command, folder, **environment)


def test_missing_things_are_skips_on_a_developers_machine(sample_tests):
    (sample_tests / "test_at_collection.py").write_text(AT_COLLECTION)
    done = run_pytest(sample_tests, "-rs", CI=None, MRIOCARBON_DATA=None)
    assert done.returncode == 0, done.stdout
    assert "4 skipped" in done.stdout
    assert "missing data folder: MRIOCARBON_DATA is not set" in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
@pytest.mark.parametrize("data", [None, "no-such-folder"])
def test_missing_things_are_failures_in_ci(sample_tests, workers, data):
    done = run_pytest(sample_tests, *workers, CI="true", MRIOCARBON_DATA=data)
    assert done.returncode == 1, done.stdout
    # the ordinary skip stays a skip; whether a setup skip counts as failed or error is pytest's
    assert "1 skipped" in done.stdout
    assert "1 failed" in done.stdout and "1 error" in done.stdout
    assert "missing data folder" in done.stdout
    assert "missing browser: no chromium here" in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_file_skipped_while_it_is_read_fails_in_ci(sample_tests, workers):
    (sample_tests / "test_sample.py").unlink()
    (sample_tests / "test_at_collection.py").write_text(AT_COLLECTION)
    done = run_pytest(sample_tests, *workers, CI="true")
    assert done.returncode not in (0, 5), done.stdout
    assert "missing server: none runs" in done.stdout


def test_ci_passes_where_nothing_is_missing(sample_tests):
    (sample_tests / "test_sample.py").write_text("def test_data(data_folder):\n    pass\n")
    done = run_pytest(sample_tests, CI="true", MRIOCARBON_DATA=str(sample_tests))
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_an_unknown_kind_of_missing_thing_is_an_error():
    with pytest.raises(ValueError, match="data folder, browser, server"):
        conftest.skip_missing("moon", "not up")


# ---------------------------------------------------------------------------- README


def fenced_blocks(text: str, *languages: str) -> list[str]:
    pattern = rf"^```(?:{'|'.join(languages)})[^\n]*\n(.*?)^```"
    return re.findall(pattern, text, flags=re.MULTILINE | re.DOTALL)


def shell_commands(block: str) -> list[str]:
    """The commands of one block: without prompts, comments and what a console answered."""
    joined = re.sub(r"\\\n\s*", "", block)
    lines = [line.strip() for line in joined.splitlines()]
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:].strip() for line in lines if line.startswith("$ ")]
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in lines]
    return [line for line in lines if line]


def is_ours(command: str) -> bool:
    return re.match(r"(\S*/)?mriocarbon(\s|$)", command) is not None


README_PATH = ROOT / "README.md"
README = README_PATH.read_text(encoding="utf-8") if README_PATH.exists() else ""
SHELL_BLOCKS = [
    shell_commands(block) for block in fenced_blocks(README, "sh", "bash", "console", "shell")
]
COMMANDS = [command for block in SHELL_BLOCKS for command in block]
PYTHON_BLOCKS = [b for b in fenced_blocks(README, "python") if ">>>" not in b]
OWN_BLOCKS = [ours for block in SHELL_BLOCKS if (ours := [c for c in block if is_ours(c)])]
# What the README may tell a reader to type besides our own command and make: getting the
# repository and installing the package. A word that is not here is not checked by anything.
UNCHECKED = {"git", "cd", "pip", "python", "python3", "python3.11", "export", "apt-get", "sudo"}


def test_readers_of_the_readme_get_commands():
    assert README_PATH.exists()
    assert any(block[0].startswith(QUICK) for block in OWN_BLOCKS)
    assert {"make reproduce", "make test"} <= {" ".join(c.split()[:2]) for c in COMMANDS}


def test_shell_commands_are_read_right():
    block = "$ make test  # all\nfine\n$ mriocarbon reproduce 2022 \\\n    --out x\n"
    assert shell_commands(block) == ["make test", "mriocarbon reproduce 2022 --out x"]
    assert shell_commands("# first\nmake test\n\nx#y") == ["make test", "x#y"]
    assert is_ours(".venv/bin/mriocarbon --help") and not is_ours("mriocarbonate")


def test_readme_commands_are_all_of_a_kind_that_is_checked():
    first_words = {c.split()[0] for c in COMMANDS if not is_ours(c)}
    assert first_words <= UNCHECKED | {"make"}


def test_readme_make_targets_exist():
    for command in COMMANDS:
        if command.split()[0] == "make":
            asked = {word for word in command.split()[1:] if "=" not in word and word[0] != "-"}
            assert asked <= TARGETS, command


def with_scripts() -> dict[str, str]:
    """This environment's `mriocarbon` first on the PATH."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


# One block is run by `make test`, all by `make slow`; that every command and option of the README
# exists is looked up in test_docs.py, and each command has tests of its own in tests/cli.
QUICK = "mriocarbon paths "


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, marks=() if block[0].startswith(QUICK) else pytest.mark.slow)
        for block in OWN_BLOCKS
    ],
    ids=lambda block: block[0],
)
def test_readme_commands_run(block, tmp_path):
    """The commands of one block share a folder, as for someone who types them in a row."""
    for command in block:
        if "MRIOCARBON_DATA" in command:
            conftest.find_data_folder()
        own = re.sub(r"^\S*mriocarbon", "mriocarbon", command)
        done = run(["bash", "-c", own], tmp_path, timeout=300, **with_scripts())
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.skipif(not PYTHON_BLOCKS, reason="no Python in the README")
def test_readme_python_runs(tmp_path):
    """All Python blocks in order, in one session: later ones may use what earlier ones made."""
    (tmp_path / "readme.py").write_text("\n\n".join(PYTHON_BLOCKS), encoding="utf-8")
    done = run([sys.executable, "readme.py"], tmp_path, timeout=300, **with_scripts())
    assert done.returncode == 0, done.stderr[-3000:]


# ---------------------------------------------------------------------------- wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = run([*command, str(ROOT)], out, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (path,) = out.glob("*.whl")
    return path


def test_wheel_is_small_and_holds_the_package_and_nothing_else(wheel):
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mriocarbon").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"mriocarbon/py.typed", "mriocarbon/datasets/embedded/manifest.json"} <= package
    assert wheel_faults(wheel, package) == []


@pytest.mark.parametrize("room", ["build", "datasets/embedded", "report/templates", "data"])
def test_git_ignores_no_source(room):
    """`mriocarbon/build` is a room of the package: a pattern `build/` would lose it."""
    path = f"mriocarbon/{room}/x.json"
    done = run(["git", "check-ignore", "--no-index", path], ROOT)
    assert done.returncode == 1, f"git ignores {path}"


def test_a_clone_on_windows_keeps_the_embedded_files_as_they_are():
    """There git changes line ends by default; what is embedded is checked byte by byte."""
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", "archive", "--format=tar",
         "HEAD", "mriocarbon"],
        cwd=ROOT, capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as files:
        members = [one for one in files.getmembers() if one.name.endswith((".csv", ".json", ".py"))]
        assert len(members) > 500
        for one in members:
            content = files.extractfile(one)
            assert content is not None and b"\r\n" not in content.read(), one.name


def test_the_citation_is_of_this_version():
    import yaml

    import mriocarbon
    from mriocarbon.model.citation import TITLE

    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert told["version"] == mriocarbon.__version__ and told["license"] == "Apache-2.0"
    assert {"cff-version", "message", "title", "authors"} <= set(told)
    assert told["title"] == TITLE  # of result.cite()
