"""A GPU through JAX beside LAPACK on this machine: LU and 1, 20 and 1000 sides.

Every figure starts from plain arrays of the host and ends with one, transfers included. JAX
compiles at the first call, which is not counted. An answer is compared before it is timed.
"""

from __future__ import annotations

from statistics import median

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, side_by_side
from mriocarbon.errors import NotAvailableError
from mriocarbon.solve.device import DeviceFactors, describe, find_devices
from mriocarbon.solve.direct import factorise
from mriocarbon.solve.sharded import ShardedFlows

Array = NDArray[np.float64]
SIDES = (1, 20, 1000)
MOST_ITERATED = 20  # more sides are the business of LU
LARGE = 9800  # made up: 49 regions of 200 sectors
SAME = 1e-9  # of the largest entry of w = m * x of each side


@benchmark("device", "LU and iteration on a GPU beside LAPACK here, for 1, 20 and 1000 sides")
def device(settings: Settings) -> list[Figure]:
    """On the embedded table, the 4,050-sector one (source data at hand) and a made-up one."""
    try:
        find_devices("gpu")
    except NotAvailableError as error:
        why = f"{error.what}; {error.where}"
        return [Figure(f"{n:,} sectors: on a GPU", [], "s", None, why) for n in (1000, 4050, LARGE)]
    mrio = mc.load("oecd-icio-2022")
    figures = on(mrio.Z, mrio.x, mrio.extensions["GHG"].F[0], settings.times(7), "gpu")
    if settings.data is None:
        figures.append(Figure("4,050 sectors", [], "s", None, "MRIOCARBON_DATA names no folder"))
    else:
        with np.load(settings.data / "icio2022" / "icio2022_81x50_f32.npz") as archive:
            Z, x = archive["Z"].astype(float), archive["x"].astype(float)
        f = x * np.resize(np.abs(np.sin(np.arange(50.0))), len(x))  # any smooth intensity will do
        figures += on(Z, x, f, min(settings.times(3), 3), "gpu")
    return figures + on(*made_up(LARGE), min(settings.times(2), 2), "gpu")


def made_up(n: int) -> tuple[Array, Array, Array]:
    """Return Z, x and emissions of a productive table without any structure: LU sees none."""
    rng = np.random.default_rng(n)
    x = rng.lognormal(0.0, 2.0, n)
    Z = rng.random((n, n))
    Z *= x / x.sum()  # inputs of a sector: half its output, from all sectors by their size
    Z *= x[:, None]
    return Z, x, x * rng.lognormal(0.0, 1.0, n)


def on(Z: Array, x: Array, f: Array, repeats: int, device: str) -> list[Figure]:
    """Return LAPACK, LU on the device (whole, and with factors kept) and iteration there."""
    n, where = len(x), describe(find_devices(device))
    zero = x == 0
    weight = np.where(zero, 1.0, x)
    figures = []

    def lapack(F: Array) -> Array:
        M = -Z
        M[:, zero] = 0.0
        M[np.diag_indices(n)] += weight
        return factorise(M).solve_left(F)

    kept = DeviceFactors(Z, x, device, sides=max(SIDES))
    for sides in SIDES:
        F = np.where(zero, 0.0, f) * np.linspace(0.5, 1.5, sides)[:, None]
        w = lapack(F) * weight

        def fresh(F: Array = F) -> Array:
            return DeviceFactors(Z, x, device).solve_left(F)

        def again(F: Array = F) -> Array:
            return kept.solve_left(F)

        def iterated(F: Array = F) -> Array:
            return ShardedFlows(Z, x, device).left(F).value

        def own(F: Array = F) -> Array:
            return lapack(F)

        whole = {"LAPACK LU, this machine": own, f"LU on {where}": fresh}
        if sides <= MOST_ITERATED:
            whole[f"iteration on {where}, with error bound"] = iterated
        alone = {f"solve alone on {where}, factors kept": again}
        label = f"{n:,} sectors, {sides} side{'s' if sides > 1 else ''}: "
        notes = {}
        for name, work in (whole | alone).items():
            apart = np.abs(work() * weight - w).max(axis=1) / np.abs(w).max(axis=1)
            if not (apart <= SAME).all():
                raise AssertionError(f"{label}{name} differs from LAPACK by {apart.max():.1e}")
            notes[name] = f"same as LAPACK to {apart.max():.0e}" if work is not own else ""
        values = side_by_side(whole | alone, repeats, min(3, repeats))
        for name in whole.keys() - {"LAPACK LU, this machine"}:
            ratio = median(values["LAPACK LU, this machine"]) / median(values[name])
            notes[name] += f", {ratio:.2g} times as fast as it"
        figures += [Figure(label + k, v, "s", None, notes[k]) for k, v in values.items()]
    return figures
