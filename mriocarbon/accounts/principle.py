"""What is known of a principle: name, formula, reference, boundary, what it conserves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Principle:
    """One accounting principle.

    Attributes
    ----------
    name : str
        As passed to `mc.account`.
    title : str
    formula : str
        In the notation of docs/methods/principles.md.
    reference : str
        Author, year and DOI where known.
    boundary : str
        What the account of a region contains.
    conserves : bool
        True if the accounts of all regions add up to the emissions of the world.
    compute : callable
        ``compute(economy, **options) -> array of shape (k, R)``, without households.
    options : mapping of option to meaning
    needs : str
        Data that the caller must give, empty if the table is enough.
    status : str
        ``"stable"`` or ``"experimental"``, with the reason.
    """

    name: str
    title: str
    formula: str
    reference: str
    boundary: str
    conserves: bool
    compute: Callable[..., Any]
    options: tuple[tuple[str, str], ...] = ()
    needs: str = ""
    status: str = "stable"

    @property
    def references(self) -> tuple[str, ...]:
        """`reference` as a tuple, one entry for each paper."""
        return tuple(self.reference.split("; "))

    def __repr__(self) -> str:
        return f"<Principle {self.name}: {self.formula}>"
