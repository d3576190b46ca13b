"""Hydrogen, ammonia, nitric acid, urea and the nitrogen fertilisers.

CO2 that an ammonia plant passes on to urea is not taken off: under CBAM it stays with the ammonia.
Salts follow from stoichiometry, NH3 + HNO3 -> NH4NO3 and so on; phosphate, potash and sulphuric
acid are no CBAM goods and carry nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.balance import CO2_PER_C, Flow, Process, close
from mriocarbon.industry.flows import fuel, plain, product
from mriocarbon.industry.parameters import Array, Parameters

__all__ = ["BLENDS", "COMPLEX", "MOLAR", "SALTS", "Share", "builders"]

Share = Callable[[str, str], Array]
"""Share of a route in a mix of the origin."""
MOLAR = {
    "N": 14.007,
    "NH3": 17.031,
    "HNO3": 63.012,
    "NH4NO3": 80.043,
    "(NH4)2SO4": 132.14,
    "urea": 60.056,
    "KNO3": 101.10,
    "NaNO3": 84.995,
    "5Ca(NO3)2.NH4NO3.10H2O": 1080.7,
}
"""Molar masses, g/mol."""

SALTS = {
    "ammonium-nitrate": ("NH4NO3", 1, 1, 2, 0),
    "ammonium-sulphate": ("(NH4)2SO4", 2, 0, 2, 0),
    "potassium-nitrate": ("KNO3", 0, 1, 1, 0),
    "sodium-nitrate": ("NaNO3", 0, 1, 1, 0),
    "calcium-nitrate": ("5Ca(NO3)2.NH4NO3.10H2O", 1, 11, 12, 5),
}
"""Salt, then moles of NH3, of HNO3, of N and of CaCO3 for one mole of it."""

BLENDS: dict[str, tuple[tuple[str, str], ...]] = {
    "ammonia-solution": (("ammonia", "ammonia"),),
    "can": (("ammonium-nitrate", "nitrate"),),
    "an-mix-high": (("ammonium-nitrate", "nitrate"),),
    "an-solution": (("ammonium-nitrate", "nitrate"),),
    "uan": (("ammonium-nitrate", "nitrate"), ("urea", "urea")),
    "urea-solution-32": (("urea", "urea"),),
    "urea-solution-50": (("urea", "urea"),),
    "urea-low": (("urea", "urea"),),
    "asn": (("ammonium-nitrate", "nitrate"), ("ammonium-sulphate", "sulphate")),
}
"""Products blended or dissolved from others: precursor and the parameter with its mass."""

COMPLEX = {
    "dap": False,
    "map": False,
    "npk-high": True,
    "npk-low": True,
    "np-nitrate": True,
    "np-other": False,
    "nk-high": True,
    "nk-low": True,
    "n-other": True,
}
"""Fertilisers by nitrogen content; True where part of the nitrogen is nitrate or urea."""


def _steam(p: Parameters, share: Share, heat: Array) -> list[Flow]:
    """Fuel of a fertiliser works: coal where its ammonia is made from coal, gas elsewhere."""
    coal = share("ammonia", "ammonia-coal")
    return [fuel(p, "coal", asarray(heat * coal)), fuel(p, "gas", asarray(heat * (1 - coal)))]


def _synthesis(p: Parameters, name: str, made: str, kind: str) -> Process:
    feed = fuel(p, kind, p(name, kind), "feed")
    electricity = p(name, "electricity") if made == "ammonia" else asarray(0.0)
    content = {"energy": p(made, "heat")}
    if made == "ammonia":
        nitrogen = MOLAR["N"] / MOLAR["NH3"]
        return close(
            name,
            made,
            [feed, plain("air", nitrogen, N=nitrogen)],
            [product(made, N=nitrogen, **content)],
            electricity=electricity,
        )
    return close(name, made, [feed], [product(made, **content)], electricity=electricity)


def _nitric(p: Parameters) -> Process:
    name = "nitric-acid"
    nitrogen = MOLAR["N"] / MOLAR["HNO3"]
    ammonia = MOLAR["NH3"] / MOLAR["HNO3"] / p(name, "ammonia_yield")
    entering = nitrogen / p(name, "ammonia_yield")
    n2o = p(name, "n2o") * (1 - p(name, "abated") * p(name, "efficiency"))
    escaped = n2o * 28.014 / 44.013
    return close(
        name,
        name,
        [plain("ammonia", ammonia, N=entering, energy=ammonia * p("ammonia", "heat"))],
        [product("nitric acid", N=nitrogen), plain("N2O", n2o, N=escaped)],
        gases={"N2O": asarray(n2o)},
        precursors=(("ammonia", asarray(ammonia)),),
        electricity=p(name, "electricity"),
    )


def _urea(p: Parameters, share: Share) -> Process:
    name = "urea"
    nitrogen = 2 * MOLAR["N"] / MOLAR["urea"]
    ammonia = 2 * MOLAR["NH3"] / MOLAR["urea"] / p(name, "ammonia_yield")
    carbon = 12.011 / MOLAR["urea"]
    inputs = [
        plain(
            "ammonia",
            ammonia,
            N=nitrogen / p(name, "ammonia_yield"),
            energy=ammonia * p("ammonia", "heat"),
        ),
        plain("CO2 of the ammonia plant", carbon * CO2_PER_C, C=carbon),
        *_steam(p, share, p(name, "heat")),
    ]
    return close(
        name,
        name,
        inputs,
        [product("urea", N=nitrogen, C=carbon, energy=p(name, "heat_of_product"))],
        precursors=(("ammonia", asarray(ammonia)),),
        electricity=p(name, "electricity"),
    )


def _salt(p: Parameters, share: Share, name: str) -> Process:
    formula, ammonia_moles, acid_moles, nitrogen_atoms, carbonate_moles = SALTS[name]
    molar, loss = MOLAR[formula], p(name, "yield")
    nitrogen = nitrogen_atoms * MOLAR["N"] / molar
    ammonia = asarray(ammonia_moles * MOLAR["NH3"] / molar / loss)
    acid = asarray(acid_moles * MOLAR["HNO3"] / molar / loss)
    carbon = carbonate_moles * 12.011 / molar / loss
    inputs = [
        plain("ammonia", ammonia, N=ammonia * MOLAR["N"] / MOLAR["NH3"]),
        plain("nitric acid", acid, N=acid * MOLAR["N"] / MOLAR["HNO3"]),
        plain("limestone", carbonate_moles * 100.09 / molar / loss, C=carbon),
        *_steam(p, share, p(name, "heat")),
    ]
    return close(
        name,
        name,
        inputs,
        [product(formula, N=nitrogen)],
        precursors=(("ammonia", ammonia), ("nitric-acid", acid)),
        electricity=p(name, "electricity"),
    )


def _blend(p: Parameters, share: Share, name: str) -> Process:
    parts = tuple((made, p(name, key)) for made, key in BLENDS[name])
    inputs = [plain(made, mass) for made, mass in parts]
    electricity: Array | float = 0.0
    if name == "can":
        inputs += _steam(p, share, p(name, "heat"))
        electricity = p(name, "electricity")
    return close(name, name, inputs, [product(name)], precursors=parts, electricity=electricity)


def _complex(p: Parameters, share: Share, name: str) -> Process:
    """Nitrogen of a compound fertiliser as nitrate salt, urea and ammonia."""
    nitrogen = p(name, "nitrogen")
    salt = nitrogen * p("complex", "nitrate_share") if COMPLEX[name] else nitrogen * 0
    urea = (nitrogen - salt) * p("complex", "urea_share") if COMPLEX[name] else nitrogen * 0
    rest = nitrogen - salt - urea
    nitrate_mass = asarray(salt * MOLAR["NH4NO3"] / (2 * MOLAR["N"]))
    urea_mass = asarray(urea * MOLAR["urea"] / (2 * MOLAR["N"]))
    ammonia_mass = asarray(rest * MOLAR["NH3"] / MOLAR["N"])
    in_urea = urea_mass * 12.011 / MOLAR["urea"]
    inputs = [
        plain("ammonium nitrate", nitrate_mass, N=salt),
        plain("urea", urea_mass, N=urea, C=in_urea),
        plain("ammonia", ammonia_mass, N=rest),
        *_steam(p, share, p("complex", "heat")),
    ]
    return close(
        name,
        name,
        inputs,
        [product(name, N=nitrogen, C=in_urea)],
        precursors=(
            ("ammonium-nitrate", nitrate_mass),
            ("urea", urea_mass),
            ("ammonia", ammonia_mass),
        ),
        electricity=p("complex", "electricity"),
    )


def builders() -> dict[str, Callable[[Parameters, Share], Process]]:
    """Every chemical process by name."""
    found: dict[str, Callable[[Parameters, Share], Process]] = {
        "hydrogen-gas": lambda p, s: _synthesis(p, "hydrogen-gas", "hydrogen", "gas"),
        "hydrogen-coal": lambda p, s: _synthesis(p, "hydrogen-coal", "hydrogen", "coal"),
        "ammonia-gas": lambda p, s: _synthesis(p, "ammonia-gas", "ammonia", "gas"),
        "ammonia-coal": lambda p, s: _synthesis(p, "ammonia-coal", "ammonia", "coal"),
        "nitric-acid": lambda p, s: _nitric(p),
        "urea": _urea,
    }
    for name in SALTS:
        found[name] = lambda p, s, name=name: _salt(p, s, name)  # type: ignore[misc]
    for name in BLENDS:
        found[name] = lambda p, s, name=name: _blend(p, s, name)  # type: ignore[misc]
    for name in COMPLEX:
        found[name] = lambda p, s, name=name: _complex(p, s, name)  # type: ignore[misc]
    return found
