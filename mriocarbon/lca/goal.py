"""Goal and scope of a study (ISO 14040:2006, 5.2; ISO 14044:2006, 4.2; ISO 14067:2018, 6.3).

A study is a YAML file. What it may hold is this schema and nothing else: a word that is not known,
a number that is none, a boundary without its stages are refused with the place in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from mriocarbon.errors import InputError, unreadable
from mriocarbon.lca.plain_yaml import read_yaml

__all__ = [
    "Background",
    "FlowSpec",
    "FunctionalUnit",
    "Goal",
    "HybridSpec",
    "ProcessSpec",
    "Scope",
    "Study",
    "read_study",
]

Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


def _no_truth(value: object) -> object:
    """``true`` is no amount, though Python would read it as 1."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number".lower())
    return value


Number = Annotated[float, BeforeValidator(_no_truth), Field(allow_inf_nan=False)]
Above = Annotated[float, BeforeValidator(_no_truth), Field(gt=0, allow_inf_nan=False)]
Score = Annotated[int, Field(ge=1, le=5)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


class Goal(_Part):
    """Why the study is made and for whom (ISO 14044, 4.2.2)."""

    question: Text
    reason: str = ""
    audience: str = ""
    comparative: bool = False
    """A comparative assertion meant for the public: needs a review that no program can give."""


class FunctionalUnit(_Part):
    """What is measured: an amount of a product that does something (ISO 14044, 4.2.3.2)."""

    product: Text
    amount: Above
    unit: Text
    description: str = ""
    process: str = ""
    """The process that makes the reference flow, where several make the product."""


class Scope(_Part):
    """Boundary and rules (ISO 14044, 4.2.3)."""

    functional_unit: FunctionalUnit
    boundary: Literal["gate-to-gate", "cradle-to-gate", "cradle-to-grave"]
    stages: tuple[str, ...] = ()
    """Stages that must occur, such as use and end of life; needed for cradle-to-grave."""
    excluded: tuple[str, ...] = ()
    """What is left out on purpose, in words: capital goods, commuting."""
    cutoff: Share = 0.01
    """Share of the result below which inputs may be left out; the estimate of all that is left
    out is held against it."""
    allocation: str | dict[str, str | dict[str, float]] | None = None
    fallback: str | None = None
    """Rule where a property is not known (see `System.of`)."""
    gwp: Literal["SAR", "AR4", "AR5", "AR5CCF", "AR6"] = "AR6"
    horizon: Literal[20, 100, 500] = 100
    unspecified_carbon: Literal["fossil", "biogenic emissions"] = "fossil"
    year: Annotated[int, Field(ge=1900, le=2100)] = 2022
    place: str = ""
    """ISO 3166 alpha-3 code or name of the country of the product."""


class FlowSpec(_Part):
    """One exchange of a foreground process, per `amount` of its product."""

    flow: Text
    amount: Number
    unit: Text
    provider: str = ""
    made_as: str = ""
    """What its provider calls it, where that is not `flow`: the part of a machine that a process
    of the material stands for."""
    location: str = ""
    sector: str = ""
    """Industry of the table that makes it, where no process does; `amount` is then money, or
    a quantity with a `price`."""
    price: Above | None = None
    """Money of `currency` per `unit`, basic prices of `price_year`."""
    currency: str = "USD"
    price_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    compartment: str = ""
    carbon: Literal["", "fossil", "biogenic", "land use"] = ""
    source: str = ""
    pedigree: tuple[Score, Score, Score, Score, Score] | None = None
    gsd2: Annotated[Number, Field(ge=1)] | None = None
    """Square of the geometric standard deviation: 95 % lie within this factor."""
    properties: dict[str, Number] = {}


class ProcessSpec(_Part):
    """A foreground process."""

    name: Text
    product: Text
    amount: Above = 1.0
    unit: Text
    location: str = ""
    year: int | None = None
    stage: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    comment: str = ""
    sector: str = ""
    """Industry of the table that this process belongs to: what the process leaves out of its
    purchases is estimated from it."""
    price: Above | None = None
    """Money of `currency` per unit of product, for the same purpose and for allocation."""
    currency: str = "USD"
    price_year: int | None = None
    properties: dict[str, Number] = {}
    inputs: tuple[FlowSpec, ...] = ()
    co_products: tuple[FlowSpec, ...] = ()
    emissions: tuple[FlowSpec, ...] = ()
    resources: tuple[FlowSpec, ...] = ()
    waste: tuple[FlowSpec, ...] = ()
    treats: tuple[FlowSpec, ...] = ()
    """Waste taken in for others beside the product."""

    def __repr__(self) -> str:
        kinds = ("inputs", "co_products", "emissions", "resources", "waste", "treats")
        held = (f"{len(getattr(self, k))} {k}" for k in kinds if getattr(self, k))
        made = f"{self.amount:g} {self.unit} {self.product[:80]}"
        return f"<ProcessSpec: {self.name[:80]}, {made}\n  with {', '.join(held) or 'no flow'}>"


class Background(_Part):
    """Where processes come from that the study does not hold itself.

    One of: ``us-lci`` (embedded), or a path to EcoSpold 1, ILCD or openLCA JSON-LD, or a
    Brightway project and database.
    """

    kind: Literal["us-lci", "ecospold1", "ilcd", "json-ld", "brightway"] = "us-lci"
    path: str = ""
    project: str = ""
    database: str = ""
    leave_out: tuple[str, ...] = ()
    """Processes of it that are not taken, such as those that make no sense as published."""

    @model_validator(mode="after")
    def _complete(self) -> Background:
        if self.kind in {"ecospold1", "ilcd", "json-ld"} and not self.path:
            raise ValueError(f"a background of kind {self.kind} needs a path")
        if self.kind == "brightway" and not (self.project and self.database):
            raise ValueError("a background of kind brightway needs project and database")
        return self


class HybridSpec(_Part):
    """How the table fills what processes do not cover."""

    table: Text = "oecd-icio-2022"
    region: str = ""
    """Region of the table; that of `scope.place` if not given."""
    complement: bool = False
    """Estimate what each foreground process with a sector and a price leaves out of its
    purchases, and count it; what its own inputs cover is taken out of the estimate."""
    covered: dict[str, tuple[str, ...]] = {}
    """Industries that the inputs of a process cover beyond those found by their sector."""
    rates: dict[str, Above] = {}
    """Money of the table for one unit of another currency, in the table's price year."""
    deflators: dict[int, Above] = {}
    """Price level of the table's price year over that of another year."""


class Study(_Part):
    """Goal, scope and inventory of one product; see `read_study`."""

    title: Text
    goal: Goal
    scope: Scope
    processes: tuple[ProcessSpec, ...] = ()
    foreground: tuple[str, ...] = ()
    """Files with more processes: .yaml, .csv, or a folder or zip of openLCA JSON-LD."""
    background: tuple[Background, ...] = ()
    choose: dict[str, str] = {}
    """Process for a product that several of the background make."""
    several: Literal["error", "mix", "leave"] = "error"
    missing: Literal["error", "leave"] = "error"
    hybrid: HybridSpec | None = None
    compare: str = ""
    """A second study, drawn with the same draws."""
    draws: Annotated[int, Field(ge=100, le=1_000_000)] = 1000
    seed: Annotated[int, Field(ge=0)] = 0
    sobol: Annotated[int, Field(ge=0, le=50)] = 8
    """How many of the parameters that move the result most get Sobol indices."""

    @field_validator("background", mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """``background: us-lci`` and ``background: [us-lci]`` are enough."""
        items = [value] if isinstance(value, (str, dict)) else value
        if not isinstance(items, (list, tuple)):
            return items
        return tuple({"kind": one} if isinstance(one, str) else one for one in items)

    @model_validator(mode="after")
    def _whole(self) -> Study:
        if not self.processes and not self.foreground and not self.background:
            raise ValueError("no process: give processes, foreground or background")
        if self.scope.boundary == "cradle-to-grave" and not self.scope.stages:
            raise ValueError("cradle-to-grave needs scope.stages, such as [production, use, end]")
        return self

    def __repr__(self) -> str:
        unit, parts = self.scope.functional_unit, len(self.processes) + len(self.foreground)
        return (
            f"<Study: {self.title[:80]}, {unit.amount:g} {unit.unit} {unit.product[:80]}\n"
            f"  with {parts} processes or files of them, {len(self.background)} backgrounds>"
        )


def read_study(path: Path | str) -> Study:
    """Read a study from a YAML file.

    Parameters
    ----------
    path : path
        Paths inside it are relative to its folder (see `foreground.foreground_of`).

    Returns
    -------
    Study

    Raises
    ------
    DataFileError
        Not there, or no YAML; with the line.
    InputError
        A key given twice. It does not fit the schema; every fault is named with its place.

    Examples
    --------
    >>> from mriocarbon.lca.study import examples
    >>> study = read_study(examples()["steel_eaf"])
    >>> study.scope.functional_unit.amount, study.scope.functional_unit.unit
    (1.0, 't')
    """
    where = Path(path)
    try:
        text = where.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(where, error, "the study") from error
    raw, _ = read_yaml(text, file=where.name, where=str(where))
    if not isinstance(raw, dict):
        raise InputError("a study is a mapping", where=str(where), do="begin with title: ...")
    return study_of(raw, where=where.name)


def study_of(raw: dict[str, Any], *, where: str = "study") -> Study:
    """Return a study from plain data, such as parsed YAML; InputError names every fault.

    Parameters
    ----------
    raw : dict
        Keys as in the YAML of a study: title, goal, scope, processes, background, ...
    where : str
        How messages name the place.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        It does not fit the schema; every fault is named with its place.

    Examples
    --------
    >>> study = study_of({"title": "Lime", "goal": {"question": "?"}, "background": "us-lci",
    ...     "scope": {"boundary": "cradle-to-gate",
    ...               "functional_unit": {"product": "lime", "amount": 1, "unit": "kg"}}})
    >>> study.draws, study.scope.gwp, study.scope.horizon
    (1000, 'AR6', 100)
    """
    try:
        return Study.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(p) for p in one['loc']) or 'study'}{whose(raw, one['loc'])}:"
            f" {one['msg']}"
            for one in error.errors()
        ]
        raise InputError(
            f"{counted(faults)} in the study:{lines_of(faults)}", where=where,
            do="see the schema: docs/how-to/lca.md",
        ) from None  # fmt: skip


def counted(faults: Sequence[str]) -> str:
    """Return ``"1 fault"``, ``"2 faults"``."""
    return f"{len(faults)} fault{'s' * (len(faults) > 1)}"


def lines_of(faults: Sequence[str]) -> str:
    """Return faults as lines of an error's text, a dozen at most."""
    more = f"\n  ... and {len(faults) - 12} more" if len(faults) > 12 else ""
    return "".join(f"\n  {one}" for one in faults[:12]) + more


def whose(raw: Any, loc: Sequence[str | int]) -> str:
    """Return the process and the flow that a place in plain data lies in, as far as it names them.

    Examples
    --------
    >>> raw = {"processes": [{"name": "kiln", "inputs": [{"flow": "coal"}]}]}
    >>> whose(raw, ("processes", 0, "inputs", 0, "unit"))
    " (process 'kiln', exchange 'coal')"
    """
    names = []
    for step in loc:
        raw = raw.get(step) if isinstance(raw, dict) else (
            raw[step] if isinstance(raw, (list, tuple)) and isinstance(step, int)
            and step < len(raw) else None
        )  # fmt: skip
        if isinstance(raw, dict):
            names += [f"{kind} {raw[key]!r}" for key, kind in
                      (("name", "process"), ("flow", "exchange")) if raw.get(key)]  # fmt: skip
    return f" ({', '.join(names)})" if names else ""
