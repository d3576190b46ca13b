"""FIGARO: the EU inter-country input-output tables of Eurostat, industries or products.

One csv for each year, in two forms of the same cells, plain or zipped:

``matrix_eu-ic-io_ind-by-ind_24ed_2022.csv`` (``prod-by-prod`` for products)
    First header cell ``rowLabels``; labels ``AT_A01`` or ``AT_CPA_A01``, final uses
    ``AT_P3_S14``; the rest of the world is ``FIGW1``. Six rows follow below the industries.
``flatfile_eu-ic-io_ind-by-ind_24ed_2022.csv``
    One row for each cell: ``icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue``
    (``iciopRow`` and so on for products).

What goes where
    Z, Y         with final uses P3_S13, P3_S14, P3_S15, P51G, P5M as categories
    value added  W2_D1, W2_D29X39, W2_B2A3G
    other inputs W2_D21X31 (taxes less subsidies on products), W2_OP_RES (purchases of residents
                 abroad), W2_OP_NRES (purchases of non-residents), each with what it takes from
                 final demand
    x            the row sum: FIGARO prints none. A sum that is negative by rounding (half of
                 0.01 million EUR at most) is taken as zero, a named step; the cells stay

The matrix is read in blocks of rows and goes on after an interruption; the flat form is read
twice (labels first) in smaller blocks, and anew after an interruption. pymrio has no parser of
FIGARO; this one is our own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, LabelError, NonFiniteError, NotAvailableError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.numbers import MOST, layout, precise, room
from mriocarbon.io.readers.base import Reader, chosen_year, csv_by_year, finish
from mriocarbon.io.readers.square import Plan, Role, Rows, plan, sort_rest, stream
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.table import MRIO

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
SOURCE = Source(
    "FIGARO",
    citation="Eurostat, EU inter-country supply, use and input-output tables (FIGARO)",
    licence="Eurostat: reuse with credit (Commission Decision 2011/833/EU)",
    url="https://ec.europa.eu/eurostat/web/esa-supply-use-input-tables/database",
)
FINAL_USES = re.compile(r"P\d")  # P3_S13, P3_S14, P3_S15, P51G, P5M; no industry begins so
VALUE_ADDED = ("D1", "D29X39", "B2A3G")
TOTALS = ("TOTAL", "P1", "OUT", "OUTPUT")
NAME = re.compile(
    r"(?:^|/)(?P<form>matrix|flatfile)_eu-ic-io_(?P<type>ind-by-ind|prod-by-prod)"
    r"(?:_(?P<edition>\d\d)ed)?_(?P<year>20\d\d)(?:_v\d+)?\.csv$",
    re.IGNORECASE,
)
FLAT = re.compile(
    rb"(\xef\xbb\xbf)?\"?icio[ip]?Row\"?[,;\t]\"?icio[ip]?Col\"?[,;\t]\"?refArea\"?[,;\t]",
    re.IGNORECASE,
)
ROUNDING = 0.005  # million EUR: figures have three or more decimals, an output sums thousands
FLAT_BLOCK = 1 << 20  # bytes of text: labels of each cell make these blocks heavy
ISO3 = {"EL": "GRC", "UK": "GBR", "FIGW1": "ROW"}


def role(label: str) -> Role:
    """Return what a row or column label stands for.

    Examples
    --------
    >>> role("FIGW1_C10T12"), role("AT_P3_S14").kind, role("W2_OP_NRES").kind
    (Role(kind='industry', region='FIGW1', code='C10T12'), 'demand', 'other')
    """
    region, _, code = label.partition("_")
    if region == "W2" or not code:
        what = code or label
        return Role(
            "value added" if what in VALUE_ADDED else "total" if what in TOTALS else "other"
        )
    if FINAL_USES.match(code) and not re.match(r"P8\d", code):  # P85 is education
        return Role("demand", region, code)
    return Role("industry", region, code)


def _fits(archive: Archive, name: str) -> bool:
    head = archive.head(name, 4096)
    matrix = re.match(
        rb"(\xef\xbb\xbf)?\"?rowLabels\"?[,;\t]\"?[A-Z]{2}(GW1)?_(CPA_)?[A-Z]", head, re.IGNORECASE
    )
    return bool(matrix or FLAT.match(head))


def recognises(archive: Archive) -> bool:
    """Whether a csv of the archive has the header of a FIGARO input-output table."""
    return any(_fits(archive, name) for name in archive.find(r"\.csv$")[:60])


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years of the tables in the archive, as the file names give them."""
    return tuple(sorted(csv_by_year(archive, NAME, _fits)))


def _member(archive: Archive, year: int | None, type: str | None) -> tuple[str, int | None]:
    found = csv_by_year(archive, NAME, _fits)
    loose = [name for name in archive.find(r"\.csv$") if _fits(archive, name)]
    if not found and len(loose) == 1:
        return loose[0], year
    chosen = chosen_year(archive, sorted(found), year)
    names = [n for n in found[chosen] if type is None or type[:3] == _match(n)["type"].lower()[:3]]
    if not names:
        raise NotAvailableError(
            f"no {type} table of {chosen}",
            where=f"{archive.path} (holds {listed(found[chosen])})",
            do="leave type= out, or use the archive of the other type",
        )
    if len({_match(n)["type"].lower() for n in names}) > 1:
        raise NotAvailableError(
            f"tables of {chosen} by industry and by product: {listed(names)}",
            where=str(archive.path),
            do='say which: type="industry" or type="product"',
        )
    matrices = [n for n in names if _match(n)["form"].lower() == "matrix"]
    if len(matrices or names) > 1:
        raise NotAvailableError(
            f"{len(names)} editions of {chosen}: {listed(names)}",
            where=str(archive.path),
            do="name one of these files instead of its folder",
        )
    return (matrices or names)[0], chosen  # both forms hold the same cells


def _match(name: str) -> re.Match[str]:
    match = NAME.search(name)
    assert match is not None
    return match


def read(
    archive: Archive,
    year: int | None = None,
    *,
    type: str | None = None,
    codes: str = "published",
    absent: str = "error",
    decimal: str | None = None,
) -> MRIO:
    """Read one year.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where the archive holds several.
    type : str, optional
        ``"industry"`` or ``"product"``; needed where the archive holds both.
    codes : str
        Regions as ``"published"`` (AT, FIGW1) or as ``"iso3"`` (AUT, ROW).
    absent : str
        Of a flat file: a cell that has no row is an ``"error"``, or a ``"zero"``.
    decimal : str, optional
        ``"."`` or ``","``, where a file was saved anew and its first rows leave it open.

    Returns
    -------
    MRIO
        In million EUR, current basic prices.

    Raises
    ------
    InputError
        A cell, row or column is not what the layout says.
    NotAvailableError
        The year or the type is not there or not named.
    """
    for option, given, known in (
        ("type", type, (None, "industry", "product")),
        ("codes", codes, ("published", "iso3")),
        ("absent", absent, ("error", "zero")),
    ):
        if given not in known:
            raise InputError(
                f"unknown {option} {given!r}", where=option,
                do="choose " + " or ".join(repr(k) for k in known if k),
            )  # fmt: skip
    name, told_year = _member(archive, year, type)
    where = f"{archive.path}: {name}"
    provenance = Provenance(
        f"figaro-{told_year}" if told_year else "figaro", _edition(name), sources=(SOURCE,)
    )
    notes: list[Note] = []
    if FLAT.match(archive.head(name, 256)):
        planned, rows, gaps = _flat(archive, name, absent, decimal)
        if gaps:
            text = f"{gaps} cells have no row in the flat file and were taken as zero"
            provenance = provenance.after(text)
            notes.append(Note(text))
    else:
        form = layout(archive, name, decimal=decimal)
        planned = plan([label for (label,) in form.columns], role, where)
        rows = stream(archive, name, form, planned, role)
    x = rows.Z.sum(axis=1) + rows.Y.sum(axis=1) + sum(rows.others.values(), 0.0)
    rounding = np.flatnonzero((x < 0) & (x >= -ROUNDING)).tolist()
    if rounding:
        text = (
            f"output of {len(rounding)} industries, negative by rounding, taken as zero: "
            + listed([f"{planned.index.name(k)} ({x[k]:.4g})" for k in rounding])
        )
        x[rounding] = 0.0
        provenance = provenance.after(text)
        notes.append(Note(text))
    rest = sort_rest(rows, role, x, planned)
    regions = planned.index.regions
    if codes == "iso3":
        regions = tuple(_iso3(region) for region in regions)
        provenance = provenance.after("regions renamed to ISO 3166 alpha-3, FIGW1 to ROW")
    products = planned.index.sectors[0].startswith("CPA_")
    return finish(
        regions=regions,
        sectors=planned.index.sectors,
        categories=planned.categories,
        Z=rows.Z,
        Y=rows.Y,
        x=x,
        value_added=rest.value_added,
        value_added_rows=rest.value_added_rows,
        money_unit="million EUR",
        year=told_year,
        provenance=provenance,
        other_inputs=rest.other_inputs,
        other_uses=rest.other_uses,
        table_type="product-by-product" if products else "industry-by-industry",
        price_basis="basic",
        notes=[*notes, *rest.notes],
    )


def _edition(name: str) -> str:
    match = NAME.search(name)
    return f"20{match['edition']}" if match and match["edition"] else ""


def _iso3(region: str) -> str:
    if region in ISO3:
        return ISO3[region]
    import pycountry

    country = pycountry.countries.get(alpha_2=region)
    return str(country.alpha_3) if country else region


def _flat(archive: Archive, name: str, absent: str, decimal: str | None) -> tuple[Plan, Rows, int]:
    """Read the flat form: labels first, then the cells."""
    where = f"{archive.path}: {name}"
    row_labels: dict[str, None] = {}
    column_labels: dict[str, None] = {}
    for frame in _cells(archive, name, decimal):
        row_labels.update(dict.fromkeys(frame["row"].unique().tolist()))  # in order of the file
        column_labels.update(dict.fromkeys(frame["column"].unique().tolist()))
    labels = list(column_labels)
    planned = plan(labels, role, where)
    n, m = len(planned.index), len(planned.index.regions) * len(planned.categories)
    # One row of places for each label: industries, then final demand, then what is left.
    places = {labels[k]: int(p) for k, p in zip(*planned.z, strict=True)}
    places |= {labels[k]: n + int(p) for k, p in zip(*planned.y, strict=True)}
    rest = [*planned.others, *planned.totals]
    places |= {label: n + m + k for k, label in enumerate(rest)}
    lines = {f"{r}_{s}": k for k, (r, s) in enumerate(planned.index.pairs)}
    odd = [k for k in row_labels if role(k).kind in ("industry", "demand") and k not in lines]
    missing = [k for k in lines if k not in row_labels]
    if odd or missing:
        raise LabelError(
            f"rows and columns name different industries: only in rows {listed(odd) or 'none'};"
            f" only in columns {listed(missing) or 'none'}",
            where=where,
            do="check the file: rows are missing, or it is cut off",
        )
    below = [k for k in row_labels if k not in lines]
    lines |= {label: n + k for k, label in enumerate(below)}
    room((n + len(below)) * (n + m + len(rest)), where)
    Z, Y = np.zeros((n, n)), np.zeros((n, m))
    side, beside = np.zeros((len(below), n + m + len(rest))), np.zeros((n, len(rest)))
    seen = np.zeros((n + len(below), n + m + len(rest)), dtype=bool)
    for frame in _cells(archive, name, decimal):
        i = np.array([lines[k] for k in frame["row"].cat.categories])[frame["row"].cat.codes]
        j = np.array([places[k] for k in frame["column"].cat.categories])[frame["column"].cat.codes]
        value = frame["value"].to_numpy(dtype=np.float64)
        twice = seen[i, j]
        seen[i, j] = True
        cells = i * np.int64(seen.shape[1]) + j
        if twice.any() or len(np.unique(cells)) < len(cells):
            k = int(np.flatnonzero(twice)[0]) if twice.any() else _second(cells)
            raise LabelError(
                "a cell stands twice",
                where=f"{where}: ({frame['row'].iloc[k]}; {frame['column'].iloc[k]})",
                do="give every cell once",
            )
        for array, rows_in, low, high, up in (
            (Z, i < n, 0, n, 0), (Y, i < n, n, n + m, 0),
            (beside, i < n, n + m, n + m + len(rest), 0), (side, i >= n, 0, seen.shape[1], n),
        ):  # fmt: skip
            here = rows_in & (j >= low) & (j < high)
            array[i[here] - up, j[here] - low] = value[here]
    gaps = int(seen.size - np.count_nonzero(seen))
    if gaps and absent == "error":
        by_row, by_column = {v: k for k, v in lines.items()}, {v: k for k, v in places.items()}
        some = np.argwhere(~seen)[:5].tolist()
        raise NonFiniteError(
            f"{gaps} of {seen.size} cells have no row in the flat file",
            where=f"{where}: " + listed([f"({by_row[i]}; {by_column[j]})" for i, j in some]),
            do='check that the file is whole; absent="zero" takes them as zero',
        )
    extra = {
        label: (
            side[k, :n], side[k, n : n + m],
            {c: float(side[k, n + m + q]) for q, c in enumerate(rest)},
        )
        for k, label in enumerate(below)
    }  # fmt: skip
    others = {label: beside[:, rest.index(label)] for label in planned.others}
    totals = {label: beside[:, rest.index(label)] for label in planned.totals}
    return planned, Rows(Z, Y, others, totals, extra), gaps


def _second(cells: NDArray[np.int64]) -> int:
    """Return the position of the second of two equal cells."""
    order = np.argsort(cells, kind="stable")
    return int(order[1:][np.diff(cells[order]) == 0][0])


def _cells(archive: Archive, name: str, decimal: str | None) -> Iterator[pd.DataFrame]:
    """Yield blocks of cells: row and column as categories, value as a number."""
    import pandas as pd

    form = layout(archive, name, labels=6, decimal=decimal)
    columns = [label.lower() for label in form.header[0]]
    where = f"{archive.path}: {name}"
    kinds: Any = {0: str, 1: str, 6: np.float64}  # as categories, 01 would become 1
    empty: Any = {6: [""]}
    if len(columns) != 7 or columns[-1] != "obsvalue":
        raise InputError(
            f"the header of the flat form is not as published: {','.join(form.header[0])}",
            where=where,
            do="seven columns are expected, the last one obsValue",
        )
    done = 1
    with archive.open(name) as raw:
        raw.readline()
        while text := raw.read(FLAT_BLOCK) + raw.readline():
            try:
                frame = pd.read_csv(
                    io.BytesIO(text), header=None, sep=form.separator,
                    decimal=form.decimal, names=list(range(7)), usecols=[0, 1, 6], index_col=False,
                    dtype=kinds, keep_default_na=False, na_values=empty, **precise(),
                )  # fmt: skip
            except (pd.errors.ParserError, ValueError) as error:
                raise InputError(
                    f"a row of the flat form cannot be read: {error}",
                    where=f"{where}, lines {done + 1} ff.",
                    do="correct the cell; every row has seven columns, the last one a number",
                ) from error
            frame.columns = pd.Index(["row", "column", "value"])
            frame = frame.astype({"row": "category", "column": "category"})
            amounts = np.abs(frame["value"].to_numpy(dtype=np.float64))
            bad = np.flatnonzero(~(amounts <= MOST))
            if len(bad):
                k = int(bad[0])
                raise NonFiniteError(
                    f"{len(bad)} cells are empty, not finite or beyond {MOST:g}",
                    where=f"{where}: ({frame['row'].iloc[k]}; {frame['column'].iloc[k]})",
                    do="fill them in the file; missing is not zero",
                )
            done += len(frame)
            yield frame


READER = Reader(
    "figaro",
    "FIGARO, EU inter-country input-output tables",
    SOURCE,
    (
        "jalonso1979/puremacro fc8c65842d48e29a3cf3013026188dc42c178c9c"
        " tests/fixtures/trade/mrio/figaro_2c2s_26ed.csv (matrix form)",
        "cran/exvatools 983e17c7d6fb8254e40397151436359a4bab763e R/extract_figaro.R"
        " (matrix form, both types)",
        "it-is-me-mario/MARIO 93dc129ac76337cf5cd301598d7de004aa988c32"
        " tests/test_figaro_parser.py (flat form, both types)",
    ),
    recognises,
    years,
    read,
    ("type", "codes", "absent", "decimal"),
)
