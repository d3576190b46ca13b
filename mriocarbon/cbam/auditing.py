"""The audit: every default value of an origin against independent references, and the money.

How the parts hang together: `defaults` say what the law takes a good to emit; `reference_*` what
independent sources say it emits; `comparing` judges each line; `aggregating` all lines together;
`coherence` what the values say of one another; `cost` what they cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from mriocarbon.cbam import aggregating, comparing
from mriocarbon.cbam.annex import BY_ROUTE
from mriocarbon.cbam.audit_inputs import (
    BAND,
    DRAWS,
    DRAWS_ALL,
    PROCEDURE,
    SEED,
    YEAR,
    Inputs,
    Q,
    header_of,
    read_inputs,
)
from mriocarbon.cbam.certificates import CertificatePrice
from mriocarbon.cbam.claim import decide
from mriocarbon.cbam.codes import covers
from mriocarbon.cbam.coherence import coherence
from mriocarbon.cbam.corrections import Corrections
from mriocarbon.cbam.cost import CostPath, cost_path
from mriocarbon.cbam.decomposition import variance_split
from mriocarbon.cbam.defaults import DefaultValue, defaults_of
from mriocarbon.cbam.defects import defects
from mriocarbon.cbam.law import ACTS, GWP
from mriocarbon.cbam.origins import Origin, origins
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.prices import Prices
from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.cbam.reference_mrio import references_mrio
from mriocarbon.cbam.reference_process import references_process
from mriocarbon.cbam.reference_published import references_published
from mriocarbon.cbam.results import (
    Audit,
    AuditAll,
    Line,
    Money,
    OriginRow,
    SplitShare,
    Swing,
)
from mriocarbon.cbam.spread_out import audits as audits_on
from mriocarbon.cbam.trade import TradeData, TradeLine
from mriocarbon.compute import Engine
from mriocarbon.config import data_folder
from mriocarbon.errors import InputError, MriocarbonError
from mriocarbon.model import MRIO

POTENTIALS: Mapping[str, Mapping[str, float]] = {
    "AR5": {gas: float(value) for gas, value in GWP.items() if gas != "CO2"},
    "AR4": {"N2O": 298.0, "CF4": 7390.0, "C2F6": 12200.0},
    "AR6": {"N2O": 273.0, "CF4": 7380.0, "C2F6": 12400.0},
}
"""100-year potentials of IPCC AR4 (2007, table 2.14) and AR6 (2021, table 7.SM.7); the
Regulation takes those of AR5."""
SHOWN = ("7208", "7201", "7308", "7601", "25232900", "31021019", "28041000")
"""Goods whose cost per tonne is shown, one tonne each."""


def audit(
    origin: str | Origin,
    *,
    year: int = YEAR,
    references: Iterable[Reference | str | Path] = (),
    prices: Prices | str | Path | None = None,
    trade: TradeData | str | Path | None = None,
    corrections: Corrections | str | Path | None = None,
    price: CertificatePrice | float | str | None = None,
    mrio: MRIO | None = None,
    band: float = BAND,
    q: float = Q,
    procedure: str = PROCEDURE,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
) -> Audit:
    """Hold the default values of an origin against independent references.

    For each annex row with value D and references R_k of the same boundary and scope,
    ``l = ln D - ln R`` with R their random-effects mean; the bias is ``b = exp(l) - 1``. Each
    row is judged at a false discovery rate `q` over all rows; see
    `mriocarbon.cbam.statistics` for the tests and `mriocarbon.cbam.bootstrap` for the
    intervals of what is said of all rows together.

    Parameters
    ----------
    origin : str
        Country by any name or code. For all of them see :func:`audit_all`.
    year : int
        Year of import, which decides the mark-up.
    references : iterable of Reference or path, optional
        The user's own: plant data, life cycle assessments; paths are read by
        :func:`~mriocarbon.cbam.read_references`.
    prices : Prices or path, optional
        Producer prices per tonne for the MRIO references.
    trade : TradeData or path, optional
        Imports of the EU; the totals and lines of 2024 at hand if left out.
    corrections : Corrections or path, optional
        A later act that corrects the annex.
    price : number, period or CertificatePrice, optional
        EUR per certificate in every year; if left out that of the first quarter of 2026, at which
        the compilation of the trade at hand has its totals (:func:`~mriocarbon.cbam.obligation`
        takes each year's own price instead).
    mrio : MRIO, optional
        Another table than the embedded one.
    band, q, procedure
        Equivalence band, rate of false discoveries, ``"BY"`` or ``"BH"``.
    draws, seed : int
        Of the bootstrap.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Audit

    Raises
    ------
    UnknownNameError, InputError, DataFileError
        No such country; a bad year, band, rate or file.

    Examples
    --------
    >>> found = audit("CHN", draws=200)
    >>> found.claim.overall in ("holds", "holds in part", "does not hold", "cannot be decided")
    True
    """
    inputs = read_inputs(
        year, references, prices, trade, corrections, price, mrio, band, q, procedure, draws, seed
    )
    say = progress or (lambda step: None)
    return audit_one(find_origin(origin), inputs, say, whole=True)


def audit_all(
    *,
    year: int = YEAR,
    references: Iterable[Reference | str | Path] = (),
    prices: Prices | str | Path | None = None,
    trade: TradeData | str | Path | None = None,
    corrections: Corrections | str | Path | None = None,
    price: CertificatePrice | float | str | None = None,
    mrio: MRIO | None = None,
    band: float = BAND,
    q: float = Q,
    procedure: str = PROCEDURE,
    draws: int = DRAWS_ALL,
    seed: int = SEED,
    only: Sequence[str] | None = None,
    engine: Engine | None = None,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    progress: Callable[[str], None] | None = None,
) -> AuditAll:
    """Audit all 118 listed origins and set them side by side.

    Parameters
    ----------
    only : sequence of str, optional
        These origins alone.
    engine, checkpoint, resume
        Where the audits run, and the folder of finished ones; see `mriocarbon.compute`.
    year, references, prices, trade, corrections, price, mrio, band, q, procedure, draws, seed, progress
        As in :func:`audit`; `draws` is 1,000 unless told otherwise.

    Returns
    -------
    AuditAll
        `rows` come with the largest median bias first; `split` is the variance of ln(D / R) between origins, between goods, and neither, over
        the rows that are the origins' own (values of other countries would repeat).

    Raises
    ------
    UnknownNameError, InputError, DataFileError

    Examples
    --------
    >>> found = audit_all(only=["CHN", "IND"], draws=100)
    >>> [row.origin.iso3 for row in found.rows]
    ['IND', 'CHN']
    """  # noqa: E501
    inputs = read_inputs(
        year, references, prices, trade, corrections, price, mrio, band, q, procedure, draws, seed
    )
    say = progress or (lambda step: None)
    places = origins() if only is None else tuple(dict.fromkeys(map(find_origin, only)))
    if not places:
        raise InputError("no origin is named", where="only", do="name at least one, or leave it")
    audits = audits_on(places, inputs, engine=engine, checkpoint=checkpoint, resume=resume, say=say)
    first = next(iter(audits.values()))
    split, note = _split(audits)
    return AuditAll(
        header=header_of(
            Origin("ALL", f"{len(places)} origins", False),
            inputs,
            only=tuple(p.iso3 for p in places) if set(places) != set(origins()) else (),
        ),
        rows=tuple(sorted(map(_row, audits.values()), key=_rank)),
        audits=audits,
        split=split,
        split_note=note,
        sources=_once(s for a in audits.values() for s in a.sources),
        assumptions=_once(s for a in audits.values() for s in a.assumptions),
        notes=first.notes,
    )


def audit_one(place: Origin, inputs: Inputs, say: Callable[[str], None], *, whole: bool) -> Audit:
    """Audit one origin; `whole` adds what only the report of one origin shows."""
    say("default values")
    values = defaults_of(place, year=inputs.year, corrections=inputs.corrections)
    say("references: process models, MRIO, published")
    repeated = _repeated(values)
    drafts = [
        comparing.draft(value, found, gone, "repeats the codes below it" if i in repeated else "")
        for i, (value, (found, gone)) in enumerate(
            zip(values, _references(values, place, inputs), strict=True)
        )
    ]
    say("comparisons")
    lines = comparing.lines(drafts, inputs.choices)
    say("all lines together")
    together = aggregating.aggregates(lines, draws=inputs.draws, seed=inputs.seed, sectors=whole)
    second = aggregating.national(lines, draws=inputs.draws, seed=inputs.seed)
    traded = inputs.trade.of(place)
    weighted = aggregating.trade_weighted(
        lines, traded, place.iso3,
        totals=inputs.trade.totals, draws=inputs.draws, seed=inputs.seed,
    )  # fmt: skip
    swings: tuple[Swing, ...] = ()
    if whole:
        say("sensitivity")
        swings = aggregating.sensitivity(
            lines,
            {
                **aggregating.choices(lines),
                **aggregating.with_gwp(lines, place.iso3, POTENTIALS),
                **_other_table(lines, place, inputs),
            },
        )
    say("coherence and money")
    money = _money(place, lines, traded, inputs) if whole or traded else None
    return Audit(
        header=header_of(place, inputs),
        claim=decide(lines, together[0], inputs.choices.band, second),
        lines=lines,
        aggregates=together,
        national=second,
        trade_weighted=weighted,
        coherence=coherence(place, year=inputs.year, corrections=inputs.corrections)
        if whole
        else (),
        defects=tuple(d for d in defects() if d.iso3 == place.iso3),
        swings=swings,
        variance=aggregating.variance(lines),
        money=money,
        sources=_sources(lines, inputs),
        assumptions=_assumptions(lines),
        notes=(*_notes(place, values, lines), *_unused(place, lines, inputs)),
    )


def _repeated(values: Sequence[DefaultValue]) -> set[int]:
    """Return the rows of headings whose codes below stand in the table as well (7610 90)."""
    codes = {v.cn for v in values}
    return {
        i
        for i, v in enumerate(values)
        if any(code != v.cn and covers(v.cn, code) for code in codes)
    }


def _references(
    values: Sequence[DefaultValue], place: Origin, inputs: Inputs
) -> list[tuple[list[Reference], list[Missing]]]:
    """Return all references of each value, and what is missing, in the values' order."""
    codes = list(dict.fromkeys(v.cn for v in values))
    tables: dict[str, list[Reference]] = {}
    gaps: dict[str, list[Missing]] = {}
    found, gone = references_mrio(codes, place.iso3, mrio=inputs.mrio, prices=inputs.prices)
    for r in found:
        tables.setdefault(r.cn, []).append(r)
    for m in gone:
        gaps.setdefault(m.cn, []).append(m)
    out = []
    for value in values:
        made, missing = references_process([value], place.iso3)
        own = [
            r
            for r in inputs.user
            if r.origin == place.iso3
            and (covers(r.cn, value.cn) or covers(value.cn, r.cn))
            # white and grey cement share a code: there the route tells the good
            and (value.cn not in BY_ROUTE or r.route in ("", value.route))
        ]
        out.append(
            (
                [*made, *tables.get(value.cn, ()), *own, *references_published([value])],
                [*missing, *gaps.get(value.cn, ())],
            )
        )
    return out


def _other_table(
    lines: Sequence[Line], place: Origin, inputs: Inputs
) -> dict[str, tuple[str, dict[int, float]]]:
    """Return the MRIO references of the full table, where the data folder has it."""
    if data_folder() is None or inputs.mrio is not None:
        return {}
    from mriocarbon.datasets.load import load

    codes = list(dict.fromkeys(line.cn for line in lines if "mrio" in line.kinds))
    try:
        full = load("oecd-icio-2022", detail="full")
        found, _ = references_mrio(codes, place.iso3, mrio=full, prices=inputs.prices)
    except MriocarbonError:
        return {}
    by_cn = {r.cn: math.log(r.value) for r in found}
    rows = {
        i: by_cn[line.cn]
        for i, line in enumerate(lines)
        if "mrio" in line.kinds and line.cn in by_cn
    }
    return {"MRIO alone, table of 81 economies": ("MRIO table", rows)} if rows else {}


def _money(
    place: Origin, lines: Sequence[Line], traded: Sequence[TradeLine], inputs: Inputs
) -> Money | None:
    reference = {
        line.cn: line.main.reference.value
        for line in lines
        if line.main and line.value.route != "B"
    }
    routes = {line.cn: line.value.route for line in lines if line.cn.startswith("2523")}
    routes = {cn: "A" for cn, letter in routes.items() if letter}

    def path(trade: Sequence[TradeLine]) -> CostPath:
        return cost_path(
            trade,
            origin=place,
            price=inputs.price,
            reference=reference,
            routes=routes,
            corrections=inputs.corrections,
        )

    if not traded:
        return None
    each = {}
    for cn in SHOWN:
        one = TradeLine(
            place.iso3, cn, Decimal(1), None, inputs.year, "one tonne, for the cost per tonne"
        )
        try:
            each[cn] = path([one])
        except MriocarbonError:
            continue  # the origin's rows below this code differ: no one cost
    whole = path(traded)
    return Money(
        trade=inputs.trade,
        path=whole,
        per_tonne=each,
        price_period=inputs.price.period,
        notes=(
            "masses of the trade year and the certificate price are held constant over the years",
            *whole.notes,
        ),
        bias=aggregating.bias_cost(whole, lines, draws=inputs.draws, seed=inputs.seed),
    )


def _row(found: Audit) -> OriginRow:
    base, marked = found.aggregates[0], found.aggregates[1]
    return OriginRow(
        origin=found.origin,
        lines=base.lines,
        own_values=sum(not line.value.is_fallback for line in found.lines),
        median=base.median,
        marked_median=marked.median,
        share_over=base.share_over,
        verdicts=base.verdicts,
        claim=found.claim.overall,
    )


def _rank(row: OriginRow) -> tuple[bool, float, str]:
    """Order origins by their median bias, the largest first; without one they come last."""
    return math.isnan(row.median.value), -row.median.value, row.origin.name


def _split(audits: Mapping[str, Audit]) -> tuple[tuple[SplitShare, ...], str]:
    cells = [
        (line.main.log_ratio, iso3, f"{line.cn} {line.value.description}")
        for iso3, found in audits.items()
        for line in found.lines
        if line.main is not None and not line.value.is_fallback
    ]
    try:
        split = variance_split(
            [v for v, _, _ in cells], [o for _, o, _ in cells], [c for _, _, c in cells]
        )
    except InputError as error:
        return (), str(error.args[0])
    named = (("origin", split.origin), ("good", split.cn), ("neither", split.residual))
    shares = (split.origin_share, split.cn_share, split.residual_share)
    note = (
        f"{split.cells} rows of {split.origins} origins and {split.cns} goods; references share"
        " parameters and, where none is known, route mixes: part of what lies between origins is"
        " what was assumed of them"
    )
    return (
        tuple(SplitShare(n, v, s) for (n, v), s in zip(named, shares, strict=True)),
        f"{note}; {split.note}" if split.note else note,
    )


def _sources(lines: Sequence[Line], inputs: Inputs) -> tuple[str, ...]:
    acts = tuple(f"{a.number}: {a.title} ({a.edition}), {a.url}" for a in ACTS.values())
    return _once(
        (
            *acts,
            inputs.trade.source,
            inputs.price.source,
            *(
                s
                for line in lines
                for c in (*line.comparisons, *line.alongside)
                for s in c.reference.sources
            ),
        )
    )


def _assumptions(lines: Sequence[Line]) -> tuple[str, ...]:
    spreads = "; ".join(f"{k} {v}" for k, v in comparing.INSTALLATION_SPREAD.items())
    return _once(
        (
            *(
                s
                for line in lines
                for c in (*line.comparisons, *line.alongside)
                for s in c.reference.assumed
            ),
            "log standard deviation of installations around their country's mean, for the share"
            f" that a value covers: {spreads}",
        )
    )


def _notes(place: Origin, values: Sequence[DefaultValue], lines: Sequence[Line]) -> tuple[str, ...]:
    borrowed = sum(v.is_fallback for v in values)
    notes = [
        f"{len(values)} rows apply to {place.name}; {len(values) - borrowed} stand in its own table"
        + (f", {borrowed} are those of other countries and territories" if borrowed else "")
    ]
    from mriocarbon.cbam.territory import outside

    kinds = [line.kinds for line in lines if line.main]
    alone = sum(k == ("process",) for k in kinds)
    notes.append(
        f"{alone} of {len(kinds)} compared lines rest on process models alone; in the others the"
        " MRIO reference, being far less sure, has little weight"
    )
    why = outside(place.iso3)
    if why:
        notes.append(why)
    return tuple(notes)


def _unused(place: Origin, lines: Sequence[Line], inputs: Inputs) -> tuple[str, ...]:
    """Name the user's references of this origin that meet no row."""
    used = {
        c.reference.name
        for line in lines
        for c in (*line.comparisons, *line.alongside)
        if c.reference.kind == "user"
    }
    mine = [r for r in inputs.user if r.origin == place.iso3 and r.name not in used]
    return tuple(f"the reference {r.name!r} (CN {r.cn}) meets no compared row" for r in mine)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for s in items if s))
