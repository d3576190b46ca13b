"""Fused fossil CO2 against its own sources: inside their range, and covering what was left out.

Sources: Global Carbon Budget 2025 v0.3, CEDS v2024_07_08 summed over fuels, UNFCCC Annex I
inventories to 2021 (energy and industrial processes), all from the database. The errors are those
of ``mriocarbon/datasets/fusion_errors.json``, alone and with the persistent disagreement that
`calibrate` estimates from other countries; nothing here tunes either. A share below what was
asked is NOT MET: it has its line, and is neither a pass nor a failure of the run.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from mriocarbon.datasets.estimates import Estimate
from mriocarbon.datasets.fusion import fuse
from mriocarbon.datasets.fusion_calibration import calibrate
from mriocarbon.datasets.fusion_database import own_sources
from mriocarbon.datasets.fusion_errors import ErrorModel, default_errors
from mriocarbon.datasets.fusion_model import gls
from mriocarbon.datasets.fusion_region import row_covariance
from mriocarbon.model.labels import EU27
from validation._check import Report, table

G20 = (
    "ARG", "AUS", "BRA", "CAN", "CHN", "DEU", "FRA", "GBR", "IDN", "IND", "ITA", "JPN", "KOR",
    "MEX", "RUS", "SAU", "TUR", "USA", "ZAF",
)  # fmt: skip
QUANTITY = "fossil CO2"
NORMAL = NormalDist()
ASKED = 0.90  # share of the figures left out that the interval must cover


def inside(
    data: list[Estimate], regions: tuple[str, ...], year: int, support: int = 0
) -> list[list[object]]:
    """Fused figure, interval and the range of the sources of that year."""
    fused = fuse(QUANTITY, regions, [year], data=data, support=support)
    out: list[list[object]] = []
    for k, region in enumerate(fused.result.coords["region"]):
        says = [e.value for e in data if e.region == region and e.year == year]
        value = float(fused.result.value[k, 0])
        assert fused.result.low is not None and fused.result.high is not None
        if len(says) < 2 or np.isnan(value):
            continue
        slack = 1e-9 * max(says)
        good = min(says) - slack <= value <= max(says) + slack
        low, high = float(fused.result.low[k, 0]), float(fused.result.high[k, 0])
        out.append([region, value, low, high, min(says), max(says), "yes" if good else "NO"])
    return out


@dataclass(frozen=True)
class Case:
    """A source left out, and what the others say.

    Attributes
    ----------
    value, center, sd : float
        Of the source left out, fused from the rest, and the standard deviation of the latter.
    own : float
        Error of the source left out.
    apart : float
        Standard deviation of ``value - center`` in the model, shared errors subtracted.
    """

    source: str
    region: str
    year: int
    value: float
    center: float
    sd: float
    own: float
    apart: float


def models(data: list[Estimate], year: int) -> dict[str, ErrorModel]:
    """Both error models of a year; what is added to a country rests on other countries alone."""
    published = default_errors()
    return {
        "published": published,
        "calibrated": calibrate(published, data, range(year - 9, year + 1)),
    }


def left_out(
    data: list[Estimate], regions: tuple[str, ...], year: int, errors: ErrorModel
) -> list[Case]:
    """Leave each source out, with those that share its inputs, and see what the rest covers."""
    known = sorted({e.source for e in data})
    groups = dict.fromkeys(errors.left_out_with(s, known) for s in known)
    rows: dict[str, list[Estimate]] = {}
    for item in data:
        if item.year == year and not np.isnan(item.value):
            rows.setdefault(item.region, []).append(item)
    out = []
    for group in groups:
        fused = fuse(QUANTITY, regions, [year], data=data, leave_out=sorted(group), errors=errors)
        for k, region in enumerate(fused.result.coords["region"]):
            center, sd = float(fused.result.value[k, 0]), float(fused.sd[k, 0])
            rest = [e for e in rows.get(region, []) if e.source not in group]
            for item in rows.get(region, []):
                if item.source not in group or np.isnan(center) or item.value <= 0:
                    continue
                # Errors that the left out source has in common with the rest cannot show.
                own = float(np.hypot(errors.of(item.source, region), errors.bias_sd(region)))
                bias, random = row_covariance(
                    [*rest, item], (), np.full(len(rest) + 1, center), errors
                )
                cov = bias + random
                ones, says = np.ones((len(rest), 1)), np.array([e.value for e in rest])
                gain = np.append(gls(ones, says, cov[:-1, :-1]).gain[0], -1.0)
                apart = float(gain @ cov @ gain) ** 0.5
                out.append(
                    Case(item.source, region, year, item.value, center, sd, own * item.value, apart)
                )
    return out


def scores(cases: list[Case]) -> dict[str, float]:
    """How well the model foresees the sources left out.

    ``z = (value - center) / apart``. The interval score (Gneiting & Raftery 2007) is the width of
    the 95 % interval of the source left out, and 40 times what lies outside it, in percent of the
    fused figure; the log score is minus the log density of the figure so scaled. Lower is better.
    """
    gap = np.array([c.value - c.center for c in cases])
    size, sd = np.array([c.center for c in cases]), np.array([c.sd for c in cases])
    own, apart = np.array([c.own for c in cases]), np.array([c.apart for c in cases])
    z, relative = gap / apart, apart / size
    width = 2 * 1.96 * relative
    beyond = np.maximum(np.abs(gap) / size - width / 2, 0.0)
    return {
        "n": len(cases),
        "covered": int((np.abs(gap) <= 1.96 * sd).sum()),
        "covered with own error": int((np.abs(gap) <= 1.96 * np.hypot(sd, own)).sum()),
        # What a model that is exactly right would cover: the gap holds the error of both sides.
        "expected": float(
            np.mean([2 * NORMAL.cdf(1.96 * s / a) - 1 for s, a in zip(sd, apart, strict=True)])
        ),
        "half width": float(np.mean(1.96 * sd / size)),
        "one": float(np.mean(np.abs(z) < 1)),
        "two": float(np.mean(np.abs(z) < 1.96)),
        "rms z": float(np.sqrt(np.mean(z**2))),
        "interval": 100 * float(np.mean(width + 40 * beyond)),
        "log": float(np.mean([_log_score(c) for c in cases])),
    }


def _log_score(case: Case) -> float:
    density = np.log(case.apart / case.center * np.sqrt(2 * np.pi))
    return float(((case.value - case.center) / case.apart) ** 2 / 2 + density)


def gain(before: list[Case], after: list[Case]) -> tuple[float, float]:
    """By how much the log score falls, and the standard error over countries (years go along)."""
    by_country: dict[str, list[float]] = {}
    for one, two in zip(before, after, strict=True):
        assert (one.source, one.region, one.year) == (two.source, two.region, two.year)
        by_country.setdefault(one.region, []).append(_log_score(one) - _log_score(two))
    means = [float(np.mean(v)) for v in by_country.values()]
    return float(np.mean(means)), float(np.std(means, ddof=1) / len(means) ** 0.5)


def _coverage(report: Report, data: list[Estimate]) -> None:
    report.source(
        "leave-out: the 95 % interval of the rest against the source left out. Left out together:"
        f" {'; '.join(' + '.join(sorted(g)) for g in default_errors().together)}."
        " What is calibrated for a country rests on other countries alone"
    )
    everyone = tuple(
        r
        for r in sorted({e.region for e in data})
        if len(r) == 3 and r not in ("WLD",) and _size(data, r) > 20
    )
    by_year = {year: models(data, year) for year in range(2015, 2023)}
    lines: list[list[object]] = []
    asked: dict[str, dict[str, float]] = {}
    for what, regions, years in (
        ("G20, 2022", G20, (2022,)),
        ("G20, 2015-2022", G20, tuple(range(2015, 2023))),
        (f"{len(everyone)} countries > 20 Mt, 2022", everyone, (2022,)),
    ):
        both: dict[str, list[Case]] = {}
        for name in ("published", "calibrated"):
            found = both[name] = [
                c for y in years for c in left_out(data, regions, y, by_year[y][name])
            ]
            for label in ("all", "CEDS", "GCB", "UNFCCC"):
                cases = [c for c in found if label in ("all", c.source)]
                if not cases:
                    continue
                s = scores(cases)
                lines.append(_line(what, label, name, s))
                if what == "G20, 2022" and label == "all":
                    asked[name] = s
                    missed = [c for c in cases if abs(c.value - c.center) > 1.96 * c.sd]
                    pairs = ", ".join(f"{c.region} without {c.source}" for c in missed)
                    report.say(f"{what}, {name}, not covered: {pairs}")
        better, error = gain(both["published"], both["calibrated"])
        report.say(f"{what}: calibration lowers the log score by {better:.3f} +- {error:.3f}")
    # The same with no country of the G20 in the calibration at all.
    far = calibrate(default_errors(), data, range(2013, 2023), leave_out_region=G20)
    lines.append(_line("G20, 2022", "all", "no G20", scores(left_out(data, G20, 2022, far))))
    for k in (10, 15, 30, 40):
        other = calibrate(default_errors(), data, range(2013, 2023), neighbours=k)
        for what, regions in (("G20, 2022", G20), (f"{len(everyone)} countries", everyone)):
            cases = left_out(data, regions, 2022, other)
            lines.append(_line(what, "all", f"{k} pooled", scores(cases)))
    print(table([
        "cases", "left out", "errors", "n", "covers %", "if right %", "own added %", "half width %",
        "|z|<1 %", "|z|<1.96 %", "rms z", "interval score %", "log score",
    ], lines))  # fmt: skip
    # What is not met is neither a pass nor an error of the code: no error is widened to pass.
    for name, s in asked.items():
        report.target(
            f"G20, 2022, {name} errors: the interval of the rest covers {s['covered']:.0f} of"
            f" {s['n']:.0f} sources left out, percent",
            100 * s["covered"] / s["n"], f"{100 * ASKED:.0f}", least=True,
            why=f"a model exactly right covers {100 * s['expected']:.0f} %, as the source left out"
            f" errs as well; with its error added {s['covered with own error']:.0f}"
            f" ({100 * s['covered with own error'] / s['n']:.0f} %)",
        )  # fmt: skip


def _line(what: str, label: str, name: str, s: dict[str, float]) -> list[object]:
    n = s["n"]
    return [
        what, label, name, int(n), 100 * s["covered"] / n, 100 * s["expected"],
        100 * s["covered with own error"] / n, 100 * s["half width"], 100 * s["one"],
        100 * s["two"], s["rms z"], s["interval"], f"{s['log']:.3f}",
    ]  # fmt: skip


def _size(data: list[Estimate], region: str) -> float:
    return max((e.value for e in data if e.region == region and e.year == 2022), default=0.0)


def main() -> int:
    """Return 1 if a figure of 2022 falls outside its sources, or a sum is wrong."""
    report = Report("Fusion of fossil CO2")
    data = own_sources(QUANTITY)
    report.source("GCB 2025 v0.3, CEDS v2024_07_08 (by fuel), UNFCCC submissions of 2023")
    lines = inside(data, G20, 2022)
    print(table(["region", "fused", "low", "high", "least", "most", "inside"], lines))
    report.true(
        "G20 countries whose fused figure of 2022 lies inside the sources' range",
        len(lines) == len(G20) and all(x[-1] == "yes" for x in lines),
        value=f"{sum(x[-1] == 'yes' for x in lines)}", bound=f"{len(G20)}, all",
    )  # fmt: skip
    pulled = [x[0] for x in inside(data, G20, 2022, support=3) if x[-1] == "NO"]
    report.say(
        f"with three years on either side (support=3), outside: {', '.join(map(str, pulled))}"
    )
    more = [x for year in range(2015, 2023) for x in inside(data, G20, year)]
    report.say(f"2015-2022: inside in {sum(x[-1] == 'yes' for x in more)} of {len(more)}")
    _coverage(report, data)
    fused = fuse(QUANTITY, [*G20, "EU27", "WLD"], [2022], data=data)
    report.source("sums")
    print(table(["source", "region", "bias %", "sd"], [
        [b.source, b.region, 100 * b.relative, 100 * b.sd] for b in fused.bias
        if b.region in ("USA", "DEU", "CHN", "IND")
    ]))  # fmt: skip
    world = dict(zip(fused.result.coords["region"], fused.result.value[:, 0], strict=True))
    report.say(
        f"world {world['WLD']:.0f} +- {fused.sd[list(world).index('WLD'), 0]:.0f} Mt (one sd);"
        f" GCB's own {fused.compared['WLD', 2022, 'GCB']:.0f}"
    )
    report.say(f"EU27 {world['EU27']:.0f}; chi-square {fused.chi_square:.0f} of {fused.dof},"
               f" p {fused.p_value:.2g}")  # fmt: skip
    members = fuse(QUANTITY, EU27, [2022], data=data)
    report.same("EU27 = sum of members", members.result.value.sum(), world["EU27"], rtol=1e-9)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
