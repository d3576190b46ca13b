"""Results as tables of the Integrated Assessment Modeling Consortium (IAMC), as pyam reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon import __version__
from mriocarbon.errors import InputError, LabelError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

    from mriocarbon.model.result import Result

COLUMNS = ("Model", "Scenario", "Region", "Variable", "Unit")
LAYOUTS = ("long", "wide")
# The consortium's names of species, where they are not ours.
SPECIES = {"GHG": "Kyoto Gases", "F-gases": "F-Gases"}
_GAS = re.compile(r"\b(CO2e?|CH4|N2O|HFC|PFC|SF6|NF3)\b")
_AMOUNT = re.compile(r"^\w+ (CO2e?|CH4|N2O|HFC|PFC|SF6|NF3)( ?/ ?person)?$")


def to_iamc(
    result: Result,
    *,
    model: str = "",
    scenario: str = "",
    region: str = "",
    year: int | None = None,
    layout: str = "long",
    marked: bool = True,
) -> pd.DataFrame:
    """Return a result in the IAMC's format.

    The names of variables follow the consortium's common definitions
    (github.com/IAMconsortium/common-definitions): a tree whose levels are parted by ``|``, in
    which what stands one level below adds up, and a qualifier in brackets where a quantity is
    defined otherwise than its name says. With the gas G (``GHG`` is ``Kyoto Gases``):

    ========================================= ============================================
    variable                                  what it is
    ========================================= ============================================
    ``Emissions Footprint|G``                 the consumption account
    ``Emissions|G [production]``              the account of another principle, its name in
                                              brackets: it is not the IAMC's ``Emissions|G``,
                                              which has land use in it
    ``Emissions Footprint|G|Households``      a part; the parts add up to the account
    ``Emissions Footprint|G [by product]|C``  one sector of a breakdown
    ``... [low]``, ``... [high]``             the ends of the range, variables of their own
    ========================================= ============================================

    Parameters
    ----------
    result : Result
        Over regions and whatever else; labels of other axes become levels of the variable.
    model, scenario : str
        By default this program with its version, and the name of the data set.
    region : str
        Only for a result without an axis of regions.
    year : int, optional
        Of the table, by default.
    layout : {"long", "wide"}
        A row for each number, with ``Year`` and ``Value``; or a column for the year.
    marked : bool
        Keep the column ``Estimated`` ("yes" or "no"), which pyam takes as an extra column. Leave
        it out only for a reader that refuses it: the mark is lost then.

    Returns
    -------
    pandas.DataFrame
        Columns Model, Scenario, Region, Variable, Unit, (Estimated,) and Year, Value, or the
        year. A flow from A to B stands under the region ``A>B``. ``Mt CO2e`` is written
        ``Mt CO2-equiv/yr``; no number is converted. What is not known is NaN, never zero (pyam
        leaves such rows out).

    Raises
    ------
    UnknownNameError
        No such layout.
    LabelError
        A label holds ``|``, or a region ``>``, which part levels; or two numbers would have the
        same name.
    InputError
        Neither result nor `year` says which year; no axis of regions and no `region`.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.model.iamc import to_iamc
    >>> frame = to_iamc(mc.account(mc.load("oecd-icio-2022"), "consumption", households=False))
    >>> frame.loc[0, ["Region", "Variable", "Unit", "Estimated"]].tolist()
    ['EU27', 'Emissions Footprint|Kyoto Gases', 'Mt CO2-equiv/yr', 'yes']
    """
    import pandas as pd

    if layout not in LAYOUTS:
        raise UnknownNameError.of("layout", layout, LAYOUTS)
    when = year_of(result, year)
    stem, unit = _stem(result), _unit(result.unit)
    model = model or f"mriocarbon {__version__}"
    scenario = scenario or result.provenance.dataset
    known = _places(result, region)
    rows = []
    for name, array in columns(result).items():
        mark = "yes" if is_estimated(result, name) else "no"
        level, end = ("", f" [{name}]") if name in ("low", "high") else (f"|{_capital(name)}", "")
        level = "" if name == "value" else level
        for position, (place, below) in zip(np.ndindex(*array.shape), known, strict=True):
            variable = f"{stem}{below}{level}{end}"
            rows.append((model, scenario, place, variable, unit, mark, when, array[position]))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "Estimated", "Year", "Value"])
    twice = frame[["Region", "Variable"]].duplicated()
    if twice.any():
        raise LabelError(
            f"two numbers have the name {frame.loc[twice, 'Variable'].iloc[0]!r}",
            where=f"result {result.name!r}",
            do="rename one label; parts and the ends of a range are levels of the same tree",
        )
    if layout == "wide":
        frame = frame.rename(columns={"Value": str(when)}).drop(columns="Year")
    return frame if marked else frame.drop(columns="Estimated")


def columns(result: Result) -> dict[str, np.ndarray]:
    """Return ``value``, ``low`` and ``high`` where known, and the parts where there are several.

    Raises
    ------
    LabelError
        A part is called like one of the others.
    """
    clash = {"value", "low", "high"} & set(result.parts)
    if clash:
        raise LabelError(
            f"a part is called {min(clash)!r}", where=f"result {result.name!r}", do="rename it"
        )
    return result.columns()


def is_estimated(result: Result, column: str) -> bool:
    """Tell whether estimates are behind a column: a part's own notes, or those of all of them."""
    others = set(result.parts) - {column} if column in result.parts else set()
    return any(note.estimated and note.about not in others for note in result.notes)


def year_of(result: Result, year: int | None) -> int:
    """Return the year of a result; InputError where neither it nor the caller says."""
    when = result.provenance.year if year is None else year
    if when is None:
        raise InputError(
            "the result does not say of which year it is",
            where=f"result {result.name!r}, data set {result.provenance.dataset!r}",
            do="say it: year=2022",
        )
    return int(when)


def _places(result: Result, region: str) -> list[tuple[str, str]]:
    """Return region and further levels of the variable for every number, in order."""
    for dim in result.dims:
        parting = "|>" if dim.startswith("region") else "|"
        bad = [label for label in result.coords[dim] if set(label) & set(parting)]
        if bad:
            raise LabelError(
                f"the label {bad[0]!r} holds a character that parts levels of an IAMC name",
                where=f"result {result.name!r}, axis {dim!r}",
                do="rename it, without | (and > in regions)",
            )
    # From where to where, whatever the order of the axes.
    regional = [dim for dim in ("region", "region_to") if dim in result.dims]
    if not regional and not region:
        raise InputError(
            f"no axis of regions among {', '.join(result.dims) or 'none'}",
            where=f"result {result.name!r}",
            do='say which region it is about: region="World"',
        )
    found = []
    for position in np.ndindex(*result.value.shape):
        at = {d: result.coords[d][k] for d, k in zip(result.dims, position, strict=True)}
        place = ">".join(at.pop(dim) for dim in regional) or region
        found.append((place, "".join(f"|{label}" for label in at.values())))
    return found


def _stem(result: Result) -> str:
    counted = result.provenance.stressor
    name = result.name.replace("|", "/")
    if not counted:
        return _capital(name)
    if not _GAS.search(result.unit):
        return f"{_capital(name)}|{_capital(counted.replace('|', '/'))}"
    gas = SPECIES.get(counted, counted).replace("|", "/")
    if name == "consumption":
        return f"Emissions Footprint|{gas}"
    if name.startswith("footprint "):
        return f"Emissions Footprint|{gas} [{name.removeprefix('footprint ')}]"
    return f"Emissions|{gas} [{name}]"


def _unit(unit: str) -> str:
    written = re.sub(r"\bCO2e\b", "CO2-equiv", re.sub(r" ?/ ?", "/", unit))
    return f"{written}/yr" if _AMOUNT.match(unit) else written


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
