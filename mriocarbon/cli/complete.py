"""What the shell offers after a tab: values of options and arguments.

A shell waits for this at every tab, so nothing is computed and no table is loaded: names come
from the small files that the package ships, and short lists stand here (tests hold them against
what the program knows).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import mriocarbon

PRINCIPLES = (
    "production", "consumption", "eebt", "income", "final-producer", "shared", "half-half",
    "value-added", "technology-adjusted", "technology-adjusted-balanced", "era",
    "capital-endogenised", "ownership", "benefit-shared",
)  # fmt: skip
STRESSORS = ("GHG", "CO2", "CH4", "N2O", "F-gases")
TABLES = ("oecd-icio-2022",)
UNCERTAINTIES = ("first-order", "monte-carlo")
_HOME = Path(mriocarbon.__file__).parent


def principles(incomplete: str) -> list[str]:
    """Return the accounting principles that begin so.

    Examples
    --------
    >>> principles("tech")
    ['technology-adjusted', 'technology-adjusted-balanced']
    """
    return [name for name in PRINCIPLES if name.startswith(incomplete)]


def stressors(incomplete: str) -> list[str]:
    """Return the gases of the embedded tables that begin so, in any case."""
    return [name for name in STRESSORS if name.upper().startswith(incomplete.upper())]


def uncertainties(incomplete: str) -> list[str]:
    """Return the ways to an interval that begin so."""
    return [name for name in UNCERTAINTIES if name.startswith(incomplete)]


def details(incomplete: str) -> list[str]:
    """Return "full", if it begins so."""
    return [name for name in ("full",) if name.startswith(incomplete)]


def tables(incomplete: str) -> list[str]:
    """Return embedded tables, and files and folders here, that begin so."""
    start = Path(incomplete)
    folder = start if incomplete.endswith("/") else start.parent
    try:
        here = [
            f"{path}/" if path.is_dir() else str(path)
            for path in sorted(folder.iterdir())
            if str(path).startswith(incomplete) and not path.name.startswith(".")
        ]
    except OSError:
        here = []
    return [name for name in TABLES if name.startswith(incomplete)] + here


def regions(incomplete: str) -> list[str]:
    """Return the codes of regions of the embedded tables that begin so, in the case typed.

    Examples
    --------
    >>> regions("CH"), regions("ch")
    (['CHL', 'CHN', 'CHE'], ['chl', 'chn', 'che'])
    """
    rows = list(_rows("datasets/embedded/regions_20.csv"))
    known = dict.fromkeys([*(row["region"] for row in rows), *(row["iso3"] for row in rows)])
    return [code for code in map(_case(incomplete), known) if code.startswith(incomplete)]


def origins(incomplete: str) -> list[tuple[str, str]]:
    """Return codes of CBAM's origins that begin so with their names, else names of one word.

    Examples
    --------
    >>> origins("chi")
    [('chile', 'CHL'), ('china', 'CHN')]
    """
    known = {row["iso3"]: row["name"] for row in _rows("cbam/tables/origins.csv") if row["iso3"]}
    case = _case(incomplete)
    codes = [(case(code), name) for code, name in known.items()] + [("all", "every origin")]
    # a name with a blank would come to the command as two words
    names = [(case(name), code) for code, name in known.items() if name.isalpha()]
    return [one for one in codes if one[0].startswith(incomplete)] or [
        one for one in names if one[0].startswith(incomplete)
    ]


def goods(incomplete: str) -> list[str]:
    """Return the CN codes of CBAM's goods that begin so.

    Examples
    --------
    >>> goods("25070")
    ['25070080']
    """
    codes = dict.fromkeys(row["cn"] for row in _rows("cbam/tables/cn_industry.csv"))
    return [code for code in codes if code.startswith(incomplete)]


def datasets(incomplete: str) -> list[str]:
    """Return the public data sets that begin so."""
    told = json.loads((_HOME / "datasets" / "public.json").read_text(encoding="utf-8"))
    listed = told.get("datasets", told) if isinstance(told, dict) else told
    names = listed if isinstance(listed, dict) else [one["name"] for one in listed]
    return [str(name) for name in names if str(name).startswith(incomplete)]


def data_names(incomplete: str) -> list[str]:
    """Return the data sets that begin so, those shipped and those that are public.

    Examples
    --------
    >>> data_names("oecd-icio"), data_names("oecd_icio")
    (['oecd-icio'], ['oecd_icio_2022'])
    """
    path = _HOME / "datasets" / "embedded" / "manifest.json"
    items = json.loads(path.read_text(encoding="utf-8"))["items"]
    names = [str(item["file"]).rpartition(".")[0] for item in items]
    return [name for name in names if name.startswith(incomplete)] + datasets(incomplete)


def _case(incomplete: str) -> Callable[[str], str]:
    """Return what puts a word in the case that was typed: typer offers nothing in another one."""
    return str.lower if incomplete.islower() else str


def _rows(file: str) -> Iterator[dict[str, str]]:
    # A shell cannot show an error in the middle of a line: without the file nothing is offered.
    try:
        with (_HOME / file).open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    except OSError:
        return
