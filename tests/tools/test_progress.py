"""Tools that take long say how far they are, in numbers that rise to the whole."""

import re

import pytest

from mriocarbon import tools

STEEL = {"name": "steel", "amount": 1.25, "unit": "t", "location": "USA"}
GASES = {"processes": ["gas-power", "coal-power"],
         "demand": [{"good": "electricity", "amount": 1111}],
         "prices": [{"good": "gas", "price": 8}, {"good": "coal", "price": 3}]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arguments", "says", "whole", "least"),
    [("footprint", {"product": "steel", "amount": 1.25, "unit": "t", "draws": 400},
      "uncertainty: {} of 400 draws", 400, 10),
     ("contributions", {"product": STEEL, "draws": 310}, "uncertainty: {} of 310 draws", 310, 10),
     ("compare_products", {"first_study": "steel_bf_bof", "second_study": "steel_eaf",
                           "draws": 210}, "paired draws: {} of 210 draws", 210, 10),
     ("optimise", GASES | {"points": 4}, "plans: {} of 4 on the front", 4, 4),
     ("sobol", {"region": "Japan", "sample": 16}, "tables drawn: {} of 6 parts", 6, 7)],
)  # fmt: skip
def test_draws_and_plans_are_counted(name, arguments, says, whole, least):
    heard = []
    with tools.progress(heard.append):
        tools.call(name, arguments)
    counted = re.compile(re.escape(says).replace(r"\{\}", "([0-9]+)"))
    done = [int(found[1]) for text in heard if (found := counted.search(text))]
    assert len(done) >= least and done[-1] == whole, heard
    assert done == sorted(set(done))
