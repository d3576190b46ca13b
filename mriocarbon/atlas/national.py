"""Values of every country: production, consumption, what trade moves, natural carbon.

Every row says its source, its method and its 95 % interval; a country without a figure is NaN with
the reason, never zero. Scopes are never mixed: production here is territorial, the engine's
accounts (consumption, transfer) follow residence, natural carbon is one scope at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.atlas import economies as e
from mriocarbon.datasets.database import database
from mriocarbon.datasets.fusion import fuse
from mriocarbon.datasets.fusion_errors import default_errors as source_errors
from mriocarbon.datasets.load import load
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.normal import Z95
from mriocarbon.uncertainty.accounting import account
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.firstorder import first_order

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "LAYERS", "SCOPES", "WITHIN", "national"]

LAYERS = ("production", "consumption", "transfer", "natural")
SCOPES = ("managed land", "land-use change", "biosphere", "processes")
SOURCES = ("fused", "gcb", "engine")
DETAILS = ("full", "regions")
COLUMNS = (
    "name", "value", "sd", "low", "high", "unit", "source", "method", "estimated", "note",
    "period",
)  # fmt: skip
BUDGET = "Global Carbon Budget 2025 v0.3"
ENGINE = "OECD ICIO 2022 (2025 edition) and emissions by industry: mriocarbon"
HALF_WORLD = 100
_SKEWED = 0.25

WITHIN = {
    "ASM": "USA", "BLM": "FRA", "BVT": "NOR", "CXR": "AUS", "CYM": "GBR", "FLK": "GBR",
    "GIB": "GBR", "GLP": "FRA", "GUF": "FRA", "GUM": "USA", "IMN": "GBR", "MAF": "FRA",
    "MCO": "FRA", "MNP": "USA", "MTQ": "FRA", "MYT": "FRA", "PCN": "GBR", "PRI": "USA",
    "REU": "FRA", "SGS": "GBR", "SMR": "ITA", "TKL": "NZL", "UMI": "USA", "VAT": "ITA",
    "VIR": "USA",
}  # fmt: skip
"""Territories without a row of their own in the Global Carbon Budget, and the country whose figure
is taken to hold them (an assumption from what the Parties' inventories cover)."""


def national(
    layer: str,
    year: int = 2022,
    *,
    gas: str = "CO2",
    source: str | None = None,
    scope: str = "land-use change",
    detail: str = "full",
) -> pd.DataFrame:
    """Return one layer of the map for every country and territory.

    =========== ============================================================== ===============
    layer       what it is                                                     default source
    =========== ============================================================== ===============
    production  fossil CO2 emitted on the territory (bunkers left out)         ``"fused"``
    consumption what is emitted anywhere for the country's final demand, with  ``"engine"``,
                its households' direct emissions                               else ``"gcb"``
    transfer    consumption less production, both of one source                as consumption
    natural     one scope of natural carbon; positive to the air               `mc.natural`
    =========== ============================================================== ===============

    Parameters
    ----------
    layer : {"production", "consumption", "transfer", "natural"}
    year : int
    gas : {"CO2", "GHG"}
        GHG (Mt CO2e, AR5) from the engine only; natural: CO2, CH4 or N2O, Mt of the gas itself.
    source : {"fused", "gcb", "engine"}, optional
        ``fused``: Global Carbon Budget, CEDS and UNFCCC reconciled by `mc.fuse`. ``gcb``: the
        Global Carbon Budget 2025 alone. ``engine``: the input-output table of 2022, by
        residence: what residents emit, ships and planes included.
    scope : {"managed land", "land-use change", "biosphere", "processes"}
        Of natural carbon; scopes overlap and are never summed.
    detail : {"full", "regions"}
        Of the engine: the embedded accounts of 81 economies, or the table of 20 regions computed
        now. Countries inside a group get a share of its account (`economies.split`), marked.

    Returns
    -------
    pandas.DataFrame
        Index ``iso3``, one row for every country of the database; columns `COLUMNS`. ``value``,
        ``sd``, ``low``, ``high`` in ``unit`` a year; 95 % intervals. Missing is NaN, and ``note``
        says why; ``period``: the years a figure is of. ``attrs``: layer, year, gas, scope,
        source, sign, and of the engine ``groups`` (region -> members) and ``accounts``
        (region -> Mt).

    Raises
    ------
    UnknownNameError
        No such layer, source, scope or detail.
    NotAvailableError
        No figures of that year, or of that gas from that source.

    References
    ----------
    Friedlingstein et al. (2025), Global Carbon Budget 2025, Earth System Science Data (in review).
    Peters (2008), doi:10.1016/j.ecolecon.2007.10.014.

    Examples
    --------
    >>> frame = national("consumption", 2022)
    >>> row = frame.loc["CHN"]
    >>> bool(row.low < row.value < row.high), row.unit
    (True, 'Mt CO2')
    """
    if layer not in LAYERS:
        raise UnknownNameError.of("layer", str(layer), LAYERS)
    if isinstance(year, bool) or not isinstance(year, (int, np.integer)):
        raise InputError(f"year {year!r}", where="national", do="give a year such as 2022")
    year = int(year)
    if detail not in DETAILS:
        raise UnknownNameError.of("detail", str(detail), DETAILS)
    if source is not None and source not in SOURCES:
        raise UnknownNameError.of("source", str(source), SOURCES)
    if layer == "natural":
        if source is not None:
            raise InputError(
                "a source for natural carbon", where="national", do="choose a scope instead"
            )
        from mriocarbon.atlas.natural_layer import natural

        return natural(year, gas=gas, scope=scope)
    if gas not in e.GASES:
        raise UnknownNameError.of("gas", str(gas), e.GASES)
    if source is None:
        source = _default_source(layer, year, gas)
    if gas == "GHG" and source != "engine":
        raise NotAvailableError(
            f"greenhouse gases from {source!r}",
            where=f"layer {layer}",
            do='choose source="engine" (2022), or gas="CO2"',
        )
    if source == "engine":
        if year != e.YEAR:
            raise NotAvailableError(
                f"the engine has no table of {year}",
                where=f"layer {layer}",
                do='choose 2022, or source="gcb"',
            )
        return _engine(layer, gas, detail)
    if source == "fused":
        if layer != "production":
            raise NotAvailableError(
                f"no several sources of {layer} to fuse",
                where=f"layer {layer}",
                do='choose source="engine" or "gcb"',
            )
        return _fused(year)
    return _budget(layer, year)


def _default_source(layer: str, year: int, gas: str) -> str:
    if gas == "GHG":
        return "engine"
    if layer == "production":
        return "fused"
    return "engine" if year == e.YEAR else "gcb"


# -- building frames ------------------------------------------------------------------------


def frame(
    rows: Mapping[str, Mapping[str, Any]],
    unit: str,
    missing: str,
    attrs: Mapping[str, Any],
    reasons: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return a frame over all countries; those without a row are NaN with the reason.

    The reason is the country's own in `reasons`, that it is counted within another, or `missing`.
    """
    import pandas as pd

    nan, own = float("nan"), dict(reasons or {})
    made: list[dict[str, Any]] = []
    gone = {"value": nan, "sd": nan, "low": nan, "high": nan, "source": "", "method": "",
            "estimated": False}  # fmt: skip
    for code, name in e.country_names().items():
        lacking = {**gone, "note": own.get(code) or within(code) or missing}
        period = str(attrs["year"])
        found = rows.get(code, lacking)
        made.append({"iso3": code, "name": name, "unit": unit, "period": period, **found})
    out = pd.DataFrame(made).set_index("iso3")[list(COLUMNS)]
    out.attrs.update(attrs)
    return out


def within(code: str) -> str:
    """Return the reason why a territory has no figure of its own, or nothing."""
    parent = WITHIN.get(code)
    if parent is None:
        return ""
    return f"missing: no figure of its own; taken to be counted within {e.country_names()[parent]}"


def _row(
    value: float, sd: float, source: str, method: str, estimated: bool, note: str
) -> dict[str, Any]:
    low, high = interval(value, sd)
    return {"value": value, "sd": sd, "low": low, "high": high, "source": source,
            "method": method, "estimated": estimated, "note": note}  # fmt: skip


def interval(value: float, sd: float, *, signed: bool = False) -> tuple[float, float]:
    """Return the 95 % interval: normal, or lognormal where a positive value is that unsure.

    ``exp(ln v +- 1.96 s)`` with ``s^2 = ln(1 + sd^2 / v^2)`` where ``sd > v / 4``: a normal
    interval would reach below zero for what cannot be negative.

    Examples
    --------
    >>> low, high = interval(10.0, 5.0)
    >>> round(low, 2), round(high, 2)
    (3.96, 25.24)
    """
    if not signed and value > 0 and sd > _SKEWED * value:
        s = math.sqrt(math.log1p((sd / value) ** 2))
        return value * math.exp(-Z95 * s), value * math.exp(Z95 * s)
    return value - Z95 * sd, value + Z95 * sd


# -- territorial and budget -----------------------------------------------------------------


def _fused(year: int) -> pd.DataFrame:
    return frame(
        _fused_rows(year), "Mt CO2", f"missing: no source has a figure of {year}",
        _attrs("production", year, "CO2", "fused", "territorial"),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _fused_rows(year: int) -> Mapping[str, Mapping[str, Any]]:
    # Some countries have figures only from some year on (Kosovo): fuse refuses unknown ones.
    known = set(database().table("inventories", gas="CO2", year=year)["region"])
    countries = [code for code in e.country_names() if code in known]
    if len(countries) < HALF_WORLD:
        _some({}, "production", year)
    found = fuse("fossil CO2", countries, year)
    result = found.result
    if result.low is None or result.high is None:
        raise AssertionError("a fusion has an interval")
    used: dict[str, list[str]] = {}
    for pull in found.pulls:
        if pull.value == pull.value:
            used.setdefault(pull.region, []).append(f"{pull.edition}")
    rows = {}
    for k, code in enumerate(countries):
        value = float(result.value[k, 0])
        if value != value or code in WITHIN:
            continue
        several = sorted(set(used.get(code, [])))
        rows[code] = {
            "value": value, "sd": float(found.sd[k, 0]), "low": float(result.low[k, 0]),
            "high": float(result.high[k, 0]), "source": "; ".join(several),
            "method": "territorial fossil CO2, sources weighted by their errors (mc.fuse)",
            "estimated": True, "note": "international bunkers are in no country",
        }  # fmt: skip
    _some(rows, "production", year)
    return MappingProxyType(rows)


def _budget(layer: str, year: int) -> pd.DataFrame:
    produced = budget_territorial(year)
    own = e.budget_consumption(year)
    rows: dict[str, dict[str, Any]] = {}
    wanted = produced if layer == "production" else own
    for code, value in wanted.items():
        sd = source_errors().of("GCB", code) * abs(value)
        if layer == "production":
            note = "interval: errors of the source after Andres et al. (2014) and NRC (2010)"
            rows[code] = _row(value, sd, BUDGET, "territorial fossil CO2", False, note)
            continue
        share = e.budget_error(value)
        sd, note = share * abs(value), consumption_note(share)
        method = "consumption-based fossil CO2 (after Peters et al. 2011, GTAP tables)"
        if layer == "consumption":
            rows[code] = _row(value, sd, BUDGET, method, True, note)
        elif code in produced:
            # The two share their emissions; what is left is the error of what trade moves.
            net = value - produced[code]
            low, high = interval(net, sd, signed=True)
            row = _row(net, sd, BUDGET, f"{method}, less territorial", True, note)
            rows[code] = {**row, "low": low, "high": high}
    _some(rows, layer, year)
    what = "figure" if layer == "production" else "consumption account"
    why = f"missing: the {BUDGET} has no {what}"
    return frame(
        rows, "Mt CO2", why, _attrs(layer, year, "CO2", "gcb", "territorial")
    )  # fmt: skip


def consumption_note(share: float | None = None) -> str:
    """Return in words what the interval of the budget's consumption account is."""
    size = "" if share is None else f"{100 * share:.0f} % of consumption (one sd), "
    return (
        f"interval: {size}by a law of size fitted to how this account and the engine's differ"
        " in 2022"
    )


def budget_territorial(year: int) -> dict[str, float]:
    """Return territorial fossil CO2 of the Global Carbon Budget 2025 by country, Mt CO2."""
    found = database().table(
        "inventories", source="gcb-2025-fossil", scope="territorial", gas="CO2", year=year
    )
    countries = e.country_names()
    return {
        str(r): float(v)
        for r, v in zip(found["region"], found["value"], strict=True)
        if r in countries and v == v
    }


def _some(rows: Mapping[str, Any], layer: str, year: int) -> None:
    if len(rows) < HALF_WORLD:
        raise NotAvailableError(
            f"figures of {year} for {len(rows)} countries only",
            where=f"layer {layer}",
            do="choose a year from 1990 to 2024 for production, to 2023 for consumption",
        )


# -- engine ---------------------------------------------------------------------------------


def _engine(layer: str, gas: str, detail: str) -> pd.DataFrame:
    made = e.engine(gas) if detail == "full" else _regions(gas)
    countries = [c for c in e.country_names() if c not in WITHIN]
    groups = e.members(countries, tuple(made["production"]))
    territorial = _territorial_2022()
    unit = "Mt CO2" if gas == "CO2" else "Mt CO2e (AR5)"
    names = ("production", "consumption") if layer == "transfer" else (layer,)
    by = {name: e.weights(name, territorial, gas=gas) for name in names}
    table = "81 economies x 50 industries" if detail == "full" else "20 regions x 50 industries"
    how = f"{layer} account by residence, with households, {table}"
    rows: dict[str, dict[str, Any]] = {}
    for region, of in groups.items():
        own = made[layer][region]
        note = (
            "interval: first order, errors of the table assumed; emissions by industry and"
            " the origin of imported final demand are estimates"
        )
        if of == (region,):
            low, high = interval(own.value, own.sd, signed=True)
            row = _row(own.value, own.sd, ENGINE, how, True, note)
            rows[region] = {**row, "low": low, "high": high}
            continue
        parts = {name: e.split(made[name][region], of, by[name]) for name in names}
        for code in of:
            if not all(code in parts[name].value for name in names):
                continue
            basis = by[names[-1]].basis[code]
            text = f"share of {region}'s account by {basis}; {note}"
            if layer != "transfer":
                value, sd = parts[layer].value[code], parts[layer].sd[code]
                rows[code] = _row(value, sd, ENGINE, f"{how}; split", True, text)
                continue
            p, c = parts["production"], parts["consumption"]
            value = c.value[code] - p.value[code]
            # The group's own error is in both; the errors of the weights are not.
            sd = math.hypot(c.sd[code], p.sd[code])
            low, high = interval(value, sd, signed=True)
            row = _row(value, sd, ENGINE, f"{how}; split", True, text)
            rows[code] = {**row, "low": low, "high": high}
    attrs = _attrs(layer, e.YEAR, gas, "engine", "residence")
    attrs["groups"] = {region: tuple(c for c in of if c in rows) for region, of in groups.items()}
    attrs["accounts"] = {region: made[layer][region].value for region in groups}
    missing = "missing: no emissions of its own to share the rest of the world's account by"
    return frame(rows, unit, missing, attrs)


@lru_cache(maxsize=1)
def _territorial_2022() -> Mapping[str, float]:
    return MappingProxyType({c: float(row["value"]) for c, row in _fused_rows(e.YEAR).items()})


@lru_cache(maxsize=4)
def _regions(gas: str) -> Mapping[str, Mapping[str, e.Account]]:
    """Compute the three accounts of the 20 regions now; the embedded table does not change."""
    mrio = load("oecd-icio-2022")
    errors = default_errors(mrio, gas)
    R = len(mrio.regions)
    made = account(mrio, "production", stressor=gas, uncertainty="first-order", errors=errors)
    if made.low is None or made.high is None:
        raise AssertionError("an account with uncertainty has an interval")
    consumed = first_order(mrio, errors, stressor=gas)
    paired = first_order(mrio, errors, stressor=gas, less_production=np.ones(R))
    produced = made.value[:R]
    spread = (made.high - made.low)[:R] / (2 * Z95)
    return MappingProxyType(
        {
            "production": _accounts(mrio.regions, produced, spread),
            "consumption": _accounts(mrio.regions, consumed.value, consumed.sd),
            "transfer": _accounts(mrio.regions, consumed.value - produced, paired.sd),
        }
    )


def _accounts(names: Sequence[str], value: Any, sd: Any) -> Mapping[str, e.Account]:
    return MappingProxyType(
        {name: e.Account(float(v), float(s)) for name, v, s in zip(names, value, sd, strict=True)}
    )


def _attrs(layer: str, year: int, gas: str, source: str, scope: str) -> dict[str, Any]:
    return {"layer": layer, "year": year, "gas": gas, "source": source, "scope": scope,
            "sign": "positive: to the air; of a transfer: more consumed than produced"}  # fmt: skip
