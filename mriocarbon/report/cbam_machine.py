"""audit.json and its schema, both from the records of :mod:`mriocarbon.cbam.results`.

NaN is no JSON: a figure that does not exist is null, and ``null_reasons`` beside it says why.
Print the schema with ``python -m mriocarbon.report.cbam_machine [all]``; the package holds it as
``templates/cbam_audit.schema.json`` and ``templates/cbam_all.schema.json``.
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from mriocarbon import __version__
from mriocarbon.cbam.results import Audit, AuditAll, Interval, Line

NAMES = {Audit: "mriocarbon/cbam-audit/1", AuditAll: "mriocarbon/cbam-audit-all/1"}
SKIPPED = {(AuditAll, "audits")}  # they have files of their own
UNKNOWN = "not determined"


def content(found: Audit | AuditAll) -> str:
    """Return the JSON text; the same audit gives the same text."""
    told = {
        "schema": NAMES[type(found)],
        "package": {"name": "mriocarbon", "version": __version__},
        **plain(found),
    }
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """Return a record as JSON: numbers as numbers, null for what is missing."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _record(value)
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal | float):
        number = float(value)
        if not math.isfinite(number):
            return None
        return number if isinstance(value, Decimal) else float(f"{number + 0.0:.10g}")
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)  # a date, say


def _record(value: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for f in dataclasses.fields(value):
        if (type(value), f.name) in SKIPPED:
            continue
        item = getattr(value, f.name)
        out[f.name] = plain(item)
        if out[f.name] is None:
            reasons[f.name] = why(value, f.name)
    if reasons:
        out["null_reasons"] = reasons
    return out


def why(record: Any, name: str) -> str:
    """Return why a field of a record holds nothing."""
    if isinstance(record, Interval):
        return record.note or UNKNOWN
    if isinstance(record, Line):
        return record.why or record.verdict
    if isinstance(record, Audit):
        return "no trade data for this origin" if name in ("money", "trade_weighted") else UNKNOWN
    for other in ("note", "defect", "fallback_reason", "text"):
        told = getattr(record, other, "")
        if isinstance(told, str) and told:
            return told
    return "the source gives none"


# ------------------------------------------------------------------------------- the schema


def schema(kind: type[Audit] | type[AuditAll]) -> dict[str, Any]:
    """Return the JSON schema of an audit, from the types of its records."""
    definitions: dict[str, Any] = {}
    body = _object(kind, definitions)
    body["properties"] = {
        "schema": {"const": NAMES[kind]},
        "package": {
            "type": "object",
            "properties": {"name": {"const": "mriocarbon"}, "version": {"type": "string"}},
            "required": ["name", "version"],
            "additionalProperties": False,
        },
        **body["properties"],
    }
    body["required"] = ["schema", "package", *body["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": NAMES[kind],
        **body,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties = {
        f.name: _type(hints[f.name], definitions)
        for f in dataclasses.fields(kind)
        if (kind, f.name) not in SKIPPED
    }
    return {
        "description": (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " "),
        "type": "object",
        "properties": {
            **properties,
            "null_reasons": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": list(properties),
        "additionalProperties": False,
    }


_SIMPLE: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    Decimal: {"type": ["number", "null"]},
    type(None): {"type": "null"},
}


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_type(part, definitions) for part in inside]}
    if origin is typing.Literal:
        return {"enum": list(inside)}
    if origin is tuple and (len(inside) < 2 or inside[1] is not Ellipsis):
        return {
            "type": "array",
            "prefixItems": [_type(part, definitions) for part in inside],
            "minItems": len(inside),
            "maxItems": len(inside),
        }
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _type(inside[1], definitions)}
    if origin is not None and inside:  # tuple[x, ...], Sequence[x], list[x]
        return {"type": "array", "items": _type(inside[0], definitions)}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # a record that holds itself finds its place
            definitions[hint.__name__] = _object(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return {}


def schema_text(kind: type[Audit] | type[AuditAll]) -> str:
    """Return the schema as it lies in the package."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text(AuditAll if sys.argv[1:] == ["all"] else Audit))
