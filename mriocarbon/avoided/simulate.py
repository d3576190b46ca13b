"""Avoided emissions as arrays: every destination, technology and product at once, draw by draw.

A row is a destination, technology and product. A cell is a row in one country; only capacity whose
destination is not known has several cells, one in each known destination, with weights that are
drawn from the least informative Dirichlet distribution with their shares as means.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.avoided.drawn import (
    Array,
    Given,
    Normals,
    Parameter,
    normals,
    parameter,
    technology_of,
)
from mriocarbon.avoided.exports import OURS, UNKNOWN, Exports
from mriocarbon.avoided.grids import Grids, decline_at, declines, trend_source
from mriocarbon.avoided.lifetime import (
    calendar_shares,
    geometric_years,
    linear_years,
    path,
    worked,
)
from mriocarbon.avoided.marks import joined_texts, marks
from mriocarbon.avoided.yields import HOURS, Yields, capacity_factors
from mriocarbon.compute.seeds import batch_rng
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.checked import whole
from mriocarbon.model.normal import Z95
from mriocarbon.model.provenance import Note
from mriocarbon.uncertainty.distributions import (
    Dirichlet,
    Lognormal,
    maximum_entropy_concentration,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Case", "Options", "Run", "draw", "prepare"]

Index = NDArray[np.intp]
_PER_MW = HOURS / 1e6  # TWh of a MW that runs all year
_MT = 1e-3  # Mt of a TWh at 1 g/kWh
MIDDLE = 0.5  # a month's shipments, on average, leave in its middle


@dataclass(frozen=True)
class Options:
    """The settings of `mriocarbon.avoided.avoided.avoided`, under the same names."""

    missing_grid: str = "region"
    decline: str | float = "trend"
    bounds: tuple[float, float] = (0.0, 0.06)
    zero_year: int = 2050
    catch_up: bool = False
    lifetime: Given = None
    degradation: Given = None
    first_year_loss: Given = None
    delivered: Given = None
    lag: Given = None
    months: str | int = "missing"


@dataclass(frozen=True, eq=False)
class Case:
    """Everything that is drawn from, in arrays.

    Attributes
    ----------
    rows : pandas.DataFrame
        Capacity and factors of each row at their centres.
    spread : ndarray, shape (rows,)
        Lognormal sigma of each row's capacity.
    common : ndarray of bool, shape (rows,)
        Whether the capacity shares the error of our sources; a user's own does not.
    shares : ndarray, shape (rows, 12)
        Of a row's capacity by month of export; what is missing to 1 has no month.
    months : pandas.DataFrame
        Capacity by month.
    row, weight : ndarray, shape (cells,)
        Row of a cell, in order, and its share at the centre.
    place, technology : tuple of str
        Country and technology of each cell.
    cf, cf_rsd, g, g_rsd, rate, rate_se, gap : ndarray, shape (cells,)
        Capacity factor, grid factor (g/kWh), decline and years from the factor's to the exports'.
    settings : mapping of (name, technology) to Parameter
    left_out : pandas.DataFrame
    """

    rows: pd.DataFrame
    spread: Array
    common: NDArray[np.bool_]
    shares: Array
    months: pd.DataFrame
    row: Index
    weight: Array
    place: tuple[str, ...]
    technology: tuple[str, ...]
    cf: Array
    cf_rsd: Array
    g: Array
    g_rsd: Array
    rate: Array
    rate_se: Array
    raw: Array
    gap: Array
    to_zero: float | None
    margin: str
    options: Options
    settings: Mapping[tuple[str, str], Parameter]
    left_out: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def ages(self) -> int:
        """Years of operation that any draw can reach."""
        lives = [p for (name, _), p in self.settings.items() if name == "lifetime"]
        return math.ceil(max(p.high if p.form == "uniform" else p.value for p in lives))

    @property
    def years(self) -> int:
        """Calendar years that any draw can reach."""
        lags = [p for (name, _), p in self.settings.items() if name == "lag"]
        last = max(p.high if p.form == "uniform" else p.value for p in lags)
        return self.ages + math.ceil((11 + MIDDLE + last) / 12) + 1


@dataclass(frozen=True, eq=False)
class Run:
    """Results of some draws (one, at the centre): (draws, rows), (draws, years), (draws, months).

    ``first``, ``life`` in Mt; ``generation``, ``life_generation`` in TWh; ``month_first``,
    ``month_here`` by the rows of ``Case.months``, a full year and what falls in that of export.
    """

    ages: int
    mw: Array
    first: Array
    life: Array
    generation: Array
    life_generation: Array
    by_age: Array
    by_year: Array
    month_first: Array
    month_here: Array


def prepare(exports: Exports, grids: Grids, yields: Mapping[str, Yields], options: Options) -> Case:
    """Look up every factor, mark what is estimated, leave out what has none."""
    import pandas as pd

    table = exports.table
    keys = ["destination", "technology", "product"]
    # A row without an interval is held as given, beside rows of the destination that have one.
    held = table.assign(
        low=table["low"].fillna(table["mw"]), high=table["high"].fillna(table["mw"])
    )
    by = held.groupby(keys, sort=False)
    sums = by[["mw", "low", "high"]].sum().assign(
        capacity_estimated=by["estimated"].any(),
        capacity_note=by["note"].agg(lambda texts: joined_texts(*dict.fromkeys(texts))),
    ).reset_index()  # fmt: skip
    known = sums[sums["destination"] != UNKNOWN]
    for key, fleet in yields.items():
        if technology_of(key) != fleet.technology:
            raise InputError(f"yields of {fleet.technology} under {key!r}", where="avoided",
                             do="give them under the name of their technology")  # fmt: skip
    fleets = {name: yields.get(name) or capacity_factors(name) for name in exports.technologies}
    at = grids.at(list(known["destination"]), missing=options.missing_grid)
    found = known.assign(
        grid_factor=at["value"].to_numpy(), grid_rsd=at["rsd"].to_numpy(),
        grid_year=at["year"].to_numpy(), grid_estimated=at["estimated"].fillna(False).to_numpy(),
        grid_note=at["note"].to_numpy(),
    )  # fmt: skip
    blocks = []
    for name, block in found.groupby("technology", sort=False):
        own = fleets[str(name)].at(list(block["destination"]))
        blocks.append(
            block.assign(
                capacity_factor=own["value"].to_numpy(),
                cf_rsd=own["rsd"].to_numpy(),
                cf_years=own["years"].to_numpy(),
                cf_estimated=own["estimated"].to_numpy(),
                cf_note=own["note"].to_numpy(),
            )
        )
    if not blocks:
        raise NotAvailableError(
            "no destination is known",
            where="avoided",
            do="give exports with at least one country",
        )
    known = pd.concat(blocks)
    out = known["grid_factor"].isna()
    left_out = known.loc[out, [*keys, "mw"]].assign(reason=known.loc[out, "grid_note"])
    known = known[~out].reset_index(drop=True)
    lost, unknown = [], []
    for _, one in sums[sums["destination"] == UNKNOWN].iterrows():
        like = (known["technology"] == one["technology"]) & (known["product"] == one["product"])
        if like.any() and known.loc[like, "mw"].sum() > 0:
            unknown.append((one, np.flatnonzero(like.to_numpy())))
        else:
            lost.append({**one[[*keys, "mw"]], "reason": "no known destination to stand for it"})
    if lost:
        left_out = pd.concat([left_out, pd.DataFrame(lost)], ignore_index=True)
    if known.empty:
        raise NotAvailableError(
            "no destination has a grid factor", where="avoided", do="take missing_grid='region'"
        )
    return _case(exports, grids, fleets, options, known, unknown, left_out.reset_index(drop=True))


def _case(
    exports: Exports, grids: Grids, fleets: Mapping[str, Yields], options: Options,
    known: pd.DataFrame, unknown: list[tuple[pd.Series, Index]], left_out: pd.DataFrame,
) -> Case:  # fmt: skip
    import pandas as pd

    count = len(known)
    row = [np.arange(count)]
    source = [np.arange(count)]  # the known row whose factors a cell uses
    weight = [np.ones(count)]
    extra = []
    for k, (one, like) in enumerate(unknown):
        mw = known["mw"].to_numpy()[like]
        row.append(np.full(len(like), count + k))
        source.append(like)
        weight.append(mw / mw.sum())
        extra.append(_mixed(one, known.iloc[like], mw / mw.sum()))
    rows = pd.concat([known, pd.DataFrame(extra)], ignore_index=True) if extra else known
    index, pick = np.concatenate(row), np.concatenate(source)
    factors = known.iloc[pick]
    rate, se, raw, told = _rates(options, list(factors["destination"]))
    settings = _settings(options, fleets)
    gap = np.zeros(len(pick))
    if options.catch_up:
        if options.decline == "linear":
            raise InputError("catch_up with a decline in a line", where="avoided",
                             do="take decline='trend' or a rate")  # fmt: skip
        gap = np.maximum(0.0, exports.year - factors["grid_year"].to_numpy(dtype=float))
    to_zero = None
    if options.decline == "linear":
        to_zero = float(max(0, options.zero_year - exports.year))
    shares, months, month_notes = _months(exports, rows, options.months)
    low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    both = (low > 0) & (high >= low)
    spread = np.where(both, np.log(np.where(both, high / np.where(both, low, 1), 1)), 0.0)
    notes = (
        *(note for name in fleets for note in fleets[name].notes), *grids.notes,
        *marks(rows, left_out, grids.margin), *told, *month_notes,
    )  # fmt: skip
    wanted = [
        "destination", "technology", "product", "mw", "capacity_factor", "cf_years", "grid_factor",
        "grid_year", "estimated", "capacity_estimated", "factors_estimated", "note",
    ]  # fmt: skip
    factors_estimated = rows["cf_estimated"].astype(bool) | rows["grid_estimated"].astype(bool)
    texts = zip(rows["capacity_note"], rows["cf_note"], rows["grid_note"], strict=True)
    rows = rows.assign(
        factors_estimated=factors_estimated,
        estimated=factors_estimated | rows["capacity_estimated"].astype(bool),
        note=[joined_texts(*three) for three in texts],
    )
    cf, cf_rsd, g, g_rsd = (
        factors[name].to_numpy(dtype=float)
        for name in ("capacity_factor", "cf_rsd", "grid_factor", "grid_rsd")
    )
    return Case(
        rows=rows[wanted], spread=spread / (2 * Z95), common=_ours(exports, rows),
        shares=shares, months=months, row=index, weight=np.concatenate(weight),
        place=tuple(factors["destination"]), technology=tuple(factors["technology"]), cf=cf,
        cf_rsd=cf_rsd, g=g, g_rsd=g_rsd, rate=rate, rate_se=se, raw=raw, gap=gap, to_zero=to_zero,
        margin=grids.margin, options=options, settings=settings, left_out=left_out, notes=notes,
    )  # fmt: skip


def _mixed(one: pd.Series, like: pd.DataFrame, weight: Array) -> dict[str, object]:
    """Means for capacity whose destination is not known, over the known ones of its kind."""
    cf = float(weight @ like["capacity_factor"].to_numpy())
    yielded = weight * like["capacity_factor"].to_numpy()
    return {
        **{str(k): v for k, v in one.items()}, "capacity_factor": cf,
        "grid_factor": float(yielded @ like["grid_factor"].to_numpy() / cf),
        "cf_years": "as the known", "grid_year": like["grid_year"].max(), "cf_rsd": np.nan,
        "grid_rsd": np.nan, "cf_estimated": True, "grid_estimated": True,
        "cf_note": f"drawn from the {len(like)} known destinations", "grid_note": "",
    }  # fmt: skip


def _rates(options: Options, places: list[str]) -> tuple[Array, Array, Array, tuple[Note, ...]]:
    """Yearly decline of each cell's grid, its standard error, before the bounds, and notes."""
    count = len(places)
    zero = np.zeros(count)
    if options.decline == "none":
        text = "Grid factors stay as they are over the life, as IFI holds them."
        return zero, zero, zero, (Note(text, about="decline"),)
    if options.decline == "linear":
        text = f"Grid factors fall in a line to zero in {options.zero_year}: a scenario."
        return zero, zero, zero, (Note(text, about="decline", estimated=True),)
    if not isinstance(options.decline, str):
        text = f"Grid factors fall by {options.decline:.2%} a year everywhere: a scenario."
        held = np.full(count, options.decline)
        return held, zero, held, (Note(text, about="decline", estimated=True),)
    table = decline_at(places, declines(bounds=options.bounds))
    used = table[~table.index.duplicated()]
    bounded, own = int((used["note"] == "bounded").sum()), int((~used["estimated"]).sum())
    text = (
        f"Grid factors fall at each country's trend of average intensity over ten years to 2024,"
        f" within {options.bounds[0]:.0%} and {options.bounds[1]:.0%} a year: of {len(used)}"
        f" countries {own} have a trend, {bounded} are at a bound. A combined margin looks ahead"
        " already: with a trend as well the sum is at the low side."
    )
    rate, se, raw = (table[name].to_numpy(dtype=float) for name in ("rate", "se", "raw"))
    told = Note(text, about="decline", estimated=True, sources=(trend_source(),))
    return rate, se, raw, (told,)


def _settings(
    options: Options, fleets: Mapping[str, Yields]
) -> dict[tuple[str, str], Parameter]:  # fmt: skip
    out = {}
    for name, fleet in fleets.items():
        for key, given, least, most in (
            ("lifetime", options.lifetime, 0.01, 100.0),
            ("degradation", options.degradation, 0.0, 0.5),
            ("first_year_loss", options.first_year_loss, 0.0, 0.5),
            ("delivered", options.delivered, 0.0, 2.0),
            ("lag", options.lag, 0.0, 120.0),
        ):
            out[key, name] = parameter(key, name, given, least=least, most=most)
        if fleet.basis != "design":
            # The fleet's output has lost it already.
            out["first_year_loss", name] = out["first_year_loss", name].held(0, least=0, most=1)
    return out


def _months(
    exports: Exports, rows: pd.DataFrame, wanted: str | int
) -> tuple[Array, pd.DataFrame, tuple[Note, ...]]:
    """Shares of each row by month, capacity by month (missing ones last), and notes."""
    import pandas as pd

    if isinstance(wanted, str):
        if wanted not in ("missing", "even"):
            raise UnknownNameError.of("option of months", wanted, ("missing", "even"))
    else:
        wanted = whole("months", wanted, least=1, where="avoided")
        if wanted > 12:
            raise InputError(f"month {wanted}", where="months", do="give a month from 1 to 12")
    keys = ["destination", "technology", "product"]
    place = {key: k for k, key in enumerate(rows[keys].itertuples(index=False, name=None))}
    amounts = np.zeros((len(rows), 12))
    lost = np.zeros(len(rows))
    for *key, month, mw in exports.table[[*keys, "month", "mw"]].itertuples(index=False, name=None):
        k = place.get(tuple(key))
        if k is None:
            continue  # left out for want of a factor
        if not pd.isna(month):
            amounts[k, int(month) - 1] += mw
        elif wanted == "missing":
            lost[k] += mw
        elif wanted == "even":
            amounts[k] += mw / 12
        else:
            amounts[k, int(wanted) - 1] += mw
    total = amounts.sum(axis=1) + lost
    shares = amounts / np.where(total > 0, total, 1.0)[:, None]
    index = pd.Index(pd.array([*range(1, 13)], dtype="Int64"), name="month")
    months = pd.DataFrame({"mw": amounts.sum(axis=0)}, index=index)
    notes: tuple[Note, ...] = ()
    unmonthed = exports.table["month"].isna().any()
    if lost.sum() > 0:
        none = pd.Index(pd.array([None], dtype="Int64"), name="month")
        months = pd.concat([months, pd.DataFrame({"mw": [lost.sum()]}, index=none)])
        notes = (Note(f"{lost.sum():,.1f} MW have no month of shipment: in the first year and the"
                      " lifetime, but not in calendar years.", about="months"),)  # fmt: skip
    elif unmonthed:
        how = "evenly over the year" if wanted == "even" else f"in month {wanted}"
        notes = (Note(f"Shipments without a month are placed {how}.", about="months",
                      estimated=True),)  # fmt: skip
    return shares, months, notes


def _ours(exports: Exports, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a row's capacity comes from a source whose common error is in the table."""
    keys = ["destination", "technology", "product"]
    ours = exports.table["source"].isin(OURS).groupby([exports.table[k] for k in keys]).all()
    return np.array([bool(ours[key]) for key in rows[keys].itertuples(index=False, name=None)])


def draw(case: Case, count: int | None, seed: int) -> Run:
    """Run a case at its centre (`count` None: one row) or for a number of draws."""
    size = 1 if count is None else count
    normal = None if count is None else normals(count, seed)
    column = {name: _per_technology(case, name, normal, size) for name in
              ("lifetime", "degradation", "first_year_loss", "delivered", "lag")}  # fmt: skip
    mw = _capacity(case, normal)
    weight = _weights(case, count, seed)
    pairs = zip(case.technology, case.place, strict=True)
    cf = _own(case.cf, case.cf_rsd, [f"capacity_factor.{t}.{p}" for t, p in pairs], normal)
    g = _own(case.g, case.g_rsd, [f"grid.{p}" for p in case.place], normal)
    rate = _decline(case, normal, size)
    cells = mw[:, case.row] * weight
    common = _common(case, "yield", normal, size)
    generation = cells * _PER_MW * cf * common * (1 - column["first_year_loss"])
    if normal is not None and case.margin != "given":
        margin = parameter("margin", case.margin)
        g = g * margin.at(normal("margin"))[:, None]
    first = generation * column["delivered"] * g * _MT
    if case.gap.any():
        first = first * (1 - rate) ** case.gap
    years = (
        geometric_years(column["lifetime"], column["degradation"], rate)
        if case.to_zero is None
        else linear_years(column["lifetime"], column["degradation"], case.to_zero)
    )
    if case.to_zero == 0:
        first = np.zeros_like(first)
    output = geometric_years(column["lifetime"], column["degradation"], 0.0)
    starts = np.searchsorted(case.row, np.arange(len(case.rows)))

    def rows(values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, starts, axis=1))

    by_age, by_year = _paths(case, first, rate, column)
    month_first = rows(first) @ case.shares
    month_here = _month_here(case, rows(first), column)
    lost = rows(first) @ (1 - case.shares.sum(axis=1))
    if len(case.months) > 12:
        month_first = np.column_stack([month_first, lost])
        month_here = np.column_stack([month_here, np.full(size, np.nan)])
    return Run(case.ages, mw, rows(first), rows(first * years), rows(generation),
               rows(generation * output), by_age, by_year, month_first, month_here)  # fmt: skip


def _per_technology(case: Case, name: str, normal: Normals | None, size: int) -> Array:
    """Values of a parameter by cell, shape (draws, cells); one draw for each technology."""
    drawn = {}
    for technology in dict.fromkeys(case.technology):
        row = case.settings[name, technology]
        drawn[technology] = np.full(size, row.value) if normal is None else row.at(normal(row.key))
    return np.column_stack([drawn[t] for t in case.technology])


def _common(case: Case, name: str, normal: Normals | None, size: int) -> Array:
    """A factor of mean 1 that all cells of a technology share."""
    drawn = {}
    for technology in dict.fromkeys(case.technology):
        row = parameter(name, technology)
        drawn[technology] = np.ones(size) if normal is None else row.at(normal(row.key))
    return np.column_stack([drawn[t] for t in case.technology])


def _own(value: Array, rsd: Array, keys: list[str], normal: Normals | None) -> Array:
    """Values about which each key has an error of its own, shape (draws, len(keys))."""
    if normal is None:
        return value[None]
    made = {key: normal(key) for key in dict.fromkeys(keys)}
    e = np.column_stack([made[key] for key in keys])
    return np.asarray(value * Lognormal().factors(e, rsd))


def _capacity(case: Case, normal: Normals | None) -> Array:
    """Drawn capacity of every row, shape (draws, rows), MW."""
    mw = case.rows["mw"].to_numpy(dtype=float)
    if normal is None:
        return mw[None]
    kinds = [f"{t}.{p}" for t, p in
             zip(case.rows["technology"], case.rows["product"], strict=True)]  # fmt: skip
    keys = [f"capacity_by_destination.{kind}.{d}" for kind, d in
            zip(kinds, case.rows["destination"], strict=True)]  # fmt: skip
    rsd = np.sqrt(np.expm1(case.spread**2))
    drawn = _own(mw, rsd, keys, normal)
    common = {}
    for kind in dict.fromkeys(kinds):
        row = parameter("capacity", kind)
        common[kind] = row.at(normal(row.key))
    shared = np.column_stack([common[kind] for kind in kinds])
    return np.asarray(drawn * np.where(case.common, shared, 1.0))


def _weights(case: Case, count: int | None, seed: int) -> Array:
    """Shares of a row's capacity in its cells, drawn where the destination is not known."""
    if count is None:
        return case.weight[None]
    out = np.tile(case.weight, (count, 1))
    several = np.flatnonzero(np.bincount(case.row) > 1)
    for row in several:
        cells = np.flatnonzero(case.row == row)
        shares = case.weight[cells]
        used = cells[shares > 0]
        if len(used) < 2:
            continue
        shares = case.weight[used]
        split = Dirichlet.of(np.zeros(len(used), dtype=np.intp), total=0.0,
                             concentration=maximum_entropy_concentration(shares))  # fmt: skip
        label = f"destinations.{case.rows['technology'].iloc[row]}.{case.rows['product'].iloc[row]}"
        out[:, used] = split.draw(batch_rng(seed, zlib.crc32(label.encode())), shares, count)
    return out


def _decline(case: Case, normal: Normals | None, size: int) -> Array:
    """Yearly decline of every cell's grid: a trend is drawn, a scenario is held."""
    if normal is None or case.options.decline != "trend":
        return np.tile(case.rate, (size, 1))
    low, high = case.options.bounds
    made = {p: normal(f"trend.{p}") for p in dict.fromkeys(case.place)}
    e = np.column_stack([made[p] for p in case.place])
    row = parameter("decline")
    trend = np.clip(case.raw + case.rate_se * e, low, high)
    return np.clip(trend * row.at(normal(row.key))[:, None], min(low, 0.0), 0.5)


def _paths(
    case: Case, first: Array, rate: Array, column: Mapping[str, Array]
) -> tuple[Array, Array]:
    """What is avoided by year of operation and by calendar year, shapes (draws, years)."""
    size = len(first)
    by_age = np.zeros((size, case.ages))
    by_year = np.zeros((size, case.years + 1))
    draws = np.arange(size)
    groups = {t: np.flatnonzero([one == t for one in case.technology])
              for t in dict.fromkeys(case.technology)}  # fmt: skip
    keep = 1 - column["degradation"]
    age_first = first.copy()
    for age in range(case.ages):
        ratio = path(age, to_zero=case.to_zero) if case.to_zero is not None else 1.0
        for cells in groups.values():
            life = column["lifetime"][:, cells[0]]
            length = worked(life, age)
            if not length.any():
                continue
            full = age_first[:, cells] * ratio
            by_age[:, age] += full.sum(axis=1) * length
            by_month = full @ case.shares[case.row[cells]]
            lag = column["lag"][:, cells[0]]
            for month in range(12):
                begin, here, after = calendar_shares((month + MIDDLE + lag) / 12, length)
                column_of = begin.astype(np.intp) + age
                by_year[draws, column_of] += by_month[:, month] * here
                by_year[draws, column_of + 1] += by_month[:, month] * after
        age_first = age_first * keep
        if case.to_zero is None:
            age_first = age_first * (1 - rate)
    return by_age, by_year[:, : case.years]


def _month_here(case: Case, first: Array, column: Mapping[str, Array]) -> Array:
    """What each month's shipments avoid within the calendar year of export, (draws, 12)."""
    starts = np.searchsorted(case.row, np.arange(len(case.rows)))
    technologies = case.rows["technology"].to_numpy()
    out = np.zeros((len(first), 12))
    for name in dict.fromkeys(case.technology):
        rows = np.flatnonzero(technologies == name)
        # One lag and one life for all of a technology.
        lag, life = (column[k][:, [starts[rows[0]]]] for k in ("lag", "lifetime"))
        begin = (np.arange(12) + MIDDLE + lag) / 12
        here = np.minimum(worked(life, 0), 1 - np.minimum(begin, 1))
        out += first[:, rows] @ case.shares[rows] * here
    return out
