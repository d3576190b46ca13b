"""`read`: any table in an official layout; `read_series`: one for each year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mriocarbon.errors import DataFileError, UnknownNameError
from mriocarbon.io.archive import Archive, Progress
from mriocarbon.io.npz import load_npz
from mriocarbon.io.readers import readers
from mriocarbon.io.readers.base import Reader
from mriocarbon.model.table import MRIO

NATIVE = (".npz", ".zarr")


def read(
    path: str | Path,
    *,
    year: int | None = None,
    format: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> MRIO:
    """Read a table in an official layout, which is recognised.

    Nothing is dropped on the way: taxes, purchases abroad and discrepancies are in
    `MRIO.other_inputs` and `MRIO.other_uses`, direct emissions of households in the
    extensions' `F_Y`. Large text files are read in blocks, and a reading that was interrupted
    goes on where it stopped.

    Parameters
    ----------
    path : path
        File, folder or zip as its producer publishes it; or a table of `mc.save`.
    year : int, optional
        Needed where the path holds several.
    format : str, optional
        Name of a layout (see `formats`), instead of recognising it.
    progress : callable, optional
        Called with an `mriocarbon.io.archive.Progress` (member, bytes done and total, rate).
    **options
        Of the layout, as its module documents them.

    Returns
    -------
    MRIO

    Raises
    ------
    DataFileError
        The file is missing, truncated, lacks a member, or no layout fits it.
    InputError
        A cell, label or column is not what the layout says; it is named.
    NotAvailableError
        The year is not there, or several are and none is named.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mc.read(mc.save(mrio, folder + "/table.npz")).year
    2022
    """
    path = Path(path)
    if format is None and path.suffix in NATIVE:
        return _native(path)
    archive = Archive(path, progress)
    reader = recognise(archive) if format is None else _named(format)
    for name in options:
        if name not in reader.options:
            raise UnknownNameError.of(
                f"option of format {reader.name!r}", name, reader.options or ["(it has none)"]
            )
    return reader.read(archive, year, **options)


def recognise(archive: Archive) -> Reader:
    """Return the reader of an archive's layout.

    Raises
    ------
    DataFileError
        None fits; the known layouts are listed.
    """
    for reader in readers():
        if reader.recognises(archive):
            return reader
    from mriocarbon.io.readers.plain import refusal
    from mriocarbon.io.readers.plain_refused import DOCUMENTED

    if (own := refusal(archive)) is not None:
        raise own
    raise DataFileError(
        f"no known layout fits it (known: {', '.join(formats())})",
        where=archive.holding(),
        do='name the layout, format="figaro" (on the command line --format figaro), use the'
        f" archive as published, or bring it into the plain layout, {DOCUMENTED}",
    )


def formats() -> tuple[str, ...]:
    """Return the names of all layouts.

    Returns
    -------
    tuple of str
        As ``mc.read(path, format=...)`` takes them.

    Examples
    --------
    >>> "exiobase3" in formats()
    True
    """
    return tuple(reader.name for reader in readers())


def _named(name: str) -> Reader:
    for reader in readers():
        if reader.name == name:
            return reader
    raise UnknownNameError.of("format", name, formats())


def _native(path: Path) -> MRIO:
    if path.suffix == ".npz":
        return load_npz(path)
    from mriocarbon.io.store import load_zarr

    return load_zarr(path)


@dataclass(frozen=True)
class Series(Mapping[int, MRIO]):
    """Tables by year, each read when it is asked for and not kept.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = mc.save(mrio, folder + "/table.npz")
    ...     list(mc.read_series(folder))
    [2022]
    """

    path: Path
    files: Mapping[int, Path]
    format: str | None = None
    progress: Callable[[Progress], None] | None = field(default=None, compare=False)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """The years, ascending."""
        return tuple(sorted(self.files))

    def __getitem__(self, year: int) -> MRIO:
        if year not in self.files:
            raise UnknownNameError.of("year", str(year), [str(y) for y in self.years])
        return read(
            self.files[year], year=year, format=self.format, progress=self.progress,
            **self.options,
        )  # fmt: skip

    def __iter__(self) -> Iterator[int]:
        return iter(self.years)

    def __len__(self) -> int:
        return len(self.files)


def read_series(
    path: str | Path,
    *,
    format: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Series:
    """Return the tables of all years in a folder or an archive, read when asked for.

    Parameters
    ----------
    path : path
        A folder of files or zips (one or more years in each), or one archive of several years.
    format, progress, **options
        As of `read`.

    Returns
    -------
    Series
        A mapping of year to MRIO.

    Raises
    ------
    DataFileError
        Nothing in it fits a known layout, or two files hold the same year.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = mc.save(mc.load("oecd-icio-2022"), folder + "/table.npz")
    ...     series = mc.read_series(folder)
    ...     series.years, series[2022].regions[:2]
    ((2022,), ('EU27', 'USA'))
    """
    path = Path(path)
    whole = Archive(path)
    places = [path]
    if path.is_dir() and path.suffix not in NATIVE:
        # A folder may be one archive unpacked, or hold one file for each year.
        try:
            chosen = recognise(whole) if format is None else _named(format)
            found = chosen.years(whole)
        except DataFileError:
            found = ()
        if not found:
            places = sorted(p for p in path.iterdir() if not p.name.startswith("."))
    files: dict[int, Path] = {}
    for place in places:
        for year in _years(place, format, alone=len(places) == 1):
            if year in files:
                raise DataFileError(
                    f"the year {year} is there twice",
                    where=f"{files[year]} and {place}",
                    do="keep one of the two in this folder",
                )
            files[year] = place
    if not files:
        raise DataFileError(
            "no table of a known layout and year is in it",
            where=whole.holding(),
            do='name the layout, format="figaro" (on the command line --format figaro), or read the'
            " files one by one with mc.read",
        )
    return Series(path, files, format, progress, dict(options))


def _years(place: Path, format: str | None, *, alone: bool) -> tuple[int, ...]:
    if place.suffix in NATIVE and format is None:
        year = _native(place).year
        return () if year is None else (year,)
    archive = Archive(place)
    try:
        reader = recognise(archive) if format is None else _named(format)
    except DataFileError:
        if alone:
            raise
        return ()  # a readme beside the tables is no table
    return reader.years(archive)
