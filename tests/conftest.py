"""What all tests share: the data folder, the browser, and the rule on skips in CI.

A test that cannot run because something outside the repository is missing calls
`skip_missing(kind, why)`. On a developer's machine that is a skip; with ``CI=true`` it is
a failure, so that a green run never hides a test that did not run.
"""

import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest

# Two test processes on two cores: threads inside each would only get in each other's way.
# Set here because conftest is read before any test imports numpy or jax.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(_name, "1")
# JAX on the CPU unless a test asks for the GPU. Without JAX's plugin there is none to ask for.
_GPU = any(find_spec(name) for name in ("jax_cuda12_plugin", "jax_cuda13_plugin"))
os.environ.setdefault("JAX_PLATFORMS", "cpu,cuda" if _GPU else "cpu")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # several test processes share it
os.environ.setdefault("MPLBACKEND", "Agg")

# A run in the background of a shell has SIGINT ignored, and hands that on to every process that
# the tests begin and break off.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

MISSING_KINDS = ("data folder", "browser", "server")
_MARK = "missing {kind}: "
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def in_ci() -> bool:
    """Whether the environment says that this is a CI run."""
    return os.environ.get("CI", "").strip().lower() in {"true", "1", "yes"}


def skip_missing(kind: str, why: str) -> NoReturn:
    """Skip a test (or, at module level, a file) for want of something outside the repository.

    Parameters
    ----------
    kind
        One of `MISSING_KINDS`.
    why
        What was looked for and how to provide it.
    """
    if kind not in MISSING_KINDS:
        raise ValueError(f"unknown kind {kind!r}: use one of {', '.join(MISSING_KINDS)}")
    pytest.skip(_MARK.format(kind=kind) + why, allow_module_level=True)


def _is_missing(reason: str) -> bool:
    reason = reason.removeprefix("Skipped: ")
    return any(reason.startswith(_MARK.format(kind=kind)) for kind in MISSING_KINDS)


def _fail_if_missing(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip for something missing into a failure, in CI only."""
    if not (in_ci() and report.skipped and isinstance(report.longrepr, tuple)):
        return
    path, line, reason = report.longrepr
    if _is_missing(reason):
        report.outcome = "failed"
        report.longrepr = f"{path}:{line}: with CI=true this may not be skipped. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    _fail_if_missing(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    _fail_if_missing(report)
    return report


def find_data_folder() -> Path:
    """The folder named by ``MRIOCARBON_DATA``, absolute; skips where there is none."""
    named = os.environ.get("MRIOCARBON_DATA", "").strip()
    if not named:
        skip_missing("data folder", "MRIOCARBON_DATA is not set; name the folder of source data")
    folder = Path(named).expanduser().resolve()
    if not folder.is_dir():
        skip_missing("data folder", f"MRIOCARBON_DATA names {folder}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of source data (``MRIOCARBON_DATA``)."""
    return find_data_folder()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium that can take screenshots without a display (``CHROMIUM`` overrides)."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *BROWSERS)):
        if found := shutil.which(name):
            return Path(found)
    skip_missing("browser", f"none of {', '.join(BROWSERS)} on the PATH; install chromium")


hypothesis.settings.register_profile("local", deadline=None, max_examples=60)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
hypothesis.settings.load_profile("ci" if in_ci() else "local")
