"""What the validation scripts share: a list of comparisons, how each came out, an exit code.

PASS        the computed figure agrees with what the line's source names: a source that was opened
            (to its printed precision), a second computation in the run, or a check value of the
            project that no outsider can see; such a source begins with "internal"
FAIL        it does not agree
NOT MET     a target of the project, or a figure that it set out to reproduce, is missed and said:
            no pass, and no error of the code either, so that it fails no run
UNVERIFIED  the source could not be opened: shown for comparison, never counted as a pass
COMPARED    beside a figure of something else: judged by nobody
SKIPPED     the data for it are not at hand, with the reason
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

STATUSES = ("PASS", "FAIL", "NOT MET", "UNVERIFIED", "COMPARED", "SKIPPED")
KEPT_IN = "MRIOCARBON_VALIDATION_RECORDS"
"""Names the file that a report leaves for `python -m validation`."""


def half_unit(printed: str) -> float:
    """Return half a unit of the last printed digit: the tolerance a printed figure allows.

    >>> half_unit("1.2541"), half_unit("-8.6"), half_unit("+23")
    (5e-05, 0.05, 0.5)
    """
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int), printed
    return float(Decimal(5).scaleb(exponent - 1))


@dataclass(frozen=True)
class Record:
    """One comparison; the texts are empty where it is a fact that holds or not."""

    source: str
    status: str
    what: str
    published: str = ""
    ours: str = ""
    deviation: str = ""
    allowed: str = ""
    why: str = ""


@dataclass
class Report:
    """Comparisons of one script, printed as they are made."""

    title: str
    records: list[Record] = field(default_factory=list)
    _source: str = ""

    def __post_init__(self) -> None:
        print(f"{self.title}\n{'=' * len(self.title)}")

    @property
    def statuses(self) -> list[str]:
        """How the comparisons came out, in their order."""
        return [one.status for one in self.records]

    def source(self, text: str) -> None:
        """Open a section: quote where the expected figures that follow come from."""
        self._source = text
        print(f"\nsource: {text}")

    def say(self, text: str) -> None:
        """Print something that is neither passed nor failed."""
        print(f"  {text}")

    def printed(
        self,
        what: str,
        computed: float,
        expected: str,
        *,
        opened: bool = True,
        tolerance: float | None = None,
        why: str = "printed precision",
    ) -> None:
        """Compare with a figure as printed; half a unit of its last digit is the tolerance."""
        allowed = half_unit(expected) if tolerance is None else tolerance
        deviation = computed - float(expected)
        # A figure right on the edge of rounding belongs to both sides.
        good = bool(abs(deviation) <= allowed * (1 + 1e-9))
        status = ("PASS" if good else "FAIL") if opened else "UNVERIFIED"
        remark = "" if opened else f", {'agrees' if good else 'DISAGREES'}; source not opened"
        self._line(
            status,
            f"{what}: expected {expected}, computed {computed:.10g},"
            f" deviation {deviation:+.2g} (allowed {allowed:.2g}, {why}{remark})",
            what=what, published=expected, ours=f"{computed:.6g}", deviation=f"{deviation:+.2g}",
            allowed=f"{allowed:.2g}", why=why + remark,
        )  # fmt: skip

    def same(self, what: str, computed: ArrayLike, expected: ArrayLike, *, rtol: float) -> None:
        """Compare arrays computed in two ways; every cell must agree to `rtol`.

        Cells below 1e-6 of the largest are measured against that: their relative rounding says
        nothing.
        """
        a, b = np.asarray(computed, dtype=float), np.asarray(expected, dtype=float)
        if a.shape != b.shape:
            shapes = f"{what}: shapes {a.shape} and {b.shape}"
            self._line("FAIL", shapes, what=shapes)
            return
        scale = np.maximum(np.abs(b), 1e-6 * np.abs(b).max(initial=0.0))
        gap = np.abs(a - b)
        worst = float(np.where(gap == 0, 0.0, gap / np.where(scale > 0, scale, 1.0)).max(initial=0))
        finite = bool(np.isfinite(a).all() and np.isfinite(b).all())
        status = "PASS" if finite and worst <= rtol else "FAIL"
        sums = f"expected sum {b.sum():.10g}, computed sum {a.sum():.10g}"
        self._line(
            status,
            f"{what}: {b.size} cells, {sums}, worst relative deviation {worst:.1e}"
            f" (allowed {rtol:.0e})",
            what=f"{what}: {b.size} cells, sums", published=f"{b.sum():.6g}",
            ours=f"{a.sum():.6g}", deviation=f"{worst:.0e} relative, worst cell",
            allowed=f"{rtol:.0e}", why="computed in two ways: rounding of the arithmetic",
        )  # fmt: skip

    def true(
        self, what: str, good: bool, *, value: float | str = "", bound: str = "", why: str = ""
    ) -> None:
        """Note a fact that must hold; with the number behind it, where there is one, and its bound.

        `bound` says in words what `good` asks of the value, as in "at most 1e-12".
        """
        ours = value if isinstance(value, str) else f"{value:.4g}"
        told = "; ".join(part for part in (f"allowed {bound}" if bound else "", why) if part)
        self._line(
            "PASS" if good else "FAIL",
            what + (f": {ours}" if ours else "") + (f" ({told})" if told else ""),
            what=what, ours=ours, allowed=bound, why=why,
        )  # fmt: skip

    def target(
        self, what: str, computed: float, asked: str, *, why: str, least: bool = False
    ) -> None:
        """Compare with a target, to its printed precision, or as the least that is asked.

        A target that is missed is NOT MET: it has its line and its count, and fails no run.
        """
        deviation = computed - float(asked)
        allowed = half_unit(asked) * (1 + 1e-9)
        met = bool(deviation >= 0 if least else abs(deviation) <= allowed)
        goal = f"at least {asked}" if least else asked
        self._line(
            "PASS" if met else "NOT MET",
            f"{what}: target {goal}, computed {computed:.10g}, deviation {deviation:+.2g}; {why}",
            what=what, published=goal, ours=f"{computed:.6g}", deviation=f"{deviation:+.2g}",
            why=why,
        )  # fmt: skip

    def compared(
        self, what: str, computed: float, published: str, why: str, *, told: str = ""
    ) -> None:
        """Put a figure beside one that is not of the same thing, or counted in an unknown way.

        Neither passed nor failed.
        """
        deviation = computed - float(published.split(" to ")[0])
        text = told or f"published {published}, computed {computed:.4g}; not the same thing: {why}"
        self._line(
            "COMPARED", f"{what}: {text}", what=what, published=published, ours=f"{computed:.6g}",
            deviation="" if " to " in published else f"{deviation:+.2g}", why=why,
        )  # fmt: skip

    def skip(self, what: str, why: str) -> None:
        """Note what could not be run, and why."""
        self._line("SKIPPED", f"{what}: {why}", what=what, why=why)

    def _line(self, status: str, text: str, **told: str) -> None:
        self.records.append(Record(self._source, status, **told))
        print(f"  {status:<10} {text}")

    def finish(self) -> int:
        """Print the count; return 1 if anything failed, else 0."""
        count = Counter(self.statuses)
        print("\n" + ", ".join(f"{count[s]} {s}" for s in STATUSES) + "\n")
        if os.environ.get(KEPT_IN):
            kept = {"title": self.title, "records": [asdict(one) for one in self.records]}
            Path(os.environ[KEPT_IN]).write_text(json.dumps(kept), encoding="utf-8")
        return 1 if count["FAIL"] else 0


def data_folder() -> Path | None:
    """Return the folder of source data, or None if MRIOCARBON_DATA names none."""
    named = os.environ.get("MRIOCARBON_DATA", "").strip()
    folder = Path(named).expanduser() if named else None
    return folder if folder and folder.is_dir() else None


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as aligned text, numbers to one decimal."""

    def text(cell: object) -> str:
        return f"{cell:.1f}" if isinstance(cell, float) else str(cell)

    cells = [list(headings), *[[text(c) for c in row] for row in rows]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(headings))]
    return "\n".join(
        "  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in cells
    )
