"""The foreground of a study: what is read, and that what makes no sense is named with its place."""

from pathlib import Path

import pytest

from mriocarbon.errors import DataFileError, InputError, LabelError, UnitError, UnknownNameError
from mriocarbon.lca.foreground import background_of, foreground_of
from mriocarbon.lca.foreground_files import read_specs
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.impact import climate
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System

CO2 = {"flow": "Carbon dioxide, fossil", "amount": 2, "unit": "t", "compartment": "air"}


def study(*processes, **more):
    raw = {
        "title": "test", "goal": {"question": "How much?"},
        "scope": {"functional_unit": {"product": "steel", "amount": 1, "unit": "t"},
                  "boundary": "cradle-to-gate", "place": "CHN"},
        "processes": list(processes), "background": [] if processes else ["us-lci"],
    }  # fmt: skip
    return study_of(raw | more)


def mill(**more):
    return {"name": "mill", "product": "steel", "unit": "t"} | more


def mine(**more):
    return {"name": "mine", "product": "ore", "unit": "t"} | more


def made(*processes, **more):
    return foreground_of(study(*processes, **more), Path()).processes


def test_every_list_of_the_schema_has_its_side():
    one = {"flow": "x", "amount": 1, "unit": "kg"}
    lists = ("inputs", "co_products", "emissions", "resources", "waste", "treats")
    (process,) = made(mill(**{name: [one] for name in lists}))
    told = [(e.kind, e.direction, e.sign) for e in process.exchanges]
    assert told == [
        ("technosphere", "in", -1), ("technosphere", "out", 1), ("biosphere", "out", 1),
        ("biosphere", "in", -1), ("waste", "out", -1), ("waste", "in", 1),
    ]  # fmt: skip


def test_nothing_that_was_said_is_lost():
    flow = CO2 | {"flow": "Carbon dioxide", "pedigree": [1, 2, 3, 4, 5], "gsd2": 1.44,
                  "carbon": "biogenic", "source": "plant", "properties": {"C": 0.27}}  # fmt: skip
    (process,) = made(mill(amount=2, location="CN", year=2020, stage="use", tags=["aviation"],
                           source="s", comment="c", price=600, properties={"mass": 1000},
                           emissions=[flow]))  # fmt: skip
    (e,) = process.exchanges
    assert (process.amount, process.location, process.year) == (2, "CN", 2020)
    assert process.stage == "use"
    assert (process.tags, process.source, process.comment) == (("aviation",), "s", "c")
    assert process.properties == {"mass": 1000, "price": 600}
    assert (e.pedigree.scores, e.carbon, e.source) == ((1, 2, 3, 4, 5), "biogenic", "plant")
    # basic spread ln(1.2) and the variances of the scores
    variance = 0.1823215568**2 + 0.0001 + 0.002 + 0.0006 + 0.12
    assert e.spread.spread == pytest.approx(variance**0.5, rel=1e-6)
    assert e.properties == {"C": 0.27}


def test_an_input_from_the_table_is_money():
    ore = {"flow": "ore", "amount": 1.6, "unit": "t", "sector": "Mining, metal ores", "price": 100,
           "price_year": 2021, "properties": {"C": 2.0}}  # fmt: skip
    fee = {"flow": "repair", "amount": 3, "unit": "kUSD", "sector": "Repair", "location": "JPN"}
    (process,) = made(mill(inputs=[ore, fee]))
    first, second = process.exchanges
    assert (first.amount, first.unit) == (160, "USD")
    assert first.provider == "Mining, metal ores, CHN [table]"
    assert first.category == "prices of 2021"
    # mass and carbon are those of 1.6 t
    assert first.amount * first.properties["mass"] == pytest.approx(1600)
    assert first.amount * first.properties["C"] == pytest.approx(3.2)
    assert (second.amount, second.unit, second.provider) == (3000, "USD", "Repair, JPN [table]")
    hybrid = study(mill(inputs=[ore]), hybrid={"table": "oecd-icio-2022", "region": "DEU"})
    assert foreground_of(hybrid, Path()).processes[0].exchanges[0].provider.endswith("DEU [table]")


@pytest.mark.parametrize(
    ("process", "kind", "says"),
    [
        (mill(inputs=[{"flow": "ore", "amount": 1, "unit": "t", "sector": "Mining"}]), UnitError,
         "(?s)no money.*process 'mill'"),
        (mill(inputs=[{"flow": "ore", "amount": 1, "unit": "t", "sector": "Mining", "price": 1,
                       "currency": "EUR"}]), InputError, "(?s)'EUR'.*process 'mill'"),
        (mill(inputs=[{"flow": "ore", "amount": 1, "unit": "t", "sector": "Mining", "price": 1,
                       "provider": "mine"}]), InputError, "(?s)provider and a sector.*'mill'"),
        (mill(emissions=[CO2 | {"sector": "Mining"}]), InputError, "(?s)sector.*'mill'"),
        (mill(inputs=[{"flow": "x", "amount": 1, "unit": "t", "carbon": "fossil"}]), InputError,
         "(?s)carbon.*'mill'"),
        (mill(price=1, co_products=[{"flow": "slag", "amount": 1, "unit": "t", "price": 1,
                                     "currency": "EUR"}]), InputError,
         "(?s)several currencies.*'mill'"),
    ],
)  # fmt: skip
def test_a_process_that_contradicts_itself(process, kind, says):
    with pytest.raises(kind, match=says):
        made(process)


def test_a_sector_of_no_region():
    ore = {"flow": "ore", "amount": 1, "unit": "USD", "sector": "Mining"}
    scope = {"functional_unit": {"product": "steel", "amount": 1, "unit": "t"},
             "boundary": "cradle-to-gate"}  # fmt: skip
    with pytest.raises(InputError, match=r"(?s)no region.*process 'mill'"):
        made(mill(inputs=[ore]), scope=scope)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (mill(amount=-1), "processes.0.amount"),
        (mill(amount=0), "processes.0.amount"),
        (mill(unit=""), "processes.0.unit"),
        (mill(inputs=[{"flow": "ore", "amount": 1}]), "processes.0.inputs.0.unit"),
        (mill(inputs=[{"flow": "ore", "amount": "much", "unit": "t"}]), "inputs.0.amount"),
        (mill(inputs=[{"flow": "ore", "amount": float("nan"), "unit": "t"}]), "inputs.0.amount"),
        (mill(imports=[]), "processes.0.imports"),
    ],
)  # fmt: skip
def test_the_schema_names_the_place(fault, says):
    with pytest.raises(InputError, match=says):
        study(fault)


def linked(*processes):
    return System.of(made(*processes))


ORE = {"flow": "ore", "amount": 2, "unit": "t"}
STEEL = {"flow": "steel", "amount": 0.6, "unit": "t"}


@pytest.mark.parametrize(
    ("build", "kind", "says"),
    [
        (lambda: linked(mill(inputs=[ORE]), mine(inputs=[STEEL])), InputError,
         "(?s)without a solution.*mill"),
        (lambda: linked(mill(inputs=[ORE]), mine(unit="kWh")), UnitError, "process 'mill'"),
        (lambda: linked(mill(inputs=[ORE | {"provider": "mien"}]), mine()), UnknownNameError,
         "'mine'"),
        (lambda: linked(mill(inputs=[ORE])), InputError, "'ore' of process 'mill'"),
        (lambda: linked(mill(), mill()), LabelError, "'mill'"),
    ],
)  # fmt: skip
def test_a_foreground_that_cannot_be_linked(build, kind, says):
    with pytest.raises(kind, match=says):
        build()


YAML = """\
- name: mill
  product: steel
  unit: t
  inputs:
    - {flow: ore, amount: 1.6, unit: t}
  emissions:
    - flow: Carbon dioxide, fossil
      amount: 2
      unit: t
      compartment: air
      pedigree: [2, 1, 1, 1, 1]
      gsd2: 1.1
- name: mine
  product: ore
  unit: t
"""
CSV = """\
process,product,product_amount,product_unit,kind,flow,amount,unit,compartment,pedigree,gsd2
mill,steel,1,t,input,ore,1.6,t,,,
mill,,,,emission,"Carbon dioxide, fossil",2,t,air,2;1;1;1;1,1.1
mine,ore,1,t,,,,,,,
"""


def written(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_yaml_csv_and_the_study_say_the_same(tmp_path):
    import yaml

    inline = made(*yaml.safe_load(YAML))
    for name, text in (("a.yaml", YAML), ("a.csv", CSV)):
        for eol in ("\n", "\r\n"):
            for mark in ("", "\ufeff"):
                written(tmp_path, name, mark + text.replace("\n", eol))
                other = foreground_of(
                    study(background=["us-lci"], foreground=[name]), tmp_path
                ).processes
                assert other == inline


def test_processes_of_file_and_study_meet(tmp_path):
    written(tmp_path, "mine.csv", "process,product,product_unit\nmine,ore,t\n")
    whole = study(mill(inputs=[ORE], emissions=[CO2]), foreground=["mine.csv"])
    found = foreground_of(whole, tmp_path)
    assert dict(found.places) == {"mill": "study", "mine": "mine.csv, line 2"}
    assert climate(inventory(System.of(found.processes), {"mill": 1.0})).total == 2000
    assert found.specs["mill"].inputs[0].flow == "ore"
    with pytest.raises(LabelError, match=r"(?s)'mine'.*study and mine.csv, line 2"):
        foreground_of(study(mine(), foreground=["mine.csv"]), tmp_path)


HEAD = "process,product,product_unit,kind,flow,amount,unit\n"


@pytest.mark.parametrize(
    ("name", "text", "kind", "says"),
    [
        ("a.csv", "process;product;product_unit\nmill;steel;t\n", InputError, "semicolons"),
        ("a.csv", HEAD + 'mill,steel,t,input,ore,"1,6",t\n', InputError,
         "(?s)decimal comma.*line 2.*'mill'"),
        ("a.csv", HEAD + "mill,steel,t,input,ore,1,6,t\n", DataFileError, "(?s)8 cells.*line 2"),
        ("a.csv", HEAD + "mill,steel,t,input,ore,much,t\n", InputError, "(?s)no number.*line 2"),
        ("a.csv", HEAD + "mill,steel,t,input,ore,1,t\nmill,iron,t,input,coal,1,t\n", InputError,
         "(?s)'iron'.*'steel'.*lines 2 and 3"),
        ("a.csv", HEAD + "mill,steel,t,inputs,ore,1,t\n", UnknownNameError, "(?s)'input'.*line 2"),
        ("a.csv", HEAD + "mill,steel,t,input,ore,1,\n", InputError,
         "(?s)without unit.*line 2.*'mill'"),
        ("a.csv", HEAD + "mill,steel,,input,ore,1,t\n", InputError, "(?s)'mill'.*unit.*line 2"),
        ("a.csv", HEAD + ",steel,t,input,ore,1,t\n", InputError, "(?s)no process.*line 2"),
        ("a.csv", HEAD + "mill,steel,t,input,ore,nan,t\n", InputError,
         "(?s)'nan', no number.*line 2.*'mill'"),
        ("a.csv", "process,product,product_unit,weight\n", UnknownNameError, "weight"),
        ("a.csv", "process,product,product,product_unit\n", LabelError, "product"),
        ("a.csv", "process,product\nmill,steel\n", InputError, "product_unit"),
        ("a.csv", HEAD, DataFileError, "no process"),
        ("a.csv", HEAD + 'mill,steel,t,input,"ore,1,t\n', DataFileError, "check the quotes"),
        ("a.csv", "process,product,product_unit,kind,flow,amount,unit,pedigree\n"
         "mill,steel,t,input,ore,1,t,2;9;1;1;1\n", InputError, "(?s)pedigree.*line 2.*'mill'"),
        ("a.csv", "process,product,product_unit,product_amount\nmill,steel,t,-1\n", InputError,
         "(?s)'mill'.*amount.*line 2"),
        ("a.yaml", "- name: mill\n  product: steel\n  unit: t\n  inputs:\n    - flow: ore\n"
         "      amount: many\n      unit: t\n", InputError, "(?s)'mill'.*amount.*line 6"),
        ("a.yaml", "- name: mill\n  product: steel\n", InputError, "(?s)'mill'.*unit.*line 1"),
        ("a.yaml", "mill: steel\n", InputError, "no list of processes"),
        ("a.yaml", "- name: 'mill\n", DataFileError, "no YAML"),
        ("a.txt", "steel", DataFileError, "no kind that holds processes"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(tmp_path, name, text, kind, says):
    written(tmp_path, name, text)
    with pytest.raises(kind, match=says):
        foreground_of(study(foreground=[name]), tmp_path)


def test_other_encodings_and_no_file(tmp_path):
    written(tmp_path, "a.csv", HEAD + "Mühle,steel,t,,,,\n", "cp1252")
    with pytest.raises(DataFileError, match="not in UTF-8"):
        read_specs(tmp_path / "a.csv")
    for name in ("none.csv", "none.yaml", "none.zip"):
        with pytest.raises(DataFileError, match="none"):
            foreground_of(study(foreground=[name]), tmp_path)


def test_background_without_what_is_left_out():
    eats = "Aluminum, sheet, coated, at plant"
    (library,) = background_of(study(background=[{"kind": "us-lci", "leave_out": [eats]}]), Path())
    assert len(library.processes) == 638 and eats not in {p.name for p in library.processes}
    assert library.notes[-1] == f"left out by the study: {eats}"
    assert library.source.sha256
    with pytest.raises(UnknownNameError, match=eats):
        background_of(study(background=[{"kind": "us-lci", "leave_out": [eats[:-1]]}]), Path())


def test_background_from_a_path(tmp_path):
    with pytest.raises(DataFileError, match="no such file"):
        background_of(study(background=[{"kind": "ecospold1", "path": "none.zip"}]), tmp_path)
