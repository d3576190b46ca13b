"""Producer prices of 2022 in USD per tonne, step by step, with what each step may be wrong by.

An intensity per USD of output becomes one per tonne through the price of the producer. Prices
at hand are import unit values of 2024 and exchange prices of 2022; each step to the basic price
of 2022 at home is named and carries its own log standard deviation. What has no source is
assumed and says so. No price is no reference: never zero, never a guess.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from types import MappingProxyType

from mriocarbon import embedded
from mriocarbon.errors import InputError, UnitError
from mriocarbon.io.user_csv import Row, read_rows
from mriocarbon.model.brief import brief

__all__ = ["Price", "PriceRow", "Prices", "Step", "no_price", "read_prices", "unit_price"]

UNITS = ("USD/t", "EUR/t")
BASES = ("producer", "fob", "cif", "cfr")
YEARS = (2022, 2024)
PLAUSIBLE = (10.0, 50_000.0)
"""USD or EUR per tonne: outside, a unit is probably wrong (per kg, or per thousand tonnes)."""

USER_COLUMNS = ("cn", "value", "unit", "year", "basis", "log_sd", "source")
USER_OPTIONAL = ("origin", "family", "note")
_NOTE_OF_USER = "user's price"


@dataclass(frozen=True, slots=True)
class Step:
    """A factor on the way from the observed price to the producer's, with its log sd."""

    name: str
    factor: float
    log_sd: float
    source: str
    assumed: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price as it was found (`kind` observed), borrowed (like) or known to be missing (none)."""

    kind: str
    cn: str
    origin: str
    family: str
    value: float
    unit: str
    year: int
    basis: str
    like: str
    factor: float
    log_sd: float
    source: str
    assumed: str


@dataclass(frozen=True, slots=True)
class Price:
    """The producer's price of a good.

    Attributes
    ----------
    usd_per_tonne : float
        Median, basic price of `year` (2022), USD per tonne.
    log_sd : float
        Of ln price; its square is the sum of the squared `loadings`.
    year : int
    basis : str
        Always ``producer``.
    steps : tuple of Step
        In order: the product of the factors with the observed price is `usd_per_tonne`.
    source : str
    assumed : tuple of str
        What of it is assumed, with the reason.
    observed : float
        The price the steps start from, in the unit of the first step's name.
    family, cn_used : str
        Family that shares an error; heading whose price was taken.
    origins_used : tuple of str
        Origins of the observed prices; empty for a world price.
    loadings : mapping of str to float
        ``price.<family>``, ``price.<family>.<ORIGIN>``, ``deflator.<family>``, ``margin.<basis>``
        and ``price.like.<cn>``.
    """

    usd_per_tonne: float
    log_sd: float
    year: int
    basis: str
    steps: tuple[Step, ...]
    source: str
    assumed: tuple[str, ...]
    observed: float
    family: str
    cn_used: str
    origins_used: tuple[str, ...]
    loadings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a user; they come before those of the package."""

    rows: tuple[PriceRow, ...]
    path: str

    __repr__ = brief


@lru_cache(maxsize=1)
def _rows() -> tuple[PriceRow, ...]:
    return tuple(
        PriceRow(
            kind=r["kind"],
            cn=r["cn"],
            origin=r["origin"],
            family=r["family"],
            value=float(r["value"] or "nan"),
            unit=r["unit"],
            year=int(r["year"] or 0),
            basis=r["basis"],
            like=r["like"],
            factor=float(r["factor"] or "nan"),
            log_sd=float(r["log_sd"] or "nan"),
            source=r["source"],
            assumed=r["assumed"],
        )
        for r in embedded.rows("cbam", "tables", "prices.csv")
    )


@lru_cache(maxsize=1)
def _steps() -> Mapping[tuple[str, str], Step]:
    return {
        (r["step"], r["key"]): Step(
            f"{r['step']} {r['key']}",
            float(r["factor"]),
            float(r["log_sd"]),
            r["source"],
            r["assumed"],
        )
        for r in embedded.rows("cbam", "tables", "price_steps.csv")
    }


@lru_cache(maxsize=4096)
def _candidates(cn: str, kinds: tuple[str, ...]) -> tuple[PriceRow, ...]:
    """The rows of the longest heading that covers a code."""
    covering = [r for r in _rows() if cn.startswith(r.cn) and r.kind in kinds]
    longest = max((len(r.cn) for r in covering), default=0)
    return tuple(r for r in covering if len(r.cn) == longest)


@lru_cache(maxsize=4096)
def no_price(cn: str) -> str:
    """Return why a good has no price in the package, in words.

    Examples
    --------
    >>> no_price("28041000")
    'hydrogen is hardly traded: no published price per tonne at hand'
    """
    for row in _candidates(cn, ("observed", "like", "none")):
        if row.kind == "none":
            return row.assumed
    below = [r for r in _rows() if r.cn.startswith(cn) and r.kind != "none"]
    if below:
        return f"prices are known only for parts of CN {cn}: ask for a longer code"
    return f"no price of CN {cn} at hand"


def unit_price(cn: str, origin: str, prices: Prices | None = None) -> Price | None:
    r"""Return the producer price of a good in 2022, or None if there is none.

    .. math:: p = \bar p_{obs} \prod_s f_s, \qquad
              \sigma^2 = \sigma_{obs}^2 + \sigma_{origin}^2 + \sum_s \sigma_s^2

    The observed price is that of the origin itself where there is one, otherwise the geometric
    mean over the origins observed, with the spread between origins in the interval.

    Parameters
    ----------
    cn : str
        CN code, bare digits; the longest heading with a price that covers it is used.
    origin : str
        ISO3 of the country of production.
    prices : Prices, optional
        A user's prices (:func:`read_prices`), used before those of the package.

    Returns
    -------
    Price or None
        :func:`no_price` tells why there is none.

    Examples
    --------
    >>> price = unit_price("7601", "CHN")
    >>> round(price.usd_per_tonne), round(price.log_sd, 2)
    (2651, 0.09)
    >>> unit_price("28041000", "CHN") is None
    True
    """
    if prices is not None:
        mine = _of_user(cn, origin, prices)
        if mine is not None:
            return mine
    return _of_package(cn, origin)


def _of_user(cn: str, origin: str, prices: Prices) -> Price | None:
    covering = [r for r in prices.rows if cn.startswith(r.cn) and r.origin in ("", origin)]
    if not covering:
        return None
    longest = max(len(r.cn) for r in covering)
    best = sorted((r for r in covering if len(r.cn) == longest), key=lambda r: r.origin == "")
    return _price([best[0]], origin, like=None, own=best[0].origin == origin)


@lru_cache(maxsize=65536)
def _of_package(cn: str, origin: str) -> Price | None:
    rows = _candidates(cn, ("observed", "like", "none"))
    if not rows or any(r.kind == "none" for r in rows):
        return None
    like = rows[0] if rows[0].kind == "like" else None
    if like is not None:
        rows = _candidates(like.like, ("observed",))
    own = [r for r in rows if r.origin == origin]
    return _price(own or list(rows), origin, like=like, own=bool(own))


def _price(rows: list[PriceRow], origin: str, *, like: PriceRow | None, own: bool) -> Price:
    first = rows[0]
    family = like.family if like else first.family
    logs = [math.log(r.value) for r in rows]
    observed = first.value if len(rows) == 1 else math.exp(fmean(logs))
    table = _steps()
    steps = []

    def add(kind: str, key: str) -> float:
        step = table.get((kind, key))
        if step is None:
            raise InputError(
                f"no step {kind!r} for {key!r}",
                where=f"price of CN {first.cn}",
                do="give the price as a producer price of 2022 in USD/t",
            )
        steps.append(step)
        return step.log_sd

    add("unit", f"{first.unit} {first.year}")
    loadings = {f"price.{family}": fmean(r.log_sd for r in rows)}
    assumed = [f"price of CN {r.cn}: {r.assumed}" for r in rows if r.assumed]
    if first.year != 2022:
        loadings[f"deflator.{family}"] = add("deflator", family)
    margin = add("margin", first.basis)
    loadings[f"margin.{first.basis}"] = margin
    if like is not None:
        why = f"borrowed from CN {like.like} within {family}: {like.assumed}"
        steps.append(Step(f"like {like.cn}", like.factor, like.log_sd, "", why))
        loadings[f"price.like.{like.cn}"] = like.log_sd
    if not own and ("origin", family) in table:
        # the price of other places, or of the world, stands for that of the origin
        step = table[("origin", family)]
        between = _spread(logs)
        steps.append(Step(step.name, 1.0, max(step.log_sd, between), step.source, step.assumed))
        loadings[f"price.{family}.{origin}"] = max(step.log_sd, between)
    value = observed * math.prod(s.factor for s in steps)
    assumed += [f"{s.name}: factor {s.factor:g}, log-sd {s.log_sd:g}: {s.assumed}"
                for s in steps if s.assumed]  # fmt: skip
    sources = [r.source for r in rows] + [s.source for s in steps]
    kept = {key: sd for key, sd in loadings.items() if sd}
    return Price(
        usd_per_tonne=value,
        log_sd=math.sqrt(sum(sd * sd for sd in kept.values())),
        year=2022,
        basis="producer",
        steps=tuple(steps),
        source="; ".join(dict.fromkeys(s for s in sources if s)),
        assumed=tuple(dict.fromkeys(assumed)),
        observed=observed,
        family=family,
        cn_used=first.cn,
        origins_used=tuple(r.origin for r in rows if r.origin),
        loadings=MappingProxyType(kept),
    )


def _spread(logs: list[float]) -> float:
    if len(logs) < 2:
        return 0.0
    middle = fmean(logs)
    return math.sqrt(sum((v - middle) ** 2 for v in logs) / (len(logs) - 1))


def read_prices(path: str | Path) -> Prices:
    """Read a user's prices.

    Parameters
    ----------
    path : str or Path
        CSV with the columns ``cn`` (4, 6 or 8 digits), ``value``, ``unit`` (USD/t or EUR/t),
        ``year`` (2022 or 2024), ``basis`` (producer, fob, cif or cfr), ``log_sd`` (standard
        deviation of ln value) and ``source``; optional ``origin`` (ISO3; empty for all),
        ``family`` (which deflator to use for 2024) and ``note``.

    Returns
    -------
    Prices

    Raises
    ------
    DataFileError
        The file cannot be read.
    InputError
        A column is missing, a cell is no number, or a row stands twice; row and column are named.
    UnitError
        Another unit, or a value outside 10 to 50,000 per tonne.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "mine.csv"
    ...     _ = file.write_text("cn,value,unit,year,basis,log_sd,source\\n"
    ...                         "7208,800,USD/t,2022,fob,0.1,our invoices\\n")
    ...     found = read_prices(file)
    >>> [(row.cn, row.value) for row in found.rows]
    [('7208', 800.0)]
    """
    found: dict[tuple[str, str], tuple[int, PriceRow]] = {}
    for row in read_rows(path, USER_COLUMNS, USER_OPTIONAL):
        made = _user_row(row)
        key = (made.cn, made.origin)
        if key in found:
            raise InputError(
                f"CN {made.cn}, origin {made.origin or 'any'} stands in rows {found[key][0]}"
                f" and {row.number}",
                where=row.where("cn"),
                do="keep one of them",
            )
        found[key] = (row.number, made)
    return Prices(tuple(made for _, made in found.values()), str(path))


def _user_row(row: Row) -> PriceRow:
    cn = row.text("cn").replace(" ", "").replace(".", "")
    if not (cn.isascii() and cn.isdigit() and len(cn) in (4, 6, 8)):
        raise InputError(
            f"{row.text('cn')!r} is no CN code",
            where=row.where("cn"),
            do="write 4, 6 or 8 digits",
        )
    unit = row.unit(
        "unit", UNITS, "convert the value to money per metric tonne (1 USD/kg is 1000 USD/t)"
    )
    value = row.number_of("value")
    log_sd = row.number_of("log_sd")
    assert value is not None and log_sd is not None
    if not PLAUSIBLE[0] <= value <= PLAUSIBLE[1]:
        raise UnitError(
            f"{value:g} {unit} is no price of a good of the CBAM",
            where=row.where("value"),
            do=f"give money per metric tonne, between {PLAUSIBLE[0]:g} and {PLAUSIBLE[1]:g}",
        )
    if log_sd > 3:
        raise InputError(
            f"log_sd {log_sd:g} is out of range",
            where=row.where("log_sd"),
            do="give the standard deviation of ln(value), such as 0.10 for some 10 %",
        )
    year = row.text("year")
    if year not in map(str, YEARS):
        raise InputError(
            f"no deflator for year {year!r}",
            where=row.where("year"),
            do="give a price of 2022 (used as it stands) or of 2024",
        )
    basis = row.text("basis")
    if basis not in BASES:
        raise InputError(
            f"unknown basis {basis!r}", where=row.where("basis"), do="one of " + ", ".join(BASES)
        )
    family = row.text("family", needed=False) or _family(cn)
    if int(year) != 2022 and ("deflator", family) not in _steps():
        known = sorted(key for step, key in _steps() if step == "deflator")
        raise InputError(
            f"no deflator of family {family!r}",
            where=row.where("family"),
            do="name one of " + ", ".join(known) + ", or give a price of 2022",
        )
    return PriceRow(
        kind="observed",
        cn=cn,
        origin=row.text("origin", needed=False).upper(),
        family=family or f"user {cn}",
        value=value,
        unit=unit,
        year=int(year),
        basis=basis,
        like="",
        factor=1.0,
        log_sd=log_sd,
        source=f"{_NOTE_OF_USER}: {row.text('source')}",
        assumed="",
    )


def _family(cn: str) -> str:
    rows = _candidates(cn, ("observed", "like", "none"))
    return rows[0].family if rows else ""
