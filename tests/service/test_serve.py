"""``mriocarbon serve``: a real server in a process, and its keys."""

import os
import re
import signal
import subprocess
import sys
import time

import httpx
import pytest
from typer.testing import CliRunner

from mriocarbon import config, tools
from mriocarbon.cli import serve
from mriocarbon.cli.main import app
from mriocarbon.errors import DataFileError, InputError, MriocarbonError, NotAvailableError
from mriocarbon.service import Client, Settings, keys
from mriocarbon.service.local import serving


def ran(*words):
    return CliRunner().invoke(app, ["serve", *words])


def test_keys(tmp_path):
    folder = ["--folder", str(tmp_path)]
    assert "no API keys" in ran("key", "list", *folder).stderr
    made = ran("key", "add", "team", *folder)
    key = made.stdout.strip()
    assert keys.owner(keys.read(tmp_path / "keys.json"), key) == "team"
    assert ran("key", "list", *folder).stdout.startswith("team\t") and key not in made.stderr
    assert ran("key", "remove", "team", *folder).stdout == "removed team\n"
    gone = ran("key", "remove", "team", *folder).exception
    assert isinstance(gone, InputError) and "what to do: known: none" in str(gone)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    folder = ["--folder", str(tmp_path / "file" / "below")]
    for words in (["key", "add", "team", *folder], [*folder, "--port", "0"]):
        found = ran(*words).exception
        assert isinstance(found, DataFileError) and "cannot be written" in str(found), words
        assert "MRIOCARBON_CACHE" in str(found)
    assert "no API keys" in ran("key", "list", *folder).stderr


def test_others_are_not_let_in_without_a_key(tmp_path):
    for more in (["--host", "0.0.0.0"], ["--name", "carbon.test"]):
        found = ran("--folder", str(tmp_path), *more)
        assert isinstance(found.exception, InputError) and "no API key" in str(found.exception)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(serve, "_there", lambda module: module != "uvicorn")
    found = ran("--port", "0")
    assert isinstance(found.exception, NotAvailableError)
    assert 'pip install "mriocarbon[web]"' in str(found.exception)


def test_questions_need_an_endpoint(monkeypatch, capsys):
    monkeypatch.setattr(config, "llm_endpoint", lambda: None)
    assert serve._agents() is None
    monkeypatch.setattr(config, "llm_endpoint", lambda: object())
    monkeypatch.setattr(serve, "_there", lambda module: False)
    assert serve._agents() is None and "[agents]" in capsys.readouterr().err


def test_a_server_in_a_thread(tmp_path):
    settings = Settings(folder=tmp_path)
    with serving(settings) as url, Client(url) as client:
        asked = {"regions": ["China"], "principle": "production"}
        assert client.call("account", **asked) == tools.call("account", asked)
        with pytest.raises(InputError, match="another server"), serving(settings):
            pass
        # what a browser could be made to send
        with pytest.raises(httpx.HTTPStatusError, match="421"):
            httpx.get(f"{url}/v1/tools", headers={"host": "evil.test"}).raise_for_status()
    with serving(settings) as url:  # the folder is free again
        assert httpx.get(f"{url}/health").json()["status"] == "ok"


def test_two_servers_share_keys_and_nothing_else(tmp_path):
    file = tmp_path / "keys.json"
    key = keys.add(file, "team")
    one, other = (
        Settings(folder=tmp_path / name, keys=file, hosts=("carbon.test",), burst=20)
        for name in ("one", "other")
    )
    with (
        serving(one) as first, serving(other) as second,
        Client(first, key) as here, Client(second, key) as there,
    ):  # fmt: skip
        number = here.submit("gwp", gases=["CH4"])
        assert here.job(number)["id"] == number
        with pytest.raises(MriocarbonError, match="no such job"):
            there.job(number)  # jobs, and so uploads, sign-ins and rates, are each one's own
        here.cancel(number)
        keys.remove(file, "team")
        for client in (here, there):  # both see the file change
            with pytest.raises(MriocarbonError, match="wants an API key"):
                client.tools()


@pytest.mark.slow
def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    key = keys.add(tmp_path / "keys.json", "team")
    process = subprocess.Popen(
        [sys.executable, "-m", "mriocarbon.cli", "serve", "--port", "0", "--host", "0.0.0.0",
         "--folder", str(tmp_path), "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "MRIOCARBON_LLM": ""},
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line).group()
        with Client(url, key) as client:
            asked = {"regions": ["Norway"], "principle": "production"}
            here = tools.call("account", asked)
            assert client.call("account", **asked) == here
            assert client.wait(client.submit("account", **asked)) == here
            running = client.submit("account", regions=["USA"])
            while client.job(running)["state"] == "queued":
                time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=60)
        assert "POST /v1/tools/account 200" in log and "team" in log
        assert "keys and answers travel in the clear" in log
        assert key not in log and "Norway" not in log and "Traceback" not in log
    finally:
        process.kill()
        process.wait()
