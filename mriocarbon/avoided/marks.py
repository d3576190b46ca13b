"""What of the avoided emissions rests on estimates, in notes that travel with the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mriocarbon.errors import listed
from mriocarbon.model.provenance import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["joined_texts", "marks"]


def joined_texts(*texts: object) -> str:
    """Return texts that are not empty, with semicolons between."""
    return "; ".join(str(t) for t in texts if isinstance(t, str) and t)


def marks(rows: pd.DataFrame, left_out: pd.DataFrame, margin: str) -> tuple[Note, ...]:
    """Return notes on factors that are not the destination's own, that are zero, or missing.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``destination``, ``product``, ``mw``, ``grid_factor``, ``cf_estimated`` and
        ``grid_estimated``.
    left_out : pandas.DataFrame
        With ``destination`` and ``mw``.
    margin : str
        Of the grid factors.
    """
    notes = []
    total = rows["mw"].sum()
    products = listed(list(dict.fromkeys(rows["product"])))
    grid = {"average": "average grid factor", "given": "grid factor"}.get(
        margin, f"grid factor ({margin} margin)"
    )
    for column, what, about in (
        ("cf_estimated", "capacity factor", "capacity factor"),
        ("grid_estimated", grid, "grid factor"),
    ):
        part = rows[rows[column].astype(bool)]
        if len(part) and total > 0:
            largest = part.groupby("destination")["mw"].sum().sort_values(ascending=False)
            notes.append(Note(
                f"{products}: the {what} of {len(largest)} of {rows['destination'].nunique()}"
                f" destinations with {part['mw'].sum():,.0f} MW ({part['mw'].sum() / total:.1%}) is"
                f" a mean of others, not their own: {listed(list(largest.index))}.",
                about=about, estimated=True,
            ))  # fmt: skip
    zero = rows[(rows["grid_factor"] == 0) & (rows["mw"] > 0)]
    if len(zero):
        notes.append(Note(
            f"{products}: the {grid} of {listed(sorted(set(zero['destination'])))} is 0 in the"
            f" source: {zero['mw'].sum():,.1f} MW there avoid 0, with no interval, since errors are"
            " relative ones. Power that is imported or exported at the margin is not in it.",
            about="grid factor",
        ))  # fmt: skip
    if len(left_out):
        notes.append(Note(
            f"Left out for want of a factor: {left_out['mw'].sum():,.1f} MW in"
            f" {left_out['destination'].nunique()} destinations"
            f" ({listed(list(left_out['destination'].unique()))}); missing, not zero.",
            about="left out",
        ))  # fmt: skip
    return tuple(notes)
