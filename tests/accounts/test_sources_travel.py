"""Sources and notes of an input reach every result that rests on it, and no other."""

import pytest
from properties.tables import TOY_F, toy

import mriocarbon as mc

BOOK = mc.Source("a book", "Author 2001", "CC0")
NOTE = mc.Note("scaled from 2014", about="GHG", estimated=True, sources=(BOOK,))

MAKERS = {
    "account": lambda m: mc.account(m, "consumption", stressor="GHG", households=False),
    "bilateral": lambda m: mc.bilateral(m, "GHG"),
    "footprint": lambda m: mc.footprint(m, "GHG"),
    "trade": lambda m: mc.trade(m, "GHG"),
    "gradient": lambda m: mc.gradient(m, "consumption", region="B", stressor="GHG"),
    "of all, by sector": lambda m: mc.all_accounts(m, ["GHG"]).of("imports", "GHG"),
    "of all, by region": lambda m: mc.all_accounts(m, ["GHG"]).regional("imports", "GHG"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_source_of_a_note_is_one_of_the_result(name):
    table = toy(stressors={"CO2": TOY_F, "GHG": TOY_F}, households=None, notes=[NOTE])
    found = MAKERS[name](table)
    assert NOTE in found.notes and found.estimated
    assert BOOK in found.provenance.sources
    assert BOOK not in mc.account(table, "consumption", stressor="CO2",
                                  households=False).provenance.sources  # fmt: skip


def test_a_note_about_a_principle_reaches_its_account_alone():
    note = mc.Note("demand is at purchasers' prices", about="consumption")
    table = toy(notes=[note])
    assert note in mc.account(table, "consumption").notes
    assert note not in mc.account(table, "income").notes


def test_all_accounts_say_how_they_were_made():
    found = mc.all_accounts(toy(notes=[NOTE]))
    assert found.provenance.method == "all accounts" and BOOK in found.provenance.sources
    assert found.regional("imports", "GHG").provenance.method == "imports"
    bare = mc.all_accounts(toy(), imports_by_product=False)
    assert bare.explanation.startswith("4 sectors, 3 sides: ")  # one stressor, two regions
    wide = mc.MRIO.from_arrays(
        Z=[[1.0] * 6] * 6, Y=[[5.0, 5.0]] * 6, regions=["A", "B"], sectors=list("123"),
        stressors={"GHG": [1.0] * 6},
    )  # fmt: skip
    assert mc.all_accounts(wide).explanation.startswith("6 sectors, 4 sides: ")
