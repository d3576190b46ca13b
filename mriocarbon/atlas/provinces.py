"""Provinces and states, where the user has data for them: borders and values of one country.

The cells of a province sum to its value, the provinces to the national account.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.mask import Piece, country, mask
from mriocarbon.atlas.shapes import Shapes, holds, nearest_many
from mriocarbon.errors import InputError, UnitError, UnknownNameError, listed, unreadable
from mriocarbon.io.user_csv import Row, read_rows
from mriocarbon.model.normal import Z95
from mriocarbon.model.provenance import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Province", "Provinces", "provinces"]

Array = NDArray[np.float64]
UNIT = "Mt"
CLOSE = 1e-9
OVERLAP = 1e-6  # of a cell: more than this claimed twice is no rounding
BARE = 0.01  # of a country's land in no province: more than this is told
REACH_KM = 100.0  # how far a point source may lie from its province: plants stand on coasts
INSIDE = 0.5  # of a province's land, at the least, lies in its country at 1:110m


@dataclass(frozen=True)
class Province:
    """One province: its id, where it lies on the grid, its value (Mt) and 95 % interval."""

    id: str
    piece: Piece
    value: float
    low: float
    high: float

    @property
    def sd(self) -> float:
        """Standard deviation, Mt: the interval as 1.96 on either side; NaN without one."""
        return (self.high - self.low) / (2 * Z95)


@dataclass(frozen=True)
class Provinces:
    """The provinces of one country, with values.

    Attributes
    ----------
    country : str
        ISO 3166 alpha-3.
    grid : Grid
    all : tuple of Province
    uncovered : float
        Share of the country's land (at 1:110m) in cells that no province touches.
    steps : tuple of str
        What was done to the values, in order.
    sources : tuple of Source
        The two files, with sha256.
    borders : Shapes, optional
        The polygons, by which a point source finds its province.
    """

    country: str
    grid: Grid
    all: tuple[Province, ...]
    uncovered: float
    steps: tuple[str, ...]
    sources: tuple[Source, ...]
    borders: Shapes | None = None

    def __getitem__(self, id: str) -> Province:
        for one in self.all:
            if one.id == id:
                return one
        raise UnknownNameError.of("province", id, [one.id for one in self.all])

    @property
    def total(self) -> float:
        """Sum of the values, Mt."""
        return math.fsum(one.value for one in self.all)

    def to_pandas(self) -> pd.DataFrame:
        """Return id, value, low, high, sd, unit and cells of every province."""
        import pandas as pd

        rows = [(p.id, p.value, p.low, p.high, p.sd, UNIT, len(p.piece.cells)) for p in self.all]
        columns = ["province", "value", "low", "high", "sd", "unit", "cells"]
        return pd.DataFrame(rows, columns=columns).set_index("province")

    def fitted(
        self, value: float, low: float = math.nan, high: float = math.nan, *, scale: bool = False
    ) -> Provinces:
        """Return provinces that sum to the national account.

        Within the account's interval the values are scaled to it and the factor is a named step;
        beyond it (or without an interval) they speak of something else, and are scaled only if
        the caller says so.

        Parameters
        ----------
        value, low, high : float
            The national account and its 95 % interval, Mt.
        scale : bool
            Scale what lies outside the interval too.

        Returns
        -------
        Provinces
            ``v_p' = v_p V / sum(v)``, low and high likewise.

        Raises
        ------
        InputError
            The sum is outside the interval, or of the other sign, or the account is missing.

        Examples
        --------
        >>> one = Province("one", Piece("one", np.array([0]), np.array([5.0])), 10.0, 9.0, 11.0)
        >>> two = Province("two", Piece("two", np.array([1]), np.array([9.0])), 20.0, 18.0, 22.0)
        >>> found = Provinces("URY", Grid(1.0), (one, two), 0.0, (), ())
        >>> found.total, found.fitted(31.0, 29.0, 33.0).total
        (30.0, 31.0)
        >>> found.fitted(31.0, 29.0, 33.0).steps[-1]
        'provinces scaled by 1.033333 to the national account, within its interval'
        """
        total = self.total
        where = f"{self.country}: provinces {total:.6g} Mt, account {value:.6g} Mt"
        if not math.isfinite(value):
            raise InputError(
                "the country has no national account to hold the provinces against", where=where,
                do="choose another layer or year, or leave the provinces out",
            )  # fmt: skip
        if abs(total - value) <= CLOSE * abs(value):
            within, told = True, "provinces sum to the national account"
        else:
            within = low <= total <= high
            told = f"provinces scaled by {value / total if total else math.nan:.6f} to the "
            told += "national account, " + (
                "within its interval" if within else "outside its interval, as asked"
            )
        if not within and not scale:
            span = f", 95 % interval {low:.6g} to {high:.6g}" if math.isfinite(low + high) else ""
            raise InputError(
                "the provinces do not sum to the national account", where=where + span,
                do="see that the year, gas and scope are the same; scale=True (on the command line "
                "--scale-provinces) scales them, as a named step",
            )  # fmt: skip
        if total == 0 or value == 0 or (total > 0) != (value > 0):
            if total == value == 0:
                return replace(self, steps=(*self.steps, told))
            raise InputError(
                "the provinces cannot be scaled to an account of another sign, or to or from zero",
                where=where, do="see that sources are positive and sinks negative in both",
            )  # fmt: skip
        factor = value / total
        scaled = tuple(
            replace(p, value=p.value * factor, low=p.low * factor, high=p.high * factor)
            for p in self.all
        )
        return replace(self, all=scaled, steps=(*self.steps, told))

    def holding(self, lat: Array, lon: Array) -> list[str]:
        """Return the province of points: the polygon that holds it, else the nearest border.

        "" where the nearest is farther than 100 km. Without polygons: the province with most land
        in the point's cell, "" where there is none.
        """
        out = [""] * len(lat)
        if self.borders is None:
            rows, columns = self.grid.cell(lat, lon)
            for k, cell in enumerate((rows * self.grid.shape[1] + columns).tolist()):
                land = {one.id: float(one.piece.area[one.piece.cells == cell].sum())
                        for one in self.all}  # fmt: skip
                best = max(land, key=lambda id: land[id])
                out[k] = best if land[best] > 0 else ""
            return out
        if len(lat):
            near, km = nearest_many(self.borders, lat, lon)
            out = [str(id) if far <= REACH_KM else "" for id, far in zip(near, km, strict=True)]
        for code in self.borders.codes:
            for k in np.flatnonzero(holds(self.borders, code, lat, lon)).tolist():
                out[k] = code
        return out

    def place(
        self, pattern: ArrayLike, less: Mapping[str, float] | None = None
    ) -> dict[str, tuple[NDArray[np.intp], Array]]:
        """Return where the value of each province stands: cells (raveled) and Mt in each.

        Parameters
        ----------
        pattern : array, grid.shape
            The country's value by cell as the map places it without provinces: point sources and
            proxies. Only its shape within each province counts; NaN counts as nothing.
        less : mapping of str to float, optional
            Mt of each province that stand elsewhere already, at point sources.

        Returns
        -------
        dict of str to (cells, values)
            ``v_c = (V_p - less_p) w_c / sum(w)``, w the pattern times the province's share of the
            land that all provinces hold in the cell; by land where the pattern has nothing.

        Examples
        --------
        >>> lies = Piece("one", np.array([0, 1]), np.array([5.0, 15.0]))
        >>> one = Province("one", lies, 10.0, 9.0, 11.0)
        >>> found = Provinces("URY", Grid(1.0), (one,), 0.0, (), ())
        >>> found.place(np.ones(found.grid.shape))["one"][1].tolist()
        [5.0, 5.0]
        """
        weight = np.nan_to_num(np.abs(np.asarray(pattern, dtype=float)).ravel())
        if weight.size != self.grid.area.size:
            raise InputError(
                "the pattern is not on the grid of the provinces", where="pattern",
                do=f"its shape must be {self.grid.shape}",
            )  # fmt: skip
        held = np.zeros(weight.size)
        for one in self.all:
            held[one.piece.cells] += one.piece.area
        out = {}
        for one in self.all:
            cells = one.piece.cells
            w = weight[cells] * one.piece.area / held[cells]
            w = w if w.sum() > 0 else one.piece.land
            out[one.id] = (cells, (one.value - (less or {}).get(one.id, 0.0)) * (w / w.sum()))
        return out

    def on_grid(self, pattern: ArrayLike) -> Array:
        """Return the provinces' values by cell, Mt; NaN where no province lies."""
        out = np.full(self.grid.area.size, np.nan)
        for cells, values in self.place(pattern).values():
            out[cells] = np.nan_to_num(out[cells]) + values
        return out.reshape(self.grid.shape)


def provinces(
    geojson: str | Path, values: str | Path, iso3: str, grid: Grid, *, id: str = "id"
) -> Provinces:
    """Read the borders and the values of one country's provinces.

    Parameters
    ----------
    geojson : path
        FeatureCollection of polygons (RFC 7946: longitude and latitude on WGS84, cut at 180
        degrees), one feature per province.
    values : path
        CSV with the columns id, value, and optionally low, high (95 % interval) and unit ("Mt").
        Mt of the gas of the layer; sinks are negative.
    iso3 : str
        The country.
    grid : Grid
        Of the map.
    id : str
        Property of a feature that holds the id; the feature's own "id" will do too.

    Returns
    -------
    Provinces
        Nothing is scaled yet, see `Provinces.fitted`.

    Raises
    ------
    DataFileError
        A file cannot be read.
    InputError
        Ids that are doubled or only in one of the files, a value missing (missing is not zero),
        an interval that does not hold its value, no polygons, projected coordinates, polygons
        that overlap or lie outside the country.
    UnitError
        Another unit than Mt.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> ring = [[-58, -34], [-54, -34], [-54, -31], [-58, -31], [-58, -34]]
    >>> feature = {"type": "Feature", "properties": {"id": "all"},
    ...            "geometry": {"type": "Polygon", "coordinates": [ring]}}
    >>> text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    >>> _ = (folder / "a.geojson").write_text(text)
    >>> _ = (folder / "a.csv").write_text("id,value,low,high\\nall,30,27,33\\n")
    >>> found = provinces(folder / "a.geojson", folder / "a.csv", "URY", Grid(1.0))
    >>> found["all"].value, round(found["all"].sd, 2), len(found["all"].piece.cells)
    (30.0, 1.53, 12)
    """
    geojson, values = Path(geojson), Path(values)
    whole = mask(grid)[iso3]
    borders = _borders(geojson, id)
    table = _values(values)
    gone = [
        [k for k in borders.codes if k not in table],
        [k for k in table if k not in borders.codes],
    ]
    for ids, has, lacks in ((gone[0], geojson, values), (gone[1], values, geojson)):
        if ids:
            raise InputError(
                f"provinces that only one of the files knows: {listed(ids)}",
                where=f"in {has}, not in {lacks}",
                do="give every province borders and a value; missing is not zero",
            )
    pieces = {code: country(borders, code, grid) for code in borders.codes}
    claimed = np.zeros(grid.area.size)
    inside = np.zeros(grid.area.size, dtype=bool)
    inside[whole.cells] = True
    outside = []
    for code, piece in pieces.items():
        claimed[piece.cells] += piece.area
        if piece.area[inside[piece.cells]].sum() < INSIDE * piece.area.sum():
            outside.append(code)
    if outside:
        raise InputError(
            f"provinces that lie outside {iso3}: {listed(outside)}", where=str(geojson),
            do="name the right country; coordinates are longitude first, then latitude",
        )  # fmt: skip
    double = np.flatnonzero(claimed > grid.area.ravel() * (1 + OVERLAP))
    if double.size:
        row, column = divmod(int(double[0]), grid.shape[1])
        raise InputError(
            f"provinces overlap in {double.size} cells", where=f"{geojson}, first at latitude "
            f"{grid.lat[row]:g}, longitude {grid.lon[column]:g}",
            do="give borders that do not overlap, and no province together with its parts",
        )  # fmt: skip
    bare = float(whole.land[claimed[whole.cells] == 0].sum())
    told = f"{100 * bare:.1f} % of the country's land lies in no province: nothing is placed there"
    return Provinces(
        iso3, grid,
        tuple(Province(code, pieces[code], *table[code]) for code in borders.codes),
        bare, (told,) if bare > BARE else (), tuple(_source(path) for path in (geojson, values)),
        borders,
    )  # fmt: skip


def _borders(path: Path, id: str) -> Shapes:
    """Rings of all provinces, in the order of the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(path, error, "the file of borders", do="give a GeoJSON file") from error
    if not isinstance(data, Mapping) or data.get("type") != "FeatureCollection":
        raise InputError(
            "no FeatureCollection", where=str(path), do="one feature per province, with polygons"
        )
    crs = data.get("crs") or {}
    told = _inner(crs, "properties") if isinstance(crs, Mapping) else {"name": crs}
    named = str(told.get("name", "CRS84"))
    if not named.endswith(("CRS84", "4326")):
        raise InputError(
            "the borders are not in longitude and latitude on WGS84", where=f"{path}, {named}",
            do="reproject them: ogr2ogr -t_srs EPSG:4326 OUT.geojson IN",
        )  # fmt: skip
    ids: list[str] = []
    rings: list[Array] = []
    owner: list[int] = []
    hole: list[bool] = []
    for number, feature in enumerate(_list(data.get("features", []))):
        where = f"{path}, feature {number}"
        if not isinstance(feature, Mapping):
            raise InputError("it is no feature", where=where, do="one feature per province")
        properties = _inner(feature, "properties")
        name = properties.get(id, feature.get("id"))
        if name is None or not str(name).strip():
            have = listed(sorted(map(str, properties)), 8)
            raise InputError(
                f"a feature without {id!r}", where=where,
                do=f"name the property that holds the id (on the command line --province-id); "
                f"there are: {have or 'none'}",
            )  # fmt: skip
        if str(name).strip() in ids:
            raise InputError(
                f"province {name!r} stands twice", where=where, do="merge it into one MultiPolygon"
            )
        ids.append(str(name).strip())
        for ring, inner in _rings(feature.get("geometry"), where):
            rings.append(ring)
            owner.append(len(ids) - 1)
            hole.append(inner)
    if not ids:
        raise InputError("no provinces", where=str(path), do="one feature per province")
    return Shapes(tuple(ids), tuple(rings), np.array(owner, dtype=np.intp), np.array(hole))


def _inner(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under a key; an empty one where there is none."""
    found = holder.get(key)
    return found if isinstance(found, Mapping) else {}


def _list(found: Any) -> list[Any]:
    """The items of a list; what is none is its own item, and refused as such."""
    return found if isinstance(found, list) else [found]


def _rings(geometry: Any, where: str) -> list[tuple[Array, bool]]:
    """Closed rings of a polygon or several, each with whether it is a hole."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError(
            f"{kind or 'no geometry'} where a polygon is needed", where=where,
            do="give each province a Polygon or MultiPolygon",
        )  # fmt: skip
    parts = _list(geometry.get("coordinates"))
    out = []
    for part in parts if kind == "MultiPolygon" else [parts]:
        for number, points in enumerate(_list(part)):
            try:
                ring = np.array([point[:2] for point in _list(points)], dtype=float)
            except (TypeError, ValueError, OverflowError):
                ring = np.empty((0, 2))
            flat = ring.ndim == 2 and len(ring) >= 4 and ring.shape[1] == 2
            if not flat or not (ring[0] == ring[-1]).all():
                raise InputError(
                    "a ring that is no closed list of points", where=where,
                    do="repeat its first point at the end",
                )  # fmt: skip
            if not np.isfinite(ring).all() or (np.abs(ring) > [180.0, 90.0]).any():
                raise InputError(
                    "coordinates beyond the globe", where=where,
                    do="give degrees, longitude first, cut at 180; projected ones: reproject them",
                )  # fmt: skip
            out.append((ring, number > 0))
    if not out:
        raise InputError("an empty polygon", where=where, do="give the province a border")
    return out


def _values(path: Path) -> dict[str, tuple[float, float, float]]:
    """Value and interval of every province."""
    out: dict[str, tuple[float, float, float]] = {}
    for row in read_rows(path, ("id", "value"), ("low", "high", "unit")):
        id = row.text("id")
        if id in out:
            raise InputError(f"province {id!r} stands twice", where=row.where("id"), do="keep one")
        unit = row.text("unit", needed=False)
        if unit and unit.split()[0] != UNIT:
            raise UnitError(
                f"unit {unit!r}, the map needs {UNIT}", where=row.where("unit"),
                do="give million tonnes of the layer's gas",
            )  # fmt: skip
        value = _number(row, "value", needed=True)
        low, high = _number(row, "low"), _number(row, "high")
        if math.isnan(low) != math.isnan(high):
            raise InputError(
                "an interval with one end", where=row.where("low"), do="give low and high, or none"
            )
        if not math.isnan(low) and not low <= value <= high:
            raise InputError(
                f"the interval {low:g} to {high:g} does not hold the value {value:g}",
                where=row.where("low"), do="give low <= value <= high",
            )  # fmt: skip
        out[id] = (value, low, high)
    return out


def _number(row: Row, column: str, *, needed: bool = False) -> float:
    """A finite number of either sign; NaN where it may be missing and is."""
    cell = row.text(column, needed=needed)
    if not cell:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in cell:
        raise InputError(
            f"{cell!r} is not a number", where=row.where(column),
            do="write digits with a decimal point, no unit and no thousands separator",
        )  # fmt: skip
    return value


def _source(path: Path) -> Source:
    import hashlib

    return Source(path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
