"""Accounts of 2022 by country from the engine: economies of the table, groups split to members.

81 economies (80 and the rest of the world) are in the full table; their accounts were computed
once and are embedded. A group's account A is split among its members by weights w,

    a_i = A w_i / sum_j w_j,

so that members add up to the group by construction. The weights: for production the territorial
emissions; for consumption the Global Carbon Budget's consumption account where it has one, else
``ln w = a + b ln T + c ln G`` (T territorial emissions, G gross domestic product), or without c
where G is missing, fitted to the countries that have such an account. How wrong a weight is, is
measured: by the standard deviation of ``ln(engine / w)`` over the economies that the full table
has itself. To first order, with s_i = w_i / sum w and relative deviations r,

    var(a_i) / a_i^2 = r_A^2 + (1 - s_i)^2 r_i^2 + sum_(j != i) s_j^2 r_j^2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas.embedded import rows as table
from mriocarbon.datasets.database import database
from mriocarbon.datasets.national import region_of, rows
from mriocarbon.errors import InputError

__all__ = ["GASES", "Account", "Split", "Weights", "engine", "members", "split", "weights"]

Array = NDArray[np.float64]
GASES = ("CO2", "GHG")
ACCOUNTS = ("production", "consumption", "transfer")
YEAR = 2022
OF_BUDGET = "consumption in the Global Carbon Budget 2025"
REST = "ROW"
CO2E = {"CO2": 1.0, "CH4": 28.0, "N2O": 265.0}
"""AR5, as the table's own greenhouse gases."""


@dataclass(frozen=True)
class Account:
    """Value and standard deviation of one account of one economy, Mt."""

    value: float
    sd: float


@lru_cache(maxsize=4)
def engine(gas: str = "CO2") -> Mapping[str, Mapping[str, Account]]:
    """Return the embedded accounts of 81 economies, 2022: account -> economy -> `Account`.

    Parameters
    ----------
    gas : {"CO2", "GHG"}
        Mt CO2, or Mt CO2e (AR5).

    Returns
    -------
    mapping
        ``production`` (by residence, with households), ``consumption``, and ``transfer``,
        consumption less production with its paired standard deviation.

    Raises
    ------
    InputError
        Another gas.

    Examples
    --------
    >>> round(engine()["consumption"]["CHN"].value)
    10840
    """
    if gas not in GASES:
        raise InputError(f"gas {gas!r}", where="engine", do=f"choose {' or '.join(GASES)}")
    out: dict[str, dict[str, Account]] = {name: {} for name in ACCOUNTS}
    for row in table("engine_2022.csv"):
        if row["gas"] == gas:
            value = {name: float(row[name]) for name in ("production", "consumption")}
            value["transfer"] = value["consumption"] - value["production"]
            for name in ACCOUNTS:
                out[name][row["economy"]] = Account(value[name], float(row[f"{name}_sd"]))
    return MappingProxyType({name: MappingProxyType(of) for name, of in out.items()})


def members(countries: Sequence[str], economies: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return economy or region -> its countries, for the 81 economies or the 20 regions.

    Parameters
    ----------
    countries : sequence of ISO 3166 codes
    economies : sequence of str
        Of a table: a country of its own holds itself only; the rest goes to the region that the
        20-region grouping names, or to ``ROW``.

    Examples
    --------
    >>> members(["AUT", "USA", "KEN"], ["EU27", "USA", "ROW"])
    {'EU27': ('AUT',), 'USA': ('USA',), 'ROW': ('KEN',)}
    """
    grouping = region_of()
    out: dict[str, list[str]] = {name: [] for name in economies}
    for one in countries:
        group = one if one in out else grouping.get(one, REST)
        out[group if group in out else REST].append(one)
    return {name: tuple(of) for name, of in out.items()}


@dataclass(frozen=True)
class Weights:
    """Weights of countries within a group.

    Attributes
    ----------
    value : mapping of country to float
        Mt; without entry: nothing to go by.
    sd : mapping of country to float
        Relative standard deviation, measured on the economies of the full table.
    basis : mapping of country to str
    """

    value: Mapping[str, float]
    sd: Mapping[str, float]
    basis: Mapping[str, str]


def weights(account: str, territorial: Mapping[str, float], *, gas: str = "CO2") -> Weights:
    """Return the weights by which a group's account is split among its members.

    Parameters
    ----------
    account : {"production", "consumption"}
    territorial : mapping of country to float
        Fossil CO2 of 2022, Mt.
    gas : {"CO2", "GHG"}
        For greenhouse gases the weights are scaled by (CO2 + 28 CH4 + 265 N2O) / CO2 of CEDS.

    Returns
    -------
    Weights

    Examples
    --------
    >>> found = weights("production", {"KEN": 20.0, "USA": 5000.0})
    >>> found.basis["KEN"]
    'territorial fossil CO2'
    """
    kinds: dict[str, dict[str, float]] = {}
    known = {c: v for c, v in territorial.items() if v > 0}
    if account == "production":
        kinds["territorial fossil CO2"] = dict(known)
    else:
        own = budget_consumption(YEAR)
        product = {c: v for c, v in _product().items() if c in known}
        both = _fitted(known, product, own)
        kinds[OF_BUDGET] = own
        kinds["territorial fossil CO2 and GDP, fitted"] = both
        kinds["territorial fossil CO2, fitted"] = _fitted(known, None, own)
    if gas == "GHG":
        factor = _all_gases()
        more = "with CH4 and N2O of CEDS"
        kinds = {
            f"{k}, {more}": {c: v * factor[c] for c, v in of.items() if c in factor}
            for k, of in kinds.items()
        }
    truth = engine(gas)[account]
    value: dict[str, float] = {}
    sd: dict[str, float] = {}
    basis: dict[str, str] = {}
    for kind, of in kinds.items():
        errors = [math.log(truth[c].value / v) for c, v in of.items() if c in truth]
        spread = float(np.std(errors, ddof=1)) if len(errors) > 2 else 1.0
        for c, v in of.items():
            if c not in value:
                value[c], basis[c] = v, kind
                sd[c] = budget_error(v) if kind == OF_BUDGET else spread
    return Weights(value, sd, basis)


def _fitted(
    territorial: Mapping[str, float], product: Mapping[str, float] | None, own: Mapping[str, float]
) -> dict[str, float]:
    """Consumption by least squares in logarithms on territorial emissions and product."""
    able = list(territorial) if product is None else list(product)

    def design(names: Sequence[str]) -> Array:
        columns = [[1.0] * len(names), [math.log(territorial[c]) for c in names]]
        if product is not None:
            columns.append([math.log(product[c]) for c in names])
        return np.array(columns).T

    fit = [c for c in able if c in own]
    if len(fit) < 10:
        return {}
    found = np.linalg.lstsq(design(fit), np.log([own[c] for c in fit]), rcond=None)[0]
    return dict(zip(able, np.exp(design(able) @ found).tolist(), strict=True))


@lru_cache(maxsize=64)
def budget_consumption(year: int) -> dict[str, float]:
    """Return the consumption account of the Global Carbon Budget 2025 by country, Mt CO2."""
    frame = database().table(
        "inventories", source="gcb-2025-fossil", scope="consumption", gas="CO2", year=year
    )
    countries = set(country_names())
    return {
        str(r): float(v)
        for r, v in zip(frame["region"], frame["value"], strict=True)
        if r in countries and v == v
    }


@lru_cache(maxsize=1)
def _budget_law() -> tuple[float, float]:
    """a and b of `budget_error`, by maximum likelihood."""
    from scipy.optimize import minimize

    own, ours = budget_consumption(YEAR), engine("CO2")["consumption"]
    both = [c for c in own if c in ours]
    size = np.log([own[c] / 100.0 for c in both])
    apart = np.log([ours[c].value / own[c] for c in both])

    def lost(law: Array) -> float:
        sd = np.exp(law[0] + law[1] * size)
        return float(np.sum(np.log(sd) + apart**2 / (2 * sd**2)))

    found = minimize(lost, [-1.5, -0.2], method="Nelder-Mead", options={"xatol": 1e-6})
    return math.exp(found.x[0]), float(found.x[1])


def budget_error(value: float) -> float:
    """Return the relative standard deviation of a consumption account of the budget.

    ``a (v / 100)^b``, fitted by maximum likelihood to ln(engine / budget) of the economies that
    the full table and the budget have both in 2022: small and open ones differ more. The whole
    difference, boundary included, is given to the budget: more than its own part.

    Parameters
    ----------
    value : float
        Mt CO2.

    Examples
    --------
    >>> round(budget_error(100.0), 2), round(budget_error(10_000.0), 2)
    (0.26, 0.07)
    """
    a, b = _budget_law()
    return float(min(1.0, a * (max(abs(value), 1e-6) / 100.0) ** b))


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Return ISO 3166 alpha-3 -> name of every country and territory of the database."""
    frame = database().table("regions", kind="country").sort_values("region")
    return dict(zip(frame["region"].astype(str), frame["name"].astype(str), strict=True))


@lru_cache(maxsize=1)
def _product() -> dict[str, float]:
    frame = database().table("economy", variable="GDP", year=YEAR)
    return {
        str(r): float(v)
        for r, v in zip(frame["region"], frame["value"], strict=True)
        if v == v and v > 0
    }


@lru_cache(maxsize=1)
def _all_gases() -> dict[str, float]:
    """(CO2 + 28 CH4 + 265 N2O) / CO2 by country, CEDS 2022."""
    of: dict[str, dict[str, float]] = {}
    for row in rows("inventory_2022"):
        if row["source"].startswith("CEDS") and row["year"] == str(YEAR) and row["value_Mt"]:
            of.setdefault(row["iso3"], {})[row["gas"]] = float(row["value_Mt"])
    return {
        c: sum(CO2E[g] * v for g, v in gases.items()) / gases["CO2"]
        for c, gases in of.items()
        if len(gases) == 3 and gases["CO2"] > 0
    }


@dataclass(frozen=True)
class Split:
    """A group's account among its members: value and standard deviation by country, Mt."""

    value: Mapping[str, float]
    sd: Mapping[str, float]


def split(account: Account, of: Sequence[str], by: Weights) -> Split:
    """Split an account among the countries that have a weight; equation in the module's head.

    Parameters
    ----------
    account : Account
    of : sequence of str
        Members of the group.
    by : Weights

    Returns
    -------
    Split
        The values add up to the account. Members without a weight have no entry.

    Raises
    ------
    InputError
        No member has a weight.

    Examples
    --------
    >>> by = Weights({"A": 1.0, "B": 3.0}, {"A": 0.1, "B": 0.1}, {})
    >>> split(Account(8.0, 0.0), ["A", "B"], by).value
    {'A': 2.0, 'B': 6.0}
    """
    known = [c for c in of if c in by.value]
    if not known:
        raise InputError(
            f"no weight for any of {', '.join(of) or 'no members'}",
            where="split",
            do="give territorial emissions of at least one member",
        )
    w = np.array([by.value[c] for c in known])
    r = np.array([by.sd[c] for c in known])
    s = w / w.sum()
    value = account.value * s
    own = account.sd / account.value if account.value else 0.0
    others = float((s**2 * r**2).sum()) - s**2 * r**2
    sd = np.abs(value) * np.sqrt(own**2 + (1 - s) ** 2 * r**2 + others)
    return Split(
        dict(zip(known, value.tolist(), strict=True)), dict(zip(known, sd.tolist(), strict=True))
    )
