"""ILCD: the boiler of `packages` says the same as in openLCA JSON-LD."""

import math

import pytest

from mriocarbon.errors import DataFileError
from mriocarbon.lca.foreground import background_of
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.ilcd import read_ilcd
from mriocarbon.lca.impact import climate
from mriocarbon.lca.jsonld import read_jsonld
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from tests.lca.packages import (
    ilcd,
    ilcd_exchange,
    ilcd_flow,
    ilcd_group,
    ilcd_process,
    jsonld,
    write,
)


@pytest.fixture
def library(tmp_path):
    return read_ilcd(write(ilcd(), tmp_path / "package"))


def test_amounts_sides_and_units(library):
    made = next(p for p in library.processes if p.name == "Boiler")
    assert (made.product, made.amount, made.unit) == ("Heat", 7200.0, "MJ")
    assert (made.location, made.year) == ("DE", 2020)
    told = [(e.flow, e.amount, e.unit, e.kind, e.direction) for e in made.exchanges]
    assert told == [
        ("Gypsum", 500.0, "kg", "technosphere", "out"),
        ("Natural gas", 250.0, "m3", "technosphere", "in"),  # the resulting amount, not the mean
        ("Power", -10.8, "MJ", "technosphere", "in"),
        ("carbon dioxide (fossil)", 500.0, "kg", "biosphere", "out"),
        ("methane", 2.0, "kg", "biosphere", "out"),
        ("Ash", 40.0, "kg", "waste", "out"),
    ]
    by = {e.flow: e for e in made.exchanges}
    assert dict(by["Natural gas"].properties) == {"mass": 0.8, "energy": 36.0}
    assert by["carbon dioxide (fossil)"].cas == "124-38-9"
    assert by["carbon dioxide (fossil)"].spread.spread == pytest.approx(math.log(1.1))
    spread = by["methane"].uncertainty
    # mean 2, ends 1 and 5: no triangle has that mean, its peak would lie below the lower end
    assert spread is None
    assert library.notes == (
        "processes with variables, of which resulting amounts are read: 1",
        "reminder flows, which are not counted: 1",
        "uncertainty triangular left out, its figures fit no distribution: 1",
    )


def test_the_same_as_in_json_ld(tmp_path, library):
    other = read_jsonld(write(jsonld(), tmp_path / "other"))
    assert {k: dict(v) for k, v in library.shares.items()} == {
        k: pytest.approx(v) for k, v in other.shares.items()
    }
    scores = []
    for one in (library, other):
        system = System.of(one.processes, allocation=one.shares)
        scores.append(climate(inventory(system, {"Boiler": (1.0, "MWh")})))
    assert scores[0].total == pytest.approx(scores[1].total, rel=1e-12)
    assert not scores[0].not_counted  # air close to the ground is air


def test_a_reference_property_of_more_than_one_unit(tmp_path):
    # an EPD may declare 1 of a flow whose reference property holds 25 kg
    files = ilcd(**{"f-gypsum": ilcd_flow("f-gypsum", "Gypsum", "Product flow", ("fp-mass", 25.0),
                                          ("fp-energy", 50.0))})  # fmt: skip
    made = read_ilcd(write(files, tmp_path / "p")).processes[0]
    gypsum = made.exchanges[0]
    assert (gypsum.amount, gypsum.unit) == (12500.0, "kg")
    assert gypsum.properties["energy"] == 2.0  # per kg


def test_fractions_that_differ_by_exchange_are_no_shares(tmp_path):
    files = ilcd()
    name = "ILCD/processes/p-boiler.xml"
    files[name] = files[name].replace('allocatedFraction="90"', 'allocatedFraction="80"', 1)
    found = read_ilcd(write(files, tmp_path / "p"))
    assert not found.shares
    assert any("differ by exchange" in note for note in found.notes)


def test_folder_and_zip_are_the_same(tmp_path, library):
    other = read_ilcd(write(ilcd(), tmp_path / "p.zip"))
    assert other.processes == library.processes
    raw = {"title": "t", "goal": {"question": "?"},
           "scope": {"functional_unit": {"product": "Heat", "amount": 1, "unit": "MWh"},
                     "boundary": "cradle-to-gate"},
           "background": [{"kind": "ilcd", "path": "p.zip", "leave_out": ["Tip"]}]}  # fmt: skip
    (behind,) = background_of(study_of(raw), tmp_path)
    assert {p.name for p in behind.processes} == {"Boiler", "Well", "Grid"}


def grid(*exchanges, **more):
    return {"p-grid": ilcd_process("p-grid", "Grid", *exchanges, **more)}


POWER = ilcd_exchange(0, "f-power", "Output", 3.6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (grid(POWER, reference="7"), "reference flow 7 is not among"),
        (grid(ilcd_exchange(0, "f-power", "Input", 1)), "product flow, input"),
        (grid(ilcd_exchange(0, "f-co2", "Output", 1)), "elementary flow"),
        (grid(ilcd_exchange(0, "f-power", "Output", "much")), "amount is 'much'"),
        (grid(ilcd_exchange(0, "f-power", "Output", -1)), "above zero"),
        (grid(ilcd_exchange(0, "f-power", "Sideways", 1)), "'sideways'"),
        (grid(POWER, ilcd_exchange(1, "f-none", "Input", 1)), "'f-none'"),
        (grid(POWER, ilcd_exchange(1, "f-gas", "Input", 1,
                                   "<referenceToVariable>x</referenceToVariable>")), "variable"),
        ({"p-grid": "<processDataSet"}, "no well-formed XML"),
        ({"ug-energy": ilcd_group("ug-none", "MJ", MJ=1.0)}, "reference unit of flow 'Heat'"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(tmp_path, change, says):
    with pytest.raises(DataFileError, match=says) as caught:
        read_ilcd(write(ilcd(**change), tmp_path / "p"))
    assert "p.xml" not in str(caught.value) and "ILCD/processes/p-" in str(caught.value)


def test_packages_that_are_none(tmp_path):
    only = {name: text for name, text in ilcd().items() if "processes" not in name}
    with pytest.raises(DataFileError, match="holds no ILCD process"):
        read_ilcd(write(only, tmp_path / "p"))
    with pytest.raises(DataFileError, match="no file"):
        read_ilcd(tmp_path / "none.zip")
