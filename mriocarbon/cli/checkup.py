"""What works on this machine and what is missing: one line for each thing, and what to do.

Nothing is changed but one file that is written and removed in each folder that must take files.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import mriocarbon
from mriocarbon.config import Endpoint, cache_folder, data_folder, llm_endpoint
from mriocarbon.errors import MriocarbonError
from mriocarbon.model.memory import size

if TYPE_CHECKING:
    from packaging.requirements import Requirement

OK, MISSING, WRONG = "OK", "MISSING", "WRONG"
OLDEST = (3, 11)
LEAST_MEMORY = 2.0  # GiB for the accounts of 2022
LEAST_SPACE = 20 * 2**20  # bytes: a report takes 3 MB, and the former stands until the new is there
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 1.5  # for an endpoint to answer


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    group, name : str
    state : {"OK", "MISSING", "WRONG"}
        MISSING is not there; WRONG is there and does not work.
    found : str
    do : str
        What to do about it; empty where nothing is to be done.
    needed : bool
        Whether ``mriocarbon reproduce 2022`` and the accounts need it.

    Examples
    --------
    >>> Check("python", "Python", "OK", "3.11.7").hurts
    False
    """

    group: str
    name: str
    state: str
    found: str
    do: str = ""
    needed: bool = False

    @property
    def hurts(self) -> bool:
        """True if the main job cannot be done for it."""
        return self.needed and self.state != OK


def checkup(*, probe: bool = True) -> list[Check]:
    """Look at everything; `probe` asks the language model's endpoint, if one is named.

    Examples
    --------
    >>> found = checkup(probe=False)
    >>> {one.name: one.state for one in found}["embedded data"]
    'OK'
    """
    return [
        *_python(), *_packages(), *_numbers(), *_data(), *_machine(), *_model(probe=probe),
    ]  # fmt: skip


def requirements() -> dict[str, list[Requirement]]:
    """Return what each extra wants, "" for the core.

    From pyproject.toml where the program runs from its source: there the metadata tell of the
    day it was installed.
    """
    from packaging.requirements import Requirement

    project = Path(mriocarbon.__file__).parents[1] / "pyproject.toml"
    found: dict[str, list[Requirement]] = {"": []}
    try:
        told = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        told = {}
    if told.get("name") == "mriocarbon":
        found[""] = [Requirement(text) for text in told["dependencies"]]
        for extra, texts in told["optional-dependencies"].items():
            found[extra] = [Requirement(text) for text in texts]
        return found
    meta = importlib.metadata.metadata("mriocarbon")
    extras = meta.get_all("Provides-Extra") or []
    for text in importlib.metadata.requires("mriocarbon") or []:
        one = Requirement(text)
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            found[""].append(one)
            continue
        for extra in extras:
            if one.marker.evaluate({"extra": extra}):
                found.setdefault(extra, []).append(one)
    return found


def _python() -> Iterator[Check]:
    version = platform.python_version()
    good = sys.version_info >= OLDEST
    oldest = ".".join(map(str, OLDEST))
    yield Check(
        "program", "Python", OK if good else WRONG, f"{version}, {sys.executable}",
        "" if good else f"install Python {oldest} or newer", needed=True,
    )  # fmt: skip
    yield Check("program", "mriocarbon", OK, f"{mriocarbon.__version__}, {_home()}")


def _home() -> Path:
    return Path(mriocarbon.__file__).parent


def _packages() -> Iterator[Check]:
    for extra, wanted in requirements().items():
        here = [
            one for one in wanted if one.marker is None or one.marker.evaluate({"extra": extra})
        ]
        lacking, old, there = [], [], []
        for one in here:
            state, version = _installed(one)
            if state == MISSING:
                lacking.append(str(one).partition(";")[0].strip())
            elif state == WRONG:
                old.append(f"{one.name} {version} (wants {one.specifier})")
            else:
                there.append(f"{one.name} {version}")
        name = f"[{extra}]" if extra else "packages"
        pip = f'pip install "mriocarbon[{extra}]"' if extra else 'pip install "mriocarbon"'
        if Path(_home().parent, "pyproject.toml").is_file():
            pip = pip.replace("mriocarbon", str(_home().parent), 1)
        if lacking or old:
            said = [*(["not installed: " + ", ".join(lacking)] if lacking else []),
                    *(["too old: " + ", ".join(old)] if old else [])]  # fmt: skip
            yield Check(
                "packages", name, WRONG if old else MISSING, "; ".join(said), pip,
                needed=not extra,
            )  # fmt: skip
        elif not here:
            yield Check("packages", name, OK, "nothing to be had for this system")
        else:
            most = f"{len(there)} packages" if not extra else ", ".join(there)
            yield Check("packages", name, OK, most, needed=not extra)


def _installed(wanted: Requirement) -> tuple[str, str]:
    """Return state and version of one requirement, the extras that it names among it."""
    from packaging.requirements import Requirement

    version = _version(wanted.name)
    if not version:
        return MISSING, ""
    if not wanted.specifier.contains(version, prereleases=True):
        return WRONG, version
    for text in importlib.metadata.requires(wanted.name) or [] if wanted.extras else []:
        marker = (one := Requirement(text)).marker
        asked = marker is not None and any(marker.evaluate({"extra": e}) for e in wanted.extras)
        always = marker is None or marker.evaluate({"extra": ""})
        if asked and not always and not _version(one.name):
            return MISSING, version
    return OK, version


def _version(name: str) -> str:
    """Return the version of an installed package, empty if it is not there."""
    found = _folders().get(re.sub(r"[-_.]+", "-", name).lower(), "")
    if found:
        return found
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def _folders() -> dict[str, str]:
    """Return name and version of what is installed, from the names of the folders.

    To read the metadata of a hundred packages takes longer than all the rest.
    """
    known: dict[str, str] = {}
    for place in sys.path:
        for path in Path(place or ".").glob("*.dist-info"):
            name, dash, version = path.name.removesuffix(".dist-info").partition("-")
            if dash:
                known.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return known


def _numbers() -> Iterator[Check]:
    """Compute a little: some builds of BLAS are wrong on some processors, and say nothing."""
    try:
        import numpy as np
        from threadpoolctl import threadpool_info  # type: ignore[import-untyped]
    except ImportError as error:
        yield Check(
            "numbers", "linear algebra", MISSING, str(error), "install the packages", needed=True
        )
        return
    rng = np.random.default_rng(0)
    M = rng.random((300, 300)) + 300 * np.eye(300)
    exact = np.arange(1.0, 301.0)
    off = float(np.abs(np.linalg.solve(M, M @ exact) / exact - 1).max())
    pools = threadpool_info()
    said = "; ".join(
        f"{p['internal_api']} {p.get('version') or ''} for {p.get('architecture') or 'any'}"
        f" on {p['num_threads']} threads" for p in pools if p.get("user_api") == "blas"
    )  # fmt: skip
    good = off < 1e-11
    yield Check(
        "numbers", "linear algebra", OK if good else WRONG,
        f"{said or 'a BLAS that does not say its name'}; error {off:.1g}",
        "" if good else "set OPENBLAS_CORETYPE=HASWELL, or install numpy anew", needed=True,
    )  # fmt: skip
    cores = _cores()
    most = max((int(p["num_threads"]) for p in pools), default=1)
    yield Check(
        "numbers",
        "threads",
        OK if most <= cores else WRONG,
        f"{most} threads on {cores} cores",
        "" if most <= cores else f"set OMP_NUM_THREADS={cores} and OPENBLAS_NUM_THREADS={cores}",
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _data() -> Iterator[Check]:
    from mriocarbon.datasets.catalogue import catalogue, verified

    try:
        items = catalogue()
        for item in items:
            verified(item.file)
        size = sum(item.bytes for item in items)
        said = f"{len(items)} files, {size / 1e6:.1f} MB, every sha256 as recorded"
        yield Check("data", "embedded data", OK, said, needed=True)
    except MriocarbonError as error:
        one = getattr(error, "what", str(error))
        yield Check("data", "embedded data", WRONG, one, getattr(error, "do", ""), needed=True)
    folder = data_folder()
    if folder is None:
        yield Check(
            "data", "data folder", MISSING, "MRIOCARBON_DATA is not set",
            "set it to the folder of source data, for the 4,050 sectors of --detail full",
        )  # fmt: skip
    elif not folder.is_dir():
        yield Check(
            "data", "data folder", WRONG, f"{folder} is no folder", "correct MRIOCARBON_DATA"
        )
    else:
        yield Check("data", "data folder", OK, f"{folder}, {len(list(folder.iterdir()))} entries")
    yield _folder("cache", cache_folder(), "set MRIOCARBON_CACHE to a folder of your own")
    here = "go to a folder of your own, or name one in --out"
    try:
        yield _folder("current folder", Path.cwd(), here)
    except FileNotFoundError:  # removed while a shell stood in it
        yield Check("data", "current folder", WRONG, "it is gone", here)
    yield _folder(
        "temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to a folder of your own",
        needed=True,
    )  # fmt: skip


def _folder(name: str, folder: Path, do: str, *, needed: bool = False) -> Check:
    """Try to write into a folder, or into the nearest that exists above one that does not."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
        free = shutil.disk_usage(place).free
    except OSError as error:
        said = f"{folder} cannot be written to: {error.strerror or error}"
        return Check("data", name, WRONG, said, do, needed=needed)
    if free < LEAST_SPACE:
        said = f"{folder}, {size(free)} free: a report takes some {size(LEAST_SPACE)}"
        return Check("data", name, WRONG, said, f"make room, or {do}", needed=needed)
    made = "" if place == folder.absolute() else ", made when needed"
    return Check("data", name, OK, f"{folder}, {size(free)} free{made}", needed=needed)


def _machine() -> Iterator[Check]:
    from mriocarbon.model.memory import available

    memory = available() / 2**30
    good = memory >= LEAST_MEMORY
    yield Check(
        "machine", "memory", OK if good else WRONG, f"{memory:.1f} GiB free",
        "" if good else f"free some: the accounts of 2022 take about {LEAST_MEMORY:.0f} GiB",
    )  # fmt: skip
    yield Check("machine", "processor", OK, f"{_cores()} cores, {platform.machine()}")
    named = os.environ.get("CHROMIUM", "")
    browser = next(filter(None, map(shutil.which, (*([named] if named else []), *BROWSERS))), None)
    if browser:
        yield Check("machine", "browser", OK, browser)
    else:
        yield Check(
            "machine", "browser", MISSING, "no Chromium on the PATH",
            "nothing, unless you run the tests of the pages: install chromium. Reports open in"
            " any browser",
        )  # fmt: skip


def _model(*, probe: bool) -> Iterator[Check]:
    from mriocarbon.agents.serving import install

    try:
        found = install.find()
        said = f"vLLM {found.vllm} for {found.kind.upper()}, {found.folder}"
        yield Check("language model", "vLLM", OK, said)
    except MriocarbonError as error:
        state = MISSING if "not there" in error.what else WRONG
        yield Check("language model", "vLLM", state, f"{error.what}: {error.where}", error.do)
    endpoint = llm_endpoint()
    if endpoint is None:
        yield Check(
            "language model", "endpoint", MISSING, "MRIOCARBON_LLM is not set",
            "for `mriocarbon ask`: name an endpoint in it, or start one: mriocarbon llm serve",
        )  # fmt: skip
    elif not probe:
        yield Check("language model", "endpoint", OK, f"{endpoint.url}, not asked")
    else:
        yield _endpoint(endpoint)


def _endpoint(endpoint: Endpoint) -> Check:
    """Ask for the list of models, for a short time: a question would take the model's own time."""
    import httpx

    def failed(said: str) -> Check:
        do = (
            "start it, or correct MRIOCARBON_LLM and MRIOCARBON_LLM_KEY; then mriocarbon llm status"
        )
        return Check("language model", "endpoint", WRONG, f"{endpoint.url}: {said}", do)

    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    began = time.monotonic()
    try:
        reply = httpx.get(f"{endpoint.url}/models", headers=headers, timeout=SECONDS)
        reply.raise_for_status()
        models = [str(one["id"]) for one in reply.json()["data"]]
    except httpx.HTTPStatusError as error:
        return failed(f"answers with status {error.response.status_code}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return failed(f"does not answer ({type(error).__name__})")
    except (ValueError, KeyError, TypeError):
        return failed("is no OpenAI-compatible API: its list of models is none")
    if endpoint.model and endpoint.model not in models:
        return failed(f"serves {', '.join(models) or 'nothing'}, not {endpoint.model}")
    took = time.monotonic() - began
    return Check(
        "language model", "endpoint", OK, f"{endpoint.url} serves {', '.join(models)}, {took:.2f} s"
    )
