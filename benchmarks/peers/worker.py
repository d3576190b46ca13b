"""One contender in a process of its own: ``python worker.py task.json``, by its own interpreter.

Arrays are loaded, the library is imported and run once on a table of 2 x 2 before the clock
starts, so that neither imports nor compilation count. A turn then begins at plain arrays, builds
labels, frames and whatever the library wants of them, and ends when the accounts are there. Every
repeat builds all of it anew. Only public functions are called; what the library keeps is turned
into arrays for the comparison after the clock has stopped.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Arrays(NamedTuple):
    """A table as plain arrays: n = R S, region-major; k stressors."""

    Z: Array  # (n, n)
    Y: Array  # (n, R)
    F: Array  # (k, n)
    regions: list[str]
    sectors: list[str]

    @property
    def names(self) -> list[str]:
        """Names of the stressors."""
        return [f"e{k}" for k in range(len(self.F))]


class Mriocarbon:
    """This project: ``everything``, ``regional`` accounts alone, or one ``national`` account."""

    package = "mriocarbon"
    outputs: ClassVar = {
        "everything": "production, consumption by product, imports by product, exports,"
        " multipliers, error bound",
        "regional": "production, consumption by product, imports by region, exports, multipliers,"
        " error bound",
        "national": "consumption by region, error bound",
    }

    def __init__(self, mode: str) -> None:
        self.mc, self.mode = importlib.import_module("mriocarbon"), mode

    def work(self, a: Arrays) -> Any:
        """Compute the accounts."""
        table = self.mc.MRIO.from_arrays(
            Z=a.Z, Y=a.Y, regions=a.regions, sectors=a.sectors, units="t",
            stressors=dict(zip(a.names, a.F, strict=True)),
            copy=False,  # as the frames that the peers get share the arrays too
        )  # fmt: skip
        if self.mode == "national":
            return self.mc.account(table, "consumption", stressor=a.names[0], households=False)
        return self.mc.all_accounts(table, imports_by_product=self.mode == "everything")

    def take(self, made: Any, a: Arrays) -> dict[str, Array]:
        """Arrays of what `work` returned."""
        if self.mode == "national":
            return {"consumption": made.value[None, :]}
        k = len(a.F)
        found = {
            "production by sector": made.production, "consumption by product": made.consumption,
            "exports by sector": made.exports, "multipliers": made.multipliers,
        }  # fmt: skip
        if self.mode == "everything":
            found["imports by product"] = made.imports
        return {
            **{name: value.reshape(k, -1) for name, value in found.items()},
            "production": made.production.sum(axis=2), "exports": made.exports.sum(axis=2),
            "consumption": made.consumption.sum(axis=2), "imports": made.imported,
        }  # fmt: skip


class Pymrio:
    """pymrio: an IOSystem with one extension, and calc_all, which computes all it can."""

    package = "pymrio"
    outputs: ClassVar = {
        "calc_all": "x, A, L, S, multipliers M, D_pba, D_cba, D_imp, D_exp by sector and by region"
    }

    def __init__(self, mode: str) -> None:
        self.pymrio, self.pd = importlib.import_module("pymrio"), importlib.import_module("pandas")

    def work(self, a: Arrays) -> Any:
        """Compute the accounts. Frames take the arrays as they are, without a copy."""
        pd = self.pd
        index = pd.MultiIndex.from_product([a.regions, a.sectors], names=["region", "sector"])
        demand = pd.MultiIndex.from_product(
            [a.regions, ["final demand"]], names=["region", "category"]
        )
        stressor = pd.Index(a.names, name="stressor")
        system = self.pymrio.IOSystem(
            Z=pd.DataFrame(a.Z, index=index, columns=index, copy=False),
            Y=pd.DataFrame(a.Y, index=index, columns=demand, copy=False),
        )
        system.emissions = self.pymrio.Extension(
            "emissions",
            F=pd.DataFrame(a.F, index=stressor, columns=index, copy=False),
            unit=pd.DataFrame({"unit": "t"}, index=stressor),
        )
        system.calc_all()
        return system

    def take(self, made: Any, a: Arrays) -> dict[str, Array]:
        """Arrays of what `work` returned."""
        e = made.emissions
        index = self.pd.MultiIndex.from_product([a.regions, a.sectors])
        by_sector = {
            "production by sector": e.D_pba, "consumption by product": e.D_cba,
            "imports by product": e.D_imp, "exports by sector": e.D_exp, "multipliers": e.M,
        }  # fmt: skip
        by_region = {
            "production": e.D_pba_reg, "consumption": e.D_cba_reg, "imports": e.D_imp_reg,
            "exports": e.D_exp_reg,
        }  # fmt: skip
        return {
            **{name: frame[index].to_numpy() for name, frame in by_sector.items()},
            **{name: frame[a.regions].to_numpy() for name, frame in by_region.items()},
        }


class Mario:
    """MARIO: a Database of frames, and calc_all of the footprints f (multipliers) and F."""

    package = "mariopy"
    outputs: ClassVar = {"footprints": "X, e, multipliers f, F by final product"}

    def __init__(self, mode: str) -> None:
        self.mario, self.pd = importlib.import_module("mario"), importlib.import_module("pandas")
        self.mario.set_log_verbosity("critical")

    def work(self, a: Arrays) -> Any:
        """Compute the accounts. Value added, which it asks for, is what makes columns balance."""
        pd, axis = self.pd, ["Region", "Level", "Item"]
        index = pd.MultiIndex.from_product([a.regions, ["Sector"], a.sectors], names=axis)
        demand = pd.MultiIndex.from_product(
            [a.regions, ["Consumption category"], ["Final demand"]], names=axis
        )
        satellite = pd.Index(a.names, name="Item")
        factor = pd.Index(["Value added"], name="Item")
        added = a.Z.sum(axis=1) + a.Y.sum(axis=1) - a.Z.sum(axis=0)
        system = self.mario.Database(
            table="IOT",
            Z=pd.DataFrame(a.Z, index=index, columns=index, copy=False),
            Y=pd.DataFrame(a.Y, index=index, columns=demand, copy=False),
            V=pd.DataFrame(added[None, :], index=factor, columns=index, copy=False),
            E=pd.DataFrame(a.F, index=satellite, columns=index, copy=False),
            EY=pd.DataFrame(np.zeros((len(a.F), len(a.regions))), index=satellite, columns=demand),
            units={
                "Sector": pd.DataFrame({"unit": "M USD"}, index=a.sectors),
                "Factor of production": pd.DataFrame({"unit": "M USD"}, index=list(factor)),
                "Satellite account": pd.DataFrame({"unit": "t"}, index=list(satellite)),
            },
        )
        system.calc_all(["f", "F"])
        return system

    def take(self, made: Any, a: Arrays) -> dict[str, Array]:
        """Arrays of what `work` returned."""
        index = self.pd.MultiIndex.from_product([a.regions, ["Sector"], a.sectors])
        return {"multipliers": made.f.loc[a.names, index].to_numpy()}


PROGRAMS: dict[str, Any] = {"mriocarbon": Mriocarbon, "pymrio": Pymrio, "mario": Mario}
TINY = Arrays(
    np.array([[20.0, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]]),
    np.array([[30.0, 40], [55, 10], [10, 45], [5, 120]]),
    np.array([[240.0, 50, 60, 40]]), ["A", "B"], ["1", "2"],
)  # fmt: skip


def main(task: dict[str, Any]) -> None:
    """Run one contender `repeats` times; write its accounts and its report."""
    from importlib.metadata import PackageNotFoundError, version

    warnings.simplefilter("ignore")
    folder = Path(task["arrays"])
    Z, Y = np.load(folder / "Z.npy"), np.load(folder / "Y.npy")
    F = np.array(np.load(folder / "F.npy", mmap_mode="r")[: task["stressors"]])
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    arrays = Arrays(Z, Y, F, labels["regions"], labels["sectors"])
    kind = PROGRAMS[task["program"]]
    program = kind(task["mode"])
    program.work(TINY)
    seconds: list[float] = []
    made: Any = None
    for _ in range(task["repeats"]):
        made = None  # the last turn's system must not count as this one's memory
        gc.collect()
        start = time.perf_counter()
        made = program.work(arrays)
        seconds.append(time.perf_counter() - start)
    found = program.take(made, arrays)
    accounts: Any = {name: np.asarray(value) for name, value in found.items()}
    np.savez(Path(task["accounts"]), **accounts)
    try:
        number = version(kind.package)
    except PackageNotFoundError:
        number = "from its folder"
    report = {
        "seconds": seconds, "outputs": kind.outputs[task["mode"]],
        "version": f"{kind.package} {number}",
    }  # fmt: skip
    Path(task["report"]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
