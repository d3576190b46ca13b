"""The EU's carbon border adjustment: goods, default values, benchmarks, obligation and cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.cbam.benchmarks import Benchmark
from mriocarbon.cbam.certificates import CertificatePrice
from mriocarbon.cbam.codes import covers
from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.law import ACTS, Citation
from mriocarbon.cbam.origins import Origin
from mriocarbon.errors import AmbiguousNameError, InputError, UnknownNameError
from mriocarbon.tools.goods import GoodRead, described, good, narrower, origin
from mriocarbon.tools.registry import tool
from mriocarbon.tools.types import Cited, Figure, ToolResult, percent

GoodName = Annotated[
    str,
    Field(
        description="good, by name in English or Chinese, or CN code of 4, 6 or 8 digits",
        min_length=1, max_length=120,
    ),
]  # fmt: skip
OriginName = Annotated[
    str,
    Field(description="country of origin outside the EU, by name in any language or code",
          min_length=1, max_length=80),
]  # fmt: skip
Year = Annotated[int, Field(description="year of import, 2026 or later", ge=2026, le=2050)]
AnyYear = Annotated[
    int,
    Field(description="year of import; 2023 to 2025: the transitional values", ge=2023, le=2050),
]  # fmt: skip
Route = Annotated[
    str | None,
    Field(description="the annex's letter of the production route, if known",
          pattern="^[A-La-l]$"),
]  # fmt: skip
Sector = Literal["cement", "fertilisers", "iron_steel", "aluminium", "hydrogen"]
Limit = Annotated[int, Field(description="how many at most", ge=1, le=50)]
Offset = Annotated[int, Field(description="how many to pass over", ge=0, le=20_000)]

EXACT = (
    "computed in exact decimals as the law asks, money to the cent; turned into binary numbers of"
    " some 16 digits at the very end"
)
ADVICE = "statistics, no legal advice: only the acts in the Official Journal are law"
PER_TONNE = "t CO2e/t"


def cited(found: Citation) -> Cited:
    """Return a place in an act as a source."""
    act = next((a for a in ACTS.values() if a.number == found.act), None)
    return Cited(
        name=found.act, citation=str(found), url="" if act is None else act.url,
        edition=found.edition, sha256=found.sha256,
    )  # fmt: skip


def cited_text(text: str) -> Cited:
    """Return a citation that is one sentence as a source: its act, and where in it."""
    act = next((a for a in ACTS.values() if text.startswith(a.number)), None)
    if act is None:
        return Cited(name=text)
    return Cited(name=act.number, citation=text, url=act.url, edition=act.edition)


def made(method: str) -> dict[str, Any]:
    """Return the fields that tell what the results of this module are made from."""
    act = ACTS["2025/2621"]
    return {
        "dataset": "CBAM: acts of the European Union", "edition": act.edition, "method": method,
        "version": mc.__version__,
    }  # fmt: skip


def number(value: Decimal | None) -> float | None:
    """Return a legal amount as a plain number, at the very end of the arithmetic."""
    return None if value is None else float(value)


def labels_of(read_cn: str, place: Origin, year: int, route: str = "") -> dict[str, str]:
    """Return the labels that every figure of a good has."""
    found = {"good": read_cn, "region": place.iso3, "year": str(year)}
    return found | ({"route": route} if route else {})


def _route(read: GoodRead, route: str | None) -> str | None:
    if read.route and route and route.upper() != read.route:
        raise InputError(
            f"{read.asked!r} is the good of route {read.route}, and route {route.upper()} is asked"
            " for", where="route", do="leave the route out, or name the good otherwise",
        )  # fmt: skip
    return read.route or route


@tool(
    "cbam",
    "CN code, sector and scope of a good",
    examples=({"name": "热轧卷板"}, {"name": "7318"}, {"name": "unwrought aluminium"}),
)
def find_good(
    name: GoodName,
    limit: Limit = 20,
    offset: Offset = 0,
) -> ToolResult:
    """Which good of the EU's CBAM a name or CN code means, and the goods below it.

    Use it before other CBAM tools when a good is named vaguely, or for "is X covered by CBAM",
    "CN code of X". A word for many goods (steel, cement) is answered with the choice.
    """
    read = good(name)
    below = [g for g in mc.cbam.goods() if covers(read.cn, g.cn)]
    shown = below[offset : offset + limit]
    return ToolResult(
        title=f"{read.told}: {len(below)} goods of the CBAM",
        read_as={name: read.told},
        items=tuple(
            {
                "good": g.cn, "name": g.description.replace("|", " "), "sector": g.sector,
                "category": g.category,
                "gases": ", ".join(g.gases), "charged": g.scope,
            }
            for g in shown
        ),
        caveats=(ADVICE,),
        sources=tuple(dict.fromkeys(cited(g.source).model_copy(update={"citation": g.source.act})
                                    for g in shown)),
        offset=offset,
        total=len(below),
        **made("look-up in Annex I to Regulation (EU) 2023/956"),
    )  # fmt: skip


def value_of(read: GoodRead, place: Origin, year: int, route: str | None) -> DefaultValue:
    """Return one default value; rows below the code that differ become a choice."""
    chosen = _route(read, route)
    if year < 2026:
        return mc.cbam.default_value(read.cn, origin=place, vintage="2023")
    try:
        return mc.cbam.default_value(read.cn, origin=place, year=year, route=chosen)
    except (AmbiguousNameError, UnknownNameError):
        raise
    except InputError:
        if (choice := narrower(read, place, year)) is not None:
            raise choice from None
        raise


def _figures(value: DefaultValue, labels: dict[str, str]) -> Iterable[Figure]:
    def of(quantity: str, amount: Decimal | None, why: str, unit: str = PER_TONNE) -> Figure:
        return Figure(
            quantity=quantity, value=number(amount), unit=unit, labels=labels,
            why="" if amount is not None else why,
        )  # fmt: skip

    yield of("default value, direct", value.direct, "the annex gives none")
    yield of(
        "default value, indirect", value.indirect,
        "emissions of electricity are not charged for this good: not given, which is not zero",
    )  # fmt: skip
    yield of("default value, total before mark-up", value.total, "the annex gives none")
    if value.year >= 2026:
        yield of("default value with mark-up", value.marked_up, "the annex gives none")
        yield Figure(quantity="mark-up", value=percent(value.markup), unit="%", labels=labels,
                     why="" if value.markup is not None else "none")  # fmt: skip


def value_caveats(value: DefaultValue) -> list[str]:
    """Return what a reader of a default value has to know."""
    found = []
    if value.is_fallback:
        found.append(f"value of other countries and territories: {value.fallback_reason}")
    if value.defect:
        found.append(f"known defect of the annex's row: {value.defect}")
    if value.year < 2026:
        found.append("transitional period: one value for all origins, no mark-up, nothing to pay")
    else:
        found.append("with its mark-up meant to be conservative: verified actual data may be lower")
    return found


@tool(
    "cbam",
    "Default value of a good from a country",
    examples=(
        {"good_name": "hot-rolled coil", "origin_name": "China"},
        {"good_name": "2523 10 00", "origin_name": "土耳其", "route": "A", "year": 2027},
        {"good_name": "hydrogen", "origin_name": "Egypt", "year": 2025},
    ),
)
def default_value(
    good_name: GoodName, origin_name: OriginName, year: AnyYear = 2026, route: Route = None
) -> ToolResult:
    """CBAM default emissions of a good from a country: direct, indirect, total, with mark-up.

    In t CO2e per t of good. Use it for "default value / default emission factor of X from Y".
    """
    read = good(good_name)
    named, place = origin(origin_name)
    value = value_of(read, place, year, route)
    labels = labels_of(read.cn, place, year, value.route)
    return ToolResult(
        title=f"CBAM default value of {read.told} from {place.name}, {year}",
        read_as={good_name: read.told, origin_name: f"{named.code} ({named.name})"},
        figures=tuple(_figures(value, labels)),
        items=({
            "good": read.cn, "row": value.cn, "name": value.description, "sector": value.sector,
            "charged": value.scope, "table": value.origin_used,
        },),
        caveats=(*value_caveats(value), ADVICE),
        sources=(cited(value.source),),
        **made("look-up: the longest heading of the origin's table that covers the code"),
    )  # fmt: skip


@tool(
    "cbam",
    "All default values of a country",
    examples=({"origin_name": "China", "sector": "aluminium"},
              {"origin_name": "India", "heading": "7318", "limit": 5}),
)  # fmt: skip
def defaults_of(
    origin_name: OriginName,
    year: Year = 2026,
    sector: Annotated[Sector | None, Field(description="only this sector")] = None,
    heading: Annotated[
        GoodName | None, Field(description="only goods below this CN code or name")
    ] = None,
    limit: Limit = 20,
    offset: Offset = 0,
) -> ToolResult:
    """List the CBAM default values of one country of origin, total before and after mark-up.

    Use it for "all default values of Y", "which goods of Y have values", not for one good.
    """
    named, place = origin(origin_name)
    read = None if heading is None else good(heading)
    values = [
        v
        for v in mc.cbam.defaults_of(place, year=year)
        if (sector is None or v.sector == sector)
        and (read is None or (covers(read.cn, v.cn) and read.route in ("", v.route)))
    ]
    figures = []
    for v in values[offset : offset + limit]:
        labels = labels_of(v.cn, place, year, v.route)
        for quantity, amount in (("default value, total before mark-up", v.total),
                                 ("default value with mark-up", v.marked_up)):  # fmt: skip
            figures.append(Figure(
                quantity=quantity, value=number(amount), unit=PER_TONNE, labels=labels,
                why="" if amount is not None else "the annex gives none",
            ))  # fmt: skip
    shown = values[offset : offset + limit]
    return ToolResult(
        title=f"CBAM default values of {place.name}, {year}",
        read_as={origin_name: f"{named.code} ({named.name})"}
        | ({} if read is None or heading is None else {heading: read.told}),
        figures=tuple(figures),
        items=tuple(
            {"good": v.cn, "route": v.route, "name": v.description[:160], "sector": v.sector,
             "charged": v.scope, "table": v.origin_used, "defect": v.defect}
            for v in shown
        ),
        caveats=("a row of table OTHER is the value of other countries and territories", ADVICE),
        sources=tuple(dict.fromkeys(
            cited(v.source).model_copy(update={"citation": f"{v.source.act}, {v.source.annex}"})
            for v in shown
        )),
        offset=offset,
        total=len(values),
        shown=len(shown),
        **made("every row that applies to the origin"),
    )  # fmt: skip


def benchmark_of(read: GoodRead, column: str, year: int, route: str | None) -> Benchmark:
    """Return one benchmark; goods below the code that differ become a choice."""
    chosen = _route(read, route)
    try:
        return mc.cbam.benchmark(read.cn, column=column, year=year, route=chosen)
    except (AmbiguousNameError, UnknownNameError):
        raise
    except InputError as error:
        raise _below(read, error) from None


def _below(read: GoodRead, error: InputError) -> InputError:
    """Return the choice among the goods below a code where that is what an error asks for."""
    goods = mc.cbam.good(read.cn)
    if "longer code" not in error.do or len(goods) < 2:
        return error
    return AmbiguousNameError("good", read.asked, [(g.cn, described(g.cn)) for g in goods[:36]])


@tool(
    "cbam",
    "Benchmark of free allocation of a good",
    examples=({"good_name": "hot-rolled coil", "route": "C"},
              {"good_name": "anhydrous ammonia", "column": "A", "year": 2028}),
)  # fmt: skip
def benchmark(
    good_name: GoodName,
    column: Annotated[
        Literal["A", "B"], Field(description="A with actual emissions, B with default values")
    ] = "B",
    year: Year = 2026,
    route: Route = None,
) -> ToolResult:
    """Benchmark of the EU's free allocation that is deducted for a good, in t CO2e per t."""
    read = good(good_name)
    found = benchmark_of(read, column, year, route)
    labels = {"good": read.cn, "year": str(year)}
    if found.route:
        labels["route"] = found.route
    return ToolResult(
        title=f"Benchmark of {read.told}, column {column}, {year}",
        read_as={good_name: read.told},
        figures=(Figure(quantity=f"benchmark of free allocation, column {column}",
                        value=number(found.value), unit=PER_TONNE, labels=labels),),
        caveats=tuple(x for x in (found.note, ADVICE) if x),
        sources=(cited(found.source),),
        **made("look-up in the annex of Implementing Regulation (EU) 2025/2620"),
    )  # fmt: skip


def price_figure(price: CertificatePrice, labels: dict[str, str]) -> Figure:
    """Return a certificate price; one that was not published for its period is an estimate."""
    quarter = price.period[5:] if "-Q" in price.period else ""
    return Figure(
        quantity="price of a certificate" + (f", {quarter}" if quarter else ""),
        value=number(price.eur), unit="EUR/t CO2e", labels=labels, estimated=bool(price.assumed),
    )  # fmt: skip


@tool(
    "cbam",
    "Price of a CBAM certificate",
    examples=({"period": "2026-Q1"}, {"period": "2030"}),
)
def certificate_price(
    period: Annotated[
        str, Field(description="a quarter such as 2026-Q1, or a year such as 2027",
                   pattern=r"^20\d\d(-?[Qq][1-4])?$")
    ] = "2026",
) -> ToolResult:  # fmt: skip
    """Price of a CBAM certificate in EUR per t CO2e: published, or the latest held constant."""
    asked = period if "-" in period or len(period) == 4 else f"{period[:4]}-{period[4:]}"
    found = mc.cbam.certificate_price(asked)
    return ToolResult(
        title=f"Price of a CBAM certificate, {found.period}",
        figures=(price_figure(found, {"year": found.period[:4]}),),
        caveats=(*(x for x in (found.assumed,) if x), ADVICE),
        sources=(Cited(name=found.source, edition=found.published),),
        **made("published quarterly averages of EU ETS auctions"),
    )


Price = Annotated[
    float | None,
    Field(description="EUR per certificate; the published or held price if left out",
          gt=0, le=10_000),
]  # fmt: skip


@tool(
    "cbam",
    "Certificates and cost of an import",
    examples=(
        {"good_name": "7208", "origin_name": "China", "tonnes": 1000},
        {"good_name": "hot-rolled coil", "origin_name": "India", "tonnes": 500.5, "year": 2028,
         "actual_emissions": 2.1, "route": "C", "paid_abroad_eur": 1200},
    ),
)  # fmt: skip
def obligation(
    good_name: GoodName,
    origin_name: OriginName,
    tonnes: Annotated[
        float, Field(description="net mass in tonnes; of cement: of clinker in it", ge=0,
                     le=20_000_000)
    ],
    year: Year = 2026,
    actual_emissions: Annotated[
        float | None,
        Field(description="verified embedded emissions in scope, t CO2e per t; the default value"
              " if left out", ge=0, le=1000),
    ] = None,
    route: Route = None,
    certificate_price_eur: Price = None,
    paid_abroad_eur: Annotated[
        float, Field(description="carbon price paid abroad for all of it, EUR, rebates deducted",
                     ge=0, le=1e12)
    ] = 0,
) -> ToolResult:  # fmt: skip
    """CBAM certificates to surrender for importing a good into the EU, and what they cost in EUR.

    Use it for "how much CBAM for X tonnes of Y from Z". It takes default values, or verified
    actual emissions if these are given, and deducts free allocation and a price paid abroad.
    """
    read = good(good_name)
    named, place = origin(origin_name)
    chosen = _route(read, route)
    if actual_emissions is None:
        value_of(read, place, year, route)  # a choice among rows is offered before anything else
    try:
        due = mc.cbam.obligation(
            read.cn, tonnes, origin=place, year=year, route=chosen, see=actual_emissions,
            data="default" if actual_emissions is None else "actual",
            price=certificate_price_eur, paid_abroad=paid_abroad_eur,
        )  # fmt: skip
    except (AmbiguousNameError, UnknownNameError):
        raise
    except InputError as error:
        raise _below(read, error) from None
    labels = labels_of(read.cn, place, year, due.route)
    shown: tuple[tuple[str, Decimal, str], ...] = (
        ("mass", due.tonnes, "t"),
        ("embedded emissions per tonne", due.see, PER_TONNE),
        ("free allocation per tonne", due.sefa, PER_TONNE),
        ("embedded emissions", due.embedded, "t CO2e"),
        ("free allocation", due.free_allocation, "t CO2e"),
        ("deduction for a carbon price paid abroad", due.paid_abroad_tonnes, "t CO2e"),
        ("certificates due", due.certificates, "t CO2e"),
        ("cost before free allocation", due.gross_eur, "EUR"),
        ("cost of the certificates", due.net_eur, "EUR"),
        ("part of the cost due to the mark-up", due.markup_eur, "EUR"),
    )
    return ToolResult(
        title=f"CBAM obligation: {tonnes:g} t of {read.told} from {place.name}, {year},"
        f" {due.data} emissions",
        read_as={good_name: read.told, origin_name: f"{named.code} ({named.name})"},
        figures=(
            *(Figure(quantity=q, value=number(v), unit=u, labels=labels,
                     estimated=u == "EUR" and bool(due.price.assumed)) for q, v, u in shown),
            price_figure(due.price, {"year": str(year)}),
        ),
        caveats=(EXACT, *due.notes, ADVICE),
        sources=tuple(cited_text(text) for text in due.sources),
        **made("N = max(0, M SEE - M SEFA - paid abroad / certificate price)"),
    )  # fmt: skip


@tool(
    "cbam",
    "Cost of an import over the years",
    examples=({"good_name": "7208", "origin_name": "China", "tonnes": 1000},
              {"good_name": "urea", "origin_name": "Egypt", "tonnes": 1000, "first_year": 2030,
               "reference_emissions": 1.9, "certificate_price_eur": 100}),
)  # fmt: skip
def cost_path(
    good_name: GoodName,
    origin_name: OriginName,
    tonnes: Annotated[float, Field(description="tonnes a year", gt=0, le=20_000_000)],
    first_year: Annotated[int, Field(ge=2026, le=2034)] = 2026,
    last_year: Annotated[int, Field(ge=2026, le=2034)] = 2034,
    certificate_price_eur: Price = None,
    reference_emissions: Annotated[
        float | None,
        Field(description="an independent estimate of the true emissions, t CO2e per t: parts the"
              " bias, and shows what verified data would save", gt=0, le=1000),
    ] = None,
    route: Route = None,
) -> ToolResult:  # fmt: skip
    """What importing a good costs in CBAM certificates each year from 2026 to 2034, in EUR.

    At default values, as free allocation falls away; masses are held constant. Use it for "how
    does the cost develop", "what in 2030", "what would actual data save".
    """
    if last_year < first_year:
        raise InputError(
            f"last_year {last_year} lies before first_year {first_year}",
            where="arguments of cost_path", do="give the earlier year first",
        )  # fmt: skip
    read = good(good_name)
    named, place = origin(origin_name)
    chosen = _route(read, route)
    value_of(read, place, first_year, route)
    line = mc.cbam.TradeLine(place.iso3, read.cn, Decimal(repr(tonnes)), None, 2026, "as asked")
    path = mc.cbam.cost_path(
        [line],
        origin=place,
        years=range(first_year, last_year + 1),
        price=certificate_price_eur,
        reference=None if reference_emissions is None else {read.cn: reference_emissions},
        routes=None if chosen is None else {read.cn: chosen},
    )
    if path.left_out:
        raise InputError(
            f"{read.told} has no cost: {path.left_out[0][1]}", where="cost_path",
            do="give a longer code",
        )  # fmt: skip
    figures: list[Figure] = []
    for row in path.rows:
        labels = labels_of(read.cn, place, row.year, path.lines[0].route)
        ends = row.net_low_eur != row.net_high_eur
        shown: tuple[tuple[str, Decimal | None, str], ...] = (
            ("share of free allocation that is left", 100 * row.factor, "%"),
            ("cost before free allocation", row.gross_eur, "EUR"),
            ("part of the cost due to the mark-up", row.markup_eur, "EUR"),
        )
        if reference_emissions is not None:
            shown += (
                ("part of the cost due to bias", row.bias_eur, "EUR"),
                ("saving by verified actual data", row.saving_eur, "EUR"),
            )
        figures.append(Figure(
            quantity="cost of the certificates", value=number(row.net_eur), unit="EUR",
            low=number(row.net_low_eur) if ends else None,
            high=number(row.net_high_eur) if ends else None, labels=labels,
            estimated=bool(row.price.assumed),
        ))  # fmt: skip
        figures += [
            Figure(quantity=q, value=number(v), unit=u, labels=labels,
                   estimated=u == "EUR" and bool(row.price.assumed),
                   why="" if v is not None else "no benchmark for actual data")
            for q, v, u in shown
        ]  # fmt: skip
        figures.append(price_figure(row.price, {"year": str(row.year)}))
    return ToolResult(
        title=f"CBAM cost of {tonnes:g} t a year of {read.told} from {place.name},"
        f" {first_year} to {last_year}",
        read_as={good_name: read.told, origin_name: f"{named.code} ({named.name})"},
        figures=tuple(figures),
        caveats=(EXACT, *path.notes, *path.lines[0].notes, ADVICE),
        sources=tuple(cited_text(text) for text in path.sources),
        **made("net(S) = p max(0, M S - F) for each year; masses held constant"),
    )
