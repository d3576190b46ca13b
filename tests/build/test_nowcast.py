"""Nowcasting: totals are met, everything is marked, and a real table gets nearer to the truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.build.nowcast import nowcast
from mriocarbon.errors import InputError, LabelError, MriocarbonWarning, UnknownNameError

REGIONS, SECTORS = ["A", "B", "C"], ["1", "2"]


def table(seed: int = 0):
    rng = np.random.default_rng(seed)
    Y = rng.lognormal(mean=3, size=(6, 6))
    Y[1, 3] = -0.5  # inventories
    return mc.MRIO.from_arrays(
        Z=rng.lognormal(size=(6, 6)), Y=Y, regions=REGIONS, sectors=SECTORS,
        categories=["consumption", "inventories"], stressors={"CO2": rng.lognormal(size=6)},
        households={"CO2": [1, 2, 3]}, units="Mt CO2", year=2020,
    )  # fmt: skip


def flows(mrio):
    """Between regions, intermediate and final."""
    return sum(M.reshape(3, 2, 3, 2).sum(axis=(1, 3)) for M in (mrio.Z, mrio.Y))


def gdp_of(mrio):
    return mrio.primary_inputs.reshape(3, 2).sum(axis=1)


def test_totals_are_met():
    old = table()
    T = flows(old) * np.array([[1, 1.1, 0.9], [1.2, 1, 1], [0.95, 1.05, 1]])
    np.fill_diagonal(T, 0)
    gdp = gdp_of(old) * [1.05, 0.98, 1.1]
    for trade in (None, {"exports": T.sum(axis=1), "imports": T.sum(axis=0)}, T):
        new = nowcast(
            old, 2021, gdp=dict(zip(REGIONS, gdp, strict=True)), trade=trade,
            emissions={"CO2": [4, 5, 6]},
        )  # fmt: skip
        np.testing.assert_allclose(gdp_of(new), gdp, rtol=1e-6)
        np.testing.assert_allclose(new.Z.sum(axis=1) + new.Y.sum(axis=1), new.x, rtol=1e-7)
        assert np.array_equal(np.sign(new.Y), np.sign(old.Y))
        if trade is not None:
            found = flows(new)
            np.fill_diagonal(found, 0)
            np.testing.assert_allclose(found.sum(axis=1), T.sum(axis=1), rtol=1e-6)
            np.testing.assert_allclose(found.sum(axis=0), T.sum(axis=0), rtol=1e-6)
        F = new.extensions["emissions"].F.reshape(3, 2)
        np.testing.assert_allclose(F.sum(axis=1), [4, 5, 6])
        assert new.year == 2021 and np.isnan(new.extensions["emissions"].F_Y).all()
        assert all(new.estimated[k].all() for k in ("Z", "Y", "x"))
        assert any(note.estimated for note in new.notes)
        assert "carried from 2020 to 2021" in new.provenance.steps[-1]
    np.testing.assert_allclose(found, T, rtol=1e-6)


def test_its_own_totals_change_nothing():
    old = table()
    new = nowcast(old, 2021, gdp=gdp_of(old), trade=flows(old))
    np.testing.assert_allclose(new.Z, old.Z, rtol=1e-6)
    np.testing.assert_allclose(new.extensions["emissions"].F, old.extensions["emissions"].F)


def test_bad_totals():
    old = table()
    with pytest.raises(LabelError, match="missing C"):
        nowcast(old, 2021, gdp={"A": 1, "B": 2})
    with pytest.raises(InputError, match="GDP given is not positive"):
        nowcast(old, 2021, gdp=[100, -1, 100])
    with pytest.raises(InputError, match="apart"):
        nowcast(old, 2021, gdp=gdp_of(old), trade={"exports": [9, 9, 9], "imports": [9, 9, 10]})
    with pytest.raises(UnknownNameError):
        nowcast(old, 2021, gdp=gdp_of(old), emissions={"SF6": [1, 1, 1]})


def test_a_real_year(data_folder):
    """WIOD 2010 carried to 2011 is nearer to 2011 than 2010 scaled by GDP."""
    with np.load(data_folder / "wiod2013" / "wiod2013_1995_2011_int32.npz") as d:
        names = d["countries"].tolist(), d["industries"].tolist()
        raw = {y: [d[f"{k}_{y}"].astype(float) for k in "ZYx"] for y in (2010, 2011)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        old, true = (
            mc.MRIO.from_arrays(Z=Z, Y=Y, x=x, regions=names[0], sectors=names[1],
                                categories=list("hngki"), year=y)
            for y, (Z, Y, x) in raw.items()
        )  # fmt: skip
        new = nowcast(old, 2011, gdp=true.primary_inputs)
    growth = true.primary_inputs.reshape(41, 35).sum(axis=1)
    growth = growth / old.primary_inputs.reshape(41, 35).sum(axis=1)
    scaled = np.abs(old.Z * np.repeat(growth, 35) - true.Z).sum()
    assert np.abs(new.Z - true.Z).sum() < 0.8 * scaled
