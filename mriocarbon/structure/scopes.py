"""Scopes 1, 2 and 3 of every sector, which add up to its multiplier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.checked import need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief

__all__ = ["SCOPES", "Scopes", "energy_sectors_of", "scopes"]

Array = NDArray[np.float64]
SCOPES = ("scope 1", "scope 2", "scope 3 upstream")
RULES = ("generation", "first tier", "full")
# Labels that mean electricity, gas and steam wherever they stand. "D" and "E" alone do not: D is
# electricity in ISIC 4 and manufacturing in ISIC 3, E is electricity in ISIC 3 and water in 4.
_CODES = {"D35", "D35T39", "35", "ELY", "SEC_ELY"}
_POWER = r"(electricity|electric power|electrical energy|electric energy)\b"
_WORDS = re.compile(
    rf"^{_POWER}|\b{_POWER} generation|^steam and hot water"
    rf"|^(production|generation|transmission|distribution|collection|trade)\b.*\b{_POWER}",
    re.IGNORECASE,
)
# What is made for electricity is none.
_THINGS = re.compile(
    r"\b(meters?|equipment|apparatus|machinery|appliances?|motors?|transformers?|instruments?"
    r"|components?|manufactur\w*|construction|engineering)\b",
    re.IGNORECASE,
)
_ISIC4 = re.compile(r"^(A0[123]|C\d\d|B0[5-9])")
_ISIC3 = re.compile(r"^(AtB|15t16|27t28|34t35)$")


@dataclass(frozen=True, eq=False)
class Scopes:
    """Scopes of every sector, per unit of output and in total.

    Attributes
    ----------
    per_output, total : Result
        Over (``region``, ``sector``, ``scope``), scopes as in `SCOPES`; the sum over scopes is
        the multiplier m, or m times output.
    downstream : Result
        Scope 3 downstream over (``region``, ``sector``), total: what buyers of the output emit,
        and their buyers, by Ghosh; apart from the other scopes, in no sum with them. Use of the
        products by households is not in it.
    overlap : float
        Sum of scopes 1 to 3 upstream of all sectors over all emissions of industries: how often
        a tonne is counted on average.
    overlaps : dict of scope to float
        The same for each scope; scope 1 alone is 1.
    energy_sectors : tuple of str

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.scopes(mc.load("oecd-icio-2022"), stressor="GHG")
    >>> found.total.dims, found.energy_sectors
    (('region', 'sector', 'scope'), ('D',))
    """

    per_output: Result
    total: Result
    downstream: Result
    overlap: float
    overlaps: dict[str, float]
    energy_sectors: tuple[str, ...]

    def of(self, region: str, sector: str) -> dict[str, float]:
        """Return the totals of one sector by scope, with ``scope 3 downstream`` beside them."""
        found = {scope: self.total[region, sector, scope] for scope in SCOPES}
        return {**found, "scope 3 downstream": self.downstream[region, sector]}

    def of_all(self, scope: str) -> Result:
        """Return one scope of every sector, total, over (``region``, ``sector``).

        Raises
        ------
        UnknownNameError
            No such scope.
        """
        if scope not in SCOPES:
            raise UnknownNameError.of("scope", scope, SCOPES)
        cells = np.ascontiguousarray(self.total.value[:, :, SCOPES.index(scope)])
        dims = self.total.dims[:2]
        coords = {d: self.total.coords[d] for d in dims}
        return replace(self.total, name=scope, value=cells, dims=dims, coords=coords)

    def __repr__(self) -> str:
        parts = ", ".join(f"{k} {v:.2f}" for k, v in self.overlaps.items())
        if np.isnan(self.overlap):
            return f"<Scopes, energy {', '.join(self.energy_sectors)}: nothing is emitted>"
        return (
            f"<Scopes, energy {', '.join(self.energy_sectors)}: every tonne counted"
            f" {self.overlap:.2f} times ({parts})>"
        )


def energy_sectors_of(mrio: MRIO) -> tuple[str, ...]:
    """Return the sectors of a table whose labels are known to mean electricity and heat.

    Raises
    ------
    InputError
        No label is known: then the caller has to say.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> energy_sectors_of(mc.load("oecd-icio-2022"))
    ('D',)
    """
    codes = _CODES | _letter(mrio)
    found = tuple(
        s for s in mrio.sectors
        if s.upper() in codes or (_WORDS.search(s) and not _THINGS.search(s))
    )  # fmt: skip
    if not found:
        raise InputError(
            "no sector is known to be electricity and heat",
            where="sectors " + ", ".join(mrio.sectors[:12]),
            do="name them: energy_sectors=[...]",
        )
    return found


def _letter(mrio: MRIO) -> set[str]:
    """Return the section that is electricity and gas in the classification of the table."""
    if sum(bool(_ISIC4.match(s)) for s in mrio.sectors) >= 3:
        return {"D"}
    return {"E"} if any(_ISIC3.match(s) for s in mrio.sectors) else set()


def scopes(
    mrio: MRIO,
    *,
    stressor: str | None = None,
    energy_sectors: Sequence[str] | None = None,
    scope2: str = "generation",
) -> Scopes:
    """Return scopes 1, 2 and 3 (upstream) of every sector; they sum to the multiplier m.

    With e the energy sectors of all regions and j any other sector, per unit of output

        scope 1 = q_j,    scope 2 = q_e'(I - A_ee)^-1 A_ej,    scope 3 upstream = m_j - both.

    The GHG Protocol counts in scope 2 what generating the power and heat that j buys emits; the
    fuel's extraction and transport, and losses, are scope 3 (category 3). ``(I - A_ee)^-1``
    passes on what one energy company sells to another before j buys it: without it the same
    power, sold twice, would lose its emissions on the way. With it scope 2 of all users, final
    demand among them, adds up to scope 1 of the energy sectors. ``scope2="first tier"`` leaves it
    out (q_e'A_ej); ``"full"`` takes the whole chain of what is bought (m_e'A_ej). Energy that
    energy sectors buy of each other or of themselves is for resale or lost on the way: their own
    scope 2 is zero and it stays in their scope 3 (category 3, activities C and D).

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    energy_sectors : sequence of str, optional
        Sectors that sell electricity and heat; found by known labels if left out. The OECD's D
        includes gas distribution: its emissions are in scope 2 there.
    scope2 : {"generation", "first tier", "full"}

    Returns
    -------
    Scopes

    Raises
    ------
    UnknownNameError, InputError
        No such stressor, sector or rule; no energy sector known.
    NotProductiveError

    References
    ----------
    WRI & WBCSD, GHG Protocol Scope 2 Guidance (2015) (UNVERIFIED: not opened); Technical Guidance
    for Calculating Scope 3 Emissions (2013), category 3 (a copy was read). Hertwich & Wood (2018)
    doi:10.1088/1748-9326/aae19a (UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = scopes(mc.load("oecd-icio-2022"), stressor="GHG")
    >>> found.energy_sectors, found.overlap > 2, round(found.overlaps["scope 1"], 9)
    (('D',), True, 1.0)
    """
    need_table(mrio, "scopes, mrio")
    if scope2 not in RULES:
        raise UnknownNameError.of("rule of scope 2", scope2, RULES)
    given = energy_sectors is not None
    told = (energy_sectors,) if isinstance(energy_sectors, str) else energy_sectors
    chosen = energy_sectors_of(mrio) if told is None else tuple(told)
    if not chosen:
        raise InputError("no energy sector", where="energy_sectors", do="name at least one")
    extension, row = resolve(mrio, stressor)
    system = leontief(mrio)
    R, S = len(mrio.regions), len(mrio.sectors)
    live = ~system.zero
    q = np.where(live, extension.F[row] / system.output_, 0.0)
    m = system.multipliers(q)
    sold = np.zeros(S, bool)
    sold[[mrio.index.sector(name) for name in chosen]] = True
    e = np.flatnonzero(np.tile(sold, R))
    A_e = np.where(system.zero, 0.0, mrio.Z[e] / system.output_)
    if scope2 == "full":
        weights = m.value[e]
    elif scope2 == "first tier":
        weights = q[e]
    else:  # what one unit of energy carries after being passed on among energy sectors
        weights = np.asarray(np.linalg.solve((np.eye(len(e)) - A_e[:, e]).T, q[e]), dtype=float)
    second = weights @ A_e
    second[e] = 0.0
    parts = np.stack([q, second, m.value - q - second], axis=1)
    x = np.where(live, mrio.x, 0.0)
    totals = parts * x[:, None]
    world = float((q * x).sum())
    downstream = np.where(live, system.ghosh_multipliers(q).value - q, 0.0) * x
    label = extension.stressors[row]
    known = carried(mrio, extension, row)
    sums = totals.sum(axis=0) / world if world else np.full(3, np.nan)
    notes = [Note(_told(chosen, given, scope2), about="scopes")]
    if not world:
        notes.append(Note(f"the table has no {label}: every scope is zero", about="scopes"))
    else:
        notes.append(Note(
            f"scopes overlap: over all sectors every tonne is counted {sums.sum():.2f} times"
            f" (scope 1 {sums[0]:.2f}, scope 2 {sums[1]:.2f}, scope 3 upstream {sums[2]:.2f}); sums"
            " over sectors are no total", about="scopes",
        ))  # fmt: skip
    with_gas = [s for s in chosen if s.upper() in {"D35", "35", *_letter(mrio)}]
    if with_gas:
        water = ", and of water supply" if with_gas == ["E"] else ""
        notes.append(Note(
            f"sector {', '.join(with_gas)} is electricity, gas and steam together: scope 2 includes"
            f" the emissions of gas distribution{water}", about="scopes",
        ))  # fmt: skip
    if (parts[:, 2] < -1e-12 * np.abs(m.value)).any():
        notes.append(Note(
            f"scope 3 is negative in {int((parts[:, 2] < 0).sum())} sectors: negative cells of"
            " the table", about="scopes",
        ))  # fmt: skip
    coords = {"region": mrio.regions, "sector": mrio.sectors}
    made = mrio.provenance.computed(f"scopes 1 to 3, scope 2 by {scope2}", known, stressor=label)
    unit = extension.units[row]

    def result(name: str, value: Array, unit: str, scoped: bool) -> Result:
        shape = (R, S, len(SCOPES)) if scoped else (R, S)
        axes = {**coords, "scope": SCOPES} if scoped else coords
        return Result(
            name, np.ascontiguousarray(value).reshape(shape), tuple(axes), axes, unit, m.error,
            notes=(*known, *notes), provenance=made,
        )  # fmt: skip

    return Scopes(
        result("scopes per output", parts, f"{unit} / {mrio.money_unit}", True),
        result("scopes", totals, unit, True),
        result("scope 3 downstream", downstream, unit, False),
        float(sums.sum()), dict(zip(SCOPES, map(float, sums), strict=True)), chosen,
    )  # fmt: skip


def _told(chosen: Sequence[str], given: bool, rule: str) -> str:
    what = {
        "generation": "what generating the bought energy emits, resale among energy sectors passed"
        " on; its fuel's own chain is scope 3",
        "first tier": "direct emissions of the energy sectors bought from; energy resold to them"
        " is scope 3",
        "full": "the whole chain of the bought energy",
    }[rule]
    found = "as told" if given else "found by their labels"
    return (
        f"scope 2 is {what}; energy sectors {', '.join(chosen)} ({found}), all regions, own"
        " purchases of energy sectors are their scope 3"
    )
