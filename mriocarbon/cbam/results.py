"""What an audit of the default values finds: plain frozen records, no arithmetic.

The figures are made in :mod:`mriocarbon.cbam.auditing`; the pages in ``mriocarbon.report``.
A bias is always relative to the reference, b = (D - R) / R = exp(l) - 1 with l = ln(D / R);
an interval is the 95 % interval unless its name says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mriocarbon.cbam.coherence import CoherenceFinding
from mriocarbon.cbam.cost import CostPath
from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.defects import Defect
from mriocarbon.cbam.origins import Origin
from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.cbam.trade import TradeData
from mriocarbon.model.brief import brief

VERDICTS = ("over", "under", "not biased", "inconclusive")
"""What a comparison can find; a line without one is ``no reference`` or ``excluded``."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval; NaN bounds mean that none can be given (see `note`)."""

    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One default value against one reference of the same scope and boundary.

    `bias` is the relative bias of the value before mark-up, `marked` that of the marked-up
    value; `log_ratio` and `log_sd` belong to the former. `p_bias` is two-sided for no bias at
    all, `p_equivalence` the larger of the two one-sided p-values of a bias outside the band;
    both also adjusted over all comparisons of the same kind in the audit.
    """

    reference: Reference
    bias: Interval
    marked: Interval
    log_ratio: float
    log_sd: float
    p_bias: float
    p_adjusted: float
    p_equivalence: float
    p_equivalence_adjusted: float
    verdict: str
    marked_verdict: str

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the annex for one origin, with everything it is held against.

    `main` is the comparison with all independent references of CBAM's own boundary taken
    together (random effects); `comparisons` holds the single ones of that boundary;
    `alongside` those that must not be merged (another route, another boundary), shown for
    information. `verdict` is that of `main`, or ``no reference``, or ``excluded``.
    `covered_base` and `covered_marked` are the shares of plausible installations whose
    emissions lie at or below the value before and after mark-up.
    `national` is the comparison with the country's mix of routes (`main` itself where the annex
    names no route). `tau` is the between-reference standard deviation (log) and `kinds` the kinds
    in `main`.
    """

    value: DefaultValue
    main: Comparison | None
    comparisons: tuple[Comparison, ...]
    alongside: tuple[Comparison, ...]
    missing: tuple[Missing, ...]
    verdict: str
    marked_verdict: str
    why: str
    tau: float
    kinds: tuple[str, ...]
    covered_base: Interval | None
    covered_marked: Interval | None
    national: Comparison | None = None

    __repr__ = brief

    @property
    def cn(self) -> str:
        """The annex's CN heading, digits only."""
        return self.value.cn

    @property
    def name(self) -> str:
        """CN heading and, where several rows share it, what tells them apart."""
        return f"{self.value.cn} {self.value.route}".strip()


@dataclass(frozen=True, slots=True)
class Test:
    """A test on all lines together: naive, and with lines of one cluster taken as one."""

    statistic: float
    p_naive: float
    p_clustered: float
    lines: int
    clusters: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """All compared lines of a group together, before (`base`) or after mark-up (`marked`).

    Every CN heading counts once, whatever its trade. `verdicts` counts lines by verdict.
    """

    group: str
    basis: str
    lines: int
    clusters: int
    median: Interval
    mean: Interval
    share_over: Interval
    verdicts: Mapping[str, int]
    test: Test | None

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class TradeWeighted:
    """Bias weighted with trade, over the lines at hand only.

    `covered_mass` and `covered_value` are the shares of the origin's trade in CBAM goods
    that the weighted lines make up: no headline is drawn beyond them. `steps` are the
    waterfall in t CO2e: reference emissions, bias part, mark-up part, defaults as charged.
    """

    by_mass: Interval
    by_value: Interval
    covered_mass: float
    covered_value: float
    lines: int
    tonnes: float
    steps: tuple[tuple[str, Interval], ...]
    note: str

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Swing:
    """The median bias when one thing is taken otherwise.

    `against` is the median of the same lines as audited.
    """

    what: str
    choice: str
    median: float
    share_over: float
    lines: int
    against: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A source of uncertainty and its share of the variance of ln R, mean over lines."""

    what: str
    share: float
    assumed: bool


@dataclass(frozen=True, slots=True)
class Money:
    """What the defaults cost: per year, per tonne and for the trade at hand.

    `bias` is the bias part of the net cost by year, EUR, with the interval that the references'
    own errors give it.
    """

    trade: TradeData
    path: CostPath
    per_tonne: Mapping[str, CostPath]
    price_period: str
    notes: tuple[str, ...]
    bias: tuple[tuple[int, Interval], ...] = ()

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Header:
    """What the audit rests on, so that it can be made again."""

    origin: Origin
    year: int
    act: str
    edition: str
    table_sha256: str
    correction: str
    price_period: str
    price_eur: float
    price_source: str
    price_note: str
    trade_year: str
    trade_source: str
    boundary: str
    table: str
    band: float
    q: float
    procedure: str
    draws: int
    seed: int
    version: str
    command: str

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim that the defaults overstate: where it holds, where not, and how strongly.

    `overall` is "holds", "holds in part", "does not hold" or "cannot be decided", by the rule
    in `rule`; `reason` says more where the answer needs it.
    """

    overall: str
    rule: str
    holds: tuple[str, ...]
    fails: tuple[str, ...]
    equivalent: tuple[str, ...]
    undecided: tuple[str, ...]
    reason: str = ""

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one origin's default values (see :func:`mriocarbon.cbam.audit`).

    `national` aggregates the comparisons with the country's mix of routes, before mark-up.
    """

    header: Header
    claim: Claim
    lines: tuple[Line, ...]
    aggregates: tuple[Aggregate, ...]
    national: Aggregate | None
    trade_weighted: TradeWeighted | None
    coherence: tuple[CoherenceFinding, ...]
    defects: tuple[Defect, ...]
    swings: tuple[Swing, ...]
    variance: tuple[Share, ...]
    money: Money | None
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def origin(self) -> Origin:
        """The country audited."""
        return self.header.origin

    def __repr__(self) -> str:
        shown = [f"{self.origin.name}, {len(self.lines)} rows", f"claim {self.claim.overall}"]
        for one in self.aggregates[:1]:
            at = one.median
            shown.append(
                f"median bias {100 * at.value:+.0f} % ({100 * at.low:+.0f} to"
                f" {100 * at.high:+.0f} %) over {one.lines} rows compared"
            )
        return brief(self, *shown)


@dataclass(frozen=True, slots=True)
class OriginRow:
    """One origin of the side-by-side audit."""

    origin: Origin
    lines: int
    own_values: int
    median: Interval
    marked_median: Interval
    share_over: Interval
    verdicts: Mapping[str, int]
    claim: str


@dataclass(frozen=True, slots=True)
class SplitShare:
    """A component of the variance of ln(D / R) over origins and CN headings."""

    what: str
    variance: float
    share: float


@dataclass(frozen=True, slots=True)
class AuditAll:
    """All origins side by side; `audits` holds each in full."""

    header: Header
    rows: tuple[OriginRow, ...]
    audits: Mapping[str, Audit]
    split: tuple[SplitShare, ...]
    split_note: str
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        held = Counter(row.claim for row in self.rows)
        claims = (f"claim {claim} for {count}" for claim, count in held.most_common())
        return brief(self, f"{len(self.rows)} origins", *claims)
