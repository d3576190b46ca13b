r"""References from the input-output table, over the CBAM's own boundary.

The direct emissions of the industries that make a good and its CBAM precursors, in all regions,
and of nobody else:

.. math:: m_P = f_P (I - A_{PP})^{-1}, \qquad R = p \sum_{j} w_j m_{r j}

with P the industries (all regions), f their emissions per USD in the gases of the good's scope,
w the concordance and p the producer's price in USD/t. P = everything gives the full Leontief
multiplier; what lies between the two is the scope gap, shown apart and never mixed in.

A sector average is not a product. Where the good is far from the average of its industry
(ammonia within chemicals, clinker within glass, ceramics and cement) the interval is wide, as it
must be, and the notes say so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.cbam.concordance import SOURCE as CONCORDANCE_SOURCE
from mriocarbon.cbam.concordance import industries
from mriocarbon.cbam.goods import good
from mriocarbon.cbam.mrio_boundary import GWP, InBoundary, footprint, intensity_in_boundary, kept
from mriocarbon.cbam.mrio_spread import (
    PRODUCT_SPREAD,
    UNKNOWN_CELL,
    aggregation,
    booking,
    cell_loadings,
    product_spread,
)
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.prices import Price, Prices, no_price, unit_price
from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.config import data_folder
from mriocarbon.datasets.load import load
from mriocarbon.datasets.national import region_of
from mriocarbon.errors import UnknownNameError
from mriocarbon.model import MRIO

__all__ = [
    "GWP",
    "PRODUCT_SPREAD",
    "InBoundary",
    "ScopeGap",
    "boundary_industries",
    "intensity_in_boundary",
    "references_mrio",
    "scope_gap",
]

OTHER = "OTHER"
TABLE = "oecd-icio-2022"
_LEGAL = {"CO2": "CO2", "N2O": "N2O", "PFC": "F-gases"}
_METAL = {"iron_steel": "C24A", "aluminium": "C24B"}


@dataclass(frozen=True, slots=True)
class ScopeGap:
    """How far the full footprint reaches beyond the CBAM's boundary, t CO2e per t of good.

    Attributes
    ----------
    cn, origin, region_used : str
    boundary : float
        R, over the CBAM's boundary.
    footprint : float
        ``p f (I - A)^-1`` over the whole economy, the same gases.
    footprint_all_gases : float
        The same with CO2, CH4, N2O and fluorinated gases.
    gap, gap_all_gases : float
        Footprint less boundary.
    """

    cn: str
    origin: str
    region_used: str
    boundary: float
    footprint: float
    footprint_all_gases: float
    gap: float
    gap_all_gases: float


def boundary_industries(cn: str, sector: str) -> tuple[str, ...]:
    """Return P: the industries that make a good and its CBAM precursors.

    Fabricated goods of chapters 73 and 76 (C25) have basic metal as precursor; every other good
    has its precursors within its own industry.

    Parameters
    ----------
    cn : str
        CN code, bare digits.
    sector : str
        Of the good: ``iron_steel``, ``aluminium``, ``cement``, ``fertilisers``, ``hydrogen``.

    Examples
    --------
    >>> boundary_industries("7308", "iron_steel"), boundary_industries("7208", "iron_steel")
    (('C24A', 'C25'), ('C24A',))
    """
    names = {name for name, _ in industries(cn)}
    if "C25" in names and sector in _METAL:
        names.add(_METAL[sector])
    return tuple(sorted(names))


@lru_cache(maxsize=2)
def _default_table(detail: str, folder: object) -> MRIO:
    del folder  # only part of the key: another data folder is another table
    return load(TABLE, detail=detail)


def _table_for(origin: str, mrio: MRIO | None) -> MRIO:
    """The given table; else the embedded one for its single countries, the full one for others."""
    if mrio is not None:
        return mrio
    small = _default_table("regions", None)
    if origin in small.regions or data_folder() is None:
        return small
    return _default_table("full", data_folder())


@lru_cache(maxsize=1)
def _holders() -> Mapping[str, str]:
    """Economy -> region of the embedded table; an economy that is not listed is in ROW."""
    return region_of()


@lru_cache(maxsize=1024)
def _iso3(origin: str) -> str:
    return find_origin(origin).iso3


def _region(mrio: MRIO, origin: str) -> str | None:
    if origin in mrio.regions:
        return origin
    region = _holders().get(origin, "ROW")
    if region not in mrio.regions:
        region = "ROW"
    return region if region in mrio.regions else None


def _gases(named: Iterable[str]) -> tuple[str, ...]:
    """The rows of the satellite for the gases that the law names."""
    found = set()
    for name in named:
        if name not in _LEGAL:
            raise UnknownNameError.of("gas", name, _LEGAL)
        found.add(_LEGAL[name])
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class _Case:
    """A good, as far as the table is concerned."""

    cn: str
    sector: str
    gases: tuple[str, ...]
    indirect: bool
    weights: tuple[tuple[str, float], ...]
    boundary: tuple[str, ...]


@lru_cache(maxsize=4096)
def _case(cn: str) -> _Case:
    held = good(cn)
    sector = held[0].sector
    gases = _gases(gas for g in held for gas in g.gases)
    indirect = any(g.indirect_in_scope for g in held)
    return _Case(cn, sector, gases, indirect, industries(cn), boundary_industries(cn, sector))


def references_mrio(
    cns: Iterable[str],
    origin: str,
    *,
    mrio: MRIO | None = None,
    prices: Prices | None = None,
) -> tuple[tuple[Reference, ...], tuple[Missing, ...]]:
    r"""Return what the table says a tonne of each good embeds, over the CBAM's boundary.

    .. math:: R = p \sum_j w_j (m_{rj} + [\text{indirect in scope}]\, e_{rj})

    Parameters
    ----------
    cns : iterable of str
        CN codes, bare digits.
    origin : str
        ISO3, or any name of a country. One that is no region of its own in the table is answered
        by the region that holds it, which is said and widens the interval.
    mrio : MRIO, optional
        Otherwise OECD ICIO 2022: the embedded 20 regions for their single countries, the 81
        economies for others where the folder of source data is set.
    prices : Prices, optional
        A user's prices, used before those of the package.

    Returns
    -------
    (tuple of Reference, tuple of Missing)
        One or the other for every code, in order. Loadings: ``cell.<REGION>.<IND>`` (error of
        the satellite), those of :class:`Price`, ``product-spread.<IND>`` and
        ``aggregation.<REGION>``.

    Raises
    ------
    UnknownNameError
        A code that is no good of the CBAM, or an origin that is no country.

    Examples
    --------
    >>> (steel,), missing = references_mrio(["7208"], "CHN")
    >>> steel.scope, steel.cell, 0.7 < steel.value < 2.0, missing
    ('direct', 'mrio:CHN:C24A', True, ())
    """
    cns = list(cns)
    origin = origin if origin == OTHER else _iso3(origin)
    table = _table_for(origin, mrio)
    region = _region(table, origin)
    found: list[Reference] = []
    missing: list[Missing] = []
    for cn in cns:
        case = _case(cn)
        if origin == OTHER:
            missing.append(Missing(cn, "mrio", "'other countries' are no region of the table"))
            continue
        if region == "EU27" or (mrio is None and _holders().get(origin) == "EU27"):
            missing.append(Missing(cn, "mrio", f"{origin} is in the European Union: no origin"))
            continue
        if region is None:
            missing.append(Missing(cn, "mrio", f"the table has no region that holds {origin}"))
            continue
        price = unit_price(cn, origin, prices)
        if price is None:
            missing.append(Missing(cn, "mrio", no_price(cn)))
            continue
        made = _reference(table, region, origin, case, price)
        if isinstance(made, Reference):
            found.append(made)
        else:
            missing.append(made)
    return tuple(found), tuple(missing)


def _reference(
    mrio: MRIO, region: str, origin: str, case: _Case, price: Price
) -> Reference | Missing:
    part = _part(mrio, region, origin, case.gases, case.boundary, case.indirect, case.weights)
    if part.value <= 0:
        return Missing(case.cn, "mrio", f"the table has no emissions of {part.maker} in {region}")
    scope = "direct+indirect" if case.indirect else "direct"
    return Reference.of(
        cn=case.cn,
        origin=origin,
        kind="mrio",
        name=f"OECD ICIO 2022, {region} {part.maker}"
        if mrio.provenance.dataset.startswith("oecd")
        else f"input-output table, {region} {part.maker}",
        scope=scope,
        value=part.value * price.usd_per_tonne,
        loadings={**price.loadings, **part.loadings},
        cell=f"mrio:{region}:{part.maker}",
        region_used=region,
        sources=(*part.sources, price.source),
        assumed=(*part.assumed, *price.assumed),
        notes=(*part.notes, f"price {price.usd_per_tonne:.0f} USD/t (producer, 2022)"),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """All of a reference but its price: shared by the goods of one boundary and one region."""

    value: float
    maker: str
    loadings: Mapping[str, float]
    sources: tuple[str, ...]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]


def _part(
    mrio: MRIO,
    region: str,
    origin: str,
    gases: tuple[str, ...],
    names: tuple[str, ...],
    indirect: bool,
    weights: tuple[tuple[str, float], ...],
) -> _Part:
    cache = kept.setdefault(mrio, {})
    key = ("part", region, origin, gases, names, indirect, weights)
    held = cache.get(key)
    if held is None:
        held = cache[key] = _make_part(mrio, region, origin, gases, names, indirect, weights)
    assert isinstance(held, _Part)
    return held


def _make_part(
    mrio: MRIO,
    region: str,
    origin: str,
    gases: tuple[str, ...],
    names: tuple[str, ...],
    indirect: bool,
    weights: tuple[tuple[str, float], ...],
) -> _Part:
    inside = intensity_in_boundary(mrio, gases, names, indirect=indirect)
    share = dict(weights)
    maker = "+".join(share)
    cells = inside.emitters(region, share)
    value = sum(cells.values())
    assumed: list[str] = []
    notes = [
        f"boundary: direct emissions of {' and '.join(names)} in all regions"
        + (", and the electricity they buy" if indirect else "")
        + f"; gases {', '.join(gases)}",
        "concordance " + ", ".join(f"{name} {w:.0%}" for name, w in weights),
    ]
    loadings: dict[str, float] = {}
    if value > 0:
        loadings, known = cell_loadings(mrio, gases, cells, value)
        if not known:
            assumed.append(
                f"error of the emissions: log-sd {UNKNOWN_CELL:g}: the table brings none"
            )
    if value > 0:
        booked, why_booked = booking(cells, value)
        loadings.update(booked)
        assumed += why_booked
    spread, why_spread, far = product_spread(weights, cells, value)
    loadings.update(spread)
    assumed += why_spread
    notes += far
    between, why = aggregation(region, origin, inside, share)
    loadings[f"aggregation.{region}"] = between
    assumed.append(f"aggregation, log-sd {between:.2f}: {why}")
    if region != origin:
        notes.append(f"{origin} is no region of the table: {region}, which holds it, stands in")
    if "F-gases" in gases:
        notes.append(
            "perfluorocarbons: the residual of fluorinated gases in the satellite, no measurement"
        )
    if indirect:
        notes.append(
            "electricity: purchases from industry D, which also sells gas and steam; its CO2 only"
        )
    return _Part(
        value,
        maker,
        loadings,
        (_name_of(mrio), CONCORDANCE_SOURCE),
        tuple(assumed),
        tuple(notes),
    )


def _name_of(mrio: MRIO) -> str:
    edition = mrio.provenance.edition
    return f"{mrio.provenance.dataset or 'input-output table'}{', ' + edition if edition else ''}"


def scope_gap(
    cns: Iterable[str],
    origin: str,
    *,
    mrio: MRIO | None = None,
    prices: Prices | None = None,
) -> tuple[ScopeGap, ...]:
    """Return the full Leontief footprint beside the reference of each good that has a price.

    The footprint holds what the CBAM leaves out: mining and coke, transport, services, fuels,
    and, for goods in direct scope, electricity. It is never compared with a default value.

    Parameters
    ----------
    cns, origin, mrio, prices
        As :func:`references_mrio`.

    Returns
    -------
    tuple of ScopeGap

    Raises
    ------
    UnknownNameError
        A code that is no good of the CBAM.

    Examples
    --------
    >>> gap, = scope_gap(["7208"], "CHN")
    >>> gap.footprint_all_gases > gap.footprint > gap.boundary
    True
    """
    cns = list(cns)
    origin = origin if origin == OTHER else _iso3(origin)
    table = _table_for(origin, mrio)
    references, _ = references_mrio(cns, origin, mrio=mrio, prices=prices)
    found = []
    for reference in references:
        case = _case(reference.cn)
        price = unit_price(case.cn, origin, prices)
        assert price is not None
        base = table.regions.index(reference.region_used) * len(table.sectors)
        both = [
            price.usd_per_tonne
            * math.fsum(
                w * float(footprint(table, gases)[base + table.sectors.index(name)])
                for name, w in case.weights
            )
            for gases in (case.gases, ())
        ]
        found.append(
            ScopeGap(
                case.cn, origin, reference.region_used, reference.value, both[0], both[1],
                both[0] - reference.value, both[1] - reference.value,
            )
        )  # fmt: skip
    return tuple(found)
