"""CH4 from rice fields: equations 5.1 to 5.3 of volume 4, tier 1 with the factors of 2019.

References: IPCC (2019), Refinement, volume 4, chapter 5, section 5.5; the factors after Wang et
al. (2018), doi:10.5194/acp-18-10419-2018. The rice rows of bonsai_ipcc are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from mriocarbon.errors import InputError
from mriocarbon.natural.ipcc.intervals import Uncertain, argument, evaluate
from mriocarbon.natural.ipcc.lookup import ANY, factor

__all__ = ["rice_amendment_scaling", "rice_ch4"]

Amount: TypeAlias = Any  # number, array or Uncertain
YEAR = 366


def _organic(power: Any, amounts: Mapping[str, Any]) -> Any:
    n = len(amounts) // 2
    return (1 + sum(amounts[f"rate_{k}"] * amounts[f"share_{k}"] for k in range(n))) ** power


def _scaling(power: Any, **amounts: Any) -> Any:
    return _organic(power, amounts)


def _methane(area: Any, days: Any, daily: Any, water: Any, preseason: Any, power: Any,
             **amounts: Any) -> Any:  # fmt: skip
    # kg CH4 to t
    return area * days * daily * water * preseason * _organic(power, amounts) / 1000


def _amendments(amendments: Mapping[str, Amount] | None) -> dict[str, Uncertain]:
    out: dict[str, Uncertain] = {"power": factor("SF_O_POWER")}
    for k, (name, rate) in enumerate((amendments or {}).items()):
        if name == ANY:
            raise InputError(
                "an amendment without a kind", where="amendments",
                do="name it: straw differs five times by when it is ploughed in",
            )  # fmt: skip
        out[f"share_{k}"] = factor("CFOA", option=name)
        out[f"rate_{k}"] = argument(rate, f"{name} on rice", "t/ha")
    return out


def rice_amendment_scaling(amendments: Mapping[str, Amount] | None = None) -> Uncertain:
    """Return SF_o, by how much organic matter in the soil raises CH4 of rice (equation 5.3).

    ::

        SF_o = (1 + sum ROA_i CFOA_i)^0.59

    Parameters
    ----------
    amendments : mapping of str to number, array or Uncertain
        t/ha by kind: ``"straw under 30 days before"`` and ``"straw over 30 days before"``
        cultivation (dry weight, ploughed in; burnt straw or straw left on top does not count),
        ``"compost"``, ``"farmyard manure"``, ``"green manure"`` (fresh weight).

    Returns
    -------
    Uncertain
        Without unit; 1 without amendments.

    Raises
    ------
    UnknownNameError
        Another amendment.
    InputError
        A negative rate.

    References
    ----------
    IPCC (2019), volume 4, chapter 5, equation 5.3, table 5.14 (page 5.56).

    Examples
    --------
    Own example: 5 t of straw just before planting, and long before (an audit of Verra's VM0051 has
    the same values).

    >>> round(rice_amendment_scaling({"straw under 30 days before": 5.0}).value, 2)
    2.88
    >>> round(rice_amendment_scaling({"straw over 30 days before": 5.0}).value, 2)
    1.48
    """
    return evaluate(_scaling, "1", _amendments(amendments), amount=True)


def rice_ch4(
    area: Amount,
    *,
    region: str = "World",
    water: str = "irrigated",
    preseason: str = ANY,
    amendments: Mapping[str, Amount] | None = None,
    days: Amount | None = None,
    daily: Amount | None = None,
) -> Uncertain:
    """Return CH4 of a kind of rice field (equations 5.1 to 5.3).

    ::

        CH4 = A t EF_c SF_w SF_p SF_o

    EF_c holds for fields flooded all season, dry for less than 180 days before it, without organic
    amendments. Sum over kinds of fields, and over the seasons of a year with `total`.

    Parameters
    ----------
    area : number, array or Uncertain
        Harvested in the year, ha/yr; a field with two crops counts twice.
    region : str
        Of tables 5.11 and 5.11A: ``"World"``, ``"Africa"``, ``"East Asia"``, ``"Southeast Asia"``,
        ``"South Asia"``, ``"Europe"``, ``"North America"``, ``"South America"``.
    water : str
        During the season: ``"continuously flooded"``, ``"single drainage"``, ``"multiple
        drainage"`` (alternate wetting and drying too), ``"regular rainfed"``, ``"drought-prone"``,
        ``"deep water"``, ``"upland"``; or, where no more is known, ``"irrigated"`` or ``"rainfed
        and deep water"``.
    preseason : str
        ``"non-flooded under 180 days"``, ``"non-flooded over 180 days"``, ``"flooded over 30
        days"``, ``"non-flooded over 365 days"``; ``"any"`` where it is not known.
    amendments : mapping, optional
        As in `rice_amendment_scaling`.
    days : amount, optional
        Cultivation period, at most a year; by default of the region.
    daily : amount, optional
        EF_c of your own, kg CH4/ha/day.

    Returns
    -------
    Uncertain
        t CH4/yr.

    Raises
    ------
    InputError
        Negative area, days or rates; more days than a year has.
    NonFiniteError
        A value that is missing.
    UnknownNameError
        Another region, water regime or amendment.

    References
    ----------
    IPCC (2019), volume 4, chapter 5, equations 5.1 to 5.3, tables 5.11 (page 5.53), 5.11A, 5.12
    (5.54), 5.13 (5.55), 5.14 (5.56).

    Examples
    --------
    Own example: one hectare, flooded all season: 1.19 kg a day for 113 days. (A public factor
    database has 3,630.69 kg CO2e/ha, which is this with a GWP of 27.)

    >>> field = dict(water="continuously flooded", preseason="non-flooded under 180 days")
    >>> round(rice_ch4(1.0, **field).value, 5)
    0.13447
    """
    # Looked up first, so that a wrong region is refused whatever else is given.
    rate: Uncertain = factor("EF_RICE", land=_region(region))
    season: Uncertain = factor("T_RICE", land=region)
    if daily is not None:
        rate = argument(daily, "daily emission of rice", "kg CH4/ha/day")
    if days is not None:
        season = argument(days, "days of cultivation", "days", most=YEAR)
    return evaluate(_methane, "t CH4/yr", {
        "area": argument(area, "area of rice harvested", "ha"),
        "days": season, "daily": rate,
        "water": factor("SF_W", option=_regime(water)),
        "preseason": factor("SF_P", option=preseason),
        **_amendments(amendments),
    }, amount=True)  # fmt: skip


def _region(name: str) -> str:
    if name == ANY:
        raise InputError("a region is needed", where="region", do="give 'World' or a region")
    return name


def _regime(name: str) -> str:
    if name == ANY:
        raise InputError(
            "a water regime is needed", where="water",
            do="give 'irrigated', 'rainfed and deep water' or 'upland' at least",
        )  # fmt: skip
    return name
