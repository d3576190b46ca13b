"""Write a table as GLORIA is published: T, Y, V, TQ, YQ as bare csv and a ReadMe workbook."""

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
VALUATIONS = (
    "Basic prices", "Trade margins", "Transport margins", "Taxes on products",
    "Subsidies on products",
)  # fmt: skip
TABLES, SATELLITES = "GLORIA_MRIOs_59_{year}", "GLORIA_SatelliteAccounts_059_{year}"


def member(kind, year=2020, markup=1, edition="059"):
    return (
        f"20240111_120secMother_AllCountries_002_{kind}-Results_{year}_{edition}"
        f"_Markup{markup:03d}(full).csv"
    )


def numbers(values):
    return "".join(",".join(repr(float(v)) for v in row) + "\n" for row in values)


def spread(values, s, axis, side):
    """Put regions' own blocks of s into the industry (0) or product (1) half of 2 s."""
    values = np.moveaxis(np.asarray(values, dtype=float), axis, 0)
    out = np.zeros((2 * len(values), *values.shape[1:]))
    for k in range(len(values) // s):
        out[(2 * k + side) * s : (2 * k + side + 1) * s] = values[k * s : (k + 1) * s]
    return np.moveaxis(out, 0, axis)


def system(mrio, *, secondary=0.0, seed=0):
    """Return (V, U, Y, VA, Q, QY): supply with a share `secondary` off its diagonal."""
    rng = np.random.default_rng(seed)
    R, s, n = len(mrio.regions), len(mrio.sectors), len(mrio.index)
    V = np.zeros((R, s, s))
    for r in range(R):
        x = mrio.x[r * s : (r + 1) * s]
        mix = (1 - secondary) * np.eye(s) + secondary * np.roll(np.eye(s), 1, axis=0)
        V[r] = mix * x[None, :]  # column sums: product output is the table's x
    shares = rng.dirichlet(np.ones(6), R)
    Y = (mrio.final_demand[:, :, None] * shares[None]).reshape(n, -1)
    v = mrio.x - mrio.Z.sum(axis=0)
    VA_ = np.array([0.5, 0.04, -0.04, 0.2, 0.1, 0.2])[:, None] * v
    gases = mrio.extensions["gases"]
    QY = np.zeros((4, 6 * R))
    QY[:, ::6] = np.nan_to_num(gases.F_Y)
    return {"V": V, "U": mrio.Z, "Y": Y, "VA": VA_, "Q": gases.F, "QY": QY}


def files(mrio, *, year=2020, parts=None):
    """Return ({member: text} of the table's zip, the same of the satellites' zip)."""
    p = system(mrio) if parts is None else parts
    R, s = len(mrio.regions), len(mrio.sectors)
    T = spread(spread(p["U"], s, 0, 1), s, 1, 0)
    for r in range(R):
        T[2 * r * s : (2 * r + 1) * s, (2 * r + 1) * s : (2 * r + 2) * s] = p["V"][r]
    V = np.zeros((6 * R, 2 * R * s))
    inputs = spread(p["VA"], s, 1, 0)
    for r in range(R):  # paid in the industry's own region
        here = slice(2 * r * s, 2 * (r + 1) * s)
        V[6 * r : 6 * r + 6, here] = inputs[:, here]
    table = {
        member("T", year): numbers(T),
        member("Y", year): numbers(spread(p["Y"], s, 0, 1)),
        member("V", year): numbers(V),
    }
    satellites = {
        member("TQ", year): numbers(spread(p["Q"], s, 1, 0)),
        member("YQ", year): numbers(p["QY"]),
    }
    return table, satellites


def readme(mrio, path):
    """Write the ReadMe workbook with the sheets and columns that the parsers of others name."""
    from openpyxl import Workbook

    gases = mrio.extensions["gases"]
    heads = ["Emissions (a)", "Emissions (a)", "Emissions (a)", "Emissions (b)"]
    sheets = {
        "Regions": [("Lfd_Nr", "Region_acronyms", "Region_names")]
        + [(k + 1, r, f"Land {r}") for k, r in enumerate(mrio.regions)],
        "Sectors": [("Lfd_Nr", "Sector_names")] + [(k + 1, x) for k, x in enumerate(mrio.sectors)],
        "Value added and final demand": [("Lfd_Nr", "Value_added_names", "Final_demand_names")]
        + [(k + 1, VA[k], FD[k]) for k in range(6)],
        "Satellites": [("Lfd_Nr", "Sat_head_indicator", "Sat_indicator", "Sat_unit")]
        + [
            (k + 1, heads[k], name, unit)
            for k, (name, unit) in enumerate(zip(gases.stressors, gases.units, strict=True))
        ],
        "Valuations": [("Lfd_Nr", "Valuation_names")]
        + [(k + 1, v) for k, v in enumerate(VALUATIONS)],
    }
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
