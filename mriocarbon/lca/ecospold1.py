"""EcoSpold 1: unit processes in XML, one file, a folder or a zip of them.

The groups of the format: output 0 is the product, 1 a product avoided elsewhere, 2 a co-product,
3 waste to treatment, 4 a flow to nature; input 4 is a flow from nature, 1, 2, 3 and 5 come from
other processes. Amounts are as published; nothing is allocated or linked here (see `System.of`).
"""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO
from xml.parsers import expat

from mriocarbon.errors import DataFileError, InputError, MriocarbonError, unreadable
from mriocarbon.io.archive import DAMAGE, zip_of
from mriocarbon.lca.biomass import RULE, with_origin
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Source
from mriocarbon.uncertainty.distributions import TRUNCATED_MOST
from mriocarbon.uncertainty.pedigree import Pedigree

__all__ = ["Library", "read_ecospold1", "us_lci"]

_NAMESPACE = re.compile(r"ecospold0?1\b", re.IGNORECASE)
_AIR_TRAFFIC = re.compile(r"\b(?:aircraft|airplane|air freight|aviation)\b", re.IGNORECASE)
_SCORES = re.compile(r"^\s*\(?\s*([1-5](?:\s*,\s*[1-5]){4})\b")
_CARBON = (
    ("biogenic", re.compile(r"\bbiogenic (?:origin|carbon)\b", re.IGNORECASE)),
    ("land use", re.compile(r"\bland transformation\b|\bland use change\b", re.IGNORECASE)),
    ("fossil", re.compile(r"\bfossil (?:origin|carbon)\b", re.IGNORECASE)),
)
_YEAR = re.compile(r"\d{4}")
_GROUPS = {
    ("in", "1"): ("technosphere", "in"),
    ("in", "2"): ("technosphere", "in"),
    ("in", "3"): ("technosphere", "in"),
    ("in", "5"): ("technosphere", "in"),
    ("in", "4"): ("biosphere", "in"),
    ("out", "0"): ("technosphere", "out"),
    ("out", "1"): ("technosphere", "in"),  # avoided: a negative input
    ("out", "2"): ("technosphere", "out"),
    ("out", "3"): ("waste", "out"),
    ("out", "4"): ("biosphere", "out"),
}


@dataclass(frozen=True, eq=False)
class Library:
    """What was read.

    Attributes
    ----------
    processes : tuple of Process
        As published: not allocated, not linked.
    source : Source
        With the hash of the file.
    notes : tuple of str
        What was odd in it; nothing is repaired.
    shares : mapping of process name to mapping of product to share
        How the source itself allocates to co-products, where it says so; not applied. It fits
        ``allocation`` of `System.of`.
    """

    processes: tuple[Process, ...]
    source: Source
    notes: tuple[str, ...]
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    __repr__ = brief


def read_ecospold1(path: Path | str, *, source: Source | None = None) -> Library:
    """Read EcoSpold 1 unit processes.

    Parameters
    ----------
    path : path
        An XML file, a folder of them, or a zip of them. Files that hold no processes
        (``categories.xml``) are passed over.
    source : Source, optional
        Who made the data; the hash is filled in.

    Returns
    -------
    Library
        Read once per process and file: a second call costs nothing.

    Raises
    ------
    DataFileError
        Not there, not XML, another format, or a data set that cannot be read; with the file's
        name, the line and the data set.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = '''<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01"><dataset number="1">
    ... <referenceFunction name="lime" unit="kg" amount="1" localName="lime" category="minerals"/>
    ... <exchange number="1" name="lime" unit="kg" meanValue="1"><outputGroup>0</outputGroup>
    ... </exchange><exchange number="2" name="Carbon dioxide, fossil" category="air" unit="kg"
    ... meanValue="0.785"><outputGroup>4</outputGroup></exchange></dataset></ecoSpold>'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "lime.xml"
    ...     _ = file.write_text(text)
    ...     lime, = read_ecospold1(file).processes
    >>> lime.product, lime.unit, [(e.flow, e.amount, e.compartment) for e in lime.exchanges]
    ('lime', 'kg', [('Carbon dioxide, fossil', 0.785, 'air')])
    """
    where = Path(path)
    try:
        state = tuple((p.stat().st_size, p.stat().st_mtime_ns) for p in _paths(where))
    except OSError as error:
        raise unreadable(where, error) from error
    processes, sha256, notes = _read(where, state)
    made = replace(source or Source(where.name), sha256=sha256)
    return Library(processes, made, notes)


@lru_cache(maxsize=1)
def us_lci() -> Library:
    """Return the US Life Cycle Inventory (FY21 Q3; public domain), which the package holds.

    639 unit processes; which unit process an electricity or transport input comes from is not in
    the file, so several may make it (see ``choose`` and ``several`` of `System.of`). It has one
    flow of carbon dioxide for all origins: that of burnt biomass is set here (`biomass`), and a
    note says so.

    References
    ----------
    National Renewable Energy Laboratory, U.S. Life Cycle Inventory Database, through the
    Federal LCA Commons, lcacommons.gov.
    """
    read = read_ecospold1(
        Path(__file__).parent / "tables" / "us_lci_fy21q3.zip",
        source=Source(
            "US LCI",
            citation="National Renewable Energy Laboratory: U.S. Life Cycle Inventory Database,"
            " FY21 Q3, Federal LCA Commons",
            licence="public domain (work of the United States government)",
            url="https://www.lcacommons.gov",
            edition="FY21 Q3",
        ),
    )
    processes = with_origin(read.processes)
    count = sum(any(e.source == RULE for e in p.exchanges) for p in processes)
    return replace(read, processes=processes, notes=(*read.notes, f"{RULE}: {count} processes"))


def tags_of(name: str) -> tuple[str, ...]:
    """Return the tags that the name of a process calls for: "aviation" for transport by air.

    >>> tags_of("Transport, aircraft, freight"), tags_of("Aviation fuel, at refinery")
    (('aviation',), ())
    """
    flies = _AIR_TRAFFIC.search(name) and "transport" in name.casefold()
    return ("aviation",) if flies else ()


def named(found: Sequence[tuple[str, Process]]) -> tuple[Process, ...]:
    """Give processes of one name their place and number, so that names are unique."""
    count = Counter(process.name for _, process in found)
    return tuple(
        replace(p, name=f"{p.name} [{p.location or 'no place'}, {number}]")
        if count[p.name] > 1
        else p
        for number, p in found
    )


def _paths(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".xml")
        return found or [path]
    path.stat()
    return [path]


def _files(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and stream of every XML file."""
    if path.is_file() and zipfile.is_zipfile(path):
        with zip_of(path) as archive:
            for name in sorted(archive.namelist()):
                if name.lower().endswith(".xml"):
                    with archive.open(name) as stream:
                        yield f"{path.name}/{name}", stream
        return
    for one in _paths(path):
        if one.is_file():
            with one.open("rb") as stream:
                yield one.name, stream


@lru_cache(maxsize=8)
def _read(path: Path, state: object) -> tuple[tuple[Process, ...], str, tuple[str, ...]]:
    """Parse; `state` makes a changed file a new one."""
    sha = hashlib.sha256()
    for one in _paths(path):
        if one.is_file():
            sha.update(one.read_bytes())
    reader = _Reader()
    try:
        for name, stream in _files(path):
            reader.file(name, stream)
    except DAMAGE as error:
        if isinstance(error, MriocarbonError):
            raise
        raise DataFileError(
            f"{path.name} is damaged: {error}", where=str(path), do="fetch it again"
        ) from error
    if not reader.found:
        raise DataFileError(
            f"{path.name} holds no EcoSpold 1 process", where=str(path),
            do="give an XML file, a folder or a zip in EcoSpold 1",
        )  # fmt: skip
    return (
        named(reader.found),
        sha.hexdigest(),
        tuple(f"{text}: {count}" for text, count in sorted(reader.notes.items())),
    )


class _Reader:
    """Reads files one after another; expat is three times as fast as building a tree."""

    def __init__(self) -> None:
        self.found: list[tuple[str, Process]] = []
        self.notes: Counter[str] = Counter()
        self.name = ""

    def file(self, name: str, stream: IO[bytes]) -> None:
        self.name, self.root, self.text = name, "", ""
        self.reset()
        parser = expat.ParserCreate(namespace_separator=" ")
        self.parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        try:
            parser.ParseFile(stream)
        except expat.ExpatError as error:
            raise DataFileError(
                f"{name} is no well-formed XML: {expat.errors.messages[error.code]}",
                where=f"{name}, line {error.lineno}", do="fetch the file again",
            ) from error  # fmt: skip
        except (LookupError, ValueError) as error:  # the first line names an encoding
            if isinstance(error, MriocarbonError):
                raise
            raise DataFileError(
                f"{name} is in no encoding that is known: {error}", where=f"{name}, line 1",
                do="save it in UTF-8",
            ) from error  # fmt: skip

    def reset(self) -> None:
        self.head: dict[str, Mapping[str, str]] = {}
        self.sources: dict[str, str] = {}
        self.years: dict[str, str] = {}
        self.flows: list[tuple[dict[str, str], list[str]]] = []

    def start(self, tag: str, values: dict[str, str]) -> None:
        space, _, local = tag.rpartition(" ")
        if not self.root:
            self.root = local
            if local == "ecoSpold" and not _NAMESPACE.search(space):
                raise DataFileError(
                    f"{self.name} is not EcoSpold 1: its namespace is {space!r}",
                    where=self.name, do="export it as EcoSpold 1",
                )  # fmt: skip
        if self.root != "ecoSpold":
            return
        if local == "exchange":
            self.flows.append((values, []))
        elif local in {"inputGroup", "outputGroup", "startDate", "endDate", "startYear", "endYear"}:
            self.text = ""
            self.parser.CharacterDataHandler = self.characters
        elif local == "dataset":
            self.reset()
            self.head[local] = values
        elif local == "source":
            words = [values.get(k, "").strip() for k in ("firstAuthor", "year", "title")]
            self.sources[values.get("number", "")] = ", ".join(w for w in words if w)
        elif local == "allocation":
            self.notes["allocation factors of the source, not used"] += 1
        else:
            self.head[local] = values

    def characters(self, text: str) -> None:
        self.text += text

    def end(self, tag: str) -> None:
        local = tag.rpartition(" ")[2]
        if local in {"inputGroup", "outputGroup"} and self.flows:
            self.flows[-1][1].append("in" if local == "inputGroup" else "out")
            self.flows[-1][1].append(self.text.strip())
            self.parser.CharacterDataHandler = None
        elif local in {"startDate", "endDate", "startYear", "endYear"}:
            self.years[local[:3]] = self.text
            self.parser.CharacterDataHandler = None
        elif local == "dataset" and self.root == "ecoSpold":
            number = self.head["dataset"].get("number", "?")
            try:
                self.found.append((number, self.process()))
            except InputError as error:
                raise DataFileError(
                    f"data set {number} of {self.name} cannot be read: {error.what}",
                    where=f"{self.name}, line {self.parser.CurrentLineNumber}, {error.where}",
                    do=error.do,
                ) from error

    def process(self) -> Process:
        reference = self.head.get("referenceFunction")
        if reference is None:
            raise InputError("no reference function", where="", do="the data set is incomplete")
        product: Exchange | None = None
        exchanges = []
        for values, group in self.flows:
            one, main = self.exchange(values, group, product is None)
            if main:
                product = one
            else:
                exchanges.append(one)
        if product is None:
            product = Exchange(
                reference["name"], _float(reference, "amount"), reference.get("unit", ""),
                direction="out",
            )  # fmt: skip
        place = self.head.get("geography", {})
        published = self.head.get("dataGeneratorAndPublication", {}).get(
            "referenceToPublishedSource", ""
        )
        category = _joined(reference)
        name = reference.get("name") or product.flow
        year = _YEAR.search(self.years.get("end", ""))
        return Process(
            name,
            product.flow,
            product.amount,
            product.unit,
            tuple(exchanges),
            location=place.get("location", ""),
            year=int(year.group()) if year else None,
            tags=tags_of(name),
            source=self.sources.get(published, ""),
            comment=place.get("text", "").strip(),
            code=product.code,
            category=category,
        )

    def exchange(
        self, values: dict[str, str], group: list[str], wanted: bool
    ) -> tuple[Exchange, bool]:
        """One exchange, and whether it is the product."""
        name = values.get("name", "")
        key = (group[0], group[1]) if len(group) == 2 else ("", "")
        if key not in _GROUPS:
            raise InputError(
                f"exchange in group {'/'.join(group) or 'none'}", where=f"exchange {name!r}",
                do="give it one inputGroup or outputGroup of the format",
            )  # fmt: skip
        kind, direction = _GROUPS[key]
        amount = _float(values, "meanValue")
        if key == ("out", "1"):
            amount = -amount
        nature = kind == "biosphere"
        pedigree, spread = self.spread(values, amount)
        one = Exchange(
            name, amount, values.get("unit", ""), kind, direction,
            compartment=_joined(values) if nature else "",
            location=values.get("location", ""),
            pedigree=pedigree, uncertainty=spread,
            cas=values.get("CASNumber", "").lstrip("0") if nature else "",
            code=values.get("number", ""),
            category="" if nature else _joined(values),
            carbon=_carbon(values) if nature else "",
        )  # fmt: skip
        return one, key == ("out", "0") and wanted

    def spread(
        self, values: dict[str, str], amount: float
    ) -> tuple[Pedigree | None, Uncertainty | None]:
        kind = values.get("uncertaintyType", "")
        if not kind or kind == "0":
            scores = _SCORES.match(values.get("generalComment", ""))
            return (Pedigree.parse(scores.group(1)) if scores else None), None
        try:
            if kind == "1":
                wide = _float(values, "standardDeviation95")
                return None, (None if wide == 1 else Uncertainty.of_gsd2(wide))
            if amount == 0:
                raise InputError("zero has no relative spread")
            if kind == "2":
                relative = _float(values, "standardDeviation95") / 2 / abs(amount)
                if relative > TRUNCATED_MOST:
                    raise InputError("wider than a normal cut off at zero can be")
                return None, Uncertainty("normal", relative)
            ends = sorted(_float(values, k) / amount for k in ("minValue", "maxValue"))
            if kind == "3":
                mode = values.get("mostLikelyValue")
                peak = _float(values, "mostLikelyValue") / amount if mode else (
                    3 - sum(ends)  # the mean of a triangle is the mean of its corners
                )  # fmt: skip
                return None, Uncertainty("triangular", low=ends[0], high=ends[1], mode=peak)
            if kind == "4":
                return None, Uncertainty("uniform", low=ends[0], high=ends[1])
            raise InputError(f"type {kind} is not of the format")
        except InputError:
            self.notes[f"uncertainty of type {kind} left out, its figures fit no distribution"] += 1
            return None, None


def _carbon(values: Mapping[str, str]) -> str:
    """Origin of carbon dioxide or methane that a comment states beside the name."""
    comment = values.get("generalComment", "")
    if not comment or not values.get("name", "").startswith(("Carbon dioxide", "Methane")):
        return ""
    return next((origin for origin, words in _CARBON if words.search(comment)), "")


def _joined(values: Mapping[str, str]) -> str:
    parts = (values.get("category", "").strip(), values.get("subCategory", "").strip())
    return "/".join(p for p in parts if p)


def _float(values: Mapping[str, str], key: str) -> float:
    text = values.get(key)
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            f"{key} is {text!r}", where=f"exchange {values.get('name', '')!r}",
            do="correct the number in the file",
        )  # fmt: skip
    return number
