"""N2O from managed soils: equations 11.1, 11.9 and 11.10 of volume 4, tier 1.

Of the nitrogen that reaches a soil a share leaves it as N2O at once (direct, 11.1); what goes up
as ammonia and NOx or down with the water does so elsewhere (indirect, 11.9 and 11.10). Amounts are
t N a year, results t N2O a year (N2O-N times 44/28).

References: IPCC (2006), Guidelines, and IPCC (2019), Refinement, volume 4, chapter 11. Page numbers
are of 2006 and recalled (UNVERIFIED).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.natural.ipcc.intervals import Uncertain, argument, evaluate, total
from mriocarbon.natural.ipcc.lookup import ANY, Factor, factor
from mriocarbon.natural.ipcc.zones import belt, moisture

__all__ = [
    "N2O_PER_N",
    "DirectN2O",
    "IndirectN2O",
    "SoilN2O",
    "SoilNitrogen",
    "direct_n2o",
    "indirect_n2o",
    "soil_n2o",
]

N2O_PER_N = 44 / 28
Amount: TypeAlias = Any  # number, array or Uncertain
N, N2O = "t N/yr", "t N2O/yr"
EDITIONS = (2006, 2019)


@dataclass(frozen=True, slots=True)
class SoilNitrogen:
    """Nitrogen that reaches soils in a year, t N (numbers, arrays or `Uncertain` in ``t N/yr``).

    Attributes
    ----------
    synthetic : amount, or mapping of fertiliser to amount
        F_SN. By fertiliser (``"urea"``, ``"ammonium-based"``, ``"nitrate-based"``,
        ``"ammonium-nitrate-based"``) where its kind is known; that changes what goes up as ammonia.
    organic : amount
        F_ON: manure spread, compost, sewage sludge (equations 11.3 and 11.4).
    residues : amount
        F_CR, of `crop_residue_nitrogen`.
    mineralised : amount
        F_SOM, of `mineralised_nitrogen`.
    grazing_cattle, grazing_sheep : amount
        F_PRP left on pasture by cattle, poultry and pigs, and by sheep and other animals.
    """

    synthetic: Amount | Mapping[str, Amount] = 0.0
    organic: Amount = 0.0
    residues: Amount = 0.0
    mineralised: Amount = 0.0
    grazing_cattle: Amount = 0.0
    grazing_sheep: Amount = 0.0

    def fertilisers(self) -> dict[str, Uncertain]:
        """Return synthetic nitrogen by kind of fertiliser (``"any"`` where not told)."""
        given = self.synthetic if isinstance(self.synthetic, Mapping) else {ANY: self.synthetic}
        for kind in given:
            factor("FracGASF", option=kind, edition=2019)  # refuses an unknown fertiliser
        return {kind: argument(a, f"synthetic nitrogen ({kind})", N) for kind, a in given.items()}

    def part(self, name: str) -> Uncertain:
        """Return one of the other amounts."""
        return argument(getattr(self, name), name.replace("_", " "), N)


@dataclass(frozen=True, slots=True)
class DirectN2O:
    """Direct N2O, t N2O/yr: of inputs, of flooded rice, of grazing, of drained organic soils."""

    inputs: Uncertain
    rice: Uncertain
    grazing: Uncertain
    organic_soils: Uncertain

    @property
    def total(self) -> Uncertain:
        """All four."""
        return total(self.inputs, self.rice, self.grazing, self.organic_soils)


@dataclass(frozen=True, slots=True)
class IndirectN2O:
    """Indirect N2O, t N2O/yr: by way of the air, and by way of the water."""

    volatilisation: Uncertain
    leaching: Uncertain

    @property
    def total(self) -> Uncertain:
        """Both."""
        return total(self.volatilisation, self.leaching)


@dataclass(frozen=True, slots=True)
class SoilN2O:
    """Direct and indirect N2O of managed soils, t N2O/yr."""

    direct: DirectN2O
    indirect: IndirectN2O

    @property
    def total(self) -> Uncertain:
        """Both."""
        return total(self.direct.total, self.indirect.total)


def _emitted(nitrogen: Any, share: Any) -> Any:
    return nitrogen * share * N2O_PER_N


def _lost(nitrogen: Any, lost: Any, share: Any) -> Any:
    return nitrogen * lost * share * N2O_PER_N


def _leached(nitrogen: Any, where: Any, lost: Any, share: Any) -> Any:
    return nitrogen * where * lost * share * N2O_PER_N


def _drained(area: Any, rate: Any) -> Any:
    return area * rate / 1000 * N2O_PER_N


def _n2o(nitrogen: Uncertain, share: Uncertain) -> Uncertain:
    return evaluate(_emitted, N2O, {"nitrogen": nitrogen, "share": share}, amount=True)


def _edition(edition: int) -> int:
    if edition not in EDITIONS:
        raise InputError(
            f"no factors of managed soils of edition {edition}", where="edition",
            do="give 2006 or 2019",
        )  # fmt: skip
    return edition


def _sum(parts: list[Uncertain], unit: str) -> Uncertain:
    # a default that met no nitrogen has no part in the result, nor its note in the result's notes
    some = [one for one in parts if np.any(np.asarray(one.value) != 0)]
    if some:
        return total(*some)
    shape = np.broadcast_shapes(*(np.shape(one.value) for one in parts))
    return argument(np.zeros(shape), "no nitrogen", unit)


def _given(nitrogen: SoilNitrogen, name: str) -> SoilNitrogen:
    if not isinstance(nitrogen, SoilNitrogen):
        raise InputError(
            f"{name} is no SoilNitrogen but {nitrogen!r}", where=name,
            do="say which nitrogen it is, such as SoilNitrogen(synthetic=1000.0) in t N/yr",
        )  # fmt: skip
    return nitrogen


def direct_n2o(
    nitrogen: SoilNitrogen,
    *,
    rice: SoilNitrogen | None = None,
    rice_water: str = ANY,
    organic_soils: Mapping[tuple[str, str, str], Amount] | None = None,
    climate: str = ANY,
    edition: int = 2019,
) -> DirectN2O:
    """Return direct N2O of managed soils (equation 11.1).

    ::

        N2O = 44/28 [ (F_SN + F_ON + F_CR + F_SOM) EF1 + (the same of flooded rice) EF1FR
                      + sum F_PRP EF3PRP + sum F_OS EF2 ]

    With a climate EF1 is one of synthetic fertiliser and one of all else (2019 only).

    Parameters
    ----------
    nitrogen : SoilNitrogen
        t N/yr; of flooded rice only what `rice` does not hold.
    rice : SoilNitrogen, optional
        Nitrogen of flooded rice fields, t N/yr.
    rice_water : str
        ``"any"``, ``"continuous flooding"`` or ``"drainage"`` (single or multiple; 2019).
    organic_soils : mapping, optional
        Area in ha of drained organic soils by land, climate and option, such as
        ``{("cropland", "temperate", "any"): 1e4}``, as in `drained_organic_soils`. The factors are
        those of the 2013 Wetlands Supplement, of 2006 with `edition` 2006 (`EF2`). What is counted
        here must not be counted there.
    climate : str
        ``"any"``, ``"wet"``, ``"dry"``, or a zone of `CLIMATES`.
    edition : int
        2019 or 2006; 2006 has one factor for all climates and fertilisers.

    Returns
    -------
    DirectN2O

    Raises
    ------
    InputError
        A negative amount; another edition; grazing on rice fields.
    NonFiniteError
        An amount that is missing.
    UnknownNameError
        An unknown climate, water regime or land.
    NotAvailableError
        Land and climate without a default.

    References
    ----------
    IPCC (2006, 2019), volume 4, chapter 11, equation 11.1 (page 11.7), tables 11.1 and 11.3;
    IPCC (2014), 2013 Wetlands Supplement, chapter 2, table 2.5.

    Examples
    --------
    Own example: 1,000 t of fertiliser nitrogen, of which 10 kg per t leave as N2O-N.

    >>> out = direct_n2o(SoilNitrogen(synthetic=1000.0))
    >>> out.total
    Uncertain(15.7143 t N2O/yr, 95 %: 3.14286 to 28.2857)
    >>> direct_n2o(SoilNitrogen(synthetic=1000.0), climate="wet").total
    Uncertain(25.1429 t N2O/yr, 95 %: 20.4286 to 29.8571)
    """
    _edition(edition)
    _given(nitrogen, "nitrogen")
    zone = moisture(climate) if edition == 2019 else _checked(climate)
    ef1 = {
        kind: factor("EF1", climate=zone, option=ANY if zone == ANY else kind, edition=edition)
        for kind in ("synthetic", "other")
    }
    parts = [_n2o(amount, ef1["synthetic"]) for amount in nitrogen.fertilisers().values()]
    parts += [
        _n2o(nitrogen.part(name), ef1["other"]) for name in ("organic", "residues", "mineralised")
    ]
    flooded: list[Uncertain] = []
    if rice is not None:
        _no_grazing(rice)
        # Looked up first, so that a wrong regime is refused even where nothing is applied.
        ef1fr = factor("EF1FR", option=_water(rice_water, edition), edition=edition)
        amounts = [*rice.fertilisers().values()]
        amounts += [rice.part(name) for name in ("organic", "residues", "mineralised")]
        flooded = [_n2o(amount, ef1fr) for amount in amounts]
    elif rice_water != ANY:
        raise InputError(
            f"water regime {rice_water!r} without nitrogen of rice", where="rice_water",
            do="give the nitrogen of flooded rice fields in rice=",
        )  # fmt: skip
    grazing = [
        _n2o(nitrogen.part(f"grazing_{animals}"),
             factor("EF3PRP", climate=zone, option=_ANIMALS[animals], edition=edition))
        for animals in _ANIMALS
    ]  # fmt: skip
    soils: list[Uncertain] = []
    for key, area in (organic_soils or {}).items():
        if not isinstance(key, tuple) or len(key) != 3:
            raise InputError(
                f"an organic soil named {key!r}", where="organic_soils",
                do='name it by land, climate and option: ("cropland", "temperate", "any")',
            )  # fmt: skip
        land, place, option = key
        rate = organic_soil_rate(land, place, option, edition=edition)
        hectares = argument(area, f"area of {land} on drained organic soil", "ha")
        soils.append(evaluate(_drained, N2O, {"area": hectares, "rate": rate}, amount=True))
    return DirectN2O(_sum(parts, N2O), _sum(flooded, N2O), _sum(grazing, N2O), _sum(soils, N2O))


_ANIMALS = {"cattle": "cattle, poultry and pigs", "sheep": "sheep and other animals"}


def _checked(climate: str) -> str:
    moisture(climate)  # refuses unknown names; the factors of 2006 hold for all
    return ANY


def _water(regime: str, edition: int) -> str:
    if edition == 2006:
        factor("EF1FR", option=regime, edition=2019)
        return ANY
    return regime


def _no_grazing(rice: SoilNitrogen) -> None:
    _given(rice, "rice")
    for name in ("grazing_cattle", "grazing_sheep"):
        if np.any(np.asarray(rice.part(name).value) != 0):
            raise InputError(
                "grazing on flooded rice fields", where=f"rice: {name}",
                do="give dung and urine of grazing animals with the other nitrogen",
            )  # fmt: skip


def organic_soil_rate(land: str, climate: str, option: str = ANY, *, edition: int = 2019) -> Factor:
    """Return N2O of drained organic soils, kg N2O-N/ha/yr: 2013 Supplement, or EF2 of 2006.

    Examples
    --------
    >>> organic_soil_rate("cropland", "temperate").value
    13.0
    >>> organic_soil_rate("cropland", "temperate", edition=2006).value
    8.0
    """
    zone = belt(climate)
    if _edition(edition) == 2019:
        return factor("EF_N2O_DRAINED", climate=zone, land=land, option=option, edition=2013)
    group = "cropland and grassland" if land in ("cropland", "grassland") else land
    return factor("EF2", climate=zone, land=group, option=option, edition=2006)


def indirect_n2o(
    nitrogen: SoilNitrogen,
    *,
    rice: SoilNitrogen | None = None,
    climate: str = ANY,
    leaching: Amount | None = None,
    edition: int = 2019,
) -> IndirectN2O:
    """Return indirect N2O of managed soils (equations 11.9 and 11.10).

    ::

        by air   = 44/28 [ sum F_SN FracGASF + (F_ON + F_PRP) FracGASM ] EF4
        by water = 44/28 [ F_SN + F_ON + F_PRP + F_CR + F_SOM ] w FracLEACH EF5

    with w the share of the nitrogen that falls where water leaches at all.

    Parameters
    ----------
    nitrogen : SoilNitrogen
        t N/yr.
    rice : SoilNitrogen, optional
        Nitrogen of flooded rice fields, t N/yr; goes up and down like the other.
    climate : str
        ``"any"``, ``"wet"``, ``"dry"``, or a zone of `CLIMATES`.
    leaching : share or Uncertain, optional
        w, 0 to 1. By default 1 in wet climates and 0 in dry ones; must be given where the climate
        is ``"any"``. Irrigated fields of dry climates leach (drip irrigation apart).
    edition : int
        2019 or 2006.

    Returns
    -------
    IndirectN2O

    Raises
    ------
    InputError
        A negative amount, a share above one, no share where the climate is not known; another
        edition; grazing on rice fields.
    NonFiniteError
        An amount that is missing.
    UnknownNameError
        An unknown climate or fertiliser.

    References
    ----------
    IPCC (2006, 2019), volume 4, chapter 11, equations 11.9 and 11.10 (pages 11.21), table 11.3.

    Examples
    --------
    Own example: of 1,000 t of fertiliser nitrogen in a wet climate 110 t go up and 240 t down.

    >>> out = indirect_n2o(SoilNitrogen(synthetic=1000.0), climate="wet")
    >>> round(out.volatilisation.value, 3), round(out.leaching.value, 3)
    (2.42, 4.149)
    >>> indirect_n2o(SoilNitrogen(synthetic=1000.0), climate="dry").leaching.value
    0.0
    """
    _edition(edition)
    _given(nitrogen, "nitrogen")
    zone = moisture(climate)
    if leaching is None:
        if zone == ANY:
            raise InputError(
                "whether water leaches is not known", where="climate 'any'",
                do="give climate='wet' or 'dry', or the share of the nitrogen on soils that leach"
                " as leaching=",
            )  # fmt: skip
        leaching = 1.0 if zone == "wet" else 0.0
    where = argument(leaching, "share of nitrogen where water leaches", "share", most=1.0)
    ef4 = factor("EF4", climate=zone if edition == 2019 else ANY, edition=edition)
    ef5 = factor("EF5", edition=edition)
    up_organic = factor("FracGASM", edition=edition)
    down = factor("FracLEACH", climate="wet", edition=edition)
    if rice is not None:
        _no_grazing(rice)
    air: list[Uncertain] = []
    water: list[Uncertain] = []
    for inputs in (nitrogen, rice):
        if inputs is None:
            continue
        lost = [
            (amount, factor("FracGASF", option=kind if edition == 2019 else ANY, edition=edition))
            for kind, amount in inputs.fertilisers().items()
        ]
        manure = [inputs.part(f) for f in ("organic", "grazing_cattle", "grazing_sheep")]
        rest = [inputs.part(f) for f in ("residues", "mineralised")]
        lost += [(amount, up_organic) for amount in manure]
        air += [
            evaluate(_lost, N2O, {"nitrogen": amount, "lost": share, "share": ef4}, amount=True)
            for amount, share in lost
        ]
        water += [
            evaluate(_leached, N2O,
                     {"nitrogen": amount, "where": where, "lost": down, "share": ef5}, amount=True)
            for amount in [*(amount for amount, _ in lost), *rest]
        ]  # fmt: skip
    return IndirectN2O(_sum(air, N2O), _sum(water, N2O))


def soil_n2o(
    nitrogen: SoilNitrogen,
    *,
    rice: SoilNitrogen | None = None,
    rice_water: str = ANY,
    organic_soils: Mapping[tuple[str, str, str], Amount] | None = None,
    climate: str = ANY,
    leaching: Amount | None = None,
    edition: int = 2019,
) -> SoilN2O:
    """Return direct and indirect N2O of managed soils; see `direct_n2o` and `indirect_n2o`.

    Parameters
    ----------
    nitrogen, rice, rice_water, organic_soils, climate, leaching, edition
        As there.

    Examples
    --------
    Own example: of 1 kg of fertiliser nitrogen 0.01374 kg N2O-N with a share of one that leaches.

    >>> out = soil_n2o(SoilNitrogen(synthetic=1.0), leaching=1.0)
    >>> round(out.total.value / N2O_PER_N, 5)
    0.01374
    """
    direct = direct_n2o(
        nitrogen, rice=rice, rice_water=rice_water, organic_soils=organic_soils, climate=climate,
        edition=edition,
    )  # fmt: skip
    indirect = indirect_n2o(
        nitrogen, rice=rice, climate=climate, leaching=leaching, edition=edition
    )
    return SoilN2O(direct, indirect)
