"""OECD ICIO 2019 (2023 edition), 20 economies x 20 sections: its margins, and trade in value added.

No emissions of 2019 are at hand, and none are invented: the stressor is the table's own value
added, whose accounts the table itself must give. With taxes in it, a unit of final demand embodies
one unit of primary inputs, so that the consumption account is final demand (Johnson & Noguera
2012, doi:10.1016/j.jinteco.2011.10.003).
"""

from __future__ import annotations

import sys

import numpy as np

import mriocarbon as mc
from validation import _icio2019
from validation._check import Report, data_folder

EDITION = "OECD ICIO 2023 edition, 2019, summed to 20 economies x 20 ISIC sections"


def main() -> int:
    """Return 1 if an account is not what the table says."""
    report = Report("OECD ICIO 2019, 2023 edition")
    folder = data_folder()
    if folder is None:
        report.skip("the table of 2019", "MRIOCARBON_DATA names no folder")
        return report.finish()
    mrio = _icio2019.table(folder, taxes=True)
    rows = mrio.extension_of("inputs")
    inputs, added = (rows.F[rows.stressors.index(name)] for name in ("inputs", "value added"))
    margins(report, mrio, inputs)
    independent(report, mrio, added)
    demand(report, mrio)
    return report.finish()


def margins(report: Report, mrio: mc.MRIO, inputs: np.ndarray) -> None:
    """Compare what each industry sells with what it pays."""
    report.source(f"{EDITION}: its rows of taxes, labour and capital")
    paid = mrio.Z.sum(axis=0) + inputs
    report.same("output by use and by cost, million USD", mrio.x, paid, rtol=1e-9)


def independent(report: Report, mrio: mc.MRIO, added: np.ndarray) -> None:
    """Compute value added by final demand once more, from the explicit inverse in plain numpy."""
    report.source(f"{EDITION}: plain numpy with an explicit inverse, computed in this run")
    R, live = len(mrio.regions), mrio.x > 0
    safe = np.where(live, mrio.x, 1.0)
    L = np.linalg.inv(np.eye(len(safe)) - np.where(live, mrio.Z / safe, 0.0))
    Y = mrio.Y.reshape(len(safe), R, -1).sum(axis=2)
    q = np.where(live, added / safe, 0.0)
    used, made = (
        mc.account(mrio, name, stressor="value added", households=False).value[:R]
        for name in ("consumption", "production")
    )
    report.same("consumption", used, q @ L @ Y, rtol=1e-9)
    flows = (q[:, None] * (L @ Y)).reshape(R, -1, R).sum(axis=1)
    report.same("bilateral", mc.bilateral(mrio, "value added").value[:R, :R], flows, rtol=1e-9)
    report.same("production by region, million USD", made, added.reshape(R, -1).sum(axis=1),
                rtol=1e-12)  # fmt: skip


def demand(report: Report, mrio: mc.MRIO) -> None:
    """Compare all primary inputs embodied in a region's final demand with that demand."""
    report.source(f"{EDITION}: final demand by region, million USD")
    R = len(mrio.regions)
    found = mc.account(mrio, "consumption", stressor="inputs", households=False)
    wanted = mrio.Y.reshape(len(mrio.x), R, -1).sum(axis=(0, 2))
    report.same("primary inputs embodied in final demand", found.value[:R], wanted, rtol=1e-9)


if __name__ == "__main__":
    sys.exit(main())
