"""Foreground processes in files: YAML, a list of processes; CSV, one row for each exchange."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mriocarbon.errors import DataFileError, InputError, LabelError, UnknownNameError, unreadable
from mriocarbon.io.user_csv import csv_lines, read_bytes
from mriocarbon.lca.goal import ProcessSpec, counted, lines_of, whose
from mriocarbon.lca.plain_yaml import read_yaml

__all__ = ["Placed", "read_specs"]

_KINDS = {
    "input": "inputs", "co-product": "co_products", "emission": "emissions",
    "resource": "resources", "waste": "waste", "treats": "treats",
}  # fmt: skip
_OF_PROCESS = {
    # column: field of ProcessSpec
    "process": "name", "product": "product", "product_amount": "amount", "product_unit": "unit",
    "process_location": "location", "process_year": "year", "stage": "stage", "tags": "tags",
    "process_source": "source", "comment": "comment", "process_sector": "sector",
    "process_price": "price", "process_currency": "currency",
    "process_price_year": "price_year",
}  # fmt: skip
_OF_FLOW = (
    "flow", "amount", "unit", "provider", "made_as", "location", "sector", "price", "currency",
    "price_year", "compartment", "carbon", "source", "pedigree", "gsd2",
)  # fmt: skip
_PROPERTY = re.compile(r"property:(.+)|(mass|energy|C)$")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")
_NUMBERS = ("amount", "price", "price_year", "year", "gsd2")


@dataclass(frozen=True, slots=True)
class Placed:
    """A process as a file gives it, and where it stands: ``"plant.csv, line 3"``."""

    spec: ProcessSpec
    where: str


def read_specs(path: Path | str) -> tuple[Placed, ...]:
    """Read foreground processes from YAML or CSV.

    Parameters
    ----------
    path : path
        ``.yaml``: a list of processes as in a study, or a mapping with the key ``processes``.
        ``.csv``: comma separated, decimal points, UTF-8; one row for each exchange. Columns of the
        process: process, product, product_amount, product_unit, and where wanted process_location,
        process_year, stage, tags (separated by ``|``), process_source, comment, process_sector,
        process_price, process_currency, process_price_year; from the second row of a process on
        they may be empty. Columns of the exchange: kind (input, co-product, emission, resource,
        waste, treats), flow, amount, unit, and provider, made_as, location, sector, price,
        currency, price_year, compartment, carbon, source, pedigree (``2;1;3;1;4``), gsd2,
        mass, energy, C, ``property:<name>``.

    Returns
    -------
    tuple of Placed

    Raises
    ------
    DataFileError
        Missing, not UTF-8, no table, a row that is too long.
    InputError
        Semicolons for commas. A value that does not fit; with process and line.
    """
    where = Path(path)
    raw = read_bytes(where)
    reader = _csv if where.suffix.lower() == ".csv" else _yaml
    found = reader(raw, where)
    if not found:
        raise DataFileError(f"{where.name} holds no process", where=str(where),
                            do="give at least one")  # fmt: skip
    return found


def _yaml(content: bytes, path: Path) -> tuple[Placed, ...]:
    file = path.name
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(path, error) from error
    raw, node = read_yaml(text, file=file)
    prefix: tuple[str | int, ...] = ()
    if isinstance(raw, dict) and set(raw) == {"processes"}:
        raw, prefix = raw["processes"], ("processes",)
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise InputError(
            f"{file} is no list of processes", where=file,
            do="begin each process with '- name: ...'",
        )  # fmt: skip
    placed = []
    for number, one in enumerate(raw):
        at = (*prefix, number)

        def line(loc: Sequence[str | int], at: tuple[str | int, ...] = at) -> int:
            return _line(node, (*at, *loc))

        placed.append(Placed(_spec(one, file, line), f"{file}, line {line(())}"))
    return tuple(placed)


def _line(node: Any, loc: Sequence[str | int]) -> int:
    """Line of the value at a place, or of the nearest above it that is written there."""
    for step in loc:
        found = None
        if isinstance(step, int) and isinstance(node.value, list) and step < len(node.value):
            found = node.value[step]
        elif isinstance(node.value, list) and node.value and isinstance(node.value[0], tuple):
            found = next((value for key, value in node.value if key.value == step), None)
        if found is None or isinstance(found, tuple):
            break
        node = found
    return int(node.start_mark.line) + 1


def _spec(raw: Mapping[str, Any], file: str, line: Any) -> ProcessSpec:
    try:
        return ProcessSpec.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(p) for p in one['loc'])}{whose({**raw, 'name': ''}, one['loc'])}:"
            f" {one['msg']} (line {line(one['loc'])})"
            for one in error.errors()
        ]
        raise InputError(
            f"process {str(raw.get('name', '?'))!r} has {counted(faults)}:{lines_of(faults)}",
            where=f"{file}, line {line(error.errors()[0]['loc'])}",
            do="see docs/methods/lca-inventory.md",
        ) from None  # fmt: skip


def _csv(content: bytes, path: Path) -> tuple[Placed, ...]:
    file = path.name
    processes: dict[str, dict[str, Any]] = {}
    begun: dict[str, int] = {}
    rows: dict[tuple[str, str, int], int] = {}
    header: list[str] = []
    same: dict[tuple[str, ...], int] = {}
    name = ""
    for number, cells in csv_lines(content, path):
        at = f"{file}, line {number}"
        if not header:
            header = _header(cells, at)
            continue
        row = _row(header, cells, at)
        name = row.get("process", "") or name
        if not name:
            raise InputError("a row of no process", where=at, do="fill the column process")
        row["process"] = name
        known = processes.setdefault(name, {})
        begun.setdefault(name, number)
        _head(known, row, file, begun[name], number)
        group, flow = _flow(row, at, name)
        if flow:
            _not_twice(same, row, file, number)
            listed = known.setdefault(group, [])
            rows[name, group, len(listed)] = number
            listed.append(flow)
    placed = []
    for name, raw in processes.items():

        def line(loc: Sequence[str | int], name: str = name) -> int:
            return rows.get((name, str(loc[0]), int(loc[1])), 0) if (
                len(loc) > 1 and isinstance(loc[1], int)
            ) else begun[name]  # fmt: skip

        placed.append(Placed(_spec(raw, file, line), f"{file}, line {begun[name]}"))
    return tuple(placed)


def _header(cells: list[str], at: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    known = {*_OF_PROCESS, *_OF_FLOW, "kind"}
    for name in names:
        if name not in known and not _PROPERTY.match(name):
            raise UnknownNameError.of("column", name, sorted(known), do=f"({at})")
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise LabelError(f"columns that occur twice: {doubled}", where=at, do="keep one of each")
    for name in ("process", "product", "product_unit"):
        if name not in names:
            raise InputError(f"no column {name!r}", where=at, do="add it")
    return names


def _row(header: list[str], cells: list[str], at: str) -> dict[str, str]:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        raise DataFileError(
            f"{len(cells)} cells under {len(header)} columns", where=at,
            do="put quotes round text with a comma; write numbers with a decimal point",
        )  # fmt: skip
    return {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}


def _value(field: str, text: str, at: str, name: str) -> str | float:
    if field not in _NUMBERS and not _PROPERTY.match(field):
        return text
    if _DECIMAL_COMMA.fullmatch(text):
        raise InputError(
            f"{field} is {text!r}: a decimal comma or a mark of thousands?",
            where=f"{at}, process {name!r}", do="write numbers as 1234.5",
        )  # fmt: skip
    try:
        value = float(text)
        if "_" in text or not math.isfinite(value):  # 4_1 is 41 to Python
            raise ValueError
        return value
    except ValueError:
        raise InputError(f"{field} is {text!r}, no number", where=f"{at}, process {name!r}",
                         do="write numbers as 1234.5") from None  # fmt: skip


def _head(known: dict[str, Any], row: dict[str, str], file: str, begun: int, number: int) -> None:
    """Take over what the row says of its process; it must not contradict an earlier row."""
    for column, field in _OF_PROCESS.items():
        if column not in row:
            continue
        value: Any = _value(field, row[column], f"{file}, line {number}", row["process"])
        if field == "tags":
            value = tuple(part.strip() for part in row[column].split("|"))
        if known.setdefault(field, value) != value:
            raise InputError(
                f"{column} of process {row['process']!r} is {row[column]!r}, and was"
                f" {known[field]!r} in a row before",
                where=f"{file}, lines {begun} and {number}",
                do="give another process a name of its own, or the same value in each row",
            )  # fmt: skip


def _flow(row: dict[str, str], at: str, name: str) -> tuple[str, dict[str, Any]]:
    """List of the schema and the exchange of a row; nothing for a row without one."""
    told = [column for column in row if column not in _OF_PROCESS]
    if not told:
        return "", {}
    where = f"{at}, process {name!r}"
    for column in ("kind", "flow", "amount", "unit"):
        if column not in row:
            raise InputError(f"an exchange without {column}", where=where, do=f"fill {column}")
    if row["kind"] not in _KINDS:
        raise UnknownNameError.of("kind of exchange", row["kind"], _KINDS, do=f"({where})")
    flow: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for column in told:
        prop = _PROPERTY.match(column)
        if prop:
            properties[prop.group(1) or prop.group(2)] = _value(column, row[column], at, name)
        elif column == "pedigree":
            flow[column] = _scores(row[column], where)
        elif column != "kind":
            flow[column] = _value(column, row[column], at, name)
    if properties:
        flow["properties"] = properties
    return _KINDS[row["kind"]], flow


def _not_twice(
    same: dict[tuple[str, ...], int], row: dict[str, str], file: str, number: int
) -> None:
    """An exchange in the same words as one before would count twice."""
    told = tuple(f"{k}={v}" for k, v in row.items() if k not in _OF_PROCESS or k == "process")
    first = same.setdefault(told, number)
    if first != number:
        raise InputError(
            f"process {row['process']!r} has the exchange {row['flow']!r} twice, word for word",
            where=f"{file}, lines {first} and {number}",
            do="delete one row, or add their amounts if both are meant",
        )  # fmt: skip


def _scores(text: str, where: str) -> tuple[int, ...]:
    from mriocarbon.uncertainty.pedigree import Pedigree

    try:
        return Pedigree.parse(text).scores
    except InputError as error:
        raise InputError(error.what, where=where, do=error.do) from None
