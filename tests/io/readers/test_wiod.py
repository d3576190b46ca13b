"""WIOD: releases 2013 (real numbers, pymrio as oracle) and 2016 (xlsb, calamine as oracle)."""

import gzip
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    NonFiniteError,
    NotAvailableError,
    TableWarning,
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.wiod import READER
from tests.io.writers.books import write_xlsb, write_xlsx
from tests.io.writers.wiod import OTHERS, SECTORS_2013, SECTORS_2016, made, sheet_2013, sheet_2016

TABLE_WARNING = "mriocarbon.errors.TableWarning"
# The header of the 2016 release as MARIO's test quotes it (two of 56 industries and 44 regions):
# it-is-me-mario/MARIO 43bee93f6cd4beb5ea8c8f844994df5ae8363257 tests/test_wiod_parser.py
VERBATIM_2016 = [
    ["Intercountry Input-Output Table", *[None] * 14],
    ["43 countries, in current prices", *[None] * 14],
    ["(industry-by-industry)", None, None, None, "A01", "C10-C12", "A01", "C10-C12",
     "CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN", "CONS_h", "GO"],
    ["(millions of US$)", None, None, None, "Agriculture", "Manufacturing", "Agriculture",
     "Manufacturing", "Households", "NPISH", "Government", "Gross fixed capital formation",
     "Changes in inventories and valuables", "Households", "Total output"],
    [None, None, None, None, "ITA", "ITA", "ROW", "ROW", "ITA", "ITA", "ITA", "ITA", "ITA",
     "ROW", "TOT"],
    [None, None, None, None, "c1", "c2", "c1", "c2", "c57", "c58", "c59", "c60", "c61", "c57",
     "c62"],
]  # fmt: skip
VERBATIM_ROWS = [
    ["II_fob", "Total intermediate consumption", "TOT", "r65"],
    ["TXSP", "taxes less subsidies on products", "TOT", "r66"],
    ["EXP_adj", "Cif/ fob adjustments on exports", "TOT", "r67"],
    ["PURR", "Direct purchases abroad by residents", "TOT", "r68"],
    ["PURNR", "Purchases on the domestic territory by non-residents ", "TOT", "r69"],
    ["VA", "Value added at basic prices", "TOT", "r70"],
    ["IntTTM", "International Transport Margins", "TOT", "r71"],
    ["GO", "Output at basic prices", "TOT", "r73"],
]
# The real table has industries that run at a loss.
LOSSES = pytest.mark.filterwarnings("ignore:5 columns have inputs above output:" + TABLE_WARNING)
OLD, NEW = "wiot11_row_sep12.xlsx", "WIOT2014_Nov16_ROW.xlsb"


@pytest.fixture(scope="module")
def real(data_folder):
    """Four regions of the real table of 2011, all 35 industries."""
    z = np.load(data_folder / "wiod2013" / "wiod2013_1995_2011_int32.npz", allow_pickle=True)
    countries = list(z["countries"])
    keep = [countries.index(c) for c in ("AUS", "CHN", "ROM", "USA")]
    at = np.concatenate([np.arange(35) + 35 * k for k in keep])
    cols = np.concatenate([np.arange(5) + 5 * k for k in keep])
    Z, Y = z["Z_2011"][np.ix_(at, at)], z["Y_2011"][np.ix_(at, cols)]
    return made(["AUS", "CHN", "ROM", "USA"], 35, Z=Z, Y=Y)


def read(path, **options):
    return READER.read(Archive(Path(path)), **options)


def same(mrio, t):
    np.testing.assert_array_equal(mrio.Z, t.Z)
    np.testing.assert_array_equal(mrio.Y, t.Y)
    np.testing.assert_array_equal(mrio.x, t.x)
    np.testing.assert_array_equal(mrio.value_added[0], t.va)
    np.testing.assert_array_equal(mrio.other_inputs.values, t.others)
    np.testing.assert_array_equal(mrio.other_inputs.final_demand, t.others_Y)
    assert len(mrio.other_inputs.labels) == len(OTHERS)
    assert mrio.value_added_rows == ("Value added at basic prices",)
    outlay = mrio.Z.sum(0) + mrio.value_added.sum(0) + mrio.other_inputs.total
    np.testing.assert_allclose(outlay, mrio.x, rtol=1e-12)


@LOSSES
def test_2013_reads_back_exactly(real, tmp_path):
    path = write_xlsx(tmp_path / OLD, {"WIOT_2011": sheet_2013(real)})
    assert READER.recognises(Archive(path)) and READER.years(Archive(path)) == (2011,)
    mrio = read(path)  # a total that does not agree would warn
    same(mrio, real)
    assert mrio.regions == ("AUS", "CHN", "ROU", "USA") and mrio.sectors == tuple(SECTORS_2013)
    assert mrio.categories[0] == "Final consumption expenditure by households"
    assert (mrio.year, mrio.money_unit, mrio.table_type) == (
        2011,
        "million USD",
        "industry-by-industry",
    )
    assert "ROU" in " ".join(mrio.provenance.steps) and not mrio.notes
    assert read(path, sectors="number").sectors[:2] == ("c1", "c2")
    assert read(path, sectors="name").sectors[0] == "Sector 1"


@LOSSES
def test_2013_equals_pymrio(real, tmp_path):
    import pymrio

    path = write_xlsx(tmp_path / OLD, {"WIOT_2011": sheet_2013(real)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pymrio.parse_wiod(path)
    mrio = read(path)
    np.testing.assert_array_equal(mrio.Z, theirs.Z.to_numpy())
    np.testing.assert_array_equal(mrio.Y, theirs.Y.to_numpy())
    assert list(theirs.Z.index) == list(mrio.index.pairs)
    # what pymrio keeps in one extension: our value added and other inputs
    ours = np.vstack([mrio.other_inputs.values[:4], mrio.value_added, mrio.other_inputs.values[4:]])
    np.testing.assert_array_equal(ours, theirs.factor_inputs.F.to_numpy())


# made-up numbers below a real header: the last row is no sum of anything
@pytest.mark.filterwarnings("ignore:row Output at basic prices:" + TABLE_WARNING)
def test_2016_verbatim_header(tmp_path):
    body = [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0] for _ in range(4)]
    left = [
        ["A01", "Agriculture", "ITA", "r1"], ["C10-C12", "Manufacturing", "ITA", "r2"],
        ["A01", "Agriculture", "ROW", "r3"], ["C10-C12", "Manufacturing", "ROW", "r4"],
    ]  # fmt: skip
    rows = [[*a, *b, sum(b)] for a, b in zip(left, body, strict=True)]
    rows += [[*a, *[1.0] * 4, *[0.0] * 6, 4.0] for a in VERBATIM_ROWS]
    path = write_xlsb(tmp_path / NEW, {"2014": VERBATIM_2016 + rows})
    # the quoted header has only one final demand column of ROW: an incomplete region is an error
    with pytest.raises(LabelError, match=r"missing|final demand"):
        read(path)
    head = [[c for k, c in enumerate(r) if k not in (9, 10, 11, 12)] for r in VERBATIM_2016]
    rows = [[c for k, c in enumerate(r) if k not in (9, 10, 11, 12)] for r in rows]
    for row in rows[:4]:
        row[-1] = 1 + 2 + 3 + 4 + 5 + 10
    path = write_xlsb(tmp_path / NEW, {"2014": head + rows})
    with pytest.warns(TableWarning, match="Total intermediate consumption"):
        mrio = read(path)
    assert mrio.regions == ("ITA", "ROW") and mrio.sectors == ("A01", "C10-C12")
    assert mrio.categories == ("CONS_h",) and mrio.value_added_rows == (
        "Value added at basic prices",
    )
    assert mrio.other_inputs.labels == tuple(
        r[1].strip() for r in VERBATIM_ROWS if r[0] not in ("II_fob", "VA", "GO")
    )


def test_2016_xlsb_reads_back_and_calamine_agrees(tmp_path):
    import python_calamine

    t = made(["ITA", "NLD", "ROW"], 56)
    t.Z[5, 7], t.Z[6, 7], t.Z[8, 8] = 12.0, -7.25, 0.01  # RK: whole, cents, negative
    path = write_xlsb(tmp_path / NEW, {"Notes": [["x"]], "2014": sheet_2016(t)})
    mrio = read(path)
    same(mrio, t)
    assert mrio.sectors == tuple(SECTORS_2016) and mrio.year == 2014
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("2014").to_python()
    theirs = np.array([row[4 : 4 + 168] for row in sheet[6 : 6 + 168]], float)
    np.testing.assert_array_equal(mrio.Z, theirs)


def accounts(t, *, without=(), zero=()):
    sheets = {"Notes": [["CO2 emissions, kt"]], "Sector": [["A01", "Crop"]]}
    for k, region in enumerate(t.regions):
        if region not in without:
            rows = [[None, "2013", "2014"]]
            rows += [
                [c, 0.5, 0.0 if region in zero else 100.0 * k + j]
                for j, c in enumerate(SECTORS_2016)
            ]
            sheets[region.title()] = [*rows, ["FC_HH", 1.0, 7.0 + k]]
    return sheets


def test_jrc_accounts_missing_is_not_zero(tmp_path):
    t = made(["ITA", "NLD", "ROW"], 56)
    path = write_xlsb(tmp_path / NEW, {"2014": sheet_2016(t)})
    co2 = write_xlsx(tmp_path / "CO2 emissions.xlsx", accounts(t, without=["NLD"]))
    mrio = read(path, emissions=co2)
    ext = mrio.extensions["CO2"]
    assert ext.units == ("kt",) and ext.F[0, 3] == 3.0 and ext.F[0, 112 + 5] == 205.0
    assert ext.F_Y[0, 0] == 7.0 and ext.F_Y[0, 1] == 0.0 and np.isnan(ext.F_Y[0, 5])
    assert any("NLD is missing" in n.text and n.estimated for n in ext.notes)
    zeros = write_xlsx(tmp_path / "CO2 emissions.xlsx", accounts(t, zero=["NLD"]))
    assert any(
        "NLD is missing" in n.text for n in read(path, emissions=zeros).extensions["CO2"].notes
    )
    old = made(["ITA", "NLD", "ROW"], 35)
    older = write_xlsx(tmp_path / OLD, {"WIOT_2011": sheet_2013(old)})
    with pytest.raises(LabelError, match=r"no region|no industry"):
        read(older, emissions=co2, year=2011)


def test_jrc_csv_of_the_data_folder(data_folder, tmp_path):
    t = made(["AUT", "NLD", "ROW"], 56)
    path = write_xlsb(tmp_path / NEW, {"2014": sheet_2016(t)})
    source = data_folder / "wiod2013" / "jrc_co2_wiod2016_2000_2014.csv.gz"
    ext = read(path, emissions=source).extensions["CO2"]
    lines = [r.split(",") for r in gzip.decompress(source.read_bytes()).decode().split()]
    told = sum(float(r[3]) for r in lines[1:] if r[0] in ("AUT", "RoW") and r[1] == "2014")
    assert ext.F.sum() == pytest.approx(told, rel=1e-12) and ext.F_Y is None
    assert any("NLD" in n.text for n in ext.notes)


def changed(t, change, tmp_path, name=OLD):
    rows = sheet_2013(t)
    change(rows)
    return write_xlsx(tmp_path / name, {"WIOT_2011": rows})


def test_hostile_workbooks(tmp_path):
    t = made(["AUS", "ROM"], 3)

    def expect(change, error, match):
        with pytest.raises(error, match=match):
            read(changed(t, change, tmp_path))

    expect(lambda r: r[7].__setitem__(5, None), NonFiniteError, "empty.*AUS c2[\\s\\S]*row 8")
    expect(lambda r: r[7].__setitem__(5, "1,5"), InputError, "'1,5' is no number[\\s\\S]*row 8")
    expect(lambda r: r.pop(8), DataFileError, "no row: AUS 15t16")
    expect(lambda r: r.insert(9, r[8]), LabelError, "stands twice")
    expect(lambda r: r[6].append(3.0), LabelError, "right of the last")
    expect(lambda r: r[0].__setitem__(0, "Table for 1999"), DataFileError, "2011.*1999")
    expect(lambda r: [row.pop(4) for row in r[2:]], LabelError, "AtB|missing")
    expect(lambda r: r.clear() or r.append(["nothing"]), DataFileError, "no header")
    path = changed(t, lambda r: None, tmp_path)
    (tmp_path / "cut").mkdir()
    short = tmp_path / "cut" / OLD
    short.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataFileError, match="truncated"):
        read(short)
    binary = write_xlsb(tmp_path / NEW, {"2014": sheet_2016(made(["ITA", "ROW"], 3))})
    (tmp_path / "cut" / NEW).write_bytes(binary.read_bytes()[: binary.stat().st_size // 2])
    with pytest.raises(DataFileError, match="truncated"):
        read(tmp_path / "cut" / NEW)
    (tmp_path / "cut" / NEW).unlink()
    (tmp_path / "cut" / OLD).unlink()
    with pytest.raises(NotAvailableError, match="several years"):
        read(tmp_path)


def test_reordered_rows_zero_sectors_and_extra_columns(tmp_path):
    t = made(["AUS", "ROM"], 3)
    t.Z[2], t.Z[:, 2], t.Y[2] = 0, 0, 0
    t.others[:, 2] = 0
    path = changed(t, lambda r: r.__setitem__(slice(6, 12), r[6:12][::-1]), tmp_path)
    same(read(path), t)

    def discrepancy(rows):
        for k, row in enumerate(rows[2:]):
            row.insert(-1, ("DISC", "Discrepancy", "TOT", "c99")[k] if k < 4 else 0.25)
        for k in range(6, 12):
            rows[k][-1] += 0.25

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        mrio = read(changed(t, discrepancy, tmp_path))
    assert mrio.regions == ("AUS", "ROU")
    np.testing.assert_array_equal(mrio.other_uses.values, np.full((1, 6), 0.25))
    assert "Discrepancy" in mrio.other_uses.labels[0]


def test_a_wrong_total_is_told(tmp_path):
    t = made(["AUS", "ROM"], 3)
    path = changed(t, lambda r: r[12].__setitem__(4, r[12][4] + 9), tmp_path)
    with pytest.warns(TableWarning, match=r"Total intermediate consumption.*AUS AtB by 9"):
        mrio = read(path)
    assert any("Total intermediate" in note.text for note in mrio.notes)


def test_within_a_zip_and_with_progress(tmp_path):
    t = made(["AUS", "ROM"], 3)
    for year in ("10", "11"):
        name = f"wiot{year}_row_sep12.xlsx"
        path = write_xlsx(tmp_path / name, {"s": sheet_2013(t, 2000 + int(year))})
    with zipfile.ZipFile(tmp_path / "wiot.zip", "w") as out:
        for file in sorted(tmp_path.glob("wiot1*.xlsx")):
            out.write(file, f"tables/{file.name}")
    told = []
    archive = Archive(tmp_path / "wiot.zip", told.append)
    assert READER.years(archive) == (2010, 2011)
    same(READER.read(archive, 2010), t)
    assert any("wiot10" in p.what and p.done == p.total for p in told)
    assert not READER.recognises(Archive(write_xlsx(tmp_path / "other.xlsx", {"a": [[1.0]]})))
    assert path.exists()


SCRIPT = """
import sys
import numpy, mriocarbon
from pathlib import Path
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.wiod import READER
def peak():
    # ru_maxrss would start at the peak of the process that started this one
    with open("/proc/self/status") as told:
        return next(int(k.split()[1]) * 1024 for k in told if k.startswith("VmHWM"))
READER.recognises(Archive(Path(sys.argv[1])))
before = peak()
m = READER.read(Archive(Path(sys.argv[1])))
size = sum(a.nbytes for a in (m.Z, m.Y, m.x, m.value_added, m.other_inputs.values))
print((peak() - before) / size, size)
"""


def test_memory_is_bounded(tmp_path):
    """1,064 industries: the peak above the imports stays within 1.6 tables."""
    t = made([f"R{k:02d}" for k in range(19)], 56)
    path = write_xlsb(tmp_path / NEW, {"2014": sheet_2016(t)})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True
    )
    ratio = float(done.stdout.split()[0])
    assert ratio <= 1.6, done.stdout
