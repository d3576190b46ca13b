"""Emission intensities that stand out, and figures in another unit than their neighbours.

Intensities spread over orders of magnitude, so all is done on logarithms and with medians: a
few wrong cells do not move what they are measured against.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build.finding import Finding, Status, ranked
from mriocarbon.errors import UnitError, listed
from mriocarbon.model import MRIO
from mriocarbon.model.units import factor

Array = NDArray[np.float64]

PEERS = 5  # fewer regions have no median worth the name
MANY_TIMES, VERY_MANY_TIMES = 20.0, 50.0
SCORE, SURE_SCORE = 4.0, 5.0
# An outlier that moves results: by this share of its region's stressor (in a region that is not
# tiny, so that the excess is also a share of the world's), or of the world's.
LARGE_REGION, NOT_TINY, LARGE_WORLD = 0.05, 0.0005, 0.005
MATERIAL = 0.01
# A region's own level of intensity spans a factor of 60 in real tables of 81 economies; a
# factor of 1,000 on top of the cleanest of them still passes 100.
SLIP = 100.0
SECTOR_GAP = 8.0
# World emissions by output in kg per USD, of the OECD table of 2022; off by a factor of 50 is
# no year and no coverage, but a unit.
WORLD = {"CO2e": 0.2, "CO2": 0.15, "CH4": 1.3e-3, "N2O": 4e-5}
WORLD_BAND = 50.0
TOTALS = ("ghg", "co2", "co2e", "ch4", "n2o", "greenhouse gases")
# How many dollars, roughly: only orders of magnitude are judged by it.
DOLLARS = {"USD": 1.0, "EUR": 1.1, "GBP": 1.3, "CNY": 0.15, "JPY": 0.008}

POLISH = "Tukey (1977), Exploratory Data Analysis: median polish; Rousseeuw and Croux (1993)"


@dataclass(frozen=True)
class Fit:
    """Log intensities taken apart: ``log(F/x) = sector + region + residual``."""

    log: Array  # (regions, sectors), NaN where F or x is not positive
    sector: Array
    region: Array
    residual: Array
    scale: Array  # robust standard deviation of a sector's residuals


def fit(F: Array, x: Array) -> Fit:
    """Fit sector and region levels to log intensities by two rounds of median polish.

    Parameters
    ----------
    F, x : ndarray, shape (regions, sectors)

    Examples
    --------
    >>> x = np.ones((6, 2))
    >>> found = fit(np.array([[1.0, 10]] * 5 + [[2.0, 20]]), x)
    >>> found.region.round(3)[-1], float(abs(found.residual).max().round(12))
    (np.float64(0.693), 0.0)
    """
    known = (x > 0) & (F > 0)
    log = np.full(F.shape, np.nan)
    np.log(F, out=log, where=known)
    log[known] -= np.log(x[known])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of all-NaN rows: no median is NaN
        few = known.sum(axis=0) < PEERS
        base = log.copy()
        base[:, few] = np.nan
        sector = np.nanmedian(base, axis=0)
        region = np.nanmedian(base - sector, axis=1)
        region = np.where(np.isnan(region), 0.0, region)
        sector = np.nanmedian(base - region[:, None], axis=0)
        residual = base - sector - region[:, None]
        mad = 1.4826 * np.nanmedian(np.abs(residual), axis=0)
        pooled = np.nanmedian(mad)
    # A sector with few peers borrows from all others: ten peers' weight for the pooled spread.
    count = known.sum(axis=0)
    scale = np.sqrt((count * mad**2 + 10 * pooled**2) / (count + 10))
    return Fit(log, sector, region, residual, np.maximum(scale, 0.1))


def _by_region(mrio: MRIO, values: Array) -> Array:
    return np.asarray(values.reshape(len(mrio.regions), len(mrio.sectors)))


def _times(log_ratio: float) -> str:
    ratio = math.exp(abs(log_ratio))
    text = f"{ratio:,.0f}" if ratio < 1e7 else f"{ratio:.1e}"
    return f"{text} times too {'high' if log_ratio > 0 else 'low'}"


def intensities(mrio: MRIO) -> Finding:
    """Find sectors whose emission intensity stands out from the same industry elsewhere."""
    name = "outlier intensities"
    R = len(mrio.regions)
    if not mrio.extensions:
        return Finding(name, "SKIPPED", "the table has no extension")
    if R < PEERS:
        return Finding(name, "SKIPPED", f"{R} regions: no {PEERS} peers to compare with")
    x = _by_region(mrio, mrio.x)
    found: list[tuple[float, str, bool]] = []
    guessed = _estimated(mrio)
    small = judged = 0
    for stressor, row in _rows(mrio):
        F = _by_region(mrio, row)
        model = fit(F, x)
        e = model.residual
        with np.errstate(over="ignore", invalid="ignore"):
            score = e / model.scale
            expected = np.nan_to_num(np.exp(model.sector + model.region[:, None]) * x)
        own = np.maximum(F.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        world = max(float(F.sum()), np.finfo(float).tiny)
        high = (e > math.log(MANY_TIMES)) & (score > SCORE)
        low = (e < -math.log(MANY_TIMES)) & (score < -SCORE)
        excess = np.abs(F - expected)
        sure = (np.abs(e) > math.log(VERY_MANY_TIMES)) & (np.abs(score) > SURE_SCORE)
        of_region = (excess > LARGE_REGION * own) & (excess > NOT_TINY * world)
        large = sure & (of_region | (excess > LARGE_WORLD * world))
        # An estimate that stands out is a weak estimate, marked as one; observed figures fail.
        large &= stressor not in guessed
        # Far too low matters only where emissions of weight are missing; the rest is counted.
        keep = high | (low & (expected > MATERIAL * own))
        small += int((low & ~keep).sum())
        judged += int(np.isfinite(e).sum())
        for r, s in np.argwhere(keep).tolist():
            where = f"{mrio.regions[r]} {mrio.sectors[s]} {stressor}"
            found.append((float(np.exp(e[r, s])), where, bool(large[r, s])))
    found.sort(key=lambda f: (not f[2], -abs(math.log(f[0]))))
    items = tuple((label, ratio) for ratio, label, _ in found)
    n_large = sum(f[2] for f in found)
    status: Status = "FAIL" if n_large else "WARN" if found else "PASS"
    text = (
        f"{len(found)} of {judged} intensities are more than {MANY_TIMES:g} times above or below"
        " what the industry elsewhere and the region's own level suggest"
        f" (items: ratio), {n_large} of them large and beyond {VERY_MANY_TIMES:g} times"
    )
    if found:
        text += f": {listed([f'{label} x {ratio:.3g}' for label, ratio in items])}"
    if guessed:
        text += f"; at most a warning for estimated stressors ({listed(sorted(guessed))})"
    if small:
        text += f"; {small} more are far too low but carry less than 1 % of their region"
    return Finding(
        name, status, text, float(len(found)), "intensities", 0.0, items[:100], POLISH
    )  # fmt: skip


def slips(mrio: MRIO, earlier: MRIO | None = None) -> Finding:
    """Find whole regions, sectors or rows a factor of about 1,000 off their peers or totals."""
    name = "unit slips"
    R = len(mrio.regions)
    sure: list[tuple[str, float]] = []  # label, log ratio
    perhaps: list[tuple[str, float]] = []
    left_out: list[str] = []
    sure += _output_slips(mrio)
    if R < PEERS:
        left_out.append(f"comparison of regions (only {R})")
    else:
        sure += _money_slips(mrio)
    seen_all = _total_value_added(mrio)
    sure += seen_all
    if not mrio.extensions:
        left_out.append("emissions (no extension)")
    x = _by_region(mrio, mrio.x)
    for stressor, row in _rows(mrio):
        F = _by_region(mrio, row)
        if R >= PEERS:
            model = fit(F, x)
            for r in np.flatnonzero(np.abs(model.region) > math.log(SLIP)).tolist():
                sure.append((f"{mrio.regions[r]} {stressor}, all sectors", model.region[r]))
            perhaps += _sector_slips(mrio, stressor, model)
            sure += _household_slips(mrio, stressor, F)
        sure += _world_slip(mrio, stressor, F, x)
    if earlier is not None:
        confirmed = _against_earlier(mrio, earlier)
        labels = {label for label, _ in confirmed}
        perhaps = [p for p in perhaps if p[0] not in labels]
        sure += confirmed
    items = sorted(sure, key=lambda i: -abs(i[1])) + sorted(perhaps, key=lambda i: -abs(i[1]))
    status: Status = "FAIL" if sure else "WARN" if perhaps else "PASS"
    if items:
        text = (
            f"{len(items)} groups of figures look as if they were in another unit than the rest"
            f" (items: ratio): {listed([f'{label}: {_times(v)}' for label, v in items])}"
        )
    else:
        text = "no region, sector, row or total is a factor of about 1,000 off its peers"
    if left_out:
        text += f"; not compared: {listed(left_out)}"
    shown = tuple((label, math.exp(min(value, 700.0))) for label, value in items[:100])
    return Finding(name, status, text, float(len(items)), "groups", 0.0, shown, POLISH)


def _rows(mrio: MRIO) -> Iterator[tuple[str, Array]]:
    """Yield every stressor that is anywhere above zero, by its full name where two share it."""
    names = [s for ext in mrio.extensions.values() for s in ext.stressors]
    for ext in mrio.extensions.values():
        for stressor, row in zip(ext.stressors, ext.F, strict=True):
            if (row > 0).any():
                doubled = names.count(stressor) > 1
                yield (f"{ext.name}/{stressor}" if doubled else stressor), row


def _estimated(mrio: MRIO) -> set[str]:
    """Return the stressors, named as `_rows` does, that a note of theirs calls an estimate."""
    about = {n.about for e in mrio.extensions.values() for n in e.notes if n.estimated}
    return {name for name, _ in _rows(mrio) if name.rpartition("/")[2] in about}


def _against_median(labels: tuple[str, ...], ratio: Array, what: str) -> list[tuple[str, float]]:
    """Return the labels whose ratio is off the median of all by a factor of SLIP."""
    good = np.isfinite(ratio) & (ratio > 0)
    if good.sum() < PEERS:
        return []
    log = np.full(len(ratio), np.nan)
    log[good] = np.log(ratio[good])
    off = log - np.nanmedian(log)
    return [
        (f"{labels[k]} {what}", float(off[k]))
        for k in np.flatnonzero(np.abs(off) > math.log(SLIP)).tolist()
    ]


def _output_slips(mrio: MRIO) -> list[tuple[str, float]]:
    """Output against what is used of it: the row must add up, so 1,000 is no balance gap."""
    uses = mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1)
    if mrio.other_uses is not None:
        uses = uses + mrio.other_uses.total
    x = mrio.x
    floor = 1e-4 * float(x.mean())
    judged = (x > 0) & (uses > 0) & (np.maximum(x, uses) > floor)
    off = np.zeros(len(x))
    off[judged] = np.log(x[judged] / uses[judged])
    places = np.flatnonzero(np.abs(off) > math.log(SLIP)).tolist()
    if len(places) > len(x) / 2:
        return [("output of all sectors against their uses", float(np.median(off[places])))]
    return [(f"{mrio.index.name(k)} output against its uses", float(off[k])) for k in places]


def _money_slips(mrio: MRIO) -> list[tuple[str, float]]:
    x = _by_region(mrio, mrio.x).sum(axis=1)
    found: list[tuple[str, float]] = []
    with np.errstate(divide="ignore", invalid="ignore"):
        primary = _by_region(mrio, mrio.primary_inputs).sum(axis=1)
        found += _against_median(mrio.regions, mrio.final_demand.sum(axis=0) / x, "final demand")
        found += _against_median(mrio.regions, primary / x, "primary inputs")
        if mrio.value_added is not None:
            total = float(np.abs(mrio.value_added).sum())
            for label, row in zip(mrio.value_added_rows, mrio.value_added, strict=True):
                if np.abs(row).sum() > 0.05 * total:  # small rows, such as subsidies, are erratic
                    share = _by_region(mrio, row).sum(axis=1) / x
                    found += _against_median(mrio.regions, share, label)
    return found


def _total_value_added(mrio: MRIO) -> list[tuple[str, float]]:
    if mrio.value_added is None:
        return []
    have, want = float(mrio.value_added.sum()), float(mrio.primary_inputs.sum())
    if have <= 0 or want <= 0 or abs(math.log(have / want)) < math.log(WORLD_BAND):
        return []
    return [("value added of the world against output less inputs", math.log(have / want))]


def _sector_slips(mrio: MRIO, stressor: str, model: Fit) -> list[tuple[str, float]]:
    """Whole sectors beyond the range of all others, of stressors that most sectors have.

    Nothing but the other sectors tells how high a sector may be, so that only the extremes
    show; with an earlier table every one of them does.
    """
    if np.isfinite(model.log).mean() < 0.8:
        return []
    level = model.sector
    found = []
    for s in np.flatnonzero(np.isfinite(level)).tolist():
        others = np.delete(level, s)
        above, below = level[s] - np.nanmax(others), level[s] - np.nanmin(others)
        if above > math.log(SECTOR_GAP) or below < -math.log(SECTOR_GAP):
            off = float(level[s] - np.nanmedian(others))
            found.append((f"{mrio.sectors[s]} {stressor}, all regions", off))
    return found


def _household_slips(mrio: MRIO, stressor: str, F: Array) -> list[tuple[str, float]]:
    ext = mrio.extension_of(stressor)
    if ext.F_Y is None:
        return []
    row = ext.F_Y[ext.row(stressor.partition("/")[2] or stressor)]
    direct = row.reshape(len(mrio.regions), -1).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = direct / F.sum(axis=1)
    return _against_median(mrio.regions, ratio, f"{stressor} of households")


def _gas(stressor: str, unit: str) -> tuple[str, float] | None:
    """Return the gas and the kg of it in one `unit`; None if it is none of the four."""
    for gas in WORLD:
        try:
            return gas, factor(unit, f"kg {gas}")
        except UnitError:
            continue
    name = stressor.rpartition("/")[2].casefold()
    gas_of = {"ghg": "CO2e", "greenhouse gases": "CO2e", **{g.casefold(): g for g in WORLD}}
    if name in gas_of:
        try:
            return gas_of[name], factor(unit, "kg")
        except UnitError:
            return None
    return None


def _world_slip(mrio: MRIO, stressor: str, F: Array, x: Array) -> list[tuple[str, float]]:
    """The whole row against what the world is known to emit for one dollar of output."""
    ext = mrio.extension_of(stressor)
    known = _gas(stressor, ext.unit(stressor.rpartition("/")[2]))
    money = None
    for currency, value in DOLLARS.items():
        try:
            money = factor(mrio.money_unit, currency) * value
            break
        except UnitError:
            continue
    if known is None or money is None:
        return []
    gas, kilograms = known
    output, emitted = x.sum(axis=1), F.sum(axis=1)
    good = (output > 0) & (emitted > 0)
    if not good.any():
        return []
    # The median over regions: one region in another unit is not the whole row.
    have = float(np.median(emitted[good] / output[good])) * kilograms / money
    off = math.log(have / WORLD[gas])
    # One process or one source may be a small part of a gas: too low is judged of totals only.
    is_total = stressor.rpartition("/")[2].casefold() in TOTALS
    if off > math.log(WORLD_BAND) or (is_total and off < -math.log(WORLD_BAND)):
        return [(f"{stressor}, the whole row", off)]
    return []


def _against_earlier(mrio: MRIO, earlier: MRIO) -> list[tuple[str, float]]:
    """Levels of sectors and rows against the table before, over the labels they share."""
    regions = [r for r in mrio.regions if r in earlier.regions]
    sectors = [s for s in mrio.sectors if s in earlier.sectors]
    if not regions or not sectors:
        return []

    def part(table: MRIO, row: Array) -> Array:
        grid = row.reshape(len(table.regions), len(table.sectors))
        take = [table.regions.index(r) for r in regions], [table.sectors.index(s) for s in sectors]
        return np.asarray(grid[np.ix_(*take)])

    def logs(table: MRIO, row: Array) -> Array:
        F, x = part(table, row), part(table, table.x)
        good = (F > 0) & (x > 0)
        return np.log(np.where(good, F, np.nan) / np.where(good, x, 1.0))

    before = dict(_rows(earlier))
    found: list[tuple[str, float]] = []
    for stressor, row in _rows(mrio):
        if stressor not in before:
            continue
        moved = logs(mrio, row) - logs(earlier, before[stressor])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            whole = float(np.nanmedian(moved)) if np.isfinite(moved).any() else 0.0
            by_sector = np.nanmedian(moved, axis=0) - whole
        if abs(whole) > math.log(SLIP):
            found.append((f"{stressor}, the whole row, against the earlier table", whole))
        for s in np.flatnonzero(np.abs(by_sector) > math.log(SLIP)).tolist():
            found.append((f"{sectors[s]} {stressor}, all regions", float(by_sector[s])))
    was, now = part(earlier, earlier.x).sum(), part(mrio, mrio.x).sum()
    if was > 0 and now > 0 and abs(math.log(now / was)) > math.log(SLIP):
        found.append(("output of the world against the earlier table", math.log(now / was)))
    return found


def without_emissions(mrio: MRIO) -> Finding:
    """Find output that emits nothing where its peers do: missing is not zero."""
    name = "output without stressor"
    if not mrio.extensions:
        return Finding(name, "SKIPPED", "the table has no extension")
    x = _by_region(mrio, mrio.x)
    regions: list[tuple[str, float]] = []
    cells: list[tuple[str, float]] = []
    empty = [
        s for e in mrio.extensions.values() for s, f in zip(e.stressors, e.F, strict=True)
        if not f.any()
    ]  # fmt: skip
    for stressor, row in _rows(mrio):
        F = _by_region(mrio, row)
        gone = ~F.any(axis=1) & (x.sum(axis=1) > 0)
        # Most regions without it is the nature of the stressor, not a gap.
        if gone.mean() < 0.5:
            for r in np.flatnonzero(gone).tolist():
                regions.append((f"{mrio.regions[r]} {stressor}", float(x[r].sum())))
        if len(mrio.regions) < PEERS:
            continue
        model = fit(F, x)
        expected = np.nan_to_num(np.exp(model.sector + model.region[:, None]) * x)
        own = np.maximum(F.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        peers = np.isfinite(model.log).sum(axis=0) > 0.8 * np.maximum((x > 0).sum(axis=0), 1)
        blank = (F == 0) & (x > 0) & peers & ~gone[:, None] & (expected > MATERIAL * own)
        for r, s in np.argwhere(blank).tolist():
            where = f"{mrio.regions[r]} {mrio.sectors[s]} {stressor}"
            cells.append((where, float(x[r, s])))
    found = [*ranked(regions), *ranked(cells), *((f"{s}, everywhere", math.nan) for s in empty)]
    if not found:
        text = "every region emits, and every sector whose peers all do where it would weigh 1 %"
        return Finding(name, "PASS", text, 0.0, "regions or sectors", 0.0)
    text = (
        f"{len(regions)} regions have output but no emissions at all, {len(cells)} sectors none"
        f" where their peers emit, {len(empty)} stressors are zero everywhere; a missing figure"
        f" is not zero (items: output): {listed([label for label, _ in found])}"
    )
    status: Status = "FAIL" if regions or empty else "WARN"
    return Finding(name, status, text, float(len(found)), "regions or sectors", 0.0,
                   tuple(found[:100]))  # fmt: skip
