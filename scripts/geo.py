"""Rebuild the tables of the map: ``python -m scripts.geo --data FOLDER [--check]``.

From the folder of source data: the polygons of Natural Earth (1:110m) and city points with their
population, both public domain, become two compact files in
``mriocarbon/atlas/tables``, beside ``small_countries.csv`` and ``islands.csv`` (what is too small
for these polygons, kept by hand), with a manifest ``geo.json`` of their hashes. The same source
data give the same bytes; ``--check`` compares.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas.grid import authalic_radius, unit_vectors
from mriocarbon.atlas.shapes import ISLANDS, SMALL, Shapes, country_of, small_countries
from mriocarbon.errors import InputError
from scripts.embed.tidy import source

TABLES = Path(__file__).resolve().parents[1] / "mriocarbon" / "atlas" / "tables"
POLYGONS = "geo/ne_110m_admin_0_countries.geojson"
CITIES = "geo/world_population_points.csv"
MICRO = 1_000_000  # Natural Earth gives six decimals

# Natural Earth writes -99 where a code is disputed or the feature is only the mother country.
CODES = {
    "France": "FRA",
    "Norway": "NOR",
    "Kosovo": "XKX",
    "N. Cyprus": "CYP",
    "Somaliland": "SOM",
}
# France's polygon west of this longitude is French Guiana, which has a code of its own.
GUIANA_EAST = -40.0
BUILT_UP = 1500.0
"""Persons per km2 of an agglomeration, by which towns are counted in it (see docs/methods)."""
WHAT = {
    "shapes.npz": (
        "Borders of countries 1:110m; N. Cyprus joined to CYP, Somaliland to SOM, French Guiana"
        " cut from France",
        "Natural Earth, Admin 0 countries 1:110m, https://www.naturalearthdata.com",
        [POLYGONS],
    ),
    "cities.npz": (
        "City points with population and country; towns within a larger agglomeration left out",
        "world city population points, gathered from public-domain gazetteers",
        [CITIES, POLYGONS],
    ),
    "islands.csv": (
        "Islands and exclaves that the polygons leave out: a point, and how far they reach",
        "typed in as common knowledge, UNVERIFIED",
        [],
    ),
    "small_countries.csv": (
        "Countries without a polygon at 1:110m: a point, 0.1 degree, and how far its cities lie",
        "typed in as common knowledge, UNVERIFIED",
        [],
    ),
}


def polygons(data: Path) -> dict[str, NDArray[Any]]:
    """Return the rings of all countries: coordinates in microdegrees, offsets, owner, hole."""
    features = json.loads(source(data, POLYGONS).read_text(encoding="utf-8"))["features"]
    rings: list[NDArray[np.int32]] = []
    owner: list[str] = []
    hole: list[bool] = []
    for feature in features:
        name, code = feature["properties"]["NAME"], feature["properties"]["ISO_A3"]
        code = CODES.get(name, code)
        if len(code) != 3 or code == "-99":
            raise InputError(f"a polygon has no code: {name}", where=POLYGONS, do="add it to CODES")
        geometry = feature["geometry"]
        parts = geometry["coordinates"]
        for polygon in [parts] if geometry["type"] == "Polygon" else parts:
            for number, ring in enumerate(polygon):
                points = np.asarray(ring, dtype=np.float64)
                if not (points[0] == points[-1]).all():
                    raise InputError(f"a ring is not closed: {name}", where=POLYGONS)
                west = code == "FRA" and points[:, 0].max() < GUIANA_EAST
                rings.append(np.round(points * MICRO).astype(np.int32))
                owner.append("GUF" if west else code)
                hole.append(number > 0)
    codes = sorted(set(owner))
    return {
        "codes": np.array(codes),
        "owner": np.array([codes.index(code) for code in owner], dtype=np.int16),
        "hole": np.array(hole),
        "start": np.cumsum([0, *(len(ring) for ring in rings)]).astype(np.int32),
        "points": np.concatenate(rings),
    }


def cities(data: Path, shapes: Shapes) -> dict[str, NDArray[Any]]:
    """Return city points, sorted, with the position of their country in ``codes``.

    The source gives large cities with their agglomeration and lists towns of it again: a point
    within the circle that a larger one of its country fills at `BUILT_UP` persons per km2 is left
    out.
    """
    raw = np.loadtxt(source(data, CITIES), delimiter=",", skiprows=1, ndmin=2)
    raw = raw[np.lexsort(raw.T)]
    codes = np.array(sorted({*shapes.codes, *(one.iso3 for one in small_countries())}))
    found = np.array(country_of(shapes, raw[:, 0], raw[:, 1]))
    kept = ~_within_larger(raw, found)
    raw, found = raw[kept], found[kept]
    return {
        "codes": codes,
        "lat": np.round(raw[:, 0] * 1e4).astype(np.int32),
        "lon": np.round(raw[:, 1] * 1e4).astype(np.int32),
        "population": raw[:, 2].astype(np.int32),
        "country": np.searchsorted(codes, found).astype(np.int16),
    }


def _within_larger(raw: NDArray[np.float64], country: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Whether a point (latitude, longitude, persons) lies in a larger one of its country."""
    from scipy.spatial import cKDTree

    vectors = unit_vectors(raw[:, 0], raw[:, 1])
    tree = cKDTree(vectors)
    out = np.zeros(len(raw), dtype=bool)
    for k in np.argsort(-raw[:, 2], kind="stable"):
        radius = math.sqrt(raw[k, 2] / BUILT_UP / math.pi) / authalic_radius()
        if not out[k]:
            near = np.array(tree.query_ball_point(vectors[k], 2 * math.sin(radius / 2)))
            inside = (near != k) & (raw[near, 2] <= raw[k, 2]) & (country[near] == country[k])
            out[near[inside]] = True
    return out


def _save(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    save: Any = np.savez_compressed  # its stubs take the arrays for its own option
    save(path, **arrays)


def build(data: Path, out: Path) -> None:
    """Write all files and the manifest to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    rings = polygons(data)
    _save(out / "shapes.npz", rings)
    _save(out / "cities.npz", cities(data, Shapes.of(rings)))
    for kept in (SMALL, ISLANDS):
        (out / kept.name).write_bytes(kept.read_bytes())
    items = {
        file: {
            "title": title,
            "source": cited,
            "licence": "public domain",
            "sha256": hashlib.sha256((out / file).read_bytes()).hexdigest(),
            "bytes": (out / file).stat().st_size,
            "derived_from": {
                name: hashlib.sha256(source(data, name).read_bytes()).hexdigest() for name in used
            },
        }
        for file, (title, cited, used) in WHAT.items()
    }
    text = json.dumps(items, indent=1, sort_keys=True)
    (out / "geo.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> int:
    """Build into place, or with --check compare byte for byte."""
    parser = argparse.ArgumentParser(prog="python -m scripts.geo", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the source data")
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        build(options.data, fresh)
        files = sorted(path.name for path in fresh.iterdir())
        bad = [
            file
            for file in files
            if not (TABLES / file).is_file()
            or (TABLES / file).read_bytes() != (fresh / file).read_bytes()
        ]
        if options.check:
            print(f"{len(files)} files, {len(bad)} differ{': ' if bad else ''}{', '.join(bad)}")
            return 1 if bad else 0
        TABLES.mkdir(parents=True, exist_ok=True)
        for file in bad:
            (TABLES / file).write_bytes((fresh / file).read_bytes())
    total = sum((TABLES / file).stat().st_size for file in files)
    print(f"{len(files)} files, {total / 1e3:.0f} kB, {len(bad)} rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
