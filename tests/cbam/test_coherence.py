from decimal import Decimal as D
from statistics import median

from mriocarbon.cbam.annex import annex
from mriocarbon.cbam.coherence import coherence


def chains(origin):
    return {(f.against, f.cn): f for f in coherence(origin) if f.rule == "chain"}


def test_the_chain_of_chinese_steel():
    found = chains("CHN")
    steps = [("72061000", "72071210"), ("72071210", "7208"), ("7208", "7308")]
    assert [found[s].value for s in steps] == [D("3.169"), D("3.187"), D("6.035")]
    assert found[steps[0]].other == D("1.740")
    assert found["72061000", "72071290"].value == D("3.314")
    assert "steep" in found["7208", "7308"].text
    screws, bolts = found["7213", "73181100"], found["7213", "731815"]
    assert (screws.value, bolts.value) == (D("2.738"), D("6.375"))
    assert screws.passed is False and "below" in screws.text
    assert bolts.passed is True and "steep" in bolts.text


def test_unwrought_aluminium_is_compared_within_its_route():
    (found,) = [f for f in coherence("CHN") if f.cn == "7601" and f.rule == "median of others"]
    assert found.other == D("1.70") and "route K" in found.text and "above" in found.text
    countries = [i for i, rows in annex().items() for r in rows if r.cn == "7601" and r.total]
    assert len(set(countries) - {"OTHER"}) == 67


def test_pig_iron_and_ingots_of_china_lie_below_the_others():
    found = {f.cn: f for f in coherence("CHN") if f.rule == "median of others"}
    assert found["7201"].other == D("2.17") and "below" in found["7201"].text
    assert found["72061000"].value < found["72061000"].other
    every = [
        r.total
        for i, rows in annex().items()
        for r in rows
        if i not in ("CHN", "OTHER") and r.cn == "72061000" and r.total is not None
    ]
    assert median(every) == D("2.100")  # over all routes


def test_sums_markups_and_sharing():
    china = coherence("CHN")
    assert [f.passed for f in china if f.rule in ("sum", "mark-up")] == [True, True]
    angola = [f for f in coherence("AGO", year=2028) if f.rule == "mark-up"]
    assert {f.passed for f in angola} == {False} and len(angola) == 3
    egypt = [f for f in coherence("Egypt") if f.rule == "shared value"]
    assert all("not for one country" in f.text for f in egypt)


def test_nothing_here_calls_itself_independent():
    for f in coherence("IND"):
        assert f.rule != "median of others" or "not independent" in f.text
        assert f.passed is not None or f.rule in (
            "siblings", "shared value", "median of others", "transitional",
        )  # fmt: skip


def test_every_origin_can_be_checked():
    from mriocarbon.cbam.origins import origins

    assert all(coherence(o) for o in origins()[::12])


def test_values_above_the_highest_of_annex_iv_are_found():
    china = [f for f in coherence("CHN") if f.rule == "annex IV"]
    assert {(f.cn, f.value, f.other) for f in china} == {
        ("76169910", D("4.542"), D("3.080")), ("76169990", D("5.559"), D("3.770")),
    }  # fmt: skip
    assert {f.passed for f in china} == {False}
    (japan,) = [f for f in coherence("JPN") if f.rule == "annex IV"]
    assert japan.passed is True and japan.cn == ""


def test_transitional_values_are_checked_among_themselves():
    found = coherence("CHN", vintage="2023")
    assert {f.rule for f in found} <= {"sum", "siblings"}
    assert [f.passed for f in found if f.rule == "sum"] == [True]


def test_speed_of_all_origins():
    import time

    from mriocarbon.cbam.origins import origins

    coherence("CHN")
    start = time.perf_counter()
    for place in origins()[::6]:
        coherence(place)
    assert (time.perf_counter() - start) / len(origins()[::6]) < 0.15
