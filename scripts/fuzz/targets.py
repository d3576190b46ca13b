"""Who reads what: one target for each reader of a file that somebody else wrote."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.fuzz import seeds
from scripts.fuzz.bundle import Bundle


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes
    ----------
    name : str
    rooms : tuple of str
        Modules of the package that are watched for new code reached.
    seeds : callable
        Returns whole files to begin with.
    read : callable of Path
        Reads what lies in a folder. Raises an AssertionError where what came is wrong, and
        whatever the reader raises.
    """

    name: str
    rooms: tuple[str, ...]
    seeds: Callable[[], Sequence[Bundle]]
    read: Callable[[Path], object]


TARGETS: dict[str, Target] = {}
IO = ("mriocarbon.io", "mriocarbon.model")


def _add(
    name: str,
    rooms: tuple[str, ...],
    seed: Callable[[], Sequence[Bundle]],
    read: Callable[[Path], object],
) -> None:
    TARGETS[name] = Target(name, rooms, seed, read)


def _only(folder: Path) -> Path:
    """Return what a person would name: the one thing in a folder, or the folder."""
    found = sorted(folder.iterdir())
    return found[0] if len(found) == 1 else folder


def _each(read: Callable[[Path], object], *suffixes: str) -> Callable[[Path], object]:
    """Read every file of these suffixes (all, if none is named); the first error goes out."""

    def all_of(folder: Path) -> None:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            if not suffixes or path.name.endswith(suffixes):
                read(path)

    return all_of


# -- tables -----------------------------------------------------------------------------------


def table(path: Path, **options: Any) -> None:
    """Read a table; what was accepted must come back from our own file as it went in."""
    import mriocarbon as mc
    from mriocarbon.io.npz import load_npz, save_npz

    mrio = mc.read(path, **options)
    with tempfile.TemporaryDirectory() as folder:
        again = load_npz(save_npz(mrio, Path(folder) / "t.npz"))
    same(mrio, again)


def same(one: Any, other: Any) -> None:
    """Raise if two tables differ in a label, a number or a word."""
    from mriocarbon.io.npz import arrays_of

    for what in ("regions", "sectors", "categories"):
        assert getattr(one, what) == getattr(other, what), f"{what} came back changed"
    mine, theirs = arrays_of(one), arrays_of(other)
    assert mine.keys() == theirs.keys(), "parts of the table came back changed"
    for name, array in mine.items():
        assert array.shape == theirs[name].shape and array.tobytes() == theirs[name].tobytes(), (
            f"{name} came back changed"
        )
    assert words(one) == words(other), "the words of the table came back changed"


def words(mrio: Any) -> dict[str, Any]:
    """Return what a table says of itself, but the hash of the file that it came from."""
    from mriocarbon.model.meta import to_json

    told: dict[str, Any] = json.loads(to_json(mrio))
    del told["provenance"]["sha256"]
    return told


def _official(folder: Path) -> None:
    """Read a table in whatever layout it is recognised as."""
    table(_only(folder))


def _formatted(name: str, **options: Any) -> Callable[[Path], None]:
    """Read a table whose layout the person names."""

    def read(folder: Path) -> None:
        table(_only(folder), format=name, **options)

    return read


def _wiod(folder: Path) -> None:
    books = [p for p in sorted(folder.iterdir()) if p.suffix != ".csv"]
    accounts = [p for p in sorted(folder.iterdir()) if p.suffix == ".csv"]
    path = books[0] if len(books) == 1 else folder
    table(path, format="wiod", **({"emissions": accounts[0]} if accounts else {}))


def _series(folder: Path) -> None:
    import mriocarbon as mc

    for mrio in mc.read_series(folder).values():
        assert mrio.Z.shape[0] == len(mrio.index)


def _sheets(path: Path) -> None:
    from mriocarbon.io.archive import Archive
    from mriocarbon.io.sheets import rows, sheet_names

    archive = Archive(path)
    for name in sheet_names(archive, path.name):
        for number, cells in rows(archive, path.name, name):
            assert number >= 0 and len(cells) <= 1 << 14


def _har(path: Path) -> None:
    from mriocarbon.io.har import read_har

    with path.open("rb") as stream:
        for header in read_har(stream, path.name):
            assert header.array.nbytes <= 64 * path.stat().st_size + (1 << 20), "out of nothing"


def _stored(folder: Path) -> None:
    """Read a store: every byte of it is vouched for, so that it is refused or the same."""
    import mriocarbon as mc

    path = _only(folder)
    mrio = mc.load(path)
    same(mrio, seeds.table())
    store = mc.Store(path)
    with store.bands() as bands:
        for k in range(len(bands.edges) - 1):
            bands.band(k)
    store.frame()


def _npz(folder: Path) -> None:
    path = _only(folder)
    table(path)
    import numpy as np

    with np.load(path, allow_pickle=False) as archive:
        if "sha256" not in archive.files:
            return
    import mriocarbon as mc

    same(mc.load(path), seeds.table())


for _name, _seeds in (
    ("oecd-icio", seeds.oecd), ("figaro", seeds.figaro), ("exiobase3", seeds.exiobase),
    ("eora26", seeds.eora), ("gloria", seeds.gloria), ("emerging", seeds.emerging),
    ("pymrio", seeds.pymrio), ("adb-mrio", lambda: seeds.workbooks("adb")),
):  # fmt: skip
    _add(_name, IO, _seeds, _formatted(_name))
_add("wiod", IO, lambda: seeds.workbooks("wiod"), _wiod)
_add("gtap-har", IO, lambda: seeds.gtap("har"), _formatted("gtap"))
_add("gtap-csv", IO, lambda: seeds.gtap("csv"), _formatted("gtap"))
for _name in ("csv", "xlsx", "parquet"):
    _add(f"plain-{_name}", IO, lambda form=_name: seeds.plain(form), _formatted("plain"))  # type: ignore[misc]
_add(
    "recognised",
    IO,
    lambda: [
        one
        for made in (
            seeds.oecd(),
            seeds.exiobase()[:1],
            seeds.eora(),
            seeds.emerging(),
            seeds.pymrio(),
            seeds.plain("csv"),
            seeds.gtap("csv"),
            seeds.figaro(),
            seeds.gloria(),
        )
        for one in made
    ],
    _official,
)
_add(
    "series",
    IO,
    lambda: [seeds.oecd()[0] | seeds.npz()[0], seeds.eora()[0] | seeds.oecd()[1]],
    _series,
)
_add("npz", IO, seeds.npz, _npz)
_add("store", IO, seeds.store, _stored)
_add("sheets", IO, lambda: seeds.workbooks("sheets"), _each(_sheets))
_add("har", IO, lambda: seeds.gtap("har"), _each(_har))


# -- products ---------------------------------------------------------------------------------


def _ecospold(folder: Path) -> None:
    from mriocarbon.lca import ecospold1

    ecospold1._read.cache_clear()
    ecospold1.read_ecospold1(_only(folder))


def _jsonld(folder: Path) -> None:
    from mriocarbon.lca.jsonld import read_jsonld

    read_jsonld(_only(folder))


def _ilcd(folder: Path) -> None:
    from mriocarbon.lca.ilcd import read_ilcd

    read_ilcd(_only(folder))


def _specs(path: Path) -> None:
    from mriocarbon.lca.foreground_files import read_specs

    read_specs(path)


def _bill(path: Path) -> None:
    from mriocarbon.lca.bill import question, read_bill

    if path.suffix == ".txt":  # words, not a file: whoever asks hands over text
        question(path.read_bytes().decode("utf-8", "replace")[:2000])
    else:
        read_bill(path)


def _study(path: Path) -> None:
    from mriocarbon.lca.foreground import foreground_of
    from mriocarbon.lca.goal import read_study

    foreground_of(read_study(path), path.parent)


LCA = ("mriocarbon.lca", "mriocarbon.uncertainty")
_add("ecospold1", LCA, seeds.ecospold, _ecospold)
_add("jsonld", LCA, lambda: seeds.packages("jsonld"), _jsonld)
_add("ilcd", LCA, lambda: seeds.packages("ilcd"), _ilcd)
_add("processes", LCA, seeds.processes, _each(_specs))
_add("bill", LCA, seeds.bills, _each(_bill))
_add("study", LCA, seeds.studies, _each(_study, ".yaml"))


# -- tables that people hand in ---------------------------------------------------------------


def _corrections(path: Path) -> None:
    from mriocarbon.cbam.corrections import read_corrections

    read_corrections(path)


def _trade(path: Path) -> None:
    from mriocarbon.cbam.trade import read_trade

    read_trade(path)


def _user(name: str) -> Callable[[Path], object]:
    """Return the reader of a csv, as the tests name it."""
    read: Callable[[Path], object] = seeds.tests("test_user_csv").READERS[name][0]
    return read


def _user_target(name: str) -> Target:
    def files() -> list[Bundle]:
        return [{"t.csv": seeds.user_tables()[name].encode()}]

    def read(folder: Path) -> None:
        _each(_user(name))(folder)

    return Target(name, ("mriocarbon.io.user_csv", *_ROOMS[name]), files, read)


_ROOMS = {
    "people": ("mriocarbon.cli.inequality",),
    "deflators": ("mriocarbon.cli.decompose", "mriocarbon.build"),
    "exports": ("mriocarbon.avoided",),
    "points": ("mriocarbon.atlas",),
    "concordance": ("mriocarbon.build",),
    "prices": ("mriocarbon.cbam",),
    "references": ("mriocarbon.cbam",),
}
for _name in _ROOMS:
    TARGETS[_name] = _user_target(_name)
_add("corrections", ("mriocarbon.cbam",), seeds.corrections, _each(_corrections))
_add("trade", ("mriocarbon.cbam",), seeds.trade, _each(_trade))


def _provinces(folder: Path) -> None:
    from mriocarbon.atlas.provinces import _borders, _values

    _borders(folder / "p.geojson", "id")
    _values(folder / "p.csv")


def _raster(path: Path) -> None:
    from mriocarbon.atlas import raster_files

    with raster_files.open_raster(path, crs="EPSG:4326") as found:
        height = len(found.latitude) - 1
        for start in range(0, min(height, 64), 16):
            found.rows(start, min(start + 16, height))


def _natural(path: Path) -> None:
    """Read files of natural fluxes, each as the one that it is named for."""
    from mriocarbon.natural import sources_local as room

    of = {".xlsx": room.VOLCANOES, "s.txt": room.FIRES["CO2"], "k.csv": room.SINK,
          "o.csv": room.NITROUS}  # fmt: skip
    name = next((file for end, file in of.items() if path.name.endswith(end)), None)
    if name is None:
        return
    with tempfile.TemporaryDirectory() as made:
        target = Path(made) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        room.local(Path(made))


def _editions(path: Path) -> None:
    from mriocarbon.datasets.editions import compare_files, rows_of, values_of

    compare_files(path, path)
    values_of(rows_of(path))


def _scenario(path: Path) -> None:
    """Read changes, line by line, as the command line does."""
    import mriocarbon as mc

    for line in path.read_bytes().decode("utf-8", "replace").splitlines()[:20]:
        str(mc.Change.parse(line))


def _slurm(path: Path) -> None:
    from mriocarbon.compute.slurm import job_script

    job_script(path)


ATLAS = ("mriocarbon.atlas", "mriocarbon.io.user_csv")
_add("provinces", ATLAS, seeds.provinces, _provinces)
_add("raster", ATLAS, seeds.rasters, _each(_raster))
_add("natural", ("mriocarbon.natural",), seeds.catalogue, _each(_natural))
_add(
    "editions",
    ("mriocarbon.datasets",),
    seeds.years,
    _each(_editions),
)
_add(
    "changes",
    ("mriocarbon.structure.changes",),
    lambda: [
        seeds.texts(
            c__txt="coefficients region=CHN sector=C24A user=CHN to=JPN share=0.3\n"
            'stressor factor=0.5 region="CHN"\ndemand factor=0.5 region=CHN keep_total=true\n'
        )
    ],
    _each(_scenario),
)  # fmt: skip
_add("slurm", ("mriocarbon.compute",), seeds.slurm, _each(_slurm))


def _added(path: Path) -> None:
    """Look at a file fetched by hand, as `mc.data_add` does before it takes it in."""
    from mriocarbon.datasets.files import wrong_inside, wrong_start

    with path.open("rb") as file:
        told = wrong_start(path.name, file.read(512)), wrong_inside(path, path.name)
    assert all(isinstance(text, str) for text in told)


_add(
    "added",
    ("mriocarbon.datasets.files",),
    lambda: [
        seeds.workbooks("adb")[0], seeds.exiobase()[3], seeds.npz()[0], seeds.trade()[1],
        seeds.texts(page__csv="<!doctype html><html>", p__csv="a,b\n1,2\n"),
    ],
    _each(_added),
)  # fmt: skip


# -- the service, and what the package keeps --------------------------------------------------


def _upload(folder: Path) -> None:
    """Take an upload the way of the service: looked at first, then read."""
    import mriocarbon as mc
    from mriocarbon.service.uploads import inspect, safe_name

    path = _only(folder)
    if path.is_dir():
        return
    assert safe_name(path.name) not in ("", ".", "..")
    inspect(path, 1 << 28)
    mc.read(path)


def _kept(folder: Path) -> None:
    """Read whatever is kept, each by its own reader."""
    from mriocarbon.agents.evaluation import run, sft
    from mriocarbon.agents.serving import families, install, serve
    from mriocarbon.compute.checkpoint import Checkpoint
    from mriocarbon.datasets import cache, database
    from mriocarbon.service import keys
    from mriocarbon.solve import choose

    def checkpoint(path: Path) -> None:
        from mriocarbon.errors import InputError

        try:
            Checkpoint(path.parent, {"seed": 1}, 2, resume=True)
        except InputError:
            return  # another run's

    readers: dict[str, Callable[[Path], object]] = {
        "keys.json": keys.read,
        "f.csv.record": lambda path: cache.record_of(path.with_suffix("")),
        "run/manifest.json": checkpoint,
        "store/database.json": lambda path: database._opened.__wrapped__(path.parent, ()),
        "model/config.json": lambda path: families.look(str(path.parent)),
        "adapter/adapter_config.json": lambda path: serve.adapters([f"a={path.parent}"]),
        "env/mriocarbon-llm.json": lambda path: install._state(path.parent),
        "traces/answers.jsonl": lambda path: (run._before(path.parent),
                                              list(sft.traces(path.parent))),
        "traces/a.json": lambda path: list(sft.traces(path.parent)),
    }  # fmt: skip
    for name, read in readers.items():
        if (folder / name).is_file():
            read(folder / name)
    if (folder / "machine.json").is_file():
        import os

        before = os.environ.get("MRIOCARBON_CACHE")
        os.environ["MRIOCARBON_CACHE"] = str(folder)
        try:
            choose._kept.__wrapped__()
        finally:
            if before is None:
                del os.environ["MRIOCARBON_CACHE"]
            else:
                os.environ["MRIOCARBON_CACHE"] = before


_add(
    "upload",
    (*IO, "mriocarbon.service.uploads"),
    lambda: [
        one
        for made in (
            seeds.npz(), seeds.exiobase()[3:], seeds.plain("xlsx"), seeds.oecd()[:1],
            seeds.workbooks("wiod")[1:], seeds.emerging(),
        )
        for one in made
    ],
    _upload,
)  # fmt: skip
_add(
    "kept",
    (
        "mriocarbon.agents.evaluation", "mriocarbon.agents.serving.families",
        "mriocarbon.agents.serving.install", "mriocarbon.agents.serving.serve",
        "mriocarbon.compute", "mriocarbon.datasets", "mriocarbon.service.keys",
    ),
    seeds.kept,
    _kept,
)  # fmt: skip
