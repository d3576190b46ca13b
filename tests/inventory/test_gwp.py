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


@pytest.mark.parametrize("report", ["AR9", "ar6", "GWP", ""])
def test_unknown_reports_offer_the_known_ones(report):
    with pytest.raises(UnknownNameError, match=f"unknown assessment report '{report}'") as caught:
        mc.gwp(report)
    assert "AR" in caught.value.do


@pytest.mark.parametrize(
    ("report", "horizon", "own", "others"),
    [("AR5", 500, "100", "AR6, TAR"), ("AR4", 20, "100", "AR6, TAR"),
     ("AR6", 50, "20, 100, 500", "")],
)  # fmt: skip
def test_a_horizon_that_is_not_there_names_those_that_are(report, horizon, own, others):
    with pytest.raises(UnknownNameError) as caught:
        mc.gwp(report, horizon=horizon)
    error = caught.value
    assert error.what == f"{report} has no global warming potentials over {horizon} years"
    assert error.where == f"horizons of {report}: {own} years"
    assert error.do == f"ask for {own}" + (f", or {others} for {horizon} years" if others else "")
    for one in own.split(", "):
        assert mc.gwp(report, horizon=int(one))["CH4"] > 1


def test_nobody_can_change_the_values_for_everybody():
    before = mc.gwp("AR5")["CH4"]
    values = mc.gwp("AR5")
    with contextlib.suppress(TypeError):  # a read-only mapping is as good
        values["CH4"] = 1.0
    after = mc.gwp("AR5")["CH4"]
    with contextlib.suppress(TypeError):  # or other tests would fail with this one
        values["CH4"] = before
    assert after == before
