"""A study from question to interpretation: four steps, every one of them checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mriocarbon import __version__
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.lca.assumptions import Assumption, assumptions
from mriocarbon.lca.checks import Check, worst
from mriocarbon.lca.comparison import Comparison, compared
from mriocarbon.lca.goal import Study, read_study, study_of
from mriocarbon.lca.impact import Climate, climate, gwp_method
from mriocarbon.lca.interpret import Interpretation, drawn_of, interpret
from mriocarbon.lca.lci import LCI
from mriocarbon.lca.prepare import Prepared, prepare
from mriocarbon.lca.scoping import goal_checks, inventory_checks
from mriocarbon.lca.system import System
from mriocarbon.lca.unlisted import unlisted
from mriocarbon.model.brief import brief, interval
from mriocarbon.model.checked import whole
from mriocarbon.model.provenance import Source

__all__ = ["Assessment", "compare", "examples", "find_study", "run"]

STUDIES = Path(__file__).parent / "studies"
Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Assessment:
    """A finished study.

    Attributes
    ----------
    study : Study
    prepared : Prepared
        Inventory: what was read, filled, linked and solved.
    climate : Climate
    interpretation : Interpretation
    checks : tuple of Check
        Of all four steps, in their order.
    assumptions : tuple of Assumption
        With their effects.
    sources : tuple of Source
    sha256 : str
        Of the study's file; "" where the study was no file.
    version : str
        Of the package.
    comparison : Comparison or None
        With the study that `Study.compare` names.
    """

    study: Study
    prepared: Prepared
    climate: Climate
    interpretation: Interpretation
    checks: tuple[Check, ...]
    assumptions: tuple[Assumption, ...]
    sources: tuple[Source, ...]
    sha256: str = ""
    version: str = __version__
    comparison: Comparison | None = None

    @property
    def system(self) -> System:
        """The linked processes."""
        return self.prepared.system

    @property
    def lci(self) -> LCI:
        """The inventory."""
        return self.prepared.lci

    @property
    def total(self) -> float:
        """kg CO2e for the functional unit."""
        return self.climate.total

    @property
    def interval(self) -> tuple[float, float] | None:
        """The middle 95 % of the draws, kg CO2e; None where nothing has a distribution."""
        wide = self.interpretation.spread
        return None if wide is None else wide.interval

    @property
    def seed(self) -> int:
        """Of the draws."""
        return self.study.seed

    @property
    def status(self) -> str:
        """The gravest status of all checks."""
        return worst(self.checks)

    @property
    def left_out(self) -> str:
        """One sentence on what is not in the result; "" where everything is."""
        gaps = self.interpretation.completeness
        if not gaps.left:
            return ""
        parts = []
        if any(one.estimate is not None for one in gaps.left):
            most = "at most " if gaps.bound else ""
            parts.append(f"estimated to add {most}{gaps.estimated:.4g} kg CO2e")
        if gaps.unknown:
            parts.append(f"{gaps.unknown} of unknown effect")
        things = "1 thing" if len(gaps.left) == 1 else f"{len(gaps.left)} things"
        return f"Not in the result: {things} left out, {', '.join(parts)}."

    def __repr__(self) -> str:
        unit = self.study.scope.functional_unit
        ends = self.interval
        total = f"{self.total:.4g}" if ends is None else interval(self.total, *ends)
        return brief(
            self, self.study.title[:80],
            f"{total} kg CO2e for {unit.amount:g} {unit.unit} {unit.product[:80]}",
            f"checks {self.status}",
        )  # fmt: skip


def run(
    study: Study | str | Path,
    *,
    folder: Path | str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    progress: Say | None = None,
) -> Assessment:
    """Do a product carbon footprint from goal and scope to interpretation.

    Parameters
    ----------
    study : Study, path or str
        A study, its YAML file, or the name of an example (`examples`).
    folder : path, optional
        What paths inside a `Study` are relative to; the folder of the file, or the working one.
    draws, seed : int, optional
        Instead of the study's own.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Assessment

    Raises
    ------
    NotAvailableError
        Inputs that nothing provides; they are listed.
    InputError, UnitError, LabelError, UnknownNameError, DataFileError

    References
    ----------
    ISO 14040:2006, ISO 14044:2006, ISO 14067:2018.

    Examples
    --------
    >>> from mriocarbon.lca.goal import study_of
    >>> found = run(study_of({
    ...     "title": "Lime", "goal": {"question": "What is the footprint of lime?"},
    ...     "scope": {"boundary": "gate-to-gate",
    ...               "functional_unit": {"product": "lime", "amount": 2, "unit": "t"}},
    ...     "processes": [{"name": "kiln", "product": "lime", "unit": "t", "emissions": [
    ...         {"flow": "Carbon dioxide, fossil", "amount": 785, "unit": "kg", "gsd2": 1.1,
    ...          "source": "stoichiometry"}]}],
    ... }))
    >>> found.total
    1570.0
    """
    tell = progress or (lambda _: None)
    read, where, sha = _opened(study, folder)
    own = {"draws": draws, "seed": seed}
    changed = {name: value for name, value in own.items() if value is not None}
    if changed:
        read = study_of(read.model_dump() | changed, where="draws and seed")
    tell("goal and scope")
    checks = list(goal_checks(read))
    prepared = prepare(read, where, say=tell)
    checks += inventory_checks(prepared)
    tell("impact")
    found = impact(prepared)
    checks += _impact_checks(found)
    told = interpret(prepared, found, missing=unlisted(prepared), say=tell)
    checks += told.checks
    made = assumptions(prepared, found)
    other: Comparison | None = None
    if read.compare:
        tell(f"comparison with {read.compare}")
        second, second_where, _ = _opened(_beside(read.compare, where), None)
        other = compared(
            prepared, prepare(second, second_where), draws=read.draws, seed=read.seed,
            progress=drawn_of(tell, "comparison"),
        )  # fmt: skip
        checks.append(_comparable(other))
    return Assessment(
        read, prepared, found, told, tuple(checks), made, prepared.sources, sha, comparison=other
    )


def compare(
    first: Study | str | Path,
    second: Study | str | Path,
    *,
    folder: Path | str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    progress: Say | None = None,
) -> Comparison:
    """Compare two studies of one functional unit in one system, with paired draws.

    Parameters
    ----------
    first, second : Study, path or str
    folder : path, optional
        As for `run`.
    draws, seed : int, optional
        Those of the first study if not given.
    progress : callable, optional

    Returns
    -------
    Comparison
        kg CO2e for one functional unit, with the difference, first less second, draw by draw.

    Raises
    ------
    InputError
        The functional units, boundaries or potentials differ: no comparison would be fair.
    NotAvailableError
        Inputs are missing, or nothing has a distribution.

    Examples
    --------
    >>> from mriocarbon.lca.goal import study_of
    >>> def lime(title, co2):
    ...     return study_of({
    ...         "title": title, "goal": {"question": "What is the footprint of lime?"},
    ...         "scope": {"boundary": "gate-to-gate",
    ...                   "functional_unit": {"product": "lime", "amount": 1, "unit": "t"}},
    ...         "processes": [{"name": title, "product": "lime", "unit": "t", "emissions": [
    ...             {"flow": "Carbon dioxide, fossil", "amount": co2, "unit": "kg", "gsd2": 1.1,
    ...              "source": "assumed"}]}],
    ...     })
    >>> found = compare(lime("old kiln", 1200), lime("new kiln", 900), draws=200)
    >>> found.totals, found.difference, found.share_lower
    ((1200.0, 900.0), 300.0, 0.0)
    """
    tell = progress or (lambda _: None)
    made = []
    for one in (first, second):
        read, where, _ = _opened(one, folder)
        tell(read.title)
        made.append(prepare(read, where, say=tell))
    tell("paired draws")
    study = made[0].study
    if draws is not None:
        whole("draws", draws, least=100, where="lca.compare")  # as `Study.draws`
    return compared(
        made[0], made[1],
        draws=study.draws if draws is None else draws,
        seed=study.seed if seed is None else seed, progress=drawn_of(tell, "paired draws"),
    )  # fmt: skip


def impact(prepared: Prepared) -> Climate:
    """Return the climate impact of an inventory by the potentials of its scope."""
    scope = prepared.study.scope
    method = gwp_method(
        prepared.system, scope.gwp, horizon=scope.horizon, unspecified=scope.unspecified_carbon
    )
    return climate(prepared.lci, method)


def examples() -> dict[str, Path]:
    """Return the example studies that run on embedded data, by name.

    Returns
    -------
    dict of str to Path
        The YAML file of each; `run` takes the names as they are.

    Examples
    --------
    >>> all(path.suffix == ".yaml" for path in examples().values())
    True
    """
    return {path.stem: path for path in sorted(STUDIES.glob("*.yaml"))}


def find_study(name: str | Path) -> Path:
    """Return the file of a study: a path, or the name of an example.

    Raises
    ------
    UnknownNameError
    """
    path = Path(name)
    if path.suffix or path.exists() or len(path.parts) > 1:
        return path
    known = examples()
    if str(name) not in known:
        raise UnknownNameError.of("example study", str(name), known,
                                  do="(or give the path of a .yaml file)")  # fmt: skip
    return known[str(name)]


def _opened(study: Study | str | Path, folder: Path | str | None) -> tuple[Study, Path, str]:
    if isinstance(study, Study):
        return study, Path(folder or "."), ""
    if not isinstance(study, (str, Path)):
        raise InputError(f"a study is {type(study).__name__}", where="lca.run",
                         do="give a Study, a path, or the name of an example")  # fmt: skip
    path = find_study(study)
    read = read_study(path)
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    return read, Path(folder) if folder is not None else path.parent, sha


def _beside(name: str, folder: Path) -> Path | str:
    """A second study: beside the first, or an example."""
    return folder / name if (folder / name).exists() else name


def _comparable(found: Comparison) -> Check:
    return Check("interpretation", "equivalence of the two studies",
                 "warn" if found.unlike else "pass",
                 f"they differ in {'; '.join(found.unlike)}" if found.unlike else
                 "one functional unit, boundary, allocation, cut-off, year and set of potentials",
                 "ISO 14044:2006, 4.2.3.7", {"differences": len(found.unlike)})  # fmt: skip


def _impact_checks(found: Climate) -> list[Check]:
    clause = "ISO 14067:2018, 6.5"
    parts = found.parts
    gases = sum(found.by_gas.values())
    size = sum(abs(v) for v in (*parts.values(), *found.by_gas.values()))
    gap = abs(sum(parts.values()) - gases)
    made = [
        Check("impact", "parts of ISO 14067 apart", "pass" if gap <= 1e-9 * size else "fail",
              "; ".join(f"{name} {value:.4g} kg CO2e" for name, value in parts.items())
              + f"; they miss the sum of all gases by {gap:.1e}", "ISO 14067:2018, 7.2",
              {"gap, kg CO2e": gap} | {f"{name}, kg CO2e": v for name, v in parts.items()}),
    ]  # fmt: skip
    if found.not_counted:
        names = "; ".join(
            f"{flow.name} {amount:.3g} {flow.unit} ({why})"
            for flow, amount, why in found.not_counted[:5]
        )
        made.append(
            Check("impact", "flows without a factor", "warn",
                  f"{len(found.not_counted)} flows that may warm are not counted: {names}",
                  clause, {"flows": len(found.not_counted)})
        )  # fmt: skip
    else:
        made.append(Check("impact", "flows without a factor", "pass",
                          "no flow that may warm lacks one", clause))  # fmt: skip
    if found.assumed:
        part = sum(abs(v) for v in found.assumed.values())
        share = part / abs(found.total) if found.total else 0.0
        made.append(
            Check("impact", "origin of carbon", "warn" if share > 0.05 else "pass",
                  "; ".join(f"{text}: {value:.4g} kg CO2e" for text, value in
                            found.assumed.items()),
                  "ISO 14067:2018, 6.4.9", {"assumed, %": 100 * share})
        )  # fmt: skip
    else:
        made.append(Check("impact", "origin of carbon", "pass", "stated for every flow",
                          "ISO 14067:2018, 6.4.9"))  # fmt: skip
    if not any(found.by_gas.values()):
        made.append(Check("impact", "greenhouse gases", "fail",
                          "no greenhouse gas occurs in the whole system: the result of zero is"
                          " an empty inventory", clause))  # fmt: skip
    return made
