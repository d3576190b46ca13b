"""The command of the server, what is refused before it starts, and its end (no vLLM here)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mriocarbon.agents.serving import serve as serving
from mriocarbon.agents.serving.families import FAMILIES, OTHER, family, look
from mriocarbon.agents.serving.install import Environment
from mriocarbon.errors import DataFileError, InputError, MemoryLimitError, NotAvailableError


@pytest.fixture(autouse=True)
def no_setting(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("MRIOCARBON_LLM", "VLLM_", "HF_HUB")) or name == "OMP_NUM_THREADS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))


def environment(kind="cpu", folder=Path("/nowhere/venv")):
    return Environment(folder, kind, "0.32.0", "0" * 64, 1.0)


@pytest.fixture
def folder(tmp_path):
    """A folder that looks like a model's."""
    made = tmp_path / "Qwen2.5-7B-Instruct"
    made.mkdir()
    config = {"architectures": ["Qwen2ForCausalLM"], "max_position_embeddings": 32768}
    (made / "config.json").write_text(json.dumps(config))
    (made / "model.safetensors").write_bytes(b"0" * 1000)
    (made / "tokenizer.json").write_text("{}")
    return made


def option(planned, name):
    return planned.command[planned.command.index(name) + 1]


def test_the_command(folder):
    planned = serving.launch(str(folder), environment(), port=8123)
    assert planned.command[:3] == (
        "/nowhere/venv/bin/python", "-m", "vllm.entrypoints.openai.api_server",
    )  # fmt: skip
    assert option(planned, "--host") == "127.0.0.1" and planned.url == "http://127.0.0.1:8123/v1"
    assert option(planned, "--model") == str(folder)
    assert option(planned, "--served-model-name") == folder.name
    assert option(planned, "--tool-call-parser") == "hermes"
    assert json.loads(option(planned, "--structured-outputs-config"))["disable_any_whitespace"]
    assert "--enforce-eager" in planned.command and "--enable-auto-tool-choice" in planned.command
    assert planned.variables["VLLM_CPU_KVCACHE_SPACE"] == "1"
    assert planned.variables["HF_HUB_OFFLINE"] == "1"
    assert int(planned.variables["OMP_NUM_THREADS"]) >= 1


def test_a_gpu_gets_no_settings_of_the_cpu(folder):
    planned = serving.launch(str(folder), environment("gpu"), tensor_parallel=4)
    assert option(planned, "--tensor-parallel-size") == "4"
    assert "--enforce-eager" not in planned.command
    assert not [name for name in planned.variables if "CPU" in name or "OMP" in name]
    with pytest.raises(InputError, match="for the CPU"):
        serving.launch(str(folder), environment("cpu"), tensor_parallel=2)


def test_what_the_user_set_is_kept(folder, monkeypatch):
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "4")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    variables = serving.launch(str(folder), environment()).variables
    assert variables["VLLM_CPU_KVCACHE_SPACE"] == "4" and variables["OMP_NUM_THREADS"] == "1"


def test_a_key_reaches_the_server_and_nothing_that_is_shown(folder, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_LLM", "http://127.0.0.1:8000/v1")
    monkeypatch.setenv("MRIOCARBON_LLM_KEY", "very-secret")
    planned = serving.launch(str(folder), environment())
    assert planned.variables["VLLM_API_KEY"] == "very-secret"
    assert "very-secret" not in planned.line() + repr(planned) + " ".join(planned.command)


@pytest.mark.parametrize(("name", "parser"), [
    ("Qwen/Qwen2.5-Coder-32B-Instruct", "plain_json"),
    ("Qwen2.5 Coder 1.5B Instruct GGUF", "plain_json"),
    ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen3_coder"),
    ("Qwen/Qwen3-32B", "hermes"),
    ("Qwen/Qwen2.5-32B-Instruct", "hermes"),
    ("Qwen/QwQ-32B", "hermes"),
    ("meta-llama/Llama-3.3-70B-Instruct", "llama3_json"),
    ("mistralai/Mistral-Small-3.2-24B-Instruct-2506", "mistral"),
    ("zai-org/GLM-4.5-Air", "glm45"),
    ("tiny", OTHER.parser),
])  # fmt: skip
def test_the_parser_follows_the_family(name, parser):
    assert family(name).parser == parser


def test_our_parser_goes_with_its_file(folder):
    (folder / "config.json").write_text(json.dumps(
        {"architectures": ["Qwen2ForCausalLM"], "_name_or_path": "Qwen2.5 Coder 1.5B Instruct"}
    ))  # fmt: skip
    moved = folder.rename(folder.with_name("small"))  # the folder's name says nothing
    planned = serving.launch(str(moved), environment())
    assert planned.parser == "plain_json"
    assert Path(option(planned, "--tool-parser-plugin")).name == "plain_json.py"
    assert Path(option(planned, "--tool-parser-plugin")).is_file()
    other = serving.launch(str(moved), environment(), tool_parser="hermes")
    assert option(other, "--tool-call-parser") == "hermes"
    assert "--tool-parser-plugin" not in other.command


def test_a_name_at_hugging_face_is_fetched_by_vllm(folder):
    planned = serving.launch("Qwen/Qwen3-32B", environment("gpu"))
    assert option(planned, "--model") == "Qwen/Qwen3-32B"
    assert "HF_HUB_OFFLINE" not in planned.variables
    assert planned.model.weights is None


@pytest.mark.parametrize(("gone", "says"), [
    ("config.json", "config.json"), ("model.safetensors", "weights"), ("tokenizer.json", "a tok"),
])  # fmt: skip
def test_a_folder_that_is_no_model_is_refused(folder, gone, says):
    (folder / gone).unlink()
    with pytest.raises(DataFileError, match=rf"no model's folder: {says}"):
        look(str(folder))


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"architectures": []}'])
def test_a_broken_configuration_is_refused(folder, content):
    (folder / "config.json").write_text(content)
    with pytest.raises(DataFileError, match="configuration"):
        look(str(folder))


def test_a_model_that_is_not_there_is_refused(tmp_path):
    for name in ("no-such", str(tmp_path / "no" / "such"), "./a/b", "a/b/c"):
        with pytest.raises(InputError, match="there is no model"):
            look(name)


@pytest.mark.parametrize(("given", "says"), [
    ({"port": 0}, "no port"), ({"port": 70000}, "no port"),
    ({"max_model_len": 40000}, "at most 32768 tokens"), ({"max_model_len": 0}, "at least 1"),
    ({"tensor_parallel": 0}, "at least 1"), ({"lora": ["carbon"]}, "not NAME=FOLDER"),
    ({"lora": ["=x"]}, "not NAME=FOLDER"),
])  # fmt: skip
def test_numbers_that_cannot_be_are_refused(folder, given, says):
    with pytest.raises(InputError, match=says):
        serving.launch(str(folder), environment(), **given)


def test_adapters(folder, tmp_path):
    for name, rank in (("a", 12), ("b", 40)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_config.json").write_text(json.dumps({"r": rank}))
    planned = serving.launch(
        str(folder), environment(), lora=[f"one={tmp_path / 'a'}", f"two={tmp_path / 'b'}"]
    )
    assert option(planned, "--max-lora-rank") == "64" and option(planned, "--max-loras") == "2"
    at = planned.command.index("--lora-modules")
    assert planned.command[at + 1 : at + 3] == (
        f"one={tmp_path / 'a'}", f"two={tmp_path / 'b'}",
    )  # fmt: skip
    with pytest.raises(DataFileError, match="no LoRA adapter"):
        serving.launch(str(folder), environment(), lora=[f"x={folder}"])
    with pytest.raises(InputError, match="twice"):
        serving.launch(str(folder), environment(), lora=[f"x={tmp_path / 'a'}"] * 2)


def test_every_parser_of_the_table_is_one_word():
    assert all(one.parser.replace("_", "").isalnum() for one in (*FAMILIES, OTHER))


# ---------------------------------------------------------------------------- before it starts


def test_a_port_that_is_taken_is_refused_before_anything_starts(folder, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        planned = serving.launch(str(folder), environment(), port=port)
        with (
            pytest.raises(NotAvailableError, match=f"port {port} cannot be taken"),
            serving.serving(planned, log=tmp_path / "log"),
        ):
            pytest.fail("it was started")
    assert not (tmp_path / "log").exists()


def test_too_small_a_memory_is_refused(folder):
    planned = serving.launch(str(folder), environment())
    serving.check_memory(planned, 4 * 2**30)
    with pytest.raises(MemoryLimitError, match=r"about 3\.5 GiB"):
        serving.check_memory(planned, 3 * 2**30)
    serving.check_memory(serving.launch(str(folder), environment("gpu")), 0)  # not its memory


# ---------------------------------------------------------------------------- its life and end

# A stand-in for vLLM: a leader that answers /health and a worker of its own that will not listen.
STAND_IN = """
import http.server, os, signal, subprocess, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
if "--die" in os.environ.get("STAND_IN", ""):
    print("INFO fine so far"); print("ValueError: no such parser"); sys.exit(3)
worker = "import signal as s, time; [s.signal(n, s.SIG_IGN) for n in (2, 15)]; time.sleep(300)"
child = subprocess.Popen([sys.executable, "-c", worker])
open(os.environ["PIDS"], "w").write(f"{os.getpid()} {child.pid}")
if "--deaf" in os.environ.get("STAND_IN", ""):
    for s in (2, 15): signal.signal(s, signal.SIG_IGN)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404); self.end_headers()
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path, folder, monkeypatch):
    """A launch of the stand-in, and the file that its process numbers are written to."""
    venv = tmp_path / "venv" / "bin"
    venv.mkdir(parents=True)
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    (venv / "python").write_text(
        f'#!/bin/sh\nexec {sys.executable} {tmp_path / "stand_in.py"} "$@"\n'
    )
    (venv / "python").chmod(0o755)
    monkeypatch.setenv("PIDS", str(tmp_path / "pids"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    planned = serving.launch(str(folder), environment(folder=tmp_path / "venv"), port=port)
    return planned, tmp_path / "pids"


def alive(pid):
    """Whether a process runs (a zombie that nobody has waited for does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pids, seconds=5.0):
    until = time.monotonic() + seconds
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(alive(pid) for pid in pids)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize("deaf", [False, True])
def test_all_that_was_started_ends_and_nothing_else(stand_in, tmp_path, monkeypatch, deaf):
    planned, pids = stand_in
    monkeypatch.setenv("STAND_IN", "--deaf" if deaf else "")
    monkeypatch.setattr(serving.end, "__kwdefaults__", {"patience": 0.5})
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    try:
        with serving.serving(planned, log=tmp_path / "log", wait=60):
            started = [int(pid) for pid in pids.read_text().split()]
            assert serving.healthy(planned.port) and all(map(alive, started))
        assert gone(started)
        assert bystander.poll() is None
        assert not serving.healthy(planned.port)
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_dies_is_told_with_its_last_words(stand_in, tmp_path, monkeypatch):
    planned, _ = stand_in
    monkeypatch.setenv("STAND_IN", "--die")
    with (
        pytest.raises(DataFileError, match="ended before it answered: ValueError: no such parser"),
        serving.serving(planned, log=tmp_path / "log", wait=60),
    ):
        pytest.fail("it answered")


@pytest.fixture
def command(stand_in, tmp_path, folder):
    """`mriocarbon llm serve` with the stand-in; with it, the processes that it started."""
    planned, pids = stand_in
    venv = tmp_path / "venv"
    (venv / "mriocarbon-llm.json").write_text(json.dumps(
        {"state": "complete", "kind": "cpu", "vllm": "0", "lock": "0", "seconds": 1}
    ))  # fmt: skip
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-m", "mriocarbon.cli", "llm", "serve", "--model", str(folder),
         "--port", str(planned.port)],
        cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root), "MRIOCARBON_LLM_VENV": str(venv)},
    )  # fmt: skip
    started = []
    try:
        told = [process.stdout.readline() for _ in range(3)]
        assert told[2] == f"export MRIOCARBON_LLM={planned.url}\n", (told, process.stderr.read())
        started += [int(pid) for pid in pids.read_text().split()]
        yield process, started
    finally:
        with process:  # closes its pipes
            process.kill()
        for pid in started:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_command_line_forwards_the_signal(command, sign):
    process, started = command
    process.send_signal(sign)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0 and "ended" in rest and "Traceback" not in errors
    assert gone(started)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
def test_a_command_that_is_killed_leaves_no_server_behind(command):
    process, started = command
    assert all(map(alive, started))
    process.kill()
    process.wait()
    assert gone(started)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
def test_the_watch_kills_who_does_not_listen_and_ends_with_nothing_to_end():
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); "
    deaf += "time.sleep(300)"
    process = subprocess.Popen(
        [sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE
    )
    try:
        process.stdout.readline()
        for told in (f"{process.pid}\n".encode(), b""):
            watch = [sys.executable, str(Path(serving.__file__).with_name("watch.py")), "0.3"]
            subprocess.run(watch, input=told, check=True, timeout=30)
            assert process.wait(timeout=5) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
