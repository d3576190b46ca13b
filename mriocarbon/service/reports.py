"""The project's report pages, built on request: pages, tables and figures in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.tools import resolve

Say = Callable[[str], None]
Country = Annotated[str, Field(max_length=80, description="by name in any language, or code")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="same seed, same numbers")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Adjustments(_Asked):
    """What the report on national carbon adjustments of 2022 shows."""

    principles: list[Annotated[str, Field(max_length=40)]] = Field(
        default=[], max_length=20, description="all if left out"
    )
    gases: list[Literal["GHG", "CO2"]] = Field(default=[], max_length=2)
    natural: bool = Field(default=False, description="natural carbon beside the accounts")


class CbamAudit(_Asked):
    """Whose default values are audited."""

    origin: Country = "China"
    year: int = Field(default=2026, ge=2026, le=2034)
    certificate_price_eur: float | None = Field(default=None, gt=0, le=10_000)
    band: float = Field(default=0.10, gt=0, le=1, description="equivalence band, as a share")
    q: float = Field(default=0.05, gt=0, lt=1, description="accepted rate of false discoveries")
    seed: Seed = 2026


class Lca(_Asked):
    """Whose footprint is counted."""

    question: str = Field(
        max_length=2000, description="carbon footprint of PRODUCT with AMOUNT UNIT MATERIAL, ...",
        examples=["carbon footprint of a hook with 0.2 kg steel"],
    )  # fmt: skip
    place: Country = Field(default="USA", description="where it is made")
    year: int = Field(default=2022, ge=1990, le=2030)
    draws: int = Field(default=1000, ge=100, le=20_000)


class Avoided(_Asked):
    """Whose exports of solar and wind technology are looked at, and how."""

    exporter: Country = "China"
    technology: list[Literal["solar", "wind"]] = Field(
        default=["solar", "wind"], min_length=1, max_length=2
    )
    year: int = Field(default=2024, ge=2000, le=2030)
    margin: Literal["combined", "operating", "average"] = "combined"
    attribution: Literal["all", "value"] = "all"
    draws: int = Field(default=2000, ge=100, le=20_000)
    seed: Seed = 0


class Map(_Asked):
    """Which layers of the carbon map are drawn."""

    year: int = Field(default=2022, ge=1990, le=2030)
    layers: list[Literal["production", "consumption", "natural"]] = Field(
        default=["consumption"], min_length=1, max_length=3
    )
    gas: Literal["CO2", "GHG"] = "CO2"
    resolution: float = Field(default=1.0, ge=0.25, le=5, description="of cells, in degrees")
    page: bool = Field(default=True, description="the interactive page too; CO2 only")


@dataclass(frozen=True, slots=True)
class Report:
    """One kind of report.

    Attributes
    ----------
    name, title : str
    arguments : type
        A pydantic model.
    build : callable
        Takes the arguments, a folder and what tells progress.
    check : callable
        Returns the arguments with names read as codes; raises before any job is made.
    """

    name: str
    title: str
    arguments: type[BaseModel]
    build: Callable[[Any, Path, Say], None]
    check: Callable[[Any], BaseModel] = lambda asked: asked


def _adjustments(asked: Adjustments, folder: Path, say: Say) -> None:
    from mriocarbon import report

    study = mc.reproduce_2022(
        principle=asked.principles, gases=asked.gases, natural=asked.natural, progress=say
    )
    report.write(study, folder, progress=say)


def _known_principles(asked: Adjustments) -> BaseModel:
    known = [one.name for one in mc.principles()]
    for name in asked.principles:
        if name not in known:
            raise UnknownNameError.of("principle", name, known)
    return asked


def _cbam(asked: CbamAudit, folder: Path, say: Say) -> None:
    from mriocarbon.report import cbam as report

    found = mc.cbam.audit(
        asked.origin, year=asked.year, price=asked.certificate_price_eur, band=asked.band,
        q=asked.q, seed=asked.seed, progress=say,
    )  # fmt: skip
    report.write_audit(found, folder, say=say)


def _lca(asked: Lca, folder: Path, say: Say) -> None:
    from mriocarbon.lca.automatic import auto
    from mriocarbon.lca.bill import question
    from mriocarbon.report import lca as report

    # a bill that was read: a text that ends like a file would be opened as one
    found = auto(
        question(asked.question), place=asked.place, year=asked.year, draws=asked.draws,
        progress=say,
    )  # fmt: skip
    report.write(found, folder, say=say)


def _bill(asked: Lca) -> BaseModel:
    from mriocarbon.lca.bill import question

    question(asked.question)
    return asked.model_copy(update={"place": resolve.country(asked.place).code})


def _avoided(asked: Avoided, folder: Path, say: Say) -> None:
    from mriocarbon.report import avoided as report

    study = mc.green_exports(
        asked.year, exporter=asked.exporter, technology=list(asked.technology),
        margin=asked.margin, rule=asked.attribution, draws=asked.draws, seed=asked.seed,
        progress=say,
    )  # fmt: skip
    report.write(study, folder, say=say)


def _map(asked: Map, folder: Path, say: Say) -> None:
    from mriocarbon.atlas.layers import carbon_map
    from mriocarbon.report import atlas_files as report

    formats = ["png", "csv", *(["page"] if asked.page else [])]
    made = list(
        carbon_map(
            asked.year, asked.layers, progress=say, resolution=asked.resolution, gas=asked.gas
        ).values()
    )
    world = None
    if asked.page:
        from mriocarbon.atlas.world import world_map

        say("interactive page: national accounts of all years")
        world = world_map(asked.year)
    report.write(made, folder, formats, world=world, progress=say)


def _drawable(asked: Map) -> BaseModel:
    from mriocarbon.atlas.grid import Grid

    Grid(asked.resolution)
    if asked.page and asked.gas != "CO2":
        raise InputError(
            f"the page shows CO2 only, not {asked.gas}", where="arguments of map",
            do="set page to false, or gas to CO2",
        )  # fmt: skip
    return asked


REPORTS: Mapping[str, Report] = {
    one.name: one
    for one in (
        Report(
            "adjustments-2022", "National carbon adjustments of 2022 under every principle",
            Adjustments, _adjustments, _known_principles,
        ),
        Report(
            "cbam-audit", "The EU's default values of an origin against independent estimates",
            CbamAudit, _cbam,
            lambda asked: asked.model_copy(update={"origin": resolve.country(asked.origin).code}),
        ),
        Report("lca", "Carbon footprint of a product, every choice listed", Lca, _lca, _bill),
        Report(
            "avoided", "Emissions that exported solar and wind technology avoids", Avoided,
            _avoided,
            lambda asked: asked.model_copy(
                update={"exporter": resolve.country(asked.exporter).code}
            ),
        ),
        Report("map", "The carbon map: national accounts on a grid", Map, _map, _drawable),
    )
}  # fmt: skip


def build(name: str, arguments: Mapping[str, Any], folder: Path, say: Say) -> None:
    """Build a report into a folder."""
    one = REPORTS[name]
    one.build(one.arguments.model_validate(dict(arguments)), folder, say)
