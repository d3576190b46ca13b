"""Carbon footprints taken apart: finished studies, contributions, gaps, comparisons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.lca.study import Assessment
from mriocarbon.tools.lca import (
    KG,
    Draws,
    Product,
    StudyName,
    Year,
    assessed,
    labels_of,
    lacking,
    results,
    studied,
    study_named,
    told,
    total,
)
from mriocarbon.tools.registry import say, tool
from mriocarbon.tools.types import Cited, Figure, ToolResult, percent


@tool(
    "lca",
    "A finished study",
    cost="slow",
    examples=({"name": "grid_china"}, {"name": "PV module"}),
)
def study(name: StudyName) -> ToolResult:
    """Run one of the life cycle studies that ship: steel (two routes), cement, PV module, grids.

    More exact than footprint for these products: made by hand, with process models and the table.
    Use find_process with 'study' for their names.
    """
    key = study_named(name)
    found = studied(key)
    return ToolResult(
        title=f"{found.study.title}: carbon footprint of"
        f" {found.study.scope.functional_unit.amount:g} {found.study.scope.functional_unit.unit}",
        read_as={name: key},
        figures=tuple(results(found.study.scope.functional_unit.product, found)),
        items=(
            {"question": found.study.goal.question,
             "functional unit": found.study.scope.functional_unit.description,
             "boundary": found.study.scope.boundary},
            *({"assumption": one.text, "meaning": one.meaning} for one in found.assumptions[:15]),
        ),
        **told(found),
    )  # fmt: skip


Subject = Annotated[
    Product | None, Field(description="a product; or name a finished study instead")
]
StudyOrNone = Annotated[StudyName | None, Field(description="a finished study instead")]


def _subject(
    product: Product | None, study_name: str | None, year: int, draws: int
) -> tuple[str, Assessment] | ToolResult:
    """Return the assessment of a product or of a finished study, or which data it lacks."""
    if (product is None) == (study_name is None):
        raise InputError(
            "name either a product or a study", where="arguments product and study_name",
            do="give one of the two",
        )  # fmt: skip
    if product is not None:
        try:
            return product.name, assessed(product, year, draws)
        except NotAvailableError as error:
            return lacking(product, error)
    assert study_name is not None
    found = studied(study_named(study_name))
    return found.study.scope.functional_unit.product, found


@tool(
    "lca",
    "What a footprint is made of",
    cost="slow",
    examples=(
        {"study_name": "steel_eaf", "by": "process", "limit": 5},
        {"product": {"name": "steel", "amount": 1, "unit": "t", "location": "USA"}, "by": "gas"},
    ),
)
def contributions(
    product: Subject = None,
    study_name: StudyOrNone = None,
    by: Annotated[
        Literal["process", "stage", "gas", "flow", "category"],
        Field(description="process that emits, stage of the life cycle, gas, flow, ISO category"),
    ] = "process",
    limit: Annotated[int, Field(description="how many at most", ge=1, le=50)] = 10,
    offset: Annotated[int, Field(description="how many to pass over", ge=0, le=1000)] = 0,
    year: Year = 2022,
    draws: Draws = 1000,
) -> ToolResult:
    """Parts of a product's carbon footprint, largest first, in kg CO2e and as shares.

    Use it for "what drives the footprint", "hotspots", "which materials matter".
    """
    subject = _subject(product, study_name, year, draws)
    if isinstance(subject, ToolResult):
        return subject
    name, found = subject
    whole = found.interpretation.contributions
    parts = {"process": whole.process, "stage": whole.stage, "gas": whole.gas, "flow": whole.flow,
             "category": whole.category}[by]  # fmt: skip
    key = by if by in ("process", "stage", "gas") else "source"
    figures = [total(name, found)]
    for rank, part in enumerate(parts[offset : offset + limit], start=offset + 1):
        labels = labels_of(name, found, **{key: part.name, "rank": str(rank)})
        figures.append(
            Figure(
                quantity=f"part of the footprint by {by}", value=part.value, unit=KG, labels=labels
            )
        )
        figures.append(Figure(
            quantity=f"share of the footprint by {by}", value=percent(part.share), unit="%",
            labels=labels, why="" if part.share is not None else "the footprint is zero",
        ))  # fmt: skip
    return ToolResult(
        title=f"Carbon footprint of {name} by {by}",
        figures=tuple(figures),
        items=tuple({"hotspot": part.name} for part in whole.hotspots[:20]),
        offset=offset,
        total=len(parts),
        shown=len(parts[offset : offset + limit]),
        **told(found),
    )


@tool(
    "lca",
    "What a footprint leaves out",
    cost="slow",
    examples=({"study_name": "grid_usa"},
              {"product": {"name": "steel", "amount": 1, "unit": "t", "location": "USA"}}),
)  # fmt: skip
def completeness(
    product: Subject = None,
    study_name: StudyOrNone = None,
    limit: Annotated[int, Field(description="how many at most", ge=1, le=50)] = 20,
    offset: Annotated[int, Field(description="how many to pass over", ge=0, le=1000)] = 0,
    year: Year = 2022,
    draws: Draws = 1000,
) -> ToolResult:
    """What a product's carbon footprint does not cover, why, and how much it would add if known."""
    subject = _subject(product, study_name, year, draws)
    if isinstance(subject, ToolResult):
        return subject
    name, found = subject
    gaps = found.interpretation.completeness
    labels = labels_of(name, found)
    figures = [
        total(name, found),
        Figure(quantity="share of the footprint that is covered", value=percent(gaps.covered),
               unit="%", labels=labels, estimated=True,
               why="" if gaps.covered is not None else "nothing of it could be estimated"),
        Figure(quantity="things left out of unknown effect", value=float(gaps.unknown), unit="1",
               labels=labels),
    ]  # fmt: skip
    for rank, one in enumerate(gaps.left[offset : offset + limit], start=offset + 1):
        figures.append(Figure(
            quantity="effect of what is left out", value=one.estimate, unit=KG, estimated=True,
            labels=labels_of(name, found, source=one.what[:120], rank=str(rank)),
            why="" if one.estimate is not None else f"not known: {one.reason}",
        ))  # fmt: skip
    return ToolResult(
        title=f"What the carbon footprint of {name} leaves out",
        figures=tuple(figures),
        items=tuple(
            {"left out": one.what, "why": one.reason, "how estimated": one.how}
            for one in gaps.left[offset : offset + limit]
        ),
        offset=offset,
        total=len(gaps.left),
        shown=len(gaps.left[offset : offset + limit]),
        **told(found),
    )


@tool(
    "lca",
    "Two products against each other",
    cost="slow",
    examples=(
        {"first_study": "steel_bf_bof", "second_study": "steel_eaf", "draws": 200},
        {"serves": "one bracket that holds a shelf of 20 kg", "draws": 200,
         "first": {"name": "steel bracket", "unit": "piece", "location": "USA",
                   "items": [{"name": "steel", "amount": 0.9, "unit": "kg"}]},
         "second": {"name": "aluminum bracket", "unit": "piece", "location": "USA",
                    "items": [{"name": "aluminum, extruded", "amount": 0.4, "unit": "kg"}]}},
    ),
)  # fmt: skip
def compare_products(
    first: Subject = None,
    second: Subject = None,
    serves: Annotated[
        str, Field(description="the end that both serve, in words: needed for two products",
                   max_length=200)
    ] = "",
    first_study: StudyOrNone = None,
    second_study: StudyOrNone = None,
    year: Year = 2022,
    draws: Draws = 1000,
) -> ToolResult:  # fmt: skip
    """Which of two products has the lower carbon footprint, drawn in pairs, with the difference.

    Either two products that serve the same end (say which), or two finished studies.
    """
    if first is not None and second is not None and first_study is None and second_study is None:
        if not serves.strip():
            raise InputError(
                "what the two products serve is not said", where="serves",
                do="say in words what both do: unlike things cannot be compared",
            )  # fmt: skip
        made_ = []
        for one in (first, second):
            try:
                made_.append(assessed(one, year, draws, serves.strip()))
            except NotAvailableError as error:
                return lacking(one, error)
        names = [first.name, second.name]
        found = mc.lca.compare(made_[0].study, made_[1].study, draws=draws, progress=say)
        about: Assessment = made_[0]
        both_made: list[Assessment] = [*made_]
        both = (*made_[0].sources, *made_[1].sources)
    elif first is None and second is None and first_study and second_study:
        keys = [study_named(one) for one in (first_study, second_study)]
        made = [studied(key) for key in keys]
        names = [one.study.title for one in made]
        found = mc.lca.compare(keys[0], keys[1], draws=draws, progress=say)
        about, both_made = made[0], made
        both = (*made[0].sources, *made[1].sources)
    else:
        raise InputError(
            "name two products, or two studies", where="arguments of compare_products",
            do="give first and second with serves, or first_study and second_study",
        )  # fmt: skip
    figures = [
        Figure(quantity="carbon footprint", value=value, unit=KG, low=low, high=high, level=0.95,
               labels={"product": name, "amount": labels_of(name, one)["amount"],
                       "rank": str(rank)})
        for rank, (name, one, value, (low, high)) in enumerate(
            zip(names, both_made, found.totals, found.intervals, strict=True), start=1
        )
    ]  # fmt: skip
    figures.append(Figure(
        quantity="difference, first less second", value=found.difference, unit=KG,
        low=found.interval[0], high=found.interval[1], level=0.95,
    ))  # fmt: skip
    figures.append(Figure(
        quantity="share of the draws in which the first is lower", unit="%",
        value=percent(found.share_lower),
    ))  # fmt: skip
    return ToolResult(
        title=f"{names[0]} against {names[1]}: carbon footprint",
        figures=tuple(figures),
        items=({"verdict": _verdict(found.verdict, (found.first, found.second), names)},),
        **dict(told(about)) | {
            "caveats": tuple(dict.fromkeys((
                *(f"the two differ in: {text}" for text in found.unlike),
                *told(about)["caveats"],
            ))),
            "sources": tuple(dict.fromkeys(Cited.of(s) for s in both)),
        },
    )  # fmt: skip


def _verdict(text: str, titles: tuple[str, str], names: list[str]) -> str:
    """Return the comparison's own sentence, with the products' names for the studies' titles."""
    for title, name in zip(titles, names, strict=True):
        text = text.replace(title, name)
    return text
