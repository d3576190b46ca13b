"""What a tool answers: figures that carry all that must be known about them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mriocarbon.model import Note, Provenance, Source


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Cited(_Frozen):
    """One source, as it is printed beside a number."""

    name: str
    citation: str = ""
    licence: str = ""
    url: str = ""
    edition: str = ""
    sha256: str = ""

    @classmethod
    def of(cls, source: Source) -> Cited:
        """Return it from the source of a table or result."""
        return cls(
            name=source.name, citation=source.citation, licence=source.licence, url=source.url,
            edition=source.edition, sha256=source.sha256,
        )  # fmt: skip


def percent(share: float | Decimal | None) -> float | None:
    """Return a share in per cent; None stays unknown, and a legal share is exact until then.

    Examples
    --------
    >>> from decimal import Decimal
    >>> percent(0.25), percent(Decimal("0.07")), percent(None)
    (25.0, 7.0, None)
    """
    return None if share is None else float(100 * share)


class Figure(_Frozen):
    """One number, bound to what it is a number of.

    `labels` says of what: ``region``, ``partner``, ``sector``, ``good``, ``year``, ``gas``,
    ``principle``, ... all as text, regions as ISO 3166 alpha-3 or the table's code. Two figures
    of one result never have the same quantity and labels. A number that is not known has no
    value and says `why`; it is never zero.
    """

    id: str = Field(default="", description="f1, f2, ... within its result")
    quantity: str = Field(description="what is counted, such as 'consumption account'")
    value: float | None
    unit: str = Field(
        description="of value, low and high: masses of gas (Mt CO2e, Mt CO2, Mt CH4, kg CO2e), "
        "carbon (GtC), intensities (t CO2e/t, g CO2/kWh, kg CO2e/kWh), money (EUR, million USD),"
        " energy and power (kWh, MW), persons, %; '1' for a share or a plain number"
    )
    low: float | None = Field(default=None, description="lower end of the interval")
    high: float | None = Field(default=None, description="upper end of the interval")
    level: float | None = Field(default=None, description="0.95 for 95 %; none: a range")
    labels: dict[str, str] = Field(default_factory=dict)
    estimated: bool = Field(default=False, description="rests on an input that is an estimate")
    why: str = Field(default="", description="why the value, or its interval, is missing")

    @field_validator("value", "low", "high", mode="before")
    @classmethod
    def _absent(cls, value: Any) -> Any:
        """NaN means not known, on every floor below; JSON has no word for it."""
        return None if isinstance(value, float) and math.isnan(value) else value

    @model_validator(mode="after")
    def _explained(self) -> Figure:
        if self.value is None and not self.why:
            raise ValueError(f"{self.quantity} {self.labels} has no value and does not say why")
        return self


class ToolResult(_Frozen):
    """What one call of a tool returned; the same call gives the same result.

    `figures` hold every number; `items` hold words (names, codes, definitions, verdicts).
    """

    tool: str = ""
    arguments: dict[str, Any] = Field(default_factory=dict, description="as they were asked for")
    read_as: dict[str, str] = Field(
        default_factory=dict, description="how names were understood: '中国' -> 'CHN'"
    )
    title: str
    figures: tuple[Figure, ...] = ()
    items: tuple[dict[str, str], ...] = ()
    caveats: tuple[str, ...] = ()
    sources: tuple[Cited, ...] = ()
    dataset: str = ""
    edition: str = ""
    method: str = ""
    version: str = ""
    offset: int = Field(default=0, description="how many were left out before the first one shown")
    total: int | None = Field(default=None, description="how many in all, if not all are here")
    shown: int | None = Field(
        default=None, description="how many of `total` are here; a row may have several figures"
    )

    @model_validator(mode="after")
    def _numbered(self) -> ToolResult:
        seen: set[str] = set()
        numbered = []
        for k, one in enumerate(self.figures, start=1):
            key = json.dumps([one.quantity, one.unit, sorted(one.labels.items())])
            if key in seen:
                raise ValueError(f"two figures {one.quantity!r} with labels {one.labels}")
            seen.add(key)
            numbered.append(one if one.id == f"f{k}" else one.model_copy(update={"id": f"f{k}"}))
        object.__setattr__(self, "figures", tuple(numbered))
        if self.total is not None and self.shown is None:
            object.__setattr__(self, "shown", len(self.figures) or len(self.items))
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the whole result in canonical JSON, its numbers to ten digits.

        Equal results have equal ones wherever they were computed, but for a number on the edge
        of rounding: the last digits hang on the kernels of a processor and on what was solved
        before.
        """
        content = _rounded(self.model_dump(mode="json"))
        written = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()


def _rounded(content: Any) -> Any:
    """Return JSON content with its numbers to ten digits."""
    if isinstance(content, float):
        return float(f"{content:.9e}")
    if isinstance(content, dict):
        return {key: _rounded(value) for key, value in content.items()}
    return [_rounded(one) for one in content] if isinstance(content, list) else content


def described(
    provenance: Provenance, notes: Iterable[Note] = (), more: Iterable[Source] = ()
) -> Mapping[str, Any]:
    """Return the fields of a `ToolResult` that tell where it comes from; doubled ones once."""
    sources = dict.fromkeys((*provenance.sources, *more))
    return {
        "sources": tuple(Cited.of(one) for one in sources),
        "caveats": tuple(
            dict.fromkeys(("estimate: " if n.estimated else "") + n.text for n in notes)
        ),
        "dataset": provenance.dataset,
        "edition": provenance.edition,
        "method": provenance.method,
        "version": provenance.version,
    }
