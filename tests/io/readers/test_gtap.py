"""GTAP: identities of the proportional rules, har and csv, both generations of names."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from mriocarbon.errors import DataFileError, InputError, LabelError, NotAvailableError, TableWarning
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.gtap import NEEDED, OLDER, OPTIONAL, READER
from tests.io.writers.gtap import SETS, made, older, write_csv, write_har

# Names before and since version 7, verbatim from david-baumann/GTAP_MRIOT_mapping
# 83a515c97ad42cbcaa0df9300f2ed2dc30eb21cb ReadMe.md.
VERBATIM = """
|Domestic Z|vdfm|VDFB|
|Domestic F|vdpm|VDPB|
|Domestic F |vdgm|VDGB|
|Domestic F |vdkm|VDIB|
|Domestic F |vst|VST|
|International Z & F|vxmd|VXSB|
|International Z & F|vifm|VMFB|
|International Z & F|vims|VMSB|
|International Z & F|vipm|VMPB|
|International Z & F|vigm|VMGB|
|International Z & F|vikm|VMIB|
|Value added|vfm|EVFM|
"""


def read(path, **options):
    return READER.read(Archive(Path(path)), **options)


def cube(mrio, d, sets):
    """Z and Y as (region, good, region, use)."""
    R, N = len(sets["REG"]), len(sets["COMM"])
    Z = mrio.Z.reshape(R, N, R, N)
    return np.concatenate([Z, mrio.Y.reshape(R, N, R, 3)], axis=3)


def test_verbatim_names():
    for line in VERBATIM.strip().splitlines():
        _, _, old, new, _ = line.split("|")
        ours = OLDER.get(old.upper(), old.upper())
        assert ours == OLDER.get(new, new) and ours in (*NEEDED, *OPTIONAL)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    d, sets = made()
    path = write_har(tmp_path_factory.mktemp("gtap") / "basedata2017.har", d, sets)
    with warnings.catch_warnings():
        warnings.simplefilter("error", TableWarning)
        return d, sets, path, read(path)


def test_identities(base):
    d, sets, path, mrio = base
    assert READER.recognises(Archive(path)) and READER.years(Archive(path)) == (2017,)
    assert (mrio.regions, mrio.sectors, mrio.year) == (sets["REG"], sets["COMM"], 2017)
    flows = cube(mrio, d, sets)
    # 3. what the pool gives is what it takes, by margin and supplying region
    without = flows.copy()
    domestic = np.concatenate(
        [d["VDFB"], np.stack([d["VDPB"], d["VDGB"], d["VDIB"]], axis=1)], axis=1
    )
    for r in range(3):
        without[r, :, r] -= domestic[:, :, r]
    traded = without.sum(axis=(2, 3)).T  # good, source: trade and, of margins, the pool
    expected = d["VXSB"].sum(axis=2)
    expected[2:] += d["VST"]
    np.testing.assert_allclose(traded, expected, rtol=1e-6)
    # 2. goods that are no margin: every bilateral flow is kept
    bilateral = without.sum(axis=3).transpose(1, 0, 2)
    np.testing.assert_allclose(bilateral[:2], d["VXSB"][:2], rtol=1e-9, atol=1e-9)
    # and uses of an origin are in proportion to uses of all imports
    imports = np.concatenate(
        [d["VMFB"], np.stack([d["VMPB"], d["VMGB"], d["VMIB"]], axis=1)], axis=1
    )
    share = imports[1, :, 2] / imports[1, :, 2].sum()
    np.testing.assert_allclose(without[0, 1, 2] / without[0, 1, 2].sum(), share, rtol=1e-9)
    # the margin on a use, by hand: good 0 and 1 from all regions into region 1, use 2, supplier 0
    by_hand = 0.0
    for i in range(4):
        of_use = imports[i, 2, 1] / imports[i, :, 1].sum()
        by_hand += d["VTWR"][0, i, :, 1].sum() * of_use
    by_hand *= d["VST"][0, 0] / d["VST"][0].sum()
    trade = d["VXSB"][2, 0, 1] * imports[2, 2, 1] / imports[2, :, 1].sum()
    assert without[0, 2, 1, 2] == pytest.approx(by_hand + trade, rel=1e-9)
    # outlay is output
    outlay = mrio.Z.sum(0) + mrio.other_inputs.total + mrio.value_added.sum(0)
    np.testing.assert_allclose(outlay, mrio.x, rtol=1e-5)
    made_output = d["MAKB"].sum(axis=0).T.reshape(-1)
    np.testing.assert_allclose(mrio.x, made_output, rtol=1e-5)
    # what final users pay is what GTAP says they pay
    paid = mrio.Y.sum(0) + mrio.other_inputs.final_demand.sum(0)
    told = np.stack([(d[f"VD{u}P"] + d[f"VM{u}P"]).sum(axis=0) for u in "PGI"], axis=1).reshape(-1)
    np.testing.assert_allclose(paid, told, rtol=1e-5)


def test_estimates_are_marked(base):
    _, _, _, mrio = base
    marked = mrio.estimated["Z"].reshape(3, 4, 3, 4)
    assert not marked[0, :2, 0].any() and marked[0, 2:, 0].all() and marked[0, :, 1].all()
    assert any(n.estimated and "Peters" in n.text for n in mrio.notes)
    assert any("SAVE" in n.text and "H1" in n.text for n in mrio.notes)
    assert len(mrio.provenance.steps) == 2 and mrio.price_basis == "basic"
    assert "taxes less subsidies on output" in mrio.value_added_rows


def test_csv_and_older_names_give_the_same_table(base, tmp_path):
    d, sets, _, mrio = base
    ours = read(write_csv(tmp_path / "2017", d, sets, reverse=True))
    order = [ours.index.pairs.index(p) for p in mrio.index.pairs]
    np.testing.assert_allclose(ours.Z[np.ix_(order, order)], mrio.Z, rtol=1e-12, atol=1e-12)
    old, old_sets = older(d, sets)
    names = {name: SETS[OLDER.get(name, name)] for name in old}
    names |= {"VFM": ("ENDW", "COMM", "REG"), "EVFA": ("ENDW", "COMM", "REG")}
    path = write_har(tmp_path / "gsddat.har", old, old_sets, names)
    back = read(path, year=2011)
    np.testing.assert_allclose(back.Z, mrio.Z, rtol=1e-12)
    np.testing.assert_allclose(back.Y, mrio.Y, rtol=1e-12)
    # without make matrices the tax on output is a residual, and marked
    assert back.value_added_rows[-1].endswith("(residual)") and back.year == 2011
    assert back.estimated["value_added"][-1].all() and not back.estimated["value_added"][:-1].any()
    np.testing.assert_allclose(back.value_added.sum(0), mrio.value_added.sum(0), rtol=1e-4)


def test_a_pool_that_does_not_close_is_told(tmp_path):
    d, sets = made()
    d["VST"] = d["VST"] * 1.01
    with pytest.warns(TableWarning, match=r"pool.*OTP|pool.*WTP"):
        mrio = read(write_har(tmp_path / "b.har", d, sets))
    assert any("pool" in n.text for n in mrio.notes)


def test_trade_without_use_is_carried(tmp_path):
    d, sets = made()
    for key in ("VMFB", "VMPB", "VMGB", "VMIB"):
        d[key][0, ..., 1] = 0
    with pytest.warns(TableWarning):
        mrio = read(write_har(tmp_path / "b.har", d, sets))
    told = mrio.other_uses.row("trade without use").reshape(3, 4)
    np.testing.assert_allclose(told[:, 0], d["VXSB"][0, :, 1])


def test_hostile_data_bases(tmp_path):
    d, sets = made()
    path = write_har(tmp_path / "b.har", {k: v for k, v in d.items() if k != "VTWR"}, sets)
    with pytest.raises(DataFileError, match="missing: VTWR"):
        read(path)
    path = write_har(tmp_path / "b.har", d, sets)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataFileError, match="damaged"):
        read(path)
    path = write_har(tmp_path / "b.har", d, {**sets, "ACTS": tuple("WXYZ")})
    with pytest.raises(NotAvailableError, match="activities and commodities"):
        read(path)
    folder = write_csv(tmp_path / "c", d, sets)
    text = (folder / "VST.csv").read_text()
    (folder / "VST.csv").write_text(text.replace(",", ";").replace(".", ","))
    with pytest.raises(InputError, match=r"decimal comma[\s\S]*VST.csv"):
        read(folder)
    (folder / "VST.csv").write_text(text.replace("AAA", "QQQ"))
    with pytest.raises(LabelError, match=r"VST has elements.*QQQ"):
        read(folder)
    (folder / "VST.csv").write_text(text + text.splitlines()[1] + "\n")
    with pytest.raises(LabelError, match="twice"):
        read(folder)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.har").write_bytes(b"text")
    assert not READER.recognises(Archive(tmp_path / "d"))
