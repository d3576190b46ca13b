"""Completion: what is known stays, margins are met, the source's defects are told."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mriocarbon.build.complete import complete_final_demand
from mriocarbon.build.feasible import InfeasibleError
from mriocarbon.errors import InputError, MriocarbonWarning, TableWarning

R, S = 4, 5


def world(seed: int = 0):
    """A whole world, and what would be published of it: R regions known, one rest."""
    rng = np.random.default_rng(seed)
    n = (R + 1) * S
    Z = rng.lognormal(size=(n, n))
    F = rng.lognormal(mean=3, size=(n, R + 1))
    x = Z.sum(axis=1) + F.sum(axis=1)
    x_in = Z.sum(axis=0)
    k = R * S
    cells = F.reshape(R + 1, S, R + 1)
    home = cells[np.arange(R), :, np.arange(R)]
    away = cells.sum(axis=0).T[:R] - home
    added = 0.9 * (x - x_in)
    return {
        "regions": list("ABCD"), "sectors": [f"s{i}" for i in range(S)], "Z": Z[:k, :k],
        "x": x[:k], "domestic": home, "imported": away, "Z_from_rest": Z[k:, :k],
        "rest_output": x[k:], "rest_value_added": added[k:], "value_added": added[:k],
        "other_inputs": {"taxes": added[:k] / 9},
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_known_cells_stay_and_margins_are_met(seed):
    given = world(seed)
    mrio = complete_final_demand(**given)
    k = R * S
    Y = mrio.Y.reshape(R + 1, S, R + 1)
    home = Y[np.arange(R), :, np.arange(R)]
    assert np.array_equal(home, given["domestic"])
    assert np.array_equal(mrio.Z[:k, :k], given["Z"])
    assert np.array_equal(mrio.Z[k:, :k], given["Z_from_rest"])
    np.testing.assert_allclose(
        Y[:, :, :R].sum(axis=0).T - home, given["imported"], rtol=1e-9, atol=0
    )
    x = np.concatenate([given["x"], given["rest_output"]])
    np.testing.assert_allclose(mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1), x, rtol=1e-10)
    inputs = mrio.Z.sum(axis=0) + mrio.value_added.sum(axis=0) + mrio.other_inputs.total
    np.testing.assert_allclose(inputs, x, rtol=1e-10)
    assert (mrio.Y >= 0).all() and (mrio.Z >= 0).all()
    assert mrio.diagnostics == ()


def test_estimates_are_marked_and_told():
    mrio = complete_final_demand(**world())
    marks = mrio.estimated["Y"].reshape(R + 1, S, R + 1)
    for r in range(R):
        assert not marks[r, :, r].any()
    assert marks.sum() == marks.size - R * S
    assert np.broadcast_to(mrio.estimated["Z"], mrio.Z.shape)[:, R * S :].all()
    assert not np.broadcast_to(mrio.estimated["Z"], mrio.Z.shape)[:, : R * S].any()
    assert sum(note.estimated for note in mrio.notes) == 2
    assert "given its origin by RAS" in mrio.provenance.steps[-1]


def test_defects_are_told_and_kept():
    given = world()
    given["value_added"] = given["value_added"].copy()
    given["value_added"][3] += 50
    given["Z"] = given["Z"].copy()
    given["Z"][:, 2] *= 40
    given["x"] = given["x"] + (given["Z"] - world()["Z"]).sum(axis=1)
    with pytest.warns(TableWarning, match="A s2"):
        mrio = complete_final_demand(**given)
    text = " ".join(note.text for note in mrio.notes)
    assert "inputs above output in the source, kept as published: A s2" in text
    assert "do not balance" in text and "A s2 by -" in text
    assert np.array_equal(mrio.Z[: R * S, 2], given["Z"][:, 2])


def test_contradictions_are_refused_by_name():
    given = world()
    given["x"] = given["x"].copy()
    given["x"][6] -= 1e4
    with pytest.raises(InputError, match=r"\('B', 's1'\)"):
        complete_final_demand(**given)
    given = world()
    given["imported"] = given["imported"].copy()
    given["imported"][1, 2] = 1e6
    with pytest.raises(InfeasibleError, match="s2: final demand imports"):
        complete_final_demand(**given)
    with pytest.raises(InputError, match="mixing"):
        complete_final_demand(**world(), mixing=0)


def test_real_table(data_folder):
    from validation import run_completion
    from validation._check import Report

    with np.load(data_folder / "icio2022" / "icio2022_80x50_exact_f64.npz") as archive:
        e = {name: archive[name] for name in archive.files}
    report = Report("t")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        mrio = run_completion.build(report, e)
    run_completion.exact(report, mrio, e)
    assert set(report.statuses) == {"PASS"} and len(report.statuses) >= 9
