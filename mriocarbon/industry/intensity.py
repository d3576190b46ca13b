r"""Embedded emissions of a tonne of a good, by the boundary of the CBAM.

Direct emissions of the process, and of the precursors that are CBAM goods, made in the same
country by its national mix of routes:

.. math::
    e_g = \pi \sum_r s_r \Bigl(d_r + \sum_p a_{rp} e_p \Bigr)

with :math:`s_r` the share of route r, :math:`d_r` its own direct emissions, :math:`a_{rp}` tonnes
of precursor p and :math:`\pi` the spread of a country's practice about a typical plant. Indirect
emissions take the electricity in place of the direct emissions.

A loading is the slope of the logarithm in a standard normal factor, the others at their medians,

.. math:: \lambda_k = \frac{\ln e(\sqrt 3) - \ln e(-\sqrt 3)}{2 \sqrt 3}

which is the derivative where the logarithm is linear and otherwise the regression coefficient of
three-point Gauss-Hermite quadrature: it keeps the spread right where a factor is wide. The central
value is that at the medians of all parameters; where wide factors bend the logarithm, as with the
unknown route mix of a small country, the median of the draws lies up to some 15 % above it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.balance import Process
from mriocarbon.industry.parameters import (
    Array,
    Deviate,
    Parameter,
    Parameters,
    deviates,
    parameter,
)
from mriocarbon.industry.processes import made_by, made_from, process, products
from mriocarbon.industry.routes import grid, route_mix
from mriocarbon.model.brief import brief

__all__ = ["Intensity", "intensity", "products", "routes_to", "sample"]

_STEP = math.sqrt(3)
_DROP = 1e-9
_CLOSED = 1e-12


@dataclass(frozen=True, slots=True)
class Intensity:
    """Emissions of one good, with what they hang on.

    Attributes
    ----------
    product, origin, route : str
        What, from where; one route, or "" for the national mix.
    direct, indirect : float
        At the medians of all parameters, t CO2e per t; `indirect` is NaN where electricity is
        out of scope, which is not zero: it was not modelled.
    loadings, loadings_total : mapping of str to float
        Change of ``ln direct`` and of ``ln (direct + indirect)`` per standard deviation of each
        independent factor (slope between -sqrt(3) and +sqrt(3) of them); the second is empty
        where electricity is out of scope.
    sources, assumed : tuple of str
        Citations; what is assumed, with the reason.
    carbon_closed : bool
        Whether every process behind it gives off the carbon it takes in, to 1e-12.
    """

    product: str
    origin: str
    route: str
    direct: float
    indirect: float
    loadings: Mapping[str, float]
    loadings_total: Mapping[str, float]
    sources: tuple[str, ...]
    assumed: tuple[str, ...]
    carbon_closed: bool

    __repr__ = brief


class _Country:
    """All goods of one origin at given deviates; each good and process is worked out once."""

    def __init__(
        self, origin: str, z: Deviate, gwp: Mapping[str, float], given: Mapping[str, float]
    ) -> None:
        self.origin, self.z, self.gwp = origin, z, gwp
        self.p = Parameters(origin, z, dict(given))
        self._made: dict[tuple[str, str], tuple[Array, Array]] = {}
        self._processes: dict[str, Process] = {}
        self._mixes: dict[str, dict[str, Array]] = {}

    def process(self, name: str) -> Process:
        if name not in self._processes:
            self._processes[name] = process(name, self.p)
        return self._processes[name]

    def _mix(self, name: str) -> dict[str, Array]:
        if name not in self._mixes:
            self._mixes[name] = route_mix(self.origin, name).at(self.z)
        return self._mixes[name]

    def _by(self, name: str, route: str) -> tuple[Array, Array]:
        made = self.process(name)
        direct = np.asarray(made.direct)
        for gas, mass in made.gases.items():
            factor = self.gwp[gas] if gas in self.gwp else self.p("gwp", gas)
            direct = direct + mass * factor
        power = np.asarray(made.electricity)
        for source, mass in made.precursors:
            # a precursor of one fixed route is written product:route
            what, _, fixed = source.partition(":")
            inner = fixed or (route if route in routes_to(what) else "")
            d, e = self.product(what, inner)
            direct, power = direct + mass * d, power + mass * e
        return np.asarray(direct), np.asarray(power)

    def product(self, name: str, route: str) -> tuple[Array, Array]:
        """Direct emissions and electricity of a good, before practice."""
        key = (name, route)
        if key not in self._made:
            how = made_by(name)
            if not how.mix:
                self._made[key] = self._by(how.routes[0], route)
            elif route in how.routes:
                self._made[key] = self._by(route, route)
            else:
                parts = [(s, *self._by(r, route)) for r, s in self._mix(how.mix).items()]
                direct = sum((s * d for s, d, _ in parts), np.zeros(()))
                power = sum((s * e for s, _, e in parts), np.zeros(()))
                self._made[key] = (np.asarray(direct), np.asarray(power))
            if how.family == "alloys":  # their works are another trade than that of the good
                direct, power = self._made[key]
                self._made[key] = (np.asarray(direct * self._practice("alloys")), power)
        return self._made[key]

    def _practice(self, family: str) -> Array:
        sd = parameter("practice", family).sd
        return np.asarray(np.exp(sd * self.p.z(f"practice.{self.origin}.{family}")))

    def good(self, name: str, route: str) -> tuple[Array, Array]:
        """Direct and indirect emissions, practice of the country included."""
        direct, power = self.product(name, route)
        for family in families(name):
            if family != "alloys":
                direct = direct * self._practice(family)
        supply = grid(self.origin)
        factor = supply.value * np.exp(supply.log_sd * self.p.z(f"grid.{self.origin}"))
        return np.asarray(direct), np.asarray(power * factor)


@cache
def families(name: str) -> tuple[str, ...]:
    """Return the trades whose spread of practice holds for a good: its own and its material's.

    Examples
    --------
    >>> families("fastener")
    ('articles', 'steel')
    """
    own = made_by(name).family
    source = made_from(name)
    return (own, *families(source)) if own == "articles" and source else (own,)


@cache
def routes_to(name: str) -> frozenset[str]:
    """Return the routes that a good, or a precursor of it, can be made by.

    Examples
    --------
    >>> sorted(routes_to("aluminium-foil"))
    ['hall-heroult', 'secondary-aluminium']
    """
    how = made_by(name)
    found = set(how.routes) if how.mix else set()
    median = Parameters("", lambda key: np.zeros(()))
    for route in how.routes:
        for source, _ in process(route, median).precursors:
            if ":" not in source:
                found |= routes_to(source)
    return frozenset(found)


class _Recorder:
    """Medians for everyone, and a list of the factors that were asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}

    def __call__(self, key: str) -> Array:
        self.keys.setdefault(key, len(self.keys))
        return np.zeros(1)


class _Nudge:
    """Column 0 is the median; columns 1 + 2k and 2 + 2k move factor k up and down by sqrt(3)."""

    def __init__(self, keys: Mapping[str, int]) -> None:
        self.keys, self.width = keys, 1 + 2 * len(keys)

    def __call__(self, key: str) -> Array:
        z = np.zeros(self.width)
        place = 1 + 2 * self.keys[key]
        z[place], z[place + 1] = _STEP, -_STEP
        return z


def _known(origin: str) -> str:
    if not (isinstance(origin, str) and len(origin) in (0, 3, 5)) or origin != origin.upper():
        raise InputError(
            f"origin {origin!r} is no ISO3 code",
            where="industry.intensity, origin",
            do='give three capital letters such as "CHN", or "OTHER" for the rest',
        )
    if origin != "OTHER" and not origin.isalpha():
        raise InputError(f"origin {origin!r} is no ISO3 code", where="industry.intensity, origin")
    return origin


def _checked(product: str, route: str) -> None:
    made_by(product)
    if route and route not in routes_to(product):
        raise UnknownNameError.of(f"route to {product}", route, sorted(routes_to(product)))


@lru_cache(maxsize=8)
def _country(
    origin: str, gwp: tuple[tuple[str, float], ...], given: tuple[tuple[str, float], ...]
) -> tuple[_Country, dict[str, int]]:
    """The country at its nudges: two passes, one to find the factors, one to move them."""
    recorder = _Recorder()
    first = _Country(origin, recorder, dict(gwp), dict(given))
    for name in products():
        first.good(name, "")
        for route in sorted(routes_to(name)):
            first.good(name, route)
    return _Country(origin, _Nudge(recorder.keys), dict(gwp), dict(given)), recorder.keys


def _loadings(values: Array, keys: Mapping[str, int]) -> dict[str, float]:
    if values.ndim == 0 or values.size == 1:
        return {}
    slopes = (np.log(values[1::2]) - np.log(values[2::2])) / (2 * _STEP)
    return {key: float(slopes[k]) for key, k in keys.items() if abs(slopes[k]) > _DROP}


def intensity(
    product: str,
    *,
    origin: str,
    route: str | None = None,
    gwp: Mapping[str, float] | None = None,
    given: Mapping[str, float] | None = None,
) -> Intensity:
    """Return the emissions of a good made in a country.

    Parameters
    ----------
    product : str
        One of :func:`products`.
    origin : str
        ISO3 of the country of production; a country without data of its own is treated as the
        rest of the world, which is told in `assumed`.
    route : str, optional
        One route, such as "bf-bof"; the national mix if left out.
    gwp : mapping, optional
        Other global warming potentials than those of Implementing Regulation (EU) 2025/2547.
    given : mapping of str to float, optional
        Parameters to set, by ``process.name``; they carry no uncertainty then.

    Returns
    -------
    Intensity

    Raises
    ------
    UnknownNameError
        No such product, or no such route to it.
    InputError
        `origin` is no ISO3 code, or a value given is not finite.

    Examples
    --------
    >>> steel = intensity("crude-steel", origin="CHN", route="bf-bof")
    >>> 1.3 < steel.direct < 2.0, steel.carbon_closed
    (True, True)
    """
    chosen, place = route or "", _known(origin)
    _checked(product, chosen)
    country, keys = _country(place, _frozen(gwp, "gwp"), _frozen(given, "given"))
    direct, indirect = country.good(product, chosen)
    scope = made_by(product).electricity
    full = np.broadcast_to(direct, (1 + 2 * len(keys),))
    total = full + np.broadcast_to(indirect, full.shape)
    loadings = _loadings(np.asarray(full), keys)
    with_power = _loadings(np.asarray(total), keys) if scope else {}
    sources, assumed, closed = _grounds(product, place, chosen)
    if scope:
        supply = grid(place)
        sources += (supply.source,) if supply.source != "assumed" else ()
        assumed += (supply.assumed,) if supply.assumed else ()
    return Intensity(
        product,
        place,
        chosen,
        float(full[0]),
        float(np.ravel(indirect)[0]) if scope else float("nan"),
        loadings,
        with_power,
        sources,
        assumed,
        closed,
    )


def _frozen(values: Mapping[str, float] | None, name: str) -> tuple[tuple[str, float], ...]:
    for key, value in (values or {}).items():
        if not np.isfinite(value) or value < 0:
            raise InputError(
                f"{name}[{key!r}] is {value!r}, not a finite number of at least zero",
                where=f"industry.intensity, {name}",
                do="leave it out to use the table's value",
            )
    return tuple(sorted((key, float(value)) for key, value in (values or {}).items()))


@lru_cache(maxsize=4096)
def _facts(name: str, origin: str) -> tuple[tuple[Parameter, ...], tuple[str, ...], bool]:
    """Rows a process reads, the products it takes, and whether its carbon closes."""
    p = Parameters(origin, lambda key: np.zeros(()))
    made = process(name, p)
    closed = made.gap("C") <= _CLOSED and float(np.ravel(made.co2)[0]) >= -_CLOSED
    return tuple(p.used.values()), tuple(source for source, _ in made.precursors), closed


def _behind(product: str, origin: str, route: str) -> tuple[set[str], set[str]]:
    """Every process and every route mix behind one good."""
    seen: set[tuple[str, str]] = set()
    used: set[str] = set()
    found_mixes: set[str] = set()
    waiting = [(product, route)]
    while waiting:
        name, chosen = waiting.pop()
        if (name, chosen) in seen:
            continue
        seen.add((name, chosen))
        how = made_by(name)
        by = (chosen,) if chosen in how.routes else how.routes
        if how.mix and chosen not in how.routes:
            found_mixes.add(how.mix)
            by = tuple(route_mix(origin, how.mix).shares)
        for one in by:
            used.add(one)
            for source in _facts(one, origin)[1]:
                what, _, fixed = source.partition(":")
                waiting.append((what, fixed or (chosen if chosen in routes_to(what) else "")))
    return used, found_mixes


def _grounds(
    product: str, origin: str, route: str
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    used, used_mixes = _behind(product, origin, route)
    facts = [_facts(name, origin) for name in sorted(used)]
    practice = [parameter("practice", family) for family in families(product)]
    read = {row.key: row for seen, _, _ in facts for row in seen} | {r.key: r for r in practice}
    sources = [row.source for row in read.values() if row.source != "assumed"]
    assumed = [f"{r.key} = {r.value:g} {r.unit}: {r.assumed}" for r in read.values() if r.assumed]
    for name in sorted(used_mixes):
        mix = route_mix(origin, name)
        sources += mix.sources
        assumed += mix.assumed
    closed = all(fact[2] for fact in facts)
    return tuple(dict.fromkeys(sources)), tuple(dict.fromkeys(assumed)), closed


def sample(
    names: Iterable[str], origin: str, draws: int, seed: int, *, route: str | None = None
) -> dict[str, tuple[Array, Array]]:
    """Draw direct and total emissions of goods by Monte Carlo, from the same factors.

    Parameters
    ----------
    names : iterable of str
        Goods, of :func:`products`.
    origin : str
        ISO3 of the country.
    draws, seed : int
        How many, and where to start; the same factor gets the same draws for every good.
    route : str, optional
        Of production, for all of `names`; the mix of the country if left out.

    Returns
    -------
    dict of str to (ndarray, ndarray)
        Direct, and direct with indirect, t CO2e/t, shape (draws,).

    Raises
    ------
    InputError
        `draws` is not positive.
    UnknownNameError
        A good without a model, no such route to it, or a country that no table has.

    Examples
    --------
    >>> direct, total = sample(["clinker-grey"], "CHN", 1000, 1)["clinker-grey"]
    >>> direct.shape, bool((total > direct).all())
    ((1000,), True)
    """
    if draws < 1:
        raise InputError(f"draws must be positive, not {draws}", where="industry.sample, draws")
    country = _Country(_known(origin), deviates(draws, seed), {}, {})
    found = {}
    for name in names:
        _checked(name, route or "")
        direct, indirect = country.good(name, route or "")
        full = np.broadcast_to(direct, (draws,))
        found[name] = (np.array(full), np.array(full + indirect))
    return found
