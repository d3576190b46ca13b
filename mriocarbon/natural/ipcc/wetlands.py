"""Drained, rewetted and dug peat, and flooded land: tier 1 of 2013 and 2019.

Peat that is drained burns away slowly (CO2), some of it leaves dissolved in the water and becomes
CO2 elsewhere (DOC), ditches give off CH4, and nitrogen goes as N2O. Wet again it takes up a little
or nothing and gives off CH4. Reservoirs give off CH4, in their first twenty years CO2 as well.

Areas are ha, results t of the gas a year, positive to the air. `organic_soil_carbon` has the older
factors of 2006 for CO2; use one of the two, never both. N2O of drained soils is also a term of
equation 11.1 (`direct_n2o`): count it once. Fires on peat are not here.

References: IPCC (2014), 2013 Supplement to the 2006 Guidelines: Wetlands, chapters 2 and 3; IPCC
(2019), Refinement, volume 4, chapter 7; IPCC (2006), volume 4, chapter 7. Numbers of equations of
chapters 3 and 7 are recalled (UNVERIFIED).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import numpy as np

from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.natural.ipcc.intervals import CO2_PER_C, Uncertain, argument, evaluate, total
from mriocarbon.natural.ipcc.lookup import ANY, Factor, factor
from mriocarbon.natural.ipcc.nitrogen import N2O_PER_N
from mriocarbon.natural.ipcc.zones import belt, reservoir_zone

__all__ = [
    "CH4_PER_C",
    "FloodedLand",
    "OrganicSoil",
    "PeatExtraction",
    "constructed_water_ch4",
    "drained_organic_soils",
    "flooded_land",
    "peat_extraction",
    "rewetted_organic_soils",
]

Amount: TypeAlias = Any  # number, array or Uncertain
CH4_PER_C = 16 / 12
CO2, CH4, N2O = "t CO2/yr", "t CH4/yr", "t N2O/yr"
YOUNG = 20  # years in which a reservoir counts as converted land


@dataclass(frozen=True, slots=True)
class OrganicSoil:
    """Emissions of an organic soil, t of the gas a year; None where there is no default.

    Attributes
    ----------
    co2 : Uncertain
        On the site.
    doc : Uncertain
        CO2 off the site, of carbon that left dissolved.
    ch4, n2o : Uncertain or None
        CH4 with ditches; N2O (None for rewetted soils, where tier 1 takes it as negligible).
    missing : tuple of str
        What has no value, and why.
    """

    co2: Uncertain
    doc: Uncertain
    ch4: Uncertain | None
    n2o: Uncertain | None
    missing: tuple[str, ...] = ()

    @property
    def total_co2(self) -> Uncertain:
        """CO2 on the site and off it."""
        return total(self.co2, self.doc)


@dataclass(frozen=True, slots=True)
class PeatExtraction:
    """Emissions of digging peat: of the land, and of the peat taken away (t CO2/yr)."""

    land: OrganicSoil
    peat: Uncertain

    @property
    def total_co2(self) -> Uncertain:
        """CO2 of the land, of what the water carries off, and of the peat."""
        return total(self.land.co2, self.land.doc, self.peat)


@dataclass(frozen=True, slots=True)
class FloodedLand:
    """Emissions of a reservoir: CH4 of its surface and below the dam; CO2 of its first 20 years."""

    surface: Uncertain
    downstream: Uncertain
    co2: Uncertain

    @property
    def ch4(self) -> Uncertain:
        """CH4 of the surface and below the dam, t CH4/yr."""
        return total(self.surface, self.downstream)


def _carbon(area: Any, rate: Any) -> Any:
    return area * rate * CO2_PER_C


def _ditched(area: Any, land: Any, ditch: Any, share: Any) -> Any:
    return area * ((1 - share) * land + share * ditch) / 1000


def _nitrous(area: Any, rate: Any) -> Any:
    return area * rate / 1000 * N2O_PER_N


def _methane_carbon(area: Any, rate: Any) -> Any:
    return area * rate / 1000 * CH4_PER_C


def _mass(mass: Any, carbon: Any) -> Any:
    return mass * carbon * CO2_PER_C


class _Place(TypedDict, total=False):
    climate: str
    land: str
    option: str


def _ditches(zone: str, land: str, option: str) -> _Place:
    """Return where table 2.4 has ditches: all land alike in the tropics, all forest alike."""
    if zone == "tropical":
        return {"climate": zone}
    if land == "forest":
        return {"climate": zone, "land": land}
    return {"climate": zone, "land": land, "option": option}


def drained_organic_soils(
    area: Amount,
    *,
    climate: str,
    land: str,
    option: str = ANY,
    ditches: Amount | None = None,
) -> OrganicSoil:
    """Return emissions of drained inland organic soils (2013 Supplement, chapter 2).

    ::

        CO2 = 44/12 A EF_CO2                                     (equation 2.3)
        DOC = 44/12 A EF_DOC                                     (2.4, 2.5)
        CH4 = A [ (1 - Frac_ditch) EF_land + Frac_ditch EF_ditch ]  (2.6)
        N2O = 44/28 A EF_N2O                                     (2.7)

    Parameters
    ----------
    area : number, array or Uncertain
        ha.
    climate : str
        ``"boreal"``, ``"temperate"``, ``"tropical"``, or a zone of `CLIMATES` in it.
    land : str
        ``"forest"``, ``"cropland"``, ``"grassland"``, ``"peat extraction"``, ``"plantation"``
        (tropical).
    option : str
        What the tables distinguish: ``"nutrient-poor"`` or ``"nutrient-rich"`` (boreal forest),
        ``"nutrient-poor"``, ``"nutrient-rich, deep-drained"`` or ``"nutrient-rich,
        shallow-drained"`` (temperate grassland), ``"oil palm"``, ``"sago palm"``, ``"short
        rotation"`` or ``"long or unknown rotation"`` (plantations), ``"paddy rice"`` (tropical
        cropland).
    ditches : share, optional
        Frac_ditch instead of the indicative default, which is held fixed in the interval.

    Returns
    -------
    OrganicSoil

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such climate or land, or no default for them together; what there is, is listed.
    InputError
        A negative area, a share above one.
    NonFiniteError
        An area that is missing.

    References
    ----------
    IPCC (2014), 2013 Wetlands Supplement, tables 2.1 (pages 2.12 to 2.14), 2.2 (2.20), 2.3 (2.25,
    2.26), 2.4 (2.30), 2.5 (2.33, 2.34).

    Examples
    --------
    Own example: 1,000 ha of deep-drained, nutrient-rich grassland. (A published recalculation has
    29.18 t CO2e/ha with GWPs of 25 and 298.)

    >>> soil = drained_organic_soils(
    ...     1000.0, climate="temperate", land="grassland", option="nutrient-rich, deep-drained")
    >>> soil.co2
    Uncertain(22366.7 t CO2/yr, 95 %: 18333.3 to 26766.7)
    >>> round((soil.total_co2.value + 25 * soil.ch4.value + 298 * soil.n2o.value) / 1000, 2)
    29.18
    """
    zone = belt(climate)
    hectares = argument(area, f"area of drained {land}", "ha")

    def own(name: str) -> Factor:
        return factor(name, climate=zone, land=land, option=option)

    carbon = own("EF_CO2_DRAINED")
    if carbon.option != option and not option.startswith("nutrient"):
        # A row for any nutrient status holds for both; one for any crop is no oil palm.
        raise NotAvailableError(
            f"no default for {option} on {land} in the {zone} zone", where="option",
            do='leave option out for the land as a whole, or see factors("EF_CO2_DRAINED")',
        )  # fmt: skip
    dissolved = factor("EF_DOC_DRAINED", climate=zone)
    co2: Uncertain = evaluate(_carbon, CO2, {"area": hectares, "rate": carbon}, amount=True)
    doc: Uncertain = evaluate(_carbon, CO2, {"area": hectares, "rate": dissolved}, amount=True)
    n2o: Uncertain = evaluate(
        _nitrous, N2O, {"area": hectares, "rate": own("EF_N2O_DRAINED")}, amount=True
    )
    place = _ditches(zone, land, option)
    share: Uncertain = (
        factor("FRAC_DITCH", **place)
        if ditches is None
        else argument(ditches, "share of ditches", "share", most=1.0)
    )
    ch4: Uncertain | None = None
    missing: tuple[str, ...] = ()
    try:
        rate = own("EF_CH4_DRAINED")
    except NotAvailableError as error:
        missing = (f"CH4: {error.what}",)
    else:
        ditch = factor("EF_CH4_DITCH", **place)
        inputs = {"area": hectares, "land": rate, "ditch": ditch, "share": share}
        ch4 = evaluate(_ditched, CH4, inputs, amount=True)
    return OrganicSoil(co2, doc, ch4, n2o, missing)


def rewetted_organic_soils(area: Amount, *, climate: str, option: str = ANY) -> OrganicSoil:
    """Return emissions of rewetted inland organic soils (2013 Supplement, chapter 3).

    ::

        CO2 = 44/12 A EF_CO2    (3.4; negative: uptake of soil and plants other than trees)
        DOC = 44/12 A EF_DOC    (3.5)
        CH4 = 16/12 A EF_CH4-C  (3.8; former ditches included)

    The factors hold from the year of rewetting. N2O is negligible at tier 1.

    Parameters
    ----------
    area : number, array or Uncertain
        ha.
    climate : str
        ``"boreal"``, ``"temperate"``, ``"tropical"``, or a zone of `CLIMATES` in it.
    option : str
        ``"nutrient-poor"`` or ``"nutrient-rich"``; needed outside the tropics. Where it is not
        known the Supplement takes poor in the boreal and rich in the temperate zone.

    Returns
    -------
    OrganicSoil
        `n2o` is None.

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such climate, or no default without the nutrient status.
    InputError
        A negative area.

    References
    ----------
    IPCC (2014), 2013 Wetlands Supplement, tables 3.1 (page 3.12), 3.2 (3.14), 3.3 (3.18).

    Examples
    --------
    Own example: 1,000 ha of a boreal bog.

    >>> bog = rewetted_organic_soils(1000.0, climate="boreal", option="nutrient-poor")
    >>> bog.co2
    Uncertain(-1246.67 t CO2/yr, 95 %: -2163.33 to -330)
    >>> round(bog.ch4.value, 2)
    54.67
    """
    zone = belt(climate)
    hectares = argument(area, "area of rewetted organic soil", "ha")
    co2 = factor("EF_CO2_REWETTED", climate=zone, option=option)
    ch4 = factor("EF_CH4_REWETTED", climate=zone, option=option)
    doc = factor("EF_DOC_REWETTED", climate=zone)
    return OrganicSoil(
        evaluate(_carbon, CO2, {"area": hectares, "rate": co2}, amount=True),
        evaluate(_carbon, CO2, {"area": hectares, "rate": doc}, amount=True),
        evaluate(_methane_carbon, CH4, {"area": hectares, "rate": ch4}, amount=True),
        None,
        ("N2O: taken as negligible at tier 1, no factor",),
    )


def peat_extraction(
    area: Amount,
    *,
    climate: str,
    option: str = ANY,
    peat: Amount = 0.0,
    volume: Amount = 0.0,
) -> PeatExtraction:
    """Return emissions of land where peat is dug, and of the peat for gardens.

    The land has the factors of drained organic soils. All carbon of peat that is taken away counts
    in the year (2006, equation 7.5); peat burnt for energy belongs to the energy sector, leave it
    out.

    ::

        CO2_peat = 44/12 (M C_mass + V C_volume)

    Parameters
    ----------
    area : number, array or Uncertain
        ha in production.
    climate : str
        As in `drained_organic_soils`.
    option : str
        ``"nutrient-poor"`` or ``"nutrient-rich"`` (outside the tropics, where peat is given).
    peat, volume : amount
        Air-dry peat taken, t/yr, or m3/yr; one of them for the same peat.

    Returns
    -------
    PeatExtraction
        In the tropics `land.ch4` is None: no default.

    Raises
    ------
    UnknownNameError, NotAvailableError, InputError, NonFiniteError
        As `drained_organic_soils`.

    References
    ----------
    IPCC (2014), 2013 Wetlands Supplement, chapter 2; IPCC (2006), volume 4, chapter 7, equations
    7.3 to 7.5, table 7.5 (UNVERIFIED: recalled).

    Examples
    --------
    Own example: 100 ha and 10,000 t of peat moss: 45 % of the mass is carbon, and 11/3 of that
    CO2. The table gives no range, so no interval is known.

    >>> dug = peat_extraction(100.0, climate="boreal", option="nutrient-poor", peat=1e4)
    >>> dug.peat
    Uncertain(16500 t CO2/yr, 95 %: not known)
    >>> round(dug.land.co2.value)
    1027
    """
    zone = belt(climate)
    land = drained_organic_soils(area, climate=zone, land="peat extraction")
    parts: list[Uncertain] = []
    for name, amount, unit, words in (
        ("C_PEAT_MASS", peat, "t/yr", "air-dry peat taken away"),
        ("C_PEAT_VOLUME", volume, "m3/yr", "volume of peat taken away"),
    ):
        taken = argument(amount, words, unit)
        if np.any(np.asarray(taken.value) > 0):
            carbon = factor(name, climate=zone, option=option)
            parts.append(evaluate(_mass, CO2, {"mass": taken, "carbon": carbon}, amount=True))
    return PeatExtraction(land, total(*parts) if parts else Uncertain(0.0, CO2))


def _reservoir(area: Any, rate: Any, alpha: Any) -> Any:
    return area * rate * alpha / 1000


def _below(area: Any, rate: Any, alpha: Any, ratio: Any) -> Any:
    return area * rate * alpha * ratio / 1000


def flooded_land(
    area: Amount,
    *,
    climate: str,
    age: float,
    trophic: str = ANY,
    alpha: Amount | None = None,
    downstream: Amount | None = None,
) -> FloodedLand:
    """Return emissions of a reservoir (2019, chapter 7, section 7.3).

    ::

        CH4_surface    = A alpha EF_CH4(climate, age)            (equations 7.10 to 7.13, 7.15)
        CH4_downstream = CH4_surface R_d
        CO2            = 44/12 A EF_CO2(climate), up to 20 years (7.14)

    CO2 of older reservoirs stems from carbon of the catchment that is counted elsewhere: 0.

    Parameters
    ----------
    area : number, array or Uncertain
        Water surface, ha.
    climate : str
        Of the tables (``"boreal"``, ``"cool temperate"``, ``"warm temperate dry"``, ``"warm
        temperate moist"``, ``"tropical dry/montane"``, ``"tropical moist/wet"``) or of `CLIMATES`.
    age : float
        Years since flooding; up to 20 the land counts as converted to flooded land.
    trophic : str
        ``"oligotrophic"``, ``"mesotrophic"``, ``"eutrophic"``, ``"hypereutrophic"``: alpha of 0.7,
        3, 10, 25 (tier 2; no range in the table, so that no interval is known). ``"any"``: alpha
        is 1 (tier 1).
    alpha : amount, optional
        Your own, such as 0.26 times the mean chlorophyll-a in ug/l (equation 7.13).
    downstream : amount, optional
        R_d instead of the default 0.09 (0.05 to 0.22); 0 without a dam.

    Returns
    -------
    FloodedLand

    Raises
    ------
    UnknownNameError
        Another climate or trophic state.
    InputError
        A negative area or age; both `trophic` and `alpha`.
    NonFiniteError
        A value that is missing.

    References
    ----------
    IPCC (2019), volume 4, chapter 7, tables 7.9, 7.10, 7.11, 7.13, 7.15. UNVERIFIED: the values
    have one transcription, the ranges are recalled.

    Examples
    --------
    Own example: 10,000 ha in the wet tropics after 50 years.

    >>> lake = flooded_land(1e4, climate="tropical moist/wet", age=50)
    >>> lake.surface
    Uncertain(1411 t CH4/yr, 95 %: 1311 to 1527)
    >>> round(lake.downstream.value, 2), lake.co2.value
    (126.99, 0.0)
    """
    zone = reservoir_zone(climate)
    years = argument(age, "age of the reservoir", "years")
    if np.ndim(years.value):
        raise InputError("more than one age", where="age", do="call once for each reservoir")
    young = years.value <= YOUNG
    option = "20 years or less" if young else "over 20 years"
    hectares = argument(area, "area of the reservoir", "ha")
    if alpha is not None:
        if trophic != ANY:
            raise InputError(
                "alpha is given twice", where="trophic, alpha", do="give one of the two"
            )
        state = argument(alpha, "alpha of the reservoir", "1")
    elif trophic == ANY:
        state = Uncertain(1.0, "1")
    else:
        state = factor("ALPHA_TROPHIC", option=trophic)
    inputs = {
        "area": hectares,
        "rate": factor("EF_CH4_RESERVOIR", climate=zone, option=option),
        "alpha": state,
    }
    ratio = (
        factor("R_DOWNSTREAM")
        if downstream is None
        else argument(downstream, "ratio of CH4 below the dam", "1")
    )
    co2: Uncertain = Uncertain(0.0, CO2)
    if young:
        rate = factor("EF_CO2_RESERVOIR", climate=zone, option=option)
        co2 = evaluate(_carbon, CO2, {"area": hectares, "rate": rate}, amount=True)
    return FloodedLand(
        evaluate(_reservoir, CH4, inputs, amount=True),
        evaluate(_below, CH4, {**inputs, "ratio": ratio}, amount=True),
        co2,
    )


def constructed_water_ch4(area: Amount, *, kind: str) -> Uncertain:
    """Return CH4 of ponds, canals and ditches that were dug (2019, chapter 7, section 7.3).

    ::

        CH4 = A EF

    Parameters
    ----------
    area : number, array or Uncertain
        Water surface, ha. Ditches of drained peat are in `drained_organic_soils` already.
    kind : str
        ``"freshwater and brackish ponds"``, ``"canals and ditches"``, ``"saline ponds"``.

    Returns
    -------
    Uncertain
        t CH4/yr.

    Raises
    ------
    UnknownNameError
        Another kind.
    InputError
        A negative area.

    References
    ----------
    IPCC (2019), volume 4, chapter 7, table 7.12 (UNVERIFIED: recalled).

    Examples
    --------
    Own example: 1,000 ha of ponds.

    >>> constructed_water_ch4(1000.0, kind="freshwater and brackish ponds")
    Uncertain(183 t CH4/yr, 95 %: 118 to 228)
    """
    surface = argument(area, f"area of {kind}", "ha")
    rate = factor("EF_CH4_WATER", option=kind)
    return evaluate(_reservoir, CH4, {"area": surface, "rate": rate, "alpha": _ONE}, amount=True)


_ONE = Uncertain(1.0, "1")
