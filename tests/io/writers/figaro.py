"""FIGARO csv of Eurostat: matrix and flat form, by industry and by product."""

import numpy as np

from tests.io.writers import text

USES = ("P3_S13", "P3_S14", "P3_S15", "P51G", "P5M")
SIDES = ("D21X31", "OP_RES", "OP_NRES", "D1", "D29X39", "B2A3G")


def cells(table):
    """Row labels, column labels and all values of the file.

    Direct purchases (the sixth category of the sample) go into P5M, as FIGARO has none.
    """
    industries = [f"{r}_{s}" for r, s in table.pairs]
    demand = [f"{r}_{u}" for r in table.regions for u in USES]
    R = len(table.regions)
    Y = table.Y.reshape(len(industries), R, 6)
    Y = np.concatenate([Y[:, :, :4], Y[:, :, 4:].sum(axis=2, keepdims=True)], axis=2)
    Y = Y.reshape(len(industries), -1)
    n, m = len(industries), len(demand)
    side = np.zeros((len(SIDES), n + m))
    side[0] = [*table.TLS, *(0.03 * Y.sum(axis=0))]
    abroad = np.arange(1.0, R + 1)
    side[1, n + 1 :: len(USES)] = abroad  # residents abroad: on P3_S14
    side[2, n + 1 :: len(USES)] = -abroad[::-1]
    side[3, :n], side[4, :n] = 0.6 * table.VA, 0.02 * table.VA
    side[5, :n] = table.VA - side[3, :n] - side[4, :n]
    rows = [*industries, *(f"W2_{s}" for s in SIDES)]
    return rows, [*industries, *demand], np.concatenate([np.hstack([table.Z, Y]), side])


def write_matrix(path, table, *, separator=",", decimal="."):
    rows, columns, values = cells(table)
    lines = [["rowLabels", *columns], *([r, *v] for r, v in zip(rows, values, strict=True))]
    path.write_text(text(lines, separator, decimal))
    return path


def write_flat(path, table, *, products=False):
    rows, columns, values = cells(table)
    kind, end = ("iciop", "Pp") if products else ("icioi", "Ii")
    head = [f"{kind}Row", f"{kind}Col", "refArea", f"row{end}", "counterpartArea", f"col{end}"]
    lines = [[*head, "obsValue"]]
    for row, line in zip(rows, values, strict=True):
        for column, value in zip(columns, line, strict=True):
            lines.append([row, column, *row.split("_", 1), *column.split("_", 1), value])
    path.write_text(text(lines))
    return path
