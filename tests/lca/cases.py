"""Small studies for tests: one of inline processes alone, one with the US LCI behind it."""

import copy
from typing import Any

BRICK: dict[str, Any] = {
    "title": "Brick, fired with gas",
    "goal": {
        "question": "What is the carbon footprint of 1 t of bricks?",
        "reason": "test", "audience": "testers",
    },
    "scope": {
        "functional_unit": {"product": "brick", "amount": 1, "unit": "t",
                            "description": "1 t of bricks laid in a wall"},
        "boundary": "cradle-to-grave", "stages": ["production", "use", "end of life"],
        "year": 2022, "place": "DEU", "allocation": "mass",
    },
    "processes": [
        {"name": "wall", "product": "brick", "unit": "t", "stage": "use", "location": "DEU",
         "year": 2021, "source": "test", "inputs": [
             {"flow": "fired brick", "amount": 1.02, "unit": "t", "pedigree": [1, 2, 1, 1, 1]},
             {"flow": "rubble taken away", "amount": 1, "unit": "t", "gsd2": 1.05}]},
        {"name": "kiln", "product": "fired brick", "unit": "t", "stage": "production",
         "location": "DEU", "year": 2020, "source": "test", "inputs": [
             {"flow": "clay", "amount": 1.2, "unit": "t", "gsd2": 1.1},
             {"flow": "natural gas", "amount": 2000, "unit": "MJ", "gsd2": 1.2},
             {"flow": "power", "amount": 50, "unit": "kWh", "gsd2": 1.15}],
         "emissions": [
             {"flow": "Carbon dioxide, fossil", "amount": 150, "unit": "kg",
              "compartment": "air", "gsd2": 1.2}]},
        {"name": "pit", "product": "clay", "unit": "t", "location": "DEU", "year": 2019,
         "source": "test", "inputs": [{"flow": "power", "amount": 4, "unit": "kWh", "gsd2": 1.5}],
         "emissions": [{"flow": "Carbon dioxide, fossil", "amount": 3, "unit": "kg",
                        "compartment": "air", "gsd2": 1.3}]},
        {"name": "gas field", "product": "natural gas", "unit": "GJ", "location": "NOR",
         "year": 2018, "source": "test", "emissions": [
             {"flow": "Methane, fossil", "amount": 0.15, "unit": "kg", "compartment": "air",
              "gsd2": 2.0},
             {"flow": "Carbon dioxide, fossil", "amount": 2, "unit": "kg", "compartment": "air",
              "gsd2": 1.3}]},
        {"name": "power plant", "product": "power", "unit": "MWh", "location": "DEU",
         "year": 2022, "source": "test", "inputs": [
             {"flow": "natural gas", "amount": 7, "unit": "GJ", "gsd2": 1.1},
             {"flow": "power", "amount": 0.02, "unit": "MWh", "gsd2": 1.1}],
         "emissions": [{"flow": "Carbon dioxide, fossil", "amount": 390, "unit": "kg",
                        "compartment": "air", "gsd2": 1.1}]},
        {"name": "removal", "product": "rubble taken away", "unit": "t", "stage": "end of life",
         "location": "DEU", "year": 2020, "source": "test", "emissions": [
             {"flow": "Carbon dioxide, fossil", "amount": 6, "unit": "kg", "compartment": "air",
              "gsd2": 1.4}]},
    ],
    "draws": 400, "sobol": 4,
}  # fmt: skip

CONCRETE: dict[str, Any] = {
    "title": "Concrete, ready-mixed",
    "goal": {"question": "What is the carbon footprint of 1 m3 of concrete?", "reason": "test",
             "audience": "testers"},
    "scope": {
        "functional_unit": {"product": "concrete", "amount": 1, "unit": "m3"},
        "boundary": "cradle-to-gate", "year": 2010, "place": "RNA", "allocation": "mass",
        "fallback": "reference", "gwp": "AR5",
    },
    "processes": [
        {"name": "mixing plant", "product": "concrete", "unit": "m3", "stage": "production",
         "location": "RNA", "year": 2010, "source": "assumed for a test", "inputs": [
             {"flow": "Portland cement, at plant", "amount": 320, "unit": "kg",
              "pedigree": [2, 2, 3, 3, 2]},
             {"flow": "Limestone, at mine", "amount": 1100, "unit": "kg", "gsd2": 1.2},
             {"flow": "Electricity, at grid", "amount": 5, "unit": "kWh", "gsd2": 1.5},
             {"flow": "Transport, combination truck, diesel powered", "amount": 60,
              "unit": "t*km", "gsd2": 2.0}]},
    ],
    "background": "us-lci", "missing": "leave",
    "several": "mix", "draws": 300, "sobol": 4,
}  # fmt: skip


def brick(**changes: Any) -> dict[str, Any]:
    """The brick, as plain data, with parts of it exchanged."""
    return {**copy.deepcopy(BRICK), **changes}


def concrete(**changes: Any) -> dict[str, Any]:
    """The concrete, as plain data, with parts of it exchanged."""
    return {**copy.deepcopy(CONCRETE), **changes}
