"""Which method for which question: a small model of the machine, and the memory each would take.

Seconds are flops at the speed of a large product plus passes over Z at the speed of memory:

============  ===============================================================================
lu            ``2/3 n^3`` (once) and ``4 n^2 k`` in double precision: solve and error bound
lu32          ``2/3 n^3`` (once) and ``4 n^2 k`` in single, ``4 n^2 k`` in double precision
iterative     some 9 passes of ``2 n^2 k``, what is learnt from them, 3 for the error bound
============  ===============================================================================

The speeds are those of the two cores the package was tuned on. `Machine.measure` measures them
anew, ``mriocarbon machine --measure`` keeps them for later processes; only their ratios matter.
Nothing is measured in passing, so that the same questions in the same order are answered by the
same methods, bit for bit, every time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from mriocarbon.config import cache_folder
from mriocarbon.errors import DataFileError, MemoryLimitError, NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real
from mriocarbon.model.memory import available, size

METHODS = ("lu", "lu32", "iterative")
ASKED = ("auto", *METHODS)
# Below this the factors cost a few hundredths of a second, and serve every later question.
SMALL = 2000  # sectors
PASSES, PASSES_BOUND = 9, 3
STEPS = 2  # single-precision solves a side, the second on the residual of the first


@dataclass(frozen=True)
class Machine:
    """Speeds of one machine, all of its cores together.

    Attributes
    ----------
    double, single : float
        Flops per second of a large matrix product.
    double_lu, single_lu : float
        The same of an LU factorisation.
    stream : float
        Bytes per second of a product of a matrix in memory with a vector.
    where : str
        What was measured, and when.

    Examples
    --------
    >>> Machine().single > Machine().double
    True
    """

    double: float = 150e9
    single: float = 300e9
    double_lu: float = 105e9
    single_lu: float = 200e9
    stream: float = 45e9
    where: str = "built in: two cores of an Intel Xeon (AVX-512), 2026"

    @classmethod
    def measure(cls, n: int = 2500, repeats: int = 3) -> Machine:
        """Measure this machine, in a second or two."""
        from scipy.linalg.blas import dgemm, dgemv, sgemm
        from scipy.linalg.lapack import dgetrf, sgetrf

        rng = np.random.default_rng(0)
        A = np.asfortranarray(rng.random((n, n)) + n * np.eye(n))
        B = A.astype(np.float32)
        v = rng.random(n)

        def best(work: Callable[[], object]) -> float:
            work()
            seconds = []
            for _ in range(repeats):
                start = time.perf_counter()
                work()
                seconds.append(time.perf_counter() - start)
            return min(seconds)

        flops = float(n) ** 3
        return cls(
            2 * flops / best(lambda: dgemm(1.0, A, A)),
            2 * flops / best(lambda: sgemm(1.0, B, B)),
            2 / 3 * flops / best(lambda: dgetrf(A)),
            2 / 3 * flops / best(lambda: sgetrf(B)),
            A.nbytes / best(lambda: dgemv(1.0, A, v)),
            f"measured on this machine on {time.strftime('%Y-%m-%d')}",
        )

    def plan(self, n: int, sides: int) -> Plan:
        """Return how this machine would solve for as many sides of a table of n sectors."""
        return plan(n, sides, speed=self, memory=float("inf"))

    def save(self) -> Path:
        """Keep the speeds for later processes, in the cache folder; return the file.

        Raises
        ------
        DataFileError
            The folder cannot be written to.
        """
        path = cache_folder() / "machine.json"
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise DataFileError(
                f"the speeds cannot be kept: {error.strerror}",
                where=str(path),
                do="name a folder that can be written to: MRIOCARBON_CACHE",
            ) from error
        _kept.cache_clear()
        return path


def machine() -> Machine:
    """Return the speeds kept on this machine, or those built in.

    Returns
    -------
    Machine

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mc.machine().plan(4050, 1).method
    'iterative'
    """
    return _kept()


@cache
def _kept() -> Machine:
    try:
        content = json.loads((cache_folder() / "machine.json").read_text(encoding="utf-8"))
        kept = Machine(**content)
        speeds = (kept.double, kept.single, kept.double_lu, kept.single_lu, kept.stream)
        return kept if all(is_real(v) and v > 0 for v in speeds) else Machine()
    except (OSError, ValueError, TypeError, RecursionError):  # none, or of another version
        return Machine()


@dataclass(frozen=True)
class Plan:
    """A method, why it was chosen, and what each would cost.

    Attributes
    ----------
    method : {"lu", "lu32", "iterative"}
    n, sides : int
    seconds, bytes : mapping of str to float
        Estimates by method; a method that cannot be used is absent.
    why : str
    machine : Machine
    fallback : str
        Why the method in use is another than the one planned; empty if it is not.

    Examples
    --------
    >>> plan(1000, 1).method, plan(9800, 1).method, plan(9800, 500).method
    ('lu', 'iterative', 'lu32')
    """

    method: str
    n: int
    sides: int
    seconds: dict[str, float]
    bytes: dict[str, float]
    why: str
    machine: Machine
    fallback: str = ""

    __repr__ = brief

    def instead(self, method: str, why: str) -> Plan:
        """Return the plan with another method, and why."""
        return replace(self, method=method, fallback=why)

    @property
    def text(self) -> str:
        """The plan in words."""
        costs = "; ".join(
            f"{name} {_seconds(self.seconds[name])}, {size(self.bytes[name])}"
            for name in self.seconds
        )
        text = (
            f"{self.n} sectors, {self.sides} sides: {self.method}, {self.why}. Estimates: {costs}"
        )
        if self.fallback:
            text += f". Fell back: {self.fallback}"
        return f"{text}. Speeds: {self.machine.where}"


@dataclass(frozen=True)
class Known:
    """What a system holds: factors, seconds spent on sweeps so far, rows of a diagonal block."""

    factors: frozenset[str] = field(default_factory=frozenset)
    spent: float = 0.0
    block: int = 1
    dense: bool = True


def plan(
    n: int, sides: int, known: Known | None = None, asked: str = "auto",
    *, memory: float | None = None, speed: Machine | None = None,
) -> Plan:  # fmt: skip
    """Choose a method by the model of the machine.

    Parameters
    ----------
    n, sides : int
        Sectors, and right-hand sides.
    known : Known, optional
        What the system already holds.
    asked : {"auto", "lu", "lu32", "iterative"}
        Anything but ``"auto"`` is taken at its word.
    memory : float, optional
        Bytes that may be used beside what is in use; what the machine has available by default.
    speed : Machine, optional
        The one in use by default.

    Raises
    ------
    UnknownNameError
        No such method.
    NotAvailableError
        It needs the flows in memory, where they are not.
    MemoryLimitError
        No method, or not the one asked for, fits.
    """
    if asked not in ASKED:
        raise UnknownNameError.of("method", asked, ASKED)
    known = known or Known()
    speed = speed or machine()
    seconds, room = costs(n, sides, known, speed), needs(n, sides, known)
    if asked not in ("auto", *seconds):
        raise NotAvailableError(
            f"method {asked} needs the flows as one array, and they are not in memory",
            where="a system in bands",
            do='use method="iterative", or load the table: mc.load(path)',
        )
    limit = available() if memory is None else memory
    fits = [name for name in seconds if room[name] <= limit]
    wanted = list(seconds) if asked == "auto" else [asked]
    if not set(wanted) & set(fits):
        least = min(room[name] for name in wanted)
        raise MemoryLimitError(
            f"this solve needs {size(least)} and {size(limit)} are available",
            where=f"{n} sectors, {sides} right-hand sides, method {asked}",
            do="ask for fewer sides at a time, or compute from the store without loading it:"
            " mc.streamed_footprints(path)",
        )
    if asked != "auto":
        return Plan(asked, n, sides, seconds, room, "as asked", speed)
    if n < SMALL and "lu" in fits:
        return Plan("lu", n, sides, seconds, room, "small: the factors serve later questions",
                    speed)  # fmt: skip
    best = min(fits, key=lambda name: seconds[name])
    why = "the fastest by the model"
    if best == "iterative" and "lu" in fits and known.spent > seconds["lu"]:
        # As much has been spent on passes as factors would have cost: stop renting, buy.
        best = min((name for name in fits if name != "iterative"), key=lambda name: seconds[name])
        why = "so many questions have come that factors pay"
    left_out = sorted(set(seconds) - set(fits))
    if left_out:
        why += f" that fits into memory (left out: {', '.join(left_out)})"
    return Plan(best, n, sides, seconds, room, why, speed)


def costs(n: int, sides: int, known: Known, speed: Machine) -> dict[str, float]:
    """Return the estimated seconds of each method that can be used."""
    square, stream = float(n) ** 2, 8 * float(n) ** 2 / speed.stream

    def product(count: float, rate: float, width: float = 8) -> float:
        return max(2 * square * count / rate, width * square / speed.stream)

    per_pass = min(sides * stream, product(sides, 0.75 * speed.double))
    learning = 12.0 * PASSES**2 * sides**2 * n / speed.double
    blocks = 2.7 * n * float(known.block) ** 2 / (0.3 * speed.double_lu)
    found = {"iterative": (PASSES + 1) * per_pass + PASSES_BOUND * stream + learning + blocks}
    if not known.dense:
        return found
    bound = product(sides, speed.double)
    once = 0.0 if "lu" in known.factors else 2 / 3 * square * n / speed.double_lu + 3 * stream
    found["lu"] = once + product(sides, 0.8 * speed.double) + bound
    once = 0.0 if "lu32" in known.factors else 2 / 3 * square * n / speed.single_lu + 2 * stream
    found["lu32"] = once + STEPS * (product(sides, 0.7 * speed.single, 4) + bound)
    return found


def needs(n: int, sides: int, known: Known) -> dict[str, float]:
    """Return the bytes each method takes beside Z itself."""
    square, side = float(n) ** 2, 8.0 * n * sides
    found = {"iterative": (8 + 3 * PASSES) * side + 8.0 * n * (20 + 3 * known.block)}
    if not known.dense:
        return found
    found["lu"] = 6 * side + (0.0 if "lu" in known.factors else 8 * square)
    found["lu32"] = 8 * side + (0.0 if "lu32" in known.factors else 4 * square)
    return found


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 100 else f"{value:.0f} s"
