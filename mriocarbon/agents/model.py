"""A language model behind an OpenAI-compatible endpoint, made ready for the specialists.

Replies are asked for whole, not as a stream: no text may reach a reader before its numbers are
checked, and a reply that is whole cannot be cut between two calls.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic_ai import exceptions as failures
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ToolCallPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from mriocarbon.agents.answer import Limits
from mriocarbon.agents.plain_calls import calls_in
from mriocarbon.config import Endpoint
from mriocarbon.errors import MriocarbonError, NotAvailableError, listed

if TYPE_CHECKING:
    from openai import AsyncOpenAI

NO_MODEL = "no language model to ask"
START = (
    "start one with `mriocarbon llm serve`, or name one with --endpoint or in MRIOCARBON_LLM;"
    " every tool answers without one: `mriocarbon --help`"
)
CONNECT_SECONDS = 10.0
DEFAULT_CONTEXT = 8192


class ModelFailedError(MriocarbonError):
    """The language model, or the way to it, failed: one line says how."""


class LimitReachedError(MriocarbonError):
    """A question used up what it may: requests, calls, tokens or seconds."""


def no_model() -> NotAvailableError:
    """Return the error of a question where no model is named."""
    return NotAvailableError(NO_MODEL, where="--endpoint, MRIOCARBON_LLM", do=START)


@dataclass
class Budget:
    """What is left for one question, over all its parts."""

    limits: Limits
    requests: int = 0
    calls: int = 0
    tokens: int = 0
    began: float = field(default_factory=time.monotonic)

    def request(self) -> None:
        """Count a request to the model; LimitReachedError where none is left."""
        if self.requests >= self.limits.requests:
            raise LimitReachedError(f"limit of {self.limits.requests} requests to the model")
        if self.tokens >= self.limits.tokens:
            raise LimitReachedError(f"limit of {self.limits.tokens} tokens")
        self.requests += 1

    def call(self) -> None:
        """Count a call of a tool; LimitReachedError where none is left."""
        if self.calls >= self.limits.calls:
            raise LimitReachedError(f"limit of {self.limits.calls} calls of tools")
        self.calls += 1

    def used(self) -> dict[str, int]:
        """Return the counts."""
        return {"requests": self.requests, "calls": self.calls, "tokens": self.tokens}


@dataclass(frozen=True)
class Bound:
    """A model that can be asked: its name, where it is, and what it can do.

    `strict`: the endpoint binds arguments to the schema of a tool that says so. `context` is how
    many tokens a request and its reply may have together.
    """

    model: Model
    name: str
    url: str = ""
    strict: bool = False
    context: int = DEFAULT_CONTEXT
    client: AsyncOpenAI | None = field(default=None, repr=False)

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        if self.client is not None:
            await self.client.close()

    @property
    def forced(self) -> bool:
        """Whether it can be made to call a tool."""
        return bool(self.model.profile.get("supports_forced_tool_choice", True))


class Watched(WrapperModel):
    """A model whose requests are counted and whose calls written as text are read as calls."""

    def __init__(self, wrapped: Model, budget: Budget) -> None:
        super().__init__(wrapped)
        self.budget = budget

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Ask once."""
        self.budget.request()
        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        self.budget.tokens += response.usage.total_tokens
        response = replace(response, parts=[_readable(part) for part in response.parts])
        names = [
            one.name
            for one in (
                *model_request_parameters.function_tools, *model_request_parameters.output_tools
            )
        ]  # fmt: skip
        return with_calls(response, names)


LONGEST_REPLY = 20_000
"""Characters of a reply that are read; `Limits.output_tokens` asks for far less."""
NO_OBJECT = "INVALID_JSON"
"""What stands for arguments that are JSON but no object: the tool tells the model."""


def _readable(part: ModelResponsePart) -> ModelResponsePart:
    """Return a part of a reply whose text can be written and whose arguments are an object."""
    if isinstance(part, TextPart):
        return replace(part, content=writable(part.content[:LONGEST_REPLY]))
    if not isinstance(part, ToolCallPart):
        return part
    given = writable(part.args)
    if isinstance(given, str):
        try:
            value = json.loads(given)
        except (ValueError, RecursionError):
            pass  # cut or broken: the library tells the model where
        else:
            fits = isinstance(value, dict)
            given = writable(value) if fits else {NO_OBJECT: given[:200]}
    elif given is not None and not isinstance(given, dict):
        given = {NO_OBJECT: str(given)[:200]}
    return replace(part, tool_name=writable(part.tool_name), args=given)


def writable(value: Any) -> Any:
    """Return a value without half characters (lone surrogates), which no file can hold.

    Examples
    --------
    >>> writable({"regions": ["Chi" + chr(0xD800) + "na"]})
    {'regions': ['Chi?na']}
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {writable(key): writable(one) for key, one in value.items()}
    return [writable(one) for one in value] if isinstance(value, list) else value


def with_calls(response: ModelResponse, names: list[str]) -> ModelResponse:
    """Return a response in which calls that were written as text are calls.

    One that holds real calls already is left alone: what else it says is talk.
    """
    if any(isinstance(part, ToolCallPart) for part in response.parts):
        return response
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    found = calls_in(text, names)
    if not found:
        return response
    kept: list[ModelResponsePart] = [p for p in response.parts if not isinstance(p, TextPart)]
    return replace(
        response, parts=[*kept, *(ToolCallPart(name, arguments) for name, arguments in found)]
    )


def shown_address(url: str) -> str:
    """Return an address without the name, password, query and fragment it may hold.

    Examples
    --------
    >>> shown_address("http://me:secret@127.0.0.1:8000/v1?key=secret")
    'http://127.0.0.1:8000/v1'
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{port}{parts.path}" if host else "an address without a host"


async def bind(endpoint: Endpoint, limits: Limits, *, client: AsyncOpenAI | None = None) -> Bound:
    """Ask an endpoint which models it serves, and return the one that is wanted.

    Raises
    ------
    ModelFailedError
        Nothing answers there, the key is refused, or it does not serve that model.
    """
    try:
        import openai
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.vllm import VLLMProvider
    except ImportError as error:
        raise NotAvailableError.extra(
            "agents", "questions in words need packages that are not installed", where=str(error)
        ) from error
    import httpx2

    place = shown_address(endpoint.url)
    if not place.startswith(("http://", "https://")):
        raise ModelFailedError(f"{place} is no http address: write it as http://127.0.0.1:8000/v1")
    if client is None:
        client = openai.AsyncOpenAI(
            base_url=endpoint.url, api_key=endpoint.key or "none", max_retries=1,
            timeout=httpx2.Timeout(limits.seconds, connect=CONNECT_SECONDS),
        )  # fmt: skip
    try:
        served = [one async for one in client.models.list()]
    except openai.NotFoundError:
        served = []  # an endpoint need not have a list
    except Exception as error:  # the client raises anything on what is no list
        raise ModelFailedError(_said_by_client(error, place)) from None
    known = [one.id for one in served]
    name = endpoint.model or (known[0] if known else "")
    if not name:
        raise ModelFailedError(f"{place} does not say which models it serves: name one")
    if known and name not in known:
        raise ModelFailedError(f"{place} does not serve {name!r}; it serves {listed(known, 8)}")
    entry = next((one for one in served if one.id == name), None)
    # vLLM says who it is; its strict tools take any schema, OpenAI's only a narrow kind
    vllm = entry is not None and entry.owned_by == "vllm"
    context = getattr(entry, "max_model_len", None)
    return Bound(
        OpenAIChatModel(name, provider=VLLMProvider(openai_client=client)), name, place, vllm,
        context if isinstance(context, int) and context > 0 else DEFAULT_CONTEXT, client,
    )  # fmt: skip


def _said_by_client(error: Exception, place: str) -> str:
    import openai

    if isinstance(error, openai.APITimeoutError):
        return f"{place} did not answer in time"
    if isinstance(error, openai.APIConnectionError):
        return f"nothing answers at {place}: start a model with `mriocarbon llm serve`"
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return f"{place} refuses the key: set MRIOCARBON_LLM_KEY"
    if isinstance(error, openai.APIStatusError):
        return f"{place} answers with HTTP {error.status_code}: is it an OpenAI-compatible API?"
    return f"{place} does not answer as an OpenAI-compatible API ({type(error).__name__})"


def told(error: Exception, bound: Bound) -> str:
    """Return in one line what went wrong between us and the model; never a body or a key."""
    place = bound.url or bound.name
    by_kind: tuple[tuple[type[Exception], str], ...] = (
        (failures.ModelAuthenticationError, f"{place} refuses the key: set MRIOCARBON_LLM_KEY"),
        (failures.ModelNotFoundError, f"{place} does not serve {bound.name!r}"),
        (failures.ModelContextWindowExceededError,
         f"question and results are longer than the {bound.context} tokens of {bound.name}"),
        (failures.ModelTimeoutError, f"{place} did not answer in time"),
        (failures.ModelRequestTimeout, f"{place} did not answer in time"),
        (failures.ModelConnectionError,
         f"nothing answers at {place}: start a model with `mriocarbon llm serve`"),
        (failures.ModelRateLimitError, f"{place} has too many requests: ask later"),
    )  # fmt: skip
    for kind, text in by_kind:
        if isinstance(error, kind):
            return text
    if isinstance(error, failures.ModelHTTPError):
        return f"{place} answers with HTTP {error.status_code}"
    if isinstance(error, failures.IncompleteToolCall | failures.OutputTokenLimitExceeded):
        return f"{bound.name} did not get to the end of its reply, however often it was asked"
    if isinstance(error, failures.UnexpectedModelBehavior):
        if "Invalid response" in error.message:
            return f"{place} does not answer as an OpenAI-compatible API"
        return f"{bound.name} did not make a valid call or answer, however often it was told"
    if isinstance(error, failures.ModelAPIError):
        return f"{place} broke off: ask again"
    return f"the reply of {bound.name} cannot be used ({type(error).__name__})"


def settings(limits: Limits, context: int) -> ModelSettings:
    """Return the settings of every request: no chance, bounded replies, no thinking aloud."""
    return ModelSettings(
        temperature=0.0, seed=0, max_tokens=min(limits.output_tokens, max(512, context // 16)),
        timeout=limits.seconds, thinking=False,
    )  # fmt: skip
