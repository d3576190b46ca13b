"""The process models against the tier 1 factors of the IPCC guidelines, with what differs.

The guidelines give one number for each product; the models here give what a plant of stated
parameters emits. They are held against each other within the same boundary as far as it can be
had, and the reason for what is left is told beside every line. Agreement is no proof: some
parameters (carbon contents, net anodes) are the guidelines' own.

References
----------
IPCC (2006), Guidelines for National Greenhouse Gas Inventories, vol. 3, chapters 2 to 4. IPCC
(2019), Refinement to the 2006 Guidelines, vol. 3, chapter 4. The tables themselves were not
opened; `Tier.status` says by what each figure is vouched for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mriocarbon.industry.parameters import rows
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import step

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Tier", "compare_tiers", "tiers_frame"]


@dataclass(frozen=True, slots=True)
class Tier:
    """One model beside one factor.

    Attributes
    ----------
    process, product, unit : str
    ours, ipcc : float
        In `unit`.
    edition : int
        2006 or 2019.
    place : str
        Volume, chapter and table.
    status : str
        "transcribed by ..." , "confirmed: ..." or "UNVERIFIED".
    boundary : str
        What is counted on both sides.
    why : str
        Why they differ.
    """

    process: str
    product: str
    unit: str
    ours: float
    ipcc: float
    edition: int
    place: str
    status: str
    boundary: str
    why: str

    @property
    def deviation(self) -> float:
        """Ours over theirs, less one."""
        return self.ours / self.ipcc - 1


def _iron_and_steel(shop: str, origin: str) -> float:
    """A steel shop with the blast furnace behind its hot metal; no sinter, no coke."""
    made = site([step("pig-iron", origin=origin), step(shop, origin=origin)])
    return float(made.account({"steel": 1.0}).direct)


def _alone(name: str, scope: str = "direct") -> Callable[[str], float]:
    def value(origin: str) -> float:
        made = step(name, origin=origin)
        return float({"direct": made.direct, "process": made.direct_process}[scope])

    return value


def _steel(shop: str) -> Callable[[str], float]:
    return lambda origin: _iron_and_steel(shop, origin)


def _anodes(origin: str) -> float:
    """CO2 of the anodes of the cells, without PFC."""
    made = step("electrolysis-cell", origin=origin)
    return float(made.process.co2 - made.direct_fuel)


def _gas(name: str, gas: str) -> Callable[[str], float]:
    return lambda origin: 1000 * float(step(name, origin=origin).process.gases[gas])


_OURS: dict[str, Callable[[str], float]] = {
    "coke-oven": _alone("coke-oven"),
    "sinter": _alone("sinter"),
    "pellet": _alone("pellet"),
    "pig-iron": _alone("pig-iron"),
    "bf-bof": _steel("bf-bof"),
    "open-hearth": _steel("open-hearth"),
    "scrap-eaf": _alone("scrap-eaf"),
    "dri-gas": _alone("dri-gas"),
    "clinker-grey": _alone("clinker-grey", "process"),
    "electrolysis-cell": _anodes,
    "electrolysis-cell CF4": _gas("electrolysis-cell", "CF4"),
    "ammonia-gas": _alone("ammonia-gas"),
    "nitric-acid N2O": _gas("nitric-acid", "N2O"),
}


def compare_tiers(origin: str = "") -> tuple[Tier, ...]:
    """Return every process that has a tier 1 factor beside that factor.

    Parameters
    ----------
    origin : str
        ISO3 of the country whose parameters hold; "" for those of all.

    Returns
    -------
    tuple of Tier
        `ours` and `ipcc` in the `unit` of each row, and why they differ.

    Raises
    ------
    UnknownNameError
        A country that no table has.

    Examples
    --------
    >>> found = {(t.process, t.edition): t for t in compare_tiers()}
    >>> bof = found["bf-bof", 2019]
    >>> bof.ipcc, round(bof.deviation, 2)
    (1.58, -0.14)
    """
    made: dict[str, float] = {}
    found = []
    for row in rows("tiers.csv"):
        name = row["process"]
        if name not in made:
            made[name] = _OURS[name](origin)
        found.append(
            Tier(
                name,
                row["product"],
                row["unit"],
                made[name],
                float(row["value"]),
                int(row["edition"]),
                row["place"],
                row["status"],
                row["boundary"],
                row["why"],
            )
        )
    return tuple(found)


def tiers_frame(origin: str = "") -> pd.DataFrame:
    """Return the comparison as a table.

    Parameters
    ----------
    origin : str
        As in `compare_tiers`.

    Returns
    -------
    pandas.DataFrame
        One row a factor: process, product, ours and IPCC (in `unit`), deviation (ours over IPCC,
        less one), edition, place, status, boundary, why.

    Raises
    ------
    UnknownNameError
        A country that no table has.

    Examples
    --------
    >>> frame = tiers_frame()
    >>> list(frame.columns[:6])
    ['process', 'product', 'ours', 'IPCC', 'unit', 'deviation']
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "process": t.process,
                "product": t.product,
                "ours": t.ours,
                "IPCC": t.ipcc,
                "unit": t.unit,
                "deviation": t.deviation,
                "edition": t.edition,
                "place": t.place,
                "status": t.status,
                "boundary": t.boundary,
                "why": t.why,
            }
            for t in compare_tiers(origin)
        ]
    )
