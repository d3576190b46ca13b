"""Life cycle assessment: textbook cases, bw2calc, and the example studies beside published ones.

A footprint that others published has a boundary, a year and a place of its own. Where that makes
it another thing than the study's, both stand side by side as COMPARED, which is no pass; tolerances
are for what is the same thing.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module

import numpy as np

from mriocarbon.industry.published import published
from mriocarbon.lca.ecospold1 import us_lci
from mriocarbon.lca.gases import CATEGORIES
from mriocarbon.lca.goal import read_study
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import LCI, factor, inventory
from mriocarbon.lca.study import Assessment, examples, run
from mriocarbon.lca.system import System
from validation._check import Report

BOOK = "Heijungs & Suh (2002), The Computational Structure of LCA, doi:10.1007/978-94-015-9900-9"
MUELLER = (
    "Mueller et al. (2021), Solar Energy Materials and Solar Cells 230, 111277,"
    " doi:10.1016/j.solmat.2021.111277 (abstract)"
)
PV_ICE = "NREL PV ICE, baseline_material_energy_silicon.csv, 2022: 131.139 kWh per kg of silicon"
EMBER = "Ember, carbon intensity of generation in 2022, as compiled by Our World in Data"
PCA = "Portland Cement Association, industry-average EPD of Portland cement, March 2021"


def main() -> int:
    """Return 1 if a comparison with an opened source fails."""
    report = Report("Life cycle assessment")
    _textbook(report)
    _brightway(report)
    found = {name: _run(name) for name in sorted(examples())}
    _steel(report, found)
    _module(report, found["pv_module"])
    _cement(report, found)
    _grids(report, found)
    return report.finish()


def _air(flow: str, amount: float) -> Exchange:
    return Exchange(flow, amount, "kg", "biosphere", "out", "air")


def _plant(*more: Exchange) -> Process:
    own = (Exchange("fuel", 2, "l"), _air("CO2", 1), _air("SO2", 0.1))
    return Process("power plant", "power", 10, "kWh", (*own, *more))


def _refinery(*more: Exchange) -> Process:
    oil = Exchange("crude oil", 50, "l", "biosphere", "in", "ground")
    return Process("refinery", "fuel", 100, "l", (_air("CO2", 10), _air("SO2", 2), oil, *more))


def _flow(lci: LCI, name: str) -> float:
    return next(
        float(value)
        for flow, value in zip(lci.system.flows, lci.flows, strict=True)
        if flow.name == name
    )


def _textbook(report: Report) -> None:
    report.source(f"{BOOK}, chapter 2; the numbers stand in public course notes")
    lci = inventory(System.of([_plant(), _refinery()]), {"power plant": (1.0, "MWh")})
    report.printed("1,000 kWh: CO2, kg", _flow(lci, "CO2"), "120", tolerance=1e-9, why="exact")
    report.printed("1,000 kWh: SO2, kg", _flow(lci, "SO2"), "14", tolerance=1e-9, why="exact")
    report.printed("1,000 kWh: crude oil, l", -_flow(lci, "crude oil"), "100", tolerance=1e-9,
                   why="exact")  # fmt: skip
    report.source(f"{BOOK}, chapter 3, as remembered; expected figures by hand from those data")
    heat = Exchange("heat", 18, "MJ", direction="out")
    boiler = Process("boiler", "heat", 90, "MJ", (Exchange("fuel", 5, "l"), _air("CO2", 3)))
    both = System.of([_plant(heat), _refinery(), boiler], allocation="substitution")
    lci = inventory(both, {"power plant": 1000})
    report.printed("co-generation, heat replaces a boiler: CO2, kg", _flow(lci, "CO2"), "50",
                   opened=False, tolerance=1e-9, why="exact")  # fmt: skip
    shared = System.of([_plant(heat), _refinery()], allocation={"power plant": "energy"})
    lci = inventory(shared, {"power plant": 1000})
    report.printed("co-generation, shared out by energy: CO2, kg", _flow(lci, "CO2"), "80",
                   opened=False, tolerance=1e-9, why="exact")  # fmt: skip
    loop = System.of([_plant(), _refinery(Exchange("power", 20, "kWh"))])
    lci = inventory(loop, {"power plant": 1000})
    report.printed("fuel that takes electricity: CO2, kg", _flow(lci, "CO2"), "125",
                   opened=False, tolerance=1e-9, why="exact")  # fmt: skip


def _brightway(report: Report) -> None:
    """The same linked numbers through bw2calc: assembly, solve and characterisation."""
    report.source("bw2calc on the numbers of the US LCI that this package linked")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            bw2calc = import_module("bw2calc")
            bwp = import_module("bw_processing")
    except ImportError:
        report.skip("scores of the US LCI", "needs the extra [lca]")
        return
    made = [p for p in us_lci().processes if p.name != "Aluminum, sheet, coated, at plant"]
    us = System.of(made, allocation="mass", fallback="reference", several="mix", missing="leave")
    n, k, c, terms = len(us.processes), len(us.flows), gwp_method(us).total, us.terms
    package = bwp.create_datapackage()
    b = terms.intervention
    for matrix, rows, columns, values in (
        ("technosphere_matrix", terms.row[~b], terms.column[~b], terms.value[~b]),
        ("biosphere_matrix", terms.row[b] + n, terms.column[b], terms.value[b]),
        ("characterization_matrix", np.arange(k) + n, np.arange(k) + n, c),
    ):
        pairs = np.array(list(zip(rows, columns, strict=True)), dtype=bwp.INDICES_DTYPE)
        package.add_persistent_vector(matrix=matrix, indices_array=pairs, data_array=values)
    solved, worst = factor(us), 0.0
    some = range(0, n, 20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = bw2calc.LCA(demand={0: 1.0}, data_objs=[package])
        theirs.lci(factorize=True)
        theirs.lcia()
        for which in some:
            theirs.lcia(demand={which: 1.0})
            demand = np.zeros(n)
            demand[which] = 1.0
            flows = solved.inventory(demand).flows
            # against the gross score: where credits cancel, a net score has fewer digits
            gross = float(np.abs(c * flows).sum())
            if gross:
                worst = max(worst, abs(theirs.score - float(c @ flows)) / gross)
    report.true(f"{len(some)} demands: largest deviation of a score from its gross",
                worst <= 1e-9, value=worst, bound="at most 1e-9")  # fmt: skip


def _run(name: str) -> Assessment:
    path = examples()[name]
    # figures, not spreads, are compared here
    study = read_study(path).model_copy(update={"draws": 100, "sobol": 0, "compare": ""})
    return run(study, folder=path.parent)


def _score(found: Assessment, process: str, amount: float, unit: str) -> float:
    """kg CO2e of an amount of a process within the study."""
    scope = found.study.scope
    lci = inventory(found.system, {process: (amount, unit)})
    method = gwp_method(found.system, scope.gwp, horizon=scope.horizon)
    return climate(lci, method).total


def _compared(report: Report, what: str, computed: float, printed: str, why: str) -> None:
    """Print a figure beside a published one that is not of the same thing: no pass, no fail."""
    off = 100 * (computed / float(printed) - 1)
    why = f"not the same thing: {why}"
    told = f"published {printed}, computed {computed:.4g}, {off:+.0f} %; {why}"
    report.compared(what, computed, printed, why, told=told)


def _steel(report: Report, found: dict[str, Assessment]) -> None:
    report.source("worldsteel, Sustainability Indicators 2025 (industry/tables/published.csv)")
    for name, route, why in (
        ("steel_bf_bof", "bf-bof",
         "low coke rates of China, gas credited as power; theirs is a mean of the world"),
        ("steel_eaf", "scrap-eaf",
         "scrap alone and the Chinese grid; theirs is a mean with some pig iron"),
    ):  # fmt: skip
        figure = next(
            p for p in published()
            if (p.product, p.route, p.year) == ("crude-steel", route, 2022)
        )  # fmt: skip
        here = found[name]
        converter = next(p.name for p in here.prepared.processes if p.product == "crude steel")
        crude = here.lci.scaling[here.system.position[converter]]
        # worldsteel counts whole sites, rolling included, per tonne of crude steel; CO2 alone
        site = here.climate.by_gas["CO2"] / 1000 / crude
        _compared(report, f"{route}, t CO2 per t of crude steel, rolling included", site,
                  f"{figure.value:.2f}", why)  # fmt: skip
        report.say(
            f"all gases: {_score(here, converter, 1.0, 't') / 1000:.3f} t CO2e per t of crude"
            f" steel, {here.total / 1000:.3f} per t of hot-rolled"
        )


def _module(report: Report, found: Assessment) -> None:
    report.source(PV_ICE)
    made = {p.name: p for p in found.prepared.processes}

    def energy(name: str) -> float:
        """kWh of electricity and heat that a process takes per unit of its product."""
        power = made[name].total("Electricity, at grid", "kWh")
        return power + made[name].total("steam", "kWh")

    silicon = made["Wafers, China"].total("silicon ingot", "kg")
    chain = (
        1.13 * energy("Silicon metal, China")
        + energy("Polysilicon, Siemens process, China")
        + energy("Czochralski ingot, China")
        + (energy("Wafers, China") + energy("PERC cells, China")) / silicon
    )
    _compared(report, "electricity and heat from quartz to cell, kWh per kg of silicon", chain,
              "131.139", "Mueller's Siemens process takes 91 with heat; their curve lies lower,"
              " and their mean of the world holds cast silicon")  # fmt: skip
    report.source(MUELLER)
    _compared(report, "glass-backsheet module made in China, kg CO2e per kWp", found.total, "810",
              "cells and grid of 2022 against those before 2020: thinner wafers, 21.4 %"
              " efficiency, and chemicals left out here")  # fmt: skip


def _cement(report: Report, found: dict[str, Assessment]) -> None:
    report.source(PCA)
    _compared(report, "Portland cement by the process model, kg CO2e per t", found["cement"].total,
              "922", "kiln heat and fuels assumed; transport and packaging left out (source not"
              " opened)")  # fmt: skip
    report.source("US LCI, Portland cement, at plant: 553 kg of calcination and 374 kg of fuel")
    whole = _score(found["cement_us_lci"], "Cement works, US LCI", 1000.0, "kg")
    own = found["cement_us_lci"].lci.by_process(found["cement_us_lci"].climate.method.C)
    works = found["cement_us_lci"].system.position["Cement works, US LCI"]
    report.printed("emissions of the works itself, kg CO2e per t",
                   float(own[CATEGORIES.index("fossil"), works]), "927", tolerance=1.5,
                   why="methane of the kiln, 1.2 kg CO2e, is counted as well")  # fmt: skip
    report.say(f"with fuels at the mine and electricity: {whole:.0f} kg CO2e per t")


def _grids(report: Report, found: dict[str, Assessment]) -> None:
    report.source(EMBER)
    for name, printed, loss in (("grid_china", "586.7", 0.0482), ("grid_usa", "410.4", 0.05)):
        here = found[name]
        grid = next(p for p in here.system.position if p.startswith("Grid electricity"))
        per_kwh = _score(here, grid, 1.0, "MWh")
        report.printed(f"{grid}, at the plant, g CO2e per kWh", per_kwh * (1 - loss), printed,
                       tolerance=0.05 * float(printed),
                       why="5 %: heat rates of one year, theirs are medians")  # fmt: skip
        report.say(f"at the consumer {here.total:.0f} kg CO2e per MWh")
    report.source(
        "Ministry of Ecology and Environment, carbon footprint factor of electricity, 2023"
    )
    report.printed("China, kg CO2e per kWh", found["grid_china"].total / 1000, "0.6205",
                   opened=False, tolerance=0.03, why="2022 against 2023")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
