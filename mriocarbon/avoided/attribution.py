r"""How much of what is avoided belongs to the exporter: all of it, or its share of the value.

A panel abates nothing before others pay for it, mount it and connect it. There is no agreed rule;
two are shown side by side. By value, the share is what of the installed system's price was earned
by the exporter,

.. math:: a_p = \min\Bigl(1, \frac{u_p \, v}{c}\Bigr)

with :math:`u_p` the unit value of the export (USD per kW), v the share of it that is value added in
the exporter (from the table) and c the cost of the installed system per kW. The rest belongs to
the balance of the system, the installers and the owners at the destination, and to the exporter's
own suppliers abroad.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.avoided.amount import Amount, spread
from mriocarbon.avoided.drawn import normals
from mriocarbon.avoided.manufacture import Capacity, checked
from mriocarbon.avoided.manufacture_mrio import INDUSTRIES, WIND_PRICE, multiplier
from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import whole
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mriocarbon.model.table import MRIO

__all__ = ["INSTALLED", "RULES", "Attribution", "attribution"]

RULES = {
    "all": "all that is avoided, to the exporter",
    "value": "by the exporter's value added in the price of the installed system",
}
INSTALLED = {"solar": (691.0, 450.0, 1200.0), "wind": (1041.0, 800.0, 1700.0)}
"""USD per kW installed: median, ends of 95 %. Medians: IRENA, Renewable power generation costs in
2024 (2025), weighted world averages of utility-scale plants (read in a report about it); the ends,
for countries and rooftops, are assumed."""
COSTS_OF = 2024
COSTS = Source(
    "irena-costs-2024",
    citation="IRENA (2025), Renewable power generation costs in 2024, Abu Dhabi: weighted world"
    " averages of installed cost; read in a report about it, the original was not opened",
    licence="IRENA: free to use, share and reprint with acknowledgement",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Attribution:
    """Shares of what is avoided that a rule gives the exporter.

    Attributes
    ----------
    rule : {"all", "value"}
    shares : mapping of product to Amount
        Between 0 and 1, with draws.
    notes : tuple of Note
    """

    rule: str
    shares: Mapping[str, Amount]
    notes: tuple[Note, ...]

    __repr__ = brief

    def apply(self, avoided: Mapping[str, Amount]) -> Amount:
        """Return the exporter's part of what each product avoids, draw by draw.

        Raises
        ------
        UnknownNameError
            A product without a share.
        """
        for product in avoided:
            if product not in self.shares:
                raise UnknownNameError.of("product", product, self.shares)
        return Amount.sum(amount.times(self.shares[p]) for p, amount in avoided.items())


def attribution(
    capacities: Iterable[Capacity],
    rule: str = "all",
    *,
    exporter: str = "CHN",
    year: int = COSTS_OF,
    mrio: MRIO | None = None,
    installed: Mapping[str, tuple[float, float, float]] | None = None,
    wind_price: tuple[float, float, float] = WIND_PRICE,
    draws: int = 1000,
    seed: int = 0,
) -> Attribution:
    """Return the exporter's share of what its exports avoid, by product.

    Parameters
    ----------
    capacities : iterable of Capacity
        MW and million USD; turbines without a value take `wind_price`.
    rule : {"all", "value"}
    exporter : str
        A region of the table.
    year : int
        Of the export; the default costs are of 2024 and are marked for another year.
    mrio : MRIO, optional
        The embedded table of 2022 by default.
    installed : mapping of technology to (median, low, high), optional
        USD per kW of the installed system; see `INSTALLED`.
    wind_price : (median, low, high)
        USD per kW; see `WIND_PRICE`.
    draws, seed : int
        As in `manufacture`.

    Returns
    -------
    Attribution

    Raises
    ------
    UnknownNameError
        A rule, product or technology that is none.
    NotAvailableError
        The value of an export is not known, or the exporter is no region of the table.

    Examples
    --------
    >>> panel = Capacity("panels", 1000.0, 118.0)
    >>> attribution([panel], "all").shares["panels"].value
    1.0
    >>> 0.05 < attribution([panel], "value", draws=200).shares["panels"].value < 0.2
    True
    """
    amounts = checked(capacities)
    draws = whole("draws", draws, least=2, where="attribution")
    seed = whole("seed", seed, least=0, where="attribution")
    if rule not in RULES:
        raise UnknownNameError.of("rule of attribution", rule, RULES)
    if rule == "all":
        one = Amount(1.0, np.ones(draws))
        return Attribution(rule, {c.product: one for c in amounts}, ())
    from mriocarbon.datasets.load import load

    table = load("oecd-icio-2022") if mrio is None else mrio
    normal = normals(draws, seed)
    costs = {**INSTALLED, **(installed or {})}
    shares: dict[str, Amount] = {}
    notes: list[Note] = []
    for c in amounts:
        if c.technology == "wind" and not math.isfinite(c.usd):
            unit = spread(*wind_price, normal("manufacture.wind price"), where="wind_price")
        elif math.isfinite(c.usd) and c.mw > 0:
            unit = Amount(1e3 * c.usd / c.mw, np.full(draws, 1e3 * c.usd / c.mw))
        else:
            raise NotAvailableError(
                f"the value of the export of {c.product} is not known",
                where="attribution by value", do='give it in usd, or take the rule "all"',
            )  # fmt: skip
        home = [
            multiplier(table, exporter, sector).domestic_value
            for sector in INDUSTRIES[c.technology]
        ]
        if not all(map(math.isfinite, home)):
            raise NotAvailableError(
                "the table has no value added", where="attribution by value",
                do='take a table that has it, or the rule "all"',
            )  # fmt: skip
        cost = spread(
            *costs[c.technology], normal(f"attribution.{c.technology}.installed"),
            where=f"installed cost of {c.technology}",
        )  # fmt: skip
        kept = sum(home) / len(home)
        share = Amount(
            min(1.0, unit.value * kept / cost.value),
            np.minimum(1.0, unit.draws * kept / cost.draws),
        )
        shares[c.product] = share
        ours = c.technology not in (installed or {})
        old = f" (costs of {COSTS_OF}, for {year})" if ours and year != COSTS_OF else ""
        notes.append(
            Note(
                f"{c.product}: {unit.value:.0f} USD/kW, {100 * kept:.0f} % of it value added in"
                f" {exporter}, of {cost.value:.0f} USD/kW installed{old}:"
                f" {100 * share.value:.0f} %",
                about="attribution", estimated=True,
                sources=((COSTS,) if ours else ()) + table.provenance.sources,
            )
        )  # fmt: skip
    return Attribution(rule, shares, tuple(notes))
