"""A work that a page on methods names by author and year stands in the page's references."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

METHODS = Path(__file__).resolve().parents[1] / "docs" / "methods"
PAGES = (
    "atlas", "atlas-national", "avoided", "avoided-use", "balancing", "cbam-statistics",
    "completion", "decomposition", "deflation", "full-spectrum", "fusion", "households",
    "industry", "inequality", "ipcc-land", "ipcc-soils", "lca", "lca-auto", "lca-hybrid",
    "lca-inventory", "linkages", "natural", "nowcast", "paths", "principles", "satellites",
    "scenarios", "scopes", "solving", "supply-use", "temporal", "uncertainty", "value-chains",
)  # fmt: skip
"""The pages whose references are complete; the others name no work."""
NAMED = re.compile(r"\b([A-Z][a-zà-ÿ]{2,})(?: et al\.?)?,? \(?((?:19|20)\d\d)\b")
NO_AUTHORS = {
    "April", "Australia", "Brazil", "Budget", "China", "Directive", "February", "Finland", "For",
    "Gabon", "Germany", "Guinea", "India", "Indonesia", "July", "Korea", "Mexico", "Netherlands",
    "Norway", "Parties", "Regulation", "Republic", "States", "Tanzania", "The", "World",
}  # fmt: skip
"""Words before a year that name no work: a country's year, a month, an edition, an act of law."""


def named(text: str) -> set[tuple[str, str]]:
    """Return the last author and the year of every work named in a text."""
    words = " ".join(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split())
    return {one for one in NAMED.findall(words) if one[0] not in NO_AUTHORS}


def test_a_work_is_found_by_its_last_author_and_year():
    text = (
        "tests (Schuirmann 1987), Benjamini and Yekutieli (2001), Byrne et al. (2023), China 2022"
    )
    assert named(text) == {("Schuirmann", "1987"), ("Yekutieli", "2001"), ("Byrne", "2023")}


def test_a_page_without_references_names_no_work():
    others = {one.stem: named(one.read_text(encoding="utf-8")) for one in METHODS.glob("*.md")}
    assert not {page: works for page, works in others.items() if works and page not in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_in_its_references(page):
    text = (METHODS / f"{page}.md").read_text(encoding="utf-8")
    body, head, references = text.partition("\n## References\n")
    assert head, "the page has a section of references"
    entries = re.split(r"\n(?=[-*] )|\n\n", references)
    for author, year in named(body):
        assert any(author in one and year in one for one in entries), (author, year)
    assert len(re.findall(r"^# ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M)) == 1
