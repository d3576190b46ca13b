"""What a decomposition of value chains returns: terms along one more axis, and their closure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import UNALLOCATED, carried, resolve
from mriocarbon.accounts.economy import value_added_rows
from mriocarbon.errors import InputError, UnknownNameError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.structure.borders import Borders

Array = NDArray[np.float64]

EMISSIONS, PRIMARY, VALUE_ADDED = CONTENTS = ("emissions", "primary inputs", "value added")
REST = "unallocated"
OTHER = "other primary inputs"


@dataclass(frozen=True, eq=False)
class Chain(Result):
    """A result whose last axis, ``term``, holds terms that add up to a known total.

    Attributes
    ----------
    closure : float
        ``sum |terms - total| / sum |total|``, where the total is computed another way and
        ``unallocated`` is not counted as a term.
    equations : mapping of term to str
        What each term is, in the notation of `mriocarbon.structure.borders`.
    additive : bool
        False where regions must not be added up: emissions in gross exports.
    """

    closure: float = float("nan")
    equations: Mapping[str, str] = field(default_factory=dict)
    additive: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "equations", MappingProxyType(dict(self.equations)))

    @property
    def terms(self) -> tuple[str, ...]:
        """The labels of the last axis."""
        return self.coords["term"]

    def metadata(self) -> dict[str, str | float]:
        """Return what `Result.metadata` returns, the closure and the equations."""
        equations = "; ".join(f"{term} = {text}" for term, text in self.equations.items())
        return {**super().metadata(), "closure": self.closure, "equations": equations}

    def share(self, term: str) -> Array:
        """Return one term as a share of the sum of all, NaN where that is 0."""
        total = self.value.sum(axis=-1)
        part = self.value[..., self._position("term", term)]
        return np.asarray(np.divide(part, total, out=np.full_like(total, np.nan), where=total != 0))

    def __repr__(self) -> str:
        shape = " x ".join(f"{len(self.coords[dim])} {dim}" for dim in self.dims)
        return brief(self, f"{self.name}, {shape}, total {self.value.sum():.6g} {self.unit}")


@dataclass(frozen=True, eq=False)
class Content:
    """The content that is traced: by producing sector, with its unit and notes."""

    kind: str
    name: str
    unit: str
    notes: tuple[Note, ...]
    borders: Borders


def content_of(mrio: MRIO, stressor: str | None, content: str) -> Content:
    """Return what is to be traced through the table, with the arrays of its borders.

    Content of sectors without output is kept: no term can hold it, and it shows as
    ``unallocated`` of what was to be placed.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such content or stressor; no value added in the table.
    InputError
        A stressor is named for a content that is money.
    NotProductiveError
        The table has no Leontief inverse.
    """
    if content not in CONTENTS:
        raise UnknownNameError.of("content", content, CONTENTS)
    if content == EMISSIONS:
        extension, row = resolve(mrio, stressor)
        label = extension.stressors[row]
        notes = carried(mrio, extension, row)
        return Content(content, label, extension.units[row], notes, Borders(mrio, extension.F[row]))
    if stressor is not None:
        raise InputError(
            f"stressor {stressor!r} and content {content!r} exclude each other",
            where="option stressor",
            do="leave the stressor out, or ask for content='emissions'",
        )
    notes = tuple(n for n in mrio.notes if n.about == "table")
    f = mrio.primary_inputs
    if content == VALUE_ADDED:
        rows = value_added_rows(mrio)
        assert mrio.value_added is not None  # else there are no rows to be found
        f = mrio.value_added[rows].sum(axis=0)
        taken = [mrio.value_added_rows[k] for k in rows]
        left = [row for row in mrio.value_added_rows if row not in taken]
        text = f"value added: the table's row {listed(taken)}"
        if left:
            text += f"; taken for taxes by their name and left out: {listed(left)}"
    else:
        text = "all primary inputs, x' - 1'Z: value added, taxes less subsidies, other inputs"
    return Content(content, content, mrio.money_unit, (*notes, Note(text)), Borders(mrio, f))


def assemble(
    content: Content,
    name: str,
    terms: Mapping[str, Array],
    total: Array,
    coords: dict[str, tuple[str, ...]],
    equations: Mapping[str, str],
    notes: tuple[Note, ...] = (),
    additive: bool = True,
) -> Chain:
    """Stack terms, each of the shape of `total`, and say what they leave over."""
    labels = list(terms)
    value = np.stack([np.broadcast_to(terms[k], total.shape) for k in labels], axis=-1)
    rest = total - value.sum(axis=-1)
    size = float(np.abs(total).sum())
    closure = float(np.abs(rest).sum()) / size if size > 0 else float(np.abs(rest).sum())
    error = content.borders.error
    equations = dict(equations)
    if closure > max(UNALLOCATED, 10 * error):
        labels.append(REST)
        value = np.concatenate([value, rest[..., None]], axis=-1)
        equations[REST] = "total - sum of the terms: rows that do not balance, zero output"
    mrio = content.borders.mrio
    return Chain(
        name=f"{name}, {content.name}",
        value=value,
        dims=(*coords, "term"),
        coords={**coords, "term": tuple(labels)},
        unit=content.unit,
        error=error,
        notes=(*content.notes, *notes),
        provenance=mrio.provenance.computed(name, content.notes, stressor=content.name),
        closure=closure,
        equations={k: equations[k] for k in labels},
        additive=additive,
    )
