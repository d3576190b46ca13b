"""References: the interval follows from the loadings, and nothing impossible can be built."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.errors import InputError
from mriocarbon.model.normal import Z95


def make(**changes):
    fields = {
        "cn": "7208", "origin": "CHN", "kind": "user", "name": "works", "scope": "direct",
        "value": 2.0, "loadings": {"a": 0.3, "b": 0.4}, "cell": "user:works",
    }  # fmt: skip
    return Reference.of(**{**fields, **changes})


@given(
    st.floats(1e-3, 1e3),
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(-2, 2), max_size=6),
)
def test_log_sd_is_the_root_of_the_squared_loadings(value, loadings):
    r = make(value=value, loadings=loadings)
    assert r.log_sd == pytest.approx(math.sqrt(sum(v * v for v in loadings.values())))
    assert r.low <= r.value <= r.high
    assert math.log(r.high / r.low) == pytest.approx(2 * Z95 * r.log_sd)
    assert math.sqrt(r.low * r.high) == pytest.approx(r.value)
    assert all(r.loadings.values())


def test_a_reference_is_frozen_even_in_its_loadings():
    r = make()
    with pytest.raises(TypeError):
        r.loadings["a"] = 1.0
    with pytest.raises(AttributeError):
        r.value = 3.0


def test_a_reference_survives_pickling():
    r = make(notes=("x",))
    assert pickle.loads(pickle.dumps(r)) == r


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 0.0}, {"value": -1.0}, {"value": math.nan}, {"value": math.inf},
        {"scope": "indirect"}, {"kind": "guess"}, {"kind": ""}, {"kind": "mrio+guess"},
        {"loadings": {"a": math.nan}}, {"loadings": {"a": math.inf}},
    ],
)  # fmt: skip
def test_impossible_references_are_refused(changes):
    with pytest.raises(InputError, match="works"):
        make(**changes)


def test_a_merged_kind_is_allowed():
    assert make(kind="mrio+process").kind == "mrio+process"


def test_an_interval_that_does_not_follow_from_the_loadings_is_refused():
    r = make()
    with pytest.raises(InputError, match="root of the squared loadings"):
        Reference(
            r.cn, r.origin, r.route, r.kind, r.name, r.scope, r.boundary, r.value, r.low, r.high,
            0.1, r.loadings, r.cell, r.region_used,
        )  # fmt: skip


def test_doubled_notes_are_said_once():
    r = make(notes=["x", "y", "x"], sources=["s", "s"], assumed=["a", "a"])
    assert (r.notes, r.sources, r.assumed) == (("x", "y"), ("s",), ("a",))


def test_missing_tells_why():
    assert Missing("2804", "mrio", "no price").reason == "no price"
