"""Brightway: a database and a method written by the test give what bw2calc gets from them.

The amounts are exact in single precision, in which Brightway stores what it calculates with; so
the comparison to 1e-9 is one of the reading and not of the rounding.
"""

import builtins
import warnings
from pathlib import Path

import numpy as np
import pytest

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.lca.brightway import brightway_method, read_brightway
from mriocarbon.lca.foreground import background_of
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.impact import climate
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from tests.lca.conftest import BRIGHTWAY

METHOD = ("test", "points")


def bio(name, *categories, kind="emission", cas=None):
    return {"name": name, "categories": categories, "unit": "kilogram", "type": kind,
            "CAS number": cas}  # fmt: skip


def activity(name, product, unit, *exchanges, location="DE", **more):
    return {"name": name, "reference product": product, "unit": unit, "location": location,
            "exchanges": [{"input": i, "amount": a, "type": t} | (m[0] if m else {})
                          for i, a, t, *m in exchanges]} | more  # fmt: skip


BIO = {
    ("bio", "co2"): bio("Carbon dioxide, fossil", "air", "urban air close to ground",
                        cas="000124-38-9"),
    ("bio", "co2-air"): bio("Carbon dioxide, fossil", "air", cas="000124-38-9"),
    ("bio", "so2"): bio("Sulfur dioxide", "air"),
    ("bio", "iron"): bio("Iron", "natural resource", "in ground", kind="natural resource"),
}  # fmt: skip
BACK = {
    ("back", "grid"): activity("market for electricity", "electricity", "kilowatt hour",
        (("back", "grid"), 1.0, "production"), (("bio", "co2"), 0.5, "biosphere"),
        (("back", "grid"), 0.0625, "technosphere")),
    ("back", "grid-fr"): activity("market for electricity", "electricity", "kilowatt hour",
        (("back", "grid-fr"), 1.0, "production"), (("bio", "co2"), 0.0625, "biosphere"),
        location="FR"),
    # as in ecoinvent: a treatment has a negative product, and who needs it takes a negative amount
    ("back", "tip"): activity("treatment of slag", "slag", "kilogram",
        (("back", "tip"), -1.0, "production"), (("bio", "so2"), 0.25, "biosphere")),
}  # fmt: skip
FRONT = {
    ("front", "mill"): activity("steel making", "steel", "ton",
        (("front", "mill"), 2.0, "production"),
        (("back", "grid"), 512.0, "technosphere", {"uncertainty type": 2, "loc": 6.2383246,
                                                   "scale": 0.125}),
        (("back", "grid-fr"), 16.0, "technosphere", {"uncertainty type": 4, "minimum": 8.0,
                                                     "maximum": 32.0}),
        (("back", "tip"), -96.0, "technosphere"),
        (("front", "rail"), 3.0, "technosphere", {"pedigree": {
            "reliability": 1, "completeness": 2, "temporal correlation": 3,
            "geographical correlation": 4, "further technological correlation": 5}}),
        (("back", "grid-fr"), 4.0, "substitution"),
        (("bio", "iron"), 3200.0, "biosphere"), (("bio", "co2"), 1024.0, "biosphere")),
    ("front", "rail"): activity("transport by rail", "transport", "ton kilometer",
        (("bio", "co2"), 0.03125, "biosphere")),
}  # fmt: skip


@pytest.fixture(scope="module")
def project():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bd = pytest.importorskip("bw2data", reason="needs the extra [lca]")
        folder = Path(str(bd.projects.dir))
        assert Path(BRIGHTWAY).resolve() in folder.resolve().parents, folder
        bd.projects.set_current("steel")
        for name, data in (("bio", BIO), ("back", BACK), ("front", FRONT)):
            bd.Database(name).write(data)
        method = bd.Method(METHOD)
        method.register(unit="points")
        method.write([(("bio", "co2"), 1.0), (("bio", "co2-air"), 2.0), (("bio", "iron"), 0.5)])
        bd.projects.set_current("default")
        return "steel"


def test_what_is_read(project):
    library = read_brightway(project, "front")
    made = {p.name: p for p in library.processes}
    assert set(made) == {"steel making", "transport by rail", "treatment of slag",
                         "market for electricity [DE, grid]",
                         "market for electricity [FR, grid-fr]"}  # fmt: skip
    mill = made["steel making"]
    assert (mill.product, mill.amount, mill.unit) == ("steel", 2.0, "t")
    told = [(e.flow, e.amount, e.unit, e.kind, e.direction, e.provider) for e in mill.exchanges]
    grid, french = "market for electricity [DE, grid]", "market for electricity [FR, grid-fr]"
    assert told == [
        ("electricity", 512.0, "kWh", "technosphere", "in", grid),
        ("electricity", 16.0, "kWh", "technosphere", "in", french),
        ("slag", 96.0, "kg", "waste", "out", "treatment of slag"),
        ("transport", 3.0, "t*km", "technosphere", "in", "transport by rail"),
        ("electricity", -4.0, "kWh", "technosphere", "in", french),
        ("Iron", 3200.0, "kg", "biosphere", "in", ""),
        ("Carbon dioxide, fossil", 1024.0, "kg", "biosphere", "out", ""),
    ]
    assert mill.exchanges[0].uncertainty.spread == 0.125
    assert (mill.exchanges[1].uncertainty.low, mill.exchanges[1].uncertainty.high) == (0.5, 2.0)
    assert mill.exchanges[3].pedigree.scores == (1, 2, 3, 4, 5)
    assert made["treatment of slag"].amount == 1.0
    assert library.notes[-1] == "read with it: back, bio"


def test_scores_are_those_of_bw2calc(project):
    library = read_brightway(project, "front")
    system = System.of(library.processes)
    factors = brightway_method(system, METHOD, project=project)
    assert factors.unit == "points" and not factors.unknown and not factors.assumed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bw2calc
        import bw2data as bd

        bd.projects.set_current(project)
        for (base, code), node in {**FRONT, **BACK}.items():
            want = {(base, code): 1.0}
            demand, data, _ = bd.prepare_lca_inputs(want, method=METHOD)
            theirs = bw2calc.LCA(demand, data_objs=data)
            theirs.lci()
            theirs.lcia()
            (name,) = [p.name for p in library.processes if p.code == code]
            # their demand for a treatment is of a product that is negative
            mine = inventory(system, {name: -1.0 if code == "tip" else 1.0})
            score = float(factors.factors @ mine.flows)
            size = max(float(np.abs(factors.factors * mine.flows).sum()), 1e-30)
            assert abs(score - theirs.score) <= 1e-9 * size, node["name"]
            assert code == "tip" or score > 0
        bd.projects.set_current("default")


def test_urban_air_close_to_ground_is_air(project):
    system = System.of(read_brightway(project, "front").processes)
    found = climate(inventory(system, {"steel making": (1.0, "t")}))
    assert not found.not_counted
    loss = 1 / (1 - 0.0625)
    by_hand = (512 * 0.5 * loss + 12 * 0.0625 + 3 * 0.03125 + 1024) / 2
    assert found.total == pytest.approx(by_hand, rel=1e-12)


def test_flows_of_another_source_match_in_general_and_are_told(us, project):
    made = brightway_method(us, METHOD, project=project)
    assert made.assumed and made.unknown
    weighed = np.flatnonzero(made.factors)
    assert set(weighed) <= set(made.assumed)
    # carbon dioxide by its CAS number; the general compartment stands in, not the one close to
    # the ground; iron from the ground in the sign of a resource, iron given off not at all
    told = {(us.flows[k].name, us.flows[k].direction, made.factors[k]) for k in weighed}
    assert told == {("Carbon dioxide", "out", 2.0), ("Iron", "in", -0.5)}
    assert {"Methane", "Iron"} <= {flow.name for flow in made.unknown}


def test_a_study_takes_it_as_background(project, tmp_path):
    raw = {"title": "t", "goal": {"question": "?"}, "background": [
               {"kind": "brightway", "project": project, "database": "front",
                "leave_out": ["treatment of slag"]}],
           "scope": {"functional_unit": {"product": "steel", "amount": 1, "unit": "t"},
                     "boundary": "cradle-to-gate"}}  # fmt: skip
    (library,) = background_of(study_of(raw), tmp_path)
    assert "treatment of slag" not in {p.name for p in library.processes}
    assert "steel" in library.source.citation


def test_unknown_names(project):
    import bw2data as bd

    with pytest.raises(UnknownNameError, match="steel"):
        read_brightway("steal", "front")
    assert "steal" not in {p.name for p in bd.projects}  # none is made
    with pytest.raises(UnknownNameError, match="front"):
        read_brightway(project, "frond")
    system = System.of(read_brightway(project, "back").processes)
    with pytest.raises(UnknownNameError, match="test / points"):
        brightway_method(system, ("test", "point"), project=project)
    assert bd.projects.current == "default"


def test_a_product_of_two_activities(project):
    import bw2data as bd

    bd.projects.set_current(project)
    bd.Database("odd").write({
        ("odd", "a"): activity("one", "x", "kilogram", (("odd", "x"), 1.0, "production"),
                               type="process"),
        ("odd", "b"): activity("two", "x", "kilogram", (("odd", "x"), 1.0, "production"),
                               type="process"),
        ("odd", "x"): {"name": "x", "unit": "kilogram", "type": "product"},
    })  # fmt: skip
    bd.projects.set_current("default")
    with pytest.raises(InputError, match="'one' and 'two'"):
        read_brightway(project, "odd")


def test_without_brightway(monkeypatch):
    real = builtins.__import__

    def none(name, *args, **more):
        if name == "bw2data":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", none)
    with pytest.raises(NotAvailableError, match=r"(?s)not installed.*\[lca\]"):
        read_brightway("p", "d")
