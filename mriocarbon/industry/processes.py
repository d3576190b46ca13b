"""Every process and product by name: which process makes what, out of which product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mriocarbon.errors import UnknownNameError
from mriocarbon.industry import chemicals, lowcarbon, metals, minerals, steel
from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.balance import Process, close
from mriocarbon.industry.flows import fuel, plain, product
from mriocarbon.industry.parameters import Array, Parameters, rows
from mriocarbon.industry.routes import route_mix

__all__ = ["Product", "made_by", "made_from", "process", "processes", "products"]

_PLAIN: dict[str, Callable[[Parameters], Process]] = {
    "sinter": steel.sinter,
    "pellet": steel.pellet,
    "pig-iron": steel.pig_iron,
    "bf-bof": steel.bf_bof,
    "open-hearth": steel.open_hearth,
    "scrap-eaf": steel.scrap_eaf,
    "dri-gas": steel.dri_gas,
    "dri-coal": steel.dri_coal,
    "dri-eaf": steel.dri_eaf,
    "dri-eaf-coal": steel.dri_eaf_coal,
    "clinker-grey": minerals.clinker_grey,
    "clinker-white": minerals.clinker_white,
    "portland-grey": minerals.portland_grey,
    "portland-white": minerals.portland_white,
    "hydraulic-grey": minerals.hydraulic_grey,
    "hydraulic-white": minerals.hydraulic_white,
    "cement": minerals.portland_grey,
    "aluminous-cement": minerals.aluminous,
    "calcined-clay": minerals.calcined_clay,
    "hall-heroult": metals.hall_heroult,
    "secondary-aluminium": metals.secondary_aluminium,
    "ferro-manganese-carbon": metals.ferro_manganese_carbon,
    "ferro-manganese-refined": metals.ferro_manganese_refined,
    "ferro-chromium-carbon": metals.ferro_chromium_carbon,
    "ferro-chromium-refined": metals.ferro_chromium_refined,
    "ferro-manganese": metals.ferro_manganese_carbon,
    "ferro-chromium": metals.ferro_chromium_carbon,
    "ferro-nickel": metals.ferro_nickel,
    "stainless-eaf": metals.stainless_eaf,
    "alloy-steel": metals.alloy_steel,
    "tool-steel": metals.tool_steel,
    # steps of a site, outside the boundary of the CBAM
    "anode-baking": metals.anode_baking,
    "electrolysis-cell": metals.electrolysis_cell,
    "coke-oven": lowcarbon.coke_oven,
    "dri-hydrogen": lowcarbon.dri_hydrogen,
    "dri-eaf-hydrogen": lowcarbon.dri_eaf_hydrogen,
    "hydrogen-electrolysis": lowcarbon.hydrogen_electrolysis,
    "ammonia-hydrogen": lowcarbon.ammonia_hydrogen,
    "gas-power": lowcarbon.gas_power,
    "gas-power-ccs": lowcarbon.gas_power_ccs,
    "works-gas-power": lowcarbon.works_gas_power,
    "coal-power": lowcarbon.coal_power,
    "coal-power-ccs": lowcarbon.coal_power_ccs,
}
_CHEMICAL = chemicals.builders()


@dataclass(frozen=True, slots=True)
class Product:
    """A good and how it is made.

    Attributes
    ----------
    name : str
        Its name here.
    mix : str
        Name of the route mix; "" where one process makes it.
    routes : tuple of str
        The processes that make it.
    family : str
        Whose practice factor holds: "steel", "cement", ...
    electricity : bool
        Whether indirect emissions are in the scope of the CBAM for it.
    """

    name: str
    mix: str
    routes: tuple[str, ...]
    family: str
    electricity: bool = False


@lru_cache(maxsize=1)
def _steps() -> Mapping[str, tuple[str, str]]:
    return {row["product"]: (row["made_from"], row["family"]) for row in rows("steps.csv")}


@lru_cache(maxsize=1)
def _products() -> Mapping[str, Product]:
    steel_routes = ("bf-bof", "open-hearth", "scrap-eaf", "dri-eaf", "dri-eaf-coal")
    made = [
        Product("sintered-ore", "", ("sinter",), "steel", True),
        Product("pellets", "", ("pellet",), "steel", True),
        Product("agglomerated-ore", "agglomerate", ("sinter", "pellet"), "steel", True),
        Product("pig-iron", "", ("pig-iron",), "steel"),
        Product("dri", "dri", ("dri-gas", "dri-coal"), "steel"),
        Product("crude-steel", "steel", steel_routes, "steel"),
        Product("alloy-steel", "", ("alloy-steel",), "steel"),
        Product("tool-steel", "", ("tool-steel",), "steel"),
        Product("stainless-steel", "", ("stainless-eaf",), "steel"),
        Product(
            "unwrought-aluminium",
            "aluminium",
            ("hall-heroult", "secondary-aluminium"),
            "aluminium",
        ),
        Product("hydrogen", "hydrogen", ("hydrogen-gas", "hydrogen-coal"), "hydrogen"),
        Product("ammonia", "ammonia", ("ammonia-gas", "ammonia-coal"), "fertilisers", True),
    ]
    cement = ("clinker-grey", "clinker-white", "portland-grey", "portland-white")
    other = ("hydraulic-grey", "hydraulic-white", "aluminous-cement", "calcined-clay")
    made += [Product(name, "", (name,), "cement", True) for name in (*cement, *other)]
    alloys = [name for name in _PLAIN if name.startswith("ferro-") and name.count("-") == 2]
    made += [Product(name, "", (name,), "alloys") for name in (*alloys, "ferro-nickel")]
    chemical = [n for n in _CHEMICAL if not n.startswith(("hydrogen-", "ammonia-"))]
    made += [Product(n, "", (n,), "fertilisers", True) for n in (*chemical, "ammonia-solution")]
    made += [Product(name, "", (name,), family) for name, (_, family) in _steps().items()]
    return {one.name: one for one in made}


def products() -> tuple[str, ...]:
    """Return the names of everything that has a model.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> {"crude-steel", "clinker-grey", "hot-rolled-flat"} <= set(products())
    True
    """
    return tuple(_products())


def made_by(name: str) -> Product:
    """Return how a product is made.

    Raises
    ------
    UnknownNameError
        There is no model of it.

    Examples
    --------
    >>> made_by("hydrogen").routes
    ('hydrogen-gas', 'hydrogen-coal')
    """
    found = _products().get(name)
    if found is None:
        raise UnknownNameError.of("product", name, _products())
    return found


def made_from(name: str) -> str:
    """Return the product that a finishing step starts from; "" where there is no such step."""
    return _steps().get(name, ("", ""))[0]


def processes() -> tuple[str, ...]:
    """Return the names of all processes.

    Returns
    -------
    tuple of str
        As `process` takes them.

    Examples
    --------
    >>> {"bf-bof", "clinker-grey", "ammonia-gas"} <= set(processes())
    True
    """
    return (*_PLAIN, *_CHEMICAL, *_steps())


def _step(p: Parameters, name: str, source: str) -> Process:
    """A finishing step: what it cuts off leaves as scrap, which carries no emissions away.

    Metal and carbon of the good and its scrap are those of what comes in, so they are balanced
    as mass shares of the charge.
    """
    charge = asarray(1 / p(name, "yield"))
    inputs = [plain(source, charge, metal=charge), fuel(p, "gas", p(name, "gas"))]
    outputs = [product(name, metal=1.0), plain("own scrap", charge - 1, metal=charge - 1)]
    return close(name, name, inputs, outputs, precursors=((source, charge),))


def process(name: str, p: Parameters) -> Process:
    """Build a process for the parameters of one origin.

    Parameters
    ----------
    name : str
        One of :func:`processes`.
    p : Parameters
        Parameters of the origin, at its deviates.

    Returns
    -------
    Process
        Per unit of product; arrays over the draws of `p`.

    Raises
    ------
    UnknownNameError
        No such process.

    Examples
    --------
    >>> import numpy as np
    >>> kiln = process("clinker-grey", Parameters("CHN", lambda key: np.zeros(())))
    >>> round(float(kiln.co2), 1), kiln.gap("C") < 1e-12
    (0.8, True)
    """
    if name in _PLAIN:
        return _PLAIN[name](p)
    if name in _CHEMICAL:
        return _CHEMICAL[name](p, _shares(p))
    if name in _steps():
        return _step(p, name, _steps()[name][0])
    raise UnknownNameError.of("process", name, processes())


def _shares(p: Parameters) -> Callable[[str, str], Array]:
    def share(mix: str, route: str) -> Array:
        return route_mix(p.origin, mix).at(p.z).get(route, np.zeros(()))

    return share
