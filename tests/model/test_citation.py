"""Bibliographies: every source and paper in it, parsed back by a parser of the test's own."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.accounts.flows import BALANCE
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.citation import YEAR, cite, papers
from mriocarbon.model.provenance import heard

_BACK = {
    r"{\textbackslash}": "\\", r"{\textbraceleft}": "{", r"{\textbraceright}": "}",
    r"{\textasciitilde}": "~", r"{\textasciicircum}": "^",
    **{f"\\{c}": c for c in "&%$#_"},
}  # fmt: skip
_TOKEN = re.compile("|".join(map(re.escape, sorted(_BACK, key=len, reverse=True))))


def parsed(text: str) -> dict[str, dict[str, str]]:
    """Entries of a BibTeX file by key, read as BibTeX does: a field ends where braces balance."""
    found, at = {}, 0
    while (at := text.find("@", at)) >= 0:
        head = re.compile(r"@(?:misc|article)\{([^,\s]+),\s*").match(text, at)
        assert head, text[at : at + 60]
        key, at, fields = head[1], head.end(), {}
        while text[at] != "}":
            name = re.compile(r"([a-z]+) = \{").match(text, at)
            assert name, text[at : at + 60]
            at = start = name.end()
            depth = 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
            fields[name[1]] = text[start : at - 1]
            at = re.compile(r",?\s*").match(text, at).end()
        assert key not in found, key
        found[key] = fields
    return found


def plain(text: str) -> str:
    return _TOKEN.sub(lambda match: _BACK[match[0]], text)


TEXT = st.text(max_size=40).map(lambda text: " ".join(c for c in text.split() if c.isprintable()))


@given(TEXT, TEXT, TEXT, TEXT)
def test_any_text_comes_back(name, citation, licence, edition):
    source = mc.Source(name, citation=citation, licence=licence, edition=edition)
    text = cite([mc.Provenance("d", sources=(source,))])
    entries = parsed(text)
    titles = [plain(entry.get("title", "")) for entry in entries.values()]
    if name.strip() or citation.strip():
        assert name.strip() in titles
    if citation.strip():
        notes = " ".join(plain(entry.get("note", "")) for entry in entries.values())
        assert citation.strip() in notes
    elif name.strip():
        assert "no citation is known of the source" in text


def test_every_source_and_paper_has_its_entry():
    mrio = mc.load("oecd-icio-2022")
    result = mc.account(mrio, "shared", stressor="CO2")
    entries = parsed(result.cite())
    titles = {plain(entry.get("title", "")) for entry in entries.values()}
    assert {source.name for source in result.provenance.sources} <= titles
    dois = {entry.get("doi") for entry in entries.values()}
    assert {"10.1080/09535310500283492", "10.1016/j.ecolecon.2006.05.018"} <= dois
    own = [entry for key, entry in entries.items() if key.startswith("mriocarbon_")]
    assert [entry["edition"] for entry in own] == [mc.__version__]
    assert [entry["year"] for entry in own] == [YEAR]
    papers_of = [entry for entry in entries.values() if "journal" in entry]
    assert {entry["title"] for entry in papers_of} >= {
        "A consistent input-output formulation of shared producer and consumer responsibility",
        "Shared producer and consumer responsibility - Theory and practice",
    }
    assert result.cite().count("@article{") == len(papers_of)
    assert all(entry["author"] and entry["year"] and entry["doi"] for entry in papers_of)
    editions = {entry.get("edition") for entry in entries.values()}
    assert {source.edition for source in result.provenance.sources} <= {
        plain(e or "") for e in editions
    }
    lines = result.cite(style="text").splitlines()
    assert len(lines) == len(set(lines))
    (line,) = [line for line in lines if line.startswith("method: Gallego & Lenzen (2005)")]
    assert line.endswith("Economic Systems Research 17, 365-391")
    with pytest.raises(UnknownNameError, match="did you mean 'bibtex'"):
        result.cite(style="bibtx")


def test_every_doi_of_the_methods_has_title_and_journal():
    named = [reference for one in mc.principles() for reference in one.references]
    dois = {doi for text in [*named, BALANCE] for doi in re.findall(r"doi:([^\s,;]+)", text)}
    assert len(dois) >= 14 and dois <= papers().keys()
    for doi, paper in papers().items():
        assert doi == doi.lower()
        assert set(paper) == {"kind", "title", "journal", "volume", "pages"}
        assert paper["kind"] == "article" and all(paper.values())
        assert paper["title"].isascii() and paper["title"][-1] not in " .,"
    assert len({paper["title"] for paper in papers().values()}) == len(papers())


def test_the_year_of_the_program_is_that_of_its_release():
    log = Path(__file__).parents[2].joinpath("CHANGELOG.md").read_text(encoding="utf-8")
    (date,) = re.findall(rf"^## \[{re.escape(mc.__version__)}\] - (\S+)$", log, re.M)
    assert date == "unreleased" or date[:4] == YEAR


def test_keys_hang_on_the_entry_alone():
    mrio = mc.load("oecd-icio-2022")
    one = mc.account(mrio, "production", stressor="GHG", households=False).provenance
    two = mc.account(mrio, "income", stressor="GHG").provenance
    alone, beside = parsed(cite([one])), parsed(cite([two, one]))
    assert {key: beside[key] for key in alone} == alone
    everything = mc.Provenance(
        sources=tuple(item.source for item in mc.catalogue()),
        references=tuple(r for p in mc.principles() for r in p.references),
    )
    entries = parsed(cite([everything]))
    assert all(re.fullmatch(r"[a-z0-9-]+_[0-9a-f]{6}", key) for key in entries)
    for principle in mc.principles():
        for doi in re.findall(r"doi:([^\s,;]+)", principle.reference):
            assert doi in {entry.get("doi") for entry in entries.values()}


@pytest.mark.parametrize(
    ("citation", "fields"),
    [
        ("Peters (2008) doi:10.1016/j.ecolecon.2007.10.014",
         {"author": "Peters", "year": "2008", "doi": "10.1016/j.ecolecon.2007.10.014",
          "title": "From production-based to consumption-based national emission inventories",
          "journal": "Ecological Economics", "volume": "65", "pages": "13-23"}),
        ("Peters (2008) doi:10.1016/j.not.known",
         {"author": "Peters", "year": "2008", "doi": "10.1016/j.not.known"}),
        ("Lenzen, Murray & Sack (2007) doi:10.1016/x_y",
         {"author": "Lenzen and Murray and Sack", "doi": "10.1016/x_y"}),
        ("Hoesly et al. (2018), Geoscientific Model Development 11, 369-408",
         {"author": "Hoesly and others",
          "howpublished": "Geoscientific Model Development 11, 369-408"}),
        ("Bank of England (2020), Tables", {"author": "{Bank of England}", "title": "Tables"}),
        ("Kanemoto (2012) doi:10.1000/a, who set it apart",
         {"author": "Kanemoto", "doi": "10.1000/a"}),
        ("for industries: UN SEEA Central Framework (2012)",
         {"title": "UN SEEA Central Framework", "year": "2012"}),
        ("A table, https://a.b/c", {"title": "A table, https://a.b/c", "url": "https://a.b/c"}),
    ],
)  # fmt: skip
def test_fields_are_taken_where_the_form_is_plain(citation, fields):
    entries = parsed(cite([mc.Provenance(references=(citation,))]))
    entry = next(e for key, e in entries.items() if not key.startswith("mriocarbon_"))
    assert plain(entry["note"]) == citation
    assert {k: v for k, v in entry.items() if k not in ("note",)} | fields == {
        k: v for k, v in entry.items() if k != "note"
    }
    assert "title" in fields or "title" not in entry


def test_what_has_no_citation_is_told_and_not_made_up():
    bare = mc.account(toy(), "production")
    text = bare.cite()
    assert "% the data set 'arrays' names no source" in text
    assert set(re.findall(r"@misc\{([a-z]+)", text)) == {"ipcc", "", "mriocarbon"} - {""}
    named = mc.Provenance("mine", sources=(mc.Source("of @mine{", edition="3"),))
    assert "% no citation is known of the source 'of (at)mine{, edition 3'" in cite([named])
    assert "no citation is known of the source 'of @mine{" in cite([named], style="text")
    assert len(parsed(cite([named]))) == 2  # the source without a citation, and this program
    assert next(iter(parsed(cite([named])).values())).keys() == {"title", "edition", "note"}


def test_a_difference_rests_on_both():
    first = mc.Source("first", citation="A (2001), one")
    second = mc.Source("second", citation="B (2002), two")
    note = mc.Note("n", about="GHG", sources=(second,))
    made = mc.Provenance("icio", "1", sources=(first,))
    a = mc.account(toy(provenance=made), "consumption")
    b = mc.account(toy(provenance=made, notes=[note]), "income")
    difference = a - b
    assert difference.provenance.sources == (first, second)
    assert len(difference.provenance.references) == len(
        {*a.provenance.references, *b.provenance.references}
    )
    np.testing.assert_array_equal(difference.value, a.value - b.value)


def test_what_is_heard_is_what_was_computed_and_read():
    with heard() as kept:
        mc.verified("regions_20")
        result = mc.account(toy(), "consumption")
        with heard() as inner:
            mc.account(toy(), "income")
    mc.account(toy(), "eebt")  # nobody listens
    assert result.provenance in kept
    assert any("Marques" in r for one in inner for r in one.references)
    assert not any("Marques" in r for one in kept for r in one.references)
    assert "regions_20" in {one.dataset for one in kept}
