"""openLCA JSON-LD: what is read, with which sign and unit; and that bw2io reads the same."""

import math
import warnings

import pytest

from mriocarbon.errors import DataFileError
from mriocarbon.lca.foreground import background_of, foreground_of
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.impact import climate
from mriocarbon.lca.jsonld import read_jsonld
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from tests.lca.packages import exchange, jsonld, process, ref, write


@pytest.fixture
def library(tmp_path):
    return read_jsonld(write(jsonld(), tmp_path / "package"))


def boiler(library):
    return next(p for p in library.processes if p.name == "Boiler")


def test_amounts_are_in_reference_units_with_their_sides(library):
    made = boiler(library)
    assert (made.product, made.amount, made.unit) == ("Heat", 7200.0, "MJ")
    assert (made.location, made.year, made.source) == ("DE", 2019, "Plant report")
    told = {e.flow: (e.amount, e.unit, e.kind, e.direction, e.provider) for e in made.exchanges}
    assert told == {
        "Gypsum": (500.0, "kg", "technosphere", "out", ""),
        "Natural gas": (pytest.approx(250.0), "m3", "technosphere", "in", "Well"),
        "Power": (pytest.approx(-10.8), "MJ", "technosphere", "in", "Grid"),
        "Carbon dioxide, fossil": (500.0, "kg", "biosphere", "out", ""),
        "Methane, fossil": (2.0, "kg", "biosphere", "out", ""),
        "Ash": (40.0, "kg", "waste", "out", "Tip"),
    }
    gas = next(e for e in made.exchanges if e.flow == "Natural gas")
    assert dict(gas.properties) == {"mass": 0.8, "energy": 36.0}
    tip = next(p for p in library.processes if p.name == "Tip")
    assert (tip.product, tip.amount, tip.unit) == ("Ash", 1000.0, "kg")
    co2 = next(e for e in made.exchanges if e.cas == "124-38-9")
    assert co2.compartment == "Emission to air/unspecified"


def test_quality_uncertainty_and_shares(library):
    by = {e.flow: e for e in boiler(library).exchanges}
    assert by["Carbon dioxide, fossil"].pedigree.scores == (2, 1, 3, 1, 4)
    # a stated distribution wins over scores: they are not counted twice
    assert by["Methane, fossil"].pedigree is None
    assert by["Methane, fossil"].spread.spread == pytest.approx(math.log(1.5))
    well = next(p for p in library.processes if p.name == "Well")
    leak = well.exchanges[-1].uncertainty
    assert (leak.kind, leak.low, leak.high) == ("uniform", 0.5, 2.0)
    assert library.shares == {"Boiler": {"Heat": pytest.approx(0.9), "Gypsum": pytest.approx(0.1)}}
    assert library.notes == (
        "amounts with a formula, taken as the number that stands beside it: 1",
        "processes with parameters, which are not read: 1",
    )


def test_the_footprint_by_hand(library):
    system = System.of(library.processes, allocation=library.shares)
    found = climate(inventory(system, {"Boiler": (2.0, "MWh")}))
    gas, ash, power = 250.0 * 0.01, 0.04 * 5.0, -3.0 * 0.4
    # two MWh are all the heat: nine tenths of everything
    co2, ch4 = 0.9 * (500.0 + power), 0.9 * (2.0 + gas + ash)
    assert found.by_gas["CO2"] == pytest.approx(co2, rel=1e-12)
    assert found.by_gas["CH4"] == pytest.approx(29.8 * ch4, rel=1e-12)


def test_folder_and_zip_are_the_same(tmp_path, library):
    for top in ("", "export/"):
        other = read_jsonld(write(jsonld(), tmp_path / f"{len(top)}.zip", top=top))
        assert other.processes == library.processes and other.notes == library.notes
    assert len(library.source.sha256) == 64


def test_the_names_of_version_one(tmp_path):
    old = {"isInput": "input", "isQuantitativeReference": "quantitativeReference",
           "isAvoidedProduct": "avoidedProduct", "isRefUnit": "referenceUnit",
           "isRefFlowProperty": "referenceFlowProperty"}  # fmt: skip

    def back(data):
        if isinstance(data, list):
            return [back(one) for one in data]
        if not isinstance(data, dict):
            return data
        return {old.get(key, key): back(value) for key, value in data.items()}

    now = read_jsonld(write(jsonld(), tmp_path / "now"))
    then = read_jsonld(write({k: back(v) for k, v in jsonld().items()}, tmp_path / "then"))
    assert then.processes == now.processes


def test_products_of_one_name_stay_apart(tmp_path):
    files = jsonld()
    twin = dict(files["flows/f-power.json"], **{"@id": "f-power-2"})
    files["flows/f-power-2.json"] = twin
    power = exchange("f-power-2", 1.0, "kWh", measure="fp-energy", isQuantitativeReference=True)
    files["processes/p-grid-2.json"] = process("p-grid-2", "Other grid", power)
    del files["processes/p-boiler.json"]
    made = {p.name: p.product for p in read_jsonld(write(files, tmp_path / "p")).processes}
    assert made["Grid"] != made["Other grid"]


def test_scores_of_another_system_are_left_out(tmp_path):
    files = jsonld()
    system = files["dq_systems/dq.json"]
    system["indicators"][1]["name"] = "Data collection methods"
    found = read_jsonld(write(files, tmp_path / "p"))
    assert all(e.pedigree is None for p in found.processes for e in p.exchanges)
    assert any(note.startswith("data quality entries left out") for note in found.notes)
    # and another order of the same five is put right
    files = jsonld()
    one, five = files["dq_systems/dq.json"]["indicators"][0::4]
    one["position"], five["position"] = 5, 1
    by = {e.flow: e for e in boiler(read_jsonld(write(files, tmp_path / "q"))).exchanges}
    assert by["Carbon dioxide, fossil"].pedigree.scores == (4, 1, 3, 1, 2)


def bad(**changes):
    good = {"flow": "f-power", "amount": 1.0, "unit": "kWh", "measure": "fp-energy",
            "isQuantitativeReference": True}  # fmt: skip
    return process("p-grid", "Grid", exchange(**(good | changes)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (bad(isQuantitativeReference=False), "no quantitative reference"),
        (bad(inward=True), "product flow taken"),
        (bad(flow="f-co2", measure="fp-mass", unit="kg"), "elementary flow"),
        (bad(unit="stone"), "'stone' is not one of flow 'Power'"),
        (bad(measure="fp-mass", unit="kg"), "quantity 'fp-mass'"),
        (bad(flow="f-none"), "not in the package"),
        (bad(amount=None, amountFormula="2 * x"), "amount is None"),
        (bad(amount="much"), "amount is 'much'"),
        (bad(amount=-1.0), "above zero"),
        ('{"@id": "p-grid",\n "name": ', r"(?s)no JSON.*line 2"),
        ("[]", "no @id"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(tmp_path, data, says):
    files = jsonld() | {"processes/p-grid.json": data}
    with pytest.raises(DataFileError, match=says) as caught:
        read_jsonld(write(files, tmp_path / "p.zip"))
    assert "p-grid.json" in str(caught.value)
    assert isinstance(data, str) or "process 'Grid'" in str(caught.value)


def test_packages_that_are_none(tmp_path):
    with pytest.raises(DataFileError, match="holds no openLCA process"):
        read_jsonld(write({"flows/x.json": ref("x")}, tmp_path / "empty"))
    with pytest.raises(DataFileError, match="no file"):
        read_jsonld(tmp_path / "none.zip")
    (tmp_path / "not.zip").write_text("text")
    with pytest.raises(DataFileError, match="no zip"):
        read_jsonld(tmp_path / "not.zip")


def test_a_study_reads_it_in_front_and_behind(tmp_path):
    write(jsonld(), tmp_path / "p.zip")
    raw = {"title": "t", "goal": {"question": "?"},
           "scope": {"functional_unit": {"product": "Heat", "amount": 1, "unit": "MWh"},
                     "boundary": "cradle-to-gate"}}  # fmt: skip
    front = foreground_of(study_of(raw | {"foreground": ["p.zip"]}), tmp_path)
    assert {p.name for p in front.processes} == {"Boiler", "Well", "Grid", "Tip"}
    assert front.places["Boiler"] == "p.zip" and front.notes[0].startswith("p.zip: amounts")
    assert set(front.shares) == {"Boiler"}
    behind = background_of(
        study_of(raw | {"background": [{"kind": "json-ld", "path": "p.zip"}]}), tmp_path
    )
    assert behind[0].processes == front.processes


def test_bw2io_reads_the_same(tmp_path):
    """Every amount after allocation, with the importer of Brightway."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        json_ld = pytest.importorskip("bw2io.importers.json_ld", reason="needs the extra [lca]")
    files = jsonld()
    del files["processes/p-tip.json"]
    made = files["processes/p-boiler.json"]
    del made["parameters"]
    # what that importer does not do: wastes, avoided products, an input by another quantity
    kept = [one for one in made["exchanges"] if one["flow"]["@id"] not in {"f-ash", "f-power"}]
    made["exchanges"] = [
        exchange("f-gas", 250.0, "m3", measure="fp-volume", inward=True,
                 defaultProvider=ref("p-well", kind="Process"))
        if one["flow"]["@id"] == "f-gas" else one for one in kept
    ]  # fmt: skip
    for name, data in files.items():  # it asks for more fields than the format does
        if name.startswith("flows/"):
            unit = {"fp-mass": "kg", "fp-energy": "MJ", "fp-volume": "m3"}
            data["refUnit"] = unit[data["flowProperties"][0]["flowProperty"]["@id"]]
        if name.startswith("processes/"):
            for one in data["exchanges"]:
                flow = files[f"flows/{one['flow']['@id']}.json"]
                one["input"] = one["isInput"]
                one["quantitativeReference"] = one.get("isQuantitativeReference", False)
                one["avoidedProduct"] = False
                one["flow"] = {k: flow[k] for k in ("@type", "@id", "name", "flowType", "refUnit",
                                                    "category")}  # fmt: skip
    ours = read_jsonld(write(files, tmp_path / "p"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importer = json_ld.JSONLDImporter(str(tmp_path / "p"), "theirs", "ECONOMIC_ALLOCATION")
        importer.apply_strategies(no_warning=True)
    theirs = {}
    for ds in importer.data:
        makes = [e["name"] for e in ds["exchanges"] if e["type"] == "production"]
        for e in ds["exchanges"]:
            theirs[makes[0], e["name"], e["type"]] = e["amount"]
    found = {}
    for p in System.of(ours.processes, allocation=ours.shares).processes:
        found[p.product, p.product, "production"] = p.amount
        found |= {(p.product, e.flow, e.kind): e.amount for e in p.exchanges}
    assert len(found) == 13 and found == pytest.approx(theirs, rel=1e-12)
