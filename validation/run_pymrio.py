"""pymrio's test system: the same accounts by another program, to 1e-9 relative.

pymrio's sector tables (D_cba, D_pba, D_imp, D_exp) hold industries only; its regional tables
(..._reg) add what households emit directly (F_Y). Both are compared with their counterparts.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import mriocarbon as mc
from validation._check import Report

RTOL = 1e-9


def main() -> int:
    """Compare all extensions and stressors; return 1 if anything differs."""
    import pymrio

    report = Report("pymrio test system")
    report.source(
        f"pymrio {pymrio.__version__}, load_test().calc_all() (Stadler 2021, Journal of Open"
        " Research Software 9:8, doi:10.5334/jors.251), computed in this run"
    )
    system = pymrio.load_test().calc_all()
    mrio = mc.MRIO.from_pymrio(system)
    R, S = len(mrio.regions), len(mrio.sectors)
    report.same("x", mrio.x, system.x.to_numpy().ravel(), rtol=RTOL)
    report.same("L", mc.leontief(mrio).inverse(), system.L.to_numpy(), rtol=RTOL)
    for name, extension in mrio.extensions.items():
        theirs = getattr(system, name)
        report.true(
            f"{name}: units {', '.join(extension.units)}",
            list(extension.units) == list(theirs.unit.iloc[:, 0]),
        )
        for row, label in enumerate(extension.stressors):
            _stressor(report, mrio, f"{name}/{label}", theirs, row, R, S)
    _round_trip(report, mrio, system)
    return report.finish()


def _stressor(
    report: Report, mrio: mc.MRIO, label: str, theirs: Any, row: int, R: int, S: int
) -> None:
    def sectors(frame: Any) -> Any:
        return frame.to_numpy()[row].reshape(R, S)

    def regions(frame: Any) -> Any:
        return frame.to_numpy()[row]

    def account(principle: str, households: bool) -> Any:
        result = mc.account(mrio, principle, stressor=label, households=households)
        assert result.coords["region"] == mrio.regions
        return result.value

    system = mc.leontief(mrio)
    f = mrio.extension_of(label).F[row]
    S_ = np.divide(f, mrio.x, out=np.zeros_like(f), where=mrio.x > 0)
    report.same(f"{label}: M", system.multipliers(S_).value, regions(theirs.M), rtol=RTOL)
    report.same(
        f"{label}: D_cba by product",
        mc.footprint(mrio, label, by="product").value,
        sectors(theirs.D_cba),
        rtol=RTOL,
    )
    report.same(f"{label}: D_pba", f.reshape(R, S), sectors(theirs.D_pba), rtol=RTOL)
    imports, exports = _traded(mrio, S_)
    report.same(f"{label}: D_imp by product", imports, sectors(theirs.D_imp), rtol=RTOL)
    report.same(f"{label}: D_exp by industry", exports, sectors(theirs.D_exp), rtol=RTOL)
    trade = mc.trade(mrio, label)
    for item, frame in (("imports", theirs.D_imp), ("exports", theirs.D_exp)):
        ours = [trade[region, item] for region in mrio.regions]
        report.same(f"{label}: {item} by region", ours, sectors(frame).sum(axis=1), rtol=RTOL)
    for principle, frame, regional in (
        ("consumption", theirs.D_cba, theirs.D_cba_reg),
        ("production", theirs.D_pba, theirs.D_pba_reg),
    ):
        report.same(
            f"{label}: {principle}, industries",
            account(principle, False), sectors(frame).sum(axis=1), rtol=RTOL,
        )  # fmt: skip
        report.same(
            f"{label}: {principle}, {'with' if theirs.F_Y is not None else 'no'} households",
            account(principle, theirs.F_Y is not None), regions(regional), rtol=RTOL,
        )  # fmt: skip


def _traded(mrio: mc.MRIO, intensity: Any) -> tuple[Any, Any]:
    """Imports by product of the consumer and exports by industry, from public calls only."""
    R, S = len(mrio.regions), len(mrio.sectors)
    n = R * S
    # One column for each consuming region and product, so that imports keep the product.
    demand = np.zeros((n, R, S))
    for i in range(n):
        demand[i, :, i % S] = mrio.final_demand[i]
    flows = mc.leontief(mrio).output(demand.reshape(n, n)).value * intensity[:, None]
    blocks = flows.reshape(R, S, R, S)
    home = np.einsum("rsrp->rsp", blocks)
    imports = blocks.sum(axis=(0, 1)) - home.sum(axis=1)
    exports = blocks.sum(axis=(2, 3)) - home.sum(axis=2)
    return imports, exports


def _round_trip(report: Report, mrio: mc.MRIO, system: Any) -> None:
    report.source("the same system, sent through to_pymrio and from_pymrio")
    back = mrio.to_pymrio()
    for name in ("Z", "Y", "x"):
        sent, first = getattr(back, name), getattr(system, name)
        report.true(
            f"to_pymrio: {name} and its labels are unchanged",
            np.array_equal(sent.to_numpy(), first.to_numpy())
            and list(sent.index) == list(first.index),
        )
    again = mc.MRIO.from_pymrio(back)
    same = all(np.array_equal(getattr(again, k), getattr(mrio, k)) for k in ("Z", "Y", "x"))
    for name, extension in mrio.extensions.items():
        other = again.extensions[name]
        same &= np.array_equal(other.F, extension.F) and other.units == extension.units
        same &= other.stressors == extension.stressors
        if extension.F_Y is None or other.F_Y is None:
            same &= extension.F_Y is other.F_Y
        else:
            same &= np.array_equal(other.F_Y, extension.F_Y)
    labels = again.index == mrio.index and again.categories == mrio.categories
    report.true("round trip: every number and label comes back bit for bit", bool(same and labels))


if __name__ == "__main__":
    sys.exit(main())
