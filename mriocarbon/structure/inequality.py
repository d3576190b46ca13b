"""How unequal accounts per person are: Lorenz curve, Gini, Theil, within and between groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, LabelError, NonFiniteError, ShapeError, UnitError, listed
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.result import Result
from mriocarbon.model.told_csv import write_told
from mriocarbon.model.units import factor

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Theil:
    """One of Theil's two measures, with its exact split by groups.

    Attributes
    ----------
    total, within, between : float
        ``total = within + between``; without groups within is 0 and between is the total. NaN
        where the measure is not defined, infinite where it is.
    by_group : mapping of group to float
        The measure inside each group.
    """

    total: float
    within: float
    between: float
    by_group: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Inequality:
    """Inequality of an account per person between regions; see `inequality`.

    Attributes
    ----------
    name : str
    regions : tuple of str
        In ascending order of the account per person, as in all arrays.
    population, amount, per_person : ndarray, shape (R,)
    people_share, amount_share : ndarray, shape (R + 1,)
        The Lorenz curve: cumulative shares, from 0 to 1.
    amount_low, amount_high : ndarray, shape (R,), or None
        Range of the amounts, where the account has one; the measures are of `amount`.
    gini : float
    theil_t, theil_l : Theil
    groups : mapping of region to group
    unit, unit_per_person : str
        Of the amounts, and of the account per person in tonnes, or in
        plain currency where amounts are thousands or millions of it.
    notes : tuple of Note
    provenance : Provenance

    Examples
    --------
    >>> import mriocarbon as mc
    >>> footprint = mc.account(mc.load("oecd-icio-2022"), "consumption", households=False)
    >>> found = mc.inequality(footprint, mc.population(2022))
    >>> 0 < found.theil_t.total, float(found.people_share[-1]) == 1.0
    (True, True)
    """

    name: str
    regions: tuple[str, ...]
    population: Array
    amount: Array
    per_person: Array
    people_share: Array
    amount_share: Array
    gini: float
    theil_t: Theil
    theil_l: Theil
    groups: Mapping[str, str]
    unit: str
    unit_per_person: str
    notes: tuple[Note, ...]
    provenance: Provenance
    amount_low: Array | None = None
    amount_high: Array | None = None

    def __post_init__(self) -> None:
        for array in (
            self.population, self.amount, self.per_person, self.people_share, self.amount_share,
            self.amount_low, self.amount_high,
        ):  # fmt: skip
            if array is not None:
                array.setflags(write=False)
        object.__setattr__(self, "groups", MappingProxyType(dict(self.groups)))

    @property
    def estimated(self) -> bool:
        """True if any input behind the numbers is an estimate."""
        return any(note.estimated for note in self.notes)

    def top_share(self, people: float) -> float:
        """Return the share of the account of the top `people` share of persons, such as 0.1.

        Read off the Lorenz curve, straight inside a region: everybody in a region has its mean.
        """
        if not 0 <= people <= 1:
            raise InputError(
                f"a share of {people:g} of all people", where="top_share", do="give 0 to 1"
            )
        return float(1 - np.interp(1 - people, self.people_share, self.amount_share))

    def to_pandas(self) -> pd.DataFrame:
        """Return one row for each region, in ascending order of the account per person."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                "population": self.population,
                "amount": self.amount,
                "per person": self.per_person,
                "cumulative share of people": self.people_share[1:],
                "cumulative share of amount": self.amount_share[1:],
            },
            index=pd.Index(self.regions, name="region"),
        )
        if self.amount_low is not None and self.amount_high is not None:
            frame.insert(2, "amount, low", self.amount_low)
            frame.insert(3, "amount, high", self.amount_high)
        if self.groups:
            frame.insert(0, "group", [self.groups[r] for r in self.regions])
        frame.attrs.update(
            unit=self.unit, unit_per_person=self.unit_per_person, gini=self.gini,
            estimated=self.estimated,
            notes=[note.text for note in self.notes], dataset=self.provenance.dataset,
        )  # fmt: skip
        return frame

    def measures(self) -> pd.DataFrame:
        """Return the measures: rows Gini, Theil T, Theil L; total, within, between, groups."""
        import pandas as pd

        rows: dict[str, dict[str, float]] = {"Gini": {"total": self.gini}}
        for label, theil in (("Theil T", self.theil_t), ("Theil L", self.theil_l)):
            rows[label] = {"total": theil.total}
            if self.groups:
                rows[label] |= {"within": theil.within, "between": theil.between}
                rows[label] |= {f"in {group}": value for group, value in theil.by_group.items()}
        return pd.DataFrame.from_dict(rows, orient="index")

    def metadata(self) -> dict[str, str | float]:
        """Return what `Result.metadata` returns, of the account, and the unit per person."""
        account = Result(
            self.name, self.amount, ("region",), {"region": self.regions}, self.unit,
            notes=self.notes, provenance=self.provenance,
        )  # fmt: skip
        return {**account.metadata(), "unit per person": self.unit_per_person}

    def to_csv(self, path: str | Path) -> Path:
        """Write `to_pandas` with metadata, measures and notes in ``#`` lines above it."""
        frame = self.to_pandas()
        about = {"name": self.name, **self.metadata()}
        # The error is not known; the notes stand below, one a line.
        told = [(key, text) for key, text in about.items() if key not in ("forward_error", "notes")]
        for label, row in self.measures().iterrows():
            kept = "; ".join(f"{k} {v!r}" for k, v in row.items() if not np.isnan(v))
            told.append((str(label), kept or "not defined"))
        told += [
            ("note", f"{'[estimated] ' if note.estimated else ''}{note.text}")
            for note in self.notes
        ]
        rows = (
            [region, *(c if isinstance(c, str) else float(c) for c in cells)]
            for region, cells in zip(frame.index, frame.itertuples(index=False), strict=True)
        )
        return write_told(path, told, ["region", *frame.columns], rows)

    def __repr__(self) -> str:
        return brief(
            self, f"{self.name}, {len(self.regions)} regions, Gini {self.gini:.3f}",
            f"total {self.amount.sum():.6g} {self.unit}",
        )  # fmt: skip


def inequality(
    account: Result | Mapping[str, float],
    population: Mapping[str, float],
    *,
    groups: Mapping[str, str] | None = None,
    about_population: Note | None = None,
) -> Inequality:
    """Return how unequal an account is between the people of the regions.

    With amounts a_r, population p_r, y_r = a_r/p_r, population shares s_r, shares of the amount
    w_r and the mean mu = sum a / sum p::

        Lorenz   (sum of s, sum of w) over regions in ascending y
        Gini     G = sum_r sum_q s_r s_q |y_r - y_q| / (2 mu)
        Theil T  = sum_r w_r ln(y_r/mu)    = sum_g w_g T_g + sum_g w_g ln(w_g/s_g)
        Theil L  = sum_r s_r ln(mu/y_r)    = sum_g s_g L_g + sum_g s_g ln(s_g/w_g)
                                             within          between

    All are 0 where y is equal, and unchanged when y is scaled or a region is cut into parts of
    the same y. If one region has all, G = 1 - s_r, so 1 - 1/N for N equal ones.

    **Inequality inside a region is not in it**: everybody has the mean of his region, and the
    measures are lower bounds on those between persons.

    Parameters
    ----------
    account : Result over ``region``, or mapping of region to float (a pandas Series is one)
        Amounts of whole regions, not per person. ``unallocated`` belongs to nobody and is left
        out with a note.
    population : mapping of region to float
        Persons; every region of the account must be in it. Regions beyond are not used.
    groups : mapping of region to group, optional
        Every region of the account must be in it.
    about_population : Note, optional
        What the population is and of which year, with its source; carried by the result.

    Returns
    -------
    Inequality
        With amounts below zero the Gini index still measures mean differences but may exceed 1
        (a note says so), and Theil's measures are NaN. With an amount of zero Theil L is
        infinite and Theil T, by its limit y ln y -> 0, is not.

    Raises
    ------
    LabelError
        A region has no population or no group; missing is not zero.
    NonFiniteError, InputError
        What is no mapping or no number; NaN or infinite amounts; population not above zero; an
        account per person; a world total that is not above zero, for which no share and no mean
        difference means anything.
    ShapeError
        A result that is not over ``region`` alone.

    References
    ----------
    Theil (1967), Economics and Information Theory; Shorrocks (1980), Econometrica 48,
    doi:10.2307/1913126 (UNVERIFIED: not opened); Cowell (2011), Measuring Inequality.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.inequality import inequality
    >>> footprint = mc.account(mc.load("oecd-icio-2022"), "consumption", households=False)
    >>> found = inequality(footprint, mc.population(2022))
    >>> 0.2 < found.gini < 0.6, found.regions[-1]
    (True, 'SGP')
    """
    name, unit, labels, amounts, notes, provenance, (low, high) = _amounts(account)
    people = _people(labels, _mapping(population, "population"))
    known = about_population or Note("population as given, without source or year", "population")
    notes = (*notes, known)
    total, persons = float(amounts.sum()), float(people.sum())
    if total <= 0:
        raise InputError(
            f"the amounts sum to {total:g}",
            where=f"account {name!r}", do="give an account whose total is above zero",
        )  # fmt: skip
    y = amounts / people
    order = np.argsort(y, kind="stable")
    labels = [labels[k] for k in order]
    amounts, people, y = amounts[order], people[order], y[order]
    s, w = people / persons, amounts / total
    F = np.concatenate([[0.0], np.cumsum(people)]) / persons
    L = np.concatenate([[0.0], np.cumsum(amounts)]) / total
    F[-1] = L[-1] = 1.0  # and not one rounding beside it
    # The area form of the double sum: exact for y in ascending order, whatever its sign.
    gini = float(1.0 - (s * (L[1:] + L[:-1])).sum())
    gini = 0.0 if abs(gini) < 1e-15 * len(s) else gini
    extra = ["between regions only: everybody has the mean of his region, so that inequality"
             " between persons is larger"]  # fmt: skip
    if (y < 0).any():
        below = [labels[k] for k in np.flatnonzero(y < 0)]
        extra.append(
            f"below zero: {listed(below)}; Gini is a mean difference over the mean and may exceed"
            " 1; Theil's measures are not defined"
        )
    elif (y == 0).any():
        zero = [labels[k] for k in np.flatnonzero(y == 0)]
        extra.append(f"zero: {listed(zero)}; Theil L is infinite")
    member = _member(labels, None if groups is None else _mapping(groups, "groups"))
    theil_t, theil_l = _theil(s, w, member)
    small, scale = _for_one(unit)
    if low is not None and high is not None:
        low, high = low[order], high[order]
        extra.append("measures are of the amounts themselves, not of the ends of their range")
    return Inequality(
        name, tuple(labels), people, amounts, y * scale, F, L, gini, theil_t, theil_l,
        dict(zip(labels, member, strict=True)) if groups is not None else {}, unit,
        f"{small} / person".strip(" /") if unit else "per person",
        (*notes, *(Note(text) for text in extra)),
        provenance.computed(f"inequality of {name}", notes, stressor=provenance.stressor),
        low, high,
    )  # fmt: skip


def _amounts(
    account: Result | Mapping[str, float],
) -> tuple[
    str, str, list[str], Array, tuple[Note, ...], Provenance, tuple[Array | None, Array | None]
]:
    """Return name, unit, labels, amounts, notes, provenance and range of what was given."""
    notes: tuple[Note, ...] = ()
    low = high = None
    if not isinstance(account, Result):
        given = _mapping(account, "account")
        labels = list(given)
        values = _numbers(given, "account")
        name, unit, provenance = "amounts", "", Provenance()
    else:
        if len(account.dims) != 1 or not account.dims[0].startswith("region"):
            raise ShapeError(
                f"a result over {', '.join(account.dims)}",
                where=f"result {account.name!r}", do="give an account over region alone",
            )  # fmt: skip
        if account.unit.endswith("/ person"):
            raise InputError(
                f"the account is in {account.unit} already",
                where=f"result {account.name!r}",
                do="give the amounts of whole regions; the population is divided by here",
            )
        labels, values = list(account.coords[account.dims[0]]), np.array(account.value)
        name, unit, notes = account.name, account.unit, account.notes
        provenance, low, high = account.provenance, account.low, account.high
        if "unallocated" in labels:
            k = labels.index("unallocated")
            text = f"left out: {values[k]:.6g} {unit} that belong to no region"
            labels.pop(k)
            values, notes = np.delete(values, k), (*notes, Note(text))
            low, high = (None if a is None else np.delete(a, k) for a in (low, high))
    if not labels:
        raise ShapeError("no region", where=f"account {name!r}", do="give at least one region")
    bad = [labels[k] for k in np.flatnonzero(~np.isfinite(values))]
    if bad:
        raise NonFiniteError(
            f"no finite amount for {listed(bad)}", where=f"account {name!r}",
            do="fill or leave out these regions; missing is not zero",
        )  # fmt: skip
    return name, unit, labels, values, tuple(notes), provenance, (low, high)


def _mapping(given: object, what: str) -> dict[str, Any]:
    """Return a mapping or a pandas Series as a dict whose keys are text."""
    try:
        pairs = dict(given.items())  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"a {type(given).__name__} is no mapping of region to value", where=what,
            do="give a dict or a pandas Series by region",
        ) from None  # fmt: skip
    return {str(region): value for region, value in pairs.items()}


def _numbers(given: Mapping[str, Any], what: str) -> Array:
    """Return the values as numbers."""
    try:
        return np.array([float(v) for v in given.values()])
    except (TypeError, ValueError):
        raise InputError(
            "a value that is no number", where=what, do="give one number for every region"
        ) from None


def _for_one(unit: str) -> tuple[str, float]:
    """Return the unit of an account per person and its factor: tonnes, or plain currency."""
    mass, _, rest = unit.partition(" ")
    # What is weighed need not be known: kt NOx is 1000 t NOx.
    for have, want, small in ((mass, "t", f"t {rest}".strip()), (unit, rest, rest)):
        try:
            scale = factor(have, want) if have and want else 0.0
        except UnitError:
            continue
        if scale > 1:
            return small, scale
    return unit, 1.0


def _people(labels: list[str], population: Mapping[str, Any]) -> Array:
    missing = [r for r in labels if r not in population]
    if missing:
        raise LabelError(
            f"no population for {listed(missing)}", where="population",
            do="give one for every region; missing is not zero",
        )  # fmt: skip
    people = _numbers({r: population[r] for r in labels}, "population")
    bad = [labels[k] for k in np.flatnonzero(~(np.isfinite(people) & (people > 0)))]
    if bad:
        raise InputError(
            f"population is not above zero for {listed(bad)}", where="population",
            do="correct it, or leave these regions out of the account",
        )  # fmt: skip
    return people


def _member(labels: list[str], groups: Mapping[str, Any] | None) -> list[str]:
    if groups is None:
        return list(labels)  # every region a group: all of it is between
    missing = [r for r in labels if r not in groups]
    if missing:
        raise LabelError(
            f"no group for {listed(missing)}", where="groups", do="name a group for every region"
        )
    return [str(groups[r]) for r in labels]


def _theil(s: Array, w: Array, member: list[str]) -> tuple[Theil, Theil]:
    """Return Theil T and L: sums over groups first, so that the parts add up exactly."""
    names = list(dict.fromkeys(member))
    place = np.array([names.index(m) for m in member])
    if (w < 0).any():
        nan = float("nan")
        empty = Theil(nan, nan, nan, dict.fromkeys(names, nan))
        return empty, empty
    S = np.bincount(place, s).astype(np.float64)
    W = np.bincount(place, w).astype(np.float64)
    T, L = np.zeros(len(names)), np.zeros(len(names))
    for g in range(len(names)):
        inside = place == g
        T[g] = _mean_log(w[inside] / W[g], s[inside] / S[g]) if W[g] > 0 else 0.0
        # A group that has nothing is equal inside; all of its distance is between.
        L[g] = _mean_log(s[inside] / S[g], w[inside] / W[g]) if W[g] > 0 else 0.0
    found = []
    for weight, other, inner in ((W, S, T), (S, W, L)):
        within, between = float((weight * inner).sum()), _mean_log(weight, other)
        by_group = dict(zip(names, map(float, inner), strict=True))
        found.append(Theil(within + between, within, between, by_group))
    return found[0], found[1]


def _mean_log(a: Array, b: Array) -> float:
    """Return sum a ln(a/b), with 0 ln 0 = 0 and infinity where b = 0 < a."""
    some = a > 0
    if (b[some] == 0).any():
        return float("inf")
    return float((a[some] * (np.log(a[some]) - np.log(b[some]))).sum())
