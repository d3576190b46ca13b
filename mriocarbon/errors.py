"""The exception tree. Every message says what is wrong, where, and what to do next.

::

    MriocarbonError
    ├── InputError (ValueError)        the data handed in are wrong
    │   ├── LabelError                 labels do not match or are doubled
    │   ├── ShapeError                 an array has the wrong shape
    │   ├── NonFiniteError             NaN or infinite cells
    │   ├── NegativeOutputError        gross output below zero
    │   ├── UnitError                  units that cannot be converted or combined
    │   ├── UnknownNameError           no such principle, region, stressor, data set
    │   └── AmbiguousNameError         a name that fits several
    ├── NotProductiveError             spectral radius of A at or above one
    ├── ConvergenceError               an iterative solve missed its tolerance
    ├── MemoryLimitError (MemoryError) it would not fit into the memory at hand
    ├── NotAvailableError              the data or packages for it are not at hand
    └── DataFileError (OSError)        a file is missing, truncated or altered

    MriocarbonWarning (UserWarning)
    ├── TableWarning                   a table that is not clean
    ├── AccuracyWarning                an answer less exact than the stated tolerance
    └── AccountWarning                 an account that deserves a second look
"""

from __future__ import annotations

import difflib
import os
import re
import threading
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = [
    "AccountWarning",
    "AccuracyWarning",
    "AmbiguousNameError",
    "ConvergenceError",
    "DataFileError",
    "InputError",
    "LabelError",
    "MemoryLimitError",
    "MriocarbonError",
    "MriocarbonWarning",
    "NegativeOutputError",
    "NonFiniteError",
    "NotAvailableError",
    "NotProductiveError",
    "ShapeError",
    "TableWarning",
    "UnitError",
    "UnknownNameError",
]

_WORD = re.compile(r"\w+")
_ALIKE = 0.6  # share of letters in common, in order, from which a name may be a slip of another
_ALIKE_OF_MANY = 0.75
_CODE = 4  # letters
_FARTHER = 0.2  # what is that much less alike than the nearest is not offered beside it
_LONG = 40  # names that nobody reads through in a message


class MriocarbonError(Exception):
    """Base of every error raised on purpose.

    Parameters
    ----------
    what : str
        What is wrong.
    where : str, optional
        Where it was found: the argument, the sectors, the file.
    do : str, optional
        What to do next.
    """

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = what, where, do
        lines = [what]
        if where:
            lines.append(f"  where: {where}")
        if do:
            lines.append(f"  what to do: {do}")
        super().__init__("\n".join(lines))

    def __str__(self) -> str:  # KeyError and OSError would otherwise quote or number the text
        return str(self.args[0])


class InputError(MriocarbonError, ValueError):
    """The data handed in are wrong."""


class LabelError(InputError):
    """Labels do not match, are missing or are doubled."""


class ShapeError(InputError):
    """An array has the wrong shape."""


class NonFiniteError(InputError):
    """NaN or infinite cells where numbers are needed."""


class NegativeOutputError(InputError):
    """Gross output below zero."""


class UnitError(InputError):
    """Units that cannot be converted or combined."""


class UnknownNameError(InputError, KeyError):
    """A name that is not on the list; the message offers the nearest ones."""

    @classmethod
    def of(
        cls, kind: str, name: str, known: Iterable[str], *, also: Iterable[str] = (), do: str = ""
    ) -> UnknownNameError:
        """Build the error for `name`, with near matches out of `known`.

        Parameters
        ----------
        kind, name : str
            What kind of name was asked for, and the name.
        known : iterable of str
        also : iterable of str
            Other names of the same things, which are looked through but not counted.
        do : str
            What else to do.
        """
        options = list(known)
        folded = {option.casefold(): option for option in [*also, *reversed(options)]}
        asked = str(name).casefold().strip()
        near = [n for n in folded if n.startswith(asked)][:3] if len(asked) > 2 else []
        near = near or _alike(asked, folded)
        if not near:  # "grid electricity" is no misspelt "electricity, at grid, US"
            words = set(_WORD.findall(asked))
            near = [n for n in folded if words and words <= set(_WORD.findall(n))]
            near = sorted(near, key=len)[:3]
        hint = " or ".join(repr(folded[n]) for n in near)
        if hint:
            advice = f"did you mean {hint}?"
        elif len(options) > _LONG:  # the first dozen of hundreds helps nobody
            advice = f"none of them is like it; they are such as {', '.join(options[:3])}"
        else:
            advice = "known: " + (listed(options, 12) or "none")
        return cls(
            f"unknown {kind} {name!r}",
            where=f"{kind}, {len(options)} known",
            do=f"{advice} {do}".strip(),
        )


def _alike(asked: str, folded: Collection[str]) -> list[str]:
    """Return up to three names that `asked` may be a slip of, the nearest first.

    Half of the letters in common is chance, as nuclear has with solar; among hundreds of names two
    thirds are, as Atlantis has with Albania. Of a code of three letters two are much.
    """
    cutoff = _ALIKE if len(folded) <= _LONG or len(asked) <= _CODE else _ALIKE_OF_MANY
    near = difflib.get_close_matches(asked, folded, n=3, cutoff=cutoff)
    ratios = [difflib.SequenceMatcher(None, name, asked).ratio() for name in near]
    return [n for n, ratio in zip(near, ratios, strict=True) if ratio > ratios[0] - _FARTHER]


class AmbiguousNameError(InputError):
    """A name that fits several; `options` holds them as (code, name) pairs.

    Parameters
    ----------
    kind, name : str
        What kind of name was asked for, and the name.
    options : sequence of (code, name)
    about : str
        What the name is, where it is more than unclear: "is section C of ISIC".
    more : int
        How many further ones it can mean, that are no options because they would be too many.

    Examples
    --------
    >>> both = [("KOR", "South Korea"), ("PRK", "North Korea")]
    >>> raise AmbiguousNameError("country", "Korea", both)
    Traceback (most recent call last):
    mriocarbon.errors.AmbiguousNameError: country 'Korea' can mean several
      where: KOR (South Korea), PRK (North Korea)
      what to do: name one of them
    """

    def __init__(
        self, kind: str, name: str, options: Sequence[tuple[str, str]], *, about: str = "",
        more: int = 0,
    ) -> None:  # fmt: skip
        self.kind, self.name, self.options = kind, name, tuple(options)
        self.about, self.more = about, more
        several = len(self.options) > 1
        shown = [f"{code} ({text})" for code, text in self.options]
        super().__init__(
            f"{kind} {name!r} {about or ('can mean several' if several else 'is not clear')}",
            where=listed([*shown, *[""] * more], min(8, len(shown))),
            do="name one of them" if several else "say so if it is meant",
        )


class NotProductiveError(MriocarbonError, ArithmeticError):
    """The table needs more inputs than it makes: (I - A) has no non-negative inverse."""


class ConvergenceError(MriocarbonError, ArithmeticError):
    """An iterative solve did not reach its tolerance."""


class MemoryLimitError(MriocarbonError, MemoryError):
    """What was asked for would not fit into the memory at hand; nothing was begun."""


class NotAvailableError(MriocarbonError, LookupError):
    """The question is well put, but the data or the packages it needs are not at hand."""

    @classmethod
    def extra(cls, name: str, what: str, *, where: str = "", do: str = "") -> NotAvailableError:
        """Build the error for an extra that is not installed, with the command that installs it.

        Parameters
        ----------
        name : str
            The extra, as pyproject.toml has it.
        what : str
            What needs it.
        where : str, optional
            Where it was asked for.
        do : str, optional
            What helps without it.
        """
        command = f'pip install "mriocarbon[{name}]"'
        return cls(what, where=where, do=f"{command}, {do}" if do else command)


class DataFileError(MriocarbonError, OSError):
    """A file is missing, truncated, or its hash is not the recorded one."""


class MriocarbonWarning(UserWarning):
    """Base of every warning."""


class TableWarning(MriocarbonWarning):
    """The table is usable but not clean; the text names the sectors."""


class AccuracyWarning(MriocarbonWarning):
    """An answer could not be brought within the stated tolerance; its error is with it."""


class AccountWarning(MriocarbonWarning):
    """The account is computed but deserves a second look; the text says why."""


_turning = threading.Lock()
_turned: list[int] = []
_kept: ContextVar[list[MriocarbonWarning] | None] = ContextVar("kept", default=None)


def warn(warning: MriocarbonWarning, stacklevel: int = 1) -> None:
    """Tell a warning of ours, unless `quietly` keeps it; `stacklevel` as seen by the caller."""
    kept = _kept.get()
    if kept is None:
        warnings.warn(warning, stacklevel=stacklevel + 1)
    else:
        kept.append(warning)


@contextmanager
def quietly() -> Iterator[list[MriocarbonWarning]]:
    """Keep our warnings in a list instead of telling them, in this thread alone.

    `warnings.catch_warnings` changes the filters of the whole process: two threads in it at once
    can leave them changed for good.

    Examples
    --------
    >>> with quietly() as kept:
    ...     warn(TableWarning("odd"))
    >>> [str(one) for one in kept]
    ['odd']
    """
    kept: list[MriocarbonWarning] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


@contextmanager
def nothing_printed() -> Iterator[None]:
    """Send what compiled code prints on standard output to standard error instead.

    `contextlib.redirect_stdout` cannot: C writes to descriptor 1. Standard output may be the
    channel of a protocol, which one foreign line breaks. The descriptor belongs to the whole
    process: the first thread to come in turns it aside, the last to leave turns it back.
    """
    with _turning:
        if not _turned:
            _turned.append(os.dup(1))
            os.dup2(2, 1)
        _turned.append(-1)
    try:
        yield
    finally:
        with _turning:
            _turned.pop()
            if len(_turned) == 1:
                own = _turned.pop()
                os.dup2(own, 1)
                os.close(own)


def unreadable(
    path: str | os.PathLike[str],
    error: Exception,
    what: str = "the file",
    *,
    where: str = "",
    do: str = "check the path",
) -> DataFileError:
    """Return what to say of a user's file that could not be read: one wording for all of them.

    Parameters
    ----------
    path : path
    error : Exception
        As reading raised it.
    what : str
        What the file is.
    where : str
        Where it is named, in place of the path alone.
    do : str
        What to do if it is there and still cannot be read, or is not there.

    Returns
    -------
    DataFileError

    Examples
    --------
    >>> print(unreadable("plant.yaml", FileNotFoundError(), "the study"))
    no such file
      where: plant.yaml
      what to do: check the path
    """
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        said = "no such file"
    elif isinstance(error, IsADirectoryError):
        said = f"{what} is a folder"
    elif isinstance(error, UnicodeDecodeError):
        said = f"{what} is not in UTF-8: {error.reason} at byte {error.start}"
        do = "save it as UTF-8"
    else:
        said = f"{what} cannot be read: {getattr(error, 'strerror', None) or error}"
    return DataFileError(said, where=where or str(path), do=do)


def listed(items: Sequence[object], most: int = 5) -> str:
    """Return the first `most` items as text, saying how many were left out.

    Examples
    --------
    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    head = ", ".join(str(item) for item in items[:most])
    rest = len(items) - most
    return f"{head} and {rest} more" if rest > 0 else head
