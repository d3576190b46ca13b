"""What a page says of how much a result covers, and of what it leaves out."""

from dataclasses import replace

import pytest

from mriocarbon.lca.completeness import Completeness, LeftOut
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.study import run
from mriocarbon.report.lca_view import View
from mriocarbon.report.lca_words import cover

from ..lca.cases import brick

ESTIMATED = LeftOut("purchases", 1.0, "USD", "not listed", 25.0, "by the table", True)


def whole(*, unknown: int = 0, untested: int = 0, most: bool = True) -> Completeness:
    more = tuple(LeftOut(f"u{k}", 1.0, "kg", "no process") for k in range(unknown))
    left = (replace(ESTIMATED, most=most), *more)
    return Completeness(100.0, left, 25.0, unknown, 0.8, most, 0.01, (), untested)


def told(found, state: Completeness) -> tuple[str, str]:
    seen = replace(found, interpretation=replace(found.interpretation, completeness=state))
    return cover(View(seen))


@pytest.fixture(scope="module")
def found():
    return run(study_of(brick(draws=100, sobol=0)))


def filled(complement: bool):
    raw = brick(draws=100, sobol=0)
    raw["processes"][1] |= {"sector": "C23", "price": 90, "price_year": 2022}
    raw["hybrid"] = {"complement": complement, "covered": {"kiln": ["B05", "B06", "D"]}}
    return run(study_of(raw))


def test_at_least_is_said_only_where_nothing_is_unknown(found):
    assert told(found, whole())[0] == "at least 80.0 %"
    number, words = told(found, whole(unknown=17, untested=9))
    assert number == "about 80.0 %"
    assert "what could be estimated" in words
    assert "17 left out of unknown effect, 9 processes without an estimate" in words
    assert told(found, whole(untested=1))[0] == "about 80.0 %"
    assert told(found, whole(most=False))[0] == "80.0 %"


def test_a_counted_complement_tells_what_rests_on_the_table():
    bare, full = filled(False), filled(True)
    assert cover(View(bare))[0].startswith("about ")
    number, words = cover(View(full))
    table = sum(
        float(v)
        for p, v in zip(full.system.processes, full.lci.by_process(full.climate.method.C).sum(0),
                        strict=True)
        if p.name.endswith("[table]")
    )  # fmt: skip
    assert table > 0
    assert number == f"{100 * table / full.total:.1f} %"
    assert "rests on the table" in words
    assert "5 processes without an estimate" in words
