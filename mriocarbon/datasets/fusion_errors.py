"""How wrong each source may be, and which sources are wrong together: data with a basis."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from mriocarbon.errors import InputError

__all__ = ["Calibrated", "ErrorModel", "default_errors"]

_FILE = Path(__file__).parent / "fusion_errors.json"
GROUPS = ("annex_i", "other", "least")


@dataclass(frozen=True)
class Calibrated:
    """Persistent disagreement between sources, as estimated for one region from others.

    Attributes
    ----------
    bias_sd : float
        Relative bias of each family of sources beyond its published error, one standard deviation.
    sd : float
        Standard deviation of `bias_sd` itself; NaN where it is 0.
    countries : tuple of str
        It was estimated from these; the region itself is never among them.
    sources : tuple of str
        Sources compared.
    years : tuple of int
    group : str
        Group of countries pooled: the region's own, ``"all"`` where that is too small, ``"none"``
        where nothing could be estimated and the published error stands alone.
    """

    bias_sd: float
    sd: float
    countries: tuple[str, ...]
    sources: tuple[str, ...]
    years: tuple[int, ...]
    group: str

    @property
    def n(self) -> int:
        """Number of countries it was estimated from."""
        return len(self.countries)


@dataclass(frozen=True)
class ErrorModel:
    """Relative errors of sources by group of countries, one standard deviation.

    Attributes
    ----------
    sd : mapping of source to mapping of group to float
        Total relative error, persistent and random together. ``""`` is the default source.
    shared : mapping of (source, source) to mapping of group to float
        Share of the smaller error variance of the two that both have in common, 0 to 1.
    group_of : mapping of region to group
        Regions that are not listed belong to ``"other"``.
    persistent : float
        Share of the variance that is bias, staying from year to year.
    memory : float
        Correlation of the bias with that of the year after.
    between_regions : float
        Correlation of the errors of different regions, for sums only.
    parts : mapping of part to float
        Relative error of a part that does not come from the total, independent between parts.
    together : tuple of frozenset of str
        Sources left out together in validation.
    basis : mapping of str to str
        Where each figure comes from.
    calibrated : mapping of region to Calibrated
        Persistent disagreement on top of `sd`, from `fusion_calibration.calibrate`; none by
        default.

    Examples
    --------
    >>> errors = default_errors()
    >>> errors.of("GCB", "USA"), errors.share("GCB", "UNFCCC", "USA")
    (0.025, 0.95)
    """

    sd: Mapping[str, Mapping[str, float]]
    shared: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    group_of: Mapping[str, str] = field(default_factory=dict)
    persistent: float = 0.75
    memory: float = 0.95
    between_regions: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    together: tuple[frozenset[str], ...] = ()
    basis: Mapping[str, str] = field(default_factory=dict)
    calibrated: Mapping[str, Calibrated] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("sd", "shared", "group_of", "parts", "basis", "calibrated"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        unit = {
            "persistent": self.persistent,
            "memory": self.memory,
            "between_regions": self.between_regions,
            **{f"shared {a}, {b}": v for (a, b), of in self.shared.items() for v in of.values()},
        }
        bad = {name: value for name, value in unit.items() if not 0 <= value <= 1}
        bad |= {
            f"sd of {name or 'default'}": value
            for name, of in self.sd.items()
            for value in of.values()
            if not 0 < value < float("inf")
        }
        if bad:
            raise InputError(
                "errors of sources are out of range: "
                + ", ".join(f"{name} = {value}" for name, value in bad.items()),
                where="ErrorModel",
                do="give shares and correlations from 0 to 1 and standard deviations above 0",
            )

    def group(self, region: str) -> str:
        """Group of countries a region belongs to."""
        return self.group_of.get(region, "other")

    def of(self, source: str, region: str) -> float:
        """Relative error (one standard deviation) of a source in a region."""
        table = self.sd.get(source) or self.sd.get("")
        if table is None:
            raise InputError(
                f"no error is known for source {source!r}",
                where="ErrorModel.sd",
                do="give its sd in the data, or add it to the error model ('' is the default)",
            )
        group = self.group(region)
        return table[group] if group in table else table["other"]

    def bias_sd(self, region: str) -> float:
        """Relative persistent bias of each family of sources beyond its published error."""
        found = self.calibrated.get(region)
        return found.bias_sd if found else 0.0

    def share(self, first: str, second: str, region: str) -> float:
        """Share of the smaller error variance that two sources have in common."""
        if first == second:
            return 1.0
        for pair in ((first, second), (second, first)):
            if pair in self.shared:
                table = self.shared[pair]
                group = self.group(region)
                return table[group] if group in table else table["other"]
        return 0.0

    def part(self, name: str) -> float:
        """Relative error of a part beyond that of the total."""
        return self.parts.get(name, self.parts.get("", 0.0))

    def left_out_with(self, source: str, known: Iterable[str]) -> frozenset[str]:
        """Return the sources that are left out with a source, itself included."""
        out = {source}
        grown = True
        while grown:
            grown = False
            for group in self.together:
                if group & out and not group <= out:
                    out |= group
                    grown = True
        return frozenset(out) & (frozenset(known) | {source})


@cache
def default_errors() -> ErrorModel:
    """Return the error model the package ships, with its citations in ``basis``.

    Examples
    --------
    >>> sorted(default_errors().left_out_with("GCB", ["GCB", "UNFCCC", "CEDS"]))
    ['GCB', 'UNFCCC']
    """
    raw = json.loads(_FILE.read_text(encoding="utf-8"))
    sources = {name: entry["sd"] for name, entry in raw["sources"].items()}
    sources[""] = raw["default"]["sd"]
    basis = {name: entry["basis"] for name, entry in raw["sources"].items()}
    basis |= {
        "default": raw["default"]["basis"],
        "persistent": raw["persistent"]["basis"],
        "between regions": raw["between_regions"]["basis"],
        "groups": raw["groups_basis"],
    }
    for entry in raw["shared"]:
        basis[" and ".join(entry["sources"])] = f"{entry['inputs']}; {entry['basis']}"
    for name, entry in raw["references"].items():
        read = "" if entry["opened"] else " (quoted from memory, not opened)"
        basis[name] = entry["text"] + read
    return ErrorModel(
        sd=sources,
        shared={(e["sources"][0], e["sources"][1]): e["share"] for e in raw["shared"]},
        group_of={iso3: name for name, members in raw["groups"].items() for iso3 in members},
        persistent=raw["persistent"]["share"],
        memory=raw["persistent"]["memory"],
        between_regions=raw["between_regions"]["correlation"],
        parts={name: entry["sd"] for name, entry in raw["parts"].items()},
        together=tuple(frozenset(e["sources"]) for e in raw["shared"] if e["left_out_together"]),
        basis=basis,
    )
