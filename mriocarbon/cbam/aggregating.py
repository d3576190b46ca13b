"""All lines of an audit together: medians, shares, trade weights, sensitivity."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.cbam.bootstrap import Estimate, cluster_bootstrap
from mriocarbon.cbam.codes import covers
from mriocarbon.cbam.comparing import random_effects, why_beside
from mriocarbon.cbam.cost import CostPath
from mriocarbon.cbam.goods import gases_of
from mriocarbon.cbam.reference import Reference
from mriocarbon.cbam.results import Aggregate, Interval, Line, Share, Swing, Test, TradeWeighted
from mriocarbon.cbam.sensitivity import loading_matrix, swings, variance_shares
from mriocarbon.cbam.statistics import signed_rank
from mriocarbon.cbam.trade import TradeLine, TradeTotal, covered_share

Array = NDArray[np.float64]
NAN = float("nan")
NAMED = {
    "price": "producer prices of 2022",
    "deflator": "price deflator, 2024 to 2022",
    "margin": "trade and transport margins",
    "cell": "emissions of the sector (satellite)",
    "product-spread": "a sector average is not a product",
    "booking": "gas from furnaces booked to power",
    "aggregation": "regional aggregation of the table",
    "mix": "national mix of routes",
    "practice": "national practice beside a typical plant",
    "grid": "electricity factor",
    "between": "disagreement between references",
    "user": "user's references",
    "scrap": "scrap share",
    "carbon": "carbon content of fuels and materials",
    "step": "yields and fuel of downstream steps",
    "process": "process parameters",
    "installation": "a user's plant is not the country",
}
"""What the groups of factors are called."""
ASSUMED = frozenset(
    (
        "deflator", "margin", "product-spread", "booking", "aggregation", "mix", "practice",
        "scrap", "step", "process", "installation",
    )
)  # fmt: skip
"""Groups whose spread is assumed, wholly or for by far the larger part."""


def factor_group(key: str) -> str:
    """Return the group of a loading's key, such as ``price`` or ``process``.

    Examples
    --------
    >>> [factor_group(k) for k in ("price.steel", "bf-bof.scrap_share.CHN", "wire.yield")]
    ['price', 'scrap', 'step']
    """
    first, _, rest = key.partition(".")
    if first in NAMED:
        return first
    if "scrap_share" in rest or "hot_metal_share" in rest:
        return "scrap"
    if rest.endswith("carbon") or first in ("fuel", "gas", "coke", "electrode", "iron"):
        return "carbon"
    if rest in ("yield", "gas"):
        return "step"
    return "process"


def _grouped(lines: Sequence[Line]) -> list[dict[str, float]]:
    """Return the lines' loadings with the group written before each key."""
    return [
        {f"{factor_group(k)}.{k}": v for k, v in _main(line).loadings.items()} for line in lines
    ]


def compared(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that have a main comparison."""
    return [line for line in lines if line.main is not None]


def _main(line: Line) -> Reference:
    assert line.main is not None
    return line.main.reference


def log_ratios(lines: Sequence[Line], basis: str) -> Array:
    """Return ln(D / R) of compared lines, before (`base`) or after mark-up (`marked`)."""
    return np.array([math.log1p(_bias(line, basis)) for line in lines])


def _bias(line: Line, basis: str) -> float:
    assert line.main is not None
    return (line.main.bias if basis == "base" else line.main.marked).value


def aggregates(
    lines: Sequence[Line], *, draws: int, seed: int, sectors: bool = True
) -> tuple[Aggregate, ...]:
    """Aggregate all compared lines, and those of each sector, before and after mark-up."""
    kept = compared(lines)
    groups: dict[str, list[Line]] = {"all": kept}
    if sectors:
        for line in kept:
            groups.setdefault(line.value.sector, []).append(line)
    return tuple(
        _aggregate(name, members, basis, draws, seed)
        for name, members in groups.items()
        for basis in ("base", "marked")
    )


def national(lines: Sequence[Line], *, draws: int, seed: int) -> Aggregate | None:
    """Aggregate the comparisons with the country's mix of routes, before mark-up."""
    turned = [
        replace(line, main=line.national, verdict=line.national.verdict)
        for line in lines
        if line.national is not None
    ]
    return _aggregate("all", turned, "base", draws, seed) if turned else None


def _aggregate(name: str, lines: list[Line], basis: str, draws: int, seed: int) -> Aggregate:
    verdicts = Counter(line.verdict if basis == "base" else line.marked_verdict for line in lines)
    if not lines:
        none = Interval(NAN, NAN, NAN, "no line has a reference")
        return Aggregate(name, basis, 0, 0, none, none, none, verdicts, None)
    ratios = log_ratios(lines, basis)
    load = [_main(line).loadings for line in lines]
    headings = [line.cn[:4] for line in lines]
    cells = [_main(line).cell for line in lines]
    found = cluster_bootstrap(ratios, None, [headings, cells], load, draws=draws, seed=seed)
    rank = signed_rank(ratios, [_material(cell) for cell in cells])
    return Aggregate(
        group=name,
        basis=basis,
        lines=len(lines),
        clusters=min(found.clusters),
        median=_relative(found.median),
        mean=_relative(found.mean),
        share_over=Interval(
            found.share_over.value, found.share_over.low, found.share_over.high,
            found.share_over.note,
        ),
        verdicts=dict(verdicts),
        test=Test(
            rank.statistic, rank.p, rank.p_clustered, rank.n, rank.n_clusters,
            "clusters are comparators (the material that the references of a line start from);"
            " conditional on the references: their own errors are in the intervals, not here",
        ),
    )  # fmt: skip


def _material(cell: str) -> str:
    """Return what a comparator starts from: goods of one material are not independent."""
    return " + ".join(sorted({":".join(part.split(":")[:3]) for part in cell.split(" + ")}))


def _relative(e: Estimate) -> Interval:
    return Interval(math.expm1(e.value), math.expm1(e.low), math.expm1(e.high), e.note)


def trade_weighted(
    lines: Sequence[Line],
    trade: Sequence[TradeLine],
    origin: str,
    *,
    totals: Sequence[TradeTotal],
    draws: int,
    seed: int,
) -> TradeWeighted | None:
    """Weight the biases with the trade at hand; None if no traded line has a reference."""
    pairs: list[tuple[Line, TradeLine]] = []
    for item in trade:
        found = [line for line in compared(lines) if covers(line.cn, item.cn)]
        if len(found) == 1:
            pairs.append((found[0], item))
    if not pairs:
        return None
    mass = np.array([float(t.tonnes) for _, t in pairs])
    worth = np.array([float(t.value_eur) if t.value_eur is not None else NAN for _, t in pairs])
    R = np.array([_main(line).value for line, _ in pairs])
    D = np.array([float(line.value.total or 0) for line, _ in pairs])
    M = np.array([float(line.value.marked_up or line.value.total or 0) for line, _ in pairs])
    load, _ = loading_matrix([_main(line).loadings for line, _ in pairs])
    rng = np.random.default_rng(seed)
    drawn = R * np.exp(rng.standard_normal((draws, load.shape[1])) @ load.T)

    def interval(of: Callable[[Array], Array]) -> Interval:
        low, high = np.quantile(of(drawn), (0.025, 0.975))
        return Interval(float(of(R[None])[0]), float(low), float(high))

    def fixed(value: float) -> Interval:
        return Interval(value, value, value)

    covered = covered_share([t for _, t in pairs], origin, totals=totals or None)
    base, marked = float(mass @ D), float(mass @ M)
    missing = len(trade) - len(pairs)
    return TradeWeighted(
        by_mass=interval(lambda r: base / (r @ mass) - 1),
        by_value=interval(lambda r: (D / r - 1) @ worth / worth.sum())
        if np.isfinite(worth).all()
        else Interval(NAN, NAN, NAN, "values are missing in the trade data"),
        covered_mass=NAN if covered.mass is None else covered.mass,
        covered_value=NAN if covered.value is None else covered.value,
        lines=len(pairs),
        tonnes=float(mass.sum()),
        steps=(
            ("emissions by the references", interval(lambda r: r @ mass)),
            ("bias of the default values", interval(lambda r: base - r @ mass)),
            ("mark-up", fixed(marked - base)),
            ("as charged", fixed(marked)),
        ),
        note=(f"{missing} traded lines have no reference of their own; " if missing else "")
        + "the figure holds for the covered trade only",
    )


def bias_cost(
    path: CostPath, lines: Sequence[Line], *, draws: int, seed: int
) -> tuple[tuple[int, Interval], ...]:
    """Return the bias part of the net cost by year, with the interval of the references.

    For a line of mass m, ``m p (max(0, D - f) - max(0, R - f))`` with free allocation f; R is
    drawn with its own and its shared errors.
    """
    pairs = [
        (cost, found[0])
        for cost in path.lines
        if cost.reference is not None
        and len(found := [x for x in compared(lines) if covers(x.cn, cost.cn)]) == 1
    ]
    if not pairs:
        return ()
    load, _ = loading_matrix([_main(line).loadings for _, line in pairs])
    z = np.random.default_rng(seed).standard_normal((draws, load.shape[1]))
    years: dict[int, tuple[Array, float]] = {}
    for (cost, line), row in zip(pairs, load, strict=True):
        drawn = _main(line).value * np.exp(z @ row)
        scale = float(cost.tonnes) * float(path.rows[cost.year - path.rows[0].year].price.eur)
        sefa, base = float(cost.sefa), max(0.0, float(cost.base) - float(cost.sefa))
        sample = scale * (base - np.maximum(0.0, drawn - sefa))
        middle = scale * (base - max(0.0, _main(line).value - sefa))
        known = years.get(cost.year, (np.zeros(draws), 0.0))
        years[cost.year] = known[0] + sample, known[1] + middle
    return tuple(
        (
            year,
            Interval(middle, float(np.quantile(sample, 0.025)), float(np.quantile(sample, 0.975))),
        )
        for year, (sample, middle) in sorted(years.items())
    )


def variance(lines: Sequence[Line]) -> tuple[Share, ...]:
    """Return the sources of uncertainty of ln R and their shares, mean over compared lines."""
    kept = compared(lines)
    if not kept:
        return ()
    found = variance_shares(_grouped(kept))
    return tuple(Share(NAMED[name], share, name in ASSUMED) for name, share in found.items())


def sensitivity(
    lines: Sequence[Line], others: Mapping[str, tuple[str, Mapping[int, float]]]
) -> tuple[Swing, ...]:
    """Return the median bias with each group of factors moved, and with other choices.

    `others` maps a choice to (what it is about, ln R by index of the line).
    """
    kept = compared(lines)
    if not kept:
        return ()
    ratios = log_ratios(kept, "base")
    audited = _stats(ratios)
    found = [Swing("as audited", "", *audited, len(kept), audited[0])]
    for moved in swings(ratios, _grouped(kept)):
        for choice, median, share in (
            ("references one standard deviation lower", moved.median_down, moved.share_down),
            ("references one standard deviation higher", moved.median_up, moved.share_up),
        ):
            found.append(
                Swing(NAMED[moved.group], choice, math.expm1(median), share, len(kept), audited[0])
            )
    for choice, (what, by_line) in others.items():
        rows = [math.log(float(lines[i].value.total or 0)) - log_r for i, log_r in by_line.items()]
        if rows:
            median, share = _stats(np.array(rows))
            same, _ = _stats(log_ratios([lines[i] for i in by_line], "base"))
            note = "" if len(rows) == len(kept) else f"{len(rows)} of {len(kept)} lines have it"
            found.append(Swing(what, choice, median, share, len(rows), same, note))
    return tuple(found)


def _stats(ratios: Array) -> tuple[float, float]:
    return math.expm1(float(np.median(ratios))), float((ratios > 0).mean())


def choices(lines: Sequence[Line]) -> dict[str, tuple[str, dict[int, float]]]:
    """Return other choices of the reference: by kind, and by the annex's own route."""
    found: dict[str, tuple[str, dict[int, float]]] = {}
    for kind, name in (
        ("process", "process models alone"),
        ("user", "user's references alone"),
    ):
        rows = {
            i: float(np.mean([math.log(c.reference.value) for c in of]))
            for i, line in enumerate(lines)
            if line.main and (of := [c for c in line.comparisons if c.reference.kind == kind])
        }
        if rows:
            found[name] = ("kind of reference", rows)
    rows = {
        i: math.log(of[0].reference.value)
        for i, line in enumerate(lines)
        if line.main
        and (
            of := [
                c
                for c in (*line.comparisons, *line.alongside)
                if c.reference.kind == "mrio" and "far" not in why_beside(c.reference, line.value)
            ]
        )
    }
    if rows:
        found["MRIO alone, the country's mix"] = ("kind of reference", rows)
    rows = {
        i: math.log(line.national.reference.value)
        for i, line in enumerate(lines)
        if line.main and line.national
    }
    if rows:
        found["the country's mix of routes on every line"] = ("route", rows)
    found["all references by random effects, agreeing or not"] = (
        "merging",
        {
            i: random_effects([c.reference for c in line.comparisons])
            for i, line in enumerate(lines)
            if line.main
        },
    )
    return found


def with_gwp(
    lines: Sequence[Line], origin: str, potentials: Mapping[str, Mapping[str, float]]
) -> dict[str, tuple[str, dict[int, float]]]:
    """Return process references with other warming potentials, for goods that have N2O or PFC."""
    from mriocarbon.cbam.reference_process import ROUTE_OF_LETTER, modelled
    from mriocarbon.industry.intensity import intensity

    found: dict[str, tuple[str, dict[int, float]]] = {}
    for name, gwp in potentials.items():
        rows: dict[int, float] = {}
        for i, line in enumerate(lines):
            if line.main is None or "process" not in line.kinds:
                continue
            if {"N2O", "PFC"}.isdisjoint(gases_of(line.cn)):
                continue  # CO2 alone: nothing to convert
            product = modelled(line.cn, line.value.description).product
            route = ROUTE_OF_LETTER.get(_main(line).route, "")
            made = intensity(product, origin=origin, gwp=gwp, route=route)
            whole = line.value.scope == "direct+indirect"
            rows[i] = math.log(made.direct + (made.indirect if whole else 0.0))
        if rows:
            found[f"process models of goods with N2O or PFC, {name}"] = (
                "warming potentials", rows,
            )  # fmt: skip
    return found
