"""Whether data, methods and assumptions fit the goal and scope, and one another.

ISO 14044:2006, 4.5.3.4. The standard sets no numbers; where one is needed to tell "pass" from
"warn" it is ours, is named here and stands in the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mriocarbon.lca.checks import Check
from mriocarbon.lca.goal import Scope
from mriocarbon.lca.impact import Climate
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.lci import LCI
from mriocarbon.model.labels import country_code

__all__ = ["FAR", "OLD", "consistency", "weights"]

Array = NDArray[np.float64]
OLD = 10
"""Years from the year of the study beyond which data count as old (score 4 of the pedigree)."""
FAR = 0.2
"""Share of the result from old, foreign or undated data above which a check warns."""
_QUALITY = "ISO 14044:2006, 4.2.3.6"


def weights(lci: LCI, c: Array) -> Array:
    """Return the share of each process in all that is emitted or taken up, shape (n,)."""
    direct = np.abs(np.asarray(lci.system.B.T @ c) * lci.scaling)
    whole = float(direct.sum())
    return np.asarray(direct / whole if whole else direct)


def consistency(
    lci: LCI, found: Climate, scope: Scope, *, table: str = "", table_year: int | None = None
) -> tuple[Check, ...]:
    """Return whether the data of a system fit its scope.

    Parameters
    ----------
    lci : LCI
    found : Climate
        Of the same inventory.
    scope : Scope
    table, table_year
        Name and year of the table that fills gaps, if one does.
    """
    share = weights(lci, found.method.total)
    used = [(p, float(w)) for p, w in zip(lci.system.processes, share, strict=True) if w]
    checks = [
        _time(used, scope.year),
        _place(used, scope.place),
        _allocation(lci.system.assumed),
        _method(found, scope),
    ]
    if table:
        gap = None if table_year is None else abs(table_year - scope.year)
        fits = gap is not None and gap <= 3
        checks.append(
            Check(
                "interpretation",
                "year of the table",
                "pass" if fits else "warn",
                f"{table} is of {table_year or 'an unknown year'}, the study of {scope.year}",
                _QUALITY,
                {} if gap is None else {"years apart": gap},
            )
        )
    return tuple(checks)


def _time(used: Sequence[tuple[Process, float]], year: int) -> Check:
    if not used:
        return _nothing("time of the data")
    old = sum(w for p, w in used if p.year is not None and abs(p.year - year) > OLD)
    none = sum(w for p, w in used if p.year is None)
    return Check(
        "interpretation",
        "time of the data",
        "warn" if old + none > FAR else "pass",
        f"{_pct(old)} of what is emitted comes from data more than {OLD} years from {year},"
        f" {_pct(none)} from data without a year (warns above {_pct(FAR)} together)",
        _QUALITY,
        {"old, %": 100 * old, "undated, %": 100 * none},
    )


def _place(used: Sequence[tuple[Process, float]], place: str) -> Check:
    name = "place of the data"
    if not place:
        return Check("interpretation", name, "skipped", "scope.place is not given", _QUALITY)
    if not used:
        return _nothing(name)
    want = _country(place)
    same = sum(w for p, w in used if _where(p) == want)
    none = sum(w for p, w in used if not _where(p))
    other = 1 - same - none
    others = sorted({p.location for p, w in used if w > 0.01 and _where(p) not in ("", want)})
    status = "warn" if other + none > FAR else "pass"
    more = f"; other places: {', '.join(others[:6])}" if others else ""
    return Check(
        "interpretation", name, status,
        f"{_pct(same)} of what is emitted is from processes of {place}, {_pct(other)} of other"
        f" places, {_pct(none)} of processes without a place (warns above {_pct(FAR)} of the"
        f" latter two){more}",
        _QUALITY, {"same place, %": 100 * same, "other, %": 100 * other, "none, %": 100 * none},
    )  # fmt: skip


def _where(process: Process) -> str:
    return _country(process.location)


@cache
def _country(place: str) -> str:
    """ISO 3166 alpha-3 of a country's name or code; another place as it stands, in one case."""
    return (country_code(place.strip()) or place.strip()).casefold()


def _nothing(name: str) -> Check:
    return Check("interpretation", name, "skipped", "nothing is emitted or taken up", _QUALITY)


def _allocation(assumed: Iterable[str]) -> Check:
    fell = [text for text in assumed if "allocated by" in text]
    if not fell:
        return Check("interpretation", "allocation is the same throughout", "pass",
                     "one rule for all processes with co-products, or none with any",
                     "ISO 14044:2006, 4.3.4.2")  # fmt: skip
    return Check("interpretation", "allocation is the same throughout", "warn",
                 f"{len(fell)} processes by another rule: {'; '.join(fell[:3])}",
                 "ISO 14044:2006, 4.3.4.2", {"processes": len(fell)})  # fmt: skip


def _method(found: Climate, scope: Scope) -> Check:
    wanted = f"GWP{scope.horizon}, {scope.gwp}"
    return Check("interpretation", "one set of potentials throughout",
                 "pass" if found.method.name == wanted else "fail",
                 f"counted by {found.method.name}, the scope asks for {wanted}",
                 "ISO 14067:2018, 6.5.1")  # fmt: skip


def _pct(share: float) -> str:
    return f"{100 * share:.3g} %"
