"""Write a table as EXIOBASE 3 publishes it."""

import zipfile
from pathlib import Path

import numpy as np

TAXES = "Taxes less subsidies on products purchased: Total"
PRIMARY = (
    TAXES,
    "Other net taxes on production",
    "Compensation of employees; wages, salaries, & employers' social contributions: Low-skilled",
    "Operating surplus: Consumption of fixed capital",
)


def text(number, decimal="."):
    return repr(float(number)).replace(".", decimal)


def matrix(names, rows, columns, values, index_names, decimal=".", third=True):
    """A labelled matrix: two header rows, and the row of index names of editions since 3.7."""
    blank = [""] * (len(index_names) - 1)
    lines = ["\t".join([name, *blank, *cells]) for name, cells in zip(names, columns, strict=True)]
    if third:
        lines.append("\t".join([*index_names, *[""] * len(columns[0])]))
    for label, row in zip(rows, values, strict=True):
        lines.append("\t".join([*label, *(text(v, decimal) for v in row)]))
    return "\n".join(lines) + "\n"


def columns_of(regions, inner):
    return [r for r in regions for _ in inner], [i for _ in regions for i in inner]


def files(
    mrio,
    *,
    flows="Z",
    extensions=None,
    with_x=True,
    third=True,
    decimal=".",
    order=None,
    on_demand="F_Y",
    primary="factor_inputs",
):
    """Return {member: text}; `extensions` is {folder: (labels, units, F, F_Y or None)}."""
    pairs, n = list(mrio.index.pairs), len(mrio.index)
    order = np.arange(n) if order is None else np.asarray(order)
    mixed = [pairs[k] for k in order]
    sector_columns = ([r for r, _ in mixed], [s for _, s in mixed])
    demand_columns = columns_of(mrio.regions, mrio.categories)
    Z = mrio.Z if flows == "Z" else np.divide(
        mrio.Z, mrio.x, out=np.zeros_like(mrio.Z), where=mrio.x > 0
    )  # fmt: skip
    both, names = ("region", "sector"), ("region", "category")
    out = {
        f"{flows}.txt": matrix(
            both, mixed, sector_columns, Z[np.ix_(order, order)], both, decimal, third
        ),
        "Y.txt": matrix(names, pairs, demand_columns, mrio.Y, both, decimal, third),
        "unit.txt": "region\tsector\tunit\n" + "".join(f"{r}\t{s}\tM.EUR\n" for r, s in pairs),
        "file_parameters.json": '{"systemtype": "IOSystem", "name": "EXIO3"}',
    }
    if with_x:
        rows = "".join(
            f"{r}\t{s}\t{text(v, decimal)}\n" for (r, s), v in zip(pairs, mrio.x, strict=True)
        )
        out["x.txt"] = "region\tsector\tindout\n" + rows
    for folder, (labels, units, F, F_Y) in (extensions or {}).items():
        rows = [(label,) for label in labels]
        out[f"{folder}/F.txt"] = matrix(
            both, rows, sector_columns, F[:, order], ("stressor",), decimal, third
        )
        out[f"{folder}/unit.txt"] = "stressor\tunit\n" + "".join(
            f"{label}\t{unit}\n" for label, unit in zip(labels, units, strict=True)
        )
        if F_Y is not None:
            out[f"{folder}/{on_demand}.txt"] = matrix(
                names, rows, demand_columns, F_Y, ("stressor",), decimal, third
            )
    return out


def primary_inputs(mrio):
    """Four rows that close the columns: taxes on products and three components."""
    v = mrio.x - mrio.Z.sum(axis=0)
    share = np.array([0.05, 0.02, 0.6, 0.33])[:, None]
    F_Y = np.zeros((4, mrio.Y.shape[1]))
    F_Y[0] = mrio.Y.sum(axis=0) * 0.1
    return PRIMARY, ("M.EUR",) * 4, share * v, F_Y


def satellites(mrio):
    """All extensions of the table, and the primary inputs, as EXIOBASE's folders."""
    out = {"factor_inputs": primary_inputs(mrio)}
    for folder, name in (("air_emissions", "gases"), ("impacts", "GHG")):
        e = mrio.extensions[name]
        out[folder] = (e.stressors, e.units, e.F, np.nan_to_num(e.F_Y))  # EXIOBASE has no gaps
    return out


def as_zip(members, path: Path, folder="IOT_2022_ixi/"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in members.items():
            archive.writestr(f"{folder}{name}", body)
    return path


def as_folder(members, path: Path):
    for name, body in members.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, encoding="utf-8")
    return path
