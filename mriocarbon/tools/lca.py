"""Carbon footprints of products: the four steps of ISO 14040, unattended, and what they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

import mriocarbon as mc
from mriocarbon.errors import AmbiguousNameError, InputError, NotAvailableError, UnknownNameError
from mriocarbon.lca.automatic import Automatic
from mriocarbon.lca.goal import Study
from mriocarbon.lca.study import Assessment
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve
from mriocarbon.tools.registry import say, tool
from mriocarbon.tools.sector_words import rows_of
from mriocarbon.tools.tables import EMBEDDED
from mriocarbon.tools.types import Cited, Figure, ToolResult

KG = "kg CO2e"
Amount = Annotated[float, Field(gt=0, le=1e12)]
Unit = Annotated[
    str,
    Field(description="kg, t, g, piece, kWh, MWh, MJ, m3, m2, l, t*km or USD", max_length=12,
          min_length=1),
]  # fmt: skip
Name = Annotated[str, Field(min_length=1, max_length=80)]
Place = Annotated[str, Field(description="country, by name in any language or code", max_length=80)]
PriceUSD = Annotated[
    float | None,
    Field(description="USD per unit at basic prices: lets an industry of the table stand in where"
          " there is no process", gt=0, le=1e9),
]  # fmt: skip
ProcessName = Annotated[
    str, Field(description="exact name of a process, as find_process gives it", max_length=250)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Item(_Strict):
    """One thing that goes into a product, or into making, moving, using or ending it."""

    name: Name
    amount: Amount
    unit: Unit
    stage: Literal["materials", "processing", "transport", "use", "end of life"] = "materials"
    location: Place = ""
    price: PriceUSD = None
    process: ProcessName = ""


Items = Annotated[
    tuple[Item, ...],
    Field(description="bill of materials for the amount asked for; left out: the product itself is"
          " taken from the nearest process", max_length=40),
]  # fmt: skip


class Product(_Strict):
    """A product: a name, how much of it, from where, and what is in it if that is known."""

    name: Name
    amount: Amount = 1.0
    unit: Unit = "kg"
    location: Place = ""
    items: Items = ()
    price: PriceUSD = None
    process: ProcessName = ""


Year = Annotated[int, Field(description="year of the study", ge=2000, le=2050)]
Draws = Annotated[int, Field(description="Monte Carlo draws", ge=100, le=2000)]
StudyName = Annotated[
    str, Field(description="one of the studies that ship, as find_process lists them",
               min_length=1, max_length=80)
]  # fmt: skip


@lru_cache(maxsize=1)
def _chinese() -> Mapping[str, str]:
    return {
        fold(name): row["en"] for row in rows_of("materials.csv") for name in row["zh"].split("|")
    }


def english(name: str) -> str:
    """Return a material's name as the processes are named: in English.

    Examples
    --------
    >>> english("铝板"), english("oak table")
    ('aluminium sheet', 'oak table')
    """
    return _chinese().get(fold(name), name)


def _country(name: str) -> str:
    if not name.strip():
        return ""
    read = resolve.country(name)
    if read.code in ("EU27", "WLD"):
        raise NotAvailableError(
            f"{read.name} is no country", where="location",
            do="name one country: a footprint is of a place",
        )  # fmt: skip
    return read.code


def bill_of(product: Product, serves: str = "") -> dict[str, Any]:
    """Return the bill of materials of a product, as `mc.lca.auto` takes it.

    One piece stands for the whole amount, so that the items are for the amount asked for.
    """
    whole = f"{product.amount:g} {product.unit} of {product.name}"
    parts = product.items or [
        Item(name=product.name, amount=product.amount, unit=product.unit, price=product.price,
             process=product.process)
    ]  # fmt: skip
    items = []
    for one in parts:
        item: dict[str, Any] = {
            "name": english(one.name), "amount": one.amount, "unit": one.unit, "stage": one.stage,
            "location": _country(one.location), "process": one.process,
            "source": "as asked",
        }  # fmt: skip
        items.append(item | ({} if one.price is None else {"price": one.price}))
    return {"product": whole, "description": serves or whole, "items": items, "source": "as asked"}


@lru_cache(maxsize=16)
def assessed(product: Product, year: int, draws: int, serves: str = "") -> Automatic:
    return mc.lca.auto(
        bill_of(product, serves), place=_country(product.location), year=year, draws=draws,
        table=EMBEDDED, progress=say,
    )  # fmt: skip


@lru_cache(maxsize=8)
def studied(name: str) -> Assessment:
    return mc.lca.run(name, progress=say)


@lru_cache(maxsize=1)
def _studies() -> Mapping[str, Study]:
    """The studies that ship; to read one takes a second."""
    return {key: mc.lca.read_study(path) for key, path in mc.lca.examples().items()}


def study_named(name: str) -> str:
    """Return the name of a study that ships, given it, its title or its product."""
    names: dict[str, str] = {}
    titles: dict[str, str] = {}
    for key, one in _studies().items():
        titles[key] = title = one.title
        names |= {fold(key): key, fold(key.replace("_", " ")): key,
                  fold(title): key}  # fmt: skip
    try:
        return resolve.choose("study", name, names, titles).code
    except (AmbiguousNameError, UnknownNameError):
        # "grid electricity in China per MWh" has every word of one title
        said = set(_words(name))
        held = [key for key, title in titles.items() if said >= set(_words(title))]
        if len(held) == 1:
            return held[0]
        raise


def _words(text: str) -> list[str]:
    """Return the words of a text that tell studies apart: countries as codes, no small words."""
    words = re.findall(r"[a-z]+", fold(re.sub(r"\bU\.?S\b\.?", "USA", text)))
    found: list[str] = []
    k = 0
    while k < len(words):
        for size in (3, 2, 1):
            code = resolve.country_code(" ".join(words[k : k + size]))
            if code and len("".join(words[k : k + size])) > 2:
                found.append(code)
                k += size
                break
        else:
            found += [words[k]] if len(words[k]) > 2 and words[k] not in ("the", "and") else []
            k += 1
    return found


def told(found: Assessment) -> dict[str, Any]:
    """Return sources, caveats and the like of an assessment."""
    open_checks = [c for c in found.checks if c.status in ("warn", "fail")]
    return {
        "sources": tuple(dict.fromkeys(Cited.of(s) for s in found.sources)),
        "caveats": tuple(dict.fromkeys((
            *(x for x in (found.left_out,) if x),
            *(f"{c.status}: {c.name}: {c.detail[:200]}" for c in open_checks),
        )))[:20],
        "dataset": "; ".join(s.name for s in found.sources),
        "edition": "; ".join(s.edition for s in found.sources if s.edition),
        "method": f"ISO 14040/14044/14067, GWP{found.study.scope.horizon} of"
        f" {found.study.scope.gwp}; {found.study.draws} draws, seed {found.seed}",
        "version": found.version,
    }  # fmt: skip


def labels_of(name: str, found: Assessment, **more: str) -> dict[str, str]:
    """Return the labels of a figure of an assessment; `amount` is what it is a footprint of."""
    scope = found.study.scope
    unit = scope.functional_unit
    amount = f"{unit.amount:g} {unit.unit}"
    if unit.product.endswith(f" of {name}"):  # one piece stands for the whole amount: `bill_of`
        amount = unit.product.removesuffix(f" of {name}")
    labels = {"product": name, "amount": amount, "year": str(scope.year or "")} | more
    if scope.place:
        labels["region"] = scope.place
    return {key: value for key, value in labels.items() if value}


def total(name: str, found: Assessment) -> Figure:
    low, high = found.interval or (None, None)
    estimated = any(c.status == "warn" and c.name == "place of the data" for c in found.checks)
    return Figure(
        quantity="carbon footprint", value=found.total, unit=KG, low=low, high=high,
        level=None if low is None else 0.95, labels=labels_of(name, found),
        estimated=estimated or any(s.name.startswith("OECD") for s in found.sources),
        why="" if low is not None else "no interval: nothing in it has a distribution",
    )  # fmt: skip


def results(name: str, found: Assessment) -> list[Figure]:
    """Total, parts of ISO 14067, and how much is left out."""
    gaps = found.interpretation.completeness
    figures = [total(name, found)]
    figures += [
        Figure(quantity=f"carbon footprint, part: {part}", value=value, unit=KG,
               labels=labels_of(name, found))
        for part, value in found.climate.parts.items()
    ]  # fmt: skip
    known = any(one.estimate is not None for one in gaps.left)
    figures.append(Figure(
        quantity="estimate of what is left out", value=gaps.estimated if known else None, unit=KG,
        labels=labels_of(name, found), estimated=True,
        why="" if known else "nothing of what is left out could be estimated; that is not zero",
    ))  # fmt: skip
    figures.append(Figure(
        quantity="things left out of unknown effect", value=float(gaps.unknown), unit="1",
        labels=labels_of(name, found),
    ))  # fmt: skip
    return figures


def _taken(found: Automatic) -> Iterable[dict[str, str]]:
    for one in found.found:
        second = one.match.runner_up if one.match is not None else None
        yield {
            "item": one.item.name,
            "taken from": one.process or f"industry {one.sector} of {one.region}",
            "of": one.candidate.location if one.candidate is not None else one.region,
            "match": f"{one.score:.2f} of 1",
            "next best": second.process if second is not None else "",
        }


def lacking(product: Product, error: NotAvailableError) -> ToolResult:
    """Return what is missing, in place of a number; another error than of data is raised."""
    if "cannot be taken from anywhere" not in error.what:
        raise error
    lines = [line.strip() for line in error.what.splitlines()[1:]] or [error.what]
    return ToolResult(
        title=f"No carbon footprint of {product.name}: data are missing",
        figures=(Figure(
            quantity="carbon footprint", value=None, unit=KG, labels={"product": product.name},
            why="data are missing; see the items",
        ),),
        items=tuple({"missing": line, "do": error.do} for line in lines),
        caveats=("nothing was put in the place of what is missing",),
        dataset="US LCI and the table of industries", method="matching by words",
        version=mc.__version__,
    )  # fmt: skip


@tool(
    "lca",
    "Carbon footprint of a product",
    cost="slow",
    examples=(
        {"product": "steel", "amount": 1000, "unit": "kg", "location": "China"},
        {"product": "bracket", "unit": "piece", "location": "USA", "items": [
            {"name": "aluminum sheet", "amount": 0.4, "unit": "kg"},
            {"name": "electricity", "amount": 1.5, "unit": "kWh", "stage": "processing"}]},
    ),
)  # fmt: skip
def footprint(
    product: Name,
    amount: Amount = 1.0,
    unit: Unit = "kg",
    location: Place = "",
    items: Items = (),
    price: PriceUSD = None,
    process: ProcessName = "",
    year: Year = 2022,
    draws: Draws = 1000,
) -> ToolResult:
    """Carbon footprint of a product in kg CO2e, cradle to gate, with a 95 % interval.

    All four steps of a life cycle assessment without asking anything: the product, or each item of
    its bill of materials, is matched to a process; an industry of the input-output table stands in
    where a price is given. Where data cannot be found, the items say what is missing.
    """
    asked = Product(name=product, amount=amount, unit=unit, location=location, items=items,
                    price=price, process=process)  # fmt: skip
    try:
        found = assessed(asked, year, draws)
    except NotAvailableError as error:
        return lacking(asked, error)
    figures, effects = results(product, found), []
    for rank, one in enumerate(found.assumptions[:15], start=1):
        effects.append({"assumption": one.text, "rank": str(rank), "meaning": one.meaning})
        figures.append(Figure(
            quantity="effect of an assumption", value=one.effect, unit=KG,
            labels=labels_of(product, found, rank=str(rank)),
            why="" if one.effect is not None else one.meaning or "not estimated",
        ))  # fmt: skip
    return ToolResult(
        title=f"Carbon footprint of {amount:g} {unit} of {product}"
        + (f", {found.study.scope.place}" if found.study.scope.place else ""),
        read_as=_read_as(asked),
        figures=tuple(figures),
        items=(*_taken(found), *effects),
        **told(found),
    )


def _read_as(product: Product) -> dict[str, str]:
    names = [product.name, *(i.name for i in product.items)]
    read = {name: english(name) for name in names if english(name) != name}
    for place in (product.location, *(i.location for i in product.items)):
        if place.strip():
            read[place] = _country(place)
    return read


@tool(
    "lca",
    "Processes and studies to take from",
    examples=({"text": "aluminum sheet"}, {"text": "电力", "limit": 5}, {"text": "study"}),
)
def find_process(
    text: Annotated[
        str, Field(description="part of a name; 'study' lists the finished studies",
                   min_length=1, max_length=80)
    ],
    limit: Annotated[int, Field(description="how many at most", ge=1, le=50)] = 20,
    offset: Annotated[int, Field(description="how many to pass over", ge=0, le=1000)] = 0,
) -> ToolResult:  # fmt: skip
    """Which processes of the life cycle inventory, and which finished studies, hold some words.

    Use it before footprint when a product is unclear; the exact name goes into its `process`.
    """
    if not text.strip():
        raise InputError("an empty text", where="find_process, text", do="give part of a name")
    words = fold(english(text)).split()
    items: list[dict[str, str]] = []
    for name, study in _studies().items():
        held = fold(f"study {name} {study.title}")
        if all(word in held for word in words):
            items.append({
                "study": name, "name": study.title, "unit": study.scope.functional_unit.unit,
                "region": study.scope.place, "year": str(study.scope.year or ""),
            })  # fmt: skip
    library = mc.lca.us_lci()
    found = [
        p for p in library.processes
        if all(w in p.name.casefold() or w in p.product.casefold() for w in words)
    ]  # fmt: skip
    items += [
        {"process": p.name, "product": p.product, "unit": p.unit, "region": p.location,
         "year": str(p.year or "")}
        for p in sorted(found, key=lambda p: (len(p.name), p.name))
    ]  # fmt: skip
    return ToolResult(
        title=f"Processes and studies with {text!r}",
        read_as={text: english(text)} if english(text) != text else {},
        items=tuple(items[offset : offset + limit]),
        caveats=("most processes are of the United States and older than 2016",),
        sources=(Cited.of(library.source),),
        dataset=library.source.name, edition=library.source.edition,
        method="words of the names", version=mc.__version__,
        offset=offset, total=len(items),
    )  # fmt: skip
