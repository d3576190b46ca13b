"""Pictures of natural accounts and of the budget: the numbers and words on them."""

import re

import pytest

from mriocarbon.errors import NotAvailableError
from mriocarbon.natural import account, budget
from mriocarbon.natural.flux import SCOPES
from mriocarbon.report import natural_figures as draw
from mriocarbon.report.natural_words import meaning


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


def test_a_small_country_has_an_axis_to_read():
    drawing = draw.account(account("MCO", 2022, gas="CO2"))
    text = words(drawing)
    assert "Monaco" in drawing.title and "0.00" not in text
    ticks = [word for word in text if re.fullmatch("−?0\\.0000[0-9]", word)]
    assert len(set(ticks)) == len(ticks) >= 2
    assert "0.0000000" not in text


def test_sources_are_named_with_their_licence():
    drawing = draw.account(account("CHN", 2022))
    line = next(word for word in words(drawing) if word.startswith("Source: "))
    assert "Byrne et al. (2023), CC BY 4.0" in line and "ceos" not in line
    assert "doi.org/10.5194/essd-15-963-2023" in drawing.caption
    assert "Dashed: assumed width" in line and "stroke-dasharray" in drawing.svg


@pytest.mark.parametrize(("region", "name"), [("WLD", "the world"), ("gcp:Asia", "Asia (Global")])
def test_places_have_names(region, name):
    drawing = draw.account(account(region, 2022), gas="CH4" if ":" in region else "CO2")
    assert f"Natural carbon of {name}" in drawing.title
    assert not any(word.endswith(": none") for word in words(drawing))


def test_what_a_scope_is_does_not_invite_to_average():
    for scope in SCOPES:
        for gas in ("CO2", "CH4"):
            assert "alternative" not in meaning(scope, [gas])
    assert "the ocean is not" in meaning("processes") and "holds none" in meaning(
        "processes", ["CH4"]
    )


def test_a_doubtful_figure_is_marked_on_the_picture():
    text = words(draw.account(account("CAF", 2022)))
    assert "−1,767‡" in text and any("outside what the other scopes allow" in w for w in text)
    assert not any("‡" in word for word in words(draw.account(account("CHN", 2022))))


def test_the_budget():
    drawing = draw.budget(budget(2022))
    text = words(drawing)
    assert "10.18 (9.2 to 11.2)" in text and "−0.34 (−2.5 to 1.8)" in text and "0.22" in text
    assert "cement carbonation" in drawing.caption
