"""The processes of a study: those it holds itself, inline or in files, and its background.

What a schema of plain values says (`goal.ProcessSpec`) becomes what can be linked
(`inventory.Process`). An input with a `sector` is bought from an industry of the table: it comes
out in money, with the provider `money_name(sector, region)`, for which `hybrid.fill` makes the
process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from mriocarbon.errors import DataFileError, InputError, LabelError, UnitError, UnknownNameError
from mriocarbon.lca.ecospold1 import Library, read_ecospold1, us_lci
from mriocarbon.lca.foreground_files import Placed, read_specs
from mriocarbon.lca.goal import Background, FlowSpec, ProcessSpec, Study
from mriocarbon.lca.hybrid_money import money_name
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.sense import refuse_nonsense
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.lca.units import compatible, convert
from mriocarbon.uncertainty.pedigree import Pedigree

__all__ = ["Foreground", "background_of", "foreground_of", "process_of"]

_LISTS = {
    # list of the schema: kind and direction of the exchange
    "inputs": ("technosphere", "in"),
    "co_products": ("technosphere", "out"),
    "emissions": ("biosphere", "out"),
    "resources": ("biosphere", "in"),
    "waste": ("waste", "out"),
    "treats": ("waste", "in"),
}
_ONLY = {
    # what makes sense in which lists
    "provider": ("inputs", "waste", "co_products", "treats"),
    "made_as": ("inputs", "waste"),
    "sector": ("inputs", "waste"),
    "price": ("inputs", "waste", "co_products", "treats"),
    "compartment": ("emissions", "resources"),
    "carbon": ("emissions", "resources"),
}
MONEY = "USD"


@dataclass(frozen=True, eq=False)
class Foreground:
    """What a study holds itself.

    Attributes
    ----------
    processes : tuple of Process
    specs : mapping of process name to ProcessSpec
        As they were given, with `sector`, `price` and the sectors of the inputs. Processes from
        openLCA JSON-LD have none.
    places : mapping of process name to str
        File and line of each process; ``"study"`` for those in the study itself.
    notes : tuple of str
        What was odd in the files.
    shares : mapping of process name to mapping of product to share
        How openLCA packages allocate, where they say so; not applied (see `Library`).
    """

    processes: tuple[Process, ...]
    specs: Mapping[str, ProcessSpec]
    places: Mapping[str, str]
    notes: tuple[str, ...] = ()
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def foreground_of(study: Study, folder: Path) -> Foreground:
    """Return the foreground of a study with what it was made from.

    Parameters
    ----------
    study : Study
    folder : Path
        Paths in ``study.foreground`` are relative to it.

    Returns
    -------
    Foreground
        Its processes: those of the study first, then those of each file.

    Raises
    ------
    DataFileError
        A file is missing or cannot be read; with its line.
    InputError, UnitError, LabelError
        A process that makes no sense (`sense.refuse_nonsense`); the text names process, file and
        line.

    Examples
    --------
    >>> from mriocarbon.lca.goal import study_of
    >>> study = study_of({
    ...     "title": "steel", "goal": {"question": "How much?"},
    ...     "scope": {"functional_unit": {"product": "steel", "amount": 1, "unit": "t"},
    ...               "boundary": "cradle-to-gate", "place": "CHN"},
    ...     "processes": [{"name": "mill", "product": "steel", "unit": "t", "inputs": [
    ...         {"flow": "ore", "amount": 1.6, "unit": "t", "sector": "Mining", "price": 100}]}]})
    >>> ore = foreground_of(study, Path(".")).processes[0].exchanges[0]
    >>> ore.amount, ore.unit, ore.provider
    (160.0, 'USD', 'Mining, CHN [table]')
    """
    region = (study.hybrid.region if study.hybrid else "") or study.scope.place
    placed = [Placed(spec, "study") for spec in study.processes]
    made: list[tuple[Process, str]] = []
    notes: list[str] = []
    shares: dict[str, Mapping[str, float]] = {}
    for name in study.foreground:
        path = folder / name
        if path.suffix.lower() in {".yaml", ".yml", ".csv"}:
            placed += read_specs(path)
            continue
        library = _json_ld(path)
        made += [(process, path.name) for process in library.processes]
        notes += [f"{path.name}: {note}" for note in library.notes]
        shares |= library.shares
    rates = tuple(study.hybrid.rates) if study.hybrid else ()
    processes = [(process_of(one.spec, region=region, where=one.where, rates=rates), one.where)
                 for one in placed]  # fmt: skip
    processes += made
    places: dict[str, str] = {}
    for process, where in processes:
        if process.name in places:
            raise LabelError(
                f"two processes named {process.name!r}",
                where=f"{places[process.name]} and {where}", do="give each a name of its own",
            )  # fmt: skip
        places[process.name] = where
    refuse_nonsense((process for process, _ in processes), where=places)
    return Foreground(
        tuple(process for process, _ in processes),
        MappingProxyType({one.spec.name: one.spec for one in placed}),
        MappingProxyType(places),
        tuple(notes),
        MappingProxyType(shares),
    )


def process_of(
    spec: ProcessSpec, *, region: str = "", where: str = "study", rates: Collection[str] = ()
) -> Process:
    """Return the process that a specification describes.

    Parameters
    ----------
    spec : ProcessSpec
    region : str
        Region of the table for inputs with a sector and without a location.
    where : str
        For errors: the file and line it comes from.
    rates : collection of str
        Currencies beside USD that `HybridSpec.rates` brings to money of the table; inputs with a
        sector stay in theirs until `hybrid.fill` does so.

    Returns
    -------
    Process
        A price of the product becomes its property ``"price"``, by which co-products are
        allocated.

    Raises
    ------
    InputError
        Fields that contradict one another; a price in another currency than its neighbours.
    UnitError
        A missing unit; an input with a sector that is neither money nor priced.

    Examples
    --------
    >>> kiln = process_of(ProcessSpec(
    ...     name="kiln", product="clinker", unit="t",
    ...     emissions=[{"flow": "Carbon dioxide, fossil", "amount": 0.85, "unit": "t",
    ...                 "compartment": "air", "pedigree": [1, 1, 1, 1, 1], "gsd2": 1.05}]))
    >>> kiln.exchanges[0].kind, round(kiln.exchanges[0].spread.spread, 4)
    ('biosphere', 0.0244)
    """
    properties = dict(spec.properties)
    if spec.price is not None:
        properties.setdefault("price", spec.price)
    try:
        _one_currency(spec)
        exchanges = [
            _exchange(flow, name, region, rates) for name in _LISTS for flow in getattr(spec, name)
        ]
        return Process(
            spec.name, spec.product, spec.amount, spec.unit, tuple(exchanges),
            location=spec.location, year=spec.year, stage=spec.stage, tags=spec.tags,
            source=spec.source, comment=spec.comment, properties=properties,
        )  # fmt: skip
    except (InputError, UnitError) as error:
        raise type(error)(
            error.what, where=f"{where}, process {spec.name!r}, {error.where}", do=error.do
        ) from None


def _one_currency(spec: ProcessSpec) -> None:
    """Prices that are weighed against one another must be in one currency."""
    priced = [(f.flow, f.currency) for f in spec.co_products if f.price is not None]
    if spec.price is not None:
        priced.append((spec.product, spec.currency))
    if len({currency for _, currency in priced}) > 1:
        raise InputError(
            f"prices in several currencies: {', '.join(f'{n} {c}' for n, c in priced)}",
            where="co_products", do="give the prices of all products in one currency",
        )  # fmt: skip


def _exchange(flow: FlowSpec, group: str, region: str, rates: Collection[str]) -> Exchange:
    kind, direction = _LISTS[group]
    where = f"{group}, exchange {flow.flow!r}"
    for name, groups in _ONLY.items():
        if getattr(flow, name) and group not in groups:
            raise InputError(f"{name} of {flow.flow!r}, which is among the {group}", where=where,
                             do=f"{name} belongs to {' and '.join(groups)}")  # fmt: skip
    if flow.sector and flow.provider:
        raise InputError(
            f"{flow.flow!r} has a provider and a sector", where=where,
            do="name the process that makes it, or the industry of the table, not both",
        )  # fmt: skip
    if flow.made_as and not flow.provider:
        raise InputError(f"{flow.flow!r} is made as {flow.made_as!r} by no provider", where=where,
                         do="name the process that makes it as provider")  # fmt: skip
    properties = dict(flow.properties)
    if flow.price is not None and not flow.sector:
        properties.setdefault("price", flow.price)
    one = Exchange(
        flow.flow, flow.amount, flow.unit, kind, direction,
        compartment=flow.compartment, provider=flow.provider, location=flow.location,
        source=flow.source, carbon=flow.carbon, properties=properties,
        pedigree=Pedigree(flow.pedigree) if flow.pedigree else None,
        uncertainty=Uncertainty.of_gsd2(flow.gsd2) if flow.gsd2 and flow.gsd2 > 1 else None,
    )  # fmt: skip
    return _bought(one, flow, region, where, rates) if flow.sector else one


def _bought(
    one: Exchange, flow: FlowSpec, region: str, where: str, rates: Collection[str]
) -> Exchange:
    """The exchange in money, from an industry of the table."""
    place = flow.location or region
    if not place:
        raise InputError(
            f"{flow.flow!r} comes from sector {flow.sector!r} of no region", where=where,
            do="give the input a location, or the study scope.place or hybrid.region",
        )  # fmt: skip
    known_money = (MONEY, *rates)
    if flow.currency not in known_money:
        raise InputError(
            f"the price of {flow.flow!r} is in {flow.currency!r}", where=where,
            do=f"give it in {MONEY}, or hybrid.rates: {{{flow.currency}: money of the table for"
            f" one {flow.currency}}}",
        )  # fmt: skip
    money = flow.currency
    if flow.price is None:
        money = next((m for m in known_money if compatible(flow.unit, m)), "")
    if not money:
        raise UnitError(
            f"{flow.flow!r} comes from sector {flow.sector!r} and is in {flow.unit!r}, which is no"
            f" money of a known rate", where=where,
            do=f"give its price in {MONEY} per {flow.unit}; for other money hybrid.rates",
        )  # fmt: skip
    value = convert(flow.unit, money) if flow.price is None else flow.price
    known = dict(one.properties)
    if flow.price is not None:
        # the quantity is not lost: its mass or energy, now per unit of money
        for name, base in (("mass", "kg"), ("energy", "MJ")):
            if name not in known and compatible(flow.unit, base):
                known[name] = convert(flow.unit, base)
    return replace(
        one, amount=flow.amount * value, unit=money, provider=money_name(flow.sector, place),
        properties={name: per / value for name, per in known.items()},
        category=f"prices of {flow.price_year}" if flow.price_year else "",
    )  # fmt: skip


def background_of(study: Study, folder: Path) -> tuple[Library, ...]:
    """Return the libraries of a study's background, without what it leaves out.

    Parameters
    ----------
    study : Study
    folder : Path
        Paths are relative to it.

    Returns
    -------
    tuple of Library
        One for each entry; what was left out is among the notes.

    Raises
    ------
    DataFileError
        Not there or not readable.
    UnknownNameError
        A process to be left out that the library does not hold; with near names.
    NotAvailableError
        A Brightway project, and Brightway is not installed.
    """
    return tuple(_without(_library(one, folder), one.leave_out) for one in study.background)


def _library(one: Background, folder: Path) -> Library:
    if one.kind == "us-lci":
        return us_lci()
    if one.kind == "brightway":
        from mriocarbon.lca.brightway import read_brightway

        return read_brightway(one.project, one.database)
    path = folder / one.path
    if one.kind == "ecospold1":
        return read_ecospold1(path)
    if one.kind == "ilcd":
        from mriocarbon.lca.ilcd import read_ilcd

        return read_ilcd(path)
    return _json_ld(path)


def _json_ld(path: Path) -> Library:
    if not path.exists():
        raise DataFileError(f"no file {path.name}", where=str(path), do="check the path")
    if not path.is_dir() and path.suffix.lower() not in {".zip", ".json"}:
        raise DataFileError(
            f"{path.name} is of no kind that holds processes", where=str(path),
            do="give .yaml, .csv, or a folder or .zip of openLCA JSON-LD",
        )  # fmt: skip
    from mriocarbon.lca.jsonld import read_jsonld

    return read_jsonld(path)


def _without(library: Library, names: Iterable[str]) -> Library:
    gone = set(names)
    known = {process.name for process in library.processes}
    for name in sorted(gone - known):
        raise UnknownNameError.of(
            "process", name, known, do=f"(in leave_out, {library.source.name})"
        )
    if not gone:
        return library
    return replace(
        library,
        processes=tuple(p for p in library.processes if p.name not in gone),
        notes=(*library.notes, *(f"left out by the study: {name}" for name in sorted(gone))),
    )
