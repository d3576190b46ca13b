"""Pages, tables and screens of a CBAM audit: HTML, CSV, JSON and a workbook, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.obligation import Obligation
from mriocarbon.cbam.results import Audit, AuditAll

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "FORMATS",
    "check_target",
    "terminal_all",
    "terminal_audit",
    "terminal_default",
    "terminal_obligation",
    "write_all",
    "write_audit",
]

FORMATS = ("html", "csv", "json", "xlsx")
CSVS = ("lines", "references", "aggregates", "coherence", "costs")
ALL_CSVS = ("origins", "variance_split")
PAGE, JSON, BOOK = "report.html", "audit.json", "audit.xlsx"


def write_audit(
    audit: Audit,
    folder: Path | str,
    *,
    formats: Sequence[str] = FORMATS,
    say: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write the report of one origin's audit. All files appear, or none.

    Everything is first written into a hidden folder beside `folder` and then moved. Files of
    the report that are already there are replaced; every other file stays as it is.

    Parameters
    ----------
    audit : Audit
        From `mc.cbam.audit`.
    folder : path
        Made if it does not exist.
    formats : sequence of str
        Of ``html`` (``report.html``), ``csv`` (``lines.csv``, ``references.csv``,
        ``aggregates.csv``, ``coherence.csv``, ``costs.csv``), ``json`` (``audit.json``) and
        ``xlsx`` (``audit.xlsx``).
    say : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        The files, ``report.html`` first if it is among them.

    Raises
    ------
    InputError
        An unknown format, `folder` is a file, or a folder stands where a file belongs.
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> write_audit(None, "out", formats=["pdf"])
    Traceback (most recent call last):
    ...
    mriocarbon.errors.InputError: unknown format 'pdf'
      where: formats
      what to do: choose among html, csv, json, xlsx
    """
    from mriocarbon.report.files import put, write_text

    names = _names(formats)
    tell = say or (lambda step: None)

    def fill(staging: Path) -> None:
        from mriocarbon.report import cbam_frames as frames

        made = frames.frames(audit)
        if "csv" in formats:
            tell("tables: CSV")
            for name in CSVS:
                write_text(staging / f"{name}.csv", frames.written(made[name]))
        if "json" in formats:
            from mriocarbon.report.cbam_machine import content

            tell("JSON")
            write_text(staging / JSON, content(audit))
        if "xlsx" in formats:
            from mriocarbon.report.cbam_workbook import workbook

            tell("workbook")
            extra = frames.more(audit)
            sheets = [extra.pop("header"), *made.values(), *extra.values()]
            title = f"CBAM default values, {audit.origin.name}"
            (staging / BOOK).write_bytes(workbook(sheets, title))
        if "html" in formats:
            from mriocarbon.report.cbam_page import render

            tell("page")
            write_text(staging / PAGE, render(audit, [n for n in names if n != PAGE]))

    return put(Path(folder), names, fill, tell)


def write_all(
    found: AuditAll,
    folder: Path | str,
    *,
    formats: Sequence[str] = FORMATS,
    say: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write the report of all origins side by side. All files appear, or none.

    Beside the page, ``origins.csv`` and ``variance_split.csv`` hold the comparison and
    ``origins/ISO3.csv`` every line of each origin.

    Parameters
    ----------
    found : AuditAll
        From `mc.cbam.audit_all`.
    folder, formats, say
        As in :func:`write_audit`.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError, DataFileError
        As :func:`write_audit`.

    Examples
    --------
    >>> write_all(None, "out", formats=[])
    Traceback (most recent call last):
    ...
    mriocarbon.errors.InputError: no format is named
      where: formats
      what to do: choose among html, csv, json, xlsx
    """
    from mriocarbon.report.files import put, write_text

    each = {iso3: f"origins/{iso3}.csv" for iso3 in found.audits} if found else {}
    names = _names(formats, ALL_CSVS)
    if "csv" in formats:
        names += each.values()
    tell = say or (lambda step: None)

    def fill(staging: Path) -> None:
        from mriocarbon.report import cbam_frames as frames
        from mriocarbon.report.cbam_view import View

        made = [frames.origins(found), frames.split(found)]
        if "csv" in formats:
            tell("tables: CSV")
            for frame in made:
                write_text(staging / f"{frame.name}.csv", frames.written(frame))
            (staging / "origins").mkdir()
            for iso3, audit in found.audits.items():
                write_text(staging / each[iso3], frames.written(frames.lines(View(audit))))
        if "json" in formats:
            from mriocarbon.report.cbam_machine import content

            tell("JSON")
            write_text(staging / JSON, content(found))
        if "xlsx" in formats:
            from mriocarbon.report.cbam_workbook import workbook

            tell("workbook")
            lists = [
                frames.listed("sources", found.sources),
                frames.listed("assumptions", found.assumptions),
                frames.listed("notes", found.notes),
            ]
            (staging / BOOK).write_bytes(workbook([*made, *lists], "CBAM default values"))
        if "html" in formats:
            from mriocarbon.report.cbam_page import render_all

            tell("page")
            by_code = {r.origin.iso3: r.origin.name for r in found.rows}
            links = [
                (by_code.get(iso3, iso3), path) for iso3, path in each.items() if "csv" in formats
            ]
            told = [n for n in names if n != PAGE and "/" not in n]
            write_text(staging / PAGE, render_all(found, told, links))

    return put(Path(folder), names, fill, tell)


def check_target(
    folder: Path | str, *, all_origins: bool = False, formats: Sequence[str] = FORMATS
) -> None:
    """Raise an InputError if the report could not be written to `folder`; nothing is touched.

    Parameters
    ----------
    folder : path
    all_origins : bool
        Whether it is to take the report of :func:`write_all`.
    formats : sequence of str
        As in :func:`write_audit`.

    Raises
    ------
    InputError
        An unknown format, or the folder cannot take the report.

    Examples
    --------
    >>> check_target("a-folder-that-may-be-made")
    """
    from mriocarbon.report import files

    names = _names(formats, ALL_CSVS if all_origins else CSVS)
    if all_origins and "csv" in formats:
        names.append("origins/CHN.csv")  # stands for all of that folder
    files.check_target(Path(folder), names)


def terminal_audit(audit: Audit, console: Console) -> None:
    """Print the answer of an audit, its groups and its cost.

    Parameters
    ----------
    audit : Audit
    console : rich.console.Console
        Where to print; its width decides how lines wrap.
    """
    from mriocarbon.report.cbam_screen import show

    show(audit, console)


def terminal_all(found: AuditAll, console: Console) -> None:
    """Print all origins side by side.

    Parameters
    ----------
    found : AuditAll
    console : rich.console.Console
    """
    from mriocarbon.report.cbam_screen import show_all

    show_all(found, console)


def terminal_default(value: DefaultValue, console: Console) -> None:
    """Print a default value with act, annex, row and edition.

    Parameters
    ----------
    value : DefaultValue
    console : rich.console.Console
    """
    from mriocarbon.report.cbam_screen import show_default

    show_default(value, console)


def terminal_obligation(found: Obligation, console: Console) -> None:
    """Print what an import owes, step by step.

    Parameters
    ----------
    found : Obligation
    console : rich.console.Console
    """
    from mriocarbon.report.cbam_screen import show_obligation

    show_obligation(found, console)


def _names(formats: Sequence[str], csvs: Sequence[str] = CSVS) -> list[str]:
    from mriocarbon.report.files import chosen

    tables = [f"{name}.csv" for name in csvs]
    return chosen(formats, {"html": [PAGE], "csv": tables, "json": [JSON], "xlsx": [BOOK]})
