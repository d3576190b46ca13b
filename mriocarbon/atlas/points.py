"""Point sources: power plants of the satellite catalogue or of the user's, and volcanoes.

What they emit is an estimate unless the user gives it; it is never more than the country's
electricity (or, for emissions given by the user, than the country's account).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas import electricity as power
from mriocarbon.atlas.shapes import country_of, distance_to, nearest_many, shapes, small_countries
from mriocarbon.config import data_folder
from mriocarbon.errors import DataFileError, InputError, NotAvailableError, UnknownNameError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.sheets import rows as sheet_rows
from mriocarbon.io.user_csv import Row, read_bytes, rows_of
from mriocarbon.model.brief import brief
from mriocarbon.model.labels import country_code
from mriocarbon.model.provenance import Note, Source

Array = NDArray[np.float64]

CATALOGUE = "natural/OMI_Catalogue_SO2_2023.xlsx"
CATALOGUE_SOURCE = Source(
    "Global catalogue of large SO2 sources (OMI, OMPS, TROPOMI), 2005-2023",
    citation="Fioletov et al. (2023), doi:10.5194/essd-15-75-2023; NASA GES DISC",
    licence="read from the folder of source data, not shipped",
)
VOLCANO_SOURCE = Source(
    "CO2 of the most actively degassing volcanoes, 2005-2015",
    citation="Aiuppa et al. (2019), Scientific Reports 9, 5442, doi:10.1038/s41598-019-41901-y",
)
CAP_SHARE = 0.5
"""Most of a country's coal and oil electricity that the catalogue may place (assumed)."""
CAP_MT = 15.0
"""Most CO2 of one point of the catalogue, Mt: about 3 GW of coal at 5,300 hours (assumed)."""
REACH_KM = 100.0
"""How far a point may lie from its country: the borders are coarse, and plants stand on coasts."""
VOLCANO_MT = (38.7, 2.9)
"""CO2 of the 91 most actively degassing subaerial volcanoes, 2005-2015, Mt a year, and its one
standard deviation (Aiuppa et al. 2019, Scientific Reports 9, 5442, abstract: PMC6443792)."""
FUEL_NAMES = {"coal": "coal", "gas": "gas", "oil": "oil", "natural gas": "gas", "petcoke": "coal"}
NO_CO2 = {
    "hydro", "nuclear", "solar", "wind", "geothermal", "wave and tidal", "storage", "biomass",
    "waste", "cogeneration", "other",
}  # fmt: skip
# How the catalogue writes countries that pycountry does not know by that name.
CATALOGUE_NAMES = {
    "Czech Republic": "CZE",
    "Democratic Republic of Congo": "COD",
    "Iran": "IRN",
    "Lybia": "LBY",
    "Macedonia (FYROM)": "MKD",
    "North Korea": "PRK",
    "Russia": "RUS",
    "Snengal": "SEN",
    "South Korea": "KOR",
    "Syria": "SYR",
    "Turkey": "TUR",
    "UK": "GBR",
    "USA": "USA",
    "Venezuela": "VEN",
    "Vietnam": "VNM",
}


@dataclass(frozen=True)
class Points:
    """Point sources of one year.

    Attributes
    ----------
    iso3 : tuple of str
    lat, lon : array, (n,)
        Degrees.
    mt : array, (n,)
        Mt CO2 in the year.
    sd : array, (n,)
        One standard deviation, Mt.
    kind : str
        What they are: "power plants of the satellite catalogue", "point sources of the user".
    given : bool
        Whether the emissions were given (True) or estimated.
    sum_sd : float
        One standard deviation of the sum, Mt, where the sum is known and the points only share it
        out; NaN where they are independent of one another.
    notes : tuple of Note
    sources : tuple of Source
    """

    iso3: tuple[str, ...]
    lat: Array
    lon: Array
    mt: Array
    sd: Array
    kind: str
    given: bool
    notes: tuple[Note, ...] = ()
    sources: tuple[Source, ...] = ()
    sum_sd: float = math.nan

    __repr__ = brief

    def __len__(self) -> int:
        return len(self.iso3)

    def total(self) -> dict[str, float]:
        """Return Mt CO2 by country."""
        out: dict[str, float] = {}
        for code, value in zip(self.iso3, self.mt.tolist(), strict=True):
            out[code] = out.get(code, 0.0) + value
        return out


def filled(weights: Array, amount: float, cap: float) -> Array:
    """Spread an amount by weights so that none gets more than a cap; what is left over is dropped.

    Examples
    --------
    >>> filled(np.array([8.0, 1.0, 1.0]), 10.0, 5.0).tolist()
    [5.0, 2.5, 2.5]
    >>> filled(np.array([1.0, 1.0]), 10.0, 3.0).tolist()
    [3.0, 3.0]
    """
    out = np.zeros(len(weights))
    open_ones = weights > 0
    amount = min(amount, cap * int(open_ones.sum()))
    while amount - out.sum() > 1e-12 * max(amount, 1.0) and open_ones.any():
        left = amount - out.sum()
        own = weights[open_ones] / weights[open_ones].max()  # first, lest tiny ones vanish
        out[open_ones] += left * (own / own.sum())
        over = open_ones & (out >= cap)
        out[over] = cap
        open_ones &= ~over
        if not over.any():
            break
    return out


def catalogue(year: int = 2022, *, folder: Path | None = None) -> Points:
    """Return power plants of the satellite SO2 catalogue with a guess of their CO2.

    In each country the part ``min(0.5 E, 15 Mt x n)`` of the CO2 of coal and oil electricity E
    (`electricity`) is given to the n power plants of the catalogue in proportion to their SO2 of
    the year, none more than 15 Mt. SO2 depends on sulphur and scrubbers as much as on burning,
    so that the places are observed and the amounts are not: one standard deviation is the amount
    itself.

    Parameters
    ----------
    year : int
        2005 to 2023.
    folder : Path, optional
        Of source data; ``MRIOCARBON_DATA`` by default. The catalogue is not shipped.

    Raises
    ------
    NotAvailableError
        No folder, or no such year.
    DataFileError
        The file is missing or unreadable.

    References
    ----------
    Fioletov, V. et al. (2023), Version 2 of the global catalogue of large anthropogenic and
    volcanic SO2 sources, Earth System Science Data 15, 75. https://doi.org/10.5194/essd-15-75-2023
    """
    rows, source = _catalogue_rows("Power Plant", year, folder)
    by_country = power.electricity(year)
    iso3 = np.array([_catalogue_country(row[2]) for row in rows])
    so2 = np.array([row[3] for row in rows])
    mt = np.zeros(len(rows))
    for code in np.unique(iso3):
        fuels = by_country.get(str(code), {})
        limit = CAP_SHARE * (fuels.get("coal", 0.0) + fuels.get("oil", 0.0))
        own = iso3 == code
        mt[own] = filled(so2[own], limit, CAP_MT)
    kept = mt > 0
    text = (
        f"power plants are {int(kept.sum())} places of the satellite SO2 catalogue; their CO2 is a"
        f" guess: at most {CAP_SHARE:.0%} of a country's coal and oil electricity, by SO2, none"
        f" above {CAP_MT:g} Mt; plants without visible SO2 (gas, scrubbed) are not among them"
    )
    return Points(
        tuple(str(code) for code in iso3[kept]),
        np.array([row[0] for row in rows])[kept],
        np.array([row[1] for row in rows])[kept],
        mt[kept],
        mt[kept],
        "power plants of the satellite catalogue",
        False,
        (Note(text, about="points", estimated=True, sources=(source,)),),
        (source,),
    )


def read_points(path: str | Path, year: int = 2022) -> Points:
    """Read point sources from a CSV file.

    Columns: ``latitude``, ``longitude`` and either ``co2_mt`` (Mt CO2 in the year) or
    ``capacity_mw`` and ``primary_fuel`` as in the Global Power Plant Database; ``country`` (ISO
    3166 alpha-3) where known, else the country the point lies in. Without ``co2_mt``::

        CO2 = capacity x full-load hours x carbon content x 44/12 x 3.6 / efficiency

    with hours of the country and fuel (IRENA, `electricity.hours`), or of the world. Plants of
    other fuels, and biomass, waste and cogeneration whose fossil part is not known, are left out
    and counted in a note. Where the sum exceeds the country's electricity, it is scaled down to it
    when a layer is made (`capped`), and a note says so.

    Parameters
    ----------
    path : path
    year : int

    Returns
    -------
    Points
        sd: 30 % where computed from capacity (hours and efficiency assumed), 10 % where given
        without a column ``sd_mt``.

    Raises
    ------
    DataFileError
        The file cannot be read.
    InputError
        A column is missing or doubled, a row has another length; a coordinate, capacity or emission
        is missing, negative or not finite; a point lies in no country, or farther than 100 km from
        the country it names.
    UnknownNameError
        A country or fuel that is not known.

    References
    ----------
    Byers, L. et al. (2019), A global database of power plants, World Resources Institute (CC BY
    4.0), for the layout. IPCC (2006), volume 2, table 1.3, for the carbon contents.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "plants.csv"
    ...     _ = file.write_text("latitude,longitude,co2_mt,country\\n51.5,6.7,4.2,DEU\\n")
    ...     points = read_points(file)
    >>> points.iso3, points.mt.tolist(), points.sd.round(2).tolist()
    (('DEU',), [4.2], [0.42])
    """
    path = Path(path)
    content = read_bytes(path)
    known = ("co2_mt", "sd_mt", "capacity_mw", "primary_fuel", "country")
    rows = rows_of(content, path, ("latitude", "longitude"), known, others=True)
    head = list(rows[0].cells)
    given = "co2_mt" in head
    needed = ["co2_mt"] if given else ["capacity_mw", "primary_fuel"]
    absent = [name for name in needed if name not in head]
    if absent:
        raise InputError(
            f"columns are missing: {', '.join(absent)}",
            where=f"{path}: has {', '.join(head)}",
            do="latitude, longitude and co2_mt, or capacity_mw and primary_fuel",
        )
    lat, lon = _column(rows, "latitude", path), _column(rows, "longitude", path)
    wrong = np.flatnonzero((np.abs(lat) > 90) | (np.abs(lon) > 180))
    if len(wrong):
        raise InputError(
            "coordinates are outside -90 to 90 and -180 to 180",
            where=f"{path}: {listed([f'row {rows[k].number}' for k in wrong])}",
            do="give degrees; latitude and longitude may be swapped",
        )
    amount = _column(rows, "co2_mt" if given else "capacity_mw", path, least=0.0)
    codes = _codes(rows, lat, lon, path)
    notes: list[Note] = []
    if given:
        mt = amount
        spread = _column(rows, "sd_mt", path, least=0.0) if "sd_mt" in head else 0.1 * mt
    else:
        fuels = _fuels(rows, path)
        kept = np.array([fuel != "" for fuel in fuels])
        if not kept.all():
            notes.append(Note(f"{int((~kept).sum())} plants without known fossil CO2 are left out"))
        full = power.hours(min(max(year, 2015), 2022))
        mt = np.array([
            mw * full.get((code, fuel), full["WLD", fuel]) * power.per_twh(fuel) / 1e6
            if fuel else 0.0
            for mw, fuel, code in zip(amount, fuels, codes, strict=True)
        ])  # fmt: skip
        spread = 0.3 * mt
        notes.append(Note(
            "CO2 of plants from capacity, full-load hours and IPCC carbon contents",
            about="points", estimated=True,
        ))  # fmt: skip
        lat, lon, mt, spread = lat[kept], lon[kept], mt[kept], spread[kept]
        codes = [code for code, keep in zip(codes, kept, strict=True) if keep]
    return Points(
        tuple(codes), lat, lon, mt, spread, "point sources of the user", given, tuple(notes),
        (Source(path.name, citation="given by the user",
                sha256=hashlib.sha256(content).hexdigest()),),
    )  # fmt: skip


def capped(points: Points, account: Mapping[str, float], year: int) -> Points:
    """Return points that hold no more than their country has.

    Estimated points: no more than the country's electricity of the year, and never more than its
    account; they are scaled down, and a note says where. Given points may not exceed the account.

    Raises
    ------
    InputError
        Given points emit more than the account of their country.
    """
    try:
        by_country = power.electricity(year)
    except NotAvailableError:
        by_country = {}
    mt, spread = points.mt.copy(), points.sd.copy()
    iso3 = np.array(points.iso3)
    scaled: list[str] = []
    for code, total in points.total().items():
        limit = account.get(code, math.nan)
        if math.isnan(limit):
            continue
        if points.given:
            if total > limit * (1 + 1e-9):
                raise InputError(
                    f"the point sources of {code} emit {total:,.4g} Mt, its account holds"
                    f" {limit:,.4g} Mt",
                    where="points",
                    do="check units (Mt, not t) and doubled rows, or leave some out",
                )
            continue
        if code in by_country:
            limit = min(limit, sum(by_country[code].values()))
        limit = max(limit, 0.0)
        if total > limit:
            own = iso3 == code
            mt[own] *= limit / total
            spread[own] *= limit / total
            scaled.append(f"{code} x {limit / total:.2f}")
    if not scaled:
        return points
    note = Note(
        f"point sources scaled down to the country's electricity: {listed(sorted(scaled))}",
        about="points",
        estimated=True,
    )
    return replace(points, mt=mt, sd=spread, notes=(*points.notes, note))


def volcano_points(year: int = 2022, *, folder: Path | None = None) -> Points:
    """Return volcanic CO2 by place: the published global sum, by SO2 of the satellite catalogue.

    A scope of its own: geological carbon, in no national account. 38.7 +- 2.9 Mt a year (2005 to
    2015, the most actively degassing volcanoes) are given to the volcanoes of the catalogue in
    proportion to their SO2 of the year. The ratio of CO2 to SO2 differs by volcano by a factor of
    ten; one standard deviation of a place is its amount, before all are scaled to the sum. Diffuse
    degassing is not in it.

    Parameters
    ----------
    year : int
        2005 to 2023.
    folder : Path, optional

    Raises
    ------
    NotAvailableError, DataFileError
        As `catalogue`.

    References
    ----------
    Aiuppa, A. et al. (2019), CO2 flux emissions from the Earth's most actively degassing
    volcanoes, 2005-2015, Scientific Reports 9, 5442 (PMC6443792).
    """
    rows, source = _catalogue_rows("Volcano", year, folder)
    so2 = np.array([row[3] for row in rows])
    mt = VOLCANO_MT[0] * so2 / so2.sum()
    lat, lon = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    text = (
        f"volcanoes: {VOLCANO_MT[0]:g} +- {VOLCANO_MT[1]:g} Mt CO2 a year (Aiuppa et al. 2019,"
        " 2005-2015), placed by SO2; the amount of one volcano is a guess"
    )
    return Points(
        tuple(country_of(shapes(), lat, lon)), lat, lon, mt, mt, "volcanoes", False,
        (Note(text, about="volcanoes", estimated=True, sources=(source,)),),
        (source, VOLCANO_SOURCE), VOLCANO_MT[1],
    )  # fmt: skip


def has_catalogue() -> bool:
    """Whether the folder of source data with the catalogue is at hand."""
    folder = data_folder()
    return folder is not None and (folder / CATALOGUE).is_file()


def _catalogue_rows(
    kind: str, year: int, folder: Path | None
) -> tuple[list[tuple[float, float, str, float]], Source]:
    """Latitude, longitude, country and SO2 (kt) of one kind of source, with SO2 above zero."""
    folder = folder or data_folder()
    if folder is None:
        raise NotAvailableError(
            "the satellite SO2 catalogue is not at hand: it is not shipped",
            where=f"environment variable MRIOCARBON_DATA, needed for {CATALOGUE}",
            do="set it, give a CSV of point sources, or do without points",
        )
    try:
        content = (folder / CATALOGUE).read_bytes()
        archive = Archive(folder / CATALOGUE)
        head, *body = [cells for _, cells in sheet_rows(archive, archive.path.name, "Catalogue")]
    except (OSError, ValueError) as error:
        raise DataFileError(
            f"the satellite catalogue cannot be read: {error}", where=str(folder / CATALOGUE)
        ) from error
    names = ["" if name is None else str(name) for name in head]
    if f"y{year}" not in names:
        raise NotAvailableError(
            f"the satellite catalogue has no year {year}",
            where=CATALOGUE,
            do="choose 2005 to 2023, or do without points",
        )
    at = [names.index(n) for n in ("LATITUDE", "LONGITUDE", "COUNTRY", f"y{year}", "TYPE")]
    found = []
    for cells in body:
        row = [*cells, *[None] * (len(names) - len(cells))]
        lat, lon, country, so2, what = (row[k] for k in at)
        if what == kind and isinstance(so2, int | float) and so2 > 0:
            found.append((float(str(lat)), float(str(lon)), str(country).strip(), float(so2)))
    return found, replace(CATALOGUE_SOURCE, sha256=hashlib.sha256(content).hexdigest())


def _catalogue_country(name: str) -> str:
    if code := CATALOGUE_NAMES.get(name) or country_code(name):
        return code
    raise UnknownNameError(f"a country of the catalogue is not known: {name!r}", where=CATALOGUE)


def _column(rows: Sequence[Row], name: str, path: Path, least: float = -math.inf) -> Array:
    """Return a column as numbers; every missing, negative or infinite cell is named."""
    out = np.full(len(rows), math.nan)
    for k, row in enumerate(rows):
        try:
            out[k] = float(row.cells[name])
        except ValueError:
            continue
    bad = np.flatnonzero(~np.isfinite(out) | (out < least))
    if len(bad):
        cells = [f"row {rows[k].number}: {rows[k].cells[name]!r}" for k in bad.tolist()]
        what = "missing, negative or not finite" if least == 0 else "missing or not finite"
        raise InputError(
            f"{len(bad)} cells of {name} are {what}",
            where=f"{path}: {listed(cells)}",
            do="fill or remove these rows; missing is not zero",
        )
    return out


def _codes(rows: Sequence[Row], lat: Array, lon: Array, path: Path) -> list[str]:
    """Return the country of each row: as stated, if the point lies there, else by its place."""
    borders = shapes()
    known = {*borders.codes, *(one.iso3 for one in small_countries())}
    placed = country_of(borders, lat, lon)
    _, km = nearest_many(borders, lat, lon)
    codes: list[str] = []
    lost: list[str] = []
    far: list[str] = []
    for k, row in enumerate(rows):
        stated = row.text("country", needed=False).upper()
        if stated and stated not in known:
            raise UnknownNameError.of(
                "country", stated, sorted(known), do=f"({path}, row {row.number})"
            )
        code = stated or placed[k]
        if code != placed[k] or km[k] > REACH_KM:
            away = distance_to(code, float(lat[k]), float(lon[k]))
            if away > REACH_KM:
                text = f"row {row.number} ({lat[k]:g}, {lon[k]:g})"
                (far if stated else lost).append(
                    f"{text}, {away:,.0f} km from {code}" if stated else text
                )
        codes.append(code)
    if lost or far:
        what = "lie in no country" if lost else f"lie more than {REACH_KM:g} km from their country"
        raise InputError(
            f"{len(lost or far)} point sources {what}",
            where=f"{path}: {listed(lost or far)}",
            do="check the coordinates (latitude and longitude swapped?) and the country",
        )
    return codes


def _fuels(rows: Sequence[Row], path: Path) -> list[str]:
    out = []
    for row in rows:
        fuel = row.text("primary_fuel", needed=False).casefold()
        if fuel not in FUEL_NAMES and fuel not in NO_CO2:
            raise UnknownNameError.of(
                "fuel", fuel, [*FUEL_NAMES, *sorted(NO_CO2)], do=f"({path}, row {row.number})"
            )
        out.append(FUEL_NAMES.get(fuel, ""))
    return out
