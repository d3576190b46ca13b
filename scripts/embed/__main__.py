"""Rebuild the embedded data: ``python -m scripts.embed --data FOLDER [--out FOLDER] [--check]``.

Everything is built in a temporary folder first; only when all of it stands is it moved to its
place. The same source data give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.embed import aggregation, households, icio, national, satellites, uncertainty

EMBEDDED = Path(__file__).parents[2] / "mriocarbon" / "datasets" / "embedded"


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write all embedded files and their manifest to `out`; return the manifest's items."""
    items: list[dict[str, Any]] = []
    for module in (icio, national, households, satellites, aggregation, uncertainty):
        print(f"building {module.__name__.rpartition('.')[2]}", flush=True)
        items += module.build(data, out)
    hashes: dict[str, str] = {}
    for item in items:
        item["sha256"] = sha256(out / item["file"])
        item["bytes"] = (out / item["file"]).stat().st_size
        for source in item["derived_from"]:
            if "edgar" in source.casefold():
                raise SystemExit(f"{item['file']} derives from {source}: not allowed to be shipped")
            hashes.setdefault(source, sha256(data / source))
        item["derived_from"] = {source: hashes[source] for source in item["derived_from"]}
    items.sort(key=lambda item: str(item["file"]))
    text = json.dumps({"items": items}, indent=1, sort_keys=True, ensure_ascii=False)
    (out / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return items


def main(arguments: list[str] | None = None) -> int:
    """Build, then move into place, or with --check compare byte for byte."""
    parser = argparse.ArgumentParser(prog="python -m scripts.embed", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the source data")
    parser.add_argument("--out", type=Path, default=EMBEDDED)
    parser.add_argument("--check", action="store_true", help="compare with --out, change nothing")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        parser.error(f"--data {options.data}: no such folder")
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        items = build(options.data, fresh)
        files = sorted(path.name for path in fresh.iterdir())
        if options.check:
            there = sorted(p.name for p in options.out.iterdir() if p.is_file())
            bad = sorted(set(files) ^ set(there))
            for file in set(files) & set(there):
                if (fresh / file).read_bytes() != (options.out / file).read_bytes():
                    bad.append(file)
            print(f"{len(files)} files, {len(bad)} differ{': ' if bad else ''}{', '.join(bad)}")
            return 1 if bad else 0
        options.out.mkdir(parents=True, exist_ok=True)
        for old in options.out.iterdir():
            if old.is_file() and old.name not in files:
                old.unlink()
        for file in files:
            shutil.move(fresh / file, options.out / file)
    total = sum(item["bytes"] for item in items)
    print(f"wrote {len(files)} files, {total / 1e6:.2f} MB, to {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
