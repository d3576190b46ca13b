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


def test_bw2calc_gets_the_same(us):
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
    solved, worst = factor(us), 0.0
    some = [*range(0, n, 20), us.position["Portland cement, at plant"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = bw2calc.LCA(demand={some[0]: 1.0}, data_objs=[package])
        theirs.lci(factorize=True)
        theirs.lcia()
        for which in some:
            theirs.lcia(demand={which: 1.0})
            f = np.zeros(n)
            f[which] = 1.0
            lci = solved.inventory(f)
            score = float(c @ lci.flows)
            size = float(np.abs(c * lci.flows).sum())
            assert abs(theirs.score - score) <= 1e-9 * size
            order = np.array([theirs.dicts.activity[j] for j in range(n)])
            near = 1e-12 * max(1.0, np.abs(lci.scaling).max())
            assert np.allclose(theirs.supply_array[order], lci.scaling, rtol=1e-9, atol=near)
            flows = np.asarray(theirs.inventory.sum(axis=1)).ravel()
            rows = np.array([theirs.dicts.biosphere[j + n] for j in range(k)])
            gross = abs(us.B) @ np.abs(lci.scaling)
            met = gross > 0
            gap = np.abs(flows[rows] - lci.flows)
            # of processes that the demand does not reach theirs holds rounding, ours nothing
            stray = np.abs(theirs.supply_array[order]) * (lci.scaling == 0)
            assert stray.max() < 1e-12
            # their solve is not refined: flows of 1e-15 carry the error that their residual tells
            rest = solved.solve(f - us.A @ theirs.supply_array[order])[0]
            assert np.abs(rest).max() < 1e-12 * np.abs(lci.scaling).max()
            allowed = 1e-9 * gross + 1.001 * (abs(us.B) @ np.maximum(np.abs(rest), stray))
            assert (gap <= allowed).all()
            met &= 1e-9 * gross >= abs(us.B) @ np.abs(rest)
            assert met.sum() >= 0.8 * (gross > 0).sum()
            worst = max(worst, float((gap[met] / gross[met]).max(initial=0.0)))
    assert worst <= 1e-9
