r"""Emissions by country and industry that meet the OECD's greenhouse-gas table exactly.

Unknown are CO2, CH4 and N2O of every economy and industry, the part of ships and aircraft that
residents run abroad, and a residual of fluorinated gases. For each region r of the OECD table and
each industry i

.. math:: \sum_{c \in r} \Bigl( \sum_g w_g e_{gci} + f_{ci} \Bigr) = \mathrm{OECD}_{ri}

holds exactly (w: the OECD's own global warming potentials); for each gas and economy

.. math:: \sum_i e^{terr}_{gci} + households_{gc} = T_{gcs} \quad\text{softly, for each source } s

and the prior is `mriocarbon.inventory.prior` through the bridge. All errors are relative
(`mriocarbon.inventory.logfit`). Regions are independent: the OECD table ties together only the
members of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, ShapeError, listed
from mriocarbon.inventory.bridge import GROUPS, Line, shares, weight_matrix
from mriocarbon.inventory.gwp import gwp
from mriocarbon.inventory.logfit import Posterior, Prior, Sums, fit
from mriocarbon.inventory.prior import GASES, LINE_SD, Activity, LinePrior

Array = NDArray[np.float64]

F_GAS = "F-gases"
ROWS = (*GASES, F_GAS)
MODES: Mapping[str, str] = {"shipping": "H50", "aviation": "H51"}
"""International transport -> the industry that runs it."""

ABROAD_OWN_SD, ABROAD_COMMON_SD = 0.3, 1.0
"""Log standard deviation of a fleet's use abroad: its own by gas, common to the three gases."""

OECD_GWP = "AR5"
"""The set that the OECD's CO2e is taken to use (its source states inventories in AR5 terms)."""

PRINTED_HALF_UNIT = 0.0005
"""Half a unit of the last digit of the OECD table, Mt CO2e."""

F_PRIOR: Mapping[str, float] = {
    **dict.fromkeys(("C26",), 0.40),  # etching and cleaning of semiconductors and displays
    **dict.fromkeys(("C27",), 0.30),  # SF6 in switchgear
    **dict.fromkeys(("C28", "C31T33", "C22", "C24B"), 0.12),  # chillers, repair, foam, Al and Mg
    **dict.fromkeys(("C29", "C301", "C302T309", "C21", "C20"), 0.08),  # vehicle air, MDI, HFC-23
    **dict.fromkeys(("C10T12", "C25", "F", "H52", "H53", "A03"), 0.05),  # cold stores, installing
    **dict.fromkeys(("G", "I"), 0.20),  # refrigeration in shops and kitchens
    **dict.fromkeys(tuple("KLMNOPQRS"), 0.15),  # air conditioning of buildings
    **dict.fromkeys(("J58T60", "J61", "J62_63"), 0.15),
    **dict.fromkeys(("H49", "H50"), 0.03),  # vehicle air conditioning, reefers
    **dict.fromkeys(("E",), 0.01),  # disposal of appliances
    **dict.fromkeys(("D",), 0.002),  # SF6 in the grid
}
"""Where the chemistry allows fluorinated gases, and the share of the OECD figure the residual
starts from. Assumptions, a factor e^1 wide: no permitted source gives them by country."""

F_OWN_SD, F_COMMON_SD = 0.5, 0.9


@dataclass(frozen=True)
class Targets:
    """What the estimate must and should meet.

    Attributes
    ----------
    region_of : tuple of int
        Region of each economy.
    regions : tuple of str
    oecd : ndarray, shape (regions, industries)
        Mt CO2e of industries, residence, with fluorinated gases.
    totals : mapping of source to ndarray, shape (gases, economies)
        National totals, territorial, households inside; NaN where the source has none.
    total_sd : mapping of source to ndarray, same shape
        Standard deviation of their logarithm.
    correlation : float
        Between the errors of two sources for one gas and economy.
    households, households_sd : ndarray, shape (gases, economies)
        Mt; held at this value, its error counted into the national totals.
    abroad : mapping of mode to ndarray, shape (gases, economies)
        Prior of what residents' ships and aircraft emit outside the national totals.
    """

    region_of: tuple[int, ...]
    regions: tuple[str, ...]
    oecd: Array
    totals: Mapping[str, Array]
    total_sd: Mapping[str, Array]
    correlation: float
    households: Array
    households_sd: Array
    abroad: Mapping[str, Array]


@dataclass(frozen=True)
class Satellites:
    """The estimate. Rows are `ROWS`: Mt of the gas, Mt CO2e for the residual.

    Attributes
    ----------
    F, sd : ndarray, shape (4, economies * industries)
    ghg_sd : ndarray, shape (economies * industries,)
        Of the sum in CO2e; far below the gases' own where the OECD fixes it.
    abroad, abroad_sd : mapping of mode to ndarray, shape (3, economies)
        Part of H50 and H51 outside the territory; inside F.
    national_sd : ndarray, shape (4, economies)
        Of the sum over industries.
    region_sd : ndarray, shape (4, regions * industries)
    world_sd : ndarray, shape (4,)
        Sum of the regions' own: an upper bound, as if all erred together.
    mark : ndarray of int8, shape (4, economies * industries)
        Position in `MARKS`.
    steps, gap : int, float
        Most steps and largest relative gap of an OECD figure.
    notes : tuple of str
        Cells emptied and figures out of reach, by name.
    """

    F: Array
    sd: Array
    ghg_sd: Array
    abroad: Mapping[str, Array]
    abroad_sd: Mapping[str, Array]
    national_sd: Array
    region_sd: Array
    world_sd: Array
    mark: NDArray[np.int8]
    steps: int
    gap: float
    notes: tuple[str, ...]


MARKS = ("none", "reported shares", "reported groups", "borrowed shares", "residual")
"""How a cell is known: nothing there; lines of the country's own inventory; its groups, split by
activity; shares of other countries; or the OECD figure less the three gases."""


@dataclass(frozen=True)
class _Cells:
    """Prior by gas, economy and industry, with the shares the errors hang on."""

    median: Array  # (3, C, I)
    split_sd: Array  # (3, C, I)
    group_load: Array  # (3, C, I, groups): share of the group times its sd
    status: NDArray[np.int8]  # (3, C, I)


def cells(lines: tuple[Line, ...], prior: LinePrior, activity: Activity) -> _Cells:
    """Carry the lines over the bridge, with the share of each group in every cell."""
    split = shares(lines, weight_matrix(lines, activity.industries), activity.proxies)
    by_line = prior.amount[..., None] * split[None]  # (3, C, L, I)
    median = by_line.sum(2)
    safe = np.where(median > 0, median, 1.0)
    part = by_line / safe[:, :, None, :]
    line_sd = np.array([line.split_sd for line in lines])
    amount = np.where(prior.amount > 0, prior.amount, 1.0)
    variance = line_sd**2 + LINE_SD**2 * prior.pooled / amount
    split_sd = np.einsum("gcli,gcl->gci", part, np.sqrt(variance))
    names = tuple(GROUPS)
    load = np.zeros((*median.shape, len(names)))
    vote = np.zeros((*median.shape, 3))
    for k, line in enumerate(lines):
        j = names.index(line.group)
        load[..., j] += part[:, :, k] * prior.group_sd[:, :, j, None]
        np.put_along_axis(
            vote,
            status := np.broadcast_to(prior.status[:, :, j, None, None], (*median.shape, 1)),
            np.take_along_axis(vote, status, 3) + part[:, :, k, :, None],
            3,
        )
    return _Cells(median, split_sd, load, vote.argmax(3).astype(np.int8))


def estimate(
    lines: tuple[Line, ...],
    prior: LinePrior,
    activity: Activity,
    targets: Targets,
    potentials: Mapping[str, float] | None = None,
) -> Satellites:
    """Fit all regions.

    Parameters
    ----------
    lines : tuple of Line
    prior : LinePrior
        From `line_prior`.
    activity : Activity
    targets : Targets
    potentials : mapping of gas to float, optional
        Of the OECD's CO2e; GWP-100 of `OECD_GWP` by default.

    Returns
    -------
    Satellites

    Raises
    ------
    InputError
        OECD figures that cannot be met, by region and industry.
    ShapeError
        The targets do not fit the activity.
    """
    C, n = len(activity.economies), len(activity.industries)
    if targets.oecd.shape != (len(targets.regions), n) or len(targets.region_of) != C:
        raise ShapeError(
            f"targets of shape {targets.oecd.shape} for {C} economies of {n} industries",
            do="give one row a region, one column an industry, and a region for every economy",
        )
    if not np.isfinite(targets.oecd).all() or (targets.oecd < 0).any():
        raise InputError("an OECD figure is negative or not finite", where="oecd")
    values = potentials or gwp(OECD_GWP)
    factors = np.array([*(values[g] for g in GASES), 1.0])
    bridged = cells(lines, prior, activity)
    parts = [
        _Region(r, bridged, activity, targets, factors)
        for r in range(len(targets.regions))
        if r in targets.region_of
    ]
    fitted = [(part, part.fit()) for part in parts]
    return _collect(fitted, C, n, targets, factors)


class _Region:
    """The unknowns of one region in one vector, and its sums."""

    def __init__(
        self, r: int, bridged: _Cells, activity: Activity, targets: Targets, factors: Array
    ) -> None:
        self.r, self.factors, self.targets = r, factors, targets
        self.members = [c for c, region in enumerate(targets.region_of) if region == r]
        self.activity = activity
        I = len(activity.industries)
        m = np.array(self.members)
        oecd = targets.oecd[r]
        output = activity.proxies["output"][m]
        self.notes: list[str] = []
        name = targets.regions[r]
        median = bridged.median[:, m].copy()
        split = bridged.split_sd[:, m].copy()
        status = bridged.status[:, m].copy()
        reached = median.sum((0, 1)) > 0
        for i in np.flatnonzero((oecd > 0) & ~reached).tolist():
            # The inventory sends nothing here and the OECD does: a CO2 figure of one order of
            # magnitude, by output, so that the sum has something to adjust.
            share = output[:, i] / output[:, i].sum() if output[:, i].sum() > 0 else 0.0
            if np.all(share == 0):
                raise InputError(
                    f"the OECD has {oecd[i]:g} Mt CO2e in an industry without output or inventory",
                    where=f"{name}, {activity.industries[i]}",
                    do="give the industry a line in the bridge, or check the figure",
                )
            median[0, :, i], split[0, :, i], status[0, :, i] = oecd[i] * share, 1.0, 2
            self.notes.append(f"{name} {activity.industries[i]}: reached by no line of the bridge")
        emptied = (oecd <= 0) & (median.sum((0, 1)) > 0)
        for i in np.flatnonzero(emptied).tolist():
            co2e = float(factors[:3] @ median[:, :, i].sum(1))
            self.notes.append(
                f"{name} {activity.industries[i]}: OECD has 0, the bridge {co2e:.3g} Mt CO2e; left"
                " empty"
            )
        median[:, :, oecd <= 0] = 0.0
        # --- the vector: gases by member and industry, fleets abroad, residual
        g, c, at_i = np.nonzero(median > 0)
        blocks = [np.stack([g, c, at_i, np.zeros_like(g)], 1)]
        values = [median[g, c, at_i]]
        for k, (mode, industry) in enumerate(MODES.items(), start=1):
            at = activity.industries.index(industry)
            fleet = targets.abroad[mode][:, m]
            if oecd[at] > 0:
                gg, cc = np.nonzero((fleet > 0) & (output[None, :, at] > 0))
                blocks.append(np.stack([gg, cc, np.full_like(gg, at), np.full_like(gg, k)], 1))
                values.append(fleet[gg, cc])
        for industry, share in F_PRIOR.items():
            if industry not in activity.industries:
                continue
            at = activity.industries.index(industry)
            total = output[:, at].sum()
            if oecd[at] > 0 and total > 0:
                cc = np.flatnonzero(output[:, at] > 0)
                three = np.full_like(cc, 3)
                blocks.append(np.stack([three, cc, np.full_like(cc, at), 0 * cc], 1))
                values.append(share * oecd[at] * output[cc, at] / total)
        self.where = np.concatenate(blocks)
        self.median = np.concatenate(values)
        self.status = status
        self.prior = self._prior(split, bridged.group_load[:, m], I)

    def _prior(self, split: Array, load: Array, I: int) -> Prior:
        g, c, i, kind = self.where.T
        n, members, groups = len(g), len(self.members), load.shape[-1]
        own = np.zeros(n)
        gases = (g < 3) & (kind == 0)
        own[gases] = split[g[gases], c[gases], i[gases]] * np.sqrt(0.5)
        own[kind > 0] = ABROAD_OWN_SD
        own[g == 3] = F_OWN_SD
        # Columns: bridge error of an industry in the whole region (the same weights everywhere);
        # error of a group by gas and member; of a fleet; of the residual by industry.
        at = [0, I]
        at.append(at[-1] + 3 * members * groups)
        at.append(at[-1] + len(MODES) * members)
        factors = np.zeros((n, at[-1] + I))
        rows = np.flatnonzero(gases)
        factors[rows, i[rows]] = own[rows]  # the same size as its own part: half each
        for k in range(groups):
            column = at[1] + (g[rows] * members + c[rows]) * groups + k
            factors[rows, column] = load[g[rows], c[rows], i[rows], k]
        rows = np.flatnonzero(kind > 0)
        factors[rows, at[2] + (kind[rows] - 1) * members + c[rows]] = ABROAD_COMMON_SD
        rows = np.flatnonzero(g == 3)
        factors[rows, at[3] + i[rows]] = F_COMMON_SD
        used = factors.any(0)
        return Prior(self.median, own, factors[:, used])

    def hard(self) -> Sums:
        """OECD figures above zero."""
        oecd, name = self.targets.oecd[self.r], self.targets.regions[self.r]
        use = np.flatnonzero(oecd > 0)
        row_of = {int(i): k for k, i in enumerate(use)}
        weights = np.zeros((len(use), len(self.median)))
        rows = np.array([row_of[int(i)] for i in self.where[:, 2]], dtype=int)
        weights[rows, np.arange(len(rows))] = self.factors[self.where[:, 0]]
        names = [f"{name} {self.activity.industries[i]}" for i in use]
        return Sums(weights, oecd[use], names)

    def soft(self) -> Sums:
        """National totals of every source at hand."""
        t = self.targets
        g, c, _, kind = self.where.T
        weights, target, names, offset, sds, block = [], [], [], [], [], []
        for a, gas in enumerate(GASES):
            for k, member in enumerate(self.members):
                for source, totals in t.totals.items():
                    value = totals[a, member]
                    if not np.isfinite(value) or value <= 0:
                        continue
                    weights.append(((g == a) & (c == k) & (kind == 0)).astype(float))
                    target.append(value)
                    names.append(f"{self.activity.economies[member]} {gas} {source}")
                    offset.append(t.households[a, member])
                    sds.append((t.total_sd[source][a, member], t.households_sd[a, member] / value))
                    block.append((a, member))
        if not target:
            return Sums(np.zeros((0, len(g))), np.zeros(0), [], np.zeros((0, 0)))
        sd, home = np.array(sds).T
        same = np.array([[p == q for q in block] for p in block])
        cov = same * (t.correlation * np.outer(sd, sd) + np.outer(home, home))
        cov[np.diag_indices(len(sd))] = sd**2 + home**2
        return Sums(np.array(weights), np.array(target), names, cov, np.array(offset))

    def fit(self) -> Posterior:
        """Solve; an InputError names region and industry."""
        hard, soft = self.hard(), self.soft()
        found = fit(self.prior, hard, soft)
        # The last step leaves gaps of rounding only; they are closed cell by cell in proportion.
        scale = hard.target / (hard.weights @ found.value)
        value = found.value * (np.where(hard.weights > 0, scale[:, None], 0.0).sum(0))
        return Posterior(value, found.prior, found.pull, found.steps, found.gap)


def _collect(
    fitted: Sequence[tuple[_Region, Posterior]], C: int, I: int, targets: Targets, factors: Array
) -> Satellites:
    R = len(targets.regions)
    F, variance = np.zeros((4, C, I)), np.zeros((4, C, I))
    ghg = np.zeros((C, I))
    mark = np.zeros((4, C, I), dtype=np.int8)
    abroad = {mode: np.zeros((3, C)) for mode in MODES}
    abroad_sd = {mode: np.zeros((3, C)) for mode in MODES}
    national, region, world = np.zeros((4, C)), np.zeros((4, R, I)), np.zeros(4)
    notes: list[str] = []
    for part, found in fitted:
        g, c, i, kind = part.where.T
        m = np.array(part.members)
        np.add.at(F, (g, m[c], i), found.value)
        n = len(g)

        def sums(keys: Array, weight: Array, found: Posterior = found, n: int = n) -> Array:
            """Standard deviation of the sum over all unknowns with the same key."""
            rows = np.zeros((int(keys.max()) + 1, n))
            rows[keys.astype(int), np.arange(n)] = weight
            return found.sd_of(rows)

        one = np.ones(n)
        cell = (g * len(m) + c) * I + i
        sd = np.zeros(4 * len(m) * I)
        sd[: cell.max() + 1] = sums(cell, one)
        variance[:, m] = sd.reshape(4, len(m), I) ** 2
        both = np.zeros(len(m) * I)
        key = c * I + i
        both[: key.max() + 1] = sums(key, factors[g])
        ghg[m] = both.reshape(len(m), I)
        by = np.zeros(4 * len(m))
        key = g * len(m) + c
        by[: key.max() + 1] = sums(key, one)
        national[:, m] = by.reshape(4, len(m))
        by = np.zeros(4 * I)
        key = g * I + i
        by[: key.max() + 1] = sums(key, one)
        region[:, part.r] = by.reshape(4, I)
        by = np.zeros(4)
        by[: g.max() + 1] = sums(g, one)
        world += by  # regions share bridge and sources: their errors are added, not squared
        for k, mode in enumerate(MODES, start=1):
            rows = np.flatnonzero(kind == k)
            abroad[mode][g[rows], m[c[rows]]] = found.value[rows]
            abroad_sd[mode][g[rows], m[c[rows]]] = (found.value * found.log_sd)[rows]
        for a in range(3):
            mark[a, m] = np.where(F[a, m] > 0, 1 + part.status[a], 0)
        mark[3, m] = np.where(F[3, m] > 0, MARKS.index("residual"), 0)
        notes += part.notes
    # No cell is known better than the table it is tied to is printed.
    printed = PRINTED_HALF_UNIT / np.sqrt(3.0)
    floor = (printed / factors)[:, None, None]
    return Satellites(
        F.reshape(4, -1),
        np.sqrt(variance + floor**2).reshape(4, -1),
        np.sqrt(ghg**2 + printed**2).reshape(-1),
        abroad,
        abroad_sd,
        national,
        region.reshape(4, -1),
        world,
        mark.reshape(4, -1),
        max(found.steps for _, found in fitted),
        max(found.gap for _, found in fitted),
        tuple(notes),
    )


def close(F: Array, targets: Targets, factors: Array, digits: int = 7) -> Array:
    """Round to `digits` and let the largest cell of each OECD figure take what rounding leaves.

    Parameters
    ----------
    F : ndarray, shape (4, economies * industries)
    targets : Targets
    factors : ndarray, shape (4,)
        CO2e of one unit of each row.
    digits : int
        Significant digits.

    Returns
    -------
    ndarray
        Same shape; the OECD figures hold to the last bit of a sum. Two processors whose results
        differ in the twelfth digit write the same file.

    Raises
    ------
    InputError
        A figure is further from the sum than rounding explains.
    """
    I = targets.oecd.shape[1]
    out = significant(F, digits).reshape(4, -1, I)
    bad = []
    for r in range(len(targets.regions)):
        members = np.array([c for c, region in enumerate(targets.region_of) if region == r])
        if not len(members):
            continue
        for i in np.flatnonzero(targets.oecd[r] > 0):
            block = out[:, members, i] * factors[:, None]
            gap = targets.oecd[r, i] - float(block.sum())
            if abs(gap) > 10.0 ** (1 - digits) * targets.oecd[r, i]:
                bad.append(f"{targets.regions[r]}, industry {i}: {gap:.3g}")
            a, c = np.unravel_index(int(block.argmax()), block.shape)
            out[a, members[c], i] += gap / factors[a]
    if bad:
        raise InputError("OECD figures are not met", where=listed(bad))
    return out.reshape(4, -1)


def significant(values: Array, digits: int) -> Array:
    """Round every number to some significant digits.

    Examples
    --------
    >>> significant(np.array([123456.0, 0.00123456]), 3).tolist()
    [123000.0, 0.00123]
    """
    flat = [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=float).ravel()]
    return np.array(flat).reshape(np.shape(values))
