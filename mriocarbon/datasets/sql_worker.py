"""The child process of `mriocarbon.datasets.sql`: one query, then it ends.

It is run as a plain file with nothing but the standard library and duckdb, and it is given a
*copy* of the store's files. One JSON object comes in on stdin, one goes out on stdout. What a
thread cannot stop (a single call of `repeat` or `levenshtein` runs for a minute without looking
at an interrupt) the parent stops by ending this process.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
from typing import Any

# What a query may be made of, as the parser's own tree names it. Everything else is refused:
# a whitelist, because a later DuckDB may learn new ways to write (2.0 learned COPY inside WITH,
# in a statement that it still calls a SELECT).
QUERY_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
TABLE_FUNCTIONS = {"range", "generate_series", "unnest", "repeat", "repeat_row"}
LISTINGS = {"tables", "databases", "columns", "__show_tables_expanded"}
REFUSED_SCALARS = {"write_log", "getenv", "getvariable", "nextval", "currval", "current_setting"}


def main() -> None:
    """Read the task, run it, write the answer."""
    task = json.loads(sys.stdin.buffer.read())
    try:
        answer = run(task)
    except MemoryError:
        answer = {"error": "memory", "message": "the query needs more memory than it may use"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Check one query and run it."""
    import duckdb

    sql = task["sql"]
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": task["threads"],
            "memory_limit": f"{task['memory_mb']}MB",
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
        },
    )
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        return {"error": "syntax", "message": str(error)}
    if len(statements) != 1:
        return {"error": "refused", "message": f"{len(statements)} statements, not one"}
    kind = statements[0].type.name
    if kind != "SELECT":
        article = "an" if kind[0] in "AEIOU" else "a"
        message = f"{article} {kind} statement; only reading is allowed"
        return {"error": "refused", "message": message}
    tree = parsed(connection, sql)
    why = refusal(tree, set(task["tables"]))
    if why:
        return {"error": "refused", "message": why}
    for name, path in task["tables"].items():
        quoted = path.replace("'", "''")
        connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{quoted}')")
    connection.execute("SET allowed_paths = ?", [list(task["tables"].values())])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    limit_process(task["memory_mb"], task["timeout"])
    try:
        found = answered(connection.execute(statements[0]), task["max_rows"])
        if "rows" in found and task["origins"]:
            found["origins"] = origins(connection, found, named(tree, task["tables"]))
        return found
    except duckdb.OutOfMemoryException as error:
        return {"error": "memory", "message": str(error)}
    except duckdb.PermissionException as error:
        return {"error": "refused", "message": str(error)}
    except duckdb.Error as error:
        return {"error": "failed", "message": str(error)}
    except UnicodeError as error:
        return {"error": "failed", "message": f"the result holds text that is no Unicode: {error}"}


def parsed(connection: Any, sql: str) -> dict[str, Any]:
    """Return the parser's own tree of a query."""
    text = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()[0]
    return dict(json.loads(text))


def refusal(tree: dict[str, Any], tables: set[str]) -> str:
    """Return why a query may not run, or nothing, from the parser's own tree."""
    if tree.get("error"):
        return f"it cannot be checked: {tree.get('error_message', 'no tree of it')}"
    known = {name.casefold() for name in tables}
    nodes = list(walk(tree["statements"]))
    for node in nodes:
        mapping = node.get("cte_map")
        if isinstance(mapping, dict):
            known |= {str(entry.get("key", "")).casefold() for entry in mapping.get("map", [])}
    for node in nodes:
        why = refused_node(node, known)
        if why:
            return why
    return ""


def refused_node(node: dict[str, Any], known: set[str]) -> str:
    """Return why one node of the tree is refused, or nothing."""
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in QUERY_NODES:
        return f"{kind.removesuffix('_NODE').lower()} inside the query; only reading is allowed"
    if kind == "BASE_TABLE":
        name = str(node.get("table_name", ""))
        schema = str(node.get("schema_name", "")).casefold()
        if schema == "information_schema":
            return ""
        if schema not in ("", "main") or name.casefold() not in known:
            return f"no table {name!r}; files cannot be read here"
    if kind == "TABLE_FUNCTION":
        name = str(node.get("function", {}).get("function_name", ""))
        if name.casefold() not in TABLE_FUNCTIONS:
            return f"the table function {name!r}"
    if kind == "SHOW_REF":
        name = str(node.get("table_name", "")).strip('"').casefold()
        if node.get("query") is None and name and name not in known | LISTINGS:
            return f"no table {name!r}"
    if kind == "FUNCTION" and str(node.get("function_name", "")).casefold() in REFUSED_SCALARS:
        return f"the function {node['function_name']!r}"
    if kind in ("VALUE_PARAMETER",):
        return "a parameter without a value"
    return ""


def named(tree: dict[str, Any], tables: Any) -> list[str]:
    """Return the tables that a query reads."""
    read = {
        str(node.get("table_name", "")).casefold()
        for node in walk(tree["statements"])
        if node.get("type") == "BASE_TABLE"
    }
    return [name for name in tables if name.casefold() in read]


def walk(item: Any) -> Any:
    """Yield every object of a JSON tree, without recursion (it may be deep)."""
    stack = [item]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            yield top
            stack.extend(top.values())
        elif isinstance(top, list):
            stack.extend(top)


def limit_process(memory_mb: int, seconds: float) -> None:
    """Ask the kernel for what DuckDB cannot promise; where there is no such kernel, do without."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows: the parent's time limit and the checks hold
        return
    used = 0
    # no /proc, no limit on memory but DuckDB's own
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    limits = [
        (resource.RLIMIT_FSIZE, 0),  # not one byte can be written to any file
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, math.ceil(seconds) * 4 + 2),  # should the parent be gone
    ]
    if used:
        # twice: strings that a function makes are not counted by DuckDB's own limit
        limits.append((resource.RLIMIT_AS, used + 2 * memory_mb * 1024 * 1024))
    for which, value in limits:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (value, value))


def answered(cursor: Any, max_rows: int) -> dict[str, Any]:
    """Return columns, types and rows, fetching one row more than asked to see the cut.

    The result streams: rows that nobody asked for are never made.
    """
    if cursor.description is None:
        return {"error": "refused", "message": "a statement without a result"}
    rows = cursor.fetchmany(max_rows + 1)
    return {
        "columns": [column[0] for column in cursor.description],
        "types": [str(column[1]) for column in cursor.description],
        "rows": [[plain(cell) for cell in row] for row in rows[:max_rows]],
        "cut": len(rows) > max_rows,
    }


def origins(connection: Any, found: dict[str, Any], tables: list[str]) -> list[list[str]]:
    """Return for each row the sources of the rows of the store that hold all of its cells.

    None where a query computed a cell, wrote it itself, or called a column by another's name.
    """
    names, rows = found["columns"], found["rows"]
    out: list[list[str]] = [[] for _ in rows]
    if not rows or len(set(names)) < len(names):
        return out
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    marks = ", ".join(["(" + ", ".join("?" * (len(names) + 1)) + ")"] * len(rows))
    cells = [cell for k, row in enumerate(rows) for cell in (k, *row)]
    for table in tables:
        have = {row[0] for row in connection.execute(f'DESCRIBE "{table}"').fetchall()}
        if not {"source", *names} <= have:
            continue
        same = " AND ".join(f"t.{one} IS NOT DISTINCT FROM r.{one}" for one in quoted)
        kept = connection.execute(
            f"SELECT r.n, list(DISTINCT t.source ORDER BY t.source) "
            f"FROM (VALUES {marks}) r(n, {', '.join(quoted)}) "
            f'JOIN "{table}" t ON {same} GROUP BY 1',
            cells,
        )
        for k, sources in kept.fetchall():
            out[k] = sorted({*out[k], *sources})
    return out


def plain(cell: Any) -> Any:
    """Return a cell as JSON can carry it: numbers, text, lists; all else as text."""
    if cell is None or isinstance(cell, (bool, int, float, str)):
        return cell
    if isinstance(cell, (list, tuple)):
        return [plain(part) for part in cell]
    if isinstance(cell, dict):
        return {str(key): plain(part) for key, part in cell.items()}
    return str(cell)


if __name__ == "__main__":
    main()
