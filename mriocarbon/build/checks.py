"""Checks that diagnose: PASS, WARN, FAIL or SKIPPED, each with its figure. Nothing is repaired."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build import drift, outliers
from mriocarbon.build.finding import CheckReport, Finding, Status, ranked
from mriocarbon.errors import (
    InputError,
    MriocarbonError,
    NonFiniteError,
    UnitError,
    UnknownNameError,
    listed,
)
from mriocarbon.model import MRIO
from mriocarbon.model.checked import need_table
from mriocarbon.model.frame import BALANCE_ATOL, BALANCE_RTOL
from mriocarbon.model.labels import find_region
from mriocarbon.model.units import factor

__all__ = ["CheckReport", "Finding", "check"]

Array = NDArray[np.float64]

MOST = 100  # items kept of one finding; the text counts all
MILLER_BLAIR = "Miller and Blair (2022), Input-Output Analysis, 3rd ed."
UN = "United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables"

# A gap above the tolerance is a WARN up to these shares of output, and a FAIL beyond.
GAP_OF_SECTOR, GAP_OF_WORLD = 0.01, 0.001
# Where a table carries no taxes less subsidies, they are the gap: more than this is not taxes.
TAX_OF_SECTOR, TAX_OF_WORLD = 0.25, 0.05
RADIUS_WARN = 0.95
GDP_PASS, GDP_WARN = (0.8, 1.15), (0.5, 1.5)
_INVENTORY = re.compile(r"inventor|invnt|\binv\b|stock|\bP5[23]\b|\bP5M\b|valuables", re.IGNORECASE)


@dataclass(frozen=True)
class _Sums:
    """Sums over the table that several checks need, taken once."""

    rows: Array
    columns: Array
    uses: Array
    tolerance: Array


def check(
    mrio: MRIO,
    *,
    gdp: Mapping[str, float] | None = None,
    earlier: MRIO | None = None,
    tolerance: float = BALANCE_RTOL,
) -> CheckReport:
    """Audit a table: balances, signs, intensities, units, labels, doubles, GDP, estimates.

    The table is not changed. A check that cannot be made is SKIPPED with the reason, which is
    no pass.

    Parameters
    ----------
    mrio : MRIO
        n sectors, in any money unit.
    gdp : mapping of region to float, optional
        Gross domestic product in million USD of the table's year, by label, code or name.
    earlier : MRIO, optional
        A table of the same series, for drift of labels and units between the two.
    tolerance : float
        A row or column may miss its output by this share of it (and by 1e-6 of mean output).

    Returns
    -------
    CheckReport
        `.findings`, `.worst`, `.ok`, `.to_pandas()`, `.to_json()`.

    Raises
    ------
    InputError
        `tolerance` is not a positive number below one; GDP is not above zero or given twice.
    NonFiniteError
        GDP that is NaN or infinite.
    UnknownNameError
        GDP of a region that the table does not have.

    Notes
    -----
    Row balance is ``Z 1 + Y 1 + other uses = x``, column balance
    ``1'Z + other inputs + value added = x'``. Intensities are held against
    ``log(F/x) = sector + region``, fitted by median polish; a residual above log 20 and 4
    robust standard deviations stands out.

    References
    ----------
    Miller and Blair (2022), Input-Output Analysis, 3rd ed., chapters 2 and 3; Tukey (1977),
    Exploratory Data Analysis.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> report = check(mc.load("oecd-icio-2022"))
    >>> report["row balance"].status, report["label drift"].status, report.ok
    ('PASS', 'SKIPPED', True)
    """
    need_table(mrio, "check, mrio")
    if not 0 < tolerance < 1:
        raise InputError(
            f"tolerance is {tolerance!r}",
            where="check",
            do="give a share of output between 0 and 1, such as 1e-5",
        )
    known = _known_gdp(mrio, gdp or {})
    finite = _finite(mrio)
    sums = _sums(mrio, tolerance)
    makers: list[tuple[str, Callable[[], Finding]]] = [
        ("row balance", partial(_row_balance, mrio, sums)),
        ("column balance", partial(_column_balance, mrio, sums)),
        *((f"negative {kind}", partial(_negative, mrio, kind)) for kind in _KINDS),
        ("zero-output sectors", partial(_zero_output, mrio)),
        ("inputs above output", partial(_inputs_above_output, mrio, sums)),
        ("spectral radius", partial(_spectral_radius, mrio)),
        ("stressor without output", partial(_stressor_without_output, mrio)),
        ("output without stressor", partial(outliers.without_emissions, mrio)),
        ("outlier intensities", partial(outliers.intensities, mrio)),
        ("unit slips", partial(outliers.slips, mrio, earlier)),
        ("units", partial(_units, mrio)),
        ("labels", partial(drift.labels, mrio)),
        ("label drift", partial(drift.drift, mrio, earlier)),
        ("label content", partial(drift.content, mrio, earlier)),
        ("duplicates", partial(drift.duplicates, mrio)),
        ("GDP", partial(_gdp, mrio, known)),
        ("household rows", partial(_households, mrio)),
        ("estimated cells", partial(_estimated, mrio)),
    ]
    findings = [finite]
    for name, make in makers:
        if finite.status == "FAIL" and name not in ("labels", "label drift", "household rows"):
            findings.append(Finding(name, "SKIPPED", f"not made: {finite.text}"))
        else:
            findings.append(make())
    size = f"{len(mrio.regions)} regions x {len(mrio.sectors)} sectors"
    about = f"{mrio.provenance.dataset}, {size}, {mrio.year or 'no year'}"
    return CheckReport(tuple(findings), about, mrio.provenance.sha256)


def _items(mrio: MRIO, places: Array | NDArray[np.intp], values: Array) -> list[tuple[str, float]]:
    return ranked((mrio.index.name(int(k)), float(values[int(k)])) for k in places)


def _sums(mrio: MRIO, rtol: float) -> _Sums:
    rows = mrio.Z.sum(axis=1)
    uses = rows + mrio.Y.sum(axis=1)
    if mrio.other_uses is not None:
        uses = uses + mrio.other_uses.total
    scale = max(float(mrio.x.mean()), np.finfo(float).tiny)
    return _Sums(rows, mrio.Z.sum(axis=0), uses, rtol * mrio.x + BALANCE_ATOL * scale)


def _finite(mrio: MRIO) -> Finding:
    arrays: dict[str, Array | None] = {
        "Z": mrio.Z, "Y": mrio.Y, "output": mrio.x, "value added": mrio.value_added,
        **{f"F of {e.name}": e.F for e in mrio.extensions.values()},
        **{f"{s} {side.labels[0]}": side.values
           for s, side in (("row", mrio.other_inputs), ("column", mrio.other_uses)) if side},
    }  # fmt: skip
    bad = [
        (name, float((~np.isfinite(a)).sum()))
        for name, a in arrays.items()
        if a is not None and not np.isfinite(a.sum())
    ]
    if not bad:
        return Finding("finite cells", "PASS", "every cell is a number", 0.0, "cells", 0.0)
    text = f"cells that are no numbers in {listed([name for name, _ in bad])}"
    return Finding(
        "finite cells", "FAIL", text, sum(v for _, v in bad), "cells", 0.0, tuple(ranked(bad))
    )


def _balance(
    mrio: MRIO, name: str, what: str, gap: Array, tolerance: Array, remark: tuple[str, bool]
) -> Finding:
    """Judge gaps; `remark` explains them, and whether that makes the most of them a WARN."""
    x = mrio.x
    bad = np.flatnonzero(np.abs(gap) > tolerance)
    side = name.partition(" ")[0] + "s"
    if not len(bad):
        text = f"{what} within the tolerance in all {len(x)} {side}"
        return Finding(name, "PASS", text, 0.0, side, 0.0, reference=MILLER_BLAIR)
    # A sector of next to no output is measured against a thousandth of the mean.
    share = np.abs(gap) / np.maximum(x, 1e-3 * max(float(x.mean()), np.finfo(float).tiny))
    of_world = float(np.abs(gap).sum() / max(float(x.sum()), np.finfo(float).tiny))
    told, explained = remark
    limit = (GAP_OF_SECTOR, GAP_OF_WORLD)
    small = float(share.max()) <= limit[0] and of_world <= limit[1]
    items = _items(mrio, bad, gap)
    worst = int(share.argmax())
    text = (
        f"{len(bad)} of {len(x)} {side} do not add up to output ({what}; items: gap in"
        f" {mrio.money_unit}), largest {listed([f'{k} {v:.6g}' for k, v in items], 3)};"
        f" all gaps are {of_world:.2g} of world output, at most {share[worst]:.2g} of a sector's"
        f" ({mrio.index.name(worst)}){told}"
    )
    status: Status = "WARN" if small or explained else "FAIL"
    return Finding(
        name, status, text, float(len(bad)), side, 0.0, tuple(items[:MOST]), MILLER_BLAIR
    )


def _row_balance(mrio: MRIO, sums: _Sums) -> Finding:
    gap = sums.uses - mrio.x
    remark = ("", False)
    if _whole_numbers(mrio):
        # Each of the cells of a row was rounded by at most a half, and so was output.
        bound = 0.5 * (len(mrio.index) + mrio.Y.shape[1] + 1)
        within = bool((np.abs(gap) <= bound).all())
        remark = (
            "; the table holds whole numbers, and rounding"
            + (" can explain every gap" if within else f" explains at most {bound:g}"),
            within,
        )
    return _balance(mrio, "row balance", "Z1 + Y1 + other uses = x", gap, sums.tolerance, remark)


def _whole_numbers(mrio: MRIO) -> bool:
    arrays = (mrio.x, mrio.Y, mrio.Z)
    return bool(mrio.x.any()) and all(bool((a == np.rint(a)).all()) for a in arrays)


def _column_balance(mrio: MRIO, sums: _Sums) -> Finding:
    name = "column balance"
    if mrio.value_added is None:
        return Finding(
            name, "SKIPPED", "value added is not known; x' - 1'Z would balance by construction"
        )
    gap = sums.columns + mrio.value_added.sum(axis=0) - mrio.x
    remark = ("", False)
    if mrio.other_inputs is not None:
        gap = gap + mrio.other_inputs.total
    else:
        x = np.maximum(mrio.x, 1e-3 * float(mrio.x.mean()))
        most = float((np.abs(gap) / x).max()), float(np.abs(gap).sum() / mrio.x.sum())
        within = most[0] <= TAX_OF_SECTOR and most[1] <= TAX_OF_WORLD
        remark = (
            f"; the table carries no other inputs than {listed(mrio.value_added_rows)}; taxes on"
            " products or direct imports, where they are missing,"
            + (" may be the gap" if within else " can hardly be the gap"),
            within,
        )
    return _balance(mrio, name, "1'Z + other inputs + value added = x", gap, sums.tolerance, remark)


_KINDS = {  # kind: (share of the gross sum up to which it is a WARN, what it may mean)
    "flows": (1e-4, "by-products and balancing leave such cells"),
    "final demand": (1e-3, "only changes in inventories and valuables can be negative"),
    "inventory changes": (math.inf, "inventories do fall"),
    "value added": (1e-2, "subsidies or losses above all other value added"),
    "output": (0.0, "output cannot be negative"),
}


def _negative(mrio: MRIO, kind: str) -> Finding:
    """Count and name negative cells of one kind; the figure is their share of the gross sum."""
    name = f"negative {kind}"
    limit, meaning = _KINDS[kind]
    n_categories = len(mrio.categories)
    stock = np.array([bool(_INVENTORY.search(c)) for c in mrio.categories])
    columns = np.tile(stock, len(mrio.regions))
    labels: Callable[[int, int], str]
    if kind == "flows":
        array, labels = mrio.Z, lambda i, j: f"{mrio.index.name(i)} -> {mrio.index.name(j)}"
    elif kind == "value added":
        if mrio.value_added is None:
            return Finding(name, "SKIPPED", "value added is not known")
        array, labels = mrio.value_added.sum(axis=0)[None, :], lambda i, j: mrio.index.name(j)
    elif kind == "output":
        array, labels = mrio.x[None, :], lambda i, j: mrio.index.name(j)
    else:
        if kind == "inventory changes" and not stock.any():
            why = f"no category of changes in inventories: {listed(mrio.categories)}"
            return Finding(name, "SKIPPED", why)
        keep = np.flatnonzero(columns if kind == "inventory changes" else ~columns)
        if not len(keep):
            return Finding(name, "SKIPPED", "every category is one of inventories")
        array = mrio.Y if len(keep) == mrio.Y.shape[1] else mrio.Y[:, keep]
        if n_categories == 1:
            meaning = "categories are merged, so that falling inventories may show"
            limit = 1e-2

        def labels(i: int, j: int) -> str:
            region, category = divmod(int(keep[j]), n_categories)
            tail = f" {mrio.categories[category]}" if n_categories > 1 else ""
            return f"{mrio.index.name(i)} -> {mrio.regions[region]}{tail}"

    if float(array.min(initial=0.0)) >= 0:
        text = f"no negative cell among {array.size}"
        return Finding(name, "PASS", text, 0.0, "share of the gross sum", limit)
    rows, cols = np.nonzero(array < 0)
    values = array[rows, cols]
    share = float(-values.sum() / np.abs(array).sum())
    order = np.argsort(values)[:MOST]
    items = tuple((labels(int(rows[k]), int(cols[k])), float(values[k])) for k in order)
    text = (
        f"{len(values)} negative cells, {share:.2g} of the gross sum; {meaning}:"
        f" {listed([f'{label} {value:.6g}' for label, value in items])}"
    )
    status: Status = "WARN" if share <= limit else "FAIL"
    if kind == "inventory changes":
        status = "PASS" if share <= 0.5 else "WARN"
        limit = 0.5
    return Finding(name, status, text, share, "share of the gross sum", limit, items, UN)


def _zero_output(mrio: MRIO) -> Finding:
    zero = np.flatnonzero(mrio.x == 0)
    name = "zero-output sectors"
    if not len(zero):
        return Finding(name, "PASS", "every sector has output", 0.0, "sectors", 0.0)
    flow = np.array(
        [np.abs(mrio.Z[k]).sum() + np.abs(mrio.Z[:, k]).sum() + np.abs(mrio.Y[k]).sum()
         for k in zero]
    )  # fmt: skip
    trade = ranked(
        (mrio.index.name(int(k)), float(f)) for k, f in zip(zero, flow, strict=True) if f
    )
    items = [*trade, *((mrio.index.name(int(k)), 0.0) for k in zero[flow == 0])]
    text = f"{len(zero)} sectors have no output"
    if trade:
        text += f", {len(trade)} of them still buy or sell: {listed([k for k, _ in trade])}"
    else:
        text += f" and no trade either: {listed([k for k, _ in items])}"
    return Finding(name, "FAIL" if trade else "WARN", text, float(len(zero)), "sectors", 0.0,
                   tuple(items[:MOST]))  # fmt: skip


def _inputs_above_output(mrio: MRIO, sums: _Sums) -> Finding:
    x, inputs = mrio.x, sums.columns
    over = np.flatnonzero((inputs > x + sums.tolerance) & (x > 0))
    name, unit = "inputs above output", "share of world output"
    if not len(over):
        text = "no sector uses more inputs than it makes output"
        return Finding(name, "PASS", text, 0.0, unit, GAP_OF_WORLD, reference=MILLER_BLAIR)
    share = float(x[over].sum() / x.sum())
    ratio = np.divide(inputs, x, out=np.zeros_like(x), where=x > 0)
    items = _items(mrio, over, ratio)
    text = f"{len(over)} sectors use more inputs than output (items: ratio): " + listed(
        [f"{label} {value:.4g}" for label, value in items]
    )
    status: Status = "WARN" if share <= GAP_OF_WORLD else "FAIL"
    return Finding(name, status, text, share, unit, GAP_OF_WORLD, tuple(items[:MOST]), MILLER_BLAIR)


def _spectral_radius(mrio: MRIO) -> Finding:
    from mriocarbon.solve import leontief

    name = "spectral radius"
    try:
        radius = leontief(mrio).spectral_radius()
    except (MriocarbonError, ArithmeticError, np.linalg.LinAlgError) as error:
        return Finding(name, "SKIPPED", f"could not be computed: {error}")
    if radius >= 1:
        text = f"{radius:.6g}: the table is not productive, (I - A) has no non-negative inverse"
    else:
        text = f"{radius:.6g}: the table is productive"
    status: Status = "FAIL" if radius >= 1 else "WARN" if radius >= RADIUS_WARN else "PASS"
    return Finding(name, status, text, radius, "of A", 1.0, reference=MILLER_BLAIR)


def _stressor_without_output(mrio: MRIO) -> Finding:
    name, unit = "stressor without output", "share of the stressor"
    if not mrio.extensions:
        return Finding(name, "SKIPPED", "the table has no extension")
    zero = np.flatnonzero(mrio.x == 0)
    items, worst = [], 0.0
    for ext in mrio.extensions.values():
        for stressor, row in zip(ext.stressors, ext.F, strict=True):
            total = float(np.abs(row).sum())
            emits = [int(k) for k in zero if row[k]]
            if emits:
                worst = max(worst, float(np.abs(row[emits]).sum()) / total)
                items += [(f"{mrio.index.name(k)} {stressor}", float(row[k])) for k in emits]
    if not items:
        return Finding(name, "PASS", "nothing is emitted without output", 0.0, unit, GAP_OF_WORLD)
    items = ranked(items)
    text = (
        f"{len(items)} emissions of sectors without output, at most {worst:.2g} of a stressor;"
        f" no final demand can carry them: {listed([f'{k} {v:.4g}' for k, v in items])}"
    )
    status: Status = "WARN" if worst <= GAP_OF_WORLD else "FAIL"
    return Finding(name, status, text, worst, unit, GAP_OF_WORLD, tuple(items[:MOST]))


def _units(mrio: MRIO) -> Finding:
    """Whether units are understood, and stressors of one name measure one thing."""
    unread, clash = [], []
    seen: dict[str, tuple[str, str]] = {}
    for ext in mrio.extensions.values():
        for stressor, unit in zip(ext.stressors, ext.units, strict=True):
            try:
                factor(unit, f"1000 * ({unit})")
            except UnitError:
                unread.append(f"{ext.name}/{stressor} in {unit!r}")
                continue
            other, before = seen.setdefault(drift.key(stressor), (ext.name, unit))
            try:
                factor(before, unit)
            except UnitError:
                clash.append(f"{stressor}: {before} in {other}, {unit} in {ext.name}")
    try:
        factor(mrio.money_unit, f"1000 * ({mrio.money_unit})")
    except UnitError:
        unread.append(f"money in {mrio.money_unit!r}")
    found = [*clash, *unread]
    status: Status = "FAIL" if clash else "WARN" if unread else "PASS"
    text = "every unit is understood, and one name has one dimension"
    if found:
        text = (
            f"{len(clash)} stressors of one name measure different things, {len(unread)} units"
            f" are not understood: {listed(found)}"
        )
    return Finding("units", status, text, float(len(found)), "units", 0.0,
                   tuple((f, math.nan) for f in found[:MOST]))  # fmt: skip


def _known_gdp(mrio: MRIO, gdp: Mapping[str, float]) -> dict[int, float]:
    """GDP by position of the region; bad input is an error, not a check that was skipped."""
    known: dict[int, float] = {}
    for region, value in gdp.items():
        try:
            k = find_region(region, mrio.regions)
        except UnknownNameError as error:
            raise UnknownNameError.of(
                "region in gdp", str(region), mrio.regions, do="Leave out what the table lacks."
            ) from error
        if not math.isfinite(value):
            raise NonFiniteError(
                f"GDP is {value}", where=f"gdp[{region!r}]", do="leave out regions without GDP"
            )
        if value <= 0 or k in known:
            raise InputError(
                f"GDP is {value:g}" if value <= 0 else f"GDP of {mrio.regions[k]} is given twice",
                where=f"gdp[{region!r}]",
                do="give one figure above zero, in million USD, for each region",
            )
        known[k] = float(value)
    return known


def _gdp(mrio: MRIO, good: Mapping[int, float]) -> Finding:
    """Value added and taxes by region against gross domestic product."""
    name = "GDP"
    if not good:
        return Finding(name, "SKIPPED", "no GDP was given (gdp=, million USD by region)")
    try:
        dollars = factor(mrio.money_unit, "million USD")
    except UnitError:
        return Finding(name, "SKIPPED", f"{mrio.money_unit} cannot be turned into million USD")
    if mrio.value_added is not None:
        own = mrio.value_added.sum(axis=0)
        what = "value added"
        if mrio.other_inputs is not None:
            own, what = own + mrio.other_inputs.total, "value added and other inputs"
    else:
        own, what = mrio.primary_inputs, "output less inputs"
    by_region = own.reshape(len(mrio.regions), -1).sum(axis=1) * dollars
    if mrio.other_inputs is not None and mrio.other_inputs.final_demand is not None:
        taxes = mrio.other_inputs.final_demand.sum(axis=0)
        by_region = by_region + taxes.reshape(len(mrio.regions), -1).sum(axis=1) * dollars
    ratio = {mrio.regions[r]: float(by_region[r]) / v for r, v in good.items()}
    off = {r: v for r, v in ratio.items() if not GDP_PASS[0] <= v <= GDP_PASS[1]}
    hard = [r for r, v in off.items() if not GDP_WARN[0] <= v <= GDP_WARN[1]]
    items = sorted(off.items(), key=lambda i: -abs(math.log(max(i[1], 1e-300))))
    figure = max((abs(v - 1) for v in ratio.values()), default=0.0)
    text = f"{what} is {min(ratio.values()):.3g} to {max(ratio.values()):.3g} of GDP" + (
        f"; outside {GDP_PASS[0]:g} to {GDP_PASS[1]:g} (items: ratio):"
        f" {listed([f'{r} {v:.3g}' for r, v in items])}"
        if off
        else f" in {len(ratio)} regions"
    )
    missing = [r for k, r in enumerate(mrio.regions) if k not in good]
    if missing:
        text += f"; not compared for want of GDP: {listed(missing)}"
    status: Status = "FAIL" if hard else "WARN" if off else "PASS"
    return Finding(
        name,
        status,
        text,
        figure,
        "largest relative difference",
        GDP_PASS[1] - 1,
        tuple(items[:MOST]),
        "United Nations (2009), System of National Accounts 2008",
    )


def _households(mrio: MRIO) -> Finding:
    name = "household rows"
    if not mrio.extensions:
        return Finding(name, "SKIPPED", "the table has no extension")
    items = []
    for ext in mrio.extensions.values():
        for k, stressor in enumerate(ext.stressors):
            row = np.full(mrio.Y.shape[1], np.nan) if ext.F_Y is None else ext.F_Y[k]
            gone = np.isnan(row).reshape(len(mrio.regions), -1).all(axis=1)
            if gone.any():
                items.append((f"{stressor} of {ext.name}", float(gone.sum())))
    total = sum(len(e.stressors) for e in mrio.extensions.values())
    if not items:
        text = f"direct emissions of households are known for {total} stressors"
        return Finding(name, "PASS", text, 0.0, "stressors", 0.0)
    text = (
        f"direct emissions of households are unknown, which is not zero, for {len(items)} of"
        f" {total} stressors (items: regions): {listed([label for label, _ in items])}"
    )
    return Finding(
        name, "WARN", text, float(len(items)), "stressors", 0.0, tuple(ranked(items)[:MOST])
    )


def _estimated(mrio: MRIO) -> Finding:
    """How much of the table is an estimate, by value."""
    name, unit = "estimated cells", "largest share by value"
    items = []
    for array_name, mask in mrio.estimated.items():
        array: Array = getattr(mrio, array_name)
        if mask.any():
            gross = max(float(np.abs(array).sum()), np.finfo(float).tiny)
            part = np.abs(array).sum(where=np.broadcast_to(mask, array.shape))
            items.append((array_name, float(part) / gross))
    notes = [n for n in mrio.notes if n.estimated]
    for ext in mrio.extensions.values():
        notes += [n for n in ext.notes if n.estimated]
    if not items and not notes:
        return Finding(name, "PASS", "no cell is marked as an estimate", 0.0, unit, 0.0)
    items = ranked(items)
    text = "estimates by value: " + (
        listed([f"{label} {value:.3g}" for label, value in items]) or "not marked by cell"
    )
    if notes:
        text += "; noted: " + " | ".join(f"{n.about}: {n.text}" for n in notes)
    figure = items[0][1] if items else math.nan
    return Finding(name, "WARN", text, figure, unit, 0.0, tuple(items))
