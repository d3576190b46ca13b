"""Calibration: known biases recovered, intervals that cover, and no country judging itself."""

import numpy as np
import pytest

from mriocarbon.datasets.estimates import Estimate
from mriocarbon.datasets.fusion import fuse
from mriocarbon.datasets.fusion_calibration import calibrate
from mriocarbon.datasets.fusion_errors import Calibrated, ErrorModel
from mriocarbon.errors import InputError, UnknownNameError


def figure(source, region, year, value, part="", unit="Mt CO2"):
    return Estimate(source, "1", "territorial", region, year, value, unit, part)


def run(data, regions=("AAA",), years=(2022,), **options):
    return fuse("fossil CO2", regions, years, data=data, **options)


# A and B are one family: what they get wrong for good, they get wrong together.
STATED = ErrorModel(
    {"A": {"other": 0.02}, "B": {"other": 0.02}, "C": {"other": 0.03}, "D": {"other": 0.04}},
    {("A", "B"): {"other": 0.9}},
    persistent=0.6,
    memory=1.0,
    together=(frozenset({"A", "B"}),),
)


def drawn(tau, countries, seed, *, years=(2020, 2021, 2022), truth=None):
    """Figures with stated errors and, on top, a bias of each family that stays: by hand."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(countries):
        size = 10 * 1.03**k if truth is None else truth
        bias = {s: rng.normal() * STATED.of(s, "") * 0.6**0.5 for s in "CD"}
        common = rng.normal() * 0.02 * 0.54**0.5
        bias |= {s: common + rng.normal() * 0.02 * 0.06**0.5 for s in "AB"}
        extra = dict(zip("ACD", tau * rng.normal(size=3), strict=True))
        extra["B"] = extra["A"]
        for year in years:
            noise = {s: rng.normal() * STATED.of(s, "") * 0.4**0.5 for s in "CD"}
            common = rng.normal() * 0.02 * 0.36**0.5
            noise |= {s: common + rng.normal() * 0.02 * 0.04**0.5 for s in "AB"}
            out += [
                figure(s, f"R{k:03}", year, size * (1 + bias[s] + extra[s] + noise[s]))
                for s in "ABCD"
            ]
    return out


@pytest.mark.parametrize("tau", [0.03, 0.08])
def test_calibration_recovers_the_bias_that_was_put_in(tau):
    model = calibrate(STATED, drawn(tau, 400, 5), [2020, 2021, 2022], neighbours=399)
    one = model.calibrated["R007"]
    assert one.bias_sd == pytest.approx(tau, rel=0.06)
    assert one.n == 399 and 0 < one.sd < 0.1 * tau
    assert abs(one.bias_sd - tau) < 3.5 * one.sd
    # Twenty countries know it less well, and say so about right.
    local = calibrate(STATED, drawn(tau, 400, 5), [2020, 2021, 2022]).calibrated
    found = np.array([c.bias_sd for c in local.values()])
    stated = np.median([c.sd for c in local.values()])
    assert np.mean(found**2) ** 0.5 == pytest.approx(tau, rel=0.08)
    assert 0.5 < np.std(found) / stated < 1.6


def test_without_extra_bias_next_to_nothing_is_added():
    model = calibrate(STATED, drawn(0.0, 400, 6), [2020, 2021, 2022], neighbours=399)
    assert model.bias_sd("R000") < 0.008


@pytest.mark.parametrize("tau", [0.0, 0.06])
def test_calibrated_intervals_cover_in_simulation(tau):
    data = drawn(tau, 300, 7)
    # Of two sources at a time: where the stated errors alone fail, and the truth is 10 * 1.03^k.
    regions = sorted({e.region for e in data})
    truth = np.array([10 * 1.03 ** int(r[1:]) for r in regions])
    inside = {}
    for name, errors in (
        ("stated", STATED), ("calibrated", calibrate(STATED, data, [2020, 2021, 2022])),
    ):  # fmt: skip
        fused = run(data, regions, [2022], errors=errors, leave_out=["D"])
        low, high = np.asarray(fused.result.low)[:, 0], np.asarray(fused.result.high)[:, 0]
        inside[name] = float(np.mean((low <= truth) & (truth <= high)))
    assert 0.92 < inside["calibrated"] < 0.985
    assert inside["stated"] < 0.75 if tau else inside["stated"] > 0.92


@pytest.mark.parametrize("factor", [0.6, 0.9])
def test_a_country_says_nothing_about_itself(factor):
    data = [e for e in drawn(0.05, 30, 8, years=(2022,)) if e.source in "AC"]
    before = calibrate(STATED, data, [2022]).calibrated
    middle = sum(e.value for e in data if e.region == "R010") / 2
    # Pulled apart about the same middle, so that its size stays.
    apart = {"A": factor * middle, "C": (2 - factor) * middle}
    moved = [
        figure(e.source, "R010", 2022, apart[e.source]) if e.region == "R010" else e for e in data
    ]
    after = calibrate(STATED, moved, [2022]).calibrated
    assert after["R010"].bias_sd == pytest.approx(before["R010"].bias_sd, rel=1e-12)
    assert "R010" not in before["R010"].countries
    assert after["R011"].bias_sd != before["R011"].bias_sd


def test_what_counts_for_a_calibration():
    data = drawn(0.05, 30, 9)
    model = calibrate(STATED, data, [2022], leave_out_region=["R003", "R004"])
    for record in model.calibrated.values():
        assert not {"R003", "R004"} & set(record.countries)
        assert record.years == (2022,) and record.sources == ("A", "B", "C", "D")
    assert model.sd == STATED.sd and model.share("A", "B", "R000") == 0.9
    # A gap that stands as zero, bunkers and sums of countries do not count.
    odd = [figure(s, r, 2022, v) for r, s, v in (
        ("GAP", "A", 50.0), ("GAP", "C", 0.0), ("WLD", "A", 50.0), ("WLD", "C", 5.0),
        ("BUNKERS", "A", 50.0), ("BUNKERS", "C", 5.0), ("ONE", "A", 50.0), ("ONE", "B", 5.0),
    )]  # fmt: skip
    plain, with_odd = (calibrate(STATED, d, [2022]).calibrated for d in (data, data + odd))
    assert with_odd["R000"] == plain["R000"] and with_odd["GAP"].bias_sd > 0
    # Calibrating twice adds nothing twice, and parts count as their sum.
    again = calibrate(calibrate(STATED, data, [2022]), data, [2022])
    assert dict(again.calibrated) == dict(plain)
    halves = [figure(e.source, e.region, e.year, e.value / 2, p) for e in data for p in "xy"]
    divided = calibrate(STATED, halves, [2022]).calibrated
    assert divided["R000"].bias_sd == pytest.approx(plain["R000"].bias_sd, rel=1e-9)
    for options, error in (
        ({"leave_out_region": "R999"}, UnknownNameError), ({"neighbours": 3}, InputError),
    ):  # fmt: skip
        with pytest.raises(error):
            calibrate(STATED, data, [2022], **options)
    with pytest.raises(InputError, match="one unit"):
        calibrate(STATED, [*data, figure("A", "X", 2022, 1.0, unit="kt CO2")], [2022])


def test_too_few_countries_add_nothing_and_say_so():
    data = drawn(0.3, 10, 10)
    model = calibrate(STATED, data, [2022])
    assert model.bias_sd("R000") == 0 and model.calibrated["R000"].group == "none"
    fused = run(data, ["R000"], errors=model)
    assert fused.sd[0, 0] == run(data, ["R000"], errors=STATED).sd[0, 0]
    assert any("published ones alone" in n.text for n in fused.result.notes)


def test_calibrated_bias_is_one_of_the_family_and_stays():
    """Two families, two years: the fused error is that of biases written out as unknowns."""
    model = ErrorModel(
        {"": {"other": 0.05}}, persistent=0.0, memory=1.0, together=(frozenset({"A", "B"}),),
        calibrated={"AAA": Calibrated(0.07, 0.01, tuple("PQ"), tuple("ABC"), (2022,), "other")},
    )  # fmt: skip
    data = [figure(s, "AAA", y, 100.0) for s in "ABC" for y in (2021, 2022)]
    fused = run(data, years=[2021, 2022], errors=model)
    cov = 25.0 * np.eye(6) + 49.0 * np.kron([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.ones((2, 2)))
    design = np.kron(np.ones((3, 1)), np.eye(2))
    expected = np.linalg.inv(design.T @ np.linalg.inv(cov) @ design)
    np.testing.assert_allclose(fused.sd[0] ** 2, np.diag(expected), rtol=1e-7)
    assert any("7.0 % +- 1.0 (n = 2)" in n.text and n.estimated for n in fused.result.notes)


def test_fuse_calibrates_on_all_sources_of_the_scope():
    """Asked for, it is `calibrate`; what is left out counts, unless it measures something else."""
    data = [e for e in drawn(0.05, 25, 11, years=(2022,)) if e.source in "AC"]
    far = [
        figure(e.source, e.region, 2022, e.value * (0.6 if e.source == "A" else 1)) for e in data
    ]
    model = calibrate(ErrorModel({"": {"other": 0.101}}), far, [2022])
    fused = run(far, ["R003"], errors="calibrated", leave_out=["A"])
    assert model.bias_sd("R003") > 0.1
    value = fused.result.value[0, 0]
    expected = np.hypot(0.101, model.bias_sd("R003")) * value
    assert fused.sd[0, 0] == pytest.approx(expected, rel=1e-6)
    assert run(far, ["R003"], leave_out=["A"]).sd[0, 0] == pytest.approx(0.101 * value, rel=1e-6)
    elsewhere = [Estimate("R", "1", "residence", e.region, 2022, 9 * e.value, e.unit) for e in far]
    again = run(far + elsewhere, ["R003"], errors="calibrated", leave_out=["A", "R"])
    assert again.sd[0, 0] == fused.sd[0, 0]
