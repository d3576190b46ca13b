"""Labelled results that carry their unit, error, notes and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import LabelError, ShapeError, UnitError, UnknownNameError
from mriocarbon.model.atomic import replacing, replacing_folder
from mriocarbon.model.labels import find_region
from mriocarbon.model.provenance import Note, Provenance
from mriocarbon.model.told_csv import write_told
from mriocarbon.model.units import factor

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Result:
    """A labelled array of numbers and all that must be known about them.

    Attributes
    ----------
    name : str
        What it is, such as ``"consumption"``.
    value : ndarray
        The numbers, in `unit`; `value` has one axis for each of `dims`.
    dims : tuple of str
        Names of the axes, such as ``("region",)``.
    coords : mapping of dim to tuple of str
        Labels along each axis. An account whose inputs cannot all be placed has one more
        label, ``"unallocated"``, so that the total always closes.
    unit : str
    error : float
        Forward-error estimate of the solve, relative to the largest total; NaN if not known.
    low, high : ndarray or None
        Range that the stated uncertainty of the inputs gives, where one is known. It covers
        what `notes` say it covers, and nothing else.
    parts : mapping of str to ndarray
        Visible components that add up to `value`, such as industries and households.
    notes : tuple of Note
        Remarks on the inputs; those with ``estimated=True`` mark estimates.
    provenance : Provenance

    Examples
    --------
    >>> import mriocarbon as mc
    >>> result = mc.account(mc.load("oecd-icio-2022"), "consumption", stressor="GHG")
    >>> result.unit, result.dims
    ('Mt CO2e', ('region',))
    """

    name: str
    value: Array
    dims: tuple[str, ...]
    coords: Mapping[str, tuple[str, ...]]
    unit: str
    error: float = float("nan")
    low: Array | None = None
    high: Array | None = None
    parts: Mapping[str, Array] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        shape = tuple(len(self.coords[dim]) for dim in self.dims)
        if self.value.shape != shape:
            raise ShapeError(
                f"value has shape {self.value.shape}, labels say {shape}",
                where=f"result {self.name!r}",
                do="give one label for each entry",
            )
        for array in (self.value, self.low, self.high, *self.parts.values()):
            if array is not None:
                array.setflags(write=False)
        for name in ("coords", "parts"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def estimated(self) -> bool:
        """True if any input behind the numbers is an estimate."""
        return any(note.estimated for note in self.notes)

    @property
    def total(self) -> float:
        """Sum over all entries, `unallocated` included."""
        return float(self.value.sum())

    @property
    def adds(self) -> bool:
        """Whether a sum means anything: shares, ratios and what is per person do not add up."""
        return not ("%" in self.unit or "/" in self.unit or self.unit in ("", "1"))

    def __getitem__(self, label: str | tuple[str, ...]) -> float:
        """Return one number by its labels; regions may be given by name."""
        labels = (label,) if isinstance(label, str) else label
        if len(labels) != len(self.dims):
            raise ShapeError(
                f"{len(labels)} labels for {len(self.dims)} dimensions {self.dims}",
                where=f"result {self.name!r}",
                do="give one label for each dimension",
            )
        return float(self.value[tuple(map(self._position, self.dims, labels))])

    def _position(self, dim: str, label: str) -> int:
        known = self.coords[dim]
        if label in known:
            return known.index(label)
        if dim.startswith("region"):
            return find_region(label, known)
        raise UnknownNameError.of(dim, label, known)

    def to(self, unit: str) -> Result:
        """Return the same result in another unit (UnitError if it measures something else)."""
        scale = factor(self.unit, unit)

        def scaled(array: Array | None) -> Array | None:
            return None if array is None else array * scale

        return replace(
            self,
            value=self.value * scale,
            low=scaled(self.low),
            high=scaled(self.high),
            parts={key: part * scale for key, part in self.parts.items()},
            unit=unit,
        )

    def per(self, amounts: Mapping[str, float], unit: str = "person") -> Result:
        """Return the result divided by an amount for each region, such as population.

        Parameters
        ----------
        amounts : mapping of region to float
            In `unit`; every region of the first dimension must be in it.
        unit : str
            Of the amounts.

        Returns
        -------
        Result
            In ``unit of the result / unit``; ``unallocated`` belongs to nobody and is NaN.

        Raises
        ------
        LabelError
            A region has no amount.

        Examples
        --------
        >>> import mriocarbon as mc
        >>> total = mc.account(mc.load("oecd-icio-2022"), "consumption")
        >>> each = total.per(mc.population(2022)).to("t CO2e / person")
        >>> each["USA"] > each["CHN"] > each["IND"]
        True
        """
        labels = self.coords[self.dims[0]]
        missing = [k for k in labels if k not in amounts and k != "unallocated"]
        if missing:
            raise LabelError(
                f"no amount for {', '.join(missing[:5])}",
                where=f"result {self.name!r}, per {unit}",
                do="give an amount for every region; missing is not zero",
            )
        shape = (-1,) + (1,) * (len(self.dims) - 1)
        divisor = np.array([amounts.get(k, np.nan) for k in labels]).reshape(shape)

        def divided(array: Array | None) -> Array | None:
            return None if array is None else array / divisor

        return replace(
            self,
            name=f"{self.name} per {unit}",
            value=self.value / divisor,
            low=divided(self.low),
            high=divided(self.high),
            parts={key: part / divisor for key, part in self.parts.items()},
            unit=f"{self.unit} / {unit}",
        )

    def __add__(self, other: Result) -> Result:
        return self._combine(other, 1.0, "+")

    def __sub__(self, other: Result) -> Result:
        return self._combine(other, -1.0, "-")

    def _combine(self, other: Result, sign: float, symbol: str) -> Result:
        if not isinstance(other, Result):
            return NotImplemented
        if self.unit != other.unit:
            raise UnitError(
                f"cannot compute {self.unit!r} {symbol} {other.unit!r}",
                where=f"{self.name!r} and {other.name!r}",
                do="convert one of them first: result.to(unit)",
            )
        ours = (self.provenance.dataset, self.provenance.edition)
        theirs = (other.provenance.dataset, other.provenance.edition)
        if ours != theirs:
            raise UnitError(
                f"results of different editions: {ours} and {theirs}",
                where=f"{self.name!r} and {other.name!r}",
                do="compute both from one edition; editions are never added or differenced",
            )
        if self.dims != other.dims or dict(self.coords) != dict(other.coords):
            raise LabelError(
                f"labels differ: {dict(self.coords)} and {dict(other.coords)}",
                where=f"{self.name!r} and {other.name!r}",
                do="use results over the same labels",
            )
        ranged = self.low is not None or other.low is not None
        # The ranges share their causes, so that no rule of adding them would be right.
        text = f"no range of a {symbol} b: those of a and b are not independent"
        dropped = (Note(text),) if ranged else ()
        return Result(
            name=f"{self.name} {symbol} {other.name}",
            value=self.value + sign * other.value,
            dims=self.dims,
            coords=self.coords,
            unit=self.unit,
            error=max(self.error, other.error),
            parts={
                key: part + sign * other.parts[key]
                for key, part in self.parts.items()
                if self.parts.keys() == other.parts.keys()
            },
            notes=tuple(dict.fromkeys((*self.notes, *other.notes, *dropped))),
            provenance=self.provenance.joined(other.provenance),
        )

    def to_pandas(self) -> pd.Series | pd.DataFrame:
        """Return a Series (one dimension), a DataFrame (two) or a Series over a MultiIndex.

        Unit, notes, data set and whether an estimate is in it are in its ``attrs``.
        """
        import pandas as pd

        axes = [pd.Index(self.coords[dim], name=dim) for dim in self.dims]
        name = f"{self.name} [{self.unit}]"
        frame: pd.Series | pd.DataFrame
        if len(axes) == 1:
            frame = pd.Series(self.value, index=axes[0], name=name)
        elif len(axes) == 2:
            frame = pd.DataFrame(self.value, index=axes[0], columns=axes[1])
        else:
            frame = pd.Series(self.value.ravel(), index=pd.MultiIndex.from_product(axes), name=name)
        frame.attrs.update(
            unit=self.unit,
            estimated=any(note.estimated for note in self.notes),
            notes=[note.text for note in self.notes],
            dataset=self.provenance.dataset,
            method=self.provenance.method,
        )
        return frame

    def to_xarray(self) -> xr.DataArray:
        """Return an xarray.DataArray; unit, notes and provenance are in its attributes."""
        import xarray as xr

        return xr.DataArray(
            self.value,
            dims=self.dims,
            coords={dim: list(self.coords[dim]) for dim in self.dims},
            name=self.name,
            attrs=self.metadata(),
        )

    def metadata(self) -> dict[str, str | float]:
        """Return unit, error, provenance and notes as plain text and numbers."""
        return {
            "units": self.unit,
            "forward_error": self.error,
            "dataset": self.provenance.dataset,
            "edition": self.provenance.edition,
            "year": "" if self.provenance.year is None else str(self.provenance.year),
            "stressor": self.provenance.stressor,
            "sha256": self.provenance.sha256,
            "method": self.provenance.method,
            "version": self.provenance.version,
            "sources": "; ".join(s.citation or s.name for s in self.provenance.sources),
            "steps": "; ".join(self.provenance.steps),
            "notes": "; ".join(
                ("[estimated] " if n.estimated else "") + n.text for n in self.notes
            ),
        }

    def to_dataset(self) -> xr.Dataset:
        """Return an xarray.Dataset: ``value``, ``low`` and ``high`` where known, and each part."""
        import xarray as xr

        coords = {dim: list(self.coords[dim]) for dim in self.dims}
        return xr.Dataset(
            {
                name: (self.dims, array, {"units": self.unit})
                for name, array in self.columns().items()
            },
            coords=coords,
            attrs={"name": self.name, **self.metadata()},
        )

    def to_csv(self, path: str | Path) -> Path:
        """Write a tidy CSV: one row for each number, the metadata in ``#`` lines above.

        Range and parts (households among them) are further columns. The file is whole or absent.

        Raises
        ------
        DataFileError
            The place cannot be written to.
        """
        columns = self.columns()
        rows = (
            [*(self.coords[d][k] for d, k in zip(self.dims, position, strict=True)),
             *(float(c[position]) for c in columns.values())]
            for position in np.ndindex(*self.value.shape)
        )  # fmt: skip
        told = {"name": self.name, **self.metadata()}
        return write_told(path, told.items(), [*self.dims, *columns], rows)

    def cite(self, *, style: str = "bibtex") -> str:
        """Return a bibliography of the data, the method and the program behind the numbers.

        Parameters
        ----------
        style : {"bibtex", "text"}

        Returns
        -------
        str
            See `mriocarbon.model.citation.cite`. A source that has no citation is told as such.

        Raises
        ------
        UnknownNameError
            No such style.

        Examples
        --------
        >>> import mriocarbon as mc
        >>> result = mc.account(mc.load("oecd-icio-2022"), "income", households=False)
        >>> print(result.cite(style="text").splitlines()[-2].split(". ")[1])
        Income-based environmental responsibility
        """
        from mriocarbon.model.citation import cite

        return cite([self.provenance], style=style)

    def to_netcdf(self, path: str | Path) -> Path:
        """Write `to_dataset` as NetCDF 4 (h5netcdf); the file is whole or absent.

        Raises
        ------
        DataFileError
            The place cannot be written to.
        """
        path = Path(path)
        with replacing(path) as temporary:
            self.to_dataset().to_netcdf(temporary, engine="h5netcdf")
        return path

    def to_zarr(self, path: str | Path) -> Path:
        """Write `to_dataset` as a zarr store of version 2 (a folder); the store is whole or absent.

        A zarr store that stands there is replaced, any other folder is left alone.

        Raises
        ------
        DataFileError
            The place cannot be written to, or holds something else than a zarr store.
        """
        path = Path(path)
        with replacing_folder(path, "zarr store", _is_zarr) as temporary:
            # Version 3 has no specification yet for text of a fixed length: the labels.
            self.to_dataset().to_zarr(temporary, mode="w", zarr_format=2)
        return path

    def to_iamc(
        self,
        *,
        model: str = "",
        scenario: str = "",
        region: str = "",
        year: int | None = None,
        layout: str = "long",
        marked: bool = True,
    ) -> pd.DataFrame:
        """Return the numbers in the IAMC's format, as pyam reads it.

        See `mriocarbon.model.iamc.to_iamc` for names, options and errors.

        Examples
        --------
        >>> import mriocarbon as mc
        >>> income = mc.account(mc.load("oecd-icio-2022"), "income", stressor="CO2")
        >>> income.to_iamc(scenario="history")["Variable"].unique().tolist()
        ['Emissions|CO2 [income]', 'Emissions|CO2 [income] [low]', 'Emissions|CO2 [income] [high]',
         'Emissions|CO2 [income]|Industries', 'Emissions|CO2 [income]|Households']
        """
        from mriocarbon.model.iamc import to_iamc

        return to_iamc(
            self, model=model, scenario=scenario, region=region, year=year, layout=layout,
            marked=marked,
        )  # fmt: skip

    def to_sdmx_csv(
        self,
        path: str | Path,
        *,
        agency: str = "MRIOCARBON",
        dataflow: str = "",
        version: str = "1.0.0",
        year: int | None = None,
        labels: str = "id",
    ) -> Path:
        """Write an SDMX-CSV 2.0 data message; see `mriocarbon.model.sdmx.to_sdmx_csv`."""
        from mriocarbon.model.sdmx import to_sdmx_csv

        return to_sdmx_csv(
            self, path, agency=agency, dataflow=dataflow, version=version, year=year, labels=labels
        )

    def columns(self) -> dict[str, Array]:
        """Return what there is of each entry by name: value, low and high if known, the parts."""
        known = {"value": self.value, "low": self.low, "high": self.high}
        columns = {name: array for name, array in known.items() if array is not None}
        return {**columns, **(self.parts if len(self.parts) > 1 else {})}

    def __repr__(self) -> str:
        shape = " x ".join(f"{len(self.coords[dim])} {dim}" for dim in self.dims)
        size = f"total {self.total:.6g} {self.unit}" if self.adds else f"in {self.unit or '1'}"
        mark = ", rests on estimates" if self.estimated else ""
        return f"<Result {self.name}: {shape}, {size}{mark}>"

    def _repr_html_(self) -> str:
        from mriocarbon.model.notebook import table

        return table(self)


def _is_zarr(folder: Path) -> bool:
    return any((folder / mark).is_file() for mark in (".zgroup", "zarr.json"))
