"""results.json: everything the study found, for machines.

Its schema is ``templates/adjustments_2022.schema.json``, described in
docs/reference/adjustments-2022-json.md. NaN is no JSON: what is missing is null, with a reason.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon import __version__
from mriocarbon.model import Result
from mriocarbon.report.adjustments_csv import UNALLOCATED, why_missing
from mriocarbon.report.adjustments_view import PUBLISHED, PUBLISHED_SOURCE, View, estimates_of
from mriocarbon.report.text import region_name
from mriocarbon.studies.intervals_2022 import LEVEL
from mriocarbon.studies.scan import Combination

if TYPE_CHECKING:
    from mriocarbon.studies.spectrum import FullSpectrum

SCHEMA = "mriocarbon/adjustments-2022/3"


def results(view: View) -> str:
    """Return the content of results.json; the same study gives the same text."""
    study, verdict = view.study, view.study.verdict
    content = {
        "schema": SCHEMA,
        "package": {"name": "mriocarbon", "version": __version__},
        "year": 2022,
        "published": {
            "percent": dict(PUBLISHED),
            "source": PUBLISHED_SOURCE,
            "quantity": "account / production - 1, greenhouse gases",
        },
        "regions": [{"code": r, "name": region_name(r)} for r in view.listed_regions],
        "verdict": {
            "text": list(verdict.text),
            "tried": verdict.tried,
            "not_available": verdict.not_available,
            "zero_by_construction": verdict.trivial,
            "distinct_triples": view.distinct,
            "same_signs": verdict.same_signs,
            "within_percentage_points": {f"{k:g}": n for k, n in verdict.within.items()},
            "nearest": [c.number for c in view.nearest],
            "nearest_by_country": {
                r: c.number for r, c in verdict.nearest_by_country.items()
            },
            "by_gas": {
                gas: {
                    "tried": reach.tried,
                    "same_signs": reach.same_signs,
                    "within_percentage_points": {f"{k:g}": n for k, n in reach.within.items()},
                    "nearest": reach.nearest.number,
                }
                for gas, reach in verdict.by_gas.items()
            },
        },
        "principles": [
            {
                "name": p.name, "title": p.title, "formula": p.formula,
                "reference": p.reference, "boundary": p.boundary, "conserves": p.conserves,
                "options": dict(p.options), "needs": p.needs or None, "status": p.status,
            }
            for p in study.principles
        ],
        "combinations": [_combination(c, view) for c in study.combinations],
        "accounts": [
            {
                "table": a.table, "principle": a.principle, "options": a.options, "gas": a.gas,
                "households": a.households, "land_use": a.land_use, "unit": a.unit,
                **{
                    key: _by_region(view.account_regions, values, view.listed_regions)
                    for key, values in (("value", a.value), ("low", a.low), ("high", a.high))
                },
            }
            for a in study.accounts
        ],
        "bilateral": _result(study.bilateral),
        "trade": _result(study.trade, {*study.regions, UNALLOCATED}),
        "per_capita": {
            "unit": "t CO2e per person",
            "boundary": "with households",
            "population": _by_region(study.regions, study.population),
            "value": {
                name: _by_region(study.regions, values)
                for name, values in study.per_capita.items()
            },
        },
        "households": {
            "unit": "Mt CO2e",
            "estimated": True,
            **{
                key: _by_region(study.regions, study.households[:, k])
                for k, key in enumerate(("value", "low", "high"))
            },
        },
        "inventory": {
            "unit": "Mt CO2e",
            "basis": "territorial, CEDS 2022, CO2 + CH4 + N2O at AR5 GWP-100, no F-gases",
            "value": _by_region(study.regions, study.inventory),
            "submissions": [dict(row) for row in study.submissions],
        },
        "co2": {
            "unit": "Mt CO2",
            "estimated": study.co2.note,
            "production": _by_region(study.regions, study.co2.production),
            "households": {
                key: _by_region(study.regions, study.co2.households[:, k])
                for k, key in enumerate(("value", "low", "high"))
            },
            "territorial_gcb_2025": _by_region(study.regions, study.co2.budget),
            "territorial_ceds_2022": _by_region(study.regions, study.co2.inventory),
        },
        "uncertainty": {
            "level": LEVEL,
            "quantity": "100 (account / production - 1), paired: shared errors cancel",
            "intervals": [
                {
                    "gas": one.gas, "principle": one.principle, "households": one.households,
                    "method": one.method, "basis": one.basis,
                    **{
                        key: _by_region(view.account_regions, values, view.listed_regions)
                        for key, values in (
                            ("percent", one.percent), ("low", one.low), ("high", one.high)
                        )
                    },
                }
                for one in study.intervals
            ],
            "editions": [
                {
                    "name": one.name, "title": one.title,
                    "percent": {
                        r: _number(one.percent.get(r)) for r in view.listed_regions
                    },
                }
                for one in study.editions
            ],
        },
        "full_table_recomputed": study.full_recomputed,
        "notes": list(study.notes),
        "remarks": list(study.remarks),
        "sources": [
            {
                "file": i.file, "title": i.title, "producer": i.producer, "edition": i.edition,
                "citation": i.citation, "licence": i.licence, "licence_url": i.licence_url,
                "address": i.address, "unit": i.unit, "exactness": i.exactness,
                "what_is_estimated": i.what_is_estimated or None, "sha256": i.sha256,
                "bytes": i.bytes,
            }
            for i in study.items
        ],
    }  # fmt: skip
    if study.natural:
        from mriocarbon.report.spectrum_view import sources

        content["natural"] = [_natural(one, view.listed_regions) for one in study.natural]
        content["natural_sources"] = [
            {key: value or None for key, value in one.items()} for one in sources(view)
        ]
    return "{\n" + ",\n".join(f"{_text(k)}: {_lines(v)}" for k, v in content.items()) + "\n}\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _lines(value: object) -> str:
    """Return JSON with one line for each entry of a list: small, and still fit for a diff."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_text, value)) + "\n]"
    return _text(value)


def _combination(c: Combination, view: View) -> dict[str, Any]:
    missing = {r: why for r in view.listed_regions if (why := why_missing(c, r))}
    return {
        "number": c.number, "table": c.table, "principle": c.principle, "options": c.options,
        "gas": c.gas, "households": c.households, "land_use": c.land_use,
        "denominator": c.denominator,
        **{
            key: {r: _number(values.get(r)) for r in view.listed_regions}
            for key, values in (("percent", c.percent), ("low", c.low), ("high", c.high))
        },
        "missing": missing,
        "largest_gap": _number(c.distance),
        "signs": c.signs or None,
        "reason": c.reason or None,
        "estimated": list(c.estimated),
        "editions": list(c.editions),
    }  # fmt: skip


def _natural(found: FullSpectrum, keep: Iterable[str]) -> dict[str, Any]:
    """Accounts, scopes and sums of a gas; nothing is added across scopes."""
    wanted = [r for r in found.regions if r in set(keep)]

    def by_region(values: NDArray[np.float64]) -> Mapping[str, float | None]:
        return _by_region(found.regions, values, wanted)

    def numbers(one: object, *names: str) -> dict[str, float | None]:
        return {name: _number(getattr(one, name)) for name in names}

    ends = ("", "_low", "_high")
    return {
        "gas": found.gas, "unit": found.unit, "households": found.households,
        "members": {r: list(found.members[r]) for r in wanted},
        **{
            name: {
                **{key: by_region(getattr(side, key)) for key in ("value", "low", "high", "sd")},
                "estimated": list(side.estimated),
            }
            for name, side in (
                ("production", found.production), ("consumption", found.consumption)
            )
        },
        "percent": {
            "value": by_region(found.percent), "low": by_region(found.percent_low),
            "high": by_region(found.percent_high),
        },
        "scopes": [
            {
                "region": one.region, "scope": one.scope, "gas": one.gas, "process": one.process,
                "method": one.method, "main": one.main,
                **numbers(one, "value", "low", "high", "sd", "sd_independent"),
                "year_from": one.year_from, "year_to": one.year_to, "direction": one.direction,
                "members": one.members, "without": list(one.without),
                "no_interval": list(one.no_interval), "interval": one.interval,
                "source": one.source, "estimated": one.estimated, "note": one.note,
            }
            for one in found.figures if one.region in wanted
        ],
        "with_scope": [
            {
                "region": one.region, "scope": one.scope, "label": one.label,
                "period": one.period, "estimated": one.estimated, "reason": one.reason or None,
                **numbers(one, *(f"{name}{end}" for name in
                                 ("production", "consumption", "percent") for end in ends)),
            }
            for one in found.sums if one.region in wanted
        ],
        "missing": [
            {"region": one.region, "scope": one.scope, "gas": one.gas, "process": one.process,
             "reason": one.reason}
            for one in found.missing if one.region in wanted
        ],
        "world": [
            {
                "name": one.name, "term": one.term or None, "period": one.period,
                "note": one.note,
                **numbers(one, *(f"{name}{end}" for name in ("budget", "difference")
                                 for end in ends), "value", "low", "high"),
            }
            for one in found.world
        ],
        "basis": found.basis,
        "notes": list(found.notes),
    }  # fmt: skip


def _result(result: Result, keep: Iterable[str] | None = None) -> dict[str, Any]:
    first, second = result.dims
    wanted = result.coords[first] if keep is None else set(keep)
    rows = [k for k, label in enumerate(result.coords[first]) if label in wanted]
    return {
        "unit": result.unit,
        "boundary": "industries only",
        "dims": list(result.dims),
        "coords": {
            first: [result.coords[first][k] for k in rows],
            second: list(result.coords[second]),
        },
        "value": [[_number(float(v)) for v in result.value[k]] for k in rows],
        "estimated": estimates_of(result) or None,
        "provenance": {
            "dataset": result.provenance.dataset,
            "edition": result.provenance.edition,
            "sha256": result.provenance.sha256,
            "method": result.provenance.method,
        },
    }


def _by_region(
    regions: Iterable[str], values: NDArray[np.float64], keep: Iterable[str] | None = None
) -> Mapping[str, float | None]:
    wanted = None if keep is None else set(keep)
    return {
        region: _number(float(value))
        for region, value in zip(regions, values, strict=True)
        if wanted is None or region in wanted
    }


def _number(value: float | None) -> float | None:
    """Return ten significant digits, so that the last bits of a solve do not show."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value + 0.0:.10g}")
