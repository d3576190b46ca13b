"""Numbers and labels of figures as text."""

from __future__ import annotations

from mriocarbon.tools import Figure, ToolResult


def common(found: ToolResult) -> dict[str, str]:
    """Labels that all figures share: said once, not in every row."""
    first, *rest = (dict(one.labels) for one in found.figures)
    return {k: v for k, v in first.items() if rest and all(o.get(k) == v for o in rest)}


def number(value: float | None) -> str:
    """Return a number as the tables print it: four significant digits, thousands set apart."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if size >= 1e-3 or size == 0 else f"{value:.3e}"


def named(one: Figure) -> str:
    """Return what a figure is of: its quantity and labels."""
    return ", ".join([one.quantity, *one.labels.values()])
