"""CBAM: the law's tables as printed, and the check figures of EU imports in 2024.

The default values of Implementing Regulation (EU) 2025/2621 are quoted as the annex prints them;
the totals of 2024 as a secondary compilation of Comext prints them, which is why they are shown
and recomputed, but counted as UNVERIFIED where only the compilation has them.
"""

from __future__ import annotations

import sys
from decimal import Decimal

from mriocarbon import cbam
from mriocarbon.cbam.defects import RULES
from validation._check import Report

ANNEX = "Implementing Regulation (EU) 2025/2621, Annex I, before correction by 2026/1740"
VALUES = (
    ("7208", "China", None, "3.187"), ("7201", "China", None, "1.660"),
    ("7601", "China", None, "3.000"), ("252310", "China", "A", "1.390"),
    ("252329", "China", None, "1.420"), ("31021019", "China", None, "2.850"),
    ("280410", "China", None, "26.640"), ("7208", "India", None, "4.280"),
    ("7208", "Türkiye", None, "2.428"), ("7208", "United States", None, "1.400"),
)  # fmt: skip
DEFECTS = {
    "shifted columns": "1", "compounded mark-up": "5", "outside Annex I": "4",
    "direct and indirect do not add up": "0",
}  # fmt: skip
"""Rows that each rule excludes from the statistics."""
INTERNAL = "internal count: exact"
TRADE = "secondary compilation of Eurostat Comext, imports of the EU27 in 2024"
PRICE = Decimal("75.36")


def main() -> int:
    """Return 1 if a figure of the law is not reproduced."""
    report = Report("CBAM default values, mark-ups and the money of 2024")
    report.source(ANNEX)
    for cn, origin, route, printed in VALUES:
        value = cbam.default_value(cn, origin=origin, route=route)
        report.printed(f"{origin}, CN {cn}", float(value.total or 0), printed)
    report.source(
        "internal: our own counts on the annex's cells, kept so that a change shows; no source"
        " prints them"
    )
    check = cbam.markup_check()
    for what, count, kept in (
        ("marked-up cells that can be recomputed", check.cells, "32778"),
        ("of them missed, because totals were rounded first", check.differing, "815"),
        ("of these by 0.001", check.sizes[Decimal("0.001")], "805"),
    ):
        report.printed(what, count, kept, tolerance=0, why=INTERNAL)
    report.say(
        f"the other {check.differing - check.sizes[Decimal('0.001')]} are compounded mark-ups"
    )
    found = cbam.defects()
    for rule in RULES:
        broken = [d for d in found if d.rule == rule]
        where = ", ".join(sorted({d.iso3 for d in broken})) or "none"
        report.printed(f"rows excluded by the rule {rule!r} ({where})", len(broken), DEFECTS[rule],
                       tolerance=0, why=INTERNAL)  # fmt: skip
    report.printed("rows excluded by any rule", len(found), "10", tolerance=0, why=INTERNAL)

    report.source(TRADE)
    trade = cbam.trade_2024()
    total = next(t for t in trade.totals if t.origin == "CHN")
    assert total.embedded is not None
    report.printed("China, Mt", float(total.tonnes) / 1e6, "8.10", opened=False)
    report.printed("China, bn EUR", float(total.value_eur) / 1e9, "15.74", opened=False)
    report.printed(
        "China, Mt CO2e at 2026 defaults", float(total.embedded) / 1e6, "36.57", opened=False
    )
    gross = float(total.embedded * PRICE) / 1e9
    report.printed("China, bn EUR gross at 75.36 EUR/t", gross, "2.756", opened=False)
    for line in trade.of("CHN"):
        value = cbam.default_value(line.cn, origin="CHN", year=2026)
        emitted = float(line.tonnes * (value.total or 0) * (1 + value.markup))
        report.say(f"CN {line.cn}: {emitted:,.0f} t CO2e from the annex and the mass at hand")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
