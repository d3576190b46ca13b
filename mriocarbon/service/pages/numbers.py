"""Numbers and labels of figures as text."""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon.tools import Figure, ToolResult


def common(found: ToolResult) -> dict[str, str]:
    """Labels that all figures share: said once, not in every row."""
    return shared(found.figures)


def shared(figures: Sequence[Figure]) -> dict[str, str]:
    """Labels that some figures share; of a single one, none."""
    first, *rest = (dict(one.labels) for one in figures)
    return {k: v for k, v in first.items() if rest and all(o.get(k) == v for o in rest)}


def alike(figures: Sequence[Figure]) -> dict[str, str]:
    """Labels that all figures have alike; of a single one, all of its own."""
    return shared(figures) if len(figures) > 1 else dict(figures[0].labels) if figures else {}


def number(value: float | None) -> str:
    """Return a number as the tables print it: four significant digits, thousands set apart."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if size >= 1e-3 or size == 0 else f"{value:.3e}"


def printed(one: Figure) -> str:
    """Return the value of a figure as it is printed; a chance next to nothing as less than 0.0001.

    Examples
    --------
    >>> printed(Figure(quantity="probability of it", value=3e-52, unit="1"))
    '< 0.0001'
    """
    if one.value is not None and one.quantity.startswith("probability") and 0 < one.value < 1e-4:
        return "< 0.0001"
    return number(one.value)


def drawn(found: ToolResult) -> list[Figure]:
    """Return the figures that share an axis: all, or of several units the largest group alike."""
    figures = [one for one in found.figures if one.value is not None]
    if len({one.unit for one in figures}) <= 1:
        return figures
    groups: dict[object, list[Figure]] = {}
    for one in figures:
        groups.setdefault((one.quantity, one.unit, frozenset(one.labels)), []).append(one)
    return max(groups.values(), key=len, default=[])


def named(one: Figure) -> str:
    """Return what a figure is of: its quantity and labels."""
    return ", ".join([one.quantity, *one.labels.values()])
