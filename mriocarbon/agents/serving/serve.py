"""Start vLLM's server, wait until it answers, and end it: all that it started and nothing else.

It does not outlive us: `watch` ends it when this process is gone without having done so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mriocarbon.agents.serving.families import Model, look
from mriocarbon.agents.serving.install import Environment, Progress, clean, last
from mriocarbon.agents.serving.models import INSIDE
from mriocarbon.config import cache_folder, llm_endpoint
from mriocarbon.errors import DataFileError, InputError, MemoryLimitError, NotAvailableError

HOST = "127.0.0.1"
OURS = "plain_json"
# GiB that a server of a model needs on the CPU: measured 2.6 with the random model, 7 with the
# 1.5B one (2.2 GB of weights). The weights are held twice while they are packed.
BASE_GIB, WEIGHTS_TIMES = 2.5, 2.0
# A schema holds a model to its form only if white space is not free: else it may write blanks
# until the reply is cut.
STRUCTURED = '{"backend":"xgrammar","disable_any_whitespace":true}'
# What vLLM takes for the highest rank of an adapter.
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
PATIENCE = 15.0
"""Seconds that a server has to end after it was asked to."""


@dataclass(frozen=True)
class Launch:
    """A server to be started: its command, and the variables that it needs beside ours.

    Attributes
    ----------
    model : Model
    command : tuple of str
    variables : dict of str to str
        Those that are set for it; what the user has set already is kept.
    parser : str
        Of tool calls.
    port : int
    """

    model: Model
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)  # may hold a key
    parser: str
    port: int

    @property
    def url(self) -> str:
        """Base address of its API."""
        return f"http://{HOST}:{self.port}/v1"

    def line(self) -> str:
        """Return it as one line for a shell; a key is not shown."""
        shown = {k: "..." if "KEY" in k else v for k, v in self.variables.items()}
        pairs = [f"{name}={shlex.quote(value)}" for name, value in sorted(shown.items())]
        return " ".join([*pairs, *map(shlex.quote, self.command)])


def adapters(given: Sequence[str]) -> dict[str, tuple[Path, int]]:
    """Return path and rank of every adapter, from ``NAME=PATH``.

    Raises
    ------
    InputError
        Not NAME=PATH, or a name twice.
    DataFileError
        The folder holds no adapter.
    """
    found: dict[str, tuple[Path, int]] = {}
    for one in given:
        name, _, path = one.partition("=")
        if not name or not path or name in found:
            raise InputError(
                f"{one!r} is not NAME=FOLDER, or its name is there twice", where="--lora",
                do="such as --lora carbon=adapters/carbon",
            )  # fmt: skip
        folder = Path(path).expanduser().resolve()
        try:
            config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
            rank = int(config["r"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
            raise DataFileError(
                "this folder holds no LoRA adapter (adapter_config.json with its rank r)",
                where=str(folder), do="name the folder that the training wrote",
            ) from error  # fmt: skip
        if not 1 <= rank <= RANKS[-1]:
            raise InputError(f"an adapter of rank {rank} is not served", where=str(folder),
                             do=f"train one of rank 1 to {RANKS[-1]}")  # fmt: skip
        found[name] = (folder, rank)
    return found


def launch(
    model: str,
    environment: Environment,
    *,
    port: int = 8000,
    lora: Sequence[str] = (),
    tensor_parallel: int = 1,
    tool_parser: str | None = None,
    max_model_len: int = 8192,
) -> Launch:
    """Put the command together; nothing is started and no port is touched.

    Parameters
    ----------
    model : str
        A folder, or OWNER/NAME at Hugging Face.
    environment : Environment
    port : int
    lora : sequence of str
        ``NAME=FOLDER`` of adapters; each is served as a model of that name.
    tensor_parallel : int
        Over how many GPUs the model is spread.
    tool_parser : str, optional
        By the model's family by default (`families.FAMILIES`).
    max_model_len : int
        Longest context, question and answer together, tokens.

    Raises
    ------
    InputError, DataFileError
        The model, an adapter or a number is wrong.
    """
    looked = look(model)
    if not 1 <= port <= 65535:
        raise InputError(f"{port} is no port", where="--port", do="choose 1024 to 65535")
    if tensor_parallel < 1 or max_model_len < 1:
        raise InputError("at least 1 is needed", where="--tensor-parallel or --max-model-len",
                         do="leave the option out")  # fmt: skip
    if tensor_parallel > 1 and environment.kind == "cpu":
        raise InputError(
            "a model is spread over GPUs, and this environment is for the CPU",
            where="--tensor-parallel", do="leave the option out, or install with --gpu",
        )  # fmt: skip
    if looked.context is not None and max_model_len > looked.context:
        raise InputError(
            f"the model reads at most {looked.context} tokens", where="--max-model-len",
            do=f"ask for {looked.context} or fewer",
        )  # fmt: skip
    parser = tool_parser or looked.family.parser
    command = [
        str(environment.python), "-m", "vllm.entrypoints.openai.api_server",
        "--model", looked.path, "--served-model-name", looked.name,
        "--host", HOST, "--port", str(port), "--max-model-len", str(max_model_len),
        "--enable-auto-tool-choice", "--tool-call-parser", parser,
        "--structured-outputs-config", STRUCTURED,
    ]  # fmt: skip
    if parser == OURS:
        command += ["--tool-parser-plugin", str(INSIDE / "plain_json.py")]
    if tensor_parallel > 1:
        command += ["--tensor-parallel-size", str(tensor_parallel)]
    if lora:
        found = adapters(lora)
        highest = max(rank for _, rank in found.values())
        command += [
            "--enable-lora", "--max-loras", str(len(found)),
            "--max-lora-rank", str(next(rank for rank in RANKS if rank >= highest)),
            "--lora-modules", *(f"{name}={folder}" for name, (folder, _) in found.items()),
        ]  # fmt: skip
    variables = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if looked.weights is not None:
        variables["HF_HUB_OFFLINE"] = "1"
    if environment.kind == "cpu":
        command.append("--enforce-eager")  # compiling costs minutes and a compiler
        variables |= {
            "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB, whole numbers only
            "VLLM_CPU_OMP_THREADS_BIND": "nobind",
            "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))),
        }
    variables = {name: os.environ.get(name, value) for name, value in variables.items()}
    endpoint = llm_endpoint()
    if endpoint is not None and endpoint.key:
        variables["VLLM_API_KEY"] = endpoint.key  # not an argument: those can be seen by everyone
    return Launch(looked, tuple(command), variables, parser, port)


def check_port(port: int) -> None:
    """Raise NotAvailableError if a port is taken or not ours to take."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise NotAvailableError(
                f"port {port} cannot be taken: {error.strerror}", where=f"{HOST}:{port}",
                do="end what listens there, or choose another one with --port",
            ) from error  # fmt: skip


def check_memory(planned: Launch, free: int | None = None) -> None:
    """Raise MemoryLimitError if a model for the CPU would not fit into the free memory.

    Parameters
    ----------
    planned : Launch
    free : int, optional
        Bytes; what the system says is available by default.
    """
    if planned.model.weights is None or "VLLM_CPU_KVCACHE_SPACE" not in planned.variables:
        return
    free = _available() if free is None else free
    cache = float(planned.variables["VLLM_CPU_KVCACHE_SPACE"])
    wanted = (BASE_GIB + cache) * 2**30 + WEIGHTS_TIMES * planned.model.weights
    if free is not None and wanted > free:
        raise MemoryLimitError(
            f"the server would need about {wanted / 2**30:.1f} GiB of memory, and "
            f"{free / 2**30:.1f} GiB are free", where=planned.model.path,
            do="end other programs, or serve a smaller model",
        )  # fmt: skip


def _available() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:  # pragma: no cover - not Linux
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, flags=re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def log_of(port: int) -> Path:
    """Where what the server says is written."""
    return cache_folder() / "llm" / "log" / f"serve-{port}.log"


@contextmanager
def serving(
    planned: Launch, *, log: Path | None = None, wait: float = 600.0,
    progress: Progress | None = None,
) -> Iterator[subprocess.Popen[bytes]]:  # fmt: skip
    """Run the server while the block runs; it answers when the block begins.

    Parameters
    ----------
    planned : Launch
    log : Path, optional
        What it says goes there; `log_of` the port by default.
    wait : float
        Seconds that it may take to start.
    progress : callable, optional
        Told the steps.

    Yields
    ------
    subprocess.Popen
        The leader of a process group of its own, so that Ctrl-C reaches it through us alone.

    Raises
    ------
    NotAvailableError
        The port is taken.
    MemoryLimitError
        The memory is too small; nothing was begun.
    DataFileError
        It ended before it answered, with the last that it said; or it took too long.
    """
    check_port(planned.port)
    check_memory(planned)
    log = log or log_of(planned.port)
    log.parent.mkdir(parents=True, exist_ok=True)
    (progress or (lambda step: None))(f"starting {planned.model.name}; its log: {log}")
    with _watched() as watch:
        with log.open("wb") as target:
            process = subprocess.Popen(
                planned.command, env=clean() | dict(planned.variables), stdin=subprocess.DEVNULL,
                stdout=target, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            watch(process.pid)
            _await(planned, process, log, wait)
            yield process
        finally:
            end(process)


@contextmanager
def _watched() -> Iterator[Callable[[int], None]]:
    """Have a process of its own wait for our end; yield what tells it the group to end then."""
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).with_name("watch.py")), str(PATIENCE)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        start_new_session=True,
    )  # fmt: skip
    life = watcher.stdin
    assert life is not None

    def watch(group: int) -> None:
        life.write(f"{group}\n".encode())
        life.flush()

    try:
        yield watch
    finally:
        watcher.kill()  # before its line of life closes: there is nothing left to end
        watcher.wait()
        life.close()


def _await(planned: Launch, process: subprocess.Popen[bytes], log: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while not healthy(planned.port):
        if process.poll() is not None or time.monotonic() > until:
            why = "ended before it answered" if process.poll() is not None else (
                f"did not answer within {wait:g} s"
            )  # fmt: skip
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            told = [line for line in lines if re.search(r"Error|error:|Killed", line)]
            raise DataFileError(
                f"the server {why}: {last(told or lines, 2)}", where=str(log),
                do="read the log; a smaller --max-model-len needs less memory",
            )  # fmt: skip
        time.sleep(0.25)


def healthy(port: int) -> bool:
    """Tell whether a server answers at a port."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def end(process: subprocess.Popen[bytes], *, patience: float = PATIENCE) -> None:
    """End a process and all of its group: asked first, then told, then killed."""
    group = process.pid  # its leader: it began the session
    for sign in (signal.SIGINT, signal.SIGTERM):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    # its workers may be left, or it may not have listened
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    process.wait()
