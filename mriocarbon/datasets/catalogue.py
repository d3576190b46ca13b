"""What the package ships: every item with producer, citation, licence, hash and exactness."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mriocarbon.errors import DataFileError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Provenance, Source, hear

EMBEDDED = Path(__file__).parent / "embedded"
_REBUILD = "install the package again, or rebuild it: make data DATA=path/to/source/data"


def of_another_size(found: int, recorded: int) -> str:
    """Say what is wrong with a file that has another size than was recorded.

    Examples
    --------
    >>> of_another_size(10, 12)
    'truncated: 10 of 12 bytes'
    >>> of_another_size(14, 12)
    'not as it was made: 14 bytes for 12 (did git or an editor change its line ends?)'
    """
    if found < recorded:
        return f"truncated: {found} of {recorded} bytes"
    return (
        f"not as it was made: {found} bytes for {recorded} (did git or an editor change its line"
        " ends?)"
    )


@dataclass(frozen=True)
class Item:
    """One embedded file.

    Attributes
    ----------
    file, title, producer, edition, citation, licence, licence_url, address, unit : str
    years : tuple of int
    exactness : {"exact", "estimated", "mixed"}
    what_is_estimated : str
    columns : mapping of column to meaning
    derived_from : mapping of source file to its sha256
    notes : tuple of str
    sha256 : str
    bytes : int

    Examples
    --------
    >>> import mriocarbon as mc
    >>> [item.exactness for item in mc.catalogue() if item.name == "households_2022"]
    ['estimated']
    """

    file: str
    title: str
    producer: str
    edition: str
    citation: str
    licence: str
    licence_url: str
    address: str
    unit: str
    years: tuple[int, ...]
    exactness: str
    what_is_estimated: str
    columns: dict[str, str]
    derived_from: dict[str, str]
    notes: tuple[str, ...]
    sha256: str
    bytes: int

    __repr__ = brief

    @property
    def name(self) -> str:
        """Name for `mc.table` and messages: the file without its ending."""
        return self.file.rpartition(".")[0]

    @property
    def source(self) -> Source:
        """The item as a Source, for provenance."""
        return Source(
            name=self.title,
            citation=self.citation,
            licence=self.licence,
            url=self.address,
            edition=self.edition,
            sha256=self.sha256,
        )


@cache
def catalogue(folder: Path = EMBEDDED) -> tuple[Item, ...]:
    """Return all embedded items.

    Raises
    ------
    DataFileError
        The manifest is missing or unreadable.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> "oecd_icio_2022" in [item.name for item in mc.catalogue()]
    True
    """
    path = folder / "manifest.json"
    try:
        items = json.loads(path.read_text(encoding="utf-8"))["items"]
        return tuple(
            Item(**{**item, "years": tuple(item["years"]), "notes": tuple(item["notes"])})
            for item in items
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataFileError(
            f"the manifest of the embedded data cannot be read: {error}",
            where=str(path),
            do=_REBUILD,
        ) from error


def find(name: str, folder: Path = EMBEDDED) -> Item:
    """Return one item by name; UnknownNameError offers the nearest."""
    for item in catalogue(folder):
        if name in (item.name, item.file):
            return item
    raise UnknownNameError.of("data set", name, [item.name for item in catalogue(folder)])


def verified(name: str, folder: Path = EMBEDDED) -> Path:
    """Return the path of an item whose size and sha256 are those of the manifest.

    Parameters
    ----------
    name : str
        Of the item, see `catalogue`.
    folder : Path
        Where the items lie; the package's own by default.

    Returns
    -------
    Path

    Raises
    ------
    DataFileError
        The file is missing, truncated or altered.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mc.verified("regions_20").name
    'regions_20.csv'
    """
    item = find(name, folder)
    path = folder / item.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"an embedded file cannot be read: {error}", where=str(path), do=_REBUILD
        ) from error
    if len(content) != item.bytes:
        raise DataFileError(
            f"an embedded file is {of_another_size(len(content), item.bytes)}",
            where=str(path),
            do=_REBUILD,
        )
    found = hashlib.sha256(content).hexdigest()
    if found != item.sha256:
        raise DataFileError(
            "an embedded file has been altered",
            where=f"{path}: sha256 {found[:16]}..., recorded {item.sha256[:16]}...",
            do=_REBUILD,
        )
    hear(Provenance(item.name, item.edition, item.sha256, sources=(item.source,)))
    return path
