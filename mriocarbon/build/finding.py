"""What a check found: one finding a check, a report over them."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mriocarbon.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["PASS", "WARN", "FAIL", "SKIPPED"]
STATUSES: tuple[Status, ...] = ("FAIL", "WARN", "SKIPPED", "PASS")  # worst first


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    name : str
        Of the check.
    status : {"PASS", "WARN", "FAIL", "SKIPPED"}
        SKIPPED says that the check could not be made, and `text` says why; it is no pass.
    text : str
        What was found, in one or two sentences.
    figure : float
        The figure that was judged, in `unit`; NaN of a skipped check.
    unit : str
    threshold : float
        What the figure was held against, in `unit`; NaN where there is no single one, and
        `text` says what was asked.
    items : tuple of (label, value)
        The sectors, regions or labels concerned, worst first.
    reference : str
        Author and year of the rule or method.

    Examples
    --------
    >>> Finding("row balance", "PASS", "every row adds up", 0.0, "million USD", 1.0).status
    'PASS'
    """

    name: str
    status: Status
    text: str
    figure: float = math.nan
    unit: str = ""
    threshold: float = math.nan
    items: tuple[tuple[str, float], ...] = ()
    reference: str = ""


@dataclass(frozen=True)
class CheckReport:
    """All findings of `mc.check`, in the order of the checks.

    Attributes
    ----------
    findings : tuple of Finding
    table : str
        What was checked: name, size, year.
    sha256 : str
        Of the source of the table, where its provenance has one.

    Examples
    --------
    >>> report = CheckReport((Finding("labels", "WARN", "a trailing space"),), "a table")
    >>> report.worst, report.ok, report["labels"].text
    ('WARN', True, 'a trailing space')
    """

    findings: tuple[Finding, ...]
    table: str = ""
    sha256: str = ""

    def __getitem__(self, name: str) -> Finding:
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise UnknownNameError.of("check", name, [f.name for f in self.findings])

    @property
    def worst(self) -> Status:
        """FAIL, WARN or PASS; SKIPPED only if no check at all could be made."""
        made = {f.status for f in self.findings} - {"SKIPPED"}
        return next((s for s in STATUSES if s in made), "SKIPPED")

    @property
    def ok(self) -> bool:
        """Whether checks were made and none failed; warnings and skips are still to be read."""
        return self.worst in ("PASS", "WARN")

    @property
    def counts(self) -> dict[str, int]:
        """How many findings have each status."""
        found = Counter(f.status for f in self.findings)
        return {status: found[status] for status in STATUSES}

    def of(self, *statuses: Status) -> tuple[Finding, ...]:
        """Return the findings with one of these statuses."""
        return tuple(f for f in self.findings if f.status in statuses)

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a finding; `items` as text, worst first."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "check": f.name,
                    "status": f.status,
                    "figure": f.figure,
                    "unit": f.unit,
                    "threshold": f.threshold,
                    "text": f.text,
                    "items": "; ".join(f"{label}: {value:.6g}" for label, value in f.items),
                    "reference": f.reference,
                }
                for f in self.findings
            ]
        )

    def to_json(self) -> str:
        """Return the report as JSON: unknown figures are null."""

        def number(value: float) -> float | None:
            return value if math.isfinite(value) else None

        return json.dumps(
            {
                "table": self.table,
                "sha256": self.sha256,
                "worst": self.worst,
                "ok": self.ok,
                "counts": self.counts,
                "findings": [
                    {
                        "name": f.name,
                        "status": f.status,
                        "figure": number(f.figure),
                        "unit": f.unit,
                        "threshold": number(f.threshold),
                        "text": f.text,
                        "items": [[label, number(value)] for label, value in f.items],
                        "reference": f.reference,
                    }
                    for f in self.findings
                ],
            },
            ensure_ascii=False,
            allow_nan=False,
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {status}" for status, n in self.counts.items() if n)
        return f"<CheckReport {self.table}: {counts}>"


def ranked(items: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return (label, value) pairs, the largest in size first.

    Examples
    --------
    >>> ranked([("a", 1.0), ("b", -3.0)])
    [('b', -3.0), ('a', 1.0)]
    """
    return sorted(items, key=lambda item: -abs(item[1]))
