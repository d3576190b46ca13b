"""Page, tables and screen of exported low-carbon technology: HTML, CSV and JSON, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.studies.green_exports_2024 import GreenExports

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["FORMATS", "check_target", "terminal", "write"]

FORMATS = ("html", "csv", "json")
PAGE, JSON = "report.html", "avoided.json"


def write(
    study: GreenExports,
    folder: Path | str,
    *,
    formats: Sequence[str] = FORMATS,
    say: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write the report of exported technology. All files appear, or none.

    Parameters
    ----------
    study : GreenExports
        From `mriocarbon.studies.green_exports_2024.green_exports`.
    folder : path
        Made if it does not exist; files that are no part of the report stay as they are.
    formats : sequence of str
        Of ``html`` (``report.html``), ``csv`` (``scenarios.csv``, ``manufacture.csv`` and more,
        see `avoided_files.CSVS`) and ``json`` (``avoided.json``, after
        ``templates/avoided.schema.json``).
    say : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        The files, ``report.html`` first if it is among them.

    Raises
    ------
    InputError
        An unknown format, or the folder cannot take the report.
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> write(None, "out", formats=["pdf"])
    Traceback (most recent call last):
    ...
    mriocarbon.errors.InputError: unknown format 'pdf'
      where: formats
      what to do: choose among html, csv, json
    """
    from mriocarbon.report.files import put, write_text

    names = _names(formats)
    tell = say or (lambda step: None)

    def fill(staging: Path) -> None:
        from mriocarbon.report import avoided_files

        if "csv" in formats:
            tell("tables: CSV")
            for name in avoided_files.CSVS:
                write_text(staging / f"{name}.csv", avoided_files.table(study, name))
        if "json" in formats:
            tell("JSON")
            write_text(staging / JSON, avoided_files.content(study))
        if "html" in formats:
            from mriocarbon.report.avoided_page import render

            tell("page")
            write_text(staging / PAGE, render(study, [n for n in names if n != PAGE]))

    return put(Path(folder), names, fill, tell)


def check_target(folder: Path | str, *, formats: Sequence[str] = FORMATS) -> None:
    """Raise an InputError if the report could not be written to `folder`; nothing is touched.

    Examples
    --------
    >>> check_target("a-folder-that-may-be-made")
    """
    from mriocarbon.report import files

    files.check_target(Path(folder), _names(formats))


def terminal(study: GreenExports, console: Console) -> None:
    """Print the answer, the scenarios, manufacture and payback.

    Parameters
    ----------
    study : GreenExports
    console : rich.console.Console
    """
    from mriocarbon.report.avoided_screen import show

    show(study, console)


def _names(formats: Sequence[str]) -> list[str]:
    from mriocarbon.report.avoided_files import CSVS
    from mriocarbon.report.files import chosen

    tables = [f"{name}.csv" for name in CSVS]
    return chosen(formats, {"html": [PAGE], "csv": tables, "json": [JSON]})
