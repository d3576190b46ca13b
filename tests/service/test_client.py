"""Our own client: results and errors as if the tools were here."""

import json

import httpx
import pytest
from service.parts import Bridge, exposed, script
from service.parts import client as over

from mriocarbon import tools
from mriocarbon.datasets.sql import QueryError, QueryRefusedError
from mriocarbon.errors import (
    AmbiguousNameError,
    InputError,
    MriocarbonError,
    NotAvailableError,
    UnknownNameError,
)
from mriocarbon.service import Client, confined, problems


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with over(tmp_path_factory.mktemp("service")) as client:
        yield client


@pytest.fixture
def client(api):
    with Client("http://127.0.0.1", transport=Bridge(api)) as one:
        yield one


def test_results_are_those_of_the_tools(client):
    asked = {"regions": ["China"], "principle": "production"}
    assert client.call("account", **asked) == tools.call("account", asked)
    assert [one["name"] for one in client.tools("trade")] == [
        one.name for one in tools.listing("trade")
    ]


def test_the_same_call_is_sent_once(client, monkeypatch):
    # nested, in Chinese, with a sign that an address must escape
    asked = {"regions": ["中国", "USA"], "principle": "production", "year": " 2022 "}
    first = client.call("account", **asked)
    seen, statuses = client._http._transport.seen, []
    send = client._send

    def watched(method, path, **more):
        answer = send(method, path, **more)
        statuses.append((method, answer.status_code, len(answer.content)))
        return answer

    monkeypatch.setattr(client, "_send", watched)
    assert client.call("account", **asked) is first
    assert seen[-1].headers["if-none-match"] == f'"{first.digest}"'
    assert statuses == [("GET", 304, 0)]  # RFC 9110: 304 answers GET and HEAD alone
    assert client.call("account", regions=["USA"]) != first


def test_data_that_changed_are_sent_anew():
    figures = [tools.Figure(quantity="a", value=float(k), unit="1") for k in range(2)]
    results = [tools.ToolResult(title="T", figures=(one,)) for one in figures]
    seen = []

    def answer(request):
        seen.append((request.method, request.headers.get("if-none-match")))
        now = results[min(len(seen) - 1, 1)]
        return httpx.Response(200, content=now.model_dump_json(), headers={
            "etag": f'"{now.digest}"', "content-location": "/v1/tools/account/result"})  # fmt: skip

    with Client("http://h", transport=httpx.MockTransport(answer)) as client:
        assert [client.call("account") for _ in range(3)] == [results[k] for k in (0, 1, 1)]
    assert seen == [("POST", None), *(("GET", f'"{one.digest}"') for one in results)]


def test_what_has_no_address_to_ask_again_is_posted_again(client):
    for _ in range(2):  # more than an address holds
        client.call("find_names", names=["中国" * 13 + str(k) for k in range(28)])
        last = client._http._transport.seen[-1]
        assert last.method == "POST" and "if-none-match" not in last.headers


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [("account", {"regions": ["Korea"]}, AmbiguousNameError),
     ("account", {"regions": ["Xyzzyq"]}, UnknownNameError),
     ("scopes", {"region": "China", "sector": "manufacturing"}, AmbiguousNameError),
     ("account", {"gas": 3}, InputError), ("acount", {}, UnknownNameError)],
)  # fmt: skip
def test_errors_are_those_of_the_tools(client, name, arguments, kind):
    with pytest.raises(kind) as here:
        tools.call(name, arguments)
    with pytest.raises(kind) as there:
        client.call(name, **arguments)
    assert str(there.value) == str(here.value) and type(there.value) is type(here.value)
    if kind is AmbiguousNameError:
        assert there.value.options == here.value.options
        assert there.value.more == here.value.more


def test_every_error_comes_back_as_itself():
    from mriocarbon import errors

    for name in errors.__all__:
        if name.endswith("Error") and name != "AmbiguousNameError":
            one = getattr(errors, name)("what", where="where", do="do")
            back = problems.raised(problems.of(one))
            assert type(back) is type(one) and str(back) == str(one)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [("DROP TABLE emissions", QueryRefusedError), ("SELECT 1; SELECT 2", QueryRefusedError),
     ("SELECT nothing FROM emissions", QueryError)],
)  # fmt: skip
def test_a_refused_query_is_told_as_here(client, sql, kind):
    with pytest.raises(kind) as here:
        tools.call("database_query", {"sql": sql})
    with pytest.raises(kind) as there:
        client.call("database_query", sql=sql)
    assert type(there.value) is type(here.value) and str(there.value) == str(here.value)


def test_jobs_are_waited_for(api, client, monkeypatch):
    result = tools.call("account", {"regions": ["USA"]}).model_dump(mode="json")
    code = (
        f"say('half')\njson.dump(json.loads({json.dumps(json.dumps(result))}), "
        "open(folder + '/result.json', 'w'))\nend('done')"
    )
    monkeypatch.setattr(confined, "start", script(code))
    number = client.submit("account", regions=["USA"])
    said = []
    assert client.wait(number, progress=said.append).model_dump(mode="json") == result
    assert said == ["half"] and client.job(number)["state"] == "done"
    slow = next(one for one in tools.listing() if one.cost == "slow")
    found = client.call(slow.name, **dict(slow.examples[0]))  # a slow tool is a job by itself
    assert found.model_dump(mode="json") == result


def test_jobs_that_come_to_nothing(client, monkeypatch):
    monkeypatch.setattr(confined, "start", script("os._exit(3)"))
    with pytest.raises(MriocarbonError, match="ended by itself"):
        client.wait(client.submit("account"))
    monkeypatch.setattr(confined, "start", script("time.sleep(60)"))
    number = client.submit("account")
    assert client.cancel(number)["state"] == "cancelled"
    with pytest.raises(NotAvailableError, match="no result"):
        client.wait(number)
    with pytest.raises(MriocarbonError, match="no such job"):
        client.job("0" * 24)
    with pytest.raises(MriocarbonError, match="no such job"):
        list(client.events("0" * 24))


def test_files_of_a_report(client, monkeypatch, tmp_path):
    code = (
        "os.makedirs(folder + '/files')\nopen(folder + '/files/report.html', 'w').write('<html>')\n"
        "part = folder + '/.p'\njson.dump({'state': 'done', 'at': 'now', "
        "'files': ['report.html']}, open(part, 'w'))\nos.link(part, folder + '/end.json')"
    )
    monkeypatch.setattr(confined, "start", script(code))
    files = client.report("map", tmp_path / "out")
    assert files == [tmp_path / "out" / "report.html"] and files[0].read_text() == "<html>"


def test_a_server_that_would_write_elsewhere(tmp_path):
    job = {"id": "a" * 24, "state": "done", "links": {"../x": f"/v1/jobs/{'a' * 24}/files/x"}}

    def answer(request):
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text=f"event: end\ndata: {json.dumps(job)}\n\n")
        return httpx.Response(200, json=job)

    client = Client("http://h", transport=httpx.MockTransport(answer))
    with client, pytest.raises(InputError, match="out of the folder"):
        client.report("map", tmp_path / "out")


def test_a_stream_that_breaks_is_taken_up_where_it_broke(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    asked = []

    def answer(request):
        asked.append(request.headers["last-event-id"])
        if len(asked) == 1:

            def broken():
                yield b'event: progress\nid: 1\ndata: {"text": "one"}\n\nevent: pro'
                raise httpx.ReadError("gone")

            return httpx.Response(200, content=broken())
        return httpx.Response(200, text='event: progress\nid: 2\ndata: {"text": "two"}\n\n'
                              'event: end\ndata: {"state": "done"}\n\n')  # fmt: skip

    with Client("http://h", transport=httpx.MockTransport(answer)) as client:
        events = list(client.events("a" * 24))
    assert asked == ["0", "1"]
    assert [data.get("text") for _, data in events] == ["one", "two", None]


def test_no_server_and_no_server_of_ours():
    def gone(request):
        raise httpx.ConnectError("refused")

    client = Client("http://127.0.0.1:1", transport=httpx.MockTransport(gone))
    with client, pytest.raises(NotAvailableError, match="does not answer"):
        client.call("account")
    other = httpx.MockTransport(lambda request: httpx.Response(502, text="<html>"))
    with (
        Client("http://h", transport=other) as client,
        pytest.raises(NotAvailableError, match="502"),
    ):
        client.call("account")


def test_with_a_key(tmp_path):
    with exposed(tmp_path) as (over, key):
        with Client("http://carbon.test", key, transport=Bridge(over)) as client:
            assert client.call("account", regions=["USA"]).figures
            assert key not in repr(client)
        client = Client("http://carbon.test", "wrong", transport=Bridge(over))
        with client, pytest.raises(MriocarbonError, match="wants an API key"):
            client.call("account")
