"""Processes of their own with limited memory, time and environment, that end with their server."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import mriocarbon
from mriocarbon.errors import MemoryLimitError, MriocarbonError
from mriocarbon.service.problems import InternalError

log = logging.getLogger("mriocarbon.service")

_KEPT = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "LOCALAPPDATA", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "MPLCONFIGDIR",
    "MRIOCARBON_DATA", "MRIOCARBON_CACHE", "JAX_PLATFORMS", "NUMBA_CACHE_DIR",
    "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS", "NPY_DISABLE_CPU_FEATURES",
)  # fmt: skip
"""What such a process gets of the environment: no key, no token, no address of an endpoint.

The last line chooses the processor's kernels: where the default ones compute wrongly, a job has to
take those that the server was told to take, and then its figures are the same to the last digit.
"""
_FOLDERS = (
    "MRIOCARBON_DATA", "MRIOCARBON_CACHE", "XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR",
)  # fmt: skip
"""Those that name a folder: such a process runs elsewhere, so that they are given in full."""


def environment(given: Mapping[str, str], threads: int) -> dict[str, str]:
    """Return the environment of a confined process.

    Examples
    --------
    >>> made = environment({"PATH": "/bin", "SOME_API_KEY": "secret"}, 1)
    >>> made["PATH"], made["OMP_NUM_THREADS"], "SOME_API_KEY" in made
    ('/bin', '1', False)
    """
    kept = {name: given[name] for name in _KEPT if name in given}
    folders = [name for name in _FOLDERS if kept.get(name)]
    kept |= {name: str(Path(os.path.expanduser(kept[name])).absolute()) for name in folders}
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    package = str(Path(mriocarbon.__file__).resolve().parents[1])
    return {
        **kept, **dict.fromkeys(names, str(threads)), "PYTHONPATH": package, "MPLBACKEND": "Agg",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def start(
    module: str, arguments: Sequence[str], *, log: Path, threads: int = 1
) -> subprocess.Popen[bytes]:
    """Start a module of ours in a process group of its own; what it prints goes into `log`.

    Its standard input is a line of life: it is never written to, and closed when we end, however
    we end.
    """
    with log.open("wb") as out:
        return subprocess.Popen(
            # -P: a file named like a module, in whatever folder, is not imported
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE, stdout=out, stderr=out, cwd=tempfile.gettempdir(),
            env=environment(os.environ, threads), start_new_session=True,
        )  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that `start` began, with all that it began itself."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def died(process: subprocess.Popen[bytes], told: Path, what: str, where: str) -> MriocarbonError:
    """Return the error that says how a process ended that left neither a result nor a problem.

    What it wrote last is for our log alone: it may hold folders of this machine.

    Parameters
    ----------
    process : subprocess.Popen
        It has ended.
    told : Path
        Its log.
    what, where : str
        What it was, such as "the job's process", and of which job or file.
    """
    code, last = process.returncode, _last_line(told)
    log.error("%s (%s) ended with code %d: %s", what, where, code, ascii(last))
    ended = f"{what} ended by itself, with code {code}"
    # that is how the system takes memory back; other ends by a signal are faults
    if code == -getattr(signal, "SIGKILL", 9) or "MemoryError" in last.partition(":")[0]:
        return MemoryLimitError(
            ended, where=where, do="ask for less; most often there was not enough memory"
        )
    return InternalError(ended, where=where, do="report it; the server's log says more")


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""


NICE, NICE_AWAITED = 19, 5
"""How much such a process yields: who waits for a page goes first, who waits for it before jobs."""


def confine(memory: int, nice: int = NICE) -> None:
    """Limit the memory of this process in bytes, where the platform can, and its life.

    Address space is what is limited: an allocation above it fails with MemoryError, before the
    machine runs out.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError, OSError):
        os.nice(nice)
    _yield_as_session(nice)
    threading.Thread(target=_outlive_nobody, daemon=True).start()


def _yield_as_session(nice: int) -> None:
    """Let the session of this process yield, if it has one of its own.

    Linux shares a processor among sessions first, and niceness counts within one alone (sched(7),
    autogroup).
    """
    with contextlib.suppress(AttributeError, OSError):
        if os.getsid(0) != os.getpid():
            return
    for _ in range(5):
        try:
            Path("/proc/self/autogroup").write_text(str(nice))
            return
        except BlockingIOError:  # whoever is not root may do so ten times a second, all together
            time.sleep(0.1)
        except OSError:  # not Linux, or not allowed
            return


def _outlive_nobody() -> None:
    """End this process when the other end of its standard input is closed."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(0, 4096):
            pass
    os._exit(70)
