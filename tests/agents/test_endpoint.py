"""Where a language model is served, as the environment says it."""

from mriocarbon.config import Endpoint, llm_endpoint

NAMES = ("MRIOCARBON_LLM", "MRIOCARBON_LLM_MODEL", "MRIOCARBON_LLM_KEY")


def test_no_endpoint_where_none_is_named(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    assert llm_endpoint() is None
    monkeypatch.setenv("MRIOCARBON_LLM", "  ")
    assert llm_endpoint() is None


def test_an_endpoint_is_read_and_its_key_is_not_shown(monkeypatch):
    values = ("http://127.0.0.1:8000/v1/", "a-model", "very-secret")
    for name, value in zip(NAMES, values, strict=True):
        monkeypatch.setenv(name, value)
    found = llm_endpoint()
    assert found == Endpoint("http://127.0.0.1:8000/v1", "a-model", "very-secret")
    assert "very-secret" not in f"{found!r} {found}"
    for name in NAMES[1:]:
        monkeypatch.delenv(name)
    assert llm_endpoint() == Endpoint("http://127.0.0.1:8000/v1")
