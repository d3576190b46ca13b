"""The claim that default values overstate a country's emissions, decided by a fixed rule."""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon.cbam.results import Aggregate, Claim, Line

CLAIM = "the default values overstate the emissions of this country's goods"
SHARE = 0.5
DECIDED = 0.1
RULE = (
    "over all compared lines, each annex row counting once, values before mark-up: the claim "
    "'holds' if at least half of the lines are found to overstate and the 95 % interval of the "
    "median bias lies above zero; it 'does not hold' if more lines are found to understate than "
    "to overstate, or the interval of the median bias ends below the upper edge of the "
    "equivalence band; it 'cannot be decided' if fewer than a tenth of the lines reach any "
    "finding, or if most of them stand in no table of the origin's own; otherwise it 'holds in "
    "part'. It also 'holds in part' where the answer against the annex's routes and the answer "
    "against the country's own mix of routes differ"
)
BORROWED = "most of its values are those of other countries and territories"
DIFFER = "the answer against the annex's routes differs from the one against the country's mix"


def decide(
    lines: Sequence[Line], base: Aggregate, band: float, national: Aggregate | None = None
) -> Claim:
    """Apply :data:`RULE` to an origin's lines and their aggregates before mark-up."""
    compared = [line for line in lines if line.main is not None]
    overall, reason = _answer(base, band), ""
    if sum(not line.value.is_fallback for line in compared) < SHARE * len(compared):
        overall, reason = "cannot be decided", BORROWED
    elif national is not None and (other := _answer(national, band)) != overall:
        overall, reason = "holds in part", f"{DIFFER} ({overall!r} against {other!r})"
    return Claim(
        overall=overall,
        rule=RULE,
        holds=headings(compared, "over"),
        fails=headings(compared, "under"),
        equivalent=headings(compared, "not biased"),
        undecided=headings(compared, "inconclusive"),
        reason=reason,
    )


def _answer(found: Aggregate, band: float) -> str:
    over, under = found.verdicts.get("over", 0), found.verdicts.get("under", 0)
    decided = over + under + found.verdicts.get("not biased", 0)
    if not found.lines or decided < DECIDED * found.lines:
        return "cannot be decided"
    if over >= SHARE * found.lines and found.median.low > 0:
        return "holds"
    if under > over or found.median.high < band:
        return "does not hold"
    return "holds in part"


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
