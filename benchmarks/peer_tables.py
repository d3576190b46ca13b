"""The tables on which contenders meet, as .npy files: Z, Y and F, output left to each of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.synthetic import made_up

FILE = Path("icio2022") / "icio2022_81x50_f32.npz"
STRESSORS = ("CO2", "CH4", "N2O", "F-gases")


class Missing(Exception):
    """A table cannot be had here; the message says why."""


@dataclass(frozen=True)
class Table:
    """How a table is made in a folder, and how often contenders meet on it.

    `make` returns what the table is; `rounds` are turns of each contender, and `repeats` the
    measurements in one turn.
    """

    make: Callable[[Path, Path | None], str]
    rounds: int
    repeats: int


def _embedded(folder: Path, data: Path | None) -> str:
    _real(folder, None)
    return "OECD 2022, 20 regions x 50 sectors, its greenhouse gases"


def _full(folder: Path, data: Path | None) -> str:
    if data is None or not (data / FILE).is_file():
        raise Missing("MRIOCARBON_DATA names no folder with the 4,050-sector table")
    os.environ["MRIOCARBON_DATA"] = str(data)
    _real(folder, "full")
    return "OECD 2022, 81 regions x 50 sectors, its greenhouse gases"


def _real(folder: Path, detail: str | None) -> None:
    import mriocarbon as mc

    mrio = mc.load("oecd-icio-2022", detail=detail)
    held = [mrio.extension_of(name) for name in STRESSORS]
    F = np.stack([e.F[e.row(name)] for e, name in zip(held, STRESSORS, strict=True)])
    Z, Y = mrio.Z, mrio.final_demand
    # Emissions without output have no intensity: each program would treat them in its own way.
    F = np.where(Z.sum(axis=1) + Y.sum(axis=1) > 0, F, 0.0)
    for name, array in (("Z", Z), ("Y", Y), ("F", F)):
        np.save(folder / f"{name}.npy", array)
    _label(folder, mrio.regions, mrio.sectors)


def _made_up(R: int, S: int, stressors: int) -> Callable[[Path, Path | None], str]:
    def make(folder: Path, data: Path | None) -> str:
        table = made_up(R, S, stressors, 2022, file=folder / "Z.npy")
        table["Z"].flush()
        np.save(folder / "Y.npy", table["Y"])
        np.save(folder / "F.npy", table["F"])
        _label(folder, table["regions"], table["sectors"])
        return f"MADE-UP table, {R} regions x {S} sectors"

    return make


def _label(folder: Path, regions: Sequence[str], sectors: Sequence[str]) -> None:
    labels = {"regions": list(regions), "sectors": list(sectors)}
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")


TABLES: dict[str, Table] = {
    "tiny": Table(_made_up(3, 4, 2), 2, 2),
    "1000": Table(_embedded, 5, 3),
    "4050": Table(_full, 3, 3),
    "9800": Table(_made_up(49, 200, 1113), 2, 1),
}
