"""The default values held against independent estimates, against one another, and against trade.

The verdict is the audit's own, by its fixed rule: the tool repeats it and adds nothing.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.cbam.claim import CLAIM
from mriocarbon.cbam.codes import covers, spaced
from mriocarbon.cbam.defects import RULES
from mriocarbon.cbam.law import DESIGN
from mriocarbon.cbam.results import Audit, Interval, Line
from mriocarbon.errors import AmbiguousNameError, UnknownNameError
from mriocarbon.tools.cbam import (
    ADVICE,
    PER_TONNE,
    GoodName,
    Limit,
    Offset,
    OriginName,
    Year,
    cited_text,
    made,
    number,
)
from mriocarbon.tools.goods import good, origin
from mriocarbon.tools.registry import say, tool
from mriocarbon.tools.types import Cited, Figure, ToolResult, percent

WORDS = {
    "over": "overstates", "under": "understates", "not biased": "shown to be right within the band",
    "inconclusive": "cannot be decided", "no reference": "no independent reference",
    "excluded": "left out for a defect of the annex",
}  # fmt: skip


def _percent(found: Interval) -> dict[str, Any]:
    """Return value and ends of a ratio in per cent."""
    ends = _ends(found)
    return ends | {key: percent(ends[key]) for key in ("value", "low", "high")}


def _ends(found: Interval) -> dict[str, Any]:
    known = math.isfinite(found.low) and math.isfinite(found.high)
    return {
        "value": found.value if math.isfinite(found.value) else None,
        "low": found.low if known else None,
        "high": found.high if known else None,
        "level": 0.95 if known else None,
        "why": "" if known and math.isfinite(found.value) else found.note or "no interval is known",
    }


@lru_cache(maxsize=4)
def _audited(iso3: str, year: int, draws: int) -> Audit:
    return mc.cbam.audit(iso3, year=year, draws=draws, progress=say)


@tool(
    "cbam",
    "Audit of a country's default values",
    cost="slow",
    examples=({"origin_name": "China", "draws": 500},
              {"origin_name": "印度", "good_name": "7208", "draws": 500}),
)  # fmt: skip
def audit(
    origin_name: OriginName,
    good_name: Annotated[
        GoodName | None, Field(description="one good; all goods of the country if left out")
    ] = None,
    year: Year = 2026,
    draws: Annotated[int, Field(description="bootstrap draws", ge=100, le=10_000)] = 10_000,
) -> ToolResult:
    """Whether CBAM default values of a country overstate emissions, against independent estimates.

    Use it for "are the default values for Chinese steel biased / too high / fair". The verdict is
    given in the audit's own words ("holds", "holds in part", "does not hold", "cannot be decided")
    with the median bias and its interval; a bias of 0.8 means 80 % above the reference.
    """
    named, place = origin(origin_name)
    read = None if good_name is None else good(good_name)
    found = _audited(place.iso3, year, draws)
    labels = {"region": place.iso3, "year": str(year)}
    read_as = {origin_name: f"{named.code} ({named.name})"}
    common: dict[str, Any] = {
        "caveats": (
            *(f"{text} ({where})" for text, where in DESIGN[:1]),
            "no plant was measured: references are process models and a table of industries, and"
            f" {len(found.assumptions)} of their numbers are assumed",
            "that a value cannot be decided on does not mean that it is right",
            *found.notes, ADVICE,
        ),
        "sources": tuple(cited_text(text) for text in found.sources[:40]),
        **made(f"random-effects references, {found.header.procedure} at q = {found.header.q:g},"
               f" band {found.header.band:g}; {found.header.draws} draws, seed"
               f" {found.header.seed}"),
    }  # fmt: skip
    if read is not None and good_name is not None:
        lines = [x for x in found.lines if covers(read.cn, x.cn) or covers(x.cn, read.cn)]
        lines = [x for x in lines if read.route in ("", x.value.route)]
        if not lines:
            raise UnknownNameError(
                f"no default value of {place.name} covers {read.told}", where="audit",
                do="ask tool defaults_of for the country's list",
            )  # fmt: skip
        if len(lines) > 20:
            raise AmbiguousNameError(
                "good", good_name, [(x.cn, x.value.description[:120]) for x in lines[:36]]
            )
        return ToolResult(
            title=f"Audit of the default value of {read.told} from {place.name}, {year}",
            read_as=read_as | {good_name: read.told},
            figures=tuple(f for line in lines for f in _of_line(line, labels)),
            items=tuple(
                {"good": x.cn, "name": x.value.description[:160], "route": x.value.route,
                 "before mark-up": WORDS.get(x.verdict, x.verdict),
                 "with mark-up": WORDS.get(x.marked_verdict, x.marked_verdict), "why": x.why,
                 "references": "; ".join(c.reference.name for c in x.comparisons)[:300]}
                for x in lines
            ),
            **common,
        )  # fmt: skip
    return ToolResult(
        title=f"Audit of {place.name}'s CBAM default values, {year}: {found.claim.overall}",
        read_as=read_as,
        figures=tuple(_of_all(found, labels)),
        items=(
            {"claim": CLAIM, "answer": found.claim.overall, "reason": found.claim.reason,
             "rule": found.claim.rule},
            *({"verdict": words, "goods": _told(codes)} for words, codes in (
                ("overstates", found.claim.holds), ("understates", found.claim.fails),
                ("shown to be right within the band", found.claim.equivalent),
                ("cannot be decided", found.claim.undecided),
            )),
        ),
        **common,
    )  # fmt: skip


def _told(codes: tuple[str, ...], most: int = 40) -> str:
    if not codes:
        return "none"
    shown = []
    for code in codes[:most]:
        cn, _, route = code.partition(" ")
        shown.append(spaced(cn) + (f" {route}" if route else ""))
    rest = len(codes) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _of_line(line: Line, labels: dict[str, str]) -> list[Figure]:
    own = labels | {"good": line.cn} | ({"route": line.value.route} if line.value.route else {})
    figures = [
        Figure(quantity=q, value=number(v), unit=PER_TONNE, labels=own,
               why="" if v is not None else "the annex gives none")
        for q, v in (("default value, total before mark-up", line.value.total),
                     ("default value with mark-up", line.value.marked_up))
    ]  # fmt: skip
    if line.main is None:
        return figures
    reference = line.main.reference
    figures.append(Figure(
        quantity="independent reference", value=reference.value, unit=PER_TONNE, labels=own,
        estimated=True,
    ))  # fmt: skip
    for quantity, ends in (
        ("bias of the default value before mark-up", line.main.bias),
        ("bias of the default value with mark-up", line.main.marked),
    ):
        figures.append(
            Figure(quantity=quantity, unit="%", labels=own, estimated=True, **_percent(ends))
        )
    if line.national is not None:
        figures.append(Figure(
            quantity="bias against the country's own mix of routes", unit="%", labels=own,
            estimated=True, **_percent(line.national.bias),
        ))  # fmt: skip
    return figures


def _of_all(found: Audit, labels: dict[str, str]) -> list[Figure]:
    figures = []
    for group in found.aggregates:
        own = labels | ({} if group.group == "all" else {"sector": group.group})
        when = "before mark-up" if group.basis == "base" else "with mark-up"
        for quantity, ends in (
            (f"median bias {when}", group.median),
            (f"share of values above their reference {when}", group.share_over),
        ):
            figures.append(
                Figure(quantity=quantity, unit="%", labels=own, estimated=True, **_percent(ends))
            )
        figures.append(Figure(quantity=f"values compared {when}", value=float(group.lines),
                              unit="1", labels=own))  # fmt: skip
        for verdict, words in WORDS.items():
            if verdict in group.verdicts or (group.group == "all" and verdict in ("over", "under")):
                figures.append(Figure(
                    quantity=f"values {when}: {words}", unit="1", labels=own,
                    value=float(group.verdicts.get(verdict, 0)),
                ))  # fmt: skip
    if found.national is not None:
        figures.append(Figure(
            quantity="median bias before mark-up, against the country's own mix of routes",
            unit="%", labels=labels, estimated=True, **_percent(found.national.median),
        ))  # fmt: skip
        figures.append(Figure(
            quantity="values before mark-up: overstates, against the country's own mix of routes",
            unit="1", labels=labels, value=float(found.national.verdicts.get("over", 0)),
        ))  # fmt: skip
    if found.money is not None:
        for year, ends in found.money.bias[:1]:
            figures.append(Figure(
                quantity="part of the cost due to bias, trade at hand", unit="EUR",
                labels=labels | {"year": str(year)}, estimated=True, **_ends(ends),
            ))  # fmt: skip
    return figures


Rule = Literal["chain", "sum", "mark-up", "siblings", "shared value", "median of others",
               "annex IV", "transitional"]  # fmt: skip


@tool(
    "cbam",
    "Do a country's default values hang together",
    examples=({"origin_name": "China", "rule": "chain"},
              {"origin_name": "Türkiye", "good_name": "7208"}),
)  # fmt: skip
def coherence(
    origin_name: OriginName,
    rule: Annotated[Rule | None, Field(description="only this kind of comparison")] = None,
    good_name: Annotated[GoodName | None, Field(description="only this good")] = None,
    year: Year = 2026,
    limit: Limit = 20,
    offset: Offset = 0,
) -> ToolResult:
    """Compare a country's CBAM default values with one another: product and precursor, country and
    country, now and the transitional period.

    It tells whether figures hang together, not which is right: for that ask audit.
    """
    named, place = origin(origin_name)
    read = None if good_name is None else good(good_name)
    found = [
        f
        for f in mc.cbam.coherence(place, year=year)
        if (rule is None or f.rule == rule) and (read is None or (f.cn and covers(read.cn, f.cn)))
    ]
    shown = found[offset : offset + limit]
    figures: list[Figure] = []
    items = []
    for rank, one in enumerate(shown, start=offset + 1):
        labels = {"region": place.iso3, "year": str(year), "rank": str(rank)}
        labels |= {"good": one.cn} if one.cn else {}
        other = {k: v for k, v in labels.items() if k not in ("good", "region")}
        if one.against.isdigit():  # another good of the same country
            other |= {"region": place.iso3, "good": one.against}
        else:
            other |= {"good": one.cn, "source": one.against}
        pairs: tuple[tuple[str, Decimal | None, dict[str, str]], ...] = (
            ("default value", one.value, labels),
            ("held against", one.other, {k: v for k, v in other.items() if v}),
        )
        figures += [
            Figure(quantity=f"{q} ({one.rule})", value=number(v), unit=PER_TONNE, labels=own)
            for q, v, own in pairs
            if v is not None
        ]
        items.append({
            "rank": str(rank), "rule": one.rule, "good": one.cn, "against": one.against,
            "text": one.text,
            "passed": "informs only" if one.passed is None else "yes" if one.passed else "no",
        })  # fmt: skip
    return ToolResult(
        title=f"What {place.name}'s default values say of one another, {year}",
        read_as={origin_name: f"{named.code} ({named.name})"}
        | ({} if read is None or good_name is None else {good_name: read.told}),
        figures=tuple(figures),
        items=tuple(items),
        caveats=("no independent estimate: all figures have one source", ADVICE),
        sources=(cited_text("Implementing Regulation (EU) 2025/2621, Annex I"),),
        offset=offset,
        total=len(found),
        shown=len(found[offset : offset + limit]),
        **made("comparisons inside the annex"),
    )


@tool(
    "cbam",
    "Known defects of the annex",
    examples=({}, {"origin_name": "Angola"}),
)
def defects(
    origin_name: Annotated[
        OriginName | None, Field(description="only this country; all if left out")
    ] = None,
    limit: Limit = 20,
    offset: Offset = 0,
) -> ToolResult:
    """Rows of the CBAM annex of default values that break a rule, such as slipped columns."""
    place = None if origin_name is None else origin(origin_name)[1]
    found = [d for d in mc.cbam.defects() if place is None or d.iso3 == place.iso3]
    check = mc.cbam.markup_check()
    return ToolResult(
        title="Defects of the annex of default values" + (f", {place.name}" if place else ""),
        read_as={} if place is None or origin_name is None else {origin_name: place.iso3},
        figures=(
            Figure(quantity="rows with a defect", value=float(len(found)), unit="1",
                   labels={} if place is None else {"region": place.iso3}),
            Figure(quantity="marked-up cells checked, all countries", value=float(check.cells),
                   unit="1"),
            Figure(quantity="marked-up cells that differ from the total marked up again, all"
                   " countries", value=float(check.differing), unit="1"),
        ),
        items=tuple(
            {"rule": d.rule, "region": d.iso3, "good": d.cn, "route": d.route, "what": d.what,
             "meaning": RULES[d.rule]}
            for d in found[offset : offset + limit]
        ),
        caveats=("found by rule; a row with a defect is left out of every statistic", ADVICE),
        sources=(cited_text("Implementing Regulation (EU) 2025/2621, Annex I"),),
        offset=offset,
        total=len(found),
        shown=len(found[offset : offset + limit]),
        **made("rules on the rows of the annex"),
    )  # fmt: skip


@tool(
    "cbam",
    "How much of a country's trade is known by good",
    examples=({"origin_name": "China"}, {"origin_name": "Fiji"}),
)
def covered_share(origin_name: OriginName) -> ToolResult:
    """EU imports of CBAM goods from a country in 2024 that are at hand, and which share they make.

    Use it before anything is said of a country's whole trade or total CBAM cost.
    """
    named, place = origin(origin_name)
    data = mc.cbam.trade_2024()
    found = mc.cbam.covered_share(data.lines, place)
    whole = data.total(place)
    why = found.note or "not at hand"
    shown: tuple[tuple[str, float | None, str], ...] = (
        ("share of the imported mass that is known by good", percent(found.mass), "%"),
        ("share of the imported value that is known by good", percent(found.value), "%"),
        ("imports known by good, mass", number(found.tonnes), "t"),
        ("imports of CBAM goods, mass", None if whole is None else number(whole.tonnes), "t"),
        ("imports of CBAM goods, value", None if whole is None else number(whole.value_eur), "EUR"),
        ("embedded emissions at marked-up default values of 2026",
         None if whole is None else number(whole.embedded), "t CO2e"),
        ("cost before free allocation at 75.36 EUR, as the source has it",
         None if whole is None else number(whole.gross_eur), "EUR"),
    )  # fmt: skip
    labels = {"region": place.iso3, "partner": "EU27", "year": "2024"}
    return ToolResult(
        title=f"EU imports of CBAM goods from {place.name}, 2024: what is at hand",
        read_as={origin_name: f"{named.code} ({named.name})"},
        figures=tuple(
            Figure(quantity=q, value=v, unit=u, labels=labels, why="" if v is not None else why)
            for q, v, u in shown
        ),
        items=tuple(
            {"good": line.cn, "source": line.source} for line in data.of(place)
        ),
        caveats=(*data.notes, *(x for x in (found.note, whole.note if whole else "") if x)),
        sources=(Cited(name=data.source),),
        **made("sum of the lines over the country's total"),
    )  # fmt: skip
