"""What openLCA JSON-LD and ILCD have in common: data sets in a folder or zip, and flows measured.

In both a flow has a reference property (mass, energy, items), other properties by factors, and
units in groups. Here every amount is brought to the reference unit of its flow with the factors of
the source itself, so that no name of a unit has to be understood for that:

.. math:: a_{ref} = a \\, u / p

with u the factor of the unit in its group and p that of the property.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.io.archive import DAMAGE, zip_of
from mriocarbon.lca.ecospold1 import Library
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.units import compatible, convert
from mriocarbon.model.provenance import Source

__all__ = [
    "Bytes",
    "FlowRecord",
    "UnitGroup",
    "bridges",
    "digest",
    "documents",
    "read_package",
    "shares_of",
    "unique",
]

Read = tuple[tuple[Process, ...], tuple[str, ...], Mapping[str, Mapping[str, float]]]
PRODUCT, WASTE, ELEMENTARY, OTHER = "product", "waste", "elementary", "other"
_ROUNDED = 1e-3


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units that measure the same thing: factor of each to the `reference`."""

    reference: str
    factors: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class FlowRecord:
    """A flow data set.

    Attributes
    ----------
    code, name, kind : str
        Identifier; name, made unique by `unique`; "product", "waste", "elementary" or "other".
    reference : str
        Identifier of the reference property.
    factors : dict of str to float
        Property to its amount per unit of the reference.
    unit : str
        Reference unit of the reference property; "" if the source does not tell.
    compartment, category, cas, location : str
    properties : dict of str to float
        "mass" (kg) and "energy" (MJ) per unit, where other properties tell.
    """

    code: str
    name: str
    kind: str
    reference: str
    factors: dict[str, float]
    unit: str = ""
    compartment: str = ""
    category: str = ""
    cas: str = ""
    location: str = ""
    properties: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bytes:
    """Files that are told apart by their digest alone."""

    files: tuple[tuple[str, bytes], ...]
    sha: str

    def __hash__(self) -> int:
        return hash(self.sha)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bytes) and other.sha == self.sha


def documents(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of every file of a kind in a folder or zip, in the order of the names.

    Raises
    ------
    DataFileError
        Not there, or a damaged zip.
    """
    if not path.exists():
        raise DataFileError(f"no file {path.name}", where=str(path), do="check the path")
    if path.is_dir():
        for one in sorted(p for p in path.rglob("*") if p.suffix.lower() == suffix):
            if one.is_file():
                yield one.relative_to(path).as_posix(), one.read_bytes()
        return
    try:
        with zip_of(path) as archive:
            for name in sorted(archive.namelist()):
                if name.lower().endswith(suffix):
                    yield name, archive.read(name)
    except DAMAGE as error:
        raise DataFileError(
            f"{path.name} is no zip, or a damaged one: {error}", where=str(path),
            do="give a folder or a zip; fetch it again",
        ) from error  # fmt: skip


def digest(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over names and contents, the same for a folder and a zip of it."""
    sha = hashlib.sha256()
    for name, content in files:
        sha.update(f"{name}\0{len(content)}\0".encode())
        sha.update(content)
    return sha.hexdigest()


class Package(Protocol):
    """Data sets of one format, gathered file by file."""

    def add(self, name: str, content: bytes) -> None:
        """Take in a file."""

    def library(self) -> Read:
        """Return processes, notes and shares."""


def read_package(
    path: Path, suffix: str, make: Callable[[Path], Package], source: Source | None
) -> Library:
    """Read a folder or a zip with the reader of its format; a second time costs no parsing."""
    files = tuple(documents(path, suffix))
    sha = digest(files)
    processes, notes, shares = _read(make, path, Bytes(files, sha))
    return Library(processes, replace(source or Source(path.name), sha256=sha), notes, shares)


@lru_cache(maxsize=8)
def _read(make: Callable[[Path], Package], path: Path, given: Bytes) -> Read:
    package = make(path)
    for name, content in given.files:
        package.add(name, content)
    return package.library()


def unique(flows: Iterable[FlowRecord]) -> None:
    """Tell products and wastes of one name apart, by place or code: they are not the same thing."""
    traded = [flow for flow in flows if flow.kind != ELEMENTARY]
    count = Counter(flow.name for flow in traded)
    placed = Counter((flow.name, flow.location) for flow in traded)
    for flow in traded:
        if count[flow.name] > 1:
            alone = flow.location and placed[flow.name, flow.location] == 1
            flow.name = f"{flow.name} [{flow.location if alone else flow.code[:8]}]"


def bridges(
    flow: FlowRecord, properties: Mapping[str, str], groups: Mapping[str, UnitGroup],
    named: Mapping[str, str],
) -> None:  # fmt: skip
    """Fill in the unit of a flow, and its mass and energy per unit as far as they are told.

    Parameters
    ----------
    flow : FlowRecord
    properties : mapping of property to unit group
    groups : mapping of unit group to UnitGroup
    named : mapping of property to its name
        Upper calorific values are passed over: energies here are lower ones.
    """

    def unit_of(key: str) -> str:
        group = groups.get(properties.get(key, ""))
        return group.reference if group else ""

    flow.unit = unit_of(flow.reference)
    own = flow.factors.get(flow.reference) or 1.0
    for what, base in (("mass", "kg"), ("energy", "MJ")):
        if flow.unit and compatible(flow.unit, base):
            continue  # the unit itself tells
        for key, factor in flow.factors.items():
            unit, name = unit_of(key), named.get(key, "").casefold()
            if key == flow.reference or not unit or not compatible(unit, base):
                continue
            if any(word in name for word in ("upper", "gross", "higher", "dry", "carbon")):
                continue
            flow.properties.setdefault(what, factor / own * convert(unit, base))


def shares_of(stated: Mapping[str, float], products: Iterable[str]) -> dict[str, float] | None:
    """Shares of the products that add up to one; None where they are not complete or do not.

    >>> shares_of({"power": 0.6, "heat": 0.4001}, ["power", "heat"])["power"]
    0.599940005999...
    >>> shares_of({"power": 0.6}, ["power", "heat"])
    """
    names = list(dict.fromkeys(products))
    whole = math.fsum(stated.values())
    if set(stated) != set(names) or min(stated.values(), default=-1) < 0:
        return None
    if not abs(whole - 1) <= _ROUNDED:
        return None
    return {name: stated[name] / whole for name in names}


def number(value: object, what: str, where: str) -> float:
    """The number behind a value of a file; InputError if there is none."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if isinstance(value, bool) or not math.isfinite(found):
        raise InputError(f"{what} is {value!r}", where=where, do="correct the number in the file")
    return found


@contextmanager
def located(path: Path, name: str) -> Iterator[None]:
    """Turn faults of a data set into DataFileError with the name of its file."""
    try:
        yield
    except DataFileError:
        raise
    except InputError as error:
        raise DataFileError(
            f"{name} cannot be read: {error.what}", where=f"{path.name}/{name}, {error.where}",
            do=error.do,
        ) from error  # fmt: skip
    except (AttributeError, TypeError, KeyError, ValueError, OverflowError) as error:
        # text or a number where the schema has an object, and the like
        raise DataFileError(
            f"{name} cannot be read: a part of it is not of the kind that the format asks for"
            f" ({error})", where=f"{path.name}/{name}", do="export the package again",
        ) from error  # fmt: skip
