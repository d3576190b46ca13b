"""What an endpoint is told to be: asked for real over HTTP, with a small server in a thread."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mriocarbon.agents.serving.probe import probe
from mriocarbon.config import Endpoint
from mriocarbon.errors import InputError, NotAvailableError

GOOD = '{"region": "Japan", "year": 2022}'


def message(arguments=None, content="", name="national_account"):
    calls = [] if arguments is None else [{"function": {"name": name, "arguments": arguments}}]
    return {"role": "assistant", "content": content, "tool_calls": calls}


class Served:
    """An API whose answers a test sets; it keeps what it was asked."""

    def __init__(self):
        self.models = {"data": [{"id": "tiny"}, {"id": "carbon"}]}
        self.replies = {"auto": message(GOOD), "required": message(GOOD)}
        self.key, self.asked, self.status = "", [], 200


@pytest.fixture
def served():
    state = Served()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body):
            refused = state.key and self.headers.get("Authorization") != f"Bearer {state.key}"
            self.send_response(401 if refused else state.status)
            self.end_headers()
            text = body if isinstance(body, str) else json.dumps(body)
            self.wfile.write(text.encode())

        def do_GET(self):
            self.answer(state.models if self.path == "/v1/models" else "nothing here")

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(asked)
            reply = state.replies[asked["tool_choice"]]
            self.answer(reply if reply is None else {"choices": [{"message": reply}]})

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield state
    server.shutdown()
    server.server_close()


def test_a_model_that_calls(served):
    found = probe(Endpoint(served.url))
    assert (found.models, found.model) == (("tiny", "carbon"), "tiny")
    assert found.calls and found.forced and found.said == ""
    assert [one["tool_choice"] for one in served.asked] == ["auto", "required"]
    assert served.asked[0]["tools"][0]["function"]["strict"] is True
    assert probe(Endpoint(served.url, "carbon")).model == "carbon"


@pytest.mark.parametrize(
    "reply",
    [
        message(content="Japan emitted 1.1 Gt."),
        message("{"),
        message("[]"),
        message('{"region": "Japan"}'),
        message('{"region": "Japan", "year": "2022"}'),
        message(GOOD, name="another"),
        {"content": None, "tool_calls": None},
        {"content": None, "tool_calls": [{}]},
    ],
)
def test_a_model_that_does_not_call(served, reply):
    served.replies = {"auto": reply, "required": reply}
    found = probe(Endpoint(served.url))
    assert not found.calls and not found.forced
    assert found.said == (reply["content"] or "")


def test_a_key_is_sent_and_a_wrong_one_is_told(served):
    served.key = "very-secret"
    assert probe(Endpoint(served.url, key="very-secret")).calls
    with pytest.raises(NotAvailableError, match="MRIOCARBON_LLM_KEY") as told:
        probe(Endpoint(served.url, key="wrong-one"))
    assert "wrong-one" not in str(told.value)


@pytest.mark.parametrize(("change", "says"), [
    ({"models": "<html>"}, "not JSON"), ({"models": {"x": 1}}, "list of models"),
    ({"models": []}, "list of models"), ({"status": 404}, "it answers 404"),
    ({"models": {"data": []}}, "does not serve"),
    ({"replies": {"auto": None, "required": None}}, "no message"),
])  # fmt: skip
def test_what_is_no_such_api_is_told(served, change, says):
    for name, value in change.items():
        setattr(served, name, value)
    with pytest.raises(NotAvailableError, match=says):
        probe(Endpoint(served.url))


def test_another_model_is_told_with_those_that_are_there(served):
    with pytest.raises(NotAvailableError, match=r"does not serve 'other'[\s\S]*tiny, carbon"):
        probe(Endpoint(served.url, "other"))


def test_nothing_there_is_told_with_how_to_start_one():
    with pytest.raises(NotAvailableError, match=r"no language model answers[\s\S]*llm serve"):
        probe(Endpoint("http://127.0.0.1:9/v1"))  # the port of `discard`, where nothing listens


@pytest.mark.parametrize("url", ["127.0.0.1:8000/v1", "file:///etc/passwd", "http://", "models"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(InputError, match="no http address"):
        probe(Endpoint(url))
