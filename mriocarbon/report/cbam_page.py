"""report.html of an audit: one file that needs nothing else and prints on A4."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mriocarbon.cbam.claim import CLAIM, RULE
from mriocarbon.cbam.results import Audit, AuditAll, Header
from mriocarbon.report import cbam_figures as figures
from mriocarbon.report import cbam_sections as sections
from mriocarbon.report import text as t
from mriocarbon.report.cbam_costs import picture
from mriocarbon.report.cbam_view import View, between, percent
from mriocarbon.report.cbam_words import (
    LIMITS,
    correction_told,
    law_facts,
    price_told,
    summary,
)
from mriocarbon.report.page import environment

CLAIMS = {
    "holds": ("over", "the values overstate: the claim holds"),
    "does not hold": ("under", "the values do not overstate: it does not hold"),
    "holds in part": ("same", "they overstate in part: it holds in part"),
    "cannot be decided": ("", "cannot be decided"),
}
DOTS_A_FIGURE = 60


def render(audit: Audit, files: Sequence[str]) -> str:
    """Return the page of an audit."""
    view = View(audit)
    counts, count = view.counts, len(view.compared)
    band = f"±{100 * audit.header.band:g} %"
    return _fill(
        "cbam_audit.html",
        audit=audit,
        facts_=facts(audit.header, view.markups),
        summary=summary(view),
        tiles=[
            ("over", counts["over"], f"of {count} compared values overstate"),
            ("under", counts["under"], "understate"),
            ("same", counts["not biased"], f"are right within {band}"),
            ("", counts["inconclusive"], "cannot be decided"),
        ],
        tables=sections.tables(view),
        forests=figures.forests(view),
        legend=figures.forest_legend(),
        scatter=figures.scatter(view),
        waterfall=figures.waterfall(view),
        cost=picture(audit.money, audit.header),
        annex=sections.annex(view),
        law=law_facts(),
        limits=LIMITS,
        files=files,
    )


def render_all(found: AuditAll, files: Sequence[str], links: Sequence[tuple[str, str]]) -> str:
    """Return the page of all origins."""
    markups = next((View(a).markups for a in found.audits.values()), "")
    claims = [r.claim for r in found.rows]
    rows = [
        (r.origin.name, r.median.value, r.median.low, r.median.high, r.marked_median.value, r.claim)
        for r in found.rows
    ]
    size = math.ceil(len(rows) / max(1, math.ceil(len(rows) / DOTS_A_FIGURE))) or 1
    return _fill(
        "cbam_all.html",
        found=found,
        facts_=facts(found.header, markups, several=True),
        tiles=[
            (style, claims.count(claim), f"of {len(rows)} origins: {words}")
            for claim, (style, words) in CLAIMS.items()
        ],
        sentences=_all_sentences(found),
        legend=figures.dots_legend(),
        pictures=[
            figures.dots(rows, k, min(k + size, len(rows)), found.header.band)
            for k in range(0, len(rows), size)
        ],
        ranking=sections.ranking(found),
        split=sections.splitting(found),
        claim=CLAIM,
        rule=RULE,
        law=law_facts(),
        limits=LIMITS,
        links=links,
        files=files,
    )


def _fill(template: str, **values: object) -> str:
    return environment().get_template(template).render(**values).lstrip()


def facts(header: Header, markups: str, *, several: bool = False) -> list[tuple[str, str]]:
    """Return what the audit rests on, as (name, text)."""
    h = header
    made = [
        ("Origin", "all origins" if several else f"{h.origin.name} ({h.origin.iso3})"),
        ("Year of mark-up", f"{h.year}: {markups}"),
        ("Act", h.act),
        ("Edition", h.edition),
        ("Correction", correction_told(h)),
        ("Certificate price", price_told(h)),
        ("Trade", f"{h.trade_year}: {h.trade_source}" if h.trade_source else h.trade_year),
        ("Boundary", h.boundary),
        ("MRIO table", h.table),
        (
            "Statistics",
            f"{h.procedure} at {h.q:g}, band ±{100 * h.band:g} %, {h.draws:,} draws, seed {h.seed}",
        ),
        ("Default table, sha256", h.table_sha256),
        ("Made by", f"mriocarbon {h.version}"),
    ]
    return [(name, t.nice(text)) for name, text in made if text]


def _all_sentences(found: AuditAll) -> list[str]:
    rows = [r for r in found.rows if math.isfinite(r.median.value)]
    if not rows:
        return ["No origin could be compared."]
    low = min(rows, key=lambda r: r.median.value)
    high = max(rows, key=lambda r: r.median.value)
    middle = sorted(r.median.value for r in rows)[len(rows) // 2]
    above = sum(r.median.low > 0 for r in rows)
    below = sum(r.median.high < 0 for r in rows)
    return [
        f"Half of the {len(rows)} origins have a median bias above {percent(middle)} %: from"
        f" {percent(low.median.value)} % ({low.origin.name}, 95 % interval {between(low.median)} %)"
        f" to {percent(high.median.value)} % ({high.origin.name}, {between(high.median)} %).",
        f"For {above} origins the whole interval of the median lies above zero, for {below} below"
        f" zero, for {len(rows) - above - below} it includes no bias.",
        "The law means the values to be conservative and adds a mark-up: a default above the"
        " reference is in part by design. Values before mark-up are judged here; medians after"
        " mark-up stand beside them.",
        "Many origins share values (other countries' where the annex has none of their own) and"
        " references (one MRIO region for several countries): their rows are not independent.",
    ]
