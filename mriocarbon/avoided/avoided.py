r"""Emissions that exported technology avoids where it runs.

.. math:: E_1 = \sum_i C_i \cdot 8760\,h \cdot cf_i \cdot g_i \cdot \delta, \qquad
          E_L = \sum_i E_{1,i} \sum_k w_k o_k p_{k,i}

Capacity C, capacity factor cf, grid factor g, share delivered :math:`\delta`, and the years of a
life (`mriocarbon.avoided.lifetime`). A comparison with what would have been generated otherwise:
never a part of an inventory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.avoided.drawn import Array, Estimate, Given, estimate, normals
from mriocarbon.avoided.exports import Exports
from mriocarbon.avoided.grids import BOUNDS, MARGINS, Grids, grid_factors
from mriocarbon.avoided.lifetime import EndOfLife, end_of_life
from mriocarbon.avoided.simulate import Options, Run, draw, prepare
from mriocarbon.avoided.yields import Yields
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.brief import brief, interval
from mriocarbon.model.checked import MOST_DRAWS, is_real, real, whole
from mriocarbon.model.provenance import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Avoided", "Draws", "avoided", "by_margin"]

COMPARATIVE = Note(
    "Avoided emissions compare two worlds, with and without the technology. They are no part of an"
    " inventory and are never subtracted from one: not from the exporter's, not from the"
    " importer's, whose inventory shows the cleaner grid already (ISO 14064-2; WRI 2019,"
    " Estimating and Reporting the Comparative Emissions Impacts of Products).",
    about="avoided emissions",
)  # fmt: skip
_DECLINES = ("trend", "none", "linear")


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of a Monte Carlo run; row d of every array is the same world.

    Attributes
    ----------
    rows : tuple of (destination, technology, product)
    first_year, lifetime : ndarray, shape (draws, rows)
        Mt CO2e.
    mw : ndarray, shape (draws, rows)
    generation, lifetime_generation : ndarray, shape (draws, rows)
        TWh, of the first year and of the life.
    by_age : ndarray, shape (draws, years)
        Mt CO2e avoided in year 1, 2, ... of operation, all rows together.
    by_year : ndarray, shape (draws, years)
        Mt CO2e in calendar years from that of export on; capacity with known months only.
    seed : int
        With `mriocarbon.avoided.drawn.normals` of the same seed, draws of other things pair with
        these.
    """

    rows: tuple[tuple[str, str, str], ...]
    first_year: Array
    lifetime: Array
    mw: Array
    generation: Array
    lifetime_generation: Array
    by_age: Array
    by_year: Array
    seed: int

    __repr__ = brief

    def __len__(self) -> int:
        return len(self.first_year)


@dataclass(frozen=True, eq=False)
class Avoided:
    """What exports of one year avoid.

    Attributes
    ----------
    exports : Exports
    margin, decline : str
    first_year : Estimate
        One full year of all capacity at today's grid factors, Mt CO2e.
    calendar_year : Estimate
        Within the year of export, by month of shipment and lag; NaN if no month is known.
    lifetime : Estimate
    generation, lifetime_generation : Estimate
        TWh.
    by_month, by_year, by_age, left_out : pandas.DataFrame
        Months of export; calendar years (with their running sum); years of operation; capacity
        without factors that was left out, which is missing and not zero.
    end_of_life : EndOfLife
        Beside the avoided emissions, not netted.
    draws : Draws
    level : float
        Of the intervals.
    notes : tuple of Note
    """

    exports: Exports
    margin: str
    decline: str
    first_year: Estimate
    calendar_year: Estimate
    lifetime: Estimate
    generation: Estimate
    lifetime_generation: Estimate
    by_month: pd.DataFrame
    by_year: pd.DataFrame
    by_age: pd.DataFrame
    left_out: pd.DataFrame
    end_of_life: EndOfLife
    draws: Draws
    level: float
    notes: tuple[Note, ...]
    rows: pd.DataFrame
    """One row a destination, technology and product, with the factors used; see `by`."""

    @property
    def by_destination(self) -> pd.DataFrame:
        """`by` destination, the largest first."""
        return self.by("destination").sort_values("first_year", ascending=False)

    def by(self, *columns: str) -> pd.DataFrame:
        """Return sums by destination, technology or product, with intervals from the draws.

        Returns
        -------
        pandas.DataFrame
            ``mw``, ``generation_twh``, ``first_year``, ``low``, ``high``, ``lifetime``,
            ``lifetime_low``, ``lifetime_high`` (Mt CO2e), ``estimated`` (any of it),
            ``capacity_estimated`` (as where customs know the value alone, or a user moved it on),
            ``factors_estimated`` (a factor is not the destination's own).
        """
        import pandas as pd

        known = ("destination", "technology", "product")
        for column in columns:
            if column not in known:
                raise UnknownNameError.of("column", column, known)
        if not columns:
            raise InputError("no column", where="by", do=f"give one or more of {known}")
        tail = (1 - self.level) / 2
        out = {}
        for key, part in self.rows.groupby(list(columns), sort=False):
            places = part.index.to_numpy()
            one: dict[str, object] = {
                "mw": part["mw"].sum(), "generation_twh": part["generation_twh"].sum(),
            }  # fmt: skip
            for name, prefix in (("first_year", ""), ("lifetime", "lifetime_")):
                drawn = getattr(self.draws, name)[:, places].sum(axis=1)
                low, high = np.quantile(drawn, [tail, 1 - tail])
                one |= {name: part[name].sum(), f"{prefix}low": low, f"{prefix}high": high}
            marked = ("estimated", "capacity_estimated", "factors_estimated")
            out[key] = one | {name: bool(part[name].any()) for name in marked}
        frame = pd.DataFrame.from_dict(out, orient="index")
        frame.index = (
            pd.MultiIndex.from_tuples(list(out), names=columns) if len(columns) > 1
            else pd.Index([key[0] for key in out], name=columns[0])
        )  # fmt: skip
        return frame

    def __repr__(self) -> str:
        first, life = self.first_year, self.lifetime
        return brief(
            self, f"{self.exports.exporter} {self.exports.year}, margin {self.margin}",
            f"first year {interval(first.value, first.low, first.high, first.unit)}",
            f"lifetime {interval(life.value, life.low, life.high, life.unit)}",
        )  # fmt: skip


def avoided(
    exports: Exports,
    *,
    margin: str | Grids = "combined",
    grid_year: int | None = None,
    missing_grid: str = "region",
    decline: str | float = "trend",
    bounds: tuple[float, float] = BOUNDS,
    zero_year: int = 2050,
    catch_up: bool = False,
    yields: Mapping[str, Yields] | None = None,
    lifetime: Given = None,
    degradation: Given = None,
    first_year_loss: Given = None,
    delivered: Given = None,
    lag: Given = None,
    months: str | int = "missing",
    treatment: Given = None,
    credit: Given = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Avoided:
    r"""Return the emissions that exported capacity avoids, with intervals.

    .. math:: E_1 = \sum_i C_i \cdot 8760\,h \cdot cf_i \cdot g_i \cdot \delta, \qquad
              E_L = \sum_i E_{1,i} \sum_k w_k o_k p_{k,i}

    Parameters
    ----------
    exports : Exports
        C, MW by destination, month, technology and product.
    margin : {"combined", "operating", "average"} or Grids
        What a kWh displaces, g/kWh; see `mriocarbon.avoided.grids.grid_factors`.
    grid_year : int, optional
        Of the average; by default the latest year of each country up to that of the exports.
    missing_grid : {"region", "leave out"}
        A country without a factor gets its region's mean, marked, or is left out and counted.
    decline : {"trend", "none", "linear"} or float
        Of the grid factor after the first year: each country's trend of ten years within `bounds`;
        none, as IFI holds its factors over a project's life; in a line to zero in `zero_year`; or
        one share per year for all.
    bounds : (float, float)
        Least and largest yearly decline of a trend.
    zero_year : int
        With ``decline="linear"``; not before the year of the exports.
    catch_up : bool
        Whether the decline also runs from the factor's year (2021 for the margins) to the year of
        export; not with "linear".
    yields : mapping of technology to Yields, optional
        See `mriocarbon.avoided.yields.capacity_factors`.
    lifetime, degradation, first_year_loss, delivered, lag : float or mapping, optional
        Years; share per year; share; kWh displaced per kWh generated; months from shipment to
        operation. For all or by technology; held fixed if given, else drawn from
        ``tables/parameters.csv``. A first-year loss is used with yields of a design only.
    months : {"missing", "even"} or int
        Shipments whose month is not known: not placed in calendar years and counted as such;
        spread evenly over the year, marked; or all in one month (1 and 12 give the bounds).
    treatment, credit : float or mapping, optional
        End of life, t CO2e per MW; see `mriocarbon.avoided.lifetime.end_of_life`.
    draws, seed : int
        Same seed, same numbers. Grid decline, degradation, lifetime, lag and the methods' errors
        are drawn once a draw; capacity, capacity factor and grid factor of each country alone.
    level : float
        Of the intervals.

    Returns
    -------
    Avoided

    Raises
    ------
    InputError, UnknownNameError
        A setting that is none.
    NotAvailableError
        A decline or factor without data.

    References
    ----------
    IFI TWG (2021), Default Grid Factors v3.1, AHG-001. ISO 14064-2:2019. Russell (2019),
    Estimating and Reporting the Comparative Emissions Impacts of Products, WRI working paper.

    Examples
    --------
    >>> from mriocarbon.avoided.exports import exports
    >>> found = avoided(exports("CHN", "solar", 2024), draws=200)
    >>> found.first_year.unit, found.first_year.low < found.first_year.value < found.first_year.high
    ('Mt CO2e', True)
    >>> bool(abs(found.by("destination")["first_year"].sum() / found.first_year.value - 1) < 1e-12)
    True
    """
    import pandas as pd

    count = whole("draws", draws, least=2, where="avoided", most=MOST_DRAWS)
    start = whole("seed", seed, least=0, where="avoided")
    share = real("level", level, above=0, below=1, where="avoided")
    if exports.table.empty:
        raise InputError("no exports", where="avoided", do="give exports with at least one row")
    grids = _grids(margin, grid_year, exports.year)
    zero = whole("zero_year", zero_year, least=1900, where="avoided")
    if decline == "linear" and zero < exports.year:
        raise InputError(
            f"a grid that was clean in {zero}, before the exports of {exports.year}",
            where="zero_year", do=f"give a year from {exports.year} on",
        )  # fmt: skip
    options = Options(
        missing_grid=missing_grid, decline=_decline(decline), bounds=bounds, zero_year=zero,
        catch_up=catch_up,
        lifetime=lifetime, degradation=degradation, first_year_loss=first_year_loss,
        delivered=delivered, lag=lag, months=months,
    )  # fmt: skip
    case = prepare(exports, grids, yields or {}, options)
    centre, drawn = draw(case, None, 0), draw(case, count, start)
    rows = case.rows.assign(
        generation_twh=centre.generation[0], first_year=centre.first[0], lifetime=centre.life[0]
    )
    labels = tuple(
        rows[["destination", "technology", "product"]].itertuples(index=False, name=None)
    )
    normal = normals(count, start)
    capacity = {
        name: drawn.mw[:, (rows["technology"] == name).to_numpy()].sum(axis=1)
        for name in dict.fromkeys(rows["technology"])
    }
    mw = {name: float(rows.loc[rows["technology"] == name, "mw"].sum()) for name in capacity}
    over = end_of_life(mw, normal, capacity, treatment=treatment, credit=credit, level=share)
    by_month, by_year, calendar = _calendar(case.months, exports.year, centre, drawn, share)
    tail = (1 - share) / 2
    ages = pd.DataFrame({"value": centre.by_age[0]}, index=pd.RangeIndex(1, centre.ages + 1,
                                                                        name="age"))  # fmt: skip
    ages["low"], ages["high"] = np.quantile(
        drawn.by_age[:, : centre.ages], [tail, 1 - tail], axis=0
    )

    def summed(name: str, unit: str) -> Estimate:
        total = getattr(drawn, name).sum(axis=1)
        return estimate(float(getattr(centre, name).sum()), total, unit=unit, level=share)

    result = Draws(
        labels, drawn.first, drawn.life, drawn.mw, drawn.generation, drawn.life_generation,
        drawn.by_age, drawn.by_year, start,
    )  # fmt: skip
    for array in (result.first_year, result.lifetime, result.mw, result.generation,
                  result.lifetime_generation, result.by_age, result.by_year):  # fmt: skip
        array.setflags(write=False)
    return Avoided(
        exports, grids.margin, _said(decline), summed("first", "Mt CO2e"), calendar,
        summed("life", "Mt CO2e"), summed("generation", "TWh"), summed("life_generation", "TWh"),
        by_month, by_year, ages, case.left_out, over, result, share,
        (COMPARATIVE, *exports.notes, *case.notes), rows,
    )  # fmt: skip


def by_margin(exports: Exports, **options: object) -> pd.DataFrame:
    """Return first year and lifetime under each margin, with the same seed and options.

    Parameters
    ----------
    exports : Exports
    **options
        Of `avoided`, without ``margin``; ``grid_year`` holds for the average.

    Returns
    -------
    pandas.DataFrame
        By margin: ``first_year``, ``low``, ``high``, ``lifetime``, ``lifetime_low``,
        ``lifetime_high`` (Mt CO2e), ``role``: the operating margin is never below the combined
        one, but where the average factor lies above both, that is said.

    Examples
    --------
    >>> from mriocarbon.avoided.exports import exports
    >>> found = by_margin(exports("CHN", "solar", 2024), draws=50)
    >>> bool(found.loc["operating", "first_year"] > found.loc["combined", "first_year"])
    True
    """
    import pandas as pd

    roles = {"combined": "default", "operating": "upper bound of the margins",
             "average": "for comparison"}  # fmt: skip
    rows: dict[str, dict[str, float | str]] = {}
    for margin in MARGINS:
        own = {k: v for k, v in options.items() if k != "grid_year" or margin == "average"}
        found = avoided(exports, margin=margin, **own)  # type: ignore[arg-type]
        first, life = found.first_year, found.lifetime
        rows[margin] = {
            "first_year": first.value, "low": first.low, "high": first.high,
            "lifetime": life.value, "lifetime_low": life.low, "lifetime_high": life.high,
            "role": roles[margin],
        }  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "margin"
    first_year = frame["first_year"].astype(float).to_dict()
    if first_year["average"] > first_year["operating"]:
        frame.loc["average", "role"] = "for comparison, above both margins"
    return frame


def _grids(margin: str | Grids, year: int | None, exported: int) -> Grids:
    if isinstance(margin, Grids):
        return margin
    if margin == "average":
        return grid_factors(margin, year=exported if year is None else year)
    return grid_factors(margin, year=year)


def _decline(value: str | float) -> str | float:
    if isinstance(value, str):
        if value not in _DECLINES:
            raise UnknownNameError.of("decline", value, _DECLINES)
        return value
    if not is_real(value) or not 0 <= value < 1:
        raise InputError(
            f"decline is {value!r}",
            where="avoided",
            do=f"give one of {_DECLINES}, or a share per year from 0 to below 1",
        )
    return float(value)


def _said(decline: str | float) -> str:
    return decline if isinstance(decline, str) else f"{decline:.3g} per year"


def _calendar(
    months: pd.DataFrame, year: int, centre: Run, drawn: Run, level: float
) -> tuple[pd.DataFrame, pd.DataFrame, Estimate]:
    """Months of export, calendar years, and what falls within the year of export."""
    import pandas as pd

    by_month = months.assign(first_year=centre.month_first[0], calendar_year=centre.month_here[0])
    unplaced = float(months.loc[months.index.isna(), "mw"].sum())
    total = float(months["mw"].sum())
    note = f"{unplaced:,.1f} of {total:,.1f} MW without a month: not counted" if unplaced else ""
    width = centre.by_year.shape[1]
    tail = (1 - level) / 2
    value = centre.by_year[0]
    here, after = drawn.by_year[:, :width], np.cumsum(drawn.by_year[:, :width], axis=1)
    years = pd.DataFrame({"value": value}, index=pd.RangeIndex(year, year + width, name="year"))
    years["low"], years["high"] = np.quantile(here, [tail, 1 - tail], axis=0)
    years["cumulative"] = np.cumsum(value)
    years["cumulative_low"], years["cumulative_high"] = np.quantile(after, [tail, 1 - tail], axis=0)
    years["mw_not_placed"] = unplaced
    if unplaced >= total:
        years.loc[:, years.columns != "mw_not_placed"] = np.nan
        nan = float("nan")
        return by_month, years, Estimate(nan, nan, nan, nan, nan, level=level, note=note)
    return by_month, years, estimate(float(value[0]), drawn.by_year[:, 0], level=level, note=note)
