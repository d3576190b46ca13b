"""Manufacture per kW as others published it: beside the chain of stages, and in its place."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mriocarbon.avoided.amount import Amount, spread
from mriocarbon.avoided.drawn import normals
from mriocarbon.avoided.inputs import published
from mriocarbon.avoided.manufacture import PRODUCTS, Capacity, Manufacture, process
from mriocarbon.errors import InputError
from mriocarbon.model.provenance import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PANEL_PUBLISHED", "against_published", "as_published"]

PANEL_PUBLISHED = (570.0, 400.0, 810.0)
"""kg CO2e per kW of panel made in China, cradle to gate: ends from tables/published.csv (a maker's
statement of 2021; Mueller et al. 2021), the median their geometric mean."""


def as_published(made: Manufacture) -> Manufacture:
    """Return manufacture with solar brought to the published range instead of the chain's level.

    The stages keep their proportions; the level per kW of panel is drawn from `PANEL_PUBLISHED`.
    Turbines stay as they are: what is published of them is told per kWh of a whole wind farm.

    Parameters
    ----------
    made : Manufacture
        Of method ``process`` and boundary ``gate``.

    Returns
    -------
    Manufacture
        Of method ``published``, Mt CO2e; with a note on the range in kg CO2e per kW.

    Raises
    ------
    InputError
        It is something else.

    Examples
    --------
    >>> made = process([Capacity("panels", 1000.0, float("nan"))], draws=200)
    >>> round(as_published(made).per_kw("panels").value)
    570
    """
    if made.method != "process" or made.boundary != "gate":
        raise InputError(
            f"published figures are cradle to gate, this is {made.method}, {made.boundary}",
            where="manufacture", do='take process(..., boundary="gate")',
        )  # fmt: skip
    normal = normals(len(made.draws), made.seed)
    level = spread(*PANEL_PUBLISHED, normal("manufacture.published.panels"))
    panel = process(
        [Capacity("panels", 1.0, math.nan)],
        exporter=made.exporter,
        year=made.year,
        grid=made.grid,
        draws=len(made.draws),
        seed=made.seed,
    )
    chain = panel.per_kw("panels")
    ratio = Amount(level.value / chain.value, level.draws / chain.draws)
    parts = tuple(
        replace(p, amount=p.amount.times(ratio)) if PRODUCTS[p.product] == "solar" else p
        for p in made.parts
    )
    low, middle, high = PANEL_PUBLISHED[1], PANEL_PUBLISHED[0], PANEL_PUBLISHED[2]
    note = Note(
        f"panels at {middle:g} kg CO2e/kW ({low:g} to {high:g}), the range of published studies of"
        " modules made in China (2021); cells and wafers in the proportion of the chain"
        + ("" if made.exporter == "CHN" else f"; it stands for modules made in {made.exporter}"),
        about="manufacture", estimated=True,
    )  # fmt: skip
    return replace(made, method="published", parts=parts, notes=(*made.notes, note))


def against_published(made: Manufacture) -> pd.DataFrame:
    """Return the chain per kW beside published figures, kg CO2e/kW.

    Parameters
    ----------
    made : Manufacture
        Of method ``process`` and boundary ``gate``.

    Returns
    -------
    DataFrame
        ``product``, ``what``, ``published``, ``low``, ``high``, ``chain``, ``chain_low``,
        ``chain_high``, ``inside`` (whether the chain's interval holds the figure), ``source``,
        ``year``, ``status``, ``note``.

    Examples
    --------
    >>> made = process([Capacity("panels", 1000.0, float("nan"))], draws=200)
    >>> against_published(made)["published"].tolist()
    [810.0, 750.0, 550.0, 400.0]
    """
    import pandas as pd

    if made.method != "process" or made.boundary != "gate":
        raise InputError(
            f"published figures are cradle to gate, this is {made.method}, {made.boundary}",
            where="manufacture", do='take process(..., boundary="gate")',
        )  # fmt: skip
    rows = []
    for one in published():
        if one.product in made.products:
            chain = made.per_kw(one.product)
            rows.append(
                {
                    "product": one.product, "what": one.what, "published": one.value,
                    "low": one.low, "high": one.high, "chain": chain.value,
                    "chain_low": chain.low, "chain_high": chain.high,
                    "inside": chain.holds(one.value), "source": one.source, "year": one.year,
                    "status": one.status, "note": one.note,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
