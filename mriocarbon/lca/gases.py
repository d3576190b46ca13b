"""Which greenhouse gas an elementary flow is, and where its carbon comes from.

CAS numbers decide where there is one; names otherwise. The keys are those of
`mriocarbon.inventory.gwp`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mriocarbon.lca.system import Flow
from mriocarbon.lca.units import compatible

__all__ = ["CATEGORIES", "EQUIVALENT", "Reading", "gas_of", "read_flow"]

EQUIVALENT = "CO2e"
"""What stands for a gas where a source gives no gas, but a sum in carbon dioxide equivalents."""

CATEGORIES = ("fossil", "biogenic emissions", "biogenic removals", "land use", "aviation")
"""What ISO 14067 (2018, clause 7) wants told apart; they do not overlap here."""

_BY_CAS = {
    "124-38-9": "CO2", "74-82-8": "CH4", "10024-97-2": "N2O", "2551-62-4": "SF6",
    "7783-54-2": "NF3", "75-73-0": "CF4", "76-16-4": "C2F6", "76-19-7": "C3F8",
    "355-25-9": "C4F10", "115-25-3": "cC4F8", "678-26-2": "C5F12", "355-42-0": "C6F14",
    "75-46-7": "HFC23", "75-10-5": "HFC32", "593-53-3": "HFC41", "354-33-6": "HFC125",
    "359-35-3": "HFC134", "811-97-2": "HFC134a", "430-66-0": "HFC143", "420-46-2": "HFC143a",
    "624-72-6": "HFC152", "75-37-6": "HFC152a", "353-36-6": "HFC161", "431-89-0": "HFC227ea",
    "677-56-5": "HFC236cb", "431-63-0": "HFC236ea", "690-39-1": "HFC236fa",
    "679-86-7": "HFC245ca", "460-73-1": "HFC245fa", "406-58-6": "HFC365mfc",
    "138495-42-8": "HFC4310mee", "75-69-4": "CFC11", "75-71-8": "CFC12", "75-72-9": "CFC13",
    "76-13-1": "CFC113", "76-14-2": "CFC114", "76-15-3": "CFC115", "75-43-4": "HCFC21",
    "75-45-6": "HCFC22", "306-83-2": "HCFC123", "2837-89-0": "HCFC124", "1717-00-6": "HCFC141b",
    "75-68-3": "HCFC142b", "422-56-0": "HCFC225ca", "507-55-1": "HCFC225cb",
    "353-59-3": "Halon1211", "75-63-8": "Halon1301", "124-73-2": "Halon2402",
    "56-23-5": "CCl4", "71-55-6": "CH3CCl3", "67-66-3": "CHCl3", "75-09-2": "CH2Cl2",
    "74-87-3": "CH3Cl", "74-83-9": "CH3Br", "2699-79-8": "SO2F2", "373-80-8": "SF5CF3",
}  # fmt: skip
_NAMES = tuple(
    (re.compile(pattern, re.IGNORECASE), gas)
    for pattern, gas in (
        (r"^(?:carbon ?dioxide|co2)\b", "CO2"),
        (r"^(?:methane|ch4)(?:$|,? \(?(?:fossil|biogenic|non-fossil|from soil|land))", "CH4"),
        (r"^(?:dinitrogen monoxide|nitrous oxide|n2o)\b", "N2O"),
        (r"^(?:sul(?:ph|f)ur hexafluoride|sf6)\b", "SF6"),
        (r"^(?:nitrogen fluoride|nitrogen trifluoride|nf3)\b", "NF3"),
        (r"^(?:methane, tetrafluoro-.*|carbon tetrafluoride|cf4|pfc-14)\b", "CF4"),
        (r"^(?:ethane, hexafluoro-.*|hexafluoroethane|c2f6|pfc-116)\b", "C2F6"),
    )
)
_CODED = re.compile(r"\b(HFC|HCFC|CFC|HFE|Halon)[- ]?(\d[\d-]*[a-z]*)\b", re.IGNORECASE)
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_REFRIGERANT = re.compile(r"\bR[- ]?(\d{2,4}[a-z]{0,2})\b")
_SUM = re.compile(
    r"\b(?:CO2[- ]?e(?:q\b|quivalents?\b|\b)|carbon dioxide[- ]equivalents?\b)", re.IGNORECASE
)
_SUSPECT = re.compile(
    r"fluoro|hydrofluorocarbon|chlorofluoro|perfluoro|\b(?:H?C?FC|PFC|HFE|halon)s?\b|"
    r"\bR[- ]?\d{2,4}[a-z]*\b|greenhouse|\b(?:GHG|global warming)|\bCO[2₂]|"
    r"carbon ?(?:mon|di)oxide|^methane\b|nitrous oxide|sul(?:ph|f)ur hexafluoride|"
    r"volatile organic|hydrocarbons|bromo?methane|chloroethane",
    re.IGNORECASE,
)
_NO_AIR = re.compile(
    r"water|(?<!close to )ground|soil|biotic|agricultur|ocean|river|lake|forest", re.IGNORECASE
)
_HIGH = re.compile(r"stratosphere|very high|upper troposphere", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an elementary flow means for the climate.

    Attributes
    ----------
    gas : str
        Key of the table of potentials; "" where it is none that is counted.
    category : str
        One of `CATEGORIES`; "" without a gas. What is taken from the air has a negative amount
        in B already, so no sign is needed here.
    suspect : str
        Why a flow without a gas may be a greenhouse gas after all; "" if nothing says so.
    assumed : str
        What was assumed to read it; "" if nothing.
    sign : int
        -1 for carbon that is put into soil or biomass: given off by the process, kept from the air.
    """

    gas: str = ""
    category: str = ""
    suspect: str = ""
    assumed: str = ""
    sign: int = 1


def read_flow(flow: Flow, *, known: frozenset[str], unspecified: str = "fossil") -> Reading:
    """Return which gas an elementary flow is and in which category it counts.

    Parameters
    ----------
    flow : Flow
    known : frozenset of str
        Gases that have a potential.
    unspecified : {"fossil", "biogenic emissions"}
        Where carbon dioxide and methane count whose origin the source does not state.

    Examples
    --------
    >>> known = frozenset({"CO2", "CH4"})
    >>> read_flow(Flow("Methane, biogenic", "air", "out", "kg"), known=known).category
    'biogenic emissions'
    >>> read_flow(Flow("Carbon dioxide, in air", "resource/air", "in", "kg"), known=known).category
    'biogenic removals'
    >>> read_flow(Flow("HFC-32", "air", "out", "kg"), known=known).suspect
    'no potential for HFC32'
    >>> read_flow(Flow("Carbon dioxide, to soil or biomass stock", "soil", "out", "kg"),
    ...           known=known).sign
    -1
    """
    if "co2" in flow.unit.casefold() and compatible(flow.unit, f"kg {EQUIVALENT}"):
        return _equivalent(flow)
    if _SUM.search(flow.name.translate(_DIGITS)):
        return _equivalent(flow)
    gas = gas_of(flow)
    airborne = not _NO_AIR.search(flow.compartment) or _HIGH.search(flow.compartment)
    if not gas:
        odd = flow.direction == "out" and airborne and _SUSPECT.search(flow.name)
        return Reading(suspect="may be a greenhouse gas; no potential is known" if odd else "")
    if flow.direction == "in":
        if gas == "CO2" and _into_stock(flow):
            return Reading("CO2", "land use")
        if gas == "CO2" and airborne:
            return Reading("CO2", "biogenic removals")
        told = airborne or gas == "CO2"
        return Reading(suspect=f"{gas} taken from nature, not counted" if told else "")
    if gas == "CO2" and _into_stock(flow):
        return Reading("CO2", "land use", sign=-1)
    if not airborne:
        land = gas == "CO2" and _stock(flow)
        if land:
            return Reading("CO2", "land use")
        return Reading(suspect=f"{gas} to {flow.compartment or 'no compartment'}, not counted")
    if gas not in known:
        return Reading(suspect=f"no potential for {gas}")
    origin, assumed = _origin(flow, gas, unspecified)
    if _HIGH.search(flow.compartment) and origin != "land use":
        return Reading(gas, "aviation", assumed=assumed)
    return Reading(gas, origin, assumed=assumed)


def _equivalent(flow: Flow) -> Reading:
    """A sum of gases: its potentials are its source's, and no method can change them."""
    if flow.direction == "in":
        return Reading(suspect="a sum in CO2e taken from nature, not counted")
    category, _ = _origin(flow, EQUIVALENT, "fossil")
    return Reading(
        EQUIVALENT, category,
        assumed=f"{flow.name}: in CO2e at the potentials of its source, whatever the method",
    )  # fmt: skip


def gas_of(flow: Flow) -> str:
    """Return the gas that a flow is by CAS number or name, whatever its compartment; "" if none.

    >>> gas_of(Flow("Carbon dioxide, in air", "resource", "in", "kg"))
    'CO2'
    """
    if flow.cas in _BY_CAS:
        return _BY_CAS[flow.cas]
    name = flow.name.translate(_DIGITS)
    for pattern, gas in _NAMES:
        if pattern.search(name):
            return gas
    coded = _CODED.search(name)
    if coded:
        family = {"hfc": "HFC", "hcfc": "HCFC", "cfc": "CFC", "hfe": "HFE", "halon": "Halon"}
        return family[coded.group(1).lower()] + coded.group(2).replace("-", "").lower()
    refrigerant = _REFRIGERANT.search(name)
    if refrigerant:
        number = refrigerant.group(1).lower()
        return next((g for g in _BY_CAS.values() if re.fullmatch(rf"H?C?FC{number}", g)), "")
    return ""


def _stock(flow: Flow) -> bool:
    return "stock" in flow.name.casefold()


def _into_stock(flow: Flow) -> bool:
    """Whether carbon is stored in soil or biomass, as inventories name it."""
    return bool(re.search(r"\bto (?:soil|biomass)\b.*stock", flow.name, re.IGNORECASE))


def _origin(flow: Flow, gas: str, unspecified: str) -> tuple[str, str]:
    """Category of an emission to air, and what was assumed for it."""
    name = flow.name.casefold()
    if re.search(r"land transformation|land use|soil or biomass stock|peat oxidation", name):
        return "land use", ""
    if re.search(r"biogenic|non-fossil", name):
        return "biogenic emissions", ""
    if "fossil" in name:
        return "fossil", ""
    if flow.carbon:
        stated = {"fossil": "fossil", "biogenic": "biogenic emissions", "land use": "land use"}
        return stated[flow.carbon], ""
    if gas not in {"CO2", "CH4"}:
        return "fossil", ""  # no carbon cycle behind it: counted with the fossil part
    return unspecified, f"origin of {gas} not stated: counted as {unspecified}"
