"""The folder: whole or untouched; CSV and JSON hold what the study holds."""

import csv
import json
import math
import os
from collections import defaultdict
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon import report
from mriocarbon.errors import DataFileError, InputError
from mriocarbon.report import adjustments, adjustments_figures, adjustments_page, figures, files
from mriocarbon.report.adjustments_view import View
from mriocarbon.studies.scan import PUBLISHED

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "mriocarbon/report/templates/adjustments_2022.schema.json"
DOC = ROOT / "docs/reference/adjustments-2022-json.md"


@pytest.fixture(scope="module")
def drawings(budget_only):
    return adjustments_figures.draw(View(budget_only), lambda step: None)


@pytest.fixture
def quick(monkeypatch, drawings):
    """Draw once: these tests are about the folder, not about what is drawn."""
    monkeypatch.setattr(adjustments_figures, "draw", lambda view, say: drawings)


def rows(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snapshot(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
    }


# ---------------------------------------------------------------------------- the folder


def test_writes_exactly_the_promised_files(folder):
    assert sorted(p.name for p in folder.iterdir()) == sorted(adjustments.NAMES)
    assert [p.name for p in folder.parent.iterdir()] == ["out"], "something was left beside it"
    mode = folder.stat().st_mode & 0o777
    assert mode & 0o500 == 0o500


def test_same_study_same_bytes(budget_only, tmp_path):
    report.write(budget_only, tmp_path / "a")
    report.write(budget_only, tmp_path / "b")
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")


def test_replaces_its_own_files_and_keeps_the_users(quick, budget_only, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "report.html").write_text("old", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    written = report.write(budget_only, tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "sub").is_dir()
    assert (tmp_path / "report.html").read_text(encoding="utf-8") != "old"
    assert written[0] == tmp_path / "report.html" and all(p.is_file() for p in written)
    assert {p.name for p in tmp_path.iterdir()} == {*adjustments.NAMES, "notes.txt", "sub"}


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_an_error_half_way_leaves_nothing(quick, budget_only, tmp_path, monkeypatch, exists, error):
    target = tmp_path / "deep" / "out" if not exists else tmp_path / "out"
    if exists:
        target.mkdir()
        (target / "report.html").write_text("old", encoding="utf-8")
        (target / "mine.csv").write_text("a", encoding="utf-8")
    before = snapshot(tmp_path)

    def fail(*_):
        raise error

    # after tables and figures are on the disk
    monkeypatch.setattr(adjustments_page, "render", fail)
    expected = DataFileError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        report.write(budget_only, target)
    assert snapshot(tmp_path) == before


def test_an_error_while_moving_puts_everything_back(quick, budget_only, tmp_path, monkeypatch):
    target = tmp_path / "out"
    target.mkdir()
    for name in ("report.html", "adjustments.csv", "results.json"):
        (target / name).write_text(f"old {name}", encoding="utf-8")
    before = snapshot(tmp_path)
    rename, count = os.rename, 0

    def stumble(source, destination):
        nonlocal count
        count += 1
        if count == 6:
            raise OSError(5, "disk gone")
        rename(source, destination)

    monkeypatch.setattr(files.os, "rename", stumble)
    with pytest.raises(DataFileError, match="cannot be written"):
        report.write(budget_only, target)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_is_no_folder(budget_only, tmp_path, below):
    path = tmp_path / "report"
    path.write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match=r"this is a file(.|\n)*what to do"):
        report.write(budget_only, path / below)
    with pytest.raises(InputError):
        report.check_target(path / below)
    assert snapshot(tmp_path) == {"report": b"a file"}


def test_a_folder_in_the_place_of_a_file(budget_only, tmp_path):
    (tmp_path / "results.json").mkdir()
    with pytest.raises(InputError, match=r"results\.json"):
        report.write(budget_only, tmp_path)
    assert snapshot(tmp_path) == {"results.json": None}


def test_a_link_to_a_folder_stays_a_link(quick, budget_only, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    report.write(budget_only, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "report.html").is_file()


def test_progress_is_told(budget_only, tmp_path):
    steps = []
    report.write(budget_only, tmp_path, progress=steps.append)
    assert len(steps) >= 6


# ---------------------------------------------------------------------------- CSV


def test_adjustments_hold_every_combination_and_region(study, folder):
    found = rows(folder, "adjustments.csv")
    assert len(found) == len(study.combinations) * len(study.regions)
    by_key = {(int(r["number"]), r["region"]): r for r in found}
    for c in study.combinations:
        for region in study.regions:
            row = by_key[c.number, region]
            if region in c.percent:
                for key in ("percent", "low", "high"):
                    value = getattr(c, key)[region]
                    assert float(row[key]) == pytest.approx(value, rel=1e-9, abs=1e-12)
                assert row["reason"] == ""
                if region in PUBLISHED:
                    assert float(row["gap_percentage_points"]) == pytest.approx(
                        c.gaps[region], rel=1e-8, abs=1e-9
                    )
            else:
                assert row["percent"] == row["low"] == row["high"] == "" and row["reason"]
            assert row["estimated"] == "; ".join(c.estimated)
            assert row["editions"] == "; ".join(c.editions)


def test_accounts_close(study, folder):
    sums = defaultdict(float)
    for r in rows(folder, "accounts.csv"):
        key = r["table"], r["gas"], r["principle"], r["options"], r["households"], r["land_use"]
        assert r["unit"] == {"GHG": "Mt CO2e", "CO2": "Mt CO2"}[r["gas"]]
        assert ("satellites" in r["estimated"]) == (r["gas"] == "CO2")
        sums[key] += float(r["value"])
        assert float(r["low"]) <= float(r["value"]) <= float(r["high"])
        if r["households"] == "yes":
            assert "household" in r["estimated"]
    assert len(sums) == len(study.accounts)
    for a in study.accounts:
        homes = "yes" if a.households else "no"
        key = a.table, a.gas, a.principle, a.options, homes, a.land_use
        assert sums[key] == pytest.approx(a.value.sum(), rel=1e-9)
    for gas, world in (("GHG", 44231.4), ("CO2", 31763.1)):
        found = sums["oecd-icio-2022", gas, "consumption", "", "no", "none"]
        assert found == pytest.approx(world, abs=0.1)


def test_flows_trade_and_per_capita(study, folder):
    flows = rows(folder, "bilateral.csv")
    assert len(flows) == study.bilateral.value.size
    assert math.fsum(float(r["value"]) for r in flows) == pytest.approx(study.bilateral.total)
    assert all(r["estimated"] and r["source"] for r in flows)
    trade = {(r["region"], r["item"]): float(r["value"]) for r in rows(folder, "trade.csv")}
    balance = math.fsum(v for (_, item), v in trade.items() if item == "balance")
    assert balance == pytest.approx(0, abs=1e-4)
    for r in rows(folder, "per_capita.csv"):
        k = study.regions.index(r["region"])
        assert float(r["value"]) == pytest.approx(study.per_capita[r["principle"]][k])
        assert "household" in r["estimated"]


def test_narrowed_regions_keep_the_published_ones(tmp_path):
    study = mc.reproduce_2022(regions=["NOR"], principle=["eebt"], tables=["oecd-icio-2022"])
    report.write(study, tmp_path)
    assert {r["region"] for r in rows(tmp_path, "adjustments.csv")} == {"NOR", *PUBLISHED}
    assert {r["region"] for r in rows(tmp_path, "trade.csv")} == {"NOR"}
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    line = "mriocarbon reproduce 2022 --table oecd-icio-2022 --principle eebt --region NOR --out"
    assert line in text
    check(json.loads((tmp_path / "results.json").read_text(encoding="utf-8")))


# ---------------------------------------------------------------------------- JSON


def check(content):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(content)


def no_constant(name):
    raise AssertionError(f"{name} is no JSON")


def test_json_follows_its_schema_and_the_study(study, folder):
    text = (folder / "results.json").read_text(encoding="utf-8")
    content = json.loads(text, parse_constant=no_constant)
    check(content)
    assert [c["number"] for c in content["combinations"]] == [c.number for c in study.combinations]
    for entry, c in zip(content["combinations"], study.combinations, strict=True):
        nulls = {r for r, value in entry["percent"].items() if value is None}
        assert nulls == set(entry["missing"]) and all(entry["missing"].values())
        assert (entry["reason"] is None) == c.available
        for region, value in c.percent.items():
            assert entry["percent"][region] == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert content["verdict"]["text"] == list(study.verdict.text)
    assert content["verdict"]["nearest"][0] == study.verdict.nearest.number
    by_gas = content["verdict"]["by_gas"]
    assert by_gas["GHG"]["nearest"] == study.verdict.by_gas["GHG"].nearest.number
    assert sum(g["tried"] for g in by_gas.values()) == content["verdict"]["tried"]
    k = study.regions.index("JPN")
    assert content["co2"]["production"]["JPN"] == pytest.approx(study.co2.production[k])
    assert content["co2"]["households"]["low"]["JPN"] < content["co2"]["households"]["high"]["JPN"]
    assert "is an estimate" in content["co2"]["estimated"]
    assert np.allclose(content["bilateral"]["value"], study.bilateral.value, rtol=1e-9)
    assert [s["sha256"] for s in content["sources"]] == [i.sha256 for i in study.items]


@pytest.mark.parametrize("harm", ["drop", "extra", "text"])
def test_the_schema_can_fail(budget_only, harm):
    from mriocarbon.report.adjustments_json import results

    content = json.loads(results(View(budget_only)))
    check(content)
    entry = content["combinations"][0]
    if harm == "drop":
        del entry["denominator"]
    elif harm == "extra":
        entry["surprise"] = 1
    else:
        entry["percent"]["CHN"] = "-11.0"
    with pytest.raises(jsonschema.ValidationError):
        check(content)


def test_the_doc_names_every_key():
    schema, doc = json.loads(SCHEMA.read_text(encoding="utf-8")), DOC.read_text(encoding="utf-8")
    for key in (*schema["properties"], *schema["$defs"]["combination"]["properties"]):
        assert f"`{key}`" in doc, key


# ---------------------------------------------------------------------------- figures


def test_figures_stand_alone(folder):
    for name in adjustments.FIGURES:
        svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
        assert "<text" in svg and "Source:" in svg and "†" in svg
        assert "<dc:date>" not in svg
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_every_colour_has_one_role():
    assert len(set(figures.ROLES)) == len(set(figures.ROLES.values())) == 10 + 16


def test_a_folder_that_may_not_be_written_to_is_told_before_the_work(tmp_path, monkeypatch):
    """Root may write anywhere, and tests run as root: the system's answer is put in its mouth."""
    monkeypatch.setattr("os.access", lambda place, mode: Path(place) != tmp_path)
    for folder in (tmp_path, tmp_path / "a" / "b"):
        with pytest.raises(DataFileError, match="the report cannot be written: Permission denied"):
            report.check_target(folder)
    assert list(tmp_path.iterdir()) == []
