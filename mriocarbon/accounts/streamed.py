"""Footprints of a table too large for memory, from its store.

Consumption accounts need one solve for each stressor, ``m' = q'L``, and then ``m'Y``. The solve
is iterative and asks for Z in bands of rows, which come from the store one after another; labels,
output, final demand and stressors are in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import assembled, direct_emissions, resolve, unnamed
from mriocarbon.accounts.everything import every_stressor
from mriocarbon.accounts.principle import Principle
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.errors import (
    ConvergenceError,
    NotAvailableError,
    TableWarning,
    UnknownNameError,
    warn,
)
from mriocarbon.io.store import FLOWS, Store
from mriocarbon.io.store_bands import AHEAD, band_bytes, workers
from mriocarbon.model.brief import brief
from mriocarbon.model.extension import Extension
from mriocarbon.model.frame import Frame, diagnose
from mriocarbon.model.memory import available, require
from mriocarbon.model.result import Result
from mriocarbon.solve import Leontief, leontief
from mriocarbon.solve.direct import times

__all__ = ["StreamedFootprints", "needed", "streamed_account", "streamed_footprints"]

Array = NDArray[np.float64]
VECTORS = 40  # of n numbers that an iterative solve holds for each stressor
TOGETHER = 2**30  # bytes of them at once: more stressors are solved in turns


@dataclass(frozen=True, eq=False)
class StreamedFootprints:
    """Accounts of k stressors for R regions, out of a store.

    Attributes
    ----------
    table : Frame
        The table without its flows.
    stressors : tuple of str
    consumption, production : ndarray, shape (k, R)
        Of industries, in the unit of each stressor; households are added by `account`.
    multipliers : ndarray, shape (k, n)
        ``q'L``: emissions per unit of money of final demand.
    error : float
        Forward error of the solves, relative to the largest total.
    bound : bool
        Whether `error` is a bound (non-negative tables) or an estimate.
    method : str
        Of the solves.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = mc.save(mc.load("oecd-icio-2022"), folder + "/table.zarr")
    ...     found = mc.streamed_footprints(store, ["GHG", "CO2"])
    >>> found.consumption.shape, found.multipliers.shape, found.method
    ((2, 20), (2, 1000), 'iterative')
    """

    table: Frame
    stressors: tuple[str, ...]
    satellites: tuple[tuple[Extension, int], ...]
    consumption: Array
    production: Array
    multipliers: Array
    error: float
    bound: bool
    method: str

    __repr__ = brief

    def __post_init__(self) -> None:
        for array in (self.consumption, self.production, self.multipliers):
            array.setflags(write=False)

    def account(
        self, principle: str, stressor: str | None = None, *, households: bool = True
    ) -> Result:
        """Return one account of every region, as `mc.account` does.

        Parameters
        ----------
        principle : {"consumption", "production"}
        stressor : str, optional
            May be left out if there is one only, or GHG.
        households : bool
            Add what households emit directly.

        Raises
        ------
        UnknownNameError
            No such account or stressor.
        NotAvailableError
            Another principle, or households' emissions that are not known.
        """
        chosen = _offered(principle)
        if stressor is None and (len(self.stressors) == 1 or "GHG" in self.stressors):
            stressor = "GHG" if "GHG" in self.stressors else self.stressors[0]
        if stressor not in self.stressors:
            if not stressor:
                raise unnamed(self.stressors)
            raise UnknownNameError.of("stressor", stressor, self.stressors)
        k = self.stressors.index(stressor)
        consumed = chosen.name == "consumption"
        # Even a plain sum rounds: pairwise summation errs by about eps log2(n).
        rounding = float(np.finfo(float).eps * np.log2(len(self.table.x) + 1))
        found = assembled(
            self.table, chosen, self.satellites[k],
            np.array((self.consumption if consumed else self.production)[k]),
            households=households, error=max(self.error, rounding) if consumed else rounding,
        )  # fmt: skip
        if not consumed:
            return found
        method = f"{found.provenance.method}; streamed from the store, {self.method}"
        return replace(found, provenance=replace(found.provenance, method=method))


def streamed_account(
    path: str | Path,
    principle: str,
    *,
    stressor: str | None = None,
    households: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Result:
    """Return one account of one stressor, as `mc.account` does; what is asked is looked at first.

    Raises
    ------
    As `streamed_footprints` and `StreamedFootprints.account`.
    """
    _offered(principle)
    store = Store(Path(path))
    frame = store.frame()
    extension, row = resolve(frame, stressor)
    if households:
        direct_emissions(extension, row, len(frame.regions), len(frame.categories))
    name = stressor or extension.stressors[row]
    found = streamed_footprints(store, [name], progress=progress)
    return found.account(principle, name, households=households)


def _offered(principle: str) -> Principle:
    chosen = find_principle(principle)
    if chosen.name not in ("consumption", "production"):
        raise NotAvailableError(
            f"{chosen.name} is not computed from a store",
            where="streamed_footprints",
            do="ask for consumption or production, or load the table: mc.load(path)",
        )
    return chosen


def streamed_footprints(
    path: str | Path | Store,
    stressors: Sequence[str] | None = None,
    *,
    memory: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> StreamedFootprints:
    """Return consumption and production accounts of every region without loading Z.

    With q = F/x, ``m' = q'L`` solves ``m'(diag(x) - Z) = F``; the accounts are ``m'Y`` (Peters
    2008, doi:10.1016/j.ecolecon.2007.10.014). Every hash of the store is verified in a first
    pass over Z, which also tells what `mc.load` would tell of the table; some ten passes follow,
    and up to a hundred more where cells are below zero: the spectral radius is looked at then.
    Where sweeps do not converge and memory holds the table, it is loaded and solved by LU.
    Bands that find room in `memory` are read only once.

    Parameters
    ----------
    path : path or Store
        A store (``.zarr``) of `mc.save` or `write_store`.
    stressors : sequence of str, optional
        As in `mc.account`; all of the table by default.
    memory : float, optional
        Most bytes to use, estimated; by default what the machine and the process's control group
        have available.
    progress : callable, optional
        Told in words how far it is, once a second.

    Returns
    -------
    StreamedFootprints

    Raises
    ------
    DataFileError
        No store, or a chunk that is missing, damaged, or not what its hash says.
    MemoryLimitError
        It would need more than `memory`: nothing was read.
    UnknownNameError, NotAvailableError
        No such stressor.
    NotProductiveError
        The table has no Leontief inverse.

    Warns
    -----
    TableWarning
        As when the table is loaded.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> from mriocarbon.accounts.streamed import streamed_footprints
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = streamed_footprints(mc.save(mrio, folder + "/table.zarr"), ["GHG"])
    >>> loaded = mc.account(mrio, "consumption", stressor="GHG")
    >>> abs(found.account("consumption")["CHN"] / loaded["CHN"] - 1) < 1e-10
    True
    """
    store = path if isinstance(path, Store) else Store(Path(path))
    need, batch = needed(store, None if stressors is None else len(stressors))
    require(
        need, f"streaming a table of {len(store.index):,} sectors", limit=memory,
        where=str(store.path),
        do="free some memory or allow more (memory=), name fewer stressors, or aggregate the"
        " table; a store of single precision needs less: mc.save(..., single=True)",
    )  # fmt: skip
    frame = store.frame()
    names = tuple(every_stressor(frame) if stressors is None else stressors)
    if not names:
        raise unnamed(frame.stressors)
    held = tuple(resolve(frame, name) for name in names)
    F = np.stack([extension.F[row] for extension, row in held])
    live = frame.x > 0
    S = np.divide(F, frame.x, out=np.zeros_like(F), where=live)
    # Of memory that was not asked for half is left to others.
    room = (available() / 2 if memory is None else memory) - need
    with store.bands(keep=max(0.0, room), progress=progress) as bands:
        for text in diagnose(
            frame, bands.uses, bands.inputs, lambda k: bool(bands.uses[k] or bands.inputs[k])
        ):
            warn(TableWarning(text), stacklevel=2)
        system = Leontief(
            bands, frame.x, lambda: tuple(" ".join(pair) for pair in frame.index.pairs)
        )
        try:
            solved = [system.multipliers(S[at : at + batch]) for at in range(0, len(S), batch)]
        except ConvergenceError:  # a table of this size that memory does hold is solved there
            if store.bytes_of(list(store.arrays)) * 3 > available():
                raise
            solved = [leontief(store.table()).multipliers(S, method="lu")]
    m = np.concatenate([one.value for one in solved])
    return StreamedFootprints(
        frame, names, held, times(m, np.ascontiguousarray(frame.final_demand)),
        F.reshape(len(F), len(frame.regions), -1).sum(axis=2), m,
        max(one.error for one in solved), all(one.bound for one in solved), solved[0].method,
    )  # fmt: skip


def needed(store: Store, stressors: int | None = None) -> tuple[int, int]:
    """Return the bytes that streaming needs, estimated, and how many stressors it solves at once.

    The arrays beside Z, bands (two while they are used, or as many as there are readers while
    they are verified, and one in double precision), factors of the diagonal blocks, vectors.
    """
    n, R = len(store.index), len(store.index.regions)
    source = store.opened("Z")
    rows, band = min(n, source.chunks[0]), band_bytes(store)
    small = [name for name in store.arrays if name not in FLOWS]
    if stressors is None:
        stressors = sum(store.opened(a).shape[0] for a in small if a.startswith("F__"))
    k = max(1, stressors)
    batch = max(1, min(k, TOGETHER // (8 * n * VECTORS)))
    bands = max(1 + AHEAD, workers()) * band + 8 * rows * n
    vectors = 8 * n * (VECTORS * batch + 4 * k + R) + 200 * n  # with labels and demand by region
    return store.bytes_of(small) + bands + 8 * rows * n + vectors, batch
