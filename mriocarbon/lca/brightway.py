"""Databases and methods of a Brightway project, such as ecoinvent where a user has a licence.

Brightway (Mutel 2017, doi:10.21105/joss.00236, UNVERIFIED) holds activities that are linked
already: each input names its provider, and it stays linked so. A treatment of waste has a negative
product there; here the waste is its product, and who sends it away has it as a waste output.
Brightway stores the amounts that its own calculations use in single precision (seven digits).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.lca.ecospold1 import Library, named, tags_of
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.system import Flow, System
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.lca.units import compatible, convert
from mriocarbon.model.brief import brief
from mriocarbon.model.provenance import Source
from mriocarbon.uncertainty.pedigree import INDICATORS, Pedigree

__all__ = ["BrightwayMethod", "brightway_method", "read_brightway"]

Array = NDArray[np.float64]
Key = tuple[str, str]
_UNITS = {
    # Brightway's ton is the metric one; pint reads the word as a short ton
    "ton": "t", "ton kilometer": "t*km", "unit": "Item(s)", "kilogram": "kg",
    "kilowatt hour": "kWh", "megajoule": "MJ", "cubic meter": "m3", "square meter": "m2",
    "square meter-year": "m2*a", "cubic meter-year": "m3*a", "meter-year": "m*a",
    "person kilometer": "capita*km", "kilometer": "km", "hour": "h", "litre": "l",
    "kilo Becquerel": "kBq", "vehicle kilometer": "vehicle kilometer",
}  # fmt: skip
_RESOURCES = ("natural resource", "inventory indicator")
_NATURE = {"emission", "natural resource", "resource", "economic", "social", "inventory indicator"}


def read_brightway(project: str, database: str) -> Library:
    """Read a database of a Brightway project, and those that it takes from.

    Parameters
    ----------
    project : str
        Name of a project that exists; none is made, and the current one stays current.
    database : str

    Returns
    -------
    Library
        Processes with their providers by name; the product is the reference product. Parameters
        and formulas are not read: the amounts that stand beside them are.

    Raises
    ------
    NotAvailableError
        Brightway is not installed.
    UnknownNameError
        No such project or database; with near names.
    InputError
        An input from an activity that no database holds, or a product of several activities.

    Examples
    --------
    With a project of your own:

    >>> library = read_brightway("default", "ecoinvent-3.10-cutoff")  # doctest: +SKIP
    """
    with _project(project) as bd:
        if database not in bd.databases:
            raise UnknownNameError.of("Brightway database", database, list(bd.databases))
        nodes: dict[Key, Mapping[str, Any]] = {}
        waiting, seen = [database], set()
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if name not in bd.databases:
                raise UnknownNameError.of("Brightway database", name, list(bd.databases),
                                          do=f"(needed by {database!r})")  # fmt: skip
            found = bd.Database(name).load()
            nodes |= found
            used = {e["input"][0] for one in found.values() for e in one.get("exchanges", ())}
            waiting += sorted(used - seen)
    reader = _Reader(nodes)
    processes = reader.processes()
    more = sorted(seen - {database})
    notes = [f"{text}: {count}" for text, count in sorted(reader.notes.items())]
    if more:
        notes.append(f"read with it: {', '.join(more)}")
    source = Source(
        database, citation=f"Brightway project {project!r}, database {database!r}",
        licence="that of the database", edition=reader.edition,
    )  # fmt: skip
    return Library(processes, source, tuple(notes))


@contextmanager
def _project(name: str) -> Iterator[Any]:
    """bw2data with a project current, and the former one again afterwards."""
    try:
        import bw2data as bd  # type: ignore[import-untyped]
    except ImportError as error:
        raise NotAvailableError.extra(
            "lca", "Brightway is not installed", where=f"Brightway project {name!r}"
        ) from error
    known = [project.name for project in bd.projects]
    if name not in known:
        raise UnknownNameError.of("Brightway project", name, known)
    former = bd.projects.current
    if former != name:
        bd.projects.set_current(name)
    try:
        yield bd
    finally:
        if former != name:
            bd.projects.set_current(former)


def _unit(node: Mapping[str, Any]) -> str:
    unit = str(node.get("unit") or "")
    return _UNITS.get(unit, unit)


def _compartment(node: Mapping[str, Any]) -> str:
    return "/".join(str(part) for part in node.get("categories") or ())


def _direction(node: Mapping[str, Any]) -> str:
    kinds = (str(node.get("type", "")), str((node.get("categories") or ("",))[0]))
    return "in" if any(kind.startswith(_RESOURCES) for kind in kinds) else "out"


class _Reader:
    """Turns nodes with their exchanges into processes."""

    def __init__(self, nodes: Mapping[Key, Mapping[str, Any]]) -> None:
        self.nodes = nodes
        self.notes: Counter[str] = Counter()
        self.edition = ""
        self.own: dict[Key, tuple[Key, float]] = {}  # activity: its product and how much
        self.maker: dict[Key, Key] = {}  # product: the activity that makes it

    def processes(self) -> tuple[Process, ...]:
        active = sorted(key for key, node in self.nodes.items() if self._acts(node))
        for key in active:
            made = [e for e in self.nodes[key].get("exchanges", ()) if e["type"] == "production"]
            mine = [e for e in made if e["input"] == key] or made
            product, amount = (mine[0]["input"], mine[0]["amount"]) if mine else (key, 1.0)
            self.own[key] = (product, float(amount))
            other = self.maker.setdefault(product, key)
            if other != key:
                raise InputError(
                    f"activities {self._name(other)!r} and {self._name(key)!r} make the same"
                    " product node", where=f"Brightway database {key[0]!r}",
                    do="give each activity a product of its own",
                )  # fmt: skip
        unique = named([(key[1], self._stub(key)) for key in active])
        self.names = {key: one.name for key, one in zip(active, unique, strict=True)}
        return tuple(self._process(key) for key in active)

    @staticmethod
    def _acts(node: Mapping[str, Any]) -> bool:
        kind = str(node.get("type") or "process")
        return kind not in _NATURE and kind != "product"

    def _name(self, key: Key) -> str:
        return str(self.nodes.get(key, {}).get("name", key[1]))

    def _stub(self, key: Key) -> Process:
        node = self.nodes[key]
        return Process(self._name(key), "x", 1.0, "x", location=str(node.get("location") or ""))

    def _product(self, key: Key) -> str:
        """Name of a product node, or of the reference product of an activity."""
        node = self.nodes.get(key, {})
        return str(node.get("reference product") or node.get("name") or key[1])

    def _process(self, key: Key) -> Process:
        node = self.nodes[key]
        product, amount = self.own[key]
        exchanges, own = [], False
        for e in node.get("exchanges", ()):
            if e["type"] == "production" and e["input"] == product and not own:
                own = True
                continue
            exchanges.append(self._exchange(e, key))
        unit = _unit(self.nodes.get(product, {})) or _unit(node)
        name = self.names[key]
        return Process(
            name, self._product(product), abs(amount), unit, tuple(exchanges),
            location=str(node.get("location") or ""), tags=tags_of(name),
            comment=str(node.get("comment") or "").strip(), code=product[1],
            category="/".join(str(one[-1] if isinstance(one, (list, tuple)) else one)
                              for one in node.get("classifications") or ()),
        )  # fmt: skip

    def _exchange(self, e: Mapping[str, Any], key: Key) -> Exchange:
        source = (str(e["input"][0]), str(e["input"][1]))
        where = f"Brightway activity {self._name(key)!r}"
        node = self.nodes.get(source)
        if node is None:
            raise InputError(f"takes from {source}, which no database holds", where=where,
                             do="write the database again, all inputs linked")  # fmt: skip
        amount, kind = float(e["amount"]), str(e["type"])
        if e.get("formula"):
            self.notes["amounts with a formula, taken as the number that stands beside it"] += 1
        spread = self._spread(e, amount)
        pedigree = None if spread else self._pedigree(e)
        if kind == "biosphere":
            return Exchange(
                str(node["name"]), amount, _unit(node), "biosphere", _direction(node),
                compartment=_compartment(node), pedigree=pedigree, uncertainty=spread,
                cas=str(node.get("CAS number") or "").lstrip("0"), code=source[1],
            )  # fmt: skip
        maker = self.maker.get(source)
        if maker is None:
            raise InputError(f"takes {self._product(source)!r}, which no activity makes",
                             where=where, do="write it again, all inputs linked")  # fmt: skip
        # made rather than taken: a product replaced elsewhere
        sign = {"technosphere": 1.0, "generic consumption": 1.0, "substitution": -1.0,
                "production": -1.0, "generic production": -1.0}.get(kind)  # fmt: skip
        if sign is None:
            raise InputError(f"an exchange of type {kind!r}", where=where, do="is not understood")
        waste = self.own[maker][1] < 0
        return Exchange(
            self._product(source), amount * sign * (-1.0 if waste else 1.0),
            _unit(node) or _unit(self.nodes[maker]), "waste" if waste else "technosphere",
            "out" if waste else "in", provider=self.names[maker], code=source[1],
            location=str(node.get("location") or ""), pedigree=pedigree, uncertainty=spread,
        )  # fmt: skip

    def _spread(self, e: Mapping[str, Any], amount: float) -> Uncertainty | None:
        kind = int(e.get("uncertainty type") or 0)
        if kind in (0, 1):
            return None
        try:
            if amount == 0:
                raise InputError("zero has no relative spread")
            if kind == 2:
                middle = math.exp(float(e["loc"])) if "loc" in e else abs(amount)
                if not math.isclose(middle, abs(amount), rel_tol=1e-3):
                    self.notes["lognormal round another value than the amount, held to it"] += 1
                return Uncertainty("lognormal", float(e["scale"]))
            if kind == 3:
                return Uncertainty("normal", float(e["scale"]) / abs(amount))
            if kind in (4, 5):
                low, high = sorted(float(e[k]) / amount for k in ("minimum", "maximum"))
                if kind == 4:
                    return Uncertainty("uniform", low=low, high=high)
                peak = float(e.get("loc", amount)) / amount
                return Uncertainty("triangular", low=low, high=high, mode=peak)
            raise InputError("another distribution")
        except (InputError, KeyError, ValueError, OverflowError):
            self.notes[f"uncertainty of type {kind} left out, it fits no distribution here"] += 1
            return None

    def _pedigree(self, e: Mapping[str, Any]) -> Pedigree | None:
        told = e.get("pedigree")
        if not isinstance(told, Mapping):
            return None
        try:
            return Pedigree(tuple(int(told[name]) for name in INDICATORS))
        except (InputError, KeyError, ValueError):
            self.notes["pedigree scores left out, not five from 1 to 5"] += 1
            return None


@dataclass(frozen=True, eq=False)
class BrightwayMethod:
    """One impact category of Brightway for the elementary flows of a system.

    Attributes
    ----------
    name : tuple of str
    unit : str
    factors : ndarray, shape (k,)
        Per unit of each flow; the score is ``factors @ lci.flows``. Of resources, which are
        negative there, they have the other sign than in Brightway.
    unknown : tuple of Flow
        Flows that the databases of the method do not hold: whether they matter is not known.
    assumed : mapping of int to str
        Flows matched by name or CAS number and the general compartment, and with what.
    """

    name: tuple[str, ...]
    unit: str
    factors: Array
    unknown: tuple[Flow, ...]
    assumed: Mapping[int, str]

    __repr__ = brief


def brightway_method(system: System, method: Iterable[str], *, project: str) -> BrightwayMethod:
    """Return an impact category of Brightway for the flows of a system.

    Parameters
    ----------
    system : System
        From any source; flows read by `read_brightway` match exactly by name, compartment and
        unit, others by name or CAS number in the same general compartment.
    method : iterable of str
        Name of the category, as in ``bw2data.methods``.
    project : str

    Returns
    -------
    BrightwayMethod
        A flow that the databases hold and the method leaves out has the factor zero.

    Raises
    ------
    NotAvailableError
        Brightway is not installed.
    UnknownNameError
        No such project or method.
    InputError
        A method with factors by place.

    Examples
    --------
    With a project of your own:

    >>> system = System.of(read_brightway("default", "mine").processes)  # doctest: +SKIP
    >>> method = brightway_method(system, ("IPCC 2021", "climate change", "GWP 100a"),
    ...                           project="default")  # doctest: +SKIP
    """
    name = tuple(method)
    with _project(project) as bd:
        if name not in bd.methods:
            raise UnknownNameError.of(
                "Brightway method", " / ".join(name), [" / ".join(m) for m in bd.methods]
            )
        rows = bd.Method(name).load()
        if any(len(row) > 2 for row in rows):
            raise InputError("factors by place", where=f"Brightway method {' / '.join(name)!r}",
                             do="take a method without regions")  # fmt: skip
        factor: dict[Key, float] = {}
        for node, value in rows:
            key = node if isinstance(node, tuple) else bd.get_node(id=node).key
            factor[key] = float(value["amount"] if isinstance(value, Mapping) else value)
        books = sorted({key[0] for key in factor})
        nodes = {key: one for book in books for key, one in bd.Database(book).load().items()}
        unit = str(bd.Method(name).metadata.get("unit") or "")
    return _matched(system, name, unit, factor, nodes)


def _general(compartment: str, direction: str) -> str:
    """Air, water, soil or resource; "" if it says none."""
    if direction == "in":
        return "resource"
    low = re.sub("troposphere|stratosphere", "air", compartment.casefold())
    return next((word for word in ("air", "water", "soil") if word in low), "")


def _matched(
    system: System, name: tuple[str, ...], unit: str, factor: Mapping[Key, float],
    nodes: Mapping[Key, Mapping[str, Any]],
) -> BrightwayMethod:  # fmt: skip
    exact: dict[tuple[str, str], list[Key]] = {}
    rough: dict[tuple[str, str], list[Key]] = {}
    for key, node in nodes.items():
        exact.setdefault((str(node.get("name")), _compartment(node)), []).append(key)
        parts = [str(part) for part in node.get("categories") or ()]
        if len(parts) > 1 and parts[1] != "unspecified" and _direction(node) == "out":
            continue  # only the general compartment stands for one that is not known
        place = _general("/".join(parts), _direction(node))
        cas = str(node.get("CAS number") or "").lstrip("0")
        for label in {str(node.get("name")).casefold(), cas} - {""}:
            rough.setdefault((label, place), []).append(key)
    factors = np.zeros(len(system.flows))
    unknown, assumed = [], {}
    for k, flow in enumerate(system.flows):
        found = _one(exact.get((flow.name, flow.compartment), ()), flow, factor, nodes)
        if found is None:
            place = _general(flow.compartment, flow.direction)
            for label in (flow.name.casefold(), flow.cas):
                found = _one(rough.get((label, place), ()), flow, factor, nodes) if label else None
                if found is not None:
                    node = nodes[found]
                    assumed[k] = f"as {node.get('name')}, {_compartment(node)}"
                    break
        if found is None:
            unknown.append(flow)
            continue
        sign = -1.0 if flow.direction == "in" else 1.0
        size = convert(flow.unit, _unit(nodes[found]))
        factors[k] = sign * size * factor.get(found, 0.0)
    factors.flags.writeable = False
    return BrightwayMethod(name, unit, factors, tuple(unknown), assumed)


def _one(
    keys: Iterable[Key], flow: Flow, factor: Mapping[Key, float],
    nodes: Mapping[Key, Mapping[str, Any]],
) -> Key | None:  # fmt: skip
    """The one that fits in unit; None if none does, or several that weigh differently."""
    fit = [k for k in keys if compatible(flow.unit, _unit(nodes[k]) or "?")]
    weights = {(factor.get(k, 0.0), _unit(nodes[k])) for k in fit}
    return fit[0] if len(weights) == 1 else None
