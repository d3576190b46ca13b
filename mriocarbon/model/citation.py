"""BibTeX, or plain text, of what a number rests on: data, method, program.

What a citation says is taken as it stands and put into fields only where its form leaves no doubt
(author, year, DOI, address); the text itself is kept whole in ``note``. A source that has no
citation is named as such: none is made up. Title and journal of papers are in ``papers.json``, by
DOI.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from mriocarbon import __version__
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.labels import fold
from mriocarbon.model.provenance import Provenance, Source

STYLES = ("bibtex", "text")
TITLE = "mriocarbon: an open engine for carbon accounting on multi-regional input-output tables"
YEAR = "2026"
"""Of the program's version: that of its date in the changelog, once it has one."""
_AUTHORED = re.compile(
    r"^(?:(?:after|updated from) )?(?P<who>[^(),;:\d]+?(?:, [^(),;:\d]+?)*?)"
    r"(?P<others>,? et al\.?)? \((?P<year>\d{4})\)[,.:]? ?(?P<rest>.*)$"
)
_PREFIX = re.compile(r"^[^:()/]{1,40}: ")  # "for industries by residence: UN SEEA (2012)"
_JOURNAL = re.compile(r"^[A-Z][^,]* \d+(?:\(\d+\))?, [A-Za-z]?\d+(?:-\d+)?\b")
_DOI = re.compile(r"(?:doi:|https?://doi\.org/)(10\.\d{4,9}/[^\s,;]*[^\s,;.])")
_ADDRESS = re.compile(r"https?://[^\s,;]+")
_SPECIAL = {
    "\\": r"{\textbackslash}",
    # An escaped brace still counts when BibTeX looks for the end of a field.
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{c: f"\\{c}" for c in "&%$#_"},
}
_IN_ADDRESS = {"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20", '"': "%22"}


@dataclass(frozen=True)
class Entry:
    """One entry of a bibliography.

    Attributes
    ----------
    about : {"data", "method", "program"}
    stem : str
        Readable part of its key.
    fields : mapping of BibTeX field to plain text
    text : str
        The citation in words, as its producer gives it.
    kind : str
        BibTeX's kind of entry.

    Examples
    --------
    >>> Entry("data", "oecd2025", {"title": "ICIO"}, "OECD (2025), ICIO").key
    'oecd2025_cf7a01'
    """

    about: str
    stem: str
    fields: dict[str, str] = field(hash=False)
    text: str = ""
    kind: str = "misc"

    @property
    def key(self) -> str:
        """A key that hangs on the entry alone, not on what stands beside it."""
        content = "\n".join(f"{k}={v}" for k, v in sorted(self.fields.items()))
        return f"{self.stem}_{hashlib.sha256(content.encode()).hexdigest()[:6]}"

    def bibtex(self) -> str:
        """Return the entry as BibTeX."""
        lines = [f"  {name} = {{{_written(name, text)}}}" for name, text in self.fields.items()]
        return f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}"


def cite(made: Iterable[Provenance], *, style: str = "bibtex") -> str:
    """Return a bibliography of what results rest on.

    Parameters
    ----------
    made : iterable of Provenance
        Of the results; each source and paper is named once.
    style : {"bibtex", "text"}
        BibTeX entries, ``@article`` of papers that are known and ``@misc`` of all else (their keys
        are the same in every bibliography), or one line for each.

    Returns
    -------
    str
        An entry for each data set and edition, for each work that such a data set was made from,
        for each paper that defines the method, and for this program. A source without a citation
        is told in a line of its own: nothing is made up for it.

    Raises
    ------
    UnknownNameError
        No such style.

    Examples
    --------
    >>> made = Provenance("mine", sources=(Source("My table", "Doe (2024), A table"),))
    >>> print(cite([made], style="text").splitlines()[0])
    data: Doe (2024), A table
    >>> "author = {Doe}" in cite([made])
    True
    """
    if style not in STYLES:
        raise UnknownNameError.of("style", style, STYLES)
    known = list(made)
    sources = dict.fromkeys(s for one in known for s in one.sources)
    found: dict[str, Entry] = {}
    missing: list[str] = []
    for source in sources:
        if not source.citation.strip():
            named = f"{source.name}, edition {source.edition}" if source.edition else source.name
            missing.append(f"no citation is known of the source {named!r}")
            if not source.name.strip():
                continue
        for entry in _of_source(source):
            found.setdefault(entry.key, entry)
    for name in dict.fromkeys(one.dataset for one in known if not one.sources):
        missing.append(f"the data set {name!r} names no source")
    for reference in dict.fromkeys(r for one in known for r in one.references):
        entry = _of_reference(reference, "method")
        found.setdefault(entry.key, entry)
    program = _program()
    found[program.key] = program
    if style == "text":
        lines = [f"{entry.about}: {entry.text}" for entry in found.values()]
        return "\n".join(dict.fromkeys([*lines, *missing])) + "\n"
    # What stands outside an entry is a comment to BibTeX, but an @ would open one.
    told = [f"% {' '.join(line.split()).replace('@', '(at)')}" for line in missing]
    return "\n\n".join([*told, *(entry.bibtex() for entry in found.values())]) + "\n"


def _of_source(source: Source) -> list[Entry]:
    """Return the entry of a data set, and one for each work that it names as its own sources."""
    works = [work for work in re.split(r";\s+", source.citation.strip()) if work]
    about = _parsed(works[0]) if len(works) == 1 else {}
    fields = {"title": source.name.strip()}
    fields |= {k: about[k] for k in ("author", "year", "doi") if k in about}
    if source.edition:
        fields["edition"] = source.edition
    addresses = _ADDRESS.findall(source.url) or _ADDRESS.findall(source.citation)
    if addresses and "doi" not in fields:
        fields["url"] = addresses[0]
    said = [f"Edition: {source.edition}"] if source.edition else []
    if works:
        said.append(f"{'Cite as' if len(works) == 1 else 'Made from'}: {source.citation.strip()}")
    if source.licence:
        said.append(f"Licence: {source.licence}")
    if source.sha256:
        said.append(f"sha256 of the file read: {source.sha256}")
    if said:
        fields["note"] = ". ".join(said)
    who = about.get("author", "") + about.get("year", "")
    text = source.citation.strip()
    if len(works) > 1:
        text = f"{source.name}, made from: {text}"
    own = Entry("data", _stem(who, source.name), fields, text or source.name)
    made_from = [_of_reference(work, "data") for work in works] if len(works) > 1 else []
    return [own, *made_from]


def _of_reference(reference: str, about: str) -> Entry:
    """Return the entry of one work that is named as "Author (year) what, doi or address"."""
    text = " ".join(reference.split())
    fields = _parsed(text)
    if "author" not in fields:
        named = _PREFIX.sub("", text, count=1)
        fields = _parsed(named)
    said = fields.pop("rest", "")
    if paper := dict(papers().get(fields.get("doi", "").lower(), {})):
        kind = paper.pop("kind")
        who = fields.get("author", "") + fields.get("year", "")
        told = text
        if not said:  # else the source names its work itself
            told += f". {paper['title']}. {paper['journal']} {paper['volume']}, {paper['pages']}"
        return Entry(about, _stem(who, paper["title"]), fields | paper | {"note": text}, told, kind)
    own_name = fields.get("author", "").startswith("{") and not {"doi", "url"} & set(fields)
    if "author" not in fields:
        fields["title"] = text
    elif not said and own_name:
        fields["title"] = fields.pop("author")[1:-1]  # a work that goes by its own name
    elif _JOURNAL.match(said):
        fields["howpublished"] = said
    elif said and not said[0].islower():  # a remark of ours begins small: note alone has it
        fields["title"] = said
    fields["note"] = text
    who = fields.get("author", "") + fields.get("year", "")
    return Entry(about, _stem(who, fields.get("title", "")), fields, text)


@lru_cache
def papers() -> dict[str, dict[str, str]]:
    """Return kind, title, journal, volume and pages of the papers that are known, by DOI.

    Examples
    --------
    >>> papers()["10.1073/pnas.0906974107"]["title"]
    'Consumption-based accounting of CO2 emissions'
    """
    text = resources.files(__package__).joinpath("papers.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def _parsed(text: str) -> dict[str, str]:
    """Return author, year, DOI, address and the rest of one citation, what is plain in it."""
    fields: dict[str, str] = {}
    match = _AUTHORED.match(text)
    if match:
        people = re.split(r", | & | and ", match["who"].strip())
        several = len(people) > 1 or match["others"]
        # One name may be an institution of several words, which must not be read as two.
        names = [p if several or " " not in p else f"{{{p}}}" for p in people]
        fields["author"] = " and ".join([*names, *(["others"] if match["others"] else [])])
        fields["year"] = match["year"]
    doi = _DOI.search(text)
    if doi:
        fields["doi"] = doi[1]
    address = _ADDRESS.search(text)
    if address and not doi:
        fields["url"] = address[0]
    if match:
        rest = _ADDRESS.sub("", _DOI.sub("", match["rest"])).strip(" ,.;")
        if rest:
            fields["rest"] = rest
    return fields


def _program() -> Entry:
    name = f"mriocarbon {__version__}"
    fields = {
        "title": TITLE,
        "author": "{The mriocarbon developers}",
        "year": YEAR,
        "edition": __version__,
        "note": f"Computer program, version {__version__}",
    }
    return Entry("program", "mriocarbon", fields, f"The mriocarbon developers ({YEAR}), {name}")


def _stem(who: str, title: str) -> str:
    words = re.sub(r"[^a-z0-9 ]", "", fold(who.replace(" and ", " ").replace("-", " "))).split()
    more = re.sub(r"[^a-z0-9 ]", " ", fold(title)).split()
    return "-".join([*words[:1], *words[1:][-1:], *more[: 4 - min(len(words), 2)]]) or "source"


def _written(name: str, text: str) -> str:
    """Return the text of a field as BibTeX reads it."""
    text = " ".join(text.split())
    if name in ("url", "doi"):
        return "".join(_IN_ADDRESS.get(c, c) for c in text)
    if name == "author":
        # Braces that hold an institution together are ours, all others are not.
        parts = []
        for person in text.split(" and "):
            held = person.startswith("{") and person.endswith("}")
            plain = _escaped(person[1:-1] if held else person)
            parts.append(f"{{{plain}}}" if held else plain)
        return " and ".join(parts)
    return _escaped(text)


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(c, c) for c in text if c.isprintable())
