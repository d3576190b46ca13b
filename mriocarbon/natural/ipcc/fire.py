"""Emissions from fires: volume 4, chapter 2, equation 2.27.

Fires of grassland and of crop residues are taken to be carbon neutral within the year: only their
CH4, N2O and so on count. Of forests killed by fire the CO2 is that of `disturbance_losses`
(equation 2.14) or of this equation, never of both.

References
----------
IPCC (2019), Refinement, volume 4, chapter 2, section 2.4, pages 2.48 to 2.56, with tables 2.4, 2.5
and 2.6 (read). Andreae and Merlet (2001), doi:10.1029/2000GB001382.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.natural.ipcc.intervals import Uncertain, argument, evaluate
from mriocarbon.natural.ipcc.lookup import factor, unknown

__all__ = ["FIRE_GASES", "fire_emissions"]

FIRE_GASES = ("CO2", "CO", "CH4", "N2O", "NOX")
GRAMS = 1e-3  # g/kg times t gives kg; kg to t


def _burnt(area: Any, fuel: Any, combustion: Any, emission_factor: Any) -> Any:
    return area * fuel * combustion * emission_factor * GRAMS


def fire_emissions(
    area: Any,
    gas: str,
    *,
    fuel: Any,
    combustion: Any,
    emission_factor: Any,
) -> Uncertain:
    """Return the emissions of one gas from a fire (equation 2.27).

    ::

        L_fire = A M_B C_f G_ef 10^-3

    Parameters
    ----------
    area : number, array or Uncertain
        Area burnt, ha/yr.
    gas : str
        ``"CO2"``, ``"CO"``, ``"CH4"``, ``"N2O"`` or ``"NOX"``.
    fuel : number, array or Uncertain
        M_B, fuel at hand, t d.m./ha: biomass, litter and dead wood. Or the fuel consumed,
        `factor("M_B_C_F", land=, option=)`, with `combustion` 1.
    combustion : number, array or Uncertain
        C_f, share of the fuel consumed, 0 to 1 (`factor("C_F", land=, option=)`).
    emission_factor : number, array, Uncertain or str
        G_ef, g/kg d.m.; or the kind of fire whose default to take: ``"savanna and grassland"``,
        ``"crop residues"``, ``"tropical forest"``, ``"extra-tropical forest"``, ``"biofuel"``.

    Returns
    -------
    Uncertain
        t of the gas a year, positive to the air. Where the table has no range (N2O of tropical
        forests) the interval is not known: NaN, not zero.

    Raises
    ------
    UnknownNameError
        No such gas or kind of fire.
    InputError
        A share above 1; fuel consumed with a combustion factor on top.

    References
    ----------
    IPCC (2019), volume 4, chapter 2, equation 2.27, page 2.50 (read).

    Examples
    --------
    Own example: wildfire over 1,000 ha of boreal forest, 52.8 t d.m./ha consumed.

    >>> from mriocarbon.natural.ipcc import factor
    >>> consumed = factor("M_B_C_F", land="boreal forest", option="wildfire")
    >>> fire_emissions(1000, "CH4", fuel=consumed, combustion=1,
    ...                emission_factor="extra-tropical forest")
    Uncertain(248.16 t CH4/yr, 95 %: 0 to 809.567)
    """
    if gas not in FIRE_GASES:
        raise unknown("gas of fires", gas, FIRE_GASES)
    if isinstance(emission_factor, str):
        emission_factor = factor("G_EF", land=emission_factor, option=gas)
    inputs = {
        "area": argument(area, "area", "ha"),
        "fuel": argument(fuel, "fuel", "t d.m./ha"),
        "combustion": argument(combustion, "combustion", "share", most=1.0),
        "emission_factor": argument(emission_factor, "emission_factor", "g/kg d.m."),
    }
    consumed = getattr(fuel, "name", "") == "M_B_C_F"
    if consumed and (
        inputs["combustion"].parts or np.any(np.asarray(inputs["combustion"].value) != 1)
    ):
        raise InputError(
            "a combustion factor on top of fuel that is already consumed",
            where="fire_emissions",
            do="give combustion=1 with table 2.4, or the fuel at hand with C_F",
        )
    return evaluate(_burnt, f"t {gas}/yr", inputs, amount=True)
