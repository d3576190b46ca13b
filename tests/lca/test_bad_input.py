"""Wrong data are refused, with the process named; nothing is dropped in silence."""

import math

import pytest

from mriocarbon.errors import DataFileError, InputError, LabelError, UnitError, UnknownNameError
from mriocarbon.lca.ecospold1 import read_ecospold1
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory, left_out
from mriocarbon.lca.perturb import perturbed
from mriocarbon.lca.system import System
from mriocarbon.lca.uncertainty import Uncertainty


def mine(name="mine", **more):
    return Process(name, "ore", 1.0, "t", **more)


def mill(*exchanges, **more):
    return Process("mill", "steel", 1.0, "t", exchanges, **more)


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (lambda: Exchange("", 1, "kg"), InputError, "without a name"),
        (lambda: Exchange("x", math.nan, "kg"), InputError, "amount is nan"),
        (lambda: Exchange("x", 1, " "), UnitError, "no unit"),
        (lambda: Exchange("x", 1, "kg", "stuff"), InputError, "kind is 'stuff'"),
        (lambda: Exchange("x", 1, "kg", properties={"mass": math.inf}), InputError, "property"),
        (lambda: Process("p", "x", 0, "kg"), InputError, "process 'p'"),
        (lambda: Process("p", "x", -1, "kg"), InputError, "process 'p'"),
        (lambda: Uncertainty("beta"), InputError, "no uncertainty of kind"),
        (lambda: Uncertainty.of_gsd2(0.9), InputError, "0.9"),
        (lambda: System.of([]), InputError, "no processes"),
        (lambda: System.of([mine(), mine()]), LabelError, "two processes named 'mine'"),
        (lambda: System.of([mill(Exchange("ore", 1, "t"))]), InputError, "'ore' of process 'mill'"),
        (lambda: System.of([mill(Exchange("ore", 1, "kWh")), mine()]), UnitError, "'mill'"),
        (lambda: System.of([mill(Exchange("ore", 1, "t")), mine(), mine("pit")]), InputError,
         "2 processes make 'ore'"),
        (lambda: System.of([mill(Exchange("slag", 1, "t", direction="out"))]), InputError,
         "process 'mill'"),
        (lambda: System.of([mine()], allocation={"mime": "mass"}), UnknownNameError, "'mine'"),
        (lambda: System.of([mine()], allocation="weight"), UnknownNameError, "weight"),
        (lambda: System.of([mine()], several="any"), InputError, "several is 'any'"),
        (lambda: System.of([mill(Exchange("steel", 1, "t"))]), InputError, "process 'mill'"),
        (lambda: System.of([mill(Exchange("ore", 2, "t")),
                            mine(exchanges=(Exchange("steel", 0.5, "t"),))]), InputError,
         "(?s)without a solution.*mill, mine"),
        (lambda: System.of([mill(Exchange("ore", 2, "t")),
                            mine(exchanges=(Exchange("steel", 0.6, "t"),))]), InputError,
         "(?s)without a solution.*mill"),
        (lambda: inventory(System.of([mine()]), {"mien": 1}), UnknownNameError, "'mine'"),
        (lambda: inventory(System.of([mine()]), {"mine": (1, "kWh")}), UnitError, "kWh"),
        (lambda: inventory(System.of([mine()]), {"mine": math.nan}), InputError, "'mine'"),
        (lambda: perturbed(inventory(System.of([mine()]), {"mine": 1.0}), {("mine", "mine"): -1.0}),
         InputError, "has no solution"),
        (lambda: gwp_method(System.of([mine()]), "AR7"), UnknownNameError, "AR7"),
    ],
)  # fmt: skip
def test_refused(make, kind, says):
    with pytest.raises(kind, match=says):
        make()


def test_given_shares_that_are_wrong_do_not_fall_back():
    both = mill(Exchange("slag", 1, "t", direction="out"))
    with pytest.raises(InputError, match="shares"):
        System.of([both], allocation={"mill": {"steel": 0.5}}, fallback="reference")


def test_what_nobody_makes_is_listed():
    system = System.of([mill(Exchange("ore", 1.6, "t"))], missing="leave")
    assert left_out(inventory(system, {"mill": 2.0})) == {("ore", "t", "no producer"): -3.2}


def test_flows_that_may_warm_are_listed():
    flows = [("Carbon dioxide, fossil", 1.0), ("HFE-9999", 2.0), ("Sulfur dioxide", 3.0)]
    system = System.of([mill(*(Exchange(n, a, "kg", "biosphere", "out", "air") for n, a in flows))])
    found = climate(inventory(system, {"mill": 1.0}))
    assert found.total == 1.0
    assert [(flow.name, amount) for flow, amount, _ in found.not_counted] == [("HFE-9999", 2.0)]
    assert [flow.name for flow in found.others] == ["Sulfur dioxide"]


def test_aviation_is_apart():
    co2 = Exchange("Carbon dioxide, fossil", 5.0, "kg", "biosphere", "out", "air")
    plane = Process("plane", "freight", 1.0, "t*km", (co2,), tags=("aviation",))
    parts = climate(inventory(System.of([plane]), {"plane": 1.0})).parts
    assert (parts["aviation"], parts["fossil"]) == (5.0, 0.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<ecoSpold", "no well-formed XML"),
        ("<ecoSpold xmlns='http://www.EcoInvent.org/EcoSpold02'/>", "not EcoSpold 1"),
        ("<other/>", "no EcoSpold 1 process"),
        ("<ecoSpold xmlns='http://www.EcoInvent.org/EcoSpold01'><dataset number='7'>"
         "<referenceFunction name='x' unit='kg' amount='1'/><exchange name='y' meanValue='much'"
         " unit='kg'><inputGroup>5</inputGroup></exchange></dataset></ecoSpold>",
         "data set 7 of bad.xml"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(tmp_path, text, says):
    path = tmp_path / "bad.xml"
    path.write_text(text)
    with pytest.raises(DataFileError, match=says):
        read_ecospold1(path)


def test_no_file(tmp_path):
    with pytest.raises(DataFileError, match="no such file"):
        read_ecospold1(tmp_path / "none.zip")
