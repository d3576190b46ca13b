"""Records of what was checked: one for each requirement, with its status and its figures.

A step of a study is not described, it is checked: every requirement of ISO 14040, 14044 and 14067
that a program can test leaves one record here, and the report prints the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mriocarbon.errors import InputError

__all__ = ["STATUSES", "STEPS", "Check", "counts", "failed", "worst"]

STEPS = ("goal", "inventory", "impact", "interpretation")
STATUSES = ("pass", "warn", "fail", "skipped")
_NOTHING: Mapping[str, float | int | str] = MappingProxyType({})
_GRAVE = {"pass": 0, "skipped": 1, "warn": 2, "fail": 3}


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement, and whether it is met.

    Attributes
    ----------
    step : {"goal", "inventory", "impact", "interpretation"}
        Phase of the assessment (ISO 14040:2006, clause 4.2).
    name : str
        What was checked, short: ``"mass balance of kiln"``.
    status : {"pass", "warn", "fail", "skipped"}
        "skipped" where it could not be checked; `detail` then says what is missing.
    detail : str
        What was found, in a sentence.
    clause : str
        Where the requirement stands: ``"ISO 14044:2006, 4.2.3.3"``; "" where it is our own.
    figures : mapping of str to number or str
        The numbers behind the status, with the unit in the name: ``"gap, %"``.

    Examples
    --------
    >>> one = Check("inventory", "mass balance", "warn", "3 % of the mass of kiln is missing",
    ...             "ISO 14044:2006, 4.3.3.2", {"gap, %": 3.0})
    >>> one.status, one.figures["gap, %"]
    ('warn', 3.0)
    """

    step: str
    name: str
    status: str
    detail: str = ""
    clause: str = ""
    figures: Mapping[str, float | int | str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        if self.step not in STEPS:
            raise InputError(f"step is {self.step!r}", where="check", do=f"one of {STEPS}")
        if self.status not in STATUSES:
            raise InputError(f"status is {self.status!r}", where=f"check {self.name!r}",
                             do=f"one of {STATUSES}")  # fmt: skip
        if not self.name.strip():
            raise InputError("a check without a name", where="check", do="say what was checked")
        if self.status in {"fail", "skipped"} and not self.detail.strip():
            raise InputError(f"{self.status} without a reason", where=f"check {self.name!r}",
                             do="say what was found or what is missing")  # fmt: skip
        object.__setattr__(self, "figures", MappingProxyType(dict(self.figures)))


def counts(checks: Iterable[Check]) -> dict[str, int]:
    """Return how many checks have each status, in the order of `STATUSES`.

    >>> counts([Check("goal", "unit", "pass")])
    {'pass': 1, 'warn': 0, 'fail': 0, 'skipped': 0}
    """
    found = Counter(check.status for check in checks)
    return {status: found[status] for status in STATUSES}


def failed(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks that failed."""
    return tuple(check for check in checks if check.status == "fail")


def worst(checks: Iterable[Check]) -> str:
    """Return the gravest status: fail, warn, skipped, pass; "skipped" where nothing was checked.

    >>> worst([Check("goal", "unit", "pass"), Check("goal", "review", "warn")])
    'warn'
    """
    return max((check.status for check in checks), key=_GRAVE.__getitem__, default="skipped")
