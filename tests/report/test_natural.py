"""Pictures of natural accounts and of the budget: the numbers and words on them."""

import re

import pytest

from mriocarbon.errors import NotAvailableError
from mriocarbon.natural import account, budget
from mriocarbon.report import natural_figures as draw


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)


def words(drawing):
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing.svg.replace("\n", ""))


def test_an_account_shows_its_scopes_apart():
    found = account("CHN", 2022)
    drawing = draw.account(found)
    text = words(drawing)
    for letter, scope in zip("abcd", ("managed land", "land-use change", "biosphere", "processes"),
                             strict=True):  # fmt: skip
        assert f"({letter}) {scope}" in text
    assert {"−1,151", "−286", "−2,289", "inventory, 2014"} <= set(text)
    assert "never add" in drawing.title or any("never add" in word for word in text)
    # what is not a flux to the air is not drawn beside those that are
    assert not any("rivers" in word or "with fossil" in word for word in text)
    assert any(word.startswith("no figure of CO₂: volcanoes") for word in text)
    again = draw.account(found)
    assert again.svg == drawing.svg and again.png == drawing.png  # the same bytes


def test_another_gas_and_none():
    text = words(draw.account(account("USA", 2022), gas="CH4"))
    assert "fires, SURF inversions, 2017" in text
    with pytest.raises(NotAvailableError, match="no flux of CO2"):
        draw.account(account("ATA", 2022, gas="CO2"))


def test_the_budget():
    drawing = draw.budget(budget(2022))
    text = words(drawing)
    assert "10.18 (9.2 to 11.2)" in text and "−0.34 (−2.5 to 1.8)" in text and "0.22" in text
    assert "cement carbonation" in drawing.caption
