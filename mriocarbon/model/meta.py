"""All that a table is besides its arrays, as plain JSON: units, names, notes, provenance.

One form for every file format and for xarray attributes, so that nothing is lost in one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.table import MRIO


def to_json(table: MRIO) -> str:
    """Return the table's metadata as JSON with sorted keys."""
    meta = {
        "money_unit": table.money_unit,
        "year": table.year,
        "price_year": table.price_year,
        "value_added_rows": table.value_added_rows,
        "notes": [asdict(note) for note in table.notes],
        "provenance": asdict(table.provenance),
        "extensions": {
            name: {
                "stressors": extension.stressors,
                "units": extension.units,
                "notes": [asdict(note) for note in extension.notes],
            }
            for name, extension in table.extensions.items()
        },
    }
    return json.dumps(meta, sort_keys=True)


def from_json(text: str) -> dict[str, Any]:
    """Return the metadata with notes and provenance as objects; empty text gives defaults."""
    meta: dict[str, Any] = json.loads(text) if text else {}
    told = dict(meta.get("provenance", {}))
    told["sources"] = _sources(told)
    told["steps"] = tuple(told.get("steps", ()))
    return {
        "money_unit": str(meta.get("money_unit", "million USD")),
        "year": meta.get("year"),
        "price_year": meta.get("price_year"),
        "value_added_rows": tuple(meta.get("value_added_rows", ())),
        "notes": _notes(meta),
        "provenance": Provenance(**told),
        "extensions": {
            name: {**about, "notes": _notes(about)}
            for name, about in meta.get("extensions", {}).items()
        },
    }


def _notes(holder: Mapping[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(**{**note, "sources": _sources(note)}) for note in holder.get("notes", ()))


def _sources(holder: Mapping[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in holder.get("sources", ()))
