"""What is said of a workbook or a folder that was to be a table of one's own, and is none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import PurePosixPath

from mriocarbon.errors import DataFileError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.sheets import rows, sheet_names

DOCUMENTED = (
    'as "A table of your own" in docs/how-to/read.md says (`mriocarbon table convert'
    " oecd-icio-2022 example` writes one to look at)"
)
OFFICIAL = 'name the layout of its producer, format="wiod" (on the command line --format wiod)'
_DOES = {"Z": "flows", "Y": "final demand"}


def refused_workbook(archive: Archive) -> DataFileError:
    """Say whether a workbook is damaged, empty, or has other sheets than Z and Y."""
    name = archive.path.name
    try:
        sheets = sheet_names(archive, name)
        filled = any(_filled(archive, sheet) for sheet in sheets)
    except DataFileError as error:
        return DataFileError(error.what, where=str(archive.path), do=error.do)
    if not filled:
        return DataFileError(
            "the workbook is empty: no sheet has a cell",
            where=f"{archive.path}, sheets: {listed(sheets, 12) or 'none'}",
            do=f"save it with the sheets Z (flows) and Y (final demand), {DOCUMENTED}",
        )
    return no_tables(archive, [n for n in _DOES if n not in sheets] or [*_DOES], sheets, "sheet")


def no_tables(
    archive: Archive, missing: Sequence[str], have: Sequence[str], kind: str
) -> DataFileError:
    """Say which of Z and Y are not there, and what is; a name of other letter case is told."""
    held = {PurePosixPath(name).stem.strip().lower(): name for name in have}
    cased = [f"{held[n.lower()]!r} is to be {n}" for n in missing if n.lower() in held]
    return DataFileError(
        f"there is no {kind} " + " and none ".join(f"{name} ({_DOES[name]})" for name in missing),
        where=f"{archive.path}, {kind}s: {listed(have, 12)}",
        do=f"{', '.join(cased) or f'name the {kind}s so'}, {DOCUMENTED}; or {OFFICIAL}",
    )


def _filled(archive: Archive, sheet: str) -> bool:
    with closing(rows(archive, archive.path.name, sheet)) as source:
        return any(cell is not None for _, row in source for cell in row)
