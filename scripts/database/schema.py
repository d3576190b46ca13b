"""The columns that every family shares, and the frames that fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mriocarbon.errors import InputError

COLUMNS: dict[str, str] = {
    "region": "VARCHAR",
    "year": "SMALLINT",
    "month": "TINYINT",
    "variable": "VARCHAR",
    "gas": "VARCHAR",
    "category": "VARCHAR",
    "category_name": "VARCHAR",
    "item": "VARCHAR",
    "value": "DOUBLE",
    "unit": "VARCHAR",
    "sd": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "uncertainty": "VARCHAR",
    "scope": "VARCHAR",
    "key": "VARCHAR",
    "note": "VARCHAR",
    "source": "VARCHAR",
    "edition": "VARCHAR",
    "licence": "VARCHAR",
}
"""Column -> DuckDB type, of every family."""

NEEDED = ("region", "variable", "unit", "uncertainty", "scope", "source", "edition", "licence")
"""Never missing, in no row."""

IDENTITY = (
    *("source", "region", "year", "month", "variable", "gas", "category", "item", "unit", "scope"),
)
"""What tells one row from another."""


@dataclass(frozen=True)
class Origin:
    """One source: who made it, which edition, under which licence, from which files."""

    id: str
    title: str
    producer: str
    edition: str
    citation: str
    licence: str
    licence_url: str
    address: str
    files: tuple[str, ...]
    shares: str = ""
    """Which other sources' figures go into it, so that their errors are not independent."""


@dataclass
class Collected:
    """What the modules hand in while a build runs."""

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    regions: dict[str, tuple[str, str]] = field(default_factory=dict)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    """Source -> names of areas that are on no list; kept under a code of their own."""
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    """(source, what, why) of rows that are in a source and not in the store."""

    def add(self, family: str, origin: Origin, frame: pd.DataFrame) -> None:
        """Add rows of one source to a family."""
        self.frames.setdefault(family, []).append(tidy(frame, origin))

    def leave_out(self, origin: str, what: str, why: str) -> None:
        """Write down what a module does not take over."""
        self.left_out.append((origin, what, why))


def tidy(frame: pd.DataFrame, origin: Origin) -> pd.DataFrame:
    """Bring a frame to the shared columns; stop on what may not be missing.

    Raises
    ------
    InputError
        A column that is not in the schema, a needed cell that is empty, an infinite value, a
        missing value without a key or note that says why.
    """
    unknown = sorted(set(frame.columns) - set(COLUMNS))
    if unknown:
        raise InputError(f"columns that the schema lacks: {', '.join(unknown)}", where=origin.id)
    out = pd.DataFrame(index=frame.index)
    given = {"source": origin.id, "edition": origin.edition, "licence": origin.licence}
    for column, kind in COLUMNS.items():
        if column in frame:
            values: Any = frame[column]
        else:
            values = given.get(column)
        if kind == "DOUBLE":
            out[column] = pd.Series(values, index=frame.index, dtype="float64")
        elif kind in ("SMALLINT", "TINYINT"):
            out[column] = pd.Series(values, index=frame.index, dtype="Int16")
        else:
            text = pd.Series(values, index=frame.index, dtype="object")
            out[column] = text.where(text.notna() & (text != ""), None)
    for column in NEEDED:
        if out[column].isna().any():
            raise InputError(
                f"{int(out[column].isna().sum())} rows without {column}", where=origin.id
            )
    for column in ("value", "sd", "low", "high"):
        if np.isinf(out[column].to_numpy()).any():
            raise InputError(f"an infinite {column}", where=origin.id)
    if (out["sd"] == 0).any() and (out.loc[out["sd"] == 0, "value"] != 0).any():
        raise InputError("an uncertainty of zero: write None and the reason", where=origin.id)
    silent = out["value"].isna() & out["key"].isna() & out["note"].isna()
    if silent.any():
        raise InputError(f"{int(silent.sum())} values missing without a reason", where=origin.id)
    return out.reset_index(drop=True)


def whole(frames: Sequence[pd.DataFrame], family: str) -> pd.DataFrame:
    """Join the frames of a family, sort them, and stop on doubled rows."""
    frame = pd.concat(frames, ignore_index=True)
    keys = list(IDENTITY)
    double = frame.duplicated(keys, keep=False)
    if double.any():
        head = frame.loc[double, keys].head(4).to_string(index=False)
        raise InputError(f"{int(double.sum())} rows share their identity:\n{head}", where=family)
    order = ["source", "variable", "scope", "gas", "category", "item", "unit", "region"]
    return frame.sort_values(
        [*order, "year", "month"], kind="stable", na_position="first", ignore_index=True
    )


def long(
    frame: pd.DataFrame, ids: Sequence[str], columns: Mapping[str, int], value: str = "value"
) -> pd.DataFrame:
    """Turn year columns into rows: `columns` maps a column's name to its year."""
    out = frame.melt(id_vars=list(ids), value_vars=list(columns), var_name="year", value_name=value)
    out["year"] = out["year"].map(columns).astype("Int16")
    return out


def path_of(data: Path, relative: str) -> Path:
    """Return a source file; a missing one stops the build by name."""
    from scripts.embed.tidy import source

    return source(data, relative)
