"""The US Life Cycle Inventory: what was read, and that bw2calc gets the same from it."""

import warnings

import numpy as np
import pytest

from mriocarbon.errors import InputError
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.lci import factor, left_out
from mriocarbon.lca.loops import reached
from mriocarbon.lca.system import System


def test_what_was_read(library, us):
    assert len(library.processes) == 639
    assert sum(len(p.exchanges) for p in library.processes) == 45_017
    assert us.A.shape == (814, 814) and us.B.shape == (2859, 814)
    # nothing is lost: every exchange of what was linked is a term or is listed
    reasons = {one.reason for one in us.unlinked}
    assert reasons == {"cut-off flow", "ecosystem service", "waste without treatment",
                       "no producer", "other unit"}  # fmt: skip


def test_a_process_that_eats_itself_is_named(library):
    with pytest.raises(InputError, match="takes as much of its product") as caught:
        System.of(library.processes, allocation="mass", fallback="reference", several="mix",
                  missing="leave")  # fmt: skip
    assert "Aluminum, sheet, coated, at plant" in caught.value.where


def test_balance_and_what_is_left_out(us):
    solved = factor(us)
    method = gwp_method(us)
    lci = solved.inventory({"Portland cement, at plant": 1.0})
    found = climate(lci, method)
    assert found.total == pytest.approx(float(method.total @ lci.flows), rel=1e-12)
    assert sum(found.by_gas.values()) == pytest.approx(found.total, rel=1e-12)
    assert abs(us.A @ lci.scaling - lci.demand).max() < 1e-12
    assert lci.error < 1e-10
    assert found.total > 0 and left_out(lci)
    # what is not reached has no part in it
    start = np.array([us.position["Portland cement, at plant"]])
    outside = np.setdiff1d(np.arange(len(us.processes)), reached(us.A, start))
    assert (lci.scaling[outside] == 0).all()


# What two refinements in double precision leave in the place of a zero, relative to the largest
# scaling: the square of the rounding, summed over some 800 processes.
NOTHING_LEFT = 814 * np.finfo(float).eps ** 2


def _apart(theirs, ours, gross):
    """Which entries differ by more than 1e-9 of `gross`, which is their own size where possible."""
    return np.flatnonzero(np.abs(theirs - ours) > 1e-9 * gross)


def test_bw2calc_gets_the_same(us):
    """Score, every scaling and every flow to 1e-9; each of its own size, not of the largest.

    bw2calc solves once and does not refine. Its score is right as it stands. Of the 2,859 flows
    some rest on scalings of 1e-15 of the largest, which one solve cannot give to nine digits: they
    are compared after bw2calc's own factors have refined its own answer twice.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bw2calc = pytest.importorskip("bw2calc", reason="needs the extra [lca]")
        bwp = pytest.importorskip("bw_processing", reason="needs the extra [lca]")
    n, k, c = len(us.processes), len(us.flows), gwp_method(us).total
    terms, package = us.terms, bwp.create_datapackage()

    def put(matrix, row, column, value):
        pairs = np.array(list(zip(row, column, strict=True)), dtype=bwp.INDICES_DTYPE)
        package.add_persistent_vector(matrix=matrix, indices_array=pairs, data_array=value)

    b = terms.intervention
    put("technosphere_matrix", terms.row[~b], terms.column[~b], terms.value[~b])
    put("biosphere_matrix", terms.row[b] + n, terms.column[b], terms.value[b])
    put("characterization_matrix", np.arange(k) + n, np.arange(k) + n, c)
    solved, absolute, compared = factor(us), abs(us.B), 0
    some = [*range(0, n, 20), us.position["Portland cement, at plant"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = bw2calc.LCA(demand={some[0]: 1.0}, data_objs=[package])
        theirs.lci(factorize=True)
        theirs.lcia()
        order = np.array([theirs.dicts.activity[j] for j in range(n)])
        rows = np.array([theirs.dicts.biosphere[j + n] for j in range(k)])
        for which in some:
            theirs.lcia(demand={which: 1.0})
            f = np.zeros(n)
            f[which] = 1.0
            lci = solved.inventory(f)
            s, most = lci.scaling, np.abs(lci.scaling).max()
            # 1. as they give it
            assert abs(theirs.score - float(c @ lci.flows)) <= 1e-9 * np.abs(c * lci.flows).sum()
            assert np.abs(theirs.supply_array[order] - s).max() <= 1e-9 * most
            # 2. refined by their own factors
            x = theirs.supply_array.copy()
            for _ in range(2):
                x += theirs.solver(theirs.demand_array - theirs.technosphere_matrix @ x)
            x = x[order]
            size = np.abs(s) + 1e9 * NOTHING_LEFT * most
            assert not len(_apart(x, s, size))
            # of processes that are not reached theirs holds rounding (see above), ours nothing
            x[s == 0] = 0.0
            back = np.empty(n)
            back[order] = x
            flows = np.asarray(theirs.biosphere_matrix @ back)[rows]
            gross = absolute @ np.abs(s)
            assert not len(_apart(flows, lci.flows, gross))
            compared += int((gross > 0).sum())
            # 3. the comparison sees an error of 1e-8 in any one process, however small
            met = np.abs(s) > 1e9 * NOTHING_LEFT * most
            assert (
                _apart(x, s * (1 + 1e-8), size)[: met.sum()].tolist()
                == np.flatnonzero(met).tolist()
            )
            wrong = lci.flows * (1 + 1e-8)
            clear = np.abs(lci.flows) > 0.5 * gross  # flows that do not cancel
            assert set(np.flatnonzero(clear)) <= set(_apart(flows, wrong, gross))
    assert compared > 15_000
