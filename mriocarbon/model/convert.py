"""Exchange with pymrio and xarray. Both ways keep every number and every label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.model.arrays import matrix
from mriocarbon.model.extension import Array, Extension
from mriocarbon.model.labels import SectorIndex, positions
from mriocarbon.model.meta import from_json, from_side_arrays, side_arrays, to_json
from mriocarbon.model.provenance import Provenance
from mriocarbon.model.table import MRIO

if TYPE_CHECKING:
    import pandas as pd
    import pymrio
    import xarray as xr

SIDE_DIMS = {
    "other_inputs": ("other_input", "region", "sector"),
    "other_inputs_final": ("other_input", "region_to", "category"),
    "other_uses": ("other_use", "region", "sector"),
    "estimated__Z": ("region", "sector", "region_to", "sector_to"),
    "estimated__Y": ("region", "sector", "region_to", "category"),
    "estimated__x": ("region", "sector"),
    "estimated__value_added": ("value_added_row", "region", "sector"),
}


def from_pymrio(system: pymrio.IOSystem, *, year: int | None = None) -> MRIO:
    """Build a table from a pymrio system.

    Parameters
    ----------
    system : pymrio.IOSystem
        With ``Z`` and ``Y``, or after ``calc_all()``. ``x`` is taken if it is there. Only
        extensions with ``F`` are carried; stressor rows indexed by several levels get labels
        joined by `` | ``.
    year : int, optional

    Returns
    -------
    MRIO

    Raises
    ------
    InputError
        Z or Y are missing.

    Examples
    --------
    >>> import pymrio, mriocarbon as mc
    >>> mc.MRIO.from_pymrio(pymrio.load_test()).regions[:2]
    ('reg1', 'reg2')
    """
    if system.Z is None or system.Y is None:
        raise InputError(
            "the pymrio system has no Z or no Y",
            where="from_pymrio",
            do="call system.calc_system() first, or load the flows",
        )
    Z, Y = system.Z, system.Y
    index = SectorIndex.from_pairs([(str(r), str(s)) for r, s in Z.index], "Z rows")
    categories = tuple(dict.fromkeys(str(c) for _, c in Y.columns))
    columns = [(r, c) for r in index.regions for c in categories]
    extensions = {}
    for name in system.get_extensions():
        part = getattr(system, name)
        if part.F is None:
            continue
        rows = [_stressor(label) for label in part.F.index]
        F = part.F.set_axis(rows, axis=0)
        F_Y = None
        if part.F_Y is not None:
            F_Y = matrix(
                part.F_Y.set_axis([_stressor(label) for label in part.F_Y.index], axis=0),
                (len(rows), len(columns)), f"F_Y of {name}", rows, columns, missing=True,
            )  # fmt: skip
        unit = part.unit
        units = (
            tuple(str(u) for u in unit.iloc[:, 0].reindex(part.F.index))
            if unit is not None
            else ("unknown",) * len(rows)
        )
        extensions[name] = Extension(
            str(name), tuple(rows),
            matrix(F, (len(rows), len(index)), f"F of {name}", rows, index.pairs), units, F_Y,
        )  # fmt: skip
    n = len(index)
    Z_ = matrix(Z, (n, n), "Z", index.pairs, index.pairs)
    Y_ = matrix(Y, (n, len(columns)), "Y", index.pairs, columns)
    x_ = (
        Z_.sum(axis=1) + Y_.sum(axis=1)
        if system.x is None
        else matrix(system.x.iloc[:, 0], (n,), "x", index.pairs)
    )
    money = "unknown" if system.unit is None else str(system.unit.iloc[0, 0])
    edition = str(getattr(system.meta, "version", "") or "")
    return MRIO(
        index, Z_, Y_, np.asarray(x_), None, categories, (), extensions, money, year, None, (),
        Provenance(dataset=str(system.name or "pymrio"), edition=edition),
    )  # fmt: skip


def to_pymrio(table: MRIO) -> pymrio.IOSystem:
    """Return a pymrio system with Z, Y, x and all extensions (value added is not carried).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mc.load("oecd-icio-2022").to_pymrio().Z.shape
    (1000, 1000)
    """
    import pandas as pd
    import pymrio

    rows = table.index.to_pandas()
    demand = pd.MultiIndex.from_product(
        [table.regions, table.categories], names=["region", "category"]
    )
    Y = pd.DataFrame(table.Y, index=rows, columns=demand)
    unit = pd.DataFrame({"unit": table.money_unit}, index=rows)
    taken = [name for name in table.extensions if hasattr(pymrio.IOSystem(), name)]
    if taken:
        raise InputError(
            f"a pymrio system has another use for the name {taken[0]!r}",
            where="extensions of the table",
            do="rename the extension before to_pymrio()",
        )
    extensions = {}
    for name, part in table.extensions.items():
        stressors = pd.Index(part.stressors, name="stressor")
        extensions[name] = pymrio.Extension(
            name=name,
            F=pd.DataFrame(part.F, index=stressors, columns=rows),
            F_Y=None
            if part.F_Y is None
            else pd.DataFrame(part.F_Y, index=stressors, columns=demand),
            unit=pd.DataFrame({"unit": part.units}, index=stressors),
        )
    system = pymrio.IOSystem(
        Z=pd.DataFrame(table.Z, index=rows, columns=rows),
        Y=Y,
        x=pd.DataFrame({"indout": table.x}, index=rows),
        unit=unit,
        name=table.provenance.dataset,
        version=table.provenance.edition,
    )
    for name, extension in extensions.items():
        setattr(system, name, extension)
    return system


def to_xarray(table: MRIO) -> xr.Dataset:
    """Return an xarray Dataset with dims region, sector, region_to, sector_to, category.

    Stressors are variables ``F__<extension>`` over (stressor__<extension>, region, sector).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mc.load("oecd-icio-2022").to_xarray().Z.dims
    ('region', 'sector', 'region_to', 'sector_to')
    """
    import xarray as xr

    R, S, C = len(table.regions), len(table.sectors), len(table.categories)
    variables: dict[str, Any] = {
        "Z": (("region", "sector", "region_to", "sector_to"), table.Z.reshape(R, S, R, S)),
        "Y": (("region", "sector", "region_to", "category"), table.Y.reshape(R, S, R, C)),
        "x": (("region", "sector"), table.x.reshape(R, S)),
    }
    coords: dict[str, Any] = {
        "region": list(table.regions),
        "sector": list(table.sectors),
        "region_to": list(table.regions),
        "sector_to": list(table.sectors),
        "category": list(table.categories),
    }
    if table.value_added is not None:
        coords["value_added_row"] = list(table.value_added_rows)
        variables["value_added"] = (
            ("value_added_row", "region", "sector"),
            table.value_added.reshape(-1, R, S),
        )
    for name, side in (("other_input", table.other_inputs), ("other_use", table.other_uses)):
        if side is not None:
            coords[name] = list(side.labels)
    for name, array in side_arrays(table).items():
        dims = SIDE_DIMS[name]
        if name.startswith("estimated__"):
            array = np.broadcast_to(array, getattr(table, name.removeprefix("estimated__")).shape)
        variables[name] = (dims, array.reshape([len(coords[dim]) for dim in dims]))
    for name, part in table.extensions.items():
        dim = f"stressor__{name}"
        coords[dim] = list(part.stressors)
        variables[f"F__{name}"] = (
            (dim, "region", "sector"),
            part.F.reshape(-1, R, S),
            {"units": list(part.units)},
        )
        for suffix in ("F_Y", "F_Y_low", "F_Y_high"):
            array = getattr(part, suffix)
            if array is not None:
                variables[f"{suffix}__{name}"] = (
                    (dim, "region_to", "category"),
                    array.reshape(-1, R, C),
                )
    return xr.Dataset(
        variables,
        coords=coords,
        attrs={"mriocarbon": to_json(table)},
    )


def from_xarray(dataset: xr.Dataset) -> MRIO:
    """Build a table from a Dataset in the layout of `to_xarray`.

    Raises
    ------
    InputError
        A variable or a dimension is missing.
    LabelError
        ``region`` and ``region_to`` (or the sectors) do not match.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> bool((mc.MRIO.from_xarray(mrio.to_xarray()).Z == mrio.Z).all())
    True
    """
    needed = {"Z", "Y", "region", "sector", "region_to", "sector_to", "category"}
    absent = needed - set(map(str, dataset.variables))
    if absent:
        raise InputError(
            f"the dataset lacks {sorted(absent)}",
            where="from_xarray",
            do="use the layout that MRIO.to_xarray writes",
        )

    def labels(dim: str) -> tuple[str, ...]:
        return tuple(map(str, dataset[dim].values))

    index = SectorIndex(labels("region"), labels("sector"))
    categories = labels("category")
    n = len(index)
    pairs_to = [(r, s) for r in labels("region_to") for s in labels("sector_to")]
    demand = [(r, c) for r in labels("region_to") for c in categories]
    columns = [(r, c) for r in index.regions for c in categories]

    def frame(name: str, dims: tuple[str, ...], rows: Any, cols: Any) -> pd.DataFrame:
        import pandas as pd

        values = dataset[name].transpose(*dims).values.reshape(len(rows), len(cols))
        return pd.DataFrame(values, index=pd.Index(rows, tupleize_cols=False), columns=cols)

    home = ("region", "sector")
    Z = matrix(
        frame("Z", (*home, "region_to", "sector_to"), index.pairs, pairs_to),
        (n, n), "Z", index.pairs, index.pairs,
    )  # fmt: skip
    Y = matrix(
        frame("Y", (*home, "region_to", "category"), index.pairs, demand),
        (n, len(columns)), "Y", index.pairs, columns,
    )  # fmt: skip
    x_ = (
        matrix(dataset["x"].transpose(*home).values.reshape(n), (n,), "x", index.pairs)
        if "x" in dataset
        else np.asarray(Z.sum(axis=1) + Y.sum(axis=1))
    )
    meta = from_json(str(dataset.attrs.get("mriocarbon", "")))
    order = positions(labels("region_to"), index.regions, "region_to")

    def household(variable: str, dim: str) -> Array | None:
        if variable not in dataset:
            return None
        array = dataset[variable].transpose(dim, "region_to", "category").values[:, order]
        return np.array(array.reshape(len(array), -1), dtype=float)

    value_added = None
    rows: tuple[str, ...] = ()
    if "value_added" in dataset:
        rows = labels("value_added_row")
        value_added = matrix(
            dataset["value_added"].transpose("value_added_row", *home).values.reshape(-1, n),
            (len(rows), n), "value added", rows, index.pairs,
        )  # fmt: skip
    extensions = {}
    for variable in map(str, dataset.data_vars):
        kind, _, name = variable.partition("__")
        if kind != "F":
            continue
        dim = f"stressor__{name}"
        stressors = labels(dim)

        about = meta["extensions"].get(name, {})
        units = dict(zip(about.get("stressors", ()), about.get("units", ()), strict=True))
        extensions[name] = Extension(
            name, stressors,
            matrix(dataset[variable].transpose(dim, *home).values.reshape(-1, n),
                   (len(stressors), n), variable, stressors, index.pairs),
            tuple(units.get(s, "unknown") for s in stressors),
            household(f"F_Y__{name}", dim), household(f"F_Y_low__{name}", dim),
            household(f"F_Y_high__{name}", dim),
            about.get("notes", ()),
        )  # fmt: skip
    return MRIO(
        index, Z, Y, x_, value_added, categories, rows, extensions,
        meta["money_unit"], meta["year"], meta["price_year"], meta["notes"], meta["provenance"],
        **from_side_arrays(_side(dataset, index, categories), meta),
    )  # fmt: skip


def _side(
    dataset: xr.Dataset, index: SectorIndex, categories: tuple[str, ...]
) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of `side_arrays`, with the axes in the order of the table."""
    order = {"region_to": index.regions, "sector_to": index.sectors, "category": categories}
    found = {}
    for name, dims in SIDE_DIMS.items():
        if name in dataset:
            aligned = dataset[name].transpose(*dims)
            known = {dim: list(order[dim]) for dim in dims if dim in order}
            values = aligned.sel(known).values
            rows = 2 if dims[:2] == ("region", "sector") else 1
            lead = int(np.prod(values.shape[:rows]))
            found[name] = values.reshape(lead, -1) if len(dims) > rows else values.reshape(lead)
    return found


def _stressor(label: object) -> str:
    return " | ".join(map(str, label)) if isinstance(label, tuple) else str(label)
