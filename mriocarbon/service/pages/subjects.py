"""The pages of subjects: what each is for, its tools as tabs, the first answer already there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from mriocarbon.service.pages import fields, forms, shell
from mriocarbon.service.pages.words_tools import TABS


@dataclass(frozen=True, slots=True)
class Subject:
    """One page: its tools in the order of their tabs, each with what its form starts from."""

    tools: tuple[tuple[str, Mapping[str, Any] | None], ...]


SUBJECTS: Mapping[str, Subject] = {
    "accounts": Subject((
        ("account", {"principle": "consumption"}),
        ("compare_principles", {"region": "China"}),
        ("adjustments", {}),
        ("ranking", {"by": "consumption", "per_person": True, "limit": 20}),
        ("by_sector", {"region": "China", "view": "product", "limit": 15}),
        ("by_gas", {"region": "China"}),
        ("scopes", {"region": "China", "sector": "steel"}),
        ("inequality", {}),
        ("what_if", {"change": "intensity", "region": "China", "sector": "electricity",
                     "factor": 0.8}),
        ("emissions_database", {"region": "China", "year": 2022}),
    )),
    "flows": Subject((
        ("bilateral", {"origin": "China"}),
        ("trade_balance", {"regions": ["China", "USA", "EU27"]}),
        ("leakage", {"regions": ["EU27"]}),
        ("paths", {"region": "USA", "limit": 15}),
        ("chains", {"region": "China"}),
        ("linkages", {"region": "China", "limit": 10}),
        ("extract", {"region": "China", "sector": "steel"}),
    )),
    "cbam": Subject((
        ("default_value", {"good_name": "hot-rolled coil", "origin_name": "China"}),
        ("obligation", {"good_name": "hot-rolled coil", "origin_name": "China", "tonnes": 1000}),
        ("cost_path", {"good_name": "hot-rolled coil", "origin_name": "China", "tonnes": 1000}),
        ("defaults_of", {"origin_name": "China", "sector": "aluminium"}),
        ("audit", {"origin_name": "China", "good_name": "hot-rolled coil", "draws": 2000}),
        ("coherence", {"origin_name": "China", "rule": "chain"}),
        ("emission_intensity", {"product": "hot-rolled-flat", "origin": "China"}),
        ("benchmark", {"good_name": "hot-rolled coil", "route": "C"}),
        ("certificate_price", {"period": "2026"}),
        ("find_good", {"name": "7318"}),
        ("covered_share", {"origin_name": "China"}),
        ("defects", {}),
    )),
    "lca": Subject((
        ("emission_intensity", {"product": "crude-steel", "origin": "China"}),
        ("find_process", {"text": "study"}),
        ("footprint", {"product": "bracket", "unit": "piece", "location": "China", "items": [
            {"name": "aluminum sheet", "amount": 0.4, "unit": "kg"},
            {"name": "electricity", "amount": 1.5, "unit": "kWh", "stage": "processing"}]}),
        ("study", {"name": "steel_bf_bof"}),
        ("contributions", {"study_name": "steel_eaf", "by": "process", "limit": 10}),
        ("compare_products", {"first_study": "steel_bf_bof", "second_study": "steel_eaf"}),
        ("completeness", {"study_name": "grid_china"}),
        ("simulate", {"name": "blast furnace", "origin": "China"}),
        ("process_sensitivity", {"name": "blast furnace", "limit": 10}),
        ("optimise", None),
        ("processes", {}),
    )),
    "natural": Subject((
        ("natural_account", {"region": "China", "year": 2022, "gas": "CO2"}),
        ("natural_budget", {"year": 2022, "unit": "Gt CO2"}),
        ("full_spectrum", {"region": "China"}),
        ("natural_translation", {"region": "Brazil"}),
        ("ipcc_factor", None), ("ipcc_factors", {"name": "F_LU"}),
        ("soil_n2o", None), ("rice_ch4", None), ("liming_co2", None), ("fire_emissions", None),
        ("carbon_stock_change", None),
    )),
    "avoided": Subject((
        ("avoided_emissions", {"technology": ["solar", "wind"], "year": 2024}),
        ("manufacture_emissions", {"technology": ["solar", "wind"], "year": 2024}),
        ("payback", {"technology": ["solar", "wind"], "year": 2024}),
        ("green_exports_claim", {}),
        ("grid_factors", {"region": "India"}),
    )),
    "uncertainty": Subject((
        ("difference", {"region": "China"}),
        ("drivers", {"region": "China", "limit": 10}),
        ("important_inputs", {"region": "China", "limit": 10}),
        ("interval", {"region": "China", "principle": "consumption", "method": "monte-carlo",
                      "draws": 200}),
        ("larger", {"region": "USA", "partner": "EU27"}),
        ("sobol", {"region": "China", "sample": 32}),
    )),
}  # fmt: skip


def build(here: Callable[[], shell.View]) -> None:
    """Register a page for each subject."""
    for name in SUBJECTS:
        _page(name, here)


def _page(name: str, here: Callable[[], shell.View]) -> None:
    @shell.page(f"/{name}")
    def page() -> None:
        view = here()
        with shell.framed(view, name, view.say(name)):
            shell.heading(view.say(name), view.say(f"{name}_lead"))
            _tabs(view, view.say(name), SUBJECTS[name])


def _tabs(view: shell.View, title: str, subject: Subject) -> None:
    starts = dict(subject.tools)
    found = [(tool, starts[tool.name]) for tool in shell.known(starts)]
    fields.suggestions(view)
    with ui.tabs().props(f'align=left no-caps aria-label="{title}"') as bar:
        for tool, _ in found:
            ui.tab(tool.name, label=TABS[tool.name][view.lang == "zh"])
    first = found[0][0].name if found else None
    with ui.tab_panels(bar, value=first, animated=False).classes("mc-panels"):
        for k, (tool, start) in enumerate(found):
            with ui.tab_panel(tool.name):
                with ui.element("h2"):
                    ui.label(view.tool(tool))
                ui.label(view.about(tool)).classes("mc-lead")
                forms.form(view, tool, start, at_once=k == 0 and tool.cost == "fast")
