"""Labels that moved between tables of a series, look-alikes, and rows that stand twice."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build.finding import Finding, Status, ranked
from mriocarbon.errors import listed
from mriocarbon.model import MRIO

Array = NDArray[np.float64]

# Cyrillic and Greek letters that print as Latin ones.
_LOOKS = str.maketrans(
    "АВЕЅІЈКМНОРСТХҮаеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABESIJKMHOPCTXYaeopcyxsijABEZHIKMNOPTYXo",
)
_RANGE = re.compile(r"(?<=\d)\s*(?:to|t|[-_–—])\s*[a-z]?(?=\d)")
MIN_CELLS = 10  # a row of fewer figures may equal another by chance
SAME = 1e-6  # of the largest share: single precision


def key(label: str) -> str:
    """Return what is left of a label when case, spaces, dashes and look-alikes are ignored.

    Examples
    --------
    >>> key("C10T12 ") == key("C10-C12") == key("c10_12")
    True
    """
    text = unicodedata.normalize("NFKC", label).translate(_LOOKS).casefold()
    return re.sub(r"[^\w-]|_", "", _RANGE.sub("-", text.strip()))


def _axes(mrio: MRIO) -> dict[str, tuple[str, ...]]:
    axes = {
        "region": mrio.regions,
        "sector": mrio.sectors,
        "final demand category": mrio.categories,
        "value added row": mrio.value_added_rows,
    }
    for ext in mrio.extensions.values():
        axes[f"stressor of {ext.name}"] = ext.stressors
    return axes


def labels(mrio: MRIO) -> Finding:
    """Find labels of one table that only look different, or only look the same."""
    found: list[str] = []
    for axis, names in _axes(mrio).items():
        seen: dict[str, str] = {}
        for name in names:
            if name != name.strip() or "  " in name or "\u00a0" in name:
                found.append(f"{axis} {name!r} has blanks that do not show")
            latin = name.translate(_LOOKS)
            if latin != name and any("a" <= c <= "z" for c in latin.casefold()):
                alphabets = {unicodedata.name(c, "?").split()[0] for c in name if c.isalpha()}
                if len(alphabets) > 1 or name.isupper():
                    found.append(f"{axis} {name!r} has letters that only look Latin")
            twin = seen.setdefault(key(name) or name, name)
            if twin != name:
                found.append(f"{axis} {name!r} looks like {twin!r}")
    text = f"{len(found)} labels are doubtful: {listed(found)}" if found else "every label is plain"
    return Finding("labels", "WARN" if found else "PASS", text, float(len(found)), "labels", 0.0,
                   tuple((f, math.nan) for f in found[:100]))  # fmt: skip


def drift(mrio: MRIO, earlier: MRIO | None) -> Finding:
    """Compare the labels with those of an earlier table of the series."""
    name = "label drift"
    if earlier is None:
        return Finding(name, "SKIPPED", "no earlier table of the series was given (earlier=)")
    found: list[tuple[str, bool]] = []  # what, whether it breaks the series
    now, then = _axes(mrio), _axes(earlier)
    for axis in {**then, **now}:
        if (axis in now) != (axis in then):
            found.append((f"{axis} is only in the {'later' if axis in now else 'earlier'} table",
                          True))  # fmt: skip
            continue
        found += _compare(axis, then[axis], now[axis])
    if mrio.money_unit != earlier.money_unit:
        found.append((f"money unit {earlier.money_unit!r} is now {mrio.money_unit!r}", True))
    for ext in mrio.extensions.values():
        old = earlier.extensions.get(ext.name)
        for stressor, unit in zip(ext.stressors, ext.units, strict=True):
            if old and stressor in old.stressors and old.unit(stressor) != unit:
                found.append((f"unit of {stressor}: {old.unit(stressor)!r} is now {unit!r}", True))
    found.sort(key=lambda f: not f[1])
    status: Status = "FAIL" if any(hard for _, hard in found) else "WARN" if found else "PASS"
    if found:
        text = f"{len(found)} changes of labels or units: {listed([what for what, _ in found])}"
    else:
        text = "labels, their order and units are those of the earlier table"
    return Finding(name, status, text, float(len(found)), "changes", 0.0,
                   tuple((what, math.nan) for what, _ in found[:100]))  # fmt: skip


def _compare(axis: str, then: Sequence[str], now: Sequence[str]) -> list[tuple[str, bool]]:
    gone = [n for n in then if n not in set(now)]
    new = [n for n in now if n not in set(then)]
    found: list[tuple[str, bool]] = []
    twins = {key(n): n for n in new}
    for name in list(gone):
        twin = twins.get(key(name))
        if twin is not None and twin in new:
            found.append((f"{axis} {name!r} is now written {twin!r}", True))
            gone.remove(name)
            new.remove(twin)
    for name in list(gone):
        near = difflib.get_close_matches(name, new, n=1, cutoff=0.8) if len(name) > 4 else []
        same_place = len(then) == len(now) and now[list(then).index(name)] in new
        if near or same_place:
            other = near[0] if near else now[list(then).index(name)]
            found.append((f"{axis} {name!r} is missing, {other!r} is new: renamed?", True))
            gone.remove(name)
            new.remove(other)
    found += [(f"{axis} {name!r} is missing", True) for name in gone]
    found += [(f"{axis} {name!r} is new", True) for name in new]
    kept = [n for n in then if n in set(now)]
    order = [n for n in now if n in set(then)]
    if kept != order:
        first = next(k for k, (a, b) in enumerate(zip(kept, order, strict=True)) if a != b)
        moved = sum(a != b for a, b in zip(kept, order, strict=True))
        found.append(
            (f"{axis}: {moved} stand in another order, first {kept[first]!r} where now is"
             f" {order[first]!r}", False)
        )  # fmt: skip
    return found


def content(mrio: MRIO, earlier: MRIO | None) -> Finding:
    """Find labels whose figures are those that another label had in the earlier table."""
    name = "label content"
    if earlier is None:
        return Finding(name, "SKIPPED", "no earlier table of the series was given (earlier=)")
    regions = [r for r in mrio.regions if r in earlier.regions]
    sectors = [s for s in mrio.sectors if s in earlier.sectors]
    if len(regions) < 2 or len(sectors) < 2:
        return Finding(name, "SKIPPED", "fewer than 2 regions or sectors in common")

    def profile(table: MRIO) -> Array:
        grid = table.x.reshape(len(table.regions), len(table.sectors))
        take = [table.regions.index(r) for r in regions], [table.sectors.index(s) for s in sectors]
        x = grid[np.ix_(*take)]
        return np.asarray(np.log(x + 1e-9 * x.mean()) - np.log(x.mean()))

    now, then = profile(mrio), profile(earlier)
    # The median distance, so that a few sectors that boomed do not count.
    pairs = [
        *_exchanged("sector", sectors, now.T, then.T), *_exchanged("region", regions, now, then)
    ]  # fmt: skip
    if not pairs:
        text = "no label has the output that another label had in the earlier table"
        return Finding(name, "PASS", text, 0.0, "labels", 0.0)
    text = (
        f"the output of {len(pairs)} labels is that of another label in the earlier table, as if"
        f" they had been exchanged: {listed([what for what, _ in pairs])}"
    )
    return Finding(name, "FAIL", text, float(len(pairs)), "labels", 0.0, tuple(pairs[:100]))


def _exchanged(kind: str, names: list[str], now: Array, then: Array) -> list[tuple[str, float]]:
    n = len(names)
    distance = np.empty((n, n))
    for k in range(n):
        distance[k] = np.median(np.abs(now[k] - then), axis=1)
    best, own = distance.argmin(axis=1), np.diag(distance)
    found = []
    for k in np.flatnonzero(best != np.arange(n)).tolist():
        nearest = float(distance[k, best[k]])
        if own[k] > 3 * nearest + 0.2:
            found.append((f"{kind} {names[k]} has the output of {names[best[k]]}", float(own[k])))
    return ranked(found)


def duplicates(mrio: MRIO) -> Finding:
    """Find rows, columns, regions and stressors that are identical or proportional."""
    same: list[str] = []
    proportional: list[str] = []
    rng = np.random.default_rng(20)  # fixed: the same table, the same answer
    n = len(mrio.index)

    def sort(kind: str, a: str, b: str, exact: bool) -> None:
        (same if exact else proportional).append(f"{kind} {a} and {b}")

    right, below = rng.standard_normal((n, 3)), rng.standard_normal((mrio.Y.shape[1], 3))
    sums = mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1)
    hashes = mrio.Z @ right + mrio.Y @ below
    for i, j in _candidates(hashes, sums):
        a, b = (np.concatenate([mrio.Z[k], mrio.Y[k]]) for k in (i, j))
        if _alike(a, b):
            sort("rows", mrio.index.name(i), mrio.index.name(j), bool((a == b).all()))
    for i, j in _candidates((right.T @ mrio.Z).T, mrio.Z.sum(axis=0)):
        a, b = mrio.Z[:, i], mrio.Z[:, j]
        if _alike(a, b):
            sort("columns", mrio.index.name(i), mrio.index.name(j), bool((a == b).all()))
    x = mrio.x.reshape(len(mrio.regions), -1)
    for i, j in _candidates(x @ rng.standard_normal((x.shape[1], 3)), x.sum(axis=1)):
        if _alike(x[i], x[j]):
            exact = bool((x[i] == x[j]).all())
            sort("output of regions", mrio.regions[i], mrio.regions[j], exact)
    for ext in mrio.extensions.values():
        for i, j in _candidates(ext.F @ right, ext.F.sum(axis=1)):
            if _alike(ext.F[i], ext.F[j]):
                exact = bool((ext.F[i] == ext.F[j]).all())
                sort(f"stressors of {ext.name}", ext.stressors[i], ext.stressors[j], exact)
    found = [*same, *proportional]
    status: Status = "FAIL" if same else "WARN" if proportional else "PASS"
    text = (
        f"{len(same)} pairs are identical, {len(proportional)} proportional: {listed(found)}"
        if found
        else f"no two rows, columns, regions or stressors of {MIN_CELLS} figures are proportional"
    )
    return Finding("duplicates", status, text, float(len(found)), "pairs", 0.0,
                   tuple((f, math.nan) for f in found[:100]))  # fmt: skip


def _candidates(hashes: Array, sums: Array) -> list[tuple[int, int]]:
    """Return neighbours whose projections on three random directions agree, scaled by sums.

    Proportional rows have equal scaled projections; sorting finds them without comparing all.
    """
    good = np.flatnonzero(sums > 0)
    if len(good) < 2:
        return []
    scaled = hashes[good] / sums[good, None]
    order = np.argsort(scaled[:, 0], kind="stable")
    a, b = scaled[order[:-1]], scaled[order[1:]]
    close = (np.abs(a - b) <= 10 * SAME * (np.abs(a) + np.abs(b) + 1e-3)).all(axis=1)
    pairs = [sorted((int(good[order[k]]), int(good[order[k + 1]]))) for k in np.flatnonzero(close)]
    return [(i, j) for i, j in pairs]


def _alike(a: Array, b: Array) -> bool:
    if min(np.count_nonzero(a), np.count_nonzero(b)) < MIN_CELLS or len(np.unique(a)) < 5:
        return False
    p, q = a / a.sum(), b / b.sum()
    return bool(np.abs(p - q).max() <= SAME * np.abs(p).max())
