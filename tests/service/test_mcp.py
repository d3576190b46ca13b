"""The server of the Model Context Protocol, asked by the SDK's own client."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import pytest

pytest.importorskip("mcp")

from mcp import types
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from service.parts import certificate
from typer.testing import CliRunner

from mriocarbon import tools
from mriocarbon.cli.main import app as cli
from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.service import mcp as service
from mriocarbon.service import mcp_calls, mcp_text

COMMAND = [sys.executable, "-m", "mriocarbon.cli", "mcp"]
ASKED = {"regions": ["中国"], "principle": "production"}
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MRIOCARBON_DATA": ""}


def asked(work, server=None, mode="auto"):
    """Run a conversation with a server, in this process unless another one is given."""

    async def talk():
        with anyio.fail_after(120):
            async with Client(
                service.build_server() if server is None else server, mode=mode
            ) as one:
                try:
                    return await work(one)
                except MCPError as error:  # told outside of the groups of tasks
                    return error

    found = anyio.run(talk)
    if isinstance(found, MCPError):
        raise found
    return found


def text_of(result):
    return "\n".join(part.text for part in result.content)


def same_as_direct(result):
    """What came back is what the call in Python gives, to the last bit."""
    direct = tools.call("account", ASKED)
    assert not result.is_error
    assert tools.ToolResult.model_validate(result.structured_content) == direct
    assert result.meta["mriocarbon/digest"] == direct.digest
    assert mcp_text.number(direct.figures[0].value) in text_of(result)


# -- what is offered ------------------------------------------------------------------------


def test_every_tool_is_listed_with_its_schemas_and_reads_only():
    found = asked(lambda one: one.list_tools()).tools
    assert [t.name for t in found] == [t.name for t in tools.listing()]
    for shown, mine in zip(found, tools.listing(), strict=True):
        assert shown.input_schema == mine.schema() and shown.description == mine.description
        assert shown.input_schema["additionalProperties"] is False
        assert shown.output_schema is None  # one schema for all is a resource
        hints = shown.annotations
        assert hints.read_only_hint and hints.idempotent_hint
        assert not hints.destructive_hint and not hints.open_world_hint


def test_the_server_says_how_numbers_may_be_used():
    async def told(one):
        return one.instructions, one.server_info.name

    instructions, name = asked(told)
    assert name == "mriocarbon" and "Never compute a number yourself" in instructions


def test_resources_hold_sources_terms_and_a_page_for_each_tool():
    async def read(one):
        listed = (await one.list_resources()).resources
        pages = {}
        for resource in listed:
            if "tools/" not in resource.uri or resource.uri.endswith("/account"):
                content = (await one.read_resource(resource.uri)).contents[0]
                pages[resource.uri] = (content.mime_type, content.text)
        return [r.uri for r in listed], pages

    uris, pages = asked(read)
    assert {f"mriocarbon://tools/{t.name}" for t in tools.listing()} < set(uris)
    sources = json.loads(pages["mriocarbon://sources"][1])
    assert len(sources) == tools.call("sources_of", {}).total
    assert all(one["licence"] for one in sources)
    terms = json.loads(pages["mriocarbon://glossary"][1])
    assert len(terms) > 30 and len({one["term"] for one in terms}) == len(terms)
    answer = json.loads(pages["mriocarbon://result-schema"][1])
    assert answer["properties"].keys() >= {"figures", "caveats", "sources", "total", "shown"}
    assert len(json.loads(pages["mriocarbon://data-sets"][1])) == tools.call("data_sets").total
    kind, page = pages["mriocarbon://tools/account"]
    assert kind == "text/markdown" and "`principle`" in page and '"regions"' in page
    assert all(f"`{t.name}`" in pages["mriocarbon://tools"][1] for t in tools.listing())


@pytest.mark.parametrize("uri", ["mriocarbon://no-such", "file:///etc/passwd", "mriocarbon://",
                                 "mriocarbon://tools/no-such", "mriocarbon://tools/../sources",
                                 "mriocarbon://../../etc/passwd"])  # fmt: skip
def test_nothing_else_can_be_read(uri):
    with pytest.raises(MCPError, match=r"unknown (resource|tool)"):
        asked(lambda one: one.read_resource(uri))
    with pytest.raises(UnknownNameError):
        service.page(uri)


# -- calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_call_gives_what_the_call_in_python_gives(mode):
    same_as_direct(asked(lambda one: one.call_tool("account", ASKED), mode=mode))


def test_an_ambiguous_name_is_told_with_its_meanings():
    found = asked(lambda one: one.call_tool("account", {"regions": ["Korea"]}))
    assert found.is_error and found.structured_content is None
    assert "KOR = South Korea" in text_of(found) and "Ask the person" in text_of(found)
    options = found.meta["mriocarbon/error"]["options"]
    assert {one["code"] for one in options} == {"KOR", "PRK"}


@pytest.mark.parametrize(("arguments", "words"), [
    ({"regions": ["qqqq"]}, "unknown country 'qqqq'"),
    ({"regionz": ["China"]}, "regionz: Extra inputs are not permitted"),
    ({"principle": "by magic"}, "principle:"),
    ({"regions": 3}, "regions:"),
    ({"regions": ["x" * 500]}, "at most 80"),
])  # fmt: skip
def test_bad_arguments_are_a_tool_error_in_pythons_words(arguments, words):
    found = asked(lambda one: one.call_tool("account", arguments))
    assert found.is_error and words in text_of(found)
    with pytest.raises(Exception, match=re.escape(words)):
        tools.call("account", arguments)


def test_an_unknown_tool_is_an_error_of_the_protocol():
    with pytest.raises(MCPError, match="unknown tool 'acount'") as error:
        asked(lambda one: one.call_tool("acount", {}))
    assert error.value.error.code == types.INVALID_PARAMS and "'account'" in str(error.value)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_failure_that_nobody_foresaw_tells_nothing_of_this_machine(monkeypatch, mode):
    def broken(name, arguments):
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(mcp_calls.tools, "call", broken)
    found = asked(lambda one: one.call_tool("account", {}), mode=mode)
    assert found.is_error and text_of(found).startswith("internal error in account: RuntimeError")
    assert "secret" not in str(found)


def test_a_solver_that_greets_on_standard_output_does_not_break_the_answer():
    pytest.importorskip("linopy")
    pytest.importorskip("highspy")
    plan = {
        "processes": ["gas-power", "coal-power"], "carbon_price": 80,
        "demand": [{"good": "electricity", "amount": 1000}],
        "prices": [{"good": "gas", "price": 8}, {"good": "coal", "price": 3}],
    }  # fmt: skip
    found = asked(lambda one: one.call_tool("optimise", plan))
    assert not found.is_error, text_of(found)
    same = tools.ToolResult.model_validate(found.structured_content)
    assert same == tools.call("optimise", plan)


def test_what_compiled_code_prints_goes_to_standard_error():
    program = (
        "import os\nfrom mriocarbon.errors import nothing_printed\n"
        "with nothing_printed():\n    with nothing_printed():\n        os.write(1, b'in')\n"
        "    os.write(1, b'between')\nos.write(1, b'after')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("after", "inbetween")


def test_calls_run_side_by_side_and_tell_that_they_live(monkeypatch):
    met = threading.Barrier(2)  # neither call ends before the other has begun
    beats = []

    def waiting(name, arguments):
        met.wait(20)
        time.sleep(0.3)
        return outcome(name, arguments)

    async def both(one):
        async def listen(seconds, total, message):
            beats.append(message)

        async def ask(k):
            found[k] = await one.call_tool("account", ASKED, progress_callback=listen)

        found = {}
        async with anyio.create_task_group() as group:
            group.start_soon(ask, 0)
            group.start_soon(ask, 1)
        return found

    outcome = mcp_calls.outcome
    monkeypatch.setattr(mcp_calls, "outcome", waiting)
    monkeypatch.setattr(mcp_calls, "BEAT", 0.05)
    for result in asked(both).values():
        same_as_direct(result)
    assert beats and all(one.startswith("account: ") for one in beats)


def test_a_call_that_is_given_up_leaves_the_server_free(monkeypatch):
    release = threading.Event()
    outcome = mcp_calls.outcome

    def stuck(name, arguments):
        if name == "gwp":
            release.wait(60)
        return outcome(name, arguments)

    async def give_up(one):
        with anyio.move_on_after(0.3) as scope:
            await one.call_tool("gwp", {"gases": ["CH4"]})
        assert scope.cancelled_caught
        return await one.call_tool("account", ASKED)

    monkeypatch.setattr(mcp_calls, "outcome", stuck)
    try:
        same_as_direct(asked(give_up))
    finally:
        release.set()


def test_a_call_has_an_end(monkeypatch):
    monkeypatch.setattr(mcp_calls, "MOST_SECONDS", 0.1)
    monkeypatch.setattr(mcp_calls, "outcome", lambda name, arguments: time.sleep(0.6))
    found = asked(lambda one: one.call_tool("account", {}))
    assert found.is_error and "was stopped after" in text_of(found)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no /proc to look at processes")
def test_a_slow_tool_runs_in_a_process_that_ends_with_the_call(monkeypatch):
    # a program has a main file, which its processes read; a worker of the tests has none
    started = str(Path(pytest.__file__).with_name("__main__.py"))
    monkeypatch.setattr(sys.modules["__main__"], "__file__", started, raising=False)

    def workers():
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True)
        return {line.split()[0] for line in listed.stdout.splitlines()[1:]
                if line.split()[1] == str(os.getpid()) and "anyio.to_process" in line}  # fmt: skip

    before = workers()  # other tests of this process may have left idle ones
    seen = set()

    def at_work():
        """Those that have begun to compute: what only starts has not loaded numpy."""
        for number in workers() - before:
            with suppress(OSError):
                if "numpy" in Path(f"/proc/{number}/maps").read_text():
                    seen.add(number)

    async def talk(one):
        with anyio.move_on_after(60) as scope:
            async with anyio.create_task_group() as group:

                async def look():
                    while not seen:
                        await anyio.to_thread.run_sync(at_work)
                        await anyio.sleep(0.1)
                    scope.cancel()

                group.start_soon(look)
                await one.call_tool("green_exports_claim", {"draws": 2000, "seed": 7})
        for _ in range(100):
            if not workers() - before:
                break
            await anyio.sleep(0.1)
        gone = workers() - before
        whole = await one.call_tool("green_exports_claim", {"draws": 100})
        wrong = await one.call_tool("full_spectrum", {"region": "Korea"})
        return gone, whole, wrong

    gone, whole, wrong = asked(talk)
    assert seen and not gone
    assert not whole.is_error, text_of(whole)
    direct = tools.call("green_exports_claim", {"draws": 100})
    assert tools.ToolResult.model_validate(whole.structured_content) == direct
    # an error that cannot be pickled arrives all the same, with its options
    assert wrong.is_error and "KOR = South Korea" in text_of(wrong)


def test_text_tells_units_intervals_estimates_and_what_is_missing():
    figures = (
        tools.Figure(quantity="a", value=11711.80736, unit="Mt CO2", low=1e4, high=12000.5,
                     level=0.95, labels={"region": "CHN"}, estimated=True),
        tools.Figure(quantity="b", value=None, unit="Mt", why="no source"),
        tools.Figure(quantity="c", value=0.25, unit="1"),
    )  # fmt: skip
    result = tools.ToolResult(title="T", figures=figures, caveats=("mind this",), total=9)
    told = mcp_text.result_text(result)
    assert "f1 a [region CHN]: 11,711.8 Mt CO2 (95 %: 10,000 to 12,000.5), an estimate" in told
    assert "f2 b: not known: no source" in told and "f3 c: 0.25\n" in told
    assert "caveat: mind this" in told and "shown: 3 of 9" in told


# -- over stdio -----------------------------------------------------------------------------


def test_over_stdio_in_a_process_of_its_own():
    async def talk(one):
        assert len((await one.list_tools()).tools) == len(tools.listing())
        found = {}

        async def ask(k):
            found[k] = await one.call_tool("account", ASKED)

        async with anyio.create_task_group() as group:
            group.start_soon(ask, 0)
            group.start_soon(ask, 1)
        found["wrong"] = await one.call_tool("account", {"regions": ["Korea"]})
        return found

    server = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=ENVIRONMENT)
    found = asked(talk, server)
    same_as_direct(found[0])
    same_as_direct(found[1])
    assert found["wrong"].is_error and "South Korea" in text_of(found["wrong"])


def test_nothing_but_the_protocol_on_standard_output_and_a_clean_end():
    hello = {"protocolVersion": "2025-06-18", "capabilities": {},
             "clientInfo": {"name": "t", "version": "0"}}  # fmt: skip
    sent = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "account", "arguments": ASKED}},
        {"id": 3, "method": "tools/call", "params": {"name": "nope", "arguments": {}}},
    ]  # fmt: skip
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **ENVIRONMENT}
    )
    try:
        for one in sent:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **one}).encode() + b"\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.stdin.close()
        begun = time.monotonic()
        assert process.wait(30) == 0 and time.monotonic() - begun < 15
        assert process.stdout.read() == b"" and process.stderr.read() == b""
    finally:
        with process:  # closes its pipes
            process.kill()
    by_id = {one["id"]: one for one in answers}
    assert by_id[1]["result"]["serverInfo"]["name"] == "mriocarbon"
    value = by_id[2]["result"]["structuredContent"]["figures"][0]["value"]
    assert value == tools.call("account", ASKED).figures[0].value
    assert by_id[3]["error"]["code"] == types.INVALID_PARAMS


# -- over HTTP ------------------------------------------------------------------------------


@contextmanager
def listening(*options):
    """A server on a free port; yields its address and the process."""
    process = subprocess.Popen([*COMMAND, "--http", "--port", "0", *options],
                               stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, **ENVIRONMENT})  # fmt: skip
    try:
        line = process.stderr.readline()
        found = re.fullmatch(r"listening on (https?://\S+/mcp)\n", line)
        assert found, line + process.stderr.read()
        yield found[1], process
    finally:
        with process:  # closes its pipes
            process.kill()


def test_over_http_in_a_process_of_its_own():
    import httpx

    async def talk(one):
        found = {}

        async def ask(k):
            found[k] = await one.call_tool("account", ASKED)

        async with anyio.create_task_group() as group:
            group.start_soon(ask, 0)
            group.start_soon(ask, 1)
        found["wrong"] = await one.call_tool("account", {"regions": ["Korea"]})
        return found

    with listening() as (url, process):
        assert "127.0.0.1" in url
        for mode in ("auto", "legacy"):
            found = asked(talk, url, mode)
            same_as_direct(found[0])
            same_as_direct(found[1])
            assert found["wrong"].is_error and "South Korea" in text_of(found["wrong"])
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        accept = {"accept": "application/json, text/event-stream"}
        # a page elsewhere whose name was made to point here, and a page of another origin
        assert (
            httpx.post(url, json=body, headers={**accept, "host": "evil.example"}).status_code
            == 421
        )
        assert (
            httpx.post(
                url, json=body, headers={**accept, "origin": "https://evil.example"}
            ).status_code
            == 403
        )
        large = {**body, "params": {"x": "y" * service.MOST_BYTES}}
        assert httpx.post(url, json=large, headers=accept).status_code == 413
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)
        assert process.stdout.read() == ""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate")
def test_over_https_with_a_certificate_of_ones_own(tmp_path):
    import httpx

    cert, key = certificate(tmp_path, "one")
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accept = {"accept": "application/json, text/event-stream"}
    with listening("--tls-cert", str(cert), "--tls-key", str(key)) as (url, _):
        assert url.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(cert))
        assert httpx.post(url, json=body, headers=accept, verify=trusting).status_code < 500
        with pytest.raises(httpx.TransportError):
            httpx.post(url.replace("https", "http"), json=body, headers=accept)


def test_a_certificate_is_looked_at_before_anything_listens(tmp_path):
    for words, says in (
        (["--http", "--tls-cert", "one.pem"], "needs a certificate and its key"),
        (["--tls-cert", "one.pem", "--tls-key", "one.key"], "without --http"),
        (
            ["--http", "--tls-cert", str(tmp_path / "no.pem"), "--tls-key", "one.key"],
            "no such file",
        ),
    ):
        assert says in str(CliRunner().invoke(cli, ["mcp", *words]).exception)


def test_beyond_this_machine_only_with_keys(tmp_path):
    server = service.build_server()
    with pytest.raises(NotAvailableError, match="other machines"):
        service.http_app(server, host="0.0.0.0")
    with pytest.raises(NotAvailableError, match="other machines"):
        CliRunner().invoke(cli, ["mcp", "--http", "--host", "0.0.0.0"], catch_exceptions=False)
    empty = tmp_path / "keys.json"
    for wrong in (["mcp", "--host", "0.0.0.0"], ["mcp", "--http", "--api-key-file", str(empty)]):
        with pytest.raises(ValueError, match=r"without --http|holds no key\n.*\n.*serve key add"):
            CliRunner().invoke(cli, wrong, catch_exceptions=False)
    assert service.http_app(server, host="0.0.0.0", owner={"k": "me"}.get) is not None


def test_keys_are_asked_for_and_wrong_ones_are_bounded():
    from starlette.testclient import TestClient

    app = service.http_app(service.build_server(), owner={"right": "me"}.get)
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "t", "version": "0"}}}  # fmt: skip
    accept = {"accept": "application/json, text/event-stream", "host": "127.0.0.1:80"}

    def status(key):
        more = {} if key is None else {"authorization": f"Bearer {key}"}
        return client.post("/mcp", json=body, headers={**accept, **more}).status_code

    with TestClient(app) as client:
        assert status(None) == 401 and status("wrong") == 401
        assert status("right") == 200
        tried = [status(f"guess {k}") for k in range(12)]
        assert tried[0] == 401 and tried[-1] == 429


def test_without_the_extra_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(NotAvailableError, match=r"needs the extra mcp") as error:
        CliRunner().invoke(cli, ["mcp"], catch_exceptions=False)
    assert 'pip install "mriocarbon[mcp]"' in error.value.do
