"""All that a table is besides its arrays, as plain JSON: units, names, notes, provenance.

One form for every file format and for xarray attributes, so that nothing is lost in one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.model.frame import Frame
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO


def to_json(table: MRIO | Frame) -> str:
    """Return the table's metadata as JSON with sorted keys."""
    meta = {
        "money_unit": table.money_unit,
        "year": table.year,
        "price_year": table.price_year,
        "value_added_rows": table.value_added_rows,
        "notes": [asdict(note) for note in table.notes],
        # year and stressor are the table's own, and stand there; a table has no method to cite
        "provenance": {
            key: value
            for key, value in asdict(table.provenance).items()
            if key not in ("year", "stressor", "references")
        },
        "table_type": table.table_type,
        "price_basis": table.price_basis,
        "other_inputs": table.other_inputs.labels if table.other_inputs else (),
        "other_uses": table.other_uses.labels if table.other_uses else (),
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
    """Return the metadata with notes and provenance as objects; empty text gives defaults.

    Raises
    ------
    ValueError
        The text is not what `to_json` writes.
    """
    try:
        return _from_json(text)
    except (TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ValueError(f"it is not what mc.save writes ({error})") from error


def _from_json(text: str) -> dict[str, Any]:
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
        "table_type": str(meta.get("table_type", "")),
        "price_basis": str(meta.get("price_basis", "")),
        "other_inputs": tuple(meta.get("other_inputs", ())),
        "other_uses": tuple(meta.get("other_uses", ())),
        "extensions": {
            name: {**about, "notes": _notes(about)}
            for name, about in meta.get("extensions", {}).items()
        },
    }


def side_arrays(table: MRIO | Frame) -> dict[str, NDArray[Any]]:
    """Return what every format stores beside Z, Y, x, value added and extensions, by name.

    ``other_inputs``, ``other_inputs_final``, ``other_uses`` and ``estimated__NAME``.
    """
    found: dict[str, NDArray[Any]] = {}
    for name in ("other_inputs", "other_uses"):
        side = getattr(table, name)
        if side is not None:
            found[name] = side.values
            if side.final_demand is not None:
                found[f"{name}_final"] = side.final_demand
    found.update({f"estimated__{name}": mask for name, mask in table.estimated.items()})
    return found


def from_side_arrays(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments of MRIO out of what `side_arrays` gave and the metadata."""
    given: dict[str, Any] = {key: meta[key] for key in ("table_type", "price_basis")}
    for name in ("other_inputs", "other_uses"):
        if name in arrays:
            final = arrays.get(f"{name}_final")
            given[name] = Side(
                tuple(meta[name]),
                np.array(arrays[name], dtype=np.float64),
                None if final is None else np.array(final, dtype=np.float64),
            )
    given["estimated"] = {
        name.removeprefix("estimated__"): np.asarray(mask, dtype=bool)
        for name, mask in arrays.items()
        if name.startswith("estimated__")
    }
    return given


def _notes(holder: Mapping[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(**{**note, "sources": _sources(note)}) for note in holder.get("notes", ()))


def _sources(holder: Mapping[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in holder.get("sources", ()))
