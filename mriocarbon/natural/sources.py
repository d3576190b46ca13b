"""Figures of natural fluxes out of the embedded database, one tidy table, every year at once.

A row is offered for the years ``valid_from`` to ``valid_to``: a figure of a year until the next
one, the mean of a period for the years its source has no figure of their own. So the account of a
year is a comparison of two columns, for all countries at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.datasets.database import Database
from mriocarbon.model.normal import Z95
from mriocarbon.natural.flux import LATERAL, STOCK, TO_AIR

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "region", "year_from", "year_to", "gas", "scope", "process", "value", "low", "high", "sd",
    "unit", "source", "method", "estimated", "note", "direction", "interval",
)  # fmt: skip
VALID = ("valid_from", "valid_to")
LAST = 9999
SERIES = ["region", "gas", "process", "method"]

LULUCF = "land use, land-use change and forestry"
NBE, NCE, STOCKS = "net biosphere exchange", "net exchange with fossil", "land carbon stock"
RIVERS, TRADE = "carbon carried by rivers", "carbon traded in wood and crops"
INVENTORY = "national inventory"
MEAN_OF_MODELS = "mean of models"
INVERSION_RUN = "LNLGIS"
CEOS_YEARS = (2015, 2020)
CEOS, GCB_LAND, GCB, METHANE, DENG = (
    "ceos-topdown-2022", "gcb-2024-land", "gcb-2024-global", "gcp-methane-2020", "deng-ch4-2022",
)  # fmt: skip
ANNEX_I, NON_ANNEX_I = "unfccc-annex-i-2023", "unfccc-non-annex-i-2022"
UNFCCC = {ANNEX_I: "4", NON_ANNEX_I: "5"}
"""Source -> its category of land use; the guidelines of 1996 number it 5."""

DOUBTFUL = "doubtful, the other scopes contradict it"
"""How the note of an inventory figure begins that lies outside what the other scopes allow."""

# 95 %, of the net CO2 flux: what Grassi et al. (2017), Nature Climate Change 7, 220-226, use for
# developed and developing countries, as recalled. UNVERIFIED: the paper could not be opened.
INVENTORY_CO2_SHARE = {ANNEX_I: 0.35, NON_ANNEX_I: 0.50}


def embedded(db: Database) -> pd.DataFrame:
    """Return all rows of the database that are natural fluxes, with the years they hold for."""
    import pandas as pd

    parts = [_inventories(db), _land_use_change(db), _top_down(db), _world(db), _methane(db)]
    table = pd.concat(parts, ignore_index=True)[[*COLUMNS, *VALID]]
    doubt = contradictions(table)
    had = table.loc[doubt.index, "note"].astype("object")
    table.loc[doubt.index, "note"] = doubt + ("; " + had).where(had != "", "")
    return table


def contradictions(table: pd.DataFrame) -> pd.Series[str]:
    """Return a note for every inventory figure of CO2 that the other scopes contradict.

    The range that the others allow goes from the lowest to the highest end of the 95 % intervals
    of all inversion runs and years (all land) and of the mean of the bookkeeping models in every
    year (deforestation), zero within: managed land may do less than all land does, but not more.
    A figure is contradicted where the whole of its own interval lies outside that range.

    Parameters
    ----------
    table : DataFrame
        Columns of `COLUMNS`.

    Returns
    -------
    pandas.Series
        Notes that begin with `DOUBTFUL`, by the row of the figure.

    Notes
    -----
    Only countries that inversions give with an interval are judged: a bookkeeping model alone knows
    no sink of standing forest. The figures are of other years (the range is of 1990 or 2000 to
    2023, the inventory's of when it was reported), so that the rule is coarse on purpose.
    """
    import pandas as pd

    reported = table["scope"].eq("managed land") & table["gas"].eq("CO2") & table["value"].notna()
    inventory = table[reported & table["process"].eq(LULUCF)]
    # a run without an interval allows nothing and forbids nothing
    inversions = table[table["process"].eq(NBE) & table["low"].notna()]
    models = table[table["process"].eq("land-use change") & table["method"].eq(MEAN_OF_MODELS)]
    others = pd.concat([inversions, models])
    low = others["low"].fillna(others["value"]).groupby(others["region"]).min().clip(upper=0)
    high = others["high"].fillna(others["value"]).groupby(others["region"]).max().clip(lower=0)
    seen = inventory[inventory["region"].isin(set(inversions["region"]))]
    least, most = (seen["region"].map(end).astype("float64") for end in (low, high))
    outside = (seen["high"] < least) | (seen["low"] > most)
    notes = {
        index: f"{DOUBTFUL}: inversions of all land and bookkeeping models allow {_short(a)} to "
        f"{_short(b)} Mt; kept as reported"
        for index, a, b in zip(seen.index[outside], least[outside], most[outside], strict=True)
    }
    return pd.Series(notes, dtype="object")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def told_years(first: int, last: int) -> str:
    """Return a year, or the first and last of several.

    Examples
    --------
    >>> told_years(2022, 2022), told_years(2013, 2022)
    ('2022', '2013-2022')
    """
    return str(last) if first == last else f"{first}-{last}"


def tidy(frame: pd.DataFrame, **constant: Any) -> pd.DataFrame:
    """Return `frame` with all columns of the table; those it lacks are empty."""
    import pandas as pd

    empty: dict[str, Any] = {
        "low": np.nan, "high": np.nan, "sd": np.nan, "unit": "Mt", "estimated": False, "note": "",
        "direction": TO_AIR, "interval": "",
    }  # fmt: skip
    out = frame.assign(**constant)
    for column, value in empty.items():
        if column not in out:
            out[column] = value
    out["note"] = out["note"].astype("object").where(out["note"].notna(), "")
    symmetric = out["low"].isna() & out["sd"].notna()
    out.loc[symmetric, "low"] = out["value"] - Z95 * out["sd"]
    out.loc[symmetric, "high"] = out["value"] + Z95 * out["sd"]
    for column in ("value", "low", "high", "sd"):
        out[column] = out[column].astype("float64")
    for column in ("year_from", "year_to"):
        out[column] = out[column].astype("int64")
    assert isinstance(out, pd.DataFrame)
    return out


def until_next(frame: pd.DataFrame, by: Sequence[str] = SERIES) -> pd.DataFrame:
    """Let each figure of a series hold until the year before the next one."""
    out = frame.sort_values([*by, "year_to"])
    after = out.groupby(list(by), sort=False)["year_to"].shift(-1)
    out["valid_from"] = out["year_to"]
    out["valid_to"] = (after - 1).fillna(LAST).astype("int64")
    return out


def _inventories(db: Database) -> pd.DataFrame:
    raw = db.table(
        "inventories", source=list(UNFCCC), category=list(UNFCCC.values()),
        scope="NGHGI with land use", gas=["CO2", "CH4", "N2O"],
    )  # fmt: skip
    raw = raw[raw["category"] == raw["source"].map(UNFCCC)]
    raw = raw[raw["value"].notna() | raw["key"].notna()]
    # A Party in both: its annual inventory is the better one.
    both = set(raw.loc[raw["source"] == ANNEX_I, "region"])
    raw = raw[(raw["source"] == ANNEX_I) | ~raw["region"].isin(both)]
    share = raw["source"].map(INVENTORY_CO2_SHARE).where(raw["gas"] == "CO2")
    half = (share * raw["value"].abs()).astype("float64")
    why = "assumed: ±" + (share * 100).round().astype("Int64").astype("string")
    why = (why + " % of the net flux at 95 %, after Grassi et al. (2017), UNVERIFIED").astype(
        "object"
    )
    keyed = "notation key " + raw["key"].astype("string")
    frame = raw[["region", "gas", "value", "source"]].assign(
        year_from=raw["year"],
        year_to=raw["year"],
        sd=half / Z95,
        interval=why.where(share.notna(), "none: the data interface holds no uncertainties"),
        note=raw["note"].where(raw["value"].notna(), keyed + ": " + raw["note"]),
    )
    return until_next(
        tidy(frame, scope="managed land", process=LULUCF, method=INVENTORY),
        ["region", "gas"],
    )


def _land_use_change(db: Database) -> pd.DataFrame:
    # the whole store goes back to 1850: what no account can ask for is left out
    raw = db.table("inventories", source=GCB_LAND, year=list(range(1990, 2100)))
    mean = raw["item"] == MEAN_OF_MODELS
    frame = raw[["region", "gas", "value", "source"]].assign(
        year_from=raw["year"],
        year_to=raw["year"],
        method=raw["item"],
        sd=raw["sd"].where(mean),
        interval=np.where(
            mean,
            "95 %: 1.96 times the standard deviation of the four models",
            "none for one model: see the mean of models",
        ),
        note=np.where(mean, "derived here from the four models", ""),
    )
    return until_next(tidy(frame, scope="land-use change", process="land-use change"))


_CEOS_TERMS = {
    "NBE": (NBE, TO_AIR, "all land, fires and inland waters within; without fossil"),
    "NCE": (NCE, TO_AIR, "with fossil emissions and cement: a view of NBE, not a part"),
    "dC_loss": (STOCKS, STOCK, "NBE less what rivers and trade carry: a view of NBE"),
    "river": (RIVERS, LATERAL, "within the inversion's NBE: shown, never added"),
    "wood and crop trade": (TRADE, LATERAL, "within the inversion's NBE: shown, never added"),
}


def _top_down(db: Database) -> pd.DataFrame:
    raw = db.table("natural_fluxes", source=CEOS, category=list(_CEOS_TERMS))
    raw = raw[raw["value"].notna()]
    terms = raw["category"].map(_CEOS_TERMS)
    run = raw["item"].astype("object")
    mean = raw["year"].isna()
    first, last = CEOS_YEARS
    year = raw["year"].astype("float64")
    whole = raw["scope"].eq("top-down, 2015-2020")
    assert bool((whole == mean).all()), "a mean has no year, and only a mean"
    annual = set(run[~mean].where(run[~mean].notna(), "").unique())
    # Runs whose single years are not in this store are offered as the mean within the period too.
    only_mean = ~run.where(run.notna(), "").isin(annual)
    frame = raw[["region", "gas", "value", "sd", "source"]].assign(
        year_from=year.where(~mean, first),
        year_to=year.where(~mean, last),
        process=terms.str[0],
        direction=terms.str[1],
        method=("inversion " + run).where(run.notna(), "bottom-up, within the inversion"),
        interval=np.where(
            raw["sd"].notna(), "95 %: 1.96 times the posterior sd of the source", "none given"
        ),
        note=terms.str[2].where(
            ~mean, terms.str[2] + f"; mean of {first}-{last}, not of a single year"
        ),
        valid_from=year.where(~mean, np.where(only_mean, first, last + 1)),
        valid_to=year.where(~mean, LAST),
    )
    out = tidy(frame, scope="biosphere")
    out[list(VALID)] = out[list(VALID)].astype("int64")
    return out


_WORLD = {
    "land-use change emissions": ("land-use change", "land-use change", "Global Carbon Budget"),
    "land sink": ("biosphere", "natural land sink", "vegetation models"),
    "ocean sink": ("processes", "ocean", "ocean models and fCO2 products"),
}


def _world(db: Database) -> pd.DataFrame:
    raw = db.table("natural_fluxes", source=GCB, category=list(_WORLD))
    terms = raw["category"].map(_WORLD)
    sink = raw["category"] == "land sink"
    frame = raw[["region", "gas", "value", "sd", "source"]].assign(
        year_from=raw["year"],
        year_to=raw["year"],
        scope=terms.str[0],
        process=terms.str[1],
        method=terms.str[2],
        interval="95 %: 1.96 times the sd of the source",
        note=np.where(sink, "without land-use change: not the net exchange of inversions", ""),
    )
    return until_next(tidy(frame))


_METHANE = {
    ("Wetlands", "bottom-up"): "wetlands",
    ("Wetlands", "top-down"): "wetlands",
    ("Other Natural Sources", "top-down"): "other natural sources",
    ("Biomass and Biofuel Burning", "top-down"): "biomass and biofuel burning",
}
METHANE_YEARS = (2008, 2017)


def _methane(db: Database) -> pd.DataFrame:
    import pandas as pd

    first, last = METHANE_YEARS
    raw = db.table("natural_fluxes", source=METHANE)
    pairs = pd.Series(list(zip(raw["category"], raw["scope"], strict=True)), index=raw.index)
    process = pairs.map(_METHANE)
    raw, process = raw[process.notna()], process.dropna()
    continents = raw[["region", "gas", "value", "sd", "source"]].assign(
        year_from=first,
        year_to=last,
        process=process,
        method=raw["scope"],
        interval="95 %: 1.96 times the sd of the mean over the estimates, as the source gives it; "
        "single estimates differ by more",
        note=f"mean of {first}-{last}, no figure of a single year",
        valid_from=first,
        valid_to=LAST,
    )
    burning = db.table("natural_fluxes", source=DENG, category="biomass burning")
    countries = burning[["region", "gas", "value", "low", "high", "source"]].assign(
        year_from=burning["year"],
        year_to=burning["year"],
        process="fires",
        method=burning["item"],
        interval="range of the inversions; value: their median",
    )
    inverted = until_next(tidy(countries, scope="processes"))
    return pd.concat([tidy(continents, scope="processes"), inverted], ignore_index=True)
