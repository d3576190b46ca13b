"""The completion of the 2022 table: exact margins reproduced, estimates measured.

Needs the folder of source data (MRIOCARBON_DATA). Exact is what the OECD publishes; the origin of
imported final demand is not published, so another completion of the same table is only compared
with. How far such an estimate is off is measured where the origin is published: the final demand
of WIOD 2011 is collapsed and completed again.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.build.complete import complete_final_demand
from mriocarbon.errors import TableWarning
from mriocarbon.model import MRIO
from validation._check import Report, data_folder

SOURCE = "OECD Inter-Country Input-Output tables, 2025 edition, 2022, 80 economies x 50 industries"
Array = NDArray[np.float64]


def main() -> int:
    """Return 1 if a margin or a published cell is not reproduced."""
    report = Report("Completion of final demand, 2022")
    folder = data_folder()
    file = folder / "icio2022" / "icio2022_80x50_exact_f64.npz" if folder else None
    if folder is None or file is None or not file.is_file():
        report.skip("all of it", "MRIOCARBON_DATA names no folder with the exact table")
        return report.finish()
    with np.load(file) as archive:
        e = {name: archive[name] for name in archive.files}
    report.source(SOURCE)
    mrio = build(report, e)
    exact(report, mrio, e)
    compare(report, mrio, folder)
    again(report, folder)
    return report.finish()


def build(report: Report, e: dict[str, Any]) -> MRIO:
    """Complete it; what is wrong in the source must be told."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mrio = complete_final_demand(
            regions=e["countries"][:80].tolist(), sectors=e["sectors"].tolist(), Z=e["Z"],
            x=e["x"], domestic=e["FD_dom"], imported=e["FD_imported"], Z_from_rest=e["Z_from_ROW"],
            rest_output=e["ROW_x"], rest_value_added=e["ROW_VA"], value_added=e["VA"],
            other_inputs={"taxes less subsidies": e["TLS"], "other imports": e["IMP_OTHER"]},
            year=2022,
        )  # fmt: skip
    told = " ".join(str(w.message) for w in caught if issubclass(w.category, TableWarning))
    for note in mrio.notes:
        report.say(("estimated: " if note.estimated else "") + note.text)
    text = told + " ".join(note.text for note in mrio.notes)
    for part in ("51 sectors have zero output", "ISL C21", "CYP H51"):
        report.true(f"told of the source: {part}", part in text)
    gap = e["IMPO"] - (_imports(e) + e["FD_imported"])
    report.say(
        f"published imports differ from intermediate plus final imports by up to"
        f" {np.abs(gap).max():.1f} million USD in {int((np.abs(gap) > 0.5).sum())} cells"
        f" (sum {gap.sum():.1f}); they are not used as a margin"
    )
    return mrio


def _imports(e: dict[str, Any]) -> Array:
    Z = e["Z"].reshape(80, 50, 80, 50).sum(axis=3)
    home = Z[np.arange(80), :, np.arange(80)]
    imported: Array = Z.sum(axis=0).T - home + e["Z_from_ROW"].reshape(50, 80, 50).sum(axis=2).T
    return imported


def exact(report: Report, mrio: MRIO, e: dict[str, Any]) -> None:
    """Published cells bit for bit, published margins to 1e-9."""
    Y = mrio.Y.reshape(81, 50, 81)
    home = Y[np.arange(80), :, np.arange(80)]
    report.true("domestic final demand untouched, bit for bit", np.array_equal(home, e["FD_dom"]))
    report.true(
        "intermediate flows untouched, bit for bit",
        np.array_equal(mrio.Z[:4000, :4000], e["Z"])
        and np.array_equal(mrio.Z[4000:, :4000], e["Z_from_ROW"]),
    )
    away = Y[:, :, :80].sum(axis=0).T - home
    _relative(report, "imported final demand by destination and product", away, e["FD_imported"])
    sales = mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1)
    output = np.concatenate([e["x"], e["ROW_x"]])
    _relative(report, "output as the sum of sales, 4,050 sectors", sales, output)
    exports = (mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1)).reshape(81, 50)[:80]
    Z = mrio.Z.reshape(81, 50, 81, 50)
    inner = np.stack([Z[r, :, r].sum(axis=1) for r in range(80)]) + home
    _relative(report, "exports by country and product", exports - inner, e["EXPO_incl_CONSNR"],
              slack=1e-9 * e["x"].reshape(80, 50))  # fmt: skip
    rest = mrio.x[4000:] - mrio.Z[:, 4000:].sum(axis=0)
    assert mrio.other_inputs is not None
    known = e["ROW_VA"] + mrio.other_inputs.total[4000:]
    _relative(report, "rest of the world: output less inputs is value added and taxes", rest, known)
    marks = mrio.estimated["Y"].reshape(81, 50, 81)
    clean = not marks[np.arange(80), :, np.arange(80)].any() and bool(marks[:, :, 80].all())
    report.true("domestic cells unmarked, all else of Y marked as estimated", clean)


def _relative(
    report: Report, what: str, computed: Array, expected: Array, slack: Array | float = 0.0
) -> None:
    """Every cell to 1e-9 of itself (of output, where it is a difference of large figures)."""
    gap = np.abs(computed - expected)
    scale = np.maximum(np.abs(expected), np.asarray(slack) / 1e-9)
    worst = float(np.where(gap == 0, 0.0, gap / np.where(scale > 0, scale, 1e-300)).max())
    report.true(f"{what}: worst relative deviation", worst <= 1e-9,
                value=worst, bound="at most 1e-9")  # fmt: skip


def _wape(a: Array, b: Array) -> float:
    return float(100 * np.abs(a - b).sum() / np.abs(b).sum())


def compare(report: Report, mrio: MRIO, folder: Path) -> None:
    """Against another completion of the same table: neither passed nor failed."""
    report.source("another completion of the same table (81 x 50, and summed to 20 x 50)")
    file = folder / "icio2022" / "icio2022_81x50_f32.npz"
    with np.load(file) as archive:
        Y, Z = archive["Y"].astype(float), archive["Z"].astype(float)
    marked = mrio.estimated["Y"][:, :80]
    report.say("WAPE, sum of absolute differences over the sum of the other:")
    report.say(f"all final demand: {_wape(mrio.Y, Y):.2f} %")
    report.say(
        "imported final demand of 80 economies by origin:"
        f" {_wape(mrio.Y[:, :80][marked], Y[:, :80][marked]):.1f} %"
    )
    report.say(f"final demand of ROW: {_wape(mrio.Y[:, 80], Y[:, 80]):.1f} %")
    report.say(f"inputs of ROW: {_wape(mrio.Z[:, 4000:], Z[:, 4000:]):.1f} %")
    with np.load(folder / "icio2022" / "icio2022_20Rx50_with_GHG.npz") as archive:
        Z20, Y20, regions = archive["Z"], archive["Y"], archive["regions"].tolist()
    lines = (folder / "icio2022" / "region_mapping_20R.csv").read_text().split()[1:]
    of = {**dict(line.split(",") for line in lines), "ROW": "ROW"}
    to = np.array([regions.index(of[r]) for r in mrio.regions])
    G = np.zeros((20, 81))
    G[to, np.arange(81)] = 1
    Ya = np.einsum("ar,rst,bt->asb", G, mrio.Y.reshape(81, 50, 81), G).reshape(1000, 20)
    by_row = np.tensordot(G, mrio.Z.reshape(81, 50 * 4050), 1).reshape(1000, 81, 50)
    Za = np.einsum("nrs,br->nbs", by_row, G).reshape(1000, 1000)
    between = np.kron(~np.eye(20, dtype=bool), np.ones((50, 1), bool))
    report.say(
        f"summed to 20 regions: final demand {_wape(Ya, Y20):.2f} %, of it between regions"
        f" {_wape(Ya[between], Y20[between]):.1f} %, intermediate flows {_wape(Za, Z20):.2f} %"
    )


def again(report: Report, folder: Path) -> None:
    """Tables whose final demand has a published origin: collapsed and completed again."""
    report.source("WIOD 2013 release, 2011 (Timmer et al. 2015); final demand by origin published")
    with np.load(folder / "wiod2013" / "wiod2013_1995_2011_int32.npz") as archive:
        Z, Y, x = (archive[f"{k}_2011"].astype(float) for k in ("Z", "Y", "x"))
        regions, sectors = archive["countries"].tolist(), archive["industries"].tolist()
    R, S = len(regions), len(sectors)
    F = np.maximum(Y.reshape(R * S, R, -1).sum(axis=2), 0.0)  # inventories may exceed the rest
    x = Z.sum(axis=1) + F.sum(axis=1)  # whole millions do not add up: the sum of the cells is taken
    n = (R - 1) * S
    cells = F.reshape(R, S, R)
    home = cells[np.arange(R), :, np.arange(R)]
    abroad = cells.sum(axis=0).T - home
    value = x - Z.sum(axis=0)
    for mixing in (0.001, 0.01, 0.1, 0.999):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)
            mrio = complete_final_demand(
                regions=regions[:-1], sectors=sectors, Z=Z[:n, :n], x=x[:n], domestic=home[:-1],
                imported=abroad[:-1], Z_from_rest=Z[n:, :n], rest_output=x[n:],
                rest_value_added=value[n:], rest=regions[-1], mixing=mixing, tol=1e-9,
            )  # fmt: skip
        marked = mrio.estimated["Y"][:, : R - 1]
        error = _wape(mrio.Y[:, : R - 1][marked], F[:, : R - 1][marked])
        name = f"mixing {mixing}" + (" (world shares, no own sourcing)" if mixing > 0.5 else "")
        report.say(f"imported final demand by origin, {name}: WAPE {error:.1f} %")
        if mixing == 0.01:
            ours = error
            whole = _wape(mrio.Y[:, : R - 1], F[:, : R - 1])
            report.say(f"  all final demand of {R - 1} regions: WAPE {whole:.2f} %")
    report.true("the stated prior is nearer to the published origins than world shares, WAPE",
                ours < error, value=f"{ours:.1f} %", bound=f"below {error:.1f} %")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
