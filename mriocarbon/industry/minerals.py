"""Clinker, cements, calcined clay.

Calcination follows from the lime in the clinker: the raw meal brings 44.01/56.08 = 0.785 t CO2
for each tonne of CaO (IPCC 2006, vol. 3, eq. 2.4), and kiln dust adds to it.
"""

from __future__ import annotations

from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.balance import CO2_PER_C, Flow, Process, close
from mriocarbon.industry.flows import fuel, plain, product
from mriocarbon.industry.parameters import Array, Parameters

__all__ = [
    "CO2_PER_CAO",
    "aluminous",
    "calcined_clay",
    "clinker_grey",
    "clinker_white",
    "hydraulic_grey",
    "hydraulic_white",
    "portland_grey",
    "portland_white",
]

CO2_PER_CAO = 0.785
CA_PER_CAO = 40.078 / 56.077


def _kiln(p: Parameters, heat: Array) -> list[Flow]:
    """Fuels of a kiln: coal, petcoke of the rest, gas of what is left, then waste fuel."""
    coal = p("kiln", "coal")
    petcoke = (1 - coal) * p("kiln", "petcoke")
    gas = (1 - coal - petcoke) * p("kiln", "gas")
    other = 1 - coal - petcoke - gas
    shares = {"coal": coal, "petcoke": petcoke, "gas": gas, "alternative": other}
    return [fuel(p, kind, asarray(heat * share)) for kind, share in shares.items()]


def _raw_meal(lime: Array, dust: Array) -> Flow:
    carbon = lime * CO2_PER_CAO / CO2_PER_C * dust
    calcium = lime * CA_PER_CAO * dust
    return plain("raw meal", lime * 100.09 / 56.08 * dust, C=carbon, Ca=calcium)


def _burnt(p: Parameters, name: str, mass: Array) -> Flow:
    """`mass` tonnes of clinker of a kind."""
    held = mass * p(name, "cao") * CA_PER_CAO
    kind = "clinker" if name == "clinker-grey" else "white clinker"
    return plain(kind, mass, Ca=held, energy=mass * p("clinker", "formation_heat"))


def _clinker(p: Parameters, name: str) -> Process:
    meal = _raw_meal(p(name, "cao"), p("clinker-grey", "dust_factor"))
    made = _burnt(p, name, asarray(1.0))
    return close(
        name,
        name,
        [meal, *_kiln(p, p(name, "heat"))],
        [made],
        electricity=p(name, "electricity"),
    )


def clinker_grey(p: Parameters) -> Process:
    """Grey clinker."""
    return _clinker(p, "clinker-grey")


def clinker_white(p: Parameters) -> Process:
    """White clinker."""
    return _clinker(p, "clinker-white")


def _cement(p: Parameters, name: str, clinker: str) -> Process:
    share = p(name, "clinker")
    burnt = _burnt(p, clinker, share)
    inputs = [
        burnt,
        plain("gypsum and additions", 1 - share),
        *_kiln(p, p(name, "drying")),
    ]
    return close(
        name,
        name,
        inputs,
        [product(f"cement {name}", **burnt.content)],
        precursors=((clinker, share),),
        electricity=p(name, "electricity"),
    )


def portland_grey(p: Parameters) -> Process:
    """Grey Portland cement, CEM I and II."""
    return _cement(p, "portland-grey", "clinker-grey")


def portland_white(p: Parameters) -> Process:
    """White Portland cement."""
    return _cement(p, "portland-white", "clinker-white")


def hydraulic_grey(p: Parameters) -> Process:
    """Other grey hydraulic cements: slag, pozzolana, composite."""
    return _cement(p, "hydraulic-grey", "clinker-grey")


def hydraulic_white(p: Parameters) -> Process:
    """Other white hydraulic cements."""
    return _cement(p, "hydraulic-white", "clinker-white")


def aluminous(p: Parameters) -> Process:
    """Calcium aluminate cement, melted or sintered from limestone and bauxite."""
    name = "aluminous-cement"
    meal = _raw_meal(p(name, "cao"), asarray(1.0))
    return close(
        name,
        name,
        [meal, *_kiln(p, p(name, "heat"))],
        [
            product(
                "aluminous cement",
                Ca=p(name, "cao") * CA_PER_CAO,
                energy=p("clinker", "formation_heat"),
            )
        ],
        electricity=p(name, "electricity"),
    )


def calcined_clay(p: Parameters) -> Process:
    """Kaolinic clay, calcined: fuel only, the clay holds no carbonate."""
    name = "calcined-clay"
    return close(
        name,
        name,
        [plain("clay", 1.16), *_kiln(p, p(name, "heat"))],
        [product("calcined clay")],
        electricity=p(name, "electricity"),
    )
