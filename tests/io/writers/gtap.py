"""GTAP's headers as har (GEMPACK records) and csv, and a small consistent data base."""

import csv
import struct

import numpy as np

SETS = {
    "VDFB": ("COMM", "ACTS", "REG"), "VMFB": ("COMM", "ACTS", "REG"),
    "VDFP": ("COMM", "ACTS", "REG"), "VMFP": ("COMM", "ACTS", "REG"),
    "EVFB": ("ENDW", "ACTS", "REG"), "EVFP": ("ENDW", "ACTS", "REG"),
    "MAKB": ("COMM", "ACTS", "REG"), "MAKS": ("COMM", "ACTS", "REG"),
    **{f"V{k}{u}{p}": ("COMM", "REG") for k in "DM" for u in "PGI" for p in "BP"},
    **dict.fromkeys(("VXSB", "VFOB", "VCIF", "VMSB"), ("COMM", "REG", "REG")),
    "VST": ("MARG", "REG"), "VTWR": ("MARG", "COMM", "REG", "REG"), "SAVE": ("REG",),
}  # fmt: skip


def made(seed=0, comm=("AGR", "MFG", "OTP", "WTP"), reg=("AAA", "BBB", "CCC")):
    """A data base that balances: pools, imports and outlay, all by construction."""
    random = np.random.default_rng(seed)
    N, R = len(comm), len(reg)
    marg = comm[-2:]
    d = {}
    trade = random.random((N, R, R)) * 10
    trade[0, 1, 2] = 0.0
    d["VXSB"] = trade
    d["VFOB"] = trade * (1 + 0.1 * random.random((N, R, R)))
    d["VTWR"] = random.random((2, N, R, R)) * (trade > 0)
    d["VST"] = np.einsum("mirs->m", d["VTWR"])[:, None] * random.dirichlet(np.ones(R), 2)
    d["VCIF"] = d["VFOB"] + d["VTWR"].sum(axis=0)
    d["VMSB"] = d["VCIF"] * (1 + 0.2 * random.random((N, R, R)))
    landed = d["VMSB"].sum(axis=1)  # (good, destination)
    by_use = random.dirichlet(np.ones(N + 3), (N, R)) * landed[:, :, None]  # good, region, use
    for kind, source in (
        ("M", by_use.transpose(0, 2, 1)),
        ("D", 20 * random.random((N, N + 3, R))),
    ):
        paid = source * (1 + 0.05 * random.random(source.shape))
        for price, values in (("B", source), ("P", paid)):
            d[f"V{kind}F{price}"] = values[:, :N]
            for k, user in enumerate("PGI"):
                d[f"V{kind}{user}{price}"] = values[:, N + k]
    sold = sum(d[k].sum(axis=1) for k in ("VDFB",)) + sum(d[f"VD{u}B"] for u in "PGI")
    output = sold + trade.sum(axis=2)
    for k, m in enumerate(marg):
        output[comm.index(m)] += d["VST"][k]
    tax = 0.03 * output
    rest = output - tax - d["VDFP"].sum(axis=0) - d["VMFP"].sum(axis=0)
    d["EVFP"] = np.stack([0.6 * rest, 0.4 * rest])
    d["EVFB"] = d["EVFP"] * 0.9
    make = np.zeros((N, N, R))
    make[np.arange(N), np.arange(N)] = output
    d["MAKB"] = make
    d["MAKS"] = make * 0.97
    d["SAVE"] = np.ones(R)
    sets = {"COMM": comm, "ACTS": comm, "REG": reg, "MARG": marg, "ENDW": ("LAB", "CAP")}
    return {k: v.astype(np.float32).astype(float) for k, v in d.items()}, sets


def older(d, sets):
    """The same data base under the names before version 7, investment as an activity."""
    from mriocarbon.io.readers.gtap import OLDER

    names = {new: old for old, new in OLDER.items() if old not in ("VDKM", "VIKM", "EVFM")}
    out = {}
    for key, values in d.items():
        if key[0] == "V" and len(key) == 4 and key[2] == "I" and key[1] in "DM":
            continue
        if key[:3] in ("VDF", "VMF"):
            values = np.concatenate([values, d[f"{key[:2]}I{key[3]}"][:, None]], axis=1)
        if key not in ("MAKB", "MAKS"):
            out[names.get(key, key)] = values
    return out, {**sets, "ACTS": (*sets["COMM"], "CGDS")}


def record(body):
    return struct.pack("<i", len(body)) + body + struct.pack("<i", len(body))


def _texts(values, width, per_record=3):
    out, parts = b"", [values[k : k + per_record] for k in range(0, len(values), per_record)]
    for k, part in enumerate(parts):
        told = struct.pack("<3i", len(parts) - k, len(values), len(part))
        out += record(b"    " + told + b"".join(v.encode().ljust(width) for v in part))
    return out


def har_texts(name, values, long_name="Set"):
    told = b"    1CFULL" + long_name.encode().ljust(70) + struct.pack("<3i", 2, len(values), 12)
    return record(name.encode().ljust(4)) + record(told) + _texts(values, 12)


def har_reals(name, array, sets, elements, *, sparse=False, block=5):
    shape7 = [*array.shape, *[1] * (7 - array.ndim)]
    kind = b"RESPSE" if sparse else b"REFULL"
    out = record(name.encode().ljust(4))
    out += record(b"    " + kind + b"flows".ljust(70) + struct.pack("<8i", 7, *shape7))
    told = b"    " + struct.pack("<3i", 1, 1, len(sets)) + name.encode().ljust(12)
    told += struct.pack("<i", 1) + b"".join(s.encode().ljust(12) for s in sets)
    told += (
        b"k" * len(sets) + struct.pack(f"<{len(sets)}i", *[1] * len(sets)) + struct.pack("<i", 0)
    )
    out += record(told)
    for name_ in dict.fromkeys(sets):
        out += _texts(elements[name_], 12)
    values = array.astype("<f4")
    if sparse:
        flat = values.flatten("F")
        at = np.flatnonzero(flat)
        out += record(b"    " + struct.pack("<3i", len(at), 4, 4) + b" " * 80)
        parts = [at[k : k + block] for k in range(0, len(at), block)] or [at]
        for k, part in enumerate(parts):
            out += record(
                b"    " + struct.pack("<3i", len(parts) - k, len(at), len(part))
                + (part + 1).astype("<i4").tobytes() + flat[part].tobytes()
            )  # fmt: skip
        return out
    # one block for each element of the last dimension
    last = array.ndim - 1
    parts = array.shape[last]
    out += record(b"    " + struct.pack("<9i", 2 * parts + 1, 7, *shape7))
    for k in range(parts):
        bounds = [(1, s) for s in shape7]
        bounds[last] = (k + 1, k + 1)
        flat = [b for pair in bounds for b in pair]
        out += record(b"    " + struct.pack("<15i", 2 * (parts - k), *flat))
        body = values[..., k].flatten("F").tobytes()
        out += record(b"    " + struct.pack("<i", 2 * (parts - k) - 1) + body)
    return out


def write_har(path, d, sets, names=None):
    names = names or {}
    out = har_texts("H1", sets["REG"], "Set REG regions")
    for key, values in d.items():
        sparse = (values == 0).mean() > 0.5
        out += har_reals(key, values, names.get(key) or SETS[key], sets, sparse=sparse)
    path.write_bytes(out)
    return path


def write_csv(folder, d, sets, *, reverse=False):
    folder.mkdir(exist_ok=True)
    for key, values in d.items():
        with (folder / f"{key}.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow([*SETS[key], "Value"])
            places = list(np.ndindex(values.shape))
            for place in places[::-1] if reverse else places:
                labels = [sets[s][k] for s, k in zip(SETS[key], place, strict=True)]
                if values[place]:
                    out.writerow([*labels, repr(float(values[place]))])
    return folder
