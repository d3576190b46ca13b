"""What if: an account before and after changes of coefficients, suppliers, demand, intensity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import account
from mriocarbon.accounts.compute import UNALLOCATED, carried, resolve
from mriocarbon.errors import AccountWarning, InputError, listed, quietly, warn
from mriocarbon.model.checked import need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief
from mriocarbon.structure.changes import Altered, Change, altered, changes_of
from mriocarbon.structure.update import Updated, error_of_change

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Scenario", "changed_table", "scenario"]

Array = NDArray[np.float64]
LINEAR = ("consumption", "production")  # from solves alone; the others need the changed table
PRIMARY = ("half-half", "income", "shared", "value-added")  # those that divide by primary inputs


@dataclass(frozen=True, eq=False)
class Scenario:
    """An account before and after, and what lies between.

    Attributes
    ----------
    name : str
    base, new, difference : Result
        Over ``region``; industries only. ``difference = new - base``.
    output : Result
        Change of gross output over (``region``, ``sector``), money.
    emissions : Result
        Change of emissions where they occur, over (``region``, ``sector``). The `error` of a
        change (`difference`, `output`, `emissions`) is relative to the sum of its absolute values,
        NaN where nothing changes: see `error_of_change`.
    changes : tuple of Change
        What was changed; ``str`` tells it in words.
    rank : int
        Of the change of coefficients.
    method : str
        ``"update"`` or ``"lu"``, with the reason after it.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> found = mc.scenario(mrio, mc.Change("demand", 0.9, user="USA"), stressor="GHG")
    >>> found.rank, found.difference["USA"] < 0
    (0, True)
    """

    name: str
    base: Result
    new: Result
    difference: Result
    output: Result
    emissions: Result
    changes: tuple[Change, ...]
    rank: int
    method: str

    @property
    def percent(self) -> Array:
        """Difference over base, %, NaN where the base is zero; shape (regions,)."""
        zero = self.base.value == 0
        ratio = 100 * self.difference.value / np.where(zero, 1.0, self.base.value)
        return np.where(zero, np.nan, ratio)

    def to_pandas(self) -> pd.DataFrame:
        """Return base, new, difference and percent by region; unit and notes in ``attrs``."""
        import pandas as pd

        columns = {
            "base": self.base.value, "new": self.new.value, "difference": self.difference.value,
            "percent": self.percent,
        }  # fmt: skip
        frame = pd.DataFrame(columns, index=pd.Index(self.base.coords["region"], name="region"))
        frame.attrs.update(
            unit=self.base.unit, changes=list(map(str, self.changes)),
            notes=[note.text for note in self.difference.notes],
        )  # fmt: skip
        return frame

    def __repr__(self) -> str:
        total = self.difference.total
        return (
            f"<Scenario {self.name}: {total:+.6g} {self.base.unit} on {self.base.total:.6g},"
            f" {len(self.changes)} changes, rank {self.rank}, {self.method}>"
        )


def scenario(
    mrio: MRIO,
    changes: Change | Sequence[Change],
    *,
    stressor: str | None = None,
    principle: str = "consumption",
    name: str = "scenario",
    method: str = "auto",
    **options: Any,
) -> Scenario:
    """Return an account before and after `changes`; A is technology, output follows.

    With ``A1 = A + dA``, ``q1``, ``Y1`` after the changes: ``x1 = (I - A1)^-1 (Y1 1 + o)``,
    ``m1' = q1'(I - A1)^-1`` and, for consumption, the account ``m1'Y1``; o are uses beside final
    demand, held. ``(I - A1)^-1`` is a low-rank update of the factors of the table
    (`mriocarbon.structure.update`), equal to a new solve to 1e-10.

    Prices stay, a shift of suppliers is money for money, nobody substitutes, capacity is not
    asked after. Negative final demand (inventories) is an input like any other: a factor or a
    moved share applies to it too, and ``keep_total=True`` rescales it with the rest. Direct
    emissions of households are not part of it; emissions of sectors without output stay, but for
    a factor on the stressor. `mc.sweep` with ``hold="flows"`` answers another question: there Z
    stays, so that a supplier's inputs do not follow its output.

    Parameters
    ----------
    mrio : MRIO
    changes : Change or sequence of Change
        One after the other.
    stressor : str, optional
    principle : str
        ``"consumption"``, ``"production"``, or any of `mc.principles()`, for which the changed
        table itself is built.
    name : str
    method : {"auto", "update", "lu"}
        See `Updated`.
    **options
        Of the principle.

    Returns
    -------
    Scenario

    Raises
    ------
    UnknownNameError, InputError
        No change; a region, sector, principle that is not there; a change that makes no sense
        (see `altered`); ``households=``; a principle that divides by primary inputs while the
        change makes them negative.
    NotProductiveError
        ``(I - A1)`` has no non-negative inverse. Single sectors whose inputs come to cost more than
        their output leave it productive: they are told by an AccountWarning and a note.

    References
    ----------
    Miller & Blair (2009), Input-Output Analysis, ch. 12 and 13 (UNVERIFIED); Sherman & Morrison
    (1950) doi:10.1214/aoms/1177729893.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> steel = Change("coefficients", region="CHN", sector="C24A", user="CHN", to="JPN", share=0.3)
    >>> found = scenario(mrio, steel, stressor="GHG")
    >>> found.rank, found.method, found.difference.total < 0
    (2, 'update', True)
    """
    need_table(mrio, "scenario, mrio")
    made = changes_of(changes, "scenario")
    if not made:
        raise InputError("no change", where="scenario", do="give at least one Change")
    if "households" in options:
        raise InputError(
            "households= in a scenario", where="scenario",
            do="leave it out: what households emit directly is no part of a scenario",
        )  # fmt: skip
    after = altered(mrio, made, stressor)
    system = Updated(leontief(mrio), after.A - after.A0, method=method)
    beyond = _beyond(mrio, after)
    if beyond and principle in PRIMARY:
        raise InputError(
            beyond, where=f"principle {principle}",
            do="it divides by primary inputs: change the coefficients less, or choose another"
            " principle",
        )  # fmt: skip
    base, new, error, told_of = _accounts(mrio, after, system, stressor, principle, options)
    x1 = system.output(after.Y.sum(axis=1) + after.extra)
    x0 = np.where(leontief(mrio).zero, 0.0, mrio.x)
    extension, row = resolve(mrio, stressor)
    known = carried(mrio, extension, row, principle)
    notes = [*known, *(n for n in told_of if n not in known)]
    notes += [*(Note(f"changed: {c}", about=principle) for c in made), _RULES]
    if beyond:
        warn(AccountWarning(beyond), stacklevel=2)
        notes.append(Note(beyond, about=principle))
    idle = float(np.abs(after.idle0).sum())
    if idle:
        notes.append(Note(
            f"{idle:.6g} {after.unit} of sectors without output stay with their region (production)"
            " or unallocated (consumption), but for a factor on the stressor", about=principle,
        ))  # fmt: skip
    if (mrio.final_demand < 0).any() or (after.Y < 0).any():
        notes.append(Note(
            f"negative final demand is kept: {int((mrio.final_demand < 0).sum())} cells before,"
            f" {int((after.Y < 0).sum())} after; a change moves and scales it like any other",
            about=principle,
        ))  # fmt: skip
    output = _outputs(x1.value)
    if (output < 0).any():
        bad = np.flatnonzero(output < 0)
        raise InputError(
            f"output falls below zero in {len(bad)} sectors",
            where=", ".join(mrio.index.name(int(k)) for k in bad[:5]),
            do="the final demand left for them is negative: change it less",
        )
    how = system.method + (f" ({system.why})" if system.why else "")
    regions = tuple(base[1])
    told = {"unit": after.unit, "notes": tuple(notes)}
    method_text = f"{principle} before and after, (I - A - dA)^-1 by {how}"

    def result(label: str, value: Array, **more: Any) -> Result:
        given: dict[str, Any] = {
            "name": label, "value": np.asarray(value, dtype=np.float64), "dims": ("region",),
            "coords": {"region": regions}, "error": error, **told,
            "provenance": mrio.provenance.computed(
                method_text, known, stressor=extension.stressors[row]
            ),
        }  # fmt: skip
        return Result(**{**given, **more})

    R, S = len(mrio.regions), len(mrio.sectors)
    where: dict[str, Any] = {
        "dims": ("region", "sector"), "coords": {"region": mrio.regions, "sector": mrio.sectors},
    }  # fmt: skip

    def change(label: str, before: Array, later: Array, error: float, **more: Any) -> Result:
        gap = later - before
        more = {"error": error_of_change(error, before, later, gap), **more}
        return result(label, gap.reshape(R, S) if "dims" in more else gap, **more)

    return Scenario(
        name, result(f"{principle}, base", base[0]), result(f"{principle}, {name}", new[0]),
        change(f"{principle}, {name} - base", base[0], new[0], error),
        change("change of output", x0, output, x1.error, unit=mrio.money_unit, **where),
        change("change of emissions", after.q0 * x0 + after.idle0, after.q * output + after.idle,
               x1.error, **where),
        made, system.rank, how,
    )  # fmt: skip


def _beyond(mrio: MRIO, after: Altered) -> str:
    """Name the sectors whose inputs come to cost more than their output; empty if there is none."""
    if after.A is after.A0:
        return ""
    sums, before = after.A.sum(axis=0), after.A0.sum(axis=0)
    worse = np.flatnonzero((sums > 1 + 1e-9) & (sums > before + 1e-9))
    if not len(worse):
        return ""
    names = [f"{mrio.index.name(int(k))} {sums[k]:.4g}" for k in worse]
    return (
        f"inputs of {len(worse)} sectors come to cost more than their output, their primary inputs"
        f" fall below zero: {listed(names)} per unit of output"
    )


def _outputs(x: Array) -> Array:
    """Return output with what rounding leaves of a zero set to zero."""
    return np.where((x < 0) & (x > -1e-11 * np.abs(x).sum()), 0.0, x)


_RULES = Note(
    "scenario: A is a coefficient matrix and output follows; prices stay, money for money, no"
    " substitution, no limit of capacity; industries only, without households",
    about="scenario",
)

Named = tuple[Array, list[str]]


def _accounts(
    mrio: MRIO,
    after: Altered,
    system: Updated,
    stressor: str | None,
    principle: str,
    options: dict[str, Any],
) -> tuple[Named, Named, float, list[Note]]:
    """Return (account, regions) before and after, the worst error of the solves, and notes."""
    R = len(mrio.regions)
    names = list(mrio.regions)
    if principle not in LINEAR or options:
        with quietly() as kept:
            before = account(mrio, principle, stressor=stressor, households=False, **options)
            table = changed_table(mrio, after, system)
            later = account(table, principle, stressor="s", households=False, **options)
        notes = list(before.notes)
        known = {n.text for n in notes}
        notes += [replace(n, text=f"after the change: {n.text}") for n in later.notes
                  if n.text not in known]  # fmt: skip
        for text in dict.fromkeys(map(str, kept)):
            warn(AccountWarning(text), stacklevel=3)
            notes.append(Note(text, about=principle))
        both = list(dict.fromkeys((*before.coords["region"], *later.coords["region"])))

        def fill(found: Result) -> Array:
            have = dict(zip(found.coords["region"], found.value, strict=True))
            return np.array([have.get(r, 0.0) for r in both])

        return (fill(before), both), (fill(later), both), max(before.error, later.error), notes
    base_system = leontief(mrio)
    if principle == "production":
        x1 = system.output(after.Y.sum(axis=1) + after.extra)
        x0 = np.where(base_system.zero, 0.0, mrio.x)
        both_ = [after.q0 * x0 + after.idle0, after.q * x1.value + after.idle]
        values = [v.reshape(R, -1).sum(axis=1) for v in both_]
        return (values[0], names), (values[1], names), x1.error, []
    m0 = base_system.multipliers(after.q0)
    m1 = system.multipliers(after.q)
    before_, later_ = m0.value @ mrio.final_demand, m1.value @ after.Y
    rest = np.array([m0.value @ after.extra + after.idle0.sum(),
                     m1.value @ after.extra + after.idle.sum()])  # fmt: skip
    error = max(m0.error, m1.error)
    least = max(UNALLOCATED, 10 * error) * np.abs([before_.sum(), later_.sum()])
    if (np.abs(rest) > least).any():
        # Uses that are no region's final demand, and emissions of sectors without output: the
        # same line that `account` shows.
        names = [*names, "unallocated"]
        before_, later_ = np.append(before_, rest[0]), np.append(later_, rest[1])
    return (before_, names), (later_, names), error, []


def changed_table(mrio: MRIO, after: Altered, system: Updated | None = None) -> MRIO:
    """Return the table that follows from changed coefficients, demand and intensities.

    ``x1 = (I - A1)^-1 (Y1 1 + o)``, ``Z1 = A1 diag(x1)``, emissions ``q1 x1`` (and those of
    sectors without output) under the stressor ``"s"``.

    Parameters
    ----------
    mrio : MRIO
    after : Altered
        From `altered`.
    system : Updated, optional
        The changed system, where it is there already.

    Raises
    ------
    NotProductiveError

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> table = changed_table(mrio, altered(mrio, [Change("demand", 2.0)]))
    >>> float(round(table.x.sum() / mrio.x.sum(), 9))
    2.0
    """
    system = system or Updated(leontief(mrio), after.A - after.A0)
    x = _outputs(system.output(after.Y.sum(axis=1) + after.extra).value)
    with quietly():  # the table itself has told before
        return MRIO.from_arrays(
            Z=after.A * x, Y=after.Y, x=x, regions=mrio.regions, sectors=mrio.sectors,
            stressors={"s": after.q * x + after.idle}, units=after.unit, money_unit=mrio.money_unit,
            year=mrio.year,
        )  # fmt: skip
