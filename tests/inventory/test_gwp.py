"""Global warming potentials against the tables of the assessment reports."""

import contextlib

import pytest

import mriocarbon as mc
from mriocarbon.errors import UnknownNameError


@pytest.mark.parametrize(
    ("report", "horizon", "gas", "expected"),
    [
        # SAR (1995), technical summary, table 4
        ("SAR", 100, "CH4", 21), ("SAR", 100, "N2O", 310), ("SAR", 100, "SF6", 23900),
        # AR4 (2007), table 2.14
        ("AR4", 100, "CH4", 25), ("AR4", 100, "N2O", 298), ("AR4", 100, "SF6", 22800),
        ("AR4", 100, "NF3", 17200),
        # AR5 (2013), table 8.A.1, without climate-carbon feedbacks
        ("AR5", 100, "CH4", 28), ("AR5", 100, "N2O", 265), ("AR5", 100, "SF6", 23500),
        ("AR5", 100, "NF3", 16100),
        # AR5, table 8.7, with them
        ("AR5CCF", 100, "CH4", 34), ("AR5CCF", 100, "N2O", 298),
        # AR6 (2021), table 7.15 (non-fossil methane 27.0, fossil 29.8) and 7.SM.7
        ("AR6", 100, "N2O", 273), ("AR6", 100, "CH4 fossil", 29.8), ("AR6", 20, "CH4 fossil", 82.5),
        ("AR6", 100, "CH4 non-fossil", 27.0), ("AR6", 20, "CH4 non-fossil", 79.7),
    ],
)  # fmt: skip
def test_values_of_the_reports(report, horizon, gas, expected):
    assert mc.gwp(report, horizon=horizon)[gas] == pytest.approx(expected, rel=1e-12)


def test_methane_that_is_not_fossil_warms_a_little_less():
    values = mc.gwp("AR6")
    assert values["CH4 non-fossil"] < values["CH4"] < values["CH4 fossil"]
    assert "CH4 fossil" not in mc.gwp("AR5")


def test_carbon_dioxide_is_one_by_definition():
    for report in ("SAR", "AR4", "AR5", "AR6"):
        assert mc.gwp(report)["CO2"] == 1.0


def test_the_default_is_ar5_over_a_century():
    assert mc.gwp() == mc.gwp("AR5", horizon=100)


@pytest.mark.parametrize(("report", "horizon"), [("AR9", 100), ("AR6", 50), ("ar6", 100)])
def test_unknown_sets_offer_the_nearest(report, horizon):
    with pytest.raises(UnknownNameError) as caught:
        mc.gwp(report, horizon=horizon)
    text = str(caught.value)
    assert f"unknown set of global warming potentials '{report}GWP{horizon}'" in text
    assert "did you mean 'AR" in text or "'SARGWP100'" in text


def test_nobody_can_change_the_values_for_everybody():
    before = mc.gwp("AR5")["CH4"]
    values = mc.gwp("AR5")
    with contextlib.suppress(TypeError):  # a read-only mapping is as good
        values["CH4"] = 1.0
    after = mc.gwp("AR5")["CH4"]
    with contextlib.suppress(TypeError):  # or other tests would fail with this one
        values["CH4"] = before
    assert after == before
