"""Nitrogen of crop residues and of lost soil carbon: equations 11.6 to 11.8 of volume 4, tier 1.

Inputs of `SoilNitrogen`, t N a year.

References: IPCC (2006), Guidelines, and IPCC (2019), Refinement, volume 4, chapter 11.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural.ipcc.intervals import StockChange, Uncertain, argument, evaluate
from mriocarbon.natural.ipcc.lookup import factor

__all__ = ["crop_residue_nitrogen", "mineralised_nitrogen"]

Amount: TypeAlias = Any  # number, array or Uncertain
N = "t N/yr"
_NAMES = {"dry_matter": "DRY", "ratio": "R_AG", "roots": "RS", "n_above": "N_AG",
          "n_below": "N_BG"}  # fmt: skip


def _residues(
    area: Any, grain: Any, dry: Any, ratio: Any, roots: Any, n_above: Any, n_below: Any,
    removed: Any, burnt: Any, combustion: Any, renewed: Any,
) -> Any:  # fmt: skip
    crop = grain * dry
    above = crop * ratio
    kept = 1 - removed - burnt * combustion
    return area * (above * kept * n_above + (crop + above) * roots * renewed * n_below)


def crop_residue_nitrogen(
    crop: str,
    area: Amount,
    grain: Amount,
    *,
    dry_matter: Amount | None = None,
    removed: Amount = 0.0,
    burnt: Amount = 0.0,
    combustion: Amount | None = None,
    renewed: Amount = 1.0,
    ratio: Amount | None = None,
    roots: Amount | None = None,
    n_above: Amount | None = None,
    n_below: Amount | None = None,
) -> Uncertain:
    """Return nitrogen of crop residues left on and in the soil, F_CR (equations 11.6 and 11.7).

    ::

        Crop = yield DRY,  AG = Crop R_AG
        F_CR = A [ AG (1 - Frac_removed - Frac_burnt C_f) N_AG
                   + (Crop + AG) RS Frac_renewed N_BG ]

    Parameters
    ----------
    crop : str
        Of table 11.1A: ``"winter wheat"``, ``"maize"``, ``"soybeans"``, ..., ``"other crops"``.
    area : amount
        Harvested, ha/yr.
    grain : amount
        Harvested fresh yield, t/ha.
    dry_matter : share, optional
        Dry matter of the yield (1 where `grain` is dry already).
    removed : share
        Of the residues above ground taken away for feed, bedding, building, fuel.
    burnt : share
        Of the area burnt.
    combustion : share, optional
        Combustion factor C_f of the burnt part; must be given where something burns, such as
        ``factor("C_F", land="crop residues", option="maize")``.
    renewed : share
        Of the area renewed in a year: 1 for annual crops, 1/X for pasture renewed every X years.
    ratio, roots, n_above, n_below : amount, optional
        R_AG, RS, N_AG and N_BG instead of the defaults (t/t). The table has none of some for rye,
        rice, millet, sorghum, peanuts, alfalfa and hay: give your own there.

    Returns
    -------
    Uncertain
        t N/yr.

    Raises
    ------
    InputError
        Negative amounts, shares above one, more than all residues removed and burnt, burning
        without a combustion factor.
    NotAvailableError
        The table has a dash for this crop.
    UnknownNameError
        No such crop.

    References
    ----------
    IPCC (2019), volume 4, chapter 11, equations 11.6 and 11.7 (updated), table 11.1A.

    Examples
    --------
    Own example: one hectare of maize with 10 t has 8.7 t dry grain and as much straw, of 6 kg N/t,
    and 3.83 t of roots of 7 kg N/t.

    >>> round(crop_residue_nitrogen("maize", 1.0, 10.0).value, 5)
    0.079
    """
    factor("DRY", land=crop)  # refuses a crop that the table does not have, whatever is given
    taken = argument(removed, "share of residues removed", "share", most=1.0)
    fire = argument(burnt, "share of the area burnt", "share", most=1.0)
    if combustion is None:
        if np.any(np.asarray(fire.value) > 0):
            raise InputError(
                "residues are burnt and no combustion factor is given", where="combustion",
                do='give one, such as factor("C_F", land="crop residues", option="maize")',
            )  # fmt: skip
        combustion = 0.0
    consumed = argument(combustion, "combustion factor", "share", most=1.0)
    if np.any(np.asarray(taken.value) + np.asarray(fire.value) * np.asarray(consumed.value) > 1):
        raise InputError(
            "more than all residues are removed and burnt", where="removed, burnt",
            do="give shares that leave at least nothing",
        )  # fmt: skip

    def own(argument_name: str, given: Amount | None, unit: str, most: float) -> Uncertain:
        if given is not None:
            return argument(given, argument_name, unit, most=most)
        name = _NAMES[argument_name]
        try:
            return factor(name, land=crop)
        except (UnknownNameError, NotAvailableError) as error:
            raise NotAvailableError(
                f"table 11.1A has a dash for {name} of {crop}", where=crop,
                do=f"give your own value as {argument_name}=",
            ) from error  # fmt: skip

    return evaluate(_residues, N, {
        "area": argument(area, "area", "ha"),
        "grain": argument(grain, "yield", "t/ha"),
        "dry": own("dry_matter", dry_matter, "share", 1.0),
        "ratio": own("ratio", ratio, "kg d.m./kg d.m.", np.inf),
        "roots": own("roots", roots, "kg d.m./kg d.m.", np.inf),
        "n_above": own("n_above", n_above, "kg N/kg d.m.", 1.0),
        "n_below": own("n_below", n_below, "kg N/kg d.m.", 1.0),
        "removed": taken, "burnt": fire, "combustion": consumed,
        "renewed": argument(renewed, "share of the area renewed", "share", most=1.0),
    }, amount=True)  # fmt: skip


def _mineralised(carbon: Any, ratio: Any) -> Any:
    return carbon / ratio


def mineralised_nitrogen(
    carbon: Amount, *, cause: str = "land-use change", ratio: Amount | None = None
) -> Uncertain:
    """Return nitrogen mineralised with soil carbon that is lost, F_SOM (equation 11.8).

    ::

        F_SOM = (carbon lost) / R,    R the C:N ratio of soil organic matter

    Parameters
    ----------
    carbon : amount or StockChange
        Carbon lost from mineral soils, t C/yr (positive), or a `StockChange` that is a loss.
    cause : str
        ``"land-use change"`` (forest or grassland to cropland: R = 15) or
        ``"cropland management"`` (R = 10).
    ratio : amount, optional
        R, t C/t N, instead of the default.

    Returns
    -------
    Uncertain
        t N/yr.

    Raises
    ------
    InputError
        A gain of carbon: the guidelines give no credit for it; a ratio of zero.
    UnknownNameError
        Another cause.

    References
    ----------
    IPCC (2006), volume 4, chapter 11, equation 11.8 (page 11.16).

    Examples
    --------
    Own example: 300 t C lost at 15 t C per t N.

    >>> mineralised_nitrogen(StockChange(-300.0, "t C/yr"))
    Uncertain(20 t N/yr, 95 %: 10 to 30)
    """
    if isinstance(carbon, StockChange):
        carbon = evaluate(_turned, carbon.unit, {"change": carbon})
    lost = argument(carbon, "carbon lost (a gain mineralises no nitrogen)", "t C/yr")
    given = factor("C_TO_N", option=cause, edition=2006)
    if ratio is not None:
        own = argument(ratio, "C:N ratio", "t C/t N")
        if np.any(np.asarray(own.value) <= 0):
            raise InputError("a C:N ratio of zero", where="ratio", do="give t C per t N above 0")
        return evaluate(_mineralised, N, {"carbon": lost, "ratio": own}, amount=True)
    return evaluate(_mineralised, N, {"carbon": lost, "ratio": given}, amount=True)


def _turned(change: Any) -> Any:
    return -change
