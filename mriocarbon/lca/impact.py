"""Climate impact of an inventory, with the parts that ISO 14067 tells apart.

Fossil, biogenic emissions and removals, direct land use change, and aircraft transport are
reported each on its own (ISO 14067:2018, clause 7); here they do not overlap, so that they add up
to the total. Biogenic carbon dioxide counts +1 when emitted and -1 when taken from the air.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.inventory.gwp import gwp
from mriocarbon.lca.gases import CATEGORIES, EQUIVALENT, read_flow
from mriocarbon.lca.lci import LCI
from mriocarbon.lca.system import Flow, System
from mriocarbon.lca.units import compatible, convert
from mriocarbon.model.brief import brief

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Climate", "Method", "climate", "gwp_method"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Method:
    """Characterisation factors of the climate categories.

    Attributes
    ----------
    name : str
        "GWP100, AR6".
    unit : str
        "kg CO2e".
    categories : tuple of str
        Rows of C.
    C : csr_array, shape (categories, k)
        kg CO2e per unit of each elementary flow; the sign is in B.
    gases : tuple of str
        Gas of each flow; "" where it is not counted.
    suspects : mapping of int to str
        Flows not counted that may be greenhouse gases, and why.
    assumed : mapping of int to str
        Flows that are counted on an assumption.
    """

    name: str
    unit: str
    categories: tuple[str, ...]
    C: csr_array
    gases: tuple[str, ...]
    suspects: Mapping[int, str]
    assumed: Mapping[int, str]

    __repr__ = brief

    @property
    def total(self) -> Array:
        """Factors of the sum of all categories, shape (k,)."""
        return np.asarray(self.C.sum(axis=0), dtype=np.float64).reshape(-1)


def gwp_method(
    system: System, report: str = "AR6", *, horizon: int = 100, unspecified: str = "fossil"
) -> Method:
    """Return the global warming potentials of a system's elementary flows.

    Parameters
    ----------
    system : System
    report : {"SAR", "AR4", "AR5", "AR5CCF", "AR6"}
    horizon : int
        20, 100 or 500 years.
    unspecified : {"fossil", "biogenic emissions"}
        Where carbon dioxide and methane count whose origin the source does not state; such flows
        are listed in `assumed`.

    Returns
    -------
    Method
        One row for each category of the climate, one column for each of the k elementary flows,
        kg CO2e per unit of the flow; 0 for a flow that is not counted.

    Raises
    ------
    UnknownNameError
        The report has no such horizon.
    InputError
        `unspecified` is neither.

    References
    ----------
    ISO 14067:2018; Forster et al. (2021), IPCC AR6 WG1 chapter 7, table 7.15 (methane of fossil
    origin 29.8, other 27.0, for 100 years). The table of AR5 used here has one value for methane.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> kiln = Process("kiln", "lime", 1.0, "t", (
    ...     Exchange("Carbon dioxide, fossil", 0.8, "t", "biosphere", "out", "air"),))
    >>> gwp_method(System.of([kiln])).total.tolist()
    [1000.0]
    """
    from scipy.sparse import csr_array

    if unspecified not in {"fossil", "biogenic emissions"}:
        raise InputError(
            f"unspecified is {unspecified!r}", where="gwp_method",
            do="'fossil' or 'biogenic emissions'",
        )  # fmt: skip
    potentials = gwp(report, horizon=horizon)
    known = frozenset(potentials)
    C = np.zeros((len(CATEGORIES), len(system.flows)))
    gases = [""] * len(system.flows)
    suspects: dict[int, str] = {}
    assumed: dict[int, str] = {}
    for k, flow in enumerate(system.flows):
        reading = read_flow(flow, known=known, unspecified=unspecified)
        if reading.suspect:
            suspects[k] = reading.suspect
        if not reading.gas:
            continue
        if reading.gas == EQUIVALENT:
            base = next((u for u in (f"kg {EQUIVALENT}", "kg") if compatible(flow.unit, u)), "")
            if not base:
                suspects[k] = f"a sum in {flow.unit!r}, not counted: not a mass"
                continue
            gases[k], assumed[k] = EQUIVALENT, reading.assumed
            C[CATEGORIES.index(reading.category), k] = convert(flow.unit, base)
            continue
        if not compatible(flow.unit, "kg"):
            suspects[k] = f"{reading.gas} in {flow.unit!r}, not counted: not a mass"
            continue
        if reading.assumed:
            assumed[k] = reading.assumed
        gases[k] = reading.gas
        key = reading.gas
        if key == "CH4":
            kind = "CH4 fossil" if _fossil(reading.category, flow) else "CH4 non-fossil"
            key = kind if kind in potentials else key
        per = potentials[key] * convert(flow.unit, "kg")
        C[CATEGORIES.index(reading.category), k] = reading.sign * per
    name = f"GWP{horizon}, {report}"
    return Method(name, "kg CO2e", CATEGORIES, csr_array(C), tuple(gases), suspects, assumed)


def _fossil(category: str, flow: Flow) -> bool:
    """Whether methane adds carbon to the cycle: its oxidation counts as well (AR6)."""
    stated = flow.carbon == "biogenic" or "biogenic" in flow.name or "non-fossil" in flow.name
    return category in {"fossil", "aviation"} and not stated


@dataclass(frozen=True, eq=False)
class Climate:
    """A carbon footprint and its parts, kg CO2e.

    Attributes
    ----------
    method : Method
    parts : mapping of str to float
        By category; they add up to `total`.
    by_gas : mapping of str to float
    not_counted : tuple of (Flow, amount, why)
        Flows that may be greenhouse gases and have no factor here, with their amounts.
    others : tuple of Flow
        All other elementary flows that occur and are not counted.
    assumed : mapping of str to float
        kg CO2e that rest on an assumption, by assumption.
    error : float
        Relative forward error of the solve.
    """

    method: Method
    parts: Mapping[str, float]
    by_gas: Mapping[str, float]
    not_counted: tuple[tuple[Flow, float, str], ...]
    others: tuple[Flow, ...]
    assumed: Mapping[str, float]
    error: float

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return float(sum(self.parts.values()))

    def __repr__(self) -> str:
        return brief(self, f"{self.total:.6g} {self.method.unit} by {self.method.name}")


def climate(lci: LCI, method: Method | None = None) -> Climate:
    """Return the climate impact of an inventory.

    Parameters
    ----------
    lci : LCI
    method : Method, optional
        Of `gwp_method`, for the same system; GWP100 of AR6 if not given.

    Returns
    -------
    Climate
        Its `total`, `parts` and `by_gas` in kg CO2e for the demand of `lci`; removals are negative.

    Notes
    -----
    What processes tagged ``"aviation"`` emit themselves, and what is emitted at flight level, is
    in "aviation" and not in "fossil". Contrails and other effects of height are not counted.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> farm = Process("farm", "wood", 1.0, "t", (
    ...     Exchange("Carbon dioxide, in air", 1.8, "t", "biosphere", "in", "resource/air"),
    ...     Exchange("Carbon dioxide, fossil", 50, "kg", "biosphere", "out", "air")))
    >>> found = climate(inventory(System.of([farm]), {"farm": 1.0}))
    >>> found.total, found.parts["biogenic removals"]
    (-1750.0, -1800.0)
    """
    system = lci.system
    made = gwp_method(system) if method is None else method
    direct = lci.by_process(made.C)
    flying = np.array(["aviation" in p.tags for p in system.processes])
    parts = dict(zip(made.categories, direct.sum(axis=1).tolist(), strict=True))
    moved = float(direct[made.categories.index("fossil"), flying].sum())
    parts["fossil"] -= moved
    parts["aviation"] += moved
    g, factors = lci.flows, made.total
    by_gas: dict[str, float] = {}
    assumed: dict[str, float] = {}
    others = []
    for k, flow in enumerate(system.flows):
        if made.gases[k]:
            by_gas[made.gases[k]] = by_gas.get(made.gases[k], 0.0) + float(factors[k] * g[k])
        elif g[k] != 0 and k not in made.suspects:
            others.append(flow)
        if k in made.assumed:
            text = made.assumed[k]
            assumed[text] = assumed.get(text, 0.0) + float(factors[k] * g[k])
    missing = tuple(
        (system.flows[k], float(g[k]), why) for k, why in made.suspects.items() if g[k] != 0
    )
    return Climate(made, parts, by_gas, missing, tuple(others), assumed, lci.error)
