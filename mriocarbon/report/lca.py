"""Pages, tables and screens of a carbon footprint: HTML, CSV and JSON, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.lca.comparison import Comparison
from mriocarbon.lca.study import Assessment

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "FORMATS",
    "check_target",
    "terminal",
    "terminal_comparison",
    "write",
    "write_comparison",
]

FORMATS = ("html", "csv", "json")
PAGE, JSON = "report.html", "assessment.json"


def write(
    found: Assessment,
    folder: Path | str,
    *,
    formats: Sequence[str] = FORMATS,
    say: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write the report of a carbon footprint. All files appear, or none.

    Everything is first written into a hidden folder beside `folder` and then moved. Files of the
    report that are already there are replaced; every other file stays as it is.

    Parameters
    ----------
    found : Assessment
        From `mc.lca.run`.
    folder : path
        Made if it does not exist.
    formats : sequence of str
        Of ``html`` (``report.html``), ``csv`` (``contributions.csv``, ``inventory.csv`` and more,
        see `lca_files.CSVS`) and ``json`` (``assessment.json``).
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
        from mriocarbon.report import lca_files

        if "csv" in formats:
            tell("tables: CSV")
            for name in lca_files.CSVS:
                write_text(staging / f"{name}.csv", lca_files.table(found, name))
        if "json" in formats:
            tell("JSON")
            write_text(staging / JSON, lca_files.content(found))
        if "html" in formats:
            from mriocarbon.report.lca_page import render

            tell("page")
            write_text(staging / PAGE, render(found, [n for n in names if n != PAGE]))

    return put(Path(folder), names, fill, tell)


def check_target(folder: Path | str, *, formats: Sequence[str] = FORMATS) -> None:
    """Raise an InputError if the report could not be written to `folder`; nothing is touched.

    Examples
    --------
    >>> check_target("a-folder-that-may-be-made")
    """
    from mriocarbon.report import files

    files.check_target(Path(folder), _names(formats))


def terminal(found: Assessment, console: Console) -> None:
    """Print the result, what it is made of, its checks and what it leaves out.

    Parameters
    ----------
    found : Assessment
    console : rich.console.Console
    """
    from mriocarbon.report.lca_screen import show

    show(found, console)


def terminal_comparison(found: Comparison, console: Console) -> None:
    """Print a comparison of two products.

    Parameters
    ----------
    found : Comparison
    console : rich.console.Console
    """
    from mriocarbon.report.lca_screen import show_comparison

    show_comparison(found, console)


def write_comparison(found: Comparison, path: Path | str) -> Path:
    """Write a comparison as JSON, whole or not at all.

    Parameters
    ----------
    found : Comparison
        From `mc.lca.compare`.
    path : path
    """
    import json

    from mriocarbon.model.atomic import replacing
    from mriocarbon.report.lca_files import compared

    target = Path(path)
    with replacing(target) as part:
        part.write_text(
            json.dumps(compared(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
            encoding="utf-8",
        )
    return target


def _names(formats: Sequence[str]) -> list[str]:
    from mriocarbon.report.files import chosen
    from mriocarbon.report.lca_files import CSVS

    tables = [f"{name}.csv" for name in CSVS]
    return chosen(formats, {"html": [PAGE], "csv": tables, "json": [JSON]})
