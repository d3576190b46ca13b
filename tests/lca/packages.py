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
    made = [
        ref(f"u-{name}", name, "Unit", conversionFactor=factor, isRefUnit=name == reference)
        for name, factor in units.items()
    ]
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


_ILCD = "http://lca.jrc.it/ILCD"


def _xml(root, space, body):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_ILCD}/{space}"'
        f' xmlns:common="{_ILCD}/Common" version="1.1">\n{body}\n</{root}>\n'
    )


def ilcd_group(key, reference, **units):
    listed = "".join(
        f'<unit dataSetInternalID="{n}"><name>{name}</name><meanValue>{factor}</meanValue></unit>'
        for n, (name, factor) in enumerate(units.items())
    )
    at = list(units).index(reference)
    return _xml(
        "unitGroupDataSet",
        "UnitGroup",
        f"""
<unitGroupInformation><dataSetInformation><common:UUID>{key}</common:UUID></dataSetInformation>
<quantitativeReference><referenceToReferenceUnit>{at}</referenceToReferenceUnit>
</quantitativeReference></unitGroupInformation><units>{listed}</units>""",
    )


def ilcd_property(key, name, group):
    return _xml(
        "flowPropertyDataSet",
        "FlowProperty",
        f"""
<flowPropertiesInformation><dataSetInformation><common:UUID>{key}</common:UUID>
<common:name xml:lang="en">{name}</common:name></dataSetInformation><quantitativeReference>
<referenceToReferenceUnitGroup type="unit group data set" refObjectId="{group}"/>
</quantitativeReference></flowPropertiesInformation>""",
    )


def ilcd_flow(key, name, kind, *properties, categories=(), cas="", other=""):
    levels = "".join(f'<common:category level="{n}">{c}</common:category>'
                     for n, c in enumerate(categories))  # fmt: skip
    listed = "".join(
        f'<flowProperty dataSetInternalID="{n}"><referenceToFlowPropertyDataSet'
        f' refObjectId="{p}"/><meanValue>{f}</meanValue></flowProperty>'
        for n, (p, f) in enumerate(properties)
    )
    return _xml(
        "flowDataSet",
        "Flow",
        f"""
<flowInformation><dataSetInformation><common:UUID>{key}</common:UUID><name>{other}
<baseName xml:lang="en">{name}</baseName></name><CASNumber>{cas}</CASNumber>
<classificationInformation><common:elementaryFlowCategorization>{levels}
</common:elementaryFlowCategorization></classificationInformation></dataSetInformation>
<quantitativeReference><referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty>
</quantitativeReference></flowInformation><modellingAndValidation><LCIMethod>
<typeOfDataSet>{kind}</typeOfDataSet></LCIMethod></modellingAndValidation>
<flowProperties>{listed}</flowProperties>""",
    )


def ilcd_exchange(number, flow, side, amount, more="", name=""):
    return f"""<exchange dataSetInternalID="{number}"><referenceToFlowDataSet type="flow data set"
 refObjectId="{flow}"><common:shortDescription xml:lang="en">{name or flow}
</common:shortDescription></referenceToFlowDataSet><exchangeDirection>{side}</exchangeDirection>
<meanAmount>{amount}</meanAmount>{more}</exchange>"""


def ilcd_process(key, name, *exchanges, reference="0", more=""):
    return _xml(
        "processDataSet",
        "Process",
        f"""
<processInformation><dataSetInformation><common:UUID>{key}</common:UUID><name>
<baseName xml:lang="de">nicht dies</baseName><baseName xml:lang="en">{name}</baseName></name>
</dataSetInformation><quantitativeReference type="Reference flow(s)">
<referenceToReferenceFlow>{reference}</referenceToReferenceFlow></quantitativeReference>
<time><common:referenceYear>2017</common:referenceYear>
<common:dataSetValidUntil>2020</common:dataSetValidUntil></time>
<geography><locationOfOperationSupplyOrProduction location="DE"/></geography>{more}
</processInformation><exchanges>{"".join(exchanges)}</exchanges>""",
    )


def _share(heat, gypsum):
    return (f'<allocations><allocation internalReferenceToCoProduct="0" allocatedFraction="{heat}"'
            f'/><allocation internalReferenceToCoProduct="1" allocatedFraction="{gypsum}"/>'
            "</allocations>")  # fmt: skip


def ilcd(**changes):
    """The same boiler as in `jsonld`, in the reference units that ILCD asks for."""
    air = ("Emissions", "Emissions to air", "Emissions to urban air close to ground")
    fair = _share(90, 10)
    sets = {
        "ug-mass": ilcd_group("ug-mass", "kg", g=0.001, kg=1.0, t=1000.0),
        "ug-energy": ilcd_group("ug-energy", "MJ", kWh=3.6, MJ=1.0),
        "ug-volume": ilcd_group("ug-volume", "m3", m3=1.0),
        MASS: ilcd_property(MASS, "Mass", "ug-mass"),
        ENERGY: ilcd_property(ENERGY, "Net calorific value", "ug-energy"),
        "fp-gross": ilcd_property("fp-gross", "Gross calorific value", "ug-energy"),
        VOLUME: ilcd_property(VOLUME, "Volume", "ug-volume"),
        "f-heat": ilcd_flow("f-heat", "Heat", "Product flow", (ENERGY, 1.0)),
        "f-gypsum": ilcd_flow("f-gypsum", "Gypsum", "Product flow", (MASS, 1.0)),
        "f-gas": ilcd_flow("f-gas", "Natural gas", "Product flow", (VOLUME, 1.0),
                           ("fp-gross", 40.0), (MASS, 0.8), (ENERGY, 36.0)),
        "f-power": ilcd_flow("f-power", "Power", "Product flow", (ENERGY, 1.0)),
        "f-ash": ilcd_flow("f-ash", "Ash", "Waste flow", (MASS, 1.0)),
        "f-co2": ilcd_flow("f-co2", "carbon dioxide (fossil)", "Elementary flow", (MASS, 1.0),
                           categories=air, cas="000124-38-9"),
        "f-ch4": ilcd_flow("f-ch4", "methane", "Elementary flow", (MASS, 1.0),
                           categories=air, cas="000074-82-8"),
        "f-ground": ilcd_flow("f-ground", "natural gas in ground", "Elementary flow",
                              (VOLUME, 1.0), categories=("Resources", "Resources from ground")),
        "p-boiler": ilcd_process(
            "p-boiler", "Boiler",
            ilcd_exchange(0, "f-heat", "Output", 7200),
            ilcd_exchange(1, "f-gypsum", "Output", 500),
            ilcd_exchange(2, "f-gas", "Input", 2.5, "<resultingAmount>250</resultingAmount>"
                          "<referenceToVariable>load</referenceToVariable>" + fair),
            ilcd_exchange(3, "f-power", "Input", -10.8, fair),
            ilcd_exchange(4, "f-co2", "Output", 500, "<uncertaintyDistributionType>log-normal"
                          "</uncertaintyDistributionType><relativeStandardDeviation95In>1.21"
                          "</relativeStandardDeviation95In>" + fair),
            ilcd_exchange(5, "f-ch4", "Output", 2, "<minimumAmount>1</minimumAmount>"
                          "<maximumAmount>5</maximumAmount><uncertaintyDistributionType>triangular"
                          "</uncertaintyDistributionType>" + fair),
            ilcd_exchange(6, "f-ash", "Output", 40, fair),
            ilcd_exchange(7, "f-co2", "Output", 9999,
                          "<functionType>General reminder flow</functionType>"),
            more='<mathematicalRelations><variableParameter name="load"/></mathematicalRelations>'),
        "p-well": ilcd_process("p-well", "Well", ilcd_exchange(0, "f-gas", "Output", 1),
                               ilcd_exchange(1, "f-ground", "Input", 1.1),
                               ilcd_exchange(2, "f-ch4", "Output", 0.01)),
        "p-grid": ilcd_process("p-grid", "Grid", ilcd_exchange(0, "f-power", "Output", 3.6),
                               ilcd_exchange(1, "f-co2", "Output", 0.4)),
        "p-tip": ilcd_process("p-tip", "Tip", ilcd_exchange(0, "f-ash", "Input", 1000),
                              ilcd_exchange(1, "f-ch4", "Output", 5)),
        "contact": _xml("contactDataSet", "Contact", "<x/>"),
    }  # fmt: skip
    folders = {"ug": "unitgroups", "fp": "flowproperties", "f": "flows", "p": "processes"}
    return {
        f"ILCD/{folders.get(key.partition('-')[0], 'contacts')}/{key}.xml": changes.get(key, text)
        for key, text in sets.items()
    }
