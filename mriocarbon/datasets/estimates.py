"""What fusion takes in: estimates in long form, checked before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, Union, cast

from mriocarbon.datasets.scopes import Scope, same_scope
from mriocarbon.errors import InputError, LabelError, NonFiniteError, listed
from mriocarbon.model.units import factor

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Estimate", "Estimates", "checked", "estimates"]


@dataclass(frozen=True)
class Estimate:
    """One figure of one source.

    Attributes
    ----------
    source, edition, scope : str
        Who, which release, and what is counted (`mriocarbon.datasets.scopes.SCOPES`).
    region : str
        ISO 3166 alpha-3, or a row of its own such as bunkers.
    year : int
    value : float
        NaN where the source has no figure: missing, never zero, and named in `Fusion.no_figure`.
    unit : str
    part : str
        Fuel or sector; empty for the total.
    sd : float or None
        Standard deviation in `unit`; None takes the error model's.

    Examples
    --------
    >>> Estimate("A", "2025", "territorial", "USA", 2022, 5055.4, "Mt CO2").part
    ''
    """

    source: str
    edition: str
    scope: str
    region: str
    year: int
    value: float
    unit: str
    part: str = ""
    sd: float | None = None

    @property
    def where(self) -> str:
        """The cell in words, for messages."""
        part = f", {self.part}" if self.part else ""
        return f"{self.source} {self.edition}: {self.region} {self.year}{part}".replace(" :", ":")


Estimates: TypeAlias = Union["pd.DataFrame", Iterable[Estimate]]
_NEEDED = ("source", "edition", "scope", "region", "year", "value", "unit")
_TOTALS = ("", "total", "all", "nan", "none", "<na>")


def estimates(data: Estimates) -> tuple[Estimate, ...]:
    """Return estimates from records or from a long-form frame.

    Parameters
    ----------
    data : DataFrame or iterable of Estimate
        A frame has the columns source, edition, scope, region, year, value, unit, and may have
        ``part`` (or ``category``) and ``sd``; "total" or nothing as part means the total.

    Raises
    ------
    LabelError
        A column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"source": ["A"], "edition": ["1"], "scope": ["territorial"],
    ...     "region": ["USA"], "year": [2022], "value": [5.0], "unit": ["Gt CO2"]})
    >>> estimates(frame)[0].value
    5.0
    """
    if not hasattr(data, "columns"):
        records = tuple(data)
        bad = [type(r).__name__ for r in records if not isinstance(r, Estimate)]
        if bad:
            raise LabelError(
                f"expected Estimate records, found {listed(sorted(set(bad)))}",
                where="data",
                do="give a DataFrame in long form, or an iterable of Estimate",
            )
        return records
    frame = cast("pd.DataFrame", data)
    columns = [str(c) for c in frame.columns]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise LabelError(
            f"columns are missing: {', '.join(missing)}",
            where=f"data with columns {listed(columns, 12)}",
            do="give one row for each figure with " + ", ".join(_NEEDED),
        )
    part = "part" if "part" in columns else "category" if "category" in columns else ""
    out = []
    for row in frame.to_dict("records"):
        sd = row.get("sd")
        name = str(row[part]).strip() if part else ""
        out.append(
            Estimate(
                source=str(row["source"]),
                edition=str(row["edition"]),
                scope=str(row["scope"]),
                region=str(row["region"]),
                year=int(row["year"]),
                value=float(row["value"]),
                unit=str(row["unit"]),
                part="" if name.casefold() in _TOTALS else name,
                sd=None if sd is None or sd != sd else float(sd),
            )
        )
    return tuple(out)


def checked(
    data: Sequence[Estimate],
    *,
    unit: str,
    editions: Mapping[str, str],
    nonnegative: bool,
) -> tuple[tuple[Estimate, ...], Scope]:
    """Return the figures in one unit, one scope, one edition of each source.

    Figures that are NaN are left out; who calls this has to say so.

    Raises
    ------
    InputError
        Scopes or editions are mixed, figures are doubled or negative.
    NonFiniteError
        A figure is infinite, or a standard deviation is not above zero.
    UnitError
        A unit measures something else.
    """
    editions_of: dict[str, set[str]] = {}
    for item in data:
        editions_of.setdefault(item.source, set()).add(item.edition)
    unknown = [s for s in editions if s not in editions_of]
    unknown += [s for s, e in editions.items() if s in editions_of and e not in editions_of[s]]
    if unknown:
        raise InputError(
            f"no such edition of {listed(unknown)}",
            where="; ".join(f"{s}: {', '.join(sorted(e))}" for s, e in editions_of.items()),
            do="name an edition that is in the data",
        )
    kept = [e for e in data if editions.get(e.source, e.edition) == e.edition]
    mixed = {s: e for s, e in editions_of.items() if len(e) > 1 and s not in editions}
    if mixed:
        source, several = next(iter(mixed.items()))
        raise InputError(
            f"{len(several)} editions of {source}: {', '.join(sorted(several))}",
            where=f"sources {listed(sorted(mixed))}",
            do=f"choose one: editions={{{source!r}: {sorted(several)[-1]!r}}};"
            " editions are never mixed",
        )
    found = same_scope((e.source, e.scope) for e in kept)
    factors = {u: factor(u, unit) for u in {e.unit for e in kept}}
    seen: set[tuple[str, str, int, str]] = set()
    out = []
    for item in kept:
        key = (item.source, item.region, item.year, item.part)
        if key in seen:
            raise InputError(
                "a figure is given twice", where=item.where, do="give one figure for each cell"
            )
        seen.add(key)
        if math.isnan(item.value):
            continue
        if math.isinf(item.value) or (item.sd is not None and not 0 < item.sd < math.inf):
            raise NonFiniteError(
                f"value {item.value}, sd {item.sd}",
                where=item.where,
                do="give finite values and standard deviations above zero",
            )
        if nonnegative and item.value < 0:
            raise InputError(
                f"negative: {item.value:g} {item.unit}",
                where=item.where,
                do="this quantity cannot be negative; pass nonnegative=False if yours can",
            )
        f = factors[item.unit]
        out.append(
            replace(
                item,
                value=item.value * f,
                unit=unit,
                sd=None if item.sd is None else item.sd * f,
            )
        )
    return tuple(out), found
