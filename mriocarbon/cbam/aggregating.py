"""All lines of an audit together: medians, shares, trade weights, sensitivity."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mriocarbon.cbam.bootstrap import Estimate, cluster_bootstrap
from mriocarbon.cbam.codes import covers
from mriocarbon.cbam.comparing import random_effects
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
}
"""What the groups of factors are called."""
ASSUMED = frozenset(
    ("deflator", "margin", "product-spread", "booking", "aggregation", "mix", "practice", "scrap")
)
"""Groups whose spread is assumed throughout; others are in part."""


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
    rank = signed_rank(ratios, headings)
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
            "clusters are HS headings; errors that references share are not in it"
            " (they are in the intervals)",
        ),
    )  # fmt: skip


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
    found = [Swing("as audited", "", *_stats(ratios), len(kept))]
    for moved in swings(ratios, _grouped(kept)):
        for choice, median, share in (
            ("references one standard deviation lower", moved.median_down, moved.share_down),
            ("references one standard deviation higher", moved.median_up, moved.share_up),
        ):
            found.append(Swing(NAMED[moved.group], choice, math.expm1(median), share, len(kept)))
    for choice, (what, by_line) in others.items():
        rows = [math.log(float(lines[i].value.total or 0)) - log_r for i, log_r in by_line.items()]
        if rows:
            median, share = _stats(np.array(rows))
            note = "" if len(rows) == len(kept) else f"{len(rows)} of {len(kept)} lines have it"
            found.append(Swing(what, choice, median, share, len(rows), note))
    return tuple(found)


def _stats(ratios: Array) -> tuple[float, float]:
    return math.expm1(float(np.median(ratios))), float((ratios > 0).mean())


def choices(lines: Sequence[Line]) -> dict[str, tuple[str, dict[int, float]]]:
    """Return other choices of the reference: by kind, and by the annex's own route."""
    found: dict[str, tuple[str, dict[int, float]]] = {}
    for kind, name in (
        ("process", "process models alone"),
        ("mrio", "MRIO alone"),
        ("user", "user's references alone"),
    ):
        rows = {
            i: float(np.mean([math.log(c.reference.value) for c in of]))
            for i, line in enumerate(lines)
            if line.main and (of := [c for c in line.comparisons if c.reference.kind == kind])
        }
        if rows:
            found[name] = ("kind of reference", rows)
    found["all references by random effects, agreeing or not"] = (
        "merging",
        {
            i: random_effects([c.reference for c in line.comparisons])
            for i, line in enumerate(lines)
            if line.main
        },
    )
    like = {
        i: math.log(of[0].reference.value)
        for i, line in enumerate(lines)
        if line.main
        and (
            of := [
                c
                for c in line.alongside
                if c.reference.kind == "process" and c.reference.route == line.value.route
            ]
        )
    }
    if like:
        found["process model of the annex's own route"] = ("route", like)
    return found


def with_gwp(
    lines: Sequence[Line], origin: str, potentials: Mapping[str, Mapping[str, float]]
) -> dict[str, tuple[str, dict[int, float]]]:
    """Return process references with other warming potentials, for goods that have N2O or PFC."""
    from mriocarbon.cbam.reference_process import modelled
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
            made = intensity(product, origin=origin, gwp=gwp)
            whole = line.value.scope == "direct+indirect"
            rows[i] = math.log(made.direct + (made.indirect if whole else 0.0))
        if rows:
            found[f"process models of goods with N2O or PFC, {name}"] = (
                "warming potentials", rows,
            )  # fmt: skip
    return found
