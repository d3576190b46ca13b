"""What is changed in a table: one way to write it, for scenarios and for sweeps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve
from mriocarbon.errors import InputError, UnknownNameError, listed
from mriocarbon.model.checked import is_real
from mriocarbon.model.labels import find_region
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief

__all__ = ["Altered", "Change", "altered", "changes_of"]

Array = NDArray[np.float64]
PARTS = ("stressor", "flows", "demand", "coefficients")
TRUTH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Change:
    """Cells of one part of a table: multiplied, set, or moved to another supplier.

    Say one of `factor`, `value`, or `share` with `to`. Cells below zero (inventories) are
    multiplied and moved like all others. A supplier without output has neither inputs nor emissions
    to go with what it would sell: it takes nothing over unless ``value=`` has given it both (see
    `altered`).

    Attributes
    ----------
    part : str
        ``"stressor"`` (emissions per output), ``"coefficients"`` (input of the supplier per
        output of the user, A), ``"demand"`` (what final demand takes of the supplier), or, in
        `mc.sweep` only, ``"flows"`` (Z itself, with the suppliers' own inputs left as they are).
    factor : float, optional
        Multiplies every cell; at least 0.
    region, sector : str
        Of the emitting or supplying sector; ``"*"`` for all.
    user, user_sector : str
        Region, and for coefficients sector, that uses it; ``"*"`` for all. A stressor has no user:
        emissions per output are the same for all.
    value : float, optional
        What one cell is set to: emissions per output, input per output, or money. Every label
        of the cell must then be named.
    to : str
        Region that takes over a `share` of what is bought from `region` (of all other regions
        where that is ``"*"``), in the same sector: each user's total is conserved, money for
        money.
    share : float, optional
        From 0 to 1, of what is moved.
    keep_total : bool
        For ``"demand"`` by a factor: the rest of each user's final demand, cells below zero
        (inventories) too, is scaled so that its total stays: the mix changes, not the level.

    Raises
    ------
    UnknownNameError, InputError
        No such part; not exactly one of the three ways; a factor below zero, a share outside 0
        to 1, no finite numbers or no labels where they belong; a label that the part does not have.

    Examples
    --------
    >>> Change("stressor", 0.5, region="CHN", sector="D").factor
    0.5
    >>> print(Change("coefficients", region="*", sector="C24A", user="DEU", to="SWE", share=0.3))
    coefficients: 30 % of C24A that DEU buys from other regions is bought from SWE
    """

    part: str
    factor: float | None = None
    region: str = "*"
    sector: str = "*"
    user: str = "*"
    user_sector: str = "*"
    value: float | None = None
    to: str = ""
    share: float | None = None
    keep_total: bool = False

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise UnknownNameError.of("part of a table", self.part, PARTS)
        for name in ("region", "sector", "user", "user_sector", "to"):
            if not isinstance(getattr(self, name), str):
                raise InputError(
                    f"{name} {getattr(self, name)!r}", where=f"change of {self.part}",
                    do="give a label as text",
                )  # fmt: skip
        for name in ("factor", "value", "share"):
            number = getattr(self, name)
            if number is not None and not is_real(number):
                wanted = "a number from 0 to 1" if name == "share" else "a finite number"
                raise InputError(
                    f"{name} {number!r}", where=f"change of {self.part}", do=f"give {wanted}"
                )
        given = [n for n in ("factor", "value", "share") if getattr(self, n) is not None]
        if len(given) != 1 or bool(self.to) != (self.share is not None):
            raise InputError(
                f"a change says {' and '.join(given) or 'nothing'}"
                + (f" and to={self.to!r}" if self.to else ""),
                where=f"change of {self.part}",
                do="give factor=, or value=, or share= together with to=",
            )
        if self.factor is not None and self.factor < 0:
            raise InputError(
                f"factor {self.factor!r}", where="change", do="give a finite number of at least 0"
            )
        if self.share is not None and not 0 <= self.share <= 1:
            raise InputError(
                f"share {self.share!r}", where="change", do="give a number from 0 to 1"
            )
        self._check_value()
        if self.share is not None and self.part not in ("coefficients", "demand"):
            raise InputError(
                f"a supplier mix of {self.part}", where="change",
                do='only "coefficients" and "demand" have suppliers to move between',
            )  # fmt: skip
        if self.keep_total and (self.part != "demand" or self.factor is None):
            raise InputError(
                f"keep_total on {self.part}", where="change",
                do='it belongs to part="demand" with factor=',
            )  # fmt: skip
        if self.user_sector != "*" and self.part != "coefficients":
            raise InputError(
                f"user_sector on {self.part}", where="change",
                do='it belongs to part="coefficients"',
            )  # fmt: skip
        if self.user != "*" and self.part == "stressor":
            raise InputError(
                f"user={self.user!r} on stressor", where="change",
                do="emissions per output are the same for every user; change the supplier with"
                ' part="coefficients" or "demand"',
            )  # fmt: skip

    def _check_value(self) -> None:
        if self.value is None:
            return
        if self.part == "coefficients" and self.value < 0:
            raise InputError(
                f"value {self.value!r}", where=f"change of {self.part}",
                do="give a finite number; an input coefficient is at least 0",
            )  # fmt: skip
        labels = {
            "stressor": ("region", "sector"), "demand": ("region", "sector", "user"),
            "coefficients": ("region", "sector", "user", "user_sector"), "flows": (),
        }[self.part]  # fmt: skip
        if not labels or any(getattr(self, label) == "*" for label in labels):
            raise InputError(
                "a value is set in one cell only", where=f"change of {self.part}",
                do=f"name {', '.join(labels)}" if labels else "use factor= on flows",
            )  # fmt: skip

    @classmethod
    def parse(cls, text: str) -> Change:
        """Return the change that a line such as ``"stressor factor=0.5 region=CHN"`` says.

        Raises
        ------
        InputError
            A word without ``=``, an unknown key, a key twice, or text where a number (or, for
            keep_total, true or false) belongs.

        Examples
        --------
        >>> Change.parse("coefficients region=CHN sector=C24A user=CHN to=JPN share=0.3").to
        'JPN'
        """
        words = re.findall(r'(?:[^\s"]|"[^"]*")+', text)
        given: dict[str, Any] = {}
        for word in words[1:]:
            key, equals, value = word.partition("=")
            if not equals or key not in cls.__slots__ or key == "part":
                known = [s for s in cls.__slots__ if s != "part"]
                raise InputError(
                    f"{word!r} is no key=value of a change", where=text,
                    do="write PART key=value ...; keys: " + ", ".join(known),
                )  # fmt: skip
            if key in given:
                raise InputError(f"{key} is given twice", where=text, do="give it once")
            value = value.strip('"')
            if key in ("factor", "value", "share"):
                try:
                    given[key] = float(value)
                except ValueError:
                    raise InputError(
                        f"{key} is {value!r}", where=text, do="give a number"
                    ) from None
            elif key == "keep_total":
                if value.casefold() not in TRUTH:
                    raise InputError(
                        f"{key} is {value!r}", where=text, do=f"write {' or '.join(TRUTH)}"
                    )
                given[key] = TRUTH[value.casefold()]
            else:
                given[key] = value
        return cls(words[0] if words else "", **given)

    def __str__(self) -> str:
        region = "any region" if self.region == "*" else self.region
        sector = "any sector" if self.sector == "*" else self.sector
        buyer = "everybody" if self.user == "*" else self.user
        if self.user_sector != "*":
            buyer += f" {self.user_sector}"
        if self.share is not None:
            origin = "other regions" if self.region == "*" else self.region
            text = f"{100 * self.share:g} % of {sector} that {buyer} buys from {origin}"
            return f"{self.part}: {text} is bought from {self.to}"
        how = f"times {self.factor:g}" if self.factor is not None else f"set to {self.value:g}"
        cells = f"{region} {sector}" if self.part == "stressor" else f"{region} {sector} to {buyer}"
        kept = ", total of the user's final demand kept" if self.keep_total else ""
        return f"{self.part}: {cells} {how}{kept}"


@dataclass(frozen=True, eq=False)
class Altered:
    """What a table becomes: coefficients, final demand and intensities after the changes.

    Attributes
    ----------
    A, A0 : ndarray, shape (n, n)
        Input coefficients after and before; the same array where none was changed.
    Y : ndarray, shape (n, regions)
    q, q0 : ndarray, shape (n,)
        Emissions per output after and before.
    extra : ndarray, shape (n,)
        Uses that are neither intermediate nor final demand; they stay.
    idle, idle0 : ndarray, shape (n,)
        Emissions of sectors without output after and before: no output moves them, a factor on
        the stressor does.
    unit : str
        Of the emissions.
    """

    A: Array
    A0: Array
    Y: Array
    q: Array
    q0: Array
    extra: Array
    idle: Array
    idle0: Array
    unit: str


def changes_of(changes: Change | Sequence[Change], where: str) -> tuple[Change, ...]:
    """Return changes as a tuple; raises InputError for anything else, text among it.

    Examples
    --------
    >>> len(changes_of(Change("demand", 0.9), "scenario"))
    1
    """
    found = (changes,) if isinstance(changes, Change | str) else tuple(changes)
    for one in found:
        if not isinstance(one, Change):
            raise InputError(
                f"{one!r} is no change", where=where,
                do="give a Change, or Change.parse(text) for a line of text",
            )  # fmt: skip
    return found


def altered(mrio: MRIO, changes: Sequence[Change], stressor: str | None = None) -> Altered:
    """Return coefficients, final demand and intensities after `changes`, one after the other.

    Parameters
    ----------
    mrio : MRIO
    changes : sequence of Change
        In order: a later change finds what an earlier one has left.
    stressor : str, optional

    Raises
    ------
    UnknownNameError
        A region or sector that is not in the table.
    InputError
        A change of flows (`mc.sweep` has them); a move to nobody; a total that cannot be kept;
        a sector without output that is to sell and whose inputs (at least one coefficient) and
        emissions per output were not both set by ``value=``: the table does not know how it
        produces, and zero would make what it sells free and clean.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> found = altered(mrio, [Change("demand", 2.0, user="USA")])
    >>> float(round(found.Y[:, 1].sum() / mrio.final_demand[:, 1].sum(), 12))
    2.0
    """
    extension, row = resolve(mrio, stressor)
    system = leontief(mrio)
    A0 = np.where(system.zero, 0.0, mrio.Z / system.output_)
    q0 = np.where(system.zero, 0.0, extension.F[row] / system.output_)
    idle0 = np.where(system.zero, extension.F[row], 0.0)
    A, Y, q, idle = A0, np.array(mrio.final_demand), q0.copy(), idle0.copy()
    told = np.zeros(len(q), bool)  # sectors whose emissions per output were set
    extra = mrio.x - mrio.Z.sum(axis=1) - mrio.final_demand.sum(axis=1)
    for change in changes:
        rows, users, columns = _placed(mrio, change)
        if change.part == "flows":
            raise InputError(
                "flows follow from coefficients and final demand here", where=str(change),
                do='change "coefficients", or use mc.sweep, which holds flows',
            )  # fmt: skip
        if change.part == "stressor":
            if change.factor is not None:
                q[rows] *= change.factor
                idle[rows] *= change.factor
            else:
                q[rows], told[rows] = change.value, True
        elif change.part == "demand":
            _apply(mrio, change, Y, rows, users)
        else:
            A = A.copy() if A is A0 else A
            _apply(mrio, change, A, rows, columns)
    more = ((A > A0).any(axis=1) if A is not A0 else False) | (mrio.final_demand < Y).any(axis=1)
    unknown = np.flatnonzero(system.zero & more & ~(told & A.any(axis=0)))
    if len(unknown):
        names = [mrio.index.name(int(k)) for k in unknown]
        raise InputError(
            f"{len(unknown)} sectors without output would have to sell: the table does not know"
            " their inputs or emissions", where=listed(names),
            do='move to a region that makes it, or first set its inputs (part="coefficients",'
            ' value=, user= and user_sector= this sector) and emissions (part="stressor", value=)',
        )  # fmt: skip
    return Altered(A, A0, Y, q, q0, extra, idle, idle0, extension.units[row])


def _apply(
    mrio: MRIO, change: Change, cells: Array, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> None:
    """Change `cells` in place: factor, value, or a move from suppliers to one of them."""
    where = np.ix_(rows, columns)
    if change.value is not None:
        cells[where] = change.value
    elif change.factor is not None:
        before = cells[:, columns].sum(axis=0)
        cells[where] *= change.factor
        if change.keep_total:
            rest = np.setdiff1d(np.arange(len(cells)), rows)
            left = cells[np.ix_(rest, columns)].sum(axis=0)
            wanted = before - cells[where].sum(axis=0)
            if ((left <= 0) & (np.abs(wanted - left) > 0)).any() or (wanted < 0).any():
                raise InputError(
                    "the rest of a final demand cannot make up for the change", where=str(change),
                    do="choose a smaller factor or leave keep_total out",
                )  # fmt: skip
            scale = np.where(left > 0, wanted / np.where(left > 0, left, 1.0), 1.0)
            cells[np.ix_(rest, columns)] *= scale
    else:
        assert change.share is not None  # one of the three ways is always given
        S = len(mrio.sectors)
        target = find_region(change.to, mrio.regions)
        if change.region != "*" and find_region(change.region, mrio.regions) == target:
            raise InputError(
                f"{change.to} already is the supplier", where=str(change),
                do="name another region in to=",
            )  # fmt: skip
        from_ = rows[rows // S != target]
        # Several suppliers of one sector give to the same row: add, do not overwrite.
        moved = change.share * cells[np.ix_(from_, columns)]
        cells[np.ix_(from_, columns)] -= moved
        gained = np.zeros((S, len(columns)))
        np.add.at(gained, from_ % S, moved)
        cells[np.ix_(np.arange(target * S, (target + 1) * S), columns)] += gained


def _placed(
    mrio: MRIO, change: Change
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the supplying rows, the using regions and the using columns of a change."""
    R, S = len(mrio.regions), len(mrio.sectors)

    def some(region: str, sector: str) -> NDArray[np.intp]:
        chosen = np.zeros((R, S), bool)
        chosen[
            slice(None) if region == "*" else find_region(region, mrio.regions),
            slice(None) if sector == "*" else mrio.index.sector(sector),
        ] = True
        return np.flatnonzero(chosen)

    users = np.arange(R) if change.user == "*" else np.array([mrio.index.region(change.user)])
    return some(change.region, change.sector), users, some(change.user, change.user_sector)
