"""The tables of this room: what manufacture takes, and what others published of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mriocarbon import embedded

__all__ = ["Input", "Published", "inputs", "published"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input of one stage of manufacture: how much per base, and what a unit of it emits.

    Attributes
    ----------
    technology, stage, kind, item : str
        `kind` is electricity, heat, process, material, or base: an amount per kW that others
        are told per.
    base : str
        What the amount is told per: kW, silicon (kg of polysilicon) or area (m2 of module).
    amount : tuple of float
        Median, lower and upper end of 95 %, in `amount_unit`.
    factor : tuple of float or None
        The same of the emission factor, in `factor_unit`; None for electricity (the grid) and
        bases.
    source, year, status, note : str
        `status` says "UNVERIFIED" where the source could not be opened, "assumed" where the
        number is our own.
    """

    technology: str
    stage: str
    kind: str
    item: str
    base: str
    amount: tuple[float, float, float]
    amount_unit: str
    factor: tuple[float, float, float] | None
    factor_unit: str
    source: str
    year: str
    status: str
    note: str

    @property
    def name(self) -> str:
        """Name that is nobody else's; draws hang on it."""
        return f"{self.technology}.{self.stage}.{self.item}"


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure to hold the chain against; ends are NaN where none are given."""

    product: str
    what: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    year: str
    status: str
    note: str


def _three(row: dict[str, str], name: str) -> tuple[float, float, float]:
    return float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])


@lru_cache(maxsize=1)
def inputs() -> tuple[Input, ...]:
    """Return all inputs of manufacture, in the order of the stages.

    Examples
    --------
    >>> sorted({row.technology for row in inputs()})
    ['solar', 'wind']
    """
    return tuple(
        Input(
            row["technology"], row["stage"], row["kind"], row["item"], row["base"],
            _three(row, "amount"), row["amount_unit"],
            None if row["factor"] in ("", "grid") else _three(row, "factor"),
            row["factor_unit"], row["source"], row["year"], row["status"], row["note"],
        )
        for row in embedded.rows("avoided", "tables", "manufacture.csv")
    )  # fmt: skip


@lru_cache(maxsize=1)
def published() -> tuple[Published, ...]:
    """Return what others published of manufacture per kW.

    Examples
    --------
    >>> published()[0].value
    810.0
    """
    return tuple(
        Published(
            row["product"], row["what"], float(row["value"]), float(row["low"] or "nan"),
            float(row["high"] or "nan"), row["unit"], row["source"], row["year"], row["status"],
            row["note"],
        )
        for row in embedded.rows("avoided", "tables", "published.csv")
    )  # fmt: skip
