"""Ten bills of materials, traps and held-out items: how often the matcher is right.

What is right was written by hand before the matcher was run (`boms/expected.yaml`); the figures of
`docs/methods/lca-auto.md` are those that these tests print and bound.
"""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from mriocarbon.lca.automatic import ready
from mriocarbon.lca.bill import read_bill
from mriocarbon.lca.sectors import SECTOR_THRESHOLD, industries_of
from mriocarbon.lca.words import class_of, read_words

BOMS = Path(__file__).parent / "boms"
EXPECTED = yaml.safe_load((BOMS / "expected.yaml").read_text())
NAMES = sorted(EXPECTED)


def judged(text, unit, right, *, place="USA", burnt=False):
    """Status of one item, and what was taken."""
    prepared = ready()
    found = prepared.matcher.match(
        text, unit, place=place, burnt=burnt, usable=prepared.priced.usable
    )
    if found.best is not None:
        ok = found.best.plain in [name.strip() for name in right.get("process", [])]
        return ("right" if ok else "false"), found.best.process
    return ("rightly none" if "sector" in right else "missed"), found.why


def of_industry(text, right):
    found = [one for one in industries_of(text) if one.score >= SECTOR_THRESHOLD]
    if not found:
        return "missed", ""
    return ("right" if found[0].sector in right else "false"), found[0].sector


def test_the_ten_bills():
    assert len(NAMES) == 10
    count, told, sectors = Counter(), [], Counter()
    for name in NAMES:
        bill = read_bill(BOMS / f"{name}.yaml")
        assert {i.name for i in bill.items} == set(EXPECTED[name])
        for item in bill.items:
            right = EXPECTED[name][item.name]
            fuel = class_of(read_words(item.name).head) == "fuel"
            burnt = fuel and item.stage in {"processing", "use"}
            status, what = judged(item.name, item.unit, right, place=bill.place, burnt=burnt)
            count[status] += 1
            told.append(f"{status}: {name}, {item.name}: {what}")
            if "sector" in right and status == "rightly none":
                sectors[of_industry(item.name, right["sector"])[0]] += 1
    matched = count["right"] + count["false"]
    precision = count["right"] / matched
    recall = count["right"] / (count["right"] + count["false"] + count["missed"])
    message = f"{dict(count)}, precision {precision:.3f}, recall {recall:.3f}\n" + "\n".join(told)
    assert sum(count.values()) == 84
    assert count["false"] <= 0.02 * matched, message
    assert recall >= 0.95, message
    assert sectors["false"] == 0 and sectors["missed"] <= 3, sectors


def test_held_out_items():
    count, told, sectors = Counter(), [], Counter()
    for text, right in yaml.safe_load((BOMS / "holdout.yaml").read_text()).items():
        status, what = judged(text, right.get("unit", "kg"), right)
        count[status] += 1
        told.append(f"{status}: {text}: {what}")
        if status == "rightly none":
            sectors[of_industry(text, right["sector"])[0]] += 1
    matched = count["right"] + count["false"]
    message = f"{dict(count)}, industries {dict(sectors)}\n" + "\n".join(told)
    assert count["false"] <= 0.05 * matched, message
    assert count["right"] >= 20, message
    assert sectors["false"] <= 1 and sectors["right"] >= 18, message


@pytest.mark.parametrize("unit", ["kg", "piece", "l", "m2", "MJ"])
def test_traps_are_not_matched(unit):
    traps = yaml.safe_load((BOMS / "traps.yaml").read_text())
    assert len(traps) >= 45
    wrong = []
    for text, right in traps.items():
        allowed = right if isinstance(right, dict) else {"sector": []}
        status, what = judged(text, unit, allowed)
        if status == "false":
            wrong.append(f"{text}: {what}")
    assert not wrong


def test_the_score_separates():
    """Right matches score higher than what was refused below the threshold."""
    prepared = ready()
    scores = []
    for name in NAMES:
        bill = read_bill(BOMS / f"{name}.yaml")
        for item in bill.items:
            found = prepared.matcher.match(
                item.name, item.unit, place=bill.place, usable=prepared.priced.usable
            )
            for one in found.candidates:
                assert 0 <= one.score <= 1
            assert list(found.candidates) == sorted(
                found.candidates, key=lambda c: (-c.score, c.process)
            )
            scores.append((found.status, [c.score for c in found.candidates]))
    assert all(s[0] >= 0.55 for status, s in scores if status != "none")
    assert all(not s or s[0] < 0.55 for status, s in scores if status == "none")
