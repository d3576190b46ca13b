"""CN codes to process models: every heading, every origin, like against like."""

import csv
import time
from importlib.resources import files

import pytest

from mriocarbon.cbam.defaults import defaults_of
from mriocarbon.cbam.origins import origins
from mriocarbon.cbam.reference_process import ROUTE_OF_LETTER, modelled, references_process
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.intensity import intensity, products


def rows():
    path = files("mriocarbon.cbam") / "tables" / "cn_product.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_heading_of_the_annex_has_a_model_or_a_reason(data_folder):
    table = {(r["cn"], r["description"]): r for r in rows()}
    path = data_folder / "cbam" / "defaults_definitive_2025_2621.csv"
    with open(path, encoding="utf-8") as file:
        annex = {(r["cn"], " ".join(r["description"].split())) for r in csv.DictReader(file)}
    assert annex == set(table)
    for row in table.values():
        assert row["product"] in products() or (row["product"] == "" and row["note"])


def test_china_has_a_national_and_a_like_reference():
    lines = defaults_of("CHN")
    started = time.perf_counter()
    found, missing = references_process(lines, "CHN")
    assert time.perf_counter() - started < 1.5
    assert {m.cn for m in missing} == {"31051000", "720219", "720249"}
    assert sum(r.route == "" for r in found) + len(missing) == len(lines)
    for r in found:
        assert r.kind == "process" and r.boundary == "cbam" and r.cell.startswith("process:CHN:")
        assert 0 < r.log_sd < 1 and r.loadings
        assert r.sources or r.assumed
    by = {(r.cn, r.route): r for r in found}
    assert by["7208", "C"].value > by["7208", ""].value  # the mix holds arc furnaces
    assert by["7601", "K"].value > by["7601", ""].value
    assert ("7201", "C") not in by


def test_scope_follows_the_law():
    (steel, *_), _ = references_process(["7208"], "CHN", alike=False)
    (clinker, *_), _ = references_process(["25231000"], "CHN")
    assert steel.scope == "direct" and clinker.scope == "direct+indirect"
    made = intensity("clinker-grey", origin="CHN")
    assert clinker.value == pytest.approx(made.direct + made.indirect)
    assert dict(clinker.loadings) == made.loadings_total


def test_description_tells_white_from_grey():
    assert modelled("25231000", "White clinker").product == "clinker-white"
    assert modelled("25231000").product == "clinker-grey"
    lines = [v for v in defaults_of("CHN") if v.cn == "25231000"]
    found, _ = references_process(lines, "CHN")
    assert len({r.value for r in found if r.route == ""}) == 2


def test_routes_may_be_given():
    found, _ = references_process(["7208"], "CHN", routes={"7208": "E"})
    by = {r.route: r for r in found}
    assert by["E"].value < 0.6 * by[""].value  # arc furnaces with some hot metal
    assert by["E"].cell == "process:CHN:crude-steel:scrap-eaf"
    with pytest.raises(InputError, match="route letter"):
        references_process(["7208"], "CHN", routes={"7208": "BOF"})
    assert set(ROUTE_OF_LETTER) == set("CDEFGHKL")


def test_codes_above_and_below_a_heading():
    assert modelled("72083900").product == "hot-rolled-flat"
    assert modelled("7604").product == "aluminium-profile"
    with pytest.raises(InputError, match="different models"):
        modelled("7318")
    with pytest.raises(UnknownNameError):
        modelled("0101")
    with pytest.raises(UnknownNameError):
        references_process(["7208"], "Atlantis")


def test_cells_group_what_shares_its_material():
    found, _ = references_process(["7208", "7308", "72251100"], "IND", alike=False)
    assert {r.cell for r in found} == {"process:IND:crude-steel"}


def test_any_origin_has_references():
    for one in origins()[::12]:
        found, missing = references_process(["7208", "7601", "25232900"], one.iso3, alike=False)
        assert len(found) == 3 and not missing
    found, _ = references_process(["7208"], "OTHER", alike=False)
    assert found[0].assumed


def test_every_line_of_every_origin_is_answered():
    for k, one in enumerate(origins()):  # every origin, and by the end every line
        lines = defaults_of(one.iso3)[k % 24 :: 24]
        found, missing = references_process(lines, one.iso3, alike=False)
        assert len(found) + len(missing) == len(lines) > 0
    outside, missing = references_process(["76151010"], "CHN")
    assert not outside and "does not cover" in missing[0].reason
