"""What a reader has to be told about single figures: absurd ones, and why one is missing."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

MEANINGS = {
    "NO": "not occurring (the source says there is none)",
    "NE": "not estimated by the source",
    "NA": "not applicable (the source says the activity does not emit this gas)",
    "IE": "included elsewhere (in another category of the source)",
    "C": "confidential",
    "FX": "flexibility used: the source was free not to report it",
    "-": "a dash in the source, without a reason",
}
"""Notation keys of the UNFCCC's reporting guidelines, in words."""

TIMES = 1000.0
AT_LEAST = 1.0
"""Mt: smaller figures do no harm to a sum of countries."""
NOISE = 1e-6
"""Mt, one tonne: neighbours below it are remainders of rounding and no yardstick."""
SIDE = 5
FEWEST = 3


def meaning(key: str) -> str:
    """Return a notation key in words.

    Examples
    --------
    >>> meaning("C")
    'no figure: confidential'
    >>> meaning("NE,IE")
    'no figure, by parts: not estimated by the source; included elsewhere (in another category \
of the source)'
    """
    parts = [part for part in re.split(r"[,;/\s]+", key.strip().upper()) if part]
    words = [MEANINGS.get(part, f"'{part}', as the source writes") for part in dict.fromkeys(parts)]
    return ("no figure, by parts: " if len(words) > 1 else "no figure: ") + "; ".join(words)


def noted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one source with the reasons of missing values and absurd ones in `note`.

    Every figure stays as published. A row is called absurd where its absolute value is above
    1 Mt and above 1,000 times

    - the median absolute value of its neighbours: up to five reported years before and after in
      the same series (all that tells rows apart but the year), zeros apart, at least three;
    - where there are fewer, the region's own total without land use (the median of its years, of
      the gas for which it is largest).

    Neighbours instead of all years: a series from 1750 grows a thousandfold without a slip.
    """
    out = frame.copy()
    keys = out["key"].where(out["value"].isna() & out["key"].notna())
    words = keys.map({key: meaning(key) for key in keys.dropna().unique()})
    absurd = _against_neighbours(out)
    for text in (words, absurd):
        both = out["note"].notna() & text.notna()
        joined = out.loc[both, "note"].astype(str) + "; " + text[both].astype(str)
        out["note"] = out["note"].where(text.isna(), text)
        out.loc[both, "note"] = joined
    out["note"] = out["note"].astype("object").where(out["note"].notna(), None)
    return out


def _against_neighbours(frame: pd.DataFrame) -> pd.Series:
    text = pd.Series(None, index=frame.index, dtype="object")
    size = frame["value"].abs()
    used = frame.loc[size > 0].sort_values("year", kind="stable")
    series = ["source", "region", "variable", "gas", "category", "item", "unit", "scope"]
    used = used.assign(series=used.groupby(series, dropna=False, sort=False).ngroup())
    used = used.sort_values("series", kind="stable")
    group, value = used["series"].to_numpy(), used["value"].abs().to_numpy()
    large = np.flatnonzero(value > AT_LEAST)
    if len(large) == 0:
        return text
    beside = np.full((len(large), 2 * SIDE), np.nan)
    for column, step in enumerate([*range(-SIDE, 0), *range(1, SIDE + 1)]):
        at = np.clip(large + step, 0, len(value) - 1)
        same = (group[at] == group[large]) & (at == large + step)
        beside[same, column] = value[at[same]]
    enough = (~np.isnan(beside)).sum(axis=1) >= FEWEST
    usual = np.full(len(large), np.nan)
    usual[enough] = np.nanmedian(beside[enough], axis=1)
    total = used["region"].iloc[large].map(_totals(frame)).to_numpy(dtype="float64")
    yardstick = np.where(enough, usual, total)
    odd = (yardstick > NOISE) & (value[large] > TIMES * yardstick)
    for at, by, close in zip(large[odd], yardstick[odd], enough[odd], strict=True):
        what = "its neighbouring years" if close else "the region's own total without land use"
        where = ", here or in those years" if close else ""
        text[used.index[at]] = (
            f"as published; {_short(value[at] / by)} times {what}, "
            f"likely a slip of the source{where}"
        )
    return text


def _totals(frame: pd.DataFrame) -> dict[str, float]:
    name = frame["category"].fillna("").astype(str)
    total = name.str.startswith("Total GHG emissions") & name.str.contains("without|excluding")
    rows = frame[total & frame["value"].notna()]
    medians = rows["value"].abs().groupby([rows["region"], rows["gas"]]).median()
    return {str(k): float(v) for k, v in medians.groupby(level=0).max().items()}


def _short(ratio: float) -> str:
    """Write two digits of a ratio, as in 1.6e5."""
    mantissa, _, power = f"{ratio:.1e}".partition("e")
    return f"{mantissa}e{int(power)}"
