"""Sums over the countries of a group, within each scope, and what is known of their errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.build.concordance import group_names, members
from mriocarbon.datasets.database import Database
from mriocarbon.errors import InputError, LabelError, NotAvailableError, listed
from mriocarbon.model.normal import Z95
from mriocarbon.natural import sources as s
from mriocarbon.natural.absent import Missing
from mriocarbon.natural.account import (
    NEVER_ADD,
    OWN_ROW,
    NaturalAccount,
    accounts,
    codes_of,
    codes_of_groups,
    rows_of_sources,
)
from mriocarbon.natural.flux import GASES, SCOPES, Flux, ScopeError, make_flux
from mriocarbon.natural.regions import CEOS, CEOS_GROUPS, members_of, overlap
from mriocarbon.natural.sources_local import NO_VOLCANO

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["group", "implied_correlation"]

COVARIANCE_OF = (s.NBE, f"inversion {s.INVERSION_RUN}")
SAME = 1e-5  # of a source's own row and the members' sum: both are rounded
_KEYS = ["scope", "gas", "process", "method", "direction"]


def group(
    regions: Sequence[str] | str,
    year: int,
    *,
    name: str = "",
    gas: str | None = None,
    covariance: pd.DataFrame | None = None,
    covariance_of: tuple[str, str] = COVARIANCE_OF,
    db: Database | None = None,
) -> NaturalAccount:
    """Return the account of a group: the sum over its members within each scope and method.

    Parameters
    ----------
    regions : sequence of str, or str
        The members, or one of the groups known: EU27, G7, G20, OECD, BRICS.
    year : int
    name : str, optional
        Of the group; needed for a list of members.
    gas : str, optional
    covariance : DataFrame, shape (members, members), optional
        Of the errors of one measure, Mt²; rows and columns labelled by the members' codes. It must
        be symmetric, positive semidefinite, and its diagonal the square of the sd in the account.
    covariance_of : (process, method)
        The measure it belongs to.
    db : Database, optional

    Returns
    -------
    NaturalAccount
        Of each sum, `Flux.sd` and the interval hold whatever the correlation of the members'
        errors (sd and half-widths add), `Flux.sd_independent` and `Flux.independent` hold if the
        errors are independent; with `covariance`, ``sd² = 1' C 1``. Where members have no
        figure, the flux is the sum of the others, marked as estimated, and its note names them;
        where their years differ, `Flux.years_differ` is set and the note says which.

        The mean of bookkeeping models has another error: each model is summed over the members,
        and the sd is that of the models' sums, as the source has it for a country.

        Where a source has a row of its own for exactly these members, and every member has a
        figure, and the row is their sum, it is the figure. Else the sum is, and the source's row
        stands beside it as an alternative, its method ending in `OWN_ROW` and its code.

    Raises
    ------
    ScopeError
        A member stands twice, or holds another one.
    UnknownNameError, InputError, LabelError

    Notes
    -----
    The top-down budgets give no covariances between countries, but a few groups of their own;
    `implied_correlation` says what these imply.

    Examples
    --------
    >>> from mriocarbon.natural.grouping import group
    >>> eu = group("EU27", 2021, gas="CO2").flux("land use, land-use change and forestry")
    >>> round(eu.value), len(eu.cells)
    (-253, 27)
    """
    if isinstance(regions, str):
        name, regions = name or regions, members(regions)
    elif not name:
        raise InputError(
            "a group needs a name", where="group", do=f"name=..., or one of {group_names()}"
        )
    names = list(regions)
    if not names:
        raise InputError("a group without members", where=name, do="give at least one")
    table = accounts_of(names, year, gas, db, name)
    codes = list(dict.fromkeys(table["region"]))
    present = table[table["value"].notna()]
    owns = _own_rows(frozenset(codes), year, gas, db)
    quiet = set(table.loc[table["note"] == f"missing: {NO_VOLCANO}", "region"])
    fluxes: list[Flux] = []
    short: dict[tuple[str, str, str], dict[str, None]] = {}
    for keys, rows in present.groupby(_KEYS, sort=False):
        # a country without a volcano lacks no figure of volcanoes
        none = quiet if keys[2] == "volcanoes" else set()
        without = [code for code in codes if code not in {*rows["region"], *none}]
        fields = {name_: str(key) for name_, key in zip(_KEYS, keys, strict=True)}
        flux = _sum(fields, rows, name, without)
        fluxes.append(_of_models(flux, rows, present))
        if without:
            what = (fields["scope"], fields["gas"], fields["process"])
            short.setdefault(what, {}).update(dict.fromkeys(without))
    gone = [
        Missing(*what, f"in part: no figure of {listed(list(lost), 30)}")
        for what, lost in short.items()
    ]
    have = {(one.scope, one.gas, one.process) for one in fluxes}
    lacking = table[table["value"].isna()]
    for keys, rows in lacking.groupby(["scope", "gas", "process"], sort=False):
        scope, gas_, process = map(str, keys)
        if (scope, gas_, process) not in have:
            reasons = [text.removeprefix("missing: ") for text in dict.fromkeys(rows["note"])]
            gone.append(Missing(scope, gas_, process, f"no member has it: {listed(reasons, 2)}"))
    fluxes = [shown for flux in fluxes for shown in _beside_own(flux, owns, len(codes))]
    if covariance is not None:
        fluxes = [_with_covariance(f, present, covariance, covariance_of) for f in fluxes]
        if not any((f.process, f.method) == covariance_of for f in fluxes):
            raise NotAvailableError(
                f"the covariance is of {covariance_of}, of which there is no figure",
                where=f"{name}, {year}",
                do="covariance_of= a process and method of the account",
            )
    order, rank = list(SCOPES), list(GASES)
    fluxes.sort(key=lambda f: (order.index(f.scope), rank.index(f.gas)))
    told = f"{name}: {len(codes)} members, " + ", ".join(codes)
    return NaturalAccount(name, year, tuple(fluxes), tuple(gone), (NEVER_ADD, told))


def accounts_of(
    names: Sequence[str], year: int, gas: str | None, db: Database | None, group_name: str
) -> pd.DataFrame:
    """Return the members' accounts; no member may hold another."""
    codes = codes_of(names, db)
    for k, one in enumerate(codes):
        for other in codes[:k]:
            why = overlap(one, other)
            if why:
                raise ScopeError(
                    f"counted twice: {why}", where=f"members of {group_name}", do="leave one out"
                )
    inside = [m for one in codes for m in (members(one) if one in group_names() else [one])]
    return accounts(inside, year, gas=gas, db=db)


def _own_rows(
    codes: frozenset[str], year: int, gas: str | None, db: Database | None
) -> pd.DataFrame:
    """What the sources give for exactly these members under a code of their own."""
    same = [] if len(codes) == 1 else [
        one for one in codes_of_groups(db) if members_of(one) == codes and one not in codes
    ]  # fmt: skip
    return rows_of_sources(same, year, gas=gas, db=db)


def _beside_own(flux: Flux, owns: pd.DataFrame, members_: int) -> Iterator[Flux]:
    """The sum, or the source's row where that proves to be the sum; else both."""
    match = np.logical_and.reduce([owns[key] == getattr(flux, key) for key in _KEYS])
    fields = [column for column in s.COLUMNS if column not in ("scope", "unit", "region")]
    why = "the source's own figure of the group, whose members are not proven: an alternative to"
    why += " the members' sum, no part of it"
    beside = []
    for row in owns[match].to_dict("records"):
        own = make_flux(row["scope"], region=flux.region, **{key: row[key] for key in fields})
        whole = len(flux.cells) == members_ and own.period == flux.period
        if whole and bool(np.isclose(own.value, flux.value, rtol=SAME, atol=1e-9)):
            flux = replace(own, cells=flux.cells, note=flux.note, estimated=flux.estimated)
            continue
        beside.append(
            replace(
                own, method=f"{own.method}{OWN_ROW}{row['region']}",
                cells=frozenset({(str(row["region"]), own.process, own.method)}),
                note="; ".join(filter(None, (why, own.note))),
            )
        )  # fmt: skip
    yield flux
    yield from beside


def _of_models(flux: Flux, rows: pd.DataFrame, present: pd.DataFrame) -> Flux:
    """The mean of models with the sd of the models' own sums, where every member has each model."""
    if flux.method != s.MEAN_OF_MODELS or len(rows) == 1 or bool(rows["sd"].isna().any()):
        return flux
    every = present[(present["process"] == flux.process) & (present["gas"] == flux.gas)]
    each = every.pivot(index="region", columns="method", values="value").loc[rows["region"]]
    models = each.drop(columns=s.MEAN_OF_MODELS)
    sums = models.sum()
    if bool(models.isna().any(axis=None)) or not np.isclose(sums.mean(), flux.value, atol=1e-3):
        return flux
    sd = float(sums.std(ddof=1))
    return replace(
        flux, sd=sd, sd_independent=sd, low=flux.value - Z95 * sd, high=flux.value + Z95 * sd,
        interval=f"95 %: 1.96 times the standard deviation of the {len(sums)} models' sums over the"
        " members",
    )  # fmt: skip


def _sum(fields: dict[str, Any], rows: pd.DataFrame, name: str, without: list[str]) -> Flux:
    """One sum over members: the interval for any correlation, and the sd for none."""
    value = float(rows["value"].sum())
    whole = not bool(rows["low"].isna().any())
    sds = rows["sd"].to_numpy()
    years = [(int(a), int(b)) for a, b in zip(rows["year_from"], rows["year_to"], strict=True)]
    notes = []
    if without:
        notes.append("without " + listed(without, 30))
    if len(set(years)) > 1:
        odd = [
            f"{code} {b if a == b else f'{a}-{b}'}"
            for code, (a, b) in zip(rows["region"], years, strict=True)
            if (a, b) != max(set(years), key=years.count)
        ]
        notes.append("members' years differ: " + listed(odd, 30))
    doubtful = rows["note"].str.contains(s.DOUBTFUL, regex=False)
    if doubtful.any():
        who = [f"{r} {v:,.4g} Mt" for r, v in rows.loc[doubtful, ["region", "value"]].to_numpy()]
        notes.append(f"{s.DOUBTFUL}: {listed(who, 30)}; kept as reported")
    plain = rows.loc[~doubtful, "note"]
    own = [text for text in dict.fromkeys(plain) if text and "latest figure" not in text]
    basis = list(dict.fromkeys(rows["interval"]))
    return make_flux(
        region=name,
        value=value,
        year_from=min(a for a, _ in years),
        year_to=max(b for _, b in years),
        sd=float(sds.sum()),
        low=float(rows["low"].sum()) if whole else np.nan,
        high=float(rows["high"].sum()) if whole else np.nan,
        sd_independent=float(np.sqrt((sds**2).sum())),
        interval="members' half-widths added, for any correlation; " + "; ".join(basis[:2]),
        source=" + ".join(dict.fromkeys(rows["source"])),
        estimated=bool(rows["estimated"].any()) or bool(notes),
        note="; ".join([*notes, *own[:1]]),
        years_differ=len(set(years)) > 1,
        cells=frozenset((code, fields["process"], fields["method"]) for code in rows["region"]),
        **fields,
    )


def _with_covariance(
    flux: Flux, present: pd.DataFrame, covariance: pd.DataFrame, of: tuple[str, str]
) -> Flux:
    if (flux.process, flux.method) != of:
        return flux
    rows = present[(present["process"] == of[0]) & (present["method"] == of[1])]
    sd = checked_covariance(covariance, dict(zip(rows["region"], rows["sd"], strict=True)))
    return replace(
        flux, sd=sd, low=flux.value - Z95 * sd, high=flux.value + Z95 * sd,
        interval="95 %: 1.96 times the sd from the covariance given",
    )  # fmt: skip


def checked_covariance(covariance: pd.DataFrame, sds: dict[str, float]) -> float:
    """Return the sd of the sum, after checking that the matrix can be a covariance of `sds`.

    Parameters
    ----------
    covariance : DataFrame, shape (members, members)
        Labelled by the members.
    sds : mapping of member to sd

    Returns
    -------
    float
        ``sqrt(1' C 1)``.

    Raises
    ------
    LabelError
        Labels missing, doubled or too many.
    InputError
        Not symmetric, not positive semidefinite, or another diagonal.

    Examples
    --------
    >>> import pandas as pd
    >>> checked_covariance(pd.DataFrame([[9.0, 6], [6, 16]], ["A", "B"], ["A", "B"]),
    ...                    {"A": 3, "B": 4}) == 37**0.5
    True
    """
    import pandas as pd

    if not isinstance(covariance, pd.DataFrame):
        raise LabelError(
            f"the covariance is no DataFrame but a {type(covariance).__name__}", where="covariance",
            do="label rows and columns: pandas.DataFrame(matrix, members, members)",
        )  # fmt: skip
    labels = list(sds)
    for axis in (covariance.index, covariance.columns):
        if sorted(map(str, axis)) != sorted(labels):
            missing = sorted(set(labels) - set(axis))
            extra = sorted(set(map(str, axis)) - set(labels))
            raise LabelError(
                f"the covariance has {len(axis)} labels for {len(labels)} members",
                where=f"missing: {listed(missing) or '-'}; not a member: {listed(extra) or '-'}",
                do="label rows and columns by the members that have a figure, each once",
            )
    try:
        matrix = covariance.loc[labels, labels].to_numpy(dtype="float64")
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the covariance holds what is no number: {error}", where="covariance", do="give Mt²"
        ) from error
    scale = float(np.abs(matrix).max())
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, atol=1e-9 * scale):
        raise InputError("the covariance is not finite and symmetric", where="covariance")
    wanted = np.array([sds[label] for label in labels]) ** 2
    wrong = ~np.isclose(np.diag(matrix), wanted, rtol=1e-6)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise InputError(
            f"the variance of {labels[k]} is {matrix[k, k]:.6g}, its sd squared {wanted[k]:.6g}",
            where="diagonal of the covariance, Mt²",
            do="use the sd of the account, in Mt of the gas",
        )
    lowest = float(np.linalg.eigvalsh(matrix).min())
    if lowest < -1e-9 * scale:
        raise InputError(
            f"the covariance is not positive semidefinite: an eigenvalue is {lowest:.3g}",
            where="covariance",
            do="a correlation among these members is too large or too negative",
        )
    return float(np.sqrt(max(matrix.sum(), 0.0)))


def implied_correlation(*, db: Database | None = None) -> pd.DataFrame:
    """Return what the groups of the top-down budgets say of the correlation between countries.

    With one correlation r between all members, ``sd² = sum sd_i² + r (sum_i sum_j≠i sd_i sd_j)``;
    solved for r. The source's means are no sums of its countries (they are medians or means of an
    ensemble each), and its lists of members are not printed with it, so this is a reading, no
    measurement: `sum` beside `value` shows how well they agree.

    Parameters
    ----------
    db : Database, optional

    Returns
    -------
    pandas.DataFrame
        By group: members, without (members without a figure), value and sum of the members, sd,
        sd_independent, sd_dependent (Mt CO2 a year, mean of 2015-2020, run LNLGIS), correlation.

    Examples
    --------
    >>> found = implied_correlation()
    >>> 0.3 < found["correlation"].median() < 0.5
    True
    """
    import pandas as pd

    process, method = COVARIANCE_OF
    every = [*(f"{CEOS}{name}" for name in CEOS_GROUPS), "EU27"]
    countries = sorted(set().union(*(members_of(one) for one in every)))
    table = rows_of_sources([*every, *countries], 2022, gas="CO2", db=db)
    table = table[(table["process"] == process) & (table["method"] == method)]
    sd_of: dict[str, float] = dict(zip(table["region"], table["sd"], strict=True))
    value_of: dict[str, float] = dict(zip(table["region"], table["value"], strict=True))
    rows = []
    for one in every:
        of = sorted(members_of(one))
        have = [c for c in of if c in sd_of and not np.isnan(sd_of[c])]
        sds = np.array([sd_of[c] for c in have])
        own, alone, all_ = sd_of[one], float((sds**2).sum()), float(sds.sum() ** 2)
        rows.append(
            (one.removeprefix(CEOS), len(have), listed([c for c in of if c not in have], 9),
             value_of[one], sum(value_of[c] for c in have), own, alone**0.5, all_**0.5,
             (own**2 - alone) / (all_ - alone))
        )  # fmt: skip
    columns = ["group", "members", "without", "value", "sum", "sd", "sd_independent",
               "sd_dependent", "correlation"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index("group")
