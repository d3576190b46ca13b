"""Read-only SQL over parquet files, safe to offer to people one does not know.

Four walls, each enough for most of what may come:

1. The query must parse to one SELECT whose tree holds nothing but reading: no DML or COPY in a
   WITH clause, no table function but a few, no table that is not the store's.
2. It runs in a process of its own in which DuckDB has no file access, no extensions, a locked
   configuration, a limit on memory and no sight of Python's variables; the kernel forbids it to
   write a single byte to any file.
3. That process is ended when its time is over. (DuckDB's own interrupt is not looked at inside
   one call of a function: ``length(repeat('a', 2000000000))`` ran for 52 s past a limit of 2 s.)
4. It is given a copy of the store's files, which is thrown away afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    import pandas as pd

MOST_CHARACTERS = 20_000
MOST_ROWS = 100_000
MOST_SECONDS = 300.0
WORKER = Path(__file__).with_name("sql_worker.py")
# The child needs to find duckdb and its libraries, nothing of the user's.
PASSED_ON = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "PATH", "TMPDIR", "TEMP")


class QueryError(InputError):
    """The query is not SQL, or asks for a table or column that is not there."""


class QueryRefusedError(QueryError):
    """The query does more than read the store."""


class QueryLimitError(MriocarbonError, RuntimeError):
    """The query ran into its time or memory limit; there is no result."""


@dataclass(frozen=True)
class QueryResult:
    """Rows of a query.

    Attributes
    ----------
    columns, types : tuple of str
        Names, and types as DuckDB calls them.
    rows : tuple of tuple
        Missing is None.
    cut : bool
        Whether there are more rows than asked for; those shown are then only the first ones.
    max_rows : int
    seconds : float
    sql : str
    notes : tuple of str
        What to know about the result, in words: that it is cut, that the store is compact.
    origins : tuple of tuple of str
        Where they were asked for: for each row the sources of the rows of the store that hold all
        of its cells; none for a row that the query computed or wrote itself.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool
    max_rows: int
    seconds: float
    sql: str
    notes: tuple[str, ...] = ()
    origins: tuple[tuple[str, ...], ...] = ()

    __repr__ = brief

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return a DataFrame; ``attrs`` carries the query, whether it is cut, and the notes."""
        import pandas as pd

        frame = pd.DataFrame.from_records(list(self.rows), columns=list(self.columns))
        frame.attrs = {"sql": self.sql, "cut": self.cut, "notes": list(self.notes)}
        return frame

    def to_csv(self) -> str:
        r"""Return CSV with a header; a missing cell is empty."""
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in self.rows)
        return out.getvalue()


def run(
    sql: str,
    tables: Mapping[str, Path],
    *,
    max_rows: int = 1000,
    timeout: float = 10.0,
    memory_mb: int = 512,
    notes: tuple[str, ...] = (),
    origins: bool = False,
) -> QueryResult:
    """Run one reading query on parquet files.

    Parameters
    ----------
    sql : str
        One SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE or SHOW, up to 20,000 characters.
    tables : mapping of name to parquet file
        All that the query can see.
    max_rows : int
        1 to 100,000; a longer result is cut and says so.
    timeout : float
        Seconds, up to 300, the start of the process included (about 0.2 s).
    memory_mb : int
        Megabytes that the query may use.
    notes : tuple of str
        Passed on to the result.
    origins : bool
        Look each row up in the store again, up to 1,000.

    Returns
    -------
    QueryResult

    Raises
    ------
    QueryRefusedError
        More than one statement, or one that does more than read the tables.
    QueryError
        Wrong syntax, no such column, text with a NUL, limits out of range.
    QueryLimitError
        Out of time or memory.
    NotAvailableError
        A file of the store is missing.
    """
    _check_arguments(sql, max_rows, timeout, memory_mb)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mriocarbon-query-") as name:
        copies = {}
        for table, path in tables.items():
            copies[table] = str(Path(name) / f"{table}.parquet")
            try:
                shutil.copyfile(path, copies[table])
            except OSError as error:
                raise NotAvailableError(
                    f"a file of the database cannot be read: {error}", where=str(path)
                ) from error
        task = {
            "sql": sql,
            "tables": copies,
            "max_rows": max_rows,
            "timeout": timeout,
            "memory_mb": memory_mb,
            "origins": origins and max_rows <= 1000,
            "threads": min(2, os.cpu_count() or 1),
        }
        answer = _in_child(task, timeout, Path(name))
    seconds = time.perf_counter() - start
    _raise_for(answer, sql, memory_mb)
    if answer["cut"]:
        notes = (f"cut after {max_rows:,} rows: there are more", *notes)
    return QueryResult(
        columns=tuple(answer["columns"]),
        types=tuple(answer["types"]),
        rows=tuple(tuple(row) for row in answer["rows"]),
        cut=answer["cut"],
        max_rows=max_rows,
        seconds=seconds,
        sql=sql,
        notes=notes,
        origins=tuple(tuple(one) for one in answer.get("origins", ())),
    )


def _check_arguments(sql: str, max_rows: int, timeout: float, memory_mb: int) -> None:
    if len(sql) > MOST_CHARACTERS:
        raise QueryRefusedError(
            f"the query has {len(sql):,} characters, more than {MOST_CHARACTERS:,}",
            do="shorten it",
        )
    if not sql.strip():
        raise QueryError("the query is empty", do="write a SELECT; `SHOW TABLES` lists the tables")
    if "\x00" in sql:
        raise QueryRefusedError("the query holds a NUL character", do="take it out")
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise QueryRefusedError(
            f"the query holds a character that is no Unicode text: {error}", do="take it out"
        ) from error
    if not 1 <= max_rows <= MOST_ROWS:
        raise QueryError(f"max_rows is {max_rows}", do=f"choose 1 to {MOST_ROWS:,}")
    if not 0 < timeout <= MOST_SECONDS:
        raise QueryError(f"timeout is {timeout} s", do=f"choose up to {MOST_SECONDS:.0f} s")
    if memory_mb < 64:
        raise QueryError(f"memory_mb is {memory_mb}", do="choose at least 64")


def _in_child(task: Mapping[str, Any], timeout: float, folder: Path) -> dict[str, Any]:
    """Run the worker on a task; end it when its time is over."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # -P: the worker's own folder must not shadow the standard library
    child = subprocess.Popen(
        [sys.executable, "-P", str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
    )
    try:
        out, errors = child.communicate(json.dumps(task).encode(), timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"error": "time", "message": f"the query was stopped after {timeout:g} s"}
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    try:
        answer: dict[str, Any] = json.loads(out)
    except ValueError:
        text = errors.decode(errors="replace").strip()
        last = text.rpartition("\n")[2][:200]
        if "No module named 'duckdb'" in last:
            return {"error": "missing", "message": last}
        return {"error": "memory", "message": f"its process ended with {child.returncode} {last}"}
    return answer


def _raise_for(answer: Mapping[str, Any], sql: str, memory_mb: int) -> None:
    kind = answer.get("error")
    if kind is None:
        return
    message = str(answer["message"]).strip()
    where = " ".join(sql.split())[:200]
    if kind == "missing":
        raise NotAvailableError("the database needs duckdb", do="pip install duckdb")
    if kind == "time":
        raise QueryLimitError(message, where=where, do="narrow it, or give it more time")
    if kind == "memory":
        raise QueryLimitError(
            f"the query needs more memory than it may use ({memory_mb} MB)",
            where=f"{where} ({message.partition(chr(10))[0][:200]})",
            do="narrow it: fewer rows, no products of large tables",
        )
    if kind == "refused" and "a MULTI statement" in message:
        # DuckDB's parser turns a PIVOT into a CREATE TYPE and a SELECT
        raise QueryRefusedError(
            "the query is refused: PIVOT is split into several statements",
            where=where,
            do="write it as SELECT ... with FILTER or CASE: "
            "SELECT region, sum(value) FILTER (year = 2022) AS y2022 FROM ... GROUP BY region",
        )
    if kind == "refused":
        raise QueryRefusedError(
            f"the query is refused: {message}",
            where=where,
            do="one SELECT (or WITH, DESCRIBE, SHOW) over the tables of `SHOW TABLES`",
        )
    raise QueryError(
        f"the query does not run: {message}", where=where, do="`DESCRIBE table` lists the columns"
    )
