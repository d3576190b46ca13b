"""Hypothetical extraction: what output, value added and emissions hang on a sector or region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.checked import is_real, need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief
from mriocarbon.structure.update import Updated, error_of_change

__all__ = ["LINKS", "Extraction", "extract", "extract_all", "inverse_diagonal"]

Array = NDArray[np.float64]
LINKS = ("both", "purchases", "sales")
GROUPS = ("region-sector", "sector", "region")
_CHUNK = 256  # columns of the inverse at a time


@dataclass(frozen=True, eq=False)
class Extraction:
    """What changes when a sector, a region, or a sector of a region is taken out.

    Attributes
    ----------
    what : str
        What was extracted, in words.
    output, value_added, emissions : Result
        Change over (``region``, ``sector``), new minus base; `parts` hold ``own``, the change in
        the extracted sectors themselves, and ``elsewhere``. Value added is all primary inputs,
        taxes less subsidies among them. The `error` of each is relative to the sum of its absolute
        values (`error_of_change`): the less is taken out, the larger it is. Emissions of a table
        without stressors are not known: NaN.
    base_output, base_value_added, base_emissions : float
        World totals before.
    share, links, inside, replaced
        As asked for.
    rank : int
    method : str
        As in `Updated`.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> gone = mc.extract(mc.load("oecd-icio-2022"), region="CHN", sector="C24A", stressor="GHG")
    >>> gone.emissions.total < 0, gone.share, gone.links
    (True, 1.0, 'both')
    """

    what: str
    output: Result
    value_added: Result
    emissions: Result
    base_output: float
    base_value_added: float
    base_emissions: float
    share: float
    links: str
    inside: bool
    replaced: bool
    rank: int
    method: str

    def by_region(self, of: str = "emissions") -> Result:
        """Return the change of ``"emissions"``, ``"output"`` or ``"value_added"`` by region."""
        return _summed(self._of(of), 1)

    def by_sector(self, of: str = "emissions") -> Result:
        """Return the change of ``"emissions"``, ``"output"`` or ``"value_added"`` by sector."""
        return _summed(self._of(of), 0)

    def _of(self, name: str) -> Result:
        known = {
            "emissions": self.emissions, "output": self.output, "value_added": self.value_added,
        }  # fmt: skip
        if name not in known:
            raise UnknownNameError.of("measure", name, known)
        return known[name]

    def __repr__(self) -> str:
        name, change, base = ("emissions", self.emissions, self.base_emissions)
        if np.isnan(base):
            name, change, base = ("output", self.output, self.base_output)
        share = f" ({100 * change.total / base:+.2f} % of the world)" if base else ""
        return (
            f"<Extraction of {self.what}: {name} {change.total:+.6g} {change.unit}{share},"
            f" {self.method}>"
        )


def _summed(result: Result, axis: int) -> Result:
    keep = result.dims[1 - axis]
    return Result(
        result.name, result.value.sum(axis=axis), (keep,), {keep: result.coords[keep]},
        result.unit, result.error,
        parts={name: part.sum(axis=axis) for name, part in result.parts.items()},
        notes=result.notes, provenance=result.provenance,
    )  # fmt: skip


def extract(
    mrio: MRIO,
    *,
    region: str | None = None,
    sector: str | None = None,
    share: float = 1.0,
    links: str = "both",
    final_demand: bool | None = None,
    inside: bool = True,
    replaced: bool = False,
    stressor: str | None = None,
    method: str = "auto",
) -> Extraction:
    """Return what hangs on a sector, a region, or a sector of a region, all else unchanged.

    With s the share extracted and S the sectors taken out, ``A1`` is A with the cells of the
    rows S (sales), of the columns S (purchases), or of both times ``1 - s``, and
    ``y1 = (1 - s) y`` on S where final demand is extracted too; then

        dx = (I - A1)^-1 y1 - x,   dv = v_c dx,   df = q dx,

    with ``v_c' = 1' - 1'A`` and q as they were. By default what is taken out is **not
    replaced**: inputs that S no longer supplies, and purchases that S no longer makes, are
    neither bought elsewhere in the table nor value added; they come from outside it. With
    ``replaced=True`` every user buys what S no longer supplies from the same sector of other
    regions, in the proportions in which it buys there now (where it buys nothing there, in
    those of their output), money for money, uses beside final demand like final demand; S then
    buys less because it makes less, and its coefficients stay: with ``replaced=True`` sales alone
    are extracted, whatever `links` says.

    Parameters
    ----------
    mrio : MRIO
    region, sector : str, optional
        One of them, or both; a sector alone is taken out of every region.
    share : float
        From 0 to 1; 1 is the complete extraction.
    links : {"both", "purchases", "sales"}
        Columns and rows, columns only, rows only.
    final_demand : bool, optional
        Whether deliveries of S to final demand are extracted too; yes for ``"both"``, no for
        the others by default. Negative final demand is scaled like any other.
    inside : bool
        Whether deliveries within S are extracted too; False keeps them, and for a region as a
        whole also what it delivers to its own final demand, so that its trade alone is cut.
    replaced : bool
        Not with ``links="purchases"``.
    stressor : str, optional
    method : {"auto", "update", "lu"}
        See `Updated`.

    Returns
    -------
    Extraction

    Raises
    ------
    UnknownNameError
        Region, sector or links.
    InputError
        Nothing named, a share outside 0 to 1, sectors without output, nobody to replace them.
    NotProductiveError
        Only where the replacement uses more than it makes.

    References
    ----------
    Paelinck, de Caevel & Degueldre (1965) and Strassert (1968) after Miller & Lahr (2001), A
    taxonomy of extractions; Dietzenbacher & Lahr (2013), Expanding extractions
    doi:10.1080/09535314.2013.774266 (all UNVERIFIED: not opened). Replacement by other regions:
    Dietzenbacher, van Burken & Kondo (2019), Hypothetical extractions from a global perspective,
    Economic Systems Research 31(4) (abstract read).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> gone = extract(mc.load("oecd-icio-2022"), region="CHN", sector="C24A", stressor="GHG")
    >>> gone.emissions.total < 0, gone.rank, gone.method
    (True, 2, 'update')
    """
    need_table(mrio, "extract, mrio")
    chosen, what = _chosen(mrio, region, sector)
    _check(share, links)
    if replaced and links == "purchases":
        raise InputError(
            "purchases cannot be replaced by other suppliers", where="extract",
            do='leave replaced=False (on the command line: --replaced out), or extract'
            ' links="sales" or "both" (--links sales)',
        )  # fmt: skip
    system = leontief(mrio)
    if not (mrio.x[chosen] > 0).any():
        raise InputError(
            f"{what} has no output", where="extract",
            do="choose a sector that produces; nothing would change",
        )  # fmt: skip
    counted = _counted(mrio, stressor)
    with_final = links == "both" if final_demand is None else final_demand
    A = np.where(system.zero, 0.0, mrio.Z / system.output_)
    # Uses beside final demand are one more user.
    Y = np.column_stack([
        mrio.final_demand, mrio.x - mrio.Z.sum(axis=1) - mrio.final_demand.sum(axis=1)
    ])  # fmt: skip
    taken = np.zeros_like(A)
    if links != "purchases":
        taken[chosen] = share * A[chosen]
    if links != "sales" and not replaced:
        taken[:, chosen] = share * A[:, chosen]
    fewer = share * Y * chosen[:, None] if with_final else np.zeros_like(Y)
    kept = region is not None and sector is None and not inside
    if not inside:
        taken[np.ix_(chosen, chosen)] = 0.0
    if kept:
        fewer[:, [mrio.index.region(region or ""), -1]] = 0.0
    y1 = Y.sum(axis=1) - fewer.sum(axis=1)
    dA = -taken
    if replaced:
        gained = _replacement(mrio, chosen, np.hstack([A, Y]), np.hstack([taken, fewer]), what)
        dA += gained[:, : len(A)]
        y1 += gained[:, len(A) :].sum(axis=1)
    updated = Updated(system, dA, method=method)
    solution = updated.output(y1)
    x0, x1 = np.where(system.zero, 0.0, mrio.x), solution.value
    if share == 1 and links == "both" and with_final and inside and not replaced:
        x1 = np.where(chosen, 0.0, x1)  # what rounding leaves of zero
    q = np.where(system.zero, 0.0, counted.f / system.output_)
    v = np.where(system.zero, 0.0, mrio.primary_inputs / system.output_)
    how = updated.method + (f" ({updated.why})" if updated.why else "")
    said = _said(mrio, what, share, links, with_final, inside, replaced)
    output, value_added, emissions = _results(
        mrio, counted, [(x0, x1), (v * x0, v * x1), (q * x0, q * x1)], chosen, said,
        solution.error, how,
    )  # fmt: skip
    return Extraction(
        what, output, value_added, emissions, float(mrio.x.sum()),
        float((v * mrio.x).sum()), float(counted.f.sum()), share, links, inside, replaced,
        updated.rank, how,
    )  # fmt: skip


def _chosen(mrio: MRIO, region: str | None, sector: str | None) -> tuple[NDArray[np.bool_], str]:
    if region is None and sector is None:
        raise InputError(
            "nothing to extract", where="extract", do="name a region=, a sector=, or both"
        )
    chosen = np.zeros((len(mrio.regions), len(mrio.sectors)), bool)
    r = slice(None) if region is None else mrio.index.region(region)
    s = slice(None) if sector is None else mrio.index.sector(sector)
    chosen[r, s] = True
    words = [
        mrio.regions[r] if isinstance(r, int) else "all regions",
        mrio.sectors[s] if isinstance(s, int) else "all sectors",
    ]
    return chosen.ravel(), " ".join(words)


def _check(share: float, links: str) -> None:
    if links not in LINKS:
        raise UnknownNameError.of("links", links, LINKS)
    if not (is_real(share) and 0 <= share <= 1):
        raise InputError(f"share {share!r}", where="extract", do="give a number from 0 to 1")


def _replacement(
    mrio: MRIO, chosen: NDArray[np.bool_], bought: Array, lost: Array, what: str
) -> Array:
    """Return what the same sectors of other regions deliver to every user in place of `lost`."""
    R, S = len(mrio.regions), len(mrio.sectors)
    gained = np.zeros((R, S, bought.shape[1]))
    blocks, needed = bought.reshape(R, S, -1), lost.reshape(R, S, -1)
    others = ~chosen.reshape(R, S)
    for s in np.flatnonzero(chosen.reshape(R, S).any(axis=0)):
        need = needed[:, s].sum(axis=0)
        size = mrio.x.reshape(R, S)[:, s] * others[:, s]
        weights = np.maximum(blocks[:, s], 0.0) * others[:, s, None]
        none = weights.sum(axis=0) == 0
        if (need[none] != 0).any() and size.sum() == 0:
            raise InputError(
                f"nobody is left to replace {what}", where=f"sector {mrio.sectors[s]}",
                do="extract it in one region, or leave replaced=False (on the command line:"
                " --replaced out)",
            )  # fmt: skip
        weights[:, none] = size[:, None]
        sums = weights.sum(axis=0)
        gained[:, s] = weights / np.where(sums > 0, sums, 1.0) * need
    return gained.reshape(R * S, -1)


def _said(
    mrio: MRIO, what: str, share: float, links: str, final: bool, inside: bool, replaced: bool
) -> list[Note]:
    part = {"both": "purchases and sales", "purchases": "purchases", "sales": "sales"}[
        "sales" if replaced else links
    ]
    text = (
        f"extracted: {100 * share:g} % of the {part} of {what}"
        f"{', deliveries to final demand too' if final else ', final demand stays'}"
        f"{'' if inside else ', deliveries within stay'}; "
        + ("replaced by the same sectors of other regions, money for money; purchases stay, per"
           " output" if replaced
           else "not replaced: what is missing comes from outside the table")
    )  # fmt: skip
    notes = [Note(text, about="extraction")]
    negative = int((mrio.final_demand < 0).sum())
    if negative:
        notes.append(Note(
            f"negative final demand in {negative} cells is kept, and scaled where it is extracted",
            about="extraction",
        ))  # fmt: skip
    return notes


@dataclass(frozen=True)
class _Counted:
    """What is counted: emissions of each sector, NaN in a table without stressors."""

    f: Array
    label: str
    unit: str
    notes: tuple[Note, ...]  # of the table and of the stressor


def _counted(mrio: MRIO, stressor: str | None) -> _Counted:
    if stressor is None and not mrio.stressors:
        text = "the table has no stressors: emissions are not known"
        notes = tuple(n for n in mrio.notes if n.about == "table")
        return _Counted(
            np.full(len(mrio.x), np.nan), "", "unknown", (*notes, Note(text, about="table"))
        )
    extension, row = resolve(mrio, stressor)
    label = extension.stressors[row]
    return _Counted(extension.F[row], label, extension.units[row], carried(mrio, extension, row))


def _results(
    mrio: MRIO, counted: _Counted, ends: list[tuple[Array, Array]], chosen: NDArray[np.bool_],
    said: list[Note], error: float, how: str,
) -> list[Result]:  # fmt: skip
    shape = (len(mrio.regions), len(mrio.sectors))
    out = []
    for name, unit, (before, after) in zip(
        ("output", "value added", "emissions"),
        (mrio.money_unit, mrio.money_unit, counted.unit),
        ends, strict=True,
    ):  # fmt: skip
        value, kept = after - before, _about(counted, name)
        out.append(Result(
            f"change of {name}", value.reshape(shape), ("region", "sector"),
            {"region": mrio.regions, "sector": mrio.sectors}, unit,
            error_of_change(error, before, after, value),
            parts={
                "own": np.where(chosen, value, 0.0).reshape(shape),
                "elsewhere": np.where(chosen, 0.0, value).reshape(shape),
            },
            notes=(*kept, *said),
            provenance=mrio.provenance.computed(
                f"hypothetical extraction by {how}", kept, stressor=counted.label
            ),
        ))  # fmt: skip
    return out


def _about(counted: _Counted, name: str) -> tuple[Note, ...]:
    """Return the notes that concern output, value added or emissions."""
    if name == "emissions":
        return counted.notes
    return tuple(n for n in counted.notes if n.about == "table")


# -- all of them at once -------------------------------------------------------------------------


def inverse_diagonal(mrio: MRIO) -> Array:
    """Return the diagonal of the Leontief inverse, shape (n,), some columns at a time.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> bool((inverse_diagonal(mc.load("oecd-icio-2022")) > 1 - 1e-12).all())
    True
    """
    system = leontief(mrio)
    found = np.empty(system.n)
    for start in range(0, system.n, _CHUNK):
        end = min(start + _CHUNK, system.n)
        unit = np.zeros((system.n, end - start))
        unit[np.arange(start, end), np.arange(end - start)] = 1.0
        found[start:end] = system.output(unit, method="lu").value[start:end].diagonal()
    return found


def extract_all(
    mrio: MRIO,
    *,
    by: str = "region-sector",
    share: float = 1.0,
    links: str = "both",
    final_demand: bool | None = None,
    inside: bool = True,
    stressor: str | None = None,
) -> tuple[Result, Result, Result]:
    """Return the extraction of every sector, one at a time: output, value added, emissions.

    Taking out sector k changes output by ``dx = b_k L e_k - c_k e_k``, with two scalars from
    ``l_kk``, ``a_kk``, ``x_k`` and ``y_k`` alone (complete extraction: ``b_k = -x_k / l_kk``,
    ``c_k = 0``), so that all n of them need the diagonal of L and three multipliers:
    ``1'dx = b_k (1'L)_k - c_k``, ``df = b_k m_k - c_k q_k``. Groups of sectors (one in all
    regions, all of one region) are low-rank updates, one after the other. Not replaced.

    Parameters
    ----------
    mrio : MRIO
    by : {"region-sector", "sector", "region"}
    share, links, final_demand, inside, stressor
        As in `extract`.

    Returns
    -------
    output, value_added, emissions : Result
        Change of the world total for each extraction, over (``region``, ``sector``),
        (``sector``,) or (``region``,); `parts` hold ``own`` and ``elsewhere``. Zero where there
        is no output to take out. The `error` is that of the multipliers and of the diagonal for
        single sectors, and that of the worst extraction for groups.

    Raises
    ------
    UnknownNameError, InputError

    Examples
    --------
    >>> import mriocarbon as mc
    >>> _, _, emissions = extract_all(mc.load("oecd-icio-2022"), stressor="GHG")
    >>> one = extract(mc.load("oecd-icio-2022"), region="CHN", sector="C24A", stressor="GHG")
    >>> bool(abs(emissions["CHN", "C24A"] - one.emissions.total) < 1e-9)
    True
    """
    need_table(mrio, "extract_all, mrio")
    _check(share, links)
    if by not in GROUPS:
        raise UnknownNameError.of("group", by, GROUPS)
    with_final = links == "both" if final_demand is None else final_demand
    counted = _counted(mrio, stressor)
    system = leontief(mrio)
    R, S = len(mrio.regions), len(mrio.sectors)
    errors = np.zeros(3)
    coords: dict[str, tuple[str, ...]]
    if by == "region-sector":
        coords = {"region": mrio.regions, "sector": mrio.sectors}
        triples, errors[:] = _closed(mrio, counted.f, share, links, with_final, inside)
        whole = [t.reshape(R, S) for t, _ in triples]
        own = [t.reshape(R, S) for _, t in triples]
        how = "closed form with the diagonal of L"
    else:
        coords = {by: mrio.sectors if by == "sector" else mrio.regions}
        rows = np.zeros((3, 2, len(coords[by])))
        for k, name in enumerate(coords[by]):
            member = mrio.x.reshape(R, S)[:, k] if by == "sector" else mrio.x.reshape(R, S)[k]
            if not member.any():
                continue
            one = extract(
                mrio, region=name if by == "region" else None,
                sector=name if by == "sector" else None, share=share, links=links,
                final_demand=with_final, inside=inside, stressor=stressor,
            )  # fmt: skip
            for i, result in enumerate((one.output, one.value_added, one.emissions)):
                rows[i, 0, k] = result.total
                rows[i, 1, k] = result.parts["own"].sum()
                errors[i] = max(errors[i], result.error)  # NaN, for no change, is passed over
        whole, own = list(rows[:, 0]), list(rows[:, 1])
        how = "low-rank updates"
    said = _said(mrio, f"each {by}", share, links, with_final, inside, False)
    if system.zero.any():
        said.append(Note(
            f"{int(system.zero.sum())} sectors of regions have no output: their extraction is 0",
            about="extraction",
        ))  # fmt: skip
    results = []
    for k, name in enumerate(("output", "value added", "emissions")):
        kept = _about(counted, name)
        results.append(Result(
            f"change of world {name} by extraction", whole[k], tuple(coords), coords,
            counted.unit if k == 2 else mrio.money_unit, float(errors[k]),
            parts={"own": own[k], "elsewhere": whole[k] - own[k]}, notes=(*kept, *said),
            provenance=mrio.provenance.computed(
                f"hypothetical extraction, {how}", kept, stressor=counted.label
            ),
        ))  # fmt: skip
    return results[0], results[1], results[2]


def _closed(
    mrio: MRIO, f: Array, share: float, links: str, with_final: bool, inside: bool
) -> tuple[list[tuple[Array, Array]], float]:
    """Return (world change, own change) of output, value added, emissions for every sector."""
    system = leontief(mrio)
    live = ~system.zero
    x = np.where(live, mrio.x, 0.0)
    q = np.where(live, f / system.output_, 0.0)
    v = np.where(live, mrio.primary_inputs / system.output_, 0.0)
    a = np.where(live, np.diagonal(mrio.Z) / system.output_, 0.0)
    y = mrio.x - mrio.Z.sum(axis=1)
    l = inverse_diagonal(mrio)
    weights = np.stack([live.astype(float), v, q])
    solution = system.multipliers(np.nan_to_num(weights))
    b, c = _scalars(x, y, l, a, share, links, with_final, inside)
    b, c = np.where(live, b, 0.0), np.where(live, c, 0.0)
    return [
        # NaN for emissions that are not known.
        (b * m - c * w + 0.0 * w, w * (b * l - c))
        for m, w in zip(solution.value, weights, strict=True)
    ], solution.error


def _scalars(
    x: Array, y: Array, l: Array, a: Array, share: float, links: str, final: bool, inside: bool
) -> tuple[Array, Array]:
    """Return b, c of ``dx = b L e_k - c e_k`` for every k, by Sherman, Morrison & Woodbury.

    The row taken out is r' = e_k'A (without its own cell where `inside` is False), the column c =
    A e_k (without it for "both", where the row has it): ``L A = A L = L - I`` leaves only l_kk,
    a_kk, x_k, y_k. With t = L y1 (y1 after the extraction of final demand),
    ``x1 = t + L U K^-1 V't``, U = [e_k, c], V = -s [r, e_k].
    """
    s = share
    cut = s * y if final else np.zeros_like(y)
    t = x - cut * l  # t_k
    row = t - (y - cut)  # (A t)_k
    g = (1 - a) * l - 1  # e_k'L c and r'L e_k without the own cell
    if links == "purchases":
        gamma = (l - 1) if inside else g
        w = s * t / (1 + s * gamma)
        return -cut - w * (1.0 if inside else 1 - a), -w
    if links == "sales":
        gamma = (l - 1) if inside else g
        w = s * (row if inside else row - a * t) / (1 + s * gamma)
        return -cut - w, np.zeros_like(w)
    r_e = l - 1 if inside else g  # r'L e_k
    r_c = g if inside else (1 - a) * g  # r'L c
    r_t = row if inside else row - a * t
    # K = I + s [[r_e, r_c], [l, g]];  w = K^-1 s [r_t, t]
    k11, k12, k21, k22 = 1 + s * r_e, s * r_c, s * l, 1 + s * g
    det = k11 * k22 - k12 * k21
    w1 = s * (k22 * r_t - k12 * t) / det
    w2 = s * (k11 * t - k21 * r_t) / det
    # L U w = w1 L e_k + w2 ((1 - a) L e_k - e_k)
    return -cut - w1 - w2 * (1 - a), -w2
