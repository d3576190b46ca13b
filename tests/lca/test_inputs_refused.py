"""Inputs that make no sense are refused with process and flow named, or told beside the result."""

from pathlib import Path

import pytest

from mriocarbon.errors import DataFileError, InputError, NonFiniteError, UnitError, UnknownNameError
from mriocarbon.lca.foreground import foreground_of
from mriocarbon.lca.goal import read_study, study_of
from mriocarbon.lca.jsonld import read_jsonld
from mriocarbon.lca.link import Producers
from mriocarbon.lca.prepare import prepare
from mriocarbon.lca.study import run

from .packages import jsonld, ref, write
from .test_foreground import HEAD, made, study, written

STUDY = """\
title: lime
goal: {question: How much}
scope:
  boundary: gate-to-gate
  functional_unit: {product: lime, amount: 1, unit: t}
processes:
  - name: kiln
    product: lime
    unit: t
    emissions: [{flow: "Carbon dioxide, fossil", amount: 1, unit: kg}]
"""


def test_a_key_given_twice(tmp_path):
    twice = STUDY + '    emissions: [{flow: "Carbon dioxide, fossil", amount: 5, unit: kg}]\n'
    assert read_study(written(tmp_path, "ok.yaml", STUDY)).processes[0].emissions[0].amount == 1
    with pytest.raises(InputError, match=r"(?s)'emissions'.*lines 10 and 11"):
        read_study(written(tmp_path, "twice.yaml", twice))
    listed = "- name: mill\n  product: steel\n  unit: t\n  unit: kg\n"
    written(tmp_path, "a.yaml", listed)
    with pytest.raises(InputError, match=r"(?s)'unit'.*a.yaml, lines 3 and 4"):
        foreground_of(study(foreground=["a.yaml"]), tmp_path)


def kiln(**more):
    return {"name": "kiln", "product": "lime", "unit": "t", "location": "CHN"} | more


def lime(*processes, **more):
    return study_of({
        "title": "lime", "goal": {"question": "How much?"}, "processes": list(processes),
        "scope": {"boundary": "cradle-to-gate", "place": "CHN",
                  "functional_unit": {"product": "lime", "amount": 2, "unit": "t"}},
    } | more)  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        {"amount": 10, "unit": "kg", "price": 3, "currency": "EUR"},
        {"amount": 30, "unit": "EUR"},
        {"amount": 0.03, "unit": "kEUR"},
        {"amount": 10, "unit": "kg", "price": 15, "currency": "SEK"},
    ],
)  # fmt: skip
def test_inputs_in_other_money_by_the_rate_of_the_study(told):
    rates = {"EUR": 1.05, "SEK": 0.21}
    other = lime(kiln(inputs=[{"flow": "parts", "sector": "C20"} | told]),
                 hybrid={"table": "oecd-icio-2022", "rates": rates})  # fmt: skip
    plain = lime(kiln(inputs=[{"flow": "parts", "sector": "C20", "amount": 31.5, "unit": "USD"}]),
                 hybrid={"table": "oecd-icio-2022"})  # fmt: skip
    found, expected = (prepare(one, Path()).lci for one in (other, plain))
    assert found.flows.sum() == pytest.approx(expected.flows.sum(), rel=1e-12)
    none = other.model_copy(update={"hybrid": plain.hybrid})
    with pytest.raises(InputError, match=r"(?s)'(EUR|kEUR|SEK)'.*process 'kiln'.*'parts'"):
        prepare(none, Path())


GAS = {"flow": "Carbon dioxide, fossil", "amount": 785, "unit": "kg", "compartment": "air"}


@pytest.mark.parametrize(
    ("process", "kind", "says"),
    [
        # below zero
        (kiln(emissions=[GAS | {"amount": -785}]), InputError, "is -785 kg"),
        (kiln(emissions=[GAS | {"flow": "Methane, biogenic", "amount": -1}]), InputError, "-1 kg"),
        (kiln(resources=[GAS | {"flow": "Carbon dioxide, in air", "amount": -1}]), InputError,
         "taken below zero"),
        # no mass
        (kiln(emissions=[GAS | {"unit": "KG"}]), UnitError, "no mass"),
        (kiln(emissions=[GAS | {"unit": "frobs"}]), UnitError, "no mass"),
        (kiln(emissions=[GAS | {"flow": "Methane, fossil", "unit": "m3"}]), UnitError, "no mass"),
        (kiln(emissions=[GAS | {"flow": "CO2e", "unit": "MJ"}]), UnitError, "no mass"),
        # the name says another origin
        (kiln(emissions=[GAS | {"carbon": "biogenic"}]), InputError, "say fossil"),
        (kiln(emissions=[GAS | {"carbon": "land use"}]), InputError, "say fossil"),
        (kiln(emissions=[GAS | {"flow": "Carbon dioxide, non-fossil", "carbon": "fossil"}]),
         InputError, "say biogenic"),
        (kiln(resources=[GAS | {"flow": "Carbon dioxide, in air", "carbon": "fossil"}]),
         InputError, "say biogenic"),
        # impossible parts
        (kiln(inputs=[{"flow": "x", "amount": 1, "unit": "m3", "properties": {"mass": -5}}]),
         InputError, "mass is -5"),
        (kiln(inputs=[{"flow": "x", "amount": 1, "unit": "kg", "properties": {"energy": -5}}]),
         InputError, "energy is -5"),
        (kiln(inputs=[{"flow": "x", "amount": 1, "unit": "kg", "properties": {"C": 1.7}}]),
         InputError, "1.7 kg of carbon"),
        (kiln(inputs=[{"flow": "x", "amount": 1, "unit": "m3",
                       "properties": {"mass": 1, "C": 1.7}}]), InputError, "1.7 kg of carbon"),
        (kiln(properties={"C": 1001}), InputError, "1001 kg of carbon"),
    ],
)  # fmt: skip
def test_what_a_process_cannot_mean(process, kind, says):
    with pytest.raises(kind, match=f"(?s){says}.*process 'kiln'"):
        made(process)


@pytest.mark.parametrize(
    "process",
    [
        kiln(emissions=[GAS | {"amount": 0}]),
        kiln(emissions=[GAS | {"carbon": "fossil"}]),
        kiln(emissions=[GAS | {"flow": "Carbon dioxide", "carbon": "biogenic"}]),
        kiln(emissions=[GAS | {"flow": "CO2e", "unit": "kg CO2e"}]),
        kiln(emissions=[GAS | {"flow": "Heat, waste", "unit": "MJ", "amount": -1}]),
        kiln(resources=[GAS | {"flow": "Carbon dioxide, in air", "carbon": "biogenic"}]),
        kiln(inputs=[{"flow": "x", "amount": 1, "unit": "t", "properties": {"C": 1000}}]),
        kiln(inputs=[{"flow": "gas", "amount": 1, "unit": "m3", "properties": {"C": 0.5}}]),
    ],
)  # fmt: skip
def test_what_a_process_can_mean(process):
    assert made(process)[0].name == "kiln"


def test_credits_are_told():
    fuel = {"name": "depot", "product": "fuel", "unit": "kg", "emissions": [GAS | {"amount": 10}]}
    taken = {"flow": "fuel", "amount": -20, "unit": "kg"}
    checks = run(lime(kiln(inputs=[taken], emissions=[GAS]), fuel)).checks
    (told,) = [c for c in checks if c.name == "credits"]
    assert told.status == "warn" and "kiln: fuel -20 kg" in told.detail
    checks = run(lime(kiln(inputs=[taken | {"amount": 20}], emissions=[GAS]), fuel)).checks
    assert not [c for c in checks if c.name == "credits"]


FUEL = {"name": "depot", "product": "fuel", "unit": "kg", "emissions": [GAS | {"amount": 10}]}


def test_a_provider_that_makes_something_else():
    taken = {"flow": "natural gas", "amount": 20, "unit": "kg", "provider": "depot"}
    says = r"(?s)'depot' of 'natural gas' makes 'fuel'.*process 'kiln', exchange 'natural gas'"
    with pytest.raises(InputError, match=says):
        prepare(lime(kiln(inputs=[taken]), FUEL), Path())
    with pytest.raises(InputError, match="of 'petrol' makes 'fuel'"):
        prepare(lime(kiln(inputs=[taken | {"made_as": "petrol"}]), FUEL), Path())
    with pytest.raises(InputError, match=r"(?s)no provider.*process 'kiln'"):
        made(kiln(inputs=[taken | {"made_as": "fuel", "provider": ""}]))
    found = prepare(lime(kiln(inputs=[taken | {"made_as": "fuel"}]), FUEL), Path())
    assert found.lci.flows.tolist() == [400]
    # a process of two products, and the part of it that makes this one
    both = FUEL | {"co_products": [{"flow": "natural gas", "amount": 1, "unit": "kg"}]}
    scope = lime(kiln()).scope.model_copy(update={"allocation": "mass"}).model_dump()
    with pytest.raises(InputError, match=r"natural gas \(from depot\)"):
        prepare(lime(kiln(inputs=[taken]), both, scope=scope), Path())
    part = taken | {"provider": "natural gas (from depot)"}
    found = prepare(lime(kiln(inputs=[part]), both, scope=scope), Path())
    assert found.lci.flows.tolist() == [200]


@pytest.mark.parametrize(
    ("told", "kind", "says"),
    [
        ({"sector": "C99"}, UnknownNameError, "C99"),
        ({"sector": "C20", "location": "Atlantis"}, UnknownNameError, "Atlantis"),
        ({"provider": "depto"}, UnknownNameError, "did you mean 'depot'"),
    ],
)  # fmt: skip
def test_unknown_names_tell_process_and_flow(told, kind, says):
    one = {"flow": "parts", "amount": 30, "unit": "USD"} | told
    with pytest.raises(kind) as error:
        prepare(lime(kiln(inputs=[one]), FUEL, hybrid={"table": "oecd-icio-2022"}), Path())
    for text in (says, "process 'kiln'", "'parts'"):
        assert text in str(error.value)


def test_the_schema_names_process_and_flow(tmp_path):
    with pytest.raises(InputError, match=r"0\.unit \(process 'kiln', exchange 'coal'\): Field"):
        lime(kiln(inputs=[{"flow": "coal", "amount": 1}]))
    head = HEAD.replace("\n", ",gsd2\n")
    written(tmp_path, "a.csv", head + "mill,steel,t,input,coal,1,t,0.5\n")
    with pytest.raises(InputError, match=r"(?s)'mill'.*exchange 'coal'.*line 2"):
        foreground_of(study(foreground=["a.csv"]), tmp_path)
    written(tmp_path, "a.yaml", "- name: mill\n  product: s\n  unit: t\n  inputs: [{flow: ore}]\n")
    with pytest.raises(InputError, match=r"inputs\.0\.amount \(exchange 'ore'\)"):
        foreground_of(study(foreground=["a.yaml"]), tmp_path)


def test_choice_for_a_product_that_none_makes():
    with pytest.raises(UnknownNameError, match=r"(?s)product 'fule'.*'fuel'"):
        Producers(made(kiln(), FUEL), {"fule": "kiln"})


@pytest.mark.parametrize("odd", [[1, 2], ["coal"], [{"flow": "f-heat", "amount": 1}]])
def test_packages_whose_exchanges_are_none(tmp_path, odd):
    files = jsonld(**{"p-boiler": ref("p-boiler", "Boiler", "Process", exchanges=odd)})
    with pytest.raises(DataFileError, match=r"(?s)cannot be read.*p.zip/processes/"):
        read_jsonld(write(files, tmp_path / "p.zip"))


@pytest.mark.parametrize("name", ["emissions", "inputs"])
@pytest.mark.parametrize("value", [True, False])
def test_truth_is_no_amount(name, value):
    with pytest.raises(InputError, match=rf"{name}\.0\.amount .*{str(value).lower()} is no number"):
        study(kiln(**{name: [{"flow": "x", "amount": value, "unit": "kg"}]}))
    with pytest.raises(InputError, match=r"amount .*is no number"):
        study(kiln(amount=True))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("mill,steel,t,input,ore,4_1,t\n", r"(?s)'4_1', no number.*line 2"),
        ("mill,steel,t,input,ore,inf,t\n", r"(?s)'inf', no number.*line 2"),
        ("mill,steel,t,input,ore,4,t\nmill,,,input,coal,1,t\nmill,steel,t,input,ore,4,t\n",
         r"(?s)'ore' twice.*lines 2 and 4"),
    ],
)  # fmt: skip
def test_odd_rows_of_a_csv(tmp_path, rows, says):
    written(tmp_path, "a.csv", HEAD + rows)
    with pytest.raises(InputError, match=says):
        foreground_of(study(foreground=["a.csv"]), tmp_path)


def test_like_rows_that_are_not_the_same(tmp_path):
    rows = "mill,steel,t,input,ore,4,t\nmill,,,input,ore,5,t\nmine,ore,t,input,ore,4,t\n"
    written(tmp_path, "a.csv", HEAD + rows)
    found = foreground_of(study(foreground=["a.csv"]), tmp_path).processes
    assert [len(p.exchanges) for p in found] == [2, 1]


def test_a_product_amount_that_is_no_number(tmp_path):
    head = "process,product,product_unit,product_amount\n"
    written(tmp_path, "a.csv", head + "mill,steel,t,nan\n")
    with pytest.raises(InputError, match=r"(?s)is 'nan', no number.*line 2"):
        foreground_of(study(foreground=["a.csv"]), tmp_path)


def test_amounts_beyond_all_numbers():
    with pytest.raises(NonFiniteError, match="'Carbon dioxide, fossil' is too large"):
        run(lime(kiln(emissions=[GAS | {"amount": 1e308}])))
