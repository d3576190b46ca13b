"""What is known of the data: data sets and their licences, and what names are understood as."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

import mriocarbon as mc
from mriocarbon.errors import AmbiguousNameError, UnknownNameError
from mriocarbon.model.labels import fold
from mriocarbon.tools import database, goods, resolve
from mriocarbon.tools.places import place
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import as_list, table
from mriocarbon.tools.types import Cited, ToolResult

__all__ = ["data_sets", "database", "find_names", "sources_of"]

Text = Annotated[str, Field(max_length=80)]
Offset = Annotated[int, Field(ge=0)]


def _words(**given: object) -> dict[str, str]:
    """Return what is not empty, as short text."""
    return {key: str(value)[:600] for key, value in given.items() if value not in ("", None, ())}


@tool(
    "data",
    "Data sets: shipped, public, and at hand",
    examples=({}, {"name": "oecd"}, {"state": "embedded"}),
)
def data_sets(
    name: Annotated[Text, Field(description="name or part of it; all if empty")] = "",
    state: Annotated[
        Literal["any", "embedded", "cached", "data folder", "remote", "by hand"],
        Field(description="where it is: embedded = shipped with the package"),
    ] = "any",
    offset: Offset = 0,
    limit: Annotated[int, Field(ge=1, le=100)] = 40,
) -> ToolResult:
    """Which data sets there are, with producer, licence and where each stands.

    With the exact name of a public data set, its citation, editions and how to get it.
    """
    asked = name.strip().casefold()
    public = {one.name: one for one in mc.public_datasets()}
    lines = [
        one for one in mc.data_listing()
        if (asked in one.name.casefold() or asked in one.title.casefold())
        and state in ("any", one.state)
    ]  # fmt: skip
    if not lines and asked:
        raise UnknownNameError.of("data set", name, sorted({o.name for o in mc.data_listing()}))
    items = [
        _words(name=one.name, title=one.title, edition=one.edition, licence=one.licence,
               state=one.state, current="yes" if one.current else "")
        for one in lines
    ]  # fmt: skip
    sources: list[Cited] = []
    caveats: list[str] = []
    if asked in public:
        found = public[asked]
        sources.append(Cited(name=found.title, citation=found.citation, licence=found.licence,
                             url=found.homepage))  # fmt: skip
        caveats = [f"access: {found.access}. {found.by_hand}".strip(), *found.notes]
        items = [
            _words(name=found.name, edition=one.edition, address=one.address,
                   years=f"{one.years[0]}-{one.years[-1]}" if one.years else "",
                   checked=one.checked_by if one.checked else f"NOT CHECKED: {one.checked_by}",
                   notes="; ".join(one.notes))
            for one in found.editions
        ]  # fmt: skip
    elif len({one.name for one in lines}) == 1:
        sources = [Cited.of(one.source) for one in mc.catalogue() if one.name == lines[0].name]
    return ToolResult(
        title="Data sets" + (f" like {name!r}" if asked else ""), total=len(items), offset=offset,
        items=tuple(items[offset : offset + limit]), sources=tuple(sources),
        caveats=tuple(caveats), version=mc.__version__,
    )  # fmt: skip


@tool(
    "data",
    "Sources of the database, with citation and licence",
    examples=({"about": "CEDS"}, {"table": "natural_fluxes"}),
)
def sources_of(
    about: Annotated[
        Text, Field(description="part of a source's name, title or producer; all if empty")
    ] = "",
    table: Annotated[
        Text, Field(description="sources of this table of the database, see database_tables")
    ] = "",
    offset: Offset = 0,
    limit: Annotated[int, Field(ge=1, le=60)] = 30,
) -> ToolResult:
    """Who made the figures of the database: producer, edition, citation, licence, address."""
    store = mc.database()
    frame = store.sources.fillna("")
    if table:
        frame = frame[frame["source"].isin(set(database.column(table, "source")))]
    asked = about.strip().casefold()
    rows = [
        row for row in frame.to_dict("records")
        if any(asked in str(row[key]).casefold() for key in ("source", "title", "producer"))
    ]  # fmt: skip
    shown = rows[offset : offset + limit]
    keys = ("source", "title", "producer", "edition", "citation", "licence", "address", "shares")
    return ToolResult(
        title="Sources of the database" + (f" like {about!r}" if asked else ""),
        items=tuple(_words(**{key: row[key] for key in keys}) for row in shown),
        total=len(rows), offset=offset, version=mc.__version__,
        caveats=("shares: data that go into several sources, so that their errors are related",),
    )  # fmt: skip


def _sector(name: str) -> resolve.Read:
    labels = table().index.sectors
    own: Callable[..., Any] | None = getattr(resolve, "sector", None)
    if own is not None:
        read: resolve.Read = own(name, labels)
        return read
    return resolve.choose("sector", name, {fold(one): one for one in labels})


def _good(name: str) -> resolve.Read:
    found = goods.good(name)
    return resolve.Read(name, f"CN {found.cn}", found.name, found.how)


_KINDS: dict[str, Callable[[str], resolve.Read]] = {
    "country": place,
    "region": lambda name: resolve.region(name, table().regions),
    "sector": _sector,
    "good": _good,
}


@tool(
    "data",
    "How a name would be understood",
    examples=(
        {"names": ["中国", "Etats-Unis", "Korea"]},
        {"names": ["EU", "Kenya"], "kind": "region"},
    ),
)
def find_names(
    names: Annotated[
        list[Annotated[str, Field(max_length=80)]],
        BeforeValidator(as_list),
        Field(description="as a person wrote them, in any language", min_length=1, max_length=40),
    ],
    kind: Annotated[
        Literal["country", "region", "sector", "good"],
        Field(description="region: of the table of 2022; sector: its industries; good: CN code"),
    ] = "country",
) -> ToolResult:
    """What code each name would be read as, or what it could mean. Nothing is guessed in silence.

    how: code, name, like (misspelt, nothing else near), several (choose one of the options),
    unknown.
    """
    items: list[dict[str, str]] = []
    read_as: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            one = _KINDS[kind](name)
        except AmbiguousNameError as error:
            told = "; ".join(f"{code} ({text})" for code, text in error.options)
            items.append({"asked": name, "how": "several", "options": told[:600]})
        except UnknownNameError as error:
            items.append(_words(asked=name, how="unknown", why=error.what, where=error.where,
                                do=error.do))  # fmt: skip
        else:
            items.append({"asked": name, "how": one.how, "code": one.code, "name": one.name})
            read_as[name] = f"{one.code} ({one.name})"
    return ToolResult(
        title=f"Names read as {kind}", read_as=read_as, items=tuple(items), version=mc.__version__
    )
