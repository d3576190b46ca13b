"""An error model for a table whose producer publishes none.

Nothing here is measured on the table at hand, and every result says so. Of the stressor:

* CO2, CH4 and N2O of the embedded satellites: the standard deviation estimated for each cell,
  with the share within a country that gives the national standard deviations;
* any other: the median relative standard deviations of national accounts that Schulte et al.
  (2024) find, 4 % for CO2, 12 % for CH4 and 33 % for N2O (doi:10.5194/essd-16-2669-2024), 30 % for
  fluorinated gases (assumed), by the gases of each cell where they are known; half of the
  variance shared within a country (assumed).

Flows and final demand: ``r = 0.393 v^-0.302`` of v in million (the fit commonly quoted from
Lenzen, Wood & Wiedmann 2010, doi:10.1080/09535311003661226; the paper was not at hand), at most
1, a quarter of the variance shared within the using country and a quarter within the supplying
industry (assumed: Rodrigues et al. 2018, doi:10.1021/acs.est.8b00632, find strong correlations of
both kinds). `bracket` shows what other shares would give.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve
from mriocarbon.datasets.satellites import OECD_CO2E, satellite_data
from mriocarbon.errors import NotAvailableError
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel, SizeLaw
from mriocarbon.uncertainty.firstorder import first_order

__all__ = ["bracket", "default_errors"]

Array = NDArray[np.float64]
NATIONAL = {"CO2": 0.04, "CH4": 0.12, "N2O": 0.33, "F-gases": 0.30}
UNKNOWN = 0.10  # of a stressor that is none of these and no sum of them
A, B = 0.393, -0.302
WITHIN = Correlation(country=0.5)
TABLE = Correlation(country=0.25, industry=0.25)
_SCALES = {
    "billion": 1e3, "billions": 1e3, "bn": 1e3, "million": 1.0, "millions": 1.0, "mn": 1.0,
    "mio": 1.0, "m": 1.0, "thousand": 1e-3, "thousands": 1e-3, "k": 1e-3, "": 1e-6,
}  # fmt: skip
# Money of about the size that the law was fitted in; one of another size would need an exchange
# rate, which nobody gave.
_MONEY = ("usd", "eur", "gbp", "chf", "aud", "cad", "euro", "euros", "us$", "a$", "$", "€", "£")
_HOUSEHOLDS = 2.0  # published household ranges are two standard deviations to either side
_NO_RANGE = 0.20


def default_errors(mrio: MRIO, stressor: str | None = None) -> ErrorModel:
    """Return an error model for a table and a stressor, with its basis in words.

    Parameters
    ----------
    mrio : MRIO
        Of R regions and n cells.
    stressor : str, optional
        The only one, or GHG, if not given.

    Returns
    -------
    ErrorModel
        Relative standard deviations: of the stressor for each cell, shape (n,), or one for all; of
        households for each region, shape (R,), or one for all; of flows and final demand by their
        size.

    Raises
    ------
    NotAvailableError
        Money in a unit without a known size: the law of size cannot be applied. A table without
        emissions.
    UnknownNameError
        No such stressor, or none is named and there are several without GHG.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> model = default_errors(mc.load("oecd-icio-2022"), "GHG")
    >>> model.balance, model.flows.ceiling
    ('row balance', 1.0)
    """
    extension, row = resolve(mrio, stressor)
    name, F = extension.stressors[row], extension.F[row]
    spread, shared, basis = _stressor(mrio, name, F)
    scale = _millions(mrio.money_unit)
    law = SizeLaw(A * scale**B, B, ceiling=1.0)
    return ErrorModel(
        stressor=spread, flows=law, demand=law, households=_households(mrio, stressor),
        stressor_shared=shared, flows_shared=TABLE, demand_shared=TABLE,
        basis=f"stressor: {basis}; flows and final demand: r = 0.393 v^-0.302 of v in million,"
        " as quoted from Lenzen et al. (2010), correlations assumed",
    )  # fmt: skip


def _millions(unit: str) -> float:
    """Return how many million (of dollars or the like) one unit of money is."""
    words = unit.casefold().replace(".", " ").replace("_", " ").split()
    if len(words) == 1:  # "MEUR", "kUSD", "USD"
        for money in _MONEY:
            if words[0].endswith(money):
                words = [words[0].removesuffix(money), money]
                break
    known = [w for w in words if w in _MONEY]
    scales = [w for w in words if w not in _MONEY]
    if len(known) == 1 and len(scales) <= 1 and (word := "".join(scales)) in _SCALES:
        return _SCALES[word]
    raise NotAvailableError(
        f"the size of money in {unit!r} is not known",
        where="default error model",
        do="give errors=ErrorModel(...), or a money_unit such as 'million EUR'",
    )


def _stressor(mrio: MRIO, name: str, F: Array) -> tuple[Array | float, Correlation, str]:
    n, R = len(F), len(mrio.regions)
    if mrio.provenance.dataset.startswith("oecd-icio-2022"):
        data = satellite_data()
        full = n == data.F.shape[1]
        gases = data.F if full else data.of_regions(data.F)
        k = data.gases.index(name) if name in data.gases[:3] else -1
        if k >= 0 and _same(gases[k], F):  # not only the same name: a user's own may be in tonnes
            sd = (data.sd if full else data.region_sd)[k]
            r = np.where(F != 0, sd / np.where(F == 0, 1.0, np.abs(F)), 0.0)
            if full:
                country = _country_share(sd.reshape(R, -1), data.national_sd[k])
                return r, Correlation(country=country), "standard deviations of the satellites"
            return r, WITHIN, "standard deviations of the satellites, half shared in a country"
        weights = np.array([OECD_CO2E.get(g, 1.0) for g in data.gases])
        each = weights[:, None] * gases
        if name == "GHG" and _same(each.sum(axis=0), F):
            rates = np.array([NATIONAL[g] for g in data.gases])[:, None]
            sd = np.sqrt(((rates * each) ** 2).sum(axis=0))
            size = np.where(F == 0, 1.0, np.abs(F))
            return (
                np.where(F != 0, np.minimum(sd / size, 1.0), 0.0), WITHIN,
                "4 % CO2, 12 % CH4, 33 % N2O (medians of Schulte et al. 2024) and 30 % F-gases"
                " (assumed) by the gases of each cell, half shared in a country",
            )  # fmt: skip
    gas = name.casefold().replace(" ", "")
    for known, rate in NATIONAL.items():
        if gas == known.casefold():
            source = "assumed" if known == "F-gases" else "Schulte et al. 2024, median"
            return rate, WITHIN, f"{100 * rate:.0f} % ({source})"
    return UNKNOWN, WITHIN, f"{100 * UNKNOWN:.0f} % (assumed)"


def _same(known: Array, F: Array) -> bool:
    """True if a stressor is the one whose errors are known, cell by cell to a per cent."""
    return known.shape == F.shape and bool(
        np.allclose(F, known, rtol=0.01, atol=1e-6 * float(np.abs(known).max(initial=0.0)))
    )


def _country_share(sd: Array, national: Array) -> float:
    """Share of the variance common to a country's cells that gives the national deviations."""
    alone, together = (sd**2).sum(axis=1), sd.sum(axis=1) ** 2
    able = together > alone * (1 + 1e-9)
    share = (national[able] ** 2 - alone[able]) / (together[able] - alone[able])
    return float(np.clip(np.median(share), 0.0, 1.0)) if len(share) else 0.0


def _households(mrio: MRIO, stressor: str | None) -> Array | float:
    """Relative deviation of households from their published range; 20 % (assumed) without."""
    extension, row = resolve(mrio, stressor)
    shape = (len(mrio.regions), len(mrio.categories))
    if extension.F_Y is None or np.isnan(extension.F_Y[row]).any():
        return 0.0
    home = extension.F_Y[row].reshape(shape).sum(axis=1)
    low, high = extension.F_Y_low, extension.F_Y_high
    if low is None or high is None or np.isnan(low[row]).any() or np.isnan(high[row]).any():
        return _NO_RANGE
    width = (high[row] - low[row]).reshape(shape).sum(axis=1)
    return np.where(home != 0, width / (2 * _HOUSEHOLDS) / np.where(home == 0, 1.0, home), 0.0)


def bracket(mrio: MRIO, errors: ErrorModel, stressor: str | None = None) -> dict[str, Array]:
    """Return relative standard deviations of the footprints under other correlations, (R,) each.

    Without any, with all of the variance shared within countries, within industries, and by all
    cells (Rodrigues et al. 2018). For the stressor, whose cells all move a footprint the same way,
    the first and the last bound it from below and from above. Flows and demand under row balance
    do not: what one cell adds another takes away, and an error common to all may cancel.

    Parameters
    ----------
    mrio : MRIO
        Of R regions.
    errors : ErrorModel
        Its correlations are replaced, all else is kept.
    stressor : str, optional
        The only one, or GHG, if not given.

    Returns
    -------
    dict of str to ndarray, shape (R,)
        "as modelled", "none", "country", "industry" and "all"; shares of the footprint, with
        households; NaN where the footprint is zero.

    Raises
    ------
    NotAvailableError
        An error model with ``balance="gras"``, or a table without emissions.
    UnknownNameError, NotProductiveError, InputError, ShapeError
        As `first_order`.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> table = mc.load("oecd-icio-2022")
    >>> found = bracket(table, default_errors(table, "GHG"), "GHG")
    >>> bool((found["none"] < found["as modelled"]).all())
    True
    """
    cases = {
        "as modelled": None,
        "none": Correlation(),
        "country": Correlation(country=1.0),
        "industry": Correlation(industry=1.0),
        "all": Correlation(source=1.0),
    }
    found = {}
    for name, shared in cases.items():
        model = errors if shared is None else replace(
            errors, stressor_shared=shared, flows_shared=shared, demand_shared=shared
        )  # fmt: skip
        done = first_order(mrio, model, stressor=stressor)
        found[name] = done.sd / np.where(done.value == 0, np.nan, np.abs(done.value))
    return found
