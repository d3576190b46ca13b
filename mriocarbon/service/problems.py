"""Errors as `application/problem+json` (RFC 9457), with the same words as the Python errors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from mriocarbon import errors
from mriocarbon.datasets.sql import QueryError, QueryLimitError, QueryRefusedError
from mriocarbon.errors import AmbiguousNameError, InputError, MriocarbonError

MEDIA = "application/problem+json"
KIND = "urn:mriocarbon:problem:"


class InternalError(MriocarbonError):
    """What should not have happened: the fault is ours, and the log says more."""


STATUS: Mapping[type[MriocarbonError], int] = {
    errors.NotAvailableError: 404,
    errors.DataFileError: 500,
    InternalError: 500,
    MriocarbonError: 422,
}
"""Status of the nearest class; what a caller can put right is 422."""
_RAISED: tuple[type[MriocarbonError], ...] = (
    *(getattr(errors, name) for name in errors.__all__ if name.endswith("Error")),
    QueryError, QueryLimitError, QueryRefusedError,
)  # fmt: skip
"""What a problem is raised as again."""


class Option(BaseModel):
    """One thing that an ambiguous name can mean."""

    code: str
    name: str


class Problem(BaseModel):
    """What is wrong, where, and what to do next."""

    type: str = Field(description="stable name of this kind of problem")
    title: str = Field(description="the kind of problem in words")
    status: int
    detail: str = Field(description="what is wrong")
    where: str = Field(default="", description="where: the argument, the sectors, the file")
    do: str = Field(default="", description="what to do next")
    kind: str = Field(default="", description="of an ambiguous name: country, sector, good, ...")
    asked: str = Field(default="", description="the ambiguous name")
    options: list[Option] = Field(
        default_factory=list, description="what an ambiguous name can mean: send one of the codes"
    )
    about: str = Field(default="", description="what an ambiguous name is, where that is known")
    more: int = Field(default=0, description="how many it can mean beside the options")
    request_id: str = Field(default="", description="name this when you ask for help")


class Refused(Exception):
    """A request that is refused before any tool sees it: who, how often, how large, which path.

    Parameters
    ----------
    status : int
    kind : str
        Such as "too-large"; ends the problem's type.
    what, where, do : str
        As of `MriocarbonError`.
    headers : mapping, optional
        Of the response, such as ``Retry-After``.
    """

    def __init__(
        self, status: int, kind: str, what: str, *, where: str = "", do: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(what)
        self.status, self.headers = status, dict(headers or {})
        self.problem = Problem(
            type=KIND + kind, title=_words(kind), status=status, detail=what, where=where, do=do
        )

    @classmethod
    def by(cls, error: MriocarbonError, status: int) -> Refused:
        """Return the refusal that tells an error of ours with a status of its own."""
        made = cls(status, "", error.what)
        made.problem = of(error, status)
        return made


def _words(kind: str) -> str:
    return kind.replace("-", " ")


def _kind(name: str) -> str:
    """``UnknownNameError`` -> ``unknown-name``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Error")).lower()


def of(error: MriocarbonError, status: int | None = None) -> Problem:
    """Return the problem that tells an error of ours in its own words.

    Examples
    --------
    >>> from mriocarbon.errors import InputError
    >>> one = of(InputError("a cell is empty", where="Z[3, 4]", do="fill it"))
    >>> one.status, one.type, one.detail, one.where, one.do
    (422, 'urn:mriocarbon:problem:input', 'a cell is empty', 'Z[3, 4]', 'fill it')
    """
    kind = _kind(type(error).__name__)
    if status is None:
        status = next(STATUS[one] for one in type(error).__mro__ if one in STATUS)
    more: dict[str, Any] = {}
    if isinstance(error, AmbiguousNameError):
        more = {
            "kind": error.kind, "asked": error.name, "about": error.about, "more": error.more,
            "options": [Option(code=code, name=name) for code, name in error.options],
        }  # fmt: skip
    return Problem(
        type=KIND + kind, title=_words(kind), status=status, detail=error.what,
        where=error.where, do=error.do, **more,
    )  # fmt: skip


def raised(problem: Problem) -> MriocarbonError:
    """Return the error that a problem tells of; the other way round of `of`.

    Examples
    --------
    >>> from mriocarbon.errors import UnitError
    >>> raised(of(UnitError("no kg of money")))
    UnitError('no kg of money')
    """
    if problem.options:
        both = [(one.code, one.name) for one in problem.options]
        return AmbiguousNameError(
            problem.kind, problem.asked, both, about=problem.about, more=problem.more
        )
    kind = problem.type.removeprefix(KIND)
    for one in _RAISED:
        if _kind(one.__name__) == kind and one is not AmbiguousNameError:
            return one(problem.detail, where=problem.where, do=problem.do)
    told = f"{problem.detail} (status {problem.status}, request {problem.request_id})"
    return MriocarbonError(told, where=problem.where, do=problem.do)


def of_arguments(
    found: Sequence[Mapping[str, Any]], name: str = "", known: Sequence[str] = ()
) -> Problem:
    """Return the problem of arguments that a model refused, as `tools.call` would tell it.

    `found` are pydantic's errors with a first place such as ``query`` or ``body``.
    """
    told = []
    for one in found:
        place = [str(part) for part in one.get("loc", ())]
        place = place[1:] if place and place[0] in ("query", "body", "path", "header") else place
        told.append(f"{'.'.join(place) or 'arguments'}: {str(one.get('msg', ''))[:200]}")
    return of(
        InputError(
            "; ".join(told[:20]),
            where=f"arguments of {name}" if name else "the request",
            do=f"known arguments: {', '.join(known)}" if known else "see /openapi.json",
        )
    )
