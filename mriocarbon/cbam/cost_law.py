"""What the law says of a good in a year, as the cost path needs it: value and benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mriocarbon.cbam.benchmarks import benchmark
from mriocarbon.cbam.defaults import Corrections, default_value
from mriocarbon.cbam.goods import good
from mriocarbon.errors import InputError, NotAvailableError

__all__ = ["GoodLaw", "benchmark_range", "lookup"]

LAST_MARKUP_YEAR = 2028


@dataclass(frozen=True, slots=True)
class GoodLaw:
    """What the law says of a good in a year, per tonne."""

    see: Decimal
    base: Decimal
    route: str
    is_fallback: bool
    bench: tuple[Decimal, Decimal]
    bench_a: tuple[Decimal, Decimal] | None
    sources: tuple[str, ...]
    notes: tuple[str, ...]


def lookup(
    iso3: str, routes: Mapping[str, str], corrections: Corrections | None
) -> Callable[[str, int], GoodLaw | str]:
    """Return a remembering look-up of the law by code and year; a text says why there is none."""
    known: dict[tuple[str, int], GoodLaw | str] = {}

    def look(cn: str, year: int) -> GoodLaw | str:
        # Marks-up stop growing in 2028 and benchmarks in 2030: later years repeat these.
        key = (cn, min(year, LAST_MARKUP_YEAR))
        if key not in known:
            known[key] = _law(cn, key[1], iso3, routes.get(cn) or None, corrections)
        return known[key]

    return look


def _law(
    cn: str, year: int, iso3: str, route: str | None, corrections: Corrections | None
) -> GoodLaw | str:
    try:
        value = default_value(cn, origin=iso3, year=year, route=route, corrections=corrections)
    except (InputError, NotAvailableError) as trouble:
        return trouble.what
    if value.marked_up is None or value.total is None:
        return f"no default value for {cn} of {iso3}"
    route = route or value.route or None
    notes = [value.fallback_reason] if value.is_fallback else []
    if value.defect:
        notes.append(f"known defect of the annex: {value.defect}")
    try:
        low, high, used, source, note = benchmark_range(cn, column="B", year=year, route=route)
    except (InputError, NotAvailableError) as trouble:
        return trouble.what
    if note:
        notes.append(f"benchmark: {note}")
    if route and used and used != route:
        notes.append(f"no benchmark for route {route} of {cn}: that of route {used} is used")
    if low != high:
        notes.append(f"benchmarks below {cn} range from {low} to {high}: their middle is used")
    try:
        low_a, high_a, *_ = benchmark_range(cn, column="A", year=year, route=route or used)
        column_a: tuple[Decimal, Decimal] | None = (low_a, high_a)
    except (InputError, NotAvailableError) as trouble:
        column_a = None
        notes.append(f"no benchmark for actual data: {trouble.what}")
    return GoodLaw(
        value.marked_up,
        value.total,
        value.route or route or "",
        value.is_fallback,
        (low, high),
        column_a,
        (str(value.source), source),
        tuple(notes),
    )


def benchmark_range(
    cn: str, *, column: str, year: int, route: str | None = None
) -> tuple[Decimal, Decimal, str | None, str, str]:
    """Return lowest and highest benchmark below a code, the route, the source and its note.

    The one that all goods below agree on if they do; else that of each CN8 by itself. Column B
    without the route asked for: as without any route.

    Raises
    ------
    InputError, NotAvailableError
        No good below the code has a benchmark for the route.
    """
    codes = (cn, *(item.cn for item in good(cn)))
    tries = [(codes[:1], route), (codes[1:], route)]
    if column == "B" and route:
        tries += [(codes[:1], None), (codes[1:], None)]
    first: InputError | NotAvailableError | None = None
    for group, letter in tries:
        each = []
        for code in group:
            try:
                each.append(benchmark(code, column=column, year=year, route=letter))
            except (InputError, NotAvailableError) as trouble:
                first = first or trouble
        if each:
            values = [found.value for found in each]
            one = each[0]
            return min(values), max(values), one.route or None, str(one.source), one.note
    raise first or NotAvailableError(f"no benchmark for {cn}")
