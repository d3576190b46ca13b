"""The summary of an audit in plain words: the same sentences on the page and the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mriocarbon.cbam.certificates import GIVEN
from mriocarbon.cbam.claim import CLAIM
from mriocarbon.cbam.codes import spaced
from mriocarbon.cbam.law import ACTS, DESIGN
from mriocarbon.cbam.results import Aggregate, Header, Interval
from mriocarbon.report import text as t
from mriocarbon.report.cbam_costs import Year, years
from mriocarbon.report.cbam_view import View, between, probability, sector, share

LAW = (
    "Both belong to the answer: by the recitals of Implementing Regulation (EU) 2025/2621 the"
    " values are conservative by design, so as not to underestimate, and the law adds an open"
    " mark-up ({markup} in {year}). To lie above a country's average is therefore in part what"
    " the values are made for, not a mistake; the figures before mark-up show how far the values"
    " themselves go. An importer may always declare verified actual data instead."
)
NO_CORRECTION = (
    "none: the correcting Regulation (EU) 2026/1740 was not at hand, so a value that it corrects"
    " may differ from the one used here"
)
LIMITS = (
    "The default values are those of the annex to Implementing Regulation (EU) 2025/2621 as"
    " published, before the correcting Regulation (EU) 2026/1740, which was not at hand: a"
    " corrected value may differ. A file of corrections puts the later values in.",
    "A sector average is not a CN code: an MRIO reference is the mean of an industry, carried to"
    " a good by its price; the spread between the two is part of the interval, and assumed.",
    "No plant data: no installation was measured. What an actual plant emits can lie anywhere in"
    " the spread shown, and outside it.",
    "Outside China, and for most goods, the process models stand for a typical plant with a"
    " national mix of routes: few national parameters are at hand. The mix is the same for flat"
    " and for long steel products.",
    "What is common to all origins, such as coke ovens and lime kilns that the boundary leaves"
    " out, moves all references alike; it bears on the level of the bias, not on how origins"
    " compare.",
    "The shares of installations covered rest on an assumed spread of installations.",
    "References of another boundary or another route are shown beside a line and never merged"
    " into its verdict.",
    "'Undecided' means that the references at hand cannot tell; it does not mean that a value is"
    " right.",
    "The trade figures at hand cover only a part of the trade; nothing is said about the rest.",
    "This is statistics, no legal advice: only the acts themselves, as published in the Official"
    " Journal, are law.",
)


def correction_told(header: Header) -> str:
    """Return which later act is in the values, or that none is."""
    return header.correction or NO_CORRECTION


def price_told(header: Header) -> str:
    """Return the price of a certificate, of when, whose, and why this one."""
    told = f"{header.price_eur:.2f} EUR per t CO2e, {header.price_period}"
    if header.price_source and header.price_period != GIVEN:
        told += f" ({header.price_source})"
    told += ", held constant over the years"
    return f"{told}: {header.price_note}" if header.price_note else told


@dataclass(frozen=True)
class Summary:
    """A headline, sentences under it, and points (name, text)."""

    headline: str
    sentences: tuple[str, ...]
    points: tuple[tuple[str, str], ...]


def summary(view: View) -> Summary:
    """Return what a reader must know, in words."""
    return Summary(
        _headline(view),
        tuple(
            s
            for s in (
                _counts(view),
                _size(view),
                _mix(view),
                _strength(view),
                _evidence(view),
                _law(view),
            )
            if s
        ),
        tuple((name, text) for name, text in (*_where(view), ("Cost", _cost(view))) if text),
    )


def _headline(view: View) -> str:
    who = _possessive(view.audit.origin.name)
    return {
        "holds": f"They overstate, mostly: before any mark-up, most of {who} default values lie"
        " above what independent references say.",
        "holds in part": f"They overstate in part: some of {who} default values lie above what"
        " independent references say, but not systematically.",
        "does not hold": f"They do not overstate: {who} default values do not, on the whole, lie"
        " above what independent references say.",
        "cannot be decided": f"It cannot be decided: {view.audit.claim.reason}."
        if view.audit.claim.reason
        else f"It cannot be decided: for too few of {who} default values are the independent"
        " references sure enough.",
    }.get(view.audit.claim.overall, view.audit.claim.overall)


def _possessive(name: str) -> str:
    return name + ("'" if name.endswith("s") else "'s")


def _counts(view: View) -> str:
    found, lines = view.counts, len(view.audit.lines)
    band = f"±{100 * view.audit.header.band:g} %"
    text = (
        f"Of {t.counted(lines, 'default value')}, {len(view.compared)} could be held against"
        f" independent references. Before mark-up {_do(found['over'], 'overstate')},"
        f" {_do(found['under'], 'understate')},"
        f" {_are(found['not biased'])} shown to be right within {band}, and"
        f" {found['inconclusive'] or 'none'} cannot be decided."
    )
    rest = []
    if found["no reference"]:
        rest.append(f"{_have(found['no reference'])} no independent reference")
    if found["excluded"]:
        rest.append(f"{_are(found['excluded'])} excluded for a defect of the annex")
    others = lines - sum(
        found[v] for v in ("over", "under", "not biased", "inconclusive", "no reference",
                           "excluded")
    )  # fmt: skip
    if others:
        rest.append(f"{_have(others)} no value")
    if rest:
        text += f" Of the rest, {t.listing(rest)}."
    if view.compared:
        marked = view.marked_counts
        text += (
            f" After mark-up {_do(marked['over'], 'overstate')} and"
            f" {_do(marked['under'], 'understate')}."
        )
        able = _able(view)
        if not found["not biased"] and able < len(view.compared):
            where = f"at most {t.counted(able, 'line')}" if able else "no line"
            text += (
                f" The references are sure enough to show a value right within {band} on {where}:"
                " the missing proof is no proof of a bias."
            )
    return text


def _able(view: View) -> int:
    """Return on how many lines a value in the middle of the band could be shown to be right."""
    from scipy.stats import norm

    h, n = view.audit.header, len(view.compared)
    steps = sum(1 / k for k in range(1, n + 1)) if h.procedure == "BY" else 1.0
    reach = math.log((1 + h.band) / (1 - h.band)) / 2 / float(norm.isf(h.q / steps))
    return sum(line.main is not None and line.main.log_sd <= reach for line in view.compared)


def _mix(view: View) -> str:
    """Say what comes out against the country's mix of routes, where it is another question."""
    found, base = view.audit.national, view.aggregate("base")
    if found is None or base is None or found.median.value == base.median.value:
        return ""
    return (
        "Like is compared with like: where the annex names a production route, the reference is of"
        f" that route. Against {_possessive(view.audit.origin.name)} own mix of routes instead,"
        f" {_do(found.verdicts.get('over', 0), 'overstate')} and"
        f" {_do(found.verdicts.get('under', 0), 'understate')}, and the median lies"
        f" {_above(found.median)}."
    )


def _evidence(view: View) -> str:
    """Say on how little independent evidence the counts rest."""
    cells = {line.main.reference.cell for line in view.compared if line.main}
    alone = sum(line.kinds == ("process",) for line in view.compared)
    assumed = sum(s.share for s in view.audit.variance if s.assumed)
    if not cells:
        return ""
    return (
        f"The {len(view.compared)} rows rest on {t.counted(len(cells), 'comparator')};"
        f" {alone} of them on one process model alone, most of whose parameters are assumed:"
        f" {share(assumed)} % of the references' variance comes from assumed spreads."
    )


def _do(count: int, verb: str) -> str:
    return f"{count or 'none'} {verb}" + ("s" if count <= 1 else "")


def _are(count: int) -> str:
    return f"{count or 'none'} {'is' if count <= 1 else 'are'}"


def _have(count: int) -> str:
    return f"{count} {'has' if count == 1 else 'have'}"


def _size(view: View) -> str:
    base, marked = view.aggregate("base"), view.aggregate("marked")
    if base is None or not math.isfinite(base.median.value):
        return ""
    text = f"The median default value lies {_above(base.median)}"
    if marked is not None and math.isfinite(marked.median.value):
        text += (
            f"; with the mark-up of {view.audit.header.year} ({view.markups}),"
            f" {_above(marked.median)}"
        )
    if math.isfinite(base.share_over.value):
        text += (
            f". {share(base.share_over.value)} % of the values lie above their reference, by"
            f" however little (95 % interval {_range(base.share_over)})"
        )
    return text + "."


def _range(interval: Interval) -> str:
    return f"{share(interval.low)} to {share(interval.high)} %"


def _above(interval: Interval) -> str:
    side = "above" if interval.value >= 0 else "below"
    told = between(interval)
    return f"{abs(100 * interval.value):.0f} % {side} its reference" + (
        f" (95 % interval {told} %)" if told else ""
    )


def _strength(view: View) -> str:
    base = view.aggregate("base")
    if base is None:
        return ""
    low, high = base.median.low, base.median.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    if low > 0:
        text = "Overall the evidence is one-sided: the whole interval lies above zero"
    elif high < 0:
        text = "Overall the evidence is one-sided: the whole interval lies below zero"
    else:
        text = (
            "Overall the evidence is open: the interval includes no bias at all, as well as"
            f" {_open(low, high)}"
        )
    if base.test is not None and math.isfinite(base.test.p_clustered):
        text += (
            f". If the references were exact, values so much to one side would arise by chance with"
            f" p {_p(base.test.p_clustered)}, goods that start from one material counting as one"
            f" ({base.test.clusters} clusters); taking all lines as independent, which they are"
            f" not, would give p {_p(base.test.p_naive)}"
        )
    return text + "."


def _open(low: float, high: float) -> str:
    return f"{abs(100 * low):.0f} % too low and {100 * high:.0f} % too high"


def _p(value: float) -> str:
    told = probability(value)
    return told if told[0] in "<>" else f"= {told}"


def _law(view: View) -> str:
    return LAW.format(markup=view.markups, year=view.audit.header.year)


def _where(view: View) -> list[tuple[str, str]]:
    claim = view.audit.claim
    return [
        ("The claim examined", f"{CLAIM}, before any mark-up"),
        ("It holds (the value overstates) for", _names(claim.holds)),
        ("It fails (the value understates) for", _names(claim.fails)),
        ("Shown not to be biased", _names(claim.equivalent)),
        ("Undecided", _names(claim.undecided, 12)),
        ("By sector", _sectors(view)),
    ]


def _names(names: Sequence[str], limit: int = 24) -> str:
    """Return CN names as the law sets them: '7201, 7206 10 00 and 3 more'."""
    if not names:
        return "none"
    told = []
    for name in names[: limit if len(names) > limit + 1 else len(names)]:
        cn, _, route = name.partition(" ")
        told.append(spaced(cn).replace(" ", "\u00a0") + (f"\u00a0({route})" if route else ""))
    left = len(names) - len(told)
    return (
        f"{', '.join(told)} and {left} more (see the table by CN code)" if left else t.listing(told)
    )


def _sectors(view: View) -> str:
    parts = []
    for name in view.by_sector:
        found = view.aggregate("base", name)
        if found is not None and math.isfinite(found.median.value):
            parts.append(f"{sector(name).lower()} {_median(found)}")
    return ("median bias before mark-up: " + "; ".join(parts)) if parts else ""


def _median(found: Aggregate) -> str:
    told = between(found.median)
    value = t.percent(100 * found.median.value, 0)
    return f"{value} %" + (f" ({told} %)" if told else "") + f", {t.counted(found.lines, 'line')}"


def _cost(view: View) -> str:
    header, parts = view.audit.header, []
    money_ = view.audit.money
    total = money_.trade.total(header.origin.iso3) if money_ is not None else None
    if total is not None:
        told = (
            f"the EU imported {t.number(float(total.tonnes) / 1e6, 2)} Mt of CBAM goods worth"
            f" {money(float(total.value_eur))} from {header.origin.name} in {total.year}"
        )
        if total.embedded is not None and total.gross_eur is not None:
            told += (
                f": {t.number(float(total.embedded) / 1e6, 2)} Mt CO2e at the marked-up defaults"
                f" of 2026, {money(float(total.gross_eur))} gross at"
                f" {total.gross_eur / total.embedded:.2f} EUR per certificate, as the source has"
                " it, before free allocation"
            )
        parts.append(told)
    found = years(money_)
    if found and money_ is not None:
        row = money_.path.rows[0]
        first, last = found[0], found[-1]
        spans = dict(money_.bias)
        text = (
            f"of these only {t.counted(row.lines, 'heading')} are at hand by CN code"
            f" ({', '.join(sorted({spaced(x.cn) for x in money_.path.lines}))};"
            f" {t.number(float(row.tonnes) / 1e6, 2)} Mt, not representative of the rest): at"
            f" {header.price_eur:.2f} EUR per certificate ({header.price_period}, held constant)"
            f" they cost {_year(first, spans.get(first.year))}"
        )
        if last.year != first.year:
            text += f", and {_year(last, spans.get(last.year))}"
            text += ", when no allocation is free any more" if last.free == 0 else ""
        parts.append(text)
    text = "; ".join(parts)
    return t.capital(text)


def _year(y: Year, interval: Interval | None = None) -> str:
    parts = []
    if math.isfinite(y.bias):
        told = f" ({money(interval.low)} to {money(interval.high)})" if interval else ""
        parts.append(f"{money(y.bias)}{told} are bias")
    if math.isfinite(y.markup):
        parts.append(f"{money(y.markup)} mark-up")
    inside = f", of which {t.listing(parts)}" if parts else ""
    return f"{money(y.net)} net in {y.year}{inside} (gross {money(y.gross)})"


def money(value: float) -> str:
    """Return an amount in EUR as read.

    Examples
    --------
    >>> money(2756150074.87), money(-310000), money(12.3)
    ('2.756 billion EUR', '−0.31 million EUR', '12.30 EUR')
    """
    if not math.isfinite(value):
        return "n/a"
    if abs(value) >= 1e9:
        return f"{t.number(value / 1e9, 3 if abs(value) < 1e10 else 2)} billion EUR"
    if abs(value) >= 1e5:
        millions = value / 1e6
        digits = 0 if abs(millions) >= 100 else 1 if abs(millions) >= 10 else 2
        return f"{t.number(millions, digits)} million EUR"
    return f"{t.number(value, 2 if abs(value) < 1000 else 0)} EUR"


__all__ = [
    "LIMITS",
    "NO_CORRECTION",
    "Summary",
    "correction_told",
    "law_facts",
    "money",
    "price_told",
    "summary",
]


def law_facts() -> tuple[str, ...]:
    """Return what the law says of its default values, and the acts it says it in."""
    facts = [f"{t.capital(text)} ({place})." for text, place in DESIGN]
    facts.append(
        "An importer may declare actual emissions, verified by an accredited verifier, instead of"
        " a default value (Regulation (EU) 2023/956, Article 7)."
    )
    facts += [f"{a.number}, {a.title}; {a.edition}. {a.url}" for a in ACTS.values()]
    return tuple(facts)
