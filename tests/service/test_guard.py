"""The door: who gets in, how often, and what is said and kept of them."""

import contextlib
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service.parts import client as over
from service.parts import exposed, made
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from mriocarbon.errors import DataFileError, InputError, UnknownNameError
from mriocarbon.service import keys
from mriocarbon.service.limits import Buckets
from mriocarbon.service.settings import Settings, is_loopback


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with over(tmp_path_factory.mktemp("service")) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True),
     ("localhost", True), ("0.0.0.0", False), ("::", False), ("192.168.1.4", False),
     ("carbon.test", False)],
)  # fmt: skip
def test_this_machine_alone_by_default(host, alone, tmp_path):
    assert is_loopback(host) is alone
    assert Settings(folder=tmp_path).host == "127.0.0.1" and not Settings(folder=tmp_path).exposed
    if not alone:
        with pytest.raises(InputError, match="serve key add"):
            made(tmp_path, host=host)
    with pytest.raises(InputError, match="no API key"):
        made(tmp_path, hosts=("carbon.test",))  # behind a proxy: others can reach it too


@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1.evil.test", "evil.test:80", "", "[::1", "evil@127.0.0.1"]
)
def test_a_page_elsewhere_cannot_reach_it_under_a_name_of_its_own(api, host):
    answer = api.get("/v1/accounts", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"])
def test_names_of_this_machine(api, host):
    assert api.get("/health", headers={"host": host}).status_code == 200


def test_another_origin_changes_nothing(api):
    evil = {"origin": "https://evil.test"}
    assert api.post("/v1/tools/account", json={}, headers=evil).status_code == 403
    assert api.delete("/v1/jobs/" + "0" * 24, headers=evil).status_code == 403
    assert api.post("/v1/tools/acount", headers={"origin": "http://127.0.0.1"}).status_code == 404
    allowed = api.get("/health", headers=evil)
    assert "access-control-allow-origin" not in allowed.headers
    preflight = api.options("/v1/tools/account", headers=evil)
    assert "access-control-allow-origin" not in preflight.headers


def test_headers_bind_browsers(api):
    for path in ("/health", "/v1/tools", "/v1/nowhere", "/sign-in"):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 16
    assert api.get("/v1/tools").headers["cache-control"] == "no-store"


def test_keys_are_wanted_when_others_can_reach_it(tmp_path):
    with exposed(tmp_path) as (client, key):
        bare = client.get("/v1/tools")
        assert bare.status_code == 401 and bare.headers["www-authenticate"].startswith("Bearer")
        wrong = client.get("/v1/tools", headers={"authorization": f"Bearer {key}x"})
        assert wrong.status_code == 401
        assert client.get("/health").status_code == 200
        assert client.get("/health/../v1/tools").status_code == 401
        right = {"authorization": f"Bearer {key}"}
        assert client.get("/v1/tools", headers=right).status_code == 200
        assert client.get("/openapi.json").status_code == 401
        keys.remove(tmp_path / "keys.json", "somebody")
        assert client.get("/v1/tools", headers=right).status_code == 401, "at once"


def test_wrong_keys_are_tried_a_few_times_only(tmp_path):
    with exposed(tmp_path) as (client, key):
        told = [
            client.get("/v1/tools", headers={"authorization": f"Bearer {k}"}).status_code
            for k in range(14)
        ]
        assert told[:10] == [401] * 10 and told[-1] == 429
        late = client.get("/v1/tools", headers={"authorization": "Bearer x"})
        assert late.status_code == 429 and int(late.headers["retry-after"]) >= 1
        right = client.get("/v1/tools", headers={"authorization": f"Bearer {key}"})
        assert right.status_code == 200, "who has the right key is not shut out by others"


def test_rates_are_limited_by_key(tmp_path):
    with exposed(tmp_path, per_minute=60, burst=5) as (client, key):
        mine = {"authorization": f"Bearer {key}"}
        told = [client.get("/v1/jobs", headers=mine).status_code for _ in range(8)]
        assert told[:5] == [200] * 5 and 429 in told[5:]
        other = keys.add(tmp_path / "keys.json", "other")
        answer = client.get("/v1/jobs", headers={"authorization": f"Bearer {other}"})
        assert answer.status_code == 200


def test_no_rate_on_this_machine_alone(tmp_path):
    with over(tmp_path, per_minute=1, burst=1) as client:
        assert {client.get("/health").status_code for _ in range(20)} == {200}


def test_a_browser_signs_in_with_a_cookie_that_scripts_cannot_read(tmp_path):
    with exposed(tmp_path) as (client, key):
        page = client.get("/", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
        form = client.get("/sign-in")
        assert form.status_code == 200 and 'type="password"' in form.text
        assert client.post("/sign-in", data={"key": "wrong"}).status_code == 401
        answer = client.post("/sign-in", data={"key": key})
        cookie = answer.headers["set-cookie"].lower()
        assert answer.status_code == 303 and "httponly" in cookie and "samesite=strict" in cookie
        assert key not in answer.headers["set-cookie"]
        assert client.get("/v1/tools").status_code == 200  # with the cookie
        evil = client.post("/v1/tools/account", json={}, headers={"origin": "http://evil.test"})
        assert evil.status_code == 403
        keys.remove(tmp_path / "keys.json", "somebody")
        assert client.get("/v1/tools").status_code == 401, "the session ends with its key"
        again = keys.add(tmp_path / "keys.json", "again")
        client.post("/sign-in", data={"key": again})
        assert client.get("/v1/jobs").status_code == 200
        client.post("/sign-out")
        assert client.get("/v1/jobs").status_code == 401


def test_signing_in_is_tried_a_few_times_only(tmp_path):
    with exposed(tmp_path) as (client, key):
        told = [client.post("/sign-in", data={"key": "x"}).status_code for _ in range(12)]
        assert told[:10] == [401] * 10 and told[10:] == [429] * 2
        assert client.post("/sign-in", data={"key": key}).status_code == 303


def test_websockets_of_strangers_are_closed(tmp_path):
    app = made(tmp_path)

    @app.websocket("/socket")
    async def socket(websocket: WebSocket):
        await websocket.accept()
        await websocket.close()

    app.router.routes.insert(0, app.router.routes.pop())  # before the pages, which take the rest
    client = TestClient(app, base_url="http://127.0.0.1")
    for headers in ({"host": "evil.test"}, {"origin": "http://evil.test"}):
        with (
            pytest.raises(WebSocketDisconnect) as closed,
            client.websocket_connect("/socket", headers=headers),
        ):
            pass
        assert closed.value.code == 1008
    with client.websocket_connect(
        "/socket", headers={"host": "127.0.0.1", "origin": "http://127.0.0.1"}
    ):
        pass


def test_logs_and_answers_hold_no_secret(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with exposed(tmp_path) as (client, key):
        mine = {"authorization": f"Bearer {key}", "cookie": "a=tea"}
        answers = [
            client.get("/v1/accounts", params={"regions": "Atlantis42"}, headers=mine),
            client.get("/v1/tools", headers={"authorization": "Bearer notakey42"}),
            client.post("/sign-in", data={"key": key}),
        ]
        ours = "\n".join(r.getMessage() for r in caplog.records if r.name == "mriocarbon.service")
        assert "GET /v1/accounts 422" in ours and "somebody" in ours
        for secret in (key, "notakey42", "Atlantis42", keys.digest(key), "tea"):
            assert secret not in ours
            assert all(secret not in str(a.headers) for a in answers)
        assert all(key not in a.text for a in answers)


def test_key_files(tmp_path):
    file = tmp_path / "deep" / "keys.json"
    first, second = keys.add(file, "a"), keys.add(file, "b.c-d_1")
    assert first != second and len(first) > 40
    assert file.stat().st_mode & 0o077 == 0, "for its owner's eyes alone"
    assert first not in file.read_text() and second not in file.read_text()
    assert keys.owner(keys.read(file), second) == "b.c-d_1"
    for name in ("", "a b", "x" * 41, "../x", "-x"):
        with pytest.raises(InputError, match="no name for a key"):
            keys.add(file, name)
    with pytest.raises(InputError, match="already"):
        keys.add(file, "a")
    with pytest.raises(UnknownNameError):
        keys.remove(file, "z")
    keys.remove(file, "a")
    assert [one.name for one in keys.read(file)] == ["b.c-d_1"]
    file.write_text("{broken")
    with pytest.raises(DataFileError, match="cannot be read"):
        keys.read(file)
    assert keys.read(tmp_path / "none.json") == ()


@given(st.lists(st.floats(0, 30), max_size=200), st.floats(1, 600), st.integers(1, 20))
def test_no_bucket_gives_more_than_its_rate(waits, per_minute, burst):
    now = [0.0]
    buckets = Buckets(per_minute, burst, clock=lambda: now[0])
    let_in = 0
    for pause in waits:
        now[0] += pause
        told = buckets.wait("a")
        let_in += told == 0
        assert let_in <= burst + now[0] * per_minute / 60 + 1e-6
        if told:  # and whoever waits as long as told is let in
            now[0] += told + 1e-9
            assert buckets.wait("a") == 0
            let_in += 1


def test_names_that_are_kept_are_few():
    buckets = Buckets(60, 1, most=10)
    for k in range(100):
        buckets.wait(str(k))
    assert len(buckets._held) == 10


@pytest.mark.parametrize("name", ["max_body", "job_seconds", "threads", "burst"])
def test_settings_without_sense(name):
    with pytest.raises(InputError, match=name):
        Settings(**{name: 0})


def test_a_browser_tells_the_origin_of_its_forms(tmp_path):
    # with "no-referrer" browsers send forms with "Origin: null", and nobody could sign in
    with exposed(tmp_path) as (over, _):
        assert over.get("/sign-in").headers["referrer-policy"] == "same-origin"


def test_a_request_with_two_hosts_is_refused(api):
    told = [("host", "127.0.0.1"), ("host", "evil.test")]
    assert api.get("/health", headers=told).status_code == 421


def test_no_other_origin_reads_what_the_pages_socket_says(api):
    told = api.get(
        "/_nicegui_ws/socket.io/?EIO=4&transport=polling", headers={"origin": "http://evil.test"}
    ).headers
    assert not [name for name in told if name.startswith("access-control-")]


def test_requests_without_a_key_have_a_rate_too(tmp_path):
    with exposed(tmp_path, per_minute=60, burst=5) as (client, _):
        told = [client.get("/v1/tools").status_code for _ in range(9)]
        assert told[:5] == [401] * 5 and told[-1] == 429


PROXY = "10.1.2.3"


def asks_by_proxy(folder, address=PROXY, **settings):
    """A client whose requests come from the address of a proxy, and a key."""
    key = keys.add(folder / "keys.json", "somebody")
    app = made(folder, **settings)
    return TestClient(
        app, base_url="http://127.0.0.1", client=(address, 40000), follow_redirects=False
    ), key


def test_a_trusted_proxy_says_who_asks(tmp_path):
    client, key = asks_by_proxy(tmp_path, trust_proxy=(PROXY,), per_minute=60, burst=5)

    def asked(who):
        return client.get("/v1/tools", headers={"x-forwarded-for": who}).status_code

    assert [asked("1.1.1.1") for _ in range(7)][-1] == 429
    assert asked("2.2.2.2") == 401, "another address has a rate of its own"
    # what stands before the last address was sent by whoever asks
    assert asked("3.3.3.3, 1.1.1.1") == 429 and asked(f"1.1.1.1, 4.4.4.4, {PROXY}") == 401
    answer = client.post("/sign-in", data={"key": key}, headers={"x-forwarded-proto": "https"})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_who_is_no_trusted_proxy_says_nothing_of_who_asks(tmp_path):
    client, _ = asks_by_proxy(tmp_path, "9.9.9.9", trust_proxy=(PROXY,), per_minute=60, burst=5)
    told = [
        client.get("/v1/tools", headers={"x-forwarded-for": f"1.1.1.{k}"}).status_code
        for k in range(9)
    ]
    assert told[-1] == 429


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
def test_a_proxy_that_nobody_named_gets_nothing_without_a_key(tmp_path, name):
    client, key = asks_by_proxy(tmp_path, "127.0.0.1")
    assert client.get("/v1/tools").status_code == 200
    told = client.get("/v1/tools", headers={name: "1.2.3.4"})
    assert told.status_code == 401 and "--trust-proxy" in told.json()["do"]
    right = {name: "1.2.3.4", "authorization": f"Bearer {key}"}
    assert client.get("/v1/tools", headers=right).status_code == 200


def test_a_proxy_is_named_by_its_address(tmp_path):
    with pytest.raises(InputError, match="no address of a proxy"):
        Settings(folder=tmp_path, trust_proxy=("proxy.test",))
    with pytest.raises(InputError, match="no API key"):
        made(tmp_path, trust_proxy=("127.0.0.1",))


def test_no_line_of_the_log_is_forged_and_none_holds_a_query(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with over(tmp_path) as client:
        client.get("/v1/x%0a2026-01-01%20forged%1b[31m")
        client.get("/pages/of-nothing?regions=secret42", headers={"accept": "text/html"})
    names = ("mriocarbon.service", "nicegui")
    lines = [r.getMessage() for r in caplog.records if r.name in names]
    assert any("/v1/x%0A2026" in line for line in lines)
    assert all(line.isprintable() for line in lines)
    assert "secret42" not in "".join(lines)


def test_a_socket_ends_with_its_key(tmp_path):
    key = keys.add(tmp_path / "keys.json", "somebody")
    app = made(tmp_path, host="0.0.0.0")

    @app.websocket("/socket")
    async def socket(websocket: WebSocket):
        await websocket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await websocket.send_text(await websocket.receive_text())

    app.router.routes.insert(0, app.router.routes.pop())
    client = TestClient(app, base_url="http://carbon.test")
    headers = {"host": "carbon.test", "authorization": f"Bearer {key}"}
    with client.websocket_connect("/socket", headers=headers) as held:
        held.send_text("a")
        assert held.receive_text() == "a"
        keys.remove(tmp_path / "keys.json", "somebody")
        held.send_text("b")
        with pytest.raises(WebSocketDisconnect) as closed:
            held.receive_text()
        assert closed.value.code == 1008


def test_a_stream_ends_with_its_key(tmp_path):
    key = keys.add(tmp_path / "keys.json", "somebody")
    app = made(tmp_path, host="0.0.0.0")
    said = []

    @app.get("/v1/stream")
    async def stream():
        async def lines():
            for k in range(5):
                if k == 2:
                    keys.remove(tmp_path / "keys.json", "somebody")
                said.append(k)
                yield f"data: {k}\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream")

    app.router.routes.insert(0, app.router.routes.pop())
    client = TestClient(app, base_url="http://carbon.test")
    told = client.get("/v1/stream", headers={"authorization": f"Bearer {key}"})
    assert told.text == "data: 0\n\ndata: 1\n\n" and said == [0, 1, 2]
