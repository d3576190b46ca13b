"""The audit as a whole, on the real annex and the real references."""

import math
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.cbam import aggregating
from mriocarbon.cbam.auditing import audit, audit_all
from mriocarbon.cbam.claim import decide, headings
from mriocarbon.cbam.comparing import Choices, draft, lines, merge, why_beside
from mriocarbon.cbam.defaults import default_value, defaults_of
from mriocarbon.cbam.reference import Reference
from mriocarbon.cbam.results import VERDICTS
from mriocarbon.errors import DataFileError, InputError, UnknownNameError

WORDS = ("holds", "holds in part", "does not hold", "cannot be decided")


@pytest.fixture(scope="module")
def china():
    start = time.perf_counter()
    found = audit("CHN", seed=7)
    return found, time.perf_counter() - start


def a_reference(value, of=1.0, sd=0.1, kind="process", **changes):
    options = {
        "cn": value.cn, "origin": value.origin.iso3, "kind": kind, "name": f"{kind} {of} {sd}",
        "scope": value.scope, "value": float(value.total) * of, "loadings": {f"{kind}.a": sd},
        "cell": f"{kind}:cell",
    }  # fmt: skip
    return Reference.of(**(options | changes))


def by_cn(found):
    return {line.name: line for line in found.lines}


def test_every_row_of_the_annex_is_a_line_and_none_is_lost(china):
    found, _ = china
    assert [(v.cn, v.route) for v in defaults_of("CHN")] == [
        (line.value.cn, line.value.route) for line in found.lines
    ]
    for line in found.lines:
        assert line.main or line.why, line.name
        assert line.verdict in (*VERDICTS, "no reference", "excluded", "no default value")


def test_the_figures_of_a_line_follow_from_its_value_and_reference(china):
    found, _ = china
    for line in found.lines:
        for c in (*line.comparisons, *line.alongside, *([line.main] if line.main else [])):
            D, M = float(line.value.total), float(line.value.marked_up)
            assert c.bias.value == pytest.approx(D / c.reference.value - 1, abs=1e-12)
            assert c.marked.value == pytest.approx(M / c.reference.value - 1, abs=1e-12)
            assert c.bias.low == pytest.approx(D / c.reference.high - 1, rel=1e-9, abs=1e-9)
            assert c.bias.high == pytest.approx(D / c.reference.low - 1, rel=1e-9, abs=1e-9)
            assert c.p_adjusted >= c.p_bias - 1e-15
        assert line.covered_base is None or (
            line.covered_base.low <= line.covered_base.value <= line.covered_marked.value
        )


def test_only_references_of_the_same_boundary_scope_and_mix_are_merged(china):
    found, _ = china
    for line in found.lines:
        for c in line.comparisons:
            r = c.reference
            assert (r.boundary, r.scope) == ("cbam", line.value.scope)
            assert r.route == line.main.reference.route
            assert why_beside(r, line.value, r.route) == ""
        for c in line.alongside:
            assert why_beside(
                c.reference, line.value, line.main.reference.route if line.main else ""
            )
        if line.main:
            values = [c.reference.value for c in line.comparisons]
            assert min(values) * (1 - 1e-9) <= line.main.reference.value <= max(values) * (1 + 1e-9)


def test_like_is_compared_with_like_and_the_countrys_mix_is_a_second_question(china):
    found = by_cn(china[0])
    steel, clinker = found["7208 C"], found["25232900"]
    assert steel.main.reference.route == "C" and steel.national.reference.route == ""
    assert steel.national.reference.kind == "mrio+process"
    assert steel.main.reference.value > steel.national.reference.value  # a tenth is made of scrap
    assert clinker.national.reference == clinker.main.reference
    assert found["7601 K"].main.reference.value > found["7601 K"].national.reference.value
    assert china[0].national.median.value > china[0].aggregates[0].median.value


def test_china_where_the_values_agree_with_process_models_and_where_not(china):
    found = by_cn(china[0])
    for cn in ("7201", "72061000 C", "7601 K", "28141000", "31021019"):
        assert found[cn].main.bias.value < 0.35 and found[cn].verdict == "inconclusive", cn
    for cn in ("7208 C", "72071210 C", "7308 C", "25231000 A", "28041000"):
        assert found[cn].verdict == "over", cn


def test_published_figures_stand_beside_and_never_inside(china):
    published = [
        c for line in china[0].lines for c in line.alongside if c.reference.kind == "published"
    ]
    assert published and all(c.reference.boundary != "cbam" for c in published)
    assert not any("published" in line.kinds for line in china[0].lines)


def test_aggregates_count_their_lines_and_marked_up_lies_above(china):
    found, _ = china
    compared = [line for line in found.lines if line.main]
    for a in found.aggregates:
        group = [x for x in compared if a.group in ("all", x.value.sector)]
        assert a.lines == len(group) == sum(a.verdicts.values())
        biases = [(x.main.bias if a.basis == "base" else x.main.marked).value for x in group]
        assert a.mean.value == pytest.approx(math.expm1(np.mean(np.log1p(biases))))
        assert min(biases) - 1e-9 <= a.median.value <= max(biases) + 1e-9
    base, marked = found.aggregates[:2]
    assert (base.group, base.basis, marked.basis) == ("all", "base", "marked")
    assert marked.median.value > base.median.value
    assert base.median.low < base.median.value < base.median.high


def test_trade_weights_follow_from_the_lines_at_hand(china):
    found, _ = china
    t = found.trade_weighted
    traded = {x.cn: x for x in found.money.trade.of("CHN")}
    assert set(traded) == {"7308", "7210"} and t.lines == 2
    known = by_cn(found)
    R = sum(float(x.tonnes) * known[f"{cn} C"].main.reference.value for cn, x in traded.items())
    D = sum(float(x.tonnes) * float(known[f"{cn} C"].value.total) for cn, x in traded.items())
    assert t.by_mass.value == pytest.approx(D / R - 1)
    amounts = dict(t.steps)
    total = sum(step.value for name, step in t.steps[:-1])
    assert total == pytest.approx(amounts["as charged"].value)
    assert 0.24 < t.covered_mass < 0.25 and "covered" in t.note


def test_the_check_figures_of_the_money(china):
    (total,) = [t for t in china[0].money.trade.totals if t.origin == "CHN"]
    assert float(total.tonnes) / 1e6 == pytest.approx(8.10, abs=0.005)
    assert float(total.value_eur) / 1e9 == pytest.approx(15.74, abs=0.005)
    assert float(total.embedded) / 1e6 == pytest.approx(36.57, abs=0.005)
    assert float(total.embedded) * 75.36 / 1e9 == pytest.approx(2.756, abs=0.0005)
    rows = china[0].money.path.rows
    assert [r.year for r in rows] == list(range(2026, 2035))
    assert all(a.net_eur <= b.net_eur for a, b in pairwise(rows))
    assert rows[-1].net_eur == rows[-1].gross_eur  # no free allocation is left


def test_the_price_keeps_its_period_and_source(china):
    found, published = china[0], mc.cbam.certificate_price("2026-Q1")
    assert (found.header.price_period, found.header.price_source) == ("2026-Q1", published.source)
    assert "can be compared" in found.header.price_note  # why it is not each year's own
    for path in (found.money.path, *found.money.per_tonne.values()):
        for row in path.rows:
            assert (row.price.period, row.price.source) == ("2026-Q1", published.source)
            assert row.price.assumed == (
                "" if row.year == 2026 else "the price of 2026-Q1, held constant"
            )
    told = "certificate price, 2027 to 2034: the price of 2026-Q1, held constant"
    assert found.money.notes.count(told) == 1


def test_the_same_seed_gives_the_same_audit_and_another_one_other_intervals(china):
    again = audit("China", seed=7)
    assert repr(again) == repr(china[0])
    other = audit("China", seed=8, draws=500)
    assert other.aggregates[0].median.value == again.aggregates[0].median.value
    assert other.aggregates[0].median.low != again.aggregates[0].median.low


def test_speed_of_china_with_ten_thousand_draws(china):
    assert china[0].header.draws == 10_000
    assert china[1] < 20


def test_every_assumption_and_source_of_a_reference_is_listed(china):
    found, _ = china
    for line in found.lines:
        for c in (*line.comparisons, *line.alongside):
            assert set(c.reference.assumed) <= set(found.assumptions)
            assert set(c.reference.sources) <= set(found.sources)


def test_defective_rows_are_excluded_from_everything():
    found = audit("Angola", draws=200)
    out = [line for line in found.lines if line.verdict == "excluded"]
    # and 7610 90, whose two codes below stand in the table as well
    assert {line.cn for line in out} == {"25231000", "25232900", "25239000", "761090"}
    assert all(line.main is None and not line.comparisons for line in out)
    assert all("compounded" in line.why or "repeats" in line.why for line in out)
    assert found.aggregates[0].lines == sum(line.main is not None for line in found.lines)
    assert len(found.defects) == 3


def test_an_unlisted_country_gets_the_values_of_others_and_says_so():
    found = audit("Fiji", draws=200)
    assert all(line.value.is_fallback for line in found.lines)
    assert any("0 stand in its own table" in note for note in found.notes)
    assert found.money is None and found.trade_weighted is None


def test_a_users_reference_enters_and_decides(tmp_path):
    path = tmp_path / "plant.csv"
    path.write_text(
        "cn,origin,value,unit,low,high,scope,boundary,route,name,source\n"
        "7201,CHN,1.66,t CO2e/t,1.65,1.67,direct,cbam,,Plant 1,verified report 2025\n",
        encoding="utf-8",
    )
    line = by_cn(audit("CHN", references=[path], draws=200))["7201"]
    assert line.kinds == ("mrio", "process", "user")
    (mine,) = [c for c in line.comparisons if c.reference.kind == "user"]
    assert mine.reference.value == pytest.approx(1.66, abs=0.01)
    # one plant is not the country: its own interval is widened by the spread of installations
    assert mine.log_sd == pytest.approx(math.hypot(0.2, math.log(1.67 / 1.65) / 3.92), rel=1e-3)
    without = by_cn(audit("CHN", draws=200))["7201"]
    assert without.main.reference.value < line.main.reference.value < 1.66


def test_a_plant_of_the_annex_route_enters_and_of_another_stands_beside(tmp_path):
    path = tmp_path / "plants.csv"
    path.write_text(
        "cn,origin,value,unit,low,high,scope,boundary,route,name,source\n"
        "7208,CHN,3.0,t CO2e/t,2.9,3.1,direct,cbam,C,Plant 1,report\n"
        "7208,CHN,0.9,t CO2e/t,0.8,1.0,direct,cbam,E,Plant 2,report\n",
        encoding="utf-8",
    )
    line = by_cn(audit("CHN", references=[path], draws=200))["7208 C"]
    assert [c.reference.name for c in line.comparisons if c.reference.kind == "user"] == ["Plant 1"]
    assert [c.reference.name for c in line.alongside if c.reference.kind == "user"] == ["Plant 2"]


def test_all_origins_side_by_side():
    found = audit_all(only=["CHN", "India", "Albania"], draws=200)
    medians = [r.median.value for r in found.rows]
    assert {r.origin.iso3 for r in found.rows} == {"CHN", "IND", "ALB"}
    assert medians == sorted(medians, reverse=True)
    assert {r.claim for r in found.rows} <= set(WORDS)
    assert sum(s.share for s in found.split) == pytest.approx(1)
    one = audit("India", draws=200)
    row = next(r for r in found.rows if r.origin.iso3 == "IND")
    assert row.median.value == one.aggregates[0].median.value
    assert dict(row.verdicts) == dict(one.aggregates[0].verdicts)


def test_all_origins_on_an_engine_and_after_a_break(tmp_path):
    from mriocarbon.compute import DaskEngine, Threads

    options = {"only": ["CHN", "India", "Albania"], "draws": 100}
    plain = audit_all(**options)
    with DaskEngine(workers=2) as cluster:
        spread = audit_all(**options, engine=cluster)
    two = audit_all(**options, engine=Threads(2), checkpoint=tmp_path / "run")
    next((tmp_path / "run").glob("batch-000001-*")).unlink()
    three = audit_all(**options, checkpoint=tmp_path / "run", resume=True)
    for other in (spread, two, three):
        assert other.rows == plain.rows and list(other.audits) == list(plain.audits)
        assert other.audits["CHN"].lines == plain.audits["CHN"].lines


def test_merging():
    value = default_value("7208", origin="CHN")
    alone = a_reference(value)
    assert merge([alone]) == (alone, 0.0)
    close = merge([alone, a_reference(value, of=1.05, sd=0.1, kind="mrio")])
    assert close[1] == 0.0  # they agree within their errors: nothing is added
    assert close[0].value == pytest.approx(float(value.total) * math.sqrt(1.05))
    assert close[0].log_sd == pytest.approx(0.1 / math.sqrt(2))
    apart = merge([alone, a_reference(value, of=3.0, sd=0.1, kind="mrio")])
    assert apart[1] > 0.5 and apart[0].log_sd > 0.5
    assert any(key.startswith("between.") for key in apart[0].loadings)
    # a vague reference does not outvote a sharp one
    vague = merge([alone, a_reference(value, of=0.3, sd=1.2, kind="mrio")])
    assert vague[0].value == pytest.approx(alone.value, rel=0.02)


def test_judging_together_controls_for_the_number_of_tests():
    values = [v for v in defaults_of("CHN") if v.scope == "direct"][:60]
    # one p-value of 0.02 among sixty is no finding; alone it is one
    sd = 0.1
    shift = math.exp(-2.33 * sd)
    drafts = [draft(v, [a_reference(v, of=shift if i == 0 else 1.0, sd=sd)], []) for i, v in
              enumerate(values)]  # fmt: skip
    assert lines(drafts, Choices())[0].verdict == "inconclusive"
    assert lines(drafts[:1], Choices())[0].verdict == "over"


def test_without_references_nothing_is_claimed():
    values = defaults_of("CHN")[:3]
    made = lines([draft(v, [], []) for v in values], Choices())
    assert {line.verdict for line in made} == {"no reference"}
    assert aggregating.national(made, draws=200, seed=1) is None
    (base, _) = aggregating.aggregates(made, draws=200, seed=1, sectors=False)
    assert base.lines == 0 and math.isnan(base.median.value)
    claim = decide(made, base, 0.10)
    assert claim.overall == "cannot be decided" and claim.holds == ()


def test_the_claim_follows_its_rule(china):
    found, _ = china
    base = found.aggregates[0]
    n = base.lines

    def answer(median=base.median, national=None, lines=found.lines, **verdicts):
        changed = replace(base, median=median, verdicts=verdicts or base.verdicts)
        return decide(lines, changed, 0.1, national).overall

    assert answer() == "holds"
    assert answer(under=n) == "does not hold"
    within = replace(base.median, value=0.0, low=-0.05, high=0.05)
    assert answer(within, **{"not biased": n}) == "does not hold"
    assert answer(inconclusive=n) == "cannot be decided"
    assert answer(replace(base.median, low=-0.01)) == "holds in part"
    # the other question answered otherwise
    against = replace(base, verdicts={"under": n})
    assert answer(national=against) == "holds in part"
    assert "differs" in decide(found.lines, base, 0.1, against).reason
    assert answer(national=base) == "holds"
    # values of other countries are no evidence on this one
    borrowed = [replace(line, value=replace(line.value, is_fallback=True)) for line in found.lines]
    assert answer(lines=borrowed) == "cannot be decided"


def test_headings_are_named_only_where_all_their_lines_agree(china):
    compared = [line for line in china[0].lines if line.main]
    for verdict in ("over", "inconclusive"):
        for name in headings(compared, verdict):
            members = [x for x in compared if x.cn.startswith(name.split()[0])]
            assert {x.verdict for x in members if len(name) == 4 or x.name == name} == {verdict}


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"origin": "Chnia"}, UnknownNameError, "China"),
        ({"year": 2025}, InputError, "definitive period"),
        ({"band": 0}, InputError, "band"),
        ({"band": 10}, InputError, "10 %"),
        ({"q": 1.5}, InputError, "between 0 and 1"),
        ({"procedure": "Bonferroni"}, UnknownNameError, "procedure"),
        ({"seed": -1}, InputError, "seed"),
        ({"draws": 3}, InputError, "draws"),
        ({"price": -1}, InputError, "price"),
        ({"references": ["none.csv"]}, DataFileError, "none.csv"),
        ({"prices": "none.csv"}, DataFileError, "none.csv"),
        ({"trade": "none.csv"}, DataFileError, "none.csv"),
        ({"corrections": "none.csv"}, DataFileError, "none.csv"),
    ],
)
def test_bad_requests_are_refused_before_any_work(options, error, told):
    start = time.perf_counter()
    with pytest.raises(error) as caught:
        audit(**({"origin": "CHN"} | options))
    assert told in str(caught.value)
    assert time.perf_counter() - start < 2


def test_the_public_face():
    assert mc.cbam.default_value("7208", origin="CHN", year=2026).marked_up is not None
    assert mc.cbam.audit is audit


def test_a_sector_far_from_the_good_stands_beside(china):
    found = by_cn(china[0])
    for name in ("25231000 A", "28141000", "7601 K"):
        beside = [c.reference for c in found[name].alongside if c.reference.kind == "mrio"]
        assert beside and found[name].kinds == ("process",)
        assert "far from" in why_beside(beside[0], found[name].value)
    assert "mrio" in found["7201"].kinds
