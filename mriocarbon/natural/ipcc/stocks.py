"""Carbon stocks of biomass and dead organic matter: volume 4, chapter 2, equations 2.5 to 2.23.

Every argument may be a number, an array (places, years) or an `Uncertain` (a default `factor`, or
an input with a range made by `uncertain`). Changes of stocks are signed as in the guidelines,
gains positive; `StockChange.emissions` turns them into CO2, positive to the air. Losses (wood,
fuelwood, disturbances) are positive amounts, to be handed to `gain_loss`.

Tier 1 counts what is felled or killed as emitted in the year; what goes into products or dead wood
needs its own account.

References
----------
IPCC (2006), Guidelines for National Greenhouse Gas Inventories, volume 4, chapter 2, pages 2.10 to
2.26 (pages as recalled; equations 2.9 to 2.12 also as in the guidelines' worksheets 3B1). IPCC
(2019), Refinement, volume 4, chapter 2: equations 2.4, 2.5 and 2.23 read there, 2.7 to 2.16 "no
refinement".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.natural.ipcc.intervals import StockChange, Uncertain, argument, evaluate, total

__all__ = [
    "biomass_growth",
    "conversion",
    "dead_organic_matter",
    "disturbance_losses",
    "fuelwood_removals",
    "gain_loss",
    "stock_difference",
    "wood_removals",
]

CHANGE = "t C/yr"


def _difference(first: Any, second: Any, years: Any) -> Any:
    return (second - first) / years


def stock_difference(first: Any, second: Any, *, years: Any) -> StockChange:
    """Return the annual change of a stock between two inventories (equation 2.5).

    ::

        delta C = (C_t2 - C_t1) / (t2 - t1)

    Parameters
    ----------
    first, second : number, array or Uncertain
        Stock at the first and at the second time, t C, of the same area.
    years : number or array
        Years between, above 0.

    Returns
    -------
    StockChange
        t C/yr, gains positive.

    Raises
    ------
    InputError
        Stocks below zero, no time between.
    NonFiniteError
        A stock that is missing.

    References
    ----------
    IPCC (2019), volume 4, chapter 2, equation 2.5, page 2.10 (read).

    Examples
    --------
    Own example: 1,000 t C more in ten years take 367 t CO2 a year from the air.

    >>> change = stock_difference(50_000, 51_000, years=10)
    >>> change.value, round(change.emissions.value, 1)
    (100.0, -366.7)
    """
    inputs = {
        "first": argument(first, "first", "t C"),
        "second": argument(second, "second", "t C"),
        "years": _years(years),
    }
    return evaluate(_difference, CHANGE, inputs, kind=StockChange)


def _years(years: Any, name: str = "years") -> Uncertain:
    out = argument(years, name, "yr")
    if np.any(np.asarray(out.value) <= 0):
        raise InputError("no time passes", where=f"{name} (yr)", do="give years above 0")
    return out


def _net(gains: Any, losses: Any) -> Any:
    return gains - losses


def gain_loss(gains: Any, *losses: Any) -> StockChange:
    """Return the annual change of a stock from what it gains and loses (equations 2.4, 2.7, 2.11).

    ::

        delta C_B = delta C_G - delta C_L,   delta C_L = L_wood + L_fuelwood + L_disturbance

    Parameters
    ----------
    gains : number, array or Uncertain
        Carbon gained, t C/yr, 0 or more (`biomass_growth`); an `Uncertain` may be below zero,
        where mortality is netted in it.
    *losses : number, array or Uncertain
        Carbon lost, t C/yr, each 0 or more (`wood_removals`, `fuelwood_removals`,
        `disturbance_losses`). Factors that stand on both sides move together.

    Returns
    -------
    StockChange
        t C/yr, gains positive.

    Raises
    ------
    InputError
        A gain or loss below zero.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equations 2.7 (page 2.12) and 2.11 (page 2.16). The example
    is that of chapter 5, section 5.2.1.4 (perennial crops in the moist tropics: 90,000 ha grow,
    10,000 ha are felled), as recalled: UNVERIFIED.

    Examples
    --------
    IPCC text, as recalled: UNVERIFIED (see the reference).

    >>> change = gain_loss(90_000 * 2.6, 10_000 * 21)
    >>> change.value
    24000.0
    """
    least = -np.inf if isinstance(gains, Uncertain) else 0.0
    lost = [argument(loss, f"loss {n + 1}", CHANGE) for n, loss in enumerate(losses)]
    inputs = {
        "gains": argument(gains, "gains", CHANGE, least=least),
        "losses": total(*lost) if lost else argument(0.0, "losses", CHANGE),
    }
    return evaluate(_net, CHANGE, inputs, kind=StockChange)


def _grown(area: Any, growth: Any, root_shoot: Any, carbon_fraction: Any) -> Any:
    return area * growth * (1 + root_shoot) * carbon_fraction


def _expanded(
    area: Any, increment: Any, bcef: Any, root_shoot: Any, carbon_fraction: Any
) -> Any:  # fmt: skip
    return area * increment * bcef * (1 + root_shoot) * carbon_fraction


def biomass_growth(
    area: Any,
    *,
    growth: Any = None,
    increment: Any = None,
    bcef: Any = None,
    root_shoot: Any,
    carbon_fraction: Any,
) -> Uncertain:
    """Return the carbon that growth adds to biomass in a year (equations 2.9 and 2.10).

    ::

        delta C_G = A G_TOTAL CF
        G_TOTAL = G_W (1 + R)              from growth of biomass (tier 1)
        G_TOTAL = I_V BCEF_I (1 + R)       from increment of volume (tiers 2 and 3)

    Parameters
    ----------
    area : number, array or Uncertain
        ha.
    growth : number, array or Uncertain, optional
        Above-ground net growth G_W, t d.m./ha/yr (`factor("G_W", ...)`).
    increment, bcef : number, array or Uncertain, optional
        Net increment of merchantable volume, m3/ha/yr, and its expansion into above-ground
        biomass, t d.m./m3 (`factor("BCEF_I", ...)`): instead of `growth`.
    root_shoot : number, array or Uncertain
        R, below-ground over above-ground biomass (`factor("R", ...)`); 0 where below-ground
        biomass is taken as unchanged (tier 1).
    carbon_fraction : number, array or Uncertain
        CF, t C/t d.m. (`factor("CF", ...)`).

    Returns
    -------
    Uncertain
        t C/yr, a gain.

    Raises
    ------
    InputError
        Neither or both of growth and increment; values below zero; a carbon fraction above 1.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equations 2.9 and 2.10, page 2.15.

    Examples
    --------
    Own example: secondary rain forest in America, 1,000 ha.

    >>> from mriocarbon.natural.ipcc import factor
    >>> grown = biomass_growth(
    ...     1000,
    ...     growth=factor("G_W", climate="tropical rainforest", land="forest",
    ...                   option="America, secondary up to 20 years"),
    ...     root_shoot=factor("R", climate="tropical rainforest", land="forest",
    ...                       option="America, up to 125 t/ha"),
    ...     carbon_fraction=factor("CF", climate="tropical", land="forest", option="all"),
    ... )
    >>> grown
    Uncertain(3385.83 t C/yr, 95 %: 572.648 to 6222.79)
    """
    volume = increment is not None and bcef is not None
    if (growth is None) == (not volume) or (
        growth is not None and (increment, bcef) != (None,) * 2
    ):
        raise InputError(
            "growth is given neither or twice",
            where="biomass_growth",
            do="give growth (t d.m./ha/yr), or increment (m3/ha/yr) with bcef (t d.m./m3)",
        )
    inputs = {"area": argument(area, "area", "ha")}
    if volume:
        inputs["increment"] = argument(increment, "increment", "m3/ha/yr")
        inputs["bcef"] = argument(bcef, "bcef", "t d.m./m3")
    else:
        inputs["growth"] = argument(growth, "growth", "t d.m./ha/yr")
    inputs |= _shared(root_shoot, carbon_fraction)
    return evaluate(_expanded if volume else _grown, CHANGE, inputs, amount=True)


def _shared(root_shoot: Any, carbon_fraction: Any) -> dict[str, Uncertain]:
    return {
        "root_shoot": argument(root_shoot, "root_shoot", "1"),
        "carbon_fraction": argument(carbon_fraction, "carbon_fraction", "t C/t d.m.", most=1.0),
    }


def _removed(volume: Any, bcef: Any, root_shoot: Any, carbon_fraction: Any) -> Any:
    return volume * bcef * (1 + root_shoot) * carbon_fraction


def wood_removals(volume: Any, *, bcef: Any, root_shoot: Any, carbon_fraction: Any) -> Uncertain:
    """Return the carbon lost by harvest of wood (equation 2.12).

    ::

        L_wood-removals = H BCEF_R (1 + R) CF

    Parameters
    ----------
    volume : number, array or Uncertain
        H, roundwood removed, m3/yr (with bark, if `bcef` is for volume with bark).
    bcef : number, array or Uncertain
        Removals into above-ground biomass, t d.m./m3 (`factor("BCEF_R", ...)`).
    root_shoot, carbon_fraction
        As in `biomass_growth`; R is 0 where below-ground biomass is taken as unchanged.

    Returns
    -------
    Uncertain
        t C/yr, a loss.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equation 2.12, page 2.17.

    Examples
    --------
    Own example: 1,000 m3 of temperate pine from stands of 100 to 200 m3/ha.

    >>> from mriocarbon.natural.ipcc import factor
    >>> bcef = factor("BCEF_R", climate="temperate", land="pines", option="100 to 200 m3/ha")
    >>> round(wood_removals(1000, bcef=bcef, root_shoot=0.29, carbon_fraction=0.51).value, 1)
    506.6
    """
    inputs = {
        "volume": argument(volume, "volume", "m3/yr"),
        "bcef": argument(bcef, "bcef", "t d.m./m3"),
    } | _shared(root_shoot, carbon_fraction)
    return evaluate(_removed, CHANGE, inputs, amount=True)


def _gathered(
    trees: Any, bcef: Any, root_shoot: Any, carbon_fraction: Any, parts: Any, density: Any
) -> Any:
    return (trees * bcef * (1 + root_shoot) + parts * density) * carbon_fraction


def fuelwood_removals(
    trees: Any,
    *,
    bcef: Any,
    root_shoot: Any,
    carbon_fraction: Any,
    parts: Any = 0.0,
    density: Any = None,
) -> Uncertain:
    """Return the carbon lost by gathering fuelwood (equation 2.13).

    ::

        L_fuelwood = (FG_trees BCEF_R (1 + R) + FG_part D) CF

    Parameters
    ----------
    trees : number, array or Uncertain
        Fuelwood as whole trees, m3/yr.
    bcef, root_shoot, carbon_fraction
        As in `wood_removals`.
    parts : number, array or Uncertain
        Fuelwood as parts of trees (branches), m3/yr: no roots die with it.
    density : number, array or Uncertain, optional
        Basic wood density D, t d.m./m3; needed with `parts`.

    Returns
    -------
    Uncertain
        t C/yr, a loss.

    Raises
    ------
    InputError
        Parts without a density; values below zero.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equation 2.13, page 2.17.

    Examples
    --------
    Own example: 100 m3 of trees and 50 m3 of branches.

    >>> lost = fuelwood_removals(100, bcef=1.0, root_shoot=0.25, carbon_fraction=0.47, parts=50,
    ...                          density=0.5)
    >>> round(lost.value, 2)
    70.5
    """
    share = argument(parts, "parts", "m3/yr")
    if density is None:
        if np.any(np.asarray(share.value) > 0):
            raise InputError(
                "parts of trees without a wood density",
                where="fuelwood_removals",
                do="give density in t d.m./m3",
            )
        density = 0.0
    inputs = {
        "trees": argument(trees, "trees", "m3/yr"),
        "bcef": argument(bcef, "bcef", "t d.m./m3"),
        "parts": share,
        "density": argument(density, "density", "t d.m./m3"),
    } | _shared(root_shoot, carbon_fraction)
    return evaluate(_gathered, CHANGE, inputs, amount=True)


def _disturbed(area: Any, biomass: Any, root_shoot: Any, carbon_fraction: Any, share: Any) -> Any:
    return area * biomass * (1 + root_shoot) * carbon_fraction * share


def disturbance_losses(
    area: Any, *, biomass: Any, root_shoot: Any, carbon_fraction: Any, share: Any
) -> Uncertain:
    """Return the carbon lost by fire, wind, pests and other disturbances (equation 2.14).

    ::

        L_disturbance = A_disturbance B_W (1 + R) CF fd

    Parameters
    ----------
    area : number, array or Uncertain
        Area disturbed, ha/yr.
    biomass : number, array or Uncertain
        B_W, above-ground biomass there, t d.m./ha (`factor("B_FOREST", ...)`).
    root_shoot, carbon_fraction
        As in `biomass_growth`.
    share : number, array or Uncertain
        fd, share of the biomass lost, 0 to 1: 1 where the stand is replaced.

    Returns
    -------
    Uncertain
        t C/yr, a loss. A fire's CO2 is here; only its other gases are to be taken from
        `fire_emissions` then.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equation 2.14, page 2.18.

    Examples
    --------
    Own example: 100 ha of 120 t/ha lose 30 %.

    >>> lost = disturbance_losses(100, biomass=120, root_shoot=0.25, carbon_fraction=0.47,
    ...                           share=0.3)
    >>> round(lost.value, 1)
    2115.0
    """
    inputs = {
        "area": argument(area, "area", "ha"),
        "biomass": argument(biomass, "biomass", "t d.m./ha"),
        "share": argument(share, "share", "share", most=1.0),
    } | _shared(root_shoot, carbon_fraction)
    return evaluate(_disturbed, CHANGE, inputs, amount=True)


def _converted(
    area: Any, before: Any, after: Any, carbon_fraction: Any, gains: Any, losses: Any
) -> Any:
    return gains + (after - before) * area * carbon_fraction - losses


def conversion(
    area: Any,
    *,
    before: Any,
    after: Any,
    carbon_fraction: Any,
    gains: Any = 0.0,
    losses: Sequence[Any] = (),
) -> StockChange:
    """Return the change of biomass carbon where land goes over into another use (2.15, 2.16).

    ::

        delta C_B = delta C_G + delta C_CONVERSION - delta C_L
        delta C_CONVERSION = sum (B_AFTER - B_BEFORE) delta A_TO_OTHERS CF

    Parameters
    ----------
    area : number, array or Uncertain
        Area converted in the year, ha/yr. An array counts each kind of land by itself.
    before, after : number, array or Uncertain
        Biomass just before and just after, t d.m./ha, roots included if they are lost too. Tier 1
        takes 0 after clearing.
    carbon_fraction : number, array or Uncertain
        t C/t d.m.
    gains : number, array or Uncertain
        Growth in the year on the land converted, t C/yr.
    losses : sequence of number, array or Uncertain
        Other losses there, t C/yr.

    Returns
    -------
    StockChange
        t C/yr, gains positive. Of one factor before and after nothing changes, without error.

    References
    ----------
    IPCC (2006), volume 4, chapter 2, equations 2.15 and 2.16, page 2.20.

    Examples
    --------
    Own example: 1,000 ha of primary rain forest in America are cleared.

    >>> from mriocarbon.natural.ipcc import factor
    >>> forest = factor("B_FOREST", climate="tropical rainforest", land="forest",
    ...                 option="America, primary")
    >>> cleared = conversion(1000, before=forest, after=0, carbon_fraction=0.47)
    >>> cleared.emissions
    Uncertain(529236 t CO2/yr, 95 %: 174918 to 883553)
    """
    lost = [argument(loss, f"loss {n + 1}", CHANGE) for n, loss in enumerate(losses)]
    inputs = {
        "area": argument(area, "area", "ha"),
        "before": argument(before, "before", "t d.m./ha"),
        "after": argument(after, "after", "t d.m./ha"),
        "carbon_fraction": argument(carbon_fraction, "carbon_fraction", "t C/t d.m.", most=1.0),
        "gains": argument(gains, "gains", CHANGE),
        "losses": total(*lost) if lost else argument(0.0, "losses", CHANGE),
    }
    return evaluate(_converted, CHANGE, inputs, kind=StockChange)


def _dead(area: Any, before: Any, after: Any, years: Any) -> Any:
    return (after - before) * area / years


def dead_organic_matter(area: Any, *, before: Any, after: Any, years: Any) -> StockChange:
    """Return the change of dead wood or litter where land use changes (equation 2.23).

    ::

        delta C_DOM = (C_n - C_o) A_on / T_on

    Parameters
    ----------
    area : number, array or Uncertain
        Land in transition, ha: all that was converted in the last T_on years.
    before, after : number, array or Uncertain
        Stock of dead wood or of litter under the old and the new use, t C/ha
        (`factor("LITTER", ...)`, `factor("DEAD_WOOD", ...)`). Tier 1 takes 0 outside forests.
    years : number or array
        Length of the transition T_on. Tier 1: 20 where the stock grows, 1 where it is lost.

    Returns
    -------
    StockChange
        t C/yr, gains positive.

    References
    ----------
    IPCC (2019), volume 4, chapter 2, equation 2.23, pages 2.25 and 2.26 (read).

    Examples
    --------
    Own example: conifers planted on 1,000 ha of former cropland in the boreal zone.

    >>> from mriocarbon.natural.ipcc import factor
    >>> litter = factor("LITTER", climate="boreal coniferous forest", land="needle-leaved forest")
    >>> dead_organic_matter(1000, before=0, after=litter, years=20)
    StockChange(2015 t C/yr, 95 %: 200 to 5870)
    """
    inputs = {
        "area": argument(area, "area", "ha"),
        "before": argument(before, "before", "t C/ha"),
        "after": argument(after, "after", "t C/ha"),
        "years": _years(years),
    }
    return evaluate(_dead, CHANGE, inputs, kind=StockChange)
