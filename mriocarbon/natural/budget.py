"""The global carbon budget of a year: emissions, where they went, and what does not add up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mriocarbon.datasets.database import Database, database
from mriocarbon.errors import InputError, NotAvailableError, UnitError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.normal import Z95

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UNITS", "Budget", "Term", "budget"]

MTCO2_PER_GTC = 3664.0
UNITS = {"GtC": 1.0, "Gt CO2": 3.664, "Mt CO2": 3664.0}
"""Unit -> how many of it in a GtC; 3.664 t CO2 per t C is the budget's own factor."""
SOURCE = "gcb-2024-global"

# Category of the source -> (name, side, sign that turns a flux to the air into the budget's own).
_TERMS: dict[str, tuple[str, str, float]] = {
    "fossil emissions excluding carbonation": ("fossil", "emissions", 1.0),
    "land-use change emissions": ("land-use change", "emissions", 1.0),
    "atmospheric growth": ("atmosphere", "sinks", 1.0),
    "ocean sink": ("ocean", "sinks", -1.0),
    "land sink": ("land", "sinks", -1.0),
    "cement carbonation sink": ("cement carbonation", "sinks", -1.0),
    "budget imbalance": ("imbalance", "imbalance", 1.0),
}


@dataclass(frozen=True)
class Term:
    """One term of the budget, counted as the budget does: sinks are positive.

    Attributes
    ----------
    name, side : str
        Side: "emissions", "sinks" or "imbalance".
    value : float
    sd, low, high : float
        One sigma of the source and the 95 % interval; NaN where it gives none.
    interval : str
    """

    name: str
    side: str
    value: float
    sd: float
    low: float
    high: float
    interval: str


@dataclass(frozen=True)
class Budget:
    """The budget of one year.

    Attributes
    ----------
    year : int
    unit : str
    terms : tuple of Term
        Emissions, sinks, and last the imbalance as the source prints it.
    notes : tuple of str
    source : str
    """

    year: int
    unit: str
    terms: tuple[Term, ...]
    notes: tuple[str, ...]
    source: str = SOURCE

    def __getitem__(self, name: str) -> Term:
        """Return a term by its name.

        Raises
        ------
        NotAvailableError
        """
        for term in self.terms:
            if term.name == name:
                return term
        raise NotAvailableError(
            f"the budget has no term {name!r}", do=listed([t.name for t in self.terms], 9)
        )

    @property
    def emissions(self) -> float:
        """Fossil emissions and land-use change."""
        return math.fsum(t.value for t in self.terms if t.side == "emissions")

    @property
    def sinks(self) -> float:
        """What stayed in the air, and what ocean, land and cement took up."""
        return math.fsum(t.value for t in self.terms if t.side == "sinks")

    @property
    def closure(self) -> float:
        """Emissions less sinks less the printed imbalance: zero but for rounding."""
        return self.emissions - self.sinks - self["imbalance"].value

    def to(self, unit: str) -> Budget:
        """Return the budget in another unit.

        Raises
        ------
        UnitError
        """
        if unit not in UNITS:
            raise UnitError(f"no unit {unit!r} for the budget", do=f"one of {', '.join(UNITS)}")
        by = UNITS[unit] / UNITS[self.unit]
        terms = tuple(
            Term(t.name, t.side, t.value * by, t.sd * by, t.low * by, t.high * by, t.interval)
            for t in self.terms
        )
        return Budget(self.year, unit, terms, self.notes, self.source)

    def to_pandas(self) -> pd.DataFrame:
        """Return the terms as a frame, by name."""
        import pandas as pd

        frame = pd.DataFrame(
            [(t.name, t.side, t.value, t.sd, t.low, t.high, t.interval) for t in self.terms],
            columns=["term", "side", "value", "sd", "low", "high", "interval"],
        ).set_index("term")
        return frame.assign(unit=self.unit, year=self.year, source=self.source)

    def __repr__(self) -> str:
        return brief(
            self, f"{self.year}, emissions {self.emissions:.4g}", f"sinks {self.sinks:.4g}",
            f"imbalance {self['imbalance'].value:.2g} {self.unit}",
        )  # fmt: skip


def budget(year: int, *, unit: str = "GtC", db: Database | None = None) -> Budget:
    """Return the global carbon budget of a year.

    ``E_fossil + E_land-use = G_atmosphere + S_ocean + S_land + S_cement + B``, where B is the
    imbalance: what independent estimates of the terms leave unexplained.

    Parameters
    ----------
    year : int
        1959 to 2023.
    unit : {"GtC", "Gt CO2", "Mt CO2"}
    db : Database, optional

    Returns
    -------
    Budget
        The interval of the imbalance follows from the sd of the terms, as if independent:
        ``sd_B² = sum sd²``.

    Raises
    ------
    InputError
        No budget of this year.
    UnitError
    NotAvailableError
        The store in use was built without a term.

    References
    ----------
    Friedlingstein et al. (2025), Global Carbon Budget 2024, Earth System Science Data 17,
    965-1039, doi:10.5194/essd-17-965-2025.

    Examples
    --------
    >>> from mriocarbon.natural.budget import budget
    >>> one = budget(2022)
    >>> [(t.name, round(t.value, 3)) for t in one.terms][:3]
    [('fossil', 10.178), ('land-use change', 0.966), ('atmosphere', 4.673)]
    >>> abs(one.closure) < 1e-6, round(one["imbalance"].value, 3)
    (True, -0.339)
    """
    store = database() if db is None else db
    rows = store.table("natural_fluxes", source=SOURCE, category=list(_TERMS))
    years = sorted(set(rows["year"]))
    if isinstance(year, bool) or year not in years:
        raise InputError(
            f"no global carbon budget of {year!r}", where="year", do=f"{years[0]} to {years[-1]}"
        )
    rows = rows[rows["year"] == year]
    given = {
        str(name): (float(value), float(sd))
        for name, value, sd in zip(rows["category"], rows["value"], rows["sd"], strict=True)
    }
    lost = [name for name in _TERMS if name not in given]
    if lost:
        raise NotAvailableError(
            f"the database in use has no {', '.join(lost)}",
            where=str(store.folder),
            do="build it again: python -m scripts.database --data FOLDER",
        )
    terms, notes, spread = [], [], 0.0
    for category, (name, side, sign) in _TERMS.items():
        value, sd = (one / MTCO2_PER_GTC for one in given[category])
        value *= sign
        interval = "95 %: 1.96 times the sd of the source"
        if side == "imbalance":
            sd = math.sqrt(spread)
            interval = "95 %: from the sd of the other terms, as if independent"
        elif math.isnan(sd):
            interval = "none given by the source"
            notes.append(f"the interval of the imbalance is without that of {name}: none is given")
        else:
            spread += sd**2
        half = Z95 * sd
        terms.append(Term(name, side, value, sd, value - half, value + half, interval))
    return Budget(year, "GtC", tuple(terms), tuple(notes)).to(unit)
