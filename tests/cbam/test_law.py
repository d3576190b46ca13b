import re
from decimal import Decimal as D
from pathlib import Path

import pytest
from opencbam.engine import constants

from mriocarbon.cbam.law import (
    ACTS,
    DE_MINIMIS_TONNES,
    DESIGN,
    GWP,
    SECTORS,
    free_allocation_factor,
    markup_rate,
)
from mriocarbon.errors import InputError, UnknownNameError

ROOT = Path(__file__).resolve().parents[2]


def test_factors_of_free_allocation():
    want = ["0.975", "0.95", "0.90", "0.775", "0.515", "0.39", "0.265", "0.14", "0"]
    assert [free_allocation_factor(y) for y in range(2026, 2035)] == [D(w) for w in want]
    for year in range(2026, 2040):
        assert free_allocation_factor(year) == constants.cbam_factor(year)


@pytest.mark.parametrize("sector", SECTORS)
def test_markups(sector):
    rates = [markup_rate(sector, y) for y in (2026, 2027, 2028, 2034)]
    steps = ["0.01"] * 4 if sector == "fertilisers" else ["0.10", "0.20", "0.30", "0.30"]
    assert rates == [D(s) for s in steps]


@pytest.mark.parametrize("year", [2025, 1900, 2026.0, "2026", True, None, 2500])
def test_years_outside_the_definitive_period_are_refused(year):
    for function in (free_allocation_factor, lambda y: markup_rate("cement", y)):
        with pytest.raises(InputError, match="definitive period"):
            function(year)


def test_unknown_sector_offers_near_names():
    with pytest.raises(UnknownNameError, match="iron_steel"):
        markup_rate("iron and steel", 2026)


def test_constants_agree_with_the_tables_of_opencbam():
    assert DE_MINIMIS_TONNES == constants.DE_MINIMIS_NET_MASS_TONNES == 50
    assert (GWP["N2O"], GWP["CF4"], GWP["C2F6"]) == (
        constants.GWP_N2O, constants.GWP_CF4, constants.GWP_C2F6,
    )  # fmt: skip


def test_the_law_is_quoted_on_both_sides_and_acts_have_addresses():
    assert any("conservative" in text and "understate" in text for text, _ in DESIGN)
    assert all(act.url.startswith("https://") for act in ACTS.values())
    assert any("proportionate" in text for text, _ in DESIGN)
    assert all("recital" in place for _, place in DESIGN)
    assert ACTS["2025/2621"].date == "16 December 2025"


@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/how-to/cbam.md", "docs/limits.md", "docs/not-reproduced.md"],
)
def test_the_pages_say_which_text_of_the_annex_is_used(page):
    """The edition named in `ACTS` is said wherever figures that rest on it are printed."""
    assert "before the correcting Regulation (EU) 2026/1740" in ACTS["2025/2621"].edition
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert "the correcting Regulation (EU) 2026/1740" in text
    assert re.search(r"not at hand", text[text.index("2026/1740") :][:200])
