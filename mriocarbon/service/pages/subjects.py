"""The pages of subjects: what each is for, its tools as tabs, the first answer already there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from mriocarbon import tools
from mriocarbon.errors import UnknownNameError
from mriocarbon.service.pages import forms, shell


@dataclass(frozen=True, slots=True)
class Subject:
    """One page: its tools in the order of their tabs, each with what its form starts from."""

    tools: tuple[tuple[str, Mapping[str, Any] | None], ...]


SUBJECTS: Mapping[str, Subject] = {
    "accounts": Subject((
        ("account", {"regions": [], "principle": "consumption"}),
        ("compare_principles", None), ("adjustments", None), ("ranking", None),
        ("by_sector", None), ("scopes", None), ("inequality", None),
    )),
    "flows": Subject((
        ("bilateral", None), ("trade_balance", None), ("paths", None), ("chains", None),
        ("leakage", None), ("linkages", None), ("extract", None),
    )),
    "cbam": Subject((
        ("default_value", None), ("obligation", None), ("cost_path", None), ("audit", None),
        ("find_good", None), ("benchmark", None), ("coherence", None),
    )),
    "lca": Subject((
        ("footprint", None), ("compare", None), ("find_process", None), ("simulate", None),
        ("optimise", None),
    )),
    "natural": Subject((
        ("natural_account", None), ("natural_budget", None), ("full_spectrum", None),
        ("translate", None), ("ipcc_factor", None), ("avoided_emissions", None),
        ("green_exports_claim", None),
    )),
    "uncertainty": Subject((
        ("interval", None), ("difference", None), ("drivers", None),
    )),
}  # fmt: skip


def build(here: Callable[[], shell.View]) -> None:
    """Register a page for each subject."""
    for name in SUBJECTS:
        _page(name, here)


def _page(name: str, here: Callable[[], shell.View]) -> None:
    @ui.page(f"/{name}")
    def page() -> None:
        view = here()
        with shell.framed(view, name, view.say(name)):
            shell.heading(view.say(name), view.say(f"{name}_lead"))
            _tabs(view, SUBJECTS[name])


def _tabs(view: shell.View, subject: Subject) -> None:
    found = []
    for name, start in subject.tools:
        try:
            found.append((tools.get(name), start))
        except UnknownNameError:  # an extra that is not installed brings its tools along
            continue
    with ui.tabs().props("align=left inline-label outside-arrows mobile-arrows no-caps") as bar:
        for tool, _ in found:
            ui.tab(tool.name, label=view.tool(tool))
    with ui.tab_panels(bar, value=found[0][0].name if found else None).classes("mc-panels"):
        for k, (tool, start) in enumerate(found):
            with ui.tab_panel(tool.name):
                ui.label(view.about(tool)).classes("mc-lead")
                forms.form(view, tool, start, at_once=k == 0 and tool.cost == "fast")
