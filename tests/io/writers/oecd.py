"""OECD ICIO csv, as of the 2023 and 2025 editions."""

import numpy as np

from tests.io.writers import text


def rows(table, *, first="V1", total_row="OUT", total_column="OUT"):
    """The cells of the file, header first."""
    industries = [f"{r}_{s}" for r, s in table.pairs]
    demand = [f"{r}_{c}" for r in table.regions for c in table.categories]
    yield [first, *industries, *demand, total_column]
    for label, z, y, x in zip(industries, table.Z, table.Y, table.x, strict=True):
        yield [label, *z, *y, x]
    yield ["TLS", *table.TLS, *table.TLS_Y, table.TLS.sum() + table.TLS_Y.sum()]
    yield ["VA", *table.VA, *np.zeros(len(demand)), table.VA.sum()]
    bottom = table.Y.sum(axis=0) + table.TLS_Y
    yield [total_row, *table.x, *bottom, table.x.sum() + bottom.sum()]


def extended_rows(table, parts, share=0.4):
    """The cells of the extended table: each whole in `parts` split into its two parts.

    The wholes keep their final demand columns and have no industries; the parts follow last.
    """
    plain = list(rows(table))
    header, industries = plain[0], len(table.pairs)

    def split(cells):
        front, back = [cells[0]], []
        for k, (region, _) in enumerate(table.pairs):
            if region in parts:
                back.append((region, cells[1 + k]))
            else:
                front.append(cells[1 + k])
        for whole, names in parts.items():
            for name, weight in zip(names, (share, 1 - share), strict=True):
                for region, value in back:
                    if region == whole:
                        front.append(
                            value.replace(whole, name) if isinstance(value, str) else value * weight
                        )
        return front + cells[1 + industries :]

    yield split(header)
    later = []
    for row in plain[1:]:
        region = row[0].partition("_")[0]
        if region not in parts:
            (later if "_" not in row[0] else [None]).append(row)
            if "_" in row[0]:
                yield split(row)
    for whole, names in parts.items():
        for name, weight in zip(names, (share, 1 - share), strict=True):
            for row in plain[1:]:
                if row[0].startswith(f"{whole}_"):
                    scaled = [row[0].replace(whole, name), *(v * weight for v in row[1:])]
                    yield split(scaled)
    for row in later:
        yield split(row)


def write(path, table, *, separator=",", decimal=".", **options):
    path.write_text(text(rows(table, **options), separator, decimal))
    return path
