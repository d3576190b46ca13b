"""What a result leaves out, and how much that would add: never zero because it is not known.

Three things are told apart: inputs that could be linked to nothing, purchases that a process does
not list and that the table's industry would make (the estimate of what a cut-off removes), and
flows that may warm and have no factor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mriocarbon.lca.checks import Check
from mriocarbon.lca.impact import Climate
from mriocarbon.lca.lci import LCI, left_out
from mriocarbon.model.brief import brief

__all__ = ["Completeness", "LeftOut", "completeness"]

_CLAUSE = "ISO 14044:2006, 4.5.3.2"
_CUTOFF = "ISO 14044:2006, 4.2.3.3.3"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in the result.

    Attributes
    ----------
    what : str
    amount : float or None
        In `unit`, over the whole system; what is taken is positive.
    unit : str
    reason : str
    estimate : float or None
        kg CO2e that it would add; None where it is not known.
    how : str
        How it was estimated.
    most : bool
        Whether the estimate is an upper bound: it may hold what is counted already.
    """

    what: str
    amount: float | None
    unit: str
    reason: str
    estimate: float | None = None
    how: str = ""
    most: bool = False


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of the footprint a result covers.

    Attributes
    ----------
    counted : float
        The result, kg CO2e.
    left : tuple of LeftOut
        Largest estimate first, then what is not known.
    estimated : float
        Sum of the estimates, kg CO2e.
    unknown : int
        Things left out whose effect is not known.
    covered : float or None
        Result over result and estimates; None where nothing could be estimated or the result is
        not above zero. A lower bound where `least`; where anything is of unknown effect or was
        not tested it is a bound on neither side.
    bound : bool
        Whether any estimate is an upper bound, so that more may be covered.
    cutoff : float
        Share that the scope allows to be left out.
    checks : tuple of Check
    untested : int
        Processes whose unlisted purchases could not be estimated.
    """

    counted: float
    left: tuple[LeftOut, ...]
    estimated: float
    unknown: int
    covered: float | None
    bound: bool
    cutoff: float
    checks: tuple[Check, ...]
    untested: int = 0

    __repr__ = brief

    @property
    def least(self) -> bool:
        """Whether `covered` is a lower bound: upper estimates, and nothing beside them unknown."""
        return self.bound and not (self.unknown or self.untested)

    @property
    def not_known(self) -> str:
        """In words what `covered` does not hold; "" where all could be estimated.

        Examples
        --------
        >>> Completeness(1.0, (), 0.0, 2, None, False, 0.01, (), 1).not_known
        '2 left out of unknown effect, 1 process without an estimate'
        """
        parts = []
        if self.unknown:
            parts.append(f"{self.unknown} left out of unknown effect")
        if self.untested:
            some = "process" if self.untested == 1 else "processes"
            parts.append(f"{self.untested} {some} without an estimate")
        return ", ".join(parts)


def completeness(
    lci: LCI,
    found: Climate,
    *,
    cutoff: float,
    estimates: Iterable[LeftOut] = (),
    tested: Sequence[str] = (),
    untested: Sequence[str] = (),
) -> Completeness:
    """Return what is left out of a result, held against the scope's cut-off.

    Parameters
    ----------
    lci : LCI
    found : Climate
        Of the same inventory.
    cutoff : float
        Share of the result that may be left out.
    estimates : iterable of LeftOut
        What processes do not list, estimated by the table.
    tested, untested : sequence of str
        Processes whose unlisted purchases were estimated, and those for which they could not be.
        Without any the cut-off cannot be held against anything: the check is skipped, not passed.

    Examples
    --------
    >>> from mriocarbon.lca.impact import climate
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> mill = Process("mill", "steel", 1.0, "t", (
    ...     Exchange("ore", 1.6, "t"),
    ...     Exchange("Carbon dioxide, fossil", 1700, "kg", "biosphere", "out", "air")))
    >>> lci = inventory(System.of([mill], missing="leave"), {"mill": 2.0})
    >>> found = completeness(lci, climate(lci), cutoff=0.01)
    >>> found.unknown, found.covered, found.left[0].amount
    (1, None, 3.2)
    """
    known = list(estimates)
    unlinked = [
        LeftOut(flow, -amount, unit, reason)
        for (flow, unit, reason), amount in left_out(lci).items()
    ]
    warming = [
        LeftOut(f"{flow.name} ({flow.compartment or 'no compartment'})", amount, flow.unit, why)
        for flow, amount, why in found.not_counted
    ]
    left = sorted([*known, *unlinked, *warming], key=lambda one: -abs(one.estimate or 0.0))
    left.sort(key=lambda one: one.estimate is None)
    estimated = sum(one.estimate for one in left if one.estimate is not None)
    unknown = sum(one.estimate is None for one in left)
    any_estimate = any(one.estimate is not None for one in left)
    covered = None
    if (any_estimate or (tested and not unknown)) and found.total > 0:
        covered = found.total / (found.total + max(estimated, 0.0))
    bound = any(one.most for one in left)
    checks = _checks(found, unlinked, warming, estimated, covered, cutoff, tested, untested, bound)
    return Completeness(
        found.total, tuple(left), estimated, unknown, covered, bound, cutoff, tuple(checks),
        len(untested),
    )  # fmt: skip


def _checks(
    found: Climate,
    unlinked: list[LeftOut],
    warming: list[LeftOut],
    estimated: float,
    covered: float | None,
    cutoff: float,
    tested: Sequence[str],
    untested: Sequence[str],
    bound: bool,
) -> Iterable[Check]:
    step = "interpretation"
    if unlinked:
        names = _first([f"{one.what} ({one.amount:.3g} {one.unit}, {one.reason})"
                        for one in unlinked])  # fmt: skip
        yield Check(step, "inputs that lead nowhere", "warn",
                    f"{len(unlinked)} not in the result, effect unknown: {names}", _CLAUSE,
                    {"inputs": len(unlinked)})  # fmt: skip
    else:
        yield Check(step, "inputs that lead nowhere", "pass", "every input is linked", _CLAUSE)
    if warming:
        names = _first([f"{one.what} ({one.amount:.3g} {one.unit})" for one in warming])
        yield Check(step, "flows that may warm without a factor", "warn",
                    f"{len(warming)} not counted: {names}", "ISO 14067:2018, 6.5.1",
                    {"flows": len(warming)})  # fmt: skip
    else:
        yield Check(step, "flows that may warm without a factor", "pass", "none occurs",
                    "ISO 14067:2018, 6.5.1")  # fmt: skip
    name = "cut-off against what is left out"
    if not tested:
        yield Check(step, name, "skipped",
                    "no foreground process has both an industry (sector) and a price in a study"
                    " with a table (hybrid): what its purchases leave out cannot be estimated",
                    _CUTOFF, {"cut-off, %": 100 * cutoff})  # fmt: skip
    elif found.total <= 0:
        yield Check(step, name, "skipped", "the result is not above zero, so that a share of it"
                    " has no meaning", _CUTOFF)  # fmt: skip
    else:
        share = max(estimated, 0.0) / found.total
        more = f"; beside {len(unlinked)} of unknown effect" if unlinked else ""
        if untested:
            more += f"; not estimated for {_first(list(untested), 3)} (no industry or price)"
        whole = share <= cutoff and not (unlinked or untested)
        yield Check(step, name, "pass" if whole else "warn",
                    f"what could be estimated would add {'at most ' * bound}{100 * share:.3g} % by"
                    " the table, the"
                    f" scope allows {100 * cutoff:.2g} %{more}", _CUTOFF,
                    {"left out, %": 100 * share, "cut-off, %": 100 * cutoff,
                     "covered, %": 100 * (covered or 0.0)})  # fmt: skip


def _first(names: list[str], count: int = 4) -> str:
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return "; ".join(names[:count]) + more
