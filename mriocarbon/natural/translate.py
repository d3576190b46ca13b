"""From bookkeeping models to national inventories and back (Grassi et al. 2023).

Inventories count, on the land a country manages, what people do and what CO2, nitrogen and climate
do; bookkeeping models count the first alone. So

    inventory = bookkeeping + natural sink of managed forest

where the sink is that of vegetation models on non-intact forest. The sink is read at run time: its
file may not be shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.config import data_folder
from mriocarbon.datasets.database import Database, database
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.natural import sources as s
from mriocarbon.natural import sources_local as files
from mriocarbon.natural.account import codes_of
from mriocarbon.natural.flux import ManagedLand

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Period", "Translation", "fitted_periods", "translate", "translations"]

FIRST, LAST = files.SINK_YEARS
MODELS = ("BLUE", "H&C2023", "LUCE", "OSCAR")
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Translation:
    """A country's bookkeeping flux, translated to what an inventory would count.

    Attributes
    ----------
    region : str
    bookkeeping, sink : float
        Mt CO2 a year, mean of 2013-2022; positive to the air.
    translated, low, high, sd : float
        Their sum and its 95 % interval: that of one model in one year.
    inventory : float
        Mean of the inventory's years within the period; NaN if it has none.
    inventory_years : str
    gap, gap_low, gap_high : float
        Inventory less translated flux, with the intervals of both.
    holds : bool or None
        Whether the interval of the translated flux holds the inventory; None without one.
    source : str
        Of the inventory.
    """

    region: str
    bookkeeping: float
    sink: float
    translated: float
    low: float
    high: float
    sd: float
    inventory: float
    inventory_years: str
    gap: float
    gap_low: float
    gap_high: float
    holds: bool | None
    source: str

    @property
    def flux(self) -> ManagedLand:
        """The translated flux, of the scope of inventories, marked as estimated."""
        return ManagedLand(
            region=self.region, gas="CO2", process=s.LULUCF, value=self.translated,
            year_from=FIRST, year_to=LAST, sd=self.sd, low=self.low, high=self.high,
            interval="95 %: models and years of both terms, convolved",
            source=f"{s.GCB_LAND} + {files.MANAGED_SINK}", method="translated from bookkeeping",
            estimated=True, note="bookkeeping and the natural sink of managed forest, after Grassi "
            "et al. (2023)",
        )  # fmt: skip


def translations(
    regions: Sequence[str] | None = None,
    *,
    correlation: float = 0.0,
    db: Database | None = None,
) -> pd.DataFrame:
    """Return the translation of many countries at once.

    Parameters
    ----------
    regions : sequence of str, optional
        All that have both terms, and the world, by default. A country where the vegetation
        models' mask has no managed forest (0 in every model) has no estimate of the sink and no
        translation.
    correlation : float
        Between the errors of the two terms, -1 to 1.
    db : Database, optional

    Returns
    -------
    pandas.DataFrame
        By region, the columns of `Translation`; Mt CO2 a year, mean of 2013-2022.

    Raises
    ------
    NotAvailableError
        The file of the sink is not in the folder of MRIOCARBON_DATA, or it has no estimate for a
        region.
    InputError
        A correlation beyond -1 to 1.

    Notes
    -----
    The 40 figures of bookkeeping (four models, ten years), each as likely, are convolved with the
    law of the sink: the gamma-like law with its mean, sd and skewness. The interval is that of a
    single model in a single year, wider than that of the mean. A `correlation` scales it by the
    ratio of the sds.

    References
    ----------
    Grassi et al. (2023), Earth System Science Data 15, 1093-1114, doi:10.5194/essd-15-1093-2023.
    Wilson and Hilferty (1931), PNAS 17, 684-688 (quantiles of the gamma law; not opened).

    Examples
    --------
    >>> from mriocarbon.errors import NotAvailableError
    >>> try:  # needs the folder of source data
    ...     both = translations(["BRA", "USA"])
    ... except NotAvailableError:
    ...     both = None
    >>> both is None or list(both.index) == ["BRA", "USA"]
    True
    """
    import pandas as pd

    if not -1 <= correlation <= 1:
        raise InputError(f"a correlation of {correlation}", where="correlation", do="-1 to 1")
    path = _file(files.MANAGED_SINK)
    store = database() if db is None else db
    sink = files.sink_statistics(path)
    models = _models(store)
    estimated = set(sink.index[files.modelled(sink)])
    both = [code for code in models.index.unique("region") if code in estimated]
    codes = both if regions is None else codes_of(regions, db)
    gone = [code for code in codes if code not in both]
    if gone:
        bare = [code for code in gone if code in sink.index and code not in estimated]
        why = f" ({', '.join(bare)}: {files.NO_FOREST})" if bare else ""
        raise NotAvailableError(
            f"no translation for {', '.join(gone)}{why}",
            where="bookkeeping models and the natural sink of managed forest",
            do=f"{len(both)} countries have both",
        )
    draws = models.loc[codes].unstack("region")[codes].to_numpy().T  # (regions, models x years)
    factor = files.MTCO2_PER_GTC
    part = sink.loc[codes]
    mean_b, sd_b = draws.mean(axis=1), draws.std(axis=1)
    mean_s, sd_s = part["mean"].to_numpy() * factor, part["std"].to_numpy() * factor
    sd = np.sqrt(sd_b**2 + sd_s**2 + 2 * correlation * sd_b * sd_s)
    below, above = convolved(draws, sd_s, part["skew"].to_numpy())
    alone = np.hypot(sd_b, sd_s)
    wider = np.divide(sd, alone, out=np.ones_like(sd), where=alone > 0)
    low, high = mean_b + mean_s + below * wider, mean_b + mean_s + above * wider
    inventory = _inventory(store).reindex(codes)
    reported = inventory["value"].to_numpy()
    gap = reported - (mean_b + mean_s)
    half = inventory["half"].to_numpy()
    out = pd.DataFrame(
        {
            "bookkeeping": mean_b, "sink": mean_s, "translated": mean_b + mean_s, "low": low,
            "high": high, "sd": sd, "inventory": reported,
            "inventory_years": inventory["years"].fillna("").to_numpy(), "gap": gap,
            # the half-widths of both sides are independent of one another
            "gap_low": gap - np.hypot(half, high - (mean_b + mean_s)),
            "gap_high": gap + np.hypot(half, (mean_b + mean_s) - low),
            "holds": [None if np.isnan(v) else bool(a <= v <= b)
                      for v, a, b in zip(reported, low, high, strict=True)],
            "source": inventory["source"].fillna("").to_numpy(),
        },
        index=pd.Index(codes, name="region"),
    )  # fmt: skip
    out["holds"] = out["holds"].astype("object")
    return out


def translate(region: str, *, correlation: float = 0.0, db: Database | None = None) -> Translation:
    """Return the translation of one country, or of the world (``WLD``); see `translations`.

    Parameters
    ----------
    region : str
        Code or name of a country, or ``WLD``.
    correlation : float
        Between the errors of the two terms, -1 to 1.
    db : Database, optional

    Returns
    -------
    Translation
        Mt CO2 a year, mean of 2013-2022; positive to the air.

    Raises
    ------
    NotAvailableError
        The file of the sink is not in the folder of MRIOCARBON_DATA, or it has no estimate for the
        region.
    InputError
        A correlation beyond -1 to 1.
    UnknownNameError
        No such region.

    Examples
    --------
    >>> from mriocarbon.errors import NotAvailableError
    >>> from mriocarbon.natural.translate import translate
    >>> try:  # needs the folder of source data
    ...     one = translate("USA")
    ... except NotAvailableError:
    ...     one = None
    >>> one is None or one.translated < one.bookkeeping
    True
    """
    table = translations([region], correlation=correlation, db=db)
    row = {str(name): value for name, value in table.iloc[0].to_dict().items()}
    return Translation(region=str(table.index[0]), **row)


def standard_quantiles(skew: Array, z: Array) -> Array:
    """Return quantiles of the gamma-like law with mean 0, sd 1 and a skewness.

    Parameters
    ----------
    skew : ndarray, shape (n,)
    z : ndarray, shape (m,)
        The same quantiles of the normal law.

    Returns
    -------
    ndarray, shape (n, m)
        ``2/g ((1 + g z/6 - g²/36)³ - 1)``, of Wilson and Hilferty (1931).

    Examples
    --------
    >>> standard_quantiles(np.array([0.0, 1.0]), np.array([-1.96, 1.96])).round(2).tolist()
    [[-1.96, 1.96], [-1.46, 2.38]]
    """
    g = np.asarray(skew)[:, None]
    flat = np.abs(g) < 1e-6
    safe = np.where(flat, 1.0, g)
    # beyond the bound of the law (at -2/g) the cube would turn round
    root = 1 + safe * z / 6 - safe**2 / 36
    bent = (2 / safe) * (np.maximum(root, 0.0) ** 3 - 1)
    return np.where(flat, z, bent)


def convolved(draws: Array, sd: Array, skew: Array, *, grid: int = 199) -> tuple[Array, Array]:
    """Return the 95 % interval of figures plus an independent term, about the mean of the sum.

    Parameters
    ----------
    draws : ndarray, shape (regions, n)
        Figures of the first term, each as likely.
    sd, skew : ndarray, shape (regions,)
        Of the second term.
    grid : int
        Points for the law of the second term.

    Returns
    -------
    below, above : ndarray, shape (regions,)
        2.5 and 97.5 % quantiles of the sum, less its mean.

    Examples
    --------
    >>> below, above = convolved(np.zeros((1, 1)), np.array([1.0]), np.array([0.0]))
    >>> float(below[0].round(2)), float(above[0].round(2))
    (-1.97, 1.97)
    """
    from statistics import NormalDist

    normal = NormalDist()
    z = np.array([normal.inv_cdf((k + 0.5) / grid) for k in range(grid)])
    unit = standard_quantiles(skew, z)
    unit -= unit.mean(axis=1, keepdims=True)
    spread = unit.std(axis=1, keepdims=True)
    second = unit / np.where(spread > 0, spread, 1.0) * np.asarray(sd)[:, None]
    first = draws - draws.mean(axis=1, keepdims=True)
    sums = (first[:, :, None] + second[:, None, :]).reshape(len(first), -1)
    low, high = np.quantile(sums, [0.025, 0.975], axis=1, method="hazen")
    return low, high


def _file(name: str) -> Path:
    folder = data_folder()
    if folder is None or not (folder / name).is_file():
        raise NotAvailableError(
            f"missing: needs {name}, which may not be shipped",
            where="MRIOCARBON_DATA",
            do="name the folder of source data in it",
        )
    return folder / name


def _models(store: Database) -> pd.Series[float]:
    """Mt CO2 by region, model and year, 2013-2022."""
    raw = store.table(
        "inventories", source=s.GCB_LAND, item=list(MODELS), year=list(range(FIRST, LAST + 1))
    )
    series = raw.set_index(["region", "item", "year"])["value"].astype("float64").sort_index()
    whole = series.groupby("region").transform("count") == len(MODELS) * (LAST + 1 - FIRST)
    return series[whole]


def _inventory(store: Database) -> pd.DataFrame:
    """Mean inventory of the years within the period, by region, with half its 95 % interval."""
    import pandas as pd

    raw = store.table(
        "inventories", source=list(s.UNFCCC), category=list(s.UNFCCC.values()), gas="CO2",
        scope="NGHGI with land use", year=list(range(FIRST, LAST + 1)),
    )  # fmt: skip
    raw = raw[(raw["category"] == raw["source"].map(s.UNFCCC)) & raw["value"].notna()]
    annex = set(raw.loc[raw["source"] == s.ANNEX_I, "region"])
    raw = raw[(raw["source"] == s.ANNEX_I) | ~raw["region"].isin(annex)]
    rows = []
    for region, of in raw.groupby("region"):
        years = sorted(int(y) for y in of["year"])
        gaps = years != list(range(years[0], years[-1] + 1))
        told = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
        value, source = float(of["value"].mean()), str(of["source"].iloc[0])
        half = s.INVENTORY_CO2_SHARE[source] * abs(value)
        rows.append((region, value, half, told + (f" ({len(years)})" if gaps else ""), source))
    columns = ["region", "value", "half", "years", "source"]
    return pd.DataFrame(rows, columns=columns).set_index("region")


@dataclass(frozen=True)
class Period:
    """How well the mean of some years fits a landCSink file.

    Attributes
    ----------
    first, last : int
    deviation : float
        Sum of absolute deviations over countries, by the sum of absolute values.
    countries : int
    """

    first: int
    last: int
    deviation: float
    countries: int


def fitted_periods(
    what: str = "land use", *, earliest: int = 2000, db: Database | None = None
) -> tuple[Period, ...]:
    """Return the periods whose means the landCSink files may be, the best fit first.

    The files state no period. Those of land use and of fossil emissions hold means of quantities
    that the Global Carbon Budget gives by year, so the period follows; the sink's own file, of the
    same making, is taken to be of the same years.

    Parameters
    ----------
    what : {"land use", "fossil"}
    earliest : int
        First year of the periods tried.
    db : Database, optional

    Returns
    -------
    tuple of Period
        First and last year, and the sum of absolute deviations by that of absolute values.

    Raises
    ------
    NotAvailableError
        The file is not at hand.
    InputError
        Another `what`.

    Examples
    --------
    >>> from mriocarbon.errors import NotAvailableError
    >>> try:  # needs the folder of source data
    ...     best = fitted_periods("land use", earliest=2010)[0]
    ... except NotAvailableError:
    ...     best = None
    >>> best is None or best.countries > 100
    True
    """
    names = {"land use": files.SINK_LAND_USE, "fossil": files.SINK_FOSSIL}
    if what not in names:
        raise InputError(f"no file of {what!r}", where="what", do=f"one of {', '.join(names)}")
    store = database() if db is None else db
    given = files.sink_statistics(_file(names[what]))["mean"] * files.MTCO2_PER_GTC
    if what == "land use":
        raw = store.table("inventories", source=s.GCB_LAND, item=s.MEAN_OF_MODELS)
    else:
        raw = store.table("inventories", source="gcb-2025-fossil", scope="territorial")
    wide = raw[raw["year"] >= earliest].pivot_table(index="region", columns="year", values="value")
    codes = [c for c in wide.index if c in given.index and c != "WLD"]
    wide = wide.loc[codes].dropna()
    target = given.loc[wide.index].to_numpy()
    years = [int(y) for y in wide.columns]
    sums = np.hstack([np.zeros((len(wide), 1)), np.cumsum(wide.to_numpy(), axis=1)])
    found = []
    for i, first in enumerate(years):
        for j in range(i, len(years)):
            mean = (sums[:, j + 1] - sums[:, i]) / (j + 1 - i)
            off = float(np.abs(mean - target).sum() / np.abs(target).sum())
            found.append(Period(first, years[j], off, len(wide)))
    return tuple(sorted(found, key=lambda p: p.deviation))
