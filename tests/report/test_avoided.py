"""The report of exported technology: every number is on it, and its files agree with it."""

import csv
import html
import io
import json
import math
import re
import subprocess

import jsonschema
import pandas as pd
import pytest

from mriocarbon.avoided.inputs import inputs
from mriocarbon.avoided.own import read_exports
from mriocarbon.errors import InputError
from mriocarbon.report import avoided as report
from mriocarbon.report.avoided_files import CSVS, SCHEMA, content, table
from mriocarbon.report.avoided_page import COMPARATIVE, command, render
from mriocarbon.report.avoided_view import View, figures, span, years
from mriocarbon.report.page import TEMPLATES
from mriocarbon.studies.green_exports_2024 import green_exports

HOLDS = "‡"


@pytest.fixture(scope="module")
def study():
    return green_exports(2024, draws=200)


@pytest.fixture(scope="module")
def page(study):
    return render(study, ["scenarios.csv"])


@pytest.fixture(scope="module")
def text(page):
    bare = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))


def rows(study, name):
    return list(csv.DictReader(io.StringIO(table(study, name))))


def test_the_answer_is_on_the_page(study, text):
    view = View(study)
    for amount in (view.first, view.life, study.made_main, study.table_main):
        assert figures(amount.value) in text
        assert span(amount) in text
    assert years(view.payback.value) in text
    assert "never subtracted from one" in text
    assert "ISO 14064-2; WRI 2019" in text


def test_every_scenario_and_definition_is_there_with_its_interval(study, text):
    for s in study.scenarios:
        assert figures(s.amount.value) in text and span(s.amount) in text, s.name
        if s.margin == "combined":
            assert span(s.by_value) in text, s.name
    for m in study.manufactures:
        assert figures(m.amount.value) in text and span(m.amount) in text, m.name
    for line in study.verdict:
        assert line.replace("CO2", "CO₂").replace(" %", "\u00a0%")[:60].split("\u00a0")[0] in text


def test_marks_say_which_intervals_hold_the_claim(study, text):
    holding = [s for s in study.scenarios if s.amount.holds(350)]
    assert holding
    for s in holding:
        assert f"{figures(s.amount.value)}{HOLDS}" in text
    free = study.scenario(study.scope, "combined", "first year").amount
    assert f"{figures(free.value)}{HOLDS}" not in text


def test_sources_status_and_limits_are_told(study, text):
    for row in inputs():
        assert row.item in text
    assert text.count("UNVERIFIED") >= sum("UNVERIFIED" in r.status for r in inputs())
    assert "Ember" in text and "CC BY 4.0" in text
    assert "Missing: wind: months of shipment; wind: value in USD." in text
    assert "hub" in text and "curtailment" in text
    assert "missing" in text  # treatment of turbines has no figure, and is no zero
    for words in ("factors of 2021", "2018 to 2022"):
        assert words in text


def test_the_page_needs_nothing_else(page, study):
    assert not re.search(r'(?:src|href)="(?!#|https://doi\.org/|https?://)', page)
    assert "<script" not in page
    assert page.startswith("<!DOCTYPE html>")
    assert re.search(r"<svg[^>]+aria-label=", page)
    assert page.count("<figure") == 5
    for tag in ("table", "section", "figure", "svg", "ul"):
        assert len(re.findall(rf"<{tag}[ >]", page)) == page.count(f"</{tag}>"), tag
    assert command(study) in html.unescape(page)


def test_names_of_a_table_of_ones_own_are_no_markup():
    import pandas as pd

    frame = pd.DataFrame(
        {"destination": ["BRA"], "technology": "solar", "product": "panels", "mw": [9.0],
         "source": "<script>alert(1)</script>"}
    )  # fmt: skip
    own = green_exports(exported=read_exports(frame, exporter="CHN", year=2024), draws=100)
    page = render(own)
    assert "<script" not in page
    assert "The claim" not in page
    assert "--exports FILE" in page
    assert json.loads(content(own))["claim"] is None
    jsonschema.validate(json.loads(content(own)), _schema())


def _schema():
    return json.loads((TEMPLATES / "avoided.schema.json").read_text(encoding="utf-8"))


def test_json_is_what_the_schema_says(study):
    jsonschema.Draft202012Validator.check_schema(_schema())
    told = json.loads(content(study))
    jsonschema.validate(told, _schema())
    assert told["schema"] == SCHEMA == _schema()["properties"]["schema"]["const"]
    assert told["result"]["first_year"]["value"] == study.headline("first year").value
    assert told["claim"]["verdict"] == list(study.verdict)
    assert {p["products"] for p in told["payback"]} == {n for n, _ in study.paybacks}
    wind = next(e for e in told["exports"] if e["product"] == "turbines")
    assert wind["million_usd"] is None, "not known is no zero"
    broken = {**told, "claim": {"made": 2}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, _schema())


def test_csv_files_hold_the_numbers_unrounded(study):
    for name in CSVS:
        found = list(csv.reader(io.StringIO(table(study, name))))
        assert len({len(row) for row in found}) == 1, name
        assert "nan" not in {cell.casefold() for row in found for cell in row}, name
    scenarios = rows(study, "scenarios")
    assert [float(r["value"]) for r in scenarios] == [s.amount.value for s in study.scenarios]
    held = [r["holds claim"] for r in scenarios]
    assert held == [str(s.amount.holds(350)) for s in study.scenarios]
    places = rows(study, "destinations")
    total = sum(float(r["first_year"]) for r in places)
    everything = study.scenario("panels, cells, wafers and wind turbines", "combined",
                                "first year")  # fmt: skip
    assert total == pytest.approx(everything.amount.value, rel=1e-9)
    drawn = rows(study, "draws")
    assert len(drawn) == 200
    stages = [r for r in rows(study, "stages") if r["method"] == "process"]
    assert sum(float(r["value"]) for r in stages) == pytest.approx(study.made.value)
    months = rows(study, "months")
    assert sum(float(r["mw"]) for r in months) == pytest.approx(study.avoided.rows["mw"].sum())
    left = {r["line"] for r in rows(study, "end_of_life")}
    assert left


def test_every_source_is_on_the_page_and_in_the_json(study, text):
    told = json.loads(content(study))
    assert {s["name"] for s in told["sources"]} >= {
        "ember-solar-exports", "cwea-2024", "irena-2024", "ifi-grid-2021", "owid-grid",
        "irena-costs-2024",
    }  # fmt: skip
    for source in told["sources"]:
        assert source["licence"], source["name"]
        for part in (source["citation"], source["licence"]):
            assert part.replace("CO2", "CO₂")[:40] in text, source["name"]
    assert len(told["sources"]) == len(rows(study, "sources"))
    used = {t["source"] for t in told["typed_figures"]}
    assert {r.source for r in inputs()} <= used


def test_a_part_of_a_year_is_named_everywhere():
    import rich.console

    part = green_exports(2025, technology="solar", draws=100)
    view = View(part)
    told = json.loads(content(part))
    jsonschema.validate(told, _schema())
    assert told["period"] == "January to September 2025"
    assert "solar: exports of October to December 2025" in told["missing"]
    console = rich.console.Console(record=True, width=200, file=io.StringIO())
    report.terminal(part, console)
    page = render(part)
    for words in (view.title, view.headline, console.export_text(), page.split("</head>")[0],
                  page.split('class="verdict"')[1][:800]):  # fmt: skip
        assert "January to September 2025" in words
    assert "2025" not in view.headline.replace("January to September 2025", "")


def test_exports_that_avoid_nothing_are_drawn():
    """A grid factor of zero is real data of Albania: an empty axis, no division by zero."""
    frame = pd.DataFrame({"destination": ["ALB"], "technology": "solar", "product": "panels",
                          "mw": [100.0], "month": [1]})  # fmt: skip
    none = green_exports(exported=read_exports(frame, exporter="CHN", year=2024), draws=100)
    page = render(none)
    assert "avoid 0 Mt" in page
    assert "0 is not on a logarithmic axis" in page
    assert "nan" not in re.sub(r"<[^>]*title>.*?</title>", "", page).casefold().split()
    jsonschema.validate(json.loads(content(none)), _schema())
    assert View(none).headline.count("100 MW") == 1


def test_bounds_and_prices_in_captions_follow_the_numbers(study):
    assert "The operating margin is an upper bound:" in View(study).bounds
    wind = green_exports(2024, technology="wind", draws=100)
    assert "none of the average factor" in View(wind).bounds
    assert "The operating margin is an upper bound" not in render(wind)
    earlier = render(green_exports(2020, technology="solar", draws=100))
    assert "understates by 14" in earlier
    assert "fallen since" not in earlier and "more than half" not in earlier


def test_estimated_capacity_and_factors_have_marks_of_their_own(study):
    from mriocarbon.report.avoided_tables import tables

    lines = {line.label: line for line in tables(View(study))["destinations"].lines}
    pakistan = lines["Pakistan"]
    assert pakistan.cells[0].text.endswith("†"), "capacity from value"
    assert not pakistan.cells[3].text.endswith("†"), "factors of its own"
    known = {r["destination"]: r for r in rows(study, "destinations")}
    assert known["SAU"]["capacity_estimated"]


def test_no_payback_is_no_number(study, monkeypatch):
    from mriocarbon.avoided.payback import payback

    never = payback(9.0, [1.0, 1.0], made_draws=[9.0] * 200, by_year_draws=[[1.0, 1.0]] * 200)
    key = (study.scope, "process")
    monkeypatch.setitem(study.paybacks, key, never)
    told = json.loads(content(study))
    jsonschema.validate(told, _schema())
    first = next(p for p in told["payback"] if p["products"] == key[0] and p["method"] == key[1])
    assert first["value"] is None and first["never"] == 1
    assert "not within the lifetime" in render(study)


def test_numbers_read_well():
    assert figures(0.0) == "0"
    assert figures(9999.6) == "10,000"
    assert figures(-1234.0).endswith("1,234")
    assert figures(math.inf) == "n/a"


def test_all_or_nothing(study, tmp_path):
    folder = tmp_path / "out"
    files = report.write(study, folder)
    assert files[0].name == "report.html"
    assert {f.name for f in files} == {p.name for p in folder.iterdir()}
    assert len(files) == 2 + len(CSVS)
    for file in files:
        assert file.read_bytes().endswith((b"\n", b"</html>"))
    only = report.write(study, tmp_path / "json", formats=["json"])
    assert [f.name for f in only] == ["avoided.json"]
    with pytest.raises(InputError, match="pdf"):
        report.write(study, folder, formats=["pdf"])
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(InputError):
        report.check_target(blocked)
    assert COMPARATIVE in (folder / "avoided.json").read_text(encoding="utf-8")


def test_it_renders(chromium, page, tmp_path):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    picture = tmp_path / "page.png"
    subprocess.run(
        [
            str(chromium), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--window-size=1000,2400", f"--screenshot={picture}",
            (tmp_path / "report.html").as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert picture.stat().st_size > 60_000
