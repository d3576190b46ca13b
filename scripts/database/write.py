"""Writing the store: parquet files with the same bytes for the same rows, and a manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

SIGNIFICANT_DIGITS = 10


def rounded(values: pd.Series) -> pd.Series:
    """Keep ten significant digits, as everywhere in the embedded data."""
    return values.map(lambda v: float(f"{v:.{SIGNIFICANT_DIGITS}g}"), na_action="ignore")


def write_parquet(frame: pd.DataFrame, path: Path, types: dict[str, str]) -> None:
    """Write a frame with zstd; one thread and a given order make the bytes repeat."""
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
    columns = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in types.items())
    try:
        connection.register("frame", frame)
        connection.execute(
            f"COPY (SELECT {columns} FROM frame) TO '{path.as_posix()}' (FORMAT parquet, "
            "COMPRESSION zstd, COMPRESSION_LEVEL 19, ROW_GROUP_SIZE 122880, PARQUET_VERSION v2)"
        )
    finally:
        connection.close()


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(folder: Path, about: dict[str, Any]) -> None:
    """Write ``database.json``: what the store is, and size and hash of every file in it."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.glob("*.parquet"))
    }
    text = json.dumps({**about, "files": files}, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / "database.json").write_text(text + "\n", encoding="utf-8", newline="\n")
