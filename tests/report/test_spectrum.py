"""`--with-natural`: a section, a picture, a CSV and JSON more; without it, the same bytes."""

import csv
import io
import json
import math
import os
import re
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon import report
from mriocarbon.cli.main import app
from mriocarbon.errors import InputError
from mriocarbon.natural.flux import SCOPES
from mriocarbon.report import adjustments_csv as csvs
from mriocarbon.report import spectrum_tables
from mriocarbon.report import text as t
from mriocarbon.report.adjustments import NAMES, NATURAL
from mriocarbon.report.adjustments_json import results
from mriocarbon.report.adjustments_view import View
from mriocarbon.studies.spectrum import ADDABLE, MAIN

from .test_files import SCHEMA, snapshot
from .test_page import Reader, screenshot


@pytest.fixture(scope="module")
def spectral():
    return mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"], natural=True)


@pytest.fixture(scope="module")
def out(spectral, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spectrum")
    report.write(spectral, folder)
    return folder


@pytest.fixture(scope="module")
def co2(spectral):
    return next(one for one in spectral.natural if one.gas == "CO2")


def read(folder, name="natural.csv"):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_without_the_option_the_bytes_are_the_same(spectral, tmp_path):
    plain = mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"])
    report.write(plain, tmp_path / "plain")
    report.write(replace(spectral, natural=()), tmp_path / "off")
    found = snapshot(tmp_path / "plain")
    assert found == snapshot(tmp_path / "off") and set(found) == set(NAMES)
    told = found["report.html"].decode()
    assert "atural carbon" not in told and "--with-natural" not in told
    assert "natural" not in json.loads(found["results.json"])


def test_with_it_the_other_tables_are_the_same(spectral, out, tmp_path):
    assert {p.name for p in out.iterdir()} == {*NAMES, *NATURAL}
    plain = View(replace(spectral, natural=()))
    for name, content in csvs.tables(plain).items():
        assert (out / name).read_text(encoding="utf-8") == content
    more = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert more.pop("natural")
    resolved = {one["source"] for one in more.pop("natural_sources")}
    used = {name for r in read(out) if r["kind"] == "scope" for name in r["source"].split(" + ")}
    assert used <= resolved and "ceos-topdown-2022" in used
    assert more == json.loads(results(plain))


def test_files_of_an_earlier_run_with_the_option_go(spectral, tmp_path, monkeypatch):
    from mriocarbon.report import adjustments_figures as figures

    drawn = figures.draw(View(replace(spectral, natural=())), lambda step: None)
    monkeypatch.setattr(figures, "draw", lambda view, say: drawn)
    for name in NATURAL:
        (tmp_path / name).write_text("old", encoding="utf-8")
    (tmp_path / "mine.csv").write_text("a", encoding="utf-8")
    report.write(replace(spectral, natural=()), tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {*NAMES, "mine.csv"}


def test_csv_holds_every_scope_apart(out, spectral, co2):
    rows = read(out)
    found = {
        (r["region"], r["scope"], r["process"], r["method"]): r
        for r in rows if r["kind"] == "scope" and r["account"] == "CO2"
    }  # fmt: skip
    assert len(found) == len(co2.figures)
    for one in co2.figures:
        row = found[one.region, one.scope, one.process, one.method]
        assert float(row["value"]) == pytest.approx(one.value)
        assert row["without"].split() == list(one.without)
        assert (row["low"] == "") == math.isnan(one.low) and row["interval"]
        assert row["estimated"] == ("yes" if one.estimated else "no")
    for r in rows:
        assert r["value"] or r["note"], r
        assert r["kind"] != "scope" or r["scope"] in SCOPES
    world = {r["process"] for r in rows if r["kind"] == "world"}
    assert world == {row.name for row in co2.world}
    narrow = csvs.tables(View(replace(spectral, regions=("NOR",))))["natural.csv"]
    regions = {r["region"] for r in csv.DictReader(io.StringIO(narrow))}
    assert regions == {"NOR", "CHN", "USA", "JPN", "WLD"}


def test_json_follows_its_schema(out, co2):
    content = json.loads((out / "results.json").read_text(encoding="utf-8"))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(content)
    assert [one["gas"] for one in content["natural"]] == ["GHG", "CO2"]
    entry = content["natural"][1]
    for one in entry["with_scope"]:
        missing = [k for k in ("production", "consumption", "percent") if one[k] is None]
        assert not missing or one["reason"], one
    sums = {(o["region"], o["scope"]): o["percent"] for o in entry["with_scope"]}
    one = co2.sum_with("managed land", "USA")
    assert sums["USA", "managed land"] == pytest.approx(one.percent)
    for harm in ("scope", "extra"):
        broken = json.loads(json.dumps(content))
        target = broken["natural"][1]["scopes"][0]
        target.update({"scope": "all"} if harm == "scope" else {"sum of scopes": 1})
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(broken)


def test_the_doc_names_every_key_of_natural():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    doc = (SCHEMA.parents[3] / "docs/reference/adjustments-2022-json.md").read_text("utf-8")
    spectrum = schema["$defs"]["spectrum"]["properties"]
    keys = set(spectrum) | set(spectrum["scopes"]["items"]["properties"])
    for key in keys:
        assert f"`{key}`" in doc, key


def test_page_is_whole_and_says_where_figures_are_from(out, co2):
    text = (out / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.stack == [] and len(reader.ids) == len(set(reader.ids))
    assert "nan" not in re.sub(r"<[^>]*>", " ", text).lower().split()
    assert 'href="#natural"' in text and "--with-natural" in text and "never added" in text
    captions = [table["caption"] for table in reader.tables]
    captions += re.findall(r"<figcaption>(.*?)</figcaption>", text, re.DOTALL)
    for caption in captions:
        lower = caption.lower()
        assert "source" in lower and (
            "denominator" in lower or "no ratio" in lower or "row: where" in lower
        )
        assert "unit" in lower or "no ratio" in lower
    for table in reader.tables:
        body = "".join(cell for row in table["rows"] for cell in row)
        assert "†" not in body or "†" in table["caption"]
    beside = next(x for x in reader.tables if "never add them" in x["caption"]
                  and "bookkeeping" in x["caption"])  # fmt: skip
    row = next(r for r in beside["rows"] if r and r[0] == "China")
    for cell, scope in zip(row[3:], MAIN, strict=True):
        one = co2.main(scope, "CHN")
        shown = t.number(one.value, t.decimals(one.value))
        assert cell.startswith(t.marked(shown, one.estimated))
        assert one.period == "2022" or one.period in cell
    europe = next(r for r in beside["rows"] if r and r[0].startswith("European"))
    assert "26 of 27" in europe[5]
    # the source's own row, not in silence: with its interval
    own = co2.beside(co2.main("biosphere", "EU27"))
    below = beside["rows"][beside["rows"].index(europe) + 1]
    assert below[0].endswith("the source's own row") and below[1] == below[4] == ""
    assert below[5].startswith(t.marked(t.number(own.value, 0), True))
    assert f"{t.number(own.low, 0)} to {t.number(own.high, 0)}" in below[5]
    # what the data folder alone has is named where there is one
    local = ("OMI SO2",) if "MRIOCARBON_DATA" in os.environ else ()
    for name in ("Byrne et al.", "Friedlingstein et al.", "UNFCCC", *local):
        assert name in text[text.index('id="sources"') :], name
    assert beside["caption"].count("assumed") and "UNVERIFIED" in beside["caption"]


def test_tables_never_total_scopes(spectral):
    for table in spectrum_tables.tables(View(spectral)).values():
        for row in table.heads:
            for head in row:
                assert "total" not in head.text or head.text.startswith("(a)"), head
                letters = set(re.findall(r"\(([abcd])\)", head.text))
                assert len(letters) <= 1 and not re.search(r"\) (to|\+|and) \(", head.text), head
        assert not any(line.label.lower() in ("total", "all", "sum") for line in table.lines)


def test_reasons_stand_where_a_percentage_is_missing(spectral, co2):
    table = spectrum_tables.tables(View(spectral))["natural-percent-CO2"]
    lines = dict(zip(co2.regions, table.lines, strict=True))
    for region, line in lines.items():
        for scope, cell in zip(ADDABLE, line.cells[1:], strict=True):
            one = co2.sum_with(scope, region)
            assert (cell.text == "n/a") == math.isnan(one.percent)
            assert cell.range, (region, scope)
    assert lines["EU27"].cells[3].range == "26 of 27 countries"
    assert lines["CAN"].cells[3].range == "denominator below 0"
    assert lines["NOR"].cells[3].range == "denominator may be 0"


def test_all_columns_of_a_table_have_one_kind_of_interval(spectral, co2):
    """Singapore's scope is next to nothing, and so is what it moves, at both ends."""
    table = spectrum_tables.tables(View(spectral))["natural-percent-CO2"]
    line = dict(zip(co2.regions, table.lines, strict=True))["SGP"]
    assert line.cells[0].range == "−21.5 to −2.3" == line.cells[2].range
    assert "Fieller" in table.caption


def test_the_coverage_of_every_gas_stands_on_the_page(spectral, co2):
    ghg = next(one for one in spectral.natural if one.gas == "GHG")
    both = spectrum_tables.tables(View(spectral))
    alone = spectrum_tables.tables(View(replace(spectral, natural=(ghg,))))
    one = ghg.main("managed land", "MEA", "CH4")
    assert one.without
    for made in (both, alone):
        rows = {line.label: line for line in made["natural-coverage-GHG"].lines}
        label = f"{t.region_name('MEA')}, (a) CH4"
        assert rows[label].cells[0].text == one.coverage
        assert all(code in rows[label].cells[2].text for code in one.without)
    for name in ("missing", "processes", "others", "coverage"):
        assert f"natural-{name}-GHG" in alone
    assert "table of CO2" not in "".join(table.caption for table in alone.values())
    assert f"{t.region_name('MEA')}, (c) CO2" in {
        line.label for line in alone["natural-coverage-GHG"].lines
    }
    # each flux of CO2 has one place on a page of both
    assert not any("CO2" in line.label for line in both["natural-coverage-GHG"].lines)
    usa = dict(zip(ghg.regions, both["natural-percent-GHG"].lines, strict=True))["USA"]
    assert usa.cells[1].text.startswith(t.percent(ghg.sum_with("managed land", "USA").percent))


@pytest.mark.parametrize("narrow", [
    {"gases": ["CO2"], "regions": ["NOR"]}, {"gases": ["GHG"], "regions": ["SGP", "IDN"]},
])  # fmt: skip
def test_narrowed(narrow, tmp_path):
    study = mc.reproduce_2022(tables=["oecd-icio-2022"], principle=["income"], natural=True,
                              **narrow)  # fmt: skip
    report.write(study, tmp_path)
    reader = Reader()
    reader.feed((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert reader.stack == []
    svg = (tmp_path / "figure-full-spectrum.svg").read_text(encoding="utf-8")
    assert t.region_name(study.regions[0]) in svg and "China" not in svg
    if narrow["gases"] == ["GHG"]:  # beside GHG, what knows CO2 alone says so
        assert "(b) land use, CO2" in svg
    for row in read(tmp_path):
        assert row["account"] == narrow["gases"][0]


@pytest.mark.parametrize("width", [80, 120])
def test_terminal_shows_each_scope_in_a_column(spectral, co2, width):
    file = io.StringIO()
    report.terminal(spectral, Console(file=file, width=width))
    text = file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    block = text[text.index("Natural carbon beside") : text.index("Nearest of")]
    line = next(li for li in block.splitlines() if li.startswith("CHN"))
    for scope in MAIN:
        one = co2.main(scope, "CHN")
        assert t.number(one.value, 0) + "±" + t.number(one.value - one.low, 0) in line
    assert "n/a" in next(li for li in block.splitlines() if li.startswith("SGP"))
    flat = " ".join(block.split())
    assert "EU27 (c), source's own row: −1,572 (−2,823 to −322)" in flat and "UNVERIFIED" in flat
    assert "Byrne et al. (2023)" in " ".join(text[text.index("Sources:") :].split())
    percent = block[block.index("with one scope or none") :]
    for scope in ADDABLE:
        one = co2.sum_with(scope, "USA")
        assert t.percent(one.percent) in percent
        assert t.span(one.percent_low, one.percent_high).replace(" to ", "…") in percent


def test_figure_is_the_same_in_every_run_and_marks_what_is_missing(spectral, out):
    from mriocarbon.report.spectrum_figure import spectrum

    drawings = [spectrum(View(spectral)) for _ in range(2)]
    assert drawings[0] == drawings[1]
    svg = (out / "figure-full-spectrum.svg").read_text(encoding="utf-8")
    assert svg == drawings[0].svg and "missing" in svg and "Source:" in svg and "†" in svg
    assert "never add" in svg


def test_at_the_command_line(tmp_path):
    shared = ["reproduce", "2022", "--table", "oecd-icio-2022", "--principle", "consumption"]
    done = CliRunner().invoke(app, [*shared, "--gas", "CO2", "--region", "NOR", "--with-natural",
                                    "--out", str(tmp_path / "out")])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Natural carbon beside" in done.output
    assert (tmp_path / "out" / "natural.csv").is_file()
    (tmp_path / "bad" / "natural.csv").mkdir(parents=True)
    done = CliRunner().invoke(app, [*shared, "--with-natural", "--out", str(tmp_path / "bad")])
    assert done.exit_code != 0 and isinstance(done.exception, InputError | SystemExit)
    done = CliRunner().invoke(app, ["reproduce", "2022", "--table", "gcb-2025", "--with-natural"])
    assert done.exit_code != 0


def test_renders_in_a_browser(chromium, out, tmp_path):
    """The section alone, every stretch of it inked, in light and dark."""
    text = (out / "report.html").read_text(encoding="utf-8")
    start = text.index('<section aria-labelledby="natural">')
    end = text.index("</section>", start) + len("</section>")
    alone = tmp_path / "page"
    alone.mkdir()
    (alone / "report.html").write_text(
        f"{text[: text.index('<header>')]}<main>{text[start:end]}</main></body></html>", "utf-8"
    )
    for scheme in (1, 0):
        pixels = screenshot(chromium, alone, tmp_path / f"{scheme}.png", scheme)
        ground = np.median(pixels.reshape(-1, 3), axis=0)
        assert (ground.mean() > 0.9) == bool(scheme)
        apart = np.abs(pixels - ground).max(axis=2) > 0.25
        bands = apart[:6000].reshape(20, -1).mean(axis=1)
        assert (bands > 0.004).all(), bands
