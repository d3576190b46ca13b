"""Gross exports against inverses without the exports themselves, published figures, identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, TableWarning, UnknownNameError
from mriocarbon.structure.exports import (
    BACK,
    DOMESTIC_TWICE,
    FOREIGN,
    FOREIGN_TWICE,
    FURTHER,
    IMPORTER,
    gross_exports,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
small = cases(max_regions=5, max_sectors=3, min_regions=2)


class Dense:
    """The definitions, with one explicit inverse for every table from which flows are removed."""

    def __init__(self, case, q):
        self.R, self.S, self.n, self.q = case.R, case.S, case.n, q
        x = case.x
        self.A = np.divide(case.Z, x, out=np.zeros_like(case.Z), where=x > 0)
        self.Y, self.x = case.demand, x
        self.of = [slice(r * self.S, (r + 1) * self.S) for r in range(self.R)]
        self.B = np.linalg.inv(np.eye(self.n) - self.A)
        self.X = self.B @ self.Y

    def masked(self, t):
        q = np.zeros(self.n)
        q[self.of[t]] = self.q[self.of[t]]
        return q

    def flow(self, s, r):
        """E_sr as products of all sectors, zero outside s."""
        e = np.zeros(self.n)
        if s != r:
            e[self.of[s]] = (
                self.Y[self.of[s], r] + self.A[self.of[s], self.of[r]] @ self.x[self.of[r]]
            )
        return e

    def without_exports_of(self, regions):
        """A and Y in which the named regions export nothing."""
        A, Y = self.A.copy(), self.Y.copy()
        for s in regions:
            for r in range(self.R):
                if r != s:
                    A[self.of[s], self.of[r]] = 0.0
                    Y[self.of[s], r] = 0.0
        return A, Y

    def inverse(self, A):
        return np.linalg.inv(np.eye(self.n) - A)

    def source(self, s, r):
        """(domestic, foreign) of E_sr at its first passage; all content (domestic, foreign)."""
        once = self.inverse(self.without_exports_of([s])[0])
        own, e = self.masked(s), self.flow(s, r)
        rest = self.q - own
        return own @ once @ e, rest @ once @ e, own @ self.B @ e, rest @ self.B @ e

    def sink(self, s, r):
        """(domestic by absorber, foreign) of the part of E_sr that s does not export again."""
        A, Y = self.without_exports_of([s])
        last = self.inverse(A) @ Y
        p = np.zeros((self.n, self.R))
        p[self.of[s], r] += self.Y[self.of[s], r]
        p[self.of[s]] += self.A[self.of[s], self.of[r]] @ last[self.of[r]]
        own = self.masked(s)
        return own @ self.B @ p, (self.q - own) @ self.B @ p

    def world_sink(self, s):
        """Content of every t in exports of s that no other region exports again, t aside."""
        total = 0.0
        for t in range(self.R):
            if t == s:
                continue
            A, Y = self.without_exports_of([j for j in range(self.R) if j != t])
            X = self.inverse(A) @ Y.sum(axis=1)
            p = np.zeros(self.n)
            for r in range(self.R):
                if r != s:
                    p[self.of[s]] += self.Y[self.of[s], r]
                    p[self.of[s]] += self.A[self.of[s], self.of[r]] @ X[self.of[r]]
            total += self.masked(t) @ self.B @ p
        return total

    def world_source(self, s):
        """Content of every t that comes straight to s and is exported by it."""
        A, _ = self.without_exports_of(range(self.R))
        local = self.inverse(A)
        e = sum(self.flow(s, r) for r in range(self.R))
        total = 0.0
        for t in range(self.R):
            if t != s:
                cross = np.zeros_like(self.A)
                cross[self.of[t], self.of[s]] = self.A[self.of[t], self.of[s]]
                total += self.masked(t) @ local @ cross @ local @ e
        return total


def intensity(case):
    return np.divide(case.f, case.x, out=np.zeros(case.n), where=case.x > 0)


def close(a, b, case):
    scale = np.abs(case.f).sum()
    # A table may hold 10^4 more of one product than of another: measured on the larger.
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11 * scale)


@given(small)
def test_source_is_the_inverse_without_the_exports_of_the_exporter(case):
    dense = Dense(case, intensity(case))
    found = gross_exports(case.mrio(), level="bilateral")
    for s in range(case.R):
        for r in range(case.R):
            own, rest, all_own, all_rest = dense.source(s, r)
            got = dict(zip(found.terms, found.value[s, r], strict=True))
            close(got[IMPORTER] + got[FURTHER] + got[BACK], own, case)
            close(got[FOREIGN], rest, case)
            close(got[DOMESTIC_TWICE], all_own - own, case)
            close(got[FOREIGN_TWICE], all_rest - rest, case)


@given(small)
def test_sink_is_what_is_not_exported_again(case):
    dense = Dense(case, intensity(case))
    found = gross_exports(case.mrio(), level="bilateral", approach="sink")
    for s in range(case.R):
        for r in range(case.R):
            if s == r:
                close(found.value[s, r], 0.0, case)
                continue
            own, rest = dense.sink(s, r)
            got = dict(zip(found.terms, found.value[s, r], strict=True))
            close(got[IMPORTER], own[r], case)
            close(got[BACK], own[s], case)
            close(got[FURTHER], own.sum() - own[r] - own[s], case)
            close(got[FOREIGN], rest.sum(), case)


@given(small)
def test_the_world_counts_once(case):
    dense = Dense(case, intensity(case))
    mrio = case.mrio()
    source = gross_exports(mrio, perspective="world")
    sink = gross_exports(mrio, perspective="world", approach="sink")
    k = source.terms.index(FOREIGN)
    close(source.value[:, k], [dense.world_source(s) for s in range(case.R)], case)
    close(sink.value[:, k], [dense.world_sink(s) for s in range(case.R)], case)
    # What is re-exported has one first and one last re-export.
    close(source.value[:, k].sum(), sink.value[:, k].sum(), case)


@given(small)
def test_terms_add_up_to_what_exports_embody(case):
    mrio = case.mrio()
    for options in (
        {"method": "koopman-wang-wei"}, {}, {"approach": "sink"}, {"perspective": "world"},
        {"perspective": "world", "approach": "sink"}, {"level": "sector"},
        {"level": "bilateral sector", "approach": "sink"},
    ):  # fmt: skip
        embodied = gross_exports(mrio, **options)
        money = gross_exports(mrio, content="primary inputs", **options)
        assert embodied.closure < 1e-12, options
        assert money.closure < 1e-12, options
        E = case.x.sum() - np.einsum("rirj->", case.Z.reshape(case.R, case.S, case.R, case.S))
        E -= sum(case.demand.reshape(case.R, case.S, case.R)[r, :, r].sum() for r in range(case.R))
        assert money.value.sum() == pytest.approx(E, rel=1e-9, abs=1e-9 * case.x.sum())


@given(small)
def test_levels_and_approaches_have_the_same_sums(case):
    mrio = case.mrio()
    for approach in ("source", "sink"):
        full = gross_exports(mrio, level="bilateral sector", approach=approach).value
        by = {level: gross_exports(mrio, level=level, approach=approach).value
              for level in ("region", "sector", "bilateral")}  # fmt: skip
        close(full.sum(axis=2), by["sector"], case)
        close(full.sum(axis=1), by["bilateral"], case)
        close(full.sum(axis=(1, 2)), by["region"], case)
    source, sink = (gross_exports(mrio, approach=a) for a in ("source", "sink"))
    for term in (BACK, DOMESTIC_TWICE, FOREIGN, FOREIGN_TWICE):
        k = source.terms.index(term)
        close(source.value[:, k], sink.value[:, k], case)


@given(small)
def test_nine_terms_agree_with_the_source_approach_on_domestic_content(case):
    mrio = case.mrio()
    nine = gross_exports(mrio, method="koopman-wang-wei").value
    source = gross_exports(mrio)
    got = dict(zip(source.terms, source.value.T, strict=True))
    close(nine[:, :3].sum(axis=1), got[IMPORTER] + got[FURTHER], case)
    close(nine[:, 3:5].sum(axis=1), got[BACK], case)
    close(nine[:, 5], got[DOMESTIC_TWICE], case)
    close(nine[:, 6:].sum(axis=1), got[FOREIGN] + got[FOREIGN_TWICE], case)


@given(small)
def test_domestic_part_is_eebt_and_vax_is_mrio_exports(case):
    """q_s L_ss E_sr is trade in EEBT; absorbed abroad is what MRIO exports to all c != s."""
    mrio = case.mrio()
    found = gross_exports(mrio)
    got = dict(zip(found.terms, found.value.T, strict=True))
    produced = case.f.reshape(case.R, -1).sum(axis=1)
    eebt = mc.account(mrio, "eebt", households=False).value[: case.R]
    bilateral = gross_exports(mrio, level="bilateral")
    t = bilateral.value[:, :, :3].sum(axis=2)
    close(eebt, produced - t.sum(axis=1) + t.sum(axis=0), case)
    close(got[IMPORTER] + got[FURTHER], mc.trade(mrio).value[:, 1], case)


def test_value_added_shows_taxes_as_a_term():
    case = random_case(3, 3, 2)
    mrio = case.mrio()
    without = gross_exports(mrio, content="value added")
    full = gross_exports(mrio, content="primary inputs")
    assert without.terms[-1] == "other primary inputs"
    assert (without.value[:, -1] > 0).all()
    np.testing.assert_allclose(without.value.sum(axis=1), full.value.sum(axis=1), rtol=1e-12)
    assert without.closure < 1e-12
    assert without.unit == "million USD"


def test_rows_that_do_not_balance_show_what_is_left():
    case = random_case(5, 3, 2)
    x = case.x.copy()
    x[0] *= 1.01
    with pytest.warns(TableWarning, match="do not balance"):
        mrio = case.mrio(x=x)
    found = gross_exports(mrio)
    assert "unallocated" in found.terms
    assert found.closure > 1e-6
    assert found.equations["unallocated"].startswith("total")


def test_a_single_region_exports_nothing():
    found = gross_exports(random_case(1, 1, 3).mrio())
    assert (found.value == 0).all()
    assert found.closure == 0.0


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"level": "world"}, UnknownNameError, "level"),
        ({"method": "kww"}, UnknownNameError, "koopman-wang-wei"),
        ({"approach": "sources"}, UnknownNameError, "source"),
        ({"perspective": "mine"}, UnknownNameError, "exporter"),
        ({"content": "jobs"}, UnknownNameError, "emissions"),
        ({"stressor": "GHGs"}, UnknownNameError, "GHG"),
        ({"stressor": "CH4"}, NotAvailableError, "NOT AVAILABLE"),
        ({"content": "value added"}, NotAvailableError, "value added"),
        ({"content": "primary inputs", "stressor": "GHG"}, InputError, "exclude"),
        ({"method": "koopman-wang-wei", "level": "sector"}, InputError, "whole region"),
        ({"perspective": "world", "level": "bilateral"}, InputError, "whole region"),
        ({"method": "koopman-wang-wei", "approach": "sink"}, InputError, "Borin"),
    ],
)  # fmt: skip
def test_bad_options_are_told(options, error, says):
    with pytest.raises(error, match=says):
        gross_exports(toy(), **options)


def unbalanced(x0=1.2, seed=6):
    """A table of 3 x 2 with 20 % more output in one row than is sold, and its case."""
    case = random_case(seed, 3, 2)
    x = case.x.copy()
    x[0] *= x0
    return case, case.mrio(x=x), x


@pytest.mark.parametrize("content", ["emissions", "primary inputs"])
def test_rows_that_do_not_balance_leave_the_rest_alone(content):
    """Terms trace final demand: their sums do not hang on the approach, the rest is visible."""
    case, mrio, x = unbalanced()
    A = case.Z / x
    B = np.linalg.inv(np.eye(case.n) - A)
    f = case.f if content == "emissions" else x - case.Z.sum(axis=0)
    m = (f / x) @ B
    X = (B @ case.demand).sum(axis=1)
    region = np.arange(case.n) // case.S
    source, sink = (gross_exports(mrio, content=content, approach=a) for a in ("source", "sink"))
    nine = gross_exports(mrio, content=content, method="koopman-wang-wei")
    for s in range(case.R):
        lost = sum(
            m[region == s] @ (A[np.ix_(region == s, region == r)] @ (x - X)[region == r])
            for r in range(case.R) if r != s
        )  # fmt: skip
        for found in (source, sink, nine):
            assert found.terms[-1] == "unallocated"
            assert found.value[s, -1] == pytest.approx(lost, rel=1e-9)
    if content == "primary inputs":
        # Other inputs are beside what is traced, so that the value of the rest stays alone too.
        added = gross_exports(case.mrio(x=x), content="value added", approach="sink")
        np.testing.assert_allclose(added.value[:, -1], sink.value[:, -1], rtol=1e-9)
    for term in (BACK, DOMESTIC_TWICE, FOREIGN, FOREIGN_TWICE):
        k = source.terms.index(term)
        np.testing.assert_allclose(sink.value[:, k], source.value[:, k], rtol=1e-10)
    np.testing.assert_allclose(sink.value[:, :2].sum(axis=1), source.value[:, :2].sum(axis=1),
                               rtol=1e-10)  # fmt: skip
    assert abs(source.value[:, -1]).max() > 1e-4 * source.value.sum()


def test_sales_to_a_sector_without_output_are_not_counted_twice():
    mrio = mc.MRIO.from_arrays(
        Z=[[10, 5, 3], [5, 10, 0], [0, 0, 0]], Y=[[80, 5, 1], [10, 75, 1], [0, 0, 0]],
        regions=["A", "B", "C"], sectors=["1"],
    )  # fmt: skip
    for approach in ("source", "sink"):
        found = gross_exports(mrio, content="primary inputs", approach=approach)
        # 3 go to the sector of C that makes nothing: they end in no final demand.
        assert found["A", "unallocated"] > 2.8
        assert found["A", DOMESTIC_TWICE] < 0.04


@given(small)
def test_nine_terms_by_their_definitions(case):
    """Koopman, Wang & Wei's terms one by one, with explicit inverses and loops."""
    dense = Dense(case, intensity(case))
    R, of, A, Y, B, q = dense.R, dense.of, dense.A, dense.Y, dense.B, dense.q
    local = [np.linalg.inv(np.eye(dense.S) - A[of[r], of[r]]) for r in range(R)]
    E = [sum(dense.flow(s, r)[of[s]] for r in range(R)) for s in range(R)]
    found = gross_exports(case.mrio(), method="koopman-wang-wei").value

    def got(t, s, u):
        return q[of[t]] @ B[of[t], of[s]] @ u

    for s in range(R):
        away = [r for r in range(R) if r != s]
        final = sum(Y[of[s], r] for r in away)
        used = sum(A[of[s], of[r]] @ local[r] @ Y[of[r], r] for r in away)
        passed = sum(A[of[s], of[r]] @ local[r] @ E[r] for r in away)
        close(found[s], [
            got(s, s, final),
            sum(got(s, r, Y[of[r], r]) for r in away),
            sum(got(s, r, Y[of[r], t]) for r in away for t in away if t != r),
            sum(got(s, r, Y[of[r], s]) for r in away),
            sum(got(s, r, A[of[r], of[s]] @ local[s] @ Y[of[s], s]) for r in away),
            sum(got(s, r, A[of[r], of[s]] @ local[s] @ E[s]) for r in away),
            sum(got(t, s, final) for t in away),
            sum(got(t, s, used) for t in away),
            sum(got(t, s, passed) for t in away),
        ], case)  # fmt: skip


def test_emissions_of_exporters_must_not_be_added_up():
    found = gross_exports(toy())
    assert not found.additive and any("must not be added" in n.text for n in found.notes)
    money = gross_exports(toy(), content="primary inputs")
    assert money.additive and not any("must not be added" in n.text for n in money.notes)


def test_value_added_in_exports_is_that_of_the_table():
    case = random_case(3, 3, 2)
    found = gross_exports(case.mrio(), content="value added")
    dense = Dense(case, case.value_added / case.x)
    for s in range(case.R):
        whole = sum(dense.q @ dense.B @ dense.flow(s, r) for r in range(case.R))
        assert found.value[s, :-1].sum() == pytest.approx(whole, rel=1e-10)
