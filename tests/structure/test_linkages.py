"""Linkages against the definitions on an explicit inverse."""

import numpy as np
import pytest
from hypothesis import given, settings
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.structure.linkages import MEASURES, linkages

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
NORMALISED = [name for name, (_, formula) in MEASURES.items() if "/ mean" in formula]


@settings(max_examples=40, deadline=None)
@given(case=cases(max_regions=4, max_sectors=4))
def test_every_measure_is_its_definition(case):
    mrio = case.mrio()
    live = mrio.x > 0
    x, Z, f = mrio.x[live], mrio.Z[np.ix_(live, live)], case.f[live]
    A, B, q = Z / x, Z / x[:, None], f / x
    one = np.eye(len(x))
    L, G = np.linalg.inv(one - A), np.linalg.inv(one - B)
    y, v = x - Z.sum(1), x - Z.sum(0)

    def mean(a):
        return a / a.mean()

    want = {
        "backward direct": A.sum(0), "forward direct": B.sum(1), "backward total": L.sum(0),
        "forward leontief": L.sum(1), "forward ghosh": G.sum(1),
        "power of dispersion": L.sum(0) / len(x) / (L.sum() / len(x) ** 2),
        "sensitivity of dispersion": L.sum(1) / len(x) / (L.sum() / len(x) ** 2),
        "sensitivity, ghosh": mean(G.sum(1)), "demand-weighted": mean(y * L.sum(0)),
        "value-added-weighted": mean(v * G.sum(1)), "carbon backward": mean(q @ L),
        "carbon forward": mean(G @ q), "carbon demand-weighted": mean(y * (q @ L)),
        "carbon value-added-weighted": mean(v * (G @ q)),
    }  # fmt: skip
    if len(x) > 1:
        want["variation backward"] = L.std(axis=0, ddof=1) / L.mean(axis=0)
        want["variation forward"] = L.std(axis=1, ddof=1) / L.mean(axis=1)
    found = linkages(mrio)
    for name, values in want.items():
        have = found.measure(name).ravel()
        np.testing.assert_allclose(have[live], values, rtol=1e-8, atol=1e-9 * np.abs(values).max(),
                                   err_msg=name)  # fmt: skip
        assert np.isnan(have[~live]).all()
    assert set(want) | {"variation backward", "variation forward"} == set(MEASURES)


@settings(max_examples=20, deadline=None)
@given(case=cases(max_regions=3, max_sectors=4))
def test_normalised_measures_have_mean_one(case):
    found = linkages(case.mrio(), variation=False)
    for name in NORMALISED:
        assert np.nanmean(found.measure(name)) == pytest.approx(1.0, rel=1e-9), name


@settings(max_examples=20, deadline=None)
@given(case=cases(max_regions=4, max_sectors=4, min_regions=2))
def test_a_domestic_block_is_a_table_of_its_own(case):
    mrio = case.mrio()
    S, r = case.S, case.R - 1
    block = slice(r * S, (r + 1) * S)
    if not mrio.x[block].any():
        return
    Z = case.Z[block, block]
    alone = mc.MRIO.from_arrays(
        Z=Z, Y=(mrio.x[block] - Z.sum(1))[:, None], regions=["one"], sectors=case.sectors,
        stressors={"GHG": case.f[block]},
    )  # fmt: skip
    a = linkages(mrio, domestic=case.regions[r]).table.value
    b = linkages(alone).table.value
    np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


def test_quadrants():
    found = linkages(toy())
    b, f = found.measure("power of dispersion"), found.measure("sensitivity, ghosh")
    want = {(True, True): "key", (True, False): "backward", (False, True): "forward",
            (False, False): "weak"}  # fmt: skip
    for here, *sides in zip(found.quadrants().ravel(), b.ravel() > 1, f.ravel() > 1, strict=True):
        assert here == want[tuple(map(bool, sides))]
    frame = found.to_pandas()
    assert list(frame["quadrant"]) == list(found.quadrants().ravel())
    carbon = found.quadrants("carbon backward", "carbon forward")
    assert carbon.shape == (2, 2)


def test_sectors_without_output_have_no_linkage_and_are_told():
    mrio = random_case(1, 2, 3, zeros=1).mrio()
    found = linkages(mrio)
    k = int(np.argmin(mrio.x))
    assert found.quadrants().ravel()[k] == ""
    assert any("without output" in n.text for n in found.table.notes)


def test_negative_final_uses_are_kept_and_told():
    case = random_case(3, 2, 2)
    Y = case.Y.copy()
    Y[0] = -0.1 * case.Z[0].sum() / Y.shape[1]
    mrio = case.mrio(Y=Y, x=case.Z.sum(1) + Y.sum(1), value_added=None)
    found = linkages(mrio)
    assert found.measure("demand-weighted").ravel()[0] < 0
    assert any("final uses are negative in 1 sectors" in n.text for n in found.table.notes)


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: linkages(toy(), domestic="C"), UnknownNameError, "C"),
        (lambda: linkages(toy(), stressor="x"), UnknownNameError, "x"),
        (lambda: linkages(toy()).measure("forwards"), UnknownNameError, "forward"),
        (lambda: linkages(toy()).quadrants("backward total"), InputError, "not normalised"),
        (lambda: linkages(toy()).quadrants("backward"), UnknownNameError, "backward"),
    ],
)
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_a_table_without_stressors_has_all_but_carbon_linkages():
    bare = linkages(toy(stressors=None, households=None))
    full = linkages(toy())
    for name in full.table.coords["measure"]:
        if name.startswith("carbon"):
            assert np.isnan(bare.measure(name)).all()
        else:
            np.testing.assert_array_equal(bare.measure(name), full.measure(name))
    assert np.isfinite(bare.table.error)
    assert any("no carbon linkages" in n.text for n in bare.table.notes)
    assert full.table.provenance.stressor == "GHG" and bare.table.provenance.stressor == ""
