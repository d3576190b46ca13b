"""Tasks of the tests: on the top level of a module that workers can import."""

import os
import signal
import time
from pathlib import Path

import numpy as np

SIDE = 120


def table(seed: int = 5) -> dict[str, np.ndarray]:
    """A productive system with a stressor, and final demand."""
    rng = np.random.default_rng(seed)
    A = rng.random((SIDE, SIDE))
    A *= 0.6 / A.sum(axis=0)
    return {"A": A, "s": rng.random(SIDE), "Y": rng.random((SIDE, 7))}


def footprints(shared, batch):
    """Draws of s (I-A)^-1 Y with a perturbed s and A: solves, products and random numbers."""
    rng = batch.rng()
    out = np.empty((batch.size, shared["Y"].shape[1]))
    for i in range(batch.size):
        A = shared["A"] * np.exp(0.1 * rng.standard_normal(shared["A"].shape))
        s = shared["s"] * np.exp(0.2 * rng.standard_normal(SIDE))
        out[i] = np.linalg.solve((np.eye(SIDE) - A).T, s) @ shared["Y"]
    return {"E": out, "sum": np.array(out.sum())}


def slow_footprints(shared, batch):
    time.sleep(0.1)
    return footprints(shared, batch)


def once_killed(shared, batch):
    """The first attempt at batch 3 ends its process, as the kernel would."""
    mark = Path(str(batch.item)) / "killed"
    if batch.number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return footprints(shared, batch)


def hungry(shared, batch):
    """Batch 4 takes memory until its worker is ended; the others are modest."""
    if batch.number == 4:
        kept = []
        for _ in range(400):
            kept.append(np.ones(1_000_000))
            time.sleep(0.004)
        raise AssertionError("the limit did not hold")
    time.sleep(0.05)
    return footprints(shared, batch)


class Unpicklable(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} of {two}")


def failing(shared, batch):
    if batch.number == 2:
        raise Unpicklable("third", "six")
    return footprints(shared, batch)


def out_of_memory(shared, batch):
    raise MemoryError("no room for 9 GiB")


def writes(shared, batch):
    shared["A"][0, 0] = 1.0
    return {}


def not_arrays(shared, batch):
    return {"x": np.array([object()])}


def pid(shared, batch):
    time.sleep(0.05)
    return {"pid": np.array([os.getpid()])}


def blas(shared, batch):
    from threadpoolctl import threadpool_info

    found = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
    return {"threads": np.array(found)}


opens = 0


def counted(path):
    """An opener that counts how often this process opened the file."""
    global opens
    opens += 1
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def opened_times(shared, batch):
    time.sleep(0.02)
    return {"pid": np.array([os.getpid()]), "opens": np.array([opens]), "A": shared["A"][0]}
