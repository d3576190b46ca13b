"""The list of tools: names, typed arguments, and one way of calling them."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal, ParamSpec, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from mriocarbon.compute.blas import blas_threads
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.tools.types import ToolResult

Cost = Literal["fast", "slow"]
P = ParamSpec("P")

GROUPS: Mapping[str, str] = {
    "trade": "who emits, for whom, through which chains",
    "cbam": "the EU's carbon border adjustment: default values, obligation, audit",
    "lca": "carbon footprints of products",
    "natural": "land, ocean and other natural sources and sinks, by scope",
    "industry": "process models of heavy industry",
    "avoided": "avoided emissions of exported solar and wind technology",
    "uncertainty": "intervals, differences and what drives them",
    "data": "data sets, database, names and definitions",
}
"""Groups of tools, and what each answers."""

MOST_FIGURES = 200
"""Figures of one answer: more than a model reads."""
MOST_WRONG = 20
"""Wrong arguments that are named; a list can hold many."""

_MODULES = (
    "trade", "compared", "structure", "cbam", "cbam_audit", "lca", "lca_parts", "natural",
    "natural_ipcc", "industry", "industry_plan", "avoided", "uncertainty", "data", "glossary",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tool:
    """One public function, ready to be called by name.

    Attributes
    ----------
    name, group : str
    title : str
        One line, for menus.
    function : callable
        Takes the arguments by keyword, returns a `ToolResult`.
    cost : {"fast", "slow"}
        Slow ones take seconds to minutes: a service runs them as jobs.
    examples : tuple of mapping
        Arguments that work on the data that ship with the package; each is tested.
    """

    name: str
    group: str
    title: str
    function: Callable[..., ToolResult]
    cost: Cost
    examples: tuple[Mapping[str, Any], ...]

    @property
    def description(self) -> str:
        """What it answers and how it is read, for a reader or a language model."""
        return inspect.getdoc(self.function) or self.title

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The arguments as a pydantic model; unknown ones are refused."""
        hints = get_type_hints(self.function, include_extras=True)
        fields: dict[str, Any] = {}
        for name, one in inspect.signature(self.function).parameters.items():
            default = ... if one.default is inspect.Parameter.empty else one.default
            fields[name] = (hints[name], default)
        return create_model(
            f"{self.name}_arguments",
            __config__=ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True),
            **fields,
        )

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the arguments."""
        return self.arguments.model_json_schema()

    def checked(self, arguments: Mapping[str, Any]) -> BaseModel:
        """Return arguments with the defaults; InputError names all that are wrong."""
        try:
            return self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            raise wrong_arguments(error, self.name, self.arguments) from None


def wrong_arguments(error: ValidationError, name: str, arguments: type[BaseModel]) -> InputError:
    """Return what pydantic found wrong with the arguments of a tool or report, in our words.

    Examples
    --------
    >>> from mriocarbon import tools
    >>> account = tools.get("account").arguments
    >>> try:
    ...     account(gas=3)
    ... except ValidationError as error:
    ...     wrong_arguments(error, "account", account).what
    'gas: Input should be a valid string'
    """
    return InputError(
        "; ".join(_told(e) for e in error.errors()[:MOST_WRONG]),
        where=f"arguments of {name}",
        do=f"known arguments: {', '.join(arguments.model_fields)}",
    )


_TOOLS: dict[str, Tool] = {}
_SAY: ContextVar[Callable[[str], None] | None] = ContextVar("say", default=None)


def tool(
    group: str, title: str, *, cost: Cost = "fast", examples: tuple[Mapping[str, Any], ...]
) -> Callable[[Callable[P, ToolResult]], Callable[P, ToolResult]]:
    """Put the function below on the list, under its own name.

    Its docstring is what a language model reads: what it answers, when to use it, the units.
    """
    if group not in GROUPS:
        raise UnknownNameError.of("group of tools", group, GROUPS)

    def listed(function: Callable[P, ToolResult]) -> Callable[P, ToolResult]:
        name = function.__name__
        if name in _TOOLS:
            raise InputError(f"two tools named {name!r}", where=function.__module__)
        _TOOLS[name] = Tool(name, group, title, function, cost, examples)
        return function

    return listed


@lru_cache(maxsize=1)
def _all() -> Mapping[str, Tool]:
    for module in _MODULES:
        if importlib.util.find_spec(f"mriocarbon.tools.{module}"):
            importlib.import_module(f"mriocarbon.tools.{module}")
    groups = tuple(GROUPS)

    def place(item: tuple[str, Tool]) -> tuple[int, int]:
        """By group and module, whichever module was imported first."""
        module = item[1].function.__module__.rpartition(".")[2]
        return groups.index(item[1].group), (*_MODULES, module).index(module)

    return dict(sorted(_TOOLS.items(), key=place))


def listing(*groups: str) -> tuple[Tool, ...]:
    """Return the tools of these groups, or all."""
    for group in groups:
        if group not in GROUPS:
            raise UnknownNameError.of("group of tools", group, GROUPS)
    return tuple(one for one in _all().values() if not groups or one.group in groups)


def get(name: str) -> Tool:
    """Return one tool by its name; UnknownNameError offers the nearest ones."""
    found = _all().get(name)
    if found is None:
        raise UnknownNameError.of("tool", name, _all())
    return found


def call(name: str, arguments: Mapping[str, Any] | None = None) -> ToolResult:
    """Check the arguments, call the tool, and return what it found.

    Raises
    ------
    UnknownNameError
        No such tool, or a name in the arguments that means nothing.
    AmbiguousNameError
        A name that fits several; `options` holds them.
    InputError
        Arguments missing, unknown, or out of bounds: each is named.
    NotAvailableError
        The data for this question are not at hand.
    """
    return _cached(name, get(name).checked(arguments or {}).model_dump_json())


class _OneThread:
    """While any tool is computed, linear algebra has one thread in this process.

    The last bits of a sum depend on how many threads made it, and with them the digest of a
    result: the same question must have the same one on every machine's number of cores.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._limit: AbstractContextManager[None] | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                limit = blas_threads(1)
                limit.__enter__()
                self._limit = limit
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._limit is not None:
                self._limit.__exit__(None, None, None)
                self._limit = None


_ONE_THREAD = _OneThread()


@lru_cache(maxsize=512)
def _cached(name: str, arguments: str) -> ToolResult:
    one = _all()[name]
    checked = one.arguments.model_validate_json(arguments)
    try:
        with _ONE_THREAD:
            found = one.function(
                **{key: getattr(checked, key) for key in type(checked).model_fields}
            )
    except ValidationError as error:
        if any(told["type"] != "finite_number" for told in error.errors()):
            raise
        raise InputError(
            "the arguments lead to a number that is not finite", where=f"arguments of {name}",
            do="give numbers of an ordinary size",
        ) from None  # fmt: skip
    if len(found.figures) > MOST_FIGURES:
        raise InputError(
            f"the answer has {len(found.figures)} figures, more than {MOST_FIGURES}",
            where=name, do="ask for less: name what is wanted, or give limit and offset",
        )  # fmt: skip
    return found.model_copy(update={"tool": name, "arguments": json.loads(arguments)})


@contextmanager
def progress(to: Callable[[str], None]) -> Iterator[None]:
    """Have tools that take long tell `to` how far they are, while this lasts.

    Examples
    --------
    >>> heard: list[str] = []
    >>> with progress(heard.append):
    ...     say("half of it")
    >>> say("to nobody")
    >>> heard
    ['half of it']
    """
    token = _SAY.set(to)
    try:
        yield
    finally:
        _SAY.reset(token)


def say(text: object) -> None:
    """Tell whoever listens how far a tool is; called by tools."""
    to = _SAY.get()
    if to is not None:
        to(str(text))


def forget() -> None:
    """Forget what was answered: a table went that answers rest on."""
    _cached.cache_clear()


def _told(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "arguments"
    return f"{place}: {str(error['msg'])[:200]}"
