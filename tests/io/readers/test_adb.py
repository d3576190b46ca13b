"""ADB's workbooks: verbatim header, exact numbers, hostile variants."""

from pathlib import Path

import numpy as np
import pytest

from mriocarbon.errors import DataFileError, LabelError, NotAvailableError, TableWarning
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.adb import READER
from tests.io.writers.adb import sheet_adb
from tests.io.writers.books import write_xlsx
from tests.io.writers.wiod import made

LABELS = ["Agriculture, hunting, forestry, and fishing", "Manufacturing"]
DEMAND = ["Households", "NPISH", "Government", "Gross fixed capital formation",
          "Changes in inventories and valuables"]  # fmt: skip
# The header and the labels of the rows below the industries as MARIO's test quotes them (two of
# 35 industries): it-is-me-mario/MARIO 76c790a94a0db3eea5263bb0d67e448ce13aafb9
# tests/test_adb_parser.py. Same places in BallavBabu/adb-mrio-current-panel
# 6bef46dd5d003bb34a3c104354367f7b890582de: first number E8, six rows from 2214 below r60.
VERBATIM = [
    ["Multiregional Input-Output Table 2024"],
    ["75 economies, at current prices (industry by industry)"],
    ["In millions of US$"],
    [None],
    [*[None] * 4, *LABELS, *LABELS, *DEMAND, *DEMAND, "TOTAL"],
    [*[None] * 4, "AAA", "AAA", "BBB", "BBB", *["AAA"] * 5, *["BBB"] * 5, "ToT"],
    [*[None] * 4, "c1", "c2", "c1", "c2", *["F1", "F2", "F3", "F4", "F5"] * 2, None],
]
CODES = [*[None] * 4, "0001", "0002", "0001", "0002", *["1001", "1002", "1003", "1004", "1005"] * 2]
BOTTOM = {
    "r60": "Intermediate input total",
    "r99": "Taxes less subsidies on products",
    "r61": "CIF / FOB adjustments",
    "r62": "Direct purchases abroad by residents",
    "r63": "Purchases on the domestic territory by non-residents",
    "r64": "Value added at basic prices",
    "trs": "International Transport Margins",
    "r69": "TOTAL",
}
FILE = "ADB-MRIO-2024-August 2025.xlsx"


def read(path, **options):
    return READER.read(Archive(Path(path)), **options)


@pytest.mark.parametrize("extra", [False, True])
def test_verbatim_header(tmp_path, extra):
    t = made(["AAA", "BBB"], 2)
    rows = [*VERBATIM[:4], *([CODES] if extra else []), *VERBATIM[4:]]
    body = sheet_adb(t)[7:]
    for k, row in enumerate(body[:4]):
        row[1] = LABELS[k % 2]
    for row, (code, name) in zip(body[4:], BOTTOM.items(), strict=True):
        assert (row[3], row[1]) == (code, name)
    path = write_xlsx(tmp_path / FILE, {"ADB MRIO 2024": rows + body, "Legend": [["AAA", "Alpha"]]})
    mrio = read(path)
    assert mrio.regions == ("AAA", "BBB") and mrio.sectors == ("c1", "c2")
    assert mrio.categories == ("F1", "F2", "F3", "F4", "F5")
    assert mrio.other_inputs.labels == tuple(BOTTOM[c] for c in ("r99", "r61", "r62", "r63", "trs"))
    assert mrio.value_added_rows == ("Value added at basic prices",)
    named = read(path, sectors="name")
    assert named.sectors == tuple(LABELS) and named.categories == tuple(DEMAND)


def test_reads_back_the_embedded_table(tmp_path):
    import mriocarbon as mc

    icio = mc.load("oecd-icio-2022")
    n, R = 35, 4
    at = np.concatenate([np.arange(n) + 50 * k for k in range(R)])
    Y = np.repeat(icio.final_demand[np.ix_(at, range(R))], 5, axis=1) / 5
    t = made(list(icio.regions[:R]), n, Z=icio.Z[np.ix_(at, at)], Y=Y)
    path = write_xlsx(tmp_path / FILE, {"ADB MRIO 2024": sheet_adb(t)})
    with pytest.warns(TableWarning, match="inputs above output"):  # without the other 16 regions
        mrio = read(path)
    for ours, written in (
        (mrio.Z, t.Z), (mrio.Y, t.Y), (mrio.x, t.x), (mrio.value_added[0], t.va),
        (mrio.other_inputs.values, t.others), (mrio.other_inputs.final_demand, t.others_Y),
    ):  # fmt: skip
        np.testing.assert_array_equal(ours, written)
    assert (mrio.year, mrio.money_unit, mrio.price_basis) == (2024, "million USD", "basic")
    assert mrio.provenance.edition.startswith("4 economies")


def test_several_years_and_hostile_names(tmp_path):
    t = made(["AAA", "BBB"], 2)
    sheets = {f"ADB MRIO {y}": sheet_adb(t, y) for y in (2023, 2024)}
    path = write_xlsx(tmp_path / "ADB-MRIO.xlsx", {**sheets, "Legend": [["x"]]})
    assert READER.recognises(Archive(path)) and READER.years(Archive(path)) == (2023, 2024)
    assert read(path, year=2023).year == 2023
    with pytest.raises(NotAvailableError, match="several years"):
        read(path)
    with pytest.raises(DataFileError, match=r"2022.*2023"):
        wrong = {"ADB MRIO 2022": sheet_adb(t, 2023)}
        read(write_xlsx(tmp_path / "ADB MRIO b.xlsx", wrong))
    write_xlsx(tmp_path / "ADB-MRIO62-2024.xlsx", {"ADB MRIO 2024": sheet_adb(t)})
    with pytest.raises(NotAvailableError, match="twice"):
        READER.years(Archive(tmp_path))
    assert not READER.recognises(Archive(write_xlsx(tmp_path / "some.xlsx", sheets)))


def test_hostile_rows(tmp_path):
    t = made(["AAA", "BBB"], 2)
    rows = sheet_adb(t)
    rows[8][3] = "c9"  # an industry that no column has
    with pytest.raises((LabelError, DataFileError), match="AAA c2"):
        read(write_xlsx(tmp_path / FILE, {"ADB MRIO 2024": rows}))
    rows = sheet_adb(t)
    rows[-1][4] += 5
    with pytest.warns(TableWarning, match="row TOTAL"):
        mrio = read(write_xlsx(tmp_path / FILE, {"ADB MRIO 2024": rows}))
    assert any("TOTAL" in n.text for n in mrio.notes)
