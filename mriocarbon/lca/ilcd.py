"""ILCD: processes with their flows, flow properties and unit groups in XML, folder or zip.

The format of the European Commission's Joint Research Centre, version 1.1. Amounts are multiples
of the reference property of the flow, which nearly always holds one reference unit. Resulting
amounts are read, mean amounts where there are none; formulas of variables are not evaluated. Life
cycle models, impact methods, contacts and sources are not read: ILCD processes name no providers,
inputs are linked by their flow.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

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
)
from mriocarbon.lca.ecospold1 import Library, named, tags_of
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.model.provenance import Source

__all__ = ["read_ilcd"]

_ROOTS = {"processDataSet", "flowDataSet", "flowPropertyDataSet", "unitGroupDataSet"}
_KINDS = {"product flow": PRODUCT, "waste flow": WASTE, "elementary flow": ELEMENTARY}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SPACE = re.compile(r"\{http://lca\.jrc\.it/ILCD/")
_YEAR = re.compile(r"\d{4}")


def read_ilcd(path: Path | str, *, source: Source | None = None) -> Library:
    """Read the processes of an ILCD package.

    Parameters
    ----------
    path : path
        A folder or a zip with processes, flows, flow properties and unit groups; where in it they
        lie has no part, their root element tells.
    source : Source, optional
        Who made the data; the hash is filled in.

    Returns
    -------
    Library
        Texts are in English where there are several. "Reminder" flows, which ILCD lists and does
        not count, are left out and noted. `Library.shares` holds the allocated fractions of a
        process with co-products where all its exchanges state the same.

    Raises
    ------
    DataFileError
        Not there, no XML (with the line), no process, a flow, property or unit group that the
        package does not hold, a process without a reference flow; with the file's name.

    References
    ----------
    European Commission, Joint Research Centre, ILCD data format 1.1,
    https://eplca.jrc.ec.europa.eu/LCDN/developerILCDDataFormat.html

    Examples
    --------
    >>> import pathlib, tempfile
    >>> def data_set(kind, key, body):  # the least that a data set holds
    ...     root = kind[0].lower() + kind[1:] + "DataSet"
    ...     return (f'<{root} xmlns="http://lca.jrc.it/ILCD/{kind}" '
    ...             f'xmlns:c="http://lca.jrc.it/ILCD/Common"><c:UUID>{key}</c:UUID>'
    ...             f"{body}</{root}>")
    >>> def first(what):
    ...     return f"<quantitativeReference><{what}>0</{what}></quantitativeReference>"
    >>> package = {
    ...     "units": data_set("UnitGroup", "units", "<unitGroupInformation>"
    ...         + first("referenceToReferenceUnit") + "</unitGroupInformation><units>"
    ...         '<unit dataSetInternalID="0"><name>kg</name><meanValue>1</meanValue></unit>'
    ...         "</units>"),
    ...     "mass": data_set("FlowProperty", "mass", "<flowPropertiesInformation>"
    ...         '<quantitativeReference><referenceToReferenceUnitGroup refObjectId="units"/>'
    ...         "</quantitativeReference></flowPropertiesInformation>"),
    ...     "lime": data_set("Flow", "lime", "<flowInformation><dataSetInformation><name>"
    ...         "<baseName>Lime</baseName></name></dataSetInformation>"
    ...         + first("referenceToReferenceFlowProperty") + "</flowInformation>"
    ...         "<modellingAndValidation><LCIMethod><typeOfDataSet>Product flow</typeOfDataSet>"
    ...         '</LCIMethod></modellingAndValidation><flowProperties><flowProperty'
    ...         ' dataSetInternalID="0"><referenceToFlowPropertyDataSet refObjectId="mass"/>'
    ...         "<meanValue>1</meanValue></flowProperty></flowProperties>"),
    ...     "kiln": data_set("Process", "kiln", "<processInformation><dataSetInformation><name>"
    ...         "<baseName>Kiln</baseName></name></dataSetInformation>"
    ...         + first("referenceToReferenceFlow") + "</processInformation><exchanges>"
    ...         '<exchange dataSetInternalID="0"><referenceToFlowDataSet refObjectId="lime"/>'
    ...         "<exchangeDirection>Output</exchangeDirection><meanAmount>2</meanAmount></exchange>"
    ...         "</exchanges>"),
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in package.items():
    ...         _ = (pathlib.Path(folder) / f"{name}.xml").write_text(text)
    ...     kiln, = read_ilcd(folder).processes
    >>> kiln.name, kiln.product, kiln.amount, kiln.unit
    ('Kiln', 'Lime', 2.0, 'kg')
    """
    return read_package(Path(path), ".xml", _Package, source)


def _find(node: Element, path: str) -> Element | None:
    return node.find("/".join(f"{{*}}{part}" for part in path.split("/")))


def _all(node: Element, path: str) -> list[Element]:
    return node.findall("/".join(f"{{*}}{part}" for part in path.split("/")))


def _text(node: Element, path: str) -> str:
    """Text of the first such element, in English where there are several languages."""
    found = _all(node, path)
    english = [one for one in found if one.get(_LANG, "en") == "en"]
    return next((t for one in english or found if (t := (one.text or "").strip())), "")


def _id(node: Element, path: str) -> str:
    found = _find(node, path)
    return "" if found is None else found.get("refObjectId", "")


class _Package:
    """All data sets of a package, by kind and identifier."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sets: dict[str, dict[str, Element]] = {root: {} for root in _ROOTS}
        self.file: dict[str, str] = {}
        self.notes: Counter[str] = Counter()
        self.flows: dict[str, FlowRecord] = {}
        self.fractions: dict[str, dict[str, float] | None] = {}

    def add(self, name: str, content: bytes) -> None:
        try:
            root = ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise DataFileError(
                f"{name} is no well-formed XML: {error.msg}",
                where=f"{self.path.name}/{name}, line {error.position[0]}", do="fetch it again",
            ) from error  # fmt: skip
        except (LookupError, ValueError) as error:  # the first line names an encoding
            raise DataFileError(
                f"{name} is in no encoding that is known: {error}",
                where=f"{self.path.name}/{name}, line 1", do="save it in UTF-8",
            ) from error  # fmt: skip
        kind = root.tag.rpartition("}")[2]
        if kind not in _ROOTS or not _SPACE.match(root.tag):
            return
        key = next((one.text or "" for one in root.iter() if one.tag.endswith("}UUID")), "").strip()
        if not key:
            raise DataFileError(f"{name} has no UUID", where=f"{self.path.name}/{name}",
                                do="export it again")  # fmt: skip
        self.sets[kind][key] = root
        self.file[key] = name

    def library(
        self,
    ) -> tuple[tuple[Process, ...], tuple[str, ...], dict[str, dict[str, float]]]:
        if not self.sets["processDataSet"]:
            raise DataFileError(
                f"{self.path.name} holds no ILCD process", where=str(self.path),
                do="give a folder or zip with ILCD process data sets",
            )  # fmt: skip
        groups = {}
        for key, root in self.sets["unitGroupDataSet"].items():
            with located(self.path, self.file[key]):
                groups[key] = _group(root)
        info = "flowPropertiesInformation/"
        measures = self.sets["flowPropertyDataSet"]
        group_of = {
            key: _id(root, info + "quantitativeReference/referenceToReferenceUnitGroup")
            for key, root in measures.items()
        }
        names = {
            key: _text(root, info + "dataSetInformation/name") for key, root in measures.items()
        }
        for key, root in self.sets["flowDataSet"].items():
            with located(self.path, self.file[key]):
                self.flows[key] = _flow(root, key)
            bridges(self.flows[key], group_of, groups, names)
        unique(self.flows.values())
        found, keys = [], list(self.sets["processDataSet"])
        for key in keys:
            with located(self.path, self.file[key]):
                found.append((key[:8], self._process(self.sets["processDataSet"][key], key)))
        processes = named(found)
        shares = {}
        for key, process in zip(keys, processes, strict=True):
            stated = self.fractions.get(key)
            if stated:
                shares[process.name] = stated
        return processes, tuple(f"{text}: {n}" for text, n in sorted(self.notes.items())), shares

    def _process(self, root: Element, key: str) -> Process:
        info = _find(root, "processInformation")
        if info is None:
            raise InputError("no processInformation", where="", do="export it again")
        title = "dataSetInformation/name/"
        parts = [_text(info, title + part) for part in
                 ("baseName", "treatmentStandardsRoutes", "mixAndLocationTypes")]  # fmt: skip
        name = "; ".join(part for part in parts if part)
        reference = {
            one.text for one in _all(info, "quantitativeReference/referenceToReferenceFlow")
        }
        if len(reference) != 1:
            raise InputError(f"{len(reference)} reference flows", where=f"process {name!r}",
                             do="give one")  # fmt: skip
        if _all(info, "mathematicalRelations/variableParameter"):
            self.notes["processes with variables, of which resulting amounts are read"] += 1
        product: Exchange | None = None
        exchanges: list[Exchange] = []
        fractions: list[tuple[int, dict[str, float]]] = []
        numbers: dict[str, str] = {}
        for raw in _all(root, "exchanges/exchange"):
            number_ = raw.get("dataSetInternalID", "")
            is_reference = number_ in reference
            if "reminder" in _text(raw, "functionType").casefold() and not is_reference:
                self.notes["reminder flows, which are not counted"] += 1
                continue
            one = self._exchange(raw, name, is_reference)
            if is_reference:
                product = one
            else:
                exchanges.append(one)
            if is_reference or one.is_product:
                numbers[number_] = one.flow
            else:
                fractions.append((len(exchanges), {
                    a.get("internalReferenceToCoProduct", ""): number(
                        a.get("allocatedFraction"), "allocatedFraction", f"process {name!r}") / 100
                    for a in _all(raw, "allocations/allocation")}))  # fmt: skip
        if product is None:
            raise InputError(
                f"its reference flow {', '.join(map(str, reference))} is not among the exchanges",
                where=f"process {name!r}", do="correct referenceToReferenceFlow",
            )  # fmt: skip
        place = _find(info, "geography/locationOfOperationSupplyOrProduction")
        year = next((y.group() for field in ("dataSetValidUntil", "referenceYear")
                     if (y := _YEAR.search(_text(info, f"time/{field}")))), None)  # fmt: skip
        made = Process(
            name, product.flow, product.amount, product.unit, tuple(exchanges),
            location="" if place is None else place.get("location", ""),
            year=int(year) if year else None, tags=tags_of(name),
            comment=_text(info, "dataSetInformation/generalComment"), code=product.code,
            category=_classes(info), properties=product.properties,
        )  # fmt: skip
        if made.co_products:
            self.fractions[key] = self._shares(made, [f for _, f in fractions], numbers)
        return made

    def _shares(
        self, process: Process, stated: Iterable[Mapping[str, float]], numbers: Mapping[str, str]
    ) -> dict[str, float] | None:
        """The fractions of all exchanges, if they are the same for all."""
        rows = list(stated)
        if not any(rows):
            return None
        same = all(row == rows[0] for row in rows)
        known = {numbers[k]: share for k, share in rows[0].items() if k in numbers}
        made = [process.product, *(e.flow for e in process.co_products)]
        found = shares_of(known, made) if same else None
        if found is None:
            self.notes["allocated fractions that differ by exchange or are not complete"] += 1
        return found

    def _exchange(self, raw: Element, process: str, is_reference: bool) -> Exchange:
        key = _id(raw, "referenceToFlowDataSet")
        label = _text(raw, "referenceToFlowDataSet/shortDescription") or key
        where = f"process {process!r}, exchange {label!r}"
        flow = self.flows.get(key)
        if flow is None:
            raise InputError("its flow is not in the package", where=where,
                             do="export the flows with the processes")  # fmt: skip
        if not flow.unit:
            raise InputError(
                f"the reference unit of flow {flow.name!r} is not in the package", where=where,
                do="export flow properties and unit groups with the flows",
            )  # fmt: skip
        told = _text(raw, "resultingAmount")
        if not told and _text(raw, "referenceToVariable"):
            raise InputError("an amount by a variable, without its result", where=where,
                             do="give resultingAmount")  # fmt: skip
        amount = number(told or _text(raw, "meanAmount"), "amount", where)
        direction = _text(raw, "exchangeDirection").casefold()
        if direction not in {"input", "output"}:
            raise InputError(f"exchangeDirection is {direction!r}", where=where,
                             do="'Input' or 'Output'")  # fmt: skip
        if is_reference and (flow.kind, direction) not in {(PRODUCT, "output"), (WASTE, "input")}:
            raise InputError(
                f"its reference is a {flow.kind} flow, {direction}", where=where,
                do="a product that is made, or a waste that is treated",
            )  # fmt: skip
        kind = {ELEMENTARY: "biosphere", WASTE: "waste"}.get(flow.kind, "technosphere")
        size = flow.factors.get(flow.reference) or 1.0
        return Exchange(
            flow.name, amount * size, flow.unit, kind, "in" if direction == "input" else "out",
            compartment=flow.compartment, location=_text(raw, "location"),
            uncertainty=self._spread(raw, amount), properties=flow.properties, cas=flow.cas,
            code=flow.code, category=flow.category,
        )  # fmt: skip

    def _spread(self, raw: Element, amount: float) -> Uncertainty | None:
        kind = _text(raw, "uncertaintyDistributionType").casefold()
        if not kind or kind == "undefined":
            return None
        try:
            if kind == "log-normal":
                # the square of the geometric standard deviation
                wide = number(_text(raw, "relativeStandardDeviation95In"), "deviation", "")
                return Uncertainty.of_gsd2(wide) if wide != 1 else None
            if amount == 0:
                raise InputError("zero has no relative spread")
            if kind == "normal":  # twice the standard deviation
                wide = number(_text(raw, "relativeStandardDeviation95In"), "deviation", "")
                return Uncertainty("normal", wide / 2 / abs(amount))
            ends = (number(_text(raw, k), k, "") / amount for k in
                    ("minimumAmount", "maximumAmount"))  # fmt: skip
            low, high = sorted(ends)
            if kind == "triangular":  # the mean of a triangle is the mean of its corners
                return Uncertainty("triangular", low=low, high=high, mode=3 - low - high)
            if kind == "uniform":
                return Uncertainty("uniform", low=low, high=high)
            raise InputError(f"no distribution {kind}")
        except InputError:
            self.notes[f"uncertainty {kind} left out, its figures fit no distribution"] += 1
            return None


def _group(root: Element) -> UnitGroup:
    info = "unitGroupInformation/quantitativeReference/referenceToReferenceUnit"
    reference = _text(root, info)
    factors, name = {}, ""
    for unit in _all(root, "units/unit"):
        label = _text(unit, "name")
        factors[label] = number(_text(unit, "meanValue"), "meanValue", f"unit {label!r}")
        if unit.get("dataSetInternalID") == reference:
            name = label
    if not name:
        raise InputError(f"reference unit {reference!r} is none of its units", where="unit group",
                         do="correct referenceToReferenceUnit")  # fmt: skip
    return UnitGroup(name, factors)


def _flow(root: Element, key: str) -> FlowRecord:
    info = "flowInformation/"
    parts = [_text(root, f"{info}dataSetInformation/name/{part}") for part in
             ("baseName", "treatmentStandardsRoutes", "mixAndLocationTypes")]  # fmt: skip
    name = "; ".join(part for part in parts if part)
    reference = _text(root, info + "quantitativeReference/referenceToReferenceFlowProperty")
    factors, measure = {}, ""
    for one in _all(root, "flowProperties/flowProperty"):
        code = _id(one, "referenceToFlowPropertyDataSet")
        factors[code] = number(_text(one, "meanValue"), "meanValue", f"flow {name!r}")
        if one.get("dataSetInternalID") == reference:
            measure = code
    kind = _KINDS.get(
        _text(root, "modellingAndValidation/LCIMethod/typeOfDataSet").casefold(), OTHER
    )
    nature = kind == ELEMENTARY
    classes = "dataSetInformation/classificationInformation/"
    levels = _all(root, f"{info}{classes}elementaryFlowCategorization/category")
    place = _find(root, info + "geography/locationOfSupply")
    return FlowRecord(
        key, name, kind, measure,
        factors,
        compartment="/".join((one.text or "").strip() for one in levels) if nature else "",
        category="" if nature else _classes(_find(root, info.rstrip("/"))),
        cas=_text(root, info + "dataSetInformation/CASNumber").lstrip("0") if nature else "",
        location="" if place is None else (place.text or "").strip(),
    )  # fmt: skip


def _classes(info: Element | None) -> str:
    path = "dataSetInformation/classificationInformation/classification/class"
    found = [] if info is None else _all(info, path)
    return "/".join((one.text or "").strip() for one in found)
