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
    report : {"SAR", "TAR", "AR4", "AR5", "AR5CCF", "AR6"}
        Assessment report; AR5CCF includes climate-carbon feedbacks.
    horizon : int
        Years: 100; 20 and 500 where the table has them (TAR and AR6).

    Returns
    -------
    dict of gas to float
        For AR6 also ``"CH4 fossil"`` and ``"CH4 non-fossil"`` (500 years: UNVERIFIED).

    Raises
    ------
    UnknownNameError
        No such report, or the report has no such horizon.

    References
    ----------
    Values: openclimatedata/globalwarmingpotentials, after IPCC SAR (1995), TAR (2001), AR4
    (2007), AR5 (2013) and AR6 (2021).

    Examples
    --------
    >>> gwp("AR5")["CH4"], gwp("AR6")["N2O"]
    (28.0, 273.0)
    """
    from globalwarmingpotentials import data

    horizons: dict[str, list[int]] = {}
    for key in data:
        name, told, years = key.partition("GWP")
        if told and years.isdecimal():
            horizons.setdefault(name, []).append(int(years))
    if report not in horizons:
        raise UnknownNameError.of("assessment report", report, sorted(horizons))
    if horizon not in horizons[report]:
        own = ", ".join(map(str, sorted(horizons[report])))
        others = ", ".join(sorted(name for name, years in horizons.items() if horizon in years))
        raise UnknownNameError(
            f"{report} has no global warming potentials over {horizon} years",
            where=f"horizons of {report}: {own} years",
            do=f"ask for {own}" + (f", or {others} for {horizon} years" if others else ""),
        )
    key = f"{report}GWP{horizon}"
    values = {"CO2": 1.0, **{gas: float(value) for gas, value in data[key].items()}}
    if report == "AR6":
        values |= _AR6_METHANE.get(horizon, {})
    return values
