"""map.html: the world map with its years, flows and sources, one file that works offline.

The browser colours, sorts and draws arcs; every number in it was computed before and carries its
interval and its source. Nothing is fetched: the page's own policy forbids it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from mriocarbon import __version__
from mriocarbon.atlas.places import places
from mriocarbon.atlas.projection import equal_earth
from mriocarbon.atlas.shapes import shapes
from mriocarbon.atlas.world import WorldMap
from mriocarbon.report import text as t
from mriocarbon.report.files import put, write_text
from mriocarbon.report.page import TEMPLATES, environment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NAMES", "render", "write"]

NAMES = ("map.html", "national.csv", "series.csv", "flows.csv")
WIDTH = 1000.0
SCALE = WIDTH / (2 * 2.7066299836)
NORTH, SOUTH = 84.0, -57.0
"""The map shows these latitudes: Antarctica has no account."""
DOT = 12.0
"""A country whose polygon covers less than this many square pixels (or none) gets a dot."""
FIGURES = 4
FLOW_FROM = 0.05
"""Mt: flows below are in flows.csv, not on the page."""

SEQUENTIAL = {"total": [1, 5, 20, 50, 200, 500, 2000], "person": [0.5, 1, 2, 4, 6, 10, 15]}
DIVERGING = {"total": [1, 10, 50, 200], "person": [0.1, 0.5, 1.5, 4]}
"""Class limits, Mt or t a person; the same for all years, so that colours can be compared."""

OWN = {
    "engine": "this engine, by residence",
    "fused": "several sources reconciled",
    "gcb": "Global Carbon Budget",
}
"""How the figures of the one year are named, by the source of their layer."""

LAYERS: dict[str, dict[str, Any]] = {
    "consumption": {
        "label": "Consumption",
        "about": "What is emitted anywhere in the world for what this country's people, government"
        " and investors use, with the direct emissions of its households. Fossil CO2.",
    },
    "production": {
        "label": "Production",
        "about": "Fossil CO2 emitted on the country's territory. Ships and planes between"
        " countries are in none.",
    },
    "transfer": {
        "label": "Consumption minus production",
        "about": "Above zero: more is emitted for the country than by its residents, so it imports"
        " emissions; below zero: it exports them. Both sides are of one source.",
    },
    "natural: land-use change": {
        "label": "Natural: land-use change",
        "about": "Direct effects of land use, by bookkeeping models: clearing, regrowth, peat,"
        " wood. Above zero to the air, below zero a sink. Never added to the other natural scopes.",
        "own": "bookkeeping models",
    },
    "natural: managed land": {
        "label": "Natural: managed land",
        "about": "Land as the country reports it in its inventory to the UNFCCC, with the sink of"
        " managed forest. Above zero to the air, below zero a sink. Not the scope of bookkeeping.",
        "own": "national inventories",
    },
    "natural: biosphere": {
        "label": "Natural: land and air",
        "about": "Net exchange of all land with the air, from inversions of measured"
        " concentrations. It holds fires and lateral flows already. Below zero a sink.",
        "own": "inversions",
    },
    "natural: processes": {
        "label": "Natural: volcanoes",
        "about": "CO2 of volcanoes whose sulphur satellites see, by a mean ratio of the gases:"
        " geological carbon, in no national account. Of other natural processes (fires, wetlands,"
        " inland waters) no CO2 by country is at hand.",
        "own": "satellite SO2 and a ratio",
    },
}


def write(
    result: WorldMap, folder: Path | str, *, progress: Callable[[str], None] | None = None
) -> list[Path]:
    """Write the interactive page and the tables behind it. All of it appears, or none.

    Parameters
    ----------
    result : WorldMap
        From `mriocarbon.atlas.world.world_map`.
    folder : path
        Made if it does not exist; other files in it stay.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        ``map.html`` first, then the CSV files.

    Raises
    ------
    InputError
        `folder` is a file, or a folder stands where a file belongs.
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from mriocarbon.atlas.world import world_map
    >>> with tempfile.TemporaryDirectory() as here:
    ...     write(world_map(), here)[0].name
    'map.html'
    """
    say = progress or (lambda step: None)

    def fill(staging: Path) -> None:
        say("tables")
        for name, frame in tables(result).items():
            write_text(staging / name, _csv(frame))
        say("page")
        write_text(staging / NAMES[0], render(result))

    return put(Path(folder), NAMES, fill, say)


def _csv(frame: pd.DataFrame) -> str:
    """Return text with seven figures: more than any of these intervals is sure of."""
    return str(frame.to_csv(index=False, lineterminator="\n", float_format="%.7g"))


def tables(result: WorldMap) -> dict[str, pd.DataFrame]:
    """Return the CSV files: name -> frame. Missing values stay empty and say why."""
    import pandas as pd

    national = [
        frame.reset_index().assign(layer=name, year=result.year)
        for name, frame in result.layers.items()
    ]
    series = [one.to_pandas().assign(layer=name) for name, one in result.series.items()]
    return {
        "national.csv": pd.concat(national, ignore_index=True),
        "series.csv": pd.concat(series, ignore_index=True),
        "flows.csv": result.flows,
    }


def render(result: WorldMap) -> str:
    """Return the page."""
    content = json.dumps(data(result), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # "<" cannot close the script element when it is written like this.
    content = content.replace("<", "\\u003c")
    x0, y0, width, height = box()
    script = "\n".join(
        (TEMPLATES / name).read_text(encoding="utf-8")
        for name in ("atlas_data.js", "atlas_map.js", "atlas_view.js")
    )
    return (
        environment()
        .get_template("atlas.html")
        .render(
            result=result,
            data=Markup(content),  # ours, escaped above
            script=Markup(script),
            countries=outlines(result),
            sphere=sphere(),
            view=f"{x0:.0f} {y0:.0f} {width:.0f} {height:.0f}",
            sources=sources(result),
            missing=[(LAYERS[name]["label"], why) for name, why in result.missing.items()],
            version=__version__,
        )
        .lstrip()
    )


# -- geometry -------------------------------------------------------------------------------


def on_page(lat: Any, lon: Any) -> tuple[Any, Any]:
    """Return pixels of the drawing, y downwards."""
    x, y = equal_earth(lat, lon)
    return x * SCALE, -y * SCALE


def box() -> tuple[float, float, float, float]:
    """Return x, y, width and height of the drawing."""
    _, top = on_page(NORTH, 0.0)
    _, bottom = on_page(SOUTH, 0.0)
    return -WIDTH / 2, float(top), WIDTH, float(bottom - top)


def outlines(result: WorldMap) -> list[dict[str, Any]]:
    """Return path and dot of every country, in the order of `result.names`."""
    borders = shapes()
    out = []
    for code, name in result.names.items():
        rings = borders.of_country(code) if code in borders.codes and code != "ATA" else []
        path, area = "", 0.0
        for ring, hole in rings:
            x, y = on_page(ring[:, 1], ring[:, 0])
            area += (-1 if hole else 1) * abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)
            path += _path(x, y)
        place = places().get(code)
        dot = None
        if place is not None and area < DOT and SOUTH < place[0] < NORTH:
            cx, cy = on_page(place[0], place[1])
            dot = (f"{float(cx):.1f}", f"{float(cy):.1f}")
        out.append({"code": code, "name": name, "path": path, "dot": dot})
    return out


def sphere() -> str:
    """Return the path of the outline of the globe between the latitudes shown."""
    lat = np.linspace(SOUTH, NORTH, 60)
    x, y = on_page(np.r_[lat, lat[::-1]], np.r_[np.full(60, 180.0), np.full(60, -180.0)])
    return _path(x, y)


def _path(x: Any, y: Any) -> str:
    """Return an SVG path in tenths of a pixel, each point relative to the one before."""
    px, py = np.round(np.asarray(x) * 10).astype(int), np.round(np.asarray(y) * 10).astype(int)
    keep = np.r_[True, (np.diff(px) != 0) | (np.diff(py) != 0)]
    px, py = px[keep], py[keep]
    words = [f"M{px[0] / 10:g},{py[0] / 10:g}"]
    words += [f"l{a / 10:g},{b / 10:g}" for a, b in zip(np.diff(px), np.diff(py), strict=True)]
    return "".join(words) + "z"


# -- data -----------------------------------------------------------------------------------


class _Words:
    """Every text once; the data refer to it by number."""

    def __init__(self) -> None:
        self.list: list[str] = []
        self._at: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        text = t.nice(text).replace(" x 50 ", " × 50 ")
        if text not in self._at:
            self._at[text] = len(self.list)
            self.list.append(text)
        return self._at[text]


def data(result: WorldMap) -> dict[str, Any]:
    """Return what the script of the page works on; missing values are null."""
    words = _Words()
    codes = list(result.names)
    at = {code: k for k, code in enumerate(codes)}
    here = places()
    spots = []
    for code in codes:
        x, y = on_page(*here[code]) if code in here else (math.nan, math.nan)
        spots.append([_short(x), _short(y)])
    found = result.flows
    drawn = found[(found["value"] >= FLOW_FROM)]
    flows = [
        [at.get(o, -1), at.get(d, -1), _short(v), _short(low), _short(high)]
        for o, d, v, low, high in zip(
            drawn["origin"], drawn["destination"], drawn["value"], drawn["low"], drawn["high"],
            strict=True,
        )
    ]  # fmt: skip
    return {
        "year": result.year,
        "codes": codes,
        "names": [result.names[c] for c in codes],
        "spots": spots,
        "layers": [_layer(result, name, codes, words) for name in result.layers],
        "people": {
            "years": list(result.population_years),
            "value": [_people(result.population.get(c)) for c in codes],
        },
        "flows": flows,
        "flowSource": words(str(found["source"].iloc[0])),
        "flowNote": words(str(found["note"].iloc[0])),
        "flowFrom": FLOW_FROM,
        "words": words.list,
    }


def _people(values: Sequence[float] | None) -> list[int | None] | None:
    if values is None:
        return None
    return [None if v != v else round(v) for v in values]


def _layer(result: WorldMap, name: str, codes: Sequence[str], words: _Words) -> dict[str, Any]:
    frame = result.layers[name]
    about = LAYERS[name]
    if list(frame.index) != list(codes):
        raise AssertionError(f"the rows of {name} are not the countries in order")
    diverging = name not in ("production", "consumption")
    out: dict[str, Any] = {
        "id": name,
        "label": about["label"],
        "about": t.nice(about["about"]),
        "unit": t.nice(str(frame["unit"].iloc[0])),
        "diverging": diverging,
        # The year and the series are one source.
        "same": frame.attrs["source"] in ("natural", "gcb"),
        "breaks": DIVERGING if diverging else SEQUENTIAL,
        "own": {
            "when": _when(frame),
            "label": OWN.get(frame.attrs["source"]) or about["own"],
            "value": _shorts(frame["value"]),
            "low": _shorts(frame["low"]),
            "high": _shorts(frame["high"]),
            "estimated": [int(bool(v)) for v in frame["estimated"]],
            "source": [words(str(v)) for v in frame["source"]],
            "method": [words(str(v)) for v in frame["method"]],
            "note": [words(str(v)) for v in frame["note"]],
            "period": [words(str(v)) for v in frame["period"]],
        },
        "series": None,
    }
    series = result.series.get(name)
    if series is not None:
        row = {c: k for k, c in enumerate(series.countries)}
        out["series"] = {
            "years": list(series.years),
            "value": [_shorts(series.value[row[c]]) if c in row else None for c in codes],
            "low": [_shorts(series.low[row[c]]) if c in row else None for c in codes],
            "high": [_shorts(series.high[row[c]]) if c in row else None for c in codes],
            "source": words(series.source),
            "method": words(series.method),
            "note": words(series.note),
            "estimated": int(series.estimated),
        }
    return out


def _when(frame: pd.DataFrame) -> str:
    """Return the years of the figures: "2022", "2015–2020", or from the first to the last."""
    years = frame.loc[frame["value"].notna(), "period"].astype(str).str.split("-").explode()
    first, last = years.min(), years.max()
    return str(first) if first == last else f"{first}–{last}"


def _shorts(values: Iterable[float]) -> list[float | int | None]:
    return [_short(v) for v in values]


def _short(value: Any) -> float | int | None:
    """Return a number with four figures; None for a missing one."""
    number = float(value)
    if not math.isfinite(number):
        return None
    short = float(f"{number:.{FIGURES}g}")
    return int(short) if short == int(short) else short


def sources(result: WorldMap) -> list[tuple[str, str]]:
    """Return (layer, sources as they are named in it), for the foot of the page."""
    out = []
    for name, frame in result.layers.items():
        named = list(
            dict.fromkeys(s for text in frame["source"].unique() if text for s in text.split("; "))
        )
        series = result.series.get(name)
        text = "; ".join(named[:6]) + (" and others" if len(named) > 6 else "")
        if series is not None:
            text += f". All years: {series.source}, {series.method}"
        out.append((LAYERS[name]["label"], t.nice(text)))
    return out
