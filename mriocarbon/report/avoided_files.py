"""The numbers behind the page on exported technology: CSV tables and one JSON file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon import __version__
from mriocarbon.avoided.amount import LEVEL, Amount
from mriocarbon.avoided.drawn import parameters
from mriocarbon.avoided.inputs import inputs
from mriocarbon.avoided.manufacture_published import against_published
from mriocarbon.avoided.payback import Payback
from mriocarbon.report.avoided_page import COMPARATIVE, LIMITS, command, sources
from mriocarbon.report.avoided_view import MARGIN_WORDS, UNIT
from mriocarbon.report.files import csv_text
from mriocarbon.studies.green_exports_2024 import HORIZONS, GreenExports
from mriocarbon.studies.green_exports_claim import OTHERS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CSVS", "SCHEMA", "content", "table"]

SCHEMA = "mriocarbon/avoided/1"
Row = Sequence[Any]


def _scenarios(s: GreenExports) -> Iterable[Row]:
    yield ("scope", "margin", "horizon", "value", "low", "high", "unit", "by value of exporter",
           "by value low", "by value high", "upper bound", "years of grid factor",
           "years of capacity factor", "holds claim")  # fmt: skip
    for one in s.scenarios:
        v = one.by_value
        yield (one.scope, one.margin, one.horizon, *_three(one.amount), UNIT,
               *((None,) * 3 if v is None else _three(v)), one.bound, one.grid_years,
               one.yield_years,
               None if s.claim is None else one.amount.holds(s.claim.avoided))  # fmt: skip


def _manufacture(s: GreenExports) -> Iterable[Row]:
    yield ("definition", "scope", "method", "value", "low", "high", "unit", "kg CO2e per kW",
           "holds claim")  # fmt: skip
    for one in s.manufactures:
        yield (one.definition, one.scope, one.method, *_three(one.amount), UNIT, one.per_kw,
               None if s.claim is None else one.amount.holds(s.claim.made))  # fmt: skip


def _stages(s: GreenExports) -> Iterable[Row]:
    yield "method", "product", "stage", "kind", "value", "low", "high", "unit"
    for made in filter(None, (s.made, s.made_table)):
        for p in made.parts:
            yield made.method, p.product, p.stage, p.kind, *_three(p.amount), UNIT


def _payback(s: GreenExports) -> Iterable[Row]:
    yield "products", "method", "years", "low", "high", "share of draws without payback"
    for (products, method), p in s.paybacks.items():
        yield products, method, p.value, p.low, p.high, p.never


def _attribution(s: GreenExports) -> Iterable[Row]:
    yield "rule", "product", "share", "low", "high"
    for rule, found in s.shares.items():
        for product, share in found.shares.items():
            yield rule, product, *_three(share)


def _destinations(s: GreenExports) -> Iterable[Row]:
    run = s.avoided_all
    frame = run.rows
    columns = [c for c in frame.columns if c not in ("first_year", "lifetime")]
    yield (*columns, "margin", "first_year", "low", "high", "lifetime", "lifetime_low",
           "lifetime_high")  # fmt: skip
    edges = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    first = np.quantile(run.draws.first_year, edges, axis=0)
    life = np.quantile(run.draws.lifetime, edges, axis=0)
    for k, (_, r) in enumerate(frame.iterrows()):
        yield (*(r[c] for c in columns), s.margin, r["first_year"], *first[:, k], r["lifetime"],
               *life[:, k])  # fmt: skip


def _frame(name: str) -> Callable[[GreenExports], Iterable[Row]]:
    def rows(s: GreenExports) -> Iterable[Row]:
        frame: pd.DataFrame = getattr(s.avoided, name).reset_index()
        yield tuple(map(str, frame.columns))
        yield from frame.itertuples(index=False, name=None)

    return rows


def _end_of_life(s: GreenExports) -> Iterable[Row]:
    frame = s.avoided.end_of_life.table
    yield tuple(map(str, frame.columns))
    yield from frame.itertuples(index=False, name=None)


def _published(s: GreenExports) -> Iterable[Row]:
    frame = against_published(s.made)
    yield tuple(map(str, frame.columns))
    yield from frame.itertuples(index=False, name=None)


def _parameters(_: GreenExports) -> Iterable[Row]:
    yield ("name", "technology", "centre", "form", "relative sd", "low", "high", "unit", "source",
           "assumed")  # fmt: skip
    for p in parameters().values():
        yield (p.name, p.technology, p.value, p.form, p.rsd, p.low, p.high, p.unit, p.source,
               p.assumed)  # fmt: skip


def _inputs(_: GreenExports) -> Iterable[Row]:
    yield ("technology", "stage", "kind", "item", "per", "amount", "low", "high", "unit", "factor",
           "factor low", "factor high", "factor unit", "source", "year", "status",
           "note")  # fmt: skip
    for r in inputs():
        yield (r.technology, r.stage, r.kind, r.item, r.base, *r.amount, r.amount_unit,
               *(r.factor or ("grid" if r.kind == "electricity" else None, None, None)),
               r.factor_unit, r.source, r.year, r.status, r.note)  # fmt: skip


def _draws(s: GreenExports) -> Iterable[Row]:
    first, life, table = s.headline("first year"), s.headline("lifetime"), s.table_main
    pay = s.paybacks[s.scope, "process"]
    yield ("draw", f"first year, {UNIT}", f"lifetime, {UNIT}", f"manufacture by stages, {UNIT}",
           f"manufacture by the table, {UNIT}", "payback by stages, years")  # fmt: skip
    for k in range(s.draws):
        yield (k, first.draws[k], life.draws[k], s.made_main.draws[k],
               None if table is None else table.draws[k], pay.draws[k])  # fmt: skip


def _assumptions(s: GreenExports) -> Iterable[Row]:
    yield "about", "estimated", "text"
    for note in s.notes:
        yield note.about, note.estimated, note.text
    for text in s.missing:
        yield "missing", False, text
    for text in LIMITS:
        yield "limit", False, text


def _sources(s: GreenExports) -> Iterable[Row]:
    yield "name", "citation", "licence", "url"
    for one in sources(s):
        yield one.name, one.citation, one.licence, one.url


CSVS: dict[str, Callable[[GreenExports], Iterable[Row]]] = {
    "scenarios": _scenarios,
    "manufacture": _manufacture,
    "stages": _stages,
    "payback": _payback,
    "attribution": _attribution,
    "destinations": _destinations,
    "months": _frame("by_month"),
    "calendar_years": _frame("by_year"),
    "years_of_operation": _frame("by_age"),
    "left_out": _frame("left_out"),
    "end_of_life": _end_of_life,
    "published": _published,
    "parameters": _parameters,
    "inputs": _inputs,
    "draws": _draws,
    "assumptions": _assumptions,
    "sources": _sources,
}
"""Tables by the name of their file."""


def table(study: GreenExports, name: str) -> str:
    """Return one table as CSV; what is not known is empty, never zero."""
    header, *rows = CSVS[name](study)
    return csv_text(header, (["" if _gone(v) else v for v in row] for row in rows))


def _gone(value: Any) -> bool:
    import pandas as pd

    # Infinite years are no missing ones: they say that there is no payback.
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _three(amount: Amount) -> tuple[float, float, float]:
    return amount.value, amount.low, amount.high


def _interval(amount: Amount | None, unit: str = UNIT) -> dict[str, Any] | None:
    if amount is None:
        return None
    value, low, high = _three(amount)
    return {"value": value, "low": low, "high": high, "unit": unit}


def _typed(s: GreenExports) -> list[dict[str, str]]:
    """Sources of single figures, with their status; most were not opened in the original."""
    kinds = s.exports.technologies
    rows = [("manufacture", r.source, r.status) for r in inputs() if r.technology in kinds]
    rows += [
        ("avoided", p.source, "assumed" if "assumed" in p.assumed else "")
        for p in parameters().values()
        if p.source and p.technology.split(".")[0] in (*kinds, *MARGIN_WORDS, "")
    ]
    rows += [
        ("published figures beside manufacture", str(r["source"]), str(r["status"]))
        for _, r in against_published(s.made).iterrows()
    ]
    return [
        {"used_for": use, "source": source, "status": status}
        for use, source, status in dict.fromkeys(rows)
    ]


def _years(p: Payback) -> dict[str, Any]:
    """Years as numbers; null where there is no payback within the lifetime."""
    finite = {k: v if math.isfinite(v) else None
              for k, v in (("value", p.value), ("low", p.low), ("high", p.high))}  # fmt: skip
    return {**finite, "unit": "years", "never": p.never}


def content(study: GreenExports) -> str:
    """Return everything but draws and destinations as JSON; what is not known is null."""
    s = study
    data = {
        "schema": SCHEMA,
        "package": {"name": "mriocarbon", "version": __version__},
        "command": command(s),
        "exporter": s.exports.exporter,
        "year": s.exports.year,
        "period": s.exports.period,
        "exports": [
            {"product": c.product, "technology": c.technology, "mw": c.mw,
             "million_usd": c.usd if math.isfinite(c.usd) else None}
            for c in s.made.capacities
        ],
        "settings": {
            "main": list(s.main), "margin": s.margin, "decline": s.decline, "attribution": s.rule,
            "draws": s.draws, "seed": s.seed, "level": LEVEL,
        },
        "statement": COMPARATIVE,
        "result": {
            **{h.replace(" ", "_"): _interval(s.headline(h)) for h in HORIZONS},
            "manufacture_by_stages": _interval(s.made_main),
            "manufacture_by_table": _interval(s.table_main),
            "avoided_per_tonne_emitted": _interval(s.returns, "1"),
        },
        "payback": [
            {"products": products, "method": method, **_years(p)}
            for (products, method), p in s.paybacks.items()
        ],
        "scenarios": [
            {"scope": o.scope, "margin": o.margin, "horizon": o.horizon,
             "amount": _interval(o.amount), "by_value": _interval(o.by_value),
             "upper_bound": o.bound or None, "grid_years": o.grid_years,
             "yield_years": o.yield_years,
             "holds_claim": None if s.claim is None else o.amount.holds(s.claim.avoided)}
            for o in s.scenarios
        ],
        "manufacture": [
            {"definition": o.definition, "scope": o.scope, "method": o.method,
             "amount": _interval(o.amount),
             "kg_per_kw": o.per_kw if math.isfinite(o.per_kw) else None,
             "holds_claim": None if s.claim is None else o.amount.holds(s.claim.made)}
            for o in s.manufactures
        ],
        "attribution": [
            {"rule": rule, "product": product, **(_interval(share, "1") or {})}
            for rule, found in s.shares.items()
            for product, share in found.shares.items()
        ],
        "claim": None if s.claim is None else {
            "made": s.claim.made, "avoided": s.claim.avoided, "unit": "Mt CO2",
            "source": s.claim.source, "verdict": list(s.verdict),
            "other_estimates": [
                {"what": o.what, "value": o.value, "unit": o.unit, "source": o.source,
                 "status": o.status} for o in OTHERS
            ],
        },
        "missing": list(s.missing),
        "notes": [
            {"about": n.about, "estimated": n.estimated, "text": n.text} for n in s.notes
        ],
        "sources": [
            {"name": o.name, "citation": o.citation, "licence": o.licence, "url": o.url}
            for o in sources(s)
        ],
        "typed_figures": _typed(s),
        "limits": list(LIMITS),
    }  # fmt: skip
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
