"""Header array files: verbatim bytes, all kinds of headers, damage."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import DataFileError
from mriocarbon.io.har import read_har
from tests.io.writers.gtap import har_reals, har_texts, record

# The first header of GEMPACKsoftware/HARPY 55bcdfc21457243b3d82b6e9771533f653fe3461
# harpy/tests/testdata/test_read.har, whole, as it stands there.
VERBATIM = (
    b"\x04\0\0\0CHST\x04\0\0\0\x5c\0\0\0    1CFULL" + b"Simple set of strings".ljust(70)
    + b"\x02\0\0\0\x05\0\0\0\x0c\0\0\0\x5c\0\0\0"
    b"\x4c\0\0\0    \x01\0\0\0\x05\0\0\0\x05\0\0\0"
    b"F_string    B_string    C_string    D_string    E_string    \x4c\0\0\0"
)  # fmt: skip
SETS = {"A": ("x", "y"), "B": ("one", "two", "three"), "C": ("u", "v", "w", "z")}


def headers(raw):
    return {h.name: h for h in read_har(io.BytesIO(raw), "test.har")}


def test_verbatim_header():
    header = headers(VERBATIM)["CHST"]
    assert header.long_name == "Simple set of strings"
    assert header.array.tolist() == ["F_string", "B_string", "C_string", "D_string", "E_string"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["AB", "ABC", "ABB", "C"]), st.booleans())
def test_reals_read_back(seed, sets, sparse):
    array = np.random.default_rng(seed).random([len(SETS[s]) for s in sets]).astype(np.float32)
    array[array < 0.5] = 0
    found = headers(VERBATIM + har_reals("VXSB", array, sets, SETS, sparse=sparse))
    np.testing.assert_array_equal(found["VXSB"].array, array)
    assert found["VXSB"].sets == tuple((s, SETS[s]) for s in sets)


def test_matrices_in_blocks():
    whole = np.arange(6, dtype="<i4").reshape(2, 3)
    told = b"    2IFULL" + b"m".ljust(70) + struct.pack("<3i", 2, 2, 3)
    raw = record(b"INTA") + record(told)
    for k in range(3):
        place = struct.pack("<7i", 3 - k, 2, 3, 1, 2, k + 1, k + 1)
        raw += record(b"    " + place + whole[:, k].tobytes())
    np.testing.assert_array_equal(headers(raw)["INTA"].array, whole)


@pytest.mark.parametrize("cut", [1, 2, 5, 20, 60, 110, 130, 190])
def test_damage_is_told(cut):
    with pytest.raises(DataFileError, match="damaged"):
        headers(VERBATIM[:-cut])
    changed = bytearray(VERBATIM)
    changed[-cut % 4 - 4] ^= 1
    with pytest.raises(DataFileError, match="damaged"):
        headers(bytes(changed))


def test_unknown_kinds_and_missing_data():
    with pytest.raises(DataFileError, match=r"CHST.*ZZ"):
        headers(VERBATIM.replace(b"1CFULL", b"ZZFULL"))
    with pytest.raises(DataFileError, match="begins within"):
        headers(VERBATIM[: 12 + 100] + har_texts("REG", ["a"]))
