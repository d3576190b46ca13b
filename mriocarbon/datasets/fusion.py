"""Several sources reconciled to one estimate with an interval: `fuse`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist

import numpy as np

from mriocarbon.datasets.estimates import Estimate, Estimates, checked, estimates
from mriocarbon.datasets.fusion_calibration import calibrate
from mriocarbon.datasets.fusion_database import own_sources
from mriocarbon.datasets.fusion_errors import ErrorModel, default_errors
from mriocarbon.datasets.fusion_model import Array, Block, Sum, reconcile
from mriocarbon.datasets.fusion_region import RegionFit, fuse_region, widened
from mriocarbon.datasets.fusion_result import (
    Bias,
    Fusion,
    Known,
    Pull,
    basis_of,
    biases_of,
    edition_notes,
    no_figure_notes,
    pulls_of,
)
from mriocarbon.errors import (
    InputError,
    MriocarbonError,
    NotAvailableError,
    UnknownNameError,
    listed,
)
from mriocarbon.model.labels import EU27, called, find_region
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.result import Result

__all__ = ["Bias", "Estimate", "Fusion", "Known", "Pull", "fuse"]


@dataclass(frozen=True)
class Quantity:
    """A quantity with a known unit and sign."""

    name: str
    unit: str
    nonnegative: bool
    parts: tuple[str, ...]


QUANTITIES = {
    "fossil CO2": Quantity(
        "fossil CO2", "Mt CO2", True, ("coal", "oil", "gas", "cement", "flaring", "other industry")
    ),
}

# A level of disagreement is a matter of years; ten of them also hold what a revision changed.
_CALIBRATED_ON = 10
# Rows of source files that are sums of others or bookkeeping: compared, never fused as a region.
# EU_CONVENTION is the EU as a party to the UNFCCC.
AGGREGATES = frozenset({"WLD", "EU27", "EU28", "EU_CONVENTION", "GLOBAL", "STATISTICAL_DIFFERENCE"})


def fuse(
    quantity: str,
    regions: Sequence[str],
    years: Sequence[int] | int,
    *,
    data: Estimates | None = None,
    sources: Sequence[str] | None = None,
    leave_out: Sequence[str] = (),
    editions: Mapping[str, str] | None = None,
    parts: bool | Sequence[str] = False,
    sums: Mapping[str, Sequence[str]] | None = None,
    known: Sequence[Known] = (),
    support: int = 0,
    errors: ErrorModel | str = "published",
    unit: str = "",
    nonnegative: bool | None = None,
    level: float = 0.95,
    widen: bool = False,
) -> Fusion:
    """Reconcile several sources to one estimate with an interval.

    ``y_s(r,t) = theta(r,t) + b_s(r,t) + e_s(r,t)`` for source s, region r, year t. The bias b
    persists (AR(1) over years), the random error e does not, and sources that share inputs share
    errors; all regions are weighted on their own by generalised least squares, and sums over
    regions get the error that correlated national errors give them. Totals are sums of their
    cells, so that parts, countries and the world of one call are consistent by construction; two
    calls need not be: GCB 2025 has no fuels, so that with `parts` its 2024 edition is taken, whose
    totals differ. A note says so.

    Parameters
    ----------
    quantity : str
        ``"fossil CO2"``, or any name if `data` is given.
    regions : sequence of str
        ISO 3166 codes or names, rows of the data such as ``"BUNKERS"``, and sums: ``"WLD"``
        (all regions of the data, bunkers included), ``"EU27"``, and the names in `sums`.
    years : int or sequence of int
    data : DataFrame or iterable of Estimate, optional
        Your own sources, see `mriocarbon.datasets.estimates`; the package's database otherwise.
    sources, leave_out : sequence of str
        Use only these; use all but these.
    editions : mapping of source to edition
        Needed where the data hold several editions of a source: they are never mixed.
    parts : bool or sequence of str
        Fuse fuels or sectors too; True takes all that the data name.
    sums : mapping of str to sequence of str
        Sums of your own: name to member regions.
    known : sequence of Known
        Sums known from elsewhere, met exactly (``sd=0``) or softly.
    support : int
        Years before and after `years` that are fused with them. Biases persist, so that a source
        that has not yet reached the year asked for still speaks through its earlier years; by
        default only the years asked for count.
    errors : {"published", "calibrated"} or ErrorModel
        ``"published"``: what is published of the sources' errors, and the judgements marked as
        such, `mriocarbon.datasets.fusion_errors.default_errors`. ``"calibrated"``: the same, and
        on top the persistent disagreement that the sources show in other countries over the ten
        years up to the last one asked for, `mriocarbon.datasets.fusion_calibration.calibrate`.
        Sources that are left out of the fusion still count for that, if their scope is the same.
        Where there are fewer than ten other countries it adds nothing.
    unit : str
        Of the result; the quantity's by default.
    nonnegative : bool, optional
        Hold cells at zero or above; the quantity decides by default.
    level : float
        Of the interval.
    widen : bool
        Multiply the errors of a region by its Birge ratio, ``sqrt(chi2 / dof)`` where that is
        above 1: sources that disagree by more than they state are less certain than they state
        (Birge 1932). The stated errors stay as they are by default.

    Returns
    -------
    Fusion

    Raises
    ------
    InputError
        Scopes or editions are mixed, figures are doubled or negative, parts do not add up.
    UnknownNameError
        No such quantity, source or region.
    NotAvailableError
        Nothing is left to fuse.

    References
    ----------
    Aitken (1936), On least squares and linear combination of observations. Birge (1932), The
    calculation of errors by the method of least squares. DerSimonian & Laird (1986), Meta-analysis
    in clinical trials. The reconciliation of
    sums follows Stone, Champernowne & Meade (1942), The precision of national income estimates.

    Examples
    --------
    >>> data = [Estimate("A", "1", "territorial", "USA", 2022, 100.0, "Mt CO2", sd=3.0),
    ...         Estimate("B", "1", "territorial", "USA", 2022, 104.0, "Mt CO2", sd=3.0)]
    >>> fused = fuse("fossil CO2", ["USA"], [2022], data=data)
    >>> round(float(fused.result.value[0, 0]), 6), round(float(fused.sd[0, 0]), 3)
    (102.0, 2.121)
    """
    wanted_years = sorted({int(y) for y in ([years] if isinstance(years, int) else years)})
    if not wanted_years or not regions or isinstance(regions, str):
        raise InputError(
            "no regions or no years were asked for",
            where=f"regions={regions!r}, years={years!r}",
            do='give lists, such as ["USA", "CHN"] and [2022]',
        )
    if not 0 < level < 1:
        raise InputError(f"level {level} is not between 0 and 1", where="level", do="use 0.95")
    what = QUANTITIES.get(quantity)
    if what is None and data is None:
        raise UnknownNameError.of("quantity", quantity, QUANTITIES, do="Or give data of your own.")
    records = estimates(own_sources(quantity, parts=parts is not False) if data is None else data)
    everything, records = records, _chosen(records, sources, leave_out)
    unit = unit or (what.unit if what else records[0].unit)
    sign = nonnegative if nonnegative is not None else bool(what and what.nonnegative)
    period = range(wanted_years[0] - support, wanted_years[-1] + support + 1)
    near = [e for e in records if e.year in period]
    if not near:
        raise NotAvailableError(
            f"no source has figures of {wanted_years[0]} to {wanted_years[-1]}",
            where=f"{quantity}, {listed(sorted({e.source for e in records}))}",
            do=f"choose years from {min(e.year for e in records)}"
            f" to {max(e.year for e in records)}",
        )
    figures, scope = checked(near, unit=unit, editions=dict(editions or {}), nonnegative=sign)
    names = _parts(parts, figures, what)
    asked = _Request(regions, wanted_years, figures, dict(sums or {}), known)
    if isinstance(errors, ErrorModel):
        model = errors
    elif errors in ("calibrated", "published"):
        model = default_errors()
    else:
        raise UnknownNameError.of("error model", str(errors), ("published", "calibrated"))
    if errors == "calibrated":
        window = range(wanted_years[-1] - _CALIBRATED_ON + 1, wanted_years[-1] + 1)
        compared = _comparable(everything, records, scope.name, unit, editions or {}, window)
        model = calibrate(model, compared, window)
    fits = {
        region: fit
        for region in asked.needed
        if (fit := fuse_region(asked.of(region), names, model)) is not None
    }
    if widen:
        fits = {region: widened(fit) for region, fit in fits.items()}
    fusion = _assemble(
        quantity, unit, scope.name, asked, fits, names, known, model, sign, level, figures
    )
    gaps, outside = _no_figure(near, editions or {}, asked, names)
    said = no_figure_notes(gaps, outside)
    if data is None and names:
        divided = {e.source: e.edition for e in figures if e.part}
        said += edition_notes(divided, _newest(quantity))
    result = replace(fusion.result, notes=(*fusion.result.notes, *said))
    return replace(fusion, result=result, no_figure=gaps)


@cache
def _newest(quantity: str) -> dict[str, str]:
    """Edition of each of the package's own sources in a fusion without parts."""
    return {e.source: e.edition for e in own_sources(quantity)}


def _no_figure(
    near: Sequence[Estimate],
    editions: Mapping[str, str],
    asked: _Request,
    names: Sequence[str],
) -> tuple[tuple[tuple[str, str, int, str], ...], list[str]]:
    """Where a source was given as NaN among what is fused, and whom the world lacks for it."""
    silent = [
        e
        for e in near
        if np.isnan(e.value)
        and editions.get(e.source, e.edition) == e.edition
        and e.year in asked.years
        and (not e.part or e.part in names)
    ]
    world = set(asked.sums["WLD"]) if "WLD" in asked.used else None
    outside: set[str] = set()
    if world is not None:
        outside = {e.region for e in silent} - world - AGGREGATES - set(asked.sums)
    wanted = {*asked.needed, *asked.regions, *outside}
    gaps = {(e.source, e.region, e.year, e.part) for e in silent if e.region in wanted}
    return tuple(sorted(gaps)), sorted(outside)


def _chosen(
    records: tuple[Estimate, ...], sources: Sequence[str] | None, leave_out: Sequence[str]
) -> tuple[Estimate, ...]:
    have = list(dict.fromkeys(e.source for e in records))
    for name in (*(sources or ()), *leave_out):
        if name not in have:
            raise UnknownNameError.of("source", name, have)
    keep = set(sources if sources is not None else have) - set(leave_out)
    left = tuple(e for e in records if e.source in keep)
    if not left:
        raise NotAvailableError(
            "no source is left", where=f"sources {listed(have)}", do="leave fewer sources out"
        )
    return left


def _comparable(
    everything: Sequence[Estimate],
    chosen: Sequence[Estimate],
    scope: str,
    unit: str,
    editions: Mapping[str, str],
    years: range,
) -> list[Estimate]:
    """Figures that show how far sources lie apart: also of sources that are not fused."""
    fused = {e.source for e in chosen}
    out: list[Estimate] = []
    for source in sorted({e.source for e in everything}):
        mine = [e for e in everything if e.source == source and e.year in years]
        if source not in fused and {e.scope for e in mine} != {scope}:
            continue
        named = {source: editions[source]} if source in editions and mine else {}
        try:
            out += checked(mine, unit=unit, editions=named, nonnegative=False)[0]
        except MriocarbonError:
            if source in fused:
                raise
            # It was left out, and may have been for this very reason.
    return out


def _parts(
    parts: bool | Sequence[str], figures: Iterable[Estimate], what: Quantity | None
) -> tuple[str, ...]:
    if parts is False:
        return ()
    named = {e.part for e in figures} - {""}
    order = what.parts if what else ()
    have = [*(p for p in order if p in named), *sorted(named - set(order))]
    if isinstance(parts, bool):
        return tuple(have)
    chosen = [parts] if isinstance(parts, str) else list(parts)
    for name in chosen:
        if name not in have:
            raise UnknownNameError.of("part", name, have)
    if set(chosen) != set(have):
        raise InputError(
            "parts can only be fused all together: they must add up to the total",
            where=f"asked {listed(chosen)}, the data divide into {listed(have, 12)}",
            do="pass parts=True and look at those you need",
        )
    return tuple(have)


class _Request:
    """Which regions are asked for, which are sums, and which must be fused for them."""

    def __init__(
        self,
        regions: Sequence[str],
        years: list[int],
        figures: Sequence[Estimate],
        sums: dict[str, Sequence[str]],
        known: Sequence[Known],
    ) -> None:
        self.years = years
        self._figures: dict[str, list[Estimate]] = {}
        for item in figures:
            self._figures.setdefault(item.region, []).append(item)
        single = [r for r in self._figures if r not in AGGREGATES and r not in sums]
        now = set(years)
        # A world must have the same members in all its years: one that only an old report knows
        # (Monaco, which the others count with France) would leave the later years unknown.
        alive = sorted(r for r in single if now <= {e.year for e in self._figures[r]})
        self.sums: dict[str, tuple[str, ...]] = {"WLD": tuple(alive), "EU27": EU27}
        self.sums |= {name: tuple(members) for name, members in sums.items()}
        for total in known:
            if total.region not in self.sums:
                raise UnknownNameError.of("sum of regions", total.region, self.sums)
        self.regions = tuple(dict.fromkeys(self._code(r, single) for r in regions))
        self.used = {r for r in self.regions if r in self.sums} | {k.region for k in known}
        members = [m for name in self.used for m in self.sums[name]]
        self.needed = tuple(
            dict.fromkeys([*(r for r in self.regions if r not in self.sums), *members])
        )

    def _code(self, name: str, single: Sequence[str]) -> str:
        folded = {s.casefold(): s for s in self.sums}
        if name.casefold() in folded:
            return folded[name.casefold()]
        try:
            return single[find_region(name, single)]
        except UnknownNameError:
            if code := called(name):  # a country that no source has is missing, not unknown
                return code
            raise

    def of(self, region: str) -> list[Estimate]:
        """All figures of a region."""
        return self._figures.get(region, [])


def _assemble(
    quantity: str,
    unit: str,
    scope: str,
    asked: _Request,
    fits: Mapping[str, RegionFit],
    names: tuple[str, ...],
    known: Sequence[Known],
    model: ErrorModel,
    sign: bool,
    level: float,
    figures: Sequence[Estimate],
) -> Fusion:
    """Bring the regions together: sums, signs, intervals, and what to tell about them."""
    years = asked.years
    axis = {(y, p): k for k, (y, p) in enumerate((y, p) for y in years for p in ("", *names))}
    order = list(fits)
    blocks, cells = [], []
    for region in order:
        fit = fits[region]
        keep = [i for i, c in enumerate(fit.cells) if c[0] in years and fit.fit.identified[i]]
        cells.append([fit.cells[i] for i in keep])
        blocks.append(
            Block(
                np.array([axis[fit.cells[i]] for i in keep], dtype=np.intp),
                fit.fit.value[keep],
                fit.fit.cov[np.ix_(keep, keep)],
            )
        )
    missing: dict[tuple[str, int, str], str] = {}
    sums, label = _sums(asked, order, cells, names, known, missing)
    blocks, totals, cov = reconcile(
        blocks, sums, length=len(axis), correlation=model.between_regions, nonnegative=sign
    )
    shape = (len(asked.regions), len(years))
    value, sd = np.full(shape, np.nan), np.full(shape, np.nan)
    divided = {p: np.full(shape, np.nan) for p in names}
    spread = np.sqrt(np.maximum(np.diag(cov), 0.0))
    for (region, year, part), total, error in zip(label, totals, spread, strict=True):
        if region not in asked.regions:
            continue
        at = asked.regions.index(region), years.index(year)
        if part:
            divided[part][at] = total
        else:
            value[at], sd[at] = total, error
    z = NormalDist().inv_cdf(0.5 + level / 2)
    low, high = value - z * sd, value + z * sd
    if sign:
        low = np.where(np.isnan(low), low, np.maximum(low, 0.0))
    for i, region in enumerate(asked.regions):
        for j, year in enumerate(years):
            if np.isnan(value[i, j]):
                missing.setdefault((region, year, ""), "no source has a figure")
            elif names and region in fits:
                for part in names:
                    if np.isnan(divided[part][i, j]):
                        why = fits[region].reasons.get((year, part), "not determined")
                        missing.setdefault((region, year, part), why)
    used = sorted({(e.source, e.edition) for e in figures})
    compared = {
        (e.region, e.year, e.source): e.value
        for e in figures
        if e.region in asked.used and e.year in years and not e.part
    }
    chi2 = sum(f.fit.chi2 for f in fits.values())
    dof = sum(f.fit.dof for f in fits.values())
    result = Result(
        name=f"fused {quantity}",
        value=value,
        dims=("region", "year"),
        coords={"region": asked.regions, "year": tuple(map(str, years))},
        unit=unit,
        low=low,
        high=high,
        parts=divided,
        notes=(*_notes(used, scope, level, missing, chi2, dof), *basis_of(model, order)),
        provenance=Provenance(
            dataset="fused estimate",
            edition="; ".join(f"{s} {e}".strip() for s, e in used),
            sources=tuple(Source(s, edition=e) for s, e in used),
        ).computed("generalised least squares with persistent biases and shared errors"),
    )
    return Fusion(
        result=result,
        sd=sd,
        pulls=pulls_of(
            asked.regions,
            years,
            fits,
            {r: (c, b) for r, c, b in zip(order, cells, blocks, strict=True)},
        ),
        bias=biases_of(fits, years, asked.regions),
        chi_square=chi2,
        dof=dof,
        missing=missing,
        compared=compared,
        level=level,
    )


def _sums(
    asked: _Request,
    order: Sequence[str],
    cells: Sequence[Sequence[tuple[int, str]]],
    names: Sequence[str],
    known: Sequence[Known],
    missing: dict[tuple[str, int, str], str],
) -> tuple[list[Sum], list[tuple[str, int, str]]]:
    """Every sum to be computed: each region's total and parts, and sums over regions."""
    targets = {(k.region, k.year): k for k in known}
    have = [{year for year, _ in block} for block in cells]
    sums: list[Sum] = []
    label: list[tuple[str, int, str]] = []
    listed_regions = dict.fromkeys([*asked.regions, *(k.region for k in known)])
    for region in listed_regions:
        members = asked.sums.get(region, (region,))
        index = [k for k, name in enumerate(order) if name in members]
        for year in asked.years:
            absent = [m for m in members if m not in {order[k] for k in index if year in have[k]}]
            if absent:
                if region in asked.sums:
                    missing[region, year, ""] = f"no source has {listed(absent)}"
                if (region, year) in targets:
                    raise NotAvailableError(
                        f"the sum {region} {year} is known, but no source has {listed(absent)}",
                        where="known",
                        do="leave it out, or add figures of these regions",
                    )
                continue
            for part in ("", *names):
                if part and not all(_divided(cells[k], year) for k in index):
                    if region in asked.sums:
                        missing[region, year, part] = "not every member is divided"
                    continue
                weights: list[Array | None] = [None] * len(order)
                for k in index:
                    at = [float(c[0] == year and (not part or c[1] == part)) for c in cells[k]]
                    weights[k] = np.array(at)
                if part and not any(w is not None and w.any() for w in weights):
                    continue
                target = None if part else targets.get((region, year))
                sums.append(
                    Sum(tuple(weights))
                    if target is None
                    else Sum(tuple(weights), target.value, target.sd)
                )
                label.append((region, year, part))
    return sums, label


def _divided(cells: Sequence[tuple[int, str]], year: int) -> bool:
    return all(part for when, part in cells if when == year)


def _notes(
    used: Sequence[tuple[str, str]],
    scope: str,
    level: float,
    missing: Mapping[tuple[str, int, str], str],
    chi2: float,
    dof: int,
) -> tuple[Note, ...]:
    names = ", ".join(f"{source} {edition}".strip() for source, edition in used)
    notes = [
        Note(f"fused from {names}; scope: {scope}", about="fusion", estimated=True),
        Note(
            f"the {100 * level:g} % interval covers the errors of the sources and what"
            f" they share; chi-square {chi2:.1f} for {dof} degrees of freedom",
            about="fusion",
        ),
    ]
    if dof > 0 and chi2 > dof + 3 * (2 * dof) ** 0.5:
        notes.append(Note("the sources disagree by more than their errors explain", about="fusion"))
    totals = sorted({f"{r} {y}: {why}" for (r, y, p), why in missing.items() if not p})
    if totals:
        notes.append(Note(f"missing, not zero: {listed(totals)}", about="fusion"))
    return tuple(notes)
