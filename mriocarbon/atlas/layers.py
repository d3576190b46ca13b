"""The gridded carbon map: national accounts placed by point sources first, then by proxies.

For country c with account V_c, standard deviation s_c and shares w_c(x) of its cells (sum one)::

    value(x)      = sum_c V_c w_c(x)
    sd_account(x) = sqrt( sum_c (s_c w_c(x))^2 )          one error for all cells of a country
    sd_place(x)   = sqrt( sum_c V_c^2 mean_a (w_ca(x) - w_c(x))^2 )   a: other proxies
    sd(x)         = sqrt( sd_account^2 + sd_place^2 )

The errors of countries are taken as independent in a cell that they share. The cells of a country
sum to its account; see ``docs/methods/atlas.md`` for the shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.atlas import points as pts
from mriocarbon.atlas import proxies as px
from mriocarbon.atlas.assembling import assembled
from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.layer import Layer, Parts
from mriocarbon.atlas.mask import mask
from mriocarbon.atlas.national import WITHIN, national
from mriocarbon.atlas.placing import Inputs, in_provinces
from mriocarbon.atlas.provinces import Provinces
from mriocarbon.atlas.raster import Raster
from mriocarbon.atlas.raster import read as read_raster
from mriocarbon.datasets.database import database
from mriocarbon.datasets.load import load
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Progress = Callable[[str], None]

NAMES = ("production", "consumption", "natural")
SCOPES = ("land-use change", "managed land", "biosphere", "processes", "volcanoes")
_LAND_NOTE = "natural carbon is spread evenly over the land of a country: where in it is not known"
_DESERT = "deserts, ice and water are land to this map: the polygons do not tell them apart"
_PEOPLE = (
    "people: city points, the rest around them with P exp(-d / 50 km), an assumption and no census"
)
CITY_YEAR = 2022
"""Year of the population that the city points are held against, for maps of all years. The points
are of one vintage (no year is stated; their largest fit 2007): held against 1990 or
2000 they would be more people than some countries had, and all of these countries would be put
into points. Against 2022 no country of more than 100,000 people is."""
_VINTAGE = (
    f"city points are of one vintage: people within a country lie as in {CITY_YEAR}, and the share"
    " of them in listed cities is that of that year"
)
_ALIKE = "people of a country count alike: no income within countries was given"


def layer(
    name: str,
    year: int = 2022,
    *,
    resolution: float = 0.5,
    gas: str = "CO2",
    scope: str | None = None,
    points: pts.Points | str | Path | bool | None = None,
    population: ArrayLike | str | Path | None = None,
    income: ArrayLike | float | str | Path | None = None,
    elasticity: float = 1.0,
    provinces: Provinces | Sequence[Provinces] | None = None,
    account: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> Layer:
    """Return one layer of the carbon map on a global grid.

    ============ =======================================================================
    production   power plants as point sources; agriculture over the land; the rest by people
    consumption  by people, and by income where it is given
    natural      over the land, one scope at a time; ``"volcanoes"`` at the volcanoes
    ============ =======================================================================

    Parameters
    ----------
    name : {"production", "consumption", "natural"}
    year : int
    resolution : float
        Degrees, 0.25 to 5, a divisor of 180.
    gas : str
        As `national` knows it: "CO2", "GHG" (engine, 2022), and for natural carbon CH4 and N2O.
    scope : str, optional
        Of natural carbon: "land-use change" (default), "managed land", "biosphere", "processes" or
        "volcanoes". Scopes overlap; they are never added.
    points : Points, path or bool, optional
        Of production. A CSV file (`points.read_points`); by default the satellite catalogue if the
        folder of source data is at hand, else none; False for none.
    population : array or path, optional
        People per cell, (rows, columns), from south to north, or a raster file on the grid. By
        default city points with the rest of the people around them.
    income : array, path or float, optional
        Of consumption. A float: emissions per head in listed cities over those outside, an
        assumption of yours. An array or raster: income per head, any unit; emissions per head are
        taken as income to the power of `elasticity` within a country. Between countries nothing
        is assumed: their accounts are known.
    elasticity : float
    provinces : Provinces or sequence of them, optional
        `mriocarbon.atlas.provinces.provinces`: values inside a country where data exist; those
        that do not sum to the account within its interval are refused (see `Provinces.fitted`).
    account : pandas.DataFrame, optional
        In the layout of `national`, in its place.
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    Layer

    Raises
    ------
    UnknownNameError
        No such layer or scope.
    InputError
        A resolution that does not divide 180; points, rasters or provinces that do not fit.
    NotAvailableError
        No account of that year, gas or scope, or data that are not at hand.

    Examples
    --------
    >>> made = layer("consumption", 2022, resolution=2.0)
    >>> made.grid.shape, made.unit, round(made.total / float(made.national["value"].sum()), 9)
    ((90, 180), 'Mt CO2', 1.0)
    """
    tell = progress or (lambda text: None)
    if name not in NAMES:
        raise UnknownNameError.of("layer", str(name), NAMES)
    grid = Grid(resolution)
    scope = _scope(name, scope)
    if name != "production" and points not in (None, False):
        raise InputError(
            f"point sources for the layer {name!r}",
            where="points",
            do="point sources place what is emitted there: give them to the layer production",
        )
    if name == "natural" and (population is not None or income is not None):
        raise InputError(
            "natural carbon is not spread by people", where="population, income", do="leave it out"
        )
    if name == "production" and income is not None:
        raise InputError(
            "production is not spread by income", where="income", do="give it to consumption"
        )
    notes: list[Note] = []
    tell(f"{name}: national accounts of {year}")
    placed_points: pts.Points | None = None
    if scope == "volcanoes":
        placed_points, frame = _volcanoes(year, account)
    else:
        frame = _accounts(name, year, gas, scope, account)
    known = frame["value"].dropna()
    values = {str(code): float(value) for code, value in zip(known.index, known, strict=True)}
    if not values:
        raise NotAvailableError(f"no country has an account of {year}", where=f"layer {name}")
    tell(f"{name}: countries on a grid of {resolution:g} degrees")
    where = mask(grid)
    people = _people(year)
    if name == "production":
        placed_points = _points(points, year, values, gas, notes)
    divided: dict[str, tuple[px.Ints, Array]] | None = None
    used_raster: tuple[Source, ...] = ()
    if population is not None:
        raster, used_raster = _raster(population, grid, "sum", notes)
        divided, outside = px.divide(where, raster, people)
        notes.append(Note(
            f"people by the raster; {outside:.2%} of it lies in no country",
            about="place", estimated=True,
        ))  # fmt: skip
    wealth = _income(income, grid, notes)
    held = _by_country(provinces, grid, frame, notes)
    if placed_points is not None and held:
        placed_points = in_provinces(placed_points, held)
        notes += placed_points.notes
    inputs = Inputs(
        name, where, _people(CITY_YEAR), _members(values), placed_points,
        _agriculture(gas) if name == "production" else {}, divided, wealth, elasticity, held,
    )  # fmt: skip
    tell(f"{name}: placing {len(values)} accounts")
    notes += _told(name, scope, placed_points, divided is not None)
    if name != "natural" and year != CITY_YEAR:
        notes.append(Note(_VINTAGE, about="place", estimated=True))
    if name == "consumption" and wealth is None:
        notes.append(Note(_ALIKE, about="income", estimated=True))
    return assembled(inputs, frame, values, scope, year, gas, notes, used_raster)


def carbon_map(
    year: int = 2022,
    layers: Iterable[str] = NAMES,
    *,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Layer]:
    """Return several layers of one year.

    Parameters
    ----------
    year : int
    layers : iterable of str
        Names of layers; natural carbon with a scope as ``"natural: biosphere"``.
    progress : callable, optional
    **options
        Of `layer` for all of them; points, population, income and scope where they apply.

    Returns
    -------
    dict
        Name as asked for -> Layer. Layers of one map are never added: consumption is production
        placed elsewhere, and natural carbon is another scope.

    Examples
    --------
    >>> made = carbon_map(2022, ["production", "consumption"], resolution=5.0)
    >>> list(made)
    ['production', 'consumption']
    """
    only = {"points": "production", "income": "consumption", "scope": "natural"}
    layers = tuple(layers)
    named = [one for one in layers if one.partition(":")[0].strip() == "natural"]
    if options.get("scope") is not None and named and all(":" in one for one in named):
        raise InputError(
            f"a scope, and {' and '.join(named)} names its own", where="scope",
            do='leave it out, or ask for "natural"',
        )  # fmt: skip
    made = {}
    for asked in dict.fromkeys(layers):
        name, _, scope = (text.strip() for text in asked.partition(":"))
        own = {k: v for k, v in options.items() if only.get(k, name) == name}
        if name == "natural":
            own.pop("population", None)
            if scope:
                own["scope"] = scope
        elif scope:
            raise UnknownNameError.of("layer", asked, [*NAMES, *(f"natural: {s}" for s in SCOPES)])
        made[asked] = layer(name, year, progress=progress, **own)
    return made


# -- inputs ---------------------------------------------------------------------------------


def _scope(name: str, scope: str | None) -> str:
    if name != "natural":
        if scope is not None:
            raise InputError(
                f"a scope for the layer {name!r}",
                where="scope",
                do="only natural carbon has scopes",
            )
        return "territorial" if name == "production" else "consumption"
    if scope is None:
        return SCOPES[0]
    if scope not in SCOPES:
        raise UnknownNameError.of("scope of natural carbon", str(scope), SCOPES)
    return scope


def _accounts(
    name: str, year: int, gas: str, scope: str, account: pd.DataFrame | None
) -> pd.DataFrame:
    if account is None:
        if name == "natural":
            return national(name, year, gas=gas, scope=scope).copy()
        return national(name, year, gas=gas).copy()
    absent = [column for column in ("value", "sd", "unit") if column not in account]
    if absent or account.index.has_duplicates:
        what = f"without {', '.join(absent)}" if absent else "with doubled countries"
        raise InputError(
            f"an account {what}", where="account", do="give a frame as national() returns it"
        )
    values = account["value"].to_numpy(dtype=float)
    if np.isinf(values).any():
        raise InputError("infinite accounts", where="account", do="write NaN for missing ones")
    return account.copy()


def _members(values: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
    """Countries with an account, each with the territories counted in it."""
    out = {code: [code] for code in values}
    for code, parent in sorted(WITHIN.items()):
        if code not in values and parent in out:
            out[parent].append(code)
    return {code: tuple(members) for code, members in out.items()}


def _points(
    points: pts.Points | str | Path | bool | None,
    year: int,
    values: Mapping[str, float],
    gas: str,
    notes: list[Note],
) -> pts.Points | None:
    found: pts.Points | None
    if points is False:
        found = None
    elif points is None or points is True:
        found = None
        try:
            if points is True or pts.has_catalogue():
                found = pts.catalogue(year)
        except NotAvailableError as error:
            if points is True:
                raise
            notes.append(Note(f"no point sources: {error.what}", about="points"))
    elif isinstance(points, pts.Points):
        found = points
    else:
        found = pts.read_points(points, year)
    if found is None:
        notes.append(
            Note("no point sources were given: everything is placed by proxies", about="points")
        )
        return None
    # A territory's plants are in the account that counts it.
    found = replace(
        found,
        iso3=tuple(code if code in values else WITHIN.get(code, code) for code in found.iso3),
    )
    found = pts.capped(found, values, year)
    notes += found.notes
    astray = sorted(set(found.iso3) - set(values))
    if astray:
        notes.append(
            Note(f"points of countries without an account are left out: {', '.join(astray)}")
        )
    if gas != "CO2":
        notes.append(Note(f"of {gas}, point sources place CO2 only", about="points"))
    return found


def _volcanoes(year: int, account: pd.DataFrame | None) -> tuple[pts.Points, pd.DataFrame]:
    import pandas as pd

    if account is not None:
        raise InputError("an account for volcanoes", where="account", do="leave it out")
    found = pts.volcano_points(year)
    codes, which = np.unique(np.array(found.iso3), return_inverse=True)
    alone = np.arange(len(found))
    both = Parts(
        tuple(codes.tolist()), which, alone, found.mt, found.sum_sd * found.mt / found.mt.sum(),
        found.sd, np.empty((len(found), 0)), np.zeros(len(codes), dtype=np.intp), True,
    ).shared_sd(which, len(codes))  # fmt: skip
    total = np.bincount(which, found.mt, len(codes))
    made = pd.DataFrame({"value": total, "sd": np.hypot(*both)}, index=codes)
    made["low"] = np.maximum(0.0, made["value"] - 1.96 * made["sd"])
    made["high"] = made["value"] + 1.96 * made["sd"]
    made["unit"], made["estimated"] = "Mt CO2", True
    made["source"] = "; ".join(
        source.citation for source in (pts.VOLCANO_SOURCE, *found.sources[:1])
    )
    made["method"] = "global volcanic CO2 by satellite SO2"
    made["note"] = found.notes[0].text
    made.index.name = "iso3"
    return found, made.sort_index()


@lru_cache(maxsize=8)
def _people(year: int) -> Mapping[str, float]:
    """Persons by country, of the nearest year that has figures."""
    known = database().table("economy", variable="population")
    years = sorted(set(known["year"].dropna().astype(int)))
    nearest = min(years, key=lambda one: abs(one - year))
    now = known[known["year"] == nearest]
    return {str(r): float(v) for r, v in zip(now["region"], now["value"], strict=True) if v > 0}


@lru_cache(maxsize=4)
def _agriculture(gas: str) -> Mapping[str, float]:
    """Part of a region's emissions, households included, that agriculture and fishing emit."""
    mrio = load("oecd-icio-2022")
    for extension in mrio.extensions.values():
        if gas in extension.stressors:
            break
    else:
        return {}
    row = extension.stressors.index(gas)
    industries = extension.F[row].reshape(len(mrio.regions), len(mrio.sectors))
    own = np.array([sector.startswith("A0") for sector in mrio.sectors])
    total = industries.sum(axis=1)
    if extension.F_Y is not None:
        total = total + extension.F_Y[row]
    return dict(zip(mrio.regions, (industries[:, own].sum(axis=1) / total).tolist(), strict=True))


def _raster(
    given: ArrayLike | str | Path, grid: Grid, kind: str, notes: list[Note]
) -> tuple[Array, tuple[Source, ...]]:
    if isinstance(given, str | Path):
        given = read_raster(given, grid, kind=kind)
    if isinstance(given, Raster):
        notes += [Note(f"{given.source.name}: {step}") for step in given.steps]
        return given.values, (given.source,)
    return np.asarray(given, dtype=np.float64), (Source("raster given by the user"),)


def _income(
    income: ArrayLike | float | str | Path | None, grid: Grid, notes: list[Note]
) -> float | Array | None:
    if income is None:
        return None
    if isinstance(income, int | float) and not isinstance(income, bool):
        if not (math.isfinite(income) and income > 0):
            raise InputError(
                f"a ratio of {income!r} between cities and the rest", where="income",
                do="give a positive number such as 1.5, or a raster of income per head",
            )  # fmt: skip
        notes.append(Note(
            f"emissions per head in listed cities {income:g} times those outside: an assumption",
            about="income", estimated=True,
        ))  # fmt: skip
        return float(income)
    raster, _ = _raster(income, grid, "mean", notes)
    if raster.shape != grid.shape or np.isinf(raster).any() or (raster < 0).any():
        raise InputError(
            "income per head has another shape than the grid, or negative or infinite cells",
            where=f"income, shape {raster.shape}, grid {grid.shape}", do="NaN where it is missing",
        )  # fmt: skip
    notes.append(Note(
        "emissions per head follow income within a country; cells without income have its mean",
        about="income", estimated=True,
    ))  # fmt: skip
    return raster


def _by_country(
    provinces: Provinces | Sequence[Provinces] | None,
    grid: Grid,
    frame: pd.DataFrame,
    notes: list[Note],
) -> dict[str, Provinces]:
    if provinces is None:
        return {}
    out: dict[str, Provinces] = {}
    for one in [provinces] if isinstance(provinces, Provinces) else provinces:
        if one.grid != grid:
            raise InputError(
                f"provinces of {one.country} on another grid", where="provinces",
                do=f"read them with Grid({grid.resolution:g})",
            )  # fmt: skip
        if one.country in out:
            raise InputError(f"provinces of {one.country} twice", where="provinces")
        ends = [_cell(frame, one.country, key) for key in ("value", "low", "high")]
        out[one.country] = one.fitted(*ends)
        notes += [Note(f"{one.country}: {step}") for step in out[one.country].steps]
    return out


def _told(name: str, scope: str, points: pts.Points | None, raster: bool) -> list[Note]:
    notes = []
    if scope == "volcanoes" and points is not None:
        return list(points.notes)
    if name == "natural":
        notes += [Note(_LAND_NOTE, about="place", estimated=True), Note(_DESERT, about="place")]
    elif not raster:
        notes.append(Note(_PEOPLE, about="place", estimated=True))
    if name == "production":
        notes.append(Note(
            "industry, transport, households and gas-fired plants are placed by people, agriculture"
            " by land: its part of the account is that of the country's region of 20",
            about="place", estimated=True,
        ))  # fmt: skip
    notes.append(Note(
        "sd of a cell: account (one error for all cells of a country) and place (spread of other"
        " proxies) in quadrature; the sd of a country is in the accounts, not the sum of cells",
        about="uncertainty",
    ))  # fmt: skip
    return notes


def _cell(frame: pd.DataFrame, code: str, column: str) -> float:
    """A number of an account, NaN where it is missing."""
    if column not in frame or code not in frame.index:
        return math.nan
    return float(frame[column].astype(float)[code])
