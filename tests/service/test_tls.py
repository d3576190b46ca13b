"""TLS by the server itself, what is refused of certificates and keys, and what warns without."""

import shutil
import ssl

import httpx
import pytest
from service.parts import certificate
from typer.testing import CliRunner

from mriocarbon.cli import serve
from mriocarbon.cli.main import app
from mriocarbon.errors import DataFileError, InputError
from mriocarbon.service import Client, Settings, keys, tls
from mriocarbon.service.local import serving

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), "one")


def test_the_server_speaks_tls_and_nothing_else(pair, tmp_path, monkeypatch):
    cert, key = pair
    word = keys.add(tmp_path / "keys.json", "team")
    settings = Settings(folder=tmp_path, tls_cert=cert, tls_key=key, hosts=("localhost",))
    trusting = ssl.create_default_context(cafile=str(cert))
    with serving(settings) as url:
        assert url.startswith("https://127.0.0.1:")
        assert httpx.get(f"{url}/health", verify=trusting).json()["status"] == "ok"
        with pytest.raises(httpx.TransportError):
            httpx.get(url.replace("https", "http") + "/health")
        with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
            httpx.get(f"{url}/health")  # nobody vouches for it
        signed = httpx.post(f"{url}/sign-in", data={"key": word}, verify=trusting)
        assert "secure" in signed.headers["set-cookie"].casefold()
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        with Client(url, word) as client:
            assert client.call("gwp", gases=["CH4"]).figures[0].value == 28.0


def refused(*words):
    found = CliRunner().invoke(app, ["serve", "--no-browser", *map(str, words)])
    return found.exception


def test_what_cannot_be_served_is_refused_before_anything_listens(pair, tmp_path, monkeypatch):
    monkeypatch.setattr("uvicorn.Server", lambda config: pytest.fail("it listens"))
    cert, key = pair
    other_cert, other_key = certificate(tmp_path, "other")
    _, locked = certificate(tmp_path, "locked", "-passout", "pass:secret")
    broken = tmp_path / "broken.pem"
    broken.write_bytes(cert.read_bytes()[:200])
    folder = ["--folder", tmp_path / "service"]
    for words, kind, says in (
        (("--tls-cert", cert), InputError, "needs a certificate and its key"),
        (("--tls-key", key), InputError, "needs a certificate and its key"),
        (("--tls-cert", cert, "--tls-key", other_key), InputError, "not that of the certificate"),
        (("--tls-cert", other_cert, "--tls-key", key), InputError, "not that of the certificate"),
        (("--tls-cert", tmp_path / "no.pem", "--tls-key", key), DataFileError, "no such file"),
        (("--tls-cert", cert, "--tls-key", tmp_path), DataFileError, "is a folder"),
        (("--tls-cert", key, "--tls-key", key), DataFileError, "holds no certificate"),
        (("--tls-cert", cert, "--tls-key", cert), DataFileError, "holds no private key"),
        (("--tls-cert", broken, "--tls-key", key), DataFileError, "cannot be used"),
        (("--tls-cert", cert, "--tls-key", locked), DataFileError, "has a password"),
    ):
        error = refused(*folder, *words)
        assert type(error) is kind and says in str(error), (words, error)
        assert "what to do:" in str(error)
    assert not (tmp_path / "service").exists()


def test_keys_in_the_clear_are_warned_of(pair, tmp_path, capsys):
    cert, key = pair
    serve._warn(Settings(folder=tmp_path, host="0.0.0.0"))
    assert "API keys and answers travel in the clear" in capsys.readouterr().err
    for quiet in (
        {}, {"trust_proxy": ("127.0.0.1",)},
        {"host": "0.0.0.0", "tls_cert": cert, "tls_key": key},
    ):  # fmt: skip
        serve._warn(Settings(folder=tmp_path, **quiet))
    assert capsys.readouterr().err == ""
    assert tls.options(None, None) == {}
