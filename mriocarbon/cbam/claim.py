"""The claim that default values overstate a country's emissions, decided by a fixed rule."""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon.cbam.results import Aggregate, Claim, Line

SHARE = 0.5
DECIDED = 0.1
RULE = (
    "over all compared lines, each annex row counting once, values before mark-up: the claim "
    "'holds' if at least half of the lines are found to overstate and the 95 % interval of the "
    "median bias lies above zero; it 'does not hold' if more lines are found to understate than "
    "to overstate, or the interval of the median bias ends below the upper edge of the "
    "equivalence band; it "
    "'cannot be decided' if fewer than a tenth of the lines reach any finding; otherwise it "
    "'holds in part'"
)


def decide(lines: Sequence[Line], base: Aggregate, band: float) -> Claim:
    """Apply :data:`RULE` to an origin's lines and their aggregate before mark-up."""
    compared = [line for line in lines if line.main is not None]
    count = {
        verdict: sum(line.verdict == verdict for line in compared)
        for verdict in ("over", "under", "not biased", "inconclusive")
    }
    decided = count["over"] + count["under"] + count["not biased"]
    if not compared or decided < DECIDED * len(compared):
        overall = "cannot be decided"
    elif count["over"] >= SHARE * len(compared) and base.median.low > 0:
        overall = "holds"
    elif count["under"] > count["over"] or base.median.high < band:
        overall = "does not hold"
    else:
        overall = "holds in part"
    return Claim(
        overall=overall,
        rule=RULE,
        holds=headings(compared, "over"),
        fails=headings(compared, "under"),
        equivalent=headings(compared, "not biased"),
        undecided=headings(compared, "inconclusive"),
    )


def headings(lines: Sequence[Line], verdict: str) -> tuple[str, ...]:
    """Return the codes with a verdict: the HS heading where all its lines agree, else each line."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.cn[:4], []).append(line)
    found: list[str] = []
    for heading, members in groups.items():
        with_it = [line for line in members if line.verdict == verdict]
        if with_it and len(with_it) == len(members):
            found.append(heading)
        else:
            found.extend(line.name for line in with_it)
    return tuple(found)
