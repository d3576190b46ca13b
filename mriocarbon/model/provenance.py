"""Where a number comes from: sources, editions, hashes, steps, and what is estimated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from mriocarbon import __version__
from mriocarbon.model.brief import brief


@dataclass(frozen=True)
class Source:
    """One source: who made it, how to cite it, under which licence.

    Attributes
    ----------
    name, citation, licence, url, edition, sha256 : str
        As the producer gives them; `sha256` of the file that was read, if any.

    Examples
    --------
    >>> Source("my table", citation="Me (2026)").licence
    ''
    """

    name: str
    citation: str = ""
    licence: str = ""
    url: str = ""
    edition: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Note:
    """A remark that travels with the data to every result.

    Attributes
    ----------
    text : str
    about : str
        The input it concerns: ``"table"``, ``"households"``, or a stressor's name.
    estimated : bool
        True where the input is an estimate and not an observation.
    sources : tuple of Source
        Where this input comes from, if not from the sources of the table; they join the
        provenance of every result that uses it.

    Examples
    --------
    >>> Note("scaled from 2014", about="GHG", estimated=True).estimated
    True
    """

    text: str
    about: str = "table"
    estimated: bool = False
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """What a table or a result was made from, and how.

    Attributes
    ----------
    dataset : str
        Name of the data set, such as ``"oecd-icio-2022"``.
    edition : str
        Its edition. Results of different editions are never added or differenced.
    sha256 : str
        Hash of the file read, when there is one.
    method : str
        How the value was computed.
    version : str
        Version of this package.
    sources : tuple of Source
    steps : tuple of str
        Named steps (repairs, aggregations), in order.
    year : int or None
        Of the table.
    stressor : str
        What a result counts; empty for a table.
    references : tuple of str
        Papers that define how a result was computed, "Author (year) doi:..."; empty for a table.

    Examples
    --------
    >>> Provenance("my table").after("81 economies summed to 20").steps
    ('81 economies summed to 20',)
    """

    dataset: str = "arrays"
    edition: str = ""
    sha256: str = ""
    method: str = ""
    version: str = ""
    sources: tuple[Source, ...] = field(default=())
    steps: tuple[str, ...] = field(default=())
    year: int | None = None
    stressor: str = ""
    references: tuple[str, ...] = field(default=())

    __repr__ = brief

    def computed(
        self,
        method: str,
        notes: Iterable[Note] = (),
        *,
        stressor: str = "",
        references: Iterable[str] = (),
    ) -> Provenance:
        """Return a copy that says how a result was computed, with the sources of its notes."""
        joined = dict.fromkeys((*self.sources, *(s for note in notes for s in note.sources)))
        made = replace(
            self, method=method, version=__version__, sources=tuple(joined), stressor=stressor,
            references=tuple(references),
        )  # fmt: skip
        hear(made)
        return made

    def joined(self, other: Provenance) -> Provenance:
        """Return a copy that has the sources and references of both, each once."""
        return replace(
            self,
            sources=tuple(dict.fromkeys((*self.sources, *other.sources))),
            references=tuple(dict.fromkeys((*self.references, *other.references))),
        )

    def after(self, step: str) -> Provenance:
        """Return a copy with one more named step."""
        return replace(self, steps=(*self.steps, step))


_listening: ContextVar[list[Provenance] | None] = ContextVar("listening", default=None)


def hear(made: Provenance) -> None:
    """Tell `heard`, where somebody listens, that something was computed or read."""
    kept = _listening.get()
    if kept is not None and made not in kept:
        kept.append(made)


@contextmanager
def heard() -> Iterator[list[Provenance]]:
    """Keep the provenance of all that is computed or read meanwhile, in this thread alone.

    A command may compute several results and show one table of them; what it rests on is all
    of them. Nothing else changes: no number depends on whether somebody listens.

    Examples
    --------
    >>> with heard() as kept:
    ...     _ = Provenance("my table").computed("a sum")
    >>> [one.method for one in kept]
    ['a sum']
    """
    kept: list[Provenance] = []
    token = _listening.set(kept)
    try:
        yield kept
    finally:
        _listening.reset(token)
