"""Forward and backward chains: against sums over paths, and against the accounts they refine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from properties.tables import TOY_F, cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, ShapeError, UnknownNameError
from mriocarbon.structure.chain import Chain
from mriocarbon.structure.gvc import backward, chains, forward

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
small = cases(max_regions=5, max_sectors=3, min_regions=1)


def close(a, b, case):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11 * np.abs(case.f).sum())


def coefficients(case):
    x = case.x
    A = np.divide(case.Z, x, out=np.zeros_like(case.Z), where=x > 0)
    return A, np.divide(case.f, x, out=np.zeros(case.n), where=x > 0)


@given(small)
def test_forward_terms_add_up_to_production(case):
    mrio = case.mrio()
    for level in ("region", "sector"):
        found = forward(mrio, level=level)
        assert found.closure < 1e-12
        close(found.value.sum(axis=-1).ravel(),
              case.f if level == "sector" else case.f.reshape(case.R, -1).sum(axis=1),
              case)  # fmt: skip


@given(small)
def test_forward_by_absorber_is_the_flow_of_the_consumption_account(case):
    mrio = case.mrio()
    found = forward(mrio, level="bilateral")
    close(found.value.sum(axis=2), mc.bilateral(mrio).value[:, : case.R], case)
    close(found.value.sum(axis=1), forward(mrio).value[:, :6], case)


@given(small)
def test_forward_by_importer_is_trade_in_eebt(case):
    mrio = case.mrio()
    found = forward(mrio, level="bilateral", partner="importer")
    t = found.value[:, :, 1:].sum(axis=2)  # all but home
    assert (np.diag(t) == 0).all()
    produced = case.f.reshape(case.R, -1).sum(axis=1)
    eebt = mc.account(mrio, "eebt", households=False).value[: case.R]
    close(eebt, produced - t.sum(axis=1) + t.sum(axis=0), case)
    close(found.value.sum(axis=1), forward(mrio).value[:, :6], case)


@given(cases(max_regions=3, max_sectors=2, min_regions=2))
def test_forward_terms_are_sums_over_walks(case):
    """Walk along the chain, one sale at a time, and book each emission by its first border.

    State of what s made: still at home; with the importer r and never left it; anywhere later,
    r remembered. The states are iterated, no inverse is taken.
    """
    R, S, n, Y = case.R, case.S, case.n, case.demand
    region = np.arange(n) // S
    found = forward(case.mrio(), level="bilateral")
    want = np.zeros((R, R, 6))
    for s in range(R):
        # From the end of the chain backwards: value of a unit by the place where it is absorbed.
        out = np.zeros((n, R))
        for _ in range(4000):
            new = shares(case, Y) + sales(case) @ out
            if np.abs(new - out).max() < 1e-15:
                break
            out = new
        near = np.zeros(n)  # share of a unit absorbed in its own region without any border
        inside = sales(case) * (region[:, None] == region[None, :])
        own = shares(case, Y)[np.arange(n), region]
        for _ in range(4000):
            new = own + inside @ near
            if np.abs(new - near).max() < 1e-15:
                break
            near = new
        emitted = case.f * (region == s) * (case.x > 0)
        want_s = np.zeros((R, 6))
        for _ in range(4000):
            if emitted.sum() < 1e-17 * max(case.f.sum(), 1):
                break
            sold = emitted @ shares(case, Y)
            want_s[s, 0] += sold[s]
            sold[s] = 0
            want_s[:, 1] += sold
            passed = emitted @ sales(case)
            for r in range(R):
                if r == s:
                    continue
                part = np.where(region == r, passed, 0.0)
                want_s[r, 2] += part @ near
                ends = part @ out
                want_s[r, 3] += ends[r] - part @ near
                want_s[s, 5] += ends[s]
                ends[[r, s]] = 0
                want_s[:, 4] += ends
            emitted = np.where(region == s, passed, 0.0)
        want[s] = want_s
    np.testing.assert_allclose(found.value, want, rtol=1e-7, atol=1e-9 * case.f.sum())


def shares(case, Y):
    """The share of each output sold to final demand, by destination."""
    return np.divide(Y, case.x[:, None], out=np.zeros_like(Y), where=case.x[:, None] > 0)


def sales(case):
    """The share of each output sold to each sector (Ghosh)."""
    x = case.x[:, None]
    return np.divide(case.Z, x, out=np.zeros_like(case.Z), where=x > 0)


@given(small)
def test_backward_adds_up_to_the_accounts(case):
    mrio = case.mrio()
    bilateral = backward(mrio, level="bilateral")
    assert bilateral.closure < 1e-12
    E = mc.bilateral(mrio).value[:, : case.R]
    close(bilateral.value.sum(axis=(0, 2)), E.sum(axis=0), case)
    by_region = backward(mrio)
    producer = mc.account(mrio, "final-producer", households=False).value[: case.R]
    close(by_region.value.sum(axis=1), producer, case)
    close(backward(mrio, level="sector").value.sum(axis=1), by_region.value, case)
    close(bilateral.value.sum(axis=1), by_region.value, case)
    origin = backward(mrio, level="origin")
    assert origin.closure < 1e-12
    close(origin.value.sum(axis=1), by_region.value, case)
    close(origin.value.sum(axis=(0, 2)), case.f.reshape(case.R, -1).sum(axis=1), case)


@given(small)
def test_backward_stages_by_the_power_series(case):
    """Count borders along A^k: none, one, more."""
    A, q = coefficients(case)
    R, S, n = case.R, case.S, case.n
    region = np.arange(n) // S
    same = region[:, None] == region[None, :]
    y = np.zeros((n, R))
    y[np.arange(n), region] = case.demand.sum(axis=1)
    zero, one, more = y.copy(), np.zeros((n, R)), np.zeros((n, R))
    total = [np.zeros((n, R)) for _ in range(3)]
    for _ in range(5000):
        for k, state in enumerate((zero, one, more)):
            total[k] += state
        size = max(np.abs(v).max() for v in (zero, one, more))
        if size < 1e-16 * max(np.abs(y).max(), 1e-300):
            break
        zero, one, more = (
            (A * same) @ zero, (A * same) @ one + (A * ~same) @ zero, A @ more + (A * ~same) @ one
        )  # fmt: skip
    emitted = [q[:, None] * v for v in total]
    want = np.zeros((R, 4))
    for s in range(R):
        at_home = region == s
        want[s, 0] = emitted[0][:, s].sum()
        want[s, 1] = (emitted[1] + emitted[2])[at_home, s].sum()
        want[s, 2] = emitted[1][~at_home, s].sum()
        want[s, 3] = emitted[2][~at_home, s].sum()
    found = backward(case.mrio()).value
    np.testing.assert_allclose(found, want, rtol=1e-7, atol=1e-9 * case.f.sum())


def test_toy_by_hand():
    """Exact: q_A L_AA Y_AA of the toy table, in fractions."""
    from fractions import Fraction as Fr

    # A1, A2 of region A: x = 120, 100, Z_AA = [[20, 10], [10, 20]], f = 240, 50, Y_AA = 30, 55.
    det = Fr(100) * Fr(80) - Fr(10) * Fr(10)  # of diag(x) - Z_AA
    m1 = (240 * Fr(80) + 50 * Fr(10)) / det
    m2 = (240 * Fr(10) + 50 * Fr(100)) / det
    found = forward(toy())
    assert found["A", "home"] == pytest.approx(float(m1 * 30 + m2 * 55), rel=1e-13)
    assert found["A", "final exports"] == pytest.approx(float(m1 * 40 + m2 * 10), rel=1e-13)
    assert found["A", "third regions"] == 0.0
    assert found.value.sum() == pytest.approx(TOY_F.sum(), rel=1e-13)


def test_linear_in_final_demand_and_blind_to_categories():
    case = random_case(11, 3, 2, categories=2, negative_demand=True)
    found = forward(case.mrio())
    one = case.changed(Y=case.demand, categories=("all",))
    np.testing.assert_allclose(found.value, forward(one.mrio()).value, rtol=1e-12)


def test_emissions_without_output_stay_visible():
    case = random_case(4, 3, 2, zeros=1)
    f = case.f.copy()
    dead = np.flatnonzero(case.x == 0)
    f[dead] = 7.0
    found = forward(case.mrio(stressors={"GHG": f}), level="sector")
    assert found.terms[-1] == "unallocated"
    assert found.value[..., -1].ravel()[dead[0]] == pytest.approx(7.0)
    assert found.closure == pytest.approx(7.0 / f.sum())
    pairs = forward(case.mrio(stressors={"GHG": f}), level="bilateral")
    assert any(note.text.startswith("belongs to no partner: 7 of") for note in pairs.notes)
    np.testing.assert_allclose(found.value.sum(axis=2).ravel(), f, rtol=1e-12)


def test_value_added_of_final_products():
    case = random_case(8, 3, 2)
    mrio = case.mrio()
    found = backward(mrio, content="value added", level="sector")
    assert found.terms[-1] == "other primary inputs"
    np.testing.assert_allclose(found.value.sum(axis=2).ravel(), case.demand.sum(axis=1), rtol=1e-12)
    everything = backward(mrio, content="primary inputs")
    np.testing.assert_allclose(everything.value.sum(), case.demand.sum(), rtol=1e-12)
    with pytest.raises(InputError, match="by origin"):
        backward(mrio, content="value added", level="origin")


def test_the_chain_carries_what_must_be_known():
    mrio = mc.load("oecd-icio-2022")
    found = chains(mrio, "backward", level="origin")
    assert isinstance(found, Chain)
    assert found.estimated
    assert found.unit == "Mt CO2e"
    assert found.provenance.dataset == "oecd-icio-2022"
    assert set(found.equations) == set(found.terms)
    assert not found.value.flags.writeable
    with pytest.raises(TypeError):
        found.equations["home"] = "x"
    assert found.closure < 1e-12
    assert found.error < 1e-10
    frame = chains(mrio).to_pandas()
    assert frame.attrs["estimated"] and list(frame.columns) == list(chains(mrio).terms)
    share = chains(mrio).share("home")
    assert 0.7 < share[list(mrio.regions).index("CHN")] < 0.9


def test_real_table_has_known_orders():
    mrio = mc.load("oecd-icio-2022")
    found = chains(mrio)
    assert found.closure < 1e-9  # the published rows balance to some 1e-12 of output
    exports = chains(mrio, "exports", content="primary inputs")
    foreign = exports.share("foreign") + exports.share("foreign, counted twice")
    place = {r: k for k, r in enumerate(mrio.regions)}
    # Shares of foreign value added: crude exporters low, assembly hubs high.
    assert foreign[place["RUS"]] < 0.1 < foreign[place["CHN"]] < 0.2 < foreign[place["KOR"]]
    assert foreign[place["SGP"]] == foreign.max()


@pytest.mark.parametrize(
    ("view", "options", "error", "says"),
    [
        ("sideways", {}, UnknownNameError, "view"),
        ("forward", {"method": "x"}, UnknownNameError, "option of view 'forward'"),
        ("backward", {"partner": "absorber"}, UnknownNameError, "option of view 'backward'"),
        ("forward", {"level": "origin"}, UnknownNameError, "level"),
        ("forward", {"partner": "buyer", "level": "bilateral"}, UnknownNameError, "partner"),
        ("forward", {"partner": "importer"}, InputError, "bilateral"),
        ("backward", {"level": "product"}, UnknownNameError, "level"),
    ],
)
def test_bad_options_are_told(view, options, error, says):
    with pytest.raises(error, match=says):
        chains(toy(), view, **options)


def test_not_productive_is_refused():
    from mriocarbon.errors import NotProductiveError

    mrio = toy(x=[30.0, 30, 40, 80])
    with pytest.raises(NotProductiveError):
        chains(mrio)


def test_result_shape_is_still_checked():
    with pytest.raises(ShapeError):
        Chain("x", np.zeros(2), ("region",), {"region": ("A",)}, "Mt")


def test_value_added_is_placed_whole():
    """Forward, the terms are the value added of the table, sectors without output included."""
    case = random_case(4, 3, 2, zeros=1)
    dead = int(np.flatnonzero(case.x == 0)[0])
    added = case.value_added.copy()
    added[dead] = 9.0
    found = forward(case.mrio(value_added=added), content="value added", level="sector")
    np.testing.assert_allclose(found.value.sum(axis=2).ravel(), added, rtol=1e-12)
    assert found.terms[-1] == "unallocated"
    assert found.value[..., -1].ravel()[dead] == pytest.approx(9.0)
    assert found.closure == pytest.approx(9.0 / added.sum())


def test_which_rows_are_value_added_is_told():
    rows = np.array([[10.0, 20, 30, 40], [1, 2, 3, 4], [5, 6, 7, 8]])
    names = ("wages", "other taxes less subsidies on production", "taxes on products")
    for third in (names[2], "TLS"):
        mrio = toy(value_added=rows, value_added_rows=(*names[:2], third))
        found = forward(mrio, content="value added", level="sector")
        np.testing.assert_allclose(found.value.sum(axis=2).ravel(), rows[:2].sum(axis=0))
        text = next(n.text for n in found.notes if n.text.startswith("value added"))
        assert names[1] in text.partition("left out")[0] and third in text.partition("left out")[2]
        assert "term of their own" not in text
    with pytest.raises(NotAvailableError, match="taxes on products"):
        forward(toy(value_added=rows[:1], value_added_rows=names[2:]), content="value added")


def test_a_share_is_of_the_sum_of_all_terms():
    mrio = toy(Y=[[110, -40], [80, -15], [10, 45], [5, 120]])
    found = chains(mrio)
    k = found.terms.index("final exports")
    assert found.value[0, k] < 0
    np.testing.assert_allclose(
        found.share("final exports"), found.value[:, k] / TOY_F.reshape(2, 2).sum(axis=1)
    )


def test_the_chain_says_what_and_when():
    for content, what in (("emissions", "GHG"), ("primary inputs", "primary inputs")):
        told = forward(mc.load("oecd-icio-2022"), content=content).metadata()
        assert told["stressor"] == what and told["year"] == "2022"


def test_what_is_no_table_or_no_name_is_told():
    with pytest.raises(InputError, match="'oecd-icio-2022' is no table"):
        chains("oecd-icio-2022")
    with pytest.raises(UnknownNameError, match="view"):
        chains(toy(), ["forward"])
    with pytest.raises(NotAvailableError, match="no emissions"):
        chains(toy(stressors={}, households={}))
