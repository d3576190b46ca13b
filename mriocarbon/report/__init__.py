"""Reports, pictures and tables from results; pages of the server are made in `service.pages`.

`terminal` prints a study; `write` leaves a folder with the HTML report, tables and figures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.studies.adjustments_2022 import Study

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["check_target", "terminal", "write"]


def terminal(study: Study, console: Console) -> None:
    """Print the study as tables that read well from 80 columns up.

    Parameters
    ----------
    study : Study
        From `mc.reproduce_2022`.
    console : rich.console.Console
        Where to print; its width decides the layout.

    Examples
    --------
    >>> from rich.console import Console
    >>> import mriocarbon as mc
    >>> from mriocarbon import report
    >>> study = mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"])
    >>> report.terminal(study, Console(width=100, quiet=True))
    """
    from mriocarbon.report.adjustments_screen import show

    show(study, console)


def check_target(folder: Path | str) -> None:
    """Raise an InputError if `write` could not use `folder`; nothing is touched.

    Parameters
    ----------
    folder : path

    Raises
    ------
    InputError
        It is a file, lies below one, or holds a folder named like a file of the report.

    Examples
    --------
    >>> from mriocarbon import report
    >>> report.check_target("a-folder-that-may-be-made")
    """
    from mriocarbon.report import files
    from mriocarbon.report.adjustments import NAMES, NATURAL

    files.check_target(Path(folder), (*NAMES, *NATURAL))


def write(
    study: Study, folder: Path | str, *, progress: Callable[[str], None] | None = None
) -> list[Path]:
    """Write the report of a study: HTML, CSV, JSON and figures. All of it appears, or none.

    Everything is first written into a hidden folder beside `folder` and then moved. Files of
    the report that are already in `folder` are replaced; every other file stays as it is.

    Parameters
    ----------
    study : Study
    folder : path
        Made if it does not exist.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        The files, ``report.html`` first.

    Raises
    ------
    InputError
        `folder` is a file, or a folder stands where a file of the report belongs.
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> import mriocarbon as mc
    >>> from mriocarbon import report
    >>> study = mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"])
    >>> with tempfile.TemporaryDirectory() as here:
    ...     report.write(study, here)[0].name
    'report.html'
    """
    from mriocarbon.report.adjustments import publish

    return publish(study, Path(folder), progress or (lambda step: None))
