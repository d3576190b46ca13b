"""A plausible audit for tests of its pages: the law's own values, references made up.

Every reference is TEST DATA and says so; the arithmetic here is only what the records need.
"""

import hashlib
import math
from collections import Counter
from decimal import Decimal

from mriocarbon.cbam.coherence import coherence
from mriocarbon.cbam.cost import CostPath, CostRow
from mriocarbon.cbam.defaults import defaults_of
from mriocarbon.cbam.defects import Defect
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.cbam.results import (
    Aggregate,
    Audit,
    AuditAll,
    Claim,
    Comparison,
    Header,
    Interval,
    Line,
    Money,
    OriginRow,
    Share,
    SplitShare,
    Swing,
    Test,
    TradeWeighted,
)
from mriocarbon.cbam.trade import trade_2024

TEST = "TEST DATA, made up"
NAN = float("nan")


def chance(*words):
    """A number in (0, 1) that belongs to these words."""
    digest = hashlib.sha256("|".join(map(str, words)).encode()).digest()
    return (int.from_bytes(digest[:6], "big") + 1) / (2**48 + 2)


def reference(value, kind, mean, sd, *, route="", boundary="cbam"):
    return Reference.of(
        cn=value.cn, origin=value.origin.iso3, route=route, kind=kind,
        name=f"{kind} reference ({TEST})", scope=value.scope, boundary=boundary,
        value=float(value.total) * mean, loadings={f"{kind}.size": sd},
        cell=f"{kind}:{value.cn[:4]}", region_used=value.origin.iso3,
        sources=(f"Nobody (2026), {kind}, doi:10.1/test ({TEST})",),
        assumed=(f"spread of {kind} ({TEST})",) if kind == "mrio" else (),
    )  # fmt: skip


def comparison(value, r, band=0.10):
    l, sd = math.log(float(value.total) / r.value), r.log_sd
    m = math.log(float(value.marked_up) / r.value)

    def bias(x):
        return Interval(math.expm1(x), math.expm1(x - 1.96 * sd), math.expm1(x + 1.96 * sd))

    def verdict(x):
        if abs(x) > 1.96 * sd:
            return "over" if x > 0 else "under"
        return "not biased" if abs(x) + 1.64 * sd < math.log1p(band) else "inconclusive"

    p = math.erfc(abs(l) / sd / math.sqrt(2))
    return Comparison(r, bias(l), bias(m), l, sd, p, min(1.0, 2 * p), 0.5, 0.7, verdict(l),
                      verdict(m))  # fmt: skip


def line(value):
    gap = Missing(value.cn, "published", f"no published intensity of this good ({TEST})")
    if value.total is None or not value.total or value.marked_up is None:
        return Line(value, None, (), (), (gap,), "no default value", "no default value",
                    "no default value", 0.0, (), None, None)  # fmt: skip
    heading = value.cn[:4]
    if chance(heading, "none") < 0.04:
        why = f"no reference of the same boundary: no price at hand ({TEST})"
        return Line(value, None, (), (), (gap, Missing(value.cn, "mrio", "no price at hand")),
                    "no reference", "no reference", why, 0.0, (), None, None)  # fmt: skip
    singles = [reference(value, "mrio", 0.5 + chance(heading, "mrio"), 0.3)]
    if chance(heading, "process") < 0.6:
        singles.append(reference(value, "process", 0.7 + 0.5 * chance(heading), 0.04
                                 + 0.2 * chance(heading, "sd")))  # fmt: skip
    found = [comparison(value, r) for r in singles]
    main = min(found, key=lambda c: c.log_sd)
    beside = ()
    if value.sector == "iron_steel" and chance(heading, "beside") < 0.2:
        wider = f"with upstream electricity ({TEST})"
        beside = (comparison(value, reference(value, "published", 0.9, 0.1, boundary=wider)),)
    cover = Interval(0.5, 0.3, 0.7)
    return Line(value, main, tuple(found), beside, (gap,), main.verdict, main.marked_verdict, "",
                0.1, tuple(sorted({r.kind for r in singles})), cover, cover)  # fmt: skip


def aggregate(group, basis, lines):
    biases = sorted(
        (x.main.bias if basis == "base" else x.main.marked).value for x in lines if x.main
    )
    middle = biases[len(biases) // 2] if biases else NAN
    some = Interval(middle, middle - 0.08, middle + 0.1, "" if biases else "no line compared")
    over = sum(b > 0 for b in biases) / len(biases) if biases else NAN
    verdicts = Counter(x.verdict if basis == "base" else x.marked_verdict for x in lines if x.main)
    return Aggregate(group, basis, len(biases), max(1, len(biases) // 5), some, some,
                     Interval(over, over - 0.1, over + 0.1), dict(verdicts),
                     Test(1.23, 0.001, 0.21, len(biases), max(1, len(biases) // 5)))  # fmt: skip


def cost(year, tonnes, price="75.36", with_reference=True):
    """A row of a cost path that adds up."""
    free = Decimal(max(0, 2034 - year)) / 8
    gross, base, true = tonnes * 3, tonnes * Decimal("2.7"), tonnes * Decimal("2.4")
    allocated = tonnes * Decimal("1.3") * free
    eur = Decimal(price)

    def cents(x):
        return (eur * x).quantize(Decimal("0.01"))

    return CostRow(
        year=year, price=price_of(eur), factor=free, lines=2, tonnes=tonnes, referenced_lines=2,
        referenced_tonnes=tonnes, gross_eur=cents(gross), gross_base_eur=cents(base),
        net_eur=cents(gross - allocated), net_base_eur=cents(base - allocated),
        net_low_eur=cents(gross - allocated), net_high_eur=cents(gross - allocated),
        net_reference_eur=cents(true - allocated) if with_reference else None,
        net_base_referenced_eur=cents(base - allocated) if with_reference else None,
        gross_reference_eur=cents(true) if with_reference else None,
        gross_base_referenced_eur=cents(base) if with_reference else None,
        saving_eur=cents(gross - true) if with_reference else None,
        saving_column_a_eur=cents(gross - true) if with_reference else None,
    )  # fmt: skip


def price_of(eur):
    from mriocarbon.cbam.certificates import certificate_price

    return certificate_price("2026-Q1")


def path(iso3, tonnes, with_reference=True):
    rows = tuple(cost(y, Decimal(tonnes), with_reference=with_reference) for y in range(2026, 2035))
    return CostPath(iso3, rows, (), (), (("7308 90", "no one value below it"),), (TEST,), (TEST,))


def audit(origin="CHN", year=2026, money=True):
    """An audit of an origin: real default values, made-up references."""
    found = find_origin(origin)
    lines = tuple(line(value) for value in defaults_of(found.iso3, year=year))
    groups = [("all", lines)]
    sectors = ("iron_steel", "aluminium", "cement", "fertilisers", "hydrogen")
    groups += [(s, [x for x in lines if x.value.sector == s]) for s in sectors]
    aggregates = tuple(
        aggregate(name, basis, some)
        for name, some in groups
        if some
        for basis in ("base", "marked")
    )

    def with_(verdict):
        return tuple(x.name for x in lines if x.verdict == verdict)

    claim = Claim("holds in part", f"a rule ({TEST})", with_("over"), with_("under"),
                  with_("not biased"), with_("inconclusive"))  # fmt: skip
    trade = trade_2024()
    weighted = TradeWeighted(
        Interval(0.12, -0.2, 0.5), Interval(0.10, -0.2, 0.45), 0.24, 0.18, 2, 1.95e6,
        (("reference emissions", Interval(6.0e6, 4.5e6, 8.0e6)),
         ("bias part", Interval(1.4e6, -0.6e6, 2.9e6)),
         ("mark-up part", Interval(0.9e6, NAN, NAN, "known exactly")),
         ("defaults as charged", Interval(8.3e6, NAN, NAN, "known exactly"))), TEST,
    )  # fmt: skip
    per_tonne = {x.cn: path(found.iso3, 1, with_reference=x.main is not None) for x in lines[::8]}
    header = Header(
        origin=found, year=year, act="Implementing Regulation (EU) 2025/2621",
        edition=f"an edition ({TEST})", table_sha256="0" * 64, correction="",
        price_period="2026-Q1", price_eur=75.36, price_source=f"an office ({TEST})",
        price_note="",
        trade_year="2024", trade_source=TEST,
        boundary="direct emissions of the installation and of its precursors; indirect where the"
        " law has them in scope",
        table="oecd-icio-2022", band=0.1, q=0.05, procedure="BY", draws=10_000, seed=1,
        version="0", command=f"mriocarbon cbam audit --origin {found.iso3} --out DIR",
    )  # fmt: skip
    return Audit(
        header=header, claim=claim, lines=lines, aggregates=aggregates,
        national=aggregates[0] if aggregates else None,
        trade_weighted=weighted if money else None, coherence=coherence(found.iso3, year=year),
        defects=(Defect("shifted columns", "ALB", "252321", "", f"a defect ({TEST})"),),
        swings=(Swing("price", "20 % higher", -0.05, 0.45, 200, 0.02, TEST),
                Swing("electricity factor", "grid of 2020", 0.08, 0.6, 200, 0.02)),
        variance=(Share("price", 0.5, True), Share("route mix", 0.3, False),
                  Share("other", 0.2, True)),
        money=Money(trade, path(found.iso3, 1_950_000), per_tonne, "2026-Q1", (TEST,))
        if money else None,
        sources=(f"Nobody (2026), a source, doi:10.1/test ({TEST})",
                 "Regulation (EU) 2023/956, https://eur-lex.europa.eu/eli/reg/2023/956/oj"),
        assumptions=(f"spread of installations ({TEST})", "=1+1 looks like a formula"),
        notes=(f"a note ({TEST})",),
    )  # fmt: skip


def audit_all(codes=("CHN", "IND", "TUR")):
    """Several origins side by side."""
    audits = {code: audit(code) for code in codes}
    rows = []
    for found in audits.values():
        base, marked = found.aggregates[:2]
        rows.append(OriginRow(
            found.origin, base.lines, sum(not x.value.is_fallback for x in found.lines),
            base.median, marked.median, base.share_over,
            dict(Counter(x.verdict for x in found.lines)), found.claim.overall,
        ))  # fmt: skip
    rows.sort(key=lambda r: -r.median.value)
    first = next(iter(audits.values()))
    return AuditAll(
        header=first.header, rows=tuple(rows), audits=audits,
        split=(SplitShare("origin", 0.02, 0.2), SplitShare("CN heading", 0.06, 0.6),
               SplitShare("rest", 0.02, 0.2)),
        split_note=TEST, sources=first.sources, assumptions=first.assumptions, notes=first.notes,
    )  # fmt: skip
