"""Many accounts at once, on any engine: a series of years, a sweep of scenarios."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts import account
from mriocarbon.compute import Batch, Engine, Progress, Threads, batches_of
from mriocarbon.compute.fingerprint import file_sha256
from mriocarbon.datasets.load import load
from mriocarbon.errors import (
    AccountWarning,
    DataFileError,
    InputError,
    LabelError,
    UnknownNameError,
    quietly,
    warn,
)
from mriocarbon.model import MRIO, Note, Provenance, Result, Source
from mriocarbon.model.checked import need_table
from mriocarbon.model.labels import find_region
from mriocarbon.structure.changes import Change, changes_of
from mriocarbon.structure.scenario import scenario

__all__ = ["Change", "account_series", "sweep"]

Array = NDArray[np.float64]


def sweep(
    mrio: MRIO,
    scenarios: Mapping[str, Sequence[Change]],
    principle: str = "consumption",
    *,
    stressor: str | None = None,
    hold: str = "flows",
    engine: Engine | None = None,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Result:
    """Return an account under each scenario; output follows its uses, households stay out.

    The table travels once, a scenario is a few words. With ``hold="flows"`` the cells of Z stay
    but where changed and ``x = Z 1 + Y 1``: another table, in which a sector that sells more buys
    no more. With ``hold="coefficients"`` A stays but where changed and ``x = (I - A)^-1 Y 1``: a
    sector that sells more buys more; see `mriocarbon.structure.scenario`. Either way emissions of
    a sector stay proportional to its output: ``f = q x``; those of a sector without output stay,
    but for a factor on the stressor.

    Parameters
    ----------
    mrio : MRIO
    scenarios : mapping of name to changes
        An empty sequence is the table as it stands.
    principle, stressor, **options
        As in `mc.account`.
    hold : {"flows", "coefficients"}
        What stays where nothing is changed. Changes of ``"coefficients"``, values and moves of
        suppliers need the latter, changes of ``"flows"`` the former.
    engine, checkpoint, resume, progress
        See `mriocarbon.compute`.

    Returns
    -------
    Result
        Over (scenario, region), with ``unallocated`` after the regions where an account has it,
        so that every total closes.

    Raises
    ------
    InputError, UnknownNameError
        No scenario; ``households=``; a region, sector or part that is not in the table; a change
        that does not go with what is held.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.sweep(
    ...     mc.load("oecd-icio-2022"),
    ...     {"as it is": [], "clean power": [mc.Change("stressor", 0.5, "CHN", "D")]})
    >>> found["clean power", "CHN"] < found["as it is", "CHN"]
    True
    """
    need_table(mrio, "sweep, mrio")
    if not scenarios:
        raise InputError("no scenario", where="sweep", do="name at least one")
    if hold not in ("flows", "coefficients"):
        raise UnknownNameError.of("part that is held", hold, ["flows", "coefficients"])
    if "households" in options:
        raise InputError(
            "households= in a sweep", where="sweep",
            do="leave it out: what households emit directly is no part of a scenario",
        )  # fmt: skip
    places: dict[str, tuple[Any, ...]] = {
        name: tuple(_placed(mrio, c, hold) for c in changes_of(changes, f"scenario {name!r}"))
        for name, changes in scenarios.items()
    }
    base = account(mrio, principle, stressor=stressor, households=False, **options)
    shared = {
        "mrio": mrio, "principle": principle, "stressor": stressor, "options": dict(options),
        "places": places,
    }  # fmt: skip
    results = (engine or Threads()).run(
        _scenario if hold == "flows" else _coefficients, batches_of(list(scenarios)), shared=shared,
        key={"sweep": principle, "hold": hold}, checkpoint=checkpoint, resume=resume,
        progress=progress,
    )  # fmt: skip
    R = len(mrio.regions)
    found = [arrays for _, arrays in results]
    value = np.stack([arrays["value"] for arrays in found])
    names: tuple[str, ...] = mrio.regions
    if value[:, R:].any():
        names = (*names, UNPLACED)
    else:
        value = np.ascontiguousarray(value[:, :R])
    told = {
        f"{name}: {text}": None
        for name, arrays in zip(scenarios, found, strict=True)
        for text in json.loads(str(arrays["told"]))
    }
    for text in told:
        warn(AccountWarning(text), stacklevel=2)
    note = Note(
        f"scenarios: {hold} are held but where changed; output follows its uses, emissions per"
        " output stay but where changed",
        about=base.name,
    )
    return Result(
        name=base.name, value=value, dims=("scenario", "region"),
        coords={"scenario": tuple(scenarios), "region": names}, unit=base.unit,
        error=max(float(arrays["error"]) for arrays in found),
        notes=(*base.notes, note, *(Note(text, about=base.name) for text in told)),
        provenance=base.provenance,
    )  # fmt: skip


UNPLACED = "unallocated"  # as `account` names it
Placed = tuple[str, float, int, int, int]  # part, factor, region, sector, user; -1 for all


def _placed(mrio: MRIO, change: Change, hold: str) -> Placed | Change:
    if hold == "coefficients":
        if change.part == "flows":
            raise InputError(
                "flows follow from coefficients here", where=str(change),
                do='change "coefficients", or hold="flows"',
            )  # fmt: skip
        for name in (change.region, change.user, change.to or "*"):  # before any work is done
            if name != "*":
                find_region(name, mrio.regions)
        for name in (change.sector, change.user_sector):
            if name != "*":
                mrio.index.sector(name)
        return change
    if change.part == "coefficients" or change.factor is None or change.keep_total:
        raise InputError(
            "with flows held, cells are multiplied and nothing else", where=str(change),
            do='pass hold="coefficients" to mc.sweep',
        )  # fmt: skip
    region = -1 if change.region == "*" else find_region(change.region, mrio.regions)
    user = -1 if change.user == "*" else find_region(change.user, mrio.regions)
    sector = -1 if change.sector == "*" else mrio.index.sector(change.sector)
    return change.part, float(change.factor), region, sector, user


def _scenario(shared: Any, batch: Batch) -> Mapping[str, Array]:
    mrio: MRIO = shared["mrio"]
    R, S = len(mrio.regions), len(mrio.sectors)
    from mriocarbon.accounts.compute import resolve

    extension, row = resolve(mrio, shared["stressor"])
    Z, Y = np.array(mrio.Z), np.array(mrio.final_demand)
    q = np.where(mrio.x == 0, 0.0, extension.F[row] / np.where(mrio.x == 0, 1.0, mrio.x))
    idle = np.where(mrio.x == 0, extension.F[row], 0.0)  # emissions that no output moves
    extra = mrio.x - Z.sum(axis=1) - Y.sum(axis=1)
    size = np.abs(Z).sum(axis=1) + np.abs(Y).sum(axis=1) + mrio.x
    for part, factor, region, sector, user in shared["places"][batch.item]:
        rows = np.zeros((R, S), bool)
        rows[slice(None) if region < 0 else region, slice(None) if sector < 0 else sector] = True
        chosen = rows.ravel()
        users = np.arange(R) == user if user >= 0 else np.ones(R, bool)
        if part == "stressor":
            q[chosen] *= factor
            idle[chosen] *= factor
        elif part == "demand":
            Y[np.ix_(chosen, users)] *= factor
        else:
            Z[np.ix_(chosen, np.repeat(users, S))] *= factor
    x = Z.sum(axis=1) + Y.sum(axis=1) + extra
    x[np.abs(x) <= 1e-12 * size] = 0.0  # what rounding leaves of a row that was cleared
    with quietly() as kept:
        changed = MRIO.from_arrays(
            Z=Z, Y=Y, x=x, regions=mrio.regions, sectors=mrio.sectors,
            stressors={"s": q * x + idle}, units=extension.units[row],
        )  # fmt: skip
        found = account(
            changed, shared["principle"], stressor="s", households=False, **shared["options"]
        )
    return _answer(found, R, kept)


def _answer(found: Result, R: int, kept: Sequence[Warning]) -> Mapping[str, Array]:
    """Return the account with what is unallocated after the regions, and what it warned of."""
    value = np.zeros(R + 1)
    value[: len(found.value)] = found.value
    # A changed table is not warned of again: the table itself has told before.
    texts = [str(w) for w in kept if isinstance(w, AccountWarning)]
    return {
        "value": value, "error": np.array(found.error), "told": np.array(json.dumps(texts)),
    }  # fmt: skip


def _coefficients(shared: Any, batch: Batch) -> Mapping[str, Array]:
    mrio: MRIO = shared["mrio"]
    changes = shared["places"][batch.item] or (Change("stressor", 1.0),)
    with quietly() as kept:
        found = scenario(
            mrio, changes, stressor=shared["stressor"], principle=shared["principle"],
            **shared["options"],
        )  # fmt: skip
    return _answer(found.new, len(mrio.regions), kept)


def account_series(
    files: Mapping[int, Path | str],
    principle: str = "consumption",
    *,
    stressor: str | None = None,
    households: bool = True,
    engine: Engine | None = None,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Result:
    """Return an account for each year; every worker opens the year's file itself.

    Parameters
    ----------
    files : mapping of year to path
        In any layout that `mc.load` knows; the same regions in each.
    principle, stressor, households, **options
        As in `mc.account`.
    engine, checkpoint, resume, progress
        See `mriocarbon.compute`. On a cluster the files have to be readable under the same path
        everywhere.

    Returns
    -------
    Result
        Over (year, region).

    Raises
    ------
    InputError, DataFileError
        No file, or one that is not there.
    LabelError
        Years have other regions.

    Examples
    --------
    >>> import tempfile
    >>> import mriocarbon as mc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = mc.save(mc.load("oecd-icio-2022"), Path(folder) / "2022.npz")
    ...     found = mc.account_series({2022: path}, "consumption", stressor="GHG")
    >>> found.dims, found.coords["year"]
    (('year', 'region'), ('2022',))
    """
    if not files:
        raise InputError("no year", where="account_series", do="give a file for each year")
    paths = {int(year): Path(path).expanduser().absolute() for year, path in files.items()}
    for year, path in paths.items():
        if not path.exists():
            raise DataFileError(f"no file for {year}", where=str(path), do="check the path")
    digests = {str(year): file_sha256(path) for year, path in paths.items()}
    shared = {
        "files": {str(year): str(path) for year, path in paths.items()},
        "sha256": digests,
        "principle": principle, "stressor": stressor, "households": households,
        "options": dict(options),
    }  # fmt: skip
    years = sorted(paths)
    results = (engine or Threads()).run(
        _year, batches_of(years), shared=shared, key={"series": principle},
        checkpoint=checkpoint, resume=resume, progress=progress,
    )  # fmt: skip
    values, errors, regions, unit = [], [], (), ""
    notes: dict[Note, None] = {}
    sources: dict[Source, None] = {}
    sets: dict[tuple[str, str], None] = {}
    for number, arrays in results:
        found = tuple(arrays["regions"].tolist())
        regions = regions or found
        unit = unit or str(arrays["unit"][0])
        if found != regions or str(arrays["unit"][0]) != unit:
            raise LabelError(
                f"{years[number]} has other regions or another unit than {years[0]}",
                where=str(paths[years[number]]),
                do="aggregate the tables to the same regions first: mc.aggregate",
            )
        values.append(arrays["value"])
        errors.append(float(arrays["error"]))
        about = json.loads(str(arrays["about"]))
        notes |= dict.fromkeys(
            Note(**{**one, "sources": tuple(Source(**s) for s in one["sources"])})
            for one in about["notes"]
        )
        sources |= dict.fromkeys(Source(**s) for s in about["sources"])
        sets[about["dataset"], about["edition"]] = None
    notes[Note("one account for each year's table, as it stands: no change of prices or of edition"
               " between the years is taken out")] = None  # fmt: skip
    return Result(
        name=principle, value=np.stack(values), dims=("year", "region"),
        coords={"year": tuple(map(str, years)), "region": regions}, unit=unit,
        error=max(errors), notes=tuple(notes),
        provenance=Provenance(
            dataset=" + ".join(sorted({dataset for dataset, _ in sets})),
            edition=" + ".join(sorted({edition for _, edition in sets})),
            sha256=hashlib.sha256("".join(digests.values()).encode()).hexdigest(),
            sources=tuple(sources), method=f"{principle} of each year",
            stressor=about["stressor"],
        ),
    )  # fmt: skip


def _year(shared: Any, batch: Batch) -> Mapping[str, NDArray[Any]]:
    path = Path(shared["files"][str(batch.item)])
    if file_sha256(path) != shared["sha256"][str(batch.item)]:
        raise DataFileError(
            f"the file of {batch.item} is not the one that the run began with",
            where=str(path),
            do="let files alone while a series runs, or start it again",
        )
    mrio = load(path)
    found = account(
        mrio, shared["principle"], stressor=shared["stressor"], households=shared["households"],
        **shared["options"],
    )  # fmt: skip
    R = len(mrio.regions)
    about = {
        "notes": [asdict(note) for note in found.notes],
        "sources": [asdict(source) for source in found.provenance.sources],
        "dataset": found.provenance.dataset,
        "edition": found.provenance.edition,
        "stressor": found.provenance.stressor,
    }
    return {
        "value": np.array(found.value[:R]),
        "regions": np.array(mrio.regions),
        "unit": np.array([found.unit]),
        "error": np.array(found.error),
        "about": np.array(json.dumps(about)),
    }
