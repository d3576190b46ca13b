"""EMERGING: the embedded table through MATLAB's layout, subsets, hostile files."""

import subprocess
import sys
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import DataFileError, ShapeError, TableWarning, UnknownNameError
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.emerging import FUELS, READER
from tests.io.writers.emerging import write_emerging

# Names of the arrays, verbatim from it-is-me-mario/MARIO 149ce9560f6ee1a814e4e2e7f91ac3fa6d208d06
# mario/parsers/emerging.py (_resolve_emerging_container); final demand from its
# _EMERGING_FINAL_LABELS.
REQUIRED = {"z", "f", "va", "X", "country_list", "sector_list", "final_list"}
FINALS = ["household", "government", "capital"]


@pytest.fixture(scope="module")
def arrays():
    icio = mc.load("oecd-icio-2022")
    R = len(icio.regions)
    Y = np.repeat(icio.final_demand, 3, axis=1) / 3
    va = icio.x - icio.Z.sum(axis=0)
    x = icio.Z.sum(1) + Y.sum(1)
    sectors = [f"{k:02d} {s}" for k, s in enumerate(icio.sectors, 1)]
    assert R == 20
    return icio.Z, Y, va, x, list(icio.regions), sectors, FINALS


def read(path, year=None, **options):
    return READER.read(Archive(Path(path)), year, **options)


@pytest.mark.parametrize(
    "name, group", [("global_mrio_2018.mat", None), ("EMERGING_V2_2018_m.mat", "EMERGING_V2_2018")]
)
def test_reads_back_exactly(tmp_path, arrays, name, group):
    path = write_emerging(tmp_path / name, *arrays, group=group)
    with h5py.File(path) as file:
        assert set(file[group] if group else file) >= REQUIRED
    told = []
    archive = Archive(path, told.append)
    assert READER.recognises(archive) and READER.years(archive) == (2018,)
    mrio = READER.read(archive)
    Z, Y, va, x, regions, sectors, finals = arrays
    for ours, written in ((mrio.Z, Z), (mrio.Y, Y), (mrio.value_added[0], va), (mrio.x, x)):
        np.testing.assert_array_equal(ours, written)
    assert (mrio.regions, mrio.sectors, mrio.categories) == (
        tuple(regions), tuple(sectors), tuple(finals)
    )  # fmt: skip
    assert not mrio.notes and mrio.other_inputs is None and told[-1].done == told[-1].total


def test_orientation_is_decided_by_balance(tmp_path, arrays):
    path = write_emerging(tmp_path / "global_mrio_2018.mat", *arrays, transposed=False)
    mrio = read(path)
    np.testing.assert_array_equal(mrio.Z, arrays[0])
    assert any("supplier by user" in note.text for note in mrio.notes)


@pytest.mark.parametrize("transposed", [True, False])
def test_a_subset_is_closed_by_named_sides(tmp_path, arrays, transposed):
    path = write_emerging(tmp_path / "global_mrio_2018.mat", *arrays, transposed=transposed)
    Z, Y, va, x, regions, sectors, _ = arrays
    keep = [regions[7], regions[2]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mrio = read(path, regions=keep)
    S = len(sectors)
    at = np.concatenate([np.arange(7 * S, 8 * S), np.arange(2 * S, 3 * S)])
    cols = np.array([21, 22, 23, 6, 7, 8])
    np.testing.assert_array_equal(mrio.Z, Z[np.ix_(at, at)])
    np.testing.assert_array_equal(mrio.Y, Y[np.ix_(at, cols)])
    np.testing.assert_array_equal(mrio.x, x[at])
    uses = mrio.Z.sum(1) + mrio.Y.sum(1) + mrio.other_uses.total
    np.testing.assert_allclose(uses, mrio.x, rtol=1e-10)
    inputs = mrio.Z.sum(0) + mrio.value_added.sum(0) + mrio.other_inputs.total
    np.testing.assert_allclose(inputs, (Z.sum(0) + va)[at], rtol=1e-9)
    whole = mrio.Y.sum(0) + mrio.other_inputs.final_demand[0]
    np.testing.assert_allclose(whole, Y[:, cols].sum(0), rtol=1e-9)
    assert "2 of 20 economies kept" in mrio.provenance.steps[0]
    with pytest.raises(UnknownNameError, match="region"):
        read(path, regions=["XXX"])


def test_carbon_beside_the_table(tmp_path, arrays):
    from scipy.io import savemat

    path = write_emerging(tmp_path / "global_mrio_2018.mat", *arrays)
    n = len(arrays[3])
    co2 = np.arange(7.0 * n).reshape(n, 7)
    savemat(tmp_path / "EMERGING_CO2_2018.mat", {"CO2": co2})
    with pytest.warns(TableWarning, match="zero output still emit"):
        mrio = READER.read(Archive(tmp_path))
    ext = mrio.extensions["CO2"]
    assert ext.stressors == tuple(f"CO2, {fuel}" for fuel in FUELS) and ext.F_Y is None
    np.testing.assert_array_equal(ext.F, co2.T)
    savemat(tmp_path / "short.mat", {"CO2": co2[1:]})
    with pytest.raises(ShapeError, match="no single array"):
        read(path, emissions=tmp_path / "short.mat")


def test_hostile_files(tmp_path, arrays):
    path = write_emerging(tmp_path / "global_mrio_2018.mat", *arrays)
    short = tmp_path / "global_mrio_2017.mat"
    short.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataFileError, match="truncated"):
        read(short)
    missing = write_emerging(tmp_path / "global_mrio_2016.mat", *arrays)
    with h5py.File(missing, "a") as file:
        del file["va"]
    with pytest.raises(DataFileError, match="missing: va"):
        read(missing)
    odd = write_emerging(tmp_path / "global_mrio_2015.mat", *arrays[:4], arrays[4][1:], *arrays[5:])
    with pytest.raises(ShapeError, match="z has shape"):
        read(odd)
    (tmp_path / "global_mrio_2014.mat").write_bytes(b"no matlab")
    assert not READER.recognises(Archive(tmp_path / "global_mrio_2014.mat"))


SCRIPT = """
import sys
import h5py, numpy, mriocarbon
from pathlib import Path
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers import emerging
emerging.BLOCK = 1 << 22
def peak():
    # ru_maxrss would start at the peak of the process that started this one
    with open("/proc/self/status") as told:
        return next(int(k.split()[1]) * 1024 for k in told if k.startswith("VmHWM"))
before = peak()
m = emerging.READER.read(Archive(Path(sys.argv[1])))
print((peak() - before) / (m.Z.nbytes + m.Y.nbytes))
"""


def test_memory_is_bounded(tmp_path):
    """1,600 sectors, with the block of rows in proportion to the table."""
    n, R = 1600, 20
    Z, Y = np.random.default_rng(1).random((n, n)), np.ones((n, R * 3))
    x = Z.sum(1) + Y.sum(1) + Z.sum(0)  # never mind the balance
    path = write_emerging(
        tmp_path / "global_mrio_2018.mat", Z, Y, x - Z.sum(0), x, [f"R{k:02d}" for k in range(R)],
        [f"s{k}" for k in range(n // R)], FINALS,
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert float(done.stdout) <= 1.6, done.stdout
