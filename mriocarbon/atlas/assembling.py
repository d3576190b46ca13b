"""Putting a layer together: the shares of all countries become one grid with its deviations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas import proxies as px
from mriocarbon.atlas.embedded import account_files
from mriocarbon.atlas.layer import Layer, Parts
from mriocarbon.atlas.placing import Inputs, placed
from mriocarbon.atlas.proxies import Spread
from mriocarbon.atlas.shapes import sources
from mriocarbon.errors import InputError
from mriocarbon.model.arrays import frozen
from mriocarbon.model.provenance import Note, Provenance, Source

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


def assembled(
    use: Inputs,
    frame: pd.DataFrame,
    values: Mapping[str, float],
    scope: str,
    year: int,
    gas: str,
    notes: list[Note],
    used_raster: tuple[Source, ...],
) -> Layer:
    """Place all accounts and add them up on the grid.

    Parameters
    ----------
    use : Inputs
    frame : pandas.DataFrame
        The accounts, Mt; columns ``point`` and ``placed`` are added to it.
    values : mapping
        Those that are not missing.
    scope : str
    year : int
    gas : str
    notes : list of Note
    used_raster : tuple of Source

    Returns
    -------
    Layer

    Raises
    ------
    InputError
        An account of a country that the map does not know.
    """
    grid, size = use.where.grid, use.where.grid.area.size
    columns: dict[str, list[Array]] = {k: [] for k in ("value", "account", "place", "point")}
    owner: list[px.Ints] = []
    alternatives: list[list[Array]] = []
    cells: list[px.Ints] = []
    present, absent = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    by: dict[str, float] = {}
    at_points: dict[str, float] = {}
    codes = tuple(code for code in values if code in use.where.pieces)
    lost = sorted(set(values) - set(codes))
    if lost:
        raise InputError(
            f"accounts of countries that the map does not know: {', '.join(lost)}",
            where="account", do="give ISO 3166 alpha-3 codes of countries",
        )  # fmt: skip
    spreads = frame["sd"].astype(float).to_dict()
    sum_sd = use.points.sum_sd if use.points is not None else math.nan
    shared = math.isfinite(sum_sd)
    for k, code in enumerate(codes):
        value, sd = values[code], float(spreads[code])
        made = placed(code, value, sd, use)
        every = np.unique(
            np.concatenate([made.used.cells, *(one.cells for one, _ in made.alternatives())])
        )
        share = made.used.at(every)
        off = [value * (other.at(every) - share) for other, _ in made.alternatives()]
        owner.append(np.full(len(every), k, dtype=np.intp))
        cells.append(every)
        columns["value"].append(value * share)
        own = None if made.own_sd is None else Spread(made.used.cells, made.own_sd).at(every)
        if shared:
            columns["account"].append(sum_sd * value * share / sum(values.values()))
        else:
            columns["account"].append(abs(sd * share) if own is None else own)
        if shared and own is not None:
            columns["place"].append(own)
        else:
            spread = np.sqrt(np.mean(np.square(off), axis=0)) if off else 0.0 * share
            columns["place"].append(spread)
        alternatives.append(off)
        spots = made.point_spread
        columns["point"].append(value * made.point * spots.at(every) if spots else 0.0 * share)
        at_points[code] = value * made.point
        for kind, part in made.by.items():
            by[kind] = by.get(kind, 0.0) + part * abs(value)
        present[every] = True
        for member in use.members[code] if scope != "volcanoes" else ():
            present[use.where[member].cells] = True
    covered = {member for members in use.members.values() for member in members}
    missing = {}
    for code, piece in use.where.pieces.items():
        if code not in covered and scope != "volcanoes":
            missing[code] = _why(frame, code)
            absent[piece.cells] = True
    amounts, account_sd, place_sd = (
        np.concatenate(columns[key]) for key in ("value", "account", "place")
    )
    off_all, ways = _side_by_side(alternatives, [len(one) for one in owner])
    parts = Parts(
        codes,
        np.concatenate(owner),
        np.concatenate(cells),
        amounts,
        account_sd,
        place_sd,
        off_all,
        ways,
        shared,
    )

    def gridded(column: Array, *, root: bool = False) -> Array:
        weights = column**2 if root else column
        out: Array = np.asarray(np.bincount(parts.cell, weights, size), dtype=np.float64)
        out = np.sqrt(out) if root else out
        out[~present] = np.nan
        return frozen(out.reshape(grid.shape))

    status = np.where(present, np.where(absent, 2, 1), np.where(absent, 3, 0)).astype(np.uint8)
    if shared:
        account, place = (
            frozen(np.where(present, one, np.nan).reshape(grid.shape))
            for one in parts.shared_sd(parts.cell, size)
        )
    else:
        account, place = gridded(parts.sd_account, root=True), gridded(parts.sd_place, root=True)
    all_of_it = sum(abs(float(values[code])) for code in codes)
    held = sum(abs(amount) for amount in at_points.values()) / all_of_it if all_of_it else 0.0
    frame["point"] = [at_points.get(str(code), math.nan) for code in frame.index]
    frame["placed"] = [values.get(str(code), math.nan) for code in frame.index]
    named = [
        Source(str(text), citation=str(text))
        for text in dict.fromkeys(frame.get("source", ()))
        if str(text)
    ]
    provenance = Provenance(
        dataset="mriocarbon.atlas", year=year, stressor=gas,
        sources=(
            *named, *sources(cities=scope != "volcanoes"),
            *account_files(frame, people=use.name != "natural"),
        ),
        steps=(f"placed on a grid of {grid.resolution:g} degrees, WGS84",),
    ).computed(f"layer {use.name}: point sources, then proxies", notes, stressor=gas)  # fmt: skip
    extra = tuple(s for one in use.provinces.values() for s in one.sources)
    provenance = _with_sources(provenance, (*used_raster, *extra))
    parts.country.setflags(write=False)
    parts.cell.setflags(write=False)
    parts.ways.setflags(write=False)
    for array in (parts.value, parts.sd_account, parts.sd_place, parts.off):
        array.setflags(write=False)
    status.setflags(write=False)
    if use.points is not None:
        provenance = _with_sources(provenance, use.points.sources)
    unit = str(frame.loc[list(codes), "unit"].iloc[0])
    full_scope = str(frame.attrs.get("scope", scope)) if use.name != "natural" else scope
    return Layer(
        use.name, full_scope, year, gas, unit, grid, gridded(parts.value),
        frozen(np.hypot(account, place)), account, place,
        gridded(np.concatenate(columns["point"])), status.reshape(grid.shape), frame,
        {"point": held, "proxy": 1.0 - held},
        {kind: part / all_of_it for kind, part in sorted(by.items()) if all_of_it},
        missing, parts, tuple(dict.fromkeys(notes)), provenance,
    )  # fmt: skip


def _side_by_side(
    alternatives: Sequence[Sequence[Array]], lengths: Sequence[int]
) -> tuple[Array, NDArray[np.intp]]:
    """The alternatives of all countries under one another, zero where there are fewer."""
    ways = np.array([len(off) for off in alternatives], dtype=np.intp)
    out = np.zeros((sum(lengths), int(ways.max(initial=0))))
    start = 0
    for off, length in zip(alternatives, lengths, strict=True):
        for k, column in enumerate(off):
            out[start : start + length, k] = column
        start += length
    return out, ways


def _why(frame: pd.DataFrame, code: str) -> str:
    if code in frame.index and "note" in frame and str(frame.at[code, "note"]):
        return str(frame.at[code, "note"])
    return "missing: no row in the national accounts"


def _with_sources(provenance: Provenance, more: Sequence[Source]) -> Provenance:
    return replace(provenance, sources=tuple(dict.fromkeys((*provenance.sources, *more))))
