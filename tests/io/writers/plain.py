"""The plain layout, by hand from its description (the package's own writer is tested apart)."""

from tests.io.writers import text


def write(folder, table, *, separator=",", decimal=".", unit="million USD"):
    folder.mkdir()
    pairs = table.pairs
    demand = [(r, c) for r in table.regions for c in table.categories]

    def put(name, head, labels, columns, values):
        lines = []
        for k in range(len(columns[0])):
            blank = head if k == len(columns[0]) - 1 else [""] * len(head)
            lines.append([*blank, *(c[k] for c in columns)])
        lines += [[*label, *row] for label, row in zip(labels, values, strict=True)]
        (folder / f"{name}.csv").write_text(text(lines, separator, decimal))

    put("Z", ["region", "sector"], pairs, pairs, table.Z)
    put("Y", ["region", "sector"], pairs, demand, table.Y)
    put("x", ["region", "sector"], pairs, [("x",)], table.x[:, None])
    put("value_added", ["row"], [("VA",)], pairs, table.VA[None])
    put("other_inputs", ["row"], [("TLS",)], pairs, table.TLS[None])
    put("other_inputs_Y", ["row"], [("TLS",)], demand, table.TLS_Y[None])
    (folder / "meta.csv").write_text(
        text([["key", "value"], ["money_unit", unit], ["year", "2022"], ["note", "made by hand"]])
    )
    return folder
