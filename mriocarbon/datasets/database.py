"""The emissions database: everything the package knows that is not a matrix.

Parquet files, one a family, all with the same columns; see ``docs/how-to/database.md``. A
compact part is embedded; the whole, built from the folder of source data, lies in the cache and
is preferred when it is there and its hashes are right.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mriocarbon.config import cache_folder
from mriocarbon.datasets import sql as sandbox
from mriocarbon.datasets.catalogue import of_another_size
from mriocarbon.errors import DataFileError, InputError, MriocarbonWarning, UnknownNameError
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    import pandas as pd

EMBEDDED_STORE = Path(__file__).parent / "embedded" / "database"
MANIFEST = "database.json"
LISTS = ("sources", "regions", "left_out")
_REBUILD = "install the package again, or rebuild it: python -m scripts.database --data FOLDER"

Filter = str | int | float | Sequence[str | int | float] | None

# Frames read before, oldest first: one study asks for the same rows a hundred times, and each
# reading is a DuckDB of its own. At some 370 bytes a row they take 150 MB at most.
_KEPT_ROWS = 400_000
_READ: dict[tuple[object, ...], pd.DataFrame] = {}
_KEEPING = Lock()


class DatabaseWarning(MriocarbonWarning):
    """A store that was expected is not used; the text says why."""


@dataclass(frozen=True)
class Family:
    """One family of figures.

    Attributes
    ----------
    name, title : str
    rows : int
        In this store.
    rows_of_the_whole : int
        In the store built from all source data.
    left_out : str
        Which rows the compact store leaves out, in words; empty in the whole store.
    """

    name: str
    title: str
    rows: int
    rows_of_the_whole: int
    left_out: str


@dataclass(frozen=True)
class Database:
    """An open store.

    Attributes
    ----------
    folder : Path
    families : mapping of name to Family
    complete : bool
        Whether it is the whole; the compact one leaves rows out, see ``families``.
    hashes : mapping of file to sha256
    """

    folder: Path
    families: Mapping[str, Family]
    complete: bool
    hashes: Mapping[str, str]

    __repr__ = brief

    @property
    def tables(self) -> Mapping[str, Path]:
        """Names of all tables (the families, ``sources``, ``regions``, ``left_out``) and files."""
        names = (*self.families, *LISTS)
        return MappingProxyType({name: self.folder / f"{name}.parquet" for name in names})

    @property
    def sources(self) -> pd.DataFrame:
        """Every source: producer, edition, citation, licence, address, files and their hashes.

        The column ``shares`` names the data that go into several sources: their errors are not
        independent.
        """
        return self.table("sources")

    def table(self, name: str, **filters: Filter) -> pd.DataFrame:
        """Return the rows of a table that match all filters, labelled.

        Parameters
        ----------
        name : str
            A family, or ``sources``, ``regions``, ``left_out``.
        **filters : value, list of values, or None
            By column: ``region="CHN"``, ``year=[2021, 2022]``; None asks for missing cells.

        Returns
        -------
        pandas.DataFrame
            ``value`` NaN means that the source has no figure: ``key`` holds its notation key
            (NE: not estimated, IE: included elsewhere, ...) or ``note`` the reason. ``attrs``
            holds the family's title, ``complete``, what was left out, and citation and licence
            of every source in the frame.

        Raises
        ------
        UnknownNameError
            No such table or column; near matches are offered.
        InputError
            A filter of the wrong type.

        Examples
        --------
        >>> import mriocarbon.datasets.database as db
        >>> frame = db.database().table("characterisation", gas="N2O", item="AR5",
        ...                             variable="GWP100", source="ipcc-gwp")
        >>> frame["value"].tolist(), frame["unit"].tolist()
        ([265.0], ['t CO2e/t N2O'])
        """
        if name not in self.tables:
            raise UnknownNameError.of("table of the database", name, self.tables)
        asked = {
            column: wanted if wanted is None or isinstance(wanted, (str, int, float))
            else list(wanted)
            for column, wanted in filters.items()
        }  # fmt: skip
        # By the hashes that were verified, and by how the filters are written: 1 and True are
        # equal, but one of them is refused.
        key = (self.folder, name, self.hashes.get(f"{name}.parquet"),
               self.hashes.get("sources.parquet"), repr(asked))  # fmt: skip
        frame = _READ.get(key)
        if frame is None:
            frame = self._read(name, asked)
            if len(frame) <= _KEPT_ROWS:
                with _KEEPING:
                    while sum(map(len, _READ.values())) + len(frame) > _KEPT_ROWS:
                        _READ.pop(next(iter(_READ)))
                    _READ[key] = frame
        return frame.copy()  # its attrs too, all the way down

    def _read(self, name: str, filters: Mapping[str, Filter]) -> pd.DataFrame:
        connection = _connection()
        try:
            where, values = _conditions(connection, self.tables[name], filters)
            frame: pd.DataFrame = connection.execute(
                f"SELECT * FROM read_parquet(?){where}", [str(self.tables[name]), *values]
            ).df()
            frame.attrs.update(self._about(name))
            if "source" in frame and name in self.families:
                used = sorted(set(frame["source"]))
                frame.attrs["sources"] = {
                    row[0]: {"citation": row[1], "licence": row[2]}
                    for row in connection.execute(
                        "SELECT source, citation, licence FROM read_parquet(?) "
                        "WHERE list_contains(?, source)",
                        [str(self.tables["sources"]), used],
                    ).fetchall()
                }
        finally:
            connection.close()
        return frame

    def query(
        self,
        sql: str,
        *,
        max_rows: int = 1000,
        timeout: float = 10.0,
        memory_mb: int = 512,
        origins: bool = False,
    ) -> sandbox.QueryResult:
        """Run one read-only SQL query; see `mriocarbon.datasets.sql.run` for the walls around it.

        Parameters
        ----------
        sql : str
            One SELECT, WITH, DESCRIBE, SUMMARIZE or SHOW.
        max_rows : int
            1 to 100,000; a longer result is cut and says so.
        timeout : float
            Seconds, up to 300.
        memory_mb : int
        origins : bool
            Say of each row which sources have it as it stands.

        Returns
        -------
        QueryResult

        Raises
        ------
        QueryRefusedError, QueryError, QueryLimitError
            See `mriocarbon.datasets.sql`.

        Examples
        --------
        >>> import mriocarbon.datasets.database as db
        >>> result = db.database().query(
        ...     "SELECT region, value FROM industry_emissions WHERE category = 'D' "
        ...     "ORDER BY value DESC", max_rows=1)
        >>> result.rows[0][0], result.cut
        ('CHN', True)
        """
        notes: tuple[str, ...] = ()
        if not self.complete:
            words = sql.casefold()
            notes = tuple(
                f"compact store: of {name}, {family.left_out}"
                for name, family in self.families.items()
                if name in words and family.rows < family.rows_of_the_whole
            )
        return sandbox.run(
            sql,
            self.tables,
            max_rows=max_rows,
            timeout=timeout,
            memory_mb=memory_mb,
            notes=notes,
            origins=origins,
        )

    def _about(self, name: str) -> dict[str, Any]:
        family = self.families.get(name)
        return {
            "table": name,
            "title": family.title if family else name,
            "complete": self.complete or family is None,
            "left_out": family.left_out if family else "",
        }


def cached_store() -> Path:
    """Return the folder of the whole store in the cache; it need not exist."""
    return cache_folder() / "database"


def database(folder: Path | None = None) -> Database:
    """Open the emissions database.

    Parameters
    ----------
    folder : Path, optional
        A store. By default the whole one in the cache, if it is there and its hashes are right;
        else the compact one of the package. A damaged one in the cache is passed over with a
        warning.

    Returns
    -------
    Database
        ``complete`` says which of the two it is.

    Raises
    ------
    DataFileError
        The store is missing, truncated or altered.

    Examples
    --------
    >>> import mriocarbon.datasets.database as db
    >>> len(db.database().families) >= 8
    True
    """
    if folder is not None:
        return _opened(folder, _stamp(folder))
    cached = cached_store()
    if cached.is_dir():
        try:
            return _opened(cached, _stamp(cached))
        except DataFileError as error:
            warnings.warn(
                f"the database in the cache is passed over, the compact one is used: {error.what} "
                f"({error.where})",
                DatabaseWarning,
                stacklevel=2,
            )
    return _opened(EMBEDDED_STORE, _stamp(EMBEDDED_STORE))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of a store's files: what tells that it must be verified anew."""
    try:
        return tuple(
            (path.name, path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(folder.iterdir())
        )
    except OSError as error:
        raise DataFileError(
            f"the database cannot be opened: {error}", where=str(folder), do=_REBUILD
        ) from error


@lru_cache(maxsize=8)
def _opened(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Database:
    """Open and verify a store; once as long as its files stay as they are."""
    path = folder / MANIFEST
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        families = {n: Family(name=n, **f) for n, f in sorted(about["families"].items())}
        complete = bool(about["complete"])
        files: dict[str, dict[str, Any]] = {
            name: {"bytes": int(entry["bytes"]), "sha256": str(entry["sha256"])}
            for name, entry in about["files"].items()
        }
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError
    ) as error:  # fmt: skip
        raise DataFileError(
            f"the manifest of the database cannot be read: {error}", where=str(path), do=_REBUILD
        ) from error
    missing = {f"{name}.parquet" for name in (*families, *LISTS)} - set(files)
    if missing:
        raise DataFileError(
            f"the manifest of the database lacks {sorted(missing)[0]}",
            where=str(path),
            do=_REBUILD,
        )
    for name, entry in files.items():
        _verify(folder / name, entry)
    return Database(
        folder=folder,
        families=MappingProxyType(families),
        complete=complete,
        hashes=MappingProxyType({name: entry["sha256"] for name, entry in files.items()}),
    )


def _verify(path: Path, entry: Mapping[str, Any]) -> None:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"a file of the database cannot be read: {error}", where=str(path), do=_REBUILD
        ) from error
    if len(content) != entry["bytes"]:
        raise DataFileError(
            f"a file of the database is {of_another_size(len(content), entry['bytes'])}",
            where=str(path),
            do=_REBUILD,
        )
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise DataFileError("a file of the database was altered", where=str(path), do=_REBUILD)


def _connection() -> Any:
    """Open a DuckDB for our own queries on files whose hash was verified."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": "false",
        "temp_directory": "",  # nothing is ever written to where the user happens to be
    }
    return duckdb.connect(":memory:", config=settings)


def _conditions(
    connection: Any, path: Path, filters: Mapping[str, Filter]
) -> tuple[str, list[Any]]:
    """Return a WHERE clause with placeholders, and their values."""
    if not filters:
        return "", []
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
    types = {row[0]: row[1] for row in described.fetchall()}
    parts, values = [], []
    for column, wanted in filters.items():
        if column not in types:
            raise UnknownNameError.of("column", column, types)
        if wanted is None:
            parts.append(f'"{column}" IS NULL')
            continue
        several = [wanted] if isinstance(wanted, (str, int, float)) else list(wanted)
        text = types[column] == "VARCHAR"
        if not all(isinstance(v, str) if text else _is_number(v) for v in several):
            kind = "text" if text else "numbers"
            raise InputError(
                f"the filter on {column} is {wanted!r}",
                where=f"column {column} holds {kind}",
                do=f"give {kind}, one or a list",
            )
        marks = ", ".join("?" * len(several)) or "NULL"
        parts.append(f'"{column}" IN ({marks})')
        values += several
    return " WHERE " + " AND ".join(parts), values


def _is_number(value: object) -> bool:
    import numbers

    return isinstance(value, numbers.Real) and not isinstance(value, bool)


__all__ = ["Database", "DatabaseWarning", "Family", "cached_store", "database"]
