"""Results as SDMX-CSV 2.0 data messages."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.errors import InputError, LabelError, UnknownNameError
from mriocarbon.model.atomic import replacing
from mriocarbon.model.iamc import columns, is_estimated, year_of

if TYPE_CHECKING:
    from mriocarbon.model.result import Result

LABELS = ("id", "both")
TOTAL = "_T"
AREAS = {"region": "REF_AREA", "region_to": "COUNTERPART_AREA"}
_ID = re.compile(r"[A-Za-z0-9_@$\-]+")
_AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*")
_MULTIPLES = (
    (re.compile(r"^Gt\b"), "t", 9),
    (re.compile(r"^Mt\b"), "t", 6),
    (re.compile(r"^kt\b"), "t", 3),
    (re.compile(r"^billion "), "", 9),
    (re.compile(r"^million "), "", 6),
    (re.compile(r"^thousand "), "", 3),
)


def to_sdmx_csv(
    result: Result,
    path: str | Path,
    *,
    agency: str = "MRIOCARBON",
    dataflow: str = "",
    version: str = "1.0.0",
    year: int | None = None,
    labels: str = "id",
) -> Path:
    """Write a result as an SDMX-CSV 2.0 data message, one row for each number.

    ``STRUCTURE`` is ``dataflow``, ``STRUCTURE_ID`` is ``AGENCY:DATAFLOW(VERSION)``, ``ACTION`` is
    ``I`` (information). Dimensions are ``FREQ`` (``A``), ``REF_AREA`` (region), if there are two
    axes of regions ``COUNTERPART_AREA`` (region to), any other axis under its name in capitals,
    ``PRINCIPLE`` (the result's name), ``STRESSOR``, ``PART`` (``_T`` is the whole) and
    ``TIME_PERIOD``. Attributes follow ``OBS_VALUE``:

    - ``OBS_STATUS`` of CL_OBS_STATUS: ``A`` normal, ``E`` estimated; where there is no number
      ``M`` (data cannot exist: what belongs to no region, by person) or ``O`` (missing), with
      ``NaN`` as value;
    - ``UNIT_MEASURE`` and ``UNIT_MULT``: a value of 3 with ``T_CO2E`` and 6 is 3 Mt CO2e;
    - ``LOWER_BOUND``, ``UPPER_BOUND``: the range where one is known, else empty;
    - ``COMMENT_DSET``: notes and sources, in the first row (they hold for all).

    The message names a dataflow, but no registry has its structure: who loads it into one must
    define it there.

    Parameters
    ----------
    result : Result
    path : path
    agency, dataflow, version : str
        Of the dataflow; its identifier is ``ACCOUNTS`` by default.
    year : int, optional
        Of the table, by default.
    labels : {"id", "both"}
        SDMX identifiers hold letters, digits, ``_``, ``@``, ``$`` and ``-``; any other character
        of a label becomes ``_``. With "both" the label itself follows, ``D35: Electricity``, as the
        standard has it.

    Returns
    -------
    Path
        The file, whole or absent; numbers are written so that they read back to the last bit.

    Raises
    ------
    UnknownNameError
        No such way of labels.
    InputError
        No year; an agency, dataflow or version that SDMX does not allow.
    LabelError
        Two labels have the same identifier.
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> import mriocarbon as mc
    >>> from mriocarbon.model.sdmx import to_sdmx_csv
    >>> result = mc.account(mc.load("oecd-icio-2022"), "production", households=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lines = to_sdmx_csv(result, folder + "/a.csv").read_text().splitlines()
    >>> lines[0].split(",")[:9]
    ['STRUCTURE', 'STRUCTURE_ID', 'ACTION', 'FREQ', 'REF_AREA', 'PRINCIPLE', 'STRESSOR', 'PART',
     'TIME_PERIOD']
    >>> lines[2].split(",")[:5]
    ['dataflow', 'MRIOCARBON:ACCOUNTS(1.0.0)', 'I', 'A', 'USA']
    """
    if labels not in LABELS:
        raise UnknownNameError.of("way of labels", labels, LABELS)
    path = Path(path)
    named = _structure(agency, dataflow or "ACCOUNTS", version)
    when = year_of(result, year)
    unit, multiple = _unit(result.unit)
    arrays = columns(result)
    codes = {dim: _codes(result.coords[dim], dim) for dim in result.dims}
    heads = {dim: _head(dim, result.dims) for dim in result.dims}
    if len(set(heads.values())) < len(heads):
        raise LabelError(
            f"two axes have the identifier {max(heads.values())!r}",
            where=f"result {result.name!r}, axes {', '.join(result.dims)}",
            do="rename one of them",
        )
    parts = [name for name in arrays if name not in ("low", "high")]
    part_codes = _codes([TOTAL if name == "value" else name for name in parts], "parts")

    def cell(code: str, label: str) -> str:
        return code if labels == "id" else f"{code}: {label}"

    principle = cell(_code(result.name), result.name)
    stressor = result.provenance.stressor
    counted = cell(_code(stressor) or "_Z", stressor or "not applicable")
    comment = " ".join(
        [*(("[estimated] " if n.estimated else "") + n.text for n in result.notes),
         *(f"Source: {s.citation or s.name}." for s in result.provenance.sources)]
    )  # fmt: skip
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180, which the standard rests on
        named_heads = [
            f"{heads[d]}:{d}" if labels == "both" else heads[d] for d in result.dims
        ]  # fmt: skip
        writer.writerow(
            ["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", *named_heads, "PRINCIPLE", "STRESSOR",
             "PART", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT",
             "LOWER_BOUND", "UPPER_BOUND", "COMMENT_DSET"]
        )  # fmt: skip
        for name, part in zip(parts, part_codes, strict=True):
            whole = name == "value"
            low, high = (result.low, result.high) if whole else (None, None)
            estimated = is_estimated(result, name)
            shown = cell(part, "total" if whole else name)
            for position in np.ndindex(*result.value.shape):
                at = [result.coords[d][k] for d, k in zip(result.dims, position, strict=True)]
                value = float(arrays[name][position])
                where = [cell(codes[d][k], result.coords[d][k])
                         for d, k in zip(result.dims, position, strict=True)]  # fmt: skip
                writer.writerow(
                    ["dataflow", named, "I", cell("A", "Annual"), *where, principle, counted,
                     shown, when, repr(value) if math.isfinite(value) else "NaN",
                     _status(value, estimated, at), unit, multiple, _bound(low, position),
                     _bound(high, position), comment]
                )  # fmt: skip
                comment = ""
    return path


def _status(value: float, estimated: bool, labels: Iterable[str]) -> str:
    if math.isfinite(value):
        return "E" if estimated else "A"
    return "M" if "unallocated" in labels else "O"


def _bound(array: np.ndarray | None, position: tuple[int, ...]) -> str:
    if array is None or not math.isfinite(array[position]):
        return ""
    return repr(float(array[position]))


def _structure(agency: str, dataflow: str, version: str) -> str:
    for name, text, allowed in (
        ("agency", agency, _AGENCY), ("dataflow", dataflow, _ID),
        ("version", version, re.compile(r"\d+\.\d+(\.\d+)?")),
    ):  # fmt: skip
        if not allowed.fullmatch(text):
            raise InputError(
                f"SDMX does not allow {text!r} as {name}",
                where="STRUCTURE_ID",
                do="use letters, digits, _ and -, and a version such as 1.0.0",
            )
    return f"{agency}:{dataflow}({version})"


def _head(dim: str, dims: tuple[str, ...]) -> str:
    # One axis of regions is the area that the numbers are about, from or to.
    if dim == "region_to" and "region" not in dims:
        return "REF_AREA"
    return AREAS.get(dim, _code(dim).upper())


def _code(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9_@$\-]+", "_", label.strip())


def _codes(labels: Iterable[str], kind: str) -> list[str]:
    known: dict[str, str] = {}
    for label in labels:
        code = _code(label) or "_"
        if code in known:
            raise LabelError(
                f"{known[code]!r} and {label!r} have the same SDMX identifier {code!r}",
                where=kind,
                do="rename one of them",
            )
        known[code] = label
    return list(known)


def _unit(unit: str) -> tuple[str, int]:
    """Return the unit's identifier and the power of ten that stands before it."""
    for pattern, base, power in _MULTIPLES:
        if pattern.match(unit):
            return _code(pattern.sub(base, unit).strip()).upper(), power
    return _code(unit).upper() or "_Z", 0
