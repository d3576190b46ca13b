"""Write a table as Eora26 is published: bare numbers, labels apart, ROW TOTAL at the end."""

import numpy as np

VA = (
    "Compensation of employees D.1",
    "Taxes on production D.29",
    "Subsidies on production D.39",
    "Net operating surplus B.2n",
    "Net mixed income B.3n",
    "Consumption of fixed capital K.1",
)
FD = (
    "Household final consumption P.3h",
    "Non-profit institutions serving households P.3n",
    "Government final consumption P.3g",
    "Gross fixed capital formation P.51",
    "Changes in inventories P.52",
    "Acquisitions less disposals of valuables P.53",
)


def numbers(values, decimal="."):
    return "".join(
        "\t".join(repr(float(v)).replace(".", decimal) for v in row) + "\n" for row in values
    )


def parts(mrio, *, seed=0):
    """Return the arrays of the file, the discrepancy at the end of each axis."""
    rng = np.random.default_rng(seed)
    n, R = len(mrio.index), len(mrio.regions)
    T = np.zeros((n + 1, n + 1))
    T[:n, :n] = mrio.Z
    T[:n, n], T[n, :n], T[n, n] = rng.normal(0, 1, n), rng.normal(0, 1, n), 7.5
    shares = rng.dirichlet(np.ones(6), R)
    Y = np.zeros((n + 1, 6 * (R + 1)))
    Y[:n, : 6 * R] = (mrio.final_demand[:, :, None] * shares[None]).reshape(n, -1)
    Y[:, 6 * R :] = rng.normal(0, 1, (n + 1, 6))
    Y[n, : 6 * R] = rng.normal(0, 1, 6 * R)
    v = mrio.x - mrio.Z.sum(axis=0)
    VA_ = np.zeros((6, n + 1))
    VA_[:, :n] = np.array([0.5, 0.04, -0.01, 0.2, 0.07, 0.2])[:, None] * v
    VA_[0, n] = 2.5
    gases = mrio.extensions["gases"]
    Q = np.hstack([gases.F, np.zeros((4, 1))])
    Q[1, n] = 0.125
    QY = np.zeros((4, 6 * (R + 1)))
    QY[:, : 6 * R : 6] = np.nan_to_num(gases.F_Y)
    return {"T": T, "FD": Y, "VA": VA_, "Q": Q, "QY": QY}


def label_files(mrio, *, reorder=None, rest=True):
    """labels_*.txt; `reorder` permutes the regions' own rows of labels_T."""
    pairs = list(mrio.index.pairs)
    if reorder is not None:
        pairs = [pairs[k] for k in reorder]
    last = "Statistical Discrepancies\tROW\tTOTAL\tTOTAL\t\n" if rest else ""
    gases = mrio.extensions["gases"]
    demand = [(r, c) for r in (*mrio.regions, *(["ROW"] if rest else [])) for c in FD]
    return {
        "labels_T.txt": "".join(f"Land {r}\t{r}\tIndustries\t{s}\t\n" for r, s in pairs) + last,
        "labels_FD.txt": "".join(f"Land {r}\t{r}\tFinal Demand\t{c}\t\n" for r, c in demand),
        "labels_VA.txt": "".join(f"Primary Inputs\t{v}\t\n" for v in VA),
        "labels_Q.txt": "".join(
            f"I-GHG-{s} emissions ({u})\ttotal\t\n"
            for s, u in zip(gases.stressors, gases.units, strict=True)
        ),
    }


def files(mrio, *, year=2015, price="bp", decimal=".", reorder=None, arrays=None):
    """Return {member: text} of a whole archive."""
    arrays = dict(arrays or parts(mrio))
    if reorder is not None:
        n = len(mrio.index)
        order = np.r_[np.asarray(reorder), n]
        arrays["T"] = arrays["T"][np.ix_(order, order)]
        arrays["FD"] = arrays["FD"][order]
        arrays["VA"], arrays["Q"] = arrays["VA"][:, order], arrays["Q"][:, order]
    out = {f"Eora26_{year}_{price}_{kind}.txt": numbers(v, decimal) for kind, v in arrays.items()}
    return out | label_files(mrio, reorder=reorder)
