r"""A carbon footprint from a bill of materials, by rules alone: the same bill, the same answer.

Each item is matched to a process of the background by its words, or, where there is none, to an
industry of the table with its price; the items become a study (`goal.Study`) that can be saved,
edited and run again; and every choice on the way is an assumption with its effect. The bill takes
from the background and gives nothing back, so with the multipliers :math:`\lambda` of one adjoint
solve the score is :math:`\sum_i a_i \lambda_{p(i)}`, and taking item i from q instead of p changes
it by exactly :math:`a_i (\lambda_q - \lambda_p)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from mriocarbon.errors import InputError
from mriocarbon.lca.assign import Found, assigned, country, priced_in_table
from mriocarbon.lca.assumptions import Assumption
from mriocarbon.lca.bill import STAGES, Bill, bill_of, question, read_bill
from mriocarbon.lca.ecospold1 import Library
from mriocarbon.lca.effects import assumptions_of
from mriocarbon.lca.foreground import background_of
from mriocarbon.lca.goal import Study, study_of
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.match import THRESHOLD, Matcher, same_place
from mriocarbon.lca.plausible import warnings_of
from mriocarbon.lca.study import Assessment, run
from mriocarbon.lca.usable import Priced, priced
from mriocarbon.lca.within import within

__all__ = ["Automatic", "Ready", "auto", "matches", "ready", "study_of_bill", "to_yaml"]

Say = Callable[[str], None]
Source = Bill | Mapping[str, Any] | Sequence[Any] | str | Path
TABLE = "oecd-icio-2022"


@dataclass(frozen=True, eq=False)
class Automatic(Assessment):
    """A finished study made from a bill: an `Assessment` with what it was made from.

    Attributes
    ----------
    bill : Bill
    found : tuple of Found
        What each item was taken from, with scores and runners-up.
    """

    bill: Bill | None = None
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, eq=False)
class Ready:
    """A background ready for many bills.

    Attributes
    ----------
    background : tuple of plain values
        As `Study.background` takes it.
    libraries : tuple of Library
    priced : Priced
    matcher : Matcher
    choose : mapping of product to process
    home : str
        ISO 3166 alpha-3 of the country that most of its processes are of; "" if none is.
    """

    background: tuple[Any, ...]
    libraries: tuple[Library, ...]
    priced: Priced
    matcher: Matcher
    choose: Mapping[str, str]
    home: str


def ready(
    background: Sequence[str | Mapping[str, Any]] = ("us-lci",),
    *,
    gwp: str = "AR6",
    horizon: int = 100,
    unspecified: str = "fossil",
    folder: Path | str = ".",
) -> Ready:
    """Return a background ready to be searched and taken from.

    Parameters
    ----------
    background : sequence of str or mapping
        As in a study: "us-lci", or a mapping with kind and path.
    gwp, horizon, unspecified
        As in `Scope`.
    folder : path
        Paths of the background are relative to it.
    """
    items = tuple(b if isinstance(b, str) else tuple(sorted(b.items())) for b in background)
    return _ready(items, gwp, horizon, unspecified, str(folder))


@lru_cache(maxsize=4)
def _ready(items: tuple[Any, ...], gwp: str, horizon: int, unspecified: str, folder: str) -> Ready:
    given = tuple(b if isinstance(b, str) else dict(b) for b in items)
    study = study_of({
        "title": "background", "goal": {"question": "none"}, "background": list(given),
        "scope": {"boundary": "cradle-to-gate",
                  "functional_unit": {"product": "none", "amount": 1, "unit": "kg"}},
    })  # fmt: skip
    libraries = background_of(study, Path(folder))
    processes = [p for library in libraries for p in library.processes]
    home = _home(processes)
    choose = _power(processes, home)
    made = priced(processes, choose=choose, gwp=gwp, horizon=horizon, unspecified=unspecified)
    return Ready(given, libraries, made, Matcher(made.processes), choose, home)


def _home(processes: Sequence[Process]) -> str:
    """The country of most processes."""
    count: dict[str, int] = {}
    for process in processes:
        if len(process.location) == 2:
            count[process.location] = count.get(process.location, 0) + 1
    if not count:
        return ""
    try:
        return country(max(sorted(count), key=count.__getitem__))
    except InputError:
        return ""


def _power(processes: Sequence[Process], home: str) -> dict[str, str]:
    """Of several grids the newest of the country that most processes are of."""
    makers: dict[str, list[Process]] = {}
    for process in processes:
        if process.product.casefold().startswith("electricity"):
            makers.setdefault(process.product, []).append(process)
    chosen = {}
    for product, several in makers.items():
        own = [p for p in several if home and same_place(p.location, home) == 2]
        if len(several) > 1 and own:
            chosen[product] = min(own, key=lambda p: (-(p.year or 0), p.name)).name
    return chosen


def _scores(found: Found, processes: Mapping[str, Process], place: str, year: int) -> list[int]:
    """Pedigree scores of one exchange, from what is known of its match."""
    if found.candidate is None:
        return [3, 3, 2 if abs(year - 2022) < 3 else 3, 1, 4]
    process = processes[found.candidate.process]
    age = abs(year - process.year) if process.year else None
    temporal = 5 if age is None else 1 + sum(age >= limit for limit in (3, 6, 10, 15))
    where = country(found.item.location) or place
    fit = same_place(process.location, where) if where else 0
    score = found.candidate.score
    technology = 1 if score >= 0.95 else 2 if score >= 0.8 else 3 if score >= 0.65 else 4
    return [3, 3, temporal, {2: 1, 1: 2, 0: 4}[fit], technology]


def study_of_bill(
    bill: Bill,
    found: Sequence[Found],
    prepared: Ready,
    *,
    place: str = "",
    year: int = 2022,
    table: str = TABLE,
    gwp: str = "AR6",
    horizon: int = 100,
    unspecified: str = "fossil",
    draws: int = 1000,
) -> Study:
    """Return the study that a bill makes: what `auto` runs, to be saved and edited.

    Parameters
    ----------
    bill : Bill
    found : sequence of Found
        Of `assign.assigned`.
    prepared : Ready
    place, year, table, gwp, horizon, unspecified, draws
        As for `auto`.

    Returns
    -------
    Study
        For the functional unit of the bill; its background is that of `prepared`.

    Raises
    ------
    InputError
        What is made of it does not fit the schema of a study; every fault is named.

    Notes
    -----
    Pedigree scores follow from the match: the age of the process, whether its place is that of
    the item, and the score of the words; reliability and completeness are held at 3.

    Examples
    --------
    >>> prepared = ready()
    >>> hook = question("carbon footprint of a hook with 0.2 kg steel")
    >>> found = assigned(hook, prepared.matcher, prepared.priced, place="USA")
    >>> study = study_of_bill(hook, found, prepared, place="USA")
    >>> study.title, [p.name for p in study.processes]
    ('hook, from its bill of materials', ['hook', 'hook, materials'])
    """
    processes = {p.name: p for p in prepared.priced.processes}
    stages = [s for s in STAGES if any(f.item.stage == s for f in found)]
    specs: list[dict[str, Any]] = []
    main: dict[str, Any] = {
        "name": bill.product, "product": bill.product, "amount": bill.amount, "unit": bill.unit,
        "location": place, "stage": "assembly", "source": bill.source or "bill of materials",
        "inputs": [],
    }  # fmt: skip
    for stage in stages:
        name = f"{bill.product}, {stage}"
        inputs = [_flow(f, processes, place, year) for f in found if f.item.stage == stage]
        specs.append({
            "name": name, "product": name, "amount": 1, "unit": "piece", "stage": stage,
            "location": place, "source": bill.source or "bill of materials", "inputs": inputs,
        })  # fmt: skip
        main["inputs"].append({
            "flow": name, "amount": 1, "unit": "piece", "provider": name, "source": "bill",
            "gsd2": 1.0,
        })  # fmt: skip
    starts = [f.process for f in found if f.process]
    rules: dict[str, Any] = {k: v if isinstance(v, str) else dict(v)
                             for k, v in prepared.priced.rules.items()}  # fmt: skip
    reach: set[str] = set()
    if starts:
        reach = {p.name for p in within(prepared.priced.processes, starts, allocation=rules,
                                        choose=prepared.choose)}  # fmt: skip
    rules = {name: rule for name, rule in rules.items() if name in reach}
    products = {processes[name].product for name in reach}
    # a process left out counts as of the library it stands in
    whole = []
    for one in prepared.background:
        plain = {"kind": one} if isinstance(one, str) else dict(one)
        if len(prepared.background) == 1:
            plain["leave_out"] = list(prepared.priced.leave_out)
        whole.append(plain)
    ends = [s for s in stages if s in {"use", "end of life"}]
    raw: dict[str, Any] = {
        "title": f"{bill.product}, from its bill of materials",
        "goal": {
            "question": f"What is the carbon footprint of {bill.amount:g} {bill.unit} of"
                        f" {bill.product}?",
            "reason": "estimate from a bill of materials, by rules", "audience": "the user",
        },
        "scope": {
            "functional_unit": {
                "product": bill.product, "amount": bill.amount, "unit": bill.unit,
                "description": bill.description, "process": bill.product,
            },
            "boundary": "cradle-to-grave" if ends else "cradle-to-gate",
            "stages": stages, "allocation": rules or None, "gwp": gwp, "horizon": horizon,
            "unspecified_carbon": unspecified, "year": year, "place": place,
            "excluded": _excluded(stages),
        },
        "processes": [main, *specs],
        "background": whole,
        "choose": {k: v for k, v in prepared.choose.items() if k in products},
        "several": "mix", "missing": "leave", "draws": draws,
    }  # fmt: skip
    if any(f.sector for f in found):
        raw["hybrid"] = {"table": table, "region": place}
    return study_of(raw, where=f"bill of {bill.product!r}")


def _excluded(stages: Sequence[str]) -> list[str]:
    gone = [f"{stage}: the bill lists nothing" for stage in STAGES if stage not in stages]
    return [*gone, "shaping of materials into parts, where no process of the bill does it"]


def _flow(found: Found, processes: Mapping[str, Process], place: str, year: int) -> dict[str, Any]:
    item = found.item
    flow: dict[str, Any] = {
        "flow": item.name, "amount": found.amount, "unit": found.unit,
        "source": item.source or "bill of materials",
        "pedigree": _scores(found, processes, place, year),
    }  # fmt: skip
    if item.gsd2 is not None:
        flow["gsd2"] = item.gsd2
    if found.candidate is not None:
        maker = found.candidate.process
        product = processes[maker].product if maker in processes else ""
        return flow | {"provider": maker} | (
            {"made_as": product} if product not in {"", item.name} else {}
        )  # fmt: skip
    # money, so that no unit of the item stands in the way
    return flow | {"amount": priced_in_table(found), "unit": "USD", "sector": found.sector,
                   "location": found.region}  # fmt: skip


def to_yaml(study: Study) -> str:
    """Return a study as YAML that `goal.read_study` reads back to the same study.

    Parameters
    ----------
    study : Study

    Returns
    -------
    str
        Without what is left at its default.

    Examples
    --------
    >>> study = study_of({"title": "x", "goal": {"question": "?"}, "background": "us-lci",
    ...     "scope": {"boundary": "cradle-to-gate",
    ...               "functional_unit": {"product": "x", "amount": 1, "unit": "kg"}}})
    >>> import yaml
    >>> study_of(yaml.safe_load(to_yaml(study))) == study
    True
    """
    import yaml

    data = study.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def matches(found: Automatic) -> list[dict[str, str | float]]:
    """Return one row for each item: what it was taken from, scores, and the candidates.

    Parameters
    ----------
    found : Automatic
    """
    made: list[dict[str, str | float]] = []
    for one in found.found:
        row: dict[str, str | float] = {
            "item": one.item.name, "amount": one.item.amount, "unit": one.item.unit,
            "stage": one.item.stage,
            "status": one.match.status if one.match is not None else "named in the bill",
            "process": one.process, "sector": one.sector, "region": one.region,
            "score": round(one.score, 4), "bridge": one.bridge,
            "why no process": one.match.why if one.match is not None else "",
        }  # fmt: skip
        candidates = one.match.candidates if one.match is not None else ()
        for k in range(3):
            row[f"candidate {k + 1}"] = candidates[k].process if k < len(candidates) else ""
            row[f"score {k + 1}"] = round(candidates[k].score, 4) if k < len(candidates) else ""
        row["industries"] = "; ".join(f"{i.sector} {i.score:.2f}" for i in one.industries)
        made.append(row)
    return made


def _bill(source: Source) -> Bill:
    if isinstance(source, Bill):
        return source
    if isinstance(source, Path):
        return read_bill(source)
    if isinstance(source, str):
        path = source.casefold().endswith((".yaml", ".yml", ".csv"))
        return read_bill(source) if path else question(source)
    if isinstance(source, Mapping):
        return bill_of(dict(source))
    if isinstance(source, Sequence):
        return bill_of([i.model_dump() if hasattr(i, "model_dump") else i for i in source])
    raise InputError(f"a bill is {type(source).__name__}", where="lca.auto",
                     do="give a question, a path, a mapping or a list of items")  # fmt: skip


def auto(
    bill: Source,
    *,
    place: str = "",
    year: int | None = None,
    table: str = TABLE,
    background: Sequence[str | Mapping[str, Any]] = ("us-lci",),
    gwp: str = "AR6",
    horizon: int = 100,
    unspecified: str = "fossil",
    threshold: float = THRESHOLD,
    draws: int = 1000,
    folder: Path | str = ".",
    progress: Say | None = None,
) -> Automatic:
    """Do a product carbon footprint from a bill of materials, without asking anything.

    Parameters
    ----------
    bill : Bill, path, str, mapping or list of items
        A bill of materials, its .yaml or .csv file, or a question with a list in it
        (`bill.question`).
    place : str
        Country where the product is made and its items come from; that of the bill if not given.
    year : int, optional
        Of the study; that of the bill, or 2022.
    table : str
        Stands in where no process is found, for items with a price.
    background : sequence of str or mapping
        Where processes come from; see `ready`.
    gwp, horizon, unspecified
        As in `Scope`.
    threshold : float
        Lowest score at which a process is taken.
    draws : int
        Of the Monte Carlo.
    folder : path
        Paths of the background are relative to it.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Automatic
        With every assumption and its effect on the result, kg CO2e.

    Raises
    ------
    NotAvailableError
        Items that neither a process nor an industry with a price provides; all are listed.
    InputError, UnitError, UnknownNameError, DataFileError

    Notes
    -----
    Nothing is drawn at random but the Monte Carlo, which has a seed: the same bill gives the same
    study, the same matches and the same result.

    Examples
    --------
    >>> found = auto("carbon footprint of a hook with 0.2 kg steel", place="USA")
    >>> found.found[0].process, round(found.found[0].score, 2)
    ('Steel, billets, at plant', 0.82)
    >>> round(found.total, 3)
    0.41
    """
    tell = progress or (lambda _: None)
    made = _bill(bill)
    where = country(place or made.place)
    when = year or made.year or 2022
    tell("reading the background")
    prepared = ready(background, gwp=gwp, horizon=horizon, unspecified=unspecified, folder=folder)
    if made.product in {p.name for p in prepared.priced.processes}:
        raise InputError(
            f"the product is named as a process of the background: {made.product!r}",
            where="bill", do="give the product another name",
        )  # fmt: skip
    tell("matching the items")
    found = assigned(made, prepared.matcher, prepared.priced, place=where, threshold=threshold,
                     table=bool(table))  # fmt: skip
    study = study_of_bill(
        made, found, prepared, place=where, year=when, table=table, gwp=gwp, horizon=horizon,
        unspecified=unspecified, draws=draws,
    )  # fmt: skip
    done = run(study, folder=folder, progress=progress)
    tell("effects of the assumptions")
    mine = assumptions_of(found, study, prepared.priced, done)
    # what the study's own list says in general is said here item by item
    both = sorted([*mine, *done.assumptions], key=_rank)
    values = {f.name: getattr(done, f.name) for f in fields(Assessment)}
    values |= {
        "assumptions": tuple(both),
        "checks": (*done.checks, *warnings_of(found, prepared.priced)),
    }
    return Automatic(**values, bill=made, found=found)


def _rank(one: Assumption) -> tuple[bool, float]:
    return one.effect is None, -abs(one.effect or 0.0)
