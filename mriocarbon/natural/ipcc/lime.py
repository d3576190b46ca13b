"""CO2 from lime and urea on soils: equations 11.12 and 11.13 of volume 4, tier 1.

Carbonates and urea give off all their carbon as CO2, which is the default and the upper end of the
range: part of it may leave with the water as bicarbonate, and the guidelines put the lower end at
half. Amounts are t a year, results t CO2 a year.

References: IPCC (2006), Guidelines, volume 4, chapter 11, sections 11.3 and 11.4 (unchanged in the
2019 Refinement). Page numbers and the range of -50 % are recalled (UNVERIFIED).
"""

from __future__ import annotations

from typing import Any, TypeAlias

from mriocarbon.natural.ipcc.intervals import CO2_PER_C, Uncertain, argument, evaluate, total
from mriocarbon.natural.ipcc.lookup import factor

__all__ = ["liming_co2", "urea_co2"]

Amount: TypeAlias = Any  # number, array or Uncertain
CO2, TONNES, PER_TONNE = "t CO2/yr", "t/yr", "t C/t"


def _co2(mass: Any, carbon: Any) -> Any:
    return mass * carbon * CO2_PER_C


def _given(own: Amount | None, name: str, option: str, most: float) -> Uncertain:
    if own is None:
        return factor(name, option=option)
    what = option if name == "EF_LIME" else "urea"
    return argument(own, f"carbon given off by {what}", PER_TONNE, most=most)


def liming_co2(
    limestone: Amount = 0.0,
    dolomite: Amount = 0.0,
    *,
    ef_limestone: Amount | None = None,
    ef_dolomite: Amount | None = None,
) -> Uncertain:
    """Return CO2 of limestone and dolomite spread on soils (equation 11.12).

    ::

        CO2 = 44/12 (M_limestone EF_limestone + M_dolomite EF_dolomite)

    with 0.12 t C per t of CaCO3 (12/100) and 0.13 of CaMg(CO3)2 (24/184).

    Parameters
    ----------
    limestone, dolomite : number, array or Uncertain
        t/yr of the carbonate (not of burnt lime: CaO and Ca(OH)2 hold no carbon).
    ef_limestone, ef_dolomite : amount, optional
        t C/t instead of the defaults, at most the stoichiometric 0.12 and 24/184.

    Returns
    -------
    Uncertain
        t CO2/yr, positive to the air.

    Raises
    ------
    InputError
        A negative amount, or a factor above the carbon there is.
    NonFiniteError
        An amount that is missing.
    UnitError
        An `Uncertain` in another unit.

    References
    ----------
    IPCC (2006), volume 4, chapter 11, equation 11.12 (page 11.27).

    Examples
    --------
    Own example: 1,000 t of limestone are 440 t of CO2 (44/100 by weight).

    >>> liming_co2(1000.0)
    Uncertain(440 t CO2/yr, 95 %: 220 to 440)
    """
    parts = (
        ("limestone", limestone, ef_limestone, 0.12),
        ("dolomite", dolomite, ef_dolomite, 24 / 184),
    )
    return total(*(
        evaluate(_co2, CO2, {
            "mass": argument(mass, name, TONNES), "carbon": _given(own, "EF_LIME", name, most),
        }, amount=True)
        for name, mass, own, most in parts
    ))  # fmt: skip


def urea_co2(urea: Amount, *, ef: Amount | None = None) -> Uncertain:
    """Return CO2 of urea spread on soils (equation 11.13).

    ::

        CO2 = 44/12 M EF,    EF = 0.20 t C/t, the carbon of CO(NH2)2 (12/60)

    The CO2 was taken up when urea was made and is counted there as recovered: only what is applied
    counts here.

    Parameters
    ----------
    urea : number, array or Uncertain
        t/yr of urea (not of its nitrogen, which is 46 % of it).
    ef : amount, optional
        t C/t instead of the default, at most 0.20.

    Returns
    -------
    Uncertain
        t CO2/yr, positive to the air.

    Raises
    ------
    InputError
        A negative amount, or a factor above the carbon there is.
    NonFiniteError
        An amount that is missing.
    UnitError
        An `Uncertain` in another unit.

    References
    ----------
    IPCC (2006), volume 4, chapter 11, equation 11.13 (page 11.32).

    Examples
    --------
    Own example: 300 t of urea are 60 t of carbon, 220 t of CO2.

    >>> urea_co2(300.0)
    Uncertain(220 t CO2/yr, 95 %: 110 to 220)
    """
    carbon = _given(ef, "EF_UREA", "any", 0.20)
    return evaluate(
        _co2, CO2, {"mass": argument(urea, "urea", TONNES), "carbon": carbon}, amount=True
    )
