"""Workbooks as Excel writes them: xlsx with shared strings, xlsb with binary records."""

import struct
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

# ruff: noqa: E501 - names of parts are as long as they are
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}</Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def column(k):
    name = ""
    k += 1
    while k:
        k, rest = divmod(k - 1, 26)
        name = chr(65 + rest) + name
    return name


def _rels(targets):
    inner = "".join(
        f'<Relationship Id="rId{k}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for k, (kind, target) in enumerate(targets, 1)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}">{inner}</Relationships>'


def write_xlsx(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Sheets of rows of None, str or numbers."""
    strings: dict[str, int] = {}
    types = (
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/sharedStrings.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for k, rows in enumerate(sheets.values(), 1):
            part = f"xl/worksheets/sheet{k}.xml"
            types += (
                f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-'
                'officedocument.spreadsheetml.worksheet+xml"/>'
            )
            with book.open(part, "w") as out:
                out.write(f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>'.encode())
                letters = [column(c) for c in range(max(map(len, rows)))]
                for r, row in enumerate(rows, 1):
                    cells = []
                    for c, value in enumerate(row):
                        if value is None:
                            continue
                        if isinstance(value, str):
                            at = strings.setdefault(value, len(strings))
                            cells.append(f'<c r="{letters[c]}{r}" s="1" t="s"><v>{at}</v></c>')
                        else:
                            cells.append(f'<c r="{letters[c]}{r}"><v>{float(value)!r}</v></c>')
                    out.write(f'<row r="{r}">{"".join(cells)}</row>'.encode())
                out.write(b"</sheetData></worksheet>")
        inner = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{k}" r:id="rId{k}"/>'
            for k, name in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{inner}'
            "</sheets></workbook>",
        )
        parts = [("worksheet", f"worksheets/sheet{k}.xml") for k in range(1, len(sheets) + 1)]
        book.writestr(
            "xl/_rels/workbook.xml.rels", _rels([*parts, ("sharedStrings", "sharedStrings.xml")])
        )
        items = "".join(f'<si><t xml:space="preserve">{escape(s)}</t></si>' for s in strings)
        book.writestr(
            "xl/sharedStrings.xml", f'<?xml version="1.0"?><sst xmlns="{MAIN}">{items}</sst>'
        )
        book.writestr("_rels/.rels", _rels([("officeDocument", "xl/workbook.xml")]))
        book.writestr("[Content_Types].xml", TYPES.format(types))
    return path


def record(kind: int, body: bytes = b"") -> bytes:
    """One record of [MS-XLSB] 2.1.4."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def rk(value: float) -> bytes | None:
    """The packed form that Excel uses for whole numbers and cents, where it fits."""
    for hundred in (0, 1):
        whole = value * (100 if hundred else 1)
        if (
            whole == int(whole)
            and -(2**29) <= whole < 2**29
            and (whole / 100 if hundred else whole) == value
        ):
            return struct.pack("<I", (int(whole) << 2 & 0xFFFFFFFC) | 2 | hundred)
    return None


def _reals(values, first):
    """A run of real cells, written at once: a full-size sheet has millions."""
    kind = [("kind", "u1"), ("size", "u1"), ("at", "<u4"), ("style", "<u4"), ("value", "<f8")]
    cells = np.zeros(len(values), dtype=kind)
    cells["kind"], cells["size"], cells["value"] = 5, 16, values
    cells["at"] = np.arange(first, first + len(values))
    return cells.tobytes()


def write_xlsb(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for k, rows in enumerate(sheets.values(), 1):
            with book.open(f"xl/worksheets/sheet{k}.bin", "w") as out:
                size = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
                out.write(record(129) + record(148, size) + record(145))
                for r, row in enumerate(rows):
                    # BrtRowHdr: row, style, height, flags, one span of columns
                    spans = struct.pack("<III", 1, 0, max(len(row) - 1, 0))
                    cells = [record(0, struct.pack("<IIH", r, 0, 300) + b"\0\0\0" + spans)]
                    if len(row) > 400 and all(isinstance(v, float) for v in row[4:]):
                        cells += [_reals(row[4:], 4)]
                        row = row[:4]
                    for c, value in enumerate(row):
                        at = struct.pack("<II", c, 0)
                        if value is None:
                            cells.append(record(1, at))
                        elif isinstance(value, str):
                            n = strings.setdefault(value, len(strings))
                            cells.append(record(7, at + struct.pack("<I", n)))
                        elif (packed := rk(float(value))) is not None:
                            cells.append(record(2, at + packed))
                        else:
                            cells.append(record(5, at + struct.pack("<d", float(value))))
                    out.write(
                        b"".join(
                            [cells[0], *cells[2:], cells[1]]
                            if len(cells) > 1 and len(cells[1]) > 400
                            else cells
                        )
                    )
                out.write(record(146) + record(130))
        bundle = b"".join(
            record(156, struct.pack("<II", 0, k) + wide(f"rId{k}") + wide(name))
            for k, name in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.bin", record(131) + record(143) + bundle + record(144) + record(132)
        )
        parts = [("worksheet", f"worksheets/sheet{k}.bin") for k in range(1, len(sheets) + 1)]
        book.writestr(
            "xl/_rels/workbook.bin.rels", _rels([*parts, ("sharedStrings", "sharedStrings.bin")])
        )
        items = b"".join(record(19, b"\0" + wide(s)) for s in strings)
        count = struct.pack("<II", len(strings), len(strings))
        book.writestr("xl/sharedStrings.bin", record(159, count) + items + record(160))
        book.writestr("_rels/.rels", _rels([("officeDocument", "xl/workbook.bin")]))
        types = '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
        book.writestr("[Content_Types].xml", TYPES.format(types))
    return path
