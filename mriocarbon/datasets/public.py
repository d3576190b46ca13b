"""The catalogue of public data sets: who made them, where they lie, how to cite and check them.

The content is a data file, ``public.json``. An address or a hash that nobody could check says
so (`Edition.checked`, `File.hash_origin`); absence is null there and None here, never a guess.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mriocarbon.datasets.catalogue import catalogue
from mriocarbon.errors import DataFileError, InputError, UnknownNameError
from mriocarbon.model.brief import brief

CATALOGUE = Path(__file__).parent / "public.json"
SCHEMA = 1
ACCESS = ("open", "browser", "registration", "licence", "by hand")
UNKNOWN_HASH = "unknown: not yet fetched"

# One path component, on any system: no separators, no drive, no leading dot, no device name.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()@+-]{0,199}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_HEX = {"sha256": 64, "sha1": 40, "md5": 32}


@dataclass(frozen=True)
class File:
    """One file of an edition.

    Attributes
    ----------
    name : str
        Under which it is kept; taken from the catalogue, never from a server.
    url : str
        Where it is fetched; empty if only a person can fetch it.
    size : int or None
        In bytes; None where it is not known.
    sha256, md5, sha1 : str
        Lower-case hex, empty where not known.
    hash_origin : str
        Who says so; `UNKNOWN_HASH` where nobody does.
    data_path : str
        Where the file lies in the folder of source data, if it does.
    key : str
        What the file is called in every edition, to compare editions whose files are named
        differently.
    layout : mapping
        How to read it for a comparison: sheet, unit, country, year, values.
    note : str
    """

    name: str
    url: str = ""
    size: int | None = None
    sha256: str = ""
    md5: str = ""
    sha1: str = ""
    hash_origin: str = UNKNOWN_HASH
    data_path: str = ""
    key: str = ""
    layout: Mapping[str, Any] | None = None
    note: str = ""

    __repr__ = brief

    @property
    def hashes(self) -> dict[str, str]:
        """The hashes that are known, strongest first."""
        named = {"sha256": self.sha256, "sha1": self.sha1, "md5": self.md5}
        return {kind: value for kind, value in named.items() if value}


@dataclass(frozen=True)
class Edition:
    """One edition of a data set.

    Attributes
    ----------
    edition, released, address : str
    checked : bool
        Whether address and names were confirmed by a second public source.
    checked_by : str
        By which one; or that none was found.
    years : tuple of int
        First and last, empty where not known.
    regions, sectors : int or None
    moving : bool
        The address always serves the newest file: what is fetched is kept under its date.
    notes : tuple of str
    files : tuple of File
    """

    edition: str
    address: str
    released: str = ""
    checked: bool = False
    checked_by: str = ""
    years: tuple[int, ...] = ()
    regions: int | None = None
    sectors: int | None = None
    moving: bool = False
    notes: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    __repr__ = brief

    def file(self, name: str) -> File:
        """Return one file by name or key; UnknownNameError offers the nearest."""
        for file in self.files:
            if name in (file.name, file.key):
                return file
        raise UnknownNameError.of("file", name, [file.name for file in self.files])


@dataclass(frozen=True)
class Dataset:
    """One public data set with its editions, newest first.

    Attributes
    ----------
    name, title, kind, producer, homepage, licence, licence_url, citation : str
    access : {"open", "browser", "registration", "licence", "by hand"}
        How it is had. For all but "open" `by_hand` says what a person does.
    by_hand : str
    notes : tuple of str
    editions : tuple of Edition

    Examples
    --------
    >>> from mriocarbon.datasets.public import find
    >>> find("gtap").access
    'licence'
    >>> find("exiobase-3").edition("3.8.2").file("IOT_2011_pxp.zip").sha256
    ''
    """

    name: str
    title: str
    kind: str
    producer: str
    homepage: str
    licence: str
    licence_url: str
    citation: str
    access: str
    by_hand: str
    notes: tuple[str, ...]
    editions: tuple[Edition, ...]

    __repr__ = brief

    def edition(self, name: str = "") -> Edition:
        """Return one edition, the newest for an empty name."""
        if not name:
            return self.editions[0]
        for edition in self.editions:
            if edition.edition == name:
                return edition
        raise UnknownNameError.of(
            f"edition of {self.name}", name, [edition.edition for edition in self.editions]
        )


def plain_name(text: str, what: str = "name") -> str:
    """Return `text` if it can be one component of a path on any system.

    Raises
    ------
    InputError
        It holds a separator, a leading dot, a colon, a device name or nothing at all.

    Examples
    --------
    >>> from mriocarbon.datasets.public import plain_name
    >>> plain_name("IOT_2011_pxp.zip")
    'IOT_2011_pxp.zip'
    >>> plain_name("../passwd")
    Traceback (most recent call last):
    mriocarbon.errors.InputError: '../passwd' cannot be a name of a file or folder
      where: name
      what to do: use letters, digits, spaces and . _ - + @ ( ), beginning with a letter or digit
    """
    if not _PLAIN.fullmatch(text) or _DEVICES.fullmatch(text) or text[-1] in ". ":
        raise InputError(
            f"{text!r} cannot be a name of a file or folder",
            where=what,
            do="use letters, digits, spaces and . _ - + @ ( ), beginning with a letter or digit",
        )
    return text


def _expanded(raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry of the data file as one or many: ``over`` names what its braces run over."""
    entry = dict(raw)
    over = entry.pop("over", None)
    if not over:
        yield entry
        return
    values = {
        key: range(span[0], span[1] + 1) if all(isinstance(v, int) for v in span) else span
        for key, span in over.items()
    }
    for chosen in itertools.product(*values.values()):
        fields = dict(zip(values, chosen, strict=True))
        yield {
            **entry,
            "name": entry["name"].format(**fields),
            "url": entry.get("url", "").format(**fields),
        }


def _file(entry: Mapping[str, Any]) -> File:
    url = entry.get("url") or ""
    if url and not url.startswith("https://"):
        raise ValueError(f"{entry['name']}: the address is not https: {url}")
    hashes = {kind: (entry.get(kind) or "").lower() for kind in _HEX}
    for kind, value in hashes.items():
        if value and not re.fullmatch(f"[0-9a-f]{{{_HEX[kind]}}}", value):
            raise ValueError(f"{entry['name']}: not a {kind}: {value}")
    for part in Path(entry.get("data_path") or "").parts:
        plain_name(part, "data_path")
    return File(
        name=plain_name(entry["name"], "file"),
        url=url,
        size=entry.get("size"),
        hash_origin=entry.get("hash_origin") or UNKNOWN_HASH,
        data_path=entry.get("data_path") or "",
        key=entry.get("key") or "",
        layout=MappingProxyType(dict(entry["layout"])) if entry.get("layout") else None,
        note=entry.get("note") or "",
        **hashes,
    )


def _edition(entry: Mapping[str, Any]) -> Edition:
    files: dict[str, File] = {}
    for raw in entry["files"]:
        for expanded in _expanded(raw):
            # A file with figures of its own stands before the family it belongs to.
            files.setdefault(expanded["name"], _file(expanded))
    return Edition(
        **{
            **entry,
            "edition": plain_name(entry["edition"], "edition"),
            "years": tuple(entry["years"]),
            "notes": tuple(entry["notes"]),
            "files": tuple(files.values()),
        }
    )


def _dataset(entry: Mapping[str, Any]) -> Dataset:
    if entry["access"] not in ACCESS:
        raise ValueError(f"{entry['name']}: unknown access {entry['access']!r}")
    if not entry["editions"]:
        raise ValueError(f"{entry['name']}: no edition")
    return Dataset(
        **{
            **entry,
            "name": plain_name(entry["name"], "data set"),
            "notes": tuple(entry["notes"]),
            "editions": tuple(_edition(edition) for edition in entry["editions"]),
        }
    )


@cache
def public_datasets(path: Path = CATALOGUE) -> tuple[Dataset, ...]:
    """Return the catalogue of public data sets.

    Parameters
    ----------
    path : Path
        The data file; the package's own by default.

    Returns
    -------
    tuple of Dataset
        Editions newest first.

    Raises
    ------
    DataFileError
        The data file is missing or malformed.

    Examples
    --------
    >>> from mriocarbon.datasets.public import public_datasets
    >>> {"oecd-icio", "exiobase-3", "figaro"} <= {d.name for d in public_datasets()}
    True
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']}, {SCHEMA} expected")
        found = tuple(_dataset(entry) for entry in content["datasets"])
        if len({dataset.name for dataset in found}) != len(found):
            raise ValueError("a data set is named twice")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFileError(
            f"the catalogue of public data sets cannot be read: {error}",
            where=str(path),
            do="install the package again",
        ) from error
    return found


def find(name: str, path: Path = CATALOGUE) -> Dataset:
    """Return one public data set by name; UnknownNameError offers the nearest.

    Examples
    --------
    >>> from mriocarbon.datasets.public import find
    >>> find("wiod-2016").edition().years
    (2000, 2014)
    """
    for dataset in public_datasets(path):
        if dataset.name == name.strip().casefold():
            return dataset
    if name.strip().casefold().replace("-", "_") in {item.name for item in catalogue()}:
        raise UnknownNameError(
            f"{name!r} is shipped with the package",
            where="public data set",
            do="there is nothing to fetch: mriocarbon data info " + name.strip(),
        )
    raise UnknownNameError.of(
        "public data set", name, [dataset.name for dataset in public_datasets(path)]
    )
