"""Systems saved by pymrio: pymrio writes them itself."""

import numpy as np

import mriocarbon as mc


def system(table):
    """A pymrio system of a sample, with emissions and households."""
    rng = np.random.default_rng(1)
    n, m = len(table.x), table.Y.shape[1]
    stressors = {k: rng.random(n) * (table.x > 0) for k in ("CO2", "CH4")}
    extension = mc.MRIO.from_arrays(
        Z=table.Z, Y=table.Y, regions=table.regions, sectors=table.sectors, x=table.x,
        categories=table.categories, stressors=stressors,
        households={"CO2": rng.random(len(table.regions)), "CH4": rng.random(m // 6)},
        extension="emissions", units={"CO2": "Mt", "CH4": "kt"}, money_unit="M.EUR",
    )  # fmt: skip
    return extension.to_pymrio()


def write(path, table, *, table_format="txt", calc=False):
    saved = system(table)
    if calc:
        saved.calc_all()
    saved.save_all(str(path), table_format=table_format)
    return path
