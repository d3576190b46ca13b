"""Figures that may be read but not shipped: from the folder that ``MRIOCARBON_DATA`` names.

Their files state no licence, or their article is not openly licensed. Without the folder the
account says which file a row needs, and everything else stands.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mriocarbon.errors import DataFileError, MriocarbonError
from mriocarbon.io.numbers import precise
from mriocarbon.model.labels import country_code
from mriocarbon.model.normal import Z95
from mriocarbon.natural.sources import COLUMNS, LAST, VALID, tidy, until_next

if TYPE_CHECKING:
    import pandas as pd

MTCO2_PER_GTC = 3664.0  # the factor of the Global Carbon Budget
SINK_YEARS = (2013, 2022)
"""Of the landCSink files, which do not state it: see `mriocarbon.natural.translate.period`."""
SINK = "natural/landCSink_SLAND_boot_stats.csv"
MANAGED_SINK = "natural/landCSink_SLAND_mf_boot_stats.csv"
SINK_LAND_USE = "natural/landCSink_ELUC_boot_stats.csv"
SINK_FOSSIL = "natural/landCSink_EFOS_boot_stats.csv"
FIRES = {gas: f"natural/GFED5_{gas}.txt" for gas in ("CO2", "CH4", "N2O")}
FIRE_UNITS = {"CO2": (10.0, "1E13 g"), "CH4": (0.01, "1E10 g"), "N2O": (0.001, "1E9 g")}
NITROUS = "natural/gcp_n2o_Tian2020_table1.csv"
N2O_PER_N = 44.013 / 28.014
VOLCANOES = "natural/OMI_Catalogue_SO2_2023.xlsx"
# t CO2 per t SO2: 38.7 Mt CO2 a year of the 91 most active volcanoes, 2005-2015 (Aiuppa et al.
# 2019, Scientific Reports 9, 5442, abstract), over 23 Mt SO2 a year of over 90 volcanoes in the
# same years (Carn et al. 2017, Scientific Reports 7, 44095, abstract). Single volcanoes lie an
# order of magnitude apart.
CO2_PER_SO2 = 38.7 / 23.0
CO2_PER_SO2_RANGE = (0.3, 9.0)  # 95 %, assumed
_VOLCANO_COUNTRIES = {
    "Antarctica": "ATA", "Democratic Republic of Congo": "COD", "Montserrat (UK)": "MSR",
    "Northern Mariana Islands": "MNP", "Papua New Guinea": "PNG", "Reunion Island, France": "REU",
    "Russia": "RUS", "Santa Cruz Islands": "SLB", "South Sandwich Isl. (UK)": "SGS",
    "Tonga Islands": "TON", "USA": "USA",
}  # fmt: skip


NO_FOREST = "the file holds 0 in all models: no such land in the models' mask, so no estimate"
NO_VOLCANO = "no volcano in the OMI catalogue"


_SINKS = (
    "vegetation models by country (landCSink), no licence stated",
    "landCSink files: natural land sink by country of vegetation models; the files state neither "
    "author nor licence (read at run time, not shipped)",
)
_GFED = (
    "GFED5 beta, no licence stated",
    "GFED5 beta: fire emissions by region, globalfiredata.org; the file states no licence (read at "
    "run time, not shipped)",
)
CITED: dict[str, tuple[str, str]] = {
    **dict.fromkeys((SINK, MANAGED_SINK, SINK_LAND_USE, SINK_FOSSIL), _SINKS),
    **dict.fromkeys(FIRES.values(), _GFED),
    NITROUS: (
        "Tian et al. (2020)",
        "Tian et al. (2020), A comprehensive quantification of global nitrous oxide sources and "
        "sinks, Nature 586, 248-256, table 1 (read at run time, not shipped)",
    ),
    VOLCANOES: (
        "OMI SO2 catalogue 2023, licence not verified",
        "OMI SO2 catalogue, edition of 2023 (NASA); licence not verified (read at run time, not "
        "shipped)",
    ),
}
"""File -> how a page names it, in short and in full."""


class Need(NamedTuple):
    """What is missing without the folder: scope, gas, process, file, and where it applies."""

    scope: str
    gas: str
    process: str
    file: str
    where: str


NEEDS = (
    Need("biosphere", "CO2", "natural land sink", SINK, "country"),
    Need("biosphere", "CO2", "natural sink of managed forest", MANAGED_SINK, "country"),
    Need("processes", "CO2", "fires", FIRES["CO2"], "group"),
    Need("processes", "CH4", "fires", FIRES["CH4"], "group"),
    Need("processes", "N2O", "fires", FIRES["N2O"], "group"),
    Need("processes", "N2O", "all natural sources", NITROUS, "world"),
    Need("processes", "CO2", "volcanoes", VOLCANOES, "country"),
)


def local(folder: Path | None) -> tuple[pd.DataFrame, tuple[Need, ...]]:
    """Return the rows of the folder's files, and what is missing because a file is not there.

    Raises
    ------
    DataFileError
        A file is there but cannot be read as what it should be.
    """
    import pandas as pd

    frames, missing = [], []
    for need in NEEDS:
        path = None if folder is None else folder / need.file
        if path is None or not path.is_file():
            missing.append(need)
            continue
        try:
            frames.append(_READERS[need.file](path, need))
        except (
            ValueError, LookupError, OSError, TypeError, OverflowError, StopIteration
        ) as error:  # fmt: skip
            raise DataFileError(
                f"a file of natural fluxes cannot be read: {error}",
                where=str(path),
                do="fetch it again, or take it out of the folder",
            ) from error
    if not frames:
        return pd.DataFrame(columns=[*COLUMNS, *VALID]), tuple(missing)
    return pd.concat(frames, ignore_index=True)[[*COLUMNS, *VALID]], tuple(missing)


def sink_statistics(path: Path) -> pd.DataFrame:
    """Return a landCSink file, by ISO code: ``mean``, ``std``, ``skew`` in GtC a year.

    Negative is a sink. The world's row is ``WLD``.
    """
    import pandas as pd

    raw: pd.DataFrame = pd.read_csv(path, **precise())
    prefix = raw.columns[2].removesuffix("_mean")
    raw = raw.rename(columns=lambda name: name.removeprefix(f"{prefix}_"))
    out = raw.set_index(raw["iso"].replace("Total", "WLD"))
    if not {"mean", "std", "skew"} <= set(out.columns) or out.index.duplicated().any():
        raise ValueError("columns mean, std, skew by iso are needed, each iso once")
    out = out.drop(columns=["iso", "Country"])[["mean", "std", "skew"]]
    if out.loc[modelled(out), ["mean", "std", "skew"]].isna().to_numpy().any():
        raise ValueError("a mean, std or skew is missing")
    return out


def modelled(table: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows of a landCSink file are estimates.

    Zero in every model and year, without a skewness, is the mark of a country where the models'
    mask has no such land: no estimate, and no sink of zero.
    """
    spread = table["sd"] if "sd" in table else table["std"]
    amount = table["value"] if "value" in table else table["mean"]
    return (spread > 0) | (amount != 0)


def _sink(path: Path, need: Need) -> pd.DataFrame:
    from mriocarbon.model.labels import country_names

    table = sink_statistics(path)
    countries = table["mean"].drop("WLD", errors="ignore").sum()
    if not np.isclose(table["mean"].get("WLD", np.nan), countries, rtol=1e-6):
        raise ValueError("the row Total is missing or not the sum of the countries: cut off?")
    known = table.index[[c == "WLD" or bool(country_names([c])) for c in table.index]]
    table = table.loc[known]
    first, last = SINK_YEARS
    frame = table.assign(
        region=known,
        value=table["mean"] * MTCO2_PER_GTC,
        sd=table["std"] * MTCO2_PER_GTC,
        year_from=first,
        year_to=last,
        valid_from=first,
        valid_to=LAST,
        note="the file states no period: it follows from its land-use columns"
        + ("" if need.file == SINK else "; a part of the natural land sink"),
    ).reset_index(drop=True)
    empty = ~modelled(frame)
    frame.loc[empty, ["value", "sd"]] = np.nan
    frame.loc[empty, "note"] = NO_FOREST
    return tidy(
        frame, gas="CO2", scope=need.scope, process=need.process, source=need.file,
        method=f"vegetation models, mean of {first}-{last}",
        interval="95 %: 1.96 times the sd over models and years, as the source gives it",
    )  # fmt: skip


def _fires(path: Path, need: Need) -> pd.DataFrame:
    import pandas as pd

    factor, grams = FIRE_UNITS[need.gas]
    lines = path.read_text(encoding="utf-8").splitlines()
    if not any(f"{need.gas} emissions estimates in {grams}" in line for line in lines):
        raise ValueError(f"the unit is not {grams}")
    at = next(i for i, line in enumerate(lines) if line.startswith("Year"))
    heads = lines[at].replace("|", " ").split()[1:]
    rows = [
        ("WLD" if head == "Globe" else f"gfed:{head}", int(cells[0]), float(cell) * factor)
        for cells in (line.replace("|", " ").split() for line in lines[at + 1 :])
        if cells and cells[0].isdigit()
        for head, cell in zip(heads, cells[1:], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["region", "year_to", "value"])
    frame["year_from"] = frame["year_to"]
    return until_next(
        tidy(
            frame, gas=need.gas, scope=need.scope, process=need.process, source=need.file,
            method="GFED5 beta", interval="none given by the source",
            note="all fires, gross: regrowth is not taken off"
            + (", so that most CO2 is taken up again" if need.gas == "CO2" else ""),
        )
    )  # fmt: skip


def _nitrous(path: Path, need: Need) -> pd.DataFrame:
    import pandas as pd

    raw = pd.read_csv(path, encoding="utf-8-sig", **precise()).set_index("source")
    row = raw.loc["Natural_total"].astype("float64") * N2O_PER_N
    frame = pd.DataFrame(
        {"region": ["WLD"], "value": [row.iloc[0]], "low": [row.iloc[1]], "high": [row.iloc[2]]}
    )
    return tidy(
        frame, year_from=2007, year_to=2016, valid_from=2007, valid_to=LAST, gas=need.gas,
        scope=need.scope, process=need.process, source=need.file,
        method="Tian et al. (2020), table 1", interval="range of the estimates",
        note="soils, ocean, lightning and the rest; mean of 2007-2016, as recalled: the file "
        "states no period",
    )  # fmt: skip


def volcano_so2(path: Path) -> pd.DataFrame:
    """Return the volcanoes of the OMI catalogue: name, ISO3, place, and kt SO2 by year.

    Returns
    -------
    pandas.DataFrame
        Columns name, region, latitude, longitude, year, so2, sd (both kt). 0 is a year in which
        nothing was seen above the noise, of which `sd` is the size; an empty cell has no row.

    Raises
    ------
    ValueError
        No workbook with a sheet OMI, or a country that is not known.
    """
    import pandas as pd

    from mriocarbon.io.archive import Archive
    from mriocarbon.io.sheets import rows as sheet_rows

    try:
        first, *rows = [cells for _, cells in sheet_rows(Archive(path), path.name, "OMI")] or [[]]
    except MriocarbonError as error:
        raise ValueError(f"no workbook with a sheet OMI ({error.what})") from error
    heads = [str(h or "") for h in first]
    at = {name: heads.index(name) for name in ("LATITUDE", "LONGITUDE", "TYPE", "NAME", "COUNTRY")}
    years = [(int(h[1:]), i) for i, h in enumerate(heads) if re.fullmatch(r"y\d{4}", h)]
    out = []
    for cells in rows:
        row = [*cells, *[None] * (len(heads) - len(cells))]
        if row[at["TYPE"]] != "Volcano":
            continue
        country = str(row[at["COUNTRY"]]).replace("\xa0", " ").strip()
        code = _VOLCANO_COUNTRIES.get(country) or country_code(country)
        if not code:
            raise ValueError(f"volcano in an unknown country {country!r}")
        for year, i in years:
            amount, spread = row[i], row[heads.index(f"s{year}")]
            if isinstance(amount, float):
                sd = float(spread) if isinstance(spread, float) else np.nan
                out.append(
                    (row[at["NAME"]], code, row[at["LATITUDE"]], row[at["LONGITUDE"]], year,
                     amount, sd)
                )  # fmt: skip
    columns = ["name", "region", "latitude", "longitude", "year", "so2", "sd"]
    return pd.DataFrame(out, columns=columns)


def _volcanoes(path: Path, need: Need) -> pd.DataFrame:
    import pandas as pd

    each = volcano_so2(path)
    wide = each.pivot(index=["region", "name"], columns="year", values="so2")
    noise = each.pivot(index=["region", "name"], columns="year", values="sd") ** 2
    low, high = CO2_PER_SO2_RANGE
    cv = _lognormal_cv(low, high)
    rows = []
    for code, of in [*wide.groupby("region"), ("WLD", wide)]:
        error = np.sqrt(noise.loc[of.index].sum(min_count=1)) / 1000 * CO2_PER_SO2
        for year in of:
            lost = of.index[of[year].isna()].get_level_values("name")
            mt = of[year].sum(min_count=1) / 1000
            told = f"the catalogue has no figure of {', '.join(lost)}" if len(lost) else ""
            seen = (
                f"the catalogue holds no CO2: {1000 * mt:,.0f} kt SO2, times {CO2_PER_SO2:.1f} t "
                "CO2/t SO2 (Aiuppa et al. 2019 over Carn et al. 2017); diffuse degassing and what "
                "satellites do not see is missing"
            )
            if mt == 0:
                seen = f"no SO2 seen above the noise; {seen}"
            rows.append(
                {
                    "region": code, "year_from": year, "year_to": year, "value": mt * CO2_PER_SO2,
                    "low": mt * low,
                    # nothing seen: what the noise of the catalogue may hide, at the mean ratio
                    "high": mt * high if mt else Z95 * error[year],
                    # of a lognormal with this range: an order of magnitude each way is no normal
                    # error
                    "sd": mt * CO2_PER_SO2 * cv if mt else error[year],
                    "interval": f"95 %, assumed: {low} to {high:.0f} t CO2 per t SO2"
                    if mt else "95 %: 0 to 1.96 sd of the SO2 that was not seen, at the mean ratio",
                    "note": told if mt != mt else "; ".join(filter(None, (told, seen))),
                }
            )  # fmt: skip
    # A year is a year: the last eruption is no figure of a quiet one, and nothing is carried on.
    frame = pd.DataFrame(rows).assign(valid_from=lambda t: t["year_to"])
    return tidy(
        frame.assign(valid_to=frame["year_to"]), gas=need.gas, scope=need.scope,
        process=need.process, source=need.file, method="SO2 of OMI times a mean ratio",
        estimated=True,
    )  # fmt: skip


def _lognormal_cv(low: float, high: float) -> float:
    width = np.log(high / low) / (2 * Z95)
    return float(np.sqrt(np.expm1(width**2)))


_READERS = {
    SINK: _sink, MANAGED_SINK: _sink, **dict.fromkeys(FIRES.values(), _fires),
    NITROUS: _nitrous, VOLCANOES: _volcanoes,
}  # fmt: skip
