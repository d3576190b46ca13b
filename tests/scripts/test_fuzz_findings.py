"""What fuzzing has found, one small input each, and the words that it is refused with now."""

import gzip
import io
import json
import struct
import sys
import warnings
import zipfile
from functools import cache

import numpy as np
import pytest

pytest.importorskip("resource")

from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    MemoryLimitError,
    MriocarbonError,
    NonFiniteError,
    ShapeError,
    TableWarning,
)
from scripts.fuzz.bundle import laid_out, packed
from scripts.fuzz.judge import tried
from scripts.fuzz.targets import TARGETS

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
WIDE = "A" * 140_000  # csv takes 131,072 letters to a cell
DEEP = "[" * 100_000


@cache
def seeds_of(name):
    return TARGETS[name].seeds()


def seed(name, k=0):
    return dict(seeds_of(name)[k])


def icio():
    return seed("oecd-icio")


def mine():
    return seed("plain-csv")


def edited(files, end, old, new):
    """Files in which the first `old` of those that end so is replaced."""
    old, new = (x.encode() if isinstance(x, str) else x for x in (old, new))
    made = dict(files)
    for name in [end] if end in files else [name for name in files if name.endswith(end)]:
        made[name] = files[name].replace(old, new, 1)
    assert made != files
    return made


def zipped(body, end, change):
    """A zip whose members that end so are changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename.endswith(end) else content)
    return out.getvalue()


def in_workbook(name, end, old, new, k=0):
    files = seed(name, k)
    book = next(n for n, body in files.items() if body[:2] == b"PK")
    return {**files, book: zipped(files[book], end, lambda body: body.replace(old, new, 1))}


def flipped(name, k, at):
    """A seed with bytes of its last zip overwritten where a member's data lie."""
    files = seed(name, k)
    book = next(n for n, body in files.items() if body[:2] == b"PK")
    with zipfile.ZipFile(io.BytesIO(files[book])) as archive:
        info = next(i for i in archive.infolist() if i.filename.endswith(at))
    begin = info.header_offset + 30 + len(info.filename)
    damaged = bytearray(files[book])
    damaged[begin : begin + 8] = b"\xff" * 8
    return {**files, book: bytes(damaged)}


def record(body):
    return struct.pack("<i", len(body)) + body + struct.pack("<i", len(body))


def header(kind, *sizes):
    told = b"    " + kind + b"x".ljust(70) + struct.pack(f"<{1 + len(sizes)}i", len(sizes), *sizes)
    return record(b"VDFB") + record(told)


def npy(text, body=b""):
    head = text.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


def npz(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members.items():
            if isinstance(body, np.ndarray):
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, body)
                body = buffer.getvalue()
            archive.writestr(f"{name}.npy", body)
    return {"t.npz": out.getvalue()}


def hdf5(change):
    import h5py

    ((name, body),) = seed("emerging").items()
    file = io.BytesIO(body)
    with h5py.File(file, "r+") as root:
        change(root)
    return {name: file.getvalue()}


def put(root, name, value):
    del root[name]
    root[name] = value


def claim(root):
    del root["country_list"]
    root.create_dataset("country_list", (10**9, 1), "f8", chunks=True)


def json_of(name, end, change, k=0):
    files = seed(name, k)
    key = end if end in files else next(n for n in files if n.endswith(end))
    raw = json.loads(files[key])
    change(raw)
    return {**files, key: json.dumps(raw).encode()}


def raster(variable="people", **attributes):
    import h5py

    ((name, body),) = seed("raster").items()
    file = io.BytesIO(body)
    with h5py.File(file, "r+") as root:
        root[variable].attrs.update(attributes)
    return {name: file.getvalue()}


def geotiff(dtype="float32", **how):
    """A raster of two by two cells."""
    pytest.importorskip("rasterio")
    import rasterio

    place = how.pop("place", (1.0, 0.0, 5.0, 0.0, -1.0, 9.0))
    body = how.pop("body", np.ones((2, 2), dtype))
    how.setdefault("crs", "EPSG:4326")
    with rasterio.MemoryFile() as file:
        with file.open(driver="GTiff", width=2, height=2, count=1, dtype=dtype,
                       transform=rasterio.Affine(*place), **how) as made:  # fmt: skip
            made.write(body, 1)
        return {"a.tif": file.read()}


def claiming(files, end):
    """A member of the first zip claims two gigabytes."""
    book = next(n for n, body in files.items() if body[:2] == b"PK")
    raw = bytearray(files[book])
    at = raw.rindex(end.encode()) - 46  # the last name of it is that of the directory
    assert raw[at : at + 4] == b"PK\1\2"
    raw[at + 20 : at + 24] = struct.pack("<I", 1 << 31)
    return {**files, book: bytes(raw)}


def first_number(files, end, new):
    """The first cell of numbers of a csv is another."""
    name = next(n for n in files if n.endswith(end))
    lines = files[name].split(b"\n")
    cells = lines[1].split(b",")
    cells[1] = new
    lines[1] = b",".join(cells)
    return {**files, name: b"\n".join(lines)}


def all_true(files):
    rows = files["t/x.csv"].decode().splitlines()
    made = [rows[0], *(row.rpartition(",")[0] + ",True" for row in rows[1:])]
    return {**files, "t/x.csv": "\n".join(made).encode()}


FOUND = {
    # tables of text
    "a cell beyond what csv takes": (
        "oecd-icio", lambda: edited(icio(), ".csv", "\nAUS_", f"\n{WIDE}_"), InputError,
        "no table"),
    "a quote that is not closed": ("oecd-icio", lambda: edited(icio(), ".csv", "V1", '"V1'),
                                   InputError, "quote"),
    "a row in another encoding": ("oecd-icio", lambda: edited(icio(), ".csv", "\nTLS", b"\nT\xbdS"),
                                  MriocarbonError, ""),
    "a return beside a quoted cell": (
        "eora26", lambda: edited(seed("eora26"), "bp_VA.txt", "\t", '"1"\r\t'), MriocarbonError,
        ""),
    "hundreds of digits": ("oecd-icio", lambda: first_number(icio(), ".csv", b"9" * 400),
                           NonFiniteError, "not finite"),
    "hundreds of digits beside text": (
        "plain-csv", lambda: edited(first_number(mine(), "Y.csv", b"x"), "Y.csv", "A,1", "A,9"),
        InputError, ""),
    "True for a number": ("plain-csv", lambda: all_true(mine()), InputError, "'True' is no number"),
    "a cell that overflows when summed": (
        "oecd-icio", lambda: first_number(icio(), ".csv", b"1e308"), NonFiniteError, "beyond 1e"),
    "the same in a workbook": ("adb-mrio", lambda: in_workbook(
        "adb-mrio", "sheet1.xml", b'<c r="E8"><v>', b'<c r="E8"><v>1e300</v><v>'), InputError, ""),
    "the same in FIGARO's flat form": ("figaro", lambda: edited(
        seed("figaro", 1), ".csv", "AT,A01,AT,A01,", "AT,A01,AT,A01,1e300"), MriocarbonError, ""),
    "labels alone": ("exiobase3", lambda: {**seed("exiobase3"), "IOT_2020_ixi/Z.txt":
                                           b"region\t\t\nsector\t\t\n\t\t\nA\t1\t\n"},
                     MriocarbonError, ""),
    # workbooks
    "a row numbered by a letter": ("adb-mrio", lambda: in_workbook(
        "adb-mrio", "sheet1.xml", b'<row r="1"', b'<row r="c"'), DataFileError, "damaged"),
    "a shared text of no number": ("adb-mrio", lambda: in_workbook(
        "adb-mrio", "sheet1.xml", b't="s"><v>0</v>', b't="s"><v>null</v>'), DataFileError,
        "damaged"),
    "a workbook without sheets": ("wiod", lambda: in_workbook(
        "wiod", "workbook.xml", b"<sheet ", b"<sheep "), MriocarbonError, ""),
    "a damaged part of a workbook": ("adb-mrio", lambda: flipped("adb-mrio", 0, "sheet1.xml"),
                                     DataFileError, "damaged"),
    "a damaged sheet of the plain layout": (
        "plain-xlsx", lambda: flipped("plain-xlsx", 0, "sheet1.xml"), DataFileError, ""),
    "a cell at the far end of a sheet": ("plain-xlsx", lambda: in_workbook(
        "plain-xlsx", "sheet1.xml", b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'), InputError,
        "16384 columns"),
    "a ReadMe with a damaged sheet": ("gloria", lambda: in_workbook(
        "gloria", "sheet1.xml", b"<row", b"<<row"), DataFileError, "damaged"),
    "a valuation of no number": ("gloria", lambda: in_workbook(
        "gloria", "sheet5.xml", b'<c r="A2" t="n"><v>1</v>', b'<c r="A2" t="n"><v>x</v>'),
        LabelError, "no number of a valuation"),
    "accounts in another encoding": ("wiod", lambda: edited(seed("wiod"), ".csv", "AUS", b"\x80"),
                                     DataFileError, "UTF-8"),
    # header arrays
    "elements by the billion": ("har", lambda: {"a.har": header(b"REFULL", 1) + record(
        b"    " + struct.pack("<3i", 1, 1, 1) + b"VDFB".ljust(12) + struct.pack("<i", 1)
        + b"COMM".ljust(12) + b"e" + struct.pack("<2i", 1, 2**31 - 1))},
        DataFileError, "elements named one by one"),
    "texts of no width": ("har", lambda: {"a.har": header(b"1CFULL", 2**31 - 1, 0) + record(
        b"    " + struct.pack("<3i", 1, 2**31 - 1, 2**31 - 1))}, DataFileError, "fit their number"),
    "a matrix out of nothing": ("har", lambda: {"a.har": header(b"2IFULL", 2**30, 2**30) + record(
        b"    " + struct.pack("<8i", 1, 1, 1, 1, 1, 1, 1, 7))}, DataFileError, "within a header"),
    "an array out of nothing": ("har", lambda: {"a.har": header(b"RLFULL", 2**15, 2**15) + record(
        b"    " + struct.pack("<4i", 1, 2, 2**15, 2**15))}, DataFileError, "0 of 1073741824"),
    "a sparse array out of nothing": ("har", lambda: {"a.har": header(
        b"RLSPSE", 2**15, 2**15) + record(b"    " + struct.pack("<i", 0)) + record(
        b"    " + struct.pack("<3i", 1, 0, 0))}, DataFileError, "cells for 0 numbers"),
    "a record as long as it likes": ("har", lambda: {"a.har": struct.pack("<i", 2**30) + b"x"},
                                     DataFileError, "truncated"),
    "a NaN that signals": ("gtap-har", lambda: signalling(), NonFiniteError, "VST"),
    "GTAP's csv in another encoding": (
        "gtap-csv", lambda: edited(seed("gtap-csv"), "VST.csv", "AAA", b"\xb0"), DataFileError,
        "not in UTF-8"),
    "GTAP's csv with returns": ("gtap-csv", lambda: edited(
        seed("gtap-csv"), "VST.csv", "AAA", "A\rA"), MriocarbonError, ""),
    "GTAP's csv that begins with an empty line": ("gtap-csv", lambda: edited(
        seed("gtap-csv"), "VST.csv", "MARG", "\r\nMARG"), DataFileError, "no column Value"),
    **{f"GTAP's {name} of other dimensions": ("gtap-csv", lambda name=name, body=body: {
        **seed("gtap-csv"), f"g/{name}.csv": body}, ShapeError, f"{name} has")
       for name, body in (("VDPB", b"COMM,ACTS,REG,Value\nAAA,AAA,R1,1\n"),
                          ("VST", b"MARG,Value\nAAA,1\n"), ("VDFB", b"COMM,ACTS,Value\nA,A,1\n"))},
    "sets that multiply": ("gtap-csv", lambda: {**seed("gtap-csv"), "g/VTWR.csv": (
        "M,C,R,S,Value\n" + "".join(f"a{k},b{k},c{k},d{k},1\n" for k in range(300))).encode()},
        ShapeError, "8100000000 cells"),
    # what the package writes itself
    "a record that is no JSON": ("plain-csv", lambda: {
        **mine(), "t/meta.csv": b"key,value\nmoney_unit,EUR\nrecord,{\n"}, InputError, "record"),
    "a record of other kinds": ("plain-csv", lambda: {
        **mine(), "t/meta.csv": b'key,value\nmoney_unit,EUR\nrecord,"{""notes"": 1}"\n'},
        InputError, "record"),
    "a record of a number": ("plain-csv", lambda: {
        **mine(), "t/meta.csv": b"key,value\nmoney_unit,EUR\nrecord,1.5\n"}, InputError, "record"),
    "a note as long as it likes": ("plain-csv", lambda: {
        **mine(), "t/meta.csv": f"key,value\nnote,{WIDE}\n".encode()}, DataFileError, "no table"),
    "meta in another encoding": ("plain-csv", lambda: {
        **mine(), "t/meta.csv": b"key,value\nnote,\x80\n"}, DataFileError, "not in UTF-8"),
    "a year without end": ("plain-csv", lambda: {
        **mine(), "t/meta.csv": b"key,value\nmoney_unit,EUR\nyear,inf\n"}, InputError, "no year"),
    "an array's header that does not end": ("npz", lambda: npz(Z=npy("{'descr': '<f8', (")),
                                            DataFileError, ""),
    "an array's header of another Python": ("npz", lambda: npz(Z=npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1L, 1L), }", b"\0" * 8)),
        DataFileError, "header of Z.npy is damaged"),
    "an array out of nothing in a table": ("npz", lambda: npz(Z=npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (40000, 40000), }")), DataFileError,
        "shorter than its shape"),
    "letters beyond all letters": ("npz", lambda: npz(
        Z=np.ones((1, 1)), Y=np.ones((1, 1)), sectors=np.array(["1"]), regions=npy(
            "{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", b"\xff\xff\xff\x7f")),
        DataFileError, "no text"),
    "a label with NUL": ("plain-csv", lambda: {
        name: body.replace(b"A,", b"A\0,").replace(b"A\n", b"A\0\n")
        for name, body in mine().items()}, MriocarbonError, ""),
    # HDF5
    "a reference to a group": ("emerging", lambda: hdf5(lambda root: put(
        root, "country_list", np.array([[root["#refs#"].ref]], dtype=object))), DataFileError, ""),
    "a list that refers to nothing": ("emerging", lambda: hdf5(lambda root: put(
        root, "country_list", np.ones((2, 1)))), DataFileError, "damaged"),
    "a list out of nothing": ("emerging", lambda: hdf5(claim), DataFileError, "texts"),
    "a file of CO2 that is cut off": ("emerging", lambda: {
        name: body[:60] if "CO2" in name else body for name, body in seed("emerging", 1).items()},
        DataFileError, "CO2 cannot be read"),
    "a file of CO2 with a name of GiB": ("emerging", lambda: {
        name: struct.pack("<5i", 0, 1, 1, 0, 2**31 - 1) + b"x" * 40 if "CO2" in name else body
        for name, body in seed("emerging", 1).items()}, DataFileError, "CO2 cannot be read"),
    "labels that are numbers": ("figaro", lambda: dict.fromkeys(
        seed("figaro", 1),
        b"icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue\n1,1,a,b,c,d,1\n"),
        MriocarbonError, ""),
    "complex flows": ("emerging", lambda: hdf5(lambda root: put(
        root, "z", root["z"][()].astype(complex))), DataFileError, "no numbers"),
    "value added out of nothing": ("emerging", lambda: hdf5(lambda root: (
        root.pop("va"), root.create_dataset("va", (4, 10**8), "f8", chunks=True))), ShapeError,
        "va has shape"),
    "infinite final demand": ("emerging", lambda: hdf5(lambda root: put(
        root, "f", np.full(root["f"].shape, np.inf))), NonFiniteError, "NaN or infinite"),
    "a raster with words for numbers": ("raster", lambda: raster(scale_factor="x"), InputError,
                                        "scale_factor"),
    "a raster with numbers for units": ("raster", lambda: raster("lat", units=[1.0, 2.0]),
                                        InputError, "no dimension is latitude"),
    "a raster with one end of a range": ("raster", lambda: raster(valid_range=1.0), InputError,
                                         "give 2 numbers"),
    # pymrio's lists of tables
    **{f"a list of tables, {what}": ("pymrio", lambda change=change: json_of(
        "pymrio", "s/file_parameters.json", change), DataFileError, "") for what, change in {
        "no list": lambda raw: raw.update(files=1.5),
        "without a name": lambda raw: raw["files"]["Z"].pop("name"),
        "without levels": lambda raw: raw["files"]["Z"].pop("nr_header"),
        "with infinite levels": lambda raw: raw["files"]["Z"].update(nr_header=float("inf")),
        "with a billion levels": lambda raw: raw["files"]["Z"].update(nr_header=10**9),
        "with a text for a table": lambda raw: raw["files"].update(Z="x"),
        "with a list of levels": lambda raw: raw["files"]["Z"].update(nr_index_col=[1]),
    }.items()},
    "a list of tables, nested deeply": ("pymrio", lambda: edited(
        seed("pymrio"), "s/file_parameters.json", "}", ', "a": ' + DEEP[:9999] + "}"),
        DataFileError, "no JSON"),
    "a unit that is missing": ("pymrio", lambda: edited(
        seed("pymrio"), "s/unit.txt", "M.EUR", "M.EUR\nx"), DataFileError, "no unit"),
    "a parquet table of words": ("pymrio", lambda: json_of(
        "pymrio", "s/file_parameters.json",
        lambda raw: raw["files"]["Y"].update(name="unit.parquet"), 1), InputError, "no number"),
    # processes
    "an encoding that nobody knows": ("ecospold1", lambda: edited(
        seed("ecospold1"), ".xml", b"UTF-8", b"UTF-1.5"), DataFileError, "no encoding"),
    "an encoding of several bytes": ("ecospold1", lambda: edited(
        seed("ecospold1"), ".xml", b"UTF-8", b"UTF-7"), DataFileError, "no encoding"),
    "several bytes in ILCD": ("ilcd", lambda: edited(
        seed("ilcd"), "p-boiler.xml", "UTF-8", "UTF-7"), DataFileError, "no encoding"),
    "the same in ILCD": ("ilcd", lambda: edited(seed("ilcd"), "p-boiler.xml", "UTF-8", "UTF-2.5"),
                         DataFileError, "no encoding"),
    "a damaged zip of processes": ("ecospold1", lambda: flipped("ecospold1", 1, "0.xml"),
                                   DataFileError, "damaged"),
    "a damaged zip of data sets": ("jsonld", lambda: damaged_json(), DataFileError, "damaged"),
    "a folder with the name of a file": ("ilcd", lambda: {
        **{k: v for k, v in seed("ilcd").items() if not k.endswith("f-power.xml")},
        "p/ILCD/flows/f-power.xml/a": b""}, DataFileError, "not in the package"),
    **{f"JSON-LD, {what}": ("jsonld", lambda end=end, change=change: json_of(
        "jsonld", end, change), DataFileError, "") for what, (end, change) in {
        "properties of a number": ("f-gas.json", lambda raw: raw.update(flowProperties=1.5)),
        "a unit of text": ("ug-mass.json", lambda raw: raw.update(units=["kg"])),
        "units of a number": ("ug-mass.json", lambda raw: raw.update(units=1.5)),
        "an allocation of text": ("p-boiler.json", lambda raw: raw.update(allocationFactors="ab")),
    }.items()},
    "JSON-LD nested deeply": ("jsonld", lambda: edited(
        seed("jsonld"), "f-gas.json", "{", '{"a": ' + DEEP + ","), DataFileError, "no JSON"),
    "a day that is none": ("study", lambda: edited(
        seed("study"), ".yaml", "year: 2022", "year: 2022-02-31"), DataFileError, "day"),
    "YAML nested deeply": ("bill", lambda: {"b.yaml": ("[" * 5000).encode()}, DataFileError,
                           "nested too deeply"),
    # tables that people hand in
    "a bill with a cell beyond csv": ("bill", lambda: {
        "b.csv": f"name,amount,unit\n{WIDE},1,kg\n".encode()}, DataFileError,
        "cannot be read"),
    "corrections with a cell beyond csv": ("corrections", lambda: edited(
        seed("corrections"), ".csv", "Regulation X", WIDE), DataFileError, "cannot be read"),
    "corrections with columns beyond csv": ("corrections", lambda: {
        "c.csv": WIDE.encode()}, DataFileError, "cannot be read"),
    "corrections with a decimal comma": ("corrections", lambda: edited(
        seed("corrections"), ".csv", "Regulation X", "Regulation, X"), InputError,
        "11 cells under 10 columns"),
    "damaged trade": ("trade", lambda: {
        "t.csv.gz": gzip.compress(b"a", mtime=0)[:10] + b"\xff" * 9}, DataFileError,
        "cannot be read"),
    **{f"borders, {what}": ("provinces", lambda change=change: json_of(
        "provinces", ".geojson", change), InputError, "") for what, change in {
        "features of a number": lambda raw: raw.update(features=1),
        "a feature of a number": lambda raw: raw.update(features=[1.5]),
        "a reference system of text": lambda raw: raw.update(crs="EPSG:3857"),
        "no coordinates": lambda raw: raw["features"][0]["geometry"].pop("coordinates"),
        "a ring of a number": lambda raw: raw["features"][0]["geometry"].update(coordinates=[1.5]),
        "a part that is none": lambda raw: raw["features"][1]["geometry"]["coordinates"].append(5),
        "coordinates without end": lambda raw: raw["features"][0]["geometry"].update(
            coordinates=[[[10**400, 1]] * 4]),
    }.items()},
    "borders nested deeply": ("provinces", lambda: {
        **seed("provinces"), "p.geojson": DEEP.encode()}, DataFileError, "cannot be read"),
    "fluxes of words": ("natural", lambda: edited(
        seed("natural", 2), ".csv", "CHN,China,1,0.5", "CHN,China,x,0.5"), DataFileError,
        "cannot be read"),
    **{f"a raster placed {what}": ("raster", lambda place=place: geotiff(place=place), InputError,
                                   "not placed on the globe")
       for what, place in (("at infinity", (1.0, 0.0, np.inf, 0.0, -1.0, 9.0)),
                           ("nowhere", (1.0, 0.0, 5.0, 0.0, -1.0, np.nan)),
                           ("beyond numbers", (1e308, 0.0, 5.0, 0.0, -1.0, 9.0)))},
    "a raster in a system named by no letters": ("raster", lambda: {
        "a.tif": geotiff(crs='GEOGCS["none",DATUM["none",SPHEROID["a ball",6378000,298]]]')[
            "a.tif"].replace(b"a ball", b"a b\x88ll")}, DataFileError, ""),
    "a part of a workbook beyond its file": ("natural", lambda: claiming(
        seed("natural"), "xl/workbook.xml"), DataFileError, "claims 2,147,483,648 bytes"),
    "a unit of a hundred thousand letters": ("bill", lambda: edited(
        seed("bill"), ".yaml", "unit: MJ", "unit: " + WIDE), InputError,
        "a unit of 140,000 letters"),
    "a flux of hundreds of digits": ("natural", lambda: edited(
        seed("natural", 3), ".csv", "9.7", "9" * 400), DataFileError, "cannot be read"),
    "a workbook of years without a sheet": ("editions", lambda: in_workbook(
        "editions", "workbook.xml", b"<sheet ", b"<sheep ", 3), MriocarbonError, ""),
    "a cluster nested deeply": ("slurm", lambda: {"s.yaml": ("[" * 5000).encode()}, DataFileError,
                                "not YAML"),
    "a column of parquet with a name of no letters": ("plain-parquet", lambda: {
        name: body.replace(b"region", b"r\x96gion") if name.endswith(".parquet") else body
        for name, body in seed("plain-parquet").items()}, DataFileError, "truncated or not"),
    "a line of separators that nobody writes": ("eora26", lambda: {
        name: b"\x01" * 22 if name.endswith("_T.txt") and "labels" not in name else body
        for name, body in seed("eora26").items()}, MriocarbonError, ""),
    "a cluster with memory beyond numbers": ("slurm", lambda: edited(
        seed("slurm"), ".yaml", "64 GiB", "9" * 400 + " GiB"), InputError, "a number and a unit"),
    "a cell with a name of a hundred thousand letters": ("editions", lambda: in_workbook(
        "editions", "sheet1.xml", b'r="C', b'r="C' + b"A" * 70_000, 3), DataFileError,
        "cell CAAAAAAAAAAA lies outside"),
    "a cluster without memory": ("slurm", lambda: edited(
        seed("slurm"), ".yaml", "64 GiB", "00 GiB"), InputError, "at least 1 MB"),
    # the service, and what is kept
    **{f"{what}, nested deeply": ("kept", lambda name=name, k=k: {
        **seed("kept", k), name: b'{"a": ' + DEEP.encode()}, DataFileError,
        "cannot be read|no LoRA")
       for what, name, k in (
           ("keys", "keys.json", 0), ("a record", "f.csv.record", 1),
           ("a manifest", "run/manifest.json", 2), ("a database", "store/database.json", 3),
           ("a model", "model/config.json", 4), ("an adapter", "adapter/adapter_config.json", 5))},
    "a zip with names of no letters": ("upload", lambda: badly_named(), InputError, "damaged"),
    "a manifest of numbers": ("kept", lambda: json_of(
        "kept", "database.json", lambda raw: raw.update(files={"a.parquet": 1.5}), 3),
        DataFileError, "manifest"),
}  # fmt: skip


def damaged_json():
    ((name, body),) = seed("jsonld", 1).items()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        info = next(i for i in archive.infolist() if i.filename.endswith("f-gas.json"))
    locked = bytearray(body)
    at = locked.index(b"PK\x01\x02")
    while locked[at + 46 : at + 46 + len(info.filename)] != info.filename.encode():
        at = locked.index(b"PK\x01\x02", at + 4)
    locked[at + 8] |= 1  # encrypted, says the directory
    return {name: bytes(locked)}


def renamed(body):
    """A zip with one more member, whose name is empty."""
    out = io.BytesIO(body)
    with zipfile.ZipFile(out, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = ""
        archive.writestr(info, b"")
    return out.getvalue()


def signalling():
    from scripts.fuzz.seeds import tests

    data, _ = tests("io.writers.gtap").made()
    number = np.float32(data["VST"][0, 0]).tobytes()
    return edited(seed("gtap-har"), ".har", number, b"\x00\x00\xa0\x7f")


def badly_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("\u00e9", b"1")
    return {"a.zip": out.getvalue().replace("\u00e9".encode(), b"\xff\xff")}


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_is_refused_in_our_words(what, tmp_path):
    name, make, error, words = FOUND[what]
    files = make()
    found = tried(TARGETS[name], packed(files), tmp_path)
    assert found is None, found.text
    again = tmp_path / "again"
    laid_out(files, again)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        with pytest.raises(error, match=words or ".") as told:
            TARGETS[name].read(again)
    assert told.value.where or told.value.do


def test_a_header_that_asks_for_more_than_there_is(tmp_path, monkeypatch):
    from mriocarbon.model import memory

    names = (
        "oecd-icio",
        "figaro",
        "exiobase3",
        "eora26",
        "gloria",
        "wiod",
        "gtap-csv",
        "plain-csv",
    )
    for name in names:
        laid_out(seed(name), tmp_path / name)  # while there is room to make it
    monkeypatch.setattr(memory, "available", lambda: 100)  # bytes
    for name in names:
        with pytest.raises(MemoryLimitError, match="an array of"):
            TARGETS[name].read(tmp_path / name)


def test_a_member_without_a_name_is_passed_over(tmp_path):
    (name, body), = seed("exiobase3", 3).items()  # fmt: skip
    assert tried(TARGETS["exiobase3"], packed({name: renamed(body)}), tmp_path) is None
    TARGETS["exiobase3"].read(tmp_path / "in")


@pytest.mark.parametrize("k, name", [(6, "machine.json"), (7, "env/mriocarbon-llm.json")])
def test_what_is_kept_for_speed_alone_is_done_without(k, name, tmp_path):
    files = {**seed("kept", k), name: DEEP.encode()}
    assert tried(TARGETS["kept"], packed(files), tmp_path) is None
    TARGETS["kept"].read(tmp_path / "in")


def test_answers_of_an_evaluation_that_were_cut_or_damaged_are_asked_again(tmp_path):
    for body in (b"\xff\n", b"[]\n", b'{"scored": 1}\n', DEEP.encode(), b'{"question": 1}\n'):
        (tmp_path / "answers.jsonl").write_bytes(body)
        from mriocarbon.agents.evaluation import run, sft

        assert run._before(tmp_path) == {}
        assert list(sft.traces(tmp_path)) == []


def test_a_raster_with_signals_for_numbers_is_read_and_refused_later(tmp_path):
    from mriocarbon.atlas import raster_files

    body = np.full((2, 2), 0x7F800001, dtype=np.uint32).view(np.float32)  # signalling NaN
    files = geotiff(body=body)
    assert tried(TARGETS["raster"], packed(files), tmp_path) is None
    with raster_files.open_raster(tmp_path / "in" / "a.tif") as found:
        assert np.isnan(found.rows(0, 2).values).all()


def test_infinity_is_no_year():
    from mriocarbon.datasets.editions import _year

    assert [_year(cell) for cell in (2022.0, float("inf"), float("nan"), 2022.5)] == [
        2022, None, None, None,
    ]  # fmt: skip


def test_a_row_cut_before_its_country_tells_nothing():
    from mriocarbon.datasets.editions import values_of

    rows = [["year", "kt", "country"], ["2020", "5"], ["2021", "7", " "], ["2021", "8", "CHN"]]
    assert values_of(rows) == {("CHN", "", 2021): 8.0}


def test_a_hundred_empty_columns_are_no_part_of_a_flux(tmp_path):
    (name,) = files = seed("natural", 2)
    lines = files[name].splitlines()
    made = {name: b"\n".join([lines[0] + b"," * 150, *lines[1:]])}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tried(TARGETS["natural"], packed(made), tmp_path) is None
