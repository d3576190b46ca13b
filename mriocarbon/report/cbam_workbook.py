"""audit.xlsx: one sheet for each table; numbers as numbers, codes and other words as text."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from mriocarbon.report.cbam_frames import Frame, Value

EPOCH = "2000-01-01T00:00:00Z"
"""The time every workbook tells, so that the same audit gives the same bytes."""
CELL = 32_000  # characters that fit a cell
WIDE = 46
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in a sheet


def workbook(frames: Iterable[Frame], title: str) -> bytes:
    """Return a workbook with frozen headers and filters."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = title, "mriocarbon"
    bold, wrapped = Font(bold=True), Alignment(vertical="bottom", wrap_text=True)
    for frame in frames:
        sheet = book.create_sheet(frame.name[:31])
        sheet.freeze_panes = "B2"
        for k, width in enumerate(_widths(frame), start=1):
            sheet.column_dimensions[get_column_letter(k)].width = width
        last = f"{get_column_letter(len(frame.header))}{len(frame.rows) + 1}"
        sheet.auto_filter.ref = f"A1:{last}"
        head = []
        for name in frame.header:
            cell = WriteOnlyCell(sheet, value=name)
            cell.font, cell.alignment = bold, wrapped
            head.append(cell)
        sheet.append(head)
        for row in frame.rows:
            sheet.append([_cell(sheet, value) for value in row])
    raw = io.BytesIO()
    book.save(raw)
    return timeless(raw.getvalue())


def _cell(sheet: Any, value: Value) -> Any:
    """Return what a sheet takes: a number, nothing, or text that is never a formula."""
    from openpyxl.cell import WriteOnlyCell

    if value is None:
        return None
    if isinstance(value, int | float | Decimal):
        return value if math.isfinite(value) else None
    text = _CONTROL.sub(" ", value)
    if len(text) > CELL:
        text = text[:CELL] + "…"
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _widths(frame: Frame) -> list[float]:
    out = []
    for k, name in enumerate(frame.header):
        words = [row[k] for row in frame.rows[:200]]
        longest = max((len(w) if isinstance(w, str) else 8 for w in words), default=8)
        out.append(float(min(max(longest, min(len(name), 16)) + 2, WIDE)))
    return out


def timeless(raw: bytes) -> bytes:
    """Return the same workbook without the hour it was made at."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", EPOCH.encode(), content)
            entry = zipfile.ZipInfo(item.filename, date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content)
    return out.getvalue()
