"""Small packages in openLCA JSON-LD and ILCD, written by the tests: a boiler, its gas, its waste.

The boiler makes 2 MWh of heat and 0.5 t of gypsum from 0.2 t of gas (given in kg), is credited
3 kWh of power, emits 500 kg of carbon dioxide and 2 kg of methane, and leaves 40 kg of ash.
"""

import json
import zipfile

MASS, ENERGY, VOLUME = "fp-mass", "fp-energy", "fp-volume"
PEDIGREE = ("Reliability", "Completeness", "Temporal correlation", "Geographical correlation",
            "Further technological correlation")  # fmt: skip


def ref(key, name="", kind="Flow", **more):
    return {"@type": kind, "@id": key, "name": name or key} | more


def _group(key, reference, **units):
    made = [ref(f"u-{name}", name, "Unit", conversionFactor=factor)
            | ({"isRefUnit": True} if name == reference else {}) for name, factor in units.items()]  # fmt: skip
    return ref(key, key, "UnitGroup", units=made)


def _flow(key, name, kind, *properties, category="", **more):
    made = [{"flowProperty": ref(p, p, "FlowProperty"), "conversionFactor": f,
             "isRefFlowProperty": n == 0} for n, (p, f) in enumerate(properties)]  # fmt: skip
    return ref(key, name, "Flow", flowType=kind, category=category, flowProperties=made) | more


def exchange(flow, amount, unit, *, measure=MASS, inward=False, **more):
    return {"@type": "Exchange", "flow": ref(flow), "amount": amount, "isInput": inward,
            "unit": ref(f"u-{unit}", unit, "Unit"),
            "flowProperty": ref(measure, measure, "FlowProperty")} | more  # fmt: skip


def process(key, name, *exchanges, **more):
    return ref(key, name, "Process", processType="UNIT_PROCESS", exchanges=list(exchanges),
               location=ref("loc-de", "Germany", "Location")) | more  # fmt: skip


def jsonld(**changes):
    """The package as {path: data}; `changes` replace data sets by their identifier."""
    air = "Elementary flows/Emission to air/unspecified"
    sets = {
        "unit_groups": [
            _group("ug-mass", "kg", kg=1.0, t=1000.0, g=0.001),
            _group("ug-energy", "MJ", MJ=1.0, kWh=3.6, MWh=3600.0),
            _group("ug-volume", "m3", m3=1.0, l=0.001),
        ],
        "flow_properties": [
            ref(MASS, "Mass", "FlowProperty", unitGroup=ref("ug-mass", kind="UnitGroup")),
            ref(ENERGY, "Energy", "FlowProperty", unitGroup=ref("ug-energy", kind="UnitGroup")),
            ref(VOLUME, "Volume", "FlowProperty", unitGroup=ref("ug-volume", kind="UnitGroup")),
        ],
        "flows": [
            _flow("f-heat", "Heat", "PRODUCT_FLOW", (ENERGY, 1.0)),
            _flow("f-gypsum", "Gypsum", "PRODUCT_FLOW", (MASS, 1.0)),
            # measured by volume: 0.8 kg and 36 MJ per m3
            _flow("f-gas", "Natural gas", "PRODUCT_FLOW", (VOLUME, 1.0), (MASS, 0.8),
                  (ENERGY, 36.0)),
            _flow("f-power", "Power", "PRODUCT_FLOW", (ENERGY, 1.0)),
            _flow("f-ash", "Ash", "WASTE_FLOW", (MASS, 1.0)),
            _flow("f-co2", "Carbon dioxide, fossil", "ELEMENTARY_FLOW", (MASS, 1.0), category=air,
                  cas="000124-38-9"),
            _flow("f-ch4", "Methane, fossil", "ELEMENTARY_FLOW", (MASS, 1.0), category=air,
                  cas="000074-82-8"),
            _flow("f-gas-in-ground", "Gas, natural, in ground", "ELEMENTARY_FLOW", (VOLUME, 1.0),
                  category="Elementary flows/Resource/in ground"),
        ],
        "locations": [ref("loc-de", "Germany", "Location", code="DE")],
        "dq_systems": [ref("dq", "pedigree", "DQSystem", indicators=[
            {"name": name, "position": k + 1} for k, name in enumerate(PEDIGREE)])],
        "processes": [
            process(
                "p-boiler", "Boiler",
                exchange("f-heat", 2.0, "MWh", measure=ENERGY, isQuantitativeReference=True),
                exchange("f-gypsum", 0.5, "t"),
                exchange("f-gas", 200.0, "kg", inward=True, amountFormula="2 * load",
                         defaultProvider=ref("p-well", kind="Process")),
                exchange("f-power", 3.0, "kWh", measure=ENERGY, inward=True, isAvoidedProduct=True,
                         defaultProvider=ref("p-grid", kind="Process")),
                exchange("f-co2", 500.0, "kg", dqEntry="(2;1;3;1;4)"),
                exchange("f-ch4", 2000.0, "g", dqEntry="(1;1;1;1;1)", uncertainty={
                    "distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 2000.0,
                    "geomSd": 1.5}),
                exchange("f-ash", 40.0, "kg", defaultProvider=ref("p-tip", kind="Process")),
                exchangeDqSystem=ref("dq", "pedigree", "DQSystem"),
                defaultAllocationMethod="ECONOMIC_ALLOCATION",
                allocationFactors=[
                    {"allocationType": "ECONOMIC_ALLOCATION", "product": ref("f-heat"),
                     "value": 0.9},
                    {"allocationType": "ECONOMIC_ALLOCATION", "product": ref("f-gypsum"),
                     "value": 0.1},
                    {"allocationType": "PHYSICAL_ALLOCATION", "product": ref("f-heat"),
                     "value": 1.0},
                ],
                processDocumentation={"validUntil": "2019-12-31",
                                      "sources": [ref("s", "Plant report", "Source")]},
                parameters=[{"name": "load", "value": 100.0}],
            ),
            process("p-well", "Well",
                    exchange("f-gas", 1.0, "m3", measure=VOLUME, isQuantitativeReference=True),
                    exchange("f-gas-in-ground", 1.1, "m3", measure=VOLUME, inward=True),
                    exchange("f-ch4", 0.01, "kg", uncertainty={
                        "distributionType": "UNIFORM_DISTRIBUTION", "minimum": 0.005,
                        "maximum": 0.02})),
            process("p-grid", "Grid",
                    exchange("f-power", 1.0, "kWh", measure=ENERGY, isQuantitativeReference=True),
                    exchange("f-co2", 0.4, "kg")),
            process("p-tip", "Tip",
                    exchange("f-ash", 1.0, "t", inward=True, isQuantitativeReference=True),
                    exchange("f-ch4", 5.0, "kg")),
        ],
    }  # fmt: skip
    return {
        f"{folder}/{one['@id']}.json": changes.get(one["@id"], one)
        for folder, items in sets.items() for one in items
    }  # fmt: skip


def write(files, path, *, top=""):
    """Write files to a folder, or to a zip if the name ends so; returns the path."""
    texts = {name: data if isinstance(data, str) else json.dumps(data, indent=1)
             for name, data in files.items()}  # fmt: skip
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in texts.items():
                archive.writestr(top + name, text)
        return path
    for name, text in texts.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path
