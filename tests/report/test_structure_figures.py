"""Pictures of extractions, linkages, scopes and scenarios: the numbers and words on them."""

import re

import numpy as np
import pytest
from properties.tables import random_case, toy

import mriocarbon as mc
from mriocarbon.errors import NotAvailableError
from mriocarbon.report import sensitivity_figures as more
from mriocarbon.report import structure_figures as draw
from mriocarbon.report.figures import WIDE, amount
from mriocarbon.structure.changes import Change
from mriocarbon.structure.elasticity import important_coefficients
from mriocarbon.structure.extraction import extract, extract_all
from mriocarbon.structure.inoperability import inoperability
from mriocarbon.structure.linkages import linkages
from mriocarbon.structure.scenario import scenario
from mriocarbon.structure.scopes import scopes


@pytest.fixture(scope="module")
def mrio():
    return mc.load("oecd-icio-2022")


def words(drawing):
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing.svg.replace("\n", ""))


def test_an_extraction_shows_its_numbers(mrio):
    found = extract(mrio, region="CHN", sector="C24A", stressor="GHG")
    drawing = draw.extraction(found)
    text = words(drawing)
    assert f"−{-found.by_region()['CHN']:,.0f}" in text
    assert f"−{-found.by_sector()['D']:,.0f}" in text
    assert "−6.0" in drawing.title and "estimates" in drawing.caption
    again = draw.extraction(found)
    assert again.svg == drawing.svg and again.png == drawing.png  # the same bytes


def test_titles_say_what_was_taken_out(mrio):
    def title(**options):
        return draw.extraction(extract(mrio, stressor="GHG", **options)).title

    assert title(sector="D").startswith("Without electricity and gas of all regions: ")
    assert title(region="RUS", inside=False).startswith("Without the trade of Russia: ")
    assert title(region="RUS", share=0.5).startswith("Without 50\u00a0% of Russia: ")
    assert title(region="RUS", links="sales").startswith("Without the sales of Russia: ")


def test_the_ranking_is_in_order(mrio):
    emissions = extract_all(mrio, stressor="GHG")[2]
    drawing = draw.ranking(emissions, most=5)
    values = -np.sort(emissions.value.ravel())[:5]
    text = words(drawing)
    assert [f"{v:,.0f}" for v in values] == [w for w in text if f"{w}" in
                                             {f"{v:,.0f}" for v in values}]  # fmt: skip
    assert "Construction, China" in text


def test_linkages_name_key_sectors_and_count_what_has_no_name(mrio):
    found = linkages(mrio, stressor="GHG")
    drawing = draw.linkages(found, region="CHN")
    named = set(words(drawing))
    assert {"Iron and steel", "Chemicals"} <= named
    keys = int((found.quadrants()[2] == "key").sum())
    assert f"{keys} of 49 sectors are key" in drawing.caption
    missing = re.search(r"(\d+) dots? carry no name", drawing.caption)
    from mriocarbon.report.sector_names import sector_name

    shown = sum(sector_name(s, "oecd-icio-2022") in named for s in mrio.sectors)
    assert shown + (int(missing[1]) if missing else 0) == 49
    with pytest.raises(NotAvailableError, match="20 regions"):
        draw.linkages(found)


def test_scopes_add_up_to_the_number_at_the_bar(mrio):
    found = scopes(mrio, stressor="GHG")
    drawing = draw.scopes(found, region="China", most=5)
    whole = np.sort(found.total.value[2].sum(axis=1))[::-1][:5]
    text = words(drawing)
    for value in whole:
        assert f"{value:,.0f}" in text
    assert any("2.7 times all emissions" in w for w in text)


def test_a_scenario_shows_every_region_and_the_change_in_words(mrio):
    change = Change("coefficients", region="CHN", sector="C24A", user="CHN", to="JPN", share=0.3)
    found = scenario(mrio, change, stressor="GHG", name="steel from Japan")
    drawing = draw.scenario(found)
    text = words(drawing)
    assert "inputs: 30 % of iron and steel that China buys from China is bought from Japan" in (
        w.replace("\u00a0", " ") for w in text
    )
    assert drawing.title.startswith("Steel from Japan: −495 Mt CO₂e (−1.1")
    assert sum("%)" in w for w in text[:-1]) >= 20 and "less" in text and "more" not in text


def test_small_tables_and_many_changes_are_drawn():
    one = random_case(1, 2, 2).mrio()
    changes = [Change("stressor", 0.9)] * 6
    assert "and 3 more changes" in " ".join(words(draw.scenario(scenario(one, changes))))
    assert draw.extraction(extract(one, region="r0")).png
    assert draw.scopes(scopes(toy(), energy_sectors=["1"]), region="A").png
    assert draw.linkages(linkages(toy(), domestic="A")).png


def test_nothing_to_draw_is_told():
    with pytest.raises(NotAvailableError, match="nothing changes"):
        draw.extraction(extract(toy(), region="A", share=0.0))


def test_a_shock_and_important_inputs_are_drawn(mrio):
    lost = inoperability(mrio, {("CHN", "F"): 0.1, ("*", "C29"): 0.05}, stressor="GHG")
    drawing = more.shock(lost)
    assert f"{-lost.emissions.total:,.0f} Mt" in drawing.title
    assert any("motor vehicles in all regions" in w for w in words(drawing))
    found = important_coefficients(mrio, stressor="GHG", top=5)
    text = words(more.important(found))
    assert "cement, glass, ceramics → Construction, China" in text and "0.047" in text
    with pytest.raises(NotAvailableError, match="nothing changes"):
        more.shock(inoperability(toy(), {("A", "1"): 0.0}))


def test_every_picture_says_year_and_stressor(mrio):
    drawings = [
        draw.extraction(extract(mrio, region="CHN", sector="C24A", stressor="CO2")),
        draw.ranking(extract_all(mrio, stressor="CO2")[2]),
        draw.linkages(linkages(mrio, stressor="CO2", variation=False), region="CHN"),
        draw.scopes(scopes(mrio, stressor="CO2"), region="CHN"),
        draw.scenario(scenario(mrio, Change("demand", 0.9), stressor="CO2")),
        more.shock(inoperability(mrio, {("CHN", "F"): 0.1}, stressor="CO2")),
        more.important(important_coefficients(mrio, stressor="CO2")),
    ]
    for drawing in drawings:
        assert any(w.startswith("CO2 2022. ") for w in words(drawing)), drawing.title
        assert "rests on estimates" not in drawing.svg or "†" in drawing.svg.replace("† rests", "")


def test_the_ranking_says_what_was_taken_out(mrio):
    emissions = extract_all(mrio, links="purchases", share=0.2, stressor="GHG")[2]
    text = " ".join(words(draw.ranking(emissions)))
    assert "20 % of the purchases of each region-sector" in text


def test_important_inputs_count_the_bars_that_are_drawn(mrio):
    found = important_coefficients(mrio, stressor="GHG", top=20)
    text = " ".join(words(more.important(found))).replace("\u00a0", " ")
    drawn = sum(c.elasticity for c in found.top[:15]) / found.elasticity.sum()
    assert f"these 15 inputs make up {100 * drawn:.0f} % of all" in text
    assert f"{100 * drawn:.0f}" != f"{100 * found.covered:.0f}"  # the list is longer


def test_a_long_shock_stays_on_the_page(mrio):
    hits = {("CHN", "C302T309"): 0.1, ("MEA", "C302T309"): 0.5, ("IND", "*"): 0.2}
    drawing = more.shock(inoperability(mrio, hits, stressor="GHG"))
    lines = [w for w in words(drawing) if "Lost:" in w or "substitution" in w]
    assert len(lines) == 2 and all(len(line) <= WIDE for line in lines)


def test_a_small_change_is_not_shown_as_zero(mrio):
    assert amount(-0.2, 400) == "−0.2" and amount(0.0, 400) == "0"
    change = Change("coefficients", region="CHN", sector="C24A", user="CHN", to="JPN", share=0.3)
    found = scenario(mrio, change, stressor="GHG")
    text = words(draw.scenario(found))
    assert any("Account by consumption, industries only" in w for w in text)
    assert not any(w.startswith(("0 (", "−0 (")) for w in text)


def test_the_largest_dots_have_names_and_a_size(mrio):
    found = linkages(mrio, stressor="GHG")
    f = mrio.extensions["GHG"].F[0].reshape(20, 50)
    size = mc.Result("emissions", f.copy(), ("region", "sector"),
                     {"region": mrio.regions, "sector": mrio.sectors}, "Mt CO2e")  # fmt: skip
    from mriocarbon.report.sector_names import sector_name

    for r, region in enumerate(mrio.regions):
        if region not in ("CHN", "USA", "IND"):
            continue
        text = words(draw.linkages(found, region=region, size=size))
        largest = [sector_name(mrio.sectors[k], "oecd-icio") for k in np.argsort(-f[r])[:5]]
        assert set(largest) <= set(text)
        assert any(f"the largest ({largest[0].lower()}) {f[r].max():,.0f} Mt" in w for w in text)


def test_a_table_without_stressors_draws_linkages_and_refuses_emissions():
    bare = toy(stressors=None, households=None)
    with pytest.raises(NotAvailableError, match="no stressors"):
        draw.extraction(extract(bare, region="A"))
    with pytest.raises(NotAvailableError, match="no emissions change"):
        draw.ranking(extract_all(bare)[2])
    assert draw.linkages(linkages(bare), region="A").png
    with pytest.raises(NotAvailableError, match="nothing is emitted"):
        draw.scopes(scopes(toy(stressors={"GHG": [0, 0, 0, 0]}), energy_sectors=["1"]), region="A")
