"""openLCA JSON-LD: processes with their flows, flow properties and unit groups, folder or zip.

Read as GreenDelta's olca-schema (version 2, and the names that version 1 used) describes it.
Amounts come out in the reference unit of their flow. Avoided products are negative inputs. A
formula is not evaluated: the amount that stands beside it is taken. Product systems, projects,
impact methods and costs are not read.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.lca.archive import (
    ELEMENTARY,
    OTHER,
    PRODUCT,
    WASTE,
    FlowRecord,
    UnitGroup,
    bridges,
    located,
    number,
    read_package,
    shares_of,
    unique,
)  # fmt: skip
from mriocarbon.lca.ecospold1 import Library, named, tags_of
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.model.provenance import Source
from mriocarbon.uncertainty.pedigree import Pedigree

__all__ = ["read_jsonld"]

Json = Mapping[str, Any]
_FOLDERS = {
    "processes": "Process", "flows": "Flow", "flow_properties": "FlowProperty",
    "unit_groups": "UnitGroup", "locations": "Location", "dq_systems": "DQSystem",
}  # fmt: skip
_KINDS = {"PRODUCT_FLOW": PRODUCT, "WASTE_FLOW": WASTE, "ELEMENTARY_FLOW": ELEMENTARY}
_YEAR = re.compile(r"\d{4}")
_INDICATORS = ("reliab", "complet", "tempor", "geogr", "technol")


def read_jsonld(path: Path | str, *, source: Source | None = None) -> Library:
    """Read the processes of an openLCA JSON-LD package.

    Parameters
    ----------
    path : path
        A folder or a zip with ``processes/``, ``flows/``, ``flow_properties/``, ``unit_groups/``
        and, where wanted, ``locations/`` and ``dq_systems/``.
    source : Source, optional
        Who made the data; the hash is filled in.

    Returns
    -------
    Library
        Data quality entries become pedigree scores where the system has ecoinvent's five
        indicators and no distribution is stated, which wins. `Library.shares` holds the physical
        or economic factors that a process declares as its default.

    Raises
    ------
    DataFileError
        Not there, no JSON (with the line), no process, a unit or property that the package does
        not hold, a process without a quantitative reference; with the file's name.

    References
    ----------
    GreenDelta, olca-schema, https://github.com/GreenDelta/olca-schema

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> mass = {"@id": "mass"}
    >>> package = {
    ...     "unit_groups": {"@id": "units", "units": [
    ...         {"@id": "kg", "name": "kg", "isRefUnit": True}]},
    ...     "flow_properties": {"@id": "mass", "name": "Mass", "unitGroup": {"@id": "units"}},
    ...     "flows": {"@id": "lime", "name": "Lime", "flowType": "PRODUCT_FLOW",
    ...               "flowProperties": [{"flowProperty": mass, "isRefFlowProperty": True}]},
    ...     "processes": {"@id": "kiln", "name": "Kiln", "exchanges": [
    ...         {"flow": {"@id": "lime"}, "amount": 2.0, "unit": {"@id": "kg", "name": "kg"},
    ...          "flowProperty": mass, "isQuantitativeReference": True}]},
    ... }
    >>> with tempfile.TemporaryDirectory() as top:
    ...     for name, data in package.items():
    ...         (pathlib.Path(top) / name).mkdir()
    ...         _ = (pathlib.Path(top) / name / "one.json").write_text(json.dumps(data))
    ...     kiln, = read_jsonld(top).processes
    >>> kiln.name, kiln.product, kiln.amount, kiln.unit
    ('Kiln', 'Lime', 2.0, 'kg')
    """
    return read_package(Path(path), ".json", _Package, source)


def _ref(value: Any) -> str:
    return str(value.get("@id", "")) if isinstance(value, Mapping) else ""


def _flag(values: Json, name: str) -> bool:
    """A flag by its name of version 2 or 1: ``isInput``, ``input``."""
    old = name[2].lower() + name[3:]
    return bool(values.get(name, values.get(old, False)))


def _category(values: Json) -> str:
    found = values.get("category", "")
    if isinstance(found, Mapping):  # version 1
        parts = [*(found.get("categoryPath") or ()), found.get("name", "")]
        return "/".join(str(part) for part in parts if part)
    return str(found or "")


class _Package:
    """All data sets of a package, by kind and identifier."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sets: dict[str, dict[str, Json]] = {kind: {} for kind in _FOLDERS.values()}
        self.file: dict[str, str] = {}
        self.notes: Counter[str] = Counter()
        self.flows: dict[str, FlowRecord] = {}
        self.groups: dict[str, UnitGroup] = {}
        self.unit_factors: dict[str, float] = {}
        self.systems: dict[str, tuple[int, ...] | None] = {}

    def add(self, name: str, content: bytes) -> None:
        folder = name.split("/")[-2] if "/" in name else ""
        if folder not in _FOLDERS:
            return
        try:
            found = json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise DataFileError(
                f"{name} is no JSON: {error}", where=f"{self.path.name}/{name}{line}",
                do="export the package again",
            ) from error  # fmt: skip
        if not isinstance(found, dict) or "@id" not in found:
            raise DataFileError(f"{name} is no data set: it has no @id",
                                where=f"{self.path.name}/{name}", do="export again")  # fmt: skip
        key = str(found["@id"])
        self.sets[_FOLDERS[folder]][key] = found
        self.file[key] = name

    def library(
        self,
    ) -> tuple[tuple[Process, ...], tuple[str, ...], dict[str, dict[str, float]]]:
        if not self.sets["Process"]:
            raise DataFileError(
                f"{self.path.name} holds no openLCA process", where=str(self.path),
                do="give a folder or zip in JSON-LD with the folder processes/",
            )  # fmt: skip
        self._measures()
        for key, flow in self.sets["Flow"].items():
            with located(self.path, self.file[key]):
                self.flows[key] = self._flow(flow)
        unique(self.flows.values())
        found: list[tuple[str, Process]] = []
        keys = list(self.sets["Process"])
        for key in keys:
            with located(self.path, self.file[key]):
                found.append((key[:8], self._process(self.sets["Process"][key])))
        processes = named(found)
        names = {key: process.name for key, process in zip(keys, processes, strict=True)}
        linked = tuple(self._provided(process, names) for process in processes)
        shares = {}
        for key, process in zip(keys, linked, strict=True):
            with located(self.path, self.file[key]):
                stated = self._shares(self.sets["Process"][key], process)
            if stated:
                shares[process.name] = stated
        return linked, tuple(f"{text}: {n}" for text, n in sorted(self.notes.items())), shares

    def _measures(self) -> None:
        for key, group in self.sets["UnitGroup"].items():
            with located(self.path, self.file[key]):
                self._group(key, group)

    def _group(self, key: str, group: Json) -> None:
        factors, reference = {}, ""
        for unit in group.get("units", ()):
            factor = number(unit.get("conversionFactor", 1.0), "conversionFactor",
                            f"unit {unit.get('name')!r}")  # fmt: skip
            factors[str(unit.get("name", ""))] = factor
            self.unit_factors[_ref(unit)] = factor
            if unit.get("isRefUnit", unit.get("referenceUnit", False)):
                reference = str(unit.get("name", ""))
        if not reference:
            raise DataFileError(
                f"unit group {group.get('name')!r} has no reference unit",
                where=f"{self.path.name}/{self.file[key]}", do="mark one unit as reference",
            )  # fmt: skip
        self.groups[key] = UnitGroup(reference, factors)

    def _flow(self, values: Json) -> FlowRecord:
        name = str(values.get("name", ""))
        factors, reference = {}, ""
        for one in values.get("flowProperties", ()):
            key = _ref(one.get("flowProperty"))
            factors[key] = number(one.get("conversionFactor", 1.0), "conversionFactor",
                                  f"flow {name!r}")  # fmt: skip
            if one.get("isRefFlowProperty", one.get("referenceFlowProperty", False)):
                reference = key
        if not reference and len(factors) == 1:
            reference = next(iter(factors))
        kind = _KINDS.get(str(values.get("flowType", "")), OTHER)
        category = _category(values)
        nature = kind == ELEMENTARY
        flow = FlowRecord(
            _ref(values), name, kind, reference, factors,
            compartment=re.sub(r"^elementary flows/", "", category, flags=re.I) if nature else "",
            category="" if nature else category,
            cas=str(values.get("cas") or "").lstrip("0") if nature else "",
            location="" if nature else self._place(values.get("location")),
        )  # fmt: skip
        measures = self.sets["FlowProperty"]
        bridges(
            flow, {key: _ref(one.get("unitGroup")) for key, one in measures.items()}, self.groups,
            {key: str(one.get("name", "")) for key, one in measures.items()},
        )  # fmt: skip
        return flow

    def _place(self, reference: Any) -> str:
        """Code of a place, or its name where the package does not hold the code."""
        known = self.sets["Location"].get(_ref(reference), reference)
        if not isinstance(known, Mapping):
            return ""
        return str(known.get("code") or known.get("name") or "")

    def _process(self, values: Json) -> Process:
        name = str(values.get("name", ""))
        product: Exchange | None = None
        exchanges = []
        for number_, raw in enumerate(values.get("exchanges") or (), 1):
            if not isinstance(raw, Mapping):
                raise InputError(f"exchange {number_} is {raw!r}, no exchange",
                                 where=f"process {name!r}", do="export again")  # fmt: skip
            one, is_reference = self._exchange(raw, self._order(values), name)
            if not is_reference:
                exchanges.append(one)
            elif product is not None:
                raise InputError("two quantitative references", where=f"process {name!r}",
                                 do="mark one exchange")  # fmt: skip
            else:
                product = one
        if product is None:
            raise InputError(
                "no quantitative reference", where=f"process {name!r}",
                do="mark the product, or the waste that is treated, as quantitative reference",
            )  # fmt: skip
        told = values.get("processDocumentation") or {}
        years = (_YEAR.search(str(told.get(k) or "")) for k in ("validUntil", "validFrom"))
        year = next((found.group() for found in years if found), None)
        if values.get("parameters"):
            self.notes["processes with parameters, which are not read"] += 1
        sources = [str(s.get("name", "")) for s in told.get("sources") or () if s]
        return Process(
            name, product.flow, product.amount, product.unit, tuple(exchanges),
            location=self._place(values.get("location")), year=int(year) if year else None,
            tags=tags_of(name), source="; ".join(s for s in sources if s),
            comment=str(values.get("description") or "").strip(), code=product.code,
            category=_category(values), properties=product.properties,
        )  # fmt: skip

    def _exchange(
        self, raw: Json, order: tuple[int, ...] | None, process: str
    ) -> tuple[Exchange, bool]:
        """One exchange in the reference unit of its flow, and whether it is the reference."""
        key = _ref(raw.get("flow"))
        flow = self.flows.get(key)
        where = f"process {process!r}, exchange {(raw.get('flow') or {}).get('name', key)!r}"
        if flow is None:
            raise InputError("its flow is not in the package", where=where,
                             do="export the flows with the processes")  # fmt: skip
        inward, avoided = _flag(raw, "isInput"), _flag(raw, "isAvoidedProduct")
        amount = number(raw.get("amount"), "amount", where)
        size = self._size(raw, flow, where)
        if raw.get("amountFormula"):
            self.notes["amounts with a formula, taken as the number that stands beside it"] += 1
        is_reference = _flag(raw, "isQuantitativeReference")
        if is_reference and (flow.kind, inward) not in {(PRODUCT, False), (WASTE, True)}:
            raise InputError(
                f"its reference is a {flow.kind} flow {'taken' if inward else 'given off'}",
                where=where, do="a product that is made, or a waste that is treated",
            )  # fmt: skip
        kind = {ELEMENTARY: "biosphere", WASTE: "waste"}.get(flow.kind, "technosphere")
        if avoided and kind != "biosphere":
            # a product made, or a waste treated, elsewhere: the input it is linked as, negative
            inward, amount = kind == "technosphere", -amount
        spread = self._spread(raw.get("uncertainty"), float(raw.get("amount") or 0.0))
        pedigree = None if spread else self._scores(str(raw.get("dqEntry") or ""), order)
        provider = _ref(raw.get("defaultProvider"))
        return Exchange(
            flow.name, amount * size, flow.unit, kind, "in" if inward else "out",
            compartment=flow.compartment, location=self._place(raw.get("location")),
            provider=provider if kind != "biosphere" and not is_reference else "",
            pedigree=pedigree, uncertainty=spread, properties=flow.properties, cas=flow.cas,
            code=flow.code, category=flow.category,
        ), is_reference  # fmt: skip

    def _size(self, raw: Json, flow: FlowRecord, where: str) -> float:
        """Factor from the unit of an exchange to the reference unit of its flow."""
        if not flow.unit:
            raise InputError(
                f"the reference unit of flow {flow.name!r} is not in the package", where=where,
                do="export flow properties and unit groups with the flows",
            )  # fmt: skip
        measure, unit = _ref(raw.get("flowProperty")) or flow.reference, _ref(raw.get("unit"))
        factor = flow.factors.get(measure)
        size = self.unit_factors.get(unit) if unit else 1.0
        if not factor or size is None:
            what = "unit" if factor else "quantity"
            told = raw.get("unit" if factor else "flowProperty") or {}
            raise InputError(
                f"its {what} {told.get('name', '?')!r} is not one of flow {flow.name!r}",
                where=where, do="export unit groups and flow properties with the flows",
            )  # fmt: skip
        return size / factor

    def _spread(self, raw: Any, amount: float) -> Uncertainty | None:
        kind = str((raw or {}).get("distributionType") or "").replace("_DISTRIBUTION", "")
        if not kind or kind == "NO":
            return None
        try:
            if kind == "LOG_NORMAL":
                wide = number(raw.get("geomSd"), "geomSd", "")
                middle = number(raw.get("geomMean", amount), "geomMean", "")
                if not math.isclose(middle, amount, rel_tol=1e-6):
                    self.notes["lognormal round another value than the amount, held to it"] += 1
                return Uncertainty("lognormal", math.log(wide)) if wide > 1 else None
            if amount == 0:
                raise InputError("zero has no relative spread")
            if kind == "NORMAL":
                return Uncertainty("normal", number(raw.get("sd"), "sd", "") / abs(amount))
            low, high = sorted(number(raw.get(k), k, "") / amount for k in ("minimum", "maximum"))
            if kind in {"TRIANGLE", "TRIANGULAR"}:
                peak = number(raw.get("mode", amount), "mode", "") / amount
                return Uncertainty("triangular", low=low, high=high, mode=peak)
            if kind == "UNIFORM":
                return Uncertainty("uniform", low=low, high=high)
            raise InputError(f"no distribution {kind}")
        except (InputError, ValueError):
            self.notes[f"uncertainty {kind} left out, its figures fit no distribution"] += 1
            return None

    def _order(self, values: Json) -> tuple[int, ...] | None:
        """Where ecoinvent's five indicators stand in the data quality system of the exchanges."""
        reference = values.get("exchangeDqSystem") or {}
        key = _ref(reference)
        if key not in self.systems:
            known = self.sets["DQSystem"].get(key)
            if known is None:
                plain = "ecoinvent" in str(reference.get("name", "")).casefold()
                self.systems[key] = (0, 1, 2, 3, 4) if plain else None
            else:
                self.systems[key] = _positions(known.get("indicators") or ())
        return self.systems[key]

    def _scores(self, entry: str, order: tuple[int, ...] | None) -> Pedigree | None:
        parts = [part.strip() for part in entry.strip("()[] ").split(";")] if entry else []
        if not parts or all(part.lower() in {"n.a.", "na", "", "0"} for part in parts):
            return None
        try:
            if order is None or len(parts) <= max(order):
                raise InputError("another system")
            return Pedigree(tuple(int(parts[k]) for k in order))
        except (InputError, ValueError):
            self.notes["data quality entries left out: not five scores of the pedigree matrix"] += 1
            return None

    def _provided(self, process: Process, names: Mapping[str, str]) -> Process:
        """The process with names of its providers instead of their identifiers."""
        exchanges = []
        for one in process.exchanges:
            if one.provider and one.provider not in names:
                self.notes["default providers that are not in the package"] += 1
            exchanges.append(replace(one, provider=names.get(one.provider, "")))
        return replace(process, exchanges=tuple(exchanges))

    def _shares(self, values: Json, process: Process) -> dict[str, float] | None:
        method = str(values.get("defaultAllocationMethod") or "")
        if not process.co_products or not method or method.startswith("NO"):
            return None
        stated: dict[str, float] = {}
        for one in values.get("allocationFactors") or ():
            flow = self.flows.get(_ref(one.get("product")))
            if str(one.get("allocationType")) == method and flow and not one.get("exchange"):
                stated[flow.name] = number(one.get("value"), "allocation factor",
                                           f"process {process.name!r}")  # fmt: skip
        made = [process.product, *(e.flow for e in process.co_products)]
        found = None if method.startswith("CAUSAL") else shares_of(stated, made)
        if found is None:
            self.notes["default allocations that are causal or not complete, not read"] += 1
        return found


def _positions(indicators: Sequence[Json]) -> tuple[int, ...] | None:
    """Positions of the five indicators, from 0; None if the system has others."""
    found: dict[str, int] = {}
    for number_, one in enumerate(indicators):
        name = str(one.get("name", "")).casefold()
        for word in _INDICATORS:
            if word in name and word not in found:
                found[word] = int(one.get("position") or number_ + 1) - 1
    whole = len(indicators) == len(_INDICATORS) == len(found)
    return tuple(found[word] for word in _INDICATORS) if whole else None
