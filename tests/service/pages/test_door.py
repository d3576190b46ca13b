"""Pages are no way around keys, rates and limits: the server's door stands before each action."""

import asyncio
import subprocess
import sys

import pytest
from service.parts import client, exposed

from mriocarbon.errors import InputError
from mriocarbon.service.keys import digest, remove
from mriocarbon.service.pages.backing import Backing, SignedOutError, Visitor

HTML = {"accept": "text/html"}


def backing_of(over):
    place = over.app.routes[-1]
    return place.app.backing


def test_a_page_wants_a_key_and_leads_to_the_door(tmp_path):
    with exposed(tmp_path) as (over, key):
        for path in ("/", "/accounts", "/reports", "/tables", "/tools/account", "/map/world.html"):
            answer = over.get(path, headers=HTML)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert over.get("/_nicegui/3/static/x.js").status_code == 401
        assert over.post("/_nicegui/client/x/upload/1").status_code == 401
        over.post("/sign-in", data={"key": key})
        page = over.get("/accounts", headers=HTML)
        assert page.status_code == 200 and "mriocarbon" in page.text
        assert key not in page.text


SLOW = """
import asyncio, sys, httpx
from pathlib import Path
from mriocarbon.service.local import serving
from mriocarbon.service.pages import reportpages
from mriocarbon.service.settings import Settings
past = reportpages._past
async def slowly(view):
    await asyncio.sleep(3.5)  # NiceGUI's own patience ends after 3
    await past(view)
reportpages._past = slowly
with serving(Settings(folder=Path(sys.argv[1]))) as url:
    found = httpx.get(f"{url}/reports", headers={"accept": "text/html"}, timeout=60)
    print(found.status_code)
"""


def test_a_busy_machine_may_take_its_time_for_a_page(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SLOW, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "200\n", done.stderr[-2000:]


def test_the_socket_of_the_pages_wants_a_key_too(tmp_path):
    from starlette.websockets import WebSocketDisconnect

    with exposed(tmp_path) as (over, _):
        with (
            pytest.raises(WebSocketDisconnect) as closed,
            over.websocket_connect("/_nicegui_ws/socket.io/?EIO=4&transport=websocket"),
        ):
            pass  # fmt: skip
        assert closed.value.code == 1008


def test_below_v1_the_api_answers_and_not_a_page(tmp_path):
    with client(tmp_path) as over:
        answer = over.get("/v1/nowhere", headers=HTML)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert over.get("/nowhere", headers=HTML).headers["content-type"].startswith("text/html")


def test_what_a_page_does_is_taken_out_of_the_same_rate(tmp_path):
    with exposed(tmp_path, per_minute=60, burst=3) as (over, key):
        behind = backing_of(over)
        word = behind.sessions.open("somebody", digest(key))
        who = Visitor("somebody", word, "1.2.3.4")
        over.get("/health")
        for _ in range(3):
            behind.admit(who)
        with pytest.raises(InputError, match="too many"):
            behind.admit(who)
        asked = over.get("/v1/tools", headers={"authorization": f"Bearer {key}"})
        assert asked.status_code == 429


def test_a_session_that_ended_or_lost_its_key_does_nothing_more(tmp_path):
    with exposed(tmp_path) as (over, key):
        behind = backing_of(over)
        word = behind.sessions.open("somebody", digest(key))
        behind.admit(Visitor("somebody", word))
        for who in (Visitor(), Visitor("somebody", "another word"), Visitor("nobody", "")):
            with pytest.raises(SignedOutError):
                behind.admit(who)
        remove(tmp_path / "keys.json", "somebody")
        with pytest.raises(SignedOutError):
            behind.admit(Visitor("somebody", word))


def test_a_job_of_another_key_is_not_there(tmp_path):
    with client(tmp_path) as over:
        behind = backing_of(over)
        number = behind.jobs.submit("sobol", {}, owner="alice")
        assert asyncio.run(behind.job(Visitor("alice"), number)).name == "sobol"
        assert asyncio.run(behind.job(Visitor("bob"), number)) is None
        asyncio.run(behind.cancel(Visitor("bob"), number))
        assert asyncio.run(behind.job(Visitor("alice"), number)).state in ("queued", "running")
        asyncio.run(behind.cancel(Visitor("alice"), number))
        assert asyncio.run(behind.job(Visitor("alice"), number)).state == "cancelled"


def test_questions_of_pages_have_the_limits_of_the_service(tmp_path):
    from mriocarbon.service.settings import Settings

    async def slow(question, history, progress):
        await asyncio.sleep(5)

    behind = Backing(Settings(folder=tmp_path, asks_at_once=1, ask_seconds=0.05), slow)

    async def two():
        first = asyncio.create_task(behind.asked(Visitor(), "a", [], print))
        await asyncio.sleep(0.01)
        with pytest.raises(InputError, match="are being answered"):
            await behind.asked(Visitor(), "b", [], lambda event: None)
        with pytest.raises(InputError, match="too long"):
            await first

    asyncio.run(two())


def test_wrong_arguments_are_told_as_the_tools_tell_them(tmp_path):
    from mriocarbon import tools
    from mriocarbon.errors import MriocarbonError

    with client(tmp_path) as over:
        behind = backing_of(over)
        with pytest.raises(MriocarbonError) as here:
            asyncio.run(behind.call(Visitor(), "account", {"gas": 3, "nothing": 1}))
        with pytest.raises(MriocarbonError) as there:
            tools.call("account", {"gas": 3, "nothing": 1})
        assert str(here.value) == str(there.value)


def test_assets_of_a_page_do_not_use_the_rate_up(tmp_path):
    with exposed(tmp_path, per_minute=60, burst=2) as (over, key):
        headers = {"authorization": f"Bearer {key}"}
        for _ in range(5):
            assert over.get("/_nicegui/3/static/none.js", headers=headers).status_code != 429
        statuses = [over.get("/_nicegui/client/x/y", headers=headers).status_code for _ in range(4)]
        assert statuses[-1] == 429


def test_the_map_is_framed_by_this_server_alone_and_no_other_page_is(tmp_path, monkeypatch):
    from mriocarbon.service.pages import mappage

    monkeypatch.setattr(mappage, "_world", lambda: "<svg></svg>")
    with client(tmp_path) as over:
        headers = over.get("/map/world.html").headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "SAMEORIGIN"
        for path in ("/map", "/", "/map/world.htm"):
            headers = over.get(path, headers=HTML).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert headers["x-frame-options"] == "DENY"
