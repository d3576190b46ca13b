"""Ask an endpoint what it serves, and whether its model can call a tool."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mriocarbon.config import Endpoint
from mriocarbon.errors import InputError, NotAvailableError

TOOL = {
    "type": "function",
    "function": {
        "name": "national_account",
        "description": "Greenhouse gas emissions of a country in a year.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                # a schema alone lets control characters into a string, and vLLM loses the call then
                "region": {"type": "string", "pattern": "^[A-Za-z ]{1,40}$"},
                "year": {"type": "integer", "minimum": 1990, "maximum": 2030},
            },
            "required": ["region", "year"],
            "additionalProperties": False,
        },
    },
}
QUESTION = "What did Japan emit in 2022? Use the tool."


@dataclass(frozen=True)
class Status:
    """What an endpoint said.

    Attributes
    ----------
    url : str
    models : tuple of str
        Names that it serves.
    model : str
        The one that was asked.
    calls : bool
        Whether it called the tool when it was free to (``tool_choice=auto``).
    forced : bool
        Whether it called it, with arguments that fit, when it had to (``tool_choice=required``).
    seconds : float
        How long both calls took.
    said : str
        The beginning of what it said instead, if it did not call.
    """

    url: str
    models: tuple[str, ...]
    model: str
    calls: bool
    forced: bool
    seconds: float
    said: str = ""


def probe(endpoint: Endpoint, *, timeout: float = 120.0) -> Status:
    """Ask for the models, then one question twice: with a tool at hand, and with one to be called.

    Parameters
    ----------
    endpoint : Endpoint
    timeout : float
        Seconds for each request.

    Raises
    ------
    InputError
        Its address is none.
    NotAvailableError
        Nothing answers there, it is no OpenAI-compatible API, or it serves another model.
    """
    import httpx

    parts = urlsplit(endpoint.url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(
            f"{endpoint.url!r} is no http address", where="MRIOCARBON_LLM",
            do="name it with its path, such as http://127.0.0.1:8000/v1",
        )  # fmt: skip
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    with httpx.Client(base_url=f"{endpoint.url}/", headers=headers, timeout=timeout) as client:
        try:
            listed = _json(client.get("models"), endpoint)
            models = tuple(str(one["id"]) for one in listed["data"])
        except httpx.HTTPError as error:
            raise NotAvailableError(
                f"no language model answers: {error}", where=endpoint.url,
                do="start one: mriocarbon llm serve --model FOLDER; or correct MRIOCARBON_LLM",
            ) from error  # fmt: skip
        except (KeyError, TypeError) as error:
            raise _no_api(endpoint, "its list of models is none") from error
        model = endpoint.model or (models[0] if models else "")
        if model not in models:
            raise NotAvailableError(
                f"the endpoint does not serve {model!r}", where=endpoint.url,
                do=f"name one of {', '.join(models) or 'none'} in MRIOCARBON_LLM_MODEL",
            )  # fmt: skip
        began = time.monotonic()
        said = []
        called = []
        for choice in ("auto", "required"):
            try:
                reply = _json(client.post("chat/completions", json=_body(model, choice)), endpoint)
                message = reply["choices"][0]["message"]
            except httpx.HTTPError as error:
                raise NotAvailableError(
                    f"the model does not answer: {error!r}", where=endpoint.url,
                    do="wait until it is free, or look into the server's log",
                ) from error  # fmt: skip
            except (KeyError, IndexError, TypeError) as error:
                raise _no_api(endpoint, "its answer has no message") from error
            called.append(_fits(message))
            said.append(str(message.get("content") or "")[:80])
        seconds = time.monotonic() - began
    instead = "" if called[0] else said[0]
    return Status(endpoint.url, models, model, called[0], called[1], seconds, instead)


def _body(model: str, choice: str) -> dict[str, Any]:
    return {
        "model": model, "messages": [{"role": "user", "content": QUESTION}], "tools": [TOOL],
        "tool_choice": choice, "parallel_tool_calls": False, "max_tokens": 200, "temperature": 0,
    }  # fmt: skip


def _fits(message: dict[str, Any]) -> bool:
    """Tell whether a message calls the tool with arguments of its types."""
    for call in message.get("tool_calls") or ():
        try:
            function = call["function"]
            arguments = json.loads(function["arguments"])
            if (
                function["name"] == "national_account"
                and isinstance(arguments["region"], str)
                and isinstance(arguments["year"], int)
            ):
                return True
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return False


def _json(answer: Any, endpoint: Endpoint) -> Any:
    if answer.status_code in (401, 403):
        raise NotAvailableError(
            f"the endpoint refuses us ({answer.status_code})", where=endpoint.url,
            do="put its key into MRIOCARBON_LLM_KEY",
        )  # fmt: skip
    if answer.is_error:
        raise _no_api(endpoint, f"it answers {answer.status_code}: {answer.text[:200]}")
    try:
        return answer.json()
    except ValueError as error:
        raise _no_api(endpoint, "its answer is not JSON") from error


def _no_api(endpoint: Endpoint, why: str) -> NotAvailableError:
    return NotAvailableError(
        f"no OpenAI-compatible API with tools is there: {why}", where=endpoint.url,
        do="name the address with its path, such as http://127.0.0.1:8000/v1; the server needs a "
        "parser of tool calls",
    )  # fmt: skip
