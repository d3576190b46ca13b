"""Carbon of mineral and of drained organic soils: volume 4, chapter 2, equations 2.25 and 2.26.

Soil carbon counts to 30 cm. A mineral soil goes from one equilibrium to another in D years, in a
straight line; the guidelines' D is 20. Reference stocks and stock change factors of one edition
belong together: the 2019 factors were derived with the 2019 stocks, which are lower by up to a half
than those of 2006. A result from mixed editions carries a note that says so.

References
----------
IPCC (2019), Refinement, volume 4, chapter 2, pages 2.29 to 2.38 (read); IPCC (2006), volume 4,
chapter 2, equation 2.26, page 2.35 (page as recalled).
"""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.model.provenance import Note
from mriocarbon.natural.ipcc.intervals import StockChange, Uncertain, argument, evaluate
from mriocarbon.natural.ipcc.lookup import Factor, factor

__all__ = ["SoilUse", "mineral_soil_carbon", "organic_soil_carbon", "soil_stock", "soil_use"]

TRANSITION = 20.0  # years, D of the guidelines
MANAGED = ("annual cropland", "grassland")


class SoilUse(NamedTuple):
    """The three stock change factors of a use of land."""

    land_use: Any
    management: Any
    input: Any


def soil_use(
    climate: str,
    land: str,
    *,
    management: str | None = None,
    carbon_input: str | None = None,
    edition: int | None = None,
) -> SoilUse:
    """Return the default stock change factors of a use of land.

    Parameters
    ----------
    climate : str
        One of `CLIMATES`.
    land : str
        ``"annual cropland"``, ``"perennial cropland"``, ``"set-aside"``, ``"grassland"``,
        ``"forest"`` or ``"native"``. Rice is not among them.
    management : str, optional
        Of annual cropland: ``"full tillage"``, ``"reduced tillage"``, ``"no tillage"``; of
        grassland: ``"nominal"``, ``"improved"``, ``"severely degraded"`` and, by edition,
        ``"high-intensity grazing"`` (2019) or ``"moderately degraded"`` (2006).
    carbon_input : str, optional
        Of annual cropland: ``"low"``, ``"medium"``, ``"high without manure"``, ``"high with
        manure"``; of improved grassland: ``"medium"``, ``"high"``.
    edition : int, optional
        2006 or 2019 (default).

    Returns
    -------
    SoilUse

    Raises
    ------
    InputError
        Cropland or grassland without management or input; management of other land; input on
        grassland that is not improved.
    UnknownNameError, NotAvailableError
        No such name, or no default for these together; what there is, is listed.

    References
    ----------
    IPCC (2019), volume 4, tables 5.5 and 6.2.

    Examples
    --------
    >>> use = soil_use("tropical dry", "annual cropland", management="no tillage",
    ...                carbon_input="low")
    >>> [one.value for one in use]
    [0.92, 1.04, 0.95]
    """
    land_use = factor("F_LU", climate=climate, land=land, edition=edition)
    if land not in MANAGED:
        if management is not None or carbon_input is not None:
            raise InputError(
                f"{land} has no factors of management and input",
                where=f"soil use {land!r}",
                do=f"leave them out; they are for {' and '.join(MANAGED)}",
            )
        return SoilUse(land_use, 1.0, 1.0)
    if management is None or (carbon_input is None and land != "grassland"):
        raise InputError(
            f"{land} without {'management' if management is None else 'carbon input'}",
            where=f"soil use {land!r}",
            do="give management= and carbon_input=; without them the stock may be off by a third",
        )
    if land == "grassland" and management != "improved" and carbon_input is not None:
        raise InputError(
            "carbon input counts on improved grassland only",
            where=f"grassland, {management}",
            do="leave carbon_input out",
        )
    options = {"climate": climate, "land": land, "edition": edition}
    return SoilUse(
        land_use,
        factor("F_MG", option=management, **options),  # type: ignore[arg-type]
        factor("F_I", option=carbon_input or "medium", **options),  # type: ignore[arg-type]
    )


def _stock(area: Any, reference: Any, land_use: Any, management: Any, input: Any) -> Any:
    return area * reference * land_use * management * input


def soil_stock(area: Any, *, reference: Any, use: SoilUse) -> Uncertain:
    """Return the carbon of a mineral soil in equilibrium with its use (equation 2.25, lower part).

    ::

        SOC = SOC_REF F_LU F_MG F_I A

    Parameters
    ----------
    area : number, array or Uncertain
        ha.
    reference : number, array or Uncertain
        Stock under native vegetation, t C/ha to 30 cm (`factor("SOC_REF", climate=, option=)`,
        option the soil: HAC, LAC, sandy, spodic, volcanic, wetland).
    use : SoilUse
        As of `soil_use`, or three numbers.

    Returns
    -------
    Uncertain
        t C.

    References
    ----------
    IPCC (2019), volume 4, chapter 2, equation 2.25, page 2.33 (read).

    Examples
    --------
    IPCC text (read): cropland on an Ultisol, volume 4, chapter 4, page 4.14.

    >>> soil_stock(1, reference=47, use=SoilUse(0.48, 1, 0.92)).value.__round__(1)
    20.8
    """
    inputs = {
        "area": argument(area, "area", "ha"),
        "reference": argument(reference, "reference", "t C/ha"),
    } | _use(use, "use")
    return evaluate(_stock, "t C", inputs, notes=_mixed(inputs), amount=True)


def _use(use: SoilUse, name: str, end: str = "") -> dict[str, Uncertain]:
    if not isinstance(use, tuple) or len(use) != 3:
        raise InputError(
            f"{name} has not three factors",
            where=f"{name} of a mineral soil",
            do="give SoilUse(land_use, management, input), or soil_use(climate, land, ...)",
        )
    fields = zip(SoilUse._fields, use, strict=True)
    return {f"{field}{end}": argument(one, f"{field} of {name}", "1") for field, one in fields}


def _mixed(inputs: dict[str, Uncertain]) -> tuple[Note, ...]:
    editions = sorted({
        one.edition for one in inputs.values()
        if isinstance(one, Factor) and one.status != "by definition"
    })  # fmt: skip
    if len(editions) < 2:
        return ()
    years = " and ".join(map(str, editions))
    return (
        Note(
            f"defaults of {years} mixed: reference stocks and stock change factors of one edition"
            " were derived together",
            about="SOC",
            estimated=True,
        ),
    )


def _soil_change(
    area: Any, reference: Any, divisor: Any,
    land_use_0: Any, management_0: Any, input_0: Any,
    land_use_1: Any, management_1: Any, input_1: Any,
) -> Any:  # fmt: skip
    first = _stock(area, reference, land_use_0, management_0, input_0)
    last = _stock(area, reference, land_use_1, management_1, input_1)
    return (last - first) / divisor


def mineral_soil_carbon(
    area: Any,
    *,
    reference: Any,
    before: SoilUse,
    after: SoilUse,
    period: float = 1.0,
    transition: float = TRANSITION,
) -> StockChange:
    """Return the annual change of a mineral soil's carbon after a change of use (equation 2.25).

    ::

        delta C_Mineral = (SOC_0 - SOC_(0-T)) / D,     D replaced by T where T exceeds it
        SOC = SOC_REF F_LU F_MG F_I A

    The rate holds for D years after the change, then the soil is in its new equilibrium. Over an
    inventory period T below D the stock moves by T/D of the difference; the rest is still to come
    (`period` does not change the rate then).

    Parameters
    ----------
    area : number, array or Uncertain
        ha, the same before and after.
    reference : number, array or Uncertain
        SOC_REF, t C/ha.
    before, after : SoilUse
        Factors at the beginning and at the end of the period. What stands in both moves both.
    period : float
        T, years of the inventory period, above 0.
    transition : float
        D, years from one equilibrium to the next, above 0.

    Returns
    -------
    StockChange
        t C/yr, gains positive.

    Raises
    ------
    InputError
        Negative areas or stocks, periods of no length, not three factors.

    References
    ----------
    IPCC (2019), volume 4, chapter 2, equation 2.25, page 2.33 (read). The example is that of the
    same volume, chapter 4, page 4.14 (read): 100,000 ha of cropland on an Ultisol of the moist
    tropics planted with trees, with defaults of 2006; 47 x 0.48 x 1 x 0.92 = 20.8 t C/ha, and "an
    increase of 131,000 t C/yr" from the rounded 20.8 (131,200 without rounding).

    Examples
    --------
    IPCC text (read): volume 4, chapter 4, page 4.14.

    >>> change = mineral_soil_carbon(
    ...     100_000, reference=47, before=SoilUse(0.48, 1, 0.92), after=SoilUse(1, 1, 1), period=5
    ... )
    >>> round(change.value)
    131224
    >>> round(change.emissions.value / 1000)
    -481
    """
    for name, years in (("period", period), ("transition", transition)):
        number = isinstance(years, Real) and not isinstance(years, bool)
        if not (number and np.isfinite(years) and years > 0):
            raise InputError(
                f"a {name} of {years!r} years", where=name,
                do="give one number of years above 0, such as 20",
            )  # fmt: skip
    inputs = {
        "area": argument(area, "area", "ha"),
        "reference": argument(reference, "reference", "t C/ha"),
        "divisor": argument(max(period, transition), "divisor", "yr"),
        **_use(before, "before", "_0"),
        **_use(after, "after", "_1"),
    }
    return evaluate(_soil_change, "t C/yr", inputs, kind=StockChange, notes=_mixed(inputs))


def _drained(area: Any, emission_factor: Any) -> Any:
    return -area * emission_factor


def organic_soil_carbon(
    area: Any,
    *,
    emission_factor: Any = None,
    climate: str | None = None,
    land: str | None = None,
) -> StockChange:
    """Return the change of a drained organic soil's carbon (equation 2.26).

    ::

        L_Organic = sum A EF,      delta C = -L_Organic  (as equation 2.24 takes it)

    Parameters
    ----------
    area : number, array or Uncertain
        Drained organic soil, ha.
    emission_factor : number, array or Uncertain, optional
        t C/ha/yr. The 2013 Wetlands Supplement has factors by nutrients and depth of drainage
        that supersede those of 2006.
    climate, land : str, optional
        Instead: the default of 2006 for a climate of `CLIMATES` and ``"cropland"``,
        ``"grassland"`` or ``"forest"``.

    Returns
    -------
    StockChange
        t C/yr: negative, as the soil loses carbon; `emissions` are positive.

    Raises
    ------
    InputError
        Both or neither of a factor and a climate with land use.
    UnknownNameError, NotAvailableError
        No default for that climate and land; those that there are, are listed.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equation 2.26, page 2.35; tables 4.6, 5.6 and 6.3 (recalled:
    UNVERIFIED).

    Examples
    --------
    Own example: 100 ha of drained cropland.

    >>> organic_soil_carbon(100, climate="cool temperate moist", land="cropland").emissions
    Uncertain(1833.33 t CO2/yr, 95 %: 183.333 to 3483.33)
    """
    named = climate is not None and land is not None
    half = emission_factor is not None and (climate is not None or land is not None)
    if half or named == (emission_factor is not None):
        raise InputError(
            "the emission factor is given twice or not at all",
            where="organic_soil_carbon",
            do="give emission_factor (t C/ha/yr), or climate and land",
        )
    if named:
        emission_factor = factor("EF_ORGANIC", climate=str(climate), land=str(land))
    inputs = {
        "area": argument(area, "area", "ha"),
        "emission_factor": argument(emission_factor, "emission_factor", "t C/ha/yr"),
    }
    return evaluate(_drained, "t C/yr", inputs, kind=StockChange)
