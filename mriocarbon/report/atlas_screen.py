"""The map on a terminal: totals, how they were placed, who is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mriocarbon.report.atlas_view import LayerView, percent

if TYPE_CHECKING:
    from rich.console import Console

    from mriocarbon.atlas.layer import Layer

__all__ = ["show"]

NAMED = 12


def show(layers: Sequence[Layer], console: Console, *, all_missing: bool = False) -> None:
    """Print each layer: total, shares placed by point source and by proxy, countries missing.

    Parameters
    ----------
    layers : sequence of Layer
    console : rich.console.Console
    all_missing : bool
        Name all missing countries, not only the first dozen.

    Examples
    --------
    >>> from rich.console import Console
    >>> from mriocarbon.atlas.layers import layer
    >>> show([layer("consumption", 2022, resolution=5.0)], Console(quiet=True))
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    for head, side in (
        ("layer", "left"), ("year", "left"), ("total", "right"), ("unit", "left"),
        ("countries", "right"), ("missing", "right"), ("by point source", "right"),
        ("by proxy", "right"),
    ):  # fmt: skip
        table.add_column(head, justify=side, overflow="fold")  # type: ignore[arg-type]
    for layer in layers:
        name = layer.name + (f": {layer.scope}" if layer.name == "natural" else "")
        table.add_row(
            Text(name), str(layer.year), f"{layer.total:,.1f}", layer.unit,
            str(int(layer.national["value"].notna().sum())), str(len(layer.missing)),
            percent(layer.shares["point"]), percent(layer.shares["proxy"]),
        )  # fmt: skip
    console.print(table)
    for layer in layers:
        view = LayerView(layer)
        rows, columns = layer.grid.shape
        console.print(
            Text(
                f"\n{view.title}: {rows} x {columns} cells of {layer.grid.resolution:g} degrees"
                + (", estimated" if layer.estimated else "")
            )
        )
        console.print(Text(f"  placed by {view.proxies_text}"))
        if layer.missing:
            named = sorted(view.name_of(code) for code in layer.missing)
            most = len(named) if all_missing else NAMED
            listed = ", ".join(named[:most])
            rest = f" and {len(named) - most} more, see map.json" if len(named) > most else ""
            console.print(Text(f"  no data (missing, not zero): {listed}{rest}"))
        for note in layer.notes:
            mark = "estimated: " if note.estimated else ""
            console.print(Text(f"  {mark}{note.text}"))
