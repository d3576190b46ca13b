"""Global warming potentials of the IPCC assessment reports."""

from __future__ import annotations

from mriocarbon.errors import UnknownNameError

# AR6 (Forster et al. 2021, table 7.15) tells fossil from other methane; the package of values
# used here carries methane of any origin (table 7.SM.7).
_AR6_METHANE = {
    100: {"CH4 fossil": 29.8, "CH4 non-fossil": 27.0},
    20: {"CH4 fossil": 82.5, "CH4 non-fossil": 79.7},
    500: {"CH4 fossil": 10.0, "CH4 non-fossil": 7.2},
}


def gwp(report: str = "AR5", *, horizon: int = 100) -> dict[str, float]:
    """Return the GWP of each gas, in t CO2e per t of gas; CO2 is 1.

    Parameters
    ----------
    report : {"SAR", "AR4", "AR5", "AR5CCF", "AR6"}
        Assessment report; AR5CCF includes climate-carbon feedbacks.
    horizon : int
        Years: 20, 100 or 500, where the report has it.

    Returns
    -------
    dict of gas to float
        For AR6 also ``"CH4 fossil"`` and ``"CH4 non-fossil"`` (500 years: UNVERIFIED).

    Raises
    ------
    UnknownNameError
        The report has no such horizon.

    References
    ----------
    Values: openclimatedata/globalwarmingpotentials, after IPCC SAR (1995), AR4 (2007), AR5
    (2013) and AR6 (2021).

    Examples
    --------
    >>> gwp("AR5")["CH4"], gwp("AR6")["N2O"]
    (28.0, 273.0)
    """
    from globalwarmingpotentials import data

    key = f"{report}GWP{horizon}"
    if key not in data:
        known = sorted(k for k in data if "GWP" in k)
        raise UnknownNameError.of("set of global warming potentials", key, known)
    values = {"CO2": 1.0, **{gas: float(value) for gas, value in data[key].items()}}
    if report == "AR6":
        values |= _AR6_METHANE.get(horizon, {})
    return values
