"""What if: an account before and after changes of coefficients, suppliers, demand, intensity."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import account
from mriocarbon.accounts.compute import UNALLOCATED, resolve
from mriocarbon.errors import AccountWarning, InputError, TableWarning
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief
from mriocarbon.structure.changes import Altered, Change, altered
from mriocarbon.structure.update import Updated

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Scenario", "changed_table", "scenario"]

Array = NDArray[np.float64]
LINEAR = ("consumption", "production")  # from solves alone; the others need the changed table


@dataclass(frozen=True, eq=False)
class Scenario:
    """An account before and after, and what lies between.

    Attributes
    ----------
    name : str
    base, new, difference : Result
        Over ``region``; industries only. ``difference = new - base``; its `error` is relative to
        the sum of its absolute values.
    output : Result
        Change of gross output over (``region``, ``sector``), money.
    emissions : Result
        Change of emissions where they occur, over (``region``, ``sector``).
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
    asked after. Negative final demand is kept as it is. Direct emissions of households are not
    part of it. `mc.sweep` with ``hold="flows"`` answers another question: there Z stays, so that
    a supplier's inputs do not follow its output.

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
        No change; a region, sector, principle that is not there; a change that makes no sense.
    NotProductiveError
        The changed table needs more inputs than it makes.

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
    listed = (changes,) if isinstance(changes, Change) else tuple(changes)
    if not listed:
        raise InputError("no change", where="scenario", do="give at least one Change")
    after = altered(mrio, listed, stressor)
    system = Updated(leontief(mrio), after.A - after.A0, method=method)
    base, new, error = _accounts(mrio, after, system, stressor, principle, options)
    x1 = system.output(after.Y.sum(axis=1) + after.extra)
    x0 = np.where(leontief(mrio).zero, 0.0, mrio.x)
    extension, row = resolve(mrio, stressor)
    about = {extension.stressors[row], extension.name, principle, "table"}
    carried = tuple(n for n in (*mrio.notes, *extension.notes) if n.about in about)
    notes = [*carried, *(Note(f"changed: {c}", about=principle) for c in listed), _RULES]
    if (mrio.final_demand < 0).any() or (after.Y < 0).any():
        notes.append(Note(
            f"negative final demand is kept: {int((mrio.final_demand < 0).sum())} cells before,"
            f" {int((after.Y < 0).sum())} after", about=principle,
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
            "provenance": mrio.provenance.computed(method_text, carried),
        }  # fmt: skip
        return Result(**{**given, **more})

    R, S = len(mrio.regions), len(mrio.sectors)
    where: dict[str, Any] = {
        "dims": ("region", "sector"), "coords": {"region": mrio.regions, "sector": mrio.sectors},
    }  # fmt: skip
    gap = new[0] - base[0]
    size = float(np.abs(gap).sum())
    sure = error * float(np.abs(base[0]).sum() + np.abs(new[0]).sum())
    moved = after.q * output - after.q0 * x0
    return Scenario(
        name, result(f"{principle}, base", base[0]), result(f"{principle}, {name}", new[0]),
        result(f"{principle}, {name} - base", gap, error=sure / size if size else 0.0),
        result("change of output", (output - x0).reshape(R, S), unit=mrio.money_unit,
               error=x1.error, **where),
        result("change of emissions", moved.reshape(R, S), error=x1.error, **where),
        tuple(listed), system.rank, how,
    )  # fmt: skip


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
) -> tuple[Named, Named, float]:
    """Return (account, regions) before and after, and the worst error of the solves."""
    R = len(mrio.regions)
    names = list(mrio.regions)
    if principle not in LINEAR or options:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AccountWarning)
            before = account(mrio, principle, stressor=stressor, households=False, **options)
            table = changed_table(mrio, after, system)
            later = account(table, principle, stressor="s", households=False, **options)
        both = list(dict.fromkeys((*before.coords["region"], *later.coords["region"])))

        def fill(found: Result) -> Array:
            have = dict(zip(found.coords["region"], found.value, strict=True))
            return np.array([have.get(r, 0.0) for r in both])

        return (fill(before), both), (fill(later), both), max(before.error, later.error)
    base_system = leontief(mrio)
    if principle == "production":
        x1 = system.output(after.Y.sum(axis=1) + after.extra)
        x0 = np.where(base_system.zero, 0.0, mrio.x)
        both_ = [(after.q0 * x0), (after.q * x1.value)]
        values = [v.reshape(R, -1).sum(axis=1) for v in both_]
        return (values[0], names), (values[1], names), x1.error
    m0 = base_system.multipliers(after.q0)
    m1 = system.multipliers(after.q)
    before_, later_ = m0.value @ mrio.final_demand, m1.value @ after.Y
    rest = np.array([m0.value @ after.extra, m1.value @ after.extra])
    if (np.abs(rest) > UNALLOCATED * np.abs([before_.sum(), later_.sum()])).any():
        # Uses that are no region's final demand: the same line that `account` shows.
        names = [*names, "unallocated"]
        before_, later_ = np.append(before_, rest[0]), np.append(later_, rest[1])
    return (before_, names), (later_, names), max(m0.error, m1.error)


def changed_table(mrio: MRIO, after: Altered, system: Updated | None = None) -> MRIO:
    """Return the table that follows from changed coefficients, demand and intensities.

    ``x1 = (I - A1)^-1 (Y1 1 + o)``, ``Z1 = A1 diag(x1)``, emissions ``q1 x1`` under the stressor
    ``"s"``.

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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)  # the table itself has told before
        return MRIO.from_arrays(
            Z=after.A * x, Y=after.Y, x=x, regions=mrio.regions, sectors=mrio.sectors,
            stressors={"s": after.q * x}, units=after.unit, money_unit=mrio.money_unit,
            year=mrio.year,
        )  # fmt: skip
