"""Where the fuzzing of each target begins: small whole files, by our writers and the tests'.

The writers of official layouts live with the tests (``tests/io/writers``), which are no typed
package: hence the modules by name.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from scripts.fuzz.bundle import Bundle

TESTS = Path(__file__).parents[2] / "tests"
CO2_JRC = "country,year,sector,kt\nAUS,2011,AtB,12.5\nAUS,2011,C,3\nRoW,2011,AtB,1\nRoW,2011,C,2\n"
GFED = (
    "# CO2 emissions estimates in 1E13 g CO2 for the globe and the 14 GFED basis regions.\n"
    "Year         |   BONA   TENA |  Globe\n             |               |\n"
    "2021         |     29     15 |     44\n2022         |     33      9 |     42\n"
)


def _of(fill: Callable[[Path], object]) -> Bundle:
    """Return the files that a writer leaves in a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def texts(**files: str) -> Bundle:
    """Return texts as files; two underscores in a name stand for the dot."""
    return {name.replace("__", "."): text.encode() for name, text in files.items()}


def tests(name: str) -> Any:
    """Return a module of the tests, whatever other package calls itself ``tests``."""
    known = sys.modules.get("tests")
    if known is None or str(TESTS) not in list(getattr(known, "__path__", ())):
        sys.modules["tests"] = made = ModuleType("tests")
        made.__path__ = [str(TESTS)]
    return import_module(f"tests.{name}")


def _writers(name: str) -> Any:
    return tests(f"io.writers.{name}" if name else "io.writers")


@lru_cache
def _sample(regions: int = 3) -> Any:
    names = ("AUS", "CHN", "ROW") if regions == 3 else ("AUS", "CHN", "MEX", "ROW")
    return _writers("").sample(names[:regions], ("A01_02", "B05_06"), zero=False)


@lru_cache
def table() -> Any:
    """Return a table of two regions and two sectors with all that one can hold."""
    import mriocarbon as mc

    rng = np.random.default_rng(7)
    Z, Y = rng.random((4, 4)).round(3), (1 + rng.random((4, 2))).round(3)
    Z[2, 1] = 0.0
    x = Z.sum(axis=1) + Y.sum(axis=1)
    gases = ("CO2", "CH4", "N2O", "F-gases")
    extension = mc.Extension(
        "gases", gases, rng.random((4, 4)), ("Mt CO2", "kt", "kt", "Mt CO2e"), rng.random((4, 2))
    )
    ghg = mc.Extension("GHG", ("GHG",), rng.random((1, 4)), ("Mt CO2e",), rng.random((1, 2)))
    return mc.MRIO.from_arrays(
        Z=Z, Y=Y, x=x, regions=("A", "B"), sectors=("1", "2"),
        value_added=(x - Z.sum(axis=0))[None, :], year=2020, money_unit="million USD",
    ).replace_extensions(extension, ghg)  # fmt: skip


def npz() -> list[Bundle]:
    """Single-file tables: ours, and one as plain numpy writes it."""
    import mriocarbon as mc

    def plain(folder: Path) -> None:
        t = table()
        np.savez(folder / "t.npz", Z=t.Z, Y=t.Y, regions=t.regions, sectors=t.sectors, F__CO2=t.x)

    return [_of(lambda folder: mc.save(table(), folder / "t.npz")), _of(plain)]


def store() -> list[Bundle]:
    """A zarr store."""
    import mriocarbon as mc

    return [_of(lambda folder: mc.save(table(), folder / "t.zarr"))]


def plain(form: str) -> list[Bundle]:
    """Tables in the plain layout: "csv", "xlsx", "parquet"."""
    import mriocarbon as mc

    ending = {"csv": "t", "xlsx": "t.xlsx", "parquet": "t.parquet"}[form]
    made = [_of(lambda folder: mc.save(table(), folder / ending))]
    if form == "csv":
        by_hand = _writers("plain")
        made.append(_of(lambda folder: by_hand.write(folder / "t", _sample(), separator=";")))
    return made


def oecd() -> list[Bundle]:
    """ICIO tables, regular and extended, one zipped."""
    write, text = _writers("oecd"), _writers("").text

    def extended(folder: Path) -> None:
        parts = {"CHN": ("CN1", "CN2")}
        (folder / "2020.csv").write_text(text(write.extended_rows(_sample(), parts)))

    return [
        _of(lambda folder: write.write(folder / "2020_SML.csv", _sample())),
        _of(extended),
        _of(lambda folder: write.write(folder / "a.csv", _sample(), separator=";", decimal=",")),
    ]


def figaro() -> list[Bundle]:
    """FIGARO, matrix and flat."""
    write = _writers("figaro")
    small = _writers("").sample(("AT", "FIGW1"), ("A01", "C10T12"), zero=False)
    stem = "eu-ic-io_ind-by-ind_25ed_2020.csv"
    return [
        _of(lambda folder: write.write_matrix(folder / f"matrix_{stem}", small)),
        _of(lambda folder: write.write_flat(folder / f"flatfile_{stem}", small)),
    ]


def workbooks(kind: str) -> list[Bundle]:
    """WIOD 2013, 2016 and ADB."""
    books, wiod, adb = _writers("books"), _writers("wiod"), _writers("adb")
    t = wiod.made(["AUS", "RoW"], 2)

    def older(folder: Path) -> None:
        sheets = {"WIOT_2011": wiod.sheet_2013(t)}
        books.write_xlsx(folder / "wiot11_row_apr12.xlsx", sheets)
        (folder / "co2.csv").write_text(CO2_JRC)

    def newer(folder: Path) -> None:
        books.write_xlsb(folder / "WIOT2014_Nov16_ROW.xlsb", {"2014": wiod.sheet_2016(t)})

    def asian(folder: Path) -> None:
        books.write_xlsx(folder / "ADB-MRIO-2024.xlsx", {"ADB MRIO 2024": adb.sheet_adb(t)})

    return {
        "wiod": [_of(older), _of(newer)],
        "adb": [_of(asian)],
        "sheets": [_of(newer), _of(asian), plain("xlsx")[0]],
    }[kind]


def exiobase() -> list[Bundle]:
    """EXIOBASE as a folder and as a zip, flows and coefficients."""
    write = _writers("exiobase")
    whole = write.files(table(), extensions=write.satellites(table()))
    bare = write.files(table(), with_x=False, third=False)
    del bare["file_parameters.json"]  # with it, and without an extension, it is pymrio's own
    shares = write.files(table(), flows="A", with_x=False)
    return [
        _of(lambda folder: write.as_folder(whole, folder / "IOT_2020_ixi")),
        _of(lambda folder: write.as_zip(bare, folder / "IOT_2020_pxp.zip", "IOT_2020_pxp/")),
        _of(lambda folder: write.as_folder(shares, folder / "IOT_2021_ixi")),
        _of(lambda folder: write.as_zip(whole, folder / "IOT_2020_ixi.zip", "IOT_2020_ixi/")),
    ]


def eora() -> list[Bundle]:
    """Eora26, with labels."""
    write = _writers("eora26")
    files = write.files(table())
    return [{f"eora/{name}": text.encode() for name, text in files.items()}]


def gloria() -> list[Bundle]:
    """GLORIA: the table's files, the satellites' and the ReadMe."""
    write = _writers("gloria")

    def made(folder: Path) -> None:
        (folder / "g").mkdir()
        for files in write.files(table()):
            for name, text in files.items():
                (folder / "g" / name).write_text(text)
        write.readme(table(), folder / "g" / "GLORIA_ReadMe_059.xlsx")

    return [_of(made)]


def gtap(form: str) -> list[Bundle]:
    """GTAP as header arrays and as csv."""
    write = _writers("gtap")
    data, sets = write.made()
    if form == "csv":
        return [_of(lambda folder: write.write_csv(folder / "g", data, sets))]
    return [_of(lambda folder: write.write_har(folder / "basedata.har", data, sets))]


def emerging() -> list[Bundle]:
    """EMERGING's HDF5."""
    write = _writers("emerging")
    t = table()
    Y, va = np.repeat(t.Y, 3, axis=1) / 3, t.x - t.Z.sum(axis=0)
    finals = ["household", "government", "capital"]
    arrays = (t.Z, Y, va, t.x, list(t.regions), list(t.sectors), finals)

    def with_gases(folder: Path) -> None:
        from scipy.io import savemat

        write.write_emerging(folder / "global_mrio_2018.mat", *arrays)
        savemat(folder / "EMERGING_CO2_2018.mat", {"CO2": np.arange(28.0).reshape(4, 7)})

    return [
        _of(lambda folder: write.write_emerging(folder / "global_mrio_2018.mat", *arrays)),
        _of(with_gases),
    ]


def pymrio() -> list[Bundle]:
    """Systems saved by pymrio as text and as parquet."""
    write = _writers("pymrio_folder")
    return [
        _of(lambda folder: write.write(folder / "s", _sample(2))),
        _of(lambda folder: write.write(folder / "s", _sample(2), table_format="parquet")),
    ]


def packages(form: str) -> list[Bundle]:
    """A boiler in openLCA JSON-LD or ILCD, as a folder and as a zip."""
    write = tests("lca.packages")
    files = write.jsonld() if form == "jsonld" else write.ilcd()
    return [
        _of(lambda folder: write.write(files, folder / "p")),
        _of(lambda folder: write.write(files, folder / "p.zip")),
    ]


def ecospold() -> list[Bundle]:
    """The two shortest processes of the embedded US LCI, as files and as a zip."""
    import io
    import re
    import zipfile
    from importlib.resources import files

    whole = (files("mriocarbon.lca") / "tables" / "us_lci_fy21q3.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        text = archive.read(max(archive.infolist(), key=lambda one: one.file_size))
    head, _, _ = text.partition(b"<dataset ")
    sets = sorted(re.findall(rb"<dataset .*?</dataset>", text, re.DOTALL), key=len)
    sets = [one for one in sets if one.count(b"<exchange ") > 3][:2]
    chosen = {f"p/{k}.xml": head + one + b"</ecoSpold>" for k, one in enumerate(sets)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in chosen.items():
            archive.writestr(name, body)
    return [chosen, {"p.zip": packed.getvalue()}]


def studies() -> list[Bundle]:
    """A study in YAML that names files of processes beside it."""
    import yaml

    brick = tests("lca.cases").BRICK
    return [{"study.yaml": yaml.safe_dump(brick, sort_keys=False).encode()}]


def processes() -> list[Bundle]:
    """Foreground processes in YAML and in csv."""
    import yaml

    brick = tests("lca.cases").BRICK
    csv = (
        "process,product,product_unit,kind,flow,amount,unit,pedigree,gsd2,property:mass\n"
        "mill,steel,t,input,ore,1.5,t,2;1;3;1;4,,1\nmill,,,emission,CO2,5,kg,,1.2,\n"
        "mill,,,co-product,slag,0.2,t,,,\n"
    )
    return [
        {"p.yaml": yaml.safe_dump(brick["processes"], sort_keys=False).encode()},
        texts(p__csv=csv),
    ]


def bills() -> list[Bundle]:
    """Bills of materials in YAML and in csv."""
    shirt = TESTS / "lca" / "boms" / "tshirt.yaml"
    return [
        {"b.yaml": shirt.read_bytes()},
        texts(b__csv="name,amount,unit,price\nsteel,2.5,kg,1\nlamp,1.5,pcs,\n"),
        texts(
            q__txt="carbon footprint of 3 bicycles made in China with 5 kg aluminium and"
            " 2 t*km lorry"
        ),
    ]


def corrections() -> list[Bundle]:
    """Corrected default values."""
    return [
        texts(
            c__csv="country,cn,direct,indirect,total,m2026,m2027,m2028,route,act\n"
            "China,7208,3.000,,3.000,3.300,3.600,3.900,,Regulation X\n"
            "Angola,2523 10 00,1.240,0.020,1.260,1.386,1.512,1.638,A,\n"
        )
    ]


def trade() -> list[Bundle]:
    """Imports: plain, Comext (packed) and BACI."""
    comext = (
        "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,"
        "VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
        "DE,CN,E,72081000,67,1,1,,202352,1000000,0,1500000,0\n"
    )
    return [
        texts(t__csv="year,origin,cn,tonnes,value_eur\n2023,CHN,72081000,1.5,900\n"),
        {"t.csv.gz": gzip.compress(comext.encode(), mtime=0)},
        texts(t__csv="t,i,j,k,v,q\n2023,156,276,720810,900,1500\n"),
    ]


def user_tables() -> dict[str, str]:
    """Return every csv that a person hands in, by the name of its reader in the tests."""
    found = tests("test_user_csv").READERS
    return {name: text for name, (_, text) in found.items()}


def provinces() -> list[Bundle]:
    """Borders and values of two provinces."""
    west = [[-58.0, -34.0], [-56.0, -34.0], [-56.0, -31.0], [-58.0, -31.0], [-58.0, -34.0]]
    features = [
        {
            "type": "Feature",
            "properties": {"id": name},
            "geometry": {"type": kind, "coordinates": [west] if kind == "Polygon" else [[west]]},
        }
        for name, kind in (("west", "Polygon"), ("east", "MultiPolygon"))
    ]
    borders = {"type": "FeatureCollection", "features": features}
    values = "id,value,low,high,unit\nwest,3,2,4,Mt CO2\neast,1,,,\n"
    return [texts(p__geojson=json.dumps(borders), p__csv=values)]


def rasters() -> list[Bundle]:
    """A raster as NetCDF and as GeoTIFF."""
    import xarray as xr

    lat, lon = np.arange(-89.0, 90, 30.0), np.arange(-165.0, 180, 30.0)
    data = xr.Dataset(
        {"people": (("lat", "lon"), np.ones((len(lat), len(lon)), dtype=np.float32))},
        {
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
    )
    made = [_of(lambda folder: data.to_netcdf(folder / "p.nc", engine="h5netcdf"))]
    try:
        import rasterio
    except ImportError:
        return made
    from rasterio.transform import from_origin

    def tiff(folder: Path) -> None:
        with rasterio.open(
            folder / "p.tif", "w", driver="GTiff", height=6, width=12, count=1, dtype="float32",
            crs="EPSG:4326", transform=from_origin(-180, 90, 30, 30),
        ) as out:  # fmt: skip
            out.write(np.ones((6, 12), dtype=np.float32), 1)

    return [*made, _of(tiff)]


def catalogue() -> list[Bundle]:
    """The workbook of volcanoes and sources, files of fires and of nitrous oxide."""
    head = ["LATITUDE", "LONGITUDE", "TYPE", "NAME", "COUNTRY", "y2021", "s2021", "y2022", "s2022"]
    row = [1.5, 2.5, "Volcano", "A", "Italy", 3.0, 1.0, 4.0, None]
    books = _writers("books")

    def book(folder: Path) -> None:
        books.write_xlsx(folder / "omi.xlsx", {"OMI": [head, row], "Catalogue": [head, row]})

    sink = (
        "iso,Country,x_mean,x_std,x_skew\nCHN,China,1,0.5,0.1\nUSA,United States,2,0.5,0.1\n"
        "Total,Total,3,0.5,0.1\n"
    )
    nitrous = "source,mean,min,max\nNatural_total,9.7,8,12\n"
    return [_of(book), texts(fires__txt=GFED), texts(sink__csv=sink), texts(n2o__csv=nitrous)]


def years() -> list[Bundle]:
    """Tables of years: across, downwards, tidy, in a workbook."""
    rows = [["country", 2020.0, 2021.0], ["CHN", 1.0, 2.0], ["IND", None, 3.0]]
    books = _writers("books")
    return [
        texts(e__csv="country,X2020,X2021\nCHN,1,2\nIND,,3\n"),
        texts(e__csv="country;year;kt\nCHN;2020;1\nIND;2021;3\n"),
        texts(e__csv=",China,India\n2020,1,2\n2021,3,\n"),
        _of(lambda folder: books.write_xlsx(folder / "e.xlsx", {"S": rows})),
    ]


def slurm() -> list[Bundle]:
    """Settings of a cluster."""
    return [
        texts(
            s__yaml='jobs: 4\ncores: 16\nmemory: 64 GiB\nwalltime: "02:30:00"\nprocesses: 8\n'
            "queue: compute\naccount: climate\ninterface: ib0\npython: /opt/env/bin/python\n"
            "log_directory: logs\ndeath_timeout: 600\n"
            'extra_directives: ["--exclusive"]\nprologue: ["module load python"]\n'
        )
    ]


def kept() -> list[Bundle]:
    """What the package keeps beside its files: records, keys, manifests, traces."""
    import mriocarbon as mc
    from mriocarbon.agents.answer import Trace

    keys = {"keys": [{"name": "a", "made": "2026-01-01", "sha256": "0" * 64}]}
    record = {
        "file": "f.csv", "size": 3, "sha256": "0" * 64, "compared_with": "md5", "origin": "here",
        "retrieved": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    manifest = {"format": 1, "key": "k", "about": {"seed": 1, "batches": "x"}}
    entry = {"bytes": 0, "sha256": sha256(b"").hexdigest()}
    database: dict[str, Any] = {
        "families": {"a": {"title": "A", "rows": 1, "rows_of_the_whole": 2, "left_out": ""}},
        "complete": True,
        "files": {f"{name}.parquet": entry for name in ("a", "sources", "regions", "left_out")},
    }  # fmt: skip
    model = {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 512}
    trace = Trace(question="?", language="en", status="refused", reason="no").to_json()
    scored: dict[str, object] = dict.fromkeys(
        ("question", "about", "language", "kind", "status"), "x"
    )
    scored |= {"behaviour": True, "grounded": True}
    line = {
        "question": "?",
        "model": "m",
        "digest": "d",
        "trace": json.loads(trace),
        "scored": scored,
    }
    machine = {name: getattr(mc.Machine(), name) for name in mc.Machine.__dataclass_fields__}
    mark = {"python": "3.11", "lock": "x"}
    content = {
        "keys.json": keys, "f.csv.record": record, "run/manifest.json": manifest,
        "store/database.json": database, "model/config.json": model,
        "adapter/adapter_config.json": {"r": 8}, "machine.json": machine,
        "env/mriocarbon-llm.json": mark, "traces/answers.jsonl": line,
    }  # fmt: skip
    files = {name: json.dumps(value).encode() for name, value in content.items()}
    beside = {
        "model/config.json": {"model/a.safetensors": b"", "model/tokenizer.json": b"{}"},
        "store/database.json": {f"store/{name}": b"" for name in database["files"]},
    }
    made = [{name: body} | beside.get(name, {}) for name, body in files.items()]
    return made + [{"traces/a.json": trace.encode()}]
