r"""Manufacture by the multi-regional table: what the exports were sold for, times multipliers.

.. math:: M = \sum_p U_p \, \pi_p \, \bigl(w \, m_1 + (1 - w) \, m_2\bigr), \qquad
    m = s (I - A)^{-1}

with U the value of the export, :math:`\pi` the prices of the table's year over those of the
export, and the two industries of the exporter that make the product, between which w is not known.
A table holds the technology of its year in the prices of its year: a watt that costs less than
half as much two years later did not cause half the emissions, so the variant in current prices
understates. The corrected variant values each kW at what it cost in the year of the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.avoided.amount import Amount, Array, spread
from mriocarbon.avoided.drawn import Normals, normals
from mriocarbon.avoided.manufacture import Capacity, Manufacture, Part, checked, megawatts_of
from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import whole
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    from mriocarbon.model.table import MRIO

__all__ = [
    "INDUSTRIES",
    "STAGES",
    "WIND_PRICE",
    "Multiplier",
    "multiplier",
    "price_moves",
    "through_table",
]

INDUSTRIES = {"solar": ("C26", "C27"), "wind": ("C27", "C28")}
"""ISIC rev. 4: electronics (cells and modules, by ISIC 2610), electrical equipment, machinery."""
STAGES = ("exporting industry", "its electricity", "rest of the exporter's economy", "abroad")
TABLE_SPREAD = 0.15
"""Relative standard deviation of one industry's multiplier in one country, assumed: an industry
of the table is an average of many products."""
WIND_PRICE = (400.0, 194.0, 930.0)
"""USD per kW of an exported onshore turbine: median, ends of 95 %. Lower end: China's domestic
bids of 2024 without tower, 1,381 yuan/kW (press, from Huachuang Securities) at 7.12 yuan; upper
end: Western makers in 2023, 860 EUR/kW (press). The median is assumed."""


@dataclass(frozen=True)
class Multiplier:
    """kg CO2e per USD of one industry's product, by where they are emitted.

    Attributes
    ----------
    sector : str
    parts : mapping of str to float
        One for each of `STAGES`, kg CO2e per USD.
    domestic_value : float
        Share of a USD that is value added in the exporting region.
    """

    sector: str
    parts: Mapping[str, float]
    domestic_value: float

    __repr__ = brief

    @property
    def total(self) -> float:
        """kg CO2e per USD."""
        return sum(self.parts.values())


@lru_cache(maxsize=8)
def multiplier(mrio: MRIO, region: str, sector: str, *, stressor: str = "GHG") -> Multiplier:
    r"""Return the emissions of one USD of an industry's product.

    With :math:`y = e_j`: :math:`x = (I - A)^{-1} y`, and emissions :math:`s \circ x` by region. The
    industry's own are :math:`s_j`, those of its electricity the first round
    :math:`s_D a_{Dj}` of the exporter's own power industry.

    Parameters
    ----------
    mrio : MRIO
    region, sector : str
        Labels of the table.
    stressor : str

    Raises
    ------
    NotAvailableError
        The exporter is no region of its own in the table.
    UnknownNameError
        No such sector.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = multiplier(mc.load("oecd-icio-2022"), "CHN", "C27")
    >>> 0.5 < found.total < 1.2
    True
    """
    from mriocarbon.solve.system import leontief

    if region not in mrio.regions:
        raise NotAvailableError(
            f"{region} is no region of its own in {mrio.provenance.dataset}",
            where="manufacture by the table",
            do='take the process method, or a table that has it: mc.load("oecd-icio-2022",'
            ' detail="full")',
        )
    if sector not in mrio.sectors:
        raise UnknownNameError.of("sector", sector, mrio.sectors)
    S = len(mrio.sectors)
    start = mrio.regions.index(region) * S
    j = start + mrio.sectors.index(sector)
    y = np.zeros(len(mrio.index))
    y[j] = 1.0
    x = leontief(mrio).output(y).value
    made = mrio.x > 0
    s = np.divide(_stressor(mrio, stressor), mrio.x, out=np.zeros(len(mrio.x)), where=made)
    emitted = s * x * 1e3  # Mt per million USD = 1e9 kg per 1e6 USD
    home = np.zeros(len(x), dtype=bool)
    home[start : start + S] = True
    own = float(s[j] * 1e3)
    power = 0.0
    if "D" in mrio.sectors:
        k = start + mrio.sectors.index("D")
        power = float(s[k] * mrio.Z[k, j] / mrio.x[j] * 1e3)
    at_home = float(emitted[home].sum())
    parts = dict(zip(STAGES, (own, power, at_home - own - power, float(emitted[~home].sum())),
                     strict=True))  # fmt: skip
    value = mrio.value_added
    share = math.nan
    if value is not None:
        v = np.divide(np.asarray(value).reshape(-1, len(x)).sum(axis=0), mrio.x,
                      out=np.zeros(len(x)), where=made)  # fmt: skip
        share = float((v * x)[home].sum())
    return Multiplier(sector, parts, share)


def _stressor(mrio: MRIO, stressor: str) -> Array:
    for extension in mrio.extensions.values():
        if stressor in extension.stressors:
            return np.asarray(extension.F[extension.stressors.index(stressor)])
    raise UnknownNameError.of(
        "stressor", stressor, [s for e in mrio.extensions.values() for s in e.stressors]
    )


def unit_values(year: int) -> dict[str, float]:
    """Return what China's exports cost in a year, USD per kW by product; {} where not known.

    Parameters
    ----------
    year : int

    Returns
    -------
    dict of str to float
        USD per kW by product, over the destinations and months that have both money and capacity.

    Examples
    --------
    >>> round(unit_values(2022)["panels"]), round(unit_values(2024)["panels"])
    (272, 118)
    """
    from mriocarbon.datasets.database import database

    rows = database().table("trade", year=year)
    found = {}
    for name, group in rows.groupby("category_name"):
        # Only destinations and months that have both, or the ratio mixes two sets.
        both = group.pivot_table(
            index=["region", "month"], columns="unit", values="value", aggfunc="sum"
        )
        if {"MW", "USD"} <= set(both):
            both = both.dropna()
            if len(both) and both["MW"].sum() > 0:
                found[str(name).lower()] = float(both["USD"].sum() / both["MW"].sum() / 1e3)
    return found


def through_table(
    capacities: Iterable[Capacity],
    *,
    exporter: str = "CHN",
    year: int = 2024,
    mrio: MRIO | None = None,
    corrected: bool = True,
    wind_price: tuple[float, float, float] = WIND_PRICE,
    draws: int = 1000,
    seed: int = 0,
) -> Manufacture:
    """Return the emissions of manufacture from the value of the exports.

    Parameters
    ----------
    capacities : iterable of Capacity
        With `usd` in million USD of the year of the export; turbines without one take
        `wind_price`.
    exporter : str
        A region of the table.
    year : int
        Of the export.
    mrio : MRIO, optional
        The embedded table of 2022 by default, with the stressor GHG.
    corrected : bool
        Value each kW of solar at its price in the year of the table. False takes the value as it
        is, as if prices had not moved.
    wind_price : (median, low, high)
        USD per kW of turbine; see `WIND_PRICE`. No change of price since the table is known.
    draws, seed : int
        As in `process`.

    Returns
    -------
    Manufacture
        Parts by `STAGES`.

    Raises
    ------
    NotAvailableError
        The exporter is no region of the table, the value of an export is not known, or the unit
        value of the table's year is not.
    InputError, UnknownNameError
        As in `process`.

    Examples
    --------
    >>> made = through_table([Capacity("panels", 1000.0, 118.0)], draws=200)
    >>> made.method, 0.1 < made.value < 0.4
    ('mrio', True)
    """
    from mriocarbon.datasets.load import load

    amounts = checked(capacities)
    draws = whole("draws", draws, least=2, where="manufacture")
    seed = whole("seed", seed, least=0, where="manufacture")
    table = load("oecd-icio-2022") if mrio is None else mrio
    normal = normals(draws, seed)
    parts: list[Part] = []
    notes: list[Note] = []
    megawatts: dict[str, Amount] = {}
    base = table.year or year
    for one in amounts:
        megawatts[one.product] = megawatts_of(one, normal)
        usd = _money(one, megawatts[one.product], normal("manufacture.wind price"), wind_price)
        if corrected and one.technology == "solar" and base != year:
            ratio, note = _prices(one.product, exporter, year, base)
            usd = usd.times(ratio)
            notes.append(note)
        parts += _parts(one, usd, table, exporter, normal)
    return Manufacture(
        "mrio", "at prices of the table's year" if corrected else "at prices of the export",
        exporter, year, amounts, tuple(parts),
        (*notes, *_notes(table, amounts, exporter, year, corrected, wind_price)), seed, megawatts,
        table=next((s.name for s in table.provenance.sources), table.provenance.dataset),
    )  # fmt: skip


def _money(one: Capacity, mw: Amount, e: Array, price: tuple[float, float, float]) -> Amount:
    """Million USD."""
    if math.isfinite(one.usd):
        return Amount(one.usd, np.full(len(e), one.usd))
    if one.technology != "wind":
        raise NotAvailableError(
            f"the value of the export of {one.product} is not known",
            where="manufacture by the table", do="give it in usd, or take the process method",
        )  # fmt: skip
    return spread(*price, e, where="wind_price").times(mw).times(1e-3)


def _prices(product: str, exporter: str, year: int, base: int) -> tuple[float, Note]:
    now, then = unit_values(year).get(product), unit_values(base).get(product)
    if now is None or then is None:
        raise NotAvailableError(
            f"no unit value of {product} in {year if now is None else base}",
            where="manufacture by the table", do="take corrected=False, or the process method",
        )  # fmt: skip
    stands = "" if exporter == "CHN" else f"; they stand for those of {exporter}"
    return then / now, Note(
        f"{product}: {now:.1f} USD/kW in {year}, {then:.1f} in {base} (customs values of China's"
        f" exports{stands}): times {then / now:.2f}",
        about="manufacture", estimated=bool(stands), sources=(_customs(),),
    )  # fmt: skip


def _customs() -> Source:
    from mriocarbon.datasets.database import database

    name = "ember-solar-exports"
    cited = database().table("trade", source=name).attrs["sources"][name]
    return Source(name, cited["citation"], cited["licence"])


def price_moves(products: Iterable[str], year: int, base: int) -> str:
    """Return how prices moved between an export and the table, and what that does, in words.

    Parameters
    ----------
    products : iterable of str
        Turbines have no unit value and are passed over.
    year, base : int
        Of the export and of the table.

    Examples
    --------
    >>> price_moves(["panels"], 2018, 2022)
    'panels cost 261 USD/kW in 2018 and 272 in 2022, which understates by 4 %'
    >>> price_moves(["panels"], 2017, 2022)
    'panels cost 341 USD/kW in 2017 and 272 in 2022, which overstates by 26 %'
    """
    now, then = unit_values(year), unit_values(base)
    told = []
    for product in products:
        if product not in now or product not in then:
            continue
        a, b = now[product], then[product]
        verb = "understates" if a < b else "overstates"
        told.append(
            f"{product} cost {a:.0f} USD/kW in {year} and {b:.0f} in {base}, which {verb} by"
            f" {abs(100 * (a / b - 1)):.0f} %"
        )
    return "; ".join(told)


def _parts(one: Capacity, usd: Amount, table: MRIO, exporter: str, normal: Normals) -> list[Part]:
    from scipy.special import ndtr

    first, second = (multiplier(table, exporter, s) for s in INDUSTRIES[one.technology])
    weight = np.asarray(ndtr(normal(f"manufacture.mrio.{one.technology}.weight")))
    error = spread(
        1.0, math.exp(-1.96 * TABLE_SPREAD), math.exp(1.96 * TABLE_SPREAD),
        normal(f"manufacture.mrio.{one.technology}.table"),
    )  # fmt: skip
    parts = []
    for stage in STAGES:
        a, b = first.parts[stage], second.parts[stage]
        each = Amount((a + b) / 2, weight * a + (1 - weight) * b)  # kg per USD
        # million USD x kg/USD = 1e6 kg = 1e-3 Mt
        parts.append(Part(one.product, stage, "mrio", usd.times(each).times(error).times(1e-3)))
    return parts


def _notes(
    table: MRIO, amounts: tuple[Capacity, ...], exporter: str, year: int, corrected: bool,
    price: tuple[float, float, float],
) -> list[Note]:  # fmt: skip
    base = table.year
    made_by = sorted({sector for one in amounts for sector in INDUSTRIES[one.technology]})
    notes = [
        Note(
            f"industries {', '.join(made_by)}"
            " of the table are averages of many products; which makes the export is not known, so"
            f" any mixture of the two is drawn, with an assumed error of {100 * TABLE_SPREAD:g} %",
            about="manufacture", estimated=True,
            sources=(*table.provenance.sources, *(s for n in table.notes for s in n.sources)),
        )
    ]  # fmt: skip
    if base is not None and base != year and corrected:
        text = f"multipliers are those of {base}: technology and grid of that year"
        notes.append(Note(text, about="manufacture", estimated=True))
    elif base is not None and base != year:
        moved = price_moves([one.product for one in amounts], year, base)
        text = (
            f"value of {year} as if in prices of {base}: {moved or 'how they moved is not known'}"
        )
        sources = (_customs(),) if moved else ()
        notes.append(Note(text, about="prices", estimated=True, sources=sources))
    if any(c.technology == "wind" and not math.isfinite(c.usd) for c in amounts):
        stands = ", press of 2023 and 2024" if price == WIND_PRICE else ""
        if stands and exporter != "CHN":
            stands += f", of turbines of China and the West: it stands for those of {exporter}"
        notes.append(
            Note(
                f"value of turbines from an assumed price of {price[0]:g} USD/kW ({price[1]:g} to"
                f" {price[2]:g}{stands})",
                about="manufacture", estimated=True,
            )
        )  # fmt: skip
    return notes
